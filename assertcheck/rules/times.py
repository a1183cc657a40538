"""`exp`, `nbf` and `iat`: from when until when the assertion holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from assertcheck.model import Problem, Severity
from assertcheck.numericdate import CLAIMS, DIGITS, EPOCH, instant
from assertcheck.rules.rule import Context, likely, rule, seen
from assertcheck.words import date, quoted, span

_MILLISECONDS = (100_000_000_000, 100_000_000_000_000)
"""From where on, and up to where, a number is taken for milliseconds: 1973 to 5138 as such."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_LONG = timedelta(hours=24)
_PASTE = timedelta(minutes=5)
"""How long after signing an assertion is pasted, at most, for its hour to tell a time zone."""
_OFFSETS = tuple(
    timedelta(minutes=minutes)
    for hours in range(1, 15)
    for minutes in (60 * hours, -60 * hours)
    if hours < 13 or minutes > 0
) + tuple(timedelta(minutes=m) for m in (-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630))
"""Time zones in use, as offsets from UTC (tz database)."""


@rule(
    "exp-missing",
    "No expiry",
    severity=Severity.ERROR,
    source="RFC 7523 §3",
    aadsts=(seen("700024"),),
    unless=("payload-empty",),
)
def exp_missing(ctx: Context) -> tuple[Problem, ...]:
    """`exp` says until when the assertion holds.

    Entra ID reads a missing `exp` as 1970-01-01 and answers AADSTS700024.

    Set it to a few minutes from now, in whole seconds since 1970: `int(time.time()) + 600`.
    """
    if ctx.assertion.claims.get("exp") is not None:
        return ()
    return (
        Problem(
            at="claims.exp",
            message="there is no exp, which Entra ID reads as 1970-01-01",
            fix=f"set exp to 10 minutes after signing, such as {_seconds(ctx.now) + 600}",
            expected=f"{_seconds(ctx.now) + 600}",
            actual="none",
        ),
    )


@rule(
    "time-is-iso-date",
    "A time is text, not a number",
    severity=Severity.ERROR,
    source="RFC 7519 §2",
    aadsts=(likely("700024"),),
    unless=("payload-empty",),
)
def time_is_iso_date(ctx: Context) -> tuple[Problem, ...]:
    """Times are NumericDates: seconds since 1970-01-01 UTC, as a JSON number.

    A date in words is no number, and Entra ID is likely to take the claim for missing.

    Good: `"exp":1768478880`. Bad: `"exp":"2026-01-15T12:08:00Z"`, `"exp":true`, `"exp":[…]`.
    """
    return tuple(
        _time_problem(
            ctx,
            name,
            message=f"{name} is {quoted(value)}, not a number",
            expected=_number_for(value),
        )
        for name, value in _times(ctx)
        if isinstance(value, (bool, list, dict))
        or (isinstance(value, str) and not DIGITS.fullmatch(value.strip()))
    )


@rule(
    "time-in-milliseconds",
    "A time is in milliseconds",
    severity=Severity.ERROR,
    source="RFC 7519 §2",
    aadsts=(likely("700024"),),
    unless=("time-is-iso-date",),
)
def time_in_milliseconds(ctx: Context) -> tuple[Problem, ...]:
    """Times are in seconds since 1970-01-01 UTC.

    In milliseconds, as `Date.now()` in JavaScript and `currentTimeMillis()` in Java give them,
    they lie some fifty thousand years ahead.

    Divide by 1000 and drop the fraction. Good: `"exp":1768478880`. Bad: `"exp":1768478880000`.
    """
    return tuple(
        _time_problem(
            ctx,
            name,
            message=f"{name} is {value:.0f}, which is {date(milliseconds)} in milliseconds",
            expected=f"{value // 1000:.0f}",
        )
        for name, value in _numbers(ctx)
        if (milliseconds := _as_milliseconds(value))
    )


@rule(
    "time-overflow",
    "A time beyond every calendar",
    severity=Severity.ERROR,
    source="RFC 7519 §2",
    aadsts=(likely("700024"),),
    unless=("time-in-milliseconds",),
)
def time_overflow(ctx: Context) -> tuple[Problem, ...]:
    """Times are seconds between 1970 and the year 9999.

    Others cannot be turned into a date; what Entra ID makes of them is not known, but no such
    time is in range.

    Good: `"exp":1768478880`. Bad: `"exp":1e400`, `"exp":-1`, a time in micro- or nanoseconds.
    """
    return tuple(
        _time_problem(ctx, name, message=f"{name} is {quoted(value)}, which is no date")
        for name, value in _numbers(ctx)
        if instant(value) is None
    )


@rule(
    "time-is-string",
    "A time is a number in quotes",
    severity=Severity.WARNING,
    source="RFC 7519 §2",
    unless=("time-is-iso-date",),
)
def time_is_string(ctx: Context) -> tuple[Problem, ...]:
    """Times are JSON numbers, without quotes.

    Whether Entra ID reads digits in quotes as a number is not known; this program did.

    Good: `"exp":1768478880`. Bad: `"exp":"1768478880"`.
    """
    return tuple(
        _time_problem(
            ctx,
            name,
            message=f"{name} is {quoted(value)}, a string",
            expected=str(value).strip(),
            actual=quoted(value),
        )
        for name, value in _times(ctx)
        if isinstance(value, str) and DIGITS.fullmatch(value.strip())
    )


@rule(
    "exp-before-nbf",
    "The assertion ends before it begins",
    severity=Severity.ERROR,
    source="RFC 7519 §4.1.5",
    aadsts=(likely("700024"),),
    unless=("exp-missing", "time-is-iso-date", "time-in-milliseconds", "time-overflow"),
)
def exp_before_nbf(ctx: Context) -> tuple[Problem, ...]:
    """`nbf` is when the assertion begins to hold, `exp` when it ends.

    With `exp` before `nbf` it never holds.

    The usual faults: the two swapped, one in local time, a lifetime subtracted. Good:
    `"nbf":1768478280,"exp":1768478880`.
    """
    expires, starts = _instants(ctx, "exp", "nbf")
    if expires is None or starts is None or expires >= starts:
        return ()
    return (
        Problem(
            at="claims.exp",
            message=f"exp {date(expires)} is {span(starts - expires)} before nbf {date(starts)}",
            fix="set nbf to the time of signing and exp to some minutes later",
            expected=f"after nbf, such as {_seconds(starts) + 600}",
            actual=f"{_seconds(expires)}",
        ),
    )


@rule(
    "zero-lifetime",
    "The assertion lives for no time at all",
    severity=Severity.WARNING,
    source="RFC 7519 §4.1.4",
    unless=("exp-before-nbf",),
)
def zero_lifetime(ctx: Context) -> tuple[Problem, ...]:
    """`exp` is some minutes after `nbf` or `iat`.

    With none in between, the assertion holds only by grace of the leeway, which Entra ID does
    not promise. (`expiresIn: '600'` in Node's jsonwebtoken means 600 *milliseconds*; the number
    600 means seconds.)

    Good: `exp` ten minutes after `iat`. Bad: both the same.
    """
    expires, starts, issued = _instants(ctx, "exp", "nbf", "iat")
    begins = starts or issued
    if expires is None or begins is None or abs(expires - begins) >= timedelta(seconds=1):
        return ()
    return (
        Problem(
            at="claims.exp",
            message=f"exp is {date(expires)}, which is when the assertion begins",
            fix=f"set exp to 10 minutes after signing, such as {_seconds(begins) + 600}",
            expected=f"{_seconds(begins) + 600}",
            actual=f"{_seconds(expires)}",
        ),
    )


@rule(
    "local-time-as-utc",
    "Local time was taken for UTC",
    severity=Severity.ERROR,
    source="RFC 7519 §2",
    aadsts=(likely("700024"),),
    unless=("exp-before-nbf", "exp-missing"),
)
def local_time_as_utc(ctx: Context) -> tuple[Problem, ...]:
    """NumericDates count from 1970-01-01 *UTC*; a local clock read as UTC is off by its time zone.

    The assertion then begins hours from now, or ended hours ago, and Entra ID answers AADSTS700024.

    Take the time as UTC. Good: `time.time()` or `datetime.now(UTC)` in Python,
    `DateTimeOffset.UtcNow.ToUnixTimeSeconds()` in C#. Bad: `datetime.utcnow().timestamp()` in
    Python, which takes the UTC time for a local one.
    """
    expires, starts, issued = _instants(ctx, "exp", "nbf", "iat")
    begins = starts or issued
    if begins is None or expires is None:
        return ()
    if ctx.now - ctx.leeway < expires and begins <= ctx.now + ctx.leeway:
        return ()
    offset = _zone(ctx, begins, issued)
    if offset is None:
        return ()
    return (
        Problem(
            at="claims.nbf" if starts else "claims.iat",
            message=f"begins at {date(begins)}, {span(abs(offset))} "
            f"{'ahead of' if offset > timedelta() else 'behind'} the clock: likely local time "
            "written as if it were UTC",
            fix="take the time in UTC when you set nbf, iat and exp",
            expected=date(begins - offset),
            actual=date(begins),
        ),
    )


@rule(
    "not-yet-valid",
    "The assertion is not valid yet",
    severity=Severity.ERROR,
    source="RFC 7519 §4.1.5",
    aadsts=(seen("700024"),),
    unless=(
        "time-is-iso-date",
        "time-in-milliseconds",
        "time-overflow",
        "local-time-as-utc",
        "exp-before-nbf",
    ),
)
def not_yet_valid(ctx: Context) -> tuple[Problem, ...]:
    """Entra ID refuses an assertion whose `nbf` is after its own clock.

    Without `nbf` it takes `iat` instead (seen in AADSTS700024's own text).

    Set the clock of the machine that signs (NTP), and `nbf` to the time of signing.
    """
    name, begins = _begins(ctx)
    if begins is None or begins <= ctx.now + ctx.leeway:
        return ()
    return (_early(ctx, name, begins),)


@rule(
    "not-yet-valid-within-leeway",
    "The assertion begins in a moment",
    severity=Severity.WARNING,
    source="RFC 7519 §4.1.5",
    unless=("not-yet-valid",),
)
def not_yet_valid_within_leeway(ctx: Context) -> tuple[Problem, ...]:
    """`nbf` is a little after the clock. Entra ID is likely to allow some minutes.

    How many is not documented; the leeway used here is an estimate.

    Set the clock of the machine that signs (NTP), or `nbf` a minute back.
    """
    name, begins = _begins(ctx)
    if begins is None or not ctx.now < begins <= ctx.now + ctx.leeway:
        return ()
    return (_early(ctx, name, begins),)


@rule(
    "expired",
    "The assertion has expired",
    severity=Severity.ERROR,
    source="RFC 7519 §4.1.4",
    aadsts=(seen("700024"),),
    unless=(
        "exp-missing",
        "time-is-iso-date",
        "time-in-milliseconds",
        "time-overflow",
        "exp-before-nbf",
        "local-time-as-utc",
    ),
)
def expired(ctx: Context) -> tuple[Problem, ...]:
    """Entra ID refuses an assertion whose `exp` is before its own clock.

    It answers AADSTS700024, before it looks at the key. A leeway of about five minutes is likely;
    it is not documented.

    Sign a new assertion for each token request. Do not cache one past its `exp`, and check the
    clock of the machine that signs.
    """
    (expires,) = _instants(ctx, "exp")
    if expires is None or expires > ctx.now - ctx.leeway:
        return ()
    return (_late(ctx, expires),)


@rule(
    "expired-within-leeway",
    "The assertion has just expired",
    severity=Severity.WARNING,
    source="RFC 7519 §4.1.4",
    unless=("expired",),
)
def expired_within_leeway(ctx: Context) -> tuple[Problem, ...]:
    """`exp` is a little before the clock. Entra ID is likely to allow about five minutes.

    How many is not documented; the leeway used here is an estimate.

    Sign a new assertion for each token request.
    """
    (expires,) = _instants(ctx, "exp")
    if expires is None or not ctx.now - ctx.leeway < expires <= ctx.now:
        return ()
    return (_late(ctx, expires),)


@rule(
    "lifetime-too-long",
    "The assertion lives longer than a day",
    severity=Severity.WARNING,
    source="Entra certificate-credentials",
    unless=("exp-before-nbf", "time-in-milliseconds"),
)
def lifetime_too_long(ctx: Context) -> tuple[Problem, ...]:
    """A client assertion is a credential while it lives; five to ten minutes are plenty.

    Entra ID sets no limit, so it is taken, by whoever holds it.

    Sign a new one for each token request, with `exp` ten minutes ahead.
    """
    expires, starts, issued = _instants(ctx, "exp", "nbf", "iat")
    begins = starts or issued or ctx.now
    if expires is None or expires - begins <= _LONG:
        return ()
    return (
        Problem(
            at="claims.exp",
            message=f"valid for {span(expires - begins)}, until {date(expires)}",
            fix=f"set exp to 10 minutes after signing, such as {_seconds(begins) + 600}",
            expected=f"{_seconds(begins) + 600}",
            actual=f"{_seconds(expires)}",
        ),
    )


def _times(ctx: Context) -> tuple[tuple[str, object], ...]:
    claims = ctx.assertion.claims
    return tuple((name, claims[name]) for name in CLAIMS if claims.get(name) is not None)


def _numbers(ctx: Context) -> tuple[tuple[str, float], ...]:
    return tuple(
        (name, float(value) if isinstance(value, str) else value)
        for name, value in _times(ctx)
        if isinstance(value, (int, float, str))
    )


def _instants(ctx: Context, *names: str) -> tuple[datetime | None, ...]:
    return tuple(instant(ctx.assertion.claims.get(name)) for name in names)


def _begins(ctx: Context) -> tuple[str, datetime | None]:
    """Return the claim that says when the assertion begins, and when that is."""
    starts, issued = _instants(ctx, "nbf", "iat")
    return ("nbf", starts) if starts or issued is None else ("iat", issued)


def _as_milliseconds(value: float) -> datetime | None:
    return instant(value / 1000) if _MILLISECONDS[0] <= value < _MILLISECONDS[1] else None


def _zone(ctx: Context, begins: datetime, issued: datetime | None) -> timedelta | None:
    """Return by which time zone `begins` is off, if it is by one."""
    if issued is not None and abs(begins - issued) in {abs(offset) for offset in _OFFSETS}:
        return begins - issued
    # A past assertion may simply be old; one from the future can only come of a wrong clock.
    ahead = begins - ctx.now
    return (
        next((zone for zone in _OFFSETS if zone - _PASTE < ahead <= zone), None)
        if ahead > timedelta()
        else None
    )


def _early(ctx: Context, name: str, begins: datetime) -> Problem:
    return Problem(
        at=f"claims.{name}",
        message=f"begins at {date(begins)}, {span(begins - ctx.now)} after the check",
        fix=f"set {name} to the time of signing, and check the signing machine's clock (NTP)",
        expected=f"at most {_seconds(ctx.now)}",
        actual=f"{_seconds(begins)}",
    )


def _late(ctx: Context, expires: datetime) -> Problem:
    return Problem(
        at="claims.exp",
        message=f"expired at {date(expires)}, {span(ctx.now - expires)} before the check",
        fix="sign a new assertion for each token request; do not cache it past exp",
        expected=f"after {_seconds(ctx.now)}",
        actual=f"{_seconds(expires)}",
    )


def _time_problem(
    ctx: Context, name: str, *, message: str, expected: str | None = None, actual: str | None = None
) -> Problem:
    right = expected or f"{_seconds(ctx.now) + (600 if name == 'exp' else 0)}"
    return Problem(
        at=f"claims.{name}",
        message=message,
        fix=f"set {name} to seconds since 1970 as a number: {right}",
        expected=right,
        actual=actual or quoted(ctx.assertion.claims[name]),
    )


def _number_for(value: object) -> str | None:
    """Return the NumericDate of a date in ISO 8601; one without a zone is taken as UTC."""
    if not isinstance(value, str) or not _ISO.match(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return str(_seconds(moment if moment.tzinfo else moment.replace(tzinfo=UTC)))


def _seconds(moment: datetime) -> int:
    return int((moment - EPOCH).total_seconds())


RULES = (
    exp_missing,
    time_is_iso_date,
    time_in_milliseconds,
    time_overflow,
    time_is_string,
    exp_before_nbf,
    zero_lifetime,
    local_time_as_utc,
    not_yet_valid,
    not_yet_valid_within_leeway,
    expired,
    expired_within_leeway,
    lifetime_too_long,
)
