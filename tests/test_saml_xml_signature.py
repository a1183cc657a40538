import base64
import hashlib
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from xml.dom import minidom

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod

from assertcheck.keys.bare_key import read_public_key
from assertcheck.keys.certificate import read_certificate
from assertcheck.model import Candidate, Outcome, Role
from assertcheck.saml.algorithms import ALGORITHMS
from assertcheck.saml.model import (
    Element,
    Message,
    Place,
    SamlAutopsy,
    SamlFlaw,
    SamlFlawKind,
    SamlRequest,
    SamlSignature,
    SamlVerification,
)
from assertcheck.saml.xml_signature import MOST_OCTETS, verify_xml, xml_signatures
from tests.build import NOW, certificate, der, ec_key, key, pem
from tests.build_saml import (
    ASSERTION,
    DIGEST_METHODS,
    DSIG,
    ENVELOPED,
    EXC_C14N,
    REQUEST_ID,
    SIGNATURE_METHODS,
    authn_request,
    signed_request,
)
from tests.build_signed_xml import (
    C14N,
    C14N_11,
    DSIG_11,
    MORE,
    MORE_2007,
    Hand,
    by_minisignxml,
    by_python3_saml,
    by_signxml,
    by_xmlsec,
    c14n,
    ecdsa,
    key_value,
    pkcs1,
    pss,
    x509_data,
    xmlsec_takes,
)


def tree(octets: bytes) -> Element:
    """The tree of elements, as the standard library reads it."""

    def made(node: ET.Element) -> Element:
        namespace, _, name = node.tag.rpartition("}")
        return Element(
            name=name,
            namespace=namespace[1:],
            attributes=dict(node.attrib),
            text=(node.text or "") + "".join(each.tail or "" for each in node),
            children=tuple(made(each) for each in node),
        )

    return made(ET.fromstring(octets))


def request(xml: str | bytes, *flaws: SamlFlawKind) -> SamlRequest:
    octets = xml.encode() if isinstance(xml, str) else xml
    return SamlRequest(
        xml=octets,
        root=tree(octets),
        message=Message.AUTHN_REQUEST,
        is_deflated=False,
        flaws=tuple(SamlFlaw(kind=kind, detail="") for kind in flaws),
        fingerprint="",
    )


def candidate(
    name: str = "app", role: Role = Role.REGISTERED, cert: x509.Certificate | None = None
) -> Candidate:
    return read_certificate(der(cert or certificate(name)), label=f"{name}.pem", role=role)


APP, OLD = candidate(), candidate("old", Role.ALSO)
EC = candidate("curve", cert=certificate("curve", holder=ec_key()))


def verified(xml: str | bytes, *candidates: Candidate) -> SamlVerification:
    found = verify_xml(request(xml), candidates or (APP,))
    assert found is not None
    return found


def outcomes(found: SamlVerification) -> list[str]:
    return [trial.outcome.value for trial in found.trials]


def autopsy(found: SamlVerification) -> tuple[str | None, str | None, str | None]:
    """Mistake, whose key, and the algorithm where it is not the one named."""
    if found.autopsy is None:
        return None, None, None
    signer = found.autopsy.candidate
    label = signer.label if signer else None
    return found.autopsy.mistake.value, label, found.autopsy.algorithm


SCHEMA = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x x.xsd"'
INCLUSIVE = Hand(canonicalization=C14N, digested_by=C14N, transforms=(ENVELOPED, C14N))
COMMENTED = authn_request(children="<!-- one --><samlp:Scoping/><!-- two -->")
LANGUAGE = authn_request().replace(" ID=", ' xml:lang="en" xml:space="preserve" xml:id="a" ID=', 1)
SPACED = authn_request(indent="\n    ")
UNUSED = authn_request().replace(" ID=", ' xmlns:xs="http://www.w3.org/2001/XMLSchema" ID=', 1)
RIGHT: dict[str, Callable[[], str]] = {
    "by hand": lambda: Hand().signed(),
    "by hand, without a prefix": lambda: Hand(prefix="").signed(),
    "by hand, with a gap in SignedInfo": lambda: Hand(gap="\n  ").signed(SPACED),
    "by hand, the whole document": lambda: Hand(uri="").signed(),
    "by hand, KeyInfo of another key": lambda: Hand(
        key_info=x509_data(certificate("old"))
    ).signed(),
    "by hand, KeyValue of another key": lambda: Hand(key_info=key_value(key("old"))).signed(),
    "by hand, inclusive": lambda: INCLUSIVE.signed(UNUSED),
    "by hand, inclusive, xml: inherited": lambda: INCLUSIVE.signed(LANGUAGE),
    "by hand, with PrefixList": lambda: Hand(prefixes="xs samlp").signed(UNUSED),
    "by hand, without C14N in the reference": lambda: Hand(
        digested_by=C14N, transforms=(ENVELOPED,)
    ).signed(),
    "by hand, comments in the request": lambda: Hand().signed(COMMENTED),
    "by hand, comments in SignedInfo": lambda: (
        Hand().signed().replace("<ds:Reference ", "<!-- which --><ds:Reference ")
    ),
    "by hand, comments signed in SignedInfo": lambda: Hand(
        canonicalization=f"{EXC_C14N}WithComments", gap="<!-- here -->"
    ).signed(COMMENTED),
    "by hand, white space in base64": lambda: Hand(
        encode=lambda octets: "\n" + base64.encodebytes(octets).decode(),
        write_digest=lambda octets: f"\n {base64.b64encode(octets).decode()}\n",
    ).signed(),
    "by hand, SHA-1": lambda: signed_request(alg="SHA1"),
    "by hand, SHA-1 of the digest alone": lambda: Hand(
        digest_method=DIGEST_METHODS["SHA1"], digest=lambda octets: hashlib.sha1(octets).digest()
    ).signed(),
    "by hand, PSS": lambda: Hand(method=f"{MORE_2007}sha256-rsa-MGF1", sign=pss).signed(),
    "xmlsec": lambda: by_xmlsec(),
    "xmlsec, SHA-1": lambda: by_xmlsec(method="RSA_SHA1", digest="SHA1"),
    "xmlsec, SHA-512": lambda: by_xmlsec(method="RSA_SHA512", digest="SHA512"),
    "xmlsec, C14N 1.0": lambda: by_xmlsec(UNUSED, canonicalization="C14N"),
    "xmlsec, C14N 1.0, xml: inherited": lambda: by_xmlsec(LANGUAGE, canonicalization="C14N"),
    "xmlsec, C14N 1.1": lambda: by_xmlsec(UNUSED, canonicalization="C14N11"),
    "xmlsec, C14N 1.1, xml: inherited": lambda: by_xmlsec(LANGUAGE, canonicalization="C14N11"),
    "xmlsec, with comments": lambda: by_xmlsec(COMMENTED, canonicalization="EXCL_C14N_COMMENTS"),
    "xmlsec, in KeyInfo": lambda: by_xmlsec(cert=certificate()),
    "signxml": lambda: by_signxml(),
    "signxml, SHA-1": lambda: by_signxml(
        method=SignatureMethod.RSA_SHA1, digest=DigestAlgorithm.SHA1
    ),
    "signxml, PSS": lambda: by_signxml(method=SignatureMethod.SHA512_RSA_MGF1),
    "signxml, exclusive": lambda: by_signxml(
        SPACED, canonicalization=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
    ),
    "python3-saml": lambda: by_python3_saml(),
    "python3-saml, SHA-1": lambda: by_python3_saml(alg="SHA1"),
    "minisignxml": lambda: by_minisignxml(),
}


@pytest.mark.parametrize("made", RIGHT)
def test_a_right_signature_is_valid_for_its_key_alone(made):
    xml = RIGHT[made]()
    found = verified(xml, OLD, APP)
    assert (outcomes(found), autopsy(found)[0], found.why_not) == (["invalid", "valid"], None, None)
    assert xmlsec_takes(xml)


def test_a_curve_signs_too():
    xml = Hand(method=f"{MORE}ecdsa-sha256", sign=partial(ecdsa, holder=ec_key())).signed()
    found = verified(xml, APP, EC)
    assert [(trial.outcome.value, trial.why) for trial in found.trials] == [
        ("not-tried", "RSA 2048 is no key for ECDSA-SHA256"),
        ("valid", ""),
    ]
    assert autopsy(found)[0] is None


@pytest.mark.parametrize(
    "cert",
    [
        certificate("app", start=NOW.replace(year=2001), end=NOW.replace(year=2002)),
        certificate("app", start=NOW.replace(year=2090), end=NOW.replace(year=2091)),
        certificate("app", ca=True),
        certificate("app", issuer=certificate("old"), issuer_key=key("old")),
    ],
)
def test_nothing_but_the_key_of_a_certificate_counts(cert):
    found = verified(Hand().signed(), candidate(cert=cert))
    assert (outcomes(found), found.autopsy) == (["valid"], None)


def test_a_bare_key_verifies_like_a_certificate():
    spki = key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    bare = read_public_key(spki, label="key.pem", role=Role.REGISTERED)
    assert bare
    assert outcomes(verified(Hand().signed(), bare)) == ["valid"]


def test_utf_16_is_canonicalised_as_utf_8():
    octets = f"<?xml version='1.0' encoding='UTF-16'?>{Hand().signed()}".encode("utf-16")
    assert outcomes(verified(octets)) == ["valid"]


def test_utf_16_is_explained_too():
    changed = Hand().signed().replace("/saml/acs", "/SAML/ACS")
    octets = f"<?xml version='1.0' encoding='UTF-16'?>{changed}".encode("utf-16")
    assert autopsy(verified(octets)) == ("content-changed", "app.pem", None)


def sha1(octets: bytes) -> bytes:
    return hashlib.sha1(octets).digest()


def signed(sign: Callable[..., bytes] = pkcs1, **options: object) -> Callable[[bytes], bytes]:
    return partial(sign, **options)


def swapped(old: str, new: str, xml: str | None = None) -> str:
    """A signed request with one thing in it changed."""
    before = xml or Hand().signed()
    assert old in before
    return before.replace(old, new, 1)


def respaced(xml: str, gap: str = "\n  ") -> str:
    return re.sub(r">(?=<)", f">{gap}", xml)


def compacted(xml: str) -> str:
    return re.sub(r">\s+<", "><", xml)


def indented(xml: str, space: str) -> str:
    root = etree.fromstring(xml)
    etree.indent(root, space=space)
    return str(etree.tostring(root), "ascii")


XS = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
EXTENDED = authn_request(
    children='<samlp:Extensions><e:x xmlns:e="urn:e" e:a="1"/><?note?></samlp:Extensions>'
)


def signature_in(xml: str) -> str:
    found = re.search("<ds:Signature .*</ds:Signature>", xml, re.DOTALL)
    assert found
    return found[0]


def in_front(xml: str) -> str:
    """`xml`, a request, with its signature in front of all else in it."""
    return Hand(behind=xml.partition(">")[0] + ">").signed(xml)


def commented(how: Hand) -> str:
    """A request with a comment, which is digested along."""
    with_comments = f"{how.digested_by}{'' if how.digested_by.endswith('#') else '#'}WithComments"
    octets = c14n(etree.fromstring(COMMENTED), with_comments)
    return replace(how, before=lambda _: octets).signed(COMMENTED)


def value_in(xml: str) -> str:
    return xml.partition("<ds:SignatureValue>")[2].partition("<")[0]


CRLF = Hand(before=lambda octets: octets.replace(b"\n", b"&#xD;\n"))
NAMED = authn_request(ProviderName="J\u00fcrgens \u20ac-Shop")

BROKEN: dict[str, tuple[Callable[[], str], str, str | None, str | None, str]] = {
    # How it was made, the mistake, whose key, the algorithm, and words that name it.
    # The content.
    "a URL in other case": (
        lambda: swapped("/saml/acs", "/SAML/ACS"),
        "content-changed", "app.pem", None, 'AssertionConsumerServiceURL of AuthnRequest was "http',
    ),
    "an attribute added": (
        lambda: swapped(" ID=", ' ForceAuthn="true" ID='),
        "content-changed", "app.pem", None, "ForceAuthn was added to AuthnRequest after signing",
    ),
    "an element added behind": (
        lambda: swapped("</samlp:AuthnRequest>", "<samlp:Scoping/></samlp:AuthnRequest>"),
        "content-changed", "app.pem", None, "Scoping was added after signing",
    ),
    "an element added in front": (
        lambda: swapped("<saml:Issuer", "<samlp:Extensions/><saml:Issuer", Hand().signed(SPACED)),
        "content-changed", "app.pem", None, "Extensions was added after signing",
    ),
    "an issuer with a slash": (
        lambda: swapped("/saml/metadata<", "/saml/metadata/<"),
        "content-changed", "app.pem", None, "the text of Issuer was",
    ),
    "a value escaped again": (
        lambda: swapped("a=1&amp;b", "a=1&amp;amp;b",
                        Hand().signed(authn_request(Destination="https://x/?a=1&b=2"))),
        "content-changed", "app.pem", None, 'Destination of AuthnRequest was "https://x/?a=1&b=2"',
    ),
    "text gone through Latin-1": (
        lambda: Hand().signed(NAMED).encode().decode("cp1252"),
        "content-changed", "app.pem", None, "its UTF-8 was read as Latin-1",
    ),
    "another destination": (
        lambda: swapped("https://login.microsoftonline.com/", "https://elsewhere.example/"),
        "content-changed", "app.pem", None, "the request was changed after signing",
    ),
    "indented": (
        lambda: respaced(Hand().signed()),
        "pretty-printed", "app.pem", None, "white space between elements was added after signing",
    ),
    "indented, with texts on their own lines": (
        lambda: re.sub(r"(?<=\w)<", "\n<", respaced(Hand().signed())),
        "pretty-printed", "app.pem", None, "and around texts",
    ),
    "a line end behind the signature": (
        lambda: swapped("</ds:Signature>", "</ds:Signature>\n"),
        "pretty-printed", "app.pem", None, "white space behind the signature was added",
    ),
    "a line end in front of the signature": (
        lambda: swapped("<ds:Signature ", "\n<ds:Signature "),
        "pretty-printed", "app.pem", None, "white space in front of the signature was added",
    ),
    "line ends around the signature": (
        lambda: re.sub("<ds:Signature .*</ds:Signature>", r"\n\g<0>\n", Hand().signed()),
        "pretty-printed", "app.pem", None, "white space around the signature was added",
    ),
    "indentation by two taken out": (
        lambda: compacted(Hand().signed(indented(authn_request(), "  "))),
        "pretty-printed", "app.pem", None, "signed indented by two spaces",
    ),
    "indentation by tabs taken out": (
        lambda: compacted(Hand().signed(indented(authn_request(), "\t"))),
        "pretty-printed", "app.pem", None, "signed indented by tabs",
    ),
    "CR LF signed": (
        lambda: CRLF.signed(SPACED),
        "line-ends", "app.pem", None, "signed with CR LF",
    ),
    "CR LF sent as characters": (
        lambda: Hand().signed(SPACED).replace("\n", "&#13;\n"),
        "line-ends", "app.pem", None, "stands where LF was signed",
    ),
    "CR in place of LF": (
        lambda: Hand().signed(SPACED).replace("\n", "&#13;"),
        "line-ends", "app.pem", None, "CR stands where LF was signed",
    ),
    "blank lines between elements": (
        lambda: Hand().signed(indented(authn_request(), "    ")).replace("\n", "\n\n"),
        "pretty-printed", "app.pem", None, "signed indented by four spaces, and the white space",
    ),
    "xmlsec's line breaks, and indented": (
        lambda: indented(by_xmlsec(), "  "),
        "pretty-printed", "app.pem", None, "the line breaks within the signature were changed",
    ),
    "xmlsec's line breaks, and indented by minidom": (
        lambda: minidom.parseString(by_xmlsec()).toprettyxml(),
        "pretty-printed", "app.pem", None, "the line breaks within the signature were changed",
    ),
    "xmlsec's line breaks, and minified": (
        lambda: compacted(by_xmlsec()),
        "pretty-printed", "app.pem", None, "the line breaks within the signature were changed",
    ),
    "python3-saml's line breaks, and indented by four": (
        lambda: indented(by_python3_saml(), "    "),
        "pretty-printed", "app.pem", None, "and white space between elements was added",
    ),
    "python3-saml's line breaks, its template minified": (
        lambda: compacted(by_python3_saml(indented(authn_request(), "    "))),
        "pretty-printed", "app.pem", None, "it was signed indented by four spaces",
    ),
    "python3-saml's line breaks, another template indented": (
        lambda: indented(by_python3_saml(authn_request().replace("><", ">\n    <")), "  "),
        "pretty-printed", "app.pem", None, "signed with other white space between elements",
    ),
    "a template with one indentation minified": (
        lambda: compacted(Hand().signed(authn_request(indent="\n"))),
        "pretty-printed", "app.pem", None, "signed with other white space between elements",
    ),
    "xmlsec's line breaks, indented, and changed": (
        lambda: swapped("/saml2", "/elsewhere", indented(by_xmlsec(), "  ")),
        "content-changed", "app.pem", None, "and the request was changed after signing",
    ),
    "indentation taken out, the signature in front": (
        lambda: compacted(in_front(indented(authn_request(), "  "))),
        "pretty-printed", "app.pem", None, "signed indented by two spaces",
    ),
    "a template with one indentation minified, the signature in front": (
        lambda: compacted(in_front(authn_request(indent="\n"))),
        "pretty-printed", "app.pem", None, "signed with other white space between elements",
    ),
    # Namespaces and prefixes.
    "a namespace added, by C14N 1.0": (
        lambda: swapped("<samlp:AuthnRequest ", f"<samlp:AuthnRequest {XS} ", INCLUSIVE.signed()),
        "content-changed", "app.pem", None, "xmlns:xs was added after signing",
    ),
    "two namespaces added, by C14N 1.0": (
        lambda: swapped("<samlp:AuthnRequest ", f'<samlp:AuthnRequest {XS} xmlns="urn:x" ',
                        INCLUSIVE.signed()),
        "content-changed", "app.pem", None, "xmlns:xs and xmlns were added after signing",
    ),
    "a namespace dropped, by C14N 1.0": (
        lambda: swapped(f" {XS}", "", INCLUSIVE.signed(UNUSED)),
        "content-changed", "app.pem", None, "xmlns:xs was dropped after signing",
    ),
    "a namespace dropped that nobody knows, by C14N 1.0": (
        lambda: swapped(' xmlns:y="urn:y"', "", INCLUSIVE.signed(authn_request().replace(
            "<samlp:AuthnRequest ", '<samlp:AuthnRequest xmlns:y="urn:y" '))),
        "signed-info-changed", "app.pem", None, "or a namespace around it, which C14N 1.0 takes in",
    ),
    "an attribute added with its namespace, by C14N 1.0": (
        lambda: swapped("<samlp:AuthnRequest ", f"<samlp:AuthnRequest {SCHEMA} ",
                        INCLUSIVE.signed()),
        "content-changed", "app.pem", None, "xsi:schemaLocation and xmlns:xsi were added",
    ),
    "an attribute added with its namespace, by exclusive C14N": (
        lambda: swapped("<samlp:AuthnRequest ", f"<samlp:AuthnRequest {SCHEMA} ", Hand().signed()),
        "content-changed", "app.pem", None, "schemaLocation was added to AuthnRequest after",
    ),
    "white space in and around SignedInfo": (
        lambda: indented(Hand().signed(indented(authn_request(), "  ")), "    "),
        "pretty-printed", "app.pem", None,
        "signed indented by two spaces, and the white space changed after signing, and in the",
    ),
    "a namespace moved up, by C14N 1.0": (
        lambda: swapped(f' xmlns:ds="{DSIG}"', "", INCLUSIVE.signed()).replace(
            "<samlp:AuthnRequest ", f'<samlp:AuthnRequest xmlns:ds="{DSIG}" '),
        "content-changed", "app.pem", None, "declarations of namespaces were moved",
    ),
    "a namespace moved down, by C14N 1.0": (
        lambda: swapped("<saml:Issuer", f'<saml:Issuer xmlns:saml="{ASSERTION}"', swapped(
            f' xmlns:saml="{ASSERTION}"', "", INCLUSIVE.signed())),
        "content-changed", "app.pem", None, "declarations of namespaces were moved",
    ),
    "a namespace added, SignedInfo alone by C14N 1.0": (
        lambda: swapped("<samlp:AuthnRequest ", f"<samlp:AuthnRequest {XS} ",
                        Hand(canonicalization=C14N).signed()),
        "content-changed", "app.pem", None, "xmlns:xs was added after signing",
    ),
    "a namespace added, the request alone by C14N 1.0": (
        lambda: swapped("<samlp:AuthnRequest ", f"<samlp:AuthnRequest {XS} ",
                        Hand(transforms=(ENVELOPED, C14N), digested_by=C14N).signed()),
        "content-changed", "app.pem", None, "xmlns:xs was added after signing",
    ),
    "a namespace of an attribute moved, by C14N 1.0": (
        lambda: swapped(' xmlns:e="urn:e" e:a', " e:a", INCLUSIVE.signed(EXTENDED)).replace(
            "<samlp:AuthnRequest ", '<samlp:AuthnRequest xmlns:e="urn:e" '),
        "content-changed", "app.pem", None, "declarations of namespaces were moved",
    ),
    "written anew by ElementTree": (
        lambda: ET.tostring(ET.fromstring(Hand().signed()), "unicode"),
        "content-changed", "app.pem", None, "written anew with other prefixes (ns0 and so on)",
    ),
    "written anew by ElementTree, with a default namespace": (
        lambda: ET.tostring(ET.fromstring(Hand(prefix="").signed()), "unicode"),
        "content-changed", "app.pem", None, "written anew with other prefixes (ns0 and so on)",
    ),
    "written anew by ElementTree, by C14N 1.0": (
        lambda: ET.tostring(ET.fromstring(INCLUSIVE.signed()), "unicode"),
        "content-changed", "app.pem", None, "written anew with other prefixes (ns0 and so on)",
    ),
    "written anew by ElementTree, and changed": (
        lambda: swapped("/saml2", "/elsewhere", ET.tostring(ET.fromstring(Hand().signed()),
                                                            "unicode")),
        "content-changed", "app.pem", None, "and the request was changed after signing",
    ),
    "a namespace added to a request with an element in none": (
        lambda: swapped("<samlp:AuthnRequest ", f"<samlp:AuthnRequest {XS} ", INCLUSIVE.signed(
            authn_request(children="<samlp:Extensions><x/></samlp:Extensions>"))),
        "content-changed", "app.pem", None, "xmlns:xs was added after signing",
    ),
    "a namespace added to a request of many elements": (
        lambda: swapped("<samlp:AuthnRequest ", f"<samlp:AuthnRequest {XS} ", INCLUSIVE.signed(
            authn_request(children="<samlp:Scoping/>" * 100))),
        "signed-info-changed", "app.pem", None, "over another SignedInfo",
    ),
    "a namespace added to a request of many attributes": (
        lambda: swapped("<samlp:AuthnRequest ", f"<samlp:AuthnRequest {XS} ", INCLUSIVE.signed(
            authn_request().replace(
                " ID=", "".join(f' a{number}="x"' for number in range(1000)) + " ID="))),
        "signed-info-changed", "app.pem", None, "over another SignedInfo",
    ),
    "digested with its comments": (
        lambda: commented(Hand()),
        "canonicalization", "app.pem", None, "digested with its comments, which a reference by",
    ),
    "digested with its comments by C14N 1.0": (
        lambda: commented(INCLUSIVE),
        "canonicalization", "app.pem", None, "digested with its comments, which a reference by",
    ),
    "digested with its comments, as it names": (
        lambda: commented(Hand(transforms=(ENVELOPED, f"{EXC_C14N}WithComments"))),
        "canonicalization", "app.pem", None, "digested with its comments, which a reference by",
    ),
    "a text broken over lines": (
        lambda: swapped("saml/metadata<", "saml/\nmetadata<"),
        "pretty-printed", "app.pem", None, "line ends were added after signing",
    ),
    "digested by C14N 1.0": (
        lambda: Hand(digested_by=C14N).signed(UNUSED),
        "canonicalization", "app.pem", None, "digested by C14N 1.0, where the reference names excl",
    ),
    "digested by exclusive C14N": (
        lambda: Hand(transforms=(ENVELOPED, C14N_11)).signed(UNUSED),
        "canonicalization", "app.pem", None, "digested by exclusive C14N, where",
    ),
    "digested as text": (
        lambda: Hand(before=lambda _: authn_request().encode()).signed(),
        "canonicalization", "app.pem", None, "digested as it stands",
    ),
    "digested as text with a declaration": (
        lambda: "<?xml version='1.0'?>\n" + Hand(before=lambda _: authn_request().encode()).signed(),
        "canonicalization", "app.pem", None, "digested as it stands",
    ),
    "digested with its PrefixList forgotten": (
        lambda: Hand(prefixes="xs").signed(UNUSED).replace('PrefixList="xs"', 'PrefixList=""'),
        "signed-info-changed", "app.pem", None, "over another SignedInfo",
    ),
    "digested by SHA-1": (
        lambda: Hand(digest=sha1).signed(),
        "other-algorithm", "app.pem", None, "digest is by SHA-1, where DigestMethod names SHA-256",
    ),
    "digest as hex": (
        lambda: Hand(write_digest=lambda octets: octets.hex()).signed(),
        "transport", "app.pem", None, "the digest as hex text",
    ),
    "digest as base64 of hex": (
        lambda: Hand(write_digest=lambda o: base64.b64encode(o.hex().upper().encode()).decode()
                     ).signed(),
        "transport", "app.pem", None, "the digest as hex text",
    ),
    "another destination, xml: inherited": (
        lambda: swapped("/saml2", "/saml", INCLUSIVE.signed(LANGUAGE)),
        "content-changed", "app.pem", None, "the request was changed after signing",
    ),
    # SignedInfo.
    "SignedInfo by C14N 1.0 where it names exclusive": (
        lambda: Hand(signed_by=C14N).signed(),
        "canonicalization", "app.pem", None, "SignedInfo was signed by C14N 1.0, where it names exc",
    ),
    "SignedInfo without what it inherits": (
        lambda: replace(INCLUSIVE, signed_by=EXC_C14N).signed(),
        "canonicalization", "app.pem", None, "signed by exclusive C14N, where it names C14N 1.0",
    ),
    "SignedInfo by PrefixList": (
        lambda: Hand(prefixes="xs", before_signing=lambda o: o.replace(
            b' xmlns:xs="http://www.w3.org/2001/XMLSchema"', b"")).signed(UNUSED),
        "canonicalization", "app.pem", None, "exclusive C14N without a PrefixList",
    ),
    "SignedInfo as text": (
        lambda: Hand(gap="\n", before_signing=lambda octets: re.sub(
            rb" xmlns:ds=[^>]+", b"", octets.replace(b"></ds:SignatureMethod>", b"/>")
            .replace(b"></ds:DigestMethod>", b"/>"))).signed(),
        "canonicalization", "app.pem", None, "signed as it stands",
    ),
    "SignedInfo as text with its namespace": (
        lambda: Hand(before_signing=lambda octets: octets.replace(b"></ds:SignatureMethod>", b"/>")
                     .replace(b"></ds:DigestMethod>", b"/>")).signed(),
        "canonicalization", "app.pem", None, "signed with its namespace",
    ),
    "SignedInfo as text with the default namespace": (
        lambda: Hand(prefix="", before_signing=lambda octets: octets.replace(
            b"></SignatureMethod>", b"/>").replace(b"></DigestMethod>", b"/>")).signed(),
        "canonicalization", "app.pem", None, "signed with its namespace",
    ),
    "the request itself": (
        lambda: Hand(before_signing=lambda _: c14n(etree.fromstring(authn_request()), EXC_C14N)
                     ).signed(),
        "other-octets", "app.pem", None, "the request itself was signed",
    ),
    "the digest": (
        lambda: Hand(before_signing=lambda _: hashlib.sha256(
            c14n(etree.fromstring(authn_request()), EXC_C14N)).digest()).signed(),
        "other-octets", "app.pem", None, "the digest was signed",
    ),
    "indentation of SignedInfo": (
        lambda: swapped("<ds:SignatureMethod", "\n<ds:SignatureMethod"),
        "pretty-printed", "app.pem", None, "white space between elements was added",
    ),
    "indentation and another destination": (
        lambda: respaced(swapped("https://login.microsoftonline.com/", "https://a.example/")),
        "content-changed", "app.pem", None, "added after signing, and the request was changed",
    ),
    "another SignatureMethod": (
        lambda: swapped("rsa-sha256", "rsa-sha384"),
        "signed-info-changed", "app.pem", "RSA-SHA256", "from RSA-SHA256 to RSA-SHA384",
    ),
    "another DigestValue": (
        lambda: re.sub(r"(<ds:DigestValue>)....", r"\1AAAA", Hand().signed()),
        "signed-info-changed", "app.pem", None, "DigestValue was changed after signing",
    ),
    "another reference": (
        lambda: swapped(f'URI="#{REQUEST_ID}"', 'URI=""'),
        "signed-info-changed", "app.pem", None, f'the URI of Reference was changed from "#{REQUEST_ID}',
    ),
    "an Id added to the reference": (
        lambda: swapped("<ds:Reference ", '<ds:Reference Id="r" '),
        "signed-info-changed", "app.pem", None, "though its digest is that of the request",
    ),
    "a signature of another request": (
        lambda: swapped(value_in(Hand().signed()), value_in(Hand().signed(
            authn_request(IssueInstant="2026-01-01T00:00:00Z")))),
        "signed-info-changed", "app.pem", None, "though its digest is that of the request",
    ),
    "a signature of another request, and changed": (
        lambda: swapped("/saml/acs", "/other", swapped(value_in(Hand().signed()), value_in(
            Hand().signed(authn_request(IssueInstant="2026-01-01T00:00:00Z"))))),
        "signed-info-changed", "app.pem", None, "over another SignedInfo",
    ),
    # The key and the algorithm.
    "another key at hand": (
        lambda: Hand(sign=signed(holder=key("old"))).signed(),
        "other-key", "old.pem", None, "signed by the key of old.pem (RSA 2048), which is not regi",
    ),
    "the key in KeyInfo": (
        lambda: Hand(sign=signed(holder=key("third")), key_info=x509_data(certificate("third"))
                     ).signed(),
        "other-key", "KeyInfo[0]", None, "the certificate in KeyInfo[0], which is not registered",
    ),
    "the key in KeyValue": (
        lambda: Hand(sign=signed(holder=key("third")), key_info=key_value(key("third"))).signed(),
        "other-key", "KeyInfo.RSAKeyValue", None, "the bare key in KeyInfo.RSAKeyValue, which is",
    ),
    "an unknown key": (
        lambda: Hand(sign=signed(holder=key("third"))).signed(),
        "unknown-key", None, None, "signed by none of the keys at hand (2)",
    ),
    "an unknown key, and changed": (
        lambda: swapped("/saml/acs", "/saml/ACS", Hand(sign=signed(holder=key("third"))).signed()),
        "content-changed", None, None, "when it was signed",
    ),
    "SHA-1 where it names SHA-256": (
        lambda: Hand(sign=signed(alg="SHA1")).signed(),
        "other-algorithm", "app.pem", "RSA-SHA1", "made as RSA-SHA1, where it names RSA-SHA256",
    ),
    "PSS where it names PKCS #1": (
        lambda: Hand(sign=pss).signed(),
        "other-algorithm", "app.pem", "RSA-PSS-SHA256", "made as RSA-PSS-SHA256",
    ),
    "PKCS #1 where it names PSS": (
        lambda: Hand(method=f"{MORE_2007}sha256-rsa-MGF1").signed(),
        "other-algorithm", "app.pem", "RSA-SHA256", "where it names RSA-PSS-SHA256",
    ),
    "another salt": (
        lambda: Hand(method=f"{MORE_2007}sha256-rsa-MGF1", sign=signed(pss, salt=20)).signed(),
        "other-algorithm", "app.pem", "RSA-PSS-SHA256", "with a salt of 20 octets",
    ),
    "another MGF1": (
        lambda: Hand(method=f"{MORE_2007}sha256-rsa-MGF1", sign=lambda octets: key().sign(
            octets, padding.PSS(padding.MGF1(hashes.SHA1()), 32), hashes.SHA256())).signed(),
        "other-algorithm", "app.pem", "RSA-PSS-SHA256", "with MGF1 by SHA-1",
    ),
    "hashed twice": (
        lambda: Hand(before_signing=lambda octets: hashlib.sha256(octets).digest()).signed(),
        "other-algorithm", "app.pem", "RSA-SHA256", "hashed from the SHA-256 digest",
    ),
    "an algorithm without a name": (
        lambda: Hand(method="http://www.w3.org/2001/04/xmlenc#rsa-sha256").signed(),
        "other-algorithm", "app.pem", "RSA-SHA256", 'names "http://www.w3.org/2001/04/xmlenc#rsa',
    ),
    # How the signature is written.
    "hex": (
        lambda: Hand(encode=bytes.hex).signed(),
        "transport", "app.pem", None, "SignatureValue is not as XML Signature has it: hex text",
    ),
    "base64url": (
        lambda: Hand(encode=lambda o: base64.urlsafe_b64encode(o).decode()).signed(),
        "transport", "app.pem", None, "base64url",
    ),
    "octets in reverse": (
        lambda: Hand(encode=lambda octets: base64.b64encode(octets[::-1]).decode()).signed(),
        "transport", "app.pem", None, "in reverse order",
    ),
    "one character changed": (
        lambda: swapped(value_in(Hand().signed())[:40],
                        value_in(Hand().signed())[:39] + "AB"[value_in(Hand().signed())[39] == "A"]),
        "transport", "app.pem", None, "character 40",
    ),
    "no base64 at all": (
        lambda: Hand(encode=lambda _: "signature goes here!").signed(),
        "malformed", None, None, "SignatureValue is not base64",
    ),
    # The structure.
    "no enveloped-signature": (
        lambda: Hand(transforms=(EXC_C14N,)).signed(),
        "transform-missing", "app.pem", None, "with the transform its digest is right",
    ),
    "no transforms, and changed": (
        lambda: swapped(" ID=", ' ForceAuthn="true" ID=', Hand(transforms=()).signed()),
        "transform-missing", "app.pem", None, "so it is over itself too",
    ),
    "an XPath": (
        lambda: Hand(transforms=(ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116")
                     ).signed(),
        "reference", "app.pem", None, "goes through the transform",
    ),
    "another ID": (
        lambda: swapped(REQUEST_ID, "_other"),
        "reference", "app.pem", None, 'which nothing in the message has: the ID of AuthnRequest is',
    ),
    "no ID": (
        lambda: swapped(f' ID="{REQUEST_ID}"', ""),
        "reference", "app.pem", None, "AuthnRequest has no ID",
    ),
    "another attribute as the ID": (
        lambda: Hand().signed(authn_request().replace(" ID=", " Id=")),
        "reference", "app.pem", None, "refers to the Id of AuthnRequest, where SAML has an ID",
    ),
    "no URI": (
        lambda: Hand(uri=None).signed(),
        "reference", "app.pem", None, "has no URI",
    ),
    "outside": (
        lambda: Hand(uri="https://app.example.com/request").signed(),
        "reference", "app.pem", None, "outside the message",
    ),
    "an XPointer": (
        lambda: Hand(uri="#xpointer(/)").signed(),
        "reference", "app.pem", None, "refers by the XPointer",
    ),
    "another element": (
        lambda: Hand(uri="#i").signed(authn_request().replace("<saml:Issuer", '<saml:Issuer ID="i"')),
        "reference", "app.pem", None, "over the Issuer inside AuthnRequest",
    ),
    "two references": (
        lambda: re.sub(r"(<ds:Reference .*</ds:Reference>)", r"\1\1", Hand().signed()),
        "reference", "app.pem", None, "it has 2 references",
    ),
    "wrapped": (
        lambda: authn_request(ID="_evil", children=(
            f"<samlp:Extensions>{Hand().signed()}</samlp:Extensions>")),
        "wrapped", "app.pem", None, "the AuthnRequest inside AuthnRequest",
    ),
    "wrapped, the signature moved out": (
        lambda: authn_request(ID="_evil", signature=re.search(
            "<ds:Signature.*</ds:Signature>", Hand().signed())[0],  # type: ignore[index]
            children=f"<samlp:Extensions>{authn_request()}</samlp:Extensions>"),
        "wrapped", "app.pem", None, "while AuthnRequest is what is read",
    ),
    "wrapped, with the same ID": (
        lambda: authn_request(children=f"<samlp:Extensions>{Hand().signed()}</samlp:Extensions>"),
        "wrapped", "app.pem", None, "2 elements have the ID it refers to (AuthnRequest)",
    ),
    "inside Extensions": (
        lambda: Hand(behind="<samlp:Extensions>").signed(
            authn_request(children="<samlp:Extensions></samlp:Extensions>")),
        "malformed", "app.pem", None, "it stands inside Extensions",
    ),
    # Two signatures.
    "one more signature behind": (
        lambda: swapped("</samlp:AuthnRequest>", re.search(
            "<ds:Signature.*</ds:Signature>", Hand().signed())[0]  # type: ignore[index]
            + "</samlp:AuthnRequest>"),
        "two-signatures", "app.pem", None, "verifies once the other is taken out",
    ),
    "signed over a signature": (
        lambda: Hand(behind="</ds:Signature>").signed(Hand(sign=signed(holder=key("third"))
                                                           ).signed()),
        "two-signatures", "app.pem", None, "the second of two signatures verifies",
    ),
    "the second signs without the first": (
        lambda: authn_request(signature=signature_in(Hand(sign=signed(holder=key("third"))).signed())
                              + signature_in(Hand().signed())),
        "two-signatures", "app.pem", None, "verifies once the first is taken out",
    ),
    "two signatures that are wrong": (
        lambda: Hand(sign=signed(holder=key("third")), behind="</ds:Signature>").signed(
            Hand(sign=signed(holder=key("third"))).signed()),
        "two-signatures", None, None, "Signature was added after signing",
    ),
}  # fmt: skip
SIGNERS = {
    "another key at hand": "old",
    "the key in KeyInfo": "third",
    "the key in KeyValue": "third",
}
STILL_RIGHT = (
    *SIGNERS, "inside Extensions", "no URI", "an XPointer", "wrapped",
    "wrapped, the signature moved out",
)  # fmt: skip
"""What is valid XML Signature by the key that made it; SAML has more rules than that."""


def with_key_identifier(identifier: bytes) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sp, the")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(7)
    builder = builder.not_valid_before(NOW).not_valid_after(NOW.replace(year=2090))
    own = x509.SubjectKeyIdentifier(identifier)
    return (
        builder.public_key(key().public_key())
        .add_extension(own, critical=False)
        .sign(key(), hashes.SHA256())
    )


@pytest.mark.parametrize(
    ("inside", "names"),
    [
        ("<ds:X509SKI>AQID</ds:X509SKI>", ["a"]),
        (f"<ds:X509SKI>{base64.b64encode(bytes(20)).decode()}</ds:X509SKI>", []),
        ("<ds:X509SKI>?</ds:X509SKI>", []),
        (r"<ds:X509SubjectName> CN = sp\, the</ds:X509SubjectName>", ["a"]),
        ("<ds:X509SubjectName>CN=assertcheck test old</ds:X509SubjectName>", ["b"]),
        ("<ds:X509SubjectName>CN=another</ds:X509SubjectName>", []),
        (
            "<ds:X509IssuerSerial><ds:X509IssuerName>CN=assertcheck test old</ds:X509IssuerName>"
            "<ds:X509SerialNumber>7</ds:X509SerialNumber></ds:X509IssuerSerial>",
            [],
        ),
        (
            r"<ds:X509IssuerSerial><ds:X509IssuerName>CN=sp\, the</ds:X509IssuerName>"
            "<ds:X509SerialNumber>7</ds:X509SerialNumber></ds:X509IssuerSerial>",
            ["a"],
        ),
    ],
)
def test_who_is_named_without_a_certificate_is_known(inside, names):
    info = f"<ds:KeyInfo><ds:X509Data>{inside}</ds:X509Data></ds:KeyInfo>"
    keyed = candidate("a", cert=with_key_identifier(b"\1\2\3"))
    spki = key("third").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    bare = read_public_key(spki, label="bare.pem", role=Role.REGISTERED)
    assert bare
    found = verified(
        Hand(key_info=info).signed(), keyed, candidate("b", cert=certificate("old")), bare
    )
    assert [each.label for each in found.named] == [f"{name}.pem" for name in names]


@pytest.mark.parametrize("made", BROKEN)
def test_a_broken_signature_is_explained(made):
    make, mistake, signer, algorithm, words = BROKEN[made]
    xml = make()
    found = verified(xml, APP, OLD)
    assert autopsy(found) == (mistake, signer, algorithm)
    assert found.autopsy
    assert words in found.autopsy.words
    assert found.trials[0].outcome is not Outcome.VALID


@pytest.mark.parametrize("made", BROKEN)
def test_another_library_refuses_it_too(made):
    holder = key(SIGNERS.get(made, "app"))
    assert xmlsec_takes(BROKEN[made][0](), holder) is (made in STILL_RIGHT)


# Removes or empties one part of a signature that is right.
MALFORMED: dict[str, tuple[str, str, str]] = {
    "no SignedInfo": ("<ds:SignedInfo>.*</ds:SignedInfo>", "", "Signature has no SignedInfo"),
    "no SignatureValue": ("<ds:SignatureValue>.*</ds:SignatureValue>", "", "no SignatureValue"),
    "empty": ("(<ds:SignatureValue>).*(</ds:SignatureValue>)", r"\1\2", "SignatureValue is empty"),
    "no method": ("<ds:SignatureMethod [^>]*/>", "", "SignedInfo has no SignatureMethod"),
    "a nameless method": ("(<ds:SignatureMethod) [^>]*/>", r"\1/>", "names no Algorithm"),
    "no C14N": ("<ds:CanonicalizationMethod.*</ds:CanonicalizationMethod>", "", "has no Canonical"),
    "an unknown C14N": (
        f'(<ds:CanonicalizationMethod Algorithm="{EXC_C14N[:-1]})#', r"\1", "is no canonicalisation"
    ),
    "no reference": ("<ds:Reference .*</ds:Reference>", "", "SignedInfo has no Reference"),
    "no digest method": ("<ds:DigestMethod [^>]*/>", "", "Reference has no DigestMethod"),
    "an unknown hash": ("xmlenc#sha256", "xmlenc#sha265", "which is no hash that is known"),
    "no digest": ("<ds:DigestValue>.*</ds:DigestValue>", "", "Reference has no DigestValue"),
    "an empty digest": ("(<ds:DigestValue>).*(</ds:DigestValue>)", r"\1\2", "DigestValue is empty"),
    "a digest in other text": ("(<ds:DigestValue>)", r"\1sha256:", "DigestValue is not base64"),
    "two values": ("(<ds:SignatureValue>.*</ds:SignatureValue>)", r"\1\1", "2 SignatureValue"),
    "no namespace": ("(</?)ds:SignedInfo", r"\1SignedInfo", "SignedInfo stands in no namespace"),
    "another namespace": ("(</?)ds:SignatureValue", r"\1saml:SignatureValue", "in the namespace"),
}  # fmt: skip


@pytest.mark.parametrize("made", MALFORMED)
def test_what_is_missing_in_a_signature_is_named(made):
    pattern, replacement, words = MALFORMED[made]
    xml = re.sub(pattern, replacement, Hand().signed())
    found = verified(xml)
    assert autopsy(found)[0] == "malformed"
    assert found.autopsy
    assert words in found.autopsy.words
    assert outcomes(found) == ["not-tried"]


def test_a_message_that_is_a_signature_is_no_request():
    found = verified(re.findall("<ds:Signature.*</ds:Signature>", Hand(uri="").signed())[0])
    assert found.autopsy
    assert (autopsy(found)[0], found.signature.parent) == ("malformed", None)
    assert "it stands for itself, not right inside the request" in found.autopsy.words


def test_an_unsigned_request_has_nothing_to_verify():
    assert verify_xml(request(authn_request()), [APP]) is None
    assert verify_xml(replace(request(authn_request()), root=None), [APP]) is None
    assert xml_signatures(tree(authn_request().encode())) == ()


def test_without_a_key_only_what_needs_none_is_said():
    assert verified_by_none(Hand().signed()) is None
    changed = verified_by_none(swapped("/saml/acs", "/SAML/ACS"))
    assert changed is not None
    assert changed.mistake == "content-changed"
    own = verified_by_none(Hand(key_info=x509_data(certificate())).signed())
    assert own is not None
    assert own.words == "signed by the key of the certificate in KeyInfo[0]"


def verified_by_none(xml: str) -> SamlAutopsy | None:
    found = verify_xml(request(xml), [])
    assert found is not None
    return found.autopsy


@pytest.mark.parametrize("role", [Role.HELD, Role.ALSO, Role.HEADER])
def test_a_key_that_is_not_registered_is_another_key(role):
    found = verified(Hand().signed(), candidate(role=role), candidate("old"))
    assert outcomes(found) == ["valid", "invalid"]
    assert autopsy(found)[0] == "other-key"


def test_a_curve_proves_nothing_over_other_octets():
    found = verified(Hand(sign=signed(holder=key("third"))).signed(), APP, EC)
    assert found.autopsy
    assert found.autopsy.words.endswith("(2), as far as SignedInfo is what was signed")


def test_of_two_keys_the_one_in_key_info_is_the_suspect():
    xml = Hand(key_info=x509_data(certificate())).signed()
    value = value_in(xml)
    damaged = xml.replace(value, ("A" if value[0] != "A" else "B") + value[1:])
    found = verified(damaged, candidate("old"), APP)
    assert autopsy(found) == ("transport", "app.pem", None)
    quick = verify_xml(request(damaged), [APP], thorough=False)
    assert quick is not None
    assert autopsy(quick)[0] == "unknown-key"


@pytest.mark.parametrize(
    ("method", "why"),
    [
        (f"{MORE}rsa-md5", "SignatureMethod names no algorithm that is tried"),
        (f"{MORE_2007}sha3-224-rsa-MGF1", "SignatureMethod names no algorithm that is tried"),
        (f"{MORE_2007}rsa-pss", "SignatureMethod names no algorithm that is tried"),
        (f"{MORE}hmac-sha256", "SignatureMethod names no algorithm that is tried"),
        (f"{DSIG}dsa-sha1", "SignatureMethod names no algorithm that is tried"),
        (f"{MORE}ecdsa-sha256", "RSA 2048 is no key for ECDSA-SHA256"),
    ],
)
def test_what_does_not_fit_is_not_tried(method, why):
    (trial,) = verified(Hand(method=method).signed()).trials
    assert (trial.outcome, trial.why) == (Outcome.NOT_TRIED, why)


def test_a_key_too_small_for_its_algorithm_is_not_tried():
    small = candidate("small", cert=certificate("small", holder=key("small", 1024)))
    pss_512 = Hand(method=f"{MORE_2007}sha512-rsa-MGF1").signed()
    (trial,) = verified(pss_512, small).trials
    assert (trial.outcome, trial.why) == (
        Outcome.NOT_TRIED, "RSA 1024 is too small for RSA-PSS-SHA512"
    )  # fmt: skip


def test_md5_by_a_registered_key_needs_no_autopsy():
    sign = signed(lambda octets: key().sign(octets, padding.PKCS1v15(), hashes.MD5()))
    found = verified(Hand(method=f"{MORE}rsa-md5", sign=sign).signed())
    assert (outcomes(found), found.autopsy) == (["not-tried"], None)


# What the signature says.


def test_the_facts_of_a_signature_need_no_library():
    xml = Hand(key_info=x509_data(certificate(), certificate("old"))).signed()
    (signature,) = xml_signatures(tree(xml.encode()))
    assert signature.place is Place.XML
    assert signature.algorithm == SIGNATURE_METHODS["SHA256"]
    assert signature.octets == base64.b64decode(value_in(xml))
    assert signature.references == (f"#{REQUEST_ID}",)
    assert signature.digests == (DIGEST_METHODS["SHA256"],)
    assert signature.transforms == ((ENVELOPED, EXC_C14N),)
    assert signature.canonicalization == EXC_C14N
    assert signature.parent == "AuthnRequest"
    assert [(each.label, each.role) for each in signature.certificates] == [
        ("KeyInfo[0]", Role.HEADER),
        ("KeyInfo[1]", Role.HEADER),
    ]
    assert [each.certificate and each.certificate.der for each in signature.certificates] == [
        der(certificate()),
        der(certificate("old")),
    ]
    assert signature.key_names == ()


def key_info(inside: str) -> SamlSignature:
    xml = Hand(key_info=f"<ds:KeyInfo>{inside}</ds:KeyInfo>").signed()
    (signature,) = xml_signatures(tree(xml.encode()))
    return signature


@pytest.mark.parametrize(
    ("inside", "names"),
    [
        ("<ds:KeyName> app </ds:KeyName>", ('KeyName "app"',)),
        ("<ds:X509Data><ds:X509SKI>AAEC</ds:X509SKI></ds:X509Data>", ('X509SKI "AAEC"',)),
        (
            "<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>CN=a</ds:X509IssuerName>"
            "<ds:X509SerialNumber>7</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>",
            ('serial number "7" of the issuer "CN=a"',),
        ),
        (
            "<ds:X509Data><ds:X509IssuerSerial/></ds:X509Data>",
            ('serial number "" of the issuer ""',),
        ),
        ("<ds:KeyName>-----BEGIN PRIVATE KEY-----</ds:KeyName>", ("a private key in KeyName",)),
        ("<ds:KeyValue/>", ("a bare key in KeyValue",)),
        ("<ds:X509Certificate>MII</ds:X509Certificate>", ("an X509Certificate that cannot be read",)),
        ("<ds:KeyName/>" * 30, ('KeyName ""',) * 10),
    ],
)  # fmt: skip
def test_what_else_names_a_key_is_put_into_words(inside, names):
    assert key_info(inside).key_names == names


def test_a_certificate_in_pem_is_read_too():
    armoured = f"<ds:X509Certificate>{pem(certificate()).decode()}</ds:X509Certificate>"
    signature = key_info("<ds:X509Certificate/>" + armoured + "<ds:X509Certificate/>" * 30)
    assert [each.label for each in signature.certificates] == ["KeyInfo[1]"]
    assert len(signature.key_names) == 9


BARE = base64.b64encode(
    key("third").public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
SMALL = "<ds:Modulus>Dw==</ds:Modulus><ds:Exponent>Aw==</ds:Exponent>"


@pytest.mark.parametrize(
    ("inside", "label"),
    [
        (f'<e:DEREncodedKeyValue xmlns:e="{DSIG_11}">{BARE}</e:DEREncodedKeyValue>',
         "KeyInfo.DEREncodedKeyValue"),
        ('<e:DEREncodedKeyValue xmlns:e="urn:other">AAAA</e:DEREncodedKeyValue>', None),
        (f'<e:DEREncodedKeyValue xmlns:e="{DSIG_11}">AAAA</e:DEREncodedKeyValue>', None),
        ("<ds:RSAKeyValue/>", None),
        (f"<ds:RSAKeyValue>{SMALL}</ds:RSAKeyValue>", None),
        (f"<ds:RSAKeyValue><ds:Modulus>{'/' * 3000}</ds:Modulus>"
         "<ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue>", None),
    ],
)  # fmt: skip
def test_a_bare_key_in_key_info_explains(inside, label):
    xml = Hand(
        sign=signed(holder=key("third")), key_info=f"<ds:KeyInfo>{inside}</ds:KeyInfo>"
    ).signed()
    assert autopsy(verified(xml))[1] == label


def test_the_signature_of_the_message_comes_first_and_twenty_are_read():
    inner = Hand().signed(authn_request(ProviderName="inner"))
    many = re.findall("<ds:Signature.*</ds:Signature>", Hand(uri="#x").signed())[0] * 30
    inside = f"<samlp:Extensions>{inner}</samlp:Extensions>{many}"
    found = xml_signatures(tree(authn_request(children=inside).encode()))
    assert len(found) == 20
    assert found[0].references == ("#x",)
    two = xml_signatures(tree(Hand().signed(authn_request(children=inside[:inside.index(many)]))
                              .encode()))  # fmt: skip
    assert [each.parent for each in two] == ["AuthnRequest", "AuthnRequest"]


# What cannot be verified.


@pytest.mark.parametrize("module", ["signxml.verifier", "lxml"])
def test_without_the_extra_it_says_how_to_install_it(monkeypatch, module):
    for name in ("xml_verifier", "xml_search", "xml_canonical", "xml_edits", "xml_origins"):
        monkeypatch.delitem(sys.modules, f"assertcheck.saml.{name}", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    found = verified(Hand().signed())
    assert found.why_not
    assert "assertcheck[saml]: `pip install '.[saml]'`" in found.why_not
    assert (outcomes(found), found.autopsy) == (["not-tried"], None)
    assert found.signature.references == (f"#{REQUEST_ID}",)
    assert autopsy(verified(swapped(REQUEST_ID, "_other")))[0] == "reference"


@pytest.mark.parametrize(
    ("flaw", "words"),
    [
        (SamlFlawKind.DTD, "document type definition"),
        (SamlFlawKind.NOT_XML, "not well-formed"),
        (SamlFlawKind.TOO_DEEP, "nested too deeply"),
        (SamlFlawKind.TOO_LARGE, "too large"),
    ],
)
def test_xml_with_a_flaw_is_not_canonicalised(flaw, words):
    found = verify_xml(request(Hand().signed(), flaw), [APP])
    assert found is not None
    assert found.why_not
    assert words in found.why_not
    assert outcomes(found) == ["not-tried"]


LOLS = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9))
EVIL = {
    "cut": lambda xml: xml[:-20],
    "a billion laughs": lambda xml: (
        f'<!DOCTYPE a [<!ENTITY l0 "lol">{LOLS}]>'
        + xml.replace("<saml:Issuer>", "<saml:Issuer>&l9;")
    ),
    "a DTD elsewhere": lambda xml: f'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">{xml}',
    "a file": lambda xml: (
        '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        + xml.replace("<saml:Issuer>", "<saml:Issuer>&f;")
    ),
    "depth": lambda xml: "<a>" * 10_000 + xml,
    "nothing": lambda _: "",
    "too much": lambda xml: xml + " " * MOST_OCTETS,
}


@pytest.mark.parametrize("made", EVIL)
def test_what_the_tree_was_not_read_from_is_refused_in_bounds(made):
    xml = Hand().signed()
    evil = replace(request(xml), xml=EVIL[made](xml).encode())
    found = verify_xml(evil, [APP])
    assert found is not None
    assert found.why_not
    assert outcomes(found) == ["not-tried"]


def test_a_relative_namespace_has_no_canonical_form():
    xml = swapped(" ID=", ' xmlns:q="relative" ID=')
    found = verified(xml)
    assert autopsy(found)[0] is not None
    assert outcomes(found) == ["invalid"]


def test_a_large_request_is_verified_and_not_edited():
    long = authn_request(children=f"<samlp:Scoping>{'<samlp:RequesterID/>' * 5000}</samlp:Scoping>")
    assert outcomes(verified(Hand().signed(long))) == ["valid"]
    found = verified(respaced(Hand().signed(long)))
    assert autopsy(found) == ("signed-info-changed", "app.pem", None)


def test_nothing_shows_the_signature():
    xml = Hand().signed()
    assert value_in(xml)[:20] not in repr(verified(xml))


# Whatever there is.

NAMES = st.sampled_from(
    ["Signature", "SignedInfo", "SignatureValue", "SignatureMethod", "CanonicalizationMethod",
     "Reference", "DigestMethod", "DigestValue", "Transforms", "Transform", "KeyInfo", "X509Data",
     "X509Certificate", "RSAKeyValue", "Modulus", "Exponent", "X509IssuerSerial", "AuthnRequest"]
)  # fmt: skip
URIS = st.sampled_from(
    [EXC_C14N, C14N, ENVELOPED, *SIGNATURE_METHODS.values(), *DIGEST_METHODS.values(), "", "#a"]
)
ATTRIBUTES = st.dictionaries(st.sampled_from(["Algorithm", "URI", "ID", "Id", "PrefixList"]), URIS)
TEXTS = st.sampled_from(
    ["", "AAAA", "AQAB", "a b", "\u00e9", base64.b64encode(bytes(256)).decode()]
)


def branches(children: st.SearchStrategy[Element]) -> st.SearchStrategy[Element]:
    return st.builds(
        Element,
        name=NAMES,
        namespace=st.sampled_from([DSIG, ""]),
        attributes=ATTRIBUTES,
        text=TEXTS,
        children=st.lists(children, max_size=6).map(tuple),
    )


LEAVES = st.builds(
    Element, name=NAMES, namespace=st.just(DSIG), attributes=ATTRIBUTES, text=TEXTS,
    children=st.just(()),
)  # fmt: skip
TREES = st.recursive(LEAVES, branches, max_leaves=12)


@pytest.mark.parametrize("uri", [each.uri for each in ALGORITHMS])
def test_no_algorithm_makes_it_raise(uri):
    xml = Hand(method=uri).signed()
    for each in (APP, EC):
        found = verify_xml(request(xml), [each], thorough=False)
        assert found is not None
        assert (Outcome.VALID in {trial.outcome for trial in found.trials}) is (
            each is APP and uri == SIGNATURE_METHODS["SHA256"]
        )


@settings(max_examples=150)
@given(root=TREES, octets=st.one_of(st.binary(), st.sampled_from(["<a/>", ""]).map(str.encode)))
def test_no_tree_makes_it_raise(root, octets):
    xml_signatures(root)
    signature = replace(tree(Hand().signed().encode()), children=(root,))
    for each in (root, signature):
        verify_xml(replace(request("<a/>"), root=each, xml=octets), [APP], thorough=False)
        written = ET.tostring(node(each))
        verify_xml(replace(request("<a/>"), root=each, xml=written), [APP], thorough=False)


def node(element: Element) -> ET.Element:
    tag = f"{{{element.namespace}}}{element.name}" if element.namespace else element.name
    made = ET.Element(tag, dict(element.attributes))
    made.text = element.text
    made.extend(node(each) for each in element.children)
    return made


BASE = Hand(key_info=x509_data(certificate())).signed()


@settings(max_examples=150)
@given(st.integers(0, len(BASE) - 1), st.integers(0, 12), st.text(max_size=4))
def test_no_edit_of_a_request_makes_it_raise_or_pass(start, length, insert):
    xml = BASE[:start] + insert + BASE[start + length :]
    try:
        root = tree(xml.encode("utf-8", "surrogatepass"))
    except ET.ParseError:
        root = tree(BASE.encode())
    changed = replace(request(BASE), root=root, xml=xml.encode("utf-8", "surrogatepass"))
    found = verify_xml(changed, [APP], thorough=False)
    if found and Outcome.VALID in {trial.outcome for trial in found.trials}:
        assert xmlsec_takes(xml)
