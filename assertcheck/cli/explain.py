"""`assertcheck explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assertcheck.cli import options
from assertcheck.cli.output import style_of_stdout, write
from assertcheck.cli.source import read_input, standard_input

if TYPE_CHECKING:
    from assertcheck.graph import Registration


def explain(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[WHAT]",
            help="An error as Entra ID returned it: text, a file, or `-` for standard input (the "
            "default); or an AADSTS code, a rule's id, or `x5t`.",
            show_default=False,
        ),
    ] = None,
    cert: options.Cert = None,
    also: options.Also = None,
    app: options.App = None,
    password_env: options.PasswordEnv = None,
    password_file: options.PasswordFile = None,
) -> None:
    """Explain an error of Entra ID, a code, a rule, or a topic."""
    from assertcheck.keys.files import collapsed, read_keys
    from assertcheck.model import Role
    from assertcheck.render.catalogue import page

    password = options.password_source(password_env, password_file)
    given = [(path, Role.REGISTERED) for path in cert or ()]
    given += [(path, Role.ALSO) for path in also or ()]
    text = _read(what)
    keys = collapsed(key for path, role in given for key in read_keys(path, role, password))
    registration = _registration(app, text) if app else None
    write(page(text, style_of_stdout(), keys, registration))


def _registration(app: Path, text: str) -> Registration:
    """Return what is registered, by the export `app`, on the app that the error is about."""
    from assertcheck.aadsts.parser import find_error
    from assertcheck.keys.registered import read_registration

    error = find_error(text)
    return read_registration(app, (error.app_id if error else None,))


def _read(what: str | None) -> str:
    """Return the text that is asked about, which may be in a file or on standard input."""
    from assertcheck.aadsts.parser import as_text

    if what is not None and what != "-" and not _is_path(what):
        return what
    return as_text(read_input(what, stdin=standard_input(), what="error").octets)


def _is_path(what: str) -> bool:
    try:
        Path(what).stat()
    except (OSError, ValueError):
        # Too long for a name, or with a NUL in it, is no path either.
        return False
    return True
