"""Which of the certificates at hand are registered, and what registered keys leave open."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from assertcheck.errors import CertificateError
from assertcheck.graph import Content, KeyCredential, Registration, Source
from assertcheck.keys.validity import State, state_at
from assertcheck.model import Candidate, Role

_SHA1 = 20
"""Octets of a thumbprint."""


def read_registration(source: str | Path | bytes, client_ids: Iterable[str | None]) -> Registration:
    """Return the registration in `source`, a path or the octets of a file.

    Of several, the one of the first known of `client_ids`; one that is alone is meant, whatever its
    id. An application and its service principal are one. Raise `CertificateError` if there is no
    registration, or several and none of that app.
    """
    from assertcheck.keys.registration import export_command

    registrations = joined(read_all(source))
    if len(registrations) == 1:
        return registrations[0]
    wanted = [client_id.lower() for client_id in client_ids if client_id]
    mine = [each for each in registrations if each.app_id in wanted[:1]]
    if mine:
        return mine[0]
    said = "none of them is the one that signs in" if wanted else "no client id says which is meant"
    raise CertificateError(
        f"{registrations[0].label} holds {len(registrations)} apps, and {said}",
        hint=f"export that app alone: `{export_command(None)}`",
    )


def read_all(source: str | Path | bytes, *, label: str = "app") -> tuple[Registration, ...]:
    """Return the registrations in `source`, a path or the octets of a file called `label`."""
    from assertcheck.keys.registration import parse_registrations, read_registrations

    if isinstance(source, bytes):
        return parse_registrations(source, label=label)
    return read_registrations(Path(source))


def paired(
    registrations: Sequence[Registration],
) -> tuple[tuple[Registration | None, Registration | None], ...]:
    """Return each application of `registrations` with its service principal at its side."""
    waiting: dict[str | None, deque[int]] = {}
    for place, each in enumerate(registrations):
        if each.source is Source.SERVICE_PRINCIPAL:
            waiting.setdefault(each.app_id, deque()).append(place)
    pairs: list[tuple[Registration | None, Registration | None]] = []
    for each in registrations:
        if each.source is Source.SERVICE_PRINCIPAL:
            continue
        # Without an id nothing tells that two are one app.
        mine = waiting.get(each.app_id) if each.app_id else None
        pairs.append((each, registrations[mine.popleft()] if mine else None))
    alone = sorted(place for places in waiting.values() for place in places)
    return (*pairs, *((None, registrations[place]) for place in alone))


def joined(registrations: Sequence[Registration]) -> tuple[Registration, ...]:
    """Return `registrations`, an application and its service principal as one."""
    return tuple(join(*pair) for pair in paired(registrations))


def join(application: Registration | None, principal: Registration | None) -> Registration:
    """Return what an application and its service principal say, of which one is there, as one."""
    if application is None or principal is None:
        (alone,) = (each for each in (application, principal) if each)
        return alone
    keys = [each.keys for each in (application, principal) if each.keys is not None]
    passwords = [each.passwords for each in (application, principal) if each.passwords is not None]
    return replace(
        application,
        label=" and ".join(dict.fromkeys((application.label, principal.label))),
        tenant=application.tenant or principal.tenant,
        keys=tuple(key for several in keys for key in several) if keys else None,
        passwords=tuple(each for several in passwords for each in several) if passwords else None,
        service_principal_names=principal.service_principal_names,
        reply_urls=tuple(dict.fromkeys((*application.reply_urls, *principal.reply_urls))),
        preferred_thumbprint=principal.preferred_thumbprint,
        single_sign_on=principal.single_sign_on,
        is_enabled=principal.is_enabled,
        cut_off=tuple(dict.fromkeys((*application.cut_off, *principal.cut_off))),
        notes=tuple(dict.fromkeys((*application.notes, *principal.notes))),
    )


def match(
    candidates: Iterable[Candidate], registration: Registration, *, now: datetime | None = None
) -> tuple[Candidate, ...]:
    """Return `candidates` and the registered keys beside them, each with its place.

    A candidate that is registered gets `Role.REGISTERED` and its `credential`; one from `--cert`
    that is not, `Role.HELD`. Where the export leaves open what is registered, it keeps the benefit
    of the doubt, `Role.REGISTERED` without a `credential`. Registered keys that are not among the
    candidates follow. A certificate that is registered several times is one key: it comes once,
    with the registration that serves best at `now`, aware; without a clock, that ends last.
    """
    credentials = registration.keys or ()
    open_end = is_open(registration)
    placed: list[Candidate] = []
    taken: set[int] = set()
    for candidate in candidates:
        mine = [place for place, each in enumerate(credentials) if is_of(each, candidate)]
        if mine:
            taken.update(mine)
            best = _best([credentials[place] for place in mine], now)
            placed.append(replace(candidate, role=Role.REGISTERED, credential=best))
        elif candidate.role is Role.REGISTERED and not open_end:
            placed.append(replace(candidate, role=Role.HELD))
        else:
            placed.append(candidate)
    others = [each for place, each in enumerate(credentials) if place not in taken]
    return (*placed, *_once_each(others, now))


def _once_each(credentials: Sequence[KeyCredential], now: datetime | None) -> Iterator[Candidate]:
    """Yield the keys that `credentials` hold, each certificate with the best of its registrations."""
    registrations: dict[bytes, list[KeyCredential]] = {}
    for each in credentials:
        name = _certificate_name(each) or _identifier_of(each)
        if name:
            registrations.setdefault(name, []).append(each)
    seen: set[bytes] = set()
    for each in credentials:
        held = each.candidate
        certificate = held.certificate if held else None
        if held is None or certificate is None:
            if held is not None:
                yield replace(held, credential=each)
            continue
        if certificate.sha1 in seen:
            continue
        seen.add(certificate.sha1)
        # An export may show the certificate in one registration, and its digest alone in another.
        mine = [*registrations[certificate.sha1], *registrations.get(certificate.sha256, ())]
        best = _best(mine, now)
        yield replace(best.candidate or held, credential=best)


def _certificate_name(credential: KeyCredential) -> bytes | None:
    certificate = credential.candidate.certificate if credential.candidate else None
    return certificate.sha1 if certificate else None


def _identifier_of(credential: KeyCredential) -> bytes | None:
    """Return what says whose registration `credential` is, where its key does not."""
    is_told = credential.candidate is None and credential.content is not Content.PRIVATE_KEY
    return credential.identifier if is_told else None


def is_open(registration: Registration) -> bool:
    """Tell whether more may be registered than `registration` shows.

    A service principal has keys of its own; those of the application work besides.
    """
    return (
        registration.keys is None
        or registration.is_principal
        or any(map(_may_be_any, registration.keys))
    )


def unresolved(registration: Registration, candidates: Iterable[Candidate]) -> tuple[str, ...]:
    """Return the labels of registered keys that are not known, as none of `candidates` is theirs.

    The export leaves a key out, or it could not be read.
    """
    return tuple(each.label for each in unknown_keys(registration, candidates))


def unknown_keys(
    registration: Registration, candidates: Iterable[Candidate]
) -> tuple[KeyCredential, ...]:
    """Return the registered keys that are not known, as none of `candidates` is theirs."""
    digests: set[bytes] = set()
    known: dict[str, list[KeyCredential]] = {}
    for candidate in candidates:
        if candidate.credential is None:
            continue
        known.setdefault(candidate.credential.label, []).append(candidate.credential)
        if candidate.certificate:
            digests |= {candidate.certificate.sha1, candidate.certificate.sha256}
    return tuple(
        each
        for each in registration.keys or ()
        if each not in known.get(each.label, ())
        and (_certificate_name(each) or _identifier_of(each)) not in digests
    )


def is_of(credential: KeyCredential, candidate: Candidate) -> bool:
    """Tell whether `credential` is the registration of `candidate`.

    By the certificate itself; where the export leaves it out, by an identifier that is its digest.
    """
    certificate = candidate.certificate
    held = credential.candidate
    if held is not None:
        if held.certificate is None or certificate is None:
            return held.certificate is certificate and held.key == candidate.key
        return held.certificate.der == certificate.der
    # What holds a private key is not the certificate that its identifier names.
    if certificate is None or credential.content is Content.PRIVATE_KEY:
        return False
    return credential.identifier in (certificate.sha1, certificate.sha256)


def named_by(credentials: Sequence[KeyCredential], digest: bytes | None) -> KeyCredential | None:
    """Return which of `credentials` has `digest` for its identifier, its key being left out."""
    return next(
        (each for each in credentials if each.candidate is None and each.identifier == digest),
        None,
    )


def _best(credentials: Sequence[KeyCredential], now: datetime | None) -> KeyCredential:
    """Return which of the registrations of one certificate serves best, and so for all of them."""

    def worth(credential: KeyCredential) -> tuple[bool, bool, int, float]:
        end = credential.end.timestamp() if credential.end else 0
        state = state_at((credential.start, credential.end), now) if now else State.UNKNOWN
        is_readable = credential.content is not Content.UNREADABLE
        return credential.is_for_verifying, is_readable, _WORTH[state], end

    return max(credentials, key=worth)


_WORTH = {State.EXPIRED: 0, State.NOT_YET: 1, State.UNKNOWN: 2, State.VALID: 3}
"""How far a registration serves, by its dates."""


def _may_be_any(credential: KeyCredential) -> bool:
    """Tell whether `credential` can be that of any certificate, for all the export shows."""
    # An identifier that is set by hand may be anything. What has the length of a SHA-1, and is no
    # text, is taken for the thumbprint that Graph puts there by default. Of what is longer, more
    # than one digest is known to be used.
    identifier = credential.identifier or b""
    is_thumbprint = len(identifier) == _SHA1 and not identifier.isascii()
    return credential.candidate is None and not is_thumbprint
