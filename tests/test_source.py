"""What INPUT means, and that a paste in the wrong place is never echoed."""

import errno
import io
import os
import pty

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from assertcheck.cli.source import MAX_INPUT, Source, read_input
from assertcheck.errors import InputError
from tests.build import token


def read(argument, stdin=b"from stdin", **options):
    return read_input(argument, stdin=io.BytesIO(stdin), **options)


def refused(argument, stdin=b"from stdin", **options):
    """The message and hint with which INPUT is refused."""
    with pytest.raises(InputError) as caught:
        read(argument, stdin, **options)
    assert caught.value.hint
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize("argument", [None, "-"])
def test_nothing_and_a_dash_are_standard_input(argument):
    assert read(argument) == Source(
        octets=b"from stdin", name="standard input", from_argument=False
    )


def test_a_terminal_as_standard_input_is_prompted(capsys):
    master, slave = pty.openpty()
    os.write(master, b"from a terminal\n\n")

    with os.fdopen(slave, "rb", buffering=0) as stdin:
        source = read_input(None, stdin=stdin, what="AuthnRequest")

    os.close(master)
    assert source == Source(octets=b"from a terminal", name="the terminal", from_argument=False)
    assert "paste the AuthnRequest;" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["assertion.jwt", "a=b {c} <d>.har", "eyJ", "-x"])
def test_an_existing_path_is_that_file(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(b"from a file")

    assert read(name) == Source(octets=b"from a file", name=name, from_argument=False)


PASTES = {
    "an assertion": "eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.",
    "a longer one than any file name": "eyJ" + "A" * 20_000,
    "a form body": "client_id=1",
    "JSON": '{"error":"invalid_client"}',
    "XML": "<samlp:AuthnRequest/>",
    "an error message": "AADSTS700027: The certificate",
    "two lines": "a\nb",
    "a space in front": " a",
    "a tab behind": "a\t",
    "a no-break space": "a\xa0b",
    "a NUL": "{\0",
    "characters beyond ASCII": "{ä€",
}


@pytest.mark.parametrize("argument", PASTES.values(), ids=PASTES)
def test_what_looks_like_a_paste_is_the_paste(argument):
    assert read(argument) == Source(
        octets=argument.encode(), name="the argument", from_argument=True
    )


def test_octets_that_are_no_utf_8_come_through_an_argument():
    assert read("{\udcff").octets == b"{\xed\xb3\xbf"


@pytest.mark.parametrize("argument", ["assertion.jwt", "eyj", "folder/x.jwt", "a+b", "é.jwt"])
def test_anything_else_is_a_file_that_is_not_there(tmp_path, monkeypatch, argument):
    monkeypatch.chdir(tmp_path)

    message, hint = refused(argument)

    assert message == f"no such file: {argument}"
    assert "path" in hint


@pytest.mark.parametrize(
    "argument",
    ["QUJD" * 51, "QUJD" * 5000, "QUJD\0", "QUJD\x1b"],
    ids=["a long word", "a word too long for a name", "a NUL", "an escape"],
)
def test_a_missing_file_is_not_named_if_it_may_be_a_paste(argument):
    message, hint = refused(argument)

    assert "QUJD" not in message + hint
    assert "not shown" in message


def test_a_folder_is_no_input(tmp_path):
    assert refused(str(tmp_path))[0] == f"{tmp_path} is a folder"


def test_a_fifo_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "fifo")

    assert refused(str(tmp_path / "fifo"))[0].endswith("is not a regular file")


@pytest.mark.parametrize("argument", ["", " ", "\n"])
def test_an_argument_with_nothing_in_it_is_said_to_be_that(argument):
    assert refused(argument) == (
        "nothing to read from the argument",
        "pipe the assertion in, or name the file that holds it",
    )


@pytest.mark.parametrize("octets", [b"", b" \r\n\t"])
def test_nothing_to_read_is_an_error_wherever_it_comes_from(tmp_path, octets):
    path = tmp_path / "empty.jwt"
    path.write_bytes(octets)

    assert refused(str(path))[0] == f"nothing to read from {path}"
    assert refused(None, octets, what="error")[0] == "nothing to read from standard input"
    assert refused("-", octets, what="error")[1].startswith("pipe the error in")


def test_the_limit_holds_wherever_it_comes_from(tmp_path):
    path = tmp_path / "large.har"
    path.write_bytes(b"{" * 2049)
    fits, beyond = "{" * 2048, "{" * 2049

    assert read(fits, limit=2048).octets == read(None, fits.encode(), limit=2048).octets
    for source in (str(path), beyond, None):
        message, hint = refused(source, beyond.encode(), limit=2048)
        assert "is larger than 2 KiB" in message
        assert "{{" not in message + hint


def test_the_limit_of_an_input_is_sixty_four_mebibytes(tmp_path):
    path = tmp_path / "sparse.har"
    with path.open("wb") as stream:
        stream.truncate(MAX_INPUT + 1)

    assert MAX_INPUT == 67_108_864
    assert refused(str(path))[0] == f"{path} is larger than 65536 KiB"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.EIO, "I/O"), "input/output error"),
        (io.UnsupportedOperation("read"), "not open for reading"),
    ],
)
def test_standard_input_that_cannot_be_read_is_said_to_be_that(error, reason):
    class Broken(io.BytesIO):
        def read(self, _size=-1):
            raise error

    with pytest.raises(InputError) as caught:
        read_input(None, stdin=Broken())

    assert caught.value.message == f"cannot read standard input: {reason}"
    assert caught.value.hint


def test_a_source_does_not_show_what_it_holds():
    assertion = token()

    assert assertion not in repr(read(assertion))
    assert assertion.rpartition(".")[2] not in repr(read(assertion))


@given(st.text(st.characters(exclude_categories=())))
@example("")
@example("\0")
@example("\ud800{")
@example(".")
@example("~")
def test_whatever_the_argument_only_one_error_comes_of_it(argument):
    message = ""
    try:
        assert read(argument).octets
    except InputError as error:
        message = error.message

    assert len(message) < 300
    assert not (message and any(sign in argument for sign in ("eyJ", "=", "{", "<")))
