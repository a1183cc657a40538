"""A registration in a report: the table of its keys and their validity, and its JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from assertcheck.graph import KeyCredential, PasswordCredential, Registration
from assertcheck.keys.validity import Window, state_at
from assertcheck.model import Certificate, Report
from assertcheck.render.inert import inert
from assertcheck.render.json_report import moment
from assertcheck.render.layout import Style, labelled, wrapped
from assertcheck.render.timeline import timeline_rows
from assertcheck.words import date

_BOLD = "1"
_LABEL = len("requests signed")
_MOST_BARS = 20
_DAY = timedelta(days=1)
_ON_KEYS = frozenset({"key-unreadable", "no-keys-registered"})
"""Rules that say why they were not checked where the export shows no keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What a line of the table shows."""

    usage: str
    window: Window
    """The dates of the registration, which Entra ID goes by."""
    details: tuple[str, ...]
    """Each a line below it."""


def registration_blocks(
    registration: Registration, report: Report, style: Style
) -> Iterator[list[str]]:
    """Yield the blocks of text on `registration`; its timeline only where it is all there is."""
    # What opens a signing key is no secret to sign in with.
    openers = {key.key_id for key in registration.keys or () if key.usage == "Sign"}
    rows = [
        *(_key_row(key) for key in registration.keys or ()),
        *(
            _password_row(each, "password" if each.key_id in openers else "secret")
            for each in registration.passwords or ()
        ),
    ]
    now = report.clock.now
    lines = [style.paint("Registration", _BOLD)]
    for label, value in _facts(registration):
        lines += labelled(label.ljust(_LABEL), _LABEL, value, style)
    for note in _notes(registration, report):
        lines += wrapped(note, style, indent="  ")
    yield [*lines, *(_table(rows, now, style) if rows else [])]
    bars = [
        (f"{number} {row.usage}", start, end)
        for number, row in enumerate(rows, start=1)
        if (start := row.window[0]) and (end := row.window[1]) and start < end
    ][:_MOST_BARS]
    if bars and not report.keys:
        head = f"{style.paint('Timeline', _BOLD)}  now {date(now)}"
        yield [head, *timeline_rows(bars, now)]


def _facts(registration: Registration) -> Iterator[tuple[str, str]]:
    """Yield what is known of the app besides its keys."""
    yield "file", f"{registration.label} ({registration.source})"
    facts = {
        "app": registration.display_name,
        "client id": registration.app_id,
        "object id": registration.object_id,
        # That of a service principal is another, unless its app is of the same organisation.
        "owning tenant" if registration.is_principal else "tenant": registration.tenant,
        "sign-on": registration.single_sign_on,
        "active key": registration.preferred_thumbprint,
        "requests signed": "required"
        if registration.request_signature and registration.request_signature.is_required
        else None,
    }
    for label, value in facts.items():
        if value is not None:
            yield label, value


def _notes(registration: Registration, report: Report) -> Iterator[str]:
    """Yield what is worth knowing of the export and is not said under "Not checked"."""
    # Loaded already, for the registration was read.
    from assertcheck.keys.registration import NO_KEY_VALUES, NO_KEYS

    is_said = not _ON_KEYS.isdisjoint(item.id for item in report.not_checked)
    for note in registration.notes:
        if not (is_said and note in (NO_KEYS, NO_KEY_VALUES)):
            yield note


def _table(rows: list[_Row], now: datetime, style: Style) -> list[str]:
    size = max(len("usage"), *(len(inert(row.usage)) for row in rows))
    number = len(str(len(rows)))
    margin = "  " + " " * (number + 2)
    heading = f"{'usage'.ljust(size)}  {'from':10}  {'until':10}  {'days':>5}  state"
    lines = ["", margin + style.paint(heading, _BOLD)]
    for index, row in enumerate(rows, start=1):
        start, end = row.window
        days = f"{int((end - now) / _DAY)}" if end else "-"
        lines.append(
            f"  {index:>{number}}  {inert(row.usage).ljust(size)}  {_day(start)}  {_day(end)}  "
            f"{days:>5}  {state_at(row.window, now)}"
        )
        for detail in row.details:
            lines += wrapped(detail, style, indent=margin)
    return lines


def _day(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d}" if value else "-".ljust(10)


def _key_row(key: KeyCredential) -> _Row:
    candidate = key.candidate
    certificate = candidate.certificate if candidate else None
    if certificate:
        thumbprint = f"thumbprint {certificate.sha1.hex().upper()}"
    elif key.identifier_text:
        thumbprint = f"customKeyIdentifier {key.identifier_text}"
    else:
        thumbprint = None
    known = (key.label, key.display_name, key.type, candidate.key_text if candidate else None)
    return _Row(
        usage=key.usage or "key",
        window=(key.start, key.end),
        details=tuple(
            each
            for each in (
                ", ".join(part for part in known if part),
                thumbprint,
                _dates(key, certificate),
                *key.notes,
            )
            if each
        ),
    )


def _dates(key: KeyCredential, certificate: Certificate | None) -> str | None:
    """Return the dates of `certificate`, if those of the registration are not within them."""
    if certificate is None:
        return None
    start, end = certificate.not_before, certificate.not_after
    # Tools cut the time of day off.
    is_within = key.start and key.end and key.start >= start - _DAY and key.end <= end + _DAY
    return None if is_within else f"its certificate {start:%Y-%m-%d} until {end:%Y-%m-%d}"


def _password_row(password: PasswordCredential, usage: str) -> _Row:
    known = (password.label, password.display_name)
    return _Row(
        usage=usage,
        window=(password.start, password.end),
        details=(", ".join(part for part in known if part),),
    )


def registration_member(registration: Registration) -> dict[str, object]:
    """Return `registration` as a member of the JSON report."""
    signature = registration.request_signature
    keys, passwords = registration.keys, registration.passwords
    return {
        "label": registration.label,
        "source": registration.source,
        "app_id": registration.app_id,
        "object_id": registration.object_id,
        "display_name": registration.display_name,
        "tenant": registration.tenant,
        "enabled": registration.is_enabled,
        "public_client": registration.is_public,
        "trusted_subjects": registration.has_trusted_subjects,
        "identifier_uris": list(registration.identifier_uris),
        "service_principal_names": list(registration.service_principal_names),
        "reply_urls": list(registration.reply_urls),
        "single_sign_on": registration.single_sign_on,
        "preferred_thumbprint": registration.preferred_thumbprint,
        "request_signature": None
        if signature is None
        else {
            "required": signature.is_required,
            "weak_algorithms": list(signature.weak_algorithms),
        },
        "keys": None if keys is None else [_key(key) for key in keys],
        "passwords": None if passwords is None else [_password(each) for each in passwords],
        "notes": list(registration.notes),
    }


def _key(key: KeyCredential) -> dict[str, object]:
    candidate = key.candidate
    certificate = candidate.certificate if candidate else None
    return {
        "label": key.label,
        "key_id": key.key_id,
        "display_name": key.display_name,
        "type": key.type,
        "usage": key.usage,
        "start": moment(key.start),
        "end": moment(key.end),
        "identifier": key.identifier_text,
        "content": key.content,
        "key": candidate.key_text if candidate else None,
        "certificate": _certificate(certificate) if certificate else None,
        "notes": list(key.notes),
    }


def _certificate(certificate: Certificate) -> dict[str, object]:
    return {
        "subject": certificate.subject,
        "not_before": moment(certificate.not_before),
        "not_after": moment(certificate.not_after),
        "sha1": certificate.sha1.hex().upper(),
        "sha256": certificate.sha256.hex().upper(),
    }


def _password(password: PasswordCredential) -> dict[str, object]:
    return {
        "label": password.label,
        "key_id": password.key_id,
        "display_name": password.display_name,
        "start": moment(password.start),
        "end": moment(password.end),
    }
