"""Takes a SAML request apart, leniently: whatever is there comes out, and what is wrong is said."""

from __future__ import annotations

import base64
import codecs
import hashlib
import re
import string
import zlib
from collections import Counter
from urllib.parse import unquote

from assertcheck.saml.model import (
    Binding,
    Element,
    Message,
    SamlFlaw,
    SamlFlawKind,
    SamlRequest,
    SamlSubmission,
)
from assertcheck.saml.xml_tree import MAX_XML, parse_tree
from assertcheck.words import listed

_LONGEST = 2 * MAX_XML
"""Characters of a value that are read: `MAX_XML` in base64 with line breaks."""
_LONGEST_ENCODED = 3 * _LONGEST
"""The same with every character percent-encoded."""
_PIECE = 16 * 1024
_GLANCE = 16 * 1024
"""Characters of a value that tell what kind of message it is."""
_STEP = 4096
"""Octets that are inflated at once."""
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_STANDARD = frozenset(string.ascii_letters + string.digits + "+/")
_BLANK = re.compile(r"\s")
_LINE_BREAK = re.compile(r"[\r\n]")
_NO_BLANKS = dict.fromkeys(map(ord, " \t\r\n\v\f\ufeff"))
_ENCODED = re.compile(rb"[\w+/-]{16,}={0,2}\s*", re.ASCII)
_XML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<[\w:?!]|\xff\xfe<\0|\xfe\xff\0<|<\0[\w:?!]\0|\0<\0[\w:?!]"
)
_SIGNED = ("SAMLRequest", "RelayState", "SigAlg", "Signature")
_PAOS = "urn:liberty:paos:2003-08"
_MESSAGES = {
    "AuthnRequest": Message.AUTHN_REQUEST,
    "Response": Message.RESPONSE,
    "LogoutRequest": Message.LOGOUT_REQUEST,
    "LogoutResponse": Message.LOGOUT_RESPONSE,
    "Assertion": Message.ASSERTION,
    "EncryptedAssertion": Message.ASSERTION,
    "EntityDescriptor": Message.METADATA,
    "EntitiesDescriptor": Message.METADATA,
    "ArtifactResolve": Message.ARTIFACT,
    "ArtifactResponse": Message.ARTIFACT,
}
"""By the name of the root, whatever its namespace: that is another fault."""
_TAG = re.compile(rb"<(?:[\w.-]{1,60}:)?(" + "|".join(_MESSAGES).encode() + rb")(?=[\s>/])")
_PLUS = "SAMLRequest has a bare +, which form decoding makes a space of"
_URL_SAFE = "SAMLRequest is in URL-safe base64, with - and _ in place of + and /"
ELLIPSES = ("\u2026", "...")
"""What stands for the rest of a value that is shown in short."""
_FARTHEST = 64 * 1024
"""Octets of a DOCTYPE."""
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CAUSES = (
    SamlFlawKind.TOO_LARGE,
    SamlFlawKind.NOT_BASE64,
    SamlFlawKind.DEFLATE_BROKEN,
    SamlFlawKind.NOT_XML,
)
"""Each makes those behind it follow."""


def decode_request(submission: SamlSubmission) -> SamlRequest:
    """Take the request of `submission` apart (SAML Bindings §3.4.4.1 and §3.5.4); never raise.

    Every deviation from `submission.binding` is a flaw in the result, and reading goes on past it
    wherever it can. No more than `MAX_XML` octets are ever inflated, and a few more held.
    """
    flaws = list(_repeated(submission))
    value = submission.value("SAMLRequest")
    octets, is_deflated = submission.xml, False
    if octets is None and value is not None:
        octets, is_deflated, found = _read(value)
        flaws += [
            *_of_layers(submission),
            *_of_transport(submission),
            *found,
            *_of_binding(octets, is_deflated, submission.binding),
        ]
    if octets == b"" or (octets is None and value is None):
        detail = "there is no SAMLRequest" if value is None else "SAMLRequest is empty"
        flaws = [_flaw(SamlFlawKind.MISSING, detail)]
    root, faults = _tree(octets) if octets else (None, ())
    # Whoever saved pasted XML may have chosen its encoding.
    is_theirs = submission.xml is not None and (octets or b"").startswith(_UTF16_MARKS)
    flaws += [each for each in faults if not (is_theirs and each.kind is SamlFlawKind.NOT_UTF8)]
    return SamlRequest(
        xml=octets,
        root=root,
        message=_message(root, octets or b"") or submission.message,
        is_deflated=is_deflated,
        flaws=_without_consequences(flaws),
        fingerprint=_fingerprint(value or "" if octets is None else octets),
    )


def message_of(value: str) -> Message:
    """Tell what kind of message the beginning of `value`, a `SAMLRequest` or the like, is of."""
    octets, _, _ = _read(value[:_GLANCE])
    return message_of_xml(octets) if octets else Message.UNKNOWN


def message_of_xml(octets: bytes) -> Message:
    """Tell what kind of message the XML `octets` are, though they may have no end."""
    root, _ = _tree(octets[:MAX_XML])
    return _message(root, octets) or Message.UNKNOWN


def unquoted(text: str) -> str:
    """Return `text` without its percent-encoding, piece by piece: `unquote` takes 30 times the room.

    What is beyond `_LONGEST_ENCODED` is left out, for no value of that length is read.
    """
    if len(text) <= _PIECE:
        return unquote(text)
    parts, place = list[str](), 0
    end = min(len(text), _LONGEST_ENCODED)
    while place < end:
        last = place + _PIECE
        escape = text.find("%", last - 2, last)
        last = escape if escape >= 0 else last
        parts.append(unquote(text[place:last]))
        place = last
    return "".join(parts)


def _message(root: Element | None, octets: bytes) -> Message | None:
    """Return the kind of message with this `root`, or with a first tag that could not be read."""
    if root is None:
        tag = _TAG.search(octets, 0, _FARTHEST)
        return _MESSAGES.get(tag[1].decode("ascii")) if tag else None
    if root.name == "Envelope":
        is_paos = any(each.namespace == _PAOS for each in root.walk())
        return Message.PAOS if is_paos else Message.SOAP
    return _MESSAGES.get(root.name, Message.OTHER_XML)


def _tree(octets: bytes) -> tuple[Element | None, tuple[SamlFlaw, ...]]:
    if _XML.match(octets) or len(octets) > MAX_XML:
        return parse_tree(octets)
    return None, (_flaw(SamlFlawKind.NOT_XML, "does not begin with a tag"),)


def _repeated(submission: SamlSubmission) -> list[SamlFlaw]:
    times = Counter(each.name for each in submission.parameters)
    again = [f"{name} {times[name]} times" for name in _SIGNED if times[name] > 1]
    return [_flaw(SamlFlawKind.REPEATED, ", ".join(again))] if again else []


def _of_transport(submission: SamlSubmission) -> list[SamlFlaw]:
    """Return what is wrong with the way the value was written in the query or the form."""
    if not submission.is_as_sent:
        return []
    is_plus = "+" in (submission.raw("SAMLRequest") or "")
    flaws = [_flaw(SamlFlawKind.BARE_PLUS, _PLUS)] if is_plus else []
    if submission.binding is Binding.REDIRECT and _BLANK.search(
        submission.value("SAMLRequest") or ""
    ):
        flaws.append(_flaw(SamlFlawKind.WHITE_SPACE, "SAMLRequest has white space in its base64"))
    return flaws


def _of_layers(submission: SamlSubmission) -> list[SamlFlaw]:
    """Return what of `submission` was received in more than one layer of percent-encoding."""
    read = {(each.name, each.value) for each in submission.parameters}
    names = [
        each.name
        for each in submission.encoded_twice
        if each.name in _SIGNED and "%" in each.value and (each.name, each.value) not in read
    ]
    if not names:
        return []
    words = f"{listed(names)} {'is' if len(names) == 1 else 'are'} percent-encoded twice"
    return [_flaw(SamlFlawKind.PERCENT_TWICE, words)]


def _read(value: str) -> tuple[bytes | None, bool, list[SamlFlaw]]:
    """Return the octets that `value` stands for, whether they were deflated, and what was wrong."""
    flaws: list[SamlFlaw] = []
    if len(value) > _LONGEST:
        detail = f"SAMLRequest has more than {_LONGEST // 1024} KiB before it is decoded"
        flaws.append(_flaw(SamlFlawKind.TOO_LARGE, detail))
        value = value[:_LONGEST]
    octets = _from_base64(_percent_decoded(value, flaws), flaws)
    if octets and _ENCODED.fullmatch(octets):
        inner = _from_base64(octets.decode("ascii"), [])
        if inner and (_XML.match(inner) or _inflated(inner)):
            flaws.append(_flaw(SamlFlawKind.BASE64_TWICE, "SAMLRequest is base64 of base64"))
            octets = inner
    if not octets:
        return octets, False, flaws
    inflated = _inflated(octets)
    if inflated is None:
        return octets, False, flaws
    xml, found = inflated
    return xml, True, [*flaws, *found]


def _percent_decoded(value: str, flaws: list[SamlFlaw]) -> str:
    """Return `value`, decoded once already, without further layers of percent-encoding."""
    for _ in range(3):
        if not _PERCENT.search(value):
            break
        if not any(each.kind is SamlFlawKind.PERCENT_TWICE for each in flaws):
            words = "SAMLRequest is percent-encoded twice"
            flaws.append(_flaw(SamlFlawKind.PERCENT_TWICE, words))
        value = unquoted(value)
    return value


def _from_base64(value: str, flaws: list[SamlFlaw]) -> bytes | None:
    """Return the octets of `value` in either base64 alphabet; `None` if it is neither."""
    if value.lstrip("\ufeff \t\r\n").startswith("<"):
        detail = "SAMLRequest is the XML itself, not base64 of it"
        flaws.append(_flaw(SamlFlawKind.NOT_BASE64, detail))
        return value.encode("utf-8", "replace")
    text = value.strip()
    if " " in text and not _LINE_BREAK.search(text):
        # What form decoding makes of `+`, rather than what a line was broken with.
        flaws.append(_flaw(SamlFlawKind.BARE_PLUS, _PLUS))
        text = text.replace(" ", "+")
    text = text.translate(_NO_BLANKS)
    bare = text.rstrip("=")
    if "-" in bare or "_" in bare:
        flaws.append(_flaw(SamlFlawKind.URL_SAFE_BASE64, _URL_SAFE))
        bare = bare.replace("-", "+").replace("_", "/")
    strange = sorted(set(bare) - _STANDARD)
    if strange:
        shown = ", ".join(f"U+{ord(char):04X}" for char in strange[:4])
        detail = f"SAMLRequest holds {shown}, which base64 has not"
        if bare.endswith(ELLIPSES):
            detail = "SAMLRequest is abbreviated: it ends in an ellipsis"
        flaws.append(_flaw(SamlFlawKind.NOT_BASE64, detail))
        return None
    if len(bare) % 4 == 1:
        detail = f"SAMLRequest has {len(bare)} characters, and no base64 has that length"
        flaws.append(_flaw(SamlFlawKind.NOT_BASE64, detail))
        bare = bare[:-1]
    elif len(text) % 4:
        detail = f"SAMLRequest lacks padding: it has {len(text)} characters, no multiple of 4"
        flaws.append(_flaw(SamlFlawKind.PADDING, detail))
    return base64.b64decode(bare + "=" * (-len(bare) % 4))


def _inflated(octets: bytes) -> tuple[bytes, list[SamlFlaw]] | None:
    """Return what `octets` inflate to and what is wrong with that; `None` if they are no DEFLATE.

    What inflates to neither XML nor an end is taken for chance.
    """
    for wbits, kind, word in _wrappers(octets):
        xml, is_whole, fault = _inflate(octets, wbits)
        if not (xml and (is_whole or _XML.match(xml) or len(xml) > MAX_XML)):
            continue
        flaws = [_flaw(kind, f"SAMLRequest has a {word} wrapper around DEFLATE")] if kind else []
        if not is_whole and len(xml) <= MAX_XML:
            detail = f"the DEFLATE data {fault} after {len(xml):,} octets of XML"
            flaws.append(_flaw(SamlFlawKind.DEFLATE_BROKEN, detail))
        return xml, flaws
    return None


def _wrappers(octets: bytes) -> list[tuple[int, SamlFlawKind | None, str]]:
    """Return how `octets` may be wrapped, as zlib's `wbits`, likeliest first."""
    wrappers: list[tuple[int, SamlFlawKind | None, str]] = [(-zlib.MAX_WBITS, None, "")]
    if octets.startswith(b"\x1f\x8b"):
        wrappers.insert(0, (16 + zlib.MAX_WBITS, SamlFlawKind.GZIP, "gzip"))
    # RFC 1950 §2.2: method 8, and both octets together a multiple of 31.
    elif octets[0] & 0x0F == 8 and int.from_bytes(octets[:2]) % 31 == 0:
        wrappers.insert(0, (zlib.MAX_WBITS, SamlFlawKind.ZLIB, "zlib"))
    return wrappers


def _inflate(octets: bytes, wbits: int) -> tuple[bytes, bool, str]:
    """Return up to one octet more than `MAX_XML`, whether that is all, and why it is not.

    What zlib has inflated before an error in the same step is lost, so that step is done again,
    octet by octet.
    """
    unpacker = zlib.decompressobj(wbits)
    parts: list[bytes] = []
    left = MAX_XML + 1
    place, step = 0, _STEP
    while place < len(octets) and left and not unpacker.eof:
        before = unpacker.copy() if step > 1 else unpacker
        piece = octets[place : place + step]
        try:
            part = unpacker.decompress(piece, left)
        except zlib.error:
            if step == 1:
                return b"".join(parts), False, "is damaged"
            unpacker, step = before, 1
            continue
        parts.append(part)
        left -= len(part)
        place += len(piece)
    return b"".join(parts), unpacker.eof and left > 0, "breaks off"


def _of_binding(octets: bytes | None, is_deflated: bool, binding: Binding | None) -> list[SamlFlaw]:
    """Return what is wrong with compressed or plain `octets` for `binding`."""
    if not octets or binding is None:
        return []
    if binding is Binding.POST:
        return (
            [_flaw(SamlFlawKind.DEFLATED, "SAMLRequest is DEFLATE data in base64")]
            if is_deflated
            else []
        )
    if is_deflated:
        return []
    if _XML.match(octets):
        return [
            _flaw(SamlFlawKind.NOT_DEFLATED, "SAMLRequest is base64 of the XML, without DEFLATE")
        ]
    return [_flaw(SamlFlawKind.DEFLATE_BROKEN, "SAMLRequest holds neither DEFLATE nor XML")]


def _without_consequences(flaws: list[SamlFlaw]) -> tuple[SamlFlaw, ...]:
    """Return one flaw of a kind, and of those that cause one another the first."""
    by_kind: dict[SamlFlawKind, SamlFlaw] = {}
    for each in flaws:
        by_kind.setdefault(each.kind, each)
    cause = next((kind for kind in _CAUSES if kind in by_kind), None)
    follow = (
        {*_CAUSES, SamlFlawKind.PADDING, SamlFlawKind.WHITE_SPACE} - {cause} if cause else set()
    )
    return tuple(each for kind, each in by_kind.items() if kind not in follow)


def _fingerprint(value: str | bytes) -> str:
    digest = hashlib.sha256()
    for place in range(0, len(value), MAX_XML):
        piece = value[place : place + MAX_XML]
        digest.update(piece.encode("utf-8", "surrogatepass") if isinstance(piece, str) else piece)
    return f"sha256:{digest.hexdigest()}"


def _flaw(kind: SamlFlawKind, detail: str) -> SamlFlaw:
    return SamlFlaw(kind=kind, detail=detail)
