"""What becomes of products, where the recipe's row does not tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.model.frames import Role
from phoenix_uves.cascade import is_part_of_stack
from phoenix_uves.process import science_categories

if TYPE_CHECKING:
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product

__all__ = ["label"]


def label(ab: AssociationBlock, product: Product) -> Product | None:
    """Make the spectrum of an exposure that is stacked an ancillary; None leaves all others."""
    if product.pro_catg in science_categories(ab.raw_type) and is_part_of_stack(ab):
        return evolve(product, role=Role.ANCILLARY)
    return None
