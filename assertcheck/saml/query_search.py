"""Finds out what a redirect signature that does not verify was made over, and by whose key."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assertcheck.model import Candidate, Role
from assertcheck.saml.algorithms import SignatureAlgorithm, jose_name
from assertcheck.saml.model import SamlAutopsy, SamlMistake
from assertcheck.saml.query_drafts import SIGNATURE, Change, Query, QueryText
from assertcheck.saml.query_texts import far_texts, near_texts, told, worst
from assertcheck.saml.query_ways import other_messages
from assertcheck.verifier.autopsy import Autopsy, Mistake, Proof, Scheme, Step
from assertcheck.verifier.case import Case, Purse, one_for_each_key
from assertcheck.verifier.digests import by_trust
from assertcheck.verifier.hashing import HASH_NAMED
from assertcheck.verifier.search import search
from assertcheck.verifier.signed_texts import Text
from assertcheck.verifier.transport import readings
from assertcheck.words import listed

_SHORT = {Scheme.PKCS1: "RSA", Scheme.PSS: "RSA-PSS"}
_URL_SAFE = "URL-safe base64, with - and _ in place of + and /"


def search_query(
    query: Query,
    declared: SignatureAlgorithm | None,
    candidates: Sequence[Candidate],
    *,
    thorough: bool,
) -> SamlAutopsy:
    """Return the best explanation of the `Signature` in `query`; never raise.

    `declared` is what `SigAlg` names. The work is bounded by counts (`verifier.case`), never by
    time.
    """
    query = replace(query, messages=other_messages(query))
    segment = query.submission.value(SIGNATURE) or ""
    ordered = one_for_each_key(by_trust(candidates))
    registered = [each for each in ordered if each.role is Role.REGISTERED] or ordered
    found = search(
        Case(
            segment=segment,
            readings=readings(segment),
            candidates=ordered,
            suspect=registered[0] if len(registered) == 1 else None,
            algorithm=jose_name(declared) or "RS256",
            near=lambda: _texts(near_texts(query)),
            far=lambda: _texts(far_texts(query)),
            secrets=lambda: iter(()),
            thorough=thorough,
            purse=Purse(),
        )
    )
    changes = _changes(query, found)
    written = [step.words for step in found.transport]
    if not written and found.proof is Proof.VERIFIED and set(segment) & set("-_"):
        written = [_URL_SAFE]
    if found.candidate is None:
        return _unknown(found, written, ordered)
    return _known(found, found.candidate, declared, changes, written)


def _texts(source: Iterator[QueryText]) -> Iterator[Text]:
    return (Text(octets=each.octets, steps=_steps(each.changes)) for each in source)


def _steps(changes: tuple[Change, ...]) -> tuple[Step, ...]:
    return tuple(Step(id=Mistake.OTHER_TEXT, words=f"{each.name} {each.words}") for each in changes)


def _changes(query: Query, found: Autopsy) -> tuple[Change, ...] | None:
    """Return how the text that was found differs from the one received; `None`: none was found."""
    if found.text is None:
        return None
    texts = itertools.chain(near_texts(query), far_texts(query))
    return next(each.changes for each in texts if _steps(each.changes) == found.text)


def _unknown(found: Autopsy, written: list[str], candidates: Sequence[Candidate]) -> SamlAutopsy:
    """Return what there is to say where no key at hand made it."""
    labels = listed([f"{each.label} ({each.key_text})" for each in candidates[:_MOST_LABELS]])
    more = f" and {len(candidates) - _MOST_LABELS} more" if len(candidates) > _MOST_LABELS else ""
    none = f"signed with none of the keys tried: {labels}{more}"
    is_damaged = bool(written) and found.scheme is None
    # Whose it was does not show where a part of it is gone.
    is_cut = any(
        step.id in (Mistake.TRUNCATED, Mistake.CHARACTERS_LOST) for step in found.transport
    )
    return SamlAutopsy(
        mistake=SamlMistake.TRANSPORT if is_damaged else SamlMistake.UNKNOWN_KEY,
        candidate=None,
        words="; ".join([*_written(written), *(() if is_damaged and is_cut else (none,))]),
    )


_MOST_LABELS = 5


def _written(words: Sequence[str]) -> list[str]:
    return [f"Signature is not written as it should be: {', '.join(words)}"] if words else []


def _known(
    found: Autopsy,
    candidate: Candidate,
    declared: SignatureAlgorithm | None,
    changes: tuple[Change, ...] | None,
    written: list[str],
) -> SamlAutopsy:
    """Return what there is to say where the key is known."""
    made = _made(found, declared)
    is_other_key = candidate.role is not Role.REGISTERED
    probably = "probably " if found.proof is Proof.LIKELY else ""
    parts = _written(written)
    if is_other_key or probably or changes is None:
        parts.append(f"{probably}signed by the key of {candidate.label} ({candidate.key_text})")
    if changes is None:
        parts.append("over something else than what was sent, which could not be found")
    elif changes:
        parts.append(f"signed with {told(changes)}")
    digesting = [step.words for step in found.digesting]
    if digesting:
        parts.append(f"its digest is not made as it should be: {', '.join(digesting)}")
    if made:
        parts.append(made[1])
    if is_other_key:
        mistake = SamlMistake.OTHER_KEY
    elif written:
        mistake = SamlMistake.TRANSPORT
    elif changes is None:
        mistake = SamlMistake.OTHER_OCTETS
    elif digesting or not changes:
        mistake = SamlMistake.OTHER_ALGORITHM
    else:
        mistake = worst(changes)
    wrong = [each.mistake for each in changes or ()]
    wrong += [SamlMistake.OTHER_ALGORITHM] if made or digesting else []
    return SamlAutopsy(
        mistake=mistake,
        candidate=candidate,
        words="; ".join(parts),
        also=tuple(each for each in dict.fromkeys(wrong) if each is not mistake),
        algorithm=made[0] if made else None,
    )


def _made(found: Autopsy, declared: SignatureAlgorithm | None) -> tuple[str, str] | None:
    """Return the algorithm it was made with, and that in words; `None` where it is as declared."""
    scheme, hash_name = found.scheme, found.hash_name
    same = (
        declared is not None
        and declared.kind.value == scheme
        and hash_name in (declared.hash_name, None)
    )
    details = _pss_details(found)
    if scheme is None or (same and not details):
        return None
    short = _SHORT.get(scheme, scheme.value)
    name = f"{short}-{_compact(hash_name)}" if hash_name else short
    told_as = f"made with {name}{details}"
    if declared is None:
        return name, f"{told_as}, which SigAlg does not name"
    return name, told_as if same else f"{told_as}, where SigAlg names {declared.name}"


def _compact(hash_name: str) -> str:
    """Return `SHA-256` as the names of algorithms have it: `SHA256`."""
    return hash_name.replace("SHA-", "SHA", 1)


def _pss_details(found: Autopsy) -> str:
    """Say in what PSS differs from the usual: a salt as long as the hash, MGF1 with the same hash.

    RFC 9231 §2.3.10 has no other.
    """
    if found.scheme is not Scheme.PSS or found.hash_name is None:
        return ""
    details = []
    function = HASH_NAMED[found.hash_name]
    if found.salt_length != function.size:
        details.append(f"a salt of {found.salt_length} octets in place of {function.size}")
    if found.mgf_hash_name != found.hash_name:
        details.append(f"MGF1 with {found.mgf_hash_name}")
    return f" and {listed(details)}" if details else ""
