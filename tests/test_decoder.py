"""Taking apart: nothing makes it raise, every deviation is said, and no secret comes through."""

import base64
import hashlib
import json
import math
import re
import subprocess
import time
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from hypothesis import example, given
from hypothesis import strategies as st

from assertcheck.decoder import MAX_DEPTH, base64url, decode, from_base64
from assertcheck.model import FlawKind
from assertcheck.redaction import redact, shortened
from tests import seeded
from tests.build import b64url, certificate, claims, compact, der, ec_key, header, key, pem, token

K = FlawKind
HEADER = {"alg": "RS256", "typ": "JWT"}
CLAIMS = {"aud": "https://login.example/", "exp": 1}
SIGNATURE = b64url(bytes(range(256)))


def segment(text):
    """A segment of JSON text, as octets or not."""
    return b64url(text if isinstance(text, bytes) else text.encode())


def with_claims(text):
    """An assertion whose payload is `text`, JSON or not."""
    return compact(HEADER, segment(text), SIGNATURE)


def with_header(text):
    return compact(segment(text), CLAIMS, SIGNATURE)


def flaws(text):
    return {(flaw.kind, flaw.at, flaw.detail) for flaw in decode(text).flaws}


# What comes out


def test_a_whole_assertion_comes_apart_without_a_flaw():
    assertion = token()
    first, second, third = assertion.split(".")

    decoded = decode(assertion)

    assert decoded.flaws == ()
    assert decoded.header == header()
    assert decoded.claims == claims()
    assert decoded.text == assertion
    assert decoded.segments == (first, second, third)
    assert decoded.header_octets == base64.urlsafe_b64decode(first + "==")
    assert decoded.payload_octets == base64.urlsafe_b64decode(second + "==")
    assert decoded.signature == base64.urlsafe_b64decode(third + "==")
    assert decoded.signing_input == f"{first}.{second}".encode()
    assert decoded.fingerprint == "sha256:" + hashlib.sha256(assertion.encode()).hexdigest()


def test_the_signing_input_is_what_was_received_and_not_what_was_meant():
    first, second, third = token().split(".")

    decoded = decode(f"{first}==.{second}=.{third}")

    assert decoded.signing_input == f"{first}==.{second}=".encode()


def test_an_encrypted_token_has_a_header_and_nothing_else():
    decoded = decode(compact({"alg": "RSA-OAEP", "enc": "A256GCM"}, "a", "b") + ".c.d")

    assert decoded.header["enc"] == "A256GCM"
    assert (decoded.claims, decoded.payload_octets, decoded.signature) == ({}, None, None)
    assert [flaw.kind for flaw in decoded.flaws] == [K.SEGMENT_COUNT]


def test_flaws_are_found_by_kind_and_by_place():
    decoded = decode(compact(segment("[]"), segment("[]"), ""))

    assert len(decoded.flaws_of(K.NOT_OBJECT)) == 2
    assert [flaw.at for flaw in decoded.flaws_of(K.NOT_OBJECT, at="claims")] == ["claims"]
    assert decoded.flaws_of(K.NOT_JSON) == ()


FIRST, SECOND, _ = compact(HEADER, CLAIMS, "").split(".")
LONG_INTEGER = "9" * 5000
FLAWS = {
    "no dot": (FIRST, {(K.SEGMENT_COUNT, "assertion", "1, parted by dots")}),
    "one dot": (f"{FIRST}.{SECOND}", {(K.SEGMENT_COUNT, "assertion", "2, parted by dots")}),
    "three dots": (f"{FIRST}.{SECOND}..", {(K.SEGMENT_COUNT, "assertion", "4, parted by dots")}),
    "two dots": (f"{FIRST}.{SECOND}.", set()),
    "nothing at all": (
        "",
        {
            (K.SEGMENT_COUNT, "assertion", "1, parted by dots"),
            (K.NOT_JSON, "header", "nothing there"),
        },
    ),
    "two dots alone": (
        "..",
        {
            (K.NOT_JSON, "header", "nothing there"),
            (K.EMPTY_OBJECT, "claims", "nothing there"),
        },
    ),
    "padding in each segment": (
        compact(segment('{"a":1}') + "=", segment('{"a":12}') + "==", "AA=="),
        {
            (K.PADDING, "header", "ends in ="),
            (K.PADDING, "claims", "ends in =="),
            (K.PADDING, "signature", "ends in =="),
        },
    ),
    "a row of padding": (f"{FIRST}.{SECOND}.AA======", {(K.PADDING, "signature", "ends in ====")}),
    "padding inside": (
        f"{FIRST}.{SECOND}.AA==AA",
        {(K.NOT_BASE64URL, "signature", "holds U+003D")},
    ),
    "the standard alphabet": (
        f"{FIRST}.{SECOND}.ab+/",
        {(K.STANDARD_ALPHABET, "signature", "holds + and /")},
    ),
    "only a plus": (f"{FIRST}.{SECOND}.ab+A", {(K.STANDARD_ALPHABET, "signature", "holds +")}),
    "the URL alphabet": (f"{FIRST}.{SECOND}.ab-_", set()),
    "characters of no alphabet": (
        f"{FIRST}.{SECOND}.a\u200eb c+%*!\ud800",
        {(K.NOT_BASE64URL, "signature", "holds U+0020, U+0021, U+0025, U+002A")},
    ),
    "a length nothing encodes to": (
        f"{FIRST}.{SECOND}.abcde",
        {(K.NOT_BASE64URL, "signature", "5 characters; no octets encode to that length")},
    ),
    "a header that is no base64": (
        f"{{}}.{SECOND}.",
        {(K.NOT_BASE64URL, "header", "holds U+007B, U+007D")},
    ),
    "Latin-1": (
        with_claims(b'{"a":"\xe9"}'),
        {(K.NOT_UTF8, "claims", "octet E9 at 6, reads as latin-1")},
    ),
    "UTF-8": (with_claims('{"a":"é"}'), set()),
    "UTF-16 with its mark": (
        with_claims('{"a":"é"}'.encode("utf-16")),
        {(K.NOT_UTF8, "claims", "octet FF at 0, reads as utf-16")},
    ),
    "UTF-16 as .NET encodes it": (
        with_claims('{"a":"é"}'.encode("utf-16-le")),
        {(K.NOT_UTF8, "claims", "octet 00 at 1, reads as utf-16-le")},
    ),
    "UTF-16, the other way round": (
        with_claims('{"a":"é"}'.encode("utf-16-be")),
        {(K.NOT_UTF8, "claims", "octet 00 at 0, reads as utf-16-be")},
    ),
    "half a UTF-16 character": (
        with_claims('{"a":1}'.encode("utf-16-le") + b"\x00"),
        {
            (K.NOT_UTF8, "claims", "octet 00 at 1, reads as utf-16-le"),
            (K.NOT_JSON, "claims", "extra data at character 7"),
        },
    ),
    "an overlong UTF-8 sequence": (
        with_claims(b'{"a":"\xc0\xaf"}'),
        {(K.NOT_UTF8, "claims", "octet C0 at 6, reads as latin-1")},
    ),
    "a byte order mark": (
        with_claims(b'\xef\xbb\xbf{"a":1}'),
        {(K.BOM, "claims", "EF BB BF in front")},
    ),
    "two of them": (
        with_claims(b'\xef\xbb\xbf\xef\xbb\xbf{"a":1}'),
        {
            (K.BOM, "claims", "EF BB BF in front"),
            (K.NOT_JSON, "claims", "unexpected utf-8 bom (decode using utf-8-sig) at character 0"),
        },
    ),
    "a mark inside a string": (with_claims('{"a":"\ufeff"}'), set()),
    "no JSON": (
        with_claims("aud=x"),
        {(K.NOT_JSON, "claims", "expecting value at character 0")},
    ),
    "JSON cut off": (
        with_claims('{"aud":"x"'),
        {(K.NOT_JSON, "claims", "expecting ',' delimiter at character 10")},
    ),
    "a string over two lines": (
        with_claims('{"a":"x\n"}'),
        {(K.NOT_JSON, "claims", "invalid control character at character 7")},
    ),
    "white space around JSON": (with_claims(' {"a" : 1}\r\n'), set()),
    "a NUL behind JSON": (
        with_claims('{"a":1}\0'),
        {(K.NOT_JSON, "claims", "extra data at character 7")},
    ),
    "an array": (with_claims("[1]"), {(K.NOT_OBJECT, "claims", "a JSON array")}),
    "a string": (with_claims('"x"'), {(K.NOT_OBJECT, "claims", "a JSON string")}),
    "a number": (with_claims("1.5"), {(K.NOT_OBJECT, "claims", "a JSON number")}),
    "true": (with_claims("true"), {(K.NOT_OBJECT, "claims", "a JSON boolean")}),
    "null": (with_claims("null"), {(K.NOT_OBJECT, "claims", "a JSON null")}),
    "a header that is an array": (with_header("[]"), {(K.NOT_OBJECT, "header", "a JSON array")}),
    "empty claims": (with_claims("{}"), {(K.EMPTY_OBJECT, "claims", "{}")}),
    "an empty header": (with_header("{}"), {(K.EMPTY_OBJECT, "header", "{}")}),
    "an empty object inside": (with_claims('{"a":{}}'), set()),
    "no payload": (compact(HEADER, "", ""), {(K.EMPTY_OBJECT, "claims", "nothing there")}),
    "a key twice": (with_claims('{"a":1,"b":2,"a":3}'), {(K.DUPLICATE_KEY, "claims", "a")}),
    "a key three times": (with_claims('{"a":1,"a":2,"a":3}'), {(K.DUPLICATE_KEY, "claims", "a")}),
    "a key twice, once escaped": (
        with_header('{"alg":"none","\\u0061lg":"RS256"}'),
        {(K.DUPLICATE_KEY, "header", "alg")},
    ),
    "a key twice, deep inside": (
        with_claims('{"a":[{"b":1,"b":2}]}'),
        {(K.DUPLICATE_KEY, "claims", "b")},
    ),
    "a key in two objects": (with_claims('{"a":{"b":1},"b":{"a":1}}'), set()),
    "a key in two cases": (with_claims('{"a":1,"A":1}'), set()),
    "NaN": (with_claims('{"exp":NaN}'), {(K.NOT_A_NUMBER, "claims", "NaN")}),
    "infinities": (
        with_claims('{"a":Infinity,"b":-Infinity,"c":NaN,"d":NaN}'),
        {
            (K.NOT_A_NUMBER, "claims", "Infinity"),
            (K.NOT_A_NUMBER, "claims", "-Infinity"),
            (K.NOT_A_NUMBER, "claims", "NaN"),
        },
    ),
    "NaN in a string": (with_claims('{"exp":"NaN"}'), set()),
    "1e400": (with_claims('{"exp":1e400}'), {(K.HUGE_NUMBER, "claims", "1e400")}),
    "-1e400": (with_header('{"a":-1e400}'), {(K.HUGE_NUMBER, "header", "-1e400")}),
    "1e308": (with_claims('{"exp":1e308}'), set()),
    "1e-400": (with_claims('{"exp":1e-400}'), set()),
    "400 digits": (with_claims('{"exp":' + "9" * 400 + "}"), set()),
    "401 digits": (
        with_claims('{"exp":' + "9" * 401 + "}"),
        {(K.HUGE_NUMBER, "claims", "401 digits")},
    ),
    "5,000 digits": (
        with_claims('{"exp":' + LONG_INTEGER + "}"),
        {(K.HUGE_NUMBER, "claims", "5000 digits")},
    ),
    "5,000 digits and an exponent": (
        with_claims('{"exp":' + LONG_INTEGER + "e1}"),
        {(K.HUGE_NUMBER, "claims", "9" * 24)},
    ),
    "5,000 digits in a string": (with_claims('{"exp":"' + LONG_INTEGER + '"}'), set()),
    "33 levels": (
        with_claims('{"a":' * MAX_DEPTH + "[1]" + "}" * MAX_DEPTH),
        {(K.TOO_DEEP, "claims", "more than 32 levels")},
    ),
    "32 levels": (with_claims('{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH), set()),
    "100,000 levels": (
        with_claims('{"a":' + "[" * 100_000 + "]" * 100_000 + "}"),
        {(K.TOO_DEEP, "claims", "more than 32 levels")},
    ),
    "100,000 levels without an end": (
        with_header('{"a":' * 100_000),
        {(K.TOO_DEEP, "header", "more than 32 levels")},
    ),
    "a private key inside": (
        with_claims(json.dumps({"k": "-----BEGIN PRIVATE KEY-----\nMIIE"})),
        {(K.SECRET_INSIDE, "claims.k", "a private key")},
    ),
    "a certificate inside": (with_claims(json.dumps({"k": pem(certificate()).decode()})), set()),
}


@pytest.mark.parametrize(("text", "expected"), FLAWS.values(), ids=FLAWS)
def test_every_deviation_is_a_flaw_and_nothing_else_is(text, expected):
    assert flaws(text) == expected


def test_every_kind_of_flaw_has_its_row():
    assert {kind for _, expected in FLAWS.values() for kind, _, _ in expected} == set(FlawKind)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (with_claims(b'{"a":"\xe9"}'), {"a": "é"}),
        (with_claims('{"a":"é"}'.encode("utf-16")), {"a": "é"}),
        (with_claims('{"a":"é"}'.encode("utf-16-le")), {"a": "é"}),
        (with_claims('{"a":"é"}'.encode("utf-16-be")), {"a": "é"}),
        (with_claims(b'\xef\xbb\xbf{"a":"\xc3\xa9"}'), {"a": "é"}),
        (with_claims('{"a":1,"a":2}'), {"a": 2}),
        (with_claims('{"a":"\\ud800"}'), {"a": "\ud800"}),
        (with_claims('{"a":1e400}'), {"a": math.inf}),
        (with_claims('{"a":' + LONG_INTEGER + "}"), {"a": math.inf}),
        (with_claims('{"a":-' + "9" * 399 + "}"), {"a": -(10**399) + 1}),
        (compact(HEADER, segment('{"a":1}') + "===", ""), {"a": 1}),
        (compact(HEADER, base64.b64encode(b'{"a":"?>?>"}').decode(), ""), {"a": "?>?>"}),
        (f"{FIRST}.{segment('{}')[:-1]}", {}),
    ],
)
def test_reading_goes_on_past_a_flaw(text, claim):
    assert decode(text).claims == claim


def test_a_broken_header_does_not_keep_the_claims_from_being_read():
    decoded = decode(compact("!", CLAIMS, SIGNATURE))

    assert decoded.header == {}
    assert decoded.header_octets is None
    assert decoded.claims == CLAIMS


# Whatever is pasted


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
SEGMENTS = (
    st.binary().map(b64url)
    | JSON.map(lambda value: segment(json.dumps(value)))
    | st.text(st.characters(exclude_categories=()))
    | st.text('{}[]",:0123456789eE+-.truefalsnNaIity\\u ').map(lambda text: segment(text))
)


@given(st.text(st.characters(exclude_categories=())))
@example("\ud800.\udfff.\ud800\udc00")
@example(".")
@example("....")
def test_no_text_makes_it_raise(text):
    decoded = decode(text)

    assert ".".join(decoded.segments) == text
    assert isinstance(decoded.header, dict)
    assert isinstance(decoded.claims, dict)
    assert repr(decoded)


@given(st.lists(SEGMENTS, max_size=6))
def test_no_segments_make_it_raise(segments):
    decoded = decode(".".join(segments))

    assert {flaw.at.partition(".")[0].partition("[")[0] for flaw in decoded.flaws} <= {
        "assertion",
        "header",
        "claims",
        "signature",
    }


NAMES = st.text(max_size=8).filter(lambda name: name not in ("kty", "crv", "n"))
"""Names of members that do not make an object a JWK."""


@given(st.dictionaries(NAMES, st.integers() | st.text(max_size=15)))
def test_claims_come_out_as_they_went_in(members):
    assert decode(compact(HEADER, members, SIGNATURE)).claims == members


PATIENCE = 3
"""Seconds: one, with room for a slow machine that measures coverage."""
MEBIBYTE = 1024 * 1024 * 3 // 4 - 1000
LARGE = {
    "one string": '{"a":"' + "A" * MEBIBYTE + '"}',
    "a string of base64": json.dumps({"a": "MIIC" * (MEBIBYTE // 4)}),
    "many strings": json.dumps({"a": ["abcdefghijklmnopqrst"] * 30_000}),
    "100,000 duplicate keys": "{" + ",".join(['"a":1'] * 100_000) + "}",
    "30,000 keys, each twice": "{" + ",".join(f'"k{n}":1,"k{n}":2' for n in range(30_000)) + "}",
    "100,000 times NaN": '{"a":[' + ",".join(["NaN"] * 100_000) + "]}",
    "a long fraction": '{"a":0.' + "1" * MEBIBYTE + "}",
    "a long integer": '{"a":' + "1" * MEBIBYTE + "}",
    "a long exponent": '{"a":1e' + "1" * MEBIBYTE + "}",
    "brackets": "[" * MEBIBYTE,
    "20,000 tokens": json.dumps({f"k{n}": "eyJhbGciOiJub25lIn0.x" for n in range(20_000)}),
    "tokens below a long name": json.dumps({"n" * 300_000: ["eyJhbGciOiJub25lIn0.x"] * 9_000}),
    "the start of a token over and over": json.dumps({"a": "eyJ\u00e9" * 100_000 + "."}),
    "and without a gap": json.dumps({"a": "eyJ" * 250_000}),
    "and with a dot": json.dumps({"a": "eyJ_" * 180_000 + "."}),
    "the start of a key over and over": json.dumps({"a": "-----BEGIN PRIVATE KEY" * 30_000}),
    "the start of a PEM block over and over": json.dumps({"a": "-----BEGIN A " * 50_000}),
    "a JWK's member over and over": json.dumps({"a": '"kty"' + '"d" ' * 80_000}),
    "white space": json.dumps({"a": '"kty" "d"' + " " * MEBIBYTE}),
    "hex": json.dumps({"a": "30" * (MEBIBYTE // 2)}),
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_a_mebibyte_is_taken_apart_at_once(text):
    assertion = with_claims(text)
    started = time.process_time()

    decode(assertion)

    assert time.process_time() - started < PATIENCE


def test_a_hundred_thousand_segments_are_taken_apart_at_once():
    strings = segment(json.dumps([f"abcdefghijklmnopqrst{n}" for n in range(15_000)]))
    assertion = f"{strings}.{strings}." + ".".join(f"{'A' * 16}{n}" for n in range(20_000))
    started = time.process_time()

    decode(assertion)

    assert time.process_time() - started < PATIENCE


def test_base64_of_base64_comes_to_an_end():
    text = "-----BEGIN PRIVATE KEY-----\nMIIE"
    while len(text) < 500_000:
        text = base64.b64encode(text.encode()).decode()

    assert flaws(with_claims(json.dumps({"a": text}))) == {
        (K.SECRET_INSIDE, "claims.a", "a private key")
    }


# Secrets

ENCODING, FORM = serialization.Encoding, serialization.PrivateFormat
OPEN, LOCKED = serialization.NoEncryption(), serialization.BestAvailableEncryption(b"x")
EDWARDS = seeded.ed25519_key()
P521 = seeded.ec_key("app", ec.SECP521R1())


def pfx(lock):
    return pkcs12.serialize_key_and_certificates(b"app", key(), certificate(), None, lock)


def openssl(command, *, octets):
    arguments = ["openssl", *command.split()]
    return subprocess.run(arguments, input=octets, check=True, capture_output=True).stdout


PKCS8 = key().private_bytes(ENCODING.PEM, FORM.PKCS8, OPEN)
PRIVATE_DER = {
    "PKCS#1": key().private_bytes(ENCODING.DER, FORM.TraditionalOpenSSL, OPEN),
    "PKCS#8": key().private_bytes(ENCODING.DER, FORM.PKCS8, OPEN),
    "PKCS#8, locked": key().private_bytes(ENCODING.DER, FORM.PKCS8, LOCKED),
    "PKCS#8, locked the old way": openssl(
        "pkcs8 -topk8 -v1 PBE-SHA1-3DES -passout pass:x -outform DER", octets=PKCS8
    ),
    "EC": ec_key().private_bytes(ENCODING.DER, FORM.TraditionalOpenSSL, OPEN),
    "EC in PKCS#8": ec_key().private_bytes(ENCODING.DER, FORM.PKCS8, OPEN),
    "EC P-521": P521.private_bytes(ENCODING.DER, FORM.TraditionalOpenSSL, OPEN),
    "Ed25519": EDWARDS.private_bytes(ENCODING.DER, FORM.PKCS8, OPEN),
    "PFX": pfx(LOCKED),
    "PFX without a password": pfx(OPEN),
    "PFX in BER": b"\x30\x80" + pfx(OPEN)[4:] + b"\0\0",
    "OpenSSH": base64.b64decode(
        b"".join(ec_key().private_bytes(ENCODING.PEM, FORM.OpenSSH, OPEN).split(b"\n")[1:-2])
    ),
}
PRIVATE_PEM = {
    "PKCS#1": key().private_bytes(ENCODING.PEM, FORM.TraditionalOpenSSL, OPEN),
    "PKCS#1, locked": key().private_bytes(ENCODING.PEM, FORM.TraditionalOpenSSL, LOCKED),
    "PKCS#8": PKCS8,
    "PKCS#8, locked": key().private_bytes(ENCODING.PEM, FORM.PKCS8, LOCKED),
    "EC": ec_key().private_bytes(ENCODING.PEM, FORM.TraditionalOpenSSL, OPEN),
    "OpenSSH": ec_key().private_bytes(ENCODING.PEM, FORM.OpenSSH, OPEN),
    "PGP": PKCS8.replace(b"PRIVATE KEY", b"PGP PRIVATE KEY BLOCK"),
}
DER_WRITTEN: dict[str, Callable[[bytes], str]] = {
    "base64": lambda octets: base64.b64encode(octets).decode(),
    "base64, cut off by one": lambda octets: base64.b64encode(octets).decode().rstrip("=")[:-1],
    "base64, cut off by two": lambda octets: base64.b64encode(octets).decode().rstrip("=")[:-2],
    "base64, cut off by three": lambda octets: base64.b64encode(octets).decode().rstrip("=")[:-3],
    "base64 in lines": lambda octets: base64.encodebytes(octets).decode(),
    "base64 in lines with CRLF": lambda octets: (
        base64.encodebytes(octets).decode().replace("\n", "\r\n")
    ),
    "base64url": b64url,
    "base64url, padded": lambda octets: base64.urlsafe_b64encode(octets).decode(),
    "hex": bytes.hex,
    "upper-case hex": lambda octets: octets.hex().upper(),
    "hex with colons": lambda octets: octets.hex(":"),
    "hex with spaces": lambda octets: octets.hex(" "),
    "hex, cut off": lambda octets: octets.hex()[:-1],
    "base64 of base64": lambda octets: base64.b64encode(base64.b64encode(octets)).decode(),
    "base64 of hex": lambda octets: base64.b64encode(octets.hex().encode()).decode(),
    "a data URI": lambda octets: "data:;base64," + base64.b64encode(octets).decode(),
    "a setting": lambda octets: f"key={b64url(octets)};",
    "with words and line ends": lambda octets: f"the key:\n{base64.encodebytes(octets).decode()}",
}
PEM_WRITTEN: dict[str, Callable[[bytes], str]] = {
    "as it is": bytes.decode,
    "CRLF": lambda octets: octets.decode().replace("\n", "\r\n"),
    "in one line": lambda octets: octets.decode().replace("\n", " "),
    "with escaped line ends": lambda octets: octets.decode().replace("\n", "\\n"),
    "with words around": lambda octets: f"the key is {octets.decode()} and that was it",
    "cut off": lambda octets: octets.decode()[:-40],
    "without its END": lambda octets: octets.decode().partition("-----END")[0],
    "base64": lambda octets: base64.b64encode(octets).decode(),
    "base64, cut off by one": lambda octets: base64.b64encode(octets).decode().rstrip("=")[:-1],
    "base64, cut off by two": lambda octets: base64.b64encode(octets).decode().rstrip("=")[:-2],
    "base64, cut off by three": lambda octets: base64.b64encode(octets).decode().rstrip("=")[:-3],
    "base64url": b64url,
    "hex": bytes.hex,
    "base64 of it with words around": lambda octets: b64url(b"Bag Attributes\n" + octets + b"\n."),
}
WRITTEN_KEYS = {
    f"{name}: {written}": write(octets)
    for keys, ways in ((PRIVATE_DER, DER_WRITTEN), (PRIVATE_PEM, PEM_WRITTEN))
    for name, octets in keys.items()
    for written, write in ways.items()
}


def jwk(*private, **members):
    return {"kty": "RSA", "n": "AQAB" * 8, "e": "AQAB"} | dict.fromkeys(private, SECRET) | members


SECRET = b64url(hashlib.sha256(b"a private exponent, a prime, a symmetric key").digest())
PRIVATE_JWKS = {
    "RSA": jwk("d", "p", "q", "dp", "dq", "qi"),
    "RSA, only the exponent": jwk("d"),
    "several primes": jwk("d", oth=[{"r": SECRET, "d": SECRET, "t": SECRET}]),
    "EC": {"kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB", "d": SECRET},
    "OKP": {"kty": "OKP", "crv": "Ed25519", "x": "AQAB", "d": SECRET},
    "symmetric": {"kty": "oct", "k": SECRET},
}
WITHOUT_KTY = {
    f"{name} without kty": {
        member: value for member, value in PRIVATE_JWKS[name].items() if member != "kty"
    }
    for name in ("RSA", "EC", "OKP")
}
JWK_WRITTEN: dict[str, Callable[[object], str]] = {
    "JSON": json.dumps,
    "indented": lambda value: json.dumps(value, indent=4),
    "JSON in JSON": lambda value: json.dumps({"key": json.dumps(value)}),
    "base64url": lambda value: segment(json.dumps(value)),
    "hex": lambda value: json.dumps(value).encode().hex(),
    "JSON, cut off": lambda value: json.dumps(value)[:-4],
}
WRITTEN_JWKS = {
    f"{name} JWK: {written}": write(value)
    for name, value in PRIVATE_JWKS.items()
    for written, write in JWK_WRITTEN.items()
}

INNER = token(jti="another one")
INNER_SIGNATURE = INNER.rpartition(".")[2]


def spaced(opening):
    """INNER with white space behind the braces."""
    parts = (json.dumps(part).encode().replace(b"{", opening) for part in (HEADER, claims()))
    return ".".join((*map(b64url, parts), INNER_SIGNATURE))


TOKENS = {
    "a token": INNER,
    "a bearer header": f"Bearer {INNER}",
    "a form": f"scope=x&client_assertion={INNER}&client_id=1",
    "something in front of it": f"token:_{INNER}",
    "a word that begins alike": f"KeyJournal.Read-{INNER}",
    "in a sentence": f"the token {INNER}, and that was it",
    "two": f"{INNER} {INNER}",
    "base64 of a token": b64url(INNER.encode()),
    "hex of a token": INNER.encode().hex(),
    "base64 of a form": b64url(f"client_assertion={INNER}".encode()),
    "in lines": "\n".join(INNER[at : at + 64] for at in range(0, len(INNER), 64)),
    "padded": base64.b64encode(b'{"alg":"RS256"}\n').decode() + "." + INNER.split(".", 1)[1],
    "in lines inside": spaced(b"{\n  "),
    "in lines inside, with CRLF": spaced(b"{\r\n "),
    "with a space inside": spaced(b"{ "),
    "with a tab inside": spaced(b"{\t"),
    "an encrypted token": b64url(b'{"alg":"RSA-OAEP"}') + ".." + INNER.split(".", 1)[1] + ".c",
    "JSON that holds one": json.dumps({"access_token": INNER}),
}

PLACES = {
    "a claim": lambda value: compact(HEADER, {"a": value}, SIGNATURE),
    "in arrays and objects": lambda value: compact(
        HEADER, {"a": [1, [{"b": [None, {"c": value}]}]]}, SIGNATURE
    ),
    "a name": lambda value: compact(HEADER, {"a": {value: 1}}, SIGNATURE),
    "a name twice": lambda value: compact(
        HEADER, segment(f"{{{json.dumps(value)}:1,{json.dumps(value)}:2}}"), SIGNATURE
    ),
    "a header parameter": lambda value: compact(HEADER | {"kid": value}, CLAIMS, SIGNATURE),
}


def shown(decoded):
    """All of an assertion that anything downstream may show."""
    return " ".join(
        (
            repr(decoded),
            json.dumps([decoded.header, decoded.claims], ensure_ascii=False),
            *(f"{flaw.at} {flaw.detail}" for flaw in decoded.flaws),
        )
    )


def pieces(secret):
    """Runs of 16 characters of `secret`: enough of it to be sure, too few to guess the rest."""
    return {
        run[at : at + 16]
        for run in re.findall(r"[\w+/=-]{16,}", secret)
        for at in range(0, len(run) - 15, 8)
    }


def leaked(secret, text):
    seen = shown(decode(text))
    return [piece for piece in pieces(secret) if piece in seen]


def taken(text):
    return {flaw.detail for flaw in decode(text).flaws_of(K.SECRET_INSIDE)}


@pytest.mark.parametrize("secret", WRITTEN_KEYS.values(), ids=WRITTEN_KEYS)
def test_a_private_key_is_never_shown(secret):
    for place in PLACES.values():
        text = place(secret)
        # What stands around a PEM block may be shown.
        body = "".join(secret.split("-----")[2:3]) or secret
        assert not leaked(body, text)
        assert taken(text) == {"a private key"}


@pytest.mark.parametrize(
    "value", (PRIVATE_JWKS | WITHOUT_KTY).values(), ids=PRIVATE_JWKS | WITHOUT_KTY
)
def test_the_private_members_of_a_jwk_are_never_shown(value):
    for text in (
        compact(HEADER, {"jwk": value}, SIGNATURE),
        compact(HEADER | {"jwk": value}, CLAIMS, SIGNATURE),
        compact(HEADER, {"keys": [[value]]}, SIGNATURE),
        compact(HEADER, value, SIGNATURE),
    ):
        assert not leaked(SECRET, text)
        assert taken(text) == {"a private key"}
        assert "AQAB" in shown(decode(text)) or "n" not in value


@pytest.mark.parametrize("secret", WRITTEN_JWKS.values(), ids=WRITTEN_JWKS)
def test_the_private_members_of_a_jwk_in_a_string_are_never_shown(secret):
    for place in PLACES.values():
        text = place(secret)
        assert not leaked(SECRET, text)
        assert taken(text) == {"a private key"}


@pytest.mark.parametrize("secret", TOKENS.values(), ids=TOKENS)
def test_a_nested_token_is_never_shown(secret):
    for place in PLACES.values():
        text = place(secret)
        assert not leaked(INNER, text)
        assert taken(text) == {"a token"}


SIGNATURES = {
    "itself": SIGNATURE,
    "in a sentence": f"the signature is {SIGNATURE}!",
    "twice": f"{SIGNATURE}{SIGNATURE}",
    "as base64": base64.b64encode(SIGNATURE.encode()).decode(),
}


@pytest.mark.parametrize("secret", SIGNATURES.values(), ids=SIGNATURES)
def test_the_signature_is_never_shown(secret):
    for place in PLACES.values():
        text = place(secret)
        assert not leaked(SIGNATURE, text)
        assert taken(text) == {"the signature"}


def test_a_signature_is_known_without_its_padding():
    bare = compact(HEADER, {"a": SIGNATURE}, f"{SIGNATURE}==")

    assert not leaked(SIGNATURE, bare)


def test_with_more_segments_the_later_ones_are_signatures_as_well():
    longer = f"{SIGNATURE}AAAA"
    claims = {"a": SIGNATURE, "b": longer, "c": "C" * 20}

    decoded = decode(compact(HEADER, claims, f"{SIGNATURE}.{longer}.x.y.z.{'C' * 20}"))

    assert set(decoded.claims.values()) == {"[redacted: the signature]"}


def test_several_secrets_in_one_text_are_each_named_where_they_stood():
    value = {"a": [f"{SIGNATURE}; {INNER}; {PKCS8.decode()}", "x"], SIGNATURE: INNER}

    decoded = decode(compact(HEADER, value, SIGNATURE))

    assert decoded.claims == {
        "a": [
            "[redacted: the signature]; [redacted: a token]; [redacted: a private key]\n",
            "x",
        ],
        "[redacted: the signature]": "[redacted: a token]",
    }
    assert {(flaw.at, flaw.detail) for flaw in decoded.flaws} == {
        ("claims.a[0]", "the signature"),
        ("claims.a[0]", "a token"),
        ("claims.a[0]", "a private key"),
        ("claims", "the signature"),
        ("claims.[redacted: the signature]", "a token"),
    }


def test_a_long_name_is_cut_short_in_places_and_details():
    name = "n" * 61
    text = with_claims(f'{{"{name}":"{INNER}","{name}":"{INNER}"}}')

    assert flaws(text) == {
        (K.DUPLICATE_KEY, "claims", "n" * 59 + "…"),
        (K.SECRET_INSIDE, "claims." + "n" * 59 + "…", "a token"),
    }
    assert shortened("n" * 60) == "n" * 60


PUBLIC = {
    "a certificate as x5c has it": base64.b64encode(der(certificate())).decode(),
    "a certificate as base64url": b64url(der(certificate())),
    "a certificate as hex": der(certificate()).hex(),
    "a certificate as PEM": pem(certificate()).decode(),
    "base64 of that": b64url(pem(certificate())),
    "an EC certificate": base64.b64encode(der(certificate("ec", holder=ec_key()))).decode(),
    "PKCS#7 certificates": base64.b64encode(
        pkcs7.serialize_certificates([certificate()], ENCODING.DER)
    ).decode(),
    "a signing request": openssl(
        "req -new -subj /CN=x -key /dev/stdin -outform PEM", octets=PKCS8
    ).decode(),
    "an SPKI": base64.b64encode(
        key()
        .public_key()
        .public_bytes(ENCODING.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ).decode(),
    "an EC SPKI": base64.b64encode(
        ec_key()
        .public_key()
        .public_bytes(ENCODING.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ).decode(),
    "a PKCS#1 public key": base64.b64encode(
        key().public_key().public_bytes(ENCODING.DER, serialization.PublicFormat.PKCS1)
    ).decode(),
    "a public key as PEM": key()
    .public_key()
    .public_bytes(ENCODING.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode(),
    "a public JWK": jwk(),
    "a public JWK in a string": json.dumps(jwk()),
    "an EC JWK": {"kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB", "kid": "d"},
    "members that are private in a JWK only": {"d": "x", "p": [1], "q": {}, "k": "AQAB", "n": "x"},
    "JSON with such a member": '{"d":"today","kt":1}',
    "a DER signature": base64.b64encode(
        ec_key().sign(b"x", ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    ).decode(),
    "a signature": b64url(bytes(range(255, 0, -1))),
    "a GUID": "11111111-2222-4333-8444-555555555555",
    "a URL": "https://login.microsoftonline.com/common/oauth2/v2.0/token?a=b&c=d%20e#f",
    "a thumbprint": "84E05C1D98BCE3A5421D225B140B36E86A3D5534",
    "a thumbprint with colons": ":".join(["84"] * 32),
    "a permission": "https://graph.example/KeyJournalEntries.Read.All",
    "a host name": "newkensington.newkirkandpartners.example",
    "a base64 segment without a dot": b64url(b'{"alg":"none"}'),
    "words around it": f"see {b64url(b'{}')}... and eyJ.eyJ.eyJ",
    "the words": "the PRIVATE KEY is not here, nor is -----BEGIN CERTIFICATE-----",
    "zeros": "0" * 64,
    "digits": "1234567890" * 10,
    "a nonce": "0.AXkAp7BGbX_0aUqVb3P2Ofy1zQMAAAAAAAAAwAAAAAAAAAB5AAA.",
    "numbers": [0, -1, 1.5, True, None, 10**30],
    "beyond ASCII": "Grüße aus 東京 🎉",
    "a start of the signature": SIGNATURE[:15],
}


@pytest.mark.parametrize("value", PUBLIC.values(), ids=PUBLIC)
def test_what_is_public_stays_as_it_is(value):
    decoded = decode(compact(HEADER | {"x": value}, {"a": value, "b": [[value]]}, SIGNATURE))

    assert decoded.header == HEADER | {"x": value}
    assert decoded.claims == {"a": value, "b": [[value]]}
    assert decoded.flaws == ()


def test_a_short_signature_is_no_secret_that_could_be_told_from_a_word():
    decoded = decode(compact(HEADER, {"a": "x" * 15}, "x" * 15))

    assert decoded.claims == {"a": "x" * 15}


@given(st.binary(min_size=24).map(b64url) | st.binary(min_size=20).map(bytes.hex))
def test_random_octets_are_no_secret(value):
    assert redact(value, path="claims.a", secrets=()) == (value, ())


def holding(secret):
    """JSON objects in which `secret` stands anywhere, by itself or in a text."""
    around = st.text(max_size=5)
    text = (
        st.just(secret)
        | st.builds(lambda before, after: f"{before}{secret}{after}", around, around)
        | around
    )
    value = st.recursive(
        text | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
        max_leaves=6,
    )
    return st.dictionaries(text, value, max_size=4)


@given(st.data(), st.binary(min_size=12), st.sampled_from(["", "=", "=="]))
def test_neither_signature_nor_assertion_is_ever_shown(data, octets, padding):
    signature = b64url(octets)
    text = compact(
        data.draw(holding(signature)), data.draw(holding(signature)), signature + padding
    )

    seen = shown(decode(text))

    assert signature not in seen
    assert text not in seen


@given(st.text(min_size=16), st.binary(min_size=12))
def test_neither_is_shown_whatever_stands_in_front(front, octets):
    signature = b64url(octets)

    assert signature not in shown(decode(f"{front}.{signature}"))


@given(st.sampled_from(sorted(WRITTEN_KEYS.values())), st.text(max_size=5), st.text(max_size=5))
def test_a_secret_taken_out_leaves_nothing_to_take_out(secret, before, after):
    once, _ = redact({"a": f"{before} {secret} {after}"}, path="claims", secrets=())

    assert redact(once, path="claims", secrets=()) == (once, ())


# base64


@given(st.binary())
def test_either_alphabet_padded_or_not_reads_back(octets):
    standard = base64.b64encode(octets).decode()

    assert from_base64(base64url(octets)) == octets
    assert from_base64(standard) == from_base64(standard.rstrip("=")) == octets
    assert base64url(octets) == b64url(octets)


@pytest.mark.parametrize("text", ["a", "abcde", "ab c", "ab\n", "ab=c", "é", "\ud800", "%3D"])
def test_what_is_no_base64_is_nothing(text):
    assert from_base64(text) is None
