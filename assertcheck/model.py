"""The vocabulary: the values that every other module takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from assertcheck.graph import KeyCredential, Registration
    from assertcheck.saml.model import SamlFacts


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """Entra ID refuses it, as seen, documented or implied."""
    WARNING = "warning"
    """Taken or unknown, but fragile or against a MUST."""
    NOTE = "note"
    """Worth knowing."""


class Verdict(StrEnum):
    """What the report comes to."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    INCOMPLETE = "incomplete"


class Confidence(StrEnum):
    """How sure a statement about Entra ID is, surest first."""

    SEEN = "seen"
    """A raw response of Entra ID showed it."""
    DOCUMENTED = "documented"
    """Microsoft's documentation or error lookup says it."""
    LIKELY = "likely"
    """Inferred."""


class AssertionKind(StrEnum):
    """What the token is for, as its `iss` and `aud` tell."""

    CERTIFICATE = "certificate"
    """A client assertion signed with the app's own key."""
    FEDERATED = "federated"
    """Another issuer's token, traded in by workload identity federation."""
    GRAPH_PROOF = "graph-proof"
    """The proof of possession that Graph's `addKey` takes."""
    OTHER = "other"
    """No client assertion: an access token, an encrypted token, no JWT at all."""


class FlawKind(StrEnum):
    """A way in which the text is not what RFC 7515 and RFC 8259 ask for."""

    SEGMENT_COUNT = "segment-count"
    PADDING = "padding"
    STANDARD_ALPHABET = "standard-alphabet"
    NOT_BASE64URL = "not-base64url"
    NOT_UTF8 = "not-utf8"
    BOM = "bom"
    NOT_JSON = "not-json"
    NOT_OBJECT = "not-object"
    EMPTY_OBJECT = "empty-object"
    DUPLICATE_KEY = "duplicate-key"
    NOT_A_NUMBER = "not-a-number"
    HUGE_NUMBER = "huge-number"
    TOO_DEEP = "too-deep"
    SECRET_INSIDE = "secret-inside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something the decoder stumbled over and went on from."""

    kind: FlawKind
    at: str
    """`header`, `claims`, `signature` or `assertion`; below that with dots: `header.x5c[0]`."""
    detail: str
    """What was seen, in words that hold no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedAssertion:
    """A JWT taken apart, with its octets as they were received.

    `header` and `claims` are safe to show: private keys and nested tokens in them are replaced by
    a word about what stood there. Whatever has to be secret is kept out of `repr`.
    """

    text: str = field(repr=False)
    segments: tuple[str, ...] = field(repr=False)
    header: Mapping[str, object]
    """Empty when it could not be read; then `flaws` says why."""
    claims: Mapping[str, object]
    header_octets: bytes | None = field(repr=False)
    """The first segment, decoded; `None` when it is not base64 of any sort."""
    payload_octets: bytes | None = field(repr=False)
    signature: bytes | None = field(repr=False)
    signing_input: bytes = field(repr=False)
    """What a signature must be over: the first two segments and the dot, as received
    (RFC 7515 §5.2)."""
    flaws: tuple[Flaw, ...]
    fingerprint: str
    """`sha256:` and the hex digest of `text`: names this assertion without being it."""

    def flaws_of(self, *kinds: FlawKind, at: str = "") -> tuple[Flaw, ...]:
        """Return the flaws of these `kinds`, in the part `at` if one is named."""
        return tuple(
            flaw for flaw in self.flaws if flaw.kind in kinds and (not at or flaw.at == at)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRequest:
    """The token request an assertion was found in; `None` for what it does not carry.

    Values are safe to show: a token, key or secret in the wrong field is replaced by a word.
    """

    url: str | None = None
    """Where it is posted to, as written, without its query."""
    client_id: str | None = None
    client_assertion_type: str | None = None
    grant_type: str | None = None
    scope: str | None = None
    resource: str | None = None
    """What the v1.0 endpoint takes in place of `scope`."""
    has_client_secret: bool = False
    """Whether there is one besides; it is never kept."""
    method: str | None = None
    content_type: str | None = None
    """The media type of the body, in lower case, without parameters."""
    assertion_parameter: str | None = None
    """Where the assertion stood: `client_assertion`, another parameter, `Authorization`; `None`
    where it stood outside the parameters, or there is none."""
    is_whole: bool = False
    """Whether all of the request is known, so that a parameter not seen was not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedError:
    """An error of Entra ID, as far as it could be read; `None` for what it does not say."""

    code: str
    """The one that matters, `AADSTS` and the number."""
    codes: tuple[str, ...]
    """All that it names, in order."""
    error: str | None = None
    """The OAuth `error` value."""
    reason: str | None = None
    """The text after `Reason - `."""
    thumbprint: str | None = None
    """Of the key used by the client: upper-case hex, as printed."""
    found_key_start: datetime | None = None
    found_key_end: datetime | None = None
    """The window of the key that was found, UTC."""
    app_id: str | None = None
    tenant: str | None = None
    current_time: datetime | None = None
    """Entra ID's clock, UTC, where the message states it."""
    valid_from: datetime | None = None
    expires: datetime | None = None
    timestamp: datetime | None = None
    """When it was answered, UTC."""
    trace_id: str | None = None
    correlation_id: str | None = None
    stands_for: str | None = None
    """The code that Entra ID gives for this today, where `code` was once used for several."""
    lacks_thumbprint: bool = False
    """Whether the reason is there and no thumbprint follows it; not so where the text was cut."""
    quoted: str | None = None
    """What the message names where that decides: the missing field, the algorithm."""
    configured_keys: tuple[str, ...] = ()
    """The thumbprints of all keys of the app, upper-case hex, which Entra ID listed in 2017."""


class PasteKind(StrEnum):
    """The shape of a paste."""

    JWT = "jwt"
    """A token and nothing else, however it is wrapped."""
    FORM_BODY = "form-body"
    HTTP_REQUEST = "http-request"
    URL = "url"
    CURL = "curl"
    POWERSHELL = "powershell"
    HAR = "har"
    JSON = "json"
    LOG = "log"
    """Any other text with a token or a request in it: a log, a debug print, a mail, code."""
    ERROR = "error"
    """What Entra ID answered, and no assertion."""
    PRIVATE_KEY = "private-key"
    CERTIFICATE = "certificate"
    CLIENT_SECRET = "client-secret"
    SAML = "saml"
    OTHER = "other"


class DirtKind(StrEnum):
    """What can cling to an assertion; the value is the word for it in `Submission.removed`."""

    QUOTES = "quotes"
    BEARER = "Bearer"
    NAME = "parameter name"
    PUNCTUATION = "punctuation"
    LINE_BREAKS = "line breaks"
    SPACES = "spaces"
    INVISIBLE = "invisible characters"
    PERCENT = "percent-encoding"
    PLUS = "plus signs"
    JSON = "JSON"
    BASE64 = "base64"
    TEXT = "text around the assertion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirt:
    """Something that clung to the assertion and was taken off."""

    kind: DirtKind
    detail: str
    """What was seen, in words that hold no part of the assertion."""
    is_inside: bool = False
    """Whether it stood within the assertion rather than around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was pasted: the assertion found in it, and what was around it."""

    assertion: str = field(repr=False)
    """Empty where there is none and the paste was recognised as something else."""
    kind: str
    """The shape of the paste, one of `PasteKind`."""
    removed: tuple[str, ...]
    """What was stripped, each in a word or two: `quotes`, `Bearer`, `line breaks`."""
    request: TokenRequest | None = None
    error: ReturnedError | None = None
    others: tuple[str, ...] = ()
    """The other things in the paste that look like tokens, a word on each."""
    sent_dirty: tuple[Dirt, ...] = ()
    """What was stripped though it was sent: Entra ID received it inside the value."""
    is_cut: bool = False
    """Whether the paste shows the assertion's beginning only: an ellipsis or a mask follows."""
    length: int = 0
    """Characters of the paste."""


class Role(StrEnum):
    """Where a candidate key comes from, and with it how far it is trusted."""

    REGISTERED = "registered"
    """What Entra ID has registered, by `--app`; without it, what `--cert` says it has."""
    HELD = "held"
    """From `--cert` where `--app` says what is registered, and this is not."""
    ALSO = "also"
    """From `--also`, or beside the leaf in a `--cert` file: tried only to explain."""
    HEADER = "header"
    """From the assertion's own `x5c`: never trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The facts of an X.509 certificate (RFC 5280)."""

    der: bytes = field(repr=False)
    text: bytes | None = field(repr=False)
    """The PEM block as it stood in the file, armour included; `None` if it came as DER."""
    subject: str
    """RFC 4514 text."""
    issuer: str
    serial_number: int
    not_before: datetime
    not_after: datetime
    sha1: bytes
    """SHA-1 of the DER, 20 bytes: what `x5t` carries (RFC 7515 §4.1.7)."""
    sha256: bytes
    """SHA-256 of the DER, 32 bytes: what `x5t#S256` carries (RFC 7515 §4.1.8)."""
    is_ca: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A public key that may have signed, and the certificate it came in."""

    label: str
    """What the user knows it by: `cert.pem`, `chain.pem[1]`, `header.x5c[0]`."""
    role: Role
    key: PublicKeyTypes = field(repr=False)
    key_text: str
    """Kind and size for people: `RSA 2048`, `EC P-256`, `Ed25519`."""
    certificate: Certificate | None
    """`None` for a bare key: a candidate without thumbprints."""
    notes: tuple[str, ...] = ()
    """What there is to say of how it was read, each in a few words without a secret."""
    kid: str | None = None
    """What a JWK calls itself (RFC 7517 §4.5)."""
    credential: KeyCredential | None = None
    """Its registration, where `--app` has one for it."""

    def __hash__(self) -> int:
        # Its key has no hash; few candidates share a label.
        return hash((self.label, self.role))


class Outcome(StrEnum):
    """How a candidate fared against the signature."""

    VALID = "valid"
    INVALID = "invalid"
    NOT_TRIED = "not-tried"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One candidate tried on the signature as the header's `alg` names it."""

    candidate: Candidate
    outcome: Outcome
    why: str = ""
    """Why it was not tried; of an invalid one, that its key made it all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the token request is expected to carry; `None` where the user did not say."""

    client_id: str | None = None
    tenant: str | None = None
    """A GUID or a domain name."""
    token_url: str | None = None
    cloud: str | None = None
    """`public`, `usgov` or `china`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The moment an assertion is judged at."""

    now: datetime
    """UTC."""
    given: bool
    """Whether the user named it; a given clock is taken literally."""
    leeway: timedelta = timedelta(seconds=300)
    """How far past `exp` or before `nbf` Entra ID is taken to be lenient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntraCode:
    """What Entra ID says to a fault, and how sure that is."""

    code: str
    """`AADSTS` and the number."""
    confidence: Confidence
    reason: str | None = None
    """The text after `Reason - `, where the code has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What a rule found: the part of a finding that differs from one token to the next."""

    at: str
    message: str
    fix: str
    expected: str | None = None
    actual: str | None = None
    aadsts: tuple[EntraCode, ...] | None = None
    """In place of the rule's own, where what Entra ID says depends on what was seen."""
    severity: Severity | None = None
    """In place of the rule's own, where how the app is set up decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """What a rule says in place of a problem when the facts at hand decide nothing."""

    why: str
    decisive: bool = False
    """Whether acceptance hangs on it: the verdict is then `incomplete` at best."""
    silencing: bool = False
    """Whether nothing is left to judge for the rules that name this one in `unless`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault in one token: a rule's standing words and the problem it saw."""

    id: str
    severity: Severity
    title: str
    at: str
    message: str
    fix: str
    expected: str | None
    actual: str | None
    aadsts: tuple[EntraCode, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotChecked:
    """A rule that came to no answer, and what it lacked."""

    id: str
    why: str
    decisive: bool = False
    """Whether acceptance hangs on it: the verdict is then `incomplete` at best."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The error Entra ID would return first."""

    code: str
    name: str | None
    error: str | None
    """The OAuth `error` value, where one was seen."""
    reason: str | None
    confidence: Confidence
    then: tuple[str, ...]
    """The codes that would surface once the first is mended."""
    thumbprint: str | None
    """The `Thumbprint of key used by client` Entra ID would print: upper-case hex."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionFacts:
    """What the assertion says, safe to show."""

    kind: AssertionKind
    header: Mapping[str, object]
    claims: Mapping[str, object]
    fingerprint: str
    issued: datetime | None
    not_before: datetime | None
    expires: datetime | None
    seconds_left: int | None
    """Until `exp`, from the clock of the report; negative once it has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """A candidate and how it fared."""

    label: str
    kind: str
    """`certificate` or `public-key`."""
    key: str
    role: Role
    subject: str | None
    not_before: datetime | None
    not_after: datetime | None
    sha1: str | None
    """Upper-case hex, as Entra ID prints it."""
    sha256: str | None
    registered: bool | None
    """`None` where no registration was given, or the one given leaves it open."""
    signature: Outcome
    why: str
    """As in `Trial`; else empty."""
    notes: tuple[str, ...]
    """What is worth knowing of the file it came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole answer, in the order a reader wants it."""

    verdict: Verdict | None
    """`None` where there is nothing to accept: a certificate or a registration alone; those are
    `INCOMPLETE` where the export does not show what decides."""
    assumes: tuple[str, ...]
    cause: Finding | None
    prediction: Prediction | None
    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    assertion: AssertionFacts | None
    keys: tuple[KeyFacts, ...]
    submission: Submission | None
    """`None` where nothing was pasted."""
    clock: Clock
    judged_at: datetime
    """The clock's moment, or the last valid one where the assertion has expired since."""
    registration: Registration | None = None
    """What `--app` says is registered."""
    certificates: tuple[Candidate, ...] = ()
    """What `cert` was asked about, each leaf before its issuers."""
    request: SamlFacts | None = None
    """The SAML request, in place of an assertion."""

    def exit_code(self, *, strict: bool = False) -> int:
        """Return 0 for accepted, 1 for refused, 3 for incomplete; `strict` refuses on warnings.

        Without a verdict: 1 for any error, else 0.
        """
        severities = {finding.severity for finding in self.findings}
        refused = self.verdict is Verdict.REFUSED or (
            self.verdict is None and Severity.ERROR in severities
        )
        if refused or (strict and Severity.WARNING in severities):
            return 1
        return 3 if self.verdict is Verdict.INCOMPLETE else 0
