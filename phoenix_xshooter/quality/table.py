"""QC parameters of X-shooter, as rows; reading them loads nothing that measures.

:data:`KEYWORDS` are the numbers that the recipes write themselves, :data:`OURS` those that the
line measures. Elements of SNR and FLUX are orders, and bands of the flux, as the recipes number
them.
"""

from __future__ import annotations

from attrs import frozen

from phoenix.model.qc import QCParameter
from phoenix_xshooter.process import SCIENCE_KINDS, TELLURIC_KINDS, all_arms

__all__ = ["BANDS", "KEYWORDS", "OURS", "PARAMETERS", "KeywordRow"]


BIAS, DARK, FORMAT, ORDERS = (
    all_arms("BIAS"),
    all_arms("DARK"),
    all_arms("FMTCHK"),
    all_arms("ORDERDEF"),
)
FLAT, WAVE, ARC = all_arms("FLAT_SLIT"), all_arms("WAVE"), all_arms("ARC_SLIT")
STANDARD = all_arms("STD_FLUX_SLIT_NOD", "STD_FLUX_SLIT_STARE", "STD_FLUX_SLIT_OFFSET")
SCIENCE = all_arms(*SCIENCE_KINDS)
TELLURIC = all_arms(*TELLURIC_KINDS)
SPECTRA = (*SCIENCE, *TELLURIC)
DIFFERENCE = all_arms("OBJECT_SLIT_NOD", "SCIENCE_SLIT_OFFSET")
"""Science in which one exposure is taken off another."""

STARING = all_arms("OBJECT_SLIT_STARE")
NODDED = all_arms("OBJECT_SLIT_NOD", "STD_TELL_SLIT_NOD")
BESIDE_SKY = tuple(name for name in SPECTRA if name not in NODDED)
"""Spectra from which the sky is taken off as a spectrum of its own."""

BANDS = (1, 2)
"""Numbers of the bands in which the recipes measure the flux (QC FLUXn)."""


@frozen
class KeywordRow:
    """A number that a recipe writes into the header of a product.

    Attributes
    ----------
    name, unit, meaning : str
        Of the QC parameter.
    key : str
        The keyword.
    single : str
        What stands for it in products of one exposure.
    family : str
        PRO.CATG of the product without the arm; ``SLIT_...`` is a spectrum, of science or of a
        telluric standard.
    raw_types : tuple of str
        For which it is measured.
    """

    name: str
    unit: str
    meaning: str
    key: str
    family: str
    raw_types: tuple[str, ...]
    single: str = ""

    @property
    def parameter(self) -> QCParameter:
        """The QC parameter of this row."""
        return QCParameter(self.name, self.unit, self.meaning, self.raw_types)


_K = KeywordRow
KEYWORDS: tuple[KeywordRow, ...] = (
    _K("BIAS_LEVEL", "adu", "median level of the master", "ESO QC MBIASMED", "MASTER_BIAS", BIAS),
    _K("BIAS_RMS", "adu", "scatter of the master", "ESO QC MBIASRMS", "MASTER_BIAS", BIAS),
    _K("RON_RAW", "adu", "read-out noise of a raw bias", "ESO QC RON1", "MASTER_BIAS", BIAS),
    _K("RON_MASTER", "adu", "noise of the master", "ESO QC RON MASTER", "MASTER_BIAS", BIAS),
    _K("DARK_LEVEL", "adu", "median level of the master", "ESO QC MDARKMED", "MASTER_DARK", DARK),
    _K("DARK_RMS", "adu", "scatter of the master", "ESO QC MDARKRMS", "MASTER_DARK", DARK),
    _K("HOT_PIXELS", "", "pixels that are brighter than the others", "ESO QC NHPIX", "MASTER_DARK",
       DARK),
    _K("FORMAT_LINES", "", "arc lines that serve", "ESO QC NLINE FOUND CLEAN",
       "FMTCHK_RESID_TAB_LINES_GFIT", FORMAT),
    _K("ORDER_RMS", "pix", "scatter around the fitted orders", "ESO QC ORD ORDERPOS RESIDRMS",
       "ORDER_TAB_CENTR", ORDERS),
    _K("ORDERS_TRACED", "", "orders traced", "ESO QC ORD ORDERPOS NDET", "ORDER_TAB_CENTR",
       ORDERS),
    _K("EDGES_FOUND", "", "orders with edges", "ESO QC ORD EDGE NDET", "ORDER_TAB_EDGES_SLIT",
       FLAT),
    _K("FLAT_LEVEL", "adu", "brightest pixel of the mean flat, of both lamps", "ESO QC FLUX MAX",
       "MASTER_FLAT_SLIT", FLAT),
    _K("WAVE_LINES", "", "arc lines that serve, each once a pinhole",
       "ESO QC NLINE FOUND CLEAN", "WAVE_RESID_TAB_LINES", WAVE),
    _K("ARC_RESOLUTION", "", "median resolving power of the arc lines", "ESO QC RESOLMED",
       "TILT_TAB_SLIT", ARC),
    _K("ARC_FWHM", "pix", "mean width of the arc lines", "ESO QC WAVECAL FWHMAVG", "TILT_TAB_SLIT",
       ARC),
    _K("NUM_COSMIC", "", "pixels taken out as cosmics", "ESO QC NCRH TOT", "SLIT_MERGE2D",
       SPECTRA, "ESO QC NCRH"),
    _K("PIPE_BARYCORR", "km / s", "barycentric correction of the pipeline, not applied",
       "ESO QC VRAD BARYCOR", "SLIT_MERGE1D", SPECTRA),
)  # fmt: skip
"""What the recipes measure."""


_Q, _EACH = QCParameter, True
OURS: tuple[QCParameter, ...] = (
    _Q("NUM_RAW", "", "raw files"),
    _Q("NUM_SAT", "", "saturated pixels of all raw files"),
    _Q("TPL_PART", "", "raw files over those of the template"),
    _Q("TEMPERATURE", "deg_C", "temperature of the arm"),
    _Q("FORMAT_FOUND", "", "arc lines that serve over those looked for", FORMAT),
    _Q("FORMAT_RMS", "pix", "scatter around the fitted format", FORMAT),
    _Q("ORDERS_PART", "", "orders traced, or with edges, over those of the arm", (*ORDERS, *FLAT)),
    _Q("FLAT_EVENNESS", "", "faintest over brightest raw flat that is lit", FLAT),
    _Q("WAVE_FOUND", "", "arc lines that serve over those looked for", WAVE),
    _Q("WAVE_RMS", "pix", "scatter around the dispersion solution", WAVE),
    _Q("RESOLUTION_RATIO", "", "resolving power over that of the slit width", ARC),
    _Q("STD_SLIT", "arcsec", "slit width of the standard star", (*STANDARD, *SPECTRA)),
    _Q("STD_SNR", "", "median signal-to-noise ratio of the standard", STANDARD),
    _Q("EFFICIENCY", "", "median efficiency of the best order, as the recipe has it", STANDARD),
    _Q("SNR", "", "median signal-to-noise ratio per bin, signed; of an order", SPECTRA, _EACH),
    _Q("MEAN_COUNTS", "adu", "median counts of the merged spectrum", SPECTRA),
    _Q("FLUX", "adu", "median counts of the merged spectrum in the bands of the recipe", SPECTRA,
       _EACH),
    _Q("NEGATIVE", "", "part of the bins below zero", SPECTRA),
    _Q("NET_LINES", "", "net over absolute flux of bins five times above their error, where there "
       "is no continuum; 0 elsewhere", SPECTRA),
    _Q("SKY_COUNTS", "adu", "median counts of the sky spectrum", BESIDE_SKY),
    _Q("FLUX_CALIBRATED", "", "1 if the flux is calibrated", SPECTRA),
    _Q("SLIT", "arcsec", "slit width", SPECTRA),
    _Q("NODS_DIFFER", "", "flux of the one position of a nod less that of the other, over their "
       "mean", NODDED),
    _Q("PHOTOMETRIC", "", "1 if the slit loses no light and the exposures agree within 20 %",
       SPECTRA),
    _Q("CALIB_HEALTH", "", "measurements of calibrations of this AB beyond their limits", SPECTRA),
    _Q("DELTATIME", "d", "mid exposure: science minus wavelength frames", SPECTRA),
    _Q("SPEC_RES", "", "resolving power of the slit width", SPECTRA),
    _Q("LAMRMS", "nm", "scatter around the dispersion solution", (*SPECTRA, *WAVE)),
    _Q("LAMNLIN", "", "arc lines in the dispersion solution", (*SPECTRA, *WAVE)),
    _Q("BARYCORR", "km / s", "barycentric correction, as applied", SPECTRA),
    _Q("BARYCORR_DIFF", "km / s", "what is applied minus that of the pipeline", SPECTRA),
    _Q("SITE_TOLD", "", "1 if the headers say where the telescope stands", SPECTRA),
    _Q("AIRMASS", "", "airmass in mid exposure", SPECTRA),
    _Q("SEEING", "arcsec", "seeing of the site monitor in mid exposure", SPECTRA),
)  # fmt: skip
"""What the line measures."""

PARAMETERS: tuple[QCParameter, ...] = (*OURS, *(row.parameter for row in KEYWORDS))
