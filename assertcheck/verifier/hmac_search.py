"""Looks for an HMAC behind a signature, keyed with something that everyone can know."""

from __future__ import annotations

import base64
import hmac
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from assertcheck.authority import read_endpoint
from assertcheck.decoder import base64url, from_base64
from assertcheck.model import Candidate, Certificate, DecodedAssertion
from assertcheck.verifier.autopsy import Autopsy, Proof, Scheme
from assertcheck.verifier.case import UNKNOWN, Case

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

_MACS = {20: "SHA-1", 32: "SHA-256", 48: "SHA-384", 64: "SHA-512"}
"""The hash of an HMAC of so many octets."""
_DEFAULTS = (
    ("", "the empty string"),
    ("secret", "the word secret"),
    # The samples of jwt.io, then and now.
    ("your-256-bit-secret", "the sample secret your-256-bit-secret"),
    ("your-384-bit-secret", "the sample secret your-384-bit-secret"),
    ("your-512-bit-secret", "the sample secret your-512-bit-secret"),
    ("a-string-secret-at-least-256-bits-long", "jwt.io's sample secret"),
)


def by_hmac(case: Case) -> Autopsy | None:
    """Return what was made with a key that is public; `None` if nothing fits."""
    macs = [
        (reading, _MACS[len(reading.octets)])
        for reading in case.readings
        if len(reading.octets) in _MACS
    ]
    keys: dict[bytes, str] = {}
    for key, words in case.secrets() if macs else ():
        keys.setdefault(key, words)
    for text in case.near() if macs else ():
        if not case.purse.hash(len(text.octets), len(keys) * len(macs)):
            return None
        for (key, words), (reading, name) in itertools.product(keys.items(), macs):
            if hmac.digest(key, text.octets, name.replace("-", "").lower()) == reading.octets:
                return replace(
                    UNKNOWN,
                    proof=Proof.VERIFIED,
                    scheme=Scheme.HMAC,
                    hash_name=name,
                    hmac_key=words,
                    transport=reading.steps,
                    text=text.steps,
                )
    return None


def public_secrets(
    assertion: DecodedAssertion, candidates: Sequence[Candidate]
) -> Iterator[tuple[bytes, str]]:
    """Yield keys and what they are, in words: of each of `candidates`, then of `assertion`."""
    for candidate in candidates:
        label = candidate.label
        if candidate.certificate:
            yield from _of_certificate(candidate.certificate, label)
        yield from _of_key(candidate.key, label)
    yield from _of_members(assertion.header, "header")
    yield from _of_members(assertion.claims, "claims")
    for text, words in _DEFAULTS:
        yield text.encode(), words


def _of_certificate(certificate: Certificate, label: str) -> Iterator[tuple[bytes, str]]:
    if certificate.text:
        yield certificate.text, f"the PEM text of {label}"
    yield from _pem(certificate.der, "CERTIFICATE", f"the PEM text of {label}")
    yield certificate.der, f"the DER octets of {label}"
    yield base64.b64encode(certificate.der), f"the base64 text of {label}"
    for name, digest in (("SHA-1", certificate.sha1), ("SHA-256", certificate.sha256)):
        thumbprint = f"the {name} thumbprint of {label}"
        yield digest, thumbprint
        for text in (
            base64url(digest),
            base64.b64encode(digest).decode("ascii"),
            digest.hex().upper(),
            digest.hex(),
            digest.hex(":").upper(),
        ):
            yield text.encode(), f"{thumbprint} as text"


def _of_key(key: PublicKeyTypes, label: str) -> Iterator[tuple[bytes, str]]:
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    yield from _pem(spki, "PUBLIC KEY", f"the public key's PEM text of {label}")
    yield spki, f"the public key of {label} in DER"
    yield base64.b64encode(spki), f"the public key of {label} in base64"
    if isinstance(key, rsa.RSAPublicKey):
        pkcs1 = key.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        yield from _pem(pkcs1, "RSA PUBLIC KEY", f"the public key's PEM text of {label}")
        yield pkcs1, f"the public key of {label} in PKCS#1"
        modulus = key.public_numbers().n
        octets = modulus.to_bytes((modulus.bit_length() + 7) // 8, "big")
        yield octets, f"the modulus of {label}"
        yield base64url(octets).encode(), f"the modulus of {label} as text"


def _pem(der: bytes, kind: str, words: str) -> Iterator[tuple[bytes, str]]:
    body = base64.b64encode(der).decode("ascii")
    lines = (
        f"-----BEGIN {kind}-----",
        *(body[start : start + 64] for start in range(0, len(body), 64)),
        f"-----END {kind}-----",
    )
    for line_end in ("\n", "\r\n"):
        text = line_end.join(lines)
        yield (text + line_end).encode(), words
        yield text.encode(), f"{words}, the last line end missing"
    yield "".join(lines).encode(), f"{words}, in one line"


def _of_members(members: Mapping[str, object], where: str) -> Iterator[tuple[bytes, str]]:
    for name in ("x5t", "x5t#S256", "kid", "x5c", "iss", "sub", "aud", "jti"):
        member = members.get(name)
        values = member if isinstance(member, list) else [member]
        for value in values:
            if isinstance(value, str) and value:
                yield from _of_value(value, f"{where}.{name}")


def _of_value(value: str, at: str) -> Iterator[tuple[bytes, str]]:
    yield value.encode("utf-8", "surrogatepass"), f"the text of {at}"
    octets = from_base64(value)
    if octets:
        yield octets, f"the octets of {at}"
    endpoint = read_endpoint(value)
    if endpoint and endpoint.tenant:
        yield endpoint.tenant.encode("utf-8", "surrogatepass"), f"the tenant in {at}"
