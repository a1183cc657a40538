"""Form bodies (WHATWG URL §5), also broken over lines for readability or by a terminal."""

from __future__ import annotations

import re
from urllib.parse import unquote, unquote_plus

from assertcheck.intake.found import Message, Parameter, Reading
from assertcheck.intake.names import KNOWN, is_telling
from assertcheck.intake.tokens import is_opening, is_sound
from assertcheck.model import PasteKind

_LINE_BREAK = re.compile(r"[^\S\r\n]{0,200}[\r\n]\s*")
_PAIR = re.compile(r"\s*[\w.~%+-]{1,200}\s*=")
_CONTINUED = re.compile(r"[^\s{}<>\"'`\[\]]+")
"""A line of a body that was broken: encoded text has no white space, brackets or quotes."""
_ODD = re.compile(r"[\s\"']")
_TOKEN = re.compile(r"[\w+/=.-]+", re.ASCII)
_WRAPPING = " \t\r\n\"'`?&;,"
_MOST = 200
"""Parameters of one request."""


def read_form(text: str) -> Reading | None:
    """Return the request that `text` begins with as a form body; `None` if it does not."""
    body, rest = form_part(text.strip(_WRAPPING))
    parameters = form_parameters(body)
    names = frozenset(each.name for each in parameters)
    # A word before the first name, as logs have it, becomes a part of that.
    is_clean = all(each.name in KNOWN or not _ODD.search(each.value) for each in parameters)
    if len(parameters) < 2 or not is_telling(names) or not is_clean:
        return None
    message = Message(parameters=parameters, is_whole="grant_type" in names)
    removed = ("line breaks",) if "\n" in body else ()
    return Reading(kind=PasteKind.FORM_BODY, messages=(message,), texts=(rest,), removed=removed)


def read_url(text: str) -> Reading | None:
    """Return the request that the URL `text` is, if it carries parameters."""
    address, _, query = text.strip(_WRAPPING).partition("?")
    parameters = form_parameters(query)
    if "://" not in address[:12] or not is_telling(frozenset(each.name for each in parameters)):
        return None
    return Reading(kind=PasteKind.URL, messages=(Message(parameters=parameters, url=address),))


def form_part(text: str) -> tuple[str, str]:
    """Part `text` into the lines of a form body at its beginning, and other text behind them."""
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines) if not _is_of_form(lines[n - 1 : n], line)), None)
    return "\n".join(lines[:end]), "" if end is None else "\n".join(lines[end:])


def form_parameters(body: str) -> tuple[Parameter, ...]:
    """Return the parameters of the form-encoded `body`; none unless all of it is one.

    No encoder leaves a line break in a body, so those are of whoever showed it.
    """
    pieces = _LINE_BREAK.sub("", body).split("&")
    pieces = [piece for piece in pieces if piece.strip()]
    if len(pieces) > _MOST or not all(_PAIR.match(piece) for piece in pieces):
        return ()
    return tuple(_parameter(*piece.split("=", 1)) for piece in pieces)


def _is_of_form(before: list[str], line: str) -> bool:
    """Tell whether `line` goes on with the form body whose last line is `before`, if any is."""
    bare = line.strip()
    is_parted = bare.startswith("&") or any(each.rstrip().endswith("&") for each in before)
    return bool(bare) and (not before or is_parted or _CONTINUED.fullmatch(bare) is not None)


def _parameter(name: str, raw: str) -> Parameter:
    name, raw = unquote_plus(name.strip()), raw.strip()
    kept = unquote(raw)
    value = unquote_plus(raw)
    if "+" in raw and _TOKEN.fullmatch(kept) and is_opening(kept):
        # A token in standard base64, unless it is one without the spaces that a form makes of +.
        is_spaced = is_sound("".join(value.split()))
        if not is_spaced and ("/" in kept or is_sound(kept)):
            return Parameter(name=name, value=kept, has_bare_plus=True)
    return Parameter(name=name, value=value)
