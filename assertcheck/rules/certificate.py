"""The registered certificate itself: its dates and its key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from assertcheck.aadsts.registering import register_command
from assertcheck.model import Candidate, Problem, Severity
from assertcheck.rules.rule import KEY_EXPIRED, likely, rule
from assertcheck.words import date, span

_SMALLEST_RSA = 2048
_MAKE = "make a new certificate with an RSA 2048 key and register it"


class Judged(Protocol):
    """What these rules look at: certificates on their own, or those an assertion is about."""

    @property
    def judged(self) -> tuple[Candidate, ...]:
        """The certificates to judge."""

    @property
    def client_id(self) -> str:
        """The app they are for, or the word for it."""

    @property
    def now(self) -> datetime:
        """The clock, UTC."""

    @property
    def min_days(self) -> int | None:
        """Warn of one that ends within so many days."""


@rule(
    "certificate-expired",
    "The certificate has expired",
    severity=Severity.ERROR,
    source="RFC 5280 §4.1.2.5",
    aadsts=(likely("700027", KEY_EXPIRED),),
    unless=("registered-key-expired",),
)
def certificate_expired(ctx: Judged) -> tuple[Problem, ...]:
    """A registered key holds from the certificate's start to its end, and not a second longer.

    After that Entra ID answers AADSTS700027 with "The key used is expired.", although the
    signature is right.

    Make a new certificate, register it beside the old one, switch the app over, then remove the
    old one: `az ad app credential reset --id APP --cert @new.pem --append`.
    """
    return tuple(
        Problem(
            at=candidate.label,
            message=f"{candidate.label} ended at {date(certificate.not_after)}, "
            f"{span(ctx.now - certificate.not_after)} before the check",
            fix=f"register a new certificate: {register_command(ctx.client_id, 'new.pem')}",
            expected=f"a certificate valid at {date(ctx.now)}",
            actual=f"valid until {date(certificate.not_after)}",
        )
        for candidate in ctx.judged
        if (certificate := candidate.certificate)
        and certificate.not_after < ctx.now
        and not ((end := _registered_end(candidate)) and end >= ctx.now)
    )


@rule(
    "certificate-outlived",
    "The certificate has expired, its registration has not",
    severity=Severity.WARNING,
    source="RFC 5280 §4.1.2.5",
)
def certificate_outlived(ctx: Judged) -> tuple[Problem, ...]:
    """A registration has dates of its own, which mostly are the certificate's.

    Here they go on beyond its end. Entra ID goes by the registration's; whether it looks at the
    certificate's as well is not known.

    Register a new certificate before you find out: `az ad app credential reset --id APP --cert
    @new.pem --append`.
    """
    return tuple(
        Problem(
            at=candidate.label,
            message=f"{candidate.label} ended at {date(certificate.not_after)}, and is registered "
            f"until {date(end)}",
            fix=f"register a new certificate: {register_command(ctx.client_id, 'new.pem')}",
            expected=f"a certificate valid at {date(ctx.now)}",
            actual=f"valid until {date(certificate.not_after)}",
        )
        for candidate in ctx.judged
        if (certificate := candidate.certificate)
        and certificate.not_after < ctx.now
        and (end := _registered_end(candidate))
        and end >= ctx.now
    )


@rule(
    "certificate-not-yet-valid",
    "The certificate is not valid yet",
    severity=Severity.ERROR,
    source="RFC 5280 §4.1.2.5",
    aadsts=(likely("700027", KEY_EXPIRED),),
    unless=("registered-key-not-yet-valid",),
)
def certificate_not_yet_valid(ctx: Judged) -> tuple[Problem, ...]:
    """A registered key holds from the certificate's start on.

    Before it, Entra ID answers AADSTS700027 with the same words as after its end, "The key used is
    expired.", which misleads.

    Wait, or make the certificate with a start in UTC that has passed already. Local time taken for
    UTC is the usual fault.
    """
    return tuple(
        Problem(
            at=candidate.label,
            message=f"{candidate.label} begins at {date(certificate.not_before)}, "
            f"{span(certificate.not_before - ctx.now)} after the check",
            fix="wait until then, or make the certificate again with a start that has passed",
            expected=f"a certificate valid at {date(ctx.now)}",
            actual=f"valid from {date(certificate.not_before)}",
        )
        for candidate in ctx.judged
        if (certificate := candidate.certificate) and certificate.not_before > ctx.now
    )


@rule(
    "certificate-ends-soon",
    "The certificate ends soon",
    severity=Severity.WARNING,
    source="RFC 5280 §4.1.2.5",
    unless=(
        "registered-key-expired",
        "registered-key-not-yet-valid",
        "certificate-expired",
        "certificate-not-yet-valid",
    ),
)
def certificate_ends_soon(ctx: Judged) -> tuple[Problem, ...]:
    """With `--min-days N`, a certificate that ends within N days is worth a warning.

    So is one whose registration does, which has dates of its own. From the earlier end on, every
    sign-in with it fails with AADSTS700027.

    Register its successor now, beside it: `az ad app credential reset --id APP --cert @new.pem
    --append`. While it is the registration alone that ends, the certificate can be registered
    anew, with its own end: `az ad app credential reset --id APP --cert @cert.pem --append
    --end-date END`.
    """
    if ctx.min_days is None:
        return ()
    soon = ctx.now + timedelta(days=ctx.min_days)
    return tuple(
        Problem(
            at=candidate.label,
            message=f"{_ending(candidate, end)}, in {span(end - ctx.now)}",
            fix=(anew(ctx, candidate) if _outlasts(candidate, soon) else None)
            or f"register its successor: {register_command(ctx.client_id, 'new.pem')}",
            expected=f"at least {ctx.min_days} days left",
            actual=f"{(end - ctx.now).days} days left",
        )
        for candidate in ctx.judged
        if (end := _end(candidate)) and ctx.now <= end < soon
    )


def anew(ctx: Judged, candidate: Candidate) -> str | None:
    """Say how to register the certificate of `candidate` again, if it is valid itself."""
    certificate = candidate.certificate
    if certificate is None or not certificate.not_before <= ctx.now <= certificate.not_after:
        return None
    end = certificate.not_after
    return (
        f"register the certificate anew, which is valid until {date(end)}: "
        f"{register_command(ctx.client_id, candidate.label, until=end)}"
    )


@rule(
    "ec-key-not-supported",
    "The certificate's key is not RSA",
    severity=Severity.ERROR,
    source="Entra certificate-credentials",
    aadsts=(likely("5002730"),),
    unless=("alg-not-supported",),
)
def ec_key_not_supported(ctx: Judged) -> tuple[Problem, ...]:
    """Every algorithm Entra ID takes for a client assertion is RSA's.

    A certificate on an elliptic curve can be registered, but no assertion made with it is taken.

    Make the certificate with an RSA key: `openssl req -x509 -newkey rsa:2048 -nodes -days 365
    -keyout key.pem -out cert.pem -subj /CN=my-app`. Bad: `-newkey ec`.
    """
    return tuple(
        Problem(
            at=candidate.label,
            message=f"{candidate.label} holds a key of the kind {candidate.key_text}",
            fix=_MAKE,
            expected="RSA",
            actual=candidate.key_text,
        )
        for candidate in ctx.judged
        if not candidate.key_text.startswith("RSA ")
    )


@rule(
    "rsa-key-too-small",
    "The certificate's RSA key is small",
    severity=Severity.WARNING,
    source="RFC 7518 §3.3",
)
def rsa_key_too_small(ctx: Judged) -> tuple[Problem, ...]:
    """RFC 7518 demands RSA keys of 2048 bits or more.

    Whether Entra ID refuses smaller ones here is not known; their signatures can be forged by
    whoever can afford it.

    Make the certificate with a key of 2048 bits: `openssl req -x509 -newkey rsa:2048 …`. Bad:
    `rsa:1024`.
    """
    return tuple(
        Problem(
            at=candidate.label,
            message=f"{candidate.label} holds a key of the kind {candidate.key_text}",
            fix=_MAKE,
            expected=f"RSA {_SMALLEST_RSA} or more",
            actual=candidate.key_text,
        )
        for candidate in ctx.judged
        if _rsa_bits(candidate) < _SMALLEST_RSA
    )


def _end(candidate: Candidate) -> datetime | None:
    """Return when `candidate` ends, or its registration if that is sooner."""
    ends = (candidate.certificate and candidate.certificate.not_after, _registered_end(candidate))
    return min((end for end in ends if end), default=None)


def _ending(candidate: Candidate, end: datetime) -> str:
    """Say what of `candidate` ends at `end`: its registration, or the certificate with it."""
    certificate = candidate.certificate
    if certificate and end < certificate.not_after:
        return f"{candidate.label} is registered until {date(end)}"
    return f"{candidate.label} ends at {date(end)}"


def _outlasts(candidate: Candidate, moment: datetime) -> bool:
    return candidate.certificate is not None and candidate.certificate.not_after >= moment


def _registered_end(candidate: Candidate) -> datetime | None:
    """Return when the registration of `candidate` ends, where that is known."""
    return candidate.credential.end if candidate.credential else None


def _rsa_bits(candidate: Candidate) -> int:
    kind, _, size = candidate.key_text.partition(" ")
    return int(size) if kind == "RSA" else _SMALLEST_RSA


RULES = (
    certificate_expired,
    certificate_outlived,
    certificate_not_yet_valid,
    certificate_ends_soon,
    ec_key_not_supported,
    rsa_key_too_small,
)
