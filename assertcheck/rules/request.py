"""What was pasted, and the token request the assertion came in."""

from __future__ import annotations

import re

from assertcheck.authority import MULTI_TENANT, Endpoint, Form, is_guid, read_endpoint
from assertcheck.model import (
    AssertionKind,
    DirtKind,
    PasteKind,
    Problem,
    Severity,
    TokenRequest,
)
from assertcheck.rules.rule import ALL_KINDS, Context, documented, likely, rule, seen
from assertcheck.words import quoted

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""The one value of `client_assertion_type` for a JWT (RFC 7523 §2.2)."""
_CLIENT_CREDENTIALS = "client_credentials"
_NO_ASSERTIONS = (
    PasteKind.PRIVATE_KEY,
    PasteKind.CERTIFICATE,
    PasteKind.CLIENT_SECRET,
    PasteKind.SAML,
)
_AT = "request.client_assertion"
_FORM = "application/x-www-form-urlencoded"
_PLACEHOLDER = re.compile(r"[${<%\[]|YOUR|_?HERE|\*{3}|\[redacted", re.IGNORECASE)
_AS_IT_CAME = "send the assertion as the library returned it, and nothing else"


@rule(
    "is-a-client-secret",
    "The paste is a client secret",
    severity=Severity.ERROR,
    source="RFC 7523 §2.2",
    aadsts=(likely("50027"),),
    kinds=ALL_KINDS,
)
def is_a_client_secret(ctx: Context) -> tuple[Problem, ...]:
    """A client secret and a client assertion are two ways to sign in, and not each other.

    A secret posted as `client_assertion` is no JWT, so Entra ID likely answers AADSTS50027. The
    secret was not echoed and not stored by this program.

    Send a secret as `client_secret`, without `client_assertion`; or sign an assertion with the
    app's certificate. If the secret was pasted where others saw it, make a new one:
    `az ad app credential reset --id APP`.
    """
    if ctx.submission.kind != PasteKind.CLIENT_SECRET:
        return ()
    return (
        Problem(
            at="assertion",
            message="the text has the form of a client secret; it was not read any further",
            fix="send a secret as client_secret, or sign an assertion with a certificate; replace "
            "the secret if others saw it",
            expected="a JWT, which begins with eyJ",
            actual="a client secret",
        ),
    )


@rule(
    "is-a-saml-assertion",
    "The paste is SAML",
    severity=Severity.ERROR,
    source="RFC 7523 §2.2",
    aadsts=(likely("50027"),),
    kinds=ALL_KINDS,
)
def is_a_saml_assertion(ctx: Context) -> tuple[Problem, ...]:
    """A client assertion is a JWT; SAML is XML, and serves sign-in between two web sites.

    Entra ID likely cannot read it as `client_assertion` and answers AADSTS50027. A user's SAML
    assertion goes into `assertion`, in the flow of its own.

    Sign a JWT with the app's certificate. Good: `eyJ0eXAi…`. Bad: `<saml:Assertion …>`, `PHNhbWw…`.
    """
    if ctx.submission.kind != PasteKind.SAML:
        return ()
    return (
        Problem(
            at="assertion",
            message="the text is a SAML message, not a JWT",
            fix="sign a JWT with the app's certificate and send it as client_assertion; if this is a "
            "sign-in request, run `assertcheck saml`",
            expected="a JWT, which begins with eyJ",
            actual="SAML",
        ),
    )


@rule(
    "client-assertion-missing",
    "The request carries no assertion",
    severity=Severity.ERROR,
    source="RFC 7523 §2.2",
    aadsts=(seen("7000216"),),
    kinds=ALL_KINDS,
)
def client_assertion_missing(ctx: Context) -> tuple[Problem, ...]:
    """The assertion goes into the form body, in the parameter `client_assertion`.

    Without it, or with its name misspelt, Entra ID answers AADSTS7000216 for client_credentials
    and AADSTS7000218 for other grants.

    Good: `client_assertion_type=urn%3A…&client_assertion=eyJ…`. Bad: an empty parameter, a
    variable that was never set.
    """
    request = _whole_request(ctx)
    submission = ctx.submission
    if request is None or submission.assertion or submission.is_cut:
        return ()
    if request.assertion_parameter:
        # What is no JWT but something known has a finding of its own.
        is_empty = submission.kind not in _NO_ASSERTIONS
        return (_no_assertion(request, "client_assertion is empty"),) if is_empty else ()
    if request.has_client_secret:
        return (
            Problem(
                at=_AT,
                message="the request signs in with client_secret; there is no client_assertion",
                fix="send client_assertion and client_assertion_type in place of client_secret",
                expected="client_assertion=eyJ...",
                actual="none",
                aadsts=(),
            ),
        )
    return (_no_assertion(request, "the request has no client_assertion"),)


@rule(
    "assertion-truncated",
    "The assertion was cut off",
    severity=Severity.ERROR,
    source="RFC 7515 §7.1",
    aadsts=(likely("50027"),),
    kinds=ALL_KINDS,
)
def assertion_truncated(ctx: Context) -> tuple[Problem, ...]:
    """Loggers, terminals and chats show the beginning of a long value and an ellipsis.

    What is left is no assertion: Entra ID likely answers AADSTS50027 to it. More likely the whole
    was sent, and this is only how it was shown.

    Take the assertion from where it is made; `assertcheck` shows how for each library in its
    README. Good: all three segments to the last character. Bad: `eyJ0eXAi…`, `eyJ0eXAi...[truncated]`.
    """
    submission = ctx.submission
    if not submission.is_cut or submission.assertion.count(".") > 1:
        return ()
    count = len(submission.assertion)
    what = f"after {count} characters" if count else "before its first character"
    return (
        Problem(
            at="assertion",
            message=f"the assertion is cut off {what}, before its signature",
            fix="paste all of it: raise the length the logger keeps, or save it to a file",
            expected="header.payload.signature",
            actual=f"{count} characters and an ellipsis or a mask",
        ),
    )


@rule(
    "signature-left-out",
    "The signature was left out of the paste",
    severity=Severity.ERROR,
    source="RFC 7515 §7.1",
    aadsts=(likely("700027"),),
    kinds=ALL_KINDS,
)
def signature_left_out(ctx: Context) -> tuple[Problem, ...]:
    """Header and claims are there, and in place of the signature stands an ellipsis or a mask.

    As it stands Entra ID could not verify it. The header and the claims are judged all the same;
    the signature cannot be.

    Paste the whole assertion to have it verified; this program shows the signature nowhere.
    Good: `eyJ….eyJ….c2ln…`. Bad: `eyJ….eyJ….[signature]`, `eyJ….eyJ….c2ln...`.
    """
    submission = ctx.submission
    if not submission.is_cut or submission.assertion.count(".") < 2:
        return ()
    left = len(submission.assertion.rpartition(".")[2])
    return (
        Problem(
            at="signature",
            message="the signature is masked or cut off"
            + (f" after {left} characters" if left else ""),
            fix="paste all of it to have the signature verified",
            expected="the whole signature",
            actual=f"{left} characters and an ellipsis or a mask",
        ),
    )


@rule(
    "wrapped-in-json",
    "The assertion is wrapped in JSON",
    severity=Severity.ERROR,
    source="RFC 7523 §2.2",
    aadsts=(likely("50027"),),
    kinds=ALL_KINDS,
)
def wrapped_in_json(ctx: Context) -> tuple[Problem, ...]:
    """The value of `client_assertion` is the JWT alone.

    An object or array around it is part of the value to Entra ID, which then finds no JWT in it.

    Take the string out of the structure that a library or a service returned. Good:
    `client_assertion=eyJ…`. Bad: `client_assertion={"assertion":"eyJ…"}`.
    """
    return _dirty(
        ctx,
        DirtKind.JSON,
        said="client_assertion was sent with {detail}",
        fix="send the string in it, not the JSON",
    )


@rule(
    "percent-encoded-value",
    "The assertion was percent-encoded twice",
    severity=Severity.ERROR,
    source="RFC 6749 §4.4.2",
    aadsts=(likely("50027"),),
    kinds=ALL_KINDS,
)
def percent_encoded_value(ctx: Context) -> tuple[Problem, ...]:
    """The form body encodes each value once; Entra ID decodes it once.

    A value encoded before it went into the form arrives with `%2E` or `%3D` in it and is no JWT.

    Give the library the bare value, or build the body by hand and encode once. Good:
    `data={"client_assertion": jwt}`. Bad: `data={"client_assertion": quote(jwt)}`, or `%252E` in
    the body.
    """
    return _dirty(
        ctx,
        DirtKind.PERCENT,
        said="client_assertion still holds {detail} once the form is decoded",
        fix="encode the value once: the form library does it",
    )


@rule(
    "quotes-around-assertion",
    "The assertion stands in quotation marks",
    severity=Severity.ERROR,
    source="RFC 7523 §2.2",
    aadsts=(likely("50027"),),
    kinds=ALL_KINDS,
)
def quotes_around_assertion(ctx: Context) -> tuple[Problem, ...]:
    """A form body has no quotation marks: those around a value are part of it.

    Entra ID finds no JWT in the quoted text.

    Usual sources: a JSON string printed as it is (`json.dumps`, `jq` without `-r`), quotes inside
    quotes in a shell. Good: `client_assertion=eyJ…`. Bad: `client_assertion="eyJ…"` or `%22eyJ…%22`.
    """
    return _dirty(
        ctx,
        DirtKind.QUOTES,
        said="client_assertion was sent with {detail} around it",
        fix="send it without quotation marks; `jq -r` prints a string without them",
    )


@rule(
    "bearer-prefix",
    "The assertion has Bearer in front",
    severity=Severity.ERROR,
    source="RFC 7523 §2.2",
    aadsts=(likely("50027"),),
    kinds=ALL_KINDS,
)
def bearer_prefix(ctx: Context) -> tuple[Problem, ...]:
    """`Bearer` belongs before an access token in an Authorization header, nowhere else.

    In `client_assertion` it is part of the value, which then is no JWT to Entra ID.

    Good: `client_assertion=eyJ…`. Bad: `client_assertion=Bearer+eyJ…`.
    """
    return _dirty(
        ctx,
        DirtKind.BEARER,
        said="client_assertion was sent with {detail} in front",
        fix="send the assertion without Bearer",
    )


@rule(
    "whitespace-in-assertion",
    "White space stands within the assertion",
    severity=Severity.ERROR,
    source="RFC 7515 §7.1",
    aadsts=(likely("50027"),),
    kinds=ALL_KINDS,
)
def whitespace_in_assertion(ctx: Context) -> tuple[Problem, ...]:
    """The compact serialisation has no white space; neither has base64url.

    A line break or a space in the value is sent with it, and Entra ID likely answers AADSTS50027.

    Usual sources: an encoder that breaks lines at 64 or 76 characters (`base64` without `-w0`,
    `Base64FormattingOptions.InsertLineBreaks`), a value copied from a terminal. Good: one line.
    """
    return _dirty(
        ctx,
        DirtKind.LINE_BREAKS,
        DirtKind.SPACES,
        inside=True,
        said="client_assertion was sent with white space in it: {detail}",
        fix="encode without line breaks (base64 -w0), and send one line",
    )


@rule(
    "whitespace-around-assertion",
    "White space stands around the assertion",
    severity=Severity.WARNING,
    source="RFC 7515 §7.1",
    unless=("whitespace-in-assertion",),
    kinds=ALL_KINDS,
)
def whitespace_around_assertion(ctx: Context) -> tuple[Problem, ...]:
    """White space before or behind the assertion is part of the value that is sent.

    Whether Entra ID trims it is not known.

    Usual sources: a file that ends in a line break, `echo` without `-n`. Good:
    `--data-urlencode client_assertion="$(cat assertion.jwt)"`. Bad:
    `--data-urlencode client_assertion@assertion.jwt` with a line break at the end of the file.
    """
    return _dirty(
        ctx,
        DirtKind.LINE_BREAKS,
        DirtKind.SPACES,
        inside=False,
        said="client_assertion was sent with white space: {detail}",
        fix="strip the value before sending it",
    )


@rule(
    "plus-in-form-body",
    "A bare + stands in the assertion",
    severity=Severity.ERROR,
    source="RFC 6749 §4.4.2",
    aadsts=(likely("50027"),),
    kinds=ALL_KINDS,
)
def plus_in_form_body(ctx: Context) -> tuple[Problem, ...]:
    """In a form body `+` means a space, so Entra ID reads a space where the assertion has a `+`.

    The assertion is in standard base64, or was encoded by hand and not percent-encoded.

    Use base64url, which has neither `+` nor `/`: `-` and `_` stand in their place. Good: `a-b_c`.
    Bad: `a+b/c`.
    """
    return _dirty(
        ctx,
        DirtKind.PLUS,
        said="client_assertion was sent with a bare +, which a form reads as a space",
        fix="encode the assertion with base64url: - in place of +, _ in place of /",
    )


@rule(
    "invisible-character",
    "An invisible character stands in the assertion",
    severity=Severity.ERROR,
    source="RFC 7515 §7.1",
    aadsts=(likely("50027"),),
    kinds=ALL_KINDS,
)
def invisible_character(ctx: Context) -> tuple[Problem, ...]:
    """Soft hyphens, zero-width spaces and byte order marks are characters like any other.

    They come along when text is copied from a web page, a mail or a document, and make the value
    something else than a JWT to Entra ID.

    Take the assertion from the program that makes it. A file saved as UTF-8 "with BOM" begins with
    U+FEFF: save it without (`utf8NoBOM` in PowerShell 7).
    """
    return _dirty(
        ctx,
        DirtKind.INVISIBLE,
        said="client_assertion was sent with invisible characters: {detail}",
        fix="take the assertion from the program that makes it; save files without a BOM",
    )


@rule(
    "assertion-base64-twice",
    "The assertion was base64-encoded once more",
    severity=Severity.ERROR,
    source="RFC 7515 §7.1",
    aadsts=(likely("50027"),),
    kinds=ALL_KINDS,
)
def assertion_base64_twice(ctx: Context) -> tuple[Problem, ...]:
    """Each segment of a JWT is base64url already; the whole is sent as it is.

    Encoded once more it has no dots, and Entra ID finds no JWT in it.

    Usual source: a secret store that keeps values in base64 (a Kubernetes secret), read without
    decoding. Good: `eyJ0eXAi…`. Bad: `ZXlKMGVYQWk…`.
    """
    return _dirty(
        ctx,
        DirtKind.BASE64,
        said="client_assertion was sent with {detail}",
        fix="decode the stored value once before sending it",
    )


@rule(
    "text-around-assertion",
    "Other text stands around the assertion",
    severity=Severity.ERROR,
    source="RFC 7523 §2.2",
    aadsts=(likely("50027"),),
    kinds=ALL_KINDS,
)
def text_around_assertion(ctx: Context) -> tuple[Problem, ...]:
    """The value of `client_assertion` is the JWT alone, without a name, brackets or commas.

    All that is sent with it is part of the value, which then is no JWT to Entra ID.

    Good: `client_assertion=eyJ…`. Bad: `client_assertion=<eyJ…>`,
    `client_assertion=client_assertion=eyJ…`, `client_assertion=token: eyJ…`.
    """
    return _dirty(
        ctx,
        DirtKind.TEXT,
        DirtKind.NAME,
        DirtKind.PUNCTUATION,
        said="client_assertion was sent with more than the assertion: {detail}",
        fix=_AS_IT_CAME,
    )


@rule(
    "assertion-in-wrong-parameter",
    "The assertion was sent under another name",
    severity=Severity.ERROR,
    source="RFC 7523 §2.2",
    aadsts=(seen("7000216"),),
    kinds=ALL_KINDS,
)
def assertion_in_wrong_parameter(ctx: Context) -> tuple[Problem, ...]:
    """Entra ID looks for the assertion in the form parameter `client_assertion` only.

    Under another name, or in the Authorization header, it is not found: AADSTS7000216 for
    client_credentials, AADSTS7000218 for other grants.

    Good: `client_assertion=eyJ…`. Bad: `clientAssertion=eyJ…`, `Authorization: Bearer eyJ…`. The
    parameter `assertion` is for the user's token, in the on-behalf-of flow.
    """
    request = ctx.submission.request
    name = request.assertion_parameter if request else None
    if request is None or not request.is_whole or name in (None, "client_assertion"):
        return ()
    return (_no_assertion(request, f"the assertion was sent as {quoted(name)}"),)


@rule(
    "request-not-form-encoded",
    "The request body is not a form",
    severity=Severity.ERROR,
    source="RFC 6749 §4.4.2",
    aadsts=(documented("900144"),),
    kinds=ALL_KINDS,
)
def request_not_form_encoded(ctx: Context) -> tuple[Problem, ...]:
    """The token endpoint takes `application/x-www-form-urlencoded` and nothing else.

    In JSON or multipart it finds no parameter and answers AADSTS900144.

    Good: `requests.post(url, data={…})`, `curl -d`. Bad: `requests.post(url, json={…})`,
    `curl -F`, `curl --json`, `-ContentType application/json`.
    """
    request = ctx.submission.request
    media_type = request.content_type if request else None
    if request is None or not request.is_whole or media_type in (None, _FORM):
        return ()
    return (
        Problem(
            at="request.content_type",
            message=f"the body was sent as {quoted(media_type)}",
            fix=f"send it as {_FORM}",
            expected=_FORM,
            actual=media_type,
        ),
    )


@rule(
    "request-not-posted",
    "The request is not a POST",
    severity=Severity.WARNING,
    source="RFC 6749 §3.2",
    kinds=ALL_KINDS,
)
def request_not_posted(ctx: Context) -> tuple[Problem, ...]:
    """The token endpoint is called with POST, its parameters in the body.

    In a URL the assertion ends up in the logs of every proxy on the way. What Entra ID answers is
    not known.

    Good: `POST …/token` and a form body. Bad: `GET …/token?client_assertion=eyJ…`.
    """
    request = ctx.submission.request
    if request is None or not request.is_whole or request.method in (None, "POST"):
        return ()
    return (
        Problem(
            at="request.method",
            message=f"the request is a {request.method}",
            fix="use POST, with the parameters in the body",
            expected="POST",
            actual=request.method,
        ),
    )


@rule(
    "secret-and-assertion",
    "A client secret goes along",
    severity=Severity.WARNING,
    source="RFC 6749 §2.3",
    kinds=ALL_KINDS,
)
def secret_and_assertion(ctx: Context) -> tuple[Problem, ...]:
    """A client signs in in one way per request: with a secret or with an assertion.

    RFC 6749 forbids two at once; what Entra ID does then is not known. The secret was not kept by
    this program.

    Leave `client_secret` out, and remove it from the app if the certificate has replaced it.
    """
    request = ctx.submission.request
    if request is None or not (request.has_client_secret and ctx.submission.assertion):
        return ()
    return (
        Problem(
            at="request.client_secret",
            message="the request carries client_secret beside client_assertion",
            fix="leave client_secret out",
            expected="client_assertion alone",
            actual="both",
        ),
    )


@rule(
    "client-assertion-type-missing",
    "No client_assertion_type",
    severity=Severity.ERROR,
    source="RFC 7523 §2.2",
    aadsts=(likely("900144"),),
    unless=("request-not-form-encoded", "assertion-in-wrong-parameter"),
    kinds=ALL_KINDS,
)
def client_assertion_type_missing(ctx: Context) -> tuple[Problem, ...]:
    """`client_assertion_type` says what sort of assertion `client_assertion` holds.

    The request needs both; without it Entra ID likely answers AADSTS900144.

    Add `client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer`,
    percent-encoded like every value.
    """
    request = _whole_request(ctx)
    if request is None or request.client_assertion_type:
        return ()
    if request.assertion_parameter != "client_assertion":
        return ()
    return (_parameter("client_assertion_type", ASSERTION_TYPE),)


@rule(
    "client-assertion-type-wrong",
    "The client_assertion_type is another one",
    severity=Severity.ERROR,
    source="RFC 7523 §2.2",
    aadsts=(likely("7000216"),),
    unless=("assertion-in-wrong-parameter",),
    kinds=ALL_KINDS,
)
def client_assertion_type_wrong(ctx: Context) -> tuple[Problem, ...]:
    """The type of a JWT is `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, exactly.

    With another type the assertion is likely not taken as a credential: AADSTS7000216 for
    client_credentials, AADSTS7000218 for other grants.

    Easily mixed up with the *grant* type `urn:ietf:params:oauth:grant-type:jwt-bearer`. Bad too:
    `jwt-bearer` alone, a SAML type, quotation marks or a space, a value encoded twice.
    """
    request = ctx.submission.request
    value = request.client_assertion_type if request else None
    if request is None or not value or value == ASSERTION_TYPE or _PLACEHOLDER.match(value):
        return ()
    # A log may show a value in part, or something else in its place.
    is_another = "bearer" in value or (value.startswith("urn:") and value not in ASSERTION_TYPE)
    if not (request.is_whole or is_another):
        return ()
    return (
        Problem(
            at="request.client_assertion_type",
            message=f"client_assertion_type is {quoted(value)}",
            fix=f"send client_assertion_type={ASSERTION_TYPE}",
            expected=ASSERTION_TYPE,
            actual=quoted(value),
            aadsts=(likely(_missing_credential(request)),),
        ),
    )


@rule(
    "client-id-missing",
    "No client_id in the request",
    severity=Severity.ERROR,
    source="Entra certificate-credentials",
    aadsts=(documented("900144"),),
    unless=("request-not-form-encoded",),
    kinds=ALL_KINDS,
)
def client_id_missing(ctx: Context) -> tuple[Problem, ...]:
    """The request names the app in `client_id`, besides `iss` and `sub` of the assertion.

    Microsoft documents AADSTS900144 for a request without it.

    Add the application (client) id: `client_id=11111111-2222-4333-8444-555555555555`.
    """
    request = _whole_request(ctx)
    if request is None or request.client_id:
        return ()
    issuer = ctx.assertion.claims.get("iss")
    known = issuer if isinstance(issuer, str) and is_guid(issuer) else "CLIENT_ID"
    return (_parameter("client_id", known),)


@rule(
    "client-id-malformed",
    "The client_id is no client id",
    severity=Severity.ERROR,
    source="Entra certificate-credentials",
    aadsts=(likely("700016"),),
    kinds=ALL_KINDS,
)
def client_id_malformed(ctx: Context) -> tuple[Problem, ...]:
    """`client_id` is the application (client) id as a plain GUID.

    Entra ID looks the application up by it, and likely answers AADSTS700016 when there is none.

    Good: `11111111-2222-4333-8444-555555555555`. Bad: the same in braces or quotation marks, the
    app's name, a placeholder that was not replaced.
    """
    request = ctx.submission.request
    if request is None or not request.is_whole or not request.client_id:
        return ()
    if is_guid(request.client_id):
        return ()
    return (
        Problem(
            at="request.client_id",
            message=f"client_id is {quoted(request.client_id)}, which is not a plain GUID",
            fix="send the application (client) id from the app's overview in the portal",
            expected="a GUID",
            actual=quoted(request.client_id),
        ),
    )


@rule(
    "client-id-mismatch",
    "The request names another application than the assertion",
    severity=Severity.ERROR,
    source="RFC 7521 §4.2",
    aadsts=(seen("700021"),),
    unless=("client-id-malformed",),
    kinds=frozenset({AssertionKind.CERTIFICATE}),
)
def client_id_mismatch(ctx: Context) -> tuple[Problem, ...]:
    """`client_id` in the request, `iss` and `sub` in the assertion are one and the same id.

    Entra ID answers AADSTS700021 when they are not.

    Take all three from one setting. Usual sources: two apps in one configuration, the object id in
    place of the client id, an assertion cached for another app.
    """
    request = ctx.submission.request
    client_id = request.client_id if request and request.assertion_parameter else None
    issuer = ctx.assertion.claims.get("iss")
    # What is no client id at all, or the tenant's id, has a finding of its own.
    if not client_id or not isinstance(issuer, str) or not (is_guid(issuer) and is_guid(client_id)):
        return ()
    if issuer.lower() == client_id.lower() or issuer.lower() in _tenants(ctx):
        return ()
    return (
        Problem(
            at="request.client_id",
            message=f"client_id is {client_id}, iss is {issuer}",
            fix="send the client_id of the app that signed, or sign as the app that client_id names",
            expected=issuer,
            actual=client_id,
        ),
    )


@rule(
    "grant-type-missing",
    "No grant_type in the request",
    severity=Severity.ERROR,
    source="RFC 6749 §4.4.2",
    aadsts=(documented("900144"),),
    unless=("request-not-form-encoded",),
    kinds=ALL_KINDS,
)
def grant_type_missing(ctx: Context) -> tuple[Problem, ...]:
    """`grant_type` says what the token is asked for with.

    Microsoft documents AADSTS900144 for a request without it.

    For an app that signs in as itself: `grant_type=client_credentials`.
    """
    request = _whole_request(ctx)
    if request is None or request.grant_type:
        return ()
    return (_parameter("grant_type", _CLIENT_CREDENTIALS),)


@rule(
    "grant-type-misspelt",
    "The grant_type is misspelt",
    severity=Severity.ERROR,
    source="RFC 6749 §4.4.2",
    aadsts=(documented("70003"),),
    kinds=ALL_KINDS,
)
def grant_type_misspelt(ctx: Context) -> tuple[Problem, ...]:
    """The grant of an app that signs in as itself is spelt `client_credentials`.

    Microsoft's list has AADSTS70003 for a grant that Entra ID does not know.

    Good: `grant_type=client_credentials`. Bad: `client_credential`, `client-credentials`,
    `clientCredentials`.
    """
    request = ctx.submission.request
    grant = request.grant_type if request else None
    if not grant or grant == _CLIENT_CREDENTIALS:
        return ()
    if not re.fullmatch(r"\W*client[\W_]*credentials?\W*", grant, re.IGNORECASE):
        return ()
    return (
        Problem(
            at="request.grant_type",
            message=f"grant_type is {quoted(grant)}",
            fix=f"send grant_type={_CLIENT_CREDENTIALS}",
            expected=_CLIENT_CREDENTIALS,
            actual=quoted(grant),
        ),
    )


@rule(
    "scope-missing",
    "No scope in the request",
    severity=Severity.ERROR,
    source="RFC 6749 §4.4.2",
    aadsts=(documented("900144"),),
    unless=("request-not-form-encoded",),
    kinds=ALL_KINDS,
)
def scope_missing(ctx: Context) -> tuple[Problem, ...]:
    """The v2.0 endpoint needs a `scope`, which names the resource the token is for.

    Microsoft documents AADSTS900144 for a request without it.

    Good: `scope=https://graph.microsoft.com/.default`. `resource=https://graph.microsoft.com` is
    for the endpoint without `v2.0` in its path.
    """
    request = _whole_request(ctx)
    endpoint = _endpoint(request)
    if request is None or endpoint is None or endpoint.form is not Form.TOKEN_V2 or request.scope:
        return ()
    if request.grant_type != _CLIENT_CREDENTIALS:
        return ()
    resource = (request.resource or "https://graph.microsoft.com").rstrip("/")
    return (_parameter("scope", f"{resource}/.default"),)


@rule(
    "scope-not-default",
    "The scope is not a .default",
    severity=Severity.WARNING,
    source="RFC 6749 §4.4.2",
    kinds=ALL_KINDS,
)
def scope_not_default(ctx: Context) -> tuple[Problem, ...]:
    """An app that signs in as itself asks for all it was granted at a resource: `/.default`.

    Single permissions are chosen in the app's registration, not in the request.

    Good: `scope=https://graph.microsoft.com/.default`. Bad: `scope=User.Read`,
    `scope=https://graph.microsoft.com/User.Read.All`.
    """
    request = _whole_request(ctx)
    if request is None or request.grant_type != _CLIENT_CREDENTIALS or not request.scope:
        return ()
    endpoint = _endpoint(request)
    wrong = [each for each in request.scope.split() if not each.endswith(".default")]
    is_v1 = endpoint is not None and endpoint.form is Form.TOKEN_V1
    if not wrong or is_v1 or _PLACEHOLDER.match(wrong[0]):
        return ()
    resource, slash, _ = wrong[0].rpartition("/")
    right = f"{resource}/.default" if slash and "://" in wrong[0] else "RESOURCE/.default"
    return (
        Problem(
            at="request.scope",
            message=f"scope holds {quoted(wrong[0])}, with the grant {_CLIENT_CREDENTIALS}",
            fix=f"send scope={right}",
            expected=right,
            actual=quoted(request.scope),
        ),
    )


@rule(
    "url-names-no-tenant",
    "The request goes to no tenant in particular",
    severity=Severity.ERROR,
    source="Entra error-codes",
    aadsts=(seen("9001023"),),
    kinds=ALL_KINDS,
)
def url_names_no_tenant(ctx: Context) -> tuple[Problem, ...]:
    """An app that signs in as itself does so in one tenant, which the URL names.

    Entra ID answers AADSTS9001023 to client_credentials at `/common` and `/consumers`.

    Write the tenant's id in its place, in `aud` too. Good:
    `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`.
    """
    request = ctx.submission.request
    endpoint = _endpoint(request)
    if request is None or endpoint is None or request.grant_type != _CLIENT_CREDENTIALS:
        return ()
    tenant = endpoint.tenant.lower()
    if tenant not in ("common", "consumers"):
        return ()
    return (
        _about_url(
            f"{_CLIENT_CREDENTIALS} is requested at /{tenant}",
            f"post to the tenant's own endpoint, {_right_url(ctx, endpoint)}",
            expected=_right_url(ctx, endpoint),
            actual=request.url,
        ),
    )


@rule(
    "url-tenant-malformed",
    "The tenant in the URL is malformed",
    severity=Severity.ERROR,
    source="Entra error-codes",
    aadsts=(likely("900023"),),
    kinds=ALL_KINDS,
)
def url_tenant_malformed(ctx: Context) -> tuple[Problem, ...]:
    """The first part of the path is the tenant: its id, one of its domain names, or `common`.

    Anything else likely draws AADSTS900023.

    Good: `https://login.microsoftonline.com/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/oauth2/v2.0/token`.
    Bad: `{tenant}` not replaced, the organisation's name without a domain.
    """
    request = _whole_request(ctx)
    endpoint = _endpoint(request)
    if request is None or endpoint is None or endpoint.form in (Form.ROOT, Form.OTHER):
        return ()
    tenant = endpoint.tenant
    if is_guid(tenant) or tenant.lower() in MULTI_TENANT or _is_domain(tenant):
        return ()
    return (
        _about_url(
            f"the URL names the tenant {quoted(tenant)}",
            "write the directory (tenant) id or a domain name there",
            expected="a GUID or a domain name",
            actual=quoted(tenant),
        ),
    )


@rule(
    "url-not-token-endpoint",
    "The request does not go to the token endpoint",
    severity=Severity.WARNING,
    source="RFC 6749 §3.2",
    unless=("url-tenant-malformed",),
    kinds=ALL_KINDS,
)
def url_not_token_endpoint(ctx: Context) -> tuple[Problem, ...]:
    """Tokens are issued at `/TENANT/oauth2/v2.0/token`; other paths have other jobs.

    What Entra ID answers elsewhere is not known, but it is no token.

    Good: `…/oauth2/v2.0/token`. Bad: `…/oauth2/v2.0/authorize`, which is for browsers, the
    authority alone, the API the token is for.
    """
    request = _whole_request(ctx)
    endpoint = _endpoint(request, of_entra=False)
    if request is None or endpoint is None:
        return ()
    if endpoint.is_resource:
        what = f"{endpoint.host} is an API"
    elif endpoint.cloud is None or endpoint.form in (Form.TOKEN_V2, Form.TOKEN_V1):
        return ()
    elif endpoint.form is Form.AUTHORIZE:
        what = "it is the authorize endpoint, which is for browsers"
    else:
        what = "its path is not /TENANT/oauth2/v2.0/token"
    return (
        _about_url(
            f"the request goes to {quoted(request.url)}: {what}",
            f"post to {_right_url(ctx, endpoint)}",
            expected=_right_url(ctx, endpoint),
            actual=request.url,
        ),
    )


@rule(
    "url-not-https",
    "The request goes over plain HTTP",
    severity=Severity.WARNING,
    source="RFC 6749 §3.2",
    kinds=ALL_KINDS,
)
def url_not_https(ctx: Context) -> tuple[Problem, ...]:
    """The assertion is a credential, and travels over TLS only.

    Over plain HTTP everybody on the way can read it and sign in as the app until it expires.

    Good: `https://login.microsoftonline.com/…`. Bad: `http://login.microsoftonline.com/…`.
    """
    request = _whole_request(ctx)
    endpoint = _endpoint(request)
    if request is None or endpoint is None or endpoint.scheme == "https":
        return ()
    return (
        _about_url(
            f"the request goes to {quoted(request.url)}",
            "use https",
            expected="https",
            actual=endpoint.scheme,
        ),
    )


def _dirty(
    ctx: Context, *kinds: DirtKind, said: str, fix: str, inside: bool | None = None
) -> tuple[Problem, ...]:
    """Return a problem if any dirt of these `kinds` was sent; `inside` tells ends from middle."""
    found = [
        each
        for each in ctx.submission.sent_dirty
        if each.kind in kinds and inside in (None, each.is_inside)
    ]
    if not found:
        return ()
    details = "; ".join(dict.fromkeys(each.detail for each in found))
    return (
        Problem(
            at=_AT,
            message=said.format(detail=details),
            fix=fix,
            expected="eyJ..., and nothing else",
            actual=" and ".join(dict.fromkeys(str(each.kind) for each in found)),
        ),
    )


def _no_assertion(request: TokenRequest, message: str) -> Problem:
    return Problem(
        at=_AT,
        message=message,
        fix="send the assertion in the form parameter client_assertion",
        expected="client_assertion=eyJ...",
        actual=quoted(request.assertion_parameter) if request.assertion_parameter else "none",
        aadsts=(seen(_missing_credential(request)),),
    )


def _missing_credential(request: TokenRequest) -> str:
    """Return the code of a request without credential: it depends on the grant (ENTRA: seen)."""
    return "7000216" if request.grant_type == _CLIENT_CREDENTIALS else "7000218"


def _parameter(name: str, right: str) -> Problem:
    return Problem(
        at=f"request.{name}",
        message=f"the request has no {name}",
        fix=f"add {name}={right}",
        expected=right,
        actual="none",
    )


def _about_url(message: str, fix: str, *, expected: str, actual: str | None) -> Problem:
    return Problem(at="request.url", message=message, fix=fix, expected=expected, actual=actual)


def _whole_request(ctx: Context) -> TokenRequest | None:
    """Return the request if all of it is known, so that a parameter not seen was not sent."""
    request = ctx.submission.request
    return request if request and request.is_whole else None


def _endpoint(request: TokenRequest | None, *, of_entra: bool = True) -> Endpoint | None:
    endpoint = read_endpoint(request.url) if request and request.url else None
    return endpoint if endpoint and (endpoint.cloud or not of_entra) else None


def _right_url(ctx: Context, endpoint: Endpoint) -> str:
    host = endpoint.host if endpoint.cloud else "login.microsoftonline.com"
    tenant = next((each for each in _tenants(ctx) if each not in MULTI_TENANT), "TENANT")
    return f"https://{host}/{tenant}/oauth2/v2.0/token"


def _tenants(ctx: Context) -> tuple[str, ...]:
    """Return the tenants that options, URL and `aud` name, in lower case."""
    audience = ctx.assertion.claims.get("aud")
    request = ctx.submission.request
    urls = (request.url if request else None, audience if isinstance(audience, str) else None)
    endpoints = [found for url in urls if url and (found := read_endpoint(url)) and found.cloud]
    named = (ctx.expected.tenant or "", *(each.tenant for each in endpoints))
    return tuple(
        name.lower() for name in named if is_guid(name) or _is_domain(name) or name in MULTI_TENANT
    )


def _is_domain(name: str) -> bool:
    labels = name.split(".")
    return len(labels) > 1 and all(re.fullmatch(r"[A-Za-z0-9-]+", label) for label in labels)


PASTES = (
    is_a_client_secret,
    is_a_saml_assertion,
    client_assertion_missing,
    assertion_truncated,
    signature_left_out,
)
"""They say what the paste is in place of an assertion; before those of structure, which are
silent then."""

RULES = (
    wrapped_in_json,
    percent_encoded_value,
    quotes_around_assertion,
    bearer_prefix,
    whitespace_in_assertion,
    whitespace_around_assertion,
    plus_in_form_body,
    invisible_character,
    assertion_base64_twice,
    text_around_assertion,
    assertion_in_wrong_parameter,
    request_not_form_encoded,
    request_not_posted,
    secret_and_assertion,
    client_assertion_type_missing,
    client_assertion_type_wrong,
    client_id_missing,
    client_id_malformed,
    client_id_mismatch,
    grant_type_missing,
    grant_type_misspelt,
    scope_missing,
    scope_not_default,
    url_names_no_tenant,
    url_tenant_malformed,
    url_not_token_endpoint,
    url_not_https,
)
