"""The signatures that stand in a request's XML: what they say, and whether the right one verifies.

What they say needs nothing more. Whether one verifies takes `signxml` and `lxml`, which the extra
`assertcheck[saml]` brings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assertcheck.model import Candidate, Outcome, Trial
from assertcheck.saml.model import (
    Element,
    SamlAutopsy,
    SamlFlawKind,
    SamlRequest,
    SamlSignature,
    SamlVerification,
)
from assertcheck.saml.xml_facts import SignedMessage, locate, read_message, read_signature
from assertcheck.saml.xml_key_info import named_in

MOST_OCTETS = 1024 * 1024
"""Of XML that is canonicalised; a request has some thousands."""
INSTALL = "XML signatures take the extra assertcheck[saml]: `pip install '.[saml]'` in its folder"
_NOT_XML = "the XML is not well-formed: paste it as it was sent"
_MISREAD = "the XML is not in the encoding that it declares: write it in UTF-8"
_UNREADABLE = {
    SamlFlawKind.DTD: "the XML has a document type definition, which is not read: send it without",
    SamlFlawKind.TOO_LARGE: "the XML is too large: send a request of some thousand octets",
    SamlFlawKind.TOO_DEEP: "the XML is nested too deeply: send a request of a few levels",
    SamlFlawKind.NOT_XML: _NOT_XML,
}


def xml_signatures(root: Element) -> tuple[SamlSignature, ...]:
    """Return what every `ds:Signature` in the message `root` says, twenty at the most.

    Those right inside the root come first; the first of all is what `verify_xml` verifies.
    """
    return tuple(read_signature(each) for each in locate(root))


def verify_xml(
    request: SamlRequest, candidates: Sequence[Candidate], *, thorough: bool = True
) -> SamlVerification | None:
    """Return how the message's signature fares with each of `candidates`; `None` if there is none.

    `VALID` is a signature that verifies, stands right inside the root and is over all of the root.
    Keys in `KeyInfo` are tried only to explain, and SHA-1 is tried like any other hash: whether it
    is allowed is not judged here. `thorough` also mends single characters of a signature that does
    not verify. Never raise.
    """
    root = request.root
    located = locate(root) if root else ()
    if root is None or not located:
        return None
    message = read_message(request.xml or b"", root, located[0])
    why_not = _unreadable(request)
    if why_not:
        return _not_verified(message, candidates, why_not)
    try:
        # signxml and lxml are imported there, and nowhere else.
        from assertcheck.saml.xml_verifier import verify_message
    except ImportError:
        return _not_verified(message, candidates, INSTALL)
    found = verify_message(message, candidates, thorough=thorough)
    if found is None:
        is_misread = request.flaws_of(SamlFlawKind.NOT_UTF8)
        return _not_verified(message, candidates, _MISREAD if is_misread else _NOT_XML)
    if not message.signature.key_names:
        return found
    return replace(found, named=named_in(message.element, candidates))


def _unreadable(request: SamlRequest) -> str | None:
    """Return why the XML of `request` is not canonicalised; `None` if it is."""
    if not request.xml:
        return "there is no XML to canonicalise: paste the request as it was sent"
    if len(request.xml) > MOST_OCTETS:
        return _UNREADABLE[SamlFlawKind.TOO_LARGE]
    return next((why for kind, why in _UNREADABLE.items() if request.flaws_of(kind)), None)


def _not_verified(
    message: SignedMessage, candidates: Sequence[Candidate], why_not: str
) -> SamlVerification:
    why, fault = why_not.partition(":")[0], message.fault
    return SamlVerification(
        signature=message.signature,
        trials=tuple(
            Trial(candidate=each, outcome=Outcome.NOT_TRIED, why=why) for each in candidates
        ),
        autopsy=SamlAutopsy(mistake=fault.mistake, candidate=None, words=fault.words)
        if fault
        else None,
        why_not=why_not,
    )
