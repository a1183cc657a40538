"""Reads one message of Entra ID, in whatever escapes, line breaks and truncation it comes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from urllib.parse import unquote_plus

from assertcheck.aadsts.codes import PREFIX, deciding, of_today
from assertcheck.aadsts.federating import LONGEST
from assertcheck.aadsts.reasons import NOT_FOUND, REASONS
from assertcheck.model import ReturnedError
from assertcheck.redaction import redact

_LAYERS = 3
"""Escapes within escapes: a JSON body in a log line in JSON."""
_LONGEST_NAME = 120
_HEX = re.compile(r"[0-9A-Fa-f]+")
_PERCENT = re.compile(rf"{PREFIX}\d{{5,7}}%(?:25){{0,3}}3a", re.ASCII | re.IGNORECASE)
_UNICODE_ESCAPE = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_BLANK_ESCAPE = re.compile(r"\\+[rnt]")
_MARGIN = re.compile(r"\n[ \t]*[>|][>| \t]*")
"""What a mail or PowerShell puts in front of a line it quotes."""
_NOISE = str.maketrans(
    "\u2018\u2019\u201b\u2032\u201c\u201d\u2033",
    "''''\"\"\"",
    "\\*`\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff",
)
"""Typographic quotes back to typed ones; escapes, Markdown and characters without a glyph away."""

# From here on blanks are gone, so that no line break matters.
_GUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_DAY = r"\d\d/\d\d/\d{4}"
_CLOCK = r"\d\d:\d\d:\d\d"
_ISO = rf"(\d{{4}}-\d\d-\d\d)T({_CLOCK})((?:\.\d{{1,9}})?)Z"
_NAME = r"'([^']{1,200})'"
_DOMAIN = r"[\w-]+(?:\.[\w-]+){1,5}?"
_ONE_WORD = re.compile(rf"{_GUID}|{_DOMAIN}|[0-9A-Fa-f]+", re.ASCII)
_LINE_BREAK = re.compile(r"[ \t]*[\r\n]\s*")


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.ASCII | re.IGNORECASE)


_REASON = _pattern(r"Reason-([^\[\]']{1,300}?)(?:,(?:Thumbprintofkey|Foundkey|Pleasevisit)|\])")
_CUT_REASON = _pattern(r"Reason-([a-z,.]{0,100}?)(?:\.\.+|…|\Z)")
_NO_THUMBPRINT = _pattern(r"Reason-[^\[\]']{1,300}?(?:,(?:Foundkey|Pleasevisit)|\])")
_THUMBPRINT = _pattern(r"Thumbprintofkeyusedbyclient:['\"]([0-9A-F]+)['\"]")
_FOUND_KEY = _pattern(
    rf"Foundkey'Start=({_DAY})((?:{_CLOCK})?),End=({_DAY})((?:{_CLOCK})?)(?=[',])"
)
_CONFIGURED = _pattern(
    r"Key\d{1,4}:Start=[^,;\]]{0,40},End=[^,;\]]{0,40},Thumbprint=([0-9A-F]+)(?=[;\]])"
)
_APP = _pattern(
    rf"appId'({_GUID})'",
    rf"beta/applications/({_GUID})'",
    rf"Applicationwithidentifier{_NAME}",
    rf"Application{_NAME}(?:\([^)]{{0,200}}\))?isdisabled",
    rf"clientapplication({_GUID})ismissing",
    rf"foundonapplication\(({_GUID})\)",
    rf"(?:for|to)app{_NAME}",
    rf"Theclient{_NAME}\([^)]{{0,200}}\)hasnoconfigured",
)
_TENANT = _pattern(
    rf"inthedirectory{_NAME}",
    rf"inthedirectory({_GUID}|{_DOMAIN})(?=\.?This|Trace)",
    rf"inthetenant({_GUID})",
    r"inthetenantnamed(.{1,100}?)\.This",
    rf"disabledintenant({_GUID})",
    rf"onthetenant{_NAME}",
    rf"Tenant{_NAME}notfound",
    rf"tenantidentifier{_NAME}is",
)
_QUOTED = _pattern(
    rf"requiredfield{_NAME}ismissing",
    rf"followingparameter:{_NAME}",
    rf"{_NAME}isnotasupportedsignaturealgorithm",
)
_PRESENTED = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        r"presentedassertionissuer'(?P<issuer>[^']+)'\.",
        r"presentedassertionsubject'(?P<subject>[^']+)'(?:\.|ornofederated)",
        r"presentedassertionaudience'(?P<audience>[^']+)'\.",
        r"AssertionIssuer:'(?P<issuer>[^']+)'\.AssertionSubject:'(?P<subject>[^']+)'"
        r"\.AssertionAudience:'(?P<audience>[^']+)'\.",
        r"certificatewithidentifier(?P<key>[0-9A-F]*)usedtosignthefederatedcredentialcouldnotbe"
        r"foundinthemetadataofidentityprovider(?P<issuer>[^']{1,1000}?)\.Pleasevalidate",
    )
)
"""What the messages of federation repeat of the token, each value under the word for it."""
_UNBLANK = re.compile(
    r"(?:https?|api|spiffe|system:serviceaccount|project_(?:path|id)):.*|/eid1/.*|[0-9A-Fa-f-]+"
    r"|repo:[^:]+:(?:pull_request|ref:.*)"
)
"""What holds no blank by its form, so that a blank in it is where a line was broken."""
_CURRENT = _pattern(rf"Currenttime:?{_ISO}")
_VALID_FROM = _pattern(rf"validfrom:?{_ISO}")
_EXPIRES = _pattern(rf"expirytimeofassertion:?{_ISO}")
_STAMP = r"(\d{4}-\d\d-\d\d)T?"
_TIMESTAMP = _pattern(rf"Timestamp\W{{1,6}}{_STAMP}({_CLOCK})")
_TIMESTAMP_BEFORE = _pattern(
    rf"Timestamp\W{{1,6}}{_STAMP}({_CLOCK})Z", rf"\[{_STAMP}({_CLOCK})Z\]:\Z"
)
_TRACE = _pattern(rf"trace_?id\W{{1,6}}({_GUID})")
_CORRELATION = _pattern(rf"correlation_?id\W{{1,6}}({_GUID})")
_ERROR_CODES = _pattern(r"error_codes\W{1,6}(\d{5,7}(?:,\d{5,7}){0,9})\]")
_ERROR = re.compile(
    # RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core 1.0 §3.1.2.6, and Entra ID's own.
    r"(?:invalid_(?:client|request|grant|scope|resource|instance)|unauthorized_client|access_denied"
    r"|unsupported_(?:grant|response)_type|(?:interaction|consent|login)_required|server_error"
    r"|temporarily_unavailable)"
)
_NEAR = 300
"""Characters before the code within which `error` belongs to it rather than to something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Squeezed:
    """A text without its blanks, and where each character of it stood."""

    text: str
    bare: str
    places: tuple[int, ...]

    def first(self, pattern: re.Pattern[str]) -> str | None:
        """Return what `pattern` captures where it first fits, with the blanks that were there."""
        match = pattern.search(self.bare)
        if match is None or match.lastindex is None:
            return None
        start, end = match.span(match.lastindex)
        text = self.text[self.places[start] : self.places[end - 1] + 1]
        lines = _LINE_BREAK.split(text.translate(_NOISE))
        if _ONE_WORD.fullmatch(self.bare, start, end) and not any(" " in line for line in lines):
            return self.bare[start:end]
        return " ".join(" ".join(lines).split())

    def whole(self, start: int, end: int) -> str | None:
        """Return what stands there to the letter; `None` if a line break leaves a blank open."""
        text = self.text[self.places[start] : self.places[end - 1] + 1].translate(_NOISE)
        if not _LINE_BREAK.search(text):
            return "".join(" " if char.isspace() else char for char in text)
        bare = self.bare[start:end]
        return bare if _UNBLANK.fullmatch(bare) else None


def read_message(text: str, before: str, codes: Sequence[str]) -> ReturnedError:
    """Return what `text` says, which begins with the first of `codes`; `before` is above it.

    Both are as they were pasted. Whatever is not there in full is left out, so that of a text that
    was cut nothing comes out wrong.
    """
    is_percent_encoded = _PERCENT.match(text) is not None
    body = _squeezed(_unescaped(text, is_percent_encoded=is_percent_encoded))
    head = _squeezed(_unescaped(before, is_percent_encoded=is_percent_encoded))
    codes = _all_codes(codes, body)
    code = deciding(codes)
    window = _FOUND_KEY.search(body.bare)
    thumbprint = _shown(body.first(_THUMBPRINT))
    return ReturnedError(
        code=code,
        codes=codes,
        error=_oauth_error(head.bare, body.bare),
        reason=_reason(body),
        thumbprint=thumbprint.upper() if thumbprint and _HEX.fullmatch(thumbprint) else None,
        found_key_start=_american(window[1], window[2]) if window else None,
        found_key_end=_american(window[3], window[4]) if window else None,
        app_id=_shown(body.first(_APP)),
        tenant=_shown(body.first(_TENANT)),
        current_time=_moment(_CURRENT.search(body.bare)),
        valid_from=_moment(_VALID_FROM.search(body.bare)),
        expires=_moment(_EXPIRES.search(body.bare)),
        timestamp=_moment(_TIMESTAMP.search(body.bare) or _last(_TIMESTAMP_BEFORE, head.bare)),
        trace_id=_id(_TRACE, head.bare, body.bare),
        correlation_id=_id(_CORRELATION, head.bare, body.bare),
        stands_for=of_today(code, body.bare),
        lacks_thumbprint=_NO_THUMBPRINT.search(body.bare) is not None,
        quoted=_shown(body.first(_QUOTED)) or _presented(body),
        configured_keys=tuple(dict.fromkeys(_CONFIGURED.findall(body.bare.upper()))),
    )


def _presented(body: _Squeezed) -> str | None:
    """Return what the message repeats of a token, each value behind its word and in quotes."""
    match = next(filter(None, (form.search(body.bare) for form in _PRESENTED)), None)
    groups = match.groupdict() if match else {}
    values = [
        (word, _shown(body.whole(*match.span(word)), LONGEST))
        for word, value in groups.items()
        if match and value
    ]
    return ", ".join(f"{word} '{value}'" for word, value in values if value) or None


def _unescaped(text: str, *, is_percent_encoded: bool) -> str:
    """Undo the escapes of forms, HTML and JSON, each within the others."""
    for _ in range(_LAYERS):
        text = unescape(text)
        if is_percent_encoded:
            text = unquote_plus(text)
        text = _UNICODE_ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
    return _BLANK_ESCAPE.sub(" ", text)


def _squeezed(text: str) -> _Squeezed:
    text = _MARGIN.sub("\n", text)
    kept: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        plain = "" if char.isspace() else char.translate(_NOISE)
        if plain:
            kept.append(plain)
            places.append(place)
    return _Squeezed(text=text, bare="".join(kept), places=tuple(places))


def _all_codes(codes: Sequence[str], body: _Squeezed) -> tuple[str, ...]:
    listed = _ERROR_CODES.search(body.bare)
    numbers = listed[1].split(",") if listed else []
    return tuple(dict.fromkeys((*codes, *(PREFIX + number for number in numbers))))


def _reason(body: _Squeezed) -> str | None:
    """Return what stands behind `Reason - `, as Microsoft writes it where that is known."""
    if "isnotregisteredonapplication" in body.bare:
        return NOT_FOUND
    for known in REASONS:
        if f"Reason-{_bare(known)}" in body.bare:
            return known
    cut = _CUT_REASON.search(body.bare)
    if cut:
        meant = [known for known in REASONS if _bare(known).startswith(cut[1])]
        return meant[0] if len(meant) == 1 else None
    return _shown(body.first(_REASON))


def _bare(text: str) -> str:
    return text.replace(" ", "")


def _oauth_error(head: str, body: str) -> str | None:
    before = _last(_ERROR, head)
    if before and len(head) - before.end() <= _NEAR:
        return before[0]
    found = _ERROR.search(body) or before
    return found[0] if found else None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    last = None
    for match in pattern.finditer(text):
        last = match
    return last


def _id(pattern: re.Pattern[str], head: str, body: str) -> str | None:
    found = pattern.search(body) or _last(pattern, head)
    return found[1].lower() if found else None


def _moment(match: re.Match[str] | None) -> datetime | None:
    """Return the UTC time of a match that captured day, time and perhaps a fraction."""
    if match is None:
        return None
    day, clock, *fraction = (group for group in match.groups() if group is not None)
    return _utc(f"{day}T{clock}{''.join(fraction)}")


def _american(day: str, clock: str) -> datetime | None:
    """Return the moment of `MM/dd/yyyy`, and `HH:mm:ss` where it is given, in UTC."""
    month, number, year = day.split("/")
    # ENTRA section 1.2: for a certificate that is no registered key, the years are 0000 and 9999.
    return _utc(f"{max(year, '0001')}-{month}-{number}T{clock or '00:00:00'}")


def _utc(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def _shown(value: str | None, longest: int = _LONGEST_NAME) -> str | None:
    """Return `value`, which anybody may have put there, fit to show; up to `longest` whole."""
    if value is None:
        return None
    shown, taken = redact(value, path="", secrets=())
    if taken or len(value) <= longest or _HEX.fullmatch(value):
        return str(shown)
    return f"{value[:_LONGEST_NAME]}…"
