"""The one way in: what is no regular file, or too large, or not there, is refused in words."""

import io
import os
from pathlib import Path

import pytest

from assertcheck.errors import CertificateError, InputError
from assertcheck.reading import read_file, read_stream

TOKEN = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.AAAAAAAAAAAAAAAA"


LINUX = pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="/proc is Linux's own")


def refused(path, limit=100):
    """The message and hint with which `path` is refused."""
    with pytest.raises(InputError) as caught:
        read_file(path, limit=limit, error=InputError)
    assert caught.value.hint
    return caught.value.message, caught.value.hint


def test_a_file_is_read_to_its_last_octet(tmp_path):
    path = tmp_path / "a.pem"
    path.write_bytes(bytes(range(100)))

    assert read_file(path, limit=100, error=InputError) == bytes(range(100))


def test_one_octet_beyond_the_limit_is_refused(tmp_path):
    path = tmp_path / "a.pem"
    path.write_bytes(bytes(2049))

    message, hint = refused(path, limit=2048)

    assert message == f"{path} is larger than 2 KiB"
    assert hint == "cut it down to the part in question"


def test_a_link_is_the_file_it_leads_to(tmp_path):
    (tmp_path / "target").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("target")

    assert read_file(tmp_path / "link", limit=3, error=InputError) == b"abc"


@LINUX
def test_a_file_without_a_size_is_read_all_the_same():
    assert b"Name:" in read_file(Path("/proc/self/status"), limit=1 << 20, error=InputError)


def test_an_error_is_of_the_sort_asked_for(tmp_path):
    with pytest.raises(CertificateError, match="no such file"):
        read_file(tmp_path / "none", limit=1, error=CertificateError)


def fifo(folder):
    os.mkfifo(folder / "fifo")
    return folder / "fifo"


def loop(folder):
    (folder / "loop").symlink_to("loop")
    return folder / "loop"


def below_a_file(folder):
    (folder / "file").touch()
    return folder / "file" / "below"


def dangling(folder):
    (folder / "dangling").symlink_to("nowhere")
    return folder / "dangling"


REFUSED = {
    "missing": (lambda folder: folder / "none.pem", "no such file: {}", "check the path; it"),
    "a link to nothing": (dangling, "no such file: {}", "check the path; it"),
    "a folder": (lambda folder: folder, "{} is a folder", "name a file in it"),
    "a FIFO": (fifo, "{} is not a regular file", "save its content"),
    "an endless device": (lambda _: Path("/dev/zero"), "{} is not a regular file", "save its"),
    "a terminal": (lambda _: Path("/dev/tty"), "{} is not a regular file", "save its"),
    "a link to itself": (loop, "cannot read {}: too many levels of symbolic", "check the path"),
    "below a file": (below_a_file, "cannot read {}: not a directory", "check the path"),
}


@pytest.mark.parametrize(("make", "message", "hint"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_at_once_and_named(tmp_path, make, message, hint):
    path = make(tmp_path)

    said, hinted = refused(path)

    assert said.startswith(message.format(path))
    assert hinted.startswith(hint)


@LINUX
def test_a_file_that_fails_while_it_is_read_is_refused():
    assert refused(Path("/proc/self/mem"))[0] == "cannot read /proc/self/mem: input/output error"


@pytest.mark.parametrize("call", ["stat", "open"])
def test_a_file_one_may_not_read_is_said_to_be_that(tmp_path, monkeypatch, call):
    path = tmp_path / "secret.pem"
    path.write_bytes(b"abc")

    def denied(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    # The tests may run as root, who may read everything.
    monkeypatch.setattr(Path, call, denied)

    assert refused(path) == (f"cannot read {path}: permission denied", "check its permissions")


@pytest.mark.parametrize(
    "given",
    {
        "an assertion": TOKEN,
        "a long one": "/" + "A" * 300 + ".pem",
        "one too long for any name": "A" * 20_000,
        "a PEM block": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
        "a NUL": "MIIEsecret\0",
        "an escape": "\x1b[2Jkey.pem",
        "a bidi control": "\u202ekey.pem",
        "no UTF-8": "key\udcff.pem",
    }.values(),
    ids=str.__repr__,
)
def test_what_is_hardly_a_path_is_not_echoed(given):
    message, hint = refused(Path(given))

    assert f"what was given as a path ({len(given)} characters, not shown)" in message
    assert len(message) < 120
    assert given[:12] not in message + hint


def test_a_path_of_two_hundred_characters_is_still_named():
    path = Path("/" + "A" * 199)

    assert refused(path)[0] == f"no such file: {path}"


def test_a_path_that_says_nothing_about_its_fault_is_not_a_path():
    assert refused(Path("a\0"))[0].endswith("not a path")


def test_a_stream_is_read_up_to_its_limit_and_not_beyond():
    stream = io.BytesIO(b"A" * 5000)

    with pytest.raises(InputError) as caught:
        read_stream(stream, limit=1024, name="standard input", error=InputError)

    assert caught.value.message == "standard input is larger than 1 KiB"
    assert stream.tell() == 1025
    assert read_stream(io.BytesIO(b"abc"), limit=3, name="x", error=InputError) == b"abc"
