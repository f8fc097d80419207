"""Checks of many products together: names, titles, and the files that travel with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen

from phoenix.phase3.product import integer_of, text_of
from phoenix.phase3.report import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from phoenix.phase3.product import Product

    Found: TypeAlias = Iterator[tuple["Member", Fault]]

__all__ = [
    "CHECKS",
    "PRESENCE",
    "Association",
    "BatchCheck",
    "Companion",
    "Member",
    "member_of",
    "place_of",
]

WHITELIGHT = "ANCILLARY.IMAGE.WHITELIGHT"
CUBE = "SCIENCE.CUBE.IFS"


@frozen
class Association:
    """A file that a product names: ASSONi, and ASSOMi where there is one."""

    number: str
    name: str
    md5: str


@frozen
class Companion:
    """What is there under the name of an association.

    Attributes
    ----------
    md5 : str
        Of a file that is not FITS, else empty.
    category : str
        PRODCATG of a FITS file, else empty.
    axes : tuple of int
        Pixels of its first image, (NAXIS1, NAXIS2).
    """

    md5: str = ""
    category: str = ""
    axes: tuple[int, int] = (0, 0)


@frozen
class Member:
    """What the batch wants to know of one product.

    Attributes
    ----------
    path : Path
        The file.
    category, title : str
        PRODCATG, and TITLE of the table.
    axes : tuple of int
        Pixels of the first image, (NAXIS1, NAXIS2).
    associations : tuple of Association
        The files it names.
    """

    path: Path
    category: str
    title: str = ""
    axes: tuple[int, int] = (0, 0)
    associations: tuple[Association, ...] = ()


@frozen
class BatchCheck:
    """A rule about the products of a batch; ``find`` names the member that breaks it."""

    rule: str
    section: str
    says: str
    find: Callable[
        [Sequence[Member], Mapping[Path, Companion]], Iterable[tuple[Member, Fault]]
    ] = field(repr=False)


def member_of(product: Product) -> Member:
    """Take from a product what the batch wants to know."""
    sums = product.numbered("ASSOM")
    names = product.numbered("ASSON")
    return Member(
        path=product.file.path,
        category=product.category,
        title="" if product.table is None else text_of(product.table.header, "TITLE"),
        axes=_axes(product),
        associations=tuple(
            Association(i, str(name), str(sums.get(i, ""))) for i, name in names.items()
        ),
    )


def place_of(member: Member, association: Association) -> Path:
    """Where an associated file is looked for: beside its product, and never elsewhere."""
    return _beside(member.path.parent, association.name)


@lru_cache(maxsize=1 << 12)
def _beside(folder: Path, name: str) -> Path:
    return folder / (name.replace("/", "_") or "_")


def _axes(product: Product) -> tuple[int, int]:
    """Pixels of the first HDU with an image."""
    for hdu in product.file.hdus:
        if integer_of(hdu.header, "NAXIS") and hdu.header.get("XTENSION") != "BINTABLE":
            return integer_of(hdu.header, "NAXIS1"), integer_of(hdu.header, "NAXIS2")
    return 0, 0


def _names(members: Sequence[Member], _: Mapping[Path, Companion]) -> Found:
    counts = Counter(member.path.name for member in members)
    for member in members:
        count = counts[member.path.name]
        if count > 1:
            yield member, Fault(None, "file name", f"{count} files of this name", "one file")


def _titles(members: Sequence[Member], _: Mapping[Path, Companion]) -> Found:
    titles: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        if member.title:
            titles[member.title].append(member)
    for title, same in titles.items():
        for member in same if len(same) > 1 else ():
            yield member, Fault(1, "TITLE", f"{title} in {len(same)} files", "its own title")


def _present(members: Sequence[Member], companions: Mapping[Path, Companion]) -> Found:
    for member, association, companion in _pairs(members, companions):
        if companion is None:
            keyword = f"ASSON{association.number}"
            yield member, Fault(0, keyword, association.name, "a file beside the product")


def _sums(members: Sequence[Member], companions: Mapping[Path, Companion]) -> Found:
    for member, association, companion in _pairs(members, companions):
        if companion is None or not companion.md5 or not association.md5:
            continue
        if companion.md5 != association.md5:
            keyword = f"ASSOM{association.number}"
            yield member, Fault(0, keyword, association.md5, f"{companion.md5}, its md5")


def _ancillary(members: Sequence[Member], companions: Mapping[Path, Companion]) -> Found:
    for member, association, companion in _pairs(members, companions):
        if companion is None or companion.md5 or companion.category.startswith("ANCILLARY."):
            continue
        found = companion.category or "no PRODCATG"
        keyword = f"ASSON{association.number}"
        yield member, Fault(0, keyword, found, "a FITS file of an ANCILLARY category")


def _white_light(members: Sequence[Member], companions: Mapping[Path, Companion]) -> Found:
    for member in members:
        beside = [companion for _, _, companion in _pairs((member,), companions)]
        if member.category != CUBE or None in beside:
            continue  # a file that is not there is told by another rule
        white = [one for one in beside if one is not None and one.category == WHITELIGHT]
        if len(white) != 1:
            yield member, Fault(0, "ASSON1", f"{len(white)} x {WHITELIGHT}", "one")
        elif white[0].axes != member.axes:
            expected = f"{member.axes}, as the cube"
            yield member, Fault(0, "ASSON1", f"white light of {white[0].axes}", expected)


def _pairs(
    members: Iterable[Member], companions: Mapping[Path, Companion]
) -> Iterator[tuple[Member, Association, Companion | None]]:
    for member in members:
        for association in member.associations:
            yield member, association, companions.get(place_of(member, association))


PRESENCE = "associated-file"
"""The rule that a file may break that is looked at alone."""

CHECKS = (
    BatchCheck("unique-name", "3.4.2", "file names are unique in a batch", _names),
    BatchCheck("unique-title", "5.6.1", "titles are unique in a collection", _titles),
    BatchCheck(PRESENCE, "4.2", "associated files are there", _present),
    BatchCheck("associated-md5", "4.2", "ASSOMi is the md5 of the file", _sums),
    BatchCheck("associated-category", "4.2", "associated FITS files are ancillary", _ancillary),
    BatchCheck(
        "white-light", "4.3.5", "a cube has one white-light image of its size", _white_light
    ),
)
"""The checks of a batch, in the order they are made."""
