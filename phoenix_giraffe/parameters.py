"""The parameters that the recipes of giraf 2.16.10 know (``esorex --params``), by family."""

from __future__ import annotations

__all__ = ["KNOWN_PARAMETERS"]

_FAMILIES = {
    "stack": "method ksigmalow ksigmahigh minreject maxreject",
    "mbias": "oscremove bpxclean",
    "bpm": "create factor frac",
    "remove": "bias",
    "bsremove": "method areas sigma niter mfrac xorder yorder xstep ystep",
    "fiber": "splist nspec",
    "sloc": "mode start retries binsize ewidth ywidth center norm noise threshold ron yorder "
    "worder sigma niter mfrac",
    "psf": "model norm binsize maxwidth width exponent pfniter pfntest pfdchisq prmfit yorder "
    "worder sigma niter mfrac",
    "extr": "method ron psfmodel psfsigma psfniter hewidth hmingood omfrac owfactor obkgorder",
    "slight": "model order xstep ystep xslice ewidth iswidth istrim phff remove",
    "wcal": "lswidth lssep lsfxratio lsbright lscount lswrange lfmodel lfres lfthreshold "
    "lfoffset lfniter lfntest lfdchisq lfreswid lfexpwid soffset ommodel omdir omsol omflags "
    "omsslits omniter omntest omdchisq xwsigma xwniter xwmfrac xworder wssigma wsniter wsmfrac "
    "wsorder rebin slit",
    "rbin": "method xresid lstep scmethod size range",
    "scal": "cniter zmax cstep cdomain rvlimits rvniter rvwfactor pfniter pfntest pfdchisq",
    "recon": "min max cube format",
    "flat": "apply",
    "transmission": "apply",
    "siwc": "apply",
    "generate": "SDP-format",
    "dummy": "association-keys",
    "flx": "skycorr",
    "max": "dist",
}
"""Prefix to the rest of the names."""


def _names(families: str, *others: str) -> frozenset[str]:
    return frozenset(others).union(
        f"{family}-{rest}" for family in families.split() for rest in _FAMILIES[family].split()
    )


KNOWN_PARAMETERS = {
    "gimasterbias": _names("stack mbias bpm"),
    "gimasterdark": _names("stack remove bsremove"),
    "gimasterflat": _names("fiber remove bsremove sloc psf extr slight", "transmission", "slight"),
    "giwavecalibration": _names("remove bsremove extr wcal rbin scal"),
    "giscience": _names(
        "remove bsremove extr flat transmission rbin siwc scal recon generate dummy"
    ),
    "gistandard": _names("remove bsremove extr flat transmission rbin recon flx max"),
}
"""Recipe to the names of its parameters; any other name ends the recipe with exit code 255."""
