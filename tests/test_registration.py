"""App registrations in every export people make of them, and what else they give by mistake."""

import base64
import hashlib
import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st

from assertcheck.errors import CertificateError
from assertcheck.graph import Content, RequestSignature, Source
from assertcheck.keys.files import parse_keys
from assertcheck.keys.graph_credential import read_identifier
from assertcheck.keys.graph_json import MAX_FILE, MAX_OBJECTS
from assertcheck.keys.graph_values import moment, octets_in, text
from assertcheck.keys.registered import join, read_registration
from assertcheck.keys.registration import (
    NO_KEY_VALUES,
    NO_KEYS,
    export_command,
    parse_registrations,
    read_registrations,
)
from assertcheck.keys.validity import (
    READABLE_DATES,
    State,
    doubt_of,
    ends_within,
    state_at,
    window_of,
)
from assertcheck.model import Role
from tests.build import CLIENT_ID, DROP, TENANT, certificate, der, ec_key, key, pem
from tests.build_graph import (
    GITHUB,
    KEY_ID,
    OBJECT_ID,
    PRINCIPAL_ID,
    SECRET,
    application,
    arm_federated,
    as_json,
    az_app_show,
    az_credential_list,
    az_password_list,
    az_sp_show,
    b64,
    credentials_property,
    federated_list,
    graph_list,
    hex_thumbprint,
    key_credential,
    mg_application,
    mg_service_principal,
    odata_error,
    password_credential,
    portal_manifest,
    saml_service_principal,
    service_principal,
    sha1,
    sha256,
    signing_pair,
    terraform_federated,
    terraform_show,
    terraform_state,
    unkeyed,
)

EXPORTS = Path(__file__).parent / "data" / "graph"
CERT = certificate()
OTHER = certificate("other")
START, END = CERT.not_valid_before_utc, CERT.not_valid_after_utc


def read(value, **options):
    return parse_registrations(as_json(value, **options), label="app.json")


def one(value, **options):
    (registration,) = read(value, **options)
    return registration


def key_in(value, **options):
    (credential,) = one(value, **options).keys
    return credential


def refused(octets):
    if not isinstance(octets, bytes):
        octets = as_json(octets)
    with pytest.raises(CertificateError) as caught:
        parse_registrations(octets, label="app.json")
    return caught.value


# Everything that holds the key of the app: who says what.

SHAPES = {
    "Graph application": application(CERT),
    "Graph application, beta": application(
        CERT,
        **{"@odata.context": "https://graph.microsoft.com/beta/$metadata#applications/$entity"},
    ),
    "Graph application without a context": application(CERT, **{"@odata.context": DROP}),
    "Graph list of one": graph_list(application(CERT)),
    "az ad app list of one": [application(CERT)],
    "an object in an object, twice serialised": json.dumps(application(CERT)),
    "Get-MgApplication in PowerShell 7": mg_application(CERT),
    "Get-MgApplication in Windows PowerShell": mg_application(
        CERT, dates="net", key_as="numbers", collapse=True
    ),
    "Get-MgApplication, collapsed": mg_application(CERT, collapse=True),
    "a list as Windows PowerShell writes it": {"value": [mg_application(CERT)], "Count": 1},
    "manifest of the portal": portal_manifest(CERT),
    "manifest of the portal before 2025": portal_manifest(CERT, style="aad"),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("shape", SHAPES)
def test_an_application_says_the_same_in_every_export(shape, encoding):
    registration = one(SHAPES[shape], encoding=encoding)
    assert (registration.label, registration.source) == ("app.json", Source.APPLICATION)
    assert (registration.app_id, registration.object_id) == (CLIENT_ID, OBJECT_ID)
    assert registration.display_name == "assertcheck test app"
    assert registration.identifier_uris == (f"api://{CLIENT_ID}",)
    assert registration.reply_urls == ("https://app.example.com/callback",)
    assert registration.notes == ()
    assert registration.passwords == ()
    assert registration.tenant is registration.is_enabled is registration.single_sign_on is None
    (credential,) = registration.keys
    assert (credential.label, credential.key_id) == ("app.json", f"{KEY_ID}1")
    assert (credential.type, credential.usage) == ("AsymmetricX509Cert", "Verify")
    assert (credential.start, credential.end) == (START, END)
    assert credential.identifier == sha1(CERT)
    assert credential.content is Content.CERTIFICATE
    assert credential.notes == ()
    candidate = credential.candidate
    assert (candidate.label, candidate.role) == ("app.json", Role.REGISTERED)
    assert candidate.certificate.der == der(CERT)
    assert candidate.credential is None
    assert candidate.notes == ()


PRINCIPALS = {
    "Graph": service_principal(CERT),
    "Graph without a context": service_principal(CERT, **{"@odata.context": DROP}),
    "Graph list": graph_list(service_principal(CERT), kind="servicePrincipals"),
    "Get-MgServicePrincipal": mg_service_principal(CERT, collapse=True),
}


@pytest.mark.parametrize("shape", PRINCIPALS)
def test_a_service_principal_says_the_same_in_every_export(shape):
    registration = one(PRINCIPALS[shape])
    assert registration.source is Source.SERVICE_PRINCIPAL
    assert (registration.app_id, registration.object_id) == (CLIENT_ID, PRINCIPAL_ID)
    assert registration.tenant == TENANT
    assert registration.is_enabled is True
    assert registration.service_principal_names == (CLIENT_ID, f"api://{CLIENT_ID}")
    assert registration.reply_urls == ("https://app.example.com/callback",)
    assert [each.candidate.certificate.der for each in registration.keys] == [der(CERT)]


@pytest.mark.parametrize(
    "members",
    [
        {"objectType": "ServicePrincipal", "objectId": PRINCIPAL_ID, "appId": CLIENT_ID},
        {"@odata.type": "#microsoft.graph.servicePrincipal", "id": PRINCIPAL_ID},
        {
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#servicePrincipals(x)/$entity"
        },
        {"appId": CLIENT_ID, "appOwnerOrganizationId": TENANT},
    ],
)
def test_any_one_sign_makes_a_service_principal(members):
    registration = one(members | {"keyCredentials": []})
    assert registration.source is Source.SERVICE_PRINCIPAL
    assert registration.keys == ()


@pytest.mark.parametrize("value", [az_app_show(CERT), az_sp_show(CERT), az_credential_list(CERT)])
def test_an_export_without_key_keeps_the_identifier_and_says_why(value):
    registration = one(value)
    (credential,) = registration.keys
    assert (credential.content, credential.candidate) == (Content.NONE, None)
    assert credential.identifier == sha1(CERT)
    assert credential.identifier_text == hex_thumbprint(CERT)
    assert credential.notes == ()
    assert registration.notes == (NO_KEY_VALUES,)


def test_one_key_with_its_value_is_no_export_without_them():
    assert one(application(key_credential(CERT, key=None), OTHER)).notes == ()


@pytest.mark.parametrize(
    ("members", "keys", "passwords", "notes"),
    [
        ({"keyCredentials": DROP}, None, (), (NO_KEYS,)),
        ({"keyCredentials": None}, None, (), (NO_KEYS,)),
        ({"keyCredentials": []}, (), (), ()),
        ({"keyCredentials": {}}, (), (), ()),
        ({"keyCredentials": [], "passwordCredentials": DROP}, (), None, ()),
    ],
)
def test_left_out_is_not_empty(members, keys, passwords, notes):
    registration = one(application(**members))
    assert (registration.keys, registration.passwords) == (keys, passwords)
    assert registration.notes == notes


MODELS = "Microsoft.Graph.PowerShell.Models.MicrosoftGraph"
CUT = [
    # members of an application: those that are cut off, keys and passwords that are known
    ({"keyCredentials": "System.Object[]"}, ("keyCredentials",), None, 0),
    ({"keyCredentials": f"{MODELS}KeyCredential"}, ("keyCredentials",), None, 0),
    ({"keyCredentials": [f"{MODELS}KeyCredential"] * 2}, ("keyCredentials",), None, 0),
    ({"keyCredentials": "Microsoft.Graph.KeyCredential"}, ("keyCredentials",), None, 0),
    ({"keyCredentials": ["@{keyId=7; usage=Verify}"]}, ("keyCredentials",), None, 0),
    ({"keyCredentials": [key_credential(CERT), None]}, ("keyCredentials",), None, 0),
    ({"keyCredentials": ""}, ("keyCredentials",), None, 0),
    ({"keyCredentials": {"value": [""], "Count": 1}}, ("keyCredentials",), None, 0),
    ({"keyCredentials": {"value": [], "Count": 0}}, (), 0, 0),
    ({"passwordCredentials": ""}, ("passwordCredentials",), 1, None),
    ({"passwordCredentials": "System.Object[]"}, ("passwordCredentials",), 1, None),
    (
        {"passwordCredentials": [f"{MODELS}PasswordCredential"]},
        ("passwordCredentials",),
        1,
        None,
    ),
    ({"web": f"{MODELS}WebApplication"}, ("web",), 1, 0),
    ({"web": {"redirectUris": "System.String[]"}}, ("web.redirectUris",), 1, 0),
    ({"spa": {"redirectUris": "https://a.example https://b.example"}}, ("spa.redirectUris",), 1, 0),
    ({"spa": {"redirectUris": "https://a.example"}}, (), 1, 0),
    ({"identifierUris": ""}, ("identifierUris",), 1, 0),
    ({"requestSignatureVerification": ""}, ("requestSignatureVerification",), 1, 0),
    ({"trustedCertificateSubjects": ["System.Object"]}, ("trustedCertificateSubjects",), 1, 0),
    ({"appRoles": ["System.Collections.Hashtable"]}, ("appRoles",), 1, 0),
    ({"displayName": "Microsoft.Azure.SyncFabric"}, (), 1, 0),
    ({"displayName": "@home"}, (), 1, 0),
    ({"displayName": "", "description": ""}, (), 1, 0),
]


@pytest.mark.parametrize(("members", "cut_off", "keys", "passwords"), CUT)
def test_what_convertto_json_cut_off_is_neither_absent_nor_a_value(
    members, cut_off, keys, passwords
):
    registration = one(application(**({"keyCredentials": [key_credential(CERT)]} | members)))
    assert registration.cut_off == cut_off
    assert [
        None if each is None else len(each) for each in (registration.keys, registration.passwords)
    ] == [keys, passwords]
    named = "".join(f"cut off at `{name}`, so that nothing is known of it: " for name in cut_off)
    again = "export it again with `ConvertTo-Json -Depth 5`"
    assert registration.notes == ((f"{named}{again}",) if cut_off else ())


@pytest.mark.parametrize(
    ("changes", "cut_off", "content", "identifier", "notes"),
    [
        ({"key": "System.Byte[]"}, ("keyCredentials.key",), Content.NONE, True, 1),
        ({"key": None}, (), Content.NONE, True, 1),
        (
            {"customKeyIdentifier": "System.Byte[]"},
            ("keyCredentials.customKeyIdentifier",),
            Content.CERTIFICATE,
            False,
            1,
        ),
        ({"displayName": "System.Byte[]!"}, (), Content.CERTIFICATE, True, 0),
    ],
)
def test_what_was_cut_off_within_a_key_leaves_the_rest_of_it(
    changes, cut_off, content, identifier, notes
):
    registration = one(application(key_credential(CERT, **changes)))
    (credential,) = registration.keys
    assert registration.cut_off == cut_off
    assert credential.content is content
    assert (credential.identifier is not None) is identifier
    assert credential.notes == ()
    assert len(registration.notes) == notes
    assert any("`key`: Graph gives" in note for note in registration.notes) is (
        "key" in changes and not cut_off
    )


def test_each_cut_off_member_is_named_once_and_a_few_of_them():
    cut = dict.fromkeys(("web", "spa", "publicClient", "identifierUris", "api"), "")
    registration = one(application(key_credential(CERT, key="System.Byte[]"), **cut))
    assert len(registration.cut_off) == 6
    assert "`identifierUris`, `keyCredentials.key`, `web`, `spa`" in registration.notes[0]
    assert " and 1 more, so that nothing" in registration.notes[0]
    several = one([key_credential(CERT, key="System.Byte[]")] * 2)
    assert (several.source, several.cut_off) == (Source.CREDENTIALS, ("key",))
    assert several.notes[0].startswith("cut off at `key`")
    assert len(several.notes) == 1


def test_of_both_in_one_file_it_is_named_once():
    pair = as_json([application(CERT), service_principal()])
    assert read_registration(pair, (None,)).label == "app"


def test_what_lies_too_deep_to_be_read_is_not_looked_at():
    deep: object = "System.Object[]"
    for _ in range(20):
        deep = {"x": deep}
    assert one(application(CERT, info=deep)).cut_off == ()


def test_several_apps_have_each_what_was_cut_off_of_it():
    first, second = read([application(CERT), application(CERT, keyCredentials="")])
    assert (first.cut_off, second.cut_off) == ((), ("keyCredentials",))
    pair = join(second, one(service_principal(passwordCredentials="")))
    assert pair.cut_off == ("keyCredentials", "passwordCredentials")


def test_a_credential_list_knows_no_app():
    registration = one(az_credential_list(CERT, OTHER))
    assert registration.source is Source.CREDENTIALS
    assert registration.app_id is registration.object_id is registration.passwords is None
    assert [each.label for each in registration.keys] == ["app.json[0]", "app.json[1]"]
    assert [each.identifier for each in registration.keys] == [sha1(CERT), sha1(OTHER)]


@pytest.mark.parametrize(
    "value",
    [
        credentials_property(CERT),
        [key_credential(CERT)],
        key_credential(CERT),
        key_credential(CERT, keyId=DROP, startDateTime=DROP, endDateTime=DROP),
        {"keyCredentials": [key_credential(CERT)]},
        {"@odata.type": "#microsoft.graph.keyCredential", **key_credential(CERT)},
    ],
)
def test_key_credentials_alone_are_read(value):
    registration = one(value)
    assert registration.source is Source.CREDENTIALS
    assert [each.candidate.certificate.der for each in registration.keys] == [der(CERT)]


def test_graph_says_what_kind_it_selected_from():
    context = "https://graph.microsoft.com/v1.0/$metadata#applications(keyCredentials)/$entity"
    assert one({"@odata.context": context, "keyCredentials": []}).source is Source.APPLICATION


def test_secrets_listed_alone_say_nothing_of_keys():
    registration = one(az_password_list())
    assert registration.keys is None
    assert [each.display_name for each in registration.passwords] == ["deployment"]
    assert "`--cert`" in registration.notes[0]


def test_a_mixed_list_is_parted():
    registration = one([password_credential(), key_credential(CERT)])
    assert (len(registration.keys), len(registration.passwords)) == (1, 1)
    assert registration.notes == ()


def test_an_empty_list_is_that_of_az_with_a_doubt():
    registration = one([])
    assert (registration.source, registration.keys) == (Source.CREDENTIALS, ())
    assert registration.passwords is None
    assert "lists secrets" in registration.notes[0]
    assert one(credentials_property()).notes == ()


def test_an_empty_answer_of_graph_is_no_registration():
    error = refused(graph_list())
    assert error.message == "app.json is a list without an app registration in it"
    assert "check the id" in error.hint


def test_several_apps_are_told_apart_in_the_labels():
    apps = [application(CERT, OTHER), application(OTHER, appId=TENANT), service_principal()]
    first, second, third = read(graph_list(*apps))
    assert [each.label for each in (first, second, third)] == ["app.json"] * 3
    assert [each.label for each in first.keys] == ["app.json[0][0]", "app.json[0][1]"]
    assert [each.label for each in second.keys] == ["app.json[1]"]
    assert (second.app_id, third.source) == (TENANT, Source.SERVICE_PRINCIPAL)


def test_more_than_a_hundred_apps_are_fine():
    assert len(read([application(displayName=str(number)) for number in range(250)])) == 250


def test_a_page_of_a_list_says_that_it_goes_on():
    link = {"@odata.nextLink": "https://graph.microsoft.com/v1.0/applications?$skiptoken=x"}
    assert "goes on" in one(graph_list(application(CERT), **link)).notes[0]


@pytest.mark.parametrize("written", [CLIENT_ID.upper(), f"{{{CLIENT_ID}}}", f" {CLIENT_ID} "])
def test_the_client_id_is_a_guid_in_lower_case(written):
    assert one(application(appId=written)).app_id == CLIENT_ID


@pytest.mark.parametrize("written", ["", "no-guid", 7, None, CLIENT_ID[:-1]])
def test_what_is_no_guid_is_no_client_id(written):
    assert one(application(appId=written)).app_id is None


@pytest.mark.parametrize(
    ("members", "implicit", "roles", "shown"),
    [
        ({}, False, False, True),
        ({"web": {"implicitGrantSettings": {"enableIdTokenIssuance": True}}}, True, False, True),
        ({"web": {"implicitGrantSettings": {"enableIdTokenIssuance": "x"}}}, False, False, True),
        ({"web": {"implicitGrantSettings": None}}, False, False, True),
        ({"oauth2AllowImplicitFlow": True}, True, False, True),
        ({"oauth2AllowIdTokenImplicitFlow": True}, True, False, True),
        ({"oauth2AllowImplicitFlow": False}, False, False, True),
        ({"appRoles": [{"value": "read"}]}, False, True, True),
        ({"appRoles": []}, False, False, True),
        ({"spa": DROP}, False, False, True),
        ({"spa": DROP, "web": {}}, False, False, False),
        ({"web": "Microsoft.Graph.Models.Web"}, False, False, False),
        ({"web": DROP, "replyUrlsWithType": []}, False, False, True),
        ({"identifierUris": DROP}, False, False, False),
    ],
)
def test_what_an_app_is_there_for_is_read(members, implicit, roles, shown):
    registration = one(application(**members))
    assert registration.has_implicit_flow is implicit
    assert registration.has_roles is roles
    assert registration.is_purpose_shown is shown


@pytest.mark.parametrize("written", [CLIENT_ID, CLIENT_ID.upper(), f"{{{CLIENT_ID}}}"])
def test_the_key_that_tokens_are_encrypted_for_is_read(written):
    assert one(application(tokenEncryptionKeyId=written)).encryption_key_id == CLIENT_ID
    assert one(application(tokenEncryptionKeyId=None)).encryption_key_id is None


def test_colours_of_a_terminal_are_passed_over():
    written = as_json(application(CERT))
    coloured = (
        b"\x1b[0m" + written.replace(b'"appId"', b'\x1b[34;1m"appId"\x1b[39;49;00m') + b"\x1b[0m"
    )
    assert parse_registrations(coloured, label="app.json") == parse_registrations(
        written, label="app.json"
    )


def test_reply_urls_come_from_every_platform_once():
    urls = [f"https://app.example.com/{number}" for number in range(4)]
    registration = one(
        application(
            web={"redirectUris": urls[:2]},
            spa={"redirectUris": urls[1:3]},
            publicClient={"redirectUris": urls[3]},
        )
    )
    assert registration.reply_urls == tuple(urls)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, None),
        ({"trustedCertificateSubjects": []}, False),
        ({"trustedCertificateSubjects": [{"subjectName": "app.example.com"}]}, True),
        ({"trustedSubjectNameAndIssuers": [{"subjectName": "app.example.com"}]}, True),
        ({"trustedSubjectNameAndIssuers": None}, False),
    ],
)
def test_trust_by_subject_name_has_two_names(members, expected):
    assert one(application(**members)).has_trusted_subjects is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ({}, None),
        ({"isSignedRequestRequired": "yes"}, None),
        ({"isSignedRequestRequired": True}, RequestSignature(is_required=True, weak_algorithms=())),
        (
            {"isSignedRequestRequired": False, "allowedWeakAlgorithms": "rsaSha1"},
            RequestSignature(is_required=False, weak_algorithms=("rsaSha1",)),
        ),
        (
            {"isSignedRequestRequired": True, "allowedWeakAlgorithms": "rsaSha1, other"},
            RequestSignature(is_required=True, weak_algorithms=("rsaSha1", "other")),
        ),
    ],
)
def test_the_switch_for_signed_requests_is_read(value, expected):
    assert one(application(requestSignatureVerification=value)).request_signature == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, None),
        ({"isFallbackPublicClient": True}, True),
        ({"isFallbackPublicClient": False}, False),
        ({"isFallbackPublicClient": "true"}, None),
        ({"allowPublicClient": True}, True),
    ],
)
def test_a_public_client_says_so(members, expected):
    assert one(application(**members)).is_public is expected


def test_a_saml_service_principal_has_both_halves_and_the_active_key():
    cert = certificate("saml")
    registration = one(saml_service_principal(cert))
    assert registration.single_sign_on == "saml"
    assert registration.preferred_thumbprint == hex_thumbprint(cert)
    sign, verify = registration.keys
    (password,) = registration.passwords
    assert (sign.usage, sign.type) == ("Sign", "X509CertAndPassword")
    assert (sign.content, verify.content) == (Content.NONE, Content.CERTIFICATE)
    assert sign.identifier == verify.identifier == password.identifier == sha256(cert)
    assert password.key_id == sign.key_id
    assert registration.notes == ()


# The written-out exports.

SAMPLE = Path(__file__).parent.parent / "sample_certs" / "leaf.pem"
LEAF = der(x509.load_pem_x509_certificate(SAMPLE.read_bytes()))


def exported(name):
    (registration,) = read_registrations(EXPORTS / name)
    return registration


@pytest.mark.parametrize(
    "name",
    [
        "graph-application.json",
        "get-mgapplication.json",
        "manifest-azure-ad-graph.json",
        "saml-service-principal.json",
    ],
)
def test_a_written_out_export_holds_the_sample_certificate(name):
    registration = exported(name)
    assert registration.label == name
    assert registration.app_id == CLIENT_ID
    credential = registration.keys[-1]
    assert credential.candidate.certificate.der == LEAF
    assert credential.start == datetime(2025, 1, 1, tzinfo=UTC)
    assert credential.end == datetime(2035, 1, 1, tzinfo=UTC)
    digest = hashlib.sha1 if credential.identifier_text.startswith(("6B", "aw")) else hashlib.sha256
    assert credential.identifier == digest(LEAF).digest()
    assert credential.notes == registration.notes == ()


def test_the_written_out_manifest_has_its_own_names():
    registration = exported("manifest-azure-ad-graph.json")
    assert registration.display_name == "payroll export"
    assert registration.reply_urls == (
        "https://payroll.example.com/signin-oidc",
        "https://payroll.example.com/spa",
    )
    assert registration.is_public is False
    assert registration.has_trusted_subjects is True


def test_the_written_out_list_of_az_has_no_key():
    registration = exported("az-app-credential-list.json")
    assert registration.notes == (NO_KEY_VALUES,)


def test_fractions_of_a_second_are_kept_to_the_microsecond():
    registration = exported("graph-application.json")
    (password,) = registration.passwords
    assert password.end == datetime(2026, 5, 1, 8, 30, 15, 123456, tzinfo=UTC)
    assert password.label == "graph-application.json passwordCredentials[0]"


# What a key may be.

PKCS8 = key().private_bytes(
    serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
ENCRYPTED = key().private_bytes(
    serialization.Encoding.DER,
    serialization.PrivateFormat.PKCS8,
    serialization.BestAvailableEncryption(b"secret"),
)
PRIVATE_PEM = key().private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)
SEC1 = ec_key().private_bytes(
    serialization.Encoding.DER,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)
PFX = pkcs12.serialize_key_and_certificates(
    b"app", key(), CERT, None, serialization.BestAvailableEncryption(b"secret")
)
PUBLIC = key().public_key()
SPKI = PUBLIC.public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)
PUBLIC_PEM = PUBLIC.public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
URL = base64.urlsafe_b64encode(der(CERT)).decode().rstrip("=")
HUGE_KEY = bytes.fromhex("30819f300d06092a864886f70d010101050003818d0030818902818100") + bytes(132)
JWK_WITH_NUMBER = {
    "kty": "RSA",
    "n": base64.urlsafe_b64encode(PUBLIC.public_numbers().n.to_bytes(256)).decode().rstrip("="),
    "e": "AQAB",
    "d": 5,
}
NOT_KEPT = ("its key holds a private key, which is not kept",)
NOT_DER = ("its key is not the base64 of DER",)
NOTHING = ("its key holds neither a certificate nor a key that can be read",)

KEYS = {
    # what it is: (key, content, whether the certificate is found, notes)
    "base64 of DER": (b64(der(CERT)), Content.CERTIFICATE, True, ()),
    "in lines": (base64.encodebytes(der(CERT)).decode(), Content.CERTIFICATE, True, ()),
    "numbers": (list(der(CERT)), Content.CERTIFICATE, True, ()),
    "numbers cut by ConvertTo-Json": (
        " ".join(map(str, der(CERT))),
        Content.CERTIFICATE,
        True,
        (),
    ),
    "base64url": (URL, Content.CERTIFICATE, True, ("its key is base64url, not base64",)),
    "hex": (der(CERT).hex(), Content.CERTIFICATE, True, ("its key is hex, not base64",)),
    "PEM": (
        pem(CERT).decode(),
        Content.CERTIFICATE,
        True,
        ("its key is PEM, not the base64 of DER",),
    ),
    "base64 of PEM": (
        b64(pem(CERT)),
        Content.CERTIFICATE,
        True,
        ("its key is the base64 of a PEM file, not of the certificate's DER",),
    ),
    "base64 twice": (b64(b64(der(CERT)).encode()), Content.CERTIFICATE, True, NOT_DER),
    "two certificates in PEM": (
        b64(pem(CERT, OTHER)),
        Content.CERTIFICATE,
        True,
        (
            "its key is the base64 of a PEM file, not of the certificate's DER",
            "its key holds 2 certificates in place of one",
        ),
    ),
    "PKCS#8": (b64(PKCS8), Content.PRIVATE_KEY, False, NOT_KEPT),
    "PKCS#8 in numbers": (list(PKCS8), Content.PRIVATE_KEY, False, NOT_KEPT),
    "PKCS#8 in hex": (PKCS8.hex(), Content.PRIVATE_KEY, False, NOT_KEPT),
    "PKCS#8, encrypted": (b64(ENCRYPTED), Content.PRIVATE_KEY, False, NOT_KEPT),
    "SEC 1": (b64(SEC1), Content.PRIVATE_KEY, False, NOT_KEPT),
    "PFX": (b64(PFX), Content.PRIVATE_KEY, False, NOT_KEPT),
    "PFX, twice encoded": (b64(b64(PFX).encode()), Content.PRIVATE_KEY, False, NOT_KEPT),
    "private key in PEM": (PRIVATE_PEM.decode(), Content.PRIVATE_KEY, False, NOT_KEPT),
    "private key in PEM in base64": (b64(PRIVATE_PEM), Content.PRIVATE_KEY, False, NOT_KEPT),
    "both in PEM": (b64(pem(CERT) + PRIVATE_PEM), Content.PRIVATE_KEY, True, NOT_KEPT),
    "JWK with a private member that is none": (
        b64(as_json(JWK_WITH_NUMBER)),
        Content.PRIVATE_KEY,
        False,
        NOT_KEPT,
    ),
    "public key": (b64(SPKI), Content.PUBLIC_KEY, False, ()),
    "public key in PEM": (
        b64(PUBLIC_PEM),
        Content.PUBLIC_KEY,
        False,
        ("its key is the base64 of a PEM file, not of the certificate's DER",),
    ),
    "nothing": (None, Content.NONE, False, ()),
    "an empty text": ("", Content.NONE, False, ()),
    "an empty array": ([], Content.NONE, False, ()),
    "left out": (DROP, Content.NONE, False, ()),
    "text": ("upload me!", Content.UNREADABLE, False, ("its key is not base64",)),
    "a truth value": (True, Content.UNREADABLE, False, ("its key is not base64",)),
    "no octets": ([1, 300], Content.UNREADABLE, False, ("its key is not base64",)),
    "too long": ("M" * 2_000_000, Content.UNREADABLE, False, ("its key is not base64",)),
    "cut off": (b64(der(CERT)[:400]), Content.UNREADABLE, False, NOTHING),
    "random octets": (b64(bytes(range(7, 99))), Content.UNREADABLE, False, NOTHING),
    "a key out of bounds": (b64(HUGE_KEY), Content.UNREADABLE, False, NOTHING),
}


@pytest.mark.parametrize("name", KEYS)
def test_whatever_stands_in_key_is_named(name):
    written, content, is_found, notes = KEYS[name]
    credential = key_in(application(key_credential(CERT, key=written)))
    assert (credential.content, credential.notes) == (content, notes)
    candidate = credential.candidate
    if is_found:
        assert candidate.certificate.der == der(CERT)
    elif content is Content.PUBLIC_KEY:
        assert (candidate.certificate, candidate.key) == (None, PUBLIC)
    else:
        assert candidate is None
    if candidate:
        assert (candidate.label, candidate.role, candidate.notes) == (
            "app.json",
            Role.REGISTERED,
            (),
        )


@pytest.mark.parametrize("name", [each for each in KEYS if KEYS[each][1] is Content.PRIVATE_KEY])
def test_a_private_key_is_neither_kept_nor_shown(name):
    registration = one(application(key_credential(CERT, key=KEYS[name][0])))
    numbers = key().private_numbers()
    shown = repr(registration)
    for secret in (numbers.d, numbers.p):
        octets = secret.to_bytes((secret.bit_length() + 7) // 8)
        for form in (b64(octets)[4:-4], octets.hex(), repr(octets), str(secret)):
            assert form not in shown
    assert PRIVATE_PEM.decode().splitlines()[5] not in shown


@pytest.mark.parametrize("shape", [b64(PKCS8), PKCS8.hex(), list(PKCS8), PRIVATE_PEM.decode()])
def test_a_private_key_in_any_other_member_is_not_kept_either(shape):
    spoilt = dict.fromkeys(("customKeyIdentifier", "displayName", "keyId", "type", "usage"), shape)
    registration = one(application(key_credential(CERT, **spoilt), displayName=shape, id=shape))
    (credential,) = registration.keys
    for value in (credential.identifier_text, credential.display_name, registration.object_id):
        assert value is None or value.startswith("[redacted")
    assert PKCS8 not in (credential.identifier or b"")
    assert PKCS8.hex()[80:120] not in repr(registration).lower()
    assert b64(PKCS8)[80:120] not in repr(registration)


def test_a_client_secret_and_its_hint_are_never_kept():
    spoilt = password_credential(secretText=SECRET, hint=SECRET[:3], value=SECRET)
    for value in (application(CERT, passwordCredentials=[spoilt]), [spoilt]):
        registration = one(value)
        assert len(registration.passwords) == 1
        assert SECRET not in repr(registration)
        assert repr(SECRET[:3]) not in repr(registration)


# The identifier.

HEX_TEXT = hex_thumbprint(CERT)
OF_HEX = ("its customKeyIdentifier is the base64 of hex digits, not of the octets",)
COLONS = ":".join(HEX_TEXT[place : place + 2] for place in range(0, 40, 2))
SHA1_URL = base64.urlsafe_b64encode(sha1(CERT)).decode()

IDENTIFIERS: dict[str, tuple] = {
    # as written: (octets, as shown, notes)
    "hex": (HEX_TEXT, sha1(CERT), HEX_TEXT, ()),
    "hex in lower case": (HEX_TEXT.lower(), sha1(CERT), HEX_TEXT.lower(), ()),
    "hex with colons": (COLONS, sha1(CERT), COLONS, ()),
    "hex with spaces": (COLONS.replace(":", " "), sha1(CERT), COLONS.replace(":", " "), ()),
    "hex of SHA-256": (sha256(CERT).hex(), sha256(CERT), sha256(CERT).hex(), ()),
    "base64": (b64(sha1(CERT)), sha1(CERT), b64(sha1(CERT)), ()),
    "base64 without padding": (b64(sha1(CERT))[:-1], sha1(CERT), b64(sha1(CERT))[:-1], ()),
    "base64url": (SHA1_URL, sha1(CERT), SHA1_URL, ()),
    "base64 of SHA-256": (b64(sha256(CERT)), sha256(CERT), b64(sha256(CERT)), ()),
    "base64 of hex": (b64(HEX_TEXT.encode()), sha1(CERT), b64(HEX_TEXT.encode()), OF_HEX),
    "base64 of hex with colons": (b64(COLONS.encode()), sha1(CERT), b64(COLONS.encode()), OF_HEX),
    "numbers": (list(sha1(CERT)), sha1(CERT), HEX_TEXT, ()),
    "numbers in a text": (" ".join(map(str, sha1(CERT))), sha1(CERT), HEX_TEXT, ()),
    "hex taken for base64 by .NET": (
        list(base64.b64decode(HEX_TEXT)),
        sha1(CERT),
        HEX_TEXT,
        (),
    ),
    "SHA-256 in hex taken for base64 by .NET": (
        list(base64.b64decode(sha256(CERT).hex())),
        sha256(CERT),
        sha256(CERT).hex(),
        (),
    ),
    "numbers of hex text": (
        list(HEX_TEXT.encode()),
        sha1(CERT),
        HEX_TEXT.encode().hex().upper(),
        OF_HEX,
    ),
    "numbers of a text": ([84, 101, 115, 116], b"Test", "54657374", ()),
    "base64 of a text": ("VGVzdA==", b"Test", "VGVzdA==", ()),
    "a text that is no base64": ("prod key, 2026", b"prod key, 2026", "prod key, 2026", ()),
    "a text that is base64 by chance": ("Test", b"M\xeb-", "Test", ()),
    "39 digits": (HEX_TEXT[1:], HEX_TEXT[1:].encode(), HEX_TEXT[1:], None),
    "nothing": (None, None, None, ()),
    "an empty text": ("", None, None, ()),
    "an object": ({}, None, None, ("its customKeyIdentifier is no text",)),
}


@pytest.mark.parametrize("name", IDENTIFIERS)
def test_the_identifier_is_read_as_whoever_wrote_it_meant_it(name):
    written, octets, shown, notes = IDENTIFIERS[name]
    if notes is None:
        # 39 characters are base64 of 29 octets, or nothing at all: never the thumbprint.
        assert read_identifier(written)[0] != sha1(CERT)
        return
    assert read_identifier(written) == (octets, shown, notes)


def test_equal_identifiers_come_out_equal_however_they_are_written():
    digest = sha1(CERT)
    forms = [HEX_TEXT, HEX_TEXT.lower(), b64(digest), SHA1_URL, list(digest), COLONS]
    assert {read_identifier(form)[0] for form in forms} == {digest}


# Dates.

MOMENT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-04T05:06:07Z", MOMENT),
        ("2026-03-04T05:06:07", MOMENT),
        ("2026-03-04 05:06:07Z", MOMENT),
        ("2026-03-04T05:06:07+00:00", MOMENT),
        ("2026-03-04T07:06:07+02:00", MOMENT),
        ("2026-03-03T23:36:07-0530", MOMENT),
        ("2026-03-04T05:06:07.5Z", MOMENT.replace(microsecond=500_000)),
        ("2026-03-04T05:06:07.1234567Z", MOMENT.replace(microsecond=123_456)),
        ("2026-03-04T05:06:07.123456789012Z", MOMENT.replace(microsecond=123_456)),
        ("2026-03-04T05:06Z", MOMENT.replace(second=0)),
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC)),
        ("/Date(1772600767000)/", MOMENT),
        ("/Date(1772600767000+0100)/", MOMENT),
        ("/Date(-1000)/", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ({"value": "/Date(1772600767000)/", "DateTime": "Wednesday, 4 March 2026"}, MOMENT),
        ("9999-12-31T23:59:59.9999999Z", datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        ("9999-12-31T23:59:59-01:00", None),
        ("/Date(999999999999999)/", None),
        ("2026-13-04T05:06:07Z", None),
        ("2026-03-04T25:06:07Z", None),
        ("2026-03-04T05:06:07+99:00", None),
        ("3/4/2026 5:06:07 AM", None),
        ("2026-W10-3", None),
        ("never", None),
        ("", None),
        (1772600767, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_date_is_a_moment_in_utc_or_nothing(written, expected):
    found = moment(written)
    assert found == expected
    assert getattr(found, "tzinfo", UTC) is UTC


def test_a_date_that_cannot_be_read_is_said():
    credential = key_in(
        application(key_credential(CERT, startDateTime="3/4/2026 5:06:07 AM", endDateTime=7))
    )
    assert credential.start is credential.end is None
    assert credential.notes == (
        "its startDateTime cannot be read as a date",
        "its endDateTime cannot be read as a date",
    )


def test_unread_dates_of_a_secret_are_known_too():
    (password,) = one(
        application(passwordCredentials=[password_credential(endDateTime="31.12.2026 00:00:00")])
    ).passwords
    assert (password.end, password.unread_dates) == (None, ("endDateTime",))


@pytest.mark.parametrize(
    ("members", "is_said"),
    [
        ({"keyCredentials": [key_credential(CERT, endDateTime="01/01/2027 00:00:00")]}, True),
        ({"passwordCredentials": [password_credential(startDateTime="1.1.2026")]}, True),
        ({"keyCredentials": [key_credential(CERT, endDateTime=None)]}, False),
        ({"keyCredentials": [key_credential(CERT)]}, False),
    ],
)
def test_how_to_export_dates_is_said_where_one_cannot_be_read(members, is_said):
    notes = one(application(**({"keyCredentials": [key_credential(CERT)]} | members))).notes
    assert [READABLE_DATES in note for note in notes] == [True] * is_said


EARLIER, NOW, LATER = (MOMENT + timedelta(days=days) for days in (-1, 0, 1))


@pytest.mark.parametrize(
    ("window", "state"),
    [
        ((EARLIER, LATER), State.VALID),
        ((NOW, NOW), State.VALID),
        ((EARLIER, EARLIER), State.EXPIRED),
        ((LATER, LATER), State.NOT_YET),
        ((None, EARLIER), State.EXPIRED),
        ((LATER, None), State.NOT_YET),
        ((None, LATER), State.UNKNOWN),
        ((EARLIER, None), State.UNKNOWN),
        ((None, None), State.UNKNOWN),
    ],
)
def test_a_window_with_an_open_side_is_valid_for_nobody(window, state):
    assert state_at(window, NOW) is state


@pytest.mark.parametrize(
    ("changes", "window", "doubt"),
    [
        ({}, (CERT.not_valid_before_utc, CERT.not_valid_after_utc), None),
        (
            {"startDateTime": "1980-01-01T00:00:00Z", "endDateTime": "2090-01-01T00:00:00Z"},
            (CERT.not_valid_before_utc, CERT.not_valid_after_utc),
            None,
        ),
        (
            {"endDateTime": None},
            (CERT.not_valid_before_utc, None),
            "the export has no `endDateTime` of app.json: export it whole, with all dates",
        ),
        (
            {"startDateTime": DROP, "endDateTime": DROP},
            (None, None),
            "the export has no `startDateTime` and `endDateTime` of app.json: export it whole, with "
            "all dates",
        ),
        (
            {"startDateTime": "01/02/2026 00:00:00"},
            (None, CERT.not_valid_after_utc),
            f"`startDateTime` of app.json cannot be read: {READABLE_DATES}",
        ),
    ],
)
def test_the_dates_of_a_certificate_do_not_stand_in_for_those_of_its_registration(
    changes, window, doubt
):
    credential = key_in(application(key_credential(CERT, **changes)))
    assert window_of(credential) == window
    assert doubt_of(credential) == doubt


def test_a_secret_has_its_own_dates_alone():
    (password,) = one(application(passwordCredentials=[password_credential()])).passwords
    assert window_of(password) == (password.start, password.end)


@pytest.mark.parametrize(
    ("end", "days", "expected"), [(LATER, 2, True), (LATER, 1, False), (None, 2, False)]
)
def test_only_a_known_end_is_soon(end, days, expected):
    assert ends_within((None, end), days, NOW) is expected


# Terraform.


@pytest.mark.parametrize("encoding", ["pem", "base64", "hex"])
@pytest.mark.parametrize("is_shown", [False, True])
def test_a_terraform_state_names_the_certificates_of_an_app(encoding, is_shown):
    state = terraform_state(CERT, OTHER, encoding=encoding)
    registration = one(terraform_show(state, in_module=True) if is_shown else state)
    assert registration.source is Source.APPLICATION
    assert (registration.app_id, registration.object_id) == (CLIENT_ID, OBJECT_ID)
    assert registration.reply_urls == ("https://app.example.com/callback",)
    assert registration.is_public is False
    assert registration.passwords is None
    assert [each.candidate.certificate.der for each in registration.keys] == [der(CERT), der(OTHER)]
    for credential in registration.keys:
        assert (credential.usage, credential.notes) == ("Verify", ())
        assert credential.identifier is None
    assert registration.keys[0].end == END
    assert registration.notes == (
        "a Terraform state: what others registered on the app is not in it",
    )


def test_a_terraform_state_without_the_app_itself_still_has_its_object_id():
    registration = one(terraform_state(CERT, with_application=False))
    assert (registration.app_id, registration.object_id) == (None, OBJECT_ID)


def test_a_terraform_state_of_an_app_alone_leaves_its_keys_open():
    registration = one(terraform_state())
    assert registration.keys is None
    assert NO_KEYS in registration.notes


def resource(kind, **values):
    return {"type": kind, "name": "x", "instances": [{"attributes": values}]}


def test_terraform_names_of_older_versions_and_of_service_principals_are_known():
    extra = [
        resource(
            "azuread_application_registration", id=f"/applications/{TENANT}", client_id=TENANT
        ),
        resource(
            "azuread_service_principal",
            object_id=PRINCIPAL_ID,
            application_id=CLIENT_ID,
            application_tenant_id=TENANT,
        ),
        resource(
            "azuread_service_principal_certificate",
            service_principal_id=f"/servicePrincipals/{PRINCIPAL_ID}",
            value=pem(CERT).decode(),
        ),
        resource(
            "azuread_service_principal_certificate", service_principal_id=OBJECT_ID, value=None
        ),
        resource(
            "azuread_application_password",
            application_object_id=TENANT,
            value=SECRET,
            display_name="deployment",
        ),
        resource("azuread_group", object_id="g"),
    ]
    registration, principal, unnamed = read(terraform_state(with_application=False, extra=extra))
    assert registration.app_id == TENANT
    assert [each.display_name for each in registration.passwords] == ["deployment"]
    assert SECRET not in repr(registration)
    assert (principal.source, principal.tenant) == (Source.SERVICE_PRINCIPAL, TENANT)
    assert principal.keys[0].candidate.certificate.der == der(CERT)
    assert (unnamed.source, unnamed.keys[0].content) == (Source.SERVICE_PRINCIPAL, Content.NONE)


def test_a_private_key_in_a_terraform_state_is_found_beside_its_certificate():
    both = pem(CERT).decode() + PRIVATE_PEM.decode()
    credential = key_in(terraform_state(CERT, value=both))
    assert (credential.content, credential.notes) == (Content.PRIVATE_KEY, NOT_KEPT)
    assert credential.candidate.certificate.der == der(CERT)


# What is given by mistake.

CODE = "Authorization_RequestDenied"
AZ_ERROR = f"ERROR: Forbidden({json.dumps(odata_error())})\n"

MISTAKES = {
    # what it is: (octets or JSON, part of the message, part of the hint)
    "empty": (b"", "is empty", "run it again"),
    "white space": (b" \r\n", "is empty", "run it again"),
    "warnings only": (b"WARNING: this command is in preview\n", "is empty", "run it again"),
    "certificate": (pem(CERT), "a certificate or key in PEM", "--cert"),
    "private key": (PRIVATE_PEM, "a private key in PEM", "--key"),
    "DER": (der(CERT), "a binary file", "--cert"),
    "PFX": (PFX, "a binary file", "--cert"),
    "web page": (b"<!DOCTYPE html><html><title>Sign in", "an HTML page", "export it again"),
    "XML": (b"<?xml version='1.0'?><Objs/>", "an XML file", "az rest"),
    "token": (b"eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln", "(a JWT)", "as INPUT"),
    "error of az": (AZ_ERROR.encode(), f"of the Azure CLI: {CODE}", "may read it"),
    "az not signed in": (
        b"ERROR: Please run 'az login' to setup account.",
        "of the Azure CLI",
        "`az login`",
    ),
    "az with an expired token": (
        b"ERROR: AADSTS700082: The refresh token has expired",
        "of the Azure CLI: AADSTS700082",
        "`az login`",
    ),
    "az on an unknown app": (
        b"ERROR: Resource 'x' does not exist",
        "of the Azure CLI",
        "read what",
    ),
    "PowerShell": (
        b"Get-MgApplication : Authentication needed.",
        "an error of PowerShell",
        "Connect",
    ),
    "YAML": (b"addIns: []\nappId: 1\n", "YAML", "-o json"),
    "table": (b"DisplayName    AppId\r\n-----------    -----\r\nx  y", "a table", "ConvertTo-Json"),
    "Format-List": (b"AppId : 1\r\nId : 2", "a table or list", "ConvertTo-Json"),
    "text": (b"the app is called payroll", "is text", "az rest"),
    "cut off": (
        as_json(application(CERT))[:900],
        "begins as JSON, but is none from line",
        "all of",
    ),
    "comments": (b'{\n  // the app\n  "appId": 1}', "is none from line 2, column 3", "all of"),
    "too deep": (b"[" * 100_000 + b"]" * 100_000, "nested too deep", "az rest"),
    "number too large": (b'{"a": ' + b"1" * 5000 + b"}", "number too large", "az rest"),
    "null": (b"null", "JSON, but not an app registration", "az rest"),
    "number": (b"7", "JSON, but not an app registration", "az rest"),
    "text in JSON": (b'"appId"', "JSON, but not an app registration", "az rest"),
    "empty object": ({}, "JSON, but not an app registration", "az rest"),
    "numbers in a list": ([1, 2], "JSON, but not an app registration", "az rest"),
    "OData error": (odata_error(), f"of Microsoft Graph: {CODE}", "may read it"),
    "OData error, not found": (
        odata_error("Request_ResourceNotFound"),
        "of Microsoft Graph: Request_ResourceNotFound",
        "object id",
    ),
    "OData error, strange": (
        odata_error("<script>"),
        "is an error response of Microsoft Graph",
        "az rest",
    ),
    "OData error, empty": ({"error": {}}, "is an error response of Microsoft Graph", "az rest"),
    "Azure AD Graph error": (
        {"odata.error": {"code": "Request_BadRequest", "message": {"value": "no"}}},
        "of Microsoft Graph: Request_BadRequest",
        "$select",
    ),
    "OAuth error": (
        {"error": "invalid_client", "error_description": "AADSTS700027: no"},
        "of a token endpoint",
        "--error",
    ),
    "token response": ({"access_token": SECRET}, "a token response", "az rest"),
    "az access token": ({"accessToken": SECRET}, "an access token", "az rest"),
    "JWKS": ({"keys": [JWK_WITH_NUMBER]}, "a JWK set", "--cert"),
    "JWK": (JWK_WITH_NUMBER, "a JWK", "--cert"),
    "OpenID configuration": (
        {"issuer": GITHUB, "jwks_uri": "x"},
        "OpenID configuration",
        "az rest",
    ),
    "new secret": (
        {"appId": CLIENT_ID, "displayName": "x", "password": SECRET, "tenant": TENANT},
        "a client secret",
        "it holds a secret",
    ),
    "sdk-auth": ({"clientId": CLIENT_ID, "clientSecret": SECRET}, "a client secret", "delete"),
    "account": ({"homeTenantId": TENANT, "id": TENANT}, "a subscription", "az rest"),
    "user": ({"id": TENANT, "userPrincipalName": "a@example.com"}, "a user", "az rest"),
    "users": (graph_list({"userPrincipalName": "a"}, kind="users"), "a user", "az rest"),
    "no users": (graph_list(kind="users"), "a list without an app registration", "check the id"),
    "organization": (graph_list({"verifiedDomains": []}), "a tenant", "az rest"),
    "group": ({"id": TENANT, "groupTypes": []}, "a group", "az rest"),
    "managed identity": (
        {"clientId": CLIENT_ID, "principalId": TENANT, "type": "Microsoft.ManagedIdentity/x"},
        "a managed identity",
        "az rest",
    ),
    "Key Vault": ({"cer": "x", "policy": {}, "id": "x"}, "in Key Vault", "download"),
    "Get-Item of a certificate": (
        {"Subject": "CN=x", "Issuer": "CN=x", "Thumbprint": "x"},
        "what is said of a certificate",
        "--cert",
    ),
    "federated": (federated_list(), "a federated identity credential", "--federated"),
    "federated of a managed identity": (
        [arm_federated()],
        "a federated identity credential",
        "--federated",
    ),
    "Terraform without an app": (
        terraform_state(with_application=False, extra=[terraform_federated()]),
        "a Terraform state without an app registration",
        "az rest",
    ),
    "cut off by ConvertTo-Json": (
        ["Microsoft.Graph.PowerShell.Models.MicrosoftGraphApplication"],
        "JSON that was cut off, so that an app registration cannot be seen in it",
        "-Depth 5",
    ),
    "one of them no app": ([application(CERT), {"userPrincipalName": "x"}], "a user", "az rest"),
    "too many credentials": (
        {"keyCredentials": [{}] * (MAX_OBJECTS + 1)},
        f"more than {MAX_OBJECTS}",
        "export the app alone",
    ),
    "too many apps": ([{}] * (MAX_OBJECTS + 1), f"more than {MAX_OBJECTS}", "the app alone"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_no_registration_is_named(name):
    given_, message, hint = MISTAKES[name]
    error = refused(given_)
    assert error.message.startswith("app.json ")
    assert message in error.message
    assert hint in error.hint
    assert not error.message.endswith(".")
    assert error.__cause__ is None
    assert SECRET not in error.message + error.hint


def test_warnings_of_az_in_front_do_not_matter():
    front = b"WARNING: one\nWARNING: another\n"
    (registration,) = parse_registrations(front + as_json(application(CERT)), label="app.json")
    assert registration.app_id == CLIENT_ID


def test_a_file_is_read_up_to_its_limit(tmp_path):
    path = tmp_path / "apps.json"
    path.write_bytes(as_json(application(CERT)) + b" " * MAX_FILE)
    with pytest.raises(CertificateError, match=r"apps\.json is larger than 16384 KiB"):
        read_registrations(path)
    with pytest.raises(CertificateError, match="no such file"):
        read_registrations(tmp_path / "none.json")


@pytest.mark.parametrize(
    "value",
    [
        application(CERT),
        service_principal(),
        [az_app_show(CERT)],
        graph_list(application()),
        az_credential_list(CERT),
        mg_application(CERT),
        portal_manifest(CERT, style="aad"),
    ],
)
def test_a_registration_given_as_a_certificate_is_sent_to_app(value):
    with pytest.raises(CertificateError) as caught:
        parse_keys(as_json(value), label="app.json", role=Role.REGISTERED)
    assert caught.value.message == "app.json is an app registration"
    assert caught.value.hint == "give it to --app"


def test_federated_credentials_given_as_a_certificate_are_sent_to_federated():
    with pytest.raises(CertificateError) as caught:
        parse_keys(as_json(federated_list()), label="f.json", role=Role.REGISTERED)
    assert caught.value.message == "f.json is a federated identity credential"
    assert "--federated" in caught.value.hint


# The command.


def test_the_command_asks_for_keys_of_a_single_object():
    command = export_command(CLIENT_ID)
    assert f"\"https://graph.microsoft.com/v1.0/applications(appId='{CLIENT_ID}')\"" in command
    assert "--url-parameters '$select=id,appId," in command
    assert "keyCredentials" in command
    assert export_command(one(az_app_show(CERT))) == command


def test_the_command_for_a_service_principal_names_its_own_members():
    command = export_command(one(saml_service_principal()))
    assert f"servicePrincipals(appId='{CLIENT_ID}')" in command
    assert "preferredTokenSigningKeyThumbprint" in command
    assert "requestSignatureVerification" not in command


def test_the_command_falls_back_on_the_object_id_and_then_on_a_word():
    assert f'/applications/{OBJECT_ID}"' in export_command(one(application(appId=None)))
    assert "(appId='CLIENT_ID')" in export_command(one(az_credential_list(CERT)))
    assert "(appId='CLIENT_ID')" in export_command(None)


@pytest.mark.parametrize("hostile", ["'; rm -rf ~; '", "$(id)", 'x"`id`'])
def test_nothing_but_a_guid_goes_into_the_command(hostile):
    registration = one(application(appId=hostile, id=hostile))
    for target in (registration, hostile):
        assert hostile not in export_command(target)
        assert "CLIENT_ID" in export_command(target)


# Whatever comes.


def test_texts_are_cut_and_lone_surrogates_replaced():
    registration = one(application(displayName="\ud800" + "x" * 100_000, id=7))
    assert registration.display_name.startswith("?xxx")
    assert len(registration.display_name) == 4096
    assert registration.object_id is None
    assert text(7) is None


def test_numbers_are_octets_only_if_all_of_them_are():
    assert octets_in([0, 255]) == b"\x00\xff"
    for other in ([], [256], [-1], ["1"], [1, "2"], "1 256", "7", "no", None, {"a": 1}):
        assert octets_in(other) is None


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
NAMES = st.sampled_from(
    sorted(
        {
            *application(CERT),
            *service_principal(CERT),
            *key_credential(CERT),
            *mg_application(CERT),
            *portal_manifest(CERT, style="aad"),
            *terraform_state(),
            *("values", "root_module", "child_modules", "resources", "type", "instances"),
            *("attributes", "value", "Count", "error", "code", "keys", "issuer", "properties"),
            *("encoding", "redirectUris", "redirect_uris", "isSignedRequestRequired"),
            "azuread_application",
        }
    )
) | st.text(max_size=5)
VALUES = SCALARS | st.sampled_from(
    [b64(der(CERT)), b64(PKCS8), HEX_TEXT, "azuread_application_certificate", "azuread_application"]
)
JSON = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6)
)


@given(JSON)
def test_any_json_gives_registrations_or_one_error(value):
    with suppress(CertificateError):
        found = read(value)
        assert found
        for registration in found:
            assert export_command(registration).startswith("az rest --method GET")


@settings(max_examples=50)
@given(st.dictionaries(NAMES, JSON, max_size=8))
def test_any_members_of_a_key_give_a_credential(members):
    registration = one(application(key_credential(CERT, **members)))
    assert registration.keys is not None


@given(st.binary() | st.text().map(str.encode))
def test_any_octets_give_registrations_or_one_error(octets):
    with suppress(CertificateError):
        assert parse_registrations(octets, label="app.json")


def test_a_thousand_apps_are_read_in_seconds():
    octets = as_json([application(CERT, OTHER, displayName=str(each)) for each in range(1000)])
    started = time.perf_counter()
    assert len(parse_registrations(octets, label="app.json")) == 1000
    assert time.perf_counter() - started < 5


def test_a_member_of_a_million_texts_takes_no_minutes():
    registration = one(application(identifierUris=["api://x"] * 1_000_000 + ["api://y"]))
    assert registration.identifier_uris == ("api://x",)


def test_the_halves_of_a_pair_are_read_whatever_stands_in_their_key():
    sign, verify, password = signing_pair(certificate("saml"), key=b64(PFX))
    registration = one(service_principal(sign, verify, passwordCredentials=[password]))
    assert [each.content for each in registration.keys] == [Content.PRIVATE_KEY] * 2


def test_unkeyed_in_a_list_of_several_says_so_for_each():
    first, second = read(graph_list(unkeyed(application(CERT)), unkeyed(application(OTHER))))
    assert first.notes == second.notes == (NO_KEY_VALUES,)
