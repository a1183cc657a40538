"""Each fault of a signature, from signatures really made so: exactly one finding says it.

A row is an assertion, the keys at hand, and the whole set of what the rules of the signature find.
Rows with an empty set are the nearest that pass.
"""

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from assertcheck.checker import check
from assertcheck.decoder import decode
from assertcheck.keys.header import x5c_entries
from assertcheck.model import (
    AssertionKind,
    Candidate,
    Confidence,
    Expected,
    Outcome,
    Role,
    Severity,
    Submission,
)
from assertcheck.rules import RULES as CATALOGUE
from assertcheck.rules.rule import MISMATCH, Context
from assertcheck.rules.signature import RULES
from assertcheck.rules.signature_faults import Fault
from assertcheck.verifier import rsa_search
from assertcheck.verifier.autopsy import examine
from assertcheck.verifier.thumbprint import named_candidates, read_identifiers
from assertcheck.verifier.trials import try_candidates
from tests import build
from tests.wrong_signatures import (
    CLAIMS,
    CLIENT,
    bare_candidate,
    candidate,
    framed,
    hash_of,
    joined,
    pkcs1,
    pkcs1_digest,
    pss,
    pss_block,
    raw,
    segments,
    sha256,
    standard,
)

APP = candidate()
ALSO_APP = candidate(role=Role.ALSO)
OLD = candidate(build.key("old"), "old.pem", Role.ALSO)
SECOND = candidate(build.key("old"), "second.pem")
CA = candidate(build.key("ca"), "ca.pem", Role.ALSO, ca=True)
SELF_SIGNED = candidate(build.key("old"), "old.pem", Role.ALSO, ca=True)
PLAIN_CA = candidate(build.key("ca"), "ca.pem", Role.ALSO)
LEAF = candidate(
    build.key(),
    "leaf.pem",
    issuer=build.certificate("ca", holder=build.key("ca")),
    issuer_key=build.key("ca"),
)
EC = candidate(build.ec_key(), "ec.pem", Role.ALSO)
SELF_SIGNED_EC = candidate(build.ec_key(), "ec.pem", Role.ALSO, ca=True)
THIRD = build.key("third")


def own(alg="RS256", cert=APP, **params):
    """Header parameters that name `cert`, as Entra ID reads them."""
    name, digest = ("x5t#S256", "sha256") if alg[0] == "P" else ("x5t", "sha1")
    return {name: build.b64url(getattr(cert.certificate, digest))} | params


def head_and_body(alg="RS256", claims=None, **params):
    return segments(alg, claims, **own(alg, **params))


def assertion(signature, alg="RS256", claims=None, **params):
    return joined(alg, signature, claims, **own(alg, **params))


HEAD, BODY, HEAD_JSON, BODY_JSON = head_and_body()
TEXT = f"{HEAD}.{BODY}".encode()
PS_HEAD, PS_BODY, _, _ = head_and_body("PS256")
PS_TEXT = f"{PS_HEAD}.{PS_BODY}".encode()
RIGHT = pkcs1(TEXT)
PS_RIGHT = pss(PS_TEXT)
SEGMENT = build.b64url(RIGHT)


def context(text, *keys, kind=AssertionKind.CERTIFICATE):
    """What the caller of the rules makes of an assertion and the keys at hand."""
    decoded = decode(text)
    entries = x5c_entries(decoded.header)
    candidates = (*keys, *(entry.candidate for entry in entries if entry.candidate))
    trials = try_candidates(decoded, candidates)
    thumbprints = read_identifiers(decoded, candidates)
    named = named_candidates(thumbprints)
    trusted = [each for each in trials if each.candidate.role is Role.REGISTERED] or trials
    return Context(
        assertion=decoded,
        kind=kind,
        submission=Submission(assertion=text, kind="jwt", removed=()),
        trials=trials,
        thumbprints=thumbprints,
        autopsy=None
        if any(each.outcome is Outcome.VALID for each in trusted)
        else examine(decoded, candidates, named=named[0] if named else None),
        expected=Expected(),
        now=build.NOW,
        leeway=timedelta(seconds=300),
        min_days=None,
    )


CONTEXTS: dict[tuple[object, ...], Context] = {}
"""Those made so far, by the assertion and the keys: making one is what costs."""


def found(text, *keys, rules=RULES):
    name = (text, *((key.label, key.role, key.certificate) for key in keys))
    if name not in CONTEXTS:
        CONTEXTS[name] = context(text, *keys)
    findings, _ = check(CONTEXTS[name], rules)
    return findings


def ids(findings):
    return {each.id for each in findings}


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    text: str
    finds: set[str]
    keys: tuple[Candidate, ...]


def row(name, text, *finds, keys=(APP,)):
    return Row(name=name, text=text, finds=set(finds), keys=keys)


def ecdsa(text):
    return build.ec_key().sign(text, ec.ECDSA(CLIENT["SHA-256"], deterministic_signing=True))


def side_by_side(der):
    return b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(der))


def compact(value):
    return build.b64url(json.dumps(value, separators=(",", ":")).encode())


def numbered(number, make=pkcs1):
    claims = CLAIMS | {"jti": str(number)}
    head, body, _, _ = head_and_body(claims=claims)
    return claims, make(f"{head}.{body}".encode())


def with_leading_zero():
    claims, signature = next(made for n in range(9_999) if (made := numbered(n))[1][0] == 0)
    return claims, signature


ZERO_CLAIMS, ZERO_SIGNATURE = with_leading_zero()
STANDARD = next(made for n in range(999) if {"+", "/"} & set(standard((made := numbered(n))[1])))
DELETED, DROPPED = (
    next(
        (made[0], text)
        for n in range(999)
        if len(text := standard((made := numbered(n))[1]).rstrip("=").translate(drop)) == length
        and len(made[1]) == 256
        and wanted <= set(text)
    )
    for drop, length, wanted in (
        ({ord("+"): None, ord("/"): None}, 332, set()),
        ({ord("+"): None}, 338, {"/"}),
    )
)
"""Claims and their signature in standard base64, without its signs."""
# Whole, it has signs of both sorts.
SIGNED = SEGMENT[:100] + "-_" + SEGMENT[102:]
EC_DER = ecdsa(TEXT)
PRINTED = sha256(TEXT).hex().encode()
# The prefix of SHA-1 in front of a digest by SHA-256.
SHA1_INFO = bytes.fromhex("3021300906052b0e03021a05000414") + sha256(TEXT)
LEAF_OF_CA = candidate(
    build.key("third"),
    "third.pem",
    Role.ALSO,
    issuer=build.certificate("ca", holder=build.key("ca")),
    issuer_key=build.key("ca"),
)
OLD_HEAD, OLD_BODY, _, _ = head_and_body(cert=OLD)
OLD_TEXT = f"{OLD_HEAD}.{OLD_BODY}".encode()
CA_RIGHT = pkcs1(TEXT, key=build.key("ca"))
LEAF_HEAD, LEAF_BODY, _, _ = head_and_body(cert=LEAF)
LEAF_BY_CA = pkcs1(f"{LEAF_HEAD}.{LEAF_BODY}".encode(), key=build.key("ca"))
X5C = {"x5c": [standard(OLD.certificate.der)]}
X5C_HEAD, X5C_BODY, _, _ = head_and_body(**X5C)
X5C_TEXT = f"{X5C_HEAD}.{X5C_BODY}".encode()
NO_NAME = {"x5t": build.DROP}


def nameless(signature_of):
    head = build.header(x5t=build.DROP)
    first, second = compact(head), compact(CLAIMS)
    return f"{first}.{second}.{build.b64url(signature_of(f'{first}.{second}'.encode()))}"


ROWS = [
    row("right", assertion(RIGHT)),
    row("right, PS256", assertion(PS_RIGHT, "PS256")),
    row("right, no keys", assertion(RIGHT), keys=()),
    row("right, only --also", assertion(RIGHT), keys=(ALSO_APP,)),
    row("right, others lying around", assertion(RIGHT), keys=(OLD, CA, EC, APP)),
    row("right, a bare key", assertion(RIGHT), keys=(bare_candidate(build.key().public_key()),)),
    row("right, x5c", assertion(pkcs1(X5C_TEXT), **X5C)),
    # whose key
    row(
        "the old key",
        assertion(pkcs1(TEXT, key=build.key("old"))),
        "signed-with-other-key",
        keys=(APP, OLD),
    ),
    row(
        "the second registered key",
        assertion(pkcs1(TEXT, key=build.key("old"))),
        "signed-with-other-key",
        keys=(APP, SECOND),
    ),
    row(
        "the second of --also",
        assertion(pkcs1(TEXT, key=build.key("old"))),
        "signed-with-other-key",
        keys=(ALSO_APP, OLD),
    ),
    row(
        "the key of x5c",
        assertion(pkcs1(X5C_TEXT, key=build.key("old")), **X5C),
        "signed-with-other-key",
    ),
    row(
        "the old key, nothing named",
        nameless(lambda text: pkcs1(text, key=build.key("old"))),
        "signed-with-other-key",
        keys=(APP, OLD),
    ),
    row(
        "the old key, and more is wrong",
        assertion(pkcs1(BODY.encode(), "SHA-1", build.key("old")).hex()),
        "signed-with-other-key",
        keys=(APP, OLD),
    ),
    row(
        "an elliptic curve",
        assertion(side_by_side(ecdsa(TEXT))),
        "signed-with-elliptic-curve",
        keys=(APP, EC),
    ),
    row(
        "an elliptic curve, CA:TRUE",
        assertion(side_by_side(ecdsa(TEXT))),
        "signed-with-elliptic-curve",
        keys=(APP, SELF_SIGNED_EC),
    ),
    row(
        "an elliptic curve in DER, CA:TRUE",
        assertion(ecdsa(TEXT)),
        "ecdsa-der-signature",
        keys=(APP, SELF_SIGNED_EC),
    ),
    row(
        "the old key, CA:TRUE",
        assertion(pkcs1(TEXT, key=build.key("old"))),
        "signed-with-other-key",
        keys=(APP, SELF_SIGNED),
    ),
    row(
        "the CA's key",
        assertion(LEAF_BY_CA, cert=LEAF),
        "signed-with-ca-key",
        keys=(LEAF, CA),
    ),
    row(
        "the key of a CA that issued another",
        assertion(CA_RIGHT),
        "signed-with-ca-key",
        keys=(APP, CA, LEAF_OF_CA),
    ),
    row("a CA that issued none", assertion(CA_RIGHT), "signed-with-other-key", keys=(APP, CA)),
    row(
        "the issuer's key",
        assertion(LEAF_BY_CA, cert=LEAF),
        "signed-with-ca-key",
        keys=(LEAF, PLAIN_CA),
    ),
    row("no issuer", assertion(CA_RIGHT), "signed-with-other-key", keys=(APP, PLAIN_CA)),
    row(
        "a bare key",
        assertion(CA_RIGHT),
        "signed-with-other-key",
        keys=(APP, bare_candidate(build.key("ca").public_key(), role=Role.ALSO)),
    ),
    row("nobody's key", assertion(pkcs1(TEXT, key=THIRD)), "signed-with-unknown-key"),
    row(
        "nobody's key, PS256",
        assertion(pss(PS_TEXT, key=THIRD), "PS256"),
        "signed-with-unknown-key",
    ),
    row("nobody's key, none at hand", assertion(pkcs1(TEXT, key=THIRD)), keys=()),
    row("nobody's key, only --also", assertion(pkcs1(TEXT, key=THIRD)), keys=(OLD,)),
    # no RSA
    row(
        "HMAC with the certificate",
        assertion(hmac.digest(APP.certificate.text, TEXT, "sha256")),
        "hs256-with-public-key",
    ),
    row(
        "HMAC with a secret",
        assertion(hmac.digest(b"k" * 32, TEXT, "sha256")),
        "signed-with-unknown-key",
    ),
    row("ECDSA in DER", assertion(ecdsa(OLD_TEXT), cert=OLD), "ecdsa-der-signature", keys=(EC,)),
    row(
        "ECDSA side by side",
        assertion(side_by_side(ecdsa(OLD_TEXT)), cert=OLD),
        "signed-with-elliptic-curve",
        keys=(EC,),
    ),
    row("ECDSA in DER, no such key", assertion(EC_DER), "ecdsa-der-signature"),
    row("ECDSA in DER, no key", assertion(ecdsa(TEXT)), "ecdsa-der-signature", keys=()),
    row("ECDSA in DER, hex", assertion(ecdsa(TEXT).hex()), "ecdsa-der-signature"),
    # how it was written down
    row("hex", assertion(RIGHT.hex()), "signature-hex"),
    row("base64 of hex", assertion(RIGHT.hex().encode()), "signature-hex"),
    row("hex, key unknown", assertion(pkcs1(TEXT, key=THIRD).hex()), "signature-hex"),
    row("hex, no key", assertion(RIGHT.hex()), "signature-hex", keys=()),
    row("base64 twice", assertion(standard(RIGHT).encode()), "signature-encoded-twice"),
    row(
        "Latin-1 as UTF-8",
        assertion(RIGHT.decode("latin-1").encode()),
        "signature-through-text",
    ),
    row(
        "lost in UTF-8",
        assertion(RIGHT.decode("utf-8", "replace").encode()),
        "signature-through-text",
    ),
    row("reversed", assertion(RIGHT[::-1]), "signature-reversed"),
    row(
        "a zero dropped",
        assertion(ZERO_SIGNATURE[1:], claims=ZERO_CLAIMS),
        "signature-leading-zero",
    ),
    row("the zero kept", assertion(ZERO_SIGNATURE, claims=ZERO_CLAIMS)),
    row("a line feed after it", assertion(RIGHT + b"\n"), "signature-wrapped"),
    row("an OCTET STRING", assertion(b"\x04\x82\x01\0" + RIGHT), "signature-wrapped"),
    row("half of it", assertion(SEGMENT[:172]), "signature-truncated"),
    row(
        "signs deleted",
        assertion(DELETED[1], claims=DELETED[0]),
        "signature-characters-lost",
    ),
    row(
        "signs deleted, no key",
        assertion(DELETED[1], claims=DELETED[0]),
        "signature-characters-lost",
        keys=(),
    ),
    row(
        "spaces dropped",
        assertion(DROPPED[1], claims=DROPPED[0]),
        "signature-characters-lost",
    ),
    row("without its last tenth", assertion(SIGNED[:-30]), "signature-truncated"),
    row("without its end", assertion(SEGMENT[:-2]), "signature-truncated"),
    row(
        "one character",
        assertion(SEGMENT[:50] + ("B" if SEGMENT[50] == "A" else "A") + SEGMENT[51:]),
        "signature-corrupted",
    ),
    row("lower case", assertion(SEGMENT.lower()), "signature-corrupted"),
    row(
        "standard base64",
        assertion(standard(STANDARD[1]).rstrip("="), claims=STANDARD[0]),
        "signature-standard-base64",
    ),
    row("base64url", assertion(STANDARD[1], claims=STANDARD[0])),
    row(
        "standard base64 by nobody",
        assertion("+/" + standard(pkcs1(TEXT, key=THIRD)).rstrip("=")[2:]),
        "signed-with-unknown-key",
    ),
    row(
        "standard base64, no key",
        assertion(standard(STANDARD[1]).rstrip("="), claims=STANDARD[0]),
        "signature-standard-base64",
        keys=(),
    ),
    # scheme and hash
    row("PSS under RS256", assertion(pss(TEXT)), "pss-signature-under-rs256"),
    row(
        "PSS over something else",
        assertion(pss(b"something else")),
        "pss-signature-under-rs256",
    ),
    row("PKCS #1 under PS256", assertion(pkcs1(PS_TEXT), "PS256"), "pkcs1-signature-under-ps256"),
    row("SHA-1", assertion(pkcs1(TEXT, "SHA-1")), "signature-wrong-hash"),
    row("SHA-512", assertion(pkcs1(TEXT, "SHA-512")), "signature-wrong-hash"),
    row("PSS with SHA-1", assertion(pss(PS_TEXT, "SHA-1"), "PS256"), "signature-wrong-hash"),
    row("no salt", assertion(pss(PS_TEXT, salt=0), "PS256"), "pss-salt-length"),
    row("maximal salt", assertion(pss(PS_TEXT, salt=222), "PS256"), "pss-salt-length"),
    row("the right salt", assertion(pss(PS_TEXT, salt=32), "PS256")),
    row("MGF1 with SHA-1", assertion(pss(PS_TEXT, mgf="SHA-1"), "PS256"), "pss-hashes-differ"),
    row(
        "PSS over a SHA-1 digest",
        assertion(raw(pss_block(hash_of("SHA-1", PS_TEXT))), "PS256"),
        "pss-hashes-differ",
    ),
    # the digest
    row("hashed twice", assertion(pkcs1(sha256(TEXT))), "double-hashed"),
    row("hashed twice as hex", assertion(pkcs1(sha256(TEXT).hex().encode())), "double-hashed"),
    row("hashed by sha256sum", assertion(pkcs1(PRINTED + b"  -\n")), "double-hashed"),
    row("a DigestInfo of SHA-1", assertion(framed(SHA1_INFO)), "pkcs1-digestinfo-wrong"),
    row(
        "sha256sum's text, unhashed",
        assertion(framed(PRINTED + b"  -\n")),
        "pkcs1-without-digestinfo",
    ),
    row("hashed once, given as digest", assertion(pkcs1_digest(sha256(TEXT)))),
    row("not hashed", assertion(framed(HEAD_JSON)), "signed-unhashed"),
    row("no DigestInfo", assertion(framed(sha256(TEXT))), "pkcs1-without-digestinfo"),
    row(
        "hex in a DigestInfo",
        assertion(
            framed(
                bytes.fromhex("3051300d060960864801650304020105000440")
                + sha256(TEXT).hex().encode()
            )
        ),
        "pkcs1-digestinfo-wrong",
    ),
    row(
        "a DigestInfo by hand",
        assertion(framed(bytes.fromhex("3031300d060960864801650304020105000420") + sha256(TEXT))),
    ),
    row("no padding", assertion(raw(sha256(TEXT))), "rsa-padding-wrong"),
    # the text
    row("payload alone", assertion(pkcs1(BODY.encode())), "signed-payload-only"),
    row("header alone", assertion(pkcs1(HEAD.encode())), "signed-header-only"),
    row("JSON", assertion(pkcs1(HEAD_JSON + b"." + BODY_JSON)), "signed-json-not-base64url"),
    row(
        "standard base64",
        assertion(pkcs1(f"{standard(HEAD_JSON)}.{standard(BODY_JSON)}".encode())),
        "signed-standard-base64-text",
    ),
    row(
        "padded",
        assertion(pkcs1(b".".join(map(base64.urlsafe_b64encode, (HEAD_JSON, BODY_JSON))))),
        "signed-padded-text",
    ),
    row("a line feed", assertion(pkcs1(TEXT + b"\n")), "signed-trailing-newline"),
    row("UTF-16", assertion(pkcs1(TEXT.decode().encode("utf-16-le"))), "signed-utf16"),
    row("no dot", assertion(pkcs1(f"{HEAD}{BODY}".encode())), "signed-without-dot"),
    row("a colon", assertion(pkcs1(f"{HEAD}:{BODY}".encode())), "signed-without-dot"),
    row("an empty stream", assertion(pkcs1(b"")), "signed-nothing"),
    row("swapped", assertion(pkcs1(f"{BODY}.{HEAD}".encode())), "signed-other-text"),
    row("a byte order mark", assertion(pkcs1(b"\xef\xbb\xbf" + TEXT)), "signed-other-text"),
    row(
        "spaced JSON",
        assertion(pkcs1(f"{HEAD}.{build.b64url(json.dumps(CLAIMS).encode())}".encode())),
        "signed-other-serialisation",
    ),
    row(
        "exp moved",
        assertion(pkcs1(f"{HEAD}.{compact(CLAIMS | {'exp': CLAIMS['exp'] - 3600})}".encode())),
        "payload-changed-after-signing",
    ),
    row(
        "alg replaced",
        assertion(pss(f"{compact(json.loads(HEAD_JSON) | {'alg': 'PS256'})}.{BODY}".encode())),
        "header-changed-after-signing",
    ),
    row(
        "x5t added",
        assertion(pkcs1(f"{compact({'alg': 'RS256', 'typ': 'JWT'})}.{BODY}".encode())),
        "header-changed-after-signing",
    ),
    row("something else", assertion(pkcs1(b"something else")), "right-key-other-bytes"),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_one_fault_of_the_signature_is_one_finding(row):
    findings = found(row.text, *row.keys)
    assert ids(findings) == row.finds
    assert len(findings) == len(row.finds)


def test_each_rule_has_a_row_that_finds_it():
    assert set().union(*(row.finds for row in ROWS)) == {rule.id for rule in RULES}
    assert {rule.id for rule in RULES} - {str(fault) for fault in Fault} == {
        "signature-standard-base64"
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_other_rule_finds_the_same_once_more(row):
    others = ids(found(row.text, *row.keys, rules=CATALOGUE)) - row.finds
    named_by = {"the old key, nothing named": {"no-key-identifier"}}
    named_by["right, x5c"] = {"x5c-leaf-is-not-signer"}
    assert others == named_by.get(row.name, set())


@pytest.mark.parametrize(
    ("text", "keys", "finds"),
    [
        (
            assertion(pkcs1(OLD_TEXT, key=build.key("old")), cert=OLD),
            (APP, OLD),
            {"wrong-certificate"},
        ),
        (assertion(pkcs1(OLD_TEXT), cert=OLD), (APP, OLD), {"x5t-of-other-cert-than-signer"}),
        (assertion(pkcs1(OLD_TEXT, key=THIRD), cert=OLD), (APP,), {"x5t-unknown"}),
        (
            assertion(pkcs1(OLD_TEXT, key=THIRD), cert=OLD),
            (APP, OLD),
            {"x5t-of-other-cert-than-signer"},
        ),
        (assertion(RIGHT, "none"), (APP,), {"alg-none"}),
        (assertion(RIGHT, "rs256"), (APP,), {"alg-name-wrong"}),
        (assertion(""), (APP,), {"signature-missing"}),
        (f"{HEAD}.{BODY[:-3]}.{SEGMENT}", (APP,), {"payload-not-json"}),
        (
            assertion(side_by_side(ecdsa(OLD_TEXT)), cert=EC),
            (candidate(build.ec_key(), "ec.pem"),),
            {"ec-key-not-supported"},
        ),
    ],
)
def test_what_follows_from_an_earlier_fault_is_not_said_again(text, keys, finds):
    assert ids(found(text, *keys, rules=CATALOGUE)) == finds


def only(row_name):
    [row] = [row for row in ROWS if row.name == row_name]
    [finding] = found(row.text, *row.keys)
    return finding


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "the old key",
            "signed with the key of old.pem (RSA 2048), not with that of app.pem, over "
            "header.payload as sent",
        ),
        (
            "the second registered key",
            "signed with the key of second.pem (RSA 2048), not with that of app.pem",
        ),
        ("nobody's key", "signed with none of the keys tried: app.pem"),
        (
            "HMAC with the certificate",
            "keyed with the PEM text of app.pem, as HS256 (HMAC with SHA-256), over header.payload "
            "as sent",
        ),
        (
            "HMAC with a secret",
            "signed with none of the keys tried: app.pem; its 32 octets are those of an HMAC with "
            "SHA-256",
        ),
        (
            "hex, key unknown",
            "hex text; signed with none of the keys tried: app.pem",
        ),
        ("hex, no key", "hex text"),
        (
            "PSS under RS256",
            "signed with the key of app.pem (RSA 2048), as PS256 (RSASSA-PSS with SHA-256 and a "
            "salt of 32 octets), over header.payload as sent",
        ),
        (
            "MGF1 with SHA-1",
            "signed with the key of app.pem (RSA 2048), as RSASSA-PSS with SHA-256, MGF1 with "
            "SHA-1 and a salt of 32 octets, over header.payload as sent",
        ),
        (
            "exp moved",
            "signed with the key of app.pem (RSA 2048), over claims in which exp was "
            f"{CLAIMS['exp'] - 3600}",
        ),
        (
            "something else",
            "signed with the key of app.pem (RSA 2048), over other octets than those sent; "
            "tried without success: other texts, one changed claim or header parameter, one "
            "changed character; two changes or a new value cannot be found (the search ended at "
            "its bound: 120000 digests, 7 verifications)",
        ),
        (
            "an elliptic curve, CA:TRUE",
            "signed with the key of ec.pem (EC P-256), not with that of app.pem, as ECDSA with "
            "SHA-256, over header.payload as sent",
        ),
        (
            "ECDSA in DER, no such key",
            f"an ECDSA signature in DER, by the shape of its {len(EC_DER)} octets; "
            "signed with none of the keys tried: app.pem",
        ),
        (
            "signs deleted",
            "332 of 342 characters and not one +, /, - or _ among them, as `tr -d '+/='` leaves "
            "it; signed with none of the keys tried: app.pem",
        ),
        (
            "spaces dropped",
            "338 of 342 characters and not one + among them, as where each + becomes a space in a "
            "form and the spaces are dropped; signed with none of the keys tried: app.pem",
        ),
        (
            "hashed by sha256sum",
            "signed with the key of app.pem (RSA 2048), as RSASSA-PKCS1-v1_5 with SHA-256, hashed "
            "from the SHA-256 digest as sha256sum prints it, over header.payload as sent",
        ),
    ],
)
def test_the_message_says_what_was_seen(name, message):
    assert only(name).message == message


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        (
            "the old key",
            "sign with the private key of app.pem, or register old.pem and send "
            f'"x5t":"{build.b64url(OLD.certificate.sha1)}"',
        ),
        (
            "the second registered key",
            "sign with the private key of app.pem, or send "
            f'"x5t":"{build.b64url(SECOND.certificate.sha1)}"',
        ),
        (
            "the old key, nothing named",
            "sign with the private key of app.pem, or register old.pem and send "
            f'"x5t#S256":"{build.b64url(OLD.certificate.sha256)}"',
        ),
        ("a bare key", "sign with the private key of app.pem"),
        ("an elliptic curve", "sign with the RSA private key of app.pem, as PS256 or RS256"),
        ("ECDSA in DER", "register an RSA certificate and sign with its key, as PS256"),
        ("the issuer's key", "sign with the private key of leaf.pem"),
        (
            "nobody's key",
            "sign with the private key of app.pem, or give the certificate in use with --also",
        ),
    ],
)
def test_the_fix_names_the_key_and_what_to_paste(name, fix):
    assert only(name).fix == fix


@pytest.mark.parametrize(
    ("name", "expected", "actual"),
    [
        ("the old key", "the key of app.pem", "the key of old.pem"),
        ("nobody's key", "the key of app.pem", "an unknown key"),
        ("hex", "the signature's octets in base64url", "hex text"),
        ("SHA-1", "RS256 (RSASSA-PKCS1-v1_5 with SHA-256)", "RSASSA-PKCS1-v1_5 with SHA-1"),
        (
            "SHA-512",
            "RS256 (RSASSA-PKCS1-v1_5 with SHA-256)",
            "RS512 (RSASSA-PKCS1-v1_5 with SHA-512)",
        ),
        (
            "PKCS #1 under PS256",
            "PS256 (RSASSA-PSS with SHA-256 and a salt of 32 octets)",
            "RS256 (RSASSA-PKCS1-v1_5 with SHA-256)",
        ),
        ("ECDSA in DER, no such key", "RS256 (RSASSA-PKCS1-v1_5 with SHA-256)", "ECDSA"),
        (
            "no salt",
            "PS256 (RSASSA-PSS with SHA-256 and a salt of 32 octets)",
            "RSASSA-PSS with SHA-256 and a salt of 0 octets",
        ),
        ("payload alone", "header.payload as sent", "the payload alone"),
        ("something else", "header.payload as sent", "other octets than those sent"),
    ],
)
def test_expected_and_actual_are_about_the_fault(name, expected, actual):
    finding = only(name)
    assert (finding.expected, finding.actual) == (expected, actual)


@pytest.mark.parametrize("row", [row for row in ROWS if row.finds], ids=lambda row: row.name)
def test_entra_is_taken_to_say_that_the_key_did_not_fit(row):
    for finding in found(row.text, *row.keys):
        if finding.severity is Severity.ERROR:
            [said] = finding.aadsts
            assert (said.code, said.reason) == ("AADSTS700027", MISMATCH)
            assert said.confidence is Confidence.LIKELY


def test_a_signature_that_cannot_be_decoded_is_said_to_be_malformed():
    [finding] = found(assertion(SEGMENT[:-1]), APP)
    assert finding.id == "signature-truncated"
    assert [said.code for said in finding.aadsts] == ["AADSTS50027"]


def test_a_search_that_ended_early_without_a_key_says_so():
    claims = CLAIMS | {"padding": "x" * 900_000}
    [finding] = found(assertion(hmac.digest(b"?", b"", "sha256"), claims=claims), APP)
    assert finding.id == "signed-with-unknown-key"
    assert "; not everything could be tried (the search ended at its bound: " in finding.message


def test_a_search_to_its_end_names_no_bound():
    head, body = compact(own()), compact({})
    [finding] = found(f"{head}.{body}.{build.b64url(framed(b'no digest'))}", APP)
    assert finding.message.endswith("; two changes or a new value cannot be found")


def test_an_hmac_name_is_refused_for_what_it_is():
    head, body, _, _ = head_and_body(alg="HS256")
    mac = hmac.digest(APP.certificate.text, f"{head}.{body}".encode(), "sha256")
    text = f"{head}.{body}.{build.b64url(mac)}"
    [finding] = found(text, APP)
    assert finding.id == "hs256-with-public-key"
    assert [(said.code, said.confidence) for said in finding.aadsts] == [
        ("AADSTS5002738", Confidence.SEEN)
    ]


def test_a_likely_key_is_called_likely():
    [finding] = found(assertion(pss(b"something else", salt=222), "PS256"), APP)
    assert finding.id == "pss-salt-length"
    assert finding.message.startswith("probably signed with the key of app.pem (RSA 2048), as ")


def test_the_size_of_an_unknown_key_is_told():
    larger = build.key("larger", 3072)
    [finding] = found(assertion(pkcs1(TEXT, key=larger)), APP)
    assert finding.message == (
        "signed with none of the keys tried: app.pem; its 384 octets are those of a key of 3072 "
        "bits"
    )


def test_of_many_keys_tried_a_few_are_named():
    crowd = [candidate(build.key("old"), f"old{n}.pem", Role.ALSO) for n in range(7)]
    [finding] = found(assertion(pkcs1(TEXT, key=THIRD)), APP, *crowd)
    assert finding.message.startswith(
        "signed with none of the keys tried: app.pem, old0.pem, old1.pem, old2.pem, old3.pem and "
        "3 more"
    )


def test_without_a_certificate_the_key_is_not_checked():
    _, not_checked = check(context(assertion(pkcs1(TEXT, key=THIRD)), OLD), RULES)
    assert [each.id for each in not_checked] == ["signed-with-unknown-key"]


@pytest.mark.parametrize(
    "kind", [kind for kind in AssertionKind if kind is not AssertionKind.CERTIFICATE]
)
def test_other_kinds_of_tokens_are_not_judged(kind):
    findings, not_checked = check(context(assertion(RIGHT.hex()), APP, kind=kind), RULES)
    assert (findings, not_checked) == ((), ())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_page_has_three_paragraphs(rule):
    paragraphs = rule.doc.split("\n\n")
    assert len(paragraphs) == 3
    assert "Good:" in rule.doc or "`" in paragraphs[2]


@settings(max_examples=30)
@given(
    st.binary(max_size=300) | st.sampled_from([RIGHT, RIGHT[::-1], CA_RIGHT, PS_RIGHT]),
    st.sampled_from(["RS256", "PS256", "HS256", "ES256", "none", "rs256"]),
    st.lists(st.sampled_from([APP, OLD, SECOND, CA, EC, LEAF]), max_size=3, unique_by=id),
)
def test_no_signature_has_two_faults(signature, alg, keys):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rsa_search, "MOST_REPAIR_VERIFICATIONS", 200)
        assert len(found(assertion(signature, alg), *keys)) <= 1
