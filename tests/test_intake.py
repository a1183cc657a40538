"""An assertion comes out of whatever was pasted around it."""

import base64

import pytest

from assertcheck import diagnose
from assertcheck.intake import read_paste
from tests.build import NOW, b64url, token

PASTES = {
    "as it is": (token(), ()),
    "Bearer": (f"Authorization: Bearer {token()}", ("Bearer",)),
    "line breaks": ("\n".join(token()[i : i + 76] for i in range(0, 900, 76)), ("line breaks",)),
    "UTF-16 with a mark": (token().encode("utf-16"), ()),
    "UTF-8 with a mark": (token().encode("utf-8-sig"), ()),
    "words around": (f"I sent {token()} to Entra", ("text around",)),
}


@pytest.mark.parametrize(("paste", "removed"), PASTES.values(), ids=PASTES)
def test_the_assertion_comes_back_octet_for_octet(paste, removed):
    submission = read_paste(paste)
    assert submission.assertion == token()
    assert len(submission.removed) == len(removed)
    assert all(
        word.startswith(start) for word, start in zip(submission.removed, removed, strict=True)
    )


ERROR = (
    "AADSTS700027: Client assertion contains an invalid signature. [Reason - The key was not found., "
    "Thumbprint of key used by client: '84E05C1D98BCE3A5421D225B140B36E86A3D5534', Please visit "
    "the Azure Portal] Timestamp: 2026-03-10 12:00:01Z"
)


@pytest.mark.parametrize("paste", [f"{token()}\n{ERROR}", f"{ERROR}\n\n{token()}\n"])
def test_an_error_beside_the_assertion_is_read_too(paste):
    submission = read_paste(paste)
    assert submission.assertion == token()
    assert submission.error is not None
    assert submission.error.code == "AADSTS700027"


def test_an_error_alone_is_an_error_and_no_assertion():
    report = diagnose(ERROR, at=NOW)
    assert report.submission.error is not None
    assert report.cause is not None
    assert report.cause.id == "no-assertion"
    assert "`assertcheck explain` reads it" in report.cause.message


@pytest.mark.parametrize("front", [b"\xef\xbb\xbf", b"   ", b"\n\n\n"])
def test_a_header_with_something_before_its_brace_is_taken_whole(front):
    first, second, third = token().split(".")
    header = b64url(front + base64.urlsafe_b64decode(first + "=="))
    assert read_paste(f"{header}.{second}.{third}").assertion == f"{header}.{second}.{third}"
