"""Takes off what clings to an assertion in a value that is meant to hold nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from assertcheck.decoder import from_base64
from assertcheck.intake.tidy import is_invisible, visible
from assertcheck.intake.tokens import (
    find_tokens,
    is_opening,
    is_sound,
    percent_decoded,
    without_ellipsis,
)
from assertcheck.model import Dirt, DirtKind

_ROUNDS = 6
"""Layers of dirt around each other."""
_QUOTES = (
    "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033\u00ab\u00bb\u2039\u203a"
    "\u300c\u300d\uff02\uff07"
)
_PUNCTUATION = ",;\\()[]{}<>|&^ \t\r\n\xa0"
"""With the white space between its characters."""
_DELIMITERS = "\"'&,;<>{}|\\"
_NAME = re.compile(
    r"-{0,2}(?:client[_-]?assertions?|(?:id|access)?_?token|assertion|jwt|authorization)"
    r"[\"']?\s{0,8}(?:=>|[:=])\s{0,8}",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?:Bearer|JWT)(?:\s{1,8}|\+|%20|:\s{0,8})", re.IGNORECASE)
_PERCENT = re.compile(r"%(?:25){0,3}[0-9A-Fa-f]{2}")
_TOKEN = re.compile(r"[\w+/=.-]+", re.ASCII)
_BASE64 = re.compile(r"[\w+/-]{16,}={0,2}", re.ASCII)
_SEAM = re.compile(
    r"(?:\\r)?\\n|\\t|[\\^`]{1,8}[^\S\r\n]{0,8}\r?\n|[\"']\s{0,8}[+&.]?\s{0,8}\n\s{0,80}[\"']"
    r"|(?<=\s)[>|]{1,4}(?=\s)"
)
"""A line break as text; a line that goes on, in a shell or between two literals; a mail's mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A value with its dirt taken off."""

    text: str = field(repr=False)
    dirt: tuple[Dirt, ...] = ()
    is_cut: bool = False


Step = Callable[[str], tuple[str, tuple[Dirt, ...]]]


def clean(value: str) -> Cleaned:
    """Return the assertion in `value`, and what clung to it, outermost first.

    A fault within the assertion stays: without white space around it, any character may be its
    own. Where there is no assertion, `value` comes back without white space and quotation marks.
    """
    dirt: list[Dirt] = []
    text = value
    for _ in range(_ROUNDS):
        before = text
        for step in _STEPS:
            text, found = step(text)
            dirt += found
            if found and step is _json:
                # What it held may be JSON again, whose brackets are no punctuation.
                break
        if text == before:
            break
    token = next(find_tokens(text), None)
    around = len(text) - (token.end - token.start) if token else 0
    # Any other character right behind a token may be a fault of its own.
    is_one_word = is_opening(text) and len(text.split(None, 1)) == 1
    if token and around and not (is_one_word and text[token.end] not in _DELIMITERS):
        dirt.append(Dirt(kind=DirtKind.TEXT, detail=f"{around} characters around it"))
        if token.is_broken:
            dirt += _white_space(text[token.start : token.end])
        return Cleaned(text=token.text, dirt=tuple(dirt), is_cut=token.is_cut)
    text, is_cut = without_ellipsis(text)
    return Cleaned(text=text, dirt=tuple(dirt), is_cut=is_cut)


def _around(text: str) -> tuple[str, tuple[Dirt, ...]]:
    bare = text.strip()
    if bare == text:
        return text, ()
    ends = text[: len(text) - len(text.lstrip())] + text[len(text.rstrip()) :]
    kind = DirtKind.LINE_BREAKS if len(ends.splitlines()) > 1 or "\n" in ends else DirtKind.SPACES
    return bare, (Dirt(kind=kind, detail=f"{_shown(ends)} at its ends"),)


def _invisible(text: str) -> tuple[str, tuple[Dirt, ...]]:
    bare = visible(text)
    if bare == text:
        return text, ()
    strange = sorted({char for char in text if is_invisible(char)})
    first = next(place for place, char in enumerate(text) if is_invisible(char))
    detail = f"{_shown(''.join(strange))}, the first after {first} characters"
    return bare, (Dirt(kind=DirtKind.INVISIBLE, detail=detail, is_inside=True),)


def _quotes(text: str) -> tuple[str, tuple[Dirt, ...]]:
    bare = text.strip(_QUOTES)
    if bare == text:
        return text, ()
    ends = text[: len(text) - len(text.lstrip(_QUOTES))] or text[len(text.rstrip(_QUOTES)) :]
    return bare, (Dirt(kind=DirtKind.QUOTES, detail=ends[0]),)


def _punctuation(text: str) -> tuple[str, tuple[Dirt, ...]]:
    bare = text.lstrip(_PUNCTUATION)
    value = bare.lstrip(_QUOTES + _PUNCTUATION)
    is_value = _begins_token(value) or _NAME.match(value) or _BEARER.match(value)
    bare = bare.rstrip(_PUNCTUATION) if is_value else text
    if bare == text:
        return text, ()
    return bare, (Dirt(kind=DirtKind.PUNCTUATION, detail="brackets, commas or the like"),)


def _begins_token(text: str) -> bool:
    """Tell whether `text` begins with a token, broken within its first characters or not."""
    return is_opening("".join(text[:400].split()))


def _name(text: str) -> tuple[str, tuple[Dirt, ...]]:
    named = _NAME.match(text)
    if named is None:
        return text, ()
    return text[named.end() :], (Dirt(kind=DirtKind.NAME, detail="its name in front"),)


def _bearer(text: str) -> tuple[str, tuple[Dirt, ...]]:
    named = _BEARER.match(text)
    if named is None:
        return text, ()
    return text[named.end() :], (Dirt(kind=DirtKind.BEARER, detail=named[0].rstrip(" :")),)


def _percent(text: str) -> tuple[str, tuple[Dirt, ...]]:
    found = _PERCENT.search(text)
    if found is None or ("eyJ" not in text and not is_opening(text)):
        return text, ()
    return unquote(text), (Dirt(kind=DirtKind.PERCENT, detail=found[0], is_inside=True),)


def _json(text: str) -> tuple[str, tuple[Dirt, ...]]:
    if text[:1] not in ("{", "["):
        return text, ()
    try:
        value = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return text, ()
    what = "object" if isinstance(value, dict) else "array"
    inner = list(value.values()) if isinstance(value, dict) else value
    if isinstance(value, dict) and "client_assertion" in value:
        inner = [value["client_assertion"]]
    found = next((item for item in inner if isinstance(item, str) and "eyJ" in item), None)
    if found is None:
        return text, ()
    return found, (Dirt(kind=DirtKind.JSON, detail=f"a JSON {what} around it"),)


def _base64(text: str) -> tuple[str, tuple[Dirt, ...]]:
    squeezed = "".join(text.split())
    if is_opening(squeezed) or not _BASE64.fullmatch(squeezed):
        return text, ()
    octets = from_base64(squeezed) or b""
    inner = octets.decode("latin-1")
    if not is_opening(inner) or not _TOKEN.fullmatch(inner.strip()):
        return text, ()
    return inner, (Dirt(kind=DirtKind.BASE64, detail="base64 around it", is_inside=True),)


def _inside(text: str) -> tuple[str, tuple[Dirt, ...]]:
    """Close the gaps in `text` if that makes one token of it."""
    unescaped = _SEAM.sub(lambda seam: " " if seam[0].strip(">|") == "" else "\n", text)
    gapless = "".join(unescaped.split())
    if gapless == text:
        return text, ()
    # A break may part even the three characters of an escape.
    squeezed = percent_decoded(gapless)
    if not is_opening(squeezed) or not _TOKEN.fullmatch(squeezed):
        return text, ()
    if not is_sound(squeezed):
        # Without such proof other words may follow it.
        token = next(find_tokens(unescaped), None)
        if token is None or token.text != squeezed:
            return text, ()
    dirt = _white_space(unescaped)
    if squeezed != gapless:
        dirt.append(Dirt(kind=DirtKind.PERCENT, detail="percent-encoding", is_inside=True))
    return squeezed, tuple(dirt)


def _white_space(text: str) -> list[Dirt]:
    gaps = [char for char in text if char.isspace()]
    first = next(place for place, char in enumerate(text) if char.isspace())
    breaks = [char for char in gaps if char in "\n\r\v\f\x85\u2028\u2029"]
    blanks = [char for char in gaps if char not in breaks]
    return [
        Dirt(
            kind=kind,
            detail=f"{_shown(''.join(sorted(set(chars))))}, the first white space after {first} "
            "characters",
            is_inside=True,
        )
        for kind, chars in ((DirtKind.LINE_BREAKS, breaks), (DirtKind.SPACES, blanks))
        if chars
    ]


def _shown(chars: str) -> str:
    """Name up to four of `chars` by their code points."""
    points = [f"U+{ord(char):04X}" for char in dict.fromkeys(chars)]
    return ", ".join(points[:4]) + (" and others" if len(points) > 4 else "")


_STEPS: tuple[Step, ...] = (
    _around,
    _invisible,
    _quotes,
    _json,
    _punctuation,
    _name,
    _bearer,
    _percent,
    _base64,
    _inside,
)
