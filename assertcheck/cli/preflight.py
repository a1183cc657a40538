"""`assertcheck preflight`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assertcheck.cli import options
from assertcheck.cli.output import Format, deliver, leave
from assertcheck.cli.source import read_input, standard_input

Export = Annotated[
    Path | None,
    typer.Option(
        "--app",
        metavar="FILE",
        parser=Path,
        help="What Entra ID has registered, as JSON from Graph, `az ad app show` or the portal's "
        "manifest, to look the certificate up in; `-` for standard input.",
    ),
]


def preflight(
    cert: options.SigningCert,
    key: options.Key = None,
    app: Export = None,
    client_id: options.ClientId = None,
    tenant: options.Tenant = None,
    cloud: options.Cloud = None,
    token_url: options.TokenUrl = None,
    alg: options.Alg = "PS256",
    x5c: options.SendX5c = False,
    password_env: options.PasswordEnv = None,
    password_file: options.PasswordFile = None,
    at: options.At = None,
    min_days: options.MinDays = 30,
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 - the name the user sees
    output: options.Output = None,
    report: options.Reports = None,
    strict: options.Strict = False,
) -> None:
    """Say whether key, certificate and registration go together.

    An assertion is signed with the key and judged as `verify` does; it is not shown. Exit codes: 0
    accepted, 1 refused, 2 could not run, 3 incomplete.
    """
    from assertcheck.preflight_report import preflight as check

    answer = check(
        cert,
        key=key,
        app=_octets() if app == Path("-") else app,
        client_id=client_id,
        tenant=tenant,
        cloud=cloud,
        token_url=token_url,
        alg=alg,
        x5c=x5c,
        password=options.password_source(password_env, password_file),
        at=at,
        min_days=min_days,
    )
    deliver(answer, format, output, report or [])
    leave(answer, strict=strict)


def _octets() -> bytes:
    return read_input(None, stdin=standard_input(), what="registration").octets
