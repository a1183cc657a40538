"""The texts after `Reason - ` in AADSTS700027 and its kin, in Microsoft's words."""

from __future__ import annotations

NOT_FOUND = "The key was not found."
KEY_EXPIRED = "The key used is expired."
"""Also said of a key that is not valid yet."""
MISMATCH = "Key was found, but use of the key to verify the signature failed."
OLD_MISMATCH = "The provided signature value did not match the expected signature value."
"""The same fault, in an older wording."""
REASONS = (NOT_FOUND, KEY_EXPIRED, MISMATCH, OLD_MISMATCH)
