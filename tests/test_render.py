"""What a person sees, and that nothing in it can do harm."""

import json
import re
import textwrap
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
from hypothesis import strategies as st

from assertcheck import diagnose, render_json
from assertcheck.model import Verdict
from assertcheck.render.catalogue import source_url
from assertcheck.render.inert import inert
from assertcheck.render.layout import Style
from assertcheck.render.text import render_text
from assertcheck.rules import RULES
from assertcheck.words import listed, plain, quoted, relative, span
from tests.build import AUD, CLIENT_ID, NOW, certificate, key, pem, token
from tests.paste import SCOPE, TYPE, form, http

CERT = pem(certificate())


def shown(text: str, style: Style | None = None, **options: Any) -> str:
    given: dict[str, Any] = {"certs": [CERT], "at": NOW} | options
    return render_text(diagnose(text, **given), style or Style())


def test_verdict_and_cause_stand_first_then_expected_actual_and_fix():
    lines = shown(token(head={"typ": "at+jwt"})).splitlines()
    assert lines[0] == " REFUSED  AADSTS5002727"
    assert lines[1] == "cause   Wrong token type [typ-wrong]"
    assert lines[3].strip() == 'typ is "at+jwt"'
    assert [line.split()[0] for line in lines[4:7]] == ["expected", "actual", "fix"]


def test_what_is_likely_is_called_likely_and_what_was_documented_documented():
    assert "AADSTS5002738, likely" in shown(token(head={"alg": "none"}))
    assert "AADSTS700022, documented by Microsoft" in shown(token(sub=None))


def test_what_comes_next_is_named():
    text = shown(token(head={"typ": "at+jwt"}, sub="x"))
    assert "\nthen    AADSTS50048\n" in text
    assert "\nAlso wrong\n" in text
    assert "[iss-sub-differ, AADSTS50048]" in " ".join(text.split())


def test_each_severity_has_a_heading_of_its_own():
    text = shown(token(head={"typ": "jwt"}, jti=None))
    assert text.index("\nWarnings\n") < text.index("\nNotes\n")


def test_without_a_code_the_headline_says_so():
    assert shown("-----BEGIN PRIVATE KEY-----").splitlines()[0] == (
        " REFUSED  no error code of Entra ID is known for this"
    )


def test_an_incomplete_report_says_at_once_what_is_lacking():
    assert shown(token(), certs=[]).startswith(" INCOMPLETE  no certificate was given")
    federated = token(iss="https://token.actions.githubusercontent.com", sub="repo:a/b")
    assert shown(federated).startswith(
        " INCOMPLETE  the app's federated credentials were not given"
    )


def test_a_live_assertion_says_for_how_long():
    live = token(exp=int(time.time()) + 600)
    assert "live: anyone holding this text can sign in as the app for" in shown(live, at=None)
    assert "live:" not in shown(token(exp=int(time.time()) - 600), at=None)
    assert "live:" not in shown(token())


def test_the_thumbprint_entra_would_print_is_shown():
    text = shown(token(head={"x5t": "hOBcHZi846VCHSJbFAs26Go9VTQ"}))
    line = "thumb   84E05C1D98BCE3A5421D225B140B36E86A3D5534, as Entra ID would print it"
    assert line in text.splitlines()


def test_a_command_is_not_broken_so_that_it_can_be_copied():
    command = "`az ad app credential list --id 11111111-2222-4333-8444-555555555555 --cert`"
    assert command in shown(token())


def test_what_was_cleaned_away_is_said():
    assert "cleaned away before reading: quotes" in shown(f'"{token()}"')


def test_times_come_as_dates_and_relative_to_now():
    assert re.search(r"exp +1773144540  2026-03-10 12:09:00Z, in 9 min", shown(token()))


def test_the_timeline_has_the_clock_within_before_and_after():
    within = shown(token())
    before = shown(token(), at=NOW - timedelta(days=60))
    after = shown(token(), at=NOW + timedelta(days=600))
    assert re.search(r"assertion +11:59:00 \|--\*-+\| 12:09:00", within)
    assert re.search(r"assertion +11:59:00 \*\.\.\|-+\| 12:09:00", before)
    assert re.search(r"certificate +2026-02-08 \|-+\|\.\.\* 2027-02-08", after)


def test_an_expired_assertion_tells_as_of_when_it_was_judged():
    text = token(head={"typ": "x"}, nbf=1_600_000_000, iat=1_600_000_000, exp=1_600_001_600)
    assert "judged as of 2020-09-13 12:53:19Z" in shown(text, at=None)


def test_without_times_there_is_no_timeline():
    assert "Timeline" not in shown(token(exp=None, nbf=None, iat=None), certs=[])


@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_unless_one_word_does_not(width: int):
    for line in shown(token(head={"typ": "at+jwt"}, sub="x"), Style(width=width)).splitlines():
        assert len(line) <= width or max(map(len, line.split())) > width - 20 or "`" in line


def test_values_are_not_broken_so_that_they_can_be_copied():
    right = (
        "https://login.microsoftonline.com/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/oauth2/v2.0/token"
    )
    assert f"  {right}\n" in shown(token(aud="https://graph.microsoft.com"), tenant=right[34:70])


@pytest.mark.parametrize("verdict", Verdict)
def test_colour_is_there_only_where_it_is_wanted(verdict: Verdict):
    given: dict[Verdict, dict[str, Any]] = {
        Verdict.ACCEPTED: {},
        Verdict.INCOMPLETE: {"certs": []},
        Verdict.REFUSED: {"at": NOW + timedelta(days=1)},
    }
    options = given[verdict]
    assert "\x1b" not in shown(token(), **options)
    colored = shown(token(), Style(color=True), **options)
    assert colored.startswith("\x1b[1;97;4")
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == shown(token(), **options)


EVIL = "\x1b]0;title\x07\x1b[2J\u202e\u200b\u2066\x9b31m\r\n::error::x\x00"


@pytest.mark.parametrize("place", ["aud", "iss", "sub", "jti", "exp", "nbf", "extra"])
def test_nothing_in_a_claim_reaches_the_terminal_alive(place: str):
    claim: dict[str, Any] = {place: f"https://{EVIL}"}
    text = shown(token(**claim))
    assert text.replace("\n", "").isprintable()
    assert "\n::error" not in text


@pytest.mark.parametrize("place", ["alg", "typ", "x5t", "kid", "x5c", EVIL])
def test_nothing_in_the_header_reaches_the_terminal_alive(place: str):
    text = shown(token(head={place: EVIL}))
    assert text.replace("\n", "").isprintable()


def test_a_certificates_name_reaches_the_terminal_dead():
    evil = certificate(EVIL[4:20])
    assert shown(token(), certs=[pem(evil)]).replace("\n", "").isprintable()


@given(st.text())
def test_inert_text_prints_and_keeps_what_was_printable(text: str):
    assert inert(text).isprintable()
    assert text.isprintable() is False or inert(text) == text


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists))
def test_any_claim_is_rendered(value: object):
    report = diagnose(token(extra=value, aud=value, exp=value), certs=[CERT], at=NOW)
    assert render_text(report, Style()).replace("\n", "").isprintable()
    assert render_json(report).isascii()


def test_long_values_are_cut_and_say_so():
    assert quoted("x" * 500).endswith("(502 characters)")
    assert plain("x" * 120) == "x" * 120
    assert plain({"a": 1}) == '{"a": 1}'


def test_names_are_listed_as_people_do():
    assert (listed(["a"]), listed(["a", "b", "c"], last="or")) == ("a", "a, b or c")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (-3661, "1 h 1 min"),
        (3605, "1 h"),
        (86_400 * 2, "2 days"),
        (31_556_952 * 2 + 86_400, "2 years 1 day"),
    ],
)
def test_spans_come_in_their_two_largest_units(seconds: int, words: str):
    assert span(timedelta(seconds=seconds)) == words


def test_moments_are_told_from_now():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert [relative(now + timedelta(seconds=s), now) for s in (0, 90, -90)] == [
        "now",
        "in 1 min 30 s",
        "1 min 30 s ago",
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_page_is_prose_in_paragraphs_with_a_source_that_has_an_address(rule):
    assert source_url(rule.source).startswith("https://")
    paragraphs = rule.doc.split("\n\n")
    assert len(paragraphs) >= 2
    assert all(textwrap.dedent(paragraph) for paragraph in paragraphs)
    assert not rule.title.endswith(".")
    assert len(rule.title) <= 72


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ("AADSTS700023: Client assertion audience", "answer  AADSTS700023"),
        (
            "AADSTS700027: Client assertion contains an invalid signature. [Reason - The key was "
            "not found.] Timestamp: 2026-03-10 12:00:01Z",
            "answer  AADSTS700027: The key was not found., 2026-03-10 12:00:01Z",
        ),
    ],
)
def test_the_error_that_was_returned_stands_beside_the_one_predicted(error: str, line: str):
    assert line in shown(token(), error=error).splitlines()


def test_the_entries_of_x5c_are_counted_and_not_spelled_out():
    text = shown(token(head={"x5c": ["AAAA"]}))
    assert "x5c  1 entry, under Keys" in text
    assert "x5c  2 entries, under Keys" in shown(token(head={"x5c": ["AAAA", "BBBB"]}))


def test_a_bare_key_is_listed_without_a_certificates_name():
    private = key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    text = shown(token(), certs=[private])
    assert (
        "- certificate [given as registered], RSA 2048: signed this\n"
        "    only the public half of its private key is used\n"
    ) in text
    assert "CN=" not in text


def test_the_request_around_an_assertion_stands_in_the_json():
    body = form(
        client_assertion=f"{token()} ", client_secret="abc8Q~not-a-real-secret-value-x1Y2z3W4v5"
    )
    text = render_json(diagnose(http(body), certs=[pem(certificate())], at=NOW))
    intake = json.loads(text)["intake"]
    assert intake["request"] == {
        "url": AUD,
        "method": "POST",
        "content_type": "application/x-www-form-urlencoded",
        "client_id": CLIENT_ID,
        "client_assertion_type": TYPE,
        "grant_type": "client_credentials",
        "scope": SCOPE,
        "resource": None,
        "assertion_parameter": "client_assertion",
        "has_client_secret": True,
    }
    assert intake["sent_dirty"]
    assert "8Q~" not in text
