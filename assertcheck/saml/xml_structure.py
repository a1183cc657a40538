"""What is wrong with an XML signature by its structure alone, whoever made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assertcheck.saml.model import PROTOCOL, SIGNATURE, Element, SamlMistake
from assertcheck.saml.xml_key_info import octets_of
from assertcheck.words import listed, quoted

ENVELOPED = f"{SIGNATURE}enveloped-signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonicalization:
    """A way to write XML such that equal documents have equal octets."""

    name: str
    is_exclusive: bool
    keeps_comments: bool = False


_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_11 = "http://www.w3.org/2006/12/xml-c14n11"
CANONICALIZATIONS: Mapping[str, Canonicalization] = {
    _EXCLUSIVE: Canonicalization(name="exclusive C14N", is_exclusive=True),
    _C14N: Canonicalization(name="C14N 1.0", is_exclusive=False),
    C14N_11: Canonicalization(name="C14N 1.1", is_exclusive=False),
    f"{_EXCLUSIVE}WithComments": Canonicalization(
        name="exclusive C14N with comments", is_exclusive=True, keeps_comments=True
    ),
    f"{_C14N}#WithComments": Canonicalization(
        name="C14N 1.0 with comments", is_exclusive=False, keeps_comments=True
    ),
    f"{C14N_11}#WithComments": Canonicalization(
        name="C14N 1.1 with comments", is_exclusive=False, keeps_comments=True
    ),
}
"""By URI (XML Signature 1.1 §6.5); the likelier first."""
DIGESTS: Mapping[str, str] = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "SHA-256",
    f"{SIGNATURE}sha1": "SHA-1",
    "http://www.w3.org/2001/04/xmlenc#sha512": "SHA-512",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "SHA-384",
    "http://www.w3.org/2001/04/xmldsig-more#sha224": "SHA-224",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-256": "SHA3-256",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-384": "SHA3-384",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-512": "SHA3-512",
}
"""The hash that each `DigestMethod` names (XML Signature 1.1 §6.2, RFC 9231 §2.1)."""
_PARTS: Mapping[str, tuple[str, ...]] = {
    "Signature": ("SignedInfo", "SignatureValue"),
    "SignedInfo": ("CanonicalizationMethod", "SignatureMethod", "Reference"),
    "Reference": ("DigestMethod", "DigestValue"),
}
"""What each element must hold, and one of it (XML Signature §4)."""
_NAMING = ("CanonicalizationMethod", "SignatureMethod", "DigestMethod")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A mistake in the structure."""

    mistake: SamlMistake
    words: str
    """For a sentence, as in `SamlAutopsy`."""


def structural_fault(root: Element, signature: Element, parent: Element | None) -> Fault | None:
    """Return what keeps `signature`, a child of `parent`, from being that of the message `root`.

    The rules are those of SAML Core §5.4: right inside the root, one reference, to all of it.
    """
    return (
        _malformed(signature)
        or _astray(root, signature)
        or _misplaced(root, parent)
        or _transformed(signature)
    )


def references_of(signature: Element) -> tuple[Element, ...]:
    """Return the `Reference` elements of `signature`."""
    return tuple(
        reference
        for signed_info in signature.all("SignedInfo", SIGNATURE)
        for reference in signed_info.all("Reference", SIGNATURE)
    )


def transforms_of(reference: Element) -> tuple[Element, ...]:
    """Return the `Transform` elements of `reference`."""
    return tuple(
        transform
        for transforms in reference.all("Transforms", SIGNATURE)
        for transform in transforms.all("Transform", SIGNATURE)
    )


def _fault(mistake: SamlMistake, words: str) -> Fault:
    return Fault(mistake=mistake, words=words)


def _malformed(signature: Element) -> Fault | None:
    words = next(_malformations(signature), None)
    return _fault(SamlMistake.MALFORMED, words) if words else None


def _malformations(signature: Element) -> Iterator[str]:
    for element in (signature, *signature.all("SignedInfo", SIGNATURE), *references_of(signature)):
        for name in _PARTS[element.name]:
            count = sum(1 for _ in element.all(name, SIGNATURE))
            if not count:
                yield _missing(element, name)
            # What several references refer to is the matter there.
            elif count > 1 and name != "Reference":
                yield f"{element.name} has {count} {name} elements, where there is to be one"
    for element in signature.walk():
        if element.namespace == SIGNATURE:
            yield from _malformed_values(element)


def _missing(element: Element, name: str) -> str:
    strangers = [each for each in element.children if each.name == name]
    if strangers:
        where = f"the namespace {quoted(strangers[0].namespace)}"
        return f"{name} stands in {where if strangers[0].namespace else 'no namespace'}"
    return f"{element.name} has no {name}"


def _malformed_values(element: Element) -> Iterator[str]:
    uri = element.attributes.get("Algorithm", "").strip()
    if element.name in _NAMING and not uri:
        yield f"{element.name} names no Algorithm"
    elif element.name == "CanonicalizationMethod" and uri not in CANONICALIZATIONS:
        yield f"CanonicalizationMethod names {quoted(uri)}, which is no canonicalisation"
    elif element.name == "DigestMethod" and uri not in DIGESTS:
        yield f"DigestMethod names {quoted(uri)}, which is no hash that is known"
    elif element.name == "SignatureValue" and not element.text.strip():
        yield "SignatureValue is empty"
    elif element.name == "DigestValue" and octets_of(element.text) is None:
        yield "DigestValue is not base64" if element.text.strip() else "DigestValue is empty"


def _astray(root: Element, signature: Element) -> Fault | None:
    """Return what is wrong with what `signature` refers to."""
    references = references_of(signature)
    if len(references) > 1:
        words = f"it has {len(references)} references, where SAML has one"
        return _fault(SamlMistake.REFERENCE, words)
    uri = references[0].attributes.get("URI")
    if uri is None:
        return _fault(SamlMistake.REFERENCE, "its Reference has no URI, so it refers to nothing")
    if uri == "":
        return None
    if not uri.startswith("#"):
        return _fault(SamlMistake.REFERENCE, f"it refers to {quoted(uri)}, outside the message")
    if uri.startswith("#xpointer("):
        return _fault(SamlMistake.REFERENCE, f"it refers by the XPointer {quoted(uri)}")
    return _pointed_astray(root, signature, uri[1:])


def _pointed_astray(root: Element, signature: Element, identifier: str) -> Fault | None:
    targets = [each for each in root.walk() if identifier in _ids(each).values()]
    if not targets:
        own = root.attributes.get("ID")
        has = f"the ID of {root.name} is {quoted(own)}" if own else f"{root.name} has no ID"
        words = f"it refers to {quoted(f'#{identifier}')}, which nothing in the message has: {has}"
        return _fault(SamlMistake.REFERENCE, words)
    if len(targets) > 1:
        names = listed(tuple(dict.fromkeys(each.name for each in targets)))
        words = f"{len(targets)} elements have the ID it refers to ({names})"
        return _fault(SamlMistake.WRAPPED, words)
    target = targets[0]
    if target is not root:
        holds = target.namespace == PROTOCOL or any(each is signature for each in target.walk())
        mistake = SamlMistake.WRAPPED if holds else SamlMistake.REFERENCE
        inside = f"the {target.name} inside {root.name}"
        return _fault(mistake, f"it is over {inside}, while {root.name} is what is read")
    if root.attributes.get("ID") != identifier:
        name = next(name for name, value in _ids(root).items() if value == identifier)
        words = f"it refers to the {name} of {root.name}, where SAML has an ID"
        return _fault(SamlMistake.REFERENCE, words)
    return None


def _ids(element: Element) -> Mapping[str, str]:
    return {
        name: value
        for name, value in element.attributes.items()
        if name.rpartition("}")[2] in ("ID", "Id", "id")
    }


def _misplaced(root: Element, parent: Element | None) -> Fault | None:
    if parent is root:
        return None
    where = f"inside {parent.name}" if parent else "for itself"
    return _fault(SamlMistake.MALFORMED, f"it stands {where}, not right inside the request")


def _transformed(signature: Element) -> Fault | None:
    uris = [_algorithm(each) for each in transforms_of(references_of(signature)[0])]
    # SAML Core §5.4.4
    strange = [uri for uri in uris if uri != ENVELOPED and uri not in CANONICALIZATIONS]
    if strange:
        words = f"what it refers to goes through the transform {quoted(strange[0])}"
        return _fault(SamlMistake.REFERENCE, f"{words}, which SAML does not have")
    if ENVELOPED not in uris:
        words = "its Reference has no enveloped-signature transform, so it is over itself too"
        return _fault(SamlMistake.TRANSFORM_MISSING, words)
    return None


def _algorithm(element: Element) -> str:
    return element.attributes.get("Algorithm", "")
