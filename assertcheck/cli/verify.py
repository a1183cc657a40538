"""`assertcheck verify`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from assertcheck.cli import options
from assertcheck.cli.group import note
from assertcheck.cli.output import Format, deliver, leave
from assertcheck.cli.source import MAX_INPUT, read_input, standard_input
from assertcheck.errors import InputError
from assertcheck.reading import read_file

if TYPE_CHECKING:
    from assertcheck.model import Report


def verify(
    input: options.Input = None,  # noqa: A002 - the name the user sees
    cert: options.Cert = None,
    also: options.Also = None,
    app: options.App = None,
    federated: options.Federated = None,
    password_env: options.PasswordEnv = None,
    password_file: options.PasswordFile = None,
    client_id: options.ClientId = None,
    tenant: options.Tenant = None,
    token_url: options.TokenUrl = None,
    cloud: options.Cloud = None,
    error: options.Error = None,
    at: options.At = None,
    leeway: options.Leeway = 300,
    min_days: options.MinDays = None,
    format: options.OutputFormat = Format.TEXT,  # noqa: A002 - the name the user sees
    output: options.Output = None,
    report: options.Reports = None,
    strict: options.Strict = False,
) -> None:
    """Say whether Entra ID would take an assertion, and if not, why.

    Exit codes: 0 accepted, 1 refused, 2 could not run, 3 incomplete.
    """
    from assertcheck.report import diagnose

    source = read_input(input, stdin=standard_input())
    answer = diagnose(
        source.octets,
        certs=cert or (),
        also=also or (),
        app=app,
        federated=federated,
        password=options.password_source(password_env, password_file),
        client_id=client_id,
        tenant=tenant,
        token_url=token_url,
        cloud=cloud,
        error=read_file(error, limit=MAX_INPUT, error=InputError) if error else None,
        at=at,
        leeway=timedelta(seconds=leeway),
        min_days=min_days,
    )
    if source.from_argument and _is_live(answer):
        note(
            "the assertion is live, and shell history and process lists keep arguments; pipe it in"
        )
    deliver(answer, format, output, report or [])
    leave(answer, strict=strict)


def _is_live(report: Report) -> bool:
    expires = report.assertion.expires if report.assertion else None
    return expires is not None and expires > datetime.now(UTC)
