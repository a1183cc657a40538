"""From a raw paste to the SAML request in it, octet for octet, and what was around it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from assertcheck.authority import read_endpoint
from assertcheck.decoder import from_base64
from assertcheck.errors import InputError
from assertcheck.intake.encoding import to_text
from assertcheck.intake.json_text import json_values
from assertcheck.intake.other_things import recognised, recognised_octets
from assertcheck.intake.shapes import unwrapped
from assertcheck.intake.tokens import find_tokens, is_readable
from assertcheck.model import PasteKind, ReturnedError
from assertcheck.saml.algorithms import ALGORITHMS, algorithm
from assertcheck.saml.decoder import decode_request, unquoted
from assertcheck.saml.intake.captured import read_captured
from assertcheck.saml.intake.found import MOST, Found
from assertcheck.saml.intake.query import is_abbreviated, parameter
from assertcheck.saml.intake.text import read_text
from assertcheck.saml.model import (
    SIGNATURE,
    THE_XML,
    Binding,
    Message,
    Parameter,
    SamlFlawKind,
    SamlSubmission,
)

_MOST_OTHERS = 8
_MOST_WEIGHED = 1024
"""Messages of a browser's export, each of which is read in part."""
_LONGEST = 4 * 1024 * 1024
"""Characters of a text whose lines may have been broken by a terminal."""
_PAOS = re.compile(r"^[ \t]*PAOS[ \t]*:|application/vnd\.paos\+xml", re.IGNORECASE | re.MULTILINE)
_OPENID = re.compile(r"[?&](?:response_type|code_challenge)=|/oauth2/(?:v2\.0/)?authorize\b")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_SIGN = re.compile(r"[+/=:#]")
"""Of base64 and of the URI of an algorithm; none is left by percent-encoding."""
_LAYERS = 2
"""Of percent-encoding above the one that belongs."""
_URL = re.compile(r"\s*https?://", re.IGNORECASE)
_PART_OF_ESCAPE = re.compile(r"%[0-9A-Fa-f]?\Z")
_TAIL = 64
"""Characters at the end of a paste by which a value is known to be the last in it."""
_LONGEST_BROKEN = 64 * 1024
"""Characters of a URL that white space broke."""
_ENDLESS = ("breaks off", "no base64 has that length", "no element found", "unclosed token")
"""What is said of a message that is cut short: the reader's own words, and those of expat."""
_BROKEN = (
    SamlFlawKind.MISSING,
    SamlFlawKind.NOT_BASE64,
    SamlFlawKind.DEFLATE_BROKEN,
    SamlFlawKind.NOT_XML,
    SamlFlawKind.PADDING,
)
_WORDS = {
    Message.AUTHN_REQUEST: "another AuthnRequest",
    Message.RESPONSE: "a Response",
    Message.LOGOUT_REQUEST: "a LogoutRequest",
    Message.LOGOUT_RESPONSE: "a LogoutResponse",
    Message.ASSERTION: "an assertion",
    Message.METADATA: "metadata",
    Message.ARTIFACT: "an artifact",
    Message.SOAP: "a SOAP envelope",
    Message.PAOS: "a PAOS request",
    Message.WS_FEDERATION: "a WS-Federation request",
    Message.OTHER_XML: "another message in XML",
}


def read_saml(paste: str | bytes, *, binding: Binding | None = None) -> SamlSubmission:
    """Return the sign-in request in `paste`, and what was around it; octets or text as received.

    `binding` says how it was sent where the caller knows; else the paste tells. Of several
    messages it is the last sign-in request that was answered with an error, else the last that is
    not sent to another identity provider, else the last. Where there is none, `message` says what
    the paste holds instead, as far as that shows. Time is linear in the length of `paste`. Raise
    `InputError` if there is nothing in it; nothing else.
    """
    if isinstance(paste, bytes):
        text, removed = to_text(paste)
    else:
        text = paste.removeprefix("\ufeff")
        removed = ("byte order mark",) if text != paste else ()
    if not text.strip():
        raise InputError("the input is empty", hint="paste the SAML request, or pipe it in")
    submission = _read(text, removed, paste)
    if len(text) <= _LONGEST and _is_broken(submission):
        submission = _mended(text, removed) or replace(
            submission, breaks_off_in=submission.breaks_off_in or _cut_in(submission, text)
        )
    inferred = submission.binding or _inferred(submission)
    is_body = submission.kind == PasteKind.FORM_BODY and submission.is_as_sent
    return replace(
        submission,
        binding=binding or inferred,
        kind=PasteKind.URL if is_body and inferred is Binding.REDIRECT else submission.kind,
        length=len(text),
    )


def _mended(text: str, removed: tuple[str, ...]) -> SamlSubmission | None:
    """Return what `text` holds without the breaks in it; `None` if that is no whole request."""
    joined = unwrapped(text)
    if joined != text:
        again = _read(joined, (*removed, "line breaks"), joined)
        if again.message is Message.AUTHN_REQUEST and not _is_broken(again):
            return again
    # No URL has white space, so it was put into what is one from beginning to end.
    bare = "".join(text.split()) if _URL.match(text) and len(text) <= _LONGEST_BROKEN else ""
    if "SAMLRequest=" not in bare or bare == text.strip():
        return None
    again = _read(bare, (*removed, "white space"), bare)
    is_all = again.parameters and _ends_in(bare, again.parameters[-1])
    if again.message is not Message.AUTHN_REQUEST or not is_all:
        return None
    if not _is_broken(again):
        return again
    cut = _cut_in(again, bare)
    # What was a `+` may have been a space, and is lost then.
    is_whole = not decode_request(again).flaws_of(*_BROKEN)
    return replace(again, breaks_off_in=cut) if cut and (is_whole or cut == "SAMLRequest") else None


def _ends_in(text: str, last: Parameter) -> bool:
    """Tell whether `text` ends with the value of `last`."""
    return "".join(text[-_TAIL:].split()).endswith(last.raw[-_TAIL // 2 :])


def _cut_in(submission: SamlSubmission, text: str) -> str | None:
    """Return in which parameter a broken `submission` is abbreviated, or ends where `text` ends."""
    for each in submission.parameters:
        if each.name in ("SAMLRequest", "SigAlg", "Signature") and is_abbreviated(each.raw):
            return each.name
    if submission.xml is not None:
        return THE_XML if _is_cut(submission) else None
    last = submission.parameters[-1] if submission.parameters else None
    if last is None or not _ends_in(text, last):
        return None
    if last.name == "SAMLRequest":
        return last.name if _is_cut(submission) else None
    if last.name != "Signature" or not last.raw:
        return None
    if _PART_OF_ESCAPE.search(last.value):
        return last.name
    octets = from_base64(last.value)
    # Of ECDSA there are other lengths.
    is_rsa = "rsa" in (submission.value("SigAlg") or "rsa").lower()
    return last.name if is_rsa and octets is not None and len(octets) % 64 else None


def _is_cut(submission: SamlSubmission) -> bool:
    """Tell whether the message of `submission` has no end, and ends where no sender ends it.

    Padding ends what was encoded whole, and a tag what a program left out the rest of.
    """
    request = decode_request(submission)
    if (submission.value("SAMLRequest") or "").endswith("="):
        return False
    is_tag = (request.xml or b"").rstrip().endswith(b">")
    flaws = [
        flaw
        for flaw in request.flaws_of(*_BROKEN)
        if not (is_tag and flaw.kind is SamlFlawKind.NOT_XML)
    ]
    return any(mark in flaw.detail for flaw in flaws for mark in _ENDLESS)


def _read(text: str, removed: tuple[str, ...], paste: str | bytes) -> SamlSubmission:
    values = json_values(text)
    answered = text
    if values is not None:
        captured, answered = read_captured(values, text)
        found = list(deque(islice(_distinct(captured), _MOST_WEIGHED), MOST))
    else:
        read, more = read_text(text)
        found, removed = list(_distinct(read)), (*removed, *more)
    error = _error(answered)
    chosen = _chosen(found)
    others = tuple(_others(found, chosen))[-_MOST_OTHERS:]
    if chosen is None:
        kind, message = _named(text, paste, is_json=values is not None, error=error)
        chosen = Found(kind=kind, message=message)
    elif chosen.is_all and isinstance(paste, bytes) and paste.lstrip().startswith(b"<"):
        # Not once to text and back: what is no UTF-8 has to show.
        chosen = replace(chosen, xml=paste.strip())
    parameters = _once_encoded(chosen.parameters)
    return SamlSubmission(
        kind=chosen.kind,
        removed=tuple(dict.fromkeys((*removed, *chosen.removed))),
        binding=chosen.binding,
        parameters=parameters,
        is_as_sent=chosen.is_as_sent,
        xml=chosen.xml,
        url=chosen.url,
        message=chosen.message,
        error=error,
        others=others,
        taken=_taken(found, chosen),
        in_url=chosen.in_url,
        encoded_twice=() if parameters == chosen.parameters else chosen.parameters,
        behind_hash=chosen.behind_hash,
        breaks_off_in=_broken_off(parameters) if chosen.is_as_sent else None,
    )


def _once_encoded(parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Return `parameters` in one layer of percent-encoding, where all have more of it.

    What shows that is the algorithm's URI and the base64 beside it. A message alone stays as it is,
    for its reader takes off what there is.
    """
    for _ in range(_LAYERS):
        values = {
            each.name: each.value
            for each in parameters
            if each.name in ("SAMLRequest", "SigAlg", "Signature")
        }
        is_more = len(values) > 1 and any(map(_ESCAPE.search, values.values()))
        if not is_more or any(map(_SIGN.search, values.values())):
            break
        parameters = tuple(parameter(each.name, unquoted(each.raw)) for each in parameters)
    return tuple(map(_once_encoded_alone, parameters))


def _once_encoded_alone(own: Parameter) -> Parameter:
    """Return an algorithm or a signature in one layer of percent-encoding, if it shows it has more."""
    inner = own
    for _ in range(_LAYERS):
        if own.name not in ("SigAlg", "Signature") or not _ESCAPE.search(inner.value):
            break
        inner = parameter(own.name, unquoted(inner.raw))
        is_whole = (
            algorithm(inner.value) is not None
            if own.name == "SigAlg"
            else bool(from_base64(inner.value))
        )
        if is_whole:
            return inner
    return own


def _broken_off(parameters: tuple[Parameter, ...]) -> str | None:
    """Return the last of `parameters`, if it is an algorithm's URI that has no end."""
    last = parameters[-1] if parameters else None
    if last is None or last.name != "SigAlg":
        return None
    value = _PART_OF_ESCAPE.sub("", last.value)
    is_begun = any(each.uri.startswith(value) and each.uri != value for each in ALGORITHMS)
    is_whole = any(each.uri == value for each in ALGORITHMS)
    return last.name if value and is_begun and not is_whole else None


def _distinct(found: Iterable[Found]) -> Iterator[Found]:
    """Yield each message once, as it came first: a page that is loaded again has it again."""
    seen: set[str | bytes] = set()
    for each in found:
        identity = each.identity
        if identity is None or identity not in seen:
            yield each
        if identity is not None:
            seen.add(identity)


def _chosen(found: Sequence[Found]) -> Found | None:
    """Return the last sign-in request, else what may be one, else what is none.

    Entra ID passes a sign-in on to the identity provider that a domain is federated with, in a
    request of its own.
    """
    for message in (Message.AUTHN_REQUEST, Message.UNKNOWN):
        meant = [each for each in found if each.message is message]
        if meant:
            failed = [each for each in meant if each.is_answered_with_error]
            own = [each for each in meant if not _is_elsewhere(each)]
            return (failed or own or meant)[-1]
    return found[-1] if found else None


def _is_elsewhere(found: Found) -> bool:
    """Tell whether `found` is sent to a host that is not known to be Entra ID's."""
    endpoint = read_endpoint(found.url) if found.url else None
    return endpoint is not None and not endpoint.is_saml_host


def _taken(found: Sequence[Found], chosen: Found | None) -> str:
    """Say which of several sign-in requests `chosen` is."""
    alike = [each for each in found if chosen and each.message is chosen.message]
    if chosen is None or not alike or alike[-1] is chosen:
        return "the last"
    if chosen.is_answered_with_error:
        return "the one that was answered with an error"
    return "the one that is not sent to another identity provider"


def _others(found: Sequence[Found], chosen: Found | None) -> Iterator[str]:
    for each in found:
        if each is not chosen:
            yield _WORDS.get(each.message, "a message that cannot be read")


def _named(
    text: str, paste: str | bytes, *, is_json: bool, error: ReturnedError | None
) -> tuple[PasteKind, Message]:
    """Return what a paste without any message is."""
    binary = recognised_octets(paste) if isinstance(paste, bytes) else None
    if binary:
        return binary, Message.UNKNOWN
    if _PAOS.search(text):
        return PasteKind.HTTP_REQUEST, Message.PAOS
    if not error and _OPENID.search(text):
        return PasteKind.URL, Message.OPENID_CONNECT
    if not error and any(is_readable(token.text) for token in find_tokens(text)):
        return PasteKind.JWT, Message.JWT
    if is_json:
        return PasteKind.JSON, Message.UNKNOWN
    other = recognised(text)
    if other and other is not PasteKind.SAML:
        return other, Message.UNKNOWN
    return PasteKind.ERROR if error else PasteKind.OTHER, Message.UNKNOWN


def _error(text: str) -> ReturnedError | None:
    # Most pastes are a request and nothing else, and have no use for it.
    from assertcheck.aadsts.parser import find_error

    return find_error(text)


def _is_broken(submission: SamlSubmission) -> bool:
    """Tell whether the request or its signature has an end that it was not sent with, maybe."""
    if submission.message not in (Message.AUTHN_REQUEST, Message.UNKNOWN):
        return False
    signature = submission.value("Signature")
    octets = from_base64("".join(signature.split())) if signature else b""
    # An RSA key has a multiple of 64 octets, but for a few.
    is_cut = octets is None or len(octets) % 64 != 0
    return is_cut or bool(decode_request(submission).flaws_of(*_BROKEN))


def _inferred(submission: SamlSubmission) -> Binding | None:
    """Return the binding that the form of a query or a body leaves, without its place."""
    has_algorithm = submission.value("SigAlg") is not None
    if submission.value("SAMLRequest") is None or not (submission.is_as_sent or has_algorithm):
        return None
    request = decode_request(submission)
    # Of XML with a DOCTYPE nothing is read, nor if its first tag is broken.
    is_xml = request.root or (request.xml or b"").lstrip().startswith(b"<")
    if is_xml and not request.is_deflated and submission.is_as_sent:
        return Binding.POST
    is_signed = request.root and any(each.namespace == SIGNATURE for each in request.root.walk())
    # Some libraries deflate what they post, and some sign the XML that they put in the query.
    return None if is_signed and not has_algorithm else Binding.REDIRECT
