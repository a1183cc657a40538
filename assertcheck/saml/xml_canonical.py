"""The octets that an XML signature is over, as `lxml` canonicalises them.

Nodes are those of `lxml`; importing this module takes the extra `assertcheck[saml]`.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from assertcheck.saml.model import SIGNATURE
from assertcheck.saml.xml_structure import C14N_11, CANONICALIZATIONS

_XML = "{http://www.w3.org/XML/1998/namespace}"
DEFAULT = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
"""What makes octets of elements where no transform does (XML Signature §4.4.3.2)."""


def is_readable(xml: bytes) -> bool:
    """Tell whether `xml` is well-formed and without a document type definition."""
    try:
        root = etree.fromstring(xml, parser())
    except (etree.XMLSyntaxError, ValueError):
        return False
    info = root.getroottree().docinfo
    return info.internalDTD is None and info.externalDTD is None


def opened(xml: bytes, *, keeps_comments: bool = False) -> etree._Element:
    """Return the root of `xml`, which is readable, with all taken out that no signature covers.

    A reference within the document leaves its comments out, whatever the canonicalisation
    (XML Signature §4.4.3.3); `SignedInfo` is no reference. `keeps_comments` leaves them in.
    """
    root = etree.fromstring(xml, parser())
    if keeps_comments:
        return root
    for comment in list(root.iter(etree.Comment)):
        if not any(each.tag == ds("SignedInfo") for each in comment.iterancestors()):
            detach(comment)
    return root


def parser() -> etree.XMLParser:
    """Return a parser that expands no entity and opens no file or address.

    The limits of libxml2 on depth and size of text are in force.
    """
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        # An xml:id that is there twice is no concern of a signature.
        collect_ids=False,
    )


def ds(name: str) -> str:
    """Return the tag of the element of XML Signature called `name`."""
    return f"{{{SIGNATURE}}}{name}"


def signatures_in(root: etree._Element) -> Sequence[etree._Element]:
    """Return the `Signature` elements below `root`, those right inside it first."""
    found = [child for parent in root.iter("*") for child in parent.iterchildren(ds("Signature"))]
    return [root, *found] if root.tag == ds("Signature") else found


def detach(node: etree._Element) -> None:
    """Take `node` out of its parent, and leave the text behind it there."""
    parent, before = node.getparent(), node.getprevious()
    if parent is None:
        return
    if before is None:
        parent.text = (parent.text or "") + (node.tail or "")
    else:
        before.tail = (before.tail or "") + (node.tail or "")
    node.tail = None
    parent.remove(node)


def canonical(node: etree._Element, uri: str, prefixes: Sequence[str] = ()) -> bytes:
    """Return the octets of `node` by the canonicalisation `uri`; empty if it has none.

    `prefixes` are those treated as inclusive C14N does (Exclusive XML Canonicalization §2). A
    relative namespace is what leaves an element without canonical form.
    """
    method = CANONICALIZATIONS[uri]
    try:
        octets: bytes = etree.tostring(
            node,
            method="c14n",
            exclusive=method.is_exclusive,
            with_comments=method.keeps_comments,
            inclusive_ns_prefixes=list(prefixes) if method.is_exclusive and prefixes else None,
            with_tail=False,
        )
    except etree.C14NError:
        return b""
    return octets


def inherit(signed_info: etree._Element, uri: str) -> None:
    """Give `signed_info` the attributes of `xml:` that it inherits by the canonicalisation `uri`.

    lxml gives an element that is canonicalised alone the namespaces around it, but not these
    (Canonical XML 1.0 §2.4; by 1.1 §2.4 `xml:id` is not inherited).
    """
    if CANONICALIZATIONS[uri].is_exclusive:
        return
    for ancestor in signed_info.iterancestors():
        for name, value in ancestor.attrib.items():
            is_inherited = name.startswith(_XML) and not (
                uri.startswith(C14N_11) and name == f"{_XML}id"
            )
            if is_inherited and name not in signed_info.attrib:
                signed_info.set(name, value)
