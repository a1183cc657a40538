"""The program from outside: what it prints, where, and how it ends."""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner, Result

import assertcheck
from assertcheck.cli import app
from assertcheck.families import EVERY_RULE
from tests import seeded
from tests.build import NOW, certificate, pem, token

PROGRAM = [sys.executable, "-m", "assertcheck"]
AT = NOW.isoformat()
SECRETISH = token()


@pytest.fixture
def cert(tmp_path: Path) -> str:
    path = tmp_path / "app.pem"
    path.write_bytes(pem(certificate()))
    return str(path)


def run(*args: str, text: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, list(args), input=text)


def errors_of(result: Result) -> list[str]:
    return result.stderr.splitlines()


def process(*args: str, text: str = "", **options) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*PROGRAM, *args],
        input=text.encode(),
        capture_output=True,
        check=False,
        timeout=60,
        **options,
    )


def test_a_right_assertion_on_standard_input_exits_with_0(cert: str):
    result = run("verify", "--cert", cert, "--at", AT, text=token())
    assert result.exit_code == 0
    assert result.stdout.startswith(" ACCEPTED ")
    assert result.stderr == ""


def test_a_broken_one_exits_with_1_and_leads_with_code_and_cause(cert: str):
    result = run("verify", "--cert", cert, "--at", AT, text=token(head={"typ": "at+jwt"}))
    assert result.exit_code == 1
    first, second, *_ = result.stdout.splitlines()
    assert first == " REFUSED  AADSTS5002727"
    assert second == "cause   Wrong token type [typ-wrong]"


def test_one_without_a_certificate_exits_with_3():
    result = run("verify", "--at", AT, text=token())
    assert result.exit_code == 3
    assert result.stdout.startswith(" INCOMPLETE  no certificate was given")


def test_strict_lets_warnings_fail(cert: str):
    text = token(head={"typ": "jwt"})
    assert run("verify", "--cert", cert, "--at", AT, text=text).exit_code == 0
    strict = run("verify", "--cert", cert, "--at", AT, "--strict", text=text)
    assert strict.exit_code == 1
    assert errors_of(strict) == [
        "assertcheck: note: accepted, but --strict lets warnings fail: exit code 1"
    ]


@pytest.mark.parametrize("name", ["-", "file", "argument", None])
def test_input_comes_in_every_way(name: str | None, cert: str, tmp_path: Path):
    path = tmp_path / "assertion.jwt"
    path.write_text(token() + "\n")
    given = {"file": [str(path)], "argument": [token()], "-": ["-"], None: []}[name]
    result = run("verify", *given, "--cert", cert, "--at", AT, text=token())
    assert result.exit_code == 0


def test_a_live_assertion_as_argument_draws_a_note_on_stderr(cert: str):
    live = token(exp=int(time.time()) + 600)
    assert errors_of(run("verify", live, "--cert", cert)) == [
        "assertcheck: note: the assertion is live, and shell history and process lists keep "
        "arguments; pipe it in"
    ]
    assert run("verify", token(exp=int(time.time()) - 600), "--cert", cert).stderr == ""
    assert run("verify", "--cert", cert, text=live).stderr == ""
    assert run("verify", "eyJ no assertion at all", "--cert", cert).stderr == ""


def test_json_follows_the_schema_that_the_program_prints(cert: str):
    schema = json.loads(run("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    for text in (
        token(),
        token(head={"typ": "at+jwt"}),
        token(exp=float("inf")),
        "words",
        "-----BEGIN PRIVATE KEY-----",
        token(aud="https://fs.contoso.com/adfs/oauth2/token"),
    ):
        result = run("verify", "--cert", cert, "--at", AT, "--format", "json", text=text)
        jsonschema.validate(
            json.loads(result.stdout, parse_constant=pytest.fail),
            schema,
            format_checker=jsonschema.FormatChecker(),
        )


def test_the_schema_knows_each_field_and_no_others(cert: str):
    result = run("verify", "--cert", cert, "--at", AT, "--format", "json", text=token())
    broken = json.loads(result.stdout) | {"surprise": 1}
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.validate(broken, json.loads(run("schema").stdout))


def test_reports_go_to_files_as_well(cert: str, tmp_path: Path):
    text, data = tmp_path / "report.txt", tmp_path / "report.json"
    result = run(
        *("verify", "--cert", cert, "--at", AT, "--output", str(text), "--report", f"json={data}"),
        text=token(),
    )
    assert (result.exit_code, result.stdout) == (0, "")
    assert text.read_text().startswith(" ACCEPTED ")
    assert json.loads(data.read_text())["verdict"] == "accepted"


@pytest.mark.parametrize("target", ["json", "pdf=x", "json=", "=x"])
def test_a_report_without_form_or_file_is_an_error(target: str, cert: str):
    result = run("verify", "--cert", cert, "--at", AT, "--report", target, text=token())
    assert (result.exit_code, result.stdout) == (2, "")
    assert errors_of(result) == [
        "assertcheck: error: --report takes FORMAT=FILE",
        "assertcheck: hint: FORMAT is text or json",
    ]


@pytest.mark.parametrize("path", ["missing/report.txt", "nul\0byte"])
def test_a_report_that_cannot_be_written_is_an_error(path: str, cert: str, tmp_path: Path):
    result = run(
        "verify", "--cert", cert, "--at", AT, "--output", str(tmp_path / path), text=token()
    )
    assert (result.exit_code, result.stdout) == (2, "")
    assert errors_of(result)[0].startswith("assertcheck: error: cannot write the report: no")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([SECRETISH], "there is no such command"),
        (["--" + SECRETISH], "there is no such option"),
        (["verify", "--" + SECRETISH], "there is no such option"),
        (["verify", "x", SECRETISH], "there is an argument too many"),
        (["verify", "--leeway", SECRETISH], "no good value for --leeway"),
        (["verify", "--min-days", SECRETISH], "no good value for --min-days"),
        (["verify", "--min-days", "-1"], "no good value for --min-days"),
        (["verify", "--format", SECRETISH], "no good value for --format"),
        (["verify", "--at", SECRETISH], "--at takes a time in ISO 8601 or in seconds since 1970"),
        (["verify", "--cloud", SECRETISH], "there is no such cloud"),
        (["verify", "--tenant", SECRETISH], "the tenant is neither a GUID nor a domain name"),
        (["verify", "--client-id", SECRETISH], "the client id is not a GUID"),
        (["verify", "--token-url", SECRETISH], "the token URL is not an https URL"),
        (["verify", "--report", SECRETISH], "--report takes FORMAT=FILE"),
        (["verify", "--cert", SECRETISH], None),
        (["verify", "--leeway"], "--leeway stands without its value"),
        (["verify", "--strict=" + SECRETISH], "--strict takes no value"),
        (["explain", SECRETISH], "that is an assertion, and no error of Entra ID"),
        (["explain"], "that is an assertion, and no error of Entra ID"),
        (["explain", SECRETISH[:30]], "no rule, code or topic has that name"),
        (["sign", "--as", SECRETISH], "no good value for --as"),
        (["sign", SECRETISH], "--cert is missing"),
        (["cert"], "no FILE was given"),
        (["verify", "--clientid", "x"], "there is no such option"),
    ],
)
def test_no_usage_error_repeats_the_value_it_complains_about(args: list[str], message: str | None):
    result = run(*args, text=token())
    assert (result.exit_code, result.stdout) == (2, "")
    error, hint = errors_of(result)
    assert error.startswith("assertcheck: error: ")
    assert hint.startswith("assertcheck: hint: ")
    assert message is None or error == f"assertcheck: error: {message}"
    assert SECRETISH[:12] not in result.stderr


LISTED = "`assertcheck {} --help` lists what there is"
WRONG_OPTIONS = {
    "verify --clientid x": "did you mean --client-id? ",
    "verify --client_id x": "did you mean --client-id? ",
    "verify --client x": "did you mean --client-id? ",
    "verify --tenant-id x": "did you mean --tenant? ",
    "verify --certs x": "did you mean --cert? ",
    "verify --certfile x": "did you mean --cert? ",
    "verify --pfx x": "did you mean --cert? ",
    "verify --PEM x": "did you mean --cert? ",
    "verify --certificate=x": "did you mean --cert? ",
    "verify --password x": "did you mean --password-env? ",
    "verify --passwort x": "did you mean --password-env? ",
    "verify --app-id x": "did you mean --client-id? ",
    "verify --url x": "did you mean --token-url? ",
    "verify --json": "did you mean --format json? ",
    "verify -o x": "did you mean --output? ",
    "verify --a x": "",
    "verify --private-key x": "",
    "verify --fish x": "",
    "verify --manifest x": "did you mean --app? ",
    "sign --json": "did you mean --as json? ",
    "sign --private-key x": "did you mean --key? ",
    "sign --algorithm x": "did you mean --alg? ",
    "preflight --pfx x": "did you mean --cert? ",
    "cert --pfx x": "write `assertcheck cert FILE`, without an option; ",
    "cert --cert x": "write `assertcheck cert FILE`, without an option; ",
    "app --app x": "write `assertcheck app FILE`, without an option; ",
}


@pytest.mark.parametrize("line", WRONG_OPTIONS)
def test_a_wrong_option_is_answered_with_the_one_meant(line: str):
    assert errors_of(run(*line.split())) == [
        "assertcheck: error: there is no such option",
        f"assertcheck: hint: {WRONG_OPTIONS[line]}{LISTED.format(line.split()[0])}",
    ]


MISUSES = {
    "preflight app.pfx --client-id x": ("--cert is missing", "write `--cert FILE`"),
    "cert": ("no FILE was given", "write `assertcheck cert FILE`"),
    "cert --format xml c.pem": ("no good value for --format", "choose text or json"),
    "sign --as bash --cert x": ("no good value for --as", "choose jwt, curl or json"),
    "verify --min-days soon": (
        "no good value for --min-days",
        "write a whole number from 0 to 36500",
    ),
    "verify --cert": ("--cert stands without its value", "write the value behind --cert"),
    "verify --strict=yes": ("--strict takes no value", "write `--strict` alone"),
    "verify a b": ("there is an argument too many", LISTED.format("verify")),
    "--cert x verify": (
        "there is no such option",
        "name the command first; `assertcheck --help` lists what there is",
    ),
    "verfy": ("there is no such command", "to check an assertion, run `assertcheck verify`"),
}


@pytest.mark.parametrize("line", MISUSES)
def test_a_misuse_is_answered_with_what_to_write(line: str):
    message, hint = MISUSES[line]
    assert errors_of(run(*line.split())) == [
        f"assertcheck: error: {message}",
        f"assertcheck: hint: {hint}",
    ]


def test_the_help_of_a_command_speaks_of_its_own_options_only():
    assert "--cert" not in run("cert", "--help").stdout
    assert "is then what the client holds" not in run("preflight", "--help").stdout


def test_a_misspelled_rule_is_answered_with_the_one_meant():
    assert "did you mean typ-wrong" in run("explain", "typ-wrng").stderr


@pytest.mark.parametrize("name", ["missing.pem", "folder", "empty.pem", "junk.pem"])
def test_a_file_that_cannot_serve_is_two_lines_and_exit_2(name: str, tmp_path: Path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.pem").touch()
    (tmp_path / "junk.pem").write_bytes(seeded.octets("junk", 500))
    result = run("verify", "--cert", str(tmp_path / name), "--at", AT, text=token())
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(":")[1] for line in errors_of(result)] == [" error", " hint"]
    assert name in result.stderr


@pytest.mark.parametrize("command", ["verify", "decode"])
@pytest.mark.parametrize("given", ["", " \n", "folder", "missing.jwt"])
def test_input_that_is_not_there_is_two_lines_and_exit_2(command: str, given: str, tmp_path: Path):
    (tmp_path / "folder").mkdir()
    args = [str(tmp_path / given)] if given.strip() else []
    result = run(command, *args, text=given)
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(errors_of(result)) == 2


def test_decode_shows_what_is_there_and_judges_nothing():
    result = run("decode", "--at", AT, text=token(aud=["x"], exp="soon", name="\u202eevil\x1b[31m"))
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "\u202e" not in result.stdout
    assert 'name  "\\u202eevil' in result.stdout or "name  \\u202eevil\\u001b[31m" in result.stdout
    assert "nbf   1773143940  2026-03-10 11:59:00Z, 1 min ago" in result.stdout


def test_decode_tells_of_flaws_and_of_what_was_cleaned_away():
    result = run("decode", text=f'"{".".join(token().split(".")[:2])}="')
    assert result.exit_code == 0
    assert "assertion: segment-count, 2, parted by dots" in result.stdout
    assert "cleaned away: quotes" in result.stdout
    assert "none that can be decoded" in result.stdout


def test_decode_of_nothing_readable_says_so():
    assert run("decode", text="a.b.c").stdout.count("nothing readable") == 2


def test_decode_writes_json_and_files(tmp_path: Path):
    path = tmp_path / "decoded.json"
    result = run("decode", "--format", "json", "--output", str(path), text=token())
    assert (result.exit_code, result.stdout) == (0, "")
    decoded = json.loads(path.read_text())
    assert decoded["assertion"]["header"]["alg"] == "RS256"
    assert decoded["assertion"]["signature_octets"] == 256
    missing = json.loads(run("decode", "--format", "json", text="eyJhIjoxfQ.e30").stdout)
    assert missing["assertion"]["signature_octets"] is None


def test_rules_come_as_a_table_and_as_json():
    table = run("rules").stdout.splitlines()
    data = json.loads(run("rules", "--format", "json").stdout)["rules"]
    assert [line.split()[0] for line in table] == [rule.id for rule in EVERY_RULE]
    assert [item["id"] for item in data] == [rule.id for rule in EVERY_RULE]
    assert all(item["source_url"].startswith("https://") for item in data)


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_each_rule_has_a_page_that_stands_on_its_own(rule):
    page = run("explain", rule.id.upper())
    assert page.exit_code == 0
    assert page.stdout.startswith(f"{rule.id}: {rule.title}\n")
    assert "Source: " in page.stdout


@pytest.mark.parametrize("what", ["AADSTS700027", "700027", "aadsts700024", "AADSTS50003", "x5t"])
def test_codes_and_topics_have_pages_too(what: str):
    assert run("explain", what).exit_code == 0


def test_a_code_of_which_only_the_text_is_known_shows_just_that():
    lines = run("explain", "76032").stdout.splitlines()
    assert lines[0] == "AADSTS76032"
    assert lines[-1] == 'Entra ID says: "This service principal ID is not a GUID."'


def test_the_clock_takes_seconds_since_1970_as_well(cert: str):
    at = str(int(NOW.timestamp()))
    assert run("verify", "--cert", cert, "--at", at, text=token()).exit_code == 0


def test_the_version_is_printed():
    assert run("--version").stdout == f"assertcheck {assertcheck.__version__}\n"


def test_nothing_given_shows_the_help():
    assert run().stdout == run("--help").stdout == run("-h").stdout


@pytest.mark.parametrize(
    "args", [("decode", token()), ("--version",), ("schema",), ("verify", "--help")]
)
def test_light_commands_import_nothing_heavy(args: tuple[str, ...]):
    code = (
        "import sys\nfrom assertcheck.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'cryptography', 'jwt', 'rich'} & {name.partition('.')[0] for name in sys.modules}\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, check=False, text=True, timeout=60
    )
    assert (done.returncode, done.stderr.partition("imported")[2]) == (0, "")


def test_no_socket_is_ever_opened(cert: str, monkeypatch: pytest.MonkeyPatch):
    import socket

    def refuse(*args: object, **options: object):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for text in (token(), token(aud="https://example.com"), token(head={"jku": "https://a.b"})):
        assert run("verify", "--cert", cert, "--at", AT, text=text).exit_code in (0, 1, 3)


def test_a_reader_who_leaves_early_ends_the_program_quietly(cert: str):
    command = f"{sys.executable} -m assertcheck rules | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, text=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] in ("141", "0")


class Broken(io.StringIO):
    """A standard output whose reader has gone."""

    encoding = "utf-8"
    descriptor = -1

    def write(self, text: str) -> int:
        raise BrokenPipeError

    def fileno(self) -> int:
        return self.descriptor


def test_a_broken_pipe_exits_with_141(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    broken = Broken()
    with (tmp_path / "spare").open("wb") as spare:
        broken.descriptor = spare.fileno()
        monkeypatch.setattr(sys, "stdout", broken)
        with pytest.raises(SystemExit) as ended:
            app(["rules"])
    assert ended.value.code == 141


def test_help_into_a_broken_pipe_exits_with_141_and_not_with_1(monkeypatch: pytest.MonkeyPatch):
    broken = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m assertcheck verify --help > /dev/full"],
        capture_output=True,
        check=False,
    )
    assert broken.returncode in (2, 120)
    monkeypatch.setattr(sys, "stdout", Broken())
    with pytest.raises(SystemExit) as ended:
        app(["--help"])
    assert ended.value.code == 141


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_no_bug(closed: str, cert: str, tmp_path: Path):
    path = tmp_path / "assertion.jwt"
    path.write_text(token())
    command = f"{sys.executable} -m assertcheck verify {path} --cert {cert} --at {AT} {closed}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, text=True)
    assert done.returncode == (2 if ">&-" in closed.split() else 0)
    assert "bug" not in done.stderr
    from_input = f"{sys.executable} -m assertcheck verify {closed}"
    done = subprocess.run(["bash", "-c", from_input], capture_output=True, check=False, text=True)
    assert done.returncode == 2
    assert "bug" not in done.stderr


def test_a_full_disk_is_no_bug():
    command = f"{sys.executable} -m assertcheck rules > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, text=True)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "assertcheck: error: cannot write to standard output: no space left on device",
        "assertcheck: hint: `--output FILE` writes to a file instead",
    ]


def test_streams_that_are_not_there_are_found_out(monkeypatch: pytest.MonkeyPatch, cert: str):
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    for args in (["verify", "--cert", cert], ["rules"]):
        with pytest.raises(SystemExit) as ended:
            app(args)
        assert ended.value.code == 2


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31"])
def test_a_clock_out_of_range_is_an_error(at: str, cert: str):
    result = run("verify", "--cert", cert, "--at", at, text=token())
    assert (result.exit_code, result.stdout) == (2, "")
    assert errors_of(result)[0] == "assertcheck: error: the clock is out of range"


@pytest.mark.parametrize("ending", [KeyboardInterrupt, EOFError])
def test_an_interrupt_exits_with_130(ending: type[BaseException], monkeypatch: pytest.MonkeyPatch):
    def interrupt(*args: object, **options: object):
        raise ending

    monkeypatch.setattr(sys.modules["assertcheck.cli.verify"], "read_input", interrupt)
    result = run("verify")
    assert (result.exit_code, result.stdout) == (130, "")


def test_a_bug_is_two_lines_with_its_place_and_exit_2(monkeypatch: pytest.MonkeyPatch):
    def fail(*args: object, **options: object):
        raise ZeroDivisionError(SECRETISH)

    monkeypatch.setattr("assertcheck.report.decode", fail)
    result = run("verify", text=token())
    assert (result.exit_code, result.stdout) == (2, "")
    error, hint = errors_of(result)
    assert error.startswith(
        "assertcheck: error: a bug in assertcheck: ZeroDivisionError at test_cli.py:"
    )
    assert "ASSERTCHECK_DEBUG=1" in hint
    monkeypatch.setenv("ASSERTCHECK_DEBUG", "1")
    assert "Traceback" in run("verify", text=token()).stderr


def test_completion_is_there_for_the_shells():
    environment = os.environ | {
        "_ASSERTCHECK_COMPLETE": "complete_bash",
        "COMP_WORDS": "assertcheck ve",
        "COMP_CWORD": "1",
    }
    done = process(env=environment)
    assert done.returncode == 0
    assert done.stdout.split() == [b"verify"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_the_terminal_will_do(encoding: str, cert: str):
    text = token(name="\u0416\u2028\ud800" if encoding == "utf-8" else "\u0416")
    done = process(
        *("verify", "--cert", cert, "--at", AT),
        text=text,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "options",
    [[], ["--format", "json"]],
)
@pytest.mark.parametrize("breaking", [{}, {"head": {"typ": "x"}}, {"sub": "other"}, {"exp": 1}])
def test_no_output_holds_the_signature_or_the_whole_assertion(
    options: list[str], breaking: dict, cert: str
):
    text = token(**breaking)
    for command in (["verify", "--cert", cert, "--at", AT], ["decode", "--at", AT]):
        result = run(*command, *options, text=text)
        assert text.rpartition(".")[2] not in result.output
        assert text not in result.output
