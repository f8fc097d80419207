"""The cascade of a night: what the repository has, and an AB for every OB to be stacked.

Several exposures of one OB in one setup become one spectrum: an AB of the recipe uves_stack, which
waits for theirs. As it reads their spectra, these are no IDPs of their own once it is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.defaults import build_cascade as wait_for_makers
from phoenix.model.ab import AssociationBlock, PredictedProduct
from phoenix.model.frames import MasterCalibration
from phoenix.model.recipe import Parameter
from phoenix_uves.blocks.optional import EXPOSURES, LEAST
from phoenix_uves.process import (
    SCIENCE_RECIPE,
    STACK,
    STACK_RECIPE,
    arm_of,
    flux_products,
    science_categories,
    sky_products,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["cascade"]

_SETUP_KEYS = ("INS.MODE", "INS.GRAT1.WLEN", "INS.GRAT2.WLEN", "INS.SLIT1.NAME", "DET.WIN1.BINX")

Blocks = tuple[AssociationBlock, ...]


def cascade(blocks: tuple[AssociationBlock, ...]) -> Blocks:
    """Add the ABs of the stacks, and let every AB wait for the makers of what it needs."""
    stacks = (_stack(group) for group in _groups(blocks) if len(group) >= LEAST)
    return tuple(wait_for_makers((*blocks, *stacks)))


def _groups(blocks: Blocks) -> Iterable[Blocks]:
    found: dict[tuple[object, ...], list[AssociationBlock]] = {}
    for ab in blocks:
        if ab.recipe == SCIENCE_RECIPE and ab.obs_id:
            setup = dict(ab.setup)
            parameters = tuple(sorted(map(str, ab.parameters)))
            # Counts and calibrated flux cannot be averaged, nor two ways of extraction.
            made = tuple(sorted(product.pro_catg for product in ab.products))
            key = (ab.obs_id, ab.raw_type, *map(setup.get, _SETUP_KEYS), parameters, made)
            found.setdefault(key, []).append(ab)
    return [tuple(sorted(group, key=lambda ab: ab.name)) for group in found.values()]


def _stack(group: Blocks) -> AssociationBlock:
    first, last = group[0], group[-1]
    raw_type = f"{STACK}_{arm_of(first.raw_type)}"
    root = f"{first.root}_tpl"
    return AssociationBlock(
        name=f"{root}.ab",
        recipe=STACK_RECIPE,
        raw_files=tuple(raw for ab in group for raw in ab.raw_files),
        calibrations=tuple(master for ab in group for master in _spectra(ab)),
        parameters=(Parameter(EXPOSURES, str(len(group))),),
        products=(PredictedProduct(f"r.{root}_{_number(raw_type)}.fits", raw_type),),
        instrument=first.instrument,
        date=first.date,
        raw_type=raw_type,
        dpr_catg=first.dpr_catg,
        ab_event="OB",
        obs_prog_id=first.obs_prog_id,
        obs_id=first.obs_id,
        obs_mode=first.obs_mode,
        mjd_obs=first.mjd_obs,
        mjd_mid=round(0.5 * (first.mjd_mid + last.mjd_mid), 8),
        setup=first.setup,
    )


def _number(raw_type: str) -> str:
    return "0000" if raw_type.endswith("BLUE") else "0001"


def _spectra(ab: AssociationBlock) -> Iterable[MasterCalibration]:
    """Yield what the stack needs of one exposure: spectra and errors, calibrated or not."""
    counts = science_categories(ab.raw_type)
    parts = ("ERRORBAR_", "WCALIB_FF_", "ERRORBAR_WCALIB_FF_")
    wanted = {*counts, *flux_products(ab.raw_type), *sky_products(ab.raw_type)}
    wanted |= {name.replace("RED_", part, 1) for name in counts for part in parts}
    for product in ab.products:
        if product.pro_catg in wanted:
            path = f"${{DFS_PRODUCT}}/{ab.date}/{ab.root}/{product.name}"
            yield MasterCalibration(path, product.pro_catg, virtual=True)
