"""What an AB of MUSE can do without, and what is left of it.

- **An exposure without a twilight cube** has the illumination of the lamp flat (bit SKY_FLAT).
- **An exposure without the sky beside it** has its sky from the field itself, as one that never
  had an exposure of the sky.
- **An exposure without the tables of some IFUs** has those that its raw frame has: that none of
  these is missing, muse_scibasic was asked when it had ended (gate MISSING_TABLES).
- **A combination without an exposure** is that of the others, two at least.
- **A combination without offsets** trusts the telescope (bit ALIGNMENT).

Not without a response: the cube would be in counts, and nothing else in it would say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix_muse.blocks.groups import LEAST
from phoenix_muse.blocks.parameters import SKY_FROM_FIELD, SKY_FROM_SKY
from phoenix_muse.process import ALIGN, COMBINE, SCIBASIC, SCIPOST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import MasterCalibration

__all__ = ["left_of"]

Masters = tuple["MasterCalibration", ...]

TABLES = frozenset({"PIXTABLE_STD", "PIXTABLE_SKY", "PIXTABLE_OBJECT"})
OWN_SKY = frozenset({"SKY_LINES", "SKY_CONTINUUM"})


def left_of(
    ab: AssociationBlock, missing: tuple[MasterCalibration, ...]
) -> AssociationBlock | None:
    """Return the AB without these calibrations, None if it cannot be run so."""
    if ab.recipe == SCIBASIC and _are(missing, {"TWILIGHT_CUBE"}):
        return ab.edited(
            why="no twilight cube: the illumination is that of the lamp",
            calibrations=_rest(ab, missing),
        )
    if ab.recipe in {ALIGN, COMBINE}:
        return _of_fewer(ab, missing)
    tables = tuple(one for one in missing if one.pro_catg in TABLES)
    rest = tuple(one for one in missing if one not in tables)
    left = _of_fewer_ifus(ab, tables) if tables else ab
    if left is None or not rest:
        return left
    return _with_sky_of_field(left) if ab.recipe == SCIPOST and _are(rest, OWN_SKY) else None


def _are(missing: Iterable[MasterCalibration], categories: frozenset[str] | set[str]) -> bool:
    return all(one.pro_catg in categories for one in missing)


def _rest(ab: AssociationBlock, missing: Masters) -> Masters:
    return tuple(one for one in ab.calibrations if one not in missing)


def _of_fewer_ifus(ab: AssociationBlock, lost: Masters) -> AssociationBlock | None:
    left = _rest(ab, lost)
    there = sum(one.pro_catg in TABLES for one in left)
    if not there:
        return None
    return ab.edited(
        why=f"pixel tables of {there} IFUs: the raw frame has no more, or no more were asked for",
        calibrations=left,
    )


def _with_sky_of_field(ab: AssociationBlock) -> AssociationBlock | None:
    lines = tuple(one for one in ab.associated_masters if one.pro_catg == "SKY_LINES")
    if not lines:
        return None
    kept = (one for one in ab.calibrations if one.pro_catg not in OWN_SKY)
    told = {one.name for one in (*SKY_FROM_FIELD, *SKY_FROM_SKY)}
    others = (one for one in ab.parameters if one.name not in told)
    return ab.edited(
        why="no sky from beside the field: it is fitted in the field",
        calibrations=(*kept, *lines),
        parameters=(*SKY_FROM_FIELD, *others),
    )


def _of_fewer(ab: AssociationBlock, missing: Masters) -> AssociationBlock | None:
    """Take out what is lost; one exposure alone is neither aligned nor combined."""
    category = "IMAGE_FOV" if ab.recipe == ALIGN else "PIXTABLE_REDUCED"
    exposures = {one.parent for one in ab.calibrations if one.pro_catg == category}
    gone = {one.parent for one in missing if one.pro_catg == category}
    if len(exposures - gone) < LEAST:
        return None
    told = []
    if gone:
        told.append(f"{len(exposures - gone)} of {len(exposures)} exposures")
    if any(one.pro_catg == "OFFSET_LIST" for one in missing):
        told.append("no offsets: exposures lie where the telescope says")
    roots = {name.removesuffix("_pst.ab") for name in gone}
    return ab.edited(
        why=", ".join(told),
        calibrations=tuple(
            one for one in ab.calibrations if one not in missing and one.parent not in gone
        ),
        associated_raws=tuple(
            raw for raw in ab.associated_raws if raw.name.removesuffix(".fits") not in roots
        ),
    )
