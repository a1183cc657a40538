"""Certificate files: whatever they hold, a candidate with its facts or one error in words."""

import base64
import codecs
import hashlib
import os
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from hypothesis import given
from hypothesis import strategies as st

from assertcheck.errors import CertificateError
from assertcheck.keys.certificate import MAX_CERTIFICATES, UNREADABLE_NAME
from assertcheck.keys.files import MAX_FILE, parse_keys, read_keys
from assertcheck.model import Role
from tests import seeded
from tests.build import NOW, certificate, der, ec_key, key, pem

MODULUS = key().public_key().public_numbers().n


# What no tool will make has to be put together by hand (X.690).


def element(tag, *parts):
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + body


def sequence(*parts):
    return element(0x30, *parts)


def integer(number):
    return element(2, number.to_bytes(number.bit_length() // 8 + 1, signed=True))


def name(*values):
    """A Name of common names, each a tag and its octets (RFC 5280 §4.1.2.4)."""
    common_name = bytes.fromhex("0603550403")
    return sequence(*(element(0x31, sequence(common_name, element(*value))) for value in values))


SHA256_WITH_RSA = sequence(bytes.fromhex("06092a864886f70d01010b0500"))
BASIC_CONSTRAINTS = sequence(
    bytes.fromhex("0603551d13"), element(4, sequence(bytes.fromhex("0101ff")))
)
X400_NAME = sequence(bytes.fromhex("0603551d11"), element(4, sequence(element(0xA3, b"\x05\x00"))))


def rsa_key(modulus=MODULUS, exponent=65537):
    algorithm = sequence(bytes.fromhex("06092a864886f70d0101010500"))
    return sequence(algorithm, element(3, b"\0", sequence(integer(modulus), integer(exponent))))


def spki(public_key):
    return public_key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def crafted(
    *,
    version=2,
    serial=1,
    subject=((12, b"x"),),
    dates=((0x17, b"260101000000Z"), (0x17, b"270101000000Z")),
    public_key=None,
    extensions=(),
):
    """The DER of a certificate that is right but for what is given, and for its signature."""
    tbs = sequence(
        element(0xA0, integer(version)) if version else b"",
        integer(serial),
        SHA256_WITH_RSA,
        name(*subject),
        sequence(*(element(*date) for date in dates)),
        name(*subject),
        public_key or rsa_key(),
        element(0xA3, sequence(*extensions)) if extensions else b"",
    )
    return sequence(tbs, SHA256_WITH_RSA, element(3, b"\0" + b"\1" * 256))


def armoured(octets, label="CERTIFICATE"):
    body = base64.encodebytes(octets).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()


def parse(octets, role=Role.REGISTERED):
    return parse_keys(octets, label="cert.pem", role=role)


def subjects(candidates, role):
    return [
        candidate.certificate.subject.removeprefix("CN=assertcheck test ")
        for candidate in candidates
        if candidate.role is role
    ]


def refused(octets):
    """The message and hint with which a file of `octets` is refused; nothing of it in either."""
    with pytest.raises(CertificateError) as caught:
        parse(octets)
    message, hint = caught.value.message, caught.value.hint
    assert message.startswith("cert.pem")
    assert hint
    said = f"{message} {hint}"
    for line in octets.split(b"\n"):
        text = line.decode("latin-1").strip()
        assert len(text) < 12 or "-----BEGIN " in text or text not in said
    return message, hint


def openssl(*arguments, octets):
    return subprocess.run(["openssl", *arguments], input=octets, check=True, capture_output=True)


# What is read


def test_a_certificate_comes_with_all_its_facts():
    cert = certificate(serial=4711)

    (candidate,) = parse(pem(cert))

    assert (candidate.label, candidate.role) == ("cert.pem", Role.REGISTERED)
    assert candidate.key_text == "RSA 2048"
    assert candidate.key == key().public_key()
    facts = candidate.certificate
    assert facts.der == der(cert)
    assert facts.text == pem(cert)
    assert facts.subject == facts.issuer == "CN=assertcheck test app"
    assert facts.serial_number == 4711
    assert (facts.not_before, facts.not_after) == (
        cert.not_valid_before_utc,
        cert.not_valid_after_utc,
    )
    assert facts.sha1 == hashlib.sha1(der(cert)).digest()
    assert facts.sha256 == hashlib.sha256(der(cert)).digest()
    assert not facts.is_ca


def test_der_is_the_same_certificate_without_a_text():
    (from_der,) = parse(der(certificate()))
    (from_pem,) = parse(pem(certificate()))

    assert from_der.certificate.text is None
    assert from_der.certificate.sha1 == from_pem.certificate.sha1
    assert from_der.key == from_pem.key


PEM = pem(certificate())
BODY = base64.b64encode(der(certificate()))
WRITTEN = {
    "as openssl writes it": PEM,
    "text in front and behind": b"Bag Attributes\n  localKeyID: 01\n" + PEM + b"\nthat was it\n",
    "what openssl x509 -text prints": openssl("x509", "-text", octets=PEM).stdout,
    "CRLF": PEM.replace(b"\n", b"\r\n"),
    "old Macintosh line ends": PEM.replace(b"\n", b"\r"),
    "no final line end": PEM.rstrip(),
    "body in one line": b"-----BEGIN CERTIFICATE-----\n" + BODY + b"\n-----END CERTIFICATE-----",
    "all in one line": b"-----BEGIN CERTIFICATE----- " + BODY + b" -----END CERTIFICATE-----",
    "spaces at the line ends": PEM.replace(b"\n", b"  \n"),
    "an indented body": PEM.replace(b"\nM", b"\n    M"),
    "a UTF-8 byte order mark": codecs.BOM_UTF8 + PEM,
    "UTF-16, as PowerShell redirects": codecs.BOM_UTF16_LE + PEM.decode().encode("utf-16-le"),
    "UTF-16, the other way round": codecs.BOM_UTF16_BE + PEM.decode().encode("utf-16-be"),
    "the old label": PEM.replace(b"CERTIFICATE", b"X509 CERTIFICATE"),
    "a private key beside it": armoured(b"0" * 99, "PRIVATE KEY") + PEM,
    "a broken block in front": b"-----BEGIN CERTIFICATE-----\nMIIC\n" + PEM,
    "TRUSTED CERTIFICATE": openssl(
        "x509", "-trustout", "-addtrust", "clientAuth", "-setalias", "app", octets=PEM
    ).stdout,
}


@pytest.mark.parametrize("octets", WRITTEN.values(), ids=WRITTEN)
def test_however_it_is_written_it_is_the_same_certificate(octets):
    (candidate,) = parse(octets)

    assert candidate.certificate.der == der(certificate())
    assert candidate.label == "cert.pem"


def test_the_text_of_a_block_is_kept_as_it_stood():
    (candidate,) = parse(b"in front\r\n" + PEM.replace(b"\n", b"\r\n") + b"behind")

    assert candidate.certificate.text == PEM.replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("holder", "text"),
    [
        (seeded.ed25519_key(), "Ed25519"),
        (seeded.ed448_key(), "Ed448"),
        (seeded.x25519_key(), "X25519"),
        (ec_key(), "EC P-256"),
        (seeded.ec_key("app", ec.SECP384R1()), "EC P-384"),
        (seeded.ec_key("app", ec.SECP521R1()), "EC P-521"),
        (seeded.ec_key("app", ec.SECP256K1()), "EC secp256k1"),
        (seeded.ec_key("app", ec.BrainpoolP256R1()), "EC brainpoolP256r1"),
        (dsa.generate_private_key(1024), "DSA"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_keys_of_every_sort_are_named_as_people_name_them(holder, text):
    (candidate,) = parse(crafted(public_key=spki(holder.public_key())))

    assert candidate.key_text == text


UNUSUAL = {
    "serial number zero": ({"serial": 0}, "serial_number", 0),
    "a negative serial number": ({"serial": -1}, "serial_number", -1),
    "a serial number of 201 bits": ({"serial": 1 << 200}, "serial_number", 1 << 200),
    "version 1": ({"version": 0}, "is_ca", False),
    "an empty subject": ({"subject": ()}, "subject", ""),
    "an empty common name": ({"subject": ((12, b""),)}, "subject", "CN="),
    "a BMPString": ({"subject": ((30, "Zoë".encode("utf-16-be")),)}, "subject", "CN=Zoë"),
    "a UniversalString": ({"subject": ((28, "Ü".encode("utf-32-be")),)}, "subject", "CN=Ü"),
    "control characters": ({"subject": ((12, b"a\x1b[2J\nb"),)}, "subject", "CN=a\x1b[2J\nb"),
    "10,000 characters": ({"subject": ((12, b"A" * 10_000),)}, "subject", "CN=" + "A" * 10_000),
    "two names": ({"subject": ((12, b"a"), (12, b"b"))}, "subject", "CN=b,CN=a"),
    "an accent in a TeletexString": ({"subject": ((20, b"Zo\xeb"),)}, "subject", UNREADABLE_NAME),
    "a name that is no UTF-8": ({"subject": ((12, b"\xff"),)}, "issuer", UNREADABLE_NAME),
    "a name as a BIT STRING": ({"subject": ((3, b"\0\xff"),)}, "subject", UNREADABLE_NAME),
    "1950": (
        {"dates": ((0x17, b"500101000000Z"), (0x17, b"491231235959Z"))},
        "not_before",
        datetime(1950, 1, 1, tzinfo=UTC),
    ),
    "9999": (
        {"dates": ((0x18, b"19500101000000Z"), (0x18, b"99991231235959Z"))},
        "not_after",
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    ),
    "a CA": ({"extensions": (BASIC_CONSTRAINTS,)}, "is_ca", True),
    "an extension twice": ({"extensions": (BASIC_CONSTRAINTS,) * 2}, "is_ca", False),
    "an extension that is no DER": (
        {"extensions": (sequence(bytes.fromhex("0603551d13"), element(4, b"\xff")),)},
        "is_ca",
        False,
    ),
    "a name of an unknown sort": ({"extensions": (X400_NAME, BASIC_CONSTRAINTS)}, "is_ca", False),
}


@pytest.mark.parametrize(("parts", "fact", "value"), UNUSUAL.values(), ids=UNUSUAL)
def test_an_unusual_certificate_is_read_without_a_warning(parts, fact, value):
    (candidate,) = parse(crafted(**parts))

    assert getattr(candidate.certificate, fact) == value
    assert candidate.key == key().public_key()


# Several in a file


def chain():
    root = certificate("root", ca=True)
    middle = certificate("middle", ca=True, issuer=root, issuer_key=key("root"))
    leaf = certificate("leaf", issuer=middle, issuer_key=key("middle"))
    return root, middle, leaf


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_in_a_chain_the_leaf_is_meant_whatever_the_order(order):
    certs = [chain()[index] for index in order]

    candidates = parse(pem(*certs))

    assert subjects(candidates, Role.REGISTERED) == ["leaf"]
    assert sorted(subjects(candidates, Role.ALSO)) == ["middle", "root"]
    assert candidates[0].label == f"cert.pem[{order.index(2)}]"
    assert [candidate.certificate.text for candidate in candidates[:1]] == [pem(chain()[2])]


def test_a_chain_without_its_root_has_the_same_leaf():
    _, middle, leaf = chain()

    assert subjects(parse(pem(middle, leaf)), Role.REGISTERED) == ["leaf"]


def test_certificates_that_have_nothing_to_do_with_each_other_are_all_meant():
    candidates = parse(pem(certificate("a"), certificate("b")))

    assert subjects(candidates, Role.REGISTERED) == ["a", "b"]
    assert [candidate.label for candidate in candidates] == ["cert.pem[0]", "cert.pem[1]"]


def test_a_self_signed_certificate_did_not_issue_its_renewal():
    old = certificate("app", start=datetime(2024, 1, 1, tzinfo=UTC), end=NOW)
    renewed = certificate("app", holder=key("renewed"))

    assert subjects(parse(pem(old, renewed)), Role.REGISTERED) == ["app", "app"]


def test_a_cross_signed_ca_is_no_leaf():
    root, middle, leaf = chain()
    other = certificate("other", ca=True)
    crossed = certificate("root", ca=True, issuer=other, issuer_key=key("other"))

    candidates = parse(pem(crossed, root, other, leaf, middle))

    assert subjects(candidates, Role.REGISTERED) == ["leaf"]
    assert len(subjects(candidates, Role.ALSO)) == 4


def test_two_cas_that_only_issued_each_other_are_both_meant():
    first = certificate("first", issuer=certificate("second"), issuer_key=key("second"))
    second = certificate("second", issuer=certificate("first"), issuer_key=key("first"))

    candidates = parse(pem(first, second))

    assert subjects(candidates, Role.REGISTERED) == ["first", "second"]


def test_beside_an_also_file_everything_is_also():
    root, middle, leaf = chain()

    candidates = parse(pem(root, middle, leaf), role=Role.ALSO)

    assert {candidate.role for candidate in candidates} == {Role.ALSO}


def test_a_hundred_certificates_are_the_most():
    assert len(parse(PEM * MAX_CERTIFICATES)) == MAX_CERTIFICATES

    message, hint = refused(PEM * (MAX_CERTIFICATES + 1))
    assert message == "cert.pem holds 101 certificates, more than 100"
    assert hint == "give the app's own certificate, not a trust store"


# What is refused

REQUEST = (
    x509.CertificateSigningRequestBuilder()
    .subject_name(x509.Name([]))
    .sign(key(), hashes.SHA256())
    .public_bytes(serialization.Encoding.PEM)
)
PRIVATE_KEY = key().private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
)
NO_KEY = "cert.pem holds no certificate or key, only "
BROKEN_BLOCK = "cert.pem holds no certificate, only a broken PEM block"
UNREADABLE = "cert.pem is not a readable X.509 certificate"
NOT_BASE64 = "cert.pem holds a PEM block that is not base64"
REFUSED = {
    "nothing": (b"", "cert.pem is empty"),
    "white space": (b" \r\n\t", "cert.pem is empty"),
    "a signing request": (REQUEST, NO_KEY + "a certificate signing request"),
    "four sorts": (
        b"".join(armoured(b"x", label) for label in ("D", "C", "B", "A")),
        NO_KEY + "A, B and C",
    ),
    "a label like a secret": (armoured(b"x", "S3CR3T" * 9), BROKEN_BLOCK),
    "cut off": (PEM[:500], "cert.pem is cut off: its PEM block has no END line"),
    "an END of another sort": (PEM.replace(b"END CERTIFICATE", b"END PRIVATE KEY"), BROKEN_BLOCK),
    "a line lost": (b"\n".join(PEM.split(b"\n")[:3] + PEM.split(b"\n")[4:]), UNREADABLE),
    "a character lost": (PEM.replace(b"\nMII", b"\nMI"), NOT_BASE64),
    "text for base64": (armoured(b"").replace(b"\n", b"\nnot base64!\n", 1), NOT_BASE64),
    "a nested BEGIN": (
        PEM.replace(b"\n", b"\n-----BEGIN X-----\n", 1),
        BROKEN_BLOCK,
    ),
    "an empty block": (armoured(b""), UNREADABLE),
    "an empty trusted block": (armoured(b"", "TRUSTED CERTIFICATE"), UNREADABLE),
    "a trusted block of one octet": (armoured(b"0", "TRUSTED CERTIFICATE"), UNREADABLE),
    "a trusted block of endless length": (
        armoured(b"0\xff" + b"\xff" * 200, "TRUSTED CERTIFICATE"),
        UNREADABLE,
    ),
    "something behind the certificate": (armoured(der(certificate()) + b"\0"), UNREADABLE),
    "something behind the DER": (der(certificate()) + b"\0\1", UNREADABLE),
    "only a byte order mark": (codecs.BOM_UTF16_LE, "cert.pem is empty"),
    "half a character": (codecs.BOM_UTF16_LE + b"\0", "cert.pem is text without a certificate"),
    "version 2": (crafted(version=1), UNREADABLE),
    "version 4": (crafted(version=3), UNREADABLE),
    "30 February": (
        crafted(dates=((0x17, b"260230000000Z"), (0x17, b"270101000000Z"))),
        UNREADABLE,
    ),
    "year 0": (
        crafted(dates=((0x18, b"00000101000000Z"), (0x17, b"270101000000Z"))),
        UNREADABLE,
    ),
    "an unknown sort of key": (
        crafted(public_key=sequence(sequence(bytes.fromhex("06032a0304")), element(3, b"\0\1"))),
        UNREADABLE,
    ),
    "a point off its curve": (
        crafted(public_key=spki(ec_key().public_key())[:-1] + b"\0"),
        UNREADABLE,
    ),
    "exponent 1": (crafted(public_key=rsa_key(exponent=1)), UNREADABLE),
    "an even exponent": (crafted(public_key=rsa_key(exponent=4)), UNREADABLE),
    "a negative modulus": (crafted(public_key=rsa_key(-MODULUS)), UNREADABLE),
    "modulus 0": (crafted(public_key=rsa_key(0)), UNREADABLE),
    "an even modulus": (
        crafted(public_key=rsa_key(MODULUS + 1)),
        "cert.pem holds an RSA key with a modulus of 2048 bits and an exponent of 17 bits, which",
    ),
    "a modulus of 17,000 bits": (
        crafted(public_key=rsa_key((1 << 16_999) + 1)),
        "cert.pem holds an RSA key with a modulus of 17000 bits and an exponent of 17 bits, which",
    ),
    "a huge exponent": (
        crafted(public_key=rsa_key(exponent=(1 << 2000) + 1)),
        "cert.pem holds an RSA key with a modulus of 2048 bits and an exponent of 2001 bits, which",
    ),
}


@pytest.mark.parametrize(("octets", "message"), REFUSED.values(), ids=REFUSED)
def test_what_holds_no_usable_certificate_is_refused_without_an_echo(octets, message):
    said, _ = refused(octets)

    assert said.startswith(message)
    assert len(said) < 200


@pytest.mark.parametrize(
    "public_key",
    [rsa_key((1 << 16_383) + 1), rsa_key(exponent=(1 << 32) - 1), rsa_key(exponent=3)],
)
def test_the_bounds_of_an_rsa_key_are_inside(public_key):
    assert parse(crafted(public_key=public_key))


def test_of_several_the_one_that_cannot_be_read_is_named():
    message, _ = refused(PEM + armoured(b"\x30\x00"))

    assert message.startswith("cert.pem[1] is not a readable")


@pytest.mark.parametrize(
    "octets",
    [
        b"-----BEGIN A-----\n" * 58_000,
        b"-----BEGIN " + b"A" * 1_000_000,
        b"-----BEGIN A-----" + b" " * 1_000_000 + b"-----X",
        b"-----BEGIN A-----\n" + b"-----END " * 110_000,
        b"-----BEGIN A-----" + rb"\n" * 500_000,
        b"A" * 1_000_001,
        b"30:" * 340_000 + b"x",
        b"eyJ" * 340_000,
        b"a -a" * 250_000,
        b"ssh-" * 250_000,
        b"[" * 1_000_000,
        b"{" + b'"a":[' * 200_000,
        b"<" * 1_000_000,
        b"0" + b"\x04\x7f" * 500_000,
        b"0\x82" * 500_000,
    ],
    ids=range(15),
)
def test_a_file_made_to_be_slow_is_not(octets):
    started = time.monotonic()

    assert refused(octets)
    assert time.monotonic() - started < 2


# Files


def test_a_key_file_is_called_by_its_own_name(tmp_path):
    (tmp_path / "app.crt").write_bytes(PEM)

    (candidate,) = read_keys(tmp_path / "app.crt", Role.ALSO)

    assert (candidate.label, candidate.role) == ("app.crt", Role.ALSO)


def unreadable(path):
    """The message with which the file `path` is refused."""
    with pytest.raises(CertificateError) as caught:
        read_keys(path, Role.REGISTERED)
    assert caught.value.hint
    return caught.value.message


def test_a_file_that_is_none_is_refused_and_named(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "large.pem").write_bytes(b"\n" * (MAX_FILE + 1))
    (tmp_path / "junk.pem").write_bytes(b"junk")

    assert unreadable(tmp_path / "none.pem") == f"no such file: {tmp_path / 'none.pem'}"
    assert unreadable(tmp_path / "fifo") == f"{tmp_path / 'fifo'} is not a regular file"
    assert unreadable(Path("/dev/zero")) == "/dev/zero is not a regular file"
    assert unreadable(tmp_path / "large.pem") == f"{tmp_path / 'large.pem'} is larger than 1024 KiB"
    assert (
        unreadable(tmp_path / "junk.pem") == "junk.pem is text without a certificate or key in it"
    )


def test_a_private_key_given_as_a_path_is_not_echoed():
    assert "MII" not in unreadable(Path(PRIVATE_KEY.decode()))


# Whatever the octets


def only_one_error(octets):
    try:
        candidates = parse(octets)
    except CertificateError as error:
        return error.hint
    return candidates[0].key_text


@given(st.binary())
def test_no_file_raises_anything_but_a_certificate_error(octets):
    assert only_one_error(octets)


@given(st.binary(), st.sampled_from(["CERTIFICATE", "TRUSTED CERTIFICATE", "PRIVATE KEY"]))
def test_no_block_raises_anything_but_a_certificate_error(octets, label):
    assert only_one_error(armoured(octets, label))


CHANGED = st.tuples(
    st.sampled_from([der(certificate()), der(certificate("ec", holder=ec_key()))]),
    st.lists(st.tuples(st.integers(0, 699), st.integers(0, 255)), min_size=1, max_size=4),
)


@given(CHANGED)
def test_no_changed_certificate_raises_anything_but_a_certificate_error(changed):
    original, changes = changed
    octets = bytearray(original)
    for place, octet in changes:
        octets[place % len(octets)] = octet

    assert only_one_error(bytes(octets))
