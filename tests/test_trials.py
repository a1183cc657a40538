"""Every candidate is tried, safely, and the header never chooses what kind of key is trusted."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import get_default_algorithms

from assertcheck.decoder import decode
from assertcheck.model import Candidate, Outcome, Role, Trial
from assertcheck.verifier.trials import try_candidates
from tests import build, seeded

WYCHEPROOF = Path(__file__).parents[2] / "shared/wycheproof/json_web_signature_test.json"
P384 = seeded.ec_key("app", ec.SECP384R1())
P521 = seeded.ec_key("app", ec.SECP521R1())
SMALL = seeded.rsa_key("small", 1024)
EDWARDS = seeded.ed25519_key().public_key()


def candidate(key, text="RSA 2048", role=Role.REGISTERED):
    return Candidate(label="a key", role=role, key=key, key_text=text, certificate=None)


def only_trial(token, key, text="RSA 2048"):
    [trial] = try_candidates(decode(token), [candidate(key, text)])
    return trial


@pytest.mark.parametrize("alg", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
def test_rsa_signatures_verify_with_their_own_key_only(alg):
    token = build.token(alg)
    own, other = build.key().public_key(), build.key("other").public_key()
    assert only_trial(token, own) == Trial(candidate=candidate(own), outcome=Outcome.VALID)
    assert only_trial(token, other).outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("alg", "holder"), [("ES256", build.ec_key()), ("ES384", P384), ("ES512", P521)]
)
def test_ecdsa_signatures_verify_with_their_own_key_only(alg, holder):
    token = build.token(alg, holder=holder)
    assert only_trial(token, holder.public_key()).outcome is Outcome.VALID
    stranger = seeded.ec_key("stranger", holder.curve)
    assert only_trial(token, stranger.public_key()).outcome is Outcome.INVALID


@pytest.mark.parametrize(
    ("token", "key", "text", "why"),
    [
        (build.token(), build.ec_key().public_key(), "EC P-256", "EC P-256 is no key for RS256"),
        (build.token(), EDWARDS, "Ed25519", "Ed25519 is no key for RS256"),
        (
            build.token("ES256", holder=build.ec_key()),
            build.key().public_key(),
            "RSA 2048",
            "RSA 2048 is no key for ES256",
        ),
        (
            build.token("ES256", holder=P384),
            P384.public_key(),
            "EC P-384",
            "EC P-384 is no key for ES256",
        ),
        (
            build.token("PS256", head={"alg": "PS512"}),
            SMALL.public_key(),
            "RSA 1024",
            "RSA 1024 is too small for PS512",
        ),
        *(
            (
                build.token("RS256", head={"alg": alg}),
                build.key().public_key(),
                "RSA 2048",
                "alg names no algorithm that is tried",
            )
            for alg in ("none", "HS256", "rs256", "RS1", "EdDSA", "", None, 5, ["RS256"])
        ),
        (
            build.token().rpartition(".")[0] + ".",
            build.key().public_key(),
            "RSA 2048",
            "there is no signature to try it on",
        ),
        ("", build.key().public_key(), "RSA 2048", "there is no signature to try it on"),
    ],
)
def test_what_does_not_fit_is_not_tried_and_the_reason_said(token, key, text, why):
    trial = only_trial(token, key, text)
    assert (trial.outcome, trial.why) == (Outcome.NOT_TRIED, why)


def test_the_public_key_never_keys_an_hmac():
    pem = build.key().public_key()
    secret = build.pem(build.certificate())
    signing_input = build.token(head={"alg": "HS256"}).rpartition(".")[0]
    mac = get_default_algorithms()["HS256"].sign(signing_input.encode(), secret)
    trial = only_trial(f"{signing_input}.{build.b64url(mac)}", pem)
    assert trial.outcome is Outcome.NOT_TRIED


def test_a_small_key_is_tried_where_the_encoded_message_fits():
    token = build.token("PS256", holder=SMALL)
    assert only_trial(token, SMALL.public_key(), "RSA 1024").outcome is Outcome.VALID


def test_the_octets_received_are_verified_not_the_json_in_them():
    head, body, _ = build.token().split(".")
    spaced = build.b64url(b'{ "alg": "RS256" }')
    signature = build.b64url(build.sign(f"{spaced}.{body}".encode(), "RS256", build.key()))
    key = build.key().public_key()
    assert only_trial(f"{spaced}.{body}.{signature}", key).outcome is Outcome.VALID
    assert only_trial(f"{head}.{body}.{signature}", key).outcome is Outcome.INVALID


def test_each_candidate_has_its_trial_in_the_order_given():
    keys = (build.key("other"), build.key(), build.ec_key())
    trials = try_candidates(decode(build.token()), [candidate(key.public_key()) for key in keys])
    assert [trial.outcome for trial in trials] == [
        Outcome.INVALID,
        Outcome.VALID,
        Outcome.NOT_TRIED,
    ]
    assert [trial.candidate.key for trial in trials] == [key.public_key() for key in keys]


@given(
    alg=st.sampled_from(["RS256", "PS512", "ES256", "ES512", "none"]),
    signature=st.binary(max_size=600),
)
def test_no_signature_makes_a_trial_raise(alg, signature):
    token = build.compact({"alg": alg}, build.claims(), signature)
    keys = (build.key(), SMALL, build.ec_key(), P521)
    trials = try_candidates(decode(token), [candidate(key.public_key()) for key in keys])
    assert Outcome.VALID not in {trial.outcome for trial in trials}


@given(text=st.text())
def test_no_text_makes_a_trial_raise(text):
    assert len(try_candidates(decode(text), [candidate(build.key().public_key())])) == 1


WRONG_USE = {332, 334, 336, 338, 340, 353, 354, 355, 356}
"""Good signatures that a JWK's `alg`, `use` or `key_ops` forbids; a bare key says nothing of it."""


def test_the_verdicts_of_wycheproof_are_ours():
    # The vectors lie beside the repository; where they are not, there is nothing to compare.
    groups = json.loads(WYCHEPROOF.read_text())["testGroups"] if WYCHEPROOF.exists() else []
    algorithms = get_default_algorithms()
    differing, compared = set(), 0
    for group in groups:
        jwk = group.get("public", {})
        if jwk.get("kty") in ("RSA", "EC"):
            key = algorithms["RS256" if jwk["kty"] == "RSA" else "ES256"].from_jwk(jwk)
            for vector in group["tests"]:
                is_valid = only_trial(vector["jws"], key).outcome is Outcome.VALID
                compared += 1
                if is_valid != (vector["result"] == "valid"):
                    differing.add(vector["tcId"])
    assert (compared, differing) == ((361, WRONG_USE) if groups else (0, set()))
