"""Pastes that real programs made: what they sent or printed is what is read out of it."""

import http.server
import json
import shlex
import shutil
import subprocess
import threading
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import msal
import pytest
import requests

from assertcheck.intake import read_paste
from assertcheck.model import DirtKind, Submission
from tests.build import AUD, CLIENT_ID, TENANT, token
from tests.paste import ANSWER, SCOPE, TOKEN, TYPE, form, parameters
from tests.stub_msal import Response

DATA = Path(__file__).parent / "data"
SAMPLES = Path(__file__).parent.parent / "sample_certs" / "assertions"
NAMES = ("client_id", "client_assertion_type", "grant_type", "scope")


class Recorder(http.server.BaseHTTPRequestHandler):
    """Answers every request with the same error, and keeps what it carried."""

    server: "Server"

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.server.received.append((self.command, self.path, self.headers, body))
        self.send_response(401)
        self.end_headers()
        self.wfile.write(ANSWER.encode())

    do_GET = do_POST  # noqa: N815 - http.server looks it up by that name

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    received: list


@pytest.fixture(scope="module")
def server():
    running = Server(("127.0.0.1", 0), Recorder)
    running.received = []
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def sent(server: Server) -> tuple[str, dict[str, str]]:
    """The method and the parameters of the one request since the last call, as a server has them."""
    ((method, path, headers, body),) = server.received
    server.received.clear()
    media_type = headers.get_content_type() if headers["Content-Type"] else ""
    if media_type == "application/json":
        return method, json.loads(body)
    if media_type == "multipart/form-data":
        head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
        _, *parts = BytesParser().parsebytes(head + body).walk()
        return method, {
            str(part.get_param("name", header="content-disposition")): str(part.get_payload())
            for part in parts
        }
    text = body.decode() or urlsplit(path).query
    return method, dict(parse_qsl(text, keep_blank_values=True))


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not here")


URL = "http://127.0.0.1:{port}/" + TENANT + "/oauth2/v2.0/token"
PIECES = [f"{name}={value}" for name, value in parameters().items()]
ENCODED = [option for piece in PIECES for option in ("--data-urlencode", piece)]
SENT_DIRTY = {
    "quotes": (f'"{TOKEN}"', DirtKind.QUOTES),
    "bearer": (f"Bearer {TOKEN}", DirtKind.BEARER),
    "percent": (TOKEN.replace(".", "%2E"), DirtKind.PERCENT),
    "json": (json.dumps({"jwt": TOKEN}), DirtKind.JSON),
    "line-break-behind": (f"{TOKEN}\n", DirtKind.LINE_BREAKS),
    "wrapped": (f"{TOKEN[:90]}\r\n{TOKEN[90:]}", DirtKind.LINE_BREAKS),
    "zero-width": (f"{TOKEN[:90]}\u200b{TOKEN[90:]}", DirtKind.INVISIBLE),
}
ARGUMENTS = {
    "data": ["-d", form()],
    "data-at-once": [f"-d{form()}"],
    "data-raw": ["--data-raw", form()],
    "data-binary": ["--data-binary", form()],
    "data-in-pieces": [option for piece in form().split("&") for option in ("-d", piece)],
    "urlencoded": ENCODED,
    "mixed": [*ENCODED[:2], "-d", "&".join(form().split("&")[1:])],
    "multipart": [option for piece in PIECES for option in ("-F", piece)],
    "json": ["--json", json.dumps(parameters())],
    "json-as-data": ["-H", "Content-Type: application/json", "-d", json.dumps(parameters())],
    "query": ["-G", *ENCODED],
    "bundled": ["-sSXPOST", "--compressed", "-A", "agent -d x", "-d", form()],
    "retried": ["--retry", "0", "--max-time", "5", "-o", "/dev/null", "-d", form()],
}
DIRTY = {
    f"{name}-{how}": (name, arguments)
    for name, (value, _) in SENT_DIRTY.items()
    for how, arguments in {
        "urlencoded": [
            option
            for piece in [f"{each}={text}" for each, text in parameters(client_assertion=value).items()]
            for option in ("--data-urlencode", piece)
        ],
        "data": ["--data-raw", form(client_assertion=value)],
    }.items()
}  # fmt: skip


def ran(server: Server, command: str) -> tuple[Submission, str, dict[str, str]]:
    """Let the shell run `command`, and read it as a paste."""
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, timeout=20)
    assert done.returncode == 0, done.stderr
    method, received = sent(server)
    return read_paste(command), method, received


def written(arguments: list[str], url: str, how: str) -> str:
    """The command as sh takes it, in one of the ways people and programs write it."""
    whole = ["curl", "-s", url, *arguments]
    if how == "python":
        return shlex.join(whole)
    if how == "bash":
        quoting = ["bash", "-c", 'printf "%q " "$@"', "_", *whole]
        return subprocess.run(quoting, capture_output=True, check=True, text=True).stdout
    if how == "double-quotes":
        escaped = [part.replace("\\", "\\\\").replace('"', '\\"') for part in whole]
        return " ".join(f'"{part}"' if index else part for index, part in enumerate(escaped))
    return " \\\n  ".join(shlex.quote(part) for part in whole)


@needs("curl")
@needs("bash")
@pytest.mark.parametrize("how", ["python", "bash", "double-quotes", "lines"])
@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
def test_a_curl_command_is_read_as_curl_sends_it(server: Server, arguments: list[str], how: str):
    url = URL.format(port=server.server_port)
    found, method, received = ran(server, written(arguments, url, how))
    assert (found.kind, found.assertion) == ("curl", received["client_assertion"])
    assert found.request is not None
    for name in NAMES:
        assert getattr(found.request, name) == received[name]
    assert (found.request.url, found.request.method) == (url, method)
    assert (found.sent_dirty, found.request.is_whole) == ((), True)


@needs("curl")
@needs("bash")
@pytest.mark.parametrize("how", ["python", "bash"])
@pytest.mark.parametrize(("name", "arguments"), DIRTY.values(), ids=DIRTY)
def test_dirt_that_curl_sends_is_told_from_dirt_of_the_paste(
    server: Server, name: str, arguments: list[str], how: str
):
    found, _, received = ran(server, written(arguments, URL.format(port=server.server_port), how))
    value, kind = SENT_DIRTY[name]
    assert received["client_assertion"] == value
    assert found.assertion == TOKEN
    if "--data-raw" in arguments or (how == "bash" and name != "zero-width"):
        assert [dirt.kind for dirt in found.sent_dirty] == [kind]
    # As it is written here, a terminal or a web page may have put it there.
    elif kind in (DirtKind.LINE_BREAKS, DirtKind.INVISIBLE):
        assert found.sent_dirty == ()
    else:
        assert [dirt.kind for dirt in found.sent_dirty] == [kind]


@needs("curl")
def test_a_body_that_curl_takes_from_a_file_is_not_taken_for_known(server: Server, tmp_path: Path):
    path = tmp_path / "body"
    path.write_text(form())
    url = URL.format(port=server.server_port)
    for option in ("-d", "--data-binary"):
        found, _, received = ran(server, shlex.join(["curl", "-s", url, option, f"@{path}"]))
        assert received["client_assertion"] == TOKEN
        assert found.assertion == ""
        assert found.request is not None
        assert not found.request.is_whole


@needs("curl")
def test_a_trace_that_curl_writes_holds_the_assertion(server: Server):
    url = URL.format(port=server.server_port)
    command = ["curl", "-s", url, "-d", form(), "--trace-ascii", "-"]
    trace = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    server.received.clear()
    found = read_paste(trace)
    assert found.assertion == TOKEN
    assert found.error is not None
    assert found.request is not None
    assert found.request.client_id == CLIENT_ID


@needs("curl")
def test_what_curl_says_of_itself_does_not_hide_the_command(server: Server):
    url = URL.format(port=server.server_port)
    command = ["curl", "-sv", url, "-d", form()]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    server.received.clear()
    found = read_paste(f"$ {shlex.join(command)}\n{done.stderr}{done.stdout}\n")
    assert (found.kind, found.assertion) == ("curl", TOKEN)
    assert found.error is not None
    assert found.error.code == "AADSTS700027"


def node(code: str) -> str:
    done = subprocess.run(
        ["node", "-e", code, json.dumps(parameters())], capture_output=True, check=True, text=True
    )
    return done.stdout


@needs("node")
@pytest.mark.parametrize(
    "code",
    [
        "console.log(p)",
        "console.log(new URLSearchParams(p))",
        "console.log(new URLSearchParams(p).toString())",
        "console.log(new Map(Object.entries(p)))",
        "console.log(Object.entries(p))",
        "console.log(JSON.stringify({body: new URLSearchParams(p).toString()}))",
        "console.log(require('util').inspect({a: {b: p}}, {depth: 9, breakLength: 40}))",
        "console.log('%s %o', 'sent', p)",
        "console.table(p)",
    ],
)
def test_what_node_prints_is_read(code: str):
    found = read_paste(node(f"const p = JSON.parse(process.argv[1]); {code}"))
    assert found.assertion == TOKEN
    assert found.request is not None
    assert (found.request.client_id, found.request.scope) == (CLIENT_ID, SCOPE)
    assert found.request.client_assertion_type == TYPE


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("fold -w 80", "jwt"),
        ("fold -w 76 | sed 's/^/> /'", "jwt"),
        ("base64", "jwt"),
        ("base64 -w 0", "jwt"),
        ("fold -w 64 | sed 's/$/\\r/'", "jwt"),
        ("iconv -f UTF-8 -t UTF-16", "jwt"),
        ("iconv -f UTF-8 -t UTF-16LE", "jwt"),
        ("sed 's/^/Authorization: Bearer /' | cat -n", "log"),
        ("xargs -n 1 printf '%q\\n'", "jwt"),
        ("tr . '\\n' | paste -sd.", "jwt"),
    ],
)
@needs("bash")
@needs("iconv")
def test_what_a_pipeline_makes_of_an_assertion_is_undone(program: str, kind: str):
    done = subprocess.run(
        ["bash", "-c", program], input=TOKEN.encode(), capture_output=True, check=True
    )
    found = read_paste(done.stdout)
    assert (found.assertion, found.kind) == (TOKEN, kind)


def test_a_request_of_the_requests_library_is_read():
    prepared = requests.Request("POST", AUD, data=parameters()).prepare()
    assert prepared.body == form()
    raw = "\r\n".join(": ".join(map(str, field)) for field in prepared.headers.items())
    host = urlsplit(AUD).hostname
    found = read_paste(
        f"POST {prepared.path_url} HTTP/1.1\r\nHost: {host!s}\r\n{raw}\r\n\r\n{form()}"
    )
    assert (found.kind, found.assertion) == ("http-request", TOKEN)
    assert found.request is not None
    assert (found.request.url, found.request.is_whole) == (AUD, True)


class Refusing:
    """An `http_client` for MSAL that answers every token request with an error."""

    def get(self, url, **_):
        root = AUD.removesuffix("/oauth2/v2.0/token")
        told = {
            "issuer": f"{root}/v2.0",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "token_endpoint": AUD,
        }
        return Response(json.dumps(told))

    def post(self, url, **_):
        return Response(ANSWER, status_code=401)

    def close(self):
        pass


@pytest.mark.parametrize("print_as", [str, json.dumps, lambda result: result["error_description"]])
def test_the_error_that_msal_returns_is_read(print_as):
    app = msal.ConfidentialClientApplication(
        CLIENT_ID,
        authority=AUD.removesuffix("/oauth2/v2.0/token"),
        client_credential={"client_assertion": lambda: TOKEN},
        http_client=Refusing(),
        instance_discovery=False,
    )
    result = app.acquire_token_for_client([SCOPE])
    found = read_paste(print_as(result))
    assert (found.kind, found.request) == ("error", None)
    assert found.error is not None
    assert (found.error.code, found.error.app_id) == ("AADSTS700027", CLIENT_ID)


def test_the_error_that_azure_identity_raises_is_read():
    found = read_paste((DATA / "azure-identity.txt").read_bytes())
    assert found.kind == "error"
    assert found.error is not None
    assert (found.error.code, found.error.error) == ("AADSTS700027", "invalid_client")
    assert found.error.timestamp is not None


def test_a_har_file_of_mitmproxy_gives_assertion_request_and_error():
    found = read_paste((DATA / "token-requests.har").read_bytes())
    assert found.assertion == (SAMPLES / "x5t-unknown.jwt").read_text().strip()
    assert (found.kind, found.removed, found.sent_dirty) == ("har", (), ())
    assert found.request is not None
    assert (found.request.url, found.request.client_id) == (AUD, CLIENT_ID)
    assert (found.request.scope, found.request.client_assertion_type) == (SCOPE, TYPE)
    assert (found.request.method, found.request.is_whole) == ("POST", True)
    assert found.error is not None
    assert found.error.thumbprint == "84E05C1D98BCE3A5421D225B140B36E86A3D5534"


def test_an_assertion_of_another_key_size_is_no_different():
    assert read_paste(f"'{token('PS512')}'").assertion.count(".") == 2
