"""ABs behind an AB: those that it depends on, and those that these depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product

__all__ = ["Ancestor"]


@frozen
class Ancestor:
    """An AB that another one depends on, at first or second hand, and what is there of it.

    Attributes
    ----------
    ab : AssociationBlock
        As it was run.
    products : tuple of Product
        Those that are still there, and beside them the QC report and the log of the recipe
        (PRO.CATG ``QC_REPORT`` and ``RECIPE_LOG``).
    """

    ab: AssociationBlock
    products: tuple[Product, ...] = ()
