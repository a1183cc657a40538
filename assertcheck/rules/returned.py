"""The error that Entra ID returned, held against what was found in the assertion.

These rules run last and, alone among rules, look at what the others found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from assertcheck.aadsts.reasons import KEY_EXPIRED, MISMATCH, NOT_FOUND, OLD_MISMATCH, explains
from assertcheck.aadsts.registering import list_command, register_command
from assertcheck.authority import NIL, is_guid, read_endpoint
from assertcheck.model import (
    Candidate,
    Finding,
    Outcome,
    Problem,
    ReturnedError,
    Role,
    Severity,
    Undecided,
)
from assertcheck.numericdate import EPOCH, instant
from assertcheck.rules.rule import Context, likely, rule
from assertcheck.verifier.thumbprint import entra_thumbprint, named_candidates
from assertcheck.words import date, listed

_KEY = "AADSTS700027"
_NO_KEYS = "AADSTS700026"
_TIME = "AADSTS700024"
_UNLESS = ("no-assertion",)
_SECOND = timedelta(seconds=1)


@rule(
    "error-of-another-assertion",
    "The error is of another assertion",
    severity=Severity.WARNING,
    source=_KEY,
    unless=_UNLESS,
)
def error_of_another_assertion(ctx: Context) -> tuple[Problem, ...]:
    """An error explains the assertion that drew it, and no other.

    Entra ID prints what it was sent: the thumbprint from `x5t`, the app, the times. Where they
    differ from this assertion, another one was sent: by another process, from a cache, before the
    last change.

    Catch the assertion in the request that fails, or send this one and paste what comes back.
    """
    error = ctx.submission.error
    differences = _differences(ctx, error) if error else []
    if error is None or not differences:
        return ()
    return (
        Problem(
            at="intake.error",
            message=f"{error.code} was likely drawn by another assertion: {'; '.join(differences)}",
            fix="paste the assertion that was in the request which failed, or send this one and "
            "paste the error it draws",
        ),
    )


@rule(
    "error-not-explained",
    "Nothing here explains the error",
    severity=Severity.NOTE,
    source="Entra error-codes",
    unless=_UNLESS,
)
def error_not_explained(ctx: Context) -> tuple[Problem | Undecided, ...]:
    """The error that was returned has a cause, and it is not among what was found.

    Not all of it shows in an assertion: the request around it, the tenant, what is registered on
    the app. Another assertion may have been sent than this one, or to another tenant or app, or
    the registration is not what `--cert` says.

    Give `--cert`, `--client-id`, `--tenant` or `--token-url` as far as you know them;
    `assertcheck explain` has the causes of the code. Until then nothing is accepted.
    """
    error = ctx.submission.error
    if error is None or _differences(ctx, error):
        return ()
    code = error.stands_for or error.code
    explaining = [finding for finding in ctx.found if explains(finding, error)]
    if any(finding.severity is Severity.ERROR for finding in explaining):
        return ()
    if explaining:
        why = f"{code} was returned, and likely because of this: {explaining[0].message}"
        return (Undecided(why=why, decisive=True),)
    reason = f' "{error.reason}"' if error.reason else ""
    why, advice = _unexplained(ctx, error, code)
    return (
        Problem(
            at="intake.error",
            message=f"{code}{reason} was returned, and nothing that was found explains it: {why}",
            fix=f"{advice}; `assertcheck explain {code}` has its causes",
        ),
        *(
            # Entra ID refused it, whatever is seen here.
            (Undecided(why=f"{code} was returned and is not explained", decisive=True),)
            if _is_about_assertion(code)
            else ()
        ),
    )


def not_among_the_keys(ctx: Context) -> tuple[Problem, ...]:
    """Return the problem of a certificate that Entra ID says it does not have.

    That is so where the returned error says it, and the assertion is right in all else.
    """
    error = ctx.submission.error
    if error is None or _errors(ctx) or _differences(ctx, error):
        return ()
    code = error.stands_for or error.code
    if not (code == _NO_KEYS or (code == _KEY and error.reason == NOT_FOUND)):
        return ()
    app = str(ctx.assertion.claims.get("iss"))
    where = f"app {app}{_tenant(ctx)}"
    return tuple(
        Problem(
            at=candidate.label,
            message=f"Entra ID has no key at all on {where}"
            if code == _NO_KEYS
            else f"{_what(error, candidate)}, and does not have it on {where}",
            fix=f"upload it with {register_command(app, candidate.label)}; if "
            f"{list_command(app)} shows it already, compare client id and tenant of the request "
            "with the portal, and after an upload wait some minutes",
            aadsts=(likely("700026"),) if code == _NO_KEYS else None,
        )
        for candidate in _fitting(ctx)[:1]
        # What the export shows to be registered is not missing.
        if candidate.credential is None
    )


def answered_at(
    error: ReturnedError, claims: Mapping[str, object], leeway: timedelta
) -> datetime | None:
    """Return when Entra ID answered with `error`, if it can have answered these `claims`."""
    when = error.current_time or error.timestamp
    return None if list(_other_times(error, claims, leeway)) else when


def _is_about_assertion(code: str) -> bool:
    from assertcheck.aadsts.catalogue import entry  # most pastes hold no error

    known = entry(code)
    return known is not None and known.rank is not None


def _errors(ctx: Context) -> list[Finding]:
    return [finding for finding in ctx.found if finding.severity is Severity.ERROR]


def _fitting(ctx: Context) -> list[Candidate]:
    """Return the registered certificates that both made the signature and are named."""
    named = frozenset(named_candidates(ctx.thumbprints))
    return [
        trial.candidate
        for trial in ctx.trials
        if trial.outcome is Outcome.VALID
        and trial.candidate.role is Role.REGISTERED
        and trial.candidate in named
    ]


def _what(error: ReturnedError, candidate: Candidate) -> str:
    if error.thumbprint:
        return f"Entra ID was sent the thumbprint of {candidate.label}, {error.thumbprint}"
    return f"Entra ID looked for {candidate.label}, which the header names"


def _tenant(ctx: Context) -> str:
    audience = read_endpoint(str(ctx.assertion.claims.get("aud")))
    tenant = ctx.expected.tenant or (audience.tenant if audience else "")
    return f" in tenant {tenant}" if tenant else ""


def _differences(ctx: Context, error: ReturnedError) -> list[str]:
    """Return what in `error` cannot be of this assertion."""
    differences = list(_other_times(error, ctx.assertion.claims, ctx.leeway))
    if (error.stands_for or error.code) == _KEY:
        differences += _other_key(ctx, error)
    return differences


def _other_key(ctx: Context, error: ReturnedError) -> Iterator[str]:
    # ENTRA section 1.3: what is printed is `x5t` decoded.
    mine = entra_thumbprint(ctx.assertion.header)
    if error.thumbprint and error.thumbprint != mine:
        own = f"gives {mine}" if mine else "is not there to be printed"
        yield f"its thumbprint is {error.thumbprint}, and the x5t here {own}"
    if error.lacks_thumbprint and mine:
        yield f"it names no thumbprint, and the x5t here gives {mine}"
    issuer = str(ctx.assertion.claims.get("iss")).lower()
    app = (error.app_id or "").lower()
    if is_guid(app) and app != NIL and is_guid(issuer) and app != issuer:
        yield f"it is about app {app}, and the iss here is {issuer}"


def _other_times(
    error: ReturnedError, claims: Mapping[str, object], leeway: timedelta
) -> Iterator[str]:
    """Yield what speaks against `error` being the answer to `claims`, by the times of both."""
    from assertcheck.aadsts.catalogue import rank  # most pastes hold no error

    code = error.stands_for or error.code
    expires, starts, issued = (instant(claims.get(name)) for name in ("exp", "nbf", "iat"))
    begins = starts or issued
    when = error.current_time or error.timestamp
    if code == _TIME:
        # ENTRA section 3: a missing claim is printed as 1970-01-01.
        own_end = expires if "exp" in claims else EPOCH
        for name, printed, own in (
            ("exp", error.expires, own_end),
            ("nbf", error.valid_from, starts),
        ):
            if printed and own and abs(printed - own) >= _SECOND:
                yield f"it says {date(printed)} for {name}, and the {name} here is {date(own)}"
    elif when and begins and begins > when + leeway:
        yield f"it was returned at {date(when)}, and this one begins at {date(begins)}"
    elif when and expires and expires + leeway < when and rank(code) > rank(_TIME):
        # The time is checked before what this code is about.
        yield f"it was returned at {date(when)}, and this one had expired at {date(expires)}"


def _unexplained(ctx: Context, error: ReturnedError, code: str) -> tuple[str, str]:
    """Return why `error` may have come all the same, and what to do."""
    there = next((each for each in _fitting(ctx) if each.credential), None)
    if ctx.registration and there and (code == _NO_KEYS or error.reason == NOT_FOUND):
        return (
            f"{ctx.registration.label} has {there.label}, so likely it was registered only since, "
            "or the request went to another app or tenant",
            "wait some minutes after an upload, and compare client id and tenant of the request "
            "with the portal",
        )
    if code == _KEY:
        return _unexplained_key(ctx, error)
    if code == _TIME:
        return (
            f"as of {date(ctx.now)} it was in range, {ctx.leeway.total_seconds():.0f} s of leeway "
            "included",
            "see with --leeway 0 whether it was near an end, or with --at as of another time",
        )
    lacking = [
        option
        for option, value in (
            ("--client-id", ctx.expected.client_id),
            ("--tenant", ctx.expected.tenant),
            ("--token-url", ctx.expected.token_url),
        )
        if value is None
    ]
    give = f"give {listed(lacking)}, as the request had them" if lacking else "check the request"
    if code == "AADSTS700021":
        return "the request likely carried another client_id than iss", give
    if code == "AADSTS700023":
        return "the request likely went to another tenant or cloud than aud names", give
    if code in ("AADSTS50013", "AADSTS500131", "AADSTS500133", "AADSTS900384"):
        return (
            "it is about the user's token in the field assertion, not about this one",
            "look at that token with `assertcheck decode`",
        )
    return "it may lie in the request, the tenant or the app, which the assertion does not show", (
        "compare those with the portal"
    )


def _unexplained_key(ctx: Context, error: ReturnedError) -> tuple[str, str]:
    registered = [
        trial.candidate for trial in ctx.trials if trial.candidate.role is Role.REGISTERED
    ]
    named = [each.label for each in named_candidates(ctx.thumbprints) if each in registered]
    app = str(ctx.assertion.claims.get("iss"))
    if not registered:
        return "there is no certificate to compare with", "give the registered one with --cert FILE"
    if error.reason == NOT_FOUND and named:
        return (
            f"the header names {named[0]}, which Entra ID then likely does not have on app {app}",
            f"upload it with {register_command(app, named[0])}",
        )
    if error.reason == KEY_EXPIRED:
        start, end = error.found_key_start, error.found_key_end
        window = f" ({date(start)} to {date(end)})" if start and end else ""
        return (
            "the certificate was within its dates, so those of the registration are likely "
            f"others{window}",
            f"compare them with {list_command(app)}",
        )
    if error.reason in (MISMATCH, OLD_MISMATCH):
        return (
            "the signature fits the certificate given, so likely the assertion was changed on its "
            "way, or the key registered under this thumbprint is another",
            f"compare the certificate with {list_command(app)}",
        )
    return (
        "the registration likely differs from --cert, or the request went to another app",
        f"compare the certificate with {list_command(app)}",
    )


RULES = (error_of_another_assertion, error_not_explained)
