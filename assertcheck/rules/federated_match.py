"""Whose tokens an app trusts: a token held against the app's federated credentials."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from assertcheck.aadsts.federating import EXCHANGE, EXCHANGE_ID, LONGEST, NUMBERED
from assertcheck.graph import FederatedCredential
from assertcheck.words import listed

MOST = 100
"""Credentials whose expressions are read and that can be the nearest; an app has 20 at most."""
_CLAUSE = r"claims\['([^'\]]{1,100})'\] (eq|matches) '([^']*)'"
"""As Microsoft defines it: a claim, one space, an operator, one space, a text in single quotes."""
_SUBJECTS = (
    (r"repo:(?P<owner>[^/:]+)/(?P<repository>[^/:]+):(?P<job>.+)"),
    (r"system:serviceaccount:(?P<namespace>[^:]+):(?P<service_account>[^:]+)"),
    (r"sc://(?P<organization>[^/]+)/(?P<project>[^/]+)/(?P<service_connection>.+)"),
    (r"project_(?:path|id):(?P<project>[^:]+):ref_type:(?P<ref_type>[^:]+):ref:(?P<ref>.+)"),
    (
        r"organization:(?P<organization>[^:]+):project:(?P<project>[^:]+)"
        r":workspace:(?P<workspace>[^:]+):run_phase:(?P<run_phase>.+)"
    ),
)
"""Subjects of GitHub, Kubernetes, Azure DevOps, GitLab and HCP Terraform, in their parts."""
_MIDDLE = ("in", "middle")
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""The categories of Unicode for controls, format characters and white space."""
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe0e\ufe0f\uffa0"
"""Characters that have no shape, though Unicode counts them among marks, letters or symbols."""
_CALLED = {" ": "space", "\t": "tab", "\n": "line feed", "\r": "carriage return"}
_JOBS = (
    ("environment:", "environment "),
    ("ref:refs/heads/", "branch "),
    ("ref:refs/tags/", "tag "),
)


class Mismatch(StrEnum):
    """In what a token and the credential nearest to it differ; Entra ID tells the first."""

    ISSUER = "issuer"
    SUBJECT_CASE = "subject-case"
    SUBJECT = "subject"
    AUDIENCE = "audience"
    UNDECIDED = "undecided"
    """It fits but for what cannot be decided: an expression, or what the export cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The credential that fits a token, or comes nearest to it."""

    credential: FederatedCredential
    mismatch: Mismatch | None
    is_audience_known: bool = True
    """Whether a credential of the token's issuer has its audience, be it another one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A comparison in the expression of a flexible credential."""

    claim: str
    operator: str
    """`eq` or `matches`."""
    comparand: str
    text: str
    """The clause as written."""


def match(claims: Mapping[str, object], credentials: Sequence[FederatedCredential]) -> Match | None:
    """Return which of `credentials` a token with `claims` fits; `None` where there are none.

    Issuer, subject and audience are compared to the letter (Microsoft Graph,
    federatedIdentityCredentials-overview): first those of its issuer are sought, among them those
    of its subject, among them those of its audience.
    """
    if not credentials:
        return None
    issuer, subject = claims.get("iss"), claims.get("sub")
    of_issuer = [each for each in credentials if each.issuer == issuer]
    if not of_issuer:
        nearest = max(credentials[:MOST], key=lambda each: _nearness_of_issuer(each, claims))
        return Match(credential=nearest, mismatch=Mismatch.ISSUER)
    by_subject = [
        (each, fits_subject(each, claims) if index < MOST or each.subject is not None else None)
        for index, each in enumerate(of_issuer)
    ]
    fitting = [each for each, fits in by_subject if fits]
    undecided = [each for each, fits in by_subject if fits is None]
    audiences = audiences_of(claims)
    for each in fitting:
        if takes_audience(each, audiences):
            return Match(credential=each, mismatch=None)
    for each in (*fitting, *undecided):
        if takes_audience(each, audiences) is not False:
            return Match(credential=each, mismatch=Mismatch.UNDECIDED)
    is_known = any(takes_audience(each, audiences) is not False for each in of_issuer)
    for each in (*fitting, *undecided):
        return Match(credential=each, mismatch=Mismatch.AUDIENCE, is_audience_known=is_known)
    for each in of_issuer:
        if each.subject is not None and each.subject.lower() == str(subject).lower():
            return Match(
                credential=each, mismatch=Mismatch.SUBJECT_CASE, is_audience_known=is_known
            )
    nearest = max(of_issuer[:MOST], key=lambda each: _nearness_of_subject(each, str(subject)))
    return Match(credential=nearest, mismatch=Mismatch.SUBJECT, is_audience_known=is_known)


def audiences_of(claims: Mapping[str, object]) -> frozenset[str]:
    """Return the audiences in `aud`, which is one or an array of them (RFC 7519 §4.1.3)."""
    audience = claims.get("aud")
    values = audience if isinstance(audience, list) else [audience]
    found = frozenset(value for value in values if isinstance(value, str))
    # Credentials name the resource by its URI, v2.0 tokens of Entra ID by its id.
    return found | {EXCHANGE} if EXCHANGE_ID in found else found


def fits_subject(credential: FederatedCredential, claims: Mapping[str, object]) -> bool | None:
    """Tell whether `credential` takes the subject in `claims`; `None` where it is not decided."""
    if credential.subject is None and credential.is_expression_unknown:
        return None
    if credential.subject is not None or credential.expression is None:
        return credential.subject == claims.get("sub")
    parts = clauses(credential.expression)
    results = [holds(clause, claims) for clause in parts]
    if False in results:
        return False
    return None if None in results or not parts else True


def takes_audience(credential: FederatedCredential, audiences: frozenset[str]) -> bool | None:
    """Tell whether `credential` has one of `audiences`; `None` where its own were cut off."""
    if not audiences.isdisjoint(credential.audiences):
        return True
    return None if credential.is_audience_unknown else False


def clauses(expression: str) -> tuple[Clause, ...]:
    """Return the comparisons that `expression` joins by `and`; empty unless it is only that."""
    # Patterns are compiled where they are used: most runs see no token of another issuer.
    if not re.fullmatch(f"{_CLAUSE}(?: and {_CLAUSE})*", expression):
        return ()
    return tuple(
        Clause(claim=found[1], operator=found[2], comparand=found[3], text=found[0])
        for found in re.finditer(_CLAUSE, expression)
    )


def holds(clause: Clause, claims: Mapping[str, object]) -> bool | None:
    """Tell whether `clause` is true of `claims`; `None` where Microsoft does not say.

    It says that `?` stands for a character and `*` for several, not whether `*` may stand for
    none; nor whether letter case counts, nor what becomes of a claim that is no string.
    """
    value = claims.get(clause.claim)
    if value is None:
        return False
    if not isinstance(value, str) or max(len(value), len(clause.comparand)) > LONGEST:
        return None
    is_pattern = clause.operator == "matches"
    pattern = clause.comparand if is_pattern else ""
    if is_pattern and is_like(value, pattern.replace("*", "?*")):
        return True
    if not is_pattern and value == clause.comparand:
        return True
    folded = value.lower()
    may_be = is_like(folded, pattern.lower()) if is_pattern else folded == clause.comparand.lower()
    return None if may_be else False


def is_like(text: str, pattern: str) -> bool:
    """Tell whether `text` is of the form `pattern`: `?` any character, `*` any number of them."""
    first, *others = (_literal(part) for part in pattern.split("*"))
    if not others:
        return re.fullmatch(first, text, re.DOTALL) is not None
    *middle, last = others
    # Atomic, so that the work is at most the product of the lengths: what lies between two stars
    # is best found where it stands first.
    form = f"{first}{''.join(f'(?>.*?{part})' for part in middle)}.*{last}"
    return re.fullmatch(form, text, re.DOTALL) is not None


def _literal(part: str) -> str:
    return "".join("." if each == "?" else re.escape(each) for each in part)


def has_wildcard_for(subject: str, text: str) -> bool:
    """Tell whether `subject`, of a credential, would be that of `text` if it were a pattern."""
    is_short = max(len(subject), len(text)) <= LONGEST
    return is_short and "*" in subject and is_like(text, subject)


def differences(subject: str, registered: str) -> tuple[str, ...]:
    """Return, in words, in which of their parts two subjects of the same issuer differ."""
    mine, theirs = _parts(subject), _parts(registered)
    if mine.keys() != theirs.keys():
        return ()
    numbered = sorted(name for name in mine if _is_numbered(mine[name], theirs[name]))
    form = difference_of_form(subject, registered)
    found = [form] if form else []
    found += [
        f"the {name.replace('_', ' ')} is {mine[name]}, in the credential {theirs[name]}"
        for name in mine
        if mine[name] != theirs[name] and name not in numbered
    ]
    return tuple(found)


def difference_of_form(subject: str, registered: str) -> str | None:
    """Return, in words, which of two subjects of GitHub has ids behind its names; else `None`."""
    mine, theirs = _parts(subject), _parts(registered)
    common = mine.keys() & theirs.keys()
    numbered = sorted(name for name in common if _is_numbered(mine[name], theirs[name]))
    if not numbered:
        return None
    is_mine = re.fullmatch(NUMBERED, mine[numbered[0]]) is not None
    one, other = ("the token", "the credential") if is_mine else ("the credential", "the token")
    return f"{one} has GitHub's immutable form, with ids behind the names, and {other} has not"


def difference_of_issuer(issuer: str, registered: str) -> str | None:
    """Return, in words, the small thing in which two issuers differ; `None` if it is not small."""
    unseen = difference_unseen(issuer, registered)
    if unseen:
        return f"by {unseen}"
    if issuer.rstrip("/") == registered.rstrip("/"):
        return "by a slash at the end"
    if issuer.lower() == registered.lower():
        return "by letter case"
    return "by more than one small thing" if _bare(issuer) == _bare(registered) else None


def difference_unseen(text: str, registered: str) -> str | None:
    """Return, in words, how two texts differ that look the same; `None` if they do not.

    That is by white space and characters without a shape, such as U+200B, which come along with
    what is copied, or by the Unicode form of the same letters.
    """
    if text == registered:
        return None
    if "".join(filter(_is_seen, text)) != "".join(filter(_is_seen, registered)):
        forms = [unicodedata.normalize("NFKC", each) for each in (text, registered)]
        return "how the same letters are encoded in Unicode" if forms[0] == forms[1] else None
    mine, theirs = _unseen(text), _unseen(registered)
    said = [
        _times(f"{what} {at} its {place}", count)
        for (what, at, place), count in (theirs - mine).items()
    ]
    said += [
        _times(f"{what} {at} the {place} of the token's", count)
        for (what, at, place), count in (mine - theirs).items()
    ]
    return listed(said) if said else "where the white space stands"


def has_unseen(text: str) -> bool:
    """Tell whether a character of `text` cannot be seen or might not be noticed."""
    return not all(map(_is_seen, text))


def _unseen(text: str) -> Counter[tuple[str, str, str]]:
    """Return the characters of `text` that cannot be seen, by their names and where they are."""
    seen = [index for index, each in enumerate(text) if _is_seen(each)]
    first, last = (seen[0], seen[-1]) if seen else (len(text), len(text))
    return Counter(
        (
            _character(each),
            *(("at", "start") if index < first else ("at", "end") if index > last else _MIDDLE),
        )
        for index, each in enumerate(text)
        if not _is_seen(each)
    )


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN and character not in _BLANKS


def _character(each: str) -> str:
    """Return the name of a character, with its article."""
    called = _CALLED.get(each) or unicodedata.name(each, "").lower() or f"U+{ord(each):04X}"
    return f"{'an' if called[0] in 'aeio' else 'a'} {called}"


def _times(said: str, count: int) -> str:
    return said if count == 1 else f"{count} times {said}"


def _parts(subject: str) -> dict[str, str]:
    """Return the parts of `subject` by their names; empty if its form is not known."""
    found = next(filter(None, (re.fullmatch(form, subject) for form in _SUBJECTS)), None)
    parts = found.groupdict() if found else {}
    if "job" in parts:
        parts["job"] = _job(parts["job"])
    return parts


def _job(text: str) -> str:
    """Return what a GitHub job runs for, in words."""
    for start, word in _JOBS:
        if text.startswith(start):
            return word + text.removeprefix(start)
    return "pull request" if text == "pull_request" else text


def _is_numbered(one: str, other: str) -> bool:
    """Tell whether one of two names is the other with an id behind it."""
    return any(
        found is not None and found[1] == plain
        for found, plain in (
            (re.fullmatch(NUMBERED, one), other),
            (re.fullmatch(NUMBERED, other), one),
        )
    )


def _nearness_of_issuer(
    credential: FederatedCredential, claims: Mapping[str, object]
) -> tuple[bool, bool, int]:
    issuer = str(claims.get("iss"))
    return (
        difference_of_issuer(issuer, credential.issuer) is not None,
        fits_subject(credential, claims) is True,
        _shared(issuer, credential.issuer),
    )


def _nearness_of_subject(
    credential: FederatedCredential, subject: str
) -> tuple[bool, bool, int, int]:
    texts = list(_subjects_of(credential))
    return (
        any(difference_unseen(subject, text) for text in texts),
        any(has_wildcard_for(text, subject) for text in texts),
        max((_equal_parts(subject, text) for text in texts), default=0),
        max((_shared(subject, text) for text in texts), default=0),
    )


def _subjects_of(credential: FederatedCredential) -> Iterator[str]:
    if credential.subject is not None:
        yield credential.subject
    for clause in clauses(credential.expression or ""):
        if clause.claim == "sub":
            yield clause.comparand


def _equal_parts(subject: str, other: str) -> int:
    """Return how many parts two subjects have in common, GitHub's ids behind names aside."""
    mine, theirs = _parts(subject), _parts(other)
    return sum(
        theirs[name] == value or _is_numbered(value, theirs[name])
        for name, value in mine.items()
        if name in theirs
    )


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts begin with in common."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in same)


def _bare(issuer: str) -> str:
    return issuer.strip().lower().rstrip("/").partition("://")[2]
