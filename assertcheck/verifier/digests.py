"""What people take for a thumbprint: one table from octets to the things they may have come from.

The table is a product, what was hashed times the hash, and every octet string in it is computed
once for each certificate.
"""

from __future__ import annotations

import base64
import hashlib
import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from assertcheck.decoder import base64url
from assertcheck.model import Candidate, Certificate, Role

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes


class Thing(StrEnum):
    """What was hashed, or stands there unhashed, by the mistake that it is."""

    CERTIFICATE = "certificate"
    """The DER octets, which RFC 7515 §4.1.7 means."""
    CERTIFICATE_TEXT = "certificate-text"
    """The PEM text, the base64 in it, or the hex of the same octets."""
    CERTIFICATE_PART = "certificate-part"
    """The signed part, the signature, the subject's name."""
    THUMBPRINT = "thumbprint"
    """A thumbprint, hashed once more."""
    KEY_IDENTIFIER = "key-identifier"
    """The extensions of RFC 5280 §4.2.1.1 and §4.2.1.2."""
    PUBLIC_KEY = "public-key"
    JWK = "jwk"
    """The canonical JSON of RFC 7638."""
    SERIAL_NUMBER = "serial-number"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an octet string comes from."""

    thing: Thing
    hash_name: str | None
    """`SHA-1` and so on; `None` for the thing itself."""
    words: str
    """For a sentence: `the SHA-1 of the PEM text`."""
    detail: str = ""
    """Which of several: `LF line ends`."""

    def of(self, label: str) -> str:
        """Name the octets as those of the candidate called `label`."""
        return f"{self.words} of {label}{f' ({self.detail})' if self.detail else ''}"


DigestTable = Mapping[bytes, tuple[tuple[Candidate, Origin], ...]]
"""From octets to what they are; registered candidates first."""

SHA1 = Origin(thing=Thing.CERTIFICATE, hash_name="SHA-1", words="the SHA-1 thumbprint")
SHA256 = Origin(thing=Thing.CERTIFICATE, hash_name="SHA-256", words="the SHA-256 thumbprint")

_USUAL = ("SHA-1", "SHA-256")
_UNUSUAL = ("SHA-512", "MD5", "SHA-384", "SHA-224")
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_SHORTEST = 4
"""Octets; anything shorter, a serial number of 1 say, is there by chance too often."""
_ROLES = (Role.REGISTERED, Role.HELD, Role.ALSO, Role.HEADER)
_MODULUS_LINE = "the line of `openssl x509 -modulus`"
_BEGIN = "-----BEGIN CERTIFICATE-----"
_END = "-----END CERTIFICATE-----"


def digest_table(candidates: Sequence[Candidate]) -> DigestTable:
    """Return what each of `candidates` can be taken for, hashing each certificate once."""
    table: dict[bytes, list[tuple[Candidate, Origin]]] = {}
    for candidate in by_trust(candidates):
        known: set[bytes] = set()
        for octets, origin in _origins(candidate):
            if len(octets) >= _SHORTEST and octets not in known:
                known.add(octets)
                table.setdefault(octets, []).append((candidate, origin))
    return {octets: tuple(entries) for octets, entries in table.items()}


def by_trust(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return `candidates` with those that Entra ID has registered first."""
    return sorted(candidates, key=lambda each: _ROLES.index(each.role))


def _origins(candidate: Candidate) -> Iterator[tuple[bytes, Origin]]:
    """Yield octets and their origin, the likelier mistake first where octets coincide."""
    certificate = candidate.certificate
    if certificate:
        yield certificate.sha1, SHA1
        yield certificate.sha256, SHA256
        for name in _UNUSUAL:
            yield (
                _digest(name, certificate.der),
                Origin(thing=Thing.CERTIFICATE, hash_name=name, words=f"the {name} thumbprint"),
            )
        yield certificate.der, _itself(Thing.CERTIFICATE, "the whole certificate")
        yield from _texts(certificate)
        yield from _parts(certificate)
        yield from _thumbprints(certificate)
    yield from _keys(candidate.key)


def _texts(certificate: Certificate) -> Iterator[tuple[bytes, Origin]]:
    thing = Thing.CERTIFICATE_TEXT
    if certificate.text is not None:
        yield from _hashed(certificate.text, thing, "the PEM text", "as in the file")
    body = base64.b64encode(certificate.der).decode("ascii")
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    for end, ends in (("\n", "LF line ends"), ("\r\n", "CRLF line ends")):
        pem = end.join((_BEGIN, *lines, _END))
        for text, what in ((pem, "the PEM text"), (end.join(lines), "the base64 lines")):
            yield from _hashed((text + end).encode(), thing, what, ends)
            yield from _hashed(text.encode(), thing, what, f"{ends}, the last one missing")
        yield from _hashed(
            (pem + end).encode("utf-16-le"), thing, "the PEM text", f"UTF-16, {ends}"
        )
    yield from _hashed(body.encode(), thing, "the base64 text", "one line")
    yield from _hashed(body.encode("utf-16-le"), thing, "the base64 text", "one line, UTF-16")
    for text, form in (
        (base64url(certificate.der), "base64url"),
        (base64.urlsafe_b64encode(certificate.der).decode("ascii"), "base64url, padded"),
    ):
        yield from _hashed(text.encode(), thing, "the base64 text", form, itself=False)
    digits = certificate.der.hex()
    for text, form in ((digits, "lower-case"), (digits.upper(), "upper-case")):
        yield from _hashed(text.encode(), thing, "the DER's hex text", form, itself=False)
    armoured = f"{_BEGIN}{body}{_END}"
    yield from _hashed(armoured.encode(), thing, "the PEM text", "without line breaks")


def _parts(certificate: Certificate) -> Iterator[tuple[bytes, Origin]]:
    # Imported here because the types above are needed where no certificate is.
    from cryptography import x509

    serial = certificate.serial_number
    magnitude = serial.to_bytes((serial.bit_length() + 7) // 8, "big") if serial > 0 else b""
    yield magnitude, _itself(Thing.SERIAL_NUMBER, "the serial number")
    # X.690 §8.3.3: a leading zero octet keeps the sign bit clear.
    yield b"\0" + magnitude, _itself(Thing.SERIAL_NUMBER, "the serial number")

    name = certificate.subject.encode()
    yield name, _itself(Thing.SUBJECT, "the subject name")
    yield from _hashed(name, Thing.CERTIFICATE_PART, "the subject name", itself=False)
    with warnings.catch_warnings():
        # What is odd about the certificate is its issuer's fault, and nothing here hangs on it.
        warnings.simplefilter("ignore")
        parsed = x509.load_der_x509_certificate(certificate.der)
        subject = _readable(lambda: parsed.subject) or x509.Name([])
        extensions = _readable(lambda: parsed.extensions) or ()
    for attribute in subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME):
        yield str(attribute.value).encode(), _itself(Thing.SUBJECT, "the subject's common name")
    for octets, what in (
        (parsed.tbs_certificate_bytes, "the signed part"),
        (parsed.signature, "the issuer's signature"),
        (subject.public_bytes(), "the subject name in DER"),
    ):
        yield from _hashed(octets, Thing.CERTIFICATE_PART, what, itself=False)
    for extension in extensions:
        match extension.value:
            case x509.SubjectKeyIdentifier(key_identifier=octets):
                yield octets, _itself(Thing.KEY_IDENTIFIER, "the subject key identifier")
            case x509.AuthorityKeyIdentifier(key_identifier=bytes() as octets):
                yield octets, _itself(Thing.KEY_IDENTIFIER, "the authority key identifier")


_Read = TypeVar("_Read")


def _readable(read: Callable[[], _Read]) -> _Read | None:
    """Return what `read` takes from a certificate; `None` if that part of it is malformed."""
    from cryptography import x509

    try:
        return read()
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return None


def _thumbprints(certificate: Certificate) -> Iterator[tuple[bytes, Origin]]:
    for name, digest in (("SHA-1", certificate.sha1), ("SHA-256", certificate.sha256)):
        for text, form in (
            (digest, ""),
            (digest.hex().upper().encode(), "as upper-case hex"),
            (digest.hex().encode(), "as lower-case hex"),
            (base64.b64encode(digest), "as base64"),
            (base64url(digest).encode(), "as base64url"),
        ):
            what = f"the {name} thumbprint"
            yield from _hashed(text, Thing.THUMBPRINT, what, form, itself=False)


def _keys(key: PublicKeyTypes) -> Iterator[tuple[bytes, Origin]]:
    # Imported here because the types above are needed where no key is.
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    thing = Thing.PUBLIC_KEY
    spki = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    yield from _hashed(spki, thing, "the public key", "SubjectPublicKeyInfo")
    body = base64.b64encode(spki)
    yield from _hashed(body, thing, "the public key", "base64 text", itself=False)
    pem = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    yield from _hashed(pem, thing, "the public key", "PEM text")
    yield from _hashed(pem.rstrip(), thing, "the public key", "PEM text, last line end missing")
    if isinstance(key, rsa.RSAPublicKey):
        pkcs1 = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
        yield from _hashed(pkcs1, thing, "the public key", "PKCS#1")
        modulus = key.public_numbers().n
        octets = modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")
        yield from _hashed(octets, thing, "the RSA modulus")
        line = f"Modulus={modulus:X}\n".encode()
        yield from _hashed(line, thing, _MODULUS_LINE, itself=False)
        # What openssl's users compare keys by.
        words = f"the MD5 of {_MODULUS_LINE}"
        yield _digest("MD5", line), Origin(thing=thing, hash_name="MD5", words=words)
    members = _jwk(key)
    if members:
        # RFC 7638 §3: the required members, in the order of their names, without white space.
        text = json.dumps(members, separators=(",", ":"), sort_keys=True).encode()
        for name in (*_USUAL, "SHA-512"):
            words = f"the {name} JWK thumbprint"
            yield _digest(name, text), Origin(thing=Thing.JWK, hash_name=name, words=words)


def _jwk(key: PublicKeyTypes) -> dict[str, str]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

    match key:
        case rsa.RSAPublicKey():
            rsa_numbers = key.public_numbers()
            return {
                "kty": "RSA",
                "n": _uint(rsa_numbers.n, 1),
                "e": _uint(rsa_numbers.e, 1),
            }
        case ec.EllipticCurvePublicKey():
            # RFC 7518 §6.2.1.2: coordinates have the full length of the curve.
            size = (key.curve.key_size + 7) // 8
            point = key.public_numbers()
            return {
                "kty": "EC",
                "crv": _CURVES.get(key.curve.name, key.curve.name),
                "x": _uint(point.x, size),
                "y": _uint(point.y, size),
            }
        case ed25519.Ed25519PublicKey() | ed448.Ed448PublicKey():
            # RFC 8037 §2
            curve = "Ed25519" if isinstance(key, ed25519.Ed25519PublicKey) else "Ed448"
            return {"kty": "OKP", "crv": curve, "x": base64url(key.public_bytes_raw())}
        case _:
            return {}


def _uint(number: int, least: int) -> str:
    """Encode `number` as RFC 7518 §2's Base64urlUInt, in at least `least` octets."""
    return base64url(number.to_bytes(max(least, (number.bit_length() + 7) // 8), "big"))


def _hashed(
    octets: bytes, thing: Thing, what: str, detail: str = "", *, itself: bool = True
) -> Iterator[tuple[bytes, Origin]]:
    for name in _USUAL:
        words = f"the {name} of {what}"
        yield (
            _digest(name, octets),
            Origin(thing=thing, hash_name=name, words=words, detail=detail),
        )
    if itself:
        yield octets, Origin(thing=thing, hash_name=None, words=what, detail=detail)


def _digest(name: str, octets: bytes) -> bytes:
    return hashlib.new(name.replace("-", ""), octets, usedforsecurity=False).digest()


def _itself(thing: Thing, what: str) -> Origin:
    return Origin(thing=thing, hash_name=None, words=what)
