"""Codes about a SAML AuthnRequest, its signature, and the key Entra ID signs the answer with."""

from __future__ import annotations

from assertcheck.aadsts.entry import describe
from assertcheck.aadsts.texts import TEXTS
from assertcheck.model import Confidence

_NEW_CERTIFICATE = (
    "in the app's SAML settings create a new certificate, make it active, and remove the unused one"
)
_REDIRECT_FORM = "SAMLRequest=…&RelayState=…&SigAlg=…&Signature=… in the query"
_MEND_XML = "make the XML as SAML 2.0 core section 3.4 has it"
_JUDGE = "assertcheck saml request.txt"
_WITH_CERTIFICATE = "assertcheck saml request.txt --cert cert.pem"
_WITH_APP = "assertcheck saml request.txt --app app.json"
_APP = "assertcheck app sp.json"
_SAVE = (
    "The request is the first one to the login page in the browser's network log: save its URL, or "
    "the form that is posted, as request.txt."
)
_EXPORT = "`az ad app show --id APP > app.json` exports the app."
_EXPORT_PRINCIPAL = "`az ad sp show --id APP > sp.json` exports the service principal."

SIGNING_KEY = (
    describe(
        "50003",
        name="MissingSigningKey",
        text="No signing key configured.",
        confidence=Confidence.DOCUMENTED,
        meaning="In a sign-in to a SAML app, Entra ID finds no certificate to sign its response "
        "with. Microsoft has two texts for the number: 'No signing key configured.' in its list, "
        f"'{TEXTS['50003']}' in its lookup. {_EXPORT_PRINCIPAL}",
        causes=(
            f"the app has no usable signing certificate: {_NEW_CERTIFICATE}",
            "a signing certificate is there in part only: the service principal needs in "
            "keyCredentials a pair with the same customKeyIdentifier, one with usage Sign and its "
            "passwordCredentials entry, one with usage Verify; a new certificate makes them all",
            "preferredTokenSigningKeyThumbprint is `unused` or names no such pair: make a "
            "certificate active",
        ),
        run=(_APP, "assertcheck explain AADSTS500031"),
    ),
    describe(
        "500031",
        confidence=Confidence.DOCUMENTED,
        meaning="Entra ID finds no signing certificate for the app, by Microsoft's words.",
        causes=("do as for AADSTS50003",),
        run=(_APP, "assertcheck explain AADSTS50003"),
    ),
    describe(
        "50146",
        confidence=Confidence.DOCUMENTED,
        meaning="The app has to have a signing key of its own, which is missing, has expired or is "
        "not valid yet.",
        causes=(f"the key is missing or outside its dates: {_NEW_CERTIFICATE}",),
        run=(_APP, "assertcheck explain AADSTS50003"),
    ),
)

SIGNATURE = (
    describe(
        "76020",
        confidence=Confidence.DOCUMENTED,
        meaning="The app takes signed requests only, and this one likely came over another "
        "protocol than SAML, the only one whose requests Entra ID verifies.",
        causes=(
            "the sign-in likely uses another protocol than SAML: use SAML, or set "
            "requestSignatureVerification.isSignedRequestRequired to false on the application",
        ),
        run=(_JUDGE,),
    ),
    describe(
        "76021",
        name="ApplicationRequiresSignedRequests",
        confidence=Confidence.DOCUMENTED,
        meaning="The app requires signed requests, and Entra ID sees no signature on this one. It "
        f"is drawn too when the signature sits where the binding does not look for it. {_SAVE}",
        causes=(
            "the service provider does not sign: turn on request signing there, with a key whose "
            "certificate is uploaded to the app as a verification certificate",
            "HTTP-Redirect with the signature inside the XML: take it out, and send "
            f"{_REDIRECT_FORM}",
            "HTTP-POST with the signature in a form or query field: put it into the XML, as "
            "ds:Signature over the request's ID",
            "the sign-in was started by the portal's test button, My Apps or the launcher, which "
            "do not sign: start it at the service provider",
        ),
        run=(_WITH_CERTIFICATE, _WITH_APP),
    ),
    describe(
        "76022",
        confidence=Confidence.DOCUMENTED,
        meaning="The app requires signed requests and has no certificate to verify them with. "
        f"{_EXPORT}",
        causes=(
            "no verification certificate was uploaded: upload the service provider's certificate "
            "in the app's SAML settings, under verification certificates",
        ),
        run=(_WITH_APP,),
    ),
    describe(
        "76023",
        confidence=Confidence.DOCUMENTED,
        meaning="The signature of the request does not verify. Where the request names no "
        f"certificate, as by HTTP-Redirect, the same fault likely draws AADSTS76024. {_SAVE}",
        causes=(
            "the XML was changed after signing: post it as it was signed",
            "another key signed than that of the certificate in KeyInfo: sign with the key of a "
            "verification certificate of the app, and name that certificate",
        ),
        run=(_WITH_CERTIFICATE, "assertcheck explain AADSTS76024"),
    ),
    describe(
        "76024",
        confidence=Confidence.DOCUMENTED,
        meaning="The request names no certificate (a redirect request never does, a POST does so "
        "in KeyInfo), and none of the newest verification certificates verified it; two are "
        f"tried. {_SAVE} {_EXPORT}",
        causes=(
            "the query was escaped anew after signing (`%20` against `+`, upper against lower "
            "case): send the very text that was signed, in the order SAMLRequest, RelayState, "
            "SigAlg",
            "the signing certificate is not among the two newest: upload it again, or remove the "
            "newer ones that are not used",
            "another key signed: sign with the key of a verification certificate of the app",
            "a POST request without KeyInfo: put the certificate into it",
        ),
        run=(_WITH_APP, _WITH_CERTIFICATE),
    ),
    describe(
        "76025",
        confidence=Confidence.DOCUMENTED,
        meaning="The request does not say by which algorithm it was signed.",
        causes=(
            "SigAlg is missing from the query: add it, and sign over it",
            "SignatureMethod is missing from the XML signature: add it",
        ),
        run=(_JUDGE,),
    ),
    describe(
        "76026",
        confidence=Confidence.DOCUMENTED,
        meaning="Entra ID holds the request to be too old. By the documentation IssueInstant is "
        "not evaluated, so what the age is taken from is not known.",
        causes=("the request was kept or sent again: make a new one",),
    ),
    describe(
        "76027",
        confidence=Confidence.DOCUMENTED,
        meaning="The request names a certificate in KeyInfo that is not among the app's "
        f"verification certificates. {_EXPORT}",
        causes=(
            "the service provider's certificate was renewed: upload the new one to the app",
            "KeyInfo names another certificate than the signer's: correct it, or leave it out",
        ),
        run=(_WITH_APP, "assertcheck explain AADSTS76024"),
    ),
    describe(
        "76028",
        confidence=Confidence.DOCUMENTED,
        meaning="The signature algorithm is not one the app takes: RSA with SHA-256, and RSA with "
        "SHA-1 only where the app opts in.",
        causes=(
            "the library signs with RSA-SHA1 by default (node-saml, pysaml2, ruby-saml, older "
            "python3-saml): set it to http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "the library cannot do SHA-256: set "
            "requestSignatureVerification.allowedWeakAlgorithms to rsaSha1 on the application",
        ),
        run=(_WITH_APP,),
    ),
    describe(
        "76029",
        confidence=Confidence.DOCUMENTED,
        meaning="The app requires signed requests, and the signature could not be validated; "
        "Microsoft says no more.",
        causes=("do as for AADSTS76023",),
        run=(_WITH_CERTIFICATE, "assertcheck explain AADSTS76023"),
    ),
    describe(
        "76030",
        confidence=Confidence.DOCUMENTED,
        meaning="The signature is there and cannot be read.",
        causes=(
            "Signature in the query is likely not base64, or its escapes were lost: "
            "percent-encode `+`, `/` and `=` in it once",
            "ds:Signature in the XML is likely malformed: make it with an XML signature library",
        ),
        run=(_JUDGE,),
    ),
    describe(
        "76031",
        confidence=Confidence.DOCUMENTED,
        meaning="The endpoint that the request went to takes no signed SAML requests.",
        causes=(
            "another endpoint than the app's was used: take the login URL from the app's SAML "
            "settings",
        ),
    ),
    describe(
        "750018",
        confidence=Confidence.DOCUMENTED,
        meaning="SigAlg is not an algorithm that Entra ID knows.",
        causes=(
            "a name was sent in place of the URI: send "
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256, percent-encoded once",
        ),
        run=(_JUDGE, "assertcheck explain AADSTS76028"),
    ),
    describe(
        "7500110",
        confidence=Confidence.DOCUMENTED,
        meaning="The query has a signature and no SigAlg.",
        causes=("SigAlg is missing from the query: add it, and sign over it",),
        run=(_JUDGE, "assertcheck explain AADSTS76025"),
    ),
    describe(
        "50006",
        confidence=Confidence.DOCUMENTED,
        meaning="A signature does not verify; Microsoft says no more.",
        causes=("do as for AADSTS76023",),
        run=(_WITH_CERTIFICATE, "assertcheck explain AADSTS76023"),
    ),
    describe(
        "500066",
        confidence=Confidence.DOCUMENTED,
        meaning="The Reference of the XML signature points at something that is not in the "
        "request.",
        causes=(
            "the URI of the Reference differs from the request's ID: make it `#` and that ID",
            "the ID was changed after signing: post the request as it was signed",
        ),
        run=(_WITH_CERTIFICATE, "assertcheck explain AADSTS76023"),
    ),
    describe(
        "500069",
        confidence=Confidence.DOCUMENTED,
        meaning="The element with this ID is not signed, or its signature does not verify.",
        causes=(
            "the signature covers another element: sign the AuthnRequest itself, by its ID",
            "the XML was changed after signing: post it as it was signed",
        ),
        run=(_WITH_CERTIFICATE, "assertcheck explain AADSTS76023"),
    ),
)

TRANSPORT = tuple(
    describe(
        number, confidence=Confidence.DOCUMENTED, meaning=meaning, causes=causes, run=(_JUDGE,)
    )
    for number, meaning, causes in (
        (
            "750014",
            "Neither SAMLRequest nor SAMLResponse is in the message.",
            (f"the parameter is missing or misspelt: send {_REDIRECT_FORM}, or a form field",),
        ),
        (
            "750051",
            "A request of the POST binding came with another HTTP method.",
            ("the request was sent by GET: send it by POST, or use HTTP-Redirect",),
        ),
        (
            "750052",
            "The body has no SAMLRequest or SAMLResponse, as the POST binding wants it.",
            ("the field is missing from the form, or in the query: send it as a form field",),
        ),
        (
            "750053",
            "A request of the Redirect binding came with another HTTP method.",
            ("the request was sent by POST: send it by GET, or use HTTP-POST",),
        ),
        (
            "750054",
            "The query has no SAMLRequest or SAMLResponse, as the Redirect binding wants it.",
            ("the parameter is missing from the query: add it",),
        ),
        (
            "750055",
            "SAMLRequest is not DEFLATE-compressed.",
            (
                "the XML was not compressed, or with a zlib or gzip frame around: compress it as "
                "raw DEFLATE, then base64, then percent-encode",
            ),
        ),
        (
            "750056",
            "SAMLRequest is not base64.",
            ("the text was cut, or escaped once too often: base64 it, percent-encode it once",),
        ),
        (
            "750057",
            "The XML is not UTF-8.",
            ("the XML is written in another encoding: write it in UTF-8",),
        ),
    )
)

SCHEMA = tuple(
    describe(
        number, confidence=Confidence.DOCUMENTED, meaning=meaning, causes=causes, run=(_JUDGE,)
    )
    for number, meaning, causes in (
        (
            "75005",
            "The message is not a SAML 2.0 request.",
            (f"it is another kind of message, or faulty: {_MEND_XML}",),
        ),
        (
            "75008",
            "Destination in the request is not one that the endpoint takes; the message lists "
            "those that it does. Microsoft's documentation says that Destination is ignored.",
            ("Destination names another URL: set it to one of the list, or leave it out",),
        ),
        (
            "75011",
            "The user signed in by another method than RequestedAuthnContext asks for.",
            ("the request asks for one method: leave RequestedAuthnContext out",),
        ),
        (
            "75016",
            "NameIDPolicy in the request is not one that Entra ID takes.",
            ("SPNameQualifier or Format is odd: leave SPNameQualifier out",),
        ),
        (
            "750161",
            "The Format of NameIDPolicy is not one that Entra ID takes; the message lists those "
            "that it does.",
            ("Format is another: use persistent, emailAddress, unspecified or transient",),
        ),
        (
            "7500512",
            "There is an element that SAML does not have at this place.",
            (f"the element is misplaced or unknown: {_MEND_XML}",),
        ),
        (
            "7500513",
            "The message is neither AuthnRequest nor LogoutRequest.",
            ("another request was sent: send an AuthnRequest",),
        ),
        (
            "7500514",
            "There is no Response or Assertion in a message that should be one.",
            ("the response was likely sent to the wrong place: send requests here",),
        ),
        (
            "7500515",
            "A required element is missing or misplaced; the message names it.",
            (f"the element is missing: {_MEND_XML}",),
        ),
        (
            "7500516",
            "A required attribute is missing; the message names it.",
            ("ID, Version or IssueInstant is likely missing: add the one that is named",),
        ),
        (
            "7500518",
            "Comparison of RequestedAuthnContext is not one that Entra ID takes.",
            ("Comparison is another: set it to exact, or leave it out",),
        ),
        ("7500519", "Version is not 2.0.", ("Version is another: set it to 2.0",)),
        (
            "7500520",
            "The message begins with something else than a SAML element.",
            (f"text or another element comes first: {_MEND_XML}",),
        ),
        (
            "7500521",
            "The message begins with something else than a SAML element.",
            (f"something else than an element comes first: {_MEND_XML}",),
        ),
        (
            "7500522",
            "The content of an element is not a URI; the message names it.",
            ("the value is no URI: write one",),
        ),
        (
            "7500523",
            "IDPList is empty.",
            ("Scoping holds an IDPList, which Entra ID does not take: leave it out",),
        ),
        (
            "7500524",
            "RequestedAuthnContext names no class.",
            ("AuthnContextClassRef is missing: add one, or leave RequestedAuthnContext out",),
        ),
        (
            "7500525",
            "The message is not well-formed XML; the message of the error has line and position.",
            ("the XML is broken or was cut: send it as the library made it",),
        ),
        (
            "7500529",
            "The ID of the request begins with a digit.",
            ("the ID is a bare hash or UUID: put `_` or `id` in front",),
        ),
        (
            "7500530",
            "A NameID is empty.",
            ("NameID has no value: leave Subject out, which Entra ID does not take",),
        ),
        (
            "7500531",
            "An element holds more than SAML knows.",
            (f"there is something after the last known element: {_MEND_XML}",),
        ),
        (
            "7500534",
            "RequestedAuthnContext names more than one class, or none.",
            ("there are several AuthnContextClassRef: keep one",),
        ),
    )
)

SUBJECT = describe(
    "900236",
    confidence=Confidence.SEEN,
    meaning="It has been seen in answer to a request with a Subject element.",
    causes=("Subject is in the request, which Entra ID does not take: leave it out",),
    run=(_JUDGE,),
)

ENTRIES = (*SIGNING_KEY, *SIGNATURE, *TRANSPORT, *SCHEMA, SUBJECT)
