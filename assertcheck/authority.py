"""Entra ID's hosts, and what a URL at one of them is: whose tenant, which cloud, which endpoint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
NIL = "00000000-0000-0000-0000-000000000000"
"""Stands for the app where an error is about a user's token."""

CLOUD_HOSTS = {
    "public": (
        "login.microsoftonline.com",
        "login.microsoft.com",
        "login.windows.net",
        "sts.windows.net",
    ),
    "usgov": (
        "login.microsoftonline.us",
        "login-us.microsoftonline.com",
        "login.usgovcloudapi.net",
    ),
    "china": ("login.partner.microsoftonline.cn", "login.chinacloudapi.cn"),
}
"""The sign-in hosts of each cloud, the one to use today first, then its old aliases."""

_CLOUD_OF = {host: cloud for cloud, hosts in CLOUD_HOSTS.items() for host in hosts}
_RESOURCE_HOSTS = (
    "graph.microsoft.com",
    "graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
    "graph.windows.net",
    "management.azure.com",
    "vault.azure.net",
    "storage.azure.com",
    "database.windows.net",
)
_CIAM = "Entra External ID (CIAM)"
_OWN_RULES = {
    ".b2clogin.com": "Azure AD B2C",
    ".ciamlogin.com": _CIAM,
}
MULTI_TENANT = ("common", "organizations", "consumers")
"""Tenant segments that stand for no tenant in particular."""


class Form(StrEnum):
    """What the path of a URL at a sign-in host names."""

    TOKEN_V2 = "/oauth2/v2.0/token"
    TOKEN_V1 = "/oauth2/token"
    ISSUER = "/v2.0"
    V2 = "/v2"
    AUTHORIZE = "/authorize"
    AUTHORITY = "/"
    """The tenant and nothing after it."""
    ROOT = ""
    """The host and nothing after it."""
    OTHER = "other"


_FORMS = {
    "oauth2/v2.0/token": Form.TOKEN_V2,
    "oauth2/token": Form.TOKEN_V1,
    "v2.0": Form.ISSUER,
    "v2": Form.V2,
    "oauth2/v2.0/authorize": Form.AUTHORIZE,
    "oauth2/authorize": Form.AUTHORIZE,
    "": Form.AUTHORITY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A URL, read as one of Entra ID's."""

    scheme: str
    host: str
    cloud: str | None
    """`None` where the host is not one of Entra ID's."""
    own_rules: str | None
    """The product at that host which judges audiences by rules of its own."""
    is_resource: bool
    """Whether the host is an API's, which issues no tokens."""
    tenant: str
    """The first segment of the path, as written; empty when there is none."""
    form: Form

    @property
    def is_saml_host(self) -> bool:
        """Whether Entra ID takes SAML requests at that host, in any cloud."""
        return self.own_rules == _CIAM or (self.cloud is not None and self.own_rules is None)


def read_endpoint(url: str) -> Endpoint | None:
    """Return what `url` names, or `None` if it is no URL with a host."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return None
    if not host or any(char.isspace() or not char.isprintable() for char in url):
        return None
    path = parts.path.strip("/")
    tenant, _, rest = path.partition("/") if not path.startswith("oauth2") else ("", "", path)
    # The letter case of the path does not matter: `/oAuth2/v2.0/token` was taken (ENTRA: seen).
    form = _FORMS.get(rest.lower(), Form.OTHER) if tenant else Form.OTHER if rest else Form.ROOT
    return Endpoint(
        scheme=parts.scheme,
        host=host,
        cloud=cloud_of(host),
        own_rules=_own_rules(host, tenant),
        is_resource=host.endswith(_RESOURCE_HOSTS),
        tenant=tenant,
        form=form,
    )


def cloud_of(host: str) -> str | None:
    """Return the cloud that `host` signs in for; a regional host stands below a global one."""
    return _CLOUD_OF.get(host) or _CLOUD_OF.get(host.partition(".")[2])


def token_endpoint(*, cloud: str, tenant: str) -> str:
    """Return the token endpoint that Microsoft documents for `tenant` in `cloud`."""
    return f"https://{CLOUD_HOSTS[cloud][0]}/{tenant}/oauth2/v2.0/token"


def is_guid(text: str) -> bool:
    """Tell whether `text` is a GUID in its plain form, in either letter case."""
    return GUID.fullmatch(text) is not None


def _own_rules(host: str, first_segment: str) -> str | None:
    if first_segment.lower() == "adfs":
        return "AD FS"
    return next((name for tail, name in _OWN_RULES.items() if host.endswith(tail)), None)
