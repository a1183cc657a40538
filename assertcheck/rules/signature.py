"""The signature: by which key, over what, written how."""

from __future__ import annotations

from assertcheck.model import FlawKind, Problem, Role, Severity
from assertcheck.rules.rule import MISMATCH, Context, Need, likely, rule
from assertcheck.rules.signature_faults import (
    Fault,
    fault_of,
    intended_signer,
    problem_of,
    signer_of,
    thumbprint_of,
)

_MISMATCH = (likely("700027", MISMATCH),)
_BEFORE = (
    "segment-count",
    "signature-missing",
    "signature-not-base64url",
    "alg-missing",
    "alg-none",
    "alg-not-supported",
    "alg-name-wrong",
)
"""Without a signature or an algorithm to judge it by there is nothing to say."""
_KEY = (
    *_BEFORE,
    "x5t-of-issuer-cert",
    "x5t-of-other-cert-than-signer",
    "wrong-certificate",
    "x5t-unknown",
)
"""That the certificate is not the registered one says already that the key is not."""
_CURVE = (*_BEFORE, "ec-key-not-supported")
_CHANGED = (
    *_BEFORE,
    "payload-not-base64url",
    "payload-not-json",
    "payload-not-object",
)
"""What damaged the payload so that it cannot be read is the change."""


@rule(
    "signed-with-other-key",
    "Signed with another key",
    severity=Severity.ERROR,
    source="RFC 7515 §5.2",
    aadsts=_MISMATCH,
    unless=_KEY,
)
def signed_with_other_key(ctx: Context) -> tuple[Problem, ...]:
    """The key that signs and the certificate that the header names belong together.

    Entra ID looks up the named certificate and verifies with its key. The signature was made with
    the key of another file: the old certificate's, a second one in the same store or PFX, another
    environment's.

    Load key and certificate from one place, and take the thumbprint from that certificate. Good:
    `x5t` and the private key both of `new.pfx`. Bad: `x5t` of `new.cer`, the key of `old.pem`;
    `openssl pkey -in key.pem -pubout` and `openssl x509 -in cert.pem -noout -pubkey` print the same
    text if the two belong together.
    """
    return problem_of(ctx, Fault.OTHER_KEY, _use_the_right_key(ctx, or_send=True))


@rule(
    "signed-with-ca-key",
    "Signed with the key of a CA",
    severity=Severity.ERROR,
    source="RFC 7515 §5.2",
    aadsts=_MISMATCH,
    unless=_KEY,
)
def signed_with_ca_key(ctx: Context) -> tuple[Problem, ...]:
    """An assertion is signed with the key of the app's own certificate, the leaf.

    The signature was made with the key of a certificate that issued another one given. Entra ID
    verifies with the certificate that the header names, whose key is another one.

    Pick the key of the leaf. Good: `-sign app.key`. Bad: `-sign ca.key`, the first key of a PFX
    that holds a whole chain.
    """
    return problem_of(ctx, Fault.CA_KEY, _use_the_right_key(ctx, or_send=False))


@rule(
    "hs256-with-public-key",
    "Keyed with something public",
    severity=Severity.ERROR,
    source="RFC 7518 §3.2",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def hs256_with_public_key(ctx: Context) -> tuple[Problem, ...]:
    """A client assertion is signed with an RSA private key, which nobody but the app has.

    This one is an HMAC, keyed with a text that everyone can know: the certificate, the public key,
    a thumbprint, the client id, a sample secret. Anyone could make it, so Entra ID takes no HMAC at
    all.

    Give the library the *private* key, and an RSA algorithm. Good: `jwt.encode(claims, private_key,
    "PS256", headers=…)`. Bad: `jwt.encode(claims, cert_pem, "HS256")`, `CryptoJS.HmacSHA256(input,
    publicKey)`.
    """
    return problem_of(ctx, Fault.HMAC, "sign with the RSA private key, as PS256 or RS256")


@rule(
    "signature-hex",
    "The signature is hex text",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signature_hex(ctx: Context) -> tuple[Problem, ...]:
    """The third segment is the base64url of the signature's octets.

    This one is hex: written as it is, or encoded as if the digits were the octets. Decoded, it is
    twice as long as any signature of the key.

    Ask the library for octets, then encode those. Good: `base64url(bytes)`, 342 characters for RSA
    2048. Bad: `signature.hexdigest()`, `sign.sign(key, "hex")`, `base64url(hexText)`.
    """
    return problem_of(
        ctx, Fault.HEX, "encode the octets of the signature in base64url, not their hex digits"
    )


@rule(
    "signature-encoded-twice",
    "The signature is encoded twice",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signature_encoded_twice(ctx: Context) -> tuple[Problem, ...]:
    """The third segment is the base64url of the signature's octets, encoded once.

    What it decodes to is a text itself: base64, percent escapes, a list of numbers. Entra ID
    decodes once and takes the text for the signature.

    Leave one encoding out. Good: `base64url(bytes)`. Bad: `base64url(sign.sign(key, "base64"))` in
    Node, `base64UrlEncode(json_encode($octets))`, `"$bytes"` in PowerShell.
    """
    return problem_of(ctx, Fault.ENCODED_TWICE, "encode the octets of the signature once")


@rule(
    "signature-through-text",
    "The signature went through a text",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signature_through_text(ctx: Context) -> tuple[Problem, ...]:
    """A signature is octets, and only base64url makes text of them.

    Its octets were taken for characters on the way: decoded as UTF-8, Latin-1 or ASCII, or written
    as lines of text. Octets that are no characters were changed or lost, and with them the
    signature.

    Keep octets as octets up to base64url. Good: `Buffer`, `byte[]`, `bytes`,
    `[IO.File]::ReadAllBytes`. Bad: `signature.toString()`, `Encoding.ASCII.GetString(signature)`,
    `Get-Content signature.bin`.
    """
    return problem_of(
        ctx, Fault.THROUGH_TEXT, "keep the signature as octets until it is encoded in base64url"
    )


@rule(
    "signature-reversed",
    "The signature is in reverse order",
    severity=Severity.ERROR,
    source="RFC 8017 §4.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signature_reversed(ctx: Context) -> tuple[Problem, ...]:
    """An RSA signature is a number written with its highest octet first.

    The octets are in reverse order. The CryptoAPI of Windows (`CryptSignHash`) gives them so, and
    so does code that takes them for a little-endian number, as .NET's `BigInteger` is.

    Turn them round before encoding, or use CNG (`NCryptSignHash`, `RSACng`), which has the right
    order. Good: `[Array]::Reverse($signature)` after CryptoAPI. Bad: its octets as they come.
    """
    return problem_of(
        ctx, Fault.REVERSED, "reverse the octets of the signature before encoding them"
    )


@rule(
    "signature-leading-zero",
    "The signature lost its leading zero",
    severity=Severity.ERROR,
    source="RFC 8017 §8.2.2",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signature_leading_zero(ctx: Context) -> tuple[Problem, ...]:
    """An RSA signature is as long as the modulus: 256 octets for RSA 2048, zeros in front included.

    This one is shorter: a number was written without its leading zeros. That happens to one
    signature in 256, so the app fails now and then.

    Write numbers to their full length. Good: `number.to_bytes(256, "big")`, the octets of the
    library as they come. Bad: `bytes.fromhex(hex(number)[2:])`, a trimmed `BigInteger`.
    """
    return problem_of(
        ctx,
        Fault.LEADING_ZERO,
        "pad the signature on the left with zero octets to the length of the key",
    )


@rule(
    "signature-wrapped",
    "There is more than the signature",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signature_wrapped(ctx: Context) -> tuple[Problem, ...]:
    """The third segment holds the signature's octets and nothing else.

    Octets stand around it: a line end, a sign octet of a big number, a DER or CMS wrapping, PEM
    lines, quotes, the digit of .NET's `UrlTokenEncode`. Entra ID takes all of it for the signature.

    Encode the bare signature. Good: `openssl dgst -sha256 -sign key.pem -binary | openssl base64
    -A`. Bad: `openssl cms -sign`, `echo "$signature" | base64`,
    `HttpServerUtility.UrlTokenEncode(octets)`.
    """
    return problem_of(
        ctx, Fault.WRAPPED, "encode the bare octets of the signature and nothing around them"
    )


@rule(
    "signature-truncated",
    "The signature is cut short",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signature_truncated(ctx: Context) -> tuple[Problem, ...]:
    """An RSA signature is as long as the key: 342 characters for RSA 2048, 683 for RSA 4096.

    This one is shorter than any key at hand makes it. It was cut in a log, a field, a copied line,
    or it is no signature at all.

    Send what the library returned, to its end; allow 8,000 characters where an assertion is stored.
    Good: 342 characters after the second dot. Bad: a column of 255 characters.
    """
    return problem_of(ctx, Fault.TRUNCATED, "send the assertion to its end")


@rule(
    "signature-characters-lost",
    "The signature lost characters",
    severity=Severity.ERROR,
    source="RFC 7515 §2",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signature_characters_lost(ctx: Context) -> tuple[Problem, ...]:
    """In base64url `-` stands for the `+` of standard base64 and `_` for its `/`; only `=` goes.

    This signature is some characters short and has none of these signs anywhere: they were deleted
    where they should have been exchanged, or each `+` became a space in a form body and the spaces
    were dropped.

    Exchange two signs and delete the third. Good: `openssl base64 -A | tr '+/' '-_' | tr -d '='`.
    Bad: `tr -d '+/='`, standard base64 in a form without percent-encoding.
    """
    return problem_of(
        ctx,
        Fault.CHARACTERS_LOST,
        "exchange + and / for - and _, do not delete them: `tr '+/' '-_' | tr -d '='`",
    )


@rule(
    "signature-corrupted",
    "The signature was damaged on the way",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signature_corrupted(ctx: Context) -> tuple[Problem, ...]:
    """Every character of the signature counts.

    With a character or two put right it is a good signature, or all its letters have lost their
    case. So the signing is in order and the copying is not: retyped, read from a picture, signs
    replaced.

    Copy by machine, as text, without a word processor or a chat in between. Good: a file, an
    environment variable, a pipe. Bad: `-` turned into a dash, `+` into a space.
    """
    return problem_of(ctx, Fault.CORRUPTED, "copy the assertion again from where it is made")


@rule(
    "ecdsa-der-signature",
    "An ECDSA signature in DER",
    severity=Severity.ERROR,
    source="RFC 7518 §3.4",
    aadsts=_MISMATCH,
    unless=_CURVE,
)
def ecdsa_der_signature(ctx: Context) -> tuple[Problem, ...]:
    """JOSE writes an ECDSA signature as r and s side by side, 64 octets for P-256, not as ASN.1.

    This one is a DER structure, as openssl, Java and Go return it. No JWS library takes it; and
    Entra ID takes no elliptic curves for client assertions whatever the form.

    Use an RSA certificate and PS256: `openssl req -x509 -newkey rsa:2048 -nodes -days 365 -keyout
    key.pem -out cert.pem -subj /CN=my-app`. Elsewhere: `dsaEncoding: "ieee-p1363"` in Node,
    `decode_dss_signature` in Python.
    """
    return problem_of(ctx, Fault.ECDSA_DER, _use_rsa(ctx))


@rule(
    "signed-with-elliptic-curve",
    "Signed with an elliptic-curve key",
    severity=Severity.ERROR,
    source="RFC 7518 §3.1",
    aadsts=_MISMATCH,
    unless=_CURVE,
)
def signed_with_elliptic_curve(ctx: Context) -> tuple[Problem, ...]:
    """`RS256` and its kin are RSA signatures, and Entra ID takes only these for client assertions.

    The signature was made with a key on an elliptic curve, and so by another algorithm than `alg`
    says.

    Use an RSA certificate and PS256: `openssl req -x509 -newkey rsa:2048 -nodes -days 365 -keyout
    key.pem -out cert.pem -subj /CN=my-app`. Bad: `-newkey ec`.
    """
    return problem_of(ctx, Fault.CURVE, _use_rsa(ctx))


@rule(
    "pss-signature-under-rs256",
    "Signed with PSS, declared as RS256",
    severity=Severity.ERROR,
    source="RFC 7518 §3.3",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def pss_signature_under_rs256(ctx: Context) -> tuple[Problem, ...]:
    """`RS256` is RSASSA-PKCS1-v1_5; `PS256` is RSASSA-PSS.

    The key is right, but the signature has the padding of PSS and the header says otherwise, so the
    verification that `alg` asks for fails.

    Make `alg` and padding agree. Good: `"alg":"PS256"` with `RSASignaturePadding.Pss`,
    `padding.PSS(…)`. Bad: `"alg":"RS256"` with these.
    """
    return problem_of(
        ctx,
        Fault.PSS_UNDER_RS,
        "write the PS name into alg before signing, or sign with PKCS#1 v1.5 padding",
    )


@rule(
    "pkcs1-signature-under-ps256",
    "Signed with PKCS#1 v1.5, declared as PS256",
    severity=Severity.ERROR,
    source="RFC 7518 §3.5",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def pkcs1_signature_under_ps256(ctx: Context) -> tuple[Problem, ...]:
    """`PS256` is RSASSA-PSS; `RS256` is RSASSA-PKCS1-v1_5.

    The key is right, but the signature has the padding of PKCS#1 v1.5, which most libraries use
    unless told otherwise, and the header says otherwise.

    Make `alg` and padding agree. Good: `"alg":"PS256"` with `openssl dgst -sha256 -sigopt
    rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -sign key.pem`. Bad: `"alg":"PS256"` with
    plain `openssl dgst -sha256 -sign key.pem`.
    """
    return problem_of(
        ctx,
        Fault.PKCS1_UNDER_PS,
        "sign with PSS padding, or write the RS name into alg before signing",
    )


@rule(
    "signature-wrong-hash",
    "Made with another hash than alg says",
    severity=Severity.ERROR,
    source="RFC 7518 §3.3",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signature_wrong_hash(ctx: Context) -> tuple[Problem, ...]:
    """The digits of `alg` are those of the hash: `RS256` and `PS256` mean SHA-256.

    The key is right, but the signature holds the digest of another hash. PHP's `openssl_sign` uses
    SHA-1 unless told otherwise.

    Name the hash. Good: `openssl_sign($input, $signature, $key, OPENSSL_ALGO_SHA256)`,
    `SHA256withRSA`. Bad: `openssl_sign($input, $signature, $key)`, `SHA1withRSA`.
    """
    return problem_of(ctx, Fault.WRONG_HASH, "sign with the hash that alg names")


@rule(
    "pss-salt-length",
    "Wrong length of the PSS salt",
    severity=Severity.ERROR,
    source="RFC 7518 §3.5",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def pss_salt_length(ctx: Context) -> tuple[Problem, ...]:
    """In `PS256` the salt is as long as the hash: 32 octets.

    Everything else is right, but the salt has another length. openssl and jwt-go 3 take the longest
    that fits unless told otherwise; verification with the length of the hash then fails.

    Ask for the length of the hash. Good: `-sigopt rsa_pss_saltlen:digest`,
    `salt_length=padding.PSS.DIGEST_LENGTH`, `RSA_PSS_SALTLEN_DIGEST`. Bad: `rsa_pss_saltlen:max`,
    `PSS.MAX_LENGTH`, `PSSSaltLengthAuto`.
    """
    return problem_of(
        ctx, Fault.PSS_SALT, "make the PSS salt as long as the hash: 32 octets for PS256"
    )


@rule(
    "pss-hashes-differ",
    "PSS with two different hashes",
    severity=Severity.ERROR,
    source="RFC 7518 §3.5",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def pss_hashes_differ(ctx: Context) -> tuple[Problem, ...]:
    """In `PS256` one hash does it all: SHA-256 for the text, for the padding and inside MGF1.

    The signature mixes two. `PSSParameterSpec.DEFAULT` of the JDK has SHA-1 everywhere, and setting
    the digest alone leaves MGF1 on SHA-1.

    Set all three. Good: `new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1)`.
    Bad: `MGF1ParameterSpec.SHA1` or the default beside SHA-256.
    """
    return problem_of(
        ctx,
        Fault.PSS_HASHES,
        "use the hash that alg names throughout: for the text, the padding and MGF1",
    )


@rule(
    "double-hashed",
    "Hashed twice",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def double_hashed(ctx: Context) -> tuple[Problem, ...]:
    """Signing includes hashing: the library is given the text.

    It was given the text's digest instead and hashed that once more, as octets or as hex or base64
    text. What is signed is the digest of a digest.

    Pass the text, or tell the library that it gets a digest. Good: `rsa.SignData(octets, …)`,
    `rsa.SignHash(digest, …)`, `Prehashed(hashes.SHA256())`. Bad: `rsa.SignData(digest, …)`,
    `createSign("RSA-SHA256").update(sha256(input))`.
    """
    return problem_of(
        ctx, Fault.DOUBLE_HASHED, "give the signing call the text itself, not its digest"
    )


@rule(
    "signed-unhashed",
    "Not hashed at all",
    severity=Severity.ERROR,
    source="RFC 8017 §9.2",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signed_unhashed(ctx: Context) -> tuple[Problem, ...]:
    """What is signed is a digest of the text, in a DigestInfo that names the hash.

    The text itself was padded and put through the private key, as `rsautl -sign`, `NONEwithRSA` or
    an "encrypt with the private key" do.

    Use the call that hashes. Good: `openssl dgst -sha256 -sign key.pem`, `SHA256withRSA`. Bad:
    `openssl rsautl -sign`, `openssl_private_encrypt`, `NONEwithRSA`.
    """
    return problem_of(ctx, Fault.NOT_HASHED, "use a signing call that hashes, with SHA-256")


@rule(
    "pkcs1-without-digestinfo",
    "Digest without its DigestInfo",
    severity=Severity.ERROR,
    source="RFC 8017 §9.2",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def pkcs1_without_digestinfo(ctx: Context) -> tuple[Problem, ...]:
    """PKCS#1 v1.5 signs a DigestInfo: the digest and, in front of it, the name of the hash.

    The key and the digest are right, but the digest stands there bare. `openssl pkeyutl -sign`
    without `digest`, `NONEwithRSA` and "encrypt with the private key" leave the name out.

    Name the hash. Good: `openssl dgst -sha256 -sign key.pem`, `openssl pkeyutl -sign -pkeyopt
    digest:sha256`. Bad: `openssl pkeyutl -sign` alone, `privateEncrypt(key, digest)`.
    """
    return problem_of(
        ctx,
        Fault.NO_DIGESTINFO,
        "sign with a call that names the hash, such as `openssl dgst -sha256 -sign key.pem`",
    )


@rule(
    "pkcs1-digestinfo-wrong",
    "Wrong content in the DigestInfo",
    severity=Severity.ERROR,
    source="RFC 8017 §9.2",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def pkcs1_digestinfo_wrong(ctx: Context) -> tuple[Problem, ...]:
    """PKCS#1 v1.5 signs a DigestInfo: the hash's identifier with NULL beside it, and the digest.

    The padding is right and the key is, but the DigestInfo is put together wrongly: another hash's
    identifier, no NULL, hex text in place of octets, one DigestInfo in another.

    Let the library make it. Good: `key.sign(text, padding.PKCS1v15(), hashes.SHA256())`. Bad: a DER
    prefix of one's own in front of the digest, given to a call that adds another.
    """
    return problem_of(
        ctx,
        Fault.WRONG_DIGESTINFO,
        "let the library build the DigestInfo: give it the text and the hash",
    )


@rule(
    "rsa-padding-wrong",
    "Wrong padding around the digest",
    severity=Severity.ERROR,
    source="RFC 8017 §9.2",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def rsa_padding_wrong(ctx: Context) -> tuple[Problem, ...]:
    """RSA signs a padded block: for RS256 `00 01 FF … FF 00` and the DigestInfo.

    The key is right, but the block has no padding, or the random one of encryption, which a call
    that encrypts makes.

    Sign, do not encrypt. Good: `openssl dgst -sha256 -sign key.pem`. Bad: `openssl rsautl -raw`,
    `RSA/ECB/NoPadding`, `publicEncrypt` with a private key.
    """
    return problem_of(ctx, Fault.PADDING, "use a signing call with PKCS#1 v1.5 or PSS padding")


@rule(
    "signed-payload-only",
    "Only the payload was signed",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signed_payload_only(ctx: Context) -> tuple[Problem, ...]:
    """The signature is over both segments and the dot between them: `header.payload`.

    It was made over the payload alone. The header says which key and algorithm are meant, and so it
    has to be signed too.

    Join first, then sign. Good: `sign(f"{header}.{payload}")`. Bad: `sign(payload)`.
    """
    return problem_of(
        ctx, Fault.PAYLOAD_ONLY, "sign header.payload, both in base64url, with the dot"
    )


@rule(
    "signed-header-only",
    "Only the header was signed",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signed_header_only(ctx: Context) -> tuple[Problem, ...]:
    """The signature is over both segments and the dot between them: `header.payload`.

    It was made over the header alone, so the claims are not signed at all and could be replaced.

    Join first, then sign. Good: `sign(f"{header}.{payload}")`. Bad: `sign(header)`.
    """
    return problem_of(
        ctx, Fault.HEADER_ONLY, "sign header.payload, both in base64url, with the dot"
    )


@rule(
    "signed-json-not-base64url",
    "The JSON was signed, not the base64url",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signed_json_not_base64url(ctx: Context) -> tuple[Problem, ...]:
    """The signature is over the text that is sent: the two base64url segments with the dot.

    It was made over the JSON texts, of both parts or of one. Whoever verifies hashes what arrives.

    Encode first, then join, then sign. Good: `sign(b64url(header) + "." + b64url(claims))`. Bad:
    `sign(header + "." + claims)`, `sign(json)`, `"b64":false`.
    """
    return problem_of(
        ctx, Fault.JSON, "encode header and claims in base64url first, and sign the encoded text"
    )


@rule(
    "signed-standard-base64-text",
    "Standard base64 was signed",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signed_standard_base64_text(ctx: Context) -> tuple[Problem, ...]:
    """The signature is over the segments as they are sent, in base64url without padding.

    It was made over their standard base64, with `+`, `/` and `=`, and the signs were exchanged
    afterwards.

    Exchange them before signing. Good: `input = toBase64Url(h) + "." + toBase64Url(p);
    sign(input)`. Bad: `sign(toBase64(h) + "." + toBase64(p))`, then `replace("+", "-")` on the
    whole token.
    """
    return problem_of(
        ctx, Fault.STANDARD_BASE64, "turn both segments into base64url before signing, not after"
    )


@rule(
    "signed-padded-text",
    "The padding was changed after signing",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signed_padded_text(ctx: Context) -> tuple[Problem, ...]:
    """The signature is over the segments as they are sent, in base64url without `=`.

    It was made over segments that had the padding and lost it afterwards, or the other way round.

    Strip the `=` before signing. Good: `b64url(x).rstrip("=")`, then sign. Bad: signing the output
    of `base64.urlsafe_b64encode`, and `rstrip` on the finished token.
    """
    return problem_of(
        ctx,
        Fault.PADDED,
        "strip = from both segments before signing, and send the text that was signed",
    )


@rule(
    "signed-trailing-newline",
    "Something after the text was signed too",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signed_trailing_newline(ctx: Context) -> tuple[Problem, ...]:
    """The signature is over `header.payload` and not an octet more.

    A line end, a space or a NUL was signed as well. `echo` adds a line feed, files end in one, and
    strings of C end in a NUL.

    Write the text without it. Good: `printf %s "$input" | openssl dgst -sha256 -sign key.pem`. Bad:
    `echo "$input" | openssl dgst …`, `Set-Content input.txt $input`.
    """
    return problem_of(
        ctx, Fault.TRAILING, "sign the text without anything after it: `printf %s`, not `echo`"
    )


@rule(
    "signed-utf16",
    "The text was signed in UTF-16",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signed_utf16(ctx: Context) -> tuple[Problem, ...]:
    """The octets that are signed are those of the ASCII text `header.payload`.

    It was signed as UTF-16 or UTF-32, with or without a byte order mark, as .NET and Windows hold
    strings in memory.

    Ask for ASCII or UTF-8. Good: `Encoding.ASCII.GetBytes(input)`, `[Text.Encoding]::UTF8`. Bad:
    `Encoding.Unicode.GetBytes(input)`, `[Text.Encoding]::Unicode`, `Out-File` in Windows
    PowerShell.
    """
    return problem_of(
        ctx, Fault.UTF16, "take the octets of the text in ASCII or UTF-8 before signing"
    )


@rule(
    "signed-without-dot",
    "Signed without the dot",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signed_without_dot(ctx: Context) -> tuple[Problem, ...]:
    """A dot stands between the two segments when they are signed, the same as when they are sent.

    The text that was signed has none there, or something else. In PHP `"$header"."$payload"` has
    none: that dot is the operator.

    Join with the dot once, sign that, and send that. Good: `input = header + "." + payload`. Bad:
    `sign(header + payload)`, `update(header); update(payload)`.
    """
    return problem_of(ctx, Fault.NO_DOT, "join header and payload with a dot before signing")


@rule(
    "signed-nothing",
    "Nothing was signed",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signed_nothing(ctx: Context) -> tuple[Problem, ...]:
    """The signature is over the text `header.payload`.

    It was made over no text at all, or over a word that stands for a missing value. A stream that
    was read before is empty the second time; an object in place of a string becomes `[object
    Object]`.

    Look at the variable that is signed. Good: `stream.Position = 0` before `SignData(stream)`,
    `await` before using a promise. Bad: `sign(undefined)`.
    """
    return problem_of(ctx, Fault.NOTHING, "give the signing call the text header.payload")


@rule(
    "signed-other-text",
    "Another text was signed",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signed_other_text(ctx: Context) -> tuple[Problem, ...]:
    """The signature is over the ASCII text `header.payload`, octet by octet as it is sent.

    It was made over this text in another form: quoted, encoded once more, turned round, cut.

    Build the text once, sign it, and send the same variable. Good: `input = header + "." + payload;
    token = input + "." + b64url(sign(input))`. Bad: signing `JSON.stringify(input)` or the hex of
    it.
    """
    return problem_of(
        ctx, Fault.OTHER_TEXT, "sign the very text that is sent: header.payload in ASCII"
    )


@rule(
    "signed-other-serialisation",
    "The JSON was written anew after signing",
    severity=Severity.ERROR,
    source="RFC 7515 §5.1",
    aadsts=_MISMATCH,
    unless=_BEFORE,
)
def signed_other_serialisation(ctx: Context) -> tuple[Problem, ...]:
    """The signature is over octets, not over members: a space more is another text.

    The same header and claims were signed as another JSON text, spaced, sorted or escaped
    differently. They were serialised twice: for signing, and again for sending.

    Serialise once and keep the text. Good: `body = b64url(json.dumps(claims))` used for both. Bad:
    `json.dumps(claims)` in one place and `JSON.stringify(claims)` in another.
    """
    return problem_of(
        ctx, Fault.RESERIALISED, "serialise once, sign that text, and send the same text"
    )


@rule(
    "payload-changed-after-signing",
    "The claims were changed after signing",
    severity=Severity.ERROR,
    source="RFC 7515 §5.2",
    aadsts=_MISMATCH,
    unless=_CHANGED,
)
def payload_changed_after_signing(ctx: Context) -> tuple[Problem, ...]:
    """The signature is over the claims as they were, to the last character.

    The key is right, and the claims that it signed are found: they differ from those sent. An
    assertion cannot be edited or prolonged, only made anew.

    Change the claims in the code that signs. Good: a new assertion for each token request. Bad: an
    assertion from jwt.io or a log with a new `exp`.
    """
    return problem_of(ctx, Fault.PAYLOAD_CHANGED, "make the change before signing, and sign again")


@rule(
    "header-changed-after-signing",
    "The header was changed after signing",
    severity=Severity.ERROR,
    source="RFC 7515 §5.2",
    aadsts=_MISMATCH,
    unless=_CHANGED,
)
def header_changed_after_signing(ctx: Context) -> tuple[Problem, ...]:
    """The signature is over the header as it was, to the last character.

    The key is right, and the header that it signed is found: it differs from the one sent. Often
    `x5t` or `alg` was added afterwards.

    Give the library all header parameters before it signs. Good: `jwt.encode(claims, key, "PS256",
    headers={"x5t#S256": …})`. Bad: a library's token whose first segment is replaced.
    """
    return problem_of(
        ctx, Fault.HEADER_CHANGED, "set the header parameters before signing, and sign again"
    )


@rule(
    "right-key-other-bytes",
    "The right key signed other octets",
    severity=Severity.ERROR,
    source="RFC 7515 §5.2",
    aadsts=_MISMATCH,
    unless=_CHANGED,
)
def right_key_other_bytes(ctx: Context) -> tuple[Problem, ...]:
    """The signature is over `header.payload` as sent.

    The padding in it proves that the right key made it, but over octets that are neither these nor
    any of the usual mistakes: header or claims were changed after signing, the signature belongs to
    another assertion, or something else was signed.

    Log the exact text that goes into the signing call and compare it with the first two segments.
    Good: both are the same, character by character.
    """
    return problem_of(
        ctx,
        Fault.OTHER_BYTES,
        "log the text that is signed, and compare it with the first two segments",
    )


_EXPLAINED = (
    signed_with_other_key,
    signed_with_ca_key,
    hs256_with_public_key,
    signature_hex,
    signature_encoded_twice,
    signature_through_text,
    signature_reversed,
    signature_leading_zero,
    signature_wrapped,
    signature_truncated,
    signature_characters_lost,
    signature_corrupted,
    ecdsa_der_signature,
    signed_with_elliptic_curve,
    pss_signature_under_rs256,
    pkcs1_signature_under_ps256,
    signature_wrong_hash,
    pss_salt_length,
    pss_hashes_differ,
    double_hashed,
    signed_unhashed,
    pkcs1_without_digestinfo,
    pkcs1_digestinfo_wrong,
    rsa_padding_wrong,
    signed_payload_only,
    signed_header_only,
    signed_json_not_base64url,
    signed_standard_base64_text,
    signed_padded_text,
    signed_trailing_newline,
    signed_utf16,
    signed_without_dot,
    signed_nothing,
    signed_other_text,
    signed_other_serialisation,
    payload_changed_after_signing,
    header_changed_after_signing,
    right_key_other_bytes,
)


@rule(
    "signed-with-unknown-key",
    "Signed with a key that is not at hand",
    severity=Severity.ERROR,
    source="RFC 7515 §5.2",
    aadsts=_MISMATCH,
    needs=(Need.KEY,),
    unless=(*_KEY, *(each.id for each in _EXPLAINED)),
)
def signed_with_unknown_key(ctx: Context) -> tuple[Problem, ...]:
    """The signature is made with the private key of the certificate that the header names.

    None of the keys given made this one, whatever text, hash and padding were tried; that it was a
    key at all is not proved. Entra ID finds the certificate and the verification fails.

    Compare the public keys: `openssl pkey -in key.pem -pubout` and `openssl x509 -in cert.pem
    -noout -pubkey` print the same text if the two belong together. Give other certificates that
    may be in use with `--also`, and the program tells which of them it was.
    """
    intended = intended_signer(ctx)
    label = intended.label if intended else "the registered certificate"
    fix = f"sign with the private key of {label}, or give the certificate in use with --also"
    return problem_of(ctx, Fault.UNKNOWN_KEY, fix)


@rule(
    "signature-standard-base64",
    "The signature is in standard base64",
    severity=Severity.WARNING,
    source="RFC 7515 §2",
    unless=_BEFORE,
)
def signature_standard_base64(ctx: Context) -> tuple[Problem, ...]:
    """The third segment is in base64url: `-` and `_` where standard base64 has `+` and `/`.

    The octets are the same. Whether Entra ID takes the standard alphabet here is not known; in a
    form body a bare `+` arrives as a space, and then the signature is damaged.

    Encode with the URL-safe alphabet. Good: `…-_…`. Bad: `…+/…`.
    """
    flaws = ctx.assertion.flaws_of(FlawKind.STANDARD_ALPHABET, at="signature")
    if fault_of(ctx):
        return ()
    return tuple(
        Problem(
            at="signature",
            message=f"the signature {flaw.detail}",
            fix="encode the signature in base64url: - for +, _ for /",
            expected="letters, digits, - and _",
            actual=flaw.detail,
        )
        for flaw in flaws
    )


def _use_the_right_key(ctx: Context, *, or_send: bool) -> str:
    """Say whose key to sign with, or, if `or_send`, what to send with the one that signed."""
    intended, signer = intended_signer(ctx), signer_of(ctx)
    fix = f"sign with the private key of {intended.label}" if intended else "sign with its key"
    thumbprint = thumbprint_of(ctx, signer) if signer else None
    if signer is None or thumbprint is None or not or_send:
        return fix
    register = "" if signer.role is Role.REGISTERED else f"register {signer.label} and "
    return f"{fix}, or {register}send {thumbprint}"


def _use_rsa(ctx: Context) -> str:
    """Say whose RSA key to sign with, or, where the header names none, to get one."""
    intended = intended_signer(ctx)
    if intended and intended.key_text.startswith("RSA"):
        return f"sign with the RSA private key of {intended.label}, as PS256 or RS256"
    return "register an RSA certificate and sign with its key, as PS256"


RULES = (*_EXPLAINED, signed_with_unknown_key, signature_standard_base64)
