"""Another issuer's token in place of an assertion: trusted by whom, signed by a published key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from assertcheck.aadsts.diagnosis import app_or_placeholder
from assertcheck.aadsts.federating import (
    CLOUD_OF_AUDIENCE,
    EXCHANGE,
    create_command,
    identity_command,
    is_immutable_of,
    update_command,
    with_ids,
)
from assertcheck.authority import read_endpoint
from assertcheck.graph import FederatedCredential
from assertcheck.keys.cut_off import AGAIN, cut_off_names
from assertcheck.model import (
    AssertionKind,
    EntraCode,
    Outcome,
    Problem,
    Role,
    Severity,
    Trial,
    Undecided,
)
from assertcheck.numericdate import instant
from assertcheck.rules.federated_match import (
    Match,
    Mismatch,
    audiences_of,
    clauses,
    difference_of_form,
    difference_of_issuer,
    difference_unseen,
    differences,
    has_unseen,
    has_wildcard_for,
    holds,
    match,
)
from assertcheck.rules.header import SUPPORTED
from assertcheck.rules.rule import Context, Found, documented, likely, rule, seen
from assertcheck.rules.signature_faults import account, signer_of
from assertcheck.words import date, listed, plain, quoted, span

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

_KINDS = frozenset({AssertionKind.FEDERATED})
_PAGE = "Entra workload-identity-federation"
_OF_SUBJECT = (Mismatch.SUBJECT, Mismatch.SUBJECT_CASE)
_CLAIMS = ("federated-claim-missing", "federated-issuer-is-entra", "federated-issuer-url")
_LONGEST_LIFETIME = timedelta(hours=25)
"""What AADSTS70023 names as the limit: `1.01:00:00`."""
_INSIDE = (".local", ".internal", ".svc", ".lan", ".test", ".invalid")
"""Ends of host names that mean nothing outside (RFC 6761, RFC 6762), and Kubernetes' own."""
_AZURE_DEVOPS = "https://vstoken.dev.azure.com/"
_NO_LIST = (
    "the app's federated credentials were not given: add --federated FILE, as "
    "`az ad app federated-credential list --id APP` prints them"
)
_GOOGLE = ("https://accounts.google.com", "accounts.google.com")
_LONGEST_SHOWN = 130
"""Characters of a value with all its escapes."""
_MOST_KIDS = 5
_NOT_THIS_URL = (documented("70022"),)
_UNREACHABLE = (likely("50166"),)
_OTHER_SORT = (likely("5002730"),)


@rule(
    "federated-claim-missing",
    "The token lacks a claim that federation needs",
    severity=Severity.ERROR,
    source="RFC 7523 §3",
    aadsts=(likely("90014"),),
    unless=("claim-name-misspelled",),
    kinds=_KINDS,
)
def federated_claim_missing(ctx: Context) -> tuple[Problem, ...]:
    """Entra ID looks for a federated credential by the token's `iss`, `sub` and `aud`.

    Each is a string; `aud` may be an array of strings, as Kubernetes writes it. Without one of them
    no credential can fit.

    Have the issuer put them in. Good: `"iss":"https://token.actions.githubusercontent.com"`,
    `"sub":"repo:contoso/app:environment:prod"`, `"aud":"api://AzureADTokenExchange"`. Bad: no
    `iss`, as SPIRE leaves it out until `jwt_issuer` is set; `"sub":12345`.
    """
    claims = ctx.assertion.claims
    wrong = [name for name in ("iss", "sub") if not isinstance(claims.get(name), str)]
    wrong += [] if audiences_of(claims) else ["aud"]
    return tuple(
        Problem(
            at=f"claims.{name}",
            message=f"there is no {name}"
            if claims.get(name) is None
            else f"{name} is {quoted(claims[name])}, not a string",
            fix=f"have the issuer put {name} into the token, as a string",
            expected="a string",
            actual="none" if claims.get(name) is None else quoted(claims[name]),
        )
        for name in wrong[:1]
    )


@rule(
    "federated-issuer-is-entra",
    "A user's token of Entra ID",
    severity=Severity.ERROR,
    source="AADSTS700229",
    aadsts=(seen("700229"),),
    unless=("federated-claim-missing",),
    kinds=_KINDS,
)
def federated_issuer_is_entra(ctx: Context) -> tuple[Problem, ...]:
    """Where Entra ID itself is the issuer, only a token of an app may be traded in.

    One that was issued to a user draws AADSTS700229. In 2022 and 2023 a managed identity's drew
    AADSTS700222; since then it is taken, and so is the one that Azure DevOps gets.

    Get the token without a user: by the managed identity, or by client_credentials. Good:
    `"idtyp":"app"`. Bad: `"scp":"user_impersonation"`, `"idtyp":"user"`.
    """
    claims = ctx.assertion.claims
    endpoint = read_endpoint(str(claims["iss"]))
    sign = next((name for name in ("scp", "idtyp") if _is_of_user(name, claims.get(name))), None)
    if endpoint is None or endpoint.cloud is None or sign is None:
        return ()
    return (
        Problem(
            at=f"claims.{sign}",
            message=f"issued by Entra ID to a user: {sign} is {quoted(claims[sign])}",
            fix="get the token by managed identity or client_credentials, for the audience "
            "api://AzureADTokenExchange",
            expected="a token of an app",
            actual=f"{sign} {plain(claims[sign])}",
        ),
    )


@rule(
    "federated-issuer-url",
    "An issuer that Entra ID cannot ask for its keys",
    severity=Severity.ERROR,
    source="AADSTS70022",
    aadsts=_NOT_THIS_URL,
    unless=("federated-claim-missing",),
    kinds=_KINDS,
)
def federated_issuer_url(ctx: Context) -> tuple[Problem, ...]:
    """Entra ID fetches `iss` + `/.well-known/openid-configuration`, and from there the keys.

    So `iss` is an https URL that is reached from outside, without a query or a fragment and not
    on the same machine (AADSTS70022). White space around it blocks the exchange too. A host that
    is known only inside a cluster or a network likely draws AADSTS50166.

    Give the issuer a public URL: for Kubernetes `--service-account-issuer` of the API server, which
    managed clusters set when their OIDC issuer is switched on. Good:
    `https://oidc.prod-aks.azure.com/…/`. Bad: `https://kubernetes.default.svc.cluster.local`,
    `http://localhost:8080`, `accounts.google.com`.
    """
    issuer = str(ctx.assertion.claims["iss"])
    found = _fault_of_url(issuer)
    if found is None:
        return ()
    fault, codes = found
    return (
        Problem(
            at="claims.iss",
            message=f"iss is {quoted(issuer)}, {fault}",
            fix="give the issuer an https URL that can be reached from outside, and the "
            "federated credential the same one",
            expected="https://HOST/...",
            actual=plain(issuer),
            aadsts=codes,
        ),
    )


@rule(
    "federated-lifetime-too-long",
    "The token lives too long to be traded in",
    severity=Severity.ERROR,
    source="AADSTS70023",
    aadsts=(seen("70023"),),
    unless=(
        "exp-missing",
        "time-is-iso-date",
        "time-in-milliseconds",
        "time-overflow",
        "exp-is-a-lifetime",
        "exp-before-nbf",
    ),
    kinds=_KINDS,
)
def federated_lifetime_too_long(ctx: Context) -> tuple[Problem, ...]:
    """Between `iat` and `exp` of another issuer's token lie 25 hours at most.

    Entra ID answers a longer life with AADSTS70023 and names that limit, `1.01:00:00`.

    Ask for a short one: an hour is plenty. In Kubernetes set `expirationSeconds` of the projected
    token, and do not use the token of a secret, which lives for a year or for ever. Good:
    `expirationSeconds: 3600`. Bad: `kubectl create token NAME --duration 48h`.
    """
    claims = ctx.assertion.claims
    issued, expires = instant(claims.get("iat")), instant(claims.get("exp"))
    if issued is None or expires is None or expires - issued <= _LONGEST_LIFETIME:
        return ()
    return (
        Problem(
            at="claims.exp",
            message=f"issued at {date(issued)}, it lives for {span(expires - issued)}, until "
            f"{date(expires)}",
            fix="ask the issuer for a token that lives for an hour",
            expected=f"at most {span(_LONGEST_LIFETIME)}",
            actual=span(expires - issued),
        ),
    )


@rule(
    "federated-alg-untested",
    "An algorithm that Microsoft does not promise to take",
    severity=Severity.WARNING,
    source=_PAGE,
    unless=("alg-name-wrong",),
    kinds=_KINDS,
)
def federated_alg_untested(ctx: Context) -> tuple[Problem, ...]:
    """For tokens of other issuers Microsoft's documentation promises RS256 only.

    Others "may work", it says, without having been tested: Amazon Cognito, for one, signs with
    RS512. They can cease to work without notice.

    Where the issuer lets you choose, choose RS256. Good: `"alg":"RS256"`. Bad: `"alg":"PS256"`.
    """
    algorithm = ctx.assertion.header["alg"]
    if algorithm == "RS256" or algorithm not in SUPPORTED:
        return ()
    return (
        Problem(
            at="header.alg",
            message=f"alg is {algorithm}",
            fix="have the issuer sign with RS256 if it can",
            expected="RS256",
            actual=str(algorithm),
        ),
    )


@rule(
    "federated-issuer-mismatch",
    "No federated credential has this issuer",
    severity=Severity.ERROR,
    source="AADSTS700211",
    aadsts=(seen("700211"),),
    unless=_CLAIMS,
    kinds=_KINDS,
)
def federated_issuer_mismatch(ctx: Context) -> Found:
    """The `issuer` of one of the app's federated credentials is the token's `iss`, to the letter.

    A slash at the end counts, letter case counts, and so does white space. Entra ID answers
    AADSTS700211, or AADSTS70025 where the app has no federated credential at all
    (github.com/dotnet-foundation/projects/issues/503).

    Copy `iss` from the token into the credential. Good, for Azure Kubernetes Service:
    `https://oidc.prod-aks.azure.com/…/` with the slash. Bad, for GitHub:
    `https://token.actions.githubusercontent.com/` with one. A cluster that is made anew gets
    another issuer. A service connection of Azure DevOps that is converted gets that of Entra ID,
    `https://login.microsoftonline.com/TENANT/v2.0`, in place of `https://vstoken.dev.azure.com/…`,
    and another subject. Managed identities have `az identity federated-credential` in place of
    `az ad app federated-credential`. A Terraform state lacks the credentials that Terraform does
    not manage, so where none in it fits, that is said and left open.
    """
    if ctx.federated is None:
        return (Undecided(why=_NO_LIST, decisive=True),)
    issuer = str(ctx.assertion.claims["iss"])
    found = match(ctx.assertion.claims, ctx.federated)
    if found is None:
        return (
            Problem(
                at="claims.iss",
                message="the app has no federated credential at all",
                fix=f"add one for this token, if it is to be trusted: {_create_for_issuer(ctx)}",
                expected="a credential with this issuer",
                actual="no credential",
                aadsts=(seen("70025"),),
            ),
        )
    if found.mismatch is not Mismatch.ISSUER:
        return ()
    registered = found.credential.issuer
    name = found.credential.label
    small = difference_of_issuer(issuer, registered)
    show = _escaped if difference_unseen(issuer, registered) else quoted
    said = f"no credential has the issuer {show(issuer)}; that of {name} "
    if small:
        said += f"differs {small}: {show(registered)}"
    else:
        said += f"comes nearest, {show(registered)}"
    moved = {_is_azure_devops(issuer), _is_azure_devops(registered)} == {True, False}
    if moved and {_is_entra(issuer), _is_entra(registered)} == {True, False}:
        said += "; a converted service connection of Azure DevOps has Entra ID as its issuer"
    fix = (
        "have the issuer leave out of the token's iss what cannot be seen"
        if has_unseen(issuer)
        else f"set the issuer of {name} to that of the token: {_update(ctx, found.credential, issuer=issuer)}"
        if small
        else f"if this token is to be trusted, add a credential for it: {_create_for_issuer(ctx)}"
    )
    show = _escaped if difference_unseen(issuer, registered) else plain
    return _unless_from_state(
        ctx,
        Problem(
            at="claims.iss", message=said, fix=fix, expected=show(registered), actual=show(issuer)
        ),
    )


@rule(
    "federated-subject-case",
    "The subject differs from the credential's by letter case",
    severity=Severity.ERROR,
    source="AADSTS7002138",
    aadsts=(seen("7002138"),),
    unless=_CLAIMS,
    kinds=_KINDS,
)
def federated_subject_case(ctx: Context) -> Found:
    """The `subject` of a federated credential is the token's `sub`, upper and lower case included.

    Entra ID once took either; now it compares to the letter and answers AADSTS7002138. What counts
    is the spelling in the token, not that in a URL or in a workflow.

    Copy `sub` from the token into the credential. Good: `repo:Contoso/App:environment:Prod` in
    both. Bad: `repo:contoso/app:environment:prod` in one of them.
    """
    return _subject(ctx, Mismatch.SUBJECT_CASE)


@rule(
    "federated-subject-mismatch",
    "No federated credential has this subject",
    severity=Severity.ERROR,
    source="AADSTS700213",
    aadsts=(seen("700213"),),
    unless=_CLAIMS,
    kinds=_KINDS,
)
def federated_subject_mismatch(ctx: Context) -> Found:
    """The `subject` of a federated credential of the token's issuer is the token's `sub`.

    It is compared as it stands: `*` is no wildcard there, only in a flexible credential
    (`claimsMatchingExpression`). White space counts, also at the end, where nobody sees it. Entra
    ID answers AADSTS700213, since 2025 also AADSTS7002131, which adds that no expression matched
    (stuartleeks.com/posts/github-federated-credentials-merge-queue).

    What the issuers write:

    GitHub: `repo:OWNER/REPO:environment:NAME` for a job with `environment:`, whatever the branch;
    else `…:pull_request` for the event of that name; else `…:ref:refs/heads/BRANCH` or
    `…:ref:refs/tags/TAG`. Repositories made, renamed or transferred since 2026-07-15 have
    the immutable form `repo:OWNER@ID/REPO@ID:…`, older ones where it is switched on, and neither
    form fits a credential with the other. An organisation may have a template of its own.

    Azure DevOps: `sc://ORGANIZATION/PROJECT/CONNECTION`; with Entra ID as issuer `/eid1/c/pub/t/…`.

    Kubernetes: `system:serviceaccount:NAMESPACE:NAME`. GitLab:
    `project_path:GROUP/PROJECT:ref_type:branch:ref:NAME`. HCP Terraform:
    `organization:O:project:P:workspace:W:run_phase:plan`, and one more for `apply`. Google: the
    numeric id of the service account, not its email address.
    """
    return _subject(ctx, Mismatch.SUBJECT)


@rule(
    "federated-audience-mismatch",
    "The federated credential has another audience",
    severity=Severity.ERROR,
    source="AADSTS700212",
    aadsts=(seen("700212"),),
    unless=_CLAIMS,
    kinds=_KINDS,
)
def federated_audience_mismatch(ctx: Context) -> Found:
    """The credential's `audiences` hold the token's `aud`, to the letter; of an array, one of it.

    The token is for someone else. Entra ID answers AADSTS700212, once issuer and subject fit:
    where the subject is wrong too, that is told first, and this surfaces when it is mended.

    Ask for the token with `api://AzureADTokenExchange`; in the US government cloud
    `api://AzureADTokenExchangeUSGov`, in China `api://AzureADTokenExchangeChina`. Good: `audience:`
    of azure/login, of a projected volume in Kubernetes, `aud:` under `id_tokens:` in GitLab. Bad:
    GitHub's default `https://github.com/OWNER`, Kubernetes' default
    `https://kubernetes.default.svc`.
    """
    found = _match(ctx)
    if found is None:
        return _not_given(ctx)
    # Where the subject fits none, it is open which credential the token was meant for: an audience
    # that one of them has may be right.
    is_second = found.mismatch in _OF_SUBJECT and not found.is_audience_known
    if found.mismatch is not Mismatch.AUDIENCE and not is_second:
        return ()
    name, registered = found.credential.label, found.credential.audiences
    actual = ctx.assertion.claims["aud"]
    own, unseen = _audience_unseen(ctx, registered)
    show = _escaped if unseen else quoted
    has = _one_of([_escaped(each) for each in registered] if unseen else map(plain, registered))
    said = (
        f"no credential of this issuer has the audience {show(actual)} either; {name} has {has}"
        if is_second
        else f"{name} has issuer and subject of the token, and "
        + (f"the audience {has}, not {show(actual)}" if registered else "no audience at all")
    )
    said += f"; it differs by {unseen}" if unseen else ""
    clouds = [
        f"{audience} is that of the cloud {CLOUD_OF_AUDIENCE[audience]}"
        for audience in (*sorted(audiences_of(ctx.assertion.claims)), *registered)
        if audience in CLOUD_OF_AUDIENCE
    ]
    return _unless_from_state(
        ctx,
        Problem(
            at="claims.aud",
            message=said + (f"; {listed(clouds)}" if len(clouds) > 1 else ""),
            fix=_other_audience(ctx, found.credential, own)
            if own or not registered
            else _ask_for(ctx, registered[0]),
            expected=has if registered else "an audience of the credential",
            actual=show(actual) if unseen else plain(actual),
        ),
    )


@rule(
    "federated-key-not-published",
    "The issuer does not publish the key that kid names",
    severity=Severity.ERROR,
    source="AADSTS7000272",
    aadsts=(seen("7000272"),),
    unless=("alg-name-wrong",),
    kinds=_KINDS,
)
def federated_key_not_published(ctx: Context) -> Found:
    """`kid` in the token's header is the `kid` of a key in the issuer's JWKS, to the letter.

    Entra ID reads the JWKS at the `jwks_uri` of `iss` + `/.well-known/openid-configuration`, keeps
    it for a while, and takes the first hundred keys of it. A `kid` that is not among them draws
    AADSTS7000272, which prints it in hex.

    Publish the key that signs, under the `kid` that is in the header. The usual cause is a cluster
    made anew, whose new key never reached the JWKS: `kubectl get --raw /openid/v1/jwks` prints the
    right one. Give `--cert` the JWKS as the issuer serves it now.
    """
    kid = _kid(ctx)
    published = _published(ctx)
    if not published:
        return (Undecided(why=_no_keys(ctx), decisive=True),)
    if kid is None and {"x5t", "x5t#S256"} & ctx.assertion.header.keys():
        why = "the header names its key by x5t alone; whether Entra ID goes by that is not known"
        return (Undecided(why=why, decisive=True),)
    known = list(dict.fromkeys(each.candidate.kid for each in published if each.candidate.kid))
    if kid in known:
        return ()
    if not known:
        label = published[0].candidate.label
        why = f"{label} holds no kid: give --cert the JWKS that the issuer publishes"
        return (Undecided(why=why, decisive=True),)
    more = f" and {len(known) - _MOST_KIDS} more" if len(known) > _MOST_KIDS else ""
    return (
        Problem(
            at="header.kid",
            message="the header has no kid"
            if kid is None
            else f"no published key has the kid {quoted(kid)}{_signed_by(ctx)}",
            fix="have the issuer put the kid of the key that signs into the header"
            if kid is None
            else "publish the key that signs, under this kid, at the jwks_uri of "
            f"{_discovery(ctx)}; if it is there by now, give --cert the JWKS as it is now",
            expected=f"{listed([plain(each) for each in known[:_MOST_KIDS]], last='or')}{more}",
            actual="none" if kid is None else plain(kid),
            aadsts=(likely("7000272"),) if kid is None else None,
        ),
    )


@rule(
    "federated-signature-invalid",
    "The signature is not that of the published key",
    severity=Severity.ERROR,
    source="RFC 7515 §5.2",
    unless=(
        "signature-missing",
        "signature-not-base64url",
        "alg-name-wrong",
        "federated-key-not-published",
    ),
    kinds=_KINDS,
)
def federated_signature_invalid(ctx: Context) -> tuple[Problem, ...]:
    """The token is signed with the key that the issuer publishes under the header's `kid`.

    A key of another sort than `alg` asks for likely draws AADSTS5002730; which code Entra ID has
    for a signature that does not verify is not known.

    A token is taken as it was issued: nothing in it can be edited, not even a space. Where the
    issuer is your own, sign with the private key of what you publish. Good: the `kid` of the key
    that signs. Bad: a new key under the `kid` of the old one.
    """
    kid = _kid(ctx)
    named = [each for each in _published(ctx) if kid and each.candidate.kid == kid]
    if not named or any(each.outcome is Outcome.VALID for each in named):
        return ()
    label = named[0].candidate.label
    why = named[0].why
    signer = signer_of(ctx)
    return (
        Problem(
            at="signature",
            message=f"kid {quoted(kid)} names {label}: {why or account(ctx)}",
            fix="take the token anew, unchanged, as the issuer hands it out; if the issuer is "
            "yours, sign with the key it publishes under this kid",
            expected=f"the key of {label}",
            actual=why or (f"the key of {signer.label}" if signer else "an unknown key"),
            aadsts=_OTHER_SORT if why else None,
        ),
    )


def _subject(ctx: Context, mismatch: Mismatch) -> Found:
    """Return what there is to say of the subject if it has this `mismatch`."""
    found = _match(ctx)
    if found is None:
        return _not_given(ctx)
    credential = found.credential
    if found.mismatch is Mismatch.UNDECIDED and mismatch is Mismatch.SUBJECT:
        return (Undecided(why=_why_open(credential), decisive=True),)
    if found.mismatch is not mismatch:
        return ()
    subject = str(ctx.assertion.claims["sub"])
    if credential.subject is None and credential.expression is not None:
        return _unless_from_state(ctx, _not_of_expression(ctx, credential))
    registered = credential.subject or ""
    is_case = mismatch is Mismatch.SUBJECT_CASE
    is_wild = has_wildcard_for(registered, subject)
    unseen = difference_unseen(subject, registered)
    show = _escaped if unseen else quoted
    small = "letter case" if is_case else unseen
    said = [
        f"no credential of this issuer has the subject {show(subject)}",
        f"that of {credential.label} differs by {small}: {show(registered)}"
        if small
        else f"that of {credential.label} comes nearest, {show(registered)}",
    ]
    is_email = str(ctx.assertion.claims["iss"]) in _GOOGLE and "@" in registered
    if is_email:
        said.append("Google's sub is the numeric id of the account, not its email address")
    if is_wild:
        said.append("a wildcard there stands for itself, only a flexible credential has them")
    elif not small:
        said += differences(subject, registered)
    immutable = with_ids(ctx.assertion.claims)
    if immutable and is_immutable_of(registered, subject) and immutable != registered:
        said.append(f"by its claims that of the token would be {quoted(immutable)}")
    is_flexible = any(each.expression for each in ctx.federated or ())
    is_same = small or (is_email and registered == ctx.assertion.claims.get("email"))
    fix = (
        _same_subject(ctx, found)
        if is_same
        else _other_form(ctx, credential) or _trust(ctx, is_wild=is_wild)
    )
    if unseen and has_unseen(subject):
        fix = f"have the issuer leave it out of the token; or {fix}"
    return _unless_from_state(
        ctx,
        Problem(
            at="claims.sub",
            message="; ".join(said),
            fix=fix,
            expected=_escaped(registered) if unseen else plain(registered),
            actual=_escaped(subject) if unseen else plain(subject),
            aadsts=(likely("7002131"),) if is_flexible and not is_case else None,
        ),
    )


def _why_open(credential: FederatedCredential) -> str:
    """Say why it is open whether `credential` takes the token."""
    if credential.cut_off:
        names = cut_off_names(credential.cut_off)
        return f"the export was cut off at {names} of {credential.label}: {AGAIN}"
    return (
        f"whether the expression of {credential.label} takes the token is not decided here: "
        f"{plain(credential.expression)}"
    )


def _unless_from_state(ctx: Context, problem: Problem) -> Found:
    """Return `problem`, or that it is open where only a Terraform state was given.

    The state has what Terraform manages; a credential that somebody else made is not in it.
    """
    if not any(each.is_from_state for each in ctx.federated or ()):
        return (problem,)
    app = app_or_placeholder(ctx.expected.client_id)
    why = (
        "no credential in the Terraform state fits the token, and those that Terraform does not "
        f"manage are not in it: `az ad app federated-credential list --id {app} > federated.json` "
        f"has all of them; of those in the state, {problem.message}"
    )
    return (Undecided(why=why, decisive=True),)


def _not_of_expression(ctx: Context, credential: FederatedCredential) -> Problem:
    """Return the problem of a token that a flexible credential comes nearest to."""
    claims = ctx.assertion.claims
    failed = next(
        each for each in clauses(credential.expression or "") if holds(each, claims) is False
    )
    value = claims.get(failed.claim)
    forms = difference_of_form(str(claims["sub"]), failed.comparand)
    return Problem(
        at=f"claims.{failed.claim}",
        message=f"the token fits no credential of this issuer; that of {credential.label} comes "
        f"nearest and asks that {failed.text}, where {failed.claim} is "
        f"{quoted(value) if value is not None else 'not there'}"
        + (f"; {forms}" if forms and failed.claim == "sub" else ""),
        fix=_trust(ctx, is_wild=False),
        expected=failed.text,
        actual=plain(value) if value is not None else "none",
        aadsts=(likely("7002131"),),
    )


def _match(ctx: Context) -> Match | None:
    return match(ctx.assertion.claims, ctx.federated or ())


def _not_given(ctx: Context) -> Found:
    # Where a list was given and is empty, that is said of the issuer.
    return (Undecided(why=_NO_LIST, decisive=True),) if ctx.federated is None else ()


def _is_of_user(name: str, value: object) -> bool:
    return value == "user" if name == "idtyp" else isinstance(value, str)


def _fault_of_url(issuer: str) -> tuple[str, tuple[EntraCode, ...]] | None:
    """Return what is wrong with `issuer`, and what Entra ID says to that."""
    if issuer != issuer.strip():
        return "with white space around it", ()
    try:
        parts = urlsplit(issuer)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return "which is no URL", _NOT_THIS_URL
    if parts.scheme.lower() != "https" or not host:
        return "not an https URL", _NOT_THIS_URL
    if parts.query or parts.fragment:
        return "with a query or a fragment", _NOT_THIS_URL
    if _is_loopback(host):
        return "on this very machine", _NOT_THIS_URL
    return ("whose host is not known outside", _UNREACHABLE) if _is_inside(host) else None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return address.is_loopback if address else f".{host}".endswith(".localhost")


def _is_inside(host: str) -> bool:
    """Tell whether `host` means nothing outside its own network."""
    address = _address(host)
    return not address.is_global if address else "." not in host or host.endswith(_INSIDE)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    from ipaddress import ip_address  # most runs see no token of another issuer

    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_azure_devops(issuer: str) -> bool:
    return issuer.startswith(_AZURE_DEVOPS)


def _is_entra(issuer: str) -> bool:
    endpoint = read_endpoint(issuer)
    return endpoint is not None and endpoint.cloud is not None


def _kid(ctx: Context) -> str | None:
    kid = ctx.assertion.header.get("kid")
    return kid if isinstance(kid, str) and kid else None


def _published(ctx: Context) -> list[Trial]:
    return [each for each in ctx.trials if each.candidate.role is Role.REGISTERED]


def _signed_by(ctx: Context) -> str:
    """Say whose key signed, if one at hand did."""
    signer = signer_of(ctx)
    if signer is None:
        return ""
    if signer.role is not Role.REGISTERED:
        return f"; it was signed with the key of {signer.label}, which is not published"
    under = f" under the kid {quoted(signer.kid)}" if signer.kid else ""
    return f"; the key that signed, {signer.label}, is published{under}"


def _discovery(ctx: Context) -> str:
    # OpenID Connect Discovery §4.1: a slash at the end of the issuer is dropped first.
    issuer = plain(ctx.assertion.claims.get("iss"))
    return f"{issuer.rstrip('/')}/.well-known/openid-configuration"


def _no_keys(ctx: Context) -> str:
    return (
        "the issuer's keys were not given: save the JWKS at the jwks_uri of "
        f"{_discovery(ctx)} and add --cert FILE"
    )


def _one_of(audiences: Iterable[str]) -> str:
    return listed(list(audiences) or ["none"], last="or")


def _escaped(value: object) -> str:
    """Return `value` as JSON in ASCII, so that what cannot be seen in it can."""
    text = json.dumps(value)
    # What differs is mostly at the end.
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:60]}...{text[-60:]}"


def _audience_unseen(ctx: Context, registered: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Say how one of the audiences `registered` differs from the token's, if that is not seen.

    In front stands that of the token, unless it is the one to mend.
    """
    for mine in sorted(audiences_of(ctx.assertion.claims)):
        for theirs in registered:
            unseen = difference_unseen(mine, theirs)
            if unseen:
                return None if has_unseen(mine) else mine, unseen
    return None, None


def _other_audience(ctx: Context, credential: FederatedCredential, audience: str | None) -> str:
    """Say how to mend the audiences of `credential`, with `audience` if it is one of the token's."""
    own = audiences_of(ctx.assertion.claims)
    wanted = audience or next((each for each in CLOUD_OF_AUDIENCE if each in own), EXCHANGE)
    fix = f"set the audiences of {credential.label}: {_update(ctx, credential, audiences=[wanted])}"
    return fix if wanted in own else f"{fix}; and {_ask_for(ctx, wanted)}"


def _ask_for(ctx: Context, audience: str) -> str:
    """Say how to get the token with `audience`, from the issuer of this one."""
    issuer, subject = (str(ctx.assertion.claims[name]) for name in ("iss", "sub"))
    wanted = plain(audience)
    if issuer.startswith("https://token.actions.githubusercontent.com"):
        return f"give azure/login `audience: {wanted}`, or call `core.getIDToken('{wanted}')`"
    if subject.startswith("system:serviceaccount:"):
        return f"project the service account token with `audience: {wanted}`"
    if subject.startswith(("project_path:", "project_id:")):
        return f"write `aud: {wanted}` under id_tokens in .gitlab-ci.yml"
    return f"ask the issuer for a token with aud {wanted}"


def _trust(ctx: Context, *, is_wild: bool) -> str:
    either = " or a flexible one" if is_wild else ""
    return (
        f"if this token is to be trusted, add a credential for it{either}: {_create(ctx)}; else "
        "run it as the credential says"
    )


def _create(ctx: Context) -> str:
    """Return the command that makes a credential for this token."""
    claims, audience = ctx.assertion.claims, _audience_to_have(ctx)
    identity = next((each.identity for each in ctx.federated or () if each.identity), None)
    issuer, subject = claims["iss"], claims["sub"]
    if identity:
        return identity_command(
            "create", identity, issuer=issuer, subject=subject, audiences=[audience]
        )
    return create_command(ctx.expected.client_id, issuer=issuer, subject=subject, audience=audience)


def _create_for_issuer(ctx: Context) -> str:
    """Return the same for a token whose issuer no credential has, and what else that takes."""
    audience = _audience_to_have(ctx)
    is_asked_for = audience in audiences_of(ctx.assertion.claims)
    return _create(ctx) + ("" if is_asked_for else f"; and {_ask_for(ctx, audience)}")


def _audience_to_have(ctx: Context) -> str:
    """Return the audience of a new credential for this token.

    That is the token's own unless that is a fault, so that no fix brings up the next error.
    """
    found = _match(ctx)
    own = sorted(audiences_of(ctx.assertion.claims))
    if found is None or found.mismatch is Mismatch.ISSUER:
        known = set(CLOUD_OF_AUDIENCE)
    elif found.is_audience_known:
        issuer = ctx.assertion.claims["iss"]
        known = {
            audience
            for each in ctx.federated or ()
            if each.issuer == issuer
            for audience in each.audiences
        }
    else:
        return next(iter(found.credential.audiences), EXCHANGE)
    return next((each for each in own if each in known), EXCHANGE)


def _update(
    ctx: Context,
    credential: FederatedCredential,
    *,
    audiences: Sequence[str] | None = None,
    **changes: object,
) -> str:
    """Return the command that makes `changes` in `credential`, which leaves all else as it is."""
    if credential.identity:
        return identity_command(
            "update",
            credential.identity,
            name=credential.label,
            issuer=changes.get("issuer", credential.issuer),
            subject=changes.get("subject", credential.subject),
            audiences=credential.audiences if audiences is None else audiences,
        )
    if audiences is not None:
        changes["audiences"] = audiences
    return update_command(
        ctx.expected.client_id, credential.label, credential.credential_id, **changes
    )


def _same_subject(ctx: Context, found: Match) -> str:
    """Say how to mend the letter case of a subject, and the audience where another one is meant."""
    credential = found.credential
    audience = _audience_to_have(ctx)
    audiences = None if audience in credential.audiences else [audience]
    subject = ctx.assertion.claims["sub"]
    return (
        f"set the subject of {credential.label} to that of the token: "
        f"{_update(ctx, credential, subject=subject, audiences=audiences)}"
    )


def _other_form(ctx: Context, credential: FederatedCredential) -> str | None:
    """Say what to do where GitHub's ids behind the names are the whole difference."""
    subject, registered = str(ctx.assertion.claims["sub"]), credential.subject or ""
    if is_immutable_of(subject, registered):
        return (
            f"add a credential with the subject of the token, and remove {credential.label} once "
            f"no token has the names alone: {_create(ctx)}"
        )
    if not is_immutable_of(registered, subject):
        return None
    immutable = with_ids(ctx.assertion.claims)
    switch = "switch on immutable subjects in the repository's Actions OIDC settings at GitHub"
    if immutable and immutable != registered:
        switch += f", and correct the ids: {_update(ctx, credential, subject=immutable)}"
    return f"{switch}; or add a credential with the names alone: {_create(ctx)}"


# Entra ID has to find the credential before it knows whose keys to fetch (likely), so what token
# and credential differ in comes before key and signature.
RULES = (
    federated_claim_missing,
    federated_issuer_is_entra,
    federated_issuer_url,
    federated_lifetime_too_long,
    federated_alg_untested,
    federated_issuer_mismatch,
    federated_subject_case,
    federated_subject_mismatch,
    federated_audience_mismatch,
    federated_key_not_published,
    federated_signature_invalid,
)
