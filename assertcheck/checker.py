"""Runs the rules in order; one fault, one finding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assertcheck.model import Finding, NotChecked, Problem, Role, Severity, Undecided
from assertcheck.rules.rule import C, Context, Found, Need, Rule

_GIVEN = (Role.REGISTERED, Role.HELD)
_LACKING = {
    Need.KEY: "no certificate was given: add --cert FILE",
    Need.CLIENT_ID: "no client id was given: add --client-id GUID",
    Need.TENANT: "no tenant was given: add --tenant GUID or --tenant DOMAIN",
    Need.CLOUD: "no cloud was given: add --cloud public, usgov or china",
}


def check(
    context: Context, rules: Sequence[Rule[Context]]
) -> tuple[tuple[Finding, ...], tuple[NotChecked, ...]]:
    """Return what `rules` find in an assertion, in their order, and which of them lacked a fact."""

    def find(rule: Rule[Context], findings: Sequence[Finding]) -> Found:
        return rule.find(_knowing(context, findings))

    mine = [rule for rule in rules if context.kind in rule.kinds]
    return run(mine, find, lambda need: _has(context, need))


def run(
    rules: Sequence[Rule[C]],
    find: Callable[[Rule[C], Sequence[Finding]], Found],
    has: Callable[[Need], bool],
) -> tuple[tuple[Finding, ...], tuple[NotChecked, ...]]:
    """Return what `rules` of one family find, in their order, and which of them lacked a fact.

    A rule does not run when an error it names in `unless` was found, or did not run for that
    reason itself: what it would say follows from the earlier one. What is undecided silences as an
    error does where it says so. `find` asks a rule, knowing what the earlier ones found; `has`
    tells whether a fact is there.
    """
    findings: list[Finding] = []
    not_checked: list[NotChecked] = []
    silencing: set[str] = set()
    for rule in rules:
        if not silencing.isdisjoint(rule.unless):
            silencing.add(rule.id)
            continue
        lacking = [need for need in rule.needs if not has(need)]
        if lacking:
            why = _LACKING[lacking[0]]
            not_checked.append(NotChecked(id=rule.id, why=why, decisive=Need.KEY in lacking))
            continue
        found = find(rule, findings)
        problems = [item for item in found if isinstance(item, Problem)]
        mine = [_finding(rule, problem) for problem in problems]
        findings += mine
        not_checked += [
            NotChecked(id=rule.id, why=item.why, decisive=item.decisive)
            for item in found
            if not isinstance(item, Problem)
        ]
        is_silencing = any(isinstance(item, Undecided) and item.silencing for item in found)
        if is_silencing or any(finding.severity is Severity.ERROR for finding in mine):
            silencing.add(rule.id)
    return tuple(findings), tuple(not_checked)


def _knowing(context: Context, findings: Sequence[Finding]) -> Context:
    # Only what is said of a returned error depends on what else was found.
    return replace(context, found=tuple(findings)) if context.submission.error else context


def _has(context: Context, need: Need) -> bool:
    return {
        Need.KEY: any(trial.candidate.role in _GIVEN for trial in context.trials),
        # Where the registration says whose it is, a rule of its own compares that.
        Need.CLIENT_ID: context.expected.client_id is not None or context.registration is not None,
        Need.TENANT: context.expected.tenant is not None,
        Need.CLOUD: context.expected.cloud is not None,
    }[need]


def _finding(rule: Rule[C], problem: Problem) -> Finding:
    return Finding(
        id=rule.id,
        severity=problem.severity or rule.severity,
        title=rule.title,
        at=problem.at,
        message=problem.message,
        fix=problem.fix,
        expected=problem.expected,
        actual=problem.actual,
        aadsts=rule.aadsts if problem.aadsts is None else problem.aadsts,
        source=rule.source,
    )
