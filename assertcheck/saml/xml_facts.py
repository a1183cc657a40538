"""What the signatures inside the XML of a request say, read from the tree of elements alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from assertcheck.saml.model import SIGNATURE, Element, Place, SamlSignature
from assertcheck.saml.xml_key_info import certificates_in, key_names_in, octets_of
from assertcheck.saml.xml_structure import Fault, references_of, structural_fault, transforms_of

MOST_SIGNATURES = 20
"""One is right; what follows is not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A `ds:Signature`, and where it stands."""

    element: Element
    parent: Element | None
    """`None` where it is the root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMessage:
    """A request and the signature in it that is verified."""

    xml: bytes = field(repr=False)
    root: Element = field(repr=False)
    element: Element = field(repr=False)
    """The signature, as a tree."""
    signature: SamlSignature
    fault: Fault | None
    """What is wrong with its structure: no key makes it valid then."""


def locate(root: Element) -> tuple[Located, ...]:
    """Return every `ds:Signature` in the message `root`, at most `MOST_SIGNATURES`.

    Those right inside the root come first: SAML has them there (SAML Core §3.2.1).
    """
    found: list[Located] = []
    if (root.name, root.namespace) == ("Signature", SIGNATURE):
        found.append(Located(element=root, parent=None))
    for parent in root.walk():
        found += [
            Located(element=child, parent=parent) for child in parent.all("Signature", SIGNATURE)
        ]
        if len(found) >= MOST_SIGNATURES:
            break
    return tuple(found[:MOST_SIGNATURES])


def read_message(xml: bytes, root: Element, located: Located) -> SignedMessage:
    """Return the signature `located` in the message `root`, which was read from `xml`."""
    return SignedMessage(
        xml=xml,
        root=root,
        element=located.element,
        signature=read_signature(located),
        fault=structural_fault(root, located.element, located.parent),
    )


def read_signature(located: Located) -> SamlSignature:
    """Return the facts of one signature, whatever is wrong with it."""
    signature = located.element
    references = references_of(signature)
    signed_info = signature.first("SignedInfo", SIGNATURE)
    value = signature.first("SignatureValue", SIGNATURE)
    return SamlSignature(
        place=Place.XML,
        algorithm=_algorithm(signed_info, "SignatureMethod"),
        octets=octets_of(value.text) if value else None,
        references=tuple(each.attributes.get("URI", "") for each in references),
        digests=tuple(_algorithm(each, "DigestMethod") or "" for each in references),
        transforms=tuple(
            tuple(step.attributes.get("Algorithm", "") for step in transforms_of(each))
            for each in references
        ),
        canonicalization=_algorithm(signed_info, "CanonicalizationMethod"),
        parent=located.parent.name if located.parent else None,
        certificates=certificates_in(signature),
        key_names=key_names_in(signature),
    )


def _algorithm(element: Element | None, name: str) -> str | None:
    named = element.first(name, SIGNATURE) if element else None
    return named.attributes.get("Algorithm") if named else None
