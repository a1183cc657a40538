"""A redirect signature is taken where it is right, and explained where it is not."""

import itertools
import re
import shutil
from contextlib import contextmanager
from dataclasses import replace
from urllib.parse import quote, quote_plus, unquote_plus, urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from assertcheck.model import Outcome, Role
from assertcheck.saml.algorithms import ALGORITHMS, AlgorithmKind, algorithm, meant
from assertcheck.saml.model import (
    Binding,
    Message,
    Parameter,
    Place,
    SamlMistake,
    SamlRequest,
    SamlSignature,
    SamlSubmission,
)
from assertcheck.saml.query_escapes import STYLES, decoded, difference, writings
from assertcheck.saml.query_signature import oddities, query_signature, verify_query
from assertcheck.verifier import case
from tests import build, build_saml, seeded
from tests.wrong_signatures import (
    bare_candidate,
    candidate,
    framed,
    key_file,
    openssl,
    pkcs1,
    pkcs1_digest,
    pss,
    sha256,
)

APP = candidate()
OLD = candidate(build.key("other"), "old.pem", Role.ALSO)
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SHA256, SHA1 = build_saml.SIGNATURE_METHODS["SHA256"], build_saml.SIGNATURE_METHODS["SHA1"]
# Its base64 holds each of + / =, and none of them twice in a row at the end only.
XML = build_saml.authn_request(ID="_kv17").encode()
VALUE = build_saml.redirect_value(XML)
RELAY = "https://app.example.com/start?a=1&b=~two words!(it's)*"


def full(value):
    """Every character that RFC 3986 does not leave alone."""
    return quote(value, safe="")


def lower(text):
    return re.sub("%..", lambda escape: escape[0].lower(), text)


def js(value):
    """`encodeURIComponent`."""
    return quote(value, safe="~!*'()")


def form(value):
    """`URLSearchParams` and Java's `URLEncoder`."""
    return quote_plus(value, safe="*").replace("~", "%7E")


def joined(*pairs):
    return "&".join(f"{name}={value}" for name, value in pairs if value is not None)


def signed(encode=full, *, relay=RELAY, alg=SHA256, value=VALUE):
    """The text that is right when everything is encoded so."""
    return joined(
        ("SAMLRequest", encode(value)),
        ("RelayState", None if relay is None else encode(relay)),
        ("SigAlg", None if alg is None else encode(alg)),
    )


def submitted(query, *, url=build_saml.DESTINATION, is_as_sent=True, binding=Binding.REDIRECT):
    """What the intake makes of a query."""
    pairs = [pair.partition("=") for pair in query.split("&")] if query else []
    return SamlSubmission(
        kind="url",
        removed=(),
        binding=binding,
        parameters=tuple(
            Parameter(name=name, raw=raw, value=unquote_plus(raw)) for name, _, raw in pairs
        ),
        is_as_sent=is_as_sent,
        url=url,
        message=Message.AUTHN_REQUEST,
    )


def request(xml=XML):
    return SamlRequest(
        xml=xml,
        root=None,
        message=Message.AUTHN_REQUEST,
        is_deflated=True,
        flaws=(),
        fingerprint="sha256:00",
    )


def carrying(text, octets, *, encode=full):
    """The query `text` with a signature after it."""
    return f"{text}&Signature={encode(build_saml.b64(octets))}"


def verify(query, *candidates, xml=XML, thorough=False, **options):
    return verify_query(
        submitted(query, **options), request(xml), candidates or (APP,), thorough=thorough
    )


@contextmanager
def few_hashes(most=3_000):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(case, "MOST_HASHES", most)
        yield


def outcomes(verification):
    return [trial.outcome for trial in verification.trials]


def test_the_base64_under_test_holds_every_sign():
    assert {"+", "/", "="} <= set(VALUE)


# What is right.

STYLED = {
    "RFC 3986": full,
    "lower-case escapes": lambda value: lower(full(value)),
    "encodeURIComponent": js,
    "urlencode of Python": quote_plus,
    "URLSearchParams": form,
    ".NET's UrlEncode": lambda value: lower(quote_plus(value, safe="!*()").replace("~", "%7E")),
    "slashes left": lambda value: quote(value, safe="/"),
}


@pytest.mark.parametrize("encode", STYLED.values(), ids=STYLED.keys())
@pytest.mark.parametrize("relay", [RELAY, None, "plain"], ids=["relay", "none", "plain"])
def test_the_octets_received_are_what_is_verified(encode, relay):
    text = signed(encode, relay=relay)
    verification = verify(carrying(text, pkcs1(text.encode())))
    assert outcomes(verification) == [Outcome.VALID]
    assert (verification.autopsy, verification.why_not) == (None, None)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_order_in_the_url_does_not_matter(order):
    text = signed()
    parts = carrying(text, pkcs1(text.encode())).split("&")
    assert outcomes(verify("&".join(parts[index] for index in order))) == [Outcome.VALID]


def test_other_parameters_do_not_matter():
    text = signed()
    query = "sso_reload=true&" + carrying(text, pkcs1(text.encode())) + "&username=a%40b"
    assert outcomes(verify(query)) == [Outcome.VALID]


def test_an_empty_relay_state_that_was_sent_is_signed():
    text = signed(relay="")
    assert "RelayState=&" in text
    assert outcomes(verify(carrying(text, pkcs1(text.encode())))) == [Outcome.VALID]


def test_a_form_is_verified_in_the_same_way():
    text = signed(quote_plus)
    query = carrying(text, pkcs1(text.encode()), encode=quote_plus)
    assert outcomes(verify(query, binding=Binding.POST)) == [Outcome.VALID]


def test_a_response_is_verified_in_the_same_way():
    text = signed().replace("SAMLRequest", "SAMLResponse")
    assert outcomes(verify(carrying(text, pkcs1(text.encode())))) == [Outcome.VALID]


@pytest.mark.parametrize("encode", STYLED.values(), ids=STYLED.keys())
def test_bare_values_may_have_been_encoded_in_any_usual_way(encode):
    text = signed(encode)
    query = carrying(signed(), pkcs1(text.encode()))
    assert outcomes(verify(query, is_as_sent=False)) == [Outcome.VALID]


def test_bare_values_may_have_been_encoded_each_in_its_own_way():
    text = joined(("SAMLRequest", lower(full(VALUE))), ("SigAlg", quote(SHA256, safe=":/")))
    verification = verify(carrying(text, pkcs1(text.encode())), APP, OLD, is_as_sent=False)
    assert outcomes(verification) == [Outcome.VALID, Outcome.INVALID]
    assert verification.autopsy is None


def test_bare_values_signed_without_relay_state_are_not_right():
    text = signed(relay=None)
    verification = verify(carrying(signed(), pkcs1(text.encode())), is_as_sent=False)
    assert verification.autopsy.mistake is SamlMistake.RELAY_STATE


P256, P384, P521 = (
    seeded.ec_key("app", curve()) for curve in (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
)
ED25519, ED448 = seeded.ed25519_key(), seeded.ed448_key()


def side_by_side(key, text, function):
    size = (key.curve.key_size + 7) // 8
    numbers = decode_dss_signature(key.sign(text, ec.ECDSA(function, deterministic_signing=True)))
    return b"".join(number.to_bytes(size, "big") for number in numbers)


def bare(key):
    return bare_candidate(key.public_key())


MADE = {
    "RSA-SHA1": (lambda text: pkcs1(text, "SHA-1"), APP),
    "RSA-SHA224": (lambda text: pkcs1(text, "SHA-224"), APP),
    "RSA-SHA256": (lambda text: pkcs1(text, "SHA-256"), APP),
    "RSA-SHA384": (lambda text: pkcs1(text, "SHA-384"), APP),
    "RSA-SHA512": (lambda text: pkcs1(text, "SHA-512"), APP),
    "RSA-MD5": (lambda text: pkcs1(text, "MD5"), APP),
    "RSA-PSS": (lambda text: pss(text, "SHA-256"), APP),
    "RSA-PSS-SHA1": (lambda text: pss(text, "SHA-1"), APP),
    "RSA-PSS-SHA256": (lambda text: pss(text, "SHA-256"), APP),
    "RSA-PSS-SHA512": (lambda text: pss(text, "SHA-512"), APP),
    "RSA-PSS-SHA3-256": (lambda text: pss(text, "SHA3-256"), APP),
    "ECDSA-SHA256": (lambda text: side_by_side(P256, text, hashes.SHA256()), bare(P256)),
    "ECDSA-SHA1": (lambda text: side_by_side(P256, text, hashes.SHA1()), bare(P256)),
    "ECDSA-SHA384": (lambda text: side_by_side(P384, text, hashes.SHA384()), bare(P384)),
    "ECDSA-SHA512": (lambda text: side_by_side(P521, text, hashes.SHA512()), bare(P521)),
    "Ed25519": (ED25519.sign, bare(ED25519)),
    "Ed448": (ED448.sign, bare(ED448)),
}
URIS = {each.name: each.uri for each in ALGORITHMS}


@pytest.mark.parametrize("name", MADE)
def test_the_table_picks_hash_and_padding(name):
    make, holder = MADE[name]
    text = signed(alg=URIS[name])
    verification = verify(carrying(text, make(text.encode())), holder)
    assert outcomes(verification) == [Outcome.VALID]


# What released libraries send.


@pytest.mark.parametrize("relay", ["", "plain", RELAY, "zoë & co+~/?", None])
@pytest.mark.parametrize("alg", [SHA256, SHA1])
def test_what_pysaml2_sends_is_right(relay, alg, tmp_path):
    from saml2.pack import http_redirect_message
    from saml2.sigver import RSACrypto, import_rsa_key_from_file

    backend = RSACrypto(import_rsa_key_from_file(str(key_file(tmp_path))))
    made = http_redirect_message(
        XML.decode(), build_saml.DESTINATION, relay or "", sigalg=alg, sign=True, backend=backend
    )
    location = dict(made["headers"])["Location"]
    assert outcomes(verify(location.partition("?")[2])) == [Outcome.VALID]


@pytest.mark.parametrize("relay", ["plain", RELAY, "zoë & co+~/?"])
def test_what_python3_saml_sends_is_right(relay, tmp_path):
    auth = pytest.importorskip("onelogin.saml2.auth", exc_type=ImportError)
    certificate = build.pem(build.certificate()).decode()
    settings = {
        "strict": True,
        "sp": {
            "entityId": build_saml.ISSUER,
            "assertionConsumerService": {"url": build_saml.ACS_URL},
            "x509cert": certificate,
            "privateKey": key_file(tmp_path).read_text(),
        },
        "idp": {
            "entityId": "https://sts.windows.net/x/",
            "singleSignOnService": {"url": build_saml.DESTINATION},
            "x509cert": certificate,
        },
        "security": {"authnRequestsSigned": True},
    }
    data = {"https": "on", "http_host": "app.example.com", "script_name": "/", "get_data": {}}
    location = auth.OneLogin_Saml2_Auth(data, settings).login(relay)
    assert location.index("&Signature=") < location.index("&SigAlg=")
    assert outcomes(verify(location.partition("?")[2])) == [Outcome.VALID]


@pytest.mark.parametrize("relay", [None, "plain", RELAY])
def test_what_minisaml_leaves_unescaped_is_verified_as_it_is(relay):
    minisaml = pytest.importorskip("minisaml.request")
    location = minisaml.get_request_redirect_url(
        saml_endpoint=build_saml.DESTINATION,
        expected_audience=build_saml.ISSUER,
        acs_url=build_saml.ACS_URL,
        request_id="_kv17",
        relay_state=relay,
    )
    query = location.partition("?")[2]
    assert "/" in query
    assert query_signature(submitted(query)) is None
    text = f"{query}&SigAlg={full(SHA256)}"
    assert outcomes(verify(carrying(text, pkcs1(text.encode())))) == [Outcome.VALID]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL's command is not here")
@pytest.mark.parametrize("name", ["sha1", "sha256", "sha512"])
def test_what_openssl_signs_is_right(name, tmp_path):
    text = signed(alg=build_saml.SIGNATURE_METHODS[name.upper()])
    octets = openssl("dgst", f"-{name}", "-sign", key_file(tmp_path), stdin=text.encode())
    assert outcomes(verify(carrying(text, octets))) == [Outcome.VALID]


# What is wrong. Each row: the text signed, the text sent, the mistake, words that tell them apart.

UNCOMPRESSED = build_saml.b64(XML)
SENT_LEVEL = build_saml.deflated(XML)


def compressed(level, wbits=-15):
    return build_saml.b64(build_saml.deflated(XML, level=level, wbits=wbits))


def in_lines(value, width, line_end):
    return "".join(value[at : at + width] + line_end for at in range(0, len(value), width))


def node_saml(value):
    """What it signs; it sends `form`."""
    return js(value)


def wrapped(text):
    return text.encode() if isinstance(text, str) else text


def each(message=full, relay=full, alg=full):
    return joined(
        ("SAMLRequest", message(VALUE)),
        ("RelayState", relay(RELAY)),
        ("SigAlg", alg(SHA256)),
    )


FULL = signed()
BARE = signed(relay=None)
ESCAPES, UNENCODED = SamlMistake.ESCAPES, SamlMistake.UNENCODED
RELAY_STATE, OTHER_PARAMETERS = SamlMistake.RELAY_STATE, SamlMistake.OTHER_PARAMETERS
SIG_ALG, AGAIN = SamlMistake.SIG_ALG, SamlMistake.DEFLATED_AGAIN
ORDER, ALONE = SamlMistake.ORDER, SamlMistake.XML_ALONE
PARTS = FULL.split("&")

BROKEN = {
    "lower signed, upper sent": (
        lower(FULL),
        FULL,
        ESCAPES,
        "lower-case percent-escapes in SAMLRequest, RelayState and SigAlg, sent as upper-case ones",
    ),
    "upper signed, lower sent": (FULL, lower(FULL), ESCAPES, "upper-case percent-escapes in"),
    "lower in one": (
        each(alg=lambda v: lower(full(v))),
        FULL,
        ESCAPES,
        "lower-case percent-escapes in SigAlg, sent",
    ),
    "both cases sent": (
        FULL,
        each(message=lambda v: full(v).replace("%2B", "%2b")),
        ESCAPES,
        "sent as ones in both letter cases",
    ),
    "node-saml": (
        each(relay=node_saml),
        each(relay=form),
        ESCAPES,
        "signed with %20, ~, !, (, ' and ) in RelayState, sent as +, %7E, %21, %28, %27 and %29",
    ),
    "node-saml, a space and a tilde": (
        signed(js, relay="a b~c"),
        signed(form, relay="a b~c"),
        ESCAPES,
        "signed with %20 and ~ in RelayState, sent as + and %7E",
    ),
    "slashes raw": (
        each(message=lambda v: quote(v, safe="/")),
        FULL,
        ESCAPES,
        "/ in SAMLRequest, sent as %2F",
    ),
    "equals raw": (
        each(message=lambda v: quote(v, safe="=")),
        FULL,
        ESCAPES,
        "= in SAMLRequest, sent as %3D",
    ),
    "plus raw": (
        each(message=lambda v: quote(v, safe="+")),
        FULL,
        ESCAPES,
        "+ in SAMLRequest, sent as %2B",
    ),
    "plus and equals raw, lower case": (
        each(message=lambda v: lower(quote(v, safe="+="))),
        FULL,
        ESCAPES,
        "+ and = in SAMLRequest",
    ),
    "colon raw in the algorithm": (
        each(alg=lambda v: quote(v, safe=":")),
        FULL,
        ESCAPES,
        ": in SigAlg, sent as %3A",
    ),
    "each in its own way": (
        each(lambda v: lower(full(v)), quote_plus, lambda v: quote(v, safe=":/")),
        FULL,
        ESCAPES,
        "lower-case percent-escapes in SAMLRequest",
    ),
    "another charset of choices": (
        each(relay=lambda v: quote(v, safe="&")),
        FULL,
        ESCAPES,
        "& in RelayState, sent as %26",
    ),
    **{
        f"{signs} unescaped in all": (
            signed(lambda v, signs=signs: quote(v, safe=signs)),
            FULL,
            ESCAPES,
            "= in ",
        )
        for signs in ("/=", "=+", "=", "/=:", "=&")
    },
    "/=+ unescaped in all": (
        signed(lambda v: quote(v, safe="/=+")),
        FULL,
        UNENCODED,
        "signed with SAMLRequest before percent-encoding; / and = in RelayState, sent as %2F and "
        "%3D; / in SigAlg, sent as %2F",
    ),
    "/=: unescaped in all, in lower-case escapes and with + for a space": (
        signed(lambda v: lower(quote_plus(v, safe="/=:"))),
        FULL,
        ESCAPES,
        "+, :, / and = in RelayState, sent as %20, %3A, %2F and %3D",
    ),
    "quote": (signed(quote), FULL, ESCAPES, "/ in SAMLRequest, RelayState and SigAlg, sent as %2F"),
    "UrlEncode of HttpUtility": (
        signed(STYLED[".NET's UrlEncode"]),
        FULL,
        ESCAPES,
        "in RelayState",
    ),
    "URLEncoder of Java": (signed(form), FULL, ESCAPES, "+"),
    "rawurlencode against urlencode": (
        FULL,
        signed(lambda v: quote_plus(v).replace("~", "%7E")),
        ESCAPES,
        "%20 and ~ in RelayState, sent as + and %7E",
    ),
    "a raw plus in RelayState": (
        BARE.replace("&SigAlg", "&RelayState=a%2Bb&SigAlg"),
        BARE.replace("&SigAlg", "&RelayState=a+b&SigAlg"),
        ESCAPES,
        "%2B in RelayState, sent as +",
    ),
    "signed twice encoded": (
        each(message=lambda v: full(full(v))),
        FULL,
        ESCAPES,
        "SAMLRequest percent-encoded twice, sent once",
    ),
    "values": (
        signed(str),
        FULL,
        UNENCODED,
        "signed with SAMLRequest, RelayState and SigAlg before percent-encoding",
    ),
    "one value": (each(alg=str), FULL, UNENCODED, "SigAlg before percent-encoding"),
    "values with RelayState left out": (
        signed(str, relay=None),
        FULL,
        RELAY_STATE,
        "before percent-encoding; no RelayState",
    ),
    "SimpleSign": (signed(str, value=XML.decode()), FULL, UNENCODED, "HTTP-POST-SimpleSign"),
    "RelayState left out": (
        BARE,
        FULL,
        RELAY_STATE,
        "signed with no RelayState, though it was sent",
    ),
    "empty RelayState left out": (
        BARE,
        signed(relay=""),
        RELAY_STATE,
        "no RelayState, though it was sent empty",
    ),
    "empty RelayState signed": (
        signed(relay=""),
        BARE,
        RELAY_STATE,
        "an empty RelayState, which was not sent",
    ),
    "empty RelayState in place of one": (
        signed(relay=""),
        FULL,
        RELAY_STATE,
        "an empty RelayState, though it was sent with a value",
    ),
    "RelayState null": (
        signed(relay="null"),
        BARE,
        RELAY_STATE,
        "RelayState=null, which was not sent",
    ),
    "RelayState cut short": (
        FULL,
        each(relay=lambda v: v.replace(" ", "%20")),
        RELAY_STATE,
        "the whole RelayState, sent cut short",
    ),
    "RelayState cut short, signed raw": (
        each(relay=lambda v: v.replace(" ", "%20")),
        each(relay=lambda v: v.replace(" ", "%20")),
        RELAY_STATE,
        "the whole RelayState",
    ),
    "RelayState first": (
        "&".join([PARTS[1], PARTS[0], PARTS[2]]),
        FULL,
        ORDER,
        "signed with the parameters in the order RelayState, SAMLRequest and SigAlg",
    ),
    "SigAlg first, as sent": (
        "&".join([PARTS[2], PARTS[0], PARTS[1]]),
        "&".join([PARTS[2], PARTS[0], PARTS[1]]),
        ORDER,
        "SigAlg, SAMLRequest and RelayState, as sent",
    ),
    "order and letter case": (
        lower("&".join(PARTS[::-1])),
        FULL,
        ORDER,
        "lower-case percent-escapes",
    ),
    "no SigAlg": (PARTS[0] + "&" + PARTS[1], FULL, OTHER_PARAMETERS, "signed with no SigAlg"),
    "message parameter alone": (PARTS[0], FULL, OTHER_PARAMETERS, "signed with SAMLRequest alone"),
    "Signature=": (FULL + "&Signature=", FULL, OTHER_PARAMETERS, "an empty Signature after"),
    "as a response": (
        FULL.replace("SAMLRequest", "SAMLResponse"),
        FULL,
        OTHER_PARAMETERS,
        "SAMLResponse as the name of SAMLRequest",
    ),
    "as a request": (
        FULL,
        FULL.replace("SAMLRequest", "SAMLResponse"),
        OTHER_PARAMETERS,
        "SAMLRequest as the name of SAMLResponse",
    ),
    "all that is sent": (
        "a=1&" + FULL,
        "a=1&" + FULL,
        OTHER_PARAMETERS,
        "all parameters that were sent",
    ),
    "the last of two": (
        FULL,
        "RelayState=other&" + FULL,
        OTHER_PARAMETERS,
        "the last RelayState of those sent",
    ),
    "the whole URL": (
        f"{build_saml.DESTINATION}?{FULL}",
        FULL,
        OTHER_PARAMETERS,
        "the URL in front",
    ),
    "the path": (
        f"/{build.TENANT}/saml2?{FULL}",
        FULL,
        OTHER_PARAMETERS,
        "the path of the URL in front",
    ),
    "a question mark": ("?" + FULL, FULL, OTHER_PARAMETERS, "a question mark in front"),
    "an ampersand at the end": (FULL + "&", FULL, OTHER_PARAMETERS, "an & after"),
    "a line feed": (FULL + "\n", FULL, OTHER_PARAMETERS, "a line feed after"),
    "CRLF": (FULL + "\r\n", FULL, OTHER_PARAMETERS, "CRLF after"),
    "a NUL": (FULL + "\0", FULL, OTHER_PARAMETERS, "a NUL after"),
    "HTML's ampersand": (FULL.replace("&", "&amp;"), FULL, OTHER_PARAMETERS, "&amp; in place of &"),
    "no separator": ("".join(PARTS), FULL, OTHER_PARAMETERS, "nothing between the parameters"),
    "values without names": (
        VALUE + RELAY + SHA256,
        FULL,
        OTHER_PARAMETERS,
        "values without their names",
    ),
    "UTF-16": (FULL.encode("utf-16-le"), FULL, OTHER_PARAMETERS, "UTF-16"),
    "the query percent-encoded": (full(FULL), FULL, OTHER_PARAMETERS, "percent-encoded once more"),
    "the base64 of the query": (
        build_saml.b64(FULL.encode()),
        FULL,
        OTHER_PARAMETERS,
        "the base64 of the parameters",
    ),
    "SHA-1 named in the text": (
        signed(alg=SHA1),
        FULL,
        SIG_ALG,
        f'signed with SigAlg={SHA1}, sent as "{SHA256}"',
    ),
    "the wrong namespace named in the text": (
        signed(alg=SHA256.replace(MORE, build_saml.DSIG)),
        FULL,
        SIG_ALG,
        "SigAlg=http://www.w3.org/2000/09/xmldsig#rsa-sha256",
    ),
    "JOSE's name in the text": (signed(alg="RS256"), FULL, SIG_ALG, "SigAlg=RS256, sent as"),
    "an empty SigAlg": (signed(alg=""), FULL, SIG_ALG, "an empty SigAlg, sent as"),
    "SHA-1 named in a lower-case text": (
        lower(signed(alg=SHA1)),
        lower(FULL),
        SIG_ALG,
        f"SigAlg={SHA1}",
    ),
    "level 1": (signed(value=compressed(1)), FULL, AGAIN, "compressed by zlib at level"),
    "level 1 without RelayState": (
        signed(value=compressed(1), relay=None),
        FULL,
        RELAY_STATE,
        "compressed by zlib at level",
    ),
    "no compression": (signed(value=compressed(0)), FULL, AGAIN, "DEFLATE without compression"),
    "a zlib wrapper": (signed(value=compressed(6, 15)), FULL, AGAIN, "in a zlib wrapper"),
    "a gzip wrapper": (signed(value=compressed(6, 31)), FULL, AGAIN, "in a gzip wrapper"),
    "no DEFLATE": (signed(value=UNCOMPRESSED), FULL, AGAIN, "without DEFLATE"),
    "lines of 76": (
        signed(value=in_lines(VALUE, 76, "\r\n")),
        FULL,
        AGAIN,
        "in lines of 76 characters",
    ),
    "Ruby's lines of 60": (
        signed(value=in_lines(VALUE, 60, "\n")),
        FULL,
        AGAIN,
        "in lines of 60 characters",
    ),
    "URL-safe base64": (
        signed(value=VALUE.replace("+", "-").replace("/", "_")),
        FULL,
        AGAIN,
        "URL-safe base64",
    ),
    "unpadded base64": (signed(value=VALUE.rstrip("=")), FULL, AGAIN, "without its padding"),
    "the XML": (XML, FULL, ALONE, "signed with the XML alone"),
    "the XML and a line feed": (XML + b"\n", FULL, ALONE, "the XML alone, a line feed after it"),
    "the base64 of the XML": (UNCOMPRESSED, FULL, ALONE, "the base64 of the XML alone"),
    "the deflated XML": (SENT_LEVEL, FULL, ALONE, "the deflated XML alone"),
    "the value": (VALUE, FULL, ALONE, "the value of SAMLRequest alone, before"),
    "the encoded value": (full(VALUE), FULL, ALONE, "the value of SAMLRequest alone"),
}


@pytest.mark.parametrize("row", BROKEN.values(), ids=BROKEN.keys())
def test_what_was_signed_in_place_of_what_was_sent_is_found(row):
    text, sent, mistake, words = row
    verification = verify(carrying(sent, pkcs1(wrapped(text))), APP, OLD)
    autopsy = verification.autopsy
    assert outcomes(verification) == [Outcome.INVALID, Outcome.INVALID]
    assert (autopsy.mistake, autopsy.candidate, autopsy.algorithm) == (mistake, APP, None)
    assert words in autopsy.words
    assert autopsy.words.startswith("signed with ")


PLAIN = ["node-saml", "RelayState left out", "values", "level 1", "no SigAlg"]


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(
    ("make", "uri"),
    [
        (lambda text: pss(text), MORE.replace("2001/04", "2007/05") + "sha256-rsa-MGF1"),
        (lambda text: pkcs1(text, "SHA-1"), SHA1),
        (lambda text: pkcs1(text, "SHA-512"), MORE + "rsa-sha512"),
    ],
    ids=["PSS", "SHA-1", "SHA-512"],
)
def test_the_text_is_found_with_other_algorithms(name, make, uri):
    text, sent, mistake, words = BROKEN[name]
    text, sent = (
        each.replace(full(SHA256), full(uri)).replace(SHA256, uri) for each in (text, sent)
    )
    autopsy = verify(carrying(sent, make(text.encode()))).autopsy
    assert (autopsy.mistake, autopsy.algorithm) == (mistake, None)
    assert words in autopsy.words


# The key, the algorithm, and the signature itself.

OTHER_KEY, TRANSPORT = SamlMistake.OTHER_KEY, SamlMistake.TRANSPORT
OTHER_ALGORITHM, UNKNOWN_KEY = SamlMistake.OTHER_ALGORITHM, SamlMistake.UNKNOWN_KEY


@pytest.mark.parametrize("role", [Role.HELD, Role.ALSO, Role.HEADER])
def test_another_key_that_fits_is_named(role):
    old = candidate(build.key("other"), "old.pem", role)
    verification = verify(carrying(FULL, pkcs1(FULL.encode(), key=build.key("other"))), APP, old)
    assert outcomes(verification) == [Outcome.INVALID, Outcome.VALID]
    autopsy = verification.autopsy
    assert (autopsy.mistake, autopsy.candidate, autopsy.algorithm) == (OTHER_KEY, old, None)
    assert autopsy.words == "signed by the key of old.pem (RSA 2048)"


def test_a_held_key_comes_before_one_that_lies_around():
    old, held = (candidate(build.key("other"), "x.pem", role) for role in (Role.ALSO, Role.HELD))
    octets = pkcs1(FULL.encode(), key=build.key("other"))
    assert verify(carrying(FULL, octets), old, APP, held).autopsy.candidate is held


def test_another_key_over_another_text_is_named_first():
    autopsy = verify(carrying(FULL, pkcs1(BARE.encode(), key=build.key("other"))), APP, OLD).autopsy
    assert (autopsy.mistake, autopsy.candidate) == (OTHER_KEY, OLD)
    assert autopsy.words == (
        "signed by the key of old.pem (RSA 2048); signed with no RelayState, though it was sent"
    )


def test_one_registered_key_of_two_is_enough():
    second = candidate(build.key("other"), "second.pem")
    verification = verify(carrying(FULL, pkcs1(FULL.encode(), key=build.key("other"))), APP, second)
    assert outcomes(verification) == [Outcome.INVALID, Outcome.VALID]
    assert verification.autopsy is None


def test_keys_that_are_the_same_are_tried_once_and_named_as_the_trusted_one():
    again = candidate(build.key("app"), "again.pem", Role.ALSO)
    autopsy = verify(carrying(FULL, pkcs1(BARE.encode())), again, APP).autopsy
    assert (autopsy.mistake, autopsy.candidate) == (RELAY_STATE, APP)


def test_a_key_that_is_not_there_is_unknown():
    stranger = pkcs1(FULL.encode(), key=build.key("third"))
    autopsy = verify(carrying(FULL, stranger), APP, OLD).autopsy
    assert (autopsy.mistake, autopsy.candidate) == (UNKNOWN_KEY, None)
    assert autopsy.words == (
        "signed with none of the keys tried: app.pem (RSA 2048) and old.pem (RSA 2048)"
    )


def test_of_many_keys_only_some_are_listed():
    many = [bare(seeded.ec_key(str(n))) for n in range(6)]
    words = verify(
        carrying(FULL, pkcs1(FULL.encode(), key=build.key("third"))), *many
    ).autopsy.words
    assert words.endswith("and 1 more")


@pytest.mark.parametrize(
    "text",
    [FULL, BARE, signed(relay=""), "a=1&" + FULL, signed(alg=None, relay=None), "SAMLRequest=a"],
)
@pytest.mark.parametrize("xml", [XML, None])
def test_a_text_that_is_not_found_proves_the_key_all_the_same(text, xml):
    with few_hashes(50_000 if text == (FULL if xml else "SAMLRequest=a") else 5_000):
        autopsy = verify(carrying(text, pkcs1(b"something else")), xml=xml).autopsy
    assert (autopsy.mistake, autopsy.candidate) == (SamlMistake.OTHER_OCTETS, APP)
    assert autopsy.words.startswith(
        "signed by the key of app.pem (RSA 2048); over something else than what was sent, which "
        "could not be found"
    )


def test_a_maximal_salt_makes_the_key_probable():
    autopsy = verify(carrying(FULL, pss(b"something else", salt=222))).autopsy
    assert autopsy.mistake is SamlMistake.OTHER_OCTETS
    assert autopsy.words.startswith("probably signed by the key of app.pem")
    assert autopsy.algorithm == "RSA-PSS-SHA256"


PSS256 = URIS["RSA-PSS-SHA256"]
OTHERWISE = {
    "SHA-1": (
        SHA256,
        pkcs1(FULL.encode(), "SHA-1"),
        "RSA-SHA1",
        "made with RSA-SHA1, where SigAlg names RSA-SHA256",
    ),
    "SHA-512": (
        SHA256,
        pkcs1(FULL.encode(), "SHA-512"),
        "RSA-SHA512",
        "where SigAlg names RSA-SHA256",
    ),
    "PSS": (
        SHA256,
        pss(FULL.encode()),
        "RSA-PSS-SHA256",
        "made with RSA-PSS-SHA256, where SigAlg names RSA-SHA256",
    ),
    "PKCS #1": (
        PSS256,
        pkcs1(signed(alg=PSS256).encode()),
        "RSA-SHA256",
        "where SigAlg names RSA-PSS-SHA256",
    ),
    "salt": (
        PSS256,
        pss(signed(alg=PSS256).encode(), salt=222),
        "RSA-PSS-SHA256",
        "made with RSA-PSS-SHA256 and a salt of 222 octets in place of 32",
    ),
    "MGF1": (
        PSS256,
        pss(signed(alg=PSS256).encode(), mgf="SHA-1"),
        "RSA-PSS-SHA256",
        "RSA-PSS-SHA256 and MGF1 with SHA-1",
    ),
    "JOSE's name": (
        "RS256",
        pkcs1(signed(alg="RS256").encode()),
        "RSA-SHA256",
        "made with RSA-SHA256, which SigAlg does not name",
    ),
    "hashed twice": (
        SHA256,
        pkcs1_digest(sha256(sha256(FULL.encode()))),
        None,
        "its digest is not made as it should be: hashed from the SHA-256 digest",
    ),
    "no DigestInfo": (
        SHA256,
        framed(sha256(FULL.encode())),
        None,
        "no DigestInfo around the digest",
    ),
}


@pytest.mark.parametrize("row", OTHERWISE.values(), ids=OTHERWISE.keys())
def test_another_algorithm_than_named_is_read_from_the_signature(row):
    uri, octets, name, words = row
    autopsy = verify(carrying(signed(alg=uri), octets)).autopsy
    assert (autopsy.mistake, autopsy.candidate, autopsy.algorithm) == (OTHER_ALGORITHM, APP, name)
    assert words in autopsy.words


def test_a_text_that_names_the_hash_it_was_made_with_is_found():
    """What a change of `SigAlg` after signing leaves."""
    autopsy = verify(carrying(FULL, pkcs1(signed(alg=SHA1).encode(), "SHA-1"))).autopsy
    assert (autopsy.mistake, autopsy.algorithm) == (SIG_ALG, "RSA-SHA1")
    assert autopsy.words == (
        f'signed with SigAlg={SHA1}, sent as "{SHA256}"; '
        "made with RSA-SHA1, where SigAlg names RSA-SHA256"
    )


def test_an_ecdsa_signature_under_an_rsa_name_is_read():
    octets = side_by_side(P256, FULL.encode(), hashes.SHA256())
    verification = verify(carrying(FULL, octets), bare(P256))
    assert outcomes(verification) == [Outcome.NOT_TRIED]
    assert verification.trials[0].why == "EC P-256 is no key for RSA-SHA256"
    assert verification.autopsy.mistake is OTHER_ALGORITHM
    assert verification.autopsy.algorithm == "ECDSA-SHA256"


def test_an_edwards_signature_under_an_rsa_name_is_read():
    autopsy = verify(carrying(FULL, ED25519.sign(FULL.encode())), bare(ED25519)).autopsy
    assert (autopsy.mistake, autopsy.algorithm) == (OTHER_ALGORITHM, "EdDSA")


def test_ecdsa_in_der_is_a_matter_of_transport():
    text = signed(alg=URIS["ECDSA-SHA256"])
    octets = P256.sign(text.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    verification = verify(carrying(text, octets), bare(P256))
    assert outcomes(verification) == [Outcome.INVALID]
    assert verification.autopsy.mistake is TRANSPORT
    assert "DER" in verification.autopsy.words


def test_ecdsa_by_a_key_that_is_not_there_is_known_by_its_shape():
    octets = P256.sign(FULL.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    autopsy = verify(carrying(FULL, octets)).autopsy
    assert autopsy.mistake is UNKNOWN_KEY
    assert "an ECDSA signature in DER" in autopsy.words


RIGHT = pkcs1(FULL.encode())
WRITTEN = build_saml.b64(RIGHT)
NEXT = next(
    text
    for text in (signed(relay=f"r{count}") for count in itertools.count())
    if {"+", "/"} <= set(build_saml.b64(pkcs1(text.encode())))
)
NEXT_WRITTEN = build_saml.b64(pkcs1(NEXT.encode()))
DAMAGED = {
    "percent-encoded twice": (full(full(NEXT_WRITTEN)), "percent-encoded"),
    "the plus signs raw": (NEXT_WRITTEN.replace("=", "%3D"), "each + turned into a space"),
    "URL-safe base64": (
        full(NEXT_WRITTEN.replace("+", "-").replace("/", "_")),
        "URL-safe base64, with - and _",
    ),
    "hex": (pkcs1(NEXT.encode()).hex(), "hex text"),
    "hex in upper case": (pkcs1(NEXT.encode()).hex().upper(), "hex text"),
    "base64 of hex": (full(build_saml.b64(pkcs1(NEXT.encode()).hex().encode())), "hex text"),
    "base64 twice": (full(build_saml.b64(NEXT_WRITTEN.encode())), "base64"),
    "reversed": (full(build_saml.b64(pkcs1(NEXT.encode())[::-1])), "reverse order"),
}


@pytest.mark.parametrize("row", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_signature_written_otherwise_is_read(row):
    raw, words = row
    verification = verify(f"{NEXT}&Signature={raw}")
    assert outcomes(verification) in ([Outcome.NOT_TRIED], [Outcome.INVALID])
    autopsy = verification.autopsy
    assert (autopsy.mistake, autopsy.candidate, autopsy.algorithm) == (TRANSPORT, APP, None)
    assert autopsy.words.startswith("Signature is not written as it should be: ")
    assert words in autopsy.words


def test_one_changed_character_is_mended_if_asked():
    text = WRITTEN[:40] + ("A" if WRITTEN[40] != "A" else "B") + WRITTEN[41:]
    query = f"{FULL}&Signature={full(text)}"
    assert verify(query).autopsy.mistake is UNKNOWN_KEY
    autopsy = verify(query, thorough=True).autopsy
    assert (autopsy.mistake, autopsy.candidate) == (TRANSPORT, APP)
    assert "character 41" in autopsy.words


def test_damage_shows_without_the_key():
    stranger = build_saml.b64(pkcs1(FULL.encode(), key=build.key("third")).hex().encode())
    autopsy = verify(f"{FULL}&Signature={full(stranger)}").autopsy
    assert (autopsy.mistake, autopsy.candidate) == (TRANSPORT, None)
    assert "hex text" in autopsy.words
    assert autopsy.words.endswith("none of the keys tried: app.pem (RSA 2048)")


def test_a_query_percent_encoded_twice_shows_it_in_every_value():
    query = "&".join(
        f"{name}={quote(raw, safe='')}"
        for name, _, raw in (pair.partition("=") for pair in carrying(FULL, RIGHT).split("&"))
    )
    verification = verify(query)
    assert verification.trials[0].outcome is Outcome.NOT_TRIED
    autopsy = verification.autopsy
    assert (autopsy.mistake, autopsy.candidate) == (TRANSPORT, APP)
    assert "percent-encoded once, sent percent-encoded twice" in autopsy.words


TOLERATED = {
    "CRLF": (
        "\r\n".join(WRITTEN[at : at + 76] for at in range(0, len(WRITTEN), 76)),
        ("line breaks or spaces around its base64",),
    ),
    "a line feed at the end": (WRITTEN + "\n", ("line breaks or spaces around its base64",)),
    "no padding": (WRITTEN.rstrip("="), ("2 = missing at the end of its base64",)),
    "too much padding": (WRITTEN + "=", ("3 = at the end of its base64, where 2 belong",)),
    "as it should be": (WRITTEN, ()),
}


def test_a_bare_plus_is_passed_over_and_said():
    assert "+" in WRITTEN
    query = f"{FULL}&Signature={full(WRITTEN).replace('%2B', '+')}"
    submission = submitted(query)
    last = replace(submission.parameters[-1], value=WRITTEN)
    submission = replace(submission, parameters=(*submission.parameters[:-1], last))
    assert outcomes(verify_query(submission, request(), (APP,))) == [Outcome.VALID]
    assert oddities(submission) == ("a bare +, which form decoding makes a space of",)
    assert oddities(replace(submission, is_as_sent=False)) == ()


def test_the_url_safe_alphabet_is_read_and_not_taken():
    url_safe = WRITTEN.replace("+", "-").replace("/", "_")
    for written, mistake in ((url_safe, TRANSPORT), (url_safe.rstrip("="), TRANSPORT)):
        verification = verify(f"{FULL}&Signature={written}")
        assert verification.signature.octets == RIGHT
        assert outcomes(verification) == [Outcome.INVALID]
        autopsy = verification.autopsy
        assert (autopsy.mistake, autopsy.candidate) == (mistake, APP)
        assert autopsy.words.startswith(
            "Signature is not written as it should be: URL-safe base64, with - and _ in place of + and /"
        )
    # Of both alphabets it is in neither.
    mixed = url_safe.replace("-", "+", 1)
    found = query_signature(submitted(f"{FULL}&Signature={full(mixed)}"))
    assert found
    assert found.octets is None


def test_of_a_signature_that_is_cut_short_no_key_is_denied():
    autopsy = verify(f"{FULL}&Signature={full(WRITTEN[:200])}").autopsy
    assert (autopsy.mistake, autopsy.candidate) == (TRANSPORT, None)
    assert autopsy.words == (
        "Signature is not written as it should be: 150 octets, where the smallest key at hand makes "
        "256"
    )


def test_what_else_is_wrong_is_told():
    lowered = lower("&".join(PARTS[::-1]))
    autopsy = verify(carrying(FULL, pkcs1(lowered.encode(), "SHA-1"))).autopsy
    assert (autopsy.mistake, autopsy.also) == (ORDER, (ESCAPES, OTHER_ALGORITHM))
    assert verify(carrying(FULL, pkcs1(BARE.encode()))).autopsy.also == ()


def test_what_was_received_twice_encoded_may_have_been_signed_so():
    once = carrying(FULL, RIGHT)
    twice = signed(lambda value: full(full(value)))
    received = tuple(
        Parameter(name=name, raw=raw, value=unquote_plus(raw))
        for name, _, raw in (pair.partition("=") for pair in twice.split("&"))
    )
    assert outcomes(verify(carrying(FULL, pkcs1(twice.encode())))) == [Outcome.INVALID]
    for octets, outcome in (
        (RIGHT, Outcome.VALID),
        (pkcs1(twice.encode()), Outcome.VALID),
        (pkcs1(BARE.encode()), Outcome.INVALID),
    ):
        submission = replace(submitted(carrying(FULL, octets)), encoded_twice=received)
        assert outcomes(verify_query(submission, request(), (APP,))) == [outcome]
    assert outcomes(verify(once)) == [Outcome.VALID]


@pytest.mark.parametrize("row", TOLERATED.values(), ids=TOLERATED.keys())
def test_line_breaks_and_padding_are_passed_over_and_said(row):
    written, odd = row
    query = f"{FULL}&Signature={full(written)}"
    assert outcomes(verify(query)) == [Outcome.VALID]
    assert oddities(submitted(query)) == odd


@pytest.mark.parametrize("query", [FULL, FULL + "&Signature=", FULL + "&Signature=%21"])
def test_what_cannot_be_read_has_no_oddities(query):
    assert oddities(submitted(query)) == ()


# What is missing.


@pytest.mark.parametrize(
    ("query", "uri", "octets"),
    [
        (carrying(FULL, RIGHT), SHA256, RIGHT),
        (FULL, SHA256, None),
        (carrying(signed(alg=None), RIGHT), None, RIGHT),
        (FULL + "&Signature=%21%21", SHA256, None),
        (FULL + "&Signature=", SHA256, b""),
        ("SigAlg=&Signature=", "", b""),
    ],
)
@pytest.mark.parametrize("binding", [Binding.REDIRECT, Binding.POST, None])
def test_a_signature_is_read_though_a_part_is_missing(query, uri, octets, binding):
    signature = query_signature(submitted(query, binding=binding))
    assert signature == SamlSignature(place=Place.QUERY, algorithm=uri, octets=octets)


def test_a_request_without_either_is_not_signed_in_the_query():
    assert query_signature(submitted(signed(alg=None))) is None


@pytest.mark.parametrize("query", ["", signed(alg=None), FULL, FULL + "&Signature="])
def test_without_a_signature_there_is_nothing_to_try(query):
    verification = verify(query)
    assert outcomes(verification) == [Outcome.NOT_TRIED]
    assert (
        verification.trials[0].why == verification.why_not == "there is no Signature in the query"
    )
    assert verification.autopsy is None
    assert verification.signature.place is Place.QUERY


def test_a_signature_alone_is_not_tried():
    verification = verify("RelayState=a&SigAlg=b&Signature=" + full(WRITTEN))
    assert outcomes(verification) == [Outcome.NOT_TRIED]
    assert verification.why_not == (
        "there is no SAMLRequest beside the Signature; paste the whole query"
    )


def test_without_keys_there_is_nothing_to_explain():
    verification = verify_query(submitted(carrying(FULL, RIGHT)), request(), ())
    assert (verification.trials, verification.autopsy) == ((), None)


UNSIGNED_ALG = signed(alg=None)


@pytest.mark.parametrize(
    ("text", "mistake", "words"),
    [
        (UNSIGNED_ALG, OTHER_ALGORITHM, "made with RSA-SHA256, which SigAlg does not name"),
        (FULL, OTHER_PARAMETERS, f"signed with SigAlg={SHA256}, which was not sent"),
    ],
)
def test_without_sig_alg_it_is_found_out_what_was_signed(text, mistake, words):
    verification = verify(carrying(UNSIGNED_ALG, pkcs1(text.encode())))
    assert verification.trials[0].why == "there is no SigAlg to say how it was signed"
    assert verification.autopsy.mistake is mistake
    assert words in verification.autopsy.words
    assert verification.autopsy.algorithm == "RSA-SHA256"


@pytest.mark.parametrize("written", ["", "%21%21", "%2B%2B %2B"])
def test_what_is_not_base64_is_not_tried(written):
    verification = verify(f"{FULL}&Signature={written}")
    assert outcomes(verification) == [Outcome.NOT_TRIED]


@pytest.mark.parametrize("name", ["DSA-SHA1", "HMAC-SHA256", "RSA-RIPEMD160"])
def test_what_is_not_verified_here_is_said_to_be_so(name):
    text = signed(alg=URIS[name])
    verification = verify(carrying(text, pkcs1(text.encode(), key=build.key("third"))))
    assert outcomes(verification) == [Outcome.NOT_TRIED]
    assert verification.trials[0].why == f"{name} is not verified here"
    assert verification.why_not == f"{name} is not verified here; sign with RSA-SHA256"
    assert verification.autopsy is None


def test_a_name_that_is_not_verified_here_does_not_hide_what_was_made():
    text = signed(alg=URIS["DSA-SHA1"])
    autopsy = verify(carrying(text, pkcs1(text.encode()))).autopsy
    assert (autopsy.mistake, autopsy.algorithm) == (OTHER_ALGORITHM, "RSA-SHA256")


def test_an_ecdsa_signature_of_another_length_is_wrong():
    text = signed(alg=URIS["ECDSA-SHA256"])
    octets = side_by_side(P384, text.encode(), hashes.SHA384())
    assert outcomes(verify(carrying(text, octets), bare(P256), bare(P384))) == [
        Outcome.INVALID,
        Outcome.INVALID,
    ]


def test_a_key_that_is_too_small_for_the_hash_does_not_fit():
    text = signed(alg=URIS["RSA-PSS-SHA512"])
    small = bare(build.key("small", 1024))
    assert outcomes(verify(carrying(text, bytes(128)), small)) == [Outcome.INVALID]


@pytest.mark.parametrize("xml", [None, b"", b"\xff\x00"])
@pytest.mark.parametrize("message", ["", "%FF", "no base64", VALUE[:20], "%C3%BC"])
@pytest.mark.parametrize("url", [None, "", "https://[", "x"])
def test_a_message_that_cannot_be_read_stops_nothing(xml, message, url):
    query = f"SAMLRequest={message}&RelayState=%C3%BC&SigAlg={full(SHA256)}"
    with few_hashes():
        verification = verify(carrying(query, RIGHT), xml=xml, url=url)
    assert verification.autopsy.mistake is SamlMistake.OTHER_OCTETS


def test_a_signature_is_in_no_words_and_no_repr():
    text = signed(relay="secret-state")
    with few_hashes():
        verification = verify(carrying(text, pkcs1(b"x")), APP, OLD)
    told = repr(verification)
    assert WRITTEN[:20] not in told
    assert "secret-state" not in told
    assert VALUE[:20] not in told


def test_the_search_is_bounded():
    text = each(message=lambda v: quote(v, safe="="))
    with few_hashes(200):
        autopsy = verify(carrying(FULL, pkcs1(text.encode()))).autopsy
    assert autopsy.mistake is SamlMistake.OTHER_OCTETS


@pytest.mark.parametrize("is_as_sent", [True, False])
def test_a_value_without_end_is_verified_and_not_searched(is_as_sent):
    text = signed(value=VALUE * 300, relay="~ " * 10_000)
    right = verify(carrying(text, pkcs1(text.encode())), is_as_sent=is_as_sent)
    assert outcomes(right) == [Outcome.VALID]
    wrong = verify(carrying(text, pkcs1(b"x")), is_as_sent=is_as_sent)
    assert wrong.autopsy.mistake is SamlMistake.OTHER_OCTETS


@given(st.text(), st.text())
def test_any_values_are_verified_and_explained(relay, other):
    query = f"SAMLRequest={other}&RelayState={relay}&SigAlg={full(SHA256)}"
    verification = verify_query(submitted(query), request(), (APP,), thorough=False)
    assert outcomes(verification) == [Outcome.NOT_TRIED]


# Percent-encoding.


@given(st.binary(max_size=40))
def test_every_style_encodes_what_it_decodes_to(octets):
    for style in STYLES:
        written = style.encode(octets)
        plus = style.encoder.plus_for_space
        if "%" not in style.encoder.unescaped:
            assert decoded(written, plus_is_space=plus).octets == octets


def test_the_styles_are_those_of_libraries():
    value = "".join(map(chr, range(0x20, 0x7F))) + "é"
    written = {style.encode(value.encode()) for style in STYLES}
    assert {
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        urlencode({"": value})[1:],
        js(value),
        form(value),
        lower(quote_plus(value, safe="!*()").replace("~", "%7E")),
    } <= written


def test_few_signs_are_tried_in_every_choice():
    found = writings(b"a/b+c=d e")
    for size in range(4):
        for left in itertools.combinations("/+=", size):
            assert quote("a/b+c=d e", safe="".join(left)) in found
            assert lower(quote("a/b+c=d e", safe="".join(left))) in found


def test_writings_of_different_values_have_no_difference():
    assert difference("a%20b", "a%20c", plus_is_space=True) is None


@pytest.mark.parametrize(
    ("signed_as", "sent_as", "words"),
    [
        ("a%2fb", "a%2Fb", ("lower-case percent-escapes", "upper-case ones")),
        ("a%2fb%2F", "a%2Fb%2F", ("percent-escapes in both letter cases", "upper-case ones")),
        ("a b", "a+b", ("a space", "+")),
        ("ü", "%C3%BC", ("raw octets", "%C3 and %BC")),
        (
            "%61%62%63%64%65%66%67%68%69",
            "abcdefghi",
            (
                "%61, %62, %63, %64, %65, %66, %67, %68 and others",
                "a, b, c, d, e, f, g, h and others",
            ),
        ),
    ],
)
def test_the_difference_of_two_writings_is_said(signed_as, sent_as, words):
    assert difference(signed_as, sent_as, plus_is_space=True) == words


# The names of algorithms.


def test_every_algorithm_is_found_by_its_uri_alone():
    assert len({each.uri for each in ALGORITHMS}) == len({each.name for each in ALGORITHMS})
    for each in ALGORITHMS:
        assert algorithm(each.uri) is each
        assert algorithm(each.uri.upper()) is None
        assert meant(each.uri) is None
        assert meant(" " + each.uri.upper() + "\n") is each
        assert meant(full(each.uri)) is each
    assert algorithm(None) is meant(None) is None


MEANT = {
    "http://www.w3.org/2000/09/xmldsig#rsa-sha256": "RSA-SHA256",
    "http://www.w3.org/2000/09/xmldsig#rsa-sha512": "RSA-SHA512",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha1": "RSA-SHA1",
    "https://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "RSA-SHA256",
    "http://w3.org/2001/04/xmldsig-more#rsa-sha256/": "RSA-SHA256",
    "http://www.w3.org/2001/04/xmldsig-more/rsa-sha256": "RSA-SHA256",
    "http://www.w3.org/2001/04/xmldsig-more%2523rsa-sha256": "RSA-SHA256",
    "http://www.w3.org/2001/04/xmlenc#sha256": "RSA-SHA256",
    "http://www.w3.org/2000/09/xmldsig#sha1": "RSA-SHA1",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "RSA-SHA384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-pss-sha256": "RSA-PSS-SHA256",
    "http://www.w3.org/2009/xmldsig11#ecdsa-sha256": "ECDSA-SHA256",
    "RS256": "RSA-SHA256",
    "PS384": "RSA-PSS-SHA384",
    "ES512": "ECDSA-SHA512",
    "HS256": "HMAC-SHA256",
    "SHA256withRSA": "RSA-SHA256",
    "sha1WithRSAEncryption": "RSA-SHA1",
    "SHA256withRSAandMGF1": "RSA-PSS-SHA256",
    "SHA512withECDSA": "ECDSA-SHA512",
    "rsa_sha256": "RSA-SHA256",
    "RSA-SHA2-256": "RSA-SHA256",
    '"sha-256"': "RSA-SHA256",
    "1.2.840.113549.1.1.11": "RSA-SHA256",
    "1.2.840.113549.1.1.5": "RSA-SHA1",
}


@pytest.mark.parametrize("text", MEANT)
def test_a_misspelled_algorithm_is_understood(text):
    assert algorithm(text) is None
    assert meant(text) is algorithm(URIS[MEANT[text]])


@pytest.mark.parametrize(
    "text", ["", "rsa", "http://www.w3.org/2001/04/xmldsig-more", "#", "RSA-OAEP", "ü"]
)
def test_what_could_be_anything_is_not_guessed_at(text):
    assert (algorithm(text), meant(text)) == (None, None)


def test_the_kinds_are_the_schemes_of_the_search():
    assert {each.kind for each in ALGORITHMS} == set(AlgorithmKind)
