"""From the parameters of a message to the token request that rules look at."""

from __future__ import annotations

import re

from assertcheck.authority import MULTI_TENANT, Form, is_guid, read_endpoint
from assertcheck.intake.found import Message
from assertcheck.intake.other_things import looks_like_secret
from assertcheck.model import Expected, TokenRequest
from assertcheck.redaction import redact

_USER = re.compile(r"//[^/@]{1,300}@")
"""User and password in a URL."""
_LONGEST = 2048
"""Characters of a value; a scope with a dozen permissions fits."""


def token_request(message: Message, *, assertion_parameter: str | None) -> TokenRequest:
    """Return what `message` asks for, with nothing secret in it."""
    url = _USER.sub("//", (message.url or "").partition("?")[0])
    return TokenRequest(
        url=_safe(url) or None,
        client_id=_safe(message.value("client_id")),
        client_assertion_type=_safe(message.value("client_assertion_type")),
        grant_type=_safe(message.value("grant_type")),
        scope=_safe(message.value("scope")),
        resource=_safe(message.value("resource")),
        has_client_secret=bool(message.value("client_secret")),
        method=_safe(message.method),
        content_type=_media_type(message.content_type),
        assertion_parameter=_safe(assertion_parameter),
        is_whole=message.is_whole,
    )


def expected_from(request: TokenRequest) -> Expected:
    """Return what `request` shows that its assertion should fit; `None` for what is unusable."""
    client_id = request.client_id if request.client_id and is_guid(request.client_id) else None
    endpoint = read_endpoint(request.url) if request.url else None
    if endpoint is None or endpoint.cloud is None:
        return Expected(client_id=client_id)
    tenant = endpoint.tenant if _is_tenant(endpoint.tenant) else None
    is_token_url = endpoint.scheme == "https" and endpoint.form in (Form.TOKEN_V2, Form.TOKEN_V1)
    return Expected(
        client_id=client_id,
        tenant=tenant,
        token_url=request.url if tenant and is_token_url else None,
        cloud=endpoint.cloud,
    )


def _is_tenant(tenant: str) -> bool:
    labels = tenant.split(".")
    is_domain = len(labels) > 1 and all(
        label.replace("-", "").isalnum() and label.isascii() for label in labels
    )
    return is_guid(tenant) or is_domain or tenant.lower() in MULTI_TENANT


def _safe(value: str | None) -> str | None:
    """Return `value` fit to show: somebody may have put a secret in the wrong field."""
    if value is None:
        return None
    if looks_like_secret(value):
        return "[redacted: a client secret]"
    shown, _ = redact(value[:_LONGEST], path="", secrets=())
    return str(shown)


def _media_type(value: str | None) -> str | None:
    return _safe(value.partition(";")[0].strip().lower()) if value else None
