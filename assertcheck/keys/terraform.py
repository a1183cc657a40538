"""Terraform states of the provider `azuread`, put into the words of Microsoft Graph."""

from __future__ import annotations

import base64
import re
from collections import deque
from collections.abc import Iterator

from assertcheck.keys.graph_values import Members, first, folded, items, text

_APPS = ("azuread_application", "azuread_application_registration")
_PRINCIPAL = "azuread_service_principal"
_KEYS = ("azuread_application_certificate", "azuread_service_principal_certificate")
_PASSWORDS = ("azuread_application_password", "azuread_service_principal_password")
_FEDERATED = (
    "azuread_application_federated_identity_credential",
    "azuread_application_flexible_federated_identity_credential",
)
_OWNERS = ("application_id", "application_object_id", "service_principal_id")
_BLOCK = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")

Object = dict[str, object]


def is_terraform(value: object) -> bool:
    """Tell whether `value` is a state, or what `terraform show -json` prints."""
    return isinstance(value, dict) and "terraform_version" in value


def entities(state: object) -> list[object]:
    """Return the applications and service principals in `state` as Graph would give them.

    An app that is known by its certificates only has those and its object id. `keyCredentials`
    are left out where Terraform manages none: others may be registered.
    """
    found: dict[str, Object] = {}
    lists: dict[tuple[str, str], list[object]] = {}
    for kind, values in _resources(state):
        if kind in _APPS or kind == _PRINCIPAL:
            members = _app(values) if kind in _APPS else _principal(values)
            found.setdefault(str(members["id"]), {}).update(members)
        elif kind in (*_KEYS, *_PASSWORDS):
            owner = str(_last(first(values, *_OWNERS)))
            entity = found.setdefault(owner, {"id": owner})
            if kind.startswith(_PRINCIPAL):
                entity.setdefault("servicePrincipalType", None)
            name = "keyCredentials" if kind in _KEYS else "passwordCredentials"
            entity[name] = credentials = lists.setdefault((owner, name), [])
            credentials.append(_key(values) if kind in _KEYS else _credential(values))
    return list(found.values())


def federated(state: object) -> list[object]:
    """Return the federated identity credentials in `state` as Graph would give them."""
    return [
        {
            "name": values.get("display_name"),
            "issuer": values.get("issuer"),
            "subject": values.get("subject"),
            "audiences": first(values, "audiences", "audience"),
            "claimsMatchingExpression": {"value": values.get("claims_matching_expression")},
        }
        for kind, values in _resources(state)
        if kind in _FEDERATED
    ]


def _resources(state: object) -> Iterator[tuple[str, Members]]:
    """Yield the type and the attributes of each resource, those in child modules as well."""
    members = folded(state)
    waiting = deque((members, folded(folded(members.get("values")).get("root_module"))))
    while waiting:
        module = waiting.popleft()
        waiting += map(folded, items(module.get("child_modules")))
        for resource in map(folded, items(module.get("resources"))):
            kind = str(resource.get("type"))
            # A state has instances, `terraform show` has a resource for each.
            for instance in map(folded, items(resource.get("instances"))):
                yield kind, folded(instance.get("attributes"))
            if "values" in resource:
                yield kind, folded(resource["values"])


def _app(values: Members) -> Object:
    blocks = [values.get(name) for name in ("web", "single_page_application", "public_client")]
    return {
        "id": first(values, "object_id") or _last(values.get("id")),
        # Version 2 of the provider called the client id `application_id`.
        "appId": first(values, "client_id", "application_id"),
        "displayName": values.get("display_name"),
        "identifierUris": values.get("identifier_uris"),
        "isFallbackPublicClient": values.get("fallback_public_client_enabled"),
        "replyUrls": [
            url
            for block in blocks
            for each in items(block)
            for url in items(folded(each).get("redirect_uris"))
        ],
    }


def _principal(values: Members) -> Object:
    return {
        "id": first(values, "object_id") or _last(values.get("id")),
        "appId": first(values, "client_id", "application_id"),
        "displayName": values.get("display_name"),
        "accountEnabled": values.get("account_enabled"),
        "appOwnerOrganizationId": values.get("application_tenant_id"),
        "preferredSingleSignOnMode": values.get("preferred_single_sign_on_mode"),
        "replyUrls": values.get("redirect_uris"),
        "servicePrincipalNames": values.get("service_principal_names"),
        "servicePrincipalType": values.get("type"),
    }


def _key(values: Members) -> Object:
    value = values.get("value")
    if isinstance(value, str):
        value = _as_base64(value, text(values.get("encoding")))
    return {
        **_credential(values),
        "type": values.get("type"),
        # The provider registers every certificate so, and does not say it.
        "usage": "Verify",
        "key": value,
    }


def _credential(values: Members) -> Object:
    return {
        "displayName": values.get("display_name"),
        "endDateTime": values.get("end_date"),
        "keyId": values.get("key_id"),
        "startDateTime": values.get("start_date"),
    }


def _as_base64(value: str, encoding: str | None) -> str:
    """Return the certificate `value` in base64, or as it is where it is not in its `encoding`."""
    block = _BLOCK.search(value)
    if encoding == "hex" and _HEX.fullmatch(value):
        return base64.b64encode(bytes.fromhex(value)).decode()
    # The provider takes the first block, and a key beside it stays in the state.
    is_pem = encoding in ("pem", None) and block and "PRIVATE KEY-----" not in value
    return block[1] if is_pem and block else value


def _last(path: object) -> str | None:
    """Return the object id at the end of `/applications/{id}`."""
    return path.rsplit("/", 1)[-1] if isinstance(path, str) else None
