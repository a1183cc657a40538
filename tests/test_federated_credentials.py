"""Federated identity credentials in every export people make of them."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assertcheck.errors import CertificateError
from assertcheck.graph import FederatedCredential, ManagedIdentity
from assertcheck.keys.federated import parse_federated, read_federated
from assertcheck.keys.graph_json import MAX_OBJECTS
from tests.build import DROP, certificate, pem
from tests.build_graph import (
    EXCHANGE,
    GITHUB,
    SUBJECT,
    application,
    arm_federated,
    as_json,
    az_identity_federated,
    federated,
    federated_list,
    flexible,
    graph_list,
    mg_federated,
    odata_error,
    terraform_federated,
    terraform_show,
    terraform_state,
)

EXPORT = Path(__file__).parent / "data" / "graph" / "federated-identity-credentials.json"
EXPRESSION = "claims['sub'] matches 'repo:octo-org/octo-repo:*'"


def read(value, **options):
    return parse_federated(as_json(value, **options), label="federated.json")


SHAPES = {
    "Graph": federated(),
    "Graph list": federated_list(),
    "az ad app federated-credential list": [federated()],
    "Get-MgApplicationFederatedIdentityCredential": mg_federated(),
    "the same, of a list": [mg_federated()],
    "Resource Manager": arm_federated(),
    "Resource Manager list": {"value": [arm_federated()]},
    "az identity federated-credential list": [az_identity_federated()],
    "Terraform state": terraform_state(certificate(), extra=[terraform_federated()]),
    "terraform show": terraform_show(terraform_state(extra=[terraform_federated()])),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_credential_says_the_same_in_every_export(shape, encoding):
    of_identity = ManagedIdentity(name="app", resource_group="rg")
    assert read(SHAPES[shape], encoding=encoding) == (
        FederatedCredential(
            label="github-main",
            issuer=GITHUB,
            subject=SUBJECT,
            audiences=(EXCHANGE,),
            expression=None,
            identity=of_identity if "Resource Manager" in shape or "identity" in shape else None,
            is_from_state="erraform" in shape,
            # That of Resource Manager is a path, and a Terraform state has one of its own.
            credential_id=None
            if "Resource Manager" in shape or "identity" in shape or "erraform" in shape
            else "66666666-0000-4000-8000-000000000006",
        ),
    )


TERRAFORM = {
    "type": "azuread_application_flexible_federated_identity_credential",
    "instances": [
        {
            "attributes": {
                "display_name": "github-main",
                "issuer": GITHUB,
                "audience": EXCHANGE,
                "claims_matching_expression": EXPRESSION,
            }
        }
    ],
}


@pytest.mark.parametrize(
    "value",
    [
        flexible(EXPRESSION),
        flexible(EXPRESSION, subject=DROP),
        {**mg_federated(Subject=None), "Subject": None}
        | {"ClaimsMatchingExpression": {"Value": EXPRESSION, "LanguageVersion": 1}},
        terraform_state(with_application=False, extra=[TERRAFORM]),
    ],
)
def test_a_flexible_credential_has_its_expression_in_place_of_a_subject(value):
    (credential,) = read(value)
    assert (credential.subject, credential.expression) == (None, EXPRESSION)
    assert credential.audiences == (EXCHANGE,)


@pytest.mark.parametrize(
    "value", [[], {"value": []}, federated_list(value=[]), {"value": [], "Count": 0}]
)
def test_an_empty_list_holds_none(value):
    assert read(value) == ()


def test_one_without_a_name_is_called_by_its_place():
    nameless = federated(name=DROP)
    assert [each.label for each in read([federated(), nameless])] == [
        "github-main",
        "federated.json[1]",
    ]
    assert read(nameless)[0].label == "federated.json"


@pytest.mark.parametrize(
    ("written", "expected"),
    [([EXCHANGE], (EXCHANGE,)), (EXCHANGE, (EXCHANGE,)), ([], ()), (None, ()), ([7, "a"], ("a",))],
)
def test_audiences_may_be_collapsed(written, expected):
    assert read(federated(audiences=written))[0].audiences == expected


TYPE = "Microsoft.Graph.PowerShell.Models.MicrosoftGraphFederatedIdentityCredential"


@pytest.mark.parametrize(
    ("changes", "cut_off"),
    [
        ({}, ()),
        ({"audiences": "System.String[]"}, ("audiences",)),
        ({"audiences": "System.Object[]"}, ("audiences",)),
        ({"audiences": ["System.String[]"]}, ("audiences",)),
        ({"audiences": "api://a api://b"}, ("audiences",)),
        ({"audiences": ""}, ("audiences",)),
        ({"audiences": DROP, "audience": "System.String[]"}, ("audience",)),
        ({"audiences": DROP, "audience": EXCHANGE}, ()),
        ({"audiences": "api://a "}, ()),
        ({"audiences": []}, ()),
        ({"claimsMatchingExpression": ""}, ("claimsMatchingExpression",)),
        (
            {"claimsMatchingExpression": "@{value=x; languageVersion=1}"},
            ("claimsMatchingExpression",),
        ),
        ({"claimsMatchingExpression": None}, ()),
        ({"description": "System.String[] is a type"}, ()),
    ],
)
def test_what_convertto_json_cut_off_is_known_not_to_be_known(changes, cut_off):
    (credential,) = read(federated(**changes))
    assert credential.cut_off == cut_off
    assert credential.is_audience_unknown is ("audience" in "".join(cut_off))
    assert credential.is_expression_unknown is ("claimsMatchingExpression" in cut_off)


def test_what_is_cut_off_under_properties_goes_by_its_own_name():
    cut = arm_federated()
    cut["properties"] |= {"audiences": "System.String[]"}
    assert read(cut)[0].cut_off == ("audiences",)


@pytest.mark.parametrize(
    ("identifier", "identity"),
    [
        (
            "/subscriptions/0/resourcegroups/rg/providers/Microsoft.ManagedIdentity"
            "/userAssignedIdentities/app/federatedIdentityCredentials/x",
            ManagedIdentity(name="app", resource_group="rg"),
        ),
        ("/subscriptions/0/resourceGroups/rg; id/providers/x", None),
        ("66666666-0000-4000-8000-000000000006", None),
        (7, None),
        (DROP, None),
    ],
)
def test_resource_manager_says_whose_a_credential_is(identifier, identity):
    assert read(federated(id=identifier))[0].identity == identity


def test_values_come_out_letter_for_letter():
    odd = {"issuer": f"{GITHUB}/", "subject": " Repo:Octo-Org/\u00e9 ", "audiences": ["API://x "]}
    (credential,) = read(federated(**odd))
    assert credential.issuer == odd["issuer"]
    assert credential.subject == odd["subject"]
    assert credential.audiences == tuple(odd["audiences"])


def test_the_written_out_list_of_graph_beta_is_read():
    plain, other = read_federated(EXPORT)
    assert (plain.label, plain.expression) == ("github-main", None)
    expression = "claims['sub'] matches 'repo:octo-org/octo-repo:ref:refs/heads/*'"
    assert (other.subject, other.expression) == (None, expression)


@pytest.mark.parametrize(
    ("given_", "message", "hint"),
    [
        (b"", "is empty", "run it again"),
        (pem(certificate()), "a certificate or key in PEM", "--cert"),
        (b"ERROR: Please run 'az login'", "an error message of the Azure CLI", "az login"),
        (application(certificate()), "an app registration", "--app"),
        (graph_list(application()), "an app registration", "--app"),
        (graph_list(), "a list without federated identity credentials in it", "check the id"),
        (odata_error(), "Authorization_RequestDenied", "may read it"),
        (terraform_state(certificate()), "a Terraform state without federated", "az ad app"),
        ({"keys": []}, "a JWK set", "--cert"),
        ({"issuer": GITHUB, "jwks_uri": "x"}, "the OpenID configuration", "federated-credential"),
        ({"issuer": GITHUB}, "JSON, but not federated", "federated-credential"),
        ({"Subject": "CN=x", "Issuer": "CN=x", "Thumbprint": "x"}, "of a certificate", "--cert"),
        (None, "JSON, but not federated identity credentials", "federated-credential"),
        ([federated(), 7], "JSON, but not federated", "federated-credential"),
        ([federated(), federated(issuer=None)], "federated.json[1] is a", "export it again"),
        (federated(issuer=7), "without an issuer", "export it again"),
        ([TYPE, TYPE], "JSON that was cut off", "-Depth 5"),
        (TYPE, "JSON that was cut off", "-Depth 5"),
        ({"name": "x", "properties": "@{issuer=x; subject=y}"}, "that was cut off", "-Depth 5"),
        ([federated()] * (MAX_OBJECTS + 1), f"more than {MAX_OBJECTS}", "the app alone"),
    ],
)
def test_what_is_no_federated_credential_is_named(given_, message, hint):
    octets = given_ if isinstance(given_, bytes) else as_json(given_)
    with pytest.raises(CertificateError) as caught:
        parse_federated(octets, label="federated.json")
    assert message in caught.value.message
    assert hint in caught.value.hint


NAMES = st.sampled_from(
    [*federated(), *mg_federated(), *arm_federated(), "value", "terraform_version", "resources"]
) | st.text(max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
)


@given(JSON)
def test_any_json_gives_credentials_or_one_error(value):
    with suppress(CertificateError):
        assert all(each.issuer for each in read(value))


@given(st.dictionaries(NAMES, JSON, max_size=6))
def test_any_members_beside_an_issuer_give_a_credential(members):
    with suppress(CertificateError):
        assert len(read({"subject": "x", **members, "issuer": GITHUB})) == 1


@given(st.binary())
def test_any_octets_give_credentials_or_one_error(octets):
    with suppress(CertificateError):
        parse_federated(octets, label="federated.json")
