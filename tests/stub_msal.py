"""The real MSAL, run against an endpoint that is not there: its token request is kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import msal

from tests.build import CLIENT_ID, TENANT

HOSTS = {
    "public": "login.microsoftonline.com",
    "usgov": "login.microsoftonline.us",
    "china": "login.partner.microsoftonline.cn",
}
SCOPES = {
    "public": "https://graph.microsoft.com/.default",
    "usgov": "https://graph.microsoft.us/.default",
    "china": "https://microsoftgraph.chinacloudapi.cn/.default",
}


@dataclass(frozen=True)
class Response:
    """What MSAL wants of an HTTP response."""

    text: str
    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def raise_for_status(self):
        assert self.status_code < 400


@dataclass
class TokenEndpoint:
    """An `http_client` for MSAL: publishes the metadata Microsoft does, takes one token request.

    A tenant may be asked for by domain name; as Microsoft does, the answer names it by its id.
    """

    issuer: str
    """The URL under which the endpoints lie: `https://` host `/` tenant id."""
    version: str = "/v2.0"
    asked: list[str] = field(default_factory=list)
    posted_to: str = ""
    form: dict[str, str] = field(default_factory=dict)

    def get(self, url, **_):
        self.asked.append(url)
        metadata = {
            "issuer": f"{self.issuer}{self.version}",
            "authorization_endpoint": f"{self.issuer}/oauth2{self.version}/authorize",
            "token_endpoint": f"{self.issuer}/oauth2{self.version}/token",
        }
        return Response(json.dumps(metadata))

    def post(self, url, *, data, **_):
        assert not self.form, "a second token request"
        self.posted_to = url
        self.form = {
            name: value.decode() if isinstance(value, bytes) else str(value)
            for name, value in data.items()
        }
        return Response(json.dumps({"access_token": "t", "expires_in": 3599}))

    def close(self):
        """Nothing was opened."""


def acquire(
    credential, http_client, *, cloud="public", client_id=CLIENT_ID, authority=None, claims=None
):
    """Have MSAL ask for a token with `credential`, by way of `http_client`."""
    app = msal.ConfidentialClientApplication(
        client_id,
        authority=authority or home(cloud),
        client_credential=credential,
        client_claims=claims,
        http_client=http_client,
        instance_discovery=False,
        azure_region=msal.ConfidentialClientApplication.DISABLE_MSAL_FORCE_REGION,
    )
    answer = app.acquire_token_for_client([SCOPES[cloud]])
    assert answer["access_token"] == "t"


def request(
    credential, *, cloud="public", endpoint: TokenEndpoint | None = None, **options
) -> TokenEndpoint:
    """Return the endpoint that took MSAL's token request; `options` as for `acquire`."""
    endpoint = endpoint or TokenEndpoint(home(cloud))
    acquire(credential, endpoint, cloud=cloud, **options)
    return endpoint


def assertion(credential, **options) -> str:
    """Return the client assertion MSAL makes of `credential`; `options` as for `request`."""
    return request(credential, **options).form["client_assertion"]


def home(cloud) -> str:
    """Return the URL of the test tenant in `cloud`."""
    return f"https://{HOSTS[cloud]}/{TENANT}"
