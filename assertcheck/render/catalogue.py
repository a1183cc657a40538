"""Rules, codes and topics, as pages and as a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Never

from assertcheck.aadsts.catalogue import entry
from assertcheck.aadsts.entry import Entry
from assertcheck.aadsts.explain import diagnose_error
from assertcheck.aadsts.parser import find_error
from assertcheck.errors import UnknownRuleError
from assertcheck.families import EVERY_RULE
from assertcheck.graph import Registration
from assertcheck.model import Candidate, Confidence, PasteKind, Severity
from assertcheck.render.explained import holds_assertion, render_error
from assertcheck.render.inert import inert
from assertcheck.render.json_report import SCHEMA, dump, tool
from assertcheck.render.layout import Style, labelled, wrapped
from assertcheck.rules.rule import Rule
from assertcheck.rules.topics import TOPICS

_RFC = re.compile(r"RFC (\d+) §([\d.A-Z]+)")
_PROSE = re.compile(r"(?!```|#|<!--|[-*+] |\d+\. )\S")
"""A line of a paragraph in Markdown: no fence, heading, comment, item of a list, indented code."""
_NAME = re.compile(r"\S{1,64}")
_REGISTRATION = re.compile(r"[\"'](?:key|password)Credentials[\"']", re.IGNORECASE)
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
_TAKEN = {
    PasteKind.PRIVATE_KEY: "`assertcheck cert CERT --key FILE` says whether it belongs to a "
    "certificate",
    PasteKind.CERTIFICATE: "`assertcheck cert FILE` shows it; `--cert FILE` holds an error against "
    "it",
    PasteKind.CLIENT_SECRET: "a secret goes into client_secret and signs no assertion; no command "
    "takes one",
    PasteKind.SAML: "`assertcheck saml` says what is wrong with it",
}
"""What to do with what is pasted in place of an error."""


def source_url(source: str) -> str:
    """Return the address of the page that `source` names."""
    clause = _RFC.fullmatch(source)
    if clause:
        return f"https://www.rfc-editor.org/rfc/rfc{clause[1]}#section-{clause[2].rstrip('.')}"
    if source.startswith("AADSTS"):
        return f"https://login.microsoftonline.com/error?code={source.removeprefix('AADSTS')}"
    if source.startswith("SAML "):
        return f"{_OASIS}/saml-{source.split()[1].lower()}-2.0-os.pdf"
    return _PAGES[source]


_OASIS = "https://docs.oasis-open.org/security/saml/v2.0"
_LEARN = "https://learn.microsoft.com"
_PAGES = {
    "Entra certificate-credentials": f"{_LEARN}/entra/identity-platform/certificate-credentials",
    "Entra workload-identity-federation": f"{_LEARN}/entra/workload-id/workload-identity-federation",
    "Entra application-rollkey-prooftoken": f"{_LEARN}/graph/application-rollkey-prooftoken",
    "Entra howto-enforce-signed-saml-authentication": f"{_LEARN}/entra/identity/enterprise-apps/"
    "howto-enforce-signed-saml-authentication",
    "Entra single-sign-on-saml-protocol": f"{_LEARN}/entra/identity-platform/"
    "single-sign-on-saml-protocol",
    "Graph keyCredential": f"{_LEARN}/graph/api/resources/keycredential",
    "Entra error-codes": f"{_LEARN}/entra/identity-platform/reference-error-codes",
}


def render_rule(rule: Rule[Never], style: Style) -> str:
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


def render_rules(rules: Sequence[Rule[Never]], style: Style) -> str:
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


def render_rules_json(rules: Sequence[Rule[Never]]) -> str:
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
    """Return the Markdown `text` with its prose laid out anew and all else as it stands.

    Comments, which are for tools, are left out.
    """
    lines: list[str] = []
    prose: list[str] = []
    is_code = False
    for line in [*text.splitlines(), ""]:
        is_code ^= line.startswith("```")
        if not is_code and _PROSE.match(line):
            prose.append(line)
            continue
        if prose:
            lines += wrapped(" ".join(prose), style, indent="")
            prose = []
        if is_code or not line.startswith("<!--"):
            lines.append(inert(line))
    return "\n".join(lines)


def page(
    what: str,
    style: Style,
    candidates: Sequence[Candidate] = (),
    registration: Registration | None = None,
) -> str:
    """Return the page on `what`: a rule's id, an AADSTS code, a topic, or an error as pasted.

    An error is compared with `candidates` and with what `registration` says the app has. Raise
    `UnknownRuleError`, which does not repeat `what`, if it is none of these.
    """
    name = what.strip()
    known = {rule.id: rule for rule in EVERY_RULE}
    if name.lower() in known:
        return render_rule(known[name.lower()], style)
    if name.lower() in TOPICS:
        return _topic(TOPICS[name.lower()], style)
    found = entry(name)
    if found:
        return render_code(found, style)
    error = find_error(what)
    if error:
        told = diagnose_error(error, candidates, registration)
        return render_error(error, told, style, beside_assertion=holds_assertion(what))
    raise _unknown(name, [*known, *TOPICS])


def _unknown(text: str, names: Sequence[str]) -> UnknownRuleError:
    """Return the error that says what `text`, which tells no error, is instead, as far as known."""
    seen = _seen(text)
    if seen:
        return UnknownRuleError(f"that is {seen[0]}, and no error of Entra ID", hint=seen[1])
    if not _NAME.fullmatch(text):
        return UnknownRuleError(
            "there is no AADSTS code in the text",
            hint="give the error whole, as Entra ID returned it; `assertcheck rules` lists the "
            "rules",
        )
    near = get_close_matches(text.lower(), names)
    return UnknownRuleError(
        "no rule, code or topic has that name",
        hint=(f"did you mean {' or '.join(near)}? " if near else "")
        + "`assertcheck rules` lists the rules",
    )


def _seen(text: str) -> tuple[str, str] | None:
    """Return what `text` is, where that can be told, and what to do with it."""
    # Imported late: few texts come to this.
    from assertcheck.intake.other_things import WORDS, recognised

    if holds_assertion(text):
        return "an assertion", "`assertcheck verify` says what is wrong with it"
    if _REGISTRATION.search(text):
        return "an app registration", "`assertcheck app` says what is wrong with its keys"
    kind = recognised(text)
    if kind:
        return WORDS[kind], _TAKEN[kind]
    # The octets of a file are text by then, with this for those that are none.
    if "\0" in text or "\ufffd" in text:
        return "a binary file", "`assertcheck cert FILE` reads certificates and keys"
    return None
