"""An assertion against what is registered: exports of Graph and az, held and registered keys."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from assertcheck import AssertcheckError, Report, Verdict, diagnose
from assertcheck.aadsts.reasons import NOT_FOUND
from assertcheck.model import Role
from assertcheck.render.layout import Style
from assertcheck.render.text import render_text
from tests import build_graph as graph
from tests.build import (
    CLIENT_ID,
    DROP,
    NOW,
    certificate,
    claims,
    compact,
    der,
    ec_key,
    key,
    pem,
    token,
    x5t,
)
from tests.build_graph import OBJECT_ID, application, as_json, az_app_show, az_credential_list

ACCEPTED, REFUSED, INCOMPLETE = Verdict.ACCEPTED, Verdict.REFUSED, Verdict.INCOMPLETE
OTHER_APP = "99999999-0000-4000-8000-000000000009"
DAY = timedelta(days=1)
APP = certificate()
OTHER = certificate("other")
RENEWED = certificate(start=NOW - 2 * DAY)
CA = certificate("ca", ca=True)
LEAF = certificate("leaf", issuer=CA, issuer_key=key("ca"))
OWN = pem(APP)
PRIVATE = key().private_bytes(
    serialization.Encoding.DER,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
)
FROM_OTHER = token(cert=OTHER, holder=key("other"))


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    app: object
    text: str
    certs: tuple[bytes, ...]
    verdict: Verdict
    finds: set[str]
    options: dict[str, Any] = field(default_factory=dict)


def row(
    name: str,
    app: object,
    verdict: Verdict,
    *finds: str,
    text: str | None = None,
    certs: tuple[bytes, ...] = (OWN,),
    **options: Any,
) -> Row:
    return Row(
        name=name,
        app=app,
        text=text or token(),
        certs=certs,
        verdict=verdict,
        finds=set(finds),
        options=options,
    )


def credential(cert=APP, **changes):
    return graph.key_credential(cert, **changes)


def iso(moment):
    return graph.iso(moment)


SNI = {"trustedCertificateSubjects": [{"subjectName": "CN=app", "authorityId": OBJECT_ID}]}

UNFIT = {
    "has ended": application(credential(OTHER, endDateTime=iso(NOW - DAY))),
    "begins later": application(credential(OTHER, startDateTime=iso(NOW + DAY))),
    "is for signing": application(credential(OTHER, usage="Sign")),
    "has a certificate that ended": application(certificate("other", end=NOW - DAY)),
    "is small": application(certificate("small", holder=key("small", 1024))),
    "is on a curve": application(certificate("ec", holder=ec_key())),
}


def changed(text: str) -> str:
    """The same with another `jti`, under the signature of the former."""
    head, _, signature = text.split(".")
    other = compact("", claims(jti="22222222-0000-4000-8000-000000000002"), "").split(".")[1]
    return f"{head}.{other}.{signature}"


def twice(
    name: str, first: dict[str, object], second: dict[str, object], *finds: str, **options: Any
) -> tuple[Row, Row]:
    """The certificate registered two times, in one order and the other, and nothing held."""
    both = credential(**first), credential(**second)
    verdict = REFUSED if any(each.startswith("registered-") for each in finds) else ACCEPTED
    return (
        row(f"twice, {name}", application(*both), verdict, *finds, certs=(), **options),
        row(
            f"twice, {name}, the other way round",
            application(*both[::-1]),
            verdict,
            *finds,
            certs=(),
            **options,
        ),
    )


OVER = {"endDateTime": iso(NOW - DAY)}
TO_COME = {"startDateTime": iso(NOW + DAY)}
SOON = {"endDateTime": iso(NOW + 9 * DAY)}
# One certificate is one key, and serves if any of its registrations does.
TWICE = (
    *twice("once for signing", {}, {"usage": "Sign"}),
    *twice("once for encrypting", {}, {"usage": "Encrypt"}),
    *twice("once ended, and nothing held", {}, OVER),
    *twice("once ended, with days asked", {}, OVER, min_days=30),
    *twice("once to come", {}, TO_COME),
    *twice("once to come, the other ends first", SOON, TO_COME),
    *twice("once ends soon, with days asked", {}, SOON, min_days=30),
    *twice("once without its key", {}, {"key": None}),
    *twice("once without its key, and that ended", {}, {"key": None} | OVER),
    *twice("once with its key, and that ended", OVER, {"key": None}),
    *twice(
        "once by its SHA-256 alone",
        OVER,
        {"key": None, "customKeyIdentifier": graph.b64(graph.sha256(APP))},
    ),
    *twice("once unreadable", {}, {"key": "AAAA"}, "key-unreadable"),
    *twice("both ended", OVER, OVER, "registered-key-expired", min_days=30),
    *twice("both to come", TO_COME, TO_COME, "registered-key-not-yet-valid"),
    *twice("both soon to end", SOON, SOON, "certificate-ends-soon", min_days=30),
    *twice(
        "ended for verifying, valid for signing", OVER, {"usage": "Sign"}, "registered-key-expired"
    ),
    *twice("both for signing", {"usage": "Sign"}, {"usage": "Sign"}, "registered-key-usage-sign"),
)
UNNAMED = {"key": None, "customKeyIdentifier": "bXkga2V5"}
"""A registration that does not show whose it is."""
ENDED = certificate(end=NOW - DAY)
FUTURE = certificate(start=NOW + DAY)
BRIEF = certificate(end=NOW + 20 * DAY)
SMALL = certificate("small", holder=key("small", 1024))
PUBLIC = (
    key()
    .public_key()
    .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
OTHERS_PUBLIC = (
    key("other")
    .public_key()
    .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
BARE = {"key": graph.b64(PUBLIC)}


ROWS = (
    row("registered", application(APP), ACCEPTED),
    row("registered, nothing held", application(APP), ACCEPTED, certs=()),
    row("registered among others", application(OTHER, APP), ACCEPTED),
    row("by its identifier alone", az_app_show(APP), ACCEPTED),
    row("by its identifier, in az's list", az_credential_list(APP), ACCEPTED),
    row(
        "by a SHA-256 for its identifier",
        application(credential(customKeyIdentifier=graph.b64(graph.sha256(APP)), key=None)),
        ACCEPTED,
    ),
    row("named by x5t#S256", application(APP), ACCEPTED, text=token("PS256")),
    row(
        "the key's certificate under an identifier set by hand",
        application(credential(customKeyIdentifier="bXkga2V5")),
        ACCEPTED,
    ),
    # Not registered.
    row("no keys at all", application(), REFUSED, "no-keys-registered"),
    row(
        "secrets only",
        application(passwordCredentials=[graph.password_credential()]),
        REFUSED,
        "no-certificate-registered",
    ),
    row(
        "no keys, and secrets not exported",
        application(passwordCredentials=DROP),
        REFUSED,
        "no-certificate-registered",
    ),
    row("another one registered", application(OTHER), REFUSED, "certificate-not-registered"),
    row(
        "another one registered, without its key",
        az_app_show(OTHER),
        REFUSED,
        "certificate-not-registered",
    ),
    row(
        "signed with a registered key that --cert is not",
        application(OTHER),
        ACCEPTED,
        text=FROM_OTHER,
    ),
    row(
        "the header names the registered one, the held one signed",
        application(OTHER),
        REFUSED,
        "signed-with-other-key",
        text=token(cert=OTHER),
    ),
    row(
        "renewed with the same key",
        application(APP),
        REFUSED,
        "x5t-of-renewed-cert-same-key",
        text=token(cert=RENEWED),
        certs=(pem(RENEWED),),
    ),
    row(
        "a certificate from --also is not what the client holds",
        application(OTHER),
        REFUSED,
        "wrong-certificate",
        certs=(),
        also=[OWN],
    ),
    row(
        "registered, though given with --also",
        application(APP),
        ACCEPTED,
        certs=(),
        also=[OWN],
    ),
    row(
        "x5t in hex, of one that is not registered either",
        application(OTHER),
        REFUSED,
        "x5t-is-hex",
        "certificate-not-registered",
        text=token(head={"x5t": graph.hex_thumbprint(APP)}),
    ),
    row(
        "its issuer is registered",
        application(CA),
        REFUSED,
        "issuer-registered-instead-of-leaf",
        text=token(cert=LEAF, holder=key("leaf")),
        certs=(pem(LEAF, CA),),
    ),
    row(
        "issuer and leaf are registered",
        application(CA, LEAF),
        ACCEPTED,
        text=token(cert=LEAF, holder=key("leaf")),
        certs=(pem(LEAF, CA),),
    ),
    # Its dates.
    row(
        "registration ended",
        application(credential(endDateTime=iso(NOW - DAY))),
        REFUSED,
        "registered-key-expired",
    ),
    row("registration ends now", application(credential(endDateTime=iso(NOW))), ACCEPTED),
    row(
        "registration ended, by az's list",
        az_credential_list(APP, endDateTime=iso(NOW - DAY)),
        REFUSED,
        "registered-key-expired",
    ),
    row(
        "registration begins later",
        application(credential(startDateTime=iso(NOW + DAY))),
        REFUSED,
        "registered-key-not-yet-valid",
    ),
    row("registration begins now", application(credential(startDateTime=iso(NOW))), ACCEPTED),
    row(
        "another registration ended",
        application(APP, credential(OTHER, endDateTime=iso(NOW - DAY))),
        ACCEPTED,
    ),
    row(
        "registration and certificate ended",
        application(certificate(end=NOW - DAY)),
        REFUSED,
        "registered-key-expired",
        text=token(cert=certificate(end=NOW - DAY)),
        certs=(pem(certificate(end=NOW - DAY)),),
    ),
    row(
        "registered for longer than the certificate, which ended",
        application(credential(certificate(end=NOW - DAY), endDateTime=iso(NOW + DAY))),
        ACCEPTED,
        "certificate-outlived",
        text=token(cert=certificate(end=NOW - DAY)),
        certs=(pem(certificate(end=NOW - DAY)),),
    ),
    row(
        "without any dates",
        application(credential(startDateTime=None, endDateTime=None)),
        INCOMPLETE,
    ),
    row("without an end", application(credential(endDateTime=None)), INCOMPLETE),
    row("without a start", application(credential(startDateTime=None)), INCOMPLETE),
    row(
        "a start in the words of a country",
        application(credential(startDateTime="01/02/2026 00:00:00")),
        INCOMPLETE,
    ),
    row(
        "without a start, and ended",
        application(credential(startDateTime=None, endDateTime=iso(NOW - DAY))),
        REFUSED,
        "registered-key-expired",
    ),
    row(
        "another one without any dates",
        application(APP, credential(OTHER, startDateTime=None, endDateTime=None)),
        ACCEPTED,
    ),
    row(
        "without any dates, and the certificate ended",
        application(credential(certificate(end=NOW - DAY), startDateTime=None, endDateTime=None)),
        REFUSED,
        "certificate-expired",
        text=token(cert=certificate(end=NOW - DAY)),
        certs=(),
    ),
    # Its use.
    row(
        "for signing",
        application(credential(usage="Sign")),
        REFUSED,
        "registered-key-usage-sign",
    ),
    row("usage in lower case", application(credential(usage="verify")), ACCEPTED),
    row("without a usage", application(credential(usage=None)), ACCEPTED),
    row(
        "for something else",
        application(credential(usage="Encrypt")),
        REFUSED,
        "registered-key-usage-sign",
    ),
    row(
        "for signing and for verifying",
        application(credential(usage="Sign"), credential()),
        ACCEPTED,
    ),
    row(
        "twice, once ended",
        application(credential(endDateTime=iso(NOW - DAY)), credential()),
        ACCEPTED,
    ),
    *TWICE,
    # What the certificate is like, where it is not registered.
    row(
        "not registered, and ended",
        application(OTHER),
        REFUSED,
        "certificate-not-registered",
        "certificate-expired",
        text=token(cert=ENDED),
        certs=(pem(ENDED),),
    ),
    row(
        "not registered, and not yet valid",
        application(OTHER),
        REFUSED,
        "certificate-not-registered",
        "certificate-not-yet-valid",
        text=token(cert=FUTURE),
        certs=(pem(FUTURE),),
    ),
    row(
        "not registered, and small",
        application(OTHER),
        REFUSED,
        "certificate-not-registered",
        "rsa-key-too-small",
        text=token(cert=SMALL, holder=key("small", 1024)),
        certs=(pem(SMALL),),
    ),
    row(
        "not registered, and ends later than asked",
        application(OTHER),
        REFUSED,
        "certificate-not-registered",
        min_days=30,
    ),
    row(
        "not registered, and ends sooner than asked",
        application(OTHER),
        REFUSED,
        "certificate-not-registered",
        "certificate-ends-soon",
        text=token(cert=BRIEF),
        certs=(pem(BRIEF),),
        min_days=30,
    ),
    row(
        "no keys at all, and ended",
        application(),
        REFUSED,
        "no-keys-registered",
        "certificate-expired",
        text=token(cert=ENDED),
        certs=(pem(ENDED),),
    ),
    # What the key is like that cannot be seen.
    row(
        "unreadable, under its thumbprint",
        application(credential(key="AAAA")),
        INCOMPLETE,
        "key-unreadable",
    ),
    row(
        "unreadable, under its thumbprint, and ended",
        application(credential(key="AAAA", **OVER)),
        REFUSED,
        "key-unreadable",
        "registered-key-expired",
    ),
    row("not shown, nothing held", az_app_show(APP), INCOMPLETE, certs=()),
    row(
        "not shown and ended",
        az_app_show(credential(**OVER)),
        REFUSED,
        "registered-key-expired",
        certs=(),
    ),
    row(
        "not shown and ended, with days asked",
        az_app_show(credential(**OVER)),
        REFUSED,
        "registered-key-expired",
        certs=(),
        min_days=30,
    ),
    row(
        "not shown and to come",
        az_app_show(credential(**TO_COME)),
        REFUSED,
        "registered-key-not-yet-valid",
        certs=(),
    ),
    row(
        "not shown and without an end",
        az_app_show(credential(endDateTime=None)),
        INCOMPLETE,
        certs=(),
    ),
    row(
        "not shown, named, ended once of two",
        az_app_show(credential(**OVER), APP),
        INCOMPLETE,
        certs=(),
    ),
    row(
        "not shown, named and ended, another valid",
        az_app_show(credential(**OVER), OTHER),
        REFUSED,
        "registered-key-expired",
        certs=(),
    ),
    row(
        "not shown nor named, ended",
        application(credential(**UNNAMED, **OVER)),
        REFUSED,
        "registered-key-expired",
    ),
    row(
        "not shown nor named, ended, with days asked",
        application(credential(**UNNAMED, **OVER)),
        REFUSED,
        "registered-key-expired",
        min_days=30,
    ),
    row(
        "not shown nor named, several ended",
        application(credential(**UNNAMED, **OVER), credential(**UNNAMED, **OVER)),
        REFUSED,
        "registered-key-expired",
    ),
    row(
        "not shown nor named, one of two ended",
        application(credential(**UNNAMED, **OVER), credential(**UNNAMED)),
        INCOMPLETE,
    ),
    row(
        "not shown nor named, ended, while the key of another is shown, which did not sign",
        application(OTHER, credential(**UNNAMED, **OVER)),
        REFUSED,
        "registered-key-expired",
    ),
    row(
        "not shown nor named, ended, while one is shown that may have signed",
        application(OTHER, credential(**UNNAMED, **OVER)),
        REFUSED,
        "x5t-unknown",
        certs=(),
    ),
    row(
        "not shown nor named, several to come",
        application(credential(**UNNAMED, **TO_COME), credential(**UNNAMED, **TO_COME)),
        REFUSED,
        "registered-key-not-yet-valid",
    ),
    row(
        "not shown nor named, for signing, ended",
        application(credential(**UNNAMED, **OVER, usage="Sign")),
        INCOMPLETE,
    ),
    row(
        "not shown and ended, on the service principal",
        graph.service_principal(credential(**UNNAMED, **OVER)),
        INCOMPLETE,
    ),
    row(
        "not shown and ended, trusted by name",
        application(credential(**UNNAMED, **OVER), **SNI),
        INCOMPLETE,
    ),
    row(
        "trusted by name, without x5c, and ended",
        application(OTHER, **SNI),
        REFUSED,
        "sni-needs-x5c",
        "certificate-expired",
        text=token(cert=ENDED),
        certs=(pem(ENDED),),
    ),
    # A key without its certificate.
    row("a bare key", application(credential(**BARE)), REFUSED, "key-is-not-a-certificate"),
    row(
        "a bare key, nothing held",
        application(credential(**BARE)),
        REFUSED,
        "key-is-not-a-certificate",
        certs=(),
    ),
    row("a bare key beside its certificate", application(credential(**BARE), APP), ACCEPTED),
    row(
        "a bare key that did not sign",
        application(credential(OTHER, **BARE)),
        REFUSED,
        "certificate-not-registered",
        text=token(cert=OTHER, holder=key("other")),
        certs=(pem(OTHER),),
    ),
    row(
        "a bare key, and the certificate ended",
        application(credential(ENDED, **BARE)),
        REFUSED,
        "key-is-not-a-certificate",
        "certificate-expired",
        text=token(cert=ENDED),
        certs=(pem(ENDED),),
    ),
    row(
        "a bare key that ended, nothing held",
        application(credential(**BARE, **OVER)),
        REFUSED,
        "key-is-not-a-certificate",
        certs=(),
        min_days=30,
    ),
    row(
        "a bare key that ended",
        application(credential(**BARE, **OVER)),
        REFUSED,
        "key-is-not-a-certificate",
        min_days=30,
    ),
    row(
        "another's bare key that ended",
        application(APP, credential(OTHER, key=graph.b64(OTHERS_PUBLIC), **OVER)),
        ACCEPTED,
        "other-keys-expired",
        min_days=30,
    ),
    # Disabled.
    row(
        "a disabled service principal",
        graph.service_principal(APP, accountEnabled=False),
        REFUSED,
        "app-disabled",
    ),
    row(
        "an app and its disabled service principal",
        [application(APP), graph.service_principal(accountEnabled=False)],
        REFUSED,
        "app-disabled",
    ),
    row(
        "its private key registered in its place",
        application(credential(key=graph.b64(PRIVATE))),
        REFUSED,
        "certificate-not-registered",
    ),
    row(
        "its private key registered in its place, and another's",
        application(credential(key=graph.b64(PRIVATE)), credential(OTHER, key=graph.b64(PRIVATE))),
        REFUSED,
        "certificate-not-registered",
        "private-key-uploaded",
    ),
    row(
        "another's private key registered",
        application(credential(OTHER, key=graph.b64(PRIVATE))),
        REFUSED,
        "certificate-not-registered",
        "private-key-uploaded",
    ),
    row(
        "a private key registered beside it",
        application(APP, credential(OTHER, key=graph.b64(PRIVATE))),
        ACCEPTED,
        "private-key-uploaded",
    ),
    # How it is registered.
    row(
        "with another type",
        application(credential(type="Symmetric")),
        ACCEPTED,
        "key-type-wrong",
    ),
    row(
        "with the type in lower case", application(credential(type="asymmetricx509cert")), ACCEPTED
    ),
    row(
        "as PEM text",
        application(credential(key=graph.b64(OWN))),
        ACCEPTED,
        "key-written-as-pem",
    ),
    row(
        "on a public client",
        application(APP, isFallbackPublicClient=True),
        ACCEPTED,
        "app-is-public-client",
    ),
    row(
        "with another type, on another app",
        application(credential(type="Symmetric"), appId=OTHER_APP),
        REFUSED,
        "registration-of-another-app",
    ),
    # The only key is not the one that signed, nor the one that is named.
    *(
        row(f"the only key {how}, {whose}", app, REFUSED, finds, certs=certs)
        for how, app in UNFIT.items()
        for whose, certs, finds in (
            ("and another one signed", (OWN,), "certificate-not-registered"),
            ("and nothing shows who signed", (), "x5t-unknown"),
        )
    ),
    row(
        "the only key has ended, and is named",
        UNFIT["has ended"],
        REFUSED,
        "registered-key-expired",
        "signed-with-other-key",
        text=token(cert=OTHER),
    ),
    row(
        "the only key has ended, and is named in hex",
        UNFIT["has ended"],
        REFUSED,
        "registered-key-expired",
        "x5t-is-hex",
        "signed-with-unknown-key",
        text=token(head={"x5t": graph.hex_thumbprint(OTHER)}),
        certs=(),
    ),
    row(
        "the only key has ended, and signed, under another name",
        UNFIT["has ended"],
        REFUSED,
        "registered-key-expired",
        "x5t-unknown",
        text=token(head={"x5t": x5t(APP)}, holder=key("other")),
        certs=(),
    ),
    row(
        "the only key has ended, and signed what was changed since, under another name",
        UNFIT["has ended"],
        REFUSED,
        "registered-key-expired",
        "x5t-unknown",
        "payload-changed-after-signing",
        text=changed(token(head={"x5t": x5t(APP)}, holder=key("other"))),
        certs=(),
    ),
    row(
        "renewed with the same key, and the old registration ended",
        application(credential(endDateTime=iso(NOW - DAY))),
        REFUSED,
        "x5t-of-renewed-cert-same-key",
        text=token(cert=RENEWED),
        certs=(pem(RENEWED),),
    ),
    # The thumbprints alone, and nothing at hand.
    row(
        "x5t is not among the thumbprints",
        az_app_show(OTHER),
        REFUSED,
        "certificate-not-registered",
        certs=(),
    ),
    row(
        "x5t is not among the thumbprints, and what is held did not sign",
        az_app_show(OTHER),
        REFUSED,
        "certificate-not-registered",
        certs=(pem(certificate("third")),),
    ),
    row(
        "x5t is among the thumbprints",
        az_app_show(OTHER, APP),
        INCOMPLETE,
        certs=(),
    ),
    row(
        "x5t is not among identifiers that may be anything",
        application(credential(OTHER, customKeyIdentifier="bXkga2V5", key=None)),
        INCOMPLETE,
        certs=(),
    ),
    row(
        "x5t#S256 is compared with no SHA-1",
        az_app_show(OTHER),
        INCOMPLETE,
        text=token("PS256"),
        certs=(),
    ),
    row(
        "x5t is not among the thumbprints of an app that trusts by name",
        application(credential(OTHER, key=None), **SNI),
        INCOMPLETE,
        certs=(),
    ),
    # Trusted by subject name.
    row(
        "trusted by name, and no keys at all",
        application(**SNI),
        INCOMPLETE,
        text=token(cert=LEAF, holder=key("leaf"), head={"x5c": [graph.b64(der(LEAF))]}),
        certs=(pem(LEAF),),
    ),
    row("trusted by name too", application(APP, **SNI), ACCEPTED),
    row(
        "trusted by name, without x5c",
        application(OTHER, **SNI),
        REFUSED,
        "sni-needs-x5c",
    ),
    row(
        "trusted by name, with x5c",
        application(OTHER, **SNI),
        INCOMPLETE,
        text=token(cert=LEAF, holder=key("leaf"), head={"x5c": [graph.b64(der(LEAF))]}),
        certs=(pem(LEAF),),
    ),
    row(
        "trusted by name, with a self-signed x5c",
        application(APP, **SNI),
        REFUSED,
        "sni-self-signed",
        text=token(head={"x5c": [graph.b64(der(APP))]}),
    ),
    row(
        "trusted by name, not registered, with a self-signed x5c",
        application(OTHER, **SNI),
        REFUSED,
        "sni-self-signed",
        text=token(head={"x5c": [graph.b64(der(APP))]}),
    ),
    row(
        "trusted by name, issued by a CA, without x5c",
        application(OTHER, **SNI),
        REFUSED,
        "sni-needs-x5c",
        text=token(cert=LEAF, holder=key("leaf")),
        certs=(pem(LEAF),),
    ),
    row("no trust by name, and x5c", application(APP, trustedCertificateSubjects=[]), ACCEPTED),
    # Which app.
    row(
        "another app's registration",
        application(APP, appId=OTHER_APP),
        REFUSED,
        "registration-of-another-app",
    ),
    row("the app in capitals", application(APP, appId=CLIENT_ID.upper()), ACCEPTED),
    row(
        "object id for client id",
        application(APP),
        REFUSED,
        "iss-is-object-id",
        text=token(iss=OBJECT_ID, sub=OBJECT_ID),
    ),
    row(
        "object id for client id, which is given",
        application(APP),
        REFUSED,
        "iss-is-object-id",
        text=token(iss=OBJECT_ID, sub=OBJECT_ID),
        client_id=CLIENT_ID,
    ),
    row(
        "the object id given as client id",
        application(APP),
        REFUSED,
        "wrong-application",
        client_id=OBJECT_ID,
    ),
    row(
        "the client id given as tenant",
        application(APP),
        REFUSED,
        "aud-wrong-tenant",
        tenant=CLIENT_ID,
    ),
    row(
        "of several apps",
        graph.graph_list(application(OTHER, appId=OTHER_APP), application(APP)),
        ACCEPTED,
    ),
    row(
        "of several apps, the one whose client id is given",
        graph.graph_list(application(APP, appId=OTHER_APP), application(OTHER)),
        REFUSED,
        "registration-of-another-app",
        "wrong-application",
        client_id=OTHER_APP,
    ),
    row(
        "an app before its service principal",
        [graph.service_principal(OTHER), application(APP)],
        ACCEPTED,
    ),
    # A service principal has keys of its own; the app's are on the application.
    row("on the service principal", graph.service_principal(APP), ACCEPTED),
    row("not on the service principal", graph.service_principal(OTHER), INCOMPLETE),
    row("a service principal without keys", graph.service_principal(), INCOMPLETE),
    row(
        "not on the service principal, and another fault",
        graph.service_principal(OTHER),
        REFUSED,
        "x5t-is-hex",
        text=token(head={"x5t": graph.hex_thumbprint(APP)}),
    ),
    # What the export does not show.
    row("no keyCredentials in it", application(keyCredentials=DROP), INCOMPLETE),
    row(
        "no keyCredentials in it, and another fault",
        application(keyCredentials=DROP),
        REFUSED,
        "x5t-is-hex",
        text=token(head={"x5t": graph.hex_thumbprint(APP)}),
    ),
    row(
        "an identifier that decides nothing",
        application(credential(customKeyIdentifier="bXkga2V5", key=None)),
        INCOMPLETE,
    ),
    row(
        "an identifier that is a text as long as a digest",
        application(credential(OTHER, customKeyIdentifier="payments-client-2026", key=None)),
        INCOMPLETE,
    ),
    row(
        "an identifier as long as a SHA-256",
        application(credential(customKeyIdentifier=graph.b64(b"\x81" * 32), key=None)),
        INCOMPLETE,
    ),
    row(
        "no identifier and no key",
        application(credential(customKeyIdentifier=None, key=None)),
        INCOMPLETE,
    ),
    row(
        "a key that cannot be read",
        application(credential(customKeyIdentifier=None, key="AAAA")),
        INCOMPLETE,
        "key-unreadable",
    ),
    row(
        "an identifier that decides nothing beside the right key",
        application(APP, credential(OTHER, customKeyIdentifier="bXkga2V5", key=None)),
        ACCEPTED,
    ),
    row(
        "named by its identifier, and not at hand",
        az_app_show(APP),
        INCOMPLETE,
        certs=(),
    ),
    row(
        "named by its identifier, another one at hand",
        az_app_show(APP),
        REFUSED,
        "certificate-not-registered",
        text=token(head={"x5t": x5t(APP)}, holder=key("other")),
        certs=(pem(OTHER),),
    ),
)
BY_NAME = {each.name: each for each in ROWS}


def judged(name: str) -> Report:
    each = BY_NAME[name]
    app = each.app if isinstance(each.app, bytes) else as_json(each.app)
    return diagnose(each.text, certs=each.certs, app=app, at=NOW, **each.options)


@pytest.mark.parametrize("name", BY_NAME)
def test_the_registration_decides(name):
    answer = judged(name)
    assert {finding.id for finding in answer.findings} == BY_NAME[name].finds
    assert answer.verdict is BY_NAME[name].verdict
    assert answer.exit_code() == {ACCEPTED: 0, REFUSED: 1, INCOMPLETE: 3}[BY_NAME[name].verdict]


@pytest.mark.parametrize("name", [each.name for each in TWICE])
def test_a_certificate_registered_twice_is_one_key(name):
    answer = judged(name)
    assert len(answer.findings) == len(BY_NAME[name].finds)
    assert len(answer.keys) == 1


@pytest.mark.parametrize(
    ("name", "fault", "fix"),
    [
        (
            "not registered, and ended",
            "certificate-not-registered",
            "register a new certificate, as this one has ended: `az ad app credential reset --id "
            f"{CLIENT_ID} --cert @new.pem --append`, or deploy the key of a certificate that is "
            "registered",
        ),
        (
            "not registered, and not yet valid",
            "certificate-not-registered",
            f"upload it with `az ad app credential reset --id {CLIENT_ID} --cert @cert.pem "
            "--append`, which serves from 2026-03-11 12:00:00Z on, or deploy the key of a "
            "certificate that is registered",
        ),
        (
            "no keys at all, and ended",
            "no-keys-registered",
            f"register the certificate: `az ad app credential reset --id {CLIENT_ID} --cert "
            "@new.pem --append`",
        ),
        (
            "trusted by name, without x5c, and ended",
            "sni-needs-x5c",
            f"register a new certificate: `az ad app credential reset --id {CLIENT_ID} --cert "
            "@new.pem --append`; or sign with a certificate that a CA issued, and send that in x5c",
        ),
        (
            "a bare key, and the certificate ended",
            "key-is-not-a-certificate",
            f"register the certificate: `az ad app credential reset --id {CLIENT_ID} --cert "
            "@new.pem --append`",
        ),
    ],
)
def test_what_has_ended_is_not_to_be_uploaded(name, fault, fix):
    (finding,) = (each for each in judged(name).findings if each.id == fault)
    assert finding.fix == fix


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "not shown and ended",
            "CN=assertcheck test, which the header names, is registered until 2026-03-09 "
            "12:00:00Z, 1 day before the check",
        ),
        (
            "not shown and to come",
            "CN=assertcheck test, which the header names, is registered from 2026-03-11 12:00:00Z "
            "on, 1 day after the check",
        ),
        (
            "not shown nor named, ended",
            "CN=assertcheck test, the only one that may have signed, is registered until "
            "2026-03-09 12:00:00Z, 1 day before the check",
        ),
        (
            "not shown nor named, several ended",
            "CN=assertcheck test and CN=assertcheck test, the only ones that may have signed, are "
            "registered until 2026-03-09 12:00:00Z, 1 day before the check",
        ),
    ],
)
def test_whatever_key_it_is_its_time_is_over_or_to_come(name, message):
    cause = judged(name).cause
    assert cause is not None
    assert cause.message == message


def test_what_cannot_be_read_under_its_thumbprint_decides_nothing():
    (why,) = (
        each.why for each in judged("unreadable, under its thumbprint").not_checked if each.decisive
    )
    assert why == (
        "CN=assertcheck test has the thumbprint of certificate for its identifier, and what it "
        "holds cannot be read"
    )


def test_what_to_do_on_a_list_of_credentials_names_the_app_that_signs_in():
    unknown = az_credential_list(APP, customKeyIdentifier="bXkga2V5")
    answer = diagnose(token(), certs=[OWN], app=as_json(unknown), at=NOW)
    (why,) = (each.why for each in answer.not_checked if each.decisive)
    assert f"applications(appId='{CLIENT_ID}')" in why
    wrong = [credential(type="Symmetric", keyId=None)]
    (finding,) = diagnose(token(), certs=[OWN], app=as_json(wrong), at=NOW).findings
    assert f"--id {CLIENT_ID} " in finding.fix


def test_the_end_of_a_registration_is_not_called_that_of_the_certificate():
    soon = as_json(application(credential(endDateTime=iso(NOW + 5 * DAY))))
    (finding,) = diagnose(token(), certs=[OWN], app=soon, min_days=6, at=NOW).findings
    assert finding.message == "certificate is registered until 2026-03-15 12:00:00Z, in 5 days"
    assert finding.fix == (
        "register the certificate anew, which is valid until 2027-02-08 12:00:00Z: "
        f"{REGISTER} --end-date 2027-02-08T12:00:00Z`"
    )
    # Where the certificate ends soon as well, only another one helps.
    both = as_json(application(credential(BRIEF, endDateTime=iso(NOW + 5 * DAY))))
    text = token(cert=BRIEF)
    for days, word in ((21, "@new.pem"), (20, "--end-date")):
        (finding,) = diagnose(text, certs=[pem(BRIEF)], app=both, min_days=days, at=NOW).findings
        assert finding.message == "certificate is registered until 2026-03-15 12:00:00Z, in 5 days"
        assert word in finding.fix
    ends = as_json(application(BRIEF))
    (finding,) = diagnose(text, certs=[pem(BRIEF)], app=ends, min_days=21, at=NOW).findings
    assert finding.message == "certificate ends at 2026-03-30 12:00:00Z, in 20 days"
    assert finding.fix.startswith("register its successor: ")


def facts(name: str) -> dict[str, tuple[Role, bool | None]]:
    return {each.label: (each.role, each.registered) for each in judged(name).keys}


def test_each_key_says_whether_it_is_registered():
    assert facts("registered") == {"certificate": (Role.REGISTERED, True)}
    assert facts("registered among others") == {
        "certificate": (Role.REGISTERED, True),
        "app[0]": (Role.REGISTERED, True),
    }
    assert facts("another one registered") == {
        "certificate": (Role.HELD, False),
        "app": (Role.REGISTERED, True),
    }
    assert facts("no keyCredentials in it") == {"certificate": (Role.REGISTERED, None)}
    assert facts("a certificate from --also is not what the client holds") == {
        "app": (Role.REGISTERED, True),
        "certificate": (Role.ALSO, False),
    }


def test_a_held_certificate_says_where_it_is_registered():
    (key_,) = judged("registered").keys
    assert key_.notes == ("registered as app",)
    (key_,) = judged("registered, nothing held").keys
    assert key_.notes == ()


def test_what_is_registered_is_no_assumption():
    assert judged("registered").assumes == ()
    assert "is registered on app" in diagnose(token(), certs=[OWN], at=NOW).assumes[0]


def test_what_is_not_registered_is_compared_with_what_is():
    cause = judged("another one registered").cause
    assert cause is not None
    assert cause.at == "certificate"
    assert cause.message == (
        "certificate, whose key signed, is not among the keys of app: CN=assertcheck test"
    )
    assert f"az ad app credential reset --id {CLIENT_ID}" in cause.fix
    assert cause.expected == f"{graph.hex_thumbprint(APP)} among the registered keys"
    assert cause.actual == graph.hex_thumbprint(OTHER)


def test_a_registered_key_without_a_certificate_goes_by_its_label():
    bare = (
        key("other")
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    there = credential(customKeyIdentifier=None, key=graph.b64(bare))
    (cause,) = diagnose(token(), certs=[OWN], app=as_json(application(there)), at=NOW).findings
    assert (cause.id, cause.actual) == ("certificate-not-registered", "the key of app")


def test_a_bare_key_that_is_not_registered_has_no_thumbprint_to_compare():
    public = (
        key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    answer = diagnose(
        token(head={"x5t": "a" * 27}), certs=[public], app=as_json(application(OTHER)), at=NOW
    )
    (cause,) = (each for each in answer.findings if each.id == "certificate-not-registered")
    assert cause.expected is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no keyCredentials in it", "app does not hold keyCredentials"),
        ("an identifier that decides nothing", "app leaves out the key, and the identifier"),
        ("named by its identifier, and not at hand", "the header names app, whose key"),
        ("not on the service principal", "app is a service principal"),
    ],
)
def test_what_cannot_be_decided_says_why_and_how_to_export_it(name, words):
    whys = [each.why for each in judged(name).not_checked if each.decisive]
    (why,) = (each for each in whys if words in each)
    assert f"applications(appId='{CLIENT_ID}')" in why
    assert "$select=" in why


def test_what_was_cut_off_is_exported_whole():
    cut = application(
        keyCredentials="Microsoft.Graph.PowerShell.Models.MicrosoftGraphKeyCredential"
    )
    (open_end,) = (
        each.why
        for each in diagnose(token(), certs=[OWN], app=as_json(cut), at=NOW).not_checked
        if each.decisive
    )
    assert open_end == (
        "app does not hold keyCredentials; the export was cut off there; export it again with "
        "`ConvertTo-Json -Depth 5`"
    )


def test_of_several_apps_none_may_be_the_one_that_signs_in():
    apps = graph.graph_list(
        application(APP, appId=OTHER_APP),
        application(OTHER, appId="88888888-0000-4000-8000-000000000008"),
    )
    with pytest.raises(AssertcheckError) as raised:
        diagnose(token(), certs=[OWN], app=as_json(apps), at=NOW)
    assert raised.value.message == "app holds 2 apps, and none of them is the one that signs in"
    assert "az rest" in raised.value.hint


def test_the_end_of_a_registration_is_what_min_days_looks_at():
    soon = as_json(application(credential(endDateTime=iso(NOW + 5 * DAY))))
    for days, finds in ((6, {"certificate-ends-soon"}), (5, set())):
        answer = diagnose(token(), certs=[OWN], app=soon, min_days=days, at=NOW)
        # One end is one finding.
        assert {each.id for each in answer.findings} == (finds or {"registered-window-shorter"})
    assert diagnose(token(), certs=[OWN], app=soon, at=NOW).findings == ()


def test_the_object_id_is_not_what_to_paste():
    cause = judged("the object id given as client id").cause
    assert cause is not None
    assert cause.message.endswith(f"the client id is {OBJECT_ID}, which is the object id in app")
    assert cause.fix == f"set iss and sub to the application (client) id: {CLIENT_ID}"


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("trusted by name, issued by a CA, without x5c", "send x5c: "),
        ("trusted by name, without x5c", "register it by its thumbprint: `az ad app"),
        ("trusted by name, with a self-signed x5c", "leave x5c out, or sign with "),
        (
            "trusted by name, not registered, with a self-signed x5c",
            "leave x5c out, and register it by its thumbprint: `az ad app",
        ),
    ],
)
def test_no_fix_for_an_app_that_trusts_by_name_brings_up_the_next_error(name, fix):
    cause = judged(name).cause
    assert cause is not None
    assert cause.fix.startswith(fix)


def test_a_private_key_in_place_of_a_certificate_has_no_thumbprint():
    cause = judged("its private key registered in its place").cause
    assert cause is not None
    assert cause.actual == "the key of app"


def test_whose_private_key_was_uploaded_makes_a_new_one():
    finding = judged("its private key registered in its place").cause
    assert finding is not None
    assert finding.message == (
        "certificate, whose key signed, is not among the keys of app: CN=assertcheck test has its "
        "thumbprint, and holds a private key in its place"
    )
    assert finding.fix == (
        "that private key is no secret any more: make a new one, and register its certificate with "
        f"`az ad app credential reset --id {CLIENT_ID} --cert @new.pem --append`; then remove "
        f"CN=assertcheck test from the app: `az ad app credential delete --id {CLIENT_ID} --key-id "
        f"{graph.KEY_ID}1 --cert`"
    )
    unnamed = as_json(application(credential(key=graph.b64(PRIVATE), keyId=None)))
    finding = diagnose(token(), certs=[OWN], app=unnamed, at=NOW).cause
    assert finding is not None
    assert finding.fix.endswith("; then remove CN=assertcheck test from the app")
    finding = judged("another's private key registered").cause
    assert finding is not None
    assert finding.fix.startswith("upload it with `az ad app credential reset")


REGISTER = f"`az ad app credential reset --id {CLIENT_ID} --cert @cert.pem --append"
ENDED_ALONE = as_json(application(credential(**OVER)))


@pytest.mark.parametrize(
    ("registered", "held", "fix"),
    [
        (
            credential(endDateTime=iso(NOW - DAY)),
            APP,
            "register the certificate anew, which is valid until 2027-02-08 12:00:00Z: "
            f"{REGISTER} --end-date 2027-02-08T12:00:00Z`",
        ),
        (
            credential(ENDED, endDateTime=iso(NOW - 2 * DAY)),
            ENDED,
            "register a new certificate: "
            f"`az ad app credential reset --id {CLIENT_ID} --cert @new.pem --append`",
        ),
        (
            credential(startDateTime=iso(NOW + DAY)),
            APP,
            "wait until then, or register the certificate anew, which is valid until 2027-02-08 "
            f"12:00:00Z: {REGISTER} --end-date 2027-02-08T12:00:00Z`",
        ),
        (
            credential(certificate(start=NOW + DAY)),
            certificate(start=NOW + DAY),
            "wait until then, or register a certificate whose start has passed",
        ),
    ],
    ids=["ended", "ended with its certificate", "to come", "to come with its certificate"],
)
def test_a_certificate_that_is_valid_is_registered_anew(registered, held, fix):
    answer = diagnose(
        token(cert=held), certs=[pem(held)], app=as_json(application(registered)), at=NOW
    )
    assert answer.cause is not None
    assert answer.cause.fix == fix


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("the only key has ended, and another one signed", 1),
        ("the only key begins later, and another one signed", 1),
        ("the only key is for signing, and another one signed", 1),
        ("another one registered", 2),
        ("another one registered, without its key", 2),
    ],
)
def test_only_what_can_be_used_is_advised(name, ways):
    finding = judged(name).cause
    assert finding is not None
    assert ("or deploy the key of a certificate that is registered" in finding.fix) is (ways == 2)


def test_a_thumbprint_that_no_registered_key_has_is_compared_with_those():
    finding = judged("x5t is not among the thumbprints").cause
    assert finding is not None
    assert (finding.at, finding.actual) == ("header.x5t", graph.hex_thumbprint(APP))
    assert finding.expected == graph.hex_thumbprint(OTHER)
    assert finding.message == (
        f"x5t names {graph.hex_thumbprint(APP)}, which is not among the keys of app: "
        "CN=assertcheck test"
    )


def test_a_key_that_is_not_found_is_not_found_expired():
    answer = diagnose(
        token(head={"x5t": graph.hex_thumbprint(APP)}), certs=[OWN], app=ENDED_ALONE, at=NOW
    )
    assert [each.id for each in answer.findings] == ["x5t-is-hex", "registered-key-expired"]
    assert answer.prediction is not None
    assert answer.prediction.reason == NOT_FOUND


def test_how_a_key_is_registered_may_explain_the_error():
    error = (
        "AADSTS700027: The certificate with identifier used to sign the client assertion is not "
        f"registered on application. [Reason - {NOT_FOUND}, Thumbprint of key used by client: "
        f"'{graph.hex_thumbprint(APP)}', Please visit the Azure Portal]"
    )
    typed = as_json(application(credential(type="Symmetric")))
    answer = diagnose(token(), certs=[OWN], app=typed, error=error, at=NOW)
    assert [each.id for each in answer.findings] == ["key-type-wrong"]
    assert answer.verdict is INCOMPLETE
    assert "AADSTS700027 was returned, and likely because of this: app " in str(answer.not_checked)


def test_dates_that_are_not_known_are_said_to_be():
    whys = {each.id: each.why for each in judged("without an end").not_checked}
    assert whys["registered-key-expired"].startswith("the export has no `endDateTime` of app")
    assert "`startDateTime` of app cannot be read" in str(
        judged("a start in the words of a country").not_checked
    )


def test_the_secrets_in_place_of_a_certificate_are_counted():
    cause = judged("secrets only").cause
    assert cause is not None
    assert cause.message.startswith("only 1 secret is registered, no certificate, on app ")


def test_what_is_known_by_its_thumbprint_alone_is_likely():
    for name, sure in (
        ("another one registered", "seen"),
        ("another one registered, without its key", "likely"),
    ):
        prediction = judged(name).prediction
        assert prediction is not None
        assert prediction.confidence == sure


@pytest.mark.parametrize(
    "error",
    [
        "AADSTS700026: Client application has no configured keys.",
        "AADSTS700027: The certificate with identifier used to sign the client assertion is not "
        f"registered on application. [Reason - {NOT_FOUND}, Thumbprint of key used by client: "
        f"'{graph.hex_thumbprint(APP)}', Please visit the Azure Portal]",
    ],
)
def test_an_error_that_the_registration_speaks_against_is_not_explained_by_it(error):
    answer = diagnose(token(), certs=[OWN], app=as_json(application(APP)), error=error, at=NOW)
    assert {each.id for each in answer.findings} == {"error-not-explained"}
    assert answer.verdict is INCOMPLETE
    (finding,) = answer.findings
    assert "app has certificate, so likely it was registered only since" in finding.message


def test_a_registration_is_read_from_a_path_too(tmp_path):
    path = tmp_path / "app.json"
    path.write_bytes(as_json(application(APP)))
    assert diagnose(token(), app=path, at=NOW).verdict is ACCEPTED
    assert diagnose(token(), app=str(path), at=NOW).verdict is ACCEPTED


def test_a_key_of_which_the_export_leaves_it_open_is_called_perhaps_registered():
    text = render_text(judged("not on the service principal"), Style())
    assert "certificate [perhaps registered], RSA 2048: signed this" in text
    assert "app [registered], RSA 2048: did not sign this" in text


def test_so_is_one_where_the_export_shows_none_of_the_keys():
    hidden = application(credential(customKeyIdentifier="bXkga2V5", key=None))
    answer = diagnose(token(), certs=[OWN], app=as_json(hidden), at=NOW)
    assert answer.verdict is INCOMPLETE
    assert "certificate [perhaps registered], RSA 2048: signed this" in render_text(answer, Style())
