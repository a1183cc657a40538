"""What a report comes to: verdict, cause, prediction, the clock, what was not checked."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import assertcheck
from assertcheck import AssertcheckError, CertificateError, InputError, Verdict, diagnose
from tests.build import AUD, CLIENT_ID, DROP, EPOCH, NOW, TENANT, certificate, key, pem, token

CERT = pem(certificate())
LONG_AGO = EPOCH - 86_400 * 100


def report(text: str, **options: Any) -> assertcheck.Report:
    given: dict[str, Any] = {"certs": [CERT], "at": NOW} | options
    return diagnose(text, **given)


def old(**params: Any) -> str:
    """An assertion that expired a hundred days ago."""
    return token(iat=LONG_AGO, nbf=LONG_AGO, exp=LONG_AGO + 600, **params)


def now_minus_nothing() -> str:
    """An assertion that is valid by the real clock."""
    seconds = int(datetime.now(UTC).timestamp())
    return token(cert=LASTING, iat=seconds, nbf=seconds, exp=seconds + 600)


LASTING_END = datetime(2090, 1, 1, tzinfo=UTC)
LASTING = certificate("app", start=datetime(2020, 1, 1, tzinfo=UTC), end=LASTING_END)


def test_a_right_assertion_is_accepted_and_says_what_that_rests_on():
    answer = report(token())
    thumbprint = answer.keys[0].sha1
    assert answer.verdict is Verdict.ACCEPTED
    assert answer.assumes == (
        f"certificate {thumbprint} is registered on app {CLIENT_ID} in tenant {TENANT}: "
        f"`az ad app credential list --id {CLIENT_ID} --cert`",
    )
    assert (answer.cause, answer.prediction, answer.findings) == (None, None, ())


def test_without_a_certificate_nothing_is_accepted():
    answer = report(token(), certs=[])
    assert answer.verdict is Verdict.INCOMPLETE
    assert answer.assumes == ()
    assert "no certificate was given: add --cert FILE" in {item.why for item in answer.not_checked}


def test_a_certificate_in_the_header_never_counts_for_acceptance():
    import base64

    from tests.build import der

    x5c = [base64.b64encode(der(certificate())).decode()]
    answer = report(token(head={"x5c": x5c}), certs=[])
    assert answer.verdict is Verdict.INCOMPLETE
    assert [(item.label, item.signature) for item in answer.keys] == [("header.x5c[0]", "valid")]


def test_another_certificate_lying_around_never_counts_for_acceptance():
    assert report(token(), certs=[], also=[CERT]).verdict is Verdict.INCOMPLETE


def test_what_was_not_given_is_listed_and_leaves_the_verdict():
    answer = report(token())
    assert {item.id for item in answer.not_checked} == {
        "wrong-application",
        "aud-wrong-tenant",
        "aud-wrong-cloud",
    }


def test_nothing_is_left_unchecked_when_everything_is_given():
    assert report(token(), client_id=CLIENT_ID, token_url=AUD).not_checked == ()


def test_a_domain_name_against_a_tenant_id_is_not_checked_and_leaves_the_verdict():
    answer = report(token(), tenant="contoso.onmicrosoft.com", client_id=CLIENT_ID, cloud="public")
    assert answer.verdict is Verdict.ACCEPTED
    assert [item.id for item in answer.not_checked] == ["aud-wrong-tenant"]


@pytest.mark.parametrize(
    ("host", "product"),
    [
        ("fs.contoso.com/adfs", "AD FS"),
        ("contoso.b2clogin.com/contoso.onmicrosoft.com", "Azure AD B2C"),
        ("contoso.ciamlogin.com/contoso.onmicrosoft.com", "External ID"),
        ("login.contoso.com/contoso.onmicrosoft.com", "custom domain"),
    ],
)
def test_a_host_with_rules_of_its_own_is_incomplete_at_best(host: str, product: str):
    answer = report(token(aud=f"https://{host}/oauth2/v2.0/token"))
    assert answer.verdict is Verdict.INCOMPLETE
    (why,) = (item.why for item in answer.not_checked if item.decisive)
    assert product in why


def test_refused_beats_incomplete():
    answer = report(token(aud=DROP), certs=[])
    assert answer.verdict is Verdict.REFUSED


def test_the_cause_is_what_entra_checks_first():
    answer = report(token(aud="https://graph.microsoft.com", head={"typ": "at+jwt"}))
    assert answer.cause is not None
    assert answer.prediction is not None
    assert answer.cause.id == "typ-wrong"
    assert [item.id for item in answer.findings] == ["typ-wrong", "aud-is-resource"]
    assert answer.prediction.code == "AADSTS5002727"
    assert answer.prediction.then == ("AADSTS700023",)


def test_one_seen_fault_is_said_plainly_and_two_are_likely_at_best():
    one = report(token(head={"typ": "at+jwt"})).prediction
    two = report(token(head={"typ": "at+jwt", "cty": "JWT"})).prediction
    assert one is not None
    assert two is not None
    assert (one.confidence, two.confidence) == ("seen", "likely")
    assert one.then == ()
    assert two.then == ("AADSTS5002726",)


def test_the_prediction_names_the_error_value_where_one_was_seen():
    prediction = report(token(aud=DROP)).prediction
    assert prediction is not None
    assert (prediction.code, prediction.error) == ("AADSTS90014", "invalid_request")


def test_nothing_is_predicted_where_nothing_is_known():
    answer = report("-----BEGIN PRIVATE KEY-----")
    assert answer.verdict is Verdict.REFUSED
    assert answer.prediction is None
    assert answer.assertion is None


def test_the_thumbprint_entra_would_print_stands_in_the_prediction():
    answer = report(token(head={"x5t": "hOBcHZi846VCHSJbFAs26Go9VTQ"}))
    assert answer.prediction is not None
    assert answer.prediction.code == "AADSTS700027"
    # Microsoft's own worked example on the certificate-credentials page.
    assert answer.prediction.thumbprint == "84E05C1D98BCE3A5421D225B140B36E86A3D5534"


def test_an_expired_assertion_with_another_fault_is_judged_as_of_its_last_valid_moment():
    answer = report(old(head={"typ": "at+jwt"}), at=None, certs=[pem(LASTING)])
    assert answer.cause is not None
    assert answer.prediction is not None
    assert answer.cause.id == "typ-wrong"
    assert [item.id for item in answer.findings if item.severity == "error"][-1] == "expired"
    assert answer.prediction.code == "AADSTS5002727"
    assert answer.prediction.then[-1] == "AADSTS700024"
    assert answer.judged_at == datetime.fromtimestamp(LONG_AGO + 599, UTC)


def test_an_expired_assertion_with_one_other_fault_is_still_predicted_plainly():
    text = token(
        cert=LASTING, head={"typ": "at+jwt"}, iat=LONG_AGO, nbf=LONG_AGO, exp=LONG_AGO + 600
    )
    answer = report(text, at=None, certs=[pem(LASTING)])
    assert answer.prediction is not None
    assert answer.prediction.confidence == "seen"


def test_an_expired_assertion_that_is_otherwise_right_is_expired():
    text = token(cert=LASTING, iat=LONG_AGO, nbf=LONG_AGO, exp=LONG_AGO + 600)
    answer = report(text, at=None, certs=[pem(LASTING)])
    assert answer.cause is not None
    assert answer.cause.id == "expired"
    assert answer.judged_at == answer.clock.now


def test_a_clock_that_was_given_is_taken_literally():
    answer = report(old(head={"typ": "at+jwt"}))
    assert [item.id for item in answer.findings if item.severity == "error"] == [
        "typ-wrong",
        "expired",
    ]
    assert answer.judged_at == NOW
    assert answer.prediction is not None
    assert answer.prediction.confidence == "likely"


def test_a_live_assertion_tells_how_long_it_lives():
    answer = report(now_minus_nothing(), at=None, certs=[pem(LASTING)])
    assert answer.verdict is Verdict.ACCEPTED
    assert answer.assertion is not None
    assert answer.assertion.seconds_left is not None
    assert 590 <= answer.assertion.seconds_left <= 600


def test_a_begin_after_the_end_leaves_a_moment_to_judge_by():
    text = token(nbf=LONG_AGO + 5000, iat=DROP, exp=LONG_AGO, head={"typ": "at+jwt"})
    answer = report(text, at=None)
    assert {"typ-wrong", "exp-before-nbf"} <= {item.id for item in answer.findings}


@pytest.mark.parametrize(
    ("verdict", "code", "strict"),
    [("accepted", 0, 0), ("warned", 0, 1), ("refused", 1, 1), ("incomplete", 3, 3)],
)
def test_exit_codes_say_what_a_pipeline_asks(verdict: str, code: int, strict: int):
    answers = {
        "accepted": report(token()),
        "warned": report(token(), min_days=1000),
        "refused": report(token(aud=DROP)),
        "incomplete": report(token(), certs=[]),
    }
    assert answers[verdict].exit_code() == code
    assert answers[verdict].exit_code(strict=True) == strict


def test_strict_fails_an_incomplete_report_with_warnings():
    assert report(token(head={"typ": "jwt"}), certs=[]).exit_code(strict=True) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"client_id": "my-app"}, "the client id is not a GUID"),
        ({"tenant": "eyJhbGciOiJub25lIn0.e30."}, "the tenant is neither a GUID nor a domain name"),
        ({"tenant": "contoso"}, "the tenant is neither a GUID nor a domain name"),
        ({"tenant": ""}, "the tenant is neither a GUID nor a domain name"),
        ({"cloud": "mars"}, "there is no such cloud"),
        ({"token_url": "login.microsoftonline.com"}, "the token URL is not an https URL"),
        ({"token_url": "http://login.microsoftonline.com/x"}, "the token URL is not an https URL"),
    ],
)
def test_an_expectation_that_no_request_could_carry_is_an_error(options: dict, words: str):
    with pytest.raises(AssertcheckError) as raised:
        report(token(), **options)
    assert raised.value.message == words
    assert raised.value.hint


@pytest.mark.parametrize("tenant", ["organizations", "contoso.com", "a-b.onmicrosoft.com", TENANT])
def test_tenants_come_as_ids_and_as_names(tenant: str):
    assert report(token(), tenant=tenant).verdict in set(Verdict)


def test_certificates_come_as_octets_and_as_paths(tmp_path: Path):
    path = tmp_path / "app.pem"
    path.write_bytes(CERT)
    for source in (path, str(path), CERT):
        assert report(token(), certs=[source]).verdict is Verdict.ACCEPTED


def test_a_file_that_is_no_certificate_is_an_error_and_not_a_report(tmp_path: Path):
    path = tmp_path / "app.pem"
    path.write_text("<html>")
    with pytest.raises(CertificateError):
        report(token(), certs=[path])


def test_an_empty_paste_is_an_error_and_not_a_report():
    with pytest.raises(InputError):
        report(" \n")


def test_an_assertion_beyond_the_limit_is_an_error():
    with pytest.raises(InputError, match="larger than 1024 KiB"):
        report("eyJ" + "A" * 1024 * 1024 + ".A.A")


def test_the_leeway_is_the_callers_to_choose():
    text = token(iat=EPOCH - 900, nbf=EPOCH - 900, exp=EPOCH - 10)
    assert report(text).verdict is Verdict.ACCEPTED
    assert report(text, leeway=timedelta()).verdict is Verdict.REFUSED


def test_a_signature_of_a_key_that_is_not_tried_says_why():
    answer = report(token(head={"alg": "HS256"}))
    assert [(item.signature, bool(item.why)) for item in answer.keys] == [("not-tried", True)]


def test_no_part_of_the_library_shows_the_assertion_or_its_signature():
    text = token(actor=token(holder=key("other")))
    shown = repr(report(text)) + assertcheck.render_json(report(text))
    for part in (text, text.rpartition(".")[2]):
        assert part not in shown


def test_the_public_names_are_there_and_no_others():
    for name in assertcheck.__all__:
        assert getattr(assertcheck, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        assertcheck.nothing  # noqa: B018 - the look-up is the test


def test_a_certificate_that_began_after_the_assertion_is_not_the_cause():
    young = certificate("app", start=datetime.now(UTC) - timedelta(minutes=1), end=LASTING_END)
    text = token(cert=young, iat=LONG_AGO, nbf=LONG_AGO, exp=LONG_AGO + 600)
    answer = report(text, at=None, certs=[pem(young)])
    assert [item.id for item in answer.findings if item.severity == "error"] == ["expired"]


def test_a_tenant_that_is_none_is_not_named_in_the_assumption():
    url = "https://login.microsoftonline.com/organizations/oauth2/v2.0/token"
    (assumption,) = report(token(aud=url), token_url=url).assumes
    assert "in the tenant you sign in to" in assumption


def test_the_request_around_the_assertion_says_what_is_expected():
    form = f"client_id={CLIENT_ID}&client_assertion={token()}"
    request = (
        f"POST /{TENANT}/oauth2/v2.0/token HTTP/1.1\nHost: login.microsoftonline.com\n\n{form}"
    )
    assert {item.id for item in report(form).not_checked} == {"aud-wrong-tenant", "aud-wrong-cloud"}
    assert report(request).not_checked == ()
    other = "99999999-0000-4000-8000-000000000009"
    answer = report(f"client_id={other}&client_assertion={token()}")
    assert [item.id for item in answer.findings if item.severity == "error"] == [
        "client-id-mismatch"
    ]
    assert report(form, client_id=other).cause is not None
