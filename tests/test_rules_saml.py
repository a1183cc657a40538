"""Each fault of a SAML sign-in request, from a paste to the whole set of what is found."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from assertcheck import Report, Verdict
from assertcheck.saml.report import diagnose_saml
from assertcheck.saml.rules import RULES
from tests import build_graph as graph
from tests import build_saml as saml
from tests.build import DROP, NOW, certificate, key, pem, token
from tests.build_graph import application, as_json, sha1
from tests.build_signed_xml import Hand, pss

ACCEPTED, REFUSED, INCOMPLETE = Verdict.ACCEPTED, Verdict.REFUSED, Verdict.INCOMPLETE
DAY = timedelta(days=1)
APP, OTHER = certificate(), certificate("other")
OWN, FOREIGN = pem(APP), pem(OTHER)
ON = {"requestSignatureVerification": {"isSignedRequestRequired": True}}
OFF = {"requestSignatureVerification": {"isSignedRequestRequired": False}}
WEAK = {
    "requestSignatureVerification": {
        "isSignedRequestRequired": True,
        "allowedWeakAlgorithms": "rsaSha1",
    }
}
NAMED = {
    "identifierUris": [saml.ISSUER],
    "web": {"redirectUris": [saml.ACS_URL]},
}
UNSIGNED = saml.authn_request()
DEFLATED = saml.redirect_value(UNSIGNED)
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ANOTHER = saml.signature_element(saml.authn_request(ID="_other"), reference="#_other")
BARE = (
    key()
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
)
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
CONTEXT = '<samlp:RequestedAuthnContext Comparison="{}">{}</samlp:RequestedAuthnContext>'
OLDEST_OF_THREE = (
    graph.key_credential(APP, startDateTime=graph.iso(NOW - 90 * DAY)),
    OTHER,
    certificate("third"),
)
KEY_NAME = "<ds:KeyInfo><ds:KeyName>sp</ds:KeyName></ds:KeyInfo>"
CLASS = (
    "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password"
    "</saml:AuthnContextClassRef>"
)


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    paste: str | bytes
    verdict: Verdict
    finds: set[str]
    code: str | None
    options: dict[str, Any] = field(default_factory=dict)


def row(
    name: str,
    paste: str | bytes,
    verdict: Verdict,
    *finds: str,
    code: str | None = None,
    **options: Any,
) -> Row:
    if "app" not in options:
        options.setdefault("certs", [OWN])
    return Row(
        name=name, paste=paste, verdict=verdict, finds=set(finds), code=code, options=options
    )


def app(*keys: Any, **changes: Any) -> bytes:
    return as_json(application(*keys, **(NAMED | changes)))


def redirect(xml: str | None = None, **options: Any) -> str:
    return saml.redirect_url(xml, **options)


def post(xml: str | bytes | None = None, **options: Any) -> str:
    return saml.post_body(xml, **options)


def unsigned(**options: Any) -> str:
    """A redirect without a signature, to an app that does not ask for one."""
    return redirect(saml.authn_request(**options), alg=None)


def content(
    name: str, verdict: Verdict, *finds: str, code: str | None = None, **options: Any
) -> Row:
    return row(name, unsigned(**options), verdict, *finds, code=code, app=app(APP, **OFF))


def without(query: str, name: str) -> str:
    head, _, tail = query.partition("?")
    return f"{head}?{'&'.join(p for p in tail.split('&') if not p.startswith(name + '='))}"


def renamed(query: str, name: str, value: str) -> str:
    return f"{without(query, name)}&{name}={value}"


ROWS = (
    # The two examples of Microsoft's article on AADSTS76021, really signed.
    row("a signed redirect", redirect(), ACCEPTED),
    row("a signed redirect with RelayState", redirect(relay_state=saml.RELAY_STATE), ACCEPTED),
    row("a signed form", post(), ACCEPTED),
    row(
        "a signed form with a certificate in KeyInfo", post(saml.signed_request(cert=APP)), ACCEPTED
    ),
    row(
        "a redirect with the signature in the XML",
        redirect(saml.signed_request(), alg=None),
        REFUSED,
        "saml-signature-in-wrong-place",
        code="AADSTS76021",
    ),
    row(
        "a form with the signature in its fields",
        post(UNSIGNED, SigAlg=saml.SIGNATURE_METHODS["SHA256"], Signature="QUJD"),
        REFUSED,
        "saml-signature-in-wrong-place",
        code="AADSTS76021",
    ),
    row("signed in both places, sent as a form", post(Signature="QUJD"), ACCEPTED),
    # Unsigned.
    row("unsigned", redirect(alg=None), REFUSED, "saml-request-not-signed", code="AADSTS76021"),
    row("an unsigned form", post(UNSIGNED), REFUSED, "saml-request-not-signed", code="AADSTS76021"),
    row(
        "unsigned, and nobody knows whether it matters",
        redirect(alg=None),
        INCOMPLETE,
        "saml-request-not-signed",
        certs=[],
    ),
    row(
        "unsigned, and the error says that it matters",
        redirect(alg=None),
        REFUSED,
        "saml-request-not-signed",
        code="AADSTS76021",
        certs=[],
        error="AADSTS76021: The request sent by client is not signed while the application "
        "requires signed requests",
    ),
    row(
        "unsigned, to an app that asks for none",
        redirect(alg=None),
        ACCEPTED,
        "saml-request-not-signed",
        app=app(APP, **OFF),
    ),
    # What the app requires.
    row("required, and signed", redirect(), ACCEPTED, app=app(APP, **ON)),
    row(
        "required, and no certificate to verify with",
        redirect(),
        REFUSED,
        "saml-no-verification-certificate",
        code="AADSTS76022",
        app=app(**ON),
    ),
    row(
        "required, and the one certificate is for signing",
        redirect(),
        REFUSED,
        "saml-no-verification-certificate",
        code="AADSTS76022",
        app=app(graph.key_credential(APP, usage="Sign"), **ON),
    ),
    row(
        "required, and another certificate is there",
        redirect(),
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76024",
        app=app(OTHER, **ON),
    ),
    row(
        "required, and two others are there",
        redirect(),
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76024",
        app=app(OTHER, certificate("third"), **ON),
    ),
    row(
        "a bad signature that nobody looks at",
        redirect(holder=key("other")),
        ACCEPTED,
        "saml-signed-by-other-key",
        app=app(APP, **OFF),
    ),
    row("the app says nothing of it", redirect(), ACCEPTED, app=app(APP)),
    row(
        "the app says nothing of it, and SHA-1",
        redirect(alg="SHA1"),
        INCOMPLETE,
        "saml-algorithm-not-allowed",
        app=app(APP),
    ),
    row(
        "the app says nothing of it, and it is unsigned",
        redirect(alg=None),
        INCOMPLETE,
        "saml-request-not-signed",
        app=app(APP),
    ),
    row(
        "the app says nothing of it, and another key signed",
        redirect(holder=key("other")),
        INCOMPLETE,
        "saml-signed-by-other-key",
        app=app(APP),
    ),
    row(
        "the export leaves the keys out",
        redirect(),
        ACCEPTED,
        app=app(**ON, keyCredentials=DROP),
        certs=[OWN],
    ),
    row("no certificate", redirect(), INCOMPLETE, certs=[]),
    # The algorithm.
    row(
        "SHA-1",
        redirect(alg="SHA1"),
        REFUSED,
        "saml-algorithm-not-allowed",
        code="AADSTS76028",
    ),
    row("SHA-1, and the app allows it", redirect(alg="SHA1"), ACCEPTED, app=app(APP, **WEAK)),
    row(
        "SHA-1 in a form",
        post(saml.signed_request(alg="SHA1")),
        REFUSED,
        "saml-algorithm-not-allowed",
        code="AADSTS76028",
    ),
    row(
        "SHA-512",
        redirect(alg="SHA512"),
        REFUSED,
        "saml-algorithm-not-allowed",
        code="AADSTS76028",
    ),
    row(
        "no SigAlg",
        without(redirect(), "SigAlg"),
        REFUSED,
        "saml-sigalg-missing",
        code="AADSTS76025",
    ),
    row(
        "SigAlg in the wrong namespace",
        renamed(redirect(), "SigAlg", "http%3A%2F%2Fwww.w3.org%2F2000%2F09%2Fxmldsig%23rsa-sha256"),
        REFUSED,
        "saml-sigalg-uri-wrong",
        code="AADSTS76028",
    ),
    row(
        "SigAlg and no Signature",
        without(redirect(), "Signature"),
        REFUSED,
        "saml-signature-missing",
        code="AADSTS76030",
    ),
    # The query.
    row(
        "escapes in another letter case",
        redirect(relay_state="a b")
        .replace("%2F", "%2f")
        .replace("%2B", "%2b")
        .replace("%3D", "%3d"),
        REFUSED,
        "saml-query-reencoded",
        code="AADSTS76024",
    ),
    row("lower-case escapes, signed so", redirect(lower_case=True), ACCEPTED),
    row(
        "SigAlg before SAMLRequest, signed so",
        redirect(order=("SigAlg", "SAMLRequest")),
        REFUSED,
        "saml-query-order",
        code="AADSTS76024",
    ),
    row(
        "another order in the URL alone",
        redirect(relay_state="x", sent_order=("Signature", "SigAlg", "RelayState", "SAMLRequest")),
        ACCEPTED,
    ),
    row(
        "RelayState added after signing",
        f"{redirect()}&RelayState=x",
        REFUSED,
        "saml-query-order",
        code="AADSTS76024",
    ),
    row(
        "signed with another key",
        redirect(holder=key("other")),
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76024",
    ),
    row(
        "signed with a key that is at hand",
        redirect(holder=key("other")),
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76024",
        also=[FOREIGN],
    ),
    row(
        "another text signed",
        renamed(
            redirect(),
            "Signature",
            saml.escaped(saml.b64(saml.query_signature(b"something else"))),
        ),
        REFUSED,
        "saml-signature-invalid",
        code="AADSTS76024",
    ),
    # The XML.
    row(
        "changed after signing",
        post(saml.signed_request().replace("acs", "other")),
        REFUSED,
        "saml-content-changed",
        code="AADSTS76024",
    ),
    row(
        "KeyInfo with another certificate, signed by it",
        post(saml.signed_request(cert=OTHER, holder=key("other"))),
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76027",
    ),
    row(
        "KeyInfo with another certificate, signed with the right key",
        post(saml.signed_request(cert=OTHER)),
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76027",
    ),
    row(
        "a reference to nothing",
        post(saml.signed_request(reference="#_other")),
        REFUSED,
        "saml-reference-wrong",
        code="AADSTS500066",
    ),
    # Which certificates are tried.
    row(
        "three certificates, signed with the oldest",
        redirect(),
        REFUSED,
        "saml-signer-not-among-newest",
        code="AADSTS76024",
        app=app(
            graph.key_credential(APP, startDateTime=graph.iso(NOW - 90 * DAY)),
            OTHER,
            certificate("third"),
            **ON,
        ),
    ),
    row(
        "three certificates, signed with the newest",
        redirect(),
        ACCEPTED,
        app=app(
            graph.key_credential(OTHER, startDateTime=graph.iso(NOW - 90 * DAY)),
            APP,
            certificate("third"),
            **ON,
        ),
    ),
    row(
        "three certificates, and the oldest is named otherwise than by its certificate",
        post(Hand(key_info=KEY_NAME).signed()),
        INCOMPLETE,
        app=app(*OLDEST_OF_THREE, **ON),
    ),
    row(
        "three certificates, the oldest is named so, and nobody looks",
        post(Hand(key_info=KEY_NAME).signed()),
        ACCEPTED,
        "saml-signer-not-among-newest",
        app=app(*OLDEST_OF_THREE, **OFF),
    ),
    row(
        "three certificates, a form signed with the oldest, and none is named",
        post(saml.signed_request()),
        REFUSED,
        "saml-signer-not-among-newest",
        code="AADSTS76024",
        app=app(*OLDEST_OF_THREE, **ON),
    ),
    row(
        "three certificates, and the oldest is named",
        post(saml.signed_request(cert=APP)),
        ACCEPTED,
        app=app(
            graph.key_credential(APP, startDateTime=graph.iso(NOW - 90 * DAY)),
            OTHER,
            certificate("third"),
            **ON,
        ),
    ),
    row(
        "an expired certificate",
        redirect(),
        ACCEPTED,
        "saml-certificate-expired",
        certs=[pem(certificate(end=NOW - DAY))],
    ),
    # How it is sent.
    row(
        "a form that is deflated",
        post(deflate=True),
        ACCEPTED,
        "saml-post-deflated",
        binding="post",
    ),
    row(
        "a redirect that is not deflated",
        saml.redirect_url().replace(
            saml.escaped(saml.redirect_value(UNSIGNED)), saml.escaped(saml.post_value(UNSIGNED))
        ),
        REFUSED,
        "saml-redirect-not-deflated",
        "saml-query-reencoded",
        code="AADSTS750055",
    ),
    row(
        "the value alone",
        saml.post_value(saml.signed_request()),
        INCOMPLETE,
    ),
    row("the value of a redirect alone", saml.redirect_value(UNSIGNED), INCOMPLETE),
    row(
        "the value of a redirect alone, and the binding given",
        saml.redirect_value(UNSIGNED),
        INCOMPLETE,
        binding="redirect",
    ),
    row(
        "the value of a redirect alone, to an app that asks for no signature",
        saml.redirect_value(UNSIGNED),
        ACCEPTED,
        app=app(APP, **OFF),
        binding="redirect",
    ),
    row(
        "the value of a redirect alone, and Entra ID saw no signature",
        saml.redirect_value(UNSIGNED),
        REFUSED,
        "saml-request-not-signed",
        code="AADSTS76021",
        error="AADSTS76021: The request sent by client is not signed",
        binding="redirect",
    ),
    row(
        "the value of a form alone, unsigned",
        saml.post_value(UNSIGNED),
        REFUSED,
        "saml-request-not-signed",
        code="AADSTS76021",
        binding="post",
    ),
    row(
        "the value alone, and the binding given",
        saml.post_value(saml.signed_request()),
        ACCEPTED,
        binding="post",
    ),
    row("the XML alone, as posted", saml.signed_request(), ACCEPTED, binding="post"),
    row(
        "a repeated parameter",
        f"{redirect()}&SAMLRequest=x",
        REFUSED,
        "saml-parameter-repeated",
        code="AADSTS750016",
    ),
    row(
        "no SAMLRequest",
        "https://login.microsoftonline.com/x/saml2?RelayState=x&SigAlg=y",
        REFUSED,
        "saml-request-missing",
        code="AADSTS750014",
        certs=[],
    ),
    row(
        "no SAMLRequest in a redirect",
        "https://login.microsoftonline.com/x/saml2?RelayState=x&SigAlg=y",
        REFUSED,
        "saml-request-missing",
        code="AADSTS750054",
        certs=[],
        binding="redirect",
    ),
    row(
        "no SAMLRequest in a form",
        "RelayState=x",
        REFUSED,
        "saml-request-missing",
        code="AADSTS750052",
        certs=[],
        binding="post",
    ),
    row(
        "not base64",
        "https://login.microsoftonline.com/x/saml2?SAMLRequest=%21%21%21",
        REFUSED,
        "saml-not-base64",
        code="AADSTS750056",
    ),
    row(
        "not well-formed",
        post(UNSIGNED.replace("</samlp:AuthnRequest>", "")),
        REFUSED,
        "saml-not-xml",
        code="AADSTS7500525",
    ),
    row(
        "a document type declaration",
        post('<!DOCTYPE x [<!ENTITY a "b">]>' + UNSIGNED),
        REFUSED,
        "saml-dtd-refused",
        code="AADSTS7500525",
        binding="post",
    ),
    # What else it may be.
    row(
        "a response",
        "SAMLResponse="
        + saml.escaped(
            saml.b64(
                b'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1"/>'
            )
        ),
        REFUSED,
        "saml-not-an-authnrequest",
        code="AADSTS75005",
    ),
    row(
        "a logout request",
        post(UNSIGNED.replace("AuthnRequest", "LogoutRequest")),
        REFUSED,
        "saml-not-an-authnrequest",
        code="AADSTS75005",
    ),
    row("a JWT", token(), REFUSED, "saml-not-an-authnrequest", code="AADSTS75005"),
    row(
        "an artifact",
        "https://login.microsoftonline.com/x/saml2?SAMLart=AAQAAMh48",
        REFUSED,
        "saml-not-an-authnrequest",
        code="AADSTS75005",
    ),
    # How the XML is signed.
    row(
        "signed twice",
        post(Hand(behind="</ds:Signature>").signed(Hand().signed())),
        REFUSED,
        "saml-two-signatures",
        code="AADSTS76030",
    ),
    row(
        "another signature inside what is signed",
        post(saml.signed_request(children=f"<samlp:Extensions>{ANOTHER}</samlp:Extensions>")),
        ACCEPTED,
        "saml-two-signatures",
    ),
    row(
        "the signature inside Extensions",
        post(
            Hand(behind="<samlp:Extensions>").signed(
                saml.authn_request(children="<samlp:Extensions></samlp:Extensions>")
            )
        ),
        REFUSED,
        "saml-signature-malformed",
        code="AADSTS76030",
    ),
    row(
        "the signed request inside another",
        post(
            saml.authn_request(
                ID="_evil", children=f"<samlp:Extensions>{Hand().signed()}</samlp:Extensions>"
            )
        ),
        REFUSED,
        "saml-signature-wrapping",
        code="AADSTS76024",
    ),
    row(
        "without the enveloped-signature transform",
        post(Hand(transforms=(saml.EXC_C14N,)).signed()),
        REFUSED,
        "saml-transform-missing",
        code="AADSTS76024",
    ),
    row(
        "canonicalised otherwise than named",
        post(Hand(digested_by=C14N).signed()),
        REFUSED,
        "saml-canonicalization",
        code="AADSTS76024",
    ),
    row(
        "canonicalised by C14N 1.0, and so named",
        post(
            Hand(
                digested_by=C14N, canonicalization=C14N, transforms=(saml.ENVELOPED, C14N)
            ).signed()
        ),
        ACCEPTED,
    ),
    row(
        "pretty-printed after signing",
        post(Hand().signed().replace("><", ">\n  <")),
        REFUSED,
        "saml-content-changed",
        code="AADSTS76024",
    ),
    row(
        "PSS under the name of PKCS #1",
        post(Hand(sign=pss).signed()),
        REFUSED,
        "saml-signature-algorithm-differs",
        code="AADSTS76024",
    ),
    row(
        "SHA-1 under the name of SHA-256",
        renamed(
            redirect(),
            "Signature",
            saml.escaped(
                saml.b64(
                    saml.query_signature(
                        without(redirect(), "Signature").partition("?")[2].encode(), "SHA1"
                    )
                )
            ),
        ),
        REFUSED,
        "saml-signature-algorithm-differs",
        code="AADSTS76024",
    ),
    row(
        "SignatureValue in hex",
        post(Hand(encode=bytes.hex).signed()),
        REFUSED,
        "saml-signature-damaged",
        code="AADSTS76024",
    ),
    row(
        "SignatureMethod without its Algorithm",
        post(re.sub("(<ds:SignatureMethod) [^>]*/>", r"\1/>", Hand().signed())),
        REFUSED,
        "saml-sigalg-missing",
        code="AADSTS76025",
    ),
    # How the value is encoded.
    row(
        "percent-encoded twice",
        renamed(redirect(alg=None), "SAMLRequest", saml.escaped(saml.escaped(DEFLATED))),
        ACCEPTED,
        "saml-encoded-otherwise",
        "saml-request-not-signed",
        app=app(APP, **OFF),
    ),
    row(
        "Signature without its padding",
        redirect().removesuffix("%3D%3D"),
        ACCEPTED,
        "saml-encoded-otherwise",
    ),
    row(
        "a DOCTYPE in a form",
        post("<!DOCTYPE samlp:AuthnRequest>" + UNSIGNED),
        REFUSED,
        "saml-dtd-refused",
        code="AADSTS7500525",
        app=app(APP, **OFF),
    ),
    row(
        "IDPList in Scoping",
        unsigned(children="<samlp:Scoping><samlp:IDPList/></samlp:Scoping>"),
        ACCEPTED,
        "saml-request-not-signed",
        "saml-scoping-refused",
        app=app(APP, **OFF),
    ),
    row(
        "URL-safe base64",
        f"{saml.DESTINATION}?SAMLRequest={DEFLATED.replace('+', '-').replace('/', '_')}",
        ACCEPTED,
        "saml-encoded-otherwise",
        "saml-request-not-signed",
        app=app(APP, **OFF),
    ),
    row(
        "a zlib wrapper",
        f"{saml.DESTINATION}?SAMLRequest={saml.escaped(saml.redirect_value(UNSIGNED, wbits=15))}",
        REFUSED,
        "saml-redirect-not-deflated",
        code="AADSTS750055",
        app=app(APP, **OFF),
    ),
    row(
        "cut short",
        f"{saml.DESTINATION}?SAMLRequest={saml.escaped(DEFLATED[:200])}",
        REFUSED,
        "saml-deflate-broken",
        code="AADSTS750055",
    ),
    row(
        "a DEFLATE bomb",
        redirect(UNSIGNED.replace("><saml", ">" + " " * 2_000_000 + "<saml"), alg=None),
        REFUSED,
        "saml-too-large",
        code="AADSTS75005",
        binding="redirect",
    ),
    row(
        "octets that are no UTF-8",
        post(UNSIGNED.encode().replace(b"saml/acs", b"saml/\xff")),
        REFUSED,
        "saml-not-xml",
        code="AADSTS750057",
    ),
    # The error that was returned.
    row(
        "AADSTS76021 for a request that is signed",
        redirect(),
        ACCEPTED,
        "saml-error-of-another-request",
        error="AADSTS76021: The request sent by client is not signed",
    ),
    row(
        "AADSTS76021 for a form that is signed",
        post(),
        ACCEPTED,
        "saml-error-of-another-request",
        error="AADSTS76021: The request sent by client is not signed",
    ),
    *(
        row(
            f"{code} for a request that is right",
            redirect(),
            REFUSED,
            "saml-certificate-not-configured",
            error=f"{code}: Cannot verify the signature",
            code=code,
        )
        for code in ("AADSTS76022", "AADSTS76023", "AADSTS76024", "AADSTS76027", "AADSTS76029")
    ),
    row(
        "AADSTS76022 for a request that is right by a bare key",
        redirect(),
        REFUSED,
        "saml-certificate-not-configured",
        error="AADSTS76022: Cannot verify the signature",
        code="AADSTS76022",
        certs=[BARE],
    ),
    row(
        "AADSTS76024 for a request that is wrong",
        redirect(holder=key("other")),
        REFUSED,
        "saml-signed-by-other-key",
        error="AADSTS76024: The request has no information",
        code="AADSTS76024",
    ),
    row(
        "AADSTS76029 for a request that is wrong",
        redirect(holder=key("other")),
        REFUSED,
        "saml-signed-by-other-key",
        error="AADSTS76029: The request signature could not be validated",
        code="AADSTS76024",
    ),
    row(
        "AADSTS76027 for a request that is right by the registration",
        redirect(),
        INCOMPLETE,
        "saml-error-not-explained",
        error="AADSTS76027: No certificate matching provided KeyInfo.",
        app=app(APP, **ON),
    ),
    row(
        "AADSTS76024 for a request with another fault",
        redirect(saml.authn_request(ID="8e8d")),
        REFUSED,
        "saml-id-invalid",
        "saml-error-not-explained",
        error="AADSTS76024: The request has no information",
        code="AADSTS7500529",
    ),
    row(
        "AADSTS50003 for a request that is right",
        redirect(),
        INCOMPLETE,
        "saml-error-not-explained",
        error="AADSTS50003: No signing key configured.",
    ),
    row(
        "AADSTS7500529 for a request with that fault",
        redirect(saml.authn_request(ID="8e8d")),
        REFUSED,
        "saml-id-invalid",
        error="AADSTS7500529: The value '8e8d' is not a valid SAML ID.",
        code="AADSTS7500529",
    ),
    row(
        "AADSTS750161 where nobody asks for a signature",
        redirect(alg=None),
        INCOMPLETE,
        "saml-request-not-signed",
        "saml-error-not-explained",
        error="AADSTS750161: Allowed formats are others",
        app=app(APP, **OFF),
    ),
    # Whose certificate it is, and until when.
    row(
        "signed by the certificate in KeyInfo, and none was given",
        post(saml.signed_request(cert=APP)),
        INCOMPLETE,
        certs=[],
    ),
    row(
        "a certificate that ends soon",
        redirect(),
        ACCEPTED,
        "saml-certificate-ends-soon",
        certs=[pem(certificate(end=NOW + 9 * DAY))],
        min_days=10,
    ),
    row(
        "a certificate that ends later",
        redirect(),
        ACCEPTED,
        certs=[pem(certificate(end=NOW + 10 * DAY))],
        min_days=10,
    ),
    # What it says.
    content("right in all", ACCEPTED, "saml-request-not-signed"),
    row(
        "another namespace",
        redirect(UNSIGNED.replace(saml.PROTOCOL, "urn:example"), alg=None),
        REFUSED,
        "saml-namespace-wrong",
        "saml-request-not-signed",
        code="AADSTS7500520",
        app=app(APP, **OFF),
    ),
    row(
        "no namespace",
        redirect(UNSIGNED.replace("samlp:", ""), alg=None),
        REFUSED,
        "saml-namespace-wrong",
        "saml-request-not-signed",
        code="AADSTS7500520",
        app=app(APP, **OFF),
    ),
)
CONTENT = (
    ("ID begins with a digit", {"ID": "8e8d"}, "saml-id-invalid", "AADSTS7500529"),
    ("ID begins with a letter", {"ID": "id8e8d"}, None, None),
    ("no ID", {"ID": DROP}, "saml-attribute-missing", "AADSTS7500516"),
    ("no Version", {"Version": DROP}, "saml-attribute-missing", "AADSTS7500516"),
    ("no IssueInstant", {"IssueInstant": DROP}, "saml-attribute-missing", "AADSTS7500516"),
    ("Version 1.1", {"Version": "1.1"}, "saml-version-unsupported", "AADSTS7500519"),
    ("a date alone", {"IssueInstant": "2026-03-10"}, "saml-attribute-malformed", "AADSTS7500510"),
    ("a time with a fraction", {"IssueInstant": "2026-03-10T12:00:00.123Z"}, None, None),
    ("ForceAuthn True", {"ForceAuthn": "True"}, "saml-attribute-malformed", "AADSTS750058"),
    ("ForceAuthn true", {"ForceAuthn": "true"}, None, None),
    ("IsPassive 0", {"IsPassive": "0"}, None, None),
    ("no Issuer", {"issuer": DROP}, "saml-issuer-missing", "AADSTS7500515"),
    ("an empty Issuer", {"issuer": " "}, "saml-issuer-missing", "AADSTS7500515"),
    (
        "another Issuer",
        {"issuer": "https://other.example.com"},
        "saml-issuer-mismatch",
        "AADSTS700016",
    ),
    (
        "an Issuer with a slash more",
        {"issuer": f"{saml.ISSUER}/"},
        "saml-issuer-mismatch",
        "AADSTS700016",
    ),
    (
        "another reply URL",
        {"AssertionConsumerServiceURL": "https://other.example.com/acs"},
        "saml-acs-not-registered",
        "AADSTS50011",
    ),
    ("no reply URL", {"AssertionConsumerServiceURL": DROP}, None, None),
    (
        "a reply URL in another letter case",
        {"AssertionConsumerServiceURL": saml.ACS_URL.upper()},
        None,
        None,
    ),
    (
        "an answer by redirect",
        {"ProtocolBinding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"},
        "saml-protocol-binding",
        "AADSTS750032",
    ),
    ("no ProtocolBinding", {"ProtocolBinding": DROP}, None, None),
    (
        "a NameID of Kerberos",
        {"name_id_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos"},
        "saml-nameid-format",
        "AADSTS750161",
    ),
    (
        "emailAddress of SAML 2.0",
        {"name_id_format": EMAIL.replace("1.1", "2.0")},
        "saml-nameid-format",
        "AADSTS750161",
    ),
    ("emailAddress", {"name_id_format": EMAIL}, None, None),
    ("no NameIDPolicy", {"name_id_format": DROP}, None, None),
    (
        "compared as a minimum",
        {"children": CONTEXT.format("minimum", CLASS)},
        "saml-authncontext-comparison",
        "AADSTS7500518",
    ),
    (
        "two classes",
        {"children": CONTEXT.format("exact", CLASS * 2)},
        "saml-authncontext-comparison",
        "AADSTS7500534",
    ),
    (
        "no class",
        {"children": CONTEXT.format("exact", "")},
        "saml-authncontext-comparison",
        "AADSTS7500524",
    ),
    ("one class", {"children": CONTEXT.format("exact", CLASS)}, None, None),
    (
        "a Subject",
        {"children": "<saml:Subject><saml:NameID>a@b.example</saml:NameID></saml:Subject>"},
        "saml-subject-present",
        "AADSTS900236",
    ),
    (
        "Scoping with ProxyCount",
        {"children": '<samlp:Scoping ProxyCount="1"/>'},
        "saml-scoping-refused",
        "AADSTS7500512",
    ),
    (
        "Scoping with RequesterID",
        {"children": "<samlp:Scoping><samlp:RequesterID>x</samlp:RequesterID></samlp:Scoping>"},
        "saml-scoping-refused",
        "AADSTS7500512",
    ),
    ("Scoping without them", {"children": "<samlp:Scoping/>"}, None, None),
)
BY_NAME = {each.name: each for each in ROWS}


def judged(each: Row) -> Report:
    return diagnose_saml(each.paste, at=NOW, **each.options)


@pytest.mark.parametrize("name", BY_NAME)
def test_one_fault_is_one_finding(name):
    each = BY_NAME[name]
    answer = judged(each)
    assert {finding.id for finding in answer.findings} == each.finds
    assert answer.verdict is each.verdict
    assert (answer.prediction.code if answer.prediction else None) == each.code


@pytest.mark.parametrize(("name", "changes", "finds", "code"), CONTENT, ids=[c[0] for c in CONTENT])
def test_what_a_request_says_is_checked(name, changes, finds, code):
    answer = diagnose_saml(unsigned(**changes), app=app(APP, **OFF), at=NOW)
    # That it is not signed is a note here, for the app asks for no signature.
    assert {each.id for each in answer.findings} - {"saml-request-not-signed"} == {finds} - {None}
    assert answer.verdict is (REFUSED if finds else ACCEPTED)
    assert (answer.prediction.code if answer.prediction else None) == code


@pytest.mark.parametrize(
    ("paste", "options", "not_checked"),
    [
        (redirect(), {"certs": [OWN]}, {"saml-issuer-unchecked"}),
        (redirect(), {"app": app(APP, **ON)}, set()),
        (redirect(), {}, {"issuer-unchecked", "signature-not-verified", "requirement-unknown"}),
        (
            saml.post_value(saml.signed_request()),
            {"certs": [OWN]},
            {"issuer-unchecked", "binding-unknown"},
        ),
        (redirect(alg=None), {"app": app(APP)}, {"requirement-unknown"}),
        (redirect(), {"app": app(**OFF)}, {"signature-not-verified"}),
    ],
)
def test_what_could_not_be_checked_is_said(paste, options, not_checked):
    answer = diagnose_saml(paste, at=NOW, **options)
    ids = {each.id.removeprefix("saml-") for each in answer.not_checked}
    assert ids == {each.removeprefix("saml-") for each in not_checked}


@pytest.mark.parametrize(
    ("export", "words"),
    [
        (
            graph.service_principal(servicePrincipalNames=[]),
            ("app names no identifier", "app is a service principal, export the application"),
        ),
        (
            application(identifierUris=[], keyCredentials=[]),
            (
                "app names no identifier",
                "requestSignatureVerification is not set in app, or left out",
            ),
        ),
        (None, ("with --app FILE", "required; add --app FILE")),
    ],
)
def test_what_the_export_lacks_is_said_of_that_export(export, words):
    given: dict[str, Any] = {"app": as_json(export)} if export else {}
    answer = diagnose_saml(redirect(alg=None), at=NOW, **given)
    whys = [each.why for each in answer.not_checked]
    for each in words:
        assert any(each in why for why in whys), whys


def test_what_to_do_about_an_old_certificate_fits_the_binding():
    for name, fix in (
        ("signed with the oldest", "sign with the key of the newest"),
        ("a form signed with the oldest, and none is named", "put the certificate into KeyInfo"),
    ):
        cause = judged(BY_NAME[f"three certificates, {name}"]).cause
        assert cause
        assert cause.fix == (f"remove the verification certificates that are out of use, or {fix}")


def test_a_key_that_is_named_without_its_certificate_is_told():
    name = "three certificates, and the oldest is named otherwise than by its certificate"
    (unchecked,) = judged(BY_NAME[name]).not_checked
    assert unchecked.why.startswith('KeyInfo has KeyName "sp" and no certificate, and whether')


@pytest.mark.parametrize(
    ("export", "why"),
    [
        (None, "no certificate to verify with: add --cert FILE or --app FILE"),
        (
            application(graph.key_credential(APP, key=None), **NAMED, **ON),
            "app has verification certificates without their values: add --cert FILE",
        ),
        (
            graph.service_principal(servicePrincipalNames=[saml.ISSUER]),
            "app is a service principal without verification certificates: export the "
            "application with `az ad app show`",
        ),
        (application(**NAMED, **OFF), "app has no verification certificate"),
    ],
)
def test_why_there_is_no_certificate_to_try_is_said(export, why):
    given: dict[str, Any] = {"app": as_json(export)} if export else {}
    answer = diagnose_saml(redirect(), at=NOW, **given)
    whys = {each.id: each.why for each in answer.not_checked}
    assert whys["saml-signature-not-verified"] == why


def test_a_certificate_that_the_app_does_not_list_is_none_to_try():
    export = as_json(application(graph.key_credential(APP, key=None), **NAMED, **ON))
    answer = diagnose_saml(redirect(), app=export, certs=[FOREIGN], at=NOW)
    (unchecked,) = answer.not_checked
    assert unchecked.why == "none of the certificates given is one that app has to verify with"


@pytest.mark.parametrize("name", ["sigalg-missing", "sigalg-uri-wrong"])
def test_both_codes_for_a_bad_algorithm_are_explained(name):
    paste, code = {
        "sigalg-missing": (without(redirect(), "SigAlg"), "AADSTS7500110"),
        "sigalg-uri-wrong": (renamed(redirect(), "SigAlg", "RSA-SHA256"), "AADSTS750018"),
    }[name]
    answer = diagnose_saml(paste, certs=[OWN], error=f"{code}: of the algorithm", at=NOW)
    assert [each.id for each in answer.findings] == [f"saml-{name}"]


@pytest.mark.parametrize("form", [str, saml.escaped, lambda text: text.replace("+", "%20")])
def test_a_signature_in_place_of_its_algorithm_is_not_shown(form):
    signature = saml.b64(bytes(range(192, 256)) * 4)
    answer = diagnose_saml(renamed(redirect(), "SigAlg", form(signature)), certs=[OWN], at=NOW)
    assert answer.request
    told = [answer.request.signatures[0].algorithm, *(each.message for each in answer.findings)]
    assert "344 characters of base64" in told
    assert not any(signature[:8] in str(each) for each in told)


def test_every_rule_has_a_row_that_draws_it():
    drawn = {found for each in ROWS for found in each.finds} | {each[2] for each in CONTENT}
    undecided = {
        "saml-issuer-unchecked",
        "saml-binding-unknown",
        "saml-signature-not-verified",
        "saml-requirement-unknown",
    }
    assert {each.id for each in RULES} == (drawn - {None}) | undecided


def test_the_message_says_whose_key_is_right():
    cause = judged(BY_NAME["escapes in another letter case"]).cause
    assert cause
    assert cause.message.endswith("; the key is right, that of certificate")


def test_a_certificate_in_key_info_is_named_with_its_thumbprint():
    for name in ("signed by it", "signed with the right key"):
        cause = judged(BY_NAME[f"KeyInfo with another certificate, {name}"]).cause
        assert cause
        assert "KeyInfo[0]" not in cause.message
        assert sha1(OTHER).hex().upper() in (cause.actual or "")
        assert sha1(APP).hex().upper() in (cause.expected or "")


def test_an_acceptance_says_what_it_rests_on():
    (assumption,) = diagnose_saml(redirect(), certs=[OWN], at=NOW).assumes
    assert assumption == (
        "certificate is a verification certificate of the app: "
        f"`az ad app show --id {saml.ISSUER} > app.json`, then add --app app.json"
    )
    assert diagnose_saml(redirect(), app=app(APP, **ON), at=NOW).assumes == ()
    (quiet,) = diagnose_saml(
        redirect(saml.authn_request(issuer="$(rm -r ~)")), certs=[OWN], at=NOW
    ).assumes
    assert "--id APP >" in quiet
    assert "rm -r" not in quiet
