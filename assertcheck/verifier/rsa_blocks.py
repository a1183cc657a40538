"""Reads what the RSA public operation yields: whose padding it is, and the digest inside."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from assertcheck.decoder import from_base64
from assertcheck.verifier.autopsy import Mistake, Proof, Scheme, Step
from assertcheck.verifier.hashing import HASHES, HashFunction

_ENOUGH = 8
"""Octets of padding that no wrong key yields: one in 2^64 (RFC 8017 §9.2, step 4)."""
_SIZES = sorted({function.size for function in HASHES})
_USUAL = ("SHA-256", "SHA-1", "SHA-512", "SHA-384")
_HEX = re.compile(rb"(?:[0-9a-f]{2})+|(?:[0-9A-F]{2})+")
_PRINTED = re.compile(rb"(?:[A-Z0-9-]*\(stdin\)= )?([0-9a-f]+)(?: [ *](?:-|stdin))?\r?\n?")
"""What sha256sum and `openssl dgst` print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One reading of an encoded message (RFC 8017 §9)."""

    scheme: Scheme
    proof: Proof
    """`PADDING` or `LIKELY`."""
    functions: tuple[HashFunction, ...]
    """What the digest inside may be of, likelier first."""
    declared: HashFunction | None
    """The hash that a DigestInfo names; PSS names none."""
    mgf: HashFunction | None
    salt: bytes | None = field(repr=False)
    value: bytes = field(repr=False)
    """The digest, or for PSS the hash of it and the salt."""
    content: bytes = field(repr=False)
    """All that stands in the padding; empty for PSS."""
    steps: tuple[Step, ...]

    def made_for(self, digest: bytes, function: HashFunction) -> HashFunction | None:
        """Return the hash that padded `digest`, which is of `function`; `None` if none did."""
        if self.salt is None:
            return function if digest == self.value else None
        # RFC 8017 §9.1.1, step 5; with another hash than the digest's only where that is too long
        # or too short.
        own = [each for each in self.functions if each.size == len(self.value)]
        for each in (function,) if function in own else own:
            if each.digest(bytes(8) + digest + self.salt) == self.value:
                return each
        return None


def read_blocks(number: int, bits: int) -> tuple[Block, ...]:
    """Return the readings of `number`, the result of a public operation modulo `bits` bits.

    None at all is what a wrong key gives. The one that chance makes least is the first.
    """
    octets = number.to_bytes((bits + 7) // 8, "big")
    framed = _framed(octets)
    return (framed,) if framed else tuple(sorted(_pss(number, bits - 1), key=_chance))


def _framed(octets: bytes) -> Block | None:
    """Read PKCS #1 v1.5 padding of either type, or none in front of a short content."""
    if octets[:2] == b"\0\1":
        filling, _, content = octets[2:].partition(b"\0")
        if len(filling) >= _ENOUGH and not filling.strip(b"\xff"):
            return _pkcs1(content, ())
    if octets[:2] == b"\0\2":
        filling, _, content = octets[2:].partition(b"\0")
        if len(filling) >= _ENOUGH:
            step = Step(id=Mistake.ENCRYPTION_PADDING, words="the padding of encryption")
            return _pkcs1(content, (step,))
    content = octets.lstrip(b"\0")
    if content and len(octets) - len(content) >= _ENOUGH:
        return _pkcs1(content, (Step(id=Mistake.NO_PADDING, words="no padding at all"),))
    return None


def _pkcs1(content: bytes, steps: tuple[Step, ...]) -> Block | None:
    declared, value, inner_steps = _digest_in(content)
    lost_zeros = any(step.id is Mistake.NO_PADDING for step in steps)
    if lost_zeros and declared is None:
        # An integer has no leading zeros: the digest is as long as the next hash.
        size = next((size for size in _SIZES if size >= len(value)), len(value))
        value = value.rjust(size, b"\0")
        inner_steps = tuple(step for step in inner_steps if step.id is not Mistake.NO_DIGESTINFO)
    proof = Proof.PADDING
    if declared is None and any(step.id is Mistake.ENCRYPTION_PADDING for step in steps):
        # Random padding proves itself by two octets only; chance makes those now and then.
        if len(value) not in _SIZES:
            return None
        proof = Proof.LIKELY
    same_size = [function for function in HASHES if function.size == len(value)]
    return Block(
        scheme=Scheme.PKCS1,
        proof=proof,
        functions=tuple(sorted(same_size, key=lambda function: function is not declared)),
        declared=declared,
        mgf=None,
        salt=None,
        value=value,
        content=content,
        steps=steps + inner_steps,
    )


def _digest_in(content: bytes) -> tuple[HashFunction | None, bytes, tuple[Step, ...]]:
    """Peel `content` down to a digest: the hash it names, the digest, what was odd on the way."""
    steps: list[Step] = []
    declared = None
    value = content
    wrappings = 0
    while info := (exact := _parse_digest_info(value)) or _parse_misfit(value):
        if exact is None:
            steps.append(_wrong("lengths in the DigestInfo that do not fit what is there"))
        oid, parameters, value = info
        wrappings += 1
        declared = next((function for function in HASHES if function.oid == oid), None)
        if declared is None:
            steps.append(_wrong("the identifier of no hash that is known"))
        elif parameters != b"\x05\0":
            steps.append(_wrong("no NULL beside the hash's identifier"))
    if wrappings == 0:
        steps.append(Step(id=Mistake.NO_DIGESTINFO, words="no DigestInfo around the digest"))
    if wrappings > 1:
        steps.append(_wrong("one DigestInfo inside another"))
    read = _from_text(value)
    if read:
        value, words = read
        steps.append(Step(id=Mistake.DIGEST_AS_TEXT, words=f"the digest as {words}"))
    if declared and declared.size != len(value):
        steps.append(_wrong(f"the identifier of {declared.name} over {len(value)} octets"))
    return declared, value, tuple(steps)


def _wrong(words: str) -> Step:
    return Step(id=Mistake.DIGESTINFO_WRONG, words=words)


def _parse_digest_info(octets: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Return identifier, parameters and digest of a DER DigestInfo that fills `octets`."""
    fields = _der_content(octets, 0x30)
    if fields is None or len(fields) < 2 or fields[0] != 0x30:
        return None
    identifier, digest = fields[2 : 2 + fields[1]], fields[2 + fields[1] :]
    value = _der_content(digest, 0x04)
    if value is None or len(identifier) < 2 or identifier[0] != 0x06:
        return None
    end = 2 + identifier[1]
    return identifier[:end], identifier[end:], value


def _parse_misfit(octets: bytes) -> tuple[bytes, bytes, bytes] | None:
    """Return the same of what is a DigestInfo but for the lengths of the whole and the digest.

    So it is where a ready-made prefix stands in front of the digest of another hash.
    """
    if octets[:1] != b"\x30" or octets[2:3] != b"\x30":
        return None
    end = 4 + octets[3] if len(octets) > 3 else 0
    identifier = octets[4:end]
    function = next((each for each in HASHES if identifier.startswith(each.oid)), None)
    if function is None or octets[end : end + 1] != b"\x04":
        return None
    return function.oid, identifier[len(function.oid) :], octets[end + 2 :]


def _der_content(octets: bytes, tag: int) -> bytes | None:
    """Return the content of the one DER value in `octets`, of at most 255 octets."""
    if len(octets) > 3 and octets[:2] == bytes([tag, 0x81]) and octets[2] == len(octets) - 3:
        return octets[3:]
    if len(octets) >= 2 and octets[0] == tag and octets[1] == len(octets) - 2 < 0x80:
        return octets[2:]
    return None


def _from_text(value: bytes) -> tuple[bytes, str] | None:
    if _HEX.fullmatch(value) and len(value) // 2 in _SIZES:
        return bytes.fromhex(value.decode("ascii")), "hex text"
    printed = _PRINTED.fullmatch(value)
    if printed and len(printed[1]) // 2 in _SIZES and len(printed[1]) % 2 == 0:
        return bytes.fromhex(printed[1].decode("ascii")), "the text that a hashing tool prints"
    if value.isascii():
        octets = from_base64(value.decode("ascii").strip())
        if octets is not None and len(octets) in _SIZES:
            return octets, "base64 text"
    return None


def _pss(number: int, em_bits: int) -> Iterator[Block]:
    """Yield the readings of `number` as EMSA-PSS (RFC 8017 §9.1.2): each size times each MGF1."""
    em_length = (em_bits + 7) // 8
    if number.bit_length() > em_bits or number & 0xFF != 0xBC:
        return
    octets = number.to_bytes(em_length, "big")
    for size, mgf in itertools.product(_SIZES, HASHES):
        value, masked = octets[-1 - size : -1], octets[: -1 - size]
        if not masked:
            continue
        padding, _, salt = _unmask(masked, value, mgf, em_bits).partition(b"\1")
        if padding.strip(b"\0") or len(padding) + len(salt) + 1 != len(masked):
            continue
        usual = mgf.size == size and mgf.name in _USUAL
        if len(padding) >= 2 or usual:
            functions = sorted(HASHES, key=partial(_unlike, size, mgf))
            yield Block(
                scheme=Scheme.PSS,
                proof=Proof.PADDING if len(padding) >= _ENOUGH else Proof.LIKELY,
                functions=tuple(functions),
                declared=None,
                mgf=mgf,
                salt=salt,
                value=value,
                content=b"",
                steps=(),
            )


def _chance(block: Block) -> tuple[int, int]:
    """Return what grows with the chance that `block`, of PSS, is a wrong mask's doing.

    What neither digest nor salt fills is zeros; where there are none, it is rather a usual hash.
    """
    name = block.mgf.name if block.mgf else ""
    rank = _USUAL.index(name) if name in _USUAL else len(_USUAL)
    return len(block.value) + len(block.salt or b""), rank


def _unlike(size: int, mgf: HashFunction, function: HashFunction) -> tuple[bool, bool]:
    return function.size != size, function is not mgf


def _unmask(masked: bytes, seed: bytes, function: HashFunction, em_bits: int) -> bytes:
    mask = b"".join(
        function.digest(seed + counter.to_bytes(4, "big"))
        for counter in range(-(-len(masked) // function.size))
    )
    size = len(masked)
    block = int.from_bytes(masked, "big") ^ int.from_bytes(mask[:size], "big")
    # RFC 8017 §9.1.2, step 9: the bits above em_bits are cleared, not unmasked.
    unused = 8 * ((em_bits + 7) // 8) - em_bits
    return (block & ((1 << (8 * size - unused)) - 1)).to_bytes(size, "big")
