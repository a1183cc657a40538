"""Each wrong way to make a signature has its own explanation, found from what was really made."""

import base64
import hmac
import itertools
import json
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from assertcheck.decoder import decode
from assertcheck.model import Role
from assertcheck.verifier import case
from assertcheck.verifier.autopsy import Mistake, Proof, Scheme, examine
from assertcheck.verifier.rsa_blocks import read_blocks
from assertcheck.verifier.transport import readings
from tests import build, seeded
from tests.wrong_signatures import (
    CLAIMS,
    CLIENT,
    OF_ALGORITHM,
    bare_candidate,
    candidate,
    framed,
    hash_of,
    joined,
    key_file,
    openssl,
    pkcs1,
    pss,
    pss_block,
    raw,
    segments,
    sha256,
    small_key,
    standard,
)

APP = candidate()
OTHER = candidate(build.key("other"), "other.pem", Role.ALSO)
HEAD, BODY, HEAD_JSON, BODY_JSON = segments()
TEXT = f"{HEAD}.{BODY}".encode()
RIGHT = pkcs1(TEXT)


FAR_MISTAKES = (
    Mistake.RESERIALISED,
    Mistake.HEADER_CHANGED,
    Mistake.PAYLOAD_CHANGED,
    Mistake.OTHER_TEXT,
)
"""What is looked for after the rest, and with one hash."""


def explain(token, *candidates, named=APP, thorough=True):
    return examine(decode(token), candidates or (APP,), named=named, thorough=thorough)


@contextmanager
def few_hashes(most=3_000):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(case, "MOST_HASHES", most)
        yield


def steps(autopsy):
    """The mistakes of an autopsy, stage by stage."""
    return tuple(
        None if stage is None else tuple(step.id for step in stage)
        for stage in (autopsy.transport, autopsy.digesting, autopsy.text)
    )


def b64(octets):
    return base64.b64encode(octets)


def url(octets, padded=False):
    text = base64.urlsafe_b64encode(octets)
    return text if padded else text.rstrip(b"=")


# What was signed: each of these differs from the signing input by one step.
TEXTS = {
    "payload alone": (BODY.encode(), Mistake.PAYLOAD_ONLY),
    "header alone": (HEAD.encode(), Mistake.HEADER_ONLY),
    "no dot": ((HEAD + BODY).encode(), Mistake.NO_DOT),
    "colon": (f"{HEAD}:{BODY}".encode(), Mistake.OTHER_SEPARATOR),
    "payload first": (f"{BODY}.{HEAD}".encode(), Mistake.SWAPPED),
    "json": (HEAD_JSON + b"." + BODY_JSON, Mistake.JSON),
    "json payload (RFC 7797)": (HEAD.encode() + b"." + BODY_JSON, Mistake.JSON),
    "standard base64": (b64(HEAD_JSON) + b"." + b64(BODY_JSON), Mistake.STANDARD_BASE64),
    "unpadded standard base64": (
        b64(HEAD_JSON).rstrip(b"=") + b"." + b64(BODY_JSON).rstrip(b"="),
        Mistake.STANDARD_BASE64,
    ),
    "padded base64url": (url(HEAD_JSON, True) + b"." + url(BODY_JSON, True), Mistake.PADDED),
    "hex segments": (f"{HEAD_JSON.hex()}.{BODY_JSON.hex()}".encode(), Mistake.OTHER_ENCODING),
    "base64 in lines": (
        base64.encodebytes(HEAD_JSON) + b"." + base64.encodebytes(BODY_JSON),
        Mistake.OTHER_ENCODING,
    ),
    "bytes in an f-string": (f"{HEAD.encode()}.{BODY.encode()}".encode(), Mistake.OTHER_ENCODING),
    "line feed after": (TEXT + b"\n", Mistake.TRAILING),
    "CRLF after": (TEXT + b"\r\n", Mistake.TRAILING),
    "space after": (TEXT + b" ", Mistake.TRAILING),
    "NUL after": (TEXT + b"\0", Mistake.TRAILING),
    "byte order mark": ("\ufeff".encode() + TEXT, Mistake.LEADING),
    "UTF-16": (TEXT.decode().encode("utf-16-le"), Mistake.UTF16),
    "UTF-16 with a mark": (TEXT.decode().encode("utf-16"), Mistake.UTF16),
    "big-endian UTF-16": (TEXT.decode().encode("utf-16-be"), Mistake.UTF16),
    "quotes": (b'"' + TEXT + b'"', Mistake.OTHER_TEXT),
    "encoded once more": (url(TEXT), Mistake.OTHER_TEXT),
    "hex of it all": (TEXT.hex().encode(), Mistake.OTHER_TEXT),
    "first half": (TEXT[: len(TEXT) // 2], Mistake.OTHER_TEXT),
    "empty stream": (b"", Mistake.NOTHING),
    "undefined": (b"undefined", Mistake.NOTHING),
}


def changed(head=None, body=None):
    """The signing input of other header parameters or claims, in compact JSON."""
    head = HEAD_JSON if head is None else json.dumps(head, separators=(",", ":")).encode()
    body = BODY_JSON if body is None else json.dumps(body, separators=(",", ":")).encode()
    return url(head) + b"." + url(body)


def serialised(**style):
    """The signing input of the same members, written in another style."""
    return b".".join(
        url(json.dumps(json.loads(part), **style).encode()) for part in (HEAD_JSON, BODY_JSON)
    )


PARAMS = json.loads(HEAD_JSON)
POWERSHELL = json.dumps(CLAIMS, indent=4, separators=(",", ":  "), ensure_ascii=False)
TEXTS |= {
    "spaced JSON": (serialised(), Mistake.RESERIALISED),
    "sorted JSON": (serialised(sort_keys=True, separators=(",", ":")), Mistake.RESERIALISED),
    "indented JSON": (serialised(indent=2), Mistake.RESERIALISED),
    "letters not escaped": (
        url(HEAD_JSON)
        + b"."
        + url(json.dumps(CLAIMS, separators=(",", ":"), ensure_ascii=False).encode()),
        Mistake.RESERIALISED,
    ),
    "PHP's slashes": (
        url(HEAD_JSON) + b"." + url(BODY_JSON.replace(b"/", b"\\/")),
        Mistake.RESERIALISED,
    ),
    "PowerShell's claims": (
        url(HEAD_JSON) + b"." + url(POWERSHELL.replace("\n", "\r\n").encode()),
        Mistake.RESERIALISED,
    ),
    "a line feed in the claims": (
        HEAD.encode() + b"." + url(BODY_JSON + b"\n"),
        Mistake.RESERIALISED,
    ),
    "another alg": (changed(PARAMS | {"alg": "PS256"}), Mistake.HEADER_CHANGED),
    "no x5t yet": (
        changed({name: PARAMS[name] for name in ("alg", "typ", "kid")}),
        Mistake.HEADER_CHANGED,
    ),
    "no x5t and no kid yet": (changed({"alg": "RS256", "typ": "JWT"}), Mistake.HEADER_CHANGED),
    "typ before alg": (changed({"typ": "JWT", "alg": "HS256"}), Mistake.HEADER_CHANGED),
    "another typ": (changed(PARAMS | {"typ": "jwt"}), Mistake.HEADER_CHANGED),
    "hex as x5t": (
        changed(PARAMS | {"x5t": APP.certificate.sha1.hex().upper()}),
        Mistake.HEADER_CHANGED,
    ),
    "one character of the header": (changed(PARAMS | {"kid": "appz"}), Mistake.HEADER_CHANGED),
    "no nbf yet": (
        changed(body={name: value for name, value in CLAIMS.items() if name != "nbf"}),
        Mistake.PAYLOAD_CHANGED,
    ),
    "exp moved": (changed(body=CLAIMS | {"exp": CLAIMS["exp"] - 86_400}), Mistake.PAYLOAD_CHANGED),
    "all times moved": (
        changed(body=CLAIMS | {name: CLAIMS[name] - 3_600 for name in ("exp", "nbf", "iat")}),
        Mistake.PAYLOAD_CHANGED,
    ),
    "v1 audience": (
        changed(body=CLAIMS | {"aud": build.AUD.replace("/oauth2/v2.0/", "/oauth2/")}),
        Mistake.PAYLOAD_CHANGED,
    ),
    "common": (
        changed(body=CLAIMS | {"aud": build.AUD.replace(build.TENANT, "common")}),
        Mistake.PAYLOAD_CHANGED,
    ),
    "times as strings": (
        changed(body=CLAIMS | {name: str(CLAIMS[name]) for name in ("exp", "nbf", "iat")}),
        Mistake.PAYLOAD_CHANGED,
    ),
    "another order": (
        changed(body={"jti": CLAIMS["jti"]} | CLAIMS),
        Mistake.PAYLOAD_CHANGED,
    ),
    "one character of a claim": (
        changed(body=CLAIMS | {"sub": "9" + build.CLIENT_ID[1:]}),
        Mistake.PAYLOAD_CHANGED,
    ),
    "one more character in a claim": (
        changed(body=CLAIMS | {"sub": build.CLIENT_ID + "9"}),
        Mistake.PAYLOAD_CHANGED,
    ),
}


@pytest.mark.parametrize(("text", "mistake"), TEXTS.values(), ids=TEXTS)
def test_the_text_that_was_signed_instead_is_named(text, mistake):
    autopsy = explain(joined("RS256", pkcs1(text)))
    assert (autopsy.candidate, autopsy.proof) == (APP, Proof.VERIFIED)
    assert (autopsy.scheme, autopsy.hash_name) == (Scheme.PKCS1, "SHA-256")
    assert steps(autopsy) == ((), (), (mistake,))


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        (BODY_JSON, (Mistake.PAYLOAD_ONLY, Mistake.JSON)),
        (BODY_JSON + b"\n", (Mistake.PAYLOAD_ONLY, Mistake.JSON, Mistake.TRAILING)),
        (HEAD_JSON + BODY_JSON, (Mistake.NO_DOT, Mistake.JSON)),
        (
            b64(HEAD_JSON) + b"." + b64(BODY_JSON) + b"\n",
            (Mistake.STANDARD_BASE64, Mistake.TRAILING),
        ),
        (BODY.encode("utf-16-le"), (Mistake.PAYLOAD_ONLY, Mistake.UTF16)),
        (
            json.dumps(PARAMS).encode() + b"." + json.dumps(CLAIMS).encode(),
            (Mistake.JSON, Mistake.RESERIALISED),
        ),
        (json.dumps(CLAIMS).encode(), (Mistake.PAYLOAD_ONLY, Mistake.JSON, Mistake.RESERIALISED)),
    ],
)
def test_two_steps_away_is_near_enough(text, mistakes):
    autopsy = explain(joined("RS256", pkcs1(text)))
    assert (autopsy.proof, steps(autopsy)) == (Proof.VERIFIED, ((), (), mistakes))


@pytest.mark.parametrize("alg", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
def test_a_right_signature_is_nothing_but_right(alg):
    autopsy = explain(build.token(alg), OTHER, APP)
    assert (autopsy.candidate, autopsy.proof) == (APP, Proof.VERIFIED)
    assert autopsy.scheme is (Scheme.PKCS1 if alg[0] == "R" else Scheme.PSS)
    assert autopsy.hash_name == OF_ALGORITHM[alg[2:]]
    assert steps(autopsy) == ((), (), ())
    assert not autopsy.exhausted


@pytest.mark.parametrize("name", CLIENT)
@pytest.mark.parametrize("alg", ["RS256", "PS384"])
def test_scheme_and_hash_are_read_from_the_signature_not_from_alg(alg, name):
    text = joined(alg, b"").rpartition(".")[0].encode()
    by_pkcs1 = explain(joined(alg, pkcs1(text, name)))
    assert (by_pkcs1.scheme, by_pkcs1.hash_name) == (Scheme.PKCS1, name)
    by_pss = explain(joined(alg, pss(text, name)))
    assert (by_pss.scheme, by_pss.hash_name, by_pss.mgf_hash_name) == (Scheme.PSS, name, name)
    assert by_pss.salt_length == CLIENT[name].digest_size
    assert steps(by_pkcs1) == steps(by_pss) == ((), (), ())
    assert by_pkcs1.proof is by_pss.proof is Proof.VERIFIED


@pytest.mark.parametrize(
    ("name", "mgf", "salt"),
    [
        ("SHA-256", "SHA-256", 0),
        ("SHA-256", "SHA-256", 20),
        ("SHA-256", "SHA-256", 222),  # maximal: what jwt-go 3 and `openssl dgst` make
        ("SHA-512", "SHA-512", 190),
        ("SHA-1", "SHA-1", 20),
        ("SHA-256", "SHA-1", 32),
        ("SHA-256", "SHA-1", 20),
        ("SHA-1", "SHA-256", 32),
        ("SHA-384", "SHA-512", 64),
    ],
)
def test_salt_and_mask_of_pss_are_read(name, mgf, salt):
    text = joined("PS256", b"").rpartition(".")[0].encode()
    autopsy = explain(joined("PS256", pss(text, name, mgf, salt)))
    assert (autopsy.proof, autopsy.scheme) == (Proof.VERIFIED, Scheme.PSS)
    assert (autopsy.hash_name, autopsy.mgf_hash_name, autopsy.salt_length) == (name, mgf, salt)
    assert steps(autopsy) == ((), (), ())


@pytest.mark.parametrize(
    ("signature", "proof", "scheme", "salt"),
    [
        (pkcs1(b"something else"), Proof.PADDING, Scheme.PKCS1, None),
        (pss(b"something else"), Proof.PADDING, Scheme.PSS, 32),
        (pss(b"something else", salt=222 - 8), Proof.PADDING, Scheme.PSS, 214),
        (pss(b"something else", salt=222 - 7), Proof.LIKELY, Scheme.PSS, 215),
        (pss(b"something else", salt=222), Proof.LIKELY, Scheme.PSS, 222),
    ],
)
def test_padding_proves_the_key_where_the_text_is_unknown(signature, proof, scheme, salt):
    with few_hashes():
        autopsy = explain(joined("RS256", signature), OTHER, APP)
    assert (autopsy.candidate, autopsy.proof, autopsy.text) == (APP, proof, None)
    assert (autopsy.scheme, autopsy.hash_name, autopsy.salt_length) == (scheme, "SHA-256", salt)


def info(digest, oid="0609608648016503040201", parameters="0500"):
    """A DigestInfo by hand: SHA-256's identifier unless another is given."""
    identifier = bytes.fromhex(oid + parameters)
    identifier = b"\x30" + bytes([len(identifier)]) + identifier
    body = identifier + b"\x04" + der_length(digest) + digest
    return b"\x30" + der_length(body) + body


def der_length(octets):
    return bytes([len(octets)] if len(octets) < 0x80 else [0x81, len(octets)])


DIGEST = sha256(TEXT)
SHA1 = hash_of("SHA-1", TEXT)
PRINTED = (
    "{}\n",
    "{}  -\n",
    "{}  -",
    "{} *stdin\n",
    "SHA2-256(stdin)= {}\n",
    "SHA2-256(stdin)= {}",
    "(stdin)= {}\n",
    "(stdin)= {}",
)
"""What sha256sum and `openssl dgst` print, to their ends and without the line feed."""
DIGEST_FORMS = {
    "no DigestInfo": (framed(DIGEST), [Mistake.NO_DIGESTINFO], "SHA-256"),
    "no DigestInfo, SHA-1": (framed(SHA1), [Mistake.NO_DIGESTINFO], "SHA-1"),
    "no DigestInfo, SHA3": (
        framed(hash_of("SHA3-256", TEXT)),
        [Mistake.NO_DIGESTINFO],
        "SHA3-256",
    ),
    "bare hex": (
        framed(DIGEST.hex().encode()),
        [Mistake.NO_DIGESTINFO, Mistake.DIGEST_AS_TEXT],
        "SHA-256",
    ),
    "bare base64": (
        framed(b64(DIGEST)),
        [Mistake.NO_DIGESTINFO, Mistake.DIGEST_AS_TEXT],
        "SHA-256",
    ),
    "hex in a DigestInfo": (
        framed(info(DIGEST.hex().upper().encode())),
        [Mistake.DIGEST_AS_TEXT],
        "SHA-256",
    ),
    "long hex in a DigestInfo": (
        framed(info(hash_of("SHA-512", TEXT).hex().encode(), "0609608648016503040203")),
        [Mistake.DIGEST_AS_TEXT],
        "SHA-512",
    ),
    "no NULL": (framed(info(DIGEST, parameters="")), [Mistake.DIGESTINFO_WRONG], "SHA-256"),
    "another hash's identifier": (
        framed(info(hash_of("SHA3-256", TEXT))),
        [Mistake.DIGESTINFO_WRONG],
        "SHA3-256",
    ),
    "identifier of another length": (
        framed(info(SHA1)),
        [Mistake.DIGESTINFO_WRONG],
        "SHA-1",
    ),
    "unknown identifier": (
        framed(info(DIGEST, "06032a0304")),
        [Mistake.DIGESTINFO_WRONG],
        "SHA-256",
    ),
    "DigestInfo twice": (framed(info(info(DIGEST))), [Mistake.DIGESTINFO_WRONG], "SHA-256"),
    "no padding": (raw(DIGEST), [Mistake.NO_PADDING], "SHA-256"),
    "no padding, DigestInfo": (raw(info(DIGEST)), [Mistake.NO_PADDING], "SHA-256"),
    "no padding, hex": (
        raw(DIGEST.hex().encode()),
        [Mistake.NO_PADDING, Mistake.DIGEST_AS_TEXT],
        "SHA-256",
    ),
    "encryption padding": (framed(info(DIGEST), kind=2), [Mistake.ENCRYPTION_PADDING], "SHA-256"),
    "encryption padding, bare": (
        framed(DIGEST, kind=2),
        [Mistake.ENCRYPTION_PADDING, Mistake.NO_DIGESTINFO],
        "SHA-256",
    ),
    "hashed twice": (pkcs1(DIGEST), [Mistake.HASHED_AGAIN], "SHA-256"),
    "hashed twice, hex": (pkcs1(DIGEST.hex().encode()), [Mistake.HASHED_AGAIN], "SHA-256"),
    "hashed twice, base64": (pkcs1(b64(DIGEST)), [Mistake.HASHED_AGAIN], "SHA-256"),
    "SHA-1 hashed again": (pkcs1(SHA1), [Mistake.HASHED_AGAIN], "SHA-256"),
    "DigestInfo hashed": (pkcs1(info(DIGEST)), [Mistake.HASHED_AGAIN], "SHA-256"),
    ".NET's BitConverter hashed": (
        pkcs1(DIGEST.hex("-").upper().encode()),
        [Mistake.HASHED_AGAIN],
        "SHA-256",
    ),
    "SHA-1's DigestInfo before another digest": (
        framed(bytes.fromhex("3021300906052b0e03021a05000414") + DIGEST),
        [Mistake.DIGESTINFO_WRONG] * 2,
        "SHA-256",
    ),
    "no NULL and a wrong length": (
        framed(bytes.fromhex("302f300b060960864801650304020105ff")[:-2] + b"\x04\x1f" + DIGEST),
        [Mistake.DIGESTINFO_WRONG] * 2,
        "SHA-256",
    ),
    **{
        f"signed what a tool prints: {form}": (
            pkcs1(form.format(DIGEST.hex()).encode()),
            [Mistake.HASHED_AGAIN],
            "SHA-256",
        )
        for form in PRINTED
    },
    **{
        f"what a tool prints in place of the digest: {form}": (
            framed(form.format(DIGEST.hex()).encode()),
            [Mistake.NO_DIGESTINFO, Mistake.DIGEST_AS_TEXT],
            "SHA-256",
        )
        for form in PRINTED
    },
    "sha1sum's text hashed": (
        pkcs1(f"{SHA1.hex()}  -\n".encode()),
        [Mistake.HASHED_AGAIN],
        "SHA-256",
    ),
    "sha1sum's text hashed, PSS": (
        pss(f"{SHA1.hex()}  -\n".encode()),
        [Mistake.HASHED_AGAIN],
        "SHA-256",
    ),
    "base64 and a line feed hashed": (
        pkcs1(b64(DIGEST) + b"\n"),
        [Mistake.HASHED_AGAIN],
        "SHA-256",
    ),
    "base64 and a line feed": (
        framed(b64(DIGEST) + b"\n"),
        [Mistake.NO_DIGESTINFO, Mistake.DIGEST_AS_TEXT],
        "SHA-256",
    ),
    "hashed twice, PSS": (pss(DIGEST), [Mistake.HASHED_AGAIN], "SHA-256"),
    "PSS over another hash's digest": (raw(pss_block(SHA1)), [Mistake.HASHES_DIFFER], "SHA-256"),
}


@pytest.mark.parametrize(("signature", "mistakes", "name"), DIGEST_FORMS.values(), ids=DIGEST_FORMS)
def test_what_was_done_to_the_digest_is_named(signature, mistakes, name):
    autopsy = explain(joined("RS256", signature))
    assert (autopsy.candidate, autopsy.proof, autopsy.hash_name) == (APP, Proof.VERIFIED, name)
    assert steps(autopsy) == ((), tuple(mistakes), ())


def test_a_digest_with_leading_zeros_survives_the_lack_of_padding():
    number = next(n for n in range(100_000) if sha256(_numbered(n))[0] == 0)
    claims = CLAIMS | {"jti": str(number)}
    signature = raw(sha256(joined("RS256", b"", claims).rpartition(".")[0].encode()))
    autopsy = explain(joined("RS256", signature, claims))
    assert steps(autopsy) == ((), (Mistake.NO_PADDING,), ())


def _numbered(number):
    return joined("RS256", b"", CLAIMS | {"jti": str(number)}).rpartition(".")[0].encode()


@pytest.mark.parametrize("frame", [framed, raw])
def test_a_text_that_was_not_hashed_at_all_is_recognised(frame):
    autopsy = explain(joined("RS256", frame(HEAD_JSON)))
    assert autopsy.proof is Proof.VERIFIED
    assert autopsy.hash_name is None
    padding_lost = (Mistake.NO_PADDING,) if frame is raw else ()
    assert steps(autopsy) == (
        (),
        (*padding_lost, Mistake.NOT_HASHED),
        (Mistake.HEADER_ONLY, Mistake.JSON),
    )


def test_padding_around_what_is_no_digest_still_proves_the_key():
    with few_hashes():
        autopsy = explain(joined("RS256", framed(b"neither digest nor text")))
    assert (autopsy.candidate, autopsy.proof, autopsy.hash_name) == (APP, Proof.PADDING, None)


def mangled_utf8(octets):
    return octets.decode("utf-8", "replace").encode()


WRITTEN = {
    "hex": (RIGHT.hex(), [Mistake.HEX]),
    "upper-case hex": (RIGHT.hex().upper(), [Mistake.HEX]),
    "base64 of hex": (build.b64url(RIGHT.hex().encode()), [Mistake.HEX]),
    "base64 of hex with colons": (build.b64url(RIGHT.hex(":").encode()), [Mistake.HEX]),
    "base64 twice": (build.b64url(b64(RIGHT)), [Mistake.ENCODED_AGAIN]),
    "base64url twice": (build.b64url(url(RIGHT)), [Mistake.ENCODED_AGAIN]),
    "base64 in lines, twice": (
        build.b64url(base64.encodebytes(RIGHT)),
        [Mistake.ENCODED_AGAIN],
    ),
    "base64 three times": (
        build.b64url(b64(b64(RIGHT))),
        [Mistake.ENCODED_AGAIN, Mistake.ENCODED_AGAIN],
    ),
    "a list of numbers": (
        build.b64url(json.dumps(list(RIGHT)).encode()),
        [Mistake.ENCODED_AGAIN],
    ),
    "Java's signed bytes": (
        build.b64url(str([(o ^ 128) - 128 for o in RIGHT]).encode()),
        [Mistake.ENCODED_AGAIN],
    ),
    "PowerShell's bytes": (
        build.b64url(" ".join(map(str, RIGHT)).encode()),
        [Mistake.ENCODED_AGAIN],
    ),
    "Latin-1 as UTF-8": (
        build.b64url(RIGHT.decode("latin-1").encode()),
        [Mistake.THROUGH_TEXT],
    ),
    "UTF-16 of base64": (
        build.b64url(standard(RIGHT).encode("utf-16-le")),
        [Mistake.THROUGH_TEXT, Mistake.ENCODED_AGAIN],
    ),
    "Python's b''": (build.b64url(str(b64(RIGHT)).encode()), [Mistake.WRAPPED]),
    "PEM armour": (
        build.b64url(b"-----BEGIN SIGNATURE-----\n" + b64(RIGHT) + b"\n-----END SIGNATURE-----\n"),
        [Mistake.WRAPPED],
    ),
    "UrlTokenEncode": (build.b64url(RIGHT) + "2", [Mistake.WRAPPED]),
    "reversed": (build.b64url(RIGHT[::-1]), [Mistake.REVERSED]),
    ".NET's BigInteger": (
        build.b64url(RIGHT[::-1] + b"\0"),
        [Mistake.WRAPPED, Mistake.REVERSED],
    ),
    "Java's BigInteger": (build.b64url(b"\0" + RIGHT), [Mistake.WRAPPED]),
    "a line feed after it": (build.b64url(RIGHT + b"\n"), [Mistake.WRAPPED]),
    "an OCTET STRING": (build.b64url(b"\x04\x82\x01\x00" + RIGHT), [Mistake.WRAPPED]),
    "a BIT STRING in something": (
        build.b64url(b"\x30\x82\x01\x09\x03\x82\x01\x01\0" + RIGHT + b"\x05\0\x05\0"),
        [Mistake.WRAPPED],
    ),
}


@pytest.mark.parametrize(("segment", "mistakes"), WRITTEN.values(), ids=WRITTEN)
def test_how_the_signature_was_written_down_is_named(segment, mistakes):
    autopsy = explain(joined("RS256", segment))
    assert (autopsy.candidate, autopsy.proof) == (APP, Proof.VERIFIED)
    assert autopsy.digesting == autopsy.text == ()
    assert steps(autopsy)[0] == tuple(mistakes)


@pytest.mark.parametrize(
    ("mangle", "mistake"),
    [
        (lambda text: text.replace("+", "%2B").replace("/", "%2f"), Mistake.ENCODED_AGAIN),
        (lambda text: text.replace("+", " "), Mistake.CORRUPTED),
        (lambda text: text.replace("+", "\u2013").replace("/", "_"), Mistake.CORRUPTED),
    ],
)
def test_how_the_signs_of_base64_were_mangled_is_named(mangle, mistake):
    number = next(n for n in range(1_000) if {"+", "/"} <= set(standard(pkcs1(_numbered(n)))))
    segment = mangle(standard(pkcs1(_numbered(number))).rstrip("="))
    autopsy = explain(joined("RS256", segment, CLAIMS | {"jti": str(number)}))
    assert (autopsy.proof, steps(autopsy)) == (Proof.VERIFIED, ((mistake,), (), ()))


def test_a_dropped_leading_zero_is_named():
    number = next(n for n in range(100_000) if pkcs1(_numbered(n))[0] == 0)
    claims = CLAIMS | {"jti": str(number)}
    signature = pkcs1(_numbered(number)).lstrip(b"\0")
    for octets, mistakes in (
        (signature, (Mistake.ZERO_DROPPED,)),
        (signature[::-1], (Mistake.REVERSED, Mistake.ZERO_DROPPED)),
    ):
        autopsy = explain(joined("RS256", octets, claims))
        assert (autopsy.proof, autopsy.candidate) == (Proof.VERIFIED, APP)
        assert steps(autopsy) == (mistakes, (), ())


def test_line_ends_translated_in_a_binary_signature_are_named():
    number = next(n for n in range(100_000) if _has_bare_line_feeds(pkcs1(_numbered(n))))
    claims = CLAIMS | {"jti": str(number)}
    signature = pkcs1(_numbered(number)).replace(b"\n", b"\r\n")
    autopsy = explain(joined("RS256", signature, claims))
    assert (autopsy.proof, steps(autopsy)) == (
        Proof.VERIFIED,
        ((Mistake.THROUGH_TEXT,), (), ()),
    )


def _has_bare_line_feeds(octets):
    return b"\n" in octets and b"\r\n" not in octets


def test_windows_1252_as_utf8_is_named():
    unassigned = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    number = next(n for n in range(100_000) if unassigned.isdisjoint(pkcs1(_numbered(n))))
    claims = CLAIMS | {"jti": str(number)}
    signature = pkcs1(_numbered(number)).decode("cp1252").encode()
    autopsy = explain(joined("RS256", signature, claims))
    assert (autopsy.proof, steps(autopsy)) == (
        Proof.VERIFIED,
        ((Mistake.THROUGH_TEXT,), (), ()),
    )


SEGMENT = build.b64url(RIGHT)


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        (SEGMENT[:100] + SEGMENT[101:], "character "),
        (SEGMENT[:100] + "-A"[SEGMENT[100] == "-"] + SEGMENT[101:], "character 101 "),
        (SEGMENT[:100] + "?" + SEGMENT[101:], "character 101 "),
        (SEGMENT[:100] + "Q" + SEGMENT[100:], "character "),
        (SEGMENT[1:], "character 1 lost"),
        (SEGMENT[2:], "the first two characters lost"),
    ],
)
def test_one_slip_in_the_signature_is_mended(segment, words):
    autopsy = explain(joined("RS256", segment), APP, OTHER)
    assert (autopsy.candidate, autopsy.proof) == (APP, Proof.VERIFIED)
    assert steps(autopsy) == ((Mistake.CORRUPTED,), (), ())
    assert autopsy.transport[0].words.startswith(words)


def test_two_neighbours_swapped_are_mended():
    index = next(n for n in range(50, 300) if SEGMENT[n] != SEGMENT[n + 1])
    swapped = SEGMENT[:index] + SEGMENT[index + 1] + SEGMENT[index] + SEGMENT[index + 2 :]
    autopsy = explain(joined("RS256", swapped))
    assert autopsy.transport[0].words == f"characters {index + 1} and {index + 2} swapped"


def test_a_slip_is_mended_under_pss_and_beside_a_wrong_text():
    text = joined("PS256", b"").rpartition(".")[0].encode()
    segment = build.b64url(pss(text))
    autopsy = explain(joined("PS256", segment[:7] + segment[8:]))
    assert (autopsy.proof, autopsy.scheme) == (Proof.VERIFIED, Scheme.PSS)
    assert steps(autopsy) == ((Mistake.CORRUPTED,), (), ())
    segment = build.b64url(pkcs1(BODY.encode()))
    autopsy = explain(joined("RS256", segment[:7] + segment[8:]))
    assert steps(autopsy) == ((Mistake.CORRUPTED,), (), (Mistake.PAYLOAD_ONLY,))
    segment = build.b64url(pkcs1(b"something else"))
    autopsy = explain(joined("RS256", segment[:7] + segment[8:]))
    assert (autopsy.proof, autopsy.text) == (Proof.PADDING, None)
    assert steps(autopsy)[0] == (Mistake.CORRUPTED,)


def test_the_costly_searches_are_left_out_unless_thorough():
    slipped = joined("RS256", SEGMENT[:7] + SEGMENT[8:])
    assert explain(slipped, thorough=False).verifications < 100
    assert explain(slipped, thorough=False).proof is Proof.NONE
    edited = explain(joined("RS256", pkcs1(TEXTS["exp moved"][0])), thorough=False)
    assert (edited.proof, edited.text) == (Proof.PADDING, None)
    assert edited.hashes < 15_000


def test_only_the_suspect_is_worth_the_costly_search():
    slipped = joined("RS256", build.b64url(pkcs1(TEXT, key=build.key("other")))[:-1])
    for candidates, named, proof in (
        ((APP, OTHER), APP, Proof.NONE),
        ((APP, OTHER), OTHER, Proof.VERIFIED),
        ((OTHER,), None, Proof.VERIFIED),
        ((APP, OTHER), None, Proof.NONE),
        ((OTHER, candidate(build.key("third"), "third.pem", Role.ALSO)), None, Proof.NONE),
    ):
        autopsy = explain(slipped, *candidates, named=named)
        assert autopsy.proof is proof, (candidates, named)


@pytest.mark.parametrize(
    ("segment", "mistake", "words"),
    [
        (
            build.b64url(RIGHT.decode("utf-8", "replace").encode()),
            Mistake.THROUGH_TEXT,
            "octets read as UTF-8 text",
        ),
        (
            build.b64url(bytes(octet if octet < 0x80 else 0x3F for octet in RIGHT)),
            Mistake.THROUGH_TEXT,
            "octets written as ASCII text",
        ),
        (SEGMENT.lower(), Mistake.CORRUPTED, "every letter turned into lower case"),
        (SEGMENT.upper(), Mistake.CORRUPTED, "every letter turned into upper case"),
        (SEGMENT[:200], Mistake.TRUNCATED, "150 octets, where"),
        ("c2lnbmF0dXJl", Mistake.TRUNCATED, "9 octets, where"),
        (build.b64url(b"this is where the signature goes " * 3), Mistake.ENCODED_AGAIN, "text,"),
    ],
)
def test_damage_beyond_repair_is_named_without_a_key(segment, mistake, words):
    autopsy = explain(joined("RS256", segment), thorough=False)
    assert (autopsy.candidate, autopsy.proof, autopsy.text) == (None, Proof.NONE, None)
    assert steps(autopsy)[0] == (mistake,)
    assert autopsy.transport[0].words.startswith(words)


def without(signs, number):
    """A signature in standard base64 with some signs deleted, the first of that many characters."""
    texts = (standard(pkcs1(str(n).encode())).rstrip("=") for n in itertools.count())
    return next(
        text
        for whole in texts
        if len(text := whole.translate({ord(sign): None for sign in signs})) == number
    )


@pytest.mark.parametrize("candidates", [(APP,), ()])
@pytest.mark.parametrize(
    ("segment", "words"),
    [
        (without("+/", 330), "330 of 342 characters and not one +, /, - or _ among them"),
        # No octets encode to a length like this.
        (without("+/", 333), "333 of 342 characters and not one +, /, - or _ among them"),
        (without("+", 338), "338 of 342 characters and not one + among them"),
        (without("+", 335) + "=", "335 of 342 characters and not one + among them"),
        ("Abz7" * 125, "500 of 512 characters and not one +, /, - or _ among them"),
    ],
)
def test_signs_lost_all_through_are_no_truncation(segment, words, candidates):
    autopsy = examine(
        decode(joined("RS256", segment)), candidates, named=None, thorough=bool(candidates)
    )
    assert steps(autopsy) == ((Mistake.CHARACTERS_LOST,), (), None)
    assert autopsy.transport[0].words.startswith(words)


@pytest.mark.parametrize(
    "segment",
    [
        "Abz7" * 75,
        "Abz7" * 75 + "/" * 20,
        "Abz" * 50 + "-" + "Abz7" * 45,
        "Abz" * 50 + "+" + "Abz7" * 45,
        "Abz" * 50 + "/+" + "Abz7" * 45,
        "Abz" * 50 + "_" + "Abz7" * 45,
        "Abz" * 50 + "%" + "Abz7" * 45,
    ],
)
def test_a_signature_with_its_signs_is_truncated(segment):
    assert steps(explain(joined("RS256", segment), thorough=False))[0] == (Mistake.TRUNCATED,)


def test_in_few_characters_the_lack_of_signs_tells_nothing():
    key = bare_candidate(tiny_key(512))
    autopsy = explain(joined("RS256", "Abz7" * 21), key, named=key)
    assert steps(autopsy)[0] == (Mistake.TRUNCATED,)


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256"])
@pytest.mark.parametrize("candidates", [(APP,), ()])
def test_the_der_of_a_stranger_shows_that_it_is_ecdsa(alg, candidates):
    for curve, name in ((ec.SECP256R1(), "SHA-256"), (ec.SECP521R1(), "SHA-512")):
        der = seeded.ec_key(name, curve).sign(
            TEXT, ec.ECDSA(CLIENT[name], deterministic_signing=True)
        )
        autopsy = examine(decode(joined(alg, der)), candidates, named=None, thorough=False)
        assert (autopsy.candidate, autopsy.proof) == (None, Proof.NONE)
        assert (autopsy.scheme, autopsy.hash_name) == (Scheme.ECDSA, None)
        assert steps(autopsy) == ((Mistake.DER,), (), None)


def test_two_small_numbers_are_no_ecdsa_signature():
    autopsy = explain(joined("RS256", bytes.fromhex("3006020101020101")), thorough=False)
    assert (autopsy.scheme, steps(autopsy)[0]) == (None, (Mistake.TRUNCATED,))


@pytest.mark.parametrize("candidates", [(APP,), ()])
@pytest.mark.parametrize(
    ("segment", "mistakes"),
    [
        (lambda octets: octets.hex(), [Mistake.HEX]),
        (lambda octets: build.b64url(octets.hex().encode()), [Mistake.HEX]),
        (lambda octets: build.b64url(b64(octets)), [Mistake.ENCODED_AGAIN]),
        (build.b64url, []),
    ],
)
def test_the_encoding_is_named_even_where_the_key_is_unknown(segment, mistakes, candidates):
    stranger = pkcs1(TEXT, key=build.key("stranger"))
    autopsy = examine(
        decode(joined("RS256", segment(stranger))), candidates, named=None, thorough=False
    )
    assert (autopsy.candidate, autopsy.proof) == (None, Proof.NONE)
    assert steps(autopsy) == (tuple(mistakes), (), None)


@pytest.mark.parametrize("size", [32, 64, 128, 384])
def test_a_signature_of_some_other_key_is_not_called_truncated(size):
    autopsy = explain(joined("RS256", bytes(range(size % 256)) or b"\x80" * size), thorough=False)
    assert steps(autopsy)[0] == ()


def test_another_algorithm_is_not_called_truncated():
    assert steps(explain(joined("EdDSA", b"\x80" * 20), thorough=False))[0] == ()


def by_ecdsa(text, name="SHA-256", holder=None):
    return (holder or build.ec_key()).sign(text, ec.ECDSA(CLIENT[name], deterministic_signing=True))


def side_by_side(der, size=32):
    return b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(der))


EC_KEY = candidate(build.ec_key(), "ec.pem")
P384 = seeded.ec_key("app", ec.SECP384R1())
BRAINPOOL = seeded.ec_key("app", ec.BrainpoolP256R1())
SIGNED = by_ecdsa(TEXT)
R_AND_S = side_by_side(SIGNED)
CURVES = {
    "right": (R_AND_S, ((), (), ()), "SHA-256"),
    "DER": (SIGNED, ((Mistake.DER,), (), ()), "SHA-256"),
    "DER in hex": (SIGNED.hex().encode(), ((Mistake.HEX, Mistake.DER), (), ()), "SHA-256"),
    "s before r": (R_AND_S[32:] + R_AND_S[:32], ((Mistake.HALVES_SWAPPED,), (), ()), "SHA-256"),
    "reversed": (R_AND_S[::-1], ((Mistake.REVERSED,), (), ()), "SHA-256"),
    "both reversed": (
        R_AND_S[31::-1] + R_AND_S[:31:-1],
        ((Mistake.REVERSED,), (), ()),
        "SHA-256",
    ),
    "SHA-512": (side_by_side(by_ecdsa(TEXT, "SHA-512")), ((), (), ()), "SHA-512"),
    "SHA-1": (side_by_side(by_ecdsa(TEXT, "SHA-1")), ((), (), ()), "SHA-1"),
    "payload alone": (
        by_ecdsa(BODY.encode()),
        ((Mistake.DER,), (), (Mistake.PAYLOAD_ONLY,)),
        "SHA-256",
    ),
    "hashed twice": (by_ecdsa(DIGEST), ((Mistake.DER,), (Mistake.HASHED_AGAIN,), ()), "SHA-256"),
}


@pytest.mark.parametrize(("signature", "expected", "name"), CURVES.values(), ids=CURVES)
def test_what_an_ec_key_signed_is_named(signature, expected, name):
    autopsy = explain(joined("RS256", signature), APP, EC_KEY)
    assert (autopsy.candidate, autopsy.proof) == (EC_KEY, Proof.VERIFIED)
    assert (autopsy.scheme, autopsy.hash_name) == (Scheme.ECDSA, name)
    assert steps(autopsy) == expected


@pytest.mark.parametrize("short", [0, 1])
def test_a_leading_zero_dropped_from_r_or_s_is_named(short):
    for holder in (seeded.ec_key(str(n)) for n in itertools.count()):
        octets = side_by_side(by_ecdsa(TEXT, holder=holder))
        halves = (octets[:32], octets[32:])
        if [n for n, half in enumerate(halves) if half[0] == 0] == [short]:
            break
    key = bare_candidate(holder.public_key())
    autopsy = explain(joined("RS256", b"".join(half.lstrip(b"\0") for half in halves)), key)
    assert steps(autopsy) == ((Mistake.ZERO_DROPPED,), (), ())


@pytest.mark.parametrize(
    ("holder", "name"), [(P384, "SHA-384"), (P384, "SHA-256"), (BRAINPOOL, "SHA-256")]
)
def test_other_curves_are_read_too(holder, name):
    key = bare_candidate(holder.public_key())
    autopsy = explain(joined("RS256", by_ecdsa(TEXT, name, holder)), key)
    assert (autopsy.candidate, autopsy.hash_name) == (key, name)
    assert steps(autopsy) == ((Mistake.DER,), (), ())


@pytest.mark.parametrize("holder", [seeded.ed25519_key(), seeded.ed448_key()])
def test_edwards_keys_are_tried(holder):
    key = bare_candidate(holder.public_key())
    for text, mistakes in ((TEXT, ()), (BODY.encode(), (Mistake.PAYLOAD_ONLY,))):
        autopsy = explain(joined("RS256", holder.sign(text)), APP, key)
        assert (autopsy.candidate, autopsy.scheme) == (key, Scheme.EDDSA)
        assert (autopsy.proof, steps(autopsy)) == (Proof.VERIFIED, ((), (), mistakes))
    assert explain(joined("RS256", bytes(57)), key).candidate is None
    assert explain(joined("RS256", b"\x80" * len(holder.sign(b""))), key).candidate is None


PEM = build.pem(build.certificate("app"))
SPKI = (
    build.key()
    .public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
)
PKCS1_DER = (
    build.key()
    .public_key()
    .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
)
OWN_PEM = APP.certificate.text
SECRETS = {
    "the PEM text of app.pem": OWN_PEM,
    "the PEM text of app.pem, the last line end missing": OWN_PEM.rstrip(),
    "the public key's PEM text of app.pem": SPKI,
    "the public key's PEM text of app.pem, the last line end missing": SPKI.rstrip(),
    "the DER octets of app.pem": APP.certificate.der,
    "the public key of app.pem in PKCS#1": PKCS1_DER,
    "the base64 text of app.pem": b64(APP.certificate.der),
    "the SHA-1 thumbprint of app.pem": APP.certificate.sha1,
    "the SHA-1 thumbprint of app.pem as text": APP.certificate.sha1.hex().upper().encode(),
    "the text of header.x5t": PARAMS["x5t"].encode(),
    "the text of claims.iss": build.CLIENT_ID.encode(),
    "the tenant in claims.aud": build.TENANT.encode(),
    "the empty string": b"",
    "the sample secret your-256-bit-secret": b"your-256-bit-secret",
    "jwt.io's sample secret": b"a-string-secret-at-least-256-bits-long",
}


@pytest.mark.parametrize(("words", "secret"), SECRETS.items(), ids=SECRETS)
def test_an_hmac_with_something_public_is_named(words, secret):
    autopsy = explain(joined("RS256", hmac.digest(secret, TEXT, "sha256")))
    assert (autopsy.candidate, autopsy.proof) == (None, Proof.VERIFIED)
    assert (autopsy.scheme, autopsy.hash_name) == (Scheme.HMAC, "SHA-256")
    # x5t stands in the header too, so the first of two names for it will do.
    assert autopsy.hmac_key is not None
    assert autopsy.hmac_key.startswith(words.partition(" as text")[0]) or "x5t" in words
    assert steps(autopsy) == ((), (), ())


@pytest.mark.parametrize(
    ("name", "text", "written", "expected"),
    [
        ("SHA-384", TEXT, build.b64url, ((), (), ())),
        ("SHA-512", TEXT, build.b64url, ((), (), ())),
        ("SHA-1", TEXT, build.b64url, ((), (), ())),
        ("SHA-256", TEXT, bytes.hex, ((Mistake.HEX,), (), ())),
        ("SHA-256", BODY.encode(), build.b64url, ((), (), (Mistake.PAYLOAD_ONLY,))),
    ],
)
def test_an_hmac_of_another_kind_is_named(name, text, written, expected):
    mac = hmac.digest(OWN_PEM, text, name.replace("-", ""))
    autopsy = explain(joined("RS256", written(mac)), OTHER, APP)
    assert (autopsy.scheme, autopsy.hash_name) == (Scheme.HMAC, name)
    assert autopsy.hmac_key == "the PEM text of app.pem"
    assert steps(autopsy) == expected


def test_an_hmac_with_a_secret_that_is_one_stays_unknown():
    autopsy = explain(joined("RS256", hmac.digest(b"k" * 32, TEXT, "sha256")), thorough=False)
    assert (autopsy.proof, autopsy.hmac_key, steps(autopsy)) == (Proof.NONE, None, ((), (), None))


def test_an_entry_of_x5c_may_have_keyed_an_hmac():
    entry = standard(OTHER.certificate.der)
    text = joined("RS256", b"", x5c=[entry, 5]).rpartition(".")[0].encode()
    mac = hmac.digest(entry.encode(), text, "sha256")
    assert explain(joined("RS256", mac, x5c=[entry, 5])).hmac_key == "the text of header.x5c"


@pytest.mark.parametrize(
    ("arguments", "text", "expected"),
    [
        (("dgst", "-sha256", "-sign"), TEXT, (Scheme.PKCS1, "SHA-256", None, (), ())),
        (("dgst", "-sha1", "-sign"), TEXT, (Scheme.PKCS1, "SHA-1", None, (), ())),
        (
            ("dgst", "-sha256", "-sign"),
            BODY_JSON + b"\n",
            (
                Scheme.PKCS1,
                "SHA-256",
                None,
                (),
                (Mistake.PAYLOAD_ONLY, Mistake.JSON, Mistake.TRAILING),
            ),
        ),
        (
            ("dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sign"),
            TEXT,
            (Scheme.PSS, "SHA-256", 222, (), ()),
        ),
        (
            ("pkeyutl", "-sign", "-inkey"),
            DIGEST,
            (Scheme.PKCS1, "SHA-256", None, (Mistake.NO_DIGESTINFO,), ()),
        ),
        (
            ("pkeyutl", "-sign", "-pkeyopt", "digest:sha256", "-inkey"),
            sha256(DIGEST),
            (Scheme.PKCS1, "SHA-256", None, (Mistake.HASHED_AGAIN,), ()),
        ),
    ],
)
def test_what_the_openssl_command_makes_is_read(arguments, text, expected, tmp_path):
    signature = openssl(*arguments, key_file(tmp_path), stdin=text)
    autopsy = explain(joined("RS256", signature))
    assert (autopsy.candidate, autopsy.proof) == (APP, Proof.VERIFIED)
    assert (
        autopsy.scheme,
        autopsy.hash_name,
        autopsy.salt_length,
        autopsy.digesting and steps(autopsy)[1],
        steps(autopsy)[2],
    ) == expected


def test_a_cms_message_in_place_of_a_signature_is_named(tmp_path):
    certificate = tmp_path / "app.pem"
    certificate.write_bytes(OWN_PEM)
    arguments = ("cms", "-sign", "-binary", "-outform", "DER", "-noattr", "-signer", certificate)
    message = openssl(*arguments, "-inkey", key_file(tmp_path), stdin=TEXT)
    autopsy = explain(joined("RS256", message))
    assert (autopsy.candidate, autopsy.proof) == (APP, Proof.VERIFIED)
    assert steps(autopsy) == ((Mistake.WRAPPED,), (), ())
    assert "a CMS message" in autopsy.transport[0].words


def test_the_key_that_signed_is_found_among_all():
    crowd = [candidate(build.key("third"), "third.pem"), OTHER, EC_KEY, APP]
    for signature in (pkcs1(TEXT), pss(TEXT), pkcs1(BODY.encode(), "SHA-1"), RIGHT[::-1]):
        assert explain(joined("RS256", signature), *crowd, named=crowd[0]).candidate == APP


def test_of_two_certificates_with_one_key_the_named_one_is_meant():
    renewed = candidate(build.key(), "renewed.pem")
    for named in (APP, renewed, None):
        autopsy = explain(joined("RS256", RIGHT), APP, renewed, named=named)
        assert autopsy.candidate == (named or APP)
    also = candidate(build.key(), "also.pem", Role.ALSO)
    assert explain(joined("RS256", RIGHT), also, APP, named=None).candidate == APP


def test_no_signature_leaves_nothing_to_say():
    for token in ("", "a.b", "a.b.", build.token().rpartition(".")[0] + ".", "...."):
        autopsy = explain(token)
        assert (autopsy.candidate, autopsy.proof, autopsy.transport) == (None, Proof.NONE, ())


@pytest.mark.parametrize(
    "payload",
    ["", "!!", build.b64url(b"[]"), build.b64url(b"{}"), build.b64url(b"\xff\xfe{"), BODY[:-1]],
)
@pytest.mark.parametrize("head", ["?", HEAD])
def test_a_right_key_is_proved_over_segments_that_are_none(head, payload):
    text = f"{head}.{payload}".encode()
    with few_hashes(30_000):
        autopsy = explain(f"{head}.{payload}.{build.b64url(pkcs1(text + b'~~~'))}")
    assert (autopsy.candidate, autopsy.proof, autopsy.text) == (APP, Proof.PADDING, None)
    autopsy = explain(f"{head}.{payload}.{build.b64url(pkcs1(text))}")
    assert (autopsy.proof, steps(autopsy)) == (Proof.VERIFIED, ((), (), ()))


def test_one_character_of_a_segment_that_a_paste_broke_is_found():
    index = len(BODY) - 20
    for broken in (BODY[:index] + "?" + BODY[index + 1 :], BODY[:index] + BODY[index + 1 :]):
        autopsy = explain(f"{HEAD}.{broken}.{build.b64url(RIGHT)}")
        assert (autopsy.proof, steps(autopsy)) == (
            Proof.VERIFIED,
            ((), (), (Mistake.PAYLOAD_CHANGED,)),
        )
        number = index + (len(broken) == len(BODY))
        assert autopsy.text[0].words.endswith(f" number {number}")


def test_keys_of_odd_sizes_are_read():
    # With 1025 bits the encoded message of PSS is an octet shorter than the signature.
    for bits in (1024, 1025, 1031, 1032):
        holder = small_key(bits)
        key = bare_candidate(holder.public_key())
        for signature in (pkcs1(TEXT, key=holder), pss(TEXT, key=holder)):
            autopsy = explain(joined("RS256", signature), key)
            assert (autopsy.candidate, autopsy.proof) == (key, Proof.VERIFIED)
            assert steps(autopsy) == ((), (), ())


def test_a_signature_that_anyone_can_make_proves_no_key():
    cubed = bare_candidate(rsa.RSAPublicNumbers(3, (1 << 2047) + 111).public_key())
    for signature in (bytes(256), bytes(255) + b"\1", bytes(255) + b"\2", bytes(200) + RIGHT[:56]):
        for key in (APP, cubed):
            autopsy = explain(joined("RS256", signature), key, named=key, thorough=False)
            assert (autopsy.candidate, autopsy.proof) == (None, Proof.NONE)


def test_the_smallest_keys_are_read_too():
    # RFC 8017 §9.1.1, step 3: there is room for no salt at all with most of the hashes.
    for bits, alg in ((512, "PS512"), (512, "RS256"), (528, "PS256")):
        key = bare_candidate(tiny_key(bits))
        autopsy = explain(joined(alg, b"\1" * (bits // 8)), key, named=key)
        assert autopsy.proof is Proof.NONE


def tiny_key(bits):
    """A modulus far smaller than the library would make."""
    return rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) + 111).public_key()


def test_work_is_bounded_for_the_largest_keys():
    crowd = [
        bare_candidate(rsa.RSAPublicNumbers(2**32 - 1, (1 << 16_383) + 2 * n + 1).public_key())
        for n in range(60)
    ]
    autopsy = explain(joined("RS256", b"\1" * 2048), *crowd, named=crowd[0])
    assert autopsy.exhausted
    assert autopsy.verifications <= 20_000 + 24_000


def test_work_is_bounded_for_slow_curves():
    key = bare_candidate(P384.public_key())
    autopsy = explain(joined("RS256", b"\1" * 96), key, named=key)
    assert autopsy.exhausted
    assert autopsy.verifications <= 8_000
    crowd = [bare_candidate(seeded.ed25519_key(str(n)).public_key()) for n in range(20)]
    autopsy = explain(joined("RS256", b"\1" * 64), *crowd, named=crowd[0])
    assert autopsy.exhausted
    assert autopsy.verifications <= 8_000


@pytest.mark.parametrize("size", [10_000, 900_000])
def test_work_is_bounded_for_long_texts(size):
    claims = CLAIMS | {"padding": "x" * size}
    autopsy = explain(joined("RS256", pkcs1(b"something else"), claims))
    assert (autopsy.candidate, autopsy.proof, autopsy.exhausted) == (APP, Proof.PADDING, True)
    autopsy = explain(joined("RS256", hmac.digest(b"?", b"", "sha256"), claims))
    assert (autopsy.candidate, autopsy.exhausted) == (None, size > 10_000)


def test_the_bounds_that_ended_a_search_are_reported():
    autopsy = explain(joined("RS256", pkcs1(b"something else")))
    assert (autopsy.exhausted, autopsy.hashes) == (True, case.MOST_HASHES)
    autopsy = explain(joined("RS256", pkcs1(TEXT, key=build.key("stranger"))))
    assert not autopsy.exhausted
    assert 21_000 < autopsy.verifications < case.MOST_REPAIR_VERIFICATIONS


def test_no_signature_octets_are_in_a_repr():
    for signature in (RIGHT, framed(DIGEST), pss(TEXT), SIGNED):
        shown = repr(explain(joined("RS256", signature), APP, EC_KEY, thorough=False))
        for text in (build.b64url(signature), signature.hex(), repr(signature)[2:-1]):
            assert text[:24] not in shown
    block = b"\0\1" + b"\xff" * 221 + b"\0" + DIGEST
    assert repr(DIGEST)[2:20] not in repr(read_blocks(int.from_bytes(block, "big"), 2048))
    assert repr(RIGHT)[2:20] not in repr(readings(build.b64url(RIGHT)))


CLAIMS_NOW_AND_THEN = {
    "string, number": ({"jti": "17"}, {"jti": 17}),
    "number, string": ({"n": 17}, {"n": "17"}),
    "float, integer": ({"exp": 1773144540.5}, {"exp": 1773144540}),
    "number, float": ({"exp": 1773144540}, {"exp": 1773144540.0}),
    "seconds, milliseconds": ({"exp": 1773144540}, {"exp": 1773144540000}),
    "string, array": ({"aud": "an audience"}, {"aud": ["an audience"]}),
    "lower, upper": ({"iss": "a client"}, {"iss": "A CLIENT"}),
    "audience, exchange": ({"aud": "an audience"}, {"aud": "api://AzureADTokenExchange"}),
    "other claims beside": (
        {"ok": True, "list": [], "none": None, "n": float("inf"), "b": 2**70, "z": 1},
        {"ok": True, "list": [], "none": None, "n": float("inf"), "b": 2**70, "z": "1"},
    ),
    "iss as sub": ({"sub": "one", "iss": "two"}, {"sub": "two", "iss": "two"}),
    "many claims": (
        {f"c{n}": n for n in range(30)},
        {f"c{n}": n for n in range(30) if n != 12},
    ),
    "two claims of many": (
        {f"c{n}": n for n in range(12)},
        {f"c{n}": n for n in range(12) if n not in (2, 9)},
    ),
    "order of many": (
        {f"c{n}": n for n in range(9)},
        {f"c{n}": n for n in (0, 1, 2, 4, 5, 6, 3, 7, 8)},
    ),
    "one time of one": ({"exp": 1773144540}, {"exp": 1773144540 - 86_400 * 3}),
    "exp by lifetime, as MSAL Python writes it": (
        {"iat": 1773144540.123, "exp": 1779999999},
        {"iat": 1773144540.123, "exp": 1773144540.123 + 600},
    ),
    "iat by lifetime": (
        {"exp": 1773144540.123, "iat": 1700000000.9},
        {"exp": 1773144540.123, "iat": 1773144540.123 - 600},
    ),
    "floats moved": (
        {"exp": 1773144540.123, "iat": 1773144540.5},
        {"exp": 1773058140.123, "iat": 1773144540.5},
    ),
    "exp by lifetime": (
        {"iat": 1773144540, "exp": 1779999999},
        {"iat": 1773144540, "exp": 1773144540 + 600},
    ),
}


@pytest.mark.parametrize(("now", "then"), CLAIMS_NOW_AND_THEN.values(), ids=CLAIMS_NOW_AND_THEN)
def test_claims_of_another_type_or_value_are_found(now, then):
    head, _, _ = joined("RS256", b"").split(".")
    signature = pkcs1(head.encode() + b"." + url(json.dumps(then, separators=(",", ":")).encode()))
    with few_hashes(30_000):
        autopsy = explain(joined("RS256", signature, now))
    assert (autopsy.proof, steps(autopsy)) == (
        Proof.VERIFIED,
        ((), (), (Mistake.PAYLOAD_CHANGED,)),
    )


def test_the_name_of_a_claim_that_holds_a_secret_is_not_told():
    secret = (
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"
    )
    head, _, _ = joined("RS256", b"").split(".")
    signature = pkcs1(head.encode() + b"." + url(b'{"a":1}'))
    autopsy = explain(joined("RS256", signature, {"a": 1, secret: 2}))
    assert [step.words for step in autopsy.text] == ["claims with no another member"]
    signature = pkcs1(
        head.encode() + b"." + url(json.dumps({secret: "2"}, separators=(",", ":")).encode())
    )
    autopsy = explain(joined("RS256", signature, {secret: 2}))
    assert "PRIVATE" not in repr(autopsy.text)


def test_long_headers_and_bare_keys_have_their_texts_too():
    params = {"use": "sig", "nonce": "n", "ctx": "c"}
    key = bare_candidate(build.key().public_key())
    text = joined("RS256", b"", **params).rpartition(".")[0]
    for signed, found in (
        (f"{text}\n", (Mistake.TRAILING,)),
        (f"{HEAD}.{BODY}", (Mistake.HEADER_CHANGED,)),
        ("something else", None),
    ):
        with few_hashes(30_000):
            autopsy = explain(joined("RS256", pkcs1(signed.encode()), **params), key)
        assert (autopsy.candidate, steps(autopsy)) == (key, ((), (), found))


def test_json_of_great_depth_is_not_written_anew():
    claims = CLAIMS | {"deep": json.loads("[" * 200 + "]" * 200)}
    with few_hashes(30_000):
        autopsy = explain(joined("RS256", pkcs1(b"something else"), claims))
    assert (autopsy.candidate, autopsy.proof) == (APP, Proof.PADDING)


def test_a_certificate_in_der_keys_an_hmac_too():
    key = replace(APP, certificate=replace(APP.certificate, text=None))
    autopsy = explain(joined("RS256", hmac.digest(OWN_PEM, TEXT, "sha256")), key)
    assert autopsy.hmac_key == "the PEM text of app.pem"


def test_a_short_text_signed_unhashed_is_recognised():
    autopsy = explain(f"e30.e30.{build.b64url(framed(b'e30.e30'))}")
    assert (autopsy.proof, steps(autopsy)) == (Proof.VERIFIED, ((), (Mistake.NOT_HASHED,), ()))


@pytest.mark.parametrize(
    "segment",
    [
        build.b64url(pkcs1(TEXT, key=build.key("stranger")))[:-2],
        build.b64url(pkcs1(TEXT, key=build.key("stranger"))) + "A",
    ],
)
def test_a_slip_in_the_signature_of_a_stranger_is_not_mended(segment):
    autopsy = explain(joined("RS256", segment))
    assert (autopsy.candidate, autopsy.proof) == (None, Proof.NONE)


def test_an_ec_signature_of_a_stranger_stays_unknown():
    stranger = by_ecdsa(TEXT, holder=seeded.ec_key("stranger"))
    autopsy = explain(joined("RS256", side_by_side(stranger)), EC_KEY)
    assert (autopsy.candidate, autopsy.exhausted) == (None, False)


@pytest.mark.parametrize(
    ("segment", "count"),
    [
        ("A" * 70_000, 0),
        (build.b64url(b64(b64(b64(b64(RIGHT))))), 4),
        (build.b64url(b"1, 2, 3, 999, 5, 6, 7, 8, 9"), 1),
        (build.b64url(b"zz" * 20), 2),
    ],
)
def test_readings_are_bounded(segment, count):
    assert len(readings(segment)) == count


@pytest.mark.parametrize(
    "block",
    [
        b"\0\1" + b"\xff" * 7 + b"\0" + b"\x55" * 246,
        b"\0\1" + b"\xff" * 100 + b"\x7f" + b"\xff" * 120 + b"\0" + DIGEST,
        b"\0\2" + b"\xff" * 7 + b"\0" + b"\x55" * 246,
        b"\0\2" + b"\xff" * 50 + b"\0" + b"\x55" * 203,
        b"\x7f" * 256,
        b"\x7f" * 255 + b"\xbc",
        bytes(256),
    ],
)
def test_what_is_no_padding_is_not_read_as_any(block):
    assert read_blocks(int.from_bytes(block, "big"), 2048) == ()


@pytest.mark.parametrize("bits", range(8, 520, 8))
def test_a_modulus_too_small_for_a_hash_holds_no_block(bits):
    assert read_blocks((1 << (bits - 2)) | 0xBC, bits) == ()


@pytest.mark.parametrize(
    "content",
    [b"\x30\x00", b"\x30\x02\x30\x00", b"\x30\x04\x30\x00\x04\x00", b"\x30\x26" + b"\x31" * 38],
)
def test_what_is_no_digestinfo_is_not_read_as_one(content):
    block = b"\0\1" + b"\xff" * (253 - len(content)) + b"\0" + content
    [read] = read_blocks(int.from_bytes(block, "big"), 2048)
    assert [step.id for step in read.steps] == [Mistake.NO_DIGESTINFO]


@given(bits=st.integers(8, 1100), octets=st.binary(max_size=140), tail=st.booleans())
def test_no_number_makes_reading_a_block_raise(bits, octets, tail):
    number = int.from_bytes(octets + b"\xbc" * tail, "big") % (1 << bits)
    for block in read_blocks(number, bits):
        assert block.proof in (Proof.PADDING, Proof.LIKELY)


@given(st.binary(max_size=520), st.sampled_from(["RS256", "PS256", "ES256", "none"]))
def test_no_signature_makes_the_search_raise(signature, alg):
    autopsy = explain(joined(alg, signature), APP, EC_KEY, thorough=False)
    assert autopsy.proof in (Proof.NONE, Proof.LIKELY)


@given(st.text(max_size=200))
def test_no_segment_makes_the_search_raise(segment):
    assert explain(f"{HEAD}.{BODY}.{segment}", thorough=False).candidate is None


@given(st.lists(st.text(), max_size=4).map(".".join))
def test_no_text_makes_the_search_raise(text):
    explain(text, EC_KEY, thorough=False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.text() | st.sampled_from(["alg", "typ", "x5t", "kid", "aud", "iss", "exp", "nbf", "iat"])


@settings(max_examples=30)
@given(head=st.dictionaries(NAMES, JSON), body=st.dictionaries(NAMES, JSON))
def test_no_json_makes_the_search_for_the_text_raise(head, body):
    token = build.compact(head, body, pkcs1(b"something else"))
    with few_hashes():
        assert explain(token).proof is Proof.PADDING


@settings(max_examples=25)
@given(head=st.binary(max_size=60), body=st.binary(max_size=60))
def test_no_octets_make_the_search_for_the_text_raise(head, body):
    token = f"{build.b64url(head)}.{build.b64url(body)}.{build.b64url(pkcs1(b'something else'))}"
    with few_hashes():
        assert explain(token).proof is Proof.PADDING


# The product, made once more and independently: a digest form takes a text and a hash.
FORMS: dict[str, tuple[Callable[[bytes, str], bytes], tuple[Mistake, ...] | None]] = {
    "PKCS #1": (pkcs1, ()),
    "PSS": (pss, ()),
    "PSS, no salt": (lambda text, name: pss(text, name, salt=0), ()),
    "PSS, mask by SHA-1": (lambda text, name: pss(text, name, "SHA-1"), ()),
    "no DigestInfo": (lambda text, name: framed(hash_of(name, text)), (Mistake.NO_DIGESTINFO,)),
    "hex, hashed again": (
        lambda text, name: pkcs1(hash_of(name, text).hex().encode(), name),
        (Mistake.HASHED_AGAIN,),
    ),
    "hashed again, PSS": (
        lambda text, name: pss(hash_of(name, text), name),
        (Mistake.HASHED_AGAIN,),
    ),
    "bare hex": (
        lambda text, name: framed(hash_of(name, text).hex().encode()),
        (Mistake.NO_DIGESTINFO, Mistake.DIGEST_AS_TEXT),
    ),
    "no padding": (lambda text, name: raw(b"\1" + hash_of(name, text)), None),
}
TRANSPORTS: dict[str, tuple[Callable[[bytes], str], tuple[Mistake, ...]]] = {
    "right": (build.b64url, ()),
    "hex": (bytes.hex, (Mistake.HEX,)),
    "base64 of hex": (lambda octets: build.b64url(octets.hex().encode()), (Mistake.HEX,)),
    "twice": (lambda octets: build.b64url(b64(octets)), (Mistake.ENCODED_AGAIN,)),
    "reversed": (lambda octets: build.b64url(octets[::-1]), (Mistake.REVERSED,)),
    "a line feed": (lambda octets: build.b64url(octets + b"\n"), (Mistake.WRAPPED,)),
    "reversed, then hex": (lambda o: o[::-1].hex(), (Mistake.HEX, Mistake.REVERSED)),
}


@settings(max_examples=30)
@given(
    text=st.sampled_from(sorted(TEXTS)),
    form=st.sampled_from(sorted(FORMS)),
    name=st.sampled_from(["SHA-256", "SHA-1", "SHA-384", "SHA-512", "SHA3-256"]),
    transport=st.sampled_from(sorted(TRANSPORTS)),
)
def test_any_point_of_the_product_is_recognised_or_honestly_unknown(text, form, name, transport):
    octets, mistake = TEXTS[text]
    make, digesting = FORMS[form]
    write, transported = TRANSPORTS[transport]
    with few_hashes(15_000):
        autopsy = explain(joined("RS256", write(make(octets, name))))
    assert autopsy.candidate == APP
    assert steps(autopsy)[0] == transported
    if autopsy.proof is Proof.VERIFIED:
        assert steps(autopsy)[1:] == (digesting, (mistake,))
        assert autopsy.hash_name == name
    else:
        assert (autopsy.proof, autopsy.text) == (Proof.PADDING, None)
        assert mistake in FAR_MISTAKES or digesting is None


@settings(max_examples=30)
@given(
    alg=st.sampled_from(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]),
    params=st.dictionaries(st.text(), JSON, max_size=3),
)
def test_a_right_signature_is_never_explained_as_anything_else(alg, params):
    autopsy = explain(build.token(alg, **params), OTHER, APP)
    assert (autopsy.candidate, autopsy.proof) == (APP, Proof.VERIFIED)
    assert steps(autopsy) == ((), (), ())
