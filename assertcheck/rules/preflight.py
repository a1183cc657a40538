"""What matters before deploying: how long the registration lasts, and what else is on the app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from assertcheck.graph import Registration
from assertcheck.keys.validity import ends_within, window_of
from assertcheck.model import Candidate, Problem, Severity
from assertcheck.rules import app
from assertcheck.rules.app_context import TOLERANCE, AppContext, RegisteredKey
from assertcheck.rules.rule import rule, same_fault
from assertcheck.words import date, span

_KEY = "Graph keyCredential"
_SHOW = "`assertcheck app FILE` shows all keys of the app"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightContext:
    """All that a rule on what is about to be deployed may look at."""

    certificate: Candidate
    """What is about to be deployed; with its `credential` where it is registered."""
    registration: Registration | None
    client_id: str
    now: datetime
    """UTC; the only clock a rule may read."""
    min_days: int | None
    """Warn of what ends within so many days."""

    @property
    def judged(self) -> tuple[Candidate, ...]:
        """The certificate, for the rules on certificates."""
        return (self.certificate,)

    @property
    def app(self) -> AppContext | None:
        """The registration, for the rules on registrations."""
        found = self.registration
        if found is None:
            return None
        return AppContext(
            application=None if found.is_principal else found,
            principal=found if found.is_principal else None,
            now=self.now,
            min_days=self.min_days,
        )

    @property
    def others(self) -> tuple[RegisteredKey, ...]:
        """The other keys that assertions of the app are verified with."""
        keys = self.app.verifying if self.app else ()
        return tuple(key for key in keys if key.credential != self.certificate.credential)


@same_fault(app.registered_window_shorter)
def registered_window_shorter(ctx: PreflightContext) -> tuple[Problem, ...]:
    """Of the key that is about to be deployed, as long as its registration lasts."""
    credential, certificate = ctx.certificate.credential, ctx.certificate.certificate
    end = credential.end if credential else None
    if credential is None or certificate is None or end is None:
        return ()
    if not ctx.now <= end < certificate.not_after - TOLERANCE:
        return ()
    return (
        Problem(
            at=credential.label,
            message=f"{ctx.certificate.label} is registered until {date(end)}, "
            f"{span(certificate.not_after - end)} less than it is valid",
            fix="mind the earlier date, or register it anew: `az ad app credential reset --id "
            f"{ctx.client_id} --cert @cert.pem --append --end-date "
            f"{certificate.not_after:%Y-%m-%dT%H:%M:%SZ}`",
            expected=date(certificate.not_after),
            actual=date(end),
        ),
    )


@rule(
    "other-keys-expired",
    "Other keys of the app have expired",
    severity=Severity.NOTE,
    source=_KEY,
)
def other_keys_expired(ctx: PreflightContext) -> tuple[Problem, ...]:
    """Keys that have expired serve for nothing, and can be removed.

    Entra ID keeps them. Whatever still signs with one draws AADSTS700027, "The key used is
    expired."; the certificate that was checked here is not among them.

    See all keys of the app with `assertcheck app FILE`, and remove those: `az ad app credential
    delete --id APP --key-id ID --cert`.
    """
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} ended at {date(end)}, {span(ctx.now - end)} before the check",
            fix=f"remove it: {_SHOW}",
        )
        for key, end in _ends(ctx)
        if end < ctx.now
    )


@rule(
    "other-keys-end-soon",
    "Other keys of the app end soon",
    severity=Severity.NOTE,
    source=_KEY,
)
def other_keys_end_soon(ctx: PreflightContext) -> tuple[Problem, ...]:
    """An app may have several certificates: the one before this, or one for each deployment.

    From its end on, whatever still signs with one of those draws AADSTS700027, "The key used is
    expired."; the certificate that was checked here is not among them.

    Find out what still signs with them, and switch it over in time. `assertcheck app FILE` shows
    all keys of the app.
    """
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} ends at {date(end)}, in {span(end - ctx.now)}",
            fix=f"switch over in time whatever still signs with it: {_SHOW}",
        )
        for key, end in _ends(ctx)
        if end >= ctx.now and _is_soon(ctx, end)
    )


def _is_soon(ctx: PreflightContext, end: datetime) -> bool:
    return ctx.min_days is not None and ends_within((None, end), ctx.min_days, ctx.now)


def _ends(ctx: PreflightContext) -> Iterator[tuple[RegisteredKey, datetime]]:
    for key in ctx.others:
        end = window_of(key.credential)[1]
        if end is not None:
            yield key, end


RULES = (
    registered_window_shorter,
    other_keys_expired,
    other_keys_end_soon,
)
