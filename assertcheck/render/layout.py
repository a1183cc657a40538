"""How text is laid out: colour, width, lines that break where nothing is lost by it."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from assertcheck.render.inert import inert

WIDTH = 80
"""Columns, where the terminal's own are not known."""
_COMMAND = re.compile(r"`[^`]*`")
_JOINT = "\x1f"
"""Holds words together while lines are broken; harmless text has no such character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """What the place the text goes to can show."""

    color: bool = False
    width: int = WIDTH

    def paint(self, text: str, code: str) -> str:
        """Return `text` in the SGR rendition `code`, where colour is wanted."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.color else text


def labelled(label: str, size: int, value: str, style: Style, *, margin: str = "  ") -> list[str]:
    """Return `label`, `size` columns wide on the screen, with `value` beside it.

    A value is never broken within a word, so that it can be copied whole.
    """
    indent = margin + " " * (size + 2)
    first, *rest = wrapped(value, style, indent=indent)
    return [f"{margin}{label}  {first[len(indent) :]}".rstrip(), *rest]


def wrapped(text: str, style: Style, *, indent: str) -> list[str]:
    """Break `text` into lines, but not within a word nor within backticks, to be copied whole."""
    whole = _COMMAND.sub(lambda command: command[0].replace(" ", _JOINT), inert(text))
    lines = textwrap.wrap(
        whole,
        width=style.width,
        initial_indent=indent,
        subsequent_indent=indent + ("  " if text.startswith("- ") else ""),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_JOINT, " ") for line in lines] or [indent]
