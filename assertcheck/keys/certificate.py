"""X.509 certificates, as candidate keys with all their facts, and which of several is meant."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from assertcheck.errors import CertificateError
from assertcheck.model import Candidate, Certificate, Role

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

MAX_CERTIFICATES = 100
"""In one file: more than any chain, fewer than a whole trust store."""
MAX_MODULUS = 16_384
"""Bits; a modulus beyond it would make every trial slow."""
MAX_EXPONENT = 2**32
UNREADABLE_NAME = "(not readable)"
"""Stands for a subject or an issuer that breaks X.520."""
MALFORMED = (
    ValueError,
    TypeError,  # a name as a BIT STRING
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What `cryptography` raises for what it cannot make sense of."""
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


def read_certificate(der: bytes, *, label: str, role: Role, text: bytes | None = None) -> Candidate:
    """Return the candidate in `der`, called `label`; `text` is the PEM block it came in.

    Raise `CertificateError` if it is no certificate or holds a key that cannot be worked with.
    """
    try:
        with warnings.catch_warnings():
            # A serial number of zero, a country of three letters or a version without extensions
            # is the CA's fault, and nothing here depends on any of them.
            warnings.simplefilter("ignore")
            parsed = x509.load_der_x509_certificate(der)
            key = parsed.public_key()
            certificate = Certificate(
                der=der,
                text=text,
                subject=_name(lambda: parsed.subject),
                issuer=_name(lambda: parsed.issuer),
                serial_number=parsed.serial_number,
                not_before=parsed.not_valid_before_utc,
                not_after=parsed.not_valid_after_utc,
                sha1=hashlib.sha1(der, usedforsecurity=False).digest(),
                sha256=hashlib.sha256(der).digest(),
                is_ca=_is_ca(parsed),
            )
    except MALFORMED as cause:
        raise CertificateError(
            f"{label} is not a readable X.509 certificate",
            hint="export it again as PEM or DER; "
            "`openssl x509 -in FILE -noout -text` shows whether it is whole",
        ) from cause
    return Candidate(
        label=label,
        role=role,
        key=bounded(key, label=label),
        key_text=key_text(key),
        certificate=certificate,
    )


def read_certificates(
    blocks: Sequence[tuple[bytes, bytes | None]], *, label: str, role: Role
) -> tuple[Candidate, ...]:
    """Return the candidates in `blocks`, each the DER and the PEM text of a certificate.

    One alone is called `label`, each of several `label[0]` and so on. Raise `CertificateError` if
    there are too many of them or one cannot be read.
    """
    check_count(len(blocks), label)
    several = len(blocks) > 1
    return tuple(
        read_certificate(der, label=f"{label}[{index}]" if several else label, role=role, text=text)
        for index, (der, text) in enumerate(blocks)
    )


def check_count(count: int, label: str) -> None:
    """Raise `CertificateError` if `count` is more certificates or keys than one file may hold."""
    if count > MAX_CERTIFICATES:
        raise CertificateError(
            f"{label} holds {count} certificates, more than {MAX_CERTIFICATES}",
            hint="give the app's own certificate, not a trust store",
        )


def leaves_first(candidates: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Return `candidates` with those that issued another one of them last, as `Role.ALSO`."""
    issuers = {
        candidate.certificate.issuer
        for candidate in candidates
        # A self-issued certificate did not issue its renewal of the same name.
        if candidate.certificate and candidate.certificate.issuer != candidate.certificate.subject
    }
    leaves, others = [], []
    for candidate in candidates:
        if candidate.certificate and candidate.certificate.subject in issuers:
            others.append(replace(candidate, role=Role.ALSO))
        else:
            leaves.append(candidate)
    # Certificates that only issued each other leave no leaf: then any may be meant.
    return (*leaves, *others) if leaves else candidates


def bounded(key: PublicKeyTypes, *, label: str) -> PublicKeyTypes:
    """Return `key` if arithmetic with it is bounded and sound; else raise `CertificateError`."""
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        if numbers.n.bit_length() > MAX_MODULUS or numbers.n % 2 == 0 or numbers.e > MAX_EXPONENT:
            raise CertificateError(
                f"{label} holds an RSA key with a modulus of {numbers.n.bit_length()} bits and "
                f"an exponent of {numbers.e.bit_length()} bits, which is out of bounds",
                hint=f"use an odd modulus of at most {MAX_MODULUS} bits and an exponent below 2^32",
            )
    return key


def key_text(key: PublicKeyTypes) -> str:
    """Name the kind and size of `key` as people do: `RSA 2048`, `EC P-256`, `Ed25519`."""
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"EC {_CURVES.get(key.curve.name, key.curve.name)}"
        case ed25519.Ed25519PublicKey():
            return "Ed25519"
        case ed448.Ed448PublicKey():
            return "Ed448"
        case _:
            return type(key).__name__.lstrip("_").removesuffix("PublicKey")


def only_certifies(candidate: Candidate) -> bool:
    """Tell whether the key of `candidate` may sign certificates and no other data.

    RFC 5280 §4.2.1.3: without the extension it may do anything.
    """
    if candidate.certificate is None:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = x509.load_der_x509_certificate(candidate.certificate.der)
            usage = parsed.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, *MALFORMED):
        return False
    return usage.key_cert_sign and not usage.digital_signature


def _name(read: Callable[[], x509.Name]) -> str:
    try:
        return read().rfc4514_string()
    except MALFORMED:
        # A TeletexString with an accent, say: old CAs made them, and no signature hangs on it.
        return UNREADABLE_NAME


def _is_ca(parsed: x509.Certificate) -> bool:
    try:
        return parsed.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, *MALFORMED):
        return False
