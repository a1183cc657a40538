"""A decoded assertion, shown and not judged."""

from __future__ import annotations

from datetime import datetime

from assertcheck.model import AssertionKind, DecodedAssertion, Submission
from assertcheck.numericdate import CLAIMS, instant
from assertcheck.render.inert import inert
from assertcheck.render.json_report import SCHEMA, dump, jsonable, tool
from assertcheck.render.layout import Style
from assertcheck.words import date, plain, relative


def render_decoded(
    assertion: DecodedAssertion, submission: Submission, *, now: datetime, style: Style
) -> str:
    """Return header and claims as text, a line each, times as dates relative to `now`."""
    lines: list[str] = []
    for heading, members in (("Header", assertion.header), ("Claims", assertion.claims)):
        size = max((len(inert(name)) for name in members), default=0)
        lines.append(style.paint(heading, "1"))
        for name, value in members.items():
            moment = instant(value) if name in CLAIMS else None
            dated = f"  {date(moment)}, {relative(moment, now)}" if moment else ""
            lines.append(f"  {inert(name).ljust(size)}  {inert(plain(value))}{dated}")
        if not members:
            lines.append("  nothing readable")
        lines.append("")
    lines += [style.paint("Signature", "1"), f"  {_signature(assertion)}, not checked"]
    lines += [f"  {assertion.fingerprint} is the whole assertion's fingerprint", ""]
    if assertion.flaws or submission.removed:
        lines.append(style.paint("Seen on the way", "1"))
        lines += [f"  {flaw.at}: {flaw.kind}, {inert(flaw.detail)}" for flaw in assertion.flaws]
        lines += [f"  cleaned away: {what}" for what in submission.removed]
        lines.append("")
    return "\n".join(lines)


def render_decoded_json(
    assertion: DecodedAssertion, submission: Submission, kind: AssertionKind
) -> str:
    """Return the same as JSON, with every octet of the signature left out."""
    return dump(
        {
            "schema": SCHEMA,
            "tool": tool(),
            "assertion": {
                "kind": kind,
                "header": jsonable(assertion.header),
                "claims": jsonable(assertion.claims),
                "fingerprint": assertion.fingerprint,
                "signature_octets": None
                if assertion.signature is None
                else len(assertion.signature),
            },
            "flaws": [
                {"kind": flaw.kind, "at": flaw.at, "detail": flaw.detail}
                for flaw in assertion.flaws
            ],
            "intake": {"kind": submission.kind, "removed": list(submission.removed)},
        }
    )


def _signature(assertion: DecodedAssertion) -> str:
    octets = assertion.signature
    return f"{len(octets)} octets" if octets else "none that can be decoded"
