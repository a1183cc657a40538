"""HAR files (HTTP Archive 1.2), as browsers and proxies export them."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from assertcheck.intake.body import body_parameters
from assertcheck.intake.found import Message, Parameter, Reading
from assertcheck.intake.names import is_telling
from assertcheck.intake.parameters import member, once_decoded, pairs, text_in
from assertcheck.model import PasteKind


def har_entries(value: object) -> list[object] | None:
    """Return the entries of the HAR file that the JSON `value` is; `None` if it is none."""
    entries = member(member(value, "log"), "entries")
    return entries if isinstance(entries, list) else None


def read_har(entries: list[object]) -> Reading:
    """Return the requests in `entries` that may be for a token, with what they were answered."""
    return Reading(kind=PasteKind.HAR, messages=tuple(_messages(entries)))


def _messages(entries: list[object]) -> Iterator[Message]:
    for entry in entries:
        request = member(entry, "request")
        posted = member(request, "postData")
        parameters = _posted(posted)
        url = text_in(request, "url") or ""
        if is_telling(frozenset(each.name for each in parameters)) or "/oauth2/" in url.lower():
            headers = {each.name.lower(): each.value for each in pairs(member(request, "headers"))}
            yield Message(
                parameters=parameters,
                url=url,
                method=text_in(request, "method"),
                content_type=text_in(posted, "mimeType") or headers.get("content-type"),
                authorization=headers.get("authorization", ""),
                is_whole=bool(parameters),
                answer=_answer(member(member(entry, "response"), "content")),
            )


def _posted(posted: object) -> tuple[Parameter, ...]:
    """Return the parameters of a body; its text goes first, for `params` may be half decoded."""
    text = text_in(posted, "text") or ""
    parameters = body_parameters(text, text_in(posted, "mimeType"))
    return parameters or once_decoded(pairs(member(posted, "params")))


def _answer(content: object) -> str:
    text = text_in(content, "text") or ""
    if text_in(content, "encoding") != "base64":
        return text
    try:
        return base64.b64decode(text).decode("utf-8", "replace")
    except ValueError:
        return ""
