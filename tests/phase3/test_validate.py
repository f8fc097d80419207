"""The validator takes good products and refuses each broken one for the right reason."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings, strategies

from phoenix.formats.fits.write_cards import format_card
from phoenix.formats.idpfile import association_cards, encode_idp, write_idp
from phoenix.model.idp import Ancillary, Card
from phoenix.phase3.describe import rule_rows
from phoenix.phase3.report import Severity
from phoenix.phase3.validate import validate, validate_many
from phoenix.testing.draft import Draft

XQ100 = (
    Path(__file__).parents[2] / ".." / "shared/data/xshooter_products/XShooter_XQ100.fits.gz"
).resolve()


def found(report, rule, keyword):
    """Whether an ERROR or WARNING of this rule and keyword is there."""
    return any(one.rule == rule and one.keyword == keyword for one in report.findings)


def test_a_giraffe_product_has_no_finding(tmp_path, giraffe, preview):
    idp = giraffe(ancillaries=(preview,))
    write_idp(idp, tmp_path / idp.name)
    assert validate_many([tmp_path / idp.name]).findings == ()


def test_a_uves_product_has_no_finding(tmp_path, uves):
    write_idp(uves(), tmp_path / uves().name)
    assert validate(tmp_path / uves().name).findings == ()


def test_version_6_takes_the_same_spectra(tmp_path, uves):
    write_idp(uves(), tmp_path / uves().name)
    report = validate(tmp_path / uves().name, version="6")
    assert (report.version, report.findings) == ("6", ())


def test_a_cube_has_no_finding(written, cube_draft):
    assert validate(written(cube_draft)).findings == ()


def test_a_gzipped_file_is_read_but_its_name_refused(tmp_path, uves):
    write_idp(uves(), tmp_path / uves().name)
    path = tmp_path / "spectrum.fits.gz"
    path.write_bytes(gzip.compress((tmp_path / uves().name).read_bytes()))
    assert [one.rule for one in validate(path).findings] == ["file-name"]


# (rule, keyword of the finding, corruption of the GIRAFFE draft); one line, one corruption.


def sets(hdu, keyword, value):
    return lambda draft: draft.put(hdu, keyword, value)


def drops(hdu, keyword):
    return lambda draft: draft.drop(hdu, keyword)


def adds(hdu, text):
    return lambda draft: draft.add(hdu, text)


def renames(name):
    return lambda draft: setattr(draft, "name", name)


def empty_file(draft):
    draft.cards, draft.data = [], []


def no_fits(draft):
    draft.cards, draft.data, draft.tail = [], [], b"<html>Please log in</html>"


def half(draft):
    draft.cut = len(draft.encoded()) // 2


def cut_header(draft):
    draft.cut = 2880


def cut_block(draft):
    draft.cut = len(draft.encoded()) - 100


def trailing(draft):
    draft.tail = b"what is this? " * 300


def unsealed(draft):
    draft.cards = [
        [card for card in draft_cards if not card.startswith(b"HIERARCH")]
        for draft_cards in draft.cards
    ]
    draft.put(0, "CHECKSUM", "AAAABBBBCCCCDDDD")
    draft.sealed = False


def other_data(draft):
    draft.data[1] = draft.data[1][:100] + b"\x01" + draft.data[1][101:]
    draft.put(1, "CHECKSUM", "AAAABBBBCCCCDDDD")
    draft.put(1, "DATASUM", "12345")
    draft.sealed = False


def swapped_order(draft):
    draft.cards[1][1], draft.cards[1][2] = draft.cards[1][2], draft.cards[1][1]


def second_table(draft):
    draft.cards.append(list(draft.cards[1]))
    draft.data.append(draft.data[1])


def pixels_in_primary(draft):
    draft.put(0, "NAXIS", 1)
    draft.cards[0].insert(3, format_card("NAXIS1", 8))
    draft.data[0] = b"12345678"


def no_table(draft):
    del draft.cards[1], draft.data[1]


def two_rows(draft):
    draft.put(1, "NAXIS2", 2)
    draft.data[1] = draft.data[1][: 4000 * 28] * 2


def variable_length(draft):
    draft.put(1, "TFORM4", "1PE(4000)")
    draft.put(1, "NAXIS1", 4000 * 24 + 8)
    draft.data[1] = draft.data[1][: 4000 * 24 + 8]


def shorter_column(draft):
    draft.put(1, "TFORM6", "3999E")
    draft.put(1, "NAXIS1", 4000 * 28 - 4)
    draft.data[1] = draft.data[1][: 4000 * 28 - 4]


def vector(draft, offset, dtype, change):
    values = np.frombuffer(draft.data[1], dtype, count=4000, offset=offset).copy()
    change(values)
    end = offset + values.nbytes
    draft.data[1] = draft.data[1][:offset] + values.tobytes() + draft.data[1][end:]


def wave_falls(draft):
    vector(draft, 0, ">f8", lambda wave: wave.__setitem__(2000, wave[1000]))


def wave_repeats(draft):
    vector(draft, 0, ">f8", lambda wave: wave.__setitem__(1, wave[0]))


def wave_nan(draft):
    vector(draft, 0, ">f8", lambda wave: wave.__setitem__(5, np.nan))


def flux_infinite(draft):
    vector(draft, 32000, ">f4", lambda flux: flux.__setitem__(5, np.inf))


def flux_empty(draft):
    vector(draft, 32000, ">f4", lambda flux: flux.fill(np.nan))


def error_negative(draft):
    vector(draft, 48000, ">f4", lambda error: error.__setitem__(5, -1))


def quality_negative(draft):
    vector(draft, 80000, ">i4", lambda quality: quality.__setitem__(5, -1))


def many(draft, *changes):
    for change in changes:
        change(draft)


def both(*changes):
    return lambda draft: many(draft, *changes)


def other_fill(draft):
    draft.data[1] = draft.data[1][: 4000 * 28] + b"\x01" * (-(4000 * 28) % 2880)


def after_end(draft):
    draft.cards[0].append(b"END".ljust(80))
    draft.cards[0] += [b"COMMENT what follows END".ljust(80)]
    draft.put(0, "CHECKSUM", "AAAABBBBCCCCDDDD")
    draft.sealed = False


def errors_gone(draft):
    vector(draft, 48000, ">f4", lambda error: error.fill(np.nan))


def errors_negative(draft):
    vector(draft, 48000, ">f4", lambda error: error.fill(-1))


def writes(hdu, keyword, text):
    return lambda draft: draft.write(hdu, keyword, text)


def negative_axes(draft):
    draft.data[0] = b""
    draft.put(0, "NAXIS", -1)


def third_axis(draft):
    draft.cards[1].insert(5, format_card("NAXIS3", 1))


def names_itself(draft):
    draft.put(0, "ASSON1", draft.name)


MAIN = "phot.flux.density;em.wl;stat.uncalib;meta.main"
LONG = "x" * 60 + ".fits"
PNG = "r.GIRAF.png"
CORRUPTIONS = {
    # the file
    "an empty file": ("fits-signature", "SIMPLE", empty_file),
    "a login page": ("fits-signature", "SIMPLE", no_fits),
    "half a file": ("fits-truncated", "NAXIS", half),
    "half a header": ("fits-truncated", "END", cut_header),
    "an incomplete last block": ("fits-truncated", "NAXIS", cut_block),
    "bytes after the end": ("fits-trailing", "XTENSION", trailing),
    "a wrong CHECKSUM": ("checksum", "CHECKSUM", unsealed),
    "changed data": ("datasum", "DATASUM", other_data),
    "no CHECKSUM": ("mandatory", "CHECKSUM", drops(0, "CHECKSUM")),
    "no DATASUM in the table": ("mandatory", "DATASUM", drops(1, "DATASUM")),
    "a name without .fits": ("file-name", "file name", renames("spectrum.dat")),
    "a name of 69 characters": ("file-name", "file name", renames("y" * 4 + LONG)),
    "a compressed name": ("compression", "file name", renames("spectrum.fits.fz")),
    "a compressed table": ("compressed-table", "ZTABLE", sets(1, "ZTABLE", True)),
    "keywords out of order": ("fits-structure", "XTENSION", swapped_order),
    "a wrong width": ("table-width", "NAXIS1", sets(1, "NAXIS1", 4000 * 28 + 4)),
    "no table": ("one-table", "XTENSION", no_table),
    "no data at all": ("no-data", "NAXIS", no_table),
    "two tables": ("one-table", "XTENSION", second_table),
    "two extensions of one name": ("extension-name", "EXTNAME", second_table),
    "pixels in the primary HDU": ("primary-empty", "NAXIS", pixels_in_primary),
    # what FITS itself asks for
    "SIMPLE = F": ("fits-values", "SIMPLE", sets(0, "SIMPLE", False)),
    "an odd BITPIX": ("fits-values", "BITPIX", sets(0, "BITPIX", 17)),
    "a table of BITPIX 16": ("fits-values", "BITPIX", sets(1, "BITPIX", 16)),
    "less than no axes": ("fits-values", "NAXIS", negative_axes),
    "an axis of less than no pixels": ("fits-axes", "NAXIS2", sets(1, "NAXIS2", -1)),
    "a third axis of two": ("fits-axes", "NAXIS3", third_axis),
    "EXTEND as text": ("fits-values", "EXTEND", sets(0, "EXTEND", "T")),
    "two groups": ("fits-values", "GCOUNT", sets(1, "GCOUNT", 2)),
    "a column that is not there": ("fits-columns", "TTYPE7", sets(1, "TTYPE7", "GHOST")),
    "a TFORM and more": ("column-format", "TFORM4", sets(1, "TFORM4", "4000Exyz")),
    "a TDIM of more elements": ("column-format", "TDIM2", sets(1, "TDIM2", "(4000,2)")),
    "a TDIM that is none": ("column-format", "TDIM2", sets(1, "TDIM2", "4000")),
    "a TNULL of real numbers": ("column-format", "TNULL2", sets(1, "TNULL2", 0)),
    "a TSCAL of zero": ("column-format", "TSCAL2", sets(1, "TSCAL2", 0.0)),
    "a TZERO that is text": ("column-format", "TZERO2", sets(1, "TZERO2", "no")),
    "other bytes after the data": ("fits-fill", "NAXIS", other_fill),
    "a card after END": ("fits-fill", "END", after_end),
    "a blank in a keyword": ("card-syntax", "OB JECT", adds(0, "OB JECT = 'NGC 104'")),
    "no blank after =": ("card-syntax", "AIRMASS", adds(0, "AIRMASS =1.2")),
    "an infinite number": (
        "card-syntax",
        "SNR",
        writes(0, "SNR", "SNR     =              1.0E999"),
    ),
    "an integer beyond 64 bits": (
        "card-syntax",
        "OBID1",
        writes(0, "OBID1", f"OBID1   = {10**25}"),
    ),
    "a DATASUM without quotes": ("type", "DATASUM", writes(0, "DATASUM", "DATASUM =  0")),
    "a name with a blank": ("file-name", "file name", renames("my spectrum.fits")),
    "a name with an umlaut": ("file-name", "file name", renames("M\xfcller.fits")),
    "a name with an escape": ("file-name", "file name", renames("a\x1b[31m.fits")),
    "a name of dots": ("file-name", "file name", renames("..fits")),
    "a name of HTML": ("file-name", "file name", renames("<script>.fits")),
    # cards
    "a lower-case keyword": ("keyword-case", "airmass", adds(0, "airmass =                  1.2")),
    "a keyword twice": ("keyword-repeated", "OBJECT", adds(0, "OBJECT  = 'NGC 104'")),
    "a long string": ("continue", "CONTINUE", adds(0, "CONTINUE  'and so on'")),
    "the long-string keyword": ("continue", "LONGSTRN", adds(0, "LONGSTRN= 'OGIP 1.0'")),
    "a value without quotes": ("card-syntax", "PI-COI", adds(0, "PI-COI  = nobody")),
    "a quote not closed": ("card-syntax", "PI-COI", adds(0, "PI-COI  = 'nobody")),
    "NaN in a header": ("card-syntax", "AIRMASS", adds(0, "AIRMASS =                  NaN")),
    "an umlaut": ("card-characters", "PI-COI", adds(0, "PI-COI  = 'M\xfcller'")),
    "an odd keyword": ("card-syntax", "AIR.MASS", adds(0, "AIR.MASS=                  1.2")),
    "no value": ("type", "SNR", both(drops(0, "SNR"), adds(0, "SNR     ="))),
    # keywords
    "no category": ("category", "PRODCATG", drops(0, "PRODCATG")),
    "an unknown category": ("category", "PRODCATG", sets(0, "PRODCATG", "SCIENCE.SPECTRA")),
    "category in the table": ("not-allowed", "PRODCATG", sets(1, "PRODCATG", "SCIENCE.SPECTRUM")),
    "ORIGFILE in the table": ("not-allowed", "ORIGFILE", sets(1, "ORIGFILE", "a.fits")),
    "no ORIGIN": ("mandatory", "ORIGIN", drops(0, "ORIGIN")),
    "no INSTRUME": ("mandatory", "INSTRUME", drops(0, "INSTRUME")),
    "no OBSTECH": ("mandatory", "OBSTECH", drops(0, "OBSTECH")),
    "no PROG_ID": ("mandatory", "PROG_ID", drops(0, "PROG_ID")),
    "no OBID1": ("mandatory", "OBID1", drops(0, "OBID1")),
    "no PROV1": ("mandatory", "PROV1", drops(0, "PROV1")),
    "no REFERENC": ("mandatory", "REFERENC", drops(0, "REFERENC")),
    "no DATE": ("mandatory", "DATE", drops(0, "DATE")),
    "no SPEC_RES": ("mandatory", "SPEC_RES", drops(0, "SPEC_RES")),
    "no VOCLASS": ("mandatory", "VOCLASS", drops(1, "VOCLASS")),
    "no APERTURE": ("mandatory", "APERTURE", drops(1, "APERTURE")),
    "no EXTNAME": ("mandatory", "EXTNAME", drops(1, "EXTNAME")),
    "no TDMIN1": ("limits", "TDMIN1", drops(1, "TDMIN1")),
    "no EXT_OBJ": ("extended-object", "EXT_OBJ", drops(0, "EXT_OBJ")),
    "BUNIT": ("not-allowed", "BUNIT", sets(1, "BUNIT", "adu")),
    "CD1_1": ("not-allowed", "CD1_1", sets(0, "CD1_1", 0.005)),
    "CDELT1": ("not-allowed", "CDELT1", sets(0, "CDELT1", 0.005)),
    "a second WCS": ("second-wcs", "CRVAL1A", sets(1, "CRVAL1A", 515.0)),
    "RA out of range": ("value", "RA", sets(0, "RA", 360.5)),
    "DEC out of range": ("value", "DEC", sets(0, "DEC", -91.0)),
    "RA as text": ("type", "RA", sets(0, "RA", "00:24:05")),
    "a truth value as text": ("type", "CONTNORM", sets(0, "CONTNORM", "F")),
    "a real NCOMBINE": ("type", "NCOMBINE", sets(0, "NCOMBINE", 1.0)),
    "NCOMBINE = 0": ("value", "NCOMBINE", sets(0, "NCOMBINE", 0)),
    "an empty OBJECT": ("value", "OBJECT", sets(0, "OBJECT", "")),
    "RADESYS = FK4": ("value", "RADESYS", sets(0, "RADESYS", "FK4")),
    "FK5 without EQUINOX": ("equinox", "EQUINOX", drops(0, "EQUINOX")),
    "EQUINOX = 1950": ("value", "EQUINOX", sets(0, "EQUINOX", 1950.0)),
    "TIMESYS = TT": ("value", "TIMESYS", sets(0, "TIMESYS", "TT")),
    "an odd DATE": ("value", "DATE", sets(0, "DATE", "05/01/20")),
    "an odd reference": ("value", "REFERENC", sets(0, "REFERENC", "Smith et al.")),
    "an odd PROG_ID": ("value", "PROG_ID", sets(0, "PROG_ID", "my programme")),
    "FLUXCAL = RELATIVE": ("value", "FLUXCAL", sets(0, "FLUXCAL", "RELATIVE")),
    "SPECSYS = BARY": ("value", "SPECSYS", sets(0, "SPECSYS", "BARY")),
    "SPEC_RES = 0": ("value", "SPEC_RES", sets(0, "SPEC_RES", 0.0)),
    "VOPUB = CDS": ("value", "VOPUB", sets(1, "VOPUB", "CDS")),
    "VOCLASS 3": ("value", "VOCLASS", sets(1, "VOCLASS", "SPECTRUM v3.0")),
    "APERTURE in arcsec": ("value", "APERTURE", sets(1, "APERTURE", 1.2)),
    # times
    "the end before the start": ("mjd-order", "MJD-END", sets(0, "MJD-END", 58849.05)),
    "a start before 1970": ("value", "MJD-OBS", sets(0, "MJD-OBS", 40000.0)),
    "an end in the future": ("mjd-future", "MJD-END", sets(0, "MJD-END", 58860.0)),
    "EXPTIME above TEXPTIME": ("exptime", "EXPTIME", sets(0, "EXPTIME", 1501.0)),
    "EXPTIME = 0": ("value", "EXPTIME", sets(0, "EXPTIME", 0.0)),
    "TEXPTIME too long": ("texptime", "TEXPTIME", sets(0, "TEXPTIME", 1800.0)),
    "a wrong TELAPSE": ("telapse", "TELAPSE", sets(1, "TELAPSE", 1728.2)),
    "TELAPSE below TEXPTIME": ("elapsed", "TELAPSE", sets(1, "TELAPSE", 1400.0)),
    "a wrong TMID": ("tmid", "TMID", sets(1, "TMID", 58849.1102)),
    "the 31st of February": ("date", "DATE", sets(0, "DATE", "2020-02-31")),
    "a DATE-OBS of another form": ("date", "DATE-OBS", sets(0, "DATE-OBS", "01/01/20")),
    "a DATE-OBS of another year": (
        "start",
        "DATE-OBS",
        sets(0, "DATE-OBS", "2019-01-01T02:24:00"),
    ),
    "a DATE-OBS two seconds off": (
        "start",
        "DATE-OBS",
        sets(0, "DATE-OBS", "2020-01-01T02:24:02"),
    ),
    "a day that is not that of MJD-OBS": ("start", "DATE-OBS", sets(0, "DATE-OBS", "2020-01-02")),
    # words
    "an odd technique": ("technique", "OBSTECH", sets(0, "OBSTECH", "HELLO")),
    "an odd technique among others": ("technique", "OBSTECH", sets(0, "OBSTECH", "MOS,HELLO")),
    "no technique": ("technique", "OBSTECH", sets(0, "OBSTECH", "")),
    "a UCD that is none": ("ucd", "TUCD4", sets(1, "TUCD4", "not a ucd")),
    "an unknown word in a UCD": ("ucd", "TUCD4", sets(1, "TUCD4", "stat.snr;meta.hello")),
    # lists
    "MULTI without list": ("multi", "PROGID1", sets(0, "PROG_ID", "MULTI")),
    "a list without MULTI": ("multi", "INSTRUME", sets(0, "INSTR1", "GIRAFFE")),
    "a gap in PROVi": ("numbering", "PROV2", sets(0, "PROV3", "GIRAF.2020-01-01T03:00:00.000")),
    "a leading zero": ("numbering", "OBID02", sets(0, "OBID02", 200123457)),
    "PROV twice": ("distinct", "PROVi", sets(0, "PROV2", "GIRAF.2020-01-01T02:24:00.000")),
    "an OB twice": ("distinct", "OBIDi", sets(0, "OBID2", 200123456)),
    "a PROV of an extension": ("value", "PROV1", sets(0, "PROV1", "GIRAF.fits[1]")),
    "PROVXTN without table": ("provenance", "PROVXTN", sets(0, "PROVXTN", True)),
    "ASSON without ASSOC": ("association", "ASSOC1", sets(0, "ASSON1", PNG)),
    "ASSOC without ASSON": ("association", "ASSON1", sets(0, "ASSOC1", "ANCILLARY.PREVIEW")),
    "an unknown ASSOC": ("association-category", "ASSOC1", sets(0, "ASSOC1", "PICTURE")),
    "a product that is its own ancillary": ("own-association", "ASSON1", names_itself),
    "an odd md5": ("value", "ASSOM1", sets(0, "ASSOM1", "0123")),
    "data of another facility": ("foreign-data", "NOESODAT", sets(0, "ORIGIN", "KECK")),
    # the table
    "two rows": ("one-row", "NAXIS2", two_rows),
    "a heap": ("one-row", "PCOUNT", sets(1, "PCOUNT", 8)),
    "a vector of variable length": ("fixed-length", "TFORM4", variable_length),
    "a shorter column": ("equal-lengths", "TFORM6", shorter_column),
    "a wrong NELEM": ("equal-lengths", "TFORM1", sets(1, "NELEM", 3999)),
    "another first column": ("leading-columns", "TTYPE1", sets(1, "TTYPE1", "LAMBDA")),
    "no FLUX": ("leading-columns", "TTYPE2", sets(1, "TTYPE2", "COUNTS")),
    "no ERR": ("leading-columns", "TTYPE3", sets(1, "TTYPE3", "SIGMA")),
    "a column name twice": ("column-names", "TTYPE4", sets(1, "TTYPE4", "ERR")),
    "a column without unit": ("column-described", "TUNIT6", drops(1, "TUNIT6")),
    "a column without UCD": ("column-described", "TUCD4", drops(1, "TUCD4")),
    "SKYBACK": ("sky-name", "TTYPE6", sets(1, "TTYPE6", "SKYBACK")),
    "an odd unit of the background": ("background", "TTYPE6", sets(1, "TUNIT6", "adu/s")),
    "two backgrounds": ("background", "BGFLUX", sets(1, "TTYPE4", "BGFLUX")),
    "an EXPOSURE with UType": ("exposure-column", "TUTYP4", sets(1, "TTYPE4", "EXPOSURE")),
    "UTypes of version 2": ("utype", "TUTYP2", sets(1, "VOCLASS", "SPECTRUM v2.0")),
    "a second flux": ("several-fluxes", "VOCLASS", sets(1, "TUTYP6", "eso:Data.FluxAxis.Value")),
    "an odd wavelength UCD": ("wavelength-ucd", "TUCD1", sets(1, "TUCD1", "em.wavelength")),
    "an odd flux UCD": ("flux-ucd", "TUCD2", sets(1, "TUCD2", "pos.eq.ra")),
    "an odd error UCD": ("error-ucd", "TUCD3", sets(1, "TUCD3", "phot.flux.density;em.wl")),
    "wavelengths in pixels": ("spectral-unit", "TUNIT1", sets(1, "TUNIT1", "pixel")),
    "two main fluxes": (
        "one-main",
        "TUCD6",
        both(sets(1, "TUCD2", MAIN), sets(1, "TUCD6", MAIN)),
    ),
    "a main UType twice": (
        "utype",
        "TUTYP6",
        sets(1, "TUTYP6", "Spectrum.Data.FluxAxis.Accuracy.StatError"),
    ),
    "fluxes that are integers": ("real-columns", "TFORM2", sets(1, "TFORM2", "4000J")),
    "a vector of two dimensions": ("dimensions", "TDIM2", sets(1, "TDIM2", "(2000,2)")),
    "errors in per cent": ("error-unit", "TUNIT3", sets(1, "TUNIT3", "%")),
    "normalised in adu": ("normalised", "TUNIT2", sets(0, "CONTNORM", True)),
    # consistency
    "FLUXERR of an uncalibrated flux": ("flux-error", "FLUXERR", sets(0, "FLUXERR", 10.0)),
    "TOT_FLUX of an uncalibrated flux": ("total-flux", "TOT_FLUX", sets(0, "TOT_FLUX", True)),
    "another OBJECT": ("same-in-both", "OBJECT", sets(1, "OBJECT", "NGC 104-008")),
    "another RA": ("same-in-both", "RA", sets(1, "RA", 6.0224)),
    "WAVELMIN above WAVELMAX": ("wavelength-order", "WAVELMIN", sets(0, "WAVELMIN", 600.0)),
    "WAVELMAX in angstrom": ("wavelength-range", "WAVELMAX", sets(0, "WAVELMAX", 5350.0)),
    "WAVELMIN before the data": ("wavelength-range", "WAVELMIN", sets(0, "WAVELMIN", 514.9)),
    "a wrong SPEC_VAL": ("spec-val", "SPEC_VAL", sets(1, "SPEC_VAL", 525.1)),
    "a wrong SPEC_BW": ("spec-bw", "SPEC_BW", sets(1, "SPEC_BW", 20.1)),
    "SPEC_BIN in angstrom": ("spectral-bin", "SPEC_BIN", sets(0, "SPEC_BIN", 0.05)),
    "a wrong TDMAX1": ("limits", "TDMAX1", sets(1, "TDMAX1", 540.0)),
    # vectors
    "wavelengths that fall": ("ascending", "TTYPE1", wave_falls),
    "a wavelength twice": ("ascending", "TTYPE1", wave_repeats),
    "a wavelength that is NaN": ("ascending", "TTYPE1", wave_nan),
    "an infinite flux": ("infinite", "TTYPE2", flux_infinite),
    "errors that are all NaN": ("no-error", "TTYPE3", errors_gone),
    "errors that are all negative": ("no-error", "TTYPE3", errors_negative),
    "a negative QUAL": ("quality", "TTYPE5", quality_negative),
    "a real QUAL": ("quality", "TFORM5", sets(1, "TFORM5", "4000E")),
}

WARNINGS = {
    "no SPEC_ERR": ("recommended", "SPEC_ERR", drops(0, "SPEC_ERR")),
    "ORIGFILE": ("reserved", "ORIGFILE", sets(0, "ORIGFILE", "GI_SRBS_1.fits")),
    "a negative SNR": ("negative-snr", "SNR", sets(0, "SNR", -3.0)),
    "STOKES": ("ask-support", "STOKES", sets(0, "STOKES", "/I/")),
    "an odd unit": ("unit", "TUNIT4", sets(1, "TUNIT4", "furlong")),
    "RADECSYS": ("old-frame", "RADECSYS", both(drops(0, "RADESYS"), sets(0, "RADECSYS", "FK5"))),
    "a title without target": ("title", "TITLE", sets(1, "TITLE", "a spectrum")),
    "a SPEC_ERR too small": ("spectral-error", "SPEC_ERR", sets(0, "SPEC_ERR", 1e-5)),
    "no stat.uncalib": (
        "uncalibrated-ucd",
        "TUCD2",
        both(*(sets(1, keyword, "phot.flux.density;em.wl") for keyword in ("TUCD2", "TUCD6"))),
    ),
    "a negative error": ("negative-error", "TTYPE3", error_negative),
    "no flux": ("no-flux", "TTYPE2", flux_empty),
}


@pytest.mark.parametrize(("rule", "keyword", "corrupt"), CORRUPTIONS.values(), ids=CORRUPTIONS)
def test_one_corruption_is_refused_by_its_rule(giraffe_draft, written, rule, keyword, corrupt):
    corrupt(giraffe_draft)
    report = validate(written(giraffe_draft))
    assert not report.ok
    assert found(report, rule, keyword), str(report)


@pytest.mark.parametrize(("rule", "keyword", "corrupt"), WARNINGS.values(), ids=WARNINGS)
def test_a_lesser_fault_is_a_warning_and_nothing_else(
    giraffe_draft, written, rule, keyword, corrupt
):
    corrupt(giraffe_draft)
    report = validate(written(giraffe_draft))
    assert report.ok
    assert [(one.rule, one.keyword) for one in report.warnings] == [(rule, keyword)]


UVES_CORRUPTIONS = {
    "main flux not marked": ("main-columns", "TUCD2", sets(1, "TUCD2", "phot.flux.density;em.wl")),
    "main error not marked": ("main-columns", "TUCD3", sets(1, "TUCD3", "stat.error;phot.flux")),
    "UTypes of version 1": ("utype", "TUTYP1", sets(1, "VOCLASS", "SPECTRUM v1.0")),
    "FLUXERR above 100": ("flux-error", "FLUXERR", sets(0, "FLUXERR", 101.0)),
    "FLUXERR = -1": ("flux-error", "FLUXERR", sets(0, "FLUXERR", -1.0)),
    "wavelengths said to be nm": ("wavelength-range", "WAVELMIN", sets(1, "TUNIT1", "nm")),
}


@pytest.mark.parametrize(
    ("rule", "keyword", "corrupt"), UVES_CORRUPTIONS.values(), ids=UVES_CORRUPTIONS
)
def test_a_broken_calibrated_spectrum_is_refused(uves_draft, written, rule, keyword, corrupt):
    corrupt(uves_draft)
    report = validate(written(uves_draft))
    assert not report.ok
    assert found(report, rule, keyword), str(report)


CUBE_CORRUPTIONS = {
    "SPEC_BIN": ("not-allowed", "SPEC_BIN", sets(0, "SPEC_BIN", 0.125)),
    "FILTER": ("not-allowed", "FILTER", sets(0, "FILTER", "white")),
    "no ASSON1": ("mandatory", "ASSON1", drops(0, "ASSON1")),
    "no DATE-OBS": ("mandatory", "DATE-OBS", drops(0, "DATE-OBS")),
    "no SKY_RES": ("mandatory", "SKY_RES", drops(0, "SKY_RES")),
    "no BUNIT": ("mandatory", "BUNIT", drops(1, "BUNIT")),
    "no CD2_1": ("cube-wcs", "CD2_1", drops(1, "CD2_1")),
    "HDUDOC of the pipeline": ("value", "HDUDOC", sets(1, "HDUDOC", "DICD")),
    "HDUVERS of the pipeline": ("value", "HDUVERS", sets(1, "HDUVERS", "DICD version 6")),
    "no DATA": ("cube-members", "HDUCLAS2", sets(1, "HDUCLAS2", "ERROR")),
    "an odd error type": ("cube-classes", "HDUCLAS3", sets(2, "HDUCLAS3", "MASKZERO")),
    "a pointer to itself": ("cube-pointers", "SCIDATA", sets(1, "SCIDATA", "DATA")),
    "a pointer to nowhere": ("cube-pointers", "ERRDATA", sets(1, "ERRDATA", "NOISE")),
    "a missing pointer": ("cube-links", "SCIDATA", drops(2, "SCIDATA")),
    "a wrong axis": ("cube-axis-types", "CTYPE3", sets(1, "CTYPE3", "VELO")),
    "arcseconds": ("cube-degrees", "CUNIT1", sets(1, "CUNIT1", "arcsec")),
    "two DATA extensions": ("cube-members", "HDUCLAS2", sets(2, "HDUCLAS2", "DATA")),
    "another grid": ("cube-grid", "CRPIX1", sets(2, "CRPIX1", 6.0)),
    "wavelengths outside": ("cube-range", "WAVELMAX", sets(0, "WAVELMAX", 480.0)),
    "a target outside": ("cube-target", "RA", sets(0, "RA", 6.1)),
    "four axes": ("cube-axes", "NAXIS", sets(1, "NAXIS", 2)),
}


@pytest.mark.parametrize(
    ("rule", "keyword", "corrupt"), CUBE_CORRUPTIONS.values(), ids=CUBE_CORRUPTIONS
)
def test_a_broken_cube_is_refused(cube_draft, written, rule, keyword, corrupt):
    corrupt(cube_draft)
    report = validate(written(cube_draft))
    assert not report.ok
    assert found(report, rule, keyword), str(report)


IMAGE_CORRUPTIONS = {
    "an uncalibrated image": ("flux-calibrated", "FLUXCAL", sets(0, "FLUXCAL", "UNCALIBRATED")),
    "a limit above saturation": (
        "depth",
        "ABMAGLIM",
        both(sets(0, "ABMAGLIM", 12.0), sets(0, "ABMAGSAT", 15.0)),
    ),
}


@pytest.mark.parametrize(
    ("rule", "keyword", "corrupt"), IMAGE_CORRUPTIONS.values(), ids=IMAGE_CORRUPTIONS
)
def test_a_broken_image_is_refused(white_light_draft, written, rule, keyword, corrupt):
    white_light_draft.put(0, "PRODCATG", "SCIENCE.IMAGE")
    corrupt(white_light_draft)
    assert found(validate(written(white_light_draft)), rule, keyword)


def test_a_scaled_cube_is_a_warning(cube_draft, written):
    cube_draft.put(1, "BZERO", 0.0)
    assert [one.rule for one in validate(written(cube_draft)).findings] == ["cube-scaled"]


def test_a_kmos_cube_needs_no_sky_resolution(cube_draft, written):
    for keyword in ("SKY_RES", "SKY_RERR", "ABMAGLIM"):
        cube_draft.drop(0, keyword)
    cube_draft.put(0, "INSTRUME", "KMOS")
    assert validate(written(cube_draft)).ok


def test_an_xshooter_spectrum_needs_no_ext_obj(uves_draft, written):
    uves_draft.drop(0, "EXT_OBJ")
    uves_draft.put(0, "INSTRUME", "XSHOOTER")
    assert validate(written(uves_draft)).ok


def test_data_of_another_facility_need_no_programme(uves_draft, written):
    for keyword in ("PROG_ID", "OBID1", "PROV1", "NCOMBINE"):
        uves_draft.drop(0, keyword)
    uves_draft.put(0, "ORIGIN", "GTC")
    uves_draft.put(0, "NOESODAT", True)
    assert validate(written(uves_draft)).ok


def test_an_ancillary_must_not_have_ancillaries(white_light_draft, written):
    white_light_draft.put(0, "ASSON1", "more.fits")
    assert [one.rule for one in validate(written(white_light_draft)).findings] == [
        "nested-association"
    ]


@pytest.mark.parametrize(
    ("rule", "keyword", "value"),
    [
        ("fits-values", "SIMPLE", False),
        ("fits-values", "BITPIX", 17),
        ("fits-values", "BITPIX", 0),
        ("fits-values", "NAXIS", -1),
        ("fits-axes", "NAXIS1", -5),
        ("type", "DATASUM", 12),
        ("date", "DATE", "2020-02-31"),
    ],
)
def test_an_ancillary_is_a_fits_file_too(white_light_draft, written, rule, keyword, value):
    white_light_draft.put(0, keyword, value)
    assert found(validate(written(white_light_draft)), rule, keyword)


def test_a_date_without_time_of_day_leaves_room_for_the_day(giraffe_draft, written):
    giraffe_draft.put(0, "DATE-OBS", "2020-01-01")
    assert validate(written(giraffe_draft)).findings == ()


def test_other_facilities_have_their_own_techniques(uves_draft, written):
    for keyword, value in (("ORIGIN", "GTC"), ("NOESODAT", True), ("OBSTECH", "HELLO")):
        uves_draft.put(0, keyword, value)
    assert validate(written(uves_draft)).ok


@pytest.mark.parametrize("technique", ["MOS", "ECHELLE,SLIT,NODDING", "IFU, SKY"])
def test_techniques_are_lists_of_words(giraffe_draft, written, technique):
    giraffe_draft.put(0, "OBSTECH", technique)
    assert validate(written(giraffe_draft)).ok


def test_a_word_of_the_list_of_the_ivoa_is_a_ucd(giraffe_draft, written):
    giraffe_draft.put(1, "TUCD4", "stat.snr;em.opt.V")
    assert validate(written(giraffe_draft)).ok


def test_a_card_that_is_not_there_is_found_as_nothing(giraffe_draft, written):
    giraffe_draft.drop(1, "TUTYP2")
    told = {one.rule: one.found for one in validate(written(giraffe_draft)).findings}
    assert told == {"column-described": "nothing", "utype": "nothing"}


def test_a_value_that_is_empty_is_found_as_an_empty_string(giraffe_draft, written):
    giraffe_draft.put(1, "TUTYP2", "")
    (finding,) = validate(written(giraffe_draft)).findings
    assert finding.found == "an empty string"


def test_what_the_archive_wrote_into_its_own_file_is_no_fault(giraffe_draft, written):
    giraffe_draft.put(0, "ARCFILE", "ADP.2020-01-05T12:00:00.000.fits")
    giraffe_draft.put(0, "ORIGFILE", "GI_SRBS_1.fits")
    path = written(giraffe_draft)
    assert validate(path).findings == ()
    assert [one.rule for one in validate_many([path]).findings] == ["reserved", "reserved"]


def test_a_broken_compressed_file_is_told_as_that(tmp_path, uves):
    content = bytearray(gzip.compress(encode_idp(uves())))
    content[len(content) // 2] ^= 0xFF
    path = tmp_path / "spectrum.fits.gz"
    path.write_bytes(content)
    assert [one.found for one in validate(path).findings] == ["a broken compressed file"]


def test_main_columns_are_found_wherever_they_stand(giraffe_draft, written):
    """The vectors of columns 2 and 3 are the background and its errors, 4 and 6 the main ones."""
    for keyword in ("TUTYP", "TUCD"):
        first, last = (
            giraffe_draft.cards[1][giraffe_draft.place(1, f"{keyword}{i}")] for i in (2, 6)
        )
        giraffe_draft.cards[1][giraffe_draft.place(1, f"{keyword}2")] = last.replace(
            f"{keyword}6".encode(), f"{keyword}2".encode()
        )
        giraffe_draft.cards[1][giraffe_draft.place(1, f"{keyword}6")] = first.replace(
            f"{keyword}2".encode(), f"{keyword}6".encode()
        )
    vector(giraffe_draft, 96000, ">f4", lambda flux: flux.fill(np.nan))
    assert ("no-flux", "TTYPE6") in {
        (one.rule, one.keyword) for one in validate(written(giraffe_draft)).findings
    }


def test_an_ancillary_needs_checksums(white_light_draft, written):
    white_light_draft.drop(0, "CHECKSUM")
    report = validate(written(white_light_draft))
    assert [(one.rule, one.keyword) for one in report.findings] == [("mandatory", "CHECKSUM")]


def test_a_finding_says_file_hdu_keyword_rule_and_section(giraffe_draft, written):
    giraffe_draft.put(1, "TMID", 58849.2)
    (finding,) = validate(written(giraffe_draft)).findings
    assert finding.severity is Severity.ERROR
    assert str(finding) == (
        f"ERROR {giraffe_draft.name}[1] TMID: TMID is the mean of MJD-OBS and MJD-END;"
        " found 58849.2, expected 58849.11000000 from MJD-OBS and MJD-END (SDP 5.6.1; tmid)"
    )


def test_a_missing_file_raises(tmp_path):
    with pytest.raises(FileNotFoundError):
        validate(tmp_path / "nothing.fits")


BATCH_RULES = {
    "unique-name",
    "unique-title",
    "associated-file",
    "associated-md5",
    "associated-category",
    "white-light",
}


def test_every_rule_is_fired_by_a_corruption():
    tables = (CORRUPTIONS, WARNINGS, UVES_CORRUPTIONS, CUBE_CORRUPTIONS, IMAGE_CORRUPTIONS)
    fired = {row[0] for table in tables for row in table.values()}
    rest = {"cube-scaled", "nested-association"} | BATCH_RULES
    assert {row[0] for row in rule_rows()} == fired | rest


@settings(max_examples=150)
@given(data=strategies.data())
def test_whatever_the_bytes_there_is_a_report(tmp_path, giraffe, data):
    content = bytearray(encode_idp(giraffe()))
    for _ in range(data.draw(strategies.integers(1, 8))):
        place = data.draw(strategies.integers(0, 17000))
        junk = data.draw(strategies.binary(min_size=1, max_size=90))
        content[place : place + len(junk)] = junk
    path = tmp_path / "junk.fits"
    path.write_bytes(content[: data.draw(strategies.integers(0, len(content)))])
    assert not validate(path).ok


# What only a batch can tell


@pytest.fixture
def pair(tmp_path, giraffe):
    paths = []
    for fibre in (7, 8):
        idp = giraffe(fibre)
        paths.append(tmp_path / idp.name)
        write_idp(idp, paths[-1])
    return paths


def batch_rules(reports):
    return [[one.rule for one in report.findings] for report in reports]


def test_two_products_pass_together(pair):
    assert batch_rules(validate_many(pair)) == [[], []]


def test_a_batch_is_summed_up_in_a_line(pair):
    pair[1].write_bytes(b"no FITS")
    batch = validate_many(pair)
    assert (batch.ok, len(batch)) == (False, 2)
    assert batch.summary() == "2 files, 1 invalid: 1 error, 0 warnings"
    assert [one.to_dict()["rule"] for one in batch.errors] == ["fits-signature"]


def test_the_same_title_twice_is_refused(tmp_path, pair, giraffe):
    idp = evolve(giraffe(7), name="other.fits")
    write_idp(idp, tmp_path / "other.fits")
    reports = validate_many([*pair, tmp_path / "other.fits"])
    assert batch_rules(reports) == [["unique-title"], [], ["unique-title"]]


def test_the_same_name_in_two_folders_is_refused(tmp_path, giraffe):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    title = Card("TITLE", "NGC 104-007 again")
    first, second = giraffe(7), giraffe(7)
    cards = [card for card in second.extension if card.keyword != "TITLE"]
    write_idp(first, tmp_path / "a" / first.name)
    write_idp(evolve(second, extension=[*cards, title]), tmp_path / "b" / first.name)
    reports = validate_many([tmp_path / "a" / first.name, tmp_path / "b" / first.name])
    assert batch_rules(reports) == [["unique-name"], ["unique-name"]]


def test_a_missing_associated_file_is_refused(tmp_path, giraffe, preview):
    idp = giraffe(ancillaries=(preview,))
    write_idp(idp, tmp_path / idp.name)
    preview.path.unlink()
    assert batch_rules(validate_many([tmp_path / idp.name])) == [["associated-file"]]


def test_a_changed_associated_file_is_refused(tmp_path, giraffe, preview):
    idp = giraffe(ancillaries=(preview,))
    write_idp(idp, tmp_path / idp.name)
    preview.path.write_bytes(b"another picture")
    assert batch_rules(validate_many([tmp_path / idp.name])) == [["associated-md5"]]


def test_an_associated_fits_file_must_be_ancillary(tmp_path, giraffe):
    science = giraffe(8)
    write_idp(science, tmp_path / science.name)
    companion = Ancillary(science.name, "", tmp_path / science.name)
    idp = giraffe(7, ancillaries=(companion,))
    write_idp(idp, tmp_path / idp.name)
    assert batch_rules(validate_many([tmp_path / idp.name])) == [["associated-category"]]


def test_a_cube_passes_with_its_white_light(written, cube_draft, white_light_draft):
    paths = [written(cube_draft), written(white_light_draft)]
    assert batch_rules(validate_many(paths)) == [[], []]


def test_a_white_light_of_another_size_is_refused(written, cube_draft, white_light_draft):
    white_light_draft.put(0, "NAXIS1", 8)
    white_light_draft.put(0, "NAXIS2", 10)
    paths = [written(cube_draft), written(white_light_draft)]
    assert batch_rules(validate_many(paths)) == [["white-light"], []]


def test_a_cube_without_white_light_is_refused(written, cube_draft, white_light_draft):
    white_light_draft.put(0, "PRODCATG", "ANCILLARY.IMAGE")
    paths = [written(cube_draft), written(white_light_draft)]
    assert batch_rules(validate_many(paths)) == [["white-light"], []]


def test_the_ancillaries_of_a_data_set_are_judged_too(written, cube_draft, white_light_draft):
    white_light_draft.put(0, "BITPIX", 17)
    written(white_light_draft)
    path = written(cube_draft)
    rules = {one.rule for one in validate_many([path]).errors}
    assert "fits-values" in rules
    assert validate_many([path], dataset=False).ok


def test_an_ancillary_with_the_title_of_its_product_is_found(tmp_path, written, giraffe_draft):
    companion = Draft.of("companion.fits", giraffe_draft.encoded())
    companion.put(0, "PRODCATG", "ANCILLARY.SPECTRUM")
    written(companion)
    giraffe_draft.put(0, "ASSON1", "companion.fits")
    batch = validate_many([written(giraffe_draft)])
    assert [(one.rule, one.file) for one in batch.errors] == [
        ("unique-title", giraffe_draft.name),
        ("unique-title", "companion.fits"),
    ]


def test_a_lone_cube_whose_white_light_is_elsewhere_is_noted(written, cube_draft):
    (finding,) = validate_many([written(cube_draft)], dataset=False).findings
    assert (finding.severity, finding.rule) == (Severity.NOTE, "associated-file")


def test_notes_are_counted_apart_from_warnings(written, cube_draft):
    batch = validate_many([written(cube_draft)], dataset=False)
    assert batch.summary() == "1 file, 0 invalid: 0 errors, 0 warnings, 1 note"


def test_an_association_never_leads_out_of_the_folder(tmp_path, giraffe_draft, written):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.png").write_bytes(b"x")
    giraffe_draft.put(0, "ASSON1", "../secret.png")
    for card in association_cards(
        [Ancillary("a.png", "ANCILLARY.PREVIEW", tmp_path / "secret.png")]
    )[1:]:
        giraffe_draft.put(0, card.keyword, card.value)
    path = written(giraffe_draft, tmp_path / "in")
    assert batch_rules(validate_many([path])) == [["value", "associated-file"]]


@pytest.mark.skipif(not XQ100.exists(), reason="the real XQ-100 product is not at hand")
def test_the_faults_of_a_real_product_are_named():
    """An external product of 2016, written for a version of the standard before 6.

    True faults: the archive's .gz is no name for a submission, and the UCD of the main error lacks
    meta.main, which VOCLASS 2.0 asks for. The rest are warnings:
    RADECSYS for RADESYS, recommended keywords left out, a title without the target's name.
    """
    report = validate(XQ100)
    assert {(one.rule, one.keyword) for one in report.errors} == {
        ("file-name", "file name"),
        ("main-columns", "TUCD3"),
    }
    assert {(one.rule, one.keyword) for one in report.warnings} == {
        ("recommended", "SPEC_ERR"),
        ("recommended", "SPEC_SYE"),
        ("recommended", "RA_ERR"),
        ("recommended", "DEC_ERR"),
        ("old-frame", "RADECSYS"),
        ("title", "TITLE"),
    }
