"""What the request is expected to carry, from what the caller knows of it."""

from __future__ import annotations

from assertcheck.authority import CLOUD_HOSTS, MULTI_TENANT, is_guid, read_endpoint
from assertcheck.errors import AssertcheckError
from assertcheck.model import Expected


def expect(
    *, client_id: str | None, tenant: str | None, token_url: str | None, cloud: str | None
) -> Expected:
    """Return what the request is expected to carry; `token_url` gives tenant and cloud too.

    Raise `AssertcheckError` for a value that no request could carry, without echoing it: it may
    be an assertion that was put in the wrong place.
    """
    if client_id is not None and not is_guid(client_id):
        raise AssertcheckError(
            "the client id is not a GUID",
            hint="copy Application (client) ID from the app's overview in the portal",
        )
    if tenant is not None and not _is_tenant(tenant):
        raise AssertcheckError(
            "the tenant is neither a GUID nor a domain name",
            hint="copy Directory (tenant) ID, or a domain such as contoso.onmicrosoft.com",
        )
    if cloud is not None and cloud not in CLOUD_HOSTS:
        raise AssertcheckError("there is no such cloud", hint="choose public, usgov or china")
    if token_url is not None:
        endpoint = read_endpoint(token_url)
        if endpoint is None or endpoint.scheme != "https":
            raise AssertcheckError(
                "the token URL is not an https URL",
                hint="give the URL the request is posted to, such as "
                "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token",
            )
        tenant = tenant or endpoint.tenant or None
        cloud = cloud or endpoint.cloud
    return Expected(client_id=client_id, tenant=tenant, token_url=token_url, cloud=cloud)


def _is_tenant(tenant: str) -> bool:
    labels = tenant.split(".")
    is_domain = all(label.replace("-", "").isalnum() for label in labels)
    return is_guid(tenant) or (is_domain and (len(labels) > 1 or tenant in MULTI_TENANT))
