"""`assertcheck cert`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assertcheck.cli import options
from assertcheck.cli.output import Format, deliver, leave


def cert(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            parser=Path,
            help="A certificate as PEM, DER, PKCS#7, PFX or JWK, or a folder of them.",
            show_default=False,
        ),
    ],
    key: options.Key = None,
    app: options.Export = None,
    client_id: Annotated[
        str | None,
        typer.Option(
            "--client-id",
            metavar="GUID",
            help="Which app is meant, where --app holds several.",
        ),
    ] = None,
    password_env: options.PasswordEnv = None,
    password_file: options.PasswordFile = None,
    at: options.At = None,
    min_days: options.MinDays = 30,
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 - the name the user sees
    output: options.Output = None,
    report: options.Reports = None,
    strict: options.Strict = False,
) -> None:
    """Show a certificate's thumbprints, its dates, what to register.

    With --key, say whether the private key belongs to it; with --app, whether it is registered.
    Exit codes: 0 sound, 1 faulty, 2 could not run, 3 the export does not show what decides.
    """
    from assertcheck.cert_report import diagnose_certificates

    answer = diagnose_certificates(
        files,
        key=key,
        app=app,
        client_id=client_id,
        password=options.password_source(password_env, password_file),
        at=at,
        min_days=min_days,
    )
    deliver(answer, format, output, report or [])
    leave(answer, strict=strict)
