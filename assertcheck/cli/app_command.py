"""`assertcheck app`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assertcheck.cli import options
from assertcheck.cli.output import Format, deliver, leave, render, save, style_of_stdout, write
from assertcheck.cli.source import read_input, standard_input
from assertcheck.errors import AssertcheckError
from assertcheck.render.inert import inert
from assertcheck.render.layout import Style

if TYPE_CHECKING:
    from assertcheck.model import Report


def app(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...",
            parser=Path,
            help="What Entra ID has registered, as JSON from Graph, `az ad app show` or the "
            "portal's manifest; `-` for standard input (the default). An app and its service "
            "principal are judged together.",
            show_default=False,
        ),
    ] = None,
    federated: Annotated[
        Path | None,
        typer.Option(
            "--federated",
            metavar="FILE",
            parser=Path,
            help="The app's federated identity credentials, which stand in no export of the app: "
            "JSON from Graph or `az ad app federated-credential list`.",
        ),
    ] = None,
    at: options.At = None,
    min_days: options.MinDays = 30,
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 - the name the user sees
    output: options.Output = None,
    report: options.Reports = None,
    strict: options.Strict = False,
) -> None:
    """Say what is wrong with the keys of an app registration.

    Exit codes: 0 sound, 1 faulty, 2 could not run, 3 the export does not show what decides.
    """
    from assertcheck.app_report import diagnose_apps

    sources = [_octets() if str(file) == "-" else file for file in files or [Path("-")]]
    answers = diagnose_apps(sources, federated=federated, at=at, min_days=min_days)
    _deliver(answers, format, output, report or [])
    leave(*answers, strict=strict)


def _octets() -> bytes:
    return read_input(None, stdin=standard_input(), what="registration").octets


def _deliver(
    answers: Sequence[Report], form: Format, output: Path | None, further: list[str]
) -> None:
    """Write the reports: one as everywhere; several in turn, or as an array of JSON."""
    if len(answers) == 1:
        deliver(answers[0], form, output, further)
        return
    if further:
        raise AssertcheckError(
            f"--report writes one report, and there are {len(answers)} apps",
            hint="use --format and --output, or give one app at a time",
        )
    style = style_of_stdout() if output is None else Style()
    texts = [render(answer, form, style) for answer in answers]
    if form is Format.JSON:
        whole = "[\n" + ",\n".join(text.rstrip("\n") for text in texts) + "\n]\n"
    else:
        named = zip(map(_name, answers), texts, strict=True)
        whole = "\n".join(f"{style.paint(name, '1')}\n\n{text}" for name, text in named)
    if output is None:
        write(whole)
    else:
        save(output, whole)


def _name(answer: Report) -> str:
    app = answer.registration
    known = (app.display_name, app.app_id, app.label) if app else ()
    return inert(" ".join(part for part in known if part))
