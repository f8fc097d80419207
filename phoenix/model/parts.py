"""Science that goes into other science, as the exposures of an OB go into their stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.ab import Mode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from phoenix.model.ab import AssociationBlock

__all__ = ["parts_of"]


def parts_of(
    blocks: Iterable[AssociationBlock], science: Collection[tuple[str, str]]
) -> dict[str, frozenset[str]]:
    """Return which ABs go into which science AB, because it reads their science products.

    An AB that will make such products itself has the parts of which it reads anything: a cube of
    several exposures is made of their pixel tables, not of their cubes.

    Parameters
    ----------
    blocks : iterable of AssociationBlock
        A cascade.
    science : collection of (str, str)
        AB name and PRO.CATG of every science product.

    Returns
    -------
    dict of str to frozenset of str
        Name of the AB that reads to those of the ABs that it reads; none without parts.
    """
    makers = {name for name, _ in science}
    categories = {pro_catg for _, pro_catg in science}

    def reads(ab: AssociationBlock) -> frozenset[str]:
        is_whole = any(product.pro_catg in categories for product in ab.products)
        return frozenset(
            one.parent
            for one in ab.calibrations
            if (one.parent, one.pro_catg) in science or (is_whole and one.parent in makers)
        )

    found = {str(ab.name): reads(ab) for ab in blocks if ab.mode is Mode.SCIENCE}
    return {name: parts for name, parts in found.items() if parts}
