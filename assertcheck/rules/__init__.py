"""The catalogue: one function a fault, in the order they run."""

from __future__ import annotations

from assertcheck.rules import (
    audience,
    certificate,
    header,
    identity,
    key_identifier,
    registration,
    request,
    returned,
    signature,
    structure,
    times,
)

BEFORE_RETURNED = (
    *request.PASTES,
    *structure.RULES,
    *request.RULES,
    *header.RULES,
    *audience.RULES,
    *identity.RULES,
    *times.RULES,
    *registration.APP,
    *certificate.RULES,
    *key_identifier.RULES,
    *signature.RULES,
    *registration.RULES,
)
RULES = (*BEFORE_RETURNED, *returned.RULES)
"""`unless` points backwards in it. What is only about other issuers' tokens follows these."""
