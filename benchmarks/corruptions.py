"""What a header of a one-spectrum IDP may not say, and what it may: rows of validator_campaign.py.

Written from the Science Data Products Standard and FITS, not from the validator's own tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phoenix.model.idp import Value

MANDATORY = {
    0: (
        "ORIGIN TELESCOP INSTRUME OBJECT RA DEC RADESYS EXPTIME TEXPTIME MJD-OBS MJD-END PROG_ID"
        " OBID1 NCOMBINE OBSTECH FLUXCAL DATE PROCSOFT REFERENC PROV1 SPECSYS EXT_OBJ CONTNORM"
        " TOT_FLUX FLUXERR WAVELMIN WAVELMAX SPEC_BIN SNR SPEC_RES PRODCATG CHECKSUM DATASUM"
    ),
    1: (
        "OBJECT RA DEC VOCLASS VOPUB TITLE APERTURE TELAPSE TMID SPEC_VAL SPEC_BW EXTNAME NELEM"
        " TDMIN1 TDMAX1 TTYPE1 TFORM1 TUNIT1 TUTYP1 TUCD1 TUTYP2 TUCD2 TUNIT3 TUCD3"
        " CHECKSUM DATASUM"
    ),
}
TEXTS = {
    0: (
        "ORIGIN TELESCOP INSTRUME OBJECT RADESYS PROG_ID OBSTECH FLUXCAL DATE PROCSOFT REFERENC"
        " PROV1 SPECSYS PRODCATG"
    ),
    1: "OBJECT VOCLASS VOPUB TITLE EXTNAME",
}
NUMBERS = {
    0: (
        "RA DEC EXPTIME TEXPTIME MJD-OBS MJD-END NCOMBINE OBID1 FLUXERR WAVELMIN WAVELMAX SPEC_BIN"
        " SNR SPEC_RES SPEC_ERR"
    ),
    1: "RA DEC APERTURE TELAPSE TMID SPEC_VAL SPEC_BW NELEM TDMIN1 TDMAX1",
}
TRUTHS = {0: "EXT_OBJ CONTNORM TOT_FLUX", 1: ""}

WRONG_TYPES: tuple[tuple[dict[int, str], tuple[Value, ...]], ...] = (
    (TEXTS, (12, True)),
    (NUMBERS, ("twelve", True)),
    (TRUTHS, ("T", 1)),
)

VALUES: dict[int, dict[str, tuple[Value, ...]]] = {
    0: {
        "SIMPLE": (False,),
        "BITPIX": (0, 7, 17, -16),
        "NAXIS": (-1, 1000),
        "EXTEND": ("T", 1),
        "OBJECT": ("",),
        "RA": (-0.1, 360.0, 1e9),
        "DEC": (-90.1, 91.0),
        "RADESYS": ("FK4", "", "GALACTIC"),
        "EXPTIME": (0.0, -1.0),
        "TEXPTIME": (-1.0, 1e9),
        "MJD-OBS": (0.0, 58850.0, 2458849.6),
        "MJD-END": (58848.0, 99999.0),
        "PROG_ID": ("", "programme", "MULTI"),
        "OBID1": (-1,),
        "NCOMBINE": (0, -3),
        "OBSTECH": ("", "HELLO", "MOS;IFU"),
        "FLUXCAL": ("", "RELATIVE"),
        "DATE": ("", "2026-02-31", "31/01/20", "2020-01-05T25:00:00", "yesterday"),
        "DATE-OBS": ("garbage", "2019-01-01T00:00:00", "2020-13-01"),
        "REFERENC": ("Smith et al.",),
        "PROV1": ("", "a/b.fits", "file.fits[1]"),
        "SPECSYS": ("", "BARY"),
        "WAVELMIN": (0.0, -1.0, 600.0, 5150.0),
        "WAVELMAX": (500.0, 5350.0),
        "SPEC_BIN": (0.0, 5.0, -0.005),
        "SPEC_RES": (0.0, -1.0),
        "PRODCATG": ("", "SCIENCE", "SCIENCE.SPECTRA", "science.spectrum"),
        "TIMESYS": ("TT",),
        "EQUINOX": (1950.0,),
        "PROVXTN": (True,),
        "NOESODAT": ("yes",),
        "INSTR1": ("UVES",),
        "PROGID1": ("0104.D-0001(A)",),
        "OBID3": (7,),
        "ASSON1": ("", "a/b.fits", "../b.fits", "my picture.png", "picture.png"),
        "CD1_1": (0.005,),
        "CDELT1": (0.005,),
        "BUNIT": ("adu",),
    },
    1: {
        "XTENSION": ("TABLES", "BINTABL", ""),
        "BITPIX": (16, -32),
        "NAXIS": (1, 3),
        "NAXIS1": (-1, 8),
        "NAXIS2": (0, 2, -1),
        "PCOUNT": (-1, 8),
        "GCOUNT": (0, 2),
        "TFIELDS": (-1, 2, 1000),
        "PRODCATG": ("SCIENCE.SPECTRUM",),
        "OBJECT": ("another",),
        "RA": (7.5,),
        "DEC": (1.0,),
        "VOCLASS": ("", "SPECTRUM v3.0", "IMAGE v1.0"),
        "VOPUB": ("CDS",),
        "TITLE": ("",),
        "APERTURE": (0.0, -1.0, 1.2),
        "TELAPSE": (0.0, 1e6, -5.0),
        "TMID": (0.0, 58850.0),
        "SPEC_VAL": (0.0, 5250.0),
        "SPEC_BW": (-20.0, 200.0),
        "NELEM": (0, 17),
        "TDMIN1": (0.0, 530.0),
        "TDMAX1": (0.0, 1e4),
        "TTYPE1": ("", "LAMBDA", "FLUX"),
        "TTYPE2": ("COUNTS", "WAVE"),
        "TTYPE3": ("SIGMA",),
        "TTYPE4": ("ERR",),
        "TTYPE99": ("GHOST",),
        "TFORM1": ("", "D", "4000Dx", "4000", "1PD(4000)"),
        "TFORM2": ("4000J", "2000D", "4000A", "3999E"),
        "TFORM3": ("2000K", "4000L"),
        "TUNIT1": ("pixel", "km/s", ""),
        "TUNIT3": ("%", "Jy"),
        "TUTYP1": ("", "WAVE"),
        "TUTYP2": ("", "flux"),
        "TUCD1": ("", "not a ucd", "pos.eq.ra", "em.wavelength"),
        "TUCD2": ("", "pos.eq.ra", "phot.flux.density;em.wl;hello"),
        "TUCD3": ("phot.flux.density;em.wl", "stat.error;sigma"),
        "TUCD4": ("hello", "not a ucd", "stat.snr, meta.main"),
        "TDIM2": ("(1000,2)", "(9,9999)", "4000", "(2000,2)", "(-4000)"),
        "TNULL2": (0,),
        "TSCAL2": (0.0, "one"),
        "TZERO2": ("nil",),
        "CRVAL1A": (515.0,),
        "ORIGFILE": ("a.fits",),
    },
}
"""Values that break the standard or FITS, by HDU and keyword."""

ALLOWED: dict[int, dict[str, tuple[Value, ...]]] = {
    0: {
        "OBJECT": (),
        "RADESYS": ("ICRS",),
        "EXPTIME": (1499.0, 1),
        "OBSTECH": ("MOS", "ECHELLE", "ECHELLE,SLIT,NODDING", "IFU", "SPECTRUM"),
        "DATE": ("2020-01-05", "2024-02-29", "2020-01-05T12:00:00.123"),
        "DATE-OBS": ("2020-01-01T00:00:00", "2020-01-01", "2020-01-01T00:00:00.5"),
        "REFERENC": ("", "2013A&A...558A..33A", "10.1051/0004-6361/201322068"),
        "SPECSYS": ("TOPOCENT", "BARYCENT"),
        "NCOMBINE": (2, 1000),
        "SNR": (0.0, 1e4, 12),
        "SPEC_SYE": (0.0, 0.1),
        "PROV2": ("GIRAF.2020-01-01T02:54:00.000",),
        "OBID2": (7,),
        "PI-COI": ("nobody", "O'Neil"),
        "ESO QC ANY": (1.0, "text", True, -5),
        "EXTEND": (False,),
        "RA_ERR": (1e-5,),
        "NOESODAT": (False,),
    },
    1: {
        "INHERIT": (False,),
        "TDIM2": ("(4000)", "(1,4000)"),
        "TSCAL2": (1.0,),
        "TZERO2": (0.0, 0),
        "TDISP2": ("F8.3",),
        "TUCD4": ("stat.snr;em.opt", "meta.number", "STAT.SNR"),
        "EXTVER": (1,),
        "EXTNAME": ("PHASE3SPECTRUM",),
        "VOCLASS": (),
        "ESO QC ANY": (2.5,),
    },
}
"""Values that neither forbids."""

CARDS = (
    "airmass =                  1.2",
    "AIR.MASS=                  1.2",
    "AIR MASS=                  1.2",
    "AIRMASS =                  NaN",
    "AIRMASS =              1.0E999",
    "AIRMASS =                  1,2",
    f"AIRMASS = {10**30}",
    "AIRMASS = nobody",
    "AIRMASS = 'nobody",
    "AIRMASS =1.2",
    "PI-COI  = 'M\xfcller'",
    "PI-COI  = 'bell\x07'",
    "PI-COI  = 'escape \x1b[31m'",
    "OBJECT  = 'a second one'",
    "CONTINUE  'and so on'",
    "LONGSTRN= 'OGIP 1.0'",
    "COMMENT caf\xe9",
    "HIERARCH ESO qc lower = 1",
    "NAXIS7  =                    5",
)
"""Cards that must not stand in any header."""

NAMES = (
    "spectrum.dat", "my spectrum.fits", "M\xfcller.fits", "a\x1b[31m.fits", "..fits", "a..b.fits",
    "<script>.fits", "spectrum.fits.fz", "tab\there.fits", f"{'x' * 64}.fits", "a;b.fits",
)  # fmt: skip

ORDERED = (4, 8)
"""Cards of each HDU that have their place."""

PARTS = (0.0, 0.1, 0.3, 0.5, 0.9, 0.999)
"""Shares of a file that is cut."""
