"""Codes of workload identity federation, where another issuer's token is the assertion."""

from __future__ import annotations

from assertcheck.aadsts.entry import describe
from assertcheck.model import Confidence

_NO_RECORD = "No matching federated identity record found for presented assertion"
_ALL_THREE = "assertcheck explain AADSTS70021"
_COMPARE = "assertcheck verify assertion.jwt --federated federated.json --cert jwks.json"

ENTRIES = (
    describe(
        "70021",
        error="invalid_client",
        confidence=Confidence.SEEN,
        meaning="No federated identity credential of the app has the issuer, subject and audience "
        "of the token, all three of which the message prints. Until 2023 the error was "
        "invalid_request.",
        causes=(
            "issuer, subject or audience differs from the registered one, if only by a slash or "
            "by letter case: copy the values of the message into the credential",
            "the credential was made minutes ago: wait, for it takes a while to spread",
        ),
        run=(_COMPARE,),
    ),
    describe(
        "700211",
        error="invalid_client",
        text=f"{_NO_RECORD} issuer '{{iss}}'.",
        confidence=Confidence.SEEN,
        meaning="No federated identity credential of the app has the issuer of the token.",
        causes=(
            "the issuer differs, if only by a trailing slash: set it in the credential to `iss` "
            "exactly",
        ),
        run=(_COMPARE, _ALL_THREE),
    ),
    describe(
        "700212",
        error="invalid_request",
        text=f"{_NO_RECORD} audience '{{aud}}'.",
        confidence=Confidence.SEEN,
        meaning="No federated identity credential of the app has the audience of the token.",
        causes=(
            "the token was asked for with another audience: ask for "
            "api://AzureADTokenExchange (it differs in the China and US government clouds)",
        ),
        run=(_COMPARE, _ALL_THREE),
    ),
    describe(
        "700213",
        text=f"{_NO_RECORD} subject '{{sub}}'. Check your federated identity credential Subject, "
        "Audience and Issuer against the presented assertion. "
        "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        confidence=Confidence.SEEN,
        meaning="No federated identity credential of the app has the subject of the token.",
        causes=(
            "the subject differs: set it in the credential to `sub` exactly",
            "GitHub has two forms of it, repo:OWNER/REPO:... and the immutable "
            "repo:OWNER@ID/REPO@ID:..., which repositories made, renamed or transferred since "
            "2026-07-15 have: write it in the one that the message shows",
        ),
        run=(_COMPARE, _ALL_THREE),
    ),
    describe(
        "7002138",
        text="The subject matches with case-insensitive comparison, but not with case-sensitive "
        "comparison.",
        confidence=Confidence.SEEN,
        meaning="The subject of the token fits a federated identity credential but for letter "
        "case; the message says what AADSTS700213 says, and this.",
        causes=("upper and lower case differ: set the subject in the credential to `sub` exactly",),
        run=(_COMPARE,),
    ),
    # Seen in 2025, stuartleeks.com/posts/github-federated-credentials-merge-queue; that flexible
    # credentials draw it and others AADSTS700213, github.com/dsb-norge/github-actions-terraform.
    describe(
        "7002131",
        text=f"{_NO_RECORD} subject '{{sub}}' or no federated identity credential expression "
        "matched. Please check your federated identity credential Subject, Expression, Audience "
        "and Issuer against the presented assertion. "
        "https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
        confidence=Confidence.SEEN,
        meaning="Neither the expression of a flexible federated identity credential of the app nor "
        "the subject of another one fits the token. Seen since 2025 "
        "(stuartleeks.com/posts/github-federated-credentials-merge-queue).",
        causes=(
            "the expression does not match: compare it with the token's claims, letter by letter",
        ),
        run=(_COMPARE, _ALL_THREE),
    ),
    describe(
        "70022",
        confidence=Confidence.DOCUMENTED,
        meaning="The `iss` of the token is no URL that Entra ID would fetch keys from.",
        causes=(
            "the issuer is no public https URL: give it one without query and fragment, and make "
            "its discovery document public",
        ),
        run=(_COMPARE,),
    ),
    describe(
        "70023",
        confidence=Confidence.SEEN,
        meaning="The token lives longer than Entra ID allows, which was 1.01:00:00 where it was "
        "seen: a day and an hour.",
        causes=("the issuer makes tokens that live for days: ask for a shorter life",),
        run=(_COMPARE,),
    ),
    describe(
        "70025",
        text="The client '{id}'({name}) has no configured federated identity credentials.",
        confidence=Confidence.SEEN,
        meaning="The app or managed identity that signs in has no federated identity credential. "
        "Seen in 2026 (github.com/dotnet-foundation/projects/issues/503).",
        causes=(
            "there is none: make one with `az ad app federated-credential create`",
            "the client id is that of another app or identity: compare it with the portal",
        ),
        run=(_COMPARE,),
    ),
    describe(
        "7000272",
        error="invalid_client",
        text="The certificate with identifier {KIDHEX} used to sign the federated credential could "
        "not be found in the metadata of identity provider {iss}. Please validate that your "
        "Identity Provider's metadata exposes the key used to sign the incoming token.",
        confidence=Confidence.SEEN,
        meaning="The issuer's published keys do not hold the one that the token's `kid` names.",
        causes=(
            "the issuer's keys changed and its JWKS did not: publish the new key at the jwks_uri "
            "of its discovery document",
        ),
        run=(_COMPARE,),
    ),
    *(
        describe(
            number,
            error=error,
            confidence=Confidence.SEEN,
            meaning="Entra ID could not fetch the issuer's discovery document or keys.",
            causes=(
                "the issuer cannot be reached from outside: make "
                "ISSUER/.well-known/openid-configuration and the jwks_uri in it public",
                "the issuer was down for a while: try again",
            ),
            run=(_COMPARE,),
        )
        for number, error in (("90061", "invalid_request"), ("50166", None))
    ),
    describe(
        "700222",
        confidence=Confidence.SEEN,
        meaning="The token was issued by Entra ID itself; seen in 2022.",
        causes=(
            "a token of Entra ID was sent as the assertion: send the other issuer's token, or "
            "sign an assertion with the app's own key",
        ),
        run=(_COMPARE,),
    ),
    describe(
        "700229",
        name="ForbiddenTokenType",
        text="Forbidden token type. Only app-only tokens may be used as Federated Identity "
        "Credentials for AAD issuer.",
        confidence=Confidence.SEEN,
        meaning="A user's token of Entra ID was sent as the assertion; only an app's own may be.",
        causes=(
            "the token was issued to a user: get one by managed identity or client_credentials",
        ),
        run=(_COMPARE,),
    ),
)
