"""The body of a request, in any of the media types that people try."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from assertcheck.intake.form import form_parameters, form_part
from assertcheck.intake.found import Parameter
from assertcheck.intake.parameters import members

_MOST = 200
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
_BOUNDARY = re.compile(r"multipart/[^;]*;.*\bboundary=\"?([^\";\s]+)", re.IGNORECASE)
_NAME = re.compile(r"^content-disposition:.*?\bname=\"?([^\";\r\n]*)", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(r"\r?\n\r?\n")


def body_parameters(body: str, content_type: str | None) -> tuple[Parameter, ...]:
    """Return the parameters in `body`: JSON, multipart if `content_type` says so, else a form."""
    boundary = _BOUNDARY.search(content_type or "")
    if boundary:
        return tuple(_parts(body, boundary[1]))
    if body.lstrip().startswith("{"):
        try:
            return members(_DECODER.raw_decode(body.lstrip())[0])
        except (ValueError, RecursionError):
            return ()
    return form_parameters(form_part(body.lstrip())[0])


def _parts(body: str, boundary: str) -> Iterator[Parameter]:
    # RFC 7578 §4; the parser of `email` recurses, and tries every boundary on every line.
    for part in body.split(f"--{boundary}")[:_MOST]:
        head, *rest = _BLANK_LINE.split(part.lstrip(), maxsplit=1)
        name = _NAME.search(head)
        if name and rest:
            value = rest[0].removesuffix("\n").removesuffix("\r")
            yield Parameter(name=name[1], value=value)
