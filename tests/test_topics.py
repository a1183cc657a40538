"""What the topic pages tell people to run gives what they say."""

import base64
import hashlib
import itertools
import re
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from assertcheck.cli import app
from assertcheck.render.catalogue import page
from assertcheck.render.layout import Style
from assertcheck.rules.topics import TOPICS
from tests.build import certificate, der, pem, x5t, x5t_s256

CODE = re.DOTALL | re.MULTILINE
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


def prose(shown):
    return re.sub(r"^```.*?^```$", "", shown, flags=re.DOTALL | re.MULTILINE).splitlines()


def test_a_page_fits_a_terminal_and_its_blocks_are_closed():
    for name, text in TOPICS.items():
        assert name == name.lower()
        assert text.count("```") % 2 == 0
        shown = CliRunner().invoke(app, ["explain", name]).stdout
        assert all(len(line) <= 80 or "`" in line for line in prose(shown))


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", TOPICS)
def test_paragraphs_are_laid_out_anew_and_code_stands_as_it_is(name, width):
    shown = page(name, Style(width=width))

    for paragraph in re.split(r"\n\n+", re.sub(r"^```.*?^```$", "", shown, flags=CODE)):
        lines = paragraph.strip("\n").splitlines()
        for line, following in itertools.pairwise(lines):
            if not line.startswith(("    ", "#")):
                # What comes next would not have fitted on it.
                word = re.findall(r"(?:`[^`]*`|\S)+", following)[0]
                assert len(line) + 1 + len(word) > width, line
                assert len(line) <= width or "`" in line
    assert re.findall(r"^```.*?^```$", shown, CODE) == re.findall(
        r"^```.*?^```$", TOPICS[name], CODE
    )
    assert [line for line in shown.splitlines() if line.startswith("    x5t")] == [
        line for line in TOPICS[name].splitlines() if line.startswith("    x5t")
    ]
    assert "<!--" not in shown
    words = re.sub(r"<!--.*?-->", "", TOPICS[name])
    assert shown.split() == words.split()
    assert shown.endswith("\n")
    assert not shown.endswith("\n\n")


def test_headings_and_lists_are_no_paragraphs(monkeypatch):
    text = "# One\ntwo\nthree\n- four\n- five\n1. six\n\n    seven\n<!-- eight -->\nnine\n"
    monkeypatch.setattr("assertcheck.render.catalogue.TOPICS", {"made-up": text})

    assert page("made-up", Style()) == (
        "# One\ntwo three\n- four\n- five\n1. six\n\n    seven\nnine\n"
    )
