"""`assertcheck schema`."""

from __future__ import annotations

from assertcheck.cli.output import write


def schema() -> None:
    """Print the JSON Schema of the reports."""
    from importlib.resources import files

    write(files("assertcheck.render").joinpath("schema.json").read_text(encoding="utf-8"))
