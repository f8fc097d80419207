"""Measure the QC parameters of an AB: the plugin's declared ones, and what the recipe measured.

A recipe writes its own QC into its products, ``ESO QC OUT1 RON RAW``. Every such number of the
primary headers becomes a parameter of the AB, called by its keyword with underscores
(``OUT1_RON_RAW``). Where products disagree, the first (in the order of the recipe's rows) keeps
the plain name and the others put their PRO.CATG in front; a parameter that the plugin declares
under the same name is the plugin's alone.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import HeaderError
from phoenix.formats.fits.headers import read_header
from phoenix.model.qc import Measurement, QCParameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from phoenix.instrument import Instrument
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames
    from phoenix.model.process import Process

__all__ = ["Measured", "measure_block", "recipe_keywords"]

_QC = "ESO QC "
_NO_NAME = re.compile(r"[^A-Z0-9_]")


@frozen
class Measured:
    """What was measured of one AB.

    Attributes
    ----------
    measurements : tuple of Measurement
        The plugin's first.
    keywords : tuple of QCParameter
        The parameters that come from the recipe, declared by the comments of their keywords.
    """

    measurements: tuple[Measurement, ...]
    keywords: tuple[QCParameter, ...]


def measure_block(
    instrument: Instrument,
    process: Process,
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: Sequence[Product],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Measured:
    """Measure one AB.

    Raises
    ------
    PluginError
        If the plugin cannot measure, or measures what it did not declare.
    """
    own = instrument.measure_qc(process, ab, frames, tuple(products), parents_qc)
    declared = {row.name for row in instrument.qc_parameters(process)}
    found = [
        (parameter, value)
        for parameter, value in recipe_keywords(products)
        if parameter.name not in declared
    ]
    return Measured(
        measurements=(*own, *(Measurement(row.name, value) for row, value in found)),
        keywords=tuple(row for row, _ in found),
    )


def recipe_keywords(products: Iterable[Product]) -> tuple[tuple[QCParameter, int | float], ...]:
    """Return the QC keywords of products as parameters with their values.

    A keyword that has no number is left out, and so is a product that is no FITS file.
    """
    found: dict[str, tuple[QCParameter, int | float]] = {}
    for product in products:
        for key, value, comment in _qc_keywords(product):
            name = _NO_NAME.sub("_", key.removeprefix(_QC))
            if name in found and found[name][1] != value:
                name = _NO_NAME.sub("_", f"{product.pro_catg}_{name}")
            if name not in found and name[0].isalpha():
                meaning = comment or f"{key} of {product.pro_catg}"
                found[name] = QCParameter(name, "", meaning), value
    return tuple(found.values())


def _qc_keywords(product: Product) -> Iterator[tuple[str, int | float, str]]:
    try:
        header = read_header(product.path)
    except HeaderError:
        return
    for key, value, comment in header.beginning((_QC,)):
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            yield key, value, comment
