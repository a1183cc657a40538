"""Which one fault a signature has, and how that is said."""

from __future__ import annotations

from enum import StrEnum

from assertcheck.model import Candidate, EntraCode, Outcome, Problem, Role
from assertcheck.rules.key_mistakes import held_signer, registered_in, right_value
from assertcheck.rules.rule import MISMATCH, Context, likely, seen
from assertcheck.verifier.autopsy import Autopsy, Mistake, Proof, Scheme
from assertcheck.verifier.thumbprint import named_candidates
from assertcheck.words import listed


class Fault(StrEnum):
    """What can be wrong with a signature; the value is the rule's id."""

    OTHER_KEY = "signed-with-other-key"
    CA_KEY = "signed-with-ca-key"
    UNKNOWN_KEY = "signed-with-unknown-key"
    HMAC = "hs256-with-public-key"
    HEX = "signature-hex"
    ENCODED_TWICE = "signature-encoded-twice"
    THROUGH_TEXT = "signature-through-text"
    REVERSED = "signature-reversed"
    LEADING_ZERO = "signature-leading-zero"
    WRAPPED = "signature-wrapped"
    TRUNCATED = "signature-truncated"
    CHARACTERS_LOST = "signature-characters-lost"
    CORRUPTED = "signature-corrupted"
    ECDSA_DER = "ecdsa-der-signature"
    CURVE = "signed-with-elliptic-curve"
    PSS_UNDER_RS = "pss-signature-under-rs256"
    PKCS1_UNDER_PS = "pkcs1-signature-under-ps256"
    WRONG_HASH = "signature-wrong-hash"
    PSS_SALT = "pss-salt-length"
    PSS_HASHES = "pss-hashes-differ"
    DOUBLE_HASHED = "double-hashed"
    NOT_HASHED = "signed-unhashed"
    NO_DIGESTINFO = "pkcs1-without-digestinfo"
    WRONG_DIGESTINFO = "pkcs1-digestinfo-wrong"
    PADDING = "rsa-padding-wrong"
    PAYLOAD_ONLY = "signed-payload-only"
    HEADER_ONLY = "signed-header-only"
    JSON = "signed-json-not-base64url"
    STANDARD_BASE64 = "signed-standard-base64-text"
    PADDED = "signed-padded-text"
    TRAILING = "signed-trailing-newline"
    UTF16 = "signed-utf16"
    NO_DOT = "signed-without-dot"
    NOTHING = "signed-nothing"
    OTHER_TEXT = "signed-other-text"
    RESERIALISED = "signed-other-serialisation"
    PAYLOAD_CHANGED = "payload-changed-after-signing"
    HEADER_CHANGED = "header-changed-after-signing"
    OTHER_BYTES = "right-key-other-bytes"


_BY_TRANSPORT = {
    Mistake.HEX: Fault.HEX,
    Mistake.ENCODED_AGAIN: Fault.ENCODED_TWICE,
    Mistake.THROUGH_TEXT: Fault.THROUGH_TEXT,
    Mistake.REVERSED: Fault.REVERSED,
    Mistake.ZERO_DROPPED: Fault.LEADING_ZERO,
    Mistake.WRAPPED: Fault.WRAPPED,
    Mistake.TRUNCATED: Fault.TRUNCATED,
    Mistake.CHARACTERS_LOST: Fault.CHARACTERS_LOST,
    Mistake.CORRUPTED: Fault.CORRUPTED,
}
_BY_DIGESTING = {
    Mistake.NO_DIGESTINFO: Fault.NO_DIGESTINFO,
    Mistake.DIGESTINFO_WRONG: Fault.WRONG_DIGESTINFO,
    Mistake.DIGEST_AS_TEXT: Fault.WRONG_DIGESTINFO,
    Mistake.NOT_HASHED: Fault.NOT_HASHED,
    Mistake.HASHED_AGAIN: Fault.DOUBLE_HASHED,
    Mistake.NO_PADDING: Fault.PADDING,
    Mistake.ENCRYPTION_PADDING: Fault.PADDING,
    Mistake.HASHES_DIFFER: Fault.PSS_HASHES,
}
_BY_TEXT = {
    Mistake.NOTHING: Fault.NOTHING,
    Mistake.HEADER_ONLY: Fault.HEADER_ONLY,
    Mistake.PAYLOAD_ONLY: Fault.PAYLOAD_ONLY,
    Mistake.JSON: Fault.JSON,
    Mistake.STANDARD_BASE64: Fault.STANDARD_BASE64,
    Mistake.PADDED: Fault.PADDED,
    Mistake.UNPADDED: Fault.PADDED,
    Mistake.TRAILING: Fault.TRAILING,
    Mistake.UTF16: Fault.UTF16,
    Mistake.NO_DOT: Fault.NO_DOT,
    Mistake.OTHER_SEPARATOR: Fault.NO_DOT,
    Mistake.RESERIALISED: Fault.RESERIALISED,
    Mistake.HEADER_CHANGED: Fault.HEADER_CHANGED,
    Mistake.PAYLOAD_CHANGED: Fault.PAYLOAD_CHANGED,
}
"""Whatever is not here is another text."""
_HASHES = {"256": "SHA-256", "384": "SHA-384", "512": "SHA-512"}
_SIZES = {"SHA-256": 32, "SHA-384": 48, "SHA-512": 64}
_SCHEMES = {"RS": Scheme.PKCS1, "PS": Scheme.PSS}
_PREFIXES = {Scheme.PKCS1: "RS", Scheme.PSS: "PS", Scheme.HMAC: "HS"}
_DIGITS = {name: digits for digits, name in _HASHES.items()}
_CURVES = (Scheme.ECDSA, Scheme.EDDSA)
_MOST_LABELS = 5
_KEY_SIZES = (128, 256, 384, 512)
_OTHER_KINDS = {
    32: "an HMAC with SHA-256",
    48: "an HMAC with SHA-384",
    64: "an HMAC with SHA-512 or of an elliptic curve",
    96: "the curve P-384",
    132: "the curve P-521",
}
"""Whose signatures have so many octets."""


def fault_of(ctx: Context) -> Fault | None:
    """Return the fault of the signature, the one to mend first; `None` where there is none known.

    The kind of key comes first, then whose it is, how the signature was written down, the scheme,
    the hash and its digest, and the text last: as long as an earlier one stays, mending a later one
    changes nothing.
    """
    autopsy, signer = ctx.autopsy, signer_of(ctx)
    if autopsy and autopsy.scheme is Scheme.HMAC:
        return Fault.HMAC
    if autopsy and autopsy.scheme in _CURVES:
        mistakes = {step.id for step in autopsy.transport}
        return Fault.ECDSA_DER if Mistake.DER in mistakes else Fault.CURVE
    if signer and _missed(ctx, signer):
        return Fault.CA_KEY if _has_issued(ctx, signer) else Fault.OTHER_KEY
    if autopsy is None:
        return None
    written = _BY_TRANSPORT[autopsy.transport[0].id] if autopsy.transport else None
    if written or autopsy.proof is not Proof.NONE:
        return written or _in_making(ctx, autopsy) or _in_text(autopsy)
    return Fault.UNKNOWN_KEY if registered_in(ctx) else None


def problem_of(ctx: Context, fault: Fault, fix: str) -> tuple[Problem, ...]:
    """Return the problem if `fault` is the one that the signature has."""
    if fault_of(ctx) is not fault:
        return ()
    expected, actual = _compared(ctx, fault)
    return (
        Problem(
            at="signature",
            message=account(ctx),
            fix=fix,
            expected=expected,
            actual=actual,
            aadsts=_codes(ctx),
        ),
    )


def signer_of(ctx: Context) -> Candidate | None:
    """Return the candidate whose key signed, the named one where several hold that key."""
    signers = [each.candidate for each in ctx.trials if each.outcome is Outcome.VALID]
    named = frozenset(named_candidates(ctx.thumbprints))
    signers.sort(key=lambda each: (each not in named, each.role is not Role.REGISTERED))
    if signers:
        return signers[0]
    return ctx.autopsy.candidate if ctx.autopsy else None


def intended_signer(ctx: Context) -> Candidate | None:
    """Return the candidate that should have signed: the named one, else the first registered."""
    registered = [each.candidate for each in registered_in(ctx)]
    named = named_candidates(ctx.thumbprints)
    known = frozenset(registered)
    wanted = [each for each in named if each in known] or [*named] or registered
    return wanted[0] if wanted else None


def thumbprint_of(ctx: Context, candidate: Candidate) -> str | None:
    """Return the header parameter that names `candidate`, to paste; `None` for a bare key."""
    name = "x5t" if "x5t" in ctx.assertion.header else "x5t#S256"
    value = right_value(name, candidate)
    return None if value is None else f'"{name}":"{value}"'


def account(ctx: Context) -> str:
    """Say how the signature was made, as far as it is known."""
    autopsy, signer = ctx.autopsy, signer_of(ctx)
    parts = [step.words for step in autopsy.transport] if autopsy else []
    made = _made(ctx, signer)
    if made:
        parts.append(", ".join(made))
    elif ctx.trials:
        kind = "" if parts else _kind_of_key(ctx)
        parts.append(f"signed with none of the keys tried: {_tried(ctx)}{kind}")
    if autopsy:
        parts += _search_told(autopsy)
    return "; ".join(parts)


def _search_told(autopsy: Autopsy) -> list[str]:
    """Return what was looked for in vain, and the bound of the search if that ended it."""
    counts = f"{autopsy.hashes} digests, {autopsy.verifications} verifications"
    bound = f" (the search ended at its bound: {counts})" if autopsy.exhausted else ""
    if autopsy.text is None and autopsy.proof is not Proof.NONE:
        return [
            "tried without success: other texts, one changed claim or header parameter, one "
            f"changed character; two changes or a new value cannot be found{bound}"
        ]
    return [f"not everything could be tried{bound}"] if bound else []


def _made(ctx: Context, signer: Candidate | None) -> list[str]:
    """Return what is known of how the signature was made: by which key, in which way, over what."""
    autopsy = ctx.autopsy
    made: list[str] = []
    if signer:
        probably = "probably " if autopsy and autopsy.proof is Proof.LIKELY else ""
        made.append(f"{probably}signed with the key of {signer.label} ({signer.key_text})")
        missed = _missed(ctx, signer)
        made += [f"not with that of {missed.label}"] if missed else []
    if autopsy and autopsy.hmac_key is not None:
        made.append(f"keyed with {autopsy.hmac_key}")
    if autopsy and autopsy.proof is not Proof.NONE:
        way = _way(autopsy)
        made += [f"as {way}"] if way != _declared_way(ctx) else []
        made.append(f"over {_text(autopsy)}")
    return made


def _codes(ctx: Context) -> tuple[EntraCode, ...]:
    """Return what Entra ID says to a signature that does not fit the key.

    ENTRA section 1.2: the newer wording was seen for other codes, and is inferred for this one.
    """
    if ctx.assertion.signature is None:
        return (likely("50027"),)
    if str(ctx.assertion.header.get("alg")).startswith("HS"):
        return (seen("5002738"),)
    return (likely("700027", MISMATCH),)


def _compared(ctx: Context, fault: Fault) -> tuple[str | None, str | None]:
    """Return what was expected of the signature and what it is, in what `fault` is about."""
    autopsy, signer, intended = ctx.autopsy, signer_of(ctx), intended_signer(ctx)
    if autopsy is None or fault in (Fault.OTHER_KEY, Fault.CA_KEY, Fault.UNKNOWN_KEY):
        expected = f"the key of {intended.label}" if intended else None
        return expected, f"the key of {signer.label}" if signer else "an unknown key"
    if fault in _BY_TRANSPORT.values():
        return "the signature's octets in base64url", autopsy.transport[0].words
    if fault in {*_BY_TEXT.values(), Fault.OTHER_TEXT, Fault.OTHER_BYTES}:
        return "header.payload as sent", _text(autopsy)
    return _declared_way(ctx), _way(autopsy)


def _missed(ctx: Context, signer: Candidate) -> Candidate | None:
    """Return the candidate that should have signed, if `signer` holds another key."""
    if signer == held_signer(ctx):
        # That it is not registered is said elsewhere.
        return None
    right = named_candidates(ctx.thumbprints) or [each.candidate for each in registered_in(ctx)]
    return None if any(each.key == signer.key for each in right) else intended_signer(ctx)


def _has_issued(ctx: Context, signer: Candidate) -> bool:
    """Tell whether the certificate of `signer` has issued another one at hand, by their names.

    That it may issue others says nothing: `openssl req -x509` writes CA:TRUE into every one.
    """
    above = signer.certificate
    if above is None:
        return False
    certificates = (each.candidate.certificate for each in ctx.trials)
    return any(each and above.subject == each.issuer != each.subject for each in certificates)


def _in_making(ctx: Context, autopsy: Autopsy) -> Fault | None:
    """Return the fault in scheme, hash or digest, as `alg` has them."""
    scheme, name = _declared(ctx)
    if scheme is None or (autopsy.text and autopsy.text[0].id is Mistake.HEADER_CHANGED):
        # It was made as the header said that was signed.
        return None
    if scheme is not autopsy.scheme:
        return Fault.PSS_UNDER_RS if scheme is Scheme.PKCS1 else Fault.PKCS1_UNDER_PS
    if autopsy.digesting:
        return _BY_DIGESTING[autopsy.digesting[0].id]
    if autopsy.hash_name != name:
        return Fault.WRONG_HASH
    if scheme is Scheme.PSS and autopsy.mgf_hash_name != name:
        return Fault.PSS_HASHES
    if scheme is Scheme.PSS and autopsy.salt_length != _SIZES[name]:
        return Fault.PSS_SALT
    return None


def _in_text(autopsy: Autopsy) -> Fault | None:
    if autopsy.text is None:
        return Fault.OTHER_BYTES
    return _BY_TEXT.get(autopsy.text[0].id, Fault.OTHER_TEXT) if autopsy.text else None


def _declared(ctx: Context) -> tuple[Scheme | None, str]:
    algorithm = str(ctx.assertion.header.get("alg"))
    return _SCHEMES.get(algorithm[:2]), _HASHES.get(algorithm[2:], "")


def _declared_way(ctx: Context) -> str | None:
    scheme, name = _declared(ctx)
    if scheme is None or not name:
        return None
    way = f"{scheme} with {name}"
    if scheme is Scheme.PSS:
        way += f" and a salt of {_SIZES[name]} octets"
    return f"{ctx.assertion.header['alg']} ({way})"


def _way(autopsy: Autopsy) -> str:
    """Say by which scheme and hash, with the JOSE name (RFC 7518 §3.1) where there is one."""
    way = f"{autopsy.scheme} with {autopsy.hash_name or 'no hash'}"
    if autopsy.hash_name is None and autopsy.scheme in _CURVES:
        # An Edwards key has no hash to choose, and by the shape alone none is known.
        way = str(autopsy.scheme)
    if autopsy.mgf_hash_name and autopsy.mgf_hash_name != autopsy.hash_name:
        way += f", MGF1 with {autopsy.mgf_hash_name}"
    if autopsy.salt_length is not None:
        way += f" and a salt of {autopsy.salt_length} octets"
    name = _jose_name(autopsy)
    if name:
        way = f"{name} ({way})"
    return ", ".join((way, *(step.words for step in autopsy.digesting)))


def _jose_name(autopsy: Autopsy) -> str | None:
    scheme, name = autopsy.scheme, autopsy.hash_name
    if scheme not in _PREFIXES or name not in _DIGITS or autopsy.digesting:
        return None
    if scheme is Scheme.PSS and (autopsy.mgf_hash_name, autopsy.salt_length) != (
        name,
        _SIZES[name],
    ):
        return None
    return _PREFIXES[scheme] + _DIGITS[name]


def _text(autopsy: Autopsy) -> str:
    if autopsy.text is None:
        return "other octets than those sent"
    return ", ".join(step.words for step in autopsy.text) or "header.payload as sent"


def _tried(ctx: Context) -> str:
    """Name the keys that were tried, as far as they fit a line."""
    labels = list(dict.fromkeys(each.candidate.label for each in ctx.trials))
    more = len(labels) - _MOST_LABELS
    return listed([*labels[:_MOST_LABELS], f"{more} more"] if more > 0 else labels)


def _kind_of_key(ctx: Context) -> str:
    """Say what the length of the signature tells of the key, where none at hand has that size."""
    length = len(ctx.assertion.signature or b"")
    known = {each.candidate.key_text for each in ctx.trials}
    if length in _KEY_SIZES and f"RSA {8 * length}" not in known:
        return f"; its {length} octets are those of a key of {8 * length} bits"
    if length in _OTHER_KINDS:
        return f"; its {length} octets are those of {_OTHER_KINDS[length]}"
    return ""
