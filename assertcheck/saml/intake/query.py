"""Queries and form bodies with a message in them, anywhere in a text, octet for octet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from assertcheck.decoder import from_base64
from assertcheck.model import PasteKind
from assertcheck.saml.algorithms import algorithm
from assertcheck.saml.decoder import ELLIPSES, unquoted
from assertcheck.saml.intake.found import MOST, SIGNING, VALUES, Found, is_telling, message_in
from assertcheck.saml.model import Binding, Parameter

_MOST_PARAMETERS = 200
_LONGEST_NAME = 200
_FARTHEST = 8192
"""Characters before a message in which its URL or body begins."""
_BASE64 = frozenset({"SAMLRequest", "SAMLResponse", "SAMLart", "Signature"})
_NAME = re.compile(r"(?<![\w%-])(?:SAML(?:Request|Response|art)=|wa=wsign)")
_BEFORE = re.compile(r"[^\s\"'<>`]*")
"""Of the reversed text."""
_BEHIND = re.compile(r"[^\s\"<>`]*")
_BEHIND_QUOTE = re.compile(r"[^\s\"<>`']*")
_POSTED = re.compile(
    r"(?:body|data|content|form|payload)[\w-]{0,20}[\"']?\s{0,8}(?:=>|[:=]|\s)\s{0,8}[bBfFrR$@]?"
    r"[\"'`]\Z",
    re.IGNORECASE,
)
_REFERER = re.compile(r"refer{1,2}er[\"']?\s{0,8}[:=]\s{0,8}[\"']?\Z", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{0,20}://|/|[\w-]+(?:\.[\w-]+)+[:/]", re.IGNORECASE)
_CLOSING = {"(": ")", "<": ">", "[": "]"}
_LABEL = re.compile(
    r"(?:\d{1,6}[;,]|[\[({])?(?:ur[il]|href|location|link|re(?:direct|quest)\w{0,8})=", re.I
)
"""Before the URL in a log of names and values, or in the `content` of a page that refreshes."""
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_WRITTEN = re.compile(r"(?:^|[?&])(SAMLRequest|SAMLResponse|SAMLart|Signature|SigAlg)=([^&]*+)")
_OF_BASE64 = re.compile(r"[\w+/=%-]*+", re.ASCII)
_OF_URI = re.compile(r"[\w.:/%#+~=-]*+", re.ASCII)
_OF_WORDS = re.compile(r"\w")
_USER = re.compile(r"//[^/@]{1,300}@")
"""User and password in a URL."""


def read_queries(text: str, kind: PasteKind) -> Iterator[Found]:
    """Yield each message of a query or a form body in `text`; that of a `Referer` if no other."""
    referred: list[Found] = []
    is_other = False
    for run, before in _runs(text):
        is_posted = _POSTED.search(before) is not None
        # The `content` of a page's tag is no body, and may be where to go on to.
        found = (read_body(run, kind) if is_posted else None) or read_query(run, kind)
        if found and _REFERER.search(before):
            referred.append(found)
        elif found:
            is_other = True
            yield found
    if not is_other:
        yield from referred


def read_query(run: str, kind: PasteKind) -> Found | None:
    """Return the message in `run`: a URL with its query, a query alone, or a form body.

    What stands behind a question mark is a query; else `binding` is open. `None` if there is no
    message in it.
    """
    address, mark, query = _parted(run)
    query, _, fragment = query.partition("#")
    parameters = parameters_of(query)
    if not is_telling(parameters):
        return None
    return Found(
        kind=kind,
        message=message_in(parameters),
        parameters=parameters,
        url=without_user(address) or None,
        binding=Binding.REDIRECT if mark else None,
        is_as_sent=True,
        behind_hash=_behind_hash(parameters[-1], fragment),
    )


def ended(run: str) -> str:
    """Return `run` without what clings to it: the rest of a sentence, of a table, of a tag.

    A value in base64 and the URI of an algorithm end where something comes that they cannot hold.
    What is abbreviated stays so.
    """
    for written in _WRITTEN.finditer(run):
        name, raw = written[1], written[2]
        kept = (_OF_URI if name == "SigAlg" else _OF_BASE64).match(raw)
        own = kept[0].rstrip(".") if kept else ""
        rest = raw[len(own) :]
        if not rest or rest.startswith("#"):
            continue
        is_more = is_abbreviated(rest) or _OF_WORDS.search(rest)
        is_end = written.end() == len(run) and (not is_more or _is_whole(name, own, rest))
        if is_end or rest[0] in _BRACKETS:
            return run[: written.start(2) + len(own)]
    # The tag that ends what the URL stands in.
    return run.partition("</")[0]


_BRACKETS = '"<>'
"""Not in any URL (RFC 3986 appendix C)."""


def _is_whole(name: str, raw: str, rest: str) -> bool:
    """Tell whether `raw` is all of the value of `name`, and `rest` is none of it."""
    value = unquoted(raw)
    if name == "SigAlg":
        return algorithm(value) is not None
    if name != "Signature" and is_abbreviated(rest):
        return False
    octets = from_base64(value) if len(value) % 4 == 0 else None
    # An RSA key has a multiple of 64 octets, but for a few.
    return bool(octets) and (name != "Signature" or len(octets or b"") % 64 == 0)


def is_abbreviated(text: str) -> bool:
    """Tell whether `text` has an ellipsis, which neither base64 nor a URI has."""
    return any(each in unquoted(text) for each in ELLIPSES)


def read_body(body: str, kind: PasteKind) -> Found | None:
    """Return the message in the form `body`; `None` if there is none."""
    parameters = parameters_of(body.strip())
    if not is_telling(parameters):
        return None
    return Found(
        kind=kind,
        message=message_in(parameters),
        parameters=parameters,
        binding=Binding.POST,
        is_as_sent=True,
    )


def parameters_of(query: str) -> tuple[Parameter, ...]:
    """Return the parameters of `query` or of a form body, each as received and decoded once."""
    pieces = query.split("&", _MOST_PARAMETERS)[:_MOST_PARAMETERS]
    return tuple(parameter(*piece.partition("=")[::2]) for piece in pieces if piece)


def parameter(name: str, raw: str) -> Parameter:
    """Return the parameter `name` whose value was written as `raw`.

    A `+` stays where the value is base64, in which it is a digit and a space is none.
    """
    name = unquote_plus(name[:_LONGEST_NAME]).strip()
    value = unquoted(raw if name in _BASE64 else raw.replace("+", " "))
    return Parameter(name=name, raw=raw, value=value)


def url_parameters(url: str) -> tuple[Parameter, ...]:
    """Return the parameters in the query of `url`."""
    return parameters_of(url.partition("#")[0].partition("?")[2])


def _behind_hash(last: Parameter, fragment: str) -> tuple[str, ...]:
    """Return what `#` before `fragment` cuts off: `last` and those behind; nothing if it has none.

    The identifiers of algorithms have a `#` in them, and so may RelayState; a browser that was
    sent on to a place in a page adds one at the end.
    """
    rest, _, more = fragment.partition("&")
    lost = [each.name for each in parameters_of(more) if each.name in (*VALUES, *SIGNING)]
    is_algorithm = last.name == "SigAlg" and algorithm(f"{last.value}#{rest}") is not None
    return (last.name, *lost) if lost or is_algorithm else ()


def without_user(url: str) -> str:
    """Return `url` without user and password."""
    return _USER.sub("//", url)


def _parted(run: str) -> tuple[str, str, str]:
    """Part `run` into the URL, the question mark if there is one, and the parameters."""
    address, mark, query = run.partition("?")
    scheme = _SCHEME.search(address)
    before = address[: scheme.start()] if scheme else ""
    if scheme and before and ("=" not in before or _LABEL.fullmatch(before)):
        # `view-source:https://…`, a link of Markdown, a URL in angle brackets (RFC 3986 appendix C).
        query = query.removesuffix(_CLOSING.get(before[-1], "\0"))
        # Slack writes `<URL|words>`.
        query = query.partition("|")[0] if before[-1] == "<" else query
        address = address[scheme.start() :]
    is_url = mark and (not address or _ADDRESS.match(address))
    return (address, mark, query) if is_url else ("", "", run)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Yield each run of characters with a message in it, and what stands before it."""
    place = 0
    for _ in range(MOST):
        name = _NAME.search(text, place)
        if name is None:
            return
        first = max(place, name.start() - _FARTHEST)
        before = _BEFORE.match(text[first : name.start()][::-1])
        start = name.start() - (before.end() if before else 0)
        is_quoted = text[max(start - 1, 0) : start] == "'"
        behind = (_BEHIND_QUOTE if is_quoted else _BEHIND).match(text, name.end())
        place = behind.end() if behind else name.end()
        run, around = text[start:place].replace("\\/", "/"), text[max(start - 80, 0) : start]
        yield ended(run.partition("|")[0] if around.endswith("<") else run), around
