"""A value becomes its XML, and whatever its sender did otherwise is said."""

import base64
import gzip
import hashlib
import re
import time
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assertcheck.saml.decoder import decode_request, message_of, unquoted
from assertcheck.saml.model import (
    ASSERTION,
    PROTOCOL,
    SIGNATURE,
    Binding,
    Message,
    Parameter,
    SamlRequest,
    SamlSubmission,
)
from assertcheck.saml.xml_tree import MAX_DEPTH, MAX_ELEMENTS, MAX_XML, parse_tree
from tests import build_saml
from tests.build_saml import authn_request, b64, deflated, escaped, post_value, redirect_value

XML = authn_request()
OCTETS = XML.encode()
UNEVEN = OCTETS + b"\n" * (4 - len(OCTETS) % 3)
"""Its base64 ends in padding."""
REDIRECT = redirect_value(XML)
POST = post_value(XML)
UTF16_DECLARED = '<?xml version="1.0" encoding="utf-16"?>' + XML
LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?>' + authn_request(ProviderName="Prüfung")
DTD = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


def submission(
    value: str | None,
    binding: Binding | None = Binding.REDIRECT,
    *,
    raw: str | None = None,
    is_as_sent: bool = True,
    more: tuple[Parameter, ...] = (),
) -> SamlSubmission:
    own = (
        ()
        if value is None
        else (
            Parameter(name="SAMLRequest", raw=escaped(value) if raw is None else raw, value=value),
        )
    )
    return SamlSubmission(
        kind="url",
        removed=(),
        binding=binding,
        parameters=(*own, *more),
        is_as_sent=is_as_sent,
    )


def decoded(
    value: str | bytes, binding: Binding | None = Binding.REDIRECT, **more: object
) -> SamlRequest:
    text = redirect_value(value) if isinstance(value, bytes) else value
    return decode_request(submission(text, binding, **more))  # type: ignore[arg-type] # as declared there


def kinds(request: SamlRequest) -> set[str]:
    return {str(flaw.kind) for flaw in request.flaws}


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    value: str
    binding: Binding | None
    kinds: set[str]
    xml: bytes | None = OCTETS
    message: Message = Message.AUTHN_REQUEST


def row(
    name: str,
    value: str,
    binding: Binding | None,
    *flaws: str,
    xml: bytes | None = OCTETS,
    message: Message = Message.AUTHN_REQUEST,
) -> Row:
    return Row(name=name, value=value, binding=binding, kinds=set(flaws), xml=xml, message=message)


R, P = Binding.REDIRECT, Binding.POST
ROWS = [
    row("redirect", REDIRECT, R),
    row("post", POST, P),
    row("deflated, binding unknown", REDIRECT, None),
    row("plain, binding unknown", POST, None),
    row("stored, not compressed", redirect_value(XML, level=0), R),
    row("post, deflated", REDIRECT, P, "deflated"),
    row("redirect, not deflated", POST, R, "not-deflated"),
    row("zlib", redirect_value(XML, wbits=15), R, "zlib"),
    row("zlib, small window", redirect_value(XML, wbits=9), R, "zlib"),
    row("gzip", redirect_value(XML, wbits=31), R, "gzip"),
    row("gzip of the command", b64(gzip.compress(OCTETS)), R, "gzip"),
    row("zlib, posted", redirect_value(XML, wbits=15), P, "zlib", "deflated"),
    row("a wrong zlib checksum", b64(zlib.compress(OCTETS)[:-1] + b"?"), R, "zlib", "deflate-broken"),
    row("a zlib checksum cut off", b64(zlib.compress(OCTETS)[:-4]), R, "zlib", "deflate-broken"),
    row("a newline behind DEFLATE", b64(deflated(OCTETS) + b"\n"), R),
    row("url-safe", base64.urlsafe_b64encode(deflated(OCTETS * 1)).decode(), R, "url-safe-base64"),
    row("no padding", post_value(UNEVEN).rstrip("="), P, "padding",
        xml=UNEVEN),
    row("base64 twice", b64(REDIRECT.encode()), R, "base64-twice"),
    row("base64 twice, posted", b64(POST.encode()), P, "base64-twice"),
    row("base64 of words", b64(b"these-are-no-letters-of-base64-in-base64"), None, "not-xml",
        xml=b"these-are-no-letters-of-base64-in-base64", message=Message.UNKNOWN),
    row("line breaks", "\r\n".join(POST[n : n + 76] for n in range(0, len(POST), 76)), P),
    row("line breaks in a redirect", REDIRECT[:76] + "\n" + REDIRECT[76:], R, "white-space"),
    row("a space for +", "PHg+PC94Pg==".replace("+", " "), P, "bare-plus", xml=b"<x></x>",
        message=Message.OTHER_XML),
    row("percent twice", escaped(REDIRECT), R, "percent-twice"),
    row("percent thrice", escaped(escaped(REDIRECT)), R, "percent-twice"),
    row("percent five times", escaped(escaped(escaped(escaped("+/+/")))), R, "percent-twice",
        "not-base64", xml=None, message=Message.UNKNOWN),
    row("XML as it is", XML, P, "not-base64"),
    row("XML as it is in a redirect", "\ufeff" + XML, R, "not-base64", "not-deflated",
        xml=b"\xef\xbb\xbf" + OCTETS),
    row("other letters", POST.replace("P", "§"), P, "not-base64", xml=None, message=Message.UNKNOWN),
    row("padding inside", POST[:40] + "==" + POST[40:], P, "not-base64", xml=None,
        message=Message.UNKNOWN),
    row("one character lost", POST[:-3], P, "not-base64",
        xml=base64.b64decode(POST[:-4]), message=Message.AUTHN_REQUEST),
    row("nothing of any sort", b64(b"\xff" * 60), R, "deflate-broken", xml=b"\xff" * 60,
        message=Message.UNKNOWN),
    row("nothing of any sort, posted", b64(b"\xff" * 60), P, "not-xml", xml=b"\xff" * 60,
        message=Message.UNKNOWN),
    row("DEFLATE of no XML", redirect_value(b"what is this?"), R, "not-xml", xml=b"what is this?",
        message=Message.UNKNOWN),
    row("UTF-8 with a mark", redirect_value("\ufeff" + XML), R, xml=b"\xef\xbb\xbf" + OCTETS),
    row("UTF-16", redirect_value(UTF16_DECLARED.encode("utf-16")), R, "not-utf8",
        xml=UTF16_DECLARED.encode("utf-16")),
    row("UTF-16 BE", redirect_value(XML.encode("utf-16-be")), R, "not-utf8",
        xml=XML.encode("utf-16-be")),
    row("declared UTF-16", redirect_value(UTF16_DECLARED), R, "not-utf8",
        xml=UTF16_DECLARED.encode()),
    row("Latin-1", post_value(LATIN.encode("latin-1")), P, "not-utf8", xml=LATIN.encode("latin-1")),
    row("declared Latin-1", post_value(LATIN), P, xml=LATIN.encode()),
    row("no UTF-8", post_value(OCTETS.replace(b"app", b"\xffpp", 1)), P, "not-utf8",
        xml=OCTETS.replace(b"app", b"\xffpp", 1)),
    row("a DTD", redirect_value(DTD + XML), R, "dtd", xml=(DTD + XML).encode()),
    row("no end", post_value(OCTETS[:-9]), P, "not-xml", xml=OCTETS[:-9]),
    row("a first tag without end", post_value(OCTETS[:99]), P, "not-xml", xml=OCTETS[:99]),
    row("an entity", post_value(XML.replace("app.", "&app;")), P, "not-xml",
        xml=XML.replace("app.", "&app;").encode()),
    row("another namespace", post_value(XML.replace(":protocol", ":other")), P,
        xml=XML.replace(":protocol", ":other").encode()),
    row("no declaration of a prefix", post_value("<samlp:AuthnRequest ID='a'/>"), P, "not-xml",
        xml=b"<samlp:AuthnRequest ID='a'/>"),
]  # fmt: skip


@pytest.mark.parametrize("each", ROWS, ids=lambda each: each.name)
def test_a_value_becomes_its_xml_and_its_flaws(each: Row):
    request = decode_request(submission(each.value, each.binding))
    assert kinds(request) == each.kinds
    assert request.xml == each.xml
    assert request.message is each.message
    assert all(flaw.detail for flaw in request.flaws)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (REDIRECT, True),
        (redirect_value(XML, wbits=15), True),
        (redirect_value(XML, wbits=31), True),
        (b64(deflated(OCTETS)[:-20]), True),
        (POST, False),
        (b64(b"\xff" * 60), False),
        (XML, False),
    ],
)
def test_it_says_whether_the_value_was_deflated(value: str, expected: bool):
    for binding in (R, P, None):
        assert decoded(value, binding).is_deflated is expected


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (XML, Message.AUTHN_REQUEST),
        ("<Response/>", Message.RESPONSE),
        ("<p:LogoutRequest xmlns:p='p'/>", Message.LOGOUT_REQUEST),
        ("<LogoutResponse/>", Message.LOGOUT_RESPONSE),
        ("<Assertion/>", Message.ASSERTION),
        ("<EncryptedAssertion/>", Message.ASSERTION),
        ("<EntityDescriptor/>", Message.METADATA),
        ("<EntitiesDescriptor/>", Message.METADATA),
        ("<ArtifactResolve/>", Message.ARTIFACT),
        ("<ArtifactResponse/>", Message.ARTIFACT),
        (f"<Envelope><Body>{XML}</Body></Envelope>", Message.SOAP),
        ("<Envelope><q:Request xmlns:q='urn:liberty:paos:2003-08'/></Envelope>", Message.PAOS),
        ("<authnrequest/>", Message.OTHER_XML),
        ("<!-- <Response/> --><AuthnRequest", Message.RESPONSE),
        ("<Other", Message.UNKNOWN),
    ],
)
def test_a_message_is_what_its_root_is_called(xml: str, message: Message):
    assert message_of(post_value(xml)) is message
    assert message_of(redirect_value(xml)) is message
    assert decoded(post_value(xml), P).message is message


def test_the_beginning_of_a_value_tells_what_it_is():
    long = authn_request(children="<x>" + "a1b2" * 99_999 + "</x>")
    assert message_of(post_value(long)) is Message.AUTHN_REQUEST
    assert message_of("") is message_of("%%%") is Message.UNKNOWN


def test_a_request_that_is_not_there_is_missing():
    empty = [(value, "SAMLRequest is empty") for value in ("", "\r\n", "==")]
    for value, detail in [(None, "there is no SAMLRequest"), *empty]:
        request = decode_request(submission(value))
        assert [(flaw.kind, flaw.detail) for flaw in request.flaws] == [("missing", detail)]
        assert not request.xml
        assert request.root is None
        assert request.message is Message.UNKNOWN


def test_parameters_that_come_again_are_said_once():
    again = tuple(
        Parameter(name=name, raw="x", value="x")
        for name in ("SigAlg", "SAMLRequest", "SigAlg", "wa")
    )
    request = decode_request(submission(REDIRECT, more=again))
    (flaw,) = request.flaws
    assert flaw.kind == "repeated"
    assert flaw.detail == "SAMLRequest 2 times, SigAlg 2 times"
    assert request.xml == OCTETS


def test_a_plus_that_is_no_escape_is_said():
    plus = Parameter(name="Signature", raw="a+b=", value="a+b=")
    value = next(v for n in range(99) if "+" in (v := redirect_value(authn_request(ID=f"_{n}"))))
    request = decode_request(submission(value, raw=value, more=(plus,)))
    assert [(flaw.kind, flaw.detail) for flaw in request.flaws] == [
        ("bare-plus", "SAMLRequest has a bare +, which form decoding makes a space of")
    ]
    assert kinds(decode_request(submission(value, more=(plus,)))) == set()
    assert kinds(decoded(value, raw=value, is_as_sent=False)) == set()
    assert kinds(decoded(REDIRECT[:50] + "\n" + REDIRECT[50:], is_as_sent=False)) == set()


def test_percent_encoding_is_undone_wherever_a_long_text_is_parted():
    for before in range(4):
        assert unquoted("-" * before + "%41" * 20_000 + "%") == "-" * before + "A" * 20_000 + "%"


def test_the_fingerprint_is_of_the_xml_else_of_the_value():
    assert decoded(REDIRECT).fingerprint == "sha256:" + hashlib.sha256(OCTETS).hexdigest()
    assert decoded(REDIRECT).fingerprint == decoded(POST, P).fingerprint
    assert decoded("§").fingerprint == "sha256:" + hashlib.sha256("§".encode()).hexdigest()


def test_pasted_xml_is_read_as_it_is():
    for xml in (OCTETS, UTF16_DECLARED.encode("utf-16")):
        pasted = SamlSubmission(
            kind="saml", removed=(), binding=P, parameters=(), is_as_sent=False, xml=xml
        )
        request = decode_request(pasted)
        assert request.flaws == ()
        assert request.xml == xml
        assert not request.is_deflated
        assert request.message is Message.AUTHN_REQUEST


def test_a_tree_has_names_namespaces_attributes_and_text():
    signed = build_saml.signed_request(
        children='<e:x xmlns:e="urn:e" e:a="1" b="&lt;2&gt;"> one<!-- no --><y/>two<?pi?>&#51;</e:x>'
    )
    root, flaws = parse_tree(signed.encode())
    assert flaws == ()
    assert root is not None
    assert (root.name, root.namespace) == ("AuthnRequest", PROTOCOL)
    assert root.attributes["ID"] == build_saml.REQUEST_ID
    issuer = root.first("Issuer", ASSERTION)
    assert issuer is not None
    assert issuer.text == build_saml.ISSUER
    assert root.first("Signature", SIGNATURE) is not None
    other = root.first("x", "urn:e")
    assert other is not None
    assert other.attributes == {"{urn:e}a": "1", "b": "<2>"}
    assert other.text == " onetwo3"
    assert [(each.name, each.namespace, each.attributes) for each in other.children] == [
        ("y", "", {})
    ]
    assert [each.name for each in root.walk()][:3] == ["AuthnRequest", "Issuer", "Signature"]


def test_what_stands_before_a_fault_is_kept():
    root, flaws = parse_tree(b"<a i='1'><b>text</b><c><d>more</e></a>")
    assert root is not None
    assert [flaw.detail for flaw in flaws] == ["mismatched tag at line 1, column 33"]
    assert [(each.name, each.text) for each in root.walk()] == [
        ("a", ""),
        ("b", "text"),
        ("c", ""),
        ("d", "more"),
    ]


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH, set()),
        (b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1), {"too-deep"}),
        (b"<a>" + b"<b/>" * (MAX_ELEMENTS - 1) + b"</a>", set()),
        (b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>", {"too-large"}),
        (b"<a>" + b"x" * (MAX_XML - 7) + b"</a>", set()),
        (b"<a>" + b"x" * (MAX_XML - 6) + b"</a>", {"too-large"}),
        (b"<a>" + "é".encode() * (MAX_XML // 2), {"too-large"}),
    ],
)
def test_each_bound_is_where_it_says(octets: bytes, expected: set[str]):
    root, flaws = parse_tree(octets)
    assert {str(flaw.kind) for flaw in flaws} == expected
    assert root is not None
    assert root.name == "a"
    assert set(kinds(decoded(octets))) == expected


def _bomb(before: bytes = b"") -> bytes:
    """1 GB of spaces behind `before`, out of one MiB again and again, each by itself."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * 1024 + packer.flush()


BAD: list[tuple[str, Callable[[], str], set[str]]] = [
    ("billion laughs", lambda: redirect_value(f"<!DOCTYPE a [{LAUGHS}]>" + XML), {"dtd"}),
    ("a quadratic entity", lambda: redirect_value(f'<!DOCTYPE a [<!ENTITY a "{"a" * 9999}">]><a>{"&a;" * 9999}</a>'), {"dtd"}),
    ("an external entity", lambda: redirect_value(DTD + XML.replace("app", "&e;")), {"dtd"}),
    ("an external DTD", lambda: redirect_value('<!DOCTYPE a SYSTEM "https://example.com/a.dtd">' + XML), {"dtd"}),
    ("1 GB of spaces in XML", lambda: b64(_bomb(OCTETS[:-9])), {"too-large"}),
    ("1 GB of spaces", lambda: b64(_bomb()), {"too-large"}),
    ("10,000 elements within each other", lambda: redirect_value(authn_request(children="<a>" * 10_000 + "</a>" * 10_000)), {"too-deep"}),
    ("100,000 attributes", lambda: redirect_value("<a " + " ".join(f"a{n}=''" for n in range(100_000)) + "/>"), set()),
    ("100,000 attributes of one name", lambda: redirect_value("<a " + "a='' " * 100_000 + "/>"), {"not-xml"}),
    ("50,000 namespaces", lambda: redirect_value("<a " + " ".join(f"xmlns:a{n}='u'" for n in range(50_000)) + "/>"), set()),
    ("NULs", lambda: redirect_value(OCTETS.replace(b"app", b"\0pp") + b"\0" * 900_000), {"not-xml"}),
    ("8 MiB before it is decoded", lambda: "A" * (8 << 20), {"too-large"}),
    ("8 MiB of white space", lambda: "A\n" * (4 << 20), {"too-large"}),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), [pytest.param(*row[1:], id=row[0]) for row in BAD])
def test_bad_input_costs_neither_time_nor_memory(value: Callable[[], str], expected: set[str]):
    given_value = submission(value())
    start = time.perf_counter()
    request = decode_request(given_value)
    assert time.perf_counter() - start < 5
    assert kinds(request) == expected
    tracemalloc.start()
    decode_request(given_value)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


@pytest.mark.parametrize("wbits", [-15, 15, 31])
def test_deflate_cut_at_any_length_gives_what_came_before(wbits: int):
    whole = deflated(OCTETS, wbits=wbits)
    for length in range(1, len(whole)):
        request = decoded(b64(whole[:length]))
        assert kinds(request) <= {"deflate-broken", "zlib", "gzip"}
        assert "deflate-broken" in kinds(request)
        if request.is_deflated:
            assert request.xml is not None
            assert OCTETS.startswith(request.xml)


def test_a_damaged_octet_of_deflate_leaves_what_came_before_it():
    xml = authn_request(children="".join(f"<a{n}/>" for n in range(999))).encode()
    whole = deflated(xml)
    request = decoded(b64(whole[:-99] + b"\xff" * 9 + whole[-90:]))
    assert kinds(request) == {"deflate-broken"}
    assert request.xml is not None
    assert xml.startswith(request.xml[:5000])
    assert request.root is not None
    assert len(request.root.children) > 400


VALUES = st.one_of(
    st.text(),
    st.binary().map(b64),
    st.binary().map(redirect_value),
    st.text(alphabet="<>/&;!?ax:='\" []\0\ufeffé").map(post_value),
    st.text(alphabet="<>/&;!?ax:='\" []\0\ufeffé").map(redirect_value),
    st.tuples(st.integers(0, len(REDIRECT)), st.characters()).map(
        lambda cut: REDIRECT[: cut[0]] + cut[1] + REDIRECT[cut[0] + 1 :]
    ),
)


@given(VALUES, st.sampled_from([*Binding, None]), st.booleans())
def test_no_value_raises(value: str, binding: Binding | None, is_as_sent: bool):
    request = decoded(value, binding, is_as_sent=is_as_sent, raw=value)
    assert len({flaw.kind for flaw in request.flaws}) == len(request.flaws)
    if request.root is None:
        assert request.flaws


@given(st.binary())
def test_no_octets_raise(octets: bytes):
    parse_tree(octets)
    parse_tree(b"<a>" + octets)


def test_a_value_that_was_abbreviated_is_said_to_be():
    for value in (f"{REDIRECT[:80]}\u2026", f"{REDIRECT[:80]}..."):
        (flaw,) = decoded(value).flaws
        assert (flaw.kind, flaw.detail) == (
            "not-base64",
            "SAMLRequest is abbreviated: it ends in an ellipsis",
        )
    (flaw,) = decoded(f"{REDIRECT[:80]}\u2026{REDIRECT[80:]}").flaws
    assert flaw.detail == "SAMLRequest holds U+2026, which base64 has not"


def test_all_that_is_percent_encoded_twice_is_named_but_not_what_has_no_escape():
    received = tuple(
        Parameter(name=name, raw=escaped(escaped(value)), value=escaped(value))
        for name, value in (("SAMLRequest", REDIRECT), ("RelayState", "x"), ("SigAlg", "a:b"))
    )
    (flaw,) = decode_request(replace(submission(REDIRECT), encoded_twice=received)).flaws
    assert (flaw.kind, flaw.detail) == (
        "percent-twice",
        "SAMLRequest and SigAlg are percent-encoded twice",
    )
    assert decode_request(submission(REDIRECT)).flaws == ()


def test_every_detail_is_a_sentence():
    for each in ROWS:
        for flaw in decode_request(submission(each.value, each.binding)).flaws:
            if str(flaw.kind) in SENTENCES:
                assert re.match(
                    r"(SAMLRequest|the DEFLATE data) (is|has|holds|lacks|breaks) ", flaw.detail
                )


SENTENCES = (
    *("percent-twice", "bare-plus", "white-space", "padding", "url-safe-base64", "not-base64"),
    *("base64-twice", "zlib", "gzip", "deflated", "not-deflated", "deflate-broken"),
)
"""The flaws of a value; those of its XML are put into a sentence by their rules."""
