"""Where the password of a key file comes from, from outside the program: it is shown nowhere."""

import codecs
import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from typer.testing import CliRunner, Result

from assertcheck import CertificateError, Verdict, diagnose
from assertcheck.cli import app
from assertcheck.cli import password as source
from tests import seeded
from tests.build import NOW, certificate, key, pem, token

AT = NOW.isoformat()
PASSWORD = "sésame-ouvre-toi"
ROOT = Path(__file__).parents[1]
PATIENCE = 30
"""Seconds until a test gives up."""
MISSING = [
    "assertcheck: error: app.pfx is a PFX (PKCS#12) with a password, and none was given",
    "assertcheck: hint: give it with --password-env NAME or --password-file FILE, or run this at "
    "a terminal, where it is asked for",
]
WRONG = [
    "assertcheck: error: app.pfx is a PFX (PKCS#12) that the password given does not open",
    "assertcheck: hint: check it for quotes and line ends around it; if it is right, the file is "
    "damaged",
]


@pytest.fixture
def pfx(tmp_path: Path) -> str:
    path = tmp_path / "app.pfx"
    encryption = serialization.BestAvailableEncryption(PASSWORD.encode())
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(None, key(), certificate(), None, encryption)
    )
    return str(path)


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """There is no terminal, wherever the tests run."""
    monkeypatch.setattr(source, "_TERMINAL", str(tmp_path / "no-terminal"))


def verify(*args: str) -> Result:
    result = CliRunner().invoke(app, ["verify", "--at", AT, *args], input=token())
    assert PASSWORD not in result.output
    return result


def test_a_password_comes_from_the_environment(pfx: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PFX_PASSWORD", PASSWORD)

    result = verify("--cert", pfx, "--password-env", "PFX_PASSWORD")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "only the public half of its private key is used" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    "octets",
    [
        PASSWORD.encode(),
        PASSWORD.encode() + b"\n",
        PASSWORD.encode() + b"\r\n",
        codecs.BOM_UTF8 + PASSWORD.encode() + b"\r\n",
        (PASSWORD + "\r\n").encode("utf-16"),
        codecs.BOM_UTF16_BE + (PASSWORD + "\n").encode("utf-16-be"),
    ],
    ids=["bare", "LF", "CRLF", "UTF-8 with a mark", "as PowerShell redirects", "big-endian"],
)
def test_a_password_comes_from_a_file_however_it_was_saved(octets: bytes, pfx: str, tmp_path: Path):
    path = tmp_path / "password.txt"
    path.write_bytes(octets)

    result = verify("--cert", pfx, "--password-file", str(path))

    assert (result.exit_code, result.stderr) == (0, "")


def test_it_opens_what_stands_in_also_as_well(pfx: str, tmp_path: Path):
    (tmp_path / "other.pem").write_bytes(pem(certificate("other")))
    (tmp_path / "password.txt").write_text(PASSWORD, encoding="utf-8")

    result = verify(
        *("--cert", str(tmp_path / "other.pem"), "--also", pfx),
        *("--password-file", str(tmp_path / "password.txt")),
    )

    assert result.exit_code == 1
    assert "app.pfx [also]" in result.stdout


def test_without_a_password_and_a_terminal_the_three_ways_are_named(pfx: str):
    result = verify("--cert", pfx)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == MISSING


@pytest.mark.parametrize("wrong", ["another one", f" {PASSWORD}", f"'{PASSWORD}'", PASSWORD[:-1]])
def test_a_wrong_password_is_two_lines_without_it(
    wrong: str, pfx: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PFX_PASSWORD", wrong)

    result = verify("--cert", pfx, "--password-env", "PFX_PASSWORD")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines() == WRONG


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"", MISSING[0]),
        (b"\r\n", MISSING[0]),
        (PASSWORD.encode("latin-1"), "app.pfx is a PFX (PKCS#12) with a password, and the one"),
        (PASSWORD.encode() + b"\0", "app.pfx is a PFX (PKCS#12) with a password, and the one"),
        (PASSWORD.encode() + b"\n\n", WRONG[0]),
        (b"x" * 5_000, "is larger than 4 KiB"),
    ],
    ids=["empty", "only a line end", "Latin-1", "a NUL", "two line ends", "a whole page"],
)
def test_a_password_file_that_cannot_serve_is_two_lines(
    octets: bytes, message: str, pfx: str, tmp_path: Path
):
    path = tmp_path / "password.txt"
    path.write_bytes(octets)

    result = verify("--cert", pfx, "--password-file", str(path))

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr.splitlines()[0]
    assert len(result.stderr.splitlines()) == 2


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--password-env", "hunter2"), "--password-env names no environment variable that is set"),
        (("--password-env", ""), "--password-env names no environment variable that is set"),
        (("--password-file", "hunter2"), "--password-file names no file that can be read"),
        (("--password-file", "hunter2\0"), "--password-file names no file that can be read"),
        (
            ("--password-file", "hunter2", "--password-env", "HOME"),
            "--password-env and --password-file are both given",
        ),
        (("--password-file", "."), ". is a folder"),
        (("--password-file", "/dev/zero"), "/dev/zero is not a regular file"),
        (("--password-env",), "--password-env stands without its value"),
        (("--password", "hunter2"), "there is no such option"),
    ],
)
def test_a_password_in_the_place_of_a_name_is_not_repeated(
    args: tuple[str, ...], message: str, pfx: str
):
    result = verify("--cert", pfx, *args)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0] == f"assertcheck: error: {message}"
    assert len(result.stderr.splitlines()) == 2
    assert "hunter2" not in result.stderr


@pytest.mark.parametrize("octets", [b"", seeded.octets("junk", 300), b"<html>", token().encode()])
def test_a_file_that_is_no_container_is_two_lines_without_it(octets: bytes, tmp_path: Path):
    path = tmp_path / "app.pfx"
    path.write_bytes(octets)

    result = verify("--cert", str(path))

    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == ["error", "hint"]
    assert "app.pfx" in result.stderr
    assert token()[:20] not in result.stderr


# As a library


def test_the_library_takes_a_password_or_asks_for_it(pfx: str):
    asked: list[str] = []

    def answer(label: str) -> bytes:
        asked.append(label)
        return PASSWORD.encode()

    for password in (PASSWORD, PASSWORD.encode(), answer):
        report = diagnose(token(), certs=[pfx], password=password, at=NOW)
        assert report.verdict is Verdict.ACCEPTED
        assert PASSWORD not in repr(report)
    assert asked == ["app.pfx"]
    with pytest.raises(CertificateError, match="none was given"):
        diagnose(token(), certs=[pfx], at=NOW)


def test_a_key_alone_leaves_the_verdict_open(tmp_path: Path):
    path = tmp_path / "app.key"
    path.write_bytes(
        key().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )

    report = diagnose(token(), certs=[path], at=NOW)

    assert report.verdict is Verdict.INCOMPLETE
    (facts,) = report.keys
    assert (facts.label, facts.kind, facts.signature) == ("app.key", "public-key", "valid")
    assert facts.notes == ("only the public half of its private key is used",)


def test_a_folder_is_a_source_of_keys_too(tmp_path: Path):
    folder = tmp_path / "certs"
    folder.mkdir()
    (folder / "app.pem").write_bytes(pem(certificate()))
    (folder / "app.der").write_bytes(certificate().public_bytes(serialization.Encoding.DER))
    (folder / "notes.txt").write_text("which is which")

    report = diagnose(token(), certs=[folder, folder / "app.pem"], at=NOW)

    assert report.verdict is Verdict.ACCEPTED
    (facts,) = report.keys
    assert facts.label == "certs/app.der"
    assert facts.notes == (
        "beside it was skipped: certs/notes.txt is text without a certificate or key in it",
    )


def test_octets_are_a_source_of_keys_too():
    encryption = serialization.BestAvailableEncryption(b"x")
    octets = pkcs12.serialize_key_and_certificates(None, key(), certificate(), None, encryption)

    report = diagnose(token(), certs=[octets], password="x", at=NOW)

    assert [facts.label for facts in report.keys] == ["certificate"]


# At a terminal

PROGRAM = """
import fcntl, os, sys, termios
terminal = int(os.environ["TERMINAL"])
fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
os.close(terminal)
from assertcheck.__main__ import main
main()
"""
"""The program, with the terminal of that descriptor as its controlling one."""


PASTE_PROMPT, PASSWORD_PROMPT = b"Ctrl-D\r\n", b": "


def at_terminal(
    *args: str, answer: bytes, stderr: Path | None = None, paste: bool = False
) -> tuple[int, str, bytes]:
    """How the program ends, what it prints, and what the terminal shows.

    The assertion comes on standard input or, with `paste`, is typed at the terminal too; `answer`
    is typed once the prompt for it stands there. Its stderr is the terminal, or a file.
    """
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    answers = {PASSWORD_PROMPT: answer}
    if paste:
        answers[PASTE_PROMPT] = token().encode() + b"\r\r"
    with (stderr or Path(os.devnull)).open("wb") as elsewhere:
        running = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "verify", "--at", AT, *args],
            stdin=slave if paste else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=elsewhere if stderr else slave,
            env=os.environ | {"TERMINAL": str(slave)},
            pass_fds=(slave,),
            start_new_session=True,
            cwd=ROOT,
        )
    shown = b""
    try:
        if running.stdin:
            running.stdin.write(token().encode())
            running.stdin.close()
        deadline = time.monotonic() + PATIENCE
        while running.poll() is None or select.select([master], [], [], 0)[0]:
            assert time.monotonic() < deadline
            if select.select([master], [], [], 0.05)[0]:
                shown += os.read(master, 65_536)
            for prompt in [prompt for prompt in answers if shown.endswith(prompt)]:
                # The echo is off by now, or what is typed shows.
                os.write(master, answers.pop(prompt))
        assert running.stdout
        printed = running.stdout.read().decode()
        running.stdout.close()
        assert termios.tcgetattr(slave) == before
    finally:
        running.kill()
        running.wait(PATIENCE)
        os.close(master)
        os.close(slave)
    for secret in (PASSWORD, token().rpartition(".")[2]):
        assert secret not in printed
        assert secret.encode() not in shown
    return running.returncode, printed, shown


def test_a_terminal_is_asked_while_standard_input_is_the_paste(pfx: str):
    code, printed, shown = at_terminal("--cert", pfx, answer=PASSWORD.encode() + b"\n")

    assert (code, printed[:10]) == (0, " ACCEPTED ")
    assert shown.replace(b"\r\n", b"\n") == b"assertcheck: password for app.pfx: \n"


def test_where_stderr_is_a_file_the_terminal_shows_the_prompt(pfx: str, tmp_path: Path):
    answer = PASSWORD.encode() + b"\n"

    code, _, shown = at_terminal("--cert", pfx, answer=answer, stderr=tmp_path / "errors.txt")

    assert (code, shown) == (0, b"assertcheck: password for app.pfx: \r\n")
    assert (tmp_path / "errors.txt").read_bytes() == b""


def test_where_stderr_is_a_file_the_error_goes_there(pfx: str, tmp_path: Path):
    code, _, shown = at_terminal("--cert", pfx, answer=b"\x04", stderr=tmp_path / "errors.txt")

    assert (code, shown) == (2, b"assertcheck: password for app.pfx: ")
    assert (tmp_path / "errors.txt").read_text().splitlines() == MISSING


def test_a_terminal_takes_the_paste_and_then_the_password(pfx: str):
    answer = PASSWORD.encode() + b"\n"

    code, printed, shown = at_terminal("--cert", pfx, answer=answer, paste=True)

    assert (code, printed[:10]) == (0, " ACCEPTED ")
    assert shown.endswith(b"\r\nassertcheck: password for app.pfx: \r\n")


def test_in_the_prompt_a_name_does_no_harm(pfx: str, tmp_path: Path):
    path = Path(pfx).rename(tmp_path / "a\x1b[2Jb.pfx")

    code, _, shown = at_terminal("--cert", str(path), answer=PASSWORD.encode() + b"\n")

    assert (code, shown) == (0, b"assertcheck: password for a\\u001b[2Jb.pfx: \r\n")


def test_an_interrupt_at_the_prompt_exits_with_130(pfx: str):
    code, printed, shown = at_terminal("--cert", pfx, answer=b"\x03")

    assert (code, printed) == (130, "")
    assert shown == b"assertcheck: password for app.pfx: \r\n"


NOT_TEXT = [MISSING[0].replace("none was given", "the one given is not UTF-8 text")]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"wrong\n", WRONG[:1]),
        (b"\n", MISSING[:1]),
        (b"\x04", MISSING[:1]),
        (b"\xff\n", NOT_TEXT),
    ],
)
def test_a_wrong_answer_or_none_is_two_lines(answer: bytes, said: list[str], pfx: str):
    code, printed, shown = at_terminal("--cert", pfx, answer=answer)

    assert (code, printed) == (2, "")
    prompt, *lines = shown.decode().splitlines()
    assert prompt == "assertcheck: password for app.pfx: "
    assert (lines[:1], len(lines)) == (said, 2)


def test_a_certificate_without_a_password_asks_nobody(tmp_path: Path):
    path = tmp_path / "app.pem"
    path.write_bytes(pem(certificate()))

    code, _, shown = at_terminal("--cert", str(path), answer=b"")

    assert (code, shown) == (0, b"")
