"""QC parameters of GIRAFFE: the declared rows, and how an AB is measured.

Two tables: :data:`KEYWORDS` are the numbers that the recipes write themselves, :data:`OURS` those
that the line measures. The element of a measurement is FPS, the fibre's place in the slit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.qc import Measurement, QCParameter
from phoenix.toolkit.headers import number, read_header
from phoenix_giraffe.fibres import find
from phoenix_giraffe.qc_calib import measure_arc, measure_bias, measure_flat
from phoenix_giraffe.qc_raw import measure_raw_files
from phoenix_giraffe.qc_science import measure_science

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product, SetOfFrames

__all__ = ["KEYWORDS", "OURS", "PARAMETERS", "KeywordRow", "measure"]


@frozen
class KeywordRow:
    """A number that a recipe writes into the header of a product.

    Attributes
    ----------
    name, unit, meaning, raw_type : str
        Of the QC parameter.
    pro_catg, key : str
        Where it stands.
    """

    name: str
    unit: str
    meaning: str
    raw_type: str
    pro_catg: str
    key: str

    @property
    def parameter(self) -> QCParameter:
        """The QC parameter of this row."""
        return QCParameter(self.name, self.unit, self.meaning, (self.raw_type,))


_BIAS = ("BIAS", "MASTER_BIAS")
_DARK = ("DARK", "MASTER_DARK")
_FLAT = "FIBER_FLAT"
_ARC = "ARC_SPECTRUM"
_STD = "STD"
_SCIENCE = "SCIENCE"

_K = KeywordRow
KEYWORDS: tuple[KeywordRow, ...] = (
    _K("BIAS_MEDIAN", "adu", "median level of the master", *_BIAS, "ESO QC BIAS MASTER MEDIAN"),
    _K("BIAS_MEAN", "adu", "mean level of the master", *_BIAS, "ESO QC BIAS MASTER MEAN"),
    _K("BIAS_RMS", "adu", "rms of the master", *_BIAS, "ESO QC BIAS MASTER RMS"),
    _K("RON_RAW", "adu", "read-out noise of a raw bias", *_BIAS, "ESO QC OUT1 RON RAW"),
    _K("RON_MASTER", "adu", "read-out noise of the master", *_BIAS, "ESO QC OUT1 RON MASTER"),
    _K("STRUCT_X", "adu", "structure along the rows", *_BIAS, "ESO QC OUT1 STRUCT X"),
    _K("STRUCT_Y", "adu", "structure along the columns", *_BIAS, "ESO QC OUT1 STRUCT Y"),
    _K("DARK_CURRENT", "adu / h", "mean dark current", *_DARK, "ESO QC DARK CURRENT"),
    _K("GLOW_LEVEL", "adu / s", "flux of the glow feature", *_DARK, "ESO QC GLOW LEVEL"),
    _K("GLOW_POSX", "pix", "column of the glow feature", *_DARK, "ESO QC GLOW POSX"),
    _K("GLOW_POSY", "pix", "row of the glow feature", *_DARK, "ESO QC GLOW POSY"),
    _K(
        "FLAT_LEVEL",
        "adu",
        "mean level of the first raw flat",
        _FLAT,
        "MASTER_FIBER_FLAT",
        "ESO QC OUT1 MEAN RAW",
    ),
    _K(
        "LAMP_EFFIC",
        "adu / s",
        "efficiency of the flat lamp",
        _FLAT,
        "MASTER_FIBER_FLAT",
        "ESO QC LAMP EFFIC",
    ),
    _K(
        "LAMP_EFFIC_SIMCAL",
        "adu / s",
        "efficiency of the SIMCAL flat lamp",
        _FLAT,
        "MASTER_FIBER_FLAT",
        "ESO QC LAMP EFFIC1",
    ),
    _K(
        "CENTROID_RMS",
        "pix",
        "rms of the fibre positions",
        _FLAT,
        "FF_LOCCENTROID",
        "ESO QC FIBRE CENTROID RMS",
    ),
    _K(
        "CENTROID_DIFF",
        "pix",
        "mean difference of the fibre curvature",
        _FLAT,
        "FF_LOCCENTROID",
        "ESO QC FIBRE CENTROID DIFF",
    ),
    _K(
        "WIDTH_MEAN",
        "pix",
        "mean half width of the fibres",
        _FLAT,
        "FF_LOCWIDTH",
        "ESO QC FIBRE WIDTH MEAN",
    ),
    _K(
        "WIDTH_RMS",
        "pix",
        "rms of the half widths",
        _FLAT,
        "FF_LOCWIDTH",
        "ESO QC FIBRE WIDTH RMS",
    ),
    _K(
        "TRANS_MEDIAN",
        "",
        "median relative transmission of the fibres",
        _FLAT,
        "FF_EXTSPECTRA",
        "ESO QC FIBRE TRANS MEDIAN",
    ),
    _K(
        "TRANS_RMS",
        "",
        "rms of the relative transmissions",
        _FLAT,
        "FF_EXTSPECTRA",
        "ESO QC FIBRE TRANS RMS",
    ),
    _K(
        "TRANS_ERROR",
        "",
        "median error of the relative transmissions",
        _FLAT,
        "FF_EXTSPECTRA",
        "ESO QC FIBRE TRANS ERROR",
    ),
    _K(
        "ARC_LEVEL",
        "adu",
        "mean level of the raw arc",
        _ARC,
        "ARC_RBNSPECTRA",
        "ESO QC OUT1 MEAN RAW",
    ),
    _K(
        "ARC_EFFIC",
        "adu / s",
        "efficiency of the arc lamp",
        _ARC,
        "ARC_RBNSPECTRA",
        "ESO QC LAMP EFFIC",
    ),
    _K(
        "REBIN_RMS",
        "",
        "straightness of the rebinned lines",
        _ARC,
        "ARC_RBNSPECTRA",
        "ESO QC WSOL REBIN RMS",
    ),
    _K(
        "RESOL_MEAN",
        "nm",
        "mean width (FWHM) of the lines",
        _ARC,
        "LINE_DATA",
        "ESO QC RESOL MEAN",
    ),
    _K("RESOL_RMS", "nm", "rms of the line widths", _ARC, "LINE_DATA", "ESO QC RESOL RMS"),
    _K("RESOL_POWER", "", "resolving power", _ARC, "LINE_DATA", "ESO QC RESOL POWER"),
    _K("RESOL_NLINES", "", "lines used for the width", _ARC, "LINE_DATA", "ESO QC RESOL NLINES"),
    _K(
        "WSOL_RMS",
        "pix",
        "rms of the dispersion solution",
        _ARC,
        "DISPERSION_SOLUTION",
        "ESO PRO WSOL RMS",
    ),
    _K(
        "WSOL_NLINES",
        "",
        "catalogue lines searched for",
        _ARC,
        "DISPERSION_SOLUTION",
        "ESO PRO WSOL LINE NLINES",
    ),
    _K(
        "WSOL_NACCEPT",
        "",
        "lines of all fibres accepted",
        _ARC,
        "DISPERSION_SOLUTION",
        "ESO PRO WSOL LINE NACCEPT",
    ),
    _K(
        "EFFICIENCY_MEAN",
        "",
        "mean efficiency",
        _STD,
        "EFFICIENCY_CURVE",
        "ESO QC EFFICIENCY MEAN",
    ),
    _K(
        "STD_SKY_MEAN", "adu", "mean level of the sky", _STD, "EFFICIENCY_CURVE", "ESO QC SKY MEAN"
    ),
)
"""What the recipes write (ESO-DFS-DIC.GIRAFFE_QC and the headers of giraf 2.16.10)."""

_SCI, _EACH = (_SCIENCE,), True
_Q = QCParameter
OURS: tuple[QCParameter, ...] = (
    _Q("NUM_SAT", "", "saturated pixels (above 60000 ADU) of all raw files"),
    _Q("NUM_RAW", "", "raw files"),
    _Q("TEMPERATURE", "deg_C", "temperature of the grating in the first raw file"),
    _Q("NUM_BAD", "", "bad pixels found in the biases", ("BIAS",)),
    _Q("FLAT_EVENNESS", "", "faintest over brightest raw flat", (_FLAT,)),
    _Q("NUM_FIB", "", "fibres found", (_FLAT, _ARC)),
    _Q("TRANSMISSION", "", "relative transmission of the fibre", (_FLAT,), _EACH),
    _Q("LINES_ACCEPTED", "", "part of the catalogue lines accepted", (_ARC,)),
    _Q("WAVE_RMS", "nm", "rms of the wavelength residuals", (_ARC,)),
    _Q("FIBRE_WAVE_RMS", "nm", "rms of the wavelength residuals of the fibre", (_ARC,), _EACH),
    _Q(
        "SNR",
        "",
        "median signal-to-noise ratio per pixel: of the fibres, of the fibre",
        _SCI,
        _EACH,
    ),
    _Q("SNR_MAX", "", "signal-to-noise ratio per pixel of the best fibre", _SCI),
    _Q(
        "MEAN_COUNTS",
        "adu",
        "mean counts of the spectrum: median of the fibres, the fibre",
        _SCI,
        _EACH,
    ),
    _Q("SKY_COUNTS", "adu", "median of the mean counts of the sky fibres", _SCI),
    _Q("NSCI", "", "fibres on targets", _SCI),
    _Q("NSKY", "", "fibres on the sky", _SCI),
    _Q("DELTATEMP", "K", "temperature of the grating: science minus arc", _SCI),
    _Q("DELTATIME", "d", "mid exposure: science minus arc", _SCI),
    _Q("SIMATT", "", "attached SIMCAL exposures of the OB", _SCI),
    _Q("SIMCAL", "", "1 if a SIMCAL lamp burnt during the exposure", _SCI),
    _Q("SIMCAL_SHIFT", "nm", "largest wavelength shift that the SIMCAL fibres saw", _SCI),
    _Q(
        "BADCOL",
        "",
        "1 if the fibre is one of those on the bad column before April 2008",
        _SCI,
        _EACH,
    ),
    _Q("GLOW", "", "1 if the fibre is one of those in the glow before April 2008", _SCI, _EACH),
    _Q("SPEC_RES", "", "resolving power of the arc, else the nominal one of the setup", _SCI),
    _Q("LAMRMS", "nm", "rms of the wavelength residuals of the arc", _SCI),
    _Q("LAMNLIN", "", "arc lines in the dispersion solution", _SCI),
    _Q("BARYCORR", "km / s", "mean barycentric correction of the fibres", _SCI),
    _Q("AIRMASS", "", "airmass in mid exposure", _SCI),
    _Q("SEEING", "arcsec", "seeing of the site monitor in mid exposure", _SCI),
)
"""What the line measures."""

PARAMETERS: tuple[QCParameter, ...] = (*OURS, *(row.parameter for row in KEYWORDS))


def measure(
    ab: AssociationBlock,
    frames: SetOfFrames,
    products: tuple[Product, ...],
    parents_qc: Mapping[str, tuple[Measurement, ...]],
) -> Iterator[Measurement]:
    """Measure one AB: raw files, the recipe's keywords, and what its raw type asks for."""
    yield from measure_raw_files(ab, frames)
    yield from _measure_keywords(ab, products)
    if ab.raw_type == "BIAS":
        yield from measure_bias(products)
    elif ab.raw_type == _FLAT:
        yield from measure_flat(ab, frames, products)
    elif ab.raw_type == _ARC:
        yield from measure_arc(products)
    elif ab.raw_type == _SCIENCE:
        yield from measure_science(ab, frames, products, parents_qc)


def _measure_keywords(
    ab: AssociationBlock, products: tuple[Product, ...]
) -> Iterator[Measurement]:
    rows = [row for row in KEYWORDS if row.raw_type == ab.raw_type]
    paths = {catg: find(products, catg) for catg in {row.pro_catg for row in rows}}
    headers = {catg: read_header(path) if path else {} for catg, path in paths.items()}
    for row in rows:
        yield Measurement(row.name, number(headers[row.pro_catg], row.key))
