"""The private half of a JSON Web Key (RFC 7518 §6, RFC 8037 §2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from assertcheck.decoder import from_base64
from assertcheck.errors import CertificateError
from assertcheck.keys.certificate import bounded
from assertcheck.keys.jwk import BASE64URL, Skipped, parse_json, public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

_LARGEST_WITHOUT_PRIMES = 4096
"""Bits of a modulus; to find the primes of a larger one from `d` takes too long."""
_EXPORT = "export the key again, as PEM with `-----BEGIN PRIVATE KEY-----` in it"


def private_keys(octets: bytes, label: str) -> tuple[PrivateKeyTypes, ...]:
    """Return the private keys in `octets`, a JWK or a JWK set from a file called `label`.

    Public keys in it are passed over. The numbers of an RSA key are not checked. Raise
    `CertificateError` if a private key cannot be read.
    """
    value = parse_json(octets, label)
    keys = value.get("keys") if isinstance(value, dict) else None
    members = keys if isinstance(keys, list) else [value]
    return tuple(
        _private_key(member, label)
        for member in members
        if isinstance(member, dict) and {"kty", "d"} <= member.keys()
    )


def _private_key(member: Mapping[str, object], label: str) -> PrivateKeyTypes:
    try:
        public = bounded(public_key(member), label=label)
        private = _of(public, member)
    except (Skipped, ValueError):
        # Not chained: a cause may hold what was read.
        raise CertificateError(
            f"{label} is a JWK with a private key that cannot be read", hint=_EXPORT
        ) from None
    if private.public_key() != public:
        raise CertificateError(
            f"{label} is a JWK whose private half belongs to another public key", hint=_EXPORT
        )
    return private


def _of(public: PublicKeyTypes, member: Mapping[str, object]) -> PrivateKeyTypes:
    """Return the private key of `member`; raise `ValueError` if it is none."""
    d = _octets(member.get("d"))
    match public:
        case rsa.RSAPublicKey():
            return _rsa(member, int.from_bytes(d), public.public_numbers())
        case ec.EllipticCurvePublicKey():
            return ec.derive_private_key(int.from_bytes(d), public.curve)
        case ed25519.Ed25519PublicKey():
            return ed25519.Ed25519PrivateKey.from_private_bytes(d)
        case _:
            return ed448.Ed448PrivateKey.from_private_bytes(d)


def _rsa(member: Mapping[str, object], d: int, public: rsa.RSAPublicNumbers) -> rsa.RSAPrivateKey:
    """Return the key; raise `ValueError` if it is none.

    RFC 7518 §6.3.2: `d` alone will do. What is there besides the primes follows from them.
    """
    n, e = public.n, public.e
    if not d < n:
        raise ValueError
    if "p" in member:
        p, q = (int.from_bytes(_octets(member.get(name))) for name in ("p", "q"))
    elif n.bit_length() <= _LARGEST_WITHOUT_PRIMES:
        p, q = rsa.rsa_recover_prime_factors(n, e, d)
    else:
        raise ValueError
    if p * q != n or p == 1 or q == 1:
        raise ValueError
    numbers = rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, p),
        dmq1=rsa.rsa_crt_dmq1(d, q),
        iqmp=rsa.rsa_crt_iqmp(p, q),
        public_numbers=public,
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def _octets(value: object) -> bytes:
    """Return what the member `value` encodes; raise `ValueError` if it is not base64url."""
    if not isinstance(value, str) or not BASE64URL.fullmatch(value):
        raise ValueError
    octets = from_base64(value)
    if octets is None:
        raise ValueError
    return octets
