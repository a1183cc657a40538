"""`aud`: whom the assertion is for, which is a token endpoint of Entra ID."""

from __future__ import annotations

from urllib.parse import urlsplit

from assertcheck.authority import (
    CLOUD_HOSTS,
    MULTI_TENANT,
    Endpoint,
    Form,
    is_guid,
    read_endpoint,
    token_endpoint,
)
from assertcheck.model import Problem, Severity, Undecided
from assertcheck.rules.rule import Context, Need, likely, rule, seen
from assertcheck.words import quoted

_PAGE = "Entra certificate-credentials"
_MTLS_HOST = "mtlsauth.microsoft.com"
_TAKEN = (Form.TOKEN_V2, Form.TOKEN_V1, Form.ISSUER)


@rule(
    "aud-missing",
    "No audience",
    severity=Severity.ERROR,
    source="RFC 7523 §3",
    aadsts=(seen("90014"),),
    unless=("claim-name-misspelled",),
)
def aud_missing(ctx: Context) -> tuple[Problem, ...]:
    """`aud` names the token endpoint the assertion is sent to.

    Entra ID requires it and answers AADSTS90014 without it.

    Good: `"aud":"https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"`. Bad: no `aud`, or
    `"aud":null`.
    """
    if ctx.assertion.claims.get("aud") is not None:
        return ()
    return (_problem(ctx, message="there is no aud", actual="none"),)


@rule(
    "aud-is-array",
    "The audience is not one string",
    severity=Severity.ERROR,
    source="RFC 7519 §4.1.3",
    aadsts=(seen("50027"),),
    unless=("aud-missing",),
)
def aud_is_array(ctx: Context) -> tuple[Problem, ...]:
    """RFC 7519 lets `aud` be an array; Entra ID takes one string only.

    An array, even of one element, is answered with AADSTS50027.

    Some libraries (openid-client 4 among them) send an array unless told otherwise. Good:
    `"aud":"https://…/token"`. Bad: `"aud":["https://…/token"]`.
    """
    audience = ctx.assertion.claims["aud"]
    if isinstance(audience, str):
        return ()
    return (_problem(ctx, message=f"aud is {quoted(audience)}", actual=quoted(audience)),)


@rule(
    "aud-malformed",
    "The audience is not a URL",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700023"),),
    unless=("aud-is-array",),
)
def aud_malformed(ctx: Context) -> tuple[Problem, ...]:
    """`aud` is the URL of the token endpoint, with nothing before, in or after it.

    Entra ID compares it with its own name for the tenant.

    Look for a space, a line break, quotes or a placeholder that was not filled in. (Microsoft's
    own sample once read `https: //`.) Good: `https://login.microsoftonline.com/TENANT/…`. Bad:
    `https: //login…`, `https://login.microsoftonline.com/{tenant}/…`.
    """
    audience = _audience(ctx)
    endpoint = read_endpoint(audience)
    tenant = endpoint.tenant if endpoint else ""
    if any(char.isspace() or not char.isprintable() for char in audience):
        message = f"aud {quoted(audience)} holds white space or a control character"
    elif any(char in audience for char in "{}<>\"'"):
        message = f"aud {quoted(audience)} holds a placeholder or quotes"
    elif endpoint and endpoint.cloud and tenant and not _is_tenant(tenant):
        message = f"aud names tenant {quoted(tenant)}, which is neither a GUID nor a domain name"
    elif endpoint or _names_an_app(audience) or _with_scheme(audience):
        return ()
    else:
        message = f"aud {quoted(audience)} is not a URL"
    return (_problem(ctx, message=message),)


@rule(
    "aud-is-resource",
    "The audience is an API, not the token endpoint",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700023"),),
    unless=("aud-malformed",),
)
def aud_is_resource(ctx: Context) -> tuple[Problem, ...]:
    """`aud` is who reads the *assertion*: the token endpoint. What the *token* is for goes into `scope`.

    With an API's URL, an app id or an `api://` URI in `aud`, Entra ID finds that the assertion is
    for somebody else and answers AADSTS700023.

    Good: `"aud":"https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"` and
    `scope=https://graph.microsoft.com/.default`. Bad: `"aud":"https://graph.microsoft.com"`.
    """
    audience = _audience(ctx)
    endpoint = read_endpoint(audience)
    if endpoint is None:
        is_resource = _names_an_app(audience)
    elif endpoint.scheme == "api":
        is_resource = True
    else:
        is_resource = endpoint.is_resource or (
            _is_unknown(endpoint) and endpoint.form in (Form.ROOT, Form.OTHER)
        )
    if not is_resource:
        return ()
    return (_problem(ctx, message=f"aud {quoted(audience)} names an API or app"),)


@rule(
    "aud-scheme",
    "The audience does not begin with https://",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700023"),),
    unless=("aud-is-resource",),
)
def aud_scheme(ctx: Context) -> tuple[Problem, ...]:
    """`aud` is a URL with its scheme, and Entra ID's endpoints have `https`.

    Entra ID compares the whole of it.

    Good: `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`. Bad: the same with
    `http://`, or without a scheme.
    """
    audience = _audience(ctx)
    if audience.lower().startswith("https://"):
        return ()
    return (_problem(ctx, message=f"aud {quoted(audience)} has no https://"),)


@rule(
    "aud-host-misspelled",
    "The audience's host is misspelled",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700023"),),
    unless=("aud-scheme",),
)
def aud_host_misspelled(ctx: Context) -> tuple[Problem, ...]:
    """`aud` names one of Entra ID's sign-in hosts.

    A letter more or less is another host, and the assertion is then not for Entra ID.

    Good: `login.microsoftonline.com`, `login.microsoftonline.us`,
    `login.partner.microsoftonline.cn`. Bad: `login.microsoftonline.co`,
    `login.microsoft-online.com`.
    """
    endpoint = _endpoint(ctx)
    meant = _nearest_host(endpoint.host) if _is_unknown(endpoint) else None
    if meant is None:
        return ()
    return (
        _problem(
            ctx,
            message=f"aud names host {quoted(endpoint.host)}, which looks like {meant}",
            expected=_audience(ctx).lower().replace(endpoint.host, meant),
        ),
    )


@rule(
    "aud-host-unknown",
    "Not one of Entra ID's hosts",
    severity=Severity.NOTE,
    source=_PAGE,
    unless=("aud-host-misspelled",),
)
def aud_host_unknown(ctx: Context) -> tuple[Problem | Undecided, ...]:
    """AD FS, Azure AD B2C, External ID (CIAM) and custom domains have audiences of their own.

    What they take is decided by their own configuration, so this program judges neither `aud`
    nor, therefore, the whole.

    For Entra ID itself, use `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`.
    """
    endpoint = _endpoint(ctx)
    if endpoint.cloud is not None or _is_mtls(endpoint):
        return ()
    product = endpoint.own_rules or "not one of Entra ID's hosts; a custom domain"
    return (
        Undecided(
            why=f"aud names {endpoint.host}: {product} has rules of its own for aud",
            decisive=True,
        ),
    )


@rule(
    "aud-is-mtls",
    "Audience of mutual TLS",
    severity=Severity.WARNING,
    source="AADSTS50171",
    aadsts=(seen("50171"),),
    unless=("aud-host-misspelled",),
)
def aud_is_mtls(ctx: Context) -> tuple[Problem, ...]:
    """The host for mutual TLS is an audience only for requests that present a client certificate in TLS.

    Sent without one, the assertion draws AADSTS50171: "The given audience can only be used in
    Mutual-TLS token calls."

    Unless the request is made over mutual TLS, use
    `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`.
    """
    endpoint = _endpoint(ctx)
    if not _is_mtls(endpoint):
        return ()
    return (_problem(ctx, message=f"aud names {endpoint.host}, the host for mutual TLS"),)


@rule(
    "aud-is-authorize-endpoint",
    "The audience is the authorize endpoint",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700023"),),
    unless=("aud-host-misspelled",),
)
def aud_is_authorize_endpoint(ctx: Context) -> tuple[Problem, ...]:
    """The authorize endpoint is where a browser signs a user in; assertions go to the token endpoint.

    Entra ID does not take its URL as audience.

    Good: `…/oauth2/v2.0/token`. Bad: `…/oauth2/v2.0/authorize`.
    """
    if _entra(ctx, Form.AUTHORIZE) is None:
        return ()
    return (_problem(ctx, message="aud ends in /authorize"),)


@rule(
    "aud-is-authority",
    "The audience is the authority, not the token endpoint",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(seen("700023"),),
    unless=("aud-host-misspelled",),
)
def aud_is_authority(ctx: Context) -> tuple[Problem, ...]:
    """The authority is what a library is configured with: host and tenant. `aud` is the token endpoint.

    Without `/oauth2/v2.0/token` Entra ID answers AADSTS700023.

    Good: `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`. Bad:
    `https://login.microsoftonline.com/TENANT`.
    """
    endpoint = _entra(ctx, Form.ROOT, Form.AUTHORITY)
    if endpoint is None or endpoint.host == "sts.windows.net":
        return ()
    what = "host and tenant" if endpoint.tenant else "the host"
    return (_problem(ctx, message=f"aud is {what} alone, {quoted(_audience(ctx))}"),)


@rule(
    "aud-is-v1-issuer",
    "The audience is the v1.0 issuer",
    severity=Severity.WARNING,
    source=_PAGE,
    unless=("aud-host-misspelled",),
)
def aud_is_v1_issuer(ctx: Context) -> tuple[Problem, ...]:
    """`https://sts.windows.net/TENANT/` is who issues v1.0 tokens, not where assertions are sent.

    Whether Entra ID takes it as audience is not known.

    Good: `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`. Bad:
    `https://sts.windows.net/TENANT/`.
    """
    endpoint = _entra(ctx, Form.ROOT, Form.AUTHORITY)
    if endpoint is None or endpoint.host != "sts.windows.net":
        return ()
    return (_problem(ctx, message=f"aud is {quoted(_audience(ctx))}, an issuer"),)


@rule(
    "aud-path-incomplete",
    "The audience's path is not that of a token endpoint",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700023"),),
    unless=("aud-host-misspelled",),
)
def aud_path_incomplete(ctx: Context) -> tuple[Problem, ...]:
    """The path of the token endpoint is `/TENANT/oauth2/v2.0/token`.

    Entra ID compares it with the paths it has.

    Good: `/TENANT/oauth2/v2.0/token`. Bad: `/TENANT/oauth2/v2.0`, `/TENANT/v2.0/token`,
    `/oauth2/v2.0/token` without a tenant.
    """
    if _entra(ctx, Form.OTHER) is None:
        return ()
    path = urlsplit(_audience(ctx)).path
    return (_problem(ctx, message=f"aud has the path {quoted(path)}"),)


@rule(
    "aud-undocumented-path",
    "A path for which sources disagree",
    severity=Severity.WARNING,
    source=_PAGE,
    unless=("aud-host-misspelled",),
)
def aud_undocumented_path(ctx: Context) -> tuple[Problem, ...]:
    """One page of the Azure SDK gives `…/TENANT/v2` as the audience; Microsoft's own page does not.

    Whether Entra ID takes it is not known.

    Good: `…/TENANT/oauth2/v2.0/token`, which Microsoft documents. Doubtful: `…/TENANT/v2`.
    """
    if _entra(ctx, Form.V2) is None:
        return ()
    return (_problem(ctx, message=f"aud is {quoted(_audience(ctx))}"),)


@rule(
    "aud-common",
    "The audience names no tenant",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(seen("700023"),),
    unless=("aud-host-misspelled",),
)
def aud_common(ctx: Context) -> tuple[Problem, ...]:
    """`common`, `organizations` and `consumers` stand for no tenant in particular.

    An assertion sent to a tenant's own endpoint has to name that tenant; with `/common/` in `aud`
    Entra ID answers AADSTS700023.

    Good: `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`. Bad:
    `https://login.microsoftonline.com/common/oauth2/v2.0/token`.
    """
    endpoint = _entra(ctx, *_TAKEN, Form.V2)
    expected = ctx.expected.tenant
    if (
        endpoint is None
        or not _is_multi(endpoint.tenant)
        or expected is None
        or _is_multi(expected)
    ):
        return ()
    return (_problem(ctx, message=f"aud names {endpoint.tenant}, the request goes to {expected}"),)


@rule(
    "aud-without-tenant",
    "The audience names no tenant",
    severity=Severity.WARNING,
    source=_PAGE,
    unless=("aud-common",),
)
def aud_without_tenant(ctx: Context) -> tuple[Problem | Undecided, ...]:
    """`common`, `organizations` and `consumers` stand for no tenant in particular.

    They are right only where the token request itself goes there, which flows with a user can and
    the client credentials grant can not.

    Give `--token-url` with the URL of the request, or `--tenant`, to have it decided. Good:
    `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`. Doubtful:
    `https://login.microsoftonline.com/common/oauth2/v2.0/token`.
    """
    endpoint = _entra(ctx, *_TAKEN, Form.V2)
    if endpoint is None or not _is_multi(endpoint.tenant) or ctx.expected.tenant is not None:
        return ()
    return (
        _problem(ctx, message=f"aud names {endpoint.tenant}, which is no tenant"),
        Undecided(
            why=f"aud names {endpoint.tenant}: right only if the request goes there too; "
            "add --tenant or --token-url",
            decisive=True,
        ),
    )


@rule(
    "aud-wrong-cloud",
    "The audience is in another cloud",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(seen("700023"),),
    needs=(Need.CLOUD,),
    unless=("aud-host-misspelled",),
)
def aud_wrong_cloud(ctx: Context) -> tuple[Problem, ...]:
    """Each national cloud has sign-in hosts of its own, and takes assertions made out to them only.

    An assertion for `login.microsoftonline.com` sent to `login.microsoftonline.us` is answered
    with AADSTS700023.

    Public: `login.microsoftonline.com`. US government: `login.microsoftonline.us`. China:
    `login.partner.microsoftonline.cn`.
    """
    endpoint = _endpoint(ctx)
    if endpoint.cloud in (None, ctx.expected.cloud):
        return ()
    return (
        _problem(
            ctx,
            message=f"aud names {endpoint.host} ({endpoint.cloud} cloud), "
            f"the request goes to the {ctx.expected.cloud} cloud",
        ),
    )


@rule(
    "aud-names-client-id",
    "The audience has the client id in the tenant's place",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(seen("700023"),),
    unless=("aud-is-authorize-endpoint", "aud-is-authority", "aud-path-incomplete", "aud-common"),
)
def aud_names_client_id(ctx: Context) -> tuple[Problem, ...]:
    """The first segment of the audience's path is the tenant; the client id stands in `iss` and `sub`.

    Both are GUIDs on the same page of the portal, and easily swapped. The assertion is then made
    out to a tenant that the request does not go to.

    Good: `https://login.microsoftonline.com/TENANT/oauth2/v2.0/token`. Bad:
    `https://login.microsoftonline.com/CLIENT_ID/oauth2/v2.0/token`.
    """
    endpoint = _entra(ctx, *Form)
    if endpoint is None or not names_client_id(ctx, endpoint.tenant):
        return ()
    return (_problem(ctx, message=f"aud names {endpoint.tenant}, which is the client id"),)


@rule(
    "aud-wrong-tenant",
    "The audience is another tenant",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(seen("700023"),),
    needs=(Need.TENANT,),
    unless=("aud-names-client-id",),
)
def aud_wrong_tenant(ctx: Context) -> tuple[Problem | Undecided, ...]:
    """`aud` names the tenant that the token request is sent to.

    An assertion made out to one tenant and sent to another is answered with AADSTS700023.

    Build `aud` from the same setting as the URL of the request. A tenant's GUID and any of its
    domain names are both right; which domain belongs to which GUID cannot be known offline.
    """
    endpoint, expected = _entra(ctx, *Form), ctx.expected.tenant
    if endpoint is None or expected is None or endpoint.tenant.lower() == expected.lower():
        return ()
    if _is_multi(expected) or not (is_guid(endpoint.tenant) and is_guid(expected)):
        return (
            Undecided(
                why=f"aud names tenant {endpoint.tenant} and the request {expected}: whether they "
                "are one tenant cannot be known offline"
            ),
        )
    return (_problem(ctx, message=f"aud names tenant {endpoint.tenant}, the request {expected}"),)


@rule(
    "aud-old-host",
    "The audience has an old host name",
    severity=Severity.NOTE,
    source=_PAGE,
    unless=("aud-wrong-cloud",),
)
def aud_old_host(ctx: Context) -> tuple[Problem, ...]:
    """Each cloud has one sign-in host that is documented today, and older names for it.

    The old names still belong to the same cloud; new code should not depend on them.

    Good: `login.microsoftonline.com`. Old: `login.windows.net`, `login.microsoft.com`.
    """
    endpoint = _entra(ctx, *_TAKEN)
    if endpoint is None or not any(endpoint.host in hosts[1:] for hosts in CLOUD_HOSTS.values()):
        return ()
    return (_problem(ctx, message=f"aud names {endpoint.host}, an old name"),)


@rule(
    "aud-trailing-slash",
    "The audience ends in a slash",
    severity=Severity.NOTE,
    source=_PAGE,
    unless=("aud-host-misspelled",),
)
def aud_trailing_slash(ctx: Context) -> tuple[Problem, ...]:
    """Entra ID takes the token endpoint with a slash at its end; its documentation has none.

    Good: `…/oauth2/v2.0/token`. Taken: `…/oauth2/v2.0/token/`.
    """
    if _entra(ctx, *_TAKEN) is None or not urlsplit(_audience(ctx)).path.endswith("/"):
        return ()
    return (_problem(ctx, message="aud ends in /", expected=_audience(ctx).rstrip("/")),)


@rule(
    "aud-v1-endpoint",
    "The audience is the v1.0 endpoint",
    severity=Severity.NOTE,
    source=_PAGE,
    unless=("aud-host-misspelled",),
)
def aud_v1_endpoint(ctx: Context) -> tuple[Problem, ...]:
    """`/oauth2/token` is the token endpoint of the v1.0 protocol. It is taken.

    The v2.0 endpoint takes `scope`, the v1.0 endpoint `resource`; each takes the other's audience.

    Documented today: `…/oauth2/v2.0/token`.
    """
    if _entra(ctx, Form.TOKEN_V1) is None:
        return ()
    return (_problem(ctx, message="aud is the v1.0 token endpoint, which is taken"),)


def names_client_id(ctx: Context, tenant: str) -> bool:
    """Tell whether `tenant`, from `aud`, is the client id, as the options or `iss` tell."""
    expected, issuer = ctx.expected, str(ctx.assertion.claims.get("iss")).lower()
    if not is_guid(tenant) or (expected.tenant or "").lower() == tenant.lower():
        return False
    if expected.client_id:
        return tenant.lower() == expected.client_id.lower()
    return expected.tenant is not None and tenant.lower() == issuer


def right_audience(ctx: Context) -> str:
    """Return the audience to send, as far as the options and the assertion tell it."""
    if ctx.expected.token_url:
        return ctx.expected.token_url.partition("?")[0]
    audience = ctx.assertion.claims.get("aud")
    endpoint = read_endpoint(audience) if isinstance(audience, str) else None
    tenant = ctx.expected.tenant or ""
    if (
        not tenant
        and endpoint
        and _is_tenant(endpoint.tenant)
        and not _is_multi(endpoint.tenant)
        and not names_client_id(ctx, endpoint.tenant)
    ):
        tenant = endpoint.tenant
    cloud = ctx.expected.cloud or (endpoint and endpoint.cloud) or "public"
    return token_endpoint(cloud=cloud, tenant=tenant or "TENANT")


def _problem(
    ctx: Context, *, message: str, expected: str | None = None, actual: str | None = None
) -> Problem:
    right = expected or right_audience(ctx)
    return Problem(
        at="claims.aud",
        message=message,
        fix=f"set aud to {right}",
        expected=right,
        actual=actual or _audience(ctx),
    )


def _audience(ctx: Context) -> str:
    return str(ctx.assertion.claims.get("aud"))


def _endpoint(ctx: Context) -> Endpoint:
    endpoint = read_endpoint(_audience(ctx))
    assert endpoint is not None, "aud-malformed and aud-scheme come first"  # noqa: S101 - it states the order, for mypy too
    return endpoint


def _entra(ctx: Context, *forms: Form) -> Endpoint | None:
    """Return what `aud` names, if that is one of `forms` at a host of Entra ID itself."""
    endpoint = _endpoint(ctx)
    return endpoint if endpoint.cloud and endpoint.form in forms else None


def _is_unknown(endpoint: Endpoint) -> bool:
    return endpoint.cloud is None and endpoint.own_rules is None


def _is_mtls(endpoint: Endpoint) -> bool:
    return f".{endpoint.host}".endswith(f".{_MTLS_HOST}")


def _is_multi(tenant: str) -> bool:
    return tenant.lower() in MULTI_TENANT


def _is_tenant(segment: str) -> bool:
    return is_guid(segment) or "." in segment or _is_multi(segment)


def _names_an_app(audience: str) -> bool:
    return is_guid(audience) or audience.lower().startswith("api:")


def _with_scheme(audience: str) -> bool:
    """Tell whether `audience` only lacks its scheme."""
    endpoint = read_endpoint(f"https://{audience}")
    return endpoint is not None and endpoint.cloud is not None


def _nearest_host(host: str) -> str | None:
    """Return the sign-in host that `host` is at most two edits away from."""
    known = (name for hosts in CLOUD_HOSTS.values() for name in hosts)
    return next((name for name in known if _distance(host, name, 2) <= 2), None)


def _distance(left: str, right: str, limit: int) -> int:
    """Return the number of edits between two names (Levenshtein), or more than `limit`."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    row = list(range(len(right) + 1))
    for at, char in enumerate(left, 1):
        previous, row[0] = row[0], at
        for to, other in enumerate(right, 1):
            previous, row[to] = (
                row[to],
                min(row[to] + 1, row[to - 1] + 1, previous + (char != other)),
            )
    return row[-1]


RULES = (
    aud_missing,
    aud_is_array,
    aud_malformed,
    aud_is_resource,
    aud_scheme,
    aud_host_misspelled,
    aud_host_unknown,
    aud_is_mtls,
    aud_is_authorize_endpoint,
    aud_is_authority,
    aud_is_v1_issuer,
    aud_path_incomplete,
    aud_undocumented_path,
    aud_common,
    aud_without_tenant,
    aud_wrong_cloud,
    aud_names_client_id,
    aud_wrong_tenant,
    aud_old_host,
    aud_trailing_slash,
    aud_v1_endpoint,
)
