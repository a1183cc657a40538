"""Assertions as the real MSAL makes them: every one is accepted, and refused once one thing is
broken, with that thing as the cause."""

import base64
import hashlib
import json
import socket
import time
from datetime import UTC, datetime, timedelta
from functools import cache

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

import assertcheck
from assertcheck.model import Severity, Verdict
from tests.build import CLIENT_ID, TENANT, certificate, ec_key, key, pem, x5t, x5t_s256
from tests.build_graph import application, as_json, az_app_show, az_credential_list
from tests.stub_msal import HOSTS, TokenEndpoint, assertion, request

# MSAL has no clock of its own to set, so the certificates are dated around the real one.
TODAY = datetime.now(UTC).replace(microsecond=0)
DATES = {"start": TODAY - timedelta(days=30), "end": TODAY + timedelta(days=335)}
OTHER_ID = "99999999-2222-4333-8444-555555555555"
PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@cache
def authority_certificate():
    return certificate("msal-ca", holder=key("ca"), ca=True, **DATES)


@cache
def app_certificate():
    """The certificate registered on the app, issued by a CA so that it has a chain."""
    return certificate(
        "msal", holder=key(), issuer=authority_certificate(), issuer_key=key("ca"), **DATES
    )


@cache
def other_certificate():
    return certificate("msal-other", holder=key("other"), **DATES)


def key_pem(holder=None, password=None):
    return (
        (holder or key())
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password.encode())
            if password
            else serialization.NoEncryption(),
        )
        .decode()
    )


def thumbprint(cert):
    return cert.fingerprint(hashes.SHA1()).hex().upper()


def with_thumbprint(_folder):
    return {"private_key": key_pem(), "thumbprint": thumbprint(app_certificate())}


def with_encrypted_key(_folder):
    return {
        "private_key": key_pem(password=PASSWORD),
        "passphrase": PASSWORD,
        "thumbprint": thumbprint(app_certificate()).lower(),
    }


def with_thumbprint_and_leaf(folder):
    return with_thumbprint(folder) | {"public_certificate": pem(app_certificate()).decode()}


def with_thumbprint_and_chain(folder):
    chain = pem(app_certificate(), authority_certificate())
    return with_thumbprint(folder) | {"public_certificate": chain.decode()}


def with_certificate_alone(_folder):
    return {"private_key": key_pem(), "public_certificate": pem(app_certificate()).decode()}


def with_pfx(folder):
    path = folder / "app.pfx"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"app",
            key(),
            app_certificate(),
            [authority_certificate()],
            serialization.BestAvailableEncryption(PASSWORD.encode()),
        )
    )
    return {"private_key_pfx_path": str(path), "passphrase": PASSWORD}


def with_pfx_and_x5c(folder):
    return with_pfx(folder) | {"public_certificate": True}


# How each way to give MSAL a certificate comes out: algorithm, key identifier, certificates in x5c.
WAYS = {
    with_thumbprint: ("RS256", "x5t", 0),
    with_encrypted_key: ("RS256", "x5t", 0),
    with_thumbprint_and_leaf: ("RS256", "x5t", 1),
    with_thumbprint_and_chain: ("RS256", "x5t", 2),
    with_certificate_alone: ("PS256", "x5t#S256", 1),
    with_pfx: ("PS256", "x5t#S256", 0),
    with_pfx_and_x5c: ("PS256", "x5t#S256", 1),
}
every_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
every_cloud = pytest.mark.parametrize("cloud", HOSTS)


def diagnose(text, *certs, **options):
    """The report on `text`, with all that can be expected of it given."""
    given = {"client_id": CLIENT_ID, "tenant": TENANT} | options
    return assertcheck.diagnose(text, certs=certs or [pem(app_certificate())], **given)


def errors(report):
    return [finding.id for finding in report.findings if finding.severity is Severity.ERROR]


def assert_refused(report, cause):
    assert errors(report) == [cause]
    assert report.verdict is Verdict.REFUSED
    assert report.cause.id == cause


def segments(text):
    first, second, third = text.split(".")
    decoded = [base64.urlsafe_b64decode(part + "==") for part in (first, second, third)]
    return json.loads(decoded[0]), json.loads(decoded[1]), f"{first}.{second}".encode(), decoded[2]


# What MSAL sends, checked with nothing but cryptography and json: the ground the rest stands on.


@every_cloud
@every_way
def test_msal_posts_an_assertion_for_the_token_endpoint_that_was_published(way, cloud, tmp_path):
    endpoint = request(way(tmp_path), cloud=cloud)
    url = f"https://{HOSTS[cloud]}/{TENANT}/oauth2/v2.0/token"
    _, claims, _, _ = segments(endpoint.form["client_assertion"])
    assert endpoint.asked == [
        f"https://{HOSTS[cloud]}/{TENANT}/v2.0/.well-known/openid-configuration"
    ]
    assert endpoint.posted_to == url
    assert endpoint.form["client_id"] == CLIENT_ID
    assert endpoint.form["client_assertion_type"].endswith(":jwt-bearer")
    assert (claims["aud"], claims["iss"], claims["sub"]) == (url, CLIENT_ID, CLIENT_ID)
    assert claims["exp"] - claims["iat"] == pytest.approx(600)
    assert "nbf" not in claims


@every_way
def test_msal_signs_with_the_algorithm_and_identifier_of_the_way_it_is_used(way, tmp_path):
    alg, identifier, in_x5c = WAYS[way]
    header, _, signing_input, signature = segments(assertion(way(tmp_path)))
    value = x5t(app_certificate()) if identifier == "x5t" else x5t_s256(app_certificate())
    assert header["alg"] == alg
    assert {"x5t", "x5t#S256"} & header.keys() == {identifier}
    assert header[identifier].rstrip("=") == value
    assert len(header.get("x5c", ())) == in_x5c
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
    public_key = app_certificate().public_key()
    assert isinstance(public_key, rsa.RSAPublicKey)
    public_key.verify(
        signature, signing_input, pss if alg == "PS256" else padding.PKCS1v15(), hashes.SHA256()
    )


SPELLINGS = {
    "colons": lambda text: ":".join(text[at : at + 2] for at in range(0, 40, 2)),
    "spaces": lambda text: " ".join(text[at : at + 2] for at in range(0, 40, 2)),
    "hidden U+200E": lambda text: f"\u200e{text}",
    "base64": lambda text: base64.b64encode(bytes.fromhex(text)).decode(),
    "one digit short": lambda text: text[:-1],
}


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_msal_itself_refuses_a_thumbprint_that_is_not_plain_hex(spell, tmp_path):
    credential = with_thumbprint(tmp_path) | {"thumbprint": spell(thumbprint(app_certificate()))}
    with pytest.raises(ValueError, match=r"(?i)hex|odd-length|ascii"):
        assertion(credential)


def test_msal_itself_refuses_a_key_that_is_not_rsa(tmp_path):
    with pytest.raises((TypeError, jwt.InvalidKeyError)):
        assertion(with_thumbprint(tmp_path) | {"private_key": key_pem(ec_key())})


def test_msal_takes_a_domain_name_and_puts_the_tenant_id_into_aud(tmp_path):
    credential, domain = with_thumbprint(tmp_path), "contoso.onmicrosoft.com"
    endpoint = request(credential, authority=f"https://{HOSTS['public']}/{domain}")
    assert domain in endpoint.asked[0]
    assert segments(endpoint.form["client_assertion"])[1]["aud"] == endpoint.posted_to


# What assertcheck makes of them.


@every_cloud
@every_way
def test_what_msal_sends_is_accepted(way, cloud, tmp_path):
    report = diagnose(assertion(way(tmp_path), cloud=cloud), cloud=cloud)
    assert errors(report) == []
    assert report.verdict is Verdict.ACCEPTED
    assert report.cause is None
    assert report.prediction is None


@every_way
def test_what_msal_sends_draws_no_warning(way, tmp_path):
    report = diagnose(assertion(way(tmp_path)), cloud="public")
    warnings = [found.id for found in report.findings if found.severity is Severity.WARNING]
    assert warnings == []


@every_way
def test_what_msal_sends_is_accepted_with_nothing_expected_but_the_certificate(way, tmp_path):
    report = diagnose(assertion(way(tmp_path)), client_id=None, tenant=None)
    assert errors(report) == []
    assert report.verdict is Verdict.ACCEPTED


@every_way
@pytest.mark.parametrize("export", [application, az_app_show, az_credential_list])
def test_what_msal_sends_fits_the_registration_of_its_certificate(way, export, tmp_path):
    registered = as_json(export(app_certificate()))
    report = diagnose(assertion(way(tmp_path)), cloud="public", app=registered)
    assert errors(report) == []
    assert report.verdict is Verdict.ACCEPTED


def test_the_certificate_may_be_given_as_a_file(tmp_path):
    path = tmp_path / "cert.pem"
    path.write_bytes(pem(app_certificate()))
    assert diagnose(assertion(with_pfx(tmp_path)), path).verdict is Verdict.ACCEPTED


def test_what_msal_sends_is_incomplete_without_a_certificate(tmp_path):
    report = assertcheck.diagnose(assertion(with_pfx_and_x5c(tmp_path)), certs=[])
    assert errors(report) == []
    assert report.verdict is Verdict.INCOMPLETE


def test_a_tenant_given_by_its_domain_name_does_not_contradict_its_id(tmp_path):
    report = diagnose(assertion(with_thumbprint(tmp_path)), tenant="contoso.onmicrosoft.com")
    assert errors(report) == []
    assert report.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    "home",
    ["https://adfs.contoso.example/adfs", f"https://contoso.ciamlogin.com/{TENANT}"],
    ids=["AD FS", "CIAM"],
)
def test_a_host_with_rules_of_its_own_is_not_judged_by_entras(home, tmp_path):
    version = "" if home.endswith("/adfs") else "/v2.0"
    text = assertion(
        with_thumbprint(tmp_path), authority=home, endpoint=TokenEndpoint(home, version)
    )
    report = diagnose(text, tenant=None)
    assert errors(report) == []
    assert report.verdict is Verdict.INCOMPLETE


# One thing broken at a time.


def pem_text_digest():
    """What `sha1sum cert.pem` prints."""
    return hashlib.sha1(pem(app_certificate())).hexdigest()


def public_key_digest():
    spki = (
        key()
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return hashlib.sha1(spki).hexdigest()


def sha256_thumbprint():
    return app_certificate().fingerprint(hashes.SHA256()).hex()


WRONG_THUMBPRINTS = {
    "of no certificate at hand": (lambda: "5f" * 20, "x5t-unknown"),
    "of a certificate not given": (lambda: thumbprint(other_certificate()), "x5t-unknown"),
    "by SHA-256": (sha256_thumbprint, "x5t-holds-sha256"),
    "of the PEM file": (pem_text_digest, "x5t-hash-of-pem-text"),
    "of the public key": (public_key_digest, "x5t-hash-of-public-key"),
}


@pytest.mark.parametrize(
    ("wrong", "cause"), WRONG_THUMBPRINTS.values(), ids=WRONG_THUMBPRINTS.keys()
)
def test_a_wrong_thumbprint_is_named_for_what_it_is(wrong, cause, tmp_path):
    credential = with_thumbprint(tmp_path) | {"thumbprint": wrong()}
    report = diagnose(assertion(credential))
    assert_refused(report, cause)
    assert report.prediction.code == "AADSTS700027"
    assert report.prediction.reason == "The key was not found."
    assert report.prediction.thumbprint == wrong().upper()


def test_a_thumbprint_of_the_other_of_two_certificates_is_named(tmp_path):
    credential = with_thumbprint(tmp_path) | {"thumbprint": thumbprint(other_certificate())}
    certs = [pem(app_certificate()), pem(other_certificate())]
    assert_refused(diagnose(assertion(credential), *certs), "signed-with-other-key")


def test_a_thumbprint_of_the_issuer_is_named(tmp_path):
    credential = with_thumbprint(tmp_path) | {"thumbprint": thumbprint(authority_certificate())}
    chain = pem(app_certificate(), authority_certificate())
    assert_refused(diagnose(assertion(credential), chain), "x5t-of-issuer-cert")


@pytest.mark.parametrize(
    "way", [with_thumbprint, with_certificate_alone], ids=lambda way: way.__name__
)
def test_the_private_key_of_another_certificate_is_the_cause(way, tmp_path):
    credential = way(tmp_path) | {"private_key": key_pem(key("other"))}
    report = diagnose(assertion(credential))
    assert_refused(report, "signed-with-unknown-key")
    assert report.prediction.code == "AADSTS700027"


def test_the_registered_certificate_being_another_is_the_cause(tmp_path):
    report = diagnose(assertion(with_thumbprint(tmp_path)), pem(other_certificate()))
    assert_refused(report, "x5t-unknown")


@every_way
def test_a_key_of_the_header_alone_makes_nothing_acceptable(way, tmp_path):
    report = diagnose(assertion(way(tmp_path)), pem(other_certificate()))
    assert report.verdict is Verdict.REFUSED
    assert report.prediction.code == "AADSTS700027"
    assert report.prediction.reason == "The key was not found."


@every_way
@every_cloud
def test_the_wrong_tenant_is_the_cause(way, cloud, tmp_path):
    report = diagnose(assertion(way(tmp_path), cloud=cloud), tenant=OTHER_ID, cloud=cloud)
    assert_refused(report, "aud-wrong-tenant")
    assert report.prediction.code == "AADSTS700023"


CROSSINGS = [(made, used) for made in HOSTS for used in HOSTS if made != used]


@pytest.mark.parametrize(("made", "used"), CROSSINGS)
def test_the_wrong_cloud_is_the_cause(made, used, tmp_path):
    report = diagnose(assertion(with_pfx(tmp_path), cloud=made), cloud=used)
    assert_refused(report, "aud-wrong-cloud")
    assert report.prediction.code == "AADSTS700023"


@every_way
def test_the_wrong_client_id_is_the_cause(way, tmp_path):
    report = diagnose(assertion(way(tmp_path), client_id=OTHER_ID))
    assert_refused(report, "wrong-application")


@pytest.mark.parametrize(
    ("start", "end", "cause"),
    [(-400, -35, "certificate-expired"), (1, 365, "certificate-not-yet-valid")],
)
def test_a_certificate_outside_its_dates_is_the_cause(start, end, cause):
    cert = certificate(
        f"msal-{cause}",
        holder=key(),
        start=TODAY + timedelta(days=start),
        end=TODAY + timedelta(days=end),
    )
    text = assertion({"private_key": key_pem(), "thumbprint": thumbprint(cert)})
    report = diagnose(text, pem(cert))
    assert_refused(report, cause)
    assert report.prediction.code == "AADSTS700027"
    assert report.prediction.reason == "The key used is expired."


@every_way
def test_a_day_later_it_has_expired(way, tmp_path):
    report = diagnose(assertion(way(tmp_path)), at=TODAY + timedelta(days=1))
    assert_refused(report, "expired")
    assert report.prediction.code == "AADSTS700024"


def test_a_clock_that_runs_ahead_of_entras_is_the_cause(tmp_path, monkeypatch):
    ahead = time.time() + 3 * 3600 + 17 * 60
    monkeypatch.setattr(time, "time", lambda: ahead)
    claims = {"nbf": int(ahead)}
    report = diagnose(assertion(with_thumbprint(tmp_path), claims=claims), at=TODAY)
    assert_refused(report, "not-yet-valid")


CLAIMS = {
    "a list in aud": (
        {"aud": [f"https://{HOSTS['public']}/{TENANT}/oauth2/v2.0/token"]},
        "aud-is-array",
    ),
    "the API in aud": ({"aud": "https://graph.microsoft.com"}, "aud-is-resource"),
    "the authority in aud": ({"aud": f"https://{HOSTS['public']}/{TENANT}"}, "aud-is-authority"),
    "the user in sub": ({"sub": OTHER_ID}, "iss-sub-differ"),
    "milliseconds in exp": (
        {"exp": int(TODAY.timestamp() + 3600) * 1000},
        "time-in-milliseconds",
    ),
}


@pytest.mark.parametrize(("claims", "cause"), CLAIMS.values(), ids=CLAIMS.keys())
def test_a_claim_the_app_overrides_is_the_cause(claims, cause, tmp_path):
    report = diagnose(assertion(with_thumbprint(tmp_path), claims=claims))
    assert_refused(report, cause)


def test_a_chain_with_the_issuer_first_is_the_cause():
    """MSAL takes the thumbprint, and `x5c`, from the first certificate in the text."""
    chain = pem(authority_certificate(), app_certificate())
    text = assertion({"private_key": key_pem(), "public_certificate": chain.decode()})
    header = segments(text)[0]
    assert header["x5t#S256"].rstrip("=") == x5t_s256(authority_certificate())
    report = diagnose(text, chain)
    assert report.verdict is Verdict.REFUSED
    assert report.cause.id == "x5t-of-issuer-cert"
    assert report.prediction.code == "AADSTS700027"


def test_a_renewed_certificate_on_the_same_key_is_the_cause(tmp_path):
    """`x5c` shows the certificate in use, which the registered one has replaced."""
    renewed = certificate("msal", holder=key(), serial=2, **DATES)
    report = diagnose(assertion(with_certificate_alone(tmp_path)), pem(renewed))
    assert_refused(report, "x5t-of-renewed-cert-same-key")
    assert report.prediction.code == "AADSTS700027"
    assert report.prediction.reason == "The key was not found."


@every_way
def test_an_expiry_moved_after_signing_is_the_cause(way, tmp_path):
    first, second, third = assertion(way(tmp_path)).split(".")
    claims = json.loads(base64.urlsafe_b64decode(second + "=="))
    moved = json.dumps(claims | {"exp": int(claims["exp"]) + 60}, separators=(",", ":"))
    edited = base64.urlsafe_b64encode(moved.encode()).decode().rstrip("=")
    report = diagnose(f"{first}.{edited}.{third}")
    assert_refused(report, "payload-changed-after-signing")


def test_nothing_of_the_signature_is_in_the_report(tmp_path):
    text = assertion(with_pfx_and_x5c(tmp_path))
    report = repr(diagnose(text))
    signature = text.rpartition(".")[2]
    assert signature not in report
    assert signature[:24] not in report
    assert text not in report
