"""Recipe parameters: those that muse 2.8.7 knows, and those of the later steps."""

from __future__ import annotations

from phoenix.model.recipe import Parameter

__all__ = [
    "ALIGNING",
    "COMBINING",
    "FROM_STANDARD",
    "KNOWN_PARAMETERS",
    "POST_PROCESSING",
    "SKY_FROM_FIELD",
    "SKY_FROM_SKY",
    "SKY_SIMPLE",
]

_KNOWN = {
    "muse_bias": (
        "nifu overscan ovscreject ovscsigma ovscignore combine nlow nhigh nkeep lsigma "
        "hsigma losigmabadpix hisigmabadpix merge"
    ),
    "muse_dark": (
        "nifu overscan ovscreject ovscsigma ovscignore combine nlow nhigh nkeep lsigma "
        "hsigma hotsigma model merge"
    ),
    "muse_flat": (
        "nifu overscan ovscreject ovscsigma ovscignore combine nlow nhigh nkeep lsigma "
        "hsigma trace nsum order edgefrac losigmabadpix hisigmabadpix samples merge"
    ),
    "muse_wavecal": (
        "nifu overscan ovscreject ovscsigma ovscignore combine sigma dres tolerance "
        "xorder yorder linesigma residuals fitsigma fitweighting saveimages merge"
    ),
    "muse_lsf": (
        "nifu overscan ovscreject ovscsigma ovscignore save_subtracted line_quality "
        "lsf_range lsf_size lambda_size lsf_regression_window merge combine method"
    ),
    "muse_illum": (""),
    "muse_twilight": (
        "overscan ovscreject ovscsigma ovscignore combine nlow nhigh nkeep lsigma "
        "hsigma scale resample crtype crsigma lambdamin lambdamax dlambda xorder yorder"
    ),
    "muse_scibasic": (
        "nifu overscan ovscreject ovscsigma ovscignore crop cr xbox ybox passes thres "
        "saveimage skylines skyhalfwidth skybinsize skyreject resample dlambda merge"
    ),
    "muse_standard": ("profile select smooth lambdamin lambdamax lambdaref darcheck filter"),
    "muse_create_sky": ("fraction ignore lambdamin lambdamax lambdaref"),
    "muse_scipost": (
        "save resample dx dy dlambda crtype crsigma rc pixfrac ld format weight filter "
        "autocalib skymethod lambdamin lambdamax lambdaref darcheck skymodel_fraction "
        "skymodel_ignore rvcorr astrometry"
    ),
    "muse_exp_align": (
        "rsearch nbins weight fwhm threshold bkgignore bkgfraction step iterations "
        "srcmin srcmax roundmin roundmax sharpmin sharpmax bpixdistance"
    ),
    "muse_exp_combine": (
        "save resample dx dy dlambda crtype crsigma rc pixfrac ld format weight filter "
        "lambdamin lambdamax"
    ),
}

KNOWN_PARAMETERS = {recipe: frozenset(words.split()) for recipe, words in _KNOWN.items()}
"""Recipe to the names of its parameters (esorex --man-page)."""

FROM_STANDARD = (Parameter("profile", "circle"),)
"""Of muse_standard (ours): the light of a star within four times its width. By the profile that
the recipe fits where it is not told, it has 2 to 5 percent more than it has (docs: truth)."""

POST_PROCESSING = (
    Parameter("save", "cube,skymodel,individual"),
    Parameter("format", "sdpCube"),
    Parameter("filter", "white"),
)
"""Of muse_scipost. A real log of 2015 has ``--save=individual,stacked,cube,skymodel``; what was
stacked is read by nobody here."""

SKY_FROM_FIELD = (Parameter("skymethod", "model"), Parameter("skymodel_fraction", "0.2"))
"""The sky is fitted in the darkest fifth of the field itself (real log of 2015)."""

SKY_FROM_SKY = (Parameter("skymethod", "subtract-model"),)
"""What muse_create_sky has found in the exposure beside the field is taken off as it is (ours): in
a field that is full, there is nothing to fit."""

SKY_SIMPLE = (Parameter("skymethod", "simple"),)
"""The median spectrum of the darkest spaxels is taken off: without a line spread or a list of
lines there is nothing to fit (ours)."""

ALIGNING = (
    Parameter("rsearch", "5,3,2,0.8"),
    Parameter("threshold", "12."),
    Parameter("iterations", "200000"),
    Parameter("srcmax", "120"),
)
"""Of muse_exp_align (real log of 2015)."""

COMBINING = (
    Parameter("save", "cube"),
    Parameter("format", "sdpCube"),
    Parameter("filter", "white"),
    Parameter("pixfrac", "0.8"),
)
"""Of muse_exp_combine (real log of 2015; the filter is the default there).

The size of a drizzled pixel is ours: that of muse_scipost. With the recipe's 0.6 all light of a
pixel goes into one voxel while their centres are less than 0.2 pixels apart in an axis; where the
pixels of few exposures lie along those of the cube, stars move by as much (docs: truth)."""
