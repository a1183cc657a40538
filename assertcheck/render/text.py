"""The report for a person in a hurry: verdict, cause, fix; then all the rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from assertcheck.model import (
    AssertionFacts,
    Confidence,
    Finding,
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
from assertcheck.render.timeline import Span, timeline_rows
from assertcheck.words import date, plain, relative, span

_CODES = {
    Verdict.ACCEPTED: "1;97;42",
    Verdict.REFUSED: "1;97;41",
    Verdict.INCOMPLETE: "1;97;44",
}
"""Each names its own background, so that it reads on a dark terminal and on a light one."""
_NO_VERDICT = {True: ("FAULTY", "1;97;41"), False: ("SOUND", "1;97;42")}
"""Whether there is an error, where there is nothing to accept."""
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
    # Where nothing hangs on it, what was not checked does not stand before what was.
    is_last = bool(report.not_checked) and report.verdict is None
    blocks = [
        _headline(report, style),
        *([_explained(report.cause, style)] if report.cause else []),
        *_others(report, style),
        *([_assumed(report, style)] if report.assumes else []),
        *([_not_checked(report, style)] if report.not_checked and not is_last else []),
        *([_assertion(report.assertion, report, style)] if report.assertion else []),
        *_subjects(report, style),
        *([_keys(report, style)] if report.keys else []),
        *_timeline(report, style),
        *([_not_checked(report, style)] if is_last else []),
    ]
    return "\n".join("\n".join(block) + "\n" for block in blocks)


def _subjects(report: Report, style: Style) -> Iterator[list[str]]:
    """Yield what the report is about besides an assertion; most reports pay for none of it."""
    if report.request:
        from assertcheck.render.saml import request_block

        yield request_block(report.request, style)
    if report.registration:
        from assertcheck.render.registration import registration_blocks

        yield from registration_blocks(report.registration, report, style)
    if report.certificates:
        from assertcheck.render.certificates import certificate_blocks

        yield from certificate_blocks(report, style)


def _headline(report: Report, style: Style) -> list[str]:
    is_faulty = report.exit_code() == 1
    word, code = (
        (report.verdict.upper(), _CODES[report.verdict])
        if report.verdict
        else _NO_VERDICT[is_faulty]
    )
    verdict = style.paint(f" {word} ", code)
    if report.prediction:
        lines = [f"{verdict} {style.paint(_predicted(report.prediction), _BOLD)}"]
    else:
        indent = " " * (len(word) + 3)
        first, *rest = wrapped(_summary(report), style, indent=indent)
        lines = [f"{verdict} {first[len(indent) :]}", *rest]
    for label, value in _headlines(report):
        head = style.paint(label.ljust(_LABEL), _BOLD)
        lines += labelled(head, _LABEL, value, style, margin="")
    return lines


def _headlines(report: Report) -> Iterator[tuple[str, str]]:
    if report.cause:
        yield "cause", f"{report.cause.title} [{report.cause.id}]"
    elif report.request and report.verdict is Verdict.INCOMPLETE:
        # What it comes to hangs on the app; what it would be is known.
        warned = (item for item in report.findings if item.severity is Severity.WARNING)
        for item in tuple(warned)[:1]:
            yield "found", f"{item.title} [{item.id}]"
    if report.prediction and report.prediction.reason:
        yield "reason", report.prediction.reason
    if report.prediction and report.prediction.thumbprint:
        yield "thumb", f"{report.prediction.thumbprint}, as Entra ID would print it"
    if report.prediction and report.prediction.then:
        yield "then", ", ".join(report.prediction.then)
    if report.submission and report.submission.error:
        yield "answer", _answered(report.submission.error)


def _answered(error: ReturnedError) -> str:
    reason = f": {error.reason}" if error.reason else ""
    when = f", {date(error.timestamp)}" if error.timestamp else ""
    return f"{error.code}{reason}{when}"


def _predicted(prediction: Prediction) -> str:
    sure = "" if prediction.confidence is Confidence.SEEN else f", {_SURE[prediction.confidence]}"
    return f"{prediction.code}{sure}"


def _summary(report: Report) -> str:
    if report.verdict is None and report.cause is None:
        count = sum(item.severity is Severity.WARNING for item in report.findings)
        warned = f", {count} warning{'s'[: count > 1]}" if count else ""
        return f"nothing that Entra ID would refuse{warned}"
    if report.verdict is Verdict.ACCEPTED:
        return f"Entra ID would take this {'request' if report.request else 'assertion'}"
    if report.verdict in (Verdict.REFUSED, None):
        return "no error code of Entra ID is known for this"
    # What to do about it stands under "Not checked".
    decisive = (item.why.partition("; ")[0] for item in report.not_checked if item.decisive)
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
    size = min(max((len(name) for name, _ in rows), default=0), 24)
    for name, value in rows:
        lines += labelled(inert(name).ljust(size), size, value, style)
    lines += wrapped(facts.fingerprint, style, indent="  ")
    if report.submission and report.submission.removed:
        cleaned = ", ".join(report.submission.removed)
        lines += wrapped(f"cleaned away before reading: {cleaned}", style, indent="  ")
    # A clock that was given does not tell whether the assertion is live in truth, and one that was
    # not pasted is in nobody's hands.
    is_out = report.submission is not None and not report.clock.given
    if is_out and facts.seconds_left is not None and facts.seconds_left > 0:
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


def _keys(report: Report, style: Style) -> list[str]:
    lines = [style.paint("Keys", _BOLD)]
    # A registration that leaves things open says of some keys whether they are registered, or says
    # of none and is named for it.
    is_told = any(key.registered is not None for key in report.keys) or any(
        item.id == "registration-undecidable" for item in report.not_checked
    )
    for key in report.keys:
        why = f" ({key.why})" if key.why else ""
        fared = f"{_FARED[key.signature]}{why}"
        if key.signature is Outcome.INVALID and key.why:
            # Its key signed something, which "did not sign this" would belie.
            fared = key.why
        is_open = is_told and key.registered is None and key.role is Role.REGISTERED
        role = "perhaps registered" if is_open else key.role
        if not is_told and key.role is Role.REGISTERED:
            role = "given as registered"
        lines += wrapped(
            f"- {key.label} [{role}], {key.key}: {fared}",
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
    spans: list[Span] = []
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
    head = f"{style.paint('Timeline', _BOLD)}  now {date(report.clock.now)}"
    if report.judged_at != report.clock.now:
        head += f", judged as of {date(report.judged_at)}"
    yield [head, *timeline_rows(spans, report.clock.now)]
