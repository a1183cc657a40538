"""Whether there is a sign-in request at all, written as its binding asks."""

from __future__ import annotations

from assertcheck.model import EntraCode, Problem, Severity
from assertcheck.rules.rule import documented, likely, rule, seen
from assertcheck.saml.model import Binding, Message, SamlFlawKind
from assertcheck.saml.query_signature import oddities
from assertcheck.saml.rules.context import SamlContext

_BINDINGS = "SAML Bindings §3.4"
_POST = "SAML Bindings §3.5.4"
_CORE = "SAML Core §3.4.1"
_OTHER_BINDINGS = (Message.ARTIFACT, Message.SOAP, Message.PAOS)
_ADVICE = {
    Message.RESPONSE: "this is what Entra ID answers with; take the request that goes before it",
    Message.LOGOUT_REQUEST: "sign out and sign in are different messages; take the one that begins "
    "the sign-in",
    Message.LOGOUT_RESPONSE: "take the message that begins the sign-in",
    Message.ASSERTION: "this is part of an answer; take the request that goes before it",
    Message.METADATA: "metadata describes a partner; take the message that begins a sign-in",
    Message.ARTIFACT: "send the request itself, by HTTP-Redirect or HTTP-POST",
    Message.SOAP: "send the request itself, by HTTP-Redirect or HTTP-POST",
    Message.PAOS: "send the request itself, by HTTP-Redirect or HTTP-POST",
    Message.WS_FEDERATION: "WS-Federation has no signed requests; configure the app for SAML 2.0",
    Message.JWT: "run `assertcheck verify` for a client assertion",
}


@rule(
    "saml-not-an-authnrequest",
    "Not a sign-in request",
    severity=Severity.ERROR,
    source=_CORE,
    aadsts=(documented("75005"),),
)
def saml_not_an_authnrequest(ctx: SamlContext) -> tuple[Problem, ...]:
    """A sign-in begins with an `AuthnRequest`, sent by HTTP-Redirect or HTTP-POST.

    Entra ID takes sign-in requests by these two bindings only. A response, a logout message,
    metadata, a WS-Federation request or a token is another thing.

    Take the message that the service provider sends the browser to Entra ID with: the first request
    to `login.microsoftonline.com/…/saml2` in the browser's network log.
    """
    what = ctx.request.message
    if what in (Message.AUTHN_REQUEST, Message.UNKNOWN):
        return ()
    by = ", which Entra ID does not take" if what in _OTHER_BINDINGS else ""
    return (
        Problem(
            at="request",
            message=f"the input is {_article(what)} {what}{by}",
            fix=_ADVICE.get(what, "take the message that begins the sign-in, an AuthnRequest"),
            expected="AuthnRequest",
            actual=str(what),
        ),
    )


@rule(
    "saml-request-missing",
    "No SAML request in the input",
    severity=Severity.ERROR,
    source=_BINDINGS,
    aadsts=(documented("750014"),),
    unless=("saml-not-an-authnrequest",),
)
def saml_request_missing(ctx: SamlContext) -> tuple[Problem, ...]:
    """A sign-in request travels in a parameter called `SAMLRequest`.

    Without it Entra ID answers AADSTS750054 to a redirect, AADSTS750052 to a form, AADSTS750014 to
    either.

    Paste the URL the browser is sent to, the form body, or the value of `SAMLRequest` alone.
    """
    if not ctx.request.flaws_of(SamlFlawKind.MISSING):
        return ()
    code = {Binding.REDIRECT: "750054", Binding.POST: "750052", None: "750014"}[ctx.binding]
    return (
        Problem(
            at="request",
            message="there is no SAMLRequest in the input",
            fix="paste the URL the browser is sent to, or the body of the form that is posted",
            aadsts=(documented(code),),
        ),
    )


@rule(
    "saml-not-base64",
    "The request is not base64",
    severity=Severity.ERROR,
    source=_BINDINGS,
    aadsts=(documented("750056"),),
    unless=("saml-not-an-authnrequest",),
)
def saml_not_base64(ctx: SamlContext) -> tuple[Problem, ...]:
    """`SAMLRequest` holds the message in base64.

    Entra ID answers AADSTS750056: "SAML message was not properly base64-encoded."

    Encode it in standard base64, then percent-encode it for the query or the form.
    """
    return _of(ctx, SamlFlawKind.NOT_BASE64, "encode the message in standard base64")


@rule(
    "saml-encoded-otherwise",
    "The request is encoded in another way",
    severity=Severity.WARNING,
    source=_BINDINGS,
    unless=("saml-not-an-authnrequest",),
)
def saml_encoded_otherwise(ctx: SamlContext) -> tuple[Problem, ...]:
    """`SAMLRequest` is the message in standard base64, percent-encoded once; so is `Signature`.

    The URL-safe alphabet, a second round of base64 or of percent-encoding, missing padding, white
    space or a bare `+` leave to chance what Entra ID reads. Which of them it takes is not known.

    Encode once each: base64, then percent-encoding, as a URL library does it.
    """
    kinds = (
        SamlFlawKind.URL_SAFE_BASE64,
        SamlFlawKind.BASE64_TWICE,
        SamlFlawKind.PERCENT_TWICE,
        SamlFlawKind.BARE_PLUS,
        SamlFlawKind.WHITE_SPACE,
        SamlFlawKind.PADDING,
    )
    return (
        *(
            Problem(
                at="request.SAMLRequest",
                message=flaw.detail,
                fix="encode the message once in standard base64 and once in percent-encoding",
            )
            for flaw in ctx.request.flaws_of(*kinds)
        ),
        *(
            Problem(
                at="signature.Signature",
                message=f"Signature has {words}",
                fix="encode the signature once in standard base64, without line breaks and with "
                "its padding, and once in percent-encoding",
            )
            for words in oddities(ctx.submission)
        ),
    )


@rule(
    "saml-parameter-repeated",
    "A parameter is there twice",
    severity=Severity.ERROR,
    source=_BINDINGS,
    aadsts=(documented("750016"),),
    unless=("saml-not-an-authnrequest",),
)
def saml_parameter_repeated(ctx: SamlContext) -> tuple[Problem, ...]:
    """Each parameter of a SAML message is there once.

    Entra ID answers AADSTS750016 when one is not: "Parameter '…' must be unique in HTTP SAML
    message."

    Leave the second one out; often a proxy or a login page adds it.
    """
    return _of(ctx, SamlFlawKind.REPEATED, "send each parameter once")


@rule(
    "saml-redirect-not-deflated",
    "The request is not DEFLATE-encoded",
    severity=Severity.ERROR,
    source="SAML Bindings §3.4.4.1",
    aadsts=(seen("750055"),),
    unless=("saml-not-an-authnrequest", "saml-not-base64"),
)
def saml_redirect_not_deflated(ctx: SamlContext) -> tuple[Problem, ...]:
    """HTTP-Redirect compresses the message with raw DEFLATE before base64.

    Entra ID answers AADSTS750055: "SAML message was not properly DEFLATE-encoded." A zlib or gzip
    wrapper around it is not raw DEFLATE.

    Use the raw form: `zlib.compressobj(wbits=-15)` in Python, `deflateRawSync` in Node,
    `DeflateStream` in .NET, `gzdeflate` in PHP.
    """
    kinds = (SamlFlawKind.NOT_DEFLATED, SamlFlawKind.ZLIB, SamlFlawKind.GZIP)
    if ctx.binding is not Binding.REDIRECT:
        return ()
    return tuple(
        Problem(
            at="request.SAMLRequest",
            message=flaw.detail,
            fix="compress with raw DEFLATE (RFC 1951), without a zlib or gzip header",
            aadsts=None if flaw.kind is SamlFlawKind.NOT_DEFLATED else (likely("750055"),),
        )
        for flaw in ctx.request.flaws_of(*kinds)
    )


@rule(
    "saml-deflate-broken",
    "The compressed request is damaged",
    severity=Severity.ERROR,
    source="SAML Bindings §3.4.4.1",
    aadsts=(documented("750055"),),
    unless=("saml-not-an-authnrequest", "saml-not-base64"),
)
def saml_deflate_broken(ctx: SamlContext) -> tuple[Problem, ...]:
    """The DEFLATE data goes on to its end.

    Here it breaks off or is damaged; Entra ID answers AADSTS750055: "SAML message was not properly
    DEFLATE-encoded."

    Paste the whole URL. If it was sent so, look for a limit on the length of URLs on the way, or
    for `+` that became spaces.
    """
    return _of(ctx, SamlFlawKind.DEFLATE_BROKEN, "send the whole value; a URL may have been cut")


@rule(
    "saml-post-deflated",
    "The posted request is DEFLATE-encoded",
    severity=Severity.NOTE,
    source=_POST,
    unless=("saml-not-an-authnrequest",),
)
def saml_post_deflated(ctx: SamlContext) -> tuple[Problem, ...]:
    """HTTP-POST carries the message in base64, without compression.

    Released libraries send it compressed all the same and sign in with it, so this is not why a
    request fails.

    Leave the compression out if the library lets you.
    """
    if ctx.binding is Binding.REDIRECT or not ctx.request.flaws_of(SamlFlawKind.DEFLATED):
        return ()
    return (
        Problem(
            at="request.SAMLRequest",
            message="the form field holds DEFLATE data, which HTTP-POST has no place for",
            fix="encode the XML in base64 without compressing it",
        ),
    )


@rule(
    "saml-too-large",
    "The request is too large",
    severity=Severity.ERROR,
    source=_CORE,
    aadsts=(likely("75005"),),
    unless=("saml-not-an-authnrequest",),
)
def saml_too_large(ctx: SamlContext) -> tuple[Problem, ...]:
    """A sign-in request has a few thousand octets.

    This one has more than are read here, compressed or not; a small value that inflates to a huge
    one is an attack on whoever inflates it.

    Send the request alone, without anything embedded in it.
    """
    return _of(ctx, SamlFlawKind.TOO_LARGE, "send a request of ordinary size")


@rule(
    "saml-dtd-refused",
    "A document type declaration",
    severity=Severity.ERROR,
    source=_CORE,
    aadsts=(likely("7500525"),),
    unless=("saml-not-an-authnrequest", "saml-too-large"),
)
def saml_dtd_refused(ctx: SamlContext) -> tuple[Problem, ...]:
    """A SAML message has no document type declaration, and no entities of its own.

    They are how XML is made to read files, to open connections and to grow without bound, so they
    are refused here, and what follows is not read.

    Remove `<!DOCTYPE …>` from the message.
    """
    return _of(ctx, SamlFlawKind.DTD, "remove the document type declaration")


@rule(
    "saml-not-xml",
    "The request is not well-formed XML",
    severity=Severity.ERROR,
    source=_CORE,
    aadsts=(documented("7500525"),),
    unless=(
        "saml-not-an-authnrequest",
        "saml-not-base64",
        "saml-redirect-not-deflated",
        "saml-deflate-broken",
        "saml-too-large",
        "saml-dtd-refused",
    ),
)
def saml_not_xml(ctx: SamlContext) -> tuple[Problem, ...]:
    """The message is well-formed XML in UTF-8.

    Entra ID answers AADSTS7500525 with line and position: "There was an XML error in the SAML
    message", and AADSTS750057 where the octets are not UTF-8.

    Make the message with an XML library, and escape `&`, `<` and quotes in values.
    """
    kinds = (SamlFlawKind.NOT_XML, SamlFlawKind.NOT_UTF8, SamlFlawKind.TOO_DEEP)
    return tuple(
        Problem(
            at="request",
            message=flaw.detail,
            fix="make the message with an XML library, in UTF-8",
            aadsts=_XML_CODES.get(flaw.kind),
        )
        for flaw in ctx.request.flaws_of(*kinds)[:1]
    )


_XML_CODES: dict[SamlFlawKind, tuple[EntraCode, ...]] = {
    SamlFlawKind.NOT_UTF8: (documented("750057"),),
    SamlFlawKind.TOO_DEEP: (likely("7500525"),),
}


def _of(ctx: SamlContext, kind: SamlFlawKind, fix: str) -> tuple[Problem, ...]:
    return tuple(
        Problem(at="request.SAMLRequest", message=flaw.detail, fix=fix)
        for flaw in ctx.request.flaws_of(kind)
    )


def _article(what: Message) -> str:
    return "an" if what[0] in "AEIOaeio" else "a"


RULES = (
    saml_not_an_authnrequest,
    saml_request_missing,
    saml_not_base64,
    saml_encoded_otherwise,
    saml_parameter_repeated,
    saml_redirect_not_deflated,
    saml_deflate_broken,
    saml_post_deflated,
    saml_too_large,
    saml_dtd_refused,
    saml_not_xml,
)
