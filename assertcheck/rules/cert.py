"""Certificates on their own: their order, the private key beside them, their registration."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assertcheck.aadsts.diagnosis import app_or_placeholder
from assertcheck.aadsts.reasons import MISMATCH, NOT_FOUND
from assertcheck.aadsts.registering import register_command
from assertcheck.graph import Content, KeyCredential, Registration, Source
from assertcheck.keys.cut_off import AGAIN
from assertcheck.keys.registered import is_of
from assertcheck.keys.registration import export_command
from assertcheck.model import Candidate, Problem, Role, Severity, Undecided
from assertcheck.rules import app as app_rules
from assertcheck.rules import certificate, registration
from assertcheck.rules.app_context import AppContext
from assertcheck.rules.preflight import ON_APP, PreflightContext, beside
from assertcheck.rules.rule import Rule, likely, rule, same_fault, seen
from assertcheck.words import date, listed

_ENTRY = re.compile(r"(?P<file>.+)\[(?P<index>\d+)\]", re.DOTALL)
"""What a certificate of several in a file is called."""
_PLAIN_NAME = re.compile(r"(?!-)[\w.-]+", re.ASCII)
"""A file that can stand in a command as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertContext:
    """All that a rule on certificates may look at."""

    candidates: tuple[Candidate, ...]
    """What was given: of each file the leaf first, its issuers `Role.ALSO`."""
    judged: tuple[Candidate, ...]
    """Those of them that are meant: to sign with, and to register."""
    keys: tuple[Candidate, ...]
    """The public halves of the private keys given, beside or within the files."""
    others: tuple[Candidate, ...]
    """What else a key may belong to: certificates beside it, and registered ones."""
    certifiers: tuple[Candidate, ...]
    """Those of `judged` whose key may sign certificates and nothing else."""
    registration: Registration | None
    now: datetime
    """UTC; the only clock a rule may read."""
    min_days: int | None
    """Warn of a certificate that ends within so many days."""
    named_app: str | None = None
    """The client id that was given, for a registration that does not show its own."""

    @property
    def client_id(self) -> str:
        """The client id, or the word for it."""
        return app_or_placeholder(
            (self.registration.app_id if self.registration else None) or self.named_app
        )

    @property
    def unregistered(self) -> tuple[Candidate, ...]:
        """Those of `judged` that the registration shows not to be registered."""
        return tuple(each for each in self.unplaced if each.role is not Role.REGISTERED)

    @property
    def unplaced(self) -> tuple[Candidate, ...]:
        """Those of `judged` that are not known to be registered."""
        app = self.registration
        if app is None:
            return ()
        return tuple(
            each
            for each in self.judged
            if each.credential is None
            and not (each.certificate is None and is_registered_key(app, each))
        )


@rule(
    "key-does-not-match-certificate",
    "The private key is not the certificate's",
    severity=Severity.ERROR,
    source="RFC 5280 §4.1.2.7",
    aadsts=(likely("700027", MISMATCH),),
)
def key_does_not_match_certificate(ctx: CertContext) -> tuple[Problem, ...]:
    """A certificate holds the public half of one private key, and only that key signs for it.

    An assertion that names this certificate, and is signed with another key, draws AADSTS700027:
    the key is found, and the signature does not verify.

    Find the key that the certificate was made with. `openssl pkey -in app.key -pubout` and
    `openssl x509 -in app.pem -noout -pubkey` print the same text if they belong together. If the
    key is lost, make a new certificate with a new one.
    """
    return tuple(
        _mismatch(ctx, key)
        for key in ctx.keys
        if not any(each.key == key.key for each in ctx.judged)
    )


@rule(
    "certificate-is-a-ca",
    "The certificate is that of a CA",
    severity=Severity.WARNING,
    source="RFC 5280 §4.2.1.9",
)
def certificate_is_a_ca(ctx: CertContext) -> tuple[Problem, ...]:
    """What is registered on an app is the certificate that it signs with itself.

    This one is there to issue others: it is a CA's that another CA has issued, or its key may sign
    certificates and nothing else. Entra ID compares thumbprints, and takes nothing that this CA
    issued in its place. A self-signed certificate that says `CA:TRUE` is fine: `openssl req -x509`
    writes that into each.

    Register the app's own certificate: `az ad app credential reset --id APP --cert @cert.pem
    --append`.
    """
    return tuple(
        Problem(
            at=candidate.label,
            message=f"{candidate.label}, {found.subject}, is there to issue certificates",
            fix="give the certificate that it issued for the app, and register that one",
            expected="the certificate the app signs with",
            actual="a CA's certificate",
        )
        for candidate in ctx.judged
        if (found := candidate.certificate)
        and ((found.is_ca and found.issuer != found.subject) or candidate in ctx.certifiers)
    )


@rule(
    "chain-out-of-order",
    "The leaf does not come first in its file",
    severity=Severity.WARNING,
    source="RFC 7515 §4.1.6",
)
def chain_out_of_order(ctx: CertContext) -> tuple[Problem, ...]:
    """In a PEM file with several certificates the one to sign with comes first, then its issuer.

    Libraries take the thumbprint from the first block, and put the blocks into `x5c` as they come.
    With another certificate in front, Entra ID is sent the thumbprint of one that is not
    registered.

    Put the leaf first: `cat app.pem issuer.pem > chain.pem`.
    """
    found: list[Problem] = []
    for leaf in ctx.judged:
        file, first = _first_beside(ctx, leaf)
        if first is not None and first not in ctx.judged:
            found.append(
                Problem(
                    at=leaf.label,
                    message=f"{file} begins with {first.label}, and {leaf.label}, which is the "
                    "one to sign with, comes after it",
                    fix=f"move {leaf.label} to the front of {file}, and its issuer behind it",
                    expected=_subject(leaf),
                    actual=_subject(first),
                )
            )
    return tuple(found)


@same_fault(registration.no_keys_registered)
def no_keys_registered(ctx: CertContext) -> tuple[Problem, ...]:
    """Of a certificate that is given: it is to be the first."""
    app = ctx.registration
    if app is None or app.keys != () or app.passwords != () or app.has_trusted_subjects:
        return ()
    said = "neither a certificate nor a secret is registered"
    return tuple(_first(ctx, app, each, said) for each in ctx.unregistered)


@same_fault(registration.no_certificate_registered, unless=("no-keys-registered",))
def no_certificate_registered(ctx: CertContext) -> tuple[Problem, ...]:
    """Of a certificate that is given: it is to be the first."""
    app = ctx.registration
    if app is None or app.keys != () or app.has_trusted_subjects:
        return ()
    count = len(app.passwords or ())
    only = f"only {count} {'secret is' if count == 1 else 'secrets are'} registered, "
    said = f"{only}no certificate," if count else "no certificate is registered"
    return tuple(_first(ctx, app, each, said) for each in ctx.unregistered)


@same_fault(app_rules.key_is_not_a_certificate)
def key_is_not_a_certificate(ctx: CertContext) -> tuple[Problem, ...]:
    """Of the key of a certificate that is given, where that alone is registered."""
    return tuple(
        Problem(
            at=credential.label,
            message=f"{credential.display_name or credential.label} holds the public key of "
            f"{each.label}, and no certificate",
            fix=_registering(ctx, each, each.label),
            expected="a certificate",
            actual="a public key",
            severity=Severity.ERROR,
        )
        for each in ctx.unregistered
        if (credential := _bare_key_of(ctx, each))
    )


@same_fault(
    registration.certificate_not_registered,
    unless=("no-keys-registered", "no-certificate-registered"),
)
def certificate_not_registered(ctx: CertContext) -> tuple[Problem | Undecided, ...]:
    """Of a certificate that is given, whether or not anything was signed with it."""
    app = ctx.registration
    if app is None:
        return ()
    unknown = ctx.unregistered
    if app.has_trusted_subjects and unknown:
        why = f"{app.label} trusts certificates by subject name, which is not checked here"
        return (Undecided(why=why, decisive=True),)
    open_ends = [each.label for each in ctx.unplaced if each.role is Role.REGISTERED]
    unread = (credential for each in ctx.judged if (credential := each.credential))
    return (
        *(_unregistered(ctx, app, each) for each in unknown if not _bare_key_of(ctx, each)),
        *([_undecided(app, open_ends)] if open_ends else []),
        *(
            Undecided(why=f"what is registered as {each.label} cannot be read", decisive=True)
            for each in unread
            if each.content is Content.UNREADABLE
        ),
    )


def _on_app(known: Rule[AppContext]) -> Rule[CertContext]:
    """Return `known`, on how the app or the certificate is registered, as no more than a warning."""

    @same_fault(known)
    def find(ctx: CertContext) -> tuple[Problem, ...]:
        keys = (ctx.registration.keys or ()) if ctx.registration else ()
        others = {key.label for key in keys if not any(is_of(key, each) for each in ctx.judged)}
        found = (item for each in ctx.judged for item in beside(known, _deploying(ctx, each)))
        # Two certificates are on one app.
        return tuple(dict.fromkeys(item for item in found if item.at not in others))

    return find


def _deploying(ctx: CertContext, candidate: Candidate) -> PreflightContext:
    return PreflightContext(
        certificate=candidate,
        registration=ctx.registration,
        client_id=ctx.client_id,
        now=ctx.now,
        min_days=ctx.min_days,
    )


def _bare_key_of(ctx: CertContext, candidate: Candidate) -> KeyCredential | None:
    """Return where the key of the certificate `candidate` is registered without it."""
    keys = (ctx.registration.keys or ()) if ctx.registration else ()
    return next(
        (
            each
            for each in keys
            if each.content is Content.PUBLIC_KEY
            and each.candidate
            and each.candidate.key == candidate.key
        ),
        None,
    )


def _first(ctx: CertContext, app: Registration, candidate: Candidate, said: str) -> Problem:
    name = f"app {app.app_id}" if app.app_id else "the app"
    return Problem(
        at=candidate.label,
        message=f"{said} on {name}, by {app.label}",
        fix=_registering(ctx, candidate, candidate.label),
        expected="a certificate in keyCredentials",
        actual="none",
    )


def _registering(ctx: CertContext, candidate: Candidate, what: str = "it") -> str:
    """Say how to register `candidate`, called `what`, or what else where that would not help."""
    held = candidate.certificate
    if held is None:
        return "register a certificate of this key, for that is what Entra ID takes"
    anew = f"register a new certificate in its place: {register_command(ctx.client_id, 'new.pem')}"
    if held.not_after < ctx.now:
        return f"{anew}; this one has ended"
    if not candidate.key_text.startswith("RSA "):
        return f"{anew}; this one has no RSA key"
    way = f"register {what}: {way_to_register(ctx.client_id, candidate.label)}"
    if held.not_before > ctx.now:
        return f"{way}; it serves from {date(held.not_before)} on"
    return way


def is_registered_key(app: Registration, candidate: Candidate) -> bool:
    """Tell whether the key of `candidate` is that of a registered certificate."""
    return any(
        each.candidate is not None and each.candidate.key == candidate.key
        for each in app.keys or ()
    )


def way_to_register(app_id: str | None, label: str) -> str:
    """Return how to add the certificate called `label` to the app `app_id`; out of a file first.

    `az` takes a PEM file, of which the one certificate in it is meant.
    """
    place = _ENTRY.fullmatch(label)
    if place is None or not _PLAIN_NAME.fullmatch(place["file"]):
        return register_command(app_id, label)
    file, number = place["file"], int(place["index"]) + 1
    if file.endswith((".pfx", ".p12")) and number == 1:
        return register_command(app_id, file)
    first = f"save {label}, which is certificate number {number} in it, as cert.pem"
    if file.endswith((".pem", ".crt", ".cer")) and number == 1:
        first = f"`openssl x509 -in {file} -out cert.pem`"
    return f"{first}, then {register_command(app_id)}"


def _mismatch(ctx: CertContext, key: Candidate) -> Problem:
    owners = [
        each
        for each in (*ctx.candidates, *ctx.others)
        if each.certificate is not None and each.key == key.key
    ]
    labels = listed([each.label for each in ctx.judged], last="or")
    if owners:
        said = f"{key.label} belongs to {owners[0].label}, not to {labels}"
        fix = f"use {owners[0].label} with it, or find the private key of {labels}"
    else:
        said = f"{key.label}, {key.key_text}, does not belong to {labels}"
        fix = (
            f"find the private key of {labels}: `openssl pkey -in KEY -pubout` prints the same as "
            "`openssl x509 -in CERTIFICATE -noout -pubkey`"
        )
    return Problem(
        at=key.label,
        message=said,
        fix=fix,
        expected=f"the private key of {labels}",
        actual=f"that of {owners[0].label}" if owners else None,
    )


def _first_beside(ctx: CertContext, leaf: Candidate) -> tuple[str, Candidate | None]:
    """Return the PEM file that `leaf` comes after another certificate in, and the first in it."""
    place = _ENTRY.fullmatch(leaf.label)
    # Only in PEM the order is that of whoever wrote it: elsewhere libraries go by the private key.
    if place is None or leaf.certificate is None or leaf.certificate.text is None:
        return leaf.label, None
    name = f"{place['file']}[0]"
    first = next((each for each in ctx.candidates if each.label == name), None)
    return place["file"], first


def _subject(candidate: Candidate) -> str | None:
    return candidate.certificate.subject if candidate.certificate else None


def _subjects(app: Registration) -> list[str | None]:
    return [_subject(each.candidate) for each in app.keys or () if each.candidate]


def _undecided(app: Registration, labels: Sequence[str]) -> Undecided:
    asked = f"whether {listed(labels)} {'is' if len(labels) == 1 else 'are'} registered"
    if app.source is Source.SERVICE_PRINCIPAL:
        return Undecided(
            why=f"{asked}: {app.label} is a service principal, which does not show the keys of its "
            f"app; `az ad app show --id {app_or_placeholder(app.app_id)} > app.json` does",
            decisive=True,
        )
    lacking = "keyCredentials" if app.keys is None else "the keys themselves"
    if any(name.lower().startswith("keycredential") for name in app.cut_off):
        return Undecided(
            why=f"{asked}: {lacking} were cut off in {app.label}; {AGAIN}", decisive=True
        )
    return Undecided(
        why=f"{asked}: {app.label} does not hold {lacking}; export it with `{export_command(app)}`",
        decisive=True,
    )


def _unregistered(ctx: CertContext, app: Registration, candidate: Candidate) -> Problem:
    given_away = registration.private_key_of(app, candidate)
    held, said = candidate.certificate, f"{candidate.label} is not among the keys of {app.label}"
    if held and held.issuer != held.subject and held.issuer in _subjects(app):
        said += ", but the certificate of its issuer is"
    if given_away:
        said += f": {given_away.display_name or given_away.label} has its thumbprint, and holds a "
        said += "private key in its place"
    return Problem(
        at=candidate.label,
        message=said,
        fix="that private key is no secret any more: make a new one, and register its certificate "
        f"with {register_command(ctx.client_id, 'new.pem')}; then remove that registration"
        if given_away
        else _registering(ctx, candidate),
        expected=f"{held.sha1.hex().upper()} among the registered keys" if held else None,
        actual=listed([registration.thumbprint_of(each) for each in app.keys or ()]),
        aadsts=(seen("700027", NOT_FOUND),),
    )


RULES: tuple[Rule[CertContext], ...] = (
    key_does_not_match_certificate,
    *registration.KEYS,
    *certificate.RULES,
    certificate_is_a_ca,
    chain_out_of_order,
    no_keys_registered,
    no_certificate_registered,
    key_is_not_a_certificate,
    certificate_not_registered,
    *map(_on_app, ON_APP),
)
