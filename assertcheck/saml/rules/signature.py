"""Whether a sign-in request is signed, where, with what, over what, and by which key."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from assertcheck.graph import KeyCredential
from assertcheck.model import (
    Candidate,
    EntraCode,
    Problem,
    Role,
    Severity,
    Undecided,
)
from assertcheck.rules import registration, signing_key
from assertcheck.rules.rule import documented, likely, rule, same_fault
from assertcheck.saml.algorithms import algorithm, meant
from assertcheck.saml.model import (
    Binding,
    Place,
    SamlAutopsy,
    SamlFlawKind,
    SamlMistake,
    SamlSignature,
)
from assertcheck.saml.rules.context import SamlContext, is_of_repeated, place_of, shown
from assertcheck.saml.xml_structure import ENVELOPED
from assertcheck.words import date, listed, plain, quoted, span

_PAGE = "Entra howto-enforce-signed-saml-authentication"
_QUERY = "SAML Bindings §3.4.4.1"
_XML = "SAML Core §5.4"
_UNLESS = ("saml-request-missing", "saml-not-an-authnrequest")
_UNREAD = ("saml-not-base64", "saml-deflate-broken", "saml-too-large", "saml-dtd-refused")
_UNREAD_XML = (SamlFlawKind.NOT_XML, SamlFlawKind.NOT_UTF8, SamlFlawKind.TOO_DEEP)
"""Then it does not show whether there is a signature inside."""
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ALLOWED = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_WEAK = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
_NEWEST = 2
"""ENTRA section 8: tried where the request names no key."""
_IDS = ("ID", "Id", "id")
"""What an element may be referred to by."""
_MOST_NAMED = 3
"""Certificates that are named in what to do."""
_REDIRECT_FORM = "SAMLRequest=…&RelayState=…&SigAlg=…&Signature=…"


@rule(
    "saml-binding-unknown",
    "How it is sent is not known",
    severity=Severity.NOTE,
    source="SAML Bindings §3",
    unless=_UNLESS,
)
def saml_binding_unknown(ctx: SamlContext) -> tuple[Undecided, ...]:
    """Where Entra ID looks for the signature depends on the binding.

    In a redirect it is in the query, in a posted form it is inside the XML. The value of
    `SAMLRequest` alone does not tell which of the two it was.

    Paste the whole URL or the whole form, or say `--binding redirect` or `--binding post`.
    """
    if ctx.binding is not None:
        return ()
    return (
        Undecided(
            why="how the request is sent: add --binding redirect or --binding post", decisive=True
        ),
    )


@rule(
    "saml-sent-elsewhere",
    "Sent to an address that is not known to be Entra ID's",
    severity=Severity.NOTE,
    source="Entra single-sign-on-saml-protocol",
)
def saml_sent_elsewhere(ctx: SamlContext) -> tuple[Undecided, ...]:
    """What is checked here are the rules of Entra ID, at `login.microsoftonline.com/TENANT/saml2`.

    AD FS, Azure AD B2C, External ID and other identity providers have rules of their own, and at
    other paths Entra ID takes other protocols. A proxy or a domain of one's own may stand in front
    of Entra ID, and then its rules hold all the same; the address does not tell. So nothing is
    accepted and nothing refused, no answer is predicted, and what was found holds if Entra ID is
    behind it.

    Take the request that the browser sends to `login.microsoftonline.com/…/saml2`.
    """
    where = ctx.sent_elsewhere
    return (Undecided(why=where, decisive=True),) if where else ()


@same_fault(signing_key.saml_no_verification_certificate, unless=_UNLESS)
def saml_no_verification_certificate(ctx: SamlContext) -> tuple[Problem, ...]:
    """Of an app that requires this request to be signed."""
    app = ctx.registration
    if app is None or not ctx.required or app.keys is None or _verifying(ctx):
        return ()
    return (
        Problem(
            at=app.label,
            message=f"{app.label} requires signed requests, and has no key with usage Verify",
            fix="upload the service provider's certificate as a verification certificate of the app",
            expected="a key credential with usage Verify",
            actual="none",
            # The message is about a signature that was received, and in which order Entra ID looks
            # is not known.
            aadsts=None if ctx.looked_at else (likely("76022"),),
        ),
    )


@rule(
    "saml-signature-in-wrong-place",
    "The signature is where the binding does not look",
    severity=Severity.ERROR,
    source=_QUERY,
    aadsts=(documented("76021"),),
    unless=_UNLESS,
)
def saml_signature_in_wrong_place(ctx: SamlContext) -> tuple[Problem, ...]:
    """A redirect carries its signature in the query, a posted form carries it inside the XML.

    A `ds:Signature` in the XML of a redirect is not looked at, nor are `SigAlg` and `Signature` as
    fields of a form. Entra ID takes the request for unsigned: AADSTS76021.

    Redirect: `SAMLRequest=…&RelayState=…&SigAlg=…&Signature=…`, and no signature in the XML. Form:
    `ds:Signature` in the XML, before it is base64-encoded. Or change the binding in the service
    provider's settings.
    """
    stray = ctx.elsewhere
    if not ctx.is_astray or ctx.looked_at is not None:
        return ()
    if ctx.binding is Binding.REDIRECT:
        wanted, other = Place.QUERY, "HTTP-POST"
        seen_as = "sent by HTTP-Redirect, where the signature is looked for in the query; it is"
        fix = f"sign the query, {_REDIRECT_FORM}, and take ds:Signature out of the XML"
    else:
        wanted, other = Place.XML, "HTTP-Redirect"
        seen_as = "sent by HTTP-POST, where the signature is looked for inside the XML; it is"
        fix = "put the signature into the XML, as ds:Signature over the request's ID"
    place = place_of(stray.signature.place, ctx.binding) if stray else "in the URL"
    return (
        Problem(
            at="signature",
            message=f"{seen_as} {place}",
            fix=f"{fix}; or have the service provider send it by {other}",
            expected=f"a signature {place_of(wanted, ctx.binding)}",
            actual=f"a signature {place}",
            severity=ctx.weight,
        ),
    )


@rule(
    "saml-request-not-signed",
    "The request is not signed",
    severity=Severity.ERROR,
    source="AADSTS76021",
    aadsts=(documented("76021"),),
    unless=(*_UNLESS, *_UNREAD, "saml-query-cut-off", "saml-signature-in-wrong-place"),
)
def saml_request_not_signed(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """An app can require that sign-in requests are signed; then each of them is.

    Entra ID answers AADSTS76021: "The request sent by client is not signed while the application
    requires signed requests". Sign-ins begun by the portal's test button, My Apps or the launcher
    are never signed.

    Turn on request signing in the service provider, with RSA-SHA256 and the key whose certificate
    is the app's verification certificate.
    """
    if ctx.looked_at or ctx.is_astray:
        return ()
    if ctx.request.root is None or ctx.request.flaws_of(*_UNREAD_XML):
        return ()
    if _may_be_cut_off(ctx):
        alone = (
            "SAMLRequest and RelayState" if ctx.submission.value("RelayState") else "the request"
        )
        verb = "were" if alone.startswith("SAML") else "was"
        why = f"whether the query has a signature: {alone} alone {verb} pasted, paste the whole URL"
        return (Undecided(why=why, decisive=ctx.required is not False),)
    where = place_of(Place.XML if ctx.binding is Binding.POST else Place.QUERY, ctx.binding)
    fix = (
        "turn on request signing in the service provider, with RSA-SHA256 and the key of "
        "the app's verification certificate"
    )
    miscalled = _miscalled(ctx) if ctx.binding is not Binding.POST else []
    if miscalled:
        fix = "call the parameters SigAlg and Signature, and sign the query with these names"
    return (
        Problem(
            at="signature",
            message="there is no signature in the request, neither in the query nor in the XML"
            + _in_letter_case(miscalled),
            fix=fix,
            expected=f"a signature {where}",
            actual="none",
            severity=ctx.weight,
        ),
    )


@rule(
    "saml-sigalg-missing",
    "The signature does not say its algorithm",
    severity=Severity.ERROR,
    source=_QUERY,
    aadsts=(documented("76025"), likely("7500110")),
    unless=(*_UNLESS, "saml-query-cut-off"),
)
def saml_sigalg_missing(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """Beside `Signature` stands `SigAlg`, the URI of the algorithm; in XML, `SignatureMethod`.

    Entra ID answers AADSTS76025 without it: "The request has no information about the signature
    algorithm used for signing."

    Send `SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256`, and sign it along.
    """
    signature = _signature(ctx)
    if signature is None or (signature.algorithm or "").strip():
        return ()
    if any(each.name == "SigAlg" and each.value.strip() for each in ctx.submission.parameters):
        # It is there again, which is the fault.
        why = "the signature: SigAlg is there more than once, and the first is empty"
        return (replace(_undecided(ctx, why), silencing=True),)
    if _is_partial(ctx, signature):
        return ()
    name = "SigAlg" if signature.place is Place.QUERY else "SignatureMethod"
    miscalled = _miscalled(ctx) if name == "SigAlg" else []
    return (
        Problem(
            at=f"signature.{name}",
            message=f"there is a signature and no {name}{_in_letter_case(miscalled)}",
            fix=f"send {name}: {_ALLOWED}, and sign it along",
            expected=_ALLOWED,
            actual="none",
            severity=ctx.weight,
        ),
    )


@rule(
    "saml-signature-missing",
    "The algorithm is there, the signature is not",
    severity=Severity.ERROR,
    source=_QUERY,
    aadsts=(likely("76030"),),
    unless=(*_UNLESS, "saml-query-cut-off"),
)
def saml_signature_missing(ctx: SamlContext) -> tuple[Problem, ...]:
    """`SigAlg` comes with `Signature`, in base64; `SignedInfo` with `SignatureValue`.

    What is there announces a signature, and the signature itself is missing or no base64.

    Send the value in standard base64, percent-encoded once in a query.
    """
    signature = _signature(ctx)
    if signature is None or signature.octets:
        return ()
    if _is_partial(ctx, signature):
        return ()
    name = "Signature" if signature.place is Place.QUERY else "SignatureValue"
    miscalled = _miscalled(ctx) if name == "Signature" else []
    return (
        Problem(
            at=f"signature.{name}",
            message=f"{name} is missing, empty or not base64{_in_letter_case(miscalled)}",
            fix=f"call the parameter {name}" if miscalled else f"send {name} in standard base64",
            severity=ctx.weight,
        ),
    )


@rule(
    "saml-sigalg-uri-wrong",
    "The algorithm's URI is misspelled",
    severity=Severity.ERROR,
    source=_QUERY,
    aadsts=(likely("76028"), likely("750018")),
    unless=("saml-sigalg-missing",),
)
def saml_sigalg_uri_wrong(ctx: SamlContext) -> tuple[Problem, ...]:
    """Algorithms are named by URIs, letter by letter.

    RSA-SHA256 is in the namespace `xmldsig-more` of 2001; RSA-SHA1 alone is in `xmldsig` of 2000.
    Entra ID has two answers that fit what it does not know, AADSTS76028, "Signature algorithm used
    to sign data is not supported", and AADSTS750018, "The signature algorithm '…' is not valid".

    Good: `http://www.w3.org/2001/04/xmldsig-more#rsa-sha256`. Bad: `…/2000/09/xmldsig#rsa-sha256`,
    `RSA-SHA256`, `SHA256withRSA`.
    """
    signature = _signature(ctx)
    value = signature.algorithm if signature else None
    if value is None or algorithm(value):
        return ()
    right = meant(value)
    return (
        Problem(
            at="signature.algorithm",
            message=f"the algorithm is {quoted(shown(value))}, which is no URI of an algorithm",
            fix=f"write {right.uri if right else _ALLOWED}, and sign again",
            expected=right.uri if right else _ALLOWED,
            actual=plain(shown(value)),
            severity=ctx.weight,
        ),
    )


@rule(
    "saml-algorithm-not-allowed",
    "Signed with an algorithm that Entra ID does not take",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(documented("76028"),),
    unless=("saml-sigalg-missing", "saml-sigalg-uri-wrong"),
)
def saml_algorithm_not_allowed(ctx: SamlContext) -> tuple[Problem, ...]:
    """Requests are signed with RSA-SHA256; with RSA-SHA1 only where the app opts in.

    Entra ID answers AADSTS76028: "Signature algorithm used to sign data is not supported." RSA-SHA1
    is the default of many service-provider libraries.

    Set RSA-SHA256 in the service provider. Where it cannot, allow weak algorithms on the app:
    `"requestSignatureVerification":{"isSignedRequestRequired":true,"allowedWeakAlgorithms":"rsaSha1"}`.
    """
    signature = _signature(ctx)
    named = algorithm(signature.algorithm) if signature else None
    switch = ctx.registration.request_signature if ctx.registration else None
    if named is None or named.uri in _allowed(ctx):
        return ()
    autopsy = ctx.looked_at.autopsy if ctx.looked_at else None
    if autopsy and autopsy.algorithm:
        # The name alone is wrong, which is found below.
        return ()
    hint = (
        ""
        if named.uri != _WEAK
        else ", or allow rsaSha1 on the app (requestSignatureVerification.allowedWeakAlgorithms)"
    )
    unknown = switch is None and named.uri == _WEAK and ctx.registration is not None
    return (
        Problem(
            at="signature.algorithm",
            message=f"signed with {named.name}",
            fix=f"sign with RSA-SHA256, {_ALLOWED}{hint}",
            expected="RSA-SHA256",
            actual=named.name,
            severity=Severity.NOTE if unknown and not ctx.required else ctx.weight,
        ),
    )


_KEYS = (SamlMistake.OTHER_KEY, SamlMistake.UNKNOWN_KEY)
_WHITE_SPACE = (SamlMistake.PRETTY_PRINTED, SamlMistake.LINE_ENDS)
_BROKEN = (
    "saml-query-cut-off",
    "saml-sigalg-missing",
    "saml-signature-missing",
    "saml-sigalg-uri-wrong",
)
_INVALID = (likely("76024"), likely("76023"))
"""What a signature that does not verify draws where the request names no key (ENTRA section 8)."""


@rule(
    "saml-two-signatures",
    "The message is signed twice",
    severity=Severity.ERROR,
    source=_XML,
    aadsts=(likely("76030"),),
    unless=_BROKEN,
)
def saml_two_signatures(ctx: SamlContext) -> tuple[Problem, ...]:
    """A message has one signature, as a child of the request.

    With two of them, which one is verified is left to chance, and that is how signatures are made
    to cover something else than what is read.

    Sign once; often a proxy or a second filter signs again.
    """
    found = _explained(ctx, "sign the message once", SamlMistake.TWO_SIGNATURES)
    if found or len(ctx.signatures) < 2 or ctx.looked_at is not ctx.xml:
        return found
    return (
        Problem(
            at="signature",
            message=f"there are {len(ctx.signatures)} signatures in the message",
            fix="sign the message once",
            expected="one signature",
            actual=str(len(ctx.signatures)),
            # The one that is looked at first may be right; which Entra ID takes is not known.
            severity=Severity.WARNING if ctx.required is not False else Severity.NOTE,
        ),
    )


@rule(
    "saml-signature-malformed",
    "The signature is not a whole one",
    severity=Severity.ERROR,
    source=_XML,
    aadsts=(documented("76030"),),
    unless=_BROKEN,
)
def saml_signature_malformed(ctx: SamlContext) -> tuple[Problem, ...]:
    """An XML signature has `SignedInfo` with one `Reference`, and `SignatureValue`.

    Entra ID answers AADSTS76030 to other forms: "The request signature has incorrect format".

    Make it with a library for XML signatures, and send what it made unchanged.
    """
    return _explained(
        ctx, "make the signature with an XML signature library", SamlMistake.MALFORMED
    )


@rule(
    "saml-signature-wrapping",
    "What is signed is not what is read",
    severity=Severity.ERROR,
    source=_XML,
    aadsts=_INVALID,
    unless=_BROKEN,
)
def saml_signature_wrapping(ctx: SamlContext) -> tuple[Problem, ...]:
    """The signature covers the request itself, the root of the message.

    Here it covers another element, moved elsewhere or doubled, while the root is unsigned. That is
    how a forged message borrows a right signature.

    Never build a message around a signed one; sign the request that is sent, by its `ID`.
    """
    return _explained(ctx, "sign the AuthnRequest that is the root", SamlMistake.WRAPPED)


@rule(
    "saml-reference-wrong",
    "The signature refers to something else",
    severity=Severity.ERROR,
    source=_XML,
    aadsts=(likely("500066"),),
    unless=(*_BROKEN, "saml-signature-wrapping"),
)
def saml_reference_wrong(ctx: SamlContext) -> tuple[Problem, ...]:
    """`Reference` points at the request, by `#` and its `ID`.

    A reference to nothing, to another element or outside the message leaves the request unsigned.

    Good: `<AuthnRequest ID="_8e8d…">` with `<Reference URI="#_8e8d…">`.
    """
    # Without an ID there is nothing to refer to, and that is found already.
    return () if _lacks_id(ctx) else _explained(ctx, _refer, SamlMistake.REFERENCE)


@rule(
    "saml-transform-missing",
    "The signature covers itself",
    severity=Severity.ERROR,
    source=_XML,
    aadsts=_INVALID,
    unless=_BROKEN,
)
def saml_transform_missing(ctx: SamlContext) -> tuple[Problem, ...]:
    """A signature inside what it signs is left out of the digest by the enveloped-signature transform.

    Without that transform the digest has to cover the signature that is made from it, which no
    signature can.

    Add `<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>` as the first
    transform, before exclusive canonicalisation.
    """
    fix = "add the transform http://www.w3.org/2000/09/xmldsig#enveloped-signature"
    return _explained(ctx, fix, SamlMistake.TRANSFORM_MISSING)


@rule(
    "saml-canonicalization",
    "Canonicalised in another way than it says",
    severity=Severity.ERROR,
    source=_XML,
    aadsts=_INVALID,
    unless=_BROKEN,
)
def saml_canonicalization(ctx: SamlContext) -> tuple[Problem, ...]:
    """What is digested is the XML in the canonical form that the signature names.

    Here the digest fits another form. Exclusive canonicalisation is what SAML asks for.

    Name `http://www.w3.org/2001/10/xml-exc-c14n#`, and canonicalise so.
    """
    return _explained(ctx, _canonicalise, SamlMistake.CANONICALIZATION)


@rule(
    "saml-content-changed",
    "The message was changed after signing",
    severity=Severity.ERROR,
    source=_XML,
    aadsts=_INVALID,
    unless=_BROKEN,
)
def saml_content_changed(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """An XML signature holds for the very characters that were signed, white space included.

    Pretty-printing, other line ends, an attribute added, or a proxy that parses and writes the XML
    anew break it, although the message says the same.

    Sign as the last step, and send the octets that the signing library gave.
    """
    autopsy = ctx.looked_at.autopsy if ctx.looked_at else None
    if autopsy and autopsy.mistake in _WHITE_SPACE and ctx.submission.xml is not None:
        # What a browser's extension or a decoder shows was never on the wire.
        why = (
            f"the XML that was pasted differs in white space from what was signed ({autopsy.words}), "
            "maybe only since a viewer indented it; paste the value of SAMLRequest"
        )
        return (Undecided(why=why, decisive=ctx.required is not False),)
    return _explained(
        ctx,
        "sign as the last step, and send what was signed unchanged",
        SamlMistake.CONTENT_CHANGED,
        SamlMistake.PRETTY_PRINTED,
        SamlMistake.LINE_ENDS,
        SamlMistake.SIGNED_INFO_CHANGED,
    )


@rule(
    "saml-query-reencoded",
    "The query was encoded anew after signing",
    severity=Severity.ERROR,
    source=_QUERY,
    aadsts=_INVALID,
    unless=_BROKEN,
)
def saml_query_reencoded(ctx: SamlContext) -> tuple[Problem, ...]:
    """A redirect signature is over the query as it is sent, percent-escapes included.

    `%2b` and `%2B`, `+` and `%20` mean the same, but are other octets. What was signed is to be
    sent letter by letter; a URL library that encodes it again breaks it.

    Put the URL together from the strings that were signed, or sign what the URL library made.
    """
    return _explained(
        ctx,
        _send_as_signed,
        SamlMistake.ESCAPES,
        SamlMistake.UNENCODED,
        SamlMistake.DEFLATED_AGAIN,
    )


@rule(
    "saml-query-order",
    "Other parameters were signed, or in another order",
    severity=Severity.ERROR,
    source=_QUERY,
    aadsts=_INVALID,
    unless=_BROKEN,
)
def saml_query_order(ctx: SamlContext) -> tuple[Problem, ...]:
    """What is signed is `SAMLRequest=…&RelayState=…&SigAlg=…`, in this order.

    `RelayState` is left out where there is none, and signed where there is one, even an empty one.
    Nothing else is signed. The order in the URL does not matter.

    Sign `SAMLRequest=` value, `&RelayState=` value if it is sent, `&SigAlg=` value, and nothing
    more.
    """
    autopsy = ctx.looked_at.autopsy if ctx.looked_at else None
    if autopsy and is_of_repeated(ctx, autopsy):
        # Which has been said.
        return ()
    return _explained(
        ctx,
        "sign SAMLRequest=…&RelayState=…&SigAlg=…, in this order, RelayState only if it is sent",
        SamlMistake.ORDER,
        SamlMistake.RELAY_STATE,
        SamlMistake.OTHER_PARAMETERS,
        SamlMistake.SIG_ALG,
        SamlMistake.XML_ALONE,
    )


@rule(
    "saml-signature-algorithm-differs",
    "Signed with another algorithm than it says",
    severity=Severity.ERROR,
    source=_QUERY,
    aadsts=_INVALID,
    unless=_BROKEN,
)
def saml_signature_algorithm_differs(ctx: SamlContext) -> tuple[Problem, ...]:
    """The signature is made with the algorithm that it names.

    Here it verifies with another one. Mostly the name is a setting, and the algorithm is fixed in
    the code. Where the name is one that Entra ID does not take, it likely says so first,
    AADSTS76028.

    Sign with RSA-SHA256, and name `http://www.w3.org/2001/04/xmldsig-more#rsa-sha256`.
    """
    autopsy = ctx.looked_at.autopsy if ctx.looked_at else None
    fix = f"sign with RSA-SHA256, and name it {_ALLOWED}"
    if autopsy and autopsy.algorithm == "RSA-SHA256":
        fix = f"name the algorithm that signs, {_ALLOWED}, and sign again"
    return _explained(ctx, fix, SamlMistake.OTHER_ALGORITHM)


@rule(
    "saml-signature-damaged",
    "The signature was damaged or encoded in another way",
    severity=Severity.ERROR,
    source=_QUERY,
    aadsts=_INVALID,
    unless=_BROKEN,
)
def saml_signature_damaged(ctx: SamlContext) -> tuple[Problem, ...]:
    """The signature is its octets in standard base64, percent-encoded once in a query.

    In a query a bare `+` means a space; base64 with bare `+` in it arrives damaged.

    Percent-encode the base64: `+` as `%2B`, `/` as `%2F`, `=` as `%3D`.
    """
    fix = "send the signature in standard base64, percent-encoded once"
    return _explained(ctx, fix, SamlMistake.TRANSPORT)


@rule(
    "saml-signed-by-other-key",
    "Signed with a key that is not configured",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=_INVALID,
    unless=_BROKEN,
)
def saml_signed_by_other_key(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """The request is signed with the key of one of the app's verification certificates.

    A certificate that the message itself carries in `KeyInfo` counts only if it is one of those:
    Entra ID answers AADSTS76027, "No certificate matching provided KeyInfo.", if it is not, and
    AADSTS76023 or AADSTS76024 if nothing is named.

    Upload the certificate of the key in use as a verification certificate, or sign with the key of
    the one that is there.
    """
    wanted = _registered(ctx)
    if not wanted:
        # Then whose key it should be is not known.
        return ()
    found = _explained(ctx, _use_right_key, *_KEYS)
    autopsy = ctx.looked_at.autopsy if ctx.looked_at else None
    left = _left_open(ctx, autopsy.candidate) if autopsy and autopsy.mistake in _KEYS else ""
    if left and not _is_unwhole(ctx):
        why = f"whether the key that signed is that of {left}, which the export leaves out"
        return (_undecided(ctx, f"{why}; add its certificate with --cert FILE"),)
    if found and autopsy:
        signer = f"the key of {_named(autopsy.candidate)}" if autopsy.candidate else None
        expected = f"the key of {_named(*wanted)}"
        # KeyInfo mostly holds one certificate.
        message = found[0].message.replace("KeyInfo[0]", "KeyInfo")
        return (replace(found[0], message=message, expected=expected, actual=signer),)
    if autopsy is None and _is_unknown(ctx):
        though, fix = "", _use_right_key(ctx)
        if ctx.signer:
            though = ", though the key that signed is right"
            fix = f"put the certificate of {ctx.signer.label} into KeyInfo, or leave KeyInfo out"
        return (
            Problem(
                at="signature.KeyInfo",
                message=f"KeyInfo holds a certificate that is not configured{though}",
                fix=fix,
                expected=_named(*wanted),
                actual=_named(_carried(ctx)[0]),
                severity=ctx.weight,
                aadsts=(documented("76027"),),
            ),
        )
    return ()


@rule(
    "saml-key-info-differs",
    "KeyInfo names another key than the one that signed",
    severity=Severity.WARNING,
    source=_PAGE,
    aadsts=(likely("76023"),),
    unless=(*_BROKEN, "saml-signed-by-other-key"),
)
def saml_key_info_differs(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """What `KeyInfo` names is the certificate whose key signed.

    Entra ID looks for a configured certificate that matches what is named. Whether it goes on to
    others when that one does not verify the signature is not documented; likely it does not, and
    answers AADSTS76023. What it makes of a key that is named otherwise than by its certificate is
    not documented either.

    Put the certificate of the key that signs into `KeyInfo`, or leave `KeyInfo` out.
    """
    signer, looked_at = ctx.signer, ctx.looked_at
    if signer is None or looked_at is None:
        return ()
    carried, names = looked_at.signature.certificates, looked_at.signature.key_names
    if not carried:
        if not names or any(each.key == signer.key for each in looked_at.named):
            return ()
        if any(each.role is Role.REGISTERED for each in looked_at.named):
            return _names_another(ctx, signer, f"has {listed(names)}, that of", looked_at.named)
        why = (
            f"KeyInfo has {listed(names)} and no certificate, and whether Entra ID finds "
            f"{signer.label} by that: put the certificate into KeyInfo"
        )
        return (_undecided(ctx, why),)
    if any(_is_same(signer, each) for each in carried):
        return ()
    if not any(_is_configured(ctx, each) for each in carried):
        label = _named(carried[0])
        why = (
            f"whether {label} is configured; add --app FILE with the keys, or its file with --cert"
        )
        return (_undecided(ctx, why),)
    return _names_another(ctx, signer, "holds the certificate", carried)


def _names_another(
    ctx: SamlContext, signer: Candidate, how: str, named: Sequence[Candidate]
) -> tuple[Problem | Undecided, ...]:
    """Say that `KeyInfo` names certificates `named`, in the words `how`, and `signer` signed."""
    whose = _named(*named).removeprefix("the certificate in KeyInfo ")
    return (
        Problem(
            at="signature.KeyInfo",
            message=f"KeyInfo {how} {whose}, and the key of {signer.label} signed",
            fix=f"put the certificate of {signer.label} into KeyInfo, or leave KeyInfo out",
            expected=_named(signer),
            actual=_named(*named),
            severity=Severity.NOTE if ctx.required is False else None,
        ),
        _undecided(ctx, "whether Entra ID tries another key than the one that KeyInfo names"),
    )


@rule(
    "saml-signer-not-among-newest",
    "Signed with a key that is not among the newest two",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("76024"),),
    unless=(*_BROKEN, "saml-signed-by-other-key"),
)
def saml_signer_not_among_newest(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """Where a request names no key, Entra ID tries the two newest verification certificates.

    A redirect never names one; a posted request does in `KeyInfo`. Entra ID answers AADSTS76024:
    "the … most recent certificates did not verify the signature". Which are newest is read here
    from the registered start dates, so it is likely only. What it makes of a `KeyInfo` that names
    the key otherwise than by a certificate is not known.

    Remove certificates that are out of use, or sign with the key of the newest.
    """
    signer = ctx.signer
    keys = _verifying(ctx)
    if signer is None or signer.credential is None or _carried(ctx) or len(keys) <= _NEWEST:
        return ()
    own = signer.credential
    rivals = [each for each in keys if each != own and not _is_older(each, own)]
    if len(rivals) < _NEWEST:
        return ()
    newest = sorted(keys, key=lambda each: each.start or ctx.now, reverse=True)[:_NEWEST]
    if sum(_is_older(own, each) for each in rivals) < _NEWEST:
        why = f"whether {own.label} is among the newest {_NEWEST} of {len(keys)} certificates"
        return (_undecided(ctx, f"{why}: start dates are missing, or the same"),)
    looked_at, signature = ctx.looked_at, _signature(ctx)
    if signature and signature.key_names and ctx.required:
        if not looked_at or all(each.key != signer.key for each in looked_at.named):
            # Which has been said.
            return ()
        why = (
            f"KeyInfo has {listed(signature.key_names)} and no certificate, and whether Entra ID "
            f"finds {signer.label} by that: put the certificate into KeyInfo"
        )
        return (Undecided(why=why, decisive=True),)
    other = "sign with the key of the newest"
    if signature and signature.place is Place.XML:
        other = "put the certificate into KeyInfo"
    return (
        Problem(
            at=signer.credential.label,
            message=f"signed with the key of {signer.label}, and {len(keys)} verification "
            f"certificates are configured, of which {listed([each.label for each in newest])} are "
            "the newest",
            fix=f"remove the verification certificates that are out of use, or {other}",
            expected=listed([each.label for each in newest], last="or"),
            actual=signer.credential.label,
            severity=ctx.weight,
        ),
    )


@rule(
    "saml-signature-invalid",
    "The signature does not verify",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=_INVALID,
    # What was changed after signing can mostly not be read.
    unless=(*_BROKEN, "saml-not-base64", "saml-deflate-broken", "saml-not-xml"),
)
def saml_signature_invalid(ctx: SamlContext) -> tuple[Problem, ...]:
    """The signature verifies by the key of a verification certificate, over what was sent.

    Entra ID answers AADSTS76023: "The signature of the received authentication request is invalid".
    Here the right key made it, over something that could not be found out.

    Compare what your code signs with what is sent, octet by octet.
    """
    fix = "compare the string that is signed with the one that is sent, octet by octet"
    return _explained(ctx, fix, SamlMistake.OTHER_OCTETS)


@rule(
    "saml-certificate-expired",
    "The verification certificate has expired",
    severity=Severity.WARNING,
    source=_PAGE,
    unless=_BROKEN,
)
def saml_certificate_expired(ctx: SamlContext) -> tuple[Problem, ...]:
    """The certificate that verifies a request has dates, and so has its registration.

    Whether Entra ID still verifies with one that has expired is not documented; it is worth
    exchanging before it matters.

    Upload the successor beside it, switch the service provider over, then remove the old one.
    """
    signer = ctx.signer
    end = _window(signer)[1] if signer else None
    if signer is None or end is None or end >= ctx.now:
        return ()
    return (
        Problem(
            at=signer.label,
            message=f"{signer.label} ended at {date(end)}, {span(ctx.now - end)} before the check",
            fix="upload its successor as a verification certificate, and sign with that key",
            expected=f"a certificate valid at {date(ctx.now)}",
            actual=f"valid until {date(end)}",
        ),
    )


@rule(
    "saml-certificate-not-yet-valid",
    "The verification certificate is not valid yet",
    severity=Severity.WARNING,
    source=_PAGE,
    unless=_BROKEN,
)
def saml_certificate_not_yet_valid(ctx: SamlContext) -> tuple[Problem, ...]:
    """The certificate that verifies a request has dates, and so has its registration.

    Whether Entra ID verifies with one whose time has not come is not documented.

    Sign with the key of one that is valid until then, or upload a certificate that begins sooner.
    """
    signer = ctx.signer
    start = _window(signer)[0] if signer else None
    if signer is None or start is None or start <= ctx.now:
        return ()
    return (
        Problem(
            at=signer.label,
            message=f"{signer.label} begins at {date(start)}, {span(start - ctx.now)} after the "
            "check",
            fix="sign with the key of a verification certificate that is valid now",
            expected=f"a certificate valid at {date(ctx.now)}",
            actual=f"valid from {date(start)}",
        ),
    )


@rule(
    "saml-certificate-ends-soon",
    "The verification certificate ends soon",
    severity=Severity.WARNING,
    source=_PAGE,
    unless=_BROKEN,
)
def saml_certificate_ends_soon(ctx: SamlContext) -> tuple[Problem, ...]:
    """With `--min-days N`, a certificate that ends within N days is worth a warning.

    Whether Entra ID still verifies with one that has expired is not documented.

    Upload the successor beside it, switch the service provider over, then remove the old one.
    """
    end = _window(ctx.signer)[1] if ctx.signer else None
    if ctx.signer is None or end is None or ctx.min_days is None:
        return ()
    if not ctx.now <= end < ctx.now + timedelta(days=ctx.min_days):
        return ()
    return (
        Problem(
            at=ctx.signer.label,
            message=f"{ctx.signer.label} ends at {date(end)}, in {span(end - ctx.now)}",
            fix="upload its successor as a verification certificate, and sign with that key",
            expected=f"at least {ctx.min_days} days left",
            actual=f"{(end - ctx.now).days} days left",
        ),
    )


@rule(
    "saml-signature-not-verified",
    "The signature was not verified",
    severity=Severity.NOTE,
    source=_PAGE,
    unless=(*_BROKEN, "saml-no-verification-certificate"),
)
def saml_signature_not_verified(ctx: SamlContext) -> tuple[Undecided, ...]:
    """To verify a signature takes the certificate, and for XML signatures a library for them.

    What could not be verified is not accepted.

    Give the app's verification certificate with `--cert` or its registration with `--app`; for
    XML signatures install `signxml`, which the extra `saml` brings.
    """
    looked_at = ctx.looked_at
    if looked_at is None:
        return ()
    if looked_at.why_not:
        return (Undecided(why=looked_at.why_not, decisive=ctx.required is not False),)
    if not _registered(ctx):
        return (Undecided(why=_nothing_to_try(ctx), decisive=ctx.required is not False),)
    return ()


@same_fault(registration.registration_undecidable, unless=_BROKEN)
def registration_undecidable(ctx: SamlContext) -> tuple[Undecided, ...]:
    """Of the certificate that verifies the request, where nothing shows that it is configured."""
    app, signer = ctx.registration, ctx.signer
    if app is None or signer is None or signer.credential is not None:
        return ()
    # Loaded with --app only.
    from assertcheck.keys.registered import unresolved
    from assertcheck.keys.registration import export_command

    if app.keys is None:
        why = f"{app.label} does not hold keyCredentials"
    elif left := unresolved(app, ctx.candidates):
        whose = f" of {listed(left)}" if left != (app.label,) else ""
        why = f"{app.label} leaves out the key{whose}, and the identifier decides nothing"
    else:
        why = f"{app.label} is a service principal, and an app's keys are on its application"
    command = export_command(app.app_id if app.is_principal else app)
    return (
        _undecided(
            ctx,
            f"whether {signer.label} is configured, for {why}; export it with `{command}`",
        ),
    )


@rule(
    "saml-requirement-unknown",
    "Whether requests have to be signed is not known",
    severity=Severity.NOTE,
    source=_PAGE,
    unless=_UNLESS,
)
def saml_requirement_unknown(ctx: SamlContext) -> tuple[Undecided, ...]:
    """Entra ID looks at a request's signature only where the app requires signed requests.

    The switch is `requestSignatureVerification.isSignedRequestRequired` on the application. Where it
    is off, a signature that is there is not checked at all.

    Export the application, `az ad app show --id APP > app.json`, and give it with `--app`; or paste
    the error that was returned along with the request.
    """
    signature = _signature(ctx)
    is_right = ctx.signer is not None and signature is not None and signature.algorithm == _ALLOWED
    if ctx.required is not None or is_right:
        # A signature that is right is taken either way.
        return ()
    app = ctx.registration
    advice = "add --app FILE"
    if app and app.is_principal:
        advice = f"{app.label} is a service principal, export the application with `az ad app show`"
    elif app:
        advice = f"requestSignatureVerification is not set in {app.label}, or left out of it"
    why = f"not known whether signed requests are required; {advice}"
    return (Undecided(why=why, decisive=True),)


def _explained(
    ctx: SamlContext, fix: str | Callable[[SamlContext], str], *mistakes: SamlMistake
) -> tuple[Problem, ...]:
    """Return the problem of the signature that is looked at, if it is one of `mistakes`."""
    looked_at, autopsy = ctx.looked_at, _autopsy(ctx)
    if looked_at is None or autopsy is None or autopsy.mistake not in mistakes:
        return ()
    if _is_unwhole(ctx):
        # Which has a finding of its own, whatever it weighs.
        return ()
    besides = f"; besides, {autopsy.besides}" if autopsy.besides else ""
    return (
        Problem(
            at="signature",
            message=f"{autopsy.words}{_proven(autopsy)}{besides}",
            fix=(fix if isinstance(fix, str) else fix(ctx)) + _besides(autopsy),
            severity=ctx.weight,
            aadsts=_codes(ctx, looked_at.signature, autopsy),
        ),
    )


def _autopsy(ctx: SamlContext) -> SamlAutopsy | None:
    """Return why the signature that is looked at does not verify, as far as that is a finding."""
    autopsy = ctx.looked_at.autopsy if ctx.looked_at else None
    if autopsy is None or not autopsy.besides:
        return autopsy
    if _left_open(ctx, autopsy.candidate):
        # Whether the key is right is not known, and what is wrong besides is.
        return replace(autopsy, mistake=autopsy.also[0], words=autopsy.besides, also=(), besides="")
    if autopsy.also[0] in _WHITE_SPACE and ctx.submission.xml is not None:
        # Maybe a viewer indented it.
        return replace(autopsy, also=(), besides="")
    return autopsy


def _is_unwhole(ctx: SamlContext) -> bool:
    """Tell whether the signature lacks its octets, or an algorithm that is one."""
    signature = _signature(ctx)
    return signature is not None and (
        not signature.octets or algorithm((signature.algorithm or "").strip()) is None
    )


_REMEDIES = (
    (
        (
            SamlMistake.ORDER,
            SamlMistake.RELAY_STATE,
            SamlMistake.OTHER_PARAMETERS,
            SamlMistake.SIG_ALG,
            SamlMistake.XML_ALONE,
        ),
        "sign SAMLRequest, RelayState if it is sent, and SigAlg, in this order",
    ),
    (
        (SamlMistake.ESCAPES, SamlMistake.UNENCODED, SamlMistake.DEFLATED_AGAIN),
        "send each value letter by letter as it was signed",
    ),
    ((SamlMistake.OTHER_ALGORITHM,), f"sign with RSA-SHA256, and name it {_ALLOWED}"),
    ((SamlMistake.REFERENCE, SamlMistake.WRAPPED), "refer to the request, by its ID"),
    ((SamlMistake.TRANSFORM_MISSING,), f"add the transform {ENVELOPED}"),
    ((SamlMistake.CANONICALIZATION,), "canonicalise as the signature names it"),
    ((SamlMistake.TRANSPORT,), "write SignatureValue in standard base64"),
    (
        (
            SamlMistake.CONTENT_CHANGED,
            SamlMistake.PRETTY_PRINTED,
            SamlMistake.LINE_ENDS,
            SamlMistake.SIGNED_INFO_CHANGED,
        ),
        "sign as the last step, and send what was signed unchanged",
    ),
)


def _besides(autopsy: SamlAutopsy) -> str:
    """Return what is to be done about the mistakes besides the one that a finding is named for."""
    return "".join(
        f"; {remedy}"
        for mistakes, remedy in _REMEDIES
        if autopsy.mistake not in mistakes and not set(mistakes).isdisjoint(autopsy.also)
    )


def _proven(autopsy: SamlAutopsy) -> str:
    """Say whose key it is, where it is the right one and nothing was said of it."""
    signer = autopsy.candidate
    if signer is None or signer.role is not Role.REGISTERED or signer.label in autopsy.words:
        return ""
    return f"; the key is right, that of {signer.label}"


_SHAPES = (SamlMistake.TWO_SIGNATURES, SamlMistake.MALFORMED, SamlMistake.REFERENCE)
"""Faults of form, which are the same whatever key is tried."""


def _codes(
    ctx: SamlContext, signature: SamlSignature, autopsy: SamlAutopsy
) -> tuple[EntraCode, ...] | None:
    """Return what Entra ID says where the request names its key; else what the rule has."""
    if autopsy.mistake in _SHAPES:
        return None
    codes: tuple[EntraCode, ...] | None = None
    if _is_unknown(ctx):
        codes = (documented("76027"),)
    elif signature.certificates:
        codes = (documented("76023"),)
    elif signature.key_names:
        # Whether a key that is named otherwise than by a certificate counts as named is not known.
        codes = (likely("76023"), likely("76027"))
    named = algorithm(signature.algorithm)
    if autopsy.algorithm and named and named.uri not in _allowed(ctx):
        # In which order Entra ID looks at the algorithm and at the signature is not known.
        return (likely("76028"), *(likely(each.code[6:]) for each in codes or _INVALID))
    return codes


def _may_be_cut_off(ctx: SamlContext) -> bool:
    """Tell whether the request was sent with a signature beside it, maybe, and pasted without."""
    names = {each.name for each in ctx.submission.parameters}
    # A query ends behind RelayState, and a table of values may have been copied in part.
    is_alone = names <= {"SAMLRequest"} or (
        names <= {"SAMLRequest", "RelayState"} and not ctx.submission.is_as_sent
    )
    error = ctx.submission.error
    return (
        is_alone
        and not (ctx.submission.is_as_sent and ctx.submission.url)
        and ctx.binding is not Binding.POST
        # Then Entra ID saw none either.
        and not (error and (error.stands_for or error.code) == "AADSTS76021")
    )


def _is_partial(ctx: SamlContext, signature: SamlSignature) -> bool:
    """Tell whether `signature` is in XML that cannot be read to its end, where the rest may be."""
    flaws = (*_UNREAD_XML, SamlFlawKind.NOT_BASE64, SamlFlawKind.DEFLATE_BROKEN)
    return signature.place is Place.XML and bool(ctx.request.flaws_of(*flaws))


def _miscalled(ctx: SamlContext) -> list[str]:
    """Return the parameters that are called `SigAlg` or `Signature` in another letter case."""
    return [
        each.name
        for each in ctx.submission.parameters
        if each.name.lower() in ("sigalg", "signature") and each.name not in ("SigAlg", "Signature")
    ]


def _in_letter_case(names: list[str]) -> str:
    if not names:
        return ""
    verb = "is" if len(names) == 1 else "are"
    return f"; {listed([quoted(name) for name in names])} {verb} there, and the letter case of names matters"


def _signature(ctx: SamlContext) -> SamlSignature | None:
    return ctx.looked_at.signature if ctx.looked_at else None


def _carried(ctx: SamlContext) -> tuple[Candidate, ...]:
    signature = _signature(ctx)
    return signature.certificates if signature else ()


def _registered(ctx: SamlContext) -> tuple[Candidate, ...]:
    return tuple(each for each in ctx.candidates if each.role is Role.REGISTERED)


def _is_same(candidate: Candidate, carried: Candidate) -> bool:
    """Tell whether `candidate` is the certificate `carried` in `KeyInfo`."""
    if candidate.certificate is None or carried.certificate is None:
        # A bare key has no certificate to compare with.
        return candidate.key == carried.key
    return candidate.certificate.sha256 == carried.certificate.sha256


def _is_configured(ctx: SamlContext, carried: Candidate) -> bool:
    """Tell whether the certificate `carried` in `KeyInfo` is one that is known to be configured."""
    keys = _verifying(ctx)
    if keys:
        from assertcheck.keys.registered import is_of  # loaded with --app only

        if any(is_of(each, carried) for each in keys):
            return True
    return any(_is_same(each, carried) for each in _registered(ctx))


def _is_unknown(ctx: SamlContext) -> bool:
    """Tell whether `KeyInfo` holds a certificate, and none that is or may be configured."""
    carried = _carried(ctx)
    if not carried or not _registered(ctx) or _is_open(ctx):
        return False
    return not any(_is_configured(ctx, each) for each in carried)


def _is_open(ctx: SamlContext) -> bool:
    """Tell whether the export leaves open what is configured."""
    if ctx.registration is None:
        return False
    from assertcheck.keys.registered import is_open  # loaded with --app only

    return is_open(ctx.registration)


def _left_open(ctx: SamlContext, signer: Candidate | None) -> str:
    """Return the labels of configured keys that `signer`, if it is known, may be one of."""
    if ctx.registration is None or (signer and signer.certificate and not _is_open(ctx)):
        return ""
    from assertcheck.keys.registered import unresolved  # loaded with --app only

    left = unresolved(ctx.registration, ctx.candidates)
    return listed(left, last="or") if left else ""


def _is_older(one: KeyCredential, other: KeyCredential) -> bool:
    """Tell whether `one` is known to begin before `other`."""
    return one.start is not None and other.start is not None and one.start < other.start


def _window(signer: Candidate) -> tuple[datetime | None, datetime | None]:
    """Return when `signer` is valid: within its own dates, and within those it is registered with."""
    certificate, credential = signer.certificate, signer.credential
    starts = (certificate and certificate.not_before, credential and credential.start)
    ends = (certificate and certificate.not_after, credential and credential.end)
    return (
        max((each for each in starts if each), default=None),
        min((each for each in ends if each), default=None),
    )


def _undecided(ctx: SamlContext, why: str) -> Undecided:
    """Return what is not known of a signature, which decides unless nobody looks at it."""
    return Undecided(why=why, decisive=ctx.required is not False)


def _allowed(ctx: SamlContext) -> tuple[str, ...]:
    """Return the algorithms that Entra ID takes, by URI."""
    switch = ctx.registration.request_signature if ctx.registration else None
    is_weak = switch is not None and "rsaSha1" in switch.weak_algorithms
    return (_ALLOWED, _WEAK) if is_weak else (_ALLOWED,)


def _verifying(ctx: SamlContext) -> tuple[KeyCredential, ...]:
    keys = (ctx.registration.keys if ctx.registration else None) or ()
    return tuple(each for each in keys if (each.usage or "Verify").lower() == "verify")


def _nothing_to_try(ctx: SamlContext) -> str:
    """Say why there is no registered certificate to verify with, and what to do."""
    app = ctx.registration
    if app is None:
        return "no certificate to verify with: add --cert FILE or --app FILE"
    if _verifying(ctx) and any(each.role is Role.HELD for each in ctx.candidates):
        return f"none of the certificates given is one that {app.label} has to verify with"
    if _verifying(ctx):
        return f"{app.label} has verification certificates without their values: add --cert FILE"
    if app.is_principal:
        return (
            f"{app.label} is a service principal without verification certificates: export the "
            "application with `az ad app show`"
        )
    return f"{app.label} has no verification certificate"


def _canonicalise(ctx: SamlContext) -> str:
    autopsy, signature = _autopsy(ctx), _signature(ctx)
    words = autopsy.words if autopsy else ""
    if "its comments" in words:
        return "take the comments out of the request before it is signed"
    if "PrefixList" in words:
        return (
            "canonicalise by the PrefixList that InclusiveNamespaces names, and without one where "
            "it names none"
        )
    steps = signature.transforms[:1] if signature else ()
    named = [signature.canonicalization, *itertools.chain(*steps)] if signature else []
    if {each for each in named if each != ENVELOPED} == {_EXCLUSIVE}:
        return f"canonicalise by {_EXCLUSIVE}, which it names, before it is digested and signed"
    return f"use {_EXCLUSIVE}, and name it"


def _lacks_id(ctx: SamlContext) -> bool:
    """Tell whether the request has no `ID`, and the signature refers to no other element."""
    signature, root = _signature(ctx), ctx.root
    if root is None or signature is None or "ID" in root.attributes:
        return False
    named = {each.removeprefix("#") for each in signature.references}
    inner = (each.attributes for each in root.walk() if each is not root)
    return all(named.isdisjoint(each.get(name, "") for name in _IDS) for each in inner) and all(
        each.startswith("#") for each in signature.references
    )


def _refer(ctx: SamlContext) -> str:
    value = ctx.root.attributes.get("ID") if ctx.root else None
    return f'refer to the request: <Reference URI="#{plain(value or "ID")}">'


def _send_as_signed(ctx: SamlContext) -> str:
    fix = "send the query string that was signed, letter by letter, with &Signature=… behind it"
    autopsy = ctx.looked_at.autopsy if ctx.looked_at else None
    if autopsy and "RelayState" in autopsy.words:
        # ENTRA section 8: released libraries sign these characters and send them otherwise.
        return (
            f"{fix}; if a library does both, keep RelayState to letters, digits, `-`, `_` and `.`"
        )
    return fix


def _use_right_key(ctx: SamlContext) -> str:
    registered = _registered(ctx)
    named = _named(*registered)
    if len(registered) > _MOST_NAMED:
        named = f"{_named(registered[0])} or another of the {len(registered)} that are configured"
    return f"sign with the key of {named}, or upload the certificate in use to the app"


def _named(*candidates: Candidate) -> str:
    """Return `candidates` in words, with what tells certificates of one name apart."""
    names = [
        f"{label} ({each.certificate.subject}, thumbprint {each.certificate.sha1.hex().upper()})"
        if each.certificate
        else f"{label} ({each.key_text})"
        for each in candidates
        for label in ("the certificate in KeyInfo" if each.label == "KeyInfo[0]" else each.label,)
    ]
    return listed(list(dict.fromkeys(names)), last="or")


RULES = (
    saml_binding_unknown,
    saml_sent_elsewhere,
    saml_signature_in_wrong_place,
    saml_request_not_signed,
    saml_no_verification_certificate,
    saml_sigalg_missing,
    saml_signature_missing,
    saml_sigalg_uri_wrong,
    saml_algorithm_not_allowed,
    saml_two_signatures,
    saml_signature_malformed,
    saml_signature_wrapping,
    saml_reference_wrong,
    saml_transform_missing,
    saml_canonicalization,
    saml_content_changed,
    saml_query_reencoded,
    saml_query_order,
    saml_signature_algorithm_differs,
    saml_signature_damaged,
    saml_signed_by_other_key,
    saml_key_info_differs,
    saml_signer_not_among_newest,
    saml_signature_invalid,
    saml_certificate_expired,
    saml_certificate_not_yet_valid,
    saml_certificate_ends_soon,
    saml_signature_not_verified,
    registration_undecidable,
    saml_requirement_unknown,
)
