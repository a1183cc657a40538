"""JSON Web Keys, alone or in a set (RFC 7517)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from jwt import PyJWK
from jwt.exceptions import PyJWTError

from assertcheck.decoder import from_base64
from assertcheck.errors import CertificateError
from assertcheck.keys.bare_key import PUBLIC_HALF, bare_key
from assertcheck.keys.certificate import check_count, read_certificate
from assertcheck.model import Candidate, Role
from assertcheck.words import listed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

_EXPORT = "give the certificate, or a JWK with its public key"
_PUBLIC = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
"""The public members of each `kty` (RFC 7518 §6, RFC 8037 §2): nothing else is looked at."""
_ALGORITHMS = {
    ("RSA", ""): "RS256",
    ("EC", "P-256"): "ES256",
    ("EC", "P-384"): "ES384",
    ("EC", "P-521"): "ES512",
    ("EC", "secp256k1"): "ES256K",
    ("OKP", "Ed25519"): "EdDSA",
    ("OKP", "Ed448"): "EdDSA",
}
"""Which of PyJWT's algorithms reads a kind of key; the `alg` of a JWK has no say in it."""
BASE64URL = re.compile(r"[\w-]+={0,2}", re.ASCII)
_LONGEST_CHAIN = 10
"""Certificates of an `x5c`; what follows is not looked at."""


class Skipped(Exception):  # noqa: N818 - it is no error beside other keys
    """A JWK that is no public key; the text says why, without anything of it."""


def read_jwks(octets: bytes, *, label: str, role: Role) -> tuple[Candidate, ...]:
    """Return the keys in `octets`, a JWK or a JWK set as JSON, from a file called `label`.

    A JWK with `x5c` is its certificate. What cannot be used is skipped, with a note on the first
    of the others; raise `CertificateError` if there are no others.
    """
    value = parse_json(octets, label)
    is_set = isinstance(value, dict) and isinstance(value.get("keys"), list)
    members = value["keys"] if isinstance(value, dict) and is_set else [value]
    if not is_set and not (isinstance(value, dict) and "kty" in value):
        raise _no_jwk(value, label)
    check_count(len(members), label)
    found: list[Candidate] = []
    skipped: dict[str, None] = {}
    for index, member in enumerate(members):
        try:
            key, *chain = _read(member, f"{label}[{index}]" if len(members) > 1 else label, role)
            found += (replace(key, kid=_kid(member)), *chain)
        except Skipped as reason:
            skipped[str(reason)] = None
        except CertificateError as error:
            if len(members) == 1:
                raise
            skipped[error.message] = None
    if not found:
        reasons = listed(tuple(skipped)) if skipped else "nothing in it"
        raise CertificateError(f"{label} is a JWK with no public key: {reasons}", hint=_EXPORT)
    first, *rest = found
    notes = tuple(f"beside it was skipped {reason}" for reason in skipped)
    return (replace(first, notes=(*first.notes, *notes)), *rest)


def _no_jwk(value: object, label: str) -> CertificateError:
    from assertcheck.keys.graph_kinds import looks_federated, looks_like_registration

    if looks_like_registration(value):
        return CertificateError(f"{label} is an app registration", hint="give it to --app")
    if looks_federated(value):
        what = f"{label} is a federated identity credential"
        return CertificateError(
            what, hint="give it to --federated, and the issuer's keys to --cert"
        )
    return CertificateError(f"{label} is JSON, but neither a JWK nor a JWK set", hint=_EXPORT)


def parse_json(octets: bytes, label: str) -> object:
    """Return the value of the JSON text `octets`, from a file called `label`.

    Raise `CertificateError`, which holds nothing of it, if it cannot be read.
    """
    try:
        value: object = json.loads(octets)
    except (ValueError, RecursionError):
        # Not chained: the cause holds the whole text, with a private key perhaps.
        raise CertificateError(
            f"{label} begins as JSON, but cannot be read as such", hint=_EXPORT
        ) from None
    return value


def _read(member: object, label: str, role: Role) -> tuple[Candidate, ...]:
    if not isinstance(member, dict):
        raise Skipped("what is no JSON object")
    chain = _chain(member.get("x5c"), label, role)
    notes = (PUBLIC_HALF,) if "d" in member else ()
    if "x5c" in member and not chain:
        notes = (*notes, "its x5c cannot be read")
    try:
        key = bare_key(public_key(member), label=label, role=role, notes=notes)
    except Skipped:
        # RFC 7517 §4.7 wants the key's own members too, but the certificate has all of it.
        if not chain:
            raise
        return chain
    if not chain:
        return (key,)
    leaf, *issuers = chain
    if key.key == leaf.key:
        return (replace(leaf, notes=notes), *issuers)
    # RFC 7517 §4.7: they must be the same. What counts is the key that is published.
    others = (replace(each, role=Role.ALSO) for each in chain)
    return (replace(key, notes=(*notes, "its x5c holds another key")), *others)


def _kid(member: object) -> str | None:
    """Return what `member`, a JWK, calls itself: a string (RFC 7517 §4.5)."""
    kid = member.get("kid") if isinstance(member, dict) else None
    return kid if isinstance(kid, str) and kid else None


def _chain(x5c: object, label: str, role: Role) -> tuple[Candidate, ...]:
    """Return the certificates of `x5c`, the leaf first; nothing if one cannot be read."""
    entries = x5c[:_LONGEST_CHAIN] if isinstance(x5c, list) else []
    chain: list[Candidate] = []
    for index, entry in enumerate(entries):
        der = from_base64("".join(entry.split())) if isinstance(entry, str) else None
        try:
            chain.append(
                read_certificate(
                    der or b"",
                    label=f"{label}.x5c[{index}]" if index else label,
                    role=Role.ALSO if index else role,
                )
            )
        except CertificateError:
            return ()
    return tuple(chain)


def public_key(member: Mapping[str, object]) -> PublicKeyTypes:
    """Return the public key of the JWK `member`; raise `Skipped` if it is none."""
    kty = member.get("kty")
    if kty == "oct":
        raise Skipped("a symmetric key, which has no public half")
    names = _PUBLIC.get(kty) if isinstance(kty, str) else None
    if names is None:
        raise Skipped("a key of an unknown kty")
    public = {name: value for name in names if isinstance(value := member.get(name), str)}
    algorithm = _ALGORITHMS.get((str(kty), public.get("crv", "")))
    if "crv" in names and algorithm is None:
        raise Skipped("a key on an unknown curve")
    # PyJWT drops what is not base64url, and so reads another number.
    if any(not BASE64URL.fullmatch(public.get(name, "")) for name in names if name != "crv"):
        raise Skipped(f"a key of the kty {kty} whose {' and '.join(names)} are not all base64url")
    try:
        key: PublicKeyTypes = PyJWK({"kty": kty, **public}, algorithm).key
    except (PyJWTError, ValueError):
        raise Skipped(f"a key of the kty {kty} that is none") from None
    return key
