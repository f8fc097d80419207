"""What a finished recipe must show, because giraf ends many a wrong run with exit code 0.

The limits come from sixty runs on bad input with giraf 2.16.10: a line catalogue that is 0.3 nm
off gives 7 % of the lines, 0.22 px rms and a rebinning rms of 506 where a good arc gives 99 %,
0.02 px and 1.5; all of them with exit code 0. The limits are ours, between what good and what bad
runs gave; where no bad run was made they only refuse nonsense (docs/explanation/gates.md).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from phoenix.model.gate import Gate
from phoenix.toolkit.fits import read_image, read_table
from phoenix.toolkit.headers import number, read_header, required_number, text
from phoenix.toolkit.outcomes import (
    filled_gate,
    filled_pixels,
    finite_pixels,
    keyword,
    repeats_gate,
)
from phoenix.toolkit.told import TOLD
from phoenix_giraffe.recipe.exposure import (
    LEAST_LIGHT,
    bias_spread,
    fibre_light,
    field_apart,
    flat_shift,
    master_level,
    simcal_shift,
    sky_shift,
    trace_shift,
)
from phoenix_giraffe.recipe.lost import wrong_traces
from phoenix_giraffe.setups import RESOLVING_POWER

if TYPE_CHECKING:
    from phoenix.model.gate import RecipeOutcome
    from phoenix.model.recipe import Recipe

__all__ = ["GATES", "accepted_lines", "gates_of", "lit_fibres", "resolving_power_ratio"]


def accepted_lines(outcome: RecipeOutcome) -> float | None:
    """Return the part of the catalogue lines of all fibres that was accepted."""
    product = outcome.product("DISPERSION_SOLUTION")
    spectra = outcome.product("ARC_EXTSPECTRA")
    if product is None or spectra is None:
        return None
    header = read_header(product.path)
    lines = required_number(header, "ESO PRO WSOL LINE NLINES")
    fibres = required_number(read_header(spectra.path), "NAXIS1")
    accepted = required_number(header, "ESO PRO WSOL LINE NACCEPT")
    return accepted / (lines * fibres) if lines * fibres > 0 else 0.0


def resolving_power_ratio(outcome: RecipeOutcome) -> float | None:
    """Divide the resolving power by the nominal one of the setup, None for an unknown setup."""
    product = outcome.product("LINE_DATA")
    if product is None:
        return None
    header = read_header(product.path)
    nominal = RESOLVING_POWER.get(text(header, "ESO INS EXP MODE"))
    measured = number(header, "ESO QC RESOL POWER")
    return measured / nominal if nominal and measured is not None else None


def lit_fibres(outcome: RecipeOutcome) -> float | None:
    """Return the part of the fibres whose spectrum is not zero throughout."""
    product = outcome.product("SCIENCE_RBNSPECTRA")
    if product is None:
        return None
    return float(np.any(read_image(product.path) != 0, axis=0).mean())


def targets(outcome: RecipeOutcome) -> float | None:
    """Count the fibres on targets or sky in the fibre table of the science product."""
    product = outcome.product("SCIENCE_RBNSPECTRA")
    if product is None:
        return None
    return float(np.isin(read_table(product.path, "FIBER_SETUP")["TYPE"], ("M", "S")).sum())


def _primary(_raw_type: str) -> int:
    return 0


_REPEATS = repeats_gate(_primary)

GATES: dict[str, tuple[Gate, ...]] = {
    "gimasterbias": (
        Gate(
            "RON_RAW",
            partial(keyword, pro_catg="MASTER_BIAS", key="ESO QC OUT1 RON RAW"),
            0.5,
            10.0,
            "read-out noise in ADU that no GIRAFFE detector has; look at the raw biases",
        ),
        Gate(
            "BIAS_SPREAD",
            bias_spread,
            None,
            20.0,
            "ADU: one frame is brighter or darker than the others (below 1 usual); it is no bias",
        ),
        Gate(
            "MASTER_LEVEL",
            master_level,
            None,
            20.0,
            "ADU: the master has not the level of the raw biases (below 1 usual)",
        ),
        _REPEATS,
    ),
    "gimasterdark": (
        Gate(
            "DARK_CURRENT",
            partial(keyword, pro_catg="MASTER_DARK", key="ESO QC DARK CURRENT"),
            -50.0,
            500.0,
            "ADU/h beyond any detector: light leaked in, or the frames are no darks",
        ),
        filled_gate(partial(filled_pixels, pro_catg="MASTER_DARK")),
        _REPEATS,
    ),
    "gimasterflat": (
        Gate(
            "LAMP_EFFIC",
            partial(keyword, pro_catg="MASTER_FIBER_FLAT", key="ESO QC LAMP EFFIC"),
            1.0,
            None,
            "ADU/s: the flat lamp was off; take out the dark frames",
        ),
        Gate(
            "WIDTH_MEAN",
            partial(keyword, pro_catg="FF_LOCWIDTH", key="ESO QC FIBRE WIDTH MEAN"),
            1.5,
            12.0,
            "half width of the fibres in px: the spectra were not found where they are",
        ),
        Gate(
            "FINITE_PIXELS",
            partial(finite_pixels, pro_catg="FF_EXTSPECTRA"),
            0.999,
            None,
            "flat spectra hold pixels that are no numbers",
        ),
        filled_gate(partial(filled_pixels, pro_catg="FF_EXTSPECTRA")),
        Gate(
            "WRONG_TRACES",
            wrong_traces,
            None,
            0.0,
            "fibres without a trace and traces without a fibre: the recipe took one for another",
        ),
        Gate(
            "FLAT_SHIFT",
            flat_shift,
            None,
            1.0,
            "px along the slit between two raw flats: their sum has its fibres twice",
        ),
        _REPEATS,
    ),
    "giwavecalibration": (
        Gate(
            "LINES_ACCEPTED",
            accepted_lines,
            0.9,
            None,
            "the lamp does not show the lines of the catalogue: wrong LINE_CATALOG, GRATING_DATA "
            "or lamp",
        ),
        Gate(
            "WSOL_RMS",
            partial(keyword, pro_catg="DISPERSION_SOLUTION", key="ESO PRO WSOL RMS"),
            None,
            0.1,
            "px: the dispersion solution does not fit the lines",
        ),
        Gate(
            "REBIN_RMS",
            partial(keyword, pro_catg="ARC_RBNSPECTRA", key="ESO QC WSOL REBIN RMS"),
            None,
            10.0,
            "rebinned lines are not straight across the fibres",
        ),
        Gate(
            "RESOLVING_POWER",
            resolving_power_ratio,
            0.9,
            1.1,
            "times the nominal resolving power of the setup: wrong lines, or out of focus",
        ),
    ),
    "giscience": (
        *TOLD,
        Gate(
            "FIELD",
            field_apart,
            None,
            0.3,
            "degrees from RA, DEC to the middle of the targets: the table of the fibres is that "
            "of another exposure (below 0.05 usual, the field reaches 0.21)",
        ),
        Gate(
            "TARGETS",
            targets,
            1.0,
            None,
            "no fibre on a target or the sky in FIBER_SETUP; look at the OzPoz table",
        ),
        Gate(
            "FINITE_PIXELS",
            partial(finite_pixels, pro_catg="SCIENCE_RBNSPECTRA"),
            0.999,
            None,
            "rebinned spectra hold pixels that are no numbers",
        ),
        Gate(
            "LIT_FIBRES",
            lit_fibres,
            0.9,
            None,
            "spectra are zero throughout: the extraction missed the fibres",
        ),
        Gate(
            "FIBRE_LIGHT",
            fibre_light,
            LEAST_LIGHT,
            None,
            "times its noise is the light of all fibres together: the shutter stayed closed, or "
            "nothing was there (7000 and more in simulated nights, -3 on bias alone)",
        ),
        Gate(
            "TRACE_SHIFT",
            trace_shift,
            -2.0,
            2.0,
            "px along the slit, against the flat: the extraction missed the fibres",
        ),
        Gate(
            "SKY_SHIFT",
            sky_shift,
            -2.0,
            2.0,
            "px between the lines of the night sky and their wavelengths: the arc is not that of "
            "this exposure",
        ),
        Gate(
            "SIMCAL_SHIFT",
            simcal_shift,
            None,
            5.0,
            "px between the lines of the SIMCAL fibres and those of the arc: the arc is not that "
            "of this exposure",
        ),
    ),
}
"""Recipe to its rows."""


def gates_of(recipe: Recipe) -> tuple[Gate, ...]:
    """Return what the products of a recipe must show."""
    return GATES.get(recipe.name, ())
