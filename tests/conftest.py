"""What every test may use."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.seeded import SEED

GOLDEN = Path(__file__).parent / "golden"

settings.register_profile(
    "assertcheck",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    derandomize=not SEED,
)
settings.load_profile("assertcheck")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="accept today's output")


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c_interrupts() -> None:
    # A shell that runs the tests in the background lets them, and all they start, ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def updating(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def golden(updating: bool) -> Callable[[str, str], None]:
    """Compare a text with the file of that name in tests/golden."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if updating:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), "`make golden` accepts it"

    return compare
