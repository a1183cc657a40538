"""From a raw paste to the assertion in it; remembers what had to be cleaned away."""

from __future__ import annotations

import codecs
import re

from assertcheck.errors import InputError
from assertcheck.model import ReturnedError, Submission

MAX_ASSERTION = 1024 * 1024
"""Octets of an assertion."""
_RUN = re.compile(r"[\w+/=.-]+", re.ASCII)
"""Characters that can stand in an assertion, in one run."""
_QUOTES = "\"'`\u2018\u2019\u201c\u201d,;"
_BEARER = re.compile(r"(?:authorization:\s*)?bearer\s+", re.IGNORECASE)


def read_paste(paste: str | bytes) -> Submission:
    """Return the assertion in `paste`, octets or text as received.

    Raise `InputError` if there is nothing in it, or an assertion over `MAX_ASSERTION`.
    """
    text = paste if isinstance(paste, str) else _text(paste)
    bare = text.strip()
    if not bare:
        raise InputError("the input is empty", hint="paste the assertion, or pipe it in")
    if "PRIVATE KEY-----" in bare:
        return Submission(assertion="", kind="private-key", removed=())
    if "-----BEGIN CERTIFICATE-----" in bare:
        return Submission(assertion="", kind="certificate", removed=())
    assertion, removed = _clean(bare)
    if len(assertion) > MAX_ASSERTION:
        raise InputError(
            f"the assertion is larger than {MAX_ASSERTION // 1024} KiB",
            hint="a client assertion takes 1 to 10 KiB; check that the right text was pasted",
        )
    kind = "jwt" if "." in assertion or assertion.startswith("eyJ") else "other"
    return Submission(assertion=assertion, kind=kind, removed=removed, error=_error_in(bare))


def _error_in(text: str) -> ReturnedError | None:
    if "AADSTS" not in text.upper():
        return None
    from assertcheck.aadsts.parser import find_error  # most pastes do not need it

    return find_error(text)


def _text(octets: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if octets.startswith(mark):
            return octets.decode(encoding, "replace")
    return octets.decode("utf-8", "replace")


def _clean(text: str) -> tuple[str, tuple[str, ...]]:
    removed: list[str] = []
    unquoted = text.strip(_QUOTES + " ")
    if unquoted != text:
        removed.append("quotes")
    named = _BEARER.match(unquoted)
    if named:
        removed.append("Bearer")
        unquoted = unquoted[named.end() :]
    joined = "".join(unquoted.split())
    # A strange character within one word is the assertion's own fault, not text around it; so is
    # a mark or a blank before the header's brace, which makes it begin otherwise than with eyJ.
    in_one_run = _RUN.fullmatch(joined) is not None
    is_one_word = joined == unquoted
    begins = joined.startswith("eyJ") and (is_one_word or in_one_run)
    if begins or (is_one_word and in_one_run and joined.count(".") == 2):
        if joined != unquoted:
            removed.append("line breaks and spaces")
        return joined, tuple(removed)
    inside = max((_from_header(run) for run in _RUN.findall(unquoted)), key=len, default="")
    if inside:
        return inside, (*removed, "text around the assertion")
    return unquoted, tuple(removed)


def _from_header(run: str) -> str:
    """Return `run` from its first `eyJ` on, if three segments follow; else nothing."""
    start = run.find("eyJ")
    return run[start:] if start >= 0 and run.count(".", start) >= 2 else ""
