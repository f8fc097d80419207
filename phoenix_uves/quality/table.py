"""QC parameters of UVES, as rows; reading them loads nothing that measures.

:data:`KEYWORDS` are the numbers that the recipes write themselves, chip by chip, :data:`OURS`
those that the line measures. Elements 1, 2 and 3 are the chips BLUE, REDL and REDU; larger ones
are orders by their true number. A value of the whole AB is that of the worst chip.
"""

from __future__ import annotations

from attrs import frozen

from phoenix.model.qc import QCParameter
from phoenix_uves.extraction import is_calibrated
from phoenix_uves.process import ARM_CHIPS, SCIENCE_TAGS, STACK

__all__ = ["ELEMENTS", "KEYWORDS", "OURS", "PARAMETERS", "KeywordRow", "both_arms"]

ELEMENTS = {"BLUE": 1, "REDL": 2, "REDU": 3}
"""Chip to its element."""


def both_arms(*types: str) -> tuple[str, ...]:
    """Return the raw types of both arms."""
    return tuple(f"{name}_{arm}" for name in types for arm in ARM_CHIPS)


BIAS, DARK, FORMAT = both_arms("BIAS"), both_arms("DARK"), both_arms("ARC_LAMP_FORM")
ORDERS, FLAT, ARC = both_arms("ORDER_FLAT"), both_arms("FLAT"), both_arms("ARC_LAMP")
STANDARD, SINGLE = both_arms("STANDARD"), both_arms(*SCIENCE_TAGS)
STACKED = both_arms(STACK)
SCIENCE = (*SINGLE, *STACKED)
CALIBRATED = tuple(filter(is_calibrated, SINGLE))


@frozen
class KeywordRow:
    """A number that a recipe writes into the header of a product of each chip.

    Attributes
    ----------
    name, unit, meaning : str
        Of the QC parameter.
    key : str
        The keyword.
    family : str
        PRO.CATG of the product without the chip.
    raw_types : tuple of str
        For which it is measured.
    largest : bool
        Whether the largest is the worst, else the smallest.
    """

    name: str
    unit: str
    meaning: str
    key: str
    family: str
    raw_types: tuple[str, ...]
    largest: bool = True

    @property
    def parameter(self) -> QCParameter:
        """The QC parameter of this row."""
        return QCParameter(self.name, self.unit, self.meaning, self.raw_types, per_element=True)


_K = KeywordRow
KEYWORDS: tuple[KeywordRow, ...] = (
    _K("BIAS_LEVEL", "adu", "median level of the master", "ESO PRO DATAMED", "MASTER_BIAS", BIAS),
    _K("RON_RAW", "adu", "read-out noise of a raw bias", "ESO QC OUT1 RON RAW", "MASTER_BIAS",
       BIAS),
    _K("RON_MASTER", "adu", "noise of the master", "ESO QC OUT1 RON MASTER", "MASTER_BIAS", BIAS),
    _K("DARK_LEVEL", "adu", "median level of the master", "ESO PRO DATAMED", "MASTER_DARK", DARK),
    _K("FORMAT_DIFF_X", "pix", "median shift against the model along the dispersion",
       "ESO QC MODEL DIFFXMED", "LINE_GUESS_TAB", FORMAT),
    _K("FORMAT_DIFF_Y", "pix", "median shift against the model across the orders",
       "ESO QC MODEL DIFFYMED", "LINE_GUESS_TAB", FORMAT),
    _K("FORMAT_RMS_X", "pix", "scatter against the model along the dispersion",
       "ESO QC MODEL DIFFXRMS", "LINE_GUESS_TAB", FORMAT),
    _K("FORMAT_RMS_Y", "pix", "scatter against the model across the orders",
       "ESO QC MODEL DIFFYRMS", "LINE_GUESS_TAB", FORMAT),
    _K("FORMAT_LINES", "", "lines of the format check that were found",
       "ESO QC MODEL NLINSEL", "LINE_GUESS_TAB", FORMAT, largest=False),
    _K("ORDERS_FOUND", "", "orders detected", "ESO QC ORD NDET", "ORDER_TABLE", ORDERS,
       largest=False),
    _K("ORDERS_PREDICTED", "", "orders that the first guess knows", "ESO QC ORD NPRED",
       "ORDER_TABLE", ORDERS, largest=False),
    _K("ORDER_RMS", "pix", "scatter around the fitted orders", "ESO QC ORD RESIDRMS",
       "ORDER_TABLE", ORDERS),
    _K("FLAT_LEVEL", "adu / s", "mean level of the master", "ESO PRO DATAAVG", "MASTER_FLAT", FLAT,
       largest=False),
    _K("WAVE_RMS_PIX", "pix", "scatter around the dispersion solution",
       "ESO QC LINE RESIDRMS PIX", "LINE_TABLE", ARC),
    _K("WAVE_RMS", "Angstrom", "scatter around the dispersion solution",
       "ESO QC LINE RESIDRMS WLU", "LINE_TABLE", ARC),
    _K("WAVE_LINES", "", "arc lines in the dispersion solution", "ESO QC NLINSOL", "LINE_TABLE",
       ARC, largest=False),
    _K("RESOLVING_POWER", "", "median resolving power", "ESO QC RESOLMED", "LINE_TABLE", ARC,
       largest=False),
    _K("LINE_FWHM", "pix", "median width of the lines", "ESO QC FWHMMED", "LINE_TABLE", ARC),
)  # fmt: skip
"""What the recipes of uves 6.1.8 write; the value of the AB is that of the worst chip."""

_Q, _EACH = QCParameter, True
OURS: tuple[QCParameter, ...] = (
    _Q("NUM_RAW", "", "raw files"),
    _Q("TPL_PART", "", "raw files over the exposures of their template"),
    _Q("NUM_SAT", "", "saturated pixels (65000 ADU and above) of all raw files"),
    _Q("TEMPERATURE", "deg_C", "temperature of the camera in the first raw file"),
    _Q("PRESSURE", "hPa", "air pressure at the spectrograph in the first raw file"),
    _Q("FORMAT_FOUND", "", "part of the predicted lines that was found", FORMAT),
    _Q("ORDERS_PART", "", "orders detected over those predicted", ORDERS),
    _Q("FLAT_EVENNESS", "", "faintest over brightest raw flat", FLAT),
    _Q("RESOLUTION_RATIO", "", "resolving power over that of the slit width", ARC),
    _Q("LINES_PER_ORDER", "", "arc lines identified in an order", ARC),
    _Q("STD_SLIT", "arcsec", "slit width of the standard star", (*STANDARD, *SCIENCE)),
    _Q("STD_SNR", "", "median signal-to-noise ratio of the orders of the standard", STANDARD),
    _Q("RESPONSE_RMS", "", "scatter of the response around its fit, relative", STANDARD),
    _Q("EFFICIENCY", "", "highest efficiency of telescope, instrument and detector", STANDARD),
    _Q("SNR", "", "median signal-to-noise ratio per pixel; of the order at the blaze",
       SCIENCE, _EACH),
    _Q("SNR_LAW", "", "signal-to-noise ratio over the root of the electrons of a pixel", SINGLE),
    _Q("MEAN_COUNTS", "adu", "median counts of the merged spectrum", SCIENCE),
    _Q("SKY_COUNTS", "adu", "median counts of the merged sky", SINGLE),
    _Q("NEGATIVE", "", "part of the pixels below zero", SCIENCE),
    _Q("NUM_ORDERS", "", "orders extracted", SINGLE),
    _Q("NUM_COSMIC", "", "pixels taken out as cosmics", SINGLE),
    _Q("OBJECT_FWHM", "pix", "median width of the object along the slit", SINGLE),
    _Q("FLUX_CALIBRATED", "", "1 if the flux is calibrated", SCIENCE),
    _Q("SLICER", "", "1 if an image slicer was in the beam", SCIENCE),
    _Q("IODINE", "", "1 if the iodine cell was in the beam", SCIENCE),
    _Q("DELTATIME", "d", "mid exposure: science minus arc", SINGLE),
    _Q("DELTATEMP", "K", "temperature of the camera: science minus arc", SINGLE),
    _Q("SPEC_RES", "", "resolving power of the arc, of the worst chip", SCIENCE),
    _Q("SPEC_RES_RATIO", "", "resolving power over that of the slit width", SCIENCE),
    _Q("LAMRMS", "nm", "scatter around the dispersion solution", SCIENCE),
    _Q("LAMNLIN", "", "arc lines in the dispersion solution", SCIENCE),
    _Q("BARYCORR", "km / s", "barycentric correction, as applied", SCIENCE),
    _Q("PIPE_BARYCORR", "km / s", "the same of the pipeline, not applied", SINGLE),
    _Q("SITE_TOLD", "", "1 if the headers say where the telescope stands", SINGLE),
    _Q("BARYCORR_DIFF", "km / s", "what is applied minus that of the pipeline", SINGLE),
    _Q("AIRMASS", "", "airmass in mid exposure", SCIENCE),
    _Q("SEEING", "arcsec", "seeing of the site monitor in mid exposure", SCIENCE),
    _Q("STACK_NEXP", "", "exposures averaged", SCIENCE),
    _Q("STACK_MISSING", "", "exposures of the OB that are not in the mean", SCIENCE),
    _Q("STACK_DEV", "", "largest deviation of the level of an exposure from their mean", SCIENCE),
    _Q("STACK_LOST", "", "part of the pixels without all exposures", SCIENCE),
)  # fmt: skip
"""What the line measures."""

PARAMETERS: tuple[QCParameter, ...] = (*OURS, *(row.parameter for row in KEYWORDS))
