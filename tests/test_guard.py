"""No command overwrites what it reads."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner, Result

from assertcheck.cli import app
from tests.build import CLIENT_ID, NOW, TENANT, certificate, key, pem, token
from tests.build_graph import application, as_json

AT = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("cert.pem").write_bytes(pem(certificate()))
    Path("key.pem").write_bytes(
        key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    Path("a.jwt").write_text(token())
    Path("app.json").write_bytes(as_json(application(certificate())))
    Path("link.pem").symlink_to("key.pem")
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(app, list(args))


SIGN = (
    "sign",
    "--cert",
    "cert.pem",
    "--key",
    "key.pem",
    "--client-id",
    CLIENT_ID,
    "--tenant",
    TENANT,
)
VERIFY = ("verify", "a.jwt", "--cert", "cert.pem", "--at", AT)


@pytest.mark.parametrize(
    "args",
    [
        (*SIGN, "--output", "key.pem"),
        (*SIGN, "--output", "./cert.pem"),
        (*SIGN, "--output", "link.pem"),
        (*VERIFY, "--output", "a.jwt"),
        (*VERIFY, "--report", "json=cert.pem"),
        ("app", "app.json", "--output", "app.json"),
        ("cert", "cert.pem", "--report", "text=cert.pem"),
    ],
)
def test_what_is_read_is_not_overwritten(files: Path, args: tuple[str, ...]):
    before = {path.name: path.read_bytes() for path in files.iterdir()}
    shown = run(*args)
    assert shown.exit_code == 2
    assert shown.stdout == ""
    assert shown.stderr.startswith("assertcheck: error: the output would overwrite a file")
    assert {path.name: path.read_bytes() for path in files.iterdir()} == before


@pytest.mark.parametrize("second", ["out.json", "./out.json"])
def test_no_file_is_written_twice(files: Path, second: str):
    shown = run(*VERIFY, "--output", "out.json", "--report", f"json={second}")
    assert shown.exit_code == 2
    assert "one file is named for two outputs" in shown.stderr
    assert not Path("out.json").exists()


def test_a_file_of_its_own_is_written(files: Path):
    shown = run(*VERIFY, "--output", "out.txt", "--report", "json=out.json")
    assert shown.exit_code == 0
    assert Path("out.txt").read_text().startswith(" ACCEPTED")
    assert Path("out.json").read_text().startswith("{")


def test_an_old_output_is_written_anew(files: Path):
    Path("out.txt").write_text("old")
    assert run(*VERIFY, "--output", "out.txt").exit_code == 0
    assert Path("out.txt").read_text().startswith(" ACCEPTED")


def test_a_dash_is_standard_output(files: Path):
    assert run(*VERIFY, "--output", "-").stdout.startswith(" ACCEPTED")
    assert run(*SIGN, "--output", "-").stdout.count(".") == 2
    assert not Path("-").exists()


def test_a_paste_is_no_path(files: Path):
    shown = run("verify", token(), "--cert", "cert.pem", "--at", AT, "--output", "a.jwt")
    assert shown.exit_code == 0
    shown = run("decode", "a\0b=", "--format", "json")
    assert shown.exit_code == 0
