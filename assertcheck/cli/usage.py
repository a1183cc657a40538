"""Says what is wrong with the use of a command, without the value in it: it may be a secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from assertcheck.words import listed

if TYPE_CHECKING:
    from typer.core import TyperArgument, TyperCommand, TyperOption
    from typer.exceptions import TyperException

    Parameter = TyperArgument | TyperOption

_PROGRAM = "assertcheck"
_LONGEST = 40
"""Characters of a name that is compared; the names of options are shorter."""
_NEAR = 0.7
_MEANT: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("pfx", "p12", "pem", "der", "crt", "cer", "jwk", "jwks"), ("--cert",)),
    **dict.fromkeys(("certificate", "public-key", "pubkey", "x509"), ("--cert",)),
    **dict.fromkeys(("private-key", "privkey", "signing-key"), ("--key",)),
    **dict.fromkeys(("password", "passphrase", "pass", "passin"), ("--password-env",)),
    **dict.fromkeys(("app-id", "appid", "application-id"), ("--client-id",)),
    **dict.fromkeys(("url", "endpoint", "aud", "audience"), ("--token-url",)),
    **dict.fromkeys(("manifest", "registration"), ("--app",)),
    **dict.fromkeys(("now", "time", "date"), ("--at",)),
    "json": ("--format json", "--as json"),
    "fmt": ("--format",),
    "o": ("--output",),
}
"""What is written elsewhere, and the options here that do it."""


def mistake(error: TyperException) -> tuple[str, str]:
    """Return message and hint for `error`, which Typer raised on the arguments of a command."""
    context = getattr(error, "ctx", None)
    path: str = getattr(context, "command_path", _PROGRAM)
    parameter: Parameter | None = getattr(error, "param", None)
    given: str = getattr(error, "option_name", "")
    hint = f"`{path} --help` lists what there is"
    match type(error).__name__:
        case "MissingParameter" if parameter:
            return _missing(parameter, path)
        case "BadParameter" if parameter:
            return f"no good value for {parameter.opts[0]}", _range(parameter) or hint
        case "NoSuchOption" if context and path != _PROGRAM:
            return "there is no such option", _meant(given, path, context.command) + hint
        case "NoSuchOption":
            return "there is no such option", f"name the command first; {hint}"
        case "BadOptionUsage" if "not take a value" in error.message:
            return f"{given} takes no value", f"write `{given}` alone"
        case "BadOptionUsage":
            return f"{given} stands without its value", f"write the value behind {given}"
        case _ if path == _PROGRAM:
            return "there is no such command", "to check an assertion, run `assertcheck verify`"
        case _:
            return "there is an argument too many", hint


def _missing(parameter: Parameter, path: str) -> tuple[str, str]:
    name, value = parameter.opts[0], (parameter.metavar or "VALUE").strip("[].")
    if name.startswith("-"):
        return f"{name} is missing", f"write `{name} {value}`"
    return f"no {value} was given", f"write `{path} {value}`"


def _range(parameter: Parameter) -> str | None:
    """Return which values `parameter` takes, where its type says so."""
    choices = getattr(parameter.type, "choices", ())
    if choices:
        return f"choose {listed([str(choice) for choice in choices], last='or')}"
    low, high = getattr(parameter.type, "min", None), getattr(parameter.type, "max", None)
    return f"write a whole number from {low} to {high}" if high is not None else None


def _meant(given: str, path: str, command: TyperCommand) -> str:
    """Return the beginning of a hint with the option that is likely meant by `given`, or nothing."""
    options = [name for each in command.params for name in each.opts if name.startswith("--")]
    name = given.lstrip("-").replace("_", "-").lower()[:_LONGEST]
    wanted = _MEANT.get(name, (f"--{name}",))
    if f"--{command.name}" in wanted:
        return f"write `{path} FILE`, without an option; "
    known = [each for each in wanted if each.split()[0] in options]
    if name not in _MEANT:
        known = list(_near(name, options))
    return f"did you mean {' or '.join(known)}? " if known else ""


def _near(name: str, options: list[str]) -> Iterator[str]:
    """Yield those of `options` that are misspelled, cut short or drawn out in `name`."""
    close = get_close_matches(name, [each[2:] for each in options], cutoff=_NEAR)
    for each in options:
        # At two letters it would be chance.
        shorter, longer = sorted((name, each[2:]), key=len)
        if each[2:] in close or (len(shorter) > 2 and longer.startswith(shorter)):
            yield each
