"""Tokens of other issuers: each is right but for what a row says of it.

A row is a token, the keys its issuer publishes and the federated credentials of the app, with the
whole set of what is found. The claim sets are those the issuers document; keys, signatures and key
sets are made here with `cryptography` alone.
"""

import base64
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from assertcheck import Report, Severity, Verdict, diagnose
from assertcheck.cli import app
from assertcheck.graph import FederatedCredential
from assertcheck.keys.jwk import read_jwks
from assertcheck.model import AssertionKind, Role
from assertcheck.render.layout import Style
from assertcheck.render.text import render_text
from assertcheck.rules.federated import RULES
from assertcheck.rules.federated_match import (
    Mismatch,
    clauses,
    difference_of_issuer,
    difference_unseen,
    differences,
    fits_subject,
    is_like,
    match,
)
from tests.build import (
    CLIENT_ID,
    DROP,
    EPOCH,
    NOW,
    TENANT,
    b64url,
    certificate,
    compact,
    der,
    ec_key,
    key,
    pem,
    sign,
    x5t,
)

EXCHANGE = "api://AzureADTokenExchange"
GITHUB = "https://token.actions.githubusercontent.com"
AKS = f"https://westeurope.oic.prod-aks.azure.com/{TENANT}/0f0f0f0f-1111-4222-8333-444444444444/"
DEVOPS = "https://vstoken.dev.azure.com/0a0a0a0a-1111-4222-8333-444444444444"
ENTRA = f"https://login.microsoftonline.com/{TENANT}/v2.0"
KID = "cc413527-173f-5a05-976e-9c52b1d7b431"
DAY = 86_400


def octets(number: int) -> str:
    return b64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def jwk(name: str = "issuer", kid: object = KID, **members: object) -> dict[str, object]:
    numbers = key(name).public_key().public_numbers()
    made = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid}
    made |= {"n": octets(numbers.n), "e": octets(numbers.e)} | members
    return {member: value for member, value in made.items() if value is not DROP}


def jwks(*keys: Mapping[str, object]) -> bytes:
    return json.dumps({"keys": keys or (jwk(),)}).encode()


def with_x5c(cert: x509.Certificate, kid: str) -> dict[str, object]:
    return jwk("issuer", kid, x5t=x5t(cert), x5c=[base64.b64encode(der(cert)).decode()])


GITHUB_HEADER = {"typ": "JWT", "alg": "RS256", "x5t": "eBZ_cn3sXYAd0ch4THBKHIgOwOE", "kid": KID}
GITHUB_CLAIMS = {
    "jti": "0e0e0e0e-1111-4222-8333-444444444444",
    "sub": "repo:contoso/payments:environment:prod",
    "environment": "prod",
    "aud": EXCHANGE,
    "ref": "refs/heads/main",
    "sha": "b1946ac92492d2347c6235b4d2611184aaaaaaaa",
    "repository": "contoso/payments",
    "repository_owner": "contoso",
    "actor_id": "12",
    "repository_visibility": "private",
    "repository_id": "821093847",
    "repository_owner_id": "5544123",
    "run_id": "4711",
    "run_number": "10",
    "run_attempt": "2",
    "runner_environment": "github-hosted",
    "actor": "someone",
    "workflow": "deploy",
    "head_ref": "",
    "base_ref": "",
    "event_name": "workflow_dispatch",
    "ref_type": "branch",
    "job_workflow_ref": "contoso/automation/.github/workflows/deploy.yml@refs/heads/main",
    "iss": GITHUB,
    "nbf": EPOCH - 660,
    "exp": EPOCH + 240,
    "iat": EPOCH - 60,
}
DEVOPS_CLAIMS = {
    "jti": "0c0c0c0c-1111-4222-8333-444444444444",
    "sub": "sc://contoso/payments/azure-prod",
    "aud": EXCHANGE,
    "org_id": "0a0a0a0a-1111-4222-8333-444444444444",
    "prj_id": "0b0b0b0b-1111-4222-8333-444444444444",
    "def_id": "12",
    "rpo_id": "contoso/payments",
    "rpo_uri": "https://dev.azure.com/contoso/payments/_git/payments",
    "rpo_ver": "b1946ac92492d2347c6235b4d2611184aaaaaaaa",
    "rpo_ref": "refs/heads/main",
    "run_id": "77",
    "iss": DEVOPS,
    "nbf": EPOCH - 360,
    "exp": EPOCH + 540,
    "iat": EPOCH - 60,
}
DEVOPS_ENTRA_CLAIMS = {
    "aud": EXCHANGE,
    "iss": ENTRA,
    "iat": EPOCH - 60,
    "nbf": EPOCH - 60,
    "exp": EPOCH + 3540,
    "aio": "k2BgYHh0",
    "azp": "499b84ac-1321-427f-aa17-267ca6975798",
    "azpacr": "2",
    "idtyp": "app",
    "oid": "0d0d0d0d-1111-4222-8333-444444444444",
    "sub": "/eid1/c/pub/t/qqqq/a/bbbb/sc/0a0a0a0a/0b0b0b0b",
    "tid": TENANT,
    "uti": "abc",
    "ver": "2.0",
}
KUBERNETES_CLAIMS = {
    "aud": [EXCHANGE],
    "exp": EPOCH + 3540,
    "iat": EPOCH - 60,
    "iss": AKS,
    "jti": "0f0f0f0f-1111-4222-8333-444444444444",
    "kubernetes.io": {
        "namespace": "pay",
        "node": {"name": "aks-1", "uid": "1"},
        "pod": {"name": "pay-1", "uid": "2"},
        "serviceaccount": {"name": "payer", "uid": "3"},
    },
    "nbf": EPOCH - 60,
    "sub": "system:serviceaccount:pay:payer",
}
EKS = "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
GOOGLE_CLAIMS = {
    "aud": "api://AzureADTokenExchange",
    "azp": "112233445566778899001",
    "email": "payer@contoso-pay.iam.gserviceaccount.com",
    "email_verified": True,
    "exp": EPOCH + 3540,
    "iat": EPOCH - 60,
    "iss": "https://accounts.google.com",
    "sub": "112233445566778899001",
}
GITLAB_CLAIMS = {
    "namespace_id": "72",
    "namespace_path": "contoso",
    "project_id": "57382910",
    "project_path": "contoso/pay",
    "user_id": "1",
    "user_login": "someone",
    "user_email": "someone@example.com",
    "pipeline_id": "574",
    "pipeline_source": "push",
    "job_id": "302",
    "ref": "main",
    "ref_type": "branch",
    "ref_path": "refs/heads/main",
    "ref_protected": "true",
    "runner_id": 1,
    "runner_environment": "gitlab-hosted",
    "sha": "714a629c0b401fdce83e847fc9589983fc6f46bc",
    "jti": "235b3a54-b797-45c7-ae9a-f72d7bc6ef5b",
    "iss": "https://gitlab.com",
    "iat": EPOCH - 60,
    "nbf": EPOCH - 65,
    "exp": EPOCH + 3540,
    "sub": "project_path:contoso/pay:ref_type:branch:ref:main",
    "aud": EXCHANGE,
}
TERRAFORM_CLAIMS = {
    "jti": "21dbc08e-1111-4222-8333-444444444444",
    "iss": "https://app.terraform.io",
    "aud": EXCHANGE,
    "iat": EPOCH - 60,
    "nbf": EPOCH - 65,
    "exp": EPOCH + 7140,
    "sub": "organization:contoso:project:pay:workspace:prod:run_phase:plan",
    "terraform_organization_id": "org-1",
    "terraform_organization_name": "contoso",
    "terraform_workspace_id": "ws-1",
    "terraform_workspace_name": "prod",
    "terraform_full_workspace": "organization:contoso:project:pay:workspace:prod",
    "terraform_run_id": "run-1",
    "terraform_run_phase": "plan",
}
COGNITO_CLAIMS = {
    "sub": "eu-west-1:0c0c0c0c-1111-4222-8333-444444444444",
    "aud": "eu-west-1:0d0d0d0d-1111-4222-8333-444444444444",
    "amr": ["authenticated", "payer"],
    "iss": "https://cognito-identity.amazonaws.com",
    "exp": EPOCH + 840,
    "iat": EPOCH - 60,
}
SPIFFE_CLAIMS = {
    "aud": [EXCHANGE],
    "exp": EPOCH + 240,
    "iat": EPOCH - 60,
    "iss": "https://spire.contoso.com",
    "sub": "spiffe://contoso.com/ns/pay/sa/payer",
}


def token(
    claims: Mapping[str, object] = GITHUB_CLAIMS,
    *,
    head: Mapping[str, object] | None = None,
    alg: str = "RS256",
    holder: Any = None,
    **changes: object,
) -> str:
    header = {"typ": "JWT", "alg": alg, "kid": KID} | dict(head or {})
    first, second, _ = compact(
        {name: value for name, value in header.items() if value is not DROP},
        {name: value for name, value in {**claims, **changes}.items() if value is not DROP},
        "",
    ).split(".")
    return f"{first}.{second}." + b64url(
        sign(f"{first}.{second}".encode(), alg, holder or key("issuer"))
    )


def credential(
    name: str = "prod",
    issuer: object = GITHUB,
    subject: str | None = "repo:contoso/payments:environment:prod",
    audience: str = EXCHANGE,
    expression: str | None = None,
) -> dict[str, object]:
    made: dict[str, object] = {"id": "1", "name": name, "issuer": issuer, "subject": subject}
    if expression is not None:
        made |= {"claimsMatchingExpression": {"value": expression, "languageVersion": 1}}
    return made | {"audiences": [audience]}


def of(claims: Mapping[str, object], **changes: str) -> dict[str, object]:
    """The credential that fits `claims`."""
    audience = claims["aud"]
    fitting = {
        "issuer": str(claims["iss"]),
        "subject": str(claims["sub"]),
        "audience": str(audience[0] if isinstance(audience, list) else audience),
    }
    return credential("fitting", **(fitting | changes))


def registered(*credentials: Mapping[str, object]) -> bytes:
    """As `az ad app federated-credential list` prints them."""
    return json.dumps(credentials).encode()


def of_identity(**changes: object) -> dict[str, object]:
    """As `az identity federated-credential list` prints one."""
    group = "/subscriptions/0/resourceGroups/pay-(eu)/providers/Microsoft.ManagedIdentity"
    identifier = f"{group}/userAssignedIdentities/payer/federatedIdentityCredentials/prod"
    return credential() | {"id": identifier, "resourceGroup": "pay-(eu)"} | changes


def state(*credentials: Mapping[str, object]) -> bytes:
    """As Terraform keeps them."""
    kind = "azuread_application_federated_identity_credential"
    instances = [{"attributes": {**each, "display_name": each["name"]}} for each in credentials]
    resources = [{"mode": "managed", "type": kind, "name": "x", "instances": instances}]
    return json.dumps({"version": 4, "terraform_version": "1.9.8", "resources": resources}).encode()


EC_JWK = {
    "kty": "EC",
    "crv": "P-256",
    "kid": KID,
    "x": b64url(ec_key("issuer").public_key().public_numbers().x.to_bytes(32, "big")),
    "y": b64url(ec_key("issuer").public_key().public_numbers().y.to_bytes(32, "big")),
}
ENTRA_CERT = certificate("issuer")
ENTRA_KID = x5t(ENTRA_CERT)


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    text: str
    finds: frozenset[str]
    options: dict[str, Any] = field(default_factory=dict)


def row(
    name: str,
    text: str,
    *finds: str,
    trusts: Mapping[str, object] | bytes | None = None,
    **options: Any,
) -> Row:
    trusted = trusts if isinstance(trusts, bytes) else registered(trusts or credential())
    given = {"federated": trusted, "certs": [jwks()], "at": NOW}
    return Row(name=name, text=text, finds=frozenset(finds), options=given | options)


KUBERNETES = {"typ": DROP}
RIGHT = [
    row("github", token(head=GITHUB_HEADER)),
    row("devops", token(DEVOPS_CLAIMS, head={"x5t": KID}), trusts=of(DEVOPS_CLAIMS)),
    row(
        "devops-by-entra",
        token(DEVOPS_ENTRA_CLAIMS, head={"x5t": ENTRA_KID, "kid": ENTRA_KID}),
        trusts=of(DEVOPS_ENTRA_CLAIMS),
        certs=[jwks(with_x5c(ENTRA_CERT, ENTRA_KID))],
    ),
    row(
        "devops-by-entra-audience-by-id",
        token(
            DEVOPS_ENTRA_CLAIMS,
            head={"x5t": ENTRA_KID, "kid": ENTRA_KID},
            aud="fb60f99c-7a34-4190-8149-302f77469936",
        ),
        trusts=of(DEVOPS_ENTRA_CLAIMS),
        certs=[jwks(with_x5c(ENTRA_CERT, ENTRA_KID))],
    ),
    row("kubernetes", token(KUBERNETES_CLAIMS, head=KUBERNETES), trusts=of(KUBERNETES_CLAIMS)),
    row(
        "kubernetes-24-hours",
        token(KUBERNETES_CLAIMS, head=KUBERNETES, exp=EPOCH - 60 + DAY),
        trusts=of(KUBERNETES_CLAIMS),
    ),
    row(
        "eks",
        token(KUBERNETES_CLAIMS, head=KUBERNETES, iss=EKS),
        trusts=of(KUBERNETES_CLAIMS, issuer=EKS),
    ),
    row(
        "audience-among-several",
        token(KUBERNETES_CLAIMS, aud=["https://kubernetes.default.svc", EXCHANGE]),
        trusts=of(KUBERNETES_CLAIMS),
    ),
    row("google", token(GOOGLE_CLAIMS), trusts=of(GOOGLE_CLAIMS)),
    row("gitlab", token(GITLAB_CLAIMS), trusts=of(GITLAB_CLAIMS)),
    row("terraform", token(TERRAFORM_CLAIMS), trusts=of(TERRAFORM_CLAIMS)),
    row("spiffe", token(SPIFFE_CLAIMS), trusts=of(SPIFFE_CLAIMS)),
    row(
        "us-government",
        token(aud=f"{EXCHANGE}USGov"),
        trusts=credential(audience=f"{EXCHANGE}USGov"),
    ),
    row(
        "flexible",
        token(),
        trusts=credential(
            subject=None,
            expression="claims['sub'] matches 'repo:contoso/*:environment:????' and "
            "claims['repository_owner_id'] eq '5544123'",
        ),
    ),
    row(
        "the-second-credential",
        token(),
        trusts=registered(credential("dev", subject="repo:contoso/x:pull_request"), credential()),
    ),
    row("two-keys", token(), certs=[jwks(jwk("other", "1"), jwk())]),
    row("one-key-under-two-names", token(), certs=[jwks(jwk("issuer", "1"), jwk())]),
    row("key-beside-its-certificate", token(), certs=[pem(ENTRA_CERT), jwks()]),
    row("graph-list", token(), trusts=json.dumps({"value": [credential()]}).encode()),
    row("managed-identity", token(), trusts=of_identity()),
    row("terraform-state-that-fits", token(), trusts=state(credential())),
    row(
        "space-inside-both",
        token(sub="repo:contoso/payments:environment:prod eu"),
        trusts=credential(subject="repo:contoso/payments:environment:prod eu"),
    ),
    row(
        "cut-off-beside-one-that-fits",
        token(),
        trusts=registered(credential("first") | {"audiences": "System.String[]"}, credential()),
    ),
]
ISSUER, SUBJECT, CASE, AUDIENCE = (
    "federated-issuer-mismatch",
    "federated-subject-mismatch",
    "federated-subject-case",
    "federated-audience-mismatch",
)
KEY, SIGNATURE, URL = (
    "federated-key-not-published",
    "federated-signature-invalid",
    "federated-issuer-url",
)
LONG = "federated-lifetime-too-long"
OTHER_JWKS = jwks(jwk("other", "1"), jwk("third", "2"))
TWO = jwks(jwk("other", "1"), jwk())
MANY = jwks(*(jwk("other", f"{n}", n=octets(3 + (n << 2047))) for n in range(1, 9)))


def flexible(expression: str, name: str = "any") -> dict[str, object]:
    return credential(name, subject=None, expression=expression)


PROD = str(GITHUB_CLAIMS["sub"])
EMAIL = str(GOOGLE_CLAIMS["email"])
IMMUTABLE = "repo:contoso@5544123/payments@821093847:environment:prod"
FAULTS = [
    row("issuer", token(), ISSUER, trusts=credential(issuer="https://gitlab.com")),
    row("issuer-slash", token(), ISSUER, trusts=credential(issuer=f"{GITHUB}/")),
    row("issuer-case", token(), ISSUER, trusts=credential(issuer=GITHUB.upper())),
    row("issuer-by-http", token(), ISSUER, trusts=credential(issuer="http" + GITHUB[5:])),
    row(
        "issuer-of-converted-connection",
        token(DEVOPS_ENTRA_CLAIMS),
        ISSUER,
        trusts=of(DEVOPS_CLAIMS),
    ),
    row("no-credential-at-all", token(), ISSUER, trusts=b"[]"),
    row("issuer-and-key", token(iss="https://issuer.example"), ISSUER, KEY, certs=[OTHER_JWKS]),
    row("subject", token(sub="repo:contoso/payments:ref:refs/heads/main"), SUBJECT),
    row("subject-tag", token(sub="repo:contoso/payments:ref:refs/tags/v1"), SUBJECT),
    row("subject-pull-request", token(sub="repo:contoso/payments:pull_request"), SUBJECT),
    row(
        "subject-immutable", token(sub="repo:contoso@5544123/payments@9:environment:prod"), SUBJECT
    ),
    row("immutable-token", token(sub=IMMUTABLE), SUBJECT),
    row("immutable-credential", token(), SUBJECT, trusts=credential(subject=IMMUTABLE)),
    row(
        "immutable-credential-of-other-ids",
        token(),
        SUBJECT,
        trusts=credential(subject="repo:contoso@1/payments@2:environment:prod"),
    ),
    row(
        "immutable-credential-and-no-ids-in-token",
        token(repository_id=DROP),
        SUBJECT,
        trusts=credential(subject=IMMUTABLE),
    ),
    row(
        "immutable-credential-and-another-job",
        token(sub="repo:contoso/payments:pull_request"),
        SUBJECT,
        trusts=credential(subject=IMMUTABLE),
    ),
    row(
        "immutable-token-and-expression",
        token(sub=IMMUTABLE),
        SUBJECT,
        trusts=flexible("claims['sub'] matches 'repo:contoso/payments:*'"),
    ),
    row(
        "immutable-token-and-the-nearest",
        token(sub=IMMUTABLE),
        SUBJECT,
        trusts=registered(
            credential("other", subject="repo:contoso/other:environment:prod"), credential()
        ),
    ),
    row("subject-custom", token(sub="repository_owner:contoso:environment:prod"), SUBJECT),
    row(
        "subject-wildcard",
        token(),
        SUBJECT,
        trusts=credential(subject="repo:contoso/*:environment:*"),
    ),
    row(
        "subject-kubernetes",
        token(KUBERNETES_CLAIMS, sub="system:serviceaccount:default:payer"),
        SUBJECT,
        trusts=of(KUBERNETES_CLAIMS),
    ),
    row(
        "subject-devops",
        token(DEVOPS_CLAIMS, sub="sc://contoso/payments/azure-test"),
        SUBJECT,
        trusts=of(DEVOPS_CLAIMS),
    ),
    row("subject-case", token(sub="repo:Contoso/payments:environment:Prod"), CASE),
    row("subject-flexible", token(), SUBJECT, trusts=flexible("claims['sub'] matches 'repo:x/*'")),
    row(
        "subject-flexible-claim-missing",
        token(GITLAB_CLAIMS),
        SUBJECT,
        trusts=flexible("claims['sub'] matches 'project_path:*' and claims['x'] eq '1'")
        | {"issuer": "https://gitlab.com"},
    ),
    row(
        "subject-beside-a-flexible-one",
        token(sub="repo:contoso/payments:environment:test"),
        SUBJECT,
        trusts=registered(credential(), flexible("claims['sub'] eq 'x'")),
    ),
    row("subject-space-in-credential", token(), SUBJECT, trusts=credential(subject=f"{PROD} ")),
    row("subject-space-in-token", token(sub=f"{PROD} "), SUBJECT),
    row(
        "subject-space-beside-a-nearer-one",
        token(),
        SUBJECT,
        trusts=registered(
            credential("a", subject=f"{PROD}2"),
            credential("b", subject=f"\u200e\u200e{PROD}"),
            credential("c", subject=f"{PROD}*"),
        ),
    ),
    row(
        "subject-no-break-space",
        token(sub=f"{PROD} eu"),
        SUBJECT,
        trusts=credential(subject=f"{PROD}\u00a0eu"),
    ),
    row(
        "subject-in-two-forms",
        token(sub=f"{PROD}-z\u00fcrich"),
        SUBJECT,
        trusts=credential(subject=f"{PROD}-zu\u0308rich"),
    ),
    row("subject-space-of-identity", token(), SUBJECT, trusts=of_identity(subject=f"{PROD} ")),
    row(
        "subject-of-identity",
        token(sub="repo:contoso/x:pull_request"),
        SUBJECT,
        trusts=of_identity(),
    ),
    row("issuer-of-identity", token(), ISSUER, trusts=of_identity(issuer=f"{GITHUB}/")),
    row("audience-of-identity", token(), AUDIENCE, trusts=of_identity(audiences=[])),
    row("case-of-identity", token(), CASE, trusts=of_identity(subject=PROD.title())),
    row(
        "subject-of-identity-not-ascii",
        token(sub="repo:contoso/x:environment:\u2019;x"),
        SUBJECT,
        trusts=of_identity(),
    ),
    row("issuer-space", token(), ISSUER, trusts=credential(issuer=f"{GITHUB}\t")),
    row("issuer-blank-in-token", token(iss=f"{GITHUB}\u200b"), ISSUER),
    row("audience-space", token(), AUDIENCE, trusts=credential(audience=f" {EXCHANGE}")),
    row("audience-space-in-token", token(aud=f"{EXCHANGE} "), AUDIENCE),
    row("google-email", token(GOOGLE_CLAIMS), SUBJECT, trusts=of(GOOGLE_CLAIMS, subject=EMAIL)),
    row(
        "google-email-of-another",
        token(GOOGLE_CLAIMS),
        SUBJECT,
        trusts=of(GOOGLE_CLAIMS, subject=f"x{EMAIL}"),
    ),
    row(
        "subject-beside-audiences-cut-off",
        token(sub="repo:contoso/x:pull_request", aud="x"),
        SUBJECT,
        trusts=credential() | {"audiences": "System.String[]"},
    ),
    row("audience", token(aud="https://github.com/contoso"), AUDIENCE),
    row(
        "subject-and-audience",
        token(sub="repo:contoso/payments:pull_request", aud="https://github.com/contoso"),
        SUBJECT,
        AUDIENCE,
    ),
    row(
        "subject-and-audience-array",
        token(KUBERNETES_CLAIMS, sub="system:serviceaccount:default:payer", aud=["x", "y"]),
        SUBJECT,
        AUDIENCE,
        trusts=of(KUBERNETES_CLAIMS),
    ),
    row(
        "subject-case-and-audience",
        token(sub="repo:Contoso/payments:environment:prod", aud="https://github.com/contoso"),
        CASE,
        AUDIENCE,
    ),
    row(
        "subject-flexible-and-audience",
        token(aud="https://github.com/contoso"),
        SUBJECT,
        AUDIENCE,
        trusts=flexible("claims['sub'] matches 'repo:x/*'"),
    ),
    row(
        "subject-and-audience-of-nothing",
        token(sub="repo:contoso/payments:pull_request"),
        SUBJECT,
        AUDIENCE,
        trusts=registered(credential() | {"audiences": []}),
    ),
    row(
        "subject-and-audience-of-another-credential",
        token(sub="repo:contoso/payments:pull_request", aud="api://own"),
        SUBJECT,
        trusts=registered(credential(), credential("own", subject="x", audience="api://own")),
    ),
    row(
        "subject-case-and-audience-of-another-credential",
        token(sub="repo:Contoso/payments:environment:prod", aud="api://own"),
        CASE,
        trusts=registered(credential(), credential("own", subject="x", audience="api://own")),
    ),
    row(
        "subject-and-audience-of-another-issuer",
        token(sub="repo:contoso/payments:pull_request", aud="api://own"),
        SUBJECT,
        AUDIENCE,
        trusts=registered(credential(), credential("own", "https://x.example", "x", "api://own")),
    ),
    row(
        "issuer-and-audience",
        token(aud="https://github.com/contoso"),
        ISSUER,
        trusts=credential(issuer="https://gitlab.com"),
    ),
    row(
        "subject-of-us-government",
        token(sub="repo:contoso/payments:pull_request", aud=f"{EXCHANGE}USGov"),
        SUBJECT,
        trusts=credential(audience=f"{EXCHANGE}USGov"),
    ),
    row("audience-case", token(aud="api://azureadtokenexchange"), AUDIENCE),
    row("audience-slash", token(aud=f"{EXCHANGE}/"), AUDIENCE),
    row("audience-of-another-cloud", token(aud=f"{EXCHANGE}China"), AUDIENCE),
    row(
        "audience-kubernetes",
        token(KUBERNETES_CLAIMS, aud=["https://kubernetes.default.svc"]),
        AUDIENCE,
        trusts=of(KUBERNETES_CLAIMS),
    ),
    row("audience-gitlab", token(GITLAB_CLAIMS, aud="x"), AUDIENCE, trusts=of(GITLAB_CLAIMS)),
    row("audience-google", token(GOOGLE_CLAIMS, aud="x"), AUDIENCE, trusts=of(GOOGLE_CLAIMS)),
    row(
        "audience-of-nothing",
        token(),
        AUDIENCE,
        trusts=registered(credential() | {"audiences": []}),
    ),
    row(
        "audience-of-nothing-and-of-another",
        token(aud="x"),
        AUDIENCE,
        trusts=registered(credential() | {"audiences": []}),
    ),
    row(
        "audience-of-a-flexible-one",
        token(aud="https://github.com/contoso"),
        AUDIENCE,
        trusts=flexible("claims['sub'] matches 'repo:Contoso/*'"),
    ),
    row("key", token(), KEY, certs=[OTHER_JWKS]),
    row("key-among-many", token(), KEY, certs=[MANY]),
    row("key-under-another-kid", token(head={"kid": "9"}), KEY),
    row("key-kid-letter-case", token(head={"kid": KID.upper()}), KEY),
    row("key-not-published", token(), KEY, certs=[OTHER_JWKS], also=[jwks()]),
    row("no-kid", token(head={"kid": DROP}), KEY),
    row("kid-not-a-string", token(head={"kid": 7}), KEY),
    row("signed-with-another-published-key", token(holder=key("other")), SIGNATURE, certs=[TWO]),
    row("signed-with-unknown-key", token(holder=key("third")), SIGNATURE),
    row("key-of-another-sort", token(), SIGNATURE, certs=[jwks(EC_JWK)]),
    row(
        "edited",
        ".".join([*token().split(".")[:1], token(run_id="1").split(".")[1], token().split(".")[2]]),
        SIGNATURE,
    ),
    row(
        "user",
        token(DEVOPS_ENTRA_CLAIMS, idtyp="user"),
        "federated-issuer-is-entra",
        trusts=of(DEVOPS_ENTRA_CLAIMS),
    ),
    row(
        "user-by-scope",
        token(DEVOPS_ENTRA_CLAIMS, idtyp=DROP, scp="x"),
        "federated-issuer-is-entra",
        trusts=of(DEVOPS_ENTRA_CLAIMS),
    ),
    row("scope-of-another-issuer", token(scp="x")),
    row("no-iss", token(iss=DROP), "federated-claim-missing"),
    row("no-sub", token(sub=DROP), "federated-claim-missing"),
    row("sub-is-number", token(sub=7), "federated-claim-missing"),
    row("no-aud", token(aud=DROP), "federated-claim-missing"),
    row("aud-empty", token(aud=[]), "federated-claim-missing"),
    row("aud-of-numbers", token(aud=[1]), "federated-claim-missing"),
    row("claims-in-capitals", token(iss=DROP, Iss=GITHUB), "claim-name-misspelled"),
    *(
        row(f"issuer-{name}", token(iss=url), URL, trusts=credential(issuer=url))
        for name, url in [
            ("http", "http://issuer.example"),
            ("bare", "accounts.google.com"),
            ("query", "https://issuer.example/?x=1"),
            ("fragment", "https://issuer.example/#x"),
            ("loopback", "https://127.0.0.1:8443"),
            ("loopback-6", "https://[::1]"),
            ("localhost", "https://localhost:8443"),
            ("cluster", "https://kubernetes.default.svc.cluster.local"),
            ("short-host", "https://idp"),
            ("private", "https://10.1.2.3"),
            ("no-url", "https://[x"),
            ("no-host", "https://"),
        ]
    ),
    row("issuer-blanks", token(iss=f" {GITHUB}"), URL),
    row(
        "issuer-public-address",
        token(iss="https://9.9.9.9"),
        trusts=credential(issuer="https://9.9.9.9"),
    ),
    row(
        "long",
        token(KUBERNETES_CLAIMS, exp=EPOCH - 59 + 25 * 3600),
        LONG,
        trusts=of(KUBERNETES_CLAIMS),
    ),
    row(
        "as-long-as-can-be",
        token(KUBERNETES_CLAIMS, exp=EPOCH - 60 + 25 * 3600),
        trusts=of(KUBERNETES_CLAIMS),
    ),
    row("long-without-iat", token(exp=EPOCH + 9 * DAY, iat=DROP)),
    row("rs512", token(alg="RS512"), "federated-alg-untested"),
    row("ps256", token(alg="PS256"), "federated-alg-untested"),
    row(
        "cognito",
        token(COGNITO_CLAIMS, alg="RS512", head={"typ": "JWS"}),
        "federated-alg-untested",
        trusts=of(COGNITO_CLAIMS),
    ),
    row(
        "es256",
        token(alg="ES256", holder=ec_key("issuer")),
        "alg-not-supported",
        certs=[jwks(EC_JWK)],
    ),
    row("hs256", token(head={"alg": "HS256"}), "alg-not-supported"),
    row("none", token(head={"alg": "none"}), "alg-none"),
    row("no-alg", token(head={"alg": DROP}), "alg-missing"),
    row("alg-in-small-letters", token(head={"alg": "rs256"}), "alg-name-wrong"),
    row("at-jwt", token(head={"typ": "at+jwt"}), "typ-wrong"),
    row("small-jwt", token(head={"typ": "jwt"}), "typ-letter-case"),
    row("jku", token(head={"jku": "https://issuer.example/jwks"}), "header-not-allowed"),
    row("crit", token(head={"crit": ["b64"], "b64": False}), "crit-header"),
    row("kid-in-capitals", token(head={"kid": DROP, "KID": KID}), "header-name-misspelled"),
    row("two-segments", token().rpartition(".")[0], "segment-count"),
    row("expired", token(iat=EPOCH - 700, nbf=EPOCH - 1300, exp=EPOCH - 400), "expired"),
    row(
        "expired-devops",
        token(DEVOPS_CLAIMS, iat=EPOCH - 1000, nbf=EPOCH - 1300, exp=EPOCH - 400),
        "expired",
        trusts=of(DEVOPS_CLAIMS),
    ),
    row(
        "expired-google",
        token(GOOGLE_CLAIMS, iat=EPOCH - 4000, exp=EPOCH - 400),
        "expired",
        trusts=of(GOOGLE_CLAIMS),
    ),
    row("expired-just-now", token(exp=EPOCH - 60), "expired-within-leeway"),
    row("not-yet", token(nbf=EPOCH + 400, iat=EPOCH + 400, exp=EPOCH + 900), "not-yet-valid"),
    row("no-exp", token(exp=DROP), "exp-missing"),
    row("milliseconds", token(exp=EPOCH * 1000), "time-in-milliseconds"),
    row("nine-days", token(exp=EPOCH + 9 * DAY), LONG),
]
NOTE = "is-federated"
OPEN = [
    row("no-list", token(), NOTE, federated=None),
    row(
        "no-list-and-wrong-audience", token(aud="https://github.com/contoso"), NOTE, federated=None
    ),
    row("no-keys", token(), certs=[]),
    row("nothing", token(), NOTE, certs=[], federated=None),
    row("keys-of-a-certificate", token(), certs=[pem(ENTRA_CERT)]),
    row("x5t-alone", token(head={"kid": DROP, "x5t": ENTRA_KID})),
    row("expression", token(), trusts=flexible("claims['sub'] in ('a','b')")),
    row("expression-case", token(), trusts=flexible("claims['sub'] matches 'repo:Contoso/*'")),
    row(
        "expression-eq-case", token(), trusts=flexible("claims['repository'] eq 'Contoso/payments'")
    ),
    row(
        "expression-star-for-nothing",
        token(),
        trusts=flexible("claims['environment'] matches 'prod*'"),
    ),
    row(
        "expression-of-a-number",
        token(GITLAB_CLAIMS),
        trusts=flexible("claims['runner_id'] eq '1'") | {"issuer": "https://gitlab.com"},
    ),
    row("expression-too-long", token(), trusts=flexible(f"claims['sub'] eq '{'x' * 601}'")),
    row("audiences-cut-off", token(), trusts=credential() | {"audiences": "System.String[]"}),
    row(
        "audiences-cut-off-to-a-line",
        token(),
        trusts=credential() | {"audiences": "api://a api://b"},
    ),
    row("audiences-cut-off-to-nothing", token(), trusts=credential() | {"audiences": ""}),
    row(
        "expression-cut-off",
        token(),
        trusts=credential(subject=None)
        | {
            "claimsMatchingExpression": "Microsoft.Graph.PowerShell.Models.MicrosoftGraphExpression"
        },
    ),
    row("state-of-another-issuer", token(), trusts=state(credential(issuer="https://x.example"))),
    row("state-of-another-subject", token(sub="repo:a/b:pull_request"), trusts=state(credential())),
    row("state-of-another-case", token(sub=PROD.upper()), trusts=state(credential())),
    row("state-of-another-audience", token(aud="x"), trusts=state(credential())),
    row(
        "state-of-another-expression",
        token(),
        trusts=state(
            credential(subject=None) | {"claims_matching_expression": "claims['sub'] eq 'x'"}
        ),
    ),
    row(
        "expression-beside-another-audience",
        token(),
        trusts=registered(credential(audience="x"), flexible("claims['sub'] matches 'Repo:*'")),
    ),
]
ROWS = [*RIGHT, *FAULTS, *OPEN]
BY_NAME = {case.name: case for case in ROWS}


@cache
def judged(name: str) -> Report:
    case = BY_NAME[name]
    return diagnose(case.text, **case.options)


def test_names_of_rows_are_unique():
    assert len(BY_NAME) == len(ROWS)


@pytest.mark.parametrize("name", BY_NAME)
def test_each_token_draws_this_and_nothing_else(name: str):
    assert {finding.id for finding in judged(name).findings} == BY_NAME[name].finds


@pytest.mark.parametrize("name", BY_NAME)
def test_it_is_told_from_a_clients_own_assertion(name: str):
    facts = judged(name).assertion
    assert facts is not None
    assert facts.kind is AssertionKind.FEDERATED


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.name)
def test_right_tokens_of_known_issuers_are_accepted(case: Row):
    report = judged(case.name)
    assert (report.verdict, report.not_checked, report.exit_code(strict=True)) == (
        Verdict.ACCEPTED,
        (),
        0,
    )


@pytest.mark.parametrize("case", OPEN, ids=lambda case: case.name)
def test_what_cannot_be_decided_is_not_accepted(case: Row):
    report = judged(case.name)
    assert (report.verdict, report.exit_code()) == (Verdict.INCOMPLETE, 3)
    assert any(item.decisive for item in report.not_checked)


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.name)
def test_errors_refuse_and_warnings_do_not(case: Row):
    report = judged(case.name)
    is_wrong = any(finding.severity is Severity.ERROR for finding in report.findings)
    assert report.verdict is (Verdict.REFUSED if is_wrong else Verdict.ACCEPTED)
    assert report.exit_code() == (1 if is_wrong else 0)


def test_each_rule_has_a_row_that_fails():
    assert {each.id for each in RULES} <= set().union(*(case.finds for case in FAULTS))


CODES = {
    "issuer": "AADSTS700211",
    "no-credential-at-all": "AADSTS70025",
    "subject": "AADSTS700213",
    "subject-and-audience": "AADSTS700213",
    "subject-case-and-audience": "AADSTS7002138",
    "subject-case": "AADSTS7002138",
    "subject-flexible": "AADSTS7002131",
    "subject-beside-a-flexible-one": "AADSTS7002131",
    "audience": "AADSTS700212",
    "key": "AADSTS7000272",
    "no-kid": "AADSTS7000272",
    "signed-with-unknown-key": None,
    "key-of-another-sort": "AADSTS5002730",
    "user": "AADSTS700229",
    "issuer-http": "AADSTS70022",
    "issuer-cluster": "AADSTS50166",
    "issuer-localhost": "AADSTS70022",
    "issuer-blanks": None,
    "long": "AADSTS70023",
    "expired": "AADSTS700024",
    "es256": "AADSTS5002738",
    "jku": "AADSTS5002726",
    "at-jwt": "AADSTS5002727",
}


@pytest.mark.parametrize("name", CODES)
def test_what_entra_says_is_predicted(name: str):
    prediction = judged(name).prediction
    assert (prediction.code if prediction else None) == CODES[name]


def said(name: str, rule: str | None = None) -> str:
    findings = [item for item in judged(name).findings if rule is None or item.id == rule]
    (finding,) = findings
    return f"{finding.message} | {finding.fix}"


WORDS = [
    ("issuer-slash", f'that of prod differs by a slash at the end: "{GITHUB}/" | set the issuer'),
    ("issuer-case", "differs by letter case"),
    ("issuer-by-http", "differs by more than one small thing"),
    ("issuer", 'that of prod comes nearest, "https://gitlab.com" | if this token is to be trusted'),
    ("issuer-of-converted-connection", "a converted service connection of Azure DevOps"),
    ("no-credential-at-all", "the app has no federated credential at all"),
    ("subject", "the job is branch main, in the credential environment prod"),
    ("subject-tag", "the job is tag v1, in the credential environment prod"),
    ("subject-pull-request", "the job is pull request, in the credential environment prod"),
    ("subject-immutable", "the token has GitHub's immutable form, with ids behind the names"),
    ("subject-wildcard", "a wildcard there stands for itself"),
    ("subject-wildcard", "add a credential for it or a flexible one"),
    ("subject-kubernetes", "the namespace is default, in the credential pay"),
    ("subject-devops", "the service connection is azure-test, in the credential azure-prod"),
    ("subject-case", "differs by letter case"),
    ("subject-case", "az ad app federated-credential update --id CLIENT_ID"),
    ("subject-flexible", "asks that claims['sub'] matches 'repo:x/*', where sub is \"repo:contoso"),
    ("subject-flexible-claim-missing", "claims['x'] eq '1', where x is not there"),
    ("subject-flexible", "| if this token is to be trusted, add a credential for it: `az ad app"),
    (
        "immutable-token",
        "immutable form, with ids behind the names, and the credential has not | add a credential "
        "with the subject of the token, and remove prod once no token has the names alone: ",
    ),
    ("immutable-token", f'"subject": "{IMMUTABLE}"'),
    (
        "immutable-credential",
        "the credential has GitHub's immutable form, with ids behind the names, and the token has "
        "not | switch on immutable subjects in the repository's Actions OIDC settings at GitHub; "
        "or add a credential with the names alone: ",
    ),
    ("immutable-credential", '"subject": "repo:contoso/payments:environment:prod"'),
    (
        "immutable-credential-of-other-ids",
        f'by its claims that of the token would be "{IMMUTABLE}" | switch on',
    ),
    (
        "immutable-credential-of-other-ids",
        f"""and correct the ids: `az ad app federated-credential update --id CLIENT_ID \
--federated-credential-id prod --parameters '{{"subject": "{IMMUTABLE}"}}'`; or add""",
    ),
    ("immutable-credential-and-no-ids-in-token", "settings at GitHub; or add a credential"),
    ("immutable-credential-and-another-job", "the job is pull request, in the credential"),
    ("immutable-token-and-expression", "; the token has GitHub's immutable form, with ids"),
    ("immutable-token-and-the-nearest", "that of prod comes nearest"),
    ("subject-of-us-government", f'"audiences": ["{EXCHANGE}USGov"]'),
    ("subject-and-audience-of-another-credential", '"audiences": ["api://own"]'),
    (
        "subject-case-and-audience-of-another-credential",
        """{"subject": "repo:Contoso/payments:environment:prod", "audiences": ["api://own"]}""",
    ),
    (
        "issuer-and-audience",
        f"`; and give azure/login `audience: {EXCHANGE}`, or call",
    ),
    (
        "subject-space-in-credential",
        f'has the subject "{PROD}"; that of prod differs by a space at its end: "{PROD} " | set the '
        "subject of prod to that of the token: `az ad app federated-credential update",
    ),
    (
        "subject-space-in-token",
        f"""; that of prod differs by a space at the end of the token's: "{PROD}" | have the issuer \
leave it out of the token; or set the subject of prod""",
    ),
    (
        "subject-space-beside-a-nearer-one",
        f'that of b differs by 2 times a left-to-right mark at its start: "\\u200e\\u200e{PROD}"',
    ),
    (
        "subject-no-break-space",
        "that of prod differs by a no-break space in its middle and a space in the middle of the "
        f'token\'s: "{PROD}\\u00a0eu"',
    ),
    (
        "subject-in-two-forms",
        f'differs by how the same letters are encoded in Unicode: "{PROD}-zu\\u0308rich"',
    ),
    (
        "subject-space-of-identity",
        "| set the subject of prod to that of the token: `az identity federated-credential update "
        "--name prod --identity-name payer --resource-group 'pay-(eu)' "
        f"--issuer {GITHUB} --subject {PROD} --audiences {EXCHANGE}`",
    ),
    (
        "subject-of-identity",
        "add a credential for it: `az identity federated-credential create --name NAME "
        "--identity-name payer --resource-group 'pay-(eu)' "
        f"--issuer {GITHUB} --subject repo:contoso/x:pull_request --audiences {EXCHANGE}`",
    ),
    ("issuer-of-identity", f"--issuer {GITHUB} --subject {PROD} --audiences {EXCHANGE}`"),
    ("audience-of-identity", "| set the audiences of prod: `az identity federated-credential upd"),
    ("audience-of-identity", f"--audiences {EXCHANGE}`"),
    ("case-of-identity", f"--subject {PROD} --audiences {EXCHANGE}`"),
    ("subject-of-identity-not-ascii", "--subject SUBJECT --audiences"),
    (
        "issuer-space",
        f'that of prod differs by a tab at its end: "{GITHUB}\\t" | set the issuer of',
    ),
    (
        "issuer-blank-in-token",
        f'has the issuer "{GITHUB}\\u200b"; that of prod differs by a zero width space at the end of '
        f"""the token's: "{GITHUB}" | have the issuer leave out of the token's iss what cannot""",
    ),
    (
        "audience-space",
        f'the audience " {EXCHANGE}", not "{EXCHANGE}"; it differs by a space at its start | set the '
        "audiences of prod: `az ad app federated-credential update",
    ),
    (
        "audience-space-in-token",
        f'"{EXCHANGE} "; it differs by a space at the end of the token\'s | give azure/login',
    ),
    ("google-email", "Google's sub is the numeric id of the account, not its email address | set"),
    ("google-email-of-another", "numeric id of the account, not its email address | if this token"),
    ("audience", "give azure/login `audience: api://AzureADTokenExchange`"),
    ("audience-of-another-cloud", "api://AzureADTokenExchangeChina is that of the cloud china"),
    ("audience-kubernetes", "project the service account token with"),
    ("audience-gitlab", "under id_tokens"),
    ("audience-google", "ask the issuer for a token with aud"),
    (
        "audience-of-nothing",
        "prod has issuer and subject of the token, and no audience at all | set the audiences of "
        "prod: `az ad app federated-credential update --id CLIENT_ID --federated-credential-id "
        """prod --parameters '{"audiences": ["api://AzureADTokenExchange"]}'`""",
    ),
    ("audience-of-nothing-and-of-another", "; and give azure/login `audience: api://AzureADTok"),
    ("key", f'no published key has the kid "{KID}" | publish the key that signs'),
    ("key", f"{GITHUB}/.well-known/openid-configuration"),
    (
        "key-under-another-kid",
        f'the key that signed, certificate, is published under the kid "{KID}"',
    ),
    ("key-not-published", "signed with the key of certificate, which is not published"),
    ("no-kid", "the header has no kid"),
    (
        "signed-with-another-published-key",
        f'kid "{KID}" names certificate[1]: signed with the key of certificate[0]',
    ),
    ("signed-with-unknown-key", "signed with none of the keys tried: certificate"),
    ("key-of-another-sort", "EC P-256 is no key for RS256"),
    ("edited", "names certificate: signed with the key of certificate (RSA 2048)"),
    ("issuer-cluster", "whose host is not known outside"),
    ("issuer-localhost", "on this very machine"),
    ("issuer-bare", "not an https URL"),
    ("issuer-no-url", "which is no URL"),
    ("issuer-blanks", "with white space around it"),
    ("long", "it lives for 1 day 1 h"),
    ("sub-is-number", "sub is 7, not a string"),
    ("expired", "GitHub's lives for 5 minutes"),
    ("expired-devops", "that of Azure DevOps lives for 10 minutes"),
    ("expired-google", "ask the issuer for a new token right before each token request"),
    ("es256", "have the issuer sign with RS256"),
    ("jku", 'have the issuer leave "jku" out of the header'),
]


@pytest.mark.parametrize(("name", "words"), WORDS, ids=lambda value: value[:40])
def test_a_finding_says_what_differs_and_what_to_do(name: str, words: str):
    assert words in said(name)


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("subject-and-audience", SUBJECT, "AADSTS700212"),
        ("subject-case-and-audience", CASE, "AADSTS700212"),
        ("subject-flexible-and-audience", SUBJECT, "AADSTS700212"),
    ],
)
def test_of_two_faults_the_subject_is_told_first_and_the_audience_surfaces_then(
    name: str, first: str, second: str
):
    report = judged(name)
    assert [finding.id for finding in report.findings] == [first, AUDIENCE]
    assert report.prediction is not None
    assert report.prediction.then == (second,)
    assert (
        'no credential of this issuer has the audience "https://github.com/contoso" either; '
        in report.findings[1].message
    )


@pytest.mark.parametrize("name", ["subject-and-audience", "subject-case-and-audience"])
def test_who_follows_both_fixes_is_accepted(name: str):
    subject, audience = judged(name).findings
    changes = json.loads(shlex.split(subject.fix.split("`")[1])[-1])
    asked = audience.fix.split("audience: ")[1].split("`")[0]
    text = token(sub=subject.actual, aud=asked)
    report = diagnose(text, federated=registered(credential() | changes), certs=[jwks()], at=NOW)
    assert report.verdict is Verdict.ACCEPTED


NOT_CHECKED = [
    (
        "audiences-cut-off",
        "the export was cut off at `audiences` of prod: export it again with `ConvertTo-Json "
        "-Depth 5`",
    ),
    ("audiences-cut-off-to-a-line", "cut off at `audiences` of prod"),
    ("audiences-cut-off-to-nothing", "cut off at `audiences` of prod"),
    ("expression-cut-off", "cut off at `claimsMatchingExpression` of prod: "),
    ("state-of-another-issuer", "`az ad app federated-credential list --id CLIENT_ID >"),
    ("state-of-another-issuer", "of those in the state, no credential has the issuer"),
    ("state-of-another-subject", "no credential in the Terraform state fits the token"),
    ("state-of-another-subject", "that of prod comes nearest"),
    ("state-of-another-case", "that of prod differs by letter case"),
    ("state-of-another-audience", "prod has issuer and subject of the token, and the audience"),
    ("state-of-another-expression", "asks that claims['sub'] eq 'x'"),
]


@pytest.mark.parametrize(("name", "words"), NOT_CHECKED)
def test_what_is_open_is_said_with_the_way_to_close_it(name: str, words: str):
    (item,) = judged(name).not_checked
    assert words in item.why


def test_an_audience_that_a_cut_off_export_may_hold_is_not_said_to_be_wrong():
    prediction = judged("subject-beside-audiences-cut-off").prediction
    assert prediction is not None
    assert (prediction.code, prediction.then) == ("AADSTS700213", ())


def test_a_long_value_shows_its_end_where_that_is_what_differs():
    subject = "repo:contoso/" + "x" * 200
    trusts = registered(credential(subject=f"{subject}\u200b"))
    (finding,) = diagnose(token(sub=subject), federated=trusts, certs=[jwks()], at=NOW).findings
    assert finding.expected is not None
    assert finding.expected.endswith('xxx\\u200b"')
    assert len(finding.expected) < 130


def test_an_acceptance_for_a_managed_identity_names_its_own_command():
    assert judged("managed-identity").assumes[0] == (
        "the federated credentials given are those of the managed identity payer that signs in: "
        "`az identity federated-credential list --identity-name payer --resource-group 'pay-(eu)'`"
    )


@pytest.mark.parametrize(
    ("text", "other", "words"),
    [
        ("a", "a", None),
        ("a", "b", None),
        ("a", "a\n", "a line feed at its end"),
        ("a\r", "a", "a carriage return at the end of the token's"),
        ("a", "\ufeffa", "a zero width no-break space at its start"),
        ("a", "a\x00", "a U+0000 at its end"),
        ("a", "a\u3000", "an ideographic space at its end"),
        ("a", "a\u3164", "a hangul filler at its end"),
        ("a b c", "ab  c", "where the white space stands"),
        ("", " ", "a space at its start"),
        ("a", "\uff41", "how the same letters are encoded in Unicode"),
    ],
)
def test_what_cannot_be_seen_has_a_name_and_a_place(text: str, other: str, words: str | None):
    assert difference_unseen(text, other) == words


def test_a_signature_that_does_not_verify_has_no_code_of_its_own():
    (declared,) = [each for each in RULES if each.id == SIGNATURE]
    assert declared.aadsts == ()
    assert judged("signed-with-unknown-key").findings[0].aadsts == ()


def test_of_many_published_keys_a_few_are_listed():
    (finding,) = judged("key-among-many").findings
    assert finding.expected == "1, 2, 3, 4 or 5 and 3 more"


def test_what_was_expected_stands_beside_what_was_found():
    (finding,) = judged("subject").findings
    assert (finding.at, finding.expected, finding.actual) == (
        "claims.sub",
        "repo:contoso/payments:environment:prod",
        "repo:contoso/payments:ref:refs/heads/main",
    )


def test_an_acceptance_says_what_it_takes_for_granted():
    report = diagnose(BY_NAME["github"].text, client_id=CLIENT_ID, **BY_NAME["github"].options)
    assert report.assumes == (
        f"the federated credentials given are those of app {CLIENT_ID} that signs in: "
        f"`az ad app federated-credential list --id {CLIENT_ID}`",
        "the keys given are those the issuer publishes now, at the jwks_uri of "
        f"{GITHUB}/.well-known/openid-configuration",
    )
    assert "--id CLIENT_ID" in judged("github").assumes[0]
    assert "0123" not in judged("kubernetes").assumes[1]
    assert f"{AKS}.well-known" in judged("kubernetes").assumes[1]


def test_what_is_lacking_is_said_in_the_headline():
    plain = Style(color=False, width=200)
    first = render_text(judged("no-list"), plain).splitlines()[0]
    assert "add --federated FILE" in first
    first = render_text(judged("no-keys"), plain).splitlines()[0]
    assert "save the JWKS at the jwks_uri of" in first


def test_an_expired_token_is_judged_as_of_its_last_valid_moment():
    wrong = token(
        sub="repo:contoso/payments:pull_request",
        iat=EPOCH - 4000,
        nbf=EPOCH - 4600,
        exp=EPOCH - 3700,
    )
    report = diagnose(wrong, federated=registered(credential()), certs=[jwks()])
    assert [finding.id for finding in report.findings] == [SUBJECT, "expired"]
    assert report.prediction is not None
    assert report.prediction.code == "AADSTS700213"


def test_the_command_in_a_fix_can_be_pasted():
    wrong = token(sub="repo:o'brien/$(x):pull_request")
    report = diagnose(wrong, federated=registered(credential()), certs=[jwks()], at=NOW)
    command = report.findings[0].fix.split("`")[1]
    assert json.loads(shlex.split(command)[-1]) == {
        "name": "NAME",
        "issuer": GITHUB,
        "subject": "repo:o'brien/$(x):pull_request",
        "audiences": [EXCHANGE],
    }


def test_a_mended_credential_keeps_what_is_right_in_it():
    trusts = registered(credential(issuer=f"{GITHUB}/", subject="repo:contoso/x:pull_request"))
    (finding,) = diagnose(token(), federated=trusts, certs=[jwks()], at=NOW).findings
    assert finding.fix.endswith(f"""--parameters '{{"issuer": "{GITHUB}"}}'`""")


def test_a_credential_without_a_name_is_not_named_in_the_command():
    nameless = {name: value for name, value in credential().items() if name != "name"}
    nameless["issuer"] = f"{GITHUB}/"
    report = diagnose(token(), federated=registered(nameless), certs=[jwks()], at=NOW)
    assert "--federated-credential-id CREDENTIAL " in report.findings[0].fix
    assert "that of federated.json differs" in report.findings[0].message
    known = registered(nameless | {"id": TENANT.upper()})
    (finding,) = diagnose(token(), federated=known, certs=[jwks()], at=NOW).findings
    assert f"--federated-credential-id {TENANT} " in finding.fix


def test_a_value_too_long_for_a_credential_is_not_put_into_a_command():
    report = diagnose(
        token(sub="repo:" + "x" * 700), federated=registered(credential()), certs=[jwks()], at=NOW
    )
    assert '"subject": "..."' in report.findings[0].fix


def test_the_registration_of_the_app_does_not_verify_anothers_token():
    export = json.dumps(
        {"appId": CLIENT_ID, "id": TENANT, "keyCredentials": [], "passwordCredentials": []}
    ).encode()
    report = diagnose(BY_NAME["github"].text, app=export, **BY_NAME["github"].options)
    assert (report.verdict, report.findings) == (Verdict.ACCEPTED, ())


def test_verify_takes_the_files(tmp_path: Path):
    (tmp_path / "federated.json").write_bytes(registered(credential()))
    (tmp_path / "jwks.json").write_bytes(jwks())
    args = ["verify", "--federated", str(tmp_path / "federated.json"), "--at", str(EPOCH)]
    args += ["--cert", str(tmp_path / "jwks.json")]
    right = CliRunner().invoke(app, args, input=token())
    assert (right.exit_code, "Accepted if" in right.stdout) == (0, True)
    wrong = CliRunner().invoke(app, args, input=token(sub="repo:contoso/x:pull_request"))
    assert (wrong.exit_code, "that of prod comes nearest" in wrong.stdout) == (1, True)


@pytest.mark.parametrize(
    ("member", "kid"),
    [
        (jwk(), KID),
        (jwk(kid=DROP), None),
        (jwk(kid=7), None),
        (jwk(kid=""), None),
        (with_x5c(ENTRA_CERT, "k"), "k"),
        (with_x5c(certificate("other"), "k"), "k"),
        (EC_JWK, KID),
    ],
)
def test_a_jwk_keeps_what_it_calls_itself(member: Mapping[str, object], kid: str | None):
    published, *others = read_jwks(jwks(member), label="jwks.json", role=Role.REGISTERED)
    assert published.kid == kid
    assert {(each.kid, each.role) for each in others} <= {(None, Role.ALSO)}


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("", "", True),
        ("", "*", True),
        ("", "?", False),
        ("a", "", False),
        ("abc", "abc", True),
        ("abc", "a?c", True),
        ("abc", "a*", True),
        ("abc", "*c", True),
        ("abc", "a*c", True),
        ("abc", "a**c", True),
        ("ac", "a*c", True),
        ("ac", "a?*c", False),
        ("abcbc", "a*bc", True),
        ("abcbd", "a*bc", False),
        ("a*c", "a*c", True),
        ("abc", "abcd", False),
    ],
)
def test_wildcards_stand_for_characters(text: str, pattern: str, expected: bool):
    assert is_like(text, pattern) is expected


def test_wildcards_are_no_work_without_end():
    assert not is_like("a" * 600, "*a" * 300 + "b")


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ("claims['sub'] eq 'a'", 1),
        ("claims['sub'] eq 'a' and claims['ref'] matches '*'", 2),
        ("claims['sub'] eq 'a' or claims['ref'] matches '*'", 0),
        ("claims['sub'] eq 'a' AND claims['ref'] eq 'b'", 0),
        ("claims['sub']  eq 'a'", 0),
        ("claims['sub'] eq 'o''brien'", 0),
        ("claims['sub'] eq \"a\"", 0),
        ("claims['sub'] startswith 'a'", 0),
        ("not claims['sub'] eq 'a'", 0),
        ("", 0),
    ],
)
def test_only_what_microsoft_documents_is_read_of_an_expression(expression: str, count: int):
    assert len(clauses(expression)) == count


def made(
    label: str = "c",
    issuer: str = GITHUB,
    subject: str | None = None,
    expression: str | None = None,
) -> FederatedCredential:
    return FederatedCredential(
        label=label, issuer=issuer, subject=subject, audiences=(EXCHANGE,), expression=expression
    )


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("claims['sub'] eq 'repo:contoso/payments:environment:prod'", True),
        ("claims['sub'] eq 'repo:contoso/payments:environment:test'", False),
        ("claims['sub'] matches 'repo:contoso/*:environment:prod'", True),
        ("claims['sub'] matches 'repo:*' and claims['actor_id'] eq '13'", False),
        ("claims['sub'] matches 'Repo:*' and claims['actor_id'] eq '13'", False),
        ("claims['sub'] matches 'Repo:*' and claims['actor_id'] eq '12'", None),
        ("something else", None),
    ],
)
def test_an_expression_is_decided_only_for_sure(expression: str, fits: bool | None):
    assert fits_subject(made(expression=expression), GITHUB_CLAIMS) is fits


def test_a_credential_with_neither_subject_nor_expression_fits_nothing():
    found = match(GITHUB_CLAIMS, [made()])
    assert found is not None
    assert found.mismatch is Mismatch.SUBJECT
    report = diagnose(
        token(), federated=registered(credential(subject=None)), certs=[jwks()], at=NOW
    )
    assert [finding.id for finding in report.findings] == [SUBJECT]


NEAREST = [
    (GITHUB_CLAIMS, [made("a", "https://x"), made("b", f"{GITHUB}/"), made("c", GITHUB[:-1])], "b"),
    (
        GITHUB_CLAIMS,
        [
            made("a", "https://token.example"),
            made("b", "https://x", subject=str(GITHUB_CLAIMS["sub"])),
        ],
        "b",
    ),
    (
        GITHUB_CLAIMS,
        [
            made("a", subject="repo:contoso/payroll:environment:prod"),
            made("b", subject="repo:contoso/payments:pull_request"),
            made("c", subject="repo:contoso/*"),
        ],
        "c",
    ),
    (
        GITHUB_CLAIMS,
        [
            made("a", subject="repo:fabrikam/payments:pull_request"),
            made("b", subject="repo:contoso/payments:pull_request"),
            made("c", expression="claims['sub'] eq 'repo:x/y:pull_request' and claims['a'] eq 'b'"),
        ],
        "b",
    ),
]


@pytest.mark.parametrize(("claims", "credentials", "label"), NEAREST)
def test_the_credential_that_comes_nearest_is_named(
    claims: Mapping[str, object], credentials: list[FederatedCredential], label: str
):
    found = match(claims, credentials)
    assert found is not None
    assert found.credential.label == label


@pytest.mark.parametrize(
    ("subject", "other", "words"),
    [
        ("x", "y", ()),
        ("repo:a/b:pull_request", "system:serviceaccount:a:b", ()),
        ("repo:a/b:pull_request", "repo:a/b:pull_request", ()),
        (
            "repo:a/b:x",
            "repo:a@1/b@2:y",
            (
                "the credential has GitHub's immutable form, with ids behind the names, and the "
                "token has not",
                "the job is x, in the credential y",
            ),
        ),
        ("repo:a@1/b@2:x", "repo:a@3/b@2:x", ("the owner is a@1, in the credential a@3",)),
        (
            "organization:o:project:p:workspace:w:run_phase:plan",
            "organization:o:project:p:workspace:w:run_phase:apply",
            ("the run phase is plan, in the credential apply",),
        ),
        (
            "project_path:g/p:ref_type:tag:ref:v1",
            "project_path:g/p:ref_type:branch:ref:main",
            (
                "the ref type is tag, in the credential branch",
                "the ref is v1, in the credential main",
            ),
        ),
    ],
)
def test_subjects_are_compared_part_by_part(subject: str, other: str, words: tuple[str, ...]):
    assert differences(subject, other) == words


@pytest.mark.parametrize(
    ("issuer", "other", "words"),
    [
        (GITHUB, f"{GITHUB} ", "by a space at its end"),
        (GITHUB, f"{GITHUB}/", "by a slash at the end"),
        (GITHUB, GITHUB.title(), "by letter case"),
        (GITHUB, f"{GITHUB.upper()}/", "by more than one small thing"),
        (GITHUB, f"{GITHUB}/contoso", None),
    ],
)
def test_small_differences_of_issuers_have_names(issuer: str, other: str, words: str | None):
    assert difference_of_issuer(issuer, other) == words


VALUES = (
    st.none()
    | st.integers()
    | st.text()
    | st.lists(st.text(), max_size=2)
    | st.sampled_from(
        [GITHUB, EXCHANGE, ENTRA, str(GITHUB_CLAIMS["sub"]), "https://[", "https://::1"]
    )
)


@given(
    head=st.dictionaries(st.sampled_from(["alg", "typ", "kid", "x5t"]), VALUES),
    changes=st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "iat", "idtyp"]), VALUES),
    expression=st.none() | st.text() | st.sampled_from(["claims['sub'] matches '*'"]),
)
def test_no_rule_raises_on_any_token(head: dict, changes: dict, expression: str | None):
    text = compact({"alg": "RS256", "kid": KID} | head, GITHUB_CLAIMS | changes, b"x")
    trusts = registered(credential(expression=expression, subject=None), credential("b"))
    diagnose(text, federated=trusts, certs=[jwks()], at=NOW + timedelta(seconds=1))
