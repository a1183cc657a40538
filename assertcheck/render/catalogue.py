"""Rules, codes and topics, as pages and as a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from assertcheck.aadsts.catalogue import entry
from assertcheck.aadsts.entry import Entry
from assertcheck.aadsts.explain import diagnose_error
from assertcheck.aadsts.parser import find_error
from assertcheck.errors import UnknownRuleError
from assertcheck.model import Candidate, Confidence, Severity
from assertcheck.render.explained import holds_assertion, render_error
from assertcheck.render.inert import inert
from assertcheck.render.json_report import SCHEMA, dump, tool
from assertcheck.render.layout import Style, labelled, wrapped
from assertcheck.rules import RULES
from assertcheck.rules.rule import Rule
from assertcheck.rules.topics import TOPICS

_RFC = re.compile(r"RFC (\d+) §([\d.A-Z]+)")
_SEVERITIES = {
    Severity.ERROR: "Entra ID refuses it",
    Severity.WARNING: "Entra ID takes it, or it is not known; fragile or against a MUST",
    Severity.NOTE: "worth knowing",
}
_SURE = {
    Confidence.SEEN: "seen in its responses",
    Confidence.DOCUMENTED: "documented by Microsoft",
    Confidence.LIKELY: "likely",
}


def source_url(source: str) -> str:
    """Return the address of the page that `source` names."""
    clause = _RFC.fullmatch(source)
    if clause:
        return f"https://www.rfc-editor.org/rfc/rfc{clause[1]}#section-{clause[2].rstrip('.')}"
    if source.startswith("AADSTS"):
        return f"https://login.microsoftonline.com/error?code={source.removeprefix('AADSTS')}"
    return _PAGES[source]


_LEARN = "https://learn.microsoft.com"
_PAGES = {
    "Entra certificate-credentials": f"{_LEARN}/entra/identity-platform/certificate-credentials",
    "Entra workload-identity-federation": f"{_LEARN}/entra/workload-id/workload-identity-federation",
    "Entra application-rollkey-prooftoken": f"{_LEARN}/graph/application-rollkey-prooftoken",
    "Entra error-codes": f"{_LEARN}/entra/identity-platform/reference-error-codes",
}


def render_rule(rule: Rule, style: Style) -> str:
    """Return the page of `rule`: what is required, why it is refused, how to mend it."""
    codes = [f"{item.code} ({_SURE[item.confidence]})" for item in rule.aadsts]
    lines = [
        f"{style.paint(rule.id, '1')}: {rule.title}",
        f"{rule.severity}: {_SEVERITIES[rule.severity]}",
        "",
        *_paragraphs(rule.doc, style),
        "",
        *([f"Entra ID says: {', '.join(codes)}"] if codes else []),
        f"Source: {rule.source}, {source_url(rule.source)}",
    ]
    return "\n".join(lines) + "\n"


def render_code(known: Entry, style: Style) -> str:
    """Return the page of an AADSTS code: text, meaning, causes, what to run next."""
    name = f" {known.name}" if known.name else ""
    lines = [f"{style.paint(known.code, '1')}{name}"]
    if known.text:
        lines += ["", *wrapped(f'Entra ID says: "{known.text}"', style, indent="")]
    if known.error:
        lines += [f"error: {known.error}"]
    if known.meaning:
        lines += ["", *wrapped(f"{known.meaning} ({_SURE[known.confidence]})", style, indent="")]
    if known.causes:
        lines += ["", style.paint("Causes, likeliest first", "1")]
        for number, cause in enumerate(known.causes, 1):
            lines += labelled(f"{number}.", 2, cause, style)
    if known.run:
        lines += ["", style.paint("Run next", "1"), *(f"  {command}" for command in known.run)]
    return "\n".join(lines) + "\n"


def render_rules(rules: Sequence[Rule], style: Style) -> str:
    """Return the catalogue as a table: id, severity, code, title."""
    rows = [
        (rule.id, str(rule.severity), rule.aadsts[0].code if rule.aadsts else "-", rule.title)
        for rule in rules
    ]
    sizes = [max(len(row[column]) for row in rows) for column in range(3)]
    table = "\n".join(
        f"{style.paint(row[0].ljust(sizes[0]), '1')}  {row[1].ljust(sizes[1])}  "
        f"{row[2].ljust(sizes[2])}  {row[3]}"
        for row in rows
    )
    return f"{table}\n"


def render_rules_json(rules: Sequence[Rule]) -> str:
    """Return the catalogue as JSON."""
    return dump(
        {
            "schema": SCHEMA,
            "tool": tool(),
            "rules": [
                {
                    "id": rule.id,
                    "severity": rule.severity,
                    "title": rule.title,
                    "aadsts": [item.code for item in rule.aadsts],
                    "confidence": rule.aadsts[0].confidence if rule.aadsts else None,
                    "source": rule.source,
                    "source_url": source_url(rule.source),
                    "needs": list(rule.needs),
                    "unless": list(rule.unless),
                    "doc": rule.doc,
                }
                for rule in rules
            ],
        }
    )


def _paragraphs(text: str, style: Style) -> list[str]:
    """Return the paragraphs of `text` laid out anew, with a blank line between them."""
    laid_out = [
        "\n".join(wrapped(" ".join(paragraph.split()), style, indent=""))
        for paragraph in text.split("\n\n")
    ]
    return ["\n\n".join(laid_out)]


def _topic(text: str, style: Style) -> str:
    """Return the Markdown `text` with its prose laid out and its code as it stands."""
    lines: list[str] = []
    is_code = False
    for line in text.splitlines():
        is_code ^= line.startswith("```")
        if line.startswith("<!--"):
            continue
        if is_code or len(line) <= style.width:
            lines.append(inert(line))
        else:
            lines += wrapped(line, style, indent="")
    return "\n".join(lines) + "\n"


def page(what: str, style: Style, candidates: Sequence[Candidate] = ()) -> str:
    """Return the page on `what`: a rule's id, an AADSTS code, a topic, or an error as pasted.

    The thumbprint in an error is compared with `candidates`. Raise `UnknownRuleError`, which does
    not repeat `what`, if it is none of these.
    """
    name = what.strip()
    known = {rule.id: rule for rule in RULES}
    if name.lower() in known:
        return render_rule(known[name.lower()], style)
    if name.lower() in TOPICS:
        return _topic(TOPICS[name.lower()], style)
    found = entry(name)
    if found:
        return render_code(found, style)
    error = find_error(what)
    if error:
        told = diagnose_error(error, candidates)
        return render_error(error, told, style, beside_assertion=holds_assertion(what))
    near = get_close_matches(name.lower()[:40], [*known, *TOPICS], n=3)
    raise UnknownRuleError(
        "no rule, code or topic has that name",
        hint=(f"did you mean {' or '.join(near)}? " if near else "")
        + "`assertcheck rules` lists the rules",
    )
