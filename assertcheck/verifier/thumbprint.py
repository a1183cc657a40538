"""What a key identifier really is: of which certificate, by which hash, written how."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from assertcheck.decoder import base64url, from_base64
from assertcheck.model import Candidate, DecodedAssertion
from assertcheck.verifier.digests import (
    SHA1,
    SHA256,
    DigestTable,
    Origin,
    by_trust,
    digest_table,
)


class Step(StrEnum):
    """One way of writing octets down; a value is a product of them."""

    PADDED = "padded"
    STANDARD_BASE64 = "standard-base64"
    HEX = "hex"
    COLONS = "colons"
    SPACES = "spaces"
    DASHES = "dashes"
    DECIMAL = "decimal"
    OCTET_LIST = "octet-list"
    """Each octet as a decimal number: `132, 224, 92`."""
    ESCAPED = "escaped"
    """As Python shows bytes: `b'\\x84\\xe0'`."""
    LATIN1 = "latin-1"
    """Each octet as the character of that number, in Latin-1 or Windows-1252."""
    BASE32 = "base32"
    PLAIN = "plain"
    """The octets are those of the text itself."""
    TEXT = "text"
    """What was written so far, as ASCII or UTF-8 text, was taken for octets and encoded again."""
    UTF16 = "utf-16"
    """As `TEXT`, in UTF-16."""
    HIDDEN = "hidden"
    """A character without a glyph, U+200E and its kin, or the question mark it turned into."""
    PERCENT = "percent"
    SPACE_FOR_PLUS = "space-for-plus"
    """As form decoding leaves standard base64."""
    QUOTED = "quoted"
    LABELLED = "labelled"
    """`SHA1 Fingerprint=` and the like in front."""
    BLANKS = "blanks"
    REVERSED = "reversed"
    ZEROS = "zeros"
    """Leading zeros lost, as a number loses them, or one put in front to keep it positive."""
    CUT = "cut"
    EXTENDED = "extended"
    LETTER_CASE = "letter-case"
    ONE_OFF = "one-off"
    """One character replaced, lost, doubled or swapped with the next."""


TAKEN = frozenset({Step.PADDED, Step.STANDARD_BASE64})
"""Steps that Entra ID undoes by itself (ENTRA sections 11 and 12)."""

_WORDS = {
    Step.PADDED: "padded",
    Step.STANDARD_BASE64: "in standard base64",
    Step.HEX: "in hex",
    Step.COLONS: "with colons",
    Step.SPACES: "with spaces",
    Step.DASHES: "with dashes",
    Step.DECIMAL: "in decimal",
    Step.OCTET_LIST: "as a list of decimal octets",
    Step.ESCAPED: "as Python shows bytes",
    Step.LATIN1: "with each octet taken for a character",
    Step.BASE32: "in base32",
    Step.PLAIN: "as plain text",
    Step.TEXT: "encoded again as text",
    Step.UTF16: "encoded again as UTF-16 text",
    Step.HIDDEN: "with an invisible character",
    Step.PERCENT: "percent-encoded",
    Step.SPACE_FOR_PLUS: "with + turned into a space",
    Step.QUOTED: "in quotes",
    Step.LABELLED: "with a label in front",
    Step.BLANKS: "with white space",
    Step.REVERSED: "with its octets reversed",
    Step.ZEROS: "with zeros lost or added",
    Step.CUT: "cut short",
    Step.EXTENDED: "with more attached to it",
    Step.LETTER_CASE: "in changed letter case",
    Step.ONE_OFF: "with one character wrong",
}

_LONGEST = 16_384
"""Characters; a whole certificate in base64 fits, nothing longer is worth peeling."""
_LAYERS = 3
"""Texts inside texts."""
_MOST_READINGS = 48
_MOST_NUMBERS = 4_096
"""As for `_LONGEST`: a certificate of so many octets would be longer in decimal."""
_LEAST_COMMON = 4
"""Octets that a shortened digest must share with the whole one: a chance of 2^-32."""
_SIZES = {
    20: "a SHA-1",
    32: "a SHA-256",
    16: "an MD5",
    28: "a SHA-224",
    48: "a SHA-384",
    64: "a SHA-512",
}
_HEX = re.compile(r"[0-9A-Fa-f]{2,}")
_SEPARATORS = re.compile(r"[\s:-]")
_DECIMAL = re.compile(r"[0-9]{4,200}")
_NUMBER = re.compile(r"-?[0-9]{1,3}")
_COMMAS = re.compile(r"[\s,;]+")
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|([ntr\\'\"]))")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_BASE32 = re.compile(r"(?:[A-Z2-7]{8,}|[a-z2-7]{8,})={0,6}")
_GUID = re.compile(r"\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?")
_LABEL = re.compile(
    r"(?:(?:sha-?\d+|md5)[\s:=-]*(?:finger|thumb)print|(?:finger|thumb)print|sha-?\d+|md5)"
    r"\s*[:=-]\s*|0x(?=[0-9a-f]+\Z)",
    re.IGNORECASE,
)
_QUOTES = re.compile(r"b?(['\"`])(.*)\1", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peeled:
    """A value with the ways it was written in undone."""

    octets: bytes
    steps: tuple[Step, ...]
    """Innermost first; empty for base64url without padding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThumbprintMatch:
    """One way in which a value comes out of one candidate."""

    candidate: Candidate
    of: Origin
    steps: tuple[Step, ...]
    """How those octets were written down, innermost first; empty when as the RFC says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThumbprintReading:
    """What one key identifier turned out to be."""

    at: str
    """`header.x5t`, `header.x5t#S256`, `header.kid`, or where else a thumbprint stood."""
    value: str
    octets: bytes | None
    """What Entra ID makes of it: base64url, leniently; `None` when it is no base64."""
    matches: tuple[ThumbprintMatch, ...]
    """All certain, the plainest first."""
    named: tuple[Candidate, ...]
    """The candidates it names as Entra ID reads it."""
    guid: str | None
    """The GUID that it is, or encodes, if it comes from nothing that is known."""
    seems: Peeled | None
    """How it was written by length and alphabet alone, if it has the size of a digest then."""
    shape: str
    """What length and alphabet say, for when nothing matches."""


def read_identifiers(
    assertion: DecodedAssertion, candidates: Sequence[Candidate]
) -> tuple[ThumbprintReading, ...]:
    """Return what `x5t`, `x5t#S256` and `kid` are, those of them that are there as text."""
    table = digest_table(candidates)
    return tuple(
        read_value(value, at=f"header.{name}", candidates=candidates, table=table)
        for name in ("x5t", "x5t#S256", "kid")
        if isinstance(value := assertion.header.get(name), str)
    )


def read_value(
    value: str, *, at: str, candidates: Sequence[Candidate], table: DigestTable
) -> ThumbprintReading:
    """Return what `value`, which stood at `at`, is; `table` is the one of `candidates`.

    Outside the header, hex is as good as base64: so the portal and Entra ID's errors show it. What
    an error echoes is best read through `echoed_x5t`.
    """
    texts, peeled = _peel(value) if len(value) <= _LONGEST else ((), ())
    octets = from_base64(value)
    matches = tuple(_known(peeled, table)) or tuple(_close(texts, peeled, candidates))
    guid = None if matches else _guid(texts)
    digests = () if guid else (each for each in peeled if _rank(each) < _NO_DIGEST)
    seems = min(digests, key=_rank, default=None)
    return ThumbprintReading(
        at=at,
        value=value,
        octets=octets,
        matches=matches,
        named=_named(value, at, matches, candidates),
        guid=guid,
        seems=seems,
        shape="a GUID" if guid else _shape(value, octets, seems),
    )


def read_values(
    values: Sequence[tuple[str, str]], candidates: Sequence[Candidate]
) -> tuple[ThumbprintReading, ...]:
    """Return what each of `values`, a text and where it stood, is of the certificates at hand.

    Those are what `candidates` hold, each as that of the first which has it. The work grows with
    the number of values and with that of certificates, not with their product, as it would with
    one `read_value` for each.
    """
    if not values:
        return ()
    certified = _one_for_each_certificate(candidates)
    table, near = digest_table(certified), _near_table(certified)
    return tuple(
        read_value(
            value,
            at=at,
            candidates=tuple(certified[place] for place in _near(value, near)),
            table=table,
        )
        for value, at in values
    )


def _one_for_each_certificate(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    kept: dict[tuple[bytes, bytes | None], Candidate] = {}
    for candidate in by_trust(candidates):
        certificate = candidate.certificate
        if certificate:
            kept.setdefault((certificate.der, certificate.text), candidate)
    return tuple(kept.values())


def named_candidates(readings: Sequence[ThumbprintReading]) -> tuple[Candidate, ...]:
    """Return the candidates that the identifiers name as Entra ID reads them.

    `x5t` and `x5t#S256` decide; `kid` counts where neither is present (ENTRA section 11).
    """
    named: list[Candidate] = []
    # A candidate has no hash, for its key has none; few share a label.
    known: dict[str, list[Candidate]] = {}
    for reading in deciding(readings):
        for candidate in reading.named:
            alike = known.setdefault(candidate.label, [])
            if candidate not in alike:
                alike.append(candidate)
                named.append(candidate)
    return tuple(named)


def deciding(readings: Sequence[ThumbprintReading]) -> tuple[ThumbprintReading, ...]:
    """Return those of `readings` that Entra ID looks the key up by."""
    thumbprints = tuple(each for each in readings if each.at != "header.kid")
    return thumbprints or tuple(readings)


def entra_thumbprint(header: Mapping[str, object]) -> str | None:
    """Return what Entra ID prints as `Thumbprint of key used by client` for this `header`.

    That is the upper-case hex of `x5t` decoded (ENTRA section 1.3); `None` without a usable `x5t`.
    """
    value = header.get("x5t")
    octets = from_base64(value) if isinstance(value, str) else None
    return octets.hex().upper() if octets else None


def echoed_x5t(thumbprint: str) -> str | None:
    """Return the `x5t` that Entra ID echoes as `thumbprint`; `None` if that is no hex."""
    try:
        return base64url(bytes.fromhex(thumbprint))
    except ValueError:
        return None


def written(steps: Sequence[Step]) -> str:
    """Say in words how octets were written down; nothing where Entra ID takes it so."""
    return ", ".join(_WORDS[step] for step in steps if step not in TAKEN)


def invisible_characters(value: str) -> tuple[str, ...]:
    """Return the characters without a glyph in `value` or in the text it encodes: `U+200E`."""
    texts, _ = _peel(value) if len(value) <= _LONGEST else ((), ())
    found = (char for text, _ in texts for char in text if _is_invisible(char))
    return tuple(dict.fromkeys(f"U+{ord(char):04X}" for char in found))


_Text = tuple[str, tuple[Step, ...]]
"""A text met while peeling, and the steps outside it."""


def _peel(value: str) -> tuple[tuple[_Text, ...], tuple[Peeled, ...]]:
    """Return every text and every octet string that `value` can be read as, plainest first."""
    layer: list[_Text] = [(value, ())]
    texts: list[_Text] = []
    peeled: dict[bytes, Peeled] = {}
    for _ in range(_LAYERS):
        deeper: list[_Text] = []
        for text, outer in layer:
            bare, dressing = _undress(text)
            texts.append((text, outer))
            readings = list(_octets(text))
            if dressing:
                texts.append((bare, dressing + outer))
                readings += [(octets, inner + dressing) for octets, inner in _octets(bare)]
            for octets, inner in readings:
                if octets in peeled or len(peeled) >= _MOST_READINGS:
                    continue
                steps = inner + outer
                peeled[octets] = Peeled(octets=octets, steps=steps)
                if Step.PLAIN not in inner:
                    deeper += [(again, (step, *steps)) for again, step in _as_text(octets)]
        layer = deeper
    return tuple(texts), tuple(peeled.values())


def _octets(text: str) -> Iterator[tuple[bytes, tuple[Step, ...]]]:
    """Yield what `text` encodes, in each encoding that its characters allow, and that encoding."""
    listed = _listed_octets(text)
    if listed:
        yield listed, (Step.OCTET_LIST,)
    compact = _SEPARATORS.sub("", text)
    if _HEX.fullmatch(compact):
        steps = (Step.HEX, *_separated(text))
        if len(compact) % 2:
            yield bytes.fromhex("0" + compact), (Step.ZEROS, *steps)
        else:
            yield bytes.fromhex(compact), steps
    together = "".join(text.split())
    octets = from_base64(together)
    if octets is not None:
        taken = (
            (Step.STANDARD_BASE64, set("+/") & set(text)),
            (Step.PADDED, "=" in text),
            (Step.BLANKS, together != text),
        )
        yield octets, tuple(step for step, is_there in taken if is_there)
    # One digit in 64 is a plus; more blanks than one in four part the digits of something else.
    is_plus = 0 < text.count(" ") <= len(text) // 4
    octets = from_base64(text.replace(" ", "+")) if is_plus else None
    if octets is not None:
        yield octets, (*((Step.PADDED,) if "=" in text else ()), Step.SPACE_FOR_PLUS)
    if _BASE32.fullmatch(text):
        yield from _from_base32(text)
    if not text.isascii():
        yield from _characters(text)
    elif "\\" in text:
        yield _unescaped(_unquoted(text)), (Step.ESCAPED,)
    if _DECIMAL.fullmatch(text):
        number = int(text)
        yield number.to_bytes((number.bit_length() + 7) // 8, "big"), (Step.DECIMAL,)
    yield text.encode("utf-8", "surrogatepass"), (Step.PLAIN,)


def _listed_octets(text: str) -> bytes | None:
    numbers = _COMMAS.split(text.strip("[](){} \t\r\n"), _MOST_NUMBERS)
    if not all(_NUMBER.fullmatch(number) for number in numbers):
        return None
    values = [int(number) for number in numbers]
    # Pairs of digits are hex; Java's octets are signed.
    is_hex = all(len(number) == 2 for number in numbers)
    if is_hex or min(values) < -128 or max(values) > 255:
        return None
    return bytes(value % 256 for value in values)


def _from_base32(text: str) -> Iterator[tuple[bytes, tuple[Step, ...]]]:
    bare = text.rstrip("=").upper()
    try:
        octets = base64.b32decode(bare + "=" * (-len(bare) % 8))
    except binascii.Error:
        return
    yield octets, (*((Step.PADDED,) if "=" in text else ()), Step.BASE32)


def _unescaped(text: str) -> bytes:
    plain = _ESCAPE.sub(
        lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPES.get(found[2], found[2]), text
    )
    return plain.encode("latin-1")


def _characters(text: str) -> Iterator[tuple[bytes, tuple[Step, ...]]]:
    for encoding in ("latin-1", "cp1252"):
        try:
            octets = text.encode(encoding)
        except UnicodeEncodeError:
            continue
        yield octets, (Step.LATIN1,)


def _separated(text: str) -> tuple[Step, ...]:
    kinds = (
        (Step.COLONS, ":" in text),
        (Step.SPACES, any(char.isspace() for char in text.strip())),
        (Step.DASHES, "-" in text),
        (Step.BLANKS, text != text.strip()),
    )
    return tuple(step for step, is_there in kinds if is_there)


def _undress(text: str) -> tuple[str, tuple[Step, ...]]:
    """Return `text` without what does not belong to the value, and what that was."""
    steps: tuple[Step, ...] = ()
    # Twice: quotes come in quotes, Python's in JSON's.
    for step, undo in _DRESSINGS * 2:
        bare = undo(text)
        if bare != text:
            text = bare
            steps = (step, *steps)
    return text, steps


def _unquoted(text: str) -> str:
    quotes = _QUOTES.fullmatch(text)
    return quotes[2] if quotes else text


def _visible(text: str) -> str:
    # U+200E becomes a question mark in an encoding that lacks it, Windows' ASCII among them.
    # In what Python shows of bytes, it is an octet.
    lost = "" if "\\" in text else "?\ufffd"
    return "".join(char for char in text if not _is_invisible(char)).strip(lost)


def _unlabelled(text: str) -> str:
    label = _LABEL.match(text)
    return text[label.end() :] if label else text


_DRESSINGS: tuple[tuple[Step, Callable[[str], str]], ...] = (
    (Step.BLANKS, str.strip),
    (Step.PERCENT, unquote),
    (Step.QUOTED, _unquoted),
    (Step.HIDDEN, _visible),
    (Step.LABELLED, _unlabelled),
)
"""Outermost first."""


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cf", "Cc") and not char.isspace()


def _as_text(octets: bytes) -> Iterator[tuple[str, Step]]:
    """Yield `octets` as a text if they are one."""
    zeros = len(octets) // 4
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding, step = "utf-16", Step.UTF16
    elif len(octets) > 3 and octets[1::2].count(0) > zeros:
        encoding, step = "utf-16-le", Step.UTF16
    elif len(octets) > 3 and octets[::2].count(0) > zeros:
        encoding, step = "utf-16-be", Step.UTF16
    else:
        encoding, step = "utf-8", Step.TEXT
    try:
        yield octets.decode(encoding), step
    except UnicodeDecodeError:
        return


def _known(peeled: Sequence[Peeled], table: DigestTable) -> Iterator[ThumbprintMatch]:
    """Yield what the table has for the octets, as they are, reversed, or with zeros restored."""
    for each in peeled:
        forms: list[tuple[bytes, tuple[Step, ...]]] = [
            (each.octets, ()),
            (each.octets[::-1], (Step.REVERSED,)),
            (b"\0" + each.octets, (Step.ZEROS,)),
        ]
        if each.octets[:1] == b"\0":
            forms.append((each.octets[1:], (Step.ZEROS,)))
        for octets, steps in forms:
            for candidate, origin in table.get(octets, ()):
                yield ThumbprintMatch(candidate=candidate, of=origin, steps=steps + each.steps)


def _close(
    texts: Sequence[_Text], peeled: Sequence[Peeled], candidates: Sequence[Candidate]
) -> Iterator[ThumbprintMatch]:
    """Yield the thumbprints that were shortened, prolonged or mistyped into the value."""
    plain = [_plain(text, outer) for text, outer in texts]
    for candidate in by_trust(candidates):
        certificate = candidate.certificate
        if certificate is None:
            continue
        for origin, digest in ((SHA1, certificate.sha1), (SHA256, certificate.sha256)):
            steps = next(_close_steps(plain, peeled, digest), None)
            if steps:
                yield ThumbprintMatch(candidate=candidate, of=origin, steps=steps)


_NearTable = Mapping[str, Sequence[int]]
"""From the ends of thumbprints, `_END` characters each, to the places of whose they are."""
_END = 2 * _LEAST_COMMON


def _near_table(candidates: Sequence[Candidate]) -> _NearTable:
    table: dict[str, list[int]] = {}
    for place, candidate in enumerate(candidates):
        certificate = candidate.certificate
        for digest in (certificate.sha1, certificate.sha256) if certificate else ():
            for end in _ends(base64url(digest), digest.hex(), _without_zeros(digest)):
                table.setdefault(end, []).append(place)
    return table


def _near(value: str, table: _NearTable) -> list[int]:
    """Return the places of the candidates with a thumbprint that shares an end with `value`.

    No other is `_close`: what is wrong in one place leaves either end as it is.
    """
    texts, peeled = _peel(value) if len(value) <= _LONGEST else ((), ())
    plain = [_plain(text, outer) for text, outer in texts]
    ends = _ends(
        *(form for each in plain for form in (each.base64, each.hex)),
        *(each.octets[:_LEAST_COMMON].hex() for each in peeled),
    )
    return sorted({place for end in ends for place in table.get(end, ())})


def _ends(*texts: str) -> dict[str, None]:
    """Return the first and the last characters of `texts`, each once, in lower case."""
    return dict.fromkeys(
        end for text in map(str.lower, texts) for end in (text[:_END], text[-_END:])
    )


def _without_zeros(digest: bytes) -> str:
    return "".join(f"{octet:x}" for octet in digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plain:
    """A text as base64url and as bare lower-case hex, to be compared character by character."""

    base64: str
    hex: str
    in_hex: tuple[Step, ...]
    """The steps outside it if it is hex, and ..."""
    outer: tuple[Step, ...]
    """... if it is base64."""


def _plain(text: str, outer: tuple[Step, ...]) -> _Plain:
    return _Plain(
        base64=text.rstrip("=").replace("+", "-").replace("/", "_"),
        hex=_SEPARATORS.sub("", text).lower(),
        in_hex=(*_separated(text), *outer),
        outer=(*((Step.PADDED,) if "=" in text else ()), *outer),
    )


def _close_steps(
    texts: Sequence[_Plain], peeled: Sequence[Peeled], digest: bytes
) -> Iterator[tuple[Step, ...]]:
    right_base64, right_hex = base64url(digest), digest.hex()
    without_zeros = _without_zeros(digest)
    for text in texts:
        step = _difference(text.base64, right_base64)
        if step:
            yield (step, *text.outer)
        step = Step.ZEROS if text.hex == without_zeros else _difference(text.hex, right_hex)
        if step:
            yield (Step.HEX, step, *text.in_hex)
    for each in peeled:
        if len(each.octets) >= _LEAST_COMMON and digest.startswith(each.octets):
            yield (Step.CUT, *each.steps)
        elif each.octets.startswith(digest):
            yield (Step.EXTENDED, *each.steps)


def _difference(value: str, right: str) -> Step | None:
    """Return what makes `value` another text than `right`, if it is one small thing."""
    # Eight characters carry at least the 32 bits of _LEAST_COMMON, in hex as in base64.
    if len(value) < 2 * _LEAST_COMMON:
        return None
    if len(value) == len(right) and value.lower() == right.lower():
        return Step.LETTER_CASE
    if abs(len(value) - len(right)) <= 1 and _is_one_off(value, right):
        return Step.ONE_OFF
    if right.startswith(value) or right.endswith(value):
        return Step.CUT
    if value.startswith(right) or value.endswith(right):
        return Step.EXTENDED
    return None


def _is_one_off(value: str, right: str) -> bool:
    first = next(
        (at for at, pair in enumerate(zip(value, right, strict=False)) if pair[0] != pair[1]),
        min(len(value), len(right)),
    )
    mine, theirs = value[first:], right[first:]
    return (
        mine[1:] == theirs[1:]
        or mine[1:] == theirs
        or mine == theirs[1:]
        or (mine[2:] == theirs[2:] and mine[:2] == theirs[1::-1])
    )


def _guid(texts: Sequence[_Text]) -> str | None:
    return next((bare for text, _ in texts if _GUID.fullmatch(bare := text.strip())), None)


def _named(
    value: str, at: str, matches: Sequence[ThumbprintMatch], candidates: Sequence[Candidate]
) -> tuple[Candidate, ...]:
    if at == "header.kid":
        # ENTRA sections 11 and 12: these two forms were seen, no other.
        return tuple(
            candidate
            for candidate in candidates
            if (certificate := candidate.certificate)
            and value in (certificate.sha1.hex().upper(), base64url(certificate.sha1))
        )
    origins = {"header.x5t": (SHA1,), "header.x5t#S256": (SHA256,)}.get(at, (SHA1, SHA256))
    taken = TAKEN if at.startswith("header.") else TAKEN | {Step.HEX}
    return tuple(
        match.candidate
        for match in matches
        if match.of in origins and taken.issuperset(match.steps)
    )


_NO_DIGEST = 3
_BY_CHANCE = frozenset({Step.PLAIN, Step.DECIMAL, Step.LATIN1})
"""Writings that any text or number of the right length is in."""


def _rank(each: Peeled) -> int:
    """Rank a reading as a digest: hex is no accident, and SHA-1 and SHA-256 are what is used."""
    if not _BY_CHANCE.isdisjoint(each.steps) or len(each.octets) not in _SIZES:
        return _NO_DIGEST
    if len(each.octets) not in (20, 32):
        return 2
    return 1 if {Step.HEX, Step.OCTET_LIST}.isdisjoint(each.steps) else 0


def _shape(value: str, octets: bytes | None, seems: Peeled | None) -> str:
    if not value.strip():
        return "empty"
    if seems and TAKEN.issuperset(seems.steps):
        return f"{len(seems.octets)} octets, the size of {_SIZES[len(seems.octets)]}"
    if seems:
        size = f"{len(octets)} octets: " if octets is not None else ""
        return f"{size}{_SIZES[len(seems.octets)]} {written(seems.steps)}"
    if octets is None:
        return "no base64 and no hex"
    if len(octets) < _LEAST_COMMON:
        count = "1 octet" if len(octets) == 1 else f"{len(octets)} octets"
        return f"{count}, as of a hex decoder that stopped at the first odd character"
    return f"{len(octets)} octets, the size of no thumbprint"
