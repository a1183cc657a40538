"""The report as JSON: a contract, written field by field; `schema.json` describes it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import datetime

from assertcheck import __version__
from assertcheck.model import (
    AssertionFacts,
    Confidence,
    Finding,
    KeyFacts,
    Prediction,
    Report,
    ReturnedError,
    Submission,
    TokenRequest,
)

SCHEMA = 1
"""The version of the contract; it grows when a field changes its meaning or goes."""


def render_json(report: Report) -> str:
    """Return `report` as a JSON object that ends in a newline."""
    return dump(
        {
            "schema": SCHEMA,
            "tool": tool(),
            "verdict": report.verdict,
            "assumes": list(report.assumes),
            "cause": _finding(report.cause) if report.cause else None,
            "prediction": _prediction(report.prediction) if report.prediction else None,
            "findings": [_finding(item) for item in report.findings],
            "not_checked": [{"id": item.id, "why": item.why} for item in report.not_checked],
            "assertion": _assertion(report.assertion) if report.assertion else None,
            **_subjects(report),
            "keys": [_key(item) for item in report.keys],
            "intake": _intake(report.submission) if report.submission else None,
            "clock": {
                "now": moment(report.clock.now),
                "given": report.clock.given,
                "leeway": int(report.clock.leeway.total_seconds()),
                "judged_at": moment(report.judged_at),
            },
        }
    )


def _subjects(report: Report) -> dict[str, object]:
    """Return what the report is about besides an assertion; most reports pay for none of it."""
    members: dict[str, object] = {"request": None, "registration": None, "certificates": None}
    if report.request:
        from assertcheck.render.saml import request_member

        members["request"] = request_member(report.request)
    if report.registration:
        from assertcheck.render.registration import registration_member

        members["registration"] = registration_member(report.registration)
    if report.certificates:
        from assertcheck.render.certificates import certificate_members

        members["certificates"] = certificate_members(report)
    return members


def _intake(submission: Submission) -> dict[str, object]:
    return {
        "kind": submission.kind,
        "removed": list(submission.removed),
        "error": _error(submission.error) if submission.error else None,
        "others": list(submission.others),
        "sent_dirty": [item.detail for item in submission.sent_dirty],
        "request": _request(submission.request) if submission.request else None,
    }


def _request(request: TokenRequest) -> dict[str, object]:
    return {
        "url": request.url,
        "method": request.method,
        "content_type": request.content_type,
        "client_id": request.client_id,
        "client_assertion_type": request.client_assertion_type,
        "grant_type": request.grant_type,
        "scope": request.scope,
        "resource": request.resource,
        "assertion_parameter": request.assertion_parameter,
        "has_client_secret": request.has_client_secret,
    }


def dump(value: Mapping[str, object]) -> str:
    """Return `value` as indented JSON in ASCII, which no terminal takes for anything else."""
    return json.dumps(value, indent=2, allow_nan=False) + "\n"


def tool() -> dict[str, object]:
    """Return who wrote the JSON."""
    return {"name": "assertcheck", "version": __version__}


def jsonable(value: object) -> object:
    """Return `value` with what JSON has no number for as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): jsonable(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    return value


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "id": finding.id,
        "severity": finding.severity,
        "title": finding.title,
        "at": finding.at,
        "message": finding.message,
        "fix": finding.fix,
        "expected": finding.expected,
        "actual": finding.actual,
        "aadsts": [item.code for item in finding.aadsts],
        "confidence": finding.aadsts[0].confidence if finding.aadsts else None,
        "source": finding.source,
    }


def _prediction(prediction: Prediction) -> dict[str, object]:
    confidence: Confidence = prediction.confidence
    return {
        "code": prediction.code,
        "name": prediction.name,
        "error": prediction.error,
        "reason": prediction.reason,
        "confidence": confidence,
        "then": list(prediction.then),
        "thumbprint": prediction.thumbprint,
    }


def _assertion(facts: AssertionFacts) -> dict[str, object]:
    return {
        "kind": facts.kind,
        "header": jsonable(facts.header),
        "claims": jsonable(facts.claims),
        "fingerprint": facts.fingerprint,
        "issued": moment(facts.issued),
        "not_before": moment(facts.not_before),
        "expires": moment(facts.expires),
        "seconds_left": facts.seconds_left,
    }


def _key(key: KeyFacts) -> dict[str, object]:
    return {
        "label": key.label,
        "kind": key.kind,
        "key": key.key,
        "role": key.role,
        "subject": key.subject,
        "not_before": moment(key.not_before),
        "not_after": moment(key.not_after),
        "sha1": key.sha1,
        "sha256": key.sha256,
        "registered": key.registered,
        "signature": key.signature,
        "why": key.why or None,
        "notes": list(key.notes),
    }


def _error(error: ReturnedError) -> dict[str, object]:
    return {
        "code": error.code,
        "reason": error.reason,
        "thumbprint": error.thumbprint,
        "timestamp": moment(error.timestamp),
        "trace_id": error.trace_id,
        "correlation_id": error.correlation_id,
    }


def moment(value: datetime | None) -> str | None:
    """Return `value`, which is in UTC, as RFC 3339 text to the second."""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if value else None
