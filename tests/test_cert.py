"""`cert`: every form of a thumbprint, and what is wrong with a certificate before it is used."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from typer.testing import CliRunner, Result

from assertcheck import AssertcheckError, CertificateError, Severity, render_json
from assertcheck.cert_report import diagnose_certificates
from assertcheck.cli import app
from assertcheck.families import FAMILIES
from assertcheck.graph import Registration
from assertcheck.keys.files import parse_keys
from assertcheck.keys.registered import match
from assertcheck.keys.registration import parse_registrations
from assertcheck.model import Report, Role
from assertcheck.render.layout import Style
from assertcheck.render.text import render_text
from assertcheck.rules.cert import way_to_register
from tests.build import CLIENT_ID, DROP, NOW, certificate, der, ec_key, key, pem
from tests.build_graph import (
    application,
    as_json,
    az_app_show,
    az_credential_list,
    b64,
    graph_list,
    iso,
    key_credential,
    password_credential,
    service_principal,
    sha1,
    sha256,
)

SAMPLES = Path(__file__).parent.parent / "sample_certs"
SAMPLES_AT = "2026-01-15T12:00:00Z"
AT = NOW.isoformat()
PASSWORD = "sesame-öffne-dich"
DAY = timedelta(days=1)
APP, OTHER = certificate("app"), certificate("other")
ROOT = certificate("root", ca=True)
MIDDLE = certificate("middle", issuer=ROOT, issuer_key=key("root"), ca=True)
LEAF = certificate("leaf", issuer=MIDDLE, issuer_key=key("middle"))
SELF_SIGNED_CA = certificate("app", ca=True)
ENDED = certificate("app", start=NOW - 60 * DAY, end=NOW - DAY)
TO_COME = certificate("app", start=NOW + DAY, end=NOW + 300 * DAY)
ENDING = certificate("app", end=NOW + 30 * DAY - timedelta(seconds=1))
ENDING_LATER = certificate("app", end=NOW + 30 * DAY)
EC = certificate("ec", holder=ec_key())
SMALL = certificate("small", holder=key("small", 1024))


@cache
def with_usage(*, sign: bool) -> x509.Certificate:
    """A root whose key may sign certificates; `sign`: and other data."""
    name = certificate("root").subject
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key("root").public_key())
        .serial_number(7)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + 300 * DAY)
        .add_extension(
            x509.KeyUsage(
                digital_signature=sign,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=True,
                crl_sign=True,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(key("root"), hashes.SHA256())
    )


@cache
def private(name: str = "app") -> bytes:
    return key(name).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def public(name: str = "app") -> bytes:
    return (
        key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def spki(name: str) -> bytes:
    return (
        key(name)
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def pfx(name: str, *certs: x509.Certificate, password: str | None = None) -> bytes:
    first, *rest = certs
    encryption = (
        serialization.BestAvailableEncryption(password.encode())
        if password
        else serialization.NoEncryption()
    )
    return pkcs12.serialize_key_and_certificates(None, key(name), first, rest, encryption)


def exported(*keys, **changes) -> bytes:
    return as_json(application(*keys, **changes))


def report(*certs: bytes | Path, **options) -> Report:
    return diagnose_certificates(certs, **({"at": NOW} | options))


def ids(found: Report) -> set[str]:
    return {item.id for item in found.findings}


def shown(found: Report) -> str:
    return render_text(found, Style())


def members(found: Report) -> list[dict]:
    listed: list[dict] = json.loads(render_json(found))["certificates"]
    return listed


CROSSED = (
    certificate("one", issuer=certificate("two"), issuer_key=key("two"), ca=True),
    certificate("two", issuer=certificate("one"), issuer_key=key("one"), ca=True),
)
NOT_REGISTERED = "certificate-not-registered"
MISMATCH = "key-does-not-match-certificate"
UNKEYED = {"key": None, "customKeyIdentifier": DROP}
TRUSTING = {"trustedSubjectNameAndIssuers": [{"authorityId": CLIENT_ID, "subjectName": "x"}]}
ROWS: dict[str, tuple[list[bytes], dict, set[str]]] = {
    # The certificate alone.
    "sound": ([pem(APP)], {}, set()),
    "DER": ([der(APP)], {}, set()),
    "self-signed with CA:TRUE": ([pem(SELF_SIGNED_CA)], {}, set()),
    "expired": ([pem(ENDED)], {}, {"certificate-expired"}),
    "not yet valid": ([pem(TO_COME)], {}, {"certificate-not-yet-valid"}),
    "ends within 30 days": ([pem(ENDING)], {}, {"certificate-ends-soon"}),
    "ends in 30 days": ([pem(ENDING_LATER)], {}, set()),
    "ends within days that were named": (
        [pem(ENDING_LATER)],
        {"min_days": 31},
        {"certificate-ends-soon"},
    ),
    "no days": ([pem(ENDING)], {"min_days": None}, set()),
    "EC": ([pem(EC)], {}, {"ec-key-not-supported"}),
    "RSA 1024": ([pem(SMALL)], {}, {"rsa-key-too-small"}),
    "bare key": ([public()], {}, set()),
    # CAs.
    "intermediate": ([pem(MIDDLE)], {}, {"certificate-is-a-ca"}),
    "root that may only certify": ([pem(with_usage(sign=False))], {}, {"certificate-is-a-ca"}),
    "root that may sign": ([pem(with_usage(sign=True))], {}, set()),
    "intermediate beside its leaf": ([pem(LEAF, MIDDLE)], {}, set()),
    # Chains.
    "chain": ([pem(LEAF, MIDDLE, ROOT)], {}, set()),
    "chain, root in between": ([pem(LEAF, ROOT, MIDDLE)], {}, set()),
    "root first": ([pem(ROOT, MIDDLE, LEAF)], {}, {"chain-out-of-order"}),
    "intermediate first": ([pem(MIDDLE, LEAF)], {}, {"chain-out-of-order"}),
    "another first, and the key": (
        [pem(OTHER, APP) + private()],
        {},
        {"chain-out-of-order"},
    ),
    "two of no relation": ([pem(OTHER, APP)], {}, set()),
    "PKCS#7": (
        [pkcs7.serialize_certificates([ROOT, MIDDLE, LEAF], serialization.Encoding.DER)],
        {},
        set(),
    ),
    "files apart": ([pem(ROOT), pem(MIDDLE), pem(LEAF)], {}, set()),
    "PFX of the CA": ([pfx("middle", MIDDLE, LEAF)], {}, {"certificate-is-a-ca"}),
    "CAs of each other, and a key of none": (
        [pem(*CROSSED) + private()],
        {},
        {MISMATCH, "certificate-is-a-ca"},
    ),
    # The private key.
    "its key": ([pem(APP)], {"key": private()}, set()),
    "its key, in a PFX": ([pem(APP)], {"key": pfx("app", APP)}, set()),
    "its key, of two certificates": ([pem(OTHER), pem(APP)], {"key": private()}, set()),
    "another's key": ([pem(APP)], {"key": private("other")}, {MISMATCH}),
    "the issuer's key": ([pem(LEAF, MIDDLE)], {"key": private("middle")}, {MISMATCH}),
    "another's key in the same file": ([pem(APP) + private("other")], {}, {MISMATCH}),
    "a key in a file of its own": ([pem(APP), private("other")], {}, set()),
    "another's public key in the same file": ([pem(APP) + public("other")], {}, set()),
    "PFX": ([pfx("leaf", LEAF, MIDDLE)], {}, set()),
    "PFX and another key": ([pfx("leaf", LEAF, MIDDLE)], {"key": private()}, {MISMATCH}),
    "its bare key": ([public()], {"key": private()}, set()),
    "another's bare key": ([public()], {"key": private("other")}, {MISMATCH}),
    # The registration.
    "its registration ended": (
        [pem(APP)],
        {"app": exported(key_credential(APP, endDateTime=iso(NOW - DAY)))},
        {"registered-key-expired"},
    ),
    "its registration ends now": (
        [pem(APP)],
        {"app": exported(key_credential(APP, endDateTime=iso(NOW))), "min_days": None},
        set(),
    ),
    "its registration begins later": (
        [pem(APP)],
        {"app": exported(key_credential(APP, startDateTime=iso(NOW + DAY)))},
        {"registered-key-not-yet-valid"},
    ),
    "registered for signing": (
        [pem(APP)],
        {"app": exported(key_credential(APP, usage="Sign"))},
        {"registered-key-usage-sign"},
    ),
    "registered": ([pem(APP)], {"app": exported(OTHER, APP)}, set()),
    "registered by its identifier": ([pem(APP)], {"app": as_json(az_app_show(APP))}, set()),
    "registered by its SHA-256": (
        [pem(APP)],
        {"app": exported(key_credential(APP, key=None, customKeyIdentifier=b64(sha256(APP))))},
        set(),
    ),
    "not registered": ([pem(APP)], {"app": exported(OTHER)}, {NOT_REGISTERED}),
    "not registered by its identifier": (
        [pem(APP)],
        {"app": as_json(az_app_show(OTHER))},
        {NOT_REGISTERED},
    ),
    "renewed with the same key": (
        [pem(certificate("app", end=NOW + 700 * DAY))],
        {"app": exported(APP)},
        {NOT_REGISTERED},
    ),
    "no keys": ([pem(APP)], {"app": exported()}, {"no-keys-registered"}),
    "no keys, and expired": (
        [pem(ENDED)],
        {"app": exported()},
        {"no-keys-registered", "certificate-expired"},
    ),
    "no keys, and a bare key": ([public()], {"app": exported()}, {"no-keys-registered"}),
    "a secret only": (
        [pem(APP)],
        {"app": exported(passwordCredentials=[password_credential()])},
        {"no-certificate-registered"},
    ),
    "no certificate, and the secrets left out": (
        [pem(APP)],
        {"app": exported(passwordCredentials=DROP)},
        {"no-certificate-registered"},
    ),
    "trusted by subject": ([pem(APP)], {"app": exported(**TRUSTING)}, set()),
    "trusted by subject, with a secret": (
        [pem(APP)],
        {"app": exported(passwordCredentials=[password_credential()], **TRUSTING)},
        set(),
    ),
    "trusted by subject, beside another's": (
        [pem(APP)],
        {"app": exported(OTHER, **TRUSTING)},
        set(),
    ),
    "trusted by subject, and registered": ([pem(APP)], {"app": exported(APP, **TRUSTING)}, set()),
    "its bare key is registered": (
        [pem(APP)],
        {"app": exported(key_credential(APP, key=b64(spki("app"))))},
        {"key-is-not-a-certificate"},
    ),
    "its bare key and itself": (
        [pem(APP)],
        {"app": exported(key_credential(APP, key=b64(spki("app"))), APP)},
        set(),
    ),
    "another's bare key is registered": (
        [pem(APP)],
        {"app": exported(key_credential(OTHER, key=b64(spki("other"))))},
        {NOT_REGISTERED},
    ),
    "another type": (
        [pem(APP)],
        {"app": exported(key_credential(APP, type="Symmetric"))},
        {"key-type-wrong"},
    ),
    "another type of another": (
        [pem(APP)],
        {"app": exported(APP, key_credential(OTHER, type="Symmetric"))},
        set(),
    ),
    "a public client": (
        [pem(APP), pem(OTHER)],
        {"app": exported(APP, OTHER, isFallbackPublicClient=True)},
        {"app-is-public-client"},
    ),
    "registered as PEM": (
        [pem(APP)],
        {"app": exported(key_credential(APP, key=b64(pem(APP))))},
        {"key-written-as-pem"},
    ),
    "registered with its private key": (
        [pem(APP)],
        {"app": exported(key_credential(APP, key=b64(private() + pem(APP))))},
        {"private-key-uploaded"},
    ),
    "its private key is registered": (
        [pem(APP)],
        {"app": exported(key_credential(APP, key=b64(pfx("app", APP))))},
        {NOT_REGISTERED},
    ),
    "its registration cannot be read": (
        [pem(APP)],
        {"app": exported(key_credential(APP, key="AAAA"))},
        {"key-unreadable"},
    ),
    "another's registration cannot be read": (
        [pem(APP)],
        {"app": exported(APP, key_credential(OTHER, key="AAAA"))},
        set(),
    ),
    "issuer registered": ([pem(LEAF, MIDDLE)], {"app": exported(MIDDLE)}, {NOT_REGISTERED}),
    "leaf registered, issuer not": ([pem(LEAF, MIDDLE)], {"app": exported(LEAF)}, set()),
    "keys left out": ([pem(APP)], {"app": exported(keyCredentials=DROP)}, set()),
    "identifier decides nothing": (
        [pem(APP)],
        {"app": exported(key_credential(OTHER, **UNKEYED))},
        set(),
    ),
    "keys left out, and expired": (
        [pem(ENDED)],
        {"app": exported(keyCredentials=DROP)},
        {"certificate-expired"},
    ),
    "one open of two": (
        [pem(APP), pem(OTHER)],
        {"app": exported(key_credential(ROOT, **UNKEYED), OTHER)},
        set(),
    ),
    "registered beside one that is open": (
        [pem(APP)],
        {"app": exported(key_credential(OTHER, **UNKEYED), APP)},
        set(),
    ),
    "service principal": ([pem(APP)], {"app": as_json(service_principal(OTHER))}, set()),
    "one of two registered": (
        [pem(APP), pem(OTHER)],
        {"app": exported(OTHER)},
        {NOT_REGISTERED},
    ),
    "a registered bare key": ([public()], {"app": exported(APP)}, set()),
    "a bare key of none": ([public()], {"app": exported(OTHER)}, {NOT_REGISTERED}),
    "outlived by its registration": (
        [pem(ENDED)],
        {"app": exported(key_credential(ENDED, endDateTime="2027-01-01T00:00:00Z"))},
        {"certificate-outlived"},
    ),
    "registration ends soon": (
        [pem(APP)],
        {"app": exported(key_credential(APP, endDateTime="2026-03-20T00:00:00Z"))},
        {"certificate-ends-soon"},
    ),
    # All at once.
    "everything": (
        [pem(MIDDLE, certificate("leaf", issuer=MIDDLE, issuer_key=key("middle"), end=NOW - DAY))],
        {"key": private("other"), "app": exported(MIDDLE)},
        {MISMATCH, "certificate-expired", "chain-out-of-order", NOT_REGISTERED},
    ),
}


OPEN = {
    "keys left out",
    "identifier decides nothing",
    "service principal",
    "keys left out, and expired",
    "one open of two",
    "trusted by subject",
    "trusted by subject, with a secret",
    "trusted by subject, beside another's",
    "its registration cannot be read",
}
"""Rows in which the export does not show whether the certificate is registered."""


@pytest.mark.parametrize("name", ROWS)
def test_each_fault_and_its_neighbour(name: str):
    files, options, expected = ROWS[name]
    found = report(*files, **options)
    assert ids(found) == expected
    errors = [item for item in found.findings if item.severity is Severity.ERROR]
    is_open = name in OPEN and not errors
    assert found.verdict == ("incomplete" if is_open else None)
    assert found.exit_code() == (1 if errors else 3 if is_open else 0)
    assert found.exit_code(strict=True) == (
        1
        if any(item.severity is not Severity.NOTE for item in found.findings)
        else 3
        if is_open
        else 0
    )
    assert shown(found).startswith(" INCOMPLETE  ") is is_open
    assert found.cause == (errors[0] if errors else None)
    validate(render_json(found))
    assert shown(found)


def test_each_rule_of_the_family_has_a_row():
    found = set().union(*(expected for _, _, expected in ROWS.values()))
    assert {rule.id for rule in FAMILIES["cert"]} == found


VALIDATOR = jsonschema.Draft202012Validator(
    json.loads(CliRunner().invoke(app, ["schema"]).stdout),
    format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
)


def validate(text: str) -> None:
    VALIDATOR.validate(json.loads(text, parse_constant=pytest.fail))


def openssl(*arguments: str, octets: bytes) -> str:
    done = subprocess.run(
        ["openssl", "x509", "-noout", *arguments], input=octets, check=True, capture_output=True
    )
    return done.stdout.decode().strip().partition("=")[2]


def test_thumbprints_and_serial_number_are_those_that_openssl_prints():
    (found,) = members(report(pem(APP)))
    assert found["sha1"]["colons"] == openssl("-fingerprint", "-sha1", octets=pem(APP))
    assert found["sha256"]["colons"] == openssl("-fingerprint", "-sha256", octets=pem(APP))
    assert found["serial"] == openssl("-serial", octets=pem(APP))


@pytest.mark.parametrize("serial", [1, 0x7F, 0x80, 0xABC, 2**159 - 1])
def test_a_serial_number_of_any_size_is_as_openssl_prints_it(serial: int):
    cert = certificate("app", serial=serial)
    assert members(report(pem(cert)))[0]["serial"] == openssl("-serial", octets=pem(cert))


def test_a_negative_serial_number_is_as_openssl_prints_it():
    # RFC 5280 §4.1.2.2 forbids it, and CAs made them; the number stands in the first octets.
    octets = der(certificate("app", serial=0x11223344556677889900112233445566))
    octets = octets.replace(
        bytes.fromhex("11223344556677889900112233445566"),
        bytes.fromhex("ff223344556677889900112233445566"),
        1,
    )
    block = b"-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n"
    expected = openssl("-serial", octets=block % base64.encodebytes(octets))
    assert expected.startswith("-")
    assert members(report(octets))[0]["serial"] == expected


def test_a_thumbprint_comes_in_each_form():
    (found,) = members(report(pem(APP)))
    for name, digest in (("sha1", sha1(APP)), ("sha256", sha256(APP))):
        assert found[name] == {
            "hex": digest.hex().upper(),
            "colons": ":".join(f"{octet:02X}" for octet in digest),
            "base64": base64.b64encode(digest).decode(),
            "base64url": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        }
    assert found["header"] == {
        "x5t": found["sha1"]["base64url"],
        "x5t#S256": found["sha256"]["base64url"],
    }
    text = shown(report(pem(APP)))
    for value in (*found["sha1"].values(), *found["sha256"].values()):
        assert f" {value}\n" in text
    for name, value in found["header"].items():
        assert f' "{name}":"{value}"\n' in text


def test_the_example_of_microsoft_comes_out_right():
    # ENTRA 10: the thumbprint of Microsoft's page, in hex and as x5t.
    digest = bytes.fromhex("84E05C1D98BCE3A5421D225B140B36E86A3D5534")
    from assertcheck.render.certificates import _forms

    assert _forms(digest)["base64url"] == "hOBcHZi846VCHSJbFAs26Go9VTQ"


def test_the_facts_of_a_certificate_are_there():
    (found,) = members(report(pem(APP)))
    name = "CN=assertcheck test app"
    assert (found["label"], found["kind"], found["key"]) == (
        "certificate",
        "certificate",
        "RSA 2048",
    )
    assert (found["subject"], found["issuer"], found["is_ca"]) == (name, name, False)
    assert (found["not_before"], found["not_after"]) == (
        "2026-02-08T12:00:00Z",
        "2027-02-08T12:00:00Z",
    )
    assert (found["days_left"], found["notes"]) == (335, [])
    assert (found["key_matches"], found["registered"]) == (None, None)


@pytest.mark.parametrize(
    ("end", "days", "words"),
    [
        (NOW, 0, "0 s left"),
        (NOW + DAY - timedelta(seconds=1), 0, "23 h 59 min left"),
        (NOW + DAY, 1, "1 day left"),
        (NOW - timedelta(seconds=1), -1, "ended 1 s ago"),
        (NOW - 10 * DAY, -10, "ended 10 days ago"),
    ],
)
def test_the_days_left_are_whole_days(end: datetime, days: int, words: str):
    found = report(pem(certificate("app", end=end)))
    assert members(found)[0]["days_left"] == days
    assert f" {words}\n" in shown(found)


def test_a_certificate_to_come_says_when():
    assert " begins in 1 day\n" in shown(report(pem(TO_COME)))


def test_without_a_clock_it_is_now():
    ended = certificate("app", start=NOW - 900 * DAY, end=datetime(2024, 1, 1, tzinfo=UTC))
    found = diagnose_certificates([pem(ended)])
    assert ids(found) == {"certificate-expired"}
    assert not found.clock.given
    assert abs(found.clock.now - datetime.now(UTC)) < timedelta(minutes=1)


def test_of_a_bare_key_there_are_no_thumbprints():
    found = report(public())
    (member,) = members(found)
    assert (member["kind"], member["key"]) == ("public-key", "RSA 2048")
    assert {name for name, value in member.items() if value is None} == {
        *("subject", "issuer", "serial", "not_before", "not_after", "days_left", "is_ca"),
        *("sha1", "sha256", "header", "key_credential", "key_matches", "registered"),
    }
    text = shown(found)
    assert "\ncertificate, a public key\n  key         RSA 2048\n" in text
    assert "  thumbprint  none: only a certificate has one\n" in text
    assert "keyCredentials" not in text


def test_who_issued_whom_is_said():
    found = report(pem(ROOT, MIDDLE, LEAF))
    assert [(each["label"], each["issued_by"]) for each in members(found)] == [
        ("certificate[2]", ["certificate[1]"]),
        ("certificate[0]", ["certificate[0]"]),
        ("certificate[1]", ["certificate[0]"]),
    ]
    text = shown(found)
    assert "\ncertificate[2]\n" in text
    assert "\ncertificate[1], the issuer of certificate[2]\n" in text
    assert "  issuer      CN=assertcheck test middle, which is certificate[1]\n" in text
    assert "  issuer      itself\n" in text
    assert "  issuer      CN=assertcheck test middle\n" in shown(report(pem(LEAF)))


def test_only_the_leaf_is_there_to_be_registered():
    text = shown(report(pem(LEAF, MIDDLE, ROOT)))
    assert text.count('"x5t":') == 1
    assert f"  SHA-1       {sha1(MIDDLE).hex().upper()}\n  SHA-256     " in text
    assert text.count('{"type":"AsymmetricX509Cert"') == 1
    assert b64(der(LEAF)) in text


@pytest.mark.parametrize(
    ("files", "options", "matches", "words"),
    [
        ([pem(APP)], {"key": private()}, [True, None], "RSA 2048, its private key is in key"),
        (
            [pem(APP)],
            {"key": private("other")},
            [False, None],
            "RSA 2048; the private key in key is another's",
        ),
        ([pem(APP) + private()], {}, [True], "RSA 2048, with its private key"),
        ([pem(APP), private()], {}, [True], "RSA 2048, with its private key"),
        ([pem(APP), public("other")], {}, [None, None], "RSA 2048\n"),
        (
            [pem(LEAF, MIDDLE)],
            {"key": private("leaf")},
            [True, False, None],
            "RSA 2048, its private key is in key",
        ),
    ],
    ids=["its", "another's", "in the file", "beside it", "public", "chain"],
)
def test_whether_the_private_key_belongs_is_said(
    files: list[bytes], options: dict, matches: list, words: str
):
    found = report(*files, **options)
    assert [each["key_matches"] for each in members(found)] == matches
    assert words in shown(found)


def test_the_key_stands_last_with_what_it_belongs_to():
    text = shown(report(pem(APP), key=private()))
    assert "\nkey, a private key\n  key         RSA 2048\n  belongs to  certificate\n" in text
    text = shown(report(pem(APP), key=private("other")))
    assert "\nkey, a private key\n  key         RSA 2048\n  belongs to  none of them\n" in text
    assert "  thumbprint  none: only a certificate has one\n" in shown(report(private()))


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        (
            [pem(LEAF, MIDDLE)],
            {"key": private("middle")},
            "key belongs to certificate[1], not to certificate[0]",
        ),
        ([pem(APP)], {"key": pfx("other", OTHER)}, "key belongs to key, not to certificate"),
        (
            [pem(APP)],
            {"key": private("other"), "app": exported(OTHER, APP)},
            "key belongs to app[0], not to certificate",
        ),
        (
            [pem(APP)],
            {"key": private("other")},
            "key, RSA 2048, does not belong to certificate",
        ),
        (
            [pem(APP, ROOT)],
            {"key": private("other")},
            "key, RSA 2048, does not belong to certificate[0] or certificate[1]",
        ),
    ],
    ids=["issuer", "PFX", "registered", "none", "two"],
)
def test_a_key_that_does_not_belong_is_placed(files: list[bytes], options: dict, message: str):
    (found,) = (item for item in report(*files, **options).findings if item.id == MISMATCH)
    assert found.message == message


@pytest.mark.parametrize(
    ("files", "registered", "expected", "words"),
    [
        ([pem(APP)], exported(APP), [True], "as app, until 2027-02-08 12:00:00Z"),
        ([pem(APP)], exported(key_credential(APP, endDateTime=None)), [True], "as app\n"),
        ([pem(APP)], exported(OTHER), [False], "registered  no\n"),
        ([pem(LEAF, MIDDLE)], exported(MIDDLE), [False, True], "registered  no\n"),
        ([pem(APP)], exported(key_credential(OTHER, **UNKEYED)), [None], ""),
        ([pem(APP)], as_json(service_principal(OTHER)), [None], ""),
        ([pem(APP)], as_json(service_principal(APP)), [True], "as app"),
        ([public()], exported(APP), [None], ""),
    ],
)
def test_whether_it_is_registered_is_said(
    files: list[bytes], registered: bytes, expected: list, words: str
):
    found = report(*files, app=registered)
    assert [each["registered"] for each in members(found)] == expected
    assert words in shown(found)
    assert ("registered  " in shown(found)) == bool(words)


def test_a_registered_certificate_needs_no_command_to_register_it():
    text = shown(report(pem(APP), app=exported(APP)))
    assert "az ad app credential reset" not in text
    assert "\ncertificate, as a member of keyCredentials in Microsoft Graph:\n{" in text


@pytest.mark.parametrize(
    ("files", "registered", "code", "reason", "message", "actual"),
    [
        (
            [pem(APP)],
            exported(OTHER),
            "AADSTS700027",
            "The key was not found.",
            "certificate is not among the keys of app",
            sha1(OTHER).hex().upper(),
        ),
        (
            [pem(LEAF, MIDDLE)],
            exported(MIDDLE),
            "AADSTS700027",
            "The key was not found.",
            "certificate[0] is not among the keys of app, but the certificate of its issuer is",
            sha1(MIDDLE).hex().upper(),
        ),
        (
            [pem(APP)],
            exported(),
            "AADSTS700026",
            None,
            f"neither a certificate nor a secret is registered on app {CLIENT_ID}, by app",
            "none",
        ),
        (
            [pem(APP)],
            exported(passwordCredentials=[password_credential()]),
            "AADSTS700027",
            "The key was not found.",
            f"only 1 secret is registered, no certificate, on app {CLIENT_ID}, by app",
            "none",
        ),
        (
            [pem(APP)],
            exported(passwordCredentials=[password_credential(), password_credential()]),
            "AADSTS700027",
            "The key was not found.",
            f"only 2 secrets are registered, no certificate, on app {CLIENT_ID}, by app",
            "none",
        ),
        (
            [pem(APP)],
            exported(passwordCredentials=DROP),
            "AADSTS700027",
            "The key was not found.",
            f"no certificate is registered on app {CLIENT_ID}, by app",
            "none",
        ),
        (
            [pem(APP)],
            exported(key_credential(APP, key=b64(spki("app")), displayName="CN=key")),
            "AADSTS700027",
            "The key was not found.",
            "CN=key holds the public key of certificate, and no certificate",
            "a public key",
        ),
        (
            [pem(APP)],
            exported(key_credential(APP, key=b64(pfx("app", APP)))),
            "AADSTS700027",
            "The key was not found.",
            "certificate is not among the keys of app: CN=assertcheck test has its "
            "thumbprint, and holds "
            "a private key in its place",
            "the key of app",
        ),
        (
            [pem(APP)],
            as_json(az_app_show(OTHER)),
            "AADSTS700027",
            "The key was not found.",
            "certificate is not among the keys of app",
            sha1(OTHER).hex().upper(),
        ),
        (
            [public()],
            exported(key_credential(OTHER, key=b64(spki("root")), customKeyIdentifier=DROP), OTHER),
            "AADSTS700027",
            "The key was not found.",
            "certificate is not among the keys of app",
            f"the key of app[0] and {sha1(OTHER).hex().upper()}",
        ),
    ],
    ids=[
        "another's",
        "issuer's",
        "none",
        "secret",
        "secrets",
        "no secrets shown",
        "its bare key",
        "its private key",
        "by identifier",
        "bare key",
    ],
)
def test_what_is_not_registered_draws(
    files: list[bytes], registered: bytes, code: str, reason: str, message: str, actual: str
):
    found = report(*files, app=registered)
    assert found.prediction is not None
    assert (found.prediction.code, found.prediction.reason) == (code, reason)
    assert found.cause is not None
    # What Entra ID says of an app that has secrets alone, or a bare key, was not seen.
    is_sure = found.prediction.code == "AADSTS700026" or found.cause.id == NOT_REGISTERED
    assert found.prediction.confidence == ("seen" if is_sure else "likely")
    assert (found.cause.message, found.cause.actual) == (message, actual)


def test_the_way_to_register_it_names_the_app():
    (found,) = report(pem(APP), app=exported(OTHER)).findings
    assert f"`az ad app credential reset --id {CLIENT_ID} --cert @cert.pem --append`" in found.fix
    (bare,) = report(public(), app=exported(OTHER)).findings
    assert bare.fix.startswith("register a certificate of this key")


@pytest.mark.parametrize("registered", [exported(OTHER), exported()])
@pytest.mark.parametrize(
    ("cert", "file", "says"),
    [
        (APP, "cert.pem", None),
        (ENDED, "new.pem", "this one has ended"),
        (EC, "new.pem", "this one has no RSA key"),
        (TO_COME, "cert.pem", "it serves from 2026-03-11 12:00:00Z on"),
    ],
    ids=["sound", "ended", "EC", "to come"],
)
def test_what_would_not_help_is_not_to_be_registered(
    registered: bytes, cert: x509.Certificate, file: str, says: str | None
):
    found = report(pem(cert), app=registered)
    missing = next(
        item for item in found.findings if item.id in (NOT_REGISTERED, "no-keys-registered")
    )
    assert f"--cert @{file} --append`" in missing.fix
    assert missing.fix.endswith(says or "`")


def test_how_it_is_registered_is_a_warning_that_names_the_file_given(folder: Path):
    (typed,) = report(pem(APP), app=exported(key_credential(APP, type="Symmetric"))).findings
    assert typed.severity is Severity.WARNING
    (uploaded,) = report(
        pem(APP),
        app=exported(key_credential(APP, key=b64(private() + pem(APP)))),
    ).findings
    assert uploaded.severity is Severity.WARNING
    (bare,) = report(
        folder / "app.pem", app=exported(key_credential(APP, key=b64(spki("app"))))
    ).findings
    assert bare.fix.startswith("register app.pem: `az ad app credential reset ")
    assert "--cert @app.pem --append`" in bare.fix


@pytest.mark.parametrize(
    ("files", "registered", "why"),
    [
        (
            [pem(APP)],
            exported(keyCredentials=DROP),
            "whether certificate is registered: app does not hold keyCredentials; export it with "
            "`az rest ",
        ),
        (
            [pem(APP, OTHER)],
            exported(key_credential(ROOT, **UNKEYED)),
            "whether certificate[0] and certificate[1] are registered: app does not hold the keys "
            "themselves; export it with `az rest ",
        ),
        (
            [pem(APP)],
            as_json(service_principal()),
            "whether certificate is registered: app is a service principal, which does not show "
            f"the keys of its app; `az ad app show --id {CLIENT_ID} > app.json` does",
        ),
        (
            [pem(APP)],
            exported(keyCredentials=["Microsoft.Graph.Models.KeyCredential"]),
            "whether certificate is registered: keyCredentials were cut off in app; export it "
            "again with `ConvertTo-Json -Depth 5`",
        ),
        (
            [pem(APP)],
            exported(key_credential(OTHER, key="System.Byte[]", customKeyIdentifier=DROP)),
            "whether certificate is registered: the keys themselves were cut off in app; export it "
            "again with `ConvertTo-Json -Depth 5`",
        ),
    ],
    ids=["no keyCredentials", "no keys", "service principal", "cut off", "cut off within"],
)
def test_what_cannot_be_decided_says_how_to_decide_it(
    files: list[bytes], registered: bytes, why: str
):
    (found,) = report(*files, app=registered).not_checked
    assert found.id == NOT_REGISTERED
    assert found.why.startswith(why)


@pytest.mark.parametrize("registered", [exported(OTHER), exported(keyCredentials=DROP)])
def test_how_to_register_it_is_said_once_with_the_id_that_is_known(registered: bytes):
    text = shown(report(pem(APP), app=registered))
    assert "--id CLIENT_ID" not in text
    assert "To register" not in text
    assert "\ncertificate, as a member of keyCredentials in Microsoft Graph:\n{" in text


@pytest.mark.parametrize(
    ("label", "way"),
    [
        ("leaf.pem", "`az ad app credential reset --id CLIENT_ID --cert @leaf.pem --append`"),
        ("leaf.pfx", "`openssl pkcs12 -in leaf.pfx -clcerts -nokeys -out cert.pem`, then `az "),
        ("leaf.pfx[0]", "`openssl pkcs12 -in leaf.pfx -clcerts -nokeys -out cert.pem`, then `az "),
        ("leaf.p12[0]", "`openssl pkcs12 -in leaf.p12 -clcerts -nokeys -out cert.pem`, then `az "),
        ("leaf.pfx[1]", "save leaf.pfx[1], which is certificate number 2 in it, as cert.pem, then"),
        ("a.pem[0]", "`openssl x509 -in a.pem -out cert.pem`, then `az ad app credential reset"),
        ("a.crt[0]", "`openssl x509 -in a.crt -out cert.pem`, then `az ad app credential reset"),
        ("a.pem[2]", "save a.pem[2], which is certificate number 3 in it, as cert.pem, then `az "),
        ("a.p7b[0]", "save a.p7b[0], which is certificate number 1 in it, as cert.pem, then `az "),
        ("-a.pem[0]", "`az ad app credential reset --id CLIENT_ID --cert @cert.pem --append`"),
        ("a b.pem[0]", "`az ad app credential reset --id CLIENT_ID --cert @cert.pem --append`"),
    ],
)
def test_out_of_a_file_with_several_the_certificate_is_taken_first(label: str, way: str):
    said = way_to_register(None, label)
    assert said.startswith(way)
    assert said.endswith("--append`")


def test_the_certificate_is_taken_out_of_its_file_before_it_is_registered(tmp_path: Path):
    for name, octets in (("a.pem", pem(ROOT, MIDDLE, LEAF)), ("b.pfx", pfx("leaf", LEAF, MIDDLE))):
        (tmp_path / name).write_bytes(octets)
    text = shown(diagnose_certificates([tmp_path / "a.pem"], at=NOW))
    assert "save a.pem[2], which is certificate number 3 in it, as cert.pem, then" in text
    text = shown(diagnose_certificates([tmp_path / "b.pfx"], at=NOW))
    assert "`openssl pkcs12 -in b.pfx -clcerts -nokeys -out cert.pem`, then" in text
    found = diagnose_certificates([tmp_path / "a.pem"], app=exported(OTHER), at=NOW)
    assert found.cause is not None
    assert found.cause.fix.startswith("register it: save a.pem[2], which is")
    assert f"--id {CLIENT_ID} --cert @cert.pem" in found.cause.fix


OTHER_ID = CLIENT_ID.replace("1", "9")


@pytest.mark.parametrize(
    ("named", "expected"), [(CLIENT_ID, set()), (OTHER_ID.upper(), {NOT_REGISTERED})]
)
def test_a_client_id_chooses_the_app_of_several(named: str, expected: set[str]):
    both = as_json(graph_list(application(APP), application(OTHER, appId=OTHER_ID, id=DROP)))
    found = report(pem(APP), app=both, client_id=named)
    assert ids(found) == expected
    for item in found.findings:
        assert f"--id {OTHER_ID} " in item.fix


def test_a_client_id_is_that_of_the_app_that_was_given():
    assert ids(report(pem(APP), app=exported(APP), client_id=CLIENT_ID.upper())) == set()
    object_id = application()["id"].upper()
    assert ids(report(pem(APP), app=exported(APP), client_id=object_id)) == set()
    with pytest.raises(AssertcheckError, match="is the registration of another app") as caught:
        report(pem(APP), app=exported(APP), client_id=OTHER_ID)
    assert OTHER_ID in caught.value.hint
    with pytest.raises(AssertcheckError, match="and no app was given"):
        report(pem(APP), client_id=CLIENT_ID)


def test_a_client_id_stands_in_where_the_export_does_not_show_one():
    listed = as_json(az_credential_list(OTHER))
    (found,) = report(pem(APP), app=listed, client_id=CLIENT_ID).findings
    assert f"--id {CLIENT_ID} " in found.fix
    (found,) = report(pem(APP), app=listed).findings
    assert "--id CLIENT_ID " in found.fix


def test_errors_stand_in_the_order_that_entra_id_checks_in():
    found = report(pem(EC), key=private(), app=exported())
    assert [item.id for item in found.findings] == [
        "no-keys-registered",
        MISMATCH,
        "ec-key-not-supported",
    ]
    assert found.prediction is not None
    assert (found.prediction.code, found.prediction.then) == (
        "AADSTS700026",
        ("AADSTS700027", "AADSTS5002730"),
    )
    assert found.prediction.confidence == "likely"


def test_errors_stand_before_warnings():
    found = report(pem(MIDDLE, LEAF), key=private("other"))
    assert [item.severity for item in found.findings] == ["error", "warning"]


@pytest.mark.parametrize(
    "cert", [APP, LEAF, EC, SELF_SIGNED_CA], ids=lambda cert: str(cert.subject)
)
def test_the_printed_key_credential_is_read_back_and_matches(cert: x509.Certificate):
    printed = shown(report(pem(cert))).splitlines()[-1]
    assert json.loads(printed) == members(report(pem(cert)))[0]["key_credential"]
    registration = as_registration(json.loads(printed))
    (candidate,) = parse_keys(pem(cert), label="cert.pem", role=Role.REGISTERED)
    (matched,) = match([candidate], registration)
    assert matched.role is Role.REGISTERED
    credential = matched.credential
    assert credential is not None
    assert credential.candidate is not None
    assert credential.candidate.certificate == candidate.certificate or (
        credential.candidate.certificate is not None
        and credential.candidate.certificate.der == der(cert)
    )
    assert (credential.type, credential.usage) == ("AsymmetricX509Cert", "Verify")
    assert credential.identifier == sha1(cert)
    assert (credential.start, credential.end) == (
        cert.not_valid_before_utc,
        cert.not_valid_after_utc,
    )
    found = report(pem(cert), app=as_json(application(json.loads(printed))))
    assert members(found)[0]["registered"] is True


def as_registration(credential: dict) -> Registration:
    (found,) = parse_registrations(as_json(application(credential)), label="app.json")
    return found


def test_a_name_cannot_break_out_of_the_text():
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "\x1b[31m\u202e\nevil")])
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key().public_key())
        .serial_number(1)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + 300 * DAY)
        .sign(key(), hashes.SHA256())
    )
    text = shown(report(pem(cert), key=private("other")))
    assert text.replace("\n", "").isprintable()
    assert "evil" in text


def test_a_certificate_whose_extensions_cannot_be_read_is_taken_for_the_apps_own():
    # RFC 5280 §4.2: an extension occurs once; this one is there twice.
    octets = der(with_usage(sign=False))
    found = report(octets.replace(bytes.fromhex("0603551d0f"), bytes.fromhex("0603551d13")))
    assert "certificate-is-a-ca" not in ids(found)


@pytest.mark.parametrize("year", [1969, 9001])
def test_the_clock_has_bounds(year: int):
    with pytest.raises(AssertcheckError, match="out of range"):
        report(pem(APP), at=datetime(year, 6, 1, tzinfo=UTC))


def test_there_is_something_to_read():
    with pytest.raises(CertificateError, match="no certificate was given"):
        report()


def test_a_certificate_as_key_is_named():
    with pytest.raises(CertificateError) as caught:
        report(pem(APP), key=pem(APP))
    assert caught.value.message == "key is a certificate, not a private key"


# The program.


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "app.pem").write_bytes(pem(APP))
    (tmp_path / "app.key").write_bytes(private())
    (tmp_path / "other.key").write_bytes(private("other"))
    (tmp_path / "soon.pem").write_bytes(pem(ENDING))
    (tmp_path / "app.pfx").write_bytes(pfx("app", APP, password=PASSWORD))
    (tmp_path / "app.json").write_bytes(exported(APP))
    (tmp_path / "apps.json").write_bytes(
        as_json(graph_list(application(APP), application(OTHER, appId=CLIENT_ID.replace("1", "9"))))
    )
    (tmp_path / "unseen.json").write_bytes(exported(keyCredentials=DROP))
    (tmp_path / "password.txt").write_text(PASSWORD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(app, ["cert", *args])


@pytest.mark.parametrize(
    ("args", "code", "first"),
    [
        (["app.pem", "--key", "app.key", "--app", "app.json"], 0, " SOUND "),
        (["app.pem", "app.pfx", "--password-file", "password.txt"], 0, " SOUND "),
        (["app.pem", "--key", "app.pfx", "--password-file", "password.txt"], 0, " SOUND "),
        (["app.pem", "--key", "other.key"], 1, " FAULTY  AADSTS700027, likely"),
        (["soon.pem"], 0, " SOUND "),
        (["soon.pem", "--min-days", "0", "--strict"], 0, " SOUND "),
        (["soon.pem", "--strict"], 1, " SOUND "),
        (["app.pem", "--app", "unseen.json"], 3, " INCOMPLETE  whether app.pem is registered: "),
        (["app.pem", "--app", "apps.json", "--client-id", CLIENT_ID], 0, " SOUND "),
    ],
)
def test_the_exit_code_tells(folder: Path, args: list[str], code: int, first: str):
    result = run(*args, "--at", AT)
    assert result.exit_code == code, result.stderr
    assert result.stdout.startswith(first)
    said = "assertcheck: note: sound, but --strict lets warnings fail: exit code 1\n"
    assert result.stderr == (said if args == ["soon.pem", "--strict"] else "")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "no FILE was given"),
        (["none.pem"], "no such file: none.pem"),
        (["app.json"], "app.json is an app registration"),
        (["app.pem", "--app", "app.pem"], "app.pem is "),
        (
            ["app.pem", "--app", "apps.json"],
            "apps.json holds 2 apps, and no client id says which is meant",
        ),
        (
            ["app.pem", "--app", "app.json", "--client-id", CLIENT_ID.replace("1", "9")],
            f"app.json is the registration of another app, {CLIENT_ID}",
        ),
        (["app.pem", "--client-id", CLIENT_ID], "a client id says which app is meant, and no app"),
        (["app.pem", "--key", "app.pem"], "app.pem is a certificate, not a private key"),
        (["app.pem", "--key", "none.key"], "no such file: none.key"),
        (["app.pem", "--min-days", "-1"], "no good value for --min-days"),
        (["app.pem", "--at", "noon"], "--at takes a time in ISO 8601 or in seconds since 1970"),
    ],
)
def test_what_cannot_run_exits_with_2(folder: Path, args: list[str], message: str):
    result = run(*args)
    assert (result.exit_code, result.stdout) == (2, "")
    first, second = result.stderr.splitlines()
    assert first.startswith(f"assertcheck: error: {message}")
    assert second.startswith("assertcheck: hint: ")


def test_reports_go_to_files_as_well(folder: Path):
    result = run("app.pem", "--at", AT, "--output", "a.txt", "--report", "json=a.json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (folder / "a.txt").read_text().startswith(" SOUND ")
    validate((folder / "a.json").read_text())


def test_nothing_secret_is_in_the_output(folder: Path):
    for form in ("text", "json"):
        result = run(
            "app.pfx",
            "--key",
            "app.key",
            "--format",
            form,
            "--at",
            AT,
            "--password-file",
            "password.txt",
        )
        assert result.exit_code == 0
        assert PASSWORD not in result.output
        assert "PRIVATE KEY" not in result.output
        body = "".join(private().decode().splitlines()[1:-1])
        assert body[100:140] not in result.output


GOLDEN: dict[str, list[str]] = {
    "cert-sound": ["rsa-2048.pem", "--key", "keys/rsa-2048.pem", "--app", "{app}"],
    "cert-faulty": ["chain-root-first.pem", "--key", "keys/other.pem", "--app", "{app}"],
    "cert-bare-key": ["keys/rsa-2048.pem"],
}


@pytest.mark.parametrize("name", GOLDEN)
@pytest.mark.parametrize("form", ["text", "json"])
def test_reports_look_as_they_did(
    name: str,
    form: str,
    golden: Callable[[str, str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(SAMPLES)
    registered = x509.load_pem_x509_certificate(Path("rsa-2048.pem").read_bytes())
    export = tmp_path / "app.json"
    export.write_bytes(exported(registered))
    args = [each.format(app=export) for each in GOLDEN[name]]
    result = run(*args, "--at", SAMPLES_AT, "--format", form)
    suffix = {"text": "txt", "json": "json"}[form]
    golden(f"{name}.{suffix}", result.stdout)


def test_the_digests_are_those_of_the_der():
    (found,) = report(pem(APP)).certificates
    assert found.certificate is not None
    assert found.certificate.sha1 == hashlib.sha1(der(APP)).digest()
    assert isinstance(found.key, rsa.RSAPublicKey)
