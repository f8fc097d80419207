"""The errors of phoenix.

::

    PhoenixError
     ├─ SettingsError (ValueError)         phoenix.toml is wrong: file, line and key
     ├─ PluginError                        a plugin broke the contract: plugin, hook, AB
     │   └─ UnknownInstrumentError         no such plugin; lists what is installed
     ├─ DataError (ValueError)             a file or value is not what it must be
     │   ├─ ABFormatError                  file and line
     │   ├─ RuleSyntaxError                OCA rule file, line and column
     │   ├─ HeaderError                    file, keyword, what was expected
     │   ├─ CascadeError                   the ABs that wait for each other, or for nobody
     │   └─ StandardError                  an IDP that the data standard does not allow
     ├─ ArchiveError (OSError)             a file could not be had or handed over
     ├─ StoreError                         the database cannot be used
     ├─ BatchError                         the batch system refused or lost what is needed
     └─ BusyError                          another run holds this night

Bad data is a value where a night can go on without it (an :class:`~phoenix.model.report.ABResult`
that says FAILED and why); an exception is for what stops the caller. Every message says where,
what was found, what was expected and what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "ABFormatError",
    "ArchiveError",
    "BatchError",
    "BusyError",
    "CascadeError",
    "DataError",
    "EmptyError",
    "HeaderError",
    "PhoenixError",
    "PluginError",
    "RuleSyntaxError",
    "SettingsError",
    "StandardError",
    "StoreError",
    "UnknownInstrumentError",
]


class PhoenixError(Exception):
    """Everything phoenix raises on purpose."""


class SettingsError(PhoenixError, ValueError):
    """``phoenix.toml`` or an option is wrong."""


class PluginError(PhoenixError):
    """An instrument plugin broke the contract; the message names plugin and hook."""


class UnknownInstrumentError(PluginError, LookupError):
    """No plugin of that name is installed."""


class DataError(PhoenixError, ValueError):
    """A file or value is not what it must be."""


class EmptyError(DataError):
    """There is nothing of what was asked for: nothing is wrong but the question."""


class ABFormatError(DataError):
    """An Association Block cannot be read.

    Parameters
    ----------
    path : Path or str
        The file.
    line : int
        Line number, from 1; 0 where the whole file is meant.
    found, expected : str
        What stands there, and what should.
    hint : str
        What to do about it.
    """

    def __init__(
        self, path: Path | str, *, line: int = 0, found: str, expected: str, hint: str = ""
    ) -> None:
        where = f"{path}, line {line}" if line else str(path)
        tail = f" ({hint})" if hint else ""
        super().__init__(f"{where}: found {found!r}, expected {expected}{tail}")


class RuleSyntaxError(DataError):
    """An OCA rule file cannot be read; the message names file, line and column."""


class HeaderError(DataError):
    """A FITS header is broken, or a keyword is missing or of the wrong kind."""


class CascadeError(DataError):
    """The ABs of a cascade wait for each other, or for an AB that is not there."""


class StandardError(DataError):
    """A product breaks the Science Data Products Standard."""


class ArchiveError(PhoenixError, OSError):
    """A file could not be had from, or handed over to, an archive."""


class StoreError(PhoenixError):
    """The database cannot be used."""


class BatchError(PhoenixError):
    """The batch system refused a job, or none of its jobs can do the work."""


class BusyError(PhoenixError):
    """Another run holds what this one needs."""
