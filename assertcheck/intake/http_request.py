"""Raw HTTP requests (RFC 9112 §2.1): of a proxy, a documentation page, an editor's REST client."""

from __future__ import annotations

import re
from itertools import islice

from assertcheck.intake.body import body_parameters
from assertcheck.intake.form import form_parameters
from assertcheck.intake.found import Message, Reading
from assertcheck.model import PasteKind

_MOST = 64
_TRACED = re.compile(r"([0-9a-f]{4,8}): (.*)")
_REQUEST_LINE = re.compile(
    r"^[ \t]{0,20}(POST|GET|PUT)[ \t]{1,20}(/[^\s]*|https?://[^\s]+)"
    r"(?:[ \t]{1,20}HTTP/[\d.]{1,3})?(?:[ \t]{0,80}(?://|\#)[^\n]*)?[ \t]{0,20}\r?$",
    re.MULTILINE,
)
_HEADER = re.compile(r"[ \t]*([\w-]{1,60})[ \t]*:[ \t]*([^\r\n]*)\r?\n?")
_BLANK = re.compile(r"[ \t]*(?:\r?\n|\Z)")
_ANSWER = re.compile(r"^[<* ]{0,4}HTTP/[\d.]{1,3} \d{3}|^###|^[<*=] ", re.MULTILINE)


def read_http_request(text: str) -> Reading | None:
    """Return the requests in `text` by their request lines; `None` if it has none."""
    if "=> Send header" in text:
        text = _untraced(text)
    lines = list(islice(_REQUEST_LINE.finditer(text), _MOST))
    if not lines:
        return None
    ends = [*(line.start() for line in lines[1:]), len(text)]
    messages = tuple(
        _message(line[1], line[2], text[line.end() : end])
        for line, end in zip(lines, ends, strict=True)
    )
    return Reading(kind=PasteKind.HTTP_REQUEST, messages=messages, texts=(text,))


def _untraced(text: str) -> str:
    """Return the messages in what `curl --trace-ascii` writes, which cuts lines after 64."""
    parts: list[str] = []
    expected = -1
    for line in text.splitlines():
        piece = _TRACED.match(line)
        if piece:
            parts += ["" if int(piece[1], 16) == expected else "\n", piece[2]]
            expected = int(piece[1], 16) + len(piece[2])
        else:
            expected = 0 if line.startswith("=> Send data") else -1
            parts.append("" if line.startswith("=> Send data") else "\n")
    return "".join(parts)


def _message(method: str, target: str, rest: str) -> Message:
    headers, body = _headers(rest.removeprefix("\r").removeprefix("\n"))
    answer = _ANSWER.search(body)
    body, after = (body[: answer.start()], body[answer.start() :]) if answer else (body, "")
    content_type = headers.get("content-type")
    parameters = body_parameters(body, content_type)
    path, _, query = target.partition("?")
    host = headers.get("host", "").removesuffix(":443")
    return Message(
        parameters=(*form_parameters(query), *parameters),
        url=f"https://{host}{path}" if path.startswith("/") and host else path,
        method=method,
        content_type=content_type,
        authorization=headers.get("authorization", ""),
        is_whole=bool(parameters),
        answer=after,
    )


def _headers(text: str) -> tuple[dict[str, str], str]:
    """Return the header fields at the beginning of `text`, names in lower case, and the body."""
    headers: dict[str, str] = {}
    place = 0
    while (field := _HEADER.match(text, place)) and field.end() > place:
        headers[field[1].lower()] = field[2].strip()
        place = field.end()
    blank = _BLANK.match(text, place)
    return headers, text[blank.end() if blank else place :]
