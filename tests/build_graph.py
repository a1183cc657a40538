"""What Microsoft Graph and its tools export of an app, right except for what a test says.

As in `build.py`, nothing here uses the code under test. Every function returns what `json.dumps`
takes; `DROP` as the value of a change leaves a member out. Where a function takes keys, each may
be a certificate or a finished key credential.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from cryptography import x509

from tests.build import CLIENT_ID, DROP, NOW, TENANT, certificate, der, pem

OBJECT_ID = "33333333-0000-4000-8000-000000000003"
PRINCIPAL_ID = "44444444-0000-4000-8000-000000000004"
KEY_ID = "77777777-0000-4000-8000-00000000000"
"""Of the first key credential, but for its last digit."""
SECRET = "not8Q~a-real-secret-value-of-an-app-0123"
"""Stands wherever a tool would print a client secret; no output may hold it."""
GITHUB = "https://token.actions.githubusercontent.com"
SUBJECT = "repo:octo-org/octo-repo:ref:refs/heads/main"
EXCHANGE = "api://AzureADTokenExchange"

Key = x509.Certificate | Mapping[str, object]


def b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def sha1(cert: x509.Certificate) -> bytes:
    return hashlib.sha1(der(cert)).digest()


def sha256(cert: x509.Certificate) -> bytes:
    return hashlib.sha256(der(cert)).digest()


def hex_thumbprint(cert: x509.Certificate) -> str:
    """As the portal shows it, and as Graph gives it for what was uploaded there."""
    return sha1(cert).hex().upper()


def iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def net_date(moment: datetime) -> str:
    """A date as `ConvertTo-Json` of Windows PowerShell writes it."""
    return f"/Date({int(moment.timestamp()) * 1000})/"


def as_json(value: object, *, encoding: str = "utf-8") -> bytes:
    """The octets of a file; `utf-16` as Windows PowerShell writes where `>` redirects."""
    return json.dumps(value, indent=2).encode(encoding)


def key_credential(cert: x509.Certificate | None = None, **changes: object) -> dict:
    """A member of `keyCredentials` as Graph gives it where `$select` asks for it."""
    cert = cert or certificate()
    base: dict[str, object] = {
        "customKeyIdentifier": hex_thumbprint(cert),
        "displayName": "CN=assertcheck test",
        "endDateTime": iso(cert.not_valid_after_utc),
        "key": b64(der(cert)),
        "keyId": f"{KEY_ID}1",
        "startDateTime": iso(cert.not_valid_before_utc),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }
    return _kept(base | changes)


def password_credential(**changes: object) -> dict:
    """A member of `passwordCredentials`: a client secret, of which Graph shows a hint."""
    base: dict[str, object] = {
        "customKeyIdentifier": None,
        "displayName": "deployment",
        "endDateTime": "2026-12-31T00:00:00Z",
        "hint": SECRET[:3],
        "keyId": "88888888-0000-4000-8000-000000000001",
        "secretText": None,
        "startDateTime": "2026-01-01T00:00:00Z",
    }
    return _kept(base | changes)


def application(*keys: Key, **changes: object) -> dict:
    """An `application` of Graph v1.0, read alone, with `keyCredentials` asked for."""
    base: dict[str, object] = {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications/$entity",
        "id": OBJECT_ID,
        "deletedDateTime": None,
        "appId": CLIENT_ID,
        "displayName": "assertcheck test app",
        "identifierUris": [f"api://{CLIENT_ID}"],
        "isFallbackPublicClient": None,
        "publisherDomain": "example.com",
        "signInAudience": "AzureADMyOrg",
        "keyCredentials": _credentials(keys),
        "passwordCredentials": [],
        "requiredResourceAccess": [],
        "web": {"redirectUris": ["https://app.example.com/callback"], "homePageUrl": None},
        "spa": {"redirectUris": []},
        "publicClient": {"redirectUris": []},
    }
    return _kept(base | changes)


def service_principal(*keys: Key, **changes: object) -> dict:
    """A `servicePrincipal` of Graph v1.0, read alone, with `keyCredentials` asked for."""
    base: dict[str, object] = {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#servicePrincipals/$entity",
        "id": PRINCIPAL_ID,
        "accountEnabled": True,
        "appDisplayName": "assertcheck test app",
        "appId": CLIENT_ID,
        "appOwnerOrganizationId": TENANT,
        "displayName": "assertcheck test app",
        "keyCredentials": _credentials(keys),
        "passwordCredentials": [],
        "preferredSingleSignOnMode": None,
        "preferredTokenSigningKeyThumbprint": None,
        "replyUrls": ["https://app.example.com/callback"],
        "servicePrincipalNames": [CLIENT_ID, f"api://{CLIENT_ID}"],
        "servicePrincipalType": "Application",
    }
    return _kept(base | changes)


def signing_pair(
    cert: x509.Certificate | None = None, *, number: int = 1, **changes: object
) -> tuple[dict, dict, dict]:
    """What Entra ID keeps of a SAML signing certificate: its Sign half, Verify half, password.

    `changes` go into both halves. Each next `number` gives ids of its own.
    """
    cert = cert or certificate("saml")
    identifier = b64(sha256(cert))
    shared = {"customKeyIdentifier": identifier, "displayName": "CN=Microsoft Azure Federated SSO"}
    password_id = f"99999999-0000-4000-8000-00000000000{number}"
    sign = {"key": None, "type": "X509CertAndPassword", "usage": "Sign", "keyId": password_id}
    verify = {"keyId": f"{KEY_ID[:-1]}1{number}"}
    password = password_credential(
        customKeyIdentifier=identifier,
        displayName=None,
        hint=None,
        keyId=password_id,
        startDateTime=iso(cert.not_valid_before_utc),
        endDateTime=iso(cert.not_valid_after_utc),
    )
    return (
        key_credential(cert, **(shared | sign | changes)),
        key_credential(cert, **(shared | verify | changes)),
        password,
    )


def saml_service_principal(*certs: x509.Certificate, **changes: object) -> dict:
    """The service principal of a SAML app; the first of `certs` is the active one."""
    certs = certs or (certificate("saml"),)
    pairs = [signing_pair(cert, number=number) for number, cert in enumerate(certs, start=1)]
    base: dict[str, object] = {
        "preferredSingleSignOnMode": "saml",
        "preferredTokenSigningKeyThumbprint": hex_thumbprint(certs[0]),
        "passwordCredentials": [password for _, _, password in pairs],
        "replyUrls": ["https://app.example.com/saml/acs"],
        "servicePrincipalNames": ["https://app.example.com/saml/metadata", CLIENT_ID],
        "tags": ["WindowsAzureActiveDirectoryCustomSingleSignOnApplication"],
    }
    halves = [half for sign, verify, _ in pairs for half in (sign, verify)]
    return service_principal(*halves, **(base | changes))


def graph_list(*objects: object, kind: str = "applications", **changes: object) -> dict:
    """What Graph answers to a request for several; then `key` is always null (see `unkeyed`)."""
    base = {
        "@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#{kind}",
        "value": list(objects),
    }
    return _kept(base | changes)


def unkeyed(entity: Mapping[str, object]) -> dict:
    """`entity` as Graph gives it where `keyCredentials` are not asked for by name."""
    keys = entity["keyCredentials"]
    assert isinstance(keys, list)
    return {**entity, "keyCredentials": [{**each, "key": None} for each in keys]}


def credentials_property(*keys: Key, kind: str = "applications") -> dict:
    """What Graph answers to `GET /applications/{id}/keyCredentials`."""
    return {
        "@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#{kind}"
        f"('{OBJECT_ID}')/keyCredentials",
        "value": _credentials(keys),
    }


def az_app_show(*keys: Key, **changes: object) -> dict:
    """`az ad app show`: as Graph gives it without `$select`."""
    return unkeyed(application(*keys, **changes))


def az_sp_show(*keys: Key, **changes: object) -> dict:
    """`az ad sp show`."""
    return unkeyed(service_principal(*keys, **changes))


def az_credential_list(*keys: Key, **changes: object) -> list:
    """`az ad app credential list --cert`; `changes` go into each."""
    return [_kept({**each, "key": None, **changes}) for each in _credentials(keys)]


def az_password_list(*passwords: Mapping[str, object]) -> list:
    """`az ad app credential list`, without `--cert`."""
    return [dict(each) for each in passwords or (password_credential(),)]


def mg_application(
    *keys: Key,
    dates: str = "iso",
    key_as: str = "base64",
    collapse: bool = False,
    **changes: object,
) -> dict:
    """`Get-MgApplication | ConvertTo-Json`: PascalCase, with the members of .NET in between.

    `dates` is `iso` (PowerShell 7) or `net` (Windows PowerShell); octets come as `base64` or as
    `numbers`; `collapse` writes an array of one as that one.
    """
    return _pascal(application(*keys, **changes), dates, key_as, collapse=collapse)


def mg_service_principal(
    *keys: Key,
    dates: str = "iso",
    key_as: str = "base64",
    collapse: bool = False,
    **changes: object,
) -> dict:
    """`Get-MgServicePrincipal | ConvertTo-Json`, with the same choices."""
    return _pascal(service_principal(*keys, **changes), dates, key_as, collapse=collapse)


def portal_manifest(*keys: Key, style: str = "graph", **changes: object) -> dict:
    """The manifest that the portal shows; `style` is `graph`, or `aad` until January 2025."""
    if style == "graph":
        whole = application(*keys, **changes)
        return {name: value for name, value in whole.items() if "@" not in name}
    base: dict[str, object] = {
        "id": OBJECT_ID,
        "acceptMappedClaims": None,
        "accessTokenAcceptedVersion": 2,
        "allowPublicClient": None,
        "appId": CLIENT_ID,
        "appRoles": [],
        "identifierUris": [f"api://{CLIENT_ID}"],
        "keyCredentials": [_old_credential(each) for each in _credentials(keys)],
        "name": "assertcheck test app",
        "oauth2AllowImplicitFlow": False,
        "passwordCredentials": [],
        "replyUrlsWithType": [{"url": "https://app.example.com/callback", "type": "Web"}],
        "samlMetadataUrl": None,
        "signInAudience": "AzureADMyOrg",
    }
    return _kept(base | changes)


def terraform_state(
    *certs: x509.Certificate,
    encoding: str = "pem",
    app_id: str = CLIENT_ID,
    object_id: str = OBJECT_ID,
    with_application: bool = True,
    extra: Iterable[Mapping[str, object]] = (),
    **changes: object,
) -> dict:
    """A `terraform.tfstate` (version 4): an app and its certificates; `changes` go into those.

    `encoding` is `pem`, `base64` or `hex`; `extra` are further resources.
    """
    resources: list[Mapping[str, object]] = []
    if with_application:
        resources.append(_tf_resource("azuread_application", [_tf_app(app_id, object_id)]))
    values = [_tf_certificate(cert, encoding, object_id) for cert in certs]
    if values:
        resources.append(
            _tf_resource("azuread_application_certificate", [_kept(v | changes) for v in values])
        )
    return {
        "version": 4,
        "terraform_version": "1.9.8",
        "serial": 7,
        "lineage": "55555555-0000-4000-8000-000000000005",
        "outputs": {},
        "resources": [*resources, *extra],
        "check_results": None,
    }


def terraform_show(state: Mapping[str, object], *, in_module: bool = False) -> dict:
    """The same state as `terraform show -json` prints it; `in_module` moves it into a child."""
    resources = state["resources"]
    assert isinstance(resources, list)
    flat = [
        {
            "address": f"{each['type']}.{each['name']}[{index}]",
            "mode": each["mode"],
            "type": each["type"],
            "name": each["name"],
            "index": index,
            "provider_name": "registry.terraform.io/hashicorp/azuread",
            "schema_version": 0,
            "values": instance["attributes"],
            "sensitive_values": {},
        }
        for each in resources
        for index, instance in enumerate(each["instances"])
    ]
    module: dict[str, object] = {"resources": flat}
    if in_module:
        module = {"child_modules": [{"address": "module.app", **module}]}
    return {
        "format_version": "1.0",
        "terraform_version": "1.9.8",
        "values": {"root_module": module},
    }


def federated(**changes: object) -> dict:
    """A `federatedIdentityCredential` of Graph, for a branch on GitHub."""
    base: dict[str, object] = {
        "id": "66666666-0000-4000-8000-000000000006",
        "name": "github-main",
        "issuer": GITHUB,
        "subject": SUBJECT,
        "description": None,
        "audiences": [EXCHANGE],
    }
    return _kept(base | changes)


def flexible(
    expression: str = f"claims['sub'] matches '{SUBJECT[:25]}*'", **changes: object
) -> dict:
    """A federated credential with an expression in place of a subject."""
    matching = {"value": expression, "languageVersion": 1}
    return federated(**({"subject": None, "claimsMatchingExpression": matching} | changes))


def federated_list(*credentials: Mapping[str, object], **changes: object) -> dict:
    """What Graph answers to `GET /applications/{id}/federatedIdentityCredentials`."""
    kind = f"applications('{OBJECT_ID}')/federatedIdentityCredentials"
    return graph_list(*(credentials or (federated(),)), kind=kind, **changes)


def mg_federated(**changes: object) -> dict:
    """`Get-MgApplicationFederatedIdentityCredential | ConvertTo-Json`."""
    return _pascal(federated(**changes), "iso", "base64", collapse=False)


def arm_federated(**changes: object) -> dict:
    """A federated credential of a managed identity, from Azure Resource Manager."""
    members = federated(**changes)
    name = members.pop("name")
    identity = "/subscriptions/0/resourceGroups/rg/providers/Microsoft.ManagedIdentity"
    return {
        "id": f"{identity}/userAssignedIdentities/app/federatedIdentityCredentials/{name}",
        "name": name,
        "properties": {
            each: members[each] for each in ("issuer", "subject", "audiences") if each in members
        },
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
    }


def az_identity_federated(**changes: object) -> dict:
    """The same from `az identity federated-credential list`, which flattens `properties`."""
    whole = arm_federated(**changes)
    properties = whole.pop("properties")
    return {**whole, **properties, "resourceGroup": "rg", "systemData": None}


def terraform_federated(*credentials: Mapping[str, object]) -> dict:
    """A resource for `terraform_state(extra=…)`."""
    values = [
        {
            "application_id": f"/applications/{OBJECT_ID}",
            "audiences": each["audiences"],
            "credential_id": each["id"],
            "display_name": each["name"],
            "issuer": each["issuer"],
            "subject": each["subject"],
        }
        for each in credentials or (federated(),)
    ]
    return _tf_resource("azuread_application_federated_identity_credential", values)


def odata_error(code: str = "Authorization_RequestDenied", message: str = "") -> dict:
    """What Graph answers in place of what was asked for."""
    inner = {"date": iso(NOW), "request-id": TENANT, "client-request-id": TENANT}
    text = message or "Insufficient privileges to complete the operation."
    return {"error": {"code": code, "message": text, "innerError": inner}}


def _credentials(keys: Iterable[Key]) -> list:
    return [
        key_credential(each, keyId=f"{KEY_ID}{number}")
        if isinstance(each, x509.Certificate)
        else dict(each)
        for number, each in enumerate(keys, start=1)
    ]


def _old_credential(credential: Mapping[str, object]) -> dict:
    """A key credential as Azure AD Graph called its members, its identifier in base64."""
    identifier = credential.get("customKeyIdentifier")
    octets = bytes.fromhex(identifier) if isinstance(identifier, str) else b""
    return {
        "customKeyIdentifier": b64(octets) if octets else None,
        "endDate": credential.get("endDateTime"),
        "keyId": credential.get("keyId"),
        "startDate": credential.get("startDateTime"),
        "type": credential.get("type"),
        "usage": credential.get("usage"),
        "value": credential.get("key"),
        "displayName": credential.get("displayName"),
    }


def _pascal(value: Mapping[str, object], dates: str, key_as: str, *, collapse: bool) -> dict:
    members = {
        each[:1].upper() + each[1:]: _net(inner, dates, key_as, collapse=collapse, name=each)
        for each, inner in value.items()
        if not each.startswith("@")
    }
    return {**members, "AdditionalProperties": {}}


def _net(value: object, dates: str, key_as: str, *, collapse: bool, name: str = "") -> object:
    if isinstance(value, Mapping):
        return _pascal(value, dates, key_as, collapse=collapse)
    if isinstance(value, list):
        inner = [_net(each, dates, key_as, collapse=collapse) for each in value]
        return inner[0] if collapse and len(inner) == 1 else inner
    if isinstance(value, str) and name.endswith("DateTime") and dates == "net":
        return net_date(datetime.fromisoformat(value))
    if isinstance(value, str) and name in ("key", "customKeyIdentifier") and key_as == "numbers":
        # What Graph gives as 40 hex digits is base64 to .NET all the same: 30 octets.
        return list(base64.b64decode(value))
    return value


def _tf_resource(kind: str, values: Iterable[Mapping[str, object]]) -> dict:
    return {
        "mode": "managed",
        "type": kind,
        "name": "app",
        "provider": 'provider["registry.terraform.io/hashicorp/azuread"]',
        "instances": [
            {
                "index_key": index,
                "schema_version": 0,
                "attributes": each,
                "sensitive_attributes": [],
            }
            for index, each in enumerate(values)
        ],
    }


def _tf_app(app_id: str, object_id: str) -> dict:
    return {
        "client_id": app_id,
        "display_name": "assertcheck test app",
        "fallback_public_client_enabled": False,
        "id": f"/applications/{object_id}",
        "identifier_uris": [f"api://{app_id}"],
        "object_id": object_id,
        "password": [],
        "public_client": [],
        "single_page_application": [],
        "web": [{"redirect_uris": ["https://app.example.com/callback"], "homepage_url": ""}],
    }


def _tf_certificate(cert: x509.Certificate, encoding: str, object_id: str) -> dict:
    key_id = f"{KEY_ID}1"
    written = {"pem": pem(cert).decode(), "base64": b64(der(cert)), "hex": der(cert).hex()}
    return {
        "application_id": f"/applications/{object_id}",
        "encoding": encoding,
        "end_date": iso(cert.not_valid_after_utc),
        "end_date_relative": None,
        "id": f"{object_id}/certificate/{key_id}",
        "key_id": key_id,
        "start_date": iso(cert.not_valid_before_utc),
        "timeouts": None,
        "type": "AsymmetricX509Cert",
        "value": written[encoding],
    }


def _kept(members: Mapping[str, object]) -> dict:
    return {name: value for name, value in members.items() if value is not DROP}
