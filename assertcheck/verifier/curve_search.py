"""Looks for an elliptic-curve key behind a signature; it shows only together with the text."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    Prehashed,
    decode_dss_signature,
    encode_dss_signature,
)

from assertcheck.model import Candidate
from assertcheck.verifier.autopsy import Autopsy, Mistake, Proof, Scheme, Step
from assertcheck.verifier.case import MOST_CURVE_VERIFICATIONS, UNKNOWN, Case
from assertcheck.verifier.hashing import HASH_NAMED, HASHES, Digested, digests, double_digests
from assertcheck.verifier.signed_texts import Text
from assertcheck.verifier.transport import Reading

_EdwardsKey = ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
# RFC 7518 §3.4
_CURVE_HASH = {"secp256r1": "SHA-256", "secp384r1": "SHA-384", "secp521r1": "SHA-512"}
_BITS = range(128, 522)
"""Of r and s: none of a curve in use begins with so many zeros as to be shorter."""
_PREHASHED = {
    # The library takes from it no more than how long a digest is.
    size: Prehashed(function)
    for size, function in (
        (20, hashes.SHA1()),  # noqa: S303 - not used as a hash
        (28, hashes.SHA224()),
        (32, hashes.SHA256()),
        (48, hashes.SHA384()),
        (64, hashes.SHA512()),
    )
}


def by_curve(case: Case) -> Autopsy | None:
    """Return what an EC or Edwards key of `case` made of which text; `None` if none fits."""
    case.purse.allow(MOST_CURVE_VERIFICATIONS)
    for candidate in case.candidates:
        match candidate.key:
            case ec.EllipticCurvePublicKey():
                found = _by_ecdsa(case, candidate, candidate.key)
            case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
                found = _by_eddsa(case, candidate, candidate.key)
            case _:
                found = None
        if found:
            return found
    return None


def by_shape(case: Case) -> Autopsy | None:
    """Return that the signature is ECDSA's where its DER shows so, by a key that is not at hand."""
    for reading in case.readings:
        try:
            numbers = decode_dss_signature(reading.octets)
        except ValueError:
            continue
        if all(number.bit_length() in _BITS for number in numbers):
            words = f"an ECDSA signature in DER, by the shape of its {len(reading.octets)} octets"
            der = Step(id=Mistake.DER, words=words)
            return replace(UNKNOWN, scheme=Scheme.ECDSA, transport=(*reading.steps, der))
    return None


def _by_ecdsa(case: Case, candidate: Candidate, key: ec.EllipticCurvePublicKey) -> Autopsy | None:
    signatures = [each for reading in case.readings for each in _signatures(reading, key)]
    cost = 3 if key.curve.name == "secp256r1" else 24
    for text, digested in _digested(case, key) if signatures else ():
        for signature, transport in signatures:
            if not case.purse.verify(cost):
                return None
            if _fits(key, signature, digested.digest):
                return replace(
                    UNKNOWN,
                    candidate=candidate,
                    proof=Proof.VERIFIED,
                    scheme=Scheme.ECDSA,
                    hash_name=digested.function.name,
                    transport=transport,
                    digesting=digested.steps,
                    text=text.steps,
                )
    return None


def _digested(case: Case, key: ec.EllipticCurvePublicKey) -> Iterator[tuple[Text, Digested]]:
    """Yield texts and their digests: one or the other is as it should be."""
    own = HASH_NAMED[_CURVE_HASH.get(key.curve.name, "SHA-256")]
    usable = [function for function in HASHES if function.size in _PREHASHED]
    received, *texts = case.near()
    for digested in digests(received.octets, sorted(usable, key=lambda each: each is not own)):
        yield received, digested
    for text in texts:
        for digested in digests(text.octets, (own,)):
            yield text, digested
    for digested in double_digests(received.octets, own):
        yield received, digested


def _fits(key: ec.EllipticCurvePublicKey, signature: bytes, digest: bytes) -> bool:
    try:
        key.verify(signature, digest, ec.ECDSA(_PREHASHED[len(digest)]))
    except InvalidSignature:
        return False
    return True


def _signatures(
    reading: Reading, key: ec.EllipticCurvePublicKey
) -> Iterator[tuple[bytes, tuple[Step, ...]]]:
    """Yield `reading` as signatures in DER, which the library wants, and the steps to each."""
    octets, steps = reading.octets, reading.steps
    try:
        decode_dss_signature(octets)
    except ValueError:
        for first, second, made in _halves(octets, (key.curve.key_size + 7) // 8):
            r, s = int.from_bytes(first, "big"), int.from_bytes(second, "big")
            yield encode_dss_signature(r, s), steps + made
    else:
        der = Step(id=Mistake.DER, words="DER instead of r and s side by side")
        yield octets, (*steps, der)


def _halves(octets: bytes, size: int) -> Iterator[tuple[bytes, bytes, tuple[Step, ...]]]:
    first, second = octets[:size], octets[size:]
    if len(octets) == 2 * size:
        yield first, second, ()
        yield second, first, (Step(id=Mistake.HALVES_SWAPPED, words="s before r"),)
        each = Step(id=Mistake.REVERSED, words="r and s with their octets in reverse order")
        yield first[::-1], second[::-1], (each,)
        whole = Step(id=Mistake.REVERSED, words="its octets in reverse order")
        yield second[::-1], first[::-1], (whole,)
    if len(octets) == 2 * size - 1:
        # RFC 7518 §3.4: both numbers have the full length of the curve.
        dropped = Step(id=Mistake.ZERO_DROPPED, words="the leading zero octet of r or s missing")
        yield octets[: size - 1], octets[size - 1 :], (dropped,)
        yield first, second, (dropped,)


def _by_eddsa(case: Case, candidate: Candidate, key: _EdwardsKey) -> Autopsy | None:
    # RFC 8032 §5.1.6, §5.2.6
    size = 64 if isinstance(key, ed25519.Ed25519PublicKey) else 114
    whole = [reading for reading in case.readings if len(reading.octets) == size]
    for text, reading in itertools.product(case.near() if whole else (), whole):
        if not case.purse.verify(6):
            return None
        try:
            key.verify(reading.octets, text.octets)
        except InvalidSignature:
            continue
        return replace(
            UNKNOWN,
            candidate=candidate,
            proof=Proof.VERIFIED,
            scheme=Scheme.EDDSA,
            transport=reading.steps,
            text=text.steps,
        )
    return None
