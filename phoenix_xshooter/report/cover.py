"""The coversheet of a pointing: its three arms on one page, and how they meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve

from phoenix.model.panel import Curve, Panel, Plot
from phoenix.toolkit.panels import thinned
from phoenix_xshooter.process import ARMS, SCIENCE_RECIPES, arm_of, kind_of
from phoenix_xshooter.report.science import COUNTS, FLUX, MOST_POINTS, WAVELENGTH, whole
from phoenix_xshooter.spectrum import Spectrum, barycentric, read_spectrum

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product

    Array = npt.NDArray[np.float64]

__all__ = ["coversheet_panels", "groups_of"]

OVERLAPS = (("UVB", "VIS", 545.0, 560.0), ("VIS", "NIR", 995.0, 1025.0))
"""Two arms, and the nm between which both have light (X-shooter user manual: the dichroics)."""


TOGETHER_S = 60.0
"""Seconds within which the arms of a pointing start (ours; up to 10 in figure 4 of the manual)."""

_DAY = 86400.0


def groups_of(blocks: tuple[AssociationBlock, ...]) -> dict[str, str]:
    """Return AB name to pointing: the arms of one template of an OB, which start together.

    What ABs say of their template is the begin of its first exposure, which differs by some
    seconds from arm to arm; an arm that comes again begins another pointing.
    """
    rows = (ab for ab in blocks if ab.recipe in SCIENCE_RECIPES and ab.obs_id)
    found: dict[str, str] = {}
    first: AssociationBlock | None = None
    arms: set[str] = set()
    for ab in sorted(rows, key=lambda ab: (ab.obs_id, kind_of(ab.raw_type), ab.mjd_obs)):
        if first is None or not _is_together(first, ab) or arm_of(ab.raw_type) in arms:
            first, arms = ab, set()
        arms.add(arm_of(ab.raw_type))
        found[str(ab.name)] = f"OB {first.obs_id} {first.name.timestamp[:19]}"
    return found


def _is_together(one: AssociationBlock, other: AssociationBlock) -> bool:
    return (one.obs_id, kind_of(one.raw_type)) == (other.obs_id, kind_of(other.raw_type)) and abs(
        other.mjd_obs - one.mjd_obs
    ) * _DAY <= TOGETHER_S


def coversheet_panels(
    blocks: tuple[AssociationBlock, ...], products: Mapping[str, tuple[Product, ...]]
) -> Iterator[Panel]:
    """Show all arms in one plot, each alone, and the overlaps."""
    found = {
        arm: barycentric(spectrum, ())
        for arm in ARMS
        for ab in blocks
        if arm_of(ab.raw_type) == arm
        and (spectrum := read_spectrum(products[str(ab.name)], arm)) is not None
        and spectrum.good.any()
    }
    for calibrated in (True, False):
        alike = {arm: one for arm, one in found.items() if (one.flux is not None) is calibrated}
        if alike:
            yield _together(alike, FLUX if calibrated else COUNTS)
    for arm, one in found.items():
        unit = COUNTS if one.flux is None else FLUX
        alone = whole(arm, one.wave, one.main[0], one.good, unit, wide=False)
        yield evolve(
            alone, curves=tuple(evolve(curve, colour=_colour(arm)) for curve in alone.curves)
        )
    yield from _overlaps(found)


def _colour(arm: str) -> int:
    """Return the number of the colour of an arm: the same in all plots of a page."""
    return ARMS.index(arm)


def _together(spectra: Mapping[str, Spectrum], unit: str) -> Plot:
    curves, levels = [], []
    for arm, spectrum in spectra.items():
        wave, mean = thinned(spectrum.wave, spectrum.main[0], spectrum.good, MOST_POINTS)
        curves.append(Curve(wave, mean, label=arm, colour=_colour(arm)))
        levels.append(mean[np.isfinite(mean)])
    low, high = np.percentile(np.concatenate(levels), (1.0, 98.0))
    room = 0.15 * (high - low) or 1.0
    limits = (float(low - room), float(high + room))
    return Plot("All arms", tuple(curves), WAVELENGTH, unit, y_range=limits, wide=True)


def _overlaps(spectra: Mapping[str, Spectrum]) -> Iterator[Plot]:
    for blue, red, low, high in OVERLAPS:
        pair = [spectra[arm] for arm in (blue, red) if arm in spectra]
        if len(pair) < len((blue, red)) or len({one.flux is None for one in pair}) > 1:
            continue
        curves = []
        for one in pair:
            near = one.good & (one.wave > low) & (one.wave < high)
            if near.any():
                flux = one.main[0][near]
                curves.append(Curve(one.wave[near], flux, label=one.arm, colour=_colour(one.arm)))
        if curves:
            level = float(np.median(np.concatenate([curve.y for curve in curves])))
            limits = (0.0, 2.0 * level) if level > 0 else None
            unit = COUNTS if pair[0].flux is None else FLUX
            yield Plot(
                f"{blue} and {red} where they meet",
                tuple(curves),
                WAVELENGTH,
                unit,
                y_range=limits,
            )
