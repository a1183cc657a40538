"""The catalogue holds together: nothing is missing, doubled or out of order."""

import importlib
import pkgutil

import pytest

from assertcheck import rules
from assertcheck.aadsts.catalogue import entry
from assertcheck.families import EVERY_RULE, FAMILIES
from assertcheck.render.catalogue import source_url
from assertcheck.rules.rule import Rule
from assertcheck.saml import rules as saml_rules

IDS = [rule.id for rule in EVERY_RULE]
MEMBERS = [(name, rule) for name, family in FAMILIES.items() for rule in family]
UNCODED = {
    "is-a-private-key",
    "private-key-uploaded",
    "federated-signature-invalid",
    "saml-query-cut-off",
}
"""Errors for which no answer of Entra ID is known."""


def test_a_fault_is_the_same_one_in_every_family():
    # What a rule finds, and after which others, is its family's own affair.
    said = {
        (rule.id, rule.title, rule.severity, rule.source, rule.aadsts, rule.needs, rule.doc)
        for _, rule in MEMBERS
    }
    assert len(said) == len(IDS) == len(set(IDS))


def test_a_fault_of_several_families_is_told_as_by_the_first():
    firsts = [
        next(each for _, each in MEMBERS if each.id == id_)
        for id_ in dict.fromkeys(rule.id for _, rule in MEMBERS)
    ]
    assert list(EVERY_RULE) == firsts


@pytest.mark.parametrize("family", FAMILIES)
def test_ids_are_unique_in_a_family(family):
    ids = [rule.id for rule in FAMILIES[family]]
    assert len(set(ids)) == len(ids)


def test_each_rule_that_is_written_is_in_the_catalogue():
    written = {
        value.id
        for package in (rules, saml_rules)
        for module in pkgutil.iter_modules(package.__path__)
        for value in vars(importlib.import_module(f"{package.__name__}.{module.name}")).values()
        if isinstance(value, Rule)
    }
    assert written == set(IDS)


@pytest.mark.parametrize(("family", "rule"), MEMBERS, ids=lambda each: getattr(each, "id", each))
def test_unless_points_backwards(family: str, rule: Rule):
    # A rule that a family takes over may name some that it leaves behind.
    mine = [each.id for each in FAMILIES[family]]
    assert set(rule.unless) & set(mine) <= set(mine[: mine.index(rule.id)])
    assert set(rule.unless) <= set(IDS)


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_each_code_is_one_that_is_known(rule: Rule):
    for said in rule.aadsts:
        assert entry(said.code) is not None


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_an_error_says_what_entra_says(rule: Rule):
    assert rule.severity != "error" or rule.aadsts or rule.id in UNCODED


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.id)
def test_each_rule_has_a_page_and_a_source(rule: Rule):
    assert len(rule.doc.split("\n\n")) >= 2
    assert source_url(rule.source).startswith("https://")
