"""What a rule is: one function for one fault, with its documentation and its place in the order."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from assertcheck.model import (
    AssertionKind,
    Confidence,
    DecodedAssertion,
    EntraCode,
    Expected,
    Finding,
    Problem,
    Severity,
    Submission,
    Trial,
    Undecided,
)
from assertcheck.verifier.autopsy import Autopsy
from assertcheck.verifier.thumbprint import ThumbprintReading

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


Predicate = Callable[[Context], tuple[Problem | Undecided, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
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
    find: Predicate

    @property
    def doc(self) -> str:
        """Markdown: what is required, why Entra ID refuses it, how to mend it."""
        return inspect.cleandoc(self.find.__doc__ or "")


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
) -> Callable[[Predicate], Rule]:
    """Make a predicate, which never raises, into a `Rule`; its docstring is the rule's page."""

    def make(find: Predicate) -> Rule:
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
