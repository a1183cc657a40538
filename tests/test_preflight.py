"""`preflight`: every way in which key, certificate and registration can fit or not, as one table."""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from typer.testing import CliRunner, Result

from assertcheck import (
    AssertcheckError,
    CertificateError,
    Confidence,
    Report,
    Severity,
    Verdict,
    diagnose,
    render_json,
)
from assertcheck.cli import app
from assertcheck.preflight_report import preflight
from assertcheck.render.layout import Style
from assertcheck.render.text import render_text
from assertcheck.rules.preflight import ON_APP, RULES
from tests import build_graph as graph
from tests.build import (
    AUD,
    CLIENT_ID,
    DROP,
    EPOCH,
    NOW,
    TENANT,
    certificate,
    ec_key,
    key,
    pem,
    token,
)

DAY = timedelta(days=1)
ACCEPTED, REFUSED, INCOMPLETE = Verdict.ACCEPTED, Verdict.REFUSED, Verdict.INCOMPLETE
OTHER_APP = "99999999-0000-4000-8000-000000000009"
PASSWORD = "sésame-ouvre-toi"
ENCRYPTED = serialization.BestAvailableEncryption(PASSWORD.encode())
PLAIN = serialization.NoEncryption()
MISMATCH = "key-does-not-match-certificate"
UNREGISTERED = "certificate-not-registered"
UNDECIDED = {"registration-undecidable"}
APP, OTHER = certificate(), certificate("other")
EC = certificate("ec", holder=ec_key())


@cache
def private(name: str = "app", encrypted: bool = False) -> bytes:
    holder = ec_key() if name == "ec" else key(name)
    return holder.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        ENCRYPTED if encrypted else PLAIN,
    )


@cache
def pfx(name: str = "app", encrypted: bool = False) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"app", key(name), certificate(name), None, ENCRYPTED if encrypted else PLAIN
    )


def credential(cert: x509.Certificate = APP, **changes: object) -> dict:
    return graph.key_credential(cert, **changes)


def run(
    cert: bytes = pem(APP), holder: bytes | None = None, registered: object = None, **options: Any
) -> Report:
    """A preflight of the app's own key and certificate, unless a test says otherwise."""
    given: dict[str, Any] = {"client_id": CLIENT_ID, "tenant": TENANT, "at": NOW}
    return preflight(
        cert,
        key=private() if holder is None else holder,
        app=None if registered is None else graph.as_json(registered),
        **(given | options),
    )


# All combinations: whose the key is, and what is registered.

REGISTRATIONS: dict[str, object] = {
    "not given": None,
    "registered": graph.application(APP),
    "registered beside another": graph.application(APP, OTHER),
    "another registered": graph.application(OTHER),
    "its window over": graph.application(credential(endDateTime=graph.iso(NOW - DAY))),
    "its window to come": graph.application(credential(startDateTime=graph.iso(NOW + DAY))),
    "key null, identified": graph.az_app_show(APP),
    "key null, another identified": graph.az_app_show(OTHER),
    "key null, any identifier": graph.application(
        credential(key=None, customKeyIdentifier="bXkga2V5")
    ),
    "no keys": graph.application(),
    "secrets only": graph.application(passwordCredentials=[graph.password_credential()]),
    "another app's": graph.application(APP, appId=OTHER_APP),
    "keys left out": graph.application(keyCredentials=DROP),
    "for signing": graph.application(credential(usage="Sign")),
}
NOT_FOUND, EXPIRED, UNVERIFIED = (
    "The key was not found.",
    "The key used is expired.",
    "Key was found, but use of the key to verify the signature failed.",
)
Expected = tuple[Verdict, set[str], set[str], str | None, str | None]
"""Verdict, findings, what was not decided, and the code and reason predicted."""


def accepted() -> Expected:
    return (ACCEPTED, set(), set(), None, None)


def refused(
    *ids: str, left: set[str] | None = None, code: str = "700027", reason: str | None = UNVERIFIED
) -> Expected:
    return (REFUSED, set(ids), left or set(), f"AADSTS{code}", reason)


OWN: dict[str, Expected] = {
    "not given": accepted(),
    "registered": accepted(),
    "registered beside another": accepted(),
    "another registered": refused("certificate-not-registered", reason=NOT_FOUND),
    "its window over": refused("registered-key-expired", reason=EXPIRED),
    "its window to come": refused("registered-key-not-yet-valid", reason=EXPIRED),
    "key null, identified": accepted(),
    "key null, another identified": refused("certificate-not-registered", reason=NOT_FOUND),
    "key null, any identifier": (INCOMPLETE, set(), UNDECIDED, None, None),
    "no keys": refused("no-keys-registered", code="700026", reason=None),
    "secrets only": refused("no-certificate-registered", reason=NOT_FOUND),
    "another app's": refused("registration-of-another-app", reason=NOT_FOUND),
    "keys left out": (INCOMPLETE, set(), UNDECIDED, None, None),
    "for signing": refused("registered-key-usage-sign", reason=NOT_FOUND),
}
STRANGER: dict[str, Expected] = {
    "not given": refused(MISMATCH),
    "registered": refused(MISMATCH),
    "registered beside another": refused(MISMATCH),
    "another registered": refused(MISMATCH, UNREGISTERED, reason=NOT_FOUND),
    "its window over": refused(MISMATCH, "registered-key-expired", reason=EXPIRED),
    "its window to come": refused(MISMATCH, "registered-key-not-yet-valid", reason=EXPIRED),
    "key null, identified": refused(MISMATCH),
    "key null, another identified": refused(
        MISMATCH, UNREGISTERED, left=UNDECIDED, reason=NOT_FOUND
    ),
    "key null, any identifier": refused(MISMATCH, left=UNDECIDED),
    "no keys": refused(MISMATCH, "no-keys-registered", code="700026", reason=None),
    "secrets only": refused(MISMATCH, "no-certificate-registered", reason=NOT_FOUND),
    "another app's": refused(MISMATCH, "registration-of-another-app", reason=NOT_FOUND),
    "keys left out": refused(MISMATCH, left=UNDECIDED),
    "for signing": refused(MISMATCH, "registered-key-usage-sign", reason=NOT_FOUND),
}
OF_OTHER = STRANGER | {"another registered": refused(MISMATCH, reason=NOT_FOUND)}
ON_A_CURVE = dict.fromkeys(REGISTRATIONS, refused(MISMATCH)) | {
    "its window over": refused(MISMATCH, "registered-key-expired", reason=EXPIRED),
    "its window to come": refused(MISMATCH, "registered-key-not-yet-valid", reason=EXPIRED),
    "for signing": refused(MISMATCH, "registered-key-usage-sign", reason=NOT_FOUND),
    "another registered": refused(MISMATCH, UNREGISTERED, reason=NOT_FOUND),
    "key null, another identified": refused(MISMATCH, UNREGISTERED, reason=NOT_FOUND),
    "no keys": refused(MISMATCH, "no-keys-registered", code="700026", reason=None),
    "secrets only": refused(MISMATCH, "no-certificate-registered", reason=NOT_FOUND),
    "another app's": refused(MISMATCH, "registration-of-another-app", reason=NOT_FOUND),
}
MATRIX = {"app": OWN, "other": OF_OTHER, "third": STRANGER, "ec": ON_A_CURVE}
CELLS = [(holder, name) for holder, row in MATRIX.items() for name in row]


@pytest.mark.parametrize(("holder", "name"), CELLS)
def test_every_key_against_every_registration(holder: str, name: str):
    verdict, ids, left, code, reason = MATRIX[holder][name]

    report = run(holder=private(holder), registered=REGISTRATIONS[name])

    assert report.verdict is verdict
    assert {item.id for item in report.findings} == ids
    assert {item.id for item in report.not_checked} == left
    assert (report.cause.id in ids) if report.cause else not ids
    seen = report.prediction
    assert (seen.code if seen else None, seen.reason if seen else None) == (code, reason)
    if len(ids) > 1:
        assert seen
        assert seen.confidence is Confidence.LIKELY
    # The cause is what the prediction is about.
    if report.cause and len(ids) > 1:
        assert [each.code for each in report.cause.aadsts] == [code]


def test_the_table_is_complete():
    assert all(row.keys() == REGISTRATIONS.keys() for row in MATRIX.values())


def test_what_would_surface_next_is_told():
    report = run(holder=private("third"), registered=REGISTRATIONS["no keys"])
    assert report.prediction
    assert report.prediction.then == ("AADSTS700027",)


BELONGS: dict[str, tuple[dict, str]] = {
    "to nothing at hand": ({}, "key, RSA 2048, does not belong to certificate"),
    "to another in the registration": (
        {"registered": graph.application(APP, OTHER)},
        r"key belongs to \w+\[1\], not to certificate",
    ),
    "to the one beside it in a PFX": (
        {"holder": pfx("other")},
        "key belongs to key, not to certificate",
    ),
    "to none in the same file": (
        {"cert": pem(APP) + private("other"), "holder": b""},
        r"key\[key 0\], RSA 2048, does not belong to key",
    ),
    "to none of several": (
        {"cert": pem(APP, certificate("third"))},
        r"key, RSA 2048, does not belong to certificate\[0\] or certificate\[1\]",
    ),
}


@pytest.mark.parametrize("name", BELONGS)
def test_the_report_says_whose_the_key_is(name: str):
    options, message = BELONGS[name]
    options = {"holder": private("other")} | options

    report = (
        preflight(options["cert"], client_id=CLIENT_ID, tenant=TENANT, at=NOW)
        if options["holder"] == b""
        else run(**options)
    )

    assert report.cause
    assert report.cause.id == MISMATCH
    assert re.fullmatch(message, report.cause.message)


def test_of_several_certificates_the_one_of_the_key_is_deployed():
    report = run(pem(OTHER, APP, certificate("third")), registered=graph.application(APP))
    assert (report.verdict, report.findings) == (ACCEPTED, ())
    assert [key.label for key in report.keys if key.signature == "valid"] == ["certificate[1]"]


def test_the_key_of_the_issuer_is_not_that_of_the_certificate():
    ca = certificate("ca", ca=True)
    leaf = certificate(issuer=ca, issuer_key=key("ca"))
    report = run(pem(leaf, ca), private("ca"), graph.application(leaf))
    assert [item.id for item in report.findings] == ["key-does-not-match-certificate"]
    assert report.verdict is REFUSED


@pytest.mark.parametrize(
    ("changes", "finds"),
    [
        ({"isFallbackPublicClient": True}, {"app-is-public-client"}),
        ({"isFallbackPublicClient": False}, set()),
    ],
)
def test_what_is_wrong_with_the_app_besides_is_a_warning(changes, finds):
    report = run(pem(certificate()), private(), graph.application(certificate(), **changes))
    assert {item.id for item in report.findings} == finds
    assert {item.severity for item in report.findings} <= {Severity.WARNING}
    assert report.verdict is ACCEPTED


@pytest.mark.parametrize("kept", [True, False])
def test_a_disabled_app_takes_nothing(kept):
    both = [
        graph.application(certificate()),
        graph.service_principal(accountEnabled=kept),
    ]
    report = run(pem(certificate()), private(), both)
    assert {item.id for item in report.findings} == (set() if kept else {"app-disabled"})
    assert report.verdict is (ACCEPTED if kept else REFUSED)


# What else there is to find.


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    verdict: Verdict
    finds: set[str]
    options: dict[str, Any] = field(default_factory=dict)


def row(name: str, verdict: Verdict, *finds: str, **options: Any) -> Row:
    return Row(name=name, verdict=verdict, finds=set(finds), options=options)


def until(end: datetime, cert: x509.Certificate = APP, **changes: object) -> dict:
    return credential(cert, endDateTime=graph.iso(end), **changes)


ENDS = APP.not_valid_after_utc
SHORT = certificate(end=NOW + 20 * DAY)
CA = certificate("ca", ca=True)
LEAF = certificate(issuer=CA, issuer_key=key("ca"))
SNI = {"trustedCertificateSubjects": [{"subjectName": "CN=app", "authorityId": OTHER_APP}]}
EXPIRED_EC = certificate("ec", holder=ec_key(), end=NOW - DAY)
OLD = certificate("other", end=NOW - DAY)
GOING = certificate("other", end=NOW + 10 * DAY)

ROWS = [
    row("ends soon", ACCEPTED, "certificate-ends-soon", cert=pem(SHORT)),
    row("ends soon, not asked", ACCEPTED, cert=pem(SHORT), min_days=None),
    row("ends later than asked", ACCEPTED, cert=pem(SHORT), min_days=20),
    row("has ended", REFUSED, "certificate-expired", cert=pem(certificate(end=NOW - DAY))),
    row(
        "small key",
        ACCEPTED,
        "rsa-key-too-small",
        cert=pem(certificate("small", holder=key("small", 1024))),
        holder=key("small", 1024).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, PLAIN
        ),
    ),
    row("on a curve", REFUSED, "ec-key-not-supported", cert=pem(EC), holder=private("ec")),
    row(
        "on a curve, and ended",
        REFUSED,
        "ec-key-not-supported",
        "certificate-expired",
        cert=pem(EXPIRED_EC),
        holder=private("ec"),
    ),
    row(
        "on a curve, registered beside one that ends soon",
        REFUSED,
        "ec-key-not-supported",
        "other-keys-end-soon",
        cert=pem(EC),
        holder=private("ec"),
        registered=graph.application(EC, GOING),
    ),
    # The window of the registration.
    row(
        "registered for less",
        ACCEPTED,
        "registered-window-shorter",
        registered=graph.application(until(ENDS - 2 * DAY)),
    ),
    row(
        "registered for hours less",
        ACCEPTED,
        registered=graph.application(until(ENDS - DAY)),
    ),
    row("registered for more", ACCEPTED, registered=graph.application(until(ENDS + 9 * DAY))),
    row(
        "registered without an end",
        INCOMPLETE,
        registered=graph.application(credential(endDateTime=None)),
    ),
    row(
        "registration ends soon",
        ACCEPTED,
        "certificate-ends-soon",
        registered=graph.application(until(NOW + 29 * DAY)),
    ),
    row(
        "registration ends as late as asked",
        ACCEPTED,
        "registered-window-shorter",
        registered=graph.application(until(NOW + 30 * DAY)),
    ),
    row(
        "registration ends soon, not asked",
        ACCEPTED,
        "registered-window-shorter",
        registered=graph.application(until(NOW + 29 * DAY)),
        min_days=None,
    ),
    row(
        "registration ends this second",
        ACCEPTED,
        "certificate-ends-soon",
        registered=graph.application(until(NOW)),
    ),
    row(
        "both end soon",
        ACCEPTED,
        "certificate-ends-soon",
        cert=pem(SHORT),
        registered=graph.application(until(NOW + 19 * DAY, SHORT)),
    ),
    row(
        "both end soon, together",
        ACCEPTED,
        "certificate-ends-soon",
        cert=pem(SHORT),
        registered=graph.application(SHORT),
    ),
    # The other keys.
    row("another beside it", ACCEPTED, registered=graph.application(APP, OTHER)),
    row(
        "an expired one beside it",
        ACCEPTED,
        "other-keys-expired",
        registered=graph.application(OLD, APP),
    ),
    row(
        "one beside it ends soon",
        ACCEPTED,
        "other-keys-end-soon",
        registered=graph.application(APP, GOING),
    ),
    row(
        "one beside it ends soon, not asked",
        ACCEPTED,
        registered=graph.application(APP, GOING),
        min_days=None,
    ),
    row(
        "one beside it for signing SAML",
        ACCEPTED,
        registered=graph.application(APP, credential(OLD, usage="Sign")),
    ),
    row(
        "one beside it without an end",
        ACCEPTED,
        registered=graph.application(APP, credential(OTHER, key=None, endDateTime=None)),
    ),
    row(
        "on the service principal, with an expired one",
        ACCEPTED,
        "other-keys-expired",
        registered=graph.service_principal(APP, OLD),
    ),
    # Subject names.
    row(
        "trusted by name, without x5c",
        REFUSED,
        "sni-needs-x5c",
        cert=pem(LEAF),
        registered=graph.application(OTHER, **SNI),
    ),
    row(
        "trusted by name, with x5c",
        INCOMPLETE,
        cert=pem(LEAF, CA),
        registered=graph.application(OTHER, **SNI),
        x5c=True,
    ),
    row(
        "trusted by name, with x5c of a self-signed one",
        REFUSED,
        "sni-self-signed",
        registered=graph.application(APP, **SNI),
        x5c=True,
    ),
    row("x5c for nothing", ACCEPTED, registered=graph.application(APP), x5c=True),
    row("another algorithm", ACCEPTED, registered=graph.application(APP), alg="RS512"),
]


@pytest.mark.parametrize(
    ("deployed", "finds", "reason"),
    [
        (APP, {MISMATCH, "other-keys-expired"}, UNVERIFIED),
        (SHORT, {MISMATCH, "other-keys-expired", "certificate-ends-soon"}, UNVERIFIED),
        (
            certificate(end=NOW - DAY),
            {MISMATCH, "other-keys-expired", "registered-key-expired"},
            EXPIRED,
        ),
    ],
    ids=["fine", "ends soon", "expired"],
)
def test_what_is_deployed_is_judged_and_not_the_certificate_of_the_key(
    deployed: x509.Certificate, finds: set[str], reason: str
):
    registered = graph.application(deployed, OLD)
    report = run(pem(deployed), private("other"), registered)
    assert {item.id for item in report.findings} == finds
    assert report.prediction
    assert report.prediction.reason == reason


def test_the_thumbprint_is_told_as_entra_would_print_it():
    report = run(holder=private("other"), registered=graph.application(APP), alg="RS256")
    assert report.prediction
    assert report.prediction.thumbprint == graph.hex_thumbprint(APP)


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name)
def test_what_matters_before_deploying_is_found(case: Row):
    report = run(**case.options)
    assert {item.id for item in report.findings} == case.finds
    assert report.verdict is case.verdict


def test_findings_stand_in_the_order_of_their_weight():
    report = run(
        pem(SHORT),
        private("third"),
        graph.application(SHORT, OLD),
    )
    assert [item.id for item in report.findings] == [
        MISMATCH,
        "certificate-ends-soon",
        "other-keys-expired",
    ]


def test_without_a_registration_the_report_says_what_it_assumes():
    (assumed,) = run().assumes
    assert f"is registered on app {CLIENT_ID} in tenant {TENANT}" in assumed
    assert run(registered=graph.application(APP)).assumes == ()


def test_the_registration_tells_client_id_and_tenant():
    exported = graph.service_principal(APP)
    report = run(registered=exported, client_id=None, tenant=None)
    assert report.verdict is ACCEPTED
    assert report.assertion
    assert report.assertion.claims["iss"] == CLIENT_ID
    assert report.assertion.claims["aud"] == AUD
    # The owner's tenant need not be the one that it is to sign in to.
    assert report.assumes == (
        f"the app signs in to tenant {TENANT}, which owns it by app: give another one with "
        "--tenant",
    )
    assert run(pem(OTHER), private("other"), exported, client_id=None, tenant=None).assumes == ()
    by_url = run(registered=exported, client_id=None, tenant=None, token_url=AUD)
    assert by_url.verdict is ACCEPTED
    assert by_url.assumes == run(registered=exported).assumes == ()


LACKING: dict[str, tuple[dict, str]] = {
    "client id": ({"client_id": None}, "no client id was given"),
    "client id in the export": (
        {"client_id": None, "registered": graph.az_credential_list(APP)},
        "no client id was given",
    ),
    "tenant": ({"tenant": None}, "no tenant was given"),
    "tenant in the export": (
        {"tenant": None, "registered": graph.application(APP)},
        "no tenant was given",
    ),
    "one of two": ({"token_url": AUD}, "a token URL and a tenant are both given"),
    "a clock": ({"at": datetime(9999, 1, 1, tzinfo=UTC)}, "the clock is out of range"),
    "an algorithm": ({"alg": "HS256"}, "the algorithm is none that Entra ID takes"),
    "a certificate": ({"cert": private()}, "holds a key and no certificate"),
    "a private key": ({"holder": pem(APP)}, "not a private key"),
}


@pytest.mark.parametrize("name", LACKING)
def test_what_is_lacking_is_said_in_words(name: str):
    options, message = LACKING[name]
    with pytest.raises(AssertcheckError) as caught:
        run(**options)
    assert message in caught.value.message


def test_without_at_it_is_judged_now():
    today = certificate(start=datetime.now(UTC) - DAY, end=datetime.now(UTC) + 300 * DAY)
    report = run(pem(today), at=None)
    assert (report.verdict, report.findings) == (ACCEPTED, ())
    assert abs(report.clock.now - datetime.now(UTC)) < timedelta(minutes=1)
    assert report.assertion
    assert report.assertion.seconds_left == 600
    # Nobody has the assertion: there is nothing live to warn of.
    assert "live" not in render_text(report, Style())


# The same registrations by `verify`, from an assertion that was made elsewhere.

RENEWED = certificate(start=NOW - 2 * DAY)
PUBLIC = (
    key()
    .public_key()
    .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
BESIDE: dict[str, object] = {
    name: graph.application(APP, credential(other, **changes))
    for name, other, changes in (
        ("an expired one", OLD, {}),
        ("one that ends soon", GOING, {}),
        ("one for signing", OTHER, {"usage": "Sign"}),
        ("one of another type", OTHER, {"type": "Symmetric"}),
        ("one as PEM text", OTHER, {"key": graph.b64(pem(OTHER))}),
        ("a private key", OTHER, {"key": graph.b64(private("other"))}),
        ("one that cannot be read", OTHER, {"key": "AAAA"}),
        ("one without an end", OTHER, {"endDateTime": None}),
    )
}
AS: dict[str, object] = {
    str(changes): graph.application(credential(**changes))
    for changes in (
        {"endDateTime": graph.iso(ENDS - 2 * DAY)},
        {"endDateTime": graph.iso(NOW + 9 * DAY)},
        {"endDateTime": None},
        {"type": "Symmetric"},
        {"usage": "Encrypt"},
        {"key": graph.b64(pem(APP))},
        {"key": graph.b64(private())},
        {"key": graph.b64(pem(APP) + private())},
        {"key": "AAAA"},
        {"key": "AAAA", "customKeyIdentifier": None},
        {"key": graph.b64(PUBLIC)},
        {"key": None, "customKeyIdentifier": "bXkga2V5", "endDateTime": graph.iso(NOW - DAY)},
        {"key": None, "customKeyIdentifier": "bXkga2V5", "endDateTime": graph.iso(NOW + DAY)},
        {"key": None, "customKeyIdentifier": "bXkga2V5", "startDateTime": graph.iso(NOW + DAY)},
    )
}
ALIKE: dict[str, object] = {
    **{name: app for name, app in REGISTRATIONS.items() if app is not None},
    **{f"beside it {name}": app for name, app in BESIDE.items()},
    **{f"as {name}": app for name, app in AS.items()},
    "public client": graph.application(APP, isFallbackPublicClient=True),
    "disabled": [graph.application(APP), graph.service_principal(accountEnabled=False)],
    "on the service principal, with an expired one": graph.service_principal(APP, OLD),
    "only an expired one": graph.application(OLD),
    "only one that ends soon": graph.application(GOING),
    "another app's, with an expired one": graph.application(APP, OLD, appId=OTHER_APP),
    "its predecessor with the same key": graph.application(RENEWED, OLD),
    "twice, once expired": graph.application(
        credential(endDateTime=graph.iso(NOW - DAY)), credential()
    ),
    "by subject name": graph.application(OTHER, **SNI),
    "for signing and for verifying": graph.application(credential(), credential(usage="Sign")),
    "twice, once to come": graph.application(
        credential(), credential(startDateTime=graph.iso(NOW + DAY))
    ),
    "twice, both end soon": graph.application(until(NOW + 9 * DAY), until(NOW + 9 * DAY)),
    "a list of credentials": graph.az_credential_list(APP),
    "a list of credentials, none of them read": graph.az_credential_list(
        APP, customKeyIdentifier=None
    ),
}


@pytest.mark.parametrize("name", ALIKE)
def test_verify_with_days_finds_what_preflight_finds(name: str):
    registered = ALIKE[name]
    before = run(registered=registered)
    after = diagnose(
        token("PS256", nbf=DROP, iat=EPOCH, exp=EPOCH + 600),
        certs=[pem(APP)],
        app=graph.as_json(registered),
        client_id=CLIENT_ID,
        tenant=TENANT,
        cloud="public",
        at=NOW,
        min_days=30,
    )

    assert after.verdict is before.verdict
    assert [(item.id, item.at) for item in after.findings] == [
        (item.id, item.at) for item in before.findings
    ]
    assert after.not_checked == before.not_checked


def test_the_registrations_bring_up_every_rule_on_them():
    found = {item.id for app in ALIKE.values() for item in run(registered=app).findings}
    assert found >= {rule.id for rule in (*RULES, *ON_APP)}


HELD: dict[str, tuple[x509.Certificate, set[str]]] = {
    "has ended": (certificate(end=NOW - DAY), {UNREGISTERED, "certificate-expired"}),
    "is to begin": (certificate(start=NOW + DAY), {UNREGISTERED, "certificate-not-yet-valid"}),
    "ends soon": (SHORT, {UNREGISTERED, "certificate-ends-soon"}),
}


@pytest.mark.parametrize("name", HELD)
def test_what_is_not_registered_is_judged_all_the_same(name: str):
    deployed, finds = HELD[name]
    report = run(pem(deployed), registered=graph.application(OTHER))
    assert len(report.findings) == len(finds)
    assert {item.id for item in report.findings} == finds
    assert report.cause
    assert report.cause.id == UNREGISTERED
    after = diagnose(
        token("PS256", cert=deployed),
        certs=[pem(deployed)],
        app=graph.as_json(graph.application(OTHER)),
        at=NOW,
        min_days=30,
    )
    assert [(item.id, item.fix) for item in after.findings] == [
        (item.id, item.fix) for item in report.findings
    ]


def test_what_is_on_a_curve_is_told_that_the_registration_is_another_apps():
    report = run(pem(EC), private("ec"), graph.application(EC, OLD, appId=OTHER_APP))
    assert [item.id for item in report.findings] == [
        "registration-of-another-app",
        "ec-key-not-supported",
    ]
    assert report.findings[0].fix.startswith(f"give --client-id {OTHER_APP}, or export ")


def test_a_fix_on_the_registration_names_the_file_that_was_given(tmp_path: Path):
    (tmp_path / "deployed.pem").write_bytes(pem(APP))
    registered = graph.application(credential(type="Symmetric"))
    report = preflight(
        tmp_path / "deployed.pem",
        key=private(),
        app=graph.as_json(registered),
        tenant=TENANT,
        at=NOW,
    )
    (finding,) = report.findings
    assert "--cert @deployed.pem --append" in finding.fix
    # Of another key the file is not at hand.
    (finding,) = run(registered=BESIDE["one of another type"]).findings
    assert "--cert @cert.pem --append" in finding.fix


# Fixes for whoever gives options and files.

REGISTER = f"`az ad app credential reset --id {CLIENT_ID} --cert @cert.pem --append`"
SELF_SIGNED = (
    f"register certificate: {REGISTER}; or deploy a certificate that a CA issued, with --x5c"
)
NIL = "00000000-0000-0000-0000-000000000000"
DOABLE: dict[str, tuple[dict[str, Any], str, str]] = {
    "renewed": (
        {"cert": pem(RENEWED), "registered": graph.application(APP)},
        "x5t-of-renewed-cert-same-key",
        f"register certificate: {REGISTER}; or deploy the one that is: "
        f"{graph.hex_thumbprint(APP)}, app",
    ),
    "renewed, the other ended": (
        {
            "cert": pem(RENEWED),
            "registered": graph.application(credential(endDateTime=graph.iso(NOW - DAY))),
        },
        "x5t-of-renewed-cert-same-key",
        f"register certificate: {REGISTER}",
    ),
    "by name, issued": (
        {"cert": pem(LEAF), "registered": graph.application(OTHER, **SNI)},
        "sni-needs-x5c",
        "add --x5c, and have the app send the certificate along as well",
    ),
    "by name, self-signed": (
        {"registered": graph.application(OTHER, **SNI)},
        "sni-needs-x5c",
        SELF_SIGNED,
    ),
    "by name, self-signed, sent": (
        {"registered": graph.application(OTHER, **SNI), "x5c": True},
        "sni-self-signed",
        f"leave --x5c out, and {SELF_SIGNED}",
    ),
    "by name, self-signed and registered, sent": (
        {"registered": graph.application(APP, **SNI), "x5c": True},
        "sni-self-signed",
        "leave --x5c out; or deploy a certificate that a CA issued, with --x5c",
    ),
    "another app": (
        {"registered": graph.application(APP, appId=OTHER_APP)},
        "registration-of-another-app",
        f"give --client-id {OTHER_APP}, or export the other app: "
        f"`az ad app show --id {CLIENT_ID} > app.json`",
    ),
    "the object id": (
        {"client_id": graph.OBJECT_ID, "registered": graph.application(APP)},
        "iss-is-object-id",
        f"give the application (client) id: --client-id {CLIENT_ID}",
    ),
    "the tenant's id": (
        {"client_id": TENANT},
        "iss-is-tenant-id",
        "give the application (client) id as --client-id, and the tenant as --tenant",
    ),
    "no id": (
        {"client_id": NIL},
        "client-id-format",
        "give the application (client) id as --client-id, and the tenant as --tenant",
    ),
    "an old host": (
        {"tenant": None, "token_url": AUD.replace("microsoftonline.com", "windows.net")},
        "aud-old-host",
        f"give --tenant {TENANT} --cloud public in place of --token-url",
    ),
    "a slash": (
        {"tenant": None, "token_url": AUD + "/"},
        "aud-trailing-slash",
        f"give --tenant {TENANT} --cloud public in place of --token-url",
    ),
}


@pytest.mark.parametrize("name", DOABLE)
def test_a_fix_is_something_that_can_be_done_here(name: str):
    options, id_, fix = DOABLE[name]
    report = run(**options)
    (finding,) = (item for item in report.findings if item.id == id_)
    assert finding.fix == fix
    assert report.cause in (None, report.findings[0])


def test_no_fix_is_about_an_assertion_that_nobody_sees():
    given = [{"registered": app} for app in (*ALIKE.values(), *REGISTRATIONS.values())]
    rows = [case.options for case in ROWS]
    for options in (*given, *rows, *(each[0] for each in DOABLE.values())):
        for finding in run(**options).findings:
            for words in ("the header", "iss and sub", "set aud", "send x5c", "leave x5c"):
                assert words not in finding.fix, finding.id


# The command.

WHO = ["--client-id", CLIENT_ID, "--tenant", TENANT]
AT = ["--at", NOW.isoformat()]
CONTENTS: dict[str, bytes] = {
    "cert.pem": pem(APP),
    "key.pem": private(),
    "locked.pem": private(encrypted=True),
    "both.pem": pem(APP) + private(),
    "app.pfx": pfx(encrypted=True),
    "open.pfx": pfx(),
    "other.pem": private("other"),
    "ec.pem": pem(EC) + private("ec"),
    "app.json": graph.as_json(graph.application(APP)),
    "principal.json": graph.as_json(graph.service_principal(APP)),
    "other.json": graph.as_json(graph.application(OTHER)),
    "old.json": graph.as_json(graph.application(APP, OLD)),
    "short.json": graph.as_json(graph.application(until(NOW + 9 * DAY))),
    "leaf.pem": pem(LEAF) + private(),
    "sni.json": graph.as_json(graph.application(OTHER, **SNI)),
    "undecided.json": graph.as_json(graph.application(keyCredentials=DROP)),
    "password.txt": PASSWORD.encode() + b"\n",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, content in CONTENTS.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PFX_PASSWORD", PASSWORD)
    return tmp_path


def secrets() -> list[str]:
    """Whatever may be shown nowhere: lines of the private keys, their numbers, the password."""
    numbers = key().private_numbers()
    lines = [line for name in ("app", "other", "ec") for line in private(name).decode().split("\n")]
    return [
        PASSWORD,
        *(line for line in lines if line and not line.startswith("-----")),
        *(f"{number:x}" for number in (numbers.d, numbers.p, numbers.q)),
        *(str(number) for number in (numbers.d, numbers.p, numbers.q)),
    ]


def command(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["preflight", *arguments])
    for secret in secrets():
        assert secret not in result.output
    return result


def test_one_command_leads_from_a_pfx_to_a_passed_preflight(here: Path):
    result = command("--cert", "open.pfx", *WHO, *AT)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(" ACCEPTED  Entra ID would take this assertion\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--cert", "cert.pem", "--key", "key.pem"],
        ["--cert", "both.pem"],
        ["--cert", "app.pfx", "--password-env", "PFX_PASSWORD"],
        ["--cert", "app.pfx", "--password-file", "password.txt"],
        ["--cert", "cert.pem", "--key", "locked.pem", "--password-env", "PFX_PASSWORD"],
        ["--cert", "cert.pem", "--key", "app.pfx", "--password-file", "password.txt"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_container_leaks_what_is_in_it(
    arguments: list[str], form: str, here: Path, monkeypatch: pytest.MonkeyPatch
):
    signed: list[str] = []
    real = preflight.__globals__["assertion_of"]

    def keeping(*parts: object, **named: object) -> str:
        signed.append(real(*parts, **named))
        return signed[-1]

    monkeypatch.setitem(preflight.__globals__, "assertion_of", keeping)

    result = command(*arguments, "--app", "principal.json", *AT, "--format", form)

    assert (result.exit_code, result.stderr) == (0, "")
    (assertion,) = signed
    for segment in assertion.split("."):
        assert segment not in result.output


EXITS = {
    "accepted": (["--cert", "open.pfx", "--app", "app.json"], 0),
    "a note": (["--cert", "open.pfx", "--app", "old.json", "--strict"], 0),
    "a warning": (["--cert", "open.pfx", "--app", "short.json"], 0),
    "a warning, strictly": (["--cert", "open.pfx", "--app", "short.json", "--strict"], 1),
    "no warning asked for": (
        ["--cert", "open.pfx", "--app", "short.json", "--strict", "--min-days", "5"],
        0,
    ),
    "not registered": (["--cert", "open.pfx", "--app", "other.json"], 1),
    "a leaf by name, not sent": (["--cert", "leaf.pem", "--app", "sni.json"], 1),
    "another key": (["--cert", "cert.pem", "--key", "other.pem"], 1),
    "on a curve": (["--cert", "ec.pem"], 1),
    "undecided": (["--cert", "open.pfx", "--app", "undecided.json"], 3),
    "no such file": (["--cert", "missing.pfx"], 2),
    "no password": (["--cert", "app.pfx"], 2),
    "by URL": (["--cert", "open.pfx", "--token-url", AUD], 2),
}


@pytest.mark.parametrize("name", EXITS)
def test_it_ends_with_the_code_of_its_verdict(name: str, here: Path):
    arguments, code = EXITS[name]
    result = command(*arguments, *WHO, *AT)
    assert result.exit_code == code
    assert bool(result.stdout) is (code != 2)
    noted = "assertcheck: note: accepted, but --strict lets warnings fail: exit code 1\n"
    if name == "a warning, strictly":
        assert result.stderr == noted


def test_the_registration_may_come_by_standard_input(here: Path):
    arguments = ["preflight", "--cert", "open.pfx", *WHO, *AT, "--app", "-"]
    result = CliRunner().invoke(app, arguments, input=CONTENTS["other.json"])
    assert (result.exit_code, result.stderr) == (1, "")
    assert "[certificate-not-registered]" in result.stdout
    assert CliRunner().invoke(app, arguments, input=CONTENTS["app.json"]).exit_code == 0


def test_nothing_on_standard_input_is_no_registration(here: Path):
    result = command("--cert", "open.pfx", *WHO, *AT, "--app", "-")
    assert result.exit_code == 2
    assert result.stderr.startswith("assertcheck: error: nothing to read from standard input\n")


def test_each_option_reaches_the_assertion(here: Path):
    result = command(
        *("--cert", "open.pfx", "--alg", "RS256", "--x5c", *AT, "--format", "json"),
        *("--client-id", CLIENT_ID, "--token-url", AUD.replace(".com", ".us")),
    )
    seen = json.loads(result.stdout)["assertion"]
    assert seen["header"]["alg"] == "RS256"
    assert len(seen["header"]["x5c"]) == 1
    assert seen["claims"]["aud"] == AUD.replace(".com", ".us")
    cloud = command("--cert", "open.pfx", *WHO, *AT, "--cloud", "china", "--format", "json")
    assert "partner" in json.loads(cloud.stdout)["assertion"]["claims"]["aud"]


def test_a_report_goes_to_a_file_as_well(here: Path):
    result = command("--cert", "open.pfx", *WHO, *AT, "--report", "json=report.json")
    assert result.stdout.startswith(" ACCEPTED ")
    assert json.loads((here / "report.json").read_text())["verdict"] == "accepted"


def test_the_report_on_a_key_that_signs_nothing_names_it(here: Path):
    lines = command("--cert", "ec.pem", *WHO, *AT).stdout.splitlines()
    assert lines[0] == " REFUSED  AADSTS5002730, likely"
    assert lines[1] == "cause   The certificate's key is not RSA [ec-key-not-supported]"
    assert "  - ec.pem [given as registered], EC P-256: not tried (nothing was signed)" in lines


@pytest.mark.parametrize("holder", MATRIX)
def test_json_follows_the_schema(holder: str):
    schema = json.loads(CliRunner().invoke(app, ["schema"]).stdout)
    for name in ("not given", "registered", "another registered", "no keys"):
        report = run(holder=private(holder), registered=REGISTRATIONS[name])
        jsonschema.validate(
            json.loads(render_json(report)), schema, format_checker=jsonschema.FormatChecker()
        )
        assert render_text(report, Style()).endswith("\n")


def test_a_file_that_cannot_serve_is_named():
    with pytest.raises(CertificateError, match="certificate is text without a certificate"):
        run(b"words")
