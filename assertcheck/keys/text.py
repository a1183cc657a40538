"""Files of text without PEM armour: base64 and hex, JSON, OpenSSH."""

from __future__ import annotations

import re

from assertcheck.decoder import from_base64
from assertcheck.keys.unusable import unusable
from assertcheck.model import Candidate, Role

_HEX = re.compile(rb"(?:0[xX])?((?:[0-9A-Fa-f]{2}:?)+)")
_BASE64 = re.compile(rb"[\w+/-]{48,}={0,2}", re.ASCII)
"""The shortest key in DER takes 44 octets."""
_CONTAINERS = (b"\x30", b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
"""DER, and Java's keystores."""


def is_text(octets: bytes) -> bool:
    """Tell whether `octets` are UTF-8 that a person could read."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return False
    return "".join(text.split()).isprintable()


def octets_in_text(octets: bytes) -> bytes | None:
    r"""Return the container that the text `octets` is base64 or hex of; `None` if it is not.

    Line breaks, as octets or as `\n`, and quotes around it do not matter.
    """
    compact = b"".join(octets.replace(rb"\r", b"").replace(rb"\n", b"").split()).strip(b"\"',")
    for inner in (_from_hex(compact), _from_base64(compact)):
        if inner.startswith(_CONTAINERS) or b"-----BEGIN " in inner:
            return inner
    return None


def read_text(octets: bytes, *, label: str, role: Role) -> tuple[Candidate, ...]:
    """Return the keys in the text `octets`, the content of a file called `label`.

    Raise `CertificateError` that names what it is if there is none.
    """
    if octets.lstrip().startswith((b"{", b"[")):
        from assertcheck.keys.jwk import read_jwks

        return read_jwks(octets, label=label, role=role)
    from assertcheck.keys.openssh import holds_public_keys, read_public_lines

    if holds_public_keys(octets):
        return read_public_lines(octets, label=label, role=role)
    raise unusable(octets, label)


def _from_hex(compact: bytes) -> bytes:
    match = _HEX.fullmatch(compact)
    return bytes.fromhex(match[1].replace(b":", b"").decode()) if match else b""


def _from_base64(compact: bytes) -> bytes:
    if not _BASE64.fullmatch(compact):
        return b""
    bare = compact.decode().rstrip("=")
    # A length that no octets encode to is that of a text cut off; what is there says so.
    return from_base64(bare[: len(bare) - (len(bare) % 4 == 1)]) or b""
