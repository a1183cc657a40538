"""The JOSE header, but for the key identifiers: `alg`, `typ`, and what may not be there."""

from __future__ import annotations

import re

from assertcheck.model import AssertionKind, Problem, Severity
from assertcheck.rules.rule import Context, likely, rule, seen
from assertcheck.words import listed, quoted

SUPPORTED = ("PS256", "PS384", "PS512", "RS256", "RS384", "RS512")
"""Algorithms Entra ID takes for a client assertion (ENTRA: the service's own list, 2025-09)."""
_OTHER_ALGORITHMS = re.compile(r"(HS|ES)(256|384|512)|ES256K|EdDSA|Ed25519|Ed448|ML-DSA-\d\d")
_KINDS = frozenset({AssertionKind.CERTIFICATE, AssertionKind.FEDERATED})
_TYPES = ("JWT", "http://openid.net/specs/jwt/1.0")
_ALLOWED = (
    "alg",
    "typ",
    "x5t",
    "x5t#S256",
    "x5c",
    "kid",
    "use",
    "enc",
    "ctx",
    "nonce",
    "rh",
    "kdf_ver",
)
"""The list in AADSTS5002726 (2023), and `x5t#S256`, which is taken since 2024."""
_PLAIN = {re.sub(r"\W|_", "", name).lower(): name for name in _ALLOWED} | {
    "algorithm": "alg",
    "algo": "alg",
    "type": "typ",
    "tokentype": "typ",
    "keyid": "kid",
    "xt5": "x5t",
    "x5tsha1": "x5t",
    "x5ts1": "x5t",
    "thumbprint": "x5t",
    "fingerprint": "x5t",
    "certthumbprint": "x5t",
    "certificatethumbprint": "x5t",
    "sha1thumbprint": "x5t",
    "thumbprintsha1": "x5t",
    "x509thumbprint": "x5t",
    "x5t256": "x5t#S256",
    "x5tsha256": "x5t#S256",
    "xt5s256": "x5t#S256",
    "xt5256": "x5t#S256",
    "xt5sha256": "x5t#S256",
    "sha256thumbprint": "x5t#S256",
    "thumbprintsha256": "x5t#S256",
    "cert": "x5c",
    "certificate": "x5c",
    "certificates": "x5c",
}
"""From a name in small letters, without what is neither letter nor digit, to the one it means."""


@rule(
    "header-name-misspelled",
    "A header parameter's name is misspelled",
    severity=Severity.ERROR,
    source="RFC 7515 §4",
    aadsts=(likely("5002726"),),
    unless=("header-not-json",),
    kinds=_KINDS,
)
def header_name_misspelled(ctx: Context) -> tuple[Problem, ...]:
    """Names in the header are taken letter by letter: `x5t` and `X5T` are two names.

    Entra ID does not know the other spelling, and refuses headers it does not know (AADSTS5002726).

    Write the name as RFC 7515 does. Good: `x5t#S256`. Bad: `x5t_s256`, `x5t#SHA256`, `x5t256`,
    `X5T`, `thumbprint`, `KID`, `algorithm`.
    """
    return tuple(
        Problem(
            at=f"header.{name}",
            message=f"{quoted(name)} is not a header parameter; {right} is",
            fix=_by_issuer(ctx, f"write {right}"),
            expected=right,
            actual=name,
        )
        for name, right in misspelled(ctx)
    )


@rule(
    "alg-missing",
    "No algorithm",
    severity=Severity.ERROR,
    source="RFC 7515 §4.1.1",
    aadsts=(likely("5002738"),),
    unless=("header-name-misspelled",),
    kinds=_KINDS,
)
def alg_missing(ctx: Context) -> tuple[Problem, ...]:
    """The header names the algorithm of the signature in `alg`.

    Without it Entra ID does not know how to verify the signature.

    Let the library write it. Good: `"alg":"PS256"`. Bad: no `alg`, or `"alg":""`.
    """
    if ctx.assertion.header.get("alg") not in (None, ""):
        return ()
    return (
        Problem(
            at="header.alg",
            message="the header has no alg",
            fix=_by_issuer(
                ctx,
                'put "alg":"PS256" (with x5t#S256) or "alg":"RS256" into the header and sign again',
                'put "alg":"RS256" into the header',
            ),
            expected="PS256 or RS256",
            actual="none",
        ),
    )


@rule(
    "alg-none",
    "Not signed at all",
    severity=Severity.ERROR,
    source="RFC 7518 §3.6",
    aadsts=(likely("5002738"),),
    unless=("alg-missing",),
    kinds=_KINDS,
)
def alg_none(ctx: Context) -> tuple[Problem, ...]:
    """`"alg":"none"` is an unsigned token, which proves nothing about its sender.

    Entra ID takes signed assertions only.

    Sign with the certificate's private key. Good: `"alg":"PS256"`. Bad: `"alg":"none"`.
    """
    algorithm = ctx.assertion.header["alg"]
    if not isinstance(algorithm, str) or algorithm.lower() != "none":
        return ()
    return (
        Problem(
            at="header.alg",
            message="alg is none: the assertion is not signed",
            fix=_by_issuer(
                ctx,
                "sign it with the certificate's private key, as PS256 or RS256",
                "sign its tokens, with RS256",
            ),
            expected="PS256 or RS256",
            actual=algorithm,
        ),
    )


@rule(
    "alg-not-supported",
    "Algorithm that Entra ID does not take",
    severity=Severity.ERROR,
    source="RFC 7518 §3.1",
    aadsts=(seen("5002738"),),
    unless=("alg-none",),
    kinds=_KINDS,
)
def alg_not_supported(ctx: Context) -> tuple[Problem, ...]:
    """Entra ID takes RSA signatures: PS256, PS384, PS512, RS256, RS384 and RS512.

    Elliptic curves (`ES256`), `EdDSA` and anything keyed with a secret (`HS256`) are answered with
    AADSTS5002738. A client secret never signs an assertion: it goes into `client_secret` as it is.

    Use an RSA certificate and PS256. Good: `"alg":"PS256"`. Bad: `"alg":"ES256"`,
    `"alg":"HS256"`.
    """
    algorithm = ctx.assertion.header["alg"]
    if not isinstance(algorithm, str) or not _OTHER_ALGORITHMS.fullmatch(algorithm):
        return ()
    # A secret that is public is the graver fault, and its own rule names the algorithm too.
    if ctx.autopsy and ctx.autopsy.hmac_key and ctx.kind is not AssertionKind.FEDERATED:
        return ()
    if algorithm.startswith("HS"):
        fix = "sign with an RSA certificate's private key; a secret goes into client_secret as is"
    else:
        fix = "register an RSA certificate and sign with its key, as PS256"
    return (
        Problem(
            at="header.alg",
            message=f"alg {algorithm} is not among the algorithms Entra ID takes",
            fix=_by_issuer(ctx, fix, "sign with RS256"),
            expected=listed(SUPPORTED, last="or"),
            actual=algorithm,
        ),
    )


@rule(
    "alg-name-wrong",
    "No such algorithm name",
    severity=Severity.ERROR,
    source="RFC 7518 §3.1",
    aadsts=(likely("5002738"),),
    unless=("alg-not-supported",),
    kinds=_KINDS,
)
def alg_name_wrong(ctx: Context) -> tuple[Problem, ...]:
    """`alg` holds a name of the JOSE registry, letter by letter.

    Entra ID does not know other names for the same thing: a hash (`sha256`), an XML URI, Java's
    `SHA256withRSA`, another letter case.

    Write the JOSE name of what the signature is. Good: `"alg":"RS256"`. Bad: `"alg":"rs256"`,
    `"alg":"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"`.
    """
    algorithm = ctx.assertion.header["alg"]
    is_jose = isinstance(algorithm, str) and _OTHER_ALGORITHMS.fullmatch(algorithm)
    if algorithm in SUPPORTED or is_jose:
        return ()
    meant = _meant(algorithm)
    return (
        Problem(
            at="header.alg",
            message=f"alg {quoted(algorithm)} is not a JOSE algorithm name",
            fix=_by_issuer(
                ctx,
                f'write "alg":"{meant}" and sign again: the header is part of what is signed',
                f'write "alg":"{meant}"',
            ),
            expected=meant,
            actual=quoted(algorithm),
        ),
    )


@rule(
    "typ-wrong",
    "Wrong token type",
    severity=Severity.ERROR,
    source="RFC 7519 §5.1",
    aadsts=(seen("5002727"),),
    unless=("header-not-json",),
    kinds=_KINDS,
)
def typ_wrong(ctx: Context) -> tuple[Problem, ...]:
    """`typ` is `JWT`, `http://openid.net/specs/jwt/1.0`, or not there.

    Entra ID answers any other type with AADSTS5002727.

    Good: `"typ":"JWT"`. Bad: `"typ":"at+jwt"`, `"typ":"client-authentication+jwt"`,
    `"typ":"JWS"`.
    """
    declared = ctx.assertion.header.get("typ", "JWT")
    if declared in _TYPES or (isinstance(declared, str) and declared.upper() == "JWT"):
        return ()
    # Amazon Cognito's tokens are traded in as they are.
    if declared == "JWS" and ctx.kind is AssertionKind.FEDERATED:
        return ()
    return (
        Problem(
            at="header.typ",
            message=f"typ is {quoted(declared)}",
            fix=_by_issuer(
                ctx,
                'write "typ":"JWT", or leave typ out, and sign again',
                'write "typ":"JWT", or leave typ out',
            ),
            expected="JWT",
            actual=quoted(declared),
        ),
    )


@rule(
    "typ-letter-case",
    "Token type not in capitals",
    severity=Severity.WARNING,
    source="RFC 7519 §5.1",
    unless=("typ-wrong",),
    kinds=_KINDS,
)
def typ_letter_case(ctx: Context) -> tuple[Problem, ...]:
    """RFC 7519 recommends that `JWT` be written in capitals.

    Whether Entra ID takes another letter case is not known; its own list has `JWT`.

    Good: `"typ":"JWT"`. Bad: `"typ":"jwt"`.
    """
    declared = ctx.assertion.header.get("typ", "JWT")
    if declared in _TYPES or declared == "JWS":
        return ()
    return (
        Problem(
            at="header.typ",
            message=f"typ is {quoted(declared)}",
            fix=_by_issuer(ctx, 'write "typ":"JWT" and sign again', 'write "typ":"JWT"'),
            expected="JWT",
            actual=quoted(declared),
        ),
    )


@rule(
    "crit-header",
    "Critical header extension",
    severity=Severity.ERROR,
    source="RFC 7515 §4.1.11",
    aadsts=(seen("5002726"),),
    unless=("header-not-json",),
    kinds=_KINDS,
)
def crit_header(ctx: Context) -> tuple[Problem, ...]:
    """`crit` lists extensions that a recipient must understand or else refuse.

    It is not among the header parameters Entra ID takes (AADSTS5002726).

    Leave out `crit` and the parameters it names, `b64` among them. Good: `{"alg":"PS256",…}`.
    Bad: `{"alg":"PS256","b64":false,"crit":["b64"],…}`.
    """
    if "crit" not in ctx.assertion.header:
        return ()
    extensions = quoted(ctx.assertion.header["crit"])
    return (
        Problem(
            at="header.crit",
            message=f"crit demands {extensions}",
            fix=_by_issuer(
                ctx,
                "leave out crit and what it names, and sign again",
                "leave out crit and what it names",
            ),
            expected="no crit",
            actual=extensions,
        ),
    )


@rule(
    "header-not-allowed",
    "Header parameter that Entra ID does not take",
    severity=Severity.ERROR,
    source="RFC 7515 §4",
    aadsts=(seen("5002726"),),
    unless=("header-not-json",),
    kinds=_KINDS,
)
def header_not_allowed(ctx: Context) -> tuple[Problem, ...]:
    """Entra ID takes header parameters of a fixed list and refuses the whole assertion for any other.

    The list it printed in 2023: `alg`, `typ`, `x5t`, `x5c`, `kid`, `use`, `enc`, `ctx`, `nonce`,
    `rh`, `kdf_ver`; `x5t#S256` has joined it since. Today's exact list is not known.

    Remove the parameter in the library's options and sign again. Good:
    `{"alg":"PS256","typ":"JWT","x5t#S256":"…"}`. Bad: `cty`, `jku`, `jwk`, `x5u`, `iss` in the
    header.
    """
    critical = ctx.assertion.header.get("crit")
    explained = {"crit", *(name for name, _ in misspelled(ctx))}
    if isinstance(critical, list):
        explained.update(item for item in critical if isinstance(item, str))
    return tuple(
        Problem(
            at=f"header.{name}",
            message=f"the header has {quoted(name)}, which is not on Entra ID's list",
            fix=_by_issuer(
                ctx,
                f"leave {quoted(name)} out of the header and sign again",
                f"leave {quoted(name)} out of the header",
            ),
            expected=listed(_ALLOWED[:6]),
            actual=name,
        )
        for name in ctx.assertion.header
        if name not in _ALLOWED and name not in explained
    )


def misspelled(ctx: Context) -> tuple[tuple[str, str], ...]:
    """Return the header's names that stand for another, with that one, where it is not there too."""
    present = ctx.assertion.header
    meant = ((name, _PLAIN.get(re.sub(r"\W|_", "", name).lower())) for name in present)
    return tuple((name, right) for name, right in meant if right and right not in present)


def asks_for_another_kind_of_key(ctx: Context) -> bool:
    """Tell whether `alg` is for a key that no certificate of an app has: then it names none."""
    algorithm = ctx.assertion.header.get("alg")
    return isinstance(algorithm, str) and (
        algorithm.lower() == "none" or bool(_OTHER_ALGORITHMS.fullmatch(algorithm))
    )


def _by_issuer(ctx: Context, own: str, issuers: str | None = None) -> str:
    """Return the fix `own`, or what another issuer is to do where the token is another's."""
    if ctx.kind is not AssertionKind.FEDERATED:
        return own
    return f"have the issuer {issuers or own}"


def _meant(algorithm: object) -> str:
    """Guess the JOSE name for what another vocabulary calls `algorithm`."""
    text = str(algorithm).lower()
    size = next((size for size in ("512", "384") if size in text), "256")
    is_pss = any(word in text for word in ("ps2", "ps3", "ps5", "pss", "mgf1"))
    return f"{'PS' if is_pss else 'RS'}{size}"


RULES = (
    header_name_misspelled,
    alg_missing,
    alg_none,
    alg_not_supported,
    alg_name_wrong,
    typ_wrong,
    typ_letter_case,
    crit_header,
    header_not_allowed,
)
