"""`assertcheck saml` from outside: what it prints, where, and how it ends."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import unquote
from xml.sax.saxutils import escape, quoteattr

import jsonschema
import pytest
from cryptography.hazmat.primitives import serialization
from typer.testing import CliRunner, Result

from assertcheck.cli import app
from tests import build_saml as saml
from tests.build import NOW, certificate, key, pem, token
from tests.build_graph import application, as_json
from tests.build_signed_xml import Hand

ROOT = Path(__file__).parent.parent
AT = NOW.isoformat()
STATE = "https://app.example.com/a-very-private-place?x=1"
SAMPLES_AT = "2026-01-15T12:00:00Z"
RECORDED = {
    (f"{each['library']} {each['version']}", each["name"]): each["sent"]
    for each in json.loads((ROOT / "tests/data/saml/requests.json").read_text(encoding="utf-8"))
}
ERROR = (
    "AADSTS76021: The request sent by client is not signed while the application requires signed "
    "requests Trace ID: 11111111-0000-4000-8000-000000000001 Correlation ID: "
    "11111111-0000-4000-8000-000000000002 Timestamp: 2026-01-15 12:00:00Z"
)


@pytest.fixture
def cert(tmp_path: Path) -> str:
    path = tmp_path / "sp.pem"
    path.write_bytes(pem(certificate()))
    return str(path)


def run(*args: str, text: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["saml", *args], input=text)


def registration(path: Path, **changes: object) -> str:
    named = {"identifierUris": [saml.ISSUER], "web": {"redirectUris": [saml.ACS_URL]}}
    path.write_bytes(as_json(application(certificate(), **(named | changes))))
    return str(path)


def required(*, is_required: bool) -> dict[str, object]:
    return {"requestSignatureVerification": {"isSignedRequestRequired": is_required}}


@pytest.mark.parametrize("name", ["-", "file", "argument", None])
def test_input_comes_in_every_way(name: str | None, cert: str, tmp_path: Path):
    path = tmp_path / "request.txt"
    path.write_text(saml.redirect_url() + "\n")
    given = {"file": [str(path)], "argument": [saml.redirect_url()], "-": ["-"], None: []}[name]
    result = run(*given, "--cert", cert, "--at", AT, text=saml.redirect_url())
    assert result.exit_code == 0
    assert result.stdout.startswith(" ACCEPTED  Entra ID would take this request\n")
    assert result.stderr == ""


def test_a_refused_request_exits_with_1_and_leads_with_code_and_cause(cert: str):
    result = run("--cert", cert, "--at", AT, text=saml.redirect_url(alg=None))
    assert result.exit_code == 1
    first, second, *_ = result.stdout.splitlines()
    assert first == " REFUSED  AADSTS76021, documented by Microsoft"
    assert second == "cause   The request is not signed [saml-request-not-signed]"


def test_one_without_a_certificate_exits_with_3():
    result = run("--at", AT, text=saml.redirect_url())
    assert result.exit_code == 3
    assert result.stdout.startswith(" INCOMPLETE  no certificate to verify with")


def test_the_error_that_was_returned_says_that_signing_is_required(tmp_path: Path):
    path = tmp_path / "error.txt"
    path.write_text(ERROR)
    unsigned = saml.redirect_url(alg=None)
    assert run("--at", AT, text=unsigned).exit_code == 3
    result = run("--at", AT, "--error", str(path), text=unsigned)
    assert result.exit_code == 1
    assert "answer  AADSTS76021" in result.stdout
    assert run("--at", AT, text=f"{unsigned}\n\n{ERROR}").exit_code == 1


def test_the_switch_of_the_app_decides(tmp_path: Path):
    unsigned = saml.redirect_url(alg=None)
    for is_required, code in ((True, 1), (False, 0)):
        exported = registration(tmp_path / "app.json", **required(is_required=is_required))
        assert run("--app", exported, "--at", AT, text=unsigned).exit_code == code
        assert run("--app", exported, "--at", AT, text=saml.redirect_url()).exit_code == 0


def test_the_binding_can_be_given(cert: str):
    value = saml.post_value(saml.signed_request())
    options = ("--cert", cert, "--at", AT)
    assert run(*options, text=value).exit_code == 3
    assert run(*options, "--binding", "post", text=value).exit_code == 0
    wrong = run(*options, "--binding", "redirect", text=value)
    assert wrong.exit_code == 1
    assert "[saml-signature-in-wrong-place" in wrong.stdout


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--binding", STATE], "there is no such binding"),
        (["--binding"], "--binding stands without its value"),
        (["--at", STATE], "--at takes a time in ISO 8601 or in seconds since 1970"),
        (["--at", "0001-01-01"], "the clock is out of range"),
        (["--min-days", STATE], "no good value for --min-days"),
        (["--format", STATE], "no good value for --format"),
        (["--cert", STATE], None),
        (["--app", STATE], None),
        (["--error", STATE], None),
        (["x", STATE], "there is an argument too many"),
        (["no-such-file"], None),
        (["--report", STATE], "--report takes FORMAT=FILE"),
    ],
)
def test_what_cannot_run_exits_with_2_and_repeats_no_value(args: list[str], message: str | None):
    result = run(*args, text=saml.redirect_url())
    assert (result.exit_code, result.stdout) == (2, "")
    error, hint = result.stderr.splitlines()
    assert error.startswith("assertcheck: error: ")
    assert hint.startswith("assertcheck: hint: ")
    assert message is None or error == f"assertcheck: error: {message}"
    assert "very-private" not in error + hint or message is None


def test_empty_input_exits_with_2():
    for text in ("", " \n"):
        result = run(text=text)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "pipe the SAML request in" in result.stderr


def test_an_export_of_several_apps_needs_the_one_of_the_issuer(tmp_path: Path):
    path = tmp_path / "apps.json"
    apps = [
        application(
            appId=f"{number}1111111-2222-4333-8444-555555555555",
            identifierUris=[uri],
            web={"redirectUris": [saml.ACS_URL]},
        )
        for number, uri in enumerate(("api://one", saml.ISSUER))
    ]
    path.write_text(json.dumps(apps))
    options = ("--app", str(path), "--at", AT)
    assert run(*options, text=saml.redirect_url()).exit_code == 3
    for text in (saml.redirect_url(saml.authn_request(issuer="https://elsewhere")), "no request"):
        other = run(*options, text=text)
        assert other.exit_code == 2
        assert "none of them has the request's issuer" in other.stderr


def test_strict_lets_warnings_fail(tmp_path: Path):
    path = tmp_path / "old.pem"
    path.write_bytes(pem(certificate(end=NOW)))
    options = ("--cert", str(path), "--at", str(NOW.timestamp() + 60))
    assert run(*options, text=saml.redirect_url()).exit_code == 0
    strict = run(*options, "--strict", text=saml.redirect_url())
    assert strict.exit_code == 1
    assert strict.stderr == (
        "assertcheck: note: accepted, but --strict lets warnings fail: exit code 1\n"
    )


def test_min_days_warns_of_a_certificate_that_ends_soon(cert: str):
    options = ("--cert", cert, "--at", AT, "--strict")
    assert run(*options, "--min-days", "335", text=saml.redirect_url()).exit_code == 0
    soon = run(*options, "--min-days", "336", text=saml.redirect_url())
    assert soon.exit_code == 1
    assert "[saml-certificate-ends-soon]" in soon.stdout


def test_reports_go_to_files_as_well(cert: str, tmp_path: Path):
    text, data = tmp_path / "report.txt", tmp_path / "report.json"
    result = run(
        *("--cert", cert, "--at", AT, "--output", str(text), "--report", f"json={data}"),
        text=saml.redirect_url(),
    )
    assert (result.exit_code, result.stdout) == (0, "")
    assert text.read_text().startswith(" ACCEPTED ")
    assert json.loads(data.read_text())["request"]["binding"] == "redirect"


PASTES = {
    "a signed redirect": saml.redirect_url(relay_state=STATE),
    "a redirect encoded anew": saml.redirect_url(relay_state=STATE).replace("%2F", "%2f"),
    "a redirect by another key": saml.redirect_url(relay_state=STATE, holder=key("other")),
    "a signed form": saml.post_body(relay_state=STATE),
    "a page with a form": saml.post_form(relay_state=STATE),
    "a form with KeyInfo": saml.post_body(
        saml.signed_request(cert=certificate("other"), holder=key("other")), relay_state=STATE
    ),
    "a changed form": saml.post_body(
        saml.signed_request().replace("acs", "elsewhere"), relay_state=STATE
    ),
    "signed in the wrong place": saml.redirect_url(
        saml.signed_request(), alg=None, relay_state=STATE
    ),
    "unsigned": saml.redirect_url(alg=None, relay_state=STATE),
    "XML": saml.signed_request(),
    "broken XML": saml.post_body(saml.authn_request()[:-9], relay_state=STATE),
    "not base64": f"SAMLRequest=%21%21&RelayState={saml.escaped(STATE)}",
    "without the request": f"{saml.DESTINATION}?RelayState={saml.escaped(STATE)}&SigAlg=x",
    "a response": "SAMLResponse=" + saml.escaped(saml.post_value(f'<Response ID="{STATE}"/>')),
    "words": "nothing of the kind",
    "a private key": "-----BEGIN PRIVATE KEY-----\nMIIEvAIBADAN\n-----END PRIVATE KEY-----",
    "an error alone": ERROR,
}


@pytest.mark.parametrize("name", PASTES)
def test_json_follows_the_schema_that_the_program_prints(name: str, cert: str):
    schema = json.loads(CliRunner().invoke(app, ["schema"]).stdout)
    for more in ((), ("--binding", "post"), ("--binding", "redirect")):
        result = run("--cert", cert, "--at", AT, "--format", "json", *more, text=PASTES[name])
        jsonschema.validate(
            json.loads(result.stdout, parse_constant=pytest.fail),
            schema,
            format_checker=jsonschema.FormatChecker(),
        )


def secrets_of(paste: str) -> set[str]:
    """What no output may hold: RelayState, and the base64 of each signature."""
    found = {STATE, saml.escaped(STATE), "very-private"}
    for pair in paste.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        if name == "Signature":
            found |= {value[:40], unquote(value)[:40], unquote(value)[-40:]}
    for xml in (saml.signed_request(), saml.signed_request(holder=key("other"))):
        found.add(xml.partition("<ds:SignatureValue>")[2][:40])
    return found


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("name", PASTES)
def test_no_output_holds_a_signature_or_relay_state(name: str, form: str, cert: str):
    paste = PASTES[name]
    for more in ((), ("--cert", cert)):
        result = run(*more, "--at", AT, "--format", form, text=paste)
        for secret in secrets_of(paste) - (
            {STATE, "very-private"} if name == "a response" else set()
        ):
            assert secret not in result.stdout
            assert secret not in result.stderr
    result = run("--cert", cert, "--at", AT, text=paste)
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_signature_given_as_its_algorithm_is_not_shown(form: str, cert: str):
    pairs = saml.query_pairs()
    swapped = pairs | {"SigAlg": pairs["Signature"], "Signature": pairs["SigAlg"]}
    result = run(
        *("--cert", cert, "--at", AT, "--format", form),
        text=f"{saml.DESTINATION}?{saml.joined(swapped)}",
    )
    assert result.exit_code == 1
    assert unquote(pairs["Signature"])[:40] not in result.stdout


def private_pem(name: str) -> str:
    return (
        key(name)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


FOREIGN_SIGNATURE = saml.b64(saml.query_signature(b"another request"))
JWT = token()
SECRETS = {
    "a private key": (private_pem("other"), private_pem("other").splitlines()[5]),
    "a JWT": (JWT, JWT.rpartition(".")[2][:40]),
    "a JWT in a URL": (f"https://a.example/?token={JWT}", JWT.rpartition(".")[2][:40]),
    "a redirect": (saml.redirect_url(), saml.redirect_value(saml.authn_request())[:40]),
    "the signature of a redirect": (
        f"https://a.example/?Signature={saml.escaped(FOREIGN_SIGNATURE)}",
        saml.escaped(FOREIGN_SIGNATURE)[:40],
    ),
    "a posted request": (saml.post_value(saml.signed_request()), "PHNhbWxwOkF1dGhu"),
    "a signature": (FOREIGN_SIGNATURE, FOREIGN_SIGNATURE[:40]),
    "a signature in an ID": (f"_{FOREIGN_SIGNATURE}".rstrip("="), FOREIGN_SIGNATURE[:40]),
}
"""What may stand in a request by mistake, and a piece of it that must not show."""


def with_attribute(name: str, value: str) -> str:
    return saml.redirect_url(saml.authn_request(**{name: value}))  # type: ignore[arg-type] # no date


PLACES: dict[str, Callable[[str], str]] = {
    "Issuer": lambda secret: saml.redirect_url(saml.authn_request(issuer=secret)),
    **{
        name: partial(with_attribute, name)
        for name in (
            *("ID", "Destination", "AssertionConsumerServiceURL", "ProtocolBinding", "Version"),
            *("IssueInstant", "ForceAuthn"),
        )
    },
    "NameID format": lambda secret: saml.redirect_url(saml.authn_request(name_id_format=secret)),
    "the namespace": lambda secret: saml.redirect_url(
        saml.authn_request().replace(saml.PROTOCOL, escape(secret, {'"': "&quot;"}))
    ),
    "Comparison": lambda secret: saml.redirect_url(
        saml.authn_request(
            children=f"<samlp:RequestedAuthnContext Comparison={quoteattr(secret)}/>"
        )
    ),
    "RelayState": lambda secret: saml.redirect_url(relay_state=secret),
    "SigAlg": lambda secret: f"{saml.redirect_url(alg=None)}&SigAlg={saml.escaped(secret)}",
    "Reference": lambda secret: saml.post_body(Hand(uri=f"#{escape(secret)}").signed()),
    "SignatureMethod": lambda secret: saml.post_body(Hand(method=escape(secret)).signed()),
    "DigestMethod": lambda secret: saml.post_body(Hand(digest_method=escape(secret)).signed()),
    "Transform": lambda secret: saml.post_body(
        Hand(transforms=(saml.ENVELOPED, escape(secret))).signed()
    ),
    "KeyName": lambda secret: saml.post_body(
        Hand(
            key_info=f"<ds:KeyInfo><ds:KeyName>{escape(secret)}</ds:KeyName></ds:KeyInfo>"
        ).signed()
    ),
    "what was changed": lambda secret: saml.post_body(
        Hand().signed(saml.authn_request(ProviderName=secret)).replace("ProviderName=", "Consent=")
    ),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_in_a_request_shows(place: str, secret: str, cert: str, tmp_path: Path):
    text, piece = SECRETS[secret]
    exported = registration(tmp_path / "app.json", **required(is_required=True))
    other = tmp_path / "report.txt"
    result = run(
        *("--app", exported, "--at", AT, "--format", "json", "--report", f"text={other}"),
        text=PLACES[place](text),
    )
    assert result.exit_code in (0, 1, 3)
    shown = "".join((result.stdout + result.stderr + other.read_text()).split())
    assert piece not in shown
    assert piece not in unquote(shown)


OWN_VALUE = unquote(saml.redirect_url().rpartition("=")[2])


@pytest.mark.parametrize(
    "written",
    [
        OWN_VALUE,
        saml.escaped(OWN_VALUE),
        OWN_VALUE.replace("+", "-").replace("/", "_").rstrip("="),
        OWN_VALUE.replace("+", " "),
        "".join(filter(str.isalnum, OWN_VALUE)),
        OWN_VALUE[:100],
        f"urn:{OWN_VALUE[40:140]}:x",
    ],
)
def test_no_piece_of_its_own_signature_shows(written: str, cert: str):
    xml = saml.authn_request(issuer=written, ID=f"_{written}")
    url = f"{saml.redirect_url(xml, alg=None)}&SigAlg=x&Signature={saml.escaped(OWN_VALUE)}"
    for form in ("text", "json"):
        result = run("--cert", cert, "--at", AT, "--format", form, text=url)
        assert "[redacted: " in result.stdout
        shown = "".join(result.stdout.split())
        assert not any(piece in shown for piece in (written[:40], written[44:84], written[-30:]))


def test_what_is_no_secret_shows_whole(cert: str):
    long = f"https://app.example.com/{'a-long-path/' * 20}?tenant=x&code"
    result = run(
        *("--cert", cert, "--at", AT, "--format", "json"),
        text=saml.redirect_url(saml.authn_request(issuer=long, Destination=saml.DESTINATION)),
    )
    request = json.loads(result.stdout)["request"]
    assert (request["issuer"], request["destination"]) == (long, saml.DESTINATION)


def test_a_huge_value_is_cut_short(cert: str):
    result = run(
        *("--cert", cert, "--at", AT, "--format", "json", "--binding", "post"),
        text=saml.post_body(saml.authn_request(issuer="eyJh." * 150_000)),
    )
    assert json.loads(result.stdout)["request"]["issuer"].endswith("... (750000 characters)")
    assert len(result.stdout) < 30_000


def test_metadata_in_place_of_a_certificate_is_named(tmp_path: Path):
    path = tmp_path / "md.xml"
    for text, what in (
        ('<md:EntityDescriptor xmlns:md="urn:x"/>', "SAML metadata, not a certificate"),
        ("<EntitiesDescriptor>", "SAML metadata, not a certificate"),
        ("<EntityDescriptors/>", "an XML file"),
    ):
        path.write_text(text)
        result = run("--cert", str(path), text=saml.redirect_url())
        assert result.exit_code == 2
        assert result.stderr.startswith(f"assertcheck: error: md.xml is {what}\n")


class TestWithoutTheExtra:
    @pytest.fixture(autouse=True)
    def _without_signxml(self, monkeypatch: pytest.MonkeyPatch):
        for name in list(sys.modules):
            if name.partition(".")[0] in ("signxml", "lxml"):
                monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, "assertcheck.saml.xml_verifier", raising=False)

    def test_a_form_is_incomplete_and_the_text_says_what_to_install(self, cert: str):
        result = run("--cert", cert, "--at", AT, text=saml.post_body())
        assert result.exit_code == 3
        first, second, *rest = result.stdout.splitlines()
        assert (first, second) == (
            " INCOMPLETE  XML signatures take the extra assertcheck[saml]:",
            "             `pip install '.[saml]'` in its folder",
        )
        assert "not tried (XML signatures take the extra assertcheck[saml])" in " ".join(
            " ".join(rest).split()
        )
        assert any("inside the XML, RSA-SHA256" in line for line in rest)

    def test_all_that_needs_no_verification_is_still_found(self, cert: str):
        for xml, found in (
            (saml.signed_request(alg="SHA1"), "saml-algorithm-not-allowed"),
            (saml.signed_request(ID="8e8d"), "saml-id-invalid"),
            (saml.signed_request(reference="#_other"), "saml-reference-wrong"),
            (saml.signed_request(cert=certificate("other")), "saml-signed-by-other-key"),
            (saml.authn_request(), "saml-request-not-signed"),
        ):
            result = run("--cert", cert, "--at", AT, text=saml.post_body(xml))
            assert result.exit_code == 1
            assert found in result.stdout

    def test_a_redirect_needs_no_extra(self, cert: str):
        assert run("--cert", cert, "--at", AT, text=saml.redirect_url()).exit_code == 0

    def test_an_app_that_requires_no_signature_takes_the_form(self, tmp_path: Path):
        exported = registration(tmp_path / "app.json", **required(is_required=False))
        assert run("--app", exported, "--at", AT, text=saml.post_body()).exit_code == 0


def test_a_redirect_is_judged_without_loading_the_extra(cert: str):
    code = (
        "import sys; from assertcheck.saml.report import diagnose_saml; "
        f"diagnose_saml(sys.stdin.read(), certs=[{cert!r}]); "
        "sys.exit('signxml' in sys.modules or 'lxml' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=saml.redirect_url(), text=True, check=False, timeout=60
    )
    assert done.returncode == 0


SIGN_IN = "https://login.microsoftonline.com/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee/saml2"
POSTED = RECORDED["samlify 2.13.1", "form, signed by default"]
MISPLACED = (
    SIGN_IN
    + "?SAMLRequest="
    + saml.escaped(
        saml.redirect_value(base64.b64decode(unquote(POSTED.partition("=")[2].partition("&")[0])))
    )
    + "&RelayState=abc"
)
"""What libraries with an option like `embed_sign` send: the signed XML of a form in a redirect."""
SHOWN = {
    "wrong-place": (MISPLACED, ["--cert", "rsa-2048.pem"]),
    "reencoded": (
        RECORDED["node-saml 5.1.0", "redirect, SHA-256, RelayState: space"],
        ["--cert", "rsa-2048.pem"],
    ),
    "unsigned": (f"{RECORDED['node-saml 5.1.0', 'redirect, unsigned']}\n\n{ERROR}\n", []),
    "accepted": (
        RECORDED["samlify 2.13.1", "redirect, SHA-256, RelayState: url"],
        ["--cert", "rsa-2048.pem"],
    ),
    "signed-by-key-info": (POSTED, ["--cert", "other.pem"]),
    "sha1": (
        RECORDED["node-saml 5.1.0", "redirect, signed by default"],
        ["--cert", "rsa-2048.pem"],
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_reports_look_as_they_did(
    name: str, golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(ROOT / "sample_certs")
    paste, options = SHOWN[name]
    golden(f"saml-{name}.txt", run(*options, "--at", SAMPLES_AT, text=paste).stdout)


def test_the_json_looks_as_it_did(
    golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(ROOT / "sample_certs")
    paste, options = SHOWN["signed-by-key-info"]
    result = run(*options, "--at", SAMPLES_AT, "--format", "json", text=paste)
    golden("saml-signed-by-key-info.json", result.stdout)
