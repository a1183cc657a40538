"""What to do about a certificate that an app does not have."""

from __future__ import annotations

import re
from datetime import datetime

from assertcheck.aadsts.diagnosis import app_or_placeholder

_PLAIN_FILE = re.compile(r"(?!-)[\w.-]+\.(?:(?P<pem>pem|crt|cer)|(?P<pfx>pfx|p12)|der)", re.ASCII)


def register_command(app_id: str | None, label: str = "", *, until: datetime | None = None) -> str:
    """Return the command that adds the certificate called `label` to the app `app_id`.

    `az` takes PEM; what is a PFX or DER by its name is turned into that first. `until`, UTC, is the
    end of the registration, where it is not to be that of `az`'s choice.
    """
    plain = _PLAIN_FILE.fullmatch(label)
    file, first = label, ""
    if plain is None or not plain["pem"]:
        file = "cert.pem"
    if plain and plain["pfx"]:
        first = f"`openssl pkcs12 -in {label} -clcerts -nokeys -out cert.pem`, then "
    elif plain and not plain["pem"]:
        first = f"`openssl x509 -in {label} -out cert.pem`, then "
    app = app_or_placeholder(app_id)
    end = f" --end-date {until:%Y-%m-%dT%H:%M:%SZ}" if until else ""
    return f"{first}`az ad app credential reset --id {app} --cert @{file} --append{end}`"


def remove_command(app_id: str | None, key_id: str, *, is_principal: bool = False) -> str:
    """Return the command that removes the certificate registered as `key_id` from app `app_id`.

    `is_principal`: from its service principal.
    """
    kind = "sp" if is_principal else "app"
    return (
        f"`az ad {kind} credential delete --id {app_or_placeholder(app_id)} --key-id {key_id} "
        "--cert`"
    )


def list_command(app_id: str | None) -> str:
    """Return the command that lists the certificates of the app `app_id`."""
    return f"`az ad app credential list --id {app_or_placeholder(app_id)} --cert`"


def not_registered_causes(app_id: str | None, label: str = "") -> tuple[str, ...]:
    """Return why Entra ID may not have the certificate called `label` on the app `app_id`."""
    return (
        f"it is not registered on this app: upload it with {register_command(app_id, label)}, or "
        "in the portal under Certificates & secrets",
        "it is registered on another app, or in another tenant: compare the client id, and the "
        f"tenant in the URL, with the portal; {list_command(app_id)} lists what this app has",
        "it was uploaded a moment ago: wait some minutes, for it likely takes a while to spread",
    )
