"""Finds compact tokens in any text, also broken over lines, and where each of them ends."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from assertcheck.decoder import from_base64

MAX_TOKENS = 64
"""Tokens that are looked at in one text; a paste has one or two, a HAR file a few dozen."""
_LONGEST = 2 * 1024 * 1024
"""Characters of a token with the white space in it: more than any that is taken."""
_MOST_PIECES = 1024
_OPENING = re.compile(r"e(?:y[AJd]|w[0ok])")
"""Base64 of `{` with a quotation mark of either sort or white space behind it."""
_MARKS = ("77u_", "77u/")
"""Base64 of a byte order mark."""
_BEGINNING = re.compile(r"(?:[\w+/-]{4}){1,4}", re.ASCII)
_JSON_START = re.compile(rb"(?:\xef\xbb\xbf)?\{[\t\n\r -~]+")
_CHUNK = re.compile(r"[\w+/=.-]+", re.ASCII)
_BLANK = re.compile(r"[ \t]")
_GAP = re.compile(r"\s+")
_LINE_BREAK = re.compile("[\n\r\v\f\x85\u2028\u2029]")
_ALONE = re.compile(r"[^\S\r\n]*(?:[\r\n]|\Z)|[\"'`\u2019\u201d,;)\]}>&\\\u2026*\[<]")
"""What stands behind the only word of a line: nothing, or what closes the token."""
_WORD = re.compile(r"[A-Z]?[a-z]{0,14}(?:[-'][a-z]{1,14})?\.?")
_ELLIPSIS = re.compile(
    r"\.{3,}|\u2026|\*{3,}"
    r"|[\[<({]{1,3}\s{0,3}"
    r"(?:\.\.\.|\u2026|truncat|redact|remov|omit|hidden|mask|snip|cut|sig|\d+ more)",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"(?:your[-_]?)?(?:sig(?:nature)?|redacted|removed|omitted|hidden|masked|x{3,})[\w-]{0,20}",
    re.IGNORECASE,
)
_ENCODED = re.compile(r"%(?:25){0,3}(?:2[BDE]|3D|5F|22|0A)", re.IGNORECASE)
_RSA = frozenset({171, 342, 512, 683, 1366})
_LENGTHS = {
    "RS": _RSA,
    "PS": _RSA,
    "ES": frozenset({86, 128, 176}),
    "HS": frozenset({43, 64, 86}),
    "Ed": frozenset({86, 152}),
}
"""Characters of an unpadded signature: RSA of 1024 to 8192 bits, the curves, the hashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A compact token in a text, as it was before it was broken."""

    text: str = field(repr=False)
    start: int
    end: int
    is_broken: bool
    """Whether white space stood in it."""
    is_cut: bool
    """Whether an ellipsis or a mask stands in place of its rest."""


def find_tokens(text: str) -> Iterator[Token]:
    """Yield up to `MAX_TOKENS` tokens in `text`, in order; time is linear in its length."""
    place = 0
    for _ in range(MAX_TOKENS):
        start = _next_opening(text, place)
        if start is None:
            return
        token = token_at(text, start)
        yield token
        place = token.end


def percent_decoded(text: str) -> str:
    """Return `text` without the percent-encoding of a token in it, up to three layers of it."""
    for _ in range(3):
        if not _ENCODED.search(text):
            break
        text = unquote(text)
    return text


def token_at(text: str, start: int) -> Token:
    """Return the token that begins at `start` of `text`."""
    pieces = list(_pieces(text, start, by_lines=False))
    if len(pieces) > 1 and not is_readable(_joined(text, pieces)) and not _is_all(text, pieces):
        # A guess that did not come off: other text follows, or the token is broken itself.
        pieces = list(_pieces(text, start, by_lines=True))
    end = pieces[-1][1]
    whole, is_cut = without_ellipsis(_joined(text, pieces))
    blank = _BLANK.match(text, end)
    is_cut = is_cut or _ELLIPSIS.match(text, blank.end() if blank else end) is not None
    if not is_cut and whole.endswith(".") and whole.count(".") > 2:
        # The full stop of the sentence it stands in.
        whole, end = whole[:-1], end - 1
    return Token(text=whole, start=start, end=end, is_broken=len(pieces) > 1, is_cut=is_cut)


def without_ellipsis(text: str) -> tuple[str, bool]:
    """Return what of the token `text` stands before an ellipsis or a mask, and whether one does."""
    found = _ELLIPSIS.search(text)
    if found:
        return text[: found.start()], True
    head, _, last = text.rpartition(".")
    if head.count(".") == 1 and len(last) < 40 and _PLACEHOLDER.fullmatch(last):
        return f"{head}.", True
    return text, False


def is_opening(text: str, start: int = 0) -> bool:
    """Tell whether a token begins at `start` of `text`, rather than a word with its letters."""
    place = start + 4 if text.startswith(_MARKS, start) else start
    if not _OPENING.match(text, place):
        return False
    beginning = _BEGINNING.match(text, start)
    octets = from_base64(beginning[0]) if beginning else None
    return octets is not None and _JSON_START.match(octets) is not None


def is_compact(text: str) -> bool:
    """Tell whether `text` has the form of a JWS and claims or header in it, if only broken ones."""
    segments = text.split(".")
    is_word = len(segments) == 3 and len(text.split()) == 1
    return is_word and any(is_opening(segment) for segment in segments)


def is_readable(text: str) -> bool:
    """Tell whether header and claims of the token `text` decode to JSON objects."""
    segments = text.split(".", 2)
    return len(segments) > 1 and all(isinstance(_json(part), dict) for part in segments[:2])


def is_sound(text: str) -> bool:
    """Tell whether the token `text` can be read, and its signature is as long as `alg` makes it."""
    header, _, rest = text.partition(".")
    signature = rest.partition(".")[2].rstrip("=")
    return is_readable(text) and len(signature) in _lengths(header)


def _next_opening(text: str, place: int) -> int | None:
    for match in _OPENING.finditer(text, place):
        start = match.start()
        if text.startswith(_MARKS, max(start - 4, 0)):
            start -= 4
        before = text[start - 1 : start] if start else ""
        is_inside = before.isascii() and (before.isalnum() or before in ("_", "-"))
        if before == ".":
            # The second segment of something that does not begin as a token does.
            is_inside = text[max(start - 2, 0) : start - 1].isalnum()
        # A line break that a log has escaped: `\neyJ`.
        is_escape = text[max(start - 2, 0) : start] in ("\\n", "\\r", "\\t")
        if (is_escape or not is_inside) and is_opening(text, start):
            return start
    return None


def _pieces(text: str, start: int, *, by_lines: bool) -> Iterator[tuple[int, int]]:
    """Yield the spans of `text` from `start` on that make up one token, judged by form alone.

    The signature is told from the words behind it by its length, and by lines as wide as the one
    before. What comes earlier is taken on trust, or with `by_lines` by the width of lines too.
    """
    head, dots, signature, last = "", 0, 0, 2
    lengths = frozenset[int]()
    width = 0
    chunk = _CHUNK.match(text, start)
    left = _MOST_PIECES
    while chunk and left and chunk.end() - start <= _LONGEST:
        yield chunk.span()
        left -= 1
        word = chunk[0]
        if not dots:
            head += word.partition(".")[0]
            if "." in word:
                lengths, last = _lengths(head), 4 if _is_encrypted(head) else 2
        dots += word.count(".")
        signature = len(word) - word.rfind(".") - 1 if "." in word else signature + len(word)
        gap = _gap(text, chunk.end(), width)
        if gap is None:
            return
        if dots >= last:
            is_whole = signature in lengths and not _grows(text, gap, signature, lengths)
            goes_on = _is_in_signature(gap, is_whole or word.endswith("="))
        else:
            goes_on = not by_lines or (gap.is_line_break and gap.is_alone and gap.is_full)
        if gap.is_blank_line or not goes_on:
            return
        chunk, width = gap.following, gap.width


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    """White space within a token or behind it, and what follows."""

    is_line_break: bool
    is_blank_line: bool
    width: int
    """Of the line before it, or of the last one that was broken."""
    is_full: bool
    """Whether that line is as wide as the one before it."""
    is_second: bool
    """Whether there is one before it."""
    following: re.Match[str]
    is_alone: bool
    """Whether what follows is all of its line."""


def _gap(text: str, start: int, width: int) -> _Gap | None:
    """Return the gap at `start` of `text`, behind a line of `width` columns; `None` at its end."""
    blank = _GAP.match(text, start)
    following = _CHUNK.match(text, blank.end()) if blank else None
    if blank is None or following is None:
        return None
    is_line_break = _LINE_BREAK.search(blank[0]) is not None
    own = _width(text, start) if is_line_break else width
    return _Gap(
        is_line_break=is_line_break,
        is_blank_line=blank[0].count("\n") > 1,
        width=own,
        is_full=own >= width,
        is_second=width > 0,
        following=following,
        is_alone=_ALONE.match(text, following.end()) is not None,
    )


def _is_in_signature(gap: _Gap, is_complete: bool) -> bool:
    """Tell whether a signature, by its length complete or not, goes on behind `gap`."""
    word = gap.following[0]
    if "." in word and is_opening(word):
        return False
    is_word = _WORD.fullmatch(word) is not None
    if not gap.is_line_break:
        return not is_complete and not is_word
    if is_complete:
        return gap.is_alone and gap.is_full and gap.is_second and not is_word
    return gap.is_alone and (gap.is_full or not is_word)


def _grows(text: str, gap: _Gap, signature: int, lengths: frozenset[int]) -> bool:
    """Tell whether the lines behind `gap` make a signature of another key's length complete.

    A line may end where one of RSA 1024 would, though the signature is of RSA 2048.
    """
    chunk: re.Match[str] | None = gap.following
    while chunk and "." not in chunk[0] and _ALONE.match(text, chunk.end()):
        signature += len(chunk[0])
        if signature in lengths:
            return True
        blank = _GAP.match(text, chunk.end())
        is_next = blank is not None and signature < max(lengths)
        chunk = _CHUNK.match(text, blank.end()) if blank and is_next else None
    return False


def _joined(text: str, pieces: list[tuple[int, int]]) -> str:
    return "".join(text[first:last] for first, last in pieces)


def _is_all(text: str, pieces: list[tuple[int, int]]) -> bool:
    """Tell whether nothing but the token is in `text`, so that its breaks need no proof."""
    return not text[: pieces[0][0]].strip() and not text[pieces[-1][1] :].strip()


def _width(text: str, end: int) -> int:
    """Return how wide the line that ends at `end` is, up to 4096 characters."""
    begin = max(end - 4096, 0)
    return end - max(text.rfind("\n", begin, end), text.rfind("\r", begin, end), begin - 1) - 1


def _lengths(header: str) -> frozenset[int]:
    members = _json(header)
    alg = members.get("alg") if isinstance(members, dict) else None
    return _LENGTHS.get(alg[:2], frozenset()) if isinstance(alg, str) else frozenset()


def _is_encrypted(header: str) -> bool:
    members = _json(header)
    return isinstance(members, dict) and "enc" in members


def _json(segment: str) -> object:
    octets = from_base64(segment)
    try:
        return json.loads(octets, parse_int=float) if octets else None
    except (ValueError, RecursionError):
        return None
