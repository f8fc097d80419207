"""Fixtures for plugin authors, loaded by pytest itself.

They give :class:`~phoenix.testing.contract.InstrumentContract` its night: simulated once for a
class, prepared, and reduced by the true recipes where these are installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from phoenix.instrument import Instrument
    from phoenix.model.process import Process
    from phoenix.testing.night import PreparedNight, ReducedNight

pytest.register_assert_rewrite("phoenix.testing.contract", "phoenix.testing.simulator")

# Imports stand inside: pytest loads this module in every project that has phoenix installed.


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks of the contract, for projects with strict ones."""
    config.addinivalue_line("markers", "recipes: runs the true ESO recipes (needs esorex)")


@pytest.fixture(scope="class")
def contract_instrument(request: pytest.FixtureRequest) -> Instrument:
    """Load the instrument that the class names; skip where it cannot be loaded."""
    from phoenix.instrument import load_instrument  # noqa: PLC0415 - see above
    from phoenix.testing.hooks import why_not_loaded  # noqa: PLC0415 - see above

    if why_not_loaded(request.cls.instrument):
        # One fact of the contract fails for that, with the reason.
        pytest.skip("the plugin cannot be loaded")
    return load_instrument(request.cls.instrument)


@pytest.fixture(scope="class")
def contract_process(contract_instrument: Instrument, request: pytest.FixtureRequest) -> Process:
    """Return the process that the class names, else the first one of the plugin."""
    name = request.cls.process or contract_instrument.processes()[0].name
    return contract_instrument.process(name)


@pytest.fixture(scope="class")
def contract_night(
    contract_instrument: Instrument,
    contract_process: Process,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> PreparedNight:
    """Simulate and prepare the night of the class; skip where the plugin has no simulator."""
    from phoenix.testing.hooks import has_simulator  # noqa: PLC0415 - see above

    if not has_simulator(contract_instrument):
        # One fact of the contract fails for that, with the reason.
        pytest.skip("the plugin has no hook simulate")
    from phoenix.testing.night import prepare_night  # noqa: PLC0415 - see above

    folder = tmp_path_factory.mktemp(f"{request.cls.instrument}-night")
    return prepare_night(contract_instrument, contract_process, request.cls.date, folder)


@pytest.fixture(scope="class")
def contract_reduced(
    contract_night: PreparedNight, tmp_path_factory: pytest.TempPathFactory
) -> ReducedNight:
    """Reduce the night by the true recipes, or skip where there is no esorex."""
    from phoenix.testing.night import has_esorex, reduce_night  # noqa: PLC0415 - see above

    if not has_esorex():
        pytest.skip("no esorex: install the ESO pipelines to run the true recipes")
    return reduce_night(contract_night, tmp_path_factory.mktemp("workspace"))
