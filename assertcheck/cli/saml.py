"""`assertcheck saml`."""

from __future__ import annotations

from typing import Annotated

import typer

from assertcheck.cli import options
from assertcheck.cli.output import Format, deliver, leave
from assertcheck.cli.source import MAX_INPUT, read_input, standard_input
from assertcheck.errors import InputError
from assertcheck.reading import read_file


def saml(
    input: Annotated[  # noqa: A002 - the name the user sees
        str | None,
        typer.Argument(
            metavar="[INPUT]",
            help="A file, `-` for standard input (the default), or the request itself: the "
            "redirect URL, the form, the value of SAMLRequest, the XML.",
            show_default=False,
        ),
    ] = None,
    cert: options.Cert = None,
    also: options.Also = None,
    app: options.App = None,
    password_env: options.PasswordEnv = None,
    password_file: options.PasswordFile = None,
    binding: Annotated[
        str | None,
        typer.Option(
            "--binding",
            metavar="BINDING",
            help="redirect or post, where the paste does not show it.",
        ),
    ] = None,
    error: options.Error = None,
    at: options.At = None,
    min_days: options.MinDays = None,
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 - the name the user sees
    output: options.Output = None,
    report: options.Reports = None,
    strict: options.Strict = False,
) -> None:
    """Say whether Entra ID would take a SAML sign-in request.

    Exit codes: 0 accepted, 1 refused, 2 could not run, 3 incomplete.
    """
    from assertcheck.saml.report import diagnose_saml

    source = read_input(input, stdin=standard_input(), what="SAML request")
    answer = diagnose_saml(
        source.octets,
        certs=cert or (),
        also=also or (),
        app=app,
        password=options.password_source(password_env, password_file),
        binding=binding,
        error=read_file(error, limit=MAX_INPUT, error=InputError) if error else None,
        at=at,
        min_days=min_days,
    )
    deliver(answer, format, output, report or [])
    leave(answer, strict=strict)
