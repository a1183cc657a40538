import base64
import hashlib
import json
import re
import subprocess
from pathlib import Path

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_pem_private_key,
    pkcs7,
    pkcs12,
)

from sample_certs.generate import AT, CLIENT_ID, SALTED, SAMPLES, TENANT, main

FOLDER = Path(__file__).parent.parent / "sample_certs"
BY_HAND = {"README.md", ".gitattributes", "generate.py"}
PEMS = sorted(path.name for path in FOLDER.glob("*.pem"))
GOOD = [sample for sample in SAMPLES if sample.finding is None]
BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def openssl(*arguments, octets=None):
    command = ["openssl", *map(str, arguments)]
    return subprocess.run(command, input=octets, check=True, capture_output=True).stdout.decode()


def fingerprint(block, algorithm):
    """The thumbprint of a PEM block as openssl computes it, in octets."""
    printed = openssl("x509", "-noout", "-fingerprint", f"-{algorithm}", octets=block)
    return bytes.fromhex(printed.partition("=")[2].strip().replace(":", ""))


def b64url(octets):
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def token(name):
    return (FOLDER / "assertions" / f"{name}.jwt").read_text(encoding="ascii").removesuffix("\n")


def members(name, index):
    segment = token(name).split(".")[index]
    return json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))


def leaf_of(name):
    return x509.load_pem_x509_certificate((FOLDER / name).read_bytes())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    main(["--into", str(folder)])
    return files(folder)


def test_every_file_is_made_by_the_generator(made):
    keys = {name for name in files(FOLDER) if name.startswith("keys/")}
    assert set(made) == set(files(FOLDER)) - BY_HAND - keys


def test_the_generator_makes_the_same_octets_again(made):
    checked_in = files(FOLDER)
    assert {name for name in made if made[name] != checked_in[name]} == SALTED


@pytest.mark.parametrize("name", sorted(name for name in SALTED if name.endswith(".jwt")))
def test_a_salted_assertion_says_what_its_recipe_says(made, name):
    kept = (FOLDER / name).read_bytes()
    assert kept.rpartition(b".")[0] == made[name].rpartition(b".")[0]


def test_salted_files_are_kept_unless_overwriting_is_asked_for(tmp_path, capsys):
    for name in SALTED:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("kept")
    main(["--into", str(tmp_path)])
    assert set(capsys.readouterr().out.splitlines()) == {f"kept {name}" for name in SALTED}
    assert {files(tmp_path)[name] for name in SALTED} == {b"kept"}

    main(["--into", str(tmp_path), "--overwrite"])
    assert capsys.readouterr().out == ""
    assert b"kept" not in files(tmp_path).values()


@pytest.mark.parametrize("name", PEMS)
def test_a_pem_loads_and_its_opening_names_file_and_thumbprints(name):
    octets = (FOLDER / name).read_bytes()
    assert octets.startswith(f"{name}: ".encode())
    assert openssl("x509", "-noout", "-in", FOLDER / name) == ""

    # The first block's opening may stand below the one of the file; a chain has one for each.
    text = octets.decode("ascii").replace("\r\n", "\n")
    blocks = BLOCK.findall(octets)
    assert len(x509.load_pem_x509_certificates(octets)) == len(blocks)
    sha1 = [fingerprint(block, "sha1") for block in blocks]
    sha256 = [fingerprint(block, "sha256") for block in blocks]
    assert re.findall(r"^x5t: +(.+)$", text, re.M) == [b64url(digest) for digest in sha1]
    assert re.findall(r"^x5t#S256: +(.+)$", text, re.M) == [b64url(digest) for digest in sha256]
    assert re.findall(r"^SHA-1: +(.+)$", text, re.M) == [digest.hex().upper() for digest in sha1]


def test_only_one_pem_has_the_line_ends_of_windows():
    assert [name for name in PEMS if b"\r" in (FOLDER / name).read_bytes()] == ["crlf.pem"]
    octets = (FOLDER / "crlf.pem").read_bytes()
    assert octets.count(b"\n") == octets.count(b"\r\n")
    assert leaf_of("crlf.pem") == leaf_of("rsa-2048.pem")


def test_every_form_of_rsa_2048_is_the_same_certificate():
    expected = leaf_of("rsa-2048.pem")
    der = expected.public_bytes(Encoding.DER)
    password = (FOLDER / "rsa-2048.pfx.password.txt").read_bytes()
    assert password.count(b"\n") == 1
    key, certificate, others = pkcs12.load_key_and_certificates(
        (FOLDER / "rsa-2048.pfx").read_bytes(), password.rstrip(b"\n")
    )
    assert (certificate, others) == (expected, [])
    assert key
    assert key.public_key() == expected.public_key()
    assert (FOLDER / "rsa-2048.der").read_bytes() == der
    assert (FOLDER / "rsa-2048.cer").read_bytes() == der
    p7b = (FOLDER / "rsa-2048.p7b").read_bytes()
    assert pkcs7.load_der_pkcs7_certificates(p7b) == [expected]

    jwk = json.loads((FOLDER / "rsa-2048.jwk.json").read_bytes())
    assert jwt.PyJWK(jwk, algorithm="RS256").key == expected.public_key()
    assert jwk["x5t"] == b64url(hashlib.sha1(der).digest())
    assert jwk["x5t#S256"] == b64url(hashlib.sha256(der).digest())
    assert jwk["x5c"] == [base64.b64encode(der).decode()]


def test_the_jwk_set_holds_two_public_keys():
    keys = json.loads((FOLDER / "jwks.json").read_bytes())["keys"]
    certificates = [leaf_of("rsa-2048.pem"), leaf_of("other.pem")]
    assert [jwt.PyJWK(key, algorithm="RS256").key for key in keys] == [
        certificate.public_key() for certificate in certificates
    ]
    assert all(key.keys().isdisjoint({"d", "p", "q", "dp", "dq", "qi"}) for key in keys)


@pytest.mark.parametrize("path", sorted((FOLDER / "keys").iterdir()), ids=lambda path: path.stem)
def test_every_key_belongs_to_the_certificate_of_its_name(path):
    key = load_pem_private_key(path.read_bytes(), password=None)
    assert key.public_key() == leaf_of(path.name).public_key()


def test_the_renewed_certificate_shares_key_and_name_alone():
    first, second = leaf_of("rsa-2048.pem"), leaf_of("renewed.pem")
    assert (second.public_key(), second.subject) == (first.public_key(), first.subject)
    assert second.serial_number != first.serial_number
    assert second.not_valid_after_utc > first.not_valid_after_utc


def test_certificates_are_valid_at_the_clock_of_the_samples_but_for_two():
    within = {
        name
        for name in PEMS
        if leaf_of(name).not_valid_before_utc <= AT <= leaf_of(name).not_valid_after_utc
    }
    assert set(PEMS) - within == {"expired.pem", "not-yet-valid.pem"}


@pytest.mark.parametrize("target", ["leaf.pem", "chain.pem"])
def test_the_chain_holds_together_and_its_leaf_comes_first(target):
    options = ("-CAfile", FOLDER / "ca.pem", "-untrusted", FOLDER / "intermediate.pem")
    attime = ("-attime", int(AT.timestamp()))
    assert openssl("verify", *options, *attime, FOLDER / target).endswith(": OK\n")


def test_the_other_chain_is_the_same_backwards():
    chain, backwards = (
        x509.load_pem_x509_certificates((FOLDER / name).read_bytes())
        for name in ("chain.pem", "chain-root-first.pem")
    )
    assert (
        backwards
        == chain[::-1]
        == [leaf_of(f"{name}.pem") for name in ("ca", "intermediate", "leaf")]
    )


def test_every_assertion_file_is_a_sample_and_the_reverse():
    names = [sample.name for sample in SAMPLES]
    assert len(names) == len(set(names))
    assert {path.name for path in (FOLDER / "assertions").iterdir()} == {f"{n}.jwt" for n in names}


@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_an_assertion_file_is_one_line(name):
    octets = (FOLDER / "assertions" / f"{name}.jwt").read_bytes()
    assert octets.endswith(b"\n")
    assert len(octets.split()) == 1
    assert octets.count(b"\n") == 1


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_files_a_sample_is_judged_with_are_there(sample):
    assert all((FOLDER / name).is_file() for name in (sample.cert, sample.also) if name)


@pytest.mark.parametrize("sample", GOOD, ids=lambda sample: sample.name)
def test_a_good_assertion_names_and_is_verified_by_its_certificate(sample):
    block = BLOCK.findall((FOLDER / sample.cert).read_bytes())[0]
    header = members(sample.name, 0)
    expected = {"x5t": fingerprint(block, "sha1"), "x5t#S256": fingerprint(block, "sha256")}
    named = {name: value for name, value in header.items() if name in expected}
    assert list(named) == (["x5t#S256"] if header["alg"] == "PS256" else ["x5t"])
    assert all(value == b64url(expected[name]) for name, value in named.items())

    claims = jwt.decode(
        token(sample.name),
        leaf_of(sample.cert).public_key(),
        algorithms=[header["alg"]],
        options={
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
            "verify_aud": False,
        },
    )
    assert claims["iss"] == claims["sub"] == CLIENT_ID
    assert claims["aud"] == f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"
    times = (claims["iat"], claims["nbf"], claims["exp"])
    assert times == tuple(int(AT.timestamp()) + 60 * minutes for minutes in (-2, -2, 8))


def verifies(sample):
    key = leaf_of(sample.cert).public_key()
    try:
        jwt.PyJWS().decode(token(sample.name), key, algorithms=["RS256", "PS256", "ES256"])
    except jwt.InvalidTokenError:
        return False
    return True


@pytest.mark.filterwarnings("ignore:The RSA key is 1024 bits")
def test_the_signature_holds_wherever_the_fault_is_another():
    assert {sample.name for sample in SAMPLES if not verifies(sample)} == {
        "wrong-certificate",
        "signed-with-other-key",
        "signed-with-ca-key",
        "payload-changed-after-signing",
        "pss-signature-under-rs256",
        "signed-trailing-newline",
        "signature-truncated",
        "segment-count",
        "header-not-json",
    }


def test_the_x5c_of_the_good_assertion_is_the_chain_leaf_first():
    chain = x509.load_pem_x509_certificates((FOLDER / "chain.pem").read_bytes())
    listed = [base64.b64decode(entry) for entry in members("good-x5c", 0)["x5c"]]
    assert listed == [certificate.public_bytes(Encoding.DER) for certificate in chain]


def test_the_readme_lists_every_assertion_with_its_options():
    rows = re.findall(r"^\| `(.+)\.jwt` \| .+ \| `(.+)` \|$", readme(), re.M)
    assert rows == [(sample.name, " ".join(sample.options)) for sample in SAMPLES]


def test_the_readme_names_every_certificate_file():
    named = set(re.findall(r"`([\w.-]+)`", readme()))
    others = {name for name in files(FOLDER) if "/" not in name} - BY_HAND
    assert others <= named


def readme():
    return (FOLDER / "README.md").read_text(encoding="utf-8")
