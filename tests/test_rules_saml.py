"""Each fault of a SAML sign-in request, from a paste to the whole set of what is found."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from lxml import etree

from assertcheck import Report, Verdict
from assertcheck.model import Outcome
from assertcheck.saml import report
from assertcheck.saml.report import diagnose_saml
from assertcheck.saml.rules import RULES
from tests import build_graph as graph
from tests import build_saml as saml
from tests.build import CLIENT_ID, DROP, NOW, TENANT, certificate, der, key, pem, token
from tests.build_graph import application, as_json, sha1
from tests.build_saml import ENVELOPED, EXC_C14N
from tests.build_signed_xml import DSIG_11, Hand, c14n, key_value, pkcs1, pss, x509_data

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


def again(url: str) -> str:
    """A redirect with each value percent-encoded once more."""
    head, _, query = url.partition("?")
    pairs = (pair.partition("=") for pair in query.split("&"))
    return f"{head}?{'&'.join(f'{name}={saml.escaped(value)}' for name, _, value in pairs)}"


def cut(escaped: str, length: int) -> str:
    """The first `length` characters of a value, percent-encoded."""
    return saml.escaped(unquote(escaped)[:length])


def signature_over(text: str, alg: str = "SHA256") -> str:
    return saml.b64(saml.query_signature(text.encode(), alg))


def encoded_by(
    signed: Callable[[str], str],
    sent: Callable[[str], str],
    *,
    order: tuple[str, ...] = saml.ORDER,
    alg: str = "SHA256",
) -> str:
    """A redirect whose values are signed in one encoding and sent in another."""
    values = {
        "SAMLRequest": EVERY_SIGN,
        "RelayState": "https://app.example.com/x?a=b&c=d e",
        "SigAlg": saml.SIGNATURE_METHODS["SHA256"],
    }
    text = saml.joined({name: signed(value) for name, value in values.items()}, order)
    query = saml.joined({name: sent(value) for name, value in values.items()})
    return f"{saml.DESTINATION}?{query}&Signature={saml.escaped(signature_over(text, alg))}"


def unescaping(signs: str) -> Callable[[str], str]:
    return lambda value: quote(value, safe=signs)


def url_safe(value: str) -> str:
    is_base64 = ":" not in value
    return saml.escaped(value.replace("+", "-").replace("/", "_") if is_base64 else value)


def twice_in_base64(value: str) -> str:
    return saml.escaped(value if ":" in value else saml.b64(value.encode()))


def lower_case(value: str) -> str:
    return saml.escaped(value, is_lower=True)


EVERY_SIGN = next(
    value
    for n in range(99)
    if {*"+/="} <= {*(value := saml.redirect_value(saml.authn_request(ID=f"_{n}")))}
)
ONCE = redirect(relay_state="a b")
FOREIGN_URL = redirect(holder=key("other"))
EARLY = redirect(sent_order=("SAMLRequest", "Signature", "SigAlg"))
"""With its signature before the end."""
SIGNED_ENCODED = saml.escaped(saml.b64(saml.signed_request().encode()))
DAMAGED = DEFLATED[:20] + ("A" if DEFLATED[20] != "A" else "B") + DEFLATED[21:]
TWICE = again(ONCE)
TWICE_UNSIGNED = again(without(ONCE, "Signature"))
SHA256_ESCAPED = saml.escaped(saml.SIGNATURE_METHODS["SHA256"])
PLUS = next(
    url
    for n in range(99)
    if "%2B" in (url := redirect(saml.authn_request(ID=f"_{n}"))).rpartition("=")[2]
)


NAMELESS = graph.key_credential(OTHER, key=None, customKeyIdentifier=None)
"""Nothing in the export tells which certificate it is of."""
NAMED_BY: dict[str, Callable[[str], str]] = {
    "its subject": lambda name: (
        f"<ds:X509Data><ds:X509SubjectName>{certificate(name).subject.rfc4514_string()}</ds:X509SubjectName>"
        "</ds:X509Data>"
    ),
    "issuer and serial number": lambda name: (
        "<ds:X509Data><ds:X509IssuerSerial>"
        f"<ds:X509IssuerName>{certificate(name).issuer.rfc4514_string()}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber>{certificate(name).serial_number}</ds:X509SerialNumber>"
        "</ds:X509IssuerSerial></ds:X509Data>"
    ),
    "its key identifier": lambda name: (
        "<ds:X509Data><ds:X509SKI>"
        f"{saml.b64(x509.SubjectKeyIdentifier.from_public_key(key(name).public_key()).digest)}"
        "</ds:X509SKI></ds:X509Data>"
    ),
    "its digest": lambda name: (
        f'<ds:X509Data><dsig11:X509Digest xmlns:dsig11="{DSIG_11}" '
        f'Algorithm="{saml.DIGEST_METHODS["SHA256"]}">'
        f"{saml.b64(hashlib.sha256(der(certificate(name))).digest())}</dsig11:X509Digest></ds:X509Data>"
    ),
    "its thumbprint": lambda name: f"<ds:KeyName>{sha1(certificate(name)).hex(':')}</ds:KeyName>",
    "its bare key": lambda name: (
        key_value(key(name)).removeprefix("<ds:KeyInfo>").removesuffix("</ds:KeyInfo>")
    ),
}
"""Ways of KeyInfo to name a key without its certificate (XML Signature 1.1 4.5)."""
INDENTED = Hand().signed().replace("><", ">\n  <")
_SHA1_NAMED = saml.joined(
    {
        "SAMLRequest": saml.escaped(DEFLATED),
        "SigAlg": saml.escaped(saml.SIGNATURE_METHODS["SHA1"]),
    }
)
MISNAMED = (
    f"{saml.DESTINATION}?{_SHA1_NAMED}"
    f"&Signature={saml.escaped(saml.b64(saml.query_signature(_SHA1_NAMED.encode())))}"
)
BY_TWO = saml.authn_request(
    signature=saml.signature_element(UNSIGNED, holder=key("other"), cert=OTHER)
    + saml.signature_element(UNSIGNED)
)
HOSTS = {
    host: f"https://{host}/{TENANT}/saml2"
    for host in (
        "login.microsoftonline.com",
        "login.windows.net",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
    )
}
STRANGE_HOSTS = {
    "x.okta.com": "https://x.okta.com/app/sso/saml",
    "adfs.example.com": "https://adfs.example.com/adfs/ls",
    "contoso.b2clogin.com": "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1A_x/samlp/sso/login",
    "contoso.ciamlogin.com": f"https://contoso.ciamlogin.com/{TENANT}/saml2",
    "microsoftonline.com.example": "https://login.microsoftonline.com.example/saml2",
    "login.example.com": "https://login.example.com/saml2",
}
OTHER_PATHS = tuple(
    f"https://login.microsoftonline.com/{TENANT}/{path}"
    for path in ("oauth2/v2.0/authorize", "oauth2/v2.0/token", "wsfed", "oauth2/logout", "saml2/x")
)
SIGNED_URL = (
    f"{saml.DESTINATION}?SigAlg={saml.escaped(saml.SIGNATURE_METHODS['SHA256'])}"
    f"&Signature={saml.escaped(saml.b64(saml.query_signature(b'x')))}"
)
BY_STRANGER = Hand(sign=lambda text: pkcs1(text, holder=key("other")))
IN_KEY_INFO = replace(BY_STRANGER, key_info=x509_data(OTHER))
STRANGERS = {
    "and indented": IN_KEY_INFO.signed().replace("><", ">\n  <"),
    "and changed": IN_KEY_INFO.signed().replace("acs", "other"),
    "and digested otherwise": replace(IN_KEY_INFO, digested_by=C14N).signed(
        UNSIGNED.replace("<samlp:AuthnRequest ", '<samlp:AuthnRequest xmlns:x="urn:x" ', 1)
    ),
    "and over nothing": replace(IN_KEY_INFO, uri="#_nope").signed(),
}
COMMENTED = Hand(
    before=lambda octets: octets.replace(
        b"</samlp:AuthnRequest>", b"<!-- c --></samlp:AuthnRequest>"
    )
)
NO_ID = Hand(uri="#_issuer").signed(
    saml.authn_request(ID=DROP).replace("<saml:Issuer", '<saml:Issuer ID="_issuer"')
)


def sent_to(url: str, body: str) -> str:
    """A form as a proxy's log has it."""
    host, _, path = url.removeprefix("https://").partition("/")
    return (
        f"POST /{path} HTTP/1.1\r\nHost: {host}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}"
    )


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
        INCOMPLETE,
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
        INCOMPLETE,
        "saml-not-an-authnrequest",
    ),
    row(
        "a logout request",
        post(UNSIGNED.replace("AuthnRequest", "LogoutRequest")),
        INCOMPLETE,
        "saml-not-an-authnrequest",
    ),
    row(
        "a logout request in a redirect",
        redirect(UNSIGNED.replace("AuthnRequest", "LogoutRequest"), alg=None),
        INCOMPLETE,
        "saml-not-an-authnrequest",
        app=app(APP, **ON),
    ),
    row(
        "a WS-Federation request",
        "https://login.microsoftonline.com/x/wsfed?wa=wsignin1.0&wtrealm=urn%3Ax",
        INCOMPLETE,
        "saml-not-an-authnrequest",
    ),
    row(
        "an OpenID Connect request",
        "https://login.microsoftonline.com/x/oauth2/v2.0/authorize?client_id=a&response_type=code",
        INCOMPLETE,
        "saml-not-an-authnrequest",
    ),
    row("a JWT", token(), INCOMPLETE, "saml-not-an-authnrequest"),
    row(
        "an artifact",
        "https://login.microsoftonline.com/x/saml2?SAMLart=AAQAAMh48",
        REFUSED,
        "saml-not-an-authnrequest",
    ),
    row("no request at all", "hello world", INCOMPLETE, "saml-request-missing"),
    row(
        "an error alone",
        "AADSTS76021: The request sent by client is not signed",
        INCOMPLETE,
        "saml-request-missing",
    ),
    row(
        "a page with an error alone, and the app",
        "<html><body>AADSTS76021: The request sent by client is not signed</body></html>",
        INCOMPLETE,
        "saml-request-missing",
        app=app(APP, **ON),
    ),
    row(
        "an empty SAMLRequest",
        f"{saml.DESTINATION}?SAMLRequest=&RelayState=x",
        REFUSED,
        "saml-request-missing",
        code="AADSTS750054",
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
        INCOMPLETE,
        "saml-encoded-otherwise",
        "saml-request-not-signed",
        app=app(APP, **OFF),
    ),
    row("all of it percent-encoded twice", TWICE, INCOMPLETE, "saml-encoded-otherwise"),
    row(
        "all of it percent-encoded three times", again(TWICE), INCOMPLETE, "saml-encoded-otherwise"
    ),
    row("all of it percent-encoded once", ONCE, ACCEPTED),
    row(
        "percent-encoded twice, and signed so",
        f"{TWICE_UNSIGNED}&Signature="
        + saml.escaped(saml.escaped(signature_over(TWICE_UNSIGNED.partition("?")[2]))),
        INCOMPLETE,
        "saml-encoded-otherwise",
    ),
    row(
        "all of it percent-encoded twice, signed with another key",
        again(redirect(relay_state="a b", holder=key("other"))),
        REFUSED,
        "saml-encoded-otherwise",
        "saml-signed-by-other-key",
        code="AADSTS76024",
    ),
    row(
        "the algorithm alone percent-encoded twice",
        ONCE.replace(SHA256_ESCAPED, saml.escaped(SHA256_ESCAPED)),
        INCOMPLETE,
        "saml-encoded-otherwise",
    ),
    row(
        "a misspelled algorithm percent-encoded twice",
        renamed(redirect(), "SigAlg", saml.escaped(saml.escaped("http://rsa-sha256"))),
        REFUSED,
        "saml-sigalg-uri-wrong",
        code="AADSTS76028",
    ),
    row(
        "the signature alone percent-encoded twice",
        renamed(ONCE, "Signature", saml.escaped(ONCE.rpartition("=")[2])),
        INCOMPLETE,
        "saml-encoded-otherwise",
    ),
    row(
        "the signature of another key percent-encoded twice",
        renamed(FOREIGN_URL, "Signature", saml.escaped(FOREIGN_URL.rpartition("=")[2])),
        REFUSED,
        "saml-encoded-otherwise",
        "saml-signed-by-other-key",
        code="AADSTS76024",
    ),
    # Where the query ends.
    row(
        "an unescaped # in SigAlg",
        ONCE.replace("%23", "#"),
        REFUSED,
        "saml-query-cut-off",
    ),
    row(
        "an unescaped # in SigAlg, which is the last",
        f"{without(ONCE, 'SigAlg')}&SigAlg={SHA256_ESCAPED.replace('%23', '#')}",
        REFUSED,
        "saml-query-cut-off",
    ),
    row(
        "an unescaped # in RelayState",
        ONCE.replace("RelayState=", "RelayState=https://a.example/#/"),
        REFUSED,
        "saml-query-cut-off",
    ),
    row(
        "an unescaped # where nobody looks at the signature",
        ONCE.replace("%23", "#"),
        ACCEPTED,
        "saml-query-cut-off",
        app=app(APP, **OFF),
    ),
    row("a # behind the query", f"{ONCE}#top", ACCEPTED),
    row("a paste that ends in SigAlg", ONCE.partition("%2F04")[0], INCOMPLETE),
    row("a paste that ends in an escape of SigAlg", ONCE.partition("F04")[0], INCOMPLETE),
    row(
        "a paste that ends behind SigAlg",
        without(ONCE, "Signature"),
        REFUSED,
        "saml-signature-missing",
        code="AADSTS76030",
    ),
    row(
        "a paste that ends in Signature",
        ONCE[:-100],
        INCOMPLETE,
    ),
    row(
        "a paste that ends in an escape of Signature",
        ONCE.removesuffix("D"),
        INCOMPLETE,
    ),
    row(
        "a paste that ends in Signature, and nobody looks at it",
        ONCE[:-100],
        ACCEPTED,
        app=app(APP, **OFF),
    ),
    row(
        "a Signature cut short",
        re.sub("(?<=Signature=)[^&]*", lambda found: cut(found[0], 186), EARLY),
        REFUSED,
        "saml-signature-damaged",
        code="AADSTS76024",
    ),
    row("a Signature that is abbreviated", ONCE[:-300] + "...", INCOMPLETE),
    row(
        "a Signature that is abbreviated within",
        re.sub("(Signature=.{20})[^&]*", "\\1\u2026", EARLY),
        INCOMPLETE,
    ),
    row(
        "a SAMLRequest that is abbreviated",
        re.sub("(SAMLRequest=.{99})[^&]*", r"\1...", ONCE),
        INCOMPLETE,
    ),
    row(
        "a SAMLRequest that is abbreviated, signed with another key",
        re.sub("(SAMLRequest=.{99})[^&]*", r"\1...", FOREIGN_URL),
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76024",
    ),
    row("a value that ends too early", DEFLATED[:301], INCOMPLETE),
    row("a form that ends too early", f"SAMLRequest={SIGNED_ENCODED[:1901]}", INCOMPLETE),
    row("a form that ends", f"SAMLRequest={SIGNED_ENCODED}", ACCEPTED),
    row("XML that ends too early", saml.signed_request()[:-120], INCOMPLETE),
    row(
        "XML that ends within its signature",
        saml.signed_request().partition("<ds:SignatureMethod")[0] + "<ds:Sig",
        INCOMPLETE,
    ),
    row("a URL that spaces break", " ".join(re.findall(".{1,90}", ONCE)), ACCEPTED),
    row(
        "a URL that spaces break, signed with another key",
        " ".join(re.findall(".{1,90}", FOREIGN_URL)),
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76024",
    ),
    row(
        "a URL that spaces break, cut short",
        " ".join(re.findall(".{1,90}", ONCE[:-100])),
        INCOMPLETE,
    ),
    # Changed after signing so that it cannot be read.
    row(
        "a character changed after signing",
        ONCE.replace(saml.escaped(DEFLATED), saml.escaped(DAMAGED)),
        REFUSED,
        "saml-deflate-broken",
        code="AADSTS750055",
    ),
    row(
        "a character changed, signed with another key",
        FOREIGN_URL.replace(saml.escaped(DEFLATED), saml.escaped(DAMAGED)),
        REFUSED,
        "saml-deflate-broken",
        "saml-signed-by-other-key",
        code="AADSTS750055",
    ),
    row(
        "a tag changed after signing",
        redirect(relay_state="x").replace(
            saml.escaped(DEFLATED), saml.escaped(saml.redirect_value(UNSIGNED.replace(">", "", 1)))
        ),
        REFUSED,
        "saml-not-xml",
        code="AADSTS7500525",
    ),
    # A parameter that is there twice.
    row(
        "an empty SigAlg before the right one",
        redirect().replace("&SigAlg=", "&SigAlg=&SigAlg="),
        REFUSED,
        "saml-parameter-repeated",
        code="AADSTS750016",
    ),
    row(
        "a RelayState before the one that is signed",
        redirect(relay_state="x").replace("&RelayState=", "&RelayState=y&RelayState="),
        REFUSED,
        "saml-parameter-repeated",
        code="AADSTS750016",
    ),
    row(
        "a RelayState twice, signed with another key",
        redirect(relay_state="x", holder=key("other")).replace("&SigAlg=", "&RelayState=y&SigAlg="),
        REFUSED,
        "saml-parameter-repeated",
        "saml-signed-by-other-key",
        code="AADSTS750016",
    ),
    # One fault where nobody looks.
    row(
        "a Signature that is no base64, and nobody looks at it",
        renamed(redirect(), "Signature", "!!"),
        ACCEPTED,
        "saml-signature-missing",
        app=app(APP, **OFF),
    ),
    row(
        "no SigAlg, and nobody looks at it",
        without(redirect(), "SigAlg"),
        ACCEPTED,
        "saml-sigalg-missing",
        app=app(APP, **OFF),
    ),
    row(
        "parameters in lower case",
        redirect().replace("SigAlg=", "sigalg=").replace("Signature=", "signature="),
        REFUSED,
        "saml-request-not-signed",
        code="AADSTS76021",
    ),
    row(
        "Signature in lower case",
        redirect().replace("Signature=", "signature="),
        REFUSED,
        "saml-signature-missing",
        code="AADSTS76030",
    ),
    row(
        "SigAlg in lower case",
        redirect().replace("SigAlg=", "sigalg="),
        REFUSED,
        "saml-sigalg-missing",
        code="AADSTS76025",
    ),
    row(
        "a dictionary of SAMLRequest and RelayState",
        str({"SAMLRequest": DEFLATED, "RelayState": "x"}),
        INCOMPLETE,
    ),
    row(
        "a dictionary of all of them",
        str(
            {
                "SAMLRequest": DEFLATED,
                **dict(
                    zip(
                        ("SigAlg", "Signature"),
                        (unquote(part.partition("=")[2]) for part in redirect().split("&")[1:]),
                        strict=True,
                    )
                ),
            }
        ),
        ACCEPTED,
    ),
    row(
        "SAMLRequest alone, escaped",
        f"SAMLRequest={saml.escaped(DEFLATED)}",
        INCOMPLETE,
    ),
    row(
        "SAMLRequest and RelayState alone, escaped",
        f"SAMLRequest={saml.escaped(DEFLATED)}&RelayState=x",
        REFUSED,
        "saml-request-not-signed",
        code="AADSTS76021",
    ),
    # What of the query was left unescaped, or written in another alphabet.
    row(
        "signed with / = and + unescaped, sent with them escaped",
        encoded_by(unescaping("/=+"), saml.escaped),
        REFUSED,
        "saml-query-reencoded",
        code="AADSTS76024",
    ),
    row(
        "signed with / = and + unescaped, and sent so",
        encoded_by(unescaping("/=+"), unescaping("/=+")),
        INCOMPLETE,
        "saml-encoded-otherwise",
    ),
    row(
        "Signature in URL-safe base64",
        renamed(
            redirect(),
            "Signature",
            signature_over(without(redirect(), "Signature").partition("?")[2])
            .replace("+", "-")
            .replace("/", "_"),
        ),
        REFUSED,
        "saml-signature-damaged",
        code="AADSTS76024",
    ),
    row(
        "signed in another order, in lower-case escapes and with SHA-1",
        encoded_by(
            lower_case,
            saml.escaped,
            order=("RelayState", "SAMLRequest", "SigAlg"),
            alg="SHA1",
        ),
        REFUSED,
        "saml-query-order",
        code="AADSTS76024",
    ),
    row(
        "a bare + in Signature",
        PLUS.rpartition("=")[0] + "=" + PLUS.rpartition("=")[2].replace("%2B", "+"),
        INCOMPLETE,
        "saml-encoded-otherwise",
    ),
    row("an escaped + in Signature", PLUS, ACCEPTED),
    # What can be read and is no XML.
    row(
        "an & that is not escaped",
        post(UNSIGNED.replace("saml/acs", "saml/acs?a=1&b=2")),
        REFUSED,
        "saml-not-xml",
        code="AADSTS7500525",
    ),
    row(
        "elements too deep within each other",
        post(saml.authn_request(children="<a>" * 100 + "</a>" * 100)),
        REFUSED,
        "saml-not-xml",
        code="AADSTS7500525",
    ),
    row(
        "Signature without its padding",
        redirect().removesuffix("%3D%3D"),
        INCOMPLETE,
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
        "base64 of base64",
        encoded_by(twice_in_base64, twice_in_base64),
        INCOMPLETE,
        "saml-encoded-otherwise",
    ),
    row(
        "base64 of base64 in a form",
        "SAMLRequest=" + saml.escaped(saml.b64(saml.b64(saml.signed_request().encode()).encode())),
        INCOMPLETE,
        "saml-encoded-otherwise",
    ),
    row(
        "URL-safe base64, signed so",
        encoded_by(url_safe, url_safe),
        INCOMPLETE,
        "saml-encoded-otherwise",
    ),
    row(
        "URL-safe base64 since it was signed",
        encoded_by(saml.escaped, url_safe),
        REFUSED,
        "saml-query-reencoded",
        code="AADSTS76024",
    ),
    row(
        "URL-safe base64",
        f"{saml.DESTINATION}?SAMLRequest={DEFLATED.replace('+', '-').replace('/', '_')}",
        INCOMPLETE,
        "saml-encoded-otherwise",
        "saml-request-not-signed",
        app=app(APP, **OFF),
    ),
    row(
        "a zlib wrapper",
        f"{saml.DESTINATION}?SAMLRequest={saml.escaped(saml.redirect_value(UNSIGNED, wbits=15))}",
        REFUSED,
        "saml-redirect-not-deflated",
        "saml-request-not-signed",
        code="AADSTS750055",
        app=app(APP, **OFF),
    ),
    row(
        "a paste that is cut short",
        f"{saml.DESTINATION}?SAMLRequest={saml.escaped(DEFLATED[:200])}",
        INCOMPLETE,
    ),
    row(
        "cut short",
        f"{saml.DESTINATION}?SAMLRequest={saml.escaped(DEFLATED[:200])}&RelayState=x",
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
        INCOMPLETE,
        "saml-error-of-another-request",
        error="AADSTS76021: The request sent by client is not signed",
    ),
    row(
        "AADSTS76021 for a form that is signed",
        post(),
        INCOMPLETE,
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
        for code in ("AADSTS76022", "AADSTS76023", "AADSTS76024", "AADSTS76029")
    ),
    row(
        "AADSTS76027 for a redirect that is right",
        redirect(),
        INCOMPLETE,
        "saml-error-of-another-request",
        error="AADSTS76027: No certificate matching provided KeyInfo.",
    ),
    row(
        "AADSTS76027 for a form that is right",
        post(saml.signed_request(cert=APP)),
        REFUSED,
        "saml-certificate-not-configured",
        error="AADSTS76027: No certificate matching provided KeyInfo.",
        code="AADSTS76027",
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
        code="AADSTS76029",
    ),
    row(
        "AADSTS76023 for a request that draws it or another",
        redirect(holder=key("other")),
        REFUSED,
        "saml-signed-by-other-key",
        error="AADSTS76023: The signature of the received authentication request is invalid",
        code="AADSTS76023",
    ),
    row(
        "AADSTS76021 for a request signed with another key",
        redirect(holder=key("other")),
        REFUSED,
        "saml-signed-by-other-key",
        "saml-error-of-another-request",
        error="AADSTS76021: The request sent by client is not signed",
        code="AADSTS76024",
    ),
    row(
        "AADSTS76027 for a request that is right by the registration",
        post(saml.signed_request(cert=APP)),
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
    # What shows that the certificate is configured.
    row(
        "the export leaves the key out, and its identifier decides nothing",
        redirect(),
        INCOMPLETE,
        app=app(NAMELESS, **ON),
        certs=[OWN],
    ),
    row(
        "the export leaves two keys out, and their identifiers decide nothing",
        redirect(),
        INCOMPLETE,
        app=app(NAMELESS, graph.key_credential(OTHER, key=None, customKeyIdentifier="c3A="), **ON),
        certs=[OWN],
    ),
    row(
        "the export leaves the key out, and its identifier is the thumbprint",
        redirect(),
        ACCEPTED,
        app=app(graph.key_credential(APP, key=None), **ON),
        certs=[OWN],
    ),
    row(
        "the export is of a service principal, and the certificate given is not in it",
        redirect(),
        INCOMPLETE,
        app=as_json(
            graph.service_principal(servicePrincipalNames=[saml.ISSUER], replyUrls=[saml.ACS_URL])
        ),
        certs=[OWN],
    ),
    row(
        "another key signed, and the export leaves one out",
        redirect(holder=key("other")),
        INCOMPLETE,
        app=app(APP, NAMELESS, **ON),
    ),
    row(
        "another key signed that is at hand, and the export leaves a known one out",
        redirect(holder=key("other")),
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76024",
        app=app(APP, graph.key_credential(certificate("third"), key=None), **ON),
        also=[FOREIGN],
    ),
    # What KeyInfo names (ENTRA section 8: a named key must match a configured certificate).
    row(
        "KeyInfo names one configured certificate, and the key of another signed",
        post(saml.signed_request(cert=OTHER)),
        INCOMPLETE,
        "saml-key-info-differs",
        app=app(APP, OTHER, **ON),
    ),
    row(
        "KeyInfo names the newest certificate, and the key of the oldest of three signed",
        post(saml.signed_request(cert=OTHER)),
        INCOMPLETE,
        "saml-key-info-differs",
        app=app(*OLDEST_OF_THREE, **ON),
    ),
    row(
        "KeyInfo names a certificate that the export has by its thumbprint alone",
        post(saml.signed_request(cert=OTHER)),
        INCOMPLETE,
        "saml-key-info-differs",
        app=app(APP, graph.key_credential(OTHER, key=None), **ON),
    ),
    row(
        "KeyInfo names another certificate than signed, and nobody looks",
        post(saml.signed_request(cert=OTHER)),
        ACCEPTED,
        "saml-key-info-differs",
        app=app(APP, OTHER, **OFF),
    ),
    row(
        "KeyInfo holds both certificates, and the key of one signed",
        post(Hand(key_info=x509_data(OTHER, APP)).signed()),
        ACCEPTED,
        app=app(APP, OTHER, **ON),
    ),
    row(
        "KeyInfo holds a certificate, and the export leaves open which are configured",
        post(saml.signed_request(cert=OTHER)),
        INCOMPLETE,
        app=app(APP, NAMELESS, **ON),
    ),
    row(
        "KeyInfo holds a renewed certificate of the same key",
        post(saml.signed_request(cert=certificate(serial=2))),
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76027",
        app=app(APP, OTHER, **ON),
    ),
    row(
        "KeyInfo holds the certificate of the bare key that is given",
        post(saml.signed_request(cert=APP)),
        ACCEPTED,
        certs=[BARE],
    ),
    *(
        row(
            f"KeyInfo names the key that signed by {name}",
            post(Hand(key_info=f"<ds:KeyInfo>{inside('app')}</ds:KeyInfo>").signed()),
            ACCEPTED,
            app=app(APP, OTHER, **ON),
        )
        for name, inside in NAMED_BY.items()
    ),
    *(
        row(
            f"KeyInfo names another key than signed by {name}",
            post(Hand(key_info=f"<ds:KeyInfo>{inside('other')}</ds:KeyInfo>").signed()),
            INCOMPLETE,
            "saml-key-info-differs",
            app=app(APP, OTHER, **ON),
        )
        for name, inside in NAMED_BY.items()
    ),
    row(
        "the oldest of three signed, and KeyInfo names another by its bare key",
        post(Hand(key_info=key_value(key("other"))).signed()),
        INCOMPLETE,
        "saml-key-info-differs",
        app=app(*OLDEST_OF_THREE, **ON),
    ),
    row(
        "KeyInfo names a key that is not configured by its bare key",
        post(Hand(key_info=key_value(key("other"))).signed()),
        INCOMPLETE,
        app=app(APP, **ON),
        also=[FOREIGN],
    ),
    row(
        "KeyInfo names two keys, of which one signed",
        post(Hand(key_info=key_value(key("other")) + key_value(key())).signed()),
        ACCEPTED,
        app=app(APP, OTHER, **ON),
    ),
    # A key that is not configured is the root, whatever became of the request.
    *(
        row(
            f"signed with the key in KeyInfo, which is not configured, {name}",
            post(xml),
            REFUSED,
            "saml-signed-by-other-key",
            code="AADSTS76027",
        )
        for name, xml in STRANGERS.items()
    ),
    row(
        "signed with another key that is at hand, and digested with its comments",
        post(COMMENTED.signed(saml.authn_request(children="<!-- c -->"))),
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76024",
        certs=[FOREIGN],
        also=[OWN],
    ),
    row(
        "the same, and what is registered is not known",
        post(STRANGERS["and changed"]),
        INCOMPLETE,
        "saml-content-changed",
        certs=[],
        also=[FOREIGN],
    ),
    row(
        "the same, and one that is configured is not in the export",
        post(BY_STRANGER.signed().replace("acs", "other")),
        REFUSED,
        "saml-content-changed",
        code="AADSTS76024",
        app=app(APP, NAMELESS, **ON, web={"redirectUris": ["https://app.example.com/saml/other"]}),
        also=[FOREIGN],
    ),
    row(
        "the XML alone, signed with another key and indented by a viewer",
        INDENTED,
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76024",
        certs=[FOREIGN],
        also=[OWN],
        binding="post",
    ),
    # Without an ID there is nothing to refer to.
    row(
        "no ID, and a signature that refers to it",
        post(saml.signed_request().replace(f' ID="{saml.REQUEST_ID}"', "", 1)),
        REFUSED,
        "saml-attribute-missing",
        code="AADSTS7500516",
    ),
    row(
        "an Id for an ID, and a signature that refers to it",
        post(saml.signed_request().replace(" ID=", " Id=", 1)),
        REFUSED,
        "saml-attribute-missing",
        code="AADSTS7500516",
    ),
    row(
        "no ID, and a signature that refers to another element",
        post(NO_ID),
        REFUSED,
        "saml-attribute-missing",
        "saml-reference-wrong",
        code="AADSTS7500516",
    ),
    row(
        "no ID, and a signature that refers outside",
        post(Hand(uri="https://example.com/x").signed(saml.authn_request(ID=DROP))),
        REFUSED,
        "saml-attribute-missing",
        "saml-reference-wrong",
        code="AADSTS7500516",
    ),
    # What nobody looks at is one note too.
    row(
        "no Signature, and nobody looks",
        without(redirect(), "Signature"),
        ACCEPTED,
        "saml-signature-missing",
        app=app(APP, **OFF),
    ),
    row(
        "no SigAlg, and nobody looks",
        without(redirect(), "SigAlg"),
        ACCEPTED,
        "saml-sigalg-missing",
        app=app(APP, **OFF),
    ),
    row(
        "a Signature that is no base64, and nobody looks",
        renamed(redirect(), "Signature", "*"),
        ACCEPTED,
        "saml-signature-missing",
        app=app(APP, **OFF),
    ),
    row(
        "another key signed, and nobody looks",
        redirect(holder=key("other")),
        ACCEPTED,
        "saml-signed-by-other-key",
        app=app(APP, **OFF),
    ),
    row(
        "KeyInfo has a name that says nothing of the key",
        post(Hand(key_info=KEY_NAME).signed()),
        INCOMPLETE,
        app=app(APP, **ON),
    ),
    row(
        "KeyInfo has a bare key that is not configured, and it signed",
        post(
            Hand(
                key_info=key_value(key("other")), sign=lambda text: pkcs1(text, holder=key("other"))
            ).signed()
        ),
        REFUSED,
        "saml-signed-by-other-key",
        code="AADSTS76023",
    ),
    row(
        "the oldest of three is named by its bare key",
        post(Hand(key_info=key_value(key())).signed()),
        INCOMPLETE,
        app=app(*OLDEST_OF_THREE, **ON),
    ),
    row(
        "three certificates that begin at one moment, and which are newest is open",
        redirect(),
        INCOMPLETE,
        app=app(APP, OTHER, certificate("third"), **ON),
    ),
    row(
        "three certificates, of which two begin at one moment, and one of them signed",
        redirect(),
        ACCEPTED,
        app=app(
            APP,
            OTHER,
            graph.key_credential(certificate("third"), startDateTime=graph.iso(NOW - 90 * DAY)),
            **ON,
        ),
    ),
    row(
        "three certificates, and when the others begin is not told",
        redirect(),
        INCOMPLETE,
        app=app(
            APP,
            graph.key_credential(OTHER, startDateTime=None),
            graph.key_credential(certificate("third"), startDateTime=None),
            **ON,
        ),
    ),
    # When the certificate is valid.
    row(
        "a certificate that is not valid yet",
        redirect(),
        ACCEPTED,
        "saml-certificate-not-yet-valid",
        certs=[pem(certificate(start=NOW + timedelta(seconds=1)))],
    ),
    row("a certificate that begins now", redirect(), ACCEPTED, certs=[pem(certificate(start=NOW))]),
    row(
        "a registration that has ended",
        redirect(),
        ACCEPTED,
        "saml-certificate-expired",
        app=app(graph.key_credential(APP, endDateTime=graph.iso(NOW - DAY)), **ON),
    ),
    row(
        "a registration that ends now",
        redirect(),
        ACCEPTED,
        app=app(graph.key_credential(APP, endDateTime=graph.iso(NOW)), **ON),
    ),
    row(
        "a registration that has not begun",
        redirect(),
        ACCEPTED,
        "saml-certificate-not-yet-valid",
        app=app(graph.key_credential(APP, startDateTime=graph.iso(NOW + DAY)), **ON),
    ),
    # What was pasted is not what was sent.
    row(
        "the XML alone, indented by a viewer",
        INDENTED,
        INCOMPLETE,
        binding="post",
    ),
    row(
        "the XML alone, indented, and nobody looks",
        INDENTED,
        ACCEPTED,
        app=app(APP, **OFF),
        binding="post",
    ),
    row(
        "the indented XML in a form",
        post(INDENTED),
        REFUSED,
        "saml-content-changed",
        code="AADSTS76024",
    ),
    row(
        "the XML alone, changed",
        saml.signed_request().replace("acs", "other"),
        REFUSED,
        "saml-content-changed",
        code="AADSTS76024",
        binding="post",
    ),
    # One fault is one finding.
    row(
        "SigAlg names SHA-1, and SHA-256 signed",
        MISNAMED,
        REFUSED,
        "saml-signature-algorithm-differs",
        code="AADSTS76028",
    ),
    row(
        "SigAlg names SHA-1, SHA-256 signed, and the app allows SHA-1",
        MISNAMED,
        REFUSED,
        "saml-signature-algorithm-differs",
        code="AADSTS76024",
        app=app(APP, **WEAK),
    ),
    row(
        "SignatureMethod names SHA-1, and SHA-256 signed",
        post(Hand(method=saml.SIGNATURE_METHODS["SHA1"]).signed()),
        REFUSED,
        "saml-signature-algorithm-differs",
        code="AADSTS76028",
    ),
    row(
        "SignatureMethod was changed to one that is not taken",
        post(Hand().signed().replace("rsa-sha256", "rsa-sha512")),
        REFUSED,
        "saml-content-changed",
        code="AADSTS76028",
    ),
    row(
        "two signatures, the first by a key that is not registered",
        post(BY_TWO),
        REFUSED,
        "saml-two-signatures",
        code="AADSTS76030",
    ),
    row(
        "unsigned, and no certificate to verify with",
        redirect(alg=None),
        REFUSED,
        "saml-request-not-signed",
        "saml-no-verification-certificate",
        code="AADSTS76021",
        app=app(**ON),
    ),
    row(
        "the signature in the wrong place, and no certificate to verify with",
        redirect(saml.signed_request(), alg=None),
        REFUSED,
        "saml-signature-in-wrong-place",
        "saml-no-verification-certificate",
        code="AADSTS76021",
        app=app(**ON),
    ),
    row(
        "a zlib wrapper, and unsigned",
        f"{saml.DESTINATION}?SAMLRequest={saml.escaped(saml.redirect_value(UNSIGNED, wbits=15))}"
        "&RelayState=x",
        REFUSED,
        "saml-redirect-not-deflated",
        "saml-request-not-signed",
        code="AADSTS750055",
    ),
    row(
        "a form with the signature in its URL",
        sent_to(SIGNED_URL, post(UNSIGNED)),
        REFUSED,
        "saml-signature-in-wrong-place",
        code="AADSTS76021",
    ),
    row("a signed form with another signature in its URL", sent_to(SIGNED_URL, post()), ACCEPTED),
    row(
        "a form without a signature, to a URL with a query",
        sent_to(f"{saml.DESTINATION}?lang=en", post(UNSIGNED)),
        REFUSED,
        "saml-request-not-signed",
        code="AADSTS76021",
    ),
    # Where it is sent.
    *(row(f"sent to {host}", redirect(url=url), ACCEPTED) for host, url in HOSTS.items()),
    *(
        row(f"sent to {host}, another service", redirect(url=url), INCOMPLETE)
        for host, url in STRANGE_HOSTS.items()
    ),
    row(
        "a form alone, with another service for its Destination",
        post(saml.signed_request(Destination="https://x.okta.com/app/sso/saml")),
        INCOMPLETE,
    ),
    row(
        "a form to Entra ID, with another Destination",
        sent_to(
            saml.DESTINATION, post(saml.signed_request(Destination="https://proxy.example/saml2"))
        ),
        ACCEPTED,
    ),
    row(
        "a form alone, with a Destination that is no address",
        post(saml.signed_request(Destination="urn:idp")),
        ACCEPTED,
    ),
    row(
        "unsigned, and sent to another service",
        redirect(alg=None, url=STRANGE_HOSTS["x.okta.com"]),
        INCOMPLETE,
        "saml-request-not-signed",
    ),
    row(
        "signed with another key, and sent to another service",
        redirect(holder=key("other"), url=STRANGE_HOSTS["x.okta.com"]),
        INCOMPLETE,
        "saml-signed-by-other-key",
    ),
    row(
        "signed with SHA-1, and sent to B2C",
        redirect(alg="SHA1", url=STRANGE_HOSTS["contoso.b2clogin.com"]),
        INCOMPLETE,
        "saml-algorithm-not-allowed",
    ),
    row(
        "an ID that begins with a digit, sent to B2C",
        redirect(saml.authn_request(ID="1a"), url=STRANGE_HOSTS["contoso.b2clogin.com"]),
        INCOMPLETE,
        "saml-id-invalid",
    ),
    row(
        "without SAMLRequest, and sent to another service",
        sent_to(STRANGE_HOSTS["x.okta.com"], "RelayState=x&SigAlg=y&Signature=QUJD"),
        INCOMPLETE,
        "saml-request-missing",
    ),
    row(
        "an unsigned form alone, with another service for its Destination",
        post(saml.authn_request(Destination="https://x.okta.com/app/sso/saml")),
        INCOMPLETE,
        "saml-request-not-signed",
    ),
    row(
        "unsigned, to another service, and Entra ID's error beside it",
        redirect(alg=None, url=STRANGE_HOSTS["x.okta.com"]),
        INCOMPLETE,
        "saml-request-not-signed",
        error="AADSTS76021: The request sent by client is not signed",
    ),
    *(row(f"sent to {url}", redirect(url=url), INCOMPLETE) for url in OTHER_PATHS),
    row(
        "unsigned, and sent where Entra ID authorizes",
        redirect(alg=None, url=OTHER_PATHS[0]),
        INCOMPLETE,
        "saml-request-not-signed",
    ),
    *(
        row(f"sent to {path}", redirect(url=f"https://login.microsoftonline.com{path}"), ACCEPTED)
        for path in ("/common/saml2", "/contoso.onmicrosoft.com/SAML2", f"/{TENANT}/saml2/")
    ),
    row(
        "another reply URL than a wildcard may cover",
        redirect(),
        ACCEPTED,
        app=app(APP, **ON, web={"redirectUris": ["https://app.example.com/*"]}),
    ),
    # Whose request it is.
    row(
        "the client ID for an Issuer",
        redirect(saml.authn_request(issuer=CLIENT_ID)),
        ACCEPTED,
        app=app(APP, **ON),
    ),
    row(
        "another client ID for an Issuer",
        redirect(saml.authn_request(issuer=TENANT)),
        REFUSED,
        "saml-issuer-mismatch",
        code="AADSTS700016",
        app=app(APP, **ON),
    ),
    row(
        "another Issuer, and the export has no identifier but the client ID",
        redirect(),
        ACCEPTED,
        app=app(APP, **ON, identifierUris=[]),
    ),
    row(
        "the client ID for an Issuer, of two apps",
        redirect(saml.authn_request(issuer=CLIENT_ID)),
        ACCEPTED,
        app=as_json([application(OTHER, appId=TENANT), application(APP, **(NAMED | ON))]),
    ),
    # What an export that PowerShell cut off does not show counts as unknown, what it shows counts.
    row(
        "another reply URL, and those of the app were cut off",
        redirect(saml.authn_request(AssertionConsumerServiceURL="https://other.example.com/acs")),
        ACCEPTED,
        app=app(APP, **ON, web="@{redirectUris=System.Object[]}"),
    ),
    row(
        "another reply URL, and other members were cut off",
        redirect(saml.authn_request(AssertionConsumerServiceURL="https://other.example.com/acs")),
        REFUSED,
        "saml-acs-not-registered",
        code="AADSTS50011",
        app=app(APP, **ON, api="@{oauth2PermissionScopes=System.Object[]}"),
    ),
    row(
        "another Issuer, and some names of the app were cut off",
        redirect(saml.authn_request(issuer=TENANT)),
        ACCEPTED,
        app=app(APP, **ON, servicePrincipalNames="System.Object[]"),
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
        "saml-acs-not-registered",
        None,
    ),
    (
        "a reply URL with http for https",
        {"AssertionConsumerServiceURL": saml.ACS_URL.replace("https", "http")},
        "saml-acs-not-registered",
        None,
    ),
    (
        "a reply URL with a slash more",
        {"AssertionConsumerServiceURL": f"{saml.ACS_URL}/"},
        "saml-acs-not-registered",
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
    assert answer.verdict is (REFUSED if code else ACCEPTED)
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


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (
            "the export leaves the keys out",
            "whether certificate is configured, for app does not hold",
        ),
        (
            "the export leaves the key out, and its identifier decides nothing",
            "whether certificate is configured, for app leaves out the key, and the identifier",
        ),
        (
            "the export leaves two keys out, and their identifiers decide nothing",
            "whether certificate is configured, for app leaves out the key of app[0] and app[1]",
        ),
        (
            "the export is of a service principal, and the certificate given is not in it",
            "whether certificate is configured, for app is a service principal",
        ),
        (
            "another key signed, and the export leaves one out",
            "whether the key that signed is that of app[1], which the export leaves out",
        ),
        (
            "KeyInfo names one configured certificate, and the key of another signed",
            "whether Entra ID tries another key than the one that KeyInfo names",
        ),
        (
            "KeyInfo holds a certificate, and the export leaves open which are configured",
            "whether the certificate in KeyInfo (CN=assertcheck test other, thumbprint ",
        ),
        (
            "KeyInfo has a name that says nothing of the key",
            'KeyInfo has KeyName "sp" and no certificate, and whether Entra ID finds app by that',
        ),
        (
            "the oldest of three is named by its bare key",
            "KeyInfo has a bare key in KeyValue and no certificate, and whether Entra ID finds",
        ),
        (
            "three certificates that begin at one moment, and which are newest is open",
            "whether app[0] is among the newest 2 of 3 certificates: start dates are missing, or",
        ),
        (
            "the XML alone, indented by a viewer",
            "the XML that was pasted differs in white space from what was signed (white space "
            "between elements was added after signing), maybe only since a viewer indented it; "
            "paste the value of SAMLRequest",
        ),
        (
            "sent to x.okta.com, another service",
            'it is sent to "x.okta.com", which is not known to be Entra ID\'s',
        ),
        (
            "sent to adfs.example.com, another service",
            'it is sent to "adfs.example.com", which is AD FS, with rules of its own',
        ),
        (
            "sent to contoso.b2clogin.com, another service",
            'it is sent to "contoso.b2clogin.com", which is Azure AD B2C, with rules of its own',
        ),
        (
            "a form alone, with another service for its Destination",
            'its Destination is "x.okta.com", which is not known to be Entra ID\'s',
        ),
        (
            "AADSTS76021 for a request that is signed",
            "which request drew AADSTS76021: this one is signed",
        ),
    ],
)
def test_what_keeps_a_request_from_being_accepted_is_said_once(name, why):
    (decisive,) = [each.why for each in judged(BY_NAME[name]).not_checked if each.decisive]
    assert decisive.startswith(why)


def test_a_code_is_documented_only_where_nothing_else_may_come_first():
    for name, codes in (
        ("SigAlg names SHA-1, and SHA-256 signed", ["AADSTS76028", "AADSTS76024", "AADSTS76023"]),
        ("SHA-1", ["AADSTS76028"]),
        (
            "KeyInfo has a bare key that is not configured, and it signed",
            ["AADSTS76023", "AADSTS76027"],
        ),
    ):
        answer = judged(BY_NAME[name])
        assert answer.cause
        assert [each.code for each in answer.cause.aadsts] == codes
        assert answer.prediction
        assert (answer.prediction.confidence == "documented") is (len(codes) == 1)
    both = judged(BY_NAME["unsigned, and no certificate to verify with"]).prediction
    assert both
    assert (both.confidence, both.then) == ("likely", ("AADSTS76022",))


def test_a_signature_that_nobody_looks_at_is_not_searched(monkeypatch):
    tried: list[str] = []
    for name in ("verify_query", "verify_xml"):
        monkeypatch.setattr(
            f"assertcheck.saml.report.{name}", noted(getattr(report, name), name, tried)
        )
    for paste, wanted, signatures in (
        (post(Signature="QUJD"), ["verify_xml"], 2),
        (redirect(saml.signed_request()), ["verify_query"], 2),
        (redirect(), ["verify_query"], 1),
        (post(UNSIGNED, Signature="QUJD"), ["verify_xml", "verify_query"], 1),
        (redirect(saml.signed_request(), alg=None), ["verify_xml"], 1),
    ):
        tried.clear()
        answer = diagnose_saml(paste, certs=[OWN], at=NOW)
        assert tried == wanted
        assert answer.request
        assert len(answer.request.signatures) == signatures


def noted(function: Any, name: str, tried: list[str]) -> Any:
    def call(*args: Any) -> Any:
        tried.append(name)
        return function(*args)

    return call


def test_whose_key_made_a_signature_that_does_not_verify_is_not_belied():
    answer = judged(BY_NAME["escapes in another letter case"])
    (fact,) = answer.keys
    assert fact.signature is Outcome.INVALID
    assert fact.why == "made the signature, which does not verify"
    other = judged(BY_NAME["signed with another key"])
    assert [each.why for each in other.keys] == [""]


def test_the_key_to_sign_with_is_named_with_its_thumbprint():
    cause = judged(BY_NAME["required, and another certificate is there"]).cause
    assert cause
    assert sha1(OTHER).hex().upper() in cause.fix
    four = [certificate(name) for name in ("other", "third", "old", "fourth")]
    cause = diagnose_saml(redirect(), app=app(*four, **ON), at=NOW).cause
    assert cause
    assert sha1(OTHER).hex().upper() in cause.fix
    assert " or another of the 4 that are configured, or upload the" in cause.fix


def test_a_bare_key_is_not_called_a_certificate(tmp_path):
    path = tmp_path / "sp.key"
    path.write_bytes(BARE)
    (assumption,) = diagnose_saml(redirect(), certs=[path], at=NOW).assumes
    assert assumption.startswith("the certificate of sp.key is a verification certificate of the")


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
        "saml-sent-elsewhere",
        "registration-undecidable",
        "saml-binding-unknown",
        "saml-other-requests",
        "saml-signature-not-verified",
        "saml-requirement-unknown",
    }
    assert {each.id for each in RULES} == (drawn - {None}) | undecided


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "all of it percent-encoded twice",
            "SAMLRequest, RelayState, SigAlg and Signature are percent-encoded twice",
        ),
        ("percent-encoded twice", "SAMLRequest is percent-encoded twice"),
        ("URL-safe base64", "SAMLRequest is in URL-safe base64, with - and _ in place of + and /"),
        ("a bare + in Signature", "Signature has a bare +, which form decoding makes a space of"),
        ("a zlib wrapper", "SAMLRequest has a zlib wrapper around DEFLATE"),
        ("a redirect that is not deflated", "SAMLRequest is base64 of the XML, without DEFLATE"),
        ("not base64", "SAMLRequest holds U+0021, which base64 has not"),
        (
            "an unescaped # in SigAlg",
            "an unescaped # cuts off the rest of SigAlg, and with it Signature",
        ),
        (
            "an unescaped # in SigAlg, which is the last",
            "an unescaped # cuts off the rest of SigAlg",
        ),
        (
            "an unescaped # in RelayState",
            "an unescaped # cuts off the rest of RelayState, and with it SigAlg and Signature",
        ),
        (
            "a Signature cut short",
            "Signature is not written as it should be: 139 octets, where the smallest key at hand "
            "makes 256",
        ),
        (
            "an & that is not escaped",
            "the message is not well-formed XML: not well-formed (invalid token) at line 1, column "
            "445, where an & is not escaped: write &amp;",
        ),
        (
            "not well-formed",
            "the message is not well-formed XML: no element found at line 1, column 588",
        ),
        (
            "elements too deep within each other",
            "the message has elements too deep within each other: more than 64 levels",
        ),
        ("a response", "the input is a Response"),
        ("an OpenID Connect request", "the input is an OpenID Connect request"),
        ("no request at all", "the input is no SAML request, nor anything that has one in it"),
        ("an error alone", "the input is an error of Entra ID without the request that drew it"),
    ],
)
def test_a_message_has_a_subject(name, message):
    found = [
        each for each in judged(BY_NAME[name]).findings if each.id != "saml-request-not-signed"
    ]
    assert found[0].message == message


@pytest.mark.parametrize(
    ("paste", "name"),
    [
        (post(UNSIGNED.replace("AuthnRequest", "NameIDMappingRequest")), "a NameIDMappingRequest"),
        (post(UNSIGNED.replace("AuthnRequest", "AuthnQuery")), "an AuthnQuery"),
        (post(UNSIGNED.replace("AuthnRequest", "\u00c4rger")), "another XML element"),
        (f'<x:EntityDescriptor xmlns:x="{saml.PROTOCOL}"/>', "metadata"),
        (
            f'<x:ArtifactResolve xmlns:x="{saml.PROTOCOL}"/>',
            "an ArtifactResolve, which Entra ID does not take",
        ),
        (
            f"{saml.DESTINATION}?SAMLart=AAQ",
            "an artifact, which Entra ID does not take",
        ),
        (
            key()
            .private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            .decode(),
            "a private key, which belongs to nobody else; take it for leaked if it went anywhere",
        ),
        (OWN, "a certificate, which goes to --cert"),
        ('{"a": 1}', "JSON without a SAML request in it"),
    ],
)
def test_what_is_no_sign_in_request_is_called_by_its_name(paste, name):
    (found,) = diagnose_saml(paste, certs=[OWN], at=NOW).findings
    assert found.message == f"the input is {name}"


@pytest.mark.parametrize("name", [each for each in BY_NAME if "another service" in each])
def test_what_another_service_would_answer_is_not_said(name):
    answer = judged(BY_NAME[name])
    assert answer.prediction is None
    assert not any(each.aadsts for each in answer.findings)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (STRANGE_HOSTS["contoso.ciamlogin.com"], "which is Entra External ID (CIAM), with rules"),
        (STRANGE_HOSTS["x.okta.com"], "which is not known to be Entra ID's"),
        (OTHER_PATHS[0], "and Entra ID takes SAML requests at /TENANT/saml2"),
    ],
)
def test_where_a_request_is_sent_is_said(url, words):
    unchecked = diagnose_saml(redirect(url=url), app=app(APP, **ON), at=NOW).not_checked
    (why,) = (each.why for each in unchecked)
    assert words in why


def test_what_is_no_request_is_that_wherever_it_is_sent():
    paste = sent_to("https://app.example.com/acs", "SAMLart=AAQAAMFbLinlXaCM%2BFIxiDwGOLAy2T71")
    answer = diagnose_saml(paste, certs=[OWN], at=NOW)
    assert answer.verdict is REFUSED
    assert [each.id for each in answer.not_checked] == []


@pytest.mark.parametrize(
    ("name", "words", "remedy"),
    [
        ("and indented", "white space between elements was added after", "sign as the last step"),
        ("and changed", "the request was changed after signing", "sign as the last step"),
        ("and digested otherwise", "the request was digested by C14N 1.0", "canonicalise as"),
        ("and over nothing", 'it refers to "#_nope"', "refer to the request, by its ID"),
    ],
)
def test_what_is_wrong_besides_the_key_is_said(name, words, remedy):
    cause = judged(
        BY_NAME[f"signed with the key in KeyInfo, which is not configured, {name}"]
    ).cause
    assert cause
    whose = "signed by the key of the certificate in KeyInfo, which is not registered; besides, "
    assert cause.message.startswith(f"{whose}{words}")
    assert f"; {remedy}" in cause.fix


def test_what_a_viewer_may_have_done_is_not_held_against_a_request():
    cause = judged(BY_NAME["the XML alone, signed with another key and indented by a viewer"]).cause
    assert cause
    assert "white space" not in cause.message
    assert "sign as the last step" not in cause.fix


def test_a_key_that_may_be_configured_hides_no_other_fault():
    answer = judged(BY_NAME["the same, and one that is configured is not in the export"])
    assert answer.cause
    assert answer.cause.message.startswith("the request was changed after signing")
    whys = [each.why for each in answer.not_checked]
    assert any("whether the key that signed is that of" in each for each in whys)


@pytest.mark.parametrize(
    "name",
    [
        "KeyInfo names another key than signed by its subject",
        "the oldest of three signed, and KeyInfo names another by its bare key",
    ],
)
def test_whose_key_is_named_in_key_info_is_said_once(name):
    answer = judged(BY_NAME[name])
    (found,) = answer.findings
    assert f", that of app[1] ({OTHER.subject.rfc4514_string()}, " in found.message
    assert [each.id for each in answer.not_checked] == ["saml-key-info-differs"]


def test_a_certificate_in_key_info_is_said_to_be_there_once():
    paste = post(saml.signed_request(cert=OTHER))
    (found,) = diagnose_saml(paste, app=app(APP, OTHER, **ON), at=NOW).findings
    named = f"({OTHER.subject.rfc4514_string()}, thumbprint {sha1(OTHER).hex().upper()})"
    assert found.message.startswith(f"KeyInfo holds the certificate {named}, and the key of ")


def test_a_request_is_signed_by_the_id_that_it_lacked():
    for paste, is_signed in (
        (BY_NAME["no ID, and a signature that refers to it"].paste, True),
        (unsigned(ID=DROP), False),
    ):
        found = diagnose_saml(paste, certs=[OWN], at=NOW).findings[0]
        assert found.id == "saml-attribute-missing"
        assert ("sign with a Reference to it" in found.fix) is is_signed


@pytest.mark.parametrize(
    ("hand", "xml", "fix"),
    [
        (COMMENTED, saml.authn_request(children="<!-- c -->"), "take the comments out of"),
        (
            Hand(prefixes="saml", before=lambda _: c14n(etree.fromstring(UNSIGNED), EXC_C14N)),
            UNSIGNED,
            "canonicalise by the PrefixList that InclusiveNamespaces names",
        ),
        (
            Hand(digested_by=C14N),
            UNSIGNED.replace(" ID=", ' xmlns:x="urn:x" ID=', 1),
            f"canonicalise by {EXC_C14N}, which it names",
        ),
        (
            Hand(canonicalization=C14N, transforms=(ENVELOPED, C14N)),
            UNSIGNED,
            f"use {EXC_C14N}, and name it",
        ),
    ],
)
def test_how_to_canonicalise_is_said(hand, xml, fix):
    (found,) = diagnose_saml(post(hand.signed(xml)), certs=[OWN], at=NOW).findings
    assert found.id == "saml-canonicalization"
    assert found.fix.startswith(fix)


@pytest.mark.parametrize(
    ("issuer", "words"),
    [
        ("https://APP.example.com/saml", "letter case"),
        ("http://app.example.com/saml", "the scheme"),
        ("https://app.example.com/saml/", "a slash at the end"),
        ("HTTPS://app.example.com/saml", "letter case"),
        ("http://App.example.com/saml/", "the scheme, letter case and a slash at the end"),
    ],
)
def test_in_what_two_addresses_differ_is_said(issuer, words):
    known = {"identifierUris": ["https://app.example.com/saml"]}
    export = app(APP, **ON, **known, web={"redirectUris": ["https://app.example.com/saml"]})
    paste = redirect(saml.authn_request(issuer=issuer, AssertionConsumerServiceURL=issuer))
    name, url = diagnose_saml(paste, app=export, at=NOW).findings
    assert (name.id, url.id) == ("saml-issuer-mismatch", "saml-acs-not-registered")
    assert name.message.endswith(f": they differ in {words}")
    assert url.message.endswith(f": they differ in {words}")


def test_white_space_around_a_registered_address_is_said():
    export = app(APP, **ON, web={"redirectUris": [f" {saml.ACS_URL}"]})
    (url,) = diagnose_saml(redirect(), app=export, at=NOW).findings
    assert url.message.endswith(": they differ in white space")


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ("utf-16", "the XML is not in the encoding that it declares: write it in UTF-8"),
        ("utf-8", None),
    ],
)
def test_xml_in_another_encoding_than_it_declares_is_not_called_broken(declared, words):
    paste = post(f'<?xml version="1.0" encoding="{declared}"?>{saml.signed_request()}')
    whys = [each.why for each in diagnose_saml(paste, app=app(APP, **ON), at=NOW).not_checked]
    assert whys == ([words] if words else [])


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://user:hunter2@app.example.com/x", "https://user:[redacted]@app.example.com/x"),
        ("https://user@app.example.com/x", "https://user@app.example.com/x"),
        ("https://app.example.com:8443/x@y", "https://app.example.com:8443/x@y"),
    ],
)
def test_a_password_in_an_address_is_not_shown(address, shown):
    answer = diagnose_saml(
        redirect(saml.authn_request(issuer=address, AssertionConsumerServiceURL=address)),
        certs=[OWN],
        at=NOW,
    )
    assert answer.request
    assert (answer.request.issuer, answer.request.acs_url) == (shown, shown)
    assert "hunter2" not in repr(answer)


def test_an_address_with_a_password_is_the_one_that_is_registered():
    address = "https://user:hunter2@app.example.com/x"
    paste = redirect(saml.authn_request(issuer=address, AssertionConsumerServiceURL=address))
    known = {"identifierUris": [address], "web": {"redirectUris": [address]}}
    assert diagnose_saml(paste, app=app(APP, **ON, **known), at=NOW).verdict is ACCEPTED
    answer = diagnose_saml(paste, app=app(APP, **ON), at=NOW)
    assert answer.verdict is REFUSED
    assert "hunter2" not in repr(answer)


@pytest.mark.parametrize("is_upper", [False, True])
@pytest.mark.parametrize("most", [64, 512])
def test_a_signature_in_hex_is_not_shown(is_upper, most):
    value = redirect().rpartition("=")[2]
    digits = base64.b64decode(unquote(value)).hex()[:most]
    written = digits.upper() if is_upper else digits
    url = redirect(saml.authn_request(AssertionConsumerServiceURL=f"https://a.example/{written}"))
    answer = diagnose_saml(renamed(url, "Signature", value), certs=[OWN], at=NOW)
    assert answer.request
    assert answer.request.acs_url
    assert "redacted" in answer.request.acs_url
    assert written[:32] not in repr(answer)


def test_the_hex_digits_of_a_digest_are_shown():
    digest = hashlib.sha512(b"x").hexdigest()
    facts = diagnose_saml(redirect(saml.authn_request(issuer=digest)), certs=[OWN], at=NOW).request
    assert facts
    assert facts.issuer == digest


@pytest.mark.parametrize("before", ["", "https://app.example.com/"])
def test_a_signature_of_another_request_in_hex_is_not_shown(before):
    digits = saml.query_signature(b"another").hex()
    paste = redirect(saml.authn_request(issuer=before + digits))
    answer = diagnose_saml(paste, certs=[OWN], at=NOW)
    assert answer.request
    assert answer.request.issuer == f"{before}[redacted: 512 digits of base 16]"


def test_an_error_alone_is_sent_to_where_it_is_explained():
    (found,) = judged(BY_NAME["an error alone"]).findings
    assert found.fix.startswith("run `assertcheck explain AADSTS76021` for its causes; ")
    assert found.aadsts == ()


def test_what_is_percent_encoded_twice_is_verified_with_one_layer_less():
    for name, outcome in (
        ("all of it percent-encoded twice", Outcome.VALID),
        ("percent-encoded twice, and signed so", Outcome.VALID),
        ("all of it percent-encoded twice, signed with another key", Outcome.INVALID),
    ):
        answer = judged(BY_NAME[name])
        assert [each.signature for each in answer.keys] == [outcome]
        assert answer.request
        assert answer.request.signatures[0].algorithm == saml.SIGNATURE_METHODS["SHA256"]


def test_every_mistake_has_its_remedy():
    name = "signed in another order, in lower-case escapes and with SHA-1"
    cause = judged(BY_NAME[name]).cause
    assert cause
    assert (
        "; send each value letter by letter as it was signed; sign with RSA-SHA256, " in cause.fix
    )
    (only,) = judged(BY_NAME["SigAlg before SAMLRequest, signed so"]).findings
    assert "RelayState only if it is sent" in only.fix
    assert "letter by letter" not in only.fix


def test_which_of_several_requests_is_judged_is_said():
    urls = [redirect(saml.authn_request(ID=own)) for own in ("_first", "_second", "_third")]
    for many, words in ((2, "another sign-in request"), (3, "2 other sign-in requests")):
        entries = [{"request": {"method": "GET", "url": url}} for url in urls[:many]]
        paste = json.dumps({"log": {"entries": entries}})
        answer = diagnose_saml(paste, app=app(APP, **ON), at=NOW)
        last = ("_second", "_third")[many - 2]
        assert answer.request
        assert answer.request.id == last
        assert [each.why for each in answer.not_checked] == [
            f'{words} in the input: the last, with ID "{last}", was taken; paste the one that fails '
            "alone"
        ]
    twice = json.dumps({"log": {"entries": [{"request": {"method": "GET", "url": urls[0]}}] * 2}})
    assert diagnose_saml(twice, app=app(APP, **ON), at=NOW).not_checked == ()


def test_a_request_without_an_id_is_called_the_last():
    paste = f"{redirect()}\n{redirect(saml.authn_request(ID=DROP))}"
    whys = [each.why for each in diagnose_saml(paste, app=app(APP, **ON), at=NOW).not_checked]
    assert whys == [
        "another sign-in request in the input: the last was taken; paste the one that fails alone"
    ]


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


@pytest.mark.parametrize(
    ("changes", "cut_off"),
    [
        ({"AssertionConsumerServiceURL": "https://other.example.com/acs"}, "web"),
        ({"issuer": TENANT}, "servicePrincipalNames"),
    ],
)
def test_what_was_cut_off_in_the_export_is_said_to_be_unchecked(changes, cut_off):
    answer = diagnose_saml(
        redirect(saml.authn_request(**changes)),
        app=app(APP, **ON, **{cut_off: "System.Object[]"}),
        at=NOW,
    )
    said = f"cut off at {cut_off}; export it again"
    assert [each for each in answer.not_checked if said in each.why]
