import base64
import hashlib
import json
import re
import subprocess
import zlib
from pathlib import Path
from urllib.parse import parse_qs, unquote
from xml.etree import ElementTree

import jwt
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_pem_private_key,
    pkcs7,
    pkcs12,
)
from signxml.exceptions import InvalidDigest
from signxml.verifier import VerifyResult, XMLVerifier

from sample_certs.generate import AT, CLIENT_ID, RUNS, SALTED, SAMPLES, TENANT, TEXTS, main

FOLDER = Path(__file__).parent.parent / "sample_certs"
BY_HAND = {"README.md", ".gitattributes", "generate.py"}
PEMS = sorted(path.name for path in FOLDER.glob("*.pem"))
GOOD = [sample for sample in SAMPLES if sample.finding is None]
FEDERATED = sorted(
    name for name in TEXTS if name.startswith("assertions/") and name.endswith(".jwt")
)
REQUESTS = sorted(name for name in TEXTS if name.startswith("saml/"))
REDIRECTS = [name for name in REQUESTS if "/redirect-" in name]
SIGNED_IN_XML = ["saml/post-signed.txt", "saml/redirect-signature-in-xml.txt"]
SAML = {
    "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "a": "urn:oasis:names:tc:SAML:2.0:assertion",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
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
    names = [f"assertions/{sample.name}.jwt" for sample in SAMPLES] + FEDERATED
    assert len(names) == len(set(names))
    assert {f"assertions/{path.name}" for path in (FOLDER / "assertions").iterdir()} == set(names)


@pytest.mark.parametrize("name", [f"assertions/{s.name}.jwt" for s in SAMPLES] + list(TEXTS))
def test_an_assertion_or_a_request_is_one_line(name):
    octets = (FOLDER / name).read_bytes()
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


def exported(name):
    return json.loads((FOLDER / name).read_bytes())


def registered(name):
    """Read with `cryptography` what the export `name` holds of keys, `None` where left out."""
    keys = [each["key"] for each in exported(f"registrations/{name}.json")["keyCredentials"]]
    return [key and x509.load_der_x509_certificate(base64.b64decode(key)) for key in keys]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app", ["rsa-2048"]),
        ("app-az", [None]),
        ("app-no-keys", []),
        ("app-other-certificate", ["other"]),
        ("app-expired", ["rsa-2048"]),
        ("app-signed-requests", ["rsa-2048"]),
        ("sp-saml", [None, "other"]),
        ("sp-saml-no-signing-key", []),
    ],
)
def test_a_registration_holds_the_certificates_it_is_about(name, expected):
    assert registered(name) == [each and leaf_of(f"{each}.pem") for each in expected]
    assert exported(f"registrations/{name}.json")["appId"] == CLIENT_ID


def test_every_registration_is_judged():
    folder = FOLDER / "registrations"
    judged = {run.shown for run in RUNS if run.command == "app"}
    assert {f"registrations/{path.name}" for path in folder.iterdir()} == judged


def test_what_az_shows_of_the_app_lacks_the_key_and_nothing_else():
    whole, shown = exported("registrations/app.json"), exported("registrations/app-az.json")
    whole["keyCredentials"][0]["key"] = None
    assert shown == whole
    [key] = shown["keyCredentials"]
    assert bytes.fromhex(key["customKeyIdentifier"]) == fingerprint(
        (FOLDER / "rsa-2048.pem").read_bytes(), "sha1"
    )


def test_the_expired_registration_ended_before_its_certificate():
    ends = [
        exported(f"registrations/{name}.json")["keyCredentials"][0]["endDateTime"]
        for name in ("app", "app-expired")
    ]
    assert ends == ["2035-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]


def test_the_signing_key_of_the_saml_app_has_three_parts_with_one_identifier():
    principal = exported("registrations/sp-saml.json")
    parts = principal["keyCredentials"] + principal["passwordCredentials"]
    assert [part.get("usage") for part in parts] == ["Sign", "Verify", None]
    der = leaf_of("other.pem").public_bytes(Encoding.DER)
    identifier = base64.b64encode(hashlib.sha256(der).digest()).decode()
    assert [part["customKeyIdentifier"] for part in parts] == [identifier] * 3
    active = principal["preferredTokenSigningKeyThumbprint"]
    assert bytes.fromhex(active) == hashlib.sha1(der).digest()


@pytest.mark.parametrize("name", FEDERATED)
def test_a_federated_token_is_verified_by_the_key_its_kid_names(name):
    stem = Path(name).stem
    keys = jwt.PyJWKSet.from_dict(exported("federated/jwks.json"))
    key = keys[members(stem, 0)["kid"]]
    assert key.key == leaf_of("leaf.pem").public_key()
    claims = jwt.decode(
        token(stem),
        key,
        algorithms=["RS256"],
        audience="api://AzureADTokenExchange",
        issuer="https://token.actions.githubusercontent.com",
        options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
    )
    assert claims["nbf"] < claims["iat"] < AT.timestamp() < claims["exp"]
    assert claims["repository"].startswith(f"{claims['repository_owner']}/")
    assert claims["sub"].startswith(f"repo:{claims['repository']}:")


def test_the_issuer_publishes_public_keys_alone():
    keys = exported("federated/jwks.json")["keys"]
    assert len({key["kid"] for key in keys}) == 2
    assert all(key.keys().isdisjoint({"d", "p", "q", "dp", "dq", "qi"}) for key in keys)


def test_one_federated_subject_fits_and_two_do_not():
    trusted = [each["subject"] for each in exported("federated/credentials.json")]
    subjects = {Path(name).stem: members(Path(name).stem, 1)["sub"] for name in FEDERATED}
    fit = {name: subject in trusted for name, subject in subjects.items()}
    assert fit == {
        "federated-github": True,
        "federated-subject-case": False,
        "federated-subject-mismatch": False,
    }
    assert subjects["federated-subject-case"].lower() in trusted
    assert subjects["federated-subject-mismatch"].lower() not in trusted


def query_of(name):
    """The parameters of a request as they are sent: of the URL, or the form."""
    return (FOLDER / name).read_text(encoding="ascii").removesuffix("\n").rpartition("?")[2]


def xml_of(name):
    octets = base64.b64decode(parse_qs(query_of(name))["SAMLRequest"][0], validate=True)
    return zlib.decompress(octets, -zlib.MAX_WBITS) if name in REDIRECTS else octets


def verifies_as_sent(query):
    """Whether the signature in `query` holds over what is in front of it, to the letter."""
    signed, _, signature = query.partition("&Signature=")
    assert re.fullmatch(r"SAMLRequest=[^&]+&RelayState=[^&]+&SigAlg=[^&]+", signed)
    octets = base64.b64decode(unquote(signature), validate=True)
    try:
        leaf_of("rsa-2048.pem").public_key().verify(octets, signed.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_comes_from_the_registered_issuer_and_goes_back_there(name):
    root = ElementTree.fromstring(xml_of(name))
    app = exported("registrations/app-signed-requests.json")
    assert [root.findtext("a:Issuer", namespaces=SAML)] == app["identifierUris"]
    assert [root.get("AssertionConsumerServiceURL")] == app["web"]["redirectUris"]
    assert root.get("Destination") == f"https://login.microsoftonline.com/{TENANT}/saml2"


def test_a_request_is_signed_where_its_name_says():
    places = {
        Path(name).stem: (
            "&Signature=" in query_of(name),
            ElementTree.fromstring(xml_of(name)).find("ds:Signature", SAML) is not None,
        )
        for name in REQUESTS
    }
    assert places == {
        "redirect-signed": (True, False),
        "redirect-signature-in-xml": (False, True),
        "redirect-reencoded": (True, False),
        "redirect-unsigned": (False, False),
        "post-signed": (False, True),
        "post-signature-in-form": (True, False),
        "post-changed": (False, True),
    }


def test_the_signature_in_a_query_holds_unless_it_was_encoded_anew():
    assert verifies_as_sent(query_of("saml/redirect-signed.txt"))
    assert verifies_as_sent(query_of("saml/post-signature-in-form.txt"))

    sent = query_of("saml/redirect-reencoded.txt")
    assert not verifies_as_sent(sent)
    assert parse_qs(sent) == parse_qs(query_of("saml/redirect-signed.txt"))
    assert verifies_as_sent(sent.replace("+", "%20").replace("%7E", "~"))


def signed_in(xml):
    """The name of the element that the signature in `xml` is over, as signxml verifies it."""
    pem = (FOLDER / "rsa-2048.pem").read_text(encoding="ascii")
    certificate = pem[pem.index("-----BEGIN") :]
    result = XMLVerifier().verify(xml, x509_cert=certificate, id_attribute="ID")
    assert isinstance(result, VerifyResult)
    return result.signed_xml.tag if result.signed_xml is not None else None


@pytest.mark.parametrize("name", SIGNED_IN_XML)
def test_the_signature_in_the_xml_holds_over_the_whole_request(name):
    assert signed_in(xml_of(name)) == f"{{{SAML['p']}}}AuthnRequest"


def test_the_changed_request_differs_from_the_signed_one_by_its_name_id_format():
    signed, changed = xml_of("saml/post-signed.txt"), xml_of("saml/post-changed.txt")
    formats = [re.findall(rb'NameIDPolicy Format="(.+?)"', xml) for xml in (signed, changed)]
    (before,), (after,) = formats
    assert before != after
    assert changed == signed.replace(before, after)
    with pytest.raises(InvalidDigest):
        signed_in(changed)


@pytest.mark.parametrize("name", REDIRECTS)
def test_a_redirect_stores_its_xml_so_that_every_zlib_agrees(name):
    octets = base64.b64decode(parse_qs(query_of(name))["SAMLRequest"][0])
    assert octets.endswith(xml_of(name))
    assert len(octets) == len(xml_of(name)) + 5


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.line)
def test_the_files_of_a_run_are_there(run):
    names = (run.shown, run.over, run.cert, run.app, run.federated)
    assert all((FOLDER / name).is_file() for name in names if name)


def test_the_readme_lists_every_assertion_with_its_options():
    rows = re.findall(r"^\| `([\w-]+)\.jwt` \| .+ \| `(.+)` \|$", readme(), re.M)
    assert rows == [(sample.name, " ".join(sample.options)) for sample in SAMPLES]


def test_the_readme_lists_every_run_with_what_it_finds():
    row = r"^\| `([a-z]+/[\w.-]+)` \| (?:`([a-z-]+)`: )?.+ \| `(.+)` \|$"
    rows = re.findall(row, readme(), re.M)
    assert rows == [(run.shown, run.finding or "", run.line) for run in RUNS]


def test_the_readme_names_every_file_but_the_keys():
    named = set(re.findall(r"`([\w./-]+)`", readme()))
    of_samples = {f"assertions/{sample.name}.jwt" for sample in SAMPLES}
    keys = {name for name in files(FOLDER) if name.startswith("keys/")}
    assert set(files(FOLDER)) - BY_HAND - keys - of_samples <= named


def readme():
    return (FOLDER / "README.md").read_text(encoding="utf-8")
