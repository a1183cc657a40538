"""Finds out what INPUT means: standard input, a file, or the paste itself."""

from __future__ import annotations

import io
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from assertcheck.cli.prompt import read_terminal
from assertcheck.errors import InputError
from assertcheck.reading import read_file, read_stream

MAX_INPUT = 64 * 1024 * 1024
"""Octets of an input: a HAR file holds whole pages."""
_PASTE_SIGNS = ("eyJ", "=", "{", "<")
"""What stands in an assertion, a request, JSON, XML or an error, and hardly in a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What was given as INPUT."""

    octets: bytes = field(repr=False)
    name: str
    """For messages: a path, `standard input`, `the terminal`, `the argument`."""
    from_argument: bool
    """Whether the paste itself was the argument: then shell history and process lists have it."""


def standard_input() -> BinaryIO:
    """Return standard input as octets: none at all if the program was started with `<&-`."""
    return io.BytesIO() if sys.stdin is None else sys.stdin.buffer


def read_input(
    argument: str | None, *, stdin: BinaryIO, limit: int = MAX_INPUT, what: str = "assertion"
) -> Source:
    """Return what `argument` names or is; nothing or `-` is `stdin`, which may be a terminal.

    `what` is the word for it in prompt and hints. Raise `InputError` if it cannot be read, is
    empty, or has more than `limit` octets.
    """
    if argument is None or argument == "-":
        source = _from_stdin(stdin, limit, what)
    elif _is_paste(argument):
        source = _from_argument(argument, limit)
    else:
        octets = read_file(Path(argument), limit=limit, error=InputError)
        source = Source(octets=octets, name=argument, from_argument=False)
    if not source.octets.strip():
        raise InputError(
            f"nothing to read from {source.name}",
            hint=f"pipe the {what} in, or name the file that holds it",
        )
    return source


def _is_paste(argument: str) -> bool:
    try:
        Path(argument).stat()
    except (OSError, ValueError):
        # Too long for a name, or with a NUL in it, is no path either.
        return argument.split() != [argument] or any(sign in argument for sign in _PASTE_SIGNS)
    # The empty path is the working directory; the empty argument is an unset shell variable.
    return not argument


def _from_argument(argument: str, limit: int) -> Source:
    # What is no UTF-8 on the command line is a lone surrogate here.
    octets = argument.encode("utf-8", "surrogatepass")
    if len(octets) > limit:
        raise InputError(
            f"the argument is larger than {limit // 1024} KiB", hint="save it to a file first"
        )
    return Source(octets=octets, name="the argument", from_argument=True)


def _from_stdin(stdin: BinaryIO, limit: int, what: str) -> Source:
    name = "standard input"
    try:
        if stdin.isatty():
            name = "the terminal"
            octets = read_terminal(stdin, limit=limit, what=what)
        else:
            octets = read_stream(stdin, limit=limit, name=name, error=InputError)
    except OSError as cause:
        # A folder redirected into it, or a descriptor that is closed or only for writing.
        reason = os.strerror(cause.errno).lower() if cause.errno else "not open for reading"
        raise InputError(
            f"cannot read {name}: {reason}", hint=f"pipe the {what} in, or name the file"
        ) from cause
    return Source(octets=octets, name=name, from_argument=False)
