"""What an XML library may have made of a request's namespaces, undone on the nodes of `lxml`.

Importing this module takes the extra `assertcheck[saml]`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from assertcheck.saml.model import ASSERTION, PROTOCOL, SIGNATURE, SamlMistake
from assertcheck.saml.xml_edits import Edit
from assertcheck.words import listed

_MOST_ELEMENTS = 100
"""Of a request that is put together anew; a signed one has twenty."""
_MOST_NAMES = 1_000
"""Attributes and namespaces in force, over all elements; a request has a hundred."""
_MOST_UNUSED = 8
_RENAMED = re.compile(r"ns\d+")
"""The prefixes that the standard library of Python, among others, makes up."""
_USUAL: Mapping[str, tuple[str | None, ...]] = {
    PROTOCOL: ("samlp", "saml2p", None),
    ASSERTION: ("saml", "saml2", None),
    SIGNATURE: ("ds", None, "dsig"),
}
"""The prefixes that are signed with; `None` is the default namespace."""
_COMMON: Mapping[str, str] = {
    "xs": "http://www.w3.org/2001/XMLSchema",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsd": "http://www.w3.org/2001/XMLSchema",
    "ds": SIGNATURE,
    "saml": ASSERTION,
    "saml2": ASSERTION,
    "samlp": PROTOCOL,
    "saml2p": PROTOCOL,
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
    "soap": "http://schemas.xmlsoap.org/soap/envelope/",
}
"""What a request declares and does not use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where namespaces are declared, and by which prefix."""

    prefixes: Mapping[str, str | None]
    """By URI; another one keeps what it has."""
    on_root: Mapping[str | None, str]
    """Declared on the root, whether it uses them or not."""


def rewritings(root: etree._Element, *, is_inclusive: bool) -> Iterator[Edit]:
    """Yield what may have been done to the namespaces of the request `root`, which is not changed.

    In the canonical form of exclusive C14N a declaration stands where its prefix is used, so only
    another prefix shows; `is_inclusive` tells whether others do (Exclusive XML Canonicalization
    §1). Nothing of a request with more than some elements.
    """
    elements = list(itertools.islice(root.iter("*"), _MOST_ELEMENTS + 1))
    if len(elements) > _MOST_ELEMENTS:
        return
    if sum(len(each.attrib) + len(each.nsmap) for each in elements) > _MOST_NAMES:
        return
    if is_inclusive:
        yield from _redeclared(root)
    yield from _renamed(root, is_inclusive=is_inclusive)


def _redeclared(root: etree._Element) -> Iterator[Edit]:
    used = _used(root)
    uri = etree.QName(root).namespace
    own: dict[str | None, str] = {root.prefix: uri} if uri else {}
    declared = dict(root.nsmap)
    unused = [prefix for prefix in declared if prefix not in used][:_MOST_UNUSED]
    for taken in (*((each,) for each in unused), *((tuple(unused),) if len(unused) > 1 else ())):
        left = {prefix: uri for prefix, uri in declared.items() if prefix not in taken}
        names = listed([f"xmlns:{each}" if each else "xmlns" for each in taken])
        words = f"{names} {'were' if len(taken) > 1 else 'was'} added after signing"
        yield _edit(words, _Layout(prefixes={}, on_root=left))
    for prefix, uri in declared.items():
        added = [name for name in root.attrib if etree.QName(name).namespace == uri]
        if prefix and added:
            left = {each: other for each, other in declared.items() if each != prefix}
            written = [f"{prefix}:{etree.QName(name).localname}" for name in added]
            words = f"{listed([*written, f'xmlns:{prefix}'])} were added after signing"
            yield _edit(words, _Layout(prefixes={}, on_root=left), without=added)
    inner = {
        prefix: uri
        for each in root.iter("*")
        for prefix, uri in each.nsmap.items()
        if prefix is not None
    }
    for up in _subsets({prefix: uri for prefix, uri in inner.items() if prefix not in own}):
        if {**own, **up} != declared:
            yield _edit(
                "the declarations of namespaces were moved to other elements after signing",
                _Layout(prefixes={}, on_root={**own, **up}),
            )
    for prefix, uri in _COMMON.items():
        if prefix not in inner:
            layout = _Layout(prefixes={}, on_root={**declared, prefix: uri})
            yield _edit(f"xmlns:{prefix} was dropped after signing", layout)


def _renamed(root: etree._Element, *, is_inclusive: bool) -> Iterator[Edit]:
    if not any(_RENAMED.fullmatch(prefix or "") for prefix in _used(root)):
        return
    for chosen in itertools.product(*_USUAL.values()):
        prefixes = dict(zip(_USUAL, chosen, strict=True))
        own = {prefixes[PROTOCOL]: PROTOCOL}
        others = {
            prefix: uri
            for uri, prefix in prefixes.items()
            if prefix is not None and uri != PROTOCOL
        }
        for up in _subsets(others) if is_inclusive else ({},):
            yield _edit(
                "the XML was written anew with other prefixes (ns0 and so on) after signing",
                _Layout(prefixes=prefixes, on_root={**own, **up}),
            )


def _edit(words: str, layout: _Layout, *, without: Sequence[str] = ()) -> Edit:
    """Return the edit that lays out namespaces, and leaves attributes of the root out."""

    def rewrite(root: etree._Element) -> etree._Element:
        for name in without:
            del root.attrib[name]
        return _laid_out(root, layout)

    return Edit(
        mistake=SamlMistake.CONTENT_CHANGED,
        words=words,
        apply=lambda _, __: None,
        rewrite=rewrite,
    )


def _used(root: etree._Element) -> frozenset[str | None]:
    """Return the prefixes that elements and attributes of `root` are written with."""
    prefixes: set[str | None] = {each.prefix for each in root.iter("*")}
    for each in root.iter("*"):
        known = {uri: prefix for prefix, uri in each.nsmap.items() if prefix is not None}
        prefixes |= {known.get(etree.QName(name).namespace or "") for name in each.attrib} - {None}
    return frozenset(prefixes)


def _subsets(names: Mapping[str, str]) -> Iterator[dict[str | None, str]]:
    some = list(names.items())[:4]
    for size in range(len(some) + 1):
        for chosen in itertools.combinations(some, size):
            yield dict(chosen)


def _laid_out(root: etree._Element, layout: _Layout) -> etree._Element:
    """Return a copy of `root` whose namespaces are declared as `layout` has them."""
    made = etree.Element(root.tag, root.attrib, nsmap=_needed(root, dict(layout.on_root), layout))
    made.text = root.text
    waiting = [(root, made)]
    while waiting:
        old, new = waiting.pop()
        for child in old:
            if isinstance(child.tag, str):
                needed = _needed(child, {}, layout)
                copy = etree.SubElement(new, child.tag, child.attrib, nsmap=needed)
                copy.text = child.text
                waiting.append((child, copy))
            else:
                # A comment or a processing instruction.
                copy = deepcopy(child)
                new.append(copy)
            copy.tail = child.tail
    return made


def _needed(
    element: etree._Element, declared: dict[str | None, str], layout: _Layout
) -> dict[str | None, str]:
    """Return what `element` declares itself: lxml leaves out what is in force there already."""
    uri = etree.QName(element).namespace
    if uri:
        declared.setdefault(layout.prefixes.get(uri, element.prefix), uri)
    spaces = {etree.QName(name).namespace for name in element.attrib}
    for prefix, space in element.nsmap.items():
        if prefix and space in spaces:
            declared.setdefault(prefix, space)
    return declared
