"""An error of Entra ID that was pasted: what it tells, what to do, and what was read of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from assertcheck.aadsts.catalogue import entry
from assertcheck.aadsts.diagnosis import Diagnosis
from assertcheck.aadsts.entry import VERIFY, Entry
from assertcheck.authority import is_guid
from assertcheck.model import ReturnedError
from assertcheck.render.inert import inert
from assertcheck.render.layout import Style, labelled, wrapped
from assertcheck.words import date

_BOLD = "1"
_ASSERTION = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}\.", re.ASCII)
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+", re.ASCII)
_LOOKUP = "https://login.microsoftonline.com/error?code="


def holds_assertion(text: str) -> bool:
    """Tell whether something like an assertion stands in `text`."""
    return _ASSERTION.search(text) is not None


def render_error(
    error: ReturnedError, told: Diagnosis, style: Style, *, beside_assertion: bool
) -> str:
    """Return `error` and what it comes to as text, the diagnosis first."""
    known = entry(error.stands_for or error.code)
    blocks = [
        _headline(error, known, style),
        _said(error, told, known, style),
        *([_causes(told, style)] if told.causes else []),
        *([_commands(error, known, style)] if known and known.run else []),
        *_facts(error, style),
    ]
    if beside_assertion:
        hint = "the paste holds an assertion as well: `assertcheck verify` reads both together"
        blocks.append(wrapped(hint, style, indent=""))
    return "\n".join("\n".join(block) + "\n" for block in blocks)


def _headline(error: ReturnedError, known: Entry | None, style: Style) -> list[str]:
    code = style.paint(error.code, _BOLD)
    today = f", today {style.paint(error.stands_for, _BOLD)}" if error.stands_for else ""
    name = f" {known.name}" if known and known.name else ""
    return [f"{code}{today}{name}{f': {inert(error.reason)}' if error.reason else ''}"]


def _said(error: ReturnedError, told: Diagnosis, known: Entry | None, style: Style) -> list[str]:
    if told.remarks:
        return [line for each in told.remarks for line in wrapped(f"- {each}", style, indent="")]
    if known and (known.meaning or known.text):
        return wrapped(known.meaning or f'Microsoft says: "{known.text}"', style, indent="")
    number = error.code.removeprefix("AADSTS")
    unknown = f"nothing is known of this code; Microsoft may say more at {_LOOKUP}{number}"
    return wrapped(unknown, style, indent="")


def _causes(told: Diagnosis, style: Style) -> list[str]:
    lines = [style.paint("Causes, likeliest first", _BOLD)]
    for number, cause in enumerate(told.causes, 1):
        lines += labelled(f"{number}.", 2, cause, style)
    return lines


def _commands(error: ReturnedError, known: Entry, style: Style) -> list[str]:
    """Return what to run, with the error beside the assertion wherever that is judged."""
    lines = [style.paint("Run next", _BOLD)]
    for command in known.run:
        # The time in the error is the clock then.
        command = command.replace(VERIFY, f"{VERIFY} --error error.txt").partition(" --at ")[0]
        if error.app_id and is_guid(error.app_id):
            command = command.replace("CLIENT_ID", error.app_id)
        if error.tenant and (is_guid(error.tenant) or _DOMAIN.fullmatch(error.tenant)):
            command = command.replace("TENANT", error.tenant)
        lines.append(f"  {command}")
    return lines


def _facts(error: ReturnedError, style: Style) -> Iterator[list[str]]:
    rows = [(label, value) for label, value in _rows(error) if value]
    if rows:
        size = max(len(label) for label, _ in rows)
        lines = [style.paint("Read from the error", _BOLD)]
        for label, value in rows:
            lines += labelled(label.ljust(size), size, value, style)
        yield lines


def _rows(error: ReturnedError) -> Iterator[tuple[str, str | None]]:
    yield "codes", ", ".join(error.codes) if len(error.codes) > 1 else None
    yield "error", error.error
    yield "reason", error.reason
    yield "thumbprint", error.thumbprint
    for label, moment in (
        ("key from", error.found_key_start),
        ("key until", error.found_key_end),
        ("clock", error.current_time),
        ("valid from", error.valid_from),
        ("expiry", error.expires),
    ):
        yield label, _date(moment) if moment else None
    yield "app", error.app_id
    yield "tenant", error.tenant
    yield "named", error.quoted
    yield "answered", date(error.timestamp) if error.timestamp else None
    yield "trace id", error.trace_id
    yield "correlation", error.correlation_id


def _date(moment: datetime) -> str:
    # The first and the last year there are stand for no date at all.
    return "no date" if moment.year in (1, 9999) else date(moment)
