"""Whole outputs, as people and programs get them; `make golden` accepts a change."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assertcheck.cli import app
from sample_certs.generate import AT, SAMPLES, Sample

FOLDER = Path(__file__).parent.parent / "sample_certs"
SHOWN = {
    "good-x5c",
    "x5t-base64-of-hex-text",
    "x5t-of-other-cert-than-signer",
    "signed-with-other-key",
    "payload-changed-after-signing",
    "pss-signature-under-rs256",
    "time-in-milliseconds",
    "aud-wrong-tenant",
    "header-not-json",
}


def run(sample: Sample, *more: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(FOLDER)
    text = (FOLDER / "assertions" / f"{sample.name}.jwt").read_bytes()
    at = AT.isoformat()
    return (
        CliRunner().invoke(app, ["verify", *sample.options, "--at", at, *more], input=text).stdout
    )


@pytest.mark.parametrize(
    "sample", [item for item in SAMPLES if item.name in SHOWN], ids=lambda item: item.name
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_reports_look_as_they_did(
    sample: Sample, form: str, golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
):
    suffix = {"text": "txt", "json": "json"}[form]
    shown = run(sample, "--format", form, monkeypatch=monkeypatch)
    golden(f"{sample.name}.{suffix}", shown)


def test_each_output_shown_belongs_to_a_sample():
    assert {item.name for item in SAMPLES} >= SHOWN
