"""Parameters of the recipes of xshoo 3.5.0: those that the shipped rules set.

The bins of the rules are those of ESO's products: 0.04 nm x 0.16 arcsec in UVB and VIS, 0.1 nm x
0.21 arcsec in NIR. The rules for science in offset and for standards in stare have the bins of UVB
in NIR, too; that is taken for a slip here, and the bins of NIR are used.
"""

from __future__ import annotations

from phoenix_xshooter.process import (
    ARMS,
    NOD,
    OFFSET,
    RESPONSE_NOD,
    RESPONSE_OFFSET,
    RESPONSE_STARE,
    STARE,
)

__all__ = ["BINS", "KNOWN_PARAMETERS", "RULE_PARAMETERS", "SDP"]

Rows = tuple[tuple[str, str], ...]

SDP: Rows = (("generate-SDP-format", "TRUE"),)
"""The table in the form of the data standard."""

BINS: dict[str, Rows] = {
    "UVB": (("rectify-bin-lambda", "0.04"), ("rectify-bin-slit", "0.16")),
    "VIS": (("rectify-bin-lambda", "0.04"), ("rectify-bin-slit", "0.16")),
    "NIR": (("rectify-bin-lambda", "0.1"), ("rectify-bin-slit", "0.21")),
}
"""Arm to the bins of spectra: nm, and arcsec along the slit."""

_STARING: Rows = (("sky-method", "MEDIAN"), ("sky-slit-edges-mask", "1.5"))
_BLUE: Rows = (("background-poly-deg-x", "8"),)
_PLAIN: Rows = (("do-optextract", "FALSE"),)

STARE_RESPONSE: dict[str, Rows] = {
    "UVB": (*BINS["UVB"], *_STARING, *_BLUE, *_PLAIN),
    "VIS": (*BINS["VIS"], *_STARING, *_PLAIN),
    "NIR": (*BINS["NIR"], *_STARING),
}
STARE_SCIENCE: dict[str, Rows] = {
    "UVB": (*SDP, *BINS["UVB"], *_STARING, *_BLUE, *_PLAIN),
    "VIS": (*SDP, *BINS["VIS"], *_STARING, *_PLAIN),
    "NIR": (
        *SDP,
        *BINS["NIR"],
        *_PLAIN,
        ("rectify-radius", "2"),
        ("sky-slit-edges-mask", "1.5"),
        ("sky-bspline-nbkpts-first", "5000"),
        ("sky-bspline-nbkpts-second", "5000"),
    ),
}

RULE_PARAMETERS: dict[tuple[str, str], Rows] = {
    ("xsh_predict", "UVB"): (
        ("detectarclines-fit-win-hsize", "6.0"),
        ("detectarclines-search-win-hsize", "2.5"),
        ("detectarclines-min-sn", "5.0"),
    ),
    ("xsh_predict", "VIS"): (
        ("detectarclines-fit-win-hsize", "6.0"),
        ("detectarclines-search-win-hsize", "2.5"),
        ("detectarclines-min-sn", "5.0"),
    ),
    ("xsh_predict", "NIR"): (
        ("detectarclines-fit-win-hsize", "6.0"),
        ("detectarclines-search-win-hsize", "3.0"),
        ("detectarclines-min-sn", "5.0"),
    ),
    ("xsh_mflat", "UVB"): (("detectorder-min-sn", "25"), ("background-poly-deg-x", "8")),
    ("xsh_mflat", "VIS"): (("detectorder-min-sn", "25"),),
    ("xsh_mflat", "NIR"): (("detectorder-min-sn", "10"),),
    **{
        ("xsh_2dmap", arm): (
            ("detectarclines-fit-win-hsize", "5.0"),
            ("detectarclines-search-win-hsize", "3.0" if arm == "NIR" else "5.0"),
            ("detectarclines-min-sn", "5.0"),
        )
        for arm in ARMS
    },
    **{(recipe, arm): BINS[arm] for recipe in (RESPONSE_NOD, RESPONSE_OFFSET) for arm in ARMS},
    (RESPONSE_OFFSET, "NIR"): (*BINS["NIR"], ("rectify-radius", "2")),
    **{(RESPONSE_STARE, arm): rows for arm, rows in STARE_RESPONSE.items()},
    **{(recipe, arm): (*SDP, *BINS[arm]) for recipe in (NOD, OFFSET) for arm in ARMS},
    **{(STARE, arm): rows for arm, rows in STARE_SCIENCE.items()},
}
"""Recipe and arm to what xshoo.oca asks for."""

_ALL = "keep-temp debug-level time-stamp decode-bp"
_RECTIFY = "kernel radius bin-lambda bin-slit"
_LOCALIZE = "method chunk-nb thresh deg-lambda slit-position slit-hheight kappa niter use-skymask"
_COSMICS = "sigmalim flim niter"
_BACKGROUND = "edges-margin poly-deg-y poly-deg-x poly-kappa"
_SKY = (
    "subtract bspline-nbkpts-first bspline-nbkpts-second bspline-order "
    "bspline-niter bspline-kappa method median-hsize slit-edges-mask "
    "position1 hheight1 position2 hheight2"
)
_OPTIMAL = (
    "oversample box-half-size chunk-size step-lambda clip-kappa clip-frac clip-niter niter method"
)
_MODEL = "maxit anneal-factor scenario"


def _names(*families: tuple[str, str]) -> frozenset[str]:
    return frozenset(
        f"{prefix}{name}" for prefix, names in (("", _ALL), *families) for name in names.split()
    )


KNOWN_PARAMETERS: dict[str, frozenset[str]] = {
    "xsh_mbias": _names(
        (
            "",
            (
                "stack-method klow khigh fpn_llx fpn_lly fpn_urx fpn_ury "
                "fpn_hsize fpn_nsamples ron_method random_sizex random_nsamples "
                "ref1_llx ref1_lly ref1_urx ref1_ury ref2_llx ref2_lly ref2_urx "
                "ref2_ury stacking_ks_low stacking_ks_iter struct_refx "
                "struct_refy pd_noise_compute pd_noise_dc_x pd_noise_dc_y"
            ),
        ),
    ),
    "xsh_mdark": _names(
        (
            "",
            (
                "pre-overscan-corr stack-method klow khigh bp-output "
                "crh-clip-kappa crh-clip-niter crh-clip-frac noise-clip-kappa "
                "noise-clip-niter noise-clip-frac noise-clip-diff "
                "noise-lower-rejection noise-higher-rejection ref1_llx ref1_lly "
                "ref1_urx ref1_ury ron_llx ron_lly ron_urx ron_ury ron_hsize ron_nsamples fpn_llx "
                "fpn_lly fpn_urx fpn_ury fpn_hsize fpn_nsamples"
            ),
        ),
    ),
    "xsh_predict": _names(
        ("model-", _MODEL),
        (
            "",
            (
                "pre-overscan-corr detectarclines-fit-win-hsize "
                "detectarclines-search-win-hsize "
                "detectarclines-running-median-hsize "
                "detectarclines-wavesol-deg-lambda "
                "detectarclines-wavesol-deg-order detectarclines-ordertab-deg-y "
                "detectarclines-min-sn detectarclines-find-lines-center "
                "detectarclines-clip-sigma detectarclines-clip-niter "
                "detectarclines-clip-frac"
            ),
        ),
    ),
    "xsh_orderpos": _names(
        (
            "",
            (
                "pre-overscan-corr detectcontinuum-search-win-hsize "
                "detectcontinuum-running-win-hsize detectcontinuum-fit-win-hsize "
                "detectcontinuum-center-thresh-fac "
                "detectcontinuum-ordertab-step-y detectcontinuum-ordertab-deg-y "
                "detectcontinuum-clip-res-max detectcontinuum-clip-sigma "
                "detectcontinuum-clip-niter detectcontinuum-clip-frac"
            ),
        ),
    ),
    "xsh_mflat": _names(
        ("background-", _BACKGROUND),
        (
            "",
            (
                "pre-overscan-corr stack-method klow khigh "
                "detectorder-edges-search-win-hsize detectorder-edges-flux-thresh "
                "detectorder-min-sn detectorder-min-order-size-x "
                "detectorder-chunk-half-size detectorder-slitlet-low-factor "
                "detectorder-slitlet-up-factor detectorder-fixed-slice "
                "detectorder-slice-trace-method detectorder-qc-mode "
                "detectorder-d2-min-sn"
            ),
        ),
    ),
    "xsh_2dmap": _names(
        ("model-", _MODEL),
        (
            "",
            (
                "pre-overscan-corr detectarclines-fit-win-hsize "
                "detectarclines-search-win-hsize "
                "detectarclines-running-median-hsize "
                "detectarclines-wavesol-deg-lambda "
                "detectarclines-wavesol-deg-order detectarclines-wavesol-deg-slit "
                "detectarclines-min-sn detectarclines-find-lines-center "
                "detectarclines-clip-sigma detectarclines-clip-niter "
                "detectarclines-clip-frac dispersol-deg-x dispersol-deg-y"
            ),
        ),
    ),
    "xsh_wavecal": _names(
        (
            "",
            (
                "pre-overscan-corr followarclines-search-window-half-size "
                "followarclines-order-edges-mask followarclines-min-sn "
                "tilt-clip-kappa tilt-clip-niter tilt-clip-frac "
                "specres-clip-kappa specres-clip-niter specres-clip-frac"
            ),
        ),
    ),
    "xsh_respon_slit_nod": _names(
        ("rectify-", _RECTIFY),
        ("localize-", _LOCALIZE),
        ("removecrhsingle-", _COSMICS),
        (
            "",
            (
                "pre-overscan-corr stack-method klow khigh rectify-fast "
                "localize-nod-throw extract-method stdextract-interp-hsize "
                "combinenod-throwlist combinenod-method max-slit min-slit "
                "correct-tellurics correct-sky-by-median scale-combine-nod-method"
            ),
        ),
    ),
    "xsh_respon_slit_stare": _names(
        ("rectify-", _RECTIFY),
        ("localize-", _LOCALIZE),
        ("removecrhsingle-", _COSMICS),
        ("background-", _BACKGROUND),
        ("sky-", _SKY),
        ("optextract-", _OPTIMAL),
        (
            "",
            (
                "pre-overscan-corr bspline-sampling stdextract-interp-hsize "
                "do-optextract correct-tellurics"
            ),
        ),
    ),
    "xsh_respon_slit_offset": _names(
        ("rectify-", _RECTIFY),
        ("localize-", _LOCALIZE),
        ("removecrhsingle-", _COSMICS),
        (
            "",
            (
                "pre-overscan-corr stdextract-interp-hsize combinenod-method "
                "gen-sky correct-tellurics"
            ),
        ),
    ),
    "xsh_scired_slit_nod": _names(
        ("rectify-", _RECTIFY),
        ("localize-", _LOCALIZE),
        ("removecrhsingle-", _COSMICS),
        (
            "",
            (
                "pre-overscan-corr stack-method klow khigh rectify-fast "
                "localize-nod-throw extract-method stdextract-interp-hsize "
                "combinenod-throwlist combinenod-method max-slit min-slit "
                "correct-sky-by-median cut-uvb-spectrum generate-SDP-format "
                "dummy-association-keys "
                "scale-combine-nod-method"
            ),
        ),
    ),
    "xsh_scired_slit_stare": _names(
        ("rectify-", _RECTIFY),
        ("localize-", _LOCALIZE),
        ("removecrhsingle-", _COSMICS),
        ("background-", _BACKGROUND),
        ("sky-", _SKY),
        ("optextract-", _OPTIMAL),
        (
            "",
            (
                "pre-overscan-corr stack-method klow khigh bspline-sampling "
                "stdextract-interp-hsize do-optextract cut-uvb-spectrum "
                "generate-SDP-format dummy-association-keys"
            ),
        ),
    ),
    "xsh_scired_slit_offset": _names(
        ("rectify-", _RECTIFY),
        ("localize-", _LOCALIZE),
        ("removecrhsingle-", _COSMICS),
        (
            "",
            (
                "pre-overscan-corr stdextract-interp-hsize combinenod-method "
                "gen-sky cut-uvb-spectrum generate-SDP-format "
                "dummy-association-keys"
            ),
        ),
    ),
}
"""Recipe to the names of its parameters (``esorex --params``); any other name ends it with exit
code 255."""
