"""Certificates in a report: every form of their thumbprints, what to paste where, and the JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from assertcheck.keys.bare_key import PUBLIC_HALF
from assertcheck.model import Candidate, Certificate, Report, Role
from assertcheck.render.json_report import moment
from assertcheck.render.layout import Style, labelled, wrapped
from assertcheck.rules.cert import way_to_register
from assertcheck.words import date, relative, span

if TYPE_CHECKING:
    from assertcheck.graph import KeyCredential

_BOLD = "1"
_SIZE = len("registered")
_TELLING = frozenset(
    {
        "certificate-not-registered",
        "no-keys-registered",
        "no-certificate-registered",
        "key-is-not-a-certificate",
    }
)
"""Rules that say how to register what is not."""


def certificate_blocks(report: Report, style: Style) -> Iterator[list[str]]:
    """Yield the blocks of text on the certificates of `report`, and what to paste last of all."""
    known = report.certificates
    # What is not registered has its command above, with the app's id.
    judged = {*(item.id for item in report.findings), *(item.id for item in report.not_checked)}
    is_told = not _TELLING.isdisjoint(judged)
    for candidate in known:
        heading = f"{candidate.label}{_place(candidate, known)}"
        lines = wrapped(heading, style, indent="")
        lines = [style.paint(line, _BOLD) for line in lines]
        for label, value in _rows(candidate, known, report.judged_at):
            lines += labelled(label.ljust(_SIZE), _SIZE, value, style)
        for note in candidate.notes:
            lines += wrapped(note, style, indent="  ")
        yield lines
    for candidate in known:
        if candidate.certificate and not _has_issued(candidate, known):
            yield _pasted(candidate, candidate.certificate, style, is_told=is_told)


def certificate_members(report: Report) -> list[dict[str, object]]:
    """Return the certificates of `report` as a member of the JSON report."""
    known = report.certificates
    return [_member(each, known, report.judged_at) for each in known]


def key_credential(certificate: Certificate) -> dict[str, str]:
    """Return what Microsoft Graph takes as a member of `keyCredentials` to register it."""
    return {
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "displayName": certificate.subject,
        "customKeyIdentifier": _base64(certificate.sha1),
        "startDateTime": moment(certificate.not_before) or "",
        "endDateTime": moment(certificate.not_after) or "",
        "key": _base64(certificate.der),
    }


def _place(candidate: Candidate, known: Sequence[Candidate]) -> str:
    if candidate.certificate is None:
        return ", a private key" if PUBLIC_HALF in candidate.notes else ", a public key"
    others = [each.label for each in known if each is not candidate and _issued(candidate, each)]
    return f", the issuer of {' and '.join(others)}" if others else ""


def _rows(
    candidate: Candidate, known: Sequence[Candidate], now: datetime
) -> Iterator[tuple[str, str]]:
    certificate = candidate.certificate
    if certificate is None:
        yield "key", candidate.key_text
        owned = [each.label for each in known if each.certificate and each.key == candidate.key]
        if owned or (PUBLIC_HALF in candidate.notes and any(each.certificate for each in known)):
            yield "belongs to", " and ".join(owned) or "none of them"
        else:
            yield "thumbprint", "none: only a certificate has one"
        return
    is_issuer = _has_issued(candidate, known)
    yield "subject", certificate.subject
    yield "issuer", _issuer(candidate, certificate, known)
    yield "serial", _serial(certificate)
    yield "key", f"{candidate.key_text}{_private(candidate, known)}"
    yield "valid", f"{date(certificate.not_before)} to {date(certificate.not_after)}"
    yield "", _left(certificate, now)
    yield "CA", "yes" if certificate.is_ca else "no"
    registered = _registered(candidate)
    if registered is not None:
        yield "registered", _registration(candidate.credential)
    for name, digest in (("SHA-1", certificate.sha1), ("SHA-256", certificate.sha256)):
        forms = list(_forms(digest).values())
        # An issuer's is for comparing, not for pasting.
        for index, form in enumerate(forms[:1] if is_issuer else forms):
            yield "" if index else name, form
    if not is_issuer:
        for index, (name, value) in enumerate(_header(certificate).items()):
            yield "" if index else "header", f'"{name}":"{value}"'


def _pasted(
    candidate: Candidate, certificate: Certificate, style: Style, *, is_told: bool
) -> list[str]:
    """Return what registers the certificate, the JSON on a line of its own, to be copied whole.

    `is_told`: whether it was said before how to register what is not.
    """
    graph = "as a member of keyCredentials in Microsoft Graph:"
    if candidate.credential or is_told:
        heading, *text = (f"{candidate.label}, {graph}",)
    else:
        command = way_to_register(None, candidate.label)
        heading, *text = (f"To register {candidate.label}", command, f"or {graph}")
    return [
        *(style.paint(line, _BOLD) for line in wrapped(heading, style, indent="")),
        *(line for each in text for line in wrapped(each, style, indent="  ")),
        json.dumps(key_credential(certificate), separators=(",", ":")),
    ]


def _member(candidate: Candidate, known: Sequence[Candidate], now: datetime) -> dict[str, object]:
    certificate = candidate.certificate
    return {
        "label": candidate.label,
        "kind": "certificate" if certificate else "public-key",
        "subject": certificate.subject if certificate else None,
        "issuer": certificate.issuer if certificate else None,
        "issued_by": [each.label for each in known if _issued(each, candidate)],
        "serial": _serial(certificate) if certificate else None,
        "key": candidate.key_text,
        "not_before": moment(certificate.not_before) if certificate else None,
        "not_after": moment(certificate.not_after) if certificate else None,
        "days_left": (certificate.not_after - now).days if certificate else None,
        "is_ca": certificate.is_ca if certificate else None,
        "sha1": _forms(certificate.sha1) if certificate else None,
        "sha256": _forms(certificate.sha256) if certificate else None,
        "header": _header(certificate) if certificate else None,
        "key_credential": key_credential(certificate) if certificate else None,
        "key_matches": _key_matches(candidate, known),
        "registered": _registered(candidate),
        "notes": list(candidate.notes),
    }


def _issued(issuer: Candidate, other: Candidate) -> bool:
    """Tell whether `issuer` has the name that `other` gives for whoever issued it."""
    return (
        issuer.certificate is not None
        and other.certificate is not None
        and issuer.certificate.subject == other.certificate.issuer
    )


def _has_issued(candidate: Candidate, known: Sequence[Candidate]) -> bool:
    return any(each is not candidate and _issued(candidate, each) for each in known)


def _issuer(candidate: Candidate, certificate: Certificate, known: Sequence[Candidate]) -> str:
    if certificate.issuer == certificate.subject:
        return "itself"
    labels = [each.label for each in known if _issued(each, candidate)]
    return f"{certificate.issuer}{f', which is {labels[0]}' if labels else ''}"


def _private(candidate: Candidate, known: Sequence[Candidate]) -> str:
    keys = _private_keys(known)
    own = [each.label for each in keys if each.key == candidate.key]
    if own:
        return f", its private key is in {own[0]}"
    if _key_matches(candidate, known):
        return ", with its private key"
    if not keys or _has_issued(candidate, known):
        return ""
    return f"; the private key in {' and '.join(each.label for each in keys)} is another's"


def _key_matches(candidate: Candidate, known: Sequence[Candidate]) -> bool | None:
    """Tell whether its private key is at hand; `None` where no private key is, or it is one."""
    if candidate.certificate is None:
        return None
    if PUBLIC_HALF in candidate.notes:
        return True
    keys = [each.key for each in _private_keys(known)]
    return candidate.key in keys if keys else None


def _private_keys(known: Iterable[Candidate]) -> list[Candidate]:
    return [each for each in known if each.certificate is None and PUBLIC_HALF in each.notes]


def _registered(candidate: Candidate) -> bool | None:
    """Tell whether it is registered; `None` where that is not known, or nobody asked."""
    if candidate.credential:
        return True
    return False if candidate.role is Role.HELD else None


def _registration(credential: KeyCredential | None) -> str:
    if credential is None:
        return "no"
    until = f", until {date(credential.end)}" if credential.end else ""
    return f"as {credential.label}{until}"


def _left(certificate: Certificate, now: datetime) -> str:
    if certificate.not_before > now:
        return f"begins {relative(certificate.not_before, now)}"
    if certificate.not_after < now:
        return f"ended {relative(certificate.not_after, now)}"
    return f"{span(certificate.not_after - now)} left"


def _serial(certificate: Certificate) -> str:
    """Return the serial number as `openssl x509 -serial` prints it."""
    digits = f"{abs(certificate.serial_number):X}"
    sign = "-" if certificate.serial_number < 0 else ""
    return f"{sign}{digits.zfill(len(digits) + len(digits) % 2)}"


def _forms(digest: bytes) -> dict[str, str]:
    """Return `digest` in each form that people and programs want a thumbprint in."""
    return {
        "hex": digest.hex().upper(),
        "colons": digest.hex(":").upper(),
        "base64": _base64(digest),
        "base64url": _base64url(digest),
    }


def _header(certificate: Certificate) -> dict[str, str]:
    return {"x5t": _base64url(certificate.sha1), "x5t#S256": _base64url(certificate.sha256)}


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
