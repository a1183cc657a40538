"""The `x5c` of an assertion: its entries taken apart, each with its own mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from assertcheck.decoder import from_base64
from assertcheck.errors import CertificateError
from assertcheck.model import Candidate, Role

MAX_ENTRIES = 10
"""No chain is longer; what follows is not looked at."""


class X5cMistake(StrEnum):
    """A way in which `x5c` is not an array of base64 DER (RFC 7515 §4.1.6)."""

    NOT_AN_ARRAY = "not-an-array"
    NOT_A_STRING = "not-a-string"
    PRIVATE_KEY = "private-key"
    PEM = "pem"
    PEM_IN_BASE64 = "pem-in-base64"
    BASE64URL = "base64url"
    HEX = "hex"
    BASE64_TWICE = "base64-twice"
    EMPTY = "empty"
    NOT_BASE64 = "not-base64"
    NOT_A_CERTIFICATE = "not-a-certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class X5cEntry:
    """One entry of `x5c`, and what it took to read it."""

    at: str
    """`header.x5c[0]`, which is also the label of its candidate."""
    text: str = field(repr=False)
    """As it stands in the header; empty if that is no text."""
    candidate: Candidate | None
    """The certificate in it, which is never trusted."""
    mistakes: tuple[X5cMistake, ...]


def x5c_entries(header: Mapping[str, object]) -> tuple[X5cEntry, ...]:
    """Return the entries of `header`'s `x5c`, at most `MAX_ENTRIES`, whatever they are.

    Line breaks inside an entry are no mistake: MSAL Python sends them.
    """
    if "x5c" not in header:
        return ()
    value = header["x5c"]
    if not isinstance(value, list):
        return (_entry(value, "header.x5c", (X5cMistake.NOT_AN_ARRAY,)),)
    return tuple(
        _entry(item, f"header.x5c[{index}]", ()) for index, item in enumerate(value[:MAX_ENTRIES])
    )


def chain_order(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return `candidates` with the leaf first and each next one the issuer of the one before.

    What does not belong to that chain follows as it stood.
    """
    issuers = {
        candidate.certificate.issuer
        for candidate in candidates
        # A self-issued certificate is nobody else's issuer by that.
        if candidate.certificate and candidate.certificate.issuer != candidate.certificate.subject
    }
    left = list(candidates)
    leaves = (each for each in left if each.certificate and each.certificate.subject not in issuers)
    current = next(leaves, None)
    ordered: list[Candidate] = []
    while current and current.certificate:
        ordered.append(current)
        left.remove(current)
        issuer = current.certificate.issuer
        current = next(
            (each for each in left if each.certificate and each.certificate.subject == issuer), None
        )
    return (*ordered, *left)


_ARMOUR = re.compile(r"-----(?:BEGIN|END) [A-Z0-9 ]+-----")
_BLOCK = re.compile(
    r"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----(?P<body>.*?)(?:-----END|\Z)", re.DOTALL
)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_PRIVATE_KEY = "[redacted: a private key]"
"""What the decoder leaves of one."""


def _entry(value: object, at: str, outer: tuple[X5cMistake, ...]) -> X5cEntry:
    if not isinstance(value, str):
        mistakes = outer or (X5cMistake.NOT_A_STRING,)
        return X5cEntry(at=at, text="", candidate=None, mistakes=mistakes)
    der, mistakes = _der(value)
    candidate = _candidate(der, at) if der else None
    if _PRIVATE_KEY in value:
        mistakes = (X5cMistake.PRIVATE_KEY,)
    elif der and not candidate:
        mistakes = (X5cMistake.NOT_A_CERTIFICATE,)
    return X5cEntry(at=at, text=value, candidate=candidate, mistakes=(*outer, *mistakes))


def _candidate(der: bytes, label: str) -> Candidate | None:
    # Imported here so that a header without x5c is read without cryptography.
    from assertcheck.keys.certificate import read_certificate

    try:
        return read_certificate(der, label=label, role=Role.HEADER)
    except CertificateError:
        return None


def _der(text: str) -> tuple[bytes | None, tuple[X5cMistake, ...]]:
    """Return the DER octets that `text` holds, and the mistakes undone or met on the way."""
    compact = _compact(text)
    if not compact:
        return None, (X5cMistake.EMPTY,)
    for octets, mistakes in _readings(text, compact):
        # X.690 §8.9.1: a certificate is a SEQUENCE.
        if octets.startswith(b"\x30"):
            return octets, mistakes
    if _ARMOUR.search(text):
        return None, (X5cMistake.PEM,)
    is_base64 = from_base64(compact) is not None
    return None, (X5cMistake.NOT_A_CERTIFICATE if is_base64 else X5cMistake.NOT_BASE64,)


def _readings(text: str, compact: str) -> Iterator[tuple[bytes, tuple[X5cMistake, ...]]]:
    octets = from_base64(compact)
    if octets is not None:
        is_url = "-" in compact or "_" in compact
        yield octets, (X5cMistake.BASE64URL,) if is_url else ()
        inner = octets.decode("ascii", "replace")
        yield _pem(inner), (X5cMistake.PEM_IN_BASE64,)
        yield from_base64(_compact(inner)) or b"", (X5cMistake.BASE64_TWICE,)
    yield _pem(text), (X5cMistake.PEM,)
    if _HEX.fullmatch(compact):
        yield bytes.fromhex(compact), (X5cMistake.HEX,)


def _pem(text: str) -> bytes:
    """Return what the first certificate block in `text` holds; nothing if there is none."""
    block = _BLOCK.search(text)
    return (from_base64(_compact(block["body"])) or b"") if block else b""


def _compact(text: str) -> str:
    # A line break may have come out as the two characters \ and n.
    return "".join(text.replace("\\r", "").replace("\\n", "").split())
