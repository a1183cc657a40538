"""Says why Microsoft Entra ID refuses a signed client assertion, and how to fix it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assertcheck.app_report import diagnose_app as diagnose_app
    from assertcheck.app_report import diagnose_apps as diagnose_apps
    from assertcheck.cert_report import diagnose_certificates as diagnose_certificates
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
    from assertcheck.preflight_report import preflight as preflight
    from assertcheck.render.json_report import render_json as render_json
    from assertcheck.report import diagnose as diagnose
    from assertcheck.saml.report import diagnose_saml as diagnose_saml
    from assertcheck.signing import sign as sign

__version__ = "0.1.0"

_HOMES = {
    "decode": "decoder",
    "diagnose": "report",
    "diagnose_app": "app_report",
    "diagnose_apps": "app_report",
    "diagnose_certificates": "cert_report",
    "diagnose_saml": "saml.report",
    "preflight": "preflight_report",
    "sign": "signing",
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
