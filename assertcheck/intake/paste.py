"""Finds the assertion in a paste of any shape, the likeliest where there are several."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assertcheck.errors import InputError
from assertcheck.intake import MAX_ASSERTION
from assertcheck.intake.choice import Candidate, choose, is_likely, word_for
from assertcheck.intake.encoding import to_text
from assertcheck.intake.found import Message, Reading
from assertcheck.intake.other_things import WORDS, recognised, recognised_octets, things_in
from assertcheck.intake.shapes import candidates_in, read_text, unwrapped
from assertcheck.intake.token_request import token_request
from assertcheck.intake.tokens import is_compact, is_opening, is_sound
from assertcheck.model import DirtKind, PasteKind, ReturnedError, Submission

_TOKEN = re.compile(r"(?<![\w+/-])e[yw][\w+/-]{8,}+={0,2}(?:\.[\w+/-]*+={0,2}){1,4}", re.ASCII)
_ARMOUR = re.compile(r"-----BEGIN[A-Z0-9]{1,40}-----([\w+/]+)", re.ASCII)
"""What stands in a PEM file (RFC 7468), where all white space is taken out."""
_BETWEEN = re.compile(r"\\[rn]|[\s>]+")
"""Line breaks, also escaped, and the marks of a quotation."""
_MOST_OTHERS = 8


def read(paste: str | bytes) -> Submission:
    """Do what `read_paste` promises, for whatever is not an assertion alone."""
    if isinstance(paste, bytes):
        binary = recognised_octets(paste)
        if binary:
            return Submission(assertion="", kind=binary, removed=(), length=len(paste))
        text, removed = to_text(paste)
    else:
        text = paste.removeprefix("\ufeff")
        removed = ("byte order mark",) if text != paste else ()
    submission = _read(text, removed)
    if not is_sound(submission.assertion):
        joined = unwrapped(text)
        if joined != text:
            again = _read(joined, (*removed, "line breaks"))
            submission = again if is_sound(again.assertion) else submission
    if len(submission.assertion) > MAX_ASSERTION:
        raise InputError(
            f"the assertion is larger than {MAX_ASSERTION // 1024} KiB",
            hint="a client assertion takes 1 to 10 KiB; check that the right text was pasted",
        )
    return submission


def _read(text: str, removed: tuple[str, ...]) -> Submission:
    reading, tidied, more = read_text(text)
    if not tidied.strip():
        raise InputError("the input is empty", hint="paste the assertion, or pipe it in")
    candidates = tuple(candidates_in(reading))
    chosen = choose(candidates)
    if chosen and reading.kind is PasteKind.HAR and not chosen.is_posted:
        # Pages are full of tokens; only one that is like an assertion is worth judging.
        chosen = chosen if is_likely(chosen.text) else None
    message = _message(reading.messages, chosen)
    error = _error(reading, message, tidied)
    kind = _kind(reading, message, chosen, tidied, error)
    assertion = _assertion(chosen, kind, tidied)
    parameter = _parameter(message, chosen)
    is_sent = chosen is not None and chosen.message is not None and chosen.message.is_sent
    return Submission(
        assertion=assertion,
        kind=kind,
        removed=tuple(dict.fromkeys((*removed, *more, *reading.removed, *_words(chosen)))),
        request=token_request(message, assertion_parameter=parameter) if message else None,
        error=error,
        others=tuple(_others(candidates, chosen, reading, tidied)),
        sent_dirty=chosen.dirt if chosen and is_sent and assertion else (),
        is_cut=chosen is not None and chosen.is_cut,
        length=len(text),
    )


def _words(chosen: Candidate | None) -> Iterator[str]:
    """Yield a word on each thing that was taken off the assertion itself."""
    if chosen and chosen.is_broken:
        yield str(DirtKind.LINE_BREAKS)
    yield from (str(each.kind) for each in (chosen.dirt if chosen else ()))


def _kind(
    reading: Reading,
    message: Message | None,
    chosen: Candidate | None,
    text: str,
    error: ReturnedError | None,
) -> PasteKind:
    """Return the shape of the paste, or what stands in it in place of an assertion."""
    if chosen is None and message and reading.kind is not PasteKind.LOG:
        return reading.kind
    rest = chosen.text if chosen and not _is_of_armour(chosen.text, text) else text
    other = None if "." in rest and is_opening(rest) else recognised(rest)
    if other or chosen:
        return other or reading.kind
    if error:
        return PasteKind.ERROR
    return PasteKind.JWT if is_compact(_bare(rest)) else PasteKind.OTHER


def _is_of_armour(token: str, text: str) -> bool:
    """Tell whether `token` is a line of a PEM file in `text` that happens to begin like a token."""
    if "." in token:
        return False
    return any(token in body for body in _ARMOUR.findall(_BETWEEN.sub("", text)))


def _bare(text: str) -> str:
    return text.strip(" \t\r\n\"'")


def _assertion(chosen: Candidate | None, kind: PasteKind, text: str) -> str:
    """Return what is to be judged; a text that is nothing known is shown to the rules as it is."""
    if kind in WORDS:
        return ""
    if chosen:
        return chosen.text
    bare = _bare(text)
    is_rest = kind in (PasteKind.JWT, PasteKind.OTHER, PasteKind.ERROR)
    return bare if is_rest and len(bare) <= MAX_ASSERTION else ""


def _message(messages: Sequence[Message], chosen: Candidate | None) -> Message | None:
    """Return the request the assertion came in; else the one that was meant to carry it."""
    if chosen and chosen.message:
        return chosen.message
    meant = [each for each in messages if each.value("client_assertion") is not None]
    if not meant and (chosen is None or len(messages) == 1):
        meant = list(messages)
    return meant[-1] if meant else None


def _parameter(message: Message | None, chosen: Candidate | None) -> str | None:
    if chosen and chosen.parameter:
        return chosen.parameter
    is_there = message is not None and message.value("client_assertion") is not None
    return "client_assertion" if is_there else None


def _error(reading: Reading, message: Message | None, text: str) -> ReturnedError | None:
    """Return the error that was answered, read from all but the tokens."""
    if reading.kind is PasteKind.JWT:
        return None
    # Most pastes are an assertion and nothing else, and have no use for it.
    from assertcheck.aadsts.parser import find_error

    if message and "AADSTS" in message.answer:
        text = message.answer
    elif reading.kind is PasteKind.HAR:
        answers = [each.answer for each in reading.messages if "AADSTS" in each.answer]
        text = answers[-1] if answers else ""
    return find_error(_TOKEN.sub("", text))


def _others(
    candidates: Sequence[Candidate], chosen: Candidate | None, reading: Reading, text: str
) -> Iterator[str]:
    """Yield a word on each thing that looks like a credential and is not the one judged."""
    rest = [each for each in candidates if each is not chosen and is_opening(each.text)]
    yield from (word_for(each.text) for each in rest[:_MOST_OTHERS])
    if any(each.value("client_secret") for each in reading.messages):
        yield WORDS[PasteKind.CLIENT_SECRET]
    elif chosen and reading.kind is not PasteKind.HAR:
        yield from (WORDS[kind] for kind in things_in(_TOKEN.sub("", text)))
