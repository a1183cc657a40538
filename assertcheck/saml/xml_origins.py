"""The octets that a signature in XML may be over, and what happened for them to be signed.

Importing this module takes the extra `assertcheck[saml]`.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from assertcheck.saml.model import SIGNATURE, Element, SamlMistake
from assertcheck.saml.xml_canonical import (
    DEFAULT,
    canonical,
    detach,
    ds,
    inherit,
    opened,
    signatures_in,
)
from assertcheck.saml.xml_edits import EDITS, Edit, changes, signed_info_edits
from assertcheck.saml.xml_facts import SignedMessage
from assertcheck.saml.xml_key_info import octets_of
from assertcheck.saml.xml_rewriting import rewritings
from assertcheck.saml.xml_structure import (
    CANONICALIZATIONS,
    DIGESTS,
    references_of,
    transforms_of,
)
from assertcheck.verifier.hashing import HASH_NAMED, HASHES, HashFunction

_MOST_EDITED = 64 * 1024
"""Octets of a request that is edited; to undo a few hundred changes it is canonicalised as often."""
_DECLARATION = re.compile(rb"<\?xml[^>]*\?>\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Octets that may have been signed or digested, and the mistake that leads to them."""

    octets: bytes = field(repr=False)
    mistake: SamlMistake | None = None
    """`None` where it is what the signature says it is over."""
    words: str = ""
    edit: Edit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the digest is of."""

    mistake: SamlMistake | None
    """`None` where it is that of the request as received."""
    words: str = ""


def signed_infos(message: SignedMessage) -> Iterator[Origin]:
    """Yield what may have been signed: `SignedInfo` as it should be, then what it is taken for."""
    named = message.signature.canonicalization or ""
    root, signature = _opened(message)
    signed_info = signature.find(ds("SignedInfo"))
    if signed_info is None or named not in CANONICALIZATIONS:
        return
    prefixes = _prefixes(message.element, "CanonicalizationMethod")
    own = _canonical_info(signed_info, named, prefixes)
    if not own:
        return
    yield Origin(octets=own)
    seen = {own}
    for origin in _other_signed_infos(message, root, named, prefixes):
        if origin.octets and origin.octets not in seen:
            seen.add(origin.octets)
            yield origin


def _other_signed_infos(
    message: SignedMessage, root: etree._Element, named: str, prefixes: Sequence[str]
) -> Iterator[Origin]:
    name = CANONICALIZATIONS[named].name
    signed_info = signatures_in(root)[0].find(ds("SignedInfo"))
    for uri, method, words in _other_methods(named, root):
        octets = _canonical_info(signed_info, uri, method)
        words = f"SignedInfo was signed by {words}, where it names {name}"
        yield Origin(octets=octets, mistake=SamlMistake.CANONICALIZATION, words=words)
    yield from _raw_signed_infos(message.xml)
    content = _named_content(message)
    digest = _digest_named(message).digest(content)
    for octets, what in ((content, "the request itself"), (digest, "the digest")):
        words = f"{what} was signed, in place of SignedInfo"
        yield Origin(octets=octets, mistake=SamlMistake.OTHER_OCTETS, words=words)
    if len(message.xml) > _MOST_EDITED:
        return
    right, identifier = b64encode(digest).decode("ascii"), message.root.attributes.get("ID", "")
    _, signature = _opened(message)
    own = signed_info_edits(signature, identifier, right)
    for edit in (*EDITS, *own, *_rewritings(message)):
        _, signature = _opened(message, edit)
        octets = _canonical_info(signature.find(ds("SignedInfo")), named, prefixes)
        yield Origin(octets=octets, mistake=edit.mistake, words=edit.words, edit=edit)


def _rewritings(message: SignedMessage) -> Iterator[Edit]:
    named = (message.signature.canonicalization or DEFAULT, _method(message)[0])
    is_inclusive = any(not CANONICALIZATIONS[uri].is_exclusive for uri in named)
    return rewritings(opened(message.xml), is_inclusive=is_inclusive)


def _canonical_info(signed_info: etree._Element, uri: str, prefixes: Sequence[str]) -> bytes:
    # Put back afterwards: what is inherited differs from one canonicalisation to the next.
    kept = dict(signed_info.attrib)
    inherit(signed_info, uri)
    octets = canonical(signed_info, uri, prefixes)
    for name in set(signed_info.attrib) - set(kept):
        del signed_info.attrib[name]
    return octets


def _raw_signed_infos(xml: bytes) -> Iterator[Origin]:
    """Yield the text of `SignedInfo` as it stands, and with the declaration it inherits."""
    start, end = _span(xml, b"SignedInfo")
    text, mistake = xml[start:end], SamlMistake.CANONICALIZATION
    words = "the text of SignedInfo was signed as it stands, not canonicalised"
    yield Origin(octets=text, mistake=mistake, words=words)
    tag, name, rest = text.partition(b"SignedInfo")
    prefix = tag[1:-1]
    declared = b' xmlns%b="%b"' % (b":" + prefix if prefix else b"", SIGNATURE.encode())
    words = "the text of SignedInfo was signed with its namespace, not canonicalised"
    yield Origin(octets=tag + name + declared + rest, mistake=mistake, words=words)


def _span(xml: bytes, name: bytes) -> tuple[int, int]:
    """Return where the first element called `name` begins and ends in `xml`; nowhere if unseen."""
    # Two searches, for one expression would look for the end again from every beginning.
    start = re.search(rb"<(?:[\w.-]+:)?%b(?=[\s>])" % name, xml)
    end = start and re.compile(rb"</(?:[\w.-]+:)?%b\s*>" % name).search(xml, start.end())
    return (start.start(), end.end()) if start and end else (0, 0)


def _other_methods(named: str, root: etree._Element) -> Iterator[tuple[str, Sequence[str], str]]:
    """Yield the canonicalisations that are not the one `named`: URI, prefixes, name."""
    is_exclusive, name = CANONICALIZATIONS[named].is_exclusive, CANONICALIZATIONS[named].name
    if is_exclusive:
        yield named, (), f"{name} without a PrefixList"
    for uri, method in CANONICALIZATIONS.items():
        if uri != named:
            yield uri, (), method.name
    if is_exclusive:
        everything = sorted(prefix or "#default" for prefix in root.nsmap)
        yield named, everything, f"{name} with a PrefixList of all prefixes"


def _opened(
    message: SignedMessage, edit: Edit | None = None
) -> tuple[etree._Element, etree._Element]:
    """Return the root and the signature of `message`, with `edit` done to them."""
    root = opened(message.xml)
    if edit and edit.rewrite:
        root = edit.rewrite(root)
    signature = signatures_in(root)[0]
    if edit:
        edit.apply(root, signature)
    return root, signature


def _prefixes(element: Element, name: str) -> Sequence[str]:
    """Return the `PrefixList` of the first element called `name` in a signature."""
    inside = (
        child.attributes.get("PrefixList", "").split()
        for each in element.walk()
        if each.name == name
        for child in each.children
    )
    return next(inside, [])


def _digest_named(message: SignedMessage) -> HashFunction:
    """Return the hash that `DigestMethod` names; where it names none, that is the fault."""
    return HASH_NAMED[DIGESTS.get(next(iter(message.signature.digests), ""), "SHA-256")]


def _method(message: SignedMessage) -> tuple[str, Sequence[str]]:
    """Return the canonicalisation of the reference, and its prefixes."""
    for reference in references_of(message.element)[:1]:
        for transform in transforms_of(reference):
            uri = transform.attributes.get("Algorithm", "")
            if uri in CANONICALIZATIONS:
                lists = [each.attributes.get("PrefixList", "") for each in transform.children]
                return uri, " ".join(lists).split()
    return DEFAULT, ()


def content_of(message: SignedMessage, known: Edit | None = None) -> Content:
    """Return what `DigestValue` is the digest of, where `known` is undone already."""
    function = _digest_named(message)
    written = _digest_value(message, known)
    expected = octets_of(written) or b""
    for origin in _contents(message, known):
        if function.digest(origin.octets) == expected:
            return Content(mistake=origin.mistake, words=origin.words)
    octets = _named_content(message, known)
    for other in HASHES:
        if other.digest(octets) == expected:
            words = f"its digest is by {other.name}, where DigestMethod names {function.name}"
            return Content(mistake=SamlMistake.OTHER_ALGORITHM, words=words)
    if function.digest(octets).hex() in _plain_readings(written):
        words = "DigestValue is the digest as hex text"
        return Content(mistake=SamlMistake.TRANSPORT, words=words)
    words = "the request was changed after signing: its digest is not that in the signature"
    return Content(mistake=SamlMistake.CONTENT_CHANGED, words=words)


def _contents(message: SignedMessage, known: Edit | None) -> Iterator[Origin]:
    """Yield what the digest may be of: the request as it should be, then what was done to it."""
    for edit in (known, None) if known else (None,):
        yield Origin(octets=_named_content(message, edit))
    root, signature = _opened(message)
    detach(signature)
    uri, prefixes = _method(message)
    for other, method, words in _other_methods(uri, root):
        words = f"the request was digested by {words}, where the reference names {_name(uri)}"
        octets = canonical(root, other, method)
        yield Origin(octets=octets, mistake=SamlMistake.CANONICALIZATION, words=words)
    commented = opened(message.xml, keeps_comments=True)
    detach(signatures_in(commented)[0])
    words = "the request was digested with its comments, which a reference by its ID leaves out"
    octets = canonical(commented, _with_comments(uri), prefixes)
    yield Origin(octets=octets, mistake=SamlMistake.CANONICALIZATION, words=words)
    start, end = _span(message.xml, b"Signature")
    text = message.xml[:start] + message.xml[end:]
    declaration = _DECLARATION.match(text)
    for octets in (text, text[declaration.end() :] if declaration else text.strip()):
        words = "the text of the request was digested as it stands, not canonicalised"
        yield Origin(octets=octets, mistake=SamlMistake.CANONICALIZATION, words=words)
    if len(message.xml) > _MOST_EDITED:
        return
    for edit in (*EDITS, *_rewritings(message)):
        octets = _named_content(message, edit)
        yield Origin(octets=octets, mistake=edit.mistake, words=edit.words)
    for mistake, words in changes(root):
        yield Origin(octets=canonical(root, uri, prefixes), mistake=mistake, words=words)


def _with_comments(uri: str) -> str:
    """Return the URI of the canonicalisation that is `uri` but for the comments."""
    if CANONICALIZATIONS[uri].keeps_comments:
        return uri
    return f"{uri}{'' if uri.endswith('#') else '#'}WithComments"


def _named_content(message: SignedMessage, edit: Edit | None = None) -> bytes:
    """Return the octets that the digest should be of, with `edit` done; empty if there are none."""
    root, signature = _opened(message, edit)
    detach(signature)
    return canonical(root, *_method(message))


def _digest_value(message: SignedMessage, edit: Edit | None) -> str:
    _, signature = _opened(message, edit)
    path = f"{ds('SignedInfo')}/{ds('Reference')}/{ds('DigestValue')}"
    return "".join(signature.findtext(path, "").split())


def _plain_readings(written: str) -> tuple[str, ...]:
    """Return the text `written` and what it is the base64 of, where that is text, in lower case."""
    return written.lower(), (octets_of(written) or b"").decode("ascii", "replace").lower()


def _name(uri: str) -> str:
    return CANONICALIZATIONS[uri].name
