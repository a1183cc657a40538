"""What is registered on the app, held against the assertion: which key, whose, from when to when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from assertcheck.aadsts.reasons import KEY_EXPIRED, NOT_FOUND
from assertcheck.aadsts.registering import register_command, remove_command
from assertcheck.authority import is_guid
from assertcheck.decoder import from_base64
from assertcheck.model import Candidate, Outcome, Problem, Role, Severity, Undecided
from assertcheck.rules.certificate import Judged, anew
from assertcheck.rules.key_mistakes import held_signer, is_well_formed, registered_in
from assertcheck.rules.returned import not_among_the_keys
from assertcheck.rules.rule import Context, Found, documented, likely, rule, same_fault, seen
from assertcheck.verifier.thumbprint import deciding
from assertcheck.words import date, listed, span

if TYPE_CHECKING:
    from assertcheck.graph import KeyCredential, Registration

_PAGE = "Entra certificate-credentials"
_KEY = "AADSTS700027"
_ANOTHER = "register a certificate whose start has passed"
_OTHER_APP = ("registration-of-another-app", "iss-is-object-id")


@rule(
    "registration-of-another-app",
    "The registration is another app's",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700027", NOT_FOUND),),
    unless=("iss-is-object-id", "iss-is-tenant-issuer", "iss-is-tenant-id", "client-id-format"),
)
def registration_of_another_app(ctx: Context) -> tuple[Problem, ...]:
    """Entra ID looks for the key on the one app that `iss` names.

    What `--app` shows is the registration of another one. A certificate that is registered there
    is not found on the app that signs in, which draws AADSTS700027, "The key was not found."

    Export the app whose client id is in `iss`, or correct the client id if that is the wrong one:
    `az ad app show --id CLIENT_ID`.
    """
    return another_app(ctx.registration, str(ctx.assertion.claims.get("iss")).lower())


def another_app(app: Registration | None, issuer: str) -> tuple[Problem, ...]:
    """Return the problem of `app` if it is not that of `issuer`, in lower case."""
    if app is None or app.app_id is None or not is_guid(issuer) or app.app_id == issuer:
        return ()
    return (
        Problem(
            at="claims.iss",
            message=f"{app.label} is the registration of app {app.app_id}, and iss is {issuer}",
            fix=f"set iss and sub to {app.app_id}, or export the other app: "
            f"`az ad app show --id {issuer} > app.json`",
            expected=app.app_id,
            actual=issuer,
        ),
    )


@rule(
    "no-keys-registered",
    "The app has no keys",
    severity=Severity.ERROR,
    source="AADSTS700026",
    aadsts=(seen("700026"),),
    unless=_OTHER_APP,
)
def no_keys_registered(ctx: Context) -> tuple[Problem, ...]:
    """An app that signs in with an assertion has the certificate for it among its keys.

    This one has neither a certificate nor a secret. Entra ID answers AADSTS700026, "Client
    application has no configured keys." An app that nothing signs in as is right as it is, and so
    is one with federated credentials only: they are not part of the export, `--federated` shows
    them.

    Register the certificate: `az ad app credential reset --id APP --cert @cert.pem --append`. The
    keys of an app are on its registration (`az ad app`), not on its service principal
    (`az ad sp`): export the former.
    """
    app = ctx.registration
    if app is None or app.keys != () or app.passwords != () or _may_have_others(app):
        return ()
    return (_register(ctx, app, "neither a certificate nor a secret is registered"),)


@rule(
    "no-certificate-registered",
    "The app has no certificate",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700027", NOT_FOUND),),
    unless=(*_OTHER_APP, "no-keys-registered"),
)
def no_certificate_registered(ctx: Context) -> tuple[Problem, ...]:
    """An app that signs in with an assertion has the certificate for it among its keys.

    This one has secrets at most. A secret is sent as `client_secret` and verifies no assertion: one
    is likely refused with AADSTS700027, "The key was not found."

    Register the certificate, with `--append` so that the secrets stay: `az ad app credential reset
    --id APP --cert @cert.pem --append`.
    """
    app = ctx.registration
    if app is None or app.keys != () or _may_have_others(app):
        return ()
    said, count = "no certificate is registered", len(app.passwords or ())
    if count:
        said = f"only {count} {'secret is' if count == 1 else 'secrets are'} registered, no certificate,"
    return (_register(ctx, app, said),)


class Registered(Protocol):
    """What a rule on the app as a whole looks at."""

    @property
    def objects(self) -> tuple[Registration, ...]:
        """The application, its service principal, or both."""

    @property
    def client_id(self) -> str:
        """The app's id, or the word for it."""


@rule(
    "app-disabled",
    "The app is disabled",
    severity=Severity.ERROR,
    source="AADSTS7000112",
    aadsts=(documented("7000112"),),
    unless=_OTHER_APP,
)
def app_disabled(ctx: Registered) -> tuple[Problem, ...]:
    """A service principal with `"accountEnabled":true` can be signed in to and as.

    This one is disabled in its tenant. Entra ID answers AADSTS7000112, "Application is disabled.",
    whatever the assertion.

    Enable it, if nobody had a reason: `az ad sp update --id APP --set accountEnabled=true`.
    """
    return tuple(
        Problem(
            at="accountEnabled",
            message=f"accountEnabled is false in {each.label}",
            fix="enable it, if nobody had a reason: "
            f"`az ad sp update --id {ctx.client_id} --set accountEnabled=true`",
            expected="true",
            actual="false",
        )
        for each in ctx.objects
        if each.is_enabled is False
    )


@rule(
    "registered-key-expired",
    "The registered key has expired",
    severity=Severity.ERROR,
    source=_KEY,
    aadsts=(seen("700027", KEY_EXPIRED),),
    unless=_OTHER_APP,
)
def registered_key_expired(ctx: Judged) -> tuple[Problem | Undecided, ...]:
    """A registration has an end of its own, `endDateTime`, and Entra ID goes by that.

    It may come before the certificate's. From then on it answers AADSTS700027, "The key used is
    expired.", with the window of the key it found, although the signature is right.

    While the certificate itself is valid, register it anew, with its own end: `az ad app credential
    reset --id APP --cert @cert.pem --append --end-date END`. Else register a new one beside it,
    switch the app over, then remove the old one. A date that the export lacks, or that cannot be
    read, decides nothing. Where the export does not show which key it is, it is enough that every
    one it may be has ended. Of a certificate that is registered several times, any registration
    will do.
    """
    return tuple(
        Problem(
            at=credential.label,
            message=f"{candidate.label} is registered until {date(credential.end)}, "
            f"{span(ctx.now - credential.end)} before the check",
            fix=anew(ctx, candidate)
            or f"register a new certificate: {register_command(ctx.client_id, 'new.pem')}",
            expected=f"a registration valid at {date(ctx.now)}",
            actual=f"valid until {date(credential.end)}",
        )
        for candidate in ctx.judged
        if (credential := candidate.credential) and credential.end and credential.end < ctx.now
    ) or _undated(ctx)


@rule(
    "registered-key-not-yet-valid",
    "The registered key is not valid yet",
    severity=Severity.ERROR,
    source=_KEY,
    aadsts=(seen("700027", KEY_EXPIRED),),
    unless=_OTHER_APP,
)
def registered_key_not_yet_valid(ctx: Judged) -> tuple[Problem, ...]:
    """Entra ID goes by the start of the registration, `startDateTime`, in UTC.

    Before it, it answers AADSTS700027 with the same words as after the end, "The key used is
    expired.", which misleads.

    Wait, or register the certificate anew, from now on: `az ad app credential reset --id APP --cert
    @cert.pem --append`. Local time taken for UTC is the usual fault.
    """
    return tuple(
        Problem(
            at=credential.label,
            message=f"{candidate.label} is registered from {date(credential.start)} on, "
            f"{span(credential.start - ctx.now)} after the check",
            fix=f"wait until then, or {anew(ctx, candidate) or _ANOTHER}",
            expected=f"a registration valid at {date(ctx.now)}",
            actual=f"valid from {date(credential.start)}",
        )
        for candidate in ctx.judged
        if (credential := candidate.credential) and credential.start and credential.start > ctx.now
    )


@rule(
    "registered-key-usage-sign",
    "The key is not registered for verifying",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700027", NOT_FOUND),),
    unless=_OTHER_APP,
)
def registered_key_usage_sign(ctx: Judged) -> tuple[Problem, ...]:
    """Entra ID verifies assertions with keys of `"usage":"Verify"`.

    A key of `"usage":"Sign"` is one that Entra ID itself signs SAML responses with; it is on the
    service principal of a SAML app. Other values are none that Graph documents.

    Register the certificate as a credential of the app: `az ad app credential reset --id APP
    --cert @cert.pem --append`.
    """
    return tuple(
        Problem(
            at=credential.label,
            message=f"{candidate.label} is registered with usage {credential.usage}",
            fix=f"register it for verifying: {register_command(ctx.client_id, candidate.label)}",
            expected="Verify",
            actual=credential.usage,
        )
        for candidate in ctx.judged
        if (credential := candidate.credential) and not credential.is_for_verifying
    )


@same_fault(registered_key_expired, unless=_OTHER_APP)
def signing_key_expired(ctx: Context) -> Found:
    """Of the key that signed; where that is not to be seen, of every key that it may be."""
    found = registered_key_expired.find(ctx)
    perhaps = _the_only_ones(ctx)
    ends = [each.end for each in perhaps if each.end and each.end < ctx.now]
    if found or not perhaps or len(ends) < len(perhaps):
        return found
    return (
        Problem(
            at=perhaps[0].label,
            message=f"{_may_have_signed(ctx, perhaps)} registered until {date(max(ends))}, "
            f"{span(ctx.now - max(ends))} before the check",
            fix=f"register a new certificate: {register_command(ctx.client_id, 'new.pem')}",
            expected=f"a registration valid at {date(ctx.now)}",
            actual=f"valid until {date(max(ends))}",
        ),
    )


@same_fault(registered_key_not_yet_valid, unless=_OTHER_APP)
def signing_key_not_yet_valid(ctx: Context) -> Found:
    """Of the key that signed; where that is not to be seen, of every key that it may be."""
    found = registered_key_not_yet_valid.find(ctx)
    perhaps = _the_only_ones(ctx)
    starts = [each.start for each in perhaps if each.start and each.start > ctx.now]
    if found or not perhaps or len(starts) < len(perhaps):
        return found
    return (
        Problem(
            at=perhaps[0].label,
            message=f"{_may_have_signed(ctx, perhaps)} registered from {date(min(starts))} on, "
            f"{span(min(starts) - ctx.now)} after the check",
            fix=f"wait until then, or {_ANOTHER}",
            expected=f"a registration valid at {date(ctx.now)}",
            actual=f"valid from {date(min(starts))}",
        ),
    )


@rule(
    "issuer-registered-instead-of-leaf",
    "The issuer's certificate is registered, not the app's",
    severity=Severity.ERROR,
    source=_KEY,
    aadsts=(seen("700027", NOT_FOUND),),
    unless=(*_OTHER_APP, "no-keys-registered", "no-certificate-registered"),
)
def issuer_registered_instead_of_leaf(ctx: Context) -> tuple[Problem, ...]:
    """What is registered is the certificate whose key signs, not the one that issued it.

    Entra ID compares thumbprints; that it has the CA's certificate among the app's keys does not
    make it take what that CA issued.

    Register the leaf: `az ad app credential reset --id APP --cert @cert.pem --append`. In a PEM
    file with a chain it is to be the first.
    """
    signer = held_signer(ctx)
    certificate = signer.certificate if signer else None
    if signer is None or certificate is None or certificate.issuer == certificate.subject:
        return ()
    return tuple(
        Problem(
            at=candidate.label,
            message=f"{candidate.label} is registered, which issued {signer.label}; "
            f"{signer.label}, whose key signed, is not",
            fix=f"register {signer.label}: {register_command(ctx.client_id, signer.label)}",
            expected=certificate.sha1.hex().upper(),
            actual=issuer.sha1.hex().upper(),
        )
        for candidate in _registered(ctx)
        if (issuer := candidate.certificate) and issuer.subject == certificate.issuer
    )[:1]


@rule(
    "sni-needs-x5c",
    "Trusted by its subject name, and sent without x5c",
    severity=Severity.ERROR,
    source=_KEY,
    aadsts=(seen("700027", NOT_FOUND),),
    unless=(*_OTHER_APP, "issuer-registered-instead-of-leaf"),
)
def sni_needs_x5c(ctx: Context) -> tuple[Problem, ...]:
    """An app can trust certificates by subject name and issuer in place of a thumbprint.

    Entra ID then validates the certificate in the header's `x5c`. Without it, it looks the
    thumbprint up, and answers AADSTS700027, "The key was not found.", with a word on
    `WithSendX5C`.

    Send the certificate along: `"x5c":[…]`, the leaf first, in standard base64; in MSAL.NET
    `.WithSendX5C(true)`, in MSAL Python `"public_certificate"`.
    """
    app, signer = ctx.registration, held_signer(ctx)
    if app is None or signer is None or not app.has_trusted_subjects:
        return ()
    if "x5c" in ctx.assertion.header:
        return ()
    return (
        Problem(
            at="header.x5c",
            message=f"{app.label} trusts certificates by subject name, {signer.label} is not "
            "registered by its thumbprint, and there is no x5c",
            fix=_by_thumbprint(ctx, signer)
            if _is_self_signed(signer)
            else "send x5c: the certificate's DER in standard base64, as the first of a list",
            expected="x5c with the certificate that signed",
            actual="none",
        ),
    )


@rule(
    "sni-self-signed",
    "Trusted by its subject name, and self-signed",
    severity=Severity.ERROR,
    source="AADSTS7000213",
    aadsts=(seen("7000213"),),
    unless=_OTHER_APP,
)
def sni_self_signed(ctx: Context) -> tuple[Problem, ...]:
    """Where an app trusts certificates by subject name, Entra ID validates the chain in `x5c`.

    A self-signed certificate has none, and Entra ID answers AADSTS7000213, "Invalid certificate
    chain."; it does not fall back to the thumbprint, even if that is registered.

    Leave `x5c` out where the certificate is registered by its thumbprint, or use one that a CA
    issued.
    """
    app = ctx.registration
    if app is None or not app.has_trusted_subjects:
        return ()
    return tuple(
        Problem(
            at="header.x5c",
            message=f"{app.label} trusts certificates by subject name, and x5c holds a "
            f"self-signed one: {certificate.subject}",
            fix="leave x5c out, or sign with a certificate that a CA issued"
            if trial.candidate.credential
            else f"leave x5c out, and {_by_thumbprint(ctx, trial.candidate)}",
        )
        for trial in ctx.trials
        if trial.outcome is Outcome.VALID
        and "x5c" in ctx.assertion.header
        and (certificate := trial.candidate.certificate)
        and _is_self_signed(trial.candidate)
    )[:1]


@rule(
    "certificate-not-registered",
    "Entra ID does not have this certificate",
    severity=Severity.ERROR,
    source=_KEY,
    aadsts=(likely("700027", NOT_FOUND),),
    unless=(
        "no-assertion",
        *_OTHER_APP,
        "no-keys-registered",
        "no-certificate-registered",
        "issuer-registered-instead-of-leaf",
        "sni-needs-x5c",
    ),
)
def certificate_not_registered(ctx: Context) -> tuple[Problem | Undecided, ...]:
    """The certificate that signs is registered on the app, in the tenant the request goes to.

    Entra ID looks for it among the keys of that one app, and answers AADSTS700027, "The key was not
    found.", when it is not there: it was never uploaded, or to another app, or in another tenant,
    or it was removed. The certificate of its issuer does not help. `--app` shows what is there.
    Without it, if Entra ID said so and the assertion is right in all else, this is likely the cause.

    Upload it with `az ad app credential reset --id CLIENT_ID --cert @cert.pem --append`, or in the
    portal, and see with `az ad app credential list --id CLIENT_ID --cert` what the app has. Without
    `--append` the other keys are removed. Right after the upload it likely takes some minutes.
    """
    app, signer = ctx.registration, held_signer(ctx)
    if app is None or signer is None:
        return not_among_the_keys(ctx) or _names_none(ctx)
    if app.has_trusted_subjects:
        why = f"{app.label} trusts certificates by subject name, which is not checked here"
        return (Undecided(why=why, decisive=True),)
    certificate = signer.certificate
    given_away = private_key_of(app, signer)
    return (
        Problem(
            at=signer.label,
            message=f"{signer.label}, whose key signed, is not among the keys of {app.label}: "
            + (
                f"{_known_as(given_away)} has its thumbprint, and holds a private key in its place"
                if given_away
                else listed([_known_as(each) for each in app.keys or ()])
            ),
            fix=_replaced(ctx, app, given_away)
            if given_away
            else f"{_upload(ctx, signer)}{_or_deploy(app, ctx)}",
            expected=None
            if certificate is None
            else f"{certificate.sha1.hex().upper()} among the registered keys",
            actual=listed([thumbprint_of(each) for each in app.keys or ()]),
            aadsts=(seen("700027", NOT_FOUND),) if _all_shown(app) else None,
        ),
    )


@rule(
    "registration-undecidable",
    "The export does not show which keys are registered",
    severity=Severity.WARNING,
    source="Graph keyCredential",
    unless=(*_OTHER_APP, "certificate-not-registered"),
)
def registration_undecidable(ctx: Context) -> tuple[Problem | Undecided, ...]:
    """To tell whether a certificate is registered, the export has to hold the keys.

    Graph leaves `key` out unless it is asked for by name, for one app at a time. What is left is
    `customKeyIdentifier`, mostly the SHA-1 of the certificate; but whoever registered the key may
    have set it to anything.

    Export with the keys: `az ad app credential list --id APP --cert` has the identifiers, `az rest
    --url 'https://graph.microsoft.com/v1.0/applications(appId={APP})?$select=appId,keyCredentials'`
    the keys themselves.
    """
    app = ctx.registration
    registered = next((each for each in ctx.judged if each.credential), None)
    if app is None or registered:
        return _unreadable(registered) if registered else ()
    # Loaded with --app only, both times.
    from assertcheck.keys.registered import unresolved

    left = unresolved(app, (trial.candidate for trial in ctx.trials))
    if app.keys is None:
        why = f"{app.label} does not hold keyCredentials"
    elif named := _named_keyless(ctx, app.keys):
        why = (
            f"the header names {named.label}, whose key {app.label} leaves out: give the "
            "certificate with --cert"
        )
    elif app.is_principal:
        why = f"{app.label} is a service principal, and an app's keys are on its application"
    elif left and held_signer(ctx) is None:
        whose = f" of {listed(left)}" if left != (app.label,) else ""
        why = f"{app.label} leaves out the key{whose}, and the identifier decides nothing"
    else:
        return ()
    if any(name.lower().startswith("keycredential") for name in app.cut_off):
        from assertcheck.keys.cut_off import AGAIN

        return (Undecided(why=f"{why}; the export was cut off there; {AGAIN}", decisive=True),)
    from assertcheck.keys.registration import export_command

    is_named = app.app_id is not None or app.object_id is not None
    target = app if is_named and not app.is_principal else app.app_id or ctx.client_id
    command = export_command(target)
    return (Undecided(why=f"{why}; export it with `{command}`", decisive=True),)


def _unreadable(candidate: Candidate) -> tuple[Undecided, ...]:
    """Say of a key with the thumbprint of `candidate` that it is not known what it holds."""
    from assertcheck.graph import Content  # the candidate's registration is there, and so is this

    credential = candidate.credential
    if credential is None or credential.content is not Content.UNREADABLE:
        return ()
    why = (
        f"{_known_as(credential)} has the thumbprint of {candidate.label} for its identifier, and "
        "what it holds cannot be read"
    )
    return (Undecided(why=why, decisive=True),)


def perhaps_signing(ctx: Context) -> tuple[KeyCredential, ...]:
    """Return the registered keys of which one may have signed, where it is not to be seen which.

    That is the one the header names, else all that the export shows no key of.
    """
    app = ctx.registration
    if not app or not app.keys or held_signer(ctx) or any(each.credential for each in ctx.judged):
        return ()
    from assertcheck.keys.registered import unknown_keys  # loaded with --app only

    unknown = unknown_keys(app, (trial.candidate for trial in ctx.trials))
    named = _named_keyless(ctx, app.keys)
    if named:
        unknown = tuple(each for each in unknown if each.identifier == named.identifier)
    return tuple(each for each in unknown if each.is_for_verifying)


def _the_only_ones(ctx: Context) -> tuple[KeyCredential, ...]:
    """Return what `perhaps_signing` does, where nothing else that may fit can be registered."""
    app = ctx.registration
    if app is None or app.is_principal or app.has_trusted_subjects:
        return ()
    perhaps = perhaps_signing(ctx)
    is_told = bool(ctx.judged) or _named_keyless(ctx, perhaps) is not None
    # A key that the export shows may have signed as well, and the signature have been damaged.
    return perhaps if is_told or not _registered(ctx) else ()


def _may_have_signed(ctx: Context, keys: tuple[KeyCredential, ...]) -> str:
    names = listed([_known_as(each) for each in keys])
    are = "is" if len(keys) == 1 else "are"
    if _named_keyless(ctx, keys):
        return f"{names}, which the header names, {are}"
    return (
        f"{names}, the only one that may have signed, {are}"
        if len(keys) == 1
        else (f"{names}, the only ones that may have signed, {are}")
    )


def _undated(ctx: Judged) -> tuple[Undecided, ...]:
    """Say of which keys it is not known whether they can be used now."""
    credentials = [each.credential for each in ctx.judged if each.credential]
    if all(each.start and each.end for each in credentials):
        return ()
    from assertcheck.keys.validity import State, doubt_of, state_at  # few exports lack a date

    return tuple(
        Undecided(why=why, decisive=True)
        for each in credentials
        if state_at((each.start, each.end), ctx.now) is State.UNKNOWN and (why := doubt_of(each))
    )


def _is_self_signed(candidate: Candidate) -> bool:
    certificate = candidate.certificate
    return certificate is not None and certificate.subject == certificate.issuer


def _by_thumbprint(ctx: Context, candidate: Candidate) -> str:
    """Say what makes a certificate serve that no CA issued, and so no x5c vouches for."""
    return (
        f"{registering(ctx, candidate, 'it by its thumbprint')}; or sign with a certificate that a "
        "CA issued, and send that in x5c"
    )


def registering(ctx: Judged, candidate: Candidate, what: str) -> str:
    """Say how to register `candidate`, called `what`, or a new one where this has ended."""
    label = label_to_register(ctx, candidate)
    named = what if label == candidate.label else "a new certificate"
    return f"register {named}: {register_command(ctx.client_id, label)}"


def _names_none(ctx: Context) -> tuple[Problem, ...]:
    """Return the problem of an `x5t` that is the thumbprint of no registered key.

    That is so where the export has the thumbprints alone, and so nothing to compare else.
    """
    app = ctx.registration
    if not app or not app.keys:
        return ()
    from assertcheck.keys.registered import is_open  # loaded with --app only

    if is_open(app) or app.has_trusted_subjects or registered_in(ctx):
        return ()
    registered = [each.identifier for each in app.keys]
    return tuple(
        Problem(
            at=reading.at,
            message=f"x5t names {octets.hex().upper()}, which is not among the keys of "
            f"{app.label}: {listed([_known_as(each) for each in app.keys])}",
            fix=f"upload that certificate with {register_command(ctx.client_id)}{_or_deploy(app, ctx)}",
            expected=listed([thumbprint_of(each) for each in app.keys], last="or"),
            actual=octets.hex().upper(),
        )
        for reading in deciding(ctx.thumbprints)
        if reading.at == "header.x5t" and not reading.matches and is_well_formed(reading)
        if (octets := from_base64(reading.value)) and octets not in registered
    )


def _upload(ctx: Judged, candidate: Candidate) -> str:
    """Say how to register `candidate`, or what else if that would not help by now."""
    certificate = candidate.certificate
    if certificate and certificate.not_after < ctx.now:
        new = register_command(ctx.client_id, "new.pem")
        return f"register a new certificate, as this one has ended: {new}"
    upload = f"upload it with {register_command(ctx.client_id, candidate.label)}"
    if certificate and certificate.not_before > ctx.now:
        return f"{upload}, which serves from {date(certificate.not_before)} on"
    return upload


def _replaced(ctx: Context, app: Registration, given_away: KeyCredential) -> str:
    """Say what to do about a private key that everybody can read who reads the app."""
    said = (
        "that private key is no secret any more: make a new one, and register its certificate "
        f"with {register_command(ctx.client_id, 'new.pem')}"
    )
    said += f"; then remove {_known_as(given_away)} from the app"
    if given_away.key_id is None:
        return said
    remove = remove_command(ctx.client_id, given_away.key_id, is_principal=app.is_principal)
    return f"{said}: {remove}"


def private_key_of(app: Registration, signer: Candidate) -> KeyCredential | None:
    """Return what is registered in place of the certificate of `signer`: its private key, likely."""
    from assertcheck.graph import Content  # the signer's registration is there, and so is this

    certificate = signer.certificate
    digests = (certificate.sha1, certificate.sha256) if certificate else ()
    return next(
        (
            each
            for each in app.keys or ()
            if each.content is Content.PRIVATE_KEY and each.identifier in digests
        ),
        None,
    )


def _or_deploy(app: Registration, ctx: Context) -> str:
    """Name the other way out, if a certificate is registered that can be used, by its dates."""
    from assertcheck.keys.validity import State, state_at, window_of  # with --app only

    states = [
        state_at(window_of(each), ctx.now)
        for each in app.keys or ()
        if each.is_for_verifying and each.digest
    ]
    is_usable = any(state not in (State.EXPIRED, State.NOT_YET) for state in states)
    return ", or deploy the key of a certificate that is registered" if is_usable else ""


def _all_shown(app: Registration) -> bool:
    """Tell whether every registered key is in the export, and not only its thumbprint."""
    return all(each.candidate for each in app.keys or ())


def _may_have_others(app: Registration) -> bool:
    """Tell whether an app without keys may yet take an assertion: by subject name, or elsewhere."""
    return app.is_principal or bool(app.has_trusted_subjects)


def _register(ctx: Context, app: Registration, said: str) -> Problem:
    held = [each.candidate for each in ctx.trials if each.candidate.role is Role.HELD]
    labels = [label_to_register(ctx, each) for each in held]
    name = f"app {app.app_id}" if app.app_id else "the app"
    return Problem(
        at=app.label,
        message=f"{said} on {name}, by {app.label}",
        fix=f"register the certificate: {register_command(ctx.client_id, *labels[:1])}",
        expected="a certificate in keyCredentials",
        actual="none",
    )


def label_to_register(ctx: Judged, candidate: Candidate) -> str:
    """Return what to call the file to register: that of a new certificate, if this has ended."""
    certificate = candidate.certificate
    return "new.pem" if certificate and certificate.not_after < ctx.now else candidate.label


def _registered(ctx: Context) -> tuple[Candidate, ...]:
    return tuple(each.candidate for each in ctx.trials if each.candidate.credential)


def _named_keyless(ctx: Context, keys: tuple[KeyCredential, ...]) -> KeyCredential | None:
    """Return the registered key that the header names and whose certificate is not at hand."""
    if any(each.named for each in ctx.thumbprints):
        return None
    from assertcheck.keys.registered import named_by

    found = (named_by(keys, from_base64(each.value)) for each in deciding(ctx.thumbprints))
    return next((each for each in found if each), None)


def _known_as(credential: KeyCredential) -> str:
    return credential.display_name or credential.label


def thumbprint_of(credential: KeyCredential) -> str:
    """Return the thumbprint of `credential` in hex, or its identifier, or words for it."""
    digest = credential.digest
    return digest.hex().upper() if digest else f"the key of {credential.label}"


KEYS = (registered_key_expired, registered_key_not_yet_valid, registered_key_usage_sign)
"""Of one key, wherever it is judged."""
APP = (
    registration_of_another_app,
    app_disabled,
    no_keys_registered,
    no_certificate_registered,
    signing_key_expired,
    signing_key_not_yet_valid,
    registered_key_usage_sign,
)
RULES = (
    issuer_registered_instead_of_leaf,
    sni_needs_x5c,
    sni_self_signed,
    certificate_not_registered,
    registration_undecidable,
)
