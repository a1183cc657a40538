"""What matters before deploying: how long the registration lasts, and what else is on the app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from assertcheck.aadsts.registering import register_command, remove_command
from assertcheck.graph import Registration, Source
from assertcheck.keys.validity import ends_within, window_of
from assertcheck.model import Candidate, Problem, Severity
from assertcheck.rules import app
from assertcheck.rules.app_context import TOLERANCE, AppContext, RegisteredKey
from assertcheck.rules.rule import Context, Found, Rule, rule, same_fault
from assertcheck.words import date, span

_KEY = "Graph keyCredential"
_OTHER_APP = ("registration-of-another-app", "iss-is-object-id")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightContext:
    """All that a rule on what is about to be deployed may look at."""

    certificate: Candidate | None
    """What is about to be deployed; with its `credential` where it is registered. `None` where
    nothing shows which certificate that is."""
    registration: Registration | None
    client_id: str
    now: datetime
    """UTC; the only clock a rule may read."""
    min_days: int | None
    """Warn of what ends within so many days."""

    @property
    def judged(self) -> tuple[Candidate, ...]:
        """The certificate, for the rules on certificates."""
        return (self.certificate,) if self.certificate else ()

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
        mine = self.certificate.credential if self.certificate else None
        return tuple(key for key in keys if key.credential != mine)


@same_fault(app.registered_window_shorter)
def registered_window_shorter(ctx: PreflightContext) -> tuple[Problem, ...]:
    """Of the key that is about to be deployed, as long as its registration lasts."""
    return tuple(
        Problem(
            at=credential.label,
            message=f"{candidate.label} is registered until {date(end)}, "
            f"{span(certificate.not_after - end)} less than it is valid",
            fix="mind the earlier date, or register it anew: "
            f"{register_command(ctx.client_id, candidate.label, until=certificate.not_after)}",
            expected=date(certificate.not_after),
            actual=date(end),
        )
        for candidate in ctx.judged
        if (credential := candidate.credential)
        and (certificate := candidate.certificate)
        and (end := credential.end)
        and ctx.now <= end < certificate.not_after - TOLERANCE
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

    Remove them: `az ad app credential delete --id APP --key-id ID --cert`. `assertcheck app FILE`
    shows all keys of the app.
    """
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} ended at {date(end)}, {span(ctx.now - end)} before the check",
            fix=_removal(ctx, key),
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
            fix="switch over in time whatever still signs with it; afterwards "
            f"{_removal(ctx, key)}",
        )
        for key, end in _ends(ctx)
        if end >= ctx.now and _is_soon(ctx, end)
    )


def _removal(ctx: PreflightContext, key: RegisteredKey) -> str:
    if key.credential.key_id is None:
        return "remove it in the portal, under Certificates & secrets"
    is_principal = key.on.source is Source.SERVICE_PRINCIPAL
    command = remove_command(ctx.client_id, key.credential.key_id, is_principal=is_principal)
    return f"remove it: {command}"


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


def _of_app(known: Rule[AppContext]) -> Rule[Context]:
    """Return `known` as `verify` sees it: no more than a warning, as another key may be at fault."""

    def find(ctx: Context) -> Found:
        found = known.find(view.app) if (view := _before_deploying(ctx)).app else ()
        # What is left open, and matters to the assertion, has a rule of its own.
        problems = (item for item in found if isinstance(item, Problem))
        return tuple(replace(item, severity=Severity.WARNING) for item in problems)

    return same_fault(known, unless=_OTHER_APP)(find)


def _asked_for(known: Rule[PreflightContext]) -> Rule[Context]:
    """Return `known` as `verify` sees it where it is to look ahead, which `min_days` says."""

    def find(ctx: Context) -> Found:
        return known.find(_before_deploying(ctx)) if ctx.min_days is not None else ()

    return same_fault(known, unless=_OTHER_APP)(find)


def _before_deploying(ctx: Context) -> PreflightContext:
    """Return what is about to be deployed, where that is shown by an assertion made with it."""
    return PreflightContext(
        certificate=next((each for each in ctx.judged if each.credential), None),
        registration=ctx.registration,
        client_id=ctx.client_id,
        now=ctx.now,
        min_days=ctx.min_days,
    )


ON_APP = (
    app.app_is_public_client,
    app.private_key_uploaded,
    app.key_unreadable,
    app.key_type_wrong,
    app.key_written_as_pem,
)
"""What can be wrong with the registration while this certificate is right."""
ON_ASSERTION = (*map(_of_app, ON_APP), *map(_asked_for, RULES))
"""The same as `verify` says it, given the registration; `unless` points to its own rules."""
