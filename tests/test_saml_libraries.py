"""What real service-provider libraries send, with two independent referees: openssl and xmlsec.

Those of Python run here; those of npm ran when `data/saml/record.mjs` recorded them.
"""

import base64
import json
import subprocess
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from urllib.parse import parse_qs, unquote
from zlib import decompress

import pytest
import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from lxml import etree, html
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Onelogin
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA1, SIG_RSA_SHA256

from assertcheck import Report, Verdict
from assertcheck.saml.report import diagnose_saml
from tests.build_graph import application, as_json
from tests.build_saml import ACS_URL, DESTINATION, DSIG, ISSUER

ROOT = Path(__file__).parent.parent
RECORDED = json.loads((ROOT / "tests/data/saml/requests.json").read_text(encoding="utf-8"))
KEY = ROOT / "sample_certs/keys/rsa-2048.pem"
CERTIFICATE = ROOT / "sample_certs/rsa-2048.pem"
X509 = load_pem_x509_certificate(CERTIFICATE.read_bytes())
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
IDP = "https://sts.windows.net/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/"
STATES = {
    "plain": "abc-123_4.5",
    "url": "https://app.example.com/start?a=1&b=2",
    "space": "two words",
    "tilde": "~home",
    "bang": "go!",
    "quote": "it's",
    "parentheses": "a(b)",
    "accent": "Zoë-€",
}
RESENT = ("space", "tilde", "bang", "quote", "parentheses")
"""RelayStates that node-saml signs in one encoding and sends in another."""
SHA1 = {"saml-algorithm-not-allowed"}
DEFLATED = {"saml-post-deflated"}
UNSIGNED = {"saml-request-not-signed"}
NODE_SAML = ("node-saml 5.1.0", "node-saml 4.0.5", "passport-saml 3.2.4")
FOUND: dict[tuple[str, str], set[str]] = {
    **{
        (library, f"redirect, SHA-256, RelayState: {state}"): {"saml-query-reencoded"}
        for library in NODE_SAML
        for state in RESENT
    },
    **{
        (library, name): found
        for library in (*NODE_SAML, "passport-saml 1.5.0")
        for name, found in (
            ("redirect, unsigned", UNSIGNED),
            ("redirect, signed by default", SHA1),
            ("form, signed by default", SHA1 | DEFLATED),
            ("form, SHA-256", DEFLATED),
        )
    },
    ("samlify 2.13.1", "redirect, unsigned"): UNSIGNED,
    ("samlify 2.13.1", "redirect, SHA-1"): SHA1,
    ("samlify 2.13.1", "form, HTTP-POST-SimpleSign"): {"saml-signature-in-wrong-place"},
    ("saml2-js 4.0.4", "redirect, unsigned"): UNSIGNED,
    ("saml2-js 4.0.4", "redirect, SHA-256, RelayState: empty"): {"saml-query-order"},
    ("saml2-js 4.0.4", "form, SHA-1"): SHA1,
}
"""By library and name; what is not here is accepted, and nothing found."""
CODES = {
    "saml-request-not-signed": "AADSTS76021",
    "saml-signature-in-wrong-place": "AADSTS76021",
    "saml-query-reencoded": "AADSTS76024",
    "saml-query-order": "AADSTS76024",
    "saml-algorithm-not-allowed": "AADSTS76028",
}


def label(each: dict[str, str]) -> tuple[str, str]:
    return f"{each['library']} {each['version']}", each["name"]


def judged(sent: str, **options: object) -> Report:
    options = {"certs": [CERTIFICATE]} | options
    return diagnose_saml(sent, at=AT, **options)  # type: ignore[arg-type] # each has its own type


def ids(report: Report) -> set[str]:
    return {each.id for each in report.findings}


def app(*, is_weak: bool) -> bytes:
    """An app that requires signed requests, with RSA-SHA1 where `is_weak`."""
    return as_json(
        application(
            X509,
            identifierUris=[ISSUER],
            web={"redirectUris": [ACS_URL]},
            requestSignatureVerification={
                "isSignedRequestRequired": True,
                "allowedWeakAlgorithms": "rsaSha1" if is_weak else None,
            },
        )
    )


def raw_parameters(url: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in url.partition("?")[2].split("&"))


def openssl_verifies(url: str, folder: Path) -> bool:
    """Ask openssl whether the query of `url` is signed as SAML Bindings 3.4.4.1 has it."""
    raw = raw_parameters(url)
    signed = "&".join(
        f"{name}={raw[name]}" for name in ("SAMLRequest", "RelayState", "SigAlg") if name in raw
    )
    (folder / "key").write_bytes(
        X509.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    (folder / "signature").write_bytes(base64.b64decode(unquote(raw["Signature"])))
    digest = unquote(raw["SigAlg"]).rpartition("#rsa-")[2]
    done = subprocess.run(
        [
            *("openssl", "dgst", f"-{digest}", "-verify", folder / "key"),
            *("-signature", folder / "signature"),
        ],
        input=signed.encode(),
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def posted_xml(sent: str) -> bytes:
    """The XML of a form: its page, or its body."""
    if "<form" in sent:
        (value,) = html.fromstring(sent).xpath("//input[@name='SAMLRequest']/@value")
    else:
        (value,) = parse_qs(sent)["SAMLRequest"]
    octets = base64.b64decode(value)
    return octets if octets.startswith(b"<") else decompress(octets, -15)


def xmlsec_verifies(xml: bytes) -> bool:
    """Ask xmlsec whether the XML signature in `xml` holds, by the one key that may have made it."""
    root = etree.fromstring(xml)
    (node,) = root.findall(f"{{{DSIG}}}Signature")
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(str(CERTIFICATE), xmlsec.constants.KeyDataFormatCertPem)
    try:
        context.verify(node)
    except xmlsec.Error:
        return False
    return True


def referee(sent: str, folder: Path) -> bool | None:
    """Whether the signature holds where its binding looks for it; `None` if there is none."""
    if sent.startswith("https://"):
        return openssl_verifies(sent, folder) if "Signature" in raw_parameters(sent) else None
    xml = posted_xml(sent)
    return xmlsec_verifies(xml) if b"SignatureValue" in xml else None


@pytest.mark.parametrize("each", RECORDED, ids=lambda each: " | ".join(label(each)))
def test_what_a_library_of_npm_sends_draws_what_it_deserves(each, tmp_path):
    found = FOUND.get(label(each), set())
    report = judged(each["sent"])
    assert ids(report) == found
    cause = report.cause.id if report.cause else None
    assert report.verdict is (Verdict.REFUSED if found - DEFLATED else Verdict.ACCEPTED)
    assert (report.prediction.code if report.prediction else None) == CODES.get(cause or "")
    holds = None if found & {*UNSIGNED, "saml-signature-in-wrong-place"} else True
    if found & {"saml-query-reencoded", "saml-query-order"}:
        holds = False
    assert referee(each["sent"], tmp_path) is holds


def test_what_is_expected_was_recorded():
    assert set(FOUND) <= {label(each) for each in RECORDED}
    assert len({label(each) for each in RECORDED}) == len(RECORDED)


@pytest.mark.parametrize(
    "each",
    [each for each in RECORDED if FOUND.get(label(each), set()) >= SHA1],
    ids=lambda each: " | ".join(label(each)),
)
def test_sha_1_is_taken_where_the_app_opts_in(each):
    weak = judged(each["sent"], app=app(is_weak=True), certs=())
    assert ids(weak) - DEFLATED == set()
    assert weak.verdict is Verdict.ACCEPTED
    strict = judged(each["sent"], app=app(is_weak=False), certs=())
    assert ids(strict) - DEFLATED == SHA1
    assert strict.prediction
    assert strict.prediction.code == "AADSTS76028"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("space", "signed with %20 in RelayState, sent as +"),
        ("tilde", "~"),
        ("bang", "!"),
        ("quote", "'"),
        ("parentheses", "( and )"),
    ],
)
def test_what_node_saml_signs_and_what_it_sends_is_said(state, words):
    name = f"redirect, SHA-256, RelayState: {state}"
    (each,) = [one for one in RECORDED if label(one) == ("node-saml 5.1.0", name)]
    cause = judged(each["sent"]).cause
    assert cause
    assert words in cause.message
    assert "keep RelayState to letters, digits" in cause.fix


def test_what_npm_sends_is_right_by_the_registration_too():
    for each in RECORDED:
        if not FOUND.get(label(each)):
            report = judged(each["sent"], app=app(is_weak=False), certs=())
            assert (ids(report), report.verdict) == (set(), Verdict.ACCEPTED), label(each)
            assert report.not_checked == (), label(each)


@cache
def pysaml2() -> Saml2Client:
    services = "".join(
        f'<SingleSignOnService Binding="{binding}" Location="{DESTINATION}"/>'
        for binding in (BINDING_HTTP_REDIRECT, BINDING_HTTP_POST)
    )
    metadata = (
        f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{IDP}">'
        '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f"{services}</IDPSSODescriptor></EntityDescriptor>"
    )
    config = SPConfig()
    config.load(
        {
            "entityid": ISSUER,
            "key_file": str(KEY),
            "cert_file": str(CERTIFICATE),
            # Only looked for: what it would sign, xmlsec's binding signs here.
            "xmlsec_binary": "/bin/sh",
            "metadata": {"inline": [metadata]},
            "service": {
                "sp": {"endpoints": {"assertion_consumer_service": [(ACS_URL, BINDING_HTTP_POST)]}}
            },
        }
    )
    client = Saml2Client(config)
    client.sec.crypto.sign_statement = sign_template
    return client


def sign_template(statement: bytes, node_name: str, key_file: str, node_id: str) -> str:
    """Do what `xmlsec1 --sign` does for pysaml2, through the same library."""
    root = etree.fromstring(statement)
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(key_file, xmlsec.constants.KeyDataFormatPem)
    context.sign(root.find(f"{{{DSIG}}}Signature"))
    return str(etree.tostring(root, encoding="unicode"))


def by_pysaml2(binding: str, state: str = "", **options: object) -> str:
    _, info = pysaml2().prepare_for_authenticate(IDP, state, binding, **options)
    return str(info["data"] if binding == BINDING_HTTP_POST else dict(info["headers"])["Location"])


@cache
def onelogin(*, is_signed: bool = True, algorithm: str | None = None) -> OneLogin_Saml2_Auth:
    security: dict[str, object] = {"authnRequestsSigned": is_signed}
    if algorithm:
        security["signatureAlgorithm"] = algorithm
    settings = {
        "strict": True,
        "sp": {
            "entityId": ISSUER,
            "assertionConsumerService": {"url": ACS_URL},
            "x509cert": CERTIFICATE.read_text(encoding="ascii"),
            "privateKey": KEY.read_text(encoding="ascii"),
        },
        "idp": {
            "entityId": IDP,
            "singleSignOnService": {"url": DESTINATION},
            "x509cert": CERTIFICATE.read_text(encoding="ascii"),
        },
        "security": security,
    }
    request = {"https": "on", "http_host": "app.example.com", "script_name": "/", "get_data": {}}
    return OneLogin_Saml2_Auth(request, settings)


def by_onelogin(
    state: str | None = None,
    *,
    is_signed: bool = True,
    algorithm: str | None = None,
    user: str | None = None,
) -> str:
    auth = onelogin(is_signed=is_signed, algorithm=algorithm)
    return str(auth.login(return_to=state, name_id_value_req=user))


def onelogin_form(algorithm: str = Onelogin.RSA_SHA256, digest: str = Onelogin.SHA256) -> str:
    auth = onelogin(is_signed=False)
    auth.login()
    xml = OneLogin_Saml2_Utils.add_sign(
        auth.get_last_request_xml(),
        KEY.read_text(encoding="ascii"),
        CERTIFICATE.read_text(encoding="ascii"),
        sign_algorithm=algorithm,
        digest_algorithm=digest,
    )
    value = base64.b64encode(xml if isinstance(xml, bytes) else xml.encode()).decode()
    return f"<form method='post' action='{DESTINATION}'><input name='SAMLRequest' value='{value}'>"


def by_minisaml(state: str | None = None, request_id: str | None = "_a1") -> str:
    with warnings.catch_warnings(action="ignore"):
        # It imports defusedxml.lxml, which is deprecated.
        from minisaml.request import get_request_redirect_url
    return str(
        get_request_redirect_url(
            saml_endpoint=DESTINATION,
            expected_audience=ISSUER,
            acs_url=ACS_URL,
            request_id=request_id,
            relay_state=state,
        )
    )


REDIRECT = partial(by_pysaml2, BINDING_HTTP_REDIRECT)
FORM = partial(by_pysaml2, BINDING_HTTP_POST)
SENT: dict[str, tuple[Callable[[], str], set[str]]] = {
    "pysaml2, redirect, unsigned": (REDIRECT, UNSIGNED),
    "pysaml2, form, unsigned": (FORM, UNSIGNED),
    "pysaml2, redirect, signed by default": (partial(REDIRECT, sign=True), SHA1),
    "pysaml2, redirect, SHA-1": (partial(REDIRECT, sign=True, sigalg=SIG_RSA_SHA1), SHA1),
    "pysaml2, form, signed by default": (partial(FORM, sign=True), SHA1),
    "pysaml2, form, SHA-256": (
        partial(FORM, STATES["url"], sign=True, sigalg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256),
        set(),
    ),
    "pysaml2, form, SHA-256 over a digest by SHA-1": (
        partial(FORM, sign=True, sigalg=SIG_RSA_SHA256),
        set(),
    ),
    "python3-saml, redirect, unsigned": (partial(by_onelogin, is_signed=False), UNSIGNED),
    "python3-saml, redirect, signed by default": (by_onelogin, set()),
    "python3-saml, redirect, SHA-1": (partial(by_onelogin, algorithm=Onelogin.RSA_SHA1), SHA1),
    "python3-saml, redirect, a Subject": (
        partial(by_onelogin, user="user@example.com"),
        {"saml-subject-present"},
    ),
    "python3-saml, form": (onelogin_form, set()),
    "python3-saml, form, SHA-1": (partial(onelogin_form, Onelogin.RSA_SHA1, Onelogin.SHA1), SHA1),
    "minisaml, redirect": (by_minisaml, UNSIGNED),
    "minisaml, an ID that begins with a digit": (
        partial(by_minisaml, request_id="4f-x"),
        UNSIGNED | {"saml-id-invalid"},
    ),
    "minisaml, an ID that begins with a hyphen": (
        partial(by_minisaml, request_id="-f4"),
        UNSIGNED,
    ),
    **{
        f"pysaml2, redirect, RelayState: {name}": (
            partial(REDIRECT, state, sign=True, sigalg=SIG_RSA_SHA256),
            set(),
        )
        for name, state in STATES.items()
    },
    **{
        f"python3-saml, redirect, RelayState: {name}": (partial(by_onelogin, state), set())
        for name, state in STATES.items()
    },
    **{
        f"minisaml, RelayState: {name}": (partial(by_minisaml, state), UNSIGNED)
        for name, state in STATES.items()
    },
}


@pytest.mark.parametrize("name", SENT)
def test_what_a_library_of_python_sends_draws_what_it_deserves(name, tmp_path):
    make, found = SENT[name]
    sent = make()
    assert ids(judged(sent)) == found
    assert ids(judged(sent, app=app(is_weak=True), certs=())) == found - SHA1
    assert ids(judged(sent, app=app(is_weak=False), certs=())) == found
    assert referee(sent, tmp_path) is (None if found & UNSIGNED else True)


def test_python3_saml_puts_the_signature_before_its_algorithm():
    names = list(raw_parameters(by_onelogin()))
    assert names.index("Signature") < names.index("SigAlg")


def test_minisaml_leaves_a_slash_as_it_is():
    assert any("/" in raw_parameters(by_minisaml(f"/start/{n}"))["RelayState"] for n in range(2))


@pytest.mark.parametrize("name", ["pysaml2, redirect, RelayState: url", "python3-saml, form"])
def test_a_signature_by_another_key_is_told_by_both_referees(name, tmp_path):
    """So that a referee that says yes to all would not pass."""
    sent = SENT[name][0]()
    changed = sent.replace("app.example.com", "app.example.org") if "<form" not in sent else None
    if changed is None:
        xml = posted_xml(sent).replace(b"app.example.com", b"app.example.org")
        changed = f"SAMLRequest={base64.b64encode(xml).decode().replace('+', '%2B')}"
    assert referee(changed, tmp_path) is False
    assert judged(changed).verdict is Verdict.REFUSED
