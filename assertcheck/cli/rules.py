"""`assertcheck rules`."""

from __future__ import annotations

from assertcheck.cli import options
from assertcheck.cli.output import Format, style_of_stdout, write


def rules(
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 - the name the user sees
) -> None:
    """List every fault this program knows."""
    from assertcheck.render.catalogue import render_rules, render_rules_json
    from assertcheck.rules import RULES

    if format is Format.JSON:
        write(render_rules_json(RULES))
    else:
        write(render_rules(RULES, style_of_stdout()))
