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
"""By the command whose rules they are. A family may take over rules of an earlier one."""
EVERY_RULE: tuple[Rule[Never], ...] = tuple(
    {rule.id: rule for family in FAMILIES.values() for rule in family}.values()
)
"""Each once, in the order of the families."""
