"""What an app is there for, as far as its export shows: what it redirects to, and who calls it."""

from __future__ import annotations

from assertcheck.keys.graph_values import Members, flag, folded, items

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


def shows_purpose(members: Members) -> bool:
    """Tell whether the members are there that `platforms_of` and its kin, and a reader, go by.

    Whoever selects members, or cuts them off, leaves open what the application is there for.
    """
    if "identifieruris" not in members:
        return False
    is_whole = {"web", "spa", "publicclient"} <= members.keys()
    return is_whole or "replyurlswithtype" in members or "web" in platforms_of(members)


def has_implicit_flow(members: Members) -> bool:
    """Tell whether tokens are issued to the browser itself; Azure AD Graph has other names."""
    settings = folded(folded(members.get("web")).get("implicitgrantsettings"))
    return any(
        flag(each)
        for each in (
            settings.get("enableidtokenissuance"),
            settings.get("enableaccesstokenissuance"),
            members.get("oauth2allowidtokenimplicitflow"),
            members.get("oauth2allowimplicitflow"),
        )
    )


def exposes_roles(members: Members) -> bool:
    """Tell whether the application has roles of its own that others can be given."""
    return bool(items(members.get("approles")))


def exposes_scopes(members: Members) -> bool:
    """Tell whether the application has scopes of its own; Azure AD Graph has another name."""
    scopes = folded(members.get("api")).get("oauth2permissionscopes")
    return bool(items(scopes) or items(members.get("oauth2permissions")))
