"""Takes away what terminals, mails and web pages put around any text, token or not."""

from __future__ import annotations

import quopri
import re
import unicodedata
from html import unescape

_ANSI = re.compile(r"\x1b(?:\[[0-9;:?]{0,40}[ -/]?[@-~]|[()][0-9A-B])")
"""Colours and cursor moves (ECMA-48)."""
_MARGIN = re.compile(r"^[ \t]{0,80}[>|][>| \t]{0,80}", re.MULTILINE)
_ENTITY = re.compile(r"&(?:amp|quot|lt|gt|nbsp|apos|#0{0,4}(?:3[489]|6[012])|#x2[267]);", re.I)
_JSON_ESCAPE = re.compile(r"\\u00([2-7][0-9a-fA-F])")
"""How .NET and Go write `&`, `+`, `<`, `>` and quotes in JSON."""
_SOFT_BREAK = re.compile(r"^[^\n]{60,75}=\r?$", re.MULTILINE)
_NOT_QUOTED_PRINTABLE = re.compile(r"=(?![0-9A-F]{2}|[ \t]*\r?\n)")


def tidy(text: str) -> tuple[str, tuple[str, ...]]:
    """Return `text`, which is no JSON, as it was before it was shown, and words on what went.

    Terminal colours, invisible characters, the margin of quoted mails, quoted-printable, HTML
    entities and JSON's escapes go; line breaks and indentation stay, because only their reader
    knows what they part.
    """
    removed: list[str] = []
    for word, step in (
        ("terminal colours", _without_colours),
        ("invisible characters", visible),
        ("quoting", _without_margin),
        ("quoted-printable", _without_soft_breaks),
        ("HTML entities", _without_entities),
        ("escapes", _without_escapes),
    ):
        bare = step(text)
        if bare != text:
            removed.append(word)
            text = bare
    return text, tuple(removed)


def visible(text: str) -> str:
    """Return `text` without format characters (soft hyphen, zero-width, bidi) and controls."""
    if text.isascii() and text.isprintable():
        return text
    strange = [char for char in set(text) if is_invisible(char)]
    return text.translate(dict.fromkeys(map(ord, strange))) if strange else text


def is_invisible(char: str) -> bool:
    """Tell whether `char` leaves no trace on a screen; white space does."""
    # The grapheme joiner and the variation selectors are marks by category.
    return not char.isspace() and (
        unicodedata.category(char) in ("Cf", "Cc") or char in "\u034f\ufe0e\ufe0f"
    )


def _without_colours(text: str) -> str:
    return _ANSI.sub("", text) if "\x1b" in text else text


def _without_margin(text: str) -> str:
    return _MARGIN.sub("", text) if ">" in text or "|" in text else text


def _without_soft_breaks(text: str) -> str:
    """Undo quoted-printable (RFC 2045 §6.7), in which every other `=` opens an escape."""
    if not _SOFT_BREAK.search(text) or _NOT_QUOTED_PRINTABLE.search(text):
        return text
    octets = quopri.decodestring(text.encode("utf-8", "surrogatepass"))
    return octets.decode("utf-8", "replace")


def _without_entities(text: str) -> str:
    return _ENTITY.sub(lambda match: unescape(match[0]), text) if "&" in text else text


def _without_escapes(text: str) -> str:
    if "\\u00" not in text:
        return text
    return _JSON_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
