"""Values that people put into `x5t`, each made without the program."""

import base64
import hashlib
import subprocess
from datetime import datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from assertcheck.verifier.digests import Thing
from assertcheck.verifier.thumbprint import Step
from tests.build import NOW, b64url, certificate, der, key, pem


@cache
def issued() -> x509.Certificate:
    """A certificate with all that a value may be mistaken from: extensions, serial, a long name.

    No number loses a zero from the front of its thumbprints, nor from that of an octet in hex: what
    is lost or swapped in them is then one mistake and no other.
    """
    made = (_issued(NOW.replace(year=NOW.year + 1, second=second)) for second in range(60))
    return next(each for each in made if min(sha1(der(each))) >= 16 and sha256(der(each))[0])


def _issued(end: datetime) -> x509.Certificate:
    ca_key = key("ca")
    public = key().public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(
            x509.Name(
                [
                    x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Contoso"),
                    x509.NameAttribute(NameOID.COMMON_NAME, "my-app.contoso.example"),
                ]
            )
        )
        .issuer_name(certificate("ca", ca=True).subject)
        .public_key(public)
        .serial_number(0x8A0B0C0D0E0F1011)
        .not_valid_before(NOW)
        .not_valid_after(end)
        # Not the SHA-1 of the key, which would be two things at once.
        .add_extension(x509.SubjectKeyIdentifier(hashlib.md5(b"subject").digest()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier(hashlib.md5(b"authority").digest(), None, None),
            critical=False,
        )
        .sign(ca_key, hashes.SHA256())
    )


def sha1(octets: bytes) -> bytes:
    return hashlib.sha1(octets).digest()


def sha256(octets: bytes) -> bytes:
    return hashlib.sha256(octets).digest()


def openssl(*arguments: str, stdin: bytes) -> bytes:
    return subprocess.run(
        ["openssl", *arguments], input=stdin, capture_output=True, check=True
    ).stdout


def crlf(octets: bytes) -> bytes:
    return octets.replace(b"\n", b"\r\n")


def jwk(public) -> bytes:
    numbers = public.public_numbers()
    n, e = (
        b64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))
        for number in (numbers.n, numbers.e)
    )
    return f'{{"e":"{e}","kty":"RSA","n":"{n}"}}'.encode()


@cache
def things() -> dict[str, tuple[bytes, Thing]]:
    """Everything that people hash in place of the certificate."""
    cert = issued()
    public = cert.public_key()
    text = pem(cert)
    lines = b"\n".join(text.splitlines()[1:-1])
    body = base64.b64encode(der(cert))
    spki = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    spki_pem = openssl("x509", "-pubkey", "-noout", stdin=text)
    digest, digest256 = sha1(der(cert)), sha256(der(cert))
    modulus = key().public_key().public_numbers().n
    return {
        "the PEM text": (text, Thing.CERTIFICATE_TEXT),
        "the PEM text in CRLF": (crlf(text), Thing.CERTIFICATE_TEXT),
        "the PEM text stripped": (text.strip(), Thing.CERTIFICATE_TEXT),
        "the PEM text in CRLF, stripped": (crlf(text).strip(), Thing.CERTIFICATE_TEXT),
        "the PEM text in UTF-16": (text.decode().encode("utf-16-le"), Thing.CERTIFICATE_TEXT),
        "the PEM text in one line": (text.replace(b"\n", b""), Thing.CERTIFICATE_TEXT),
        "the PEM body": (lines, Thing.CERTIFICATE_TEXT),
        "the PEM body and its line end": (lines + b"\n", Thing.CERTIFICATE_TEXT),
        "the PEM body in CRLF": (crlf(lines), Thing.CERTIFICATE_TEXT),
        "the PEM body in CRLF and its line end": (crlf(lines + b"\n"), Thing.CERTIFICATE_TEXT),
        "the base64url": (
            base64.urlsafe_b64encode(der(cert)).rstrip(b"="),
            Thing.CERTIFICATE_TEXT,
        ),
        "the base64url, padded": (base64.urlsafe_b64encode(der(cert)), Thing.CERTIFICATE_TEXT),
        "the DER in hex": (der(cert).hex().encode(), Thing.CERTIFICATE_TEXT),
        "the DER in capital hex": (der(cert).hex().upper().encode(), Thing.CERTIFICATE_TEXT),
        "the base64": (body, Thing.CERTIFICATE_TEXT),
        "the base64 in UTF-16": (body.decode().encode("utf-16-le"), Thing.CERTIFICATE_TEXT),
        "the signed part": (cert.tbs_certificate_bytes, Thing.CERTIFICATE_PART),
        "the signature": (cert.signature, Thing.CERTIFICATE_PART),
        "the subject in DER": (cert.subject.public_bytes(), Thing.CERTIFICATE_PART),
        "the subject": (cert.subject.rfc4514_string().encode(), Thing.CERTIFICATE_PART),
        "the SHA-1 digest": (digest, Thing.THUMBPRINT),
        "the SHA-256 digest": (digest256, Thing.THUMBPRINT),
        "the SHA-1 in hex": (digest.hex().encode(), Thing.THUMBPRINT),
        "the SHA-1 in capital hex": (digest.hex().upper().encode(), Thing.THUMBPRINT),
        "the SHA-256 in hex": (digest256.hex().encode(), Thing.THUMBPRINT),
        "the SHA-256 in capital hex": (digest256.hex().upper().encode(), Thing.THUMBPRINT),
        "the x5t": (b64url(digest).encode(), Thing.THUMBPRINT),
        "the SHA-1 in base64": (base64.b64encode(digest), Thing.THUMBPRINT),
        "the public key": (spki, Thing.PUBLIC_KEY),
        "the public key in PEM": (spki_pem, Thing.PUBLIC_KEY),
        "the public key in PEM, stripped": (spki_pem.strip(), Thing.PUBLIC_KEY),
        "the public key in base64": (base64.b64encode(spki), Thing.PUBLIC_KEY),
        "the PKCS#1 key": (
            openssl("rsa", "-pubin", "-RSAPublicKey_out", "-outform", "DER", stdin=spki_pem),
            Thing.PUBLIC_KEY,
        ),
        "the modulus": (modulus.to_bytes(256, "big"), Thing.PUBLIC_KEY),
        "openssl's modulus": (
            openssl("x509", "-modulus", "-noout", stdin=text),
            Thing.PUBLIC_KEY,
        ),
        "the JWK": (jwk(public), Thing.JWK),
    }


@cache
def origins() -> dict[str, tuple[bytes, Thing, str | None]]:
    """Every octet string that a value may hold, but for the two right ones."""
    found: dict[str, tuple[bytes, Thing, str | None]] = {}
    for name, (octets, thing) in things().items():
        found[f"the SHA-1 of {name}"] = (sha1(octets), thing, "SHA-1")
        found[f"the SHA-256 of {name}"] = (sha256(octets), thing, "SHA-256")
    whole = der(issued())
    for algorithm in ("md5", "sha224", "sha384", "sha512"):
        name = algorithm.upper().replace("SHA", "SHA-")
        digest = hashlib.new(algorithm, whole).digest()
        found[f"the {name} of the certificate"] = (digest, Thing.CERTIFICATE, name)
    spki = things()["the public key"][0]
    found |= {
        "the MD5 of openssl's modulus": (
            hashlib.md5(things()["openssl's modulus"][0]).digest(),
            Thing.PUBLIC_KEY,
            "MD5",
        ),
        "the SHA-512 of the JWK": (
            hashlib.sha512(jwk(issued().public_key())).digest(),
            Thing.JWK,
            "SHA-512",
        ),
        "the subject key identifier": (
            hashlib.md5(b"subject").digest(),
            Thing.KEY_IDENTIFIER,
            None,
        ),
        "the authority key identifier": (
            hashlib.md5(b"authority").digest(),
            Thing.KEY_IDENTIFIER,
            None,
        ),
        "the serial number": (bytes.fromhex("8A0B0C0D0E0F1011"), Thing.SERIAL_NUMBER, None),
        "the serial number in DER": (
            bytes.fromhex("008A0B0C0D0E0F1011"),
            Thing.SERIAL_NUMBER,
            None,
        ),
        "the common name": (b"my-app.contoso.example", Thing.SUBJECT, None),
        "the subject": (issued().subject.rfc4514_string().encode(), Thing.SUBJECT, None),
        "the certificate": (whole, Thing.CERTIFICATE, None),
        "the PEM text": (pem(issued()), Thing.CERTIFICATE_TEXT, None),
        "the public key": (spki, Thing.PUBLIC_KEY, None),
    }
    return found


def in_pairs(separator):
    return lambda octets: separator.join(f"{octet:02X}" for octet in octets)


def standard(octets):
    return base64.b64encode(octets).decode()


def as_text(inner, encoding="utf-8", outer=b64url):
    return lambda octets: outer(inner(octets).encode(encoding))


def lower_hex(octets):
    return octets.hex()


def upper_hex(octets):
    return octets.hex().upper()


HIDDEN = "\u200e"
WRITINGS = {
    "base64url": (b64url, ()),
    "hex": (lower_hex, (Step.HEX,)),
    "capital hex": (upper_hex, (Step.HEX,)),
    "hex with colons": (in_pairs(":"), (Step.HEX, Step.COLONS)),
    "hex with spaces": (in_pairs(" "), (Step.HEX, Step.SPACES)),
    "hex with dashes": (in_pairs("-"), (Step.HEX, Step.DASHES)),
    "hex and a line end": (lambda octets: octets.hex() + "\n", (Step.HEX, Step.BLANKS)),
    "hex with U+200E": (lambda octets: HIDDEN + octets.hex(), (Step.HEX, Step.HIDDEN)),
    "hex with U+FEFF": (lambda octets: "\ufeff" + octets.hex(), (Step.HEX, Step.HIDDEN)),
    "hex with ?": (lambda octets: "?" + octets.hex(), (Step.HEX, Step.HIDDEN)),
    "hex with NUL": (lambda octets: octets.hex() + "\0", (Step.HEX, Step.HIDDEN)),
    "hex with 0x": (lambda octets: "0x" + octets.hex(), (Step.HEX, Step.LABELLED)),
    "openssl's line": (
        lambda octets: "SHA1 Fingerprint=" + in_pairs(":")(octets),
        (Step.HEX, Step.COLONS, Step.LABELLED),
    ),
    "text of hex": (as_text(lower_hex), (Step.HEX, Step.TEXT)),
    "text of capital hex": (as_text(upper_hex), (Step.HEX, Step.TEXT)),
    "text of hex with colons": (as_text(in_pairs(":")), (Step.HEX, Step.COLONS, Step.TEXT)),
    "text of hex and a line end": (
        as_text(lambda octets: octets.hex() + "\n"),
        (Step.HEX, Step.BLANKS, Step.TEXT),
    ),
    "text of hex with U+200E": (
        as_text(lambda octets: HIDDEN + upper_hex(octets)),
        (Step.HEX, Step.HIDDEN, Step.TEXT),
    ),
    "text of hex with U+200E inside": (
        as_text(lambda octets: f"{octets.hex()[:8]}{HIDDEN}{octets.hex()[8:]}"),
        (Step.HEX, Step.HIDDEN, Step.TEXT),
    ),
    "UTF-16 of hex": (as_text(upper_hex, "utf-16-le"), (Step.HEX, Step.UTF16)),
    "UTF-16 of hex, big end first": (as_text(upper_hex, "utf-16-be"), (Step.HEX, Step.UTF16)),
    "UTF-16 of hex with its mark": (as_text(upper_hex, "utf-16"), (Step.HEX, Step.UTF16)),
    "base64 twice": (as_text(b64url), (Step.TEXT,)),
    "UTF-16 of base64": (as_text(b64url, "utf-16-le"), (Step.UTF16,)),
    "base64 three times": (as_text(as_text(b64url)), (Step.TEXT, Step.TEXT)),
    "hex of base64": (as_text(b64url, outer=lower_hex), (Step.TEXT, Step.HEX)),
    "hex twice": (as_text(lower_hex, outer=lower_hex), (Step.HEX, Step.TEXT, Step.HEX)),
    "quoted": (lambda octets: f'"{b64url(octets)}"', (Step.QUOTED,)),
    "Python's bytes": (lambda octets: f"b'{b64url(octets)}'", (Step.QUOTED,)),
    "and a line end": (lambda octets: b64url(octets) + "\n", (Step.BLANKS,)),
    "with a label": (lambda octets: f"sha1:{octets.hex()}", (Step.HEX, Step.LABELLED)),
    "a list of octets": (lambda octets: ", ".join(map(str, octets)), (Step.OCTET_LIST,)),
    "a list of octets with spaces": (
        lambda octets: " ".join(map(str, octets)),
        (Step.OCTET_LIST,),
    ),
    "a list of signed octets": (
        lambda octets: str([octet - 256 * (octet > 127) for octet in octets]),
        (Step.OCTET_LIST,),
    ),
    "Python's octets": (repr, (Step.ESCAPED,)),
    "text of Python's octets": (as_text(repr), (Step.ESCAPED, Step.TEXT)),
    "Latin-1 in UTF-8": (
        as_text(lambda octets: octets.decode("latin-1")),
        (Step.LATIN1, Step.TEXT),
    ),
    "base32": (
        lambda octets: base64.b32encode(octets).decode().rstrip("="),
        (Step.BASE32,),
    ),
    "small base32": (
        lambda octets: base64.b32encode(octets).decode().rstrip("=").lower(),
        (Step.BASE32,),
    ),
    "reversed": (lambda octets: b64url(octets[::-1]), (Step.REVERSED,)),
    "reversed hex": (lambda octets: octets[::-1].hex(), (Step.REVERSED, Step.HEX)),
    "decimal": (lambda octets: str(int.from_bytes(octets, "big")), (Step.DECIMAL,)),
    "with a zero in front": (lambda octets: b64url(b"\0" + octets), (Step.ZEROS,)),
}
