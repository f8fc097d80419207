"""Packages that not everybody needs: loaded when wanted, missed with the name of their extra."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from phoenix.errors import SettingsError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["load_extra"]


def load_extra(module: str, extra: str, what: str) -> ModuleType:
    """Return a module of an optional package.

    Parameters
    ----------
    module : str
        Its full name.
    extra : str
        The extra of phoenix that brings it.
    what : str
        What it is wanted for, for the message.

    Raises
    ------
    SettingsError
        If the package is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise SettingsError(
            f"{what}: found no package {package}, expected it to be installed; "
            f"pip install 'phoenix-idp[{extra}]'"
        ) from error
