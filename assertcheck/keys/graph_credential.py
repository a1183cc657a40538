"""The credentials of an app as Microsoft Graph gives them: `keyCredentials`, `passwordCredentials`.

Whatever is not as documented becomes a note on the credential, without any of its value.
"""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import datetime

from assertcheck.decoder import from_base64
from assertcheck.errors import CertificateError
from assertcheck.graph import Content, KeyCredential, PasswordCredential
from assertcheck.keys.bare_key import PUBLIC_HALF
from assertcheck.keys.files import MAX_FILE, parse_keys
from assertcheck.keys.graph_values import Members, first, moment, octets_in, text
from assertcheck.model import Candidate, Role
from assertcheck.redaction import redact

_THUMBPRINT = re.compile(r"[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}")
"""SHA-1 or SHA-256 in hex."""
_PARTING = str.maketrans("", "", ": ")
"""What tools put between the pairs of hex digits."""
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){20,}")
_PEM = b"-----BEGIN "

Identifier = tuple[bytes | None, str | None, tuple[str, ...]]
"""Its octets, how it is written, and notes."""
Contents = tuple[Content, Candidate | None, tuple[str, ...]]
"""What a key holds, the key itself, and notes."""


def read_key(members: Members, *, label: str) -> KeyCredential:
    """Return the key credential in `members`, called `label`; a private key in it is not kept."""
    identifier, written, notes = read_identifier(first(members, "customkeyidentifier"))
    content, candidate, key_notes = _content(first(members, "key", "value"), label)
    start, end, unread = _window(members)
    return KeyCredential(
        label=label,
        key_id=text(first(members, "keyid")),
        display_name=text(first(members, "displayname")),
        type=text(first(members, "type")),
        usage=text(first(members, "usage")),
        start=start,
        end=end,
        identifier=identifier,
        identifier_text=written,
        content=content,
        candidate=candidate,
        unread_dates=unread,
        notes=(*key_notes, *notes, *(f"its {name} cannot be read as a date" for name in unread)),
    )


def read_password(members: Members, *, label: str) -> PasswordCredential:
    """Return the password credential in `members`, called `label`, without secret and hint."""
    identifier, _, _ = read_identifier(first(members, "customkeyidentifier"))
    start, end, unread = _window(members)
    return PasswordCredential(
        label=label,
        key_id=text(first(members, "keyid")),
        display_name=text(first(members, "displayname")),
        start=start,
        end=end,
        identifier=identifier,
        unread_dates=unread,
    )


def read_identifier(value: object) -> Identifier:
    """Return what the `customKeyIdentifier` `value` stands for, and how it is written.

    40 or 64 hex digits are hex, as the portal and `az` show a thumbprint, though they are base64
    as well; anything else that is base64, of either alphabet, is that, and the rest is taken as
    the text it is. Hex digits that come out of the base64 are decoded in turn.
    """
    octets = octets_in(value)
    if octets is not None:
        # .NET takes the hex digits of Graph for base64: PowerShell has 30 octets for 40 of them.
        encoded = base64.b64encode(octets).decode()
        digits = octets.hex().upper()
        if text(digits) != digits:
            return None, text(digits), ()
        return _once_more(octets, encoded if _is_thumbprint(encoded) else digits)
    written = text(value)
    if written is None:
        notes = () if value in (None, "", []) else ("its customKeyIdentifier is no text",)
        return None, None, notes
    digits = written.translate(_PARTING)
    if _is_thumbprint(digits):
        return bytes.fromhex(digits), written, ()
    octets = from_base64("".join(written.split()))
    if octets is None:
        return written.encode(), written, ()
    return _once_more(octets, written)


def _once_more(octets: bytes, written: str) -> Identifier:
    if _is_thumbprint(written):
        return bytes.fromhex(written), written, ()
    digits = octets.decode("latin-1").translate(_PARTING)
    if _is_thumbprint(digits):
        note = "its customKeyIdentifier is the base64 of hex digits, not of the octets"
        return bytes.fromhex(digits), written, (note,)
    return octets, written, ()


def _is_thumbprint(digits: str) -> bool:
    return _THUMBPRINT.fullmatch(digits) is not None


def _window(members: Members) -> tuple[datetime | None, datetime | None, tuple[str, ...]]:
    moments: list[datetime | None] = []
    unread: list[str] = []
    for name in ("startDate", "endDate"):
        value = first(members, f"{name}time".lower(), name.lower())
        moments.append(moment(value))
        if value is not None and moments[-1] is None:
            unread.append(f"{name}Time")
    return moments[0], moments[1], tuple(unread)


def _content(value: object, label: str) -> Contents:
    if value in (None, "", []):
        return Content.NONE, None, ()
    octets, notes = octets_in(value), tuple[str, ...]()
    if octets is None and isinstance(value, str) and len(value) <= MAX_FILE:
        octets, notes = _decoded(value)
    if octets is None:
        return Content.UNREADABLE, None, ("its key is not base64",)
    is_private = _holds_private_key(octets)
    found: tuple[Candidate, ...] = ()
    # A PFX or a key alone is not opened: nothing of it may be kept.
    if not is_private or b"-----BEGIN CERTIFICATE-----" in octets:
        try:
            found = parse_keys(octets, label=label, role=Role.REGISTERED)
        except CertificateError:
            notes = ("its key holds neither a certificate nor a key that can be read",)
    # A certificate beside the private key is public still.
    certificates = [each for each in found if each.certificate]
    if is_private or any(PUBLIC_HALF in each.notes for each in found):
        notes = ("its key holds a private key, which is not kept",)
        return Content.PRIVATE_KEY, _registered(certificates, label), notes
    if not certificates:
        kind = Content.PUBLIC_KEY if found else Content.UNREADABLE
        return kind, _registered(found, label), notes
    if len(certificates) > 1:
        notes = (*notes, f"its key holds {len(certificates)} certificates in place of one")
    return Content.CERTIFICATE, _registered(certificates, label), notes


def _registered(found: list[Candidate] | tuple[Candidate, ...], label: str) -> Candidate | None:
    return replace(found[0], label=label, role=Role.REGISTERED, notes=()) if found else None


def _decoded(written: str) -> tuple[bytes | None, tuple[str, ...]]:
    """Return the octets that a key is written as, and in what form if that is not base64 of DER."""
    if _PEM.decode() in written:
        return written.encode("utf-8", "replace"), ("its key is PEM, not the base64 of DER",)
    compact = "".join(written.split())
    if _HEX.fullmatch(compact):
        return bytes.fromhex(compact), ("its key is hex, not base64",)
    octets = from_base64(compact)
    if octets is None:
        return None, ()
    if _PEM in octets:
        return octets, ("its key is the base64 of a PEM file, not of the certificate's DER",)
    if not octets.startswith(b"\x30"):
        return octets, ("its key is not the base64 of DER",)
    return octets, ("its key is base64url, not base64",) if set("-_") & set(compact) else ()


def _holds_private_key(octets: bytes) -> bool:
    _, taken = redact(base64.b64encode(octets).decode(), path="", secrets=())
    return any("private key" in word for _, word in taken)
