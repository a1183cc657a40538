"""The registration of an app on its own: its keys, their dates, and whether it can be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from assertcheck.aadsts.reasons import KEY_EXPIRED, NOT_FOUND
from assertcheck.aadsts.registering import register_command, remove_command
from assertcheck.graph import Content, KeyCredential, Registration, Source
from assertcheck.keys.cut_off import AGAIN
from assertcheck.keys.graph_values import guid
from assertcheck.keys.validity import State, doubt_of, ends_within, window_of
from assertcheck.model import Candidate, Certificate, Problem, Severity, Undecided
from assertcheck.rules import certificate as certificates
from assertcheck.rules import registration, signing_key
from assertcheck.rules.app_context import (
    RIGHT_TYPE,
    TOLERANCE,
    AppContext,
    RegisteredKey,
    RegisteredSecret,
    export_of,
    has_right_type,
    is_perhaps_fit,
    is_saml,
    keyless,
    lacking_contents,
    lacking_keys,
)
from assertcheck.rules.rule import likely, rule, same_fault, seen
from assertcheck.verifier.digests import Thing
from assertcheck.verifier.thumbprint import ThumbprintMatch, ThumbprintReading, read_values
from assertcheck.words import date, listed, plain, span

_PAGE = "Entra certificate-credentials"
_KEY = "Graph keyCredential"
_OLD = "the old registration"
"""What to call the one that another is made beside."""
_USAGES = ("verify", "sign")
_ENCRYPT = "encrypt"
"""The usage of a key that Entra ID encrypts SAML tokens for."""
_SHOWING_PLATFORMS = frozenset({"web", "replyurlswithtype", "identifieruris"})
"""Members, in lower case, that show what an app with redirect URIs is there for."""
_SHOWING_PURPOSE = _SHOWING_PLATFORMS | {"spa", "publicclient", "api", "approles"}
"""The same of any app."""
_LIKELY = (likely("700027", KEY_EXPIRED),)
"""Of a certificate beside a registration that says otherwise: Entra ID goes by the latter."""


@same_fault(registration.no_keys_registered)
def no_keys_registered(ctx: AppContext) -> tuple[Problem | Undecided, ...]:
    """Whatever the app would sign is refused, unless others sign for it (`--federated`)."""
    missing = tuple(
        Undecided(why=lacking_keys(each), decisive=_is_decided_by(ctx, each))
        for each in ctx.objects
        if each.keys is None
    )
    if missing or ctx.is_saml_app or ctx.verifying:
        return missing
    app = ctx.application
    if app is None:
        owner = ctx.principal.tenant if ctx.principal else None
        why = (
            "a service principal does not show the keys of its app; "
            f"`az ad app show --id {ctx.client_id} | assertcheck app -` does"
            f"{f', signed in to tenant {owner}, which owns the app' if owner else ''}"
        )
        return (Undecided(why=why, decisive=not ctx.is_federated),)
    if ctx.keys or app.passwords != () or app.is_public or ctx.secrets:
        return ()
    if ctx.is_federated:
        # The tokens it signs in with are verified by their issuer's keys.
        return ()
    if ctx.trusts_subjects:
        # What that leaves open is said where it is.
        return ()
    sign = _needs_none(app)
    said = f"{app.label} has neither a certificate nor a secret"
    if _is_purpose_open(app):
        again = AGAIN if app.cut_off else f"export it with {export_of(app)}"
        why = f"{said}, and does not show whether it needs one; {again}"
        return (Undecided(why=why, decisive=True),)
    return (
        Problem(
            at="keyCredentials",
            message=f"{said}, and {sign}: it may need none, but an assertion that it signed itself "
            "would be refused"
            if sign
            else f"{said}: every assertion the app signs itself is refused",
            fix=f"{'if it signs assertions, ' if sign else ''}register its certificate: "
            f"{register_command(app.app_id)}; if it has federated credentials, give them with "
            "--federated FILE; if nothing signs in as it, leave it so",
            expected="a certificate in keyCredentials",
            actual="none",
            severity=Severity.WARNING if sign else None,
        ),
    )


@same_fault(registration.no_certificate_registered, unless=("no-keys-registered",))
def no_certificate_registered(ctx: AppContext) -> tuple[Problem | Undecided, ...]:
    """Right for an app that signs in with its secrets, so no more than a warning here."""
    app = ctx.application
    if app is None or app.keys is None or ctx.is_saml_app or ctx.verifying or _misused(ctx):
        return ()
    secrets = len(ctx.secrets)
    if not secrets and app.passwords is not None and (not ctx.keys or _needs_none(app)):
        return ()
    only = f", only {secrets} {'secret' if secrets == 1 else 'secrets'}" if secrets else ""
    others = [
        f"{key.name} has usage {plain(key.credential.usage)}" for key in ctx.keys if key.on is app
    ]
    only += f"; {listed(others)}" if others else ""
    unseen = f"whether it has secrets is not known, for {app.label} does not show them"
    return (
        *([Undecided(why=unseen, decisive=True)] if app.passwords is None and not secrets else []),
        Problem(
            at="keyCredentials",
            message=f"{app.label} has no certificate to verify assertions with{only}",
            fix=f"register one before the app signs in with it: {register_command(app.app_id)}",
            expected='a key with "usage": "Verify"',
            actual="none",
            # The app may sign in with its secrets, and never with an assertion.
            severity=Severity.WARNING,
        ),
    )


@rule(
    "app-is-public-client",
    "The app counts as a public client",
    severity=Severity.WARNING,
    source="AADSTS700025",
    aadsts=(likely("700025"),),
)
def app_is_public_client(ctx: AppContext) -> tuple[Problem, ...]:
    """A public client sends neither an assertion nor a secret.

    With `"isFallbackPublicClient":true`, Entra ID likely takes the app for one wherever the
    redirect URI does not say otherwise, and answers AADSTS700025, "Client is public so neither
    'client_assertion' nor 'client_secret' should be presented."

    Set "Allow public client flows" to No: `az ad app update --id APP --is-fallback-public-client
    false`.
    """
    return tuple(
        Problem(
            at="isFallbackPublicClient",
            message=f"isFallbackPublicClient is true in {each.label}",
            fix="if it signs in with an assertion: "
            f"`az ad app update --id {ctx.client_id} --is-fallback-public-client false`",
            expected="false",
            actual="true",
        )
        for each in ctx.objects
        if each.is_public
    )


@rule(
    "private-key-uploaded",
    "A private key was uploaded",
    severity=Severity.ERROR,
    source=_KEY,
)
def private_key_uploaded(ctx: AppContext) -> tuple[Problem, ...]:
    """A registration needs the certificate alone; its private key never leaves the client.

    Here the private key was registered in its place. It verifies nothing, and everybody who may
    read the registration, or has read this export, can sign in as the app.

    Remove it, treat that key as stolen, and register the certificate of a new one: `az ad app
    credential delete --id APP --key-id ID --cert`.
    """
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} holds a private key, not shown here",
            fix=f"{_remove(ctx, key)}; that key is no secret any more: make a new one and register "
            f"its certificate, {register_command(ctx.client_id, 'new.pem')}",
            expected="a certificate",
            actual="a private key",
        )
        for key in ctx.keys
        if key.credential.content is Content.PRIVATE_KEY and not key.credential.is_for_signing
    )


@rule(
    "key-unreadable",
    "A registered key cannot be read",
    severity=Severity.WARNING,
    source=_KEY,
)
def key_unreadable(ctx: AppContext) -> tuple[Problem | Undecided, ...]:
    """The `key` of a registration is the DER of a certificate, in base64.

    This one is neither that nor anything near it, so that likely nothing can be verified with it;
    or the export was cut or edited.

    Export it again, and register the certificate anew if it stays so: `az ad app credential reset
    --id APP --cert @cert.pem --append`.
    """
    left_out = tuple(keyless(ctx.verifying))
    undecided = tuple(
        Undecided(why=lacking_contents(each))
        for each in ctx.objects
        if any(key.on is each for key in left_out)
    )
    unread = tuple(key for key in ctx.valid if key.credential.content is Content.UNREADABLE)
    if unread and not ctx.serving:
        names = listed([key.credential.label for key in unread])
        why = f"what is registered as {names} cannot be read, and nothing else can serve"
        undecided = (*undecided, Undecided(why=why, decisive=True))
    problems = tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} holds something that is no certificate{_noted(key)}",
            fix=f"export it again with {export_of(key.on)}, and if it stays so, register the "
            f"certificate anew: {register_command(ctx.client_id)}",
            expected="the DER of a certificate, in base64",
        )
        for key in ctx.verifying
        if key.credential.content is Content.UNREADABLE
    )
    return (*problems, *undecided)


@rule(
    "key-is-not-a-certificate",
    "A bare key is registered in place of a certificate",
    severity=Severity.WARNING,
    source=_PAGE,
    aadsts=(likely("700027", NOT_FOUND),),
)
def key_is_not_a_certificate(ctx: AppContext) -> tuple[Problem, ...]:
    """Entra ID finds a key by the thumbprint of its certificate.

    A public key on its own has no thumbprint, so that an assertion signed with it likely draws
    AADSTS700027, "The key was not found."

    Register the certificate that holds the key: `az ad app credential reset --id APP --cert
    @cert.pem --append`. Bad: the output of `openssl x509 -pubkey`.
    """
    serves = bool(ctx.serving or ctx.trusts_subjects)
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} holds a public key, and no certificate",
            fix=f"register the certificate: {register_command(ctx.client_id)}",
            expected="a certificate",
            actual="a public key",
            severity=_severity(ctx, key, serves=serves),
        )
        for key in ctx.verifying
        if key.credential.content is Content.PUBLIC_KEY
    )


@same_fault(registration.registered_key_usage_sign)
def registered_key_usage_sign(ctx: AppContext) -> tuple[Problem, ...]:
    """Of any key of the app, unless the other half of the pair verifies, or another key serves."""
    app = ctx.application
    is_needed = not (ctx.serving or ctx.trusts_subjects or (app and _may_need_none(app)))
    return tuple(
        Problem(
            at=key.credential.label,
            message=_misuse(key),
            fix=f"register its certificate for verifying: {register_command(ctx.client_id)}"
            # What is encrypted for a key is lost without it.
            f"{'' if _is_for_encryption(key.credential) else f'; then {_remove(ctx, key, _OLD)}'}",
            expected="Verify",
            actual=key.credential.usage,
            severity=None if is_needed else Severity.WARNING,
        )
        for key in _misused(ctx)
    )


@rule(
    "key-type-wrong",
    "The type of a key is not a certificate's",
    severity=Severity.WARNING,
    source=_PAGE,
    aadsts=(likely("700027", NOT_FOUND),),
)
def key_type_wrong(ctx: AppContext) -> tuple[Problem, ...]:
    """Assertions are verified with keys of `"type":"AsymmetricX509Cert"` and `"usage":"Verify"`.

    With another type, Entra ID likely does not take the key for a certificate, and answers
    AADSTS700027, "The key was not found."

    Register the certificate anew, which sets the type: `az ad app credential reset --id APP --cert
    @cert.pem --append`; then remove the other.
    """
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} is registered with type {plain(key.credential.type)}",
            fix=f"register its certificate anew: {register_command(ctx.client_id)}; then "
            f"{_remove(ctx, key, _OLD)}",
            expected=RIGHT_TYPE,
            actual=key.credential.type,
        )
        for key in ctx.verifying
        if not has_right_type(key.credential)
    )


@rule(
    "all-keys-expired",
    "All keys of the app have expired",
    severity=Severity.ERROR,
    source="AADSTS700027",
    aadsts=(seen("700027", KEY_EXPIRED),),
)
def all_keys_expired(ctx: AppContext) -> tuple[Problem | Undecided, ...]:
    """A registration has dates of its own, and its key serves from the start of them to the end.

    All keys of this app that could serve have ended. Entra ID answers AADSTS700027, "The key used is
    expired.", to every assertion.

    Register a new certificate, and have the app sign with its key: `az ad app credential reset --id
    APP --cert @new.pem --append`. Where a certificate is valid for longer than it was registered,
    it can be registered anew.
    """
    unknown = _in(ctx, State.UNKNOWN)
    if unknown:
        doubts = (doubt_of(key.credential) for key in unknown)
        decisive = not ctx.perhaps_serving
        return tuple(Undecided(why=why, decisive=decisive) for why in doubts if why)
    expired = _in(ctx, State.EXPIRED)
    if not expired or ctx.verifies_requests or _is_left(ctx):
        return ()
    ends = [end for key in expired if (end := window_of(key.credential)[1])]
    future, mistyped = _in(ctx, State.NOT_YET), ctx.perhaps_serving
    later = f"; {listed([key.name for key in future])} is not valid yet" if future else ""
    if mistyped:
        named = [f"{key.name}, of type {plain(key.credential.type)}" for key in mistyped]
        later = f"{later}; whether {listed(named, last='or')} serves is not known"
    last = f"all {len(expired)} keys {_that_could(ctx)}have expired, the last one"
    return (
        Problem(
            at="keyCredentials",
            message=f"{expired[0].name if len(expired) == 1 else last} ended at {date(max(ends))}, "
            f"{span(ctx.now - max(ends))} before the check{later}",
            fix=_renewal(ctx, expired),
            expected=f"a key valid at {date(ctx.now)}",
            actual=f"valid until {date(max(ends))}",
            severity=Severity.WARNING if mistyped else None,
        ),
    )


@same_fault(certificates.certificate_outlived)
def certificate_outlived(ctx: AppContext) -> tuple[Problem, ...]:
    """Of any key of the app."""
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"the certificate of {key.name} ended at {date(certificate.not_after)}, and is "
            f"registered until {date(end)}",
            fix=f"register a new certificate: {register_command(ctx.client_id, 'new.pem')}",
            expected=f"a certificate valid at {date(ctx.now)}",
            actual=f"valid until {date(certificate.not_after)}",
        )
        for key in ctx.outlived
        if (certificate := _certificate(key)) and (end := key.credential.end)
    )


@rule(
    "no-key-valid-yet",
    "No key of the app is valid yet",
    severity=Severity.ERROR,
    source="AADSTS700027",
    aadsts=(seen("700027", KEY_EXPIRED),),
)
def no_key_valid_yet(ctx: AppContext) -> tuple[Problem, ...]:
    """A key serves from the start of its registration on, which is in UTC.

    Before it, Entra ID answers AADSTS700027 with the same words as after the end, "The key used is
    expired.", which misleads.

    Wait, or register the certificate with a start that has passed. Local time taken for UTC is the
    usual fault.
    """
    future = _in(ctx, State.NOT_YET)
    others = (*ctx.valid, *_in(ctx, State.EXPIRED), *_in(ctx, State.UNKNOWN))
    if not future or others or ctx.verifies_requests or ctx.trusts_subjects:
        return ()
    registered = [key.credential.start for key in future]
    start = min(start for key in future if (start := window_of(key.credential)[0]))
    return (
        Problem(
            at="keyCredentials",
            message=f"no key is valid before {date(start)}, {span(start - ctx.now)} after the "
            f"check: {listed([key.name for key in future])}",
            fix=f"wait until then, or {_renewal(ctx, future)}",
            expected=f"a key valid at {date(ctx.now)}",
            actual=f"valid from {date(start)}",
            aadsts=None if all(start and start > ctx.now for start in registered) else _LIKELY,
        ),
    )


@rule(
    "keys-end-soon",
    "The last valid key ends soon",
    severity=Severity.WARNING,
    source="AADSTS700027",
    unless=("all-keys-expired", "no-key-valid-yet"),
)
def keys_end_soon(ctx: AppContext) -> tuple[Problem, ...]:
    """From the end of its last key on, an app cannot sign in with an assertion.

    All keys that are valid now end within `--min-days`, and none is registered that takes over
    from them. Then Entra ID answers AADSTS700027, "The key used is expired."

    Register the successor now, beside them: `az ad app credential reset --id APP --cert @new.pem
    --append`.
    """
    ending = _ending(ctx)
    ends = [end for key in ending if (end := window_of(key.credential)[1])]
    if not ends or ctx.verifies_requests or _is_taken_over(ctx):
        return ()
    last = max(ends)
    return (
        Problem(
            at="keyCredentials",
            message=f"{listed([key.name for key in ending])} "
            f"{'ends' if len(ending) == 1 else 'end, the last'} at {date(last)}"
            f"{_with_certificate(ending, last)}, in {span(last - ctx.now)}, and no other key is "
            "valid after that",
            fix=f"register the successor: {register_command(ctx.client_id, 'new.pem')}",
            expected=f"a key with at least {ctx.min_days} days left",
            actual=f"{(last - ctx.now).days} days left",
        ),
    )


@rule(
    "key-ends-soon",
    "A key ends soon, and another outlives it",
    severity=Severity.NOTE,
    source="AADSTS700027",
)
def key_ends_soon(ctx: AppContext) -> tuple[Problem, ...]:
    """While certificates are changed over, an app has two: the old one and its successor.

    The old one ends within `--min-days`. Whatever still signs with its key is then refused with
    AADSTS700027, "The key used is expired."

    Have everything sign with the successor's key before; then remove the old one: `az ad app
    credential delete --id APP --key-id ID --cert`.
    """
    if not _is_taken_over(ctx):
        return ()
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} ends at {date(end)}{_with_certificate([key], end)}, in "
            f"{span(end - ctx.now)}; another key is valid after that",
            fix=f"have everything sign with the other key by then; afterwards {_remove(ctx, key)}",
            actual=f"{(end - ctx.now).days} days left",
        )
        for key in _ending(ctx)
        if (end := window_of(key.credential)[1])
    )


@rule(
    "expired-key-left",
    "An expired key was left behind",
    severity=Severity.NOTE,
    source=_KEY,
    unless=("all-keys-expired",),
)
def expired_key_left(ctx: AppContext) -> tuple[Problem, ...]:
    """Keys that have expired serve for nothing, and can be removed.

    Entra ID keeps them. They hide which key is in use, and an assertion that is still signed with
    one draws AADSTS700027, "The key used is expired."

    Remove them: `az ad app credential delete --id APP --key-id ID --cert`.
    """
    if not _is_left(ctx):
        return ()
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} ended at {date(end)}, {span(ctx.now - end)} before the check",
            fix=_remove(ctx, key),
        )
        for key in _in(ctx, State.EXPIRED)
        if (end := window_of(key.credential)[1]) and not ctx.is_outlived(key)
    )


@rule(
    "key-not-yet-valid",
    "A key is not valid yet",
    severity=Severity.NOTE,
    source=_KEY,
    unless=("all-keys-expired", "no-key-valid-yet"),
)
def key_not_yet_valid(ctx: AppContext) -> tuple[Problem, ...]:
    """A key serves from the start of its registration on, which is in UTC.

    Before it, an assertion signed with it draws AADSTS700027, "The key used is expired.", as after
    its end.

    Sign with another key until then.
    """
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} begins at {date(start)}, {span(start - ctx.now)} after the check",
            fix="sign with another key until then",
        )
        for key in _in(ctx, State.NOT_YET)
        if ctx.valid and (start := window_of(key.credential)[0])
    )


@rule(
    "key-window-exceeds-certificate",
    "A key is registered for longer than its certificate",
    severity=Severity.NOTE,
    source="RFC 5280 §4.1.2.5",
)
def key_window_exceeds_certificate(ctx: AppContext) -> tuple[Problem, ...]:
    """The dates of a registration should lie within those of the certificate.

    These reach beyond them, so that the portal shows a key as valid whose certificate is not.
    Whether Entra ID goes by the one or the other there is not known; that an expired certificate
    is refused is likely.

    Go by the certificate's own dates, and register its successor before they end: `az ad app
    credential reset --id APP --cert @new.pem --append`.
    """
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} is registered {_span(key)}, and its certificate is valid from "
            f"{date(certificate.not_before)} to {date(certificate.not_after)}",
            fix="register the certificate anew, with its own dates, or a new one: "
            f"{register_command(ctx.client_id, 'new.pem')}",
            expected=f"{date(certificate.not_before)} to {date(certificate.not_after)}",
            actual=_span(key),
        )
        for key, certificate in _certified(ctx)
        if _exceeds(key, certificate)
        and certificate.not_after >= ctx.now
        and not (key.credential.end and key.credential.end < ctx.now)
        # Of one that ends soon, its end is said, and whose it is.
        and not (_is_ending(ctx, key) and _goes_on(key, certificate))
    )


@rule(
    "registered-window-shorter",
    "The key is registered for less than its certificate",
    severity=Severity.NOTE,
    source=_KEY,
)
def registered_window_shorter(ctx: AppContext) -> tuple[Problem, ...]:
    """Entra ID goes by the end of the registration, `endDateTime`, which tools often set to a year.

    This one ends before the certificate does. From then on every sign-in with it draws
    AADSTS700027, "The key used is expired.", although the certificate is valid.

    Mind the earlier date, or register the certificate anew, with its own end: `az ad app credential
    reset --id APP --cert @cert.pem --append --end-date END`.
    """
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} is registered until {date(end)}, "
            f"{span(certificate.not_after - end)} less than its certificate is valid",
            fix="mind the earlier date, or register the certificate anew: `az ad app credential "
            f"reset --id {ctx.client_id} --cert @cert.pem --append --end-date "
            f"{certificate.not_after:%Y-%m-%dT%H:%M:%SZ}`",
            expected=date(certificate.not_after),
            actual=date(end),
        )
        for key, certificate in _certified(ctx)
        if (end := key.credential.end)
        and end < certificate.not_after - TOLERANCE
        and ctx.state(key.credential) is not State.EXPIRED
    )


@rule(
    "key-written-as-pem",
    "A key holds PEM text",
    severity=Severity.WARNING,
    source=_KEY,
)
def key_written_as_pem(ctx: AppContext) -> tuple[Problem, ...]:
    """The `key` of a registration is the DER of a certificate, in base64.

    That is what stands between the first line and the last of a PEM file. Here the whole file was
    taken. Whether Entra ID sees through that is not known.

    Register the certificate anew from its file: `az ad app credential reset --id APP --cert
    @cert.pem --append`. Bad: `base64 cert.pem`. Good: `openssl x509 -in cert.pem -outform DER |
    base64`.
    """
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} holds the text of a PEM file",
            fix=f"register the certificate anew: {register_command(ctx.client_id)}; by hand, "
            "`openssl x509 -in cert.pem -outform DER | base64` gives the key",
            expected="the DER of the certificate, in base64",
            actual="PEM text",
        )
        for key, certificate in _certified(ctx)
        if certificate.text is not None
    )


@rule(
    "key-identifier-mistaken",
    "The identifier of a key is another thing's",
    severity=Severity.WARNING,
    source=_KEY,
)
def key_identifier_mistaken(ctx: AppContext) -> tuple[Problem, ...]:
    """`customKeyIdentifier` is the SHA-1 of the certificate, unless another was set by hand.

    This one is something that is often taken for the thumbprint, or the thumbprint of another key
    that is registered. Whether Entra ID looks keys up by it is not known.

    Register the certificate without an identifier, so that Entra ID makes it: `az ad app credential
    reset --id APP --cert @cert.pem --append`.
    """
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"the customKeyIdentifier of {key.name} is "
            f"{found.of.of(_called(found.candidate, key))}",
            fix=f"register the certificate anew: {register_command(ctx.client_id)}",
            expected=certificate.sha1.hex().upper(),
            actual=key.credential.identifier_text,
        )
        for key, certificate, found in _identified(ctx)
        if found and not _names(found, key)
    )


@rule(
    "key-identifier-not-its-thumbprint",
    "The identifier of a key is not its thumbprint",
    severity=Severity.NOTE,
    source=_KEY,
)
def key_identifier_not_its_thumbprint(ctx: AppContext) -> tuple[Problem, ...]:
    """`customKeyIdentifier` is the SHA-1 of the certificate, unless another was set by hand.

    That is allowed. This one comes from nothing in the certificate. Then what the portal and `az`
    list for the key is not its thumbprint, which makes it hard to tell which certificate is which.

    Go by the certificate itself; `assertcheck cert` shows its thumbprints.
    """
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"the customKeyIdentifier of {key.name} is "
            f"{plain(key.credential.identifier_text)}, and the thumbprint of its certificate "
            f"{certificate.sha1.hex().upper()}",
            fix="go by the thumbprint of the certificate, which `assertcheck cert cert.pem` shows",
            expected=certificate.sha1.hex().upper(),
            actual=key.credential.identifier_text,
        )
        for key, certificate, found in _identified(ctx)
        if found is None
    )


@rule(
    "duplicate-certificate",
    "A certificate is registered twice",
    severity=Severity.NOTE,
    source=_KEY,
)
def duplicate_certificate(ctx: AppContext) -> tuple[Problem, ...]:
    """One registration for each certificate is enough.

    Nothing shows that Entra ID minds a second one; but whoever removes the one is surprised that
    the other still works.

    Remove one of them: `az ad app credential delete --id APP --key-id ID --cert`.
    """
    first: dict[tuple[str, bytes], RegisteredKey] = {}
    problems: list[Problem] = []
    for key in ctx.verifying:
        thumbprint = _thumbprint(key)
        earlier = first.setdefault((key.on.label, thumbprint), key) if thumbprint else key
        if earlier is not key and thumbprint:
            problems.append(
                Problem(
                    at=key.credential.label,
                    message=f"{key.name} is the same certificate as {earlier.name}, "
                    f"{thumbprint.hex().upper()}",
                    fix=_remove(ctx, key),
                )
            )
    return tuple(problems)


@same_fault(certificates.ec_key_not_supported)
def ec_key_not_supported(ctx: AppContext) -> tuple[Problem, ...]:
    """Of any key of the app that is valid, beside one that serves or alone."""
    found = certificates.ec_key_not_supported.find(ctx)
    severity = Severity.WARNING if ctx.serving or ctx.trusts_subjects else None
    return tuple(replace(item, severity=severity) for item in found if isinstance(item, Problem))


@rule(
    "secret-expired",
    "A client secret has expired",
    severity=Severity.NOTE,
    source="AADSTS7000222",
    aadsts=(seen("7000222"),),
)
def secret_expired(ctx: AppContext) -> tuple[Problem, ...]:
    """A client secret serves until the end of its registration.

    This one has ended. A request with it draws AADSTS7000222, "The provided client secret keys for
    app '…' are expired." No assertion hangs on that, but an app that has nothing else cannot sign
    in.

    Remove it, or sign in with a certificate in its place: `az ad app credential reset --id APP
    --cert @cert.pem --append`.
    """
    ended = [(secret, end) for secret in ctx.secrets if (end := _ended(ctx, secret))]
    severity = _severity_of_last(ctx) if _is_last_secret(ctx, [each for each, _ in ended]) else None
    return tuple(
        Problem(
            at=secret.credential.label,
            message=f"the secret {secret.name} ended at {date(end)}, {span(ctx.now - end)} before "
            "the check",
            fix=f"register a certificate in its place: {register_command(ctx.client_id)}"
            if severity
            else _remove_secret(ctx, secret),
            severity=severity,
        )
        for secret, end in ended
    )


@rule(
    "secret-ends-soon",
    "A client secret ends soon",
    severity=Severity.NOTE,
    source="AADSTS7000222",
)
def secret_ends_soon(ctx: AppContext) -> tuple[Problem, ...]:
    """A client secret serves until the end of its registration.

    This one ends within `--min-days`. Whatever signs in with it then draws AADSTS7000222, "The
    provided client secret keys for app '…' are expired."

    Find out what signs in with it, and have it use a certificate in time: `az ad app credential
    reset --id APP --cert @cert.pem --append`.
    """
    days = ctx.min_days or 0
    ending = [
        (secret, end)
        for secret in ctx.secrets
        if (end := secret.credential.end)
        and end >= ctx.now
        and ends_within((None, end), days, ctx.now)
    ]
    gone = [secret for secret in ctx.secrets if _ended(ctx, secret)]
    is_last = _is_last_secret(ctx, [*gone, *(secret for secret, _ in ending)])
    return tuple(
        Problem(
            at=secret.credential.label,
            message=f"the secret {secret.name} ends at {date(end)}, in {span(end - ctx.now)}",
            fix="have what signs in with it use a certificate in time: "
            f"{register_command(ctx.client_id)}",
            expected=f"at least {ctx.min_days} days left",
            actual=f"{(end - ctx.now).days} days left",
            severity=Severity.WARNING if is_last else None,
        )
        for secret, end in ending
    )


@rule(
    "trusted-subjects",
    "The app trusts certificates by subject name",
    severity=Severity.NOTE,
    source="AADSTS7000213",
)
def trusted_subjects(ctx: AppContext) -> tuple[Problem | Undecided, ...]:
    """An app with `trustedCertificateSubjects` takes certificates by subject name and issuer.

    Entra ID then validates the chain in the header's `x5c`. A self-signed certificate sent there
    draws AADSTS7000213, "Invalid certificate chain.", even if its thumbprint is registered.

    Send `x5c` with a certificate that the CA issued; with a registered self-signed one, leave
    `x5c` out.
    """
    trusting = [each for each in ctx.objects if each.has_trusted_subjects]
    signs_in_otherwise = ctx.serving or (
        not ctx.verifying
        and (ctx.secrets or ctx.is_federated or any(each.is_public for each in ctx.objects))
    )
    why = "trusts certificates by subject name, which is not checked here"
    undecided = (
        ()
        if signs_in_otherwise
        else (Undecided(why=f"{each.label} {why}", decisive=True) for each in trusting)
    )
    problems = (
        Problem(
            at="trustedCertificateSubjects",
            message=f"{each.label} trusts certificates by subject name and issuer",
            fix="send x5c with a certificate that the CA issued; leave it out with a self-signed "
            "one",
        )
        for each in trusting
    )
    return (*problems, *undecided)


def _is_decided_by(ctx: AppContext, lacking: Registration) -> bool:
    """Tell whether nothing that an app could sign in with was seen, as `lacking` shows no keys."""
    if ctx.is_federated:
        return False
    if not ctx.keys and not ctx.secrets:
        return True
    if ctx.principal and is_saml(ctx.principal):
        return lacking is ctx.principal or ctx.verifies_requests
    return lacking is (ctx.application or ctx.principal) and not ctx.serving


def _is_purpose_open(app: Registration) -> bool:
    """Tell whether the export leaves out, or lost, what would show that `app` needs no credential."""
    lost = {name.lower().partition(".")[0] for name in app.cut_off}
    showing = _SHOWING_PLATFORMS if app.platforms else _SHOWING_PURPOSE
    return not app.is_purpose_shown or not lost.isdisjoint(showing)


def _needs_none(app: Registration) -> str | None:
    """Say what shows that `app` may need no credential; `None` if nothing does."""
    if app.has_implicit_flow:
        return "the implicit flow turned on, in which the browser gets tokens without one"
    if app.platforms:
        if "web" not in app.platforms:
            return "redirect URIs of single-page or public clients only, which send no credential"
        names = (uri for uri in app.identifier_uris if not uri.lower().startswith("api://"))
        entity = next(names, None)
        if entity and not app.has_scopes:
            return f"the identifier URI {plain(entity)}, as an app has that signs in with SAML"
    elif app.has_scopes or app.has_roles:
        what = "scopes for others to call it with" if app.has_scopes else "roles to give to others"
        return f"no redirect URI, only {what}"
    return None


def _may_need_none(app: Registration) -> bool:
    return _needs_none(app) is not None or _is_purpose_open(app)


def _misused(ctx: AppContext) -> tuple[RegisteredKey, ...]:
    """Return the keys of the application that are meant for an assertion, and verify none.

    One for encryption is in its place where it is named as that, beside a key or a secret that the
    app signs in with, and where users sign in with SAML, or the app needs no credential else.
    """
    app = ctx.application
    is_in_place = bool(ctx.verifying or ctx.secrets or ctx.is_saml_app)
    is_in_place = is_in_place or bool(app and _may_need_none(app))
    named = app.encryption_key_id if app else None
    return tuple(
        key
        for key in ctx.keys
        if key.on.source is not Source.SERVICE_PRINCIPAL
        and not key.credential.is_for_verifying
        and not (key.credential.is_for_signing and _has_twin(key))
        and not (is_in_place and _is_for_encryption(key.credential))
        and not (named and guid(key.credential.key_id) == named)
    )


def _is_for_encryption(credential: KeyCredential) -> bool:
    return (credential.usage or "").lower() == _ENCRYPT


def _misuse(key: RegisteredKey) -> str:
    """Say how `key` is registered in place of for verifying."""
    credential = key.credential
    if (credential.type or "").lower() in _USAGES:
        return (
            f"{key.name} has type and usage swapped: type {plain(credential.type)} and usage "
            f"{plain(credential.usage)}"
        )
    said = f"{key.name} is registered with usage {plain(credential.usage)}"
    return f"{said}, and no key of usage Verify goes with it" if credential.is_for_signing else said


def _severity(ctx: AppContext, key: RegisteredKey, *, serves: bool) -> Severity:
    """Return how grave it is that `key` verifies nothing; `serves`: whether another one may.

    Of one that its dates rule out, that is said by itself.
    """
    is_over = ctx.state(key.credential) in (State.EXPIRED, State.NOT_YET)
    return Severity.WARNING if serves or is_over else Severity.ERROR


def _renewal(ctx: AppContext, keys: Sequence[RegisteredKey]) -> str:
    """Say what to register where `keys` are registered for another time than now."""
    good = [
        (key, certificate)
        for key in keys
        if (certificate := _certificate(key))
        and certificate.not_before <= ctx.now
        and certificate.not_after > ctx.now
    ]
    if not good:
        return f"register a new certificate: {register_command(ctx.client_id, 'new.pem')}"
    key, certificate = max(good, key=lambda each: each[1].not_after)
    return (
        f"register the certificate of {key.credential.label} anew, which is valid until "
        f"{date(certificate.not_after)}: "
        f"{register_command(ctx.client_id, until=certificate.not_after)}"
    )


def _certificate(key: RegisteredKey) -> Certificate | None:
    return key.credential.candidate.certificate if key.credential.candidate else None


def _ended(ctx: AppContext, secret: RegisteredSecret) -> datetime | None:
    """Return when `secret` ended, if it has."""
    end = secret.credential.end
    return end if end and end < ctx.now else None


def _is_last_secret(ctx: AppContext, going: Sequence[RegisteredSecret]) -> bool:
    """Tell whether secrets are all the app has to sign in with, and `going` are all of them."""
    app = ctx.application
    if app is None or app.keys is None or ctx.verifying or ctx.is_saml_app or ctx.is_federated:
        return False
    return len(going) == len(ctx.secrets)


def _severity_of_last(ctx: AppContext) -> Severity:
    """Return how grave it is that the last secret has ended, and that there is no certificate."""
    app = ctx.application
    is_spared = ctx.trusts_subjects or (app and (app.is_public or _may_need_none(app)))
    has_other_keys = any(not _is_for_encryption(key.credential) for key in ctx.keys)
    return Severity.WARNING if is_spared or has_other_keys else Severity.ERROR


def _remove_secret(ctx: AppContext, secret: RegisteredSecret) -> str:
    """Say how to remove `secret`."""
    kind = "sp" if secret.on.source is Source.SERVICE_PRINCIPAL else "app"
    if secret.credential.key_id is None:
        return "remove it in the portal, under Certificates & secrets"
    return (
        f"remove it: `az ad {kind} credential delete --id {ctx.client_id} --key-id "
        f"{secret.credential.key_id}`"
    )


def _remove(ctx: AppContext, key: RegisteredKey, what: str = "it") -> str:
    """Say how to remove `key`, called `what`."""
    is_principal = key.on.source is Source.SERVICE_PRINCIPAL
    if key.credential.key_id is None:
        return f"remove {what} in the portal, under Certificates & secrets"
    command = remove_command(ctx.client_id, key.credential.key_id, is_principal=is_principal)
    return f"remove {what}: {command}"


def _is_left(ctx: AppContext) -> bool:
    """Tell whether an expired key is no more than a rest: that it has ended changes nothing."""
    if ctx.trusts_subjects or any(has_right_type(key.credential) for key in ctx.perhaps_serving):
        return True
    # Beside keys that are valid and serve for nothing, it does where it served itself.
    expired = _in(ctx, State.EXPIRED)
    return bool(ctx.valid) and not any(is_perhaps_fit(key.credential) for key in expired)


def _that_could(ctx: AppContext) -> str:
    """Return the words that leave the valid keys out which serve for nothing; often none."""
    return "that could serve " if ctx.valid else ""


def _in(ctx: AppContext, state: State) -> tuple[RegisteredKey, ...]:
    return tuple(key for key in ctx.verifying if ctx.state(key.credential) is state)


def _ending(ctx: AppContext) -> tuple[RegisteredKey, ...]:
    """Return the valid keys that end within the days asked for."""
    return tuple(key for key in ctx.verifying if _is_ending(ctx, key))


def _is_ending(ctx: AppContext, key: RegisteredKey) -> bool:
    days = ctx.min_days or 0
    is_valid = ctx.state(key.credential) is State.VALID
    return is_valid and ends_within(window_of(key.credential), days, ctx.now)


def _with_certificate(keys: Sequence[RegisteredKey], end: datetime) -> str:
    """Say that `end` is that of a certificate, where the registration of it goes on."""
    last = [
        registered
        for key in keys
        if window_of(key.credential)[1] == end
        and (registered := key.credential.end)
        and registered > end + TOLERANCE
    ]
    return f" with its certificate, registered until {date(last[0])}" if last else ""


def _is_taken_over(ctx: AppContext) -> bool:
    """Tell whether a key outlives those that end soon, without a gap in between."""
    ending = _ending(ctx)
    last = max((end for key in ending if (end := window_of(key.credential)[1])), default=ctx.now)
    others = [window_of(key.credential) for key in ctx.verifying if not _is_ending(ctx, key)]
    days = ctx.min_days or 0
    return any(
        (start is None or start <= last) and not ends_within((start, end), days, ctx.now)
        for start, end in others
    )


def _exceeds(key: RegisteredKey, certificate: Certificate) -> bool:
    start = key.credential.start
    is_early = start is not None and start < certificate.not_before - TOLERANCE
    return is_early or _goes_on(key, certificate)


def _goes_on(key: RegisteredKey, certificate: Certificate) -> bool:
    end = key.credential.end
    return end is not None and end > certificate.not_after + TOLERANCE


def _certified(ctx: AppContext) -> tuple[tuple[RegisteredKey, Certificate], ...]:
    """Return the keys that verify, with the certificate each holds."""
    return tuple(
        (key, candidate.certificate)
        for key in ctx.verifying
        if (candidate := key.credential.candidate)
        and candidate.certificate
        and key.credential.content is Content.CERTIFICATE
    )


def _identified(
    ctx: AppContext,
) -> tuple[tuple[RegisteredKey, Certificate, ThumbprintMatch | None], ...]:
    """Return the certified keys whose identifier is not plainly their thumbprint, and what it is."""
    certified = _certified(ctx)
    candidates = [key.credential.candidate for key, _ in certified if key.credential.candidate]
    odd = [
        (key, certificate, text)
        for key, certificate in certified
        if (text := key.credential.identifier_text)
        and key.credential.identifier not in (certificate.sha1, certificate.sha256)
    ]
    readings = read_values([(text, key.credential.label) for key, _, text in odd], candidates)
    return tuple(
        (key, certificate, _match(key, reading))
        for (key, certificate, _), reading in zip(odd, readings, strict=True)
    )


def _match(key: RegisteredKey, reading: ThumbprintReading) -> ThumbprintMatch | None:
    """Return what the identifier of `key` is by its `reading`, its own thumbprint before all."""
    return min(reading.matches, key=lambda match: not _names(match, key), default=None)


def _names(match: ThumbprintMatch, key: RegisteredKey) -> bool:
    """Tell whether `match` is the thumbprint of the certificate in `key`, or the hash of it.

    Microsoft's own tools make identifiers of both.
    """
    # Of several keys with the same certificate, the match is of the first.
    own = key.credential.candidate
    is_mine = own is not None and match.candidate.certificate == own.certificate
    return is_mine and match.of.thing in (Thing.CERTIFICATE, Thing.THUMBPRINT)


def _called(candidate: Candidate, key: RegisteredKey) -> str:
    return "its certificate" if candidate == key.credential.candidate else candidate.label


def _thumbprint(key: RegisteredKey) -> bytes | None:
    """Return the SHA-1 of the certificate in `key`, as far as it is known."""
    candidate = key.credential.candidate
    if candidate:
        return candidate.certificate.sha1 if candidate.certificate else None
    identifier = key.credential.identifier
    return identifier if identifier and len(identifier) == 20 else None


def _has_twin(key: RegisteredKey) -> bool:
    identifier = key.credential.identifier
    return identifier is not None and any(
        each.identifier == identifier and each.is_for_verifying for each in key.on.keys or ()
    )


def _span(key: RegisteredKey) -> str:
    start, end = key.credential.start, key.credential.end
    parts = [f"from {date(start)}" if start else "", f"until {date(end)}" if end else ""]
    return " ".join(part for part in parts if part)


def _noted(key: RegisteredKey) -> str:
    return f": {'; '.join(key.credential.notes)}" if key.credential.notes else ""


RULES = (
    registration.app_disabled,
    no_keys_registered,
    no_certificate_registered,
    app_is_public_client,
    private_key_uploaded,
    key_unreadable,
    key_is_not_a_certificate,
    registered_key_usage_sign,
    key_type_wrong,
    all_keys_expired,
    certificate_outlived,
    no_key_valid_yet,
    keys_end_soon,
    key_ends_soon,
    expired_key_left,
    key_not_yet_valid,
    key_window_exceeds_certificate,
    registered_window_shorter,
    key_written_as_pem,
    key_identifier_mistaken,
    key_identifier_not_its_thumbprint,
    duplicate_certificate,
    ec_key_not_supported,
    certificates.rsa_key_too_small,
    secret_expired,
    secret_ends_soon,
    trusted_subjects,
    *signing_key.RULES,
)
"""`unless` points backwards in it."""
