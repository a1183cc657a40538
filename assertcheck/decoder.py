"""Takes a JWT apart, leniently: whatever is there comes out, and what is wrong is said."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import string
from collections import Counter
from collections.abc import Mapping

from assertcheck.model import DecodedAssertion, Flaw, FlawKind
from assertcheck.redaction import redact, shortened

MAX_DEPTH = 32
"""Levels of JSON nesting; a client assertion has two."""
_MAX_DIGITS = 400
"""Beyond this a number exceeds every double, and Python's own limit on `int` is near."""
_SHORTEST_SECRET = 16
_URL_ALPHABET = frozenset(string.ascii_letters + string.digits + "-_")


def decode(text: str) -> DecodedAssertion:
    """Take the compact serialisation `text` apart (RFC 7515 §7.1); never raise.

    Every deviation is a `Flaw` in the result, and reading goes on past it wherever it can.
    """
    segments = tuple(text.split("."))
    flaws: list[Flaw] = []
    if len(segments) != 3:
        flaws.append(_flaw(FlawKind.SEGMENT_COUNT, "assertion", f"{len(segments)}, parted by dots"))
    header_text, payload_text, signature_text = (*segments, "", "", "")[:3]

    secrets = _secrets(segments)

    header_octets = _octets(header_text, "header", flaws)
    header = _members(header_octets, "header", secrets, flaws)
    is_jwe = len(segments) == 5 and "enc" in header
    payload_octets = signature = None
    claims: Mapping[str, object] = {}
    if len(segments) > 1 and not is_jwe:
        payload_octets = _octets(payload_text, "claims", flaws)
        claims = _members(payload_octets, "claims", secrets, flaws)
    if len(segments) > 2 and not is_jwe:
        signature = _octets(signature_text, "signature", flaws)

    header = _safe(header, "header", secrets, flaws)
    claims = _safe(claims, "claims", secrets, flaws)
    return DecodedAssertion(
        text=text,
        segments=segments,
        header=header,
        claims=claims,
        header_octets=header_octets,
        payload_octets=payload_octets,
        signature=signature,
        signing_input=f"{header_text}.{payload_text}".encode("utf-8", "surrogatepass"),
        # A hundred thousand times `NaN` is one thing to say.
        flaws=tuple(dict.fromkeys(flaws)),
        fingerprint="sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def base64url(octets: bytes) -> str:
    """Encode `octets` as JOSE does: the URL alphabet, no padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def from_base64(text: str) -> bytes | None:
    """Decode either base64 alphabet, padded or not; `None` when `text` is neither."""
    standard = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _secrets(segments: tuple[str, ...]) -> tuple[str, ...]:
    """Return the segments that must not be shown: the signature, and all that can be meant by it.

    With more than five it is no JWS or JWE any more; a few are enough then, for each is looked
    for in every value.
    """
    bare = {segment.rstrip("=") for segment in (*segments[2:5], *segments[5:][-1:])}
    return tuple(
        sorted((text for text in bare if len(text) >= _SHORTEST_SECRET), key=len, reverse=True)
    )


def _octets(text: str, at: str, flaws: list[Flaw]) -> bytes | None:
    bare = text.rstrip("=")
    if bare != text:
        flaws.append(_flaw(FlawKind.PADDING, at, f"ends in {text[len(bare) :][:4]}"))
    strange = sorted(set(bare) - _URL_ALPHABET)
    if strange and set(strange) <= set("+/"):
        flaws.append(_flaw(FlawKind.STANDARD_ALPHABET, at, f"holds {' and '.join(strange)}"))
    elif strange:
        shown = ", ".join(f"U+{ord(char):04X}" for char in strange[:4])
        flaws.append(_flaw(FlawKind.NOT_BASE64URL, at, f"holds {shown}"))
        return None
    octets = from_base64(bare)
    if octets is None:
        detail = f"{len(bare)} characters; no octets encode to that length"
        flaws.append(_flaw(FlawKind.NOT_BASE64URL, at, detail))
    return octets


def _members(
    octets: bytes | None, at: str, secrets: tuple[str, ...], flaws: list[Flaw]
) -> Mapping[str, object]:
    if octets is None:
        return {}
    if not octets:
        kind = FlawKind.EMPTY_OBJECT if at == "claims" else FlawKind.NOT_JSON
        flaws.append(_flaw(kind, at, "nothing there"))
        return {}
    value = _parse(_text(octets, at, flaws), at, secrets, flaws)
    if value is None:
        return {}
    if not isinstance(value, dict):
        flaws.append(_flaw(FlawKind.NOT_OBJECT, at, f"a JSON {_json_type(value)}"))
        return {}
    if not value:
        flaws.append(_flaw(FlawKind.EMPTY_OBJECT, at, "{}"))
    return value


def _text(octets: bytes, at: str, flaws: list[Flaw]) -> str:
    if octets.startswith(b"\xef\xbb\xbf"):
        flaws.append(_flaw(FlawKind.BOM, at, "EF BB BF in front"))
        octets = octets[3:]
    # RFC 4627 §3: the first two characters of JSON are ASCII, so a zero among the first two octets
    # gives UTF-16 away. Those zeros are UTF-8 as well, hence looked for first.
    place = octets[:2].find(0)
    if place >= 0:
        encoding = "utf-16-le" if place else "utf-16-be"
    else:
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError as error:
            place = error.start
        encoding = "utf-16" if octets[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
    detail = f"octet {octets[place]:02X} at {place}, reads as {encoding}"
    flaws.append(_flaw(FlawKind.NOT_UTF8, at, detail))
    return octets.decode(encoding, "replace")


def _parse(text: str, at: str, secrets: tuple[str, ...], flaws: list[Flaw]) -> object:
    """Return the JSON value of `text`; `None`, with a flaw, when there is none to go on with."""

    def number(digits: str) -> float:
        if len(digits) > _MAX_DIGITS:
            flaws.append(_flaw(FlawKind.HUGE_NUMBER, at, f"{len(digits)} digits"))
            return math.inf
        return int(digits)

    def fraction(digits: str) -> float:
        value = float(digits)
        if math.isinf(value):
            flaws.append(_flaw(FlawKind.HUGE_NUMBER, at, digits[:24]))
        return value

    def constant(name: str) -> float:
        flaws.append(_flaw(FlawKind.NOT_A_NUMBER, at, name))
        return float(name)

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        times = Counter(name for name, _ in pairs)
        flaws.extend(
            _flaw(
                FlawKind.DUPLICATE_KEY,
                at,
                shortened(str(redact(name, path=at, secrets=secrets)[0])),
            )
            for name, count in times.items()
            if count > 1
        )
        return dict(pairs)

    try:
        value = json.loads(
            text,
            parse_int=number,
            parse_float=fraction,
            parse_constant=constant,
            object_pairs_hook=members,
        )
    except RecursionError:
        flaws.append(_flaw(FlawKind.TOO_DEEP, at, f"more than {MAX_DEPTH} levels"))
        return None
    except json.JSONDecodeError as error:
        # Some messages of the parser expect the place right behind them.
        what = error.msg.removesuffix(" at").lower()
        flaws.append(_flaw(FlawKind.NOT_JSON, at, f"{what} at character {error.pos}"))
        return None
    if _depth_exceeds(value, MAX_DEPTH):
        flaws.append(_flaw(FlawKind.TOO_DEEP, at, f"more than {MAX_DEPTH} levels"))
        return None
    if value is None:
        flaws.append(_flaw(FlawKind.NOT_OBJECT, at, "a JSON null"))
    return value


def _depth_exceeds(value: object, limit: int) -> bool:
    level: list[object] = [value]
    for _ in range(limit + 1):
        inner: list[object] = []
        for item in level:
            if isinstance(item, dict):
                inner += item.values()
            elif isinstance(item, list):
                inner += item
        level = inner
    return bool(level)


def _json_type(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "number"


def _safe(
    members: Mapping[str, object], at: str, secrets: tuple[str, ...], flaws: list[Flaw]
) -> Mapping[str, object]:
    safe, taken = redact(members, path=at, secrets=secrets)
    flaws += [_flaw(FlawKind.SECRET_INSIDE, place, what) for place, what in taken]
    return safe if isinstance(safe, dict) else {}


def _flaw(kind: FlawKind, at: str, detail: str) -> Flaw:
    return Flaw(kind=kind, at=at, detail=detail)
