"""App registrations and service principals, as Microsoft Graph and its tools export them.

Member names are those of `application`, `servicePrincipal`, `keyCredential` and
`passwordCredential` in Microsoft Graph v1.0 and beta, and of Azure AD Graph, in which the portal
showed manifests until January 2025.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from assertcheck.errors import CertificateError
from assertcheck.graph import (
    Content,
    KeyCredential,
    PasswordCredential,
    Registration,
    RequestSignature,
    Source,
)
from assertcheck.keys import terraform
from assertcheck.keys.cut_off import AGAIN, cut_off_names, without_cut_off
from assertcheck.keys.graph_credential import read_key, read_password
from assertcheck.keys.graph_json import MAX_FILE, MAX_OBJECTS, Wanted, other, read_json
from assertcheck.keys.graph_kinds import is_answer_on_others, is_credential, is_entity
from assertcheck.keys.graph_values import (
    Members,
    first,
    flag,
    folded,
    guid,
    is_list,
    items,
    text,
    texts,
)
from assertcheck.keys.platforms import (
    exposes_roles,
    exposes_scopes,
    has_implicit_flow,
    platforms_of,
    shows_purpose,
)
from assertcheck.keys.validity import READABLE_DATES
from assertcheck.reading import read_file

_APP_MEMBERS = (
    "id,appId,displayName,identifierUris,isFallbackPublicClient,web,spa,publicClient,api,"
    "appRoles,requestSignatureVerification,tokenEncryptionKeyId,keyCredentials,passwordCredentials"
)
_PRINCIPAL_MEMBERS = (
    "id,appId,displayName,accountEnabled,appOwnerOrganizationId,servicePrincipalNames,replyUrls,"
    "preferredSingleSignOnMode,preferredTokenSigningKeyThumbprint,keyCredentials,"
    "passwordCredentials"
)
_KEYS = ("keycredentials", "keycredential")
_PASSWORDS = ("passwordcredentials", "passwordcredential")
_TRUSTED = ("trustedcertificatesubjects", "trustedsubjectnameandissuers")
_KIND_MEMBERS = ("@odata.context", "@odata.type", "odata.type", "objecttype")
_OF_PRINCIPALS = frozenset(
    {"serviceprincipaltype", "serviceprincipalnames", "serviceprincipalname"}
    | {"appownerorganizationid", "preferredtokensigningkeythumbprint"}
)
_ANY_APP = "CLIENT_ID"
"""Stands where the client id is to be filled in."""

NO_KEYS = "the export leaves `keyCredentials` out"
NO_KEY_VALUES = (
    "no key credential in the export has its `key`: Graph gives it for a single object only, and "
    "only where `$select` names `keyCredentials`"
)
_TERRAFORM = "a Terraform state: what others registered on the app is not in it"
_UNREAD_DATES = f"not all dates in the export can be read: {READABLE_DATES}"
_NEXT_PAGE = "the export is one page of a list that goes on"
_SECRETS_ONLY = "the list holds secrets only: `az ad app credential list` needs `--cert` for keys"
_EMPTY_LIST = (
    "an empty list, taken for that of the key credentials; without `--cert`, "
    "`az ad app credential list` lists secrets"
)


def read_registrations(path: Path) -> tuple[Registration, ...]:
    """Return the registrations in the file `path`, of which there is at least one.

    Raise `CertificateError` that names what it is if there is none.
    """
    octets = read_file(path, limit=MAX_FILE, error=CertificateError)
    return parse_registrations(octets, label=path.name)


def parse_registrations(octets: bytes, *, label: str) -> tuple[Registration, ...]:
    """Return the registrations in `octets`, the content of a file called `label`.

    Their credentials are called `label[0]` and so on, one alone `label`; where there are several
    apps, these are `label[0]` and so on themselves. Raise `CertificateError` as
    `read_registrations` does.
    """
    value = read_json(octets, label=label, wanted=_wanted())
    notes = _page_notes(value)
    entities = items(value) if is_list(value) else [value]
    if terraform.is_terraform(value):
        notes, entities = (_TERRAFORM,), terraform.entities(value)
    read = [without_cut_off(each) for each in entities[: MAX_OBJECTS + 1]]
    members = tuple(folded(each) for each, _ in read)
    cut_off = [names for _, names in read]
    several = len(members) > 1
    _check_count(sum(1 + len(_credentials(each)) for each in members), label)
    is_empty = not members and is_list(value) and not is_answer_on_others(value, "credentials")
    if is_empty or (members and all(map(is_credential, members))):
        cut = tuple(dict.fromkeys(name for names in cut_off for name in names))
        notes = (*notes, *_list_notes(value, members))
        return (_of_credentials(members, label, cut, notes),)
    wrong = [each for each in entities if not is_entity(folded(each))]
    if wrong or not members:
        raise other(wrong[0] if wrong else value, label=label, wanted=_wanted())
    return tuple(
        _registration(each, label, f"{label}[{index}]" if several else label, cut, notes)
        for index, (each, cut) in enumerate(zip(members, cut_off, strict=True))
    )


def export_command(target: Registration | str | None) -> str:
    """Return the command that exports `target`, a registration or a client id, with its keys.

    Graph gives `key` for a single object only, and only where `$select` names `keyCredentials`
    (learn.microsoft.com/graph/api/resources/keycredential). The quotes suit bash and
    PowerShell.
    """
    kind, members = "applications", _APP_MEMBERS
    object_id, app_id = None, target
    if isinstance(target, Registration):
        object_id, app_id = guid(target.object_id), target.app_id
        if target.source is Source.SERVICE_PRINCIPAL:
            kind, members = "servicePrincipals", _PRINCIPAL_MEMBERS
    # Only a GUID goes into a command that is to be pasted.
    which = f"(appId='{guid(app_id) or _ANY_APP}')"
    if object_id and not guid(app_id):
        which = f"/{object_id}"
    url = f"https://graph.microsoft.com/v1.0/{kind}{which}"
    return f"az rest --method GET --url \"{url}\" --url-parameters '$select={members}' > app.json"


def _wanted() -> Wanted:
    return Wanted(what="an app registration", command=export_command(None))


def _check_count(count: int, label: str) -> None:
    if count > MAX_OBJECTS:
        raise CertificateError(
            f"{label} holds more than {MAX_OBJECTS} apps and credentials",
            hint=f"export the app alone: `{export_command(None)}`",
        )


def _page_notes(value: object) -> tuple[str, ...]:
    names = folded(value)
    return (_NEXT_PAGE,) if "@odata.nextlink" in names or "odata.nextlink" in names else ()


def _list_notes(value: object, members: Sequence[Members]) -> tuple[str, ...]:
    if members:
        return () if any(map(_is_key, members)) else (_SECRETS_ONLY,)
    return () if "@odata.context" in folded(value) else (_EMPTY_LIST,)


def _of_credentials(
    members: Sequence[Members], label: str, cut: tuple[str, ...], notes: tuple[str, ...]
) -> Registration:
    keys = [each for each in members if _is_key(each)]
    passwords = [each for each in members if not _is_key(each)]
    found = _keys(keys, label) if keys or not members else None
    secrets = _passwords(passwords, label) if passwords else None
    return Registration(
        label=label,
        source=Source.CREDENTIALS,
        app_id=None,
        object_id=None,
        display_name=None,
        tenant=None,
        keys=found,
        passwords=secrets,
        identifier_uris=(),
        service_principal_names=(),
        reply_urls=(),
        preferred_thumbprint=None,
        single_sign_on=None,
        request_signature=None,
        is_enabled=None,
        is_public=None,
        has_trusted_subjects=None,
        cut_off=cut,
        notes=(*notes, *_credential_notes(found, secrets, cut)),
    )


def _registration(
    members: Members, label: str, own_label: str, cut: tuple[str, ...], notes: tuple[str, ...]
) -> Registration:
    """Return the registration in `members`, from a file called `label`, less what was `cut` off.

    `own_label` is what it is called in the labels of its credentials.
    """
    keys, passwords = first(members, *_KEYS), first(members, *_PASSWORDS)
    found = None if keys is None else _keys(list(map(folded, items(keys))), own_label)
    secrets = (
        None if passwords is None else _passwords(list(map(folded, items(passwords))), own_label)
    )
    return Registration(
        label=label,
        source=_source(members),
        app_id=guid(members.get("appid")),
        object_id=text(first(members, "id", "objectid")),
        display_name=text(first(members, "displayname", "name")),
        tenant=guid(members.get("appownerorganizationid") or members.get("appownertenantid")),
        keys=found,
        passwords=secrets,
        identifier_uris=texts(first(members, "identifieruris", "identifieruri")),
        service_principal_names=texts(
            first(members, "serviceprincipalnames", "serviceprincipalname")
        ),
        reply_urls=_reply_urls(members),
        preferred_thumbprint=text(members.get("preferredtokensigningkeythumbprint")),
        single_sign_on=text(members.get("preferredsinglesignonmode")),
        request_signature=_request_signature(members.get("requestsignatureverification")),
        is_enabled=flag(members.get("accountenabled")),
        is_public=flag(first(members, "isfallbackpublicclient", "allowpublicclient")),
        has_trusted_subjects=_trusts_subjects(members),
        platforms=platforms_of(members),
        has_scopes=exposes_scopes(members),
        has_roles=exposes_roles(members),
        has_implicit_flow=has_implicit_flow(members),
        is_purpose_shown=shows_purpose(members),
        encryption_key_id=guid(members.get("tokenencryptionkeyid")),
        cut_off=cut,
        notes=(*notes, *_credential_notes(found, secrets, cut)),
    )


def _source(members: Members) -> Source:
    kind = " ".join(str(members.get(name)) for name in _KIND_MEMBERS)
    if "serviceprincipal" in kind.lower() or not _OF_PRINCIPALS.isdisjoint(members):
        return Source.SERVICE_PRINCIPAL
    if {"id", "appid", "objectid"}.isdisjoint(members) and "#" not in kind:
        return Source.CREDENTIALS
    return Source.APPLICATION


def _credentials(members: Members) -> list[object]:
    return items(first(members, *_KEYS))


def _is_key(members: Members) -> bool:
    """Tell a key credential from a password credential, which has no type and no usage."""
    return not {"type", "usage", "key"}.isdisjoint(members)


def _keys(members: Sequence[Members], label: str) -> tuple[KeyCredential, ...]:
    several = len(members) > 1
    return tuple(
        read_key(each, label=f"{label}[{index}]" if several else label)
        for index, each in enumerate(members)
    )


def _passwords(members: Sequence[Members], label: str) -> tuple[PasswordCredential, ...]:
    return tuple(
        read_password(each, label=f"{label} passwordCredentials[{index}]")
        for index, each in enumerate(members)
    )


def _credential_notes(
    keys: tuple[KeyCredential, ...] | None,
    passwords: tuple[PasswordCredential, ...] | None,
    cut: tuple[str, ...],
) -> Iterator[str]:
    """Yield what of the credentials is not known, each for one reason and with one way out."""
    if cut:
        yield f"cut off at {cut_off_names(cut)}, so that nothing is known of it: {AGAIN}"
    last = {name.rpartition(".")[2].lower() for name in cut}
    if keys is None and last.isdisjoint(_KEYS):
        yield NO_KEYS
    if keys and all(each.content is Content.NONE for each in keys) and "key" not in last:
        yield NO_KEY_VALUES
    unread = [each.unread_dates for each in keys or ()]
    if any((*unread, *(each.unread_dates for each in passwords or ()))):
        yield _UNREAD_DATES


def _reply_urls(members: Members) -> tuple[str, ...]:
    platforms = (folded(members.get(name)) for name in ("web", "spa", "publicclient"))
    typed = items(members.get("replyurlswithtype"))
    return texts(
        first(members, "replyurls", "replyurl"),
        *(each.get("redirecturis") for each in platforms),
        *(each.get("redirecturi") for each in map(folded, [members.get("web")])),
        *(folded(each).get("url") for each in typed),
    )


def _request_signature(value: object) -> RequestSignature | None:
    members = folded(value)
    is_required = flag(members.get("issignedrequestrequired"))
    if is_required is None:
        return None
    # A flags enumeration: several come as one text, parted by commas.
    weak = ",".join(texts(members.get("allowedweakalgorithms"))).split(",")
    algorithms = tuple(each.strip() for each in weak if each.strip())
    return RequestSignature(is_required=is_required, weak_algorithms=algorithms)


def _trusts_subjects(members: Members) -> bool | None:
    """Azure AD Graph and the manifest have the one name, Graph beta the other."""
    names = [name for name in _TRUSTED if name in members]
    return any(items(members[name]) for name in names) if names else None
