"""From a paste and the keys to the whole answer: verdict, cause, prediction, facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from assertcheck.authority import CLOUD_HOSTS, MULTI_TENANT, is_guid, read_endpoint
from assertcheck.checker import check
from assertcheck.decoder import decode
from assertcheck.errors import AssertcheckError
from assertcheck.intake import read_paste
from assertcheck.keys.files import collapsed, parse_keys, read_keys
from assertcheck.keys.header import x5c_entries
from assertcheck.kind import kind_of
from assertcheck.model import (
    AssertionFacts,
    AssertionKind,
    Candidate,
    Clock,
    Confidence,
    EntraCode,
    Expected,
    Finding,
    KeyFacts,
    NotChecked,
    Outcome,
    Prediction,
    Report,
    ReturnedError,
    Role,
    Severity,
    Submission,
    Trial,
    Verdict,
)
from assertcheck.numericdate import instant, last_valid_moment
from assertcheck.rules import RULES
from assertcheck.rules.returned import answered_at, explains
from assertcheck.rules.rule import Context
from assertcheck.verifier.autopsy import examine
from assertcheck.verifier.thumbprint import entra_thumbprint, named_candidates, read_identifiers
from assertcheck.verifier.trials import try_candidates

if TYPE_CHECKING:
    from assertcheck.keys.password import Password

LEEWAY = timedelta(seconds=300)
"""ENTRA: undocumented; the smallest refusal seen is 5 min 28 s after `exp`."""
_SEVERITIES = tuple(Severity)
_MENDED_BY_TIME = ("not-yet-valid", "certificate-not-yet-valid")
"""What cannot be the cause any more once an assertion has expired."""

T = TypeVar("T")
KeySource = str | Path | bytes
"""The path of a key file or of a folder of them, or the octets of a file."""


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
) -> Report:
    """Say whether Entra ID would take the assertion in `paste`, and if not, why and what to do.

    `certs` are what Entra ID is taken to have registered; `also` are other certificates, tried
    only to explain; each a file, a folder of them, or the octets of one. `password` opens those
    that need it: text, octets in UTF-8, or what to call for it with the name of the file.
    `client_id`, `tenant` (GUID or domain), `token_url` and `cloud` (`public`, `usgov`, `china`)
    are what the token request carries. `error` is the error that was returned, where it is not in
    `paste`. `at` is the clock, aware; without it the time in that error, else the present, and
    then an expired assertion is judged as of its last valid moment where something else is wrong
    with it. Warn of a certificate that ends within `min_days`.

    Raise `InputError` if there is no text, `CertificateError` if a key file cannot serve, and
    `AssertcheckError` if an expected value makes no sense. A bad assertion is a report.
    """
    given = expect(client_id=client_id, tenant=tenant, token_url=token_url, cloud=cloud)
    submission = _with_error(read_paste(paste), error)
    expected = _completed(given, submission)
    candidates = collapsed(
        (
            *_candidates(certs, Role.REGISTERED, password),
            *_candidates(also, Role.ALSO, password),
        )
    )
    clock = _clock(at or _answered_at(submission, leeway), leeway)
    return report_on(submission, candidates, expected=expected, clock=clock, min_days=min_days)


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


def _with_error(submission: Submission, error: str | bytes | None) -> Submission:
    """Return `submission` with the error that was returned, if one is given beside it."""
    if error is None:
        return submission
    from assertcheck.aadsts.parser import as_text, find_error

    found = find_error(error if isinstance(error, str) else as_text(error))
    if found is None:
        raise AssertcheckError(
            "the error that was given holds no AADSTS code",
            hint="give the text that Entra ID returned, with `AADSTS` and the number in it",
        )
    return replace(submission, error=found)


def _answered_at(submission: Submission, leeway: timedelta) -> datetime | None:
    """Return when Entra ID refused the assertion, as far as an error tells."""
    if submission.error is None:
        return None
    return answered_at(submission.error, decode(submission.assertion).claims, leeway)


def _clock(given: datetime | None, leeway: timedelta) -> Clock:
    if given is not None and not 1970 <= given.year <= 9000:
        raise AssertcheckError(
            "the clock is out of range", hint="give a time between the years 1970 and 9000"
        )
    return Clock(now=given or datetime.now(UTC), given=given is not None, leeway=leeway)


def expect(
    *, client_id: str | None, tenant: str | None, token_url: str | None, cloud: str | None
) -> Expected:
    """Return what the request is expected to carry; `token_url` gives tenant and cloud too.

    Raise `AssertcheckError` for a value that no request could carry, without echoing it: it may
    be an assertion that was put in the wrong place.
    """
    if client_id is not None and not is_guid(client_id):
        raise AssertcheckError(
            "the client id is not a GUID",
            hint="copy Application (client) ID from the app's overview in the portal",
        )
    if tenant is not None and not _is_tenant(tenant):
        raise AssertcheckError(
            "the tenant is neither a GUID nor a domain name",
            hint="copy Directory (tenant) ID, or a domain such as contoso.onmicrosoft.com",
        )
    if cloud is not None and cloud not in CLOUD_HOSTS:
        raise AssertcheckError("there is no such cloud", hint="choose public, usgov or china")
    if token_url is not None:
        endpoint = read_endpoint(token_url)
        if endpoint is None or endpoint.scheme != "https":
            raise AssertcheckError(
                "the token URL is not an https URL",
                hint="give the URL the request is posted to, such as "
                "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token",
            )
        tenant = tenant or endpoint.tenant or None
        cloud = cloud or endpoint.cloud
    return Expected(client_id=client_id, tenant=tenant, token_url=token_url, cloud=cloud)


def report_on(
    submission: Submission,
    candidates: Sequence[Candidate],
    *,
    expected: Expected,
    clock: Clock,
    min_days: int | None,
) -> Report:
    """Return the report on `submission`, with `candidates` as the keys that may have signed it."""
    assertion = decode(submission.assertion)
    keys = (
        *candidates,
        *(item.candidate for item in x5c_entries(assertion.header) if item.candidate),
    )
    trials = try_candidates(assertion, keys)
    thumbprints = read_identifiers(assertion, keys)
    named = named_candidates(thumbprints)
    context = Context(
        assertion=assertion,
        kind=kind_of(assertion),
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
    )
    found, later, not_checked, judged_at = _judge(context, clock)
    errors = tuple(item for item in found if item.severity is Severity.ERROR)
    findings = (*errors, *later, *(item for item in found if item not in errors))
    verdict = _verdict(context, (*errors, *later), not_checked)
    cause = _first((*errors, *later))
    return Report(
        verdict=verdict,
        assumes=_assumptions(context) if verdict is Verdict.ACCEPTED else (),
        cause=cause,
        prediction=_predict(context, errors or later, later if errors else ()),
        findings=findings,
        not_checked=not_checked,
        assertion=_facts(context, clock) if assertion.header or assertion.claims else None,
        keys=tuple(_key_facts(trial) for trial in trials),
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
    findings, not_checked = check(context, RULES)
    moment = last_valid_moment(context.assertion.claims, clock.leeway)
    expired = next((item for item in findings if item.id == "expired"), None)
    returned = context.submission.error
    if expired and not clock.given and moment and not (returned and explains(expired, returned)):
        then, not_checked_then = check(replace(context, now=moment), RULES)
        then = tuple(item for item in then if item.id not in _MENDED_BY_TIME)
        if any(item.severity is Severity.ERROR for item in then):
            known = {item.id for item in then}
            later = (
                replace(item, message=f"by now also: {item.message}")
                for item in findings
                if item.severity is Severity.ERROR and item.id not in known
            )
            return _in_order(then, returned), tuple(later), not_checked_then, moment
    return _in_order(findings, returned), (), not_checked, clock.now


def _in_order(findings: Sequence[Finding], returned: ReturnedError | None) -> tuple[Finding, ...]:
    """Sort as a person should fix them: errors in Entra ID's order of checks, then the rest.

    What explains the error that was returned comes before what would have drawn another.
    """
    is_other = any(item.id == "error-of-another-assertion" for item in findings)

    def place(item: Finding) -> tuple[int, bool, int]:
        is_known = returned is not None and not is_other and explains(item, returned)
        return _SEVERITIES.index(item.severity), not is_known, _rank(item)

    return tuple(sorted(findings, key=place))


def _rank(finding: Finding) -> int:
    if finding.severity is not Severity.ERROR or not finding.aadsts:
        return 0
    from assertcheck.aadsts.catalogue import rank  # an accepted assertion does not pay for it

    return rank(finding.aadsts[0].code)


def _verdict(
    context: Context, errors: Sequence[Finding], not_checked: Sequence[NotChecked]
) -> Verdict:
    if errors:
        return Verdict.REFUSED
    undecided = any(item.decisive for item in not_checked)
    if context.kind is not AssertionKind.CERTIFICATE or undecided or not _fits_one_key(context):
        return Verdict.INCOMPLETE
    return Verdict.ACCEPTED


def _fits_one_key(context: Context) -> bool:
    """Tell whether signature and key identifier fit one and the same registered certificate."""
    named = named_candidates(context.thumbprints)
    return any(
        trial.candidate in named
        for trial in context.trials
        if trial.candidate.role is Role.REGISTERED and trial.outcome is Outcome.VALID
    )


def _is_signed_by_trusted(trials: Sequence[Trial]) -> bool:
    trusted = [trial for trial in trials if trial.candidate.role is Role.REGISTERED] or trials
    return any(trial.outcome is Outcome.VALID for trial in trusted)


def _predict(
    context: Context, errors: Sequence[Finding], later: Sequence[Finding]
) -> Prediction | None:
    cause = _first(errors)
    said = _first(cause.aadsts) if cause else None
    if cause is None or said is None:
        return None
    from assertcheck.aadsts.catalogue import entry

    known = entry(said.code)
    codes = [item.aadsts[0].code for item in (*errors[1:], *later) if item.aadsts]
    return Prediction(
        code=said.code,
        name=known.name if known else None,
        error=known.error if known else None,
        reason=said.reason,
        confidence=Confidence.LIKELY if len(errors) > 1 else said.confidence,
        then=tuple(code for code in dict.fromkeys(codes) if code != said.code),
        thumbprint=_printed_thumbprint(context, said),
    )


def _printed_thumbprint(context: Context, said: EntraCode) -> str | None:
    is_about_key = said.code == "AADSTS700027"
    return entra_thumbprint(context.assertion.header) if is_about_key else None


def _assumptions(context: Context) -> tuple[str, ...]:
    claims = context.assertion.claims
    audience = read_endpoint(str(claims.get("aud")))
    tenant = context.expected.tenant or (audience.tenant if audience else "")
    place = "the tenant you sign in to" if tenant.lower() in MULTI_TENANT else f"tenant {tenant}"
    thumbprints = [
        candidate.certificate.sha1.hex().upper()
        for candidate in named_candidates(context.thumbprints)
        if candidate.role is Role.REGISTERED and candidate.certificate
    ]
    return tuple(
        f"certificate {thumbprint} is registered on app {claims['iss']} in {place}: "
        f"`az ad app credential list --id {claims['iss']} --cert`"
        for thumbprint in dict.fromkeys(thumbprints)
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


def _key_facts(trial: Trial) -> KeyFacts:
    certificate = trial.candidate.certificate
    return KeyFacts(
        label=trial.candidate.label,
        kind="certificate" if certificate else "public-key",
        key=trial.candidate.key_text,
        role=trial.candidate.role,
        subject=certificate.subject if certificate else None,
        not_before=certificate.not_before if certificate else None,
        not_after=certificate.not_after if certificate else None,
        sha1=certificate.sha1.hex().upper() if certificate else None,
        sha256=certificate.sha256.hex().upper() if certificate else None,
        registered=None,
        signature=trial.outcome,
        why=trial.why,
        notes=trial.candidate.notes,
    )


def _candidates(
    sources: Iterable[KeySource], role: Role, password: Password
) -> tuple[Candidate, ...]:
    """Read the key files in `sources`; octets without a name are called `certificate`."""
    found: list[Candidate] = []
    for source in sources:
        if isinstance(source, bytes):
            found += parse_keys(source, label="certificate", role=role, password=password)
        else:
            found += read_keys(Path(source), role, password)
    return tuple(found)


def _is_tenant(tenant: str) -> bool:
    labels = tenant.split(".")
    is_domain = all(label.replace("-", "").isalnum() for label in labels)
    return is_guid(tenant) or (
        is_domain and (len(labels) > 1 or tenant in ("common", "organizations", "consumers"))
    )


def _first(items: Sequence[T]) -> T | None:
    return items[0] if items else None
