"""What happens when the instrument has no opinion: a plugin like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.hookspecs import hookimpl
from phoenix.model.frames import Role
from phoenix.model.recipe import Resources

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.process import Process

__all__ = ["build_cascade", "edit_ab", "label_product", "rename_product", "resources"]


@hookimpl
def edit_ab(ab: AssociationBlock) -> AssociationBlock:
    """Leave the AB as it is."""
    return ab


@hookimpl
def build_cascade(blocks: tuple[AssociationBlock, ...]) -> Iterable[AssociationBlock]:
    """Let every AB wait for the ABs that predict its virtual calibrations."""
    makers = {product.name: str(block.name) for block in blocks for product in block.products}
    return tuple(_waiting(block, makers) for block in blocks)


def _waiting(block: AssociationBlock, makers: dict[str, str]) -> AssociationBlock:
    parents = {
        makers[calibration.name]
        for calibration in block.calibrations
        if calibration.virtual and calibration.name in makers
    } - {str(block.name)}
    if parents <= set(block.waits_for):
        return block
    return block.edited(
        why="its virtual calibrations are made by these ABs",
        waits_for=tuple(sorted(parents.union(block.waits_for))),
    )


@hookimpl
def resources(process: Process, ab: AssociationBlock) -> Resources:
    """Take what the recipe's row says."""
    recipe = process.recipe(ab.recipe)
    return recipe.resources if recipe else Resources()


@hookimpl
def label_product(process: Process, ab: AssociationBlock, product: Product) -> Product:
    """Take the role from the recipe's row; what is not declared is kept as intermediate."""
    recipe = process.recipe(ab.recipe)
    rows = recipe.products if recipe else ()
    for row in rows:
        if row.pro_catg == product.pro_catg:
            return evolve(product, role=row.role, ab_name=str(ab.name))
    return evolve(product, role=Role.INTERMEDIATE, ab_name=str(ab.name))


@hookimpl
def rename_product(product: Product) -> str:
    """Keep the PIPEFILE name."""
    return product.path.name
