"""From a text to what may have been signed for it: each hash times what was done to the digest."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from assertcheck.verifier.autopsy import Mistake, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class HashFunction:
    """A hash that signatures are made with."""

    name: str
    """`SHA-256`, as FIPS 180-4 and 202 write it."""
    digest: Callable[[bytes], bytes]
    size: int
    """Octets of a digest."""
    oid: bytes
    """The object identifier in DER, tag and length included (RFC 8017 §B.1)."""


def _hash_function(name: str, new: Callable[..., hashlib._Hash], oid: str) -> HashFunction:
    for_a_look = partial(new, usedforsecurity=False)  # a FIPS build refuses MD5 otherwise
    return HashFunction(
        name=name,
        digest=lambda octets: for_a_look(octets).digest(),
        size=for_a_look().digest_size,
        oid=bytes.fromhex(oid),
    )


_NIST = "06096086480165030402"  # 2.16.840.1.101.3.4.2
_BUILT_IN = (
    _hash_function("SHA-256", hashlib.sha256, f"{_NIST}01"),
    _hash_function("SHA-1", hashlib.sha1, "06052b0e03021a"),
    _hash_function("SHA-512", hashlib.sha512, f"{_NIST}03"),
    _hash_function("SHA-384", hashlib.sha384, f"{_NIST}02"),
    _hash_function("MD5", hashlib.md5, "06082a864886f70d0205"),
    _hash_function("SHA-224", hashlib.sha224, f"{_NIST}04"),
    _hash_function("SHA3-256", hashlib.sha3_256, f"{_NIST}08"),
    _hash_function("SHA3-384", hashlib.sha3_384, f"{_NIST}09"),
    _hash_function("SHA3-512", hashlib.sha3_512, f"{_NIST}0a"),
)
# The shorter SHA-512 comes and goes with the OpenSSL that Python was built on.
_FROM_OPENSSL = tuple(
    _hash_function("SHA-512/256", partial(hashlib.new, name), f"{_NIST}06")
    for name in sorted(hashlib.algorithms_available & {"sha512_256"})
)
HASHES = (*_BUILT_IN, *_FROM_OPENSSL)
"""The likelier mistake first."""
HASH_NAMED = {function.name: function for function in HASHES}


def digest_info(function: HashFunction, digest: bytes) -> bytes:
    """Return `digest` as the DER of DigestInfo (RFC 8017 §9.2, step 2)."""
    identifier = _sequence(function.oid + b"\x05\x00")
    return _sequence(identifier + b"\x04" + bytes([len(digest)]) + digest)


def _sequence(content: bytes) -> bytes:
    return b"\x30" + bytes([len(content)]) + content


_WRITINGS: tuple[tuple[str, Callable[[HashFunction, bytes], bytes]], ...] = (
    ("", lambda _, digest: digest),
    (" as lower-case hex", lambda _, digest: digest.hex().encode()),
    (" as upper-case hex", lambda _, digest: digest.hex().upper().encode()),
    (" as base64", lambda _, digest: base64.b64encode(digest)),
    (" as base64url", lambda _, digest: base64.urlsafe_b64encode(digest).rstrip(b"=")),
    (" as a DigestInfo", digest_info),
    (" as hex with hyphens", lambda _, digest: digest.hex("-").upper().encode()),
)
"""How a digest may have been put into the second hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digested:
    """One digest that a text leads to."""

    function: HashFunction
    """The last hash applied."""
    digest: bytes
    steps: tuple[Step, ...]


def digests(octets: bytes, functions: Sequence[HashFunction]) -> Iterator[Digested]:
    """Yield the digests of `octets` by each of `functions`."""
    for function in functions:
        yield Digested(function=function, digest=function.digest(octets), steps=())


def double_digests(octets: bytes, function: HashFunction) -> Iterator[Digested]:
    """Yield what `function` makes of the digests of `octets`, in every writing."""
    for inner in HASHES:
        first = inner.digest(octets)
        for how, write in _WRITINGS:
            step = Step(id=Mistake.HASHED_AGAIN, words=f"hashed from the {inner.name} digest{how}")
            written = write(inner, first)
            yield Digested(function=function, digest=function.digest(written), steps=(step,))


DOUBLE_DIGESTS = len(HASHES) * len(_WRITINGS)
"""How many double digests there are of one text."""
