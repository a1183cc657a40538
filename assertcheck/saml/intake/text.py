"""Which shape a paste has that is no JSON, and the messages in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from assertcheck.intake.body import body_parameters
from assertcheck.intake.http_request import read_http_request
from assertcheck.intake.other_things import recognised
from assertcheck.intake.tidy import tidy
from assertcheck.model import PasteKind
from assertcheck.saml.decoder import message_of, unquoted
from assertcheck.saml.intake.command import read_commands, read_requests
from assertcheck.saml.intake.found import MOST, Found, is_signing, is_telling, message_in
from assertcheck.saml.intake.page import read_page, read_xml
from assertcheck.saml.intake.query import (
    ended,
    parameter,
    parameters_of,
    read_queries,
    read_query,
)
from assertcheck.saml.model import Binding, Message, Parameter

_LONGEST = 4 * 1024 * 1024
"""Characters of a URL, a body or a value that stands alone."""
_AROUND = " \t\r\n\"'`"
_BLANK = re.compile(r"\s")
_BLANKS = re.compile(r"\s++")
_NEXT = re.compile(
    r"[^\s&?]\s++(?:https?://|(?:SAML\w{3,8}|RelayState|SigAlg|Signature)=)", re.IGNORECASE
)
"""Behind a line break what is no more of the same: another URL, a parameter without its `&`."""
_BASE64 = re.compile(r"[\w+/=%-]{16,}+", re.ASCII)
_FEWEST = 64
"""Characters of what is taken for a value though it cannot be read."""
_ROW = re.compile(
    r"(?:^|[\[{(,])[ \t\"'`]*+(SAMLRequest|SAMLResponse|RelayState|SigAlg|Signature|SAMLart)[\"']?"
    r"(?:[ \t]*+(?:=>|[:=,])[ \t]*+|[ \t]*+\r?\n|\t)[\"']?([^\r\n\"']*+)",
    re.MULTILINE,
)
"""A line of the tables in which browsers show what was sent, or a pair of a printed dictionary."""
_LINE = re.compile(r"[\w.-]{1,80}+=[^\s&]*+")
_PAIR = re.compile(
    r"(?<![\w-])(SAMLRequest|SAMLResponse|RelayState|SigAlg|Signature|SAMLart)="
    r"(?:\"([^\"\r\n]*+)\"|'([^'\r\n]*+)')"
)
"""Of a line of a log that sets values in quotes."""
_BOUNDARY = re.compile(
    r"^--([^\s\"';]{1,100})\r?\ncontent-disposition:[ \t]*form-data", re.IGNORECASE | re.MULTILINE
)
"""Where the parts of a form begin that is sent as multipart (RFC 7578 §4)."""
_MOST_ROWS = 16
_INSIDE = re.compile(r"SAML(?:Request|Response|art)%(?:25){0,2}3D|wa%(?:25){0,2}3Dwsign", re.I)
_LAYERS = 3
_BETWEEN = re.compile(r"[\s\"'<>`&?=]+")
# A pattern that opens with a character is found many times as fast as one that opens with `\b`.
_POWERSHELL = re.compile(
    r"i(?<!\wi)(?:nvoke-(?:RestMethod|WebRequest)\b|(?:rm|wr)\s)", re.IGNORECASE
)


def read_text(text: str) -> tuple[list[Found], tuple[str, ...]]:
    """Return the messages in `text`, by the first shape that it has, and what went from it."""
    # Entities belong to markup; anywhere else they are of whoever showed the text.
    found = list(_in_markup(text)) if text.lstrip().startswith("<") else []
    if found:
        return found, ()
    # At the end of a line `=` may be quoted-printable, at the end of the text it is padding.
    tidied, removed = tidy(text.strip())
    for read in (
        _alone,
        read_commands,
        read_requests,
        read_page,
        _in_lines,
        _in_parts,
        _in_pairs,
        _in_rows,
        _in_queries,
        read_xml,
        _encoded_again,
        _value,
        _without_message,
    ):
        found = list(read(tidied))
        if found:
            break
    return found, removed


def _in_markup(text: str) -> Iterator[Found]:
    found = list(read_page(text))
    yield from found or read_xml(text)


def _alone(text: str) -> Iterator[Found]:
    """Yield the message of a URL, a query or a body that is all of `text`, broken or not."""
    bare = text.strip(_AROUND)
    if len(bare) > _LONGEST or _NEXT.search(bare):
        return
    joined = "".join(line.strip() for line in bare.splitlines())
    is_broken = _BLANK.search(joined) is not None
    found = None if is_broken else read_query(ended(joined), PasteKind.FORM_BODY)
    if found:
        kind = PasteKind.URL if found.binding else PasteKind.FORM_BODY
        removed = ("line breaks",) if joined != bare else ()
        yield replace(found, kind=kind, removed=removed)


def _in_rows(text: str) -> Iterator[Found]:
    """Yield the message whose parameters stand in lines of their own, as browsers show them."""
    rows = {row[1]: row[2].strip() for row in islice(_ROW.finditer(text), _MOST_ROWS)}
    # One alone may be a query that begins its line.
    is_query = len(rows) == 1 and f"{next(iter(rows))}=" in text
    parameters = () if is_query else tuple(parameter(*each) for each in rows.items())
    if is_telling(parameters):
        message = message_in(parameters)
        url, binding = _target(text)
        yield Found(
            kind=PasteKind.LOG, message=message, parameters=parameters, url=url, binding=binding
        )


def _target(text: str) -> tuple[str | None, Binding | None]:
    """Return what `text` says of where its message is sent, and how, if it has one request line."""
    reading = read_http_request(text) if len(text) <= _LONGEST else None
    if reading is None or len(reading.messages) > 1:
        return None, None
    (request,) = reading.messages
    return request.url, Binding.POST if request.method == "POST" else None


def _in_lines(text: str) -> Iterator[Found]:
    """Yield the message whose parameters stand in lines of their own, percent-encoded still.

    Firefox copies a form so.
    """
    lines = text.split()
    if not 1 < len(lines) <= _MOST_ROWS or not all(map(_LINE.fullmatch, lines)):
        return
    parameters = parameters_of("&".join(lines))
    own = next((each.raw for each in parameters if each.name == "SAMLRequest"), "")
    # In base64 that was decoded there is one of these, mostly.
    if "%" in own and not re.search(r"[+/=]", own):
        message = message_in(parameters)
        yield Found(
            kind=PasteKind.FORM_BODY,
            message=message,
            parameters=parameters,
            is_as_sent=True,
            removed=("line breaks",),
        )


def _in_parts(text: str) -> Iterator[Found]:
    """Yield the message of a form in parts, which need no percent-encoding."""
    boundary = _BOUNDARY.search(text)
    if boundary is None:
        return
    fields = body_parameters(
        text[boundary.start() :], f'multipart/form-data; boundary="{boundary[1]}"'
    )
    parameters = tuple(
        Parameter(name=each.name, raw=each.value, value=each.value) for each in fields
    )
    if is_telling(parameters):
        message, (url, _) = message_in(parameters), _target(text)
        yield Found(
            kind=PasteKind.FORM_BODY,
            message=message,
            parameters=parameters,
            url=url,
            binding=Binding.POST,
        )


def _in_pairs(text: str) -> Iterator[Found]:
    """Yield each message whose parameters are named and quoted in the line of a log."""
    if '="' not in text and "='" not in text:
        # Most of what is long has none, and two looks are ten times as quick as the pattern.
        return
    group: dict[str, str] = {}
    groups = [group]
    for pair in islice(_PAIR.finditer(text), MOST):
        if pair[1] in group:
            group = {}
            groups.append(group)
        group[pair[1]] = pair[2] or pair[3] or ""
    for each in groups:
        parameters = tuple(parameter(*pair) for pair in each.items())
        if is_telling(parameters):
            message = message_in(parameters)
            yield Found(kind=PasteKind.LOG, message=message, parameters=parameters)


def _in_queries(text: str) -> Iterator[Found]:
    kind = PasteKind.POWERSHELL if _POWERSHELL.search(text) else PasteKind.LOG
    return read_queries(text, kind)


def _encoded_again(text: str) -> Iterator[Found]:
    """Yield the message of a query that is itself the value of a parameter."""
    if not _INSIDE.search(text):
        return
    for piece in islice(filter(_INSIDE.search, _BETWEEN.split(text)), MOST):
        inner = piece
        for _ in range(_LAYERS):
            inner = unquoted(inner) if _INSIDE.search(inner) else inner
        found = read_query(inner, PasteKind.LOG)
        if found:
            yield replace(found, removed=("percent-encoding",))


def _value(text: str) -> Iterator[Found]:
    """Yield the message that `text` is the value of, in base64, percent-encoded or not."""
    bare = text.strip(_AROUND)
    raw = _BLANKS.sub("", bare) if len(bare) <= _LONGEST else ""
    if not _BASE64.fullmatch(raw):
        return
    own = parameter("SAMLRequest", raw)
    message = message_of(own.value)
    # Words are base64 as well, and so are keys.
    is_value = message is not Message.UNKNOWN or (raw == bare and len(raw) >= _FEWEST)
    if is_value and (message is not Message.UNKNOWN or not recognised(text)):
        removed = ("line breaks",) if raw != bare else ()
        yield Found(kind=PasteKind.SAML, message=message, parameters=(own,), removed=removed)


def _without_message(text: str) -> Iterator[Found]:
    """Yield the query that `text` is, if what goes with a message is in it and none is."""
    bare = text.strip(_AROUND)
    if len(bare) > _LONGEST or _BLANK.search(bare):
        return
    parameters = parameters_of(bare.partition("#")[0].rpartition("?")[2])
    if is_signing(parameters):
        yield Found(
            kind=PasteKind.URL if "?" in bare else PasteKind.FORM_BODY,
            message=Message.UNKNOWN,
            parameters=parameters,
            is_as_sent=True,
        )
