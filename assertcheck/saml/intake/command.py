"""`curl` commands and raw HTTP requests with a message in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise
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
    url_parameters,
    without_user,
)
from assertcheck.saml.model import Binding, Parameter

# Opens with a character, so that a long text without one is soon searched.
_CURL = re.compile(r"c(?<![\w./\\@-]c)url(?:\.exe)?(?=\s)", re.IGNORECASE)
_URL = re.compile(r"https?://", re.IGNORECASE)
_LONGEST = 256 * 1024
"""Characters of all commands together."""
_LONGEST_REQUEST = 4 * 1024 * 1024
"""Characters of HTTP requests; what is longer is read as a log."""
_DATA = re.compile(r"-\w*[dF]|--(?:data|form)[\w-]*")
_TARGET = re.compile(r"^[ \t]{0,20}(?:POST|PUT)[ \t]{1,20}(\S+\?\S+)", re.MULTILINE)
_ESCAPE = re.compile(r"(?<!%)%[0-9A-Fa-f]{2}")
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
        length = len(command)
        left -= length
        if not _ESCAPE.search(command):
            # As it has to stand in a batch file.
            command = command.replace("%%", "%")
        reading = read_curl(command)
        if reading:
            yield from _of_command(reading.messages[0], words_of(command, shell))
        name = _CURL.search(text, name.start() + max(length, 1))


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
            in_url = _in_target(text, request.url)
            yield replace(found, url=request.url, binding=binding, in_url=in_url)


def _in_target(text: str, url: str | None) -> tuple[Parameter, ...]:
    """Return the parameters of the last request line of `text` that posts to `url`."""
    targets = [target[1] for target in islice(_TARGET.finditer(text), MOST)]
    own = [each for each in targets if url and url.endswith(each.partition("?")[0])]
    return url_parameters(own[-1]) if own else ()


def _of_command(request: Request, words: list[str]) -> Iterator[Found]:
    for word in words:
        queried = read_query(word, PasteKind.CURL)
        if queried and queried.binding:
            yield queried
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
            in_url=next((url_parameters(word) for word in words if _URL.match(word)), ()),
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
