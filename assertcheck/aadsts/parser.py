"""Reads an error of Entra ID out of whatever it was pasted with."""

from __future__ import annotations

import codecs
import re
from dataclasses import astuple, dataclass

from assertcheck.aadsts.codes import ABOUT_CREDENTIALS, GENERAL, PREFIX, deciding
from assertcheck.errors import AssertcheckError
from assertcheck.model import ReturnedError

_MOST_CODES = 1_000
"""Codes that are looked at, from the end of the text."""
_MOST_TELLINGS = 8
"""Times that one error is told, in message, inner exception and response body; one may be cut."""
_LONGEST = 16_384
"""Characters of a message with its escapes; a thumbprint may be the hex of a whole certificate."""
_BEFORE = 2_000
"""Characters before the code in which `error` and the ids may stand."""
_SMALL = 65_536
"""Characters in which a prefix that a line break tore apart is looked for."""
_GAP = 60
"""Words take so many characters between a code that only says that there is another, and that."""
_FARTHEST = 500
"""The same with blanks."""
_BREAK = r"[ \t]{0,20}[\r\n][\s>|]{0,40}"
_TORN = re.compile("|".join(f"{PREFIX[:at]}{_BREAK}{PREFIX[at:]}" for at in range(1, len(PREFIX))))
_COLON = rf"[*_`\"']{{0,4}}(?:{_BREAK}|\s)?(?::|%(?:25){{0,3}}3[aA]|&#58;)"
_TOLD = re.compile(_COLON)
# The colon tells a code that a line break cut in two from a code with a number behind it.
_CODE = re.compile(
    rf"AADSTS(?:((?:(?:{_BREAK})?\d){{5,7}})(?={_COLON})|(\d{{5,7}})(?!\d))", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """A place where an error is told or only named."""

    start: int
    head: int
    """Where the message before it has its last code."""
    end: int
    """Where the next one begins."""
    codes: tuple[str, ...]
    is_told: bool
    """Whether its text follows; else the code is named in passing."""

    @property
    def code(self) -> str:
        """Return the code that says why."""
        return deciding(self.codes)


def as_text(octets: bytes) -> str:
    """Return `octets` as text: UTF-8, or UTF-16 where a byte order mark says so; never raise."""
    # Windows PowerShell writes UTF-16 where `>` redirects.
    is_utf16 = octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return octets.decode("utf-16" if is_utf16 else "utf-8-sig", "replace")


def find_error(text: str) -> ReturnedError | None:
    """Return the error of Entra ID that `text` tells; `None` if there is no AADSTS code in it.

    `text` may be anything around it: an exception, a response body, a log; escaped, wrapped or cut
    off. Of several errors it is the one about the assertion, else about something known, and of
    those the last. Time grows with the length of `text` and no more; nothing raises.
    """
    if len(text) <= _SMALL:
        text = _TORN.sub(PREFIX, text)
    messages = _messages(text)
    if not messages:
        return None
    chosen = min(reversed(messages), key=_weight)
    same = [each for each in messages if each.code == chosen.code][-_MOST_TELLINGS:]
    tellings = [_read(text, each) for each in reversed(same)]
    return max(tellings, key=lambda error: sum(map(bool, astuple(error))))


def _messages(text: str) -> list[_Message]:
    """Return the errors in `text` by their codes, in order."""
    codes: list[re.Match[str]] = []
    place = len(text)
    for _ in range(_MOST_CODES):
        place = text.rfind(PREFIX, 0, place)
        if place < 0:
            break
        match = _CODE.match(text, place)
        if match:
            codes.append(match)
    groups: list[list[re.Match[str]]] = []
    for match in reversed(codes):
        last = groups[-1][-1] if groups else None
        if last and _number(last) == GENERAL and _is_next(text, last.end(), match.start()):
            groups[-1].append(match)
        else:
            groups.append([match])
    starts = [group[0].start() for group in groups]
    heads = [group[-1].end() for group in groups]
    return [
        _Message(
            start=start,
            head=head,
            end=end,
            codes=tuple(dict.fromkeys(_number(match) for match in group)),
            is_told=_TOLD.match(text, group[0].end()) is not None,
        )
        for group, start, head, end in zip(
            groups, starts, [0, *heads], [*starts[1:], len(text)], strict=False
        )
    ]


def _is_next(text: str, start: int, end: int) -> bool:
    """Tell whether no more than a few words stand between `start` and `end`."""
    return end - start <= _FARTHEST and len("".join(text[start:end].split())) <= _GAP


def _number(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    return PREFIX + "".join(char for char in digits if char.isdigit())


def _weight(message: _Message) -> int:
    """Weigh what the error says about an assertion; little is much."""
    # Imported here because a paste without an error has no use for it.
    from assertcheck.aadsts.catalogue import entry

    if not message.is_told:
        return 3
    known = [found for code in message.codes if (found := entry(code))]
    if any(found.rank is not None or found.code in ABOUT_CREDENTIALS for found in known):
        return 0
    return 1 if known else 2


def _read(text: str, message: _Message) -> ReturnedError:
    # Imported here because a paste without an error has no use for its many patterns.
    from assertcheck.aadsts.message import read_message

    before = text[max(message.head, message.start - _BEFORE) : message.start]
    told = text[message.start : min(message.end, message.start + _LONGEST)]
    return read_message(told, before, message.codes)


def read_error(error: str | bytes) -> ReturnedError:
    """Return the error in `error`, what Entra ID returned as text or octets.

    Raise `AssertcheckError` if there is none in it.
    """
    found = find_error(error if isinstance(error, str) else as_text(error))
    if found is None:
        raise AssertcheckError(
            "the error that was given holds no AADSTS code",
            hint="give the text that Entra ID returned, with `AADSTS` and the number in it",
        )
    return found
