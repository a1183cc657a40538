"""The blocks of a PEM file that are no certificates."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import replace

from assertcheck.errors import CertificateError
from assertcheck.keys.bare_key import read_private_key, read_public_key, with_keys
from assertcheck.keys.certificate import check_count
from assertcheck.keys.openssh import read_private_blob
from assertcheck.keys.password import Password
from assertcheck.model import Candidate, Role
from assertcheck.words import listed

_BODY = re.compile(rb"-----BEGIN [A-Z0-9 ]+-----(.*?)-----END ", re.DOTALL)
_PRIVATE = "PRIVATE KEY"
_PUBLIC = ("PUBLIC KEY", "RSA PUBLIC KEY")
_KINDS = {
    "CERTIFICATE REQUEST": "a certificate signing request",
    "NEW CERTIFICATE REQUEST": "a certificate signing request",
    "X509 CRL": "a certificate revocation list",
    "PGP PUBLIC KEY BLOCK": "a PGP key",
    "PGP PRIVATE KEY BLOCK": "a PGP key",
    "EC PARAMETERS": "parameters of a curve",
    "DH PARAMETERS": "parameters of a key exchange",
}
_MOST_KINDS = 3
"""To name; what is in the file beyond them does not help."""


def read_other_blocks(
    blocks: Sequence[tuple[str, bytes]],
    certificates: tuple[Candidate, ...],
    *,
    label: str,
    role: Role,
    password: Password,
) -> tuple[Candidate, ...]:
    """Return what `blocks`, each the label and the text of one, add to the `certificates` beside.

    Beside certificates, a private key says which is meant, and an encrypted one is not opened;
    without any, the keys themselves are the candidates. Raise `CertificateError` if there is
    neither.
    """
    keys = [(kind, text) for kind, text in blocks if kind.endswith(_PRIVATE) or kind in _PUBLIC]
    check_count(len(keys), label)
    if certificates:
        return _beside(certificates, keys, label, role)
    if not keys:
        raise _no_key([kind for kind, _ in blocks], label)
    several = len(keys) > 1
    return tuple(
        _read(kind, text, f"{label}[{index}]" if several else label, role, password)
        for index, (kind, text) in enumerate(keys)
    )


def _beside(
    certificates: tuple[Candidate, ...],
    keys: Sequence[tuple[str, bytes]],
    label: str,
    role: Role,
) -> tuple[Candidate, ...]:
    private: list[Candidate] = []
    public: list[Candidate] = []
    notes: dict[str, None] = {}
    for index, (kind, text) in enumerate(keys):
        if b"ENCRYPTED" in text:
            notes["the private key beside it is encrypted, and was not opened"] = None
            continue
        try:
            key = _read(kind, text, f"{label}[key {index}]", role, None)
        except CertificateError:
            notes[f"the PEM block {kind} beside it cannot be read"] = None
            continue
        (public if kind in _PUBLIC else private).append(key)
    first, *rest = with_keys(certificates, private)
    known = [each.key for each in (first, *rest)]
    strangers = (replace(key, role=Role.ALSO) for key in public if key.key not in known)
    return (replace(first, notes=(*first.notes, *notes)), *rest, *strangers)


def _read(kind: str, text: bytes, label: str, role: Role, password: Password) -> Candidate:
    octets = octets_of_block(text)
    if kind in _PUBLIC:
        key = read_public_key(octets, label=label, role=role)
    else:
        key = read_private_blob(octets, label=label, role=role) or read_private_key(
            octets, label=label, role=role, password=password
        )
    if key is None:
        raise CertificateError(
            f"{label} holds a PEM block {kind} that cannot be read",
            hint="export the key again, or give the certificate",
        )
    return key


def octets_of_block(text: bytes) -> bytes:
    """Return what the block `text` encodes; the block itself where headers say how it is encrypted.

    Nothing comes back for what is not base64.
    """
    if b"Proc-Type:" in text:
        return b"\n".join(line.strip() for line in text.splitlines())
    try:
        return base64.b64decode(b"".join(_BODY.findall(text)[0].split()), validate=True)
    except ValueError:
        return b""


def _no_key(kinds: Sequence[str], label: str) -> CertificateError:
    words = sorted({_KINDS.get(kind, kind) for kind in kinds})[:_MOST_KINDS]
    return CertificateError(
        f"{label} holds no certificate or key, only {listed(words)}",
        hint="give the file with `-----BEGIN CERTIFICATE-----` in it",
    )
