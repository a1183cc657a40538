"""How a signature may have been written down: from the segment back to the octets of it."""

from __future__ import annotations

import re
import string
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from assertcheck.decoder import from_base64
from assertcheck.verifier.autopsy import Mistake, Step

_DEPTH = 3
"""Decodings one after the other."""
_MOST = 24
"""Readings of one signature; no real one comes to half of that."""
_LONGEST = 65_536
"""Characters; a 16,384-bit signature in decimal numbers takes 10,240."""
_SHORTEST = 20
"""Characters that make it no accident that a text is hex, or numbers."""
_HEX = re.compile(r"(?:0[xX])?(?:[0-9a-f]{2}[\s:-]?)+|(?:0[xX])?(?:[0-9A-F]{2}[\s:-]?)+")
_NUMBERS = re.compile(r"[\s\[({]*-?\d{1,3}(?:[\s,;]+-?\d{1,3})+[\s\])}]*")
_CMS = bytes.fromhex("06092a864886f70d0107")
_CP1252 = {
    bytes([octet]).decode("cp1252"): octet
    for octet in range(0x80, 0xA0)
    if octet not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
_DASHES = str.maketrans({"\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Octets that a signature may be, and what has to be undone to get to them."""

    octets: bytes = field(repr=False)
    steps: tuple[Step, ...]
    """Outermost first."""


def readings(segment: str) -> tuple[Reading, ...]:
    """Return what the signature segment may hold, fewest steps first.

    The first is what a lenient base64 decoder makes of it, if it makes anything.
    """
    if len(segment) > _LONGEST:
        return ()
    plain = from_base64(segment)
    queue = deque([] if plain is None else [Reading(octets=plain, steps=())])
    queue.extend(_written(segment, (), outermost=True))
    found: dict[bytes, Reading] = {}
    while queue and len(found) < _MOST:
        reading = queue.popleft()
        if reading.octets and reading.octets not in found:
            found[reading.octets] = reading
            if len(reading.steps) < _DEPTH:
                queue.extend(_inside(reading))
    return tuple(found.values())


def fitted(octets: bytes, size: int) -> Iterator[Reading]:
    """Yield the ways in which `octets` come to the `size` octets of an RSA signature."""
    length = len(octets)
    if length == size:
        yield _reading(octets)
        yield _reading(octets[::-1], _REVERSED)
    elif size - 2 <= length < size:
        # RFC 8017 §8.2.2, step 1: a signature has the length of the modulus.
        zeros = "a leading zero octet" if size - length == 1 else "two leading zero octets"
        lost = Step(id=Mistake.ZERO_DROPPED, words=f"{zeros} missing")
        yield _reading(octets.rjust(size, b"\0"), lost)
        yield _reading(octets[::-1].rjust(size, b"\0"), _REVERSED, lost)
    elif length > size:
        yield from _windows(octets, size)


def damage(segment: str) -> Step | None:
    """Name damage that shows in the signature segment by itself and cannot be undone."""
    octets = from_base64(segment) or b""
    lost = octets.count("\N{REPLACEMENT CHARACTER}".encode())
    if lost >= 4:
        return Step(
            id=Mistake.THROUGH_TEXT,
            words=f"octets read as UTF-8 text, {lost} of them lost to replacement characters",
        )
    if len(octets) >= 64 and octets.isascii():
        # Half of the octets of a signature are not ASCII; .NET writes a question mark for each.
        if octets.count(b"?") * 4 > len(octets):
            return Step(
                id=Mistake.THROUGH_TEXT,
                words="octets written as ASCII text, half of them lost to question marks",
            )
        if _is_print(octets):
            return Step(id=Mistake.ENCODED_AGAIN, words="text, and no signature that can be read")
    letters = "".join(char for char in segment if char.isalpha())
    is_one_case = letters in (letters.lower(), letters.upper())
    if len(letters) >= 64 and is_one_case and not _HEX.fullmatch(segment):
        case = "lower" if letters == letters.lower() else "upper"
        return Step(id=Mistake.CORRUPTED, words=f"every letter turned into {case} case")
    return None


def lost_characters(segment: str, sizes: Iterable[int]) -> Step | None:
    """Name a loss of signs all through the signature segment, of one of `sizes` octets.

    Base64 writes two of the 64 values with signs, and each value is about one character in 64.
    """
    text = segment.rstrip("=")
    signs = set(text) - _LETTERS_AND_DIGITS
    if signs - {"/"}:
        return None
    most, what, cause = (20, "+", _DROPPED_SPACES) if signs else (10, "+, /, - or _", _DELETED)
    for size in sizes:
        whole = -(-size * 8 // 6)
        # One character in 32 is either sign, one in 64 is a plus: three times that is a rarity.
        if size >= _ENOUGH_TO_TELL and 0 < whole - len(text) <= whole // most:
            words = f"{len(text)} of {whole} characters and not one {what} among them, as {cause}"
            return Step(id=Mistake.CHARACTERS_LOST, words=words)
    return None


_LETTERS_AND_DIGITS = frozenset(string.ascii_letters + string.digits)
_ENOUGH_TO_TELL = 128
"""Octets; in fewer the signs may be missing by chance."""
_DELETED = "`tr -d '+/='` leaves it"
_DROPPED_SPACES = "where each + becomes a space in a form and the spaces are dropped"
_REVERSED = Step(id=Mistake.REVERSED, words="its octets in reverse order")


def _reading(octets: bytes, *steps: Step) -> Reading:
    return Reading(octets=octets, steps=steps)


def _windows(octets: bytes, size: int) -> Iterator[Reading]:
    extra = len(octets) - size
    what = "a CMS message" if _CMS in octets[:64] else f"{extra} more octet{'s'[extra == 1 :]}"
    before = Step(id=Mistake.WRAPPED, words=f"{what} in front of it")
    after = Step(id=Mistake.WRAPPED, words=f"{what} after it")
    around = Step(id=Mistake.WRAPPED, words=f"{what} around it")
    yield _reading(octets[-size:], before)
    yield _reading(octets[:size], after)
    # An OCTET STRING or a BIT STRING in DER, or the length that SSH puts in front.
    length = size.to_bytes(2, "big")
    for marker in (
        b"\x04\x82" + length,
        b"\x03\x82" + (size + 1).to_bytes(2, "big") + b"\0",
        b"\0\0" + length,
    ):
        start = octets.rfind(marker) + len(marker)
        if start >= len(marker) and len(octets) - start > size:
            yield _reading(octets[start : start + size], around)
    yield _reading(octets[:size][::-1], after, _REVERSED)
    yield _reading(octets[-size:][::-1], before, _REVERSED)


def _inside(reading: Reading) -> Iterator[Reading]:
    """Yield what the octets of `reading` are the text of."""
    octets, steps = reading.octets, reading.steps
    if _is_print(octets):
        yield from _written(octets.decode("ascii"), steps, outermost=False)
    elif octets[1::2].count(0) == len(octets) // 2 > 0:
        text = octets.removeprefix(b"\xff\xfe").decode("utf-16-le", "replace")
        utf16 = Step(id=Mistake.THROUGH_TEXT, words="UTF-16 text")
        yield from _written(text, (*steps, utf16), outermost=False)
    else:
        yield from _reread(octets, steps)


def _reread(octets: bytes, steps: tuple[Step, ...]) -> Iterator[Reading]:
    """Undo a passage through a text encoding."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text:
        for words, numbers in (
            ("Latin-1", [ord(char) for char in text]),
            ("Windows-1252", [_CP1252.get(char, ord(char)) for char in text]),
        ):
            if max(numbers) < 256:
                step = Step(
                    id=Mistake.THROUGH_TEXT, words=f"octets read as {words} and written as UTF-8"
                )
                yield Reading(octets=bytes(numbers), steps=(*steps, step))
    if b"\r\n" in octets and octets.count(b"\n") == octets.count(b"\r\n"):
        step = Step(id=Mistake.THROUGH_TEXT, words="line ends translated to CRLF")
        yield Reading(octets=octets.replace(b"\r\n", b"\n"), steps=(*steps, step))


def _written(text: str, steps: tuple[Step, ...], *, outermost: bool) -> Iterator[Reading]:
    """Yield what `text` decodes to, by each way of writing octets as text."""
    # Hex digits and numbers are base64 too, and no base64 is either of them by chance.
    how = "hex text" if outermost else "hex text, encoded as if it were octets"
    yield from _decoded(text, _from_hex, Mistake.HEX, how, steps)
    yield from _decoded(text, _from_numbers, Mistake.ENCODED_AGAIN, "a list of numbers", steps)
    if not outermost:
        yield from _decoded(text, from_base64, Mistake.ENCODED_AGAIN, "base64 text, encoded", steps)
    yield from _decoded(text, _from_url_token, Mistake.WRAPPED, _URL_TOKEN, steps)
    for mistake, words, cleaned in _cleaned(text):
        step = Step(id=mistake, words=words)
        octets = from_base64(cleaned)
        if octets:
            yield Reading(octets=octets, steps=(*steps, step))
        yield from _decoded(cleaned, _from_hex, Mistake.HEX, "hex text", (*steps, step))


_URL_TOKEN = "the padding count that .NET's UrlTokenEncode appends"


def _decoded(
    text: str,
    decode: Callable[[str], bytes | None],
    mistake: Mistake,
    words: str,
    steps: tuple[Step, ...],
) -> Iterator[Reading]:
    octets = decode(text)
    if octets:
        yield Reading(octets=octets, steps=(*steps, Step(id=mistake, words=words)))


def _from_hex(text: str) -> bytes | None:
    if len(text) < _SHORTEST or not _HEX.fullmatch(text.strip()):
        return None
    return bytes.fromhex(re.sub(r"^0[xX]|[\s:-]", "", text.strip()))


def _from_numbers(text: str) -> bytes | None:
    if len(text) < _SHORTEST or not _NUMBERS.fullmatch(text):
        return None
    numbers = [int(number) for number in re.findall(r"-?\d+", text)]
    if min(numbers) < -128 or max(numbers) > 255:
        return None
    return bytes(number & 0xFF for number in numbers)


def _from_url_token(text: str) -> bytes | None:
    padding = text[-1:]
    if len(text) < _SHORTEST or padding not in ("0", "1", "2"):
        return None
    return from_base64(text[:-1]) if (len(text) - 1 + int(padding)) % 4 == 0 else None


def _cleaned(text: str) -> Iterator[tuple[Mistake, str, str]]:
    """Yield `text` freed of what does not belong to base64: how, in words, and the rest."""
    if "%" in text:
        yield Mistake.ENCODED_AGAIN, "percent-encoded", unquote(text, errors="replace")
    if " " in text.strip():
        yield Mistake.CORRUPTED, "each + turned into a space", text.strip().replace(" ", "+")
    if text.translate(_DASHES) != text:
        yield Mistake.CORRUPTED, "hyphens turned into dashes", text.translate(_DASHES)
    _, begin, rest = text.partition("-----BEGIN ")
    body, end, _ = rest.partition("-----")[2].partition("-----END ")
    if begin and end:
        yield Mistake.WRAPPED, "PEM armour around it", "".join(body.split())
    unbroken = "".join(text.split())
    if unbroken != text:
        yield Mistake.ENCODED_AGAIN, "base64 text with line breaks", unbroken
    bare = unbroken.strip("\"'<>[](){},;")
    if unbroken.startswith(("b'", 'b"')):
        yield Mistake.WRAPPED, "Python's b'' around it", unbroken[2:-1]
    elif bare not in (unbroken, ""):
        yield Mistake.WRAPPED, "quotes or brackets around it", bare


def _is_print(octets: bytes) -> bool:
    return octets.isascii() and all(octet >= 0x20 or octet in b"\t\r\n" for octet in octets)
