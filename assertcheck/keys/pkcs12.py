"""PKCS#12, the PFX of Windows: a private key, its certificate, and those of the issuers."""

from __future__ import annotations

import warnings

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12KeyAndCertificates,
    load_pkcs12,
)

from assertcheck.errors import CertificateError
from assertcheck.keys.bare_key import OLD_ENCRYPTION, PUBLIC_HALF, bare_key, public_half, with_keys
from assertcheck.keys.certificate import MALFORMED, leaves_first, read_certificates
from assertcheck.keys.password import Password, check_rounds, mistaken, obtain
from assertcheck.model import Candidate, Role

_WHAT = "a PFX (PKCS#12)"
_CONVERT = "`openssl pkcs12 -legacy -in FILE -nokeys -out cert.pem`"
"""The certificate is enough, and the private key is not written out."""


def read_pkcs12(
    octets: bytes, *, label: str, role: Role, password: Password
) -> tuple[Candidate, ...]:
    """Return what is in `octets`, PKCS#12 in DER or BER (RFC 7292), from a file called `label`.

    The certificate that the private key belongs to comes first, the others are `Role.ALSO`.
    Raise `CertificateError` if it does not open, or there is nothing in it.
    """
    bundle = open_pkcs12(octets, label=label, password=password)
    certificates = certificates_of(bundle, label=label, role=role)
    if bundle.key is None:
        if not certificates:
            raise CertificateError(
                f"{label} is a PFX (PKCS#12) with neither certificate nor key in it",
                hint="export it again, with the certificate",
            )
        return leaves_first(certificates)
    key = bare_key(public_half(bundle.key), label=label, role=role, notes=(PUBLIC_HALF,))
    return with_keys(certificates, (key,)) if certificates else (key,)


def certificates_of(
    bundle: PKCS12KeyAndCertificates, *, label: str, role: Role
) -> tuple[Candidate, ...]:
    """Return the certificates in `bundle`, in its order."""
    entries = (*([bundle.cert] if bundle.cert else []), *bundle.additional_certs)
    blocks = [(entry.certificate.public_bytes(Encoding.DER), None) for entry in entries]
    return read_certificates(blocks, label=label, role=role)


def open_pkcs12(
    octets: bytes, *, label: str, password: Password, convert: str = _CONVERT
) -> PKCS12KeyAndCertificates:
    """Return what is in `octets`, PKCS#12 from a file called `label`.

    Raise `CertificateError` if it does not open with `password`, which names the command `convert`
    where its encryption is an old one.
    """
    check_rounds(octets, label)
    # No password and an empty one are two things (RFC 7292 B.1); Azure Key Vault writes the one,
    # some tools the other, and to people they are the same.
    for empty in (b"", None):
        bundle = _load(octets, label, empty)
        if bundle:
            return bundle
    given = obtain(password, label=label, what=_WHAT)
    bundle = _load(octets, label, given)
    if bundle:
        return bundle
    legacy = convert if OLD_ENCRYPTION.search(octets) else ""
    raise mistaken(label=label, what=_WHAT, legacy=legacy)


def _load(octets: bytes, label: str, password: bytes | None) -> PKCS12KeyAndCertificates | None:
    """Return what `password` opens; `None` if it does not."""
    try:
        with warnings.catch_warnings():
            # BER instead of DER draws one; Java and macOS write it.
            warnings.simplefilter("ignore")
            return load_pkcs12(octets, password)
    except UnsupportedAlgorithm as cause:
        raise CertificateError(
            f"{label} is {_WHAT} with a kind of key or of encryption that cannot be read here",
            hint="Entra ID takes RSA keys; if it is one, export it again, encrypted with AES-256",
        ) from cause
    except MALFORMED as cause:
        # The library has one class for both; a text it may change later only loses the finer word.
        if "deserialize" not in str(cause):
            return None
        raise CertificateError(
            f"{label} is a PFX (PKCS#12) that is damaged", hint="copy or export it again"
        ) from cause
