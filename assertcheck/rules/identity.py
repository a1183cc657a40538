"""`iss` and `sub`: who signs in, which is the app, by its client id."""

from __future__ import annotations

from assertcheck.authority import NIL, is_guid, read_endpoint
from assertcheck.model import EntraCode, Problem, Severity
from assertcheck.rules.audience import names_client_id
from assertcheck.rules.rule import Context, Need, documented, likely, rule, seen
from assertcheck.words import plain, quoted

_PAGE = "Entra certificate-credentials"


@rule(
    "iss-missing",
    "No issuer",
    severity=Severity.ERROR,
    source="RFC 7523 §3",
    aadsts=(seen("90014"),),
    unless=("claim-name-misspelled",),
)
def iss_missing(ctx: Context) -> tuple[Problem, ...]:
    """`iss` is who made the assertion: the app, by its client id.

    Entra ID requires it and answers AADSTS90014 without it.

    Good: `"iss":"11111111-2222-4333-8444-555555555555"`. Bad: no `iss`, or `"iss":null`.
    """
    if ctx.assertion.claims.get("iss") is not None:
        return ()
    return (_problem(ctx, "iss", message="there is no iss"),)


@rule(
    "iss-is-tenant-issuer",
    "The issuer is Entra ID itself",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700021"),),
    unless=("iss-missing",),
)
def iss_is_tenant_issuer(ctx: Context) -> tuple[Problem, ...]:
    """The issuer of a client assertion is the app, not the authority it is sent to.

    The URL of a tenant is the issuer of the tokens Entra ID makes, and no application's id.

    Good: `"iss":"11111111-2222-4333-8444-555555555555"`. Bad:
    `"iss":"https://login.microsoftonline.com/TENANT/v2.0"`.
    """
    issuer = ctx.assertion.claims["iss"]
    endpoint = read_endpoint(issuer) if isinstance(issuer, str) else None
    if endpoint is None or endpoint.cloud is None:
        return ()
    return (_problem(ctx, "iss", message=f"iss is {quoted(issuer)}, which is Entra ID"),)


@rule(
    "iss-is-tenant-id",
    "The issuer is the tenant",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700016"),),
    unless=("iss-is-tenant-issuer",),
)
def iss_is_tenant_id(ctx: Context) -> tuple[Problem, ...]:
    """`iss` and `sub` are the application (client) id; the tenant stands in `aud`.

    Both are GUIDs on the same page of the portal, and easily swapped. Entra ID finds no
    application of that id.

    Copy "Application (client) ID" from the app's overview, not "Directory (tenant) ID".
    """
    issuer = str(ctx.assertion.claims["iss"]).lower()
    audience = ctx.assertion.claims.get("aud")
    endpoint = read_endpoint(audience) if isinstance(audience, str) else None
    tenants = {(endpoint.tenant if endpoint else "").lower(), (ctx.expected.tenant or "").lower()}
    if not is_guid(issuer) or issuer not in tenants or names_client_id(ctx, issuer):
        return ()
    if ctx.registration and ctx.registration.app_id == issuer:
        # Then it is the tenant that is wrong.
        return ()
    return (_problem(ctx, "iss", message=f"iss {quoted(issuer)} is the tenant's id"),)


@rule(
    "client-id-format",
    "The issuer is not a client id",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700016"),),
    unless=("iss-is-tenant-issuer",),
)
def client_id_format(ctx: Context) -> tuple[Problem, ...]:
    """`iss` is the client id as a plain GUID: 32 hex digits in five groups.

    Entra ID looks the application up by it.

    Good: `11111111-2222-4333-8444-555555555555`. Bad: the same in braces or with a space, the
    app's display name, its `api://` URI, a placeholder such as `YOUR-CLIENT-ID`.
    """
    issuer = ctx.assertion.claims["iss"]
    if isinstance(issuer, str) and is_guid(issuer) and issuer != NIL:
        return ()
    trimmed = str(issuer).strip("{}()<>\"' \t\r\n")
    if trimmed.lower().startswith(("api://", "spn:")):
        trimmed = trimmed.partition(":")[2].strip("/")
    is_nil = issuer == NIL
    return (
        _problem(
            ctx,
            "iss",
            message=f"iss is {quoted(issuer)}, "
            + ("the empty GUID" if is_nil else "which is not a plain GUID"),
            expected=trimmed if is_guid(trimmed) and not is_nil else None,
            code=documented("700038") if is_nil else None,
        ),
    )


@rule(
    "iss-is-object-id",
    "The issuer is an object id",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(seen("700016"),),
    unless=("client-id-format",),
)
def iss_is_object_id(ctx: Context) -> tuple[Problem, ...]:
    """`iss` is the application (client) id, `appId` in Graph.

    An app has another GUID besides, its object id, `id` in Graph. It names the registration, or the
    service principal, as a directory object; Entra ID knows no application by it and answers
    AADSTS700016. Only `--app` shows which of the two a GUID is.

    Take the id labelled "Application (client) ID" in the portal.
    """
    app = ctx.registration
    issuer = str(ctx.assertion.claims["iss"]).lower()
    if app is None or app.object_id is None or issuer != app.object_id.lower():
        return ()
    return (
        _problem(
            ctx,
            "iss",
            message=f"iss is {issuer}, the object id in {app.label}",
            expected=app.app_id,
        ),
    )


@rule(
    "sub-missing",
    "No subject",
    severity=Severity.ERROR,
    source="RFC 7523 §3",
    aadsts=(documented("700022"),),
    unless=("claim-name-misspelled",),
)
def sub_missing(ctx: Context) -> tuple[Problem, ...]:
    """`sub` is whom the assertion is about; for client authentication that is the client itself.

    Microsoft's error list has AADSTS700022 for it: "No Subject claim provided in the assertion."

    Set `sub` to the same client id as `iss`.
    """
    if ctx.assertion.claims.get("sub") is not None:
        return ()
    return (_problem(ctx, "sub", message="there is no sub"),)


@rule(
    "iss-sub-differ",
    "Issuer and subject differ",
    severity=Severity.ERROR,
    source="RFC 7523 §3",
    aadsts=(seen("50048"),),
    unless=("iss-is-tenant-issuer", "iss-is-tenant-id", "client-id-format", "sub-missing"),
)
def iss_sub_differ(ctx: Context) -> tuple[Problem, ...]:
    """`iss` and `sub` are both the client id.

    Entra ID answers AADSTS50048 when they differ: "Subject must match the issuer claim in the
    client assertion."

    The usual fault is a user, an object id or the tenant in `sub`. Good: the client id in both.
    """
    issuer, subject = ctx.assertion.claims["iss"], ctx.assertion.claims["sub"]
    if str(issuer).lower() == str(subject).lower():
        return ()
    return (_problem(ctx, "sub", message=f"sub is {quoted(subject)}, iss is {quoted(issuer)}"),)


@rule(
    "wrong-application",
    "Another application's assertion",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(seen("700021"),),
    needs=(Need.CLIENT_ID,),
    unless=(
        "client-id-mismatch",
        "iss-is-object-id",
        "iss-is-tenant-issuer",
        "iss-is-tenant-id",
        "client-id-format",
    ),
)
def wrong_application(ctx: Context) -> tuple[Problem, ...]:
    """`iss` and `sub` are the `client_id` that the token request carries.

    Entra ID answers AADSTS700021 when they are not.

    Take both from one setting. Good: `client_id=A` with `"iss":"A"`. Bad: `client_id=A` with
    `"iss":"B"`.
    """
    issuer, client_id = ctx.assertion.claims["iss"], ctx.expected.client_id
    if client_id is None or str(issuer).lower() == client_id.lower():
        return ()
    message = f"iss is {quoted(issuer)}, the client id is {client_id}"
    app = ctx.registration
    if app and app.object_id and client_id.lower() == app.object_id.lower():
        message += f", which is the object id in {app.label}"
    return (_problem(ctx, "iss", message=message),)


@rule(
    "client-id-letter-case",
    "The client id is written in two ways",
    severity=Severity.WARNING,
    source=_PAGE,
    unless=("iss-sub-differ", "wrong-application"),
)
def client_id_letter_case(ctx: Context) -> tuple[Problem, ...]:
    """A GUID is the same in either letter case, but not every comparison knows that.

    Whether Entra ID compares `iss`, `sub` and `client_id` letter by letter is not known.

    Write the client id in one way everywhere, in lower case as the portal does.
    """
    written = [
        str(value)
        for value in (
            ctx.assertion.claims["iss"],
            ctx.assertion.claims["sub"],
            ctx.expected.client_id,
        )
        if value is not None
    ]
    if len(set(written)) == 1 or len({text.lower() for text in written}) > 1:
        return ()
    return (
        _problem(
            ctx,
            "iss",
            message=f"the client id is written as {' and as '.join(sorted(set(written)))}",
        ),
    )


@rule(
    "jti-missing",
    "No assertion id",
    severity=Severity.NOTE,
    source=_PAGE,
    unless=("claim-name-misspelled",),
)
def jti_missing(ctx: Context) -> tuple[Problem, ...]:
    """`jti` names this one assertion, with a value that is never used again.

    Microsoft documents it; no error of Entra ID for its absence is known.

    Set it to a fresh UUID for each assertion: `"jti":"22222222-0000-4000-8000-000000000001"`.
    """
    if ctx.assertion.claims.get("jti") not in (None, ""):
        return ()
    return (
        Problem(
            at="claims.jti",
            message="there is no jti",
            fix="set jti to a fresh UUID for each assertion",
            expected="a UUID",
            actual="none",
        ),
    )


def _problem(
    ctx: Context,
    claim: str,
    *,
    message: str,
    expected: str | None = None,
    code: EntraCode | None = None,
) -> Problem:
    right = expected or ctx.client_id
    value = ctx.assertion.claims.get(claim)
    return Problem(
        at=f"claims.{claim}",
        message=message,
        fix=f"set iss and sub to the application (client) id: {right}",
        expected=right,
        actual="none" if value is None else plain(value),
        aadsts=(code,) if code else None,
    )


RULES = (
    iss_missing,
    iss_is_tenant_issuer,
    iss_is_tenant_id,
    client_id_format,
    iss_is_object_id,
    sub_missing,
    iss_sub_differ,
    wrong_application,
    client_id_letter_case,
    jti_missing,
)
