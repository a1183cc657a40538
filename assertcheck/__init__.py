"""Says why Microsoft Entra ID refuses a signed client assertion, and how to fix it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assertcheck.decoder import decode as decode
    from assertcheck.errors import AssertcheckError as AssertcheckError
    from assertcheck.errors import CertificateError as CertificateError
    from assertcheck.errors import InputError as InputError
    from assertcheck.errors import UnknownRuleError as UnknownRuleError
    from assertcheck.model import Confidence as Confidence
    from assertcheck.model import DecodedAssertion as DecodedAssertion
    from assertcheck.model import Finding as Finding
    from assertcheck.model import Prediction as Prediction
    from assertcheck.model import Report as Report
    from assertcheck.model import Severity as Severity
    from assertcheck.model import Verdict as Verdict
    from assertcheck.render.json_report import render_json as render_json
    from assertcheck.report import diagnose as diagnose

__version__ = "0.1.0"

_HOMES = {
    "decode": "decoder",
    "diagnose": "report",
    "render_json": "render.json_report",
    "AssertcheckError": "errors",
    "CertificateError": "errors",
    "InputError": "errors",
    "UnknownRuleError": "errors",
    "Confidence": "model",
    "DecodedAssertion": "model",
    "Finding": "model",
    "Prediction": "model",
    "Report": "model",
    "Severity": "model",
    "Verdict": "model",
}
"""Loaded on first use, so that `decode` does not pay for cryptography."""

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
