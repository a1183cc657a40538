"""The vocabulary of a SAML sign-in request and of what may be wrong with its signature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from assertcheck.model import Candidate, ReturnedError, Trial

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
"""The namespaces a request is made of (SAML Core §1.2, XML Signature §1.3)."""

THE_XML = "the XML"
"""What a paste breaks off in that is no parameter."""


class Binding(StrEnum):
    """How a request travels (SAML Bindings §3.4 and §3.5); Entra ID takes these two."""

    REDIRECT = "redirect"
    POST = "post"


class Message(StrEnum):
    """What a paste holds; the value is the word for it."""

    AUTHN_REQUEST = "AuthnRequest"
    RESPONSE = "Response"
    LOGOUT_REQUEST = "LogoutRequest"
    LOGOUT_RESPONSE = "LogoutResponse"
    ASSERTION = "Assertion"
    METADATA = "metadata"
    ARTIFACT = "artifact"
    """`SAMLart`: the HTTP Artifact binding."""
    SOAP = "SOAP envelope"
    PAOS = "PAOS request"
    WS_FEDERATION = "WS-Federation request"
    OPENID_CONNECT = "OpenID Connect request"
    JWT = "JWT"
    OTHER_XML = "other XML"
    UNKNOWN = "unknown"


class SamlFlawKind(StrEnum):
    """A way in which a request is not written as its binding asks, or could not be read."""

    MISSING = "missing"
    """There is no `SAMLRequest`."""
    REPEATED = "repeated"
    """A parameter is there more than once."""
    PERCENT_TWICE = "percent-twice"
    """All of it, or `SAMLRequest` alone."""
    BARE_PLUS = "bare-plus"
    """A `+` that is not percent-encoded, which form decoding (WHATWG URL §5.1) makes a space of."""
    WHITE_SPACE = "white-space"
    """Sent within base64 in the query, where none may be (SAML Bindings §3.4.4.1)."""
    PADDING = "padding"
    """Base64 without the `=` that it should end in (RFC 4648 §4)."""
    URL_SAFE_BASE64 = "url-safe-base64"
    NOT_BASE64 = "not-base64"
    BASE64_TWICE = "base64-twice"
    ZLIB = "zlib"
    """A zlib wrapper (RFC 1950) around what should be raw DEFLATE (RFC 1951)."""
    GZIP = "gzip"
    DEFLATED = "deflated"
    """DEFLATE where the binding has none."""
    NOT_DEFLATED = "not-deflated"
    DEFLATE_BROKEN = "deflate-broken"
    """Begins as DEFLATE and cannot be inflated to its end."""
    TOO_LARGE = "too-large"
    """Inflates to more octets than are read."""
    NOT_UTF8 = "not-utf8"
    NOT_XML = "not-xml"
    """Not well-formed; what could be read before the fault is there."""
    DTD = "dtd"
    TOO_DEEP = "too-deep"


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlFlaw:
    """Something the reader stumbled over and went on from, if it could."""

    kind: SamlFlawKind
    detail: str
    """What was seen, in words that hold no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of the query or the form."""

    name: str
    raw: str = field(repr=False)
    """The value as received, in the sender's own percent-encoding: what a redirect signature is
    over (SAML Bindings §3.4.4.1)."""
    value: str = field(repr=False)
    """The value decoded once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlSubmission:
    """What was pasted: the parameters of the request, and what was around them."""

    kind: str
    """The shape of the paste, one of `assertcheck.model.PasteKind`."""
    removed: tuple[str, ...]
    """What was stripped, each in a word or two."""
    binding: Binding | None
    """What the paste shows of how it was sent; `None` where it shows nothing."""
    parameters: tuple[Parameter, ...]
    """In the order received; `SAMLRequest` alone where only its value was pasted."""
    is_as_sent: bool
    """Whether each `raw` is what was on the wire: not so for bare values and XML."""
    xml: bytes | None = field(default=None, repr=False)
    """The request itself, where it was pasted as XML."""
    url: str | None = None
    """Where it is sent to, without its query."""
    message: Message = Message.UNKNOWN
    """What is known of the kind of message by the paste alone."""
    error: ReturnedError | None = None
    others: tuple[str, ...] = ()
    """What else in the paste looks like a request, a word on each."""
    taken: str = "the last"
    """Which of several requests it is."""
    length: int = 0
    """Characters of the paste."""
    encoded_twice: tuple[Parameter, ...] = ()
    """What was received, where all of it is percent-encoded twice; `parameters` has one layer less."""
    behind_hash: tuple[str, ...] = ()
    """The parameter that an unescaped `#` cuts off and those behind it, which no browser sends
    (RFC 3986 §3.5)."""
    breaks_off_in: str | None = None
    """The parameter in which the paste ends too early, or which it abbreviates; `THE_XML`."""
    in_url: tuple[Parameter, ...] = ()
    """The parameters in the URL that a form is posted to; `parameters` are those of its body."""

    def raw(self, name: str) -> str | None:
        """Return the first parameter called `name`, as received; `None` if there is none."""
        return next((each.raw for each in self.parameters if each.name == name), None)

    def value(self, name: str) -> str | None:
        """Return the first parameter called `name`, decoded; `None` if there is none."""
        return next((each.value for each in self.parameters if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """An XML element, without its comments and processing instructions."""

    name: str
    """Without its prefix."""
    namespace: str
    """The URI; empty where there is none."""
    attributes: Mapping[str, str]
    """By name; those in a namespace as `{URI}name`."""
    text: str
    """The character data right inside it, before, between and after its children."""
    children: tuple[Element, ...]

    def all(self, name: str, namespace: str) -> Iterator[Element]:
        """Yield the children called `name`."""
        return (each for each in self.children if (each.name, each.namespace) == (name, namespace))

    def first(self, name: str, namespace: str) -> Element | None:
        """Return the first child called `name`."""
        return next(self.all(name, namespace), None)

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it, in document order."""
        # A stack, not recursion: the depth is the sender's choice.
        left = [self]
        while left:
            element = left.pop()
            yield element
            left += reversed(element.children)


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlRequest:
    """A request taken apart."""

    xml: bytes | None = field(repr=False)
    """The octets of the XML, as far as there are any."""
    root: Element | None = field(repr=False)
    """`None` where not even its first tag could be read."""
    message: Message
    is_deflated: bool
    """Whether the value was DEFLATE, in whatever wrapper."""
    flaws: tuple[SamlFlaw, ...]
    fingerprint: str
    """`sha256:` and the hex digest of the XML, else of the value: names it without being it."""

    def flaws_of(self, *kinds: SamlFlawKind) -> tuple[SamlFlaw, ...]:
        """Return the flaws of these `kinds`."""
        return tuple(flaw for flaw in self.flaws if flaw.kind in kinds)


class Place(StrEnum):
    """Where a signature stands."""

    QUERY = "query"
    """In the parameters `SigAlg` and `Signature`."""
    XML = "xml"
    """In the message, as `ds:Signature`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlSignature:
    """A signature that the request carries, wherever it stands."""

    place: Place
    algorithm: str | None
    """The URI of `SigAlg` or `SignatureMethod`, as written."""
    octets: bytes | None = field(repr=False)
    """Decoded; `None` where it is missing or not base64."""
    references: tuple[str, ...] = ()
    """What an XML signature says it is over: the `URI` of each `Reference`."""
    digests: tuple[str, ...] = ()
    """The URI of each `DigestMethod`."""
    transforms: tuple[tuple[str, ...], ...] = ()
    """The URIs of the transforms of each reference."""
    canonicalization: str | None = None
    parent: str | None = None
    """The element it is a child of."""
    certificates: tuple[Candidate, ...] = ()
    """From `KeyInfo`, with `Role.HEADER`: never trusted."""
    key_names: tuple[str, ...] = ()
    """What else `KeyInfo` names a key by, in words."""


class SamlMistake(StrEnum):
    """What is wrong with a signature that does not verify."""

    OTHER_KEY = "other-key"
    """It is right, by the key of another candidate than those registered."""
    UNKNOWN_KEY = "unknown-key"
    OTHER_ALGORITHM = "other-algorithm"
    """It verifies with another hash or padding than its algorithm names."""
    TRANSPORT = "transport"
    """The signature itself is damaged or encoded otherwise."""

    # A signature in the query: what was signed in place of the octets received.
    ESCAPES = "escapes"
    """The same values in another percent-encoding."""
    UNENCODED = "unencoded"
    """The values before percent-encoding."""
    ORDER = "order"
    RELAY_STATE = "relay-state"
    """Left out though it was sent, or signed though it was not."""
    OTHER_PARAMETERS = "other-parameters"
    """Signed with more parameters, or with fewer."""
    SIG_ALG = "sig-alg"
    """Another value of `SigAlg` was signed."""
    DEFLATED_AGAIN = "deflated-again"
    """The same XML in another compression or encoding."""
    XML_ALONE = "xml-alone"
    """The XML or its base64, without the query around it."""

    # A signature in the XML.
    CONTENT_CHANGED = "content-changed"
    """The digest of what is referred to differs."""
    PRETTY_PRINTED = "pretty-printed"
    """It verifies once white space between elements is taken out."""
    LINE_ENDS = "line-ends"
    """It verifies with other line ends."""
    SIGNED_INFO_CHANGED = "signed-info-changed"
    REFERENCE = "reference"
    """It refers to nothing in the message, to another element, or outside."""
    WRAPPED = "wrapped"
    """What is signed is not what is read: signature wrapping."""
    TRANSFORM_MISSING = "transform-missing"
    """Without the enveloped-signature transform, the signature is over itself."""
    CANONICALIZATION = "canonicalization"
    """It verifies with another canonicalisation than it names."""
    TWO_SIGNATURES = "two-signatures"
    MALFORMED = "malformed"

    OTHER_OCTETS = "other-octets"
    """A registered key made it, over something that could not be found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlAutopsy:
    """Why a signature does not verify."""

    mistake: SamlMistake
    candidate: Candidate | None
    """Whose key made it, where that is proven."""
    words: str
    """For a sentence: `signed with lower-case percent-escapes, sent in upper case`."""
    also: tuple[SamlMistake, ...] = ()
    """What else is wrong with it."""
    algorithm: str | None = None
    """What it was made with, where that is not what it says: `RSA-SHA1`."""
    besides: str = ""
    """What `also` is about, for a sentence of its own; empty where `words` say that too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlVerification:
    """How a signature fared."""

    signature: SamlSignature
    trials: tuple[Trial, ...]
    autopsy: SamlAutopsy | None
    """`None` when a registered key made it, or there was nothing to try."""
    why_not: str | None = None
    """Why it could not be verified at all, with what to do: the extra is not installed."""
    named: tuple[Candidate, ...] = ()
    """The candidates that `KeyInfo` names otherwise than by a certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlFacts:
    """What the report shows of a request, safe to show."""

    message: Message
    binding: Binding | None
    id: str | None
    issuer: str | None
    destination: str | None
    acs_url: str | None
    """`AssertionConsumerServiceURL`."""
    name_id_format: str | None
    issued: datetime | None
    """`IssueInstant`, UTC."""
    relay_state: bool
    """Whether there is one; it may be anything, so it is not shown."""
    signatures: tuple[SamlSignature, ...]
    fingerprint: str
