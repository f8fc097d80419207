"""QC keywords of the recipes, gathered: those of all slices and IFUs become one number."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from statistics import median
from typing import TYPE_CHECKING

from phoenix.model.qc import Measurement
from phoenix.toolkit.headers import number, read_headers, text
from phoenix_muse.quality.table import KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import Product
    from phoenix.toolkit.headers import Header
    from phoenix_muse.quality.table import KeywordRow

__all__ = ["REDUCTIONS", "ifus_of", "measure_keywords", "paths_of_all"]

REDUCTIONS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "median": median,
    "sum": sum,
    "max": max,
    "min": min,
    "widest": lambda values: max(values, key=abs),
}
"""What may be made of several numbers."""

_QC = "ESO QC "
_CHANNEL = re.compile(r"CHAN(\d\d)")


def measure_keywords(ab: AssociationBlock, products: tuple[Product, ...]) -> Iterator[Measurement]:
    """Measure the rows of the AB's raw type: of every IFU, and of all."""
    headers: dict[str, list[tuple[int, Header]]] = {}
    for row in KEYWORDS:
        if ab.raw_type not in row.raw_types:
            continue
        if row.pro_catg not in headers:
            headers[row.pro_catg] = list(_headers(paths_of_all(products, row.pro_catg)))
        yield from _measured(row, headers[row.pro_catg])


def paths_of_all(products: Iterable[Product], pro_catg: str) -> tuple[Path, ...]:
    """Return the files of a PRO.CATG: of pixel tables there is one for each IFU."""
    return tuple(product.path for product in products if product.pro_catg == pro_catg)


def _headers(paths: Iterable[Path]) -> Iterator[tuple[int, Header]]:
    """Yield IFU (0: all) and header of the HDUs that have QC keywords."""
    for path in paths:
        found = read_headers(path)
        own = _ifu(found[0]) if found else 0
        for header in found:
            ifu = _ifu(header) or own
            if any(key.startswith(_QC) for key in header):
                yield ifu, header


def _ifu(header: Header) -> int:
    found = _CHANNEL.match(text(header, "EXTNAME"))
    return int(found[1]) if found else 0


def ifus_of(paths: Iterable[Path]) -> frozenset[int]:
    """Return the numbers of the IFUs of which there are extensions with pixels, or files."""
    found = set()
    for path in paths:
        first, *others = read_headers(path)
        found |= {_ifu(first), *(_ifu(one) for one in others if number(one, "NAXIS"))}
    return frozenset(found - {0})


def _measured(row: KeywordRow, headers: Iterable[tuple[int, Header]]) -> Iterator[Measurement]:
    values: dict[int, list[float]] = defaultdict(list)
    pattern = _pattern(row.key)
    for ifu, header in headers:
        for key in header:
            found = pattern.fullmatch(key)
            value = number(header, key) if found else None
            if found and value is not None:
                its = found.groupdict().get("ifu")
                values[int(its) if its else ifu].append(value)
    of_ifus = {ifu: REDUCTIONS[row.of_ifu](rows) for ifu, rows in sorted(values.items())}
    whole = REDUCTIONS[row.of_all](tuple(of_ifus.values())) if of_ifus else None
    yield Measurement(row.name, None if whole is None else float(whole))
    yield from (Measurement(row.name, float(value), ifu) for ifu, value in of_ifus.items() if ifu)


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(f"{_QC}{key}", re.ASCII)
