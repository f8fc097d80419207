"""One exposure, of which the parts of a night are made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from phoenix.simulate.exposure import Exposure, ObservationBlock, Template

START = datetime(2020, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


@pytest.fixture
def exposure() -> Exposure:
    """Half an hour of science."""
    return Exposure(
        "GIRAF",
        START,
        1800.0,
        "SCIENCE",
        "OBJECT",
        "MOS",
        ObservationBlock(7, "OB", "NGC 1", "104.D-0001(A)", ra=95.123456, dec=-30.5),
        Template("FLAMES_gir_obs_exp", "exp", START, 1),
    )
