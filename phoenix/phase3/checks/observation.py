"""Checks of the observation: times, numbered lists, provenance, associations (SDP, section 5)."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from phoenix.phase3.categories import ANCILLARY_FITS, ANCILLARY_OTHER
from phoenix.phase3.checks.check import Check
from phoenix.phase3.checks.structure import FITS_NAME
from phoenix.phase3.product import number_of, text_of
from phoenix.phase3.report import Fault, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.model.idp import Value
    from phoenix.phase3.product import Product

__all__ = ["CHECKS"]

DAY = 86400.0
"""Seconds."""
MJD_OF_ORDINAL_ZERO = -678576  # of date.toordinal()
DATES = ("DATE", "DATE-OBS", "DATE-BEG", "DATE-AVG", "DATE-END")
DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T([01]\d|2[0-3]):([0-5]\d):([0-5]\d(?:\.\d*)?|60(?:\.\d*)?))?"
)
OLD_DATE = re.compile(r"\d\d/\d\d/\d\d")
"""Days of the 20th century may stand so in files that are no products (FITS 4.0, 9.1.1)."""
START_TOLERANCE = 1.0
"""Seconds between DATE-OBS and MJD-OBS (ours)."""
TIME_TOLERANCE = 0.01
"""Seconds (checks of the Phase 3 server, 2025)."""
LISTS = ("PROV", "OBID", "PROGID", "TELESC", "INSTR", "FILTER", "ASSON")
"""Numbered keywords that count from 1 and hold distinct values."""
MULTIPLES = (
    ("TELESCOP", "TELESC"),
    ("INSTRUME", "INSTR"),
    ("PROG_ID", "PROGID"),
    ("FILTER", "FILTER"),
)
"""A keyword that says MULTI, and the list that says which."""


EVERY = ("SCIENCE.", "ANCILLARY.")


def _times_in_order(product: Product) -> Iterator[Fault]:
    start, end = number_of(product.primary, "MJD-OBS"), number_of(product.primary, "MJD-END")
    if start is not None and end is not None and end < start:
        yield Fault(0, "MJD-END", end, f"at least MJD-OBS = {start}")


def _times_in_past(product: Product) -> Iterator[Fault]:
    end, written = number_of(product.primary, "MJD-END"), text_of(product.primary, "DATE")
    day = _mjd(written)
    if end is not None and day is not None and end >= day + 1:
        yield Fault(0, "MJD-END", end, f"not after DATE = {written}")


@lru_cache(maxsize=1024)
def _mjd(day: str) -> int | None:
    try:
        return date.fromisoformat(day[:10]).toordinal() + MJD_OF_ORDINAL_ZERO
    except ValueError:
        return None


def _dates(product: Product) -> Iterator[Fault]:
    science = product.category.startswith("SCIENCE.")
    for hdu in product.file.hdus:
        for keyword in DATES:
            value = hdu.header.get(keyword)
            old = isinstance(value, str) and OLD_DATE.fullmatch(value) and not science
            if value is not None and _seconds(value) is None and not old:
                yield Fault(hdu.index, keyword, value, "a date such as 2020-01-31T23:59:59.999")


def _start(product: Product) -> Iterator[Fault]:
    mjd, text = number_of(product.primary, "MJD-OBS"), text_of(product.primary, "DATE-OBS")
    start = _seconds(text)
    if mjd is None or start is None:
        return
    # A date without time of day leaves room for the whole day.
    room = START_TOLERANCE if "T" in text else DAY
    if not -START_TOLERANCE <= mjd * DAY - start <= room:
        yield Fault(0, "DATE-OBS", text, f"the time of MJD-OBS = {mjd}, to a second")


@lru_cache(maxsize=1024)
def _seconds(value: Value) -> float | None:
    """Return seconds from MJD 0 to a date of the FITS standard (9.1.1); None where it is none."""
    match = DATE.fullmatch(value) if isinstance(value, str) else None
    day = _mjd(match[1]) if match else None
    if match is None or day is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in match.group(2, 3, 4))
    return day * DAY + hours * 3600 + minutes * 60 + seconds


def _exposure_times(product: Product) -> Iterator[Fault]:
    one, total = number_of(product.primary, "EXPTIME"), number_of(product.primary, "TEXPTIME")
    if one is not None and total is not None and one >= total + TIME_TOLERANCE:
        yield Fault(0, "EXPTIME", one, f"at most TEXPTIME = {total}")


def _exposure_in_span(product: Product) -> Iterator[Fault]:
    total = number_of(product.primary, "TEXPTIME")
    start, end = number_of(product.primary, "MJD-OBS"), number_of(product.primary, "MJD-END")
    if total is None or start is None or end is None:
        return
    span = (end - start) * DAY
    if total > span + TIME_TOLERANCE:
        yield Fault(0, "TEXPTIME", total, f"at most MJD-END - MJD-OBS = {span:.2f} s")


def _equinox(product: Product) -> Iterator[Fault]:
    frame = product.primary.get("RADESYS", product.primary.get("RADECSYS"))
    if frame == "FK5" and "EQUINOX" not in product.primary:
        yield Fault(0, "EQUINOX", "nothing", "2000.0 with RADESYS = FK5")


def _old_frame(product: Product) -> Iterator[Fault]:
    if "RADECSYS" in product.primary and "RADESYS" not in product.primary:
        yield Fault(0, "RADECSYS", "RADECSYS", "RADESYS")


def _multiples(product: Product) -> Iterator[Fault]:
    for keyword, stem in MULTIPLES:
        value = product.primary.get(keyword)
        listed = [f"{stem}{i}" in product.primary for i in (1, 2)]
        if value == "MULTI" and not all(listed):
            yield Fault(0, f"{stem}1", "no list", f"{stem}1, {stem}2 ... with {keyword} = MULTI")
        if value is not None and value != "MULTI" and any(listed):
            yield Fault(0, keyword, value, f"MULTI, because of {stem}1")


def _counting(product: Product) -> Iterator[Fault]:
    for stem in LISTS:
        numbers = product.numbered(stem)
        zeros = [number for number in numbers if number.startswith("0")]
        if zeros:
            yield Fault(0, f"{stem}{zeros[0]}", zeros[0], "a number without leading zero")
        elif set(numbers) != {str(i) for i in range(1, len(numbers) + 1)}:
            gap = next(i for i in range(1, len(numbers) + 1) if str(i) not in numbers)
            yield Fault(0, f"{stem}{gap}", "a gap", f"{stem}1 to {stem}{len(numbers)}")


def _distinct(product: Product) -> Iterator[Fault]:
    for stem in LISTS:
        values = Counter(product.numbered(stem).values())
        for value, count in values.items():
            if count > 1:
                yield Fault(0, f"{stem}i", f"{count} x {value}", "distinct values")


def _provenance_table(product: Product) -> Iterator[Fault]:
    flag = product.primary.get("PROVXTN") is True
    if flag != bool(product.provenance):
        found = f"PROVXTN = {flag} and {len(product.provenance)} tables"
        yield Fault(0, "PROVXTN", found, "T with the table PHASE3PROVENANCE, else neither")
    if flag and "PROV1" in product.primary:
        yield Fault(0, "PROV1", "PROVi and PROVXTN", "one of the two")
    for hdu in product.provenance:
        if hdu.header.get("TTYPE1") != "PROV":
            yield Fault(hdu.index, "TTYPE1", hdu.header.get("TTYPE1", "nothing"), "PROV")


def _associations(product: Product) -> Iterator[Fault]:
    header = product.primary
    names = product.numbered("ASSON")
    for i, name in names.items():
        if not FITS_NAME.fullmatch(str(name)):
            missing = (stem for stem in ("ASSOC", "ASSOM") if f"{stem}{i}" not in header)
            for stem in missing:
                yield Fault(0, f"{stem}{i}", "nothing", f"a card, because {name} is not FITS")
    for stem in ("ASSOC", "ASSOM"):
        for i in product.numbered(stem):
            if i not in names:
                yield Fault(0, f"ASSON{i}", "nothing", f"the file that {stem}{i} speaks of")


def _own_association(product: Product) -> Iterator[Fault]:
    for i, name in product.numbered("ASSON").items():
        if name == product.name:
            yield Fault(0, f"ASSON{i}", name, "another file")


def _signal(product: Product) -> Iterator[Fault]:
    found = number_of(product.primary, "SNR")
    if found is not None and found < 0:
        yield Fault(0, "SNR", found, "a number from 0")


def _association_categories(product: Product) -> Iterator[Fault]:
    names = product.numbered("ASSON")
    for i, category in product.numbered("ASSOC").items():
        fits = FITS_NAME.fullmatch(str(names.get(i, "")))
        if category not in (ANCILLARY_FITS if fits else ANCILLARY_OTHER):
            yield Fault(0, f"ASSOC{i}", category, "an ancillary category of the standard")


def _nested(product: Product) -> Iterator[Fault]:
    for i, name in product.numbered("ASSON").items():
        yield Fault(0, f"ASSON{i}", name, "no association in an ancillary file")


def _wavelengths(product: Product) -> Iterator[Fault]:
    low, high = number_of(product.primary, "WAVELMIN"), number_of(product.primary, "WAVELMAX")
    if low is not None and high is not None and low >= high:
        yield Fault(0, "WAVELMIN", low, f"less than WAVELMAX = {high}")


def _foreign_data(product: Product) -> Iterator[Fault]:
    origin = text_of(product.primary, "ORIGIN")
    ours = origin.startswith("ESO") or origin in {"APEX", "ALMA", ""}
    if not ours and product.primary.get("NOESODAT") is not True:
        found = product.primary.get("NOESODAT", "nothing")
        yield Fault(0, "NOESODAT", found, f"T, because ORIGIN = {origin}")


CHECKS = (
    Check("mjd-order", "5.1", "MJD-END is not before MJD-OBS", _times_in_order),
    Check("mjd-future", "5.1", "the observation ended before DATE", _times_in_past),
    Check("exptime", "5.1", "EXPTIME does not exceed TEXPTIME", _exposure_times),
    Check("texptime", "5.1", "TEXPTIME fits between MJD-OBS and MJD-END", _exposure_in_span),
    Check("date", "3.1", "dates are days of the calendar, as FITS writes them", _dates, EVERY),
    Check("start", "5.1", "DATE-OBS and MJD-OBS are the same time", _start),
    Check("equinox", "5.1", "FK5 coordinates have EQUINOX = 2000.0", _equinox),
    Check("multi", "5.1", "MULTI and the numbered list come together", _multiples),
    Check("numbering", "5.1", "numbered keywords count from 1, without gap or zero", _counting),
    Check("distinct", "5.1", "numbered keywords hold distinct values", _distinct),
    Check("provenance", "5.2.2", "PROVXTN and PHASE3PROVENANCE come together", _provenance_table),
    Check("association", "4.2", "files that are not FITS have ASSOCi and ASSOMi", _associations),
    Check("own-association", "4.2", "a product is not its own ancillary", _own_association),
    Check("association-category", "4.2", "ASSOCi is a known category", _association_categories),
    Check("nested-association", "4.2", "ancillary files have none", _nested, ("ANCILLARY.",)),
    Check("wavelength-order", "5.6", "WAVELMIN is less than WAVELMAX", _wavelengths),
    Check("foreign-data", "5.17", "data of other facilities have NOESODAT = T", _foreign_data),
    Check(
        "negative-snr", "5.6", "SNR is not negative", _signal, severity=Severity.WARNING,
    ),
    Check(
        "old-frame", "5.1", "RADECSYS is the old name of RADESYS", _old_frame,
        severity=Severity.WARNING,
    ),
)  # fmt: skip
"""The checks of this module, in the order they are made."""
