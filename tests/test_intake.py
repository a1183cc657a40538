"""An assertion comes out of whatever was pasted around it."""

import pytest

from assertcheck.intake import read_paste
from tests.build import token

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
