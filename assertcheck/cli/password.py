"""Where the password of a key file comes from: a variable, a file, or whoever sits there."""

from __future__ import annotations

import codecs
import getpass
import os
import sys
from pathlib import Path

from assertcheck.errors import AssertcheckError
from assertcheck.reading import read_file
from assertcheck.render.inert import inert

MAX_PASSWORD = 4096
"""Octets of a file with a password in it."""
_TERMINAL = "/dev/tty"


def read_password(variable: str | None, file: Path | None) -> bytes:
    """Return the password in the environment variable named `variable`, or in `file`.

    One line end behind it is not part of it. Raise `AssertcheckError` if there is not one of the
    two, or nothing to read; what was given is not repeated, for it may be the password itself.
    """
    if file is None:
        if variable is None or variable not in os.environ:
            raise AssertcheckError(
                "--password-env names no environment variable that is set",
                hint="it takes the name, as in `--password-env PFX_PASSWORD`, not the password",
            )
        return os.fsencode(os.environ[variable])
    if variable is not None:
        raise AssertcheckError(
            "--password-env and --password-file are both given", hint="leave one of them out"
        )
    try:
        file.stat()
    except (OSError, ValueError):
        raise AssertcheckError(
            "--password-file names no file that can be read",
            hint="it takes the path of a file with the password in it, not the password",
        ) from None
    octets = read_file(file, limit=MAX_PASSWORD, error=AssertcheckError)
    if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # Windows PowerShell writes UTF-16 where `>` redirects.
        octets = octets.decode("utf-16", "replace").encode()
    return octets.removeprefix(codecs.BOM_UTF8).removesuffix(b"\n").removesuffix(b"\r")


def ask_password(label: str) -> bytes | None:
    """Return the password for the file `label` as typed at the terminal, unseen.

    Standard input may be the paste: the terminal is asked itself. Return `None` if there is none.
    """
    if not _is_attended():
        return None
    # Where stderr goes elsewhere, the terminal shows the prompt.
    stream = sys.stderr if sys.stderr.isatty() else None
    try:
        typed = getpass.getpass(f"assertcheck: password for {inert(label)}: ", stream)
    except (EOFError, KeyboardInterrupt, UnicodeDecodeError) as ended:
        if stream:
            # The line of the prompt is still open.
            stream.write("\n")
        if isinstance(ended, KeyboardInterrupt):
            raise
        # What is no text is refused by the words for it.
        return ended.object if isinstance(ended, UnicodeDecodeError) else None
    return typed.encode("utf-8", "surrogateescape")


def _is_attended() -> bool:
    """Tell whether there is a terminal whose echo `getpass` can switch off."""
    try:
        os.close(os.open(_TERMINAL, os.O_RDWR))
    except OSError:
        # Windows has none by that name, and asks at the console.
        return sys.stdin.isatty()
    return True
