"""The parameters that the recipes of uves 6.1.8 know (``esorex --params``), by family."""

from __future__ import annotations

__all__ = ["KNOWN_PARAMETERS"]

_ALL = "debug plotter process_chip"
_STACK = "stack_method klow khigh niter"
_BACKSUB = "mmethod npoints radiusy sdegree smoothx smoothy"
_EXTRACT = "method kappa chunk profile skymethod oversample best"
_REBIN = "wavestep wavestep_redu scale"
_REDUCE = "slitlength skysub objoffset objslit tiltcorr ffmethod merge merge_delt1 merge_delt2"


def _names(*families: tuple[str, str]) -> frozenset[str]:
    return frozenset(
        f"{prefix}{name}" for prefix, names in (("", _ALL), *families) for name in names.split()
    )


_REDUCTION = (
    ("reduce.backsub.", _BACKSUB),
    ("reduce.extract.", _EXTRACT),
    ("reduce.rebin.", _REBIN),
    ("reduce.", _REDUCE),
)

KNOWN_PARAMETERS = {
    "uves_cal_mbias": _names(("", _STACK), ("", "clean_traps pd_compute dc_mask_x dc_mask_y")),
    "uves_cal_mdark": _names(
        ("", _STACK), ("qc_dark.reg.", "num_x num_y box_sx box_sy border_x border_y when")
    ),
    "uves_cal_predict": _names(
        (
            "",
            (
                "mbox_x mbox_y trans_x trans_y ech_angle_off cd_angle_off ccd_rot_angle_off "
                "compute_regression_sw def_pol1 def_pol2 kappa tol"
            ),
        )
    ),
    "uves_cal_orderpos": _names(
        (
            "",
            (
                "use_guess_tab radx rady mmethod backsubgrid backsubradiusy backsubkappa "
                "backsubdegx backsubdegy samplewidth minslope maxslope sloperes pthres tracestep "
                "minthresh maxgap maxrms defpol1 defpol2 kappa"
            ),
        )
    ),
    "uves_cal_mflat": _names(("", "norm_method"), ("backsub.", _BACKSUB)),
    "uves_cal_wavecal": _names(
        (
            "",
            (
                "nwindows length offset range minlines maxlines shiftmax shiftstep shifttoler "
                "alpha maxerror degree tolerance kappa"
            ),
        ),
        ("extract.", _EXTRACT),
        ("rebin.", _REBIN),
    ),
    "uves_cal_response": _names(
        *_REDUCTION,
        ("efficiency.reduce.", "extract.method ffmethod merge best"),
        ("", "paccuracy"),
    ),
    "uves_obs_scired": _names(*_REDUCTION, ("", "clean_traps")),
}
"""Recipe to the names of its parameters; any other name ends the recipe with exit code 255."""
