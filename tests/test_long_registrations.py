"""Exports with thousands of keys: the same answers, in time that grows with their number."""

import time
from dataclasses import replace

import pytest

from assertcheck.keys.registered import match, paired, read_all, unresolved
from assertcheck.model import Candidate, Role
from assertcheck.verifier.case import one_for_each_key
from assertcheck.verifier.digests import digest_table
from assertcheck.verifier.thumbprint import named_candidates, read_value, read_values
from tests.build import certificate, pem
from tests.build_graph import application, as_json, key_credential, service_principal

NAMES = ("default", "saml", "other")


def candidates() -> list[Candidate]:
    held = application(*(key_credential(certificate(name)) for name in NAMES))
    (registration,) = read_all(as_json(held))
    return [key.candidate for key in registration.keys or () if key.candidate]


def written(digest: bytes) -> list[str]:
    """A thumbprint in hex, right, mistyped, cut and prolonged in each way that is told."""
    right = digest.hex().upper()
    return [
        right,
        right.lower(),
        ":".join(right[place : place + 2] for place in range(0, len(right), 2)),
        *(right[:place] + "Z" + right[place + 1 :] for place in range(0, len(right), 5)),
        *(right[:place] + right[place + 1 :] for place in range(0, len(right), 7)),
        *(right[:place] + "0" + right[place:] for place in range(0, len(right), 7)),
        right[1] + right[0] + right[2:],
        right[:-2] + right[-1] + right[-2],
        right[:12],
        right[-12:],
        right + "ABCD",
        "ABCD" + right,
        "".join(f"{octet:x}" for octet in digest),
        "no thumbprint",
        "",
    ]


def test_values_read_together_come_out_as_one_by_one():
    known = candidates()
    table = digest_table(known)
    digests = [
        digest
        for each in known
        if each.certificate
        for digest in (each.certificate.sha1, each.certificate.sha256)
    ]
    values = [(value, "app.json[0]") for digest in digests for value in written(digest)]
    alone = [read_value(value, at=at, candidates=known, table=table) for value, at in values]
    assert list(read_values(values, known)) == alone


def test_of_several_with_one_certificate_the_first_is_meant():
    first, *others = candidates()
    same = replace(first, label="app.json[9]")
    bare = replace(first, label="key.pem", certificate=None)
    assert first.certificate
    (reading,) = read_values([(first.certificate.sha1.hex(), "x")], [bare, first, *others, same])
    assert [each.candidate for each in reading.matches] == [first]


def test_nothing_is_computed_where_there_is_nothing_to_read():
    assert read_values([], candidates()) == ()


def test_each_application_gets_the_first_service_principal_of_its_app():
    export = [
        service_principal(displayName="first"),
        application(),
        service_principal(displayName="second"),
        application(displayName="again"),
        service_principal(appId=None, displayName="nobody's"),
        application(displayName="alone"),
    ]
    found = read_all(as_json(export))
    assert paired(found) == (
        (found[1], found[0]),
        (found[3], found[2]),
        (found[5], None),
        (None, found[4]),
    )


@pytest.mark.parametrize("is_held", [True, False])
def test_thousands_of_equal_keys_are_matched_in_linear_time(is_held):
    (registration,) = read_all(as_json(application(*[key_credential()] * 3000)))
    (held,) = read_certificate_of(pem(certificate()))
    started = time.process_time()
    found = match([held] if is_held else [], registration)
    # However often it is registered, it is one key.
    assert len(found) == 1
    assert unresolved(registration, found) == ()
    assert time.process_time() - started < 2


def read_certificate_of(text: object) -> tuple[Candidate, ...]:
    from assertcheck.keys.files import parse_keys

    octets = text.encode() if isinstance(text, str) else text
    assert isinstance(octets, bytes)
    return tuple(parse_keys(octets, label="cert.pem", role=Role.REGISTERED))


def test_a_candidate_that_is_named_twice_counts_once():
    first, *others = candidates()
    assert first.certificate
    value = first.certificate.sha1.hex().upper()
    (reading,) = read_values([(value, "header.kid")], [first, *others])
    assert named_candidates([reading, reading]) == (first,)


def test_of_the_candidates_with_one_key_the_first_is_kept():
    first, *others = candidates()
    again = replace(first, label="key.pem", certificate=None)
    assert one_for_each_key([first, again, *others, *others]) == (first, *others)
