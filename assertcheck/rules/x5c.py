"""`x5c`: the certificates that an assertion carries along."""

from __future__ import annotations

from collections.abc import Sequence

from assertcheck.keys.header import X5cEntry, X5cMistake, chain_order, x5c_entries
from assertcheck.model import Candidate, FlawKind, Outcome, Problem, Severity, Trial
from assertcheck.rules.key_mistakes import labels_of, registered_in
from assertcheck.rules.rule import Context, rule
from assertcheck.verifier.thumbprint import named_candidates
from assertcheck.words import listed

_X5C = "RFC 7515 §4.1.6"
_UNLESS = ("header-not-json",)
_ENCODE = (
    "encode the certificate's DER once: "
    "`openssl x509 -in cert.pem -outform DER | openssl base64 -A`"
)
_UNREADABLE = {
    X5cMistake.NOT_A_STRING: "is not a string",
    X5cMistake.EMPTY: "is empty",
    X5cMistake.HEX: "is in hex",
    X5cMistake.BASE64_TWICE: "is encoded twice",
    X5cMistake.NOT_BASE64: "is not base64",
    X5cMistake.NOT_A_CERTIFICATE: "is base64, but of no certificate",
}


@rule(
    "x5c-contains-private-key",
    "A private key in the header",
    severity=Severity.WARNING,
    source=_X5C,
    unless=_UNLESS,
)
def x5c_contains_private_key(ctx: Context) -> tuple[Problem, ...]:
    """`x5c` is for certificates, which are public; the header is readable by whoever sees it.

    A private key there has been sent along with every assertion and stands in every log of them:
    take it as known to others. It is not shown here.

    Make a new key and certificate, `az ad app credential reset --id APP --create-cert`, remove the
    old one from the app, and put the certificate alone into `x5c`.
    """
    places = [
        flaw.at
        for flaw in ctx.assertion.flaws_of(FlawKind.SECRET_INSIDE)
        if flaw.at.startswith("header.x5c") and flaw.detail == "a private key"
    ]
    return tuple(
        Problem(
            at=at,
            message=f"{at.removeprefix('header.')} holds a private key, which is not shown",
            fix="replace this key and its certificate, and put the new certificate alone into x5c",
            expected="the certificate alone",
            actual="a private key",
        )
        for at in places
    )


@rule(
    "x5c-not-an-array",
    "x5c is not an array",
    severity=Severity.WARNING,
    source=_X5C,
    unless=_UNLESS,
)
def x5c_not_an_array(ctx: Context) -> tuple[Problem, ...]:
    """`x5c` is an array of strings, even for one certificate.

    For most apps Entra ID ignores `x5c`; an app that trusts certificates by subject name and issuer
    needs it, and a bare string is not it.

    Put brackets around it. Good: `"x5c":["MIIDPjCC…"]`. Bad: `"x5c":"MIIDPjCC…"`.
    """
    return _x5c(ctx, (X5cMistake.NOT_AN_ARRAY,), "is not an array", 'write "x5c":["MII…"]')


@rule(
    "x5c-contains-pem",
    "PEM text in x5c",
    severity=Severity.WARNING,
    source=_X5C,
    unless=_UNLESS,
)
def x5c_contains_pem(ctx: Context) -> tuple[Problem, ...]:
    """An entry of `x5c` is the base64 of a certificate's DER octets, without the lines around it.

    For most apps Entra ID ignores `x5c`; an app that trusts certificates by subject name and issuer
    needs it, and `-----BEGIN CERTIFICATE-----` is no base64.

    Leave the first and last line out, or encode the DER: `openssl x509 -in cert.pem -outform DER |
    openssl base64 -A`. Good: `MIIDPjCC…`. Bad: `-----BEGIN CERTIFICATE-----…`, `LS0tLS1CRUdJTi…`.
    """
    return _x5c(ctx, (X5cMistake.PEM, X5cMistake.PEM_IN_BASE64), "holds PEM text", _ENCODE)


@rule(
    "x5c-is-base64url",
    "x5c in base64url",
    severity=Severity.WARNING,
    source=_X5C,
    unless=_UNLESS,
)
def x5c_is_base64url(ctx: Context) -> tuple[Problem, ...]:
    """An entry of `x5c` is in standard base64, unlike everything else in a JWT.

    For most apps Entra ID ignores `x5c`; whether one that needs it takes the other alphabet is not
    known.

    Encode with `+` and `/`. Good: `MIIDPjCC…+…/…`. Bad: `MIIDPjCC…-…_…`.
    """
    return _x5c(ctx, (X5cMistake.BASE64URL,), "is in base64url", _ENCODE)


@rule(
    "x5c-unreadable",
    "No certificate in an entry of x5c",
    severity=Severity.WARNING,
    source=_X5C,
    unless=_UNLESS,
)
def x5c_unreadable(ctx: Context) -> tuple[Problem, ...]:
    """Each entry of `x5c` is a string: the base64 of one certificate's DER octets.

    For most apps Entra ID ignores `x5c`; an app that trusts certificates by subject name and issuer
    needs it, and cannot read this one.

    Encode the DER once: `openssl x509 -in cert.pem -outform DER | openssl base64 -A`. Good:
    `MIIDPjCC…`. Bad: hex, base64 of base64, a PKCS#7 file, an object, an empty array.
    """
    found = tuple(
        problem
        for mistake, what in _UNREADABLE.items()
        for problem in _x5c(ctx, (mistake,), what, _ENCODE)
    )
    if ctx.assertion.header.get("x5c") != []:
        return found
    return (
        Problem(
            at="header.x5c",
            message="x5c is an empty array",
            fix="leave x5c out, or put the certificate into it",
            actual="[]",
        ),
    )


@rule(
    "x5c-wrong-order",
    "Certificates of x5c in the wrong order",
    severity=Severity.WARNING,
    source=_X5C,
    unless=_UNLESS,
)
def x5c_wrong_order(ctx: Context) -> tuple[Problem, ...]:
    """The first certificate of `x5c` is the one whose key signed; its issuer follows, and so on.

    For most apps Entra ID ignores `x5c`; for one that trusts certificates by subject name and
    issuer, it takes the first one's key, and with a CA's key no signature fits.

    Put the leaf first. Good: leaf, intermediate. Bad: root, intermediate, leaf.
    """
    candidates = _x5c_candidates(ctx)
    ordered = chain_order(candidates)
    if ordered == candidates:
        return ()
    return (
        Problem(
            at="header.x5c",
            message=f"{candidates[0].label} issued another certificate of x5c"
            if ordered[0] != candidates[0]
            else "a certificate of x5c is not followed by its issuer",
            fix="put the leaf first, then its issuer, then that one's",
            expected=listed([_short_label(each) for each in ordered], last="then"),
            actual=listed([_short_label(each) for each in candidates], last="then"),
        ),
    )


@rule(
    "x5c-leaf-is-not-signer",
    "x5c holds another certificate than the one that signed",
    severity=Severity.WARNING,
    source=_X5C,
    unless=_UNLESS,
)
def x5c_leaf_is_not_signer(ctx: Context) -> tuple[Problem, ...]:
    """The first certificate of `x5c` is the one whose key signed.

    For most apps Entra ID ignores `x5c`; for one that trusts certificates by subject name and
    issuer, it takes the key from there, and the signature does not fit it.

    Fill `x5c` from the file that the key comes from. Good: `x5c` and `x5t` of one certificate.
    """
    leaf = _x5c_leaf(ctx)
    signers = labels_of(ctx, Outcome.VALID)
    if leaf is None or leaf.outcome is not Outcome.INVALID or not signers:
        return ()
    if _is_among(leaf.candidate, named_candidates(ctx.thumbprints)):
        # x5c and x5t agree: then the signature is the one that is wrong.
        return ()
    return (
        Problem(
            at=leaf.candidate.label,
            message=f"the key of {leaf.candidate.label}, {_subject(leaf.candidate)}, "
            f"did not make the signature; that of {listed(signers)} did",
            fix=f"put {signers[0]} first into x5c, or leave x5c out",
            expected=signers[0],
            actual=_subject(leaf.candidate),
        ),
    )


@rule(
    "x5c-leaf-is-not-registered",
    "x5c holds another certificate for the same key",
    severity=Severity.NOTE,
    source=_X5C,
    unless=_UNLESS,
)
def x5c_leaf_is_not_registered(ctx: Context) -> tuple[Problem, ...]:
    """The first certificate of `x5c` and the registered one hold the same key, but are not the same.

    For most apps Entra ID ignores `x5c`, so this is not why an assertion fails. It is what a renewed
    certificate looks like half-way through its roll-out.

    Finish the roll-out: register the renewed certificate, and take `x5t` and `x5c` from it.
    """
    leaf = _x5c_leaf(ctx)
    registered = [trial for trial in registered_in(ctx) if trial.candidate.certificate]
    same_key = [
        trial.candidate
        for trial in registered
        if leaf and leaf.outcome is Outcome.VALID and trial.candidate.key == leaf.candidate.key
    ]
    if leaf is None or not same_key or _is_among(leaf.candidate, same_key):
        return ()
    if _is_among(leaf.candidate, named_candidates(ctx.thumbprints)):
        # x5t-of-renewed-cert-same-key has it.
        return ()
    return (
        Problem(
            at=leaf.candidate.label,
            message=f"{leaf.candidate.label}, {_subject(leaf.candidate)}, is not "
            f"{same_key[0].label} but has the same key",
            fix="take x5t and x5c from one certificate, and register that one",
            expected=same_key[0].label,
            actual=_subject(leaf.candidate),
        ),
    )


def _x5c(ctx: Context, mistakes: Sequence[X5cMistake], what: str, fix: str) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            at=entry.at,
            message=f"{entry.at.removeprefix('header.')} {what}",
            fix=fix,
            expected="the base64 of the certificate's DER",
            actual=_head(entry),
        )
        for entry in x5c_entries(ctx.assertion.header)
        if not set(mistakes).isdisjoint(entry.mistakes)
    )


def _head(entry: X5cEntry) -> str:
    """Show how an entry begins: enough to know it by."""
    return f"{entry.text[:32]}..." if len(entry.text) > 32 else entry.text or "no text"


def _x5c_candidates(ctx: Context) -> tuple[Candidate, ...]:
    entries = x5c_entries(ctx.assertion.header)
    return tuple(entry.candidate for entry in entries if entry.candidate)


def _x5c_leaf(ctx: Context) -> Trial | None:
    """Return how the leaf of `x5c` fared; `None` if there is none, or one entry hides it."""
    entries = x5c_entries(ctx.assertion.header)
    candidates = [entry.candidate for entry in entries if entry.candidate]
    if not candidates or len(candidates) < len(entries):
        return None
    label = chain_order(candidates)[0].label
    return next((trial for trial in ctx.trials if trial.candidate.label == label), None)


def _is_among(candidate: Candidate, others: Sequence[Candidate]) -> bool:
    """Tell whether the certificate of `candidate` is one of `others`, wherever they come from."""
    certificate = candidate.certificate
    return certificate is not None and any(
        each.certificate is not None and each.certificate.sha256 == certificate.sha256
        for each in others
    )


def _subject(candidate: Candidate) -> str:
    return candidate.certificate.subject if candidate.certificate else candidate.key_text


def _short_label(candidate: Candidate) -> str:
    return f"{candidate.label.removeprefix('header.')} ({_subject(candidate)})"


RULES = (
    x5c_contains_private_key,
    x5c_not_an_array,
    x5c_contains_pem,
    x5c_is_base64url,
    x5c_unreadable,
    x5c_wrong_order,
    x5c_leaf_is_not_signer,
    x5c_leaf_is_not_registered,
)
