"""Codes that are about the assertion itself: its form, its claims, its key."""

from __future__ import annotations

from assertcheck.aadsts.entry import DECODE, VERIFY, VERIFY_REQUEST, describe
from assertcheck.model import Confidence

_FORM_ENCODED = "post the body as application/x-www-form-urlencoded"

KEY = (
    describe(
        "700027",
        name="InvalidKeyError",
        error="invalid_client",
        confidence=Confidence.SEEN,
        meaning="Entra ID found no registered key for the assertion's key identifier, or it found "
        "the key and could not verify the signature with it; the words after `Reason - ` tell "
        "which. A message that begins 'The certificate with identifier used to sign the client "
        "assertion is not registered on application' is always the first case.",
        causes=(
            "'The key was not found.' with a thumbprint of 40 hex digits: that certificate is "
            "likely not registered on this app in this tenant; upload it to the app that `iss` "
            "names (`az ad app credential reset --id CLIENT_ID --cert @cert.pem --append`), or "
            "sign with one that is",
            "'The key was not found.' with a thumbprint of another length: `x5t` is likely the "
            "wrong value or wrongly written, such as hex text or a SHA-256 digest; set it to the "
            "base64url of the 20 octets of the SHA-1 of the certificate's DER",
            "'The key was not found.' without a thumbprint: the header likely has only `kid` or "
            "only `x5t#S256`; add `x5t`, or set `x5t#S256` to the base64url of the SHA-256 of the "
            "certificate's DER",
            "'The key used is expired.': the registered certificate is past its end or before its "
            "start; register a new one, give its start in UTC, and set the clock of the machine "
            "that made it",
            "'The provided signature value did not match the expected signature value.', or likely "
            "'Key was found, but use of the key to verify the signature failed.': another private "
            "key signed, the text changed after signing, or `x5c` lists the CA first; sign with "
            "the key of the certificate that the header names, and put the leaf first in `x5c`",
        ),
        run=("assertcheck explain assertion", VERIFY, DECODE),
    ),
    describe(
        "50012",
        name="AuthenticationFailed",
        error="invalid_client",
        confidence=Confidence.SEEN,
        meaning="The general refusal of a certificate credential. Until about 2017 it stood behind "
        "AADSTS70002 for what is AADSTS700027, AADSTS700023 or AADSTS700024 today; since then it "
        "is documented for certificate trust.",
        causes=(
            "'Client assertion contains an invalid signature': do as for AADSTS700027",
            "'Client assertion audience claim does not match Realm issuer': do as for AADSTS700023",
            "'Client assertion is not within its valid time range': do as for AADSTS700024",
            "the certificate's subject, thumbprint, chain or authority is not one the tenant or "
            "the app trusts: register the certificate itself on the app",
        ),
        run=(VERIFY, "assertcheck explain AADSTS700027"),
    ),
    describe(
        "70002",
        error="invalid_client",
        text="Error validating credentials.",
        confidence=Confidence.SEEN,
        meaning="The credential was refused. Older responses put this number in front of the one "
        "that says why.",
        causes=("a second AADSTS code follows in the same message: do as for that one",),
        run=(VERIFY,),
    ),
)

FORM = (
    describe(
        "50027",
        name="InvalidJwtToken",
        error="invalid_request",
        confidence=Confidence.SEEN,
        meaning="Entra ID could not read the assertion as a JWT. Microsoft's list has this number "
        "for every fault of form, but responses name the finer ones with AADSTS50027 and two more "
        "digits.",
        causes=(
            "something else was sent as client_assertion, such as an id: send the three "
            "base64url parts with dots between them",
            "`aud` is a JSON array: make it one string",
            "the text was likely cut, quoted or wrapped on the way: send it as the library made it",
            "'No certificate thumbprint specified in token header' (2016): add `x5t`",
        ),
        run=(DECODE, VERIFY),
    ),
    describe(
        "5002723",
        error="invalid_client",
        text="Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 thumbprint, "
        "nor keyId specified in token header.",
        confidence=Confidence.SEEN,
        meaning="The header holds none of `x5t`, `x5t#S256` and `kid`, so nothing says which "
        "registered key is to be tried.",
        causes=(
            "the JWT library sets no key identifier by itself: add `x5t` (base64url of the SHA-1 "
            "of the certificate's DER) or `x5t#S256` (of its SHA-256) to the header",
            "the library is set to client_secret_jwt: set it to private_key_jwt, with the "
            "certificate's key",
        ),
        run=(VERIFY, DECODE),
    ),
    describe(
        "5002726",
        error="invalid_request",
        text="Invalid JWT token. Found unsupported token header. Supported headers are: "
        "'alg','typ','x5t','x5c','kid','use','enc','ctx','nonce','rh','kdf_ver'",
        confidence=Confidence.SEEN,
        meaning="The header holds a parameter that Entra ID does not take. The list in the message "
        "is of 2023 and lacks `x5t#S256`, which is taken today; the list of today is not known.",
        causes=(
            "`cty` or `gty` is in the header: leave it out",
            "another parameter outside the list is, such as `jku`: leave it out",
        ),
        run=(DECODE, "assertcheck explain header-not-allowed"),
    ),
    describe(
        "5002727",
        error="invalid_request",
        text="Invalid JWT header type specified. Allowed types: "
        "'JWT','http://openid.net/specs/jwt/1.0'",
        confidence=Confidence.SEEN,
        meaning="`typ` in the header is not `JWT`.",
        causes=(
            "`typ` is another type, such as `at+jwt`: set it to `JWT`, or leave it out, which "
            "is taken too",
        ),
        run=(DECODE, "assertcheck explain typ-wrong"),
    ),
    describe(
        "5002730",
        error="invalid_request",
        text="Invalid JWT token. Unsupported key for the signing algorithm.",
        confidence=Confidence.LIKELY,
        meaning="The registered key likely does not suit the `alg` of the header. In spring 2024 "
        "PS256 with `x5t#S256` drew it too, which the release notes of MSAL.NET 4.60.1 put down "
        "to Entra ID.",
        causes=(
            "the key is likely of another kind than `alg`, such as an EC key under RS256: "
            "register an RSA certificate and sign with its key",
        ),
        run=(VERIFY,),
    ),
    describe(
        "5002738",
        error="invalid_client",
        text="Invalid JWT token. '{alg}' is not a supported signature algorithm. Supported signing "
        "algorithms are: 'RS256,RS384,RS512'",
        confidence=Confidence.SEEN,
        meaning="`alg` in the header is not one that Entra ID takes. The list in the message has "
        "changed over the years ('RS256, HS256' in 2021, with the error invalid_request); PS256 "
        "is what Microsoft documents today.",
        causes=(
            "the library signs with ES256 or another EC algorithm: use an RSA certificate with "
            "PS256 or RS256",
            "the library signs with HS256, that is with a client secret: use a certificate's key, "
            "or send the secret as client_secret",
            "`alg` is `none` or EdDSA: sign with PS256 or RS256",
        ),
        run=(DECODE, "assertcheck explain alg-not-supported"),
    ),
    describe(
        "50120",
        name="ThresholdJwtInvalidJwtFormat",
        confidence=Confidence.DOCUMENTED,
        meaning="There is something wrong with the JWT header; Microsoft says no more.",
        causes=("a header parameter is wrong: compare each with what `decode` shows",),
        run=(DECODE, VERIFY),
    ),
    describe(
        "90014",
        name="MissingRequiredField",
        error="invalid_request",
        confidence=Confidence.SEEN,
        meaning="A claim of the assertion or a field of the request is missing; the message names "
        "it (`iss`, `aud` and `scope` have been seen).",
        causes=(
            "the claim `iss` or `aud` is missing: set `iss` to the client id and `aud` to the "
            "token endpoint of the tenant",
            "the field scope is missing from the request: add it",
        ),
        run=(VERIFY, DECODE),
    ),
    describe(
        "900144",
        error="invalid_request",
        confidence=Confidence.DOCUMENTED,
        meaning="A field is missing from the body of the request; the message names it.",
        causes=(
            "grant_type, client_id or scope was not sent: add it",
            f"the body is not form-encoded, so no field was found in it: {_FORM_ENCODED}",
        ),
        run=("assertcheck explain AADSTS7000216",),
    ),
    describe(
        "9002313",
        error="invalid_request",
        text="Invalid request. Request is malformed or invalid.",
        confidence=Confidence.DOCUMENTED,
        meaning="The body of the request could not be read.",
        causes=(f"the body is malformed: {_FORM_ENCODED}, each value percent-encoded",),
        run=(DECODE,),
    ),
)

CLAIMS = (
    describe(
        "700021",
        error="invalid_client",
        confidence=Confidence.SEEN,
        meaning="The claims of the assertion name another application than the client_id that was "
        "posted with it.",
        causes=(
            "`iss` or `sub` is not the client id: set both to the application (client) id",
            "client_id in the request belongs to another app: post the one that `iss` names",
        ),
        run=(VERIFY_REQUEST,),
    ),
    describe(
        "700022",
        confidence=Confidence.DOCUMENTED,
        meaning="Microsoft's lookup says that the assertion has no `sub`. The number has another "
        "meaning too, in responses and in Microsoft's list: a scope that names more than one "
        "resource.",
        causes=(
            "`sub` is missing: set it to the application (client) id",
            "the scope names two resources: ask for one at a time",
        ),
        run=(VERIFY, DECODE),
    ),
    describe(
        "700023",
        error="invalid_client",
        confidence=Confidence.SEEN,
        meaning="`aud` is not the token endpoint of the tenant and cloud that the request went to. "
        "Microsoft's reference list gives this number another meaning (InvalidResourcelessScope); "
        "raw responses, the Azure SDK's guide and Microsoft's own lookup say audience.",
        causes=(
            "`aud` names another tenant than the request: set it to the URL the request is posted "
            "to, https://login.microsoftonline.com/TENANT/oauth2/v2.0/token",
            "`aud` names another cloud: use the host of the cloud the app is registered in "
            "(login.microsoftonline.us, login.partner.microsoftonline.cn)",
            "`aud` says common in place of the tenant: write the tenant's id",
            "the path of `aud` lacks /oauth2/: write /oauth2/v2.0/token",
            "a regional endpoint of another cloud was used: use the cloud's global endpoint",
        ),
        run=(VERIFY_REQUEST, DECODE),
    ),
    describe(
        "700024",
        name="SignedAssertionInvalidTimeRange",
        error="invalid_client",
        text="Client assertion is not within its valid time range. Current time: {ISO-7}, assertion "
        "valid from {ISO}, expiry time of assertion {ISO}. Review the documentation at "
        "https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
        confidence=Confidence.SEEN,
        meaning="By Entra ID's clock, which the message prints, the assertion has expired or is "
        "not valid yet. It is about the times in the assertion: one guide of Microsoft's blames "
        "an expired certificate, but every response seen shows the assertion's own times, and an "
        "expired certificate draws AADSTS700027 or AADSTS1000502.",
        causes=(
            "an old assertion was sent again: sign a new one for each token request, and do not "
            "cache it past `exp`",
            "the clock of the signing machine is wrong: set it by NTP",
            "local time was taken for UTC: compute `nbf` and `exp` from UTC",
            "the expiry in the message is 1970-01-01: `exp` is missing or zero; set it to seconds "
            "since 1970 in UTC",
            "the times are likely in milliseconds: divide them by 1000",
            "a federated token was traded in too late (GitHub's lives 5 minutes, Azure DevOps's "
            "10): fetch a new one right before the request",
        ),
        run=(
            "assertcheck verify assertion.jwt --cert cert.pem --at TIME_IN_THE_MESSAGE",
            DECODE,
        ),
    ),
    describe(
        "50048",
        name="SubjectMismatchesIssuer",
        confidence=Confidence.SEEN,
        meaning="`sub` and `iss` differ in an assertion that is not a federated one.",
        causes=(
            "an access token of Entra ID was sent as client_assertion: sign an assertion with the "
            "app's own key",
            "`sub` or `iss` is something else than the client id: set both to it",
        ),
        run=(DECODE, VERIFY),
    ),
    describe(
        "50171",
        error="invalid_client",
        text="The given audience can only be used in Mutual-TLS token calls.",
        confidence=Confidence.SEEN,
        meaning="`aud` names a host for mutual TLS, and the request did not come over mutual TLS.",
        causes=(
            "`aud` was taken from the mTLS endpoint: set it to the URL the request is posted to",
        ),
        run=(VERIFY_REQUEST,),
    ),
    describe(
        "7000221",
        confidence=Confidence.DOCUMENTED,
        meaning="The subject of the certificate differs from `iss`, by Microsoft's words; no "
        "response with it has been seen.",
        causes=("`iss` is likely not the client id: set `iss` and `sub` to it",),
        run=(VERIFY, DECODE),
    ),
)

USER_ASSERTION = (
    describe(
        "50013",
        error="invalid_grant",
        confidence=Confidence.SEEN,
        meaning="The user's token in the field assertion (the on-behalf-of flow) failed signature "
        "validation; it is not the client assertion. The app id in the message is all zeros, "
        "which tells it from AADSTS700027.",
        causes=(
            "the token is for Microsoft Graph: have the front end ask for a token whose audience "
            "is this API",
        ),
        run=("assertcheck decode token.jwt",),
    ),
    describe(
        "500131",
        confidence=Confidence.DOCUMENTED,
        meaning="The user's token in the field assertion (the on-behalf-of flow) is for another "
        "audience than this app; it is not the client assertion.",
        causes=(
            "the front end asked for a token for another API: ask for one whose audience is this "
            "app",
        ),
        run=("assertcheck decode token.jwt",),
    ),
    describe(
        "500133",
        confidence=Confidence.SEEN,
        meaning="The user's token in the field assertion (the on-behalf-of flow) has expired; it "
        "is not the client assertion. One that was 21 seconds past its end was refused.",
        causes=("the token is too old: have the front end fetch a new one before the call",),
        run=("assertcheck decode token.jwt",),
    ),
    describe(
        "240002",
        text="Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' "
        "grant.",
        confidence=Confidence.LIKELY,
        meaning="An id token was likely sent in the field assertion (the on-behalf-of flow).",
        causes=("an id token is not meant for an API: send the access token",),
        run=("assertcheck decode token.jwt",),
    ),
    describe(
        "50107",
        text="The requested federation realm object '{iss}' does not exist.",
        confidence=Confidence.LIKELY,
        meaning="The issuer of the user's token in the field assertion (the on-behalf-of flow) is "
        "likely not one that the tenant federates with; it is not the client assertion.",
        causes=(
            "the token likely comes from another issuer: send the access token that Entra ID "
            "issued for this API",
        ),
        run=("assertcheck decode token.jwt",),
    ),
    describe(
        "900384",
        confidence=Confidence.DOCUMENTED,
        meaning="The user's token in the field assertion (the on-behalf-of flow) failed signature "
        "validation; it is not the client assertion.",
        causes=("do as for AADSTS50013",),
        run=("assertcheck decode token.jwt", "assertcheck explain AADSTS50013"),
    ),
)

ENTRIES = (*KEY, *FORM, *CLAIMS, *USER_ASSERTION)
