"""From a paste and the keys to the whole answer: verdict, cause, prediction, facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from assertcheck.aadsts.reasons import explains
from assertcheck.authority import MULTI_TENANT, read_endpoint
from assertcheck.checker import check
from assertcheck.decoder import decode
from assertcheck.expectation import expect
from assertcheck.intake import read_paste
from assertcheck.keys.files import KeySource, collapsed, read_sources
from assertcheck.keys.header import x5c_entries
from assertcheck.kind import kind_of
from assertcheck.model import (
    AssertionFacts,
    AssertionKind,
    Candidate,
    Clock,
    DecodedAssertion,
    Expected,
    Finding,
    NotChecked,
    Outcome,
    Report,
    Role,
    Severity,
    Submission,
    Trial,
    Verdict,
)
from assertcheck.numericdate import instant, last_valid_moment
from assertcheck.rules import BEFORE_RETURNED, RULES
from assertcheck.rules.returned import RULES as ON_RETURNED
from assertcheck.rules.returned import answered_at
from assertcheck.rules.rule import Context, Rule
from assertcheck.summary import LEEWAY, clock_at, errors_in, in_order, key_facts, predict
from assertcheck.verifier.autopsy import examine
from assertcheck.verifier.thumbprint import entra_thumbprint, named_candidates, read_identifiers
from assertcheck.verifier.trials import try_candidates

if TYPE_CHECKING:
    from assertcheck.graph import FederatedCredential, Registration
    from assertcheck.keys.password import Password

_MENDED_BY_TIME = ("not-yet-valid", "certificate-not-yet-valid")
"""What cannot be the cause any more once an assertion has expired."""

T = TypeVar("T")


def diagnose(
    paste: str | bytes,
    *,
    certs: Iterable[KeySource] = (),
    also: Iterable[KeySource] = (),
    password: Password = None,
    client_id: str | None = None,
    tenant: str | None = None,
    token_url: str | None = None,
    cloud: str | None = None,
    at: datetime | None = None,
    leeway: timedelta = LEEWAY,
    min_days: int | None = None,
    error: str | bytes | None = None,
    app: KeySource | None = None,
    federated: KeySource | None = None,
) -> Report:
    """Say whether Entra ID would take the assertion in `paste`, and if not, why and what to do.

    `certs` are what Entra ID is taken to have registered; `also` are other certificates, tried
    only to explain; each a file, a folder of them, or the octets of one. `app` is an export of what
    it really has registered, as JSON of Graph or `az`; `certs` are then what the client holds. `password` opens those
    that need it: text, octets in UTF-8, or what to call for it with the name of the file.
    `client_id`, `tenant` (GUID or domain), `token_url` and `cloud` (`public`, `usgov`, `china`)
    are what the token request carries. `error` is the error that was returned, where it is not in
    `paste`. `federated` are the app's federated credentials, as JSON of Graph or `az`, for a token
    of another issuer; `certs` are then the keys that issuer publishes. `at` is the clock, aware; without it the time in that error, else the present, and
    then an expired assertion is judged as of its last valid moment where something else is wrong
    with it. Warn of a certificate that ends within `min_days`, and with `app` say what else on it does
    or has, as `preflight` does.

    Raise `InputError` if there is no text, `CertificateError` if a key file cannot serve, and
    `AssertcheckError` if an expected value makes no sense. A bad assertion is a report.
    """
    given = expect(client_id=client_id, tenant=tenant, token_url=token_url, cloud=cloud)
    submission = _with_error(read_paste(paste), error)
    expected = _completed(given, submission)
    given_keys = (
        *read_sources(certs, Role.REGISTERED, password),
        *read_sources(also, Role.ALSO, password),
    )
    candidates = _by_kid(collapsed(given_keys), given_keys)
    clock = clock_at(at or _answered_at(submission, leeway), leeway)
    registration = _registration(app, submission, expected) if app is not None else None
    return report_on(
        submission,
        candidates,
        expected=expected,
        clock=clock,
        min_days=min_days,
        registration=registration,
        federated=_federated(federated) if federated is not None else None,
    )


def _by_kid(kept: Sequence[Candidate], given: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return `kept`, each under every `kid` (RFC 7517 §4.5) that its key was `given` under."""
    named = [each for each in given if each.kid is not None]
    found: list[Candidate] = []
    for candidate in kept:
        kids = dict.fromkeys(
            each.kid for each in named if each.role is candidate.role and each.key == candidate.key
        )
        found += [replace(candidate, kid=kid) for kid in kids] or [candidate]
    return tuple(found)


def _federated(source: KeySource) -> tuple[FederatedCredential, ...]:
    from assertcheck.keys.federated import read_credentials

    return read_credentials(source)


def _completed(given: Expected, submission: Submission) -> Expected:
    """Return what was `given`, completed from the request around the assertion."""
    if submission.request is None:
        return given
    from assertcheck.intake.token_request import expected_from

    seen = expected_from(submission.request)
    return Expected(
        client_id=given.client_id or seen.client_id,
        tenant=given.tenant or seen.tenant,
        token_url=given.token_url or seen.token_url,
        cloud=given.cloud or seen.cloud,
    )


def _registration(app: KeySource, submission: Submission, expected: Expected) -> Registration:
    """Return the registration in `app`: of several, that of the app which signs in."""
    from assertcheck.keys.registered import read_registration

    issuer = decode(submission.assertion).claims.get("iss")
    client_ids = (expected.client_id, issuer if isinstance(issuer, str) else None)
    return read_registration(app, client_ids)


def _with_error(submission: Submission, error: str | bytes | None) -> Submission:
    """Return `submission` with the error that was returned, if one is given beside it."""
    if error is None:
        return submission
    from assertcheck.aadsts.parser import read_error

    return replace(submission, error=read_error(error))


def _answered_at(submission: Submission, leeway: timedelta) -> datetime | None:
    """Return when Entra ID refused the assertion, as far as an error tells."""
    if submission.error is None:
        return None
    return answered_at(submission.error, decode(submission.assertion).claims, leeway)


def report_on(
    submission: Submission,
    candidates: Sequence[Candidate],
    *,
    expected: Expected,
    clock: Clock,
    min_days: int | None,
    registration: Registration | None = None,
    federated: tuple[FederatedCredential, ...] | None = None,
) -> Report:
    """Return the report on `submission`, with `candidates` as the keys that may have signed it.

    With a `registration`, those of them that are registered are told from those only held.
    """
    assertion = decode(submission.assertion)
    kind = kind_of(assertion)
    # What the app has registered does not verify another issuer's token.
    if registration and kind is not AssertionKind.FEDERATED:
        from assertcheck.keys.registered import match

        candidates = match(candidates, registration, now=clock.now)
    keys = (
        *candidates,
        *(item.candidate for item in x5c_entries(assertion.header) if item.candidate),
    )
    trials = try_candidates(assertion, keys)
    thumbprints = read_identifiers(assertion, keys)
    named = named_candidates(thumbprints)
    if kind is AssertionKind.FEDERATED:
        named = tuple(each for each in keys if _is_named_by_kid(each, assertion))
    context = Context(
        assertion=assertion,
        kind=kind,
        submission=submission,
        trials=trials,
        thumbprints=thumbprints,
        autopsy=None
        if _is_signed_by_trusted(trials)
        else examine(assertion, keys, named=_first(named) or _first(keys)),
        expected=expected,
        now=clock.now,
        leeway=clock.leeway,
        min_days=min_days,
        registration=registration,
        federated=federated,
    )
    found, later, not_checked, judged_at = _judge(context, clock)
    errors = errors_in(found)
    findings = (*errors, *later, *(item for item in found if item not in errors))
    verdict = _verdict(context, (*errors, *later), not_checked)
    cause = _first((*errors, *later))
    return Report(
        verdict=verdict,
        assumes=_assumptions(context) if verdict is Verdict.ACCEPTED else (),
        cause=cause,
        prediction=predict(
            errors or later,
            later if errors else (),
            thumbprint=entra_thumbprint(assertion.header),
        ),
        findings=findings,
        not_checked=not_checked,
        assertion=_facts(context, clock) if assertion.header or assertion.claims else None,
        keys=tuple(key_facts(trial, has_registration=registration is not None) for trial in trials),
        submission=submission,
        clock=clock,
        judged_at=judged_at,
    )


def _judge(
    context: Context, clock: Clock
) -> tuple[tuple[Finding, ...], tuple[Finding, ...], tuple[NotChecked, ...], datetime]:
    """Return the findings in order, those that only time has brought, what was not checked, when.

    People paste assertions that have expired since. Where something else is wrong as well, that
    was the cause when it was sent, so it is judged as of its last valid moment.
    """
    rules = _rules(context)
    findings, not_checked = check(context, rules)
    moment = last_valid_moment(context.assertion.claims, clock.leeway)
    expired = next((item for item in findings if item.id == "expired"), None)
    returned = context.submission.error
    if expired and not clock.given and moment and not (returned and explains(expired, returned)):
        then, not_checked_then = check(replace(context, now=moment), rules)
        then = tuple(item for item in then if item.id not in _MENDED_BY_TIME)
        if any(item.severity is Severity.ERROR for item in then):
            known = {item.id for item in then}
            later = (
                replace(item, message=f"by now also: {item.message}")
                for item in findings
                if item.severity is Severity.ERROR and item.id not in known
            )
            return in_order(then, returned), tuple(later), not_checked_then, moment
    return in_order(findings, returned), (), not_checked, clock.now


def _rules(context: Context) -> tuple[Rule[Context], ...]:
    # Imported late, both times: few assertions are another issuer's, and few come with --app.
    if context.kind is AssertionKind.FEDERATED:
        from assertcheck.rules import federated

        return (*RULES, *federated.RULES)
    if context.registration is None:
        return RULES
    from assertcheck.rules import preflight

    return (*BEFORE_RETURNED, *preflight.ON_ASSERTION, *ON_RETURNED)


def _verdict(
    context: Context, errors: Sequence[Finding], not_checked: Sequence[NotChecked]
) -> Verdict:
    if errors:
        return Verdict.REFUSED
    undecided = any(item.decisive for item in not_checked)
    is_judged = context.kind in (AssertionKind.CERTIFICATE, AssertionKind.FEDERATED)
    if not is_judged or undecided or not _fits_one_key(context):
        return Verdict.INCOMPLETE
    return Verdict.ACCEPTED


def _fits_one_key(context: Context) -> bool:
    """Tell whether signature and key identifier fit one and the same registered certificate.

    For another issuer's token, one and the same key that the issuer publishes.
    """
    named = frozenset(named_candidates(context.thumbprints))
    is_federated = context.kind is AssertionKind.FEDERATED
    return any(
        _is_named_by_kid(trial.candidate, context.assertion)
        if is_federated
        else trial.candidate in named
        for trial in context.trials
        if trial.candidate.role is Role.REGISTERED and trial.outcome is Outcome.VALID
    )


def _is_named_by_kid(candidate: Candidate, assertion: DecodedAssertion) -> bool:
    return candidate.kid is not None and candidate.kid == assertion.header.get("kid")


def _is_signed_by_trusted(trials: Sequence[Trial]) -> bool:
    trusted = [trial for trial in trials if trial.candidate.role is Role.REGISTERED] or trials
    return any(trial.outcome is Outcome.VALID for trial in trusted)


def _assumptions(context: Context) -> tuple[str, ...]:
    claims = context.assertion.claims
    if context.kind is AssertionKind.FEDERATED:
        return _federated_assumptions(context)
    audience = read_endpoint(str(claims.get("aud")))
    tenant = context.expected.tenant or (audience.tenant if audience else "")
    place = "the tenant you sign in to" if tenant.lower() in MULTI_TENANT else f"tenant {tenant}"
    thumbprints = [
        candidate.certificate.sha1.hex().upper()
        for candidate in named_candidates(context.thumbprints)
        if candidate.role is Role.REGISTERED
        and candidate.certificate
        and candidate.credential is None
    ]
    return tuple(
        f"certificate {thumbprint} is registered on app {claims['iss']} in {place}: "
        f"`az ad app credential list --id {claims['iss']} --cert`"
        for thumbprint in dict.fromkeys(thumbprints)
    )


def _federated_assumptions(context: Context) -> tuple[str, ...]:
    from assertcheck.aadsts.federating import identity_list_command

    app = context.expected.client_id
    issuer = str(context.assertion.claims["iss"]).rstrip("/")
    whose = f"app {app}" if app else "the app"
    command = f"`az ad app federated-credential list --id {app or 'CLIENT_ID'}`"
    identity = next((each.identity for each in context.federated or () if each.identity), None)
    if identity:
        whose = f"the managed identity {identity.name}"
        command = identity_list_command(identity)
    return (
        f"the federated credentials given are those of {whose} that signs in: {command}",
        "the keys given are those the issuer publishes now, at the jwks_uri of "
        f"{issuer}/.well-known/openid-configuration",
    )


def _facts(context: Context, clock: Clock) -> AssertionFacts:
    assertion = context.assertion
    expires = instant(assertion.claims.get("exp"))
    return AssertionFacts(
        kind=context.kind,
        header=assertion.header,
        claims=assertion.claims,
        fingerprint=assertion.fingerprint,
        issued=instant(assertion.claims.get("iat")),
        not_before=instant(assertion.claims.get("nbf")),
        expires=expires,
        seconds_left=int((expires - clock.now).total_seconds()) if expires else None,
    )


def _first(items: Sequence[T]) -> T | None:
    return items[0] if items else None
