"""Whether there is a sign-in request at all, written as its binding asks."""

from __future__ import annotations

import re
from dataclasses import replace

from assertcheck.model import EntraCode, PasteKind, Problem, Severity, Undecided
from assertcheck.rules.rule import documented, likely, rule, seen
from assertcheck.saml.decoder import ELLIPSES
from assertcheck.saml.model import (
    THE_XML,
    Binding,
    Message,
    SamlFlaw,
    SamlFlawKind,
    SamlMistake,
)
from assertcheck.saml.query_signature import LINE_BREAKS, oddities
from assertcheck.saml.rules.context import SamlContext, is_of_repeated
from assertcheck.words import listed, quoted

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
    Message.OPENID_CONNECT: "OpenID Connect has no signed SAML requests; take the sign-in of an app "
    "that is configured for SAML",
    Message.JWT: "run `assertcheck verify` for a client assertion",
}


@rule(
    "saml-not-an-authnrequest",
    "Not a sign-in request",
    severity=Severity.WARNING,
    source=_CORE,
)
def saml_not_an_authnrequest(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """A sign-in begins with an `AuthnRequest`, sent by HTTP-Redirect or HTTP-POST.

    Entra ID takes sign-in requests by these two bindings only; by another one, HTTP-Artifact, SOAP
    or PAOS, it is an error. A response, a logout message, metadata, a WS-Federation request or a
    token is another thing, which may be right as such: of the sign-in it tells nothing.

    Take the message that the service provider sends the browser to Entra ID with: the first request
    to `login.microsoftonline.com/…/saml2` in the browser's network log.
    """
    what = ctx.request.message
    if what in (Message.AUTHN_REQUEST, Message.UNKNOWN):
        return ()
    name = _name_of(ctx)
    is_other_binding = what in _OTHER_BINDINGS
    by = ", which Entra ID does not take" if is_other_binding else ""
    problem = Problem(
        at="request",
        message=f"the input is {name}{by}",
        fix=_ADVICE.get(what, "take the message that begins the sign-in, an AuthnRequest"),
        expected="AuthnRequest",
        actual=name.removeprefix("an ").removeprefix("a "),
        severity=Severity.ERROR if is_other_binding else Severity.WARNING,
    )
    if is_other_binding:
        return (problem,)
    why = f"the sign-in request: the input is {name}"
    return problem, Undecided(why=why, decisive=True, silencing=True)


@rule(
    "saml-request-missing",
    "No SAML request in the input",
    severity=Severity.ERROR,
    source=_BINDINGS,
    aadsts=(documented("750014"),),
    unless=("saml-not-an-authnrequest",),
)
def saml_request_missing(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """A sign-in request travels in a parameter called `SAMLRequest`.

    Without it Entra ID answers AADSTS750054 to a redirect, AADSTS750052 to a form, AADSTS750014 to
    either. Where the input is no query and no form at all, there is nothing to judge, and it is a
    warning.

    Paste the URL the browser is sent to, the form body, or the value of `SAMLRequest` alone.
    """
    if not ctx.request.flaws_of(SamlFlawKind.MISSING):
        return ()
    if not ctx.submission.parameters and ctx.request.xml is None:
        return _nothing_in_it(ctx)
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
def saml_not_base64(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """`SAMLRequest` holds the message in base64.

    Entra ID answers AADSTS750056: "SAML message was not properly base64-encoded." A paste that shows
    the value with an ellipsis, or ends within it, does not show what was sent, and is no error.

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
def saml_encoded_otherwise(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """`SAMLRequest` is the message in standard base64, percent-encoded once; so is `Signature`.

    The URL-safe alphabet, a second round of base64 or of percent-encoding, missing padding, white
    space or a bare `+` leave to chance what Entra ID reads. Which of them it takes is not known, so
    nothing is accepted that has them, but for white space, which decoders pass over.
    What is percent-encoded twice may have been sent so, and may have been encoded by whatever
    showed it; it is read with one layer less, and not accepted.

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
    # What is no signature at all has a finding of its own, and so has a message that was signed in
    # another encoding than this.
    autopsy = ctx.query.autopsy if ctx.query else None
    mistakes = {autopsy.mistake, *autopsy.also} if autopsy else set[SamlMistake]()
    is_damaged = SamlMistake.TRANSPORT in mistakes
    flaws = [
        flaw
        for flaw in ctx.request.flaws_of(*kinds)
        if SamlMistake.DEFLATED_AGAIN not in mistakes or flaw.kind not in _ALPHABET
    ]
    found: list[Problem | Undecided] = [
        Problem(
            at="request.SAMLRequest",
            message=flaw.detail,
            fix=_ENCODE.get(flaw.kind, "encode the message once in base64, then percent-encode it"),
        )
        for flaw in flaws
    ]
    odd = () if is_damaged else oddities(ctx.submission)
    found += [
        Problem(
            at="signature.Signature",
            message=f"Signature has {words}",
            fix="encode the signature once in standard base64, without line breaks and with its "
            "padding, and percent-encode it once, + as %2B",
        )
        for words in odd
    ]
    doubtful = [flaw.detail for flaw in flaws if flaw.kind in _DOUBTFUL]
    if ctx.required is not False:
        doubtful += [f"Signature has {words}" for words in odd if not words.startswith(LINE_BREAKS)]
    if doubtful:
        why = f"whether Entra ID reads what is encoded in another way: {'; '.join(doubtful)}"
        found.append(Undecided(why=why, decisive=True))
    if ctx.request.flaws_of(SamlFlawKind.PERCENT_TWICE):
        why = (
            "whether it was sent percent-encoded twice, or what showed it did that: paste the URL "
            "or the body as the browser sends it"
        )
        found.append(Undecided(why=why, decisive=True))
    return tuple(found)


_ALPHABET = (SamlFlawKind.URL_SAFE_BASE64, SamlFlawKind.BASE64_TWICE, SamlFlawKind.PADDING)
_DOUBTFUL = (*_ALPHABET, SamlFlawKind.BARE_PLUS)
"""What no released library is known to send (ENTRA section 8)."""
_ENCODE = {
    SamlFlawKind.BARE_PLUS: "percent-encode SAMLRequest: + as %2B, / as %2F, = as %3D",
    SamlFlawKind.PERCENT_TWICE: "percent-encode each parameter once",
}


@rule(
    "saml-query-cut-off",
    "The query ends too early",
    severity=Severity.ERROR,
    source="RFC 3986 §3.5",
    unless=("saml-not-an-authnrequest", "saml-request-missing"),
)
def saml_query_cut_off(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """In a URL, `#` ends the query, and what stands behind it is never sent.

    The URIs of signature algorithms have one, and RelayState may have. Where it is not
    percent-encoded, Entra ID gets a query without the rest; what it answers is not known. A paste
    that ends within `SigAlg` or `Signature`, or shows them with an ellipsis, is no error, but does
    not show the signature.

    Percent-encode each value: `#` is `%23`.
    """
    submission = ctx.submission
    if submission.behind_hash:
        first, *lost = submission.behind_hash
        more = f", and with it {listed(lost)}" if lost else ""
        return (
            Problem(
                at=f"request.{first}",
                message=f"an unescaped # cuts off the rest of {first}{more}",
                fix=f"percent-encode the value of {first}: # as %23",
                severity=ctx.weight,
            ),
            Undecided(
                why="the signature: a # cuts it off",
                decisive=ctx.required is not False,
                silencing=True,
            ),
        )
    if submission.breaks_off_in in ("SigAlg", "Signature") and not ctx.signer:
        why = f"the signature: {_cut_in(ctx, submission.breaks_off_in)}: paste the whole URL"
        return (Undecided(why=why, decisive=ctx.required is not False, silencing=True),)
    return ()


def _cut_in(ctx: SamlContext, place: str) -> str:
    """Say how the paste does not show all of `place`."""
    if any(each in (ctx.submission.value(place) or "") for each in ELLIPSES):
        return f"{place} is abbreviated in the paste"
    return f"the paste breaks off in {place}"


def _cut_off(ctx: SamlContext) -> tuple[Undecided, ...]:
    """Return that the paste does not show the whole message, if so: what is wrong with it follows."""
    place = ctx.submission.breaks_off_in
    if place not in ("SAMLRequest", THE_XML):
        return ()
    whole = "request" if place == THE_XML else "URL or form"
    why = f"the request: {_cut_in(ctx, place)}: paste the whole {whole}"
    return (Undecided(why=why, decisive=True, silencing=True),)


@rule(
    "saml-other-requests",
    "There are other requests in the input",
    severity=Severity.NOTE,
    source=_CORE,
    unless=("saml-not-an-authnrequest", "saml-request-missing"),
)
def saml_other_requests(ctx: SamlContext) -> tuple[Undecided, ...]:
    """One request is judged at a time, of several in the input the last.

    One that was answered with an error goes before it, and one that is not sent to another identity
    provider: Entra ID itself sends such a request where a domain is federated.

    A browser's export may hold several sign-ins, of several service providers, and what is said of
    one says nothing of the others.

    Paste the one that fails alone, by its URL or its form.
    """
    others = sum(each == "another AuthnRequest" for each in ctx.submission.others)
    if not others:
        return ()
    own = ctx.root.attributes.get("ID") if ctx.root else None
    which = ctx.submission.taken
    taken = f"{which}, with ID {quoted(own)}," if own else which
    word = "another sign-in request" if others == 1 else f"{others} other sign-in requests"
    return (
        Undecided(why=f"{word} in the input: {taken} was taken; paste the one that fails alone"),
    )


@rule(
    "saml-parameter-repeated",
    "A parameter is there twice",
    severity=Severity.ERROR,
    source=_BINDINGS,
    aadsts=(documented("750016"),),
    unless=("saml-not-an-authnrequest",),
)
def saml_parameter_repeated(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """Each parameter of a SAML message is there once.

    Entra ID answers AADSTS750016 when one is not: "Parameter '…' must be unique in HTTP SAML
    message."

    Leave the second one out; often a proxy or a login page adds it.
    """
    autopsy = ctx.looked_at.autopsy if ctx.looked_at else None
    found = _of(ctx, SamlFlawKind.REPEATED, "send each parameter once")
    if autopsy is None or not is_of_repeated(ctx, autopsy):
        return found
    return tuple(
        replace(each, message=f"{each.message}; {autopsy.words}")
        for each in found
        if isinstance(each, Problem)
    )


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
def saml_deflate_broken(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """The DEFLATE data goes on to its end.

    Here it breaks off or is damaged; Entra ID answers AADSTS750055: "SAML message was not properly
    DEFLATE-encoded." Where the paste breaks off with it, it may have been sent whole.

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
def saml_too_large(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
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
def saml_dtd_refused(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """A SAML message has no document type declaration, and no entities of its own.

    They are how XML is made to read files, to open connections and to grow without bound, so they
    are refused here, and what follows is not read.

    Remove `<!DOCTYPE …>` from the message.
    """
    return _of(ctx, SamlFlawKind.DTD, "remove the document type declaration")


@rule(
    "saml-not-xml",
    "The request cannot be read as XML",
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
def saml_not_xml(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """The message is well-formed XML in UTF-8, with a few elements within each other.

    Entra ID answers AADSTS7500525 with line and position: "There was an XML error in the SAML
    message", and AADSTS750057 where the octets are not UTF-8.

    Make the message with an XML library, and escape `&`, `<` and quotes in values.
    """
    flaws = ctx.request.flaws_of(*_UNREADABLE)[:1]
    if flaws and flaws[0].kind is SamlFlawKind.NOT_XML and (cut := _cut_off(ctx)):
        return cut
    changed = _changed(ctx)
    advice = _UNCHANGED if changed else "make the message with an XML library, in UTF-8"
    return tuple(
        Problem(
            at="request",
            message=f"{_UNREADABLE[flaw.kind]}: {flaw.detail}{_unescaped(ctx, flaw)}{changed}",
            fix=_XML_ADVICE.get(flaw.kind, advice),
            aadsts=_XML_CODES.get(flaw.kind),
        )
        for flaw in flaws
    )


_UNREADABLE = {
    SamlFlawKind.NOT_XML: "the message is not well-formed XML",
    SamlFlawKind.NOT_UTF8: "the message is not in UTF-8, or does not say so",
    SamlFlawKind.TOO_DEEP: "the message has elements too deep within each other",
}
_XML_ADVICE = {
    SamlFlawKind.NOT_UTF8: "write the message in UTF-8, and declare that or nothing",
    SamlFlawKind.TOO_DEEP: "send the request alone, without anything embedded in it",
}
_PLACE = re.compile(r"at line (\d+), column (\d+)\Z")
_AMPERSAND = re.compile(rb"&(?!#?\w{1,32};)", re.ASCII)


def _unescaped(ctx: SamlContext, flaw: SamlFlaw) -> str:
    """Say of which character the fault is, if it is an `&` that is not escaped."""
    place = _PLACE.search(flaw.detail)
    lines = (ctx.request.xml or b"").splitlines()
    if flaw.kind is not SamlFlawKind.NOT_XML or place is None or int(place[1]) > len(lines):
        return ""
    line, column = lines[int(place[1]) - 1], int(place[2])
    # The reader stops behind the `&`, at what makes no name of an entity.
    start = line.rfind(b"&", max(0, column - 40), column)
    is_bare = start >= 0 and _AMPERSAND.match(line, start)
    return ", where an & is not escaped: write &amp;" if is_bare else ""


_XML_CODES: dict[SamlFlawKind, tuple[EntraCode, ...]] = {
    SamlFlawKind.NOT_UTF8: (documented("750057"),),
    SamlFlawKind.TOO_DEEP: (likely("7500525"),),
}


def _of(ctx: SamlContext, kind: SamlFlawKind, fix: str) -> tuple[Problem | Undecided, ...]:
    flaws = ctx.request.flaws_of(kind)
    if kind not in _CUT:
        return tuple(
            Problem(at="request.SAMLRequest", message=flaw.detail, fix=fix) for flaw in flaws
        )
    changed = _changed(ctx)
    return (flaws and _cut_off(ctx)) or tuple(
        Problem(
            at="request.SAMLRequest",
            message=f"{flaw.detail}{changed}",
            fix=_UNCHANGED if changed else fix,
        )
        for flaw in flaws
    )


_UNCHANGED = "send SAMLRequest letter by letter as it was signed"


def _changed(ctx: SamlContext) -> str:
    """Say that a message that cannot be read is not the one that was signed, if that is proven."""
    autopsy = ctx.looked_at.autopsy if ctx.looked_at else None
    if autopsy is None or autopsy.mistake is not SamlMistake.OTHER_OCTETS or not autopsy.candidate:
        return ""
    return f"; the key of {autopsy.candidate.label} signed something else: it was changed after signing"


_CUT = (SamlFlawKind.NOT_BASE64, SamlFlawKind.DEFLATE_BROKEN)
"""What is wrong with a value that lacks its end."""
_KINDS = {
    PasteKind.ERROR: "an error of Entra ID without the request that drew it",
    PasteKind.PRIVATE_KEY: "a private key, which belongs to nobody else; take it for leaked if it "
    "went anywhere",
    PasteKind.CERTIFICATE: "a certificate, which goes to --cert",
    PasteKind.CLIENT_SECRET: "a client secret, which belongs to nobody else",
    PasteKind.JSON: "JSON without a SAML request in it",
    PasteKind.HAR: "a HAR file without a SAML request in it",
}


def _nothing_in_it(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """Return what there is to say of an input that was never a sign-in request."""
    submission = ctx.submission
    error = submission.error
    what = _KINDS.get(
        PasteKind(submission.kind), "no SAML request, nor anything that has one in it"
    )
    advice = "paste the URL the browser is sent to, or the body of the form that is posted"
    if error:
        code = error.stands_for or error.code
        advice = f"run `assertcheck explain {code}` for its causes; to find which it is, {advice}"
    return (
        Problem(
            at="request",
            message=f"the input is {what}",
            fix=advice,
            severity=Severity.WARNING,
            aadsts=(),
        ),
        Undecided(
            why="the sign-in request: there is none in the input", decisive=True, silencing=True
        ),
    )


def _name_of(ctx: SamlContext) -> str:
    """Return what the input is, with its article."""
    what, root = ctx.request.message, ctx.request.root
    name = str(what)
    if what is Message.METADATA:
        return name
    if root and what in (Message.OTHER_XML, Message.ARTIFACT):
        name = root.name if _PLAIN_NAME.fullmatch(root.name) else "another XML element"
        return name if name.startswith("another") else f"{_article(name)} {name}"
    return f"{_article(name)} {name}"


_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,60}")


def _article(name: str) -> str:
    return "an" if name[0] in "AEIOaeio" else "a"


RULES = (
    saml_not_an_authnrequest,
    saml_request_missing,
    saml_not_base64,
    saml_encoded_otherwise,
    saml_query_cut_off,
    saml_other_requests,
    saml_parameter_repeated,
    saml_redirect_not_deflated,
    saml_deflate_broken,
    saml_post_deflated,
    saml_too_large,
    saml_dtd_refused,
    saml_not_xml,
)
