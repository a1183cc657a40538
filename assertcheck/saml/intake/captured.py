"""What browsers and their extensions export: HAR, SAML-tracer, and any other JSON."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import replace

from assertcheck.intake.body import body_parameters
from assertcheck.intake.har import har_entries
from assertcheck.intake.parameters import member, pairs, text_in
from assertcheck.model import PasteKind
from assertcheck.saml.decoder import unquoted
from assertcheck.saml.intake.found import VALUES, Found, is_telling, message_in
from assertcheck.saml.intake.page import read_page, read_xml, xml_found
from assertcheck.saml.intake.query import (
    read_body,
    read_queries,
    read_query,
    url_parameters,
    without_user,
)
from assertcheck.saml.model import Binding, Message, Parameter

_MOST_VALUES = 250_000
"""Values of a JSON text that are looked at."""
_MOST_FIELDS = 200
_ERROR = "AADSTS"
_BEGINNING = 200
"""Characters in which XML begins, if it is any."""
_MASKED = ("{hash:", "{obf:", "{overwritten")
"""What SAML-tracer writes for values where it is asked not to export them."""


def read_captured(values: list[object], text: str) -> tuple[Iterator[Found], str]:
    """Return the messages in the JSON `values` of `text`, and what of it may tell an error.

    In a HAR file that is what was answered; of any other JSON it is all.
    """
    if len(values) == 1:
        entries = har_entries(values[0])
        if entries is not None:
            answers = map(_answer, entries)
            return _of_har(entries), "\n".join(each for each in answers if _ERROR in each)
        traced = member(values[0], "requests")
        if isinstance(traced, list) and any(text_in(each, "url") for each in traced):
            return _of_tracer(traced), text
    return _of_json(values), text


def _of_har(entries: list[object]) -> Iterator[Found]:
    is_found = False
    for entry in entries:
        is_error = _ERROR in _answer(entry)
        for found in _sent(member(entry, "request")):
            is_found = is_found or found.message in (Message.AUTHN_REQUEST, Message.UNKNOWN)
            yield replace(found, is_answered_with_error=is_error)
    # Whoever stopped before it was sent has it in the answer that asks to send it.
    for entry in () if is_found else entries:
        response = member(entry, "response")
        for header in pairs(member(response, "headers")):
            if header.name.lower() == "location":
                yield from _in_query(header.value, PasteKind.HAR)
        for found in read_page(_answer(entry)):
            yield replace(found, kind=PasteKind.HAR)


def _sent(request: object) -> Iterator[Found]:
    url = text_in(request, "url") or ""
    yield from _in_query(url, PasteKind.HAR)
    posted = member(request, "postData")
    text, media_type = text_in(posted, "text") or "", text_in(posted, "mimeType") or ""
    sent = None if "multipart" in media_type else read_body(text, PasteKind.HAR)
    if sent:
        yield _sent_to(url, sent)
    else:
        # The parts of a body are there without it, or as multipart, which nobody signs.
        fields = body_parameters(text, media_type) or pairs(member(posted, "params"))
        yield from _posted([(each.name, each.value) for each in fields], url, PasteKind.HAR)


def _answer(entry: object) -> str:
    """Return the body of the response in `entry`; empty if there is none."""
    content = member(member(entry, "response"), "content")
    text = text_in(content, "text") or ""
    if text_in(content, "encoding") != "base64":
        return text
    try:
        return base64.b64decode(text).decode("utf-8", "replace")
    except ValueError:
        return ""


def _of_tracer(requests: list[object]) -> Iterator[Found]:
    """Yield the messages of SAML-tracer's export; its `url` is as sent, its `post` is decoded."""
    for request in requests:
        url = text_in(request, "url") or ""
        fields = [
            each for each in _rows(member(request, "post")) if not each[1].startswith(_MASKED)
        ]
        found = [*_in_query(url, PasteKind.JSON), *_posted(fields, url, PasteKind.JSON)]
        xml = text_in(request, "saml") or ""
        if not found and xml.lstrip().startswith("<"):
            # The form was masked, and what it held is there beside it.
            binding = Binding.POST if text_in(request, "method") == "POST" else None
            inner = xml_found(xml.encode("utf-8", "replace"), PasteKind.JSON)
            found.append(replace(_sent_to(url, inner), binding=binding))
        yield from found


def _rows(posted: object) -> Iterator[tuple[str, str]]:
    for row in posted if isinstance(posted, list) else []:
        match row:
            case [str(name), str(value)]:
                yield name, value


def _of_json(values: list[object]) -> Iterator[Found]:
    """Yield the messages in JSON of any form: a log, a request that a program printed."""
    waiting = list(reversed(values))
    left = _MOST_VALUES
    while waiting and left:
        left -= 1
        value = waiting.pop()
        if isinstance(value, dict):
            fields = [(name, text) for name, text in value.items() if isinstance(text, str)]
            yield from _in_fields(fields[:_MOST_FIELDS], PasteKind.JSON)
            # What is a message already is none in its text again.
            waiting += [text for name, text in reversed(value.items()) if name not in VALUES]
        elif isinstance(value, list):
            waiting += reversed(value)
        elif isinstance(value, str):
            yield from _in_text(value)


def _in_text(text: str) -> Iterator[Found]:
    yield from read_queries(text, PasteKind.JSON)
    if "<" in text[:_BEGINNING]:
        for found in read_xml(text):
            yield replace(found, kind=PasteKind.JSON)


def _in_query(url: str, kind: PasteKind) -> Iterator[Found]:
    found = read_query(url, kind)
    if found and found.binding:
        yield found


def _posted(fields: Iterable[tuple[str, str]], url: str, kind: PasteKind) -> Iterator[Found]:
    for found in _in_fields(list(fields), kind):
        yield replace(_sent_to(url, found), binding=Binding.POST)


def _in_fields(fields: list[tuple[str, str]], kind: PasteKind) -> Iterator[Found]:
    """Yield the message in `fields`, which may be percent-encoded still."""
    is_encoded = any(name in VALUES and "%" in value for name, value in fields)
    parameters = tuple(
        Parameter(name=name, raw=value, value=unquoted(value) if is_encoded else value)
        for name, value in fields
    )
    if is_telling(parameters):
        yield Found(kind=kind, message=message_in(parameters), parameters=parameters)


def _sent_to(url: str, found: Found) -> Found:
    address = without_user(url.partition("?")[0]) or None
    return replace(found, url=address, in_url=url_parameters(url))
