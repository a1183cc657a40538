"""Keys as OpenSSH writes them."""

from __future__ import annotations

import base64
import re
import warnings
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from assertcheck.errors import CertificateError
from assertcheck.keys.bare_key import PUBLIC_HALF, bare_key
from assertcheck.keys.certificate import MALFORMED, check_count
from assertcheck.model import Candidate, Role

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

_MAGIC = b"openssh-key-v1\0"
_STRINGS = 4
"""Cipher, key derivation, its options, and, behind the number of keys, the first public key."""
_LINE = re.compile(rb"^(?:ssh|ecdsa|sk)-\S+[ \t]+AAAA\S+", re.MULTILINE)


def holds_public_keys(octets: bytes) -> bool:
    """Tell whether `octets` are what `ssh-keygen` puts into a `.pub` file."""
    return _LINE.match(octets.lstrip()) is not None


def read_public_lines(octets: bytes, *, label: str, role: Role) -> tuple[Candidate, ...]:
    """Return the keys of the `.pub` lines in `octets`, the content of a file called `label`."""
    lines = _LINE.findall(octets)
    check_count(len(lines), label)
    several = len(lines) > 1
    labels = [f"{label}[{index}]" if several else label for index in range(len(lines))]
    return tuple(
        bare_key(_public_key(line, name), label=name, role=role)
        for name, line in zip(labels, lines, strict=True)
    )


def is_private_blob(octets: bytes) -> bool:
    """Tell whether `octets` are a private key in OpenSSH's own form."""
    return octets.startswith(_MAGIC)


def is_encrypted(blob: bytes) -> bool:
    """Tell whether the private key `blob`, in OpenSSH's own form, needs a password."""
    cipher, _ = _string(blob[len(_MAGIC) :])
    return cipher != b"none"


def read_private_blob(octets: bytes, *, label: str, role: Role) -> Candidate | None:
    """Return the public half of the private key in `octets`; `None` if it is not OpenSSH's own.

    No password is needed: the public half stands in front of what is encrypted (PROTOCOL.key in
    the OpenSSH source).
    """
    if not is_private_blob(octets):
        return None
    rest = octets[len(_MAGIC) :]
    blob = b""
    for index in range(_STRINGS):
        if index == _STRINGS - 1:
            rest = rest[4:]
        blob, rest = _string(rest)
    kind, _ = _string(blob)
    key = _public_key(kind + b" " + base64.b64encode(blob), label)
    return bare_key(key, label=label, role=role, notes=(PUBLIC_HALF,))


def _string(octets: bytes) -> tuple[bytes, bytes]:
    """Return the string that `octets` begin with (RFC 4251 §5), and what is behind it."""
    end = 4 + int.from_bytes(octets[:4])
    return octets[4:end], octets[end:]


def _public_key(line: bytes, label: str) -> PublicKeyTypes:
    try:
        with warnings.catch_warnings():
            # Of DSA.
            warnings.simplefilter("ignore")
            return load_ssh_public_key(line)
    except (*MALFORMED, NotImplementedError) as cause:
        # The last is what a compressed point raises.
        raise CertificateError(
            f"{label} holds an OpenSSH key that cannot be read",
            hint="give the certificate, or the public key: `ssh-keygen -e -m PKCS8 -f FILE`",
        ) from cause
