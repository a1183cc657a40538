"""Signatures that are one slip of a paste away from the one received."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator

from assertcheck.decoder import from_base64
from assertcheck.verifier.autopsy import Mistake, Step

_ALPHABET = string.ascii_letters + string.digits + "-_"
Slips = Iterator[tuple[str, str]]
_LOOK_ALIKE = ("0Oo", "1lI", "5Ss", "8B", "2Zz", "uv", "6bG", "9gq", "-_", "cC", "wW", "xX", "kK")


def repairs(segment: str, size: int) -> Iterator[tuple[bytes, Step]]:
    """Yield signatures of `size` octets one character away from `segment`, and the slip.

    One character read wrongly, two neighbours swapped, any other one changed; one or two lost; one
    too many. The likelier slip comes first, and each octet string once.
    """
    text = segment.rstrip("=").replace("+", "-").replace("/", "_")
    missing = -(-size * 8 // 6) - len(text)
    slips: Slips
    match missing:
        case 0:
            slips = itertools.chain(_misread(text), _swapped(text), _changed(text))
        case 1:
            slips = _lost(text)
        case 2:
            slips = _ends_lost(text)
        case -1:
            slips = _added(text)
        case _:
            return
    seen = {from_base64(text)}
    for repaired, words in slips:
        octets = from_base64(repaired)
        if octets is not None and octets not in seen:
            seen.add(octets)
            is_cut = words.startswith("the last")
            yield octets, Step(id=Mistake.TRUNCATED if is_cut else Mistake.CORRUPTED, words=words)


def _misread(text: str) -> Slips:
    for index, char in enumerate(text):
        alike = "".join(group for group in _LOOK_ALIKE if char in group) + char.swapcase()
        for other in dict.fromkeys(alike):
            if other != char and other in _ALPHABET:
                yield _put(text, index, other), f"character {index + 1} misread"


def _swapped(text: str) -> Slips:
    for index in range(len(text) - 1):
        pair = text[index + 1] + text[index]
        words = f"characters {index + 1} and {index + 2} swapped"
        yield text[:index] + pair + text[index + 2 :], words


def _changed(text: str) -> Slips:
    strange = [index for index, char in enumerate(text) if char not in _ALPHABET]
    for index in strange or range(len(text)):
        for other in _ALPHABET:
            yield _put(text, index, other), f"character {index + 1} changed"


def _lost(text: str) -> Slips:
    for other in _ALPHABET:
        yield text + other, "the last character lost"
    for index in range(len(text)):
        for other in _ALPHABET:
            yield text[:index] + other + text[index:], f"character {index + 1} lost"


def _ends_lost(text: str) -> Slips:
    for first, second in itertools.product(_ALPHABET, repeat=2):
        yield text + first + second, "the last two characters lost"
    for first, second in itertools.product(_ALPHABET, repeat=2):
        yield first + second + text, "the first two characters lost"


def _added(text: str) -> Slips:
    for index in range(len(text)):
        yield text[:index] + text[index + 1 :], f"character {index + 1} too many"


def _put(text: str, index: int, char: str) -> str:
    return text[:index] + char + text[index + 1 :]
