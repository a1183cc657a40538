"""The error that Entra ID returned, held against what was found in the request.

These rules run last and, alone among rules, look at what the others found.
"""

from __future__ import annotations

from assertcheck.aadsts.reasons import explains
from assertcheck.model import Finding, Problem, Severity, Undecided
from assertcheck.rules.rule import likely, rule
from assertcheck.saml.rules.context import SamlContext, place_of

_UNSIGNED = "AADSTS76021"
_NO_CERTIFICATE = "AADSTS76022"
_KEY_INFO = "AADSTS76027"
_OTHER_CERTIFICATE = ("AADSTS76023", "AADSTS76024", "AADSTS76027", "AADSTS76029")
_SIGNING_KEY = ("AADSTS50003", "AADSTS500031", "AADSTS50146")
"""About the key that Entra ID signs its answer with, which no request shows."""
_REFUSED = (*_OTHER_CERTIFICATE, "AADSTS76030", "AADSTS50006", "AADSTS500066", "AADSTS500069")
"""What a signature that does not verify draws; which of them is not always known."""
_UNLESS = ("saml-request-missing", "saml-not-an-authnrequest")


@rule(
    "saml-error-of-another-request",
    "The error is of another request",
    severity=Severity.WARNING,
    source=_UNSIGNED,
    unless=_UNLESS,
)
def saml_error_of_another_request(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """An error speaks of something that this request has not.

    AADSTS76021 is drawn by a request without a signature where its binding looks for one, and
    AADSTS76027 by one that names its key in `KeyInfo`, which a redirect never does.

    This one has a signature there, or no `KeyInfo`. So it was another one: sign-ins that begin at
    the portal's test button, in My Apps or at the launcher are never signed, and a service provider
    may sign at one of its addresses and not at another.

    Catch the request in the browser's network log of the sign-in that fails.
    """
    if not _is_signed(ctx) or ctx.looked_at is None:
        return ()
    signature = ctx.looked_at.signature
    if _code(ctx) == _KEY_INFO and not (signature.certificates or signature.key_names):
        return (
            Problem(
                at="intake.error",
                message=f"{_KEY_INFO} is about the key that KeyInfo names, and this request has no "
                "KeyInfo: likely another one drew it",
                fix="paste the request of the sign-in that fails",
            ),
            Undecided(
                why=f"which request drew {_KEY_INFO}: this one has no KeyInfo", decisive=True
            ),
        )
    if _code(ctx) != _UNSIGNED:
        return ()
    place = place_of(ctx.looked_at.signature.place, ctx.binding)
    return (
        Problem(
            at="intake.error",
            message=f"{_UNSIGNED} is about a request that is not signed, and this one is signed "
            f"{place}: likely another one drew it",
            fix="paste the request of the sign-in that fails; those begun by the portal's test "
            "button, My Apps and the launcher are never signed",
        ),
        Undecided(why=f"which request drew {_UNSIGNED}: this one is signed", decisive=True),
    )


@rule(
    "saml-certificate-not-configured",
    "The certificate is not configured on the app",
    severity=Severity.ERROR,
    source="Entra howto-enforce-signed-saml-authentication",
    aadsts=(likely("76024"), likely("76022"), likely("76027")),
    unless=_UNLESS,
)
def saml_certificate_not_configured(ctx: SamlContext) -> tuple[Problem, ...]:
    """Entra ID verifies with what is uploaded to the app as a verification certificate.

    The signature is right by the certificate given with `--cert`, and Entra ID answered that it
    has none, or that none of its own verifies. So the app has another one, or two newer ones, or
    the upload went to another app.

    Upload the certificate under Single sign-on, SAML certificates, Verification certificates, and
    remove there what is out of use.
    """
    code = _code(ctx)
    signer = ctx.signer
    if code not in (_NO_CERTIFICATE, *_OTHER_CERTIFICATE) or signer is None or ctx.registration:
        return ()
    if _errors(ctx) or any(each.id == saml_error_of_another_request.id for each in ctx.found):
        return ()
    thumbprint = (
        f" (thumbprint {signer.certificate.sha1.hex().upper()})" if signer.certificate else ""
    )
    others = (
        "and the app has no verification certificate at all"
        if code == _NO_CERTIFICATE
        else "and no certificate that Entra ID tried does"
    )
    return (
        Problem(
            at=signer.label,
            message=f"{signer.label} verifies the signature, {others}",
            fix=f"upload {signer.label}{thumbprint} to the app as a verification certificate, "
            "and remove those out of use: only the newest two are tried where the request names "
            "none",
            aadsts=(likely(code.removeprefix("AADSTS")),),
        ),
    )


@rule(
    "saml-error-not-explained",
    "Nothing here explains the error",
    severity=Severity.NOTE,
    source="Entra error-codes",
    unless=_UNLESS,
)
def saml_error_not_explained(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """The error that was returned has a cause, and it is not among what was found.

    Not all of it shows in a request: the app's certificates and switches, its user assignment, the
    key that Entra ID signs its answer with. Another request may have been sent than this one.

    Give `--app` and `--cert` as far as you have them; `assertcheck explain` has the causes of the
    code. Until then nothing is accepted.
    """
    code = _code(ctx)
    if code is None or any(accounts_for(each, ctx) for each in ctx.found):
        return ()
    advice = f"`assertcheck explain {code}` has its causes"
    if code in _SIGNING_KEY:
        advice = (
            "export the service principal, `az ad sp show --id APP > sp.json`, and run "
            "`assertcheck app sp.json`"
        )
    return (
        Problem(
            at="intake.error",
            message=f"{code} was returned, and nothing that was found explains it",
            fix=advice,
        ),
        Undecided(why=f"{code} was returned and is not explained", decisive=True),
    )


def _code(ctx: SamlContext) -> str | None:
    error = ctx.submission.error
    return (error.stands_for or error.code) if error else None


def _is_signed(ctx: SamlContext) -> bool:
    """Tell whether there is a whole signature where the binding looks for it."""
    signature = ctx.looked_at.signature if ctx.looked_at and ctx.binding else None
    return bool(signature and signature.octets and signature.algorithm)


def _errors(ctx: SamlContext) -> bool:
    return any(each.severity is Severity.ERROR for each in ctx.found)


def accounts_for(finding: Finding, ctx: SamlContext) -> bool:
    """Tell whether `finding` explains the error that was returned."""
    error = ctx.submission.error
    if finding.id == saml_error_of_another_request.id:
        return True
    if error is None or finding.severity is Severity.NOTE:
        return False
    codes = {each.code for each in finding.aadsts}
    return explains(finding, error) or (_code(ctx) in _REFUSED and bool(codes & {*_REFUSED}))


RULES = (
    saml_error_of_another_request,
    saml_certificate_not_configured,
    saml_error_not_explained,
)
