"""Tells what a token is for, before anything in it is judged."""

from __future__ import annotations

from collections.abc import Mapping

from assertcheck.authority import Form, is_guid, read_endpoint
from assertcheck.model import AssertionKind, DecodedAssertion

EXCHANGE_AUDIENCES = (
    "api://azureadtokenexchange",
    "api://azureadtokenexchangeusgov",
    "api://azureadtokenexchangechina",
    "fb60f99c-7a34-4190-8149-302f77469936",
)
"""The audiences of workload identity federation, in lower case.

The last is the same resource as the first by its id, which stands in the v2.0 tokens that Entra ID
issues for it, to managed identities and service connections of Azure DevOps.
"""
GRAPH_PROOF_AUDIENCE = "00000002-0000-0000-c000-000000000000"
_ENTRA_CLAIMS = frozenset(
    {"acr", "aio", "amr", "appid", "azp", "idtyp", "oid", "roles", "scp", "tid", "uti", "ver"}
)
"""Claims that Entra ID puts into what it issues and no client puts into an assertion."""


def kind_of(assertion: DecodedAssertion) -> AssertionKind:
    """Return what `assertion` is for, as its segments, `iss` and `aud` tell."""
    if is_jwe(assertion) or is_issued_by_entra(assertion.claims):
        return AssertionKind.OTHER
    audiences = _audiences(assertion.claims)
    if GRAPH_PROOF_AUDIENCE in audiences:
        return AssertionKind.GRAPH_PROOF
    if not audiences.isdisjoint(EXCHANGE_AUDIENCES):
        return AssertionKind.FEDERATED
    if _is_foreign(assertion.claims.get("iss")) and not _is_a_clients(assertion.claims):
        return AssertionKind.FEDERATED
    return AssertionKind.CERTIFICATE


def is_jwe(assertion: DecodedAssertion) -> bool:
    """Tell an encrypted token (RFC 7516 §3.1) from a signed one."""
    return len(assertion.segments) == 5 and "enc" in assertion.header


def is_issued_by_entra(claims: Mapping[str, object]) -> bool:
    """Tell an access or ID token of Entra ID from what a client makes."""
    issuer = claims.get("iss")
    endpoint = read_endpoint(issuer) if isinstance(issuer, str) else None
    return (
        endpoint is not None
        and endpoint.cloud is not None
        and len(_ENTRA_CLAIMS & claims.keys()) >= 2
        and _audiences(claims).isdisjoint(EXCHANGE_AUDIENCES)
    )


def _audiences(claims: Mapping[str, object]) -> frozenset[str]:
    audience = claims.get("aud")
    values = audience if isinstance(audience, list) else [audience]
    return frozenset(value.rstrip("/").lower() for value in values if isinstance(value, str))


def _is_a_clients(claims: Mapping[str, object]) -> bool:
    """Tell a client's own assertion, whose `iss` alone is wrong, from another issuer's token."""
    audience = claims.get("aud")
    endpoint = read_endpoint(audience) if isinstance(audience, str) else None
    is_for_tokens = endpoint and endpoint.cloud and endpoint.form in (Form.TOKEN_V2, Form.TOKEN_V1)
    return bool(is_for_tokens) and is_guid(str(claims.get("sub")))


def _is_foreign(issuer: object) -> bool:
    if not isinstance(issuer, str) or not issuer.startswith("https://"):
        return False
    endpoint = read_endpoint(issuer)
    return endpoint is not None and endpoint.cloud is None
