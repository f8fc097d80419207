"""One-place corruptions of good IDPs: the share of the forbidden ones that `validate` refuses.

A fibre of GIRAFFE and an echelle spectrum with two fluxes, sealed again with true checksums after
every change. What the standard or FITS forbids must be refused, what they allow must not be: the
tables of `corruptions.py`.

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
from corruptions import (
    ALLOWED,
    CARDS,
    MANDATORY,
    NAMES,
    ORDERED,
    PARTS,
    VALUES,
    WRONG_TYPES,
)  # fmt: skip
from idp_writing import plan

from phoenix.formats.idpfile import encode_idp
from phoenix.model.idp import Card, Column
from phoenix.phase3.validate import validate, validate_many
from phoenix.testing.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from phoenix.model.idp import InternalDataProduct, Value

    Change = Callable[[Draft], object]


class Case(NamedTuple):
    """A change, and whether it is forbidden."""

    what: str
    change: Change
    forbidden: bool = True


def echelle(idp: InternalDataProduct) -> InternalDataProduct:
    """Make a calibrated spectrum with counts beside the flux of a fibre in counts."""
    wave, counts, error, *_ = (np.asarray(column.values) for column in idp.columns)
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
    new: dict[str, Value] = {
        "INSTRUME": "UVES",
        "OBSTECH": "ECHELLE",
        "FLUXCAL": "ABSOLUTE",
        "FLUXERR": -2.0,
    }
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
            yield Case(f"the card {card!r} in HDU {hdu}", _add(hdu, card))
    for hdu in (0, 1):
        for keyword in ("DATASUM", "CHECKSUM"):
            number = write(hdu, keyword, f"{keyword:8}=                    0")
            yield Case(f"{keyword} as a number in HDU {hdu}", number)
        for place in range(1, ORDERED[hdu]):
            yield Case(f"card {place} of HDU {hdu} before its time", _swap(hdu, place))
        for place in rng.integers(8, len(draft.cards[hdu]), 20):
            yield Case(f"card {place} of HDU {hdu} twice", _twice(hdu, int(place)))
            yield Case(f"a quote too many in card {place} of HDU {hdu}", _quote(hdu, int(place)))


def _add(hdu: int, card: str) -> Change:
    return lambda draft: draft.add(hdu, card)


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
        yield Case(f"cut to {part:.1%}", _have("cut", int(part * size)))
    for tail in (b"\0" * 2880, b" " * 2880, b"what is this? " * 300, b"x"):
        yield Case(f"{tail[:8]!r} after the end", _have("tail", tail))
    for name in NAMES:
        yield Case(f"the name {name!r}", _have("name", name))
    yield Case("bytes that are no zeros after the data", _odd_fill)
    yield Case("no table", lambda d: (d.cards.pop(), d.data.pop()))
    yield Case("two tables", _second_table)
    for place in rng.integers(0, size, count):
        yield Case(f"byte {place} changed", _flip(int(place)))


def _have(name: str, value: object) -> Change:
    return lambda draft: setattr(draft, name, value)


def _second_table(draft: Draft) -> None:
    draft.cards.append(draft.cards[1])
    draft.data.append(draft.data[1])


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
