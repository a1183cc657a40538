"""The ways in which a signed query may differ from the one received, one draft for each.

Each yields what it makes of a draft, and nothing where it does not apply.
"""

from __future__ import annotations

import base64
import itertools
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote

from assertcheck.decoder import from_base64
from assertcheck.saml.algorithms import ALGORITHMS, AlgorithmKind
from assertcheck.saml.model import SamlMistake
from assertcheck.saml.query_drafts import (
    RELAY_STATE,
    SIG_ALG,
    SIGNATURE,
    Change,
    Draft,
    Query,
    changed,
    utf8,
    with_value,
    without,
)
from assertcheck.saml.query_escapes import Style
from assertcheck.words import listed, quoted

Way = Callable[[Query, Draft], Iterator[Draft]]


def _other_relay_states(query: Query, draft: Draft) -> Iterator[Draft]:
    sent = query.value(RELAY_STATE)
    if sent is None:
        for value, words in (
            (b"", "an empty RelayState, which was not sent"),
            (b"null", "RelayState=null, which was not sent"),
            (b"undefined", "RelayState=undefined, which was not sent"),
            (b"None", "RelayState=None, which was not sent"),
        ):
            first, *rest = draft.parts
            parts = (first, (RELAY_STATE, value), *rest)
            yield changed(replace(draft, parts=parts), SamlMistake.RELAY_STATE, words)
        return
    how = "" if sent.raw else " empty"
    yield changed(
        without(draft, RELAY_STATE),
        SamlMistake.RELAY_STATE,
        f"no RelayState, though it was sent{how}",
    )
    if sent.raw:
        words = "an empty RelayState, though it was sent with a value"
        change = Change(mistake=SamlMistake.RELAY_STATE, words=words)
        yield with_value(draft, RELAY_STATE, b"", change)
    for octets in _cut_short(query, draft):
        words = "the whole RelayState, sent cut short at an & that was not escaped"
        change = Change(mistake=SamlMistake.RELAY_STATE, words=words)
        yield with_value(draft, RELAY_STATE, octets, change)


def _cut_short(query: Query, draft: Draft) -> Iterator[bytes]:
    """Yield RelayState with the unknown parameters behind it, if an `&` in it was not escaped."""
    parameters = query.submission.parameters
    start = next(index for index, each in enumerate(parameters) if each.name == RELAY_STATE)
    strangers = itertools.takewhile(lambda each: each.name not in _KNOWN, parameters[start + 1 :])
    rest = "".join(f"&{each.name}={each.raw}" for each in strangers)
    if rest:
        whole = parameters[start].raw + rest
        yield utf8(whole)
        yield utf8(draft.style.encode(utf8(unquote(whole))))


_KNOWN = ("SAMLRequest", "SAMLResponse", RELAY_STATE, SIG_ALG, SIGNATURE)


def _other_orders(query: Query, draft: Draft) -> Iterator[Draft]:
    sent = [each.name for each in query.submission.parameters]
    for parts in itertools.permutations(draft.parts):
        names = [name for name, _ in parts]
        if parts != draft.parts and len(set(names)) == len(names):
            is_sent = names == [name for name in sent if name in names]
            words = f"the parameters in the order {listed(names)}" + ", as sent" * is_sent
            yield changed(replace(draft, parts=parts), SamlMistake.ORDER, words)


def _other_parameters(query: Query, draft: Draft) -> Iterator[Draft]:
    mistake = SamlMistake.OTHER_PARAMETERS
    names = [name for name, _ in draft.parts]
    if SIG_ALG in names:
        yield changed(without(draft, SIG_ALG), mistake, "no SigAlg")
        alone = without(draft, SIG_ALG, RELAY_STATE)
        yield changed(alone, mistake, f"{query.message} alone")
    else:
        yield from _with_sig_alg(draft)
    empty = replace(draft, parts=(*draft.parts, (SIGNATURE, b"")))
    yield changed(empty, mistake, "an empty Signature after the parameters")
    other = "SAMLResponse" if query.message == "SAMLRequest" else "SAMLRequest"
    renamed = tuple((other if name == query.message else name, part) for name, part in draft.parts)
    yield changed(replace(draft, parts=renamed), mistake, f"{other} as the name of {query.message}")
    sent = [each for each in query.submission.parameters if each.name != SIGNATURE]
    if len(sent) > len(query.values):
        own = dict(draft.parts)
        parts = tuple((each.name, own.get(each.name, utf8(each.raw))) for each in sent)
        yield changed(replace(draft, parts=parts), mistake, "all parameters that were sent")
    last = {each.name: utf8(each.raw) for each in sent}
    for name, value in query.values:
        if last[name] != utf8(value.raw) and query.submission.is_as_sent:
            change = Change(mistake=mistake, words=f"the last {name} of those sent")
            yield with_value(draft, name, last[name], change)


def _with_sig_alg(draft: Draft) -> Iterator[Draft]:
    for uri in _URIS:
        octets = utf8(draft.style.encode(uri.encode()))
        whole = replace(draft, parts=(*draft.parts, (SIG_ALG, octets)))
        words = f"SigAlg={uri}, which was not sent"
        yield changed(whole, SamlMistake.OTHER_PARAMETERS, words)


_RSA = (AlgorithmKind.RSA, AlgorithmKind.RSA_PSS, AlgorithmKind.ECDSA)
_URIS = (
    *(each.uri for each in ALGORITHMS if each.kind in _RSA),
    # The near misses that are seen.
    *(f"http://www.w3.org/2000/09/xmldsig#rsa-sha{size}" for size in (256, 384, 512)),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha1",
    *(f"http://www.w3.org/2001/04/xmlenc#sha{size}" for size in (256, 512)),
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2000/09/xmldsig#sha1",
    *("RS256", "RS512", "PS256", "rsa-sha256", "RSA-SHA256", "rsa-sha1", "RSA-SHA1", "rsa-sha512"),
    *("SHA256withRSA", "SHA1withRSA", "SHA256", "sha256", "SHA1", "sha1"),
    *("undefined", "null", ""),
)


def _other_sig_algs(query: Query, draft: Draft) -> Iterator[Draft]:
    sent = query.value(SIG_ALG)
    for uri in _URIS if sent else ():
        octets = uri.encode()
        if sent and octets != sent.octets:
            shown = quoted(sent.octets.decode("utf-8", "replace"))
            words = f"SigAlg={uri}, sent as {shown}" if uri else f"an empty SigAlg, sent as {shown}"
            change = Change(mistake=SamlMistake.SIG_ALG, words=words)
            yield with_value(draft, SIG_ALG, utf8(draft.style.encode(octets)), change)


def other_messages(query: Query) -> tuple[tuple[bytes, str], ...]:
    """Return what the search takes as `Query.messages`, which costs too much to do it twice."""
    sent = dict(query.values)[query.message].octets
    found: dict[bytes, str] = {sent: ""}
    received = from_base64(sent.decode("ascii", "replace"))
    if received:
        is_url_safe = re.search(b"[-_]", sent) is not None
        words = "the message in standard base64, sent in URL-safe base64, with - and _ in place of + and /"
        # Before the compressions, of which one makes the same octets.
        found.setdefault(base64.b64encode(received), words if is_url_safe else _OTHER_BASE64)
    for octets, words in _compressed(query.xml) if query.xml is not None else ():
        found.setdefault(base64.b64encode(octets), words)
    for encode, words in _BASE64 if received else ():
        found.setdefault(encode(received or b""), words)
    return tuple(found.items())[1:]


def _other_compressions(query: Query, draft: Draft) -> Iterator[Draft]:
    for octets, words in _messages_in(draft.style, query.messages):
        change = Change(mistake=SamlMistake.DEFLATED_AGAIN, words=words)
        yield with_value(draft, query.message, octets, change)


# Of drafts that follow one another most are in one style, and what was compressed well is long.
@lru_cache(maxsize=1)
def _messages_in(
    style: Style, messages: tuple[tuple[bytes, str], ...]
) -> tuple[tuple[bytes, str], ...]:
    """Return `messages` as written in `style`."""
    return tuple((utf8(style.encode(octets)), words) for octets, words in messages)


def _compressed(xml: bytes) -> Iterator[tuple[bytes, str]]:
    for level, memory in itertools.product((6, 9, 1, 8, 7, 5, 4, 3, 2), (8, 9)):
        words = f"the XML compressed by zlib at level {level}, sent compressed otherwise"
        yield _deflate(xml, level, -15, memory), words
    for window, words in (
        (15, "the XML in a zlib wrapper, sent in another form"),
        (31, "the XML in a gzip wrapper, sent in another form"),
    ):
        for level in (6, 9, 1):
            yield _deflate(xml, level, window, 8), words
    yield _deflate(xml, 0, -15, 8), "the XML in DEFLATE without compression"
    yield _deflate(xml, 6, -15, 8, zlib.Z_FIXED), "the XML in DEFLATE with fixed codes"
    yield xml, "the base64 of the XML without DEFLATE"


def _deflate(
    xml: bytes, level: int, window: int, memory: int, strategy: int = zlib.Z_DEFAULT_STRATEGY
) -> bytes:
    squeeze = zlib.compressobj(level, zlib.DEFLATED, window, memory, strategy)
    return squeeze.compress(xml) + squeeze.flush()


def _in_lines(width: int, line_end: bytes, *, last: bool) -> Callable[[bytes], bytes]:
    def encode(octets: bytes) -> bytes:
        text = base64.b64encode(octets)
        lines = [text[start : start + width] for start in range(0, len(text), width)]
        return line_end.join(lines) + (line_end if last else b"")

    return encode


_OTHER_BASE64 = "the base64 of the message, sent in another form"
_BASE64: tuple[tuple[Callable[[bytes], bytes], str], ...] = (
    *(
        (
            _in_lines(width, line_end, last=last),
            f"the base64 of the message in lines of {width} characters",
        )
        for width in (76, 64, 60)
        for line_end in (b"\n", b"\r\n")
        for last in (True, False)
    ),
    (base64.urlsafe_b64encode, "the message in URL-safe base64"),
    (lambda octets: base64.b64encode(octets).rstrip(b"="), "the base64 without its padding"),
    (
        lambda octets: base64.urlsafe_b64encode(octets).rstrip(b"="),
        "the message in URL-safe base64 without padding",
    ),
    (lambda octets: base64.b64encode(octets) + b"\n", "a line feed after the base64"),
)

WAYS: tuple[Way, ...] = (
    _other_relay_states,
    _other_orders,
    _other_sig_algs,
    _other_parameters,
    _other_compressions,
)
