"""The names of signature algorithms in SAML: the fixed table of URIs, and what others mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_DSIG_11 = "http://www.w3.org/2009/xmldsig11#"
_MORE_2001 = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
_MORE_2021 = "http://www.w3.org/2021/04/xmldsig-more#"


class AlgorithmKind(StrEnum):
    """The way to sign, and with it the kind of key."""

    RSA = "RSASSA-PKCS1-v1_5"
    RSA_PSS = "RSASSA-PSS"
    ECDSA = "ECDSA"
    EDDSA = "EdDSA"
    DSA = "DSA"
    HMAC = "HMAC"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureAlgorithm:
    """An algorithm that a URI names (XML Signature §6.4, RFC 9231 §2)."""

    name: str
    """For people: `RSA-SHA256`."""
    uri: str
    """The one URI it is written with."""
    kind: AlgorithmKind
    hash_name: str
    """`SHA-256`, as FIPS 180-4 and 202 write it; empty for EdDSA, which has its own."""


def algorithm(uri: str | None) -> SignatureAlgorithm | None:
    """Return what `uri` names, letter by letter; `None` where it names nothing."""
    return _BY_URI.get(uri) if uri is not None else None


def meant(uri: str | None) -> SignatureAlgorithm | None:
    """Return what a misspelled `uri` is taken to mean; `None` where it is right, or no one knows.

    Another namespace, letter case, scheme or host, the URI of the hash alone, a name of JOSE, of
    Java or of X.509 in place of the URI, one more round of percent-encoding.
    """
    if uri is None or uri in _BY_URI:
        return None
    text = unquote(unquote(uri)).strip().strip("\"'<>")
    is_uri = "w3.org" in text.lower() or "#" in text
    word = re.split(r"[#/]", text.rstrip("#/"))[-1] if is_uri else text
    return _BY_WORD.get(_bare(word))


def jose_name(row: SignatureAlgorithm | None) -> str | None:
    """Return what JOSE calls `row`, by which the search knows scheme and hash: `RS256`."""
    if row is None or row.kind not in (
        AlgorithmKind.RSA,
        AlgorithmKind.RSA_PSS,
        AlgorithmKind.ECDSA,
    ):
        return None
    return _JOSE[row.kind].upper() + row.hash_name.rpartition("-")[2]


def _bare(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())


def _row(name: str, uri: str, kind: AlgorithmKind, hash_name: str) -> SignatureAlgorithm:
    return SignatureAlgorithm(name=name, uri=uri, kind=kind, hash_name=hash_name)


def _of_hash(
    kind: AlgorithmKind, name: str, uri: str, hashes: Mapping[str, str]
) -> Iterator[SignatureAlgorithm]:
    """Yield a row for each of `hashes`: what stands in the URI, and the hash it names."""
    for part, hash_name in hashes.items():
        yield _row(f"{name}-{part.upper()}", uri.format(part), kind, hash_name)


_SHA1 = {"sha1": "SHA-1"}
_SHA2 = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512", "sha224": "SHA-224"}
_SHA3 = {f"sha3-{size}": f"SHA3-{size}" for size in (256, 384, 512, 224)}
_OLD = {"md5": "MD5", "ripemd160": "RIPEMD-160"}
ALGORITHMS = (
    # RFC 9231 §2.3.1 to §2.3.5
    *_of_hash(AlgorithmKind.RSA, "RSA", _MORE_2001 + "rsa-{}", _SHA2),
    *_of_hash(AlgorithmKind.RSA, "RSA", _DSIG + "rsa-{}", _SHA1),
    *_of_hash(AlgorithmKind.RSA, "RSA", _MORE_2001 + "rsa-{}", _OLD),
    # RFC 9231 §2.3.10: the salt is as long as the hash.
    *_of_hash(AlgorithmKind.RSA_PSS, "RSA-PSS", _MORE_2007 + "{}-rsa-MGF1", _SHA2 | _SHA1 | _SHA3),
    # RFC 9231 §2.3.9: without parameters SHA-256, MGF1 with the same, and a salt of 32 octets.
    _row("RSA-PSS", _MORE_2007 + "rsa-pss", AlgorithmKind.RSA_PSS, "SHA-256"),
    # RFC 9231 §2.3.6
    *_of_hash(AlgorithmKind.ECDSA, "ECDSA", _MORE_2001 + "ecdsa-{}", _SHA2 | _SHA1),
    *_of_hash(AlgorithmKind.ECDSA, "ECDSA", _MORE_2021 + "ecdsa-{}", _SHA3),
    # RFC 9231 §2.3.12
    _row("Ed25519", _MORE_2021 + "eddsa-ed25519", AlgorithmKind.EDDSA, ""),
    _row("Ed448", _MORE_2021 + "eddsa-ed448", AlgorithmKind.EDDSA, ""),
    # XML Signature 1.1 §6.4.1
    *_of_hash(AlgorithmKind.DSA, "DSA", _DSIG + "dsa-{}", _SHA1),
    *_of_hash(AlgorithmKind.DSA, "DSA", _DSIG_11 + "dsa-{}", {"sha256": "SHA-256"}),
    # RFC 9231 §2.2
    *_of_hash(AlgorithmKind.HMAC, "HMAC", _DSIG + "hmac-{}", _SHA1),
    *_of_hash(AlgorithmKind.HMAC, "HMAC", _MORE_2001 + "hmac-{}", _SHA2 | _OLD),
)
"""Every algorithm that has a name, whether or not Entra ID takes it; the likelier first."""
_BY_URI = {each.uri: each for each in ALGORITHMS}

_SPELLINGS: Mapping[AlgorithmKind, tuple[str, ...]] = {
    AlgorithmKind.RSA: (
        "rsa{0}",
        "{0}rsa",
        "{0}withrsa",
        "{0}withrsaencryption",
        "rsapkcs1{0}",
        "rsassapkcs1v15{0}",
        # The hash alone, as XML Encryption §5.7 and RFC 9231 §2.1 name it.
        "{0}",
    ),
    AlgorithmKind.RSA_PSS: (
        "{0}rsamgf1",
        "{0}withrsaandmgf1",
        "{0}withrsapss",
        "{0}withrsassapss",
        "rsapss{0}",
        "rsassapss{0}",
        "{0}rsapss",
    ),
    AlgorithmKind.ECDSA: ("ecdsa{0}", "{0}ecdsa", "{0}withecdsa", "ecdsawith{0}"),
    AlgorithmKind.DSA: ("dsa{0}", "{0}withdsa", "dsawith{0}"),
    AlgorithmKind.HMAC: ("hmac{0}",),
    AlgorithmKind.EDDSA: (),
}
"""How each kind is written elsewhere, with the hash in place of the braces."""
_JOSE = {
    AlgorithmKind.RSA: "rs",
    AlgorithmKind.RSA_PSS: "ps",
    AlgorithmKind.ECDSA: "es",
    AlgorithmKind.HMAC: "hs",
}
_OBJECT_IDENTIFIERS = {
    # RFC 8017 §A.2.4
    "1.2.840.113549.1.1.5": "rsa-sha1",
    "1.2.840.113549.1.1.11": "rsa-sha256",
    "1.2.840.113549.1.1.12": "rsa-sha384",
    "1.2.840.113549.1.1.13": "rsa-sha512",
}


def _spelled(each: SignatureAlgorithm) -> Iterator[str]:
    """Yield how `each` may be written, without what is neither a letter nor a digit."""
    yield _bare(each.uri.partition("#")[2])
    word = _bare(each.hash_name)
    for hash_word in (word, word.replace("sha", "sha2", 1)):
        yield from (form.format(hash_word) for form in _SPELLINGS[each.kind])
    if each.kind in _JOSE and each.hash_name in ("SHA-256", "SHA-384", "SHA-512"):
        yield _JOSE[each.kind] + each.hash_name[-3:]


def _words() -> Mapping[str, SignatureAlgorithm]:
    found: dict[str, SignatureAlgorithm] = {}
    for each in ALGORITHMS:
        for word in _spelled(each):
            found.setdefault(word, each)
    for identifier, word in _OBJECT_IDENTIFIERS.items():
        found[_bare(identifier)] = found[_bare(word)]
    return found


_BY_WORD = _words()
