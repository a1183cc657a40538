"""How values, moments and spans of time are put into words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

_LONGEST = 120
"""Characters; a thumbprint in any form fits, a page of text does not."""
_UNITS = (("year", 31_556_952), ("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
"""Seconds; a year is the mean one of the Gregorian calendar."""


def quoted(value: object) -> str:
    """Return `value` as JSON, cut short if it is long; control characters come out escaped."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def plain(value: object) -> str:
    """Return `value` for a reader to copy: a string as it is, without quotes."""
    return value if isinstance(value, str) and len(value) <= _LONGEST else quoted(value)


def listed(names: Sequence[str], *, last: str = "and") -> str:
    """Return `names` parted by commas, the last one by the word `last`."""
    *rest, final = names
    return f"{', '.join(rest)} {last} {final}" if rest else final


def date(moment: datetime) -> str:
    """Return `moment`, which is in UTC, to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"


def span(length: timedelta) -> str:
    """Return the two largest units of `length`, its sign dropped: `7 min 12 s`."""
    rest = int(abs(length.total_seconds()))
    parts: list[str] = []
    for unit, size in _UNITS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}{'s' if count > 1 and unit in ('year', 'day') else ''}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"


def relative(moment: datetime, now: datetime) -> str:
    """Return where `moment` lies from `now`: `in 7 min`, `7 min ago`, `now`."""
    ahead = moment - now
    if abs(ahead) < timedelta(seconds=1):
        return "now"
    return f"in {span(ahead)}" if ahead > timedelta() else f"{span(ahead)} ago"
