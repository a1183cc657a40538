"""Records what tools write that the test environment does not have.

- `token-requests.har`: mitmproxy's own HAR export of three requests by curl.
- `azure-identity.txt`: what azure-identity raises and logs for an AADSTS error.

`python -m venv V; V/bin/pip install mitmproxy==11.0.2`, the same for `W` and
azure-identity==1.27.0, then `python record.py V/bin/mitmdump W/bin/python`. Nothing leaves the
machine: the proxy and the transport answer by themselves.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
SAMPLES = HERE.parent.parent / "sample_certs" / "assertions"
TENANT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
CLIENT_ID = "11111111-2222-4333-8444-555555555555"
URL = f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ANSWER = {
    "error": "invalid_client",
    "error_description": "AADSTS700027: The certificate with identifier used to sign the client "
    "assertion is not registered on application. [Reason - The key was not found., Thumbprint of "
    "key used by client: '84E05C1D98BCE3A5421D225B140B36E86A3D5534', Please visit the Azure "
    "Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id "
    f"'{CLIENT_ID}'.] Trace ID: 11111111-0000-4000-8000-000000000001 Correlation ID: "
    "11111111-0000-4000-8000-000000000002 Timestamp: 2026-01-15 12:00:00Z",
    "error_codes": [700027],
    "timestamp": "2026-01-15 12:00:00Z",
    "trace_id": "11111111-0000-4000-8000-000000000001",
    "correlation_id": "11111111-0000-4000-8000-000000000002",
}
PROXY = f"""
from mitmproxy import http

def request(flow):
    is_token = flow.request.path.endswith("/token")
    body = {json.dumps(json.dumps(ANSWER))} if is_token else "<html>eyJ is no token</html>"
    kind = "application/json; charset=utf-8" if is_token else "text/html"
    flow.response = http.Response.make(401 if is_token else 200, body, {{"Content-Type": kind}})
"""
AZURE = f"""
import json, logging, sys, traceback
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import ClientAssertionCredential
from requests import Response

ROOT = "https://login.microsoftonline.com/{TENANT}"

class Answers(RequestsTransport):
    def send(self, request, **options):
        told = {{"issuer": ROOT + "/v2.0", "authorization_endpoint": ROOT + "/oauth2/v2.0/authorize",
                "token_endpoint": ROOT + "/oauth2/v2.0/token"}}
        is_token = request.url.endswith("/token")
        answer = Response()
        answer.status_code = 401 if is_token else 200
        answer._content = json.dumps(json.loads(sys.argv[1]) if is_token else told).encode()
        answer.headers["Content-Type"] = "application/json"
        from azure.core.pipeline.transport import RequestsTransportResponse
        return RequestsTransportResponse(request, answer)

logging.basicConfig(level=logging.WARNING, stream=sys.stdout)
credential = ClientAssertionCredential("{TENANT}", "{CLIENT_ID}", lambda: sys.argv[2],
                                       transport=Answers(), disable_instance_discovery=True)
try:
    credential.get_token("https://graph.microsoft.com/.default")
except Exception as error:
    print(f"{{type(error).__module__}}.{{type(error).__name__}}: {{error}}")
"""


def sample(name):
    return (SAMPLES / f"{name}.jwt").read_text(encoding="utf-8").strip()


def record_har(mitmdump, folder):
    script, har = folder / "answer.py", folder / "out.har"
    script.write_text(PROXY, encoding="utf-8")
    proxy = subprocess.Popen(
        [
            *(mitmdump, "-q", "-s", script, "--listen-host", "127.0.0.1", "-p", "18899"),
            *("--set", "connection_strategy=lazy", "--set", "upstream_cert=false"),
            *("--set", f"confdir={folder}", "--set", f"hardump={har}"),
        ]
    )
    curl = ["curl", "-sk", "--retry", "20", "--retry-connrefused", "--retry-delay", "1"]
    curl += ["-x", "http://127.0.0.1:18899", "-o", "/dev/null"]
    form = ["-d", f"client_id={CLIENT_ID}", "-d", "grant_type=client_credentials"]
    form += ["--data-urlencode", f"client_assertion_type={TYPE}"]
    form += ["--data-urlencode", "scope=https://graph.microsoft.com/.default"]
    form += ["--data-urlencode", f"client_assertion={sample('x5t-unknown')}"]
    api = ["-H", f"Authorization: Bearer {sample('good-rs256')}", "https://graph.microsoft.com/me"]
    try:
        for request in (["https://portal.example.com/index.html"], api, [URL, *form]):
            subprocess.run([*curl, *request], check=True)
    finally:
        time.sleep(1)
        proxy.terminate()
        proxy.wait(20)
    return without_chance(json.loads(har.read_text(encoding="utf-8")))


def without_chance(har):
    """Drop what differs from one recording to the next: times."""
    for number, entry in enumerate(har["log"]["entries"]):
        entry["startedDateTime"] = f"2026-01-15T12:00:0{number}.000000+00:00"
        entry["time"] = 1
        entry["timings"] = dict.fromkeys(entry["timings"], 1)
    return har


def record_azure(python):
    done = subprocess.run(
        [python, "-c", AZURE, json.dumps(ANSWER), sample("x5t-unknown")],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        recorded = record_har(sys.argv[1], Path(temporary))
    text = json.dumps(recorded, indent=1) + "\n"
    (HERE / "token-requests.har").write_text(text, encoding="utf-8")
    (HERE / "azure-identity.txt").write_text(record_azure(sys.argv[2]), encoding="utf-8")
