"""Federated identity credentials, as Microsoft Graph and its tools export them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from assertcheck.errors import CertificateError
from assertcheck.graph import FederatedCredential, ManagedIdentity
from assertcheck.keys import terraform
from assertcheck.keys.cut_off import without_cut_off
from assertcheck.keys.graph_json import MAX_FILE, MAX_OBJECTS, Wanted, other, read_json
from assertcheck.keys.graph_kinds import is_answer_on_others, looks_federated
from assertcheck.keys.graph_values import (
    first,
    flattened,
    folded,
    guid,
    is_list,
    items,
    text,
    texts,
)
from assertcheck.reading import read_file

_COMMAND = "az ad app federated-credential list --id CLIENT_ID > federated.json"
_IDENTITY = re.compile(
    r"/subscriptions/[^/]+/resourcegroups/(?P<group>[\w.()-]{1,90})"
    r"/providers/microsoft\.managedidentity/userassignedidentities/(?P<name>[\w-]{1,128})"
    r"/federatedidentitycredentials/[^/]+",
    re.ASCII | re.IGNORECASE,
)
"""The `id` that Resource Manager gives to a credential of a managed identity."""
_WANTED = Wanted(what="federated identity credentials", command=_COMMAND)


def read_federated(path: Path) -> tuple[FederatedCredential, ...]:
    """Return the federated identity credentials in the file `path`; none where its list is empty.

    Raise `CertificateError` that names what it is if it is no list of them.
    """
    octets = read_file(path, limit=MAX_FILE, error=CertificateError)
    return parse_federated(octets, label=path.name)


def read_credentials(source: str | Path | bytes) -> tuple[FederatedCredential, ...]:
    """Return the federated credentials in `source`, a path or the octets of a file."""
    if isinstance(source, bytes):
        return parse_federated(source, label="federated.json")
    return read_federated(Path(source))


def parse_federated(octets: bytes, *, label: str) -> tuple[FederatedCredential, ...]:
    """Return the credentials in `octets`, the content of a file called `label`.

    Each is called by its name, one without a name `label[0]` and so on. Raise `CertificateError`
    as `read_federated` does.
    """
    value = read_json(octets, label=label, wanted=_WANTED)
    if terraform.is_terraform(value):
        found = terraform.federated(value)
    else:
        found = items(value) if is_list(value) else [value]
    if len(found) > MAX_OBJECTS:
        raise CertificateError(
            f"{label} holds {len(found)} objects, more than {MAX_OBJECTS}",
            hint=f"export those of the app alone: `{_COMMAND}`",
        )
    is_other = is_answer_on_others(value, "federatedidentitycredentials")
    if not found and (is_other or terraform.is_terraform(value)):
        # What Terraform does not manage is not in its state.
        raise other(value, label=label, wanted=_WANTED)
    several = len(found) > 1
    is_from_state = terraform.is_terraform(value)
    return tuple(
        replace(
            _credential(each, label, f"{label}[{index}]" if several else label),
            is_from_state=is_from_state,
        )
        for index, each in enumerate(found)
    )


def _credential(value: object, label: str, own_label: str) -> FederatedCredential:
    if not looks_federated(value):
        raise other(value, label=label, wanted=_WANTED)
    whole, cut_off = without_cut_off(value)
    members = flattened(whole)
    issuer = text(members.get("issuer"))
    if issuer is None:
        raise CertificateError(
            f"{own_label} is a federated identity credential without an issuer",
            hint=f"export it again: `{_COMMAND}`",
        )
    expression = folded(members.get("claimsmatchingexpression"))
    return FederatedCredential(
        label=text(members.get("name")) or own_label,
        issuer=issuer,
        subject=text(members.get("subject")),
        audiences=texts(first(members, "audiences", "audience")),
        expression=text(expression.get("value")),
        # Resource Manager has them under `properties`.
        cut_off=tuple(name.rpartition(".")[2] for name in cut_off),
        identity=_identity(members.get("id")),
        credential_id=guid(members.get("id")),
    )


def _identity(identifier: object) -> ManagedIdentity | None:
    found = _IDENTITY.fullmatch(identifier) if isinstance(identifier, str) else None
    return ManagedIdentity(name=found["name"], resource_group=found["group"]) if found else None
