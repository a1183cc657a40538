"""The README's commands, run as they stand there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from assertcheck.rules.topics import TOPICS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SESSION = re.compile(
    r"^<!-- \$ (?P<command>.+?) -->\n```\w*\n(?P<shown>.*?)^```$", re.DOTALL | re.MULTILINE
)
"""A command in a comment, and what it prints in the block below it."""
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
PYTHON = re.compile(r"^<!-- runs -->\n```python\n(?P<source>.*?)^```$", re.DOTALL | re.MULTILINE)


def run(command: str) -> str:
    """Return what `command` prints; it may read one file with `<`."""
    words = shlex.split(command)
    assert words[0] == "assertcheck"
    source = None
    if "<" in words:
        source = (ROOT / words[words.index("<") + 1]).read_bytes()
        words = words[: words.index("<")]
    done = subprocess.run(
        [sys.executable, "-m", *words], input=source, cwd=ROOT, capture_output=True, check=False
    )
    assert done.stderr == b""
    assert done.returncode != 2
    return done.stdout.decode()


def sessions() -> list[str]:
    return [match["command"] for match in SESSION.finditer(README.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("command", sessions())
def test_the_readme_shows_what_the_program_prints(command: str, updating: bool):
    printed = run(command)
    text = README.read_text(encoding="utf-8")
    (match,) = (item for item in SESSION.finditer(text) if item["command"] == command)
    if updating:
        start, end = match.span("shown")
        README.write_text(text[:start] + printed + text[end:], encoding="utf-8")
    else:
        assert match["shown"] == printed, "`make golden` accepts it"


def test_the_readme_has_sessions_to_run():
    assert len(sessions()) >= 3


def test_the_readme_tells_how_to_get_the_assertion_as_the_topic_does():
    assert TOPICS["assertion"].removeprefix("# ") in README.read_text(encoding="utf-8")


def test_the_library_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    monkeypatch.chdir(ROOT)
    examples = PYTHON.findall(README.read_text(encoding="utf-8"))
    assert examples
    for source in examples:
        exec(compile(source, "README.md", "exec"), {})
    assert "x5t-is-hex" in capsys.readouterr().out


def test_each_command_shown_is_one_the_program_has():
    from typer.core import TyperGroup
    from typer.main import get_command

    from assertcheck.cli import app

    group = get_command(app)
    assert isinstance(group, TyperGroup)
    commands = group.commands
    text = README.read_text(encoding="utf-8")
    shown = re.findall(
        r"assertcheck ([a-z]+)\b(.*)", "\n".join(m["body"] for m in FENCE.finditer(text))
    )
    assert {name for name, _ in shown if name in commands} >= {"verify", "decode", "explain"}
    for name, rest in shown:
        if name not in commands:
            continue
        known = {option for parameter in commands[name].params for option in parameter.opts}
        for option in re.findall(r"(?<!\S)--[a-z-]+", rest):
            assert option in known | {"--help"}, f"{name} has no {option}"


def test_the_make_targets_shown_are_there():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:^|`)make ([a-z]+)", README.read_text(encoding="utf-8"), re.M):
        assert f"\n{target}:" in makefile
