"""What an app is there for, as far as its export shows: what it redirects to, and who calls it."""

from __future__ import annotations

from assertcheck.keys.graph_values import Members, folded, items

_PLATFORMS = ("web", "spa", "publicClient")
_OLD_NAMES = {"web": "web", "spa": "spa", "installedclient": "publicClient"}
"""What Azure AD Graph calls them, in lower case, in `replyUrlsWithType`."""


def platforms_of(members: Members) -> tuple[str, ...]:
    """Return which of `web`, `spa` and `publicClient` the application has redirect URIs for."""
    typed = (str(folded(each).get("type")) for each in items(members.get("replyurlswithtype")))
    old = {_OLD_NAMES.get(each.lower()) for each in typed}
    return tuple(
        name
        for name in _PLATFORMS
        if name in old or items(folded(members.get(name.lower())).get("redirecturis"))
    )


def exposes_scopes(members: Members) -> bool:
    """Tell whether the application has scopes of its own; Azure AD Graph has another name."""
    scopes = folded(members.get("api")).get("oauth2permissionscopes")
    return bool(items(scopes) or items(members.get("oauth2permissions")))
