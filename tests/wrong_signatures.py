"""Signatures made wrongly, with raw cryptography and hashlib; nothing here is code under test."""

import base64
import hashlib
import json
import subprocess
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from assertcheck.keys.certificate import key_text, read_certificate
from assertcheck.model import Candidate, Role
from tests import build, seeded

CLIENT = {
    "SHA-1": hashes.SHA1(),
    "SHA-224": hashes.SHA224(),
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
    "MD5": hashes.MD5(),
    "SHA-512/256": hashes.SHA512_256(),
    "SHA3-256": hashes.SHA3_256(),
    "SHA3-384": hashes.SHA3_384(),
    "SHA3-512": hashes.SHA3_512(),
}
"""cryptography's hashes, by the names of FIPS."""
OF_ALGORITHM = {"256": "SHA-256", "384": "SHA-384", "512": "SHA-512"}

# Letters and signs that need escapes in one style or another, and both alphabets of base64.
CLAIMS = build.claims(note="Zoë???>>>~~~/+&")


def segments(alg="RS256", claims=None, **params):
    """Header and payload segment, and the JSON in each; both need padding, and - and _ occur."""
    head = json.dumps(build.header(alg, **{"kid": "apps"} | params), separators=(",", ":")).encode()
    body = json.dumps(CLAIMS if claims is None else claims, separators=(",", ":")).encode()
    return build.b64url(head), build.b64url(body), head, body


def hash_of(name, octets):
    digest = hashes.Hash(CLIENT[name])
    digest.update(octets)
    return digest.finalize()


def pkcs1(octets, name="SHA-256", key=None):
    return (key or build.key()).sign(octets, padding.PKCS1v15(), CLIENT[name])


def pkcs1_digest(digest, name="SHA-256", key=None):
    """PKCS #1 v1.5 over a digest that is already there."""
    return (key or build.key()).sign(digest, padding.PKCS1v15(), Prehashed(CLIENT[name]))


def pss(octets, name="SHA-256", mgf=None, salt=None, key=None):
    scheme = padding.PSS(
        padding.MGF1(CLIENT[mgf or name]), CLIENT[name].digest_size if salt is None else salt
    )
    return (key or build.key()).sign(octets, scheme, CLIENT[name])


def raw(block, key=None):
    """The private operation on an encoded message of any form."""
    key = key or build.key()
    numbers = key.private_numbers()
    number = pow(int.from_bytes(block, "big"), numbers.d, numbers.public_numbers.n)
    return number.to_bytes(key.key_size // 8, "big")


def framed(content, kind=1, key=None):
    """PKCS #1 v1.5 padding of block type 1 or 2 around any content, signed."""
    size = (key or build.key()).key_size // 8
    filling = b"\xff" if kind == 1 else b"\x5a"
    return raw(b"\0" + bytes([kind]) + filling * (size - len(content) - 3) + b"\0" + content, key)


def mgf1(seed, length, name):
    blocks = (hash_of(name, seed + count.to_bytes(4, "big")) for count in range(length))
    return b"".join(blocks)[:length]


def pss_block(digest, name="SHA-256", mgf=None, salt=b"s" * 32, bits=2048):
    """EMSA-PSS (RFC 8017 §9.1.1) by hand, over a digest of any length."""
    length = (bits - 1 + 7) // 8
    inner = hash_of(name, bytes(8) + digest + salt)
    block = bytes(length - len(salt) - len(inner) - 2) + b"\1" + salt
    mask = mgf1(inner, len(block), mgf or name)
    masked = bytes(one ^ other for one, other in zip(block, mask, strict=True))
    unused = 8 * length - (bits - 1)
    return bytes([masked[0] & (0xFF >> unused)]) + masked[1:] + inner + b"\xbc"


def joined(alg, signature, claims=None, **params):
    """The assertion with this signature, given as octets or as the text of the segment."""
    head, body, _, _ = segments(alg, claims, **params)
    tail = signature if isinstance(signature, str) else build.b64url(signature)
    return f"{head}.{body}.{tail}"


def candidate(holder=None, label="app.pem", role=Role.REGISTERED, **kind):
    """The certificate of a key as a candidate; `label` names it."""
    holder = holder or build.key()
    certificate = cached_certificate(label, holder, **kind)
    return read_certificate(
        build.der(certificate), label=label, role=role, text=build.pem(certificate)
    )


@cache
def cached_certificate(label, holder, **kind):
    return build.certificate(label.removesuffix(".pem"), holder=holder, **kind)


def bare_candidate(key, label="key.pub", role=Role.REGISTERED):
    return Candidate(label=label, role=role, key=key, key_text=key_text(key), certificate=None)


@cache
def key_file(folder):
    """The app's private key as a file, for the `openssl` command."""
    path = folder / "key.pem"
    path.write_bytes(
        build.key().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def openssl(*arguments, stdin=b""):
    return subprocess.run(
        ["openssl", *map(str, arguments)], input=stdin, capture_output=True, check=True
    ).stdout


def standard(octets):
    return base64.b64encode(octets).decode()


def sha256(octets):
    return hashlib.sha256(octets).digest()


def small_key(bits):
    return seeded.rsa_key("small", bits)
