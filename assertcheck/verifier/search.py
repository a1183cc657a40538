"""The search behind an autopsy: from the signature segment to the one best explanation.

1. Read the segment in every way it may have been written down.
2. Apply each RSA key to each reading; padding that shows up proves the key. With a proven key, look
   for the text: near ones, edited ones, pairs of steps, changes.
3. Try the elliptic curves, which prove a key and a text only together.
4. Try HMAC with whatever is public.
5. Mend one character of the signature, for the key that should have signed.
6. Say what shows by itself: the shape of ECDSA, an encoding, damage, a length that is no
   signature's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import rsa

from assertcheck.model import Candidate, DecodedAssertion, Role
from assertcheck.verifier.autopsy import Autopsy, Mistake, Step
from assertcheck.verifier.case import UNKNOWN, Case, Purse, one_for_each_key
from assertcheck.verifier.changes import changed_texts
from assertcheck.verifier.curve_search import by_curve, by_shape
from assertcheck.verifier.digests import by_trust
from assertcheck.verifier.hmac_search import by_hmac, public_secrets
from assertcheck.verifier.rsa_search import by_repair, by_rsa
from assertcheck.verifier.signed_texts import Text, edited_texts, near_texts, paired_texts
from assertcheck.verifier.transport import damage, lost_characters, readings

_RSA_SIZES = (128, 256, 384, 512)
_OTHER_SIZES = (32, 48, 64, 96, 132)
"""Octets of signatures by HMAC and elliptic curves."""


def search_assertion(
    assertion: DecodedAssertion,
    candidates: Sequence[Candidate],
    *,
    named: Candidate | None,
    thorough: bool,
) -> Autopsy:
    """Return the best explanation of the signature of `assertion`; see `autopsy.examine`."""
    segment = (*assertion.segments, "", "", "")[2]
    ordered = _ordered(candidates, named)

    def far() -> Iterator[Text]:
        yield from edited_texts(assertion, ordered)
        if thorough:
            yield from paired_texts(assertion)
            yield from changed_texts(assertion)

    return search(
        Case(
            segment=segment,
            readings=readings(segment),
            candidates=ordered,
            suspect=_suspect(ordered, named),
            algorithm=str(assertion.header.get("alg")),
            near=lambda: near_texts(assertion),
            far=far,
            secrets=lambda: public_secrets(assertion, ordered),
            thorough=thorough,
            purse=Purse(),
        )
    )


def search(case: Case) -> Autopsy:
    """Return the best explanation of the signature in `case`."""
    found = by_rsa(case) or by_curve(case) or by_hmac(case) or by_repair(case) or by_shape(case)
    purse = case.purse
    return replace(
        found or replace(UNKNOWN, transport=_evident(case)),
        verifications=purse.verifications,
        hashes=purse.hashes,
        exhausted=purse.exhausted,
    )


def _ordered(candidates: Sequence[Candidate], named: Candidate | None) -> tuple[Candidate, ...]:
    return one_for_each_key(sorted(by_trust(candidates), key=lambda each: each != named))


def _suspect(candidates: Sequence[Candidate], named: Candidate | None) -> Candidate | None:
    if named is not None:
        return named
    registered = [each for each in candidates if each.role is Role.REGISTERED] or candidates
    return registered[0] if len(registered) == 1 else None


def _evident(case: Case) -> tuple[Step, ...]:
    """Return what the segment shows of how it was written down, whoever signed."""
    sizes = {
        (each.key.key_size + 7) // 8
        for each in case.candidates
        if isinstance(each.key, rsa.RSAPublicKey)
    }
    for reading in case.readings:
        if reading.steps and len(reading.octets) in {*sizes, *_RSA_SIZES, *_OTHER_SIZES}:
            return reading.steps
    damaged = damage(case.segment)
    return (damaged,) if damaged else _shortage(case, sizes)


def _shortage(case: Case, sizes: set[int]) -> tuple[Step, ...]:
    length = len(case.segment.rstrip("=")) * 6 // 8
    if length in (*_RSA_SIZES, *_OTHER_SIZES) or not case.algorithm.startswith(("RS", "PS")):
        return ()
    lost = lost_characters(case.segment, {*sizes, *_RSA_SIZES})
    if lost:
        return (lost,)
    expected = min(sizes, default=min(_RSA_SIZES))
    if not 0 < length < expected:
        return ()
    words = f"{length} octets, where the smallest key at hand makes {expected}"
    return (Step(id=Mistake.TRUNCATED, words=words),)
