"""What `KeyInfo` says of the key that signed: certificates, bare keys and names; never trusted."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from assertcheck.errors import CertificateError
from assertcheck.model import Candidate, Certificate, Role
from assertcheck.saml.model import SIGNATURE, Element
from assertcheck.words import quoted

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

SIGNATURE_11 = "http://www.w3.org/2009/xmldsig11#"
"""The namespace of what version 1.1 added."""
_MOST = 10
"""Certificates, and as many names; no chain is longer."""
_ARMOUR = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]+-----")
_NAMED = ("KeyName", "X509SubjectName", "X509SKI", "X509Digest")


def octets_of(text: str) -> bytes | None:
    """Return what `text` holds in base64, white space aside; `None` if it is none, or empty.

    The alphabet is that of RFC 2045 (XML Signature §4.1), so a padding that is missing counts.
    """
    try:
        return b64decode("".join(text.split()), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def certificates_in(signature: Element) -> tuple[Candidate, ...]:
    """Return the certificates that stand in the `KeyInfo` of `signature`."""
    return tuple(each for each in _read_certificates(signature) if each)


def key_names_in(signature: Element) -> tuple[str, ...]:
    """Return in words what else `KeyInfo` of `signature` names a key by."""
    return tuple(words for words, _ in zip(_told(signature), range(_MOST), strict=False))


def bare_keys_in(signature: Element) -> tuple[Candidate, ...]:
    """Return the keys that stand in the `KeyInfo` of `signature` without a certificate."""
    from assertcheck.keys.certificate import MALFORMED, bounded, key_text

    found: list[Candidate] = []
    for element in _inside(signature):
        label = f"KeyInfo.{element.name}"
        try:
            key = _bare_key(element)
            if key is None:
                continue
            bounded(key, label=label)
        except (*MALFORMED, CertificateError):
            continue
        found.append(
            Candidate(
                label=label,
                role=Role.HEADER,
                key=key,
                key_text=key_text(key),
                certificate=None,
            )
        )
    return tuple(found[:_MOST])


def named_in(signature: Element, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return which of `candidates` the `KeyInfo` of `signature` names otherwise than by itself.

    That is by a bare key, by subject, by issuer and serial number, by key identifier or by digest
    (XML Signature 1.1 §4.5); a `KeyName` is free text, and counts if it is a thumbprint or the
    subject.
    """
    inside = [each for each in _inside(signature) if each.name in (*_NAMED, "X509IssuerSerial")]
    keys = [each.key for each in bare_keys_in(signature)]
    return tuple(
        each
        for each in candidates
        if each.key in keys
        or (each.certificate and any(_names(one, each.certificate) for one in inside[:_MOST]))
    )


def _names(element: Element, certificate: Certificate) -> bool:
    text = element.text.strip()
    match element.name:
        case "X509SubjectName":
            return _parts(text) == _parts(certificate.subject)
        case "X509IssuerSerial":
            number = _text(element, "X509SerialNumber")
            issuer = _text(element, "X509IssuerName")
            is_issuer = _parts(issuer) == _parts(certificate.issuer)
            return is_issuer and number == str(certificate.serial_number)
        case "X509SKI":
            return octets_of(text) in _key_identifiers(certificate)
        case "X509Digest":
            return octets_of(text) in (certificate.sha1, certificate.sha256)
        case _:
            word = text.replace(":", "").lower()
            digests = (certificate.sha1.hex(), certificate.sha256.hex())
            return word in digests or _parts(text) == _parts(certificate.subject)


def _parts(name: str) -> list[str]:
    """Return the parts of a distinguished name, whose order and spaces vary with who writes it."""
    return sorted(re.sub(r"\s*=\s*", "=", part.strip()).lower() for part in name.split(","))


def _key_identifiers(certificate: Certificate) -> tuple[bytes, ...]:
    """Return the key identifier in `certificate`, and the usual one (RFC 5280 §4.2.1.2)."""
    from cryptography import x509

    read = x509.load_der_x509_certificate(certificate.der)
    kind = x509.SubjectKeyIdentifier
    own: tuple[bytes, ...] = ()
    with suppress(x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        own = (read.extensions.get_extension_for_class(kind).value.digest,)
    return (*own, kind.from_public_key(read.public_key()).digest)


def _inside(signature: Element) -> Iterator[Element]:
    """Yield what stands in `KeyInfo`, at any depth."""
    for key_info in signature.all("KeyInfo", SIGNATURE):
        yield from key_info.walk()


def _read_certificates(signature: Element) -> Iterator[Candidate | None]:
    from assertcheck.keys.certificate import read_certificate

    texts = [each.text for each in _inside(signature) if each.name == "X509Certificate"]
    for index, text in enumerate(texts[:_MOST]):
        der = octets_of(_ARMOUR.sub("", text))
        try:
            yield read_certificate(der or b"", label=f"KeyInfo[{index}]", role=Role.HEADER)
        except CertificateError:
            yield None


def _told(signature: Element) -> Iterator[str]:
    read = (each is not None for each in _read_certificates(signature))
    for element in _inside(signature):
        text = element.text.strip()
        match element.name:
            case "X509Certificate":
                if not next(read, True):
                    yield "an X509Certificate that cannot be read"
            case _ if "PRIVATE KEY" in text:
                yield f"a private key in {element.name}"
            case "X509IssuerSerial":
                issuer, number = (
                    _text(element, name) for name in ("X509IssuerName", "X509SerialNumber")
                )
                yield f"serial number {quoted(number)} of the issuer {quoted(issuer)}"
            case "KeyValue" | "DEREncodedKeyValue":
                yield f"a bare key in {element.name}"
            case name if name in _NAMED:
                yield f"{name} {quoted(text)}"


def _text(element: Element, name: str) -> str:
    child = element.first(name, SIGNATURE)
    return child.text.strip() if child else ""


def _bare_key(element: Element) -> PublicKeyTypes | None:
    """Return the key in an `RSAKeyValue` or a `DEREncodedKeyValue`; raise what cryptography raises.

    These are XML Signature 1.1 §4.5.2.2 and §4.5.9.
    """
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    if element.name == "RSAKeyValue":
        modulus, exponent = (
            int.from_bytes(octets_of(_text(element, name)) or b"")
            for name in ("Modulus", "Exponent")
        )
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    if (element.name, element.namespace) == ("DEREncodedKeyValue", SIGNATURE_11):
        return load_der_public_key(octets_of(element.text) or b"")
    return None
