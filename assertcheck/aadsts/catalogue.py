"""Every code that is known, and the two ways to ask for one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from assertcheck.aadsts import application, assertion, federation, saml_request
from assertcheck.aadsts.entry import ORDER, Entry, describe
from assertcheck.aadsts.texts import TEXTS
from assertcheck.model import Confidence

_CODE = re.compile(r"(?:AADSTS)?([0-9]{5,7})", re.ASCII | re.IGNORECASE)

_DESCRIBED = (
    *assertion.ENTRIES,
    *application.ENTRIES,
    *federation.ENTRIES,
    *saml_request.ENTRIES,
)
_BARE = tuple(describe(number, confidence=Confidence.DOCUMENTED, meaning="") for number in TEXTS)

CATALOGUE: Mapping[str, Entry] = MappingProxyType(
    {known.code: known for known in (*_BARE, *_DESCRIBED)}
)
"""By code, `AADSTS` in front; of those without a meaning no more than Microsoft's text is known."""


def entry(code: str) -> Entry | None:
    """Return what is known of `code`, given as `AADSTS700027` in any case or as `700027`."""
    match = _CODE.fullmatch(code.strip())
    return CATALOGUE.get(f"AADSTS{match[1]}") if match else None


def rank(code: str) -> int:
    """Return the place of `code` in Entra ID's order of checks, first 0; unknown codes last."""
    known = entry(code)
    return len(ORDER) if known is None or known.rank is None else known.rank
