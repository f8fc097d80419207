"""QC parameters of GIRAFFE, as rows; reading them loads nothing that measures.

Two tables: :data:`KEYWORDS` are the numbers that the recipes write themselves, :data:`OURS` those
that the line measures. The element of a measurement is FPS, the fibre's place in the slit.
"""

from __future__ import annotations

from attrs import frozen

from phoenix.model.qc import QCParameter

__all__ = ["ARC", "FLAT", "KEYWORDS", "OURS", "PARAMETERS", "SCIENCE", "KeywordRow"]


@frozen
class KeywordRow:
    """A number that a recipe writes into the header of a product.

    Attributes
    ----------
    key : str
        The keyword; the QC parameter is called like it, without ``ESO QC`` or ``ESO PRO``.
    unit, meaning : str
        Of the QC parameter.
    places : tuple of (str, str)
        Raw type, and PRO.CATG of the product in which it stands.
    """

    key: str
    unit: str
    meaning: str
    places: tuple[tuple[str, str], ...]

    @property
    def parameter(self) -> QCParameter:
        """The QC parameter of this row."""
        name = self.key.removeprefix("ESO QC ").removeprefix("ESO PRO ").replace(" ", "_")
        return QCParameter(name, self.unit, self.meaning, tuple(raw for raw, _ in self.places))


FLAT, ARC, SCIENCE = "FIBER_FLAT", "ARC_SPECTRUM", "SCIENCE"
_BIAS, _DARK = (("BIAS", "MASTER_BIAS"),), (("DARK", "MASTER_DARK"),)
_LAMP = ((FLAT, "MASTER_FIBER_FLAT"), (ARC, "ARC_RBNSPECTRA"))
_CENTRE, _WIDTH = ((FLAT, "FF_LOCCENTROID"),), ((FLAT, "FF_LOCWIDTH"),)
_TRANSMISSION, _REBINNED = ((FLAT, "FF_EXTSPECTRA"),), ((ARC, "ARC_RBNSPECTRA"),)
_LINES, _SOLUTION = ((ARC, "LINE_DATA"),), ((ARC, "DISPERSION_SOLUTION"),)
_STANDARD = (("STD", "EFFICIENCY_CURVE"),)

_K = KeywordRow
KEYWORDS: tuple[KeywordRow, ...] = (
    _K("ESO QC BIAS MASTER MEDIAN", "adu", "median level of the master", _BIAS),
    _K("ESO QC BIAS MASTER MEAN", "adu", "mean level of the master", _BIAS),
    _K("ESO QC BIAS MASTER RMS", "adu", "rms of the master", _BIAS),
    _K("ESO QC OUT1 RON RAW", "adu", "read-out noise of a raw bias", _BIAS),
    _K("ESO QC OUT1 RON MASTER", "adu", "read-out noise of the master", _BIAS),
    _K("ESO QC OUT1 STRUCT X", "adu", "structure along the rows", _BIAS),
    _K("ESO QC OUT1 STRUCT Y", "adu", "structure along the columns", _BIAS),
    _K("ESO QC DARK CURRENT", "adu / h", "mean dark current", _DARK),
    _K("ESO QC GLOW LEVEL", "adu / s", "flux of the glow feature", _DARK),
    _K("ESO QC GLOW POSX", "pix", "column of the glow feature", _DARK),
    _K("ESO QC GLOW POSY", "pix", "row of the glow feature", _DARK),
    _K("ESO QC OUT1 MEAN RAW", "adu", "mean level of the first raw frame", _LAMP),
    _K("ESO QC OUT1 NSAT RAW", "", "saturated pixels of the first raw frame", _LAMP),
    _K("ESO QC LAMP EFFIC", "adu / s", "efficiency of the lamp", _LAMP),
    _K("ESO QC LAMP EFFIC1", "adu / s", "efficiency of the SIMCAL lamp", _LAMP),
    _K("ESO QC FIBRE CENTROID RMS", "pix", "rms of the fibre positions", _CENTRE),
    _K("ESO QC FIBRE CENTROID DIFF", "pix", "mean difference of the fibre curvature", _CENTRE),
    _K("ESO QC FIBRE WIDTH MEAN", "pix", "mean half width of the fibres", _WIDTH),
    _K("ESO QC FIBRE WIDTH RMS", "pix", "rms of the half widths", _WIDTH),
    _K("ESO QC FIBRE TRANS MEDIAN", "", "median relative transmission", _TRANSMISSION),
    _K("ESO QC FIBRE TRANS RMS", "", "rms of the relative transmissions", _TRANSMISSION),
    _K("ESO QC FIBRE TRANS ERROR", "", "median error of the transmissions", _TRANSMISSION),
    _K("ESO QC WSOL REBIN RMS", "", "straightness of the rebinned lines", _REBINNED),
    _K("ESO QC RESOL MEAN", "nm", "mean width (FWHM) of the lines", _LINES),
    _K("ESO QC RESOL RMS", "nm", "rms of the line widths", _LINES),
    _K("ESO QC RESOL NTOTAL", "", "lines of all fibres", _LINES),
    _K("ESO QC RESOL NLINES", "", "lines used for the width", _LINES),
    _K("ESO QC RESOL POWER", "", "resolving power", _LINES),
    _K("ESO PRO WSOL RMS", "pix", "rms of the dispersion solution", _SOLUTION),
    _K("ESO PRO WSOL LINE NLINES", "", "catalogue lines searched for", _SOLUTION),
    _K("ESO PRO WSOL LINE NACCEPT", "", "lines of all fibres accepted", _SOLUTION),
    _K("ESO QC EFFICIENCY MEAN", "", "mean efficiency", _STANDARD),
    _K("ESO QC SKY MEAN", "adu", "mean level of the sky", _STANDARD),
)
"""What the recipes write (ESO-DFS-DIC.GIRAFFE_QC and the headers of giraf 2.16.10)."""

_SCI, _EACH = (SCIENCE,), True
_Q = QCParameter
OURS: tuple[QCParameter, ...] = (
    _Q("NUM_SAT", "", "saturated pixels (above 60000 ADU) of all raw files"),
    _Q("NUM_RAW", "", "raw files"),
    _Q("TPL_PART", "", "raw files over the exposures of their template"),
    _Q("TEMPERATURE", "deg_C", "temperature of the grating in the first raw file"),
    _Q("NUM_BAD", "", "bad pixels found in the biases", ("BIAS",)),
    _Q("FLAT_EVENNESS", "", "faintest over brightest raw flat", (FLAT,)),
    _Q("NUM_FIB", "", "fibres found", (FLAT, ARC)),
    _Q("NUM_LOST", "", "listed fibres without light", (FLAT, SCIENCE)),
    _Q(
        "LOST",
        "",
        "1 for a listed fibre without light; of the AB, if there is one",
        (FLAT, SCIENCE),
        _EACH,
    ),
    _Q(
        "LOST_TARGET",
        "",
        "targets without IDP, their fibres give no light: how many, which",
        _SCI,
        _EACH,
    ),
    _Q("TRANSMISSION", "", "relative transmission of the fibre", (FLAT,), _EACH),
    _Q("LINES_ACCEPTED", "", "part of the catalogue lines accepted", (ARC,)),
    _Q("WAVE_RMS", "nm", "rms of the wavelength residuals", (ARC,)),
    _Q("FIBRE_WAVE_RMS", "nm", "rms of the wavelength residuals of the fibre", (ARC,), _EACH),
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
    _Q("MAGNITUDE", "mag", "magnitude of the target, as the user gave it", _SCI, _EACH),
    _Q("SKY_COUNTS", "adu", "median of the mean counts of the sky fibres", _SCI),
    _Q("NSCI", "", "fibres on targets", _SCI),
    _Q("NSKY", "", "fibres on the sky", _SCI),
    _Q("DELTATEMP", "K", "temperature of the grating: science minus arc", _SCI),
    _Q("DELTATIME", "d", "mid exposure: science minus arc", _SCI),
    _Q("SIMATT", "", "attached SIMCAL exposures of the OB", _SCI),
    _Q("SIMCAL", "", "1 if a SIMCAL lamp burnt during the exposure", _SCI),
    _Q("SITE_TOLD", "", "1 if the headers say where the telescope stands", _SCI),
    _Q("SCATTERED", "adu", "light between the sub-slits, a pixel", _SCI),
    _Q("SCATTERED_PART", "", "part of scattered light in what a sky fibre collects", _SCI),
    _Q("HIT_PART", "", "part of the pixels of targets that cosmic rays hit", _SCI),
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
    _Q("BARYCORR", "km / s", "mean barycentric correction of the fibres, as applied", _SCI),
    _Q("PIPE_BCORR", "km / s", "the same of giscience, from the Earth's centre", _SCI),
    _Q("PIPE_GCORR", "km / s", "mean velocity by the Earth's rotation, of giscience", _SCI),
    _Q("BARYCORR_DIFF", "km / s", "largest distance of both from what is applied", _SCI),
    _Q("AIRMASS", "", "airmass in mid exposure", _SCI),
    _Q("SEEING", "arcsec", "seeing of the site monitor in mid exposure", _SCI),
)
"""What the line measures."""

PARAMETERS: tuple[QCParameter, ...] = (*OURS, *(row.parameter for row in KEYWORDS))
