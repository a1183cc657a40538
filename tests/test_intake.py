"""The assertion comes back byte for byte out of whatever it is pasted in."""

import base64
import json
import quopri
import textwrap
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assertcheck.errors import InputError
from assertcheck.intake import MAX_ASSERTION, read_paste
from assertcheck.model import PasteKind
from tests import build
from tests.build import AUD, CLIENT_ID, TENANT, certificate, key, token
from tests.paste import ANSWER, ERROR, TOKEN, TYPE, curl, form, har, http, parameters

HEADER, CLAIMS, SIGNATURE = TOKEN.split(".")
WRAPPED = textwrap.wrap(TOKEN, 80)
ACCESS_TOKEN = token(
    iss=f"https://sts.windows.net/{TENANT}/", sub="user", oid="o", tid=TENANT, scp="User.Read"
)
X5C = token(head={"x5c": [base64.b64encode(build.der(certificate())).decode()] * 2})


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    paste: str | bytes
    kind: str
    removed: tuple[str, ...]
    assertion: str


def row(name: str, paste: str | bytes, kind: str, *removed: str, assertion: str = TOKEN) -> Row:
    return Row(name=name, paste=paste, kind=kind, removed=removed, assertion=assertion)


def lines(margin: str = "", end: str = "\n", width: int = 80, text: str = TOKEN) -> str:
    return end.join(margin + line for line in textwrap.wrap(text, width))


Layer = Callable[[str], str]


def folded(width: int, end: str, margin: str) -> Layer:
    def apply(text: str) -> str:
        pieces = [text[start : start + width] for start in range(0, len(text), width)]
        return end.join(margin + piece for piece in pieces)

    return apply


AROUND = [
    row("bare", TOKEN, "jwt"),
    row("line-break-behind", TOKEN + "\r\n", "jwt"),
    row("blanks-around", f"  \t{TOKEN}\u00a0\n\n", "jwt"),
    row("double-quotes", f'"{TOKEN}"', "jwt", "quotes"),
    row("single-quotes", f"'{TOKEN}'", "jwt", "quotes"),
    row("smart-quotes", f"\u201c{TOKEN}\u201d", "jwt", "quotes"),
    row("backticks", f"`{TOKEN}`", "jwt", "quotes"),
    row("guillemets", f"\u00ab{TOKEN}\u00bb", "jwt", "quotes"),
    row("one-quote", f'{TOKEN}"', "jwt", "quotes"),
    row("quote-and-comma", f'"{TOKEN}",', "jwt", "quotes", "punctuation"),
    row("semicolon", f"{TOKEN};", "jwt", "punctuation"),
    row("backslash", f"{TOKEN} \\", "jwt", "punctuation"),
    row("brackets", f"([<{TOKEN}>])", "jwt", "punctuation"),
    row("bearer", f"Bearer {TOKEN}", "jwt", "Bearer"),
    row("header-field", f"Authorization: Bearer {TOKEN}", "jwt", "parameter name", "Bearer"),
    row("form-name", f"client_assertion={TOKEN}", "jwt", "parameter name"),
    row("name-with-colon", f"client_assertion: {TOKEN}", "jwt", "parameter name"),
    row("json-line", f'"client_assertion": "{TOKEN}",', "jwt", "quotes", "punctuation", "parameter name"),
    row("assignment", f'clientAssertion = "{TOKEN}";', "jwt", "punctuation", "parameter name", "quotes"),
]  # fmt: skip

INSIDE = [
    row("wrapped", lines(), "jwt", "line breaks"),
    row("wrapped-crlf", lines(end="\r\n", width=76), "jwt", "line breaks"),
    row("wrapped-indented", lines("    "), "jwt", "line breaks", "spaces"),
    row("wrapped-in-mail", lines("> "), "jwt", "quoting", "line breaks"),
    row("wrapped-in-mail-twice", lines(">> "), "jwt", "quoting", "line breaks"),
    row("reflowed-mail", lines("> ").replace("\n", " "), "jwt", "quoting", "spaces"),
    row("a-line-a-segment", TOKEN.replace(".", ".\n"), "jwt", "line breaks"),
    row("dot-first", TOKEN.replace(".", "\n."), "jwt", "line breaks"),
    row("spaces", TOKEN[:2] + " " + TOKEN[2:90] + "  " + TOKEN[90:], "jwt", "spaces"),
    row("tab-and-nbsp", TOKEN[:50] + "\t" + TOKEN[50:90] + "\u00a0" + TOKEN[90:], "jwt", "spaces"),
    row("soft-hyphen", TOKEN[:50] + "\u00ad" + TOKEN[50:], "jwt", "invisible characters"),
    row("zero-width", TOKEN[:1] + "\u200b" + TOKEN[1:], "jwt", "invisible characters"),
    row("variation-selector", TOKEN + "\ufe0f", "jwt", "invisible characters"),
    row("nul", "\0".join(TOKEN), "jwt", "invisible characters"),
    row("bom-inside", f'"\ufeff{TOKEN}"', "jwt", "invisible characters", "quotes"),
    row("colours", f"\x1b[1;32m{TOKEN[:60]}\x1b[0m{TOKEN[60:]}", "jwt", "terminal colours"),
    row("escaped-breaks", "\\n".join(WRAPPED), "jwt", "line breaks"),
    row("continuation", " \\\n".join(WRAPPED), "jwt", "line breaks", "spaces"),
    row("string-pieces", '"' + '" +\n    "'.join(WRAPPED) + '"', "jwt", "quotes", "line breaks"),
    row("percent", TOKEN.replace(".", "%2E"), "jwt", "percent-encoding"),
    row("percent-twice", TOKEN.replace(".", "%252e"), "jwt", "percent-encoding"),
    row("percent-wrapped", lines(text=TOKEN.replace(".", "%2E"), width=31), "jwt", "percent-encoding", "line breaks"),
    row("quoted-percent", quote(f'"{TOKEN}"'), "jwt", "percent-encoding", "quotes"),
    row("base64", base64.b64encode(TOKEN.encode()).decode(), "jwt", "base64"),
    row("base64-wrapped", base64.encodebytes(TOKEN.encode()).decode(), "jwt", "base64"),
    row("html", f"&quot;{TOKEN}&quot;", "jwt", "HTML entities", "quotes"),
    row("mail-body", quopri.encodestring(f"client_assertion={TOKEN}".encode()), "jwt", "quoted-printable", "parameter name"),
]  # fmt: skip

ENCODINGS = [
    row("utf-8-bom", TOKEN.encode("utf-8-sig"), "jwt", "byte order mark"),
    row("utf-8-bom-as-text", "\ufeff" + TOKEN, "jwt", "byte order mark"),
    row("powershell", TOKEN.encode("utf-16"), "jwt", "UTF-16"),
    row("utf-16-be", b"\xfe\xff" + TOKEN.encode("utf-16-be"), "jwt", "UTF-16"),
    row("utf-16-le-bare", TOKEN.encode("utf-16-le"), "jwt", "UTF-16"),
    row("utf-16-be-bare", TOKEN.encode("utf-16-be"), "jwt", "UTF-16"),
    row("utf-16-odd", TOKEN.encode("utf-16") + b"\n", "jwt", "UTF-16", assertion=TOKEN),
    row("utf-32", TOKEN.encode("utf-32"), "jwt", "UTF-32"),
    row("windows-1252", f"\u201c{TOKEN}\u201d".encode("cp1252"), "jwt", "quotes"),
]

TEXT = "text around the assertion"
IN_TEXT = [
    row("in-a-sentence", f"I sent {TOKEN} and then it failed.", "log", TEXT),
    row("end-of-sentence", f"What I sent was {TOKEN}.", "log", TEXT),
    row("wrapped-between-words", f"I sent\n{lines()}\nand then it failed", "log", TEXT, "line breaks"),
    row("wrapped-in-mail", f"> I sent\n{lines('> ')}\n>\n> and then", "log", "quoting", TEXT, "line breaks"),
    row("wrapped-after-words", lines(text="It was " + TOKEN) + "\nnext", "log", TEXT, "line breaks"),
    row("wrapped-and-closed", f"(sent '{lines()}')", "log", TEXT, "line breaks"),
    row("id-on-the-next-line", f"{TOKEN}\n{CLIENT_ID}", "log", TEXT),
    row("time-on-the-next-line", f"sent {TOKEN}\n2026-03-10T12:00:00Z done", "log", TEXT),
    row("escaped-in-a-log", f"body: \\n{TOKEN}\\n", "log", TEXT),
    row("percent-in-text", f"see {TOKEN.replace('.', '%2E')} there", "log", TEXT),
    row("with-its-error", f"{TOKEN}\n\n{ERROR}", "log", TEXT),
    row("powershell-list", f"client_assertion : {lines()}\nscope            : x", "log", "line breaks"),
    row("json-with-a-tail", f'{TOKEN}","token_type":"Bearer"}}', "log", TEXT),
    row("base64-of-something-else", f"data: ZXlK{'A' * 70}\nand {HEADER}", "log", TEXT, assertion=HEADER),
    row("word-like-opening", f"keyJournal.Read eyJoke {TOKEN}", "log", TEXT),
    row("certificate-chain", f"the token:\n{lines(text=X5C)}\nEnd", "log", TEXT, "line breaks", assertion=X5C),
]  # fmt: skip

KEPT = [
    row("alphabet", "eyJ*" + TOKEN[3:], "jwt", assertion="eyJ*" + TOKEN[3:]),
    row("exclamation-mark", TOKEN + "!", "jwt", assertion=TOKEN + "!"),
    row("four-segments", TOKEN + ".", "jwt", assertion=TOKEN + "."),
    row("two-segments", f"{HEADER}.{CLAIMS}", "jwt", assertion=f"{HEADER}.{CLAIMS}"),
    row("header-alone", HEADER, "jwt", assertion=HEADER),
    row("padding", f"{HEADER}==.{CLAIMS}=.{SIGNATURE}", "jwt", assertion=f"{HEADER}==.{CLAIMS}=.{SIGNATURE}"),
    row("header-array", f"WzFd.{CLAIMS}.{SIGNATURE}", "jwt", assertion=f"WzFd.{CLAIMS}.{SIGNATURE}"),
    row("header-with-bom", f"77u_{TOKEN}", "jwt", assertion=f"77u_{TOKEN}"),
    row("header-with-bom-in-text", f"see 77u_{TOKEN} there", "log", TEXT, assertion=f"77u_{TOKEN}"),
    row("header-of-a-python-dict", f"eydhbGcnfQ.{CLAIMS}.{SIGNATURE}", "jwt", assertion=f"eydhbGcnfQ.{CLAIMS}.{SIGNATURE}"),
    row("claims-not-json", f"{HEADER}.eyJ9.{SIGNATURE}", "jwt", assertion=f"{HEADER}.eyJ9.{SIGNATURE}"),
    row("claims-not-json-wrapped", lines(text=f"{HEADER}.eyJ9.{SIGNATURE}"), "jwt", "line breaks", assertion=f"{HEADER}.eyJ9.{SIGNATURE}"),
    row("claims-not-json-wrapped-in-text", f"It is\n{lines(text=f'{HEADER}.eyJ9.{SIGNATURE}')}\nhere", "log", TEXT, "line breaks", assertion=f"{HEADER}.eyJ9.{SIGNATURE}"),
    row("short-signature-wrapped", lines(text=TOKEN[:-9]), "jwt", "line breaks", assertion=TOKEN[:-9]),
    row("short-signature-in-text", f"It is\n{lines(text=TOKEN[:-9])}\nso far", "log", TEXT, "line breaks", assertion=TOKEN[:-9]),
    row("encrypted", "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhHQ00ifQ.QQ.QQ.QQ.QQ", "jwt", assertion="eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhHQ00ifQ.QQ.QQ.QQ.QQ"),
]  # fmt: skip

SHAPES = [
    row("form-body", form(), "form-body"),
    row("form-body-wrapped", lines(text=form()), "form-body", "line breaks"),
    row("form-body-of-the-documentation", form().replace("&", "\n&"), "form-body", "line breaks"),
    row("form-body-quoted", f'"{form()}"', "form-body"),
    row("form-body-from-dotnet", form().replace("&", "\\u0026"), "form-body", "escapes"),
    row("form-body-from-a-web-page", form().replace("&", "&amp;"), "form-body", "HTML entities"),
    row("http-request", http(), "http-request"),
    row("http-request-absolute", f"POST {AUD}\nContent-Type: x/y\n\n{form()}\n\n###\nGET /", "http-request"),
    row("http-request-and-answer", f"{http()}\n\nHTTP/1.1 401 Unauthorized\n\n{ANSWER}", "http-request"),
    row("url", f"{AUD}?{form()}", "url"),
    row("curl", curl("-d", form()), "curl"),
    row("json", json.dumps(parameters()), "json"),
    row("json-in-json", json.dumps([{"message": json.dumps({"body": form()})}]), "json"),
    row("json-token", json.dumps({"sent": TOKEN}), "json"),
    row("json-wrapped-by-a-terminal", folded(100, "\n", "")(json.dumps(parameters())), "json", "line breaks"),
    row("json-lines", f'{{"at": 1}}\n{json.dumps(parameters())}\n', "log"),
    row("har", har(form()), "har"),
    row("python-dict", repr(parameters()), "log"),
    row("python-octets", repr({**parameters(), "client_assertion": TOKEN.encode()}), "log"),
    row("python-tuples", repr(list(parameters().items())), "log"),
    row("dotnet-pairs", "\n".join(f"[{name}, {value}]" for name, value in parameters().items()), "log"),
    row("csharp", "\n".join(f'["{name}"] = "{value}",' for name, value in parameters().items()), "log"),
    row("go-map", "map[" + " ".join(f"{name}:[{value}]" for name, value in parameters().items()) + "]", "log"),
    row("java-map", "{" + ", ".join(f"{name}={value}" for name, value in parameters().items()) + "}", "log"),
    row("php", "".join(f"    [{name}] => {value}\n" for name, value in parameters().items()), "log"),
    row("node", "".join(f"  {name}: '{value}',\n" for name, value in parameters().items()), "log"),
    row("form-view-of-a-browser", "".join(f"{name}: {value}\n" for name, value in parameters().items()), "log"),
    row("log-line-with-json", f"2026-03-10 INFO sent {json.dumps(parameters())} ok", "log"),
    row("log-line-with-escaped-json", f"INFO {json.dumps(json.dumps(parameters()))[1:-1]}", "log"),
    row("log-line-with-form", f"12:00 POST {AUD} {form()} 401", "log"),
    row("smart-quoted-code", f"client_id=\u2018{CLIENT_ID}\u2019, client_assertion=\u201c{TOKEN}\u201d", "log"),
    row("json-in-a-secret", f"data:\n  jwt: {base64.b64encode(TOKEN.encode()).decode()}\n", "log", TEXT, "base64"),
    row("debug-output-of-http-client", f"send: b'{form()}'\nreply: 'HTTP/1.1 401 Unauthorized\\r\\n'", "log"),
    row("fetch-of-a-browser", f'fetch("{AUD}", {{"body": "{form()}", "method": "POST"}});', "log"),
    row("wireshark", "".join(f'Form item: "{name}" = "{value}"\n  Key: {name}\n  Value: {value}\n' for name, value in parameters().items()), "log"),
    row("php-dump", "".join(f'["{name}"]=>\n  string({len(value)}) "{value}"\n' for name, value in parameters().items()), "log"),
    row("logfmt", f'ts=1 msg="sent" url={AUD} body="{form()}"', "log"),
    row("yaml-block", f"client_id: {CLIENT_ID}\nclient_assertion: >-\n{lines('    ', width=70)}\nscope: x", "log", TEXT, "line breaks"),
    row("markdown", f"I sent\n```http\n{http()}\n```\nand got\n```json\n{ANSWER}\n```", "http-request"),
    row("markdown-table", "".join(f"| {name} | `{value}` |\n" for name, value in parameters().items()), "log", "quoting"),
    row("curl-in-a-narrow-terminal", folded(90, "\n", "")(f"$ {curl('-d', form())}") + f"\n{ANSWER}", "curl", "line breaks"),
    row("powershell", f"$body = @{{ client_id = '{CLIENT_ID}'; client_assertion = \"{TOKEN}\" }}\nInvoke-RestMethod -Uri {AUD} -Body $body", "powershell"),
]  # fmt: skip

ROWS = [*AROUND, *INSIDE, *ENCODINGS, *IN_TEXT, *KEPT, *SHAPES]


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name)
def test_the_assertion_comes_back_with_the_shape_it_had_and_what_was_removed(case: Row):
    found = read_paste(case.paste)
    assert found.assertion == case.assertion
    assert (found.kind, found.removed) == (case.kind, case.removed)


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.name)
def test_nothing_but_the_assertion_itself_holds_the_signature(case: Row):
    assert case.assertion[-40:] not in repr(read_paste(case.paste))


def broken(at: list[float], mark: str) -> Layer:
    """Puts `mark` into a text at these places, given as shares of its length."""

    def apply(text: str) -> str:
        for share in at:
            place = int(share * (len(text) - 1))
            text = text[:place] + mark + text[place:]
        return text

    return apply


def encoded(characters: str, times: int) -> Layer:
    def apply(text: str) -> str:
        for character in characters:
            text = text.replace(character, f"%{'25' * (times - 1)}{ord(character):02X}")
        return text

    return apply


def put(before: str, behind: str = "") -> Layer:
    return lambda text: f"{before}{text}{behind}"


SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=6)
BREAKING = st.one_of(
    st.builds(broken, SHARES, st.sampled_from([" ", "\t", "\n", "\u00a0", "\u00ad", "\u200b"])),
    st.builds(broken, SHARES, st.sampled_from(["\ufeff", "\u2060", "\r\n  ", "\\\n", "\u2028"])),
    st.builds(
        folded,
        st.sampled_from([31, 64, 76, 80, 132]),
        st.sampled_from(["\n", "\r\n"]),
        st.sampled_from(["", "    ", "> ", ">> ", "| "]),
    ),
)
ENCODING = st.builds(encoded, st.sampled_from([".", "._-"]), st.integers(1, 2))
WRAPPING = st.sampled_from(
    [
        *(put(mark, mark) for mark in "\"'`"),
        *(put(*marks) for marks in ("\u201c\u201d", "\u2018\u2019", "()", "[]", "<>", "\u00ab\u00bb")),
        *(put("", mark) for mark in ('"', ",", ";", "\\", ")", "]", "}", "\r\n", " ", "\u200b")),
        *(put(mark) for mark in ('"', "\n", "  ", "\ufeff", "\u00a0")),
        *(put(name) for name in ("Bearer ", "bearer  ", "Authorization: Bearer ")),
        *(put(name) for name in ("client_assertion=", "client_assertion: ", '"client_assertion": ')),
    ]
)  # fmt: skip
CHARSET = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", ""])
TOKENS = st.sampled_from(
    [TOKEN, X5C, token("PS256"), token("RS512", holder=key("large", 3072)), token(holder=key("s", 1024))]
)  # fmt: skip


@settings(max_examples=150)
@given(
    TOKENS,
    st.lists(ENCODING, max_size=1),
    st.lists(BREAKING, max_size=2),
    st.lists(WRAPPING, max_size=5),
    CHARSET,
)
def test_an_assertion_in_any_dirt_comes_back_byte_for_byte(
    text: str, encoding: list[Layer], breaking: list[Layer], wrapping: list[Layer], charset: str
):
    paste = text
    for layer in (*encoding, *breaking, *wrapping):
        paste = layer(paste)
    assert read_paste(paste.encode(charset) if charset else paste).assertion == text


BODIES = st.sampled_from(
    [
        form,
        lambda: http(),
        lambda: curl("--data-raw", form()),
        lambda: json.dumps(parameters()),
        lambda: har(form(), answer=ANSWER),
        lambda: repr(parameters()),
    ]
)


@settings(max_examples=50)
@given(BODIES, st.sampled_from(["", "\n", "\ufeff", "\r\n\r\n"]), CHARSET)
def test_a_request_in_any_encoding_gives_assertion_and_client_id(
    body: Callable[[], str], around: str, charset: str
):
    paste = around + body() + around
    found = read_paste(paste.encode(charset) if charset else paste)
    assert found.assertion == TOKEN
    assert found.request is not None
    assert (found.request.client_id, found.request.client_assertion_type) == (CLIENT_ID, TYPE)


FRAGMENTS = st.sampled_from(
    [
        *(TOKEN, TOKEN[:90], "eyJ", ".", "...", "\u2026", "curl ", "-d ", "'", '"', "\\", "^", "`"),
        *("client_assertion", "client_id", "=", ":", "&", "%2", "{", "}", "[", "]", "\n", " "),
        *('{"log":{"entries":[', '{"request":', "POST /x HTTP/1.1\n"),
        "Content-Type: multipart/form-data; boundary=a\n\n--a\nContent-Disposition: f; name=b\n\n",
        *("AADSTS700027: ", "<saml:Assertion", "-----BEGIN PRIVATE KEY-----", "> ", "\ufeff", "\ud800"),
        *("\0", "\x1b[0m", "$'", "=\n", "&amp;", "\\u0026", "Bearer ", "~", "https://[", "?", "b'", "+"),
    ]
)  # fmt: skip


@settings(max_examples=200)
@given(
    st.one_of(
        st.text(st.characters(exclude_categories=())),
        st.binary(),
        st.lists(FRAGMENTS, max_size=20).map("".join),
    )
)
def test_whatever_is_pasted_only_one_error_can_come_of_it(paste: str | bytes):
    message = ""
    try:
        found = read_paste(paste)
        assert SIGNATURE[:40] not in repr(found)
        assert found.kind in set(PasteKind)
    except InputError as error:
        message = error.message
    assert message in ("", "the input is empty")


@settings(max_examples=200)
@given(st.text(st.characters(exclude_characters="e")))
def test_no_assertion_is_ever_invented(text: str):
    try:
        found = read_paste(text)
    except InputError:
        return
    assert found.kind in ("other", "client-secret", "error")
    assert set(found.assertion) <= set(text)


@pytest.mark.parametrize(
    "paste", ["", b"", " \r\n\t", "\ufeff", b"\xff\xfe", "\u200b\u00ad", "\x1b[0m\n", "\n" * 90]
)
def test_nothing_at_all_is_an_error(paste: str | bytes):
    with pytest.raises(InputError, match="the input is empty") as caught:
        read_paste(paste)
    assert caught.value.hint


def test_the_limit_is_a_mebibyte():
    fits = HEADER + "." + "A" * (MAX_ASSERTION - len(HEADER) - 3) + ".A"
    assert read_paste(fits).assertion == fits
    for beyond in (fits + "A", f"see {fits}A there", f"client_assertion={fits}A&client_id=1"):
        with pytest.raises(InputError, match="the assertion is larger than 1024 KiB"):
            read_paste(beyond)


@pytest.mark.parametrize(
    "unit",
    [
        *("a", "eyJhbGciOi ", "eyJhbGciOi.", f"{TOKEN[:76]}\n", f"{TOKEN}\n", "curl -d 'a' ", "'\""),
        *("$'\\", "^\"", 'client_assertion="', "client_id='x ", '"', "{", '[{"a":', "{}", "a=b&"),
        *("POST /x\n", ".", "[ ", "%25", "eyJhbG%2E", " ", "\n", "> \n", "https://", "AADSTS", "ZXlK"),
        *("&amp;", "\\u0022", "<RSAKeyValue>", "<Assertion ", "MIIB", "a" * 70 + "=\n", "\x1b[", "~a"),
    ],
)  # fmt: skip
def test_the_time_does_not_run_away_with_the_length(unit: str):
    paste = "x" + unit * (256 * 1024 // len(unit))
    started = time.monotonic()
    with suppress(InputError):
        read_paste(paste)
    # A second or less in truth; a quadratic search would take hours.
    assert time.monotonic() - started < 20


def test_a_har_file_of_many_pages_is_read_to_its_end():
    whole = json.loads(har(form(), answer=ANSWER))
    whole["log"]["entries"] = whole["log"]["entries"][:1] * 20_000 + whole["log"]["entries"][1:]
    found = read_paste(json.dumps(whole))
    assert (found.assertion, found.kind) == (TOKEN, "har")


CUT = [
    ("ellipsis", TOKEN[:99] + "...", TOKEN[:99]),
    ("ellipsis-character", TOKEN[:99] + "\u2026", TOKEN[:99]),
    ("ellipsis-in-the-middle", f"{TOKEN[:99]}...{TOKEN[-9:]}", TOKEN[:99]),
    ("word-of-a-logger", TOKEN[:99] + "[truncated]", TOKEN[:99]),
    ("word-of-a-logger-in-text", f"sent {TOKEN[:99]} ... (truncated)", TOKEN[:99]),
    ("signature-cut", f"{HEADER}.{CLAIMS}.{SIGNATURE[:9]}...", f"{HEADER}.{CLAIMS}.{SIGNATURE[:9]}"),
    ("signature-word", f"{HEADER}.{CLAIMS}.[signature]", f"{HEADER}.{CLAIMS}."),
    ("signature-named", f"{HEADER}.{CLAIMS}.REDACTED", f"{HEADER}.{CLAIMS}."),
    ("signature-named-in-text", f"it is {HEADER}.{CLAIMS}.signature", f"{HEADER}.{CLAIMS}."),
    ("signature-crossed-out", f"{HEADER}.{CLAIMS}.xxxxxxxx", f"{HEADER}.{CLAIMS}."),
    ("signature-masked", f"{HEADER}.{CLAIMS}.***", f"{HEADER}.{CLAIMS}."),
    ("signature-in-brackets", f"{HEADER}.{CLAIMS}.<redacted>", f"{HEADER}.{CLAIMS}."),
    ("masked-in-a-form", form(client_assertion="***"), ""),
    ("cut-in-a-form", form(client_assertion=TOKEN[:99] + "..."), TOKEN[:99]),
    ("cut-in-a-print", f"client_assertion={TOKEN[:99]}... client_id={CLIENT_ID}", TOKEN[:99]),
]  # fmt: skip


@pytest.mark.parametrize(("paste", "left"), [pytest.param(*case[1:], id=case[0]) for case in CUT])
def test_what_stands_before_an_ellipsis_is_kept_and_marked_as_cut(paste: str, left: str):
    found = read_paste(paste)
    assert (found.assertion, found.is_cut) == (left, True)


def test_nothing_is_marked_as_cut_that_is_whole():
    assert not any(read_paste(case.paste).is_cut for case in ROWS)


def test_the_length_of_the_paste_is_told():
    assert read_paste(f"{TOKEN}\n").length == len(TOKEN) + 1


@pytest.mark.parametrize("turn", range(40))
def test_lines_of_any_width_that_end_at_another_keys_length_are_no_end(turn: int):
    head, body, signature = token(jti=f"{turn:08d}-0000-4000-8000-000000000001").split(".")
    first = signature[:171]
    paste = f"I sent\n{head}.{body}.\n{first[:95]}\n{first[95:]}\n{signature[171:300]}\n"
    paste += f"{signature[300:]}\nand then it failed"
    assert read_paste(paste).assertion == f"{head}.{body}.{signature}"
