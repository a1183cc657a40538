"""Which shape a paste has, and what stands in it that may be the assertion."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from assertcheck.intake.choice import MOST, Candidate
from assertcheck.intake.curl import read_curl
from assertcheck.intake.dirt import Cleaned, clean
from assertcheck.intake.form import read_form, read_url
from assertcheck.intake.found import Message, Parameter, Reading
from assertcheck.intake.http_request import read_http_request
from assertcheck.intake.json_text import read_json
from assertcheck.intake.printed import read_printed
from assertcheck.intake.tidy import tidy
from assertcheck.intake.tokens import find_tokens, is_opening, percent_decoded
from assertcheck.model import Dirt, DirtKind, PasteKind

_LONGEST_BARE = 2 * 1024 * 1024
"""Characters of an assertion with all that may cling to it."""
_SECRETS = ("client_secret", "code", "refresh_token")
_PLUS = Dirt(kind=DirtKind.PLUS, detail="a bare + in the form body", is_inside=True)
_BREAKS = Dirt(kind=DirtKind.LINE_BREAKS, detail="white space", is_inside=True)
_AROUND = Dirt(kind=DirtKind.TEXT, detail="other text around it")
_NO_TOKEN_ALONE = frozenset({DirtKind.TEXT, DirtKind.JSON})
_BASE64_TOKEN = re.compile(r"(?<![\w+/])ZXl[JK][\w+/-]{60,}={0,2}", re.ASCII)
"""A token in base64 once more."""
_NARROWEST = 40
"""Columns of a terminal that wraps."""


def read_text(text: str) -> tuple[Reading, str, tuple[str, ...]]:
    """Return what `text` holds by its shape, the text that was read, and what went from it."""
    reading = read_json(text)
    if reading:
        return reading, text, ()
    text, removed = tidy(text)
    reading = (
        read_json(text)
        or _read_wrapped_json(text)
        or _read_command(text)
        or read_http_request(text)
        or read_url(text)
        or read_form(text)
        or _read_bare(text)
        or read_printed(text)
    )
    return reading, text, removed


def unwrapped(text: str) -> str:
    """Return `text` with the lines joined that a terminal broke where its width ended."""
    lines = [line.rstrip() for line in text.splitlines()]
    widths = Counter(len(line) for line in lines if len(line) >= _NARROWEST)
    if not widths:
        return text
    # The width that most lines have; of those that are as many, the greatest.
    width, _ = max(widths.items(), key=lambda item: (item[1], item[0]))
    return "".join(line if len(line) == width else f"{line}\n" for line in lines)


def candidates_in(reading: Reading) -> Iterator[Candidate]:
    """Yield what may be the assertion, the parameters of requests first, no text twice."""
    seen: set[str] = set()
    for candidate in _all_candidates(reading):
        if candidate.text not in seen:
            seen.add(candidate.text)
            yield candidate
        if len(seen) == MOST:
            return


def _read_wrapped_json(text: str) -> Reading | None:
    if not text.lstrip().startswith(("{", "[")):
        return None
    reading = read_json(unwrapped(text))
    return replace(reading, removed=("line breaks",)) if reading else None


def _read_command(text: str) -> Reading | None:
    """Return what the `curl` commands in `text` send, or else show of what they send."""
    reading = read_curl(text)
    if reading is None or any(each.parameters for each in reading.messages):
        return reading
    joined = read_curl(unwrapped(text))
    if joined and any(each.parameters for each in joined.messages):
        return replace(joined, removed=("line breaks",))
    shown = tuple(each for each in read_printed(text).messages if each.parameters)
    url = reading.messages[-1].url
    messages = tuple(replace(each, url=each.url or url) for each in shown)
    return replace(reading, messages=messages or reading.messages)


def _read_bare(text: str) -> Reading | None:
    """Return `text` as a token and nothing else; `None` if it is more or less than that."""
    bare = text.strip()
    return Reading(kind=PasteKind.JWT, texts=(bare,)) if _cleaned_token(bare) else None


def _cleaned_token(text: str) -> Cleaned | None:
    """Return the token that `text` is once cleaned; `None` if other text stands around it."""
    if len(text) > _LONGEST_BARE:
        return None
    cleaned = clean(text)
    is_more = any(each.kind in _NO_TOKEN_ALONE for each in cleaned.dirt)
    return None if is_more or not is_opening(cleaned.text) else cleaned


def _all_candidates(reading: Reading) -> Iterator[Candidate]:
    for message in reading.messages:
        for parameter in message.parameters:
            yield from _from_parameter(parameter, message)
        if "ey" in message.authorization:
            cleaned = clean(message.authorization)
            if is_opening(cleaned.text):
                yield Candidate(text=cleaned.text, message=message, parameter="Authorization")
    for text in reading.texts:
        alone = _cleaned_token(text)
        if alone:
            yield Candidate(text=alone.text, dirt=alone.dirt, is_cut=alone.is_cut)
        else:
            yield from _from_text(text)


def _from_parameter(parameter: Parameter, message: Message) -> Iterator[Candidate]:
    is_assertion = parameter.name == "client_assertion"
    may_hold_token = "e" in parameter.value and parameter.name not in _SECRETS
    if not (is_assertion or may_hold_token):
        return
    cleaned = clean(parameter.value)
    if is_assertion or is_opening(cleaned.text):
        yield Candidate(
            text=cleaned.text,
            dirt=(*([_PLUS] if parameter.has_bare_plus else []), *cleaned.dirt),
            is_broken=parameter.is_broken,
            is_cut=cleaned.is_cut,
            message=message,
            parameter=parameter.name,
        )


def _from_text(text: str) -> Iterator[Candidate]:
    tokens = list(find_tokens(text))
    if not any("." in token.text for token in tokens):
        tokens += find_tokens(percent_decoded(text))
        for run in islice(_BASE64_TOKEN.finditer(text), MOST):
            encoded = _cleaned_token(run[0])
            if encoded:
                yield Candidate(text=encoded.text, dirt=(_AROUND, *encoded.dirt))
    for token in tokens:
        dirt = (_AROUND, _BREAKS) if token.is_broken else (_AROUND,)
        yield Candidate(text=token.text, dirt=dirt, is_cut=token.is_cut)
