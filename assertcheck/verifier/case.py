"""What the search for the maker of a signature starts from, and what it may spend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from assertcheck.model import Candidate
from assertcheck.verifier.autopsy import Autopsy, Proof
from assertcheck.verifier.signed_texts import Text
from assertcheck.verifier.transport import Reading

# One verification is that of RSA-2048 by the library, 20 microseconds on the machine this was
# measured on; the others are weighed against it.
MOST_KEY_VERIFICATIONS = 20_000
"""To find the RSA key: 2,800 raw operations with 2048 bits."""
MOST_CURVE_VERIFICATIONS = 8_000
"""To find key and text for a curve: 2,600 with P-256, 330 with P-384."""
MOST_REPAIR_VERIFICATIONS = 24_000
"""To mend a signature: all 21,500 single characters for RSA-2048, a quarter of RSA-4096's."""
MOST_HASHES = 120_000
"""Digests to find a text; with the making of the text 5 microseconds each."""
MOST_OCTETS = 128 * 1024 * 1024
"""Octets that go into those digests."""


@dataclass(slots=True)
class Purse:
    """What was spent on a search, and whether a bound ended a part of it."""

    verifications: int = 0
    verifications_left: int = 0
    hashes: int = 0
    octets: int = 0
    exhausted: bool = False

    def allow(self, verifications: int) -> None:
        """Begin a part of the search that may spend so many `verifications`."""
        self.verifications_left = verifications

    def verify(self, cost: int) -> bool:
        """Spend `cost` verifications; refuse if fewer are left."""
        if cost > self.verifications_left:
            self.exhausted = True
            return False
        self.verifications_left -= cost
        self.verifications += cost
        return True

    def hash(self, octets: int, times: int, *, more: int = 0) -> bool:
        """Spend so many digests of so many `octets`, and `more` short ones; refuse if too many."""
        hashes = self.hashes + times + more
        octets = self.octets + octets * times
        if hashes > MOST_HASHES or octets > MOST_OCTETS:
            self.exhausted = True
            return False
        self.hashes, self.octets = hashes, octets
        return True


def one_for_each_key(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Return the first of `candidates` with each key: for a case, the likelier come first."""
    kept: dict[bytes, Candidate] = {}
    for candidate in candidates:
        octets = candidate.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        kept.setdefault(octets, candidate)
    return tuple(kept.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A signature, whoever may have made it, and whatever it may have been made over."""

    segment: str = field(repr=False)
    """The signature as it was written down."""
    readings: tuple[Reading, ...]
    candidates: tuple[Candidate, ...]
    """One for each key, the likelier first."""
    suspect: Candidate | None
    """The candidate that should have signed; the searches that cost are for its key."""
    algorithm: str
    """The JOSE name of what the signature should be, or whatever stood in its place."""
    near: Callable[[], Iterator[Text]]
    """The text that should have been signed, then those close to it."""
    far: Callable[[], Iterator[Text]]
    """The texts that are further off."""
    secrets: Callable[[], Iterator[tuple[bytes, str]]]
    """What an HMAC may have been keyed with though it is public, and what it is in words."""
    thorough: bool
    purse: Purse


UNKNOWN = Autopsy(
    candidate=None,
    proof=Proof.NONE,
    scheme=None,
    hash_name=None,
    mgf_hash_name=None,
    salt_length=None,
    hmac_key=None,
    transport=(),
    digesting=(),
    text=None,
    verifications=0,
    hashes=0,
    exhausted=False,
)
