from pathlib import Path

import pytest

from assertcheck import diagnose
from assertcheck.model import Severity, Verdict
from sample_certs.generate import AT, SAMPLES

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


@pytest.mark.parametrize("name", ["good-x5c", "x5t-of-issuer-cert", "signed-with-ca-key"])
def test_the_order_of_a_chain_file_changes_nothing(name):
    sample = next(sample for sample in SAMPLES if sample.name == name)
    turned = judged(sample, cert="chain-root-first.pem")
    assert turned.verdict is judged(sample).verdict
    assert [finding.id for finding in turned.findings] == [
        finding.id for finding in judged(sample).findings
    ]
