"""Odd inputs to `diagnose_saml`: right requests stay right, and nothing makes it crash."""

import base64
import html
import json
import quopri
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assertcheck import Report, Verdict
from assertcheck.errors import InputError
from assertcheck.render.json_report import render_json
from assertcheck.render.layout import Style
from assertcheck.render.text import render_text
from assertcheck.saml.report import diagnose_saml
from tests import build_saml as saml
from tests.build import certificate, pem

ROOT = Path(__file__).parent.parent
RECORDED = json.loads((ROOT / "tests/data/saml/requests.json").read_text(encoding="utf-8"))
CERTIFICATE = ROOT / "sample_certs/rsa-2048.pem"
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
OWN = pem(certificate())
URL = "https://login.microsoftonline.com/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/saml2"


def judged(paste: str | bytes, **options: object) -> Report:
    return diagnose_saml(paste, certs=[CERTIFICATE], at=AT, **options)  # type: ignore[arg-type] # each has its own type


def outcome(report: Report) -> tuple[object, set[str]]:
    return report.verdict, {each.id for each in report.findings}


def har(url: str) -> str:
    """What a browser saves: the service provider's redirect, then the request itself."""
    request = {
        "method": "GET",
        "url": url,
        "httpVersion": "HTTP/2",
        "headers": [{"name": "Host", "value": "login.microsoftonline.com"}],
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(url.partition("?")[2])
        ],
    }
    begin = {"method": "GET", "url": "https://app.example.com/", "headers": []}
    entries = [
        {
            "request": begin,
            "response": {"status": 302, "headers": [{"name": "Location", "value": url}]},
        },
        {"request": request, "response": {"status": 200, "content": {"text": "<html></html>"}}},
    ]
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def tracer(url: str) -> str:
    """What SAML-tracer exports."""
    pairs = [pair.split("=", 1) for pair in url.partition("?")[2].split("&")]
    request = {
        "method": "GET",
        "url": url,
        "requestHeaders": [],
        "get": [[name, unquote(value)] for name, value in pairs],
        "protocol": "SAML-P",
    }
    return json.dumps({"requests": [request], "timestamp": "2026-01-15T12:00:00Z"})


def lines(text: str, width: int, end: str = "\n", start: str = "") -> str:
    return end.join(start + text[place : place + width] for place in range(0, len(text), width))


AROUND_URL: dict[str, Callable[[str], str | bytes]] = {
    "as it is": str,
    "a line feed behind": lambda url: f"{url}\n",
    "blank lines around": lambda url: f"\r\n\r\n{url}\r\n",
    "a byte order mark": lambda url: f"\ufeff{url}",
    "UTF-8 with a mark": lambda url: url.encode("utf-8-sig"),
    "UTF-16": lambda url: url.encode("utf-16"),
    "quotes": lambda url: f'"{url}"',
    "backticks": lambda url: f"`{url}`",
    "a fence": lambda url: f"```\n{url}\n```",
    "angle brackets": lambda url: f"<{url}>",
    "a redirect": lambda url: f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n",
    "a request line": lambda url: (
        f"GET {url.partition('.com')[2]} HTTP/1.1\r\nHost: login.microsoftonline.com\r\n\r\n"
    ),
    "the path alone": lambda url: url.partition(".com")[2],
    "the query alone": lambda url: url.partition("?")[2],
    "the query with its mark": lambda url: f"?{url.partition('?')[2]}",
    "a fragment": lambda url: f"{url}#top",
    "curl": lambda url: f'curl "{url}" -H "accept: */*" --compressed',
    "curl for cmd": lambda url: (
        'curl "' + url.replace("%", "^%").replace("&", "^&") + '" ^\r\n  -H "accept: */*"'
    ),
    "PowerShell": lambda url: f'Invoke-WebRequest -Uri "{url}"',
    "fetch": lambda url: f'fetch("{url}", {{"method": "GET"}});',
    "a link": lambda url: f'<html><body><a href="{html.escape(url)}">sign in</a></body></html>',
    "entities": lambda url: url.replace("&", "&amp;"),
    "JSON": lambda url: json.dumps({"url": url}),
    "JSON with escapes": lambda url: json.dumps({"url": url}).replace("&", "\\u0026"),
    "a HAR": har,
    "SAML-tracer": tracer,
    "a log": lambda url: f"2026-01-15 12:00:00 INFO redirecting to {url} for the user",
    "lines of 76": lambda url: lines(url, 76),
    "lines of 80": lambda url: lines(url, 80, "\r\n"),
    "a quoted mail": lambda url: lines(url, 76, "\n", "> "),
    "quoted-printable": lambda url: quopri.encodestring(url.encode()),
    "within another URL": lambda url: f"https://app.example.com/login?next={quote(url, safe='')}",
    "twice": lambda url: f"{url}\n{url}",
}
WITHOUT_URL = ("the query alone", "the query with its mark")
SIGNED = "redirect, SHA-256, RelayState: "
CHOSEN = [
    each
    for each in RECORDED
    if each["version"] in ("5.1.0", "2.13.1", "4.0.4")
    and each["name"] in (f"{SIGNED}none", f"{SIGNED}space", f"{SIGNED}url", "redirect, unsigned")
]


@pytest.mark.parametrize("name", AROUND_URL)
def test_what_is_around_a_url_changes_nothing(name):
    assert len(CHOSEN) == 12
    for each in CHOSEN:
        plain = outcome(judged(each["sent"]))
        if name in WITHOUT_URL and each["name"] == "redirect, unsigned":
            # Whoever copies a value may have left the rest behind.
            plain = (Verdict.INCOMPLETE, set())
        assert outcome(judged(AROUND_URL[name](each["sent"]))) == plain, each["name"]


FORM = saml.post_body(saml.signed_request(), relay_state="a b&c")
PAGE = saml.post_form(saml.signed_request(), relay_state="a b&c")
AROUND_FORM: dict[str, Callable[[], str | bytes]] = {
    "a body": lambda: FORM,
    "a body with RelayState in front": lambda: "&".join(reversed(FORM.split("&"))),
    "a page": lambda: PAGE,
    "a page in capitals": lambda: PAGE.replace("<input", "<INPUT").replace("<form", "<FORM"),
    "a page without quotes": lambda: PAGE.replace("'", ""),
    "a page with its base64 in lines": lambda: PAGE.replace(
        saml.post_value(saml.signed_request()),
        lines(saml.post_value(saml.signed_request()), 76, "&#13;\n"),
    ),
    "curl": lambda: (
        f"curl '{URL}' -H 'content-type: application/x-www-form-urlencoded' --data-raw '{FORM}'"
    ),
    "a request": lambda: (
        "POST /x/saml2 HTTP/1.1\r\nHost: login.microsoftonline.com\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{FORM}"
    ),
    "a HAR": lambda: json.dumps(
        {
            "log": {
                "entries": [
                    {
                        "request": {
                            "method": "POST",
                            "url": URL,
                            "postData": {
                                "mimeType": "application/x-www-form-urlencoded",
                                "text": FORM,
                            },
                        }
                    }
                ]
            }
        }
    ),
    "UTF-16": lambda: FORM.encode("utf-16"),
}


@pytest.mark.parametrize("name", AROUND_FORM)
def test_what_is_around_a_form_changes_nothing(name):
    report = diagnose_saml(
        AROUND_FORM[name](), certs=[pem(certificate())], at=AT.replace(month=3, day=10)
    )
    assert outcome(report) == ("accepted", set())


NONSENSE: dict[str, str | bytes] = {
    "one letter": "x",
    "an ampersand": "&",
    "an equals sign": "=",
    "a question mark": "?",
    "a percent sign": "%",
    "NUL": "\0",
    "lone surrogate": "SAMLRequest=\ud800",
    "a lone surrogate in a signed query": CHOSEN[1]["sent"].replace("%2B", "\ud800", 1),
    "octets that are no text": bytes(range(256)),
    "DEFLATE alone": saml.deflated(saml.authn_request().encode()),
    "gzip": saml.deflated(saml.authn_request().encode(), wbits=31),
    "a PNG": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "a ZIP": b"PK\x03\x04" + bytes(64),
    "HTML": "<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>",
    "HTML with a form of another kind": "<form><input name=user><input name=password></form>",
    "HTML cut in a tag": PAGE[:150],
    "HTML cut in a value": PAGE[:600],
    "an empty HAR": '{"log": {"entries": []}}',
    "a HAR without a list": '{"log": {"entries": {}}}',
    "a HAR of nulls": '{"log": {"entries": [null, {"request": null}, {"request": {"url": 7}}]}}',
    "a HAR cut short": har(CHOSEN[1]["sent"])[:900],
    "SAML-tracer without requests": '{"requests": [], "timestamp": "x"}',
    "SAML-tracer cut short": tracer(CHOSEN[1]["sent"])[:700],
    "deep JSON": "[" * 5000,
    "JSON numbers": '{"a": 1e999, "b": NaN}',
    "empty parameters": "SAMLRequest=&RelayState=&SigAlg=&Signature=",
    "names without values": "SAMLRequest&RelayState&SigAlg&Signature",
    "names alone": "SAMLRequest",
    "many parameters": "&".join(f"SAMLRequest={number}" for number in range(1000)),
    "many signatures": CHOSEN[1]["sent"] + "&Signature=AAAA" * 300,
    "a huge signature": CHOSEN[1]["sent"] + "A" * 100_000,
    "a huge RelayState": CHOSEN[1]["sent"] + f"&RelayState={'%20' * 40_000}",
    "a signature of zeroes": saml.joined(
        saml.query_pairs() | {"Signature": saml.escaped(saml.b64(bytes(256)))}
    ),
    "a signature of ones": saml.joined(
        saml.query_pairs() | {"Signature": saml.escaped(saml.b64(b"\xff" * 256))}
    ),
    "a signature of one octet": saml.joined(saml.query_pairs() | {"Signature": "AA%3D%3D"}),
    "an empty SigAlg": saml.joined(saml.query_pairs() | {"SigAlg": ""}),
    "SigAlg of HMAC": saml.joined(
        saml.query_pairs() | {"SigAlg": saml.escaped("http://www.w3.org/2000/09/xmldsig#hmac-sha1")}
    ),
    "SigAlg of ECDSA": saml.joined(
        saml.query_pairs()
        | {"SigAlg": saml.escaped("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256")}
    ),
    "SigAlg of Ed25519": saml.joined(
        saml.query_pairs()
        | {"SigAlg": saml.escaped("http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519")}
    ),
    "SigAlg of DSA": saml.joined(
        saml.query_pairs() | {"SigAlg": saml.escaped("http://www.w3.org/2000/09/xmldsig#dsa-sha1")}
    ),
    "SigAlg of MD5": saml.joined(
        saml.query_pairs()
        | {"SigAlg": saml.escaped("http://www.w3.org/2001/04/xmldsig-more#rsa-md5")}
    ),
    "SigAlg with an escape": saml.joined(saml.query_pairs() | {"SigAlg": "%1b%5B31mred"}),
    "an Issuer with an escape": saml.post_body(
        saml.authn_request().replace(saml.ISSUER, "\u202e&#9;x")
    ),
    "XML alone": saml.authn_request(),
    "XML cut short": saml.authn_request()[:300],
    "XML of one tag": "<a/>",
    "XML without an end": "<samlp:AuthnRequest",
    "XML with a DTD": f'<!DOCTYPE a [<!ENTITY b "c">]>{saml.authn_request()}',
    "XML with an external entity": (
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
        + saml.authn_request().replace(saml.ISSUER, "&b;")
    ),
    "XML in UTF-16": saml.authn_request().encode("utf-16"),
    "XML in Latin-1": saml.authn_request().replace("acs", "acé").encode("latin-1"),
    "XML with every control character": saml.authn_request().replace(
        "acs", "".join(map(chr, range(32)))
    ),
    "deep XML": "<a>" * 10_000,
    "a request with children of its own": saml.authn_request(children="<x/>" * 2000),
    "an empty ds:Signature": saml.post_body(
        saml.authn_request(signature=f'<ds:Signature xmlns:ds="{saml.DSIG}"/>')
    ),
    "two hundred signatures": saml.post_body(
        saml.authn_request(signature=f'<ds:Signature xmlns:ds="{saml.DSIG}"/>' * 200)
    ),
    "a signature inside a signature": saml.post_body(
        saml.signed_request().replace(
            "</ds:SignedInfo>", f'</ds:SignedInfo><ds:Signature xmlns:ds="{saml.DSIG}"/>'
        )
    ),
    "KeyInfo that is no certificate": saml.post_body(
        saml.signed_request(cert=certificate()).replace(
            "<ds:X509Certificate>", "<ds:X509Certificate>AA"
        )
    ),
    "an ID that is empty": saml.redirect_url(saml.authn_request(ID="")),
    "an ID of digits": saml.redirect_url(saml.authn_request(ID="٣")),
    "a time far off": saml.redirect_url(
        saml.authn_request(IssueInstant="9999-12-31T23:59:59-14:00")
    ),
    "a time before all": saml.redirect_url(
        saml.authn_request(IssueInstant="0001-01-01T00:00:00+14:00")
    ),
    "a response": f"SAMLResponse={saml.escaped(saml.post_value('<Response/>'))}",
    "a response and a request": (
        f"SAMLResponse={saml.escaped(saml.post_value('<Response/>'))}&{saml.redirect_query()}"
    ),
    "an artifact": f"{URL}?SAMLart=AAQAAMFbLinlXaCM",
    "WS-Federation": f"{URL}?wa=wsignin1.0&wtrealm=urn%3Aapp",
    "OpenID Connect": "https://login.microsoftonline.com/x/oauth2/v2.0/authorize?client_id=1",
    "a SOAP envelope": (
        '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>'
        f"{saml.authn_request()}</S:Body></S:Envelope>"
    ),
    "metadata": '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x"/>',
    "a JWT": "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.",
    "a certificate": pem(certificate()),
    "a private key": "-----BEGIN PRIVATE KEY-----\nMIIEvAIBADAN\n-----END PRIVATE KEY-----",
    "a client secret": "abc8Q~dEfGhIjKlMnOpQrStUvWxYz0123456789ab",
    "an error": "AADSTS76021: The request sent by client is not signed",
    "an unknown error": "AADSTS999999: Nothing of the kind",
    "base64 of nothing": "SAMLRequest=AAAA",
    "base64 three times": "SAMLRequest="
    + saml.escaped(
        base64.b64encode(base64.b64encode(saml.post_value(saml.authn_request()).encode())).decode()
    ),
    "percent-encoded five times": "SAMLRequest="
    + quote(quote(quote(quote(quote(saml.redirect_value(saml.authn_request())))))),
    "a bomb": f"SAMLRequest={saml.escaped(saml.b64(saml.deflated(bytes(5_000_000))))}",
    "a bomb in a bomb": saml.post_body(
        saml.b64(saml.deflated(saml.deflated(bytes(5_000_000)))), deflate=True
    ),
    "Windows line ends in the value": CHOSEN[1]["sent"].replace("%2B", "%2B\r\n", 3),
    "a tab in the value": CHOSEN[1]["sent"].replace("%2B", "\t", 1),
    "a zero-width space in the value": CHOSEN[1]["sent"].replace("%2B", "\u200b%2B", 1),
    "semicolons between": CHOSEN[1]["sent"].replace("&", ";"),
    "no separator": CHOSEN[1]["sent"].replace("&", ""),
    "upper case": CHOSEN[1]["sent"].upper(),
    "lower case": CHOSEN[1]["sent"].lower(),
    "in reverse": CHOSEN[1]["sent"][::-1],
    "unquoted": unquote(CHOSEN[1]["sent"]),
    "quoted": quote(CHOSEN[1]["sent"]),
    "quoted twice": quote(quote(CHOSEN[1]["sent"])),
    "names in other letter case": CHOSEN[1]["sent"].replace("SAMLRequest", "samlrequest"),
    "a request beside a JWT": f"{CHOSEN[1]['sent']}\neyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.",
    "full width": CHOSEN[1]["sent"].replace("=", "\uff1d"),
    "emoji": "\U0001f511" * 100,
    "right to left": "\u202e" + CHOSEN[1]["sent"],
}


def all_renderings(report: Report) -> None:
    text = render_text(report, Style())
    assert not set(text) & {*map(chr, range(10)), *map(chr, range(11, 32)), "\x7f", "\u202e"}
    json.loads(render_json(report), parse_constant=pytest.fail)
    assert report.exit_code() in (0, 1, 3)


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_a_report(name):
    all_renderings(judged(NONSENSE[name]))
    for binding in ("redirect", "post"):
        # Without a key there is little to search, so this costs next to nothing.
        all_renderings(diagnose_saml(NONSENSE[name], binding=binding, at=AT))


def test_there_are_a_hundred_and_more():
    assert len(NONSENSE) + len(AROUND_URL) + len(AROUND_FORM) > 130


@pytest.mark.parametrize("empty", ["", " ", "\r\n\t", b"", b" \n", "\ufeff"])
def test_nothing_is_the_one_thing_that_is_refused(empty):
    with pytest.raises(InputError):
        judged(empty)


def test_no_part_of_a_request_is_taken_for_the_whole():
    """Each cut of a signed redirect is refused or undecided, and none of them crashes."""
    url = CHOSEN[1]["sent"]
    for end in range(1, len(url), 41):
        report = judged(url[:end])
        assert report.verdict != "accepted", end


ODD = (
    *"&=?%+/#;:<>\"'\\ \t\n\0\x1b\x7f\u200e\ud800\U0001f511",
    *("%25", "%0", "&amp;", "SAMLRequest=", "&Signature=", "&SigAlg=x", "RelayState="),
    *("<ds:Signature>", "]]>", "<!--", "eyJ", '{"log":'),
)


@settings(max_examples=80)
@given(
    sent=st.sampled_from([each["sent"] for each in RECORDED]),
    seed=st.integers(0, 2**32),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(ODD)), max_size=4),
    binding=st.sampled_from([None, "redirect", "post"]),
)
def test_a_damaged_request_is_a_report(sent, seed, cuts, binding):
    text = sent
    for place, odd in cuts:
        at = int(place * len(text))
        drop = random.Random(seed).choice([0, 0, 1, 40])
        text = text[:at] + odd + text[at + drop :]
    all_renderings(judged(text, binding=binding))


@settings(max_examples=150)
@given(text=st.text(min_size=1), binding=st.sampled_from([None, "redirect", "post"]))
def test_any_text_is_a_report_or_an_input_error(text, binding):
    try:
        report = judged(text, binding=binding)
    except InputError:
        return
    all_renderings(report)


@settings(max_examples=50)
@given(xml=st.binary(max_size=200), binding=st.sampled_from(["redirect", "post"]))
def test_any_octets_in_a_request_are_a_report(xml, binding):
    paste = saml.redirect_query(xml) if binding == "redirect" else saml.post_body(xml)
    all_renderings(diagnose_saml(paste, certs=[OWN], binding=binding))
