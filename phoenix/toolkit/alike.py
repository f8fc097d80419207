"""Whether the masters of an AB are of the setup of its raw frames.

Recipes take any master of the right kind: of another grating the wavelengths come out wrong, of
another binning the pixels, and few of them say a word. ABs that were made by hand, or edited, are
where it happens; the rules that associate cannot.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.plain import one_line
from phoenix.toolkit.files import paths_of, raw_paths
from phoenix.toolkit.headers import read_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from phoenix.formats.fits.cards import Value
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.frames import SetOfFrames

__all__ = ["Alike", "unlike"]

_SAME = 1e-3
"""Numbers that differ by less, of their size, are the same (ours)."""


@frozen
class Alike:
    """Keywords that frames and their masters must have in common.

    Attributes
    ----------
    masters : str
        Regular expression for PRO.CATGs as a whole.
    keywords : tuple of str
        What a frame or master does not tell is not compared.
    frames : str
        Tag of the frames that are compared; empty for the raw files of the AB.
    """

    masters: str
    keywords: tuple[str, ...]
    frames: str = ""


def unlike(ab: AssociationBlock, frames: SetOfFrames, rows: Sequence[Alike]) -> Iterator[str]:
    """Yield a sentence for every master that is of another setup than the first frame.

    Parameters
    ----------
    ab : AssociationBlock
        What is to be run.
    frames : SetOfFrames
        What its recipe would read.
    rows : sequence of Alike
        What is compared.
    """
    for row in rows:
        own = paths_of(frames, row.frames) if row.frames else raw_paths(ab, frames)
        masters = [path for path, tag in frames.frames if re.fullmatch(row.masters, tag)]
        if not own or not masters:
            continue
        header = read_header(own[0])
        for path in masters:
            other = read_header(path)
            for key in row.keywords:
                here, there = header.get(key), other.get(key)
                if _differ(here, there):
                    name = key.removeprefix("ESO ")
                    yield (
                        f"{path.name}: found {name} = {_shown(there)}, expected {_shown(here)} as "
                        f"in {own[0].name}; associate a master of the same setup"
                    )


def _differ(one: Value | None, other: Value | None) -> bool:
    if one is None or other is None or "" in {_bare(one), _bare(other)}:
        return False
    if isinstance(one, int | float) and isinstance(other, int | float):
        return not math.isclose(one, other, rel_tol=_SAME)
    return _bare(one) != _bare(other)


def _bare(value: Value) -> Value:
    return value.strip() if isinstance(value, str) else value


def _shown(value: Value | None) -> str:
    return one_line(str(value))
