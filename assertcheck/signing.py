"""Makes a right assertion from a certificate and its private key, and the token request for it."""

from __future__ import annotations

import base64
import json
import shlex
import uuid
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from assertcheck.authority import MULTI_TENANT, Form, read_endpoint, token_endpoint
from assertcheck.errors import AssertcheckError, CertificateError
from assertcheck.expectation import expect
from assertcheck.keys.files import KeySource, read_sources
from assertcheck.keys.private_key import belongs_to, private_key_from
from assertcheck.model import Expected, Role
from assertcheck.words import date, listed, span

if TYPE_CHECKING:
    from assertcheck.keys.password import Password
    from assertcheck.keys.private_key import PrivateKey
    from assertcheck.model import Candidate, Certificate

LIFETIME = timedelta(minutes=10)
"""From `iat` to `exp`, unless asked for more."""
LONGEST = timedelta(days=1)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""RFC 7523 §2.2."""
_DEFAULT = "/.default"
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
_SCOPES = {
    "public": f"https://graph.microsoft.com{_DEFAULT}",
    "usgov": f"https://graph.microsoft.us{_DEFAULT}",
    "china": f"https://microsoftgraph.chinacloudapi.cn{_DEFAULT}",
}
"""Microsoft Graph in each cloud."""
_IDENTIFIERS = {
    # ENTRA 10: what is taken. RFC 7515 §4.1.7 and §4.1.8: SHA-1 and SHA-256 of the DER.
    "PS256": "x5t#S256",
    "PS384": "x5t#S256",
    "PS512": "x5t#S256",
    "RS256": "x5t",
    "RS384": "x5t",
    "RS512": "x5t",
}
"""The algorithms to sign with, and the header parameter that goes with each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A private key, and the certificates at hand, of which one should be its own."""

    key: PrivateKey
    certificates: tuple[Candidate, ...]
    """Those of `--cert`, the leaf first."""

    @property
    def own(self) -> Candidate | None:
        """The certificate that the key belongs to, of those that are meant: no issuer's."""
        meant = (each for each in self.certificates if each.role is Role.REGISTERED)
        return next((each for each in meant if belongs_to(self.key, each)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A token request with an assertion in it that was just signed."""

    url: str
    form: Mapping[str, str] = field(repr=False)
    """The body: its `client_assertion` is a credential."""
    notes: tuple[str, ...]
    """What the user should know of it."""

    @property
    def assertion(self) -> str:
        """The assertion alone."""
        return self.form["client_assertion"]


def sign(
    cert: KeySource,
    *,
    key: KeySource | None = None,
    client_id: str,
    tenant: str | None = None,
    cloud: str | None = None,
    token_url: str | None = None,
    alg: str = "PS256",
    x5c: bool = False,
    lifetime: timedelta = LIFETIME,
    password: Password = None,
    now: datetime | None = None,
) -> str:
    """Return an assertion as Entra ID takes it, signed with the private key of `cert`.

    `cert` is a file or the octets of one, and so is `key` where the private key is not in `cert`.
    The assertion is made out by the app `client_id` to the token endpoint of `tenant` in `cloud`
    (`public` unless said), or to `token_url` in their place. `alg` is PS256, RS256 or one of their
    kin; `x5c` sends the certificates along. It holds from `now`, aware, for `lifetime`.

    Raise `CertificateError` if a file cannot serve or the key does not belong to the certificate,
    and `AssertcheckError` if another value makes no sense. An expired certificate signs.
    """
    return sign_request(
        cert,
        key=key,
        client_id=client_id,
        tenant=tenant,
        cloud=cloud,
        token_url=token_url,
        alg=alg,
        x5c=x5c,
        lifetime=lifetime,
        password=password,
        now=now,
    ).assertion


def sign_request(
    cert: KeySource,
    *,
    key: KeySource | None = None,
    client_id: str | None = None,
    tenant: str | None = None,
    cloud: str | None = None,
    token_url: str | None = None,
    scope: str | None = None,
    alg: str = "PS256",
    x5c: bool = False,
    lifetime: timedelta = LIFETIME,
    password: Password = None,
    now: datetime | None = None,
) -> SignedRequest:
    """Return the token request with the assertion that `sign` makes, for `scope`.

    Without a scope it asks for Microsoft Graph in the cloud of the request.
    """
    expected = addressed(client_id=client_id, tenant=tenant, cloud=cloud, token_url=token_url)
    pair = read_pair(cert, key, password)
    own = _own(pair)
    moment = now or datetime.now(UTC)
    assertion = assertion_of(
        pair.key,
        own,
        expected=expected,
        alg=alg,
        x5c=pair.certificates if x5c else (),
        lifetime=lifetime,
        now=moment,
    )
    return SignedRequest(
        url=str(expected.token_url),
        form={
            "grant_type": "client_credentials",
            "client_id": str(expected.client_id),
            **_resource(expected, scope),
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        },
        notes=tuple(_notes(own, lifetime, moment)),
    )


def addressed(
    *, client_id: str | None, tenant: str | None, cloud: str | None, token_url: str | None
) -> Expected:
    """Return whom the assertion is from and the endpoint it goes to, nothing left open.

    Raise `AssertcheckError` where a value is missing, contradicts another, or makes no sense.
    """
    if client_id is None:
        raise AssertcheckError(
            "no client id was given",
            hint="add --client-id with the Application (client) ID from the app's overview",
        )
    if token_url is None and tenant is None:
        raise AssertcheckError(
            "no tenant was given",
            hint="add --tenant GUID or --tenant DOMAIN: its token endpoint goes into aud",
        )
    if token_url is not None and (tenant or cloud):
        raise AssertcheckError(
            f"a token URL and a {'tenant' if tenant else 'cloud'} are both given",
            hint="leave one of them out: the URL names both tenant and cloud",
        )
    expected = expect(client_id=client_id, tenant=tenant, token_url=token_url, cloud=cloud)
    if token_url is None:
        expected = replace(expected, cloud=cloud or "public")
    url = _token_url(expected)
    return replace(expected, client_id=client_id.lower(), token_url=url)


def read_pair(cert: KeySource, key: KeySource | None, password: Password) -> KeyPair:
    """Return the private key in `key`, else in `cert`, and the certificates in `cert`.

    Raise `CertificateError` if there is no private key or no certificate.
    """
    private = private_key_from(cert if key is None else key, password)
    beside = (
        private.certificates if key is None else read_sources((cert,), Role.REGISTERED, password)
    )
    certificates = tuple(each for each in beside if each.certificate)
    if not certificates:
        name = beside[0].label if beside else private.label
        raise CertificateError(
            f"{name} holds a key and no certificate",
            hint="give the certificate to --cert, and the private key to --key",
        )
    return KeyPair(key=private, certificates=certificates)


def assertion_of(
    key: PrivateKey,
    certificate: Candidate,
    *,
    expected: Expected,
    alg: str,
    x5c: Sequence[Candidate],
    lifetime: timedelta,
    now: datetime,
) -> str:
    """Return an assertion that names `certificate` and is signed with `key`, its own or not.

    `x5c` are the certificates to send along with it, in any order. Raise `CertificateError` if
    the key cannot sign it, and `AssertcheckError` for an `alg` or a `lifetime` that makes no sense.
    """
    if alg not in _IDENTIFIERS:
        raise AssertcheckError(
            "the algorithm is none that Entra ID takes for client assertions",
            hint=f"choose {listed(list(_IDENTIFIERS), last='or')}",
        )
    if not timedelta(seconds=1) <= lifetime <= LONGEST:
        raise AssertcheckError(
            f"the lifetime is not between 1 s and {span(LONGEST)}",
            hint="10 minutes are enough: sign a new assertion for each token request",
        )
    issued = int(now.timestamp())
    claims: dict[str, object] = {
        "aud": expected.token_url,
        "iss": expected.client_id,
        "sub": expected.client_id,
        "jti": str(uuid.uuid4()),
        "nbf": issued,
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
    }
    return _signed(claims, key, alg, _identifiers(certificate, alg, x5c))


def as_curl(request: SignedRequest) -> str:
    """Return a command for a shell that sends `request`."""
    fields = (
        f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in request.form.items()
    )
    return " \\\n  ".join((f"curl {shlex.quote(request.url)}", *fields)) + "\n"


def as_json(request: SignedRequest) -> str:
    """Return `request` as a JSON object: `url`, `method`, `headers` and `form`."""
    members = {
        "url": request.url,
        "method": "POST",
        "headers": _HEADERS,
        "form": dict(request.form),
    }
    return json.dumps(members, indent=2) + "\n"


def _own(pair: KeyPair) -> Candidate:
    """Return the certificate that the key belongs to; raise `CertificateError` if none is."""
    if pair.own is None:
        others = listed([_described(each) for each in pair.certificates], last="or")
        raise CertificateError(
            f"the private key in {pair.key.label} ({pair.key.key_text}) does not belong to {others}",
            hint="give the key that the certificate was made with, or the certificate that was "
            "made with this key",
        )
    return pair.own


def _described(candidate: Candidate) -> str:
    certificate = candidate.certificate
    thumbprint = f", thumbprint {certificate.sha1.hex().upper()}" if certificate else ""
    return f"{candidate.label} ({candidate.key_text}{thumbprint})"


def _token_url(expected: Expected) -> str:
    if expected.token_url is None:
        tenant, cloud = str(expected.tenant), str(expected.cloud)
        if tenant in MULTI_TENANT:
            raise AssertcheckError(
                f"{tenant} stands for no tenant in particular",
                hint="give the GUID or a domain name of the tenant to sign in to",
            )
        return token_endpoint(cloud=cloud, tenant=tenant)
    # ENTRA 12: what libraries put behind it is the request's own matter, and not part of `aud`.
    url = expected.token_url.partition("#")[0].partition("?")[0]
    endpoint = read_endpoint(url)
    # AD FS, B2C, CIAM and stand-ins of one's own have paths of their own.
    is_entra = endpoint and (endpoint.cloud or endpoint.is_resource) and not endpoint.own_rules
    if endpoint and is_entra and endpoint.form not in (Form.TOKEN_V2, Form.TOKEN_V1):
        raise AssertcheckError(
            "the token URL is no token endpoint",
            hint="give the URL that ends in /oauth2/v2.0/token, or --tenant in its place",
        )
    return url


def _resource(expected: Expected, scope: str | None) -> dict[str, str]:
    """Return what to ask a token for, in the parameter that the endpoint has for it."""
    wanted = scope or _SCOPES[expected.cloud or "public"]
    endpoint = read_endpoint(str(expected.token_url))
    if endpoint and endpoint.form is Form.TOKEN_V1:
        return {"resource": wanted.removesuffix(_DEFAULT)}
    return {"scope": wanted}


def _identifiers(
    candidate: Candidate, alg: str, x5c: Sequence[Candidate]
) -> dict[str, str | list[str]]:
    """Return the header parameters that say whose key signs."""
    chain = _chain((candidate, *x5c))
    name = _IDENTIFIERS[alg]
    digest = chain[0].sha256 if name == "x5t#S256" else chain[0].sha1
    header: dict[str, str | list[str]] = {
        name: base64.urlsafe_b64encode(digest).decode().rstrip("=")
    }
    if x5c:
        # RFC 7515 §4.1.6: standard base64, unlike all else in a JWT.
        header["x5c"] = [base64.b64encode(each.der).decode() for each in chain]
    return header


def _chain(candidates: Sequence[Candidate]) -> list[Certificate]:
    """Return the first certificate and, as far as they are there, those that issued it in turn."""
    first, *others = (each.certificate for each in candidates if each.certificate)
    chain = [first]
    while chain[-1].issuer != chain[-1].subject:
        name = chain[-1].issuer
        # CAs that issued each other would lead round and round.
        left = (each for each in others if each not in chain)
        issuer = next((each for each in left if each.subject == name), None)
        if issuer is None:
            break
        chain.append(issuer)
    return chain


def _signed(
    claims: dict[str, object], key: PrivateKey, alg: str, header: dict[str, str | list[str]]
) -> str:
    if not isinstance(key.key, rsa.RSAPrivateKey):
        raise CertificateError(
            f"{key.label} holds a private key of the kind {key.key_text}, and Entra ID takes the "
            "signatures of RSA keys only",
            hint="make a certificate with an RSA key and register it: "
            "`assertcheck explain ec-key-not-supported` has the command",
        )
    try:
        with warnings.catch_warnings():
            # Of a small key, which is no fault of the invocation.
            warnings.simplefilter("ignore")
            return jwt.encode(claims, key.key, algorithm=alg, headers=header)
    except ValueError as cause:
        raise CertificateError(
            f"{key.label} holds a key of the kind {key.key_text}, which is too small for {alg}",
            hint="make a certificate with an RSA key of 2048 bits or more",
        ) from cause


def _notes(candidate: Candidate, lifetime: timedelta, now: datetime) -> Iterator[str]:
    certificate = candidate.certificate
    if certificate and certificate.not_after < now:
        ended = date(certificate.not_after)
        yield f"{candidate.label} ended at {ended}: Entra ID likely refuses what it signs"
    if certificate and certificate.not_before > now:
        begins = date(certificate.not_before)
        yield f"{candidate.label} begins at {begins}: Entra ID likely refuses what it signs till then"
    if lifetime > LIFETIME:
        yield f"whoever has this assertion can sign in as the app for {span(lifetime)}"
