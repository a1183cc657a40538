"""JSON in any depth: a logged request, log lines, a collection of requests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from assertcheck.intake.form import form_parameters
from assertcheck.intake.found import Message, Parameter, Reading
from assertcheck.intake.har import har_entries, read_har
from assertcheck.intake.names import KNOWN, is_telling, is_url, token_url
from assertcheck.intake.parameters import members, once_decoded, pairs, text_in
from assertcheck.model import PasteKind

_DEEPEST = 4
"""JSON in a string of JSON in a string of JSON."""
_MOST_VALUES = 250_000
_MOST_FOUND = 4096
"""Requests and texts."""
_BLANK = re.compile(r"[\s,\x1e\ufeff]+")
"""Between values: JSON lines, RFC 7464's record separator, the commas of a cut array."""
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
"""Numbers stay text: none is needed, and one of a million digits takes no time."""


def read_json(text: str) -> Reading | None:
    """Return what the JSON `text` holds; `None` if not all of it is JSON objects and arrays."""
    values = json_values(text)
    if values is None:
        return None
    entries = har_entries(values[0]) if len(values) == 1 else None
    if entries is not None:
        return read_har(entries)
    found = tuple(islice(_walk(values), _MOST_FOUND))
    messages = [each for each in found if isinstance(each, Message)]
    texts = [each for each in found if isinstance(each, str)]
    kind = PasteKind.JSON if len(values) == 1 else PasteKind.LOG
    url = token_url(text)
    messages = [each if each.url or not url else replace(each, url=url) for each in messages]
    return Reading(kind=kind, messages=tuple(messages), texts=tuple(texts))


def json_values(text: str) -> list[object] | None:
    """Return the JSON objects and arrays that make up `text`, one behind the other."""
    place, values = _skip(text, 0), list[object]()
    while place < len(text) and len(values) < _MOST_VALUES:
        if text[place] not in "{[":
            return None
        try:
            value, place = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError):
            return None
        values.append(value)
        place = _skip(text, place)
    return values or None


def _walk(values: list[object]) -> Iterator[Message | str]:
    """Yield each request in `values`, and each text in them that may hold a token."""
    waiting: list[tuple[object, str | None, int]] = [(each, None, 0) for each in reversed(values)]
    left = _MOST_VALUES
    while waiting and left:
        left -= 1
        value, url, depth = waiting.pop()
        found: Message | None = None
        inner: list[object] = []
        if isinstance(value, dict):
            url = _url_of(value) or url
            found = _message(members(value), url)
            inner = list(value.values())
        elif isinstance(value, list):
            found = _message(pairs(value), url)
            inner = value
        elif isinstance(value, str):
            inner = (json_values(value) or []) if depth < _DEEPEST and "{" in value[:40] else []
            found = _message(form_parameters(value), url) if "=" in value else None
            if not inner and found is None and ("eyJ" in value or "ew" in value):
                yield value
            depth += 1
        if found:
            yield found
        waiting += [(each, url, depth) for each in reversed(inner)]


def _message(parameters: tuple[Parameter, ...], url: str | None) -> Message | None:
    known = tuple(each for each in parameters if each.name in KNOWN)
    if not is_telling(frozenset(each.name for each in known)):
        return None
    return Message(parameters=once_decoded(known), url=url, is_sent=len(known) > 1)


def _url_of(value: dict[str, object]) -> str | None:
    for name, inner in value.items():
        # Postman keeps the URL whole beside its parts.
        url = inner if isinstance(inner, str) else text_in(inner, "raw")
        if url and is_url(name, url):
            return url
    return None


def _skip(text: str, place: int) -> int:
    """Return the place of the next character that is no white space and parts no values."""
    blank = _BLANK.match(text, place)
    return blank.end() if blank else place
