"""From certificate files to the report on them: thumbprints, dates, private key, registration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from assertcheck.errors import AssertcheckError, CertificateError
from assertcheck.graph import Source
from assertcheck.keys.bare_key import PUBLIC_HALF, bare_key
from assertcheck.keys.certificate import leaves_first, only_certifies
from assertcheck.keys.files import KeySource, collapsed, read_sources
from assertcheck.keys.private_key import PrivateKey, private_key_from
from assertcheck.model import Candidate, Report, Role
from assertcheck.rules.cert import RULES, CertContext, is_registered_key
from assertcheck.summary import clock_at, report_of

if TYPE_CHECKING:
    from assertcheck.graph import Registration
    from assertcheck.keys.password import Password


def diagnose_certificates(
    certs: Iterable[KeySource],
    *,
    key: KeySource | None = None,
    app: KeySource | None = None,
    client_id: str | None = None,
    password: Password = None,
    at: datetime | None = None,
    min_days: int | None = 30,
) -> Report:
    """Say what is to be known of certificates before Entra ID is given one.

    `certs` are files, folders of them, or the octets of a file. `key` is the private key that is to
    belong to one of them, a file or its octets; `app` an export of what Entra ID has registered,
    and `client_id` the one that is meant of several apps in it.
    `password` opens those that need it, as for `diagnose`. `at` is the clock, aware, else the
    present. Warn of a certificate that ends within `min_days`.

    The report has no verdict, but where `app` leaves open what is registered, and in `certificates` what was read, the private key's public half
    last. Raise `CertificateError` if a file cannot serve, and `AssertcheckError` for a clock out of
    range, or a `client_id` that `app` is not the export of.
    """
    clock = clock_at(at, timedelta())
    given = _leaves_first(collapsed(read_sources(certs, Role.REGISTERED, password)))
    if not given:
        raise CertificateError("no certificate was given", hint="name a file with one")
    held = private_key_from(key, password) if key is not None else None
    registration = _registration(app, client_id)
    context = _context(given, held, registration, now=clock.now, min_days=min_days)
    context = replace(context, named_app=client_id)
    known = (*context.candidates, *([_public_half(held)] if held else []))
    return replace(report_of(RULES, context, clock), certificates=known)


def _leaves_first(given: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Return `given` with a CA that issued another certificate meant, in whatever file, behind it."""
    meant = [each for each in given if each.certificate and each.role is Role.REGISTERED]
    return (*leaves_first(tuple(meant)), *(each for each in given if each not in meant))


def _registration(source: KeySource | None, client_id: str | None) -> Registration | None:
    """Return the registration in `source` that `client_id` names, an object id as well."""
    if source is None:
        if client_id is None:
            return None
        raise AssertcheckError(
            "a client id says which app is meant, and no app was given",
            hint="give what is registered as well: --app FILE",
        )
    from assertcheck.keys.registered import read_registration
    from assertcheck.keys.registration import export_command

    found = read_registration(source, (client_id,))
    names = {name.lower() for name in (found.app_id, found.object_id) if name}
    if client_id is not None and found.app_id and client_id.lower() not in names:
        raise AssertcheckError(
            f"{found.label} is the registration of another app, {found.app_id}",
            hint=f"export the one that is meant: `{export_command(client_id)}`",
        )
    return found


def _context(
    given: tuple[Candidate, ...],
    held: PrivateKey | None,
    registration: Registration | None,
    *,
    now: datetime,
    min_days: int | None,
) -> CertContext:
    placed = given
    registered: tuple[Candidate, ...] = ()
    if registration:
        from assertcheck.keys.registered import match

        found = match(given, registration, now=now)
        placed = tuple(_doubted(each, registration) for each in found[: len(given)])
        registered = found[len(given) :]
    # A key that lies in the same file as certificates, and belongs to none of them, is beside them.
    stray = [each for each in given if each.certificate is None and each.role is Role.ALSO]
    judged = tuple(
        place for each, place in zip(given, placed, strict=True) if each.role is not Role.ALSO
    )
    return CertContext(
        candidates=placed,
        judged=judged,
        keys=(
            *([_public_half(held)] if held else []),
            *(each for each in stray if PUBLIC_HALF in each.notes),
        ),
        others=(*(held.certificates if held else ()), *registered),
        certifiers=tuple(each for each in judged if only_certifies(each)),
        registration=registration,
        now=now,
        min_days=min_days,
    )


def _doubted(candidate: Candidate, registration: Registration) -> Candidate:
    """Return `candidate` with the benefit of the doubt where `registration` does not rule it out.

    The keys of an app may be on its application alone, and not on the service principal; and what
    has the key of a registered certificate may be part of it.
    """
    is_out = registration.source is not Source.SERVICE_PRINCIPAL and not (
        candidate.certificate is None and is_registered_key(registration, candidate)
    )
    if candidate.role is not Role.HELD or is_out:
        return candidate
    return replace(candidate, role=Role.REGISTERED)


def _public_half(held: PrivateKey) -> Candidate:
    return bare_key(held.key.public_key(), label=held.label, role=Role.ALSO, notes=(PUBLIC_HALF,))
