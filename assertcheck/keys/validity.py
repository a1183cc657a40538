"""When what is registered can be used: from when, until when, and whether that is now."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from assertcheck.graph import KeyCredential, PasswordCredential
from assertcheck.words import listed

READABLE_DATES = (
    "export dates as Graph gives them, like 2026-01-31T00:00:00Z; one in the words of a country, or "
    "put into a text by PowerShell, does not say which number is the month"
)
"""How to export dates that can be read, an imperative."""

Window = tuple[datetime | None, datetime | None]
"""Start and end, UTC; `None` where it is not known."""


class State(StrEnum):
    """Where a moment lies from a window; the value is the word for it."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET = "not yet valid"
    UNKNOWN = "unknown"
    """The window has an open side, and the other one does not decide."""


def window_of(credential: KeyCredential | PasswordCredential) -> Window:
    """Return when `credential` can be used: within its dates, and within its certificate's own.

    Those of the certificate do not stand in for a date of the registration: either may be the
    narrower one.
    """
    start, end = credential.start, credential.end
    candidate = credential.candidate if isinstance(credential, KeyCredential) else None
    certificate = candidate.certificate if candidate else None
    if certificate is None:
        return start, end
    return (
        max(start, certificate.not_before) if start else None,
        min(end, certificate.not_after) if end else None,
    )


def doubt_of(credential: KeyCredential | PasswordCredential) -> str | None:
    """Return why it is not known when `credential` can be used; `None` if it is."""
    if credential.start and credential.end:
        return None
    if credential.unread_dates:
        named = listed([f"`{name}`" for name in credential.unread_dates])
        return f"{named} of {credential.label} cannot be read: {READABLE_DATES}"
    sides = ("`startDateTime`", credential.start), ("`endDateTime`", credential.end)
    missing = listed([name for name, moment in sides if moment is None])
    return f"the export has no {missing} of {credential.label}: export it whole, with all dates"


def state_at(window: Window, now: datetime) -> State:
    """Return where `now` lies from `window`, whose last moment still counts."""
    start, end = window
    if end is not None and end < now:
        return State.EXPIRED
    if start is not None and start > now:
        return State.NOT_YET
    return State.UNKNOWN if start is None or end is None else State.VALID


def ends_within(window: Window, days: int, now: datetime) -> bool:
    """Tell whether `window` ends sooner than so many `days` after `now`."""
    end = window[1]
    return end is not None and end < now + timedelta(days=days)
