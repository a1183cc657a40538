"""The report for a person in a hurry: verdict, cause, fix; then all the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from assertcheck.model import (
    AssertionFacts,
    Confidence,
    Finding,
    KeyFacts,
    Outcome,
    Prediction,
    Report,
    ReturnedError,
    Role,
    Severity,
    Verdict,
)
from assertcheck.numericdate import CLAIMS
from assertcheck.render.inert import inert
from assertcheck.render.layout import Style, labelled, wrapped
from assertcheck.words import date, plain, relative, span

_BAR = 24
"""Columns of a bar in the timeline."""
_CODES = {
    Verdict.ACCEPTED: "1;97;42",
    Verdict.REFUSED: "1;97;41",
    Verdict.INCOMPLETE: "1;97;44",
}
"""Each names its own background, so that it reads on a dark terminal and on a light one."""
_BOLD = "1"
_LABEL = len("reason")
_FARED = {
    Outcome.VALID: "signed this",
    Outcome.INVALID: "did not sign this",
    Outcome.NOT_TRIED: "not tried",
}
_SURE = {
    Confidence.SEEN: "seen in responses of Entra ID",
    Confidence.DOCUMENTED: "documented by Microsoft",
    Confidence.LIKELY: "likely",
}


def render_text(report: Report, style: Style) -> str:
    """Return `report` as text that ends in a newline."""
    blocks = [
        _headline(report, style),
        *([_explained(report.cause, style)] if report.cause else []),
        *_others(report, style),
        *([_assumed(report, style)] if report.assumes else []),
        *([_not_checked(report, style)] if report.not_checked else []),
        *([_assertion(report.assertion, report, style)] if report.assertion else []),
        *([_keys(report.keys, style)] if report.keys else []),
        *_timeline(report, style),
    ]
    return "\n".join("\n".join(block) + "\n" for block in blocks)


def _headline(report: Report, style: Style) -> list[str]:
    verdict = style.paint(f" {report.verdict.upper()} ", _CODES[report.verdict])
    if report.prediction:
        first = f"{verdict} {style.paint(_predicted(report.prediction), _BOLD)}"
    else:
        first = f"{verdict} {_summary(report)}"
    lines = [first]
    for label, value in _headlines(report):
        head = style.paint(label.ljust(_LABEL), _BOLD)
        lines += labelled(head, _LABEL, value, style, margin="")
    return lines


def _headlines(report: Report) -> Iterator[tuple[str, str]]:
    if report.cause:
        yield "cause", f"{report.cause.title} [{report.cause.id}]"
    if report.prediction and report.prediction.reason:
        yield "reason", report.prediction.reason
    if report.prediction and report.prediction.thumbprint:
        yield "thumb", f"{report.prediction.thumbprint}, as Entra ID would print it"
    if report.prediction and report.prediction.then:
        yield "then", ", ".join(report.prediction.then)
    if report.submission.error:
        yield "answer", _answered(report.submission.error)


def _answered(error: ReturnedError) -> str:
    reason = f": {error.reason}" if error.reason else ""
    when = f", {date(error.timestamp)}" if error.timestamp else ""
    return f"{error.code}{reason}{when}"


def _predicted(prediction: Prediction) -> str:
    sure = "" if prediction.confidence is Confidence.SEEN else f", {_SURE[prediction.confidence]}"
    return f"{prediction.code}{sure}"


def _summary(report: Report) -> str:
    if report.verdict is Verdict.ACCEPTED:
        return "Entra ID would take this assertion"
    if report.verdict is Verdict.REFUSED:
        return "no error code of Entra ID is known for this"
    decisive = (item.why for item in report.not_checked if item.decisive)
    notes = (item.title for item in report.findings if item.severity is Severity.NOTE)
    return inert(next(decisive, next(notes, "the signature fits none of the certificates given")))


def _explained(finding: Finding, style: Style) -> list[str]:
    lines = [*wrapped(finding.message, style, indent="  ")]
    rows = [
        ("expected", finding.expected),
        ("actual", finding.actual),
        ("fix", finding.fix),
    ]
    for name, value in rows:
        if value:
            label = style.paint(name.ljust(8), _BOLD)
            lines += labelled(label, len("expected"), value, style)
    return lines


def _others(report: Report, style: Style) -> Iterator[list[str]]:
    others = [item for item in report.findings if item is not report.cause]
    headings = {
        Severity.ERROR: "Also wrong",
        Severity.WARNING: "Warnings",
        Severity.NOTE: "Notes",
    }
    for severity, heading in headings.items():
        group = [item for item in others if item.severity is severity]
        if group:
            lines = [style.paint(heading, _BOLD)]
            for item in group:
                codes = "".join(f", {code.code}" for code in item.aadsts[:1])
                lines += wrapped(f"- {item.message} [{item.id}{codes}]", style, indent="  ")
                lines += wrapped(f"fix: {item.fix}", style, indent="    ")
            yield lines


def _not_checked(report: Report, style: Style) -> list[str]:
    reasons = dict.fromkeys(item.why for item in report.not_checked)
    lines = [style.paint("Not checked", _BOLD)]
    for why in reasons:
        lines += wrapped(f"- {why}", style, indent="  ")
    return lines


def _assumed(report: Report, style: Style) -> list[str]:
    lines = [style.paint("Accepted if", _BOLD)]
    for assumption in report.assumes:
        lines += wrapped(f"- {assumption}", style, indent="  ")
    return lines


def _assertion(facts: AssertionFacts, report: Report, style: Style) -> list[str]:
    lines = [style.paint("Assertion", _BOLD)]
    rows = [(name, _parameter(name, value)) for name, value in facts.header.items()]
    rows += [
        (name, _time(name, value, facts, report.clock.now) or plain(value))
        for name, value in facts.claims.items()
    ]
    size = min(max((len(name) for name, _ in rows), default=0), 12)
    for name, value in rows:
        lines += labelled(inert(name).ljust(size), size, value, style)
    lines += wrapped(facts.fingerprint, style, indent="  ")
    if report.submission.removed:
        cleaned = ", ".join(report.submission.removed)
        lines += wrapped(f"cleaned away before reading: {cleaned}", style, indent="  ")
    # A clock that was given does not tell whether the assertion is live in truth.
    if not report.clock.given and facts.seconds_left is not None and facts.seconds_left > 0:
        live = f"live: anyone holding this text can sign in as the app for {span(timedelta(seconds=facts.seconds_left))} more"
        lines += wrapped(live, style, indent="  ")
    return lines


def _parameter(name: str, value: object) -> str:
    if name == "x5c" and isinstance(value, list):
        return f"{len(value)} {'entry' if len(value) == 1 else 'entries'}, under Keys"
    return plain(value)


def _time(name: str, value: object, facts: AssertionFacts, now: datetime) -> str | None:
    moments = dict(zip(CLAIMS, (facts.expires, facts.not_before, facts.issued), strict=True))
    moment = moments.get(name)
    return f"{plain(value)}  {date(moment)}, {relative(moment, now)}" if moment else None


def _keys(keys: Iterable[KeyFacts], style: Style) -> list[str]:
    lines = [style.paint("Keys", _BOLD)]
    for key in keys:
        why = f" ({key.why})" if key.why else ""
        lines += wrapped(
            f"- {key.label} [{key.role}], {key.key}: {_FARED[key.signature]}{why}",
            style,
            indent="  ",
        )
        for item in key.notes:
            lines += wrapped(item, style, indent="    ")
        if key.subject is not None:
            lines += wrapped(f"{key.subject}, thumbprint {key.sha1}", style, indent="    ")
    return lines


def _timeline(report: Report, style: Style) -> Iterator[list[str]]:
    """Draw each span of validity as a bar with the clock's place on it."""
    spans: list[tuple[str, datetime, datetime]] = []
    facts = report.assertion
    begins = (facts.not_before or facts.issued) if facts else None
    if facts and begins and facts.expires and begins < facts.expires:
        spans.append(("assertion", begins, facts.expires))
    spans += [
        (key.label, key.not_before, key.not_after)
        for key in report.keys
        if key.role is not Role.HEADER
        and key.not_before
        and key.not_after
        and key.not_before < key.not_after
    ][:5]
    if not spans:
        return
    size = min(max(len(label) for label, _, _ in spans), 16)
    lines = [f"{style.paint('Timeline', _BOLD)}  now {date(report.clock.now)}"]
    if report.judged_at != report.clock.now:
        lines[0] += f", judged as of {date(report.judged_at)}"
    for label, start, end in spans:
        same_day = start.date() == end.date()
        pattern = "%H:%M:%S" if same_day else "%Y-%m-%d"
        bar = _bar(start, end, report.clock.now)
        lines.append(f"  {inert(label)[:size].ljust(size)} {start:{pattern}} {bar} {end:{pattern}}")
    yield lines


def _bar(start: datetime, end: datetime, now: datetime) -> str:
    """Return a bar from `start` to `end`, with `*` at `now`, which may lie beside it."""
    if now < start:
        return "*..|" + "-" * (_BAR - 5) + "|"
    if now > end:
        return "|" + "-" * (_BAR - 5) + "|..*"
    at = round((now - start) / (end - start) * (_BAR - 3))
    return "|" + "-" * at + "*" + "-" * (_BAR - 3 - at) + "|"
