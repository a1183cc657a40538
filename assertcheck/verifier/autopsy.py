"""What a signature that does not verify really is: by which key, over what, written how.

The answer is a point in a product: how the signature was written down, times whose key, times
scheme and hash, times what was done to the digest, times what text was hashed. Each step away from
the right way has a name, and the answer is the list of the steps taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assertcheck.model import Candidate, DecodedAssertion


class Proof(StrEnum):
    """How sure it is that a candidate's private key made the signature."""

    VERIFIED = "verified"
    """It verifies over a known text, once the named mistakes are undone."""
    PADDING = "padding"
    """The public operation shows well-formed padding: right key, unknown text."""
    LIKELY = "likely"
    """The padding fits, too short to prove it."""
    NONE = "none"


class Scheme(StrEnum):
    """A way to sign."""

    PKCS1 = "RSASSA-PKCS1-v1_5"
    PSS = "RSASSA-PSS"
    ECDSA = "ECDSA"
    EDDSA = "EdDSA"
    HMAC = "HMAC"


class Mistake(StrEnum):
    """The kinds of steps that lead away from a right signature."""

    # How the signature was written down.
    HEX = "hex"
    ENCODED_AGAIN = "encoded-again"
    """Base64, decimal numbers, percent escapes: text of some sort that was then encoded."""
    THROUGH_TEXT = "through-text"
    """Octets taken for characters of some encoding and written in another."""
    REVERSED = "reversed"
    ZERO_DROPPED = "zero-dropped"
    """The leading zero octets are missing (RFC 8017 §4.1 keeps them)."""
    WRAPPED = "wrapped"
    """There are octets around it: DER, CMS, a line end."""
    TRUNCATED = "truncated"
    CHARACTERS_LOST = "characters-lost"
    """Those that stood for one or two of the 64 values are gone from everywhere in it."""
    CORRUPTED = "corrupted"
    """One or two characters of it are others than were written."""
    DER = "der"
    """ECDSA as a SEQUENCE of two INTEGERs (RFC 3279 §2.2.3) instead of r and s side by side."""
    HALVES_SWAPPED = "halves-swapped"

    # What was done to the digest.
    NO_DIGESTINFO = "no-digestinfo"
    DIGESTINFO_WRONG = "digestinfo-wrong"
    """Another hash's identifier, no parameters, one DigestInfo inside another."""
    DIGEST_AS_TEXT = "digest-as-text"
    NOT_HASHED = "not-hashed"
    HASHED_AGAIN = "hashed-again"
    NO_PADDING = "no-padding"
    ENCRYPTION_PADDING = "encryption-padding"
    """Block type 2 (RFC 8017 §7.2.1) where type 1 belongs."""
    HASHES_DIFFER = "hashes-differ"
    """PSS over a digest of another hash than its own."""

    # What was signed.
    NOTHING = "nothing"
    HEADER_ONLY = "header-only"
    PAYLOAD_ONLY = "payload-only"
    JSON = "json"
    """The JSON texts, not base64url."""
    STANDARD_BASE64 = "standard-base64"
    PADDED = "padded"
    UNPADDED = "unpadded"
    """The proper base64url of segments that were sent otherwise."""
    OTHER_ENCODING = "other-encoding"
    TRAILING = "trailing"
    """Something after the text: a line end, a space, a NUL."""
    LEADING = "leading"
    UTF16 = "utf-16"
    NO_DOT = "no-dot"
    OTHER_SEPARATOR = "other-separator"
    SWAPPED = "swapped"
    RESERIALISED = "reserialised"
    """The same members, written as another JSON text."""
    HEADER_CHANGED = "header-changed"
    PAYLOAD_CHANGED = "payload-changed"
    OTHER_TEXT = "other-text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One mistake of the product: something done that should not have been, or left out."""

    id: Mistake
    words: str
    """For a sentence: `the payload alone`, `hex text`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Autopsy:
    """What the search came to."""

    candidate: Candidate | None
    proof: Proof
    scheme: Scheme | None
    hash_name: str | None
    """`SHA-256` and so on, as read from the signature or found to fit."""
    mgf_hash_name: str | None
    """The hash in MGF1, for PSS (RFC 8017 §B.2.1)."""
    salt_length: int | None
    """Octets, for PSS."""
    hmac_key: str | None
    """What served as the HMAC key, in words."""
    transport: tuple[Step, ...]
    """How the signature was written down wrongly, outermost first; known to be so even where no
    candidate made it."""
    digesting: tuple[Step, ...]
    """What was done to the digest besides hashing once."""
    text: tuple[Step, ...] | None
    """What was signed in place of the signing input; empty when it was that; `None`: unknown."""
    verifications: int
    """Public-key operations spent, weighed as RSA-2048 ones, and ..."""
    hashes: int
    """... digests computed."""
    exhausted: bool
    """Whether a bound on either ended the search."""


def examine(
    assertion: DecodedAssertion,
    candidates: Sequence[Candidate],
    *,
    named: Candidate | None,
    thorough: bool = True,
) -> Autopsy:
    """Return the one best explanation of the signature of `assertion`; never raise.

    `named` is the candidate that the key identifier in the header names. The searches that cost
    (a changed character, edited claims) are for that one, or for the one proven to have signed,
    and left out unless `thorough`. The work is bounded by counts, never by time, so the answer is
    the same on every machine.
    """
    # Imported here because the rules need the types above and no cryptography.
    from assertcheck.verifier.search import search_assertion

    return search_assertion(assertion, candidates, named=named, thorough=thorough)
