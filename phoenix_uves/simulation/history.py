"""The AB repository of a simulated night: ABs as history left them, some in the old style.

The repository is a folder ``uves/logs/<date>/`` with one file an AB. What is old about an AB
stands in :data:`HABITS`; habits marked *ours* are invented, the others have a source: *changes* is
the list of changes that comes with uves 6.1.8, *release* the description of UVES v1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.simulate.old_ab import (
    FILED_BY_TYPE,
    Habit,
    block_texts,
    calibration_tagged,
    filed_by_type,
    makers_of,
    renamed,
    with_parameter,
    without_calibration,
    without_parameter,
)
from phoenix_uves.process import UVES_ECH, usual_products
from phoenix_uves.simulation.blocks import blocks

if TYPE_CHECKING:
    from phoenix_uves.simulation.plan import NightPlan

__all__ = ["HABITS", "repository"]

FILED = (*FILED_BY_TYPE, filed_by_type(makers_of(UVES_ECH, usual_products)))

HABITS = (
    Habit(
        "BIAS_BLUE",
        0,
        "RECIPE uves_mbias",
        "RECIPE uves_cal_mbias",
        "recipes were renamed (changes in 0.9.6)",
        renamed("uves_mbias"),
    ),
    Habit(
        "BIAS_RED",
        0,
        "RECIPE uves_cal_mkmaster",
        "RECIPE uves_cal_mbias",
        "uves.oca still names the recipe that does bias, dark or flat by the tag of its input; "
        "each kind has one of its own, with its own products and gates (changes in 0.9.6)",
        renamed("uves_cal_mkmaster"),
    ),
    Habit(
        "BIAS_RED",
        0,
        "--method=median",
        "--stack_method=median",
        "the parameter was renamed, the old name ends with exit code 255 (changes in 4.7.0)",
        with_parameter("--method=median"),
    ),
    Habit(
        "ARC_LAMP_FORM_BLUE",
        0,
        "RECIPE uves_physmod",
        "RECIPE uves_cal_predict",
        "recipes were renamed (changes in 0.9.6)",
        renamed("uves_physmod"),
    ),
    Habit(
        "ORDER_FLAT_RED",
        0,
        "--midas=false",
        "removed",
        "no recipe knows it any more, exit code 255 (changes in 3.2.3)",
        with_parameter("--midas=false"),
    ),
    Habit("FLAT_BLUE", 0, *FILED),
    Habit(
        "FLAT_BLUE",
        0,
        "RECIPE uves_cal_mkmaster",
        "RECIPE uves_cal_mflat",
        "as for the bias",
        renamed("uves_cal_mkmaster"),
    ),
    Habit(
        "FLAT_RED",
        0,
        "RECIPE uves_cal_mkmaster_sflat",
        "RECIPE uves_cal_mflat",
        "the same recipe under another name, gone since (changes in 0.9.6)",
        renamed("uves_cal_mkmaster_sflat"),
    ),
    Habit(
        "ARC_LAMP_RED",
        0,
        "--tolerance=0.07",
        "removed: the default is 0.6 pixels",
        "too low for some red settings (changes in 3.3.0)",
        with_parameter("--tolerance=0.07"),
    ),
    Habit(
        "STANDARD_BLUE",
        0,
        "no RESP_FIT_POINTS_CATALOG",
        "MCALIB REAL ${DFO_CAL_DIR}/gen/UV_GRFP_041014A_SIMSTD.fits RESP_FIT_POINTS_CATALOG",
        "without it the recipe ends well and makes no response (measured)",
        without_calibration("RESP_FIT_POINTS_CATALOG"),
    ),
    Habit(
        "STANDARD_BLUE",
        0,
        "no --paccuracy",
        "--paccuracy=70",
        "arcsec within which a star is found in the table (uves.oca)",
        without_parameter("paccuracy"),
    ),
    Habit("SCI_POINT_BLUE", 0, *FILED),
    Habit(
        "SCI_POINT_BLUE",
        0,
        "RECIPE uves_scired",
        "RECIPE uves_obs_scired",
        "recipes were renamed (changes in 0.9.6)",
        renamed("uves_scired"),
    ),
    Habit(
        "SCI_POINT_BLUE",
        0,
        "... INSTR_RESPONSE_BLUE",
        "... INSTR_RESPONSE_FINE_BLUE",
        "the product was renamed with the new response of 2020 (changes in 6.1.1 and 6.1.2)",
        calibration_tagged("INSTR_RESPONSE_FINE_BLUE", "INSTR_RESPONSE_BLUE"),
    ),
    Habit(
        "SCI_POINT_BLUE",
        0,
        "--reduce.blazecorr=false",
        "removed",
        "gone with the blaze correction, exit code 255 (changes in 4.7.0)",
        with_parameter("--reduce.blazecorr=false"),
    ),
    Habit(
        "SCI_POINT_BLUE",
        0,
        "no --reduce.extract.kappa",
        "--reduce.extract.kappa=20",
        "the choice of the release (UVES v1); the default is 10",
        without_parameter("reduce.extract.kappa"),
    ),
    *(
        Habit(
            f"SCI_SLICER_{arm}",
            0,
            "RECIPE uves_obs_spatred",
            "RECIPE uves_obs_scired",
            "the same as uves_obs_scired with --reduce.extract.method=2d, gone since "
            "(changes in 3.2.3); slicer spectra are summed (uves.oca)",
            renamed("uves_obs_spatred"),
        )
        for arm in ("BLUE", "RED")
    ),
    *(
        Habit(
            f"SCI_SLICER_{arm}",
            0,
            "no extraction parameters",
            "--reduce.ffmethod=extract --reduce.extract.method=average "
            "--reduce.backsub.mmethod=median --reduce.skysub=FALSE",
            "there is no sky beside the slices (uves.oca)",
            without_parameter(
                "reduce.ffmethod",
                "reduce.extract.method",
                "reduce.backsub.mmethod",
                "reduce.skysub",
            ),
        )
        for arm in ("BLUE", "RED")
    ),
)


def repository(plan: NightPlan) -> dict[str, str]:
    """Names and texts of the AB files of a night, none for calibrations alone."""
    return {} if plan.options.calibrations else block_texts(blocks(plan), HABITS)
