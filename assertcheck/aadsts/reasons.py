"""The texts after `Reason - ` in AADSTS700027 and its kin, in Microsoft's words."""

from __future__ import annotations

from assertcheck.model import Finding, ReturnedError

NOT_FOUND = "The key was not found."
KEY_EXPIRED = "The key used is expired."
"""Also said of a key that is not valid yet."""
MISMATCH = "Key was found, but use of the key to verify the signature failed."
OLD_MISMATCH = "The provided signature value did not match the expected signature value."
"""The same fault, in an older wording."""
REASONS = (NOT_FOUND, KEY_EXPIRED, MISMATCH, OLD_MISMATCH)


def explains(finding: Finding, error: ReturnedError) -> bool:
    """Tell whether `finding` is a fault that Entra ID answers with `error`."""
    code = error.stands_for or error.code
    return any(
        said.code == code
        and (said.reason is None or error.reason is None or _is_same(said.reason, error.reason))
        for said in finding.aadsts
    )


def _is_same(reason: str, other: str) -> bool:
    mismatches = (MISMATCH, OLD_MISMATCH)
    return reason == other or (reason in mismatches and other in mismatches)
