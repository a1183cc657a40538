"""The signature in the query: finds it, and says how it fares (SAML Bindings §3.4.4.1)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence

from assertcheck.model import Candidate, Outcome, Role, Trial
from assertcheck.saml.algorithms import algorithm
from assertcheck.saml.model import (
    Place,
    SamlAutopsy,
    SamlMistake,
    SamlRequest,
    SamlSignature,
    SamlSubmission,
    SamlVerification,
)
from assertcheck.saml.query_drafts import SIG_ALG, SIGNATURE, Query, read_query, right_texts

LINE_BREAKS = "line breaks"


def query_signature(submission: SamlSubmission) -> SamlSignature | None:
    """Return the signature in the parameters of `submission`, in a query or a form.

    `None` where there is neither `SigAlg` nor `Signature`; with one of them alone the other is
    `None` in the result. A form is the wrong place for them, which is for the rules to say.
    """
    uri, written = submission.value(SIG_ALG), submission.value(SIGNATURE)
    if uri is None and written is None:
        return None
    octets = None if written is None else _octets(written)
    return SamlSignature(place=Place.QUERY, algorithm=uri, octets=octets)


def oddities(submission: SamlSubmission) -> tuple[str, ...]:
    """Say how `Signature` differs from plain base64 (RFC 4648 §4) though it can be read.

    .NET's own decoder passes over line breaks and stops at missing padding; what Entra ID does is
    not known.
    """
    written = submission.value(SIGNATURE)
    if written is None or not _octets(written):
        return ()
    bare = _unbroken(written)
    odd = []
    if submission.is_as_sent and "+" in (submission.raw(SIGNATURE) or ""):
        odd.append("a bare +, which form decoding makes a space of")
    if bare != written:
        odd.append(f"{LINE_BREAKS} or spaces around its base64")
    missing = -len(bare.rstrip("=")) % 4
    padded = len(bare) - len(bare.rstrip("="))
    if padded < missing:
        odd.append(f"{missing} = missing at the end of its base64")
    if padded > missing:
        odd.append(f"{padded} = at the end of its base64, where {missing} belong")
    return tuple(odd)


def verify_query(
    submission: SamlSubmission,
    request: SamlRequest,
    candidates: Sequence[Candidate],
    *,
    thorough: bool = True,
) -> SamlVerification:
    """Try `candidates` on the signature in the query, and explain it where no registered one fits.

    1. The octets signed are `SAMLRequest`, `RelayState` if it is there, and `SigAlg`, in this order
       and as received, whatever their order in the URL. Where the paste does not show how they were
       encoded, any usual encoding may fit.
    2. `SigAlg` picks a row of the fixed table, and the row says what kind of key is tried.
    3. If a registered candidate fits, that is all. Another one that fits is the explanation.
    4. Else search for what was signed, and by whom; `thorough` also mends single characters.

    Never raise, and never try a symmetric key: what is not tried is `NOT_TRIED`, with the reason.
    """
    # Imported here because the rules need the functions above and no cryptography.
    from assertcheck.saml.query_trials import try_query
    from assertcheck.verifier.digests import by_trust

    signature = query_signature(submission) or SamlSignature(
        place=Place.QUERY, algorithm=None, octets=None
    )
    query = read_query(submission, request)
    why_not = _why_not(submission, query)
    if query is None or why_not is not None:
        trials = tuple(
            Trial(candidate=each, outcome=Outcome.NOT_TRIED, why=why_not or "")
            for each in candidates
        )
        return SamlVerification(signature=signature, trials=trials, autopsy=None, why_not=why_not)
    # What is in another alphabet is not taken as it is, and searched for what it is.
    texts = () if _is_url_safe(submission.value(SIGNATURE) or "") else right_texts(query)
    trials = try_query(signature, texts, candidates)
    fitting = by_trust(each.candidate for each in trials if each.outcome is Outcome.VALID)
    if not candidates or (fitting and fitting[0].role is Role.REGISTERED):
        return SamlVerification(signature=signature, trials=trials, autopsy=None)
    if fitting:
        autopsy = SamlAutopsy(
            mistake=SamlMistake.OTHER_KEY,
            candidate=fitting[0],
            words=f"signed by the key of {fitting[0].label} ({fitting[0].key_text})",
        )
        return SamlVerification(signature=signature, trials=trials, autopsy=autopsy)
    return _explained(query, signature, candidates, trials, thorough=thorough)


def _explained(
    query: Query,
    signature: SamlSignature,
    candidates: Sequence[Candidate],
    trials: tuple[Trial, ...],
    *,
    thorough: bool,
) -> SamlVerification:
    """Return what the search says of a signature that no candidate fits."""
    from assertcheck.saml.query_search import search_query
    from assertcheck.saml.query_trials import is_verified

    row = algorithm(signature.algorithm)
    autopsy = search_query(query, row, candidates, thorough=thorough)
    if autopsy.mistake is SamlMistake.UNKNOWN_KEY and row and not is_verified(row):
        why_not = f"{row.name} is not verified here; sign with RSA-SHA256"
        return SamlVerification(signature=signature, trials=trials, autopsy=None, why_not=why_not)
    signer = autopsy.candidate
    is_right = autopsy.mistake is SamlMistake.ESCAPES and autopsy.algorithm is None
    if signer and is_right and not query.submission.is_as_sent:
        # The encoding signed is one that may have been sent.
        trials = tuple(
            Trial(candidate=each.candidate, outcome=Outcome.VALID)
            if each.candidate.key == signer.key
            else each
            for each in trials
        )
        return SamlVerification(signature=signature, trials=trials, autopsy=None)
    return SamlVerification(signature=signature, trials=trials, autopsy=autopsy)


def _why_not(submission: SamlSubmission, query: Query | None) -> str | None:
    """Say what is missing for a signature to be tried on any key."""
    if not submission.value(SIGNATURE):
        return "there is no Signature in the query"
    if query is None:
        return "there is no SAMLRequest beside the Signature; paste the whole query"
    return None


def _is_url_safe(written: str) -> bool:
    """Tell whether `written` is in the URL-safe alphabet (RFC 4648 §5)."""
    return bool(re.search("[-_]", written)) and not re.search("[+/]", written)


def _unbroken(written: str) -> str:
    return re.sub(r"\s*[\t\r\n]\s*", "", written.strip())


def _octets(written: str) -> bytes | None:
    """Decode base64 of either alphabet, with line breaks or without padding; `None`: it is none.

    NOTE: a space inside is a `+` that a form decoder took, and no white space to pass over.
    """
    bare = _unbroken(written).rstrip("=")
    if _is_url_safe(bare):
        bare = bare.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
