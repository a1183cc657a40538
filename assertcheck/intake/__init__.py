"""From a raw paste to the assertion, the request around it and the error it drew."""

from __future__ import annotations

import re

from assertcheck.model import PasteKind, Submission

MAX_ASSERTION = 1024 * 1024
"""Characters of an assertion."""
_BARE = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.([\w-]{86,})", re.ASCII)
"""86 characters are the shortest signature with a key pair; what is shorter may be a mask."""
_FEWEST_CHARACTERS = 16
"""Different ones in a signature; a mask repeats a few."""


def read_paste(paste: str | bytes) -> Submission:
    """Return the assertion in `paste`, and what was around it; octets or text as received.

    Where there is no assertion, `kind` says what the paste is instead, as far as that shows. Time
    is linear in the length of `paste`. Raise `InputError` if there is nothing in it, or an
    assertion over `MAX_ASSERTION`; nothing else.
    """
    # A pipeline hands over the assertion and nothing else, and need not pay for the rest.
    if len(paste) <= MAX_ASSERTION:
        text = paste.decode("ascii", "replace") if isinstance(paste, bytes) else paste
        bare = _BARE.fullmatch(text.strip())
        if bare and len(set(bare[1])) > _FEWEST_CHARACTERS:
            kind = PasteKind.JWT
            return Submission(assertion=text.strip(), kind=kind, removed=(), length=len(text))
    from assertcheck.intake.paste import read

    return read(paste)
