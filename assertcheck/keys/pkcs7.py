"""PKCS#7, the `.p7b` of Windows: certificates in a signed message without a content."""

from __future__ import annotations

import warnings

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

from assertcheck.errors import CertificateError
from assertcheck.keys.certificate import MALFORMED


def certificates_in(octets: bytes, label: str) -> list[bytes]:
    """Return the DER of each certificate in `octets`, PKCS#7 in DER or BER (RFC 2315).

    Raise `CertificateError` if there is none.
    """
    try:
        with warnings.catch_warnings():
            # BER instead of DER draws one; Windows and Java write either.
            warnings.simplefilter("ignore")
            parsed = load_der_pkcs7_certificates(octets)
            return [certificate.public_bytes(Encoding.DER) for certificate in parsed]
    except MALFORMED as cause:
        raise CertificateError(
            f"{label} is PKCS#7, but holds no certificate that can be read",
            hint="export the certificate again; `openssl pkcs7 -print_certs -in FILE` shows what "
            "is in it",
        ) from cause
