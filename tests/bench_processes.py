"""Whole processes, compared: what `assertcheck verify` costs beside a script that only verifies.

Run by `make bench`. The two take turns, so that whatever else the machine does hits both alike;
the ratio is of the medians.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.build import certificate, pem, token

ROUNDS = 41
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
"""As installed: the modules of both are compiled once, before the first round."""
BARE = """
import sys
import jwt
import typer
from cryptography import x509


def main(token: str, cert: str) -> None:
    key = x509.load_pem_x509_certificate(open(cert, "rb").read()).public_key()
    jwt.decode(open(token).read(), key, ["RS256"], options={"verify_aud": False, "verify_exp": False})


typer.run(main)
"""


def seconds(command: list[str]) -> float:
    """Return how long `command` runs, on the wall clock."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - start


def main() -> None:
    """Print the medians and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        bare, cert, assertion = (Path(folder, name) for name in ("bare.py", "app.pem", "a.jwt"))
        bare.write_text(BARE)
        cert.write_bytes(pem(certificate()))
        assertion.write_text(token())
        program = Path(sys.executable).with_name("assertcheck")
        commands = {
            "bare script": [sys.executable, str(bare), str(assertion), str(cert)],
            "assertcheck verify": [
                *(str(program), "verify", str(assertion), "--cert", str(cert)),
                *("--at", "2026-03-10T12:00:00Z"),
            ],
            "assertcheck decode": [str(program), "decode", str(assertion)],
            "assertcheck --version": [str(program), "--version"],
        }
        for command in commands.values():
            seconds(command)
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                taken[name].append(seconds(command))
    base = statistics.median(taken["bare script"])
    for name, values in taken.items():
        median = statistics.median(values)
        sys.stdout.write(f"{name:24} {median * 1000:7.1f} ms  {median / base:5.2f} x\n")


if __name__ == "__main__":
    sys.stdout.write(f"{os.cpu_count()} cores, {ROUNDS} rounds, medians\n")
    main()
