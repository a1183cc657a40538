"""From a pasted SAML request and the certificates to the whole answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assertcheck.aadsts.parser import read_error
from assertcheck.checker import run
from assertcheck.errors import AssertcheckError, CertificateError
from assertcheck.graph import Registration
from assertcheck.keys.files import KeySource, collapsed, read_sources
from assertcheck.keys.registered import joined, match, read_all
from assertcheck.model import (
    Candidate,
    Clock,
    Confidence,
    EntraCode,
    Finding,
    NotChecked,
    Outcome,
    Report,
    Role,
    Submission,
    Trial,
    Verdict,
)
from assertcheck.rules.rule import Found, Rule
from assertcheck.saml.decoder import decode_request
from assertcheck.saml.intake import read_saml
from assertcheck.saml.model import (
    ASSERTION,
    PROTOCOL,
    Binding,
    Message,
    SamlFacts,
    SamlRequest,
    SamlSubmission,
    SamlVerification,
)
from assertcheck.saml.query_signature import query_signature, verify_query
from assertcheck.saml.redaction import (
    Secrets,
    redacted,
    redacted_findings,
    redacted_root,
    redacted_signature,
    redacted_unchecked,
    secrets_of,
)
from assertcheck.saml.rules import RULES
from assertcheck.saml.rules.context import SamlContext
from assertcheck.saml.rules.returned import accounts_for
from assertcheck.saml.xml_signature import verify_xml, xml_signatures
from assertcheck.summary import clock_at, errors_in, in_order, key_facts, predict

if TYPE_CHECKING:
    from assertcheck.keys.password import Password

_MADE = "made the signature, which does not verify"
"""How a key fared that is proven to have signed something else, or otherwise."""


def diagnose_saml(
    paste: str | bytes,
    *,
    certs: Iterable[KeySource] = (),
    also: Iterable[KeySource] = (),
    app: KeySource | None = None,
    password: Password = None,
    binding: str | None = None,
    error: str | bytes | None = None,
    at: datetime | None = None,
    min_days: int | None = None,
) -> Report:
    """Say whether Entra ID would take the SAML sign-in request in `paste`, and if not, why.

    `paste` is a redirect URL, a form, the value of `SAMLRequest` or the XML. `certs` are the app's
    verification certificates, `also` others, tried only to explain; `app` is an export of the
    application, which says whether requests have to be signed. `binding` is `redirect` or `post`,
    where the paste does not show it. `error` is the error that was returned; `at` is the clock,
    aware.

    Raise `InputError` if there is no text, `CertificateError` if a file cannot serve, and
    `AssertcheckError` if an option makes no sense. A bad request is a report.
    """
    if binding not in (None, *Binding):
        raise AssertcheckError("there is no such binding", hint="choose redirect or post")
    clock = clock_at(at)
    given = Binding(binding) if binding else None
    submission = read_saml(paste, binding=given)
    if error is not None:
        submission = replace(submission, error=read_error(error))
    request = decode_request(submission)
    candidates = collapsed(
        (
            *read_sources(certs, Role.REGISTERED, password),
            *read_sources(also, Role.ALSO, password),
        )
    )
    registration = None
    if app is not None:
        registration = _for_requests(_chosen(joined(read_all(app)), request))
        candidates = match(candidates, registration, now=clock.now)
    context = context_of(
        submission,
        request,
        candidates,
        registration=registration,
        binding=given or submission.binding,
        now=clock.now,
        min_days=min_days,
    )
    return _report(context, clock)


def context_of(
    submission: SamlSubmission,
    request: SamlRequest,
    candidates: Sequence[Candidate],
    *,
    registration: Registration | None,
    binding: Binding | None,
    now: datetime,
    min_days: int | None = None,
) -> SamlContext:
    """Return what the rules look at, both signatures tried with all `candidates`."""
    secrets = secrets_of(submission, request.root)
    query, xml = _verified(submission, request, candidates, binding)
    signatures = xml_signatures(request.root) if request.root else ()
    return SamlContext(
        submission=submission,
        request=replace(request, root=request.root and redacted_root(request.root, secrets)),
        binding=binding,
        query=query and replace(query, signature=redacted_signature(query.signature, secrets)),
        xml=xml and replace(xml, signature=redacted_signature(xml.signature, secrets)),
        signatures=tuple(redacted_signature(each, secrets) for each in signatures),
        secrets=secrets,
        candidates=tuple(candidates),
        registration=registration and _redacted_names(registration, secrets),
        now=now,
        min_days=min_days,
    )


def _redacted_names(registration: Registration, secrets: Secrets) -> Registration:
    """Return `registration` with addresses as they are shown, to compare with those of a request.

    What stands for a password in one stands for it in the other.
    """
    identifier_uris, service_principal_names, reply_urls = (
        tuple(redacted(each, secrets) for each in names)
        for names in (
            registration.identifier_uris,
            registration.service_principal_names,
            registration.reply_urls,
        )
    )
    return replace(
        registration,
        identifier_uris=identifier_uris,
        service_principal_names=service_principal_names,
        reply_urls=reply_urls,
    )


def _verified(
    submission: SamlSubmission,
    request: SamlRequest,
    candidates: Sequence[Candidate],
    binding: Binding | None,
) -> tuple[SamlVerification | None, SamlVerification | None]:
    """Return how the signature in the query fares, and the one in the XML.

    Where the binding looks for one, and it verifies, the other matters to nobody and is not tried.
    """
    in_query = query_signature(submission)
    query = xml = None
    if in_query and binding is not Binding.POST:
        query = verify_query(submission, request, candidates)
    if not (binding is Binding.REDIRECT and _is_right(query)):
        xml = verify_xml(request, candidates)
    elif request.root and (inside := xml_signatures(request.root)):
        xml = SamlVerification(signature=inside[0], trials=(), autopsy=None)
    if in_query and binding is Binding.POST:
        query = (
            SamlVerification(signature=in_query, trials=(), autopsy=None)
            if _is_right(xml)
            else verify_query(submission, request, candidates)
        )
    return query, xml


def _is_right(verification: SamlVerification | None) -> bool:
    return any(
        each.outcome is Outcome.VALID and each.candidate.role is Role.REGISTERED
        for each in (verification.trials if verification else ())
    )


def _report(context: SamlContext, clock: Clock) -> Report:
    def find(rule: Rule[SamlContext], found: Sequence[Finding]) -> Found:
        is_told = context.submission.error is not None
        return rule.find(replace(context, found=tuple(found)) if is_told else context)

    findings, not_checked = run(RULES, find, lambda _: True)
    findings = redacted_findings(findings, context.secrets)
    not_checked = redacted_unchecked(not_checked, context.secrets)
    findings = _as_answered(context, in_order(findings, context.submission.error))
    if context.sent_elsewhere:
        # Whose answers they would be is not known.
        findings = tuple(replace(each, aadsts=()) for each in findings)
    errors = errors_in(findings)
    verdict = _verdict(context, errors, not_checked)
    return Report(
        verdict=verdict,
        assumes=_assumptions(context) if verdict is Verdict.ACCEPTED else (),
        cause=next(iter(errors), None),
        prediction=predict(errors),
        findings=findings,
        not_checked=not_checked,
        assertion=None,
        keys=tuple(
            key_facts(
                replace(trial, why=redacted(trial.why, context.secrets)),
                has_registration=context.registration is not None,
            )
            for trial in _trials(context)
        ),
        submission=Submission(
            assertion="",
            kind=context.submission.kind,
            removed=context.submission.removed,
            error=context.submission.error,
            others=tuple(redacted(each, context.secrets) for each in context.submission.others),
            length=context.submission.length,
        ),
        clock=clock,
        judged_at=clock.now,
        request=_facts(context),
    )


def _as_answered(context: SamlContext, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return `findings` with the code that was returned put first in the one that explains it.

    Of several codes that a fault may draw, it is the one that it drew.
    """
    error, first = context.submission.error, next(iter(findings), None)
    if error is None or first is None or not first.aadsts or not accounts_for(first, context):
        return findings
    code = error.stands_for or error.code
    drawn = next((each for each in first.aadsts if each.code == code), None)
    others = tuple(each for each in first.aadsts if each is not drawn)
    mine = drawn or EntraCode(code=code, confidence=Confidence.LIKELY)
    return (replace(first, aadsts=(mine, *others)), *findings[1:])


def _verdict(
    context: SamlContext, errors: Sequence[Finding], not_checked: Sequence[NotChecked]
) -> Verdict:
    """Return the verdict on a request with these `errors`, which count where Entra ID takes it."""
    if errors and not context.sent_elsewhere:
        return Verdict.REFUSED
    if any(each.decisive for each in not_checked) or context.root is None:
        return Verdict.INCOMPLETE
    if context.required is False:
        return Verdict.ACCEPTED
    return Verdict.ACCEPTED if _is_right(context.looked_at) else Verdict.INCOMPLETE


def _assumptions(context: SamlContext) -> tuple[str, ...]:
    """Return what an acceptance rests on that only the registration shows."""
    if context.registration:
        return ()
    issuer = (context.issuer() or "").strip()
    # What is pasted into a shell is a URI or the like, and nothing that a shell would act on.
    app = issuer if re.fullmatch(r"[\w.:/@-]{1,120}", issuer, re.ASCII) else "APP"
    return tuple(
        f"{_called(each.candidate)} is a verification certificate of the app: "
        f"`az ad app show --id {app} > app.json`, then add --app app.json"
        for each in _trials(context)
        if each.outcome is Outcome.VALID and each.candidate.role is Role.REGISTERED
    )


def _called(candidate: Candidate) -> str:
    return candidate.label if candidate.certificate else f"the certificate of {candidate.label}"


def _trials(context: SamlContext) -> tuple[Trial, ...]:
    """Return how each candidate fared on the signature that counts."""
    looked_at, stray = context.looked_at, context.elsewhere
    if looked_at:
        signer = looked_at.autopsy.candidate if looked_at.autopsy else None
        return tuple(
            replace(each, why=_MADE)
            if signer and each.outcome is Outcome.INVALID and each.candidate.key == signer.key
            else each
            for each in looked_at.trials
        )
    if stray and any(each.outcome is Outcome.VALID for each in stray.trials):
        return stray.trials
    is_astray = context.is_astray
    why = "the signature is where it is not looked for" if is_astray else "there is no signature"
    return tuple(
        Trial(candidate=each, outcome=Outcome.NOT_TRIED, why=why) for each in context.candidates
    )


def _facts(context: SamlContext) -> SamlFacts | None:
    request, root = context.request, context.request.root
    if request.xml is None and request.message is Message.UNKNOWN:
        return None
    attributes = root.attributes if root else {}
    issuer = root.first("Issuer", ASSERTION) if root else None
    policy = root.first("NameIDPolicy", PROTOCOL) if root else None
    in_query = (context.query.signature,) if context.query else ()
    return SamlFacts(
        message=request.message,
        binding=context.binding,
        id=attributes.get("ID"),
        issuer=issuer.text.strip() if issuer else None,
        destination=attributes.get("Destination"),
        acs_url=attributes.get("AssertionConsumerServiceURL"),
        name_id_format=policy.attributes.get("Format") if policy else None,
        issued=_moment(attributes.get("IssueInstant")),
        relay_state=context.submission.raw("RelayState") is not None,
        signatures=(*in_query, *context.signatures),
        fingerprint=request.fingerprint,
    )


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((text or "").strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _chosen(registrations: Sequence[Registration], request: SamlRequest) -> Registration:
    """Return the registration that the request is for, by its issuer."""
    if len(registrations) == 1:
        return registrations[0]
    issuer = request.root.first("Issuer", ASSERTION) if request.root else None
    name = issuer.text.strip() if issuer else ""
    for each in registrations:
        if name in (*each.identifier_uris, *each.service_principal_names, each.app_id):
            return each
    raise CertificateError(
        f"{registrations[0].label} holds {len(registrations)} apps, and none of them has the "
        "request's issuer for an identifier",
        hint="export that app alone: `az ad app show --id CLIENT_ID > app.json`",
    )


def _for_requests(registration: Registration) -> Registration:
    """Return `registration` with the keys that verify requests.

    ENTRA section 8: on a service principal a Verify key that shares its identifier with a Sign key
    is half of what Entra ID signs its answers with.
    """
    if registration.keys is None:
        return registration
    own = [each.identifier for each in registration.keys if (each.usage or "").lower() == "sign"]
    kept = tuple(
        each
        for each in registration.keys
        if (each.usage or "verify").lower() == "verify"
        and (each.identifier is None or each.identifier not in own)
    )
    return replace(registration, keys=kept)
