"""Requests as programs print, log and write them: dictionaries, assignments, forms in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote_plus

from assertcheck.intake.found import Message, Parameter, Reading
from assertcheck.intake.names import KNOWN, canonical, is_telling, token_url
from assertcheck.intake.shell import unescaped
from assertcheck.intake.tokens import is_opening, token_at
from assertcheck.model import PasteKind

_MOST = 4096
"""Names that are looked at in one text."""
_LONGEST = 2 * 1024 * 1024
"""Characters of a value."""
_NAME = re.compile(
    r"(?<![A-Za-z0-9_:])(?:client[_-]?(?:assertion(?:[_-]?type)?|id|secret)|grant[_-]?type|scope"
    r"|resource|assertion)(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"\\{0,8}[\"'`\])]{0,2}\s{0,40}(=>|[:=,|\u2502])\s{0,40}(?:string\(\d{1,7}\) )?[\[({]{0,2}"
)
_QUOTE = re.compile(r"[bBuUrRfF@$]{0,2}(\\{0,8}[\"'`\u2018\u201c])")
_CLOSING = str.maketrans("\u2018\u201c", "\u2019\u201d")
_BARE = re.compile(r"[^\s&,;\"'`\])}>|\\]+")
_BEARER = re.compile(r"Bearer\s{1,8}", re.IGNORECASE)
_BEFORE_PAIR = ("[", "(", '"', "'")
"""What stands before a name with a comma behind it: `[client_id, …]`, `("client_id", …)`."""
_POWERSHELL = re.compile(r"\b(?:Invoke-(?:RestMethod|WebRequest)|irm|iwr)\b", re.IGNORECASE)


def read_printed(text: str) -> Reading:
    """Return what looks like the parameters of requests anywhere in `text`."""
    kind = PasteKind.POWERSHELL if _POWERSHELL.search(text) else PasteKind.LOG
    url = token_url(text)
    messages = tuple(
        Message(
            parameters=parameters,
            url=url,
            is_sent=len({each.name for each in parameters}) > 1,
        )
        for parameters in _groups(text)
    )
    if url and not messages:
        messages = (Message(url=url),)
    return Reading(kind=kind, messages=messages, texts=(text,))


def _groups(text: str) -> Iterator[tuple[Parameter, ...]]:
    """Yield parameters that belong together: a name that comes again begins the next request."""
    group: dict[str, Parameter] = {}
    for parameter in _named(text):
        if parameter.name in group:
            if is_telling(frozenset(group)):
                yield tuple(group.values())
            group = {}
        group[parameter.name] = parameter
    if is_telling(frozenset(group)):
        yield tuple(group.values())


def _named(text: str) -> Iterator[Parameter]:
    place = 0
    for name in islice(_NAME.finditer(text), _MOST):
        separator = _SEPARATOR.match(text, name.end())
        before = text[name.start() - 1 : name.start()]
        is_name = separator and (separator[1] != "," or before in _BEFORE_PAIR)
        # A type holds the words `client-assertion-type:`.
        if separator is None or not is_name or name.start() < place:
            continue
        value, end, is_broken = _value(text, separator.end(), is_form=separator[0] == "=")
        if value and canonical(value) not in KNOWN:
            place = end
            yield Parameter(name=canonical(name[0]), value=value, is_broken=is_broken)


def _value(text: str, start: int, *, is_form: bool) -> tuple[str, int, bool]:
    """Return the value at `start` of `text`, quoted or bare, its end, and whether it was broken."""
    quote = _QUOTE.match(text, start)
    if quote:
        end = text.find(quote[1].translate(_CLOSING), quote.end(), quote.end() + _LONGEST)
        if end >= 0:
            raw = text[quote.end() : end]
            return (unescaped(raw) if "\\" in raw else raw), end, False
        start = quote.end()
    bearer = _BEARER.match(text, start)
    prefix = bearer[0] if bearer else ""
    bare = _BARE.match(text, start + len(prefix), start + _LONGEST)
    if bare is None:
        return "", start, False
    if is_opening(text, bare.start()) and "%" not in bare[0]:
        token = token_at(text, bare.start())
        return prefix + token.text + "..." * token.is_cut, token.end, token.is_broken
    value = unquote_plus(bare[0]) if is_form and "%" in bare[0] else bare[0]
    return prefix + value, bare.end(), False
