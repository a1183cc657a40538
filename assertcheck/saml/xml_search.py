"""Says why an XML signature does not verify: whose key, over which octets, and what came between.

1. Find the key and the `SignedInfo` that was signed: as received, by another canonicalisation,
   before an edit. The search is that for assertions, which reads an RSA key's padding.
2. Where `SignedInfo` is as it was signed, find the request that its digest is of, in the same way.
3. Name the first mistake in this order: form, a key that is not registered, the rest of the
   structure, how the signature is written, algorithm, `SignedInfo`, content.

Importing this module takes the extra `assertcheck[saml]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import rsa

from assertcheck.model import Candidate, Role
from assertcheck.saml.algorithms import algorithm, jose_name
from assertcheck.saml.model import SIGNATURE, SamlAutopsy, SamlMistake, SamlSignature
from assertcheck.saml.xml_facts import SignedMessage
from assertcheck.saml.xml_key_info import bare_keys_in
from assertcheck.saml.xml_origins import Content, Origin, content_of, signed_infos
from assertcheck.saml.xml_structure import CANONICALIZATIONS, Fault
from assertcheck.verifier.autopsy import Autopsy, Mistake, Proof, Scheme, Step
from assertcheck.verifier.case import UNKNOWN, Case, Purse, one_for_each_key
from assertcheck.verifier.digests import by_trust
from assertcheck.verifier.hashing import HASH_NAMED
from assertcheck.verifier.search import search
from assertcheck.verifier.signed_texts import Text
from assertcheck.verifier.transport import readings
from assertcheck.words import listed, quoted

_SCHEMES = {
    Scheme.PKCS1: "RSA",
    Scheme.PSS: "RSA-PSS",
    Scheme.ECDSA: "ECDSA",
    Scheme.EDDSA: "EdDSA",
    Scheme.HMAC: "HMAC",
}


def examine_xml(
    message: SignedMessage, candidates: Sequence[Candidate], *, thorough: bool
) -> SamlAutopsy | None:
    """Return why the signature of `message` does not verify by a registered key; never raise.

    Of a message with a fault in its structure only who signed is to be found out. `None` where
    nothing is wrong that shows without a key, and there is none. The work is bounded by counts.
    """
    own = (*message.signature.certificates, *bare_keys_in(message.element))
    keys = one_for_each_key(by_trust((*candidates, *own)))
    origins = tuple(signed_infos(message))
    found = _searched(message, keys, origins, thorough=thorough)
    signer = found.candidate if found.proof is not Proof.NONE else None
    autopsy = _all_but_the_key(message, found, signer, keys=keys, origins=origins)
    if signer is None or signer.role is Role.REGISTERED:
        return autopsy
    is_known = any(each.role is Role.REGISTERED for each in candidates)
    other = _other_key(signer, is_known=is_known)
    if autopsy is None:
        return other
    if not is_known or autopsy.mistake is SamlMistake.MALFORMED:
        return autopsy
    # Whatever else is mended, a signature by this key is not taken.
    return replace(
        other,
        also=(autopsy.mistake, *autopsy.also),
        algorithm=autopsy.algorithm,
        besides=autopsy.words,
    )


def _all_but_the_key(
    message: SignedMessage,
    found: Autopsy,
    signer: Candidate | None,
    *,
    keys: Sequence[Candidate],
    origins: Sequence[Origin],
) -> SamlAutopsy | None:
    """Return what is wrong whoever `signer` is; `None` if that is nothing."""
    if message.fault:
        return _by_structure(message, message.fault, signer)
    if message.signature.octets is None or found.transport:
        return _miswritten(message, found, signer)
    content = content_of(message)
    if signer is None:
        return _unsigned(content, keys)
    made = _made(found, message.signature)
    origin = next((each for each in origins if _steps(each) == found.text), None)
    if origin is None:
        return _changed(content, signer, made, _inclusive(message.signature))
    if origin.mistake:
        return _edited(message, origin, signer, made)
    if made:
        words = f"made as {made}{_oddities(found)}, where it names {_named(message.signature)}"
        return SamlAutopsy(
            mistake=SamlMistake.OTHER_ALGORITHM, candidate=signer, words=words, algorithm=made
        )
    if content.mistake:
        return SamlAutopsy(mistake=content.mistake, candidate=signer, words=content.words)
    return None


def _searched(
    message: SignedMessage, keys: Sequence[Candidate], origins: Sequence[Origin], *, thorough: bool
) -> Autopsy:
    value = message.element.first("SignatureValue", SIGNATURE)
    segment = "".join(value.text.split()) if value else ""
    if not origins or not segment:
        return UNKNOWN
    return search(
        Case(
            segment=segment,
            readings=readings(segment),
            candidates=tuple(keys),
            suspect=_suspect(message, keys),
            algorithm=jose_name(algorithm(message.signature.algorithm)) or "",
            near=lambda: (Text(octets=each.octets, steps=_steps(each)) for each in origins),
            far=lambda: iter(()),
            secrets=lambda: iter(()),
            thorough=thorough,
            purse=Purse(),
        )
    )


def _steps(origin: Origin) -> tuple[Step, ...]:
    # The words of each are its own, so they tell the texts apart.
    return (Step(id=Mistake.OTHER_TEXT, words=origin.words),) if origin.mistake else ()


def _suspect(message: SignedMessage, keys: Sequence[Candidate]) -> Candidate | None:
    """Return the key that should have signed: the one in `KeyInfo`, or the only one registered."""
    own = [each.key for each in message.signature.certificates[:1]]
    named = [each for each in keys if each.key in own]
    registered = [each for each in keys if each.role is Role.REGISTERED]
    return next(iter(named or registered), None) if named or len(registered) == 1 else None


def _by_structure(message: SignedMessage, fault: Fault, signer: Candidate | None) -> SamlAutopsy:
    words = fault.words
    if fault.mistake is SamlMistake.TRANSFORM_MISSING and not content_of(message).mistake:
        words += "; with the transform its digest is right"
    return SamlAutopsy(mistake=fault.mistake, candidate=signer, words=words)


def _miswritten(message: SignedMessage, found: Autopsy, signer: Candidate | None) -> SamlAutopsy:
    """Say how `SignatureValue` is written in place of base64, or what became of it."""
    steps = [step.words for step in found.transport]
    if message.signature.octets is None and signer is None:
        words = "SignatureValue is not base64"
        return SamlAutopsy(mistake=SamlMistake.MALFORMED, candidate=None, words=words)
    how = listed(steps) if steps else "base64url, or base64 without its padding"
    words = f"SignatureValue is not as XML Signature has it: {how}"
    return SamlAutopsy(mistake=SamlMistake.TRANSPORT, candidate=signer, words=words)


def _unsigned(content: Content, keys: Sequence[Candidate]) -> SamlAutopsy | None:
    """Say what shows though none of `keys` is proven to have signed."""
    if content.mistake:
        return SamlAutopsy(mistake=content.mistake, candidate=None, words=content.words)
    if not keys:
        return None
    # RSA alone shows a key whatever it signed.
    doubt = any(not isinstance(each.key, rsa.RSAPublicKey) for each in keys)
    hedge = ", as far as SignedInfo is what was signed" if doubt else ""
    words = f"signed by none of the keys at hand ({len(keys)}){hedge}"
    return SamlAutopsy(mistake=SamlMistake.UNKNOWN_KEY, candidate=None, words=words)


def _made(found: Autopsy, signature: SamlSignature) -> str | None:
    """Return what the signature was made with, as a name; `None` where it is what it names."""
    named = algorithm(signature.algorithm)
    scheme = found.scheme
    if scheme is None or (
        named
        and scheme.value == named.kind.value
        and found.hash_name == named.hash_name
        and not _oddities(found)
    ):
        return None
    return f"{_SCHEMES[scheme]}-{(found.hash_name or 'unhashed').replace('SHA-', 'SHA')}"


def _oddities(found: Autopsy) -> str:
    """Return what is odd about how the digest was signed, for the end of a clause."""
    odd = [step.words for step in found.digesting]
    size = HASH_NAMED[found.hash_name].size if found.hash_name in HASH_NAMED else None
    if found.salt_length is not None and found.salt_length != size:
        odd.append(f"a salt of {found.salt_length} octets")
    if found.mgf_hash_name and found.mgf_hash_name != found.hash_name:
        odd.append(f"MGF1 by {found.mgf_hash_name}")
    return f" with {listed(odd)}" if odd else ""


def _named(signature: SamlSignature) -> str:
    named = algorithm(signature.algorithm)
    return named.name if named else quoted(signature.algorithm)


def _inclusive(signature: SamlSignature) -> str | None:
    """Return the name of the canonicalisation of `SignedInfo`, if it takes in what is around it."""
    method = CANONICALIZATIONS.get(signature.canonicalization or "")
    return method.name if method and not method.is_exclusive else None


def _changed(
    content: Content, signer: Candidate, made: str | None, inclusive: str | None
) -> SamlAutopsy:
    around = f" or a namespace around it, which {inclusive} takes in," if inclusive else ""
    words = (
        f"signed over another SignedInfo: it was changed,{around} or the signature is of another "
        "request"
    )
    if content.mistake is None:
        words = "SignedInfo was changed after signing, though its digest is that of the request"
    return SamlAutopsy(
        mistake=SamlMistake.SIGNED_INFO_CHANGED, candidate=signer, words=words, algorithm=made
    )


def _edited(
    message: SignedMessage, origin: Origin, signer: Candidate, made: str | None
) -> SamlAutopsy:
    """Say what `origin` is, and what else happened to the request."""
    content = content_of(message, origin.edit)
    words = f"{origin.words}, and {content.words}" if content.mistake else origin.words
    if content.mistake is SamlMistake.PRETTY_PRINTED and "white space" in origin.words:
        # The same white space, as it shows in `SignedInfo` and in all of the request.
        is_told = content.words == origin.words or "in the signature" in content.words
        words = content.words if is_told else f"{content.words}, and in the signature too"
    mistake = content.mistake or origin.mistake or SamlMistake.OTHER_OCTETS
    return SamlAutopsy(mistake=mistake, candidate=signer, words=words, algorithm=made)


def _other_key(signer: Candidate, *, is_known: bool) -> SamlAutopsy:
    """Say whose key signed in place of a registered one, as far as it `is_known` what those are."""
    whose = f"{signer.label} ({signer.key_text})"
    if signer.role is Role.HEADER:
        whose = f"the {'certificate' if signer.certificate else 'bare key'} in {signer.label}"
    if is_known:
        whose += ", which is not registered"
    return SamlAutopsy(
        mistake=SamlMistake.OTHER_KEY, candidate=signer, words=f"signed by the key of {whose}"
    )
