"""When what is registered can be used: from when, until when, and whether that is now."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from assertcheck.graph import KeyCredential, PasswordCredential

Window = tuple[datetime | None, datetime | None]
"""Start and end, UTC; `None` where it is not known to have one."""


class State(StrEnum):
    """Where a moment lies from a window; the value is the word for it."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET = "not yet valid"


def window_of(credential: KeyCredential | PasswordCredential) -> Window:
    """Return when `credential` can be used: within its dates, and within its certificate's own."""
    start, end = credential.start, credential.end
    candidate = credential.candidate if isinstance(credential, KeyCredential) else None
    certificate = candidate.certificate if candidate else None
    if certificate is None:
        return start, end
    return (
        max(start or certificate.not_before, certificate.not_before),
        min(end or certificate.not_after, certificate.not_after),
    )


def state_at(window: Window, now: datetime) -> State:
    """Return where `now` lies from `window`, whose last moment still counts."""
    start, end = window
    if end is not None and end < now:
        return State.EXPIRED
    return State.NOT_YET if start is not None and start > now else State.VALID


def ends_within(window: Window, days: int, now: datetime) -> bool:
    """Tell whether `window` ends sooner than so many `days` after `now`."""
    end = window[1]
    return end is not None and end < now + timedelta(days=days)
