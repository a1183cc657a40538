"""The request comes back octet for octet out of whatever it is pasted in."""

import base64
import json
import quopri
import re
import shlex
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import given
from hypothesis import strategies as st
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from saml2.pack import http_form_post_message, http_redirect_message
from saml2.sigver import RSACrypto

from assertcheck.errors import InputError
from assertcheck.model import PasteKind
from assertcheck.saml.decoder import decode_request
from assertcheck.saml.intake import read_saml
from assertcheck.saml.model import THE_XML, Binding, Message, SamlSubmission
from tests import build_saml
from tests.build import certificate, der, key, pem, token
from tests.build_saml import (
    ACS_URL,
    DESTINATION,
    DIGEST_METHODS,
    ISSUER,
    RELAY_STATE,
    SIGNATURE_METHODS,
    authn_request,
    b64,
    deflated,
    escaped,
    post_body,
    post_form,
    post_value,
    redirect_query,
    redirect_url,
    redirect_value,
    signed_request,
)

with warnings.catch_warnings():
    # defusedxml.lxml, which it reads certificates with, announces its end.
    warnings.simplefilter("ignore", DeprecationWarning)
    from minisaml.request import get_request_redirect_url

R, P = Binding.REDIRECT, Binding.POST
XML = authn_request()
SIGNED = signed_request(cert=certificate())
URL = redirect_url(relay_state=RELAY_STATE, lower_case=True)
QUERY = URL.partition("?")[2]
BODY = post_body(SIGNED, relay_state="two words")
VALUE = redirect_value(XML)
HOST = "login.microsoftonline.com"
PATH = DESTINATION.removeprefix(f"https://{HOST}")
ERROR = (
    "AADSTS76021: The request sent by client is not signed while the application requires signed "
    "requests. Trace ID: 11111111-0000-4000-8000-000000000001"
)
RESPONSE = f'<samlp:Response xmlns:samlp="{build_saml.PROTOCOL}" ID="_r"/>'
LOGOUT = f'<samlp:LogoutRequest xmlns:samlp="{build_saml.PROTOCOL}" ID="_l"/>'
TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    paste: str | bytes
    kind: PasteKind
    binding: Binding | None
    is_as_sent: bool
    sent: str
    """The parameters with the octets in which they stand in the paste; empty for XML."""
    xml: str
    removed: tuple[str, ...]
    url: str | None


def row(
    name: str,
    paste: str | bytes,
    kind: PasteKind,
    binding: Binding | None,
    *removed: str,
    sent: str = QUERY,
    xml: str = XML,
    url: str | None = DESTINATION,
    is_as_sent: bool = True,
) -> Row:
    return Row(
        name=name,
        paste=paste,
        kind=kind,
        binding=binding,
        is_as_sent=is_as_sent,
        sent=sent,
        xml=xml,
        removed=removed,
        url=url,
    )


def http(target: str, body: str | None = None, *headers: str) -> str:
    method = "GET" if body is None else "POST"
    more = [] if body is None else [f"Content-Type: {TYPE}"]
    lines = [f"{method} {target} HTTP/1.1", f"Host: {HOST}", *more, *headers, "", body or ""]
    return "\r\n".join(lines)


def har(*requests: dict, answer: str = "", encoding: str | None = None) -> str:
    content = {"text": answer} | ({"encoding": encoding} if encoding else {})
    entries: list[object] = [
        {"request": {"method": "GET", "url": "https://app.example.com/", "headers": []}},
        *({"request": each, "response": {"content": content}} for each in requests),
        {"request": None},
        7,
    ]
    return json.dumps({"log": {"version": "1.2", "entries": entries}}, indent=1)


def got(url: str) -> dict:
    return {"method": "GET", "url": url}


def posted(body: str | None = None, *, url: str = DESTINATION, **data: object) -> dict:
    text = {} if body is None else {"text": body}
    return {"method": "POST", "url": url, "postData": {"mimeType": TYPE} | text | data}


def traced(*requests: dict) -> str:
    """As SAML-tracer 1.8 exports."""
    common = {"requestId": "1", "requestHeaders": [{"name": "Host", "value": HOST}]}
    return json.dumps(
        {"requests": [common | each for each in requests], "timestamp": "t"}, indent=2
    )


def folded(text: str, width: int = 80, end: str = "\n") -> str:
    return end.join(text[start : start + width] for start in range(0, len(text), width))


def form(**fields: str) -> str:
    return "&".join(f"{name}={escaped(value)}" for name, value in fields.items())


BARE = f"SAMLRequest={VALUE}"
POST_BARE = f"SAMLRequest={post_value(XML)}"
FIELDS = {"SAMLRequest": post_value(SIGNED), "RelayState": "two words"}
PLAIN_FIELDS = f"SAMLRequest={FIELDS['SAMLRequest']}&RelayState=two words"
CARETS = URL.replace("%", "^%").replace("&", "^&")
MULTIPART = "\r\n".join(
    [
        "--b",
        'Content-Disposition: form-data; name="SAMLRequest"',
        "",
        FIELDS["SAMLRequest"],
        "--b",
        'Content-Disposition: form-data; name="RelayState"',
        "",
        "two words",
        "--b--",
    ]
)
UTF16 = '<?xml version="1.0" encoding="utf-16"?>\n' + XML
LATIN = '<?xml version="1.0" encoding="iso-8859-1"?>' + authn_request(ProviderName="é")

UNEVEN_XML = next(
    xml for n in range(200) if len(post_value(xml := XML + " " * n)) % 64 == 0 and len(xml) % 3 == 2
)
"""Its base64 ends in one `=`, in a line as long as those of quoted-printable."""
UNEVEN = post_value(UNEVEN_XML)

ROWS = [
    row("a URL", URL, PasteKind.URL, R),
    row("a URL in quotes", f' "{URL}"\n', PasteKind.URL, R),
    row("a URL with user and password", URL.replace("//", "//me:secret@", 1), PasteKind.URL, R),
    row("a URL with a fragment", URL + "#top", PasteKind.URL, R),
    row("a URL of HTML", URL.replace("&", "&amp;"), PasteKind.URL, R, "HTML entities"),
    row("a URL without scheme", URL.removeprefix("https://"), PasteKind.URL, R,
        url=DESTINATION.removeprefix("https://")),
    row("a path", URL.removeprefix(f"https://{HOST}"), PasteKind.URL, R, url=PATH),
    row("an unsigned URL", f"{DESTINATION}?{form(SAMLRequest=VALUE)}", PasteKind.URL, R,
        sent=form(SAMLRequest=VALUE)),
    row("a URL with more", f"{DESTINATION}?sso_reload=true&{QUERY}", PasteKind.URL, R,
        sent=f"sso_reload=true&{QUERY}"),
    row("raw + / = and apostrophe", f"{DESTINATION}?{BARE}&RelayState=it's/?a:b+c", PasteKind.URL, R,
        sent=f"{BARE}&RelayState=it's/?a:b+c"),
    row("a broken URL", folded(URL), PasteKind.URL, R, "line breaks"),
    row("a broken and indented URL", folded(URL, end="\r\n    "), PasteKind.URL, R, "line breaks"),
    row("a URL of a mail", quopri.encodestring(URL.encode()).decode(), PasteKind.URL, R,
        "quoted-printable"),
    row("a URL in UTF-16", URL.encode("utf-16"), PasteKind.URL, R, "UTF-16"),
    row("a URL behind a byte order mark", "\ufeff" + URL, PasteKind.URL, R, "byte order mark"),
    row("a query", QUERY, PasteKind.URL, R, url=None),
    row("a query behind its mark", "?" + QUERY, PasteKind.URL, R, url=None),
    row("a query line by line", QUERY.replace("&", "\n&"), PasteKind.URL, R, "line breaks", url=None),
    row("a query without signature", form(SAMLRequest=VALUE), PasteKind.URL, R, url=None,
        sent=form(SAMLRequest=VALUE)),
    row("a body", BODY, PasteKind.FORM_BODY, P, url=None, sent=BODY, xml=SIGNED),
    row("a broken body", folded(BODY), PasteKind.FORM_BODY, P, "line breaks", url=None, sent=BODY,
        xml=SIGNED),
    row("a body with a signature beside it", BODY + "&SigAlg=a&Signature=b", PasteKind.FORM_BODY, P,
        url=None, sent=BODY + "&SigAlg=a&Signature=b", xml=SIGNED),
    row("a body that begins with RelayState", "RelayState=https://a.example/?b=c&" + POST_BARE,
        PasteKind.FORM_BODY, P, url=None, sent="RelayState=https://a.example/?b=c&" + POST_BARE),
    row("a deflated body with a signature in the XML", post_body(SIGNED, deflate=True),
        PasteKind.FORM_BODY, None, url=None, sent=post_body(SIGNED, deflate=True), xml=SIGNED),
    row("a page", post_form(SIGNED, relay_state="two words"), PasteKind.FORM_BODY, P, "HTML",
        sent=PLAIN_FIELDS, xml=SIGNED, is_as_sent=False),
    row("a page that is escaped itself", post_form(SIGNED, relay_state="two words").replace("<", "&lt;"),
        PasteKind.FORM_BODY, P, "HTML entities", "HTML", sent=PLAIN_FIELDS, xml=SIGNED,
        is_as_sent=False),
    row("the answer with a page", "HTTP/1.1 200 OK\r\n\r\n" + post_form(SIGNED, relay_state="two words"),
        PasteKind.FORM_BODY, P, "HTML", sent=PLAIN_FIELDS, xml=SIGNED, is_as_sent=False),
    row("fields without their form",
        f"<INPUT TYPE=hidden NAME=SAMLRequest VALUE='{VALUE}'><input name=noise disabled>",
        PasteKind.FORM_BODY, P, "HTML", sent=f"{BARE}&noise=", url=None, is_as_sent=False),
    row("a form that is sent by GET",
        f"<form action='{DESTINATION}'><input value=&#{ord(VALUE[0])};{VALUE[1:]} name=SAMLRequest data-x='"
        + "<" + "'></form><form><input name=q></form>",
        PasteKind.FORM_BODY, R, "HTML", sent=BARE, is_as_sent=False),
    row("a value", VALUE, PasteKind.SAML, None, sent=BARE, url=None, is_as_sent=False),
    row("a value of a post", post_value(XML), PasteKind.SAML, None, sent=POST_BARE, url=None,
        is_as_sent=False),
    row("a broken value", folded(VALUE, 76), PasteKind.SAML, None, "line breaks", sent=BARE, url=None,
        is_as_sent=False),
    row("a value of openssl base64", folded(UNEVEN, 64) + "\n", PasteKind.SAML, None, "line breaks",
        sent=f"SAMLRequest={UNEVEN}", url=None, xml=UNEVEN_XML, is_as_sent=False),
    row("a query above an error", f"{form(SAMLRequest=VALUE)}\n\n{ERROR}", PasteKind.LOG, R,
        sent=form(SAMLRequest=VALUE), url=None),
    row("one row", f"SAMLRequest: {VALUE}\n", PasteKind.LOG, None, sent=BARE, url=None,
        is_as_sent=False),
    row("an escaped value", escaped(VALUE), PasteKind.SAML, None, sent=form(SAMLRequest=VALUE),
        url=None, is_as_sent=False),
    row("a value escaped twice", escaped(escaped(VALUE)), PasteKind.SAML, None,
        sent=form(SAMLRequest=escaped(VALUE)), url=None, is_as_sent=False),
    row("XML", XML, PasteKind.SAML, None, sent="", url=None, is_as_sent=False),
    row("XML as octets", b"\xef\xbb\xbf\n" + XML.encode() + b"\n", PasteKind.SAML, None,
        "byte order mark", sent="", url=None, is_as_sent=False),
    row("XML in UTF-16", UTF16.encode("utf-16"), PasteKind.SAML, None, "UTF-16", sent="", url=None,
        xml=UTF16, is_as_sent=False),
    row("XML that says it was in UTF-16", UTF16, PasteKind.SAML, None, sent="", url=None, xml=UTF16,
        is_as_sent=False),
    row("XML in Latin-1", LATIN.encode("latin-1"), PasteKind.SAML, None, sent="", url=None,
        xml=LATIN, is_as_sent=False),
    row("XML in a log", f"2026-03-10 sending {XML} to Entra", PasteKind.SAML, None, sent="", url=None,
        is_as_sent=False),
    row("XML and an error", f"{XML}\n\n{ERROR}", PasteKind.SAML, None, sent="", url=None,
        is_as_sent=False),
    row("escaped XML", XML.replace("<", "&lt;").replace(">", "&gt;"), PasteKind.SAML, None,
        "HTML entities", sent="", url=None, is_as_sent=False),
    row("a GET request", http(PATH + "?" + QUERY), PasteKind.HTTP_REQUEST, R),
    row("a GET request to a whole URL", f"GET {URL}\n", PasteKind.HTTP_REQUEST, R),
    row("a broken GET request", folded(f"GET {URL} HTTP/1.1") + "\nHost: a.example\n",
        PasteKind.HTTP_REQUEST, R, "line breaks"),
    row("a POST request", http(PATH, BODY), PasteKind.HTTP_REQUEST, P, sent=BODY, xml=SIGNED),
    row("a POST request from a page with a request", http(PATH, BODY, f"Referer: {URL}"),
        PasteKind.HTTP_REQUEST, P, sent=BODY, xml=SIGNED),
    row("a POST request with the message in its URL", http(PATH + "?" + QUERY, "a=b"),
        PasteKind.HTTP_REQUEST, R),
    row("a raw + in a POST request", http(PATH, POST_BARE.replace("=", "%3D").replace("%3D", "=", 1)),
        PasteKind.HTTP_REQUEST, P,
        sent=POST_BARE.replace("=", "%3D").replace("%3D", "=", 1)),
    row("a request whose body is of another", http("/?a=b") + f"\r\nlog: {BODY}", PasteKind.HTTP_REQUEST,
        P, sent=BODY, xml=SIGNED, url=None),
    row("a Referer alone", f"GET /next HTTP/1.1\r\nReferer: {URL}\r\n", PasteKind.HTTP_REQUEST, R),
    row("a Location", f"HTTP/1.1 302 Found\r\nLocation: {URL}\r\n\r\n", PasteKind.LOG, R),
    row("a Location and an error", f"location: {URL}\n{ERROR}", PasteKind.LOG, R),
    row("a link in a text", f"see <a href='{URL}'>it</a>", PasteKind.LOG, R),
    row("escaped slashes", f'go("{URL}")'.replace("/", "\\/"), PasteKind.LOG, R),
    row("curl", shlex.join(["curl", URL, "-H", "Accept: */*"]), PasteKind.CURL, R),
    row("curl with a Referer", shlex.join(["curl", URL, "-H", f"Referer: {redirect_url(LOGOUT)}"]),
        PasteKind.CURL, R),
    row("curl of cmd.exe", f'curl "{CARETS}" ^\n  -H ^"Accept: */*^"', PasteKind.CURL, R),
    row("curl of cmd.exe with carets before quotes", f'curl ^"{CARETS}^" ^\n  -H ^"Accept: */*^"',
        PasteKind.CURL, R),
    row("curl of PowerShell", f'curl.exe "{URL}" `\n -H "Accept: */*"', PasteKind.CURL, R),
    row("curl that posts", shlex.join(["curl", "-s", DESTINATION, "--data-raw", BODY]),
        PasteKind.CURL, P, sent=BODY, xml=SIGNED),
    row("curl that posts piece by piece",
        shlex.join(["curl", DESTINATION, *(w for p in BODY.split("&") for w in ("-d", p))]),
        PasteKind.CURL, P, sent=BODY, xml=SIGNED),
    row("curl that encodes",
        shlex.join(["curl", "-G", DESTINATION, "--data-urlencode", BARE]), PasteKind.CURL, R,
        sent=form(SAMLRequest=VALUE)),
    row("curl without a URL", shlex.join(["curl", "-d", BODY]), PasteKind.CURL, P, sent=BODY,
        xml=SIGNED, url=None),
    row("the second of two commands", f"curl -d a=b https://a.example\ncurl '{URL}'", PasteKind.CURL, R),
    row("PowerShell", f'Invoke-WebRequest -Uri "{DESTINATION}" -Method "POST" `\n-Body "{BODY}"',
        PasteKind.POWERSHELL, P, sent=BODY, xml=SIGNED, url=None),
    row("fetch", f'fetch("{DESTINATION}", {{ "body": "{BODY}", "method": "POST" }});', PasteKind.LOG,
        P, sent=BODY, xml=SIGNED, url=None),
    row("rows below the line of a request",
        f"POST {DESTINATION} HTTP/1.1\nHost: {HOST}\n\nSAMLRequest: {FIELDS['SAMLRequest']}\n"
        "RelayState: two words\n", PasteKind.LOG, P, sent=PLAIN_FIELDS, xml=SIGNED, is_as_sent=False),
    row("rows below the line of a request by GET",
        f"GET {DESTINATION}\nHost: {HOST}\n\nSAMLRequest: {VALUE}\nRelayState: x\n", PasteKind.LOG,
        None, sent=f"{BARE}&RelayState=x", is_as_sent=False),
    row("rows below the lines of two requests",
        f"POST {DESTINATION}\nPOST {DESTINATION}\n\nSAMLRequest: {VALUE}\nRelayState: x\n",
        PasteKind.LOG, None, sent=f"{BARE}&RelayState=x", url=None, is_as_sent=False),
    row("a form as Firefox copies it", BODY.replace("&", "\n"), PasteKind.FORM_BODY, P, "line breaks",
        sent=BODY, xml=SIGNED, url=None),
    row("a query as Firefox copies it", QUERY.replace("&", "\r\n"), PasteKind.URL, R, "line breaks",
        url=None),
    row("a form as Firefox copied it once, decoded", PLAIN_FIELDS.replace("&", "\n"), PasteKind.LOG,
        None, sent=PLAIN_FIELDS, xml=SIGNED, url=None, is_as_sent=False),
    row("pairs in quotes",
        f'host=x SAMLRequest="{VALUE}" user="me" RelayState=\'a b\' SigAlg="{SIGNATURE_METHODS["SHA1"]}"',
        PasteKind.LOG, R, sent=f"{BARE}&RelayState=a b&SigAlg={SIGNATURE_METHODS['SHA1']}", url=None,
        is_as_sent=False),
    row("pairs in quotes, again and again",
        f'SAMLRequest="{post_value(LOGOUT)}" RelayState="a"\nSAMLRequest="{VALUE}" RelayState="b"\n'
        'RelayState="c"', PasteKind.LOG, None, sent=f"{BARE}&RelayState=b", url=None, is_as_sent=False),
    row("a page that sends on by itself",
        f'<html><meta http-equiv="refresh" content="0;url={URL.replace("&", "&amp;")}"></html>',
        PasteKind.LOG, R, "HTML entities"),
    row("a page that sends on in single quotes",
        f"<meta http-equiv='refresh' content=\"5; URL='{URL.replace('&', '&amp;')}'\">",
        PasteKind.LOG, R, "HTML entities"),
    row("a URL with its name in a log", f"t=1 location={URL} status=302", PasteKind.LOG, R),
    row("a multipart form", http(PATH, MULTIPART).replace(TYPE, "multipart/form-data; boundary=b"),
        PasteKind.FORM_BODY, P, sent=PLAIN_FIELDS, xml=SIGNED, is_as_sent=False),
    row("the parts of a multipart form", MULTIPART.replace("\r\n", "\n"), PasteKind.FORM_BODY, P,
        sent=PLAIN_FIELDS, xml=SIGNED, url=None, is_as_sent=False),
    row("a link of Slack", f"<{URL}|sign in>", PasteKind.LOG, R),
    row("a link of Slack alone", f"<{URL}|login>", PasteKind.URL, R),
    row("a link of Slack in a text", f"see <{URL}|login>, please", PasteKind.LOG, R),
    row("rows of a browser", f"SAMLRequest: {VALUE}\nRelayState: a b\nSigAlg: {SIGNATURE_METHODS['SHA1']}"
        f"\nSignature: {'A' * 171}=", PasteKind.LOG, R,
        sent=f"{BARE}&RelayState=a b&SigAlg={SIGNATURE_METHODS['SHA1']}&Signature={'A' * 171}=",
        url=None, is_as_sent=False),
    row("rows of names and values", f"SAMLRequest\n{VALUE}\nRelayState\nx\n", PasteKind.LOG, None,
        sent=f"{BARE}&RelayState=x", url=None, is_as_sent=False),
    row("a printed dictionary", str({"SAMLRequest": VALUE, "RelayState": "x"}), PasteKind.LOG, None,
        sent=f"{BARE}&RelayState=x", url=None, is_as_sent=False),
    row("printed pairs", str([("SAMLRequest", VALUE), ("RelayState", "x")]), PasteKind.LOG, None,
        sent=f"{BARE}&RelayState=x", url=None, is_as_sent=False),
    row("a URL in a URL", f"https://a.example/in?to={escaped(URL)}&b=c", PasteKind.LOG, R,
        "percent-encoding"),
    row("a URL in a URL in a URL", f"https://a.example/in?to={escaped(escaped(PATH + '?' + QUERY))}",
        PasteKind.LOG, R, "percent-encoding", url=PATH),
    row("HAR, GET", har(got(URL)), PasteKind.HAR, R),
    row("HAR, POST", har(posted(BODY)), PasteKind.HAR, P, sent=BODY, xml=SIGNED),
    row("HAR, the last of several", har(got(redirect_url(alg=None)), posted(BODY),
        posted(form(SAMLResponse=post_value(RESPONSE)), url=ACS_URL)), PasteKind.HAR, P, sent=BODY,
        xml=SIGNED),
    row("HAR, parameters", har(posted(params=[{"name": n, "value": v} for n, v in FIELDS.items()])),
        PasteKind.HAR, P, sent=PLAIN_FIELDS, xml=SIGNED, is_as_sent=False),
    row("HAR, encoded parameters",
        har(posted(params=[{"name": n, "value": escaped(v)} for n, v in FIELDS.items()])),
        PasteKind.HAR, P, sent=form(**FIELDS), xml=SIGNED, is_as_sent=False),
    row("HAR, multipart", har(posted(MULTIPART, mimeType="multipart/form-data; boundary=b")),
        PasteKind.HAR, P, sent=PLAIN_FIELDS, xml=SIGNED, is_as_sent=False),
    row("SAML-tracer, GET", traced(got(URL) | {"get": [["SAMLRequest", VALUE]], "saml": XML}),
        PasteKind.JSON, R),
    row("SAML-tracer, POST",
        traced({"method": "POST", "url": DESTINATION, "post": [*map(list, FIELDS.items()), ["a"], 7]}),
        PasteKind.JSON, P, sent=PLAIN_FIELDS, xml=SIGNED, is_as_sent=False),
    row("SAML-tracer, hashed",
        traced({"method": "POST", "url": DESTINATION, "post": [["SAMLRequest", "{hash:1f}"]],
                "saml": SIGNED}),
        PasteKind.JSON, P, sent="", xml=SIGNED, is_as_sent=False),
    row("SAML-tracer, without parameters", traced({"url": DESTINATION, "saml": XML, "post": None}),
        PasteKind.JSON, None, sent="", is_as_sent=False),
    row("JSON with parameters", json.dumps([{"level": 3, "fields": FIELDS}]), PasteKind.JSON, None,
        sent=PLAIN_FIELDS, xml=SIGNED, url=None, is_as_sent=False),
    row("JSON with a URL", json.dumps({"requests": [], "url": [URL]}), PasteKind.JSON, R),
    row("JSON lines with XML", json.dumps({"a": None}) + "\n" + json.dumps({"b": XML}), PasteKind.JSON,
        None, sent="", url=None, is_as_sent=False),
]  # fmt: skip


@pytest.mark.parametrize("each", ROWS, ids=lambda each: each.name)
def test_a_request_comes_out_of_its_paste(each: Row):
    submission = read_saml(each.paste)
    assert (submission.kind, submission.binding) == (each.kind, each.binding)
    assert "&".join(f"{p.name}={p.raw}" for p in submission.parameters) == each.sent
    assert submission.is_as_sent is each.is_as_sent
    assert submission.removed == each.removed
    assert submission.url == each.url
    assert submission.message is Message.AUTHN_REQUEST
    request = decode_request(submission)
    assert request.root is not None
    wanted = "latin-1" if "8859" in each.xml else "utf-16" if "utf-16" in each.xml else "utf-8"
    assert request.xml == each.xml.encode(wanted)
    assert submission.length == len(
        each.paste if isinstance(each.paste, str) else each.paste.decode(*_codec(each.paste))
    ) - (each.removed == ("byte order mark",) and isinstance(each.paste, str))


def _codec(paste: bytes) -> tuple[str]:
    if paste.startswith(b"\xff\xfe"):
        return ("utf-16",)
    return ("utf-8-sig",) if paste.isascii() or paste.startswith(b"\xef\xbb\xbf") else ("cp1252",)


def test_each_value_is_decoded_once_and_keeps_its_octets():
    submission = read_saml(URL)
    assert submission.value("SAMLRequest") == VALUE
    assert submission.value("RelayState") == RELAY_STATE
    assert submission.value("SigAlg") == SIGNATURE_METHODS["SHA256"]
    raw = {each.name: each.raw for each in submission.parameters}
    assert "%3a" in raw["SigAlg"]
    assert "%3A" not in raw["SigAlg"]
    octets = "&".join(f"{name}={raw[name]}" for name in build_saml.ORDER)
    key().public_key().verify(
        base64.b64decode(submission.value("Signature") or ""),
        octets.encode(),
        padding.PKCS1v15(),
        hashes.SHA256(),
    )


def test_a_plus_is_a_space_where_the_value_is_no_base64():
    submission = read_saml(f"{DESTINATION}?SAMLRequest=PHg+PHg+&RelayState=a+b&Signature=a+b%2B")
    assert submission.value("SAMLRequest") == "PHg+PHg+"
    assert submission.value("RelayState") == "a b"
    assert submission.value("Signature") == "a+b+"


def test_the_binding_that_is_given_goes_before_the_one_that_shows():
    assert read_saml(URL, binding=P).binding is P
    assert read_saml(VALUE, binding=R).binding is R
    assert read_saml(QUERY, binding=P).kind == PasteKind.URL


@pytest.mark.parametrize(
    ("paste", "message"),
    [
        (f"{DESTINATION}?{form(SAMLRequest=redirect_value(LOGOUT))}", Message.LOGOUT_REQUEST),
        (form(SAMLResponse=post_value(RESPONSE)), Message.RESPONSE),
        (form(SAMLResponse="%%%"), Message.RESPONSE),
        (form(SAMLResponse=post_value(LOGOUT.replace("Request", "Response"))), Message.LOGOUT_RESPONSE),
        (RESPONSE, Message.RESPONSE),
        ("<md:EntityDescriptor xmlns:md='urn:oasis:names:tc:SAML:2.0:metadata'/>", Message.METADATA),
        ("<saml:Assertion xmlns:saml='urn:oasis:names:tc:SAML:2.0:assertion'/>", Message.ASSERTION),
        ("https://app.example.com/acs?SAMLart=AAQAAMh48%2F1o&RelayState=x", Message.ARTIFACT),
        ("https://login.microsoftonline.com/x/wsfed?wa=wsignin1.0&wtrealm=urn%3Aa", Message.WS_FEDERATION),
        ("POST / HTTP/1.1\nHost: a\n\nwa=wsignin1.0&wresult=%3Ct%3E", Message.WS_FEDERATION),
        (f"<S:Envelope xmlns:S='s'><S:Body>{XML}</S:Body></S:Envelope>", Message.SOAP),
        (f"<S:Envelope xmlns:S='s'><a xmlns='urn:liberty:paos:2003-08'/>{XML}</S:Envelope>", Message.PAOS),
        ("GET / HTTP/1.1\nHost: a\nPAOS: ver='urn:liberty:paos:2003-08'\n", Message.PAOS),
        (token(), Message.JWT),
        (f"client_assertion={token()}", Message.JWT),
        ("<html><body>no form</body></html>", Message.UNKNOWN),
        (MULTIPART.replace("SAML", "Other"), Message.UNKNOWN),
        ("nothing of the sort", Message.UNKNOWN),
        ("{}", Message.UNKNOWN),
        ("GET /a#SAMLRequest=a", Message.UNKNOWN),
        ("/a?b=noSAMLRequest%3Da", Message.UNKNOWN),
        ("<input" + "".join(f" a{n}=1" for n in range(50)) + " name=SAMLRequest>", Message.UNKNOWN),
        ("A" * 99, Message.UNKNOWN),
    ],
)  # fmt: skip
def test_what_is_no_sign_in_request_is_named(paste: str, message: Message):
    submission = read_saml(paste)
    assert submission.message is message
    assert decode_request(submission).message is message


@pytest.mark.parametrize(
    ("paste", "kind"),
    [
        (der(certificate()), PasteKind.CERTIFICATE),
        (pem(certificate()), PasteKind.CERTIFICATE),
        (b64(der(certificate())), PasteKind.CERTIFICATE),
        (key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ), PasteKind.PRIVATE_KEY),
        (token(), PasteKind.JWT),
        (f"Error: {ERROR}", PasteKind.ERROR),
        ("{}", PasteKind.JSON),
        ("these words are longer than a value has to be to be taken for one at all", PasteKind.OTHER),
        ("SAML", PasteKind.OTHER),
        ("A" * 99, PasteKind.SAML),
        ("A" * 20, PasteKind.OTHER),
    ],
)  # fmt: skip
def test_what_is_no_message_at_all_is_named_by_its_kind(paste: str | bytes, kind: PasteKind):
    submission = read_saml(paste)
    assert submission.kind == kind
    assert submission.binding is None


def test_of_several_messages_the_last_sign_in_request_is_meant():
    old, new = redirect_url(authn_request(ID="_old")), redirect_url(authn_request(ID="_new"))
    logout = redirect_url(LOGOUT)
    artifact = "https://app.example.com/acs?SAMLart=AAQ"
    cut = f"{DESTINATION}?SAMLRequest=AAAA"
    submission = read_saml(
        "\n".join([logout, old, new, old, artifact, cut, f"{DESTINATION}?wa=wsignin1.0"])
    )
    assert decode_request(submission).xml == authn_request(ID="_new").encode()
    assert submission.others == (
        "a LogoutRequest",
        "another AuthnRequest",
        "an artifact",
        "a message that cannot be read",
        "a WS-Federation request",
    )


def test_a_broken_request_is_meant_where_there_is_no_whole_one():
    submission = read_saml(f"{redirect_url(LOGOUT)}\n{DESTINATION}?SAMLRequest=AAAA\n")
    assert submission.value("SAMLRequest") == "AAAA"
    assert submission.others == ("a LogoutRequest",)
    assert read_saml(f"{redirect_url(LOGOUT)}\n{redirect_url(RESPONSE)}").others == (
        "a LogoutRequest",
    )


def test_no_more_than_a_few_messages_are_looked_at():
    urls = [f"{DESTINATION}?SAMLart={n}" for n in range(2000)]
    assert len(read_saml("\n".join(urls)).others) == 8
    last = read_saml(har(*map(got, urls[:1000]), got(URL)))
    assert last.message is Message.AUTHN_REQUEST
    assert len(last.others) == 8
    assert len(read_saml("\n".join(["curl -d SAMLart=1 https://a.example"] * 200)).others) == 0
    assert len(read_saml("<Response></Response>" * 99).others) == 0


def test_a_file_of_xml_is_not_beside_itself():
    submission = read_saml(f"\n{XML}\n".encode())
    assert (submission.xml, submission.others) == (XML.encode(), ())


@pytest.mark.parametrize(
    "paste",
    [
        f"{URL}\n\n{ERROR}",
        f"{ERROR}\n{BODY}",
        har(got(URL), answer=f"<html>{ERROR}"),
        har(got(URL), answer=b64(ERROR.encode()), encoding="base64"),
        json.dumps({"request": {"url": URL}, "error": ERROR}),
    ],
)
def test_the_error_it_drew_is_read(paste: str):
    submission = read_saml(paste)
    assert submission.error is not None
    assert submission.error.code == "AADSTS76021"
    assert submission.message is Message.AUTHN_REQUEST


def test_what_a_browser_asked_besides_tells_no_error():
    noise = har(got(f"{URL}&x=AADSTS50011"), answer="A", encoding="base64")
    assert read_saml(noise).error is None


@pytest.mark.parametrize("empty", ["", b"", " \n", b"\xef\xbb\xbf", "\ufeff"])
def test_nothing_is_an_error(empty: str | bytes):
    with pytest.raises(InputError, match="the input is empty"):
        read_saml(empty)


def test_octets_of_xml_that_are_no_utf8_stay_what_they_are():
    octets = XML.encode().replace(b"app", b"\xffpp", 1)
    submission = read_saml(octets)
    assert submission.xml == octets
    assert [flaw.kind for flaw in decode_request(submission).flaws] == ["not-utf8"]


def test_a_doctype_is_part_of_the_request():
    for before in ("<!DOCTYPE a [<!ENTITY e 'x'>]>", "<?xml version='1.0'?><!DOCTYPE a>"):
        for around in ("", "log: "):
            submission = read_saml(around + before + XML)
            request = decode_request(submission)
            assert [flaw.kind for flaw in request.flaws] == ["dtd"]
            assert request.message is Message.AUTHN_REQUEST


def test_xml_that_cannot_be_written_as_it_declares_is_utf8():
    xml = '<?xml version="1.0" encoding="iso-8859-1"?>' + authn_request(ProviderName="\u0416")
    assert read_saml(xml).xml == xml.encode()


def test_a_signature_that_a_terminal_broke_is_joined():
    width = len(f"GET {URL}") - 40
    paste = folded(f"GET {URL} HTTP/1.1", width) + f"\nHost: {HOST}\n"
    assert read_saml(paste).raw("Signature") == QUERY.rpartition("=")[2]
    # What is no better joined stays as it was.
    broken = f"GET {DESTINATION}?SAMLRequest=AAAA\nHost: {'a' * 60}\n{'b' * 66}\n"
    assert read_saml(broken).value("SAMLRequest") == "AAAA"


def _private_key() -> str:
    return (
        key()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def _verified(url: str, alg: hashes.HashAlgorithm) -> SamlSubmission:
    """Read `url`, and verify the query that comes back as SAML Bindings 3.4.4.1 has it."""
    submission = read_saml(url)
    octets = "&".join(
        f"{name}={submission.raw(name)}"
        for name in build_saml.ORDER
        if submission.raw(name) is not None
    )
    key().public_key().verify(
        base64.b64decode(submission.value("Signature") or ""),
        octets.encode(),
        padding.PKCS1v15(),
        alg,
    )
    return submission


@pytest.mark.parametrize("alg", ["SHA1", "SHA256"])
@pytest.mark.parametrize("relay_state", ["", "x", RELAY_STATE])
def test_a_redirect_of_pysaml2_is_read_to_the_octet(alg: str, relay_state: str):
    made = http_redirect_message(
        XML,
        DESTINATION,
        relay_state=relay_state,
        sigalg=SIGNATURE_METHODS[alg],
        sign=True,
        backend=RSACrypto(key()),
    )
    url = made["headers"][0][1]
    submission = _verified(url, hashes.SHA1() if alg == "SHA1" else hashes.SHA256())
    assert submission.value("RelayState") == (relay_state or None)
    request = decode_request(submission)
    assert request.xml == XML.encode()
    assert request.flaws == ()


def test_a_page_of_pysaml2_is_read_to_the_octet():
    made = http_form_post_message(SIGNED, DESTINATION, relay_state="a&b<\"'")
    submission = read_saml(made["data"])
    assert (submission.binding, submission.url) == (P, DESTINATION)
    assert submission.value("RelayState") == "a&b<\"'"
    request = decode_request(submission)
    assert request.xml == SIGNED.encode()
    assert request.flaws == ()


@pytest.mark.parametrize("alg", ["SHA1", "SHA256"])
def test_a_redirect_of_python3_saml_is_read_to_the_octet(alg: str):
    own = base64.b64encode(der(certificate())).decode()
    settings = {
        "strict": True,
        "sp": {
            "entityId": ISSUER,
            "assertionConsumerService": {"url": ACS_URL},
            "x509cert": own,
            "privateKey": _private_key(),
        },
        "idp": {
            "entityId": "https://sts.windows.net/x/",
            "singleSignOnService": {"url": DESTINATION},
            "x509cert": own,
        },
        "security": {"authnRequestsSigned": True, "signatureAlgorithm": SIGNATURE_METHODS[alg]},
    }
    asked = {
        "https": "on",
        "http_host": "app.example.com",
        "script_name": "/",
        "get_data": {},
        "post_data": {},
    }
    auth = OneLogin_Saml2_Auth(asked, settings)
    url = auth.login(return_to=RELAY_STATE)
    names = [each.name for each in read_saml(url).parameters]
    assert names == ["SAMLRequest", "RelayState", "Signature", "SigAlg"]
    submission = _verified(url, hashes.SHA1() if alg == "SHA1" else hashes.SHA256())
    assert submission.value("RelayState") == RELAY_STATE
    request = decode_request(submission)
    assert request.xml == auth.get_last_request_xml().encode()
    assert request.flaws == ()


def test_a_body_that_python3_saml_signed_is_read_to_the_octet():
    signed = OneLogin_Saml2_Utils.add_sign(
        XML,
        _private_key(),
        pem(certificate()).decode(),
        sign_algorithm=SIGNATURE_METHODS["SHA256"],
        digest_algorithm=DIGEST_METHODS["SHA256"],
    )
    octets = signed.encode() if isinstance(signed, str) else signed
    submission = read_saml(urlencode({"SAMLRequest": b64(octets), "RelayState": RELAY_STATE}))
    assert submission.binding is P
    assert submission.value("RelayState") == RELAY_STATE
    request = decode_request(submission)
    assert request.xml == octets
    assert request.root is not None
    assert "Signature" in [each.name for each in request.root.children]
    assert request.flaws == ()


def test_a_redirect_of_minisaml_is_read_though_it_escapes_less():
    for n in range(8):
        url = get_request_redirect_url(
            saml_endpoint=DESTINATION,
            expected_audience=ISSUER,
            acs_url=ACS_URL,
            relay_state="https://a.example/?b=c d'e/f",
            request_id=f"_{n}",
        )
        submission = read_saml(url)
        assert submission.binding is R
        assert "&".join(f"{p.name}={p.raw}" for p in submission.parameters) == url.partition("?")[2]
        assert submission.value("RelayState") == "https://a.example/?b=c d'e/f"
        request = decode_request(submission)
        assert request.message is Message.AUTHN_REQUEST
        assert request.root is not None
        assert request.root.attributes["ID"] == f"_{n}"
        assert request.flaws == ()


def test_both_shapes_of_the_article_on_aadsts76021_are_read():
    redirect = read_saml(
        f"{DESTINATION}?{redirect_query(relay_state='x', sent_order=[*build_saml.ORDER, 'Signature'])}"
    )
    assert redirect.binding is R
    assert [each.name for each in redirect.parameters] == [*build_saml.ORDER, "Signature"]
    request = decode_request(redirect)
    assert request.is_deflated
    assert request.root is not None
    assert [each.name for each in request.root.children] == ["Issuer", "NameIDPolicy"]

    sent = read_saml(http(PATH, post_body()))
    assert sent.binding is P
    assert [each.name for each in sent.parameters] == ["SAMLRequest"]
    request = decode_request(sent)
    assert not request.is_deflated
    assert request.root is not None
    assert [each.name for each in request.root.children] == ["Issuer", "Signature", "NameIDPolicy"]


LONG: list[tuple[str, Callable[[int], str | bytes]]] = [
    ("names of parameters", lambda n: "SAMLRequest=" * (n // 12)),
    ("a value", lambda n: "SAMLRequest=" + "A" * n),
    ("escapes", lambda n: "SAMLRequest=" + "%41" * (n // 3)),
    ("fields", lambda n: '<input name="' * (n // 13)),
    ("declarations", lambda n: "<?xml " * (n // 6)),
    ("roots", lambda n: "<Response " * (n // 10)),
    ("DOCTYPEs", lambda n: "<!DOCTYPE " * (n // 10) + "<AuthnRequest>"),
    ("letters", lambda n: b"a" * n),
    ("lines", lambda n: "x\n" * (n // 2)),
    ("line breaks", lambda n: "x" + "\n" * n + "x"),
    ("spaces", lambda n: "SAMLRequest=A" + " " * n + "x"),
    ("spaces in a value", lambda n: "SAMLRequest: " + "A " * (n // 2)),
    ("layers of escapes", lambda n: "SAMLRequest%" + "25" * (n // 2) + "3D SAMLRequest%3D"),
    ("spaces in a tag", lambda n: "<input" + " " * n),
    ("entities", lambda n: "&lt;" * (n // 4)),
    ("escapes in a request", lambda n: "GET /a?SAMLRequest=a&b=" + "%41" * (n // 3) + "\n"),
    ("brackets", lambda n: "[" * n),
    ("commands", lambda n: "curl " * (n // 5)),
    ("requests", lambda n: "GET /a\n" * (n // 7)),
    ("rows", lambda n: "RelayState:x\n" * (n // 13)),
    ("values within values", lambda n: "SAMLRequest%3D" * (n // 14)),
    ("quotes", lambda n: "'" * n),
    ("words before a name", lambda n: ("a" * 8000 + " SAMLRequest=A ") * (n // 8015)),
    ("objects", lambda n: '{"SAMLRequest":"A"},' * (n // 20)),
]


@pytest.mark.parametrize("make", [each[1] for each in LONG], ids=[each[0] for each in LONG])
def test_time_grows_with_the_length_and_no_more(make: Callable[[int], str | bytes]):
    paste = make(2 * 1024 * 1024)
    start = time.perf_counter()
    submission = read_saml(paste)
    decode_request(submission)
    # A fraction of it where nothing else runs; a square would take minutes.
    assert time.perf_counter() - start < 10


WORDS = st.sampled_from(
    [
        *(
            "SAMLRequest",
            "SAMLResponse",
            "SAMLart",
            "RelayState",
            "SigAlg",
            "Signature",
            "wa=wsign",
        ),
        *(
            "=",
            "&",
            "?",
            "%",
            "%3D",
            "%25",
            "+",
            "/",
            "://",
            '"',
            "'",
            "\\",
            "<",
            ">",
            "\n",
            " ",
            "{",
        ),
        *(
            "[",
            "}",
            "]",
            ":",
            ",",
            "<input name=",
            "<form ",
            "<AuthnRequest",
            "</AuthnRequest>",
            "curl ",
        ),
        *(
            "POST / HTTP/1.1\n",
            "<!DOCTYPE",
            "<?xml encoding='utf-16'?>",
            "AADSTS76021:",
            "eyJ",
            "\ud800",
        ),
        *("&amp;", "&lt;", "-d ", "$'", "^", "`", "\x00", "PAOS:", "PHg+", VALUE, XML, BODY, QUERY),
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | WORDS.filter(lambda each: "\ud800" not in each),
    lambda inner: st.lists(inner)
    | st.dictionaries(
        st.sampled_from(["log", "entries", "requests", "request", "response", "content", "text", "url",
                         "post", "postData", "params", "name", "value", "saml", "SAMLRequest", "encoding"]),
        inner,
    ),
)  # fmt: skip


@given(st.one_of(st.text(), st.binary(), st.lists(WORDS).map("".join), JSON.map(json.dumps)))
def test_no_paste_raises_anything_but_that_it_is_empty(paste: str | bytes):
    try:
        submission = read_saml(paste)
    except InputError as error:
        assert error.message == "the input is empty"  # noqa: PT017 - nothing is raised, mostly
        return
    decode_request(submission)
    assert submission.kind in set(PasteKind)


def test_no_repr_shows_a_value():
    for paste in (URL, BODY, XML, post_form()):
        shown = repr(read_saml(paste)) + repr(decode_request(read_saml(paste)))
        assert VALUE[:40] not in shown
        assert "PHNhbWxw" not in shown
        assert build_saml.REQUEST_ID not in shown
        assert "~two" not in shown


def test_raw_deflate_is_what_the_builder_makes():
    """A mistake of the builder must not hide in what it is used for."""
    assert decode_request(read_saml(b64(deflated(XML.encode())))).xml == XML.encode()
    assert quote(VALUE, safe="") == escaped(VALUE)


@pytest.mark.parametrize(
    "shape", ["view-source:{}", "[the link]({})", "see [it]({}) for more", "({})", "<{}>"]
)
def test_what_clings_to_a_url_is_no_part_of_it(shape: str):
    url = redirect_url(relay_state="x")
    found = read_saml(shape.format(url))
    assert found.binding is Binding.REDIRECT
    assert found.url == url.partition("?")[0]
    assert [each.raw for each in found.parameters] == [
        each.partition("=")[2] for each in url.partition("?")[2].split("&")
    ]


SIGNED_URL = redirect_url(relay_state="x")
ALGORITHM_LAST = redirect_url(sent_order=("SAMLRequest", "Signature", "SigAlg"))
UNSIGNED_URL = f"{DESTINATION}?SAMLRequest={escaped(VALUE)}"


@pytest.mark.parametrize(
    "shape",
    ["please open {}.", "please open {}, then wait", "open {}!", "open {};", "is it {}?",
     "first|{}|last", "| {}|", "<td>{}</td>", "<pre>{}</pre>", "<url>{}</url>", 'a,b,"{}",c',
     "{{url={}}}", "[2026-01-15] [url={}] [x=1]", "{}</p><p>a&b=c</p>", '{}">', "\u201c{}\u201d",
     "{}.", "{}...", "at ({}), once", "{}\u2026"],
)  # fmt: skip
@pytest.mark.parametrize("url", [SIGNED_URL, ALGORITHM_LAST, UNSIGNED_URL])
def test_what_follows_a_url_is_no_part_of_it(shape: str, url: str):
    found = read_saml(shape.format(url))
    if url == UNSIGNED_URL and shape in ("{}...", "{}\u2026"):
        # There is no telling whether more was there.
        assert found.breaks_off_in == found.parameters[-1].name
        return
    assert (found.url, found.binding, found.breaks_off_in) == (DESTINATION, R, None)
    assert "&".join(f"{p.name}={p.raw}" for p in found.parameters) == url.partition("?")[2]


@pytest.mark.parametrize(
    ("paste", "last"),
    [
        (har(got(f"{SIGNED_URL}.")), "."),
        (
            f"open {SIGNED_URL[:-40]}.QUJDREVGR0hJSktMTU5PUFFSU1RVVldY",
            "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY",
        ),
        (f"open {SIGNED_URL[:-40]}...", "..."),
        (f"open {redirect_url(sent_order=('SAMLRequest', 'SigAlg'))}&Signature=a.b", "a.b"),
    ],
)
def test_what_was_sent_or_stands_within_a_value_is_part_of_it(paste: str, last: str):
    assert read_saml(paste).parameters[-1].raw.endswith(last)


@pytest.mark.parametrize(
    ("paste", "breaks_off_in"),
    [
        (SIGNED_URL, None),
        (SIGNED_URL[:-100], "Signature"),
        (f"see {SIGNED_URL[:-100]}", "Signature"),
        (f"see {SIGNED_URL[:-100]} for more", None),
        (SIGNED_URL.removesuffix("D") + "\n", "Signature"),
        (SIGNED_URL.replace("rsa-sha256", "ecdsa-sha256")[:-100], None),
        (f"{UNSIGNED_URL}&Signature=", None),
        (re.sub("(Signature=.{99})[^&]*", r"\1", ALGORITHM_LAST), None),
        (re.sub("(Signature=.{99})[^&]*", r"\1...", ALGORITHM_LAST), "Signature"),
        (re.sub("(Signature=.{99})[^&]*", "\\1\u2026", ALGORITHM_LAST), "Signature"),
        (re.sub("(SAMLRequest=.{99})[^&]*", r"\1...", SIGNED_URL), "SAMLRequest"),
        (UNSIGNED_URL[:-60], "SAMLRequest"),
        (f"{UNSIGNED_URL[:-60]}&RelayState=x", None),
        (VALUE[:301], "SAMLRequest"),
        (b64(XML[:-20].encode()), None if b64(XML[:-20].encode()).endswith("=") else "SAMLRequest"),
        (b64(XML.encode())[:-41], "SAMLRequest"),
        (b64(XML.replace("</samlp:AuthnRequest>", "").encode()), None),
        (XML[:-30], THE_XML),
        (XML.replace("</samlp:AuthnRequest>", ""), None),
        (XML, None),
        (har(got(SIGNED_URL[:-100])), None),
        (json.dumps({"SAMLRequest": "fZFN...", "Signature": "QUJD"}), "SAMLRequest"),
    ],
)
def test_what_a_paste_does_not_show_to_its_end_is_seen(paste: str, breaks_off_in: str | None):
    assert read_saml(paste).breaks_off_in == breaks_off_in


def test_a_url_that_white_space_broke_is_joined():
    broken = " ".join(re.findall(".{1,90}", SIGNED_URL))
    submission = read_saml(broken)
    assert submission.removed == ("white space",)
    assert (
        "&".join(f"{p.name}={p.raw}" for p in submission.parameters) == SIGNED_URL.partition("?")[2]
    )
    # What is cut short besides is known for that.
    cut = read_saml(" ".join(re.findall(".{1,90}", SIGNED_URL[:-100])))
    assert (cut.removed, cut.breaks_off_in) == (("white space",), "Signature")
    # What is neither whole nor cut short without the white space is left as it is.
    for broken in (f"{SIGNED_URL.replace('%2B', ' ')}", f"{SIGNED_URL[:-100]} {SIGNED_URL}"):
        assert read_saml(broken).removed == ()


OWN = redirect_url(authn_request(ID="_own"))
FEDERATED = redirect_url(
    authn_request(ID="_fed"), url="https://adfs.example.com/adfs/ls/", alg=None
)


def answered(url: str, error: str = "") -> dict:
    return {"request": got(url), "response": {"content": {"text": error}}}


@pytest.mark.parametrize(
    ("entries", "meant", "taken"),
    [
        ([answered(OWN), answered(FEDERATED)], "_own",
         "the one that is not sent to another identity provider"),
        ([answered(FEDERATED), answered(OWN)], "_own", "the last"),
        ([answered(OWN, ERROR), answered(FEDERATED)], "_own",
         "the one that was answered with an error"),
        ([answered(OWN, ERROR), answered(redirect_url(authn_request(ID="_next")))], "_own",
         "the one that was answered with an error"),
        ([answered(OWN), answered(redirect_url(authn_request(ID="_next")))], "_next", "the last"),
        ([answered(FEDERATED)], "_fed", "the last"),
    ],
)  # fmt: skip
def test_of_a_federated_sign_in_the_request_to_entra_is_meant(
    entries: list[dict], meant: str, taken: str
):
    submission = read_saml(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    root = decode_request(submission).root
    assert root is not None
    assert (root.attributes["ID"], submission.taken) == (meant, taken)


def located(url: str) -> dict:
    headers = [{"name": "Content-Type", "value": "x"}, {"name": "location", "value": url}]
    return {"request": got("https://app.example.com/login"), "response": {"headers": headers}}


def test_a_har_that_ends_before_the_request_was_sent_has_it_in_an_answer():
    page = {"text": b64(post_form(SIGNED).encode()), "encoding": "base64"}
    for entry, binding, xml in (
        (located(URL), R, XML),
        ({"request": got("https://app.example.com/"), "response": {"content": page}}, P, SIGNED),
    ):
        submission = read_saml(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
        assert (submission.binding, submission.kind) == (binding, PasteKind.HAR)
        assert (submission.url, decode_request(submission).xml) == (DESTINATION, xml.encode())
    # What was sent goes before what was answered.
    both = [answered(OWN), located(URL)]
    submission = read_saml(json.dumps({"log": {"version": "1.2", "entries": both}}))
    assert decode_request(submission).xml == authn_request(ID="_own").encode()


def test_a_text_area_is_a_field_of_its_form():
    value = b64(SIGNED.encode())
    for area in (f"{value}</textarea></form>", f"\n{value}\n</TEXTAREA></form>"):
        page = f"<form method=post action='{DESTINATION}'><textarea name=SAMLRequest>{area}"
        submission = read_saml(page)
        assert (submission.binding, submission.url) == (P, DESTINATION)
        assert decode_request(submission).xml == SIGNED.encode()
    for broken in ("<textarea name=SAMLRequest", "<textarea name=SAMLRequest>AAAA"):
        assert read_saml(f"<form>{broken}").value("SAMLRequest") == ""


def test_a_command_of_a_batch_file_has_its_percent_signs_doubled():
    for url, sent in ((URL.replace("%", "%%"), QUERY), (URL, QUERY)):
        submission = read_saml(f'curl ^"{url.replace("&", "^&")}^" ^\r\n -H ^"a: b^"')
        assert "&".join(f"{p.name}={p.raw}" for p in submission.parameters) == sent


def test_a_long_value_of_line_breaks_is_refused_in_linear_time():
    paste = "SAMLRequest=" + "%0D%0A" * (16 * 1024 * 1024 // 6 - 10)
    started = time.process_time()
    assert read_saml(paste).message is Message.UNKNOWN
    assert time.process_time() - started < 8


def test_a_command_is_only_seen_at_the_beginning_of_a_word():
    for text, kind in (
        (f"Invoke-WebRequest {URL}", PasteKind.POWERSHELL),
        (f"x; iwr {URL}", PasteKind.POWERSHELL),
        (f"the xiwr {URL}", PasteKind.LOG),
    ):
        assert read_saml(text).kind == kind


def again(query: str) -> str:
    pairs = (pair.partition("=") for pair in query.split("&"))
    return "&".join(f"{name}={escaped(value)}" for name, _, value in pairs)


def test_what_is_percent_encoded_twice_comes_out_in_one_layer():
    for query in (again(QUERY), again(again(QUERY))):
        submission = read_saml(f"{DESTINATION}?{query}")
        assert "&".join(f"{p.name}={p.raw}" for p in submission.parameters) == QUERY
        assert submission.value("RelayState") == RELAY_STATE
        assert "&".join(f"{p.name}={p.raw}" for p in submission.encoded_twice) == query
        assert (submission.binding, submission.kind) == (R, PasteKind.URL)
    assert read_saml(URL).encoded_twice == ()


@pytest.mark.parametrize(
    "query",
    [
        form(SAMLRequest=escaped(VALUE)),
        form(SAMLRequest=VALUE, SigAlg=escaped("RSA:SHA256")),
        form(SAMLRequest=VALUE, SigAlg=escaped(escaped(escaped("RSA:SHA256")))),
        form(SAMLRequest=VALUE, SigAlg=SIGNATURE_METHODS["SHA256"], Signature="%41%"),
        form(SAMLRequest=escaped(VALUE), SigAlg=SIGNATURE_METHODS["SHA256"]),
        form(SAMLRequest=VALUE, RelayState="a%2Fb", SigAlg=SIGNATURE_METHODS["SHA256"]),
    ],
)
def test_of_what_is_percent_encoded_twice_in_part_nothing_is_taken_off(query: str):
    submission = read_saml(f"{DESTINATION}?{query}")
    assert "&".join(f"{p.name}={p.raw}" for p in submission.parameters) == query
    assert submission.encoded_twice == ()


@pytest.mark.parametrize("name", ["SigAlg", "Signature"])
@pytest.mark.parametrize("layers", [1, 2])
def test_an_algorithm_or_a_signature_alone_comes_out_in_one_layer(name: str, layers: int):
    once = {"SAMLRequest": VALUE, "SigAlg": SIGNATURE_METHODS["SHA256"], "Signature": "QUJ+/Q=="}
    more = once[name]
    for _ in range(layers):
        more = escaped(more)
    submission = read_saml(f"{DESTINATION}?{form(**once | {name: more})}")
    assert {each.name: each.value for each in submission.parameters} == once
    assert {each.name: each.value for each in submission.encoded_twice} == once | {name: more}


TARGET = f"{PATH}?SigAlg=a%2Fb&Signature=QUJD"


@pytest.mark.parametrize(
    "paste",
    [
        http(TARGET, BODY),
        http(f"https://{HOST}{TARGET}", BODY),
        "GET /other?Signature=x\n\n" + http(TARGET, BODY),
        har(posted(BODY, url=f"https://{HOST}{TARGET}")),
        har(posted(url=f"https://{HOST}{TARGET}",
                   params=[{"name": n, "value": v} for n, v in FIELDS.items()])),
        traced({"method": "POST", "url": f"https://{HOST}{TARGET}", "post": [*map(list, FIELDS.items())]}),
        shlex.join(["curl", f"https://{HOST}{TARGET}#top", "-d", BODY]),
        post_form(SIGNED, url=f"https://{HOST}{TARGET}"),
    ],
)  # fmt: skip
def test_what_stands_in_the_url_that_a_form_is_posted_to_is_seen(paste: str):
    submission = read_saml(paste)
    assert submission.binding is P
    assert [(each.name, each.raw, each.value) for each in submission.in_url] == [
        ("SigAlg", "a%2Fb", "a/b"),
        ("Signature", "QUJD", "QUJD"),
    ]
    assert submission.value("Signature") is None


@pytest.mark.parametrize(
    "paste",
    [
        URL,
        http(PATH, BODY),
        http(f"{PATH}x?SigAlg=a", "a=b") + "\r\n\r\n" + http(PATH, BODY),
        shlex.join(["curl", "-d", BODY]),
        f"<form action='{DESTINATION}?Signature=a'><input value={VALUE} name=SAMLRequest></form>",
    ],
)
def test_where_a_form_is_not_posted_to_a_query_there_is_nothing_in_its_url(paste: str):
    assert read_saml(paste).in_url == ()


HASHED = SIGNATURE_METHODS["SHA256"]


@pytest.mark.parametrize(
    ("query", "behind"),
    [
        (f"SAMLRequest={escaped(VALUE)}&SigAlg={HASHED}&Signature=a", ("SigAlg", "Signature")),
        (f"SAMLRequest={escaped(VALUE)}&Signature=a&SigAlg={HASHED}", ("SigAlg",)),
        (f"SAMLRequest={escaped(VALUE)}&RelayState=/#/a&SigAlg=b&x=y&Signature=a",
         ("RelayState", "SigAlg", "Signature")),
        (f"RelayState=a&SAMLRequest={escaped(VALUE)}#a=b&c=d", ()),
        (f"SAMLRequest={escaped(VALUE)}&SigAlg=a#b", ()),
        (f"SAMLRequest={escaped(VALUE)}&SigAlg={escaped(HASHED)}&Signature=a#top", ()),
    ],
)  # fmt: skip
def test_what_an_unescaped_hash_cuts_off_is_seen(query: str, behind: tuple[str, ...]):
    for paste in (f"{DESTINATION}?{query}", query, f"Location: {DESTINATION}?{query}\n"):
        submission = read_saml(paste)
        assert submission.behind_hash == behind
        assert submission.message is Message.AUTHN_REQUEST


@pytest.mark.parametrize(
    ("end", "breaks_off_in"),
    [
        ("&SigAlg=http%3A%2F%2Fwww.w3.org%2F200", "SigAlg"),
        ("&SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2", "SigAlg"),
        ("&SigAlg=http%3", "SigAlg"),
        ("&Signature=QUJD&SigAlg=http%3A%2F%2Fwww.w3.org%2F200", "SigAlg"),
        ("&SigAlg=" + escaped(HASHED)[:-1], "SigAlg"),
        ("&SigAlg=" + escaped(HASHED), None),
        ("&SigAlg=http%3A%2F%2Fwww.w3.org%2F200&Signature=QUJD", None),
        ("&SigAlg=RSA-SHA256", None),
        ("&SigAlg=", None),
        ("&RelayState=http", None),
    ],
)
def test_where_a_paste_breaks_off_is_seen(end: str, breaks_off_in: str | None):
    query = f"SAMLRequest={escaped(VALUE)}{end}"
    assert read_saml(f"{DESTINATION}?{query}").breaks_off_in == breaks_off_in
    # Whoever shows the values one by one cuts none off.
    rows = "\n".join(
        f"{name}: {value}" for name, _, value in (p.partition("=") for p in query.split("&"))
    )
    assert read_saml(rows).breaks_off_in is None


@pytest.mark.parametrize(
    ("paste", "names"),
    [
        (f"{DESTINATION}?RelayState=x&SigAlg=y", ["RelayState", "SigAlg"]),
        ("RelayState=x", ["RelayState"]),
        ("sso_reload=true", []),
        (f"{DESTINATION}?a=b", []),
        ("the RelayState=x is", []),
    ],
)
def test_what_goes_with_a_message_is_taken_without_it(paste: str, names: list[str]):
    submission = read_saml(paste)
    assert [each.name for each in submission.parameters] == names
    assert (submission.message, submission.binding) == (Message.UNKNOWN, None)


def test_what_may_be_open_id_connect_is_named_unless_there_is_an_error():
    url = f"https://{HOST}/x/oauth2/authorize?client_id=a&response_type=code"
    assert read_saml(url).message is Message.OPENID_CONNECT
    assert read_saml(f"{url}\n{ERROR}").message is Message.UNKNOWN
    assert read_saml(f"{url}\n{URL}").message is Message.AUTHN_REQUEST


def test_xml_whose_first_tag_is_broken_was_posted():
    broken = XML.replace("saml/acs", "saml/acs?a&b")
    submission = read_saml(form(SAMLRequest=post_value(broken)))
    assert submission.binding is P
    assert decode_request(submission).root is None
