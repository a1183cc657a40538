"""What is read around the assertion: the request, the error, other things; and what is none."""

import base64
import json
import re
import subprocess
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from assertcheck.intake import read_paste
from assertcheck.intake.token_request import expected_from
from assertcheck.model import DirtKind, Expected, TokenRequest
from tests import build
from tests.build import AUD, CLIENT_ID, TENANT, certificate, ec_key, key, pem, token
from tests.paste import ANSWER, ERROR, SCOPE, TOKEN, TYPE, curl, form, har, http, parameters

OTHER_ID = "99999999-2222-4333-8444-555555555555"
HOST = "https://login.microsoftonline.com"
SECRET = "abc8Q~" + "x1Y2z3W4v5" * 3 + "abcd"
V1 = f"{HOST}/{TENANT}/oauth2/token"
COMMAND = [
    f"curl -X POST {AUD}",
    "-H 'Content-Type: application/x-www-form-urlencoded'",
    f"--data-raw '{form()}'",
]
# What Chrome's "Copy as cURL (cmd)" writes: quotation marks and what cmd.exe would act on escaped.
CMD = (
    f'curl ^"{AUD}^" ^\r\n  -H ^"Content-Type: application/x-www-form-urlencoded^" ^\r\n'
    f'  --data-raw ^"{form().replace("&", "^&").replace("%", "^%")}^"'
)
MULTIPART = "".join(
    f'--b0\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    for name, value in parameters().items()
)
POSTMAN = {
    "item": [
        {
            "request": {
                "method": "POST",
                "url": {"raw": AUD, "path": [TENANT]},
                "body": {
                    "mode": "urlencoded",
                    "urlencoded": [{"key": k, "value": v} for k, v in parameters().items()],
                },
            }
        }
    ]
}


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    paste: str
    has: dict[str, Any] = field(default_factory=dict)


def row(name: str, paste: str, **has: Any) -> Row:
    """A paste, and the fields of the request in it that the name is about."""
    return Row(name=name, paste=paste, has=has)


URLENCODED = "application/x-www-form-urlencoded"
WHOLE = {"url": AUD, "client_id": CLIENT_ID, "client_assertion_type": TYPE, "scope": SCOPE,
         "grant_type": "client_credentials", "assertion_parameter": "client_assertion"}  # fmt: skip
CARRIED = {name: value for name, value in WHOLE.items() if name != "url"}

REQUESTS = [
    row("curl-lines", " \\\n  ".join(COMMAND), **WHOLE, method="POST", content_type=URLENCODED),
    row("curl-prompt", f"$ {' '.join(COMMAND)}\n{ANSWER}", **WHOLE, is_whole=True),
    row("curl-markdown", f"`{' '.join(COMMAND)}`", **WHOLE),
    row("curl-pipe", f"{' '.join(COMMAND)} | jq . ; echo done", **WHOLE),
    row("curl-wrapped-by-a-terminal", " ".join(COMMAND).replace("&client_a", "&clie\nnt_a"), **WHOLE),
    row("curl-cmd", CMD, **WHOLE, is_whole=True),
    row("curl-cmd-by-hand", f'curl -X POST {AUD} ^\n -d "{form()}" ^\n -s', **WHOLE, method="POST"),
    row("curl-powershell", f"curl.exe -X POST {AUD} `\n -d \"{form()}\" `\n -s", **WHOLE),
    row("curl-powershell-quotes", f"curl.exe {AUD} `\n -d '{form()}'", **WHOLE, method="POST"),
    row("curl-query", f"curl -G {AUD} -d '{form()}'", **WHOLE, method="GET"),
    row("curl-url-with-query", f"curl -X POST '{AUD}?api-version=1.0' -d '{form()}'", **WHOLE),
    row("curl-url-option", f"curl --url {AUD} -d '{form()}'", **WHOLE),
    row("curl-form-string", curl("--form-string", f"client_assertion={TOKEN}", "-F", f"client_id={CLIENT_ID}"),
        client_id=CLIENT_ID, content_type="multipart/form-data", is_whole=True),
    row("curl-form-file", curl("-F", "client_assertion=<a.jwt", "-F", f"client_id={CLIENT_ID}"), is_whole=False),
    row("curl-urlencode-file", curl("--data-urlencode", "client_assertion@a.jwt", "-d", f"client_id={CLIENT_ID}"),
        is_whole=False, client_id=CLIENT_ID, assertion_parameter=None),
    row("curl-variable", curl("-d", f"client_id={CLIENT_ID}&client_assertion=$JWT&grant_type=x"),
        assertion_parameter="client_assertion", grant_type="x"),
    row("curl-variable-and-token", f"JWT={TOKEN}\ncurl {AUD} -d \"client_id={CLIENT_ID}&client_assertion=$JWT\"",
        assertion_parameter="client_assertion", client_id=CLIENT_ID),
    row("curl-header", f"curl {AUD} -H 'Authorization: Bearer {TOKEN}' -d client_id={CLIENT_ID}",
        assertion_parameter="Authorization"),
    row("curl-twice", f"curl {AUD}\n{' '.join(COMMAND)}\ncurl -s {AUD} -d client_id={OTHER_ID}", **WHOLE),
    row("curl-quote-missing", f"curl {AUD} -d 'client_id={CLIENT_ID}&client_assertion={TOKEN}&grant_type=a", client_id=CLIENT_ID, url=AUD),
    row("curl-user", curl("-u", "name:password", "-d", form()), **WHOLE),
    row("http", http(), **WHOLE, method="POST", content_type=URLENCODED, is_whole=True),
    row("http-port", http().replace("Host: login.microsoftonline.com", "Host: login.microsoftonline.com:443"), **WHOLE),
    row("http-with-comment", f"POST /{TENANT}/oauth2/v2.0/token HTTP/1.1  // line breaks for clarity\nHost: login.microsoftonline.com\n\n{form().replace('&', chr(10) + '&')}", **WHOLE),
    row("http-with-words-behind", http() + "\r\n\r\nThat is all I sent.", **WHOLE, is_whole=True),
    row("http-two", f"GET /me HTTP/1.1\nHost: graph.microsoft.com\nAuthorization: Bearer x\n\n{http()}", **WHOLE),
    row("http-json", http(json.dumps(parameters()), content_type="application/json; charset=utf-8"),
        **WHOLE, content_type="application/json", is_whole=True),
    row("http-json-broken", http('{"client_id": ' + json.dumps(CLIENT_ID)), client_id=None, is_whole=False),
    row("http-multipart", http(f"{MULTIPART}--b0--", content_type="multipart/form-data; boundary=b0"),
        **WHOLE, content_type="multipart/form-data"),
    row("http-no-host", f"POST /{TENANT}/oauth2/v2.0/token\n\n{form()}", **CARRIED, url=f"/{TENANT}/oauth2/v2.0/token"),
    row("http-query", f"GET {AUD}?{form()} HTTP/1.1\r\nHost: x\r\n\r\n", **WHOLE, method="GET", is_whole=False),
    row("url", f"{AUD}?{form()}", **WHOLE, is_whole=False),
    row("form", form(), **CARRIED, url=None, is_whole=True),
    row("form-in-part", form(grant_type=None), **{**CARRIED, "grant_type": None}, is_whole=False),
    row("form-v1", form(scope=None, resource="https://graph.microsoft.com"), resource="https://graph.microsoft.com", scope=None),
    row("form-secret-besides", form(client_secret=SECRET), **CARRIED, has_client_secret=True),
    row("form-other-name", form(client_assertion=None, clientAssertion=TOKEN), assertion_parameter="clientAssertion"),
    row("form-user-token", form(assertion=token(sub="user")), assertion_parameter="client_assertion"),
    row("json", json.dumps(parameters()), **CARRIED, url=None, is_whole=False),
    row("json-names", json.dumps({"clientId": CLIENT_ID, "clientAssertion": TOKEN, "Url": AUD}), client_id=CLIENT_ID, url=AUD),
    row("json-lists", json.dumps({k: [v] for k, v in parameters().items()}), **CARRIED),
    row("json-still-encoded", json.dumps({k: quote(v, safe="") for k, v in parameters().items()}), **CARRIED),
    row("json-url-beside", json.dumps({"request": {"url": AUD}, "body": form()}), **WHOLE),
    row("json-url-in-a-word", json.dumps([{"sent": f"POST {AUD}"}, parameters()]), **WHOLE),
    row("json-two-urls", json.dumps([AUD, V1, parameters()]), **CARRIED, url=None),
    row("postman", json.dumps(POSTMAN), **WHOLE),
    row("har", har(form()), **WHOLE, method="POST", content_type=URLENCODED, is_whole=True),
    row("har-params", har("", params=[{"name": k, "value": quote(v, safe="")} for k, v in parameters().items()]), **WHOLE),
    row("har-json", har(json.dumps(parameters()), mimeType="application/json"), **WHOLE, content_type="application/json"),
    row("log-url", f"POST to {AUD}\nwith {TOKEN}", url=AUD, client_id=None, assertion_parameter=None),
    row("log-print", f"url={AUD} {parameters()}", **WHOLE, is_whole=False),
    row("log-two-requests", f"{parameters(client_id=OTHER_ID, client_assertion=token(sub='x'))}\n{parameters()}", **CARRIED),
    row("log-bearer", f"client_id={CLIENT_ID} client_assertion=Bearer {TOKEN} end", client_id=CLIENT_ID),
    row("log-encoded", f"at 12:00 client_id={CLIENT_ID}&scope={quote(SCOPE, safe='')}&client_assertion={TOKEN.replace('.', '%2E')} sent", scope=SCOPE),
    row("log-open-quote", f"client_id='{CLIENT_ID}', client_assertion=\"{TOKEN}", client_id=CLIENT_ID),
    row("log-escapes", r"client_id=\"" + CLIENT_ID + r"\", scope=\"a\u002fb\", client_assertion=\"" + TOKEN + r"\"", scope="a/b"),
    row("powershell", f"$b = @{{\n client_id = '{CLIENT_ID}'\n scope = \"{SCOPE}\"\n client_assertion = '{TOKEN}'\n}}\nirm {AUD} -Body $b", url=AUD, client_id=CLIENT_ID, scope=SCOPE),
]  # fmt: skip


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: case.name)
def test_the_request_is_read_with_the_assertion(case: Row):
    found = read_paste(case.paste).request
    assert found is not None
    assert {name: getattr(found, name) for name in case.has} == case.has


NO_TOKEN = {"curl-form-file", "curl-urlencode-file", "curl-variable", "http-json-broken"}


@pytest.mark.parametrize(
    "case", [case for case in REQUESTS if case.name not in NO_TOKEN], ids=lambda case: case.name
)
def test_the_assertion_in_a_request_comes_back(case: Row):
    assert read_paste(case.paste).assertion == TOKEN


@pytest.mark.parametrize(
    "text", [TOKEN, f"see {TOKEN} there", ERROR, "hello", ACCESS := token(aud="x")]
)
def test_where_there_is_no_request_none_is_made_up(text: str):
    assert read_paste(text).request is None


def test_of_a_request_that_is_not_that_of_the_assertion_nothing_is_taken():
    log = f'{{"clientId": "{OTHER_ID}"}}\n{{"clientId": "{CLIENT_ID}"}}\n{{"sent": "{TOKEN}"}}'
    found = read_paste(log)
    assert (found.assertion, found.request) == (TOKEN, None)


def test_a_secret_in_the_wrong_field_is_not_shown():
    changed = {"client_id": SECRET, "scope": TOKEN, "resource": f"x {TOKEN}", "grant_type": TOKEN}
    for paste in (form(**changed), http(form(**changed)), json.dumps(parameters(**changed))):
        found = read_paste(paste)
        assert found.request is not None
        assert found.request.client_id == "[redacted: a client secret]"
        assert TOKEN[-40:] not in repr(found)
        assert SECRET not in repr(found)


def test_the_url_is_kept_without_its_query_and_user():
    found = read_paste(f"POST https://me:{SECRET}@example.com/t?client_secret={SECRET}\n\n{form()}")
    assert found.request is not None
    assert found.request.url == "https://example.com/t"
    assert SECRET not in repr(found)


SENT = [
    ("clean", TOKEN, ()),
    ("quotes", f'"{TOKEN}"', (DirtKind.QUOTES,)),
    ("bearer", f"Bearer {TOKEN}", (DirtKind.BEARER,)),
    ("name", f"client_assertion={TOKEN}", (DirtKind.NAME,)),
    ("brackets", f"<{TOKEN}>", (DirtKind.PUNCTUATION,)),
    ("comma", f"{TOKEN},", (DirtKind.PUNCTUATION,)),
    ("line-break", f"{TOKEN}\n", (DirtKind.LINE_BREAKS,)),
    ("blank", f" {TOKEN}", (DirtKind.SPACES,)),
    ("wrapped", f"{TOKEN[:80]}\r\n{TOKEN[80:]}", (DirtKind.LINE_BREAKS,)),
    ("spaced", f"{TOKEN[:80]} {TOKEN[80:]}", (DirtKind.SPACES,)),
    ("zero-width", f"\ufeff{TOKEN}", (DirtKind.INVISIBLE,)),
    ("percent", TOKEN.replace(".", "%2E"), (DirtKind.PERCENT,)),
    ("percent-twice", TOKEN.replace(".", "%252E"), (DirtKind.PERCENT, DirtKind.PERCENT)),
    ("json", json.dumps({"token": TOKEN, "n": 1}), (DirtKind.JSON,)),
    ("json-named", json.dumps({"x": "eyJ", "client_assertion": TOKEN}), (DirtKind.JSON,)),
    ("json-array", json.dumps([TOKEN]), (DirtKind.JSON,)),
    ("json-string", json.dumps(TOKEN), (DirtKind.QUOTES,)),
    ("json-twice", json.dumps({"a": json.dumps({"b": TOKEN})}), (DirtKind.JSON, DirtKind.JSON)),
    ("base64", base64.b64encode(TOKEN.encode()).decode(), (DirtKind.BASE64,)),
    ("text", f"the token is {TOKEN} here", (DirtKind.TEXT,)),
    ("text-wrapped", f"the token is\n{TOKEN[:80]}\n{TOKEN[80:]}\nhere", (DirtKind.TEXT, DirtKind.LINE_BREAKS)),
    ("quotes-in-bearer", f"'Bearer \"{TOKEN}\"'", (DirtKind.QUOTES, DirtKind.BEARER, DirtKind.QUOTES)),
]  # fmt: skip


@pytest.mark.parametrize(("value", "kinds"), [pytest.param(*case[1:], id=case[0]) for case in SENT])
def test_dirt_inside_the_value_that_was_sent_is_told(value: str, kinds: tuple[DirtKind, ...]):
    for paste in (
        form(client_assertion=value),
        http(form(client_assertion=value)),
        har(form(client_assertion=value)),
        json.dumps(parameters(client_assertion=value)),
        curl("-d", form(client_assertion=value)),
        CMD.replace(form().replace("&", "^&").replace("%", "^%"), form(client_assertion=value).replace("&", "^&").replace("%", "^%")),
    ):  # fmt: skip
        found = read_paste(paste)
        assert found.assertion == TOKEN
        assert tuple(dirt.kind for dirt in found.sent_dirty) == kinds
        assert set(found.removed) == set(kinds)
        assert TOKEN[-40:] not in repr(found)


@pytest.mark.parametrize(("value", "kinds"), [pytest.param(*case[1:], id=case[0]) for case in SENT])
def test_the_same_dirt_around_a_bare_assertion_was_not_sent(
    value: str, kinds: tuple[DirtKind, ...]
):
    found = read_paste(value)
    assert (found.assertion, found.sent_dirty) == (TOKEN, ())


def test_a_bare_plus_is_told_where_a_form_would_read_a_space():
    head, body, _ = TOKEN.split(".")
    standard = f"{head}.{body}.ab+/cd+"
    encoded = form().replace(TOKEN, standard)
    found = read_paste(encoded)
    assert found.assertion == standard
    assert [dirt.kind for dirt in found.sent_dirty] == [DirtKind.PLUS]
    right = read_paste(form(client_assertion=standard))
    assert (right.assertion, right.sent_dirty) == (standard, ())
    bearer = read_paste(form().replace(TOKEN, f"Bearer+{TOKEN}"))
    assert [dirt.kind for dirt in bearer.sent_dirty] == [DirtKind.BEARER]


def test_a_value_that_is_quoted_elsewhere_was_not_sent():
    found = read_paste(json.dumps({"client_assertion": f'"{TOKEN}"'}))
    assert (found.assertion, found.removed, found.sent_dirty) == (TOKEN, ("quotes",), ())


def private(holder: build.PrivateKey, form_: str, password: bytes | None = None) -> bytes:
    sealed: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        sealed = serialization.BestAvailableEncryption(password)
    encoding, style = {
        "pkcs8": (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8),
        "pkcs1": (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL),
        "openssh": (serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH),
        "der": (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8),
        "der1": (serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL),
    }[form_]
    octets: bytes = holder.private_bytes(encoding, style, sealed)
    return octets


def jwk() -> dict[str, str]:
    def text(number: int) -> str:
        return build.b64url(number.to_bytes((number.bit_length() + 7) // 8))

    numbers = key().private_numbers()
    public = numbers.public_numbers
    return {"kty": "RSA", "n": text(public.n), "e": text(public.e), "d": text(numbers.d)}


def pfx() -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"app", key(), certificate(), None, serialization.BestAvailableEncryption(b"pass")
    )


DER = private(key(), "der")
KEYS: dict[str, str | bytes] = {
    "pkcs8": private(key(), "pkcs8"),
    "pkcs8-encrypted": private(key(), "pkcs8", b"pass"),
    "pkcs1": private(key(), "pkcs1"),
    "openssh": private(key(), "openssh"),
    "sec1": private(ec_key(), "pkcs1"),
    "in-utf-16": private(key(), "pkcs8").decode().encode("utf-16"),
    "on-one-line": private(key(), "pkcs8").decode().replace("\n", "\\n"),
    "quoted": "> " + private(key(), "pkcs8").decode().replace("\n", "\n> "),
    "with-certificate": pem(certificate()) + private(key(), "pkcs8"),
    "bare-base64": base64.b64encode(DER),
    "bare-base64-wrapped": base64.encodebytes(DER),
    "der": DER,
    "der-pkcs1": private(key(), "der1"),
    "der-encrypted": private(key(), "der", b"pass"),
    "pfx": pfx(),
    "pfx-base64": base64.b64encode(pfx()),
    "jwk": json.dumps(jwk()),
    "jwks": json.dumps({"keys": [jwk()]}),
    "putty": "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n",
    "xml": "<RSAKeyValue><Modulus>AQAB</Modulus><D>AQAB</D></RSAKeyValue>",
    "pgp": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nxx",
    "as-the-assertion": form(client_assertion=private(key(), "pkcs8").decode()),
}
# One in some thousand keys has a line that is the base64 of a header's beginning.
LIKE_A_TOKEN = "\n".join(
    [
        "-----BEGIN PRIVATE KEY-----",
        "M" * 64,
        build.b64url(b'{"alg":"RS256",').ljust(64, "x"),
        "Q" * 40,
    ]
)
KEYS |= {
    "with a line like a token": f"{LIKE_A_TOKEN}\n-----END PRIVATE KEY-----\n",
    "with a line like a token, cut": LIKE_A_TOKEN,
    "with a line like a token, on one line": LIKE_A_TOKEN.replace("\n", "\\n"),
    "with a line like a token, quoted": LIKE_A_TOKEN.replace("\n", "\n> "),
}


@pytest.mark.parametrize("paste", KEYS.values(), ids=KEYS)
def test_a_private_key_in_any_form_is_recognised_and_not_kept(paste: str | bytes):
    found = read_paste(paste)
    assert (found.kind, found.assertion) == ("private-key", "")
    assert re.search(r"[A-Za-z0-9+/]{50}", repr(found)) is None


def test_a_header_beside_a_key_is_not_of_the_key():
    header = build.b64url(b'{"alg":"RS256"}')
    found = read_paste(f"{private(key(), 'pkcs8').decode()}\n{header}")
    assert (found.assertion, found.others) == (header, ("a private key",))


CERTIFICATE = build.der(certificate())
P7B = subprocess.run(
    ["openssl", "crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", "-outform", "DER"],
    input=pem(certificate()),
    capture_output=True,
    check=True,
).stdout
CERTIFICATES: dict[str, str | bytes] = {
    "pem": pem(certificate()),
    "trusted-pem": "-----BEGIN TRUSTED CERTIFICATE-----\nMIIB",
    "der": CERTIFICATE,
    "base64": base64.b64encode(CERTIFICATE),
    "base64-wrapped": base64.encodebytes(CERTIFICATE),
    "pkcs7": P7B,
    "as-the-assertion": form(client_assertion=base64.b64encode(CERTIFICATE).decode()),
}


@pytest.mark.parametrize("paste", CERTIFICATES.values(), ids=CERTIFICATES)
def test_a_certificate_is_recognised(paste: str | bytes):
    found = read_paste(paste)
    assert (found.kind, found.assertion) == ("certificate", "")


SAML = '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1"/>'
OTHERS = [
    ("saml", SAML, "saml"),
    ("saml-in-base64", base64.b64encode(SAML.encode()).decode(), "saml"),
    ("saml-request", "SAMLRequest=fZJNT8Mw&RelayState=x", "saml"),
    ("saml-as-the-assertion", form(client_assertion=base64.urlsafe_b64encode(SAML.encode()).decode()), "saml"),
    ("secret", SECRET, "client-secret"),
    ("secret-quoted", f'"{SECRET}",', "client-secret"),
    ("secret-without-its-mark", "x~" + "Ab1_" * 9 + "zz", "client-secret"),
    ("secret-named", f"client_secret={SECRET}", "client-secret"),
    ("old-secret-named", "client_secret: 'q0/abcdefgh+xyz='", "client-secret"),
    ("secret-as-the-assertion", form(client_assertion=SECRET), "client-secret"),
    ("secret-in-words", f"The secret is {SECRET}.", "client-secret"),
    ("error", ERROR, "error"),
    ("error-json", ANSWER, "error"),
    ("error-in-words", f"It said:\n> {ERROR}\nWhy?", "error"),
    ("thumbprint", "84E05C1D98BCE3A5421D225B140B36E86A3D5534", "other"),
    ("words", "hello ey ew there", "other"),
    ("guid", CLIENT_ID, "other"),
    ("html", "<html><body>eyJ</body></html>", "other"),
    ("json", '{"a": [1, 2e400, null, true, "x=y&z"]}', "other"),
    ("json-deep", "[" * 100_000, "other"),
    ("json-cut", '{"client_id": "', "other"),
    ("only-a-url", AUD, "other"),
    ("form-of-something-else", "a=b&c=d", "other"),
    ("url-of-something-else", "https://example.com/?a=b", "other"),
    ("form-without", form(client_assertion=None), "form-body"),
    ("form-with-secret", form(client_assertion=None, client_secret=SECRET), "form-body"),
    ("form-empty", form(client_assertion=""), "form-body"),
    ("form-word", form(client_assertion="nothing"), "form-body"),
    ("curl-without", curl("-d", form(client_assertion=None)), "curl"),
    ("curl-alone", "curl --help", "other"),
    ("curl-in-words", "then curl fails, doesn't it", "other"),
    ("http-without", http(form(client_assertion=None)), "http-request"),
    ("har-without", har(form(client_assertion=None)), "har"),
    ("har-empty", '{"log": {"entries": []}}', "other"),
    ("har-broken", '{"log": {"entries": [1, {"request": 2}, {}]}}', "other"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("paste", "kind"), [pytest.param(*each[1:], id=each[0]) for each in OTHERS]
)
def test_what_is_no_assertion_is_called_what_it_is(paste: str, kind: str):
    found = read_paste(paste)
    assert found.kind == kind
    assert not found.assertion.startswith("eyJ")
    assert SECRET not in repr(found)
    if kind in ("client-secret", "saml"):
        assert found.assertion == ""


def test_a_value_that_is_no_token_is_judged_as_it_was_sent():
    assert read_paste(form(client_assertion=f' "{TENANT}" ')).assertion == TENANT


ACCESS_TOKEN = token(iss=f"https://sts.windows.net/{TENANT}/", oid="o", tid=TENANT, scp="x")
ID_TOKEN = token(iss=f"{HOST}/{TENANT}/v2.0", oid="o", tid=TENANT, nonce="n")
FEDERATED = token(
    iss="https://token.actions.githubusercontent.com", aud="api://AzureADTokenExchange"
)
PROOF = token(aud="00000002-0000-0000-c000-000000000000")
FOREIGN = token(iss="auth0", sub="user", head={"x5t": build.DROP})
NO_ISSUER = token(iss=build.DROP)
JWE = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.QUJD.REVG.R0hJ.SktM"
UNREADABLE = "eyJhbGciOiJSUzI1NiJ9.e30x.QUJD"


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (ACCESS_TOKEN, "an access token"),
        (ID_TOKEN, "an ID token"),
        (FEDERATED, "a federated token"),
        (PROOF, "a Graph proof"),
        (FOREIGN, "a token of another issuer"),
        (NO_ISSUER, "a token without issuer"),
        (JWE, "an encrypted token"),
        (UNREADABLE, "a token that cannot be read"),
        ("eyJhbGciOiJSUzI1NiJ9." + "A" * 1_100_000, "a token beyond the limit"),
        (private(key(), "pkcs8").decode(), "a private key"),
        (pem(certificate()).decode(), "a certificate"),
        (f"it was {SECRET} then", "a client secret"),
        (SAML, "a SAML message"),
    ],
)
def test_of_several_things_the_client_assertion_is_taken_and_the_other_is_named(other, word):
    for paste in (f"{other}\n\n{TOKEN} ", f"{TOKEN} \n{other}\n"):
        found = read_paste(paste)
        assert (found.assertion, found.others) == (TOKEN, (word,))


def test_the_parameter_decides_before_the_claims():
    found = read_paste(form(client_assertion=FEDERATED, assertion=TOKEN))
    assert (found.assertion, found.others) == (FEDERATED, ("another client assertion",))
    assert read_paste(form(client_assertion="", assertion=TOKEN)).assertion == TOKEN


def test_of_several_attempts_the_one_with_the_error_is_taken_else_the_last():
    first, last = token(jti="1"), token(jti="2")
    lines = "\n".join(json.dumps(parameters(client_assertion=each)) for each in (first, last))
    assert read_paste(lines).assertion == last
    one = json.loads(har(form(client_assertion=first), answer=ANSWER))
    two = json.loads(har(form(client_assertion=last)))
    one["log"]["entries"] += two["log"]["entries"]
    found = read_paste(json.dumps(one))
    assert (found.assertion, found.others) == (first, ("another client assertion",))
    assert found.error is not None


def test_what_is_the_same_is_named_once_and_many_are_cut_short():
    same = "\n".join([TOKEN] * 5)
    assert read_paste(f"a {same} b").others == ()
    many = "\n".join(token(jti=str(number)) for number in range(30))
    assert 0 < len(read_paste(f"a {many} b").others) <= 8
    lines = (json.dumps({"t": f"eyJhbGciOiJub25lIn0.e30.{n}"}) for n in range(999))
    assert read_paste("\n".join(lines)).assertion.startswith("eyJhbGciOiJub25lIn0.e30.")


def test_a_token_of_a_page_in_a_har_file_is_not_judged():
    whole = json.loads(har(form(client_assertion=None)))
    request = whole["log"]["entries"][1]["request"]
    for value, assertion, others in (
        (f"Bearer {ACCESS_TOKEN}", "", ("an access token",)),
        (f"Bearer {TOKEN}", TOKEN, ()),
        ("Basic eyJ", "", ()),
    ):
        request["headers"] = [{"name": "Authorization", "value": value}, {"name": 1}, 2]
        found = read_paste(json.dumps(whole))
        assert (found.assertion, found.kind, found.others) == (assertion, "har", others)


@pytest.mark.parametrize(
    "paste",
    [
        f"{TOKEN}\n{ERROR}",
        f"{form()}\n\n{ANSWER}",
        f"{http()}\n\nHTTP/1.1 401 Unauthorized\n\n{ANSWER}",
        f"{' '.join(COMMAND)}\n{ANSWER}",
        har(form(), answer=ANSWER),
        har(form(), answer=ANSWER).replace('"text": "{', '"encoding": "none", "text": "{'),
        json.dumps({"request": parameters(), "response": json.loads(ANSWER)}),
        json.dumps({"request": form(), "response": ANSWER}),
        f"{json.dumps(parameters())}\n{ANSWER}\n",
        f"sent {parameters()}, got {json.loads(ANSWER)}",
    ],
)
def test_the_error_in_the_paste_is_read_beside_the_assertion(paste: str):
    found = read_paste(paste)
    assert found.assertion == TOKEN
    assert found.error is not None
    assert (found.error.code, found.error.reason) == ("AADSTS700027", "The key was not found.")


def test_the_answer_in_a_har_file_may_be_in_base64():
    whole = json.loads(har(form()))
    content = {"encoding": "base64", "text": base64.b64encode(ANSWER.encode()).decode()}
    whole["log"]["entries"][1]["response"]["content"] = content
    found = read_paste(json.dumps(whole))
    assert found.error is not None
    content["text"] = "A"
    assert read_paste(json.dumps(whole)).error is None


def test_the_error_of_another_request_in_a_har_file_is_better_than_none():
    whole = json.loads(har(form(client_assertion=None), answer=ANSWER))
    whole["log"]["entries"] += json.loads(har(form()))["log"]["entries"]
    found = read_paste(json.dumps(whole))
    assert found.assertion == TOKEN
    assert found.error is not None


def test_no_error_is_read_out_of_an_assertion():
    text = token(note="AADSTS700027: Client assertion")
    assert read_paste(text).error is None
    assert read_paste(har(form(client_assertion=text))).error is None


def test_what_is_beyond_the_limits_of_a_reader_falls_to_the_next():
    many = {f"n{number}": "x" for number in range(300)} | {"t": TOKEN}
    assert read_paste(json.dumps(many)).assertion == TOKEN
    assert read_paste("&".join(["a=b"] * 300 + [form()])).assertion == TOKEN
    assert read_paste("word " * 500_000 + TOKEN).assertion == TOKEN
    long = "a" * 300_000
    assert read_paste(f"curl -d '{long}' -d '{form()}' https://x.example").assertion == TOKEN
    parts = f"--b\r\n\r\n{'--b' * 300}{MULTIPART}"
    assert (
        read_paste(http(parts, content_type="multipart/form-data; boundary=b")).assertion == TOKEN
    )


def test_layers_beyond_the_sixth_are_other_text_around_the_assertion():
    value = TOKEN
    for _ in range(7):
        value = json.dumps({"a": value})
    found = read_paste(form(client_assertion=value))
    assert found.assertion == TOKEN
    assert [dirt.kind for dirt in found.sent_dirty] == [DirtKind.JSON] * 6 + [DirtKind.TEXT]


def test_json_without_a_token_stays_as_it_was_sent():
    for value in ('{"a": 1}', "[1]", "{'a'"):
        assert read_paste(form(client_assertion=value)).assertion == value.strip("'")


def test_a_command_that_the_shell_would_wait_on_is_read_as_text():
    for command in (f"curl {AUD} -d '{form()}' \\", f'curl {AUD} ^\n -d ^"{form()}'):
        found = read_paste(command)
        assert found.assertion == TOKEN
        assert found.request is not None
        assert found.request.client_id == CLIENT_ID


@pytest.mark.parametrize("escaped", [r"\x65yJ", r"\u0065yJ", r"\145yJ", r"\u65yJ"])
def test_the_escapes_of_bash_are_undone(escaped: str):
    body = form().replace(TOKEN, escaped + TOKEN[3:])
    found = read_paste(f"curl {AUD} -d $'{body}'")
    assert (found.assertion, found.kind) == (TOKEN, "curl")


def test_names_that_do_not_tell_of_a_token_request_are_no_request():
    assert read_paste(f"scope=a, scope=b, {TOKEN}").request is None


EXPECTED = [
    (TokenRequest(), Expected()),
    (TokenRequest(client_id=CLIENT_ID), Expected(client_id=CLIENT_ID)),
    (TokenRequest(client_id="my-app"), Expected()),
    (TokenRequest(client_id=f"{{{CLIENT_ID}}}"), Expected()),
    (TokenRequest(url=AUD), Expected(tenant=TENANT, token_url=AUD, cloud="public")),
    (TokenRequest(url=V1), Expected(tenant=TENANT, token_url=V1, cloud="public")),
    (TokenRequest(url=f"{HOST}/contoso.com/oauth2/v2.0/token"),
     Expected(tenant="contoso.com", token_url=f"{HOST}/contoso.com/oauth2/v2.0/token", cloud="public")),
    (TokenRequest(url=f"{HOST}/common/oauth2/v2.0/token"),
     Expected(tenant="common", token_url=f"{HOST}/common/oauth2/v2.0/token", cloud="public")),
    (TokenRequest(url=f"{HOST}/{{tenant}}/oauth2/v2.0/token"), Expected(cloud="public")),
    (TokenRequest(url=f"{HOST}/contoso/oauth2/v2.0/token"), Expected(cloud="public")),
    (TokenRequest(url=f"{HOST}/a..b/oauth2/v2.0/token"), Expected(cloud="public")),
    (TokenRequest(url=f"{HOST}/{TENANT}/oauth2/v2.0/authorize"), Expected(tenant=TENANT, cloud="public")),
    (TokenRequest(url=AUD.replace("https", "http")), Expected(tenant=TENANT, cloud="public")),
    (TokenRequest(url=AUD.replace(".com/", ".us/")),
     Expected(tenant=TENANT, token_url=AUD.replace(".com/", ".us/"), cloud="usgov")),
    (TokenRequest(url="https://fs.contoso.com/adfs/oauth2/token"), Expected()),
    (TokenRequest(url="https://127.0.0.1/x/oauth2/token"), Expected()),
    (TokenRequest(url="https://["), Expected()),
    (TokenRequest(url="/oauth2/token", client_id=CLIENT_ID), Expected(client_id=CLIENT_ID)),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "expected"), EXPECTED)
def test_what_a_request_lets_expect_is_what_is_usable_of_it(request_, expected):
    assert expected_from(request_) == expected
