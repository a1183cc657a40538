"""Tries every candidate on the signature in the query, as `SigAlg` names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from assertcheck.model import Candidate, Outcome, Trial
from assertcheck.saml.algorithms import AlgorithmKind, SignatureAlgorithm, algorithm
from assertcheck.saml.model import SamlSignature

_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    # What Entra ID refuses is verified all the same: the rules say that it is refused.
    "SHA-1": hashes.SHA1(),  # noqa: S303 - it is verified to be told, not trusted
    "MD5": hashes.MD5(),  # noqa: S303 - as above
    "SHA-224": hashes.SHA224(),
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
    "SHA3-224": hashes.SHA3_224(),
    "SHA3-256": hashes.SHA3_256(),
    "SHA3-384": hashes.SHA3_384(),
    "SHA3-512": hashes.SHA3_512(),
}


def try_query(
    signature: SamlSignature, texts: Sequence[bytes], candidates: Sequence[Candidate]
) -> tuple[Trial, ...]:
    """Return how each of `candidates` fares on `signature` over any of `texts`.

    Never raise: whatever does not fit is `NOT_TRIED`, with the reason.
    """
    return tuple(_try(each, signature, texts) for each in candidates)


def is_verified(row: SignatureAlgorithm) -> bool:
    """Tell whether signatures by `row` are tried on keys of its kind."""
    if row.kind in (AlgorithmKind.DSA, AlgorithmKind.HMAC):
        return False
    return row.kind is AlgorithmKind.EDDSA or row.hash_name in _HASHES


def _try(candidate: Candidate, signature: SamlSignature, texts: Sequence[bytes]) -> Trial:
    octets = signature.octets
    if not octets:
        return _not_tried(candidate, "Signature is not base64")
    if signature.algorithm is None:
        return _not_tried(candidate, "there is no SigAlg to say how it was signed")
    row = algorithm(signature.algorithm)
    if row is None:
        return _not_tried(candidate, "SigAlg names no algorithm that is known")
    if not is_verified(row):
        return _not_tried(candidate, f"{row.name} is not verified here")
    fits = [_fits(candidate, row, octets, text) for text in texts]
    if None in fits:
        return _not_tried(candidate, f"{candidate.key_text} is no key for {row.name}")
    return Trial(candidate=candidate, outcome=Outcome.VALID if any(fits) else Outcome.INVALID)


def _not_tried(candidate: Candidate, why: str) -> Trial:
    return Trial(candidate=candidate, outcome=Outcome.NOT_TRIED, why=why)


def _fits(candidate: Candidate, row: SignatureAlgorithm, octets: bytes, text: bytes) -> bool | None:
    """Tell whether `candidate` made `octets` over `text`; `None` for a key of another kind."""
    try:
        match row.kind, candidate.key:
            case AlgorithmKind.RSA, rsa.RSAPublicKey() as key:
                key.verify(octets, text, padding.PKCS1v15(), _HASHES[row.hash_name])
            case AlgorithmKind.RSA_PSS, rsa.RSAPublicKey() as key:
                function = _HASHES[row.hash_name]
                scheme = padding.PSS(padding.MGF1(function), function.digest_size)
                key.verify(octets, text, scheme, function)
            case AlgorithmKind.ECDSA, ec.EllipticCurvePublicKey() as key:
                key.verify(_der(octets, key), text, ec.ECDSA(_HASHES[row.hash_name]))
            case AlgorithmKind.EDDSA, ed25519.Ed25519PublicKey() as key if row.name == "Ed25519":
                key.verify(octets, text)
            case AlgorithmKind.EDDSA, ed448.Ed448PublicKey() as key if row.name == "Ed448":
                key.verify(octets, text)
            case _:
                return None
    except (InvalidSignature, ValueError):
        # To the library a key that is too small for the hash is a wrong value.
        return False
    return True


def _der(octets: bytes, key: ec.EllipticCurvePublicKey) -> bytes:
    """Return an ECDSA signature as the library takes it.

    XML Signature 1.1 §6.4.3: r and s side by side, each as long as the curve.
    """
    size = (key.curve.key_size + 7) // 8
    if len(octets) != 2 * size:
        raise InvalidSignature
    return encode_dss_signature(
        int.from_bytes(octets[:size], "big"), int.from_bytes(octets[size:], "big")
    )
