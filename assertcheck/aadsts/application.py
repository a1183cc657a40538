"""Codes about the tenant, the app and what it has registered, and about certificate trust."""

from __future__ import annotations

from assertcheck.aadsts.entry import DECODE, VERIFY, VERIFY_REQUEST, describe
from assertcheck.model import Confidence

_SEND_ASSERTION = (
    "send client_assertion with client_assertion_type "
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer, form-encoded"
)
_OWN_CLOUD = (
    "the app lives in another cloud than the endpoint: use the endpoint of its own cloud "
    "(login.microsoftonline.com, login.microsoftonline.us, login.partner.microsoftonline.cn)"
)
_TENANT_ENDPOINT = "/common or /consumers is in the URL: write the tenant's id in its place"
_TRUST = (
    "the app trusts certificates by subject and issuer: register the certificate itself on the "
    "app, or send one that the trust covers"
)

TENANT = (
    describe(
        "90002",
        name="InvalidTenantName",
        error="invalid_request",
        confidence=Confidence.DOCUMENTED,
        meaning="The tenant in the URL does not exist in this cloud.",
        causes=(
            "the tenant is misspelt: copy the directory (tenant) id from the portal",
            _OWN_CLOUD,
        ),
        run=(VERIFY_REQUEST,),
    ),
    describe(
        "900023",
        error="invalid_request",
        confidence=Confidence.DOCUMENTED,
        meaning="The tenant in the URL has neither the form of an id nor that of a domain name.",
        causes=(
            "the tenant segment is malformed: write the tenant's id or one of its domain names",
        ),
        run=(VERIFY_REQUEST,),
    ),
    describe(
        "900021",
        confidence=Confidence.DOCUMENTED,
        meaning="The tenant in the URL is the empty GUID.",
        causes=("a tenant id of zeros was sent: write the tenant's own id",),
    ),
    describe(
        "900439",
        name="USGClientNotSupportedOnPublicEndpoint",
        confidence=Confidence.DOCUMENTED,
        meaning="An app of the US government cloud was used at the public endpoint.",
        causes=(
            "the request went to login.microsoftonline.com: use login.microsoftonline.us, in the "
            "URL and in `aud`",
        ),
        run=("assertcheck verify assertion.jwt --cert cert.pem --cloud usgov",),
    ),
    *(
        describe(
            number,
            confidence=Confidence.DOCUMENTED,
            meaning="The app authenticated across clouds, which confidential clients may not do.",
            causes=(_OWN_CLOUD,),
            run=(VERIFY_REQUEST,),
        )
        for number in ("900382", "900432")
    ),
    describe(
        "9001023",
        error="invalid_request",
        text="The grant type is not supported over the /common or /consumers endpoints. Please use "
        "the /organizations or tenant-specific endpoint.",
        confidence=Confidence.DOCUMENTED,
        meaning="The grant (client_credentials, for one) is not served at /common or /consumers.",
        causes=(f"{_TENANT_ENDPOINT}, in `aud` too",),
        run=(VERIFY_REQUEST,),
    ),
    describe(
        "90010",
        error="invalid_request",
        text="The grant type is not supported over the /common or /consumers endpoints. Please use "
        "the /organizations or tenant-specific endpoint.",
        confidence=Confidence.DOCUMENTED,
        meaning="The grant (client_credentials, for one) is not served at /common or /consumers. "
        "Microsoft's lookup has another text for the number: 'Unable to create {algoName} "
        "algorithm.'",
        causes=(f"{_TENANT_ENDPOINT}, in `aud` too",),
        run=(VERIFY_REQUEST,),
    ),
    describe(
        "50194",
        confidence=Confidence.DOCUMENTED,
        meaning="The app is registered for one tenant, and /common was used.",
        causes=(
            "/common is in the URL: write the tenant's id in its place",
            "the app is meant for several tenants: make it multi-tenant in its registration",
        ),
        run=(VERIFY_REQUEST,),
    ),
    describe(
        "100007",
        confidence=Confidence.DOCUMENTED,
        meaning="A regional endpoint was used, which serves managed identities and Microsoft's own "
        "apps and tenants only.",
        causes=("a region is set in the library: remove it, and use the global endpoint",),
    ),
)

APP = (
    describe(
        "700038",
        confidence=Confidence.DOCUMENTED,
        meaning="The client id is the empty GUID.",
        causes=("client_id is all zeros: use the application (client) id",),
        run=(VERIFY_REQUEST,),
    ),
    describe(
        "700016",
        name="UnauthorizedClient_DoesNotMatchRequest",
        error="unauthorized_client",
        confidence=Confidence.SEEN,
        meaning="The tenant that the request went to knows no application with this client id.",
        causes=(
            "the request went to another tenant than the app's: use the tenant it is registered "
            "or installed in",
            "the object id of the app or of its service principal was taken for the client id: "
            "use the application (client) id",
            "the app has not been installed in the tenant: have an administrator consent to it",
        ),
        run=(VERIFY_REQUEST,),
    ),
    describe(
        "700011",
        error="unauthorized_client",
        confidence=Confidence.DOCUMENTED,
        meaning="The tenant that the request went to knows no application with this client id: "
        "what AADSTS700016 says today.",
        causes=("do as for AADSTS700016",),
        run=("assertcheck explain AADSTS700016", VERIFY_REQUEST),
    ),
    describe(
        "70001",
        error="unauthorized_client",
        confidence=Confidence.DOCUMENTED,
        meaning="The request names no application, by Microsoft's lookup. In 2016 the number said "
        "what AADSTS700016 says today: the tenant knows no application with this client id.",
        causes=(
            "'was not found in the directory': do as for AADSTS700016",
            "client_id was not sent: add it",
        ),
        run=("assertcheck explain AADSTS700016", VERIFY_REQUEST),
    ),
    describe(
        "7000229",
        error="invalid_client",
        text="The client application {appId} is missing service principal in the tenant {tid}.",
        confidence=Confidence.SEEN,
        meaning="The app exists, and has no service principal in the tenant.",
        causes=(
            "nobody made the service principal: `az ad sp create --id CLIENT_ID`, signed in to "
            "the tenant",
        ),
        run=(VERIFY_REQUEST,),
    ),
    describe(
        "7000112",
        name="UnauthorizedClientApplicationDisabled",
        confidence=Confidence.DOCUMENTED,
        meaning="The application is disabled.",
        causes=("somebody disabled the app: enable it",),
    ),
    describe(
        "700025",
        name="InvalidClientPublicClientWithCredential",
        error="invalid_client",
        confidence=Confidence.SEEN,
        meaning="The app counts as a public client in this request, and a public client may not "
        "send a credential.",
        causes=(
            "the redirect URI of the request is registered as single-page, mobile or desktop: "
            "register it as a web redirect URI",
            "the app is switched to public client: set 'Allow public client flows' to No",
        ),
        run=(DECODE,),
    ),
    describe(
        "700026",
        confidence=Confidence.SEEN,
        meaning="The app has no key registered at all.",
        causes=(
            "no certificate was uploaded, or it was to another app: upload it to this one "
            "(`az ad app credential reset --id CLIENT_ID --cert @cert.pem --append`)",
        ),
        run=("az ad app show --id CLIENT_ID > app.json", "assertcheck app app.json"),
    ),
    describe(
        "7000110",
        confidence=Confidence.DOCUMENTED,
        meaning="The parts of the request belong to several applications.",
        causes=(
            "the code or refresh token was issued to another client: redeem it with the client it "
            "was issued to",
        ),
        run=(VERIFY_REQUEST,),
    ),
    describe(
        "70003",
        confidence=Confidence.DOCUMENTED,
        meaning="The grant_type of the request is not one that Entra ID knows.",
        causes=(
            "grant_type is misspelt: send client_credentials, authorization_code, refresh_token or "
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
        ),
        run=(VERIFY_REQUEST,),
    ),
    describe(
        "7000216",
        confidence=Confidence.SEEN,
        meaning="No credential was found in a client_credentials request.",
        causes=(
            f"client_assertion is absent, empty or misspelt: {_SEND_ASSERTION}",
            "the body has another content type, so that no field was found in it: post it as "
            "application/x-www-form-urlencoded",
        ),
        run=(DECODE,),
    ),
    describe(
        "7000218",
        error="invalid_client",
        confidence=Confidence.SEEN,
        meaning="No credential was found in the request, and the app is not a public client.",
        causes=(
            f"client_assertion is absent, empty or misspelt: {_SEND_ASSERTION}",
            "the body has another content type, so that no field was found in it: post it as "
            "application/x-www-form-urlencoded",
        ),
        run=(DECODE,),
    ),
    describe(
        "7000219",
        confidence=Confidence.SEEN,
        meaning="No credential was found in a request for this grant.",
        causes=(f"client_assertion is absent, empty or misspelt: {_SEND_ASSERTION}",),
        run=(DECODE,),
    ),
    describe(
        "7000215",
        error="invalid_client",
        confidence=Confidence.SEEN,
        meaning="A client secret was sent, and it is wrong; this is not about an assertion.",
        causes=(
            "the secret's id was sent: send its value",
            "a certificate was meant: send client_assertion in place of client_secret",
        ),
    ),
    describe(
        "7000222",
        error="invalid_client",
        confidence=Confidence.SEEN,
        meaning="A client secret was sent, and those of the app have expired; this is not about "
        "an assertion.",
        causes=("the secret has expired: make a new one, or use a certificate",),
    ),
)

TRUST = (
    describe(
        "7000213",
        error="invalid_client",
        confidence=Confidence.SEEN,
        meaning="`x5c` was sent to an app that trusts certificates by subject and issuer, and "
        "their chain does not hold. Entra ID does not fall back to the registered thumbprint.",
        causes=(
            "the certificate is self-signed: leave `x5c` out (in MSAL, the option that sends it), "
            "so that the thumbprint counts",
            "the chain in `x5c` is broken: send the leaf first, then the CA that issued it",
        ),
        run=(VERIFY,),
    ),
    describe(
        "7000214",
        name="CertificateHasBeenRevoked",
        confidence=Confidence.DOCUMENTED,
        meaning="The certificate has been revoked.",
        causes=("the CA revoked it: get a new certificate and register it",),
        run=(VERIFY,),
    ),
    describe(
        "7000277",
        name="CertificateWasRevoked",
        confidence=Confidence.LIKELY,
        meaning="The certificate has likely been revoked: so Microsoft's own library names the "
        "number; no response with it has been seen.",
        causes=("the CA likely revoked it: get a new certificate and register it",),
        run=(VERIFY,),
    ),
    describe(
        "7000274",
        confidence=Confidence.LIKELY,
        meaning="The certificate has likely expired. Microsoft's own library contradicts itself "
        "over the number: CertificateNotWithinValidityPeriod in one place, "
        "ClientAssertionContainsInvalidSignature in another.",
        causes=(
            "the certificate has likely expired: register a new one and sign with its key",
            "otherwise the signature likely does not verify: do as for AADSTS700027",
        ),
        run=(VERIFY, "assertcheck explain AADSTS700027"),
    ),
    describe(
        "1000502",
        confidence=Confidence.DOCUMENTED,
        meaning="The certificate has expired or is not valid yet.",
        causes=("the certificate has expired: register a new one and sign with its key",),
        run=(VERIFY,),
    ),
    describe(
        "700030",
        error="invalid_client",
        confidence=Confidence.SEEN,
        meaning="The app does not trust the subject of the certificate. Responses have been seen "
        "with another text for this number: 'Invalid certificate - the issuer of the certificate "
        "is from a different cloud instance.'",
        causes=(
            _TRUST,
            "'from a different cloud instance': use a certificate issued for this cloud",
        ),
        run=(VERIFY,),
    ),
    *(
        describe(
            number,
            confidence=Confidence.DOCUMENTED,
            meaning=f"{meaning} It likely belongs to trust by subject and issuer.",
            causes=(_TRUST,),
            run=(VERIFY,),
        )
        for number, meaning in (
            ("700028", "The certificate is not one that the app takes."),
            ("7000281", "The certificate is not one that the app takes."),
            ("700031", "The certificate has neither a subject nor an alternative name."),
            ("700032", "The app names no certificate subjects that it trusts."),
        )
    ),
    describe(
        "700029",
        confidence=Confidence.DOCUMENTED,
        meaning="The signing certificate is not valid, in Microsoft's words, which say no more; "
        "no response with it has been seen.",
        causes=("the certificate cannot be used: check its dates and its chain",),
        run=(VERIFY,),
    ),
    *(
        describe(
            number,
            confidence=Confidence.DOCUMENTED,
            meaning=f"The tenant's policy on trusted certificate authorities {meaning}.",
            causes=(
                "the certificate's CA is not in that policy: have an administrator add it, or "
                "use a certificate of a CA that is",
            ),
            run=(VERIFY,),
        )
        for number, meaning in (
            ("7000210", "could not be found"),
            ("7000211", "is not configured"),
            ("7000212", "has nothing for the certificate's subject"),
        )
    ),
    describe(
        "50032",
        name="WeakRsaKey",
        confidence=Confidence.DOCUMENTED,
        meaning="An RSA key is too short. It has not been seen in answer to a client assertion.",
        causes=(
            "the key is short: make a certificate whose RSA key has at least the bits the message asks for",
        ),
        run=(VERIFY,),
    ),
    describe(
        "392200",
        error="invalid_request",
        text="Client certificate is missing from the request.",
        confidence=Confidence.SEEN,
        meaning="The request went to a host for mutual TLS without a client certificate.",
        causes=(
            "mutual TLS was not meant: post to the ordinary host",
            "mutual TLS was meant: give the HTTP client the certificate and its key",
        ),
    ),
    describe(
        "392204",
        error="invalid_client",
        text="The provided client certificate has expired.",
        confidence=Confidence.SEEN,
        meaning="The client certificate of a mutual TLS connection has expired.",
        causes=("the certificate has expired: register a new one and connect with it",),
    ),
    describe(
        "500181",
        error="invalid_request",
        confidence=Confidence.SEEN,
        meaning="The client certificate of the mutual TLS connection is not the one the assertion "
        "names.",
        causes=("two certificates are in use: connect and sign with the same one",),
        run=(VERIFY,),
    ),
)

AFTERWARDS = (
    describe(
        "500011",
        confidence=Confidence.DOCUMENTED,
        meaning="The resource that the scope names is not in the tenant. The credential has "
        "already been accepted.",
        causes=(
            "the scope is misspelt: copy the application id URI of the API",
            "the API has no service principal in the tenant: have an administrator add it",
        ),
    ),
    describe(
        "900971",
        confidence=Confidence.DOCUMENTED,
        meaning="The request has no reply address; it is not about the credential.",
        causes=("no redirect URI was sent or registered: register it and send it",),
    ),
    describe(
        "530035",
        confidence=Confidence.DOCUMENTED,
        meaning="The tenant's security defaults stand in the way; it is not about the credential.",
        causes=("security defaults block the sign-in: ask an administrator of the tenant",),
    ),
    describe(
        "90094",
        confidence=Confidence.DOCUMENTED,
        meaning="An administrator has to consent; it is not about the credential.",
        causes=("consent is missing: have an administrator of the tenant grant it",),
    ),
)

ENTRIES = (*TENANT, *APP, *TRUST, *AFTERWARDS)
