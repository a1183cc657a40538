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
            "keys": [_key(item) for item in report.keys],
            "intake": {
                "kind": report.submission.kind,
                "removed": list(report.submission.removed),
                "error": _error(report.submission.error) if report.submission.error else None,
                "others": list(report.submission.others),
            },
            "clock": {
                "now": _moment(report.clock.now),
                "given": report.clock.given,
                "leeway": int(report.clock.leeway.total_seconds()),
                "judged_at": _moment(report.judged_at),
            },
        }
    )


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
        "issued": _moment(facts.issued),
        "not_before": _moment(facts.not_before),
        "expires": _moment(facts.expires),
        "seconds_left": facts.seconds_left,
    }


def _key(key: KeyFacts) -> dict[str, object]:
    return {
        "label": key.label,
        "kind": key.kind,
        "key": key.key,
        "role": key.role,
        "subject": key.subject,
        "not_before": _moment(key.not_before),
        "not_after": _moment(key.not_after),
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
        "timestamp": _moment(error.timestamp),
        "trace_id": error.trace_id,
        "correlation_id": error.correlation_id,
    }


def _moment(moment: datetime | None) -> str | None:
    """Return `moment`, which is in UTC, as RFC 3339 text to the second."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None
