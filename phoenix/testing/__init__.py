"""The kit for plugin authors, installed with phoenix.

A plugin proves itself by a class that only names it::

    from phoenix.testing import InstrumentContract

    class TestKmos(InstrumentContract):
        instrument = "kmos"
"""

from __future__ import annotations

from phoenix.testing.contract import InstrumentContract

__all__ = ["InstrumentContract"]
