"""The families of rules, one for each thing that is judged, as `rules` and `explain` show them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Never

from assertcheck.rules import RULES, app, cert, federated, preflight
from assertcheck.rules.rule import Rule
from assertcheck.saml import rules as saml

FAMILIES: Mapping[str, tuple[Rule[Never], ...]] = {
    "verify": (*RULES, *federated.RULES),
    "app": app.RULES,
    "cert": cert.RULES,
    "preflight": preflight.RULES,
    "saml": saml.RULES,
}
"""By the command whose rules they are. A family may take over rules of another one as they are,
or find the same fault in what it sees itself."""
_MEMBERS = [rule for family in FAMILIES.values() for rule in family]
_FIRST = {rule.id: rule for rule in reversed(_MEMBERS)}
EVERY_RULE: tuple[Rule[Never], ...] = tuple(
    _FIRST[id_] for id_ in dict.fromkeys(each.id for each in _MEMBERS)
)
"""Each fault once, in the order of the families, as the first of them finds it."""
