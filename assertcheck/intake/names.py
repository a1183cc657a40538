"""The parameters of a token request, under every name that programs print them by."""

from __future__ import annotations

import re
from itertools import islice

_OAUTH = (
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "grant_type",
    "scope",
    "resource",
    "assertion",
    "code",
    "redirect_uri",
    "refresh_token",
    "requested_token_use",
)
KNOWN = frozenset(_OAUTH)
_PLAIN = {name.replace("_", ""): name for name in _OAUTH}
_TELLING = frozenset({"client_assertion", "client_assertion_type", "client_id", "grant_type"})
"""Names that nothing but a token request has, or a print of one."""
_URL_NAMES = ("url", "uri", "requesturi", "requesturl", "tokenurl", "tokenendpoint", "endpoint")
_NOT_LETTERS = re.compile(r"[\W_]+")
_TOKEN_PATH = re.compile(r"/oauth2/(?:v2\.0/)?token(?![\w/.-])", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s\"'`<>\\^|()]+", re.IGNORECASE)
_LONGEST_URL = 300
_MOST_URLS = 1000


def canonical(name: str) -> str:
    """Return `name` as OAuth spells it, if it is one of its names in any style; else as it is."""
    return _PLAIN.get(_NOT_LETTERS.sub("", name).lower(), name)


def is_telling(names: frozenset[str]) -> bool:
    """Tell whether a body with parameters of these `names` is one of a token request."""
    return not names.isdisjoint(_TELLING)


def is_url(name: str, value: str) -> bool:
    """Tell whether a member `name` with this `value` says where a request goes."""
    return _NOT_LETTERS.sub("", name).lower() in _URL_NAMES and "://" in value[:12]


def token_url(text: str) -> str | None:
    """Return the URL of the token endpoint in `text`, if there is one and not several."""
    urls: set[str] = set()
    for path in islice(_TOKEN_PATH.finditer(text), _MOST_URLS):
        start = text.rfind("http", max(path.start() - _LONGEST_URL, 0), path.start())
        url = text[start : path.end()] if start >= 0 else ""
        if _URL.fullmatch(url):
            urls.add(url)
    return urls.pop() if len(urls) == 1 else None
