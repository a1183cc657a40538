"""`assertcheck decode`."""

from __future__ import annotations

from datetime import UTC, datetime

from assertcheck.cli import options
from assertcheck.cli.output import Format, save, style_of_stdout, write
from assertcheck.cli.source import read_input, standard_input
from assertcheck.render.layout import Style


def decode(
    input: options.Input = None,  # noqa: A002 - the name the user sees
    at: options.At = None,
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 - the name the user sees
    output: options.Output = None,
) -> None:
    """Take an assertion apart and show it, judging nothing."""
    from assertcheck.decoder import decode as take_apart
    from assertcheck.intake import read_paste
    from assertcheck.kind import kind_of
    from assertcheck.render.decoded import render_decoded, render_decoded_json

    submission = read_paste(read_input(input, stdin=standard_input()).octets)
    assertion = take_apart(submission.assertion)
    style = style_of_stdout() if output is None else Style()
    if format is Format.JSON:
        text = render_decoded_json(assertion, submission, kind_of(assertion))
    else:
        text = render_decoded(assertion, submission, now=at or datetime.now(UTC), style=style)
    write(text) if output is None else save(output, text)
