"""Key identifiers: `x5t`, `x5t#S256` and `kid`, then the certificates in `x5c`."""

from __future__ import annotations

from assertcheck.model import Outcome, Problem, Severity, Undecided
from assertcheck.rules import x5c
from assertcheck.rules.header import asks_for_another_kind_of_key, misspelled
from assertcheck.rules.key_mistakes import (
    Mistake,
    fix_to,
    held_signer,
    not_a_string,
    problems_of,
    registered_in,
    right_value,
    strange_thumbprints,
    target_of,
)
from assertcheck.rules.rule import NOT_FOUND, Context, Need, likely, rule, seen
from assertcheck.words import listed

_X5T = "RFC 7515 §4.1.7"
_X5T_S256 = "RFC 7515 §4.1.8"
_NOT_FOUND = (seen("700027", NOT_FOUND),)
_UNLESS = ("header-not-json",)


@rule(
    "no-key-identifier",
    "Nothing says which key signed",
    severity=Severity.ERROR,
    source="Entra certificate-credentials",
    aadsts=(seen("5002723"),),
    unless=_UNLESS,
)
def no_key_identifier(ctx: Context) -> tuple[Problem, ...]:
    """The header names the certificate whose key signed, in `x5t` or `x5t#S256`.

    An app may have many keys registered, and Entra ID tries none that is not named: without a key
    identifier it answers AADSTS5002723. `x5c` alone does not count as one.

    Add the thumbprint of the registered certificate; `assertcheck explain x5t` has the code. Good:
    `{"alg":"PS256","x5t#S256":"…"}`, `{"alg":"RS256","x5t":"hOBcHZi846VCHSJbFAs26Go9VTQ"}`. Bad:
    `{"alg":"RS256","typ":"JWT"}`.
    """
    header = ctx.assertion.header
    # header-name-misspelled has those that are there under another spelling.
    names = {*header, *(right for _, right in misspelled(ctx))}
    if names & {"x5t", "x5t#S256", "kid"} or asks_for_another_kind_of_key(ctx):
        return ()
    algorithm = header.get("alg")
    name = "x5t#S256" if isinstance(algorithm, str) and algorithm.startswith("PS") else "x5t"
    target = target_of(ctx, None)
    return (
        Problem(
            at=f"header.{name}",
            message="the header has neither x5t, x5t#S256 nor kid",
            fix=fix_to(name, right_value(name, target), target, "sign again"),
            expected=right_value(name, target),
            actual="none",
        ),
    )


@rule(
    "x5t-not-a-string",
    "Thumbprint is not a string",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=(likely("5002723"),),
    unless=_UNLESS,
)
def x5t_not_a_string(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` and `x5t#S256` are JSON strings that hold base64url.

    A list of octets, a number, an object or `null` names no key.

    Encode the digest before it goes into the header; `assertcheck explain x5t` has the code. Good:
    `"x5t":"hOBcHZi846VCHSJbFAs26Go9VTQ"`. Bad: `"x5t":[132,224,92,…]`, `"x5t":null`.
    """
    if any(reading.at != "header.kid" for reading in ctx.thumbprints):
        return ()
    return tuple(
        not_a_string(ctx, name, name, "encode the digest in base64url")
        for name in strange_thumbprints(ctx)
    )


@rule(
    "x5t-empty",
    "Thumbprint is empty",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=(likely("5002723"), likely("700027", NOT_FOUND)),
    unless=_UNLESS,
)
def x5t_empty(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` holds the SHA-1 thumbprint of the registered certificate, 27 characters of base64url.

    An empty one names no key. It comes from code that turns hex into octets and stops at the first
    character that is no hex digit: MSAL for Node does so, silently, when the thumbprint was copied
    from the Windows dialog with the invisible U+200E in front of it.

    Type the thumbprint by hand, or delete its first character twice. Good:
    `"x5t":"hOBcHZi846VCHSJbFAs26Go9VTQ"`. Bad: `"x5t":""`.
    """
    return problems_of(
        ctx, Mistake.EMPTY, "check the thumbprint setting for an invisible character"
    )


@rule(
    "x5t-hidden-character",
    "Thumbprint with an invisible character",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_hidden_character(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` is the base64url of the certificate's SHA-1 digest, and of nothing else.

    The certificate dialog of Windows puts U+200E, which shows as nothing, in front of the
    thumbprint. Copied along, it becomes part of the value, and no registered key has that value.

    Take the thumbprint from `openssl x509 -noout -fingerprint` or from the portal, and encode its
    octets; `assertcheck explain x5t` has the code. Good: `hOBcHZi846VCHSJbFAs26Go9VTQ`. Bad:
    `4oCOODRFMDVDMUQ…`, which is `84E05C1D…` with three octets in front of it.
    """
    return problems_of(ctx, Mistake.HIDDEN_CHARACTER, "take the thumbprint from another place")


@rule(
    "x5t-is-hex",
    "Thumbprint is written in hex",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_is_hex(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` is the base64url of the certificate's SHA-1 digest: 20 octets, 27 characters.

    The portal, Windows and openssl show the digest in hex. Those 40 hex digits are valid base64 of
    30 other octets, so Entra ID decodes them without complaint and finds no key of that name.

    Turn the hex into octets, then encode those; `assertcheck explain x5t` has the code. Good:
    `hOBcHZi846VCHSJbFAs26Go9VTQ`. Bad: `84E05C1D98BCE3A5421D225B140B36E86A3D5534`, `84:E0:5C:…`.
    """
    return problems_of(ctx, Mistake.IS_HEX, "encode the octets in base64url, not in hex")


@rule(
    "x5t-base64-of-hex-text",
    "Thumbprint is the base64 of hex digits",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_base64_of_hex_text(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` is the base64url of the certificate's SHA-1 digest: of its octets, not of their hex.

    Encoding the text `84E05C…` gives 54 characters that name 40 octets, each of them a hex digit.
    No registered key has such a name.

    Turn the hex into octets first: `bytes.fromhex(…)`, `Convert.FromHexString(…)`,
    `Buffer.from(…, "hex")`, `xxd -r -p`. Good: `hOBcHZi846VCHSJbFAs26Go9VTQ`. Bad:
    `ODRFMDVDMUQ5OEJDRTNBNTQyMUQyMjVCMTQwQjM2RTg2QTNENTUzNA`.
    """
    return problems_of(
        ctx, Mistake.BASE64_OF_HEX_TEXT, "turn the hex into octets before encoding them"
    )


@rule(
    "x5t-encoded-twice",
    "Thumbprint is encoded twice",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_encoded_twice(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` is the base64url of the certificate's SHA-1 digest, encoded once.

    A setting that held the finished value was encoded again by the library, which expected the
    octets or the hex; what Entra ID decodes is then a text, not a digest.

    Encode once. Good: `hOBcHZi846VCHSJbFAs26Go9VTQ`. Bad:
    `aE9CY0haaTg0NlZDSFNKYkZBczI2R285VlRR`.
    """
    return problems_of(ctx, Mistake.ENCODED_TWICE, "encode once")


@rule(
    "x5t-extra-characters",
    "Thumbprint with characters that do not belong to it",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_extra_characters(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` is the base64url of the certificate's SHA-1 digest, and of nothing else.

    Quotes, a line break, a label, percent-escapes, a space where `+` was, or anything attached make
    it another value, which names no registered key.

    Keep the 27 characters of base64url alone. Good: `hOBcHZi846VCHSJbFAs26Go9VTQ`. Bad:
    `b'hOBcHZi846VCHSJbFAs26Go9VTQ='`, `hOBcHZi846VCHSJbFAs26Go9VTQ%3D`, a value that ends in a
    line break.
    """
    return problems_of(ctx, Mistake.EXTRA_CHARACTERS, "keep the base64url text alone")


@rule(
    "x5t-reversed",
    "Thumbprint in reverse order",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_reversed(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` holds the octets of the SHA-1 digest in the order the hash gives them.

    Code that takes the digest for a little-endian number, as parts of the Windows API do, turns
    them round. The result has the right size and names no registered key.

    Encode the digest as it comes. Good: `hOBcHZi846VCHSJbFAs26Go9VTQ`. Bad:
    `NFU9aug2CxRbIh1CpeO8mB1c4IQ`.
    """
    return problems_of(ctx, Mistake.REVERSED, "do not turn the octets round")


@rule(
    "x5t-leading-zero",
    "Thumbprint has gained or lost a zero",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_leading_zero(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` holds all 20 octets of the SHA-1 digest, zeros included, and no more.

    A digest that went through a number comes out shorter when it begins with a zero, or with a zero
    octet in front of it (`BigInteger.toByteArray()` in Java).

    Keep the digest as an array of octets. Good: 20 octets. Bad: 19, or 21 that begin with 00.
    """
    return problems_of(ctx, Mistake.LEADING_ZERO, "keep the digest as octets, not as a number")


@rule(
    "x5t-truncated",
    "Thumbprint is too short",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_truncated(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` holds 20 octets in 27 characters, `x5t#S256` 32 octets in 43.

    A value with fewer names no key. One or two octets come from a hex decoder that stopped at the
    first character it did not know: MSAL for Node does so, silently, at a colon, a space or the
    invisible U+200E.

    Give the thumbprint as hex digits only where a library asks for hex, and look for a column or a
    field that is too narrow. Good: `hOBcHZi846VCHSJbFAs26Go9VTQ`. Bad: `hA`, `hOBcHZi846VCHSJb`.
    """
    return problems_of(
        ctx, Mistake.TRUNCATED, "give the whole thumbprint, without colons or spaces"
    )


@rule(
    "x5t-letter-case",
    "Thumbprint in changed letter case",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_letter_case(ctx: Context) -> tuple[Problem, ...]:
    """In base64url, `a` and `A` are two digits.

    A value that was turned into capitals or small letters as a whole, as hex may be, is another
    value, which names no registered key.

    Keep the letters as they are. Good: `hOBcHZi846VCHSJbFAs26Go9VTQ`. Bad:
    `hobchzi846vchsjbfas26go9vtq`.
    """
    return problems_of(ctx, Mistake.LETTER_CASE, "keep the letter case")


@rule(
    "x5t-one-character-off",
    "Thumbprint with a typing error",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_one_character_off(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` names a certificate by all of its digest; one character off names none.

    Such a value was typed, or lost or gained a character on the way.

    Copy the value or compute it; `assertcheck explain x5t` has the code. Good:
    `hOBcHZi846VCHSJbFAs26Go9VTQ`. Bad: `h0BcHZi846VCHSJbFAs26Go9VTQ`.
    """
    return problems_of(ctx, Mistake.ONE_CHARACTER_OFF, "copy the value, do not type it")


@rule(
    "x5t-holds-sha256",
    "x5t holds a SHA-256",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_holds_sha256(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` is for the SHA-1 of the certificate; its SHA-256 goes into `x5t#S256`.

    Entra ID looks the name up as it stands, and a SHA-256 is no registered key's SHA-1. For a while
    Microsoft's own page said "SHA-256" beside `x5t`.

    Rename the parameter to `x5t#S256`, or put the SHA-1 there. Good: 27 characters in `x5t`, 43 in
    `x5t#S256`. Bad: 43 characters in `x5t`.
    """
    return problems_of(ctx, Mistake.X5T_HOLDS_SHA256, "or move the SHA-256 to x5t#S256")


@rule(
    "x5ts256-holds-sha1",
    "x5t#S256 holds a SHA-1",
    severity=Severity.ERROR,
    source=_X5T_S256,
    aadsts=(likely("700027", NOT_FOUND),),
    unless=_UNLESS,
)
def x5ts256_holds_sha1(ctx: Context) -> tuple[Problem, ...]:
    """`x5t#S256` is for the SHA-256 of the certificate; its SHA-1 goes into `x5t`.

    A SHA-1 there is no registered key's SHA-256. The sample on Microsoft's own page has this
    mistake: `{"alg":"PS256","x5t#S256":"gx8tGysyjcRqKjFPnd7RFwvwZI0"}` is 20 octets.

    Put the SHA-256 there, or rename the parameter to `x5t`. Good: 43 characters in `x5t#S256`. Bad:
    27.
    """
    return problems_of(ctx, Mistake.X5TS256_HOLDS_SHA1, "or move the SHA-1 to x5t")


@rule(
    "x5t-wrong-hash",
    "Thumbprint by another hash",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_wrong_hash(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` is made with SHA-1 and `x5t#S256` with SHA-256, whatever hash `alg` names.

    The thumbprint only names the certificate; no other hash of it is registered anywhere. With
    PS512 or RS384 too, it is still SHA-1 or SHA-256.

    Good: SHA-1 in `x5t`, SHA-256 in `x5t#S256`. Bad: MD5, SHA-384 or SHA-512 in either.
    """
    return problems_of(ctx, Mistake.WRONG_HASH, "use SHA-1 for x5t, SHA-256 for x5t#S256")


@rule(
    "x5t-hash-of-pem-text",
    "Thumbprint of the PEM text",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_hash_of_pem_text(ctx: Context) -> tuple[Problem, ...]:
    """A thumbprint is the hash of the certificate's DER octets.

    A PEM file is those octets in base64, with a line before and after. Its hash changes with the
    line ends, and nobody registers it: `sha1sum cert.pem` is not the thumbprint.

    Decode the PEM to DER first: `openssl x509 -in cert.pem -outform DER | openssl dgst -sha1`.
    `assertcheck explain x5t` has the code. Bad: `sha1(open("cert.pem").read())`, or the hash of the
    base64 text between the lines, or of the DER in hex.
    """
    return problems_of(ctx, Mistake.HASH_OF_PEM_TEXT, "hash the DER octets")


@rule(
    "x5t-hash-of-certificate-part",
    "Thumbprint of a part of the certificate",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_hash_of_certificate_part(ctx: Context) -> tuple[Problem, ...]:
    """A thumbprint is the hash of all of the certificate's DER octets.

    The hash of the signed part (`tbsCertificate`), of the signature or of the subject's name is
    another value, which names no registered key.

    Hash what `getEncoded()`, `RawData` or `public_bytes(DER)` return. Bad: `getTBSCertificate()`,
    `getSignature()`.
    """
    return problems_of(ctx, Mistake.HASH_OF_CERTIFICATE_PART, "hash the whole certificate in DER")


@rule(
    "x5t-hash-of-thumbprint",
    "Thumbprint of a thumbprint",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_hash_of_thumbprint(ctx: Context) -> tuple[Problem, ...]:
    """A thumbprint is the hash of the certificate's DER octets, hashed once.

    A library that takes the certificate and is given its thumbprint hashes that once more; the
    result has the right size and names no registered key.

    Give the library what it asks for: the certificate, or the thumbprint. Good:
    `sha1(der)`. Bad: `sha1(sha1(der))`, `sha256("84E05C1D…")`.
    """
    return problems_of(ctx, Mistake.HASH_OF_THUMBPRINT, "hash the certificate once")


@rule(
    "x5t-hash-of-public-key",
    "Thumbprint of the public key",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_hash_of_public_key(ctx: Context) -> tuple[Problem, ...]:
    """A thumbprint is the hash of the certificate, not of the key in it.

    The hash of the public key (a "pin", or what `ssh-keygen -lf` shows) stays the same when the
    certificate is renewed; Entra ID knows the certificate's only.

    Hash the certificate's DER octets; `assertcheck explain x5t` has the code. Bad: the hash of
    SubjectPublicKeyInfo, of the PKCS#1 key, of the modulus, of what `openssl x509 -modulus` prints.
    """
    return problems_of(ctx, Mistake.HASH_OF_PUBLIC_KEY, "hash the certificate, not its key")


@rule(
    "x5t-is-jwk-thumbprint",
    "Thumbprint of the key as a JWK",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_is_jwk_thumbprint(ctx: Context) -> tuple[Problem, ...]:
    """A JWK thumbprint (RFC 7638) is the hash of a public key as JSON; `x5t` is the certificate's.

    JOSE libraries offer the former under similar names (`thumbprint()`, `calculateJwkThumbprint`).
    Entra ID knows the certificate's only.

    Hash the certificate's DER octets; `assertcheck explain x5t` has the code.
    """
    return problems_of(ctx, Mistake.JWK_THUMBPRINT, "hash the certificate, not the JWK")


@rule(
    "x5t-is-key-identifier",
    "Key identifier of an extension",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_is_key_identifier(ctx: Context) -> tuple[Problem, ...]:
    """The "Subject Key Identifier" that a certificate dialog shows is not the certificate's thumbprint.

    It has 20 octets as well, but is made from the key, and Entra ID does not look keys up by it.

    Take the line "Thumbprint" or "Fingerprint". Good: `openssl x509 -noout -fingerprint -sha1`.
    Bad: "X509v3 Subject Key Identifier".
    """
    return problems_of(ctx, Mistake.KEY_IDENTIFIER, "take the thumbprint, not the key identifier")


@rule(
    "x5t-is-serial-number",
    "Serial number in place of the thumbprint",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_is_serial_number(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` names the certificate by its SHA-1 thumbprint; the serial number is the issuer's count.

    Entra ID does not look keys up by serial number.

    Take the line "Thumbprint" or "Fingerprint". Good: `openssl x509 -noout -fingerprint -sha1`.
    Bad: `openssl x509 -noout -serial`.
    """
    return problems_of(ctx, Mistake.SERIAL_NUMBER, "take the thumbprint, not the serial number")


@rule(
    "x5t-is-subject-name",
    "Subject name in place of the thumbprint",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_is_subject_name(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` names the certificate by its SHA-1 thumbprint, not by whom it was issued to.

    Entra ID does not look keys up by name.

    Put the thumbprint there; `assertcheck explain x5t` has the code. Good:
    `hOBcHZi846VCHSJbFAs26Go9VTQ`. Bad: `CN=my-app`.
    """
    return problems_of(ctx, Mistake.SUBJECT_NAME, "take the thumbprint, not the name")


@rule(
    "x5t-is-whole-certificate",
    "The certificate itself in place of its thumbprint",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_is_whole_certificate(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` is the hash of the certificate; the certificate itself goes into `x5c`.

    Entra ID looks a key up by the hash, and an unhashed certificate or public key is none.

    Hash the DER octets with SHA-1 and encode the digest; `assertcheck explain x5t` has the code.
    Good: 27 characters. Bad: `MIIDPjCC…`.
    """
    return problems_of(ctx, Mistake.WHOLE_CERTIFICATE, "hash the certificate before encoding")


@rule(
    "x5t-not-a-thumbprint",
    "Not a thumbprint in base64url",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_not_a_thumbprint(ctx: Context) -> tuple[Problem, ...]:
    r"""`x5t` is 20 octets in base64url, and `x5t#S256` is 32.

    Whatever this decodes to, it is not a digest of that size, and names no registered key.

    Hash the DER octets of the registered certificate and encode the digest; `assertcheck explain
    x5t` has the code. Good: `hOBcHZi846VCHSJbFAs26Go9VTQ`. Bad: `my-signing-key`, a decimal number,
    `132, 224, 92, …`, `b'\x84\xe0…'`, base32.
    """
    return problems_of(ctx, Mistake.NOT_A_THUMBPRINT, "hash the certificate and encode the digest")


@rule(
    "x5t-is-guid",
    "A GUID in place of the thumbprint",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_is_guid(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` names the certificate by its SHA-1 thumbprint, not by the GUID of anything.

    `keyId` in the manifest, in Graph and in `az ad app credential list` is the number of a
    registration, and the client id that of the app; a certificate's thumbprint is neither. What
    `keyCredentials` has of it is `customKeyIdentifier`.

    Hash the certificate; `assertcheck explain x5t` has the code. Good:
    `"x5t":"hOBcHZi846VCHSJbFAs26Go9VTQ"`. Bad: `"x5t":"11111111-2222-4333-8444-555555555555"`.
    """
    return problems_of(ctx, Mistake.GUID, "name the certificate by its thumbprint, not by a GUID")


@rule(
    "kid-is-graph-keyid",
    "kid is a GUID, not a thumbprint",
    severity=Severity.ERROR,
    source="RFC 7515 §4.1.4",
    aadsts=(likely("700027", NOT_FOUND),),
    unless=_UNLESS,
)
def kid_is_graph_keyid(ctx: Context) -> tuple[Problem, ...]:
    """The certificate is named by its thumbprint, not by the GUID its registration got.

    `keyId` in the manifest, in Graph and in `az ad app credential list` is the registration's own
    number; Entra ID does not look the key of an assertion up by it.

    Send `x5t` with the thumbprint of the same certificate; `assertcheck explain x5t` has the code.
    Good: `"x5t":"hOBcHZi846VCHSJbFAs26Go9VTQ"`. Bad: a GUID in `kid` and no `x5t`.
    """
    return problems_of(ctx, Mistake.GRAPH_KEYID, "name the certificate, not its registration")


@rule(
    "kid-not-a-thumbprint",
    "kid names no certificate",
    severity=Severity.ERROR,
    source="RFC 7515 §4.1.4",
    aadsts=(likely("700027", NOT_FOUND),),
    unless=_UNLESS,
)
def kid_not_a_thumbprint(ctx: Context) -> tuple[Problem, ...]:
    """Beside `x5t`, `kid` may hold anything; without it, `kid` has to name the certificate.

    Two forms of it are known to have been sent: the SHA-1 thumbprint in upper-case hex, and the
    same in base64url. What JOSE libraries put there by default, their own JWK thumbprint say, is
    answered with AADSTS700027.

    Send `x5t`, and leave `kid` out; `assertcheck explain x5t` has the code. Good:
    `"x5t":"hOBcHZi846VCHSJbFAs26Go9VTQ"`. Bad: `"kid":"key-1"` and no `x5t`.
    """
    header = ctx.assertion.header
    is_alone = "x5t" not in header and "x5t#S256" not in header
    if is_alone and not isinstance(header.get("kid", ""), str):
        return (not_a_string(ctx, "kid", "x5t", "leave kid out"),)
    return problems_of(ctx, Mistake.KID_NOT_A_THUMBPRINT, "send the thumbprint as x5t")


@rule(
    "x5t-of-issuer-cert",
    "Thumbprint of the issuer's certificate",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_of_issuer_cert(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` names the certificate whose key signed, not the one that issued it.

    In a PEM file with a chain, code that hashes "the" certificate takes the first, and some tools
    write the root first. No key of the app has that thumbprint.

    Put the leaf first in the file, or hash it by itself; `openssl x509 -in cert.pem -noout -subject`
    shows which certificate comes first. Bad: the thumbprint of a CA.
    """
    return problems_of(ctx, Mistake.ISSUER, "put the leaf first in the PEM file")


@rule(
    "x5t-of-renewed-cert-same-key",
    "Thumbprint of another certificate for the same key",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_of_renewed_cert_same_key(ctx: Context) -> tuple[Problem, ...]:
    """Entra ID registers certificates, not keys: a renewed certificate has another thumbprint.

    The key is the same and the signature would verify, but the key is looked up by thumbprint first,
    and the other certificate's is not registered.

    Register the renewed certificate beside the old one, `az ad app credential reset --id APP --cert
    @new.pem --append`, or send the thumbprint of the registered one until then.
    """
    return problems_of(ctx, Mistake.RENEWED, "or register the certificate that is named")


@rule(
    "x5t-of-other-cert-than-signer",
    "Thumbprint of another certificate than the one that signed",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def x5t_of_other_cert_than_signer(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` and the signature belong to one and the same certificate.

    Here the thumbprint is that of a certificate that is not registered, and whose key did not sign:
    the key was exchanged and the thumbprint setting was not.

    Read the thumbprint from the file that the key comes from, at run time, instead of from a setting
    of its own. Good: `x5t` of the registered certificate. Bad: `x5t` of its predecessor.
    """
    return problems_of(
        ctx, Mistake.OTHER_THAN_SIGNER, "take it from the certificate whose key signs"
    )


@rule(
    "wrong-certificate",
    "Made with a certificate that is not registered",
    severity=Severity.ERROR,
    source="Entra certificate-credentials",
    aadsts=_NOT_FOUND,
    unless=_UNLESS,
)
def wrong_certificate(ctx: Context) -> tuple[Problem, ...]:
    """The certificate that an assertion is made with has to be registered on the app.

    This assertion is sound in itself, thumbprint and key fit each other, but both belong to a
    certificate that is not the registered one: an old one, another app's, another environment's.

    Deploy the registered certificate with its key, or register the one in use: `az ad app
    credential reset --id APP --cert @cert.pem --append`.
    """
    if asks_for_another_kind_of_key(ctx) or held_signer(ctx):
        return ()
    return problems_of(ctx, Mistake.WRONG_CERTIFICATE, "sign with that certificate's key")


@rule(
    "x5t-unknown",
    "Thumbprint of an unknown certificate",
    severity=Severity.ERROR,
    source=_X5T,
    aadsts=_NOT_FOUND,
    needs=(Need.KEY,),
    unless=_UNLESS,
)
def x5t_unknown(ctx: Context) -> tuple[Problem | Undecided, ...]:
    """`x5t` names the registered certificate by its thumbprint.

    This one is a thumbprint by its size, but of none of the certificates given, nor of anything
    else in them. Entra ID says "The key was not found." if it is not registered.

    Find the certificate: Entra ID shows the thumbprint in hex in its message, and
    `az ad app credential list --id APP --cert` those that are registered. Register the one in use,
    or sign with the key of a registered one. Others lying around can be given with `--also`.
    """
    if asks_for_another_kind_of_key(ctx):
        return ()
    registered = registered_in(ctx)
    bare = [each.candidate.label for each in registered if not each.candidate.certificate]
    advice = "sign with its key, or register the certificate in use"
    if any(each.outcome is Outcome.VALID for each in registered):
        advice = "take it from the certificate whose key signs"
    problems = problems_of(ctx, Mistake.UNKNOWN, advice)
    if problems and bare:
        why = f"{listed(bare)} is no certificate, so its thumbprint is not known"
        return (Undecided(why=why, decisive=True),)
    return problems


@rule(
    "x5t-and-x5ts256-disagree",
    "x5t and x5t#S256 disagree",
    severity=Severity.WARNING,
    source=_X5T_S256,
    unless=_UNLESS,
)
def x5t_and_x5ts256_disagree(ctx: Context) -> tuple[Problem, ...]:
    """`x5t` and `x5t#S256` both name the certificate whose key signed.

    One of them does and the other does not. Which of the two Entra ID goes by is not known.

    Correct the wrong one or leave it out; `assertcheck explain x5t` has the code. Good: both made
    from the same file. Bad: `x5t` from a setting, `x5t#S256` from the certificate.
    """
    strange = strange_thumbprints(ctx)
    if any(reading.at != "header.kid" for reading in ctx.thumbprints):
        return problems_of(ctx, Mistake.DISAGREE, "or leave it out") + tuple(
            not_a_string(ctx, name, name, "or leave it out") for name in strange
        )
    return ()


@rule(
    "x5t-standard-base64",
    "Thumbprint in standard base64",
    severity=Severity.NOTE,
    source="RFC 7515 §2",
    unless=_UNLESS,
)
def x5t_standard_base64(ctx: Context) -> tuple[Problem, ...]:
    """RFC 7515 writes `x5t` in base64url: `-` and `_` where standard base64 has `+` and `/`.

    Entra ID takes both, so this is not why an assertion fails; other recipients are stricter.

    Good: `hOBcHZi846VCHSJbFAs26Go9VTQ`. Taken as well: the same with `+`, `/` or `=`.
    """
    return problems_of(ctx, Mistake.STANDARD_BASE64, "write - for + and _ for /")


@rule(
    "kid-without-x5t",
    "Named by kid alone",
    severity=Severity.WARNING,
    source="Entra certificate-credentials",
    unless=_UNLESS,
)
def kid_without_x5t(ctx: Context) -> tuple[Problem, ...]:
    """Microsoft documents `x5t` and `x5t#S256`; about `kid` the sources disagree.

    Libraries send the thumbprint in `kid` alone, in upper-case hex or base64url, and at least the
    former works for them; others report that Entra ID ignores `kid`, and "The key was not found."
    for assertions that had nothing else.

    Send `x5t` or `x5t#S256` as well. Good: `"x5t":"hOBcHZi846VCHSJbFAs26Go9VTQ"`. Fragile:
    `"kid":"84E05C1D98BCE3A5421D225B140B36E86A3D5534"` alone.
    """
    return problems_of(ctx, Mistake.KID_WITHOUT_X5T, "kid may stay")


RULES = (
    no_key_identifier,
    x5t_not_a_string,
    x5t_empty,
    x5t_hidden_character,
    x5t_is_hex,
    x5t_base64_of_hex_text,
    x5t_encoded_twice,
    x5t_extra_characters,
    x5t_reversed,
    x5t_leading_zero,
    x5t_truncated,
    x5t_letter_case,
    x5t_one_character_off,
    x5t_holds_sha256,
    x5ts256_holds_sha1,
    x5t_wrong_hash,
    x5t_hash_of_pem_text,
    x5t_hash_of_certificate_part,
    x5t_hash_of_thumbprint,
    x5t_hash_of_public_key,
    x5t_is_jwk_thumbprint,
    x5t_is_key_identifier,
    x5t_is_serial_number,
    x5t_is_subject_name,
    x5t_is_whole_certificate,
    x5t_not_a_thumbprint,
    x5t_is_guid,
    kid_is_graph_keyid,
    kid_not_a_thumbprint,
    x5t_of_issuer_cert,
    x5t_of_renewed_cert_same_key,
    x5t_of_other_cert_than_signer,
    wrong_certificate,
    x5t_unknown,
    x5t_and_x5ts256_disagree,
    x5t_standard_base64,
    kid_without_x5t,
    *x5c.RULES,
)
