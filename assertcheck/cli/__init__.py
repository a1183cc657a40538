"""The command line: each command reads, calls, prints and exits."""

from __future__ import annotations

from typing import Annotated

import typer

from assertcheck import __version__
from assertcheck.cli.group import AssertcheckGroup
from assertcheck.cli.output import write

app = typer.Typer(
    name="assertcheck",
    cls=AssertcheckGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Says why Microsoft Entra ID refuses a signed client assertion, and how to fix it.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        write(f"assertcheck {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Take the options that stand before a command."""
