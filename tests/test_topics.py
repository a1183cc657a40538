"""What the topic pages tell people to run gives what they say."""

import base64
import hashlib
import re
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from assertcheck.cli import app
from assertcheck.rules.topics import TOPICS
from tests.build import certificate, der, pem, x5t, x5t_s256

LANGUAGES = ("sh", "python", "javascript", "csharp", "powershell")
INTERPRETERS = {
    "sh": ["sh", "-e"],
    "python": [sys.executable, "-"],
    "javascript": ["node", "-"],
}
RUNNABLE = [
    language
    for language, (program, *_) in INTERPRETERS.items()
    if language in ("sh", "python") or shutil.which(program)
]


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TOPICS["x5t"], re.DOTALL | re.MULTILINE)


def run(language: str, code: str, folder) -> list[str]:
    return subprocess.run(
        INTERPRETERS[language], input=code, cwd=folder, text=True, capture_output=True, check=True
    ).stdout.splitlines()


def signed_by_another():
    """A certificate whose thumbprints differ in the two alphabets, with words before it."""
    return next(
        cert
        for serial in range(1, 200)
        for cert in (certificate("topic", serial=serial),)
        if set("-_") & set(x5t(cert)) and set("-_") & set(x5t_s256(cert))
    )


@pytest.mark.parametrize("language", RUNNABLE)
def test_the_code_prints_both_thumbprints(language, tmp_path):
    cert = signed_by_another()
    (tmp_path / "cert.pem").write_bytes(pem(cert))

    printed = run(language, blocks(language)[0], tmp_path)

    assert printed == [
        base64.urlsafe_b64encode(digest(der(cert)).digest()).decode().rstrip("=")
        for digest in (hashlib.sha1, hashlib.sha256)
    ]


def test_the_way_to_see_that_it_is_right_works(tmp_path):
    (tmp_path / "cert.pem").write_bytes(pem(certificate()))

    (printed,) = run("sh", blocks("sh")[1], tmp_path)

    shown = bytes.fromhex(printed.partition("=")[2].replace(":", ""))
    assert base64.urlsafe_b64encode(shown).decode().rstrip("=") == x5t(certificate())


def test_the_example_of_microsoft_is_what_the_page_says():
    digest = bytes.fromhex("84E05C1D98BCE3A5421D225B140B36E86A3D5534")

    assert digest.hex().upper() in TOPICS["x5t"]
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") in TOPICS["x5t"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_code(language):
    assert blocks(language)


def prose(page):
    return re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE).splitlines()


def test_a_page_fits_a_terminal_and_its_blocks_are_closed():
    for name, text in TOPICS.items():
        assert name == name.lower()
        assert text.count("```") % 2 == 0
        page = CliRunner().invoke(app, ["explain", name]).stdout
        assert all(len(line) <= 100 or "`" in line for line in prose(page))
