"""Keys without a certificate: public ones, and of private ones the public half."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
)

from assertcheck.keys.certificate import bounded, key_text, leaves_first
from assertcheck.keys.password import Password, check_rounds, mistaken, obtain
from assertcheck.model import Candidate, Role

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

PUBLIC_HALF = "only the public half of its private key is used"
_ENCRYPTED = "an encrypted private key"
_CONVERT = "`openssl pkey -provider legacy -provider default -in FILE -pubout -out key.pem`"
"""The public half is enough, and the private key is not written out."""
OLD_ENCRYPTION = re.compile(
    # RFC 7292 C: RC4 and RC2; RFC 8018 A.3: DES and RC2. Not 3DES, which every build has.
    rb"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01[\x01\x02\x05\x06]"
    rb"|\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05[\x01\x03\x04\x06\x0a\x0b]"
)
"""The object identifiers of what OpenSSL 3 has in its legacy provider only."""


def bare_key(
    key: PublicKeyTypes, *, label: str, role: Role, notes: tuple[str, ...] = ()
) -> Candidate:
    """Return `key` as a candidate without a certificate, called `label`.

    Raise `CertificateError` if arithmetic with it is out of bounds.
    """
    return Candidate(
        label=label,
        role=role,
        key=bounded(key, label=label),
        key_text=key_text(key),
        certificate=None,
        notes=notes,
    )


def read_public_key(der: bytes, *, label: str, role: Role) -> Candidate | None:
    """Return the public key in `der`, SubjectPublicKeyInfo or PKCS#1; `None` if it is neither."""
    try:
        with warnings.catch_warnings():
            # A kind of key that the library is about to drop is a key still.
            warnings.simplefilter("ignore")
            key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    return bare_key(key, label=label, role=role)


def read_private_key(
    octets: bytes, *, label: str, role: Role, password: Password
) -> Candidate | None:
    """Return the public half of the private key in `octets`: PKCS#1, PKCS#8 or SEC 1.

    `octets` are DER, or PEM where OpenSSL's own encryption needs its headers. Return `None` if
    they are no private key; raise `CertificateError` if it does not open with `password`.
    """
    private = load_private_key(octets, label=label, password=password)
    if private is None:
        return None
    return bare_key(public_half(private), label=label, role=role, notes=(PUBLIC_HALF,))


def load_private_key(
    octets: bytes, *, label: str, password: Password, convert: str = _CONVERT
) -> PrivateKeyTypes | None:
    """Return the private key in `octets`, as `read_private_key` takes them, from the file `label`.

    The numbers of an RSA key are not checked. Return `None` if `octets` are no private key; raise
    `CertificateError` if it does not open with `password`, which names the command `convert` where
    its encryption is an old one.
    """
    try:
        return _loaded(octets, None)
    except TypeError:
        return _opened(octets, label, password, convert)
    except (ValueError, UnsupportedAlgorithm):
        return None


def public_half(private: PrivateKeyTypes) -> PublicKeyTypes:
    """Return the public key of `private`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return private.public_key()


def with_keys(
    certificates: tuple[Candidate, ...], keys: Sequence[Candidate]
) -> tuple[Candidate, ...]:
    """Return `certificates` with those first that one of the private `keys` belongs to.

    They are what is meant, the others are `Role.ALSO`. A key that belongs to none follows, as
    `Role.ALSO`; if none belongs, the leaf rule stands.
    """
    owners = [candidate for candidate in certificates if _owned(candidate, keys)]
    strangers = [
        replace(key, role=Role.ALSO, notes=(*key.notes, "it belongs to no certificate beside it"))
        for key in keys
        if not _owned(key, certificates)
    ]
    if not owners:
        return (*leaves_first(certificates), *strangers)
    return (
        *(replace(candidate, notes=(*candidate.notes, PUBLIC_HALF)) for candidate in owners),
        *(replace(each, role=Role.ALSO) for each in certificates if each not in owners),
        *strangers,
    )


def _owned(candidate: Candidate, others: Sequence[Candidate]) -> bool:
    return any(other.key == candidate.key for other in others)


def _opened(octets: bytes, label: str, password: Password, convert: str) -> PrivateKeyTypes | None:
    """Return an encrypted private key; `None` if it is of a kind nobody knows here."""
    check_rounds(octets, label)
    given = obtain(password, label=label, what=_ENCRYPTED)
    try:
        return _loaded(octets, given)
    except UnsupportedAlgorithm:
        return None
    except ValueError as cause:
        legacy = convert if OLD_ENCRYPTION.search(octets) else ""
        raise mistaken(label=label, what=_ENCRYPTED, legacy=legacy) from cause


def _loaded(octets: bytes, password: bytes | None) -> PrivateKeyTypes:
    """Return a private key; raise `TypeError` if it needs a password."""
    load = load_pem_private_key if octets.startswith(b"-----") else load_der_private_key
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # What is checked otherwise, at a cost without bounds, is whether the primes are any.
        return load(octets, password, unsafe_skip_rsa_key_validation=True)
