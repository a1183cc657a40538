"""Times in claims: NumericDates (RFC 7519 §2)."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

CLAIMS = ("exp", "nbf", "iat")
"""The claims that hold one."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DIGITS = re.compile(r"\d{1,20}(\.\d{1,20})?", re.ASCII)
"""A number in quotes."""
_LAST = 253_402_300_799
"""The last second of the year 9999, which .NET takes for its greatest time."""


def instant(value: object) -> datetime | None:
    """Return the NumericDate `value` (RFC 7519 §2), in UTC; `None` if it is none, or out of range.

    A string of digits is read as the number it shows.
    """
    if isinstance(value, str) and DIGITS.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if not math.isfinite(value) or not 0 <= value <= _LAST:
        return None
    return EPOCH + timedelta(seconds=value)


def last_valid_moment(claims: Mapping[str, object], leeway: timedelta) -> datetime | None:
    """Return the last second before `exp`, or before its leeway if `nbf` leaves no such second."""
    expires, starts = instant(claims.get("exp")), instant(claims.get("nbf"))
    if expires is None:
        return None
    last = expires - timedelta(seconds=1)
    return last if starts is None or last >= starts - leeway else starts
