"""What a key identifier really is: each wrong way of making one, made here without the program."""

import base64
import json
from dataclasses import replace
from functools import cache
from urllib.parse import quote

import msal
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519, x25519
from hypothesis import example, given
from hypothesis import strategies as st

from assertcheck.decoder import decode
from assertcheck.keys.certificate import key_text, read_certificate
from assertcheck.model import Candidate, Role
from assertcheck.verifier.digests import Thing, digest_table
from assertcheck.verifier.thumbprint import (
    TAKEN,
    Step,
    deciding,
    echoed_x5t,
    entra_thumbprint,
    invisible_characters,
    named_candidates,
    read_identifiers,
    read_value,
    written,
)
from tests import build
from tests.build import NOW, b64url, certificate, der, ec_key, key, pem, x5t, x5t_s256
from tests.wrong_thumbprints import (
    HIDDEN,
    WRITINGS,
    in_pairs,
    issued,
    openssl,
    origins,
    sha1,
    sha256,
    standard,
    upper_hex,
)


def candidate(cert=None, label="cert.pem", role=Role.REGISTERED, text=None) -> Candidate:
    return read_certificate(der(cert or issued()), label=label, role=role, text=text)


OTHERS = (
    candidate(certificate("other", holder=key()), "other.pem"),
    candidate(certificate("ca", ca=True), "ca.pem", Role.ALSO),
)


def read(value, *candidates, at="header.x5t"):
    return read_value(value, at=at, candidates=candidates, table=digest_table(candidates))


def only(reading):
    """The one explanation of a value, in the order of a sentence."""
    match = reading.matches[0]
    return match.candidate.label, match.of.thing, match.of.hash_name, match.steps


@pytest.mark.parametrize("origin", origins(), ids=str)
def test_whatever_was_hashed_is_named(origin):
    octets, thing, hash_name = origins()[origin]

    reading = read(b64url(octets), candidate(), *OTHERS)

    assert only(reading) == ("cert.pem", thing, hash_name, ())
    assert reading.named == ()


@pytest.mark.parametrize("writing", [name for name in WRITINGS if name != "base64url"])
@pytest.mark.parametrize(
    ("digest", "hash_name"), [(sha1, "SHA-1"), (sha256, "SHA-256")], ids=["SHA-1", "SHA-256"]
)
def test_however_it_was_written_is_said(writing, digest, hash_name):
    write, steps = WRITINGS[writing]

    reading = read(write(digest(der(issued()))), candidate(), *OTHERS)

    assert only(reading) == ("cert.pem", Thing.CERTIFICATE, hash_name, steps)
    assert len(reading.matches) == 1
    assert reading.named == ()


@given(
    st.sampled_from(sorted(origins())),
    st.sampled_from(sorted(WRITINGS)),
    st.sampled_from([str, quote, lambda text: text + "\r\n", lambda text: f"'{text}'"]),
)
def test_any_product_of_thing_hash_and_writing_is_recognised(origin, writing, wrap):
    octets, thing, _ = origins()[origin]
    write, _ = WRITINGS[writing]
    value = wrap(write(octets))

    reading = read(value, candidate(), *OTHERS)

    if len(value) > 16_384 or (writing == "decimal" and len(octets) > 64):
        assert not reading.matches
    else:
        assert thing in {match.of.thing for match in reading.matches}
        assert {match.candidate.label for match in reading.matches} == {"cert.pem"} or (
            thing in (Thing.PUBLIC_KEY, Thing.JWK)
        )
    assert reading.named == ()


@given(st.sampled_from(sorted(WRITINGS)), st.binary(min_size=20, max_size=20))
@example("base64url", bytes(20))
def test_a_digest_of_something_else_is_honestly_unknown(writing, octets):
    write, _ = WRITINGS[writing]

    reading = read(write(octets), candidate(), *OTHERS)

    assert reading.matches == ()
    assert reading.named == ()
    assert reading.shape


@given(
    st.sampled_from(
        sorted(WRITINGS.keys() - {"decimal", "with a zero in front", "Latin-1 in UTF-8"})
    ),
    st.sampled_from([sha1, sha256]),
    st.binary(),
)
def test_the_writing_of_a_digest_shows_without_any_certificate(writing, digest, something):
    write, steps = WRITINGS[writing]
    octets = digest(something)

    seems = read(write(octets)).seems

    assert seems
    assert seems.octets == (octets[::-1] if Step.REVERSED in steps else octets)
    assert seems.steps == tuple(step for step in steps if step is not Step.REVERSED)


def test_a_backslash_among_octets_taken_for_characters_is_one_of_them():
    cert = with_digest(lambda digest: b"\x5c" in digest)
    value = b64url(sha1(der(cert)).decode("latin-1").encode())
    assert only(read(value, candidate(cert)))[3] == (Step.LATIN1, Step.TEXT)


def test_a_value_that_begins_with_0x_by_chance_is_left_whole():
    octets = base64.b64decode("0xHOBcHZi846VCHSJbFAs26Go9U=")

    seems = read(f"'{b64url(octets)}'").seems

    assert seems
    assert (seems.octets, seems.steps) == (octets, (Step.QUOTED,))


@given(st.text(st.characters(exclude_categories=())), st.sampled_from(["x5t", "x5t#S256", "kid"]))
@example("=", "x5t")
@example("\ud800", "x5t")
@example("%", "x5t")
@example("0x", "x5t")
@example("b''", "x5t")
@example("9" * 200, "x5t")
@example("-", "kid")
@example("999, 999, 999, 999", "x5t")
@example("MZXW6YTBA", "x5t")
@example("A" * 20_000, "x5t")
def test_no_text_is_too_much_for_it(value, name):
    reading = read(value, candidate(), *OTHERS, at=f"header.{name}")

    assert reading.shape
    assert reading.named == ()
    invisible_characters(value)


RIGHT = {
    "x5t": x5t,
    "x5t#S256": x5t_s256,
}
TAKEN_FORMS = {
    "as the RFC says": lambda octets: b64url(octets),
    "padded": lambda octets: base64.urlsafe_b64encode(octets).decode(),
    "in standard base64": lambda octets: standard(octets).rstrip("="),
    "in standard base64 and padded": standard,
}


@pytest.mark.parametrize("form", TAKEN_FORMS)
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_value_is_the_exact_match_and_nothing_else(name, form):
    digest = sha1 if name == "x5t" else sha256
    mine = candidate()

    reading = read(TAKEN_FORMS[form](digest(der(issued()))), mine, *OTHERS, at=f"header.{name}")

    (match,) = reading.matches
    assert (match.candidate, match.of.thing) == (mine, Thing.CERTIFICATE)
    assert set(match.steps) <= TAKEN
    assert reading.named == (mine,)
    assert written(match.steps) == ""


def test_what_msal_sends_is_an_exact_match():
    fingerprint = openssl("x509", "-fingerprint", "-sha1", "-noout", stdin=pem(issued())).decode()
    creator = msal.oauth2cli.JwtAssertionCreator(
        key().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        "RS256",
        sha1_thumbprint=fingerprint.partition("=")[2].strip().replace(":", ""),
    )
    assertion = decode(creator.create_normal_assertion(build.AUD, build.CLIENT_ID).decode())
    mine = candidate()

    (reading,) = read_identifiers(assertion, [mine, *OTHERS])

    assert reading.value.endswith("=")
    assert reading.named == (mine,)


@pytest.mark.parametrize(
    ("name", "value", "is_named"),
    [
        ("x5t", x5t_s256, False),
        ("x5t#S256", x5t, False),
        ("kid", x5t, True),
        ("kid", lambda cert: sha1(der(cert)).hex().upper(), True),
        ("kid", lambda cert: sha1(der(cert)).hex(), False),
        ("kid", lambda cert: x5t(cert) + "=", False),
        ("kid", x5t_s256, False),
    ],
)
def test_an_identifier_names_a_certificate_only_in_the_form_entra_reads(name, value, is_named):
    mine = candidate()

    reading = read(value(issued()), mine, *OTHERS, at=f"header.{name}")

    assert [match.candidate for match in reading.matches] == [mine]
    assert reading.named == ((mine,) if is_named else ())


@pytest.mark.parametrize("write", [b64url, upper_hex, in_pairs(":"), standard])
@pytest.mark.parametrize("digest", [sha1, sha256])
def test_outside_the_header_hex_names_a_certificate_too(write, digest):
    mine = candidate()

    reading = read(write(digest(der(issued()))), mine, *OTHERS, at="error.thumbprint")

    is_plain = write is not in_pairs and ":" not in reading.value
    assert reading.named == ((mine,) if is_plain else ())


def test_what_an_error_echoes_leads_back_to_what_was_sent():
    digest = sha1(der(issued())).hex().upper()
    sent = decode(build.token(head={"x5t": digest}))
    echoed = entra_thumbprint(sent.header)

    assert echoed == base64.urlsafe_b64decode(digest).hex().upper()
    assert echoed_x5t(echoed or "") == digest
    assert only(read(echoed_x5t(echoed or "") or "", candidate()))[3] == (Step.HEX,)


def test_what_is_no_hex_was_not_echoed():
    assert echoed_x5t("84E05C1D…") is None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        # Microsoft's own example on its certificate-credentials page.
        (
            {"x5t": "hOBcHZi846VCHSJbFAs26Go9VTQ"},
            "84E05C1D98BCE3A5421D225B140B36E86A3D5534",
        ),
        ({"x5t": "hOBcHZi846VCHSJbFAs26Go9VTQ="}, "84E05C1D98BCE3A5421D225B140B36E86A3D5534"),
        ({"x5t": ""}, None),
        ({"x5t": "not base64!"}, None),
        ({"x5t": 7}, None),
        ({"x5t#S256": "hOBcHZi846VCHSJbFAs26Go9VTQ"}, None),
        ({}, None),
    ],
)
def test_entra_prints_x5t_decoded(header, expected):
    assert entra_thumbprint(header) == expected


def test_the_sample_of_microsoft_is_a_sha1_under_the_name_of_sha256():
    header = {"alg": "PS256", "x5t#S256": "gx8tGysyjcRqKjFPnd7RFwvwZI0"}

    (reading,) = read_identifiers(decode(build.compact(header, {}, "")), [])

    assert reading.at == "header.x5t#S256"
    assert reading.shape == "20 octets, the size of a SHA-1"
    assert reading.matches == ()
    assert reading.named == ()
    assert only(read(x5t(issued()), candidate(), *OTHERS, at="header.x5t#S256")) == (
        "cert.pem",
        Thing.CERTIFICATE,
        "SHA-1",
        (),
    )


DIGEST = bytes(range(0x80, 0x94))
DIGEST256 = bytes(range(0x80, 0xA0))
SHAPES = {
    b64url(DIGEST): "20 octets, the size of a SHA-1",
    standard(DIGEST): "20 octets, the size of a SHA-1",
    b64url(DIGEST256): "32 octets, the size of a SHA-256",
    DIGEST.hex(): "30 octets: a SHA-1 in hex",
    DIGEST256.hex(): "48 octets: a SHA-256 in hex",
    b64url(DIGEST.hex().encode()): "40 octets: a SHA-1 in hex, encoded again as text",
    b64url(DIGEST.hex().encode() + b"\n"): (
        "41 octets: a SHA-1 in hex, with white space, encoded again as text"
    ),
    b64url(in_pairs(":")(DIGEST).encode()): (
        "59 octets: a SHA-1 in hex, with colons, encoded again as text"
    ),
    b64url((HIDDEN + DIGEST.hex()).encode()): (
        "43 octets: a SHA-1 in hex, with an invisible character, encoded again as text"
    ),
    b64url(DIGEST256.hex().encode()): "64 octets: a SHA-256 in hex, encoded again as text",
    in_pairs(":")(DIGEST): "a SHA-1 in hex, with colons",
    b64url(bytes(16)): "16 octets, the size of an MD5",
    b64url(bytes(64)): "64 octets, the size of a SHA-512",
    b64url(b"\x84"): "1 octet, as of a hex decoder that stopped at the first odd character",
    b64url(b"\x84\xe0"): "2 octets, as of a hex decoder that stopped at the first odd character",
    b64url(bytes(25)): "25 octets, the size of no thumbprint",
    "": "empty",
    " ": "empty",
    "my signing key!": "no base64 and no hex",
    "A" * 20_001: "no base64 and no hex",
    "A" * 20_000: "15000 octets, the size of no thumbprint",
}


@pytest.mark.parametrize("value", SHAPES, ids=lambda value: value[:70] or "nothing")
def test_with_nothing_to_compare_length_and_alphabet_speak(value):
    reading = read(value)

    assert reading.shape == SHAPES[value]
    assert reading.matches == ()


def worn_down(name):
    """A right value with a small mistake in it, and what it should be called."""
    value = x5t(issued())
    digits = sha1(der(issued())).hex()
    # Two that are one letter in both cases, swapped, are the value in other letter case.
    at = next(at for at in range(26) if value[at].lower() != value[at + 1].lower())
    swap = value[:at] + value[at + 1] + value[at] + value[at + 2 :]
    # Nor is one that is replaced by itself in the other case a mistake of this kind.
    middle = "A" if value[9] not in "Aa" else "B"
    return {
        "one replaced": (value[:9] + middle + value[10:], (Step.ONE_OFF,)),
        "one lost": (value[:9] + value[10:], (Step.ONE_OFF,)),
        "the first lost": (value[1:], (Step.ONE_OFF,)),
        "one too many": (value[:9] + "-" + value[9:], (Step.ONE_OFF,)),
        "two swapped": (swap, (Step.ONE_OFF,)),
        "one digit replaced": (
            digits[:9] + ("0" if digits[9] != "0" else "1") + digits[10:],
            (Step.HEX, Step.ONE_OFF),
        ),
        "one digit lost": (digits[:9] + digits[10:], (Step.HEX, Step.ONE_OFF)),
        "a digit of hex with colons replaced": (
            ":".join(
                (digits[:9] + ("0" if digits[9] != "0" else "1") + digits[10:])[at : at + 2]
                for at in range(0, 40, 2)
            ),
            (Step.HEX, Step.ONE_OFF, Step.COLONS),
        ),
        "a digit of its text replaced": (
            b64url((digits[:9] + ("0" if digits[9] != "0" else "1") + digits[10:]).encode()),
            (Step.HEX, Step.ONE_OFF, Step.TEXT),
        ),
        "in small letters": (value.lower(), (Step.LETTER_CASE,)),
        "in capitals": (value.upper(), (Step.LETTER_CASE,)),
        "half of it": (value[:13], (Step.CUT,)),
        "the other half": (value[13:], (Step.CUT,)),
        "half of its digits": (digits[:20], (Step.HEX, Step.CUT)),
        "ten octets": (b64url(sha1(der(issued()))[:10]), (Step.CUT,)),
        "ten octets, padded": (
            base64.urlsafe_b64encode(sha1(der(issued()))[:10]).decode(),
            (Step.CUT, Step.PADDED),
        ),
        "twice": (value + value, (Step.EXTENDED,)),
        "octets and more": (b64url(sha1(der(issued())) + b"\xff\x07"), (Step.EXTENDED,)),
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "one replaced",
        "one lost",
        "the first lost",
        "one too many",
        "two swapped",
        "one digit replaced",
        "one digit lost",
        "a digit of hex with colons replaced",
        "a digit of its text replaced",
        "in small letters",
        "in capitals",
        "half of it",
        "the other half",
        "half of its digits",
        "ten octets",
        "ten octets, padded",
        "twice",
        "octets and more",
    ],
)
def test_a_worn_down_thumbprint_is_still_recognised(name):
    value, steps = worn_down(name)

    reading = read(value, *OTHERS, candidate())

    assert only(reading) == ("cert.pem", Thing.CERTIFICATE, "SHA-1", steps)
    assert len(reading.matches) == 1
    assert reading.named == ()


def test_a_sha256_shortened_to_the_size_of_a_sha1_is_recognised():
    reading = read(b64url(sha256(der(issued()))[:20]), *OTHERS, candidate())

    assert only(reading) == ("cert.pem", Thing.CERTIFICATE, "SHA-256", (Step.CUT,))


@cache
def with_digest(fits) -> x509.Certificate:
    """A certificate whose SHA-1 is as `fits` wants it."""
    for serial in range(1, 20_000):
        body = certificate("digest", holder=ec_key(), serial=serial)
        if fits(sha1(der(body))):
            return body
    raise AssertionError


def begins_with_zero(digest):
    return digest[0] == 0


def has_a_small_octet(digest):
    return digest[0] > 15 and any(octet < 16 for octet in digest)


@pytest.mark.parametrize(
    ("fits", "write", "steps"),
    [
        (begins_with_zero, lambda digest: b64url(digest.lstrip(b"\0")), (Step.ZEROS,)),
        (
            begins_with_zero,
            lambda digest: format(int.from_bytes(digest, "big"), "x"),
            (Step.HEX, Step.ONE_OFF),
        ),
        (
            has_a_small_octet,
            lambda digest: "".join(format(octet, "X") for octet in digest),
            (Step.HEX, Step.ZEROS),
        ),
    ],
)
def test_zeros_lost_on_the_way_are_missed(fits, write, steps):
    cert = with_digest(fits)

    reading = read(write(sha1(der(cert))), candidate(cert))

    match = reading.matches[0]
    assert match.of.words == "the SHA-1 thumbprint"
    assert Step.ZEROS in match.steps or match.steps == steps


@pytest.mark.parametrize(
    ("value", "steps"),
    [
        (str(0x8A0B0C0D0E0F1011), (Step.DECIMAL,)),
        ("8A:0B:0C:0D:0E:0F:10:11", (Step.HEX, Step.COLONS)),
        ("11100f0e0d0c0b8a", (Step.REVERSED, Step.HEX)),
    ],
)
def test_a_serial_number_is_recognised_as_tools_print_it(value, steps):
    assert only(read(value, candidate())) == ("cert.pem", Thing.SERIAL_NUMBER, None, steps)


@pytest.mark.parametrize(
    ("value", "thing"),
    [
        ("my-app.contoso.example", Thing.SUBJECT),
        (issued().subject.rfc4514_string(), Thing.SUBJECT),
        (pem(issued()).decode(), Thing.CERTIFICATE_TEXT),
    ],
)
def test_text_in_place_of_a_digest_is_recognised(value, thing):
    assert only(read(value, candidate())) == ("cert.pem", thing, None, (Step.PLAIN,))


def test_the_file_is_hashed_as_it_is():
    text = b"-----BEGIN X509 CERTIFICATE-----\n" + b"\n".join(pem(issued()).splitlines()[1:])

    reading = read(b64url(sha1(text)), candidate(text=text))

    assert reading.matches[0].of.of("cert.pem") == (
        "the SHA-1 of the PEM text of cert.pem (as in the file)"
    )


@pytest.mark.parametrize(
    ("public", "members"),
    [
        (ec_key().public_key(), ("crv", "kty", "x", "y")),
        (ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key(), ("crv", "kty", "x")),
        (ed448.Ed448PrivateKey.from_private_bytes(bytes(57)).public_key(), ("crv", "kty", "x")),
    ],
)
def test_the_jwk_thumbprint_of_every_kind_of_key_is_known(public, members):
    names = {"Ed25519": "Ed25519", "Ed448": "Ed448", "EC P-256": "P-256"}
    kind = key_text(public)
    if kind.startswith("EC"):
        point = public.public_numbers()
        coordinates = {name: getattr(point, name).to_bytes(32, "big") for name in ("x", "y")}
    else:
        coordinates = {"x": public.public_bytes_raw()}
    fields = {
        "crv": names[kind],
        "kty": "EC" if kind.startswith("EC") else "OKP",
        **{name: b64url(octets) for name, octets in coordinates.items()},
    }
    assert tuple(fields) == members
    text = json.dumps(fields, separators=(",", ":")).encode()
    bare = Candidate(
        label="key.jwk", role=Role.REGISTERED, key=public, key_text=kind, certificate=None
    )

    assert only(read(b64url(sha256(text)), bare)) == ("key.jwk", Thing.JWK, "SHA-256", ())
    assert read(x5t(issued()), bare).matches == ()


def test_a_key_that_signs_nothing_has_no_jwk_thumbprint_and_does_no_harm():
    public = x25519.X25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    bare = Candidate(
        label="x", role=Role.ALSO, key=public, key_text=key_text(public), certificate=None
    )

    assert Thing.JWK not in {
        origin.thing for entries in digest_table([bare]).values() for _, origin in entries
    }


def test_a_registered_certificate_is_preferred_to_its_like():
    mine, same = candidate(role=Role.HEADER, label="header.x5c[0]"), candidate()

    reading = read(x5t(issued()), mine, same)

    assert [match.candidate.label for match in reading.matches] == ["cert.pem", "header.x5c[0]"]
    assert reading.named == (same, mine)


def test_a_certificate_with_odd_extensions_still_has_a_table():
    odd = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key().public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW.replace(year=NOW.year + 1))
        .add_extension(
            x509.UnrecognizedExtension(x509.oid.ExtensionOID.SUBJECT_KEY_IDENTIFIER, b"\xff"),
            critical=False,
        )
        .add_extension(x509.AuthorityKeyIdentifier(None, None, None), critical=False)
        .sign(key(), hashes.SHA256())
    )

    mine = candidate(odd)
    assert read(x5t(odd), mine).named == (mine,)
    assert read("AQ", mine).matches == (), "a serial number of 1 is no evidence"


def test_the_table_is_bounded_for_each_certificate():
    table = digest_table([candidate(text=pem(issued()))])

    assert 60 < len(table) < 120
    assert len(digest_table([candidate(), *OTHERS])) < 3 * 120


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (HIDDEN + "84E0", ("U+200E",)),
        (b64url(("\u202a84E0" + HIDDEN).encode()), ("U+202A", "U+200E")),
        ("84E0", ()),
        (HIDDEN * 20_000, ()),
    ],
)
def test_invisible_characters_are_named_wherever_they_hide(value, expected):
    assert invisible_characters(value) == expected


def identifiers(**head):
    return read_identifiers(decode(build.compact(head, {}, "")), [candidate(), *OTHERS])


def test_only_text_is_read_as_an_identifier():
    assert identifiers(x5t=1, kid=None) == ()
    assert [each.at for each in identifiers(kid="", x5t="", **{"x5t#S256": ""})] == [
        "header.x5t",
        "header.x5t#S256",
        "header.kid",
    ]


RIGHT_X5T, RIGHT_S256 = x5t(issued()), x5t_s256(issued())
OTHER_X5T = b64url(OTHERS[0].certificate.sha1) if OTHERS[0].certificate else ""


@pytest.mark.parametrize(
    ("head", "labels"),
    [
        ({"x5t": RIGHT_X5T}, ["cert.pem"]),
        ({"x5t": RIGHT_X5T, "x5t#S256": RIGHT_S256}, ["cert.pem"]),
        ({"x5t": RIGHT_X5T, "kid": OTHER_X5T}, ["cert.pem"]),
        ({"x5t": OTHER_X5T, "x5t#S256": RIGHT_S256}, ["other.pem", "cert.pem"]),
        ({"x5t": "", "kid": RIGHT_X5T}, []),
        ({"kid": RIGHT_X5T}, ["cert.pem"]),
        ({"kid": "key-1"}, []),
        ({}, []),
    ],
)
def test_kid_names_a_certificate_only_where_nothing_else_does(head, labels):
    readings = identifiers(**head)

    assert [each.label for each in named_candidates(readings)] == labels
    assert len(deciding(readings)) <= 2


def test_a_cut_that_falls_on_zero_bits_is_padded_all_the_same():
    # Ten octets leave four bits of the last character to zeros; here the eleventh has them too.
    digest = bytes(range(1, 11)) + b"\x01" + bytes(range(12, 21))
    mine = candidate()
    assert mine.certificate is not None
    mine = replace(mine, certificate=replace(mine.certificate, sha1=digest))
    cut = base64.urlsafe_b64encode(digest[:10]).decode()
    assert b64url(digest).startswith(cut.rstrip("="))
    assert only(read(cut, mine))[3] == (Step.CUT, Step.PADDED)
