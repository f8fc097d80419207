"""QC parameters of MUSE, as rows; reading them loads nothing that measures.

:data:`KEYWORDS` are the numbers that the recipes write themselves, one for each slice or quadrant
of an IFU: a row says what becomes of them. :data:`OURS` are those that the line measures. Elements
are IFUs for frames and pixel tables, and sources for cubes.
"""

from __future__ import annotations

from attrs import frozen

from phoenix.model.qc import QCParameter

__all__ = [
    "ALIGNMENT",
    "CARRIED",
    "CUBES",
    "EXPOSURES",
    "KEYWORDS",
    "OURS",
    "PARAMETERS",
    "KeywordRow",
]

EXPOSURES = ("OBJECT", "SKY", "STD")
"""Raw types of single exposures, from which scibasic makes pixel tables."""

SCIENCE = ("OBJECT", "SKY")
SINGLE, COMBINED, ALIGNMENT = "PIXTABLE_OBJECT", "PIXTABLE_REDUCED", "IMAGE_FOV"
CUBES = (SINGLE, COMBINED)
"""Raw types of the ABs that make cubes of the sky."""

RAW = ("BIAS", "DARK", "FLAT", "ILLUMFLAT", "ARC", "ARC_LSF", "SKYFLAT", *EXPOSURES)
"""Raw types of ABs that read raw files."""


@frozen
class KeywordRow:
    """Numbers that a recipe writes into the headers of a product, and what is made of them.

    Attributes
    ----------
    name, unit, meaning : str
        Of the QC parameter.
    key : str
        The keyword as a regular expression; a group that is called ``ifu`` is the number of the
        IFU where one header speaks of all.
    pro_catg : str
        PRO.CATG of the product.
    raw_types : tuple of str
        For which it is measured.
    of_ifu, of_all : str
        Which of ``median``, ``sum``, ``max``, ``min`` and ``widest`` (the largest without its
        sign) is taken over the keywords of an IFU, and over the IFUs.
    """

    name: str
    unit: str
    meaning: str
    key: str
    pro_catg: str
    raw_types: tuple[str, ...]
    of_ifu: str = "median"
    of_all: str = "median"

    @property
    def parameter(self) -> QCParameter:
        """The QC parameter of this row, of the AB and of every IFU."""
        return QCParameter(self.name, self.unit, self.meaning, self.raw_types, per_element=True)


_K = KeywordRow
_S = r"SLICE\d+"
_SATURATED = "saturated pixels of the raw files"
KEYWORDS: tuple[KeywordRow, ...] = (
    *(
        _K("NUM_SAT", "", _SATURATED, f"{key} NSATURATED", pro_catg, (raw_type,), of_ifu="sum",
           of_all="sum")
        for raw_type, pro_catg, key in (
            ("BIAS", "MASTER_BIAS", r"BIAS INPUT\d+"),
            ("FLAT", "MASTER_FLAT", r"FLAT INPUT\d+"),
            ("ARC", "WAVECAL_TABLE", r"WAVECAL INPUT\d+"),
            ("SKYFLAT", "DATACUBE_SKYFLAT", r"TWILIGHT(?P<ifu>\d+) INPUT\d+"),
        )
    ),
    _K("RON", "electron", "read-out noise of the quadrants", r"BIAS MASTER\d RON", "MASTER_BIAS",
       ("BIAS",), of_all="max"),
    _K("BIAS_LEVEL", "adu", "level of the raw biases", r"BIAS LEVEL\d MEDIAN", "MASTER_BIAS",
       ("BIAS",)),
    _K("BIAS_SLOPE", "adu", "steepest slope of the master along a row, per pixel",
       r"BIAS MASTER\d SLOPE X", "MASTER_BIAS", ("BIAS",), of_ifu="widest", of_all="widest"),
    _K("NUM_BADPIX", "", "pixels that are bad in the master", "BIAS MASTER NBADPIX", "MASTER_BIAS",
       ("BIAS",), of_ifu="sum", of_all="sum"),
    _K("DARK_LEVEL", "electron / h", "median of the master, which is that of an hour",
       "DARK MASTER MEDIAN", "MASTER_DARK", ("DARK",)),
    _K("FLAT_LEVEL", "electron", "median of the raw flats", r"FLAT INPUT\d+ MEDIAN",
       "MASTER_FLAT", ("FLAT",)),
    _K("FLAT_FAINTEST", "electron", "median of the faintest raw flat", r"FLAT INPUT\d+ MEDIAN",
       "MASTER_FLAT", ("FLAT",), of_ifu="min", of_all="min"),
    _K("FLAT_FLUX", "electron", "light of the master", "FLAT MASTER INTFLUX", "MASTER_FLAT",
       ("FLAT",)),
    _K("SLICE_WIDTH", "pix", "median width of the slices", "TRACE WIDTHS MEDIAN", "TRACE_TABLE",
       ("FLAT",)),
    _K("SLICE_GAP", "pix", "median gap between slices", "TRACE GAPS MEDIAN", "TRACE_TABLE",
       ("FLAT",)),
    _K("WAVE_RMS", "Angstrom", "scatter around the wavelength solution of the slices",
       rf"WAVECAL {_S} FIT RMS", "WAVECAL_TABLE", ("ARC",), of_all="max"),
    _K("WAVE_LINES", "", "arc lines of a slice in its solution", rf"WAVECAL {_S} FIT NLINES",
       "WAVECAL_TABLE", ("ARC",), of_all="min"),
    _K("ARC_RESOLUTION", "", "resolving power of the arc", rf"WAVECAL {_S} RESOL",
       "WAVECAL_TABLE", ("ARC",)),
    _K("LSF_FWHM", "Angstrom", "width of the line-spread function", rf"LSF {_S} FWHM MEAN",
       "LSF_PROFILE", ("ARC_LSF",)),
    _K("SKYFLAT_LEVEL", "electron", "median of the twilight exposures",
       r"TWILIGHT(?P<ifu>\d+) INPUT\d+ MEDIAN", "DATACUBE_SKYFLAT", ("SKYFLAT",)),
    _K("SKYFLAT_FLUX", "electron", "light of the twilight", r"TWILIGHT(?P<ifu>\d+) INTFLUX",
       "DATACUBE_SKYFLAT", ("SKYFLAT",)),
    *(
        _K(name, unit, meaning, key, f"PIXTABLE_{kind}", (kind,), of_ifu=how, of_all=how)
        for kind in EXPOSURES
        for name, unit, meaning, key, how in (
            ("NUM_SAT", "", _SATURATED, "SCIBASIC NSATURATED", "sum"),
            ("WDEL_MAX", "Angstrom", "largest shift of the sky lines of an IFU, with its sign",
             "SCIBASIC LAMBDA SHIFT", "widest"),
        )
    ),
    *(
        _K(f"THROUGHPUT_{nm}", "", f"part of the light that is detected at {nm} nm",
           f"STANDARD THRU{nm}0", "STD_RESPONSE", ("PIXTABLE_STD",))
        for nm in (500, 700, 800, 900)
    ),
    _K("STD_FWHM", "arcsec", "width of the standard star", "STANDARD FWHM1 [XY]", "DATACUBE_STD",
       ("PIXTABLE_STD",)),
    _K("SKY_CONT", "", "flux of the sky continuum, 1e-20 erg/s/cm2/arcsec2",
       "SKY CONT FLUX", "SKY_CONTINUUM", ("PIXTABLE_SKY",)),
    _K("ALIGN_NOMATCH", "", "exposures that found no partner", "EXPALIGN NOMATCH", "OFFSET_LIST",
       (ALIGNMENT,), of_all="sum"),
    _K("ALIGN_MATCHES", "", "fewest matches of an exposure with another", "EXPALIGN NMATCH MIN",
       "OFFSET_LIST", (ALIGNMENT,), of_all="min"),
    _K("ALIGN_SOURCES", "", "fewest sources found in an exposure", r"EXPALIGN NDET\d+",
       "OFFSET_LIST", (ALIGNMENT,), of_ifu="min", of_all="min"),
    *(
        _K("PIPE_FWHM", "arcsec", "median width of sources, as the recipe has it",
           f"{word} FWHM MEDIAN", "DATACUBE_FINAL", (raw_type,))
        for raw_type, word in ((SINGLE, "SCIPOST"), (COMBINED, "EXPCOMB"))
    ),
    *(
        _K("PIPE_SOURCES", "", "sources found by the recipe", f"{word} NDET", "DATACUBE_FINAL",
           (raw_type,))
        for raw_type, word in ((SINGLE, "SCIPOST"), (COMBINED, "EXPCOMB"))
    ),
)  # fmt: skip
"""What the recipes measure; keywords stand without ``ESO QC``."""


_Q, _EACH = QCParameter, True
_OF_TABLES = (*EXPOSURES, *CUBES)

OURS: tuple[QCParameter, ...] = (
    _Q("NUM_RAW", "", "raw files", RAW),
    _Q("TPL_PART", "", "raw files over those of the template", RAW),
    _Q("NUM_IFU", "", "IFUs that are there", (*RAW, *CUBES)),
    _Q("IFU_PART", "", "IFUs of the product over those of the raw file", EXPOSURES),
    _Q("TEMPERATURE", "deg_C", "temperature of the instrument", RAW),
    _Q("FLAT_EVENNESS", "", "faintest over median raw flat", ("FLAT",)),
    _Q("IS_OBJ", "", "0 for an object, 1 for the sky beside it", (*SCIENCE, *CUBES)),
    _Q("HAS_SKY", "", "0 with dedicated exposures of the sky, 1 without", CUBES),
    _Q("ARC_AGE", "d", "time between science and wavelength frames, without sign", _OF_TABLES),
    _Q("SKY_FLAT", "", "0 with a twilight flat, 1 without", _OF_TABLES),
    _Q("ILLUM", "", "0 with an illumination flat, 1 without", _OF_TABLES),
    _Q("SKY_FAULTS", "", "sky lines and continuum that could not be fitted",
       ("PIXTABLE_SKY", *CUBES)),
    _Q("SKY_OI5577", "", "flux of the line [O I] 5577, 1e-20 erg/s/cm2/arcsec2",
       ("PIXTABLE_SKY", SINGLE)),
    _Q("SKY_RESID", "", "scatter at bright sky lines over that beside them", CUBES),
    _Q("EXPTIME", "s", "exposure time of the mean pixel", (*_OF_TABLES,)),
    _Q("TEXPTIME", "s", "exposure time of all exposures", CUBES),
    _Q("MJD_BEGIN", "d", "begin of the first exposure", (*_OF_TABLES,)),
    _Q("MJD_END", "d", "end of the last exposure", (*_OF_TABLES,)),
    _Q("N_COMBINED", "", "exposures in the cube", CUBES),
    _Q("EXP_EVENNESS", "", "shortest over longest exposure", (COMBINED,)),
    _Q("TPL_BEGIN", "d", "begin of the template", (*EXPOSURES, SINGLE)),
    _Q("MODIFIED", "", "0 if all exposures are of one template, 1 otherwise", (COMBINED,)),
    _Q("ALIGN_MAX", "deg", "largest offset of an exposure", (ALIGNMENT, COMBINED)),
    _Q("ALIGNMENT", "", "0 if all exposures were matched and lie within 6e-5 deg, 1 otherwise",
       (COMBINED,)),
    _Q("NUM_SRC", "", "sources in white light", CUBES),
    _Q("HISTO_BKG", "", "flux, in units of the cube, below the mode of the white light where the "
       "histogram has fallen by 1.7 dex", CUBES),
    _Q("BACKGROUND", "", "mode of the white light in units of the cube", CUBES),
    _Q("CUBE_FILLED", "", "part of the voxels in the field that are numbers", CUBES),
    _Q("FIELD", "", "spaxels that have light", CUBES),
    _Q("FLUX_CALIBRATED", "", "1 if the unit is that of a flux", CUBES),
    _Q("WAVELMIN", "nm", "first wavelength", CUBES),
    _Q("WAVELMAX", "nm", "last wavelength", CUBES),
    _Q("PIXNOISE", "erg / (s cm2 Angstrom)", "noise of a voxel, of variances up to 25 squares of "
       "the unit of the cube the most frequent", CUBES),
    _Q("NOISE", "erg / (s cm2 Angstrom)", "noise of a voxel, median over wavelength", CUBES),
    _Q("ABMAGLIM", "mag", "AB magnitude of a point source at 5 sigma in white light", CUBES),
    _Q("SKY_RES", "arcsec", "image quality at 700 nm", _OF_TABLES),
    _Q("SKY_RERR", "arcsec", "uncertainty of the image quality", _OF_TABLES),
    _Q("SKY_RES_KNOWN", "", "1 if the image quality follows from the night, 0 if it is the usual "
       "one", _OF_TABLES),
    _Q("SPEC_RES", "", "resolving power in the middle of the range, by the line-spread function",
       CUBES),
    _Q("NOISE_RATIO", "", "scatter of the sky over the error that the cube states", CUBES),
    _Q("PSF_FWHM", "arcsec", "median width of the sources", CUBES),
    _Q("SNR", "", "of the brightest source: median per plane; of each source", CUBES, _EACH),
    _Q("SRC_X", "pix", "column of a source, from 1", CUBES, _EACH),
    _Q("SRC_Y", "pix", "row of a source, from 1", CUBES, _EACH),
    _Q("SRC_RA", "deg", "right ascension of a source", CUBES, _EACH),
    _Q("SRC_DEC", "deg", "declination of a source", CUBES, _EACH),
    _Q("SRC_FWHM", "arcsec", "width of a source", CUBES, _EACH),
    _Q("SRC_FLUX", "", "mean flux of a source in units of the cube", CUBES, _EACH),
    _Q("AIRMASS", "", "airmass in mid exposure", _OF_TABLES),
    _Q("SEEING", "arcsec", "seeing of the site monitor in mid exposure", _OF_TABLES),
    _Q("SGS_FWHM", "arcsec", "width of the stars on the guider, median of both axes", _OF_TABLES),
    _Q("AMBI_REQ", "arcsec", "seeing that was asked for", _OF_TABLES),
)  # fmt: skip
"""What the line measures."""

CARRIED = (
    ("NUM_SAT", "sum"), ("WDEL_MAX", "widest"), ("ARC_AGE", "max"), ("SKY_FLAT", "max"),
    ("ILLUM", "max"), ("NUM_IFU", "min"), ("IS_OBJ", "max"), ("AIRMASS", "median"),
    ("SEEING", "median"), ("SGS_FWHM", "median"), ("AMBI_REQ", "min"), ("SPEC_RES", "median"),
)  # fmt: skip
"""What goes from an exposure into its cube, and from there into the cube of the OB: the parameter,
and what is made of those of several exposures."""


def _once(rows: tuple[QCParameter, ...]) -> tuple[QCParameter, ...]:
    """Join the rows of one name: a parameter is declared once, for all its raw types."""
    found: dict[str, QCParameter] = {}
    for row in rows:
        had = found.get(row.name)
        raw_types = row.raw_types if had is None else (*had.raw_types, *row.raw_types)
        meaning = row.meaning if had is None else had.meaning
        each = row.per_element or (had is not None and had.per_element)
        found[row.name] = QCParameter(row.name, row.unit, meaning, tuple(dict.fromkeys(raw_types)),
                                      per_element=each)  # fmt: skip
    return tuple(found.values())


PARAMETERS: tuple[QCParameter, ...] = _once(
    (
        *OURS,
        *(row.parameter for row in KEYWORDS),
        _Q("NUM_SAT", "", _SATURATED, CUBES),
        _Q("ALIGN_NOMATCH", "", "exposures that found no partner", (COMBINED,)),
        _Q("WDEL_MAX", "Angstrom", "largest shift of the sky lines of an IFU", CUBES),
    )
)
"""All of them."""
