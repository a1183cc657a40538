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
_PRINTED: tuple[tuple[str, str], ...] = (
    (" as hex and a line feed", "{hex}\n"),
    (" as {tool}sum prints it", "{hex}  -\n"),
    (" as {tool}sum prints it, without the line feed", "{hex}  -"),
    (" as `openssl dgst -r` prints it", "{hex} *stdin\n"),
    (" as `openssl dgst` prints it", "{name}(stdin)= {hex}\n"),
    (" as `openssl dgst` prints it, without the line feed", "{name}(stdin)= {hex}"),
    (" as `openssl dgst` of old prints it", "(stdin)= {hex}\n"),
    (" as `openssl dgst` of old prints it, without the line feed", "(stdin)= {hex}"),
    (" as base64 and a line feed", "{base64}\n"),
)
"""What the tools of a shell print of a digest, in words and as a form to fill in."""
_TOOLS = {
    "SHA-256": ("sha256", "SHA2-256"),
    "SHA-1": ("sha1", "SHA1"),
    "SHA-512": ("sha512", "SHA2-512"),
}
"""The hashes that are computed so: the tool's name, and the one that OpenSSL 3 prints."""


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
            yield _double(function, write(inner, first), inner, how)
        for how, printed in _printed(inner, first):
            yield _double(function, printed, inner, how)


def _double(function: HashFunction, written: bytes, inner: HashFunction, how: str) -> Digested:
    step = Step(id=Mistake.HASHED_AGAIN, words=f"hashed from the {inner.name} digest{how}")
    return Digested(function=function, digest=function.digest(written), steps=(step,))


def _printed(function: HashFunction, digest: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what tools print of `digest`: how, in words, and the octets."""
    if function.name not in _TOOLS:
        return
    tool, name = _TOOLS[function.name]
    text = base64.b64encode(digest).decode("ascii")
    for how, form in _PRINTED:
        printed = form.format(hex=digest.hex(), base64=text, name=name)
        yield how.format(tool=tool), printed.encode("ascii")


DOUBLE_DIGESTS = len(HASHES) * len(_WRITINGS) + len(_TOOLS) * len(_PRINTED)
"""How many double digests there are of one text."""
