"""What may have stood in header and payload when they were signed: other texts, other members."""

from __future__ import annotations

import base64
import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assertcheck.decoder import base64url
from assertcheck.model import Candidate, DecodedAssertion
from assertcheck.verifier.autopsy import Mistake, Step
from assertcheck.verifier.serialisations import STYLES, Members, parse, style_of

Edit = Callable[[bytes], bytes]
_MOST_ORDERED = 5
"""Members up to which every order of them is tried."""
_MOST_DROPPED = ((8, 8), (20, 2), (math.inf, 1))
"""Of so many members, up to so many are left out at once."""
_ALGORITHMS = ("RS256", "PS256", "HS256", "none", "ES256", "RS512", "PS512", "RS384", "PS384")
_IDENTIFIERS = ("x5t", "x5t#S256", "kid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What stood in header and payload; `None` where it is what was received."""

    header: bytes | None = field(repr=False, default=None)
    payload: bytes | None = field(repr=False, default=None)
    steps: tuple[Step, ...] = ()


AS_RECEIVED = Contents()


def rewritten(assertion: DecodedAssertion) -> Iterator[Contents]:
    """Yield the same members, written as another JSON text: of the one, of the other, of both."""
    octets = (assertion.header_octets, assertion.payload_octets)
    values = [parse(part) for part in octets]
    seen: set[tuple[bytes | None, bytes | None]] = {(None, None)}
    for style in STYLES:
        header, payload = (
            style.write(value) if isinstance(value, Mapping) else None for value in values
        )
        for contents in _rewritings(header, payload, style.words):
            # The style that it was received in is none, nor is one that comes to the same.
            key = (
                None if contents.header == octets[0] else contents.header,
                None if contents.payload == octets[1] else contents.payload,
            )
            if key not in seen:
                seen.add(key)
                yield contents
    for edit, words in _AROUND_JSON:
        header, payload = (None if part is None else edit(part) for part in octets)
        yield from _rewritings(header, payload, words)


def _rewritings(header: bytes | None, payload: bytes | None, words: str) -> Iterator[Contents]:
    yield _rewriting("the claims", words, payload=payload)
    yield _rewriting("the header", words, header=header)
    yield _rewriting("header and claims", words, header=header, payload=payload)


def _rewriting(
    what: str, words: str, *, header: bytes | None = None, payload: bytes | None = None
) -> Contents:
    step = Step(id=Mistake.RESERIALISED, words=f"{what} as {words}")
    return Contents(header=header, payload=payload, steps=(step,))


def to_utf16(order: str, mark: bytes = b"") -> Edit:
    """Return what turns UTF-8 into the encoding `order`, after the byte order mark `mark`."""

    def edit(octets: bytes) -> bytes:
        text = octets.decode("utf-8", "surrogateescape")
        return mark + text.encode(order, "surrogatepass")

    return edit


_AROUND_JSON: tuple[tuple[Edit, str], ...] = (
    (lambda octets: octets + b"\n", "JSON with a line feed after it"),
    (lambda octets: octets + b"\r\n", "JSON with CRLF after it"),
    (lambda octets: octets.strip(), "JSON with no white space around it"),
    (lambda octets: b"\xef\xbb\xbf" + octets, "JSON with a byte order mark"),
    (lambda octets: octets.removeprefix(b"\xef\xbb\xbf"), "JSON without the byte order mark"),
    (to_utf16("utf-16-le"), "JSON in UTF-16"),
    (to_utf16("utf-16-le", b"\xff\xfe"), "JSON in UTF-16 with a byte order mark"),
    (to_utf16("utf-16-be"), "JSON in big-endian UTF-16"),
    (lambda octets: b"'" + octets + b"'", "JSON in quotes"),
    (lambda octets: octets + b"\0", "JSON with a NUL after it"),
)


def edited(assertion: DecodedAssertion, candidates: Sequence[Candidate]) -> Iterator[Contents]:
    """Yield other headers and claims that the same client may have signed."""
    value = parse(assertion.header_octets)
    if assertion.header_octets is not None and isinstance(value, Mapping):
        style = style_of(assertion.header_octets, value)
        for words, members in _headers(value, assertion.header, candidates):
            step = Step(id=Mistake.HEADER_CHANGED, words=f"a header with {words}")
            yield Contents(header=style.write(members), steps=(step,))
    value = parse(assertion.payload_octets)
    if assertion.payload_octets is not None and isinstance(value, Mapping):
        style = style_of(assertion.payload_octets, value)
        for words, members in _without(value, assertion.claims):
            step = Step(id=Mistake.PAYLOAD_CHANGED, words=f"claims with {words}")
            yield Contents(payload=style.write(members), steps=(step,))


def _headers(
    value: Members, shown: Members, candidates: Sequence[Candidate]
) -> Iterator[tuple[str, Members]]:
    for name in _ALGORITHMS:
        if value.get("alg") != name:
            yield f"alg {name}", {**value, "alg": name}
    yield from _without(value, shown)
    yield from _retyped(value)
    for candidate in candidates:
        yield from _renamed_key(value, candidate)
    for name in _ALGORITHMS:
        for members in ({"alg": name, "typ": "JWT"}, {"typ": "JWT", "alg": name}, {"alg": name}):
            yield f"nothing but {' and '.join(members)}, alg being {name}", members
    if len(value) <= _MOST_ORDERED:
        for order in itertools.permutations(value):
            yield "its parameters in another order", {name: value[name] for name in order}


def _retyped(value: Members) -> Iterator[tuple[str, Members]]:
    if "typ" in value:
        for spelling in ("JWT", "jwt", "JWS"):
            yield f"typ {spelling}", {**value, "typ": spelling}
    if "typ" in value or not value:
        return
    yield "typ JWT at its end", {**value, "typ": "JWT"}
    yield "typ JWT in front", {"typ": "JWT", **value}
    first, *rest = value.items()
    yield "typ JWT in second place", dict([first, ("typ", "JWT"), *rest])


def _renamed_key(value: Members, candidate: Candidate) -> Iterator[tuple[str, Members]]:
    """Yield headers that name `candidate` in another way than this one names its key."""
    identifiers = [name for name in _IDENTIFIERS if name in value]
    certificate = candidate.certificate
    if certificate is None:
        return
    writings: tuple[tuple[str, str], ...] = tuple(
        (f"the {name} thumbprint of {candidate.label}{how}", written)
        for name, digest in (("SHA-1", certificate.sha1), ("SHA-256", certificate.sha256))
        for how, written in (
            ("", base64url(digest)),
            (" in padded base64url", base64.urlsafe_b64encode(digest).decode("ascii")),
            (" in base64", base64.b64encode(digest).decode("ascii")),
            (" in upper-case hex", digest.hex().upper()),
            (" in lower-case hex", digest.hex()),
            (" in hex text, encoded", base64url(digest.hex().upper().encode())),
        )
    )
    for words, written in writings:
        for name in identifiers:
            yield f"{words} as {name}", {**value, name: written}
            for other in _IDENTIFIERS:
                if other not in value:
                    renamed = {
                        other if old == name else old: written if old == name else member
                        for old, member in value.items()
                    }
                    yield f"{words} as {other} and no {name}", renamed
        for name in _IDENTIFIERS:
            if name not in value:
                yield f"{words} as {name} besides", {**value, name: written}


def _without(value: Members, shown: Members) -> Iterator[tuple[str, Members]]:
    """Yield `value` without some of its members, naming those that may be shown."""
    names = list(value)
    most = next(most for members, most in _MOST_DROPPED if len(names) <= members)
    for count in range(1, min(most, len(names)) + 1):
        for dropped in itertools.combinations(names, count):
            named = [name if name in shown else "another member" for name in dropped]
            yield (
                f"no {' and no '.join(named)}",
                {name: member for name, member in value.items() if name not in dropped},
            )
