"""The categories of products and of the files that travel with them."""

from __future__ import annotations

__all__ = ["ANCILLARY_FITS", "ANCILLARY_OTHER", "SCIENCE"]

SCIENCE = frozenset(
    f"SCIENCE.{name}"
    for name in (
        "IMAGE", "MEFIMAGE", "IMAGE.FLUXMAP", "SPECTRUM", "CUBE.IFS", "VISIBILITY", "SRCTBL",
        "MCATALOG", "CATALOGTILE", "CATALOG",
    )
)  # fmt: skip
"""PRODCATG of science products (section 4.1, table 1)."""

ANCILLARY_FITS = frozenset(
    f"ANCILLARY.{name}"
    for name in (
        "PREVIEW", "WEIGHTMAP", "GAINMAP", "MASK", "SPECTRUM", "2DSPECTRUM", "IMAGE",
        "MOSSPECTRA", "MOSSPECTRA.CALSIM", "MOSSPECTRA.SKY", "MOSSPECTRA.PREVIEW", "RMSMAP",
        "SNRMAP", "RESMAP", "SRCMASK", "FILTERED", "SPECTRUM.TELLURIC", "SPECTRUM.CONTINUUM",
        "MUSE.PIXTABLE_REDUCED", "KMOS.SCI_RECONSTRUCTED", "EXPMAP", "VARMAP", "PIXELCOUNTMAP",
        "IMAGE.WHITELIGHT", "CUBE.IFS.NO_TELLCORR", "CUBE.IFS.STD", "KMOS.SPECTRUM.TELLURIC",
        "CUBE.IFS.SKY", "CCF", "DRIFT", "PIXELCOUNT3D", "MPDAF.FIELDMAP", "CUBE.IFS", "4MOST.MEC",
        "IMAGE.COL_DENSITY",
    )
)  # fmt: skip
"""PRODCATG of FITS ancillaries (section 14; checks of the Phase 3 server, 2025)."""

ANCILLARY_OTHER = frozenset(
    f"ANCILLARY.{name}"
    for name in (
        "PREVIEW", "HARPSTAR", "FEROSTAR", "README", "TAR", "MOSSPECTRA.PREVIEW", "SRCTBL",
        "2DECHELLE.TAR", "FORS2TAR", "CUBE.LMV", "CRIRESPTAR",
    )
)  # fmt: skip
"""ASSOCi of other files (checks of the Phase 3 server, 2025)."""
