"""What a rule is: one function for one fault, with its documentation and its place in the order."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, Never, TypeVar

from assertcheck.authority import NIL, is_guid
from assertcheck.model import (
    AssertionKind,
    Candidate,
    Confidence,
    DecodedAssertion,
    EntraCode,
    Expected,
    Finding,
    Outcome,
    Problem,
    Role,
    Severity,
    Submission,
    Trial,
    Undecided,
)
from assertcheck.verifier.autopsy import Autopsy, Proof
from assertcheck.verifier.thumbprint import ThumbprintReading, named_candidates

if TYPE_CHECKING:
    from assertcheck.graph import FederatedCredential, Registration

C = TypeVar("C", contravariant=True)
"""What the rules of a family look at: `Context` for those of assertions."""
D = TypeVar("D")
"""What another family looks at."""
Need = StrEnum("Need", ["KEY", "CLIENT_ID", "TENANT", "CLOUD"])
"""A fact without which a rule cannot be checked."""

NOT_FOUND = "The key was not found."
KEY_EXPIRED = "The key used is expired."
MISMATCH = "Key was found, but use of the key to verify the signature failed."
"""Reasons Entra ID gives with AADSTS700027."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that a rule may look at."""

    assertion: DecodedAssertion
    kind: AssertionKind
    submission: Submission
    trials: tuple[Trial, ...]
    thumbprints: tuple[ThumbprintReading, ...]
    """What each key identifier in the header really is."""
    autopsy: Autopsy | None
    """Why the signature does not verify; `None` when it does, or there was nothing to try."""
    expected: Expected
    now: datetime
    """UTC; the only clock a rule may read."""
    leeway: timedelta
    min_days: int | None
    """Warn of a certificate that ends within so many days."""
    found: tuple[Finding, ...] = ()
    """What earlier rules found; filled, and of use, only where the paste holds an error."""
    registration: Registration | None = None
    """What `--app` says is registered."""
    federated: tuple[FederatedCredential, ...] | None = None
    """What `--federated` says is trusted."""

    @property
    def client_id(self) -> str:
        """The client id, as far as the options and the assertion tell it; else the word for it."""
        app = self.registration
        if self.expected.client_id:
            given = self.expected.client_id.lower()
            is_object_id = app is not None and app.object_id == given
            return (app.app_id if app and is_object_id else None) or given
        audience = str(self.assertion.claims.get("aud")).lower()
        for name in ("iss", "sub"):
            value = str(self.assertion.claims.get(name)).lower()
            if is_guid(value) and value != NIL and value not in audience:
                return value
        return "CLIENT_ID"

    @property
    def objects(self) -> tuple[Registration, ...]:
        """What `--app` gave, if anything."""
        return (self.registration,) if self.registration else ()

    @property
    def judged(self) -> tuple[Candidate, ...]:
        """The candidates that this assertion is about: registered ones, if there are.

        That is the one which signed it and which its header names; else the one that did either;
        else the one that is proven to have signed, or that the identifier was made from. That it is
        the only one makes none of them suspect. An assertion that names the certificate which it
        was signed with, and that is not registered, is about that one.
        """
        named = named_candidates(self.thumbprints)
        names = frozenset(named)
        signed = [
            each.candidate
            for each in self.trials
            # What the app has of a bare key serves for nothing, and a rule of its own says so.
            if each.outcome is Outcome.VALID
            and (each.candidate.certificate or not each.candidate.credential)
        ]
        made_with = [candidate for candidate in signed if candidate in names]
        if made_with:
            bare = [candidate for candidate in signed if candidate.certificate is None]
            held = tuple(each for each in made_with if each.role is Role.HELD)
            return _registered_of(made_with) or _registered_of(bare) or held
        about = _registered_of(signed) or _registered_of(named)
        return about or _registered_of(self._hinted_at())

    def _hinted_at(self) -> list[Candidate]:
        """Return who is proven to have signed, else the registered ones identifiers come from."""
        autopsy = self.autopsy
        if autopsy and autopsy.candidate and autopsy.proof in (Proof.VERIFIED, Proof.PADDING):
            return [autopsy.candidate]
        found: list[Candidate] = []
        for reading in self.thumbprints:
            mine = _registered_of(match.candidate for match in reading.matches)
            found += [each for each in mine[:1] if each not in found]
        return found


def _registered_of(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    return tuple(each for each in candidates if each.role is Role.REGISTERED)


Found = tuple[Problem | Undecided, ...]
"""What a rule comes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Generic[C]):
    """A fault that can be found, and all that is to be said of it."""

    id: str
    title: str
    severity: Severity
    source: str
    aadsts: tuple[EntraCode, ...]
    needs: tuple[Need, ...]
    unless: tuple[str, ...]
    """Earlier rules whose errors make this one meaningless."""
    kinds: frozenset[AssertionKind]
    find: Callable[[C], Found]
    page: str
    """The docstring, as it stands in the source."""

    @property
    def doc(self) -> str:
        """Markdown: what is required, why Entra ID refuses it, how to mend it."""
        return inspect.cleandoc(self.page)


ALL_KINDS = frozenset(AssertionKind)


def rule(
    id: str,  # noqa: A002 - it is the word users know it by
    title: str,
    *,
    severity: Severity,
    source: str,
    aadsts: tuple[EntraCode, ...] = (),
    needs: tuple[Need, ...] = (),
    unless: tuple[str, ...] = (),
    kinds: frozenset[AssertionKind] = frozenset({AssertionKind.CERTIFICATE}),
) -> Callable[[Callable[[C], Found]], Rule[C]]:
    """Make a predicate, which never raises, into a `Rule`; its docstring is the rule's page."""

    def make(find: Callable[[C], Found]) -> Rule[C]:
        return Rule(
            id=id,
            title=title,
            severity=severity,
            source=source,
            aadsts=aadsts,
            needs=needs,
            unless=unless,
            kinds=kinds,
            find=find,
            page=find.__doc__ or "",
        )

    return make


def same_fault(
    known: Rule[Never], *, unless: tuple[str, ...] = ()
) -> Callable[[Callable[[D], Found]], Rule[D]]:
    """Make a predicate into the rule `known` of another family, which sees the fault elsewhere.

    A fault has one id, one title and one page, whichever command meets it. What differs is what
    shows it, how grave it is there (`Problem.severity`), and what it follows from: `unless`.
    """

    def make(find: Callable[[D], Found]) -> Rule[D]:
        return Rule(
            id=known.id,
            title=known.title,
            severity=known.severity,
            source=known.source,
            aadsts=known.aadsts,
            needs=known.needs,
            unless=unless,
            kinds=known.kinds,
            find=find,
            page=known.page,
        )

    return make


def seen(code: str, reason: str | None = None) -> EntraCode:
    """Return `code`, a number, as one that a raw response of Entra ID showed for this fault."""
    return EntraCode(code=f"AADSTS{code}", confidence=Confidence.SEEN, reason=reason)


def documented(code: str, reason: str | None = None) -> EntraCode:
    """Return `code`, a number, as one that Microsoft documents for this fault."""
    return EntraCode(code=f"AADSTS{code}", confidence=Confidence.DOCUMENTED, reason=reason)


def likely(code: str, reason: str | None = None) -> EntraCode:
    """Return `code`, a number, as one inferred for this fault."""
    return EntraCode(code=f"AADSTS{code}", confidence=Confidence.LIKELY, reason=reason)
