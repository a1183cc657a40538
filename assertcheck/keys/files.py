"""Key files: whatever the user keeps a key in, as candidates, the leaf first."""

from __future__ import annotations

import base64
import codecs
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from assertcheck.errors import CertificateError
from assertcheck.keys.certificate import leaves_first, read_certificates
from assertcheck.model import Candidate, Role
from assertcheck.reading import read_file

if TYPE_CHECKING:
    from assertcheck.keys.password import Password

KeySource = str | Path | bytes
"""The path of a key file or of a folder of them, or the octets of a file."""
MAX_FILE = 1024 * 1024
"""Octets of a key file."""
_BLOCK = re.compile(
    # The body ends at the first boundary of whatever sort: no search beyond it for another.
    rb"-----BEGIN (?P<label>[A-Z0-9 ]{1,40})-----(?>(?P<body>.*?)-----)END (?P=label)-----"
    rb"(?:[ \t]*\r?\n)?",
    re.DOTALL,
)
_CERTIFICATE_LABELS = (b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE")
_PKCS7_LABELS = (b"PKCS7", b"CMS")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
"""The type of the PKCS#7 content that holds certificates (RFC 2315 §14)."""
_OPENING = 20
"""Octets within which the type stands."""
_UTF_16 = re.compile(rb"[\t\r\n -~]\0[\t\r\n -~]\0")
"""How text in UTF-16-LE begins where it has no byte order mark."""


def read_keys(path: Path, role: Role, password: Password = None) -> tuple[Candidate, ...]:
    """Return the keys in the file `path`, or in the files of the folder `path`.

    Of several certificates in a file, those that issued another one in it get `Role.ALSO`; where
    a private key stands beside them, all but the one it belongs to. `password` is asked for when
    a file needs one. Raise `CertificateError` if there is no key.
    """

    def read(file: Path, label: str) -> tuple[Candidate, ...]:
        octets = read_file(file, limit=MAX_FILE, error=CertificateError)
        return parse_keys(octets, label=label, role=role, password=password)

    if not _is_folder(path):
        return read(path, path.name)
    from assertcheck.keys.folder import read_folder

    return read_folder(path, read)


def read_sources(
    sources: Iterable[KeySource], role: Role, password: Password = None
) -> tuple[Candidate, ...]:
    """Return the keys in all `sources`, as `read_keys` does; octets are called `certificate`."""
    found: list[Candidate] = []
    for source in sources:
        if isinstance(source, bytes):
            found += parse_keys(source, label="certificate", role=role, password=password)
        else:
            found += read_keys(Path(source), role, password)
    return tuple(found)


def parse_keys(
    octets: bytes, *, label: str, role: Role, password: Password = None
) -> tuple[Candidate, ...]:
    """Return the keys in `octets`, the content of a file called `label`, as `read_keys` does."""
    octets = as_utf8(octets)
    if not octets.strip():
        raise CertificateError(f"{label} is empty", hint="export the certificate again")
    if b"-----BEGIN " in octets:
        return _from_pem(octets, label, role, password)
    # Whatever is no PEM is read by modules that a PEM file does without.
    from assertcheck.keys.text import is_text, octets_in_text, read_text

    if not is_text(octets):
        from assertcheck.keys.der import read_der

        return read_der(octets, label=label, role=role, password=password)
    inner = octets_in_text(octets)
    if inner is None:
        return read_text(octets, label=label, role=role)
    return parse_keys(inner, label=label, role=role, password=password)


def collapsed(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return `candidates`, the registered and then the certificates first, each key said once.

    A certificate that is there already goes, and so does a bare key that has the key of another
    candidate before it. What stays takes over the notes of what goes.
    """
    kept: list[Candidate] = []
    for candidate in sorted(
        candidates,
        key=lambda each: (each.role is not Role.REGISTERED, each.certificate is None),
    ):
        for index, other in enumerate(kept):
            if _says_nothing_new(candidate, other):
                notes = dict.fromkeys((*other.notes, *candidate.notes))
                kept[index] = replace(other, notes=tuple(notes))
                break
        else:
            kept.append(candidate)
    return tuple(kept)


def _says_nothing_new(candidate: Candidate, other: Candidate) -> bool:
    if candidate.certificate is None:
        return candidate.key == other.key
    return other.certificate is not None and other.certificate.der == candidate.certificate.der


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):
        # Reading it says what is wrong.
        return False


def as_utf8(octets: bytes) -> bytes:
    """Return text without its byte order mark, in UTF-8; anything else as it is."""
    if octets.startswith(codecs.BOM_UTF8):
        return octets[len(codecs.BOM_UTF8) :]
    if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # Windows PowerShell writes UTF-16 where `>` redirects.
        return octets.decode("utf-16", "replace").encode()
    if _UTF_16.match(octets):
        return octets.decode("utf-16-le", "replace").encode()
    return octets


def split_pem(
    octets: bytes, *, label: str, role: Role
) -> tuple[tuple[Candidate, ...], tuple[tuple[str, bytes], ...]]:
    """Return the certificates in the PEM text `octets`, and of each other block label and text.

    Raise `CertificateError` if there is no whole block, or a certificate that cannot be read.
    """
    if rb"\n" in octets:
        # Line ends as a JSON string or an environment variable has them.
        octets = octets.replace(rb"\r", b"").replace(rb"\n", b"\n")
    # RFC 7468 §2: text outside the encapsulation boundaries is explanatory and skipped.
    blocks = tuple(_BLOCK.finditer(octets))
    certificates: list[tuple[bytes, bytes | None]] = []
    others: list[tuple[str, bytes]] = []
    for block in blocks:
        if block["label"] in (*_CERTIFICATE_LABELS, *_PKCS7_LABELS):
            certificates += _in_block(block, label)
        else:
            others.append((block["label"].decode(), block[0]))
    if not blocks:
        raise _no_block(octets, label)
    return read_certificates(certificates, label=label, role=role), tuple(others)


def _from_pem(octets: bytes, label: str, role: Role, password: Password) -> tuple[Candidate, ...]:
    candidates, others = split_pem(octets, label=label, role=role)
    if not others:
        return leaves_first(candidates)
    from assertcheck.keys.pem import read_other_blocks

    return read_other_blocks(others, candidates, label=label, role=role, password=password)


def _in_block(block: re.Match[bytes], label: str) -> Sequence[tuple[bytes, bytes | None]]:
    """Return the DER and the text of the certificates in `block`: one, unless it is PKCS#7."""
    try:
        octets = base64.b64decode(b"".join(block["body"].split()), validate=True)
    except ValueError as cause:
        raise CertificateError(
            f"{label} holds a PEM block that is not base64", hint="export the certificate again"
        ) from cause
    # Windows puts PKCS#7 into blocks that say CERTIFICATE.
    if block["label"] in _PKCS7_LABELS or _SIGNED_DATA in octets[:_OPENING]:
        from assertcheck.keys.pkcs7 import certificates_in

        return [(der, None) for der in certificates_in(octets, label)]
    if block["label"] == b"TRUSTED CERTIFICATE":
        from assertcheck.keys.der import first_element

        # OpenSSL puts what it trusts the certificate for behind it (`openssl x509 -trustout`).
        octets = first_element(octets)
    return [(octets, block[0])]


def _no_block(octets: bytes, label: str) -> CertificateError:
    if b"-----END " not in octets[octets.rindex(b"-----BEGIN ") :]:
        return CertificateError(
            f"{label} is cut off: its PEM block has no END line",
            hint="copy the whole file, or export the certificate again",
        )
    return CertificateError(
        f"{label} holds no certificate, only a broken PEM block",
        hint="give the file with `-----BEGIN CERTIFICATE-----` in it",
    )
