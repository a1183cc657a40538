"""Exports of Microsoft Graph, whatever tool printed them: read as JSON, or named for what they are."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from assertcheck.errors import CertificateError
from assertcheck.intake.encoding import to_text
from assertcheck.keys.cut_off import AGAIN, is_cut_off, without_cut_off
from assertcheck.keys.graph_kinds import looks_federated, looks_like_registration
from assertcheck.keys.graph_values import Members, folded, is_list, items

MAX_FILE = 16 * 1024 * 1024
"""Octets: `az ad app list --all` of a large tenant."""
MAX_OBJECTS = 10_000
"""Apps or credentials in one file; each takes some work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a file should hold, in words for the error that says it does not."""

    what: str
    """`an app registration`."""
    command: str
    """That exports it."""


_WARNINGS = re.compile(r"\A(?:\s*WARNING:[^\n]*\n)+")
"""What `az` says on standard error, where that was redirected to the file as well."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""What tools put around what they print to a terminal (ECMA-48, SGR), or took a file for one."""
_CODE = re.compile(
    r"\"code\"\s*:\s*\"(?P<graph>[A-Za-z]\w{2,79})\"|(?P<entra>AADSTS\d{4,9})", re.ASCII
)
_CODE_NAME = re.compile(r"[A-Za-z][\w.]{2,79}", re.ASCII)
_SIGN_IN = "sign in with `az login`, then export it again"
_MAY_NOT_READ = (
    "sign in as an owner of the app, or as someone who may read it (Application.Read.All), then "
    "export it again"
)
_HINTS = {
    "Authorization_RequestDenied": _MAY_NOT_READ,
    "Authorization_IdentityNotFound": _SIGN_IN,
    "InvalidAuthenticationToken": _SIGN_IN,
    "Request_ResourceNotFound": "check the id: `/applications/` takes the object id, "
    "`/applications(appId='CLIENT_ID')` the client id",
    "ResourceNotFound": "check the id and the tenant you are signed in to",
    "Request_BadRequest": "check the id and the $select of the request",
}
_WHOLE_AGAIN = "save all of the output to the file, and nothing else"

_TEXTS: tuple[tuple[re.Pattern[str], str, str | None], ...] = (
    (
        re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY"),
        "a private key in PEM",
        "give it to --key",
    ),
    (re.compile(r"-----BEGIN "), "a certificate or key in PEM", "give it to --cert"),
    (
        re.compile(r"<(?:!doctype html|html[\s>])", re.IGNORECASE),
        "an HTML page",
        "a page for signing in, or an error, was saved in its place: export it again",
    ),
    (re.compile(r"<"), "an XML file", None),
    (
        re.compile(r"(?:Bearer )?eyJ[\w-]+\.[\w-]+\."),
        "an assertion or another token (a JWT)",
        "give it as INPUT",
    ),
    (
        re.compile(r"(?:Get|Invoke|Connect|Find|Import)-\w+\s*:"),
        "an error of PowerShell",
        "run the command again and read what it says; `Connect-MgGraph` signs in",
    ),
    (
        re.compile(r"[\w@.\"']+:(?:\s|$)|- [\w@.\"']+:\s"),
        "YAML",
        "export it as JSON: `-o json`",
    ),
    (
        re.compile(r"\w+ +: |[\w ]*\r?\n-{2,}[- ]*\r?\n"),
        "a table or list for people to read",
        "export it as JSON: `-o json`, or `| ConvertTo-Json -Depth 5` in PowerShell",
    ),
)
"""What a text that is not JSON begins with, what it is then, and what to do."""

_SECRET = "it holds a secret: delete the file; then "
_DOWNLOAD = "`az keyvault certificate download` writes its file: give that to --cert"
_ITS_FILE = "give the certificate's own file to --cert"
_OBJECTS: tuple[tuple[frozenset[str], str, str | None], ...] = (
    (frozenset({"kty"}), "a JWK", "give it to --cert"),
    (frozenset({"keys"}), "a JWK set", "give it to --cert"),
    (frozenset({"access_token"}), "a token response", None),
    (frozenset({"accesstoken"}), "an access token, as `az account get-access-token` prints", None),
    (frozenset({"jwks_uri"}), "the OpenID configuration of an issuer", None),
    (frozenset({"appid", "password"}), "a client secret, as `az` prints a new one", _SECRET),
    (frozenset({"clientid", "clientsecret"}), "a client secret", _SECRET),
    (frozenset({"hometenantid"}), "a subscription, as `az account show` prints", None),
    (frozenset({"userprincipalname"}), "a user", None),
    (frozenset({"verifieddomains"}), "a tenant", None),
    (frozenset({"grouptypes"}), "a group", None),
    (frozenset({"principalid", "clientid"}), "a managed identity, which has no keys to show", None),
    (frozenset({"cer", "policy"}), "a certificate in Key Vault", _DOWNLOAD),
    (frozenset({"thumbprint", "subject"}), "what is said of a certificate", _ITS_FILE),
)
"""The members that give an object away, what it is then, and what to do; else, to export it."""


def read_json(octets: bytes, *, label: str, wanted: Wanted) -> object:
    """Return the JSON in `octets`, the content of a file called `label`, in any UTF.

    Raise `CertificateError` that names what it is if it is none; no value of it is ever said.
    """
    written = _WARNINGS.sub("", _COLOUR.sub("", to_text(octets)[0])).strip()
    if not written:
        raise CertificateError(
            f"{label} is empty",
            hint="the command that was to write it failed: run it again and read what it says",
        )
    try:
        value: object = json.loads(written)
        if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
            # Twice through `ConvertTo-Json`, or `az` with `--query tostring(@)`.
            value = json.loads(value)
    except json.JSONDecodeError as cause:
        # Not chained: the cause holds the whole text.
        raise _no_json(written, label, wanted, cause.lineno, cause.colno) from None
    except (ValueError, RecursionError):
        raise CertificateError(
            f"{label} is JSON nested too deep, or with a number too large",
            hint=_export(wanted),
        ) from None
    return value


def other(value: object, *, label: str, wanted: Wanted) -> CertificateError:
    """Return the error that names what `value`, from a file called `label`, is instead."""
    shown = value
    if is_list(value):
        shown = next(iter(items(value)), value)
    members = folded(shown)
    error = members.get("error", members.get("odata.error"))
    if error is not None:
        return _error_response(error, label, wanted)
    what, hint = _kind(shown, members, wanted)
    if hint == _SECRET:
        hint = f"{_SECRET}{_export(wanted)}"
    return CertificateError(f"{label} is {what}", hint=hint or _export(wanted))


def _kind(value: object, members: Members, wanted: Wanted) -> tuple[str, str | None]:
    if looks_federated(value):
        return "a federated identity credential", "give it to --federated"
    if looks_like_registration(value):
        return "an app registration", "give it to --app"
    for names, what, hint in _OBJECTS:
        if names <= members.keys():
            return what, hint
    if is_cut_off(value) or without_cut_off(value)[1]:
        return f"JSON that was cut off, so that {wanted.what} cannot be seen in it", AGAIN
    if is_list(value):
        return f"a list without {wanted.what} in it", "check the id, and the tenant you asked"
    if "terraform_version" in members:
        return f"a Terraform state without {wanted.what} in it", None
    return f"JSON, but not {wanted.what}", None


def _error_response(error: object, label: str, wanted: Wanted) -> CertificateError:
    code = folded(error).get("code")
    if not isinstance(error, dict):
        return CertificateError(
            f"{label} is an error response of a token endpoint, not {wanted.what}",
            hint="give it to --error, or to `assertcheck explain`",
        )
    named = code if isinstance(code, str) and _CODE_NAME.fullmatch(code) else None
    return CertificateError(
        f"{label} is an error response of Microsoft Graph{f': {named}' if named else ''}",
        hint=_HINTS.get(named or "", _export(wanted)),
    )


def _no_json(written: str, label: str, wanted: Wanted, line: int, column: int) -> CertificateError:
    if written.startswith(("{", "[")):
        return CertificateError(
            f"{label} begins as JSON, but is none from line {line}, column {column} on",
            hint=_WHOLE_AGAIN,
        )
    if written.startswith(("ERROR:", "az: ", "usage: az")):
        found = _CODE.search(written)
        code = str(found["graph"] or found["entra"]) if found else ""
        is_signed_out = "az login" in written or code.startswith("AADSTS")
        again = f"read what it says, then {_export(wanted)}"
        return CertificateError(
            f"{label} is an error message of the Azure CLI{f': {code}' if code else ''}",
            hint=_SIGN_IN if is_signed_out else _HINTS.get(code, again),
        )
    if "\0" in written or written.startswith("0\u201a"):
        # 30 82: DER of more than 255 octets, read as Windows-1252.
        return CertificateError(
            f"{label} is a binary file, not {wanted.what}",
            hint="give a certificate to --cert",
        )
    for pattern, what, hint in _TEXTS:
        if pattern.match(written):
            return CertificateError(
                f"{label} is {what}, not {wanted.what}", hint=hint or _export(wanted)
            )
    return CertificateError(f"{label} is text, not {wanted.what}", hint=_export(wanted))


def _export(wanted: Wanted) -> str:
    return f"export it as JSON: `{wanted.command}`"
