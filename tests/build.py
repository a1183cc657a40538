"""Assertions and certificates that are right except for what a test says.

Nothing here uses the code under test: a mistake in it must not hide in its own tests.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

from tests import seeded

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
CLIENT_ID = "11111111-2222-4333-8444-555555555555"
TENANT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
AUD = f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"
EPOCH = int(NOW.timestamp())

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
HASHES: dict[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}
DROP = object()
"""As the value of a claim or header parameter: leave it out."""


def key(name: str = "app", bits: int = 2048) -> rsa.RSAPrivateKey:
    """The RSA key of this name, the same in every run."""
    return seeded.rsa_key(name, bits)


def ec_key(name: str = "app") -> ec.EllipticCurvePrivateKey:
    return seeded.ec_key(name)


@cache
def certificate(
    name: str = "app",
    *,
    holder: PrivateKey | None = None,
    issuer: x509.Certificate | None = None,
    issuer_key: PrivateKey | None = None,
    start: datetime = NOW - timedelta(days=30),
    end: datetime = NOW + timedelta(days=335),
    ca: bool = False,
    serial: int | None = None,
) -> x509.Certificate:
    """The certificate of the key of this name, self-signed unless an issuer is given.

    The same arguments give the same octets in every run.
    """
    holder = holder or key(name)
    signer = issuer_key or holder
    own_serial = int.from_bytes(hashlib.sha256(f"{name} {start} {end} {ca}".encode()).digest()[:16])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"assertcheck test {name}")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(holder.public_key())
        .serial_number(serial or own_serial)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(
            signer,
            hashes.SHA256(),
            ecdsa_deterministic=isinstance(signer, ec.EllipticCurvePrivateKey) or None,
        )
    )


def der(cert: x509.Certificate) -> bytes:
    return cert.public_bytes(serialization.Encoding.DER)


def pem(*certs: x509.Certificate) -> bytes:
    return b"".join(cert.public_bytes(serialization.Encoding.PEM) for cert in certs)


def b64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def x5t(cert: x509.Certificate) -> str:
    return b64url(hashlib.sha1(der(cert)).digest())


def x5t_s256(cert: x509.Certificate) -> str:
    return b64url(hashlib.sha256(der(cert)).digest())


def sign(signing_input: bytes, alg: str, holder: PrivateKey) -> bytes:
    """A JWS signature (RFC 7518 §3) made with nothing but cryptography."""
    digest = HASHES[alg[2:]]
    if isinstance(holder, ec.EllipticCurvePrivateKey):
        signature = holder.sign(signing_input, ec.ECDSA(digest, deterministic_signing=True))
        r, s = decode_dss_signature(signature)
        size = (holder.curve.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    if alg.startswith("PS"):
        pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
        return holder.sign(signing_input, pss, digest)
    return holder.sign(signing_input, padding.PKCS1v15(), digest)


def header(alg: str = "RS256", cert: x509.Certificate | None = None, **params: object) -> dict:
    cert = cert or certificate()
    base: dict[str, object] = {"alg": alg, "typ": "JWT"}
    base |= {"x5t#S256": x5t_s256(cert)} if alg.startswith("PS") else {"x5t": x5t(cert)}
    return _kept(base | params)


def claims(**params: object) -> dict:
    base: dict[str, object] = {
        "aud": AUD,
        "iss": CLIENT_ID,
        "sub": CLIENT_ID,
        "jti": "22222222-0000-4000-8000-000000000001",
        "nbf": EPOCH - 60,
        "iat": EPOCH - 60,
        "exp": EPOCH + 540,
    }
    return _kept(base | params)


def compact(head: Mapping | str, body: Mapping | str, signature: bytes | str) -> str:
    """The compact serialisation of parts that are each given as a value or as a finished text."""
    first, second = (
        part if isinstance(part, str) else b64url(json.dumps(part, separators=(",", ":")).encode())
        for part in (head, body)
    )
    third = signature if isinstance(signature, str) else b64url(signature)
    return f"{first}.{second}.{third}"


def token(
    alg: str = "RS256",
    *,
    cert: x509.Certificate | None = None,
    holder: PrivateKey | None = None,
    head: Mapping[str, object] | None = None,
    **params: object,
) -> str:
    """An assertion that is right but for `head` (header parameters) and `params` (claims)."""
    first, second, _ = compact(
        _kept(header(alg, cert) | dict(head or {})), claims(**params), ""
    ).split(".")
    signature = sign(f"{first}.{second}".encode(), alg, holder or key())
    return f"{first}.{second}.{b64url(signature)}"


def _kept(members: Mapping[str, object]) -> dict:
    return {name: value for name, value in members.items() if value is not DROP}
