"""Where text goes: standard output, or files."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from assertcheck.cli.group import note
from assertcheck.errors import AssertcheckError
from assertcheck.render.layout import Style

if TYPE_CHECKING:
    from assertcheck.model import Report

_NARROWEST, _WIDEST = 60, 120
"""Columns."""


class Format(StrEnum):
    """A form a report can take."""

    TEXT = "text"
    JSON = "json"


def write(text: str) -> None:
    """Print `text` on standard output; end the program quietly if nobody reads it."""
    # Started with `>&-`, Python has no standard output at all.
    if sys.stdout is None:
        raise _unwritten("standard output", "it is closed")
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "replace").decode(encoding))
        sys.stdout.flush()
    except OSError as cause:
        # What is left in the buffer would raise again when Python closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(cause, BrokenPipeError):
            raise typer.Exit(141) from None
        raise _unwritten("standard output", os.strerror(cause.errno or 0).lower()) from cause


def style_of_stdout() -> Style:
    """Return what standard output can show: colour on a terminal only, and not with NO_COLOR."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    colorless = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    columns = shutil.get_terminal_size().columns if is_terminal else Style().width
    width = min(max(columns, _NARROWEST), _WIDEST)
    return Style(color=is_terminal and not colorless, width=width)


def render(report: Report, form: Format, style: Style) -> str:
    """Return `report` in the form asked for."""
    if form is Format.JSON:
        from assertcheck.render.json_report import render_json

        return render_json(report)
    from assertcheck.render.text import render_text

    return render_text(report, style)


def deliver(report: Report, form: Format, output: Path | None, further: list[str]) -> None:
    """Write `report` to the files asked for, and to standard output unless `output` is one.

    `further` are texts `FORMAT=FILE`.
    """
    for target in further:
        name, _, path = target.partition("=")
        if name not in list(Format) or not path:
            raise AssertcheckError(
                "--report takes FORMAT=FILE", hint=f"FORMAT is {' or '.join(Format)}"
            )
        save(Path(path), render(report, Format(name), Style()))
    if output is None:
        write(render(report, form, style_of_stdout()))
    else:
        save(output, render(report, form, Style()))


def leave(*reports: Report, strict: bool) -> NoReturn:
    """End the program with the exit code of `reports`; say so where `strict` alone makes it 1."""
    code = _worst([report.exit_code(strict=strict) for report in reports])
    if code != _worst([report.exit_code() for report in reports]):
        word = reports[0].verdict or "sound"
        note(f"{word}, but --strict lets warnings fail: exit code {code}")
    raise typer.Exit(code)


def _worst(codes: Sequence[int]) -> int:
    """Return the exit code of several reports: refused beats incomplete."""
    return 1 if 1 in codes else max(codes)


def _unwritten(where: str, reason: str) -> AssertcheckError:
    return AssertcheckError(
        f"cannot write to {where}: {reason}", hint="`--output FILE` writes to a file instead"
    )


def save(path: Path, text: str) -> None:
    """Write `text` to the file `path`; raise `AssertcheckError` when that cannot be done."""
    try:
        path.write_text(text, encoding="utf-8")
    except (OSError, ValueError) as cause:
        raise unwritable("report", cause) from cause


def unwritable(what: str, cause: OSError | ValueError) -> AssertcheckError:
    """Return the error that says why `what` was not written to the file that was named."""
    errno = cause.errno if isinstance(cause, OSError) else None
    reason = os.strerror(errno).lower() if errno else "not a path"
    return AssertcheckError(
        f"cannot write the {what}: {reason}", hint="name a file in a folder that exists"
    )
