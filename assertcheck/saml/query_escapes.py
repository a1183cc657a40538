"""The many ways to percent-encode one value, and how two of them differ, in words."""

from __future__ import annotations

import itertools
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

_ALWAYS = frozenset((string.ascii_letters + string.digits + "-_.").encode())
_TOKEN = re.compile(r"%[0-9A-Fa-f]{2}|.", re.DOTALL)
_MOST_SIGNS = 6
"""Signs of which every choice is tried."""
_MOST_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """A way to percent-encode that libraries share."""

    unescaped: str
    """What it leaves as it is besides letters, digits, `-`, `_` and `.`."""
    plus_for_space: bool = False

    def encode(self, octets: bytes) -> str:
        """Return `octets` so written, in upper-case escapes."""
        return _written(octets, frozenset(self.unescaped.encode()), plus=self.plus_for_space)


ENCODERS = (
    # PHP's rawurlencode, .NET's Uri.EscapeDataString, Python's quote(safe=""), RFC 3986 §2.3
    Encoder(unescaped="~"),
    # JavaScript's encodeURIComponent, Perl's uri_escape
    Encoder(unescaped="~!*'()"),
    # Python's urlencode, Ruby's CGI.escape, Go's QueryEscape
    Encoder(unescaped="~", plus_for_space=True),
    # .NET's UrlEncode: in lower case from HttpUtility, in upper case from WebUtility
    Encoder(unescaped="!*()", plus_for_space=True),
    # Java's URLEncoder, JavaScript's URLSearchParams
    Encoder(unescaped="*", plus_for_space=True),
    # PHP's urlencode
    Encoder(unescaped="", plus_for_space=True),
    Encoder(unescaped=""),
    # Python's quote
    Encoder(unescaped="~/"),
    Encoder(unescaped="/"),
    # A query as RFC 3986 §3.4 allows it: Spring's UriUtils, what only sets "&", "=" and "+" apart
    Encoder(unescaped="~!$'()*,;:@/?"),
    Encoder(unescaped="~!$'()*+,;:@/?"),
    # JavaScript's encodeURI
    Encoder(unescaped="~!*'();/?:@&=+$,#"),
    # What a browser does to an address (WHATWG URL, query percent-encode set)
    Encoder(unescaped="~!$()*+,;:@/?&=[]{}|\\^`"),
)
"""The likelier first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A parameter's value: what it is, and how it was received."""

    raw: str = field(repr=False)
    octets: bytes = field(repr=False)


def decoded(raw: str, *, plus_is_space: bool) -> Value:
    """Return the value that `raw` is a percent-encoding of."""
    tokens = _tokens(raw, plus_is_space=plus_is_space)
    return Value(raw=raw, octets=bytes(octet for octet, _ in tokens))


def lower_escapes(text: str) -> str:
    """Return `text` with its percent-escapes in lower case."""
    return re.sub(r"%[0-9A-Fa-f]{2}", lambda escape: escape[0].lower(), text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """An encoder, and the letter case of its escapes."""

    encoder: Encoder
    is_lower: bool

    def encode(self, octets: bytes) -> str:
        """Return `octets` so written."""
        written = self.encoder.encode(octets)
        return lower_escapes(written) if self.is_lower else written


STYLES = tuple(
    Style(encoder=encoder, is_lower=is_lower) for encoder in ENCODERS for is_lower in (False, True)
)


def writings(octets: bytes) -> tuple[str, ...]:
    """Return the ways to write `octets`: those of libraries, then other choices of what to escape.

    Every choice where there are few signs, else those one sign off from a library's.
    """
    found = dict.fromkeys(style.encode(octets) for style in STYLES)
    # What is not ASCII is escaped by everyone.
    signs = frozenset(sign for sign in octets if 0x20 < sign < 0x7F) - _ALWAYS - {0x25}
    if len(signs) <= _MOST_SIGNS:
        sizes = range(len(signs) + 1)
        choices = [
            frozenset(left) for size in sizes for left in itertools.combinations(signs, size)
        ]
    else:
        choices = [
            frozenset(encoder.unescaped.encode()) ^ {sign}
            for encoder, sign in itertools.product(ENCODERS, sorted(signs))
        ]
    for left, plus in itertools.product(choices, (False, True)):
        written = _written(octets, left, plus=plus)
        found[written] = None
        found[lower_escapes(written)] = None
    return tuple(found)


def shared_styles(values: Iterable[bytes]) -> Iterator[Style]:
    """Yield the styles in which one function may have encoded all of `values`.

    What libraries leave as it is, and any choice of the signs that URLs are built of, which callers
    name to a function like Python's `quote`.
    """
    present = {sign for value in values for sign in value.decode("latin-1")}
    built = [sign for sign in "/=+:?&#" if sign in present]
    rests = dict.fromkeys(
        "".join(sign for sign in encoder.unescaped if sign in present and sign not in built)
        for encoder in ENCODERS
    )
    for size in range(len(built) + 1):
        for left in itertools.combinations(built, size):
            for rest, plus, is_lower in itertools.product(rests, (False, True), (False, True)):
                encoder = Encoder(unescaped="".join(left) + rest, plus_for_space=plus)
                yield Style(encoder=encoder, is_lower=is_lower)


def difference(signed: str, sent: str, *, plus_is_space: bool) -> tuple[str, str] | None:
    """Return how two writings of one value differ, in words: as signed, as sent.

    `None` where they are no writings of one value.
    """
    first = _tokens(signed, plus_is_space=plus_is_space)
    second = _tokens(sent, plus_is_space=plus_is_space)
    if [octet for octet, _ in first] != [octet for octet, _ in second]:
        return None
    pairs = [
        (one, other)
        for (_, one), (_, other) in zip(first, second, strict=True)
        if one.upper() != other.upper()
    ]
    if not pairs:
        return _case(signed), _case(sent).replace("percent-escapes", "ones")
    # Spaces are what libraries differ in most.
    shown = sorted(dict.fromkeys(pairs), key=lambda pair: not {"%20", "+", " "} & set(pair))
    more = ["others"] if len(shown) > _MOST_SHOWN else []
    left, right = zip(*shown[:_MOST_SHOWN], strict=True)
    return _and([*map(_sign, left), *more]), _and([*map(_sign, right), *more])


def _written(octets: bytes, unescaped: frozenset[int], *, plus: bool) -> str:
    text = octets.decode("latin-1").translate(_table(unescaped))
    return text.replace("%20", "+") if plus else text


@lru_cache(maxsize=128)
def _table(unescaped: frozenset[int]) -> Mapping[int, str]:
    left = _ALWAYS | unescaped
    return {octet: f"%{octet:02X}" for octet in range(256) if octet not in left}


def _octet(written: str, *, plus_is_space: bool) -> int:
    if len(written) > 1:
        return int(written[1:], 16)
    return 0x20 if plus_is_space and written == "+" else ord(written)


def _tokens(raw: str, *, plus_is_space: bool) -> list[tuple[int, str]]:
    """Return each octet of the value that `raw` encodes, and how it is written there."""
    text = raw.encode("utf-8", "surrogatepass").decode("latin-1")
    tokens = _TOKEN.findall(text)
    octets = {each: _octet(each, plus_is_space=plus_is_space) for each in set(tokens)}
    return [(octets[each], each) for each in tokens]


def _case(written: str) -> str:
    escapes = "".join(re.findall(r"%[0-9A-Fa-f]{2}", written))
    if escapes == escapes.upper():
        return "upper-case percent-escapes"
    if escapes == escapes.lower():
        return "lower-case percent-escapes"
    return "percent-escapes in both letter cases"


def _sign(written: str) -> str:
    if written == " ":
        return "a space"
    return written if written.isascii() and written.isprintable() else "raw octets"


def _and(words: list[str]) -> str:
    *rest, last = dict.fromkeys(words)
    return f"{', '.join(rest)} and {last}" if rest else last
