"""What can be wrong with a key identifier, and how that is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from assertcheck.aadsts.registering import register_command
from assertcheck.decoder import base64url
from assertcheck.model import Candidate, Certificate, EntraCode, Outcome, Problem, Role, Trial
from assertcheck.rules.rule import NOT_FOUND, Context, likely
from assertcheck.verifier.digests import SHA1, Origin, Thing
from assertcheck.verifier.thumbprint import (
    TAKEN,
    Step,
    ThumbprintReading,
    deciding,
    invisible_characters,
    written,
)
from assertcheck.words import listed, plain, quoted

_CODE = "`assertcheck explain x5t` has the code"


class Mistake(StrEnum):
    """What can be wrong with a key identifier; the value is the rule's id."""

    EMPTY = "x5t-empty"
    HIDDEN_CHARACTER = "x5t-hidden-character"
    IS_HEX = "x5t-is-hex"
    BASE64_OF_HEX_TEXT = "x5t-base64-of-hex-text"
    ENCODED_TWICE = "x5t-encoded-twice"
    EXTRA_CHARACTERS = "x5t-extra-characters"
    REVERSED = "x5t-reversed"
    LEADING_ZERO = "x5t-leading-zero"
    TRUNCATED = "x5t-truncated"
    LETTER_CASE = "x5t-letter-case"
    ONE_CHARACTER_OFF = "x5t-one-character-off"
    X5T_HOLDS_SHA256 = "x5t-holds-sha256"
    X5TS256_HOLDS_SHA1 = "x5ts256-holds-sha1"
    WRONG_HASH = "x5t-wrong-hash"
    HASH_OF_PEM_TEXT = "x5t-hash-of-pem-text"
    HASH_OF_CERTIFICATE_PART = "x5t-hash-of-certificate-part"
    HASH_OF_THUMBPRINT = "x5t-hash-of-thumbprint"
    HASH_OF_PUBLIC_KEY = "x5t-hash-of-public-key"
    JWK_THUMBPRINT = "x5t-is-jwk-thumbprint"
    KEY_IDENTIFIER = "x5t-is-key-identifier"
    SERIAL_NUMBER = "x5t-is-serial-number"
    SUBJECT_NAME = "x5t-is-subject-name"
    WHOLE_CERTIFICATE = "x5t-is-whole-certificate"
    NOT_A_THUMBPRINT = "x5t-not-a-thumbprint"
    GUID = "x5t-is-guid"
    GRAPH_KEYID = "kid-is-graph-keyid"
    KID_NOT_A_THUMBPRINT = "kid-not-a-thumbprint"
    ISSUER = "x5t-of-issuer-cert"
    RENEWED = "x5t-of-renewed-cert-same-key"
    OTHER_THAN_SIGNER = "x5t-of-other-cert-than-signer"
    WRONG_CERTIFICATE = "wrong-certificate"
    UNKNOWN = "x5t-unknown"
    DISAGREE = "x5t-and-x5ts256-disagree"
    STANDARD_BASE64 = "x5t-standard-base64"
    KID_WITHOUT_X5T = "kid-without-x5t"


_KID_FORMS = re.compile(r"[0-9A-F]{40}|[A-Za-z0-9_-]{27}")
_SIZES = {"header.x5t": 20, "header.x5t#S256": 32}
_ABOUT_A_CERTIFICATE = {
    Mistake.ISSUER,
    Mistake.RENEWED,
    Mistake.OTHER_THAN_SIGNER,
    Mistake.WRONG_CERTIFICATE,
    Mistake.UNKNOWN,
}
"""Both thumbprints of a certificate say the same then, so it is said once."""
_BY_THING = {
    Thing.CERTIFICATE_TEXT: Mistake.HASH_OF_PEM_TEXT,
    Thing.CERTIFICATE_PART: Mistake.HASH_OF_CERTIFICATE_PART,
    Thing.THUMBPRINT: Mistake.HASH_OF_THUMBPRINT,
    Thing.KEY_IDENTIFIER: Mistake.KEY_IDENTIFIER,
    Thing.PUBLIC_KEY: Mistake.HASH_OF_PUBLIC_KEY,
    Thing.JWK: Mistake.JWK_THUMBPRINT,
    Thing.SERIAL_NUMBER: Mistake.SERIAL_NUMBER,
    Thing.SUBJECT: Mistake.SUBJECT_NAME,
}
_THINGS_THEMSELVES = {Thing.CERTIFICATE, Thing.CERTIFICATE_TEXT, Thing.PUBLIC_KEY}


def _mistakes(ctx: Context) -> tuple[tuple[Mistake, ThumbprintReading], ...]:
    """Return each mistake of the identifiers that decide, at most one for each of them."""
    readings = deciding(ctx.thumbprints)
    if strange_thumbprints(ctx):
        readings = tuple(each for each in readings if each.at != "header.kid")
    fitting = [reading for reading in readings if _fits(ctx, reading)]
    found: list[tuple[Mistake, ThumbprintReading]] = []
    if len(readings) == 2 and fitting and not _agree(readings, fitting):
        odd = next((each for each in readings if each not in fitting), readings[1])
        found.append((Mistake.DISAGREE, odd))
    else:
        for reading in readings:
            mistake = None if reading in fitting else _mistake(ctx, reading)
            known = [each for each, _ in found]
            if mistake and not (mistake in _ABOUT_A_CERTIFICATE and mistake in known):
                found.append((mistake, reading))
    for reading in fitting:
        if reading.at == "header.kid":
            found.append((Mistake.KID_WITHOUT_X5T, reading))
        elif set("+/") & set(reading.value):
            found.append((Mistake.STANDARD_BASE64, reading))
    return tuple(found)


def _fits(ctx: Context, reading: ThumbprintReading) -> bool:
    """Tell whether `reading` names a registered certificate, or may do so for all that is known."""
    registered = [trial.candidate for trial in registered_in(ctx)]
    if registered:
        bare = [candidate.key for candidate in registered if candidate.certificate is None]
        return any(
            candidate.role is Role.REGISTERED or candidate.key in bare
            for candidate in reading.named
        )
    return bool(reading.named) or (not reading.matches and is_well_formed(reading))


def _agree(readings: Sequence[ThumbprintReading], fitting: Sequence[ThumbprintReading]) -> bool:
    if len(fitting) < len(readings):
        return False
    first, second = (reading.named for reading in fitting)
    return not first or not second or any(candidate in second for candidate in first)


def is_well_formed(reading: ThumbprintReading) -> bool:
    """Tell whether `reading` looks like the thumbprint it is to be, written as Entra ID takes it."""
    if reading.at == "header.kid":
        return bool(_KID_FORMS.fullmatch(reading.value)) and reading.octets is not None
    seems = reading.seems
    return (
        seems is not None
        and len(seems.octets) == _SIZES[reading.at]
        and TAKEN.issuperset(seems.steps)
    )


def _mistake(ctx: Context, reading: ThumbprintReading) -> Mistake:
    """Return what is wrong with `reading`, which does not fit."""
    if reading.named:
        return _whose(ctx, reading)
    if reading.at == "header.kid":
        if reading.guid:
            return Mistake.GRAPH_KEYID
        is_unknown = not reading.matches and is_well_formed(reading)
        return Mistake.UNKNOWN if is_unknown else Mistake.KID_NOT_A_THUMBPRINT
    if not reading.value.strip() or reading.octets == b"":
        return Mistake.EMPTY
    if reading.guid:
        return Mistake.GUID
    what = _content(reading)
    if what:
        # Where content and writing are both wrong, right writing alone would mend nothing.
        return what if what is not Mistake.UNKNOWN else _how(_steps(reading)) or what
    if reading.octets is not None and len(reading.octets) < _SIZES[reading.at]:
        return Mistake.TRUNCATED
    return Mistake.NOT_A_THUMBPRINT


def _content(reading: ThumbprintReading) -> Mistake | None:
    """Return the mistake in what `reading` holds, however it is written; `None` if it is no digest.

    `Mistake.UNKNOWN` is a digest of the right kind; `kid` has no kind.
    """
    if reading.at == "header.kid":
        return None
    if reading.matches:
        return _what(reading.matches[0].of, reading.at)
    return _size(len(reading.seems.octets), reading.at) if reading.seems else None


def _steps(reading: ThumbprintReading) -> tuple[Step, ...]:
    """Return how `reading` was written down, as far as that is known."""
    if reading.matches:
        return reading.matches[0].steps
    return reading.seems.steps if reading.seems else ()


def _how(steps: Sequence[Step]) -> Mistake | None:
    """Return the mistake in how octets were written down, the outermost to a reader."""
    as_text = {Step.TEXT, Step.UTF16} & set(steps)
    if Step.HIDDEN in steps:
        return Mistake.HIDDEN_CHARACTER
    if Step.HEX in steps:
        return Mistake.BASE64_OF_HEX_TEXT if as_text else Mistake.IS_HEX
    if as_text:
        return Mistake.ENCODED_TWICE
    return next((mistake for step, mistake in _BY_STEP.items() if step in steps), None)


_BY_STEP = {
    Step.DECIMAL: Mistake.NOT_A_THUMBPRINT,
    Step.OCTET_LIST: Mistake.NOT_A_THUMBPRINT,
    Step.ESCAPED: Mistake.NOT_A_THUMBPRINT,
    Step.LATIN1: Mistake.NOT_A_THUMBPRINT,
    Step.BASE32: Mistake.NOT_A_THUMBPRINT,
    Step.PLAIN: Mistake.NOT_A_THUMBPRINT,
    Step.QUOTED: Mistake.EXTRA_CHARACTERS,
    Step.LABELLED: Mistake.EXTRA_CHARACTERS,
    Step.PERCENT: Mistake.EXTRA_CHARACTERS,
    Step.SPACE_FOR_PLUS: Mistake.EXTRA_CHARACTERS,
    Step.BLANKS: Mistake.EXTRA_CHARACTERS,
    Step.EXTENDED: Mistake.EXTRA_CHARACTERS,
    Step.REVERSED: Mistake.REVERSED,
    Step.ZEROS: Mistake.LEADING_ZERO,
    Step.CUT: Mistake.TRUNCATED,
    Step.LETTER_CASE: Mistake.LETTER_CASE,
    Step.ONE_OFF: Mistake.ONE_CHARACTER_OFF,
}


def _what(of: Origin, at: str) -> Mistake:
    """Return the mistake in what was hashed, or by which hash."""
    if of.hash_name is None and of.thing in _THINGS_THEMSELVES:
        return Mistake.WHOLE_CERTIFICATE
    if of.thing is not Thing.CERTIFICATE:
        return _BY_THING[of.thing]
    return _size({"SHA-1": 20, "SHA-256": 32}.get(of.hash_name or "", 0), at)


def _size(size: int, at: str) -> Mistake:
    """Return the mistake in a digest of `size` octets, which is of no certificate that fits."""
    match at, size:
        case "header.x5t", 32:
            return Mistake.X5T_HOLDS_SHA256
        case "header.x5t#S256", 20:
            return Mistake.X5TS256_HOLDS_SHA1
        case _:
            return Mistake.UNKNOWN if size == _SIZES[at] else Mistake.WRONG_HASH


def _whose(ctx: Context, reading: ThumbprintReading) -> Mistake:
    """Return the mistake in naming a certificate that is not registered."""
    outcomes = {each.outcome for each in ctx.trials if each.candidate in reading.named}
    if _twin(ctx, reading.named[0]):
        return Mistake.RENEWED
    if Outcome.VALID in outcomes:
        return Mistake.WRONG_CERTIFICATE
    if _child(ctx, reading.named[0]):
        return Mistake.ISSUER
    return Mistake.OTHER_THAN_SIGNER if Outcome.INVALID in outcomes else Mistake.WRONG_CERTIFICATE


def _child(ctx: Context, issuer: Candidate) -> Candidate | None:
    """Return the registered certificate that `issuer` stands above, one or several steps."""
    known = [each.candidate.certificate for each in ctx.trials if each.candidate.certificate]
    for trial in registered_in(ctx):
        certificate = trial.candidate.certificate
        if certificate and issuer.certificate:
            names = _names_above(certificate, known)
            if issuer.certificate.subject in names:
                return trial.candidate
    return None


def _names_above(certificate: Certificate, known: Sequence[Certificate]) -> set[str]:
    """Return the names of those that issued `certificate`, as far up as it is `known`."""
    names: set[str] = set()
    # A self-issued certificate shares its name with its predecessor, which did not issue it.
    above = {certificate.issuer} - {certificate.subject}
    while above:
        names |= above
        above = {each.issuer for each in known if each.subject in above} - names
    return names


_MOST_NAMES = 5


def problems_of(ctx: Context, mistake: Mistake, advice: str) -> tuple[Problem, ...]:
    """Return a problem for each identifier that has `mistake`; `advice` is how to avoid it."""
    return tuple(
        _problem(ctx, reading, mistake, advice)
        for found, reading in _mistakes(ctx)
        if found is mistake
    )


def _problem(ctx: Context, reading: ThumbprintReading, mistake: Mistake, advice: str) -> Problem:
    name = reading.at.removeprefix("header.")
    target = target_of(ctx, reading)
    asked = "x5t" if name == "kid" else name
    right = right_value(asked, target) or _converted(reading)
    if mistake is _content(reading) and written(_steps(reading)):
        advice += "; write the whole digest in base64url"
    if mistake is Mistake.RENEWED:
        label = reading.named[0].label
        advice += f": {register_command(ctx.client_id, label)}"
    fix = fix_to(asked, right, target, advice)
    said = _said(ctx, reading)
    match mistake:
        case Mistake.STANDARD_BASE64:
            right = reading.value.rstrip("=").replace("+", "-").replace("/", "_")
            fix = f'write "{name}":"{right}"'
            said += ", in standard base64"
        case Mistake.WRONG_CERTIFICATE:
            fix = f"register {reading.named[0].label} on the app, or {fix}"
        case Mistake.UNKNOWN if target is None or not _is_valid(target, ctx.now):
            # What is written is right as it is, and no other value would be taken.
            right, fix = _any_of(ctx, asked), _without_value(ctx)
        case Mistake.DISAGREE:
            said += f"; {_other(ctx, reading)}"
        case _:
            pass
    return Problem(
        at=reading.at,
        message=f"{name} {quoted(reading.value)} is {said}",
        fix=fix,
        expected=right,
        actual=plain(reading.value),
        aadsts=_codes(reading, mistake),
    )


def _any_of(ctx: Context, name: str) -> str | None:
    """Return the values of the parameter `name` that would name a registered certificate."""
    values = [right_value(name, each.candidate) for each in registered_in(ctx)]
    known = list(dict.fromkeys(value for value in values if value))
    return _some(known) if known else None


def _without_value(ctx: Context) -> str:
    """Say what to do about the thumbprint of a certificate that is nowhere to be seen."""
    register = f"register the certificate in use: {register_command(ctx.client_id)}"
    usable = [
        f"{each.label} ({each.certificate.sha1.hex().upper()})"
        for each in (trial.candidate for trial in registered_in(ctx))
        if each.certificate and _is_valid(each, ctx.now)
    ]
    return f"{register}; or sign with the key of {_some(usable)}" if usable else register


def _is_valid(candidate: Candidate, now: datetime) -> bool:
    """Tell whether nothing shows that `candidate` cannot be used at the moment."""
    registered, certificate = candidate.credential, candidate.certificate
    windows = [
        *([(registered.start, registered.end)] if registered else []),
        *([(certificate.not_before, certificate.not_after)] if certificate else []),
    ]
    return not any((start and start > now) or (end and end < now) for start, end in windows)


def _other(ctx: Context, reading: ThumbprintReading) -> str:
    """Say what the other of the two thumbprints is."""
    other = next(each for each in deciding(ctx.thumbprints) if each is not reading)
    name = other.at.removeprefix("header.")
    if not other.named:
        return f"{name} is well-formed"
    return f"{name} names {listed([candidate.label for candidate in other.named])}"


def _codes(reading: ThumbprintReading, mistake: Mistake) -> tuple[EntraCode, ...] | None:
    """Return what Entra ID says where that is less sure than for an `x5t` it can decode.

    ENTRA section 1.2: the message was seen for an `x5t` that no registered key has; that it is the
    same for `x5t#S256` and `kid`, without the thumbprint, is inferred.
    """
    if mistake not in _SEEN_FOR_X5T or (reading.at == "header.x5t" and reading.octets):
        return None
    return (likely("700027", NOT_FOUND),)


_SEEN_FOR_X5T = set(Mistake) - {
    Mistake.EMPTY,
    Mistake.DISAGREE,
    Mistake.STANDARD_BASE64,
    Mistake.KID_WITHOUT_X5T,
}


def _said(ctx: Context, reading: ThumbprintReading) -> str:
    """Say what `reading` is, and of which certificate."""
    if reading.matches:
        match = reading.matches[0]
        how = written(match.steps)
        said = match.of.of(match.candidate.label) + (f", {how}" if how else "")
        if reading.named and registered_in(ctx):
            said += _standing(ctx, reading.named[0])
        elif reading.at == "header.kid" and match.of == SHA1 and not reading.named:
            said += ", but neither in upper-case hex nor in base64url"
    elif is_well_formed(reading):
        said = reading.shape
        labels = list(dict.fromkeys(each.candidate.label for each in ctx.trials))
        if labels:
            said += f", but not that of {_some(labels)}"
    elif reading.guid:
        said = _whose_guid(ctx, reading)
    elif reading.at == "header.kid":
        said = "no thumbprint"
    else:
        said = reading.shape
    # Octets that were taken for characters are some of them without a glyph.
    hidden = () if Step.LATIN1 in _steps(reading) else invisible_characters(reading.value)
    return f"{said}: {_some(hidden)}" if hidden else said


def _whose_guid(ctx: Context, reading: ThumbprintReading) -> str:
    """Say what the GUID that `reading` is may stand for."""
    guid = (reading.guid or "").strip("{}").lower()
    what = "a GUID"
    if reading.guid != reading.value:
        what = f"the GUID {guid}, written in another way"
    for claim in ("iss", "sub"):
        if str(ctx.assertion.claims.get(claim)).lower() == guid:
            return f"{what}, the same as {claim}: the app's client id"
    return f"{what}, such as a registration's keyId"


def _some(names: Sequence[str]) -> str:
    """List the first few of `names`."""
    rest = len(names) - _MOST_NAMES
    shown = (*names[:_MOST_NAMES], f"{rest} more") if rest > 0 else names
    return listed(shown, last="or")


def _standing(ctx: Context, named: Candidate) -> str:
    """Say how `named` stands to the registration and the signature."""
    if named.role is Role.REGISTERED:
        return ""
    said = ", which is not registered"
    child = _child(ctx, named)
    twin = _twin(ctx, named)
    signers = labels_of(ctx, Outcome.VALID)
    if twin:
        return f"{said}; {twin.label} is, with the same key"
    if child:
        said += f"; it is the issuer of {child.label}"
    if named.label in signers:
        return f"{said}; its key made the signature"
    return f"{said}; the key of {listed(signers)} made the signature" if signers else said


def target_of(ctx: Context, reading: ThumbprintReading | None) -> Candidate | None:
    """Return whose thumbprint belongs into the header: the registered signer's, if there is one.

    Else it is the registered one that `reading` comes closest to; `None` where that is a guess.
    """
    registered = [trial for trial in registered_in(ctx) if trial.candidate.certificate]
    known = [each.candidate for each in registered]
    signers = [each.candidate for each in registered if each.outcome is Outcome.VALID]
    if signers or len(known) == 1:
        return (signers or known)[0]
    if reading is None:
        return None
    matched = [match.candidate for match in reading.matches if match.candidate.certificate]
    if reading.named and (known or not _fits(ctx, reading)):
        return _child(ctx, reading.named[0]) or _twin(ctx, reading.named[0])
    trusted = [each for each in matched if each.role is Role.REGISTERED]
    return next(iter((*trusted, *matched)), None)


def _twin(ctx: Context, named: Candidate) -> Candidate | None:
    """Return the registered certificate for the same key as `named`."""
    registered = (each.candidate for each in registered_in(ctx))
    return next((each for each in registered if each.certificate and each.key == named.key), None)


def right_value(name: str, candidate: Candidate | None) -> str | None:
    """Return what belongs into the parameter `name` for `candidate`, if it has a certificate."""
    certificate: Certificate | None = candidate.certificate if candidate else None
    if certificate is None:
        return None
    return base64url(certificate.sha256 if name == "x5t#S256" else certificate.sha1)


def _converted(reading: ThumbprintReading) -> str | None:
    """Return the value mended by its looks alone, where it comes from nothing that is known."""
    seems = None if reading.matches else reading.seems
    size = _SIZES.get(reading.at, 20)
    return base64url(seems.octets) if seems and len(seems.octets) == size else None


def fix_to(name: str, right: str | None, source: Candidate | None, advice: str) -> str:
    """Say what to paste: `right` as the parameter `name`, from the certificate `source`."""
    hash_name = "SHA-256" if name == "x5t#S256" else "SHA-1"
    value = f'"{name}":"{right}"' if right else f"the certificate's {hash_name} as {name}"
    origin = f", from {source.label}," if source else ""
    return f"put {value}{origin} into the header; {advice}; {_CODE}"


def registered_in(ctx: Context) -> tuple[Trial, ...]:
    """Return how the registered candidates fared."""
    return tuple(trial for trial in ctx.trials if trial.candidate.role is Role.REGISTERED)


def held_signer(ctx: Context) -> Candidate | None:
    """Return the certificate that signed and is not registered, where no registered one signed.

    Only `--app` tells that; without it, and where the header names a registered one, `None`.
    """
    signed = [each.candidate for each in ctx.trials if each.outcome is Outcome.VALID]
    registered = frozenset(trial.candidate for trial in registered_in(ctx))
    is_named = any(each in registered for reading in ctx.thumbprints for each in reading.named)
    if is_named or any(each in registered for each in signed):
        return None
    return next((each for each in signed if each.role is Role.HELD), None)


def labels_of(ctx: Context, outcome: Outcome) -> list[str]:
    """Return the labels of the candidates that fared so."""
    return [trial.candidate.label for trial in ctx.trials if trial.outcome is outcome]


def strange_thumbprints(ctx: Context) -> tuple[str, ...]:
    """Return which of `x5t` and `x5t#S256` are there, but not as text."""
    header = ctx.assertion.header
    return tuple(
        name for name in ("x5t", "x5t#S256") if name in header and not isinstance(header[name], str)
    )


def not_a_string(ctx: Context, name: str, asked: str, advice: str) -> Problem:
    """Return the problem of a parameter `name` that is no text; `asked` is the one to send."""
    target = target_of(ctx, None)
    value = quoted(ctx.assertion.header[name])
    return Problem(
        at=f"header.{name}",
        message=f"{name} is {value}, not a string",
        fix=fix_to(asked, right_value(asked, target), target, advice),
        expected=right_value(asked, target),
        actual=value,
    )
