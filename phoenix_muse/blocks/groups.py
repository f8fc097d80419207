"""Which exposures belong together: those of one container or OB.

Of these, the ones that look at the same place are combined, and a target has its sky from any.

The old tool looked at container, OB, template, offsets and rotator angles, containers first (notes
on the MUSE instance of PHOENIX); how, is not published. Ours: exposures of one container, or of
one OB without a container, in one instrument mode, each near another of them. Templates and
rotations may differ, as observers turn the field on purpose. So the tiles of a mosaic stay apart,
and dithered exposures come together.

What tells the group of an exposure comes among its RAW_MATCH_KEYs and is set aside as GROUP_KEY
lines: no two exposures have the same pointing, so as a part of their setup it would give each a
history of its own. The setup of the real log is the mode alone.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import evolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from phoenix.model.ab import AssociationBlock

__all__ = ["CONTAINER", "KEYS", "LEAST", "MOST", "group_keys", "groups", "series_of", "set_aside"]

CONTAINER, RA, DEC, MODE = "OBS.CONTAINER.ID", "RA", "DEC", "INS.MODE"
KEYS = (CONTAINER, "TPL.START", RA, DEC, "INS.DROT.POSANG")
"""RAW_MATCH_KEYs of an exposure by which it finds its group."""

GROUP_KEY = "GROUP_KEY"
"""Qualifier of the lines of an AB that hold them once they are set aside (ours)."""

LEAST = 2
"""Exposures that muse_exp_combine wants."""

MOST = 16
"""Exposures that were combined at most in one OB cube (release description)."""

NEAR = {"NFM": 2.5}
"""Beginning of INS.MODE to arcsec within which exposures look at the same place."""
NEAR_WIDE = 20.0

Blocks = tuple["AssociationBlock", ...]


def groups(exposures: Iterable[AssociationBlock]) -> tuple[Blocks, ...]:
    """Return the exposures of each group in the order of time, single ones too."""
    found: dict[tuple[str, str], list[AssociationBlock]] = {}
    for ab in sorted(exposures, key=lambda one: (one.mjd_obs, str(one.name))):
        found.setdefault(series_of(ab), []).append(ab)
    return tuple(
        part for series in found.values() for place in _places(series) for part in _parts(place)
    )


def set_aside(ab: AssociationBlock) -> AssociationBlock:
    """Take out of the setup of an AB what tells its group, and keep it in lines of its own."""
    told = [pair for pair in ab.setup if pair[0] in KEYS]
    return evolve(
        ab,
        setup=tuple(pair for pair in ab.setup if pair not in told),
        other=(*ab.other, *(f"{GROUP_KEY} {key}={value}" for key, value in told)),
    )


def group_keys(ab: AssociationBlock) -> dict[str, str]:
    """Return what tells the group of an AB, set aside or not."""
    aside = (line.removeprefix(GROUP_KEY).strip() for line in ab.other if _is_aside(line))
    pairs = (line.partition("=") for line in aside)
    return {key: value for key, _, value in pairs} | {
        key: value for key, value in ab.setup if key in KEYS
    }


def _is_aside(line: str) -> bool:
    return line.split(maxsplit=1)[:1] == [GROUP_KEY]


def _mode(ab: AssociationBlock) -> str:
    return dict(ab.setup).get(MODE, "")


def series_of(ab: AssociationBlock) -> tuple[str, str]:
    """Return what is the same for all exposures that belong together: container or OB, and mode.

    An exposure without either belongs to none but itself.
    """
    container = group_keys(ab).get(CONTAINER, "0")
    if container not in {"", "0"}:
        return f"container {container}", _mode(ab)
    # Without an OB there is nothing that tells which exposures belong together.
    return f"OB {ab.obs_id}" if ab.obs_id else str(ab.name), _mode(ab)


def _places(series: Sequence[AssociationBlock]) -> list[list[AssociationBlock]]:
    """Part a series by where its exposures look: neighbours of neighbours stay together."""
    found: list[list[AssociationBlock]] = []
    for ab in series:
        near = [place for place in found if any(_are_near(ab, other) for other in place)]
        rest = [place for place in found if place not in near]
        found = [*rest, sorted([*(one for place in near for one in place), ab], key=_time)]
    return sorted(found, key=lambda place: _time(place[0]))


def _time(ab: AssociationBlock) -> tuple[float, str]:
    return ab.mjd_obs, str(ab.name)


def _are_near(one: AssociationBlock, other: AssociationBlock) -> bool:
    """Tell whether two exposures look at the same place; yes where they do not say."""
    here, there = _pointing(one), _pointing(other)
    if here is None or there is None:
        return True
    limit = NEAR.get(_mode(one)[:3], NEAR_WIDE)
    east = ((here[0] - there[0] + 180.0) % 360.0 - 180.0) * math.cos(math.radians(here[1]))
    return math.hypot(east, here[1] - there[1]) * 3600.0 <= limit


def _pointing(ab: AssociationBlock) -> tuple[float, float] | None:
    told = group_keys(ab)
    try:
        return float(told[RA]), float(told[DEC])
    except (KeyError, ValueError):
        return None


def _parts(place: Sequence[AssociationBlock]) -> Iterable[Blocks]:
    """Part what is too much for one cube, so that no part is a single exposure if it need not."""
    count = math.ceil(len(place) / MOST)
    size = math.ceil(len(place) / count)
    return (tuple(place[start : start + size]) for start in range(0, len(place), size))
