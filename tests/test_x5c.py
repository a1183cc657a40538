"""The entries of `x5c`, each made here the way people make it."""

import base64
import json

import msal
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from hypothesis import example, given
from hypothesis import strategies as st

from assertcheck.decoder import decode
from assertcheck.keys.header import MAX_ENTRIES, X5cMistake, chain_order, x5c_entries
from assertcheck.model import Flaw, FlawKind, Role
from tests import build
from tests.build import certificate, der, ec_key, key, pem
from tests.wrong_thumbprints import openssl

CA = certificate("ca", ca=True)
MIDDLE = certificate("middle", ca=True, issuer=CA, issuer_key=key("ca"))
LEAF = certificate("leaf", holder=key(), issuer=MIDDLE, issuer_key=key("middle"))
PKCS8 = (
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
)


def right(cert: x509.Certificate) -> str:
    return base64.b64encode(der(cert)).decode()


def wrapped(cert: x509.Certificate) -> str:
    return base64.encodebytes(der(cert)).decode()


def entries(x5c):
    return x5c_entries(decode(build.compact({"alg": "RS256", "x5c": x5c}, {}, "")).header)


def with_a_dash() -> x509.Certificate:
    """A certificate whose base64 has a character that the two alphabets write differently."""
    return next(
        cert
        for serial in range(1, 100)
        for cert in (certificate("dash", holder=ec_key(), serial=serial),)
        if set("+/") & set(right(cert))
    )


DASHED = with_a_dash()
CSR = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(LEAF.subject)
    .sign(key(), hashes.SHA256())
    .public_bytes(serialization.Encoding.DER)
)


@pytest.mark.parametrize("write", [right, wrapped, lambda cert: right(cert).rstrip("=")])
def test_a_right_entry_is_a_candidate_that_is_never_trusted(write):
    (entry,) = entries([write(LEAF)])

    assert entry.mistakes == ()
    assert entry.candidate
    assert entry.candidate.certificate
    assert entry.candidate.certificate.der == der(LEAF)
    assert (entry.candidate.label, entry.candidate.role) == ("header.x5c[0]", Role.HEADER)


def test_what_msal_sends_has_no_mistake():
    creator = msal.oauth2cli.JwtAssertionCreator(
        key().private_bytes(*PKCS8),
        "RS256",
        sha1_thumbprint="00",
        headers={"x5c": msal.application.extract_certs((pem(LEAF, MIDDLE)).decode())},
    )

    header = decode(creator.create_normal_assertion(build.AUD, build.CLIENT_ID).decode()).header

    assert "\n" in str(header["x5c"]) or "\\n" in repr(header["x5c"])
    assert [entry.mistakes for entry in x5c_entries(header)] == [(), ()]
    assert all(entry.candidate for entry in x5c_entries(header))


READABLE = {
    "PEM": (pem(LEAF).decode(), X5cMistake.PEM),
    "PEM in CRLF": (pem(LEAF).decode().replace("\n", "\r\n"), X5cMistake.PEM),
    "PEM in one line": (pem(LEAF).decode().replace("\n", ""), X5cMistake.PEM),
    "PEM with escaped line ends": (pem(LEAF).decode().replace("\n", "\\n"), X5cMistake.PEM),
    "PEM with a comment in front": ("subject=my app\n" + pem(LEAF).decode(), X5cMistake.PEM),
    "a chain in PEM": (pem(LEAF, MIDDLE, CA).decode(), X5cMistake.PEM),
    "PEM cut short": (pem(LEAF).decode().partition("-----END")[0], X5cMistake.PEM),
    "PEM for OpenSSL": (
        openssl("x509", "-trustout", stdin=pem(LEAF)).decode(),
        X5cMistake.PEM,
    ),
    "base64 of PEM": (base64.b64encode(pem(LEAF)).decode(), X5cMistake.PEM_IN_BASE64),
    "base64url": (base64.urlsafe_b64encode(der(DASHED)).decode(), X5cMistake.BASE64URL),
    "hex": (der(LEAF).hex(), X5cMistake.HEX),
    "capital hex": (der(LEAF).hex().upper(), X5cMistake.HEX),
    "base64 of base64": (
        base64.b64encode(right(LEAF).encode()).decode(),
        X5cMistake.BASE64_TWICE,
    ),
}


@pytest.mark.parametrize("name", READABLE)
def test_a_mistaken_entry_is_read_all_the_same(name):
    text, mistake = READABLE[name]

    (entry,) = entries([text])

    assert entry.mistakes == (mistake,)
    assert entry.candidate
    assert entry.candidate.certificate
    cert = DASHED if mistake is X5cMistake.BASE64URL else LEAF
    assert entry.candidate.certificate.sha1 == cert.fingerprint(hashes.SHA1())


UNREADABLE = {
    "nothing": ("", X5cMistake.EMPTY),
    "white space": (" \n", X5cMistake.EMPTY),
    "a number": (7, X5cMistake.NOT_A_STRING),
    "null": (None, X5cMistake.NOT_A_STRING),
    "an object": ({"kty": "RSA"}, X5cMistake.NOT_A_STRING),
    "words": ("my certificate!", X5cMistake.NOT_BASE64),
    "base64 of words": (base64.b64encode(b"my certificate").decode(), X5cMistake.NOT_A_CERTIFICATE),
    "a thumbprint": (build.x5t(LEAF), X5cMistake.NOT_A_CERTIFICATE),
    "a request": (base64.b64encode(CSR).decode(), X5cMistake.NOT_A_CERTIFICATE),
    "PKCS#7": (
        base64.b64encode(
            openssl(
                "crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", "-outform", "DER", stdin=pem(LEAF)
            )
        ).decode(),
        X5cMistake.NOT_A_CERTIFICATE,
    ),
    "half a certificate": (right(LEAF)[:400], X5cMistake.NOT_A_CERTIFICATE),
    "a public key in PEM": (
        openssl("x509", "-pubkey", "-noout", stdin=pem(LEAF)).decode(),
        X5cMistake.PEM,
    ),
    "broken PEM": (pem(LEAF).decode().replace("M", "!", 1), X5cMistake.PEM),
    "armour alone": ("-----BEGIN CERTIFICATE-----", X5cMistake.PEM),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_entry_without_a_certificate_says_what_it_is(name):
    value, mistake = UNREADABLE[name]

    (entry,) = entries([value])

    assert entry.candidate is None
    assert entry.mistakes == (mistake,)


@pytest.mark.parametrize("value", [right(LEAF), pem(LEAF).decode(), {}, 7, None, True])
def test_what_is_no_array_counts_as_one_entry(value):
    (entry,) = entries(value)

    assert entry.at == "header.x5c"
    assert entry.mistakes[0] is X5cMistake.NOT_AN_ARRAY
    assert bool(entry.candidate) == isinstance(value, str)


def test_a_string_of_pem_has_both_mistakes():
    (entry,) = entries(pem(LEAF).decode())

    assert entry.mistakes == (X5cMistake.NOT_AN_ARRAY, X5cMistake.PEM)


def test_a_header_without_x5c_has_no_entries():
    assert x5c_entries({"alg": "RS256"}) == ()
    assert entries([]) == ()


def test_no_more_than_ten_entries_are_looked_at():
    found = entries([right(LEAF)] * 12)

    assert len(found) == MAX_ENTRIES == 10
    assert found[-1].at == "header.x5c[9]"


PRIVATE_PEM = key().private_bytes(*PKCS8)
PRIVATE_DER = key().private_bytes(serialization.Encoding.DER, *PKCS8[1:])


@pytest.mark.parametrize(
    ("text", "has_certificate"),
    [
        (PRIVATE_PEM.decode(), False),
        ((PRIVATE_PEM + pem(LEAF)).decode(), True),
        (base64.b64encode(PRIVATE_PEM + pem(LEAF)).decode(), False),
        (base64.b64encode(PRIVATE_DER).decode(), False),
    ],
)
def test_a_private_key_is_known_by_what_the_decoder_left_of_it(text, has_certificate):
    header = {"alg": "RS256", "x5c": [text]}
    assertion = decode(build.compact(header, {}, ""))

    (entry,) = x5c_entries(assertion.header)

    assert entry.mistakes == (X5cMistake.PRIVATE_KEY,)
    assert bool(entry.candidate) == has_certificate
    assert assertion.flaws_of(FlawKind.SECRET_INSIDE) == (
        Flaw(kind=FlawKind.SECRET_INSIDE, at="header.x5c[0]", detail="a private key"),
    )
    secret = PRIVATE_PEM.decode().splitlines()[-4]  # the first lines hold the public modulus
    assert secret not in json.dumps(dict(assertion.header))
    assert secret not in repr(entry)


def chain(*certs):
    return [entry.candidate for entry in entries([right(cert) for cert in certs])]


@pytest.mark.parametrize(
    ("given_order", "expected"),
    [
        ((), ()),
        ((LEAF,), (0,)),
        ((LEAF, MIDDLE), (0, 1)),
        ((LEAF, MIDDLE, CA), (0, 1, 2)),
        ((CA, MIDDLE, LEAF), (2, 1, 0)),
        ((MIDDLE, LEAF), (1, 0)),
        ((LEAF, CA, MIDDLE), (0, 2, 1)),
        # What does not belong together stays as it is.
        ((LEAF, DASHED), (0, 1)),
        ((DASHED, LEAF), (0, 1)),
        ((LEAF, DASHED, MIDDLE), (0, 2, 1)),
        # The same one twice.
        ((LEAF, LEAF), (0, 1)),
    ],
)
def test_the_leaf_comes_first_and_its_issuer_next(given_order, expected):
    candidates = chain(*given_order)

    assert chain_order(candidates) == tuple(candidates[index] for index in expected)


def test_certificates_that_issued_each_other_stay_as_they_are():
    first = certificate(
        "first", ca=True, issuer=certificate("second"), issuer_key=key("ca"), holder=key()
    )
    second = certificate("second", ca=True, issuer=first, issuer_key=key("ca"), holder=key())
    candidates = chain(first, second)

    assert chain_order(candidates) == tuple(candidates)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(st.characters(exclude_categories=())),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
        max_leaves=5,
    )
)
@example("-----BEGIN CERTIFICATE-----")
@example([["MII"]])
def test_no_value_is_too_much_for_it(value):
    for entry in x5c_entries({"x5c": value}):
        assert entry.mistakes or entry.candidate


@given(st.data())
def test_no_mangled_certificate_is_too_much_for_it(data):
    octets = bytearray(der(LEAF))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))

    (entry,) = x5c_entries({"x5c": [base64.b64encode(octets).decode()]})

    assert entry.mistakes or entry.candidate
