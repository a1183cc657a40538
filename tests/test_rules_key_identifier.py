"""Each fault of `x5t`, `x5t#S256`, `kid` and `x5c`, from real bytes.

A row is an assertion that is right but for one thing, the keys at hand, and the whole set of what
the rules of the key identifier find. Rows with an empty set are the nearest that pass.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from hypothesis import example, given
from hypothesis import strategies as st

from assertcheck.checker import check
from assertcheck.decoder import decode
from assertcheck.keys.certificate import key_text, read_certificate
from assertcheck.keys.header import x5c_entries
from assertcheck.model import (
    AssertionKind,
    Candidate,
    Confidence,
    EntraCode,
    Expected,
    Finding,
    NotChecked,
    Role,
    Severity,
    Submission,
)
from assertcheck.rules.key_identifier import RULES
from assertcheck.rules.key_mistakes import Mistake
from assertcheck.rules.rule import NOT_FOUND, Context
from assertcheck.verifier.thumbprint import read_identifiers
from assertcheck.verifier.trials import try_candidates
from tests import build
from tests.build import (
    CLIENT_ID,
    DROP,
    NOW,
    b64url,
    certificate,
    der,
    ec_key,
    key,
    pem,
    token,
    x5t,
    x5t_s256,
)
from tests.wrong_thumbprints import WRITINGS, issued, openssl, origins, sha1, sha256

S256 = "x5t#S256"
CA = certificate("ca", ca=True)
ROOT = certificate("root", ca=True)
ISSUING = certificate("ca", ca=True, issuer=ROOT, issuer_key=key("root"))
APP = certificate()
OLD = certificate("old")
RENEWED = certificate("app", end=NOW + timedelta(days=700))
SAME_NAME = certificate("app", holder=key("old"))
LEAF = certificate("leaf", holder=key(), issuer=CA, issuer_key=key("ca"))


def registered(*certs: x509.Certificate, label="cert.pem"):
    return _candidates(certs, Role.REGISTERED, label)


def also(*certs: x509.Certificate, label="old.pem"):
    return _candidates(certs, Role.ALSO, label)


def _candidates(certs, role, label):
    names = [label] if len(certs) == 1 else [f"{label}[{index}]" for index in range(len(certs))]
    return tuple(
        read_certificate(der(cert), label=name, role=role, text=pem(cert))
        for cert, name in zip(certs, names, strict=True)
    )


def bare(holder, label="pub.pem"):
    public = holder.public_key()
    return (
        Candidate(
            label=label,
            role=Role.REGISTERED,
            key=public,
            key_text=key_text(public),
            certificate=None,
        ),
    )


def context(text, *candidates, kind=AssertionKind.CERTIFICATE):
    assertion = decode(text)
    keys = (
        *candidates,
        *(entry.candidate for entry in x5c_entries(assertion.header) if entry.candidate),
    )
    return Context(
        assertion=assertion,
        kind=kind,
        submission=Submission(assertion=text, kind="jwt", removed=()),
        trials=try_candidates(assertion, keys),
        thumbprints=read_identifiers(assertion, keys),
        autopsy=None,
        expected=Expected(),
        now=NOW,
        leeway=timedelta(seconds=300),
        min_days=None,
    )


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    text: str
    keys: tuple[Candidate, ...]
    finds: set[str] = field(default_factory=set)


def row(name, head, *finds, keys=(), holder=None, alg="RS256"):
    text = token(alg, cert=APP, holder=holder or key(), head=head)
    return Row(name=name, text=text, keys=keys, finds=set(finds))


MINE = registered(APP)
DIGEST, DIGEST256 = sha1(der(APP)), sha256(der(APP))
FINGERPRINT = openssl("x509", "-noout", "-fingerprint", "-sha1", stdin=pem(APP)).decode().strip()
COLONS = FINGERPRINT.partition("=")[2]
HEX = COLONS.replace(":", "")
RIGHT, RIGHT256 = x5t(APP), x5t_s256(APP)
SPKI = (
    key()
    .public_key()
    .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
MODULUS = openssl("x509", "-noout", "-modulus", stdin=pem(APP))
KEY_ID = "99999999-aaaa-4000-8000-00000000000b"
EC = certificate("ec", holder=ec_key())
SERIAL = openssl("x509", "-noout", "-serial", stdin=pem(APP)).decode().strip().partition("=")[2]


def register(file):
    return f"`az ad app credential reset --id {CLIENT_ID} --cert @{file} --append`"


ENDED = certificate("ended", end=NOW - timedelta(days=1))


@cache
def with_identifiers() -> x509.Certificate:
    """The app's certificate with the extensions that most have."""
    public = key().public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(APP.subject)
        .issuer_name(CA.subject)
        .public_key(public)
        .serial_number(0x7A0B0C0D0E0F1011)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(key("ca").public_key()),
            critical=False,
        )
        .sign(key("ca"), hashes.SHA256())
    )


EXTENDED = with_identifiers()
SKI = (
    openssl("x509", "-noout", "-ext", "subjectKeyIdentifier", stdin=pem(EXTENDED))
    .decode()
    .split()[-1]
)


def jwk_thumbprint() -> str:
    numbers = key().public_key().public_numbers()
    n = b64url(numbers.n.to_bytes(256, "big"))
    return b64url(sha256(f'{{"e":"AQAB","kty":"RSA","n":"{n}"}}'.encode()))


def thumbprints_with(characters: str) -> x509.Certificate:
    """A certificate whose thumbprints in base64url each have one of `characters`."""
    return next(
        cert
        for serial in range(1, 200)
        for cert in (certificate("dash", holder=key(), serial=serial),)
        if set(characters) & set(x5t(cert)) and set(characters) & set(x5t_s256(cert))
    )


DASHED = thumbprints_with("-_")
PLUS = thumbprints_with("-")


def standard(text: str) -> str:
    return text.replace("-", "+").replace("_", "/")


def entry(cert: x509.Certificate) -> str:
    return base64.b64encode(der(cert)).decode()


FORM = [
    row("right", {}, keys=MINE),
    row("right-ps256", {}, keys=MINE, alg="PS256"),
    row("right-in-both", {S256: RIGHT256}, keys=MINE),
    row("right-beside-a-strange-kid", {"kid": "key-1"}, keys=MINE),
    row("right-beside-a-keyid", {"kid": build.CLIENT_ID}, keys=MINE),
    row("right-beside-a-kid-that-is-no-text", {"kid": 7}, keys=MINE),
    row("padded", {"x5t": RIGHT + "="}, keys=MINE),
    row("no-identifier", {"x5t": DROP}, "no-key-identifier", keys=MINE),
    row("no-identifier-ps256", {S256: DROP}, "no-key-identifier", keys=MINE, alg="PS256"),
    row("no-identifier-no-certificate", {"x5t": DROP}, "no-key-identifier"),
    row(
        "no-identifier-but-x5c",
        {"x5t": DROP, "x5c": ["MII"]},
        "no-key-identifier",
        "x5c-unreadable",
    ),
    row("no-identifier-hs256", {"x5t": DROP, "alg": "HS256"}, keys=MINE),
    row("no-identifier-none", {"x5t": DROP, "alg": "NONE"}, keys=MINE),
    row("no-identifier-no-alg", {"x5t": DROP, "alg": DROP}, "no-key-identifier", keys=MINE),
    row("unknown-es256", {"x5t": x5t(EC)}, keys=MINE, holder=ec_key(), alg="ES256"),
    row(
        "wrong-certificate-es256",
        {"x5t": x5t(EC)},
        keys=(*MINE, *also(EC)),
        holder=ec_key(),
        alg="ES256",
    ),
    row("hex-es256", {"x5t": HEX, "alg": "ES256"}, "x5t-is-hex", keys=MINE),
    row("misspelled-sha256", {"x5t": DROP, "x5t#SHA256": RIGHT256}, keys=MINE),
    row("misspelled-beside-the-right-one", {"X5T": RIGHT}, keys=MINE),
    row("certificate-alone", {"x5t": DROP, "cert": entry(APP)}, "no-key-identifier", keys=MINE),
    row("misspelled", {"x5t": DROP, "X5T": RIGHT}, keys=MINE),
    row("misspelled-s256", {"x5t": DROP, "x5t_s256": RIGHT256}, keys=MINE),
    row("no-algorithm-either", {"x5t": DROP, "alg": 7}, "no-key-identifier", keys=MINE),
    row("octets", {"x5t": list(DIGEST)}, "x5t-not-a-string", keys=MINE),
    row("null", {"x5t": None}, "x5t-not-a-string"),
    row("null-s256", {"x5t": DROP, S256: None}, "x5t-not-a-string", keys=MINE),
    row("null-beside-kid", {"x5t": None, "kid": HEX}, "x5t-not-a-string", keys=MINE),
    row("null-beside-x5t", {S256: None}, "x5t-and-x5ts256-disagree", keys=MINE),
    row("empty", {"x5t": ""}, "x5t-empty", keys=MINE),
    row("empty-no-certificate", {"x5t": ""}, "x5t-empty"),
    row("padding-alone", {"x5t": "="}, "x5t-empty", keys=MINE),
    row("blank", {"x5t": " \n"}, "x5t-empty", keys=MINE),
    row("empty-beside-kid", {"x5t": "", "kid": HEX}, "x5t-empty", keys=MINE),
    row("hidden", {"x5t": "\u200e" + RIGHT}, "x5t-hidden-character", keys=MINE),
    row("hidden-in-hex", {"x5t": "\u200e" + HEX}, "x5t-hidden-character", keys=MINE),
    row(
        "hidden-in-text-of-hex",
        {"x5t": b64url(("\u200e" + HEX).encode())},
        "x5t-hidden-character",
        keys=MINE,
    ),
    row(
        "hidden-no-certificate",
        {"x5t": b64url(("\u200e" + HEX).encode())},
        "x5t-hidden-character",
    ),
    row("hidden-as-question-mark", {"x5t": "?" + HEX}, "x5t-hidden-character", keys=MINE),
    row("hex", {"x5t": HEX}, "x5t-is-hex", keys=MINE),
    row("hex-lower", {"x5t": HEX.lower()}, "x5t-is-hex", keys=MINE),
    row("hex-colons", {"x5t": COLONS}, "x5t-is-hex", keys=MINE),
    row("hex-spaces", {"x5t": COLONS.replace(":", " ")}, "x5t-is-hex", keys=MINE),
    row("hex-openssl", {"x5t": FINGERPRINT}, "x5t-is-hex", keys=MINE),
    row("hex-no-certificate", {"x5t": HEX}, "x5t-is-hex"),
    row("hex-of-another", {"x5t": HEX}, "x5t-is-hex", keys=registered(OLD), holder=key("old")),
    row(
        "hex-of-another-known",
        {"x5t": sha1(der(OLD)).hex()},
        "x5t-is-hex",
        keys=(*MINE, *also(OLD)),
    ),
    row("hex-sha256", {"x5t": DIGEST256.hex()}, "x5t-holds-sha256", keys=MINE),
    row("hex-sha256-no-certificate", {"x5t": DIGEST256.hex()}, "x5t-holds-sha256"),
    row("hex-md5-no-certificate", {"x5t": hashlib.md5(b"").hexdigest()}, "x5t-wrong-hash"),
    row("hex-s256", {S256: DIGEST256.hex()}, "x5t-is-hex", keys=MINE, alg="PS256"),
    row("hex-s256-sha1", {S256: HEX}, "x5ts256-holds-sha1", keys=MINE, alg="PS256"),
    row("hex-reversed", {"x5t": DIGEST[::-1].hex()}, "x5t-is-hex", keys=MINE),
    row("hex-one-digit-short", {"x5t": HEX[:39]}, "x5t-is-hex", keys=MINE),
    row("hex-of-pem", {"x5t": sha1(pem(APP)).hex()}, "x5t-hash-of-pem-text", keys=MINE),
    row(
        "hex-text-of-pem",
        {"x5t": b64url(sha1(pem(APP)).hex().encode())},
        "x5t-hash-of-pem-text",
        keys=MINE,
    ),
    row("hex-in-both", {"x5t": HEX, S256: DIGEST256.hex()}, "x5t-is-hex", keys=MINE),
    row("hex-text", {"x5t": b64url(HEX.encode())}, "x5t-base64-of-hex-text", keys=MINE),
    row(
        "hex-text-line-end",
        {"x5t": b64url(HEX.lower().encode() + b"\n")},
        "x5t-base64-of-hex-text",
        keys=MINE,
    ),
    row("hex-text-colons", {"x5t": b64url(COLONS.encode())}, "x5t-base64-of-hex-text", keys=MINE),
    row(
        "hex-text-utf16",
        {"x5t": b64url(HEX.encode("utf-16-le"))},
        "x5t-base64-of-hex-text",
        keys=MINE,
    ),
    row("hex-text-no-certificate", {"x5t": b64url(HEX.encode())}, "x5t-base64-of-hex-text"),
    row("twice", {"x5t": b64url(RIGHT.encode())}, "x5t-encoded-twice", keys=MINE),
    row("twice-no-certificate", {"x5t": b64url(RIGHT.encode())}, "x5t-encoded-twice"),
    row("bytes-of-python", {"x5t": f"b'{RIGHT}'"}, "x5t-extra-characters", keys=MINE),
    row("line-end", {"x5t": RIGHT + "\n"}, "x5t-extra-characters", keys=MINE),
    row("percent", {"x5t": RIGHT + "%3D"}, "x5t-extra-characters", keys=MINE),
    row("label", {"x5t": "sha1:" + RIGHT}, "x5t-extra-characters", keys=MINE),
    row("blank-in-front", {"x5t": " " + RIGHT}, "x5t-extra-characters", keys=MINE),
    row("blank-behind", {"x5t": RIGHT + " "}, "x5t-extra-characters", keys=MINE),
    row(
        "space-for-plus",
        {"x5t": standard(x5t(PLUS)).replace("+", " ")},
        "x5t-extra-characters",
        keys=registered(PLUS),
    ),
    row(
        "space-for-plus-padded",
        {"x5t": standard(x5t(PLUS)).replace("+", " ") + "="},
        "x5t-extra-characters",
        keys=registered(PLUS),
    ),
    row("label-no-certificate", {"x5t": "sha1:" + RIGHT}, "x5t-extra-characters"),
    row("attached", {"x5t": RIGHT + RIGHT}, "x5t-extra-characters", keys=MINE),
    row("reversed", {"x5t": b64url(DIGEST[::-1])}, "x5t-reversed", keys=MINE),
    row("sign-octet", {"x5t": b64url(b"\0" + DIGEST)}, "x5t-leading-zero", keys=MINE),
    row("half", {"x5t": RIGHT[:13]}, "x5t-truncated", keys=MINE),
    row("one-octet", {"x5t": b64url(DIGEST[:1])}, "x5t-truncated", keys=MINE),
    row("ten-octets-no-certificate", {"x5t": b64url(DIGEST[:10])}, "x5t-truncated"),
    row("sha256-cut-to-sha1", {"x5t": b64url(DIGEST256[:20])}, "x5t-holds-sha256", keys=MINE),
    row("sha1-of-25", {S256: b64url(bytes(25))}, "x5t-truncated", keys=MINE, alg="PS256"),
    row("capitals", {"x5t": RIGHT.upper()}, "x5t-letter-case", keys=MINE),
    row("one-too-many", {"x5t": "-" + RIGHT}, "x5t-one-character-off", keys=MINE),
    row("one-lost", {"x5t": RIGHT[:5] + RIGHT[6:]}, "x5t-one-character-off", keys=MINE),
]

CONTENT = [
    row("sha256", {"x5t": RIGHT256}, "x5t-holds-sha256", keys=MINE),
    row("sha256-no-certificate", {"x5t": RIGHT256}, "x5t-holds-sha256"),
    row("sha256-of-another", {"x5t": x5t_s256(OLD)}, "x5t-holds-sha256", keys=(*MINE, *also(OLD))),
    row("sha1", {S256: RIGHT}, "x5ts256-holds-sha1", keys=MINE, alg="PS256"),
    row(
        "microsofts-sample",
        {S256: "gx8tGysyjcRqKjFPnd7RFwvwZI0", "typ": DROP},
        "x5ts256-holds-sha1",
        alg="PS256",
    ),
    row(
        "sha1-s256-and-hex",
        {"x5t": HEX, S256: RIGHT},
        "x5t-is-hex",
        "x5ts256-holds-sha1",
        keys=MINE,
    ),
    row("md5", {"x5t": b64url(hashlib.md5(der(APP)).digest())}, "x5t-wrong-hash", keys=MINE),
    row("sha512", {"x5t": b64url(hashlib.sha512(der(APP)).digest())}, "x5t-wrong-hash", keys=MINE),
    row("sha512-no-certificate", {"x5t": b64url(hashlib.sha512(b"").digest())}, "x5t-wrong-hash"),
    row(
        "sha384-s256",
        {S256: b64url(hashlib.sha384(der(APP)).digest())},
        "x5t-wrong-hash",
        keys=MINE,
        alg="PS256",
    ),
    row("pem", {"x5t": b64url(sha1(pem(APP)))}, "x5t-hash-of-pem-text", keys=MINE),
    row(
        "pem-crlf",
        {"x5t": b64url(sha1(pem(APP).replace(b"\n", b"\r\n")))},
        "x5t-hash-of-pem-text",
        keys=MINE,
    ),
    row(
        "base64-s256",
        {S256: b64url(sha256(base64.b64encode(der(APP))))},
        "x5t-hash-of-pem-text",
        keys=MINE,
        alg="PS256",
    ),
    row(
        "tbs",
        {"x5t": b64url(sha1(APP.tbs_certificate_bytes))},
        "x5t-hash-of-certificate-part",
        keys=MINE,
    ),
    row("twice-hashed", {"x5t": b64url(sha1(DIGEST))}, "x5t-hash-of-thumbprint", keys=MINE),
    row(
        "hashed-hex",
        {S256: b64url(sha256(HEX.encode()))},
        "x5t-hash-of-thumbprint",
        keys=MINE,
        alg="PS256",
    ),
    row("spki", {"x5t": b64url(sha1(SPKI))}, "x5t-hash-of-public-key", keys=MINE),
    row(
        "spki-s256",
        {S256: b64url(sha256(SPKI))},
        "x5t-hash-of-public-key",
        keys=MINE,
        alg="PS256",
    ),
    row("jwk", {"x5t": jwk_thumbprint()}, "x5t-is-jwk-thumbprint", keys=MINE),
    row("jwk-s256", {S256: jwk_thumbprint()}, "x5t-is-jwk-thumbprint", keys=MINE, alg="PS256"),
    row(
        "ski",
        {"x5t": b64url(bytes.fromhex(SKI.replace(":", "")))},
        "x5t-is-key-identifier",
        keys=registered(EXTENDED),
    ),
    row("ski-hex", {"x5t": SKI}, "x5t-is-key-identifier", keys=registered(EXTENDED)),
    row(
        "serial",
        {"x5t": b64url(bytes.fromhex(SERIAL))},
        "x5t-is-serial-number",
        keys=MINE,
    ),
    row("serial-hex", {"x5t": SERIAL}, "x5t-is-serial-number", keys=MINE),
    row("serial-decimal", {"x5t": str(APP.serial_number)}, "x5t-is-serial-number", keys=MINE),
    row("subject", {"x5t": "CN=assertcheck test app"}, "x5t-is-subject-name", keys=MINE),
    row("common-name", {"x5t": b64url(b"assertcheck test app")}, "x5t-is-subject-name", keys=MINE),
    row("certificate", {"x5t": b64url(der(APP))}, "x5t-is-whole-certificate", keys=MINE),
    row("certificate-pem", {"x5t": pem(APP).decode()}, "x5t-is-whole-certificate", keys=MINE),
    row("public-key", {"x5t": b64url(SPKI)}, "x5t-is-whole-certificate", keys=MINE),
    row("words", {"x5t": "my signing key!"}, "x5t-not-a-thumbprint", keys=MINE),
    row("words-no-certificate", {"x5t": "my signing key!"}, "x5t-not-a-thumbprint"),
    row("decimal", {"x5t": str(int(HEX, 16))}, "x5t-not-a-thumbprint", keys=MINE),
    row("octet-list", {"x5t": ", ".join(map(str, DIGEST))}, "x5t-not-a-thumbprint", keys=MINE),
    row("octet-list-no-certificate", {"x5t": str([*DIGEST])}, "x5t-not-a-thumbprint"),
    row("python-octets", {"x5t": repr(DIGEST)}, "x5t-not-a-thumbprint", keys=MINE),
    row("latin-1", {"x5t": DIGEST.decode("latin-1")}, "x5t-not-a-thumbprint", keys=MINE),
    row(
        "latin-1-in-utf-8",
        {"x5t": b64url(DIGEST.decode("latin-1").encode())},
        "x5t-encoded-twice",
        keys=MINE,
    ),
    row("base32", {"x5t": base64.b32encode(DIGEST).decode()}, "x5t-not-a-thumbprint", keys=MINE),
    row("guid", {"x5t": KEY_ID}, "x5t-is-guid", keys=MINE),
    row("guid-no-certificate", {"x5t": KEY_ID}, "x5t-is-guid"),
    row("guid-s256", {S256: KEY_ID.upper()}, "x5t-is-guid", keys=MINE, alg="PS256"),
    row("guid-in-braces", {"x5t": f"{{{KEY_ID}}}"}, "x5t-is-guid", keys=MINE),
    row("guid-text", {"x5t": b64url(KEY_ID.encode())}, "x5t-is-guid", keys=MINE),
    row("client-id", {"x5t": build.CLIENT_ID}, "x5t-is-guid", keys=MINE),
    row("no-guid", {"x5t": HEX[:32]}, "x5t-is-hex", keys=MINE),
    row("modulus-line", {"x5t": b64url(sha1(MODULUS))}, "x5t-hash-of-public-key", keys=MINE),
    row(
        "der-in-hex",
        {"x5t": sha1(der(APP).hex().encode()).hex()},
        "x5t-hash-of-pem-text",
        keys=MINE,
    ),
    row("forty-five-octets", {"x5t": b64url(bytes(45))}, "x5t-not-a-thumbprint", keys=MINE),
    row("sha1-of-nothing-known", {"x5t": b64url(sha1(b"else"))}, "x5t-unknown", keys=MINE),
    row("sha1-of-nothing-known-no-certificate", {"x5t": b64url(sha1(b"else"))}),
    row(
        "sha256-of-nothing-known",
        {S256: b64url(sha256(b"else"))},
        "x5t-unknown",
        keys=MINE,
        alg="PS256",
    ),
    row(
        "both-of-nothing-known",
        {"x5t": b64url(sha1(b"else")), S256: b64url(sha256(b"else"))},
        "x5t-unknown",
        keys=MINE,
    ),
    row("of-a-bare-key", {"x5t": b64url(sha1(b"else"))}, keys=bare(key())),
    row(
        "hex-of-the-hash-of-a-bare-key",
        {"x5t": sha1(SPKI).hex()},
        "x5t-hash-of-public-key",
        keys=bare(key()),
    ),
    row("hex-of-a-bare-key", {"x5t": HEX}, "x5t-is-hex", keys=bare(key())),
]

KID = [
    row("kid-hex", {"x5t": DROP, "kid": HEX}, "kid-without-x5t", keys=MINE),
    row("kid-base64url", {"x5t": DROP, "kid": RIGHT}, "kid-without-x5t", keys=MINE),
    row("kid-no-certificate", {"x5t": DROP, "kid": HEX}, "kid-without-x5t"),
    row("kid-hex-lower", {"x5t": DROP, "kid": HEX.lower()}, "kid-not-a-thumbprint", keys=MINE),
    row("kid-sha256", {"x5t": DROP, "kid": RIGHT256}, "kid-not-a-thumbprint", keys=MINE),
    row("kid-jwk", {"x5t": DROP, "kid": jwk_thumbprint()}, "kid-not-a-thumbprint", keys=MINE),
    row("kid-word", {"x5t": DROP, "kid": "key-1"}, "kid-not-a-thumbprint", keys=MINE),
    row("kid-word-no-certificate", {"x5t": DROP, "kid": "key-1"}, "kid-not-a-thumbprint"),
    row("kid-empty", {"x5t": DROP, "kid": ""}, "kid-not-a-thumbprint", keys=MINE),
    row("kid-number", {"x5t": DROP, "kid": 7}, "kid-not-a-thumbprint", keys=MINE),
    row("kid-guid", {"x5t": DROP, "kid": build.CLIENT_ID}, "kid-is-graph-keyid", keys=MINE),
    row("kid-guid-no-certificate", {"x5t": DROP, "kid": build.CLIENT_ID}, "kid-is-graph-keyid"),
    row("kid-unknown", {"x5t": DROP, "kid": sha1(b"else").hex().upper()}, "x5t-unknown", keys=MINE),
    row(
        "kid-old",
        {"x5t": DROP, "kid": x5t(OLD)},
        "x5t-of-other-cert-than-signer",
        keys=(*MINE, *also(OLD)),
    ),
]

WHOSE = [
    row(
        "other-than-signer",
        {"x5t": x5t(OLD)},
        "x5t-of-other-cert-than-signer",
        keys=(*MINE, *also(OLD)),
    ),
    row(
        "other-of-the-same-name",
        {"x5t": x5t(SAME_NAME)},
        "x5t-of-other-cert-than-signer",
        keys=(*MINE, *also(SAME_NAME)),
    ),
    row(
        "other-than-signer-in-both",
        {"x5t": x5t(OLD), S256: x5t_s256(OLD)},
        "x5t-of-other-cert-than-signer",
        keys=(*MINE, *also(OLD)),
    ),
    row(
        "other-than-signer-by-nobody-known",
        {"x5t": x5t(OLD)},
        "x5t-of-other-cert-than-signer",
        keys=(*MINE, *also(OLD)),
        holder=key("nobody"),
    ),
    row(
        "wrong-certificate",
        {"x5t": x5t(OLD)},
        "wrong-certificate",
        keys=(*MINE, *also(OLD)),
        holder=key("old"),
    ),
    row(
        "wrong-certificate-in-x5c",
        {"x5t": x5t(OLD), "x5c": [base64.b64encode(der(OLD)).decode()]},
        "wrong-certificate",
        keys=MINE,
        holder=key("old"),
    ),
    row(
        "wrong-certificate-not-tried",
        {"x5t": x5t(OLD), "alg": "rs256"},
        "wrong-certificate",
        keys=(*MINE, *also(OLD)),
    ),
    row(
        "wrong-certificate-for-a-bare-key",
        {"x5t": x5t(OLD)},
        "wrong-certificate",
        keys=(*bare(key()), *also(OLD)),
        holder=key("old"),
    ),
    row("certificate-of-a-bare-key", {}, keys=(*bare(key()), *also(APP))),
    row("nothing-registered", {"x5t": x5t(OLD)}, keys=also(OLD), holder=key("old")),
    row("signed-with-other-key", {}, keys=(*MINE, *also(OLD)), holder=key("old")),
    row(
        "renewed",
        {"x5t": x5t(RENEWED)},
        "x5t-of-renewed-cert-same-key",
        keys=(*MINE, *also(RENEWED)),
    ),
    row("renewed-and-registered", {"x5t": x5t(RENEWED)}, keys=registered(APP, RENEWED)),
    row("renewed-unknown", {"x5t": x5t(RENEWED)}, "x5t-unknown", keys=MINE),
    row("issuer", {"x5t": x5t(CA)}, "x5t-of-issuer-cert", keys=(*registered(LEAF), *also(CA))),
    row(
        "issuer-of-one-of-two",
        {"x5t": x5t(CA)},
        "x5t-of-issuer-cert",
        keys=(*registered(OLD, LEAF), *also(CA)),
        holder=key("nobody"),
    ),
    row(
        "renewed-beside-another",
        {"x5t": x5t(RENEWED)},
        "x5t-of-renewed-cert-same-key",
        keys=(*registered(OLD, APP), *also(RENEWED)),
        holder=key("nobody"),
    ),
    row(
        "wrong-certificate-of-two",
        {"x5t": x5t(CA)},
        "wrong-certificate",
        keys=(*registered(OLD, APP), *also(CA)),
        holder=key("ca"),
    ),
    row(
        "no-identifier-of-two",
        {"x5t": DROP},
        "no-key-identifier",
        keys=registered(OLD, APP),
        holder=key("nobody"),
    ),
    row(
        "hex-of-one-of-two",
        {"x5t": HEX},
        "x5t-is-hex",
        keys=registered(OLD, APP),
        holder=key("nobody"),
    ),
    row(
        "unknown-and-unsigned",
        {"x5t": b64url(sha1(b"else"))},
        "x5t-unknown",
        keys=MINE,
        holder=key("nobody"),
    ),
    row(
        "unknown-of-two",
        {"x5t": b64url(sha1(b"else"))},
        "x5t-unknown",
        keys=registered(OLD, APP),
        holder=key("nobody"),
    ),
    row(
        "unknown-sha256-of-two",
        {S256: b64url(sha256(b"else"))},
        "x5t-unknown",
        keys=registered(OLD, APP),
        holder=key("nobody"),
        alg="PS256",
    ),
    row(
        "unknown-of-two-one-ended",
        {"x5t": b64url(sha1(b"else"))},
        "x5t-unknown",
        keys=registered(OLD, ENDED),
        holder=key("nobody"),
    ),
    row(
        "unknown-of-one-that-ended",
        {"x5t": b64url(sha1(b"else"))},
        "x5t-unknown",
        keys=registered(ENDED),
        holder=key("nobody"),
    ),
    row(
        "unknown-of-two-one-signed",
        {"x5t": b64url(sha1(b"else"))},
        "x5t-unknown",
        keys=registered(OLD, APP),
    ),
    row("leaf-of-issuer", {"x5t": x5t(LEAF)}, keys=(*registered(LEAF), *also(CA))),
    row(
        "root",
        {"x5t": x5t(ROOT)},
        "x5t-of-issuer-cert",
        keys=(*registered(LEAF), *also(ISSUING, ROOT)),
    ),
    row(
        "issuer-that-signed",
        {"x5t": x5t(CA)},
        "wrong-certificate",
        keys=(*registered(LEAF), *also(CA)),
        holder=key("ca"),
    ),
    row(
        "stranger-beside-a-chain",
        {"x5t": x5t(OLD)},
        "x5t-of-other-cert-than-signer",
        keys=(*registered(LEAF), *also(OLD, ISSUING)),
    ),
    row("disagree", {S256: x5t_s256(OLD)}, "x5t-and-x5ts256-disagree", keys=(*MINE, *also(OLD))),
    row(
        "disagree-the-other-way",
        {"x5t": x5t(OLD), S256: RIGHT256},
        "x5t-and-x5ts256-disagree",
        keys=MINE,
    ),
    row("disagree-in-form", {"x5t": HEX, S256: RIGHT256}, "x5t-and-x5ts256-disagree", keys=MINE),
    row("disagree-empty", {"x5t": "", S256: RIGHT256}, "x5t-and-x5ts256-disagree", keys=MINE),
    row("disagree-no-certificate", {S256: x5t(APP)}, "x5t-and-x5ts256-disagree"),
    row(
        "disagree-both-registered",
        {S256: x5t_s256(OLD)},
        "x5t-and-x5ts256-disagree",
        keys=registered(APP, OLD),
    ),
    row("both-well-formed", {S256: x5t_s256(OLD)}),
    row(
        "standard-base64",
        {"x5t": standard(x5t(DASHED)) + "="},
        "x5t-standard-base64",
        keys=registered(DASHED),
    ),
    row("dashed", {"x5t": x5t(DASHED) + "="}, keys=registered(DASHED)),
    row("standard-base64-no-certificate", {"x5t": standard(x5t(DASHED))}, "x5t-standard-base64"),
    row(
        "standard-base64-s256",
        {S256: standard(x5t_s256(DASHED))},
        "x5t-standard-base64",
        keys=registered(DASHED),
        alg="PS256",
    ),
]


PRIVATE = key("lost").private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)

X5C = [
    row("x5c", {"x5c": [entry(APP)]}, keys=MINE),
    row("x5c-lines", {"x5c": [base64.encodebytes(der(APP)).decode()]}, keys=MINE),
    row("x5c-no-certificate", {"x5c": [entry(APP)]}),
    row("x5c-chain", {"x5t": x5t(LEAF), "x5c": [entry(LEAF), entry(CA)]}, keys=registered(LEAF)),
    row("x5c-string", {"x5c": entry(APP)}, "x5c-not-an-array", keys=MINE),
    row("x5c-object", {"x5c": {}}, "x5c-not-an-array", keys=MINE),
    row("x5c-pem", {"x5c": [pem(APP).decode()]}, "x5c-contains-pem", keys=MINE),
    row(
        "x5c-pem-string",
        {"x5c": pem(APP).decode()},
        "x5c-not-an-array",
        "x5c-contains-pem",
        keys=MINE,
    ),
    row(
        "x5c-pem-in-base64",
        {"x5c": [base64.b64encode(pem(APP)).decode()]},
        "x5c-contains-pem",
        keys=MINE,
    ),
    row(
        "x5c-base64url",
        {"x5t": x5t(DASHED), "x5c": [base64.urlsafe_b64encode(der(DASHED)).decode()]},
        "x5c-is-base64url",
        keys=registered(DASHED),
    ),
    row("x5c-hex", {"x5c": [der(APP).hex()]}, "x5c-unreadable", keys=MINE),
    row(
        "x5c-twice",
        {"x5c": [base64.b64encode(entry(APP).encode()).decode()]},
        "x5c-unreadable",
        keys=MINE,
    ),
    row("x5c-words", {"x5c": ["my certificate!"]}, "x5c-unreadable", keys=MINE),
    row("x5c-thumbprint", {"x5c": [RIGHT]}, "x5c-unreadable", keys=MINE),
    row("x5c-number", {"x5c": [7]}, "x5c-unreadable", keys=MINE),
    row("x5c-blank", {"x5c": [""]}, "x5c-unreadable", keys=MINE),
    row("x5c-empty", {"x5c": []}, "x5c-unreadable", keys=MINE),
    row("x5c-one-unreadable", {"x5c": [entry(APP), "?"]}, "x5c-unreadable", keys=MINE),
    row("x5c-private-key", {"x5c": [PRIVATE.decode()]}, "x5c-contains-private-key", keys=MINE),
    row(
        "x5c-private-key-and-certificate",
        {"x5c": [(PRIVATE + pem(APP)).decode()]},
        "x5c-contains-private-key",
        keys=MINE,
    ),
    row(
        "x5c-private-key-string",
        {"x5c": PRIVATE.decode()},
        "x5c-not-an-array",
        "x5c-contains-private-key",
        keys=MINE,
    ),
    row("private-key-elsewhere", {"kid": PRIVATE.decode()}, keys=MINE),
    row(
        "x5c-root-first",
        {"x5t": x5t(LEAF), "x5c": [entry(CA), entry(LEAF)]},
        "x5c-wrong-order",
        keys=registered(LEAF),
    ),
    row(
        "x5c-issuer-last",
        {"x5t": x5t(LEAF), "x5c": [entry(LEAF), entry(ROOT), entry(ISSUING)]},
        "x5c-wrong-order",
        keys=registered(LEAF),
    ),
    row("x5c-of-another", {"x5c": [entry(OLD)]}, "x5c-leaf-is-not-signer", keys=MINE),
    row(
        "x5c-issuer-alone",
        {"x5t": x5t(LEAF), "x5c": [entry(CA)]},
        "x5c-leaf-is-not-signer",
        keys=registered(LEAF),
    ),
    row("x5c-and-x5t-agree", {"x5c": [entry(APP)]}, keys=(*MINE, *also(OLD)), holder=key("old")),
    row("x5c-by-nobody-known", {"x5c": [entry(OLD)]}, keys=MINE, holder=key("nobody")),
    row("x5c-renewed", {"x5c": [entry(RENEWED)]}, "x5c-leaf-is-not-registered", keys=MINE),
    row(
        "x5c-and-x5t-renewed",
        {"x5t": x5t(RENEWED), "x5c": [entry(RENEWED)]},
        "x5t-of-renewed-cert-same-key",
        keys=MINE,
    ),
    row("x5c-of-a-bare-key", {"x5c": [entry(APP)]}, keys=bare(key())),
]

ROWS = [*FORM, *CONTENT, *KID, *WHOSE, *X5C]


def found(item: Row) -> tuple[Finding, ...]:
    return check(context(item.text, *item.keys), RULES)[0]


@pytest.mark.parametrize("item", ROWS, ids=lambda item: item.name)
def test_exactly_the_fault_is_found(item):
    assert {finding.id for finding in found(item)} == item.finds


@pytest.mark.parametrize("item", ROWS, ids=lambda item: item.name)
def test_one_fault_in_one_place_is_one_finding(item):
    places = [finding.at for finding in found(item) if finding.severity is Severity.ERROR]

    assert len(places) == len(set(places))


def test_every_rule_has_a_row_that_fails_and_every_name_is_used_once():
    assert {each.id for each in RULES} == set().union(*(item.finds for item in ROWS))
    assert len({item.name for item in ROWS}) == len(ROWS)
    assert set(Mistake) <= {each.id for each in RULES}


@pytest.mark.parametrize("each", RULES, ids=lambda each: each.id)
def test_every_rule_has_its_page(each):
    assert len([part for part in each.doc.split("\n\n") if part]) == 3
    assert all(len(line) < 101 for line in each.doc.splitlines())


@pytest.mark.parametrize("item", ROWS, ids=lambda item: item.name)
def test_a_finding_says_what_was_seen_and_what_to_paste(item):
    for finding in found(item):
        assert finding.message[0].islower() or finding.message[0] == '"'
        assert not finding.message.endswith(".")
        assert not finding.fix.endswith(".")
        assert finding.severity is not Severity.ERROR or finding.aadsts
        if finding.severity is Severity.ERROR and item.keys == MINE:
            assert finding.expected in (RIGHT, RIGHT256)
            assert finding.expected
            assert finding.expected in finding.fix


SEEN = (EntraCode(code="AADSTS700027", confidence=Confidence.SEEN, reason=NOT_FOUND),)
LIKELY = (EntraCode(code="AADSTS700027", confidence=Confidence.LIKELY, reason=NOT_FOUND),)
PUT = f'put "x5t":"{RIGHT}", from cert.pem, into the header; '
PUT256 = f'put "x5t#S256":"{RIGHT256}", from cert.pem, into the header; '
CODE = "; `assertcheck explain x5t` has the code"


def one(name: str) -> Finding:
    (finding,) = found(next(item for item in ROWS if item.name == name))
    return finding


@pytest.mark.parametrize(
    ("name", "at", "message", "fix", "aadsts"),
    [
        (
            "hex",
            "header.x5t",
            f'x5t "{HEX}" is the SHA-1 thumbprint of cert.pem, in hex',
            PUT + "encode the octets in base64url, not in hex" + CODE,
            SEEN,
        ),
        (
            "hex-no-certificate",
            "header.x5t",
            f'x5t "{HEX}" is 30 octets: a SHA-1 in hex',
            f'put "x5t":"{RIGHT}" into the header; '
            "encode the octets in base64url, not in hex" + CODE,
            SEEN,
        ),
        (
            "hex-sha256",
            "header.x5t",
            f'x5t "{DIGEST256.hex()}" is the SHA-256 thumbprint of cert.pem, in hex',
            PUT + "or move the SHA-256 to x5t#S256; write the whole digest in base64url" + CODE,
            SEEN,
        ),
        (
            "hex-text-of-pem",
            "header.x5t",
            f'x5t "{b64url(sha1(pem(APP)).hex().encode())}" is the SHA-1 of the PEM text of '
            "cert.pem (as in the file), in hex, encoded again as text",
            PUT + "hash the DER octets; write the whole digest in base64url" + CODE,
            SEEN,
        ),
        (
            "blank-behind",
            "header.x5t",
            f'x5t "{RIGHT} " is the SHA-1 thumbprint of cert.pem, with white space',
            PUT + "keep the base64url text alone" + CODE,
            LIKELY,
        ),
        (
            "blank-in-front",
            "header.x5t",
            f'x5t " {RIGHT}" is the SHA-1 thumbprint of cert.pem, with white space',
            PUT + "keep the base64url text alone" + CODE,
            LIKELY,
        ),
        (
            "latin-1-in-utf-8",
            "header.x5t",
            f'x5t "{b64url(DIGEST.decode("latin-1").encode())}" is the SHA-1 thumbprint of '
            "cert.pem, with each octet taken for a character, encoded again as text",
            PUT + "encode once" + CODE,
            SEEN,
        ),
        (
            "guid",
            "header.x5t",
            f'x5t "{KEY_ID}" is a GUID, such as a registration\'s keyId',
            PUT + "name the certificate by its thumbprint, not by a GUID" + CODE,
            SEEN,
        ),
        (
            "guid-text",
            "header.x5t",
            f'x5t "{b64url(KEY_ID.encode())}" is the GUID {KEY_ID}, written in another way, '
            "such as a registration's keyId",
            PUT + "name the certificate by its thumbprint, not by a GUID" + CODE,
            SEEN,
        ),
        (
            "client-id",
            "header.x5t",
            f'x5t "{build.CLIENT_ID}" is a GUID, the same as iss: the app\'s client id',
            PUT + "name the certificate by its thumbprint, not by a GUID" + CODE,
            SEEN,
        ),
        (
            "hex-s256",
            "header.x5t#S256",
            f'x5t#S256 "{DIGEST256.hex()}" is the SHA-256 thumbprint of cert.pem, in hex',
            PUT256 + "encode the octets in base64url, not in hex" + CODE,
            LIKELY,
        ),
        (
            "hidden-in-text-of-hex",
            "header.x5t",
            f'x5t "{b64url(chr(0x200E).encode() + HEX.encode())}" is the SHA-1 thumbprint of '
            "cert.pem, in hex, with an invisible character, encoded again as text: U+200E",
            PUT + "take the thumbprint from another place" + CODE,
            SEEN,
        ),
        (
            "pem",
            "header.x5t",
            f'x5t "{b64url(sha1(pem(APP)))}" is the SHA-1 of the PEM text of cert.pem '
            "(as in the file)",
            PUT + "hash the DER octets" + CODE,
            SEEN,
        ),
        (
            "microsofts-sample",
            "header.x5t#S256",
            'x5t#S256 "gx8tGysyjcRqKjFPnd7RFwvwZI0" is 20 octets, the size of a SHA-1',
            "put the certificate's SHA-256 as x5t#S256 into the header; or move the SHA-1 to "
            "x5t" + CODE,
            LIKELY,
        ),
        (
            "words",
            "header.x5t",
            'x5t "my signing key!" is no base64 and no hex',
            PUT + "hash the certificate and encode the digest" + CODE,
            LIKELY,
        ),
        (
            "kid-guid",
            "header.kid",
            f'kid "{build.CLIENT_ID}" is a GUID, the same as iss: the app\'s client id',
            PUT + "name the certificate, not its registration" + CODE,
            LIKELY,
        ),
        (
            "kid-word",
            "header.kid",
            'kid "key-1" is no thumbprint',
            PUT + "send the thumbprint as x5t" + CODE,
            LIKELY,
        ),
        (
            "kid-hex-lower",
            "header.kid",
            f'kid "{HEX.lower()}" is the SHA-1 thumbprint of cert.pem, in hex, '
            "but neither in upper-case hex nor in base64url",
            PUT + "send the thumbprint as x5t" + CODE,
            LIKELY,
        ),
        (
            "sha1-of-nothing-known",
            "header.x5t",
            f'x5t "{b64url(sha1(b"else"))}" is 20 octets, the size of a SHA-1, but not that of '
            "cert.pem",
            PUT + "take it from the certificate whose key signs" + CODE,
            SEEN,
        ),
        (
            "other-than-signer",
            "header.x5t",
            f'x5t "{x5t(OLD)}" is the SHA-1 thumbprint of old.pem, which is not registered; '
            "the key of cert.pem made the signature",
            PUT + "take it from the certificate whose key signs" + CODE,
            SEEN,
        ),
        (
            "other-than-signer-by-nobody-known",
            "header.x5t",
            f'x5t "{x5t(OLD)}" is the SHA-1 thumbprint of old.pem, which is not registered',
            PUT + "take it from the certificate whose key signs" + CODE,
            SEEN,
        ),
        (
            "wrong-certificate",
            "header.x5t",
            f'x5t "{x5t(OLD)}" is the SHA-1 thumbprint of old.pem, which is not registered; '
            "its key made the signature",
            f"register old.pem on the app, or {PUT}sign with that certificate's key{CODE}",
            SEEN,
        ),
        (
            "renewed",
            "header.x5t",
            f'x5t "{x5t(RENEWED)}" is the SHA-1 thumbprint of old.pem, which is not registered; '
            "cert.pem is, with the same key",
            f"{PUT}or register the certificate that is named: {register('old.pem')}{CODE}",
            SEEN,
        ),
        (
            "issuer",
            "header.x5t",
            f'x5t "{x5t(CA)}" is the SHA-1 thumbprint of old.pem, which is not registered; '
            "it is the issuer of cert.pem; the key of cert.pem made the signature",
            f'put "x5t":"{x5t(LEAF)}", from cert.pem, into the header; '
            "put the leaf first in the PEM file" + CODE,
            SEEN,
        ),
        (
            "issuer-of-one-of-two",
            "header.x5t",
            f'x5t "{x5t(CA)}" is the SHA-1 thumbprint of old.pem, which is not registered; '
            "it is the issuer of cert.pem[1]",
            f'put "x5t":"{x5t(LEAF)}", from cert.pem[1], into the header; '
            "put the leaf first in the PEM file" + CODE,
            SEEN,
        ),
        (
            "renewed-beside-another",
            "header.x5t",
            f'x5t "{x5t(RENEWED)}" is the SHA-1 thumbprint of old.pem, which is not registered; '
            "cert.pem[1] is, with the same key",
            f'put "x5t":"{RIGHT}", from cert.pem[1], into the header; '
            f"or register the certificate that is named: {register('old.pem')}{CODE}",
            SEEN,
        ),
        (
            "wrong-certificate-of-two",
            "header.x5t",
            f'x5t "{x5t(CA)}" is the SHA-1 thumbprint of old.pem, which is not registered; '
            "its key made the signature",
            "register old.pem on the app, or put the certificate's SHA-1 as x5t into the "
            "header; sign with that certificate's key" + CODE,
            SEEN,
        ),
        (
            "hex-of-one-of-two",
            "header.x5t",
            f'x5t "{HEX}" is the SHA-1 thumbprint of cert.pem[1], in hex',
            f'put "x5t":"{RIGHT}", from cert.pem[1], into the header; '
            "encode the octets in base64url, not in hex" + CODE,
            SEEN,
        ),
        (
            "no-identifier-of-two",
            "header.x5t",
            "the header has neither x5t, x5t#S256 nor kid",
            "put the certificate's SHA-1 as x5t into the header; sign again" + CODE,
            (EntraCode(code="AADSTS5002723", confidence=Confidence.SEEN),),
        ),
        (
            "unknown-and-unsigned",
            "header.x5t",
            f'x5t "{b64url(sha1(b"else"))}" is 20 octets, the size of a SHA-1, but not that of '
            "cert.pem",
            PUT + "sign with its key, or register the certificate in use" + CODE,
            SEEN,
        ),
        (
            "unknown-of-two",
            "header.x5t",
            f'x5t "{b64url(sha1(b"else"))}" is 20 octets, the size of a SHA-1, but not that of '
            "cert.pem[0] or cert.pem[1]",
            f"register the certificate in use: {register('cert.pem')}; or sign with the key of "
            f"cert.pem[0] ({sha1(der(OLD)).hex().upper()}) or cert.pem[1] ({HEX})",
            SEEN,
        ),
        (
            "unknown-of-two-one-ended",
            "header.x5t",
            f'x5t "{b64url(sha1(b"else"))}" is 20 octets, the size of a SHA-1, but not that of '
            "cert.pem[0] or cert.pem[1]",
            f"register the certificate in use: {register('cert.pem')}; or sign with the key of "
            f"cert.pem[0] ({sha1(der(OLD)).hex().upper()})",
            SEEN,
        ),
        (
            "unknown-of-one-that-ended",
            "header.x5t",
            f'x5t "{b64url(sha1(b"else"))}" is 20 octets, the size of a SHA-1, but not that of '
            "cert.pem",
            f"register the certificate in use: {register('cert.pem')}",
            SEEN,
        ),
        (
            "unknown-of-two-one-signed",
            "header.x5t",
            f'x5t "{b64url(sha1(b"else"))}" is 20 octets, the size of a SHA-1, but not that of '
            "cert.pem[0] or cert.pem[1]",
            f'put "x5t":"{RIGHT}", from cert.pem[1], into the header; '
            "take it from the certificate whose key signs" + CODE,
            SEEN,
        ),
        (
            "disagree",
            "header.x5t#S256",
            f'x5t#S256 "{x5t_s256(OLD)}" is the SHA-256 thumbprint of old.pem, which is not '
            "registered; the key of cert.pem made the signature; x5t names cert.pem",
            PUT256 + "or leave it out" + CODE,
            (),
        ),
        (
            "disagree-both-registered",
            "header.x5t#S256",
            f'x5t#S256 "{x5t_s256(OLD)}" is the SHA-256 thumbprint of cert.pem[1]; '
            "x5t names cert.pem[0]",
            f'put "x5t#S256":"{RIGHT256}", from cert.pem[0], into the header; '
            "or leave it out" + CODE,
            (),
        ),
        (
            "disagree-no-certificate",
            "header.x5t#S256",
            f'x5t#S256 "{RIGHT}" is 20 octets, the size of a SHA-1; x5t is well-formed',
            "put the certificate's SHA-256 as x5t#S256 into the header; or leave it out" + CODE,
            (),
        ),
        (
            "standard-base64",
            "header.x5t",
            f'x5t "{standard(x5t(DASHED))}=" is the SHA-1 thumbprint of cert.pem, '
            "in standard base64",
            f'write "x5t":"{x5t(DASHED)}"',
            (),
        ),
        (
            "no-identifier-ps256",
            "header.x5t#S256",
            "the header has neither x5t, x5t#S256 nor kid",
            f'put "x5t#S256":"{RIGHT256}", from cert.pem, into the header; sign again' + CODE,
            (EntraCode(code="AADSTS5002723", confidence=Confidence.SEEN),),
        ),
        (
            "null",
            "header.x5t",
            "x5t is null, not a string",
            "put the certificate's SHA-1 as x5t into the header; "
            "encode the digest in base64url" + CODE,
            (EntraCode(code="AADSTS5002723", confidence=Confidence.LIKELY),),
        ),
        (
            "x5c-root-first",
            "header.x5c",
            "header.x5c[0] issued another certificate of x5c",
            "put the leaf first, then its issuer, then that one's",
            (),
        ),
        (
            "x5c-issuer-last",
            "header.x5c",
            "a certificate of x5c is not followed by its issuer",
            "put the leaf first, then its issuer, then that one's",
            (),
        ),
        (
            "x5c-of-another",
            "header.x5c[0]",
            "the key of header.x5c[0], CN=assertcheck test old, did not make the signature; "
            "that of cert.pem did",
            "put cert.pem first into x5c, or leave x5c out",
            (),
        ),
        (
            "x5c-renewed",
            "header.x5c[0]",
            "header.x5c[0], CN=assertcheck test app, is not cert.pem but has the same key",
            "take x5t and x5c from one certificate, and register that one",
            (),
        ),
        (
            "x5c-private-key",
            "header.x5c[0]",
            "x5c[0] holds a private key, which is not shown",
            "replace this key and its certificate, and put the new certificate alone into x5c",
            (),
        ),
    ],
)
def test_the_words_of_a_finding(name, at, message, fix, aadsts):
    finding = one(name)

    assert (finding.at, finding.message) == (at, message)
    assert finding.fix == fix
    assert finding.aadsts == aadsts


def test_a_value_made_from_a_key_is_not_mended_into_another_wrong_one():
    assert one("hex-of-the-hash-of-a-bare-key").expected is None
    assert one("hex-of-a-bare-key").expected == RIGHT


def test_a_thumbprint_in_the_wrong_parameter_can_be_moved():
    finding = one("sha256-no-certificate")

    assert finding.expected is None
    assert "x5t#S256" in finding.fix


def test_the_order_of_x5c_is_shown_as_it_is_and_as_it_should_be():
    finding = one("x5c-root-first")

    assert finding.actual == (
        "x5c[0] (CN=assertcheck test ca) then x5c[1] (CN=assertcheck test leaf)"
    )
    assert finding.expected == (
        "x5c[1] (CN=assertcheck test leaf) then x5c[0] (CN=assertcheck test ca)"
    )


def test_many_certificates_are_not_all_listed():
    certs = [certificate(f"n{index}", holder=ec_key()) for index in range(8)]
    text = token(head={"x5t": b64url(sha1(b"else"))})

    (finding,) = check(context(text, *registered(*certs)), RULES)[0]

    assert finding.message.endswith("cert.pem[3], cert.pem[4] or 3 more")


@pytest.mark.parametrize("item", ROWS, ids=lambda item: item.name)
def test_what_is_expected_is_never_what_is_there(item):
    for finding in found(item):
        # What `kid` holds may be right, and belong into `x5t`.
        is_there = finding.at != "header.kid" and finding.expected == finding.actual
        assert finding.expected is None or not is_there


def test_every_value_that_would_be_found_is_expected():
    by_name = {item.name: item for item in ROWS}
    for name, values in (
        ("unknown-of-two", f"{x5t(OLD)} or {RIGHT}"),
        ("unknown-sha256-of-two", f"{x5t_s256(OLD)} or {RIGHT256}"),
        ("unknown-of-one-that-ended", x5t(ENDED)),
    ):
        (finding,) = found(by_name[name])
        assert finding.expected == values


def test_without_a_certificate_an_unknown_thumbprint_is_not_checked():
    text = token(head={"x5t": b64url(sha1(b"else"))})

    findings, not_checked = check(context(text, *also(OLD)), RULES)

    assert findings == ()
    assert [each.id for each in not_checked] == ["x5t-unknown"]


def test_the_certificate_of_a_bare_key_may_have_any_thumbprint():
    item = next(item for item in ROWS if item.name == "of-a-bare-key")

    _, not_checked = check(context(item.text, *item.keys), RULES)

    assert not_checked == (
        NotChecked(
            id="x5t-unknown",
            why="pub.pem is no certificate, so its thumbprint is not known",
            decisive=True,
        ),
    )


def test_another_issuers_token_is_not_asked_for_its_thumbprint():
    text = token(head={"x5t": HEX})

    assert check(context(text, *MINE, kind=AssertionKind.FEDERATED), RULES) == ((), ())


def test_no_finding_shows_the_private_key():
    for item in X5C:
        for finding in found(item):
            assert PRIVATE.decode().splitlines()[-4] not in repr(finding)


@given(
    st.sampled_from(sorted(origins())),
    st.sampled_from([name for name in sorted(WRITINGS) if name != "decimal"]),
    st.sampled_from(["x5t", S256]),
)
def test_whatever_was_put_there_is_one_fault_with_a_name(origin, writing, name):
    octets, _, _ = origins()[origin]
    value = WRITINGS[writing][0](octets)
    text = build.compact({"alg": "RS256", name: value}, build.claims(), b"\1" * 256)

    (finding,) = check(context(text, *registered(issued())), RULES)[0]

    right = x5t_s256(issued()) if name == S256 else x5t(issued())
    assert finding.expected == right
    if len(value) < 16_384:
        assert finding.id not in {"x5t-unknown", "x5t-not-a-thumbprint"}
        assert " of cert.pem" in finding.message


@given(
    st.sampled_from(["x5t", S256, "kid"]),
    st.sampled_from(["base64url", "padded", "standard base64"]),
    st.integers(1, 200),
)
def test_a_right_identifier_draws_no_error(name, form, serial):
    cert = certificate("many", holder=ec_key(), serial=serial)
    value = x5t_s256(cert) if name == S256 else x5t(cert)
    if name != "kid":
        value += "=" * (form != "base64url")
        value = standard(value) if form == "standard base64" else value
    text = build.compact({"alg": "RS256", name: value}, build.claims(), b"\1" * 256)

    findings = check(context(text, *registered(cert)), RULES)[0]

    assert {finding.id for finding in findings} <= {"x5t-standard-base64", "kid-without-x5t"}


HEADERS = st.dictionaries(
    st.sampled_from(["alg", "typ", "x5t", S256, "kid", "x5c"]),
    st.recursive(
        st.none()
        | st.booleans()
        | st.floats()
        | st.text(st.characters(exclude_categories=()))
        | st.sampled_from([RIGHT, RIGHT256, HEX, x5t(OLD), entry(APP), entry(OLD), entry(CA)]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
        max_leaves=4,
    ),
)


@given(HEADERS, st.sampled_from([(), MINE, (*MINE, *also(OLD)), bare(key())]))
@example({"x5t": "", S256: ""}, MINE)
@example({"kid": []}, MINE)
def test_no_header_is_too_much_for_the_rules(head, keys):
    text = build.compact(b64url(json.dumps(head).encode()), build.claims(), b"\1" * 256)

    findings, _ = check(context(text, *keys), RULES)

    errors = [each for each in findings if each.severity is Severity.ERROR]
    assert len({each.at for each in errors}) == len(errors)
