"""`sign`: what it makes is right by every measure, and what it cannot make it refuses in words."""

import base64
import errno
import hashlib
import io
import json
import os
import shlex
import stat
import subprocess
import sys
import warnings
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import pkcs12
from jwt.types import Options
from typer.testing import CliRunner, Result

from assertcheck import AssertcheckError, CertificateError, Verdict, diagnose
from assertcheck.cli import app
from assertcheck.signing import as_curl, as_json, sign, sign_request
from tests.build import (
    AUD,
    CLIENT_ID,
    NOW,
    TENANT,
    certificate,
    der,
    ec_key,
    key,
    pem,
    x5t,
    x5t_s256,
)

PASSWORD = "sésame-ouvre-toi"
ENCRYPTED = serialization.BestAvailableEncryption(PASSWORD.encode())
PLAIN = serialization.NoEncryption()
WHO: dict[str, Any] = {"client_id": CLIENT_ID, "tenant": TENANT}
GUID = "99999999-2222-4333-8444-555555555555"
V1 = f"https://login.microsoftonline.com/{TENANT}/oauth2/token"
ALGORITHMS = ["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"]


def private(holder=None, encryption: serialization.KeySerializationEncryption = PLAIN) -> bytes:
    return (holder or key()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


@cache
def pfx(encrypted: bool = False, with_chain: bool = False) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"app",
        key(),
        leaf() if with_chain else certificate(),
        [authority()] if with_chain else None,
        ENCRYPTED if encrypted else PLAIN,
    )


def authority() -> x509.Certificate:
    return certificate("ca", ca=True)


def leaf() -> x509.Certificate:
    return certificate(issuer=authority(), issuer_key=key("ca"))


def parts(assertion: str) -> tuple[dict, dict, bytes, bytes]:
    """Header, claims, signature and what it is over, taken apart by hand."""
    first, second, third = assertion.split(".")
    head, body, signature = (
        base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in (first, second, third)
    )
    return json.loads(head), json.loads(body), signature, f"{first}.{second}".encode()


def check_signature(alg: str, signature: bytes, signed: bytes) -> None:
    """Raise unless the app's key made it, as RFC 7518 §3.3 and §3.5 say; nothing but cryptography."""
    digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[alg[2:]]
    scheme = (
        padding.PSS(padding.MGF1(digest), digest.digest_size)
        if alg.startswith("PS")
        else padding.PKCS1v15()
    )
    key().public_key().verify(signature, signed, scheme, digest)


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_what_it_signs_is_right_by_every_measure(alg: str, tmp_path: Path):
    cert, holder = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(pem(certificate()))
    holder.write_bytes(private())

    assertion = sign(cert, key=holder, **WHO, alg=alg, now=NOW)

    head, body, signature, signed = parts(assertion)
    name, value = ("x5t", x5t) if alg.startswith("RS") else ("x5t#S256", x5t_s256)
    assert head == {"alg": alg, "typ": "JWT", name: value(certificate())}
    assert {name: type(value) for name, value in body.items()} == {
        **dict.fromkeys(("aud", "iss", "sub", "jti"), str),
        **dict.fromkeys(("nbf", "iat", "exp"), int),
    }
    assert (body["aud"], body["iss"], body["sub"]) == (AUD, CLIENT_ID, CLIENT_ID)
    begins = int(NOW.timestamp())
    assert (body["nbf"], body["iat"], body["exp"]) == (begins, begins, begins + 600)
    check_signature(alg, signature, signed)
    public = key().public_key()
    clockless: Options = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}
    assert jwt.decode(assertion, public, [alg], options=clockless, audience=AUD) == body
    report = diagnose(assertion, certs=[cert], **WHO, cloud="public", at=NOW)
    assert (report.verdict, report.findings, report.not_checked) == (Verdict.ACCEPTED, (), ())


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_openssl_verifies_it_over_the_bytes_sent(alg: str, tmp_path: Path):
    _, _, signature, signed = parts(sign(pfx(), **WHO, alg=alg))
    public, given = tmp_path / "public.pem", tmp_path / "signature.bin"
    public.write_bytes(
        key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    given.write_bytes(signature)
    scheme = ("rsa_padding_mode:pss", "rsa_pss_saltlen:digest")
    options = [part for each in scheme for part in ("-sigopt", each)] if alg[0] == "P" else []
    done = subprocess.run(
        [
            *("openssl", "dgst", f"-sha{alg[2:]}", *options),
            *("-verify", str(public), "-signature", str(given)),
        ],
        input=signed,
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"Verified OK\n"


def test_it_is_valid_now_and_never_the_same_twice():
    first, second = (parts(sign(pfx(), **WHO))[1] for _ in range(2))
    assert first["jti"] != second["jti"]
    assert abs(first["iat"] - datetime.now(UTC).timestamp()) < 60
    jwt.decode(sign(pfx(), **WHO), key().public_key(), ["PS256"], audience=AUD)


SOURCES: dict[str, tuple[bytes, bytes | None]] = {
    "certificate and key": (pem(certificate()), private()),
    "both in one file": (pem(certificate()) + private(), None),
    "the key first": (private() + pem(certificate()), None),
    "DER and key": (der(certificate()), private()),
    "PFX": (pfx(), None),
    "PFX with a password": (pfx(encrypted=True), None),
    "PFX as text, as CI systems keep it": (base64.encodebytes(pfx()), None),
    "key with a password": (pem(certificate()), private(encryption=ENCRYPTED)),
    "certificate and PFX": (pem(certificate()), pfx()),
    "PFX twice": (pfx(encrypted=True), pfx(encrypted=True)),
    "traditional key": (
        pem(certificate()),
        key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, PLAIN
        ),
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_key_and_certificate_come_in_any_container(name: str, tmp_path: Path):
    cert, holder = SOURCES[name]
    (tmp_path / "cert").write_bytes(cert)
    (tmp_path / "key").write_bytes(holder or b"")

    from_octets = sign(cert, key=holder, **WHO, password=PASSWORD)
    from_files = sign(
        tmp_path / "cert",
        key=str(tmp_path / "key") if holder else None,
        **WHO,
        password=lambda label: PASSWORD.encode(),
    )

    for assertion in (from_octets, from_files):
        assert parts(assertion)[0]["x5t#S256"] == x5t_s256(certificate())


def test_of_several_certificates_the_one_of_the_key_is_named():
    bundle = pem(certificate("other"), certificate(), certificate("third"))
    assert parts(sign(bundle, key=private(), **WHO))[0]["x5t#S256"] == x5t_s256(certificate())


INTERMEDIATE = certificate(
    "ca", ca=True, issuer=certificate("root", ca=True), issuer_key=key("root")
)
UNDER = certificate(issuer=INTERMEDIATE, issuer_key=key("ca"))
ROOT = certificate("root", ca=True)
# Two CAs that issued each other, as bridges do.
HERE = certificate("ca", ca=True, issuer=ROOT, issuer_key=key("root"), serial=1)
THERE = certificate("root", ca=True, issuer=HERE, issuer_key=key("ca"), serial=2)
RENEWED = certificate(serial=3)
CHAINS: dict[str, tuple[list[x509.Certificate], list[x509.Certificate]]] = {
    "self-signed": ([certificate()], [certificate()]),
    "with a chain": ([UNDER, INTERMEDIATE, ROOT], [UNDER, INTERMEDIATE, ROOT]),
    "root first": ([ROOT, INTERMEDIATE, UNDER], [UNDER, INTERMEDIATE, ROOT]),
    "issuer missing": ([UNDER, ROOT], [UNDER]),
    "a stranger beside it": ([certificate("other"), leaf(), authority()], [leaf(), authority()]),
    "issued by each other": ([UNDER, HERE, THERE], [UNDER, HERE, THERE]),
    "renewed under the same name": ([certificate(), RENEWED], [certificate()]),
}


@pytest.mark.parametrize("name", CHAINS)
def test_x5c_is_the_chain_with_the_leaf_first(name: str):
    given, expected = CHAINS[name]

    head, *_ = parts(sign(pem(*given), key=private(), **WHO, x5c=True))

    assert head["x5c"] == [base64.b64encode(der(each)).decode() for each in expected]
    assert head["x5t#S256"] == x5t_s256(expected[0])


def test_the_chain_of_a_pfx_goes_along():
    head, *_ = parts(sign(pfx(with_chain=True), **WHO, x5c=True, alg="RS256"))
    assert head["x5c"] == [base64.b64encode(der(each)).decode() for each in (leaf(), authority())]


ADDRESSES: dict[str, tuple[dict[str, Any], str]] = {
    "a tenant": ({"tenant": TENANT}, AUD),
    "a domain": ({"tenant": "contoso.com"}, AUD.replace(TENANT, "contoso.com")),
    "US government": ({"tenant": TENANT, "cloud": "usgov"}, AUD.replace(".com", ".us")),
    "China": (
        {"tenant": TENANT, "cloud": "china"},
        AUD.replace("login.microsoftonline.com", "login.partner.microsoftonline.cn"),
    ),
    "a URL": ({"token_url": AUD}, AUD),
    "a URL with a query": ({"token_url": f"{AUD}?client-request-id=1#x"}, AUD),
    "a URL of v1.0": ({"token_url": V1}, V1),
    "organizations by URL": (
        {"token_url": AUD.replace(TENANT, "organizations")},
        AUD.replace(TENANT, "organizations"),
    ),
    "AD FS": (
        {"token_url": "https://fs.contoso.com/adfs/oauth2/token"},
        "https://fs.contoso.com/adfs/oauth2/token",
    ),
    "a stand-in": ({"token_url": "https://localhost:8443/token"}, "https://localhost:8443/token"),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_aud_is_the_token_endpoint(name: str):
    options, expected = ADDRESSES[name]
    assert parts(sign(pfx(), client_id=CLIENT_ID, **options))[1]["aud"] == expected


def test_the_client_id_is_written_as_the_portal_writes_it():
    request = sign_request(pfx(), client_id=GUID.upper().replace("9", "A"), tenant=TENANT)
    body = parts(request.assertion)[1]
    assert body["iss"] == body["sub"] == request.form["client_id"] == GUID.replace("9", "a")


REQUESTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "Graph": ({}, {"scope": "https://graph.microsoft.com/.default"}),
    "Graph, US government": ({"cloud": "usgov"}, {"scope": "https://graph.microsoft.us/.default"}),
    "Graph, China": (
        {"cloud": "china"},
        {"scope": "https://microsoftgraph.chinacloudapi.cn/.default"},
    ),
    "another API": ({"scope": "api://mine/.default"}, {"scope": "api://mine/.default"}),
    "v1.0": ({"tenant": None, "token_url": V1}, {"resource": "https://graph.microsoft.com"}),
    "a stand-in": (
        {"tenant": None, "token_url": "https://localhost/token"},
        {"scope": "https://graph.microsoft.com/.default"},
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_the_request_has_all_that_a_token_request_needs(name: str):
    options, asks = REQUESTS[name]

    request = sign_request(pfx(), **{**WHO, **options})

    assert request.form == {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        **asks,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": request.assertion,
    }
    assert request.url == parts(request.assertion)[1]["aud"]
    assert request.assertion not in repr(request)


def test_the_curl_command_is_taken_by_a_shell_and_by_verify(tmp_path: Path):
    request = sign_request(pfx(), **WHO, scope="api://it's $(mine)/.default", now=NOW)
    command = as_curl(request)

    # A stand-in for curl writes down what it was called with.
    stub = tmp_path / "curl"
    stub.write_text('#!/bin/sh\nprintf "%s\\0" "$@"\n')
    stub.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command], env={"PATH": path}, capture_output=True, check=True, text=True
    )
    url, *rest = done.stdout.split("\0")[:-1]
    assert url == request.url
    assert rest[::2] == ["--data-urlencode"] * 5
    assert dict(field.split("=", 1) for field in rest[1::2]) == request.form
    assert shlex.split(command.replace("\\\n", ""))[1:] == [url, *rest]

    plain = as_curl(sign_request(pfx(), **WHO, now=NOW))
    report = diagnose(plain, certs=[pem(certificate())], at=NOW)
    assert (report.verdict, report.findings) == (Verdict.ACCEPTED, ())


def test_the_json_is_a_request_for_any_client():
    request = sign_request(pfx(), **WHO)
    assert json.loads(as_json(request)) == {
        "url": AUD,
        "method": "POST",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        "form": dict(request.form),
    }


SMALL = key("small", 1024)
EC = certificate("ec", holder=ec_key())
BOTH = certificate("other"), certificate("third")


def hexed(cert: x509.Certificate) -> str:
    return hashlib.sha1(der(cert)).hexdigest().upper()


REFUSED: dict[str, tuple[dict, str, str]] = {
    "another key": (
        {"cert": pem(certificate()), "key": private(key("other"))},
        "the private key in key (RSA 2048) does not belong to certificate (RSA 2048, thumbprint "
        f"{hexed(certificate())})",
        "give the key that the certificate was made with, or the certificate that was made with "
        "this key",
    ),
    "another key in the same file": (
        {"cert": pem(certificate()) + private(key("other"))},
        f"does not belong to key (RSA 2048, thumbprint {hexed(certificate())})",
        "give the key",
    ),
    "several, none of them": (
        {"cert": pem(*BOTH), "key": private()},
        f"does not belong to certificate[0] (RSA 2048, thumbprint {hexed(BOTH[0])}) or "
        f"certificate[1] (RSA 2048, thumbprint {hexed(BOTH[1])})",
        "give the key",
    ),
    "a key on a curve": (
        {"cert": pem(EC), "key": private(ec_key())},
        "key holds a private key of the kind EC P-256, and Entra ID takes the signatures of RSA "
        "keys only",
        "assertcheck explain ec-key-not-supported",
    ),
    "a key on a curve, of another certificate": (
        {"cert": pem(certificate()), "key": private(ec_key())},
        "the private key in key (EC P-256) does not belong to certificate (RSA 2048",
        "give the key",
    ),
    "no private key": ({"cert": pem(certificate())}, "not a private key", "--key"),
    "no certificate": (
        {"cert": private()},
        "key holds a key and no certificate",
        "give the certificate to --cert, and the private key to --key",
    ),
    "no certificate beside the key": (
        {"cert": private(), "key": private()},
        "certificate holds a key and no certificate",
        "give the certificate to --cert",
    ),
    "too small a key": (
        {
            "cert": pem(certificate("small", holder=SMALL)),
            "key": private(SMALL),
            "alg": "PS512",
        },
        "key holds a key of the kind RSA 1024, which is too small for PS512",
        "2048 bits or more",
    ),
    "the password missing": ({"cert": pfx(encrypted=True)}, "with a password", "--password-env"),
    "no client id": ({"client_id": None}, "no client id was given", "--client-id"),
    "a client id that is none": (
        {"client_id": "my app"},
        "the client id is not a GUID",
        "Application (client) ID",
    ),
    "no tenant": ({"tenant": None}, "no tenant was given", "--tenant"),
    "a tenant that is none": ({"tenant": "my tenant"}, "the tenant is neither", "Directory"),
    "common": ({"tenant": "common"}, "common stands for no tenant in particular", "GUID"),
    "no such cloud": ({"cloud": "germany"}, "there is no such cloud", "public, usgov or china"),
    "URL and tenant": (
        {"token_url": AUD},
        "a token URL and a tenant are both given",
        "leave one of them out",
    ),
    "URL and cloud": (
        {"tenant": None, "token_url": AUD, "cloud": "public"},
        "a token URL and a cloud are both given",
        "leave one of them out",
    ),
    "a URL that is none": ({"tenant": None, "token_url": "x"}, "not an https URL", "https://"),
    "the authority": (
        {"tenant": None, "token_url": f"https://login.microsoftonline.com/{TENANT}"},
        "the token URL is no token endpoint",
        "/oauth2/v2.0/token",
    ),
    "an API": (
        {"tenant": None, "token_url": "https://graph.microsoft.com/v1.0/me"},
        "the token URL is no token endpoint",
        "/oauth2/v2.0/token",
    ),
    "no such algorithm": (
        {"alg": "ES256"},
        "the algorithm is none that Entra ID takes for client assertions",
        "choose PS256, PS384, PS512, RS256, RS384 or RS512",
    ),
    "no lifetime": (
        {"lifetime": timedelta()},
        "the lifetime is not between 1 s and 1 day",
        "10 minutes are enough",
    ),
    "too long a lifetime": (
        {"lifetime": timedelta(days=1, seconds=1)},
        "the lifetime is not between 1 s and 1 day",
        "10 minutes are enough",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_right_is_refused_in_words(name: str):
    options, message, hint = REFUSED[name]

    with pytest.raises(AssertcheckError) as caught:
        sign(**{"cert": pfx(), **WHO, **options})

    assert message in caught.value.message
    assert hint in caught.value.hint
    assert "-----BEGIN PRIVATE KEY-----\n" not in str(caught.value)


def test_a_small_key_signs_without_a_word_from_a_library():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sign(pem(certificate("small", holder=SMALL)), key=private(SMALL), **WHO)


def test_a_damaged_key_is_refused():
    numbers = key().private_numbers()
    text = private()
    body = bytearray(base64.b64decode("".join(text.decode().split("\n")[1:-2])))
    place = body.index(numbers.d.to_bytes((numbers.d.bit_length() + 7) // 8)) + 100
    body[place] ^= 1
    damaged = b"-----BEGIN PRIVATE KEY-----\n%b\n-----END PRIVATE KEY-----\n" % (
        base64.encodebytes(body)
    )
    with pytest.raises(CertificateError, match="do not fit together"):
        sign(pem(certificate()), key=damaged, **WHO)


def minutes(count: int) -> datetime:
    return NOW + timedelta(minutes=count)


PAST = certificate(start=minutes(-20), end=minutes(-10))
COMING = certificate(start=minutes(10), end=minutes(20))
NOTES = {
    "none": (certificate(), 600, []),
    "to the second": (certificate(start=NOW, end=NOW), 600, []),
    "ended": (PAST, 600, ["certificate ended at 2026-03-10 11:50:00Z: Entra ID likely refuses"]),
    "to come": (COMING, 600, ["certificate begins at 2026-03-10 12:10:00Z: Entra ID likely"]),
    "long": (certificate(), 601, ["whoever has this assertion can sign in as the app for 10 min"]),
    "longest": (certificate(), 86_400, ["whoever has this assertion can sign in as the app for 1"]),
    "both": (PAST, 3600, ["certificate ended", "whoever has this"]),
}


@pytest.mark.parametrize("name", NOTES)
def test_what_is_doubtful_is_signed_with_a_note(name: str):
    cert, seconds, expected = NOTES[name]

    request = sign_request(
        pem(cert), key=private(), **WHO, lifetime=timedelta(seconds=seconds), now=NOW
    )

    assert len(request.notes) == len(expected)
    for said, beginning in zip(request.notes, expected, strict=True):
        assert said.startswith(beginning)
    body = parts(request.assertion)[1]
    assert body["exp"] - body["iat"] == seconds


# The command.

CONTENTS = {"cert.pem": pem(certificate()), "key.pem": private(), "app.pfx": pfx(encrypted=True)}
PAIR = ["--cert", "cert.pem", "--key", "key.pem"]
FOR = ["--client-id", CLIENT_ID, "--tenant", TENANT]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, content in CONTENTS.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, **options) -> Result:
    return CliRunner().invoke(app, ["sign", *arguments], **options)


def test_only_the_assertion_is_on_standard_output(here: Path):
    result = run(*PAIR, *FOR)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.count("\n") == 1
    _, body, signature, signed = parts(result.stdout.strip())
    check_signature("PS256", signature, signed)
    assert body["exp"] - body["iat"] == 600


def test_each_option_reaches_the_assertion(here: Path):
    result = run(*PAIR, *FOR, "--alg", "RS256", "--x5c", "--lifetime", "900", "--cloud", "usgov")
    head, body, _, _ = parts(result.stdout.strip())
    assert head["alg"] == "RS256"
    assert len(head["x5c"]) == 1
    assert body["exp"] - body["iat"] == 900
    assert body["aud"] == AUD.replace(".com", ".us")
    assert result.stderr == (
        "assertcheck: note: whoever has this assertion can sign in as the app for 15 min\n"
    )


def test_a_token_url_stands_for_the_tenant(here: Path):
    result = run(*PAIR, "--client-id", CLIENT_ID, "--token-url", V1)
    assert parts(result.stdout.strip())[1]["aud"] == V1


def test_it_prints_the_request_as_asked(here: Path):
    scope = ["--scope", "api://mine/.default"]
    members = json.loads(run(*PAIR, *FOR, *scope, "--as", "json").stdout)
    assert members["form"]["scope"] == "api://mine/.default"
    command = shlex.split(run(*PAIR, *FOR, *scope, "--as", "curl").stdout.replace("\\\n", ""))
    assert command[:2] == ["curl", AUD]
    assert ("scope", "api://mine/.default") in parse_qsl("&".join(command[3::2]))
    assert run(*PAIR, *FOR, "--as", "xml").stderr == (
        "assertcheck: error: no good value for --as\nassertcheck: hint: choose jwt, curl or json\n"
    )


@pytest.mark.parametrize("seconds", ["0", "-1", "86401", "9" * 30, "soon"])
def test_a_lifetime_has_its_bounds(seconds: str, here: Path):
    result = run(*PAIR, *FOR, "--lifetime", seconds)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("assertcheck: error: no good value for --lifetime\n")


@pytest.mark.parametrize("way", ["env", "file"])
def test_a_pfx_alone_suffices_and_its_password_is_never_shown(
    way: str, here: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PFX_PASSWORD", PASSWORD)
    (here / "password.txt").write_text(PASSWORD + "\n", encoding="utf-8")
    given = {"env": ["--password-env", "PFX_PASSWORD"], "file": ["--password-file", "password.txt"]}
    result = run("--cert", "app.pfx", *FOR, *given[way])
    assert result.exit_code == 0
    assert parts(result.stdout.strip())[0]["x5t#S256"] == x5t_s256(certificate())
    assert PASSWORD not in result.output


@pytest.mark.parametrize("name", ["new", "there already", "a link"])
def test_a_file_it_writes_is_for_its_owner_only(name: str, here: Path):
    target = here / "assertion.jwt"
    if name == "there already":
        target.write_text("x" * 100_000)
        target.chmod(0o644)
    elif name == "a link":
        target.symlink_to(here / "elsewhere.jwt")
    result = run(*PAIR, *FOR, "--output", str(target))
    assert (result.exit_code, result.output) == (0, "")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert parts(target.read_text().strip())[1]["aud"] == AUD


def test_a_device_keeps_its_mode(here: Path):
    before = Path(os.devnull).stat().st_mode
    assert run(*PAIR, *FOR, "--output", os.devnull).exit_code == 0
    assert Path(os.devnull).stat().st_mode == before


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("missing/assertion.jwt", os.strerror(errno.ENOENT).lower()),
        (".", os.strerror(errno.EISDIR).lower()),
        ("a\0b", "not a path"),
    ],
    ids=["no folder", "a folder", "no path"],
)
def test_what_cannot_be_written_is_said_in_two_lines(path: str, reason: str, here: Path):
    result = run(*PAIR, *FOR, "--output", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        f"assertcheck: error: cannot write the assertion: {reason}",
        "assertcheck: hint: name a file in a folder that exists",
    ]


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_it_says_what_that_is(here: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    with pytest.raises(SystemExit) as ended:
        app(["sign", *PAIR, *FOR])
    assert ended.value.code == 0
    assert screen.getvalue().count("\n") == 1
    assert capsys.readouterr().err == (
        "assertcheck: note: that is a live credential: whoever reads it can sign in as the app\n"
    )


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o600])
def test_a_redirection_to_a_file_that_others_can_read_is_noted(
    mode: int, here: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    target = here / "request.sh"
    target.touch()
    target.chmod(mode)
    with target.open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(SystemExit) as ended:
            app(["sign", *PAIR, *FOR, "--as", "curl"])
    assert ended.value.code == 0
    assert target.read_text().startswith("curl ")
    noted = (
        "assertcheck: note: others can read that file and sign in as the app; `--output FILE` "
        "keeps it to you\n"
    )
    assert capsys.readouterr().err == ("" if mode == 0o600 else noted)


def test_what_is_no_file_is_not_noted(here: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    with Path(os.devnull).open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(SystemExit):
            app(["sign", *PAIR, *FOR])
    assert capsys.readouterr().err == ""


def test_a_certificate_and_a_key_the_wrong_way_round_are_to_be_swapped(here: Path):
    result = run("--cert", "key.pem", "--key", "cert.pem", *FOR)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == [
        "assertcheck: error: cert.pem is a certificate, not a private key",
        "assertcheck: hint: give the private key with --key, or the PFX that holds it; if the "
        "other file holds it, swap the two",
    ]


def test_a_key_of_another_certificate_ends_with_2_and_nothing_on_standard_output(here: Path):
    (here / "key.pem").write_bytes(private(key("other")))
    result = run(*PAIR, *FOR)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(
        "assertcheck: error: the private key in key.pem (RSA 2048) does not belong to cert.pem ("
    )
    for secret in (private(), private(key("other"))):
        assert not any(line in result.stderr for line in secret.decode().split("\n")[1:-2])
