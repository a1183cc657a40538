"""Before deploying: whether key, certificate and registration go together, by a real signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from assertcheck.aadsts.reasons import NOT_FOUND
from assertcheck.checker import run
from assertcheck.keys.bare_key import bare_key
from assertcheck.keys.registered import match, read_registration, unknown_keys
from assertcheck.keys.validity import State, state_at, window_of
from assertcheck.model import (
    Clock,
    Expected,
    Finding,
    Outcome,
    PasteKind,
    Report,
    Role,
    Submission,
    Trial,
    Verdict,
)
from assertcheck.report import report_on
from assertcheck.rules import cert as cert_rules
from assertcheck.rules import certificate, key_identifier, registration, signature
from assertcheck.rules.cert import CertContext, key_does_not_match_certificate
from assertcheck.rules.preflight import (
    ON_APP,
    RULES,
    PreflightContext,
    beside,
    key_is_not_a_certificate,
    registration_of_another,
)
from assertcheck.rules.rule import C, Rule, likely
from assertcheck.signing import LIFETIME, KeyPair, addressed, assertion_of, read_pair
from assertcheck.summary import clock_at, errors_in, in_order, key_facts, predict

if TYPE_CHECKING:
    from assertcheck.graph import KeyCredential, Registration
    from assertcheck.keys.files import KeySource
    from assertcheck.keys.password import Password
    from assertcheck.model import Candidate

MIN_DAYS = 30
_ON_CERTIFICATE = (*registration.KEYS, *certificate.RULES)
_OF_SIGNER = frozenset(
    rule.id
    for rule in (
        *_ON_CERTIFICATE,
        *key_identifier.RULES,
        *signature.RULES,
        *registration.RULES,
        *RULES,
        key_is_not_a_certificate,
    )
) - {"registration-undecidable"}
"""What `verify` says of whoever signed, which nobody is to hear who holds the wrong key."""
_NOT_REGISTERED = (
    cert_rules.no_keys_registered,
    cert_rules.no_certificate_registered,
    cert_rules.key_is_not_a_certificate,
    cert_rules.certificate_not_registered,
)
"""What says so of a certificate that nothing was signed with."""
_UNREGISTERED = frozenset(rule.id for rule in registration.APP) - _OF_SIGNER
"""What tells why no certificate can be found on the app."""


def preflight(
    cert: KeySource,
    *,
    key: KeySource | None = None,
    app: KeySource | None = None,
    client_id: str | None = None,
    tenant: str | None = None,
    cloud: str | None = None,
    token_url: str | None = None,
    alg: str = "PS256",
    x5c: bool = False,
    password: Password = None,
    at: datetime | None = None,
    min_days: int | None = MIN_DAYS,
) -> Report:
    """Say whether Entra ID would take what this key signs, before it is deployed.

    An assertion is signed as `sign` does, from the same arguments, and judged as `diagnose` does,
    against `app`, an export of what is registered; it never leaves this function. `client_id` and
    `tenant` may be left out where the export has them. Besides, the report says what ends within
    `min_days`, and what else is on the app. `at` is the clock, aware; without it the present.

    Raise `CertificateError` if a file cannot serve, and `AssertcheckError` if a value is missing
    or makes no sense. A key that does not belong to the certificate is a finding.
    """
    registered = read_registration(app, (client_id,)) if app is not None else None
    owner = registered.tenant if registered and not tenant and token_url is None else None
    expected = addressed(
        client_id=client_id or (registered.app_id if registered else None),
        tenant=tenant or owner,
        cloud=cloud,
        token_url=token_url,
    )
    pair = read_pair(cert, key, password)
    clock = _clock(at)
    candidates = _candidates(pair)
    placed = match(candidates, registered, now=clock.now) if registered else candidates
    ctx = PreflightContext(
        certificate=placed[0],
        registration=registered,
        client_id=str(expected.client_id),
        now=clock.now,
        min_days=min_days,
        perhaps=_perhaps(registered, placed),
    )
    public = _public_half(pair)
    mismatch = _mismatch(pair, public, placed, ctx)
    if not pair.key.key_text.startswith("RSA "):
        # It can sign nothing that Entra ID takes, and a rule says so.
        return _fitted(_unsigned(mismatch, placed, ctx, clock), placed, expected, ctx)
    text = assertion_of(
        pair.key,
        placed[0],
        expected=expected,
        alg=alg,
        x5c=pair.certificates if x5c else (),
        lifetime=LIFETIME,
        now=clock.now,
    )
    judged = report_on(
        Submission(assertion=text, kind=PasteKind.JWT, removed=()),
        candidates if pair.own else (*candidates, public),
        expected=expected,
        clock=clock,
        min_days=min_days,
        registration=registered,
    )
    report = _joined(judged, mismatch, ctx)
    if report.verdict is Verdict.ACCEPTED and registered and owner:
        assumed = (
            f"the app signs in to tenant {owner}, which owns it by {registered.label}: give "
            "another one with --tenant"
        )
        report = replace(report, assumes=(*report.assumes, assumed))
    return _fitted(report, placed, expected, ctx)


def _fitted(
    report: Report, placed: Sequence[Candidate], expected: Expected, ctx: PreflightContext
) -> Report:
    """Return `report` with fixes for who gives options and files."""
    findings = tuple(_doable(item, placed, expected, ctx) for item in report.findings)
    return replace(report, cause=findings[0] if report.cause else None, findings=findings)


def _doable(
    item: Finding, placed: Sequence[Candidate], expected: Expected, ctx: PreflightContext
) -> Finding:
    """Return `item` with a fix for who gives options and files: the assertion is made here."""
    deployed = placed[0]
    certificate = deployed.certificate
    is_self_signed = certificate is not None and certificate.issuer == certificate.subject
    register = registration.registering(ctx, deployed, deployed.label)
    match item.id:
        case "iss-is-object-id":
            fix = f"give the application (client) id: --client-id {item.expected}"
        case "iss-is-tenant-id" | "client-id-format":
            fix = "give the application (client) id as --client-id, and the tenant as --tenant"
        case "registration-of-another-app":
            fix = item.fix.replace("set iss and sub to ", "give --client-id ", 1)
        case "x5t-of-renewed-cert-same-key":
            fix = f"{register}{_or_deploy(placed, ctx)}"
        case "sni-needs-x5c" if is_self_signed:
            fix = f"{register}; or deploy a certificate that a CA issued, with --x5c"
        case "sni-needs-x5c":
            fix = "add --x5c, and have the app send the certificate along as well"
        case "sni-self-signed":
            besides = "" if deployed.credential else f", and {register}"
            fix = f"leave --x5c out{besides}; or deploy a certificate that a CA issued, with --x5c"
        case _ if item.at == "claims.aud" and expected.tenant:
            cloud = f" --cloud {expected.cloud}" if expected.cloud else ""
            fix = f"give --tenant {expected.tenant}{cloud} in place of --token-url"
        case _:
            return item
    return replace(item, fix=fix)


def _or_deploy(placed: Sequence[Candidate], ctx: PreflightContext) -> str:
    """Say which certificate of the same key to deploy, if one is registered and valid."""
    twin = next(
        (
            each
            for each in placed[1:]
            if each.certificate
            and each.credential
            and each.key == placed[0].key
            and state_at(window_of(each.credential), ctx.now) not in (State.EXPIRED, State.NOT_YET)
        ),
        None,
    )
    if twin is None or twin.certificate is None:
        return ""
    return f"; or deploy the one that is: {twin.certificate.sha1.hex().upper()}, {twin.label}"


def _clock(at: datetime | None) -> Clock:
    clock = clock_at(at)
    # The assertion begins when the clock says: none of it has passed.
    return replace(clock, now=clock.now.replace(microsecond=0))


def _candidates(pair: KeyPair) -> tuple[Candidate, ...]:
    """Return the certificate that is to be deployed, then the others, which only explain."""
    deployed = pair.own or pair.certificates[0]
    others = (replace(each, role=Role.ALSO) for each in pair.certificates if each is not deployed)
    return (replace(deployed, role=Role.REGISTERED), *others)


def _found(rules: Sequence[Rule[C]], ctx: C) -> tuple[Finding, ...]:
    return run(rules, lambda rule, _: rule.find(ctx), lambda _: True)[0]


def _of_app(ctx: PreflightContext) -> tuple[Finding, ...]:
    """Return what is wrong with the registration besides; this key can be right all the same."""
    return run(ON_APP, lambda rule, _: beside(rule, ctx), lambda _: True)[0]


def _perhaps(
    registered: Registration | None, placed: Sequence[Candidate]
) -> tuple[KeyCredential, ...]:
    """Return the registered keys that the certificate, the first of `placed`, may be one of."""
    is_open = placed[0].role is Role.REGISTERED and placed[0].credential is None
    return unknown_keys(registered, placed) if registered and is_open else ()


def _public_half(pair: KeyPair) -> Candidate:
    is_one_file = pair.key.certificates == pair.certificates
    label = f"{pair.key.label}[key 0]" if is_one_file else pair.key.label
    return bare_key(pair.key.key.public_key(), label=label, role=Role.ALSO)


def _mismatch(
    pair: KeyPair, public: Candidate, placed: tuple[Candidate, ...], ctx: PreflightContext
) -> tuple[Finding, ...]:
    """Say whose the key is, if it is not the certificate's, and that this is not registered.

    Where the key belongs to one that is registered, there is no use in registering the other.
    """
    leaves = tuple(each for each in pair.certificates if each.role is Role.REGISTERED)
    context = CertContext(
        candidates=placed,
        judged=placed[:1] if pair.own else leaves,
        keys=(public,),
        others=pair.key.certificates,
        certifiers=(),
        registration=ctx.registration,
        now=ctx.now,
        min_days=ctx.min_days,
    )
    found = _found((key_does_not_match_certificate,), context)
    if placed[0].role is not Role.HELD:
        return found
    # Entra ID looks the certificate up before it verifies.
    found = tuple(replace(item, aadsts=(likely("700027", NOT_FOUND),)) for item in found)
    if not found or any(each.credential and each.key == public.key for each in placed):
        return found
    unregistered = _found(_NOT_REGISTERED, replace(context, judged=placed[:1]))
    return (*unregistered, *found)


def _joined(report: Report, mismatch: Sequence[Finding], ctx: PreflightContext) -> Report:
    """Return `report` with what it could not know, and without what only follows from that."""
    if not mismatch:
        # Unless days are asked for, an assertion alone is not judged by what is to come.
        ahead = _found(RULES, ctx) if ctx.min_days is None else ()
        return replace(report, findings=in_order((*report.findings, *ahead)), submission=None)
    kept = [item for item in report.findings if item.id not in _OF_SIGNER]
    is_another_app = any(item.id == "registration-of-another-app" for item in kept)
    ahead = () if is_another_app else _found(RULES, ctx)
    if any(item.id in _UNREGISTERED for item in kept):
        # That the certificate is not registered stands before it, and is said already.
        mismatch, ctx = mismatch[-1:], _unplaced(ctx)
    findings = in_order((*kept, *_found(_ON_CERTIFICATE, ctx), *mismatch, *ahead))
    known = report.prediction
    return replace(
        report,
        verdict=Verdict.REFUSED,
        assumes=(),
        cause=findings[0],
        prediction=predict(errors_in(findings), thumbprint=known.thumbprint if known else None),
        findings=findings,
        not_checked=tuple(item for item in report.not_checked if item.id not in _OF_SIGNER),
        submission=None,
    )


def _unplaced(ctx: PreflightContext) -> PreflightContext:
    """Return `ctx` without the registration of the certificate, which is none on this app."""
    found = ctx.certificate
    return replace(ctx, certificate=found and replace(found, credential=None))


def _unsigned(
    mismatch: Sequence[Finding],
    placed: Sequence[Candidate],
    ctx: PreflightContext,
    clock: Clock,
) -> Report:
    """Return the report where there is no assertion to judge: on the certificate alone."""
    another = _found((registration_of_another,), ctx)
    more = another or (*_found(RULES, ctx), *_of_app(ctx))
    if another:
        # What is registered on another app says nothing of this one.
        mismatch, ctx = mismatch[-1:], _unplaced(ctx)
    findings = in_order((*_found(_ON_CERTIFICATE, ctx), *mismatch, *more))
    trials = (
        Trial(candidate=each, outcome=Outcome.NOT_TRIED, why="nothing was signed")
        for each in placed
    )
    has_registration = ctx.registration is not None
    return Report(
        verdict=Verdict.REFUSED,
        assumes=(),
        cause=findings[0],
        prediction=predict(errors_in(findings)),
        findings=findings,
        not_checked=(),
        assertion=None,
        keys=tuple(key_facts(trial, has_registration=has_registration) for trial in trials),
        submission=None,
        clock=clock,
        judged_at=clock.now,
    )
