"""phoenix: the open production line for science-grade data products of the VLT.

``from phoenix import ProductionLine`` is the line in a notebook; ``from phoenix import hookimpl``
is what a plugin marks its hooks with. Both are loaded when they are asked for, so that
``import phoenix`` and the command line's ``--help`` cost nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    __version__: str
    from phoenix.hookspecs import hookimpl
    from phoenix.line.production import ProductionLine

__all__ = ["ProductionLine", "__version__", "hookimpl"]

_HOMES = {"ProductionLine": "phoenix.line.production", "hookimpl": "phoenix.hookspecs"}
"""Name to the module where it lives."""


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> object:
    if name == "__version__":
        # The package that finds it takes a moment to load.
        return import_module("importlib.metadata").version("phoenix-idp")
    if name not in _HOMES:
        raise AttributeError(f"module 'phoenix' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
