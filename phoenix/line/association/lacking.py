"""Why a created AB lacks calibrations, and why one that lost files is not made at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.plain import shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from phoenix.line.association.create import CreatedPool
    from phoenix.line.context import LineContext
    from phoenix.line.report import PreparedNight
    from phoenix.model.dates import CivilDate
    from phoenix.oca import Associated

__all__ = ["lacking_text", "not_needed", "not_needed_text", "rejected_makers"]


def rejected_makers(
    line: LineContext, rejected: Collection[str], since: CivilDate, until: CivilDate
) -> dict[str, tuple[str, ...]]:
    """Return the PRO.CATGs that rejected ABs of some nights make, and what was said of those."""
    verdicts = line.store.verdicts.current(since=since, until=until)
    found: dict[str, tuple[str, ...]] = {}
    for block in line.store.blocks.rows(since=since, until=until):
        recipe = line.process_row.recipe(block.recipe)
        if block.name not in rejected or recipe is None:
            continue
        text = f"{block.name} was {shortened(str(verdicts[block.name].verdict))}"
        for product in recipe.products:
            found[product.pro_catg] = (*found.get(product.pro_catg, ()), text)
    return found


def lacking_text(block: Associated, rejected: Mapping[str, tuple[str, ...]]) -> str:
    """Return what keeps an AB from being complete, and what was rejected of just that."""
    wanted = [found.name for found in block.associations if not found.complete]
    said = dict.fromkeys(text for name in wanted for text in rejected.get(name, ()))
    return f"incomplete: {'; '.join((*block.missing, *said))}"


def not_needed(created: CreatedPool, night: PreparedNight) -> tuple[Associated, ...]:
    """Return the ABs of a pool that lost files to a person's word and are not made.

    They would be good without those files, but certified masters of other nights serve. Who hid
    one waits for them, so this is told.
    """
    known = {
        *(str(ab.name) for ab in night.cascade),
        *(str(one.block.name) for one in night.waiting),
        *dict(night.refused),
    }
    return tuple(
        block
        for block in created.blocks
        if block.group.withheld
        and block.complete
        and block.name not in known
        and block.group.primary.frame.night in night.every_night
    )


def not_needed_text(block: Associated) -> str:
    """Return why such an AB is not made, and how to make it."""
    return (
        f"{block.name}: is not made: other masters serve what would need it; "
        f"`phoenix create-ab -d {block.group.primary.frame.night} -X` makes it"
    )
