"""Takes secrets out of what a report shows of a request, before anything renders it."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import unquote

from assertcheck.model import Finding, NotChecked
from assertcheck.redaction import redact
from assertcheck.saml.model import (
    ASSERTION,
    PROTOCOL,
    SIGNATURE,
    Element,
    SamlSignature,
    SamlSubmission,
)
from assertcheck.saml.rules.context import shown

Secrets = frozenset[str]
"""Pieces of the signatures of a request, without what is neither letter nor digit."""

_PIECE = 32
"""Characters; what is cut off or put together anew still has a whole piece in it."""
_LONGEST = 4096
"""Characters of a signature; that of an RSA key of 8,192 bits has 1,368."""
_MOST = 20
_SHORTEST = 16
"""Characters that a secret has at the least."""
_MOST_SHOWN = 16 * 1024
"""Characters of one value; what identifies anything has some hundred."""
_MARK = "[redacted: the signature]"
_NEITHER = re.compile(r"[^A-Za-z0-9]+")
_RUN = re.compile(r"[\w+/=%.-]{32,}", re.ASCII)
_PARAMETER = re.compile(
    r"\b(SAMLRequest|SAMLResponse|SAMLart|Signature|wresult|assertion|client_assertion"
    r"|client_secret|access_token|refresh_token|id_token|code|password)=[^&;\s\"'<>…]+",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"(?<=://)([^/?#\s\"'<>@:]*):[^/?#\s\"'<>]+@")
"""Who logs in, and a password, in front of a host (RFC 3986 §3.2.1)."""
_MESSAGE = re.compile(r"\b(?:PD94|PHNhbW|PHNhbWwy|PEF1dG|PFJlc3|PFNBTU)[\w+/=%-]{40,}", re.ASCII)
"""base64 of XML that begins as a message of SAML does."""
_LONG = re.compile(r"[\w+/=%-]{160,}|[\w+/=%-]{80,}(?=\.\.\. \(\d+ characters\))", re.ASCII)
"""What a signature of another request looks like, whole or as `quoted` cuts it short."""
_HEX = re.compile(r"[0-9A-Fa-f]{160,}|[0-9A-Fa-f]{80,}(?=\.\.\. \(\d+ characters\))")
"""The same in hex; a digest has 128 digits at most."""
_ATTRIBUTES = (
    *("ID", "Version", "IssueInstant", "Destination", "AssertionConsumerServiceURL"),
    *("ProtocolBinding", "ForceAuthn", "IsPassive", "Format", "Comparison"),
)
_SHOWN = (
    ("Issuer", ASSERTION),
    ("NameIDPolicy", PROTOCOL),
    ("RequestedAuthnContext", PROTOCOL),
)
"""The elements of a request whose text or attributes are shown."""


def secrets_of(submission: SamlSubmission, root: Element | None) -> Secrets:
    """Return what to look for: the signatures beside the request and those inside it."""
    values = [
        each.value
        for each in (*submission.parameters, *submission.in_url)
        if each.name == "Signature"
    ]
    if root:
        values += [
            each.text
            for each in root.walk()
            if (each.name, each.namespace) == ("SignatureValue", SIGNATURE)
        ][:_MOST]
    written = (form for value in values[:_MOST] for form in (value, *_in_hex(value)))
    return frozenset(piece for form in written for piece in _pieces(form))


def redacted(text: str, secrets: Secrets) -> str:
    """Return `text` without tokens, keys, messages of SAML and pieces of a signature.

    What is longer than any identifier is cut off, so that a value does not cost its whole length.
    """
    if len(text) < _SHORTEST:
        return text
    if len(text) > _MOST_SHOWN:
        text = f"{text[:_MOST_SHOWN]}... ({len(text)} characters)"
    text = _PARAMETER.sub(r"\1=[redacted]", text)
    text = _USERINFO.sub(r"\1:[redacted]@", text)
    text = _MESSAGE.sub("[redacted: a SAML message]", text)
    rest, _ = redact(text, path="", secrets=())
    text = str(rest)
    text = _HEX.sub(lambda run: f"[redacted: {len(run[0])} digits of base 16]", text)
    text = _LONG.sub(_without_base64, text)
    if not _holds(text, secrets):
        return text
    less = _RUN.sub(lambda run: _MARK if _holds(run[0], secrets) else run[0], text)
    # Spaces that stand for `+` part what is one value.
    return _MARK if _holds(less, secrets) else less


def redacted_root(root: Element, secrets: Secrets) -> Element:
    """Return the request `root` with all in it fit to show that a report shows."""
    shown_ones = [root.first(*each) for each in _SHOWN]
    return _redacted_element(
        replace(
            root,
            children=tuple(
                _redacted_element(each, secrets) if any(each is one for one in shown_ones) else each
                for each in root.children
            ),
        ),
        secrets,
    )


def redacted_signature(signature: SamlSignature, secrets: Secrets) -> SamlSignature:
    """Return what `signature` says, fit to show."""

    def safe(text: str) -> str:
        return redacted(text, secrets)

    return replace(
        signature,
        algorithm=signature.algorithm and safe(shown(signature.algorithm)),
        references=tuple(map(safe, signature.references)),
        digests=tuple(map(safe, signature.digests)),
        transforms=tuple(tuple(map(safe, each)) for each in signature.transforms),
        canonicalization=signature.canonicalization and safe(signature.canonicalization),
        key_names=tuple(map(safe, signature.key_names)),
    )


def redacted_findings(findings: Iterable[Finding], secrets: Secrets) -> tuple[Finding, ...]:
    """Return `findings` fit to show: what they quote may be of any part of a request."""
    return tuple(
        replace(
            each,
            message=redacted(each.message, secrets),
            fix=redacted(each.fix, secrets),
            expected=each.expected and redacted(each.expected, secrets),
            actual=each.actual and redacted(each.actual, secrets),
        )
        for each in findings
    )


def redacted_unchecked(unchecked: Iterable[NotChecked], secrets: Secrets) -> tuple[NotChecked, ...]:
    """Return what was not checked, fit to show."""
    return tuple(replace(each, why=redacted(each.why, secrets)) for each in unchecked)


def _redacted_element(element: Element, secrets: Secrets) -> Element:
    attributes = {
        name: redacted(value, secrets) if name in _ATTRIBUTES else value
        for name, value in element.attributes.items()
    }
    return replace(
        element, attributes=MappingProxyType(attributes), text=redacted(element.text, secrets)
    )


def _without_base64(run: re.Match[str]) -> str:
    is_mixed = all(re.search(kind, run[0]) for kind in ("[A-Z]", "[a-z]", "[0-9]"))
    return f"[redacted: {len(run[0])} characters of base64]" if is_mixed else run[0]


def _pieces(signature: str) -> Iterable[str]:
    text = _bare(signature[:_LONGEST])
    return (text[start : start + _PIECE] for start in range(0, len(text) - _PIECE + 1, _PIECE))


def _in_hex(signature: str) -> tuple[str, ...]:
    """Return `signature`, base64 of any sort, as digits of base 16 in either letter case."""
    text = re.sub(r"\s", "", unquote(signature[:_LONGEST])).rstrip("=").replace("-", "+")
    try:
        octets = b64decode(text.replace("_", "/") + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return ()
    return octets.hex(), octets.hex().upper()


def _holds(text: str, secrets: Secrets) -> bool:
    bare = _bare(text)
    return any(piece in bare for piece in secrets)


def _bare(text: str) -> str:
    """Return the letters and digits of base64, however it is percent-encoded or wrapped."""
    return _NEITHER.sub("", unquote(unquote(text)))
