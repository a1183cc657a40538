"""Requests with a signature in their XML, made by other means than the code under test.

By hand: octets by lxml's C14N, digest by hashlib, signature by `cryptography`. By libraries: xmlsec,
signxml's signer, python3-saml, minisignxml. xmlsec is also the referee.
"""

import base64
import hashlib
import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from signxml import methods
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

from tests.build import PrivateKey, certificate, der, key, pem
from tests.build_saml import (
    DIGEST_METHODS,
    DSIG,
    ENVELOPED,
    EXC_C14N,
    REQUEST_ID,
    SIGNATURE_METHODS,
    authn_request,
)

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "defusedxml.lxml", DeprecationWarning)
    import minisignxml.sign

# The stubs it ships know little of what it has.
xmlsec = importlib.import_module("xmlsec")

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"
DSIG_11 = "http://www.w3.org/2009/xmldsig11#"
MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ISSUER_END = "</saml:Issuer>"
_HASHES = {
    "SHA1": hashes.SHA1(),
    "SHA256": hashes.SHA256(),
    "SHA384": hashes.SHA384(),
    "SHA512": hashes.SHA512(),
}


def pkcs1(octets: bytes, alg: str = "SHA256", holder: rsa.RSAPrivateKey | None = None) -> bytes:
    return (holder or key()).sign(octets, padding.PKCS1v15(), _HASHES[alg])


def pss(
    octets: bytes,
    alg: str = "SHA256",
    holder: rsa.RSAPrivateKey | None = None,
    salt: int | None = None,
) -> bytes:
    digest = _HASHES[alg]
    scheme = padding.PSS(padding.MGF1(digest), digest.digest_size if salt is None else salt)
    return (holder or key()).sign(octets, scheme, digest)


def ecdsa(octets: bytes, holder: ec.EllipticCurvePrivateKey) -> bytes:
    r, s = decode_dss_signature(
        holder.sign(octets, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    )
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def c14n(node: etree._Element, uri: str, prefixes: list[str] | None = None) -> bytes:
    """The canonical octets of a node; in inclusive C14N it inherits what `xml:` it has to."""
    exclusive = uri.startswith(EXC_C14N)
    # Written out and read again, so that namespaces around it are its own.
    alone = etree.fromstring(etree.tostring(node, with_tail=False))
    for ancestor in () if exclusive else node.iterancestors():
        for name, value in ancestor.attrib.items():
            if name.startswith("{http://www.w3.org/XML/1998/namespace}"):
                alone.set(name, value)
    octets: bytes = etree.tostring(
        alone,
        method="c14n",
        exclusive=exclusive,
        with_comments=uri.endswith("WithComments"),
        inclusive_ns_prefixes=prefixes,
    )
    return octets


@dataclass(frozen=True, kw_only=True)
class Hand:
    """How a signature is made by hand; every default is right."""

    method: str = SIGNATURE_METHODS["SHA256"]
    sign: Callable[[bytes], bytes] = pkcs1
    digest_method: str = DIGEST_METHODS["SHA256"]
    digest: Callable[[bytes], bytes] = lambda octets: hashlib.sha256(octets).digest()
    canonicalization: str = EXC_C14N
    """What is named for SignedInfo ..."""
    signed_by: str | None = None
    """... and what is used, where that differs."""
    transforms: tuple[str, ...] = (ENVELOPED, EXC_C14N)
    digested_by: str = EXC_C14N
    prefixes: str = ""
    """The PrefixList of all that is exclusive."""
    uri: str | None = f"#{REQUEST_ID}"
    before: Callable[[bytes], bytes] = lambda octets: octets
    """What is done to the canonical request before it is digested ..."""
    before_signing: Callable[[bytes], bytes] = lambda octets: octets
    """... and to the canonical SignedInfo before it is signed."""
    encode: Callable[[bytes], str] = lambda octets: base64.b64encode(octets).decode()
    write_digest: Callable[[bytes], str] = lambda octets: base64.b64encode(octets).decode()
    key_info: str = ""
    prefix: str = "ds:"
    behind: str = ISSUER_END
    """The text of the request behind which the signature goes."""
    gap: str = ""
    """Between the elements of SignedInfo."""

    def signed(self, xml: str | None = None) -> str:
        """`xml`, a request without a signature, with one."""
        xml = xml or authn_request()
        named = self.prefixes.split() or None
        octets = self.before(c14n(_without_comments(xml), self.digested_by, named))
        info = self._info(self.write_digest(self.digest(octets)))
        unsigned = self._put(xml, info, "")
        # The last one: there may be a signature in what is signed.
        node = etree.fromstring(unsigned.encode()).findall(f".//{{{DSIG}}}SignedInfo")[-1]
        to_sign = c14n(node, self.signed_by or self.canonicalization, named)
        return self._put(xml, info, self.encode(self.sign(self.before_signing(to_sign))))

    def _info(self, digest: str) -> str:
        p = self.prefix
        lists = (
            f'<ec:InclusiveNamespaces xmlns:ec="{EXC_C14N}" PrefixList="{self.prefixes}"/>'
            if self.prefixes
            else ""
        )
        steps = "".join(
            f'<{p}Transform Algorithm="{each}">{lists if each == EXC_C14N else ""}</{p}Transform>'
            for each in self.transforms
        )
        uri = "" if self.uri is None else f' URI="{self.uri}"'
        parts = (
            f"<{p}SignedInfo>",
            f'<{p}CanonicalizationMethod Algorithm="{self.canonicalization}">{lists}'
            f"</{p}CanonicalizationMethod>",
            f'<{p}SignatureMethod Algorithm="{self.method}"/>',
            f"<{p}Reference{uri}><{p}Transforms>{steps}</{p}Transforms>",
            f'<{p}DigestMethod Algorithm="{self.digest_method}"/>',
            f"<{p}DigestValue>{digest}</{p}DigestValue></{p}Reference>",
            f"</{p}SignedInfo>",
        )
        return self.gap.join(parts)

    def _put(self, xml: str, info: str, value: str) -> str:
        p = self.prefix
        declared = f"xmlns:{p[:-1]}" if p else "xmlns"
        signature = (
            f'<{p}Signature {declared}="{DSIG}">{info}'
            f"<{p}SignatureValue>{value}</{p}SignatureValue>{self.key_info}</{p}Signature>"
        )
        return xml.replace(self.behind, self.behind + signature, 1)


def _without_comments(xml: str) -> etree._Element:
    return etree.fromstring(xml.encode(), etree.XMLParser(remove_comments=True))


def x509_data(*certs: x509.Certificate) -> str:
    inside = "".join(
        f"<ds:X509Certificate>{base64.b64encode(der(cert)).decode()}</ds:X509Certificate>"
        for cert in certs
    )
    return f"<ds:KeyInfo><ds:X509Data>{inside}</ds:X509Data></ds:KeyInfo>"


def key_value(holder: rsa.RSAPrivateKey) -> str:
    numbers = holder.public_key().public_numbers()
    modulus, exponent = (
        base64.b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode()
        for number in (numbers.n, numbers.e)
    )
    return (
        f"<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{modulus}</ds:Modulus>"
        f"<ds:Exponent>{exponent}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>"
    )


def private_pem(holder: PrivateKey) -> bytes:
    return holder.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def by_xmlsec(
    xml: str | None = None,
    *,
    method: str = "RSA_SHA256",
    digest: str = "SHA256",
    canonicalization: str = "EXCL_C14N",
    holder: PrivateKey | None = None,
    cert: x509.Certificate | None = None,
) -> str:
    """`xml`, a request, signed by libxmlsec1."""
    root = etree.fromstring((xml or authn_request()).encode())
    transform = getattr(xmlsec.Transform, canonicalization)
    node = xmlsec.template.create(root, transform, getattr(xmlsec.Transform, method), ns="ds")
    root.insert(1, node)
    reference = xmlsec.template.add_reference(
        node, getattr(xmlsec.Transform, digest), uri=f"#{root.get('ID')}"
    )
    xmlsec.template.add_transform(reference, xmlsec.Transform.ENVELOPED)
    xmlsec.template.add_transform(reference, transform)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(private_pem(holder or key()), xmlsec.KeyFormat.PEM)
    if cert:
        xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(node))
        context.key.load_cert_from_memory(pem(cert), xmlsec.KeyFormat.PEM)
    xmlsec.tree.add_ids(root, ["ID"])
    context.sign(node)
    return str(etree.tostring(root), "ascii")


def xmlsec_takes(xml: str, holder: PrivateKey | None = None) -> bool:
    """Whether libxmlsec1 verifies the first signature in `xml` by the key of `holder`."""
    root = etree.fromstring(xml.encode())
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    public = (holder or key()).public_key()
    context.key = xmlsec.Key.from_memory(
        public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        xmlsec.KeyFormat.PEM,
    )
    try:
        context.verify(root.find(f".//{{{DSIG}}}Signature"))
    except xmlsec.Error:
        return False
    return True


class _WithSha1(XMLSigner):
    def check_deprecated_methods(self):
        """SHA-1 is refused here by default."""


def by_signxml(
    xml: str | None = None,
    *,
    method: SignatureMethod = SignatureMethod.RSA_SHA256,
    digest: DigestAlgorithm = DigestAlgorithm.SHA256,
    canonicalization: CanonicalizationMethod | None = None,
    holder: PrivateKey | None = None,
    cert: x509.Certificate | None = None,
) -> str:
    """`xml`, a request, signed by signxml; by C14N 1.1 unless another is given."""
    root = etree.fromstring((xml or authn_request()).encode())
    options = {"c14n_algorithm": canonicalization} if canonicalization else {}
    signer = _WithSha1(
        method=methods.enveloped, signature_algorithm=method, digest_algorithm=digest, **options
    )
    signed = signer.sign(
        root,
        key=private_pem(holder or key()),
        cert=[cert or certificate()],
        reference_uri=root.get("ID"),
        id_attribute="ID",
    )
    return str(etree.tostring(signed), "ascii")


def by_python3_saml(xml: str | None = None, *, alg: str = "SHA256") -> str:
    """`xml`, a request, signed by python3-saml."""
    signed = OneLogin_Saml2_Utils.add_sign(
        xml or authn_request(),
        private_pem(key()).decode(),
        pem(certificate()).decode(),
        sign_algorithm=SIGNATURE_METHODS[alg],
        digest_algorithm=DIGEST_METHODS[alg],
    )
    return str(signed, "utf-8")


def by_minisignxml(xml: str | None = None) -> str:
    """`xml`, a request, signed by minisignxml."""
    return minisignxml.sign.sign(
        element=etree.fromstring((xml or authn_request()).encode()),
        private_key=key(),
        certificate=certificate(),
        index=1,
    ).decode()
