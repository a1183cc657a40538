"""Key containers: what each holds, by whichever program it was made, or what it is instead."""

import base64
import codecs
import hashlib
import json
import os
import shutil
import subprocess
import sys
import traceback
import warnings
from functools import cache, partial
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st

from assertcheck.errors import CertificateError
from assertcheck.keys.bare_key import PUBLIC_HALF
from assertcheck.keys.certificate import MAX_CERTIFICATES
from assertcheck.keys.files import collapsed, parse_keys, read_keys
from assertcheck.keys.folder import MAX_FILES
from assertcheck.keys.password import MAX_ROUNDS, check_rounds
from assertcheck.model import Role
from tests import seeded
from tests.build import NOW, b64url, certificate, compact, der, ec_key, key, pem, token

PASSWORD = "sesame-öffne-dich"
APP, OTHER = certificate("app"), certificate("other")
ROOT = certificate("root", ca=True)
LEAF = certificate("leaf", issuer=ROOT, issuer_key=key("root"))
EC = certificate("ec", holder=ec_key())
KNOWN = {
    hashlib.sha1(der(cert)).hexdigest(): name
    for name, cert in {
        "app": APP,
        "other": OTHER,
        "root": ROOT,
        "leaf": LEAF,
        "ec": EC,
    }.items()
}
HOLDERS: dict[str, PrivateKeyTypes] = {
    "app": key(),
    "other": key("other"),
    "root": key("root"),
    "leaf": key("leaf"),
    "ec": ec_key(),
    "ed25519": seeded.ed25519_key(),
    "ed448": seeded.ed448_key(),
    "p384": seeded.ec_key("app", ec.SECP384R1()),
    "p521": seeded.ec_key("app", ec.SECP521R1()),
    "k256": seeded.ec_key("app", ec.SECP256K1()),
    "x25519": seeded.x25519_key(),
    "dsa": dsa.generate_private_key(1024),
}
ENCODING, PRIVATE, PUBLIC = (
    serialization.Encoding,
    serialization.PrivateFormat,
    serialization.PublicFormat,
)


@cache
def openssl(*arguments, octets=b""):
    done = subprocess.run(["openssl", *arguments], input=octets, check=True, capture_output=True)
    return done.stdout


def private(name="app", form=PRIVATE.PKCS8, encoding=ENCODING.PEM):
    return HOLDERS[name].private_bytes(encoding, form, serialization.NoEncryption())


def public(name="app", form=PUBLIC.SubjectPublicKeyInfo, encoding=ENCODING.PEM):
    return HOLDERS[name].public_key().public_bytes(encoding, form)


def pfx(*options, holder="app", certs=(APP,), password=PASSWORD):
    """PKCS#12 as openssl writes it with these options; `holder` may be nobody."""
    inside = (private(holder) if holder else b"") + pem(*certs)
    nokeys = () if holder else ("-nokeys",)
    return openssl(
        *("pkcs12", "-export", "-passout", f"pass:{password}", *nokeys, *options), octets=inside
    )


def p7b(*certs, form="PEM"):
    return openssl(
        *("crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", "-outform", form), octets=pem(*certs)
    )


def locked(*options, password=PASSWORD):
    """The app's private key in PKCS#8 as openssl encrypts it with these options."""
    return openssl(
        "pkcs8", "-topk8", "-passout", f"pass:{password}", *options, octets=private("app")
    )


def unknown_curve(*command):
    """What an openssl command makes of a key and a certificate on a curve only openssl knows."""
    holder = openssl("ecparam", "-name", "prime192v2", "-genkey", "-noout")
    options = ("-x509", "-new", "-key", "/dev/stdin", "-subj", "/CN=x")
    return openssl(*command, octets=holder + openssl("req", *options, octets=holder))


def crl():
    return (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ROOT.subject)
        .last_update(NOW)
        .next_update(NOW)
        .sign(key("root"), hashes.SHA256())
    )


def request():
    return (
        x509.CertificateSigningRequestBuilder()
        .subject_name(APP.subject)
        .sign(key(), hashes.SHA256())
    )


def indefinite(octets):
    """The SEQUENCE `octets`, with a header of two octets of length, in BER (X.690 §8.1.3.6)."""
    assert octets.startswith(b"\x30\x82")
    return b"\x30\x80" + octets[4:] + b"\0\0"


def body(octets):
    """The base64 between the boundaries of a PEM block."""
    return b"\n".join(octets.split(b"\n")[1:-2])


def ssh_line(kind, *strings):
    """A line as OpenSSH has it in `.pub` files (RFC 4253 §6.6)."""
    blob = b"".join(len(each).to_bytes(4) + each for each in (kind, *strings))
    return kind + b" " + base64.b64encode(blob) + b" me\n"


def integer(number):
    return b64url(number.to_bytes((number.bit_length() + 7) // 8))


def rsa_jwk(name="app", **more):
    numbers = key(name).public_key().public_numbers()
    return {"kty": "RSA", "n": integer(numbers.n), "e": integer(numbers.e)} | more


def private_jwk(name="app", **more):
    numbers = key(name).private_numbers()
    secret = {"d": integer(numbers.d), "p": integer(numbers.p), "q": integer(numbers.q)}
    return rsa_jwk(name) | secret | more


def ec_jwk(name, curve, size):
    holder = HOLDERS[name]
    assert isinstance(holder, ec.EllipticCurvePrivateKey)
    numbers = holder.public_key().public_numbers()
    x, y = (b64url(number.to_bytes(size)) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": curve, "x": x, "y": y}


def edwards_jwk(name, curve):
    return {"kty": "OKP", "crv": curve, "x": b64url(public(name, PUBLIC.Raw, ENCODING.Raw))}


def x5c(*certs):
    return [base64.b64encode(der(cert)).decode() for cert in certs]


def written(value):
    return json.dumps(value, indent=1).encode()


def jwks(*members):
    return written({"keys": members})


def parse(octets, password=None, role=Role.REGISTERED):
    return parse_keys(octets, label="f", role=role, password=password)


def seen(candidates):
    """Each candidate in words: its label, role, and whose certificate or key it is."""
    return [f"{each.label} {each.role} {named(each)}" for each in candidates]


def named(candidate):
    if candidate.certificate:
        assert candidate.certificate.sha1 == hashlib.sha1(candidate.certificate.der).digest()
        return KNOWN[candidate.certificate.sha1.hex()]
    holders = (name for name, holder in HOLDERS.items() if holder.public_key() == candidate.key)
    return f"{next(holders)}'s key"


TRADITIONAL, SSH = PRIVATE.TraditionalOpenSSL, PRIVATE.OpenSSH
SSH_LINE = (PUBLIC.OpenSSH, ENCODING.OpenSSH)
UNRELATED = "it belongs to no certificate beside it"
IS_ENCRYPTED = "the private key beside it is encrypted, and was not opened"

# What each holds: how it is made, what comes out, and what is said of the first.
HELD = {
    # PKCS#12
    "PFX": (pfx, ["f registered app"], [PUBLIC_HALF]),
    "PFX with 3DES": (
        lambda: pfx("-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES"),
        ["f registered app"],
        [PUBLIC_HALF],
    ),
    "PFX with RC2, as Windows 7 writes it": (
        lambda: pfx("-legacy"),
        ["f registered app"],
        [PUBLIC_HALF],
    ),
    "PFX with RC4": (
        lambda: pfx("-legacy", "-certpbe", "PBE-SHA1-RC4-128", "-keypbe", "PBE-SHA1-RC4-128"),
        ["f registered app"],
        [PUBLIC_HALF],
    ),
    "PFX with the empty password": (
        lambda: pfx(password=""),
        ["f registered app"],
        [PUBLIC_HALF],
    ),
    "PFX without encryption": (
        lambda: pfx("-keypbe", "NONE", "-certpbe", "NONE", password=""),
        ["f registered app"],
        [PUBLIC_HALF],
    ),
    "PFX without encryption or MAC, as Key Vault writes it": (
        lambda: pfx("-keypbe", "NONE", "-certpbe", "NONE", "-nomac"),
        ["f registered app"],
        [PUBLIC_HALF],
    ),
    "PFX without MAC": (lambda: pfx("-nomac"), ["f registered app"], [PUBLIC_HALF]),
    "PFX in BER": (lambda: indefinite(pfx()), ["f registered app"], [PUBLIC_HALF]),
    "PFX and a line end": (lambda: pfx() + b"\r\n", ["f registered app"], [PUBLIC_HALF]),
    "PFX in base64, as a pipeline's secret": (
        lambda: base64.b64encode(pfx()),
        ["f registered app"],
        [PUBLIC_HALF],
    ),
    "PFX with the chain": (
        lambda: pfx(holder="leaf", certs=(LEAF, ROOT)),
        ["f[0] registered leaf", "f[1] also root"],
        [PUBLIC_HALF],
    ),
    "PFX with the chain, the CA first": (
        lambda: pfx(holder="leaf", certs=(ROOT, LEAF)),
        ["f[0] registered leaf", "f[1] also root"],
        [PUBLIC_HALF],
    ),
    "PFX with an old certificate": (
        lambda: pfx(certs=(OTHER, APP)),
        ["f[0] registered app", "f[1] also other"],
        [PUBLIC_HALF],
    ),
    "PFX of a CA with its own key": (
        lambda: pfx(holder="root", certs=(LEAF, ROOT)),
        ["f[0] registered root", "f[1] also leaf"],
        [PUBLIC_HALF],
    ),
    "PFX without a key": (
        lambda: pfx(holder=None, certs=(ROOT, LEAF)),
        ["f[1] registered leaf", "f[0] also root"],
        [],
    ),
    "PFX without a certificate": (
        lambda: pfx("-nocerts", certs=()),
        ["f registered app's key"],
        [PUBLIC_HALF],
    ),
    "PFX of an EC key": (
        lambda: pfx(holder="ec", certs=(EC,)),
        ["f registered ec"],
        [PUBLIC_HALF],
    ),
    "PFX with a key of another": (
        lambda: pkcs12.serialize_key_and_certificates(
            None, key("other"), None, [APP], serialization.NoEncryption()
        ),
        ["f registered app", "f also other's key"],
        [],
    ),
    # PKCS#7
    "PKCS#7": (lambda: p7b(APP), ["f registered app"], []),
    "PKCS#7 in DER": (lambda: p7b(APP, form="DER"), ["f registered app"], []),
    "PKCS#7 in BER": (lambda: indefinite(p7b(APP, form="DER")), ["f registered app"], []),
    "PKCS#7 in base64": (lambda: body(p7b(APP)), ["f registered app"], []),
    "PKCS#7 that says CERTIFICATE": (
        lambda: p7b(APP).replace(b"PKCS7", b"CERTIFICATE"),
        ["f registered app"],
        [],
    ),
    "PKCS#7 that says CMS": (
        lambda: p7b(APP).replace(b"PKCS7", b"CMS"),
        ["f registered app"],
        [],
    ),
    "PKCS#7 of a chain": (
        lambda: p7b(LEAF, ROOT),
        ["f[0] registered leaf", "f[1] also root"],
        [],
    ),
    "PKCS#7 in DER, the CA first": (
        lambda: p7b(ROOT, LEAF, form="DER"),
        ["f[1] registered leaf", "f[0] also root"],
        [],
    ),
    # PEM with keys beside certificates
    "PEM with its key": (
        lambda: private() + pem(APP),
        ["f registered app"],
        [PUBLIC_HALF],
    ),
    "PEM with its key behind it, as PKCS#1": (
        lambda: pem(APP) + private(form=TRADITIONAL),
        ["f registered app"],
        [PUBLIC_HALF],
    ),
    "what openssl makes of a PFX": (
        lambda: openssl("pkcs12", "-nodes", "-passin", f"pass:{PASSWORD}", octets=pfx()),
        ["f registered app"],
        [PUBLIC_HALF],
    ),
    "PEM with an encrypted key": (
        lambda: locked() + pem(APP),
        ["f registered app"],
        [IS_ENCRYPTED],
    ),
    "PEM with a key that OpenSSL encrypted in its own way": (
        lambda: (
            openssl(
                *("rsa", "-traditional", "-aes128", "-passout", f"pass:{PASSWORD}"),
                octets=private(),
            )
            + pem(APP)
        ),
        ["f registered app"],
        [IS_ENCRYPTED],
    ),
    "PEM of two, with the key of the second": (
        lambda: pem(OTHER, APP) + private(),
        ["f[1] registered app", "f[0] also other"],
        [PUBLIC_HALF],
    ),
    "PEM of a chain, with the leaf's key": (
        lambda: private("leaf") + pem(ROOT, LEAF),
        ["f[1] registered leaf", "f[0] also root"],
        [PUBLIC_HALF],
    ),
    "PEM with a key of another": (
        lambda: private("other") + pem(APP),
        ["f registered app", "f[key 0] also other's key"],
        [],
    ),
    "PEM with a broken key": (
        lambda: private().replace(b"MII", b"MIJ") + pem(APP),
        ["f registered app"],
        ["the PEM block PRIVATE KEY beside it cannot be read"],
    ),
    "PEM with its public key": (lambda: public() + pem(APP), ["f registered app"], []),
    "PEM with another public key": (
        lambda: public("other") + pem(APP),
        ["f registered app", "f[key 0] also other's key"],
        [],
    ),
    "PEM with EC parameters and an EC key": (
        lambda: openssl("ecparam", "-name", "prime256v1") + private("ec", TRADITIONAL) + pem(EC),
        ["f registered ec"],
        [PUBLIC_HALF],
    ),
    "PEM beside a signing request": (
        lambda: request().public_bytes(ENCODING.PEM) + pem(APP),
        ["f registered app"],
        [],
    ),
    "PEM with PKCS#7 beside a certificate": (
        lambda: pem(APP) + p7b(LEAF, ROOT),
        ["f[0] registered app", "f[1] registered leaf", "f[2] also root"],
        [],
    ),
    # Keys alone
    "PKCS#8": (private, ["f registered app's key"], [PUBLIC_HALF]),
    "PKCS#8 in DER": (
        lambda: private(encoding=ENCODING.DER),
        ["f registered app's key"],
        [PUBLIC_HALF],
    ),
    "PKCS#8, encrypted": (locked, ["f registered app's key"], [PUBLIC_HALF]),
    "PKCS#8, encrypted, in DER": (
        lambda: locked("-outform", "DER"),
        ["f registered app's key"],
        [PUBLIC_HALF],
    ),
    "PKCS#8, encrypted with scrypt": (
        lambda: locked("-scrypt"),
        ["f registered app's key"],
        [PUBLIC_HALF],
    ),
    "PKCS#8, encrypted with RC2": (
        lambda: locked("-v1", "PBE-SHA1-RC2-40", "-provider", "legacy", "-provider", "default"),
        ["f registered app's key"],
        [PUBLIC_HALF],
    ),
    "PKCS#1": (lambda: private(form=TRADITIONAL), ["f registered app's key"], [PUBLIC_HALF]),
    "PKCS#1 in DER": (
        lambda: private(form=TRADITIONAL, encoding=ENCODING.DER),
        ["f registered app's key"],
        [PUBLIC_HALF],
    ),
    "PKCS#1, encrypted, indented, with CRLF": (
        lambda: b"\r\n".join(
            b"  " + line
            for line in openssl(
                *("rsa", "-traditional", "-des3", "-passout", f"pass:{PASSWORD}"),
                octets=private(),
            ).split(b"\n")
        ),
        ["f registered app's key"],
        [PUBLIC_HALF],
    ),
    "SEC 1": (lambda: private("ec", TRADITIONAL), ["f registered ec's key"], [PUBLIC_HALF]),
    "SEC 1 in DER": (
        lambda: private("ec", TRADITIONAL, ENCODING.DER),
        ["f registered ec's key"],
        [PUBLIC_HALF],
    ),
    "an Ed25519 key": (lambda: private("ed25519"), ["f registered ed25519's key"], [PUBLIC_HALF]),
    "an X25519 key": (lambda: private("x25519"), ["f registered x25519's key"], [PUBLIC_HALF]),
    "a DSA key": (lambda: private("dsa"), ["f registered dsa's key"], [PUBLIC_HALF]),
    "a key and a signing request": (
        lambda: private() + request().public_bytes(ENCODING.PEM),
        ["f registered app's key"],
        [PUBLIC_HALF],
    ),
    "two keys": (
        lambda: private() + public("other"),
        ["f[0] registered app's key", "f[1] registered other's key"],
        [PUBLIC_HALF],
    ),
    "a key with line ends as a variable has them": (
        lambda: private().replace(b"\n", rb"\n"),
        ["f registered app's key"],
        [PUBLIC_HALF],
    ),
    "SubjectPublicKeyInfo": (public, ["f registered app's key"], []),
    "SubjectPublicKeyInfo in DER": (
        lambda: public(encoding=ENCODING.DER),
        ["f registered app's key"],
        [],
    ),
    "a short public key in DER": (
        lambda: public("ed25519", encoding=ENCODING.DER),
        ["f registered ed25519's key"],
        [],
    ),
    "a short public key in base64": (
        lambda: body(public("ed25519")),
        ["f registered ed25519's key"],
        [],
    ),
    "an RSA public key": (lambda: public(form=PUBLIC.PKCS1), ["f registered app's key"], []),
    "an RSA public key in DER": (
        lambda: public(form=PUBLIC.PKCS1, encoding=ENCODING.DER),
        ["f registered app's key"],
        [],
    ),
    # OpenSSH
    "OpenSSH, private": (
        lambda: private(form=SSH),
        ["f registered app's key"],
        [PUBLIC_HALF],
    ),
    "OpenSSH, private, beside the certificate": (
        lambda: private(form=SSH) + pem(APP),
        ["f registered app"],
        [PUBLIC_HALF],
    ),
    "OpenSSH, private, on a curve": (
        lambda: private("p384", SSH),
        ["f registered p384's key"],
        [PUBLIC_HALF],
    ),
    "OpenSSH, public": (
        lambda: public("app", *SSH_LINE) + b" me@example\n",
        ["f registered app's key"],
        [],
    ),
    "OpenSSH, two public": (
        lambda: b"\n".join(public(name, *SSH_LINE) for name in ("ed25519", "ec")),
        ["f[0] registered ed25519's key", "f[1] registered ec's key"],
        [],
    ),
    # JWK
    "JWK": (lambda: written(rsa_jwk()), ["f registered app's key"], []),
    "JWK with a byte order mark": (
        lambda: codecs.BOM_UTF8 + written(rsa_jwk()),
        ["f registered app's key"],
        [],
    ),
    "JWK in UTF-16": (
        lambda: written(rsa_jwk()).decode().encode("utf-16"),
        ["f registered app's key"],
        [],
    ),
    "JWK for PS512, to encrypt, padded": (
        lambda: written(rsa_jwk(alg="PS512", use="enc") | {"e": "AQAB=="}),
        ["f registered app's key"],
        [],
    ),
    "JWK, private": (lambda: written(private_jwk()), ["f registered app's key"], [PUBLIC_HALF]),
    "JWK, private but broken": (
        lambda: written(rsa_jwk(d=1, p=[], oth={})),
        ["f registered app's key"],
        [PUBLIC_HALF],
    ),
    "JWK with x5c": (lambda: written(rsa_jwk(x5c=x5c(APP))), ["f registered app"], []),
    "JWK with x5c, private": (
        lambda: written(private_jwk(x5c=x5c(APP))),
        ["f registered app"],
        [PUBLIC_HALF],
    ),
    "JWK with the chain": (
        lambda: written(rsa_jwk("leaf", x5c=x5c(LEAF, ROOT))),
        ["f registered leaf", "f.x5c[1] also root"],
        [],
    ),
    "JWK with nothing but x5c": (
        lambda: written({"kty": "RSA", "x5c": x5c(APP)}),
        ["f registered app"],
        [],
    ),
    "JWK with the x5c of another": (
        lambda: written(rsa_jwk(x5c=x5c(OTHER))),
        ["f registered app's key", "f also other"],
        ["its x5c holds another key"],
    ),
    **{
        f"JWK with x5c {value}": (
            partial(written, rsa_jwk(x5c=value)),
            ["f registered app's key"],
            ["its x5c cannot be read"],
        )
        for value in ("text", [], ["AAAA"], ["?"], [1])
    },
    "JWK, P-256": (
        lambda: written(ec_jwk("ec", "P-256", 32)),
        ["f registered ec's key"],
        [],
    ),
    "JWK, P-384": (
        lambda: written(ec_jwk("p384", "P-384", 48)),
        ["f registered p384's key"],
        [],
    ),
    "JWK, P-521": (
        lambda: written(ec_jwk("p521", "P-521", 66)),
        ["f registered p521's key"],
        [],
    ),
    "JWK, secp256k1": (
        lambda: written(ec_jwk("k256", "secp256k1", 32)),
        ["f registered k256's key"],
        [],
    ),
    "JWK, Ed25519": (
        lambda: written(edwards_jwk("ed25519", "Ed25519")),
        ["f registered ed25519's key"],
        [],
    ),
    "JWK, Ed448": (
        lambda: written(edwards_jwk("ed448", "Ed448")),
        ["f registered ed448's key"],
        [],
    ),
    "JWK set": (
        lambda: jwks(rsa_jwk(), rsa_jwk("other", x5c=x5c(OTHER))),
        ["f[0] registered app's key", "f[1] registered other"],
        [],
    ),
    "JWK set of one": (lambda: jwks(rsa_jwk()), ["f registered app's key"], []),
    "JWK set with what cannot be used": (
        lambda: jwks({"kty": "oct", "k": "c2VjcmV0"}, 7, {"kty": "X"}, {}, rsa_jwk()),
        ["f[4] registered app's key"],
        [
            "beside it was skipped a symmetric key, which has no public half",
            "beside it was skipped what is no JSON object",
            "beside it was skipped a key of an unknown kty",
        ],
    ),
    "JWK set with a key out of bounds": (
        lambda: jwks(rsa_jwk(), rsa_jwk() | {"n": integer(1 << 20_000 | 1)}),
        ["f[0] registered app's key"],
        [
            "beside it was skipped f[1] holds an RSA key with a modulus of 20001 bits and an "
            "exponent of 17 bits, which is out of bounds"
        ],
    ),
    # A certificate without armour
    "DER": (lambda: der(APP), ["f registered app"], []),
    "DER and a line end": (lambda: der(APP) + b"\n", ["f registered app"], []),
    "base64": (lambda: base64.b64encode(der(APP)), ["f registered app"], []),
    "base64 in lines": (lambda: base64.encodebytes(der(APP)), ["f registered app"], []),
    "base64 in lines as JSON has them": (
        lambda: b'"' + base64.encodebytes(der(APP)).replace(b"\n", rb"\r\n") + b'",',
        ["f registered app"],
        [],
    ),
    "base64url": (lambda: b64url(der(APP)).encode(), ["f registered app"], []),
    "base64 in UTF-16 without a mark": (
        lambda: base64.b64encode(der(APP)).decode().encode("utf-16-le"),
        ["f registered app"],
        [],
    ),
    "base64 of PEM": (lambda: base64.encodebytes(pem(APP)), ["f registered app"], []),
    "hex": (lambda: der(APP).hex().encode(), ["f registered app"], []),
    "hex with 0x": (lambda: b"0x" + der(APP).hex().upper().encode(), ["f registered app"], []),
    "hex with colons, in lines": (
        lambda: der(APP).hex(":", 16).replace(":", ":\n").encode(),
        ["f registered app"],
        [],
    ),
    "hex with a colon at each octet": (
        lambda: der(APP).hex(":").encode(),
        ["f registered app"],
        [],
    ),
    "PEM in UTF-16 without a mark": (
        lambda: pem(APP).decode().encode("utf-16-le"),
        ["f registered app"],
        [],
    ),
    "PEM in one line of JSON": (
        lambda: json.dumps({"certificate": pem(APP).decode()}).encode(),
        ["f registered app"],
        [],
    ),
}


@pytest.mark.parametrize(("make", "holds", "notes"), HELD.values(), ids=HELD)
def test_what_a_container_holds_comes_out(make, holds, notes):
    with warnings.catch_warnings(record=True) as caught:
        candidates = parse(make(), PASSWORD)

    assert seen(candidates) == holds
    assert [note for each in candidates[:1] for note in each.notes] == notes
    assert not caught


@pytest.mark.parametrize(("make", "holds", "notes"), HELD.values(), ids=HELD)
def test_beside_an_also_container_all_of_it_is_also(make, holds, notes):
    candidates = parse(make(), PASSWORD, Role.ALSO)

    assert [each.replace(" registered ", " also ") for each in holds] == seen(candidates)


def test_a_key_that_belongs_to_no_certificate_beside_it_is_said_to():
    *_, stranger = parse(private("other") + pem(APP))

    assert stranger.notes == (PUBLIC_HALF, UNRELATED)


LEGACY_PFX = "openssl pkcs12 -legacy -in FILE -nokeys -out cert.pem"
NO_PASSWORD = "with a password, and none was given"
NOT_OPENED = "that the password given does not open"
NOT_TEXT = "with a password, and the one given is not UTF-8 text"
LOCKED = "f is an encrypted private key "

HUNDRED_THOUSAND, EIGHT_MILLION = b"\x02\x03\x01\x86\xa0", b"\x02\x03\x7f\xff\xff"

# What cannot serve: how it is made, the password, what is said, and what of the hint.
REFUSED = {
    "PFX, no password": (pfx, None, f"f is a PFX (PKCS#12) {NO_PASSWORD}", "--password-file FILE"),
    "PFX, the empty password": (pfx, b"", f"f is a PFX (PKCS#12) {NO_PASSWORD}", "--password-env"),
    "PFX, nobody answers": (
        pfx,
        lambda label: None,
        f"f is a PFX (PKCS#12) {NO_PASSWORD}",
        "at a terminal",
    ),
    "PFX, another password": (
        pfx,
        b"0pen sesame",
        f"f is a PFX (PKCS#12) {NOT_OPENED}",
        "check it for quotes and line ends",
    ),
    "PFX with RC2, another password": (
        lambda: pfx("-legacy"),
        b"0pen sesame",
        f"f is a PFX (PKCS#12) {NOT_OPENED}",
        LEGACY_PFX,
    ),
    "PFX, a password in Latin-1": (
        pfx,
        PASSWORD.encode("latin-1"),
        f"f is a PFX (PKCS#12) {NOT_TEXT}",
        "UTF-8",
    ),
    "PFX, a password with a NUL": (
        pfx,
        b"sesame\0",
        f"f is a PFX (PKCS#12) {NOT_TEXT}",
        "UTF-8",
    ),
    "PFX cut off": (lambda: pfx()[:-9], PASSWORD, "f is cut off: ", "binary mode"),
    "PFX cut off in base64": (
        lambda: base64.b64encode(pfx())[:-7],
        PASSWORD,
        "f is cut off: ",
        "binary mode",
    ),
    "PFX with octets changed": (
        lambda: pfx()[:600] + bytes(9) + pfx()[609:],
        PASSWORD,
        f"f is a PFX (PKCS#12) {NOT_OPENED}",
        "the file is damaged",
    ),
    "PFX with a broken structure": (
        lambda: pfx()[:12] + b"\xff" * 4 + pfx()[16:],
        PASSWORD,
        "f is a PFX (PKCS#12) that is damaged",
        "export it again",
    ),
    "PFX of many rounds": (
        lambda: pfx("-iter", "100000").replace(HUNDRED_THOUSAND, EIGHT_MILLION),
        PASSWORD,
        f"f asks for 25165821 rounds of key derivation, more than {MAX_ROUNDS}",
        "without the private key",
    ),
    "PFX of many rounds for its MAC": (
        lambda: EIGHT_MILLION.join(pfx("-iter", "100000").rsplit(HUNDRED_THOUSAND, 1)),
        PASSWORD,
        "f asks for 8588607 rounds of key derivation",
        "without the private key",
    ),
    "a key of many rounds": (
        lambda: locked("-iter", "100000", "-outform", "DER").replace(
            HUNDRED_THOUSAND, EIGHT_MILLION
        ),
        PASSWORD,
        "f asks for 8388607 rounds of key derivation",
        "without the private key",
    ),
    "a key of much scrypt": (
        lambda: locked("-scrypt", "-outform", "DER").replace(
            bytes.fromhex("02024000020108020101"), bytes.fromhex("02027fff02017f02017f")
        ),
        PASSWORD,
        "f asks for 528498943 rounds of key derivation",
        "without the private key",
    ),
    "PFX of a curve nobody knows": (
        lambda: unknown_curve("pkcs12", "-export", "-passout", f"pass:{PASSWORD}"),
        PASSWORD,
        "f is a PFX (PKCS#12) with a kind of key or of encryption that cannot be read here",
        "RSA",
    ),
    "PFX without anything in it": (
        # RFC 7292 §4: version 3, and an AuthenticatedSafe without a content.
        lambda: bytes.fromhex("3016 020103 3011 06092a864886f70d010701 a004 0402 3000"),
        None,
        "f is a PFX (PKCS#12) with neither certificate nor key in it",
        "export it again",
    ),
    "a key, no password": (locked, None, LOCKED + NO_PASSWORD, "--password-env"),
    "a key, another password": (locked, "wrong", LOCKED + NOT_OPENED, "check it"),
    "a key with RC2, another password": (
        lambda: locked("-v1", "PBE-SHA1-RC2-40", "-provider", "legacy", "-provider", "default"),
        "wrong",
        LOCKED + NOT_OPENED,
        "`openssl pkey -provider legacy -provider default -in FILE -pubout -out key.pem`",
    ),
    "a key in DER, no password": (
        lambda: locked("-outform", "DER"),
        None,
        LOCKED + NO_PASSWORD,
        "--password-env",
    ),
    "a key of OpenSSL's own encryption, no password": (
        lambda: openssl(
            *("rsa", "-traditional", "-aes128", "-passout", f"pass:{PASSWORD}"), octets=private()
        ),
        None,
        LOCKED + NO_PASSWORD,
        "--password-env",
    ),
    "an encrypted key on a curve nobody knows": (
        lambda: unknown_curve("pkcs8", "-topk8", "-passout", f"pass:{PASSWORD}"),
        PASSWORD,
        "f holds a PEM block ENCRYPTED PRIVATE KEY that cannot be read",
        "certificate",
    ),
    "a broken key": (
        lambda: private().replace(b"MII", b"MIJ"),
        None,
        "f holds a PEM block PRIVATE KEY that cannot be read",
        "certificate",
    ),
    "a key that is not base64": (
        lambda: private().replace(b"MII", b"M!!"),
        None,
        "f holds a PEM block PRIVATE KEY that cannot be read",
        "certificate",
    ),
    "a broken public key": (
        lambda: public().replace(b"MII", b"MIJ"),
        None,
        "f holds a PEM block PUBLIC KEY that cannot be read",
        "certificate",
    ),
    "a public key without a point on its curve": (
        lambda: public("ec", encoding=ENCODING.DER)[:-1] + b"\0",
        None,
        "f is not a readable X.509 certificate",
        "openssl x509",
    ),
    "101 keys": (
        lambda: public("ed25519") * (MAX_CERTIFICATES + 1),
        None,
        "f holds 101 certificates, more than 100",
        "trust store",
    ),
    # PKCS#7
    "PKCS#7 with a revocation list alone": (
        lambda: openssl(
            *("crl2pkcs7", "-in", "/dev/stdin"), octets=crl().public_bytes(ENCODING.PEM)
        ),
        None,
        "f is PKCS#7, but holds no certificate that can be read",
        "openssl pkcs7",
    ),
    "PKCS#7 with an encrypted message": (
        lambda: (
            pkcs7.PKCS7EnvelopeBuilder()
            .set_data(b"hello")
            .add_recipient(APP)
            .encrypt(ENCODING.DER, [])
        ),
        None,
        "f is PKCS#7, but holds no certificate that can be read",
        "openssl pkcs7",
    ),
    "PKCS#7 of data": (
        lambda: openssl("cms", "-data_create", "-outform", "DER", octets=b"hello"),
        None,
        "f is PKCS#7, but holds no certificate that can be read",
        "openssl pkcs7",
    ),
    "PKCS#7 of 101 certificates": (
        lambda: p7b(*(certificate("app", serial=serial) for serial in range(1, 102))),
        None,
        "f holds 101 certificates, more than 100",
        "trust store",
    ),
    # Something else
    "nothing": (lambda: codecs.BOM_UTF8 + b"\n", None, "f is empty", "export"),
    "a certificate cut off": (
        lambda: der(APP)[:300],
        None,
        f"f is cut off: 300 of {len(der(APP))} octets are there",
        "binary mode",
    ),
    "a certificate cut off in base64": (
        lambda: base64.b64encode(der(APP))[:401],
        None,
        f"f is cut off: 300 of {len(der(APP))} octets are there",
        "binary mode",
    ),
    "a tag and nothing behind it": (
        lambda: b"\x30\x82",
        None,
        "f is cut off: 2 of 4 octets are there",
        "binary mode",
    ),
    "PEM cut off": (lambda: pem(APP)[:700], None, "f is cut off: its PEM block has no END", "copy"),
    "a signing request": (
        lambda: request().public_bytes(ENCODING.PEM),
        None,
        "f holds no certificate or key, only a certificate signing request",
        "BEGIN CERTIFICATE",
    ),
    "a signing request by openssl": (
        lambda: openssl("req", "-new", "-key", "/dev/stdin", "-subj", "/CN=x", octets=private()),
        None,
        "f holds no certificate or key, only a certificate signing request",
        "BEGIN CERTIFICATE",
    ),
    "a signing request in DER": (
        lambda: request().public_bytes(ENCODING.DER),
        None,
        "f is a certificate signing request",
        "made from it",
    ),
    "a revocation list": (
        lambda: crl().public_bytes(ENCODING.PEM),
        None,
        "f holds no certificate or key, only a certificate revocation list",
        "BEGIN CERTIFICATE",
    ),
    "a revocation list in DER": (
        lambda: crl().public_bytes(ENCODING.DER),
        None,
        "f is a certificate revocation list",
        "certificate itself",
    ),
    "a PGP key": (
        lambda: b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQEN\n-----END PGP PUBLIC KEY BLOCK-----",
        None,
        "f holds no certificate or key, only a PGP key",
        "BEGIN CERTIFICATE",
    ),
    "parameters": (
        lambda: openssl("ecparam", "-name", "prime256v1"),
        None,
        "f holds no certificate or key, only parameters of a curve",
        "BEGIN CERTIFICATE",
    ),
    "a page": (
        lambda: b"\r\n<!DOCTYPE HTML><title>Sign in to your account</title>",
        None,
        "f is an HTML page, not a certificate",
        "download it again",
    ),
    "a page in Latin-1": (
        lambda: "<!-- Über --><html lang=de><body>Café".encode("latin-1"),
        None,
        "f is an HTML page, not a certificate",
        "download it again",
    ),
    "XML": (
        lambda: b'<?xml version="1.0"?><EntityDescriptor/>',
        None,
        "f is an XML file",
        "export",
    ),
    "an assertion": (
        lambda: token().encode() + b"\n",
        None,
        "f is an assertion or another token (a JWT), not a certificate",
        "give it as INPUT",
    ),
    "an assertion in a form": (
        lambda: b"grant_type=client_credentials&client_assertion=" + token().encode(),
        None,
        "f is an assertion or another token (a JWT), not a certificate",
        "give it as INPUT",
    ),
    "an encrypted token": (
        lambda: compact({"alg": "RSA-OAEP", "enc": "A128GCM"}, {"a": 1}, "YQ.YQ.YQ").encode(),
        None,
        "f is an assertion or another token (a JWT), not a certificate",
        "give it as INPUT",
    ),
    "a Java keystore": (
        lambda: bytes.fromhex("feedfeed 00000002 00000001 00000001") + seeded.octets("junk", 99),
        None,
        "f is a Java keystore (JKS)",
        "keytool -importkeystore",
    ),
    "a Java keystore of the other sort": (
        lambda: bytes.fromhex("cececece 00000002 00000001 00000001") + seeded.octets("junk", 99),
        None,
        "f is a Java keystore (JCEKS)",
        "keytool -importkeystore",
    ),
    "a Java keystore in base64": (
        lambda: base64.encodebytes(bytes.fromhex("feedfeed 00000002") + seeded.octets("junk", 99)),
        None,
        "f is a Java keystore (JKS)",
        "keytool -importkeystore",
    ),
    "a ZIP archive": (lambda: b"PK\x03\x04\x14" + bytes(50), None, "f is a ZIP archive", "unpack"),
    "a gzip archive": (lambda: b"\x1f\x8b\x08" + bytes(50), None, "f is a gzip archive", "unpack"),
    "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3", None, "f is a PDF document", "export"),
    "a database": (
        lambda: b"SQLite format 3\0" + bytes(90),
        None,
        "f is an SQLite database",
        "export",
    ),
    "a PuTTY key": (
        lambda: b"PuTTY-User-Key-File-3: ssh-rsa\r\nEncryption: none\r\n",
        None,
        "f is a PuTTY private key",
        "puttygen",
    ),
    "an SSH key in another form": (
        lambda: b"---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3Nz\n---- END SSH2 PUBLIC KEY ----\n",
        None,
        "f is an SSH public key in the form of RFC 4716",
        "ssh-keygen -i -f FILE",
    ),
    "known hosts": (
        lambda: b"github.com,140.82.121.4 " + public("ed25519", *SSH_LINE) + b"\n",
        None,
        "f is a list of SSH keys (known_hosts or authorized_keys)",
        "export",
    ),
    "known hosts, hashed": (
        lambda: b"# comment\n|1|c2FsdA==|aGFzaA== " + public("ec", *SSH_LINE) + b"\n",
        None,
        "f is a list of SSH keys (known_hosts or authorized_keys)",
        "export",
    ),
    "authorized keys with options": (
        lambda: b'command="echo hello there" ' + public("app", *SSH_LINE),
        None,
        "f is a list of SSH keys (known_hosts or authorized_keys)",
        "export",
    ),
    "an SSH key that is none": (
        lambda: b"ssh-rsa AAAAB3NzaC1yc2E= me",
        None,
        "f holds an OpenSSH key that cannot be read",
        "ssh-keygen",
    ),
    "an SSH key with a compressed point": (
        lambda: ssh_line(b"ecdsa-sha2-nistp256", b"nistp256", b"\2" + bytes(32)),
        None,
        "f holds an OpenSSH key that cannot be read",
        "ssh-keygen",
    ),
    "a private SSH key cut off": (
        lambda: (
            b"-----BEGIN OPENSSH PRIVATE KEY-----\n"
            + base64.b64encode(b"openssh-key-v1\0" + bytes(9))
            + b"\n-----END OPENSSH PRIVATE KEY-----\n"
        ),
        None,
        "f holds an OpenSSH key that cannot be read",
        "ssh-keygen",
    ),
    "101 SSH keys": (
        lambda: (public("ed25519", *SSH_LINE) + b"\n") * (MAX_CERTIFICATES + 1),
        None,
        "f holds 101 certificates, more than 100",
        "trust store",
    ),
    "a git-lfs pointer": (
        lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n",
        None,
        "f is a git-lfs pointer, not the file itself",
        "git lfs pull",
    ),
    "a password": (
        lambda: b"correct horse battery staple\n",
        None,
        "f is text without a certificate or key in it",
        "export",
    ),
    "base64 of something else": (
        lambda: base64.b64encode(bytes(90)),
        None,
        "f is text without a certificate or key in it",
        "export",
    ),
    "a long password in base64": (
        lambda: base64.b64encode(b"0" + bytes(20)),
        None,
        "f is text without a certificate or key in it",
        "export",
    ),
    "octets": (
        lambda: bytes(range(128, 256)),
        None,
        "f is no certificate or key in any form that is known here",
        "export",
    ),
    # JSON
    "a symmetric JWK": (
        lambda: written({"kty": "oct", "k": b64url(b"a shared secret of 32 octets, you")}),
        None,
        "f is a JWK with no public key: a symmetric key, which has no public half",
        "public key",
    ),
    "a JWK of an unknown kind": (
        lambda: written({"kty": "AKP", "pub": "AAAA"}),
        None,
        "f is a JWK with no public key: a key of an unknown kty",
        "public key",
    ),
    "a JWK whose kind is no text": (
        lambda: written({"kty": ["RSA"]}),
        None,
        "f is a JWK with no public key: a key of an unknown kty",
        "public key",
    ),
    "a JWK on an unknown curve": (
        lambda: written({"kty": "EC", "crv": "P-192", "x": "AAAA", "y": "AAAA"}),
        None,
        "f is a JWK with no public key: a key on an unknown curve",
        "public key",
    ),
    "a JWK on another kind's curve": (
        lambda: written(edwards_jwk("ed25519", "P-256")),
        None,
        "f is a JWK with no public key: a key on an unknown curve",
        "public key",
    ),
    "a JWK whose curve is no text": (
        lambda: written({"kty": "OKP", "crv": 1, "x": "AAAA"}),
        None,
        "f is a JWK with no public key: a key on an unknown curve",
        "public key",
    ),
    "a JWK in standard base64": (
        lambda: written(rsa_jwk() | {"n": "+/" + rsa_jwk()["n"][2:]}),
        None,
        "f is a JWK with no public key: a key of the kty RSA whose n and e are not all base64url",
        "public key",
    ),
    "a JWK with numbers for members": (
        lambda: written({"kty": "RSA", "n": 3233, "e": 17}),
        None,
        "f is a JWK with no public key: a key of the kty RSA whose n and e are not all base64url",
        "public key",
    ),
    "a JWK without a point on its curve": (
        lambda: written(ec_jwk("ec", "P-256", 32) | {"x": b64url(bytes(32))}),
        None,
        "f is a JWK with no public key: a key of the kty EC that is none",
        "public key",
    ),
    "a JWK of another size": (
        lambda: written(ec_jwk("ec", "P-384", 32)),
        None,
        "f is a JWK with no public key: a key of the kty EC that is none",
        "public key",
    ),
    "a JWK of one character": (
        lambda: written(edwards_jwk("ed25519", "Ed25519") | {"x": "A"}),
        None,
        "f is a JWK with no public key: a key of the kty OKP that is none",
        "public key",
    ),
    "a JWK with exponent 1": (
        lambda: written(rsa_jwk() | {"e": "AQ"}),
        None,
        "f is a JWK with no public key: a key of the kty RSA that is none",
        "public key",
    ),
    "a JWK out of bounds": (
        lambda: written(rsa_jwk() | {"n": integer(1 << 20_000 | 1)}),
        None,
        "f holds an RSA key with a modulus of 20001 bits",
        "at most 16384 bits",
    ),
    "an empty JWK set": (
        lambda: jwks(),
        None,
        "f is a JWK with no public key: nothing in it",
        "public key",
    ),
    "a JWK set of nothing usable": (
        lambda: jwks({"kty": "oct"}, {"kty": "oct"}, {"kty": "X"}),
        None,
        "f is a JWK with no public key: a symmetric key, which has no public half and a key of an "
        "unknown kty",
        "public key",
    ),
    "a JWK set of 101 keys": (
        lambda: jwks(*[edwards_jwk("ed25519", "Ed25519")] * (MAX_CERTIFICATES + 1)),
        None,
        "f holds 101 certificates, more than 100",
        "trust store",
    ),
    **{
        f"the JSON {text[:9]!r}": (
            text.encode,
            None,
            "f is JSON, but neither a JWK nor a JWK set",
            "JWK",
        )
        for text in ("{}", "[]", '{"keys": 1}', '{"keys": {}}', '{"access_token": "eyJ"}')
    },
    **{
        f"what is no JSON, {text[:9]!r}": (
            text.encode,
            None,
            "f begins as JSON, but cannot be read as such",
            "JWK",
        )
        for text in ("{", "[1,", '{"kty": "RSA",}', "[" * 9_999, '{"n": ' + "9" * 5_000 + "}")
    },
}


@pytest.mark.parametrize(("make", "password", "message", "hint"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_serve_is_named_and_shows_nothing_of_itself(make, password, message, hint):
    octets = make()
    with pytest.raises(CertificateError) as caught:
        parse(octets, password)

    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint
    assert len(caught.value.message) < 200
    everything = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    if isinstance(password, (str, bytes)) and password:
        given = password if isinstance(password, str) else password.decode("latin-1")
        assert given not in everything
    for word in octets.decode("latin-1").split():
        assert len(word) < 16 or "https" in word or word not in everything


@pytest.mark.parametrize(("make", "password", "message", "hint"), REFUSED.values(), ids=REFUSED)
def test_in_a_folder_what_cannot_serve_is_a_note(make, password, message, hint, tmp_path):
    (tmp_path / "a.bin").write_bytes(make())
    (tmp_path / "b.pem").write_bytes(pem(OTHER))

    (candidate,) = read_keys(tmp_path, Role.REGISTERED, password)

    name = f"{tmp_path.name}/a.bin"
    assert candidate.label == f"{tmp_path.name}/b.pem"
    (note,) = candidate.notes
    assert note.startswith(f"beside it was skipped: {message.replace('f ', f'{name} ', 1)}")


def test_a_broken_private_jwk_is_not_quoted_in_what_is_raised():
    for broken in ({"n": "+/"}, {"e": "AQ"}, {"kty": "EC"}, {"kty": "X"}):
        octets = written(private_jwk() | broken)
        with pytest.raises(CertificateError) as caught:
            parse(octets)
        everything = "".join(traceback.format_exception(caught.value))
        assert private_jwk()["d"][:12] not in everything


# Passwords


def asking(*answers):
    """A password to be asked for, and the names of the files it was asked for."""
    asked = []

    def answer(label):
        asked.append(label)
        return answers[len(asked) - 1]

    return answer, asked


@pytest.mark.parametrize(
    "make",
    [
        lambda: pem(APP),
        lambda: private() + pem(APP),
        lambda: locked() + pem(APP),
        lambda: pfx(password=""),
        lambda: pfx("-keypbe", "NONE", "-certpbe", "NONE", "-nomac"),
        lambda: private(),
        lambda: private(form=SSH),
        lambda: p7b(APP),
        lambda: written(rsa_jwk()),
    ],
)
def test_nobody_is_asked_for_a_password_that_is_not_needed(make):
    password, asked = asking()

    assert parse(make(), password)
    assert asked == []


@pytest.mark.parametrize("make", [pfx, locked, lambda: locked("-outform", "DER")])
def test_a_password_is_asked_for_once_with_the_name_of_the_file(make):
    password, asked = asking(PASSWORD.encode())

    assert parse(make(), password)
    assert asked == ["f"]


@pytest.mark.parametrize("password", [PASSWORD, PASSWORD.encode(), lambda label: PASSWORD.encode()])
def test_a_password_may_be_text_or_octets_or_come_when_called(password):
    assert parse(pfx(), password)


def test_in_a_folder_each_file_asks_for_its_own_password(tmp_path):
    (tmp_path / "1.pfx").write_bytes(pfx())
    (tmp_path / "2.pfx").write_bytes(pfx(holder="other", certs=(OTHER,), password="2"))
    (tmp_path / "3.pem").write_bytes(pem(LEAF))
    password, asked = asking(PASSWORD.encode(), b"2")

    name = tmp_path.name
    assert seen(read_keys(tmp_path, Role.REGISTERED, password)) == [
        f"{name}/1.pfx registered app",
        f"{name}/2.pfx registered other",
        f"{name}/3.pem registered leaf",
    ]
    assert asked == [f"{name}/1.pfx", f"{name}/2.pfx"]


def test_where_the_library_lacks_old_encryption_the_error_says_how_to_convert_it(tmp_path):
    (tmp_path / "old.pfx").write_bytes(pfx("-legacy"))
    code = (
        "import sys\nfrom pathlib import Path\nfrom assertcheck import CertificateError\n"
        "from assertcheck.keys.files import read_keys\nfrom assertcheck.model import Role\n"
        "try:\n    read_keys(Path(sys.argv[1]), Role.ALSO, sys.argv[2])\n"
        "except CertificateError as error:\n    print(error.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "old.pfx"), PASSWORD],
        env=os.environ | {"CRYPTOGRAPHY_OPENSSL_NO_LEGACY": "1"},
        check=True,
        capture_output=True,
        text=True,
    )

    assert f"`{LEGACY_PFX}`" in done.stdout


def test_the_command_that_converts_old_encryption_does(tmp_path):
    (tmp_path / "FILE").write_bytes(pfx("-legacy"))
    command = [*LEGACY_PFX.split(), "-passin", f"pass:{PASSWORD}"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    assert seen(read_keys(tmp_path / "cert.pem", Role.REGISTERED)) == ["cert.pem registered app"]


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH is not installed")
def test_of_an_encrypted_openssh_key_the_public_half_needs_no_password(tmp_path):
    path = tmp_path / "id"
    path.write_bytes(private(form=SSH))
    path.chmod(0o600)
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", PASSWORD, "-f", path], check=True)
    password, asked = asking()

    assert seen(read_keys(path, Role.REGISTERED, password)) == ["id registered app's key"]
    assert asked == []


@pytest.mark.parametrize("octets", [b"", b"\0", b"\5\0", b"\2", b"\2\1"])
def test_a_salt_without_rounds_behind_it_costs_nothing(octets):
    for opening in ("", "06092b06010401da47040b"):
        check_rounds(bytes.fromhex(f"{opening}300a 0408") + bytes(8) + octets, "f")


# Folders


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "certs"
    folder.mkdir()
    return folder


def test_a_folder_is_read_by_name_without_what_is_hidden_or_deeper(folder):
    for name, cert in {"b.pem": APP, "a.crt": OTHER, ".hidden.pem": LEAF}.items():
        (folder / name).write_bytes(pem(cert))
    (folder / "deeper").mkdir()
    (folder / "deeper" / "c.pem").write_bytes(pem(LEAF))

    candidates = read_keys(folder, Role.REGISTERED)

    assert seen(candidates) == ["certs/a.crt registered other", "certs/b.pem registered app"]
    assert [each.notes for each in candidates] == [(), ()]


def test_a_folder_is_called_by_its_own_name(folder, monkeypatch):
    (folder / "a.pem").write_bytes(pem(APP))
    monkeypatch.chdir(folder)

    assert seen(read_keys(Path(), Role.ALSO)) == ["certs/a.pem also app"]
    assert seen(read_keys(Path("../certs/"), Role.ALSO)) == ["certs/a.pem also app"]


def test_a_chain_in_the_files_of_a_folder_has_one_leaf(folder):
    (folder / "a-root.pem").write_bytes(pem(ROOT))
    (folder / "leaf.pem").write_bytes(pem(LEAF))

    assert seen(read_keys(folder, Role.REGISTERED)) == [
        "certs/leaf.pem registered leaf",
        "certs/a-root.pem also root",
    ]


def test_files_of_a_folder_that_cannot_serve_are_one_note(folder):
    (folder / "app.pem").write_bytes(pem(APP))
    for name in ("1", "2", "3", "4", "5"):
        (folder / f"{name}.txt").write_text("words")
    os.mkfifo(folder / "0")

    (candidate,) = read_keys(folder, Role.REGISTERED)

    assert candidate.notes == (
        f"beside it was skipped: {folder}/0 is not a regular file; "
        "certs/1.txt is text without a certificate or key in it; "
        "certs/2.txt is text without a certificate or key in it; and 3 more",
    )


def refused_folder(folder):
    with pytest.raises(CertificateError) as caught:
        read_keys(folder, Role.REGISTERED)
    assert caught.value.hint
    return caught.value.message


def test_a_folder_of_nothing_usable_says_what_was_there(folder):
    nothing = "certs holds no certificate or key that can be used: "
    assert refused_folder(folder) == nothing + "there is no file in it"

    (folder / "app.csr").write_bytes(request().public_bytes(ENCODING.PEM))
    (folder / "app.pfx").write_bytes(pfx())
    assert refused_folder(folder) == (
        nothing + "certs/app.csr holds no certificate or key, only a certificate signing request; "
        "certs/app.pfx is a PFX (PKCS#12) with a password, and none was given"
    )


def test_a_folder_has_a_hundred_files_and_keys_at_most(folder):
    for index in range(MAX_FILES):
        (folder / f"{index:03}.pem").write_bytes(public("ed25519"))
    assert len(read_keys(folder, Role.REGISTERED)) == MAX_FILES

    (folder / "000.pem").write_bytes(public("ed25519") + public("ec"))
    assert refused_folder(folder) == "certs holds 101 certificates, more than 100"

    (folder / "one-too-many.pem").touch()
    assert refused_folder(folder) == "certs holds more than 100 files"


def test_a_folder_that_cannot_be_listed_is_named(folder, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    assert refused_folder(folder) == "cannot list certs: permission denied"


# The same thing twice


def also(octets):
    return parse_keys(octets, label="g", role=Role.ALSO)


@pytest.mark.parametrize(
    ("candidates", "left"),
    [
        ((*parse(pem(APP)), *also(der(APP))), ["f registered app"]),
        ((*also(der(APP)), *parse(pem(APP))), ["f registered app"]),
        ((*also(pem(APP, APP)), *also(der(APP))), ["g[0] also app"]),
        ((*parse(pem(APP)), *also(private())), ["f registered app"]),
        ((*parse(public()), *parse(private()), *parse(pem(APP))), ["f registered app"]),
        ((*also(public()), *parse(private())), ["f registered app's key"]),
        # What is registered is the key; the certificate beside it may be another one of the same.
        ((*parse(public()), *also(pem(APP))), ["f registered app's key", "g also app"]),
        ((*also(pem(OTHER)), *parse(pem(APP))), ["f registered app", "g also other"]),
        ((*parse(public()), *parse(pem(OTHER))), ["f registered other", "f registered app's key"]),
        ((*parse(pem(APP)), *parse(public("ec"))), ["f registered app", "f registered ec's key"]),
        ((), []),
    ],
)
def test_of_the_same_key_in_several_files_one_candidate_is_left(candidates, left):
    assert seen(collapsed(candidates)) == left


def test_two_certificates_of_one_key_are_two():
    renewed = certificate("renewed", holder=key())
    candidates = (*parse(pem(APP)), *also(pem(renewed)))

    assert collapsed(candidates) == candidates


def test_what_is_left_takes_over_the_notes_of_what_goes():
    candidates = (*parse(pem(APP)), *also(private()), *also(private() + pem(APP)))

    (left,) = collapsed(candidates)

    assert left.notes == (PUBLIC_HALF,)


# The samples

SAMPLES = Path(__file__).parents[1] / "sample_certs"
SAMPLE_PASSWORD = (SAMPLES / "rsa-2048.pfx.password.txt").read_text().rstrip("\n")
CONTAINERS = sorted(
    path
    for path in (*SAMPLES.iterdir(), *(SAMPLES / "keys").iterdir())
    if path.suffix in (".pem", ".der", ".cer", ".p7b", ".pfx", ".json")
)


def sha1_by_openssl(octets):
    printed = openssl("x509", "-noout", "-fingerprint", "-sha1", octets=octets).decode()
    return printed.strip().partition("=")[2].replace(":", "").lower()


@pytest.mark.parametrize("path", CONTAINERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_sample_loads(path):
    candidates = read_keys(path, Role.REGISTERED, SAMPLE_PASSWORD)

    assert [each.role for each in candidates].count(Role.REGISTERED) == (
        2 if path.name == "jwks.json" else 1
    )
    is_key = path.parent.name == "keys"
    assert [each.certificate is None for each in candidates] == [is_key] * len(candidates)


@pytest.mark.parametrize(
    "path",
    [path for path in CONTAINERS if path.parent == SAMPLES and path.name.startswith("rsa-2048.")],
    ids=lambda path: path.name,
)
def test_every_form_of_a_sample_has_the_thumbprint_that_openssl_computes(path):
    (candidate,) = read_keys(path, Role.REGISTERED, SAMPLE_PASSWORD)

    assert candidate.certificate
    expected = sha1_by_openssl((SAMPLES / "rsa-2048.pem").read_bytes())
    assert candidate.certificate.sha1.hex() == expected


def test_the_folder_of_the_samples_is_one_of_key_files():
    candidates = collapsed(read_keys(SAMPLES, Role.REGISTERED, SAMPLE_PASSWORD))

    registered = [each.label for each in candidates if each.role is Role.REGISTERED]
    assert registered == [
        f"sample_certs/{name}"
        for name in (
            *("chain-root-first.pem[2]", "crlf.pem", "ec-p256.pem", "expired.pem"),
            *("jwks.json[1]", "not-yet-valid.pem", "renewed.pem", "rsa-1024.pem", "rsa-4096.pem"),
        )
    ]
    assert {each.label for each in candidates if each.role is not Role.REGISTERED} == {
        f"sample_certs/{name}" for name in ("ca.pem", "chain-root-first.pem[1]")
    }


# Whatever the octets

MAGIC = (
    *(b"\x30\x82", b"\x30\x80", b"\x30\x82\x01\x00\x02\x01\x03\x30", b"\xfe\xed\xfe\xed"),
    *(b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", b"\x30\x82\x01\x00\x30\x0b\xa0"),
    *(b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"M\0I\0", b"{", b"[", b'{"kty":"RSA",'),
    *(b"ssh-rsa AAAA", b"host ssh-rsa AAAA", b"eyJ", b"<html", b"PK\x03\x04", b"0x30", b"MII"),
    *(b"-----BEGIN CERTIFICATE-----", b"-----BEGIN PRIVATE KEY-----\n", b"PuTTY-User-Key-File-"),
)
LABELS = (
    *("CERTIFICATE", "TRUSTED CERTIFICATE", "PKCS7", "CMS", "X509 CRL", "CERTIFICATE REQUEST"),
    *("PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "PUBLIC KEY"),
    *("RSA PUBLIC KEY", "OPENSSH PRIVATE KEY"),
)
JSON: st.SearchStrategy[object] = st.sampled_from(
    (None, True, 0, -1.5, "", "\ud800", [], [None], ["AAAA"], {}, {"a": []})
)
MEMBERS = st.fixed_dictionaries(
    {"kty": st.sampled_from(["RSA", "EC", "OKP", "oct"]) | JSON},
    optional={
        name: st.sampled_from(["AQAB", "P-256", "P-384", "Ed25519", "Ed448"])
        | st.from_regex(r"[\w-]{1,90}", fullmatch=True)
        | JSON
        for name in ("n", "e", "crv", "x", "y", "d", "k", "alg", "x5c")
    },
)
WHOLE = (
    *(pfx(), pfx("-keypbe", "NONE", "-certpbe", "NONE", "-nomac"), p7b(APP, LEAF, form="DER")),
    *(locked("-outform", "DER"), private(encoding=ENCODING.DER), public(encoding=ENCODING.DER)),
    *(private("ec", TRADITIONAL, ENCODING.DER), private("p384", SSH), public("ec", *SSH_LINE)),
    *(crl().public_bytes(ENCODING.DER), request().public_bytes(ENCODING.DER)),
    *(private() + pem(APP), written(private_jwk(x5c=x5c(APP))), body(pem(APP))),
)


def only_one_error(octets):
    """What comes of `octets`, which must be candidates or the one error there is for it."""
    try:
        candidates = parse(octets, PASSWORD)
    except CertificateError as error:
        return error.message.startswith("f") and error.hint
    return candidates[0].key_text


@given(st.sampled_from(MAGIC), st.binary())
def test_no_file_raises_anything_but_a_certificate_error(magic, octets):
    assert only_one_error(magic + octets)


@given(st.sampled_from(LABELS), st.binary())
def test_no_block_raises_anything_but_a_certificate_error(label, octets):
    text = base64.encodebytes(octets).decode()
    assert only_one_error(f"-----BEGIN {label}-----\n{text}-----END {label}-----\n".encode())


@settings(max_examples=50)
@given(st.lists(MEMBERS, min_size=1, max_size=2))
def test_no_jwk_raises_anything_but_a_certificate_error(members):
    assert only_one_error(jwks(*members))


@given(
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=4),
    st.integers(0, 9) | st.integers(0),
)
def test_no_changed_container_raises_anything_but_a_certificate_error(original, changes, cut):
    octets = bytearray(original)
    for place, octet in changes:
        octets[place % len(octets)] = octet

    assert only_one_error(bytes(octets[: len(octets) - cut % len(octets)]))


# What it costs


def loaded_by(path):
    """The modules there are after the program has read the key file `path`."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom assertcheck.keys.files import read_keys\n"
        "from assertcheck.model import Role\nread_keys(Path(sys.argv[1]), Role.ALSO)\n"
        "print(*sys.modules)"
    )
    command = [sys.executable, "-c", code, str(path)]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


def test_a_certificate_in_pem_loads_no_module_for_anything_else(tmp_path):
    (tmp_path / "app.pem").write_bytes(pem(LEAF, ROOT))
    (tmp_path / "app.p7b").write_bytes(p7b(APP))

    loaded = loaded_by(tmp_path / "app.pem")

    ours = {name for name in loaded if name.startswith("assertcheck.keys.")}
    assert ours == {"assertcheck.keys.certificate", "assertcheck.keys.files"}
    library = "cryptography.hazmat.primitives.serialization"
    assert not {f"{library}.pkcs7", f"{library}.pkcs12", "jwt", "getpass"} & loaded
    assert f"{library}.pkcs7" in loaded_by(tmp_path / "app.p7b")
