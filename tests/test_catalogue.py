"""The error catalogue: complete, well-formed, in Microsoft's words, and honest."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from assertcheck.aadsts import application, assertion, federation, saml_request
from assertcheck.aadsts.catalogue import CATALOGUE, entry, rank
from assertcheck.aadsts.entry import ORDER
from assertcheck.aadsts.texts import TEXTS
from assertcheck.model import Confidence

DESCRIBED = [known for known in CATALOGUE.values() if known.meaning]
DOCS = (
    "https://docs.microsoft.com/azure/active-directory/develop/"
    "active-directory-certificate-credentials"
)

# What has to have a meaning, by what a user would be looking at.
WANTED = {
    "key": "700027 50012 70002",
    "form": "50027 5002723 5002726 5002727 5002730 5002738 50120 90014 900144 9002313",
    "claims": "700021 700022 700023 700024 50048 50171 7000221",
    "tenant": "90002 900023 900021 900439 900382 900432 9001023 90010 50194 100007",
    "app": "70003 700038 700016 700011 70001 7000229 7000112 700025 700026 7000110 7000216 7000218 7000219 "
    "7000215 7000222 500011 900971 530035 90094",
    "trust": "7000213 7000214 7000277 7000274 1000502 700030 392200 392204 500181 50032 700028 "
    "7000281 700029 700031 700032 7000210 7000211 7000212",
    "federated": "70021 70022 70023 70025 7002131 700211 700212 700213 7002138 7000272 90061 50166 700222 700229",
    "user assertion": "50013 500131 500133 240002 50107 900384",
    "saml signature": "50003 500031 50146 50006 76020 76021 76022 76023 76024 76025 76026 76027 "
    "76028 76029 76030 76031 750018 7500110 500066 500069",
    "saml message": "750014 750051 750052 750053 750054 750055 750056 750057 75005 75008 75011 "
    "75016 750161 900236 7500512 7500513 7500514 7500515 7500516 7500518 7500519 7500520 7500521 "
    "7500522 7500523 7500524 7500525 7500529 7500530 7500531 7500534",
}

# Copied by hand from responses and from Microsoft's lookup.
MICROSOFT_SAYS = {
    "700027": "Client assertion failed signature validation.",
    "5002723": "Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 "
    "thumbprint, nor keyId specified in token header.",
    "5002726": "Invalid JWT token. Found unsupported token header. Supported headers are: 'alg',"
    "'typ','x5t','x5c','kid','use','enc','ctx','nonce','rh','kdf_ver'",
    "50027": "JWT token is invalid or malformed.",
    "90014": "The required field '{name}' is missing from the credential. Ensure that you have "
    "all the necessary parameters for the login request.",
    "700021": "Client assertion application identifier doesn't match 'client_id' parameter. "
    f"Review the documentation at {DOCS} .",
    "700023": "Client assertion audience claim does not match Realm issuer. Review the "
    f"documentation at {DOCS} .",
    "700024": "Client assertion is not within its valid time range. Current time: {ISO-7}, "
    "assertion valid from {ISO}, expiry time of assertion {ISO}. Review the documentation at "
    "https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
    "50171": "The given audience can only be used in Mutual-TLS token calls.",
    "7000112": "Application '{appIdentifier}'({appName}) is disabled.",
    "7000272": "The certificate with identifier {KIDHEX} used to sign the federated credential "
    "could not be found in the metadata of identity provider {iss}. Please validate that your "
    "Identity Provider's metadata exposes the key used to sign the incoming token.",
    "50003": "No signing key configured.",
    "76021": "The request sent by client is not signed while the application requires signed "
    "requests",
    "76022": "Cannot verify the signature of received authentication request since there is no "
    "certificate for verification configured in the application.",
    "76024": "The request has no information about the public certificate for signature "
    "validation, while the {certsLimit} most recent certificates did not verify the signature.",
    "7500529": "The value '{value}' is not a valid SAML ID. The ID must not begin with a number.",
    "70025": "The client '{id}'({name}) has no configured federated identity credentials.",
    "70003": "The app requested an unsupported grant type '{type}'.",
}

STEPS = [
    ("tenant", "90002"),
    ("app", "700016"),
    ("request shape", "900144"),
    ("parse", "50027"),
    ("required claims", "90014"),
    ("typ", "5002727"),
    ("header names", "5002726"),
    ("algorithm", "5002738"),
    ("key identifier", "5002723"),
    ("time range", "700024"),
    ("client id", "700021"),
    ("subject", "50048"),
    ("audience", "700023"),
    ("any key at all", "700026"),
    ("key lookup and signature", "700027"),
]


@pytest.mark.parametrize("numbers", WANTED.values(), ids=WANTED.keys())
def test_the_codes_users_meet_have_a_meaning_and_a_thing_to_do(numbers):
    for number in numbers.split():
        known = CATALOGUE[f"AADSTS{number}"]
        assert known.meaning, number
        assert known.causes, number


def test_no_code_is_described_that_the_list_above_does_not_want():
    wanted = {f"AADSTS{number}" for numbers in WANTED.values() for number in numbers.split()}
    assert {known.code for known in DESCRIBED} == wanted


def test_no_code_is_described_twice():
    modules = (application, assertion, federation, saml_request)
    times = Counter(known.code for module in modules for known in module.ENTRIES)
    assert [code for code, count in times.items() if count > 1] == []


def test_every_code_is_well_formed_and_stands_under_itself():
    for code, known in CATALOGUE.items():
        assert re.fullmatch(r"AADSTS[0-9]{5,7}", code), code
        assert known.code == code


def test_every_code_of_the_lookup_is_there():
    assert {f"AADSTS{number}" for number in TEXTS} <= set(CATALOGUE)
    assert len(TEXTS) == 152


@pytest.mark.parametrize(("number", "text"), MICROSOFT_SAYS.items())
def test_a_text_is_microsofts_own(number, text):
    assert CATALOGUE[f"AADSTS{number}"].text == text


def test_a_code_without_a_known_text_has_none():
    silent = {known.code for known in CATALOGUE.values() if known.text is None}
    assert silent == {
        "AADSTS7000274",
        "AADSTS7000277",
        "AADSTS530035",
        "AADSTS90094",
        "AADSTS900236",
    }


def test_a_text_does_not_repeat_the_code():
    assert [known.code for known in CATALOGUE.values() if "AADSTS" in (known.text or "")] == []


def test_a_code_of_which_only_the_text_is_known_says_nothing_else():
    bare = [known for known in CATALOGUE.values() if not known.meaning]
    assert {known.text for known in bare} <= set(TEXTS.values())
    for known in bare:
        assert (known.name, known.error, known.causes, known.run, known.rank) == (
            None,
            None,
            (),
            (),
            None,
        )


def test_a_meaning_is_sentences_and_a_cause_is_not():
    for known in DESCRIBED:
        assert re.search(r"[.'!]$", known.meaning), known.code
        for cause in known.causes:
            assert not cause.endswith("."), known.code
            assert ": " in cause or cause.startswith("do as for AADSTS"), known.code


def test_what_is_only_inferred_is_said_as_likely():
    inferred = [known for known in DESCRIBED if known.confidence is Confidence.LIKELY]
    assert inferred
    assert [known.code for known in inferred if "likely" not in known.meaning] == []


def test_an_oauth_error_is_one_that_was_seen():
    errors = {known.error for known in CATALOGUE.values()}
    assert errors == {
        None,
        "invalid_client",
        "invalid_request",
        "invalid_grant",
        "unauthorized_client",
    }


@pytest.mark.parametrize("number", ["7000112", "7000216", "7000221", "700026", "500011", "7000274"])
def test_an_oauth_error_that_was_not_seen_is_left_open(number):
    assert CATALOGUE[f"AADSTS{number}"].error is None


def test_what_to_run_next_exists():
    for known in CATALOGUE.values():
        for command in known.run:
            assert re.match(
                r"(assertcheck (verify|decode|explain|rules|saml|app)|az ad (app|sp) show) ",
                command,
            ), command


def test_a_code_that_is_pointed_to_is_described():
    for known in DESCRIBED:
        for text in (known.meaning, *known.causes, *known.run):
            for code in re.findall(r"AADSTS[0-9]+", text):
                assert CATALOGUE[code].meaning, (known.code, code)


@pytest.mark.parametrize(
    "spelling", ["700027", "AADSTS700027", "aadsts700027", "AadSts700027", " 700027\n"]
)
def test_a_code_may_be_given_with_or_without_its_prefix(spelling):
    assert entry(spelling) is CATALOGUE["AADSTS700027"]


@pytest.mark.parametrize(
    "text",
    ["", "AADSTS", "7000", "70002700", "999999", "AADSTS 700027", "AADSTS700027:", "٧٠٠٠٢٧", "x5t"],
)
def test_what_is_no_known_code_has_no_entry(text):
    assert entry(text) is None


@pytest.mark.parametrize(
    ("earlier", "later"), list(pairwise(STEPS)), ids=lambda step: step[0].replace(" ", "-")
)
def test_entra_checks_in_this_order(earlier, later):
    assert rank(earlier[1]) < rank(later[1])


def test_the_order_is_total_over_the_codes_it_lists():
    assert len(set(ORDER)) == len(ORDER)
    assert [rank(number) for number in ORDER] == list(range(len(ORDER)))
    ranked = {known.code for known in CATALOGUE.values() if known.rank is not None}
    assert ranked == {f"AADSTS{number}" for number in ORDER}


@pytest.mark.parametrize("code", ["76021", "AADSTS700211", "999999", "no code"])
def test_a_code_without_a_known_place_comes_last(code):
    assert rank(code) == len(ORDER) > max(rank(number) for number in ORDER)


def test_700027_tells_its_reasons_apart():
    known = CATALOGUE["AADSTS700027"]
    assert (known.name, known.error) == ("InvalidKeyError", "invalid_client")
    reasons = [re.findall(r"'(.+?)'", cause)[0] for cause in known.causes]
    assert reasons == [
        "The key was not found.",
        "The key was not found.",
        "The key was not found.",
        "The key used is expired.",
        "The provided signature value did not match the expected signature value.",
    ]
    assert "likely 'Key was found, but use of the key to verify" in known.causes[-1]


def test_700024_is_about_the_assertion_and_not_the_certificate():
    known = CATALOGUE["AADSTS700024"]
    assert known.name == "SignedAssertionInvalidTimeRange"
    assert "about the times in the assertion" in known.meaning
    assert any("1970-01-01" in cause for cause in known.causes)
    assert any("likely in milliseconds" in cause for cause in known.causes)


def test_700023_says_that_microsofts_list_disagrees():
    known = CATALOGUE["AADSTS700023"]
    assert known.name is None
    assert known.meaning.startswith("`aud` is not")
    assert "InvalidResourcelessScope" in known.meaning


def test_700022_says_that_the_number_has_had_two_meanings():
    assert "another meaning" in CATALOGUE["AADSTS700022"].meaning


def test_50003_gives_both_of_its_texts():
    known = CATALOGUE["AADSTS50003"]
    assert known.name == "MissingSigningKey"
    assert "'No signing key configured.'" in known.meaning
    assert TEXTS["50003"] in known.meaning


def test_90010_gives_both_of_its_texts():
    known = CATALOGUE["AADSTS90010"]
    assert (known.text or "").startswith("The grant type is not supported")
    assert TEXTS["90010"] in known.meaning


def test_76021_tells_where_each_binding_looks_for_the_signature():
    known = CATALOGUE["AADSTS76021"]
    assert known.name == "ApplicationRequiresSignedRequests"
    assert sum("HTTP-Redirect" in cause for cause in known.causes) == 1
    assert sum("HTTP-POST" in cause for cause in known.causes) == 1
