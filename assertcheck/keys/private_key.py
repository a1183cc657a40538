"""Private keys, to sign with: whatever the user keeps one in, with the certificates beside it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from assertcheck.errors import CertificateError
from assertcheck.keys.bare_key import load_private_key, public_half
from assertcheck.keys.certificate import bounded, key_text, leaves_first
from assertcheck.keys.der import is_pkcs12, whole
from assertcheck.keys.files import MAX_FILE, KeySource, as_utf8, parse_keys, split_pem
from assertcheck.keys.openssh import is_encrypted, is_private_blob
from assertcheck.keys.pem import octets_of_block
from assertcheck.keys.pkcs12 import certificates_of, open_pkcs12
from assertcheck.keys.text import is_text, octets_in_text
from assertcheck.model import Candidate, Role
from assertcheck.reading import read_file

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from assertcheck.keys.password import Password

SigningKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
)
"""The kinds of keys that sign a JWS (RFC 7518 §3.1, RFC 8037 §3.1)."""
_GIVE = "give the private key with --key, or the PFX that holds it"
_SWAP = f"{_GIVE}; if the other file holds it, swap the two"
_CONVERT = "`openssl pkey -provider legacy -provider default -in FILE -aes256 -out new.pem`"
_CONVERT_PFX = "`openssl pkcs12 -legacy -in FILE -out new.pem`"
_CONVERT_SSH = "convert a copy of it: `ssh-keygen -p -m PKCS8 -f FILE`"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateKey:
    """A private key, and the certificates that stand in the same file."""

    label: str
    """The name of the file."""
    key: SigningKey = field(repr=False)
    key_text: str
    """Kind and size for people: `RSA 2048`, `EC P-256`, `Ed25519`."""
    certificates: tuple[Candidate, ...]
    """First that which the key belongs to; if it belongs to none, the leaf. What follows, the
    issuers above all, is `Role.ALSO`."""


def read_private_key(path: Path, password: Password = None) -> PrivateKey:
    """Return the private key in the file `path`, which `password` opens if it needs one.

    It may be PEM, DER, PFX, OpenSSH's own form or a JWK, as text in any wrapping that `read_keys`
    undoes. Raise `CertificateError` if there is none, or more than one, or if it cannot be worked
    with; nothing of the key is in it.
    """
    octets = read_file(path, limit=MAX_FILE, error=CertificateError)
    return parse_private_key(octets, label=path.name, password=password)


def parse_private_key(octets: bytes, *, label: str, password: Password = None) -> PrivateKey:
    """Return the private key in `octets`, the content of a file called `label`.

    Raise as `read_private_key` does.
    """
    try:
        return _parse(octets, label, password)
    except CertificateError as error:
        if "certificate" in error.hint.lower() and not error.hint.startswith("convert"):
            error.hint = _GIVE
        raise


def private_key_from(source: KeySource, password: Password = None) -> PrivateKey:
    """Return the private key in `source`, a path or the octets of a file.

    Raise as `read_private_key` does.
    """
    if isinstance(source, bytes):
        return parse_private_key(source, label="key", password=password)
    return read_private_key(Path(source), password)


def belongs_to(key: PrivateKey, candidate: Candidate) -> bool:
    """Tell whether `candidate` holds the public half of `key`."""
    return key.key.public_key() == candidate.key


def _parse(octets: bytes, label: str, password: Password) -> PrivateKey:
    octets = as_utf8(octets)
    if not octets.strip():
        raise CertificateError(f"{label} is empty", hint=_GIVE)
    if b"-----BEGIN " in octets:
        return _from_pem(octets, label, password)
    if not is_text(octets):
        return _from_der(octets, label, password)
    inner = octets_in_text(octets)
    if inner is not None:
        return _parse(inner, label, password)
    if octets.lstrip().startswith((b"{", b"[")):
        return _from_jwk(octets, label)
    raise _no_private_key(octets, label)


def _from_pem(octets: bytes, label: str, password: Password) -> PrivateKey:
    certificates, others = split_pem(octets, label=label, role=Role.REGISTERED)
    blocks = [text for kind, text in others if kind.endswith("PRIVATE KEY")]
    if not blocks:
        raise _no_private_key(octets, label)
    _check_one(len(blocks), label)
    inner = octets_of_block(blocks[0])
    if is_private_blob(inner):
        private = _from_openssh(blocks[0], inner, label)
    else:
        private = load_private_key(inner, label=label, password=password, convert=_CONVERT)
    if private is None:
        raise CertificateError(
            f"{label} holds a private key that cannot be read", hint="export the key again"
        )
    return _checked(private, certificates, label)


def _from_openssh(text: bytes, blob: bytes, label: str) -> PrivateKeyTypes | None:
    """Return the key in the PEM block `text`, whose content is `blob`."""
    if is_encrypted(blob):
        # The library opens it with the package `bcrypt` only.
        raise CertificateError(
            f"{label} is an OpenSSH private key with a password, which cannot be read here",
            hint=_CONVERT_SSH,
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load_ssh_private_key(text, None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _from_der(octets: bytes, label: str, password: Password) -> PrivateKey:
    if octets.startswith(b"\x30"):
        octets = whole(octets, label)
        if is_pkcs12(octets):
            return _from_pkcs12(octets, label, password)
        private = load_private_key(octets, label=label, password=password, convert=_CONVERT)
        if private:
            return _checked(private, (), label)
    raise _no_private_key(octets, label)


def _from_pkcs12(octets: bytes, label: str, password: Password) -> PrivateKey:
    bundle = open_pkcs12(octets, label=label, password=password, convert=_CONVERT_PFX)
    if bundle.key is None:
        raise CertificateError(
            f"{label} is a PFX (PKCS#12) without a private key in it",
            hint="export it again, with the private key",
        )
    certificates = certificates_of(bundle, label=label, role=Role.REGISTERED)
    return _checked(bundle.key, certificates, label)


def _from_jwk(octets: bytes, label: str) -> PrivateKey:
    from assertcheck.keys.jwk import read_jwks
    from assertcheck.keys.private_jwk import private_keys

    keys = private_keys(octets, label)
    if not keys:
        raise _no_private_key(octets, label)
    _check_one(len(keys), label)
    found = read_jwks(octets, label=label, role=Role.REGISTERED)
    # Their notes are on the public half, which is not what is used here.
    certificates = tuple(replace(each, notes=()) for each in found if each.certificate)
    return _checked(keys[0], certificates, label)


def _check_one(count: int, label: str) -> None:
    if count > 1:
        raise CertificateError(
            f"{label} holds {count} private keys", hint="give a file with one of them only"
        )


def _checked(
    private: PrivateKeyTypes, certificates: tuple[Candidate, ...], label: str
) -> PrivateKey:
    """Return `private` with its `certificates` in order; raise `CertificateError` if it is unfit."""
    public = bounded(public_half(private), label=label)
    kind = key_text(public)
    if not isinstance(private, SigningKey):
        raise CertificateError(
            f"{label} holds a private key of the kind {kind}, which signs no assertion",
            hint="give an RSA key: Entra ID takes no other",
        )
    if isinstance(private, rsa.RSAPrivateKey) and not _is_sound(private.private_numbers()):
        raise CertificateError(
            f"{label} holds an RSA private key whose numbers do not fit together",
            hint="it is damaged; export the key again",
        )
    owners = [each for each in certificates if each.key == public]
    others = (replace(each, role=Role.ALSO) for each in certificates if each not in owners)
    return PrivateKey(
        label=label,
        key=private,
        key_text=kind,
        certificates=(*owners, *others) if owners else leaves_first(certificates),
    )


def _is_sound(numbers: rsa.RSAPrivateNumbers) -> bool:
    """Tell whether the `numbers` fit together (RFC 8017 §3.2); whether `p`, `q` are prime is open.

    To find that out would take minutes for the largest modulus that is allowed.
    """
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    p, q, d = numbers.p, numbers.q, numbers.d
    return (
        p * q == n
        and min(p, q) > 1
        and e * d % (p - 1) == e * d % (q - 1) == 1
        and (numbers.dmp1 - d) % (p - 1) == (numbers.dmq1 - d) % (q - 1) == 0
        and q * numbers.iqmp % p == 1
    )


def _no_private_key(octets: bytes, label: str) -> CertificateError:
    """Return the error that says what `octets`, which hold no private key, are instead."""
    try:
        found = parse_keys(octets, label=label, role=Role.ALSO)
    except CertificateError as error:
        if error.__cause__ is None:
            return error
        # It was taken for a certificate at last, and is none either.
        return CertificateError(f"{label} holds no private key that can be read", hint=_GIVE)
    if any(each.certificate for each in found):
        return CertificateError(f"{label} is a certificate, not a private key", hint=_SWAP)
    return CertificateError(f"{label} is a public key, not a private key", hint=_GIVE)
