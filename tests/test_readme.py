"""The README's commands, run as they stand there."""

import base64
import os
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
    printed = done.stdout.decode()
    if "preflight" not in words:
        return printed
    # It signs anew each time.
    printed = re.sub(r"(?<=sha256:)[0-9a-f]{64}", "…", printed)
    return re.sub(r"(?m)(?<=^  jti {7})[0-9a-f-]{36}$", "…", printed)


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


STEP = re.compile(r"assertcheck preflight .*--strict(?: --report \S+)?")


def test_the_pipeline_steps_pass_with_the_samples(tmp_path: Path):
    text = README.read_text(encoding="utf-8")
    steps = [
        match[0]
        for block in FENCE.finditer(text)
        if block["language"] == "yaml"
        for match in STEP.finditer(block["body"])
    ]
    assert len(steps) == 3
    pfx = ROOT / "sample_certs" / "rsa-2048.pfx"
    app = ROOT / "sample_certs" / "registrations" / "app.json"
    # The step of GitHub writes the base64 of the PFX as it is.
    (tmp_path / "app.pfx").write_bytes(base64.b64encode(pfx.read_bytes()))
    (tmp_path / "app.json").write_bytes(app.read_bytes())
    values = {
        "$RUNNER_TEMP/app.pfx": "app.pfx",
        "$(pfx.secureFilePath)": str(pfx),
        "$APP_PFX": "app.pfx",
        "$TENANT_ID": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
        "$(tenantId)": "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee",
    }
    password = (ROOT / "sample_certs" / "rsa-2048.pfx.password.txt").read_text().strip()
    for step in steps:
        words = [values.get(word, word) for word in shlex.split(step)]
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=tmp_path,
            env={**os.environ, "PFX_PASSWORD": password, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
        assert b"ACCEPTED" in done.stdout


def test_each_command_shown_is_one_the_program_has():
    from typer.main import get_command

    from assertcheck.cli import app
    from assertcheck.cli.group import COMMANDS, AssertcheckGroup

    group = get_command(app)
    assert isinstance(group, AssertcheckGroup)
    loaded = {name: group.get_command(None, name) for name in COMMANDS}
    commands = {name: command for name, command in loaded.items() if command}
    assert commands.keys() == loaded.keys()
    text = README.read_text(encoding="utf-8")
    shown = re.findall(
        r"assertcheck ([a-z]+)\b(.*)", "\n".join(m["body"] for m in FENCE.finditer(text))
    )
    assert {name for name, _ in shown if name in commands} == commands.keys()
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
