"""From the export of a registration to the whole answer: what is wrong with the app's keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from assertcheck.errors import AssertcheckError
from assertcheck.graph import Registration
from assertcheck.keys.federated import read_credentials
from assertcheck.keys.registered import join, paired, read_all
from assertcheck.model import Clock, Report
from assertcheck.rules.app import RULES
from assertcheck.rules.app_context import AppContext
from assertcheck.summary import clock_at, report_of

MIN_DAYS = 30

Pair = tuple[Registration | None, Registration | None]
"""An application and its service principal, of which at least one is there."""


def diagnose_app(
    sources: Iterable[str | Path | bytes],
    *,
    federated: str | Path | bytes | None = None,
    at: datetime | None = None,
    min_days: int | None = MIN_DAYS,
) -> Report:
    """Say what is wrong with the registration in `sources`: of one app, or of it and its principal.

    Raise `AssertcheckError` if there are several apps, and else as `diagnose_apps` does.
    """
    reports = diagnose_apps(sources, federated=federated, at=at, min_days=min_days)
    if len(reports) > 1:
        raise AssertcheckError(
            f"there are {len(reports)} apps in what was given",
            hint="give the export of one, or call diagnose_apps for a report on each",
        )
    return reports[0]


def diagnose_apps(
    sources: Iterable[str | Path | bytes],
    *,
    federated: str | Path | bytes | None = None,
    at: datetime | None = None,
    min_days: int | None = MIN_DAYS,
) -> tuple[Report, ...]:
    """Say of each app in `sources`, paths or octets of exports, what is wrong with it.

    An application and the service principal of the same app are judged together. `federated` are
    the federated credentials of the one app. `at` is the clock, aware; without it the present. Warn
    of keys that end within `min_days`. A report has no verdict, an error finding says that something
    cannot work; where the export does not show what decides, it is `INCOMPLETE`. Raise
    `CertificateError` if a file holds no registration, and `AssertcheckError` if there is none or
    the clock makes no sense.
    """
    found = tuple(each for source in sources for each in read_all(source, label="registration"))
    if not found:
        raise AssertcheckError(
            "no registration was given",
            hint="export it: `az ad app show --id CLIENT_ID > app.json`",
        )
    is_federated = federated is not None and bool(read_credentials(federated))
    return report_on_registrations(found, at=at, min_days=min_days, is_federated=is_federated)


def report_on_registrations(
    registrations: Sequence[Registration],
    *,
    at: datetime | None,
    min_days: int | None,
    is_federated: bool = False,
) -> tuple[Report, ...]:
    """Return the report on each app in `registrations`, of which there is at least one.

    `is_federated`: whether it has federated credentials; raise `AssertcheckError` if then there are
    several, for only one of them has.
    """
    pairs, clock = paired(registrations), clock_at(at, timedelta())
    if is_federated and len(pairs) > 1:
        raise AssertcheckError(
            f"the federated credentials are those of one app, and there are {len(pairs)} apps",
            hint="give the export of that app alone",
        )
    return tuple(_report_on(pair, clock, min_days, is_federated=is_federated) for pair in pairs)


def _report_on(pair: Pair, clock: Clock, min_days: int | None, *, is_federated: bool) -> Report:
    application, principal = pair
    context = AppContext(
        is_federated=is_federated,
        application=application,
        principal=principal,
        now=clock.now,
        min_days=min_days,
    )
    return replace(report_of(RULES, context, clock), registration=join(*pair))
