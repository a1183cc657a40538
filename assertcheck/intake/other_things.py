"""Recognises what is no client assertion: keys, certificates, secrets, SAML."""

from __future__ import annotations

import base64
import re

from assertcheck.decoder import from_base64
from assertcheck.model import PasteKind
from assertcheck.redaction import redact

_LONGEST = 256 * 1024
"""Characters that are searched for a key; a PEM file with a chain has a tenth of it."""
_PRIVATE_KEY = re.compile(
    r"PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-|---- BEGIN SSH2 ENCRYPTED PRIVATE"
)
_CERTIFICATE = re.compile(r"-----BEGIN (?:X509 |TRUSTED )?(?:CERTIFICATE|PKCS7|CMS)-----")
_DER_CERTIFICATE = re.compile(rb"\x30\x82..\x30(?:\x82..|\x81.)", re.DOTALL)
"""A sequence that begins with a sequence, both too long for a short length (RFC 5280 §4.1)."""
_DER_PKCS7 = re.compile(rb"\x30(?:\x82..|\x80)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07", re.DOTALL)
_SAML = re.compile(
    r"<(?:\w{1,20}:)?(?:Assertion|EncryptedAssertion|Response|AuthnRequest|LogoutRequest)\b"
    r"[^>]{0,600}?urn:oasis:names:tc:SAML|\bSAML(?:Request|Response|Art)="
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{64,}={0,2}")
_SECRET = re.compile(r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{30,33}[\w~-](?![\w~-])", re.ASCII)
"""A secret as Entra ID makes them since 2021."""
_SECRET_ALONE = re.compile(r"(?=[^~]*~)[\w~.-]{34,44}", re.ASCII)
_SECRET_WITHIN = re.compile(r"[\w~.-]{0,3}\dQ~[\w~.-]{20,}", re.ASCII)
"""The same, wherever it stands and whatever it is joined to."""
_NAMED_SECRET = re.compile(r"[\"']?client_?secret[\"']?\s{0,8}(?:=>|[:=])\s{0,8}\S{8,}\s*", re.I)

_REDACTED = "[redacted: a client secret]"

WORDS = {
    PasteKind.PRIVATE_KEY: "a private key",
    PasteKind.CERTIFICATE: "a certificate",
    PasteKind.CLIENT_SECRET: "a client secret",
    PasteKind.SAML: "a SAML message",
}


def recognised(text: str) -> PasteKind | None:
    """Return what `text`, in which there is no token, is; `None` if it is nothing known."""
    return next(iter(things_in(text)), None)


def things_in(text: str) -> tuple[PasteKind, ...]:
    """Return the things in `text` that are no tokens, those that matter most first."""
    text = text[:_LONGEST]
    kinds: list[PasteKind] = []
    is_xml_key = "<RSAKeyValue>" in text and "<D>" in text
    if is_xml_key or _PRIVATE_KEY.search(text) or "a private key" in _taken(text):
        kinds.append(PasteKind.PRIVATE_KEY)
    encoded = [from_base64(run) or b"" for run in _BASE64.findall("".join(text.split()))[:4]]
    if _SAML.search(text) or any(_SAML.search(octets.decode("latin-1")) for octets in encoded):
        kinds.append(PasteKind.SAML)
    if _CERTIFICATE.search(text) or any(is_certificate(octets) for octets in encoded):
        kinds.append(PasteKind.CERTIFICATE)
    bare = text.strip(" \t\r\n\"'`,;")
    if _SECRET.search(text) or _SECRET_ALONE.fullmatch(bare) or _NAMED_SECRET.fullmatch(bare):
        kinds.append(PasteKind.CLIENT_SECRET)
    return tuple(kinds)


def recognised_octets(octets: bytes) -> PasteKind | None:
    """Return what the binary file `octets` is: a private key, a certificate or neither."""
    if octets[:1] != b"\x30":
        return None
    if "a private key" in _taken(base64.b64encode(octets[:96]).decode("ascii")):
        return PasteKind.PRIVATE_KEY
    return PasteKind.CERTIFICATE if is_certificate(octets) else None


def is_certificate(octets: bytes) -> bool:
    """Tell whether `octets` begin as a certificate in DER does, or a bag of them (PKCS#7)."""
    return _DER_CERTIFICATE.match(octets) is not None or _DER_PKCS7.match(octets) is not None


def looks_like_secret(value: str) -> bool:
    """Tell whether `value` is of the form of Entra ID's client secrets."""
    return _SECRET_ALONE.fullmatch(value.strip()) is not None


def without_secrets(value: str) -> str:
    """Return `value` with whatever is of the form of a client secret in it taken out."""
    if looks_like_secret(value) or _NAMED_SECRET.fullmatch(value.strip()):
        return _REDACTED
    return _SECRET_WITHIN.sub(_REDACTED, value)


def _taken(text: str) -> tuple[str, ...]:
    _, taken = redact(text, path="", secrets=())
    return tuple(word for _, word in taken)
