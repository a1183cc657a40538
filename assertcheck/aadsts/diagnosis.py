"""What an error of Entra ID comes to: what its text shows, and why it was drawn."""

from __future__ import annotations

from dataclasses import dataclass

from assertcheck.authority import NIL, is_guid


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What one error tells."""

    remarks: tuple[str, ...] = ()
    """What its text shows, each a clause; empty where it shows no more than the code."""
    causes: tuple[str, ...] = ()
    """Likeliest first, each with the thing to do; empty where the text decides nothing."""


def tells(*remarks: str, causes: tuple[str, ...] = ()) -> Diagnosis:
    """Return the diagnosis of these remarks and causes."""
    return Diagnosis(remarks=remarks, causes=causes)


def app_or_placeholder(app_id: str | None) -> str:
    """Return the app for a sentence or a command: its id, or `CLIENT_ID` where it is not known."""
    return app_id if app_id and is_guid(app_id) and app_id != NIL else "CLIENT_ID"
