"""What happens when the instrument has no opinion: a plugin like any other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.hookspecs import hookimpl
from phoenix.model.frames import Role
from phoenix.model.recipe import Resources, Step
from phoenix.toolkit.memory import learned_memory_mb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.process import Process
    from phoenix.model.recipe import Spent

__all__ = ["build_cascade", "edit_ab", "label_product", "rename_product", "resources"]

# Ours, measured with GIRAFFE and UVES: a conversion of a plate or a stack takes 400 MB, most of it
# libraries. Nothing of ours takes a minute; a hook that hangs ends here.
_USUAL = dict.fromkeys(
    (Step.QC, Step.REPORT, Step.CONVERT), Resources(cores=1, memory_mb=700, time_limit_s=600.0)
)
# Ours: frames of one recipe and setup differ by less than a tenth in what they take.
_MARGIN = 1.1


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
def resources(
    process: Process, ab: AssociationBlock, step: Step, history: tuple[Spent, ...]
) -> Resources:
    """Take what the recipe's row says, or the usual of a step; more if it took more before."""
    recipe = process.recipe(ab.recipe)
    usual = recipe.resources if recipe and step is Step.RECIPE else _USUAL.get(step, Resources())
    seen = learned_memory_mb(history, len(ab.raw_files) + len(ab.calibrations))
    return evolve(usual, wanted_mb=max(usual.wanted_mb, math.ceil(_MARGIN * seen)))


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
