"""Text from elsewhere, made harmless for a terminal."""

from __future__ import annotations


def inert(text: str) -> str:
    r"""Return `text` with controls, bidi marks, surrogates and the like as `\u202e` and so on."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    point = ord(char)
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"
