"""The `curl` commands of sh, cmd.exe and PowerShell, and what curl sends for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from assertcheck.intake.body import body_parameters
from assertcheck.intake.form import form_parameters
from assertcheck.intake.found import Message, Parameter, Reading
from assertcheck.intake.shell import Shell, command_at, shell_of, words_of
from assertcheck.model import PasteKind

_LONGEST = 256 * 1024
"""Characters of all commands together."""
_NAME = re.compile(r"(?<![\w./\\@-])curl(?:\.exe)?(?=\s)", re.IGNORECASE)


class _Takes(StrEnum):
    """What the value of an option is."""

    DATA = "data"
    RAW = "raw"
    URLENCODE = "urlencode"
    JSON = "json"
    FORM = "form"
    HEADER = "header"
    METHOD = "method"
    URL = "url"
    OTHER = "other"


_LONG = {
    "--data": _Takes.DATA,
    "--data-ascii": _Takes.DATA,
    "--data-binary": _Takes.DATA,
    "--data-raw": _Takes.RAW,
    "--data-urlencode": _Takes.URLENCODE,
    "--json": _Takes.JSON,
    "--form": _Takes.FORM,
    "--form-string": _Takes.FORM,
    "--header": _Takes.HEADER,
    "--request": _Takes.METHOD,
    "--url": _Takes.URL,
} | dict.fromkeys(
    (
        *("--cacert", "--capath", "--cert", "--cert-type", "--ciphers", "--connect-timeout"),
        *("--connect-to", "--cookie", "--cookie-jar", "--dump-header", "--interface", "--key"),
        *("--key-type", "--max-time", "--noproxy", "--output", "--output-dir", "--pass", "--proxy"),
        *("--proxy-user", "--referer", "--resolve", "--retry", "--retry-delay", "--trace"),
        *("--retry-max-time", "--stderr", "--tls-max", "--trace-ascii", "--user", "--user-agent"),
        "--write-out",
    ),
    _Takes.OTHER,
)
_SHORT = dict.fromkeys("AbcCDeEhKmoPQrtTuUwxyYz", _Takes.OTHER) | {
    "d": _Takes.DATA,
    "F": _Takes.FORM,
    "H": _Takes.HEADER,
    "X": _Takes.METHOD,
}
"""The options that take a value (curl 8)."""


def read_curl(text: str) -> Reading | None:
    """Return the requests that the `curl` commands in `text` send; `None` without any."""
    commands = _commands(text)
    messages = tuple(message for words in commands if (message := _message(words)))
    return Reading(kind=PasteKind.CURL, messages=messages, texts=(text,)) if messages else None


def _commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each command, up to a size that takes a few seconds to read."""
    name, left = _NAME.search(text), _LONGEST
    shell = shell_of(text) if name else Shell.SH
    while name and left > 0:
        command = command_at(text, name.start(), shell)
        yield words_of(command, shell)
        left -= len(command)
        name = _NAME.search(text, name.start() + max(len(command), 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    takes: _Takes
    value: str = field(repr=False)


def _message(words: list[str]) -> Message | None:
    options = list(_options(words[1:]))

    def values(*takes: _Takes) -> list[str]:
        return [each.value for each in options if each.takes in takes]

    urls = [each for each in values(_Takes.URL) if "." in each or ":" in each]
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (each.partition(":") for each in values(_Takes.HEADER))
    }
    forms = values(_Takes.FORM)
    bodies = [each for each in values(_Takes.DATA) if not each.startswith("@")]
    bodies += values(_Takes.RAW, _Takes.JSON)
    encoded = values(_Takes.URLENCODE)
    has_data = bool(values(_Takes.DATA) or bodies or encoded or forms)
    if not urls and not has_data:
        return None
    content_type = headers.get("content-type") or _content_type(options)
    url, _, query = (urls[0] if urls else "").partition("?")
    is_query = any(word in ("-G", "--get") for word in words)
    parameters = (
        *form_parameters(query),
        *body_parameters("&".join(bodies), content_type if not forms else None),
        *(each for pair in (*encoded, *forms) if (each := _pair(pair))),
    )
    return Message(
        parameters=parameters,
        url=url or None,
        method=next(iter(values(_Takes.METHOD)), "POST" if has_data and not is_query else "GET"),
        content_type=content_type,
        authorization=headers.get("authorization", ""),
        is_whole=bool(parameters) and not any(_is_file(each) for each in options),
    )


def _options(words: list[str]) -> Iterator[_Option]:
    """Yield options and URLs in order; curl knows neither `--name=value` nor `--` (curl(1))."""
    rest = iter(words)
    for word in rest:
        takes, value = _LONG.get(word), ""
        if takes is None and word.startswith("-") and not word.startswith("--"):
            takes, value = _bundle(word[1:])
        if takes is not None:
            yield _Option(takes=takes, value=value or next(rest, ""))
        elif not word.startswith("-"):
            yield _Option(takes=_Takes.URL, value=word)


def _bundle(letters: str) -> tuple[_Takes | None, str]:
    """Read short options written together, `-sSd`, and a value right behind them, `-XPOST`."""
    for place, letter in enumerate(letters):
        if letter in _SHORT:
            return _SHORT[letter], letters[place + 1 :]
    return None, ""


def _content_type(options: list[_Option]) -> str | None:
    takes = {each.takes for each in options}
    if _Takes.FORM in takes:
        return "multipart/form-data"
    if _Takes.JSON in takes:
        return "application/json"
    if takes & {_Takes.DATA, _Takes.RAW, _Takes.URLENCODE}:
        return "application/x-www-form-urlencoded"
    return None


def _pair(pair: str) -> Parameter | None:
    """Return the parameter in `name=content`, as curl encodes or encloses it."""
    name, equals, content = pair.partition("=")
    return Parameter(name=name, value=content) if equals and "@" not in name else None


def _is_file(option: _Option) -> bool:
    """Tell whether the value is to be read from a file, so that it is not known."""
    value = option.value
    match option.takes:
        case _Takes.DATA:
            return value.startswith("@")
        case _Takes.URLENCODE:
            return "@" in value.partition("=")[0]
        case _Takes.FORM:
            return value.partition("=")[2].startswith(("@", "<"))
        case _:
            return False
