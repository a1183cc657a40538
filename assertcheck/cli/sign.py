"""`assertcheck sign`."""

from __future__ import annotations

import os
import stat
import sys
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from assertcheck.cli import options
from assertcheck.cli.group import note
from assertcheck.cli.output import unwritable, write

if TYPE_CHECKING:
    from assertcheck.signing import SignedRequest


class As(StrEnum):
    """What `sign` prints."""

    JWT = "jwt"
    CURL = "curl"
    JSON = "json"


def sign(
    cert: options.SigningCert,
    key: options.Key = None,
    client_id: options.ClientId = None,
    tenant: options.Tenant = None,
    cloud: options.Cloud = None,
    token_url: options.TokenUrl = None,
    alg: options.Alg = "PS256",
    x5c: options.SendX5c = False,
    lifetime: Annotated[
        int,
        typer.Option(
            "--lifetime",
            metavar="SECONDS",
            min=1,
            max=86_400,
            help="From iat to exp: a day at most.",
        ),
    ] = 600,
    form: Annotated[
        As,
        typer.Option("--as", metavar="NAME", help="jwt, or the whole token request: curl, json."),
    ] = As.JWT,
    scope: Annotated[
        str | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="Of the request; Microsoft Graph's /.default if not said.",
        ),
    ] = None,
    password_env: options.PasswordEnv = None,
    password_file: options.PasswordFile = None,
    output: options.Output = None,
) -> None:
    """Sign an assertion as Entra ID takes it, to compare or to send.

    It is a credential: whoever has it can sign in as the app until it expires.
    """
    from assertcheck.signing import sign_request

    request = sign_request(
        cert,
        key=key,
        client_id=client_id,
        tenant=tenant,
        cloud=cloud,
        token_url=token_url,
        scope=scope,
        alg=alg,
        x5c=x5c,
        lifetime=timedelta(seconds=lifetime),
        password=options.password_source(password_env, password_file),
    )
    _deliver(_rendered(request, form), output)
    for line in request.notes:
        note(line)


def _rendered(request: SignedRequest, form: As) -> str:
    from assertcheck.signing import as_curl, as_json

    if form is As.JWT:
        return request.assertion + "\n"
    return as_curl(request) if form is As.CURL else as_json(request)


def _deliver(text: str, output: Path | None) -> None:
    """Write `text`, which is a credential, to the file `output` or to standard output."""
    if output is not None:
        _save(output, text)
        return
    write(text)
    if sys.stdout.isatty():
        note("that is a live credential: whoever reads it can sign in as the app")
    elif _is_open_to_others(sys.stdout):
        note("others can read that file and sign in as the app; `--output FILE` keeps it to you")


def _is_open_to_others(stream: TextIO) -> bool:
    """Tell whether `stream` goes to a file that not only its owner can read."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except OSError:
        # A stream in memory has no descriptor.
        return False
    return stat.S_ISREG(mode) and bool(mode & (stat.S_IRGRP | stat.S_IROTH))


def _save(path: Path, text: str) -> None:
    """Write `text` to the file `path` so that nobody but its owner can read it."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123 - of a descriptor
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                # One that was there before has kept its mode.
                path.chmod(0o600)
            stream.write(text)
    except (OSError, ValueError) as cause:
        raise unwritable("assertion", cause) from cause
