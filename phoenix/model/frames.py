"""Frames: the files that go into a recipe and come out of it."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from attrs import Attribute

__all__ = [
    "PIPEFILE",
    "MasterCalibration",
    "Product",
    "RawFrame",
    "Role",
    "SetOfFrames",
    "own_number",
    "symbolic_parts",
]

# dfos names of the folders that may stand in an AB; everything else is an escape.
_SYMBOLS = ("DFO_RAW_DIR", "DFO_CAL_DIR", "DFS_PRODUCT")
_SYMBOLIC = re.compile(r"(?:\$\{?(\w+)\}?/)?((?:[\w.:+@=,-]+/)*[\w.:+@=,-]+)\Z", re.ASCII)
PIPEFILE = re.compile(r"r\.(.+)_\d{4}((?:-\d+){0,2})\.fits\Z", re.ASCII)
"""Name of a product: the root of the AB that makes it, a number, and that of its recipe if any."""
_TAG = re.compile(r"[A-Za-z0-9_.-]+\Z", re.ASCII)


def symbolic_parts(path: str) -> tuple[str, str]:
    """Split ``${DFO_RAW_DIR}/2015-01-11/X.fits`` into the symbol and the path below it.

    A bare name has the empty symbol.

    Raises
    ------
    DataError
        For absolute paths, ``..`` and characters that no ESO file name has: an AB comes from
        outside and must not lead anywhere else.
    """
    match = _SYMBOLIC.match(path)
    if match is None or ".." in match[2].split("/") or "." in match[2].split("/"):
        raise DataError(
            f"found path {path!r}, expected a name below one of "
            f"{', '.join('$' + symbol for symbol in _SYMBOLS)} without '..'; mend the AB"
        )
    if match[1] is not None and match[1] not in _SYMBOLS:
        raise DataError(
            f"found ${match[1]} in path {path!r}, expected one of "
            f"{', '.join('$' + symbol for symbol in _SYMBOLS)}; mend the AB"
        )
    return match[1] or "", match[2]


def own_number(name: str) -> str:
    """Return the number that its recipe gave a product, as its PIPEFILE name has it.

    ``07`` of ``r.MUSE.2015-01-12T00:54:04.379_0001-07.fits``; empty where there is none.
    """
    match = PIPEFILE.match(name)
    return match[2].removeprefix("-") if match else ""


def _is_symbolic(_instance: object, _attribute: Attribute[str], value: str) -> None:
    symbolic_parts(value)


def _is_tag(_instance: object, attribute: Attribute[str], value: str) -> None:
    if _TAG.match(value) is None:
        raise DataError(f"{attribute.name}: found {value!r}, expected a tag like MASTER_BIAS")


@frozen
class RawFrame:
    """One file off the telescope.

    Attributes
    ----------
    path : str
        Symbolic path as in the AB, ``${DFO_RAW_DIR}/<night>/<ARCFILE>``.
    tag : str
        DO category under which the recipe takes it.
    """

    path: str = field(validator=_is_symbolic)
    tag: str = field(validator=_is_tag)

    @property
    def name(self) -> str:
        """The file name (its ARCFILE)."""
        return self.path.rpartition("/")[2]

    def __str__(self) -> str:
        return f"{self.path} {self.tag}"


@frozen
class MasterCalibration:
    """A calibration product or static table that a recipe needs.

    Attributes
    ----------
    path : str
        Symbolic path; static ones lie below ``${DFO_CAL_DIR}/gen``.
    pro_catg : str
        PRO.CATG, also its tag in the set of frames.
    virtual : bool
        True while it is only predicted: a parent AB of the same cascade will make it.
    """

    path: str = field(validator=_is_symbolic)
    pro_catg: str = field(validator=_is_tag)
    virtual: bool = False

    @property
    def name(self) -> str:
        """The file name."""
        return self.path.rpartition("/")[2]

    @property
    def parent(self) -> str:
        """Name of the AB that makes it; empty for one that is there."""
        pipefile = PIPEFILE.match(self.name) if self.virtual else None
        return f"{pipefile[1]}.ab" if pipefile else ""

    def __str__(self) -> str:
        return f"{'VIRTUAL' if self.virtual else 'REAL'} {self.path} {self.pro_catg}"


class Role(Enum):
    """What becomes of a product."""

    SCIENCE = "science"
    """Converted to IDPs, or part of those of a science AB that reads it."""
    ANCILLARY = "ancillary"
    """Travels with an IDP."""
    CALIBRATION = "calibration"
    """A master calibration, kept for other ABs."""
    INTERMEDIATE = "intermediate"
    """Only for the ABs that wait for it; removed with the night."""
    DISCARD = "discard"
    """Not kept."""


@frozen
class Product:
    """One pipeline product, known by its PIPEFILE name.

    Attributes
    ----------
    path : Path
        Where it lies.
    pro_catg : str
        PRO.CATG.
    role : Role
        What becomes of it.
    ab_name : str
        The AB that made it.
    """

    path: Path
    pro_catg: str
    role: Role = Role.INTERMEDIATE
    ab_name: str = ""


@frozen
class SetOfFrames:
    """The list that a recipe reads: absolute paths and tags, raw frames first.

    Raises
    ------
    DataError
        For relative paths and for paths with blanks or line breaks, which esorex cannot read.
    """

    frames: tuple[tuple[Path, str], ...]

    def __attrs_post_init__(self) -> None:
        for path, tag in self.frames:
            if not path.is_absolute() or re.search(r"\s", str(path)):
                raise DataError(
                    f"set of frames: found {str(path)!r} as {tag}, expected an absolute path "
                    "without blanks; move the workspace to such a folder"
                )

    def __str__(self) -> str:
        return "".join(f"{path} {tag}\n" for path, tag in self.frames)
