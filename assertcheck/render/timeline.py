"""Spans of validity drawn as bars, each with the clock's place on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from assertcheck.render.inert import inert

_BAR = 24
"""Columns of a bar."""
_LABEL = 16
"""Columns of the longest label; more is cut off."""

Span = tuple[str, datetime, datetime]
"""A label, and a start that lies before the end."""


def timeline_rows(spans: Sequence[Span], now: datetime) -> list[str]:
    """Return a line for each of `spans`, of which there is at least one: label, dates, bar."""
    size = min(max(len(label) for label, _, _ in spans), _LABEL)
    lines: list[str] = []
    for label, start, end in spans:
        pattern = "%H:%M:%S" if start.date() == end.date() else "%Y-%m-%d"
        shown = inert(label)
        name = (shown if len(shown) <= size else f"{shown[: size - 1]}…").ljust(size)
        lines.append(f"  {name} {start:{pattern}} {_bar(start, end, now)} {end:{pattern}}")
    return lines


def _bar(start: datetime, end: datetime, now: datetime) -> str:
    """Return a bar from `start` to `end`, with `*` at `now`, which may lie beside it."""
    if now < start:
        return "*..|" + "-" * (_BAR - 5) + "|"
    if now > end:
        return "|" + "-" * (_BAR - 5) + "|..*"
    at = round((now - start) / (end - start) * (_BAR - 3))
    return "|" + "-" * at + "*" + "-" * (_BAR - 3 - at) + "|"
