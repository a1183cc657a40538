"""Tries every candidate on the signature, as the header's `alg` names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm, RSAPSSAlgorithm

from assertcheck.model import Candidate, DecodedAssertion, Outcome, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class _RsaAlgorithm:
    verifier: RSAAlgorithm
    smallest: int
    """Bits of the smallest modulus that has room for the encoded message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _EcAlgorithm:
    verifier: ECAlgorithm
    curve: type[ec.EllipticCurve]


def _pkcs1(hash_class: type[hashes.HashAlgorithm]) -> _RsaAlgorithm:
    # RFC 8017 §9.2: 19 octets of DigestInfo, the digest, at least 11 octets of padding.
    octets = 19 + hash_class().digest_size + 11
    return _RsaAlgorithm(verifier=RSAAlgorithm(hash_class), smallest=8 * octets - 7)


def _pss(hash_class: type[hashes.HashAlgorithm]) -> _RsaAlgorithm:
    # RFC 8017 §9.1.1, step 3, with a salt as long as the hash; the top bit stays free.
    octets = 2 * hash_class().digest_size + 2
    return _RsaAlgorithm(verifier=RSAPSSAlgorithm(hash_class), smallest=8 * octets - 6)


_ALGORITHMS: Mapping[str, _RsaAlgorithm | _EcAlgorithm] = {
    "RS256": _pkcs1(hashes.SHA256),
    "RS384": _pkcs1(hashes.SHA384),
    "RS512": _pkcs1(hashes.SHA512),
    "PS256": _pss(hashes.SHA256),
    "PS384": _pss(hashes.SHA384),
    "PS512": _pss(hashes.SHA512),
    # RFC 7518 §3.4 ties each name to one curve; PyJWT's objects would take any.
    "ES256": _EcAlgorithm(verifier=ECAlgorithm(hashes.SHA256), curve=ec.SECP256R1),
    "ES384": _EcAlgorithm(verifier=ECAlgorithm(hashes.SHA384), curve=ec.SECP384R1),
    "ES512": _EcAlgorithm(verifier=ECAlgorithm(hashes.SHA512), curve=ec.SECP521R1),
}
"""Keyed by the exact name: the header picks a row, and the row says what kind of key fits."""


def try_candidates(
    assertion: DecodedAssertion, candidates: Sequence[Candidate]
) -> tuple[Trial, ...]:
    """Return how each of `candidates` fares on the signature over the octets received.

    Never raise, and never try a symmetric key: whatever does not fit is `NOT_TRIED`, with the
    reason.
    """
    return tuple(_try(assertion, candidate) for candidate in candidates)


def _try(assertion: DecodedAssertion, candidate: Candidate) -> Trial:
    signature = assertion.signature
    if not signature:
        return _not_tried(candidate, "there is no signature to try it on")
    name = assertion.header.get("alg")
    algorithm = _ALGORITHMS.get(name) if isinstance(name, str) else None
    if algorithm is None:
        return _not_tried(candidate, "alg names no algorithm that is tried")
    key = candidate.key
    match algorithm, key:
        case _RsaAlgorithm(), rsa.RSAPublicKey() if key.key_size < algorithm.smallest:
            return _not_tried(candidate, f"{candidate.key_text} is too small for {name}")
        case _RsaAlgorithm(), rsa.RSAPublicKey():
            fits = algorithm.verifier.verify(assertion.signing_input, key, signature)
        case _EcAlgorithm(), ec.EllipticCurvePublicKey() if isinstance(key.curve, algorithm.curve):
            fits = algorithm.verifier.verify(assertion.signing_input, key, signature)
        case _:
            return _not_tried(candidate, f"{candidate.key_text} is no key for {name}")
    return Trial(candidate=candidate, outcome=Outcome.VALID if fits else Outcome.INVALID)


def _not_tried(candidate: Candidate, why: str) -> Trial:
    return Trial(candidate=candidate, outcome=Outcome.NOT_TRIED, why=why)
