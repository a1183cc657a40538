"""Turns whatever ends a command early into two lines on stderr and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NoReturn

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from assertcheck.cli.guard import guarded
from assertcheck.errors import AssertcheckError

COMMANDS = (
    "verify",
    "decode",
    "explain",
    "cert",
    "app",
    "sign",
    "preflight",
    "saml",
    "rules",
    "schema",
)
"""Each is a function in the module of its name, but for ..."""
_ELSEWHERE = {"app": "app_command"}
"""... one that has the name of the whole application in this package."""
UNUSABLE = 2
"""It could not run."""
INTERRUPTED = 130
BROKEN_PIPE = 141


class AssertcheckGroup(TyperGroup):
    """The commands, with every way to fail in one form.

    Typer's own messages repeat the value they complain about; it may be an assertion that was put
    in the wrong place, so they are never passed on.
    """

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002 - it is Typer's signature
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | None:  # noqa: ARG002 - as above
        """Return the command of that name; only the one that runs is loaded, with its options."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"assertcheck.cli.{_ELSEWHERE.get(cmd_name, cmd_name)}")
        alone = typer.Typer(
            rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False
        )
        alone.command(cmd_name)(guarded(getattr(module, cmd_name)))
        command = typer.main.get_command(alone)
        return command if isinstance(command, TyperCommand) else None

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002 - it is Typer's signature
        windows_expand_args: bool = True,
        **extra: object,
    ) -> NoReturn:
        """Run the command that `args` name, and exit with its code."""

        def run() -> object:
            arguments = sys.argv[1:] if args is None else list(args)
            return super(AssertcheckGroup, self).main(
                args=arguments or ["--help"],
                prog_name=prog_name or "assertcheck",
                complete_var=complete_var,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )

        sys.exit(_code_of(run))


def _code_of(run: Callable[[], object]) -> int:
    try:
        code = run()
    except AssertcheckError as error:
        return complain(error.message, error.hint)
    except TyperException as error:
        # Imported late: hardly a run ends so.
        from assertcheck.cli.usage import mistake

        return complain(*mistake(error))
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return BROKEN_PIPE
    except SystemExit as ended:
        # Typer ends the program itself after a completion request, or when --help meets a pipe
        # that was closed.
        completing = "_ASSERTCHECK_COMPLETE" in os.environ
        return ended.code if completing and isinstance(ended.code, int) else BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - a bug must not end in a traceback with values in it
        return _bug(error)
    return code if isinstance(code, int) else 0


def complain(message: str, hint: str) -> int:
    """Print the two lines of an error on stderr, and return the exit code for it."""
    _say(f"assertcheck: error: {message}")
    _say(f"assertcheck: hint: {hint}")
    return UNUSABLE


def note(message: str) -> None:
    """Print a line on stderr that is no error."""
    _say(f"assertcheck: note: {message}")


def _say(line: str) -> None:
    from assertcheck.render.inert import inert

    # Started with `2>&-`, Python has no standard error at all.
    if sys.stderr is None:
        return
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(inert(line).encode(encoding, "replace").decode(encoding) + "\n")


def _bug(error: Exception) -> int:
    if os.environ.get("ASSERTCHECK_DEBUG") == "1":
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "?"  # noqa: PTH119 - a name in a code object is text
    return complain(
        f"a bug in assertcheck: {type(error).__name__} at {place}",
        "please report it with this line; ASSERTCHECK_DEBUG=1 shows where it came from",
    )
