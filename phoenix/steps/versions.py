"""With which versions a product was made."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from phoenix.errors import HeaderError
from phoenix.formats.fits.headers import read_keys
from phoenix.instrument import installed
from phoenix.steps.recipe.log import logged_versions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from phoenix.model.frames import Product

__all__ = ["own_versions", "versions_of"]

_PIPELINE = "ESO PRO REC1 PIPE ID"


def versions_of(
    instrument: str, log: str, products: Sequence[Product]
) -> tuple[tuple[str, str], ...]:
    """Return name and version of everything that had a hand in the products.

    Parameters
    ----------
    instrument : str
        Name of the plugin.
    log : str
        The recipe's log: esorex, CPL, CFITSIO.
    products : sequence of Product
        Their headers name the pipeline, ``ESO PRO REC1 PIPE ID = 'giraf/2.16.10'``.
    """
    return (*own_versions(instrument), *logged_versions(log), *_pipeline(products))


@cache
def own_versions(instrument: str) -> tuple[tuple[str, str], ...]:
    """Return name and version of phoenix, of Python and of the plugin."""
    distribution, _, plugin = installed().get(instrument, "").partition(" ")
    rows = [("phoenix-idp", _phoenix()), ("python", platform.python_version())]
    return (*rows, (distribution, plugin)) if plugin else tuple(rows)


def _phoenix() -> str:
    try:
        return version("phoenix-idp")
    except PackageNotFoundError:
        return "not installed"


def _pipeline(products: Sequence[Product]) -> tuple[tuple[str, str], ...]:
    for product in products:
        try:
            found = read_keys(product.path, [_PIPELINE]).get(_PIPELINE)
        except HeaderError:
            continue
        if isinstance(found, str) and "/" in found:
            name, _, number = found.partition("/")
            return ((name, number),)
    return ()
