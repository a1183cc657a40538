"""The prompt, at real pseudo-terminals: nothing is echoed, nothing is cut, all is put back."""

import hashlib
import io
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import threading
import time
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from assertcheck.cli.prompt import _read_keys, read_terminal
from assertcheck.errors import InputError
from tests.build import compact

ROOT = Path(__file__).parents[1]
PATIENCE = 30
"""Seconds until a test gives up."""
LONG = compact({"alg": "RS256", "x5c": ["M" * 15_000]}, {"aud": "x"}, b"\xa5" * 256)
"""In one line, and longer than the 4,095 characters of a canonical one."""

READ = """
import sys
from assertcheck.cli.prompt import read_terminal
try:
    octets = read_terminal(sys.stdin.buffer, limit=1 << 20)
except KeyboardInterrupt:
    sys.exit(130)
import hashlib
print(len(octets), hashlib.sha256(octets).hexdigest(), flush=True)
"""
OWN_TERMINAL = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
SHELL = f"""
import os, signal, subprocess, sys
{OWN_TERMINAL}
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
reader = subprocess.Popen([sys.executable, "-c", {READ!r}], process_group=0)
os.tcsetpgrp(0, reader.pid)
_, status = os.waitpid(reader.pid, os.WUNTRACED)
print("stopped" if os.WIFSTOPPED(status) else "ended", flush=True)
print("echo" if termios.tcgetattr(0)[3] & termios.ECHO else "silent", flush=True)
os.kill(reader.pid, signal.SIGCONT)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(reader.pid, 0)[1]))
"""


class Announcing(io.StringIO):
    """A stderr that tells when the prompt stands there."""

    def __init__(self):
        super().__init__()
        self.prompted = threading.Event()

    def flush(self):
        self.prompted.set()


def drain(master, patience=0.0):
    """What the terminal shows and nobody has read, once something is there or patience ends."""
    shown = b""
    while select.select([master], [], [], 0 if shown else patience)[0]:
        shown += os.read(master, 65_536)
    return shown


def paste(master, octets, size=1000):
    """Write `octets` as a terminal does, reading what it shows: neither side can block."""
    shown = b""
    deadline = time.monotonic() + PATIENCE
    while octets and time.monotonic() < deadline:
        readable, writable, _ = select.select([master], [master], [], 1)
        if readable:
            shown += os.read(master, 65_536)
        if writable:
            octets = octets[os.write(master, octets[:size]) :]
    return shown


@pytest.fixture
def terminal():
    master, slave = pty.openpty()
    yield master, slave
    for descriptor in (master, slave):
        # A test may have hung up.
        if descriptor is not None:
            os.close(descriptor)


@pytest.fixture
def stderr():
    return Announcing()


def interrupt(number):
    # A signal that comes just before read(2) does not end it; a person is never that quick.
    time.sleep(0.05)
    reader = threading.main_thread().ident
    assert reader
    signal.pthread_kill(reader, number)


def answer(terminal, stderr, act, *, limit=1 << 20, what="assertion"):
    """What `read_terminal` makes of a terminal on which `act` happens once it has prompted."""
    master, slave = terminal

    def once_prompted():
        assert stderr.prompted.wait(PATIENCE)
        act(master)

    actor = threading.Thread(target=once_prompted, daemon=True)
    # Whatever goes wrong, the reading ends.
    watchdog = threading.Timer(PATIENCE, os.write, (master, b"\x04"))
    for thread in (actor, watchdog):
        thread.start()
    try:
        with (
            redirect_stderr(stderr),
            open(slave, "rb", buffering=0, closefd=False) as stream,
        ):
            return read_terminal(stream, limit=limit, what=what)
    finally:
        watchdog.cancel()
        actor.join(PATIENCE)
        assert not actor.is_alive()


def test_a_long_line_is_read_whole_and_shown_nowhere(terminal, stderr):
    master, slave = terminal
    before = termios.tcgetattr(slave)
    shown = []

    octets = answer(
        terminal, stderr, lambda master: shown.append(paste(master, LONG.encode() + b"\r\r"))
    )

    assert len(LONG) > 20_000
    assert octets == LONG.encode()
    assert b"".join(shown) + drain(master) == b""
    assert termios.tcgetattr(slave) == before
    assert stderr.getvalue() == (
        "assertcheck: paste the assertion; it is not shown\n"
        "assertcheck: finish with an empty line or Ctrl-D\n"
        "\n"
    )


TYPED = {
    "Ctrl-D behind the paste": (b"abc\x04", b"abc"),
    "Ctrl-D in a new line": (b"abc\r\x04", b"abc"),
    "Ctrl-D alone": (b"\x04", b""),
    "Enter twice": (b"abc\r\r", b"abc"),
    "LF twice": (b"abc\n\n", b"abc"),
    "CRLF twice": (b"abc\r\n\r\n", b"abc"),
    "a paste ending in CRLF, then Enter": (b"abc\r\n\r", b"abc"),
    "a lone Enter first is no end": (b"\rabc\r\r", b"abc"),
    "several are none either": (b"\r\n\r\nabc\n\n", b"abc"),
    "lines come back with LF": (b"a\r\nb\rc\nd\r\r", b"a\nb\nc\nd"),
    "one CRLF is one line end": (b"a\r\nb\x04", b"a\nb"),
    "a bracketed paste": (b"\x1b[200~abc\x1b[201~\r\r", b"abc"),
    "a bracketed paste with its line end": (b"\x1b[200~abc\r\x1b[201~\r", b"abc"),
    "an escape of another sort stays": (b"\x1b[202~\x04", b"\x1b[202~"),
    "backspace": (b"abd\x7fc\x08\x08bc\x04", b"abc"),
    "backspace on nothing": (b"\x7fabc\x04", b"abc"),
    "octets beyond ASCII": ("ä€\x04".encode(), "ä€".encode()),
}
"""What is typed, and what comes of it."""


@pytest.mark.parametrize("size", [1, 1000])
@pytest.mark.parametrize(("typed", "read"), TYPED.values(), ids=TYPED)
def test_an_empty_line_or_ctrl_d_ends_it(terminal, stderr, typed, read, size):
    assert answer(terminal, stderr, lambda master: paste(master, typed, size)) == read


def test_the_rest_of_a_paste_with_an_empty_line_is_not_left_to_the_shell(terminal, stderr):
    master, slave = terminal

    octets = answer(terminal, stderr, lambda master: paste(master, b"abc\r\rrm -r secret\r"))

    assert octets == b"abc"
    assert not select.select([slave], [], [], 0)[0]
    assert drain(master) == b""


def test_the_prompt_asks_for_what_the_command_wants(terminal, stderr):
    answer(terminal, stderr, lambda master: paste(master, b"\x04"), what="AuthnRequest")

    assert stderr.getvalue().startswith("assertcheck: paste the AuthnRequest; it is not shown\n")


def test_what_is_too_large_is_refused_and_the_terminal_put_back(terminal, stderr):
    before = termios.tcgetattr(terminal[1])

    with pytest.raises(InputError, match="larger than 2 KiB") as caught:
        answer(terminal, stderr, lambda master: paste(master, b"A" * 2049), limit=2048)

    assert caught.value.hint
    assert termios.tcgetattr(terminal[1]) == before


def test_the_limit_itself_is_taken(terminal, stderr):
    typed = b"A" * 2048 + b"\x04"

    assert answer(terminal, stderr, lambda m: paste(m, typed), limit=2048) == b"A" * 2048


def test_a_terminal_that_goes_away_ends_it(stderr):
    master, slave = pty.openpty()
    try:
        assert answer((master, slave), stderr, os.close) == b""
    finally:
        os.close(slave)


def test_a_terminal_that_is_gone_ends_it():
    assert _read_keys(-1, 10) == b""


def test_ctrl_c_puts_the_terminal_back(terminal, stderr):
    before = termios.tcgetattr(terminal[1])

    with pytest.raises(KeyboardInterrupt):
        answer(terminal, stderr, lambda _: interrupt(signal.SIGINT))

    assert termios.tcgetattr(terminal[1]) == before
    assert stderr.getvalue().endswith("\n\n")


def test_while_suspended_the_terminal_is_as_it_was(terminal, stderr, monkeypatch):
    _, slave = terminal
    before = termios.tcgetattr(slave)
    handler = signal.getsignal(signal.SIGTSTP)
    suspended = []
    awake = threading.Event()

    def stop(pid, number):
        suspended.append((pid, number, termios.tcgetattr(slave), signal.getsignal(number)))
        awake.set()

    def act(master):
        interrupt(signal.SIGTSTP)
        assert awake.wait(PATIENCE)
        paste(master, b"abc\r\r")

    monkeypatch.setattr(os, "kill", stop)

    assert answer(terminal, stderr, act) == b"abc"
    assert suspended == [(os.getpid(), signal.SIGTSTP, before, signal.SIG_DFL)]
    assert termios.tcgetattr(slave) == before
    assert signal.getsignal(signal.SIGTSTP) == handler


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (b"\n\nabc\r\n\r\nrest", b"abc"),
        (b"a\r\nb\n\n", b"a\nb"),
        (b"abc", b"abc"),
        (b"", b""),
    ],
)
def test_without_termios_lines_are_read_up_to_an_empty_one(monkeypatch, capsys, typed, read):
    monkeypatch.setitem(sys.modules, "termios", None)

    assert read_terminal(io.BytesIO(typed), limit=100) == read
    assert capsys.readouterr().err == "assertcheck: paste the assertion, then an empty line\n"


@pytest.mark.parametrize("typed", [b"A" * 11, b"AAAAA\nAAAAA\n\n"])
def test_without_termios_the_limit_holds_as_well(monkeypatch, typed):
    monkeypatch.setitem(sys.modules, "termios", None)

    with pytest.raises(InputError, match="larger"):
        read_terminal(io.BytesIO(typed), limit=10)


class Session:
    """A Python script with a pseudo-terminal of its own as stdin and stderr."""

    def __init__(self, script, terminal):
        self.master, slave = terminal
        self.shown = b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=ROOT,
            stdin=slave,
            stderr=slave,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def wait_for(self, text):
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown and time.monotonic() < deadline:
            self.shown += drain(self.master, patience=1)
        assert text in self.shown

    def paste(self, octets):
        self.shown += paste(self.master, octets)

    def end(self):
        said, _ = self.process.communicate(timeout=PATIENCE)
        self.shown += drain(self.master)
        return said.decode().splitlines()

    def stop(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def session(terminal):
    running = []

    def start(script):
        running.append(Session(script, terminal))
        return running[0]

    yield start
    running[0].stop()


READING = b"an empty line or Ctrl-D\r\n"
DIGEST = f"{len(LONG)} {hashlib.sha256(LONG.encode()).hexdigest()}"
PIECES = [LONG[start : start + 16].encode() for start in range(0, len(LONG), 16)]


@pytest.mark.parametrize("end", [b"\r\r", b"\n\n", b"\r\n\r\n", b"\x04"])
def test_a_process_of_its_own_reads_a_long_assertion_unseen(terminal, session, end):
    before = termios.tcgetattr(terminal[1])
    reader = session(OWN_TERMINAL + READ)

    reader.wait_for(READING)
    reader.paste(LONG.encode() + end)

    assert reader.end() == [DIGEST]
    assert reader.process.returncode == 0
    assert not [piece for piece in PIECES if piece in reader.shown]
    assert reader.shown.endswith(READING + b"\r\n")
    assert termios.tcgetattr(terminal[1]) == before


def test_ctrl_c_interrupts_a_process_and_leaves_its_terminal_as_it_was(terminal, session):
    before = termios.tcgetattr(terminal[1])
    reader = session(OWN_TERMINAL + READ)

    reader.wait_for(READING)
    reader.paste(LONG.encode()[:3000])
    reader.paste(b"\x03")

    assert reader.end() == []
    assert reader.process.returncode == 130
    assert not [piece for piece in PIECES if piece in reader.shown]
    assert termios.tcgetattr(terminal[1]) == before


def test_ctrl_z_suspends_a_process_which_goes_on_unseen(terminal, session):
    before = termios.tcgetattr(terminal[1])
    reader = session(SHELL)

    reader.wait_for(READING)
    reader.paste(b"\x1a")
    assert reader.process.stdout.readline() == b"stopped\n"
    assert reader.process.stdout.readline() == b"echo\n"
    deadline = time.monotonic() + PATIENCE
    while termios.tcgetattr(terminal[1])[3] & termios.ECHO and time.monotonic() < deadline:
        time.sleep(0.001)
    reader.paste(LONG.encode() + b"\r\r")

    assert reader.end() == [DIGEST]
    assert not [piece for piece in PIECES if piece in reader.shown]
    assert termios.tcgetattr(terminal[1]) == before
