"""The options that several commands share."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assertcheck.cli.output import Format
from assertcheck.errors import AssertcheckError
from assertcheck.numericdate import instant

if TYPE_CHECKING:
    from assertcheck.keys.password import Password


def parse_time(text: str) -> datetime:
    """Return the moment `text` names: ISO 8601, UTC where no zone is given, or seconds since 1970.

    Raise `AssertcheckError` if it names none.
    """
    moment = instant(text)
    if moment is not None:
        return moment
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as cause:
        raise AssertcheckError(
            "--at takes a time in ISO 8601 or in seconds since 1970",
            hint="for example --at 2026-01-15T12:00:00Z",
        ) from cause


def password_source(variable: str | None, file: Path | None) -> Password:
    """Return the password that --password-env or --password-file names, else the prompt for one."""
    # Imported late, both times: few key files have a password.

    def ask(label: str) -> bytes | None:
        from assertcheck.cli.password import ask_password

        return ask_password(label)

    if variable is None and file is None:
        return ask
    from assertcheck.cli.password import read_password

    return read_password(variable, file)


Input = Annotated[
    str | None,
    typer.Argument(
        metavar="[INPUT]",
        help="A file, `-` for standard input (the default), or the assertion itself.",
        show_default=False,
    ),
]
Cert = Annotated[
    list[Path] | None,
    typer.Option(
        "--cert",
        metavar="FILE",
        parser=Path,
        help="What Entra ID has registered: a certificate as PEM, DER, PKCS#7, PFX or JWK, or a "
        "folder of them. Repeatable.",
    ),
]
SigningCert = Annotated[
    Path,
    typer.Option(
        "--cert",
        metavar="FILE",
        parser=Path,
        help="The certificate, as PEM, DER, PFX or JWK, with its private key in it or in --key.",
    ),
]
Also = Annotated[
    list[Path] | None,
    typer.Option(
        "--also",
        metavar="FILE",
        parser=Path,
        help="Another certificate lying around, tried only to explain. Repeatable.",
    ),
]
App = Annotated[
    Path | None,
    typer.Option(
        "--app",
        metavar="FILE",
        parser=Path,
        help="What Entra ID has registered, as JSON from Graph, `az ad app show` or the portal's "
        "manifest; --cert is then what the client holds.",
    ),
]
Export = Annotated[
    Path | None,
    typer.Option(
        "--app",
        metavar="FILE",
        parser=Path,
        help="What Entra ID has registered, as JSON from Graph, `az ad app show` or the portal's "
        "manifest, to look the certificate up in.",
    ),
]
Federated = Annotated[
    Path | None,
    typer.Option(
        "--federated",
        metavar="FILE",
        parser=Path,
        help="The app's federated identity credentials, as JSON from Graph or `az ad app "
        "federated-credential list`; the issuer's JWKS goes to --cert.",
    ),
]
Key = Annotated[
    Path | None,
    typer.Option(
        "--key",
        metavar="FILE",
        parser=Path,
        help="The private key, where it is not in the same file as the certificate.",
    ),
]
PasswordEnv = Annotated[
    str | None,
    typer.Option(
        "--password-env",
        metavar="NAME",
        help="The environment variable with the password of a key file.",
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        parser=Path,
        help="The file with the password of a key file. Without either, a terminal is asked.",
    ),
]
ClientId = Annotated[
    str | None,
    typer.Option("--client-id", metavar="GUID", help="The client_id of the token request."),
]
Tenant = Annotated[
    str | None,
    typer.Option(
        "--tenant", metavar="TENANT", help="The tenant the request goes to: GUID or domain name."
    ),
]
TokenUrl = Annotated[
    str | None,
    typer.Option("--token-url", metavar="URL", help="The URL the request is posted to."),
]
Cloud = Annotated[
    str | None, typer.Option("--cloud", metavar="CLOUD", help="public, usgov or china.")
]
Alg = Annotated[
    str,
    typer.Option(
        "--alg",
        metavar="NAME",
        help="PS256, PS384, PS512, RS256, RS384 or RS512.",
        show_default=True,
    ),
]
SendX5c = Annotated[
    bool, typer.Option("--x5c", help="Send the certificates along, in the header's x5c.")
]
Error = Annotated[
    Path | None,
    typer.Option(
        "--error",
        metavar="FILE",
        parser=Path,
        help="The error that Entra ID returned, where it is not in the paste.",
    ),
]
At = Annotated[
    datetime | None,
    typer.Option(
        "--at",
        metavar="TIME",
        parser=parse_time,
        help="Judge as of this time (ISO 8601, or seconds since 1970) instead of now.",
    ),
]
Leeway = Annotated[
    int,
    typer.Option(
        "--leeway",
        metavar="SECONDS",
        min=0,
        max=86_400,
        help="How far past exp or before nbf is forgiven.",
    ),
]
MinDays = Annotated[
    int | None,
    typer.Option(
        "--min-days",
        metavar="N",
        min=0,
        max=36_500,
        help="Warn of what ends within N days.",
    ),
]
OutputFormat = Annotated[Format, typer.Option("--format", metavar="NAME", help="text or json.")]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", metavar="FILE", parser=Path, help="Write to FILE instead of standard output."
    ),
]
Reports = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="FORMAT=FILE",
        help="Write a further report to FILE. Repeatable.",
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit 1 on warnings too.")]
