"""How long the autopsies take; run by `make bench`, never as a test."""

from assertcheck.decoder import decode
from assertcheck.keys.files import parse_keys
from assertcheck.model import Role
from assertcheck.verifier.autopsy import examine
from assertcheck.verifier.thumbprint import read_identifiers
from assertcheck.verifier.trials import try_candidates
from tests.build import certificate, key, pem, token

TEN = parse_keys(
    b"".join(pem(certificate(f"bench {index}", holder=key("bench"))) for index in range(10)),
    label="ten.pem",
    role=Role.REGISTERED,
)
ONE = TEN[:1]


def test_identifiers_against_ten_certificates(benchmark):
    assertion = decode(token(head={"x5t": "84:E0:5C:1D:98:BC:E3:A5:42:1D", "kid": "unknown"}))
    benchmark(read_identifiers, assertion, TEN)


def test_the_right_signature_of_one_certificate(benchmark):
    benchmark(try_candidates, decode(token(holder=key("bench"))), ONE)


def test_the_signature_of_an_unknown_key(benchmark):
    assertion = decode(token(holder=key("stranger")))
    benchmark(lambda: examine(assertion, TEN, named=TEN[0]))


def test_the_signature_of_changed_claims(benchmark):
    head, _, signature = token(holder=key("bench")).split(".")
    payload = token(holder=key("bench"), exp=1).split(".")[1]
    assertion = decode(f"{head}.{payload}.{signature}")
    benchmark(lambda: examine(assertion, ONE, named=ONE[0]))
