"""The MSAL Python hook of the README, run as it stands there."""

import importlib
import io
import logging
import os
import re
import stat
import urllib.parse
from pathlib import Path

import pytest

import assertcheck
from assertcheck.model import Verdict
from tests.build import CLIENT_ID, TENANT, pem
from tests.stub_msal import TokenEndpoint, acquire, home
from tests.test_msal import app_certificate, with_pfx_and_x5c, with_thumbprint

README = Path(__file__).parent.parent / "README.md"
HOOK = re.compile(r"^<!-- hook: msal-python -->\n```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Wire:
    """Where `requests` hands over a request that is ready to be sent: it ends here."""

    def __init__(self):
        self.endpoint = TokenEndpoint(home("public"))

    def send(self, request, **_):
        if request.method == "POST":
            form = dict(urllib.parse.parse_qsl(request.body))
            answer = self.endpoint.post(request.url, data=form)
        else:
            answer = self.endpoint.get(request.url)
        response = importlib.import_module("requests").Response()
        response.status_code, response.request, response.url = 200, request, request.url
        response.raw = io.BytesIO(answer.text.encode())
        return response

    def close(self):
        """Nothing was opened."""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hooked(credential):
    """Have MSAL ask for a token through the README's hook; return the form that was sent."""
    (source,) = HOOK.findall(README.read_text(encoding="utf-8"))
    names: dict = {}
    exec(compile(source, "README.md", "exec"), names)
    session, wire = names["KeepingSession"](), Wire()
    session.mount("https://", wire)
    acquire(credential, session)
    return wire.endpoint.form


@pytest.mark.parametrize("way", [with_thumbprint, with_pfx_and_x5c], ids=lambda way: way.__name__)
def test_the_hook_keeps_the_assertion_that_is_sent(way, folder):
    form = hooked(way(folder))
    assert (folder / "assertion.jwt").read_text() == form["client_assertion"]


def test_what_the_hook_keeps_can_be_verified(folder):
    hooked(with_thumbprint(folder))
    report = assertcheck.diagnose(
        (folder / "assertion.jwt").read_text(),
        certs=[pem(app_certificate())],
        client_id=CLIENT_ID,
        tenant=TENANT,
    )
    assert report.verdict is Verdict.ACCEPTED


def test_only_its_owner_can_read_what_the_hook_keeps(folder):
    path = folder / "assertion.jwt"
    path.write_text("an older one, for all to read")
    path.chmod(0o666)
    before = os.umask(0)
    try:
        hooked(with_thumbprint(folder))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "older" not in path.read_text()


def test_the_hook_does_not_write_through_a_link(folder):
    target = folder / "elsewhere"
    target.write_text("untouched")
    (folder / "assertion.jwt").symlink_to(target)
    hooked(with_thumbprint(folder))
    assert target.read_text() == "untouched"
    assert not (folder / "assertion.jwt").is_symlink()


def test_the_hook_keeps_an_assertion_that_was_given_as_text(folder):
    hooked({"client_assertion": lambda: "aaaa.bbbb.cccc"})
    assert (folder / "assertion.jwt").read_text() == "aaaa.bbbb.cccc"


def test_the_hook_keeps_nothing_where_there_is_no_assertion(folder):
    assert hooked("a client secret")["client_secret"] == "a client secret"
    assert list(folder.iterdir()) == []


def test_the_hook_prints_and_logs_nothing(folder, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    form = hooked(with_thumbprint(folder))
    assert form["client_assertion"] not in caplog.text
    assert capsys.readouterr() == ("", "")
