"""X-shooter holds the contracts of all plugins and of their simulators."""

from phoenix.testing import InstrumentContract, SimulatorContract


class TestXshooter(InstrumentContract):
    instrument = "xshooter"


class TestXshooterSimulator(SimulatorContract):
    instrument = "xshooter"
    setups = ("UVB",)
