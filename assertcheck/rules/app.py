"""The registration of an app on its own: its keys, their dates, and whether it can be used."""

from __future__ import annotations

from collections.abc import Sequence

from assertcheck.aadsts.reasons import KEY_EXPIRED, NOT_FOUND
from assertcheck.aadsts.registering import register_command
from assertcheck.graph import Content, Source
from assertcheck.keys.validity import State, ends_within, window_of
from assertcheck.model import Candidate, Certificate, Problem, Severity, Undecided
from assertcheck.rules import certificate as certificates
from assertcheck.rules import registration, signing_key
from assertcheck.rules.app_context import (
    TOLERANCE,
    AppContext,
    RegisteredKey,
    export_of,
    keyless,
)
from assertcheck.rules.rule import likely, rule, same_fault, seen
from assertcheck.verifier.digests import DigestTable, Thing, digest_table
from assertcheck.verifier.thumbprint import ThumbprintMatch, read_value
from assertcheck.words import date, listed, plain, span

_PAGE = "Entra certificate-credentials"
_KEY = "Graph keyCredential"
_RIGHT_TYPE = "AsymmetricX509Cert"
_LIKELY = (likely("700027", KEY_EXPIRED),)
"""Of a certificate beside a registration that says otherwise: Entra ID goes by the latter."""


@same_fault(registration.no_keys_registered)
def no_keys_registered(ctx: AppContext) -> tuple[Problem | Undecided, ...]:
    """Whatever the app would sign is refused, unless others sign for it (`--federated`)."""
    missing = tuple(
        Undecided(why=f"{each.label} leaves keyCredentials out; export it with {export_of(each)}")
        for each in ctx.objects
        if each.keys is None
    )
    if missing or ctx.is_saml_app or ctx.keys:
        return missing
    app = ctx.application
    if app is None:
        why = (
            "a service principal does not show the keys of its app: "
            f"`az ad app show --id {ctx.client_id} | assertcheck app -` does"
        )
        return (Undecided(why=why),)
    if app.passwords != () or app.is_public or (ctx.principal and ctx.principal.passwords):
        return ()
    if ctx.is_federated:
        # The tokens it signs in with are verified by their issuer's keys.
        return ()
    if app.has_trusted_subjects:
        why = f"{app.label} trusts certificates by subject name, which is not checked here"
        return (Undecided(why=why),)
    return (
        Problem(
            at="keyCredentials",
            message=f"{app.label} has neither a certificate nor a secret: every assertion the app "
            "signs itself is refused",
            fix=f"register its certificate: {register_command(app.app_id)}; if it has federated "
            "credentials, give them with --federated FILE; if nothing signs in as it, leave it so",
            expected="a certificate in keyCredentials",
            actual="none",
        ),
    )


@same_fault(registration.no_certificate_registered, unless=("no-keys-registered",))
def no_certificate_registered(ctx: AppContext) -> tuple[Problem, ...]:
    """Right for an app that signs in with its secrets, so no more than a warning here."""
    app = ctx.application
    if app is None or app.keys is None or ctx.is_saml_app or ctx.verifying:
        return ()
    secrets = sum(len(each.passwords or ()) for each in ctx.objects)
    if any(key.credential.is_for_signing for key in ctx.keys) or (
        not secrets and not ctx.keys and app.passwords is not None
    ):
        return ()
    only = f", only {secrets} {'secret' if secrets == 1 else 'secrets'}" if secrets else ""
    others = [
        f"{key.name} has usage {plain(key.credential.usage)}" for key in ctx.keys if key.on is app
    ]
    only += f"; {listed(others)}" if others else ""
    return (
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
        Undecided(why=f"{each.label} leaves out what the keys hold: {export_of(each)} shows it")
        for each in ctx.objects
        if any(key.on is each for key in left_out)
    )
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
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} holds a public key, and no certificate",
            fix=f"register the certificate: {register_command(ctx.client_id)}",
            expected="a certificate",
            actual="a public key",
        )
        for key in ctx.verifying
        if key.credential.content is Content.PUBLIC_KEY
    )


@same_fault(registration.registered_key_usage_sign)
def registered_key_usage_sign(ctx: AppContext) -> tuple[Problem, ...]:
    """Of any key of the app, unless the other half of the pair verifies."""
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} is registered with usage Sign, and no key of usage Verify goes "
            "with it",
            fix=f"register its certificate for verifying: {register_command(ctx.client_id)}; then "
            f"{_remove(ctx, key)}",
            expected="Verify",
            actual=key.credential.usage,
        )
        for key in ctx.keys
        if key.credential.is_for_signing
        and key.on.source is not Source.SERVICE_PRINCIPAL
        and not _has_twin(key)
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
            f"{_remove(ctx, key)}",
            expected=_RIGHT_TYPE,
            actual=key.credential.type,
        )
        for key in ctx.verifying
        if key.credential.type and key.credential.type.lower() != _RIGHT_TYPE.lower()
    )


@rule(
    "all-keys-expired",
    "All keys of the app have expired",
    severity=Severity.ERROR,
    source="AADSTS700027",
    aadsts=(seen("700027", KEY_EXPIRED),),
)
def all_keys_expired(ctx: AppContext) -> tuple[Problem, ...]:
    """A key serves from the start of its registration to the end, while its certificate is valid.

    No key of this app is valid now. Entra ID answers AADSTS700027, "The key used is expired.", to
    every assertion; likely also where only the certificates have ended and a registration goes on,
    which is a warning.

    Register a new certificate, and have the app sign with its key: `az ad app credential reset --id
    APP --cert @new.pem --append`.
    """
    expired = _in(ctx, State.EXPIRED)
    if not expired or ctx.valid or ctx.verifies_requests:
        return ()
    ends = [end for key in expired if (end := window_of(key.credential)[1])]
    registered = [key.credential.end for key in expired]
    future = _in(ctx, State.NOT_YET)
    later = f"; {listed([key.name for key in future])} is not valid yet" if future else ""
    last = f"all {len(expired)} keys have expired, the last one"
    return (
        Problem(
            at="keyCredentials",
            message=f"{expired[0].name if len(expired) == 1 else last} ended at {date(max(ends))}, "
            f"{span(ctx.now - max(ends))} before the check{later}",
            fix=f"register a new certificate: {register_command(ctx.client_id, 'new.pem')}",
            expected=f"a key valid at {date(ctx.now)}",
            actual=f"valid until {date(max(ends))}",
            severity=Severity.WARNING
            if any(end and end >= ctx.now for end in registered)
            else None,
            aadsts=None if all(end and end < ctx.now for end in registered) else _LIKELY,
        ),
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
    if not future or ctx.valid or _in(ctx, State.EXPIRED) or ctx.verifies_requests:
        return ()
    registered = [key.credential.start for key in future]
    start = min(start for key in future if (start := window_of(key.credential)[0]))
    return (
        Problem(
            at="keyCredentials",
            message=f"no key is valid before {date(start)}, {span(start - ctx.now)} after the "
            f"check: {listed([key.name for key in future])}",
            fix="wait until then, or register a certificate whose start has passed: "
            f"{register_command(ctx.client_id)}",
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
            f"{'ends' if len(ending) == 1 else 'end, the last'} at {date(last)}, in "
            f"{span(last - ctx.now)}, and no other key is valid after that",
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
            message=f"{key.name} ends at {date(end)}, in {span(end - ctx.now)}; another key is "
            "valid after that",
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
    if not ctx.valid:
        return ()
    return tuple(
        Problem(
            at=key.credential.label,
            message=f"{key.name} ended at {date(end)}, {span(ctx.now - end)} before the check",
            fix=_remove(ctx, key),
        )
        for key in _in(ctx, State.EXPIRED)
        if (end := window_of(key.credential)[1])
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
    severity=Severity.WARNING,
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
        if _exceeds(key, certificate) and not (key.credential.end and key.credential.end < ctx.now)
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


@rule(
    "trusted-subjects",
    "The app trusts certificates by subject name",
    severity=Severity.NOTE,
    source="AADSTS7000213",
)
def trusted_subjects(ctx: AppContext) -> tuple[Problem, ...]:
    """An app with `trustedCertificateSubjects` takes certificates by subject name and issuer.

    Entra ID then validates the chain in the header's `x5c`. A self-signed certificate sent there
    draws AADSTS7000213, "Invalid certificate chain.", even if its thumbprint is registered.

    Send `x5c` with a certificate that the CA issued; with a registered self-signed one, leave
    `x5c` out.
    """
    return tuple(
        Problem(
            at="trustedCertificateSubjects",
            message=f"{each.label} trusts certificates by subject name and issuer",
            fix="send x5c with a certificate that the CA issued; leave it out with a self-signed "
            "one",
        )
        for each in ctx.objects
        if each.has_trusted_subjects
    )


def _remove(ctx: AppContext, key: RegisteredKey) -> str:
    """Say how to remove `key`."""
    kind = "sp" if key.on.source is Source.SERVICE_PRINCIPAL else "app"
    if key.credential.key_id is None:
        return "remove it in the portal, under Certificates & secrets"
    return (
        f"remove it: `az ad {kind} credential delete --id {ctx.client_id} --key-id "
        f"{key.credential.key_id} --cert`"
    )


def _in(ctx: AppContext, state: State) -> tuple[RegisteredKey, ...]:
    return tuple(key for key in ctx.verifying if ctx.state(key.credential) is state)


def _ending(ctx: AppContext) -> tuple[RegisteredKey, ...]:
    """Return the valid keys that end within the days asked for."""
    days = ctx.min_days or 0
    return tuple(key for key in ctx.valid if ends_within(window_of(key.credential), days, ctx.now))


def _is_taken_over(ctx: AppContext) -> bool:
    """Tell whether a key outlives those that end soon, without a gap in between."""
    ending = _ending(ctx)
    last = max((end for key in ending if (end := window_of(key.credential)[1])), default=ctx.now)
    others = [window_of(key.credential) for key in ctx.verifying if key not in ending]
    days = ctx.min_days or 0
    return any(
        (start is None or start <= last) and not ends_within((start, end), days, ctx.now)
        for start, end in others
    )


def _exceeds(key: RegisteredKey, certificate: Certificate) -> bool:
    start, end = key.credential.start, key.credential.end
    return (start is not None and start < certificate.not_before - TOLERANCE) or (
        end is not None and end > certificate.not_after + TOLERANCE
    )


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
    """Return the certified keys that have an identifier, and what each identifier is."""
    certified = _certified(ctx)
    candidates = [key.credential.candidate for key, _ in certified if key.credential.candidate]
    table = digest_table(candidates)
    return tuple(
        (key, certificate, _match(key, text, candidates, table))
        for key, certificate in certified
        if (text := key.credential.identifier_text)
    )


def _match(
    key: RegisteredKey, text: str, candidates: Sequence[Candidate], table: DigestTable
) -> ThumbprintMatch | None:
    """Return what the identifier `text` of `key` is, its own thumbprint before all else."""
    reading = read_value(text, at=key.credential.label, candidates=candidates, table=table)
    return min(reading.matches, key=lambda match: not _names(match, key), default=None)


def _names(match: ThumbprintMatch, key: RegisteredKey) -> bool:
    """Tell whether `match` is the thumbprint of the certificate in `key`, or the hash of it.

    Microsoft's own tools make identifiers of both.
    """
    mine = match.candidate == key.credential.candidate
    return mine and match.of.thing in (Thing.CERTIFICATE, Thing.THUMBPRINT)


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
    certificates.ec_key_not_supported,
    certificates.rsa_key_too_small,
    trusted_subjects,
    *signing_key.RULES,
)
"""`unless` points backwards in it."""
