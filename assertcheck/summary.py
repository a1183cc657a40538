"""What the findings of any family come to: their order, the error predicted, the report."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from assertcheck.aadsts.reasons import NOT_FOUND, explains
from assertcheck.checker import run
from assertcheck.errors import AssertcheckError
from assertcheck.model import (
    Clock,
    Confidence,
    Finding,
    KeyFacts,
    Prediction,
    Report,
    ReturnedError,
    Role,
    Severity,
    Trial,
    Verdict,
)
from assertcheck.rules.rule import C, Rule

LEEWAY = timedelta(seconds=300)
"""ENTRA: undocumented; the smallest refusal seen is 5 min 28 s after `exp`."""
_SEVERITIES = tuple(Severity)


def clock_at(at: datetime | None, leeway: timedelta = LEEWAY) -> Clock:
    """Return the clock that shows `at`, aware, or else the present.

    Raise `AssertcheckError` for a time that no assertion can be of.
    """
    if at is not None and not 1970 <= at.year <= 9000:
        raise AssertcheckError(
            "the clock is out of range", hint="give a time between the years 1970 and 9000"
        )
    return Clock(now=at or datetime.now(UTC), given=at is not None, leeway=leeway)


def errors_in(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return those of `findings` that are errors."""
    return tuple(each for each in findings if each.severity is Severity.ERROR)


def in_order(
    findings: Sequence[Finding], returned: ReturnedError | None = None
) -> tuple[Finding, ...]:
    """Sort as a person should fix them: errors in Entra ID's order of checks, then the rest.

    What explains the error that was `returned` comes before what would have drawn another.
    """
    is_other = any(item.id == "error-of-another-assertion" for item in findings)

    def place(item: Finding) -> tuple[int, bool, int, bool]:
        is_known = returned is not None and not is_other and explains(item, returned)
        return _SEVERITIES.index(item.severity), not is_known, _rank(item), not _is_lookup(item)

    return tuple(sorted(findings, key=place))


def predict(
    errors: Sequence[Finding], later: Sequence[Finding] = (), *, thumbprint: str | None = None
) -> Prediction | None:
    """Return what Entra ID would answer to the first of `errors`, and what would surface then.

    `thumbprint` is the one it would print with AADSTS700027.
    """
    said = errors[0].aadsts[0] if errors and errors[0].aadsts else None
    if said is None:
        return None
    from assertcheck.aadsts.catalogue import entry  # an accepted assertion does not pay for it

    known = entry(said.code)
    codes = [item.aadsts[0].code for item in (*errors[1:], *later) if item.aadsts]
    return Prediction(
        code=said.code,
        name=known.name if known else None,
        error=known.error if known else None,
        reason=said.reason,
        confidence=Confidence.LIKELY if len(errors) > 1 else said.confidence,
        then=tuple(code for code in dict.fromkeys(codes) if code != said.code),
        thumbprint=thumbprint if said.code == "AADSTS700027" else None,
    )


def report_of(rules: Sequence[Rule[C]], ctx: C, clock: Clock) -> Report:
    """Return what `rules` find in `ctx`, where there is nothing to accept and so no verdict.

    Where nothing was found, and what would decide was not to be seen, it is `INCOMPLETE`.
    """
    findings, not_checked = run(rules, lambda rule, _: rule.find(ctx), lambda _: True)
    ordered = in_order(findings)
    errors = errors_in(ordered)
    return Report(
        verdict=Verdict.INCOMPLETE
        if not errors and any(item.decisive for item in not_checked)
        else None,
        assumes=(),
        cause=errors[0] if errors else None,
        prediction=predict(errors),
        findings=ordered,
        not_checked=not_checked,
        assertion=None,
        keys=(),
        submission=None,
        clock=clock,
        judged_at=clock.now,
    )


def key_facts(trial: Trial, *, has_registration: bool) -> KeyFacts:
    """Return what the report shows of a candidate; `has_registration`: whether there is `--app`."""
    candidate = trial.candidate
    certificate, credential = candidate.certificate, candidate.credential
    notes = candidate.notes
    if credential and credential.label != candidate.label:
        notes = (*notes, f"registered as {credential.label}")
    # Where the export leaves it open, a candidate is taken for registered and has no credential.
    is_open = not has_registration or candidate.role is Role.REGISTERED
    return KeyFacts(
        label=candidate.label,
        kind="certificate" if certificate else "public-key",
        key=candidate.key_text,
        role=candidate.role,
        subject=certificate.subject if certificate else None,
        not_before=certificate.not_before if certificate else None,
        not_after=certificate.not_after if certificate else None,
        sha1=certificate.sha1.hex().upper() if certificate else None,
        sha256=certificate.sha256.hex().upper() if certificate else None,
        registered=True if credential else None if is_open else False,
        signature=trial.outcome,
        why=trial.why,
        notes=notes,
    )


def _is_lookup(finding: Finding) -> bool:
    """Tell whether the key is not even found: its dates and the signature come after that."""
    return bool(finding.aadsts) and finding.aadsts[0].reason == NOT_FOUND


def _rank(finding: Finding) -> int:
    if finding.severity is not Severity.ERROR:
        return 0
    from assertcheck.aadsts.catalogue import rank  # an accepted assertion does not pay for it

    if finding.id == "federated-signature-invalid":
        # Entra ID has to find the credential before it knows whose keys to fetch (likely).
        return rank("")
    return rank(finding.aadsts[0].code) if finding.aadsts else 0
