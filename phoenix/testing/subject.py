"""What a suite of facts is about: a plugin, one of its processes, a night."""

from __future__ import annotations

from typing import ClassVar

__all__ = ["Subject"]


class Subject:
    """Base of the suites; a subclass names what it is about.

    Attributes
    ----------
    instrument : str
        Name of the plugin's entry point.
    process : str
        Name of the process to be looked at; empty for the first one.
    date : str
        The night to simulate.
    """

    instrument: ClassVar[str] = ""
    process: ClassVar[str] = ""
    date: ClassVar[str] = "2020-01-01"
