"""SAML sign-in requests that are right except for what a test says.

As in `build.py`, nothing here uses the code under test: DEFLATE is zlib's, the signature in the
query is made by `cryptography` over octets that are put together by hand, the one in the XML by
hashlib, `cryptography` and the standard library's C14N.
"""

import base64
import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote
from xml.etree.ElementTree import canonicalize
from xml.sax.saxutils import escape, quoteattr

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.build import DROP, NOW, TENANT, der, key

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED = f"{DSIG}enveloped-signature"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
POST_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"

REQUEST_ID = "_8e8dc5f69a98cc4c1ff3427e5ce34606fd672f91e6"
ISSUER = "https://app.example.com/saml/metadata"
ACS_URL = "https://app.example.com/saml/acs"
DESTINATION = f"https://login.microsoftonline.com/{TENANT}/saml2"
RELAY_STATE = "https://app.example.com/start?a=1&b=~two words"

SIGNATURE_METHODS = {
    "SHA1": f"{DSIG}rsa-sha1",
    "SHA256": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "SHA384": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "SHA512": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
}
DIGEST_METHODS = {
    "SHA1": f"{DSIG}sha1",
    "SHA256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "SHA384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "SHA512": "http://www.w3.org/2001/04/xmlenc#sha512",
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "SHA1": hashes.SHA1(),
    "SHA256": hashes.SHA256(),
    "SHA384": hashes.SHA384(),
    "SHA512": hashes.SHA512(),
}
ORDER = ("SAMLRequest", "RelayState", "SigAlg")
"""Of what is signed (SAML Bindings 3.4.4.1)."""


def authn_request(
    *,
    issuer: str | object = ISSUER,
    name_id_format: str | object = PERSISTENT,
    issued: datetime = NOW,
    signature: str = "",
    children: str = "",
    indent: str = "",
    **attributes: object,
) -> str:
    """The XML of a request that is right but for `attributes` of its root (`DROP` leaves one out).

    `signature` goes behind the issuer, `children` at the end; `indent` is put between elements.
    """
    base: dict[str, object] = {
        "ID": REQUEST_ID,
        "Version": "2.0",
        "IssueInstant": f"{issued:%Y-%m-%dT%H:%M:%SZ}",
        "Destination": DESTINATION,
        "ProtocolBinding": POST_BINDING,
        "AssertionConsumerServiceURL": ACS_URL,
    }
    written = "".join(
        f" {name}={quoteattr(str(value))}"
        for name, value in (base | attributes).items()
        if value is not DROP
    )
    inner = [] if issuer is DROP else [f"<saml:Issuer>{escape(str(issuer))}</saml:Issuer>"]
    # Without a line of its own, so that taking it out leaves what was there before.
    inner = [*inner[:-1], "".join([*inner[-1:], signature])] if signature else inner
    if name_id_format is not DROP:
        inner.append(f"<samlp:NameIDPolicy Format={quoteattr(str(name_id_format))}/>")
    inner += [children] if children else []
    body = "".join(indent + each for each in inner)
    return (
        f'<samlp:AuthnRequest xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}"{written}>'
        f"{body}{indent[:1]}</samlp:AuthnRequest>"
    )


def b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def deflated(octets: bytes, *, wbits: int = -zlib.MAX_WBITS, level: int = 9) -> bytes:
    """Raw DEFLATE (RFC 1951); `wbits` 15 for a zlib wrapper, 31 for gzip."""
    packer = zlib.compressobj(level, zlib.DEFLATED, wbits)
    return packer.compress(octets) + packer.flush()


def redirect_value(xml: str | bytes, **options: int) -> str:
    """`SAMLRequest` of the Redirect binding, before percent-encoding."""
    return b64(deflated(xml.encode() if isinstance(xml, str) else xml, **options))


def escaped(value: str, *, is_lower: bool = False) -> str:
    """Percent-encode all but the unreserved characters (RFC 3986 2.3)."""
    parts = quote(value, safe="").split("%")
    return "%".join([parts[0], *(p[:2].lower() + p[2:] if is_lower else p for p in parts[1:])])


def query_signature(
    octets: bytes, alg: str = "SHA256", holder: rsa.RSAPrivateKey | None = None
) -> bytes:
    """What `Signature` of the Redirect binding holds, before base64."""
    return (holder or key()).sign(octets, padding.PKCS1v15(), _HASHES[alg])


def query_pairs(
    xml: str | bytes | None = None,
    *,
    alg: str | None = "SHA256",
    holder: rsa.RSAPrivateKey | None = None,
    relay_state: str | None = None,
    lower_case: bool = False,
    order: Sequence[str] = ORDER,
) -> dict[str, str]:
    """The parameters of a redirect, each in its percent-encoding, `Signature` at the end.

    What is signed is those in `order` that are there, exactly as they are returned; `alg` `None`
    leaves the request unsigned.
    """
    values = {"SAMLRequest": redirect_value(authn_request() if xml is None else xml)}
    if relay_state is not None:
        values["RelayState"] = relay_state
    if alg is not None:
        values["SigAlg"] = SIGNATURE_METHODS[alg]
    sent = {name: escaped(value, is_lower=lower_case) for name, value in values.items()}
    pairs = {name: sent[name] for name in order if name in sent}
    if alg is not None:
        signature = b64(query_signature(joined(pairs).encode(), alg, holder))
        pairs["Signature"] = escaped(signature, is_lower=lower_case)
    return pairs


def joined(pairs: Mapping[str, str], order: Iterable[str] | None = None) -> str:
    """The query of `pairs` that are encoded already."""
    return "&".join(f"{name}={pairs[name]}" for name in (order or pairs) if name in pairs)


def redirect_query(
    xml: str | bytes | None = None,
    *,
    alg: str | None = "SHA256",
    holder: rsa.RSAPrivateKey | None = None,
    relay_state: str | None = None,
    lower_case: bool = False,
    order: Sequence[str] = ORDER,
    sent_order: Sequence[str] | None = None,
) -> str:
    """The query of a redirect; `sent_order` is that of the URL where it is not that signed."""
    pairs = query_pairs(
        xml, alg=alg, holder=holder, relay_state=relay_state, lower_case=lower_case, order=order
    )
    return joined(pairs, sent_order)


def redirect_url(
    xml: str | bytes | None = None,
    *,
    url: str = DESTINATION,
    alg: str | None = "SHA256",
    holder: rsa.RSAPrivateKey | None = None,
    relay_state: str | None = None,
    lower_case: bool = False,
    order: Sequence[str] = ORDER,
    sent_order: Sequence[str] | None = None,
) -> str:
    """A redirect that carries the request `xml`, signed in the query unless `alg` is `None`."""
    query = redirect_query(
        xml,
        alg=alg,
        holder=holder,
        relay_state=relay_state,
        lower_case=lower_case,
        order=order,
        sent_order=sent_order,
    )
    return f"{url}?{query}"


def post_value(xml: str | bytes, *, deflate: bool = False) -> str:
    """`SAMLRequest` of the POST binding, before percent-encoding."""
    octets = xml.encode() if isinstance(xml, str) else xml
    return b64(deflated(octets) if deflate else octets)


def post_body(
    xml: str | bytes | None = None,
    *,
    relay_state: str | None = None,
    deflate: bool = False,
    **more: str,
) -> str:
    """A form body that carries the request `xml`, signed in the XML unless one is given."""
    fields = {"SAMLRequest": post_value(signed_request() if xml is None else xml, deflate=deflate)}
    if relay_state is not None:
        fields["RelayState"] = relay_state
    return "&".join(f"{name}={escaped(value)}" for name, value in (fields | more).items())


def post_form(
    xml: str | bytes | None = None, *, url: str = DESTINATION, relay_state: str | None = None
) -> str:
    """The page that a service provider has the browser submit by itself."""
    fields = {"SAMLRequest": post_value(signed_request() if xml is None else xml)}
    if relay_state is not None:
        fields["RelayState"] = relay_state
    inputs = "".join(
        f'<input type="hidden" name="{name}" value={quoteattr(value)}/>\n'
        for name, value in fields.items()
    )
    return (
        '<!DOCTYPE html>\n<html><body onload="document.forms[0].submit()">\n'
        f'<form method="post" action={quoteattr(url)}>\n{inputs}'
        '<noscript><input type="submit" value="Continue"/></noscript>\n</form></body></html>\n'
    )


def signature_element(
    xml: str,
    *,
    alg: str = "SHA256",
    digest_alg: str | None = None,
    holder: rsa.RSAPrivateKey | None = None,
    cert: x509.Certificate | None = None,
    reference: str = f"#{REQUEST_ID}",
    transforms: Sequence[str] = (ENVELOPED, EXC_C14N),
    canonicalization: str = EXC_C14N,
) -> str:
    """A `ds:Signature` over `xml`, which is without it, to stand anywhere in it; `cert` in KeyInfo.

    C14N 2.0 without its options is exclusive C14N for what `authn_request` makes: no processing
    instructions, no `xml:` attributes, every prefix that is declared on the root used there or
    below it.
    """
    digest_alg = digest_alg or alg
    digest = hashlib.new(digest_alg, canonicalize(xml).encode()).digest()
    steps = "".join(f'<ds:Transform Algorithm="{each}"></ds:Transform>' for each in transforms)
    inside = (
        f'<ds:CanonicalizationMethod Algorithm="{canonicalization}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{SIGNATURE_METHODS[alg]}"></ds:SignatureMethod>'
        f'<ds:Reference URI="{reference}"><ds:Transforms>{steps}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{DIGEST_METHODS[digest_alg]}"></ds:DigestMethod>'
        f"<ds:DigestValue>{b64(digest)}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )
    # The octets signed carry the declaration of the prefix, which the element inherits where it
    # stands (Exclusive XML Canonicalization 1.0, 3).
    signed = f'<ds:SignedInfo xmlns:ds="{DSIG}">{inside}'.encode()
    value = b64(query_signature(signed, alg, holder))
    key_info = (
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>"
        f"{b64(der(cert))}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        if cert
        else ""
    )
    return (
        f'<ds:Signature xmlns:ds="{DSIG}"><ds:SignedInfo>{inside}'
        f"<ds:SignatureValue>{value}</ds:SignatureValue>{key_info}</ds:Signature>"
    )


def signed_request(
    *,
    alg: str = "SHA256",
    holder: rsa.RSAPrivateKey | None = None,
    cert: x509.Certificate | None = None,
    reference: str | None = None,
    **request: object,
) -> str:
    """A request with an enveloped signature; `request` goes to `authn_request`."""
    own = str(request.get("ID", REQUEST_ID))
    signature = signature_element(
        authn_request(**request),  # type: ignore[arg-type] # each has its own type there
        alg=alg,
        holder=holder,
        cert=cert,
        reference=f"#{own}" if reference is None else reference,
    )
    return authn_request(signature=signature, **request)  # type: ignore[arg-type] # as above
