"""What may have been signed in place of the signing input, as a product of small steps.

A text is made in four stages: which JSON stands in header and payload (*contents*), how each of
them is made a segment (*encodings*), how the two are joined (*joins*), and what happens to the
whole (*wraps*). Each stage offers the right way and a list of wrong ones; texts with one wrong
step come before those with two.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from assertcheck.decoder import base64url
from assertcheck.model import Candidate, DecodedAssertion
from assertcheck.verifier.autopsy import Mistake, Step
from assertcheck.verifier.contents import (
    AS_RECEIVED,
    Contents,
    Edit,
    edited,
    rewritten,
    to_utf16,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Octets that may have been signed, and how they come from what was received."""

    octets: bytes = field(repr=False)
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How octets are made a segment; `None` where it is as received."""

    header: Edit | None = None
    payload: Edit | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """How the two segments are put together."""

    join: Callable[[bytes, bytes], bytes]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrap:
    """What happens to the whole."""

    wrap: Edit
    steps: tuple[Step, ...] = ()


AS_IT_IS = Encoding()
DOTTED = Join(join=lambda header, payload: header + b"." + payload)
BARE = Wrap(wrap=lambda octets: octets)


def make_text(
    assertion: DecodedAssertion,
    contents: Contents = AS_RECEIVED,
    encoding: Encoding = AS_IT_IS,
    join: Join = DOTTED,
    wrap: Wrap = BARE,
) -> Text:
    """Return the text that comes of these choices; where none is given, the right way."""
    first, _, second = assertion.signing_input.partition(b".")
    header = _segment(first, assertion.header_octets, contents.header, encoding.header)
    payload = _segment(second, assertion.payload_octets, contents.payload, encoding.payload)
    return Text(
        octets=wrap.wrap(join.join(header, payload)),
        steps=join.steps + encoding.steps + contents.steps + wrap.steps,
    )


def near_texts(assertion: DecodedAssertion) -> Iterator[Text]:
    """Yield the signing input of `assertion`, then what is one step away from it."""
    yield make_text(assertion)
    for join in JOINS:
        yield make_text(assertion, join=join)
    for encoding in ENCODINGS:
        yield make_text(assertion, encoding=encoding)
    for wrap in WRAPS:
        yield make_text(assertion, wrap=wrap)
    for octets, words in _CONSTANTS:
        yield Text(octets=octets, steps=(Step(id=Mistake.NOTHING, words=words),))


def edited_texts(assertion: DecodedAssertion, candidates: Sequence[Candidate]) -> Iterator[Text]:
    """Yield the texts of the same members written otherwise, and of slightly other members."""
    for contents in itertools.chain(rewritten(assertion), edited(assertion, candidates)):
        yield make_text(assertion, contents)


def paired_texts(assertion: DecodedAssertion) -> Iterator[Text]:
    """Yield the texts that are two steps away, and a few that are three; the likelier first."""
    for join, encoding in itertools.product(JOINS, ENCODINGS):
        yield make_text(assertion, encoding=encoding, join=join)
    for encoding, wrap in itertools.product(ENCODINGS, WRAPS):
        yield make_text(assertion, encoding=encoding, wrap=wrap)
    for join, wrap in itertools.product(JOINS, WRAPS):
        yield make_text(assertion, join=join, wrap=wrap)
        # A shell's `echo "$claims" | openssl dgst -sign` is three steps in one.
        yield make_text(assertion, encoding=ENCODINGS[0], join=join, wrap=wrap)
    texts = tuple(rewritten(assertion))
    for contents, encoding in itertools.product(texts, ENCODINGS[:_USUAL_ENCODINGS]):
        yield make_text(assertion, contents, encoding)
    for contents, join in itertools.product(texts, JOINS[:_USUAL_JOINS]):
        yield make_text(assertion, contents, join=join)
        yield make_text(assertion, contents, ENCODINGS[0], join)
    headers = [contents for contents in texts if contents.payload is None]
    payloads = [contents for contents in texts if contents.header is None]
    for first, second in itertools.product(headers[:_USUAL_STYLES], payloads[:_USUAL_STYLES]):
        both = Contents(
            header=first.header, payload=second.payload, steps=first.steps + second.steps
        )
        yield make_text(assertion, both)


def _segment(
    received: bytes, octets: bytes | None, content: bytes | None, encode: Edit | None
) -> bytes:
    if content is None and encode is None:
        return received
    octets = octets if content is None else content
    if octets is None:
        # Not base64 of any sort: the segment stands for itself.
        return received
    return (encode or _base64url)(octets)


def _base64url(octets: bytes) -> bytes:
    return base64url(octets).encode("ascii")


def _wrapped_lines(encode: Callable[[bytes], bytes], width: int, line_end: bytes) -> Edit:
    def edit(octets: bytes) -> bytes:
        text = encode(octets)
        lines = [text[start : start + width] for start in range(0, len(text), width)]
        return b"".join(line + line_end for line in lines)

    return edit


def _url_token(octets: bytes) -> bytes:
    text = base64.urlsafe_b64encode(octets)
    bare = text.rstrip(b"=")
    return bare + str(len(text) - len(bare)).encode()


_ENCODED: tuple[tuple[Mistake, str, Edit], ...] = (
    (Mistake.JSON, "the JSON text", lambda octets: octets),
    (Mistake.STANDARD_BASE64, "standard base64", base64.b64encode),
    (
        Mistake.STANDARD_BASE64,
        "unpadded standard base64",
        lambda octets: base64.b64encode(octets).rstrip(b"="),
    ),
    (Mistake.PADDED, "padded base64url", base64.urlsafe_b64encode),
    (Mistake.UNPADDED, "unpadded base64url", _base64url),
    (Mistake.OTHER_ENCODING, "lower-case hex", lambda octets: octets.hex().encode()),
    (Mistake.OTHER_ENCODING, "upper-case hex", lambda octets: octets.hex().upper().encode()),
    (Mistake.OTHER_ENCODING, "base64url, encoded twice", lambda o: _base64url(_base64url(o))),
    (
        Mistake.OTHER_ENCODING,
        "base64, encoded twice",
        lambda octets: base64.b64encode(base64.b64encode(octets)),
    ),
    (Mistake.OTHER_ENCODING, "UrlTokenEncode's text", _url_token),
    (
        Mistake.OTHER_ENCODING,
        "Python's b'' notation",
        lambda octets: b"b'" + _base64url(octets) + b"'",
    ),
    *(
        (
            Mistake.OTHER_ENCODING,
            f"{what} in lines of {width} characters ending in {ends}",
            _wrapped_lines(encode, width, line_end),
        )
        for what, encode in (("base64", base64.b64encode), ("base64url", _base64url))
        for width in (64, 76)
        for ends, line_end in (("LF", b"\n"), ("CRLF", b"\r\n"))
    ),
)


def _encoding(part: str, mistake: Mistake, words: str, edit: Edit) -> Encoding:
    of = {"both": "header and payload", "header": "the header", "payload": "the payload"}[part]
    return Encoding(
        header=edit if part != "payload" else None,
        payload=edit if part != "header" else None,
        steps=(Step(id=mistake, words=f"{of} as {words}"),),
    )


ENCODINGS = tuple(
    _encoding(part, mistake, words, edit)
    for part in ("both", "payload", "header")
    for mistake, words, edit in _ENCODED
)
"""Wrong ways to make segments; those that are the same for both come first."""
_USUAL_ENCODINGS = 4
"""JSON, standard base64 with and without padding, padded base64url: of header and payload."""


def _joined(separator: bytes) -> Callable[[bytes, bytes], bytes]:
    return lambda header, payload: header + separator + payload


_SEPARATORS = {
    b":": "a colon",
    b",": "a comma",
    b"|": "a bar",
    b" ": "a space",
    b"\n": "a line feed",
    b"\r\n": "CRLF",
    b"\0": "a NUL",
    b"&": "an ampersand",
    b"+": "a plus sign",
    b"-": "a hyphen",
    b"_": "an underscore",
    b"/": "a slash",
    b";": "a semicolon",
    b"..": "two dots",
    b". ": "a dot and a space",
    b"\\n": "the two characters of an escaped line feed",
}
JOINS = tuple(
    Join(join=join, steps=(Step(id=mistake, words=words),))
    for mistake, words, join in (
        (Mistake.PAYLOAD_ONLY, "the payload alone", lambda _, payload: payload),
        (Mistake.HEADER_ONLY, "the header alone", lambda header, _: header),
        (Mistake.NO_DOT, "header and payload with no dot between them", _joined(b"")),
        (
            Mistake.SWAPPED,
            "the payload before the header",
            lambda header, payload: payload + b"." + header,
        ),
        (
            Mistake.SWAPPED,
            "the payload before the header, with no dot between them",
            lambda header, payload: payload + header,
        ),
        (Mistake.PAYLOAD_ONLY, "a dot and the payload", lambda _, payload: b"." + payload),
        (Mistake.HEADER_ONLY, "the header and a dot", lambda header, _: header + b"."),
        *(
            (
                Mistake.OTHER_SEPARATOR,
                f"header and payload with {words} between them",
                _joined(separator),
            )
            for separator, words in _SEPARATORS.items()
        ),
    )
)
"""Wrong ways to put the segments together."""
_USUAL_JOINS = 3
"""The one alone, the other alone, no dot."""
_USUAL_STYLES = 60
"""Of header and of payload, where each is in a style of its own."""


def _percent(octets: bytes) -> bytes:
    return quote(octets, safe="").encode("ascii")


def _percent_lower(octets: bytes) -> bytes:
    return re.sub(rb"%..", lambda escape: escape[0].lower(), _percent(octets))


WRAPS = tuple(
    Wrap(wrap=wrap, steps=(Step(id=mistake, words=words),))
    for mistake, words, wrap in (
        *(
            (
                Mistake.TRAILING,
                f"the text with {words} after it",
                lambda octets, tail=tail: octets + tail,
            )
            for tail, words in (
                (b"\n", "a line feed"),
                (b"\r\n", "CRLF"),
                (b"\r", "a carriage return"),
                (b" ", "a space"),
                (b"\0", "a NUL"),
                (b"\t", "a tab"),
                (b".", "a dot"),
                (b"=", "an equals sign"),
                (b"\n\n", "two line feeds"),
                (b" \n", "a space and a line feed"),
            )
        ),
        (Mistake.UTF16, "the text in UTF-16", to_utf16("utf-16-le")),
        (
            Mistake.UTF16,
            "the text in UTF-16 with a byte order mark",
            to_utf16("utf-16-le", b"\xff\xfe"),
        ),
        (Mistake.UTF16, "the text in big-endian UTF-16", to_utf16("utf-16-be")),
        (
            Mistake.UTF16,
            "the text in big-endian UTF-16 with a byte order mark",
            to_utf16("utf-16-be", b"\xfe\xff"),
        ),
        (Mistake.UTF16, "the text in UTF-32", to_utf16("utf-32-le")),
        (Mistake.UTF16, "the text in big-endian UTF-32", to_utf16("utf-32-be")),
        *(
            (
                Mistake.LEADING,
                f"the text with {words} in front of it",
                lambda octets, head=head: head + octets,
            )
            for head, words in (
                (b"\xef\xbb\xbf", "a byte order mark"),
                (b"\n", "a line feed"),
                (b" ", "a space"),
                (b".", "a dot"),
                (b"Bearer ", "Bearer"),
            )
        ),
        (Mistake.OTHER_TEXT, "the text in double quotes", lambda octets: b'"' + octets + b'"'),
        (Mistake.OTHER_TEXT, "the text in single quotes", lambda octets: b"'" + octets + b"'"),
        (
            Mistake.OTHER_TEXT,
            "Python's b'' notation of the text",
            lambda octets: b"b'" + octets + b"'",
        ),
        (Mistake.OTHER_TEXT, "the text percent-encoded", _percent),
        (Mistake.OTHER_TEXT, "the text percent-encoded in lower case", _percent_lower),
        (Mistake.OTHER_TEXT, "the text in base64url", _base64url),
        (Mistake.OTHER_TEXT, "the text in padded base64url", base64.urlsafe_b64encode),
        (Mistake.OTHER_TEXT, "the text in base64", base64.b64encode),
        (
            Mistake.OTHER_TEXT,
            "the text in unpadded base64",
            lambda octets: base64.b64encode(octets).rstrip(b"="),
        ),
        (Mistake.OTHER_TEXT, "the text in lower-case hex", lambda octets: octets.hex().encode()),
        (
            Mistake.OTHER_TEXT,
            "the text in upper-case hex",
            lambda octets: octets.hex().upper().encode(),
        ),
        (Mistake.OTHER_TEXT, "the text in lower case", lambda octets: octets.lower()),
        (Mistake.OTHER_TEXT, "the text in upper case", lambda octets: octets.upper()),
        (Mistake.OTHER_TEXT, "the text in reverse", lambda octets: octets[::-1]),
        (Mistake.OTHER_TEXT, "the text without its first character", lambda octets: octets[1:]),
        (Mistake.OTHER_TEXT, "the text twice", lambda octets: octets + octets),
    )
)
"""What may happen to a text that is otherwise right."""

_CONSTANTS = (
    (b"", "no octets at all"),
    (b".", "nothing but a dot"),
    (b"undefined", "the word undefined"),
    (b"null", "the word null"),
    (b"undefined.undefined", "the word undefined, twice"),
    (b"[object Object]", "the words [object Object]"),
    (b"[object Object].[object Object]", "the words [object Object], twice"),
    (b"[object Promise]", "the words [object Promise]"),
    (b"System.Byte[]", "the words System.Byte[]"),
    (b"System.Collections.Hashtable", "the words System.Collections.Hashtable"),
)
"""What programs sign when they lose the text."""
