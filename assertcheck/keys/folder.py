"""A folder with key files in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from assertcheck.errors import CertificateError
from assertcheck.keys.certificate import check_count, leaves_first
from assertcheck.model import Candidate

MAX_FILES = 100
_MOST_NAMED = 3
"""Of the files that cannot serve, in one message."""


def read_folder(
    path: Path, read: Callable[[Path, str], tuple[Candidate, ...]]
) -> tuple[Candidate, ...]:
    """Return the keys in the files of the folder `path`, by name, as `read` gives them.

    `read` takes a file and what to call it. Hidden files and folders inside are skipped. A file
    that cannot serve is a note on the first candidate; if none can, or there are more than
    `MAX_FILES`, raise `CertificateError`. A certificate that issued another one in the folder
    becomes `Role.ALSO`.
    """
    name = path.resolve().name or str(path)
    found: list[Candidate] = []
    skipped: list[str] = []
    for file in _files(path, name):
        try:
            found += read(file, f"{name}/{file.name}")
        except CertificateError as error:
            skipped.append(error.message)
    if not found:
        raise CertificateError(
            f"{name} holds no certificate or key that can be used: {_named(skipped)}",
            hint="name the certificate's own file",
        )
    check_count(len(found), name)
    first, *rest = leaves_first(tuple(found))
    notes = (f"beside it was skipped: {_named(skipped)}",) if skipped else ()
    return (replace(first, notes=(*first.notes, *notes)), *rest)


def _files(path: Path, name: str) -> list[Path]:
    files: list[Path] = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and not entry.is_dir():
                    files.append(Path(entry.path))
                if len(files) > MAX_FILES:
                    raise CertificateError(
                        f"{name} holds more than {MAX_FILES} files",
                        hint="name the certificate's own file",
                    )
    except OSError as cause:
        raise CertificateError(
            f"cannot list {name}: {os.strerror(cause.errno or 0).lower()}",
            hint="check its permissions, or name a file in it",
        ) from cause
    return sorted(files)


def _named(messages: list[str]) -> str:
    more = len(messages) - _MOST_NAMED
    named = messages[:_MOST_NAMED] + ([f"and {more} more"] if more > 0 else [])
    return "; ".join(named) or "there is no file in it"
