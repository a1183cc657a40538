"""The one way in: regular files and open streams, read up to a limit in octets."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from assertcheck.errors import AssertcheckError

_LONGEST_PATH = 200
"""Characters; beyond it, something was given in place of a path."""


def read_file(path: Path, *, limit: int, error: type[AssertcheckError]) -> bytes:
    """Return the octets of the regular file `path`; raise `error` when that cannot be done.

    Devices and FIFOs are refused before they are opened: one of them can block for ever.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as cause:
        raise _unreadable(path, cause, error) from cause
    name = _shown(path)
    if stat.S_ISDIR(mode):
        raise error(f"{name} is a folder", hint="name a file in it")
    if not stat.S_ISREG(mode):
        raise error(f"{name} is not a regular file", hint="save its content to a file first")
    try:
        with path.open("rb") as stream:
            return read_stream(stream, limit=limit, name=name, error=error)
    except OSError as cause:
        raise _unreadable(path, cause, error) from cause


def read_stream(stream: BinaryIO, *, limit: int, name: str, error: type[AssertcheckError]) -> bytes:
    """Return what is left of `stream`, called `name`; raise `error` beyond `limit` octets."""
    octets = stream.read(limit + 1)
    if len(octets) > limit:
        raise error(
            f"{name} is larger than {limit // 1024} KiB", hint="cut it down to the part in question"
        )
    return octets


def _unreadable(
    path: Path, cause: OSError | ValueError, error: type[AssertcheckError]
) -> AssertcheckError:
    name = _shown(path)
    if isinstance(cause, FileNotFoundError):
        return error(f"no such file: {name}", hint="check the path; it is read as you typed it")
    reason = os.strerror(cause.errno).lower() if isinstance(cause, OSError) and cause.errno else ""
    hint = "check its permissions" if isinstance(cause, PermissionError) else "check the path"
    return error(f"cannot read {name}: {reason or 'not a path'}", hint=hint)


def _shown(path: Path) -> str:
    """Return `path` for a message, unless it may be a key or an assertion given in its place."""
    text = str(path)
    if len(text) <= _LONGEST_PATH and text.isprintable() and "eyJ" not in text:
        return text
    return f"what was given as a path ({len(text)} characters, not shown)"
