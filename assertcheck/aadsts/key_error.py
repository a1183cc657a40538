"""What AADSTS700027 tells: of the key identifier, the key that was found, and the registration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from assertcheck.aadsts import reasons
from assertcheck.aadsts.diagnosis import Diagnosis, app_or_placeholder, tells
from assertcheck.aadsts.registering import not_registered_causes, register_command
from assertcheck.decoder import base64url
from assertcheck.model import Candidate, ReturnedError
from assertcheck.verifier.digests import digest_table
from assertcheck.verifier.thumbprint import (
    Peeled,
    Step,
    ThumbprintReading,
    echoed_x5t,
    invisible_characters,
    read_value,
    written,
)
from assertcheck.words import date, listed, span

_SHA1_OF_DER = "the base64url of the 20 octets of the SHA-1 of the certificate's DER"
_CODE = "`assertcheck explain x5t` has the code"
_WIDEST_ZONE = timedelta(hours=14)


def read_key_error(error: ReturnedError, candidates: Sequence[Candidate]) -> Diagnosis:
    """Return what AADSTS700027 tells by its reason; `candidates` are the certificates at hand."""
    reading = _reading(error, candidates)
    whose = () if reading is None else _whose(reading, candidates)
    match error.reason:
        case reasons.NOT_FOUND if error.lacks_thumbprint:
            told = _without_thumbprint(error, candidates)
        case reasons.NOT_FOUND if reading:
            told = _not_found(error, reading, candidates)
        case reasons.NOT_FOUND:
            told = tells("the thumbprint is cut off or blackened; with it, more could be said")
        case reasons.KEY_EXPIRED:
            told = _out_of_dates(error, whose)
        case reasons.MISMATCH | reasons.OLD_MISMATCH:
            told = _mismatch(error, whose)
        case _:
            told = tells(*whose)
    return tells(*told.remarks, *_configured(error), causes=told.causes)


def _reading(error: ReturnedError, candidates: Sequence[Candidate]) -> ThumbprintReading | None:
    value = echoed_x5t(error.thumbprint) if error.thumbprint else None
    if value is None:
        return None
    table = digest_table(candidates)
    return read_value(value, at="header.x5t", candidates=candidates, table=table)


def _whose(reading: ThumbprintReading, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Say which of the certificates at hand the thumbprint is of."""
    if not candidates:
        return ()
    if reading.named:
        return (f"the thumbprint is that of {reading.named[0].label}",)
    if reading.matches:
        return (_matched(reading),)
    return (f"the thumbprint comes from none of {_labels(candidates)}",)


def _without_thumbprint(error: ReturnedError, candidates: Sequence[Candidate]) -> Diagnosis:
    certificates = [(each.label, each.certificate) for each in candidates if each.certificate]
    sha1 = [f'"x5t":"{base64url(each.sha1)}" for {label}' for label, each in certificates]
    sha256 = [f'"x5t#S256":"{base64url(each.sha256)}" for {label}' for label, each in certificates]
    label = certificates[0][0] if certificates else ""
    return tells(
        "no thumbprint follows the reason: likely the header had no `x5t`, but only `kid` or only "
        "`x5t#S256`",
        causes=(
            "only `kid` was sent, and it names no registered certificate: add `x5t`, "
            f"{', or '.join(sha1) or _SHA1_OF_DER}; {_CODE}",
            "only `x5t#S256` was sent, and it is wrongly made: set it to "
            f"{', or '.join(sha256) or 'the base64url of the SHA-256 of the DER'}; {_CODE}",
            "the certificate is not registered: upload it with "
            f"{register_command(error.app_id, label)}",
        ),
    )


def _not_found(
    error: ReturnedError, reading: ThumbprintReading, candidates: Sequence[Candidate]
) -> Diagnosis:
    if reading.named:
        label = reading.named[0].label
        return tells(
            f"Entra ID was sent the thumbprint of {label}, and app "
            f"{app_or_placeholder(error.app_id)} has no such certificate",
            causes=not_registered_causes(error.app_id, label),
        )
    if reading.matches:
        certificate = reading.matches[0].candidate.certificate
        right = f'"x5t":"{base64url(certificate.sha1)}"' if certificate else _SHA1_OF_DER
        return tells(
            _matched(reading),
            causes=(f"`x5t` is not the SHA-1 thumbprint in base64url: send {right}; {_CODE}",),
        )
    shape = f"the thumbprint is {reading.shape}"
    if candidates:
        shape += f", which comes from none of {_labels(candidates)}"
    if reading.seems is None or len(reading.seems.octets) not in (20, 32):
        return tells(shape, causes=(f"`x5t` holds no SHA-1: set it to {_SHA1_OF_DER}; {_CODE}",))
    return _seeming(error, reading, reading.seems, shape)


def _seeming(
    error: ReturnedError, reading: ThumbprintReading, seems: Peeled, shape: str
) -> Diagnosis:
    """Say how the digest of a certificate that is not at hand was written, by length and looks."""
    name = "x5t" if len(seems.octets) == 20 else "x5t#S256"
    right = f'"{name}":"{base64url(seems.octets)}"'
    if not seems.steps and name == "x5t":
        return tells(
            f"{shape}: well made, and likely of a certificate that this app does not have",
            causes=not_registered_causes(error.app_id),
        )
    if not seems.steps:
        return tells(
            f"{shape}, where `x5t` takes a SHA-1",
            causes=(f"the SHA-256 was put into `x5t`: send it as {right}, or the SHA-1 as `x5t`",),
        )
    if Step.HIDDEN in seems.steps:
        shape += f" ({listed(invisible_characters(reading.value))})"
        what = (
            "an invisible character came along when the thumbprint was copied, as from the "
            "certificate dialog of Windows"
        )
    elif Step.TEXT in seems.steps or Step.UTF16 in seems.steps:
        what = "the text of the thumbprint was encoded in place of its octets"
    else:
        shape += f"; in base64 they are {reading.value}, which is what was sent"
        what = "the hex digits were put into `x5t` as they are"
    digest = seems.octets.hex().upper()
    return tells(
        f"{shape}; the digest meant is {digest}", causes=(f"{what}: send {right}; {_CODE}",)
    )


def _matched(reading: ThumbprintReading) -> str:
    match = reading.matches[0]
    how = written(match.steps)
    size = len(reading.octets or b"")
    what = match.of.of(match.candidate.label)
    return f"the thumbprint is {size} octets: {what}{f', {how}' if how else ''}"


def _labels(candidates: Sequence[Candidate]) -> str:
    return listed(list(dict.fromkeys(each.label for each in candidates)))


def _configured(error: ReturnedError) -> tuple[str, ...]:
    if not error.configured_keys or error.thumbprint is None:
        return ()
    among = "is" if error.thumbprint in error.configured_keys else "is not"
    return (f"the message lists the app's keys: the one that the client used {among} among them",)


def _out_of_dates(error: ReturnedError, whose: tuple[str, ...]) -> Diagnosis:
    start, end = error.found_key_start, error.found_key_end
    when = error.current_time or error.timestamp
    renew = (
        "the registered certificate has ended: make a new one, sign with its key, and add it with "
        f"{register_command(error.app_id)}"
    )
    later = (
        "the registered certificate begins later: give its start in UTC when you make it, set the "
        "clock of the machine that makes it, or wait until it begins"
    )
    if start is None or end is None:
        remark = "the same is said of a key that is not valid yet"
        return tells(remark, *whose, causes=(renew, later))
    window = f"the registered key holds from {date(start)} to {date(end)}"
    if when is None:
        remark = f"{window}; the same is said before it begins"
        return tells(remark, *whose, causes=(renew, later))
    if when < start:
        remark = f"{window}: it was not valid yet, and began {span(start - when)} after this answer"
        if start - when <= _WIDEST_ZONE:
            remark += ", likely because its start was given in local time, or by a wrong clock"
        return tells(remark, *whose, causes=(later,))
    if when > end:
        remark = f"{window}: it had ended {span(when - end)} before this answer"
        return tells(remark, *whose, causes=(renew,))
    remark = (
        f"{window}, and this answer is of {date(when)}, within it, which does not fit the reason: "
        "likely the text was altered or pieced together"
    )
    return tells(remark, *whose, causes=(renew, later))


def _mismatch(error: ReturnedError, whose: tuple[str, ...]) -> Diagnosis:
    start, end = error.found_key_start, error.found_key_end
    named = f" ({error.thumbprint})" if error.thumbprint else ""
    other = (
        "another private key signed: sign with the key of the certificate that the header names"
        f"{named}"
    )
    changed = (
        "header or claims changed after signing, or another text was signed: sign as the last "
        "step, over the very text that is sent"
    )
    leaf = "`x5c` does not begin with the certificate that signed: put the leaf first"
    if start and end and (start.year == 1 or end.year == 9999):
        return tells(
            "the key that was found has no dates, as no registered key: likely it was taken from "
            "`x5c`, with the CA in first place",
            *whose,
            causes=(leaf, other, changed),
        )
    remark = "a registered key has this thumbprint, and it did not make the signature"
    return tells(remark, *whose, causes=(other, changed, leaf))
