"""Private keys to sign with: each file they are kept in, and that nothing of them gets out."""

import base64
import codecs
import json
import traceback
from functools import cache

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ed448, ed25519, x25519
from cryptography.hazmat.primitives.serialization import pkcs12

from assertcheck.errors import CertificateError
from assertcheck.keys.files import parse_keys
from assertcheck.keys.private_key import belongs_to, parse_private_key, read_private_key
from assertcheck.model import Role
from tests.build import b64url, certificate, der, ec_key, key, pem
from tests.test_containers import locked, pfx, request

PASSWORD = "sesame-öffne-dich"
APP, OTHER = certificate("app"), certificate("other")
ROOT = certificate("root", ca=True)
LEAF = certificate("leaf", issuer=ROOT, issuer_key=key("root"))
ENCODING, FORM = serialization.Encoding, serialization.PrivateFormat
NO_PASSWORD = serialization.NoEncryption()
GIVE = "give the private key with --key, or the PFX that holds it"
SWAP = f"{GIVE}; if the other file holds it, swap the two"
ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
ED448 = ed448.Ed448PrivateKey.from_private_bytes(bytes(range(57)))


def private(holder=None, *, form=FORM.PKCS8, encoding=ENCODING.PEM, password=None):
    encryption = (
        serialization.BestAvailableEncryption(password.encode()) if password else NO_PASSWORD
    )
    return (holder or key()).private_bytes(encoding, form, encryption)


def public(holder=None):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return (holder or key()).public_key().public_bytes(ENCODING.PEM, form)


def number(value, size=None):
    return b64url(value.to_bytes(size or (value.bit_length() + 7) // 8))


def jwk(**changes):
    """The app's key as RFC 7518 §6.3 has it."""
    held = key().private_numbers()
    members = {
        "kty": "RSA",
        "kid": "app",
        "n": number(held.public_numbers.n),
        "e": number(held.public_numbers.e),
        "d": number(held.d),
        "p": number(held.p),
        "q": number(held.q),
    }
    return {name: value for name, value in (members | changes).items() if value is not None}


def ec_jwk(**changes):
    held = ec_key().private_numbers()
    point = held.public_numbers
    members = {
        "kty": "EC",
        "crv": "P-256",
        "x": number(point.x, 32),
        "y": number(point.y, 32),
        "d": number(held.private_value, 32),
    }
    return members | changes


def okp_jwk(**changes):
    octets = ED25519.public_key().public_bytes_raw()
    members = {"kty": "OKP", "crv": "Ed25519", "x": b64url(octets), "d": b64url(bytes(range(32)))}
    return members | changes


def as_json(value):
    return json.dumps(value).encode()


def numbers(**changes):
    """The app's key as PKCS#1 in DER, with other numbers in it."""
    held = key().private_numbers()
    values = {
        "n": held.public_numbers.n,
        "e": held.public_numbers.e,
        "d": held.d,
        "p": held.p,
        "q": held.q,
        "dmp1": held.dmp1,
        "dmq1": held.dmq1,
        "iqmp": held.iqmp,
    } | changes
    return sequence(integer(0), *(integer(value) for value in values.values()))


def integer(value):
    octets = value.to_bytes(value.bit_length() // 8 + 1)
    return element(2, octets)


def sequence(*parts):
    return element(0x30, b"".join(parts))


def element(tag, octets):
    size = len(octets)
    if size < 128:
        return bytes([tag, size]) + octets
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + octets


ED448_JWK = {
    "kty": "OKP",
    "crv": "Ed448",
    "x": b64url(ED448.public_key().public_bytes_raw()),
    "d": b64url(bytes(range(57))),
}
RSA_KEY, EC_KEY = private(), private(ec_key())
DER_KEY = private(encoding=ENCODING.DER)
OPEN = {
    "PKCS#8": (RSA_KEY, "RSA 2048"),
    "PKCS#1": (private(form=FORM.TraditionalOpenSSL), "RSA 2048"),
    "PKCS#8 in DER": (DER_KEY, "RSA 2048"),
    "PKCS#1 in DER": (private(form=FORM.TraditionalOpenSSL, encoding=ENCODING.DER), "RSA 2048"),
    "PKCS#1 of plain numbers": (numbers(), "RSA 2048"),
    "DER and a line end": (DER_KEY + b"\r\n", "RSA 2048"),
    "SEC 1": (private(ec_key(), form=FORM.TraditionalOpenSSL), "EC P-256"),
    "Ed25519": (private(ED25519), "Ed25519"),
    "Ed448": (private(ED448), "Ed448"),
    "OpenSSH": (private(form=FORM.OpenSSH), "RSA 2048"),
    "OpenSSH, EC": (private(ec_key(), form=FORM.OpenSSH), "EC P-256"),
    "JWK": (as_json(jwk()), "RSA 2048"),
    "JWK with d alone": (as_json(jwk(p=None, q=None)), "RSA 2048"),
    "JWK, EC": (as_json(ec_jwk()), "EC P-256"),
    "JWK, OKP": (as_json(okp_jwk()), "Ed25519"),
    "JWK, Ed448": (as_json(ED448_JWK), "Ed448"),
    "JWK set": (as_json({"keys": [jwk(d=None), "x", jwk()]}), "RSA 2048"),
    "with curve parameters": (
        b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + EC_KEY,
        "EC P-256",
    ),
    "beside a public key": (public() + RSA_KEY, "RSA 2048"),
    "with words around it": (b"Bag Attributes\n" + RSA_KEY + b"that is all", "RSA 2048"),
    "UTF-8 with a mark": (codecs.BOM_UTF8 + RSA_KEY, "RSA 2048"),
    "UTF-16": (RSA_KEY.decode().encode("utf-16"), "RSA 2048"),
    "UTF-16 without a mark": (RSA_KEY.decode().encode("utf-16-le"), "RSA 2048"),
    "CRLF": (RSA_KEY.replace(b"\n", b"\r\n"), "RSA 2048"),
    "one line of a variable": (RSA_KEY.replace(b"\n", rb"\n"), "RSA 2048"),
    "base64 of PEM": (base64.b64encode(RSA_KEY), "RSA 2048"),
    "base64 of DER": (base64.encodebytes(DER_KEY), "RSA 2048"),
    "base64 of PFX": (base64.b64encode(pfx(password="")), "RSA 2048"),
    "hex of DER": (DER_KEY.hex().encode(), "RSA 2048"),
    "PFX": (pfx(password=""), "RSA 2048"),
}


@pytest.mark.parametrize("name", OPEN)
def test_a_private_key_is_read_from(name: str):
    octets, kind = OPEN[name]
    found = parse_private_key(octets, label="app.key")
    holder = {"RSA 2048": key(), "EC P-256": ec_key(), "Ed25519": ED25519, "Ed448": ED448}[kind]
    assert (found.label, found.key_text) == ("app.key", kind)
    assert private(found.key, encoding=ENCODING.DER) == private(holder, encoding=ENCODING.DER)


LOCKED = {
    "PKCS#8": private(password=PASSWORD),
    "PKCS#8 in DER": private(password=PASSWORD, encoding=ENCODING.DER),
    "PKCS#1": private(password=PASSWORD, form=FORM.TraditionalOpenSSL),
    "scrypt": locked("-scrypt"),
    "3DES": locked("-v2", "des3"),
    "PFX": pfx(),
    "PFX, 3DES": pfx("-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"),
}


@pytest.mark.parametrize("name", LOCKED)
def test_a_password_opens(name: str):
    asked: list[str] = []

    def ask(label: str) -> bytes:
        asked.append(label)
        return PASSWORD.encode()

    found = parse_private_key(LOCKED[name], label="app.key", password=ask)
    assert private(found.key) == private()
    assert asked == ["app.key"]


@pytest.mark.parametrize("name", LOCKED)
@pytest.mark.parametrize("password", [None, "wrong"])
def test_without_the_right_password_it_stays_shut(name: str, password: str | None):
    with pytest.raises(CertificateError) as caught:
        parse_private_key(LOCKED[name], label="app.key", password=password)
    said = "none was given" if password is None else "that the password given does not open"
    assert said in caught.value.message


def test_an_old_encryption_comes_with_the_command_that_keeps_the_private_key():
    octets = pfx("-legacy", "-keypbe", "PBE-SHA1-RC2-40", "-certpbe", "PBE-SHA1-RC2-40")
    with pytest.raises(CertificateError) as caught:
        parse_private_key(octets, label="old.pfx", password="wrong")
    assert caught.value.hint.endswith("`openssl pkcs12 -legacy -in FILE -out new.pem`")
    octets = locked("-provider", "legacy", "-provider", "default", "-v1", "PBE-MD5-DES")
    with pytest.raises(CertificateError) as caught:
        parse_private_key(octets, label="old.key", password="wrong")
    assert caught.value.hint.endswith("-in FILE -aes256 -out new.pem`")


@cache
def foreign_pfx():
    return pkcs12.serialize_key_and_certificates(None, key("leaf"), LEAF, [ROOT], NO_PASSWORD)


def x5c(*certs):
    return [base64.b64encode(der(cert)).decode() for cert in certs]


BESIDE = {
    "none": (RSA_KEY, "app", []),
    "its own": (RSA_KEY + pem(APP), "app", [(APP, Role.REGISTERED)]),
    "before it": (pem(APP) + RSA_KEY, "app", [(APP, Role.REGISTERED)]),
    "a chain the wrong way round": (
        private(key("leaf")) + pem(ROOT, LEAF),
        "leaf",
        [(LEAF, Role.REGISTERED), (ROOT, Role.ALSO)],
    ),
    "the issuer's own key": (
        private(key("root")) + pem(LEAF, ROOT),
        "root",
        [(ROOT, Role.REGISTERED), (LEAF, Role.ALSO)],
    ),
    "another's": (RSA_KEY + pem(OTHER), "app", [(OTHER, Role.REGISTERED)]),
    "another's chain": (
        RSA_KEY + pem(ROOT, LEAF),
        "app",
        [(LEAF, Role.REGISTERED), (ROOT, Role.ALSO)],
    ),
    "PFX": (foreign_pfx(), "leaf", [(LEAF, Role.REGISTERED), (ROOT, Role.ALSO)]),
    "x5c": (as_json(jwk(x5c=x5c(APP, ROOT))), "app", [(APP, Role.REGISTERED), (ROOT, Role.ALSO)]),
    "x5c of another": (as_json(jwk(x5c=x5c(OTHER))), "app", [(OTHER, Role.ALSO)]),
}


@pytest.mark.parametrize("name", BESIDE)
def test_the_certificates_beside_it_come_along_the_one_it_belongs_to_first(name: str):
    octets, holder, expected = BESIDE[name]
    found = parse_private_key(octets, label="app.pem")
    assert private(found.key) == private(key(holder))
    assert [
        (each.certificate and each.certificate.der, each.role) for each in found.certificates
    ] == [(der(cert), role) for cert, role in expected]
    assert not any(each.notes for each in found.certificates)


def test_a_key_belongs_to_whatever_holds_its_public_half():
    held = parse_private_key(RSA_KEY, label="app.key")
    (mine,) = parse_keys(pem(APP), label="app.pem", role=Role.REGISTERED)
    (bare,) = parse_keys(public(), label="app.pub", role=Role.REGISTERED)
    (other,) = parse_keys(pem(OTHER), label="other.pem", role=Role.REGISTERED)
    (curve,) = parse_keys(EC_KEY, label="ec.pem", role=Role.REGISTERED)
    belongs = [belongs_to(held, each) for each in (mine, bare, other, curve)]
    assert belongs == [True, True, False, False]


UNFIT = {
    "empty": (b" \n", "app.key is empty", GIVE),
    "certificate": (pem(APP), "app.key is a certificate, not a private key", SWAP),
    "certificate in DER": (der(APP), "app.key is a certificate, not a private key", SWAP),
    "public key": (public(), "app.key is a public key, not a private key", GIVE),
    "public OpenSSH key": (
        key().public_key().public_bytes(ENCODING.OpenSSH, serialization.PublicFormat.OpenSSH),
        "app.key is a public key, not a private key",
        GIVE,
    ),
    "public JWK": (
        as_json(jwk(d=None)),
        "app.key is a public key, not a private key",
        GIVE,
    ),
    "PFX without": (
        pfx("-nokeys", holder=None, password=""),
        "app.key is a PFX (PKCS#12) without a private key in it",
        "export it again, with the private key",
    ),
    "request": (
        request().public_bytes(ENCODING.PEM),
        "app.key holds no certificate or key, only a certificate signing request",
        GIVE,
    ),
    "text": (b"hello", "app.key is text without a certificate or key in it", GIVE),
    "octets": (
        b"\x89PNG\r\n\x1a\n",
        "app.key is no certificate or key in any form that is known here",
        GIVE,
    ),
    "structure": (
        b"\x30\x03\x02\x01\x80",
        "app.key holds no private key that can be read",
        GIVE,
    ),
    "PuTTY": (
        b"PuTTY-User-Key-File-3: ssh-rsa\n",
        "app.key is a PuTTY private key",
        "convert it: `puttygen FILE -O private-openssh -o new.key`, or give the certificate",
    ),
    "keystore": (
        b"\xfe\xed\xfe\xed\0\0\0\x02",
        "app.key is a Java keystore (JKS)",
        "convert it: `keytool -importkeystore -srckeystore FILE -destkeystore new.pfx "
        "-deststoretype PKCS12`",
    ),
    "cut off": (
        DER_KEY[:-9],
        f"app.key is cut off: {len(DER_KEY) - 9} of {len(DER_KEY)} octets are there",
        "copy the whole file, in binary mode, or export it again",
    ),
    "cut off, PEM": (RSA_KEY[:500], "app.key is cut off: its PEM block has no END line", GIVE),
    "two keys": (
        RSA_KEY + EC_KEY,
        "app.key holds 2 private keys",
        "give a file with one of them only",
    ),
    "two JWKs": (
        as_json({"keys": [jwk(), ec_jwk()]}),
        "app.key holds 2 private keys",
        "give a file with one of them only",
    ),
    "damaged": (
        RSA_KEY.replace(b"MII", b"MIM", 1),
        "app.key holds a private key that cannot be read",
        "export the key again",
    ),
    "OpenSSH, damaged": (
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n"
        + base64.b64encode(b"openssh-key-v1\0\0\0\0\x04none\0\0")
        + b"\n-----END OPENSSH PRIVATE KEY-----\n",
        "app.key holds a private key that cannot be read",
        "export the key again",
    ),
    "OpenSSH, locked": (
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n"
        + base64.b64encode(b"openssh-key-v1\0\0\0\0\x0aaes256-ctr")
        + b"\n-----END OPENSSH PRIVATE KEY-----\n",
        "app.key is an OpenSSH private key with a password, which cannot be read here",
        "convert a copy of it: `ssh-keygen -p -m PKCS8 -f FILE`",
    ),
    "X25519": (
        private(x25519.X25519PrivateKey.from_private_bytes(bytes(range(32)))),
        "app.key holds a private key of the kind X25519, which signs no assertion",
        "give an RSA key: Entra ID takes no other",
    ),
    "JSON": (
        b'{"d": "secret"}',
        "app.key is JSON, but neither a JWK nor a JWK set",
        GIVE,
    ),
    "broken JSON": (
        b'{"d": "secret"',
        "app.key begins as JSON, but cannot be read as such",
        GIVE,
    ),
    "empty list": (b"[]", "app.key is JSON, but neither a JWK nor a JWK set", GIVE),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_file_that_cannot_serve_is_named(name: str):
    octets, message, hint = UNFIT[name]
    with pytest.raises(CertificateError) as caught:
        parse_private_key(octets, label="app.key")
    assert (caught.value.message, caught.value.hint) == (message, hint)


HELD = key().private_numbers()
UNSOUND = {
    "n": {"n": HELD.public_numbers.n + 2},
    "d": {"d": HELD.d + 2},
    "dmp1": {"dmp1": HELD.dmp1 + 2},
    "dmq1": {"dmq1": HELD.dmq1 + 2},
    "iqmp": {"iqmp": HELD.iqmp + 1},
    "primes of one": {"p": HELD.public_numbers.n, "q": 1},
    "primes of another": {"p": key("other").private_numbers().p},
}


@pytest.mark.parametrize("name", UNSOUND)
def test_the_numbers_of_an_rsa_key_fit_together(name: str):
    with pytest.raises(CertificateError) as caught:
        parse_private_key(numbers(**UNSOUND[name]), label="app.key")
    assert caught.value.message in (
        "app.key holds an RSA private key whose numbers do not fit together",
        "app.key holds no private key that can be read",
    )


@pytest.mark.parametrize(
    "changes",
    [{"n": (1 << 16_384) + 1}, {"e": (1 << 32) + 1}],
    ids=["modulus", "exponent"],
)
def test_an_rsa_key_is_bounded(changes: dict):
    with pytest.raises(CertificateError) as caught:
        parse_private_key(numbers(**changes), label="app.key")
    assert "out of bounds" in caught.value.message


BROKEN_JWKS = {
    "no number": jwk(d=7),
    "no base64url": jwk(d="a+b/"),
    "a length that nothing encodes to": jwk(d="A" * 5),
    "another's d": jwk(d=number(key("other").private_numbers().d), p=None, q=None),
    "a huge d": jwk(d=number(HELD.d << 4096)),
    "another's p": jwk(p=number(key("other").private_numbers().p)),
    "no q": jwk(q=None),
    "p of one": jwk(p=number(HELD.public_numbers.n), q=number(1)),
    "q of one": jwk(q=number(HELD.public_numbers.n), p=number(1)),
    "too large to find the primes": jwk(n=number((1 << 4097) + 1), d="Aw", p=None, q=None),
    "no public half": jwk(n=None),
    "no d on a curve": ec_jwk(d=None),
    "no kind": {"d": "Aw", "kty": "RSB"},
}


@pytest.mark.parametrize("name", BROKEN_JWKS)
def test_a_broken_private_jwk_is_named_and_not_shown(name: str):
    with pytest.raises(CertificateError) as caught:
        parse_private_key(as_json(BROKEN_JWKS[name]), label="app.jwk")
    assert caught.value.message == "app.jwk is a JWK with a private key that cannot be read"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "members",
    [okp_jwk(d=b64url(bytes(32))), ec_jwk(d="Aw")],
    ids=["OKP", "EC"],
)
def test_the_halves_of_a_jwk_belong_together(members: dict):
    with pytest.raises(CertificateError) as caught:
        parse_private_key(as_json(members), label="app.jwk")
    said = "app.jwk is a JWK whose private half belongs to another public key"
    assert caught.value.message == said


def test_a_kind_of_key_that_signs_no_assertion_is_named():
    holder = dsa.generate_private_key(1024)
    with pytest.raises(CertificateError) as caught:
        parse_private_key(private(holder), label="app.key")
    assert "of the kind DSA, which signs no assertion" in caught.value.message


def test_a_file_is_called_by_its_name(tmp_path):
    path = tmp_path / "app.key"
    path.write_bytes(RSA_KEY)
    assert read_private_key(path).label == "app.key"


def test_a_folder_is_no_key(tmp_path):
    with pytest.raises(CertificateError) as caught:
        read_private_key(tmp_path)
    assert caught.value.hint == "name a file in it"


def test_nothing_of_the_key_is_in_a_repr():
    shown = repr(parse_private_key(RSA_KEY + pem(APP), label="app.key"))
    assert "RSA 2048" in shown
    assert str(HELD.d) not in shown
    assert "PrivateKey object" not in shown


@pytest.mark.parametrize("octets", [RSA_KEY[:1000], as_json(jwk(q="!"))], ids=["PEM", "JWK"])
def test_nothing_of_the_key_is_in_a_traceback(octets: bytes):
    with pytest.raises(CertificateError) as caught:
        parse_private_key(octets, label="app.key")
    told = "".join(traceback.format_exception(caught.value))
    assert number(HELD.d)[:20] not in told
    assert RSA_KEY[100:130].decode() not in told
