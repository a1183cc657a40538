"""Tells what an object of Microsoft Graph is by the members it has."""

from __future__ import annotations

from assertcheck.keys.graph_values import Members, flattened, folded, is_list, items, text

_TELLING = frozenset(
    {
        "signinaudience",
        "publisherdomain",
        "identifieruris",
        "serviceprincipaltype",
        "serviceprincipalnames",
        "appownerorganizationid",
        "requiredresourceaccess",
        "preferredtokensigningkeythumbprint",
    }
)
"""What only an application or a service principal has."""
_CREDENTIAL = frozenset(
    {"customkeyidentifier", "enddatetime", "enddate", "startdatetime", "startdate", "usage"}
)
_FEDERATED = frozenset(
    {"subject", "audiences", "audience", "claimsmatchingexpression", "claims_matching_expression"}
)
_X509 = frozenset({"thumbprint", "notafter", "serialnumber"})
"""What a certificate has beside its issuer and its subject."""


def looks_like_registration(value: object) -> bool:
    """Tell whether `value` is an application or a service principal, a list of them, or a key."""
    if is_list(value):
        return any(_is_registration(folded(each)) for each in items(value)[:1])
    return _is_registration(folded(value))


def looks_federated(value: object) -> bool:
    """Tell whether `value` is a federated identity credential, or a list of them."""
    found = items(value)[:1] if is_list(value) else [value]
    return any(
        "issuer" in members and _FEDERATED & members.keys() and not _X509 & members.keys()
        for members in map(flattened, found)
    )


def is_credential(members: Members) -> bool:
    """Tell whether `members` are those of a key or password credential."""
    if "keyid" in members:
        return not _CREDENTIAL.isdisjoint(members)
    # What is to be registered has no `keyId` yet.
    return {"key", "usage"} <= members.keys()


def is_entity(members: Members) -> bool:
    """Tell whether `members` are those of an application or a service principal."""
    has_id = not {"id", "appid", "objectid"}.isdisjoint(members)
    has_credentials = not {"keycredentials", "passwordcredentials"}.isdisjoint(members)
    is_named = {"appid", "id"} <= members.keys()
    return has_credentials or is_named or (has_id and not _TELLING.isdisjoint(members))


def is_answer_on_others(value: object, kind: str) -> bool:
    """Tell whether `value` is Graph's answer to a request for something else than `kind`."""
    context = text(folded(value).get("@odata.context")) or ""
    _, sign, what = context.partition("#")
    return bool(sign) and kind not in what.lower()


def _is_registration(members: Members) -> bool:
    return is_credential(members) or is_entity(members)
