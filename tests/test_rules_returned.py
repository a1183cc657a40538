"""What a returned error adds: its own cause, a doubt, a clock.

A row is an assertion, the error that is said to have come of it, and the whole set of what is
found. Rows with an empty set are the nearest in which the error has nothing to add.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from assertcheck import AssertcheckError, Report, Severity, Verdict, diagnose, render_json
from assertcheck.cli import app
from tests.build import AUD, CLIENT_ID, DROP, EPOCH, NOW, TENANT, certificate, der, key, pem, token

HEX = hashlib.sha1(der(certificate())).hexdigest().upper()
OTHER_HEX = hashlib.sha1(b"another").hexdigest().upper()
OTHER_APP = "99999999-2222-4333-8444-555555555555"
NOT_FOUND = "The key was not found."
EXPIRED = "The key used is expired."
MISMATCH = "Key was found, but use of the key to verify the signature failed."
OLD_MISMATCH = "The provided signature value did not match the expected signature value."
LONG_AGO = EPOCH - 86_400 * 20
"""The certificate was there already."""
OLD: dict[str, Any] = {"iat": LONG_AGO, "nbf": LONG_AGO, "exp": LONG_AGO + 600}
OTHER = key("other")
AS_HEX = base64.b64decode(HEX + "==").hex().upper()
"""What Entra ID makes of the hex digits in `x5t`."""
PAST = certificate("app", start=NOW - timedelta(days=400), end=NOW - timedelta(days=1))
PAST_HEX = hashlib.sha1(der(PAST)).hexdigest().upper()
WINDOW = "Start=03/10/2026 00:00:00, End=03/11/2026 00:00:00"


def expired(alg: str = "RS256") -> str:
    return token(head={"alg": alg}, iat=DROP, nbf=EPOCH - 900, exp=EPOCH - 400)


EXPIRED_TOKEN = expired()
FEDERATED = token(iss="https://issuer.example", sub="x", aud="api://AzureADTokenExchange")


def moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.0000000Z"


def stamp(seconds: float | None) -> str:
    when = "" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}Z"
    return f" Trace ID: {TENANT} Timestamp: {when}"


def key_error(
    reason: str = NOT_FOUND,
    thumbprint: str | None = HEX,
    *,
    about: str = CLIENT_ID,
    found: str = "",
    when: float | None = EPOCH,
) -> str:
    clause = f", Thumbprint of key used by client: '{thumbprint}'" if thumbprint else ""
    window = f", Found key '{found}'" if found else ""
    return (
        f"AADSTS700027: Client assertion contains an invalid signature. [Reason - {reason}{clause}"
        f"{window}, Please visit the Azure Portal to see configured keys for app Id '{about}']."
        f"{stamp(when)}"
    )


def time_error(begins: float, ends: float, now: float = EPOCH) -> str:
    return (
        "AADSTS700024: Client assertion is not within its valid time range. Current time: "
        f"{moment(now)}, assertion valid from {moment(begins)}, expiry time of assertion "
        f"{moment(ends)}.{stamp(now)}"
    )


def error(code: str, text: str = "x", when: float | None = EPOCH) -> str:
    return f"AADSTS{code}: {text}{stamp(when)}"


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    text: str
    error: str
    finds: set[str] = field(default_factory=set)
    options: dict[str, Any] = field(default_factory=dict)


def row(name: str, text: str, error: str, *finds: str, **options: Any) -> Row:
    return Row(name=name, text=text, error=error, finds=set(finds), options=options)


MISSING, OTHERS, OPEN = (
    "certificate-not-registered",
    "error-of-another-assertion",
    "error-not-explained",
)
HEX_IN_X5T = token(head={"x5t": HEX})
BY_KID = token(head={"x5t": DROP, "kid": HEX})
GENERAL = "AADSTS70002: Error validating credentials. AADSTS50012: "

REGISTRATION = [
    row("not-found", token(), key_error(), MISSING),
    row("not-found-by-s256", token("PS256"), key_error(thumbprint=None), MISSING),
    row("not-found-by-kid", BY_KID, key_error(thumbprint=None), MISSING, "kid-without-x5t"),
    row("not-found-cut", token(), f"AADSTS700027: x [Reason - {NOT_FOUND}, Thumb", MISSING, at=NOW),
    row("no-keys", token(), error("700026", "Client application has no configured keys."), MISSING),
    row(
        "not-found-and-warning", token(head={"typ": "jwt"}), key_error(), MISSING, "typ-letter-case"
    ),
    row("not-found-by-another-code", token(), error("700016"), OPEN),
    row("not-found-and-typ", token(head={"typ": "x"}), key_error(), "typ-wrong", OPEN),
    row(
        "not-found-and-other-key", token(holder=OTHER), key_error(), "signed-with-unknown-key", OPEN
    ),
    row("not-found-explained", HEX_IN_X5T, key_error(thumbprint="F" * 60), "x5t-is-hex", OTHERS),
    row("not-found-no-cert", token(), key_error(), OPEN, certs=[]),
    row("not-found-also-only", token(), key_error(), OPEN, certs=[], also=[pem(certificate())]),
    row("reason-cut-off", token(), error("700027", "Client assertion contains"), OPEN),
    row("2016", token(), f"{GENERAL}Client assertion contains an invalid signature.", OPEN, at=NOW),
]

ANOTHER = [
    row("other-thumbprint", token(), key_error(thumbprint=OTHER_HEX), OTHERS),
    row("no-thumbprint-printed", token(), key_error(thumbprint=None), OTHERS),
    row("thumbprint-without-x5t", token("PS256"), key_error(), OTHERS),
    row("other-app", token(), key_error(about=OTHER_APP), OTHERS),
    row("same-app-in-capitals", token(), key_error(about=CLIENT_ID.upper()), MISSING),
    row("no-app", token(), key_error(about="00000000-0000-0000-0000-000000000000"), MISSING),
    row("returned-before", token(), key_error(when=EPOCH - 1000), OTHERS, at=NOW),
    row("returned-a-little-before", token(), key_error(when=EPOCH - 300), MISSING, at=NOW),
    row("returned-long-after", token(), key_error(when=EPOCH + 5000), OTHERS, at=NOW),
    row("returned-soon-after", token(), key_error(when=EPOCH + 800), MISSING, at=NOW),
    row("other-expiry", token(), time_error(EPOCH - 60, EPOCH + 500), OTHERS, at=NOW),
    row("other-begin", token(), time_error(EPOCH - 61, EPOCH + 540), OTHERS, at=NOW),
    row("expiry-is-missing", token(), time_error(EPOCH - 60, 0), OTHERS, at=NOW),
    row(
        "expiry-in-fractions", token(exp=EPOCH + 540.75), time_error(EPOCH - 60, EPOCH + 540), OPEN
    ),
    row("times-that-are-none", token(exp="x"), time_error(EPOCH - 60, 0), "time-is-iso-date"),
]

OLD_KEY = {"certs": [pem(PAST)]}
EXPLAINED = [
    row("right", token(), ""),
    row("hex", HEX_IN_X5T, key_error(thumbprint=AS_HEX), "x5t-is-hex"),
    row("other-key", token(holder=OTHER), key_error(MISMATCH), "signed-with-unknown-key"),
    row("other-key-older", token(holder=OTHER), key_error(OLD_MISMATCH), "signed-with-unknown-key"),
    row(
        "old-certificate",
        token(cert=PAST),
        key_error(EXPIRED, PAST_HEX),
        "certificate-expired",
        **OLD_KEY,
    ),
    row("typ", token(head={"typ": "x"}), error("5002727"), "typ-wrong"),
    row("no-key-identifier", token(head={"x5t": DROP}), error("5002723"), "no-key-identifier"),
    row(
        "no-key-identifier-2016",
        token(head={"x5t": DROP}),
        "AADSTS70002: Error validating credentials. AADSTS50027: Invalid JWT token. No certificate "
        "thumbprint specified in token header.",
        "no-key-identifier",
        at=NOW,
    ),
    row("expired", EXPIRED_TOKEN, time_error(EPOCH - 900, EPOCH - 400), "expired"),
    row(
        "expired-2017",
        EXPIRED_TOKEN,
        f"{GENERAL}Client assertion is not within its valid time range.{stamp(EPOCH)}",
        "expired",
    ),
    row("no-exp", token(exp=DROP), time_error(EPOCH - 60, 0), "exp-missing"),
    row("early", token(nbf=EPOCH + 400), time_error(EPOCH + 400, EPOCH + 540), "not-yet-valid"),
    row("alg-and-expired", expired("ES256"), error("5002738"), "alg-not-supported", "expired"),
]

UNEXPLAINED = [
    row("in-range", token(), error("700024"), OPEN),
    row(
        "in-leeway",
        token(exp=EPOCH - 9, nbf=DROP, iat=DROP),
        time_error(0, EPOCH - 9),
        OPEN,
        "expired-within-leeway",
    ),
    row("client-id", token(), error("700021"), OPEN),
    row("client-id-given", token(), error("700021"), OPEN, client_id=CLIENT_ID, token_url=AUD),
    row("audience", token(), error("700023"), OPEN),
    row("user-token", token(), error("50013"), OPEN),
    row("tenant", token(), error("90002"), OPEN),
    row("of-tomorrow", token(), error("7654321"), OPEN),
    row("end-of-registration", token(), key_error(EXPIRED, found=WINDOW), OPEN),
    row("end-of-registration-cut", token(), key_error(EXPIRED), OPEN),
    row("signature-fits", token(), key_error(MISMATCH), OPEN),
    row("reason-of-tomorrow", token(), key_error("The key was withdrawn."), OPEN),
    row("federated", FEDERATED, error("700213"), "is-federated"),
    row("words", "words", error("700213"), "no-assertion"),
]

ROWS = [*REGISTRATION, *ANOTHER, *EXPLAINED, *UNEXPLAINED]
BY_NAME = {case.name: case for case in ROWS}


def report(text: str, error: str | bytes | None, **options: Any) -> Report:
    given: dict[str, Any] = {"certs": [pem(certificate())]} | options
    return diagnose(text, error=error or None, **given)


@cache
def judged(name: str) -> Report:
    case = BY_NAME[name]
    return report(case.text, case.error, **({} if case.error else {"at": NOW}) | case.options)


@pytest.mark.parametrize("name", BY_NAME)
def test_each_error_adds_this_and_nothing_else(name: str):
    assert {finding.id for finding in judged(name).findings} == BY_NAME[name].finds


def message(name: str, rule: str) -> str:
    (finding,) = (finding for finding in judged(name).findings if finding.id == rule)
    return f"{finding.message} | {finding.fix}"


def test_over_a_right_assertion_not_found_is_the_cause():
    answer = judged("not-found")
    assert answer.verdict is Verdict.REFUSED
    assert answer.cause is not None
    assert answer.prediction is not None
    assert answer.cause.id == MISSING
    assert answer.cause.message == (
        f"Entra ID was sent the thumbprint of certificate, {HEX}, and does not have it on app "
        f"{CLIENT_ID} in tenant {TENANT}"
    )
    assert (
        f"az ad app credential reset --id {CLIENT_ID} --cert @cert.pem --append" in answer.cause.fix
    )
    assert answer.prediction.code == "AADSTS700027"
    assert (answer.prediction.reason, answer.prediction.confidence) == (NOT_FOUND, "likely")
    assert answer.prediction.thumbprint == HEX


def test_the_file_is_named_in_the_command(tmp_path: Path):
    path = tmp_path / "my-app.pem"
    path.write_bytes(pem(certificate()))
    answer = report(token(), key_error(), certs=[path])
    assert answer.cause is not None
    assert "--cert @my-app.pem --append" in answer.cause.fix


def test_without_a_thumbprint_the_certificate_was_looked_for_by_name():
    assert "Entra ID looked for certificate, which the header names" in message(
        "not-found-by-s256", MISSING
    )


def test_an_app_without_keys_has_not_this_one_either():
    answer = judged("no-keys")
    assert answer.cause is not None
    assert answer.prediction is not None
    assert answer.cause.message.startswith("Entra ID has no key at all on app")
    assert answer.prediction.code == "AADSTS700026"


def test_the_expected_tenant_is_named_rather_than_that_of_the_audience():
    answer = report(token(), key_error(), tenant="contoso.onmicrosoft.com")
    assert answer.cause is not None
    assert "in tenant contoso.onmicrosoft.com" in answer.cause.message


def test_no_tenant_is_named_where_none_is_known():
    aud = f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"
    answer = report(token(aud=aud.replace(f"/{TENANT}", "")), key_error())
    assert MISSING not in {finding.id for finding in answer.findings}


def test_an_error_of_another_assertion_leaves_the_verdict():
    answer = judged("other-thumbprint")
    assert answer.verdict is Verdict.ACCEPTED
    assert answer.cause is None
    assert [finding.severity for finding in answer.findings] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("other-thumbprint", f"its thumbprint is {OTHER_HEX}, and the x5t here gives {HEX}"),
        ("no-thumbprint-printed", f"it names no thumbprint, and the x5t here gives {HEX}"),
        ("thumbprint-without-x5t", "the x5t here is not there to be printed"),
        ("other-app", f"it is about app {OTHER_APP}, and the iss here is {CLIENT_ID}"),
        ("returned-before", "returned at 2026-03-10 11:43:20Z, and this one begins at"),
        ("returned-long-after", "and this one had expired at 2026-03-10 12:09:00Z"),
        ("other-expiry", "it says 2026-03-10 12:08:20Z for exp, and the exp here is"),
        ("other-begin", "it says 2026-03-10 11:58:59Z for nbf, and the nbf here is"),
        ("expiry-is-missing", "it says 1970-01-01 00:00:00Z for exp"),
    ],
)
def test_what_differs_is_said_with_both_values(name: str, words: str):
    assert words in message(name, OTHERS)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "not-found-and-other-key",
            "the header names certificate, which Entra ID then likely does",
        ),
        ("not-found-and-typ", "the header names certificate, which Entra ID then likely does"),
        ("not-found-no-cert", "give the registered one with --cert FILE"),
        ("not-found-also-only", "give the registered one with --cert FILE"),
        ("reason-cut-off", "the registration likely differs from --cert"),
        ("reason-of-tomorrow", 'AADSTS700027 "The key was withdrawn." was returned'),
        ("end-of-registration", "(2026-03-10 00:00:00Z to 2026-03-11 00:00:00Z)"),
        ("end-of-registration-cut", "those of the registration are likely others | compare"),
        ("signature-fits", "the signature fits the certificate given, so likely"),
        ("in-range", "as of 2026-03-10 12:00:00Z it was in range, 300 s of leeway included"),
        ("in-leeway", "with --leeway 0"),
        ("client-id", "another client_id than iss | give --client-id, --tenant and --token-url"),
        ("client-id-given", "another client_id than iss | check the request"),
        ("audience", "another tenant or cloud than aud names"),
        ("user-token", "it is about the user's token in the field assertion"),
        ("tenant", "it may lie in the request, the tenant or the app"),
        ("2016", "`assertcheck explain AADSTS700027` has its causes"),
    ],
)
def test_why_an_error_came_all_the_same_is_said(name: str, words: str):
    assert words in message(name, OPEN)


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("in-range", Verdict.INCOMPLETE),
        ("signature-fits", Verdict.INCOMPLETE),
        ("tenant", Verdict.INCOMPLETE),
        ("user-token", Verdict.ACCEPTED),
        ("of-tomorrow", Verdict.ACCEPTED),
        ("not-found-and-typ", Verdict.REFUSED),
    ],
)
def test_what_entra_refused_is_not_accepted_here(name: str, verdict: Verdict):
    assert judged(name).verdict is verdict


def test_what_explains_the_error_is_the_cause_even_if_another_would_come_first():
    text = token(head={"typ": "x", "x5t": HEX})
    alone = report(text, None, at=NOW)
    asked = report(text, key_error(thumbprint=AS_HEX))
    other = report(text, key_error(thumbprint=OTHER_HEX))
    for answer, causes in (
        (alone, ["typ-wrong", "x5t-is-hex"]),
        (asked, ["x5t-is-hex", "typ-wrong"]),
        (other, ["typ-wrong", "x5t-is-hex"]),
    ):
        errors = [each.id for each in answer.findings if each.severity is Severity.ERROR]
        assert errors == causes
    assert asked.prediction is not None
    assert (asked.prediction.code, asked.prediction.then) == ("AADSTS700027", ("AADSTS5002727",))


def test_the_time_of_the_error_is_the_clock_and_is_taken_literally():
    answer = judged("alg-and-expired")
    assert (answer.clock.now, answer.clock.given, answer.judged_at) == (NOW, True, NOW)
    assert [each.id for each in answer.findings] == ["alg-not-supported", "expired"]


def test_the_clock_inside_the_message_comes_before_the_timestamp():
    text = time_error(EPOCH - 900, EPOCH - 400, EPOCH).replace(stamp(EPOCH), stamp(EPOCH + 3))
    assert report(EXPIRED_TOKEN, text).clock.now == NOW


def test_a_clock_that_is_given_comes_before_that_of_the_error():
    at = NOW + timedelta(minutes=2)
    assert report(token(), key_error(), at=at).clock.now == at


@pytest.mark.parametrize("name", ["returned-before", "returned-long-after", "other-expiry"])
def test_the_time_of_an_error_that_cannot_be_meant_is_no_clock(name: str):
    case = BY_NAME[name]
    before = datetime.now(UTC)
    answer = report(case.text, case.error)
    assert before <= answer.clock.now <= datetime.now(UTC)
    assert not answer.clock.given


def test_an_assertion_that_has_expired_since_is_judged_as_it_was_when_refused():
    answer = report(token(**OLD), key_error(when=None))
    assert [each.id for each in answer.findings] == [MISSING, "expired"]
    assert answer.findings[1].message.startswith("by now also: ")
    assert answer.judged_at == datetime.fromtimestamp(LONG_AGO + 599, UTC)


def test_an_assertion_that_was_refused_for_its_time_is_not_judged_as_of_another():
    answer = report(token(head={"typ": "x"}, **OLD), error("700024", when=None))
    assert answer.cause is not None
    assert answer.cause.id == "expired"
    assert answer.judged_at == answer.clock.now


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_error_comes_as_octets_too(encoding: str):
    answer = report(token(), key_error().encode(encoding))
    assert answer.submission is not None
    assert answer.submission.error is not None
    assert answer.submission.error.code == "AADSTS700027"


@pytest.mark.parametrize("text", ["", "no code", token(), "x" * 5000])
def test_an_error_without_a_code_is_an_error_and_not_repeated(text: str):
    with pytest.raises(AssertcheckError) as raised:
        diagnose(token(), error=text)
    assert raised.value.message == "the error that was given holds no AADSTS code"
    assert "AADSTS" in raised.value.hint


def schema() -> Any:
    return json.loads(CliRunner().invoke(app, ["schema"]).stdout)


@pytest.mark.parametrize("name", BY_NAME)
def test_what_was_read_of_the_error_stands_in_the_json(name: str):
    data = json.loads(render_json(judged(name)))
    jsonschema.validate(data, schema(), format_checker=jsonschema.FormatChecker())
    assert (data["intake"]["error"] is None) == (BY_NAME[name].error == "")


def test_the_json_names_what_identifies_the_answer():
    assert json.loads(render_json(judged("not-found")))["intake"]["error"] == {
        "code": "AADSTS700027",
        "reason": NOT_FOUND,
        "thumbprint": HEX,
        "timestamp": "2026-03-10T12:00:00Z",
        "trace_id": TENANT,
        "correlation_id": None,
    }


def verify(*args: str) -> Any:
    return CliRunner().invoke(app, ["verify", *args], input=token())


def test_the_error_comes_from_a_file(tmp_path: Path):
    (tmp_path / "app.pem").write_bytes(pem(certificate()))
    (tmp_path / "error.txt").write_text(key_error())
    result = verify("--cert", str(tmp_path / "app.pem"), "--error", str(tmp_path / "error.txt"))
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith(" REFUSED  AADSTS700027, likely")
    assert "[certificate-not-registered]" in result.stdout


@pytest.mark.parametrize("name", ["none.txt", "folder", "words.txt"])
def test_a_file_without_an_error_is_two_lines(name: str, tmp_path: Path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "words.txt").write_text("words")
    result = verify("--error", str(tmp_path / name))
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(":")[1] for line in result.stderr.splitlines()] == [" error", " hint"]


@pytest.mark.parametrize("rule", [MISSING, OTHERS, OPEN])
def test_each_rule_has_rows_that_find_it(rule: str):
    assert any(rule in case.finds for case in ROWS)
