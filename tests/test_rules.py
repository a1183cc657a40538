"""Each fault of structure, header, audience, identity, times and certificate, from real bytes.

A row is an assertion that is right but for one thing, and the whole set of what may be found in
it. Rows with an empty set are the nearest assertions that pass.
"""

import base64
import hmac
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assertcheck import diagnose
from tests import build
from tests.build import AUD, CLIENT_ID, DROP, EPOCH, NOW, TENANT, certificate, pem, token

OTHER_TENANT = "99999999-0000-4000-8000-000000000009"
DAY = 86_400
JWE = "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.QUJD.REVG.R0hJ.SktM"


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    text: str
    finds: set[str] = field(default_factory=set)
    options: dict[str, Any] = field(default_factory=dict)


def row(name: str, text: str, *finds: str, **options: Any) -> Row:
    return Row(name=name, text=text, finds=set(finds), options=options)


def raw(head: str | bytes | None = None, body: str | bytes | None = None) -> str:
    """An assertion, really signed, over segments whose octets a test gives as they are."""
    first = build.b64url(octets(head if head is not None else json.dumps(build.header())))
    second = build.b64url(octets(body if body is not None else json.dumps(build.claims())))
    return signed(f"{first}.{second}")


def signed(signing_input: str) -> str:
    signature = build.sign(signing_input.encode(), "RS256", build.key())
    return f"{signing_input}.{build.b64url(signature)}"


def octets(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def aud(path: str, host: str = "login.microsoftonline.com") -> str:
    return token(aud=f"https://{host}{path}")


def segments() -> list[str]:
    return token().split(".")


def padded(text: str) -> str:
    """Base64url of `text` as Python's own encoder leaves it, with white space so that it is padded."""
    return base64.urlsafe_b64encode(octets(text.ljust(len(text) + (1 - len(text)) % 3))).decode()


def keyed_with(secret: bytes) -> str:
    """An assertion that is authenticated with something public."""
    head = build.header() | {"alg": "HS256"}
    signing_input = build.compact(head, build.claims(), "").rpartition(".")[0]
    mac = hmac.digest(secret, signing_input.encode(), "sha256")
    return f"{signing_input}.{build.b64url(mac)}"


def cut_off(rest: int) -> str:
    """An assertion that ends within its claims, `rest` characters after a whole group of four."""
    head, body, _ = segments()
    return f"{head}.{body[: len(body) // 8 * 4 + rest]}"


def text_claims(**params: object) -> str:
    return json.dumps(build.claims(**params))


TOKEN_PATH = f"/{TENANT}/oauth2/v2.0/token"
SMALL = build.key("small", 1024)
EC = build.ec_key()
PAST = certificate("app", start=NOW - timedelta(days=400), end=NOW - timedelta(days=1))
FUTURE = certificate("app", start=NOW + timedelta(hours=2), end=NOW + timedelta(days=365))
AT_END = certificate("app", start=NOW - timedelta(days=400), end=NOW)
AT_START = certificate("app", start=NOW, end=NOW + timedelta(days=365))
EC_CERT = certificate("ec", holder=EC)
SMALL_CERT = certificate("small", holder=SMALL)

STRUCTURE = [
    row("right", token()),
    row("right-ps256", token("PS256")),
    row("private-key-pasted", "-----BEGIN PRIVATE KEY-----\nMIIE\n", "is-a-private-key"),
    row("certificate-pasted", pem(certificate()).decode(), "no-assertion"),
    row("words-pasted", "7Q~some-client-secret", "no-assertion"),
    row("host-pasted", "login.microsoftonline.com", "no-assertion"),
    row("header-alone", segments()[0], "no-assertion"),
    row("encrypted", JWE, "is-a-jwe"),
    row("five-segments-no-enc", token() + ".QUJD.REVG", "segment-count"),
    row(
        "access-token",
        token(iss=f"https://sts.windows.net/{TENANT}/", sub="user", oid="1", tid=TENANT),
        "is-an-access-token",
    ),
    row(
        "id-token-v2",
        token(iss=f"https://login.microsoftonline.com/{TENANT}/v2.0", tid=TENANT, ver="2.0"),
        "is-an-access-token",
    ),
    row("two-segments", ".".join(segments()[:2]), "segment-count"),
    row("four-segments", token() + ".", "segment-count"),
    row("header-not-base64url", "eyJ*" + token()[3:], "header-not-base64url"),
    row("header-impossible-length", signed("eyJhb." + segments()[1]), "header-not-base64url"),
    row("header-single-quotes", raw(head="{'alg':'RS256'}"), "header-not-json"),
    row("header-array", raw(head="[1]"), "header-not-json"),
    row("header-deep", raw(head='{"alg":' + "[" * 40 + "]" * 40 + "}"), "header-not-json"),
    row("header-bottomless", raw(head="[" * 200_000), "header-not-json"),
    row("swapped", signed(".".join(reversed(segments()[:2]))), "segments-swapped"),
    row("cut-off-in-the-claims", cut_off(0), "payload-not-json"),
    row("cut-off-in-an-octet", cut_off(1), "payload-not-base64url"),
    row(
        "claims-in-pascal-case",
        raw(body=json.dumps({name.title(): value for name, value in build.claims().items()})),
        "claim-name-misspelled",
    ),
    row("claims-by-long-names", token(iss=DROP, issuer=CLIENT_ID), "claim-name-misspelled"),
    row("a-claim-of-another-case-besides", token(Iss="x")),
    row("payload-not-base64url", signed(segments()[0] + ".eyJ*"), "payload-not-base64url"),
    row("payload-truncated-json", raw(body='{"aud":'), "payload-not-json"),
    row("payload-form-body", raw(body="aud=x&iss=y"), "payload-not-json"),
    row("payload-deep", raw(body='{"a":' + "[" * 40 + "]" * 40 + "}"), "payload-not-json"),
    row("payload-string", raw(body=json.dumps(text_claims())), "payload-not-object"),
    row("payload-number", raw(body="5"), "payload-not-object"),
    row("payload-null", raw(body="null"), "payload-not-object"),
    row("payload-true", raw(body="true"), "payload-not-object"),
    row("payload-empty-object", raw(body="{}"), "payload-empty"),
    row("payload-empty-segment", signed(segments()[0] + "."), "payload-empty"),
    row("signature-empty", ".".join(segments()[:2]) + ".", "signature-missing"),
    row(
        "signature-not-base64url",
        ".".join(segments()[:2]) + "." + "!" * 342,
        "signature-not-base64url",
    ),
    row("signature-with-a-stray-character", token() + "!", "signature-corrupted"),
    row("payload-padded", signed(f"{segments()[0]}.{padded(text_claims())}"), "base64url-padding"),
    row(
        "payload-standard-base64",
        signed(
            segments()[0]
            + "."
            + base64.b64encode(octets(text_claims(note="\u00ff\u00fe~~~???>>>")))
            .decode()
            .rstrip("=")
        ),
        "segment-standard-base64",
    ),
    row(
        "latin-1",
        raw(body=text_claims(name="X").replace("X", "\u00e9").encode("latin-1")),
        "payload-not-utf8",
    ),
    row("utf-16", raw(body=text_claims().encode("utf-16")), "payload-not-utf8"),
    row("utf-8-accent", raw(body=text_claims(name="\u00e9"))),
    row("bom", raw(body=b"\xef\xbb\xbf" + octets(text_claims())), "bom-in-json"),
    row("duplicate-claim", raw(body='{"iss":"x",' + text_claims()[1:]), "duplicate-json-key"),
    row(
        "duplicate-parameter",
        raw(head='{"alg":"x",' + json.dumps(build.header())[1:]),
        "duplicate-json-key",
    ),
    row("not-a-number", raw(body='{"extra":NaN,' + text_claims()[1:]), "number-not-json"),
    row("nested-token", token(actor=token()), "secret-inside"),
    row("nested-url", token(actor="https://example.com/a.b.c")),
    row(
        "federated",
        token(
            iss="https://token.actions.githubusercontent.com",
            sub="repo:a/b",
            aud="api://AzureADTokenExchange",
        ),
        "is-federated",
    ),
    row(
        "federated-entra",
        token(
            iss=f"https://login.microsoftonline.com/{TENANT}/v2.0",
            tid="t",
            oid="o",
            aud="api://AzureADTokenExchange",
        ),
        "is-federated",
    ),
    row("graph-proof", token(aud="00000002-0000-0000-c000-000000000000"), "is-a-graph-proof"),
]

HEADER = [
    row(
        "x5t-s256-underscore",
        token("PS256", head={"x5t#S256": DROP, "x5t_s256": "x"}),
        "header-name-misspelled",
    ),
    row("alg-in-capitals", token(head={"alg": DROP, "ALG": "RS256"}), "header-name-misspelled"),
    *(
        row(
            f"misspelled-{name}",
            token("PS256", head={"x5t#S256": DROP, name: "x"}),
            "header-name-misspelled",
        )
        for name in (
            "x5t256",
            "x5t#256",
            "x5t#SHA256",
            "x5tsha256",
            "x5t-sha256",
            "x5t#sha-256",
            "xt5",
            "thumbprint",
            "x509thumbprint",
            "keyId",
            "key_id",
        )
    ),
    row(
        "misspelled-algorithm",
        token(head={"alg": DROP, "algorithm": "RS256"}),
        "header-name-misspelled",
    ),
    row("misspelled-type", token(head={"typ": DROP, "type": "JWT"}), "header-name-misspelled"),
    row("misspelled-x5c", token(head={"certificate": "MII"}), "header-name-misspelled"),
    row("misspelled-and-right", token(head={"X5T": "x", "ALG": "RS256"}), "header-not-allowed"),
    row(
        "certificate-for-an-identifier",
        token(head={"x5t": DROP, "cert": "MII"}),
        "header-name-misspelled",
        "no-key-identifier",
    ),
    row(
        "alg-and-identifier-missing",
        token(head={"alg": DROP, "x5t": DROP}),
        "alg-missing",
        "no-key-identifier",
    ),
    row("alg-none-no-identifier", token(head={"alg": "none", "x5t": DROP}), "alg-none"),
    row("alg-hs256-no-identifier", token(head={"alg": "HS256", "x5t": DROP}), "alg-not-supported"),
    row(
        "alg-es256-own-certificate",
        token("ES256", cert=EC_CERT, holder=EC),
        "alg-not-supported",
    ),
    row(
        "alg-es256-own-certificate-known",
        token("ES256", cert=EC_CERT, holder=EC),
        "alg-not-supported",
        also=[pem(EC_CERT)],
    ),
    row("alg-missing", token(head={"alg": DROP}), "alg-missing"),
    row("alg-empty", token(head={"alg": ""}), "alg-missing"),
    row("alg-none", token(head={"alg": "none"}), "alg-none"),
    row(
        "alg-none-unsigned",
        build.compact(build.header() | {"alg": "NONE"}, build.claims(), ""),
        "alg-none",
    ),
    row("alg-hs256", token(head={"alg": "HS256"}), "alg-not-supported"),
    row("alg-hs256-public-key", keyed_with(pem(certificate())), "hs256-with-public-key"),
    row("alg-es256", token(head={"alg": "ES256"}), "alg-not-supported"),
    row("alg-eddsa", token(head={"alg": "EdDSA"}), "alg-not-supported"),
    row("alg-lower-case", token(head={"alg": "rs256"}), "alg-name-wrong"),
    row("alg-hash", token(head={"alg": "SHA256"}), "alg-name-wrong"),
    row("alg-java", token(head={"alg": "SHA384withRSA"}), "alg-name-wrong"),
    row(
        "alg-uri",
        token(head={"alg": "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"}),
        "alg-name-wrong",
    ),
    row("alg-number", token(head={"alg": 256}), "alg-name-wrong"),
    row("alg-rs512", token("RS512")),
    row("alg-ps384", token("PS384")),
    row("typ-access-token", token(head={"typ": "at+jwt"}), "typ-wrong"),
    row("typ-number", token(head={"typ": 5}), "typ-wrong"),
    row("typ-openid", token(head={"typ": "http://openid.net/specs/jwt/1.0"})),
    row("typ-absent", token(head={"typ": DROP})),
    row("typ-lower-case", token(head={"typ": "jwt"}), "typ-letter-case"),
    row("crit", token(head={"crit": ["b64"], "b64": True}), "crit-header"),
    row("crit-string", token(head={"crit": "b64"}), "crit-header"),
    row("cty", token(head={"cty": "JWT"}), "header-not-allowed"),
    row("jku-and-x5u", token(head={"jku": "https://a", "x5u": "https://b"}), "header-not-allowed"),
    row("use-and-nonce", token(head={"use": "sig", "nonce": "n"})),
]

AUDIENCE = [
    row("aud-missing", token(aud=DROP), "aud-missing"),
    row("aud-null", token(aud=None), "aud-missing"),
    row("aud-array", token(aud=[AUD]), "aud-is-array"),
    row("aud-object", token(aud={}), "aud-is-array"),
    row("aud-with-space", token(aud=AUD.replace("https:", "https: ")), "aud-malformed"),
    row("aud-line-break", token(aud=AUD + "\n"), "aud-malformed"),
    row("aud-placeholder", aud("/{tenant}/oauth2/v2.0/token"), "aud-malformed"),
    row("aud-tenant-word", aud("/contoso/oauth2/v2.0/token"), "aud-malformed"),
    row("aud-empty", token(aud=""), "aud-malformed"),
    row("aud-broken-url", token(aud="https://[oops/token"), "aud-malformed"),
    row("aud-word", token(aud="entra"), "aud-malformed"),
    row("aud-graph", token(aud="https://graph.microsoft.com"), "aud-is-resource"),
    row("aud-graph-default", token(aud="https://graph.microsoft.com/.default"), "aud-is-resource"),
    row("aud-guid", token(aud=CLIENT_ID), "aud-is-resource"),
    row("aud-api", token(aud=f"api://{CLIENT_ID}"), "aud-is-resource"),
    row("aud-own-api", token(aud="https://api.example.com"), "aud-is-resource"),
    row("aud-http", token(aud=AUD.replace("https", "http")), "aud-scheme"),
    row("aud-no-scheme", token(aud=AUD.removeprefix("https://")), "aud-scheme"),
    row("aud-typo", aud(TOKEN_PATH, "login.microsftonline.com"), "aud-host-misspelled"),
    row("aud-cut-host", aud(TOKEN_PATH, "login.microsoftonline.co"), "aud-host-misspelled"),
    row("aud-adfs", aud("/adfs/oauth2/token", "fs.contoso.com")),
    row("aud-b2c", aud("/contoso.onmicrosoft.com/oauth2/v2.0/token", "contoso.b2clogin.com")),
    row("aud-custom-domain", aud(TOKEN_PATH, "login.contoso.com")),
    row("aud-mtls", aud(TOKEN_PATH, "mtlsauth.microsoft.com"), "aud-is-mtls"),
    row("aud-authorize", aud(f"/{TENANT}/oauth2/v2.0/authorize"), "aud-is-authorize-endpoint"),
    row("aud-authority", aud(f"/{TENANT}"), "aud-is-authority"),
    row("aud-authority-slash", aud(f"/{TENANT}/"), "aud-is-authority"),
    row("aud-host-alone", aud(""), "aud-is-authority"),
    row("aud-v1-issuer", aud(f"/{TENANT}/", "sts.windows.net"), "aud-is-v1-issuer"),
    row("aud-issuer", aud(f"/{TENANT}/v2.0")),
    row("aud-path-short", aud(f"/{TENANT}/oauth2/v2.0"), "aud-path-incomplete"),
    row("aud-path-no-oauth2", aud(f"/{TENANT}/v2.0/token"), "aud-path-incomplete"),
    row("aud-path-no-tenant", aud("/oauth2/v2.0/token"), "aud-path-incomplete"),
    row("aud-path-letter-case", aud(f"/{TENANT}/oAuth2/v2.0/token")),
    row("aud-query", aud(f"{TOKEN_PATH}?client-request-id=1")),
    row("aud-azure-sdk-path", aud(f"/{TENANT}/v2"), "aud-undocumented-path"),
    row("aud-common", aud("/common/oauth2/v2.0/token"), "aud-common", tenant=TENANT),
    row("aud-organizations", aud("/organizations/oauth2/v2.0/token"), "aud-common", tenant=TENANT),
    row("aud-common-open", aud("/common/oauth2/v2.0/token"), "aud-without-tenant"),
    row(
        "aud-common-as-request",
        aud("/common/oauth2/v2.0/token"),
        token_url="https://login.microsoftonline.com/common/oauth2/v2.0/token",
    ),
    row(
        "aud-usgov", aud(TOKEN_PATH, "login.microsoftonline.us"), "aud-wrong-cloud", cloud="public"
    ),
    row("aud-public", token(), "aud-wrong-cloud", cloud="china"),
    row("aud-right-cloud", token(), cloud="public"),
    row("aud-regional", aud(TOKEN_PATH, "westus2.login.microsoft.com"), cloud="public"),
    row("aud-wrong-tenant", token(), "aud-wrong-tenant", tenant=OTHER_TENANT),
    row(
        "aud-wrong-tenant-by-url",
        token(),
        "aud-wrong-tenant",
        token_url=AUD.replace(TENANT, OTHER_TENANT),
    ),
    row(
        "aud-names-client-id",
        aud(f"/{CLIENT_ID}/oauth2/v2.0/token"),
        "aud-names-client-id",
        client_id=CLIENT_ID,
        tenant=TENANT,
    ),
    row(
        "aud-names-client-id-by-tenant",
        aud(f"/{CLIENT_ID}/oauth2/v2.0/token"),
        "aud-names-client-id",
        tenant=TENANT,
    ),
    row(
        "aud-names-client-id-by-client",
        aud(f"/{CLIENT_ID}/oauth2/v2.0/token"),
        "aud-names-client-id",
        client_id=CLIENT_ID,
    ),
    row("aud-tenant-in-capitals", token(), tenant=TENANT.upper()),
    row("aud-domain-for-guid", token(), tenant="contoso.onmicrosoft.com"),
    row("aud-old-host", aud(TOKEN_PATH, "login.windows.net"), "aud-old-host"),
    row("aud-trailing-slash", aud(f"{TOKEN_PATH}/"), "aud-trailing-slash"),
    row("aud-v1", aud(f"/{TENANT}/oauth2/token"), "aud-v1-endpoint"),
]

IDENTITY = [
    row("iss-missing", token(iss=DROP), "iss-missing"),
    row("iss-null", token(iss=None), "iss-missing"),
    row(
        "iss-is-authority",
        token(iss=f"https://login.microsoftonline.com/{TENANT}/v2.0"),
        "iss-is-tenant-issuer",
    ),
    row("iss-is-tenant", token(iss=TENANT, sub=TENANT), "iss-is-tenant-id"),
    row("iss-braces", token(iss=f"{{{CLIENT_ID}}}", sub=f"{{{CLIENT_ID}}}"), "client-id-format"),
    row(
        "iss-app-uri", token(iss=f"api://{CLIENT_ID}", sub=f"api://{CLIENT_ID}"), "client-id-format"
    ),
    row("iss-name", token(iss="my-app", sub="my-app"), "client-id-format"),
    row("iss-number", token(iss=5, sub=5), "client-id-format"),
    row("iss-nil", token(iss="00000000-0000-0000-0000-000000000000"), "client-id-format"),
    row(
        "iss-is-the-tenant-of-the-request",
        token(iss=TENANT, sub=TENANT),
        "iss-is-tenant-id",
        tenant=TENANT,
    ),
    row("iss-is-own-url", token(iss="https://app.contoso.com"), "client-id-format"),
    row(
        "iss-is-anothers-url",
        token(iss="https://app.contoso.com", sub="system:serviceaccount:a:b"),
        "is-federated",
    ),
    row("sub-missing", token(sub=DROP), "sub-missing"),
    row("sub-other", token(sub="user@contoso.com"), "iss-sub-differ"),
    row("other-app", token(), "wrong-application", client_id=OTHER_TENANT),
    row("same-app", token(), client_id=CLIENT_ID),
    row(
        "sub-in-capitals",
        token(
            iss="abcdef00-2222-4333-8444-555555555555", sub="ABCDEF00-2222-4333-8444-555555555555"
        ),
        "client-id-letter-case",
    ),
    row("jti-missing", token(jti=DROP), "jti-missing"),
    row("jti-empty", token(jti=""), "jti-missing"),
]

TIMES = [
    row("exp-missing", token(exp=DROP), "exp-missing"),
    row("nbf-missing", token(nbf=DROP)),
    row("nbf-and-iat-missing", token(nbf=DROP, iat=DROP)),
    row("exp-float", token(exp=EPOCH + 540.25)),
    row("exp-iso", token(exp="2026-03-10T12:09:00Z"), "time-is-iso-date"),
    row("exp-iso-no-zone", token(exp="2026-03-10T12:09:00"), "time-is-iso-date"),
    row("exp-iso-wrong", token(exp="2026-99-99"), "time-is-iso-date"),
    row("exp-words", token(exp="in ten minutes"), "time-is-iso-date"),
    row("exp-true", token(exp=True), "time-is-iso-date"),
    row("exp-array", token(exp=[EPOCH]), "time-is-iso-date"),
    row("exp-string", token(exp=str(EPOCH + 540)), "time-is-string"),
    row("exp-milliseconds", token(exp=(EPOCH + 540) * 1000), "time-in-milliseconds"),
    row(
        "all-milliseconds",
        token(exp=(EPOCH + 540) * 1000, nbf=EPOCH * 1000, iat=EPOCH * 1000),
        "time-in-milliseconds",
    ),
    row("all-iso", token(exp="2026-03-10", nbf="2026-03-10", iat="2026-03-10"), "time-is-iso-date"),
    row("iat-milliseconds", token(iat=EPOCH * 1000), "iat-not-a-date"),
    row("iat-iso", token(iat="2026-03-10"), "iat-not-a-date"),
    row("iat-milliseconds-for-nbf", token(nbf=DROP, iat=EPOCH * 1000), "time-in-milliseconds"),
    row("exp-microseconds", token(exp=EPOCH * 10**6), "time-overflow"),
    row("exp-net-ticks", token(exp=(EPOCH + 62_135_596_800) * 10**7), "time-overflow"),
    row("exp-digits-of-a-date", token(exp=20260310120000), "time-overflow"),
    row("exp-year-9999", token(exp=253_402_300_799), "lifetime-too-long"),
    row("exp-lifetime", token(exp=600), "exp-is-a-lifetime"),
    row("exp-lifetime-alone", token(exp=600, nbf=DROP, iat=DROP), "exp-is-a-lifetime"),
    row("exp-1980", token(exp=315_532_800), "exp-before-nbf"),
    row("nbf-zero", token(nbf=0)),
    row("exp-before-iat", token(nbf=DROP, exp=EPOCH - 120), "exp-before-nbf"),
    row(
        "local-time-in-the-west",
        token(nbf=EPOCH - 18_000, iat=EPOCH - 18_000, exp=EPOCH - 17_400),
        "local-time-as-utc",
        at=None,
        error="AADSTS700024: Client assertion is not within its valid time range. Current time: "
        "2026-03-10T12:00:03.0000000Z, assertion valid from 2026-03-10T07:00:00.0000000Z, expiry "
        "time of assertion 2026-03-10T07:10:00.0000000Z.",
    ),
    row("exp-negative", token(exp=-1), "time-overflow"),
    row(
        "exp-huge",
        raw(body=text_claims(exp=1).replace('"exp": 1', '"exp": 1e400')),
        "time-overflow",
    ),
    row("exp-nanoseconds", token(exp=EPOCH * 10**9), "time-overflow"),
    row(
        "exp-many-digits",
        raw(body=text_claims(exp=1).replace('"exp": 1', '"exp": ' + "9" * 5000)),
        "time-overflow",
    ),
    row("exp-before-nbf", token(nbf=EPOCH + 60, exp=EPOCH + 30, iat=DROP), "exp-before-nbf"),
    row(
        "exp-is-nbf",
        token(nbf=EPOCH, exp=EPOCH, iat=EPOCH),
        "zero-lifetime",
        "expired-within-leeway",
    ),
    row("exp-two-seconds", token(nbf=EPOCH, exp=EPOCH + 2, iat=EPOCH)),
    row(
        "two-hours-ahead",
        token(nbf=EPOCH + 7200 - 20, iat=EPOCH + 7200 - 20, exp=EPOCH + 7800),
        "local-time-as-utc",
    ),
    row(
        "half-an-hour-zone",
        token(nbf=EPOCH + 19_800 - 5, iat=EPOCH + 19_800 - 5, exp=EPOCH + 20_400),
        "local-time-as-utc",
    ),
    row(
        "behind-iat",
        token(iat=EPOCH - 10, nbf=EPOCH - 5 * 3600 - 10, exp=EPOCH - 5 * 3600 + 600),
        "local-time-as-utc",
    ),
    row(
        "an-odd-time-ahead",
        token(nbf=EPOCH + 5000, iat=EPOCH + 5000, exp=EPOCH + 6000),
        "not-yet-valid",
    ),
    row("iat-for-nbf", token(nbf=DROP, iat=EPOCH + 5000, exp=EPOCH + 6000), "not-yet-valid"),
    row("six-minutes-ahead", token(nbf=EPOCH + 301, iat=EPOCH + 301), "not-yet-valid"),
    row(
        "five-minutes-ahead", token(nbf=EPOCH + 300, iat=EPOCH + 300), "not-yet-valid-within-leeway"
    ),
    row("now-exactly", token(nbf=EPOCH, iat=EPOCH)),
    row("expired", token(iat=EPOCH - 900, nbf=EPOCH - 900, exp=EPOCH - 300), "expired"),
    row(
        "expired-in-leeway",
        token(iat=EPOCH - 900, nbf=EPOCH - 900, exp=EPOCH - 299),
        "expired-within-leeway",
    ),
    row("expires-now", token(exp=EPOCH), "expired-within-leeway"),
    row("expires-in-a-second", token(exp=EPOCH + 1)),
    row(
        "no-leeway",
        token(iat=EPOCH - 900, nbf=EPOCH - 900, exp=EPOCH),
        "expired",
        leeway=timedelta(),
    ),
    row("two-days", token(exp=EPOCH + 2 * DAY), "lifetime-too-long"),
    row("a-day", token(exp=EPOCH - 60 + DAY)),
]

CERTIFICATE = [
    row("expired", token(cert=PAST), "certificate-expired", certs=[pem(PAST)]),
    row("at-its-end", token(cert=AT_END), certs=[pem(AT_END)]),
    row("early", token(cert=FUTURE), "certificate-not-yet-valid", certs=[pem(FUTURE)]),
    row("at-its-start", token(cert=AT_START), certs=[pem(AT_START)]),
    row("ends-soon", token(), "certificate-ends-soon", min_days=336),
    row("ends-later", token(), min_days=334),
    row(
        "small", token(cert=SMALL_CERT, holder=SMALL), "rsa-key-too-small", certs=[pem(SMALL_CERT)]
    ),
    row("curve", token(cert=EC_CERT), "ec-key-not-supported", certs=[pem(EC_CERT)]),
    row("two-registered", token(), certs=[pem(certificate()), pem(PAST)]),
]

ROWS = [*STRUCTURE, *HEADER, *AUDIENCE, *IDENTITY, *TIMES, *CERTIFICATE]
FOUND_HERE = {found for case in ROWS for found in case.finds}


def find(case: Row) -> set[str]:
    options: dict[str, Any] = {"certs": [pem(certificate())], "at": NOW} | case.options
    return {finding.id for finding in diagnose(case.text, **options).findings}


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name)
def test_each_fault_is_found_and_nothing_else(case: Row):
    assert find(case) == case.finds


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([AUD, CLIENT_ID, TENANT, EPOCH, EPOCH * 1000, "RS256", "HS256", "none"])
    | st.sampled_from(
        [f"https://login.microsoftonline.com/{TENANT}", "https://[", "api://x", "//"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
PARAMETERS = st.sampled_from(["alg", "typ", "x5t", "x5t#S256", "kid", "x5c", "crit", "enc", "X5T"])
CLAIMS = st.sampled_from(["aud", "iss", "sub", "exp", "nbf", "iat", "jti", "tid", "oid", "Iss"])


@given(
    head=st.dictionaries(PARAMETERS | st.text(), JSON),
    body=st.dictionaries(CLAIMS | st.text(), JSON),
    tenant=st.none() | st.sampled_from([TENANT, "common", "contoso.com"]),
)
def test_no_rule_raises_on_any_header_and_claims(head: dict, body: dict, tenant: str | None):
    text = build.compact(head, body, "")
    for at in (None, NOW):
        diagnose(text, certs=[pem(certificate())], at=at, tenant=tenant, client_id=CLIENT_ID)
