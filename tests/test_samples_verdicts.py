from pathlib import Path

import pytest

from assertcheck import diagnose
from assertcheck.app_report import diagnose_app
from assertcheck.model import Severity, Verdict
from assertcheck.saml.report import diagnose_saml
from sample_certs.generate import AT, RUNS, SAMPLES

FOLDER = Path(__file__).parent.parent / "sample_certs"


def judged(sample, *, cert=None):
    return diagnose(
        (FOLDER / "assertions" / f"{sample.name}.jwt").read_text(encoding="ascii"),
        certs=[FOLDER / (cert or sample.cert)],
        also=[FOLDER / sample.also] if sample.also else [],
        tenant=sample.tenant or None,
        at=AT,
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_draws_its_finding_and_no_other(sample):
    report = judged(sample)
    assert report.verdict is (Verdict.ACCEPTED if sample.accepted else Verdict.REFUSED)
    assert (report.cause.id if report.cause else None) == (
        None if sample.accepted else sample.finding
    )
    # A set: one finding may come once for each claim it is about.
    weighty = {finding.id for finding in report.findings if finding.severity is not Severity.NOTE}
    assert weighty == ({sample.finding} if sample.finding else set())


def judged_by(run):
    path = FOLDER / (run.over or run.shown)
    if run.command == "app":
        return diagnose_app([path], at=AT)
    text = path.read_text(encoding="ascii")
    certs = [FOLDER / run.cert] if run.cert else []
    app = FOLDER / run.app if run.app else None
    if run.command == "saml":
        return diagnose_saml(text, certs=certs, app=app, at=AT)
    federated = FOLDER / run.federated if run.federated else None
    return diagnose(text, certs=certs, app=app, federated=federated, at=AT)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.line)
def test_a_run_draws_its_finding_and_no_other(run):
    report = judged_by(run)
    verdict = Verdict.REFUSED if run.finding else Verdict.ACCEPTED
    assert report.verdict is (None if run.command == "app" else verdict)
    assert (report.cause.id if report.cause else None) == run.finding
    assert [finding.id for finding in report.findings] == ([run.finding] if run.finding else [])


@pytest.mark.parametrize("name", ["redirect-signed", "post-signed"])
def test_a_signed_request_is_accepted_by_the_certificate_alone(name):
    text = (FOLDER / "saml" / f"{name}.txt").read_text(encoding="ascii")
    report = diagnose_saml(text, certs=[FOLDER / "rsa-2048.pem"], at=AT)
    assert (report.verdict, report.findings) == (Verdict.ACCEPTED, ())
    assert report.assumes


@pytest.mark.parametrize("name", ["good-x5c", "x5t-of-issuer-cert", "signed-with-ca-key"])
def test_the_order_of_a_chain_file_changes_nothing(name):
    sample = next(sample for sample in SAMPLES if sample.name == name)
    turned = judged(sample, cert="chain-root-first.pem")
    assert turned.verdict is judged(sample).verdict
    assert [finding.id for finding in turned.findings] == [
        finding.id for finding in judged(sample).findings
    ]
