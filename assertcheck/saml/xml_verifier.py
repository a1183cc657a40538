"""Verifies the signature in a request's XML by every candidate's key, with `signxml`.

Importing this module takes the extra `assertcheck[saml]`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from assertcheck.model import Candidate, Outcome, Role, Trial
from assertcheck.saml.algorithms import AlgorithmKind, SignatureAlgorithm, algorithm
from assertcheck.saml.model import SIGNATURE, SamlAutopsy, SamlMistake, SamlVerification
from assertcheck.saml.xml_canonical import (
    detach,
    ds,
    inherit,
    is_readable,
    opened,
    parser,
    signatures_in,
)
from assertcheck.saml.xml_facts import Located, SignedMessage, read_message
from assertcheck.saml.xml_search import examine_xml
from assertcheck.saml.xml_structure import Fault
from assertcheck.verifier.hashing import HASH_NAMED

_Key = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
_KEYS: Mapping[AlgorithmKind, type[rsa.RSAPublicKey] | type[ec.EllipticCurvePublicKey]] = {
    AlgorithmKind.RSA: rsa.RSAPublicKey,
    AlgorithmKind.RSA_PSS: rsa.RSAPublicKey,
    AlgorithmKind.ECDSA: ec.EllipticCurvePublicKey,
}
"""What kind of key is tried: the message picks a row, and the row says what fits."""
_METHODS = {each.value: each for each in SignatureMethod}
"""The URIs that signxml knows."""
_ALWAYS = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))


def verify_message(
    message: SignedMessage, candidates: Sequence[Candidate], *, thorough: bool
) -> SamlVerification | None:
    """Return how the signature of `message` fares; `None` if its XML cannot be read.

    1. Try each candidate. A fault in the structure makes every one of them invalid.
    2. If a registered one fits, that is all.
    3. Of two signatures the first is verified; see whether the second explains that it fails.
    4. Else search for who signed what.
    """
    if not is_readable(message.xml) or not signatures_in(opened(message.xml)):
        return None
    trials = _trials(opened(message.xml), message, candidates)
    autopsy = None
    if not any(
        each.outcome is Outcome.VALID and each.candidate.role is Role.REGISTERED for each in trials
    ):
        autopsy = _by_two(message, candidates) or examine_xml(
            message, candidates, thorough=thorough
        )
    return SamlVerification(signature=message.signature, trials=trials, autopsy=autopsy)


def _trials(
    root: etree._Element, message: SignedMessage, candidates: Sequence[Candidate]
) -> tuple[Trial, ...]:
    named = algorithm(message.signature.algorithm)
    if named is None or named.uri not in _METHODS or not _is_tried(named):
        why = "SignatureMethod names no algorithm that is tried"
        return tuple(_not_tried(each, why) for each in candidates)
    if message.fault and message.fault.mistake is SamlMistake.MALFORMED:
        return tuple(_not_tried(each, message.fault.words) for each in candidates)
    if message.signature.octets is None:
        return tuple(_not_tried(each, "SignatureValue is not base64") for each in candidates)
    uri = message.signature.canonicalization or ""
    for signature in root.iterchildren(ds("Signature")):
        for signed_info in signature.iterchildren(ds("SignedInfo")):
            inherit(signed_info, uri)
    return tuple(_try(root, named, message.fault, each) for each in candidates)


def _is_tried(named: SignatureAlgorithm) -> bool:
    return named.kind in _KEYS and named.hash_name in HASH_NAMED


def _try(
    root: etree._Element, named: SignatureAlgorithm, fault: Fault | None, candidate: Candidate
) -> Trial:
    key = candidate.key
    if not isinstance(key, _KEYS[named.kind]):
        return _not_tried(candidate, f"{candidate.key_text} is no key for {named.name}")
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _smallest(named):
        return _not_tried(candidate, f"{candidate.key_text} is too small for {named.name}")
    if fault:
        return Trial(candidate=candidate, outcome=Outcome.INVALID)
    try:
        XMLVerifier().verify(
            root,
            x509_cert=_bearer(key),
            validate_schema=False,
            parser=parser(),
            id_attribute="ID",
            expect_config=SignatureConfiguration(
                location="./",
                signature_methods=frozenset({_METHODS[named.uri]}),
                digest_algorithms=frozenset(DigestAlgorithm),
                ignore_ambiguous_key_info=True,
            ),
        )
    except (SignXMLException, etree.LxmlError, ValueError, UnsupportedAlgorithm):
        return Trial(candidate=candidate, outcome=Outcome.INVALID)
    return Trial(candidate=candidate, outcome=Outcome.VALID)


def _not_tried(candidate: Candidate, why: str) -> Trial:
    return Trial(candidate=candidate, outcome=Outcome.NOT_TRIED, why=why)


def _smallest(named: SignatureAlgorithm) -> int:
    """Return the bits of the smallest modulus that has room for what is signed."""
    size = HASH_NAMED[named.hash_name].size
    if named.kind is AlgorithmKind.RSA_PSS:
        # RFC 8017 §9.1.1, step 3, with a salt as long as the hash; the top bit stays free.
        return 8 * (2 * size + 2) - 6
    # RFC 8017 §9.2: 19 octets of DigestInfo, the digest, at least 11 octets of padding.
    return 8 * (19 + size + 11) - 7


@cache
def _issuer() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def _bearer(key: _Key) -> x509.Certificate:
    """Return a certificate for `key` that nothing is wrong with.

    signxml takes keys in certificates only, and minds their dates; here the key alone counts, and
    the dates are for the rules.
    """
    name = x509.Name([])
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key)
        .serial_number(1)
        .not_valid_before(_ALWAYS[0])
        .not_valid_after(_ALWAYS[1])
        .sign(_issuer(), None)
    )


def _by_two(message: SignedMessage, candidates: Sequence[Candidate]) -> SamlAutopsy | None:
    """Say which of two signatures right inside the root would verify, where the first does not."""
    root = opened(message.xml)
    _, *others = [*root.iterchildren(ds("Signature"))] or [None]
    rivals = list(message.root.all("Signature", SIGNATURE))[1:2]
    if not others or not rivals:
        return None
    for other in others:
        detach(other)
    signer = _fitting(_trials(root, message, candidates))
    if signer:
        words = "the first of two signatures verifies once the other is taken out"
        return SamlAutopsy(mistake=SamlMistake.TWO_SIGNATURES, candidate=signer, words=words)
    root = opened(message.xml)
    first, second, *_ = root.iterchildren(ds("Signature"))
    # signxml takes the first: the two change places, and what stands around them stays.
    first.tail, second.tail = second.tail, first.tail
    second.addnext(first)
    located = Located(element=rivals[0], parent=message.root)
    signer = _fitting(_trials(root, read_message(message.xml, message.root, located), candidates))
    if signer:
        words = "the second of two signatures verifies, the first one does not"
        return SamlAutopsy(mistake=SamlMistake.TWO_SIGNATURES, candidate=signer, words=words)
    detach(first)
    signer = _fitting(_trials(root, read_message(message.xml, message.root, located), candidates))
    if signer:
        words = "the second of two signatures verifies once the first is taken out"
        return SamlAutopsy(mistake=SamlMistake.TWO_SIGNATURES, candidate=signer, words=words)
    return None


def _fitting(trials: Sequence[Trial]) -> Candidate | None:
    return next((each.candidate for each in trials if each.outcome is Outcome.VALID), None)
