"""Looks for an RSA key behind a signature: padding that shows up proves it, whatever was signed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from assertcheck.model import Candidate
from assertcheck.verifier.autopsy import Autopsy, Mistake, Proof, Step
from assertcheck.verifier.case import (
    MOST_KEY_VERIFICATIONS,
    MOST_REPAIR_VERIFICATIONS,
    UNKNOWN,
    Case,
)
from assertcheck.verifier.hashing import (
    DOUBLE_DIGESTS,
    HASHES,
    Digested,
    HashFunction,
    digests,
    double_digests,
)
from assertcheck.verifier.repairs import repairs
from assertcheck.verifier.rsa_blocks import Block, read_blocks
from assertcheck.verifier.signed_texts import Text
from assertcheck.verifier.transport import fitted

_RAW = 7
"""Verifications that a public operation costs in Python's own arithmetic."""
_PADDINGS = (Mistake.NO_PADDING, Mistake.ENCRYPTION_PADDING)
_PSS_HASHES = {"PS256": hashes.SHA256(), "PS384": hashes.SHA384(), "PS512": hashes.SHA512()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    """A key that shows padding in a reading of the signature."""

    candidate: Candidate
    transport: tuple[Step, ...]
    block: Block


def by_rsa(case: Case) -> Autopsy | None:
    """Return what an RSA key of `case` made of which text; `None` if none of them signed."""
    case.purse.allow(MOST_KEY_VERIFICATIONS)
    unproven: list[_Hit] = []
    for hit in _hits(case):
        if hit.block.proof is Proof.PADDING:
            found = _with_near_text(case, hit) or _with_text(case, hit, case.far())
            return found or _right_key(hit)
        unproven.append(hit)
    return _best(case, unproven)


def by_repair(case: Case) -> Autopsy | None:
    """Mend one character of the signature, for the key that should have made it."""
    suspect = case.suspect
    if not case.thorough or suspect is None or not isinstance(suspect.key, rsa.RSAPublicKey):
        return None
    key = suspect.key
    received = next(case.near()).octets
    case.purse.allow(MOST_REPAIR_VERIFICATIONS)
    for signature, step in repairs(case.segment, _size(key)):
        if not case.purse.verify(_weight(key)):
            return None
        if _is_by(key, signature, case.algorithm, received):
            blocks = _blocks(key, signature)
            return _best(
                case, [_Hit(candidate=suspect, transport=(step,), block=block) for block in blocks]
            )
    return None


def _best(case: Case, hits: Sequence[_Hit]) -> Autopsy | None:
    """Return the first of `hits` for which there is a text, else the first."""
    for hit in hits:
        found = _with_near_text(case, hit)
        if found:
            return found
    return _right_key(hits[0]) if hits else None


def _hits(case: Case) -> Iterator[_Hit]:
    for reading in case.readings:
        for candidate in case.candidates:
            key = candidate.key
            if not isinstance(key, rsa.RSAPublicKey):
                continue
            for fit in fitted(reading.octets, _size(key)):
                if not case.purse.verify(_RAW * _weight(key)):
                    return
                for block in _blocks(key, fit.octets):
                    steps = reading.steps + fit.steps
                    yield _Hit(candidate=candidate, transport=steps, block=block)


def _size(key: rsa.RSAPublicKey) -> int:
    return (key.key_size + 7) // 8


def _weight(key: rsa.RSAPublicKey) -> int:
    """Return how many verifications one with `key` is worth."""
    exponent = -(-key.public_numbers().e.bit_length() // 17)
    return max(1, (key.key_size // 2048) ** 2) * exponent


def _blocks(key: rsa.RSAPublicKey, signature: bytes) -> tuple[Block, ...]:
    numbers = key.public_numbers()
    number = int.from_bytes(signature, "big")
    # Anyone can raise a number so small that no modulus comes into play; it proves no key.
    is_trivial = number < 2 or number.bit_length() * numbers.e < key.key_size
    if number >= numbers.n or is_trivial:
        return ()
    return read_blocks(pow(number, numbers.e, numbers.n), key.key_size)


def _with_near_text(case: Case, hit: _Hit) -> Autopsy | None:
    """Find the text among the near ones, hashed by any hash, then hashed twice."""
    block = hit.block
    texts: list[Text] = []
    for text in case.near():
        texts.append(text)
        if text.octets and text.octets == block.content:
            return _unhashed(hit, text)
        if not case.purse.hash(len(text.octets), len(block.functions)):
            return None
        for digested in digests(text.octets, block.functions):
            own = block.made_for(digested.digest, digested.function)
            if own:
                return _verified(hit, text, digested, own)
    for text in texts if block.functions else ():
        if not case.purse.hash(len(text.octets), len(HASHES), more=DOUBLE_DIGESTS):
            return None
        for digested in double_digests(text.octets, block.functions[0]):
            own = block.made_for(digested.digest, digested.function)
            if own:
                return _verified(hit, text, digested, own)
    return None


def _with_text(case: Case, hit: _Hit, texts: Iterable[Text]) -> Autopsy | None:
    """Find the text among many, hashed once by the hash that is likeliest, or not at all."""
    block = hit.block
    functions = block.functions[:1]
    for text in texts:
        if text.octets == block.content:
            return _unhashed(hit, text)
        if not case.purse.hash(len(text.octets), 1):
            return None
        for digested in digests(text.octets, functions):
            own = block.made_for(digested.digest, digested.function)
            if own:
                return _verified(hit, text, digested, own)
    return None


def _right_key(hit: _Hit) -> Autopsy:
    block = hit.block
    function = block.declared or next(iter(block.functions), None)
    return replace(
        UNKNOWN,
        candidate=hit.candidate,
        proof=block.proof,
        scheme=block.scheme,
        hash_name=function.name if function else None,
        mgf_hash_name=block.mgf.name if block.mgf else None,
        salt_length=None if block.salt is None else len(block.salt),
        transport=hit.transport,
        digesting=block.steps,
    )


def _unhashed(hit: _Hit, text: Text) -> Autopsy:
    step = Step(id=Mistake.NOT_HASHED, words="the text itself, not its digest")
    kept = [step for step in hit.block.steps if step.id in _PADDINGS]
    return replace(
        _right_key(hit),
        proof=Proof.VERIFIED,
        hash_name=None,
        digesting=(*kept, step),
        text=text.steps,
    )


def _verified(hit: _Hit, text: Text, digested: Digested, own: HashFunction) -> Autopsy:
    block, function = hit.block, digested.function
    steps = block.steps + digested.steps
    if own is not function:
        words = f"over a digest by {function.name}"
        steps += (Step(id=Mistake.HASHES_DIFFER, words=words),)
    elif block.declared and block.declared is not own and block.declared.size == own.size:
        words = f"the identifier of {block.declared.name} over a digest by {own.name}"
        steps += (Step(id=Mistake.DIGESTINFO_WRONG, words=words),)
    return replace(
        _right_key(hit),
        proof=Proof.VERIFIED,
        hash_name=own.name,
        digesting=steps,
        text=text.steps,
    )


def _is_by(key: rsa.RSAPublicKey, signature: bytes, algorithm: str, received: bytes) -> bool:
    """Tell, five times as fast as `_blocks`, whether `key` shows padding in `signature`.

    For PSS the library tells only whether it was made over the text `received`.
    """
    try:
        if algorithm in _PSS_HASHES:
            function = _PSS_HASHES[algorithm]
            scheme = padding.PSS(padding.MGF1(function), padding.PSS.AUTO)
            key.verify(signature, received, scheme, function)
        else:
            key.recover_data_from_signature(signature, padding.PKCS1v15(), None)
    except (InvalidSignature, ValueError):
        # To the library a key that is too small for the hash is a wrong value.
        return False
    return True
