"""What was received in a signed query, and drafts of what may have been signed in its place."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from assertcheck.saml.model import SamlMistake, SamlRequest, SamlSubmission
from assertcheck.saml.query_escapes import (
    STYLES,
    Style,
    Value,
    decoded,
    difference,
    shared_styles,
    writings,
)

RELAY_STATE = "RelayState"
SIG_ALG = "SigAlg"
SIGNATURE = "Signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between what was signed and what was received."""

    mistake: SamlMistake
    words: str
    """What was signed, for after `signed with`; `{names}` stands for the parameters it is in."""
    name: str = ""
    """The parameter, where the same may be true of several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryText:
    """Octets that may have been signed, and how they differ from those received."""

    octets: bytes = field(repr=False)
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Parameters that may have been signed."""

    parts: tuple[tuple[str, bytes], ...] = field(repr=False)
    """Name and percent-encoded value, in the order signed."""
    style: Style
    """What other values are encoded in to go with these."""
    changes: tuple[Change, ...] = ()

    def text(self) -> QueryText:
        """Return the draft as it is signed (SAML Bindings §3.4.4.1)."""
        return QueryText(octets=joined(self), changes=self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was received, as the search for what was signed needs it."""

    submission: SamlSubmission
    values: tuple[tuple[str, Value], ...]
    """Of what is to be signed, in that order."""
    xml: bytes | None = field(repr=False)
    messages: tuple[tuple[bytes, str], ...] = field(default=(), repr=False)
    """The message in other compressions and in other base64, and how, in words."""

    @property
    def message(self) -> str:
        """The name of the parameter with the message."""
        return self.values[0][0]

    def value(self, name: str) -> Value | None:
        """Return the value of `name`; `None` where it was not received."""
        return dict(self.values).get(name)


def read_query(submission: SamlSubmission, request: SamlRequest) -> Query | None:
    """Return what a signature in the query of `submission` is to be over; `None`: no message."""
    message = message_name(submission)
    if message is None:
        return None
    values: list[tuple[str, Value]] = []
    for name in (message, RELAY_STATE, SIG_ALG):
        raw, value = submission.raw(name), submission.value(name)
        if raw is None or value is None:
            continue
        if submission.is_as_sent:
            values.append((name, decoded(raw, plus_is_space=name == RELAY_STATE)))
        else:
            octets = value.encode("utf-8", "surrogatepass")
            values.append((name, Value(raw=STYLES[0].encode(octets), octets=octets)))
    return Query(submission=submission, values=tuple(values), xml=request.xml)


def message_name(submission: SamlSubmission) -> str | None:
    """Return the parameter that the message is in: a request, else a response."""
    names = {each.name for each in submission.parameters}
    return next((name for name in ("SAMLRequest", "SAMLResponse") if name in names), None)


def received_text(query: Query) -> bytes:
    """Return what is to be signed: the octets received (SAML Bindings §3.4.4.1)."""
    return b"&".join(name.encode() + b"=" + utf8(value.raw) for name, value in query.values)


def right_texts(query: Query) -> tuple[bytes, ...]:
    """Return the octets received, alone if they are known.

    Where the paste does not show how the values were encoded, each usual way to do it.
    """
    texts = [received_text(query)]
    # Who encodes twice may sign what is sent.
    received = {each.name: each.raw for each in reversed(query.submission.encoded_twice)}
    sent = [f"{name}={received[name]}" for name, _ in query.values if name in received]
    texts += [utf8("&".join(sent))] if sent else []
    for style in () if query.submission.is_as_sent else STYLES:
        parts = [f"{name}={style.encode(value.octets)}" for name, value in query.values]
        texts.append(utf8("&".join(parts)))
    return tuple(dict.fromkeys(texts))


def joined(draft: Draft, separator: bytes = b"&") -> bytes:
    """Return the parameters of `draft` as a query."""
    return separator.join(name.encode() + b"=" + octets for name, octets in draft.parts)


def utf8(text: str) -> bytes:
    """Return the octets of `text`, whatever it holds."""
    return text.encode("utf-8", "surrogatepass")


def received_draft(query: Query) -> Draft:
    """Return what is to be signed."""
    return Draft(
        parts=tuple((name, utf8(value.raw)) for name, value in query.values),
        style=max(STYLES, key=lambda style: _likeness(query, style)),
    )


def _likeness(query: Query, style: Style) -> int:
    return sum(style.encode(value.octets) == value.raw for _, value in query.values)


def in_style(query: Query, style: Style) -> Draft:
    """Return what is to be signed, with all values encoded in `style`."""
    written = [(name, value, style.encode(value.octets)) for name, value in query.values]
    return Draft(
        parts=tuple((name, utf8(text)) for name, _, text in written),
        style=style,
        changes=tuple(
            _rewritten(name, value, text) for name, value, text in written if text != value.raw
        ),
    )


def restyled(query: Query) -> Iterator[Draft]:
    """Yield all values in each style, then before percent-encoding; none that was received."""
    found: dict[tuple[tuple[str, bytes], ...], Draft] = {}
    for style in STYLES:
        draft = in_style(query, style)
        found.setdefault(draft.parts, draft)
    bare = tuple((name, value.octets) for name, value in query.values)
    changes = tuple(
        _unencoded(name, value) for name, value in query.values if value.octets != utf8(value.raw)
    )
    # NOTE: last, and in place of a style that leaves as much as it is.
    found[bare] = Draft(parts=bare, style=STYLES[0], changes=changes)
    return (draft for draft in found.values() if draft.changes)


_LEFT_ALONE = re.compile(r"[\w.~!*'()-]*", re.ASCII)
"""What JavaScript's encodeURIComponent leaves as it is, so that it is no want of encoding."""


def _unencoded(name: str, value: Value) -> Change:
    mistake, words = SamlMistake.UNENCODED, "{names} before percent-encoding"
    if re.search(rb"%[0-9A-Fa-f]{2}", value.octets):
        mistake = SamlMistake.ESCAPES
        words = "{names} percent-encoded once, sent percent-encoded twice"
    return Change(mistake=mistake, words=words, name=name)


def _rewritten(name: str, value: Value, text: str) -> Change:
    if utf8(text) == value.octets and not _LEFT_ALONE.fullmatch(text):
        return _unencoded(name, value)
    apart = difference(text, value.raw, plus_is_space=name == RELAY_STATE) or ("", "")
    words = f"{apart[0]} in {{names}}, sent as {apart[1]}"
    return Change(mistake=SamlMistake.ESCAPES, words=words, name=name)


def written_alone(query: Query) -> Iterator[Draft]:
    """Yield the drafts with one value written otherwise, as libraries do it."""
    received = received_draft(query)
    for name, value in query.values:
        for octets, change in _alternatives(name, value, _styled(value)):
            yield with_value(received, name, octets, change)


def written_anyhow(query: Query) -> Iterator[Draft]:
    """Yield the drafts with one value written in any way, the others as received or in a style."""
    drafts = (received_draft(query), *restyled(query))
    for name, value in query.values:
        written = tuple(_alternatives(name, value, writings(value.octets)))
        for draft, (octets, change) in itertools.product(drafts, written):
            yield with_value(draft, name, octets, change)


def alike_written(query: Query) -> Iterator[QueryText]:
    """Yield the texts in which one function has encoded all values, whatever it leaves alone."""
    seen: set[tuple[str, ...]] = set()
    noted: dict[tuple[str, str], tuple[Change, ...]] = {}
    for style in shared_styles(value.octets for _, value in query.values):
        texts = tuple(style.encode(value.octets) for _, value in query.values)
        if texts in seen:
            continue
        seen.add(texts)
        changes: list[Change] = []
        for (name, value), text in zip(query.values, texts, strict=True):
            if text != value.raw and (name, text) not in noted:
                noted[name, text] = (_rewritten(name, value, text),)
            changes += noted.get((name, text), ())
        pairs = zip(query.values, texts, strict=True)
        octets = b"&".join(name.encode() + b"=" + utf8(text) for (name, _), text in pairs)
        yield QueryText(octets=octets, changes=tuple(changes))


def each_written(query: Query) -> Iterator[QueryText]:
    """Yield the texts in which each value has an encoding of its own."""
    choices: list[list[tuple[bytes, tuple[Change, ...]]]] = []
    for name, value in query.values:
        # Of a RelayState there are too many.
        texts = _styled(value) if name == RELAY_STATE else writings(value.octets)
        written = [
            (utf8(value.raw), ()),
            *((octets, (change,)) for octets, change in _alternatives(name, value, texts)),
        ]
        choices.append([(name.encode() + b"=" + octets, changes) for octets, changes in written])
    for chosen in itertools.product(*choices):
        yield QueryText(
            octets=b"&".join(part for part, _ in chosen),
            changes=tuple(change for _, changes in chosen for change in changes),
        )


def _styled(value: Value) -> tuple[str, ...]:
    return tuple(dict.fromkeys(style.encode(value.octets) for style in STYLES))


def _alternatives(name: str, value: Value, texts: Iterable[str]) -> Iterator[tuple[bytes, Change]]:
    """Yield the value of `name` as `texts` write it and in other ways, and how it differs."""
    for text in texts:
        if text != value.raw:
            yield utf8(text), _rewritten(name, value, text)
    if value.octets != utf8(value.raw):
        yield value.octets, _unencoded(name, value)
    for written, words in (
        (value.raw.replace("+", "%2B"), "%2B in {names}, sent as +"),
        (quote(utf8(value.raw), safe=""), "{names} percent-encoded twice, sent once"),
    ):
        if written != value.raw:
            change = Change(mistake=SamlMistake.ESCAPES, words=words, name=name)
            yield utf8(written), change


def with_value(draft: Draft, name: str, octets: bytes, change: Change) -> Draft:
    """Return `draft` with another value of `name`."""
    kept = tuple(each for each in draft.changes if each.name != name)
    return replace(
        draft,
        parts=tuple((each, octets if each == name else part) for each, part in draft.parts),
        changes=(*kept, change),
    )


def without(draft: Draft, *names: str) -> Draft:
    """Return `draft` without the parameters `names`."""
    return replace(
        draft,
        parts=tuple(part for part in draft.parts if part[0] not in names),
        changes=tuple(change for change in draft.changes if change.name not in names),
    )


def changed(draft: Draft, mistake: SamlMistake, words: str) -> Draft:
    """Return `draft` with one more difference noted."""
    return replace(draft, changes=(*draft.changes, Change(mistake=mistake, words=words)))
