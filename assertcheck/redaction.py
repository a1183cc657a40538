"""Takes secrets out of values before anything downstream can show them."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

Taken = tuple[tuple[str, str], ...]
"""Where something was taken out, and what stood there."""

_PRIVATE_KEY = "a private key"
_TOKEN = "a token"
_SIGNATURE = "the signature"

_TOKEN_RUN = re.compile(r"[\w+/=.-]{13,}", re.ASCII)
"""Characters a compact JWS or JWE is made of (RFC 7515 §7.1), in one run."""
_OPENING = re.compile(r"e(?:y[AJ]|w[0ok])")
"""base64 of `{` with a quotation mark or white space behind it."""
_JSON_START = re.compile(rb"\{[\t\n\r -~]+")
_PEM_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [^-]*-----|\Z)", re.DOTALL
)
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""What a JWK keeps private (RFC 7518 §6.2.2, §6.3.2, §6.4.1)."""
_JWK_TEXT = re.compile(r'("(?:d|p|q|dp|dq|qi|k)\\*"\s*:\s*\\*")[^"\\]+|("oth\\*"\s*:\s*\[)[^\]]+')
"""The same, in a JWK that is itself a string; up to the value, and the value."""
_KEY_RUN = re.compile(r"[\w+/-]{32,}", re.ASCII)
_PKCS5 = bytes.fromhex("06092a864886f70d0105")
_PKCS12_PBE = bytes.fromhex("060a2a864886f70d010c01")
_SHORTEST_KEY = 32
"""Characters; an Ed25519 key in PKCS#8 takes 64."""
_LONGEST_STEP = 60
"""Characters of a member's name in a path: a path per member must not cost its whole name."""


def redact(value: object, *, path: str, secrets: tuple[str, ...]) -> tuple[object, Taken]:
    """Return `value`, which stands at `path`, fit to show, and what was taken out of it.

    `value` is what `json.loads` gives, nested no deeper than the stack allows; `secrets` are
    texts to take out wherever they occur, longer ones before those they begin with.
    """
    taken: list[tuple[str, str]] = []
    shown = _redact(value, path, secrets, taken)
    return shown, tuple(taken)


def shortened(name: str) -> str:
    """Return `name` cut down to what a path or a message has room for."""
    return name if len(name) <= _LONGEST_STEP else f"{name[: _LONGEST_STEP - 1]}…"


def _redact(
    value: object, path: str, secrets: tuple[str, ...], taken: list[tuple[str, str]]
) -> object:
    if isinstance(value, str):
        shown, found = _redact_text(value, secrets)
        taken += [(path, word) for word in found]
        return shown
    if isinstance(value, Mapping):
        is_jwk = "kty" in value or "crv" in value or {"n", "e"} <= value.keys()
        members: dict[str, object] = {}
        for name, member in value.items():
            shown_name, found = _redact_text(name, secrets)
            taken += [(path, word) for word in found]
            inside = f"{path}.{shortened(shown_name)}"
            if is_jwk and name in _PRIVATE_MEMBERS:
                members[shown_name] = _mark(_PRIVATE_KEY)
                taken.append((inside, _PRIVATE_KEY))
            else:
                members[shown_name] = _redact(member, inside, secrets, taken)
        return members
    if isinstance(value, list):
        return [
            _redact(item, f"{path}[{index}]", secrets, taken) for index, item in enumerate(value)
        ]
    return value


def _redact_text(text: str, secrets: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return `text` fit to show, and a word for each kind of secret that stood in it."""
    encoded = _encoded_secret(text, secrets)
    if encoded:
        return _mark(encoded), (encoded,)
    found: dict[str, None] = {}
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, _mark(_SIGNATURE))
            found[_SIGNATURE] = None
    text, pem_keys = _PEM_KEY.subn(_mark(_PRIVATE_KEY), text)
    jwk_keys = 0
    if "kty" in text:
        text, jwk_keys = _JWK_TEXT.subn(rf"\1\2{_mark(_PRIVATE_KEY)}", text)
    bare = _before_key(text)
    if pem_keys or jwk_keys or bare != text:
        found[_PRIVATE_KEY] = None
    shown = _TOKEN_RUN.sub(lambda run: _before_token(run[0]), bare)
    if shown != bare:
        found[_TOKEN] = None
    return shown, tuple(found)


def _mark(word: str) -> str:
    return f"[redacted: {word}]"


def _encoded_secret(text: str, secrets: tuple[str, ...]) -> str:
    """Name the secret that `text` is, white space aside, the base64 or hex of; else nothing."""
    compact = "".join(text.split())
    if len(compact) < _SHORTEST_KEY:
        return ""
    if compact != text and _TOKEN_RUN.fullmatch(compact) and _before_token(compact) != compact:
        return _TOKEN
    for octets in (_hex(compact.replace(":", "")), _base64(compact)):
        if _is_private_key(octets):
            return _PRIVATE_KEY
        # A text that holds a secret, encoded once more; each turn is shorter by a quarter.
        _, found = _redact_text(octets.decode("latin-1"), secrets)
        if found:
            return found[0]
    return ""


def _before_token(run: str) -> str:
    """Return `run` with all from the first compact JWS or JWE in it taken out."""
    last_dot = max(run.rfind("."), 0)
    for opening in _OPENING.finditer(run, 0, last_dot):
        start = opening.start()
        # A word may hold the same letters (`KeyJournal.Read`), but then goes on as no JSON does.
        if _JSON_START.fullmatch(_base64(run[start : min(start + 12, last_dot)])):
            return run[:start] + _mark(_TOKEN)
    return run


def _before_key(text: str) -> str:
    """Return `text` with all from the first run that begins as a private key's DER taken out."""
    for run in _KEY_RUN.finditer(text):
        if _is_private_key(_base64(run[0][:_SHORTEST_KEY])):
            return text[: run.start()] + _mark(_PRIVATE_KEY)
    return text


def _hex(text: str) -> bytes:
    """Return the octets of whole pairs of hex digits; nothing if `text` is no hex."""
    try:
        return bytes.fromhex(text[: len(text) // 2 * 2])
    except ValueError:
        return b""


def _base64(text: str) -> bytes:
    """Return the octets of `text`, either alphabet, cut off or not; nothing if it is no base64."""
    standard = text.rstrip("=").replace("-", "+").replace("_", "/")
    standard = standard[: len(standard) - (len(standard) % 4 == 1)]
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except ValueError:
        return b""


def _is_private_key(octets: bytes) -> bool:
    """Tell PKCS#1, PKCS#8, SEC 1 and PKCS#12 from a certificate by what follows the SEQUENCE.

    Each of them opens with a version (RFC 8017 A.1.2, RFC 5958 §2, RFC 5915 §3, RFC 7292 §4),
    encrypted PKCS#8 with a PKCS#5 or PKCS#12 algorithm; a certificate opens with a SEQUENCE that
    does not. OpenSSH's own format has a name in front.
    """
    if octets.startswith(b"openssh-key-v1\0"):
        return True
    if octets[:1] != b"\x30" or len(octets) < 8:
        return False
    body = 2 + (octets[1] & 0x7F if octets[1] & 0x80 else 0)
    inner = octets[body : body + 3]
    if inner in (b"\x02\x01\x00", b"\x02\x01\x01", b"\x02\x01\x03"):
        return True
    return inner[:1] == b"\x30" and octets[body + 2 : body + 16].startswith((_PKCS5, _PKCS12_PBE))
