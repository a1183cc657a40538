"""What a redirect signature may be over in place of the octets received.

A text is a *draft*, parameters in an order, which is then joined. A draft differs from what was
received in how its values are percent-encoded (`STYLES`, `writings`) and in what a *way* does to
it: another RelayState, order, `SigAlg`, compression, more parameters or fewer. Texts with one such
difference come before those with two.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterator
from urllib.parse import quote

from assertcheck.decoder import from_base64
from assertcheck.saml.model import SamlMistake
from assertcheck.saml.query_drafts import (
    Change,
    Draft,
    Query,
    QueryText,
    alike_written,
    each_written,
    joined,
    received_draft,
    received_text,
    restyled,
    utf8,
    written_alone,
    written_anyhow,
)
from assertcheck.saml.query_ways import WAYS
from assertcheck.words import listed

_LONGEST = 32_768
"""Octets of the text received; a URL has a tenth of that, and of more nothing else is tried."""
_MOST_WRITTEN = 20_000
"""Texts with values in encodings of their own, twice."""
_MOST_PAIRS = 10_000
"""Texts two ways from those in one style."""


def near_texts(query: Query) -> Iterator[QueryText]:
    """Yield the octets received, then what is one step away from them."""
    yield QueryText(octets=received_text(query))
    if _is_long(query):
        return
    received = received_draft(query)
    for draft in itertools.chain(restyled(query), written_alone(query)):
        yield draft.text()
    for way in WAYS:
        for draft in way(query, received):
            yield draft.text()
    yield from _without_query(query)
    yield from _wrapped(query, received)


def far_texts(query: Query) -> Iterator[QueryText]:
    """Yield what is two steps away and more."""
    if _is_long(query):
        return
    for style in restyled(query):
        for way in WAYS:
            for draft in way(query, style):
                yield draft.text()
        yield from _wrapped(query, style)
    yield from alike_written(query)
    yield from itertools.islice(each_written(query), _MOST_WRITTEN)
    for draft in itertools.islice(written_anyhow(query), _MOST_WRITTEN):
        yield draft.text()
    yield from itertools.islice(_paired(query), _MOST_PAIRS)


def _is_long(query: Query) -> bool:
    return sum(len(value.raw) for _, value in query.values) > _LONGEST


def _paired(query: Query) -> Iterator[QueryText]:
    """Yield what two ways make of the values as received and in each style."""
    for draft in (received_draft(query), *restyled(query)):
        for first, second in itertools.combinations(WAYS, 2):
            for one in first(query, draft):
                yield from (each.text() for each in second(query, one))


def _without_query(query: Query) -> Iterator[QueryText]:
    """Yield the message on its own, and what else a library puts in place of the parameters."""
    value = dict(query.values)[query.message]
    octets = from_base64(value.octets.decode("ascii", "replace"))
    alone: list[tuple[bytes, str]] = []
    if query.xml is not None:
        alone += (
            (query.xml, "the XML alone"),
            (base64.b64encode(query.xml), "the base64 of the XML alone"),
        )
    if octets is not None:
        alone.append((octets, "the deflated XML alone"))
    alone += (
        (value.octets, f"the value of {query.message} alone, before percent-encoding"),
        (utf8(value.raw), f"the value of {query.message} alone"),
    )
    for text, words in alone:
        yield QueryText(octets=text, changes=_one(SamlMistake.XML_ALONE, words))
        yield QueryText(
            octets=text + b"\n",
            changes=_one(SamlMistake.XML_ALONE, f"{words}, a line feed after it"),
        )
    values = b"".join(value.octets for _, value in query.values)
    words = "the values without their names"
    yield QueryText(octets=values, changes=_one(SamlMistake.OTHER_PARAMETERS, words))
    if query.xml is not None:
        parts = [(name, value.octets) for name, value in query.values]
        simple = [(parts[0][0], query.xml), *parts[1:]]
        words = "the XML itself and values before percent-encoding, as HTTP-POST-SimpleSign does"
        yield QueryText(
            octets=b"&".join(name.encode() + b"=" + octets for name, octets in simple),
            changes=_one(SamlMistake.UNENCODED, words),
        )


def _one(mistake: SamlMistake, words: str) -> tuple[Change, ...]:
    return (Change(mistake=mistake, words=words),)


def _wrapped(query: Query, draft: Draft) -> Iterator[QueryText]:
    """Yield the text of `draft` with something around it or done to it."""
    text = joined(draft)
    for octets, words in itertools.chain(_around(query, text), _done_to(draft, text)):
        change = Change(mistake=SamlMistake.OTHER_PARAMETERS, words=words)
        yield QueryText(octets=octets, changes=(*draft.changes, change))


def _around(query: Query, text: bytes) -> Iterator[tuple[bytes, str]]:
    for tail, words in (
        (b"\n", "a line feed after the parameters"),
        (b"\r\n", "CRLF after the parameters"),
        (b"\0", "a NUL after the parameters"),
        (b" ", "a space after the parameters"),
        (b"&", "an & after the parameters"),
    ):
        yield text + tail, words
    yield b"?" + text, "a question mark in front of the parameters"
    yield b"&" + text, "an & in front of the parameters"
    if query.submission.url is not None:
        yield utf8(query.submission.url) + b"?" + text, "the URL in front of the parameters"
        path = query.submission.url.partition("://")[2].partition("/")[2]
        yield b"/" + utf8(path) + b"?" + text, "the path of the URL in front of the parameters"


def _done_to(draft: Draft, text: bytes) -> Iterator[tuple[bytes, str]]:
    yield joined(draft, b"&amp;"), "&amp; in place of & between the parameters"
    for separator, words in (
        (b"", "nothing between the parameters"),
        (b"\n", "line feeds between the parameters"),
        (b";", "semicolons between the parameters"),
        (b"%26", "%26 between the parameters"),
    ):
        yield joined(draft, separator), words
    yield b"&".join(part for _, part in draft.parts), "the encoded values without their names"
    yield utf8(quote(text, safe="")), "the whole query percent-encoded once more"
    yield base64.b64encode(text), "the base64 of the parameters"
    for encoding, words in (
        ("utf-16-le", "the parameters in UTF-16"),
        ("utf-16", "the parameters in UTF-16 with a byte order mark"),
        ("utf-16-be", "the parameters in big-endian UTF-16"),
    ):
        yield text.decode("latin-1").encode(encoding), words
    yield text.lower(), "the parameters in lower case"
    yield re.sub(rb"\s", b"", text), "the parameters without white space"


def told(changes: tuple[Change, ...]) -> str:
    """Return `changes` as one phrase: what was signed, and what was sent where that helps."""
    names: dict[str, list[str]] = {}
    for change in changes:
        names.setdefault(change.words, []).append(change.name)
    return "; ".join(words.replace("{names}", listed(own)) for words, own in names.items())


_RANK = (
    SamlMistake.XML_ALONE,
    SamlMistake.ORDER,
    SamlMistake.RELAY_STATE,
    SamlMistake.OTHER_PARAMETERS,
    SamlMistake.SIG_ALG,
    SamlMistake.DEFLATED_AGAIN,
    SamlMistake.UNENCODED,
    SamlMistake.ESCAPES,
)


def worst(changes: tuple[Change, ...]) -> SamlMistake:
    """Return the mistake to name where there are several: the furthest from right first."""
    return min((change.mistake for change in changes), key=_RANK.index)
