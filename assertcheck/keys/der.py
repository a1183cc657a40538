"""Files in DER: whatever structure they hold."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from cryptography import x509

from assertcheck.errors import CertificateError
from assertcheck.keys.bare_key import read_private_key, read_public_key
from assertcheck.keys.certificate import (
    MALFORMED,
    leaves_first,
    read_certificate,
    read_certificates,
)
from assertcheck.keys.unusable import unusable
from assertcheck.model import Candidate, Role

if TYPE_CHECKING:
    from assertcheck.keys.password import Password

_SEQUENCE = b"\x30"
_PFX = bytes.fromhex("02010330")
"""Version 3 and a SEQUENCE behind it (RFC 7292 §4)."""
_PKCS7 = bytes.fromhex("06092a864886f70d0107")
"""What the object identifiers of all PKCS#7 contents begin with (RFC 2315 §14)."""
_VERSION = b"\xa0"
"""The tag that a certificate of version 3 opens with, and nothing else here (RFC 5280 §4.1)."""
_LARGEST = 16 * 1024 * 1024
"""Octets: beyond it, a length is no length."""
_OTHERS: tuple[tuple[Callable[[bytes], object], str, str], ...] = (
    (
        x509.load_der_x509_csr,
        "a certificate signing request",
        "give the certificate that was made from it",
    ),
    (
        x509.load_der_x509_crl,
        "a certificate revocation list",
        "give the certificate itself",
    ),
)


def read_der(octets: bytes, *, label: str, role: Role, password: Password) -> tuple[Candidate, ...]:
    """Return the keys in `octets`, a DER structure from a file called `label`.

    Raise `CertificateError` that names what it is if there is none.
    """
    if not octets.startswith(_SEQUENCE):
        raise unusable(octets, label)
    octets = whole(octets, label)
    inside = octets[_header_size(octets) :]
    if is_pkcs12(octets):
        from assertcheck.keys.pkcs12 import read_pkcs12

        return read_pkcs12(octets, label=label, role=role, password=password)
    if inside.startswith(_PKCS7):
        from assertcheck.keys.pkcs7 import certificates_in

        ders = certificates_in(octets, label)
        blocks = [(der, None) for der in ders]
        return leaves_first(read_certificates(blocks, label=label, role=role))
    if not inside[_header_size(inside) :].startswith(_VERSION):
        key = read_private_key(
            octets, label=label, role=role, password=password
        ) or read_public_key(octets, label=label, role=role)
        if key:
            return (key,)
        _refuse_others(octets, label)
    return (read_certificate(octets, label=label, role=role),)


def first_element(octets: bytes) -> bytes:
    """Return the DER element that `octets` begin with (X.690 §8.1.3), without what follows."""
    return octets[: _size(octets)]


def is_pkcs12(octets: bytes) -> bool:
    """Tell whether the DER structure `octets` is a PFX (RFC 7292 §4)."""
    return octets[_header_size(octets) :].startswith(_PFX)


def whole(octets: bytes, label: str) -> bytes:
    """Return the one element that `octets` are, without white space or zeros behind it.

    Raise `CertificateError` if its end is missing.
    """
    size = _size(octets)
    if len(octets) < size < _LARGEST:
        raise CertificateError(
            f"{label} is cut off: {len(octets)} of {size} octets are there",
            hint="copy the whole file, in binary mode, or export it again",
        )
    behind = octets[size:]
    return octets[:size] if behind and not behind.strip(b"\0 \t\r\n") else octets


def _size(octets: bytes) -> int:
    """Return how many octets the element takes that `octets` begin with.

    Of indefinite length (X.690 §8.1.3.6) it is taken to be all there is.
    """
    if octets[1:2] == b"\x80":
        return len(octets)
    header = _header_size(octets)
    return header + int.from_bytes(octets[2:header] if header > 2 else octets[1:2])


def _header_size(octets: bytes) -> int:
    """Return how many octets tag and length take, the tag being one (X.690 §8.1.3)."""
    first = int.from_bytes(octets[1:2])
    return 2 + (first & 0x7F if first & 0x80 else 0)


def _refuse_others(octets: bytes, label: str) -> None:
    for load, what, hint in _OTHERS:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                load(octets)
        except MALFORMED:
            continue
        raise CertificateError(f"{label} is {what}", hint=hint)
