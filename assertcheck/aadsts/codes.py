"""Which of several codes says why, and what a code of the past is today."""

from __future__ import annotations

from collections.abc import Sequence

PREFIX = "AADSTS"
GENERAL = "AADSTS70002"
"""Says that a credential is wrong; the code behind it says why."""
ABOUT_CREDENTIALS = frozenset({GENERAL, "AADSTS50012", "AADSTS70001"})
"""Beside those that have a place in the order of checks."""
_TODAY = (
    ("AADSTS50012", "invalidsignature", "AADSTS700027"),
    ("AADSTS50012", "audienceclaimdoesnotmatch", "AADSTS700023"),
    ("AADSTS50012", "notwithinitsvalidtimerange", "AADSTS700024"),
    ("AADSTS50027", "nocertificatethumbprintspecified", "AADSTS5002723"),
    ("AADSTS70001", "wasnotfoundinthedirectory", "AADSTS700016"),
    ("AADSTS70002", "'client_secretorclient_assertion'", "AADSTS7000218"),
)
"""A code of 2016 to 2018, words of its message without blanks, and the code of today (ENTRA
sections 1 to 4)."""


def deciding(codes: Sequence[str]) -> str:
    """Return the one of `codes`, those of one error in order, that says why."""
    return codes[-1] if codes[0] == GENERAL else codes[0]


def of_today(code: str, said: str) -> str | None:
    """Return what `code` is today if `said`, its message without blanks, shows it to be an old one."""
    lower = said.lower()
    return next((now for then, words, now in _TODAY if then == code and words in lower), None)
