"""The compact serialisation: segments, base64url, JSON."""

from __future__ import annotations

from assertcheck.kind import is_jwe
from assertcheck.model import AssertionKind, FlawKind, Problem, Severity
from assertcheck.rules.rule import ALL_KINDS, Context, likely, rule, seen
from assertcheck.words import listed, quoted

_CLAIM_CALLED = {
    "audience": "aud",
    "issuer": "iss",
    "subject": "sub",
    "expires": "exp",
    "expiry": "exp",
    "expiration": "exp",
    "not_before": "nbf",
    "notbefore": "nbf",
    "issued_at": "iat",
    "issuedat": "iat",
    **{name: name for name in ("aud", "iss", "sub", "exp", "nbf", "iat", "jti")},
}
"""By what people and serialisers make of a claim's name, in lower case."""


@rule(
    "is-a-private-key",
    "The paste is a private key",
    severity=Severity.ERROR,
    source="RFC 7523 §2.2",
    kinds=ALL_KINDS,
)
def is_a_private_key(ctx: Context) -> tuple[Problem, ...]:
    """A client assertion is a JWT; a private key is what signs it and never leaves its holder.

    Whoever has the private key can sign in as the app until the certificate is removed from the
    registration. The key was not echoed and not stored by this program.

    Paste the assertion instead: three runs of letters and digits with dots between them, beginning
    with `eyJ`. If the key was pasted anywhere else too (a chat, a ticket), make a new one:
    `az ad app credential reset --id APP --create-cert`.
    """
    if ctx.submission.kind != "private-key":
        return ()
    return (
        Problem(
            at="assertion",
            message="the text pasted is a private key; it was not read any further",
            fix="paste the assertion, which begins with eyJ; replace the key if others saw it",
        ),
    )


@rule(
    "no-assertion",
    "No assertion in the input",
    severity=Severity.ERROR,
    source="RFC 7515 §7.1",
    aadsts=(seen("50027"),),
    unless=(
        "is-a-private-key",
        "is-a-client-secret",
        "is-a-saml-assertion",
        "client-assertion-missing",
        "assertion-truncated",
    ),
    kinds=ALL_KINDS,
)
def no_assertion(ctx: Context) -> tuple[Problem, ...]:
    """A client assertion is a JWT in compact serialisation: `header.payload.signature`.

    Entra ID answers text of any other form with AADSTS50027.

    Give the value of the `client_assertion` parameter of the token request. Good: `eyJ0eXAi…`
    with two dots in it. Bad: a client id, a client secret, a thumbprint, the name of a file.
    `assertcheck` reads the assertion, or a text with the assertion in it, from standard input.
    """
    assertion = ctx.assertion
    readable = assertion.header or assertion.claims or "eyJ" in assertion.text
    if len(assertion.segments) > 1 and readable:
        return ()
    if assertion.header:
        what = "one segment, a JWT header with nothing after it"
    elif ctx.submission.kind == "certificate":
        what = "a certificate"
    elif ctx.submission.error:
        what = "an error of Entra ID without the assertion that drew it; `assertcheck explain` reads it"
    else:
        what = f"{ctx.submission.length} characters with no JWT among them"
    return (
        Problem(
            at="assertion",
            message=f"the input is {what}",
            fix="give the value of client_assertion, all of it: header.payload.signature",
            expected="three segments parted by dots, the first beginning with eyJ",
            actual=what,
        ),
    )


@rule(
    "is-a-jwe",
    "The token is encrypted, not signed",
    severity=Severity.ERROR,
    source="RFC 7516 §3.1",
    aadsts=(likely("50027"),),
    unless=("no-assertion",),
    kinds=ALL_KINDS,
)
def is_a_jwe(ctx: Context) -> tuple[Problem, ...]:
    """A client assertion is a signed JWT (JWS) of three segments, not an encrypted one (JWE).

    Entra ID has no key of yours to decrypt with.

    Sign the claims with the certificate's private key and send them unencrypted; TLS protects
    them on the way. Good: `alg` PS256 and no `enc`. Bad: `alg` RSA-OAEP, `enc` A256GCM.
    """
    if not is_jwe(ctx.assertion):
        return ()
    enc = quoted(ctx.assertion.header["enc"])
    return (
        Problem(
            at="header.enc",
            message=f"five segments and enc {enc}: an encrypted token",
            fix="sign the claims (JWS) instead of encrypting them (JWE)",
            expected="three segments",
            actual="five segments",
        ),
    )


@rule(
    "is-an-access-token",
    "The token was issued by Entra ID itself",
    severity=Severity.ERROR,
    source="RFC 7523 §3",
    aadsts=(seen("50048"),),
    unless=("is-a-jwe",),
    kinds=frozenset({AssertionKind.OTHER}),
)
def is_an_access_token(ctx: Context) -> tuple[Problem, ...]:
    """A client assertion is made and signed by the client; Entra ID does not issue it.

    An access or ID token of Entra ID posted as `client_assertion` is refused: its `sub` is not
    its `iss` (AADSTS50048). As proof of who the *user* is, it goes into `assertion`, in the
    on-behalf-of flow.

    Sign an assertion of your own, with `iss` and `sub` both the app's client id. A managed
    identity's token may stand in for it only where the app has a federated credential for it; its
    `aud` is then `api://AzureADTokenExchange`.
    """
    issuer = ctx.assertion.claims["iss"]  # of the kind OTHER, all but the JWE have one of Entra ID
    return (
        Problem(
            at="claims.iss",
            message=f"an access or ID token, issued by {quoted(issuer)}",
            fix="post an assertion signed with the app's own certificate as client_assertion",
            expected="iss: the app's client id",
            actual=f"iss: {quoted(issuer)}",
        ),
    )


@rule(
    "segment-count",
    "Not three segments",
    severity=Severity.ERROR,
    source="RFC 7515 §7.1",
    aadsts=(seen("50027"),),
    unless=("no-assertion", "is-a-jwe"),
    kinds=ALL_KINDS,
)
def segment_count(ctx: Context) -> tuple[Problem, ...]:
    """The compact serialisation has three segments, `header.payload.signature`, and two dots.

    Entra ID cannot parse anything else and answers AADSTS50027.

    Two segments: the signature was lost, or the claims were never signed. Four or more: two
    texts ran together, or a full stop was copied along. Good: `eyJ….eyJ….c2ln…`. Bad:
    `eyJ….eyJ…`.
    """
    count = len(ctx.assertion.segments)
    # Claims that are cut off tell of the same loss, and where it begins.
    if count == 3 or (count == 2 and not ctx.assertion.claims):
        return ()
    lost = "; the signature is not there" if count == 2 else ""
    return (
        Problem(
            at="assertion",
            message=f"{count} segments{lost}",
            fix="send the whole assertion as the library returned it, and nothing else",
            expected="3 segments",
            actual=f"{count} segments",
        ),
    )


@rule(
    "segments-swapped",
    "Header and claims have changed places",
    severity=Severity.ERROR,
    source="RFC 7515 §7.1",
    aadsts=(likely("50027"),),
    unless=("no-assertion", "is-a-jwe"),
    kinds=ALL_KINDS,
)
def segments_swapped(ctx: Context) -> tuple[Problem, ...]:
    """The header comes first, then the claims, then the signature.

    Entra ID reads the first segment as the header, and finds no `alg` in it.

    Join them in that order, and sign them in that order. Good: `header.claims.signature`. Bad:
    `claims.header.signature`.
    """
    header, claims = ctx.assertion.header, ctx.assertion.claims
    if "alg" in header or "alg" not in claims or not {"iss", "aud", "exp"} & header.keys():
        return ()
    return (
        Problem(
            at="assertion",
            message="the first segment holds the claims, the second one the header",
            fix="join them as header.claims, and sign that",
            expected="header.claims.signature",
            actual="claims.header.signature",
        ),
    )


@rule(
    "header-not-base64url",
    "The header is not base64url",
    severity=Severity.ERROR,
    source="RFC 7515 §7.1",
    aadsts=(likely("50027"),),
    unless=("segments-swapped",),
    kinds=ALL_KINDS,
)
def header_not_base64url(ctx: Context) -> tuple[Problem, ...]:
    """The first segment is base64url: letters, digits, `-` and `_`.

    Entra ID cannot parse it otherwise and answers AADSTS50027.

    A character of another sort, or a length that no octets encode to, means that the text was
    damaged on the way or was never encoded. Good: `eyJhbGciOiJQUzI1NiJ9`. Bad: `{"alg":"PS256"}`.
    """
    return _not_base64url(ctx, "header")


@rule(
    "header-not-json",
    "The header is not a JSON object",
    severity=Severity.ERROR,
    source="RFC 7515 §4",
    aadsts=(likely("50027"),),
    unless=("header-not-base64url",),
    kinds=ALL_KINDS,
)
def header_not_json(ctx: Context) -> tuple[Problem, ...]:
    """The first segment, decoded, is one JSON object, such as `{"alg":"PS256","typ":"JWT"}`.

    Entra ID cannot parse anything else and answers AADSTS50027.

    Let a JSON library write it. Single quotes, a trailing comma, a string encoded twice are the
    usual faults. Good: `{"alg":"RS256"}`. Bad: `{'alg':'RS256'}`.
    """
    return _not_an_object(ctx, "header")


@rule(
    "payload-not-base64url",
    "The claims are not base64url",
    severity=Severity.ERROR,
    source="RFC 7515 §7.1",
    aadsts=(likely("50027"),),
    unless=("segments-swapped",),
    kinds=ALL_KINDS,
)
def payload_not_base64url(ctx: Context) -> tuple[Problem, ...]:
    """The second segment is base64url: letters, digits, `-` and `_`.

    Entra ID cannot parse it otherwise and answers AADSTS50027.

    A character of another sort, or a length that no octets encode to, means that the text was
    damaged on the way or was never encoded. Good: `eyJhdWQiOi…`. Bad: `{"aud":"https://…"}`.
    """
    return _not_base64url(ctx, "claims")


@rule(
    "payload-not-json",
    "The claims are not JSON",
    severity=Severity.ERROR,
    source="RFC 7519 §7.2",
    aadsts=(likely("50027"),),
    unless=("payload-not-base64url",),
    kinds=ALL_KINDS,
)
def payload_not_json(ctx: Context) -> tuple[Problem, ...]:
    """The second segment, decoded, is JSON text.

    Entra ID cannot parse anything else and answers AADSTS50027.

    Let a JSON library write the claims; do not assemble them from strings. Good:
    `{"aud":"https://…","exp":1768478880}`. Bad: `{aud: https://…}`, a form body, a truncated text.
    """
    return tuple(
        Problem(
            at="claims",
            message=f"the claims are not JSON: {flaw.detail}{_and_cut_off(ctx)}",
            fix="send the whole assertion, to its end"
            if _and_cut_off(ctx)
            else "write the claims with a JSON library",
        )
        for flaw in ctx.assertion.flaws_of(FlawKind.NOT_JSON, FlawKind.TOO_DEEP, at="claims")
    )


@rule(
    "payload-not-object",
    "The claims are not a JSON object",
    severity=Severity.ERROR,
    source="RFC 7519 §7.2",
    aadsts=(likely("50027"),),
    unless=("payload-not-json",),
    kinds=ALL_KINDS,
)
def payload_not_object(ctx: Context) -> tuple[Problem, ...]:
    r"""The claims are one JSON object, in braces.

    Entra ID finds no claim in anything else.

    The usual fault is a text serialised twice, so that the JSON is one long string. Good:
    `{"iss":"…"}`. Bad: `"{\"iss\":\"…\"}"`.
    """
    return tuple(
        Problem(
            at="claims",
            message=f"the claims are {flaw.detail}, not an object",
            fix="serialise the claims once, as an object",
            expected="a JSON object",
            actual=flaw.detail,
        )
        for flaw in ctx.assertion.flaws_of(FlawKind.NOT_OBJECT, at="claims")
    )


@rule(
    "payload-empty",
    "There are no claims",
    severity=Severity.ERROR,
    source="RFC 7523 §3",
    aadsts=(likely("90014"),),
    unless=("payload-not-object",),
    kinds=ALL_KINDS,
)
def payload_empty(ctx: Context) -> tuple[Problem, ...]:
    """An assertion says who signs in (`iss`, `sub`), where (`aud`) and until when (`exp`).

    Without claims Entra ID misses `iss` first and answers AADSTS90014.

    Put in the claims before signing. Good:
    `{"aud":"https://login.microsoftonline.com/TENANT/oauth2/v2.0/token","iss":"CLIENT","sub":"CLIENT","exp":1768478880}`.
    Bad: `{}`.
    """
    if not ctx.assertion.flaws_of(FlawKind.EMPTY_OBJECT, at="claims"):
        return ()
    return (
        Problem(
            at="claims",
            message="the second segment holds no claims",
            fix="add aud, iss, sub, exp, nbf and jti before signing",
            expected="aud, iss, sub, exp",
            actual="none",
        ),
    )


@rule(
    "claim-name-misspelled",
    "A claim's name is misspelled",
    severity=Severity.ERROR,
    source="RFC 7519 §4.1",
    aadsts=(likely("90014"),),
    unless=("payload-empty",),
    kinds=frozenset({AssertionKind.CERTIFICATE, AssertionKind.FEDERATED}),
)
def claim_name_misspelled(ctx: Context) -> tuple[Problem, ...]:
    """Claims go by three letters in lower case: `aud`, `iss`, `sub`, `exp`, `nbf`, `iat`, `jti`.

    Entra ID does not know other spellings, and misses the claim.

    A serialiser that capitalises property names is the usual cause. Good: `"iss"`. Bad: `"Iss"`,
    `"ISS"`, `"issuer"`.
    """
    claims = ctx.assertion.claims
    wrong = {
        name: right
        for name in claims
        if (right := _CLAIM_CALLED.get(name.lower())) and right not in claims
    }
    if not wrong:
        return ()
    return (
        Problem(
            at=f"claims.{next(iter(wrong))}",
            message=f"{listed([quoted(name) for name in wrong])} should read "
            f"{listed([quoted(name) for name in wrong.values()])}",
            fix=f"name the claims {listed(list(wrong.values()))}, and sign again",
            expected=", ".join(wrong.values()),
            actual=", ".join(wrong),
        ),
    )


@rule(
    "signature-missing",
    "The signature is empty",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=(likely("700027"),),
    unless=(
        "segment-count",
        "payload-not-json",
        "signature-left-out",
    ),
    kinds=ALL_KINDS,
)
def signature_missing(ctx: Context) -> tuple[Problem, ...]:
    """The third segment is the signature; a client assertion without one proves nothing.

    Entra ID verifies it with the registered certificate.

    Sign with the certificate's private key, and send what the library returns, to its end.
    Good: 342 characters after the second dot (RSA 2048). Bad: nothing after the second dot.
    """
    # `alg: none` is the root of an empty signature; the header rules say so.
    if (
        "".join(ctx.assertion.segments[2:])
        or str(ctx.assertion.header.get("alg")).lower() == "none"
    ):
        return ()
    return (
        Problem(
            at="signature",
            message="nothing after the second dot",
            fix="sign the assertion, and send all of it",
            expected="a signature",
            actual="none",
        ),
    )


@rule(
    "signature-not-base64url",
    "The signature is not base64url",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=(likely("50027"),),
    unless=(
        "segment-count",
        "signature-left-out",
    ),
    kinds=ALL_KINDS,
)
def signature_not_base64url(ctx: Context) -> tuple[Problem, ...]:
    """The third segment is base64url: letters, digits, `-` and `_`.

    Entra ID cannot parse it otherwise.

    A character of another sort, or a length that no octets encode to, means that the text was
    damaged on the way or carries something besides. Good: `SflKxwRJ…`. Bad: `SflKxwRJ…"}`.
    """
    # Where the autopsy could mend it, the rules on the signature say what happened to it.
    if ctx.autopsy and ctx.autopsy.transport:
        return ()
    return _not_base64url(ctx, "signature")


@rule(
    "base64url-padding",
    "A segment is padded",
    severity=Severity.NOTE,
    source="RFC 7515 §2",
    unless=("no-assertion", "is-a-jwe"),
    kinds=ALL_KINDS,
)
def base64url_padding(ctx: Context) -> tuple[Problem, ...]:
    """JOSE writes base64url without the `=` at the end.

    A released library (azure-identity for Python, in its asynchronous credential) sends the
    padding, so Entra ID is likely to take it; many other readers do not.

    Strip the `=` before joining the segments, and sign the stripped text. Good:
    `eyJhbGciOiJSUzI1NiJ9`. Bad: `eyJhbGciOiJSUzI1NiJ9=`.
    """
    return tuple(
        Problem(
            at=flaw.at,
            message=f"the {flaw.at} segment {flaw.detail}",
            fix="strip = from each segment before signing",
            expected="no = at the end",
            actual=flaw.detail,
        )
        for flaw in ctx.assertion.flaws_of(FlawKind.PADDING)
        if flaw.at != "signature"
    )


@rule(
    "segment-standard-base64",
    "A segment is in standard base64",
    severity=Severity.WARNING,
    source="RFC 7515 §2",
    unless=("no-assertion", "is-a-jwe"),
    kinds=ALL_KINDS,
)
def segment_standard_base64(ctx: Context) -> tuple[Problem, ...]:
    """JOSE uses the URL-safe alphabet: `-` for `+` and `_` for `/`.

    Whether Entra ID takes the standard alphabet is not known; a form body turns `+` into a space.

    Encode with the URL-safe alphabet, and sign that text. Good: `eyJ-_w`. Bad: `eyJ+/w`.
    """
    return tuple(
        Problem(
            at=flaw.at,
            message=f"the {flaw.at} segment {flaw.detail}",
            fix="encode with base64url: - in place of +, _ in place of /",
            expected="letters, digits, - and _",
            actual=flaw.detail,
        )
        for flaw in ctx.assertion.flaws_of(FlawKind.STANDARD_ALPHABET)
        if flaw.at != "signature"
    )


@rule(
    "payload-not-utf8",
    "The JSON is not UTF-8",
    severity=Severity.WARNING,
    source="RFC 7519 §7.2",
    unless=("no-assertion", "is-a-jwe"),
    kinds=ALL_KINDS,
)
def payload_not_utf8(ctx: Context) -> tuple[Problem, ...]:
    """Header and claims are UTF-8, whatever the platform's own encoding is.

    What Entra ID makes of other octets is not known.

    Encode the JSON text as UTF-8 before base64url: `Encoding.UTF8.GetBytes(json)` in C#,
    `json.encode("utf-8")` in Python. Good: `c3 a9` for é. Bad: `e9`.
    """
    return tuple(
        Problem(
            at=flaw.at,
            message=f"the octets of the {flaw.at} are not UTF-8: {flaw.detail}",
            fix="encode the JSON text as UTF-8",
            expected="UTF-8",
            actual=flaw.detail,
        )
        for flaw in ctx.assertion.flaws_of(FlawKind.NOT_UTF8)
    )


@rule(
    "bom-in-json",
    "A byte order mark stands before the JSON",
    severity=Severity.WARNING,
    source="RFC 8259 §8.1",
    unless=("no-assertion", "is-a-jwe"),
    kinds=ALL_KINDS,
)
def bom_in_json(ctx: Context) -> tuple[Problem, ...]:
    """JSON text on the wire begins with its brace, without a byte order mark.

    Whether Entra ID skips the mark is not known; a strict parser refuses it.

    Write the text without it: `new UTF8Encoding(false)` in .NET, `utf8NoBOM` in PowerShell 7.
    Good: `eyJhbGci…`. Bad: `77u_eyJhbGci…`.
    """
    return tuple(
        Problem(
            at=flaw.at,
            message=f"{flaw.detail} of the JSON",
            fix="encode as UTF-8 without a byte order mark",
            expected="{ as the first character",
            actual="U+FEFF, then {",
        )
        for flaw in ctx.assertion.flaws_of(FlawKind.BOM)
    )


@rule(
    "duplicate-json-key",
    "A name stands twice",
    severity=Severity.WARNING,
    source="RFC 7519 §4",
    unless=("no-assertion", "is-a-jwe"),
    kinds=ALL_KINDS,
)
def duplicate_json_key(ctx: Context) -> tuple[Problem, ...]:
    """A header parameter or claim stands once.

    Readers differ in which of two they take, so what this program shows (the last) need not be
    what Entra ID judged.

    Build the claims in a dictionary instead of joining strings. Good: `{"aud":"…"}`. Bad:
    `{"aud":"…","aud":"…"}`.
    """
    return tuple(
        Problem(
            at=flaw.at,
            message=f"{quoted(flaw.detail)} stands more than once; the last one was read",
            fix="write each name once",
            actual=f"{quoted(flaw.detail)} more than once",
            expected="once",
        )
        for flaw in ctx.assertion.flaws_of(FlawKind.DUPLICATE_KEY)[:5]
    )


@rule(
    "number-not-json",
    "A number that JSON does not have",
    severity=Severity.WARNING,
    source="RFC 8259 §6",
    unless=("no-assertion", "is-a-jwe"),
    kinds=ALL_KINDS,
)
def number_not_json(ctx: Context) -> tuple[Problem, ...]:
    """JSON has no `NaN` and no `Infinity`.

    A strict parser refuses the whole text; what Entra ID does is not known.

    Leave the claim out, or give it a number. Good: `"exp":1768478880`. Bad: `"exp":NaN`.
    """
    return tuple(
        Problem(
            at=flaw.at,
            message=f"{flaw.detail} stands where JSON wants a number",
            fix="give a number, or leave the name out",
            actual=flaw.detail,
            expected="a number",
        )
        for flaw in ctx.assertion.flaws_of(FlawKind.NOT_A_NUMBER)[:5]
    )


@rule(
    "secret-inside",
    "A secret stands in the open",
    severity=Severity.WARNING,
    source="RFC 7515 §10.1",
    kinds=ALL_KINDS,
)
def secret_inside(ctx: Context) -> tuple[Problem, ...]:
    """Header and claims are not encrypted: whoever sees the assertion reads all of it.

    A private key there can sign in as the app; a nested token can be used by its finder. Neither
    is shown by this program.

    Take it out, and treat it as known to others: replace the key, revoke the token. Good: `x5c`
    with certificates. Bad: a `jwk` with `d` in it.
    """
    return tuple(
        Problem(
            at=flaw.at,
            message=f"{flaw.at} holds {flaw.detail}, not shown here",
            fix="take it out of the assertion, and replace it",
        )
        for flaw in ctx.assertion.flaws_of(FlawKind.SECRET_INSIDE)[:5]
        if not flaw.at.startswith("header.x5c")
    )


@rule(
    "is-federated",
    "An assertion of another issuer",
    severity=Severity.NOTE,
    source="Entra workload-identity-federation",
    unless=("payload-not-object",),
    kinds=frozenset({AssertionKind.FEDERATED}),
)
def is_federated(ctx: Context) -> tuple[Problem, ...]:
    """Workload identity federation trades another issuer's token for one of Entra ID.

    Entra ID checks it against the app's federated credentials and the issuer's published keys,
    not against a certificate of the app.

    Give the former with `--federated FILE`, from `az ad app federated-credential list --id APP`,
    and the issuer's JWKS with `--cert`: then `iss`, `sub`, `aud`, key and signature are judged.
    """
    claims = ctx.assertion.claims
    if ctx.federated is not None:
        return ()
    return (
        Problem(
            at="claims.iss",
            message=f"issued by {quoted(claims.get('iss'))} for {quoted(claims.get('sub'))}: "
            "judged by the app's federated credentials",
            fix="add --federated FILE with what `az ad app federated-credential list --id APP` "
            "prints, and the issuer's JWKS with --cert",
        ),
    )


@rule(
    "is-a-graph-proof",
    "A proof of possession for Graph",
    severity=Severity.NOTE,
    source="Entra application-rollkey-prooftoken",
    unless=("payload-not-object",),
    kinds=frozenset({AssertionKind.GRAPH_PROOF}),
)
def is_a_graph_proof(ctx: Context) -> tuple[Problem, ...]:
    """`addKey` and `removeKey` of Microsoft Graph take a JWT signed with a key the app has.

    It goes into `proof`, not into `client_assertion`, and its audience is Graph's old
    application id.

    To sign in, make an assertion whose `aud` is the token endpoint.
    """
    return (
        Problem(
            at="claims.aud",
            message=f"aud {quoted(ctx.assertion.claims.get('aud'))} is that of Graph's addKey",
            fix="send it as proof to addKey or removeKey; sign in with an aud of the token URL",
        ),
    )


def _and_cut_off(ctx: Context) -> str:
    return "; nothing follows, so the end is lost" if len(ctx.assertion.segments) == 2 else ""


def _not_base64url(ctx: Context, at: str) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            at=at,
            message=f"the {at} segment cannot be decoded: {flaw.detail}"
            + (_and_cut_off(ctx) if at == "claims" else ""),
            fix="send the assertion as the library returned it, to its end",
            expected="letters, digits, - and _",
            actual=flaw.detail,
        )
        for flaw in ctx.assertion.flaws_of(FlawKind.NOT_BASE64URL, at=at)
    )


def _not_an_object(ctx: Context, at: str) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            at=at,
            message=f"the {at} is not a JSON object: {flaw.detail}",
            fix=f"write the {at} with a JSON library",
            expected="a JSON object",
            actual=flaw.detail,
        )
        for flaw in ctx.assertion.flaws_of(
            FlawKind.NOT_JSON, FlawKind.TOO_DEEP, FlawKind.NOT_OBJECT, at=at
        )
    )


RULES = (
    is_a_private_key,
    no_assertion,
    is_a_jwe,
    is_an_access_token,
    segment_count,
    segments_swapped,
    header_not_base64url,
    header_not_json,
    payload_not_base64url,
    payload_not_json,
    payload_not_object,
    payload_empty,
    claim_name_misspelled,
    signature_missing,
    signature_not_base64url,
    base64url_padding,
    segment_standard_base64,
    payload_not_utf8,
    bom_in_json,
    duplicate_json_key,
    number_not_json,
    secret_inside,
    is_federated,
    is_a_graph_proof,
)
