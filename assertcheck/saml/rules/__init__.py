"""The rules for SAML sign-in requests, in the order they run."""

from __future__ import annotations

from assertcheck.saml.rules import content, reading, returned, signature

RULES = (*reading.RULES, *content.RULES, *signature.RULES, *returned.RULES)
"""`unless` points backwards in it."""
