"""The coversheet of an OB: its exposures beside each other and what came of them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.panel import Curve, Listing, Panel, Plot
from phoenix_muse.quality.table import COMBINED, CUBES
from phoenix_muse.report.science import BRIGHTEST, field_picture, white_light

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.model.qc import Measurement

__all__ = ["coversheet_panels", "groups_of"]

COMPARED = (
    ("ABMAGLIM", "limiting magnitude / mag"),
    ("BACKGROUND", "background / 1e-20 erg/s/cm2/Å"),
    ("PSF_FWHM", "width of the sources / arcsec"),
    ("WDEL_MAX", "shift of sky lines / Angstrom"),
)
"""QC parameters in which the exposures of an OB should agree."""

_LISTED = ("ABMAGLIM", "PSF_FWHM", "NUM_SRC", "NUM_SAT", "WDEL_MAX", "HISTO_BKG", "EXPTIME")


def groups_of(blocks: tuple[AssociationBlock, ...]) -> dict[str, str]:
    """Return AB name to OB: the cubes of all its exposures, and those of their combinations.

    OBs of a container that were combined are a group together.
    """
    cubes = {str(ab.name): ab for ab in blocks if ab.raw_type in CUBES and ab.obs_id}
    found = {name: _title([ab]) for name, ab in cubes.items()}
    for name, ab in cubes.items():
        if ab.raw_type == COMBINED:
            members = [cubes[one] for one in ab.waits_for if one in cubes]
            title = _title([ab, *members])
            found |= dict.fromkeys((name, *(str(member.name) for member in members)), title)
    return found


def _title(blocks: Sequence[AssociationBlock]) -> str:
    """Name the OBs of some ABs: the first of several stands for all."""
    first, *others = sorted({ab.obs_id for ab in blocks})
    return f"OB {first} and {len(others)} more" if others else f"OB {first}"


def coversheet_panels(
    blocks: tuple[AssociationBlock, ...],
    products: Mapping[str, tuple[Product, ...]],
    qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterator[Panel]:
    """Show all fields with the same cuts, the combined first, and compare the exposures."""
    ordered = sorted(blocks, key=lambda ab: (ab.raw_type != COMBINED, str(ab.name)))
    images = {
        str(ab.name): image
        for ab in ordered
        if (image := white_light(products.get(str(ab.name), ()))) is not None
    }
    known = [image[np.isfinite(image)] for image in images.values()]
    if known:
        low, high = (float(value) for value in np.percentile(np.concatenate(known),
                                                             (1.0, BRIGHTEST)))  # fmt: skip
        for name, image in images.items():
            yield field_picture(name.removesuffix(".ab"), image, (low, high))
    singles = [ab for ab in ordered if ab.raw_type != COMBINED]
    yield from _comparisons([qc.get(str(ab.name), ()) for ab in singles])
    for ab in ordered:
        yield _listing(ab, qc.get(str(ab.name), ()))


def _comparisons(rows: Sequence[tuple[Measurement, ...]]) -> Iterator[Plot]:
    for parameter, label in COMPARED:
        values = [_value(row, parameter) for row in rows]
        known = [(i, value) for i, value in enumerate(values, 1) if value is not None]
        if len(known) > 1:
            x, y = (np.array(column, dtype=float) for column in zip(*known, strict=True))
            yield Plot(f"{parameter} of the exposures", (Curve(x, y, style="points"),),
                       "exposure", label)  # fmt: skip


def _value(rows: Sequence[Measurement], parameter: str) -> float | None:
    found = (row.value for row in rows if row.parameter == parameter and row.element == 0)
    return next((float(value) for value in found if isinstance(value, int | float)), None)


def _listing(ab: AssociationBlock, rows: Sequence[Measurement]) -> Listing:
    values = ((name, _value(rows, name)) for name in _LISTED)
    lines = tuple((name, "not measured" if value is None else f"{value:.5g}")
                  for name, value in values)  # fmt: skip
    return Listing(ab.name.root, lines)
