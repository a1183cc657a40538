"""What an entry of the error catalogue is, and the order Entra ID checks in."""

from __future__ import annotations

from dataclasses import dataclass

from assertcheck.aadsts.texts import TEXTS
from assertcheck.model import Confidence

ORDER = (
    # tenant and app
    "90002",
    "900023",
    "9001023",
    "700038",
    "700016",
    "7000112",
    # request shape
    "9002313",
    "900144",
    "70003",
    "7000216",
    "7000218",
    "7000219",
    # parse
    "50027",
    # required claims
    "90014",
    # `typ` and header names
    "5002727",
    "5002726",
    # algorithm
    "5002738",
    # key identifier present
    "5002723",
    # time range
    "700024",
    # client id
    "700021",
    "50048",
    "700022",
    # audience
    "700023",
    "50171",
    # key lookup and signature
    "700026",
    "700027",
    "5002730",
)
"""The codes of a client assertion, in the order Entra ID is taken to check: inferred from dated
responses to one assertion that was mended step by step, so likely at best. Where a step has
several codes, their order among themselves is ours."""

VERIFY = "assertcheck verify assertion.jwt --cert cert.pem"
VERIFY_REQUEST = (
    "assertcheck verify assertion.jwt --cert cert.pem --client-id CLIENT_ID --tenant TENANT"
)
DECODE = "assertcheck decode assertion.jwt"
"""What to run next, for most codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One code of Entra ID, and what is known of it."""

    code: str
    """`AADSTS` and the number."""
    name: str | None
    """Microsoft's name for it."""
    error: str | None
    """The OAuth `error` value, where a response or Microsoft's documentation showed one."""
    text: str | None
    """The message in Microsoft's words, without the code in front; a template: what varies
    stands in braces."""
    confidence: Confidence
    """How sure it is that the code means this."""
    meaning: str
    """What it says about the request; empty where nothing but `text` is known."""
    causes: tuple[str, ...]
    """Likeliest first, each with the thing to do."""
    run: tuple[str, ...]
    """Commands that find out more."""
    rank: int | None
    """Its place in the order of checks; `None` where that is unknown."""


def describe(
    number: str,
    *,
    confidence: Confidence,
    meaning: str,
    name: str | None = None,
    error: str | None = None,
    text: str | None = None,
    causes: tuple[str, ...] = (),
    run: tuple[str, ...] = (),
) -> Entry:
    """Return the entry of the code `number`; without `text`, Microsoft's own lookup gives it."""
    return Entry(
        code=f"AADSTS{number}",
        name=name,
        error=error,
        text=text or TEXTS.get(number),
        confidence=confidence,
        meaning=meaning,
        causes=causes,
        run=run,
        rank=ORDER.index(number) if number in ORDER else None,
    )
