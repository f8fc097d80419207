"""UVES holds the contract of all plugins."""

from phoenix.testing import InstrumentContract


class TestUves(InstrumentContract):
    instrument = "uves"
