"""GIRAFFE holds the contract of all plugins."""

from phoenix.testing import InstrumentContract


class TestGiraffe(InstrumentContract):
    instrument = "giraffe"
