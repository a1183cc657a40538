"""`curl` commands and raw HTTP requests with a message in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from urllib.parse import quote

from assertcheck.intake.curl import read_curl
from assertcheck.intake.found import Message as Request
from assertcheck.intake.http_request import read_http_request
from assertcheck.intake.shell import command_at, shell_of, words_of
from assertcheck.model import PasteKind
from assertcheck.saml.intake.found import MOST, VALUES, Found, is_telling, message_in
from assertcheck.saml.intake.query import (
    parameter,
    parameters_of,
    read_queries,
    read_query,
    without_user,
)
from assertcheck.saml.model import Binding, Parameter

_CURL = re.compile(r"(?<![\w./\\@-])curl(?:\.exe)?(?=\s)", re.IGNORECASE)
_LONGEST = 256 * 1024
"""Characters of all commands together."""
_LONGEST_REQUEST = 4 * 1024 * 1024
"""Characters of HTTP requests; what is longer is read as a log."""
_DATA = re.compile(r"-\w*[dF]|--(?:data|form)[\w-]*")
_ENCODES = re.compile(r"-\w*F|--data-urlencode|--form[\w-]*")
"""Options for what curl encodes by itself, or sends as multipart."""


def read_commands(text: str) -> Iterator[Found]:
    """Yield the message that each `curl` command in `text` sends."""
    name, left = _CURL.search(text), _LONGEST
    shell = shell_of(text) if name else None
    for _ in range(MOST):
        if name is None or shell is None or left <= 0:
            return
        command = command_at(text, name.start(), shell)
        left -= len(command)
        reading = read_curl(command)
        if reading:
            yield from _of_command(reading.messages[0], words_of(command, shell))
        name = _CURL.search(text, name.start() + max(len(command), 1))


def read_requests(text: str) -> Iterator[Found]:
    """Yield the messages that the HTTP requests in `text` carry, if it has a request line."""
    reading = read_http_request(text) if len(text) <= _LONGEST_REQUEST else None
    if reading is None:
        return
    for found in read_queries(text, PasteKind.HTTP_REQUEST):
        request = _request_of(found, reading.messages)
        if request is None:
            yield found
        elif found.binding:
            is_path = (found.url or "/").startswith("/")
            yield replace(found, url=request.url) if is_path else found
        else:
            binding = Binding.POST if request.method == "POST" else None
            yield replace(found, url=request.url, binding=binding)


def _of_command(request: Request, words: list[str]) -> Iterator[Found]:
    for word in words:
        in_url = read_query(word, PasteKind.CURL)
        if in_url and in_url.binding:
            yield in_url
    parameters: list[Parameter] = []
    for option, word in pairwise(words):
        if _ENCODES.fullmatch(option):
            name, _, value = word.partition("=")
            parameters.append(parameter(name, quote(value, safe="")))
        elif _DATA.fullmatch(option):
            parameters += parameters_of(word)
    if is_telling(parameters):
        yield Found(
            kind=PasteKind.CURL,
            message=message_in(parameters),
            parameters=tuple(parameters),
            url=without_user(request.url) if request.url else None,
            binding=Binding.REDIRECT if request.method == "GET" else Binding.POST,
            is_as_sent=True,
        )


def _request_of(found: Found, requests: Sequence[Request]) -> Request | None:
    """Return the request that carries the message `found`, by its value."""
    own = {each.value for each in found.parameters if each.name in VALUES}
    for request in requests:
        for each in request.parameters:
            # Form decoding makes a space of a bare `+`.
            if each.name in VALUES and each.value.replace(" ", "+") in own:
                return request
    return None
