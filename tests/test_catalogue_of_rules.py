"""The catalogue holds together: nothing is missing, doubled or out of order."""

import importlib
import pkgutil

import pytest

from assertcheck import rules
from assertcheck.aadsts.catalogue import entry
from assertcheck.rules import RULES
from assertcheck.rules.rule import Rule

IDS = [rule.id for rule in RULES]


def test_ids_are_unique():
    assert len(set(IDS)) == len(IDS)


def test_each_rule_that_is_written_is_in_the_catalogue():
    written = {
        value.id
        for module in pkgutil.iter_modules(rules.__path__)
        for value in vars(importlib.import_module(f"assertcheck.rules.{module.name}")).values()
        if isinstance(value, Rule)
    }
    assert written == set(IDS)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_unless_points_backwards(rule: Rule):
    assert set(rule.unless) <= set(IDS[: IDS.index(rule.id)])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_code_is_one_that_is_known(rule: Rule):
    for said in rule.aadsts:
        assert entry(said.code) is not None


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_an_error_says_what_entra_says(rule: Rule):
    assert rule.severity != "error" or rule.aadsts or rule.id == "is-a-private-key"
