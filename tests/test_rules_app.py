"""The rules on a registration: a row is what is registered, and the whole set of what is found.

Rows with an empty set are the nearest to a fault that has none.
"""

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from assertcheck.aadsts.catalogue import entry
from assertcheck.app_report import report_on_registrations
from assertcheck.graph import (
    Content,
    KeyCredential,
    PasswordCredential,
    Registration,
    RequestSignature,
    Source,
)
from assertcheck.model import Candidate, Certificate, Report, Role
from assertcheck.rules.app import RULES
from assertcheck.rules.rule import Rule
from tests.build import CLIENT_ID, NOW, TENANT, certificate, der, ec_key, key, pem

DAY = timedelta(days=1)
START, END = NOW - 30 * DAY, NOW + 335 * DAY
IDS = [rule.id for rule in RULES]
BORROWED = {"app-disabled", "ec-key-not-supported", "rsa-key-too-small"}
"""Rules of another family, of which one may name rules of its own in `unless`."""
GUIDS = {letter: f"{letter * 8}-0000-4000-8000-000000000000" for letter in "abcdef"}
LEFT_OUT = "leaves out what the keys hold"


def sha1(cert: x509.Certificate) -> bytes:
    return hashlib.sha1(der(cert)).digest()


def sha256(octets: bytes) -> bytes:
    return hashlib.sha256(octets).digest()


def candidate(cert: x509.Certificate, label: str, *, text: bytes | None = None) -> Candidate:
    public = cert.public_key()
    kind = f"RSA {public.key_size}" if isinstance(public, rsa.RSAPublicKey) else "EC P-256"
    return Candidate(
        label=label,
        role=Role.REGISTERED,
        key=public,
        key_text=kind,
        certificate=Certificate(
            der=der(cert),
            text=text,
            subject=cert.subject.rfc4514_string(),
            issuer=cert.issuer.rfc4514_string(),
            serial_number=cert.serial_number,
            not_before=cert.not_valid_before_utc,
            not_after=cert.not_valid_after_utc,
            sha1=sha1(cert),
            sha256=sha256(der(cert)),
            is_ca=False,
        ),
    )


def credential(
    cert: x509.Certificate | None = None, label: str = "app.json[0]", **changes: Any
) -> KeyCredential:
    """A key as an export shows it that holds everything."""
    cert = cert or certificate()
    text = changes.pop("text", None)
    base: dict[str, Any] = {
        "label": label,
        "key_id": GUIDS["a"],
        "display_name": "CN=my-app",
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "start": cert.not_valid_before_utc,
        "end": cert.not_valid_after_utc,
        "identifier": sha1(cert),
        "identifier_text": sha1(cert).hex().upper(),
        "content": Content.CERTIFICATE,
        "candidate": candidate(cert, label, text=text),
    }
    return KeyCredential(**(base | changes))


def bare(label: str = "app.json[0]", **changes: Any) -> KeyCredential:
    """A key whose `key` the export leaves out."""
    cert = changes.pop("cert", None)
    return credential(cert, label, **({"content": Content.NONE, "candidate": None} | changes))


def identified(identifier: bytes, **changes: Any) -> KeyCredential:
    return credential(identifier=identifier, identifier_text=identifier.hex().upper(), **changes)


def between(start: datetime, end: datetime, label: str = "app.json[0]") -> KeyCredential:
    """A key whose certificate is valid in that time."""
    return credential(certificate(f"app{label[-2]}", holder=key(), start=start, end=end), label)


def secret(**changes: Any) -> PasswordCredential:
    base: dict[str, Any] = {
        "label": "app.json passwordCredentials[0]",
        "key_id": GUIDS["b"],
        "display_name": "deployment",
        "start": START,
        "end": END,
        "identifier": None,
    }
    return PasswordCredential(**(base | changes))


def application(*keys: KeyCredential, **changes: Any) -> Registration:
    base: dict[str, Any] = {
        "label": "app.json",
        "source": Source.APPLICATION,
        "app_id": CLIENT_ID,
        "object_id": GUIDS["c"],
        "display_name": "my app",
        "tenant": None,
        "keys": keys,
        "passwords": (),
        "identifier_uris": (),
        "service_principal_names": (),
        "reply_urls": (),
        "preferred_thumbprint": None,
        "single_sign_on": None,
        "request_signature": None,
        "is_enabled": None,
        "is_public": None,
        "has_trusted_subjects": None,
    }
    return Registration(**(base | changes))


def principal(*keys: KeyCredential, **changes: Any) -> Registration:
    base = {
        "label": "sp.json",
        "source": Source.SERVICE_PRINCIPAL,
        "tenant": TENANT,
        "is_enabled": True,
        "object_id": GUIDS["d"],
    }
    return application(*keys, **(base | changes))


def sign(cert: x509.Certificate | None = None, index: int = 0, **changes: Any) -> KeyCredential:
    """The half that Entra ID signs with, which no export shows."""
    base = {
        "cert": cert,
        "usage": "Sign",
        "type": "X509CertAndPassword",
        "key_id": GUIDS["ef"[index // 2]],
    }
    return bare(f"sp.json[{index}]", **(base | changes))


def verify(cert: x509.Certificate | None = None, index: int = 1, **changes: Any) -> KeyCredential:
    return credential(cert, f"sp.json[{index}]", **changes)


def opener(cert: x509.Certificate | None = None, index: int = 0, **changes: Any) -> Any:
    """The password of a signing key."""
    cert = cert or certificate()
    base = {
        "key_id": GUIDS["ef"[index // 2]],
        "identifier": sha1(cert),
        "start": cert.not_valid_before_utc,
        "end": cert.not_valid_after_utc,
    }
    return secret(**(base | changes))


def saml(*keys: KeyCredential, **changes: Any) -> Registration:
    base = {
        "single_sign_on": "saml",
        "preferred_thumbprint": sha1(certificate()).hex(),
        "passwords": (opener(),),
    }
    return principal(*(keys or (sign(), verify())), **(base | changes))


def with_identifier(identifier: bytes | None, active: str | None = None, **more: Any) -> Any:
    """A SAML service principal whose signing key has that identifier in all its parts."""
    text = identifier.hex() if identifier else None
    halves: dict[str, Any] = {"identifier": identifier, "identifier_text": text}
    whole = {"passwords": (opener(identifier=identifier),)} | more
    if active is not None:
        whole["preferred_thumbprint"] = active
    return saml(sign(**halves), verify(**halves), **whole)


def required(*keys: KeyCredential, **changes: Any) -> Registration:
    signature = RequestSignature(is_required=True, weak_algorithms=())
    return application(*keys, request_signature=signature, **changes)


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    objects: tuple[Registration, ...]
    finds: set[str] = field(default_factory=set)
    open: str | tuple[str, ...] | None = None
    """What that which is not checked says, in part."""
    verdict: str | None = None
    min_days: int | None = 30


def row(name: str, what: Any, *finds: str, **more: Any) -> Row:
    objects = what if isinstance(what, tuple) else (what,)
    return Row(name=name, objects=objects, finds=set(finds), **more)


OLD = certificate("old", holder=key(), start=NOW - 400 * DAY, end=NOW - 20 * DAY)
YOUNG = certificate("young", holder=key(), start=NOW + 5 * DAY, end=NOW + 400 * DAY)
SOON = certificate("soon", holder=key(), start=START, end=NOW + 10 * DAY)
NEXT = certificate("next", holder=key(), start=START, end=END)
OWN = sha1(certificate())
HEX = OWN.hex().upper()
PUBLIC = replace(candidate(certificate(), "app.json[0]"), certificate=None)
SMALL = certificate("small", holder=key("small", 1024))

SOUND = [
    row("one certificate", application(credential())),
    row("one certificate and a secret", application(credential(), passwords=(secret(),))),
    row("a list of credentials", application(credential(), source=Source.CREDENTIALS, app_id=None)),
    row("no clock for the end", application(credential()), min_days=None),
    row("a SAML app", saml()),
    row("a SAML app and its application", (application(), saml())),
    row("a SAML app whose requests are signed", (required(credential()), saml())),
    row("an app and its principal", (application(credential()), principal())),
    row("an app whose key is on its principal", (application(), principal(verify()))),
    row("a key for encryption besides", application(credential(), bare("b[1]", usage="Encrypt"))),
    row("keys left out, and nothing else", application(bare()), open=LEFT_OUT),
]

WHOLE = [
    row("disabled", principal(verify(), is_enabled=False), "app-disabled"),
    row("enabled", principal(verify(), is_enabled=True)),
    row("nothing at all", application(), "no-keys-registered"),
    row(
        "nothing at all on either",
        (application(), principal(passwords=None)),
        "no-keys-registered",
    ),
    row(
        "nothing at all, and trusts subjects",
        application(has_trusted_subjects=True),
        "trusted-subjects",
        open="trusts certificates by subject name",
        verdict="incomplete",
    ),
    row(
        "no keys in the export",
        application(keys=None),
        open="leaves keyCredentials out; export it with `az rest ",
        verdict="incomplete",
    ),
    row(
        "no keys in the export, but secrets",
        application(keys=None, passwords=(secret(),)),
        open="leaves keyCredentials out",
        verdict="incomplete",
    ),
    row(
        "no keys in the export, and disabled",
        (application(keys=None), principal(is_enabled=False)),
        "app-disabled",
        open="leaves keyCredentials out",
    ),
    row(
        "keys cut off",
        application(keys=None, cut_off=("KeyCredentials",)),
        open="keyCredentials were cut off in app.json; export it again with `ConvertTo-Json",
        verdict="incomplete",
    ),
    row(
        "keys cut off within",
        application(bare(), cut_off=("KeyCredentials.Key",)),
        open="leaves out what the keys hold; export it again with `ConvertTo-Json",
    ),
    row(
        "something else cut off",
        application(bare(), cut_off=("ReplyUrls",)),
        open="leaves out what the keys hold; `az rest ",
    ),
    row(
        "no keys in the export of the principal",
        saml(keys=None),
        open="keyCredentials out",
        verdict="incomplete",
    ),
    row(
        "no keys in the export of the app, but of its SAML principal",
        (application(keys=None), saml()),
        open="keyCredentials out",
    ),
    row(
        "no keys in the export of a principal, but of its app",
        (application(credential()), principal(keys=None)),
        open="keyCredentials out",
    ),
    row(
        "no keys in the export of a principal, and none of its app",
        (application(), principal(keys=None)),
        open="keyCredentials out",
        verdict="incomplete",
    ),
    row(
        "no keys in the export of the app, but one on the principal",
        (application(keys=None), principal(verify())),
        open="keyCredentials out",
    ),
    row(
        "a principal alone",
        principal(),
        open="does not show the keys of its app",
        verdict="incomplete",
    ),
    row(
        "a principal alone with a key for encryption",
        principal(bare("sp.json[0]", usage="Encrypt")),
        open="does not show the keys of its app",
        verdict="incomplete",
    ),
    row("a principal alone with a key", principal(verify())),
    row(
        "a principal of OpenID Connect with a thumbprint left",
        saml(keys=(), single_sign_on="oidc", passwords=()),
        open="does not show the keys of its app",
        verdict="incomplete",
    ),
    row(
        "single-page app",
        application(platforms=("spa",)),
        "no-keys-registered",
    ),
    row("public client", application(platforms=("spa", "publicClient")), "no-keys-registered"),
    row("web app", application(platforms=("web", "spa")), "no-keys-registered"),
    row("API", application(has_scopes=True), "no-keys-registered"),
    row("API of roles", application(has_roles=True), "no-keys-registered"),
    row(
        "implicit flow",
        application(platforms=("web",), has_implicit_flow=True),
        "no-keys-registered",
    ),
    row(
        "nothing at all, and not what it is there for",
        application(is_purpose_shown=False),
        open="has neither a certificate nor a secret, and does not show whether it needs one; "
        "export it with `az rest ",
        verdict="incomplete",
    ),
    row(
        "nothing at all, and what it is there for cut off",
        application(cut_off=("Spa",)),
        open="does not show whether it needs one; export it again with `ConvertTo-Json",
        verdict="incomplete",
    ),
    row(
        "single-page app, and whether it is a web app cut off",
        application(platforms=("spa",), cut_off=("Web.RedirectUris",)),
        open="does not show whether it needs one",
        verdict="incomplete",
    ),
    row(
        "web app, and the rest cut off",
        application(platforms=("web",), cut_off=("Spa", "Api")),
        "no-keys-registered",
    ),
    row("only a secret", application(passwords=(secret(),)), "no-certificate-registered"),
    row(
        "only a secret, on the principal",
        (application(), principal(passwords=(secret(),))),
        "no-certificate-registered",
    ),
    row(
        "no certificate, secrets unknown",
        application(passwords=None),
        "no-certificate-registered",
        open="whether it has secrets is not known",
        verdict="incomplete",
    ),
    row(
        "no certificate, secrets of the app unknown",
        (application(passwords=None), principal(passwords=(secret(),))),
        "no-certificate-registered",
    ),
    row(
        "only a key for encryption",
        application(bare(usage="Encrypt")),
        "registered-key-usage-sign",
    ),
    row(
        "a key for encryption and a secret",
        application(bare(usage="Encrypt"), passwords=(secret(),)),
        "no-certificate-registered",
    ),
    row("a key for encryption of a SAML app", (application(bare(usage="Encrypt")), saml())),
    row(
        "a key for encryption of an app that looks like a SAML app",
        application(
            bare(usage="Encrypt"), platforms=("web",), identifier_uris=("https://x.example",)
        ),
    ),
    row(
        "the key that tokens are encrypted for",
        application(bare(usage="Encrypt"), encryption_key_id=GUIDS["a"]),
        "no-certificate-registered",
    ),
    row(
        "the key that tokens are encrypted for, of an app that looks like a SAML app",
        application(
            bare(usage="Encrypt"),
            encryption_key_id=GUIDS["a"],
            platforms=("web",),
            identifier_uris=("https://x.example",),
        ),
    ),
    row(
        "another than the key that tokens are encrypted for",
        application(bare(usage="Encrypt"), encryption_key_id=GUIDS["b"]),
        "registered-key-usage-sign",
    ),
    row("public without keys", application(is_public=True), "app-is-public-client"),
    row("public", application(credential(), is_public=True), "app-is-public-client"),
    row("not public", application(credential(), is_public=False)),
    row(
        "trusted by subject",
        application(credential(), has_trusted_subjects=True),
        "trusted-subjects",
    ),
    row("trusts no subject", application(credential(), has_trusted_subjects=False)),
    row(
        "trusted by subject, and an expired key",
        application(credential(OLD), has_trusted_subjects=True),
        "trusted-subjects",
        "expired-key-left",
        open="trusts certificates by subject name",
        verdict="incomplete",
    ),
    row(
        "trusted by subject, and a key to come",
        application(credential(YOUNG), has_trusted_subjects=True),
        "trusted-subjects",
        open="trusts certificates by subject name",
        verdict="incomplete",
    ),
    row(
        "trusted by subject, and a secret",
        application(passwords=(secret(),), has_trusted_subjects=True),
        "trusted-subjects",
        "no-certificate-registered",
    ),
    row(
        "trusted by subject, and public",
        application(is_public=True, has_trusted_subjects=True),
        "trusted-subjects",
        "app-is-public-client",
    ),
]

CONTENTS = [
    row(
        "private key",
        application(credential(content=Content.PRIVATE_KEY, candidate=None)),
        "private-key-uploaded",
    ),
    row(
        "private key without an id",
        application(credential(content=Content.PRIVATE_KEY, key_id=None)),
        "private-key-uploaded",
    ),
    row("private key to sign with", saml(sign(content=Content.PRIVATE_KEY), verify())),
    row(
        "unreadable",
        application(bare(content=Content.UNREADABLE, notes=("its key is not base64",))),
        "key-unreadable",
        open="what is registered as app.json[0] cannot be read, and nothing else can serve",
        verdict="incomplete",
    ),
    row(
        "unreadable beside one that serves",
        application(credential(), bare("app.json[1]", cert=NEXT, content=Content.UNREADABLE)),
        "key-unreadable",
    ),
    row("unreadable key to sign with", saml(sign(content=Content.UNREADABLE), verify())),
    row("left out", application(bare()), open=LEFT_OUT),
    row(
        "public key",
        application(credential(content=Content.PUBLIC_KEY, candidate=PUBLIC)),
        "key-is-not-a-certificate",
    ),
    row(
        "PEM",
        application(credential(text=pem(certificate()))),
        "key-written-as-pem",
    ),
    row("small key", application(credential(SMALL)), "rsa-key-too-small"),
    row("small key of a SAML app", saml(sign(SMALL), verify(SMALL), preferred_thumbprint=None)),
    row(
        "curve",
        application(credential(certificate("ec", holder=ec_key()))),
        "ec-key-not-supported",
    ),
    row(
        "curve beside one that serves",
        application(credential(), credential(certificate("ec", holder=ec_key()), "app.json[1]")),
        "ec-key-not-supported",
    ),
    row(
        "public key beside one that serves",
        application(
            credential(),
            credential(label="app.json[1]", content=Content.PUBLIC_KEY, candidate=PUBLIC),
        ),
        "key-is-not-a-certificate",
    ),
    row(
        "same certificate twice",
        application(credential(), credential(label="app.json[1]", key_id=GUIDS["b"])),
        "duplicate-certificate",
    ),
    row(
        "same thumbprint twice",
        application(bare(), bare("app.json[1]")),
        "duplicate-certificate",
        open=LEFT_OUT,
    ),
    row(
        "same free identifier twice",
        application(bare(identifier=b"mine"), bare("app.json[1]", identifier=b"mine")),
        open=LEFT_OUT,
    ),
    row("two certificates", application(credential(), credential(NEXT, "app.json[1]"))),
    row(
        "same certificate on app and principal",
        (application(credential()), principal(verify())),
    ),
]

USES = [
    row(
        "usage Sign",
        application(credential(usage="Sign")),
        "registered-key-usage-sign",
    ),
    row(
        "usage Sign, another half",
        application(credential(usage="Sign"), credential(NEXT, "app.json[1]")),
        "registered-key-usage-sign",
    ),
    row(
        "usage Sign without identifier",
        application(credential(usage="Sign", identifier=None), credential(identifier=None)),
        "registered-key-usage-sign",
    ),
    row(
        "usage Sign with its half",
        application(credential(usage="Sign"), credential(label="app.json[1]")),
    ),
    row("usage in small letters", application(credential(usage="verify"))),
    row("usage unknown", application(credential(usage=None, type=None))),
    row(
        "type and usage swapped",
        application(credential(type="Verify", usage="AsymmetricX509Cert")),
        "registered-key-usage-sign",
    ),
    row(
        "type and usage swapped beside a secret",
        application(credential(type="Verify", usage="AsymmetricX509Cert"), passwords=(secret(),)),
        "registered-key-usage-sign",
    ),
    row("symmetric", application(credential(type="Symmetric")), "key-type-wrong"),
    row(
        "symmetric beside one that serves",
        application(credential(type="Symmetric"), credential(NEXT, "app.json[1]")),
        "key-type-wrong",
    ),
    row(
        "symmetric and expired",
        application(credential(OLD, type="Symmetric")),
        "key-type-wrong",
        "all-keys-expired",
    ),
    row("type in small letters", application(credential(type="asymmetricx509cert"))),
    row(
        "expired, beside a symmetric one",
        application(credential(OLD), credential(label="app.json[1]", type="Symmetric")),
        "all-keys-expired",
        "key-type-wrong",
    ),
    row(
        "expired, beside one on a curve",
        application(credential(OLD), credential(certificate("ec", holder=ec_key()), "app.json[1]")),
        "all-keys-expired",
        "ec-key-not-supported",
    ),
    row(
        "expired on a curve, beside itself",
        application(
            credential(certificate("ec", holder=ec_key()), end=NOW - DAY),
            credential(certificate("ec", holder=ec_key()), "app.json[1]"),
        ),
        "expired-key-left",
        "ec-key-not-supported",
        "duplicate-certificate",
    ),
    row(
        "expired, beside a private key",
        application(credential(OLD), bare("app.json[1]", content=Content.PRIVATE_KEY)),
        "all-keys-expired",
        "private-key-uploaded",
    ),
    row(
        "expired, beside one that cannot be read",
        application(credential(OLD), bare("app.json[1]", content=Content.UNREADABLE)),
        "expired-key-left",
        "key-unreadable",
        open="cannot be read, and nothing else can serve",
        verdict="incomplete",
    ),
]

DATES = [
    row("expired", application(credential(OLD)), "all-keys-expired"),
    row("ends now", application(between(START, NOW)), "keys-end-soon"),
    row("ended a second ago", application(between(START, NOW - DAY / 86400)), "all-keys-expired"),
    row(
        "expired, another to come",
        application(credential(OLD), credential(YOUNG, "app.json[1]")),
        "all-keys-expired",
    ),
    row(
        "two expired",
        application(credential(OLD), between(NOW - 90 * DAY, NOW - DAY, "app.json[1]")),
        "all-keys-expired",
    ),
    row(
        "only the registration expired", application(credential(end=NOW - DAY)), "all-keys-expired"
    ),
    row(
        "only the certificate expired",
        application(credential(OLD, end=END)),
        "certificate-outlived",
    ),
    row(
        "only the certificate expired, and another is valid",
        application(credential(OLD, end=END), credential(label="app.json[1]")),
        "certificate-outlived",
    ),
    row(
        "only the certificate expired, and another has expired",
        application(credential(OLD, end=END), credential(OLD, "app.json[1]", identifier=None)),
        "certificate-outlived",
        "expired-key-left",
        "duplicate-certificate",
    ),
    row(
        "only the certificate expired, registered from later on",
        application(credential(OLD, start=NOW + DAY, end=END)),
        "all-keys-expired",
    ),
    row(
        "registered for longer",
        application(credential(end=END + 300 * DAY)),
        "key-window-exceeds-certificate",
    ),
    row(
        "no dates",
        application(credential(start=None, end=None)),
        open="the export has no `startDateTime` and `endDateTime`",
        verdict="incomplete",
    ),
    row(
        "no dates beside one that is valid",
        application(credential(start=None, end=None), credential(NEXT, "app.json[1]")),
        open="the export has no `startDateTime` and `endDateTime`",
    ),
    row(
        "no dates beside one that has expired",
        application(credential(start=None, end=None), credential(OLD, "app.json[1]")),
        open="the export has no `startDateTime` and `endDateTime`",
        verdict="incomplete",
    ),
    row(
        "no dates beside one to come",
        application(credential(end=None), credential(YOUNG, "app.json[1]")),
        open="the export has no `endDateTime`",
        verdict="incomplete",
    ),
    row(
        "neither dates nor key",
        application(bare(start=None, end=None)),
        open=(LEFT_OUT, "the export has no `startDateTime`"),
        verdict="incomplete",
    ),
    row(
        "registered before the certificate",
        application(credential(start=START - 5 * DAY)),
        "key-window-exceeds-certificate",
    ),
    row("registered in the same day", application(credential(start=START - DAY, end=END + DAY))),
    row(
        "registered for less",
        application(credential(end=END - 200 * DAY)),
        "registered-window-shorter",
    ),
    row(
        "registered for longer, and the certificate ends soon",
        application(credential(SOON, end=END)),
        "keys-end-soon",
    ),
    row(
        "registered for longer, and the certificate ends soon, beside another",
        application(credential(SOON, end=END), credential(label="app.json[1]")),
        "key-ends-soon",
    ),
    row(
        "registered from before on, and ends soon",
        application(credential(SOON, start=START - 5 * DAY)),
        "keys-end-soon",
        "key-window-exceeds-certificate",
    ),
    row("not valid yet", application(credential(YOUNG)), "no-key-valid-yet"),
    row("begins now", application(between(NOW, END))),
    row("begins in a second", application(between(NOW + DAY / 86400, END)), "no-key-valid-yet"),
    row(
        "successor not valid yet",
        application(credential(), credential(YOUNG, "app.json[1]")),
        "key-not-yet-valid",
    ),
    row(
        "expired one left",
        application(credential(), credential(OLD, "app.json[1]")),
        "expired-key-left",
    ),
    row(
        "expired one left on the principal",
        (application(credential()), principal(verify(OLD, key_id=None))),
        "expired-key-left",
    ),
    row("ends soon", application(credential(SOON)), "keys-end-soon"),
    row("ends soon, nobody asked", application(credential(SOON)), min_days=None),
    row("ends in 30 days", application(between(START, NOW + 30 * DAY))),
    row(
        "both end soon",
        application(credential(SOON), between(START, NOW + 9 * DAY, "app.json[1]")),
        "keys-end-soon",
    ),
    row(
        "ends soon, another outlives it",
        application(credential(SOON), credential(label="app.json[1]")),
        "key-ends-soon",
    ),
    row(
        "ends soon, a successor takes over",
        application(credential(SOON), credential(YOUNG, "app.json[1]")),
        "key-ends-soon",
        "key-not-yet-valid",
    ),
    row(
        "ends soon, the successor comes late",
        application(credential(SOON), between(NOW + 11 * DAY, END, "app.json[1]")),
        "keys-end-soon",
        "key-not-yet-valid",
    ),
]

IDENTIFIERS = [
    row(f"identifier: {name}", application(identified(value)))
    for name, value in {
        "SHA-256": sha256(der(certificate())),
        "SHA-256 of the thumbprint's text": sha256(HEX.encode()),
        "SHA-256 of it in small letters": sha256(HEX.lower().encode()),
        "the thumbprint's text": HEX.encode(),
    }.items()
]
IDENTIFIERS += [
    row("no identifier", application(credential(identifier=None, identifier_text=None))),
    row(
        "identifier in base64",
        application(credential(identifier=b"R1N", identifier_text="UjFO")),
        "key-identifier-not-its-thumbprint",
    ),
    row(
        "free identifier",
        application(identified(b"my certificate of 2026")),
        "key-identifier-not-its-thumbprint",
    ),
    row(
        "hash of the PEM text",
        application(identified(hashlib.sha1(pem(certificate())).digest())),
        "key-identifier-mistaken",
    ),
    row(
        "thumbprint of another",
        application(identified(sha1(NEXT)), credential(NEXT, "app.json[1]")),
        "key-identifier-mistaken",
    ),
]

OTHER = certificate("other", holder=key(), start=START, end=END)
TWO = (sign(), verify(), sign(OTHER, 2), verify(OTHER, 3))
BOTH = (opener(), opener(OTHER, 2))
UNUSED: dict[str, Any] = {"preferred_thumbprint": "unused"}
NAMELESS: dict[str, Any] = {"preferred_thumbprint": None}
OLD_ACTIVE: dict[str, Any] = {"preferred_thumbprint": sha1(OLD).hex()}
UNKEYED = with_identifier(sha256(der(certificate())))
UNKEYED = replace(UNKEYED, keys=tuple(replace(each, candidate=None) for each in UNKEYED.keys or ()))


def dated(cert: x509.Certificate, **changes: Any) -> Registration:
    return (
        saml(
            sign(cert),
            verify(cert),
            preferred_thumbprint=sha1(cert).hex(),
            passwords=(opener(cert),),
        )
        if not changes
        else saml(sign(cert), verify(cert), passwords=(opener(cert),), **changes)
    )


SIGNING = [
    row("no key", saml(keys=()), "saml-signing-key-missing"),
    row("no key, unused", saml(keys=(), **UNUSED), "saml-signing-key-missing"),
    row("no key, but a thumbprint", saml(keys=(), single_sign_on=None), "saml-signing-key-missing"),
    row("only a Verify half", saml(verify()), "saml-signing-key-missing"),
    row(
        "unused, and no SAML",
        principal(**UNUSED),
        open="does not show the keys",
        verdict="incomplete",
    ),
    row("no Verify half", saml(sign()), "saml-verify-half-missing"),
    row(
        "no Verify half, dates apart",
        saml(sign(), verify(NEXT, start=START - DAY, end=END)),
        "saml-verify-half-missing",
    ),
    row("identifiers differ", saml(sign(), verify(NEXT)), "saml-pair-identifiers-differ"),
    row(
        "identifiers differ, one named by its half",
        saml(sign(identifier=b"a"), verify(), passwords=(opener(),)),
        "saml-pair-identifiers-differ",
    ),
    row("no password", saml(passwords=()), "saml-signing-password-missing"),
    row(
        "password of another key",
        saml(passwords=(opener(key_id=GUIDS["a"], identifier=b"other"),)),
        "saml-signing-password-missing",
    ),
    row("password by its id", saml(passwords=(opener(identifier=None),))),
    row("password by its identifier", saml(passwords=(opener(key_id=None),))),
    row(
        "passwords unknown",
        saml(passwords=None),
        open="sp.json leaves passwordCredentials out; export it with `az rest ",
        verdict="incomplete",
    ),
    row(
        "passwords cut off",
        saml(passwords=None, cut_off=("PasswordCredentials",)),
        open="passwordCredentials were cut off in sp.json; export it again with `ConvertTo-Json",
        verdict="incomplete",
    ),
    row(
        "passwords unknown, no mode",
        saml(passwords=None, single_sign_on=None),
        open="leaves passwordCredentials out",
    ),
    row(
        "passwords unknown of what has expired",
        saml(sign(OLD), verify(OLD), passwords=None, preferred_thumbprint=sha1(OLD).hex()),
        "saml-active-key-unusable",
    ),
    row("password that expired", saml(passwords=(opener(end=NOW - DAY),)), "saml-half-expired"),
    row("Sign half that expired", saml(sign(end=NOW - DAY), verify()), "saml-half-expired"),
    row("Verify half to come", saml(sign(), verify(start=NOW + DAY)), "saml-half-expired"),
    row("expired, none named", dated(OLD, **NAMELESS), "saml-signing-key-expired"),
    row("to come, none named", dated(YOUNG, **NAMELESS), "saml-signing-key-expired"),
    row("expired and active", dated(OLD), "saml-active-key-unusable"),
    row(
        "expired, and no SAML mode",
        dated(OLD, single_sign_on=None, **NAMELESS),
        "saml-signing-key-expired",
    ),
    row("to come and active", dated(YOUNG), "saml-active-key-unusable"),
    row("ends soon", dated(SOON), "saml-signing-key-ends-soon"),
    row("ends in time", dated(SOON), min_days=10),
    row("ends soon, none named", dated(SOON, **NAMELESS), "saml-signing-key-ends-soon"),
    row(
        "no end",
        saml(sign(end=None), verify(end=None, candidate=None), passwords=None),
        open=(
            "leaves passwordCredentials out",
            "no `endDateTime` of sp.json[0]",
            "no `endDateTime` of sp.json[1]",
        ),
        verdict="incomplete",
    ),
    row(
        "no end of one of two, none named",
        saml(sign(end=None), *TWO[1:], passwords=BOTH, **NAMELESS),
    ),
    row(
        "no end of a part, and another ended",
        saml(sign(end=None), verify(end=NOW - DAY)),
        "saml-half-expired",
    ),
    row("ends soon, nobody asked", dated(SOON), min_days=None),
    row(
        "ends soon, another is ready",
        saml(
            sign(SOON),
            verify(SOON),
            sign(OTHER, 2),
            verify(OTHER, 3),
            passwords=(opener(SOON), opener(OTHER, 2)),
            preferred_thumbprint=sha1(SOON).hex(),
        ),
        "saml-signing-key-ends-soon",
    ),
    row(
        "ends soon, another is ready, none named",
        saml(
            sign(SOON),
            verify(SOON),
            sign(OTHER, 2),
            verify(OTHER, 3),
            passwords=(opener(SOON), opener(OTHER, 2)),
            **NAMELESS,
        ),
    ),
    row("two signing keys", saml(*TWO, passwords=BOTH)),
    row("two signing keys, none named", saml(*TWO, passwords=BOTH, **NAMELESS)),
    row(
        "two signing keys, unused", saml(*TWO, passwords=BOTH, **UNUSED), "saml-active-key-unusable"
    ),
    row(
        "unused, but no SAML mode",
        saml(*TWO, passwords=BOTH, single_sign_on="oidc", **UNUSED),
        open="does not show the keys",
        verdict="incomplete",
    ),
    row(
        "expired, left from before, where users sign in otherwise",
        dated(OLD, single_sign_on="oidc", **OLD_ACTIVE),
        open="does not show the keys",
        verdict="incomplete",
    ),
    row(
        "expired, left from before, beside the certificate of the app",
        (application(credential()), dated(OLD, single_sign_on="password", **OLD_ACTIVE)),
    ),
    row(
        "a certificate of its own beside a half that was left",
        saml(sign(OLD), verify(OLD), verify(SOON, 2), passwords=(), single_sign_on="oidc"),
        "keys-end-soon",
    ),
    row(
        "expired and active, no mode",
        dated(OLD, single_sign_on=None, **OLD_ACTIVE),
        "saml-active-key-unusable",
    ),
    row("unused and expired", dated(OLD, **UNUSED), "saml-signing-key-expired"),
    row(
        "parts left behind",
        saml(*TWO, passwords=BOTH[:1]),
        "saml-half-key-left",
    ),
    row(
        "expired one left behind",
        saml(sign(), verify(), sign(OLD, 2), verify(OLD, 3), passwords=(opener(), opener(OLD, 2))),
        "saml-expired-key-left",
    ),
    row(
        "one to come besides",
        saml(
            sign(),
            verify(),
            sign(YOUNG, 2),
            verify(YOUNG, 3),
            passwords=(opener(), opener(YOUNG, 2)),
        ),
    ),
    row("in capitals", saml(preferred_thumbprint=HEX)),
    row("with blanks", saml(preferred_thumbprint=f" {HEX} ")),
    row("names another", saml(preferred_thumbprint=sha1(NEXT).hex()), "saml-active-key-unusable"),
    row("no hex", saml(preferred_thumbprint="the new one"), "saml-active-key-unusable"),
    row(
        "names nothing sound",
        dated(OLD, preferred_thumbprint=HEX),
        "saml-active-key-unusable",
        "saml-expired-key-left",
    ),
    row("SHA-256 for an identifier", with_identifier(sha256(der(certificate())))),
    row("hash of the text for an identifier", with_identifier(sha256(HEX.encode()))),
    row("hash of the small text", with_identifier(sha256(HEX.lower().encode()))),
    row("SHA-256, and no certificate", UNKEYED, open="do not tell which signing key"),
    row(
        "hash of the text, and no certificate",
        saml(
            sign(identifier=sha256(HEX.encode())),
            verify(identifier=sha256(HEX.encode()), candidate=None),
            passwords=None,
        ),
        open="leaves passwordCredentials out",
        verdict="incomplete",
    ),
    row("no identifier", with_identifier(None)),
    row("thumbprint, and no certificate", saml(sign(), verify(candidate=None))),
    row(
        "another's thumbprint, and no certificate",
        saml(sign(), verify(candidate=None), preferred_thumbprint=sha1(NEXT).hex()),
        "saml-active-key-unusable",
    ),
    row("not SAML mode, but Sign keys", saml(single_sign_on=None, **NAMELESS)),
]

REQUESTS = [
    row("nothing to verify with", required(), "saml-no-verification-certificate"),
    row(
        "a private key to verify with",
        required(credential(content=Content.PRIVATE_KEY)),
        "private-key-uploaded",
        "saml-no-verification-certificate",
    ),
    row(
        "only the signing key's half",
        (required(), saml()),
        "saml-no-verification-certificate",
    ),
    row(
        "the certificate on the principal",
        (required(), saml(sign(), verify(), verify(NEXT, 2))),
    ),
    row("the keys unknown", required(keys=None), open="keyCredentials out", verdict="incomplete"),
    row(
        "the keys unknown, those of the principal not",
        (required(keys=None), saml()),
        open="keyCredentials out",
        verdict="incomplete",
    ),
    row(
        "the dates unknown",
        required(credential(end=None)),
        open="the export has no `endDateTime`",
        verdict="incomplete",
    ),
    row("the key left out", required(bare()), open=LEFT_OUT),
    row("an expired one", required(credential(OLD)), "saml-verification-certificate-expired"),
    row(
        "one to come",
        required(credential(YOUNG)),
        "saml-verification-certificate-expired",
    ),
    row("one that ends soon", required(credential(SOON))),
    row(
        "not required",
        application(
            credential(),
            request_signature=RequestSignature(is_required=False, weak_algorithms=()),
        ),
    ),
]

ENDED = secret(start=START - 400 * DAY, end=NOW - DAY)
ENDING = secret(label="app.json passwordCredentials[1]", end=NOW + 10 * DAY)
SECRETS = [
    row(
        "expired secret and a certificate",
        application(credential(), passwords=(ENDED, secret())),
        "secret-expired",
    ),
    row(
        "expired secret alone",
        application(passwords=(ENDED,)),
        "secret-expired",
        "no-certificate-registered",
    ),
    row(
        "expired secret and a good one",
        application(passwords=(ENDED, secret())),
        "secret-expired",
        "no-certificate-registered",
    ),
    row(
        "secret that ends now", application(credential(), passwords=(secret(end=NOW),)), min_days=0
    ),
    row(
        "secret that ends soon, and a certificate",
        application(credential(), passwords=(ENDING,)),
        "secret-ends-soon",
    ),
    row(
        "secret that ends soon alone, and an expired one",
        application(passwords=(ENDED, ENDING)),
        "secret-expired",
        "secret-ends-soon",
        "no-certificate-registered",
    ),
    row("secret that ends later", application(credential(), passwords=(ENDING,)), min_days=10),
    row("secret without an end", application(credential(), passwords=(secret(end=None),))),
    row(
        "secret of a SAML app that has expired",
        saml(passwords=(opener(), replace(ENDED, key_id=None))),
        "secret-expired",
    ),
    row(
        "expired secret, and keys that are not shown",
        application(keys=None, passwords=(ENDED,)),
        "secret-expired",
        open="leaves keyCredentials out",
        verdict="incomplete",
    ),
]

ROWS = [*SOUND, *WHOLE, *CONTENTS, *USES, *DATES, *IDENTIFIERS, *SIGNING, *REQUESTS, *SECRETS]


def report(each: Row) -> Report:
    (only,) = report_on_registrations(each.objects, at=NOW, min_days=each.min_days)
    return only


@pytest.mark.parametrize("each", ROWS, ids=lambda each: each.name)
def test_a_registration_has_exactly_these_faults(each: Row):
    answer = report(each)
    assert {finding.id for finding in answer.findings} == each.finds
    reasons = [item.why for item in answer.not_checked]
    opened = (each.open,) if isinstance(each.open, str) else each.open or ()
    assert len(reasons) == len(opened)
    assert all(said in why for said, why in zip(opened, reasons, strict=True))
    assert answer.verdict == each.verdict
    is_faulty = any(item.severity == "error" for item in answer.findings)
    assert answer.exit_code() == (1 if is_faulty else 3 if each.verdict else 0)


@pytest.mark.parametrize("each", ROWS, ids=lambda each: each.name)
def test_one_fault_is_one_finding(each: Row):
    places = [(finding.id, finding.at) for finding in report(each).findings]
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_row_that_fails(rule: Rule):
    assert any(rule.id in each.finds for each in ROWS)


def test_ids_are_unique():
    assert len(set(IDS)) == len(IDS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_unless_points_backwards(rule: Rule):
    named = set(rule.unless) & set(IDS) if rule.id in BORROWED else set(rule.unless)
    assert named <= set(IDS[: IDS.index(rule.id)])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_code_is_one_that_is_known(rule: Rule):
    for said in rule.aadsts:
        assert entry(said.code) is not None
    assert rule.severity != "error" or rule.aadsts or rule.id == "private-key-uploaded"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_page_says_what_is_required_why_and_how_to_mend_it(rule: Rule):
    assert len(rule.doc.split("\n\n")) == 3
    assert not rule.title.endswith(".")


@pytest.mark.parametrize("each", ROWS, ids=lambda each: each.name)
def test_messages_keep_to_the_house_style(each: Row):
    for finding in report(each).findings:
        for text in (finding.message, finding.fix):
            assert not text.endswith(".")
            assert "None" not in text
            assert re.match(r"[a-z`\"]", text) or text.startswith(("app.json", "sp.json"))


@pytest.mark.parametrize("each", ROWS, ids=lambda each: each.name)
def test_a_command_names_the_app_it_is_for(each: Row):
    for finding in report(each).findings:
        for command in re.findall(r"`(az [^`]*)`", finding.fix):
            assert CLIENT_ID in command


def by_id(wanted: str, what: Registration) -> str:
    (found,) = (item for item in report(row("", what)).findings if item.id == wanted)
    return f"{found.message} | {found.fix}"


def fix(wanted: str, what: Registration) -> str:
    return by_id(wanted, what).partition(" | ")[2]


@pytest.mark.parametrize(
    ("wanted", "what", "says"),
    [
        (
            "all-keys-expired",
            application(credential(OLD)),
            "app.json[0] (CN=my-app) ended at 2026-02-18",
        ),
        (
            "all-keys-expired",
            application(credential(OLD), credential(YOUNG, "app.json[1]")),
            "app.json[1] (CN=my-app) is not valid yet",
        ),
        (
            "expired-key-left",
            application(credential(), credential(OLD, "app.json[1]", display_name=None)),
            f"`az ad app credential delete --id {CLIENT_ID} --key-id {GUIDS['a']} --cert`",
        ),
        (
            "expired-key-left",
            principal(verify(), verify(OLD, 2)),
            f"`az ad sp credential delete --id {CLIENT_ID}",
        ),
        (
            "private-key-uploaded",
            application(credential(content=Content.PRIVATE_KEY, key_id=None)),
            "remove it in the portal",
        ),
        ("no-certificate-registered", application(passwords=(secret(),)), "only 1 secret |"),
        (
            "no-certificate-registered",
            application(passwords=(secret(), secret())),
            "only 2 secrets",
        ),
        (
            "no-certificate-registered",
            application(bare(usage="Encrypt"), passwords=(secret(),)),
            "only 1 secret; app.json[0] (CN=my-app) has usage Encrypt |",
        ),
        (
            "no-keys-registered",
            application(platforms=("spa",)),
            "redirect URIs of single-page or public clients only",
        ),
        (
            "no-keys-registered",
            application(has_scopes=True),
            "no redirect URI, only scopes for others to call it with: it may need none",
        ),
        (
            "no-keys-registered",
            application(platforms=("web",), identifier_uris=("api://x", "https://x.example/saml")),
            "the identifier URI https://x.example/saml, as an app has that signs in with SAML",
        ),
        (
            "registered-key-usage-sign",
            application(credential(type="Verify", usage="AsymmetricX509Cert")),
            "has type and usage swapped: type Verify and usage AsymmetricX509Cert |",
        ),
        (
            "registered-key-usage-sign",
            application(bare(usage="Encrypt")),
            "is registered with usage Encrypt |",
        ),
        (
            "all-keys-expired",
            application(credential(end=NOW - DAY)),
            "register the certificate of app.json[0] anew, which is valid until 2027-02-08 "
            f"12:00:00Z: `az ad app credential reset --id {CLIENT_ID} --cert @cert.pem --append "
            "--end-date 2027-02-08T12:00:00Z`",
        ),
        (
            "no-key-valid-yet",
            application(credential(start=NOW + DAY)),
            "wait until then, or register the certificate of app.json[0] anew",
        ),
        (
            "no-key-valid-yet",
            application(credential(YOUNG)),
            "wait until then, or register a new certificate",
        ),
        (
            "certificate-outlived",
            application(credential(OLD, end=END)),
            "the certificate of app.json[0] (CN=my-app) ended at 2026-02-18 12:00:00Z, and is "
            "registered until 2027-02-08 12:00:00Z",
        ),
        (
            "secret-expired",
            application(credential(), passwords=(ENDED,)),
            f"`az ad app credential delete --id {CLIENT_ID} --key-id {GUIDS['b']}`",
        ),
        (
            "secret-expired",
            saml(passwords=(opener(), replace(ENDED, key_id=None, display_name=None))),
            "the secret app.json passwordCredentials[0] ended at 2026-03-09 12:00:00Z, 1 day before "
            "the check | remove it in the portal",
        ),
        (
            "secret-expired",
            saml(passwords=(opener(), ENDED)),
            f"`az ad sp credential delete --id {CLIENT_ID} --key-id",
        ),
        (
            "secret-expired",
            application(passwords=(ENDED,)),
            "register a certificate in its place: `az ad app credential reset",
        ),
        (
            "keys-end-soon",
            application(between(START, NOW + DAY)),
            "app.json[0] (CN=my-app) ends at 2026-03-11",
        ),
        (
            "keys-end-soon",
            application(between(START, NOW), between(START, NOW + DAY, "app.json[1]")),
            "app.json[1] (CN=my-app) end, the last at 2026-03-11",
        ),
        (
            "key-identifier-mistaken",
            application(identified(hashlib.sha1(pem(certificate())).digest())),
            "is the SHA-1 of the PEM text of its certificate (LF line ends)",
        ),
        (
            "key-identifier-mistaken",
            application(identified(sha1(NEXT)), credential(NEXT, "app.json[1]")),
            "is the SHA-1 thumbprint of app.json[1]",
        ),
        ("key-unreadable", CONTENTS[3].objects[0], "no certificate: its key is not base64"),
        (
            "key-window-exceeds-certificate",
            application(credential(start=None, end=END + 300 * DAY)),
            "is registered until 2027-12-05",
        ),
        (
            "saml-half-expired",
            saml(sign(end=None), verify(end=NOW - DAY)),
            "the dates of the Sign half are not known, the Verify half ended at 2026-03-09",
        ),
        (
            "saml-half-expired",
            saml(*TWO, passwords=(opener(end=NOW - DAY), opener(OTHER, 2))),
            "| make sp.json[2] (CN=my-app) active: `az ad sp update",
        ),
        (
            "saml-signing-password-missing",
            saml(*TWO, passwords=BOTH[1:]),
            "| make sp.json[2] (CN=my-app) active: `az ad sp update",
        ),
        ("saml-half-expired", saml(passwords=(opener(end=NOW - DAY),)), "| make a new certificate"),
        (
            "saml-signing-key-ends-soon",
            saml(
                *(sign(SOON), verify(SOON), *TWO[2:]),
                passwords=(opener(SOON), BOTH[1]),
                preferred_thumbprint=sha1(SOON).hex(),
            ),
            "give the certificate of sp.json[2] (CN=my-app), which is there and ends later, to the "
            "service provider, then make it active: `az ad sp update",
        ),
        ("saml-signing-key-ends-soon", dated(SOON), "| make its successor: `az rest"),
        (
            "saml-expired-key-left",
            saml(*TWO, passwords=(BOTH[0], opener(OTHER, 2, end=NOW - DAY))),
            "before the check: the Sign half is valid, the Verify half is valid and the password "
            "ended at 2026-03-09",
        ),
        (
            "saml-expired-key-left",
            saml(*TWO[:2], sign(OLD, 2), verify(OLD, 3), passwords=(BOTH[0], opener(OLD, 2))),
            "20 days before the check | remove it",
        ),
        (
            "saml-half-expired",
            saml(passwords=(opener(end=NOW - DAY),)),
            "the Sign half is valid, the Verify half is valid and the password ended at 2026-03-09",
        ),
        ("saml-active-key-unusable", dated(YOUNG), "the Sign half begins at 2026-03-15"),
        ("saml-active-key-unusable", dated(YOUNG), "preferredTokenSigningKeyThumbprint names sp."),
        (
            "saml-active-key-unusable",
            saml(preferred_thumbprint=sha1(NEXT).hex()),
            f"preferredTokenSigningKeyThumbprint={HEX.lower()}`",
        ),
        (
            "saml-active-key-unusable",
            saml(sign(), verify(candidate=None), preferred_thumbprint=sha1(NEXT).hex()),
            "preferredTokenSigningKeyThumbprint=THUMBPRINT`",
        ),
        ("saml-signing-key-missing", saml(keys=()), f"servicePrincipals(appId='{CLIENT_ID}')"),
        ("saml-no-verification-certificate", required(), "app.json, and it has no keys |"),
        (
            "saml-no-verification-certificate",
            required(bare(usage="Encrypt")),
            "it has 1 key, none of them a certificate of usage Verify |",
        ),
    ],
)
def test_a_finding_says_what_was_seen_and_what_to_paste(wanted: str, what: Registration, says: str):
    assert says in by_id(wanted, what)


@pytest.mark.parametrize(
    ("wanted", "key", "severity", "confidence"),
    [
        ("all-keys-expired", credential(OLD), "error", "seen"),
        ("all-keys-expired", credential(end=NOW - DAY), "error", "seen"),
        ("certificate-outlived", credential(OLD, end=NOW), "warning", None),
        ("no-key-valid-yet", credential(YOUNG), "error", "seen"),
        ("no-key-valid-yet", credential(start=NOW + DAY), "error", "seen"),
        ("no-key-valid-yet", credential(YOUNG, start=NOW), "error", "likely"),
    ],
)
def test_the_dates_of_the_registration_decide_and_those_of_the_certificate_likely(
    wanted: str, key: KeyCredential, severity: str, confidence: str | None
):
    (found,) = (item for item in report(row("", application(key))).findings if item.id == wanted)
    assert found.severity == severity
    assert [said.confidence for said in found.aadsts] == ([confidence] if confidence else [])


GOOD = credential(NEXT, "app.json[9]")
EC = credential(certificate("ec", holder=ec_key()))
BARE = credential(content=Content.PUBLIC_KEY, candidate=PUBLIC)
SWAPPED = credential(type="Verify", usage="AsymmetricX509Cert")
UPLOADED = bare("b[1]", content=Content.PRIVATE_KEY)
MODELESS: dict[str, Any] = {"single_sign_on": None}


@pytest.mark.parametrize(
    ("wanted", "what", "severity"),
    [
        ("ec-key-not-supported", application(EC), "error"),
        ("ec-key-not-supported", application(EC, GOOD), "warning"),
        ("ec-key-not-supported", application(EC, replace(GOOD, end=NOW - DAY)), "error"),
        ("ec-key-not-supported", application(EC, replace(GOOD, end=None)), "warning"),
        ("ec-key-not-supported", application(EC, credential(OLD, "b[1]", end=END)), "warning"),
        ("ec-key-not-supported", application(EC, bare("b[1]")), "warning"),
        ("ec-key-not-supported", application(EC, replace(BARE, label="b[1]")), "error"),
        ("key-is-not-a-certificate", application(BARE), "error"),
        ("key-is-not-a-certificate", application(BARE, GOOD), "warning"),
        ("key-is-not-a-certificate", application(replace(BARE, end=NOW - DAY)), "warning"),
        ("key-type-wrong", application(credential(type="Symmetric")), "warning"),
        ("key-type-wrong", application(credential(type="Symmetric"), GOOD), "warning"),
        ("key-type-wrong", application(credential(YOUNG, type="Symmetric")), "warning"),
        ("registered-key-usage-sign", application(SWAPPED), "error"),
        ("registered-key-usage-sign", application(SWAPPED, passwords=(secret(),)), "error"),
        ("registered-key-usage-sign", application(SWAPPED, GOOD), "warning"),
        ("registered-key-usage-sign", application(credential(usage="Sign")), "error"),
        ("registered-key-usage-sign", application(credential(usage="Sign"), GOOD), "warning"),
        ("registered-key-usage-sign", application(bare(usage="Encrypt")), "error"),
        ("registered-key-usage-sign", application(SWAPPED, has_trusted_subjects=True), "warning"),
        ("registered-key-usage-sign", application(SWAPPED, has_implicit_flow=True), "warning"),
        ("registered-key-usage-sign", application(SWAPPED, is_purpose_shown=False), "warning"),
        ("ec-key-not-supported", application(EC, has_trusted_subjects=True), "warning"),
        ("key-is-not-a-certificate", application(BARE, has_trusted_subjects=True), "warning"),
        ("all-keys-expired", application(credential(OLD)), "error"),
        ("all-keys-expired", application(credential(OLD), EC), "error"),
        ("all-keys-expired", application(credential(OLD), UPLOADED), "error"),
        ("all-keys-expired", application(credential(OLD), replace(BARE, label="b[1]")), "error"),
        (
            "all-keys-expired",
            application(credential(OLD), credential(label="b[1]", type="Symmetric")),
            "warning",
        ),
        ("key-window-exceeds-certificate", application(credential(end=END + 9 * DAY)), "note"),
        ("saml-active-key-unusable", dated(OLD), "error"),
        ("saml-active-key-unusable", dated(OLD, single_sign_on=None, **OLD_ACTIVE), "warning"),
        ("saml-signing-key-expired", dated(OLD, single_sign_on=None, **NAMELESS), "warning"),
        ("saml-signing-key-missing", saml(keys=()), "error"),
        ("saml-signing-key-missing", saml(keys=(), single_sign_on=None), "warning"),
        ("saml-verify-half-missing", saml(sign(), single_sign_on=None), "warning"),
        ("saml-signing-password-missing", saml(passwords=(), single_sign_on=None), "warning"),
        ("saml-pair-identifiers-differ", saml(sign(), verify(NEXT), **MODELESS), "warning"),
        ("saml-half-expired", saml(sign(end=NOW - DAY), verify(), **MODELESS), "warning"),
        ("private-key-uploaded", application(credential(content=Content.PRIVATE_KEY)), "error"),
        (
            "private-key-uploaded",
            application(credential(content=Content.PRIVATE_KEY), GOOD),
            "error",
        ),
        ("no-certificate-registered", application(passwords=(secret(),)), "warning"),
        ("no-keys-registered", application(), "error"),
        ("no-keys-registered", application(platforms=("web",)), "error"),
        ("no-keys-registered", application(platforms=("web", "spa")), "error"),
        ("no-keys-registered", application(platforms=("spa",)), "warning"),
        ("no-keys-registered", application(platforms=("publicClient",)), "warning"),
        ("no-keys-registered", application(has_scopes=True), "warning"),
        ("no-keys-registered", application(has_roles=True), "warning"),
        ("no-keys-registered", application(platforms=("web",), has_roles=True), "error"),
        (
            "no-keys-registered",
            application(platforms=("web",), has_implicit_flow=True),
            "warning",
        ),
        ("no-keys-registered", application(platforms=("web",), cut_off=("Api",)), "error"),
        ("no-keys-registered", application(platforms=("web",), has_scopes=True), "error"),
        (
            "no-keys-registered",
            application(platforms=("web",), identifier_uris=("https://x.example",)),
            "warning",
        ),
        (
            "no-keys-registered",
            application(
                platforms=("web",), identifier_uris=("https://x.example",), has_scopes=True
            ),
            "error",
        ),
        (
            "no-keys-registered",
            application(platforms=("web",), identifier_uris=("API://x",)),
            "error",
        ),
        ("secret-expired", application(credential(), passwords=(ENDED,)), "note"),
        ("secret-expired", application(passwords=(ENDED,)), "error"),
        ("secret-expired", application(passwords=(ENDED,), platforms=("spa",)), "warning"),
        ("secret-expired", application(passwords=(ENDED,), is_public=True), "warning"),
        ("secret-expired", application(passwords=(ENDED,), has_trusted_subjects=True), "warning"),
        ("secret-expired", application(passwords=(ENDED,), is_purpose_shown=False), "warning"),
        ("secret-expired", application(SWAPPED, passwords=(ENDED,)), "warning"),
        ("secret-expired", application(bare(usage="Encrypt"), passwords=(ENDED,)), "error"),
        ("secret-expired", application(passwords=(ENDED, secret())), "note"),
        ("secret-expired", application(keys=None, passwords=(ENDED,)), "note"),
        ("secret-expired", principal(passwords=(ENDED,)), "note"),
        ("secret-ends-soon", application(credential(), passwords=(ENDING,)), "note"),
        ("secret-ends-soon", application(passwords=(ENDING,)), "warning"),
        ("secret-ends-soon", application(passwords=(ENDING, ENDED)), "warning"),
        ("secret-ends-soon", application(passwords=(ENDING, secret())), "note"),
    ],
)
def test_how_grave_it_is_depends_on_what_else_the_app_has(
    wanted: str, what: Registration, severity: str
):
    (found,) = (item for item in report(row("", what)).findings if item.id == wanted)
    assert found.severity == severity


def test_a_thumbprint_alone_says_likely_that_users_sign_in_with_saml():
    for mode, confidence in (("saml", "documented"), (None, "likely")):
        (found,) = report(row("", saml(keys=(), single_sign_on=mode))).findings
        assert [said.confidence for said in found.aadsts] == [confidence]


def test_whose_end_comes_soon_is_said():
    longer = application(credential(SOON, end=END))
    assert "ends at 2026-03-20 12:00:00Z with its certificate, registered until" in by_id(
        "keys-end-soon", longer
    )
    assert "with its certificate" not in by_id("keys-end-soon", application(credential(SOON)))


def test_what_tokens_are_encrypted_for_is_never_to_be_removed():
    assert "delete" not in fix("registered-key-usage-sign", application(bare(usage="Encrypt")))
    assert "; then remove the old registration: `az ad app credential delete" in fix(
        "registered-key-usage-sign", application(SWAPPED)
    )


def test_where_it_is_open_whether_users_sign_in_with_saml_the_fix_says_so():
    assert fix(
        "saml-active-key-unusable", dated(OLD, single_sign_on=None, **OLD_ACTIVE)
    ).startswith("if users sign in with SAML, make a new certificate: ")
    assert fix("saml-active-key-unusable", dated(OLD)).startswith("make a new certificate: ")


def test_the_app_is_to_be_exported_in_the_tenant_that_owns_it():
    (foreign,) = report(row("", principal())).not_checked
    assert foreign.why.endswith(f"does, signed in to tenant {TENANT}, which owns the app")
    (unknown,) = report(row("", principal(tenant=None))).not_checked
    assert unknown.why.endswith("| assertcheck app -` does")


def test_beside_a_certificate_that_ended_the_key_to_come_is_no_finding_of_its_own():
    both = application(credential(OLD, end=END), credential(YOUNG, "app.json[1]"))
    found = {item.id for item in report(row("", both)).findings}
    assert found == {"certificate-outlived"}


def test_of_several_expired_keys_the_last_end_is_said():
    several = application(credential(OLD), between(NOW - 90 * DAY, NOW - DAY, "app.json[1]"))
    assert "all 2 keys have expired, the last one ended at 2026-03-09" in by_id(
        "all-keys-expired", several
    )


def test_without_a_client_id_commands_have_a_word_for_it():
    unknown = application(credential(OLD), app_id=None, source=Source.CREDENTIALS)
    assert "--id CLIENT_ID" in by_id("all-keys-expired", unknown)
