"""One-place corruptions of good IDPs: the share of the forbidden ones that `validate` refuses.

A fibre of GIRAFFE and an echelle spectrum with two fluxes, sealed again with true checksums after
every change. What the standard or FITS forbids must be refused, what they allow must not be. The
tables here were written from the documents, not from the validator's own.

    python benchmarks/validator_campaign.py [--seed 1] [--bytes 100] [FILE ...]

FILEs, genuine products of an archive, are judged as they are: their errors are printed, and are
for a reader to call true or false.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from attrs import evolve
from idp_writing import plan

from phoenix.formats.idpfile import encode_idp
from phoenix.model.idp import Card, Column
from phoenix.phase3.validate import validate, validate_many
from phoenix.testing.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.model.idp import InternalDataProduct, Value

    Change = Callable[[Draft], object]

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


class Case(NamedTuple):
    """A change, and whether it is forbidden."""

    what: str
    change: Change
    forbidden: bool = True


def echelle(idp: InternalDataProduct) -> InternalDataProduct:
    """Make a calibrated spectrum with counts beside the flux of a fibre in counts."""
    wave, counts, error, *_ = (column.values for column in idp.columns)
    unit, ucd, axis = "erg.s**(-1).cm**(-2).angstrom**(-1)", "phot.flux.density;em.wl", "FluxAxis"
    rows = (
        ("WAVE", wave, "nm", "spec:Data.SpectralAxis.Value", "em.wl;obs.atmos"),
        ("FLUX", counts * 1e-17, unit, f"spec:Data.{axis}.Value", f"{ucd};src.net;meta.main"),
        ("ERR", error * 1e-17, unit, f"spec:Data.{axis}.Accuracy.StatError",
         f"stat.error;{ucd};meta.main"),
        ("FLUX_REDUCED", counts, "adu", f"eso:Data.{axis}.Value", f"{ucd};src.net;stat.uncalib"),
        ("ERR_REDUCED", error, "adu", f"eso:Data.{axis}.Accuracy.StatError",
         f"stat.error;{ucd};stat.uncalib"),
    )  # fmt: skip
    new = {"INSTRUME": "UVES", "OBSTECH": "ECHELLE", "FLUXCAL": "ABSOLUTE", "FLUXERR": -2.0}
    primary = [evolve(one, value=new.get(one.keyword, one.value)) for one in idp.primary]
    cards = [
        Card("VOCLASS", "SPECTRUM v2.0", "VO Data Model") if one.keyword == "VOCLASS" else one
        for one in idp.extension
    ]
    return evolve(
        idp,
        name="UV_SFLX_200123456_2020-01-01T00:00:00.000_RED564d1_1x1_08.fits",
        primary=tuple(primary),
        extension=tuple(cards),
        columns=tuple(Column(*row) for row in rows),
    )


def put(hdu: int, keyword: str, value: Value) -> Change:
    return lambda draft: draft.put(hdu, keyword, value)


def drop(hdu: int, keyword: str) -> Change:
    return lambda draft: draft.drop(hdu, keyword)


def write(hdu: int, keyword: str, text: str) -> Change:
    return lambda draft: draft.write(hdu, keyword, text)


def of_keywords() -> Iterator[Case]:
    """Cards that are missing, without value, of another type, or of one value or another."""
    for hdu, keyword in _rows(MANDATORY):
        yield Case(f"no {keyword} in HDU {hdu}", drop(hdu, keyword))
        if keyword not in {"CHECKSUM", "DATASUM"}:
            empty = write(hdu, keyword, f"{keyword:8}=")
            yield Case(f"{keyword} without value in HDU {hdu}", empty)
    for table, values in WRONG_TYPES:
        for hdu, keyword in _rows(table):
            yield from _of_values(hdu, keyword, values, forbidden=True)
    for forbidden, tables in ((True, VALUES), (False, ALLOWED)):
        for hdu, rows in tables.items():
            for keyword, values in rows.items():
                yield from _of_values(hdu, keyword, values, forbidden=forbidden)


def _rows(table: dict[int, str]) -> Iterator[tuple[int, str]]:
    for hdu, keywords in table.items():
        for keyword in keywords.split():
            yield hdu, keyword


def _of_values(
    hdu: int, keyword: str, values: tuple[Value, ...], *, forbidden: bool
) -> Iterator[Case]:
    for value in values:
        yield Case(f"{keyword} = {value!r} in HDU {hdu}", put(hdu, keyword, value), forbidden)


def of_cards(draft: Draft, rng: np.random.Generator) -> Iterator[Case]:
    """Cards that break the form, added and in the place of others."""
    for card in CARDS:
        for hdu in (0, 1):
            yield Case(f"the card {card!r} in HDU {hdu}", lambda d, h=hdu, c=card: d.add(h, c))
    for hdu in (0, 1):
        for keyword in ("DATASUM", "CHECKSUM"):
            number = write(hdu, keyword, f"{keyword:8}=                    0")
            yield Case(f"{keyword} as a number in HDU {hdu}", number)
        for place in range(1, ORDERED[hdu]):
            yield Case(f"card {place} of HDU {hdu} before its time", _swap(hdu, place))
        for place in rng.integers(8, len(draft.cards[hdu]), 20):
            yield Case(f"card {place} of HDU {hdu} twice", _twice(hdu, int(place)))
            yield Case(f"a quote too many in card {place} of HDU {hdu}", _quote(hdu, int(place)))


def _swap(hdu: int, place: int) -> Change:
    def change(draft: Draft) -> None:
        cards = draft.cards[hdu]
        cards[place - 1], cards[place] = cards[place], cards[place - 1]

    return change


def _twice(hdu: int, place: int) -> Change:
    return lambda draft: draft.cards[hdu].append(draft.cards[hdu][place])


def _quote(hdu: int, place: int) -> Change:
    def change(draft: Draft) -> None:
        card = draft.cards[hdu][place]
        draft.cards[hdu][place] = (card[:10] + b" ' " + card[10:])[:80]

    return change


def of_vectors(idp: InternalDataProduct) -> Iterator[Case]:
    """Vectors whose content the standard forbids."""
    start = 0
    for i, column in enumerate(idp.columns[:3]):
        size, kind = column.values.nbytes, column.values.dtype.newbyteorder(">")
        for what, do, forbidden in _CONTENT[i]:
            yield Case(f"{column.name}: {what}", _vector(start, size, kind, do), forbidden)
        start += size


def _fill(value: float) -> Callable[[np.ndarray], None]:
    return lambda values: values.fill(value)


def _set(value: float) -> Callable[[np.ndarray], None]:
    return lambda values: values.__setitem__(7, value)


def _reverse(values: np.ndarray) -> None:
    values[:] = values[::-1].copy()


_CONTENT = (
    (
        ("one NaN", _set(np.nan), True), ("all the same", _fill(520.0), True),
        ("falling", _reverse, True), ("one infinite", _set(np.inf), True),
        ("one out of order", _set(1.0), True),
    ),
    (
        ("one infinite", _set(np.inf), True), ("one NaN", _set(np.nan), False),
        ("one negative", _set(-1.0), False),
    ),
    (
        ("all NaN", _fill(np.nan), True), ("all negative", _fill(-1.0), True),
        ("one infinite", _set(np.inf), True), ("one NaN", _set(np.nan), False),
        ("one negative", _set(-1.0), False),
    ),
)  # fmt: skip


def _vector(start: int, size: int, kind: np.dtype, do: Callable[[np.ndarray], None]) -> Change:
    def change(draft: Draft) -> None:
        values = np.frombuffer(draft.data[1][start : start + size], kind).copy()
        do(values)
        draft.data[1] = draft.data[1][:start] + values.tobytes() + draft.data[1][start + size :]

    return change


def of_files(draft: Draft, count: int, rng: np.random.Generator) -> Iterator[Case]:
    """Files cut, lengthened, misnamed, or changed in one byte without new checksums."""
    size = len(draft.encoded())
    for part in PARTS:
        yield Case(f"cut to {part:.1%}", lambda d, n=int(part * size): setattr(d, "cut", n))
    for tail in (b"\0" * 2880, b" " * 2880, b"what is this? " * 300, b"x"):
        yield Case(f"{tail[:8]!r} after the end", lambda d, t=tail: setattr(d, "tail", t))
    for name in NAMES:
        yield Case(f"the name {name!r}", lambda d, n=name: setattr(d, "name", n))
    yield Case("bytes that are no zeros after the data", _odd_fill)
    yield Case("no table", lambda d: (d.cards.pop(), d.data.pop()))
    yield Case("two tables", lambda d: (d.cards.append(d.cards[1]), d.data.append(d.data[1])))
    for place in rng.integers(0, size, count):
        yield Case(f"byte {place} changed", _flip(int(place)))


def _odd_fill(draft: Draft) -> None:
    draft.data[1] = draft.data[1][:-1] + b"\1"


def _flip(place: int) -> Change:
    def change(draft: Draft) -> None:
        content = bytearray(draft.encoded())
        content[place] ^= 0x15
        draft.cards, draft.data, draft.tail = [], [], bytes(content)

    return change


def cases(idp: InternalDataProduct, count: int, seed: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    draft = Draft.of(idp.name, encode_idp(idp))
    return [
        Case("nothing changed", lambda _: None, forbidden=False),
        *of_keywords(),
        *of_cards(draft, rng),
        *of_vectors(idp),
        *of_files(draft, count, rng),
    ]


def campaign(idp: InternalDataProduct, count: int, seed: int, folder: Path) -> None:
    """Try all changes of a product and print what came of them."""
    content, seconds = encode_idp(idp), 0.0
    wrong: list[str] = []
    rows = cases(idp, count, seed)
    refused = {True: 0, False: 0}
    for case in rows:
        draft = Draft.of(idp.name, content)
        case.change(draft)
        path = folder / draft.name
        path.write_bytes(draft.encoded())
        start = time.process_time()
        report = validate(path)
        seconds += time.process_time() - start
        path.unlink()
        refused[case.forbidden] += not report.ok
        if report.ok == case.forbidden:
            told = "accepted" if report.ok else f"refused: {report.errors[0].rule}"
            wrong.append(f"  {case.what}: {told}")
    forbidden = sum(case.forbidden for case in rows)
    each = 1e3 * seconds / len(rows)
    print(f"{idp.name[:7]}: {len(rows)} changes, {each:.2f} CPU ms each")
    share = refused[True] / forbidden
    print(f"  forbidden: {forbidden}, refused {refused[True]} ({share:.1%})")
    print(f"  allowed: {len(rows) - forbidden}, refused {refused[False]}")
    print("\n".join(wrong) if wrong else "  none wrong")


def genuine(files: list[Path]) -> None:
    """Judge products of an archive as they are."""
    if not files:
        return
    batch = validate_many(files, dataset=False)
    print(f"genuine files: {batch.summary()}")
    for finding in batch.errors:
        print(f"  {finding}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="genuine products, judged as they are")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bytes", type=int, default=100, help="bytes changed in each product")
    options = parser.parse_args()
    fibre = plan(0, 4000, np.random.default_rng(options.seed))
    with tempfile.TemporaryDirectory() as folder:
        for idp in (fibre, echelle(fibre)):
            campaign(idp, options.bytes, options.seed, Path(folder))
    genuine(options.files)


if __name__ == "__main__":
    main()
