"""Each fault of the request and of the paste, from a whole paste to the whole set of findings."""

import base64
import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from assertcheck.aadsts.catalogue import entry
from assertcheck.checker import check
from assertcheck.decoder import decode
from assertcheck.intake import read_paste
from assertcheck.kind import kind_of
from assertcheck.model import (
    Dirt,
    DirtKind,
    Expected,
    Finding,
    PasteKind,
    Severity,
    Submission,
    TokenRequest,
)
from assertcheck.render.catalogue import source_url
from assertcheck.rules import audience, header, identity, request, structure, times
from assertcheck.rules.rule import Context, Rule
from tests.build import AUD, CLIENT_ID, NOW, TENANT, certificate, key, pem, token
from tests.paste import SCOPE, TOKEN, TYPE, curl, form, har, http, parameters

OTHER_ID = "99999999-2222-4333-8444-555555555555"
HOST = "https://login.microsoftonline.com"
SECRET = "abc8Q~" + "x1Y2z3W4v5" * 3 + "abcd"
HEADER, CLAIMS, SIGNATURE = TOKEN.split(".")
RULES: tuple[Rule, ...] = (
    *request.PASTES,
    *structure.RULES,
    *request.RULES,
    *header.RULES,
    *audience.RULES,
    *identity.RULES,
    *times.RULES,
)
IDS = [rule.id for rule in RULES]


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    paste: str | bytes
    finds: tuple[str, ...] = ()
    code: str | None = ""


def row(name: str, paste: str | bytes, *finds: str, code: str | None = "") -> Row:
    """A paste, what is found in it and nothing else, and the code of the first."""
    return Row(name=name, paste=paste, finds=finds, code=code)


def private_key() -> bytes:
    return key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def sent(value: str) -> str:
    return http(form(client_assertion=value))


SAML = '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1"/>'
MULTIPART = curl("-F", f"client_assertion={TOKEN}", "-F", f"client_id={CLIENT_ID}")

PASTES = [
    row("right", TOKEN),
    row("secret", SECRET, "is-a-client-secret", code="50027"),
    row("secret-sent", sent(SECRET), "is-a-client-secret"),
    row("no-secret", SECRET.replace("~", "-"), "no-assertion"),
    row("saml", SAML, "is-a-saml-assertion", code="50027"),
    row("saml-sent", sent(base64.b64encode(SAML.encode()).decode()), "is-a-saml-assertion"),
    row("private-key", private_key(), "is-a-private-key"),
    row("private-key-sent", sent(private_key().decode()), "is-a-private-key"),
    row("certificate", pem(certificate()), "no-assertion"),
    row("missing", http(form(client_assertion=None)), "client-assertion-missing", code="7000216"),
    row("missing-other-grant", http(form(client_assertion=None, grant_type="refresh_token")), "client-assertion-missing", code="7000218"),
    row("missing-for-a-secret", form(client_assertion=None, client_secret=SECRET), "client-assertion-missing", code=None),
    row("missing-in-part", form(client_assertion=None, grant_type=None), "no-assertion", code="50027"),
    row("empty", form(client_assertion=""), "client-assertion-missing", code="7000216"),
    row("empty-secret-besides", form(client_assertion="", client_secret=SECRET), "client-assertion-missing", code="7000216"),
    row("no-token", form(client_assertion=TENANT), "no-assertion", code="50027"),
    row("cut", TOKEN[:99] + "...", "assertion-truncated", code="50027"),
    row("cut-header", HEADER[:30] + "\u2026", "assertion-truncated"),
    row("masked", form(client_assertion="***"), "assertion-truncated"),
    row("two-segments", f"{HEADER}.{CLAIMS}", "segment-count"),
    row("signature-cut", f"{TOKEN[:-9]}...", "signature-left-out", code="700027"),
    row("signature-masked", f"{HEADER}.{CLAIMS}.[signature]", "signature-left-out"),
    row("signature-masked-and-wrong-aud", f"{'.'.join(token(aud='x').split('.')[:2])}.***", "aud-malformed", "signature-left-out"),
    row("signature-empty", f"{HEADER}.{CLAIMS}.", "signature-missing"),
]  # fmt: skip

DIRT = [
    row("clean", sent(TOKEN)),
    row("json", sent(json.dumps({"token": TOKEN})), "wrapped-in-json", code="50027"),
    row("json-bare", json.dumps({"token": TOKEN})),
    row("json-of-parameters", json.dumps(parameters())),
    row("percent", sent(TOKEN.replace(".", "%2E")), "percent-encoded-value", code="50027"),
    row("percent-once", http(form().replace(".", "%2E"))),
    row("percent-bare", TOKEN.replace(".", "%2E")),
    row("quotes", sent(f'"{TOKEN}"'), "quotes-around-assertion", code="50027"),
    row("quotes-in-curl", curl("--data-urlencode", f"client_assertion='{TOKEN}'", "-d", form(client_assertion=None)), "quotes-around-assertion"),
    row("quotes-in-har", har(form(client_assertion=f"'{TOKEN}'")), "quotes-around-assertion"),
    row("quotes-in-print", repr(parameters(client_assertion=f'"{TOKEN}"')), "quotes-around-assertion"),
    row("quotes-bare", f'"{TOKEN}"'),
    row("quotes-of-an-assignment", f'client_assertion = "{TOKEN}"'),
    row("bearer", sent(f"Bearer {TOKEN}"), "bearer-prefix", code="50027"),
    row("bearer-bare", f"Bearer {TOKEN}"),
    row("line-breaks", sent("\n".join(TOKEN[start : start + 76] for start in range(0, len(TOKEN), 76))), "whitespace-in-assertion", code="50027"),
    row("line-breaks-bare", "\n".join(TOKEN[start : start + 76] for start in range(0, len(TOKEN), 76))),
    row("spaces", sent(f"{TOKEN[:99]} {TOKEN[99:]}"), "whitespace-in-assertion"),
    row("spaces-in-and-around", sent(f" {TOKEN[:99]} {TOKEN[99:]}"), "whitespace-in-assertion"),
    row("line-break-behind", sent(f"{TOKEN}\n"), "whitespace-around-assertion"),
    row("line-break-behind-bare", f"{TOKEN}\n"),
    row("plus", form().replace(SIGNATURE, f"ab+/{SIGNATURE[4:]}"), "plus-in-form-body", code="50027"),
    row("plus-encoded", form(client_assertion=TOKEN.replace(SIGNATURE, f"ab+/{SIGNATURE[4:]}"))),
    row("zero-width", sent(f"{TOKEN[:99]}\u200b{TOKEN[99:]}"), "invisible-character", code="50027"),
    row("zero-width-bare", f"{TOKEN[:99]}\u200b{TOKEN[99:]}"),
    row("bom", sent(f"\ufeff{TOKEN}"), "invisible-character"),
    row("base64", sent(base64.b64encode(TOKEN.encode()).decode()), "assertion-base64-twice", code="50027"),
    row("base64-bare", base64.b64encode(TOKEN.encode()).decode()),
    row("name", sent(f"client_assertion={TOKEN}"), "text-around-assertion", code="50027"),
    row("brackets", sent(f"<{TOKEN}>"), "text-around-assertion"),
    row("words", sent(f"the jwt is {TOKEN}"), "text-around-assertion"),
    row("words-bare", f"the jwt is {TOKEN}"),
    row("several", sent(f'Bearer "{TOKEN}"\n'), "quotes-around-assertion", "bearer-prefix", "whitespace-around-assertion"),
]  # fmt: skip

REQUEST = [
    row("whole", http()),
    row("whole-curl", curl("-d", form())),
    row("whole-har", har(form())),
    row("form", form()),
    row("other-name", form(client_assertion=None, clientAssertion=TOKEN), "assertion-in-wrong-parameter", code="7000216"),
    row("other-name-other-grant", form(client_assertion=None, grant_type="refresh_token", jwt=TOKEN), "assertion-in-wrong-parameter", code="7000218"),
    row("other-name-in-a-print", repr({"client_id": CLIENT_ID, "clientAssertion": TOKEN})),
    row("authorization", curl("-H", f"Authorization: Bearer {TOKEN}", "-d", form(client_assertion=None, client_assertion_type=None)), "assertion-in-wrong-parameter"),
    row("json-body", http(json.dumps(parameters()), content_type="application/json"), "request-not-form-encoded", code="900144"),
    row("json-body-in-part", http(json.dumps({"client_assertion": TOKEN}), content_type="application/json"), "request-not-form-encoded"),
    row("multipart", MULTIPART, "request-not-form-encoded"),
    row("charset", http(content_type="application/x-www-form-urlencoded; charset=utf-8")),
    row("get", f"curl -G {AUD} -d '{form()}'", "request-not-posted"),
    row("get-in-part", f"{AUD}?{form()}"),
    row("secret-and-assertion", http(form(client_secret=SECRET)), "secret-and-assertion", code=None),
    row("secret-empty", http(form(client_secret=""))),
    row("type-missing", http(form(client_assertion_type=None)), "client-assertion-type-missing", code="900144"),
    row("type-empty", http(form(client_assertion_type="")), "client-assertion-type-missing"),
    row("type-missing-without-assertion", f"{TOKEN}\n{curl('-d', form(client_assertion=None, client_assertion_type=None))}"),
    row("type-missing-in-part", form(client_assertion_type=None, grant_type=None)),
    row("type-of-the-grant", http(form(client_assertion_type="urn:ietf:params:oauth:grant-type:jwt-bearer")), "client-assertion-type-wrong", code="7000216"),
    row("type-other-grant", http(form(client_assertion_type="jwt-bearer", grant_type="refresh_token")), "client-assertion-type-wrong", code="7000218"),
    row("type-with-a-blank", http(form(client_assertion_type=TYPE + " ")), "client-assertion-type-wrong"),
    row("type-encoded-twice", http(form(client_assertion_type=TYPE.replace(":", "%3A"))), "client-assertion-type-wrong"),
    row("type-in-a-print", repr(parameters(client_assertion_type=TYPE.replace("jwt", "saml2"))),
        "client-assertion-type-wrong"),
    row("type-of-a-variable", curl("-d", f"client_assertion_type=$TYPE&client_assertion={TOKEN}&client_id={CLIENT_ID}&grant_type=x")),
    row("client-id-missing", http(form(client_id=None)), "client-id-missing", code="900144"),
    row("client-id-missing-iss-too", http(form(client_id=None, client_assertion=token(iss="x", sub="x"))), "client-id-missing", "client-id-format"),
    row("client-id-missing-in-part", form(client_id=None, grant_type=None)),
    row("client-id-braces", http(form(client_id=f"{{{CLIENT_ID}}}")), "client-id-malformed", code="700016"),
    row("client-id-placeholder", http(form(client_id="{client_id}")), "client-id-malformed"),
    row("client-id-in-capitals", http(form(client_id=CLIENT_ID.upper()))),
    row("client-id-mismatch", http(form(client_id=OTHER_ID)), "client-id-mismatch", code="700021"),
    row("client-id-mismatch-form", form(client_id=OTHER_ID), "client-id-mismatch"),
    row("client-id-mismatch-print", repr(parameters(client_id=OTHER_ID)), "client-id-mismatch"),
    row("client-id-of-nothing", f'{{"clientId": "{OTHER_ID}", "sent": "{TOKEN}"}}'),
    row("client-id-against-a-tenant", http(form(client_assertion=token(iss=TENANT, sub=TENANT))), "iss-is-tenant-id"),
    row("client-id-against-a-number", http(form(client_assertion=token(iss=5, sub=5))), "client-id-format"),
    row("client-id-against-a-name", http(form(client_assertion=token(iss="app", sub="app"))), "client-id-format"),
    row("client-id-federated", http(form(client_assertion=token(iss="https://token.actions.githubusercontent.com", aud="api://AzureADTokenExchange"))), "is-federated"),
    row("grant-missing", http(form(grant_type=None)), "grant-type-missing", code="900144"),
    row("grant-misspelt", http(form(grant_type="client_credential")), "grant-type-misspelt", code="70003"),
    row("grant-camel", form(grant_type="clientCredentials"), "grant-type-misspelt"),
    row("grant-other", http(form(grant_type="authorization_code", scope="User.Read"))),
    row("scope-missing", http(form(scope=None)), "scope-missing", code="900144"),
    row("scope-is-resource", http(form(scope=None, resource="https://graph.microsoft.com/")), "scope-missing"),
    row("scope-missing-other-grant", http(form(scope=None, grant_type="refresh_token"))),
    row("scope-missing-no-url", form(scope=None)),
    row("scope-missing-v1", http(form(scope=None, resource="x"), url=f"{HOST}/{TENANT}/oauth2/token")),
    row("scope-single", http(form(scope="User.Read")), "scope-not-default", code=None),
    row("scope-of-graph", http(form(scope="https://graph.microsoft.com/User.Read.All")), "scope-not-default"),
    row("scope-two", http(form(scope=f"{SCOPE} openid")), "scope-not-default"),
    row("scope-default-alone", http(form(scope=".default"))),
    row("scope-double-slash", http(form(scope="https://vault.azure.net//.default"))),
    row("scope-v1", http(form(scope="User.Read"), url=f"{HOST}/{TENANT}/oauth2/token")),
    row("scope-placeholder", form(scope="{scope}")),
    row("url-common", http(url=f"{HOST}/common/oauth2/v2.0/token"), "url-names-no-tenant", code="9001023"),
    row("url-consumers", http(url=f"{HOST}/consumers/oauth2/v2.0/token"), "url-names-no-tenant"),
    row("url-organizations", http(url=f"{HOST}/organizations/oauth2/v2.0/token")),
    row("url-common-other-grant", http(form(grant_type="refresh_token"), url=f"{HOST}/common/oauth2/v2.0/token")),
    row("url-placeholder", http(url=f"{HOST}/{{tenant}}/oauth2/v2.0/token"), "url-tenant-malformed", code="900023"),
    row("url-word", http(url=f"{HOST}/contoso/oauth2/v2.0/token"), "url-tenant-malformed"),
    row("url-domain", http(url=f"{HOST}/contoso.onmicrosoft.com/oauth2/v2.0/token")),
    row("url-authorize", http(url=f"{HOST}/{TENANT}/oauth2/v2.0/authorize"), "url-not-token-endpoint", code=None),
    row("url-authority", http(url=f"{HOST}/{TENANT}"), "url-not-token-endpoint"),
    row("url-no-tenant", http(url=f"{HOST}/oauth2/v2.0/token"), "url-not-token-endpoint"),
    row("url-graph", http(url="https://graph.microsoft.com/v1.0/me"), "url-not-token-endpoint"),
    row("url-elsewhere", http(url="https://example.com/oauth2/token")),
    row("url-usgov", http(url=AUD.replace(".com/", ".us/"))),
    row("url-plain", curl("-d", form(), url=AUD.replace("https", "http")), "url-not-https"),
    row("url-plain-elsewhere", curl("-d", form(), url="http://127.0.0.1:8080/token")),
    row("url-of-a-log", f"POST {HOST}/common/oauth2/v2.0/token: {TOKEN}"),
]  # fmt: skip

ROWS = [*PASTES, *DIRT, *REQUEST]


def findings(
    paste: str | bytes, rules: tuple[Rule, ...] = RULES, **expected: str
) -> tuple[Finding, ...]:
    submission = read_paste(paste)
    return findings_of(submission, rules, **expected)


def findings_of(
    submission: Submission, rules: tuple[Rule, ...] = RULES, **expected: str
) -> tuple[Finding, ...]:
    assertion = decode(submission.assertion)
    context = Context(
        assertion=assertion,
        kind=kind_of(assertion),
        submission=submission,
        trials=(),
        thumbprints=(),
        autopsy=None,
        expected=Expected(**expected),
        now=NOW,
        leeway=timedelta(seconds=300),
        min_days=None,
    )
    return check(context, rules)[0]


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name)
def test_each_fault_is_found_and_nothing_else(case: Row):
    found = findings(case.paste)
    assert sorted(each.id for each in found) == sorted(case.finds)


@pytest.mark.parametrize(
    "case", [case for case in ROWS if case.code != ""], ids=lambda case: case.name
)
def test_each_fault_says_what_entra_says(case: Row):
    (found,) = (each for each in findings(case.paste) if each.id == case.finds[0])
    codes = [code.code for code in found.aadsts]
    assert codes == ([f"AADSTS{case.code}"] if case.code else [])


@pytest.mark.parametrize("case", [case for case in ROWS if case.finds], ids=lambda case: case.name)
def test_no_finding_holds_a_secret(case: Row):
    shown = repr(findings(case.paste)) + repr(read_paste(case.paste))
    for secret in (SIGNATURE, SIGNATURE[:40], SECRET, private_key().decode().split()[3][:40]):
        assert secret not in shown


@pytest.mark.parametrize("rule", [*request.PASTES, *request.RULES], ids=lambda rule: rule.id)
def test_each_rule_is_documented_and_has_a_failing_row(rule: Rule):
    assert any(rule.id in case.finds for case in ROWS)
    assert rule.doc.count("\n\n") >= 2
    assert source_url(rule.source).startswith("https://")
    assert all(entry(said.code) for said in rule.aadsts)
    assert rule.severity is not Severity.ERROR or rule.aadsts
    assert set(rule.unless) <= set(IDS[: IDS.index(rule.id)])


def test_ids_are_unique():
    assert len(set(IDS)) == len(IDS)


def test_the_mended_value_is_there_to_paste():
    mended = {
        "client-assertion-type-wrong": (http(form(client_assertion_type="x")), TYPE),
        "client-id-missing": (http(form(client_id=None)), CLIENT_ID),
        "client-id-mismatch": (http(form(client_id=OTHER_ID)), CLIENT_ID),
        "grant-type-misspelt": (form(grant_type="client_credential"), "client_credentials"),
        "scope-missing": (http(form(scope=None)), SCOPE),
        "scope-not-default": (http(form(scope="https://graph.microsoft.com/User.Read")), SCOPE),
        "url-names-no-tenant": (http(url=f"{HOST}/common/oauth2/v2.0/token"), AUD),
        "url-not-token-endpoint": (http(url="https://graph.microsoft.com/v1.0"), AUD),
    }
    for rule_id, (paste, right) in mended.items():
        (found,) = (each for each in findings(paste) if each.id == rule_id)
        assert found.expected == right


def test_without_a_tenant_anywhere_the_fix_says_where_it_goes():
    body = form(client_assertion=token(aud="https://login.microsoftonline.com/common/oauth2/token"))
    paste = http(body, url=f"{HOST}/common/oauth2/v2.0/token")
    (found,) = (each for each in findings(paste) if each.id == "url-names-no-tenant")
    assert found.expected == f"{HOST}/TENANT/oauth2/v2.0/token"
    (found,) = (each for each in findings(paste, tenant="a.example") if each.id == found.id)
    assert found.expected == f"{HOST}/a.example/oauth2/v2.0/token"


VALUES = st.one_of(st.none(), st.text(st.characters(exclude_categories=())), st.just(AUD))


@given(
    st.builds(
        Submission,
        assertion=st.one_of(st.just(TOKEN), st.text(), st.just(token(iss=1, sub=[], aud={}))),
        kind=st.sampled_from(PasteKind),
        removed=st.just(()),
        is_cut=st.booleans(),
        sent_dirty=st.just(()),
        request=st.builds(
            TokenRequest,
            url=VALUES,
            client_id=VALUES,
            client_assertion_type=VALUES,
            grant_type=st.one_of(VALUES, st.just("client_credentials")),
            scope=VALUES,
            resource=VALUES,
            has_client_secret=st.booleans(),
            method=VALUES,
            content_type=VALUES,
            assertion_parameter=VALUES,
            is_whole=st.booleans(),
        ),
    )
)
def test_no_rule_raises_on_any_request(submission: Submission):
    for found in findings_of(submission, (*request.PASTES, *request.RULES)):
        assert found.message
        assert found.fix
        assert not found.message.endswith(".")


def test_each_kind_of_dirt_has_a_rule():
    for kind in DirtKind:
        dirt = Dirt(kind=kind, detail="x", is_inside=True)
        submission = Submission(assertion=TOKEN, kind="form-body", removed=(), sent_dirty=(dirt,))
        assert len(findings_of(submission, request.RULES)) == 1
