"""The rules of `preflight`, each on its own: what it says, and the nearest case it is silent on."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes

from assertcheck.checker import run
from assertcheck.graph import Content, KeyCredential, Registration, Source
from assertcheck.model import Candidate, Finding, Severity
from assertcheck.rules.certificate import certificate_ends_soon
from assertcheck.rules.preflight import RULES, PreflightContext
from tests.build import CLIENT_ID, NOW, certificate
from tests.wrong_signatures import candidate

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
APP = candidate()
ENDS = certificate().not_valid_after_utc
FINE = NOW + 100 * DAY


def credential(number: int, end: datetime | None = FINE, **changes: Any) -> KeyCredential:
    base = KeyCredential(
        label=f"app.json[{number}]",
        key_id=None,
        display_name=None,
        type="AsymmetricX509Cert",
        usage="Verify",
        start=NOW - DAY,
        end=end,
        identifier=None,
        identifier_text=None,
        content=Content.NONE,
        candidate=None,
    )
    return replace(base, **changes)


def registration(*keys: KeyCredential, **changes: Any) -> Registration:
    base = Registration(
        label="app.json",
        source=Source.APPLICATION,
        app_id=CLIENT_ID,
        object_id=None,
        display_name=None,
        tenant=None,
        keys=keys,
        passwords=(),
        identifier_uris=(),
        service_principal_names=(),
        reply_urls=(),
        preferred_thumbprint=None,
        single_sign_on=None,
        request_signature=None,
        is_enabled=None,
        is_public=None,
        has_trusted_subjects=None,
    )
    return replace(base, **changes)


def found(
    mine: KeyCredential | None,
    *others: KeyCredential,
    deployed: Candidate = APP,
    app: Registration | None = None,
    min_days: int | None = 30,
    perhaps: tuple[KeyCredential, ...] = (),
) -> tuple[Finding, ...]:
    """What there is to say where `mine` is the registration of what is deployed."""
    keys = (mine, *others) if mine else others
    context = PreflightContext(
        certificate=replace(deployed, credential=mine),
        registration=app or registration(*keys),
        client_id=CLIENT_ID,
        now=NOW,
        min_days=min_days,
        perhaps=perhaps,
    )
    return run(RULES, lambda rule, _: rule.find(context), lambda _: True)[0]


FULL = credential(0, ENDS)
THUMBPRINT = certificate().fingerprint(hashes.SHA1())
BARE = replace(APP, certificate=None)
CASES: dict[str, tuple[tuple[Finding, ...], list[str]]] = {
    "nothing": (found(FULL), []),
    "not registered": (found(None), []),
    # The window of the registration.
    "less than the certificate": (
        found(credential(0, ENDS - DAY - SECOND)),
        ["registered-window-shorter"],
    ),
    "a day less": (found(credential(0, ENDS - DAY)), []),
    "more": (found(credential(0, ENDS + DAY)), []),
    "no end": (found(credential(0, None)), []),
    "its last second": (
        found(credential(0, NOW), min_days=None),
        ["registered-window-shorter"],
    ),
    "a second after": (found(credential(0, NOW - SECOND), min_days=None), []),
    "so little that another rule says it": (
        found(credential(0, NOW + 30 * DAY - SECOND)),
        [],
    ),
    "as little as another rule is silent on": (
        found(credential(0, NOW + 30 * DAY)),
        ["registered-window-shorter"],
    ),
    "no certificate": (found(credential(0, FINE), deployed=BARE), []),
    # The other keys.
    "another": (found(FULL, credential(1)), []),
    "expired": (found(FULL, credential(1, NOW - SECOND)), ["other-keys-expired"]),
    "expired this second": (found(FULL, credential(1, NOW)), ["other-keys-end-soon"]),
    "ends soon": (
        found(FULL, credential(1, NOW + 30 * DAY - SECOND)),
        ["other-keys-end-soon"],
    ),
    "the same certificate again, and ended": (
        found(FULL, credential(1, NOW - SECOND, candidate=APP)),
        [],
    ),
    "its identifier again, and ended": (
        found(FULL, credential(1, NOW - SECOND, identifier=THUMBPRINT)),
        [],
    ),
    "one that it may be, and ended": (
        found(None, credential(1, NOW - SECOND), perhaps=(credential(1, NOW - SECOND),)),
        [],
    ),
    "ends in time": (found(FULL, credential(1, NOW + 30 * DAY)), []),
    "ends soon, not asked": (found(FULL, credential(1, NOW + DAY), min_days=None), []),
    "without an end": (found(FULL, credential(1, None)), []),
    "expired, for signing": (found(FULL, credential(1, NOW - DAY, usage="Sign")), []),
    "expired, usage not said": (
        found(FULL, credential(1, NOW - DAY, usage=None)),
        ["other-keys-expired"],
    ),
    "both, one each": (
        found(FULL, credential(1, NOW - DAY), credential(2, NOW + DAY)),
        ["other-keys-expired", "other-keys-end-soon"],
    ),
    "two expired": (
        found(FULL, credential(1, NOW - DAY), credential(2, NOW - DAY)),
        ["other-keys-expired", "other-keys-expired"],
    ),
    "certificate ends before its registration": (
        found(FULL, credential(1, FINE, candidate=candidate(label="old.pem", end=NOW - DAY))),
        ["other-keys-expired"],
    ),
    "on a service principal": (
        found(
            FULL,
            app=registration(FULL, credential(1, NOW - DAY), source=Source.SERVICE_PRINCIPAL),
        ),
        ["other-keys-expired"],
    ),
    "on a service principal that signs SAML": (
        found(
            FULL,
            app=registration(
                FULL,
                credential(1, NOW - DAY),
                source=Source.SERVICE_PRINCIPAL,
                single_sign_on="saml",
            ),
        ),
        [],
    ),
    "keys left out": (found(FULL, app=registration(keys=None)), []),
}


@pytest.mark.parametrize("name", CASES)
def test_each_rule_speaks_where_it_should_and_nowhere_else(name: str):
    findings, expected = CASES[name]
    assert [item.id for item in findings] == expected


def test_every_rule_has_a_case_that_it_speaks_in():
    assert {item for _, ids in CASES.values() for item in ids} == {rule.id for rule in RULES}


def test_without_a_registration_there_is_nothing_to_say():
    context = PreflightContext(
        certificate=APP, registration=None, client_id=CLIENT_ID, now=NOW, min_days=30
    )
    assert run(RULES, lambda rule, _: rule.find(context), lambda _: True) == ((), ())


def test_without_a_certificate_all_keys_are_others():
    context = PreflightContext(
        certificate=None,
        registration=registration(credential(0, NOW - DAY), credential(1, NOW + DAY)),
        client_id=CLIENT_ID,
        now=NOW,
        min_days=30,
    )
    findings = run(RULES, lambda rule, _: rule.find(context), lambda _: True)[0]
    assert [item.id for item in findings] == ["other-keys-expired", "other-keys-end-soon"]


def test_the_rules_on_certificates_take_the_same_context():
    context = PreflightContext(
        certificate=APP, registration=None, client_id=CLIENT_ID, now=ENDS - DAY, min_days=30
    )
    (problem,) = certificate_ends_soon.find(context)
    assert CLIENT_ID in getattr(problem, "fix", "")


def test_the_messages_name_key_date_and_what_to_do():
    (shorter,) = found(credential(0, NOW + 40 * DAY))
    assert (shorter.at, shorter.severity) == ("app.json[0]", Severity.NOTE)
    assert shorter.message == (
        "app.pem is registered until 2026-04-19 12:00:00Z, 295 days less than it is valid"
    )
    assert shorter.fix.endswith(
        f"`az ad app credential reset --id {CLIENT_ID} --cert @app.pem --append --end-date "
        "2027-02-08T12:00:00Z`"
    )
    named = credential(1, NOW - DAY, display_name="CN=old")
    (expired,) = found(FULL, named)
    assert expired.message == (
        "app.json[1] (CN=old) ended at 2026-03-09 12:00:00Z, 1 day before the check"
    )
    (ending,) = found(FULL, credential(1, NOW + DAY))
    assert ending.message == "app.json[1] ends at 2026-03-11 12:00:00Z, in 1 day"
    assert expired.fix == "remove it in the portal, under Certificates & secrets"
    known = replace(named, key_id="77777777-0000-4000-8000-000000000001")
    command = f"credential delete --id {CLIENT_ID} --key-id {known.key_id} --cert`"
    (expired,) = found(FULL, known)
    assert expired.fix == f"remove it: `az ad app {command}"
    (ending,) = found(FULL, replace(known, end=NOW + DAY))
    assert ending.fix == (
        f"switch over in time whatever still signs with it; afterwards remove it: `az ad app {command}"
    )
    (expired,) = found(FULL, app=registration(FULL, known, source=Source.SERVICE_PRINCIPAL))
    assert expired.fix == f"remove it: `az ad sp {command}"
