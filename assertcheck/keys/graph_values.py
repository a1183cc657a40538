"""The values in exports of Microsoft Graph, in the spellings of every tool that prints them.

`az` and Graph write `keyCredentials`, PowerShell writes `KeyCredentials`, so members are looked up
by name in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from assertcheck.intake.other_things import without_secrets
from assertcheck.numericdate import EPOCH
from assertcheck.redaction import redact

Members = Mapping[str, object]
"""Of a JSON object, by their names in lower case."""

_LONGEST_TEXT = 4096
"""Characters of a value that is kept."""
_MOST_TEXTS = 1000
"""Of one member; Entra ID has room for 256 redirect URIs."""
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBERS = re.compile(r"\d{1,3}(?: \d{1,3})+", re.ASCII)
_ISO = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[Tt ](?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,](?P<fraction>\d{1,20}))?)?"
    r" ?(?:[Zz]|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d))?",
    re.ASCII,
)
_NET_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/", re.ASCII)


def folded(value: object) -> Members:
    """Return the members of the JSON object `value` by lower-case name; none if it is no object."""
    members: dict[str, object] = {}
    if isinstance(value, dict):
        for name, member in value.items():
            members.setdefault(name.lower(), member)
    return members


def flattened(value: object) -> Members:
    """Return the members of `value` with those of its `properties`, as Resource Manager nests."""
    members = folded(value)
    return {**members, **folded(members.get("properties"))}


def first(members: Members, *names: str) -> object:
    """Return the first of the members of these `names` that is not null."""
    return next((members[name] for name in names if members.get(name) is not None), None)


def is_list(value: object) -> bool:
    """Tell whether `value` is an array, or an object around one.

    Graph answers with `value` beside its own members, Windows PowerShell with `value` and `Count`.
    """
    if not isinstance(value, dict):
        return isinstance(value, list)
    names = {name.lower() for name in value if not name.startswith(("@", "odata."))}
    return "value" in names and names <= {"value", "count"} and isinstance(_value(value), list)


def items(value: object) -> list[object]:
    """Return the items of the array `value`; PowerShell writes an array of one as that one."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and is_list(value):
        return items(_value(value))
    return [] if value is None or value == {} else [value]


def text(value: object) -> str | None:
    """Return the text `value`, without a secret in it and cut to what is needed; else `None`."""
    if not isinstance(value, str) or not value:
        return None
    # A lone surrogate cannot be written anywhere.
    clean = value[:_LONGEST_TEXT].encode("utf-8", "replace").decode()
    shown, _ = redact(clean, path="", secrets=())
    return without_secrets(str(shown))


def texts(*values: object) -> tuple[str, ...]:
    """Return the texts in these `values`, each a text or an array of them, each text once."""
    found = (text(each) for value in values for each in items(value)[:_MOST_TEXTS])
    return tuple(dict.fromkeys(each for each in found if each))


def flag(value: object) -> bool | None:
    """Return `value` if it is true or false."""
    return value if isinstance(value, bool) else None


def guid(value: object) -> str | None:
    """Return the GUID `value` in lower case; `None` if it is none."""
    found = value.strip(" {}").lower() if isinstance(value, str) else ""
    return found if _GUID.fullmatch(found) else None


def octets_in(value: object) -> bytes | None:
    """Return the octets that PowerShell writes as numbers, in an array or parted by spaces.

    Return `None` if `value` is neither.
    """
    numbers: list[object] = []
    if isinstance(value, list):
        numbers = value
    elif isinstance(value, str) and _NUMBERS.fullmatch(value):
        numbers = [int(each) for each in value.split(" ")]
    found = [each for each in numbers if isinstance(each, int) and 0 <= each < 256]
    return bytes(found) if found and len(found) == len(numbers) else None


def moment(value: object) -> datetime | None:
    """Return the date `value` in UTC, ISO 8601 or as .NET writes it; `None` if it is neither.

    Without an offset it is UTC, which is what Graph gives.
    """
    if isinstance(value, dict):
        # Windows PowerShell writes some dates as an object with its own words on it beside.
        value = _value(value)
    if not isinstance(value, str):
        return None
    net, iso = _NET_DATE.fullmatch(value.strip()), _ISO.fullmatch(value.strip())
    try:
        if net:
            # Milliseconds of UTC; the offset only says where it was written.
            return EPOCH + timedelta(milliseconds=int(net[1]))
        return _iso_moment(iso) if iso else None
    except (ValueError, OverflowError):
        return None


def _iso_moment(iso: re.Match[str]) -> datetime:
    zone = timezone(
        timedelta(hours=int(iso["hours"] or 0), minutes=int(iso["minutes"] or 0))
        * (-1 if iso["sign"] == "-" else 1)
    )
    fraction = (iso["fraction"] or "0")[:6].ljust(6, "0")
    local = datetime.fromisoformat(f"{iso['day']}T{iso['time'] or '00:00'}")
    return local.replace(microsecond=int(fraction), tzinfo=zone).astimezone(UTC)


def _value(value: Mapping[str, object]) -> object:
    return next((member for name, member in value.items() if name.lower() == "value"), None)
