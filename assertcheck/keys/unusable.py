"""Names what a file is that holds neither certificate nor key that could be used."""

from __future__ import annotations

import re

from assertcheck.errors import CertificateError

_EXPORT = "export the certificate as PEM or DER, and give that"
_KEYSTORE = (
    "convert it: `keytool -importkeystore -srckeystore FILE -destkeystore new.pfx "
    "-deststoretype PKCS12`"
)
_MAGIC = (
    (b"\xfe\xed\xfe\xed", "a Java keystore (JKS)", _KEYSTORE),
    (b"\xce\xce\xce\xce", "a Java keystore (JCEKS)", _KEYSTORE),
    (b"PK\x03\x04", "a ZIP archive", "unpack it, and give the certificate in it"),
    (b"\x1f\x8b", "a gzip archive", "unpack it, and give the certificate in it"),
    (b"%PDF-", "a PDF document", _EXPORT),
    (b"SQLite format 3\0", "an SQLite database", _EXPORT),
    (
        b"PuTTY-User-Key-File-",
        "a PuTTY private key",
        "convert it: `puttygen FILE -O private-openssh -o new.key`, or give the certificate",
    ),
    (
        b"---- BEGIN SSH2 PUBLIC KEY",
        "an SSH public key in the form of RFC 4716",
        "convert it: `ssh-keygen -i -f FILE > new.pub`, or give the certificate",
    ),
    (
        b"version https://git-lfs",
        "a git-lfs pointer, not the file itself",
        "fetch the file: `git lfs pull`",
    ),
)
"""What a file begins with, what it is then, and what to do."""
_HTML = re.compile(rb"<!doctype html|<html[\s>]", re.IGNORECASE)
_METADATA = re.compile(rb"<(?:[\w.-]+:)?Entit(?:y|ies)Descriptor[\s>]")
_JWT = re.compile(rb"(?<![\w-])eyJ[\w-]++\.[\w-]++\.")
_KNOWN_HOST = re.compile(rb"^\S.*[ \t](?:ssh|ecdsa|sk)-\S+[ \t]+AAAA", re.MULTILINE)
_FIRST_PAGE = 4096
"""Octets within which a web page says that it is one."""


def unusable(octets: bytes, label: str) -> CertificateError:
    """Return the error that names what `octets`, the content of a file called `label`, are.

    Nothing of them is in it.
    """
    what, hint = _kind(octets.lstrip())
    return CertificateError(f"{label} is {what}", hint=hint)


def _kind(octets: bytes) -> tuple[str, str]:
    for magic, what, hint in _MAGIC:
        if octets.startswith(magic):
            return what, hint
    if _HTML.search(octets, 0, _FIRST_PAGE):
        return (
            "an HTML page, not a certificate",
            "download it again: a page for signing in, or an error, was saved in its place",
        )
    if octets.startswith(b"<"):
        if _METADATA.search(octets, 0, _FIRST_PAGE):
            return (
                "SAML metadata, not a certificate",
                "save the base64 of its X509Certificate in a file of its own, and give that",
            )
        return "an XML file", _EXPORT
    if _JWT.search(octets):
        return (
            "an assertion or another token (a JWT), not a certificate",
            "give it as INPUT, and the certificate to --cert",
        )
    if _KNOWN_HOST.search(octets):
        return "a list of SSH keys (known_hosts or authorized_keys)", _EXPORT
    try:
        octets.decode()
    except UnicodeDecodeError:
        return "no certificate or key in any form that is known here", _EXPORT
    return "text without a certificate or key in it", _EXPORT
