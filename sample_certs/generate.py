"""Makes the samples from the throw-away keys in `keys/`.

Keys, serial numbers and dates are fixed, and signatures have no randomness wherever the scheme
allows that (PKCS#1 v1.5, RFC 6979): every run gives the same octets. What is salted (PSS, PFX) is
kept where it exists, unless `--overwrite` is given. Nothing here uses the assertcheck package: a
mistake in it must not hide in its own samples.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from urllib.parse import quote
from uuid import UUID
from xml.etree.ElementTree import canonicalize

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import NameOID

HERE = Path(__file__).parent
AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
"""The clock that every sample is judged by."""
ISSUED = int((AT - timedelta(minutes=2)).timestamp())
EXPIRES = int((AT + timedelta(minutes=8)).timestamp())
CLIENT_ID = "11111111-2222-4333-8444-555555555555"
TENANT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
OTHER_GUID = "99999999-8888-4777-8666-555555555555"
LOGIN = "https://login.microsoftonline.com"
PFX_PASSWORD = "sample-password"
OBJECT_ID = "33333333-4444-4555-8666-777777777777"
PRINCIPAL_ID = "44444444-5555-4666-8777-888888888888"
GRAPH = "https://graph.microsoft.com/v1.0/$metadata#"
GITHUB = "https://token.actions.githubusercontent.com"
REPOSITORY = "contoso/payments"
BRANCH = "ref:refs/heads/main"
EXCHANGE = "api://AzureADTokenExchange"
ISSUER_KIDS = {
    "leaf": "55555555-6666-4777-8888-999999999999",
    "intermediate": "66666666-7777-4888-8999-aaaaaaaaaaaa",
}
"""Which keys stand for those of GitHub, and by what name it publishes each."""
SP_ENTITY_ID = "https://app.example.com/saml/metadata"
ACS_URL = "https://app.example.com/saml/acs"
SIGN_IN_URL = f"{LOGIN}/{TENANT}/saml2"
RELAY_STATE = "https://app.example.com/start?list=open items&sort=~date"
"""With a space and a `~`, which libraries percent-encode in different ways."""
REQUEST_ID = "_77777777-8888-4999-8aaa-bbbbbbbbbbbb"
XML_SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
SALTED = frozenset(
    {"rsa-2048.pfx", "assertions/good-ps256.jwt", "assertions/pss-signature-under-rs256.jwt"}
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Recipe:
    """A certificate: self-signed and valid from 2025 to 2035, except for what is given."""

    name: str
    purpose: str
    """Opens the PEM file."""
    _: KW_ONLY
    key_of: str = ""
    """The certificate whose key and subject it shares, and ..."""
    issuer: str = ""
    """... the one that issued it, if not itself."""
    ca: bool = False
    years: tuple[int, int] = (2025, 2035)
    """From the first of January to the first of January."""


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("rsa-2048", "the app's own certificate, RSA 2048, taken to be registered"),
        Recipe("rsa-4096", "a certificate like rsa-2048.pem with a longer key, RSA 4096"),
        Recipe("rsa-1024", "a certificate whose key, RSA 1024, is too short to be safe"),
        # Issued by the CA: with an RSA signature it comes out the same each time.
        Recipe("ec-p256", "a certificate with an EC key, which Entra ID refuses", issuer="ca"),
        Recipe("expired", "a certificate that ended on 2025-01-01", years=(2020, 2025)),
        Recipe("not-yet-valid", "a certificate that starts on 2045-01-01", years=(2045, 2049)),
        Recipe(
            "renewed",
            "rsa-2048.pem renewed: same key and name, other dates, so other thumbprints",
            key_of="rsa-2048",
            years=(2026, 2036),
        ),
        Recipe("other", "an unrelated RSA 2048: the old certificate", years=(2023, 2033)),
        Recipe("ca", "a root CA, the issuer of intermediate.pem; no app signs with it", ca=True),
        Recipe(
            "intermediate",
            "a CA between ca.pem and leaf.pem; no app signs with it",
            issuer="ca",
            ca=True,
        ),
        Recipe("leaf", "an app's certificate that intermediate.pem issued", issuer="intermediate"),
    )
}
CHAIN = ("leaf", "intermediate", "ca")
RSA_BITS = {"rsa-1024": 1024, "rsa-4096": 4096}


@cache
def key(name: str) -> PrivateKey:
    """Return the key of the certificate `name`; if `keys/` lacks it, it is made now."""
    path = HERE / "keys" / f"{RECIPES[name].key_of or name}.pem"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(
            new_key(name).private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(loaded, PrivateKey):
        raise TypeError(f"{path} holds neither an RSA nor an EC key")
    return loaded


def new_key(name: str) -> PrivateKey:
    """Return a new key of the kind and size that the certificate `name` calls for."""
    if name.startswith("ec"):
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS.get(name, 2048))


@cache
def certificate(name: str) -> x509.Certificate:
    """Return the certificate `name`, made as its recipe says."""
    recipe = RECIPES[name]
    public, signer = key(name).public_key(), key(recipe.issuer or name)
    start, end = (datetime(year, 1, 1, tzinfo=UTC) for year in recipe.years)
    key_identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    issuer_identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(common_name(recipe.key_of or name))
        .issuer_name(common_name(recipe.issuer or recipe.key_of or name))
        .public_key(public)
        .serial_number(int.from_bytes(hashlib.sha256(name.encode()).digest()[:15], "big"))
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=recipe.ca, path_length=None), critical=True)
        .add_extension(key_identifier, critical=False)
        .add_extension(issuer_identifier, critical=False)
        .sign(signer, hashes.SHA256())
    )


def common_name(name: str) -> x509.Name:
    """Return the subject of the certificate `name`."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"assertcheck sample {name}")])


def der(name: str) -> bytes:
    """Return the certificate `name` as DER."""
    return certificate(name).public_bytes(serialization.Encoding.DER)


def sha1(name: str) -> bytes:
    """Return the 20 bytes that `x5t` carries (RFC 7515 §4.1.7)."""
    return hashlib.sha1(der(name), usedforsecurity=False).digest()


def sha256(name: str) -> bytes:
    """Return the 32 bytes that `x5t#S256` carries (RFC 7515 §4.1.8)."""
    return hashlib.sha256(der(name)).digest()


def standard(octets: bytes) -> str:
    """Encode `octets` in base64 as RFC 4648 §4 has it, padding and all."""
    return base64.b64encode(octets).decode()


def base64url(octets: bytes) -> str:
    """Encode `octets` as RFC 7515 §2 says: the URL alphabet, no padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def line(text: str) -> bytes:
    """Return `text` as the one line of a file."""
    return text.encode() + b"\n"


def pem(name: str) -> bytes:
    """Return the certificate `name` as PEM, with its purpose and thumbprints in front."""
    # RFC 7468 §2: parsers skip text outside the encapsulation boundaries.
    opening = (
        f"{name}.pem: {RECIPES[name].purpose}\n"
        f"x5t:      {base64url(sha1(name))}\n"
        f"x5t#S256: {base64url(sha256(name))}\n"
        f"SHA-1:    {sha1(name).hex().upper()}\n"
    )
    return opening.encode() + certificate(name).public_bytes(serialization.Encoding.PEM)


def bundle(opening: str, *names: str) -> bytes:
    """Return the PEM of all `names` in one, with `opening` in front."""
    return b"\n".join((opening.encode(), *(pem(name) for name in names)))


def pfx(name: str) -> bytes:
    """Return certificate and key as PKCS#12, under `PFX_PASSWORD`."""
    encryption = serialization.BestAvailableEncryption(PFX_PASSWORD.encode())
    return pkcs12.serialize_key_and_certificates(
        name.encode(), key(name), certificate(name), None, encryption
    )


def p7b(name: str) -> bytes:
    """Return the certificate `name` as PKCS#7, in the DER that Windows exports."""
    return pkcs7.serialize_certificates([certificate(name)], serialization.Encoding.DER)


def jwk(name: str) -> Mapping[str, object]:
    """Return the public key of the RSA certificate `name` as RFC 7517 has it."""
    public = key(name).public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise TypeError(f"{name} holds no RSA key")
    numbers = public.public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "kid": base64url(sha1(name)),
        "n": base64url(numbers.n.to_bytes(public.key_size // 8, "big")),
        "e": base64url(numbers.e.to_bytes(3, "big")),
        "x5t": base64url(sha1(name)),
        "x5t#S256": base64url(sha256(name)),
        "x5c": [standard(der(name))],
    }


def compact(members: Mapping[str, object]) -> str:
    """Return `members` as JSON without spaces."""
    return json.dumps(members, separators=(",", ":"))


def sign(octets: bytes, alg: str, signer: PrivateKey) -> bytes:
    """Return the signature that RFC 7518 §3 calls `alg`: RS256, PS256 or ES256."""
    if isinstance(signer, ec.EllipticCurvePrivateKey):
        sequence = signer.sign(octets, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        return b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(sequence))
    if alg == "PS256":
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
        return signer.sign(octets, pss, hashes.SHA256())
    return signer.sign(octets, padding.PKCS1v15(), hashes.SHA256())


def assertion(
    *,
    alg: str = "RS256",
    holder: str = "rsa-2048",
    signer: str = "",
    scheme: str = "",
    tail: bytes = b"",
    head: Mapping[str, object] | None = None,
    header_text: Callable[[Mapping[str, object]], str] = compact,
    claims_text: Callable[[Mapping[str, object]], str] = compact,
    **claims: object,
) -> str:
    """Return an assertion that is right except for what the arguments change.

    The header names the certificate `holder` and takes `head` besides, where `None` leaves a
    parameter out. `signer` signs in place of `holder`, by `scheme` in place of `alg`, over the
    signing input and `tail`. `header_text` and `claims_text` say how the JSON is written.
    """
    thumbprint = {"x5t#S256": sha256(holder)} if alg == "PS256" else {"x5t": sha1(holder)}
    header: dict[str, object] = {"alg": alg, "typ": "JWT"}
    header |= {name: base64url(octets) for name, octets in thumbprint.items()}
    header |= head or {}
    members = {name: value for name, value in header.items() if value is not None}
    payload = {
        "aud": f"{LOGIN}/{TENANT}/oauth2/v2.0/token",
        "iss": CLIENT_ID,
        "sub": CLIENT_ID,
        "jti": "22222222-3333-4444-8555-666666666666",
        "iat": ISSUED,
        "nbf": ISSUED,
        "exp": EXPIRES,
    } | claims
    texts = (header_text(members), claims_text(payload))
    signing_input = ".".join(base64url(text.encode()) for text in texts)
    signature = sign(signing_input.encode() + tail, scheme or alg, key(signer or holder))
    return f"{signing_input}.{base64url(signature)}"


def shifted(*, minutes: int) -> str:
    """Return the assertion of a client whose clock is fast by so many `minutes`."""
    by = 60 * minutes
    return assertion(iat=ISSUED + by, nbf=ISSUED + by, exp=EXPIRES + by)


def exp_twice(claims: Mapping[str, object]) -> str:
    """Write `claims` with an earlier `exp` before the right one."""
    return compact(claims).replace('"exp":', f'"exp":{EXPIRES - 3600},"exp":')


def payload_changed() -> str:
    """Return an assertion whose `exp` was moved on by an hour after signing."""
    header, _, signature = assertion().split(".")
    return f"{header}.{assertion(exp=EXPIRES + 3600).split('.')[1]}.{signature}"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample assertion, and what `assertcheck verify` is to make of it at `AT`."""

    name: str
    """Of its file in `assertions/`; for a fault, the id of the one finding it draws."""
    make: Callable[[], str]
    _: KW_ONLY
    cert: str = "rsa-2048.pem"
    also: str = ""
    tenant: str = ""
    accepted: bool = False
    """If there is a finding all the same, it is a warning."""

    @property
    def finding(self) -> str | None:
        """The id of the finding; `None` for a good assertion."""
        return None if self.name.startswith("good-") else self.name

    @property
    def options(self) -> tuple[str, ...]:
        """What `assertcheck verify`, run in this folder, takes besides the file and `--at`."""
        values = {"--cert": self.cert, "--also": self.also, "--tenant": self.tenant}
        return tuple(part for option in values.items() if option[1] for part in option)

    def octets(self) -> bytes:
        """Return the content of its file."""
        return line(self.make())


SAMPLES = (
    Sample("good-rs256", assertion, accepted=True),
    Sample("good-ps256", lambda: assertion(alg="PS256"), accepted=True),
    Sample(
        "good-x5c",
        lambda: assertion(holder="leaf", head={"x5c": [standard(der(name)) for name in CHAIN]}),
        cert="chain.pem",
        accepted=True,
    ),
    Sample("x5t-is-hex", lambda: assertion(head={"x5t": sha1("rsa-2048").hex().upper()})),
    Sample(
        "x5t-base64-of-hex-text",
        lambda: assertion(head={"x5t": base64url(sha1("rsa-2048").hex().upper().encode())}),
    ),
    Sample("x5t-holds-sha256", lambda: assertion(head={"x5t": base64url(sha256("rsa-2048"))})),
    # The worked example of Microsoft's `certificate-credentials` page.
    Sample("x5t-unknown", lambda: assertion(head={"x5t": "hOBcHZi846VCHSJbFAs26Go9VTQ"})),
    Sample(
        "x5t-of-other-cert-than-signer",
        lambda: assertion(holder="other", signer="rsa-2048"),
        also="other.pem",
    ),
    Sample("x5t-of-renewed-cert-same-key", lambda: assertion(holder="renewed"), also="renewed.pem"),
    Sample(
        "x5t-of-issuer-cert",
        lambda: assertion(holder="intermediate", signer="leaf"),
        cert="chain.pem",
    ),
    Sample("wrong-certificate", lambda: assertion(holder="other"), also="other.pem"),
    Sample("signed-with-other-key", lambda: assertion(signer="other"), also="other.pem"),
    Sample(
        "signed-with-ca-key",
        lambda: assertion(holder="leaf", signer="intermediate"),
        cert="chain.pem",
    ),
    Sample("payload-changed-after-signing", payload_changed),
    Sample("pss-signature-under-rs256", lambda: assertion(scheme="PS256")),
    Sample("signed-trailing-newline", lambda: assertion(tail=b"\n")),
    Sample("signature-truncated", lambda: assertion()[:-42]),
    Sample("expired", lambda: shifted(minutes=-18)),
    Sample("not-yet-valid", lambda: shifted(minutes=24)),
    Sample(
        "time-in-milliseconds",
        lambda: assertion(iat=ISSUED * 1000, nbf=ISSUED * 1000, exp=EXPIRES * 1000),
    ),
    Sample(
        "aud-wrong-tenant",
        lambda: assertion(aud=f"{LOGIN}/{OTHER_GUID}/oauth2/v2.0/token"),
        tenant=TENANT,
    ),
    Sample(
        "aud-common",
        lambda: assertion(aud=f"{LOGIN}/common/oauth2/v2.0/token"),
        tenant=TENANT,
    ),
    Sample("aud-is-authority", lambda: assertion(aud=f"{LOGIN}/{TENANT}")),
    Sample("iss-sub-differ", lambda: assertion(sub=OTHER_GUID)),
    Sample("client-id-format", lambda: assertion(iss=f"{{{CLIENT_ID}}}", sub=f"{{{CLIENT_ID}}}")),
    Sample("no-key-identifier", lambda: assertion(head={"x5t": None})),
    Sample(
        "alg-not-supported", lambda: assertion(alg="ES256", holder="ec-p256"), cert="ec-p256.pem"
    ),
    Sample("typ-wrong", lambda: assertion(head={"typ": "at+jwt"})),
    Sample("header-not-allowed", lambda: assertion(head={"cty": "JWT"})),
    Sample("segment-count", lambda: assertion().rpartition(".")[0]),
    Sample("header-not-json", lambda: assertion(header_text=repr)),
    Sample("duplicate-json-key", lambda: assertion(claims_text=exp_twice), accepted=True),
    Sample("certificate-expired", lambda: assertion(holder="expired"), cert="expired.pem"),
    Sample(
        "certificate-not-yet-valid",
        lambda: assertion(holder="not-yet-valid"),
        cert="not-yet-valid.pem",
    ),
    Sample(
        "rsa-key-too-small",
        lambda: assertion(holder="rsa-1024"),
        cert="rsa-1024.pem",
        accepted=True,
    ),
)


def key_credential(name: str, **changes: object) -> Mapping[str, object]:
    """Return the certificate `name` as a member of `keyCredentials`, but for `changes`."""
    registered = certificate(name)
    return {
        "customKeyIdentifier": sha1(name).hex().upper(),
        "displayName": registered.subject.rfc4514_string(),
        "endDateTime": f"{registered.not_valid_after_utc:%Y-%m-%dT%H:%M:%SZ}",
        "key": standard(der(name)),
        "keyId": "88888888-0000-4000-8000-000000000001",
        "startDateTime": f"{registered.not_valid_before_utc:%Y-%m-%dT%H:%M:%SZ}",
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    } | changes


def application(*keys: Mapping[str, object], **changes: object) -> Mapping[str, object]:
    """Return an app registration with `keys` as Graph gives it, but for `changes`."""
    return {
        "@odata.context": f"{GRAPH}applications/$entity",
        "id": OBJECT_ID,
        "appId": CLIENT_ID,
        "displayName": "assertcheck sample app",
        "identifierUris": [f"api://{CLIENT_ID}"],
        "isFallbackPublicClient": None,
        "requestSignatureVerification": None,
        "signInAudience": "AzureADMyOrg",
        "keyCredentials": list(keys),
        "passwordCredentials": [],
        "web": {"redirectUris": ["https://app.example.com/callback"]},
        "spa": {"redirectUris": []},
        "publicClient": {"redirectUris": []},
    } | changes


def app_of_signed_requests() -> Mapping[str, object]:
    """Return the registration of an app whose SAML requests have to be signed."""
    return application(
        key_credential("rsa-2048"),
        identifierUris=[SP_ENTITY_ID],
        requestSignatureVerification={
            "isSignedRequestRequired": True,
            "allowedWeakAlgorithms": None,
        },
        web={"redirectUris": [ACS_URL]},
    )


def saml_principal(*, is_signing: bool) -> Mapping[str, object]:
    """Return the service principal of a SAML app, with or without what Entra ID signs with.

    That is three parts with one identifier: the private key, the certificate and a password.
    """
    identifier, password_id = standard(sha256("other")), "99999999-0000-4000-8000-000000000001"
    halves = (
        key_credential(
            "other",
            customKeyIdentifier=identifier,
            key=None,
            keyId=password_id,
            type="X509CertAndPassword",
            usage="Sign",
        ),
        key_credential("other", customKeyIdentifier=identifier),
    )
    password = {
        "customKeyIdentifier": identifier,
        "displayName": None,
        "endDateTime": halves[0]["endDateTime"],
        "hint": None,
        "keyId": password_id,
        "secretText": None,
        "startDateTime": halves[0]["startDateTime"],
    }
    return {
        "@odata.context": f"{GRAPH}servicePrincipals/$entity",
        "id": PRINCIPAL_ID,
        "accountEnabled": True,
        "appId": CLIENT_ID,
        "appOwnerOrganizationId": TENANT,
        "displayName": "assertcheck sample app",
        "keyCredentials": list(halves) if is_signing else [],
        "passwordCredentials": [password] if is_signing else [],
        "preferredSingleSignOnMode": "saml",
        "preferredTokenSigningKeyThumbprint": sha1("other").hex().upper() if is_signing else None,
        "replyUrls": [ACS_URL],
        "servicePrincipalNames": [SP_ENTITY_ID, CLIENT_ID],
        "servicePrincipalType": "Application",
    }


def federated_credential(name: str, subject: str) -> Mapping[str, object]:
    """Return the federated credential `name`, which trusts `subject` of GitHub."""
    return {
        "audiences": [EXCHANGE],
        "description": None,
        "id": str(UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4)),
        "issuer": GITHUB,
        "name": name,
        "subject": subject,
    }


def published(name: str) -> Mapping[str, object]:
    """Return the key of the certificate `name` as a JWK of the set that GitHub publishes."""
    taken = {member: jwk(name)[member] for member in ("kty", "use", "n", "e")}
    return taken | {"alg": "RS256", "kid": ISSUER_KIDS[name]}


def federated(*, repository: str = REPOSITORY, environment: str = "") -> str:
    """Return the token that GitHub Actions gives a job of `repository`, which deploys there."""
    workflow = f"{repository}/.github/workflows/deploy.yml@refs/heads/main"
    # A job with an environment has that in its subject in place of the branch.
    trigger = f"environment:{environment}" if environment else BRANCH
    claims: dict[str, object] = {
        "jti": "22222222-3333-4444-8555-666666666666",
        "sub": f"repo:{repository}:{trigger}",
        "aud": EXCHANGE,
        "ref": "refs/heads/main",
        "ref_type": "branch",
        "ref_protected": "true",
        "sha": hashlib.sha1(b"assertcheck sample", usedforsecurity=False).hexdigest(),
        "repository": repository,
        "repository_id": "821093847",
        "repository_owner": repository.partition("/")[0],
        "repository_owner_id": "5544123",
        "repository_visibility": "private",
        "actor": "someone",
        "actor_id": "12",
        "workflow": "deploy",
        "workflow_ref": workflow,
        "job_workflow_ref": workflow,
        "event_name": "push",
        "head_ref": "",
        "base_ref": "",
        "run_id": "4711",
        "run_number": "10",
        "run_attempt": "1",
        "runner_environment": "github-hosted",
        "iss": GITHUB,
        # GitHub dates `nbf` back by ten minutes and ends its tokens after five.
        "nbf": ISSUED - 600,
        "exp": ISSUED + 300,
        "iat": ISSUED,
    }
    claims |= {"environment": environment} if environment else {}
    head = {"kid": ISSUER_KIDS["leaf"]}
    return assertion(holder="leaf", head=head, claims_text=lambda _: compact(claims))


def sign_in_request(*, name_id_format: str = PERSISTENT, signature: str = "") -> str:
    """Return the XML of a SAML sign-in request with `signature` where SAML Core §3.2.1 has it."""
    return (
        '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
        ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
        f' ID="{REQUEST_ID}" Version="2.0" IssueInstant="{AT:%Y-%m-%dT%H:%M:%SZ}"'
        f' Destination="{SIGN_IN_URL}" AssertionConsumerServiceURL="{ACS_URL}"'
        ' ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST">'
        f"<saml:Issuer>{SP_ENTITY_ID}</saml:Issuer>{signature}"
        f'<samlp:NameIDPolicy Format="{name_id_format}"/></samlp:AuthnRequest>'
    )


def signed_request(**changes: str) -> str:
    """Return a sign-in request with an enveloped signature; `changes` are made after signing."""
    # C14N 2.0 without its options is exclusive C14N here: no processing instructions, no `xml:`
    # attributes.
    digest = hashlib.sha256(canonicalize(sign_in_request()).encode()).digest()
    # Written as C14N does: no element is empty, no attribute out of order.
    inside = (
        f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"></ds:CanonicalizationMethod>'
        f'<ds:SignatureMethod Algorithm="{RSA_SHA256}"></ds:SignatureMethod>'
        f'<ds:Reference URI="#{REQUEST_ID}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{XML_SIGNATURE}enveloped-signature"></ds:Transform>'
        f'<ds:Transform Algorithm="{EXCLUSIVE_C14N}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod>'
        f"<ds:DigestValue>{standard(digest)}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )
    # Exclusive C14N §3: what is signed declares the prefix that the element inherits.
    signed = f'<ds:SignedInfo xmlns:ds="{XML_SIGNATURE}">{inside}'
    value = sign(signed.encode(), "RS256", key("rsa-2048"))
    return sign_in_request(
        signature=f'<ds:Signature xmlns:ds="{XML_SIGNATURE}"><ds:SignedInfo>{inside}'
        f"<ds:SignatureValue>{standard(value)}</ds:SignatureValue><ds:KeyInfo><ds:X509Data>"
        f"<ds:X509Certificate>{standard(der('rsa-2048'))}</ds:X509Certificate>"
        "</ds:X509Data></ds:KeyInfo></ds:Signature>",
        **changes,
    )


def deflated(octets: bytes) -> bytes:
    """Return `octets`, at most 65,535, as one stored block of DEFLATE (RFC 1951 §3.2.4).

    What compresses differs from one zlib to the next; what is stored is the same everywhere.
    """
    length = len(octets)
    return b"\x01" + length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little") + octets


def signed_query(fields: Mapping[str, str], sent: Callable[[str], str] = str) -> str:
    """Return `fields` as SAML Bindings §3.4.4.1 signs them; `sent` re-encodes them afterwards."""
    query = encoded({**fields, "SigAlg": RSA_SHA256})
    signature = sign(query.encode(), "RS256", key("rsa-2048"))
    return f"{sent(query)}&{encoded({'Signature': standard(signature)})}"


def encoded(fields: Mapping[str, str]) -> str:
    """Return `fields` as a query or a form, all but unreserved characters percent-encoded."""
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())


def redirect(query: str) -> str:
    """Return the URL that a browser is sent to with `query`."""
    return f"{SIGN_IN_URL}?{query}"


def redirected(xml: str) -> Mapping[str, str]:
    """Return what the Redirect binding sends of the request `xml` (SAML Bindings §3.4.4.1)."""
    return {"SAMLRequest": standard(deflated(xml.encode())), "RelayState": RELAY_STATE}


def posted(xml: str) -> Mapping[str, str]:
    """Return what the POST binding sends of the request `xml` (SAML Bindings §3.5.4)."""
    return {"SAMLRequest": standard(xml.encode()), "RelayState": RELAY_STATE}


def as_a_form(query: str) -> str:
    """Encode `query` anew, as forms are; node-saml 4 and 5 do so after signing."""
    return query.replace("%20", "+").replace("~", "%7E")


EXPORTS: Mapping[str, Callable[[], object]] = {
    "registrations/app.json": lambda: application(key_credential("rsa-2048")),
    # `az ad app show` asks for all of it, not for `keyCredentials` by name: Graph keeps the key.
    "registrations/app-az.json": lambda: application(key_credential("rsa-2048", key=None)),
    "registrations/app-no-keys.json": application,
    "registrations/app-other-certificate.json": lambda: application(key_credential("other")),
    "registrations/app-expired.json": lambda: application(
        key_credential("rsa-2048", endDateTime="2026-01-01T00:00:00Z")
    ),
    "registrations/app-signed-requests.json": app_of_signed_requests,
    "registrations/sp-saml.json": lambda: saml_principal(is_signing=True),
    "registrations/sp-saml-no-signing-key.json": lambda: saml_principal(is_signing=False),
    "federated/credentials.json": lambda: [
        federated_credential("github-main", f"repo:{REPOSITORY}:{BRANCH}"),
        federated_credential("github-pull-requests", f"repo:{REPOSITORY}:pull_request"),
    ],
    "federated/jwks.json": lambda: {"keys": [published(name) for name in ISSUER_KIDS]},
}
"""What is exported as JSON."""

TEXTS: Mapping[str, Callable[[], str]] = {
    "assertions/federated-github.jwt": federated,
    "assertions/federated-subject-case.jwt": lambda: federated(repository="Contoso/payments"),
    "assertions/federated-subject-mismatch.jwt": lambda: federated(environment="production"),
    "saml/redirect-signed.txt": lambda: redirect(signed_query(redirected(sign_in_request()))),
    "saml/redirect-signature-in-xml.txt": lambda: redirect(encoded(redirected(signed_request()))),
    "saml/redirect-reencoded.txt": lambda: redirect(
        signed_query(redirected(sign_in_request()), as_a_form)
    ),
    "saml/redirect-unsigned.txt": lambda: redirect(encoded(redirected(sign_in_request()))),
    "saml/post-signed.txt": lambda: encoded(posted(signed_request())),
    "saml/post-signature-in-form.txt": lambda: signed_query(posted(sign_in_request())),
    "saml/post-changed.txt": lambda: encoded(posted(signed_request(name_id_format=EMAIL_ADDRESS))),
}
"""What is one line of text: tokens of another issuer, and SAML requests as they are sent."""


@dataclass(frozen=True, slots=True)
class Run:
    """A command of `assertcheck` over a sample of these, and what it is to say at `AT`."""

    shown: str
    """The file that it is about."""
    command: str
    finding: str | None = None
    """The id of the one error it draws; without it, all is well."""
    _: KW_ONLY
    over: str = ""
    """The file it reads, if not the one it is about."""
    cert: str = ""
    app: str = ""
    federated: str = ""

    @property
    def options(self) -> tuple[str, ...]:
        """What the command, run in this folder, takes besides its file and `--at`."""
        values = {"--cert": self.cert, "--app": self.app, "--federated": self.federated}
        return tuple(part for option in values.items() if option[1] for part in option)

    @property
    def line(self) -> str:
        """The command as typed in this folder, without `assertcheck` and `--at`."""
        return " ".join((self.command, self.over or self.shown, *self.options))


def verify_with(name: str, finding: str | None = None) -> Run:
    """Return the run that judges the good assertion by the registration `name`."""
    path = f"registrations/{name}.json"
    over = "assertions/good-rs256.jwt"
    return Run(path, "verify", finding, over=over, cert="rsa-2048.pem", app=path)


def verify_federated(name: str, finding: str | None = None) -> Run:
    """Return the run that judges the token `name` of another issuer."""
    jwks, credentials = "federated/jwks.json", "federated/credentials.json"
    return Run(f"assertions/{name}.jwt", "verify", finding, cert=jwks, federated=credentials)


def saml(name: str, finding: str | None = None) -> Run:
    """Return the run that judges the sign-in request `name`."""
    return Run(f"saml/{name}.txt", "saml", finding, app="registrations/app-signed-requests.json")


RUNS = (
    Run("registrations/app.json", "app"),
    verify_with("app"),
    Run("registrations/app-az.json", "app"),
    verify_with("app-az"),
    Run("registrations/app-no-keys.json", "app", "no-keys-registered"),
    verify_with("app-no-keys", "no-keys-registered"),
    Run("registrations/app-other-certificate.json", "app"),
    verify_with("app-other-certificate", "certificate-not-registered"),
    Run("registrations/app-expired.json", "app", "all-keys-expired"),
    verify_with("app-expired", "registered-key-expired"),
    Run("registrations/app-signed-requests.json", "app"),
    Run("registrations/sp-saml.json", "app"),
    Run("registrations/sp-saml-no-signing-key.json", "app", "saml-signing-key-missing"),
    verify_federated("federated-github"),
    verify_federated("federated-subject-case", "federated-subject-case"),
    verify_federated("federated-subject-mismatch", "federated-subject-mismatch"),
    saml("redirect-signed"),
    saml("redirect-signature-in-xml", "saml-signature-in-wrong-place"),
    saml("redirect-reencoded", "saml-query-reencoded"),
    saml("redirect-unsigned", "saml-request-not-signed"),
    saml("post-signed"),
    saml("post-signature-in-form", "saml-signature-in-wrong-place"),
    saml("post-changed", "saml-content-changed"),
)


def exported(make: Callable[[], object]) -> bytes:
    """Return what `make` gives as the JSON of a file."""
    return line(json.dumps(make(), indent=2))


def typed(make: Callable[[], str]) -> bytes:
    """Return what `make` gives as the one line of a file."""
    return line(make())


def files() -> Mapping[str, Callable[[], bytes]]:
    """Return how each file of this folder is made, by its name."""
    leaf_first = "chain.pem: an app's certificate with those that issued it, the leaf first\n"
    root_first = "chain-root-first.pem: the same chain the wrong way round, the root first\n"
    crlf = "crlf.pem: rsa-2048.pem with the line ends of Windows\n"
    return {
        **{f"{name}.pem": partial(pem, name) for name in RECIPES},
        "chain.pem": lambda: bundle(leaf_first, *CHAIN),
        "chain-root-first.pem": lambda: bundle(root_first, *reversed(CHAIN)),
        "crlf.pem": lambda: bundle(crlf, "rsa-2048").replace(b"\n", b"\r\n"),
        "rsa-2048.der": lambda: der("rsa-2048"),
        "rsa-2048.cer": lambda: der("rsa-2048"),
        "rsa-2048.p7b": lambda: p7b("rsa-2048"),
        "rsa-2048.pfx": lambda: pfx("rsa-2048"),
        "rsa-2048.pfx.password.txt": lambda: line(PFX_PASSWORD),
        "rsa-2048.jwk.json": lambda: line(json.dumps(jwk("rsa-2048"), indent=2)),
        "jwks.json": lambda: line(json.dumps({"keys": [jwk("rsa-2048"), jwk("other")]}, indent=2)),
        **{f"assertions/{s.name}.jwt": s.octets for s in SAMPLES},
        **{name: partial(exported, make) for name, make in EXPORTS.items()},
        **{name: partial(typed, make) for name, make in TEXTS.items()},
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Write all files; say which salted ones are kept."""
    parser = argparse.ArgumentParser(description="make the samples")
    parser.add_argument("--into", type=Path, default=HERE, metavar="DIR", help="write them there")
    parser.add_argument("--overwrite", action="store_true", help="make the salted ones anew, too")
    options = parser.parse_args(arguments)
    for name, make in files().items():
        path: Path = options.into / name
        if name in SALTED and path.exists() and not options.overwrite:
            print(f"kept {name}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make())


if __name__ == "__main__":
    main()
