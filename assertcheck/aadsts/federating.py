"""What to do about a federated credential that an app does not have."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence

from assertcheck.aadsts.diagnosis import app_or_placeholder
from assertcheck.graph import ManagedIdentity

LONGEST = 600
"""Characters that Microsoft allows issuer, subject and audience."""
CLOUD_OF_AUDIENCE = {
    "api://AzureADTokenExchange": "public",
    "api://AzureADTokenExchangeUSGov": "usgov",
    "api://AzureADTokenExchangeChina": "china",
}
"""The audience to ask for in each cloud."""
EXCHANGE = "api://AzureADTokenExchange"
"""The one that Microsoft recommends."""
EXCHANGE_ID = "fb60f99c-7a34-4190-8149-302f77469936"
"""The same resource by its id, as in tokens of Entra ID in their version 2.0."""
_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}"
"""What Microsoft allows as the name of a credential."""
_GITHUB = r"repo:([^/:]+)/([^/:]+):(.+)"
NUMBERED = r"(.+)@(\d+)"
"""A name with the id that GitHub appends to it in immutable subjects."""


def create_command(app_id: str | None, *, issuer: object, subject: object, audience: str) -> str:
    """Return the command that makes a credential of these values for the app `app_id`."""
    values = {"name": "NAME", "issuer": issuer, "subject": subject, "audiences": [audience]}
    app = app_or_placeholder(app_id)
    return f"`az ad app federated-credential create --id {app} --parameters {_argument(values)}`"


def update_command(
    app_id: str | None, label: str = "", credential_id: str | None = None, **changes: object
) -> str:
    """Return the command that makes `changes` in the credential called `label` and no others.

    `credential_id` stands in for a name that does not go into a command as it is.
    """
    name = label if re.fullmatch(_NAME, label) else credential_id or "CREDENTIAL"
    return (
        f"`az ad app federated-credential update --id {app_or_placeholder(app_id)} "
        f"--federated-credential-id {name} --parameters {_argument(changes)}`"
    )


def identity_command(
    verb: str,
    identity: ManagedIdentity,
    *,
    name: str = "",
    issuer: object,
    subject: object,
    audiences: Sequence[str],
) -> str:
    """Return the command that creates or updates a credential of a managed identity.

    `verb` is `create` or `update`; either writes all of it: Azure Resource Manager puts the whole
    (REST API of Microsoft.ManagedIdentity, Federated Identity Credentials - Create Or Update).
    """
    called = name if re.fullmatch(_NAME, name) else "NAME" if verb == "create" else "CREDENTIAL"
    values = " ".join(_word(each, "AUDIENCE") for each in audiences) or "AUDIENCE"
    return (
        f"`az identity federated-credential {verb} --name {called} "
        f"--identity-name {shlex.quote(identity.name)} "
        f"--resource-group {shlex.quote(identity.resource_group)} "
        f"--issuer {_word(issuer, 'ISSUER')} --subject {_word(subject, 'SUBJECT')} "
        f"--audiences {values}`"
    )


def identity_list_command(identity: ManagedIdentity) -> str:
    """Return the command that lists the credentials of a managed identity."""
    return (
        f"`az identity federated-credential list --identity-name {shlex.quote(identity.name)} "
        f"--resource-group {shlex.quote(identity.resource_group)}`"
    )


def without_ids(subject: str) -> str | None:
    """Return GitHub's immutable `subject` with names alone, as it was before; `None` for others."""
    found = re.fullmatch(_GITHUB, subject, re.DOTALL)
    names = [re.fullmatch(NUMBERED, part) for part in found.groups()[:2]] if found else []
    owner, repository = names or (None, None)
    if found is None or owner is None or repository is None:
        return None
    return f"repo:{owner[1]}/{repository[1]}:{found[3]}"


def with_ids(claims: Mapping[str, object]) -> str | None:
    """Return the subject of `claims`, a token of GitHub, in its immutable form.

    `None` where the subject is not of GitHub's default form with names alone, or the token does
    not tell both ids.
    """
    subject = claims.get("sub")
    found = re.fullmatch(_GITHUB, subject, re.DOTALL) if isinstance(subject, str) else None
    ids = [str(claims.get(name)) for name in ("repository_owner_id", "repository_id")]
    if found is None or "@" in found[1] + found[2] or not all(map(str.isdecimal, ids)):
        return None
    return f"repo:{found[1]}@{ids[0]}/{found[2]}@{ids[1]}:{found[3]}"


def is_immutable_of(subject: str, other: str) -> bool:
    """Tell whether `subject` is `other` with GitHub's ids behind the names of owner and repository."""
    return without_ids(subject) == other


def _word(value: object, placeholder: str) -> str:
    """Return `value` as one argument of a shell, or `placeholder` where that is not safe to paste."""
    is_safe = isinstance(value, str) and value.isascii() and len(value) <= LONGEST
    return shlex.quote(value) if isinstance(value, str) and is_safe else placeholder


def _argument(members: Mapping[str, object]) -> str:
    """Return `members` as JSON in one argument of a shell, without a value that is too long.

    In ASCII, so that no quotation mark of another script ends the argument somewhere.
    """
    return shlex.quote(
        json.dumps(
            {
                name: "..." if isinstance(value, str) and len(value) > LONGEST else value
                for name, value in members.items()
            }
        )
    )
