"""Token requests in the shapes people paste them in, put together without the code under test."""

import json
import shlex
from urllib.parse import urlencode

from tests.build import AUD, CLIENT_ID, token

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = "https://graph.microsoft.com/.default"
ERROR = (
    "AADSTS700027: The certificate with identifier used to sign the client assertion is not "
    "registered on application. [Reason - The key was not found., Thumbprint of key used by client: "
    "'84E05C1D98BCE3A5421D225B140B36E86A3D5534', Please visit the Azure Portal, Graph Explorer or "
    f"directly use MS Graph to see configured keys for app Id '{CLIENT_ID}'.] Trace ID: "
    "11111111-0000-4000-8000-000000000001 Correlation ID: 11111111-0000-4000-8000-000000000002 "
    "Timestamp: 2026-03-10 12:00:00Z"
)
ANSWER = json.dumps({"error": "invalid_client", "error_description": ERROR})
TOKEN = token()


def parameters(**changed: str | None) -> dict[str, str]:
    """A token request as Microsoft documents it, but for `changed`; `None` leaves one out."""
    right: dict[str, str | None] = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "scope": SCOPE,
        "client_assertion_type": TYPE,
        "client_assertion": TOKEN,
    }
    return {name: value for name, value in (right | changed).items() if value is not None}


def form(**changed: str | None) -> str:
    return urlencode(parameters(**changed))


def http(body: str | None = None, *, url: str = AUD, content_type: str | None = None) -> str:
    """A raw request over HTTP/1.1; the body as it is given."""
    host, _, path = url.removeprefix("https://").partition("/")
    return (
        f"POST /{path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n"
        f"Content-Type: {content_type or 'application/x-www-form-urlencoded'}\r\n\r\n"
        f"{form() if body is None else body}"
    )


def curl(*arguments: str, url: str = AUD) -> str:
    return shlex.join(["curl", "-X", "POST", url, *arguments])


def har(body: str, *, url: str = AUD, answer: str = "", **posted: object) -> str:
    """A HAR file with a page, and a token request behind it."""
    page = {"request": {"method": "GET", "url": "https://example.com/", "headers": []}}
    asked = {
        "method": "POST",
        "url": url,
        "headers": [{"name": "Content-Type", "value": "application/x-www-form-urlencoded"}],
        "postData": {"mimeType": "application/x-www-form-urlencoded", "text": body} | posted,
    }
    entry = {"request": asked, "response": {"status": 401, "content": {"text": answer}}}
    return json.dumps({"log": {"version": "1.2", "entries": [page, entry]}})
