"""What opens a key file: the password, where it comes from, and how much work it may cost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from assertcheck.errors import CertificateError

Password = str | bytes | Callable[[str], bytes | None] | None
"""A password in UTF-8; or what to call for one with the name of the file, only when it is needed;
or none."""

MAX_ROUNDS = 5_000_000
"""Of the key derivations in a file, together: half a second; OpenSSL writes three times 2,048."""
_HOW = (
    "give it with --password-env NAME or --password-file FILE, or run this at a terminal, "
    "where it is asked for"
)
_SALTED = re.compile(
    rb"(?P<scrypt>\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x04\x0b)?"
    rb"\x30(?:[\x05-\x7f]|\x81.|\x82..)\x04(?P<salt>[\x01-\x7f])",
    re.DOTALL,
)
"""What the parameters of PBKDF2 (RFC 8018 A.2), scrypt (RFC 7914 §7) and PKCS#12 (RFC 7292 C)
open with: a salt, and behind it the number of rounds."""


def obtain(password: Password, *, label: str, what: str) -> bytes:
    """Return the password for the file `label`, which is `what`.

    Raise `CertificateError` if there is none or the libraries could not take it.
    """
    given = password(label) if callable(password) else password
    if not given:
        raise CertificateError(f"{label} is {what} with a password, and none was given", hint=_HOW)
    octets = given.encode("utf-8", "surrogateescape") if isinstance(given, str) else given
    if not _is_utf8(octets):
        # PKCS#12 knows passwords as text only (RFC 7292 B.1), ended by a NUL.
        raise CertificateError(
            f"{label} is {what} with a password, and the one given is not UTF-8 text",
            hint="save the password as UTF-8, without anything around it",
        )
    return octets


def mistaken(*, label: str, what: str, legacy: str = "") -> CertificateError:
    """Return the error for a password that does not open the file `label`, which is `what`.

    `legacy` is a command that converts it, where the encryption is one that not every build of
    `cryptography` has.
    """
    hint = "check it for quotes and line ends around it; if it is right, the file is damaged"
    if legacy:
        hint = f"check it; if it is right, its encryption is too old to be read here: {legacy}"
    return CertificateError(f"{label} is {what} that the password given does not open", hint=hint)


def check_rounds(octets: bytes, label: str) -> None:
    """Raise `CertificateError` if to try one password on `octets` would take too long."""
    rounds = sum(_rounds(octets))
    if rounds > MAX_ROUNDS:
        raise CertificateError(
            f"{label} asks for {rounds} rounds of key derivation, more than {MAX_ROUNDS}",
            hint="give the certificate without the private key",
        )


def _is_utf8(octets: bytes) -> bool:
    try:
        return "\0" not in octets.decode()
    except UnicodeDecodeError:
        return False


def _rounds(octets: bytes) -> Iterator[int]:
    for match in _SALTED.finditer(octets):
        place = match.end() + match["salt"][0]
        cost = 1
        # scrypt has N, r and p; any other number behind the first is the length of the key.
        for _ in range(3 if match["scrypt"] else 1):
            number, place = _integer(octets, place)
            cost *= number
        yield cost
    # RFC 7292 §4: the salt and the rounds of the MAC end a PKCS#12 file.
    for size in range(1, 9):
        start = len(octets) - size - 2
        if octets[start : start + 2] == bytes((2, size)) and _ends_in_salt(octets[:start]):
            yield _integer(octets, start)[0]


def _integer(octets: bytes, place: int) -> tuple[int, int]:
    """Return the INTEGER at `place` (X.690 §8.3), 0 if there is none, and the place behind it."""
    header = octets[place : place + 2]
    if len(header) < 2 or header[0] != 2:
        return 0, place
    end = place + 2 + header[1]
    return int.from_bytes(octets[place + 2 : end]), end


def _ends_in_salt(octets: bytes) -> bool:
    return any(
        octets[len(octets) - size - 2 : len(octets) - size] == bytes((4, size))
        for size in range(1, 65)
    )
