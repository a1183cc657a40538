"""Several tokens in one paste: which is the client assertion, and what the others are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from assertcheck.decoder import decode
from assertcheck.intake.found import Message
from assertcheck.kind import is_jwe, kind_of
from assertcheck.model import AssertionKind, Dirt

MOST = 256
"""Candidates that are weighed."""
_LONGEST = 1024 * 1024
_LIKELY = 5
_LIKENESS = {
    AssertionKind.FEDERATED: 4,
    AssertionKind.GRAPH_PROOF: 3,
    AssertionKind.OTHER: 1,
}
_WORDS = {
    AssertionKind.FEDERATED: "a federated token",
    AssertionKind.GRAPH_PROOF: "a Graph proof",
}
_OF_ACCESS_TOKENS = frozenset({"scp", "roles", "idtyp"})
_HINTS = frozenset({"x5t", "x5t#S256", "x5c"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A text that may be the assertion, and where it was found."""

    text: str = field(repr=False)
    dirt: tuple[Dirt, ...] = ()
    is_cut: bool = False
    is_broken: bool = False
    """Whether it was shown with line breaks that were not sent."""
    message: Message | None = None
    parameter: str | None = None

    @property
    def is_posted(self) -> bool:
        """Tell whether it stood where an assertion belongs."""
        return self.parameter == "client_assertion"


def choose(candidates: Iterable[Candidate]) -> Candidate | None:
    """Return the candidate most like a client assertion: by its parameter, then by its claims.

    Of equals it is the one that was answered with an error, then the last.
    """
    best: Candidate | None = None
    best_weight: tuple[bool, int, bool] | None = None
    for candidate in candidates:
        weight = (
            candidate.is_posted and "." in candidate.text,
            likeness(candidate.text),
            candidate.message is not None and "AADSTS" in candidate.message.answer,
        )
        if best_weight is None or weight >= best_weight:
            best, best_weight = candidate, weight
    return best


def likeness(text: str) -> int:
    """Weigh how much the token `text` is like a client assertion, by header and claims."""
    assertion = decode(text) if len(text) <= _LONGEST else None
    if assertion is None or not assertion.header or len(assertion.segments) < 2:
        return 0
    kind = kind_of(assertion)
    if kind is not AssertionKind.CERTIFICATE:
        return _LIKENESS[kind]
    claims = assertion.claims
    is_own = bool(claims) and claims.get("iss") == claims.get("sub")
    return _LIKELY + is_own + bool(_HINTS & assertion.header.keys())


def is_likely(text: str) -> bool:
    """Tell whether the token `text` is to be taken for a client assertion wherever it stands."""
    return likeness(text) >= _LIKELY


def word_for(text: str) -> str:
    """Return what the token `text` is, in a word or two that hold nothing of it."""
    if len(text) > _LONGEST:
        return "a token beyond the limit"
    assertion = decode(text)
    if is_jwe(assertion):
        return "an encrypted token"
    if not assertion.header or not assertion.claims:
        return "a token that cannot be read"
    kind = kind_of(assertion)
    if kind is AssertionKind.OTHER:
        is_for_api = bool(_OF_ACCESS_TOKENS & assertion.claims.keys())
        return "an access token" if is_for_api else "an ID token"
    if kind is not AssertionKind.CERTIFICATE:
        return _WORDS[kind]
    if "iss" not in assertion.claims:
        return "a token without issuer"
    is_own = assertion.claims["iss"] == assertion.claims.get("sub")
    return "another client assertion" if is_own else "a token of another issuer"
