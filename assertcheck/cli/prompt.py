"""Reads a paste at a terminal without showing it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import BinaryIO

from assertcheck.errors import InputError

_CHUNK = 65_536
_END = 0x04
"""Ctrl-D, which without canonical mode arrives as the octet it is."""
_ERASE = frozenset({0x08, 0x7F})
_LINE_ENDS = frozenset({0x0A, 0x0D})
_PASTE_MARKS = (b"\x1b[200~", b"\x1b[201~")
"""What a terminal in bracketed paste mode puts around a paste."""


def read_terminal(stream: BinaryIO, *, limit: int, what: str = "assertion") -> bytes:
    """Return what is pasted at the terminal `stream`, without the line end behind it.

    The prompt on stderr asks for `what`. Nothing is echoed; an empty line, Ctrl-D or a hang-up
    ends it. Line ends come back as LF. Raise `InputError` beyond `limit` octets.
    """
    try:
        import termios  # noqa: F401 - Windows has none
    except ImportError:
        _say(f"assertcheck: paste the {what}, then an empty line\n")
        return _as_text(_read_lines(stream, limit))
    descriptor = stream.fileno()
    with _silenced(descriptor):
        # Not before: what is pasted in answer to the prompt must not be echoed any more.
        _say(
            f"assertcheck: paste the {what}; it is not shown\n"
            "assertcheck: finish with an empty line or Ctrl-D\n"
        )
        try:
            return _as_text(_read_keys(descriptor, limit))
        finally:
            # Neither the Enter nor the Ctrl-C that ended it was echoed.
            _say("\n")


@contextmanager
def _silenced(descriptor: int) -> Iterator[None]:
    """Switch the terminal `descriptor` to no echo and no canonical mode, and back in any case.

    Canonical mode cuts a line at 4,095 octets; an assertion with `x5c` is longer. Signals stay:
    Ctrl-C interrupts, and Ctrl-Z hands the terminal back for as long as it suspends.
    """
    import termios

    before = termios.tcgetattr(descriptor)
    silent = termios.tcgetattr(descriptor)
    # Carriage returns as they come, else the CRLF of a paste reads as an empty line.
    silent[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR)
    silent[3] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON)
    silent[6][termios.VMIN], silent[6][termios.VTIME] = 1, 0

    def suspend(number: int, _frame: FrameType | None) -> None:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        # Here it goes on once the shell continues it.
        signal.signal(number, suspend)
        termios.tcsetattr(descriptor, termios.TCSANOW, silent)

    handler = signal.signal(signal.SIGTSTP, suspend)
    try:
        termios.tcsetattr(descriptor, termios.TCSANOW, silent)
        yield
    finally:
        signal.signal(signal.SIGTSTP, handler)
        # The rest of a paste that held an empty line is thrown away: it is not for the shell.
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)


def _read_keys(descriptor: int, limit: int) -> bytearray:
    octets = bytearray()
    ended = False
    while not ended:
        try:
            chunk = os.read(descriptor, _CHUNK)
        except OSError:
            # EIO: the terminal is gone.
            chunk = b""
        ended = not chunk or _append(octets, chunk)
        _check(octets, limit)
    return octets


def _append(octets: bytearray, chunk: bytes) -> bool:
    """Add to `octets` what was typed or pasted as `chunk`; return whether that ended the input."""
    for octet in chunk:
        if octet == _END:
            return True
        if octet in _ERASE:
            del octets[-1:]
        elif octet in _LINE_ENDS:
            if octets and octets[-1] in _LINE_ENDS and (octets[-1], octet) != (0x0D, 0x0A):
                return True
            if octets:
                octets.append(octet)
        else:
            octets.append(octet)
            if octets.endswith(_PASTE_MARKS):
                del octets[-len(_PASTE_MARKS[0]) :]
    return False


def _read_lines(stream: BinaryIO, limit: int) -> bytearray:
    octets = bytearray()
    while line := stream.readline(limit + 1):
        if line.strip(b"\r\n"):
            octets += line
            _check(octets, limit)
        elif octets:
            break
    return octets


def _check(octets: bytearray, limit: int) -> None:
    if len(octets) > limit:
        raise InputError(
            f"what was pasted is larger than {limit // 1024} KiB",
            hint="save it to a file and name that",
        )


def _as_text(octets: bytearray) -> bytes:
    return bytes(octets).replace(b"\r\n", b"\n").replace(b"\r", b"\n").rstrip(b"\n")


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
