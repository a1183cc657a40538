"""What `assertcheck explain` makes of an error: from its text alone, and with certificates."""

import base64
import hashlib
import json
import re
import shlex
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from typer.testing import CliRunner, Result

from assertcheck.aadsts.explain import diagnose_error
from assertcheck.aadsts.parser import find_error
from assertcheck.aadsts.registering import register_command
from assertcheck.cli import app
from assertcheck.keys.certificate import read_certificate
from assertcheck.keys.registration import parse_registrations
from assertcheck.model import Candidate, Role
from tests import build
from tests import build_graph as graph
from tests.build import CLIENT_ID, NOW, TENANT, certificate, der, key, pem, x5t, x5t_s256

OTHER = certificate("other", holder=key("other"))
APP = certificate()
LABELS = {APP: "app.pem", OTHER: "other.pem"}
SHA1 = hashlib.sha1(der(APP)).digest()
SHA256 = hashlib.sha256(der(APP)).digest()
NOT_FOUND = "The key was not found."
EXPIRED = "The key used is expired."
MISMATCH = "Key was found, but use of the key to verify the signature failed."
TAIL = f"Trace ID: {TENANT} Correlation ID: {TENANT} Timestamp: 2026-03-10 12:00:00Z"
VISIT = f"Please visit the Azure Portal to see configured keys for app Id '{CLIENT_ID}'"
NOT_REGISTERED = f"`az ad app credential reset --id {CLIENT_ID} --cert @"


def candidates(*certs, role: Role = Role.REGISTERED) -> tuple[Candidate, ...]:
    return tuple(
        read_certificate(der(cert), label=LABELS[cert], role=role, text=pem(cert)) for cert in certs
    )


def key_error(octets: bytes | None, reason: str = NOT_FOUND, found: str = "") -> str:
    thumbprint = (
        "" if octets is None else f"Thumbprint of key used by client: '{octets.hex().upper()}', "
    )
    window = f"Found key '{found}', " if found else ""
    return (
        f"AADSTS700027: Client assertion contains an invalid signature. [Reason - {reason}, "
        f"{thumbprint}{window}{VISIT}]. {TAIL}"
    )


def window(start: datetime, end: datetime) -> str:
    return f"Start={start:%m/%d/%Y %H:%M:%S}, End={end:%m/%d/%Y %H:%M:%S}"


def time_error(begins: datetime | None, ends: datetime | None, now: datetime = NOW) -> str:
    first, last = (
        f"{moment:%Y-%m-%dT%H:%M:%S}.0000000Z" if moment else "1970-01-01T00:00:00.0000000Z"
        for moment in (begins, ends)
    )
    return (
        "AADSTS700024: Client assertion is not within its valid time range. Current time: "
        f"{now:%Y-%m-%dT%H:%M:%S}.0000000Z, assertion valid from {first}, expiry time of assertion "
        f"{last}. {TAIL}"
    )


def explained(text: str, *certs, role: Role = Role.REGISTERED) -> tuple[str, str]:
    """Remarks and causes as two texts."""
    error = find_error(text)
    assert error is not None
    told = diagnose_error(error, candidates(*certs, role=role))
    return " | ".join(told.remarks), " | ".join(told.causes)


HEX = SHA1.hex().upper()
RIGHT = f'"x5t":"{x5t(APP)}"'
LENGTHS = {
    "SHA-1": (SHA1, "20 octets, the size of a SHA-1: well made", "not registered on this app"),
    "hex as it is": (
        base64.b64decode(HEX + "=" * (-len(HEX) % 4)),
        f"30 octets: a SHA-1 in hex; in base64 they are {HEX}, which is what was sent; "
        f"the digest meant is {HEX}",
        RIGHT,
    ),
    "text of hex": (HEX.encode(), "40 octets: a SHA-1 in hex, encoded again as text", RIGHT),
    "text of hex and a line end": (HEX.lower().encode() + b"\n", "41 octets", RIGHT),
    "text of hex with colons": (
        ":".join(HEX[at : at + 2] for at in range(0, 40, 2)).encode(),
        "59 octets: a SHA-1 in hex, with colons",
        RIGHT,
    ),
    "a hidden character": (
        "\u200e".encode() + HEX.encode(),
        "43 octets: a SHA-1 in hex, with an invisible character, encoded again as text (U+200E)",
        "an invisible character came along",
    ),
    "UTF-16": (HEX.encode("utf-16-le"), "encoded again as UTF-16 text", RIGHT),
    "SHA-256": (
        SHA256,
        "32 octets, the size of a SHA-256, where `x5t` takes a SHA-1",
        f'send it as "x5t#S256":"{x5t_s256(APP)}"',
    ),
    "SHA-256 hex as it is": (
        base64.b64decode(SHA256.hex()),
        f"48 octets: a SHA-256 in hex; in base64 they are {base64.b64encode(base64.b64decode(SHA256.hex())).decode()}",
        f'"x5t#S256":"{x5t_s256(APP)}"',
    ),
    "SHA-256 text of hex": (SHA256.hex().encode(), "64 octets: a SHA-256 in hex", "x5t#S256"),
    "MD5": (hashlib.md5(b"").digest(), "16 octets, the size of an MD5", "holds no SHA-1"),
    "one octet": (b"\x84", "1 octet, as of a hex decoder that stopped", "holds no SHA-1"),
    "whole certificate": (der(APP), "octets, the size of no thumbprint", "holds no SHA-1"),
}


@pytest.mark.parametrize("name", LENGTHS)
def test_the_length_of_the_echoed_thumbprint_tells_the_mistake(name: str):
    octets, remark, cause = LENGTHS[name]
    remarks, causes = explained(key_error(octets))
    assert remark in remarks
    assert cause in causes


@pytest.mark.parametrize("role", [Role.REGISTERED, Role.ALSO])
def test_a_thumbprint_of_the_certificate_at_hand_is_not_registered(role: Role):
    remarks, causes = explained(key_error(SHA1), APP, OTHER, role=role)
    assert remarks == (
        f"Entra ID was sent the thumbprint of app.pem, and app {CLIENT_ID} has no such certificate"
    )
    assert causes.startswith(
        f"it is not registered on this app: upload it with {NOT_REGISTERED}app.pem --append`"
    )
    assert "wait some minutes" in causes


@pytest.mark.parametrize(
    ("octets", "remark"),
    [
        (HEX.encode(), "40 octets: the SHA-1 thumbprint of app.pem, in hex, encoded again as text"),
        (SHA256, "32 octets: the SHA-256 thumbprint of app.pem"),
        (SHA1[::-1], "20 octets: the SHA-1 thumbprint of app.pem, with its octets reversed"),
        (hashlib.sha1(pem(APP)).digest(), "20 octets: the SHA-1 of the PEM text of app.pem"),
    ],
)
def test_a_thumbprint_that_comes_from_the_certificate_is_named_with_the_right_value(octets, remark):
    remarks, causes = explained(key_error(octets), OTHER, APP)
    assert remark in remarks
    assert f'send "x5t":"{x5t(APP)}"' in causes


def test_a_thumbprint_of_a_bare_key_has_no_right_value():
    public = key().public_key()
    spki = public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    error = find_error(key_error(hashlib.sha1(spki).digest()))
    assert error is not None
    bare = Candidate(
        label="pub.pem", role=Role.REGISTERED, key=public, key_text="RSA 2048", certificate=None
    )
    told = diagnose_error(error, (bare,))
    assert told.remarks[0].endswith("the SHA-1 of the public key of pub.pem (SubjectPublicKeyInfo)")
    assert "send the base64url of the 20 octets" in told.causes[0]


@pytest.mark.parametrize(
    "octets", [hashlib.sha1(b"x").digest(), hashlib.sha1(b"x").hexdigest().encode()]
)
def test_a_thumbprint_of_none_of_the_certificates_is_said_so(octets: bytes):
    remarks, _ = explained(key_error(octets), APP, OTHER)
    assert "which comes from none of app.pem and other.pem" in remarks


def test_a_missing_thumbprint_likely_means_kid_or_s256_alone():
    remarks, causes = explained(key_error(None))
    assert "likely the header had no `x5t`, but only `kid` or only `x5t#S256`" in remarks
    assert "add `x5t`, the base64url of the 20 octets" in causes
    remarks, causes = explained(key_error(None), APP, OTHER)
    assert f'add `x5t`, "x5t":"{x5t(APP)}" for app.pem, or "x5t":"{x5t(OTHER)}"' in causes
    assert f'"x5t#S256":"{x5t_s256(APP)}" for app.pem' in causes
    assert f"{NOT_REGISTERED}app.pem" in causes


def test_a_blackened_thumbprint_is_no_missing_one():
    remarks, causes = explained(key_error(SHA1).replace(HEX, "****"))
    assert "cut off or blackened" in remarks
    assert causes.count(NOT_FOUND) == 3
    assert EXPIRED not in causes


DAY = timedelta(days=1)
WINDOWS = {
    "ended": (
        NOW - 400 * DAY,
        NOW - 2 * DAY,
        "it had ended 2 days before this answer",
        "has ended",
    ),
    "later that day": (
        NOW + timedelta(hours=5),
        NOW + 365 * DAY,
        "was not valid yet, and began 5 h after this answer, likely because its start was given in "
        "local time, or by a wrong clock",
        "give its start in UTC",
    ),
    "next month": (
        NOW + 30 * DAY,
        NOW + 365 * DAY,
        "was not valid yet, and began 30 days after this answer",
        "give its start in UTC",
    ),
    "within": (NOW - DAY, NOW + DAY, "within it, which does not fit the reason", "has ended"),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_expired_is_held_against_the_window_of_the_key_that_was_found(name: str):
    start, end, remark, cause = WINDOWS[name]
    remarks, causes = explained(key_error(SHA1, EXPIRED, window(start, end)))
    assert remark in remarks
    assert cause in causes.partition(" | ")[0]
    assert ("likely because" in remarks) == (name == "later that day")


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        (key_error(SHA1, EXPIRED), "the same is said of a key that is not valid yet"),
        (
            key_error(SHA1, EXPIRED, window(NOW, NOW + DAY)).replace("Timestamp", ""),
            "the same is said before it begins",
        ),
    ],
)
def test_expired_without_window_or_time_may_be_either(text: str, remark: str):
    remarks, causes = explained(text)
    assert remark in remarks
    assert "has ended" in causes
    assert "begins later" in causes


@pytest.mark.parametrize("reason", [EXPIRED, MISMATCH])
def test_the_key_that_was_found_is_held_against_the_certificates(reason: str):
    assert "the thumbprint is that of app.pem" in explained(key_error(SHA1, reason), APP)[0]
    assert "comes from none of other.pem" in explained(key_error(SHA1, reason), OTHER)[0]
    text = explained(key_error(SHA256, reason), APP)[0]
    assert "the thumbprint is 32 octets: the SHA-256 thumbprint of app.pem" in text


def test_a_signature_that_does_not_fit_names_the_certificate_whose_key_is_wanted():
    remarks, causes = explained(key_error(SHA1, MISMATCH, window(NOW - DAY, NOW + DAY)))
    assert remarks == "a registered key has this thumbprint, and it did not make the signature"
    assert causes.startswith("another private key signed")
    assert HEX in causes
    assert explained(key_error(None, MISMATCH))[1].startswith("another private key signed")


def test_a_key_without_dates_is_likely_the_ca_in_x5c():
    dates = "Start=01/01/0000 00:00:00, End=12/31/9999 23:59:59"
    remarks, causes = explained(key_error(SHA1, MISMATCH, dates))
    assert "likely it was taken from `x5c`, with the CA in first place" in remarks
    assert causes.startswith("`x5c` does not begin with the certificate that signed")


@pytest.mark.parametrize(("listed", "word"), [(HEX, "is"), ("A" * 40, "is not")])
def test_the_keys_listed_in_2017_are_looked_through(listed: str, word: str):
    remarks, causes = explained(
        "AADSTS70002: Error validating credentials. AADSTS50012: Client assertion contains an "
        f"invalid signature. [Reason - {NOT_FOUND}, Thumbprint of key used by client: '{HEX}', "
        f"Configured keys: [Key0:Start=08/03/2016, End=08/03/2017, Thumbprint={listed};]]"
    )
    assert f"the one that the client used {word} among them" in remarks
    assert "CLIENT_ID" in causes


def test_the_form_of_2016_has_the_causes_of_today():
    remarks, causes = explained(
        "AADSTS70002: Error validating credentials. AADSTS50012: Client assertion contains an "
        "invalid signature."
    )
    assert remarks == ""
    assert NOT_FOUND in causes


HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LATE = "by Entra ID's clock it had expired"
ZONE = "likely local time was taken for UTC"
TIMES = {
    "no exp": ((NOW - HOUR, None), "`exp` was missing or zero", "set it to seconds since 1970"),
    "neither": ((None, None), "`exp` was missing or zero", "set it to seconds since 1970"),
    "old": (
        (NOW - 2 * DAY, NOW - DAY),
        f"{LATE} 1 day before, after a life of 1 day",
        "sent again",
    ),
    "old, no nbf": (
        (None, NOW - DAY),
        f"{LATE} 1 day before | the begin is 1970-01-01",
        "sent again",
    ),
    "minutes old": ((NOW - 15 * MINUTE, NOW - 6 * MINUTE), f"{LATE} 6 min before", "sent again"),
    "two hours behind": (
        (NOW - 2 * HOUR - 20 * timedelta(seconds=1), NOW - 2 * HOUR + 10 * MINUTE),
        "its times are 2 hours behind Entra ID's clock, almost to the minute: " + ZONE,
        "local time",
    ),
    "an hour behind, no nbf": (
        (None, NOW - 55 * MINUTE),
        "its times are 1 hour behind Entra ID's clock, almost to the minute: " + ZONE,
        "local time",
    ),
    "five hours behind, ten minutes": (
        (None, NOW - 5 * HOUR + 10 * MINUTE),
        "its times are 5 hours behind",
        "local time",
    ),
    "ahead": (
        (NOW + 7 * MINUTE, NOW + HOUR),
        "it was to begin 7 min later",
        "clock of the machine",
    ),
    "two hours ahead": (
        (NOW + 2 * HOUR, NOW + 3 * HOUR),
        "its times are 2 hours ahead of Entra ID's clock, almost to the minute: " + ZONE,
        "local time",
    ),
    "swapped": ((NOW + HOUR, NOW - HOUR), "it ends 2 h before it begins", "swapped"),
    "in range": ((NOW - HOUR, NOW + HOUR), "it was in range", "sent again"),
    "in range, no nbf": ((None, NOW + HOUR), "it was in range | the begin is", "sent again"),
}


@pytest.mark.parametrize("name", TIMES)
def test_the_times_in_700024_are_held_against_its_own_clock(name: str):
    times, remark, cause = TIMES[name]
    remarks, causes = explained(time_error(*times))
    assert remark in remarks
    assert cause in causes.partition(" | ")[0]
    assert (ZONE in remarks) == (ZONE in remark or "5 hours" in remark)


def test_a_day_late_is_no_time_zone():
    assert ZONE not in explained(time_error(NOW - DAY, NOW - DAY + 10 * MINUTE))[0]
    assert ZONE not in explained(time_error(NOW - 20 * MINUTE, NOW - 10 * MINUTE))[0]


def test_700024_without_times_has_the_causes_of_the_catalogue():
    remarks, causes = explained(
        "AADSTS700024: Client assertion is not within its valid time range."
    )
    assert remarks == ""
    assert causes.startswith("an old assertion was sent again")


OTHERS = {
    "AADSTS700021: Client assertion application identifier doesn't match 'client_id' parameter.": (
        "compare `iss` and `sub` of the assertion with the client_id",
        "`iss` or `sub` is not the client id",
    ),
    f"AADSTS700016: Application with identifier '{CLIENT_ID}' was not found in the directory 'A B'.": (
        f"{CLIENT_ID} is the client id that was sent, and the directory A B has no such app",
        "another tenant",
    ),
    "AADSTS700016: Application with identifier 'my-app' was not found": (
        "the directory has no such app | it is no GUID",
        "another tenant",
    ),
    "AADSTS700016: (cut)": ("", "another tenant"),
    "AADSTS90014: The required field 'iss' is missing from the credential.": (
        "`iss` is a claim of the assertion",
        "set `iss` and `sub`",
    ),
    "AADSTS90014: The required field 'scope' is missing from the credential.": (
        "scope is a field of the request",
        "the field was not sent",
    ),
    "AADSTS90014: (cut)": ("", "the claim `iss` or `aud` is missing"),
    "AADSTS900144: The request body must contain the following parameter: 'grant_type'.": (
        "grant_type is a field of the request",
        "form-encoded",
    ),
    "AADSTS5002738: Invalid JWT token. 'ES256' is not a supported signature algorithm.": (
        "`alg` in the header was ES256",
        "ES256",
    ),
    "AADSTS5002738: (cut)": ("", "ES256"),
    f"AADSTS50013: Assertion failed signature validation. [Reason - {NOT_FOUND}, Thumbprint of key "
    f"used by client: '{HEX}', to see configured keys for app Id "
    "'00000000-0000-0000-0000-000000000000']": (
        "not about the client assertion; the app id is all zeros, which tells it from AADSTS700027",
        "Microsoft Graph",
    ),
    "AADSTS500133: Assertion is not within its valid time range. Current time: "
    "2026-06-23T06:33:25.7148737Z, expiry time of assertion 2026-06-23T06:33:04.0000000Z.": (
        "not about the client assertion | it had expired 21 s before",
        "too old",
    ),
    "AADSTS7000229: The client application is missing service principal": ("", "az ad sp create"),
    "AADSTS99999: of tomorrow": ("", ""),
}


@pytest.mark.parametrize("text", OTHERS)
def test_other_errors_tell_what_their_text_shows(text: str):
    remark, cause = OTHERS[text]
    remarks, causes = explained(text)
    assert remark in remarks
    assert bool(remark) == bool(remarks)
    assert cause in causes


@pytest.mark.parametrize("text", [key_error(SHA1), key_error(None), time_error(NOW, NOW), *OTHERS])
def test_clauses_begin_small_and_end_without_a_full_stop(text: str):
    error = find_error(text)
    assert error is not None
    told = diagnose_error(error, candidates(APP))
    for clause in (*told.remarks, *told.causes):
        assert not clause.endswith(".")
        assert not clause.endswith(" ")


def run(*args: str, text: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["explain", *args], input=text)


def flat(result: Result) -> str:
    return " ".join(result.stdout.split())


@pytest.mark.parametrize("way", ["argument", "-", "nothing", "file", "UTF-16 file"])
def test_an_error_comes_in_every_way(way: str, tmp_path: Path):
    path = tmp_path / "error.txt"
    path.write_text(key_error(SHA1), encoding="utf-16" if way == "UTF-16 file" else "utf-8")
    given = {"argument": [key_error(SHA1)], "-": ["-"], "nothing": []}.get(way, [str(path)])
    result = run(*given, text=key_error(SHA1))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"AADSTS700027 InvalidKeyError: {NOT_FOUND}\n")


@pytest.mark.parametrize("name", ["700027", "x5t", "typ-wrong"])
def test_a_name_may_come_on_standard_input_too(name: str):
    assert run(text=f"{name}\n").stdout == run(name).stdout != ""


def test_the_page_leads_with_the_diagnosis_and_ends_with_what_was_read():
    shown = run(text=key_error(SHA1, EXPIRED, window(NOW - 2 * DAY, NOW - DAY))).stdout
    headings = re.findall(r"^[A-Z].*$", shown, re.MULTILINE)
    assert headings == [
        f"AADSTS700027 InvalidKeyError: {EXPIRED}",
        "Causes, likeliest first",
        "Run next",
        "Read from the error",
    ]
    for line in (
        f"  reason       {EXPIRED}",
        f"  thumbprint   {HEX}",
        "  key from     2026-03-08 12:00:00Z",
        "  key until    2026-03-09 12:00:00Z",
        f"  app          {CLIENT_ID}",
        "  answered     2026-03-10 12:00:00Z",
        f"  trace id     {TENANT}",
        f"  correlation  {TENANT}",
        "  assertcheck verify assertion.jwt --cert cert.pem --error error.txt",
    ):
        assert line in shown.splitlines()


def test_the_page_of_an_old_form_names_the_code_of_today():
    shown = run(
        text="AADSTS70002: Error validating credentials. AADSTS50012: Client assertion is not "
        "within its valid time range."
    ).stdout
    assert shown.startswith("AADSTS50012, today AADSTS700024 SignedAssertionInvalidTimeRange\n")
    assert "  codes  AADSTS70002, AADSTS50012" in shown


def test_what_to_run_next_holds_the_ids_and_the_clock_of_the_error():
    shown = run(
        text=f"AADSTS700016: Application with identifier '{CLIENT_ID}' was not found in the "
        "directory 'contoso.example'."
    ).stdout
    assert f"--error error.txt --client-id {CLIENT_ID} --tenant contoso.example" in shown
    assert "--at" not in run(text=time_error(NOW - HOUR, NOW - MINUTE)).stdout
    assert (
        "--client-id CLIENT_ID --tenant TENANT"
        in run(
            text="AADSTS700016: Application with identifier 'x' was not found in the directory 'A; rm'."
        ).stdout
    )


def test_times_without_meaning_are_not_shown_as_dates():
    shown = run(text=key_error(SHA1, MISMATCH, "Start=01/01/0000, End=12/31/9999")).stdout
    assert "  key from     no date" in shown
    assert "  key until    no date" in shown


def test_a_code_in_a_sentence_is_explained_by_its_meaning():
    shown = flat(run(text="my login fails with AADSTS5002723, what now?"))
    assert "The header holds none of `x5t`, `x5t#S256` and `kid`" in shown
    assert "Read from the error" not in shown


def test_a_code_of_which_only_the_text_is_known_shows_that():
    assert 'Microsoft says: "This service principal ID is not a GUID."' in flat(
        run(text="got AADSTS76032: x")
    )


def test_a_code_that_nobody_knows_is_said_so():
    shown = flat(run(text="AADSTS7654321: of tomorrow"))
    assert "nothing is known of this code" in shown
    assert "https://login.microsoftonline.com/error?code=7654321" in shown


def test_a_paste_that_holds_an_assertion_points_to_verify():
    hint = "the paste holds an assertion as well: `assertcheck verify` reads both together"
    text = build.token()
    result = run(text=f"client_assertion={text}\n{key_error(SHA1)}")
    assert hint in flat(result)
    assert text.split(".")[2] not in result.output
    assert hint not in flat(run(text=key_error(SHA1)))


@pytest.mark.parametrize("option", ["--cert", "--also"])
def test_certificates_come_by_option(option: str, tmp_path: Path):
    path = tmp_path / "app.pem"
    path.write_bytes(pem(APP))
    assert "Entra ID was sent the thumbprint of app.pem" in flat(
        run(option, str(path), text=key_error(SHA1))
    )
    missing = run(option, str(tmp_path / "none.pem"), text=key_error(SHA1))
    assert (missing.exit_code, missing.stdout) == (2, "")


NEITHER = "and no error of Entra ID"
NO_ERROR = {
    "words": (b"no code at all", "there is no AADSTS code in the text", "rules"),
    "a long word": (b"x" * 5000, "there is no AADSTS code in the text", "rules"),
    "a name": (b"no-such-rule-anywhere", "no rule, code or topic has that name", "rules"),
    "assertion": (build.token().encode(), f"that is an assertion, {NEITHER}", "verify"),
    "form": (
        f"scope=x&client_assertion={build.token()}".encode(),
        f"that is an assertion, {NEITHER}",
        "verify",
    ),
    "certificate": (pem(APP), f"that is a certificate, {NEITHER}", "cert"),
    "certificate without armour": (
        base64.b64encode(der(APP)),
        f"that is a certificate, {NEITHER}",
        "cert",
    ),
    "certificate in DER": (der(APP), f"that is a binary file, {NEITHER}", "cert"),
    "text with zeros": ("no BOM".encode("utf-16-le"), f"that is a binary file, {NEITHER}", "cert"),
    "private key": (
        key().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        f"that is a private key, {NEITHER}",
        "cert",
    ),
    "secret": (
        b"~abcdefghij0123456789abcdefghij0123456",
        f"that is a client secret, {NEITHER}",
        "client_secret",
    ),
    "redirect URL": (
        b"https://login.microsoftonline.com/t/saml2?SAMLRequest=fZJNT8MwDIbv",
        f"that is a SAML message, {NEITHER}",
        "saml",
    ),
    "AuthnRequest": (
        b'<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"/>',
        f"that is a SAML message, {NEITHER}",
        "saml",
    ),
    "app": (
        b'{"appId": "x", "keyCredentials": []}',
        f"that is an app registration, {NEITHER}",
        "app",
    ),
    "service principal": (
        b"{'passwordCredentials': None}",
        f"that is an app registration, {NEITHER}",
        "app",
    ),
}


@pytest.mark.parametrize("name", NO_ERROR)
def test_what_is_no_error_is_named_with_the_command_that_takes_it(name: str, tmp_path: Path):
    octets, said, command = NO_ERROR[name]
    message = (
        said if " no " in said or "no " in said[:3] else f"that is {said}, and no error of Entra ID"
    )
    path = tmp_path / "given"
    path.write_bytes(octets)
    for result in (run(str(path)), run(text=octets)):
        assert (result.exit_code, result.stdout) == (2, "")
        error, hint = result.stderr.splitlines()
        assert error == f"assertcheck: error: {message}"
        assert hint.startswith("assertcheck: hint: ")
        assert command in hint.partition("hint: ")[2]
        assert octets.decode("latin-1").strip()[:12] not in result.stderr


@pytest.mark.parametrize("text", ["no code at all", "x" * 5000, build.token()])
def test_what_is_nothing_of_all_this_is_not_repeated(text: str):
    for result in (run(text), run(text=text)):
        assert (result.exit_code, result.stdout) == (2, "")
        assert len(result.stderr.splitlines()) == 2
        assert text[:40] not in result.stderr


@pytest.mark.parametrize("given", ["", " \n"])
def test_nothing_at_all_is_two_lines(given: str):
    result = run(text=given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "pipe the error in" in result.stderr


def test_a_folder_is_two_lines(tmp_path: Path):
    result = run(str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is a folder" in result.stderr


@pytest.mark.parametrize(
    "name",
    [
        "\x1b[31mred",
        "\u202egnp",
        "a\nb",
        "<script>",
        "::error::x",
        "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln",
    ],
)
def test_nothing_in_an_error_reaches_the_terminal_alive(name: str):
    result = run(
        text=f"AADSTS700016: Application with identifier '{name}' was not found in the directory "
        f"'{name}'. [Reason - {name}]"
    )
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
    assert "c2ln" not in result.stdout


def test_a_code_without_a_known_text_is_explained_all_the_same():
    shown = run("7000274").stdout
    assert shown.startswith("AADSTS7000274")
    assert "Entra ID says" not in shown


def told(export: object, text: str, *certs) -> str:
    """The remarks on an error, with an export of the app it is about."""
    (registration,) = parse_registrations(graph.as_json(export), label="app.json")
    error = find_error(text)
    assert error is not None
    remarks = diagnose_error(error, candidates(*certs), registration).remarks
    return " | ".join(remarks)


THERE = graph.application(APP, appId=CLIENT_ID)


@pytest.mark.parametrize("export", [THERE, graph.unkeyed(THERE)], ids=["keys", "identifiers"])
def test_an_error_is_held_against_the_registration(export):
    text = told(export, key_error(SHA1))
    assert "app.json has a key with this thumbprint, app.json, valid from" in text
    assert "likely it was registered only since, or the request went to another app" in text
    assert "app.json has a key" in told(export, key_error(SHA1, EXPIRED))
    assert "registered only since" not in told(export, key_error(SHA1, EXPIRED))


def test_a_key_that_the_registration_lacks_is_named_as_lacking():
    other = graph.application(certificate("other"), appId=CLIENT_ID)
    assert "app.json has no key with this thumbprint" in told(other, key_error(SHA1))


def test_a_registration_that_decides_nothing_says_so():
    without = {name: value for name, value in THERE.items() if name != "keyCredentials"}
    assert "app.json leaves the keys of the app out" in told(without, key_error(SHA1))
    assert "app.json" not in told(THERE, key_error(None))
    dateless = graph.application(graph.key_credential(APP, startDateTime=None), appId=CLIENT_ID)
    assert "with this thumbprint, app.json: likely" in told(dateless, key_error(SHA1))
    nameless = graph.application(
        graph.key_credential(APP, customKeyIdentifier=None, key=None), appId=CLIENT_ID
    )
    assert "app.json does not show every key of the app" in told(nameless, key_error(SHA1))


def test_a_key_that_is_there_is_not_said_to_be_missing():
    (registration,) = parse_registrations(graph.as_json(THERE), label="app.json")
    error = find_error(key_error(SHA1))
    assert error is not None
    causes = diagnose_error(error, candidates(APP), registration).causes
    assert len(causes) == 2
    assert not any("upload it with" in cause for cause in causes)


NO_KEYS = f"AADSTS700026: Client application has no configured keys. {TAIL}"
UNSIGNED = (
    "AADSTS76021: The request sent by client is not signed while the application requires signed "
    f"requests. {TAIL}"
)


@pytest.mark.parametrize(
    ("export", "text", "words"),
    [
        (graph.application(), NO_KEYS, "app.json has no key: that is the cause"),
        (
            graph.application(APP),
            NO_KEYS,
            "app.json has 1 key: likely it was registered only since",
        ),
        (graph.application(APP, certificate("other")), NO_KEYS, "app.json has 2 keys: likely"),
        (graph.application(keyCredentials=build.DROP), NO_KEYS, "leaves the keys of the app out"),
        (graph.application(), UNSIGNED, "`assertcheck saml --app app.json` whether a request fits"),
        (
            graph.saml_service_principal(),
            f"AADSTS50003: No signing key. {TAIL}",
            "`assertcheck app",
        ),
    ],
)
def test_other_errors_are_held_against_the_registration_too(export, text, words):
    assert words in told(export, text)


def test_a_file_name_that_a_shell_would_part_is_not_put_into_a_command():
    (registration,) = parse_registrations(graph.as_json(THERE), label="my app; rm.json")
    error = find_error(UNSIGNED)
    assert error is not None
    (remark, *_) = diagnose_error(error, (), registration).remarks
    assert remark.startswith("`assertcheck app FILE` says")


def test_what_a_registration_does_not_show_is_not_held_against_it():
    time = f"AADSTS700024: Client assertion is not within its valid time range. {TAIL}"
    assert "app.json" not in told(THERE, time)
    other = f"AADSTS700016: Application with identifier '{CLIENT_ID}' was not found in the directory 'x'. {TAIL}"
    stranger = graph.application(APP, appId="99999999-0000-4000-8000-000000000009")
    assert f"the error is about app {CLIENT_ID}, and app.json is app" in told(stranger, other)


def test_a_registration_of_another_app_is_named_as_such():
    other = graph.application(APP, appId="99999999-0000-4000-8000-000000000009")
    assert "the error is about app" in told(other, key_error(SHA1))


def test_the_command_takes_the_registration(tmp_path):
    path = tmp_path / "app.json"
    path.write_bytes(graph.as_json(THERE))
    shown = run("--app", str(path), text=key_error(SHA1))
    assert shown.exit_code == 0
    assert "app.json has a key with this thumbprint" in " ".join(shown.output.split())
    assert run("x5t-is-hex", "--app", str(path)).exit_code == 0


RECORD = "No matching federated identity record found for presented assertion"
CHECK = (
    "Check your federated identity credential Subject, Audience and Issuer against the presented "
    "assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
)
IMMUTABLE = "repo:contoso@5544123/payments@821093847:ref:refs/heads/main"
ALL_THREE = (
    f"AADSTS70021: {RECORD}. Assertion Issuer: 'https://token.actions.githubusercontent.com'. "
    "Assertion Subject: '{}'. Assertion Audience: '{}'. https://docs.microsoft.com/x"
)
NO_KEY = (
    "AADSTS7000272: The certificate with identifier {} used to sign the federated credential could "
    "not be found in the metadata of identity provider https://oidc.example/a/. Please validate "
    "that your Identity Provider's metadata exposes the key used to sign the incoming token."
)
UPDATE = (
    "`az ad app federated-credential update --id CLIENT_ID --federated-credential-id CREDENTIAL "
)
FEDERATION = {
    "issuer": (
        f"AADSTS700211: {RECORD} issuer 'https://oidc.example/'. {CHECK}",
        ["which has the issuer https://oidc.example/", '{"issuer": "https://oidc.example/"}'],
    ),
    "subject": (
        f"AADSTS700213: {RECORD} subject 'system:serviceaccount:pay:payer'. {CHECK}",
        [
            "which has the subject system:serviceaccount:pay:payer",
            UPDATE + """--parameters '{"subject": "system:serviceaccount:pay:payer"}'`""",
        ],
    ),
    "immutable": (
        f"AADSTS700213: {RECORD} subject '{IMMUTABLE}'. {CHECK}",
        [
            "that subject is GitHub's immutable form",
            "a credential with repo:contoso/payments:ref:refs/heads/main does not fit it",
            f'{{"subject": "{IMMUTABLE}"}}',
        ],
    ),
    "names alone": (
        f"AADSTS700213: {RECORD} subject 'repo:contoso/payments:pull_request'. {CHECK}",
        ["that subject has GitHub's names alone", "until immutable subjects are switched on"],
    ),
    "letter case": (
        f"AADSTS7002138: {RECORD} subject 'repo:Contoso/payments:pull_request'. The subject "
        "matches with case-insensitive comparison, but not with case-sensitive comparison.",
        ['{"subject": "repo:Contoso/payments:pull_request"}'],
    ),
    "expression": (
        f"AADSTS7002131: {RECORD} subject 'repo:a/b:pull_request' or no federated identity "
        f"credential expression matched. Please {CHECK}",
        ['{"subject": "repo:a/b:pull_request"}'],
    ),
    "audience": (
        f"AADSTS700212: {RECORD} audience 'https://github.com/contoso'. {CHECK}",
        [
            "which has the audience https://github.com/contoso",
            "or api://AzureADTokenExchangeChina: ask the issuer for a token with",
        ],
    ),
    "audience of a cloud": (
        f"AADSTS700212: {RECORD} audience 'api://AzureADTokenExchangeUSGov'. {CHECK}",
        ["the one of the cloud usgov", '{"audiences": ["api://AzureADTokenExchangeUSGov"]}'],
    ),
    "all three": (
        ALL_THREE.format("repo:o'brien", "x").replace("o'brien", "a/b:environment:My Prod"),
        [
            "has the issuer https://token.actions.githubusercontent.com, the subject "
            "repo:a/b:environment:My Prod and the audience x",
            '"subject": "repo:a/b:environment:My Prod", "audiences": ["api://AzureADTokenExchange"]',
        ],
    ),
    "all three of China": (
        ALL_THREE.format("x", "api://AzureADTokenExchangeChina"),
        ['"audiences": ["api://AzureADTokenExchangeChina"]'],
    ),
    "no credential": (
        f"AADSTS70025: The client '{CLIENT_ID}'(my app) has no configured federated identity "
        "credentials.",
        [
            f"{CLIENT_ID} signed in, and has no federated credential at all",
            f"`az ad app federated-credential list --id {CLIENT_ID}`",
        ],
    ),
    "key": (
        NO_KEY.format("DFA184AB5E2B3F6529B8CFCE195305014236E297"),
        [
            "is DFA184AB5E2B3F6529B8CFCE195305014236E297 in hex, 36GEq14rP2UpuM_OGVMFAUI24pc in",
            "jwks_uri of https://oidc.example/a/.well-known/openid-configuration",
        ],
    ),
    "half an octet of a key": (NO_KEY.format("ABC"), ["is ABC in hex | the issuer is"]),
    "no key": (NO_KEY.format(""), ["the issuer is https://oidc.example/a/: the JWKS"]),
}


@pytest.mark.parametrize("name", FEDERATION)
def test_what_the_token_had_is_said_with_what_to_paste(name: str):
    text, parts = FEDERATION[name]
    remarks, causes = explained(f"{text} {TAIL}")
    assert causes
    for part in parts:
        assert part in remarks


CUT = [
    f"AADSTS700213: {RECORD} subject 'repo:contoso/paym",
    f"AADSTS700213: {RECORD} subject 'repo:contoso/paym...",
    f"AADSTS700213: {RECORD} subject '***'. {CHECK}",
    f"AADSTS70021: {RECORD}. Assertion Issuer: 'https://issuer.example'. Assertion Subj",
    "AADSTS7000272: The certificate with identifier DFA1",
    "AADSTS70025",
]


@pytest.mark.parametrize("text", CUT)
def test_of_a_message_of_federation_that_was_cut_nothing_is_said(text: str):
    remarks, causes = explained(text)
    assert (remarks, bool(causes)) == ("", True)


@pytest.mark.parametrize(
    "value", ["x" * 10_000, build.token(), "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln"]
)
def test_a_value_that_is_not_there_to_the_letter_is_not_pasted(value: str):
    remarks, _ = explained(f"AADSTS700213: {RECORD} subject '{value}'. {CHECK}")
    assert remarks.startswith("no federated credential of the app fits the token, which has")
    assert "az ad app" not in remarks
    assert len(remarks) < 300
    assert "c2ln" not in remarks


def test_a_hostile_value_is_harmless_on_a_terminal_and_in_a_shell():
    hostile = "repo:a/b:environment:\x1b[31m$(x);`y`\u202e\x00&quot;|z"
    shown = run(text=f"AADSTS700213: {RECORD} subject '{hostile}'. {CHECK}").stdout
    assert shown.isascii()
    assert not {"\x1b", "\x00"} & set(shown)
    (command,) = re.findall(r"`(az ad app .*)`", shown)
    subject = json.loads(shlex.split(command)[-1])["subject"]
    assert subject == 'repo:a/b:environment:\x1b[31m$(x);y\u202e\x00"|z'


@pytest.mark.parametrize(
    ("label", "command"),
    [
        ("", "--cert @cert.pem"),
        ("app.pem", "--cert @app.pem"),
        ("app.cer", "--cert @app.cer"),
        ("app.pfx", "`openssl pkcs12 -in app.pfx -clcerts -nokeys -out cert.pem`, then `az ad app"),
        ("app.p12", "`openssl pkcs12 -in app.p12 "),
        ("app.der", "`openssl x509 -in app.der -out cert.pem`, then `az ad app"),
        ("-rf.pem", "--cert @cert.pem"),
        ("a b.pfx", "--cert @cert.pem"),
        ("chain.pem[0]", "--cert @cert.pem"),
    ],
)
def test_the_command_to_register_takes_the_file_as_it_is(label, command):
    said = register_command(CLIENT_ID, label)
    assert command in said
    assert said.endswith("--append`")
    assert ("openssl" in said) is ("openssl" in command)
