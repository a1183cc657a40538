"""From octets, in whatever encoding they were saved, to text."""

from __future__ import annotations

import codecs

_MARKS = (
    # UTF-32 LE first: its mark begins with that of UTF-16 LE.
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8-sig", "byte order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_SAMPLE = 1024
"""Octets that tell UTF-16 from anything else."""


def to_text(octets: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text that `octets` are, and a word on an encoding worth mentioning.

    A byte order mark decides; without one zeros in every other octet give UTF-16 away, and what is
    not UTF-8 is read as Windows-1252. Never raises: what cannot be read becomes U+FFFD.
    """
    for mark, encoding, word in _MARKS:
        if octets.startswith(mark):
            return _decoded(octets, encoding), (word,)
    utf16 = _utf16(octets[:_SAMPLE])
    if utf16:
        return _decoded(octets, utf16), ("UTF-16",)
    try:
        return octets.decode("utf-8"), ()
    except UnicodeDecodeError:
        return octets.decode("cp1252", "replace"), ()


def _decoded(octets: bytes, encoding: str) -> str:
    # A last octet too few or too many is of whoever cut the file or added to it.
    return octets.decode(encoding, "replace").removesuffix("\ufffd")


def _utf16(sample: bytes) -> str | None:
    """Name the byte order of UTF-16 without a mark: ASCII text has a zero in each pair."""
    pairs = len(sample) // 2
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    if second > pairs * 0.7 and first < pairs * 0.1:
        return "utf-16-le"
    if first > pairs * 0.7 and second < pairs * 0.1:
        return "utf-16-be"
    return None
