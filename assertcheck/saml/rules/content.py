"""What a sign-in request says: its id, its issuer, where the answer goes, what it asks for."""

from __future__ import annotations

import re

from assertcheck.keys.cut_off import AGAIN
from assertcheck.model import Problem, Severity, Undecided
from assertcheck.rules.rule import documented, likely, rule, seen
from assertcheck.saml.model import ASSERTION, PROTOCOL
from assertcheck.saml.rules.context import SamlContext
from assertcheck.words import listed, plain, quoted

_PAGE = "Entra single-sign-on-saml-protocol"
_CORE = "SAML Core §3.4.1"
_UNLESS = ("saml-not-an-authnrequest", "saml-not-xml", "saml-dtd-refused", "saml-too-large")
_FORMATS = (
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
)
_POST_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
_BOOLEANS = ("true", "false", "1", "0")
_DATE_TIME = re.compile(
    r"\s*-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?\s*", re.ASCII
)
"""xs:dateTime (XML Schema part 2 §3.2.7)."""


@rule(
    "saml-namespace-wrong",
    "The request is in another namespace",
    severity=Severity.ERROR,
    source=_CORE,
    aadsts=(documented("7500520"),),
    unless=_UNLESS,
)
def saml_namespace_wrong(ctx: SamlContext) -> tuple[Problem, ...]:
    """`AuthnRequest` is an element of the namespace `urn:oasis:names:tc:SAML:2.0:protocol`.

    In another one, or in none, Entra ID does not recognise it and answers AADSTS7500520.

    Good: `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" …>`.
    """
    if ctx.root is None or ctx.root.namespace == PROTOCOL:
        return ()
    return (
        Problem(
            at="request",
            message=f"AuthnRequest is in the namespace {quoted(ctx.root.namespace)}"
            if ctx.root.namespace
            else "AuthnRequest is in no namespace",
            fix=f'declare xmlns:samlp="{PROTOCOL}" and write samlp:AuthnRequest',
            expected=PROTOCOL,
            actual=ctx.root.namespace or "none",
        ),
    )


@rule(
    "saml-attribute-missing",
    "A required attribute is missing",
    severity=Severity.ERROR,
    source=_CORE,
    aadsts=(documented("7500516"),),
    unless=_UNLESS,
)
def saml_attribute_missing(ctx: SamlContext) -> tuple[Problem, ...]:
    """A request has the attributes `ID`, `Version` and `IssueInstant`.

    Entra ID answers AADSTS7500516 without one of them: "A required attribute is not present in the
    SAML message".

    Good: `ID="_8e8d…" Version="2.0" IssueInstant="2026-01-15T12:00:00Z"`.
    """
    if ctx.root is None:
        return ()
    refers = any(each.references for each in ctx.signatures)
    along = {"ID": ", and sign with a Reference to it, #_8e8d…"} if refers else {}
    return tuple(
        Problem(
            at=f"request.{name}",
            message=f"there is no {name}",
            fix=f"set {name}, for example {name}={example}{along.get(name, '')}",
            expected=name,
            actual="none",
        )
        for name, example in (
            ("ID", '"_8e8dc5f69a98cc4c1ff3427e5ce34606"'),
            ("Version", '"2.0"'),
            ("IssueInstant", '"2026-01-15T12:00:00Z"'),
        )
        if name not in ctx.root.attributes
    )


@rule(
    "saml-id-invalid",
    "The ID begins with a digit",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(documented("7500529"),),
    unless=_UNLESS,
)
def saml_id_invalid(ctx: SamlContext) -> tuple[Problem, ...]:
    """`ID` is an XML name, which does not begin with a digit.

    Entra ID answers AADSTS7500529: "The value '…' is not a valid SAML ID. The ID must not begin
    with a number." A bare GUID begins with a digit more often than not.

    Put a letter or an underscore in front: `ID="_8e8dc5f6-…"` or `ID="id8e8dc5f6-…"`.
    """
    value = ctx.root.attributes.get("ID") if ctx.root else None
    if value is None or not value[:1].isdigit():
        return ()
    return (
        Problem(
            at="request.ID",
            message=f"ID {quoted(value)} begins with a digit",
            fix=f'put an underscore in front: ID="_{plain(value)}"',
            expected=f"_{plain(value)}",
            actual=plain(value),
        ),
    )


@rule(
    "saml-version-unsupported",
    "Not SAML 2.0",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(documented("7500519"),),
    unless=_UNLESS,
)
def saml_version_unsupported(ctx: SamlContext) -> tuple[Problem, ...]:
    """`Version` is `2.0`.

    Entra ID answers AADSTS7500519 to another one: "An unsupported SAML version was encountered".

    Good: `Version="2.0"`.
    """
    value = ctx.root.attributes.get("Version", "2.0") if ctx.root else "2.0"
    if value == "2.0":
        return ()
    return (
        Problem(
            at="request.Version",
            message=f"Version is {quoted(value)}",
            fix='set Version="2.0"',
            expected="2.0",
            actual=plain(value),
        ),
    )


@rule(
    "saml-attribute-malformed",
    "An attribute has a value of another kind",
    severity=Severity.ERROR,
    source=_CORE,
    aadsts=(documented("750058"),),
    unless=_UNLESS,
)
def saml_attribute_malformed(ctx: SamlContext) -> tuple[Problem, ...]:
    """`IssueInstant` is a dateTime of XML Schema; `ForceAuthn` and `IsPassive` are booleans.

    Entra ID answers AADSTS7500510 and AADSTS750058 to other values. The time itself is not
    evaluated.

    Good: `IssueInstant="2026-01-15T12:00:00Z"`, `ForceAuthn="true"`. Bad: `ForceAuthn="True"`.
    """
    attributes = ctx.root.attributes if ctx.root else {}
    problems = [
        Problem(
            at=f"request.{name}",
            message=f"{name} is {quoted(attributes[name])}",
            fix=f'set {name}="true" or "false"',
            expected="true or false",
            actual=plain(attributes[name]),
        )
        for name in ("ForceAuthn", "IsPassive")
        if name in attributes and attributes[name].strip() not in _BOOLEANS
    ]
    issued = attributes.get("IssueInstant")
    if issued is not None and not _DATE_TIME.fullmatch(issued):
        problems.append(
            Problem(
                at="request.IssueInstant",
                message=f"IssueInstant is {quoted(issued)}",
                fix='write the time in UTC, as in IssueInstant="2026-01-15T12:00:00Z"',
                expected="2026-01-15T12:00:00Z",
                actual=plain(issued),
                aadsts=(documented("7500510"),),
            )
        )
    return tuple(problems)


@rule(
    "saml-issuer-missing",
    "No issuer",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("7500515"),),
    unless=(*_UNLESS, "saml-namespace-wrong"),
)
def saml_issuer_missing(ctx: SamlContext) -> tuple[Problem, ...]:
    """`Issuer` says which app the sign-in is for.

    Entra ID looks the app up by it, so nothing can be found without it.

    Good: `<Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">https://app.example.com</Issuer>`,
    with the app's identifier (entity ID).
    """
    if ctx.root is None or (ctx.issuer() or "").strip():
        return ()
    stray = next((each for each in ctx.root.children if each.name == "Issuer"), None)
    where = (
        f"Issuer is in the namespace {quoted(stray.namespace)}"
        if stray and stray.namespace != ASSERTION
        else "there is no Issuer with a text"
    )
    return (
        Problem(
            at="request.Issuer",
            message=where,
            fix=f'add <Issuer xmlns="{ASSERTION}">ENTITY-ID</Issuer> as the first child',
            expected="the app's identifier (entity ID)",
            actual="none",
        ),
    )


@rule(
    "saml-issuer-mismatch",
    "The issuer is not this app's identifier",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("700016"),),
    unless=(*_UNLESS, "saml-issuer-missing"),
)
def saml_issuer_mismatch(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """`Issuer` equals one of the app's identifiers, letter by letter.

    These are the service principal's names: its client ID, and what the portal calls "Identifier
    (Entity ID)". A trailing slash, `http` for `https` or another letter case make it another one,
    and Entra ID finds no app.

    Set the entity ID of the service provider to the identifier, or add it to the app.
    """
    issuer, names = ctx.issuer(), _identifiers(ctx)
    if issuer is None or not names or issuer.strip() in names:
        return ()
    unknown = _cut_off(ctx, "identifieruris", "serviceprincipalnames")
    if unknown:
        return (Undecided(why=f"whether Issuer is an identifier of the app: {unknown}"),)
    near = next((name for name in names if _loosely(name) == _loosely(issuer)), None)
    return (
        Problem(
            at="request.Issuer",
            message=f"Issuer is {quoted(issuer)}, "
            + (
                f"the app is called {quoted(near)}: they differ in {_difference(issuer, near)}"
                if near
                else "which is no identifier of the app"
            ),
            fix=f"set the entity ID to {plain(near or names[0])}, or add {plain(issuer.strip())} to "
            "the app's identifiers",
            expected=near or listed(list(names), last="or"),
            actual=plain(issuer.strip()),
        ),
    )


@rule(
    "saml-acs-not-registered",
    "The answer is to go where the app has no reply URL",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(documented("50011"),),
    unless=_UNLESS,
)
def saml_acs_not_registered(ctx: SamlContext) -> tuple[Problem | Undecided, ...]:
    """`AssertionConsumerServiceURL`, where it is there, is one of the app's reply URLs.

    Entra ID answers AADSTS50011 to any other: it sends no token to an address that nobody
    registered. How far it looks past letter case, `http` for `https` or a slash at the end is not
    documented for SAML, so a URL that differs in nothing else is a warning.

    Add the URL to the app's reply URLs, or leave the attribute out.
    """
    url = ctx.root.attributes.get("AssertionConsumerServiceURL") if ctx.root else None
    replies = ctx.registration.reply_urls if ctx.registration else ()
    if url is None or url.strip() in replies:
        return ()
    unknown = _cut_off(ctx, "web", "spa", "publicclient", "replyurls", "replyurlswithtype")
    if unknown:
        return (Undecided(why=f"whether the answer goes to a reply URL: {unknown}"),)
    if not replies:
        return ()
    near = next((each for each in replies if _loosely(each) == _loosely(url)), None)
    if near is None and any(each.endswith("*") for each in replies):
        # What a wildcard covers is not known.
        return ()
    return (
        Problem(
            at="request.AssertionConsumerServiceURL",
            message=f"the answer is asked to {quoted(url)}, "
            + (
                f"the reply URL is {quoted(near)}: they differ in {_difference(url, near)}"
                if near
                else "which is no reply URL of the app"
            ),
            fix=f"ask for {plain(near)}, letter by letter, or add {plain(url)} to the app's reply URLs"
            if near
            else f"add {plain(url)} to the app's reply URLs, or ask for one of those",
            expected=plain(near) if near else listed(list(replies), last="or"),
            actual=plain(url),
            severity=Severity.WARNING if near else None,
            aadsts=(likely("50011"),) if near else None,
        ),
    )


@rule(
    "saml-protocol-binding",
    "The answer is asked for by another binding",
    severity=Severity.ERROR,
    source=_CORE,
    aadsts=(documented("750032"),),
    unless=_UNLESS,
)
def saml_protocol_binding(ctx: SamlContext) -> tuple[Problem, ...]:
    """Entra ID sends its answer by HTTP-POST.

    Another `ProtocolBinding` draws AADSTS750032: "SAML protocol response cannot be sent via
    bindings other than HTTP POST."

    Set it to `urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST`, or leave it out.
    """
    value = ctx.root.attributes.get("ProtocolBinding") if ctx.root else None
    if value is None or value.strip() == _POST_BINDING:
        return ()
    return (
        Problem(
            at="request.ProtocolBinding",
            message=f"ProtocolBinding is {quoted(value)}",
            fix=f'set ProtocolBinding="{_POST_BINDING}", or leave it out',
            expected=_POST_BINDING,
            actual=plain(value),
        ),
    )


@rule(
    "saml-nameid-format",
    "A NameID format that Entra ID does not know",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(documented("750161"),),
    unless=_UNLESS,
)
def saml_nameid_format(ctx: SamlContext) -> tuple[Problem, ...]:
    """`NameIDPolicy/@Format` is persistent, emailAddress, unspecified or transient.

    Entra ID answers AADSTS750161 to others: "Allowed SAML authentication request's NameIDPolicy
    formats are: …". Of persistent and transient the URI has `2.0` in it, of the other two `1.1`.

    Good: `urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress`. Bad: the same with `2.0`.
    """
    policy = ctx.child("NameIDPolicy")
    value = policy.attributes.get("Format") if policy else None
    if value is None or value.strip() in _FORMATS:
        return ()
    word = value.strip().rpartition(":")[2].lower()
    meant = next((each for each in _FORMATS if each.rpartition(":")[2].lower() == word), None)
    return (
        Problem(
            at="request.NameIDPolicy.Format",
            message=f"Format is {quoted(value)}",
            fix=f'set Format="{meant or _FORMATS[2]}", or leave NameIDPolicy out',
            expected=meant or listed(_FORMATS, last="or"),
            actual=plain(value),
        ),
    )


@rule(
    "saml-authncontext-comparison",
    "An authentication context compared otherwise than exactly",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(documented("7500518"),),
    unless=_UNLESS,
)
def saml_authncontext_comparison(ctx: SamlContext) -> tuple[Problem, ...]:
    """`RequestedAuthnContext/@Comparison` is `exact`, and one class is asked for.

    Entra ID answers AADSTS7500518 to `minimum`, `better` and `maximum`, AADSTS7500524 without a
    class, AADSTS7500534 to several.

    Leave `RequestedAuthnContext` out, or set `Comparison="exact"` with one `AuthnContextClassRef`.
    """
    context = ctx.child("RequestedAuthnContext")
    if context is None:
        return ()
    value = context.attributes.get("Comparison", "exact")
    wanted = [
        each
        for each in context.children
        if each.name in ("AuthnContextClassRef", "AuthnContextDeclRef")
    ]
    if value != "exact":
        seen_as, code = f"Comparison is {quoted(value)}", "7500518"
    elif len(wanted) != 1:
        seen_as = f"{len(wanted)} authentication contexts are asked for"
        code = "7500534" if wanted else "7500524"
    else:
        return ()
    return (
        Problem(
            at="request.RequestedAuthnContext",
            message=seen_as,
            fix='leave RequestedAuthnContext out, or ask for one class with Comparison="exact"',
            expected="exact, with one AuthnContextClassRef",
            actual=plain(value) if value != "exact" else str(len(wanted)),
            aadsts=(documented(code),),
        ),
    )


@rule(
    "saml-subject-present",
    "The request names a user",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(seen("900236"),),
    unless=_UNLESS,
)
def saml_subject_present(ctx: SamlContext) -> tuple[Problem, ...]:
    """A request to Entra ID has no `Subject`.

    Entra ID refuses one that names the user to sign in, and answers AADSTS900236.

    Leave `Subject` out; to suggest a user, add `login_hint=…` to the query.
    """
    if ctx.root is None or ctx.root.first("Subject", ASSERTION) is None:
        return ()
    return (
        Problem(
            at="request.Subject",
            message="there is a Subject",
            fix="leave Subject out; `login_hint=USER` in the query suggests a user",
            expected="none",
            actual="a Subject",
        ),
    )


@rule(
    "saml-scoping-refused",
    "Scoping that Entra ID does not take",
    severity=Severity.ERROR,
    source=_PAGE,
    aadsts=(likely("7500512"),),
    unless=_UNLESS,
)
def saml_scoping_refused(ctx: SamlContext) -> tuple[Problem, ...]:
    """`Scoping`, where it is there, carries no `ProxyCount`, `IDPListOption` or `RequesterID`.

    Microsoft documents that Entra ID does not support these. SAML has no element called
    `IDPListOption`; likely `IDPList` is meant, which therefore draws a warning.

    Leave `Scoping` out.
    """
    scoping = ctx.child("Scoping")
    if scoping is None:
        return ()
    found = [name for name in ("ProxyCount",) if name in scoping.attributes]
    found += [
        each.name
        for each in scoping.children
        if each.name in ("IDPList", "IDPListOption", "RequesterID")
    ]
    if not found:
        return ()
    return (
        Problem(
            at="request.Scoping",
            message=f"Scoping has {listed(found)}",
            fix="leave Scoping out",
            expected="none",
            actual=listed(found),
            severity=Severity.WARNING if set(found) == {"IDPList"} else None,
        ),
    )


@rule(
    "saml-issuer-unchecked",
    "Which app it is for was not checked",
    severity=Severity.NOTE,
    source=_PAGE,
    unless=_UNLESS,
)
def saml_issuer_unchecked(ctx: SamlContext) -> tuple[Undecided, ...]:
    """Issuer and reply URL are compared with what is registered, where `--app` shows it.

    Without it, a request for another app, or to an address that is not registered, goes unseen.

    Export the service principal: `az ad sp show --id APP > sp.json`, and give it with `--app`.
    """
    if ctx.root is None or _identifiers(ctx):
        return ()
    if ctx.registration:
        return (Undecided(why=f"{ctx.registration.label} names no identifier of the app"),)
    return (Undecided(why="which app the request is for: give its registration with --app FILE"),)


def _identifiers(ctx: SamlContext) -> tuple[str, ...]:
    """Return what the app can be called by; nothing where the export may leave some of it out."""
    app = ctx.registration
    if app is None:
        return ()
    # The client ID is a name of every service principal, whether or not the export lists them.
    own = (app.app_id,) if app.app_id else ()
    listed_names = (*app.identifier_uris, *app.service_principal_names)
    if not listed_names and (ctx.issuer() or "").strip() not in own:
        return ()
    return tuple(dict.fromkeys((*listed_names, *own)))


def _cut_off(ctx: SamlContext, *members: str) -> str:
    """Say that one of `members`, in lower case, was cut off in the export; nothing if none was."""
    app = ctx.registration
    names = (
        [each for each in app.cut_off if each.lower().partition(".")[0] in members] if app else []
    )
    return f"{app.label} was cut off at {listed(names)}; {AGAIN}" if app and names else ""


def _loosely(url: str) -> str:
    return url.strip().rstrip("/").lower().removeprefix("https://").removeprefix("http://")


def _difference(one: str, other: str) -> str:
    """Say in what two addresses differ that are loosely the same."""
    pair = [each.strip().rstrip("/") for each in (one, other)]
    schemes = [each.partition("://")[0] for each in pair]
    hosts = [each.partition("://")[2] or each for each in pair]
    is_other_scheme = schemes[0].lower() != schemes[1].lower()
    is_case = hosts[0] != hosts[1] or (schemes[0] != schemes[1] and not is_other_scheme)
    is_slash = one.strip().endswith("/") != other.strip().endswith("/")
    found = {
        "the scheme": is_other_scheme,
        "letter case": is_case,
        "a slash at the end": is_slash,
    }
    return listed([name for name, is_it in found.items() if is_it] or ["white space"])


RULES = (
    saml_namespace_wrong,
    saml_attribute_missing,
    saml_id_invalid,
    saml_version_unsupported,
    saml_attribute_malformed,
    saml_issuer_missing,
    saml_issuer_mismatch,
    saml_acs_not_registered,
    saml_protocol_binding,
    saml_nameid_format,
    saml_authncontext_comparison,
    saml_subject_present,
    saml_scoping_refused,
    saml_issuer_unchecked,
)
