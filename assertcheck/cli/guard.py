"""Keeps what a command writes away from what it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from pathlib import Path

from assertcheck.errors import AssertcheckError

_OUTPUTS = ("output", "report")


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Return `command` such that it overwrites no file it was given, and none twice.

    `--output -` is standard output.
    """

    @wraps(command)
    def run(**given: object) -> None:
        if given.get("output") == Path("-"):
            given["output"] = None
        _check(given)
        command(**given)

    return run


def _check(given: Mapping[str, object]) -> None:
    outputs = list(_outputs(given))
    for index, path in enumerate(outputs):
        if any(_is_same(path, other) for other in outputs[:index]):
            raise AssertcheckError("one file is named for two outputs", hint="name a file for each")
        if any(_is_same(path, other) for other in _inputs(given)):
            raise AssertcheckError(
                "the output would overwrite a file that is read", hint="name another file"
            )


def _outputs(given: Mapping[str, object]) -> Iterator[Path]:
    output, reports = given.get("output"), given.get("report")
    if isinstance(output, Path):
        yield output
    for report in reports if isinstance(reports, list) else ():
        yield Path(report.partition("=")[2])


def _inputs(given: Mapping[str, object]) -> Iterator[Path]:
    for name, value in given.items():
        values = value if isinstance(value, list) else [value]
        if name not in _OUTPUTS:
            # INPUT is a path or the paste itself.
            yield from (Path(each) for each in values if isinstance(each, (Path, str)))


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except (OSError, ValueError):
        # One of them is not there, or no path at all.
        return path.absolute() == other.absolute()
