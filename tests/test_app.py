"""`assertcheck app`: from an export to the report, as text, as JSON, and as an exit code."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from assertcheck import AssertcheckError, CertificateError
from assertcheck.app_report import diagnose_app, diagnose_apps
from assertcheck.cli import app
from assertcheck.model import KeyFacts, Outcome, Role
from assertcheck.render.json_report import render_json
from assertcheck.render.layout import Style
from assertcheck.render.text import render_text
from tests.build import CLIENT_ID, DROP, NOW, TENANT, certificate, key, pem
from tests.build_graph import (
    SECRET,
    application,
    as_json,
    az_app_show,
    az_credential_list,
    az_password_list,
    az_sp_show,
    b64,
    federated_list,
    graph_list,
    hex_thumbprint,
    key_credential,
    mg_application,
    password_credential,
    portal_manifest,
    saml_service_principal,
    service_principal,
    terraform_state,
    unkeyed,
)

SAMPLES = Path(__file__).parent.parent / "sample_certs"
AT = "2026-01-15T12:00:00Z"
OTHER_APP = "99999999-2222-4333-8444-555555555555"
OLD = certificate("old", start=NOW - timedelta(days=400), end=NOW - timedelta(days=20))
SCHEMA = json.loads(CliRunner().invoke(app, ["schema"]).stdout)


def sample(name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((SAMPLES / f"{name}.pem").read_bytes())


def found(what: object, at: datetime = NOW) -> set[str]:
    return {finding.id for finding in diagnose_app([as_json(what)], at=at).findings}


def run(*arguments: str, text: bytes = b"", at: str = AT) -> Result:
    return CliRunner().invoke(app, ["app", *arguments, "--at", at], input=text)


def saved(folder: Path, name: str, what: object) -> str:
    path = folder / name
    path.write_bytes(as_json(what))
    return str(path)


def valid(report: object) -> None:
    jsonschema.validate(report, SCHEMA, format_checker=jsonschema.FormatChecker())


GOLDEN: dict[str, Callable[[], object]] = {
    "app-faulty": lambda: application(
        key_credential(sample("expired"), displayName="CN=my-app 2024"),
        key_credential(
            sample("not-yet-valid"), displayName="CN=my-app next", keyId=OTHER_APP, type="Symmetric"
        ),
        passwordCredentials=[password_credential()],
    ),
    "app-saml": lambda: saml_service_principal(
        sample("rsa-2048"), passwordCredentials=[], preferredTokenSigningKeyThumbprint=None
    ),
    "app-sound": lambda: application(sample("rsa-2048")),
}


@pytest.mark.parametrize("name", [name for name in GOLDEN if name != "app-sound"])
def test_texts_look_as_they_did(
    name: str,
    golden: Callable[[str, str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, "app.json", GOLDEN[name]())
    golden(f"{name}.txt", run("app.json").stdout)


@pytest.mark.parametrize("name", GOLDEN)
def test_json_looks_as_it_did(
    name: str,
    golden: Callable[[str, str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(tmp_path)
    saved(tmp_path, "app.json", GOLDEN[name]())
    shown = run("app.json", "--format", "json").stdout
    valid(json.loads(shown))
    golden(f"{name}.json", shown)


@pytest.mark.parametrize(
    "what",
    [
        application(certificate()),
        az_app_show(certificate()),
        mg_application(certificate()),
        mg_application(certificate(), dates="net", key_as="numbers"),
        portal_manifest(certificate()),
        portal_manifest(certificate(), style="aad"),
        terraform_state(certificate()),
        az_credential_list(certificate()),
        saml_service_principal(),
        az_sp_show(certificate()),
        unkeyed(saml_service_principal()),
    ],
    ids=lambda what: "export",
)
def test_a_sound_app_has_no_finding_in_whatever_shape_it_is_exported(what: object):
    assert found(what) - {"no-certificate-registered"} == set()


# After the examples in Microsoft's documentation, with their keys cut as they are there.
GET_APPLICATION: dict[str, Any] = {
    "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications/$entity",
    "id": "03ef14b0-ca33-4840-8f4f-d6e91916010e",
    "isFallbackPublicClient": None,
    "appId": "631a96bc-a705-4eda-9f99-fdaf9f54f6a2",
    "identifierUris": [],
    "displayName": "Display name",
    "samlMetadataUrl": "https://graph.microsoft.com/2h5hjaj542de/app",
    "keyCredentials": [],
    "passwordCredentials": [],
    "web": {"redirectUris": []},
}
INSTANTIATED = {
    "id": "a750f6cf-2319-464a-bcc3-456926736a91",
    "accountEnabled": True,
    "appId": "17cad0e7-cd2b-4e51-a75d-ba810f3e4045",
    "appOwnerOrganizationId": "8500cad3-193d-48a6-8d00-c129b114dc10",
    "displayName": "AWS Contoso",
    "preferredSingleSignOnMode": None,
    "preferredTokenSigningKeyThumbprint": None,
    "replyUrls": [],
    "servicePrincipalNames": ["17cad0e7-cd2b-4e51-a75d-ba810f3e4045"],
    "servicePrincipalType": "Application",
    "keyCredentials": [],
    "passwordCredentials": [],
}
_IDENTIFIER = "lY85bR8r6yWTW6jnciNEONwlVhDyiQjdVLgPDnkI5mA="
_DATES = {"startDateTime": "2020-04-22T21:50:13Z", "endDateTime": "2021-04-22T22:10:13Z"}
CUSTOM_KEY: dict[str, Any] = {
    "keyCredentials": [
        {
            "customKeyIdentifier": _IDENTIFIER,
            **_DATES,
            "keyId": "4c266507-3e74-4b91-aeba-18a25b450f6e",
            "type": "X509CertAndPassword",
            "usage": "Sign",
            "key": "MIIKIAIBAz.....HBgUrDgMCERE20nuTptI9MEFCh2Ih2jaaLZBZGeZBRFVNXeZmAAgIH0A==",
            "displayName": "CN=awsAPI",
        },
        {
            "customKeyIdentifier": _IDENTIFIER,
            **_DATES,
            "keyId": "e35a7d11-fef0-49ad-9f3e-aacbe0a42c42",
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
            "key": "MIIDJzCCAg+gAw......CTxQvJ/zN3bafeesMSueR83hlCSyg==",
            "displayName": "CN=awsAPI",
        },
    ],
    "passwordCredentials": [
        {
            "customKeyIdentifier": _IDENTIFIER,
            "keyId": "4c266507-3e74-4b91-aeba-18a25b450f6e",
            "endDateTime": "2022-01-27T19:40:33Z",
            "startDateTime": "2020-04-20T19:40:33Z",
            "secretText": SECRET,
        }
    ],
}
THEN = datetime(2021, 1, 1, tzinfo=UTC)
LATER = datetime(2021, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("what", "at", "finds"),
    [
        # The example leaves out what would show whether the app is a public client.
        (GET_APPLICATION, THEN, set()),
        (GET_APPLICATION | {"spa": {}, "publicClient": {}}, THEN, {"no-keys-registered"}),
        (INSTANTIATED, THEN, set()),
        (INSTANTIATED | {"preferredSingleSignOnMode": "saml"}, THEN, {"saml-signing-key-missing"}),
        (INSTANTIATED | {"preferredSingleSignOnMode": "saml"} | CUSTOM_KEY, THEN, set()),
        (INSTANTIATED | CUSTOM_KEY, THEN, set()),
        (CUSTOM_KEY, THEN, {"key-unreadable"}),
        (INSTANTIATED | CUSTOM_KEY, LATER, {"saml-half-expired"}),
    ],
)
def test_examples_of_the_documentation_have_only_the_faults_they_have(
    what: Mapping[str, object], at: datetime, finds: set[str]
):
    assert found(what, at) == finds


def test_a_real_pair_is_active_by_the_hash_of_its_thumbprint():
    identifier = b64(sha256_of_text(certificate("saml")))
    pair = saml_service_principal()["keyCredentials"]
    keys = [{**each, "key": None, "customKeyIdentifier": identifier} for each in pair]
    whole = saml_service_principal(keyCredentials=keys)
    assert found(whole) == set()
    report = diagnose_app([as_json(whole)], at=NOW)
    assert report.not_checked == ()


def sha256_of_text(cert: x509.Certificate) -> bytes:
    return hashlib.sha256(hex_thumbprint(cert).encode()).digest()


def test_a_private_key_among_the_keys_is_said_and_not_shown():
    private = key().private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    what = application(key_credential(key=b64(private)))
    report = diagnose_app([as_json(what)], at=NOW)
    assert [finding.id for finding in report.findings] == ["private-key-uploaded"]
    assert report.prediction is None
    for shown in (render_text(report, Style()), render_json(report), repr(report)):
        assert b64(private)[40:80] not in shown


def test_pem_in_base64_is_seen_through_and_said():
    assert found(application(key_credential(key=b64(pem(certificate()))))) == {"key-written-as-pem"}


def test_no_output_holds_a_secret():
    what = application(certificate(), passwordCredentials=[password_credential(secretText=SECRET)])
    report = diagnose_app([as_json(what)], at=NOW)
    for shown in (render_text(report, Style()), render_json(report), repr(report)):
        assert SECRET not in shown


def test_an_app_and_its_principal_are_judged_together():
    both = [as_json(application()), as_json(saml_service_principal())]
    report = diagnose_app(both, at=NOW)
    assert report.findings == ()
    assert report.registration is not None
    assert len(report.registration.keys or ()) == 2
    assert report.registration.single_sign_on == "saml"
    assert report.registration.label == "registration"
    valid(json.loads(render_json(report)))


def test_what_neither_export_says_stays_unknown():
    both = [
        as_json(application(keyCredentials=DROP, passwordCredentials=DROP)),
        as_json(service_principal(keyCredentials=DROP, passwordCredentials=DROP)),
    ]
    report = diagnose_app(both, at=NOW)
    assert report.registration is not None
    assert report.registration.keys is None
    assert report.registration.passwords is None
    assert "not_checked" in json.loads(render_json(report))


def test_a_principal_of_another_app_is_judged_alone():
    reports = diagnose_apps(
        [as_json(application(certificate())), as_json(saml_service_principal(appId=OTHER_APP))],
        at=NOW,
    )
    assert [report.registration.app_id for report in reports if report.registration] == [
        CLIENT_ID,
        OTHER_APP,
    ]


def test_one_report_is_for_one_app():
    several = as_json(graph_list(application(), application(appId=OTHER_APP)))
    with pytest.raises(AssertcheckError, match="there are 2 apps"):
        diagnose_app([several])
    assert len(diagnose_apps([several])) == 2


def test_without_a_registration_there_is_no_report():
    with pytest.raises(AssertcheckError, match="no registration was given"):
        diagnose_app([])
    with pytest.raises(CertificateError):
        diagnose_app([b"no JSON"])


def test_the_clock_has_bounds():
    with pytest.raises(AssertcheckError, match="clock is out of range"):
        diagnose_app([as_json(application())], at=datetime(1, 1, 1, tzinfo=UTC))


def test_with_two_errors_the_prediction_is_likely_and_names_the_other():
    what = saml_service_principal(passwordCredentials=[], accountEnabled=False)
    report = diagnose_app([as_json(what)], at=NOW)
    assert report.prediction is not None
    assert report.prediction.code == "AADSTS7000112"
    assert report.prediction.confidence == "likely"
    assert report.prediction.then == ("AADSTS50003",)


def test_a_path_and_the_octets_in_it_give_the_same_findings(tmp_path: Path):
    path = saved(tmp_path, "app.json", application(OLD))
    by_path = diagnose_app([path], at=NOW)
    assert [item.id for item in by_path.findings] == ["all-keys-expired"]
    assert by_path.exit_code() == 1


def test_the_table_fits_80_columns_but_for_commands_and_long_names():
    what = saml_service_principal(certificate("saml"), certificate("second"))
    report = diagnose_app([as_json(what)], at=NOW)
    assert all(len(line) <= 80 for line in render_text(report, Style()).splitlines())


def test_what_has_no_dates_stands_in_the_table_and_not_in_the_timeline():
    dateless = key_credential(key=None, startDateTime=None, endDateTime=None, usage=None, type=None)
    what = application(
        {**dateless, "customKeyIdentifier": None},
        passwordCredentials=[password_credential(endDateTime=None)],
    )
    text = render_text(diagnose_app([as_json(what)], at=NOW), Style())
    assert "  1  key     -           -               -  unknown\n" in text
    assert "  2  secret  2026-01-01  -               -  unknown\n" in text
    assert "Timeline" not in text


def test_the_table_has_the_dates_of_the_registration_and_says_those_of_the_certificate():
    longer = key_credential(OLD, endDateTime="2028-06-01T00:00:00Z")
    text = render_text(diagnose_app([as_json(application(longer))], at=NOW), Style())
    assert text.startswith(" SOUND  nothing that Entra ID would refuse, 1 warning\n")
    assert "  1  Verify  2025-02-03  2028-06-01    813  valid\n" in text
    assert "     its certificate 2025-02-03 until 2026-02-18\n" in text
    assert "1 Verify 2025-02-03 |-------*--------------| 2028-06-01" in text
    plain = render_text(diagnose_app([as_json(application(OLD))], at=NOW), Style())
    assert "  1  Verify  2025-02-03  2026-02-18    -20  expired\n" in plain
    assert "its certificate" not in plain


def test_what_a_sound_app_leaves_out_is_said_once_and_last():
    report = diagnose_app([as_json(az_app_show(certificate()))], at=NOW)
    assert (report.verdict, report.exit_code(strict=True)) == (None, 0)
    text = render_text(report, Style())
    assert text.startswith(" SOUND  nothing that Entra ID would refuse\n\nRegistration\n")
    _, command = text.split("Not checked\n")
    assert command.startswith("  - registration leaves out what the keys hold;\n    `az rest ")
    assert text.count("$select") == text.count("az rest") == 1


UNSEEN = {"keyCredentials": DROP}
CUT = {"keyCredentials": ["Microsoft.Graph.PowerShell.Models.MicrosoftGraphKeyCredential"]}


@pytest.mark.parametrize(
    ("what", "headline", "says"),
    [
        (application(**UNSEEN), "registration leaves keyCredentials out", "export it with"),
        (
            application(**UNSEEN, passwordCredentials=[password_credential()]),
            "registration leaves keyCredentials out",
            "export it with",
        ),
        (
            az_password_list(),
            "registration lists secrets only",
            "`az ad app credential list --id CLIENT_ID --cert` lists the keys",
        ),
        (
            mg_application() | {"KeyCredentials": CUT["keyCredentials"]},
            "keyCredentials were cut off in registration",
            "export it again with `ConvertTo-Json -Depth 5`",
        ),
        (
            saml_service_principal(**CUT),
            "keyCredentials were cut off in registration",
            "export it again with `ConvertTo-Json -Depth 5`",
        ),
        (
            service_principal(),
            "a service principal does not show the keys of its app",
            "`az ad app show --id",
        ),
        (
            application(key_credential(endDateTime="01/01/2025 00:00:00")),
            "`endDateTime` of registration cannot be read: export dates as Graph\n             gives "
            "them, like 2026-01-31T00:00:00Z",
            "does not say which",
        ),
    ],
    ids=["no keys", "secrets", "secrets alone", "cut off", "SAML, cut off", "principal", "dates"],
)
def test_where_nothing_was_seen_it_is_not_decided_and_never_sound(
    what: object, headline: str, says: str
):
    report = diagnose_app([as_json(what)], at=NOW)
    assert (report.verdict, report.exit_code()) == ("incomplete", 3)
    text = render_text(report, Style())
    assert text.startswith(f" INCOMPLETE  {headline}\n")
    assert "SOUND" not in text
    assert says in text.partition("Not checked")[2].partition("Registration")[0].replace(
        "\n   ", ""
    )
    shown = json.loads(render_json(report))
    valid(shown)
    assert (shown["verdict"], shown["cause"]) == ("incomplete", None)


def test_what_is_certain_beats_what_is_not_decided():
    several = graph_list(application(certificate()), application(**UNSEEN, appId=OTHER_APP))
    assert run(text=as_json(several), at=NOW.isoformat()).exit_code == 3
    worse = graph_list(application(), application(**UNSEEN, appId=OTHER_APP))
    assert run(text=as_json(worse), at=NOW.isoformat()).exit_code == 1
    warned = application(**UNSEEN, isFallbackPublicClient=True)
    assert run(text=as_json(warned), at=NOW.isoformat()).exit_code == 3
    strict = run("--strict", text=as_json(warned), at=NOW.isoformat())
    assert strict.exit_code == 1
    assert "incomplete, but --strict lets warnings fail" in strict.stderr


WEB_ONLY: dict[str, Any] = {"web": {"redirectUris": ["https://app.example.com/x"]}}
NO_WEB: dict[str, Any] = {"web": {"redirectUris": [], "homePageUrl": None}}
SPA_ONLY = NO_WEB | {"spa": {"redirectUris": ["https://app.example.com"]}}
IMPLICIT: dict[str, Any] = {
    "redirectUris": ["https://app.example.com/x"],
    "implicitGrantSettings": {"enableIdTokenIssuance": True, "enableAccessTokenIssuance": False},
}
API_ONLY = NO_WEB | {"api": {"oauth2PermissionScopes": [{"value": "read"}]}}


@pytest.mark.parametrize(
    ("what", "severity"),
    [
        (application(), "error"),
        (application(**NO_WEB), "error"),
        (application(**SPA_ONLY), "warning"),
        (application(**SPA_ONLY | WEB_ONLY), "error"),
        (application(**NO_WEB, publicClient={"redirectUris": ["http://localhost"]}), "warning"),
        (application(**API_ONLY), "warning"),
        (application(**API_ONLY | WEB_ONLY), "error"),
        (application(**API_ONLY | {"api": {"oauth2PermissionScopes": []}}), "error"),
        (application(identifierUris=["https://app.example.com/saml"]), "warning"),
        (application(identifierUris=["urn:app"]), "warning"),
        (mg_application(**SPA_ONLY), "warning"),
        (mg_application(**API_ONLY), "warning"),
        (portal_manifest(style="aad"), "error"),
        (
            portal_manifest(style="aad", replyUrlsWithType=[{"url": "https://x", "type": "Spa"}]),
            "warning",
        ),
        (
            portal_manifest(
                style="aad", replyUrlsWithType=[{"url": "https://x", "type": "InstalledClient"}]
            ),
            "warning",
        ),
        (
            portal_manifest(
                style="aad",
                replyUrlsWithType=[
                    {"url": "https://x", "type": "Web"},
                    {"url": "https://x", "type": "Spa"},
                ],
            ),
            "error",
        ),
        (application(web=IMPLICIT), "warning"),
        (
            application(web=IMPLICIT | {"implicitGrantSettings": {"enableIdTokenIssuance": False}}),
            "error",
        ),
        (
            application(
                web=IMPLICIT | {"implicitGrantSettings": {"enableAccessTokenIssuance": True}}
            ),
            "warning",
        ),
        (portal_manifest(style="aad", oauth2AllowIdTokenImplicitFlow=True), "warning"),
        (portal_manifest(style="aad", oauth2AllowImplicitFlow=True), "warning"),
        (application(**NO_WEB, appRoles=[{"value": "read"}]), "warning"),
        (application(appRoles=[{"value": "read"}]), "error"),
        (application(**NO_WEB, appRoles=[]), "error"),
        (application(spa=DROP, publicClient=DROP), "error"),
        (
            portal_manifest(style="aad", replyUrlsWithType=[], oauth2Permissions=[{"value": "r"}]),
            "warning",
        ),
    ],
)
def test_an_app_that_shows_no_sign_of_a_credential_is_warned_of_at_most(
    what: object, severity: str
):
    (finding,) = diagnose_app([as_json(what)], at=NOW).findings
    assert (finding.id, finding.severity) == ("no-keys-registered", severity)
    assert finding.aadsts[0].code == "AADSTS700026"


CUT_PLATFORMS = {
    name: f"Microsoft.Graph.PowerShell.Models.MicrosoftGraph{name}Application"
    for name in ("Web", "Spa", "PublicClient")
}


@pytest.mark.parametrize(
    "what",
    [
        mg_application() | CUT_PLATFORMS,
        application(web=DROP, spa=DROP, publicClient=DROP, identifierUris=DROP),
        application(identifierUris=DROP),
        application(**NO_WEB | {"spa": DROP}),
        portal_manifest(
            style="aad", replyUrlsWithType=[{"url": "https://x", "type": "Web"}, "no object"]
        ),
    ],
    ids=["cut off", "not selected", "no URIs", "no platform of three", "not an object"],
)
def test_where_nothing_shows_what_an_app_is_there_for_it_is_not_decided(what: object):
    report = diagnose_app([as_json(what)], at=NOW)
    assert (report.findings, report.verdict, report.exit_code()) == ((), "incomplete", 3)
    (item,) = report.not_checked
    assert item.id == "no-keys-registered"
    assert "does not show whether it needs one" in item.why


@pytest.mark.parametrize(
    ("named", "uris", "finds"),
    [
        ("key", ["https://app.example.com/saml"], set()),
        (None, ["https://app.example.com/saml"], set()),
        ("key", [f"api://{CLIENT_ID}"], {"no-certificate-registered"}),
        (None, [f"api://{CLIENT_ID}"], {"registered-key-usage-sign"}),
    ],
)
def test_a_key_that_tokens_are_encrypted_for_is_in_its_place(named, uris, finds):
    encrypting = key_credential(certificate(), usage="Encrypt")
    what = application(
        encrypting,
        identifierUris=uris,
        tokenEncryptionKeyId=str(encrypting["keyId"]).upper() if named else None,
    )
    assert found(what) == finds


def test_the_tenant_of_a_principal_is_called_what_it_is():
    text = render_text(diagnose_app([as_json(service_principal())], at=NOW), Style())
    assert f"\n  owning tenant    {TENANT}\n" in text
    assert "\n  tenant " not in text


def test_no_headline_is_wider_than_the_screen():
    undated = application(key_credential(startDateTime="1/1/2025", endDateTime="1/2/2025"))
    text = render_text(diagnose_app([as_json(undated)], at=NOW), Style())
    headline = text.partition("\n\n")[0].split("\n")
    assert len(headline) > 1
    assert all(len(line) <= 80 for line in headline)
    assert all(line.startswith(" " * 13) for line in headline[1:])


OLDER_SECRET = "tJ~3xW.0-aBcDeFgHiJkLmNoPqRsTuVwXy"


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"prod {SECRET}",
        f"secret={SECRET};",
        f"pw_{SECRET}",
        f"client_secret={SECRET}",
        OLDER_SECRET,
        f" {OLDER_SECRET} ",
        "client_secret: p4ssw0rd-of-old",
    ],
)
@pytest.mark.parametrize(
    "place", ["key", "secret", "app", "url", "uri", "identifier", "type", "principal"]
)
def test_a_secret_in_any_text_of_a_registration_is_taken_out(text: str, place: str):
    whole = application(
        key_credential(
            displayName=text if place == "key" else "CN=x",
            type=text if place == "type" else "AsymmetricX509Cert",
            customKeyIdentifier=text if place == "identifier" else DROP,
        ),
        passwordCredentials=[password_credential(displayName=text if place == "secret" else None)],
        displayName=text if place == "app" else "app",
        identifierUris=[text if place == "uri" else "api://x"],
        web={"redirectUris": [text if place == "url" else "https://x"]},
    )
    sp = service_principal(displayName=text, preferredSingleSignOnMode=text)
    found = diagnose_app([as_json(whole), *([as_json(sp)] if place == "principal" else [])], at=NOW)
    bare = text.strip().removeprefix("client_secret=").removeprefix("client_secret: ")
    core = SECRET[3:] if SECRET in text else bare
    for shown in (render_text(found, Style()), render_json(found), repr(found)):
        assert core not in shown.replace("\n", "")


def test_what_only_looks_like_a_secret_stays():
    names = ["CN=my-app 2026~1", "https://app.example.com/~user/a", "Q~", "8Q~short"]
    what = application(
        *(key_credential(certificate(f"n{i}"), displayName=name) for i, name in enumerate(names))
    )
    text = render_text(diagnose_app([as_json(what)], at=NOW), Style())
    assert all(name in text for name in names)
    assert "redacted" not in text


def test_a_name_cannot_steer_the_terminal():
    what = application(key_credential(displayName="\x1b[2Jevil\u202e"), displayName="\x1b]0;x\x07")
    text = render_text(diagnose_app([as_json(what)], at=NOW), Style())
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_of_many_keys_the_first_twenty_are_drawn():
    what = application(*(certificate() for _ in range(25)))
    text = render_text(diagnose_app([as_json(what)], at=NOW), Style())
    assert text.partition("Timeline")[2].count("|--*") == 20
    assert " 25  Verify" in text


def test_beside_an_assertion_the_timeline_is_not_drawn_twice():
    report = diagnose_app([as_json(application(certificate()))], at=NOW)
    fact = KeyFacts(
        label="cert.pem",
        kind="certificate",
        key="RSA 2048",
        role=Role.REGISTERED,
        subject="CN=x",
        not_before=NOW,
        not_after=NOW + timedelta(days=1),
        sha1="A" * 40,
        sha256="A" * 64,
        registered=True,
        signature=Outcome.VALID,
        why="",
        notes=(),
    )
    text = render_text(replace(report, keys=(fact,)), Style())
    assert text.count("Timeline") == 1
    assert "1 Verify 2026" not in text


def test_requests_that_have_to_be_signed_are_shown():
    what = application(
        certificate(),
        requestSignatureVerification={
            "isSignedRequestRequired": True,
            "allowedWeakAlgorithms": "rsaSha1",
        },
    )
    report = diagnose_app([as_json(what)], at=NOW)
    assert "requests signed  required" in render_text(report, Style())
    shown = json.loads(render_json(report))
    valid(shown)
    assert shown["registration"]["request_signature"] == {
        "required": True,
        "weak_algorithms": ["rsaSha1"],
    }


@pytest.mark.parametrize("arguments", [(), ("-",)])
def test_az_can_be_piped_in(arguments: tuple[str, ...]):
    result = run(*arguments, text=as_json(application(OLD)), at=NOW.isoformat())
    assert result.exit_code == 1
    assert "all-keys-expired" in result.stdout


@pytest.mark.parametrize(
    ("what", "options", "code"),
    [
        (application(certificate()), (), 0),
        (application(OLD), (), 1),
        (application(passwordCredentials=[password_credential()]), (), 0),
        (application(passwordCredentials=[password_credential()]), ("--strict",), 1),
        (application(OLD), ("--strict",), 1),
        (application(certificate()), ("--min-days", "400"), 0),
        (application(certificate()), ("--min-days", "400", "--strict"), 1),
        (az_password_list(), (), 3),
        (application(keyCredentials=DROP), (), 3),
        (application(keyCredentials=DROP), ("--strict",), 3),
        ({"error": {"code": "x", "message": "y"}}, (), 2),
        ([], ("--at", "never"), 2),
        ("no registration", (), 2),
    ],
)
def test_the_exit_code_is_that_of_the_worst_finding(
    what: object, options: tuple[str, ...], code: int
):
    arguments = ["app", "--at", NOW.isoformat(), *options]
    assert CliRunner().invoke(app, arguments, input=as_json(what)).exit_code == code


def test_strict_says_why_it_fails():
    what = as_json(application(passwordCredentials=[password_credential()]))
    result = run("--strict", text=what)
    assert "--strict lets warnings fail" in result.stderr


def test_of_several_apps_the_worst_decides(tmp_path: Path):
    path = saved(
        tmp_path, "list.json", graph_list(application(certificate()), application(appId=OTHER_APP))
    )
    result = run(path, at=NOW.isoformat())
    assert result.exit_code == 1
    assert f"assertcheck test app {CLIENT_ID} list.json" in result.stdout
    assert f"assertcheck test app {OTHER_APP} list.json" in result.stdout


def test_the_json_of_several_apps_is_an_array_of_reports(tmp_path: Path):
    path = saved(tmp_path, "list.json", graph_list(application(), application(appId=OTHER_APP)))
    target = tmp_path / "out.json"
    assert run(path, "--format", "json", "--output", str(target)).stdout == ""
    reports = json.loads(target.read_text())
    assert [each["registration"]["app_id"] for each in reports] == [CLIENT_ID, OTHER_APP]
    for each in reports:
        valid(each)
    assert json.loads(run(path, "--format", "json").stdout) == reports


def test_a_further_report_is_for_one_app(tmp_path: Path):
    one = saved(tmp_path, "app.json", application(certificate()))
    target = tmp_path / "out.json"
    assert run(one, "--report", f"json={target}", at=NOW.isoformat()).exit_code == 0
    valid(json.loads(target.read_text()))
    two = saved(tmp_path, "list.json", graph_list(application(), application(appId=OTHER_APP)))
    result = run(two, "--report", f"json={target}")
    assert result.exit_code == 2
    assert "there are 2 apps" in result.stderr


def test_files_are_judged_together(tmp_path: Path):
    paths = (
        saved(tmp_path, "app.json", application()),
        saved(tmp_path, "sp.json", saml_service_principal()),
    )
    result = run(*paths, at=NOW.isoformat())
    assert result.exit_code == 0
    assert "app.json and sp.json (application)" in result.stdout
    assert TENANT in result.stdout


def test_a_file_that_is_not_there_is_said(tmp_path: Path):
    result = run(str(tmp_path / "none.json"))
    assert result.exit_code == 2
    assert "no such file" in result.stderr


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(sorted({*key_credential(), "x"})), inner, max_size=4)
    ),
    max_leaves=8,
)
CREDENTIAL = st.fixed_dictionaries(
    {},
    optional={
        "usage": st.sampled_from(["Sign", "Verify", "sign", "", None, 1]),
        "type": st.sampled_from(["AsymmetricX509Cert", "Symmetric", None]),
        "keyId": st.text(max_size=3) | st.none(),
        "customKeyIdentifier": st.sampled_from(["", "AAAA", "x", None, "A" * 40]) | st.text(),
        "key": st.sampled_from([None, "", "AAAA", b64(pem(certificate()))]) | st.text(),
        "startDateTime": st.sampled_from(["2020-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "x"]),
        "endDateTime": st.sampled_from(["2020-01-01T00:00:00Z", "0001-01-01T00:00:00Z", None]),
    },
)


@settings(max_examples=40)
@given(
    st.fixed_dictionaries(
        {"appId": st.just(CLIENT_ID)},
        optional={
            "id": st.just(OTHER_APP),
            "keyCredentials": st.lists(CREDENTIAL, max_size=3) | JSON,
            "passwordCredentials": st.lists(CREDENTIAL, max_size=2) | JSON,
            "preferredSingleSignOnMode": st.sampled_from(["saml", None]),
            "preferredTokenSigningKeyThumbprint": st.sampled_from(["unused", "A" * 40, "x", None]),
            "servicePrincipalNames": st.just([]),
            "requestSignatureVerification": st.just({"isSignedRequestRequired": True}) | JSON,
            "accountEnabled": st.booleans() | st.none(),
        },
    )
)
def test_no_registration_makes_a_rule_raise(what: Mapping[str, object]):
    try:
        report = diagnose_app([as_json(what)], at=NOW)
    except CertificateError:
        return
    render_text(report, Style())
    valid(json.loads(render_json(report)))


FEDERATED = as_json(federated_list())


@pytest.mark.parametrize(
    ("what", "federated", "finds"),
    [
        (application(), FEDERATED, set()),
        (application(keyCredentials=DROP), FEDERATED, set()),
        (service_principal(), FEDERATED, set()),
        (application(), as_json([]), {"no-keys-registered"}),
        (application(), None, {"no-keys-registered"}),
        (application(certificate()), FEDERATED, set()),
    ],
)
def test_an_app_with_federated_credentials_needs_no_key(what, federated, finds):
    report = diagnose_app([as_json(what)], federated=federated, at=NOW)
    assert {finding.id for finding in report.findings} == finds
    assert report.verdict is None


def test_the_command_takes_federated_credentials_of_one_app(tmp_path: Path):
    path = tmp_path / "federated.json"
    path.write_bytes(FEDERATED)
    alone = run("--federated", str(path), text=as_json(application()))
    assert alone.exit_code == 0
    both = graph_list(application(), application(appId="99999999-0000-4000-8000-000000000009"))
    several = run("--federated", str(path), text=as_json(both))
    assert several.exit_code == 2
    assert "those of one app, and there are 2 apps" in several.stderr
