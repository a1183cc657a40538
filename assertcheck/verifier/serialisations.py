"""The ways in which programs write one and the same JSON value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Members = Mapping[str, object]
_LONGEST = 8_192
"""Octets; beyond this no client assertion is written over and over again."""
_MOST_BRACES = 100
"""A bound on nesting, well below what makes the encoder of Python run out of stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One way to write JSON."""

    words: str
    write: Callable[[Members], bytes]


def parse(octets: bytes | None) -> object:
    """Return the JSON value in `octets`; `None` when there is none, or none of a usual size."""
    if octets is None or len(octets) > _LONGEST:
        return None
    if octets.count(b"{") + octets.count(b"[") > _MOST_BRACES:
        return None
    try:
        value: object = json.loads(octets)
    except ValueError:
        return None
    return value


def style_of(octets: bytes, value: Members) -> Style:
    """Return the style that `octets` are written in, else the compact one."""
    return next((style for style in STYLES if style.write(value) == octets), STYLES[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    words: str
    indent: int | str | None
    separators: tuple[str, str]
    line_end: str = "\n"


_LAYOUTS = (
    _Layout(words="compact JSON", indent=None, separators=(",", ":")),
    _Layout(words="JSON with a space after comma and colon", indent=None, separators=(", ", ": ")),
    _Layout(words="JSON with a space after the colon", indent=None, separators=(",", ": ")),
    _Layout(words="JSON with a space after the comma", indent=None, separators=(", ", ":")),
    _Layout(words="JSON indented by two", indent=2, separators=(",", ": ")),
    _Layout(words="JSON indented by four", indent=4, separators=(",", ": ")),
    _Layout(words="JSON indented by tabs", indent="\t", separators=(",", ": ")),
    _Layout(words="JSON in lines", indent=0, separators=(",", ":")),
    _Layout(
        words="JSON indented by two, in CRLF lines",
        indent=2,
        separators=(",", ": "),
        line_end="\r\n",
    ),
    _Layout(
        words="JSON indented by four, in CRLF lines",
        indent=4,
        separators=(",", ": "),
        line_end="\r\n",
    ),
    _Layout(
        words="JSON as Windows PowerShell's ConvertTo-Json writes it",
        indent=4,
        separators=(",", ":  "),
        line_end="\r\n",
    ),
)
_ORDERS: tuple[tuple[str, Callable[[Members], Members]], ...] = (
    ("", lambda value: value),
    (", members sorted", lambda value: _reordered(value, sorted)),
    (", members in reverse order", lambda value: _reordered(value, lambda names: names[::-1])),
)
_ESCAPES: tuple[tuple[str, bool, Callable[[str], str]], ...] = (
    ("", False, lambda text: text),
    (", other letters escaped", True, lambda text: text),
    (", slashes escaped", False, lambda text: text.replace("/", "\\/")),
    (", slashes and other letters escaped", True, lambda text: text.replace("/", "\\/")),
    (
        ", other letters escaped in capitals",
        True,
        lambda text: re.sub(r"\\u([0-9a-f]{4})", lambda found: f"\\u{found[1].upper()}", text),
    ),
    (
        ", + and & escaped as System.Text.Json does",
        True,
        lambda text: re.sub(
            r"\\u([0-9a-f]{4})|[+&<>'`]",
            lambda found: f"\\u{found[1].upper() if found[1] else f'{ord(found[0]):04X}'}",
            text,
        ),
    ),
    (
        ", & and < escaped as Go does",
        False,
        lambda text: re.sub(r"[&<>]", lambda found: f"\\u{ord(found[0]):04x}", text),
    ),
)


def _reordered(value: Members, arrange: Callable[[list[str]], list[str]]) -> Members:
    return {name: value[name] for name in arrange(list(value))}


def _style(
    layout: _Layout,
    order: tuple[str, Callable[[Members], Members]],
    escape: tuple[str, bool, Callable[[str], str]],
) -> Style:
    order_words, arrange = order
    escape_words, ascii_only, rewrite = escape

    def write(value: Members) -> bytes:
        text = json.dumps(
            arrange(value),
            ensure_ascii=ascii_only,
            indent=layout.indent,
            separators=layout.separators,
        )
        # A line feed inside a string is escaped, so those left are of the layout.
        text = rewrite(text).replace("\n", layout.line_end)
        return text.encode("utf-8", "surrogatepass")

    return Style(words=f"{layout.words}{order_words}{escape_words}", write=write)


_PYTHON = Style(
    words="Python's own notation for a dict",
    write=lambda value: repr(value).encode("utf-8", "surrogatepass"),
)
STYLES = (
    *(
        _style(layout, order, escape)
        for escape in _ESCAPES
        for order in _ORDERS
        for layout in _LAYOUTS
    ),
    _PYTHON,
)
"""Layout times order of the members times escapes; the likelier first."""
