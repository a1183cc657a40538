"""The keys of a SAML app: what Entra ID signs its responses with, and verifies requests with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from assertcheck.graph import Content, KeyCredential, PasswordCredential, Registration
from assertcheck.keys.cut_off import AGAIN
from assertcheck.keys.validity import State, doubt_of, ends_within, state_at, window_of
from assertcheck.model import Problem, Severity, Undecided
from assertcheck.rules.app_context import (
    UNUSED,
    AppContext,
    active_thumbprint,
    export_of,
    is_saml,
    is_saml_mode,
    is_verifying_requests,
    names_of,
)
from assertcheck.rules.rule import documented, likely, rule
from assertcheck.words import date, listed, plain, span

_SAML = "Entra single-sign-on-saml-protocol"
_REQUESTS = "Entra howto-enforce-signed-saml-authentication"
_THUMBPRINT = 20
"""Octets of a SHA-1."""


class Completeness(StrEnum):
    """Whether all three parts of a signing key are there."""

    WHOLE = "whole"
    NO_VERIFY = "no Verify half"
    DIFFERS = "another identifier on its Verify half"
    NO_PASSWORD = "no password"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """What Entra ID signs SAML responses with, as far as it is there."""

    sign: KeyCredential
    """The private key, which no export shows."""
    verify: KeyCredential | None
    """Its certificate."""
    password: PasswordCredential | None
    """What opens the private key."""
    completeness: Completeness

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        name = self.sign.display_name
        return f"{self.sign.label} ({name})" if name else self.sign.label

    @property
    def parts(self) -> tuple[KeyCredential | PasswordCredential, ...]:
        """Those of the three parts that are there."""
        return tuple(part for part in (self.sign, self.verify, self.password) if part)

    @property
    def end(self) -> datetime | None:
        """When the first of its parts ends."""
        ends = [end for part in self.parts if (end := window_of(part)[1])]
        return min(ends, default=None)

    def states(self, now: datetime) -> tuple[State, ...]:
        """Return where `now` lies from the window of each part."""
        return tuple(state_at(window_of(part), now) for part in self.parts)

    def is_sound(self, now: datetime) -> bool:
        """Tell whether it is whole, and no part of it known not to be valid."""
        states = set(self.states(now))
        return self.completeness is Completeness.WHOLE and states <= {State.VALID, State.UNKNOWN}

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why it is not known when it can be used; empty if it is."""
        return tuple(doubt for part in self.parts if (doubt := doubt_of(part)))


@rule(
    "saml-signing-key-missing",
    "There is no certificate to sign SAML responses with",
    severity=Severity.ERROR,
    source="AADSTS50003",
    aadsts=(documented("50003"),),
)
def saml_signing_key_missing(ctx: AppContext) -> tuple[Problem, ...]:
    """Entra ID signs what it answers to a SAML app with a key on the app's service principal.

    There, `keyCredentials` have none of `"usage":"Sign"`. A sign-in fails with AADSTS50003, "No
    signing key configured."

    Make a certificate under Single sign-on, SAML certificates, and make it active; or with Graph's
    `addTokenSigningCertificate`.
    """
    principal = _principal(ctx)
    if principal is None or principal.keys is None or _signing_keys(principal):
        return ()
    return (
        Problem(
            at="keyCredentials",
            message=f"{principal.label} has no key of usage Sign",
            fix=f"{_if_saml(ctx)}make a signing certificate: {_create(ctx)}; then make it active: "
            f"{_activate(ctx)}",
            expected="a key of usage Sign, one of usage Verify, and a password",
            actual=_count(len(principal.keys), "other key"),
            # The thumbprint alone says that there was one.
            aadsts=None if is_saml_mode(principal) else (likely("50003"),),
            severity=_severity(ctx),
        ),
    )


@rule(
    "saml-pair-identifiers-differ",
    "The halves of the signing key have different identifiers",
    severity=Severity.ERROR,
    source="AADSTS50003",
    aadsts=(documented("50003"),),
)
def saml_pair_identifiers_differ(ctx: AppContext) -> tuple[Problem, ...]:
    """A signing key is two keys and a password, all with the same `customKeyIdentifier`.

    The private key has `"usage":"Sign"`, its certificate `"usage":"Verify"`, and the password opens
    the former. Here the two have the same dates and different identifiers, so that nothing shows
    that they belong together. A sign-in fails with AADSTS50003, "No signing key configured."

    Make another signing key active if there is a good one; else make a new certificate, make it
    active, and remove the broken one.
    """
    fix, severity = _mend(ctx), _severity(ctx)
    return tuple(
        Problem(
            at=key.sign.label,
            message=f"{key.name} has the customKeyIdentifier {plain(key.sign.identifier_text)}, "
            f"and {_half(key)} with the same dates {_identifier(key.verify)}",
            fix=fix,
            expected=key.sign.identifier_text,
            actual=_identifier(key.verify),
            severity=severity,
        )
        for key in _broken(ctx)
        if key.completeness is Completeness.DIFFERS
    )


@rule(
    "saml-verify-half-missing",
    "The signing key lacks its Verify half",
    severity=Severity.ERROR,
    source="AADSTS50003",
    aadsts=(documented("50003"),),
)
def saml_verify_half_missing(ctx: AppContext) -> tuple[Problem, ...]:
    """A signing key is two keys and a password, all with the same `customKeyIdentifier`.

    The private key has `"usage":"Sign"`, its certificate `"usage":"Verify"`, and the password opens
    the former. Here the certificate is missing. A sign-in fails with AADSTS50003, "No signing key
    configured."

    Make another signing key active if there is a good one; else make a new certificate, make it
    active, and remove the broken one.
    """
    fix, severity = _mend(ctx), _severity(ctx)
    return tuple(
        Problem(
            at=key.sign.label,
            message=f"{key.name} is of usage Sign, and no key of usage Verify has its "
            f"customKeyIdentifier, {plain(key.sign.identifier_text)}",
            fix=fix,
            expected="a key of usage Verify with the same customKeyIdentifier",
            actual="none",
            severity=severity,
        )
        for key in _broken(ctx)
        if key.completeness is Completeness.NO_VERIFY
    )


@rule(
    "saml-signing-password-missing",
    "The signing key lacks its password",
    severity=Severity.ERROR,
    source="AADSTS50003",
    aadsts=(documented("50003"),),
)
def saml_signing_password_missing(ctx: AppContext) -> tuple[Problem | Undecided, ...]:
    """A signing key is two keys and a password, all with the same `customKeyIdentifier`.

    The private key has `"usage":"Sign"`, its certificate `"usage":"Verify"`, and the password opens
    the former. Here `passwordCredentials` have none with the `keyId` of the private key or its
    identifier. A sign-in fails with AADSTS50003, "No signing key configured."

    Make another signing key active if there is a good one; else make a new certificate, make it
    active, and remove the broken one.
    """
    principal = _principal(ctx)
    if principal and principal.passwords is None:
        return _passwords_unseen(ctx, principal)
    fix, severity = _mend(ctx), _severity(ctx)
    return tuple(
        Problem(
            at=key.sign.label,
            message=f"{key.name} is of usage Sign, and no password has its keyId, "
            f"{plain(key.sign.key_id)}, or its customKeyIdentifier",
            fix=fix,
            expected="an entry in passwordCredentials with the same keyId",
            actual="none",
            severity=severity,
        )
        for key in _broken(ctx)
        if key.completeness is Completeness.NO_PASSWORD
    )


@rule(
    "saml-half-expired",
    "A part of the signing key is not valid",
    severity=Severity.ERROR,
    source="AADSTS50003",
    aadsts=(likely("50003"),),
)
def saml_half_expired(ctx: AppContext) -> tuple[Problem | Undecided, ...]:
    """The three parts of a signing key, its two halves and the password, begin and end together.

    Here some are valid and some are not. A sign-in likely fails with AADSTS50003, "No signing key
    configured."

    Make another signing key active if there is a good one; else make a new certificate, make it
    active, and remove the broken one.
    """
    fix = _mend(ctx)
    sound = [key for key in _deciding(ctx) if key.is_sound(ctx.now)]
    doubts = () if any(not key.doubts for key in sound) else (key.doubts for key in sound)
    return (
        *(
            Problem(
                at=key.sign.label,
                message=f"of {key.name}, {_states(key, ctx.now)}",
                fix=fix,
                expected=f"all parts valid at {date(ctx.now)}",
                severity=_severity(ctx),
            )
            for key in _broken(ctx)
            if key.completeness is Completeness.WHOLE and not _is_over(key, ctx.now)
        ),
        *(Undecided(why=why, decisive=True) for several in doubts for why in several),
    )


@rule(
    "saml-signing-key-expired",
    "No signing key is valid",
    severity=Severity.ERROR,
    source="AADSTS50003",
    aadsts=(likely("50003"),),
)
def saml_signing_key_expired(ctx: AppContext) -> tuple[Problem, ...]:
    """Entra ID signs what it answers to a SAML app with a key that is valid.

    The ones that the service principal has are not, and none is named as the active one. A sign-in
    likely fails with AADSTS50003, "No signing key configured."

    Make a new certificate, make it active, and give it to the service provider.
    """
    principal = _principal(ctx)
    if principal is None or active_thumbprint(principal):
        return ()
    fix = _mend(ctx)
    return tuple(
        Problem(
            at=key.sign.label,
            message=f"of {key.name}, {_states(key, ctx.now)}",
            fix=fix,
            expected=f"a signing key valid at {date(ctx.now)}",
            severity=_severity(ctx),
        )
        for key in _broken(ctx)
        if _is_over(key, ctx.now)
    )


@rule(
    "saml-active-key-unusable",
    "The active signing key cannot be used",
    severity=Severity.ERROR,
    source="AADSTS50003",
    aadsts=(likely("50003"),),
    unless=("saml-signing-key-missing",),
)
def saml_active_key_unusable(ctx: AppContext) -> tuple[Problem | Undecided, ...]:
    """`preferredTokenSigningKeyThumbprint` names the active signing key.

    It is the SHA-1 of its certificate in hex, in either letter case. Here it names one that is not
    there or not valid, or `unused`, which is none. A sign-in likely fails with AADSTS50003, "No
    signing key configured."

    Make another one active: `az ad sp update --id APP --set
    preferredTokenSigningKeyThumbprint=THUMBPRINT`.
    """
    principal, severity = _principal(ctx), _severity(ctx)
    keys = _all(ctx)
    if principal is None or not keys:
        return ()
    ready = [key for key in keys if key.is_sound(ctx.now)]
    fix = _mend(ctx)
    at = "preferredTokenSigningKeyThumbprint"
    value = plain(principal.preferred_thumbprint)
    thumbprint = active_thumbprint(principal)
    if thumbprint is None:
        if not (principal.preferred_thumbprint and is_saml_mode(principal) and ready):
            return ()
        said = f"{at} is {UNUSED}, so that none of the signing keys is active"
        return (Problem(at=at, message=said, fix=fix, actual=value),)
    named = [key for key in keys if _is_named(key, thumbprint)]
    if not named and any(_is_named(key, thumbprint) is None for key in keys):
        why = (
            f"the identifiers in {principal.label} do not tell which signing key is active; "
            f"export it with {export_of(principal)}"
        )
        return (Undecided(why=why),)
    if not named:
        said = f"{at} names {value}, which no signing key of {principal.label} has"
        return (Problem(at=at, message=said, fix=fix, actual=value, severity=severity),)
    return tuple(
        Problem(
            at=at,
            message=f"{at} names {key.name}, of which {_states(key, ctx.now)}",
            fix=fix,
            expected=f"a signing key valid at {date(ctx.now)}",
            actual=value,
            severity=severity,
        )
        for key in _broken(ctx)
        if _is_over(key, ctx.now)
    )


@rule(
    "saml-signing-key-ends-soon",
    "The signing key ends soon",
    severity=Severity.WARNING,
    source="AADSTS50003",
)
def saml_signing_key_ends_soon(ctx: AppContext) -> tuple[Problem, ...]:
    """A signing key ends, and users cannot sign in to the SAML app until there is another.

    It ends within `--min-days`. Entra ID does not change over by itself.

    Make a new certificate, or take another signing key that is there; give its certificate to the
    service provider, make it active, and remove the old one.
    """
    sound = [key for key in _deciding(ctx) if key.is_sound(ctx.now)]
    ending = [
        (key.end, key)
        for key in sound
        if key.end and ends_within((None, key.end), ctx.min_days or 0, ctx.now)
    ]
    if not ending or len(ending) < len(sound):
        return ()
    end, key = max(ending, key=lambda each: each[0])
    successor = next(
        (
            each
            for each in _all(ctx)
            if each.is_sound(ctx.now)
            and not ends_within((None, each.end), ctx.min_days or 0, ctx.now)
        ),
        None,
    )
    first = (
        f"give the certificate of {successor.name}, which is there and ends later,"
        if successor
        else f"make its successor: {_create(ctx)}; give it"
    )
    return (
        Problem(
            at=key.sign.label,
            message=f"{key.name} ends at {date(end)}, in {span(end - ctx.now)}",
            fix=f"{first} to the service provider, then make it active: "
            f"{_activate(ctx, successor)}",
            expected=f"at least {ctx.min_days} days left",
            actual=f"{(end - ctx.now).days} days left",
        ),
    )


@rule(
    "saml-half-key-left",
    "Parts of a signing key were left behind",
    severity=Severity.WARNING,
    source="AADSTS50003",
)
def saml_half_key_left(ctx: AppContext) -> tuple[Problem, ...]:
    """A signing key is two keys and a password, all with the same `customKeyIdentifier`.

    The private key has `"usage":"Sign"`, its certificate `"usage":"Verify"`, and the password opens
    the former. Besides the one in use there is one that lacks a part. Microsoft has unused
    certificates removed from such an app; whether they harm while they are not active is not known.

    Remove it under Single sign-on, SAML certificates.
    """
    broken = {key.sign.label for key in _broken(ctx)}
    return tuple(
        Problem(
            at=key.sign.label,
            message=f"{key.name} is not in use, and has {key.completeness}",
            fix="remove it under Single sign-on, SAML certificates",
        )
        for key in _all(ctx)
        if key.completeness is not Completeness.WHOLE and key.sign.label not in broken
    )


@rule(
    "saml-expired-key-left",
    "An expired signing key was left behind",
    severity=Severity.NOTE,
    source=_SAML,
)
def saml_expired_key_left(ctx: AppContext) -> tuple[Problem, ...]:
    """Signing keys that have expired serve for nothing, and can be removed.

    Entra ID keeps them beside the one in use, where they can be made active by mistake.

    Remove them under Single sign-on, SAML certificates.
    """
    broken = {key.sign.label for key in _broken(ctx)}
    return tuple(
        Problem(
            at=key.sign.label,
            message=f"{key.name} ended at {date(key.end)}, {span(ctx.now - key.end)} before the "
            f"check{_halves(key, ctx.now)}",
            fix="remove it under Single sign-on, SAML certificates",
        )
        for key in _all(ctx)
        if key.completeness is Completeness.WHOLE
        and key.sign.label not in broken
        and key.end
        and State.EXPIRED in key.states(ctx.now)
    )


@rule(
    "saml-no-verification-certificate",
    "No certificate to verify SAML requests with",
    severity=Severity.ERROR,
    source="AADSTS76022",
    aadsts=(documented("76022"),),
)
def saml_no_verification_certificate(ctx: AppContext) -> tuple[Problem, ...]:
    """With `"isSignedRequestRequired":true`, Entra ID verifies the signature of every SAML request.

    It has no certificate to do that with: no key of `"usage":"Verify"`. A sign-in fails with
    AADSTS76022, "Cannot verify the signature of received authentication request since there is no
    certificate for verification configured in the application."

    Upload the certificate of the service provider under Single sign-on, Verification certificates,
    or turn the requirement off.
    """
    return tuple(
        Problem(
            at="requestSignatureVerification",
            message=f"isSignedRequestRequired is true in {app.label}, and it has "
            f"{_count(len(app.keys), 'key')}"
            f"{', none of them a certificate of usage Verify' if app.keys else ''}",
            fix="upload the certificate of the service provider under Single sign-on, Verification "
            f"certificates, or turn it off: {_not_required(app)}",
            expected="a certificate of usage Verify",
            actual="none",
        )
        for app in ctx.objects
        if is_verifying_requests(app) and app.keys is not None and not _verification(ctx)
    )


@rule(
    "saml-verification-certificate-expired",
    "The certificates to verify SAML requests with are not valid",
    severity=Severity.WARNING,
    source=_REQUESTS,
    unless=("saml-no-verification-certificate",),
)
def saml_verification_certificate_expired(ctx: AppContext) -> tuple[Problem, ...]:
    """With `"isSignedRequestRequired":true`, Entra ID verifies the signature of every SAML request.

    It does so with the certificates that the app has for it. None of them is valid now. Whether
    Entra ID minds that is not known.

    Upload the service provider's present certificate under Single sign-on, Verification
    certificates.
    """
    keys = _verification(ctx)
    if any(ctx.state(key) in (State.VALID, State.UNKNOWN) for key in keys):
        return ()
    return tuple(
        Problem(
            at="requestSignatureVerification",
            message=f"none of the certificates that {app.label} verifies SAML requests with is "
            f"valid now: {listed([key.label for key in keys])}",
            fix="upload the service provider's present certificate under Single sign-on, "
            "Verification certificates",
            expected=f"one valid at {date(ctx.now)}",
        )
        for app in ctx.objects
        if is_verifying_requests(app) and keys
    )


def _principal(ctx: AppContext) -> Registration | None:
    """Return the service principal, if it signs SAML responses."""
    return ctx.principal if ctx.principal and is_saml(ctx.principal) else None


def _all(ctx: AppContext) -> tuple[SigningKey, ...]:
    principal = _principal(ctx)
    return _signing_keys(principal) if principal else ()


def _signing_keys(principal: Registration) -> tuple[SigningKey, ...]:
    """Return the signing keys of `principal`, each put together from its parts."""
    keys = principal.keys or ()
    signs = [key for key in keys if key.is_for_signing]
    taken = {key.identifier for key in signs}
    openers = _openers(principal.passwords or ())
    by_identifier: dict[bytes | None, KeyCredential] = {}
    by_dates: dict[tuple[datetime | None, datetime | None], KeyCredential] = {}
    for half in (key for key in keys if key.is_for_verifying):
        by_identifier.setdefault(half.identifier, half)
        if half.identifier not in taken:
            by_dates.setdefault((half.start, half.end), half)
    found: list[SigningKey] = []
    for sign in signs:
        password = next((openers[name] for name in names_of(sign) if name in openers), None)
        verify = by_identifier.get(sign.identifier)
        near = by_dates.get((sign.start, sign.end))
        if verify is None:
            completeness = Completeness.DIFFERS if near else Completeness.NO_VERIFY
        elif password is None and principal.passwords is not None:
            completeness = Completeness.NO_PASSWORD
        else:
            completeness = Completeness.WHOLE
        found.append(
            SigningKey(
                sign=sign, verify=verify or near, password=password, completeness=completeness
            )
        )
    return tuple(found)


def _openers(
    passwords: Sequence[PasswordCredential],
) -> Mapping[str | bytes, PasswordCredential]:
    """Return the first of `passwords` with each name that a signing key can have in common."""
    return {name: each for each in reversed(passwords) for name in names_of(each)}


def _is_named(key: SigningKey, thumbprint: str) -> bool | None:
    """Tell whether `thumbprint` is that of `key`; `None` where the export does not show it.

    An identifier is the SHA-1 of the certificate, its SHA-256, or the SHA-256 of the SHA-1 as text.
    """
    text = "".join(char for char in thumbprint if char.isalnum())
    texts = (text.upper(), text.lower())
    names = {hashlib.sha256(each.encode()).digest() for each in texts}
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        return False
    halves = [half for half in (key.sign, key.verify) if half]
    if names.union([octets]) & {half.identifier for half in halves}:
        return True
    certificates = [
        half.candidate.certificate
        for half in halves
        if half.candidate and half.candidate.certificate
    ]
    if certificates:
        return any(certificate.sha1 == octets for certificate in certificates)
    is_known = key.sign.identifier is not None and len(key.sign.identifier) == _THUMBPRINT
    return False if is_known else None


def _deciding(ctx: AppContext) -> tuple[SigningKey, ...]:
    """Return the signing keys of which one has to be sound: the active one, where one is named."""
    principal = _principal(ctx)
    thumbprint = active_thumbprint(principal) if principal else None
    keys = _all(ctx)
    if thumbprint is None:
        return keys
    named = tuple(key for key in keys if _is_named(key, thumbprint))
    return named or tuple(key for key in keys if _is_named(key, thumbprint) is None)


def _broken(ctx: AppContext) -> tuple[SigningKey, ...]:
    """Return the signing keys that had to be sound, if none of them is."""
    keys = _deciding(ctx)
    return () if any(key.is_sound(ctx.now) for key in keys) else keys


def _is_over(key: SigningKey, now: datetime) -> bool:
    """Tell whether no part of `key`, which is whole, may be valid."""
    states = key.states(now)
    return key.completeness is Completeness.WHOLE and not {State.VALID, State.UNKNOWN} & {*states}


def _verification(ctx: AppContext) -> tuple[KeyCredential, ...]:
    """Return the certificates that SAML requests are verified with, on either object.

    The certificates of what Entra ID itself signs with are not among them.
    """
    halves = {key.verify.label for key in _all(ctx) if key.verify}
    return tuple(
        key
        for each in ctx.objects
        for key in _verifying_alone(each.keys or ())
        if key.content in (Content.CERTIFICATE, Content.NONE) and key.label not in halves
    )


def _verifying_alone(keys: Sequence[KeyCredential]) -> Iterator[KeyCredential]:
    """Yield those of `keys` that verify, and share no identifier with one that signs."""
    signing = {key.identifier for key in keys if key.is_for_signing}
    return (key for key in keys if key.is_for_verifying and key.identifier not in signing)


def _states(key: SigningKey, now: datetime) -> str:
    """Say of each part of `key` when it is valid."""
    words = ("the Sign half", "the Verify half", "the password")
    named = zip(words, (key.sign, key.verify, key.password), strict=True)
    return listed([_state(word, window_of(part), now) for word, part in named if part])


def _state(word: str, window: tuple[datetime | None, datetime | None], now: datetime) -> str:
    start, end = window
    match state_at(window, now):
        case State.EXPIRED if end:
            return f"{word} ended at {date(end)}"
        case State.NOT_YET if start:
            return f"{word} begins at {date(start)}"
        case State.UNKNOWN:
            return f"the dates of {word} are not known"
    return f"{word} is valid"


def _halves(key: SigningKey, now: datetime) -> str:
    """Say which parts of `key`, of which one has ended, have; nothing if they all have."""
    is_whole = set(key.states(now)) == {State.EXPIRED}
    return "" if is_whole else f": {_states(key, now)}"


def _half(key: SigningKey) -> str:
    return key.verify.label if key.verify else ""


def _identifier(credential: KeyCredential | None) -> str:
    return plain(credential.identifier_text) if credential else "none"


def _count(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"


def _create(ctx: AppContext) -> str:
    url = f"https://graph.microsoft.com/v1.0/servicePrincipals(appId='{ctx.client_id}')"
    return (
        f'`az rest --method post --url "{url}/addTokenSigningCertificate" --body '
        '\'{"displayName":"CN=SAML signing"}\'`'
    )


def _activate(ctx: AppContext, key: SigningKey | None = None) -> str:
    candidate = key.verify.candidate if key and key.verify else None
    certificate = candidate.certificate if candidate else None
    thumbprint = certificate.sha1.hex() if certificate else "THUMBPRINT"
    return (
        f"`az ad sp update --id {ctx.client_id} --set "
        f"preferredTokenSigningKeyThumbprint={thumbprint}`"
    )


def _mend(ctx: AppContext) -> str:
    """Say what to do where no signing key that has to be sound is."""
    ready = next((key for key in _all(ctx) if key.is_sound(ctx.now)), None)
    if ready:
        return (
            f"{_if_saml(ctx)}make {ready.name} active: {_activate(ctx, ready)}; the service "
            "provider has to know its certificate"
        )
    return f"{_if_saml(ctx)}{_replace(ctx)}; the service provider has to know the new certificate"


def _severity(ctx: AppContext) -> Severity | None:
    """Return how grave it is that users cannot sign in with SAML: whether they do may be open."""
    principal = _principal(ctx)
    return None if principal and is_saml_mode(principal) else Severity.WARNING


def _if_saml(ctx: AppContext) -> str:
    return "if users sign in with SAML, " if _severity(ctx) else ""


def _passwords_unseen(ctx: AppContext, principal: Registration) -> tuple[Undecided, ...]:
    """Say that the passwords of signing keys that have all else are not shown; else nothing."""
    if not any(key.is_sound(ctx.now) for key in _deciding(ctx)):
        return ()
    is_cut = any(name.lower().startswith("passwordcredential") for name in principal.cut_off)
    why = (
        f"passwordCredentials were cut off in {principal.label}; {AGAIN}"
        if is_cut
        else f"{principal.label} leaves passwordCredentials out; export it with "
        f"{export_of(principal)}"
    )
    return (Undecided(why=why, decisive=is_saml_mode(principal)),)


def _replace(ctx: AppContext) -> str:
    return (
        f"make a new certificate: {_create(ctx)}; make it active: {_activate(ctx)}; then remove "
        "the unused one under Single sign-on, SAML certificates"
    )


def _not_required(app: Registration) -> str:
    return (
        f"`az ad app update --id {app.app_id or 'CLIENT_ID'} --set "
        "requestSignatureVerification.isSignedRequestRequired=false`"
    )


RULES = (
    saml_signing_key_missing,
    saml_pair_identifiers_differ,
    saml_verify_half_missing,
    saml_signing_password_missing,
    saml_half_expired,
    saml_signing_key_expired,
    saml_active_key_unusable,
    saml_signing_key_ends_soon,
    saml_half_key_left,
    saml_expired_key_left,
    saml_no_verification_certificate,
    saml_verification_certificate_expired,
)
"""`unless` points backwards in it."""
