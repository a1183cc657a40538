"""What PowerShell's `ConvertTo-Json` cut off: it writes what lies below its depth as a text.

The default depth is 2. An object below it comes out as the name of its type or as `@{…}`, an array
as its members parted by spaces, or as nothing where it has none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assertcheck.keys.graph_values import is_list, items
from assertcheck.words import listed

AGAIN = "export it again with `ConvertTo-Json -Depth 5`"
"""What to do, an imperative."""
_OBJECTS = frozenset(
    {
        "keycredentials",
        "passwordcredentials",
        "replyurlswithtype",
        "api",
        "oauth2permissionscopes",
        "web",
        "spa",
        "publicclient",
        "requestsignatureverification",
        "trustedcertificatesubjects",
        "trustedsubjectnameandissuers",
        "claimsmatchingexpression",
        "properties",
    }
)
"""Members, in lower case, that are objects or arrays of them: a text in their place is none."""
_ARRAYS = frozenset(
    {
        "identifieruris",
        "serviceprincipalnames",
        "replyurls",
        "redirecturis",
        "audiences",
        "audience",
    }
)
"""Members that are arrays of texts without white space; one alone may stand for its array."""
_TYPE = (
    r"(?:System\.(?:Object|String|Byte)\[\]|System\.(?:Collections|Management)\.[\w.`+\[\],]+"
    r"|Microsoft\.[\w.]*(?:PowerShell|Models?|Commands|Cmdlets)\.[\w.`+]+(?:\[\])?)"
)
_WRITTEN = re.compile(rf"@\{{.*\}}|{_TYPE}(?: {_TYPE})*", re.DOTALL)
_LONGEST = 400
"""Characters of a text that is looked at for the name of a type."""
_DEEPEST = 8
"""Nothing further down is read."""
_MOST_NAMES = 5


def without_cut_off(value: object) -> tuple[object, tuple[str, ...]]:
    """Return `value` without the members that were cut off, and these by name.

    A member of a member is called `keyCredentials.key`, the same for each element of an array.
    """
    kept, names = _whole(value, "", 0)
    return kept, tuple(dict.fromkeys(names))


def is_cut_off(value: object) -> bool:
    """Tell whether `value` itself stands for something that was cut off."""
    return isinstance(value, str) and len(value) <= _LONGEST and bool(_WRITTEN.fullmatch(value))


def cut_off_names(names: Sequence[str]) -> str:
    """Return `names`, at least one, for a sentence, a few of them."""
    shown = [f"`{each}`" for each in names[:_MOST_NAMES]]
    more = len(names) - len(shown)
    return listed([*shown, f"{more} more"] if more else shown)


def _whole(value: object, path: str, depth: int) -> tuple[object, list[str]]:
    if depth > _DEEPEST:
        return value, []
    if is_list(value):
        found = [_whole(each, path, depth + 1) for each in items(value)]
        return [each for each, _ in found], [name for _, names in found for name in names]
    if not isinstance(value, dict):
        return value, []
    members: dict[str, object] = {}
    cut: list[str] = []
    for name, member in value.items():
        own = f"{path}.{name}" if path else name
        if _is_cut(name.lower(), member):
            cut.append(own)
            continue
        members[name], below = _whole(member, own, depth + 1)
        cut += below
    return members, cut


def _is_cut(name: str, member: object) -> bool:
    if name in _OBJECTS:
        return any(not isinstance(each, dict) for each in items(member))
    if isinstance(member, str) and name in _ARRAYS:
        return len(member.split()) != 1 or is_cut_off(member)
    return any(map(is_cut_off, items(member))) if is_list(member) else is_cut_off(member)
