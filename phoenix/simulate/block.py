"""The parts of an AB of a simulated night that are the same for every instrument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from phoenix.model.ab import ABName, AssociationBlock, PredictedProduct
from phoenix.model.frames import MasterCalibration, RawFrame
from phoenix.simulate.site import mjd

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from phoenix.model.dates import CivilDate
    from phoenix.model.recipe import Recipe
    from phoenix.simulate.exposure import Exposure

__all__ = ["block_name", "predicted", "qualifiers", "raw_file", "virtual"]


def block_name(first: Exposure, *, grouped: bool) -> ABName:
    """Name an AB after its first exposure, with ``_tpl`` if it has all those of a template."""
    return ABName(f"{first.root}{'_tpl' if grouped else ''}.ab")


def qualifiers(
    instrument: str,
    date: CivilDate,
    raw_type: str,
    exposures: Sequence[Exposure],
    *,
    grouped: bool,
) -> dict[str, Any]:
    """Fields of an AB that follow from its exposures.

    Parameters
    ----------
    instrument : str
        INSTRUME.
    date : CivilDate
        The night.
    raw_type : str
        Of the AB.
    exposures : sequence of Exposure
        In the order of time.
    grouped : bool
        Whether the exposures of a template make one AB.
    """
    first, last = exposures[0], exposures[-1]
    return {
        "instrument": instrument,
        "date": date,
        "raw_type": raw_type,
        "dpr_catg": first.category,
        "ab_event": "TPL_A" if grouped else "SINGLE",
        "obs_prog_id": first.block.programme,
        "obs_id": first.block.id,
        "obs_mode": "SM" if first.category == "SCIENCE" else "NONE",
        "mjd_obs": round(mjd(first.start), 8),
        "mjd_mid": round((mjd(first.start) + mjd(last.end)) / 2, 8),
    }


def raw_file(exposure: Exposure, date: CivilDate, tag: str) -> RawFrame:
    """Give the raw file of an exposure under its symbolic path."""
    return RawFrame(f"${{DFO_RAW_DIR}}/{date}/{exposure.root}.fits", tag)


def predicted(
    name: ABName, recipe: Recipe, categories: Iterable[str]
) -> tuple[PredictedProduct, ...]:
    """Predict products of these PRO.CATG under their PIPEFILE names."""
    return tuple(
        PredictedProduct(recipe.product_name(name.root, catg), catg) for catg in categories
    )


def virtual(parent: AssociationBlock, pro_catg: str) -> MasterCalibration:
    """Give a product that a parent predicts, as a calibration of its child."""
    name = {product.pro_catg: product.name for product in parent.products}[pro_catg]
    path = f"${{DFS_PRODUCT}}/{parent.date}/{parent.root}/{name}"
    return MasterCalibration(path, pro_catg, virtual=True)
