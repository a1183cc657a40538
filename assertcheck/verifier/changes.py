"""What may have been changed after signing: a bounded search, the likelier change first.

Each text differs from what was received in one way that people edit an assertion: a time moved, an
audience respelled, a claim's type, the order of the claims, one character.
"""

from __future__ import annotations

import itertools
import math
import re
import string
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from assertcheck.authority import CLOUD_HOSTS, MULTI_TENANT, Form, read_endpoint
from assertcheck.model import DecodedAssertion
from assertcheck.verifier.autopsy import Mistake, Step
from assertcheck.verifier.contents import Contents
from assertcheck.verifier.serialisations import Members, parse, style_of
from assertcheck.verifier.signed_texts import Text, make_text

_TIME = re.compile(rb'"(exp|nbf|iat)"\s*:\s*"?(\d{9,11})(?!\d)')
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_DISTANCES = sorted(
    {
        *range(1, 20 * _MINUTE + 1),
        *range(_MINUTE, _DAY + 1, _MINUTE),
        *range(_HOUR // 2, 10 * _DAY + 1, _HOUR // 2),
        *range(_DAY, 800 * _DAY + 1, _DAY),
    }
)
"""Seconds by which a time may have been moved: some minutes, else whole minutes, hours, days."""
_LIFETIMES = (
    *(m * _MINUTE for m in (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 20, 30, 45, 50, 55, 59)),
    *(h * _HOUR for h in (1, 2, 3, 4, 6, 8, 10, 12, 24, 48, 72, 168)),
    *(d * _DAY for d in (30, 60, 90, 180, 365, 366, 730, 3_650)),
)
"""Seconds from `iat` or `nbf` to `exp` that programs are written with."""
_PATHS = (
    Form.TOKEN_V2.value,
    Form.TOKEN_V1.value,
    "",
    Form.ISSUER.value,
    Form.V2.value,
    "/oauth2/v2.0/authorize",
    "/oauth2/authorize",
)
_FIXED_AUDIENCES = (
    "api://AzureADTokenExchange",
    "https://graph.microsoft.com",
    "https://graph.microsoft.com/.default",
    "https://management.azure.com/",
    "00000002-0000-0000-c000-000000000000",
)
_LARGEST = 2**53
"""A number up to which a double is exact."""
_LONGEST = 4_096
"""Octets of a text that are changed one by one."""
_MOST_ORDERED = 6
"""Claims up to which every order of them is tried; beyond it each is moved alone."""
_MOST_MOVED = 20
_CHARACTERS = (string.digits + string.ascii_letters + '-_./:,{}" \\+=').encode()
"""What a character of a client assertion's JSON may have been."""
_URL_CHARACTERS = (string.ascii_letters + string.digits + "-_").encode()


def changed_texts(assertion: DecodedAssertion) -> Iterator[Text]:
    """Yield what the signing input of `assertion` may have been before someone changed it."""
    octets = assertion.payload_octets or b""
    value = parse(octets)
    if isinstance(value, Mapping):
        style = style_of(octets, value)
        for words, members in _other_claims(value, assertion.claims):
            step = Step(id=Mistake.PAYLOAD_CHANGED, words=f"claims in which {words}")
            yield make_text(assertion, Contents(payload=style.write(members), steps=(step,)))
    yield from _cut_short(assertion)
    yield from _moved_times(assertion, octets)
    if isinstance(value, Mapping):
        yield from _one_character_of_json(assertion)
    yield from _one_character_of_segments(assertion)


def _moved_times(assertion: DecodedAssertion, octets: bytes) -> Iterator[Text]:
    places = {found[1].decode("ascii"): found.span(2) for found in _TIME.finditer(octets)}
    times = {name: int(octets[start:end]) for name, (start, end) in places.items()}
    names = sorted(times, key=lambda name: places[name], reverse=True)

    def with_times(moved: Mapping[str, int]) -> Text:
        edited = octets
        for name in names:
            if name in moved:
                start, end = places[name]
                edited = edited[:start] + str(moved[name]).encode("ascii") + edited[end:]
        words = " and ".join(f"{name} was {moment}" for name, moment in moved.items())
        step = Step(id=Mistake.PAYLOAD_CHANGED, words=f"claims in which {words}")
        return make_text(assertion, Contents(payload=edited, steps=(step,)))

    for name, moment in _lifetimes(times):
        yield with_times({name: moment})
    # One alone, as when someone prolongs an assertion, or all of them, as when a clock is mended.
    alone = [(name,) for name in sorted(times)]
    for group in (*alone, *([tuple(times)] if len(times) > 1 else [])):
        for distance in itertools.chain.from_iterable((-each, each) for each in _DISTANCES):
            yield with_times({name: times[name] + distance for name in group})


def _lifetimes(times: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Yield what one of `times` comes to from another."""
    for name, other in itertools.permutations(times, 2):
        yield name, times[other]
        for lifetime in _LIFETIMES:
            if name == "exp":
                yield name, times[other] + lifetime
            elif other == "exp":
                yield name, times[other] - lifetime


def _other_claims(value: Members, shown: Members) -> Iterator[tuple[str, Members]]:
    audience = value.get("aud")
    if isinstance(audience, str) and audience == shown.get("aud"):
        for other in _audiences(audience):
            yield f"aud was {other}", {**value, "aud": other}
    for name, member in value.items():
        called = name if name in shown else "another claim"
        for words, changed in _other_types(member):
            yield f"{called} was {words}", {**value, name: changed}
    times: dict[str, float] = {}
    for name in ("exp", "nbf", "iat"):
        moment = value.get(name)
        if isinstance(moment, int) and abs(moment) < _LARGEST:
            times[name] = moment
    yield "the times were strings", {**value, **{name: str(each) for name, each in times.items()}}
    yield "the times were floats", {**value, **{name: float(each) for name, each in times.items()}}
    yield from _float_lifetimes(value)
    for name, source in itertools.permutations(("iss", "sub", "jti", "aud"), 2):
        if name in value and source in value:
            yield f"{name} was what {source} is", {**value, name: value[source]}
    yield from _reordered(value)


def _float_lifetimes(value: Members) -> Iterator[tuple[str, Members]]:
    """Yield the claims with one time reckoned from another that is a float, as MSAL Python does."""
    for name, other in itertools.permutations(("exp", "nbf", "iat"), 2):
        start = value.get(other)
        if name in value and isinstance(start, float) and math.isfinite(start):
            for lifetime in (0, *_LIFETIMES):
                moment = start - lifetime if other == "exp" else start + lifetime
                yield f"{name} was {moment}", {**value, name: moment}


def _other_types(member: object) -> Iterator[tuple[str, object]]:
    match member:
        case bool():
            return
        case int() if abs(member) < _LARGEST:
            yield from (
                ("a string", str(member)),
                ("a float", float(member)),
                ("in milliseconds", member * 1000),
            )
        case float() if math.isfinite(member):
            yield "an integer", int(member)
        case str():
            if member.isascii() and member.isdigit() and len(member) < len(str(_LARGEST)):
                yield "a number", int(member)
            yield from (
                ("in lower case", member.lower()),
                ("in upper case", member.upper()),
                ("in braces", f"{{{member}}}"),
                ("followed by a line feed", f"{member}\n"),
                ("followed by a space", f"{member} "),
                ("in an array", [member]),
                ("empty", ""),
                ("null", None),
            )


def _audiences(audience: str) -> Iterator[str]:
    """Yield the other endpoints that `audience` may have been, its own host and tenant first."""
    endpoint = read_endpoint(audience)
    if endpoint is not None:
        hosts = (urlsplit(audience).netloc, *itertools.chain.from_iterable(CLOUD_HOSTS.values()))
        tenants = (endpoint.tenant, *MULTI_TENANT)
        for host, tenant, path in itertools.product(hosts, tenants, _PATHS):
            yield f"https://{host}/{tenant}{path}"
            yield f"https://{host}/{tenant}{path}/"
    yield from _FIXED_AUDIENCES


def _reordered(value: Members) -> Iterator[tuple[str, Members]]:
    names = list(value)
    words = "the order was another"
    if len(names) <= _MOST_ORDERED:
        for order in itertools.permutations(names):
            yield words, {name: value[name] for name in order}
        return
    for start, end in itertools.product(range(min(len(names), _MOST_MOVED)), repeat=2):
        moved = [*names[:start], *names[start + 1 :]]
        moved.insert(end, names[start])
        yield words, {name: value[name] for name in moved}


def _cut_short(assertion: DecodedAssertion) -> Iterator[Text]:
    octets = assertion.signing_input
    for length in range(1, min(len(octets), _LONGEST)):
        step = Step(id=Mistake.OTHER_TEXT, words=f"no more than the first {length} octets")
        yield Text(octets=octets[:length], steps=(step,))


def _one_character_of_json(assertion: DecodedAssertion) -> Iterator[Text]:
    """Yield the texts with one character of the claims or of the header other than it is."""
    payload, header = assertion.payload_octets or b"", assertion.header_octets or b""
    for slips in (_replaced, _inserted):
        for other, words in slips(payload, _CHARACTERS):
            step = Step(id=Mistake.PAYLOAD_CHANGED, words=f"claims with {words}")
            yield make_text(assertion, Contents(payload=other, steps=(step,)))
        for other, words in slips(header, _CHARACTERS):
            step = Step(id=Mistake.HEADER_CHANGED, words=f"a header with {words}")
            yield make_text(assertion, Contents(header=other, steps=(step,)))


def _one_character_of_segments(assertion: DecodedAssertion) -> Iterator[Text]:
    """Yield the texts with one character of a segment's base64url changed, as in a bad paste."""
    header, dot, payload = assertion.signing_input.partition(b".")
    for slips in (_replaced, _inserted):
        for other, words in slips(payload, _URL_CHARACTERS):
            step = Step(id=Mistake.PAYLOAD_CHANGED, words=f"a payload segment with {words}")
            yield Text(octets=header + dot + other, steps=(step,))
        for other, words in slips(header, _URL_CHARACTERS):
            step = Step(id=Mistake.HEADER_CHANGED, words=f"a header segment with {words}")
            yield Text(octets=other + dot + payload, steps=(step,))


def _replaced(octets: bytes, alphabet: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield `octets` with one of them replaced or left out, and which one, counted from 1."""
    for index in range(min(len(octets), _LONGEST)):
        before, after = octets[:index], octets[index + 1 :]
        words = f"another character in place of number {index + 1}"
        for character in alphabet:
            yield before + character.to_bytes() + after, words
        yield before + after, f"no character number {index + 1}"


def _inserted(octets: bytes, alphabet: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield `octets` with one more among them, and after which, counted from 1."""
    for index in range(min(len(octets), _LONGEST) + 1):
        before, after = octets[:index], octets[index:]
        words = f"one more character after number {index}"
        for character in alphabet:
            yield before + character.to_bytes() + after, words
