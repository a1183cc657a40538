"""What AADSTS700024 tells: how far the assertion's times are from Entra ID's clock, and why."""

from __future__ import annotations

from datetime import timedelta

from assertcheck.aadsts.diagnosis import Diagnosis, tells
from assertcheck.model import ReturnedError
from assertcheck.numericdate import EPOCH
from assertcheck.words import span

_HOUR = timedelta(hours=1)
_SLACK = timedelta(seconds=60)
"""How far from a whole hour a distance may be for a time zone to be likely: the time between
signing and checking, or the minute that some put `nbf` back."""
_EXACT = timedelta(seconds=3)
_LIFETIMES = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 60))
"""What libraries give an assertion to live, for when its begin is not in the message."""
_WIDEST_ZONE = timedelta(hours=14)

_REUSED = (
    "an assertion was sent again after its time: sign a new one for each token request, and do "
    "not keep it past `exp`"
)
_LOCAL_TIME = "local time was taken for UTC: compute `nbf` and `exp` from UTC"


def read_time_error(error: ReturnedError) -> Diagnosis:
    """Return what AADSTS700024 tells by the times in it, or by the time of the answer."""
    now = error.current_time or error.timestamp
    begins, ends = error.valid_from, error.expires
    if now is None or ends is None:
        return tells()
    if ends == EPOCH:
        return tells(
            "the expiry is 1970-01-01: `exp` was missing or zero",
            causes=("`exp` is missing, zero or no number: set it to seconds since 1970, in UTC",),
        )
    unsaid: tuple[str, ...] = ()
    if begins == EPOCH:
        begins = None
        unsaid = ("the begin is 1970-01-01: there was no `nbf`, which is likely no fault",)
    if begins and begins > ends:
        return tells(
            f"it ends {span(begins - ends)} before it begins",
            causes=("`nbf` and `exp` are swapped, or one is local time: compute both from UTC",),
        )
    if begins and now < begins:
        return _early(begins - now)
    if now > ends:
        lived = f", after a life of {span(ends - begins)}" if begins else ""
        behind = now - begins if begins else _since_signing(now - ends)
        return _late(
            f"by Entra ID's clock it had expired {span(now - ends)} before{lived}", unsaid, behind
        )
    return tells("by the times in the message it was in range", *unsaid)


def _early(ahead: timedelta) -> Diagnosis:
    remark = f"by Entra ID's clock it was to begin {span(ahead)} later"
    clock = "the clock of the machine that signs is fast: set it by NTP"
    if _is_zone(ahead):
        return tells(remark, _zone(ahead, "ahead of"), causes=(_LOCAL_TIME, clock))
    return tells(remark, causes=(clock, _LOCAL_TIME))


def _late(remark: str, unsaid: tuple[str, ...], behind: timedelta) -> Diagnosis:
    clock = "the clock of the machine that signs is slow: set it by NTP"
    if _is_zone(behind):
        causes = (_LOCAL_TIME, _REUSED, clock)
        return tells(remark, _zone(behind, "behind"), *unsaid, causes=causes)
    return tells(remark, *unsaid, causes=(_REUSED, clock))


def _since_signing(expired: timedelta) -> timedelta:
    """Return how long ago it was signed if a usual lifetime makes that whole hours; else zero."""
    ages = (expired + lifetime for lifetime in _LIFETIMES)
    return next((age for age in ages if _off_the_hour(age) <= _EXACT), timedelta())


def _is_zone(distance: timedelta) -> bool:
    is_near = _HOUR - _SLACK <= distance <= _WIDEST_ZONE + _SLACK
    return is_near and _off_the_hour(distance) <= _SLACK


def _zone(distance: timedelta, where: str) -> str:
    hours = round(distance / _HOUR)
    return (
        f"its times are {hours} hour{'s' if hours > 1 else ''} {where} Entra ID's clock, almost to "
        "the minute: likely local time was taken for UTC"
    )


def _off_the_hour(distance: timedelta) -> timedelta:
    """Return how far `distance` is from a whole number of hours."""
    rest = distance % _HOUR
    return min(rest, _HOUR - rest)
