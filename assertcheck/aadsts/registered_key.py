"""What the registration says to an error: whether the app has the key that was used, or any."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assertcheck.aadsts.diagnosis import Diagnosis, tells
from assertcheck.aadsts.reasons import NOT_FOUND
from assertcheck.aadsts.registering import not_registered_causes
from assertcheck.graph import KeyCredential, Registration
from assertcheck.keys.registered import is_open
from assertcheck.model import Candidate, ReturnedError
from assertcheck.words import date

_SINCE = "likely it was registered only since, or the request went to another app or tenant"
_OF_SAML = ("AADSTS50003", "AADSTS500031", "AADSTS50146", "AADSTS760")
"""How the codes begin that are about keys of a SAML app."""
_PLAIN_FILE = re.compile(r"\w[\w.-]*", re.ASCII)
"""What a shell takes as one word."""


def with_keys(
    told: Diagnosis,
    error: ReturnedError,
    candidates: Sequence[Candidate],
    registration: Registration,
) -> Diagnosis:
    """Return what `told` says of `error`, AADSTS700027, with what `registration` adds or mends.

    `candidates` are the certificates at hand, those of the registration among them.
    """
    label = registration.label
    other = _other_app(error, registration)
    if other or registration.keys is None or error.thumbprint is None:
        left_out = () if registration.keys is not None else (_left_out(registration),)
        return tells(*(other or left_out), *told.remarks, causes=told.causes)
    digests = {
        each.credential.label: each.certificate.sha1.hex().upper()
        for each in candidates
        if each.credential and each.certificate
    }
    found = next((key for key in registration.keys if _is(key, error.thumbprint, digests)), None)
    if found is None:
        said = (
            f"{label} does not show every key of the app, and none with this thumbprint"
            if is_open(registration)
            else f"{label} has no key with this thumbprint"
        )
        return tells(said, *told.remarks, causes=told.causes)
    said = f"{label} has a key with this thumbprint, {found.label}{_window(found)}"
    if error.reason != NOT_FOUND:
        return tells(said, *told.remarks, causes=told.causes)
    # That it is not registered is not the cause any more.
    return tells(f"{said}: {_SINCE}", causes=not_registered_causes(error.app_id)[1:])


def told_of_app(error: ReturnedError, registration: Registration) -> tuple[str, ...]:
    """Return what `registration` adds to `error`, another one than AADSTS700027, each a clause."""
    other = _other_app(error, registration)
    if other:
        return other
    code, label = error.stands_for or error.code, registration.label
    if code.startswith(_OF_SAML):
        file = label if _PLAIN_FILE.fullmatch(label) else "FILE"
        return (
            f"`assertcheck app {file}` says what is wrong with the keys there, "
            f"`assertcheck saml --app {file}` whether a request fits them",
        )
    if code != "AADSTS700026":
        return ()
    if registration.keys is None:
        return (_left_out(registration),)
    if not registration.keys:
        return (f"{label} has no key: that is the cause",)
    count = len(registration.keys)
    return (f"{label} has {count} {'key' if count == 1 else 'keys'}: {_SINCE}",)


def _other_app(error: ReturnedError, registration: Registration) -> tuple[str, ...]:
    if error.app_id is None or registration.app_id in (None, error.app_id.lower()):
        return ()
    return (
        f"the error is about app {error.app_id}, and {registration.label} is app "
        f"{registration.app_id}",
    )


def _left_out(registration: Registration) -> str:
    return f"{registration.label} leaves the keys of the app out"


def _is(key: KeyCredential, thumbprint: str, digests: dict[str, str]) -> bool:
    identifier = key.identifier.hex().upper() if key.identifier else None
    return thumbprint == digests.get(key.label, identifier)


def _window(key: KeyCredential) -> str:
    return f", valid from {date(key.start)} to {date(key.end)}" if key.start and key.end else ""
