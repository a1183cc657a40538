"""`assertcheck rules`."""

from __future__ import annotations

from assertcheck.cli import options
from assertcheck.cli.output import Format, style_of_stdout, write


def rules(
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 - the name the user sees
) -> None:
    """List every fault this program knows."""
    from assertcheck.families import EVERY_RULE
    from assertcheck.render.catalogue import render_rules, render_rules_json

    if format is Format.JSON:
        write(render_rules_json(EVERY_RULE))
    else:
        write(render_rules(EVERY_RULE, style_of_stdout()))
