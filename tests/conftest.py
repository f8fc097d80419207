"""What all tests share: the real files beside the project, and the true recipes."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from workers import group_of, slowest_first

# One profile for all: how long an example takes is the machine's affair, and a folder made once
# for all examples of a test is written over by each. `.ci/run` takes the second, always the same.
settings.register_profile(
    "phoenix",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("repeatable", settings.get_profile("phoenix"), derandomize=True)
settings.load_profile("phoenix")

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data"


def pytest_configure() -> None:
    """Have Ctrl-C heard by what tests start: a shell has its background jobs ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real files; a checkout without it skips what needs it."""
    if not SHARED.is_dir():
        pytest.skip(f"no real files: {SHARED} is absent")
    return SHARED


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs the true recipes where there are none; on a worker, slow ones first."""
    if not shutil.which("esorex"):
        reason = pytest.mark.skip(
            reason="no esorex: run `make test`, which installs the pipelines"
        )
        for item in items:
            if "recipes" in item.keywords:
                item.add_marker(reason)
    if hasattr(config, "workerinput"):
        slowest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Give the tests that look at the same night to the same worker."""
    from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - not without pytest-xdist

    class NightScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return NightScheduling(config, log) if config.getoption("dist") == "loadscope" else None
