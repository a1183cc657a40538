"""Errors of Entra ID in every wording of its history, read out of whatever they were pasted with.

A row is a text and everything that must come of it. The texts are Entra ID's own, with ids and
thumbprints of ours in them.
"""

import html
import json
import re
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import msal
import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import example, given
from hypothesis import strategies as st

from assertcheck.aadsts.catalogue import entry
from assertcheck.aadsts.parser import find_error
from assertcheck.aadsts.reasons import KEY_EXPIRED, MISMATCH, NOT_FOUND, OLD_MISMATCH, REASONS
from assertcheck.model import ReturnedError
from assertcheck.rules import rule
from tests import build
from tests.stub_msal import Response, TokenEndpoint, home

APP = "11111111-2222-4333-8444-555555555555"
TENANT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
ZEROS = "00000000-0000-0000-0000-000000000000"
HEX = "84E05C1D98BCE3A5421D225B140B36E86A3D5534"
OTHER_HEX = "A1B2C3D4E5F60718293A4B5C6D7E8F9011223344"
TRACE = "f0f0f0f0-1111-4222-8333-abcdefabcdef"
CORRELATION = "0c0c0c0c-9999-4888-8777-fedcbafedcba"
DOCS = "https://learn.microsoft.com/entra/identity-platform/certificate-credentials"
TAIL = f" Trace ID: {TRACE} Correlation ID: {CORRELATION} Timestamp: 2024-01-02 12:34:56Z"
OLD_TAIL = (
    f"\r\nTrace ID: {TRACE}\r\nCorrelation ID: {CORRELATION}\r\nTimestamp: 2024-01-02 12:34:56Z"
)
OF_TAIL: dict[str, Any] = {
    "trace_id": TRACE,
    "correlation_id": CORRELATION,
    "timestamp": datetime(2024, 1, 2, 12, 34, 56, tzinfo=UTC),
}
PORTAL = (
    "Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys "
    f"for app Id '{APP}'. Review the documentation at "
    "https://docs.microsoft.com/en-us/graph/deployments to determine the corresponding service "
    "endpoint and https://docs.microsoft.com/en-us/graph/api/application-get?view=graph-rest-1.0"
    "&tabs=http to build a query request URL, such as "
    f"'https://graph.microsoft.com/beta/applications/{APP}']"
)
EXPLORER = (
    "Please visit 'https://developer.microsoft.com/en-us/graph/graph-explorer' and query for "
    f"'https://graph.microsoft.com/beta/applications/{APP}' to see configured keys]"
)
BY_CLIENT = f"Thumbprint of key used by client: '{HEX}'"
WINDOW = "Found key 'Start=02/07/2021 17:00:39, End=02/06/2026 17:00:39'"
OF_WINDOW: dict[str, Any] = {
    "found_key_start": datetime(2021, 2, 7, 17, 0, 39, tzinfo=UTC),
    "found_key_end": datetime(2026, 2, 6, 17, 0, 39, tzinfo=UTC),
}
INVALID = "Client assertion contains an invalid signature."
WRAPPER = "AADSTS70002: Error validating credentials."


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    text: str
    gives: dict[str, Any]


def row(name: str, text: str, *codes: str, tail: str = TAIL, **gives: Any) -> Row:
    """A text and what it gives besides the ids of its tail; the last of `codes` is the one."""
    prefixed = tuple(f"AADSTS{code}" for code in codes)
    told = {"code": prefixed[-1], "codes": prefixed} | (OF_TAIL if tail else {}) | gives
    return Row(name=name, text=text + tail, gives=told)


KEY = [
    row(
        "2016",
        f"{WRAPPER} AADSTS50012: {INVALID}",
        "70002",
        "50012",
        tail=OLD_TAIL,
        stands_for="AADSTS700027",
    ),
    row(
        "2017",
        f"{WRAPPER} AADSTS50012: {INVALID} [Reason - {KEY_EXPIRED}, {BY_CLIENT}, Found key "
        f"'Start=08/03/2016, End=08/03/2017, Thumbprint={OTHER_HEX}', Configured keys: "
        f"[Key0:Start=08/03/2016, End=08/03/2017, Thumbprint={OTHER_HEX};"
        f"Key1:Start=08/03/2017, End=08/03/2018, Thumbprint={HEX};]]",
        "70002",
        "50012",
        tail=OLD_TAIL,
        stands_for="AADSTS700027",
        reason=KEY_EXPIRED,
        thumbprint=HEX,
        found_key_start=at("2016-08-03"),
        found_key_end=at("2017-08-03"),
        configured_keys=(OTHER_HEX, HEX),
    ),
    row(
        "2019",
        f"AADSTS700027: {INVALID} [Reason - {NOT_FOUND}, {BY_CLIENT}, {EXPLORER}",
        "700027",
        tail=OLD_TAIL,
        reason=NOT_FOUND,
        thumbprint=HEX,
        app_id=APP,
    ),
    row(
        "2021",
        f"AADSTS700027: {INVALID} [Reason - {NOT_FOUND}, {BY_CLIENT}, {PORTAL}.",
        "700027",
        tail=OLD_TAIL,
        reason=NOT_FOUND,
        thumbprint=HEX,
        app_id=APP,
    ),
    row(
        "2022",
        f"AADSTS700027: {INVALID} [Reason - {NOT_FOUND}, {BY_CLIENT}, {PORTAL}. Alternatively, SNI "
        "may be configured on the app. Please ensure that client assertion is being sent with the "
        "x5c claim in the JWT header using MSAL's WithSendX5C() method so that Azure Active "
        "Directory can validate the certificate being used.",
        "700027",
        tail=OLD_TAIL,
        reason=NOT_FOUND,
        thumbprint=HEX,
        app_id=APP,
    ),
    row(
        "now",
        "AADSTS700027: The certificate with identifier used to sign the client assertion is not "
        f"registered on application. [Reason - {NOT_FOUND}, {BY_CLIENT}, {PORTAL}.",
        "700027",
        reason=NOT_FOUND,
        thumbprint=HEX,
        app_id=APP,
    ),
    row(
        "no-thumbprint",
        "AADSTS700027: The certificate with identifier used to sign the client assertion is not "
        f"registered on application. [Reason - {NOT_FOUND}, {PORTAL}.",
        "700027",
        reason=NOT_FOUND,
        lacks_thumbprint=True,
        app_id=APP,
    ),
    row(
        "no-thumbprint-no-tail",
        f"AADSTS700027: {INVALID} [Reason - {NOT_FOUND}]",
        "700027",
        tail="",
        reason=NOT_FOUND,
        lacks_thumbprint=True,
    ),
    row(
        "expired-key",
        f"AADSTS700027: {INVALID} [Reason - {KEY_EXPIRED}, {BY_CLIENT}, {WINDOW}, {PORTAL}.",
        "700027",
        reason=KEY_EXPIRED,
        thumbprint=HEX,
        app_id=APP,
        **OF_WINDOW,
    ),
    row(
        "mismatch-older",
        f"AADSTS700027: {INVALID} [Reason - {OLD_MISMATCH}, {BY_CLIENT}, {WINDOW}, {EXPLORER}",
        "700027",
        tail=OLD_TAIL,
        reason=OLD_MISMATCH,
        thumbprint=HEX,
        app_id=APP,
        **OF_WINDOW,
    ),
    row(
        "mismatch-years-without-end",
        f"AADSTS700027: {INVALID} [Reason - {OLD_MISMATCH}, {BY_CLIENT}, Found key "
        "'Start=01/01/0000 00:00:00, End=12/31/9999 23:59:59']",
        "700027",
        tail=OLD_TAIL,
        reason=OLD_MISMATCH,
        thumbprint=HEX,
        found_key_start=at("0001-01-01"),
        found_key_end=at("9999-12-31T23:59:59"),
    ),
    row(
        "mismatch-newer",
        f"AADSTS700027: {INVALID} [Reason - {MISMATCH}, {BY_CLIENT}, {WINDOW}, {PORTAL}.",
        "700027",
        reason=MISMATCH,
        thumbprint=HEX,
        app_id=APP,
        **OF_WINDOW,
    ),
    row(
        "reason-of-tomorrow",
        f"AADSTS700027: {INVALID} [Reason - The key was withdrawn (by policy)., {BY_CLIENT}, {PORTAL}",
        "700027",
        reason="The key was withdrawn (by policy).",
        thumbprint=HEX,
        app_id=APP,
    ),
    row(
        "lookup",
        "AADSTS700027: Client assertion failed signature validation.",
        "700027",
        tail="",
    ),
]

FORM = [
    row("malformed", "AADSTS50027: JWT token is invalid or malformed.", "50027"),
    row("malformed-2017", "AADSTS50027: Invalid JWT token. Token format not valid.", "50027"),
    row(
        "no-thumbprint-2016",
        f"{WRAPPER} AADSTS50027: Invalid JWT token. No certificate thumbprint specified in token "
        "header.",
        "70002",
        "50027",
        tail=OLD_TAIL,
        stands_for="AADSTS5002723",
    ),
    row(
        "no-key-identifier",
        "AADSTS5002723: Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 "
        "thumbprint, nor keyId specified in token header.",
        "5002723",
    ),
    row(
        "header-whitelist",
        "AADSTS5002726: Invalid JWT token. Found unsupported token header. Supported headers are: "
        "'alg','typ','x5t','x5c','kid','use','enc','ctx','nonce','rh','kdf_ver'",
        "5002726",
    ),
    row(
        "typ",
        "AADSTS5002727: Invalid JWT header type specified, must be 'JWT' or "
        "'http://openid.net/specs/jwt/1.0'.",
        "5002727",
    ),
    row(
        "typ-later",
        "AADSTS5002727: Invalid JWT header type specified. Allowed types: "
        "'JWT','http://openid.net/specs/jwt/1.0'",
        "5002727",
    ),
    row(
        "key-and-algorithm",
        "AADSTS5002730: Invalid JWT token. Unsupported key for the signing algorithm.",
        "5002730",
    ),
    row(
        "algorithm",
        "AADSTS5002738: Invalid JWT token. 'ES256' is not a supported signature algorithm. "
        "Supported signing algorithms are: 'RS256,RS384,RS512'",
        "5002738",
        quoted="ES256",
    ),
    row(
        "claim-missing",
        "AADSTS90014: The required field 'iss' is missing from the credential. Ensure that you "
        "have all the necessary parameters for the login request.",
        "90014",
        quoted="iss",
    ),
    row(
        "parameter-missing",
        "AADSTS900144: The request body must contain the following parameter: 'grant_type'.",
        "900144",
        quoted="grant_type",
    ),
    row(
        "malformed-request",
        "AADSTS9002313: Invalid request. Request is malformed or invalid.",
        "9002313",
    ),
]

CLAIMS = [
    row(
        "client-id",
        "AADSTS700021: Client assertion application identifier doesn't match 'client_id' "
        f"parameter. Review the documentation at {DOCS} .",
        "700021",
    ),
    row(
        "audience",
        "AADSTS700023: Client assertion audience claim does not match Realm issuer. Review the "
        f"documentation at {DOCS} .",
        "700023",
    ),
    row(
        "audience-2017",
        f"{WRAPPER} AADSTS50012: Client assertion audience claim does not match Realm issuer.",
        "70002",
        "50012",
        tail=OLD_TAIL,
        stands_for="AADSTS700023",
    ),
    row(
        "time",
        "AADSTS700024: Client assertion is not within its valid time range. Current time: "
        "2024-01-02T12:34:56.1234567Z, assertion valid from 2024-01-02T11:00:00.0000000Z, expiry "
        f"time of assertion 2024-01-02T11:10:00.5000000Z. Review the documentation at {DOCS} .",
        "700024",
        current_time=at("2024-01-02T12:34:56.123456"),
        valid_from=at("2024-01-02T11:00:00"),
        expires=at("2024-01-02T11:10:00.5"),
    ),
    row(
        "time-missing",
        "AADSTS700024: Client assertion is not within its valid time range. Current time: "
        "2024-01-02T12:34:56Z, assertion valid from 1970-01-01T00:00:00.0000000Z, expiry time of "
        f"assertion 1970-01-01T00:00:00.0000000Z. Review the documentation at {DOCS} .",
        "700024",
        current_time=at("2024-01-02T12:34:56"),
        valid_from=at("1970-01-01"),
        expires=at("1970-01-01"),
    ),
    row(
        "time-2017",
        f"{WRAPPER} AADSTS50012: Client assertion is not within its valid time range.",
        "70002",
        "50012",
        tail=OLD_TAIL,
        stands_for="AADSTS700024",
    ),
    row(
        "subject",
        "AADSTS50048: Subject must match the issuer claim in the client assertion.",
        "50048",
    ),
    row(
        "mtls",
        "AADSTS50171: The given audience can only be used in Mutual-TLS token calls.",
        "50171",
    ),
    row(
        "no-subject",
        "AADSTS700022: No Subject claim provided in the assertion. Review the documentation at "
        f"{DOCS} .",
        "700022",
    ),
    row(
        "certificate-subject",
        "AADSTS7000221: Certificate Subject must match Issuer claim in the client assertion.",
        "7000221",
    ),
]

APPLICATION = [
    row(
        "not-in-directory",
        f"AADSTS700016: Application with identifier '{APP}' was not found in the directory "
        "'Contoso Ltd'. This can happen if the application has not been installed by the "
        "administrator of the tenant or consented to by any user in the tenant. You may have sent "
        "your authentication request to the wrong tenant.",
        "700016",
        app_id=APP,
        tenant="Contoso Ltd",
    ),
    row(
        "not-in-directory-2016",
        f"AADSTS70001: Application with identifier '{APP}' was not found in the directory {TENANT}",
        "70001",
        tail=OLD_TAIL,
        stands_for="AADSTS700016",
        app_id=APP,
        tenant=TENANT,
    ),
    row(
        "not-in-domain-2016",
        f"AADSTS70001: Application with identifier '{APP}' was not found in the directory "
        "contoso.onmicrosoft.com",
        "70001",
        tail=OLD_TAIL,
        stands_for="AADSTS700016",
        app_id=APP,
        tenant="contoso.onmicrosoft.com",
    ),
    row(
        "no-service-principal",
        f"AADSTS7000229: The client application {APP} is missing service principal in the tenant "
        f"{TENANT}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119",
        "7000229",
        app_id=APP,
        tenant=TENANT,
    ),
    row(
        "disabled",
        f"AADSTS7000112: Application '{APP}'(my app) is disabled.",
        "7000112",
        app_id=APP,
    ),
    row(
        "disabled-in-tenant",
        f"AADSTS7000116: Application '{APP}'(my app) is disabled in tenant {TENANT}. Please review "
        "the documentation: https://go.microsoft.com/fwlink/?linkid=2167553",
        "7000116",
        app_id=APP,
        tenant=TENANT,
    ),
    row(
        "public-client",
        "AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should "
        "be presented.",
        "700025",
    ),
    row("no-keys", "AADSTS700026: Client application has no configured keys.", "700026"),
    row(
        "ambiguous",
        "AADSTS7000110: Request is ambiguous, multiple application identifiers found.",
        "7000110",
    ),
    row(
        "nothing-sent",
        "AADSTS7000216: 'client_assertion', 'client_secret' or 'request' is required for the "
        "'client_credentials' grant type",
        "7000216",
    ),
    row(
        "nothing-sent-other-grant",
        "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' "
        "or 'client_secret'.",
        "7000218",
        quoted="client_assertion",
    ),
    row(
        "nothing-sent-2017",
        "AADSTS70002: The request body must contain the following parameter: 'client_secret or "
        "client_assertion'.",
        "70002",
        tail=OLD_TAIL,
        stands_for="AADSTS7000218",
        quoted="client_secret or client_assertion",
    ),
    row(
        "secret",
        "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the "
        "request is the client secret value, not the client secret ID, for a secret added to app "
        f"'{APP}'.",
        "7000215",
        app_id=APP,
    ),
    row(
        "secret-expired",
        f"AADSTS7000222: The provided client secret keys for app '{APP}' are expired. Visit the "
        "Azure portal to create new keys for your app: https://aka.ms/NewClientSecret",
        "7000222",
        app_id=APP,
    ),
    row(
        "tenant",
        "AADSTS90002: Tenant 'contoso.example' not found. Check to make sure you have the correct "
        "tenant ID and are signing into the correct cloud.",
        "90002",
        tenant="contoso.example",
    ),
    row(
        "tenant-malformed",
        "AADSTS900023: Specified tenant identifier 'contoso' is neither a valid DNS name, nor a "
        "valid external domain.",
        "900023",
        tenant="contoso",
    ),
    row(
        "resource",
        "AADSTS500011: The resource principal named https://api.example was not found in the "
        "tenant named Contoso Ltd. This can happen if the application has not been installed by "
        "the administrator of the tenant or consented to by any user in the tenant. You might "
        "have sent your authentication request to the wrong tenant.",
        "500011",
        tenant="Contoso Ltd",
    ),
    row(
        "common",
        "AADSTS9001023: The grant type is not supported over the /common or /consumers endpoints. "
        "Please use the /organizations or tenant-specific endpoint.",
        "9001023",
    ),
    row(
        "cross-cloud",
        "AADSTS900382: Confidential Client isn't supported in Cross Cloud request.",
        "900382",
    ),
]

TRUST = [
    row("chain", "AADSTS7000213: Invalid certificate chain.", "7000213"),
    row(
        "certificate-dates",
        "AADSTS1000502: The provided certificate is not within its specified validity window",
        "1000502",
    ),
    row(
        "subject-names",
        "AADSTS700030: Invalid certificate - subject name in certificate isn't authorized. "
        "SubjectNames/SubjectAlternativeNames (up to 10) in token certificate are: app.example.",
        "700030",
    ),
    row("mtls-missing", "AADSTS392200: Client certificate is missing from the request.", "392200"),
    row("mtls-expired", "AADSTS392204: The provided client certificate has expired.", "392204"),
    row(
        "mtls-other",
        "AADSTS500181: The TLS certificate provided does not match the certificate in the "
        "assertion.",
        "500181",
    ),
    row(
        "authority-policy",
        "AADSTS7000211: Trusted Certificate Authority policy is not configured on the tenant "
        f"'{TENANT}'.",
        "7000211",
        tenant=TENANT,
    ),
]

FEDERATED = [
    row(
        "record",
        "AADSTS70021: No matching federated identity record found for presented assertion. "
        "Assertion Issuer: 'https://issuer.example'. Assertion Subject: 'repo:a/b'. Assertion "
        "Audience: 'api://AzureADTokenExchange'. "
        "https://docs.microsoft.com/en-us/azure/active-directory/develop/workload-identity-federation",
        "70021",
        quoted="issuer 'https://issuer.example', subject 'repo:a/b', audience "
        "'api://AzureADTokenExchange'",
    ),
    row(
        "record-issuer",
        "AADSTS700211: No matching federated identity record found for presented assertion issuer "
        "'https://issuer.example'.",
        "700211",
        quoted="issuer 'https://issuer.example'",
    ),
    row(
        "record-audience",
        "AADSTS700212: No matching federated identity record found for presented assertion "
        "audience 'api://x'.",
        "700212",
        quoted="audience 'api://x'",
    ),
    row(
        "record-subject",
        "AADSTS700213: No matching federated identity record found for presented assertion "
        "subject 'repo:a/b'. Check your federated identity credential Subject, Audience and "
        "Issuer against the presented assertion.",
        "700213",
        quoted="subject 'repo:a/b'",
    ),
    row(
        "record-subject-case",
        "AADSTS7002138: No matching federated identity record found for presented assertion "
        "subject 'repo:a/b'. The subject matches with case-insensitive comparison, but not with "
        "case-sensitive comparison.",
        "7002138",
        quoted="subject 'repo:a/b'",
    ),
    row(
        "metadata",
        f"AADSTS7000272: The certificate with identifier {HEX} used to sign the federated "
        "credential could not be found in the metadata of identity provider "
        "https://issuer.example. Please validate that your Identity Provider's metadata exposes "
        "the key used to sign the incoming token.",
        "7000272",
        quoted=f"key '{HEX}', issuer 'https://issuer.example'",
    ),
    row(
        "no-credential",
        f"AADSTS70025: The client '{APP}'(my app) has no configured federated identity "
        "credentials.",
        "70025",
        app_id=APP,
    ),
    row("discovery", "AADSTS90061: Request to External OIDC endpoint failed.", "90061"),
    row(
        "own-tokens",
        "AADSTS700222: AAD-issued tokens may not be used for federated identity flows.",
        "700222",
    ),
    row(
        "policy",
        f"AADSTS7000226: No federated identity credential policy found on application ({APP}). The "
        "client_assertion used to authenticate the request does not match the subject or "
        "application being requested.",
        "7000226",
        app_id=APP,
    ),
    row(
        "user-token",
        "AADSTS700229: Forbidden token type. Only app-only tokens may be used as Federated "
        "Identity Credentials for AAD issuer.",
        "700229",
    ),
]

USER_ASSERTION = [
    row(
        "on-behalf-of",
        f"AADSTS50013: Assertion failed signature validation. [Reason - {MISMATCH}, {BY_CLIENT}, "
        f"{WINDOW}, {PORTAL.replace(APP, ZEROS)}.",
        "50013",
        reason=MISMATCH,
        thumbprint=HEX,
        app_id=ZEROS,
        **OF_WINDOW,
    ),
    row(
        "on-behalf-of-audience",
        "AADSTS500131: Assertion audience does not match the Client app presenting the assertion. "
        f"The audience in the assertion was 'a' and the expected audience is 'api://{APP}' or one "
        f"of the Application Uris of this application with App ID '{APP}'(my api).",
        "500131",
        app_id=APP,
    ),
    row(
        "on-behalf-of-expired",
        "AADSTS500133: Assertion is not within its valid time range. Ensure that the access token "
        "is not expired before using it for user assertion, or request a new token. Current time: "
        "2024-01-02T12:34:56.7148737Z, expiry time of assertion 2024-01-02T12:34:35.0000000Z.",
        "500133",
        current_time=at("2024-01-02T12:34:56.714873"),
        expires=at("2024-01-02T12:34:35"),
    ),
    row(
        "id-token",
        "AADSTS240002: Input id_token cannot be used as "
        "'urn:ietf:params:oauth:grant-type:jwt-bearer' grant.",
        "240002",
    ),
    row(
        "realm-object",
        "AADSTS50107: The requested federation realm object 'https://issuer.example' does not "
        "exist.",
        "50107",
    ),
    row(
        "jwt-signature",
        f"AADSTS900384: JWT token failed signature validation [Reason - {OLD_MISMATCH}, "
        f"{BY_CLIENT}]",
        "900384",
        reason=OLD_MISMATCH,
        thumbprint=HEX,
    ),
]

SAML = [
    row(
        "not-signed",
        "AADSTS76021: The request sent by client is not signed while the application requires "
        "signed requests",
        "76021",
    ),
    row("signing-key", "AADSTS50003: No signing key configured.", "50003"),
    row(
        "saml-id",
        "AADSTS7500529: The value '1a' is not a valid SAML ID. The ID must not begin with a number.",
        "7500529",
    ),
]

ROWS = [*KEY, *FORM, *CLAIMS, *APPLICATION, *TRUST, *FEDERATED, *USER_ASSERTION, *SAML]


def said(error: ReturnedError | None) -> dict[str, Any]:
    """Everything that was read."""
    return {
        each.name: value
        for each in fields(ReturnedError)
        if error and (value := getattr(error, each.name))
    }


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name)
def test_a_text_gives_all_that_it_says(case: Row):
    assert said(find_error(case.text)) == case.gives


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name)
def test_a_code_that_is_told_is_in_the_catalogue(case: Row):
    assert entry(str(case.gives["code"])) is not None
    assert entry(str(case.gives.get("stands_for", case.gives["code"]))) is not None


def test_the_reasons_are_those_that_rules_speak_of():
    assert {rule.NOT_FOUND, rule.KEY_EXPIRED, rule.MISMATCH} <= set(REASONS)


BY_NAME = {case.name: case for case in ROWS}


def body(description: str) -> dict[str, object]:
    """A response body, as Entra ID makes it."""
    codes = [int(code) for code in re.findall(r"AADSTS(\d+)", description)]
    return {
        "error": "invalid_client",
        "error_description": description,
        "error_codes": codes,
        "timestamp": "2024-01-02 12:34:56Z",
        "trace_id": TRACE,
        "correlation_id": CORRELATION,
        "error_uri": f"https://login.microsoftonline.com/error?code={codes[0]}",
    }


def in_log(text: str) -> str:
    return json.dumps({"level": "error", "message": f"token request failed: {text}"})


def powershell(text: str) -> str:
    """As PowerShell 7 shows an exception: wrapped, with a bar in front."""
    lines = "".join(f"     | {line}\n" for line in textwrap.wrap(text, 60))
    return f"Connect-Thing: x.ps1:3\nLine |\n   3 |  Connect-Thing\n{lines}"


def dot_net(text: str) -> str:
    return (
        "Unhandled exception. Azure.Identity.AuthenticationFailedException: "
        "ClientCertificateCredential authentication failed: A configuration issue is preventing "
        "authentication - check the error message from the server for details. See "
        f"https://aka.ms/msal-net-invalid-client for details.  Original exception: {text}\n"
        " ---> MSAL.NetCore.4.60.3.0.MsalServiceException:\n\tErrorCode: invalid_client\n"
        f"Microsoft.Identity.Client.MsalServiceException: {text}\n   at Program.Main()\n"
        f"\tResponseBody: {json.dumps(body(text))}\n"
    )


def german(text: str) -> str:
    return (
        "Unbehandelte Ausnahme: Microsoft.Identity.Client.MsalServiceException: "
        f"Konfigurationsfehler. Urspr\u00fcngliche Ausnahme: {text}\n   bei Programm.Main() in "
        "C:\\neu\\Programm.cs:Zeile 7.\n"
    )


def node(text: str) -> str:
    code = re.findall(r"AADSTS(\d+)", text)[0]
    return (
        f"ServerError: invalid_client: {code} - [2024-01-02 12:34:56Z]: {text} - Correlation ID: "
        f"{CORRELATION} - Trace ID: {TRACE}\n    at ResponseHandler.validate (r.mjs:1:2)"
    )


def newer_node(text: str) -> str:
    code = re.findall(r"AADSTS(\d+)", text)[0]
    return (
        f"errorCode: 'invalid_client', errorMessage: \"Error(s): {code} - Timestamp: 2024-01-02 "
        f'12:34:56Z - Description: {text} - Correlation ID: {CORRELATION} - Trace ID: {TRACE}"'
    )


def wrapped(text: str, width: int, end: str = "\n") -> str:
    return end.join(text[start : start + width] for start in range(0, len(text), width))


WITH_ERROR: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: json.dumps(body(text)),
    "JSON, indented": lambda text: json.dumps(body(text), indent=2),
    "JSON, error last": lambda text: json.dumps(dict(reversed(body(text).items()))),
    "JSON as .NET writes it": lambda text: json.dumps(body(text)).replace("'", "\\u0027"),
    "JSON in a log line in JSON": lambda text: in_log(json.dumps(body(text))),
    "JSON twice in JSON": lambda text: in_log(in_log(json.dumps(body(text)))),
    "a Python dictionary": lambda text: repr(body(text)),
    "a Python dictionary in one": lambda text: repr({"said": repr(body(text))}),
    "a redirect": lambda text: "https://app.example/cb?" + urlencode(body(text)),
    "a redirect, percent signs only": lambda text: (
        f"error=invalid_client&error_description={quote(text, safe='')}"
    ),
    "a redirect within a redirect": lambda text: "next=" + quote_plus(urlencode(body(text))),
    "HTML": lambda text: f"<p>invalid_client</p><pre>{html.escape(text)}</pre>",
    "HTML of JSON": lambda text: html.escape(json.dumps(body(text))),
    ".NET": dot_net,
    "MSAL for Node": node,
    "MSAL for Node, newer": newer_node,
    "oauthlib": lambda text: f"oauthlib.oauth2.OAuth2Error: (invalid_client) {text}",
}
WITHOUT_ERROR: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "HTML, decimal": lambda text: f"<p>{html.escape(text).replace('&#x27;', '&#39;')}</p>",
    "HTML escaped twice": lambda text: html.escape(html.escape(text)),
    "Markdown": lambda text: f"I get **{text.replace('[', '**[')}** since `today`",
    "typographic quotes": lambda text: text.replace("'", "\u2019"),
    "wrapped at spaces": lambda text: textwrap.fill(text, 72),
    "wrapped at 80 columns": lambda text: wrapped(text, 80),
    "wrapped at 79 columns, CRLF": lambda text: wrapped(text, 79, "\r\n"),
    "wrapped in the middle of the prefix": lambda text: wrapped("." * 77 + text, 80),
    "wrapped behind the prefix": lambda text: wrapped("." * 74 + text, 80),
    "wrapped behind the code": lambda text: wrapped("." * 67 + text, 80),
    "wrapped in the middle of the code": lambda text: wrapped(text, 8, "\n    "),
    "quoted in a mail": lambda text: textwrap.indent(textwrap.fill(text, 66), "> "),
    "quoted twice": lambda text: textwrap.indent(textwrap.fill(text, 66), ">> "),
    "PowerShell": powershell,
    "German .NET": german,
    "a log line": lambda text: f"2024-01-02 13:34:57,001 ERROR [main] c.e.App - {text}\n",
    "a code named before": lambda text: f"How to solve AADSTS700027?\n\n{text}",
    "a code named behind": lambda text: f"{text}\n\nnot the same as AADSTS700016 or AADSTS50012",
    "told twice, the last time cut": lambda text: f"{text}\nInner exception: {text[:150]}...",
    "told twice, the first time cut": lambda text: f"{text[:150]}...\nDetails: {text}",
    "zero-width spaces": lambda text: text.replace(" ", " \u200b"),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
}
SAMPLES = [BY_NAME[name] for name in ("now", "2017", "time", "not-in-directory", "on-behalf-of")]


@pytest.mark.parametrize("around", WITH_ERROR)
@pytest.mark.parametrize("case", SAMPLES, ids=lambda case: case.name)
def test_a_response_takes_nothing_away_and_adds_its_error(case: Row, around: str):
    text = WITH_ERROR[around](case.text)
    assert said(find_error(text)) == case.gives | {"error": "invalid_client"}


@pytest.mark.parametrize("around", WITHOUT_ERROR)
@pytest.mark.parametrize("case", SAMPLES, ids=lambda case: case.name)
def test_the_surroundings_take_nothing_away(case: Row, around: str):
    assert said(find_error(WITHOUT_ERROR[around](case.text))) == case.gives


def is_left_of(part: dict[str, Any], whole: dict[str, Any]) -> bool:
    """Whether all that `part` says, `whole` says too; of tuples it may say the beginning."""
    return all(
        value == whole.get(name)
        or (isinstance(value, tuple) and value == tuple(whole[name])[: len(value)])
        for name, value in part.items()
    )


def told_from(case: Row) -> int:
    """Where the first code ends."""
    return case.text.index(":")


@given(st.sampled_from(ROWS), st.data())
def test_a_text_cut_anywhere_gives_what_is_left_of_it_and_nothing_else(case: Row, data):
    text = case.text[: data.draw(st.integers(told_from(case), len(case.text)))]
    read = said(find_error(text))
    if read["codes"] != case.gives["codes"]:
        # The second code is cut off, or cut in two and another one now.
        assert read.pop("code") in (read["codes"][-1], "AADSTS70002")
        assert read.pop("codes")[0] == "AADSTS70002"
    assert is_left_of(read, case.gives)


@given(st.sampled_from(ROWS), st.data())
def test_a_text_that_ends_in_dots_gives_what_is_left_of_it_and_nothing_else(case: Row, data):
    length = data.draw(st.integers(told_from(case) + 1, len(case.text)))
    dots = data.draw(st.sampled_from(["...", "\u2026", ' ..." at line 5', "...(truncated)"]))
    read = said(find_error(case.text[:length] + dots))
    if read["codes"] != case.gives["codes"]:
        assert read.pop("codes")[0] == read.pop("code") == "AADSTS70002"
    if read.get("reason") in REASONS and case.gives.get("reason") not in REASONS:
        # The beginning of a reason nobody has seen yet is completed to the one that is known, if
        # all of what is left fits that.
        left = case.text[:length].rpartition("Reason - ")[2]
        assert left
        assert read.pop("reason").startswith(left)
    assert is_left_of(read, case.gives)


@pytest.mark.parametrize(
    ("left", "reason"),
    [
        ("[Reason - The key w", NOT_FOUND),
        ("[Reason - The key was not found", NOT_FOUND),
        ("[Reason - The key was not found...", NOT_FOUND),
        ("[Reason - The key used is ex\u2026 (more)", KEY_EXPIRED),
        ("[Reason - The key ", None),
        ("[Reason - The p", OLD_MISMATCH),
        ("[Reason - ", None),
        ("[Reason - The key was revok", None),
        ("[Reason - The key was withdrawn.]", "The key was withdrawn."),
    ],
)
def test_a_reason_that_is_cut_is_completed_where_only_one_begins_so(left: str, reason: str | None):
    error = find_error(f"AADSTS700027: {INVALID} {left}")
    assert error is not None
    assert error.reason == reason
    assert not error.lacks_thumbprint or left.endswith("]")


def test_the_head_of_today_alone_gives_the_reason():
    text = "AADSTS700027: The certificate with identifier used to sign the client assertion is not "
    error = find_error(f"{text}registered on application. [Rea")
    assert error is not None
    assert (error.reason, error.lacks_thumbprint) == (NOT_FOUND, False)


@pytest.mark.parametrize("thumbprint", ["xxxx", "<thumbprint>", "***", "[REDACTED]", ""])
def test_a_blackened_thumbprint_is_neither_read_nor_missed(thumbprint: str):
    error = find_error(BY_NAME["now"].text.replace(HEX, thumbprint))
    assert error is not None
    assert (error.thumbprint, error.lacks_thumbprint) == (None, False)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("AADSTS700027", "AADSTS700027"),
        ("login failed with AADSTS700027.", "AADSTS700027"),
        ("AADSTS50076: x\nAADSTS700027: y", "AADSTS700027"),
        ("AADSTS700027: y\nAADSTS50076: x", "AADSTS700027"),
        ("AADSTS700027: y\nAADSTS700024: x", "AADSTS700024"),
        ("AADSTS700024: x\nAADSTS700027: y", "AADSTS700027"),
        ("AADSTS99999: x\nAADSTS50076: y\nAADSTS99998: z", "AADSTS99998"),
        ("AADSTS99999: x\nAADSTS50003: y\nAADSTS99998: z", "AADSTS50003"),
        ("AADSTS50076: x (not AADSTS700027)", "AADSTS50076"),
        (f"{WRAPPER} AADSTS50012: x", "AADSTS50012"),
        (f"{WRAPPER} {'words ' * 20} AADSTS50012: x", "AADSTS50012"),
        ('{"d":"AADSTS70002: Error val...","error_codes":[70002,50012]}', "AADSTS50012"),
        ('{"d":"AADSTS700027: x","error_codes":[700027,50012]}', "AADSTS700027"),
        ("AADSTS700027 12 times", "AADSTS700027"),
        ("AADSTS700027\n12: a line number", "AADSTS700027"),
    ],
)
def test_of_several_codes_the_one_that_matters_is_picked(text: str, code: str):
    error = find_error(text)
    assert error is not None
    assert error.code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AADSTS",
        "AADSTS1234",
        "AADSTS12345678",
        "aadsts700027: x",
        "700027",
        "invalid_client",
        '{"error":"invalid_client","error_codes":[700027]}',
        "A A D S T S 7 0 0 0 2 7",
        "AADSTS\u0667\u0660\u0660\u0660\u0662\u0667: x",
        "AAD\nSTS" + "x" * 70_000 + "AAD\nSTS700027: x",
        build.token(),
    ],
)
def test_a_text_without_a_code_gives_nothing(text: str):
    assert find_error(text) is None


def test_the_last_of_several_answers_is_given():
    first = BY_NAME["now"].text
    second = first.replace(HEX, OTHER_HEX).replace("12:34:56Z", "12:35:00Z")
    error = find_error(f"{json.dumps(body(first))}\n{json.dumps(body(second))}\n")
    assert error is not None
    assert (error.thumbprint, error.timestamp) == (OTHER_HEX, at("2024-01-02T12:35:00"))


def test_an_error_value_far_above_is_not_taken_for_one_right_below():
    text = f"invalid_grant {'words ' * 100} {BY_NAME['now'].text} (invalid_client)"
    error = find_error(text)
    assert error is not None
    assert error.error == "invalid_client"


def test_an_error_value_far_above_is_better_than_none():
    error = find_error(f"invalid_grant {'words ' * 100} {BY_NAME['now'].text}")
    assert error is not None
    assert error.error == "invalid_grant"


@pytest.mark.parametrize(
    "around",
    [
        node,
        newer_node,
        lambda text: json.dumps(body(text) | {"error_description": text}, sort_keys=True),
    ],
)
def test_time_and_ids_may_stand_around_the_message_alone(around: Callable[[str], str]):
    assert (
        said(find_error(around("AADSTS700026: Client application has no configured keys.")))
        == {
            "code": "AADSTS700026",
            "codes": ("AADSTS700026",),
            "error": "invalid_client",
        }
        | OF_TAIL
    )


def test_dates_that_are_none_are_not_taken():
    error = find_error(
        "AADSTS700024: Current time: 2024-13-01T00:00:00Z, Found key 'Start=02/31/2021, "
        "End=01/01/2022' Timestamp: 2024-01-01 25:00:00Z"
    )
    assert error is not None
    assert said(error) == {
        "code": "AADSTS700024",
        "codes": ("AADSTS700024",),
        "found_key_end": at("2022-01-01"),
    }


SHORT_TOKEN = "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2lnbmF0dXJl"


def test_a_secret_where_a_name_should_be_is_not_kept():
    error = find_error(
        f"AADSTS700016: Application with identifier '{SHORT_TOKEN}' was not found in the "
        f"directory '{'x' * 200}'."
    )
    assert error is not None
    assert error.app_id == "[redacted: a token]"
    assert error.tenant == "x" * 120 + "\u2026"


def test_a_private_key_where_a_thumbprint_should_be_is_not_kept():
    der = build.key().private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    error = find_error(BY_NAME["now"].text.replace(HEX, der.hex().upper()))
    assert error is not None
    assert error.thumbprint is None
    assert not error.lacks_thumbprint


def test_the_thumbprint_may_be_as_long_as_a_certificate():
    octets = build.der(build.certificate()).hex().upper()
    error = find_error(BY_NAME["now"].text.replace(HEX, octets))
    assert error is not None
    assert error.thumbprint == octets
    assert error.app_id == APP


MARKS = [
    *("AADSTS", "700027", ":", "[Reason - ", "'", "]", " ", "\n", "\\", "%3a", "&#39;", "\\u0027"),
    *("Thumbprint of key used by client: ", "Found key 'Start=", "Timestamp: ", "Trace ID: ", HEX),
    *("0000/00/00", "2024-01-02T12:34:56Z", APP, "error_codes", "Key0:Start=", "in the directory"),
]


@given(st.lists(st.sampled_from(MARKS) | st.text(max_size=8), max_size=40).map("".join))
@example("AADSTS700027:\\ud800\\xff")
def test_nothing_raises(text: str):
    error = find_error(text)
    assert error is None or error.code in error.codes


HOSTILE = {
    "no code": "x",
    "prefixes": "AADSTS",
    "codes": "AADSTS700027: ",
    "general codes": "AADSTS70002: ",
    "codes in passing": "AADSTS700027 ",
    "codes over lines": "AADSTS7\n\n00\n\n02",
    "reasons": "AADSTS700027: [Reason - The key ",
    "quotes": "AADSTS700027: Application with identifier '",
    "directories": "AADSTS700027: in the directory a.a.a.a.a.a",
    "escapes": "AADSTS700027: \\\\\\u0027",
    "entities": "AADSTS700027: &amp;amp;",
    "margins": "AADSTS700027: \n >>>> \n",
    "error codes": 'AADSTS700027: error_codes":[700027,700027,',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_length_and_no_more(name: str):
    for text in (
        HOSTILE[name] * (4_000_000 // len(HOSTILE[name])),
        "AADSTS700027: " + HOSTILE[name] * 300_000,
    ):
        started = time.perf_counter()
        find_error(text)
        assert time.perf_counter() - started < 1.5


class Refusing(TokenEndpoint):
    """Answers every token request with an error."""

    def post(self, url, *, data, **options):
        super().post(url, data=data, **options)
        return Response(json.dumps(body(BY_NAME["now"].text)), 401)


def test_what_msal_gives_back_is_read():
    endpoint = Refusing(home("public"))
    app = msal.ConfidentialClientApplication(
        APP,
        authority=home("public"),
        client_credential={"private_key": private_pem(), "thumbprint": HEX},
        http_client=endpoint,
        instance_discovery=False,
    )
    answer = app.acquire_token_for_client(["https://graph.microsoft.com/.default"])
    for text in (str(answer), repr(answer), answer["error_description"], json.dumps(answer)):
        read = said(find_error(text))
        read.pop("error", None)
        assert read == BY_NAME["now"].gives


def private_pem() -> str:
    return (
        build.key()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


SUBJECT_OF = (
    "AADSTS700213: No matching federated identity record found for presented assertion subject"
)
IMMUTABLE = "repo:contoso@5544123/payments@821093847:ref:refs/heads/main"


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        (f"'{IMMUTABLE}'. Check your", f"subject '{IMMUTABLE}'"),
        (f"'{IMMUTABLE}'. ", f"subject '{IMMUTABLE}'"),
        ("'sc://contoso/My  Project/x'. Check", "subject 'sc://contoso/My  Project/x'"),
        ("'sc://contoso/My\u00a0Project/x'. Check", "subject 'sc://contoso/My Project/x'"),
        ("'repo:a/b' or no federated identity credential", "subject 'repo:a/b'"),
        (f"'{IMMUTABLE[:30]}\n{IMMUTABLE[30:]}'. Check", f"subject '{IMMUTABLE}'"),
        ("'sc://contoso/My\nProject/x'. Check", None),
        ("'repo:a/b:environment:Prod\nWest'. Check", None),
        ("\u2018repo:a/b:environment:Bob\u2019s\u2019. Check", None),
        (f"'{IMMUTABLE}", None),
        (f"'{IMMUTABLE[:30]}...", None),
        (f"'{IMMUTABLE}' was it", None),
        ("'***'. Check", None),
        ("''. Check", None),
        (f"'{'x' * 600}'. Check", f"subject '{'x' * 600}'"),
        (f"'{'x' * 10_000}'. Check", f"subject '{'x' * 120}\u2026'"),
        (f"'{SHORT_TOKEN}'. Check", "subject '[redacted: a token]'"),
        ("'a\x1b[31mb\x00c'. Check", "subject 'a\x1b[31mb\x00c'"),
    ],
)
def test_what_a_message_of_federation_repeats_is_read_whole_or_not_at_all(said: str, quoted):
    error = find_error(f"{SUBJECT_OF} {said}")
    assert error is not None
    assert error.quoted == quoted


@pytest.mark.parametrize("around", [*WITH_ERROR.values(), *WITHOUT_ERROR.values()])
@pytest.mark.parametrize("name", ["record", "metadata", "record-subject-case"])
def test_the_surroundings_take_nothing_away_from_federation(
    name: str, around: Callable[[str], str]
):
    error = find_error(around(BY_NAME[name].text.replace("repo:a/b", IMMUTABLE)))
    assert error is not None
    assert error.quoted == BY_NAME[name].gives["quoted"].replace("repo:a/b", IMMUTABLE)


def test_a_token_without_a_name_of_its_key_leaves_the_issuer():
    text = BY_NAME["metadata"].text.replace(HEX, "")
    error = find_error(text)
    assert error is not None
    assert error.quoted == "issuer 'https://issuer.example'"


@pytest.mark.parametrize(
    "part", ["presented assertion subject '", "ofidentityprovider", "certificate with identifier A"]
)
def test_time_grows_with_the_length_of_a_message_of_federation(part: str):
    started = time.perf_counter()
    find_error("AADSTS700213: " + part * 100_000)
    assert time.perf_counter() - started < 1.5
