"""The codes of workload identity federation: what the message repeats of the token."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

from assertcheck.aadsts.diagnosis import Diagnosis, app_or_placeholder, tells
from assertcheck.aadsts.federating import (
    CLOUD_OF_AUDIENCE,
    EXCHANGE,
    create_command,
    update_command,
    without_ids,
)
from assertcheck.model import ReturnedError
from assertcheck.words import listed, plain

_VALUE = re.compile(r"(key|issuer|subject|audience) '([^']*)'")
_NAMES_ALONE = re.compile(r"repo:[^/:@]+/[^/:@]+:.+", re.DOTALL)


def read_federated_error(error: ReturnedError) -> Diagnosis:
    """Return what `error` says of the token, and what to paste into a credential."""
    values = dict(_VALUE.findall(error.quoted or ""))
    if error.code == "AADSTS7000272":
        return tells(*_of_key(values))
    if error.code == "AADSTS70025":
        return tells(*_of_app(error.app_id))
    return tells(*_of_mismatch(error.app_id, values))


def _of_mismatch(app_id: str | None, values: dict[str, str]) -> Iterator[str]:
    """Yield what of the token no credential has, and the command that mends it."""
    if not values:
        return
    said = [f"the {word} {plain(value)}" for word, value in values.items()]
    yield f"no federated credential of the app fits the token, which has {listed(said)}"
    subject, audience = values.get("subject"), values.get("audience")
    if subject:
        yield from _of_form(subject)
    if audience:
        yield _of_audience(audience)
    if not all(map(_is_whole, values.values())):
        return
    if len(values) > 1:
        command = create_command(
            app_id,
            issuer=values.get("issuer", "ISSUER"),
            subject=values.get("subject", "SUBJECT"),
            audience=audience if audience in CLOUD_OF_AUDIENCE else EXCHANGE,
        )
        yield f"if this token is to be trusted, add a credential for it: {command}"
    elif audience is None:
        command = update_command(app_id, **values)
        yield f"if this token is to be trusted, give the credential that is meant for it this: {command}"
    elif audience in CLOUD_OF_AUDIENCE:
        command = update_command(app_id, audiences=[audience])
        yield f"if the app is in that cloud, the credential is wrong: {command}"


def _of_form(subject: str) -> Iterator[str]:
    """Yield what GitHub's two forms of a subject have to do with it."""
    before = without_ids(subject)
    if before:
        yield (
            "that subject is GitHub's immutable form, with ids behind the names, which "
            "repositories made, renamed or transferred since 2026-07-15 have; a credential with "
            f"{plain(before)} does not fit it"
        )
    elif _NAMES_ALONE.fullmatch(subject):
        yield (
            "that subject has GitHub's names alone; a credential with the immutable form, "
            "repo:OWNER@ID/REPO@ID:..., as the portal makes it, does not fit until immutable "
            "subjects are switched on in the repository's Actions OIDC settings"
        )


def _of_audience(audience: str) -> str:
    cloud = CLOUD_OF_AUDIENCE.get(audience)
    if cloud:
        return f"that audience is the one of the cloud {cloud}"
    return (
        f"that audience is not {listed(list(CLOUD_OF_AUDIENCE), last='or')}: ask the issuer for a "
        f"token with the one of your cloud, mostly {EXCHANGE}"
    )


def _of_key(values: dict[str, str]) -> Iterator[str]:
    """Yield where Entra ID looked for the key, and by which name."""
    key, issuer = values.get("key"), values.get("issuer")
    if key:
        yield f"the key that the token names is {plain(key)} in hex{_in_base64url(key)}"
    if issuer:
        # OpenID Connect Discovery §4.1: a slash at the end of the issuer is dropped first.
        document = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        yield (
            f"the issuer is {plain(issuer)}: the JWKS at the jwks_uri of {plain(document)} is to "
            "hold that key"
        )


def _in_base64url(key: str) -> str:
    if len(key) % 2 or not _is_whole(key):
        return ""
    text = base64.urlsafe_b64encode(bytes.fromhex(key)).rstrip(b"=").decode()
    return f", {plain(text)} in base64url: look for it among the kid and x5t of the JWKS"


def _of_app(app_id: str | None) -> Iterator[str]:
    app = app_or_placeholder(app_id)
    if app_id:
        yield (
            f"{plain(app_id)} signed in, and has no federated credential at all: "
            f"`az ad app federated-credential list --id {app}` shows none"
        )


def _is_whole(value: str) -> bool:
    """Tell whether `value` is as it was in the message, neither cut nor with something taken out."""
    return not value.endswith("…") and "[redacted:" not in value
