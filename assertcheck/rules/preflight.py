"""What matters before deploying: how long the registration lasts, and what else is on the app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from assertcheck.aadsts.registering import register_command, remove_command
from assertcheck.authority import is_guid
from assertcheck.graph import Content, KeyCredential, Registration, Source
from assertcheck.keys.registered import is_of
from assertcheck.keys.validity import ends_within, window_of
from assertcheck.model import Candidate, Outcome, Problem, Role, Severity, Trial
from assertcheck.rules import app as app_rules
from assertcheck.rules.app_context import TOLERANCE, AppContext, RegisteredKey
from assertcheck.rules.registration import (
    another_app,
    label_to_register,
    perhaps_signing,
    private_key_of,
    registration_of_another_app,
)
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
    perhaps: tuple[KeyCredential, ...] = ()
    """Registered keys that are the certificate's, or may be where the export leaves that open."""

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
        if found.app_id is None and is_guid(self.client_id):
            found = replace(found, app_id=self.client_id)
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
        mine = self.certificate
        own = (*self.perhaps, *([mine.credential] if mine else ()))
        return tuple(
            key
            for key in keys
            if key.credential not in own and not (mine and _is_half_of(key.credential, mine))
        )


def _is_half_of(credential: KeyCredential, certificate: Candidate) -> bool:
    """Tell whether `credential` is the registration of `certificate`, or of its bare key."""
    held = credential.candidate
    if held is not None and held.certificate is None:
        return held.key == certificate.key
    return is_of(credential, certificate)


@same_fault(app_rules.registered_window_shorter)
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
        # Of what ends soon, `certificate-ends-soon` says so.
        and not _is_soon(ctx, end)
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


@same_fault(registration_of_another_app)
def registration_of_another(ctx: PreflightContext) -> tuple[Problem, ...]:
    """Of the app that is to sign in, where there is no assertion to judge."""
    return another_app(ctx.registration, ctx.client_id.lower())


@same_fault(app_rules.key_is_not_a_certificate, unless=_OTHER_APP)
def key_is_not_a_certificate(ctx: Context) -> tuple[Problem, ...]:
    """Of the key that signed, where the app has it without its certificate."""
    signed = [each.candidate for each in _signed(ctx)]
    if any(each.role is Role.REGISTERED and each.certificate for each in signed):
        return ()
    held = [each for each in signed if each.role is Role.HELD and each.certificate]
    labels = [label_to_register(ctx, each) for each in held]
    return tuple(
        Problem(
            at=credential.label,
            message=f"{credential.display_name or credential.label} holds the public key that "
            "signed, and no certificate",
            fix=f"register the certificate: {register_command(ctx.client_id, *labels[:1])}",
            expected="a certificate",
            actual="a public key",
            severity=Severity.ERROR,
        )
        for each in signed
        if (credential := each.credential) and credential.content is Content.PUBLIC_KEY
    )[:1]


def _of_app(known: Rule[AppContext]) -> Rule[Context]:
    """Return `known` as `verify` sees it: no more than a warning, as another key may be at fault."""

    def find(ctx: Context) -> Found:
        return beside(known, _before_deploying(ctx))

    return same_fault(known, unless=_OTHER_APP)(find)


def beside(known: Rule[AppContext], ctx: PreflightContext) -> tuple[Problem, ...]:
    """Return what `known` says of the app that the certificate is, or is to be, registered on.

    What is left open, and matters to the assertion, has a rule of its own.
    """
    app = ctx.app
    if app is None:
        return ()
    problems = (item for item in known.find(app) if isinstance(item, Problem))
    return tuple(
        replace(item, severity=Severity.WARNING, fix=_naming(ctx, item))
        for item in problems
        if not _is_said(ctx, known, item)
    )


def _is_said(ctx: PreflightContext, known: Rule[AppContext], item: Problem) -> bool:
    """Tell whether `certificate-not-registered` says it: a private key stands in its place."""
    mine, app = ctx.certificate, ctx.registration
    if known is not app_rules.private_key_uploaded or not mine or not app or mine.credential:
        return False
    given_away = private_key_of(app, mine)
    return given_away is not None and given_away.label == item.at


def _naming(ctx: PreflightContext, item: Problem) -> str:
    """Return the fix of `item` with the file that was given, where it is on that certificate."""
    mine = ctx.certificate
    if mine is None or mine.credential is None or mine.credential.label != item.at:
        return item.fix
    anyone = register_command(ctx.client_id)
    return item.fix.replace(anyone, register_command(ctx.client_id, mine.label))


def _asked_for(known: Rule[PreflightContext]) -> Rule[Context]:
    """Return `known` as `verify` sees it where it is to look ahead, which `min_days` says."""

    def find(ctx: Context) -> Found:
        return known.find(_before_deploying(ctx)) if ctx.min_days is not None else ()

    return same_fault(known, unless=_OTHER_APP)(find)


def _signed(ctx: Context) -> tuple[Trial, ...]:
    return tuple(each for each in ctx.trials if each.outcome is Outcome.VALID)


def _before_deploying(ctx: Context) -> PreflightContext:
    """Return what is about to be deployed, where that is shown by an assertion made with it."""
    return PreflightContext(
        certificate=next(iter(ctx.judged), None),
        registration=ctx.registration,
        client_id=ctx.client_id,
        now=ctx.now,
        min_days=ctx.min_days,
        perhaps=(
            *perhaps_signing(ctx),
            *(each.candidate.credential for each in _signed(ctx) if each.candidate.credential),
        ),
    )


ON_APP = (
    app_rules.app_is_public_client,
    app_rules.private_key_uploaded,
    app_rules.key_unreadable,
    app_rules.key_type_wrong,
    app_rules.key_written_as_pem,
)
"""What can be wrong with the registration while this certificate is right."""
ON_ASSERTION = (key_is_not_a_certificate, *map(_of_app, ON_APP), *map(_asked_for, RULES))
"""The same as `verify` says it, given the registration; `unless` points to its own rules."""
