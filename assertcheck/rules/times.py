"""`exp`, `nbf` and `iat`: from when until when the assertion holds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from assertcheck.model import AssertionKind, Problem, Severity
from assertcheck.numericdate import CLAIMS, DIGITS, EPOCH, instant
from assertcheck.rules.rule import Context, likely, rule, seen
from assertcheck.words import date, listed, plain, quoted, span

_KINDS = frozenset({AssertionKind.CERTIFICATE, AssertionKind.FEDERATED})
_UNITS = {
    "milliseconds": (1_000, 0),
    "microseconds": (1_000_000, 0),
    "nanoseconds": (1_000_000_000, 0),
    ".NET ticks": (10_000_000, 62_135_596_800),
    "a Windows FILETIME": (10_000_000, 11_644_473_600),
}
"""Other ways to count time: how many to a second, and the seconds from their start to 1970."""
_THIS_AGE = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
"""Before it there were no assertions: a smaller number is a length of time."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_LONG = timedelta(hours=24)
_SHORT_LIVED = {
    "https://token.actions.githubusercontent.com": "; GitHub's lives for 5 minutes: run "
    "azure/login again before the step that needs it",
    "https://vstoken.dev.azure.com/": "; that of Azure DevOps lives for 10 minutes: split a "
    "task that takes longer",
}
"""What to do about tokens that long jobs outlive, by issuer."""
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
    unless=("claim-name-misspelled",),
    kinds=_KINDS,
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
    "A time is not a number",
    severity=Severity.ERROR,
    source="RFC 7519 §2",
    aadsts=(likely("700024"),),
    unless=("payload-empty",),
    kinds=_KINDS,
)
def time_is_iso_date(ctx: Context) -> tuple[Problem, ...]:
    """Times are NumericDates: seconds since 1970-01-01 UTC, as a JSON number.

    A date in words is no number, and Entra ID is likely to take the claim for missing.

    Good: `"exp":1768478880`. Bad: `"exp":"2026-01-15T12:08:00Z"`, `"exp":true`, `"exp":[…]`.
    """
    return _wrong_times(
        ctx,
        [
            (name, f"{name} is {quoted(value)}, not a number", _number_for(value))
            for name, value in _times(ctx)
            if _is_no_number(value)
        ],
    )


@rule(
    "time-in-milliseconds",
    "A time is in milliseconds",
    severity=Severity.ERROR,
    source="RFC 7519 §2",
    aadsts=(likely("700024"),),
    unless=("time-is-iso-date",),
    kinds=_KINDS,
)
def time_in_milliseconds(ctx: Context) -> tuple[Problem, ...]:
    """Times are in seconds since 1970-01-01 UTC.

    In milliseconds, as `Date.now()` in JavaScript and `currentTimeMillis()` in Java give them,
    they lie some fifty thousand years ahead.

    Divide by 1000 and drop the fraction. Good: `"exp":1768478880`. Bad: `"exp":1768478880000`.
    """
    return _wrong_times(
        ctx,
        [
            (name, f"{name} is {value:.0f}, which is {date(moment)} in {unit}", _seconds(moment))
            for name, value in _numbers(ctx)
            for unit, moment in _in_other_units(value)
            if unit == "milliseconds"
        ],
    )


@rule(
    "time-overflow",
    "A time beyond every calendar",
    severity=Severity.ERROR,
    source="RFC 7519 §2",
    aadsts=(likely("700024"),),
    unless=("time-in-milliseconds",),
    kinds=_KINDS,
)
def time_overflow(ctx: Context) -> tuple[Problem, ...]:
    """Times are seconds between 1970 and the year 9999.

    Others cannot be turned into a date; what Entra ID makes of them is not known, but no such
    time is in range.

    Good: `"exp":1768478880`. Bad: `"exp":1e400`, `"exp":-1`, a time in micro- or nanoseconds.
    """
    return _wrong_times(
        ctx,
        [
            (name, f"{name} is {plain(shown)}, which is {_other_unit(value)}", _in_seconds(value))
            for name, shown, value in _numbers_as_written(ctx)
            if instant(value) is None
        ],
    )


@rule(
    "time-is-string",
    "A time is a number in quotes",
    severity=Severity.WARNING,
    source="RFC 7519 §2",
    unless=("time-is-iso-date",),
    kinds=_KINDS,
)
def time_is_string(ctx: Context) -> tuple[Problem, ...]:
    """Times are JSON numbers, without quotes.

    Whether Entra ID reads digits in quotes as a number is not known; this program did.

    Good: `"exp":1768478880`. Bad: `"exp":"1768478880"`.
    """
    return _wrong_times(
        ctx,
        [
            (name, f"{name} is {quoted(value)}, a string", value.strip())
            for name, value in _times(ctx)
            if isinstance(value, str) and not _is_no_number(value)
        ],
    )


@rule(
    "iat-not-a-date",
    "The time of issue is no date",
    severity=Severity.WARNING,
    source="RFC 7519 §4.1.6",
    unless=("time-overflow",),
    kinds=_KINDS,
)
def iat_not_a_date(ctx: Context) -> tuple[Problem, ...]:
    """`iat` is a NumericDate like `exp` and `nbf`: seconds since 1970-01-01 UTC, as a number.

    Beside a right `nbf`, Entra ID is not known to look at it.

    Good: `"iat":1768478280`. Bad: `"iat":1768478280000`, `"iat":"2026-01-15"`.
    """
    claims = ctx.assertion.claims
    issued = claims.get("iat")
    if claims.get("nbf") is None or issued is None or instant(issued) is not None:
        return ()
    right = f"{_seconds(ctx.now)}"
    return (
        Problem(
            at="claims.iat",
            message=f"iat is {quoted(issued)}",
            fix=f"set iat to seconds since 1970 as a number, such as {right}",
            expected=right,
            actual=plain(issued),
        ),
    )


@rule(
    "exp-is-a-lifetime",
    "The expiry is a length of time, not a time",
    severity=Severity.ERROR,
    source="RFC 7519 §4.1.4",
    aadsts=(seen("700024"),),
    unless=("exp-missing", "time-is-iso-date", "time-in-milliseconds", "time-overflow"),
    kinds=_KINDS,
)
def exp_is_a_lifetime(ctx: Context) -> tuple[Problem, ...]:
    """`exp` is a moment, in seconds since 1970-01-01 UTC, not the seconds an assertion is to live.

    Entra ID reads 600 as ten minutes into 1970, and answers AADSTS700024.

    Add the lifetime to the time of signing. Good: `int(time.time()) + 600`. Bad: `600`.
    """
    (expires,) = _instants(ctx, "exp")
    if expires is None or expires >= _EARLIEST:
        return ()
    right = f"{_seconds(ctx.now) + 600}"
    return (
        Problem(
            at="claims.exp",
            message=f"exp is {_seconds(expires)}, which is {date(expires)}",
            fix=f"set exp to 10 minutes after signing, such as {right}",
            expected=right,
            actual=plain(ctx.assertion.claims["exp"]),
        ),
    )


@rule(
    "exp-before-nbf",
    "The assertion ends before it begins",
    severity=Severity.ERROR,
    source="RFC 7519 §4.1.5",
    aadsts=(likely("700024"),),
    unless=("exp-is-a-lifetime",),
    kinds=_KINDS,
)
def exp_before_nbf(ctx: Context) -> tuple[Problem, ...]:
    """`nbf` is when the assertion begins to hold, `exp` when it ends.

    With `exp` before `nbf` it never holds.

    The usual faults: the two swapped, one in local time, a lifetime subtracted. Good:
    `"nbf":1768478280,"exp":1768478880`.
    """
    (expires,) = _instants(ctx, "exp")
    name, begins = _begins(ctx)
    if expires is None or begins is None or expires >= begins:
        return ()
    right = f"{_seconds(begins) + 600}"
    return (
        Problem(
            at="claims.exp",
            message=f"exp {date(expires)} is {span(begins - expires)} before {name} {date(begins)}",
            fix=f"set {name} to the time of signing and exp to some minutes later, such as {right}",
            expected=f"after {name}, such as {right}",
            actual=f"{_seconds(expires)}",
        ),
    )


@rule(
    "zero-lifetime",
    "The assertion lives for no time at all",
    severity=Severity.WARNING,
    source="RFC 7519 §4.1.4",
    unless=("exp-before-nbf",),
    kinds=_KINDS,
)
def zero_lifetime(ctx: Context) -> tuple[Problem, ...]:
    """`exp` is some minutes after `nbf` or `iat`.

    With none in between, the assertion holds only by grace of the leeway, which Entra ID does
    not promise. (`expiresIn: '600'` in Node's jsonwebtoken means 600 *milliseconds*; the number
    600 means seconds.)

    Good: `exp` ten minutes after `iat`. Bad: both the same.
    """
    (expires,) = _instants(ctx, "exp")
    _, begins = _begins(ctx)
    if expires is None or begins is None or expires - begins >= timedelta(seconds=1):
        return ()
    right = f"{_seconds(begins) + 600}"
    return (
        Problem(
            at="claims.exp",
            message=f"exp is {date(expires)}, which is when the assertion begins",
            fix=f"set exp to 10 minutes after signing, such as {right}",
            expected=right,
            actual=f"{_seconds(expires)}",
        ),
    )


@rule(
    "local-time-as-utc",
    "Local time was taken for UTC",
    severity=Severity.ERROR,
    source="RFC 7519 §2",
    aadsts=(likely("700024"),),
    unless=("exp-before-nbf",),
    kinds=_KINDS,
)
def local_time_as_utc(ctx: Context) -> tuple[Problem, ...]:
    """NumericDates count from 1970-01-01 *UTC*; a local clock read as UTC is off by its time zone.

    The assertion then begins hours from now, or ended hours ago, and Entra ID answers AADSTS700024.

    Take the time as UTC. Good: `time.time()` or `datetime.now(UTC)` in Python,
    `DateTimeOffset.UtcNow.ToUnixTimeSeconds()` in C#. Bad: `datetime.utcnow().timestamp()` in
    Python, which takes the UTC time for a local one.
    """
    expires, issued = _instants(ctx, "exp", "iat")
    name, begins = _begins(ctx)
    if begins is None or expires is None:
        return ()
    if ctx.now - ctx.leeway < expires and begins <= ctx.now + ctx.leeway:
        return ()
    offset = _zone(ctx, begins, issued)
    if offset is None:
        return ()
    return (
        Problem(
            at=f"claims.{name}",
            message=f"begins at {date(begins)}, {span(offset)} "
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
    kinds=_KINDS,
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
    kinds=_KINDS,
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
        "exp-is-a-lifetime",
        "exp-before-nbf",
        "local-time-as-utc",
    ),
    kinds=_KINDS,
)
def expired(ctx: Context) -> tuple[Problem, ...]:
    """Entra ID refuses an assertion whose `exp` is before its own clock.

    It answers AADSTS700024, before it looks at the key. A leeway of about five minutes is likely;
    it is not documented.

    Sign a new assertion for each token request. Do not cache one past its `exp`, and check the
    clock of the machine that signs. Tokens of other issuers are short-lived too: 5 minutes at
    GitHub, 10 at Azure DevOps; ask for a new one before each step that signs in.
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
    kinds=_KINDS,
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
    unless=("exp-before-nbf",),
)
def lifetime_too_long(ctx: Context) -> tuple[Problem, ...]:
    """A client assertion is a credential while it lives; five to ten minutes are plenty.

    Entra ID sets no limit, so it is taken, by whoever holds it.

    Sign a new one for each token request, with `exp` ten minutes ahead.
    """
    (expires,) = _instants(ctx, "exp")
    _, starts = _begins(ctx)
    begins = starts if starts and starts >= _EARLIEST else ctx.now
    if expires is None or expires - begins <= _LONG:
        return ()
    right = f"{_seconds(begins) + 600}"
    return (
        Problem(
            at="claims.exp",
            message=f"valid for {span(expires - begins)}, until {date(expires)}",
            fix=f"set exp to 10 minutes after signing, such as {right}",
            expected=right,
            actual=f"{_seconds(expires)}",
        ),
    )


def _times(ctx: Context) -> tuple[tuple[str, object], ...]:
    """Return the times that count; `iat` does so only in place of a missing `nbf`."""
    claims = ctx.assertion.claims
    counting = [name for name in CLAIMS if claims.get(name) is not None]
    if "nbf" in counting and "iat" in counting:
        counting.remove("iat")
    return tuple((name, claims[name]) for name in counting)


def _is_no_number(value: object) -> bool:
    is_text = isinstance(value, str) and not DIGITS.fullmatch(value.strip())
    return is_text or isinstance(value, (bool, list, dict))


def _numbers(ctx: Context) -> tuple[tuple[str, float], ...]:
    return tuple((name, value) for name, _, value in _numbers_as_written(ctx))


def _numbers_as_written(ctx: Context) -> tuple[tuple[str, object, float], ...]:
    return tuple(
        (name, value, float(value) if isinstance(value, str) else value)
        for name, value in _times(ctx)
        if isinstance(value, (int, float, str))
    )


def _in_other_units(value: float) -> Iterator[tuple[str, datetime]]:
    """Yield the units in which `value`, no date in seconds, is a moment of this age."""
    if instant(value) is not None or not math.isfinite(value):
        return
    for unit, (to_a_second, start) in _UNITS.items():
        moment = instant(value / to_a_second - start)
        if moment and _THIS_AGE[0] <= moment < _THIS_AGE[1]:
            yield unit, moment


def _other_unit(value: float) -> str:
    return next((f"{date(moment)} in {unit}" for unit, moment in _in_other_units(value)), "no date")


def _in_seconds(value: float) -> int | None:
    return next((_seconds(moment) for _, moment in _in_other_units(value)), None)


def _instants(ctx: Context, *names: str) -> tuple[datetime | None, ...]:
    return tuple(instant(ctx.assertion.claims.get(name)) for name in names)


def _begins(ctx: Context) -> tuple[str, datetime | None]:
    """Return the claim that says when the assertion begins, and when that is."""
    starts, issued = _instants(ctx, "nbf", "iat")
    return ("nbf", starts) if starts or issued is None else ("iat", issued)


def _zone(ctx: Context, begins: datetime, issued: datetime | None) -> timedelta | None:
    """Return by which time zone `begins` is off, if it is by one."""
    if issued is not None and abs(begins - issued) in {abs(offset) for offset in _OFFSETS}:
        return begins - issued
    ahead = begins - ctx.now
    # A past assertion may simply be old, unless an error tells when it was sent.
    if ahead <= timedelta() and ctx.submission.error is None:
        return None
    return next((zone for zone in _OFFSETS if zone - _PASTE < ahead <= zone), None)


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
        fix=_renew(ctx),
        expected=f"after {_seconds(ctx.now)}",
        actual=f"{_seconds(expires)}",
    )


def _renew(ctx: Context) -> str:
    if ctx.kind is not AssertionKind.FEDERATED:
        return "sign a new assertion for each token request; do not cache it past exp"
    issuer = str(ctx.assertion.claims.get("iss"))
    of = next((of for host, of in _SHORT_LIVED.items() if issuer.startswith(host)), "")
    return f"ask the issuer for a new token right before each token request{of}"


def _wrong_times(
    ctx: Context, wrong: Sequence[tuple[str, str, int | str | None]]
) -> tuple[Problem, ...]:
    """Return one problem for all of `wrong`: each a claim, what is wrong with it, what is right."""
    if not wrong:
        return ()
    rights = {
        name: f"{right or _seconds(ctx.now) + (600 if name == 'exp' else 0)}"
        for name, _, right in wrong
    }
    is_one = len(wrong) == 1
    claims = ctx.assertion.claims
    return (
        Problem(
            at=f"claims.{wrong[0][0]}",
            message="; ".join(message for _, message, _ in wrong),
            fix="give seconds since 1970 as a number: "
            + listed([f"{name} {right}" for name, right in rights.items()]),
            expected=", ".join(
                right if is_one else f"{name} {right}" for name, right in rights.items()
            ),
            actual=", ".join(
                plain(claims[name]) if is_one else f"{name} {plain(claims[name])}"
                for name in rights
            ),
        ),
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
    iat_not_a_date,
    exp_is_a_lifetime,
    exp_before_nbf,
    zero_lifetime,
    local_time_as_utc,
    not_yet_valid,
    not_yet_valid_within_leeway,
    expired,
    expired_within_leeway,
    lifetime_too_long,
)
