"""Processes: what the line does for one instrument mode."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError
from phoenix.model.ab import Mode
from phoenix.model.dates import DataPool

if TYPE_CHECKING:
    from phoenix.model.recipe import Recipe

__all__ = [
    "ANY",
    "NO_TAG",
    "Look",
    "Process",
    "RawType",
    "ReviewPolicy",
    "ReviewRow",
    "RuleFile",
    "Stay",
]

ANY = "*"
"""Of a review row: whatever no row before it speaks of."""
NO_TAG = "_"
"""Of a review row: ABs of a single raw file, whose names have no tag."""


@frozen
class RawType:
    """One kind of raw data.

    Attributes
    ----------
    name : str
        RAW_TYPE of its ABs.
    recipe : str
        What reduces it.
    mode : Mode
        Calibration or science.
    setup_keys : tuple of str, optional
        Header keywords of what it depends on, where these are not those of the process: a bias is
        the same for every slit, and its history is one.
    """

    name: str
    recipe: str
    mode: Mode = Mode.CALIB
    setup_keys: tuple[str, ...] | None = None


class Look(Enum):
    """Whether a person looks at ABs, where that does not depend on their scores."""

    MANDATORY = "mandatory"
    """At every one, and nothing of it moves on before a person has certified (MUSE)."""
    NEVER = "never"
    """At none: rules certify them, red scores or not; they are seen with what is made of them."""


@frozen
class ReviewRow:
    """What a person looks at of some ABs.

    Attributes
    ----------
    of : str
        Their raw type; the tag of their names with its line, ``_tpl``; :data:`NO_TAG`; or
        :data:`ANY`.
    look : Look or float
        Whether; or the share of green ABs in percent, red ones all.
    """

    of: str
    look: Look | float

    def __attrs_post_init__(self) -> None:
        whole = 100
        if not self.of:
            raise DataError("review: found no name, expected a raw type, _tag or *")
        if not isinstance(self.look, Look) and not 0 <= self.look <= whole:
            raise DataError(f"review of {self.of}: found {self.look}, expected 0 to 100 percent")

    def speaks_of(self, raw_type: str, tag: str) -> bool:
        """Whether it holds for an AB of this raw type whose name has this tag."""
        return self.of in {ANY, raw_type, f"_{tag}"}


@frozen
class ReviewPolicy:
    """What a person sees before products are certified (QC Handbook, 5.6.3).

    Attributes
    ----------
    random_green_percent : float
        Share of green ABs that a person looks at, in percent, where no row speaks of them.
    rows : tuple of ReviewRow
        Which of them a person must see; of several that speak of an AB the first counts.
    """

    random_green_percent: float = 0.0
    rows: tuple[ReviewRow, ...] = ()

    def look_at(self, raw_type: str, tag: str = "") -> Look | float:
        """Return whether a person looks at ABs of a raw type and a tag, or the share of green."""
        for row in self.rows:
            if row.speaks_of(raw_type, tag):
                return row.look
        return self.random_green_percent


class Stay(Enum):
    """Until when products stay that are only for the ABs that wait for them."""

    NIGHT = "night"
    """Until the night is finished."""
    READ = "read"
    """Until the last AB that reads them has ended well; made again for one that is redone (MUSE,
    whose pixel tables are 9 GB an exposure)."""


@frozen
class RuleFile:
    """OCA rules that come with a pipeline, or with the plugin.

    Attributes
    ----------
    pipeline : str
        As :attr:`~phoenix.model.recipe.Recipe.pipeline`: ``giraf``; empty for the plugin's own.
    name : str
        The file, ``giraf.oca``.
    package : str
        Python package of the plugin in whose folder its own file lies, ``phoenix_muse.blocks``.

    Raises
    ------
    DataError
        If it comes from neither or from both.
    """

    pipeline: str
    name: str
    package: str = ""

    def __attrs_post_init__(self) -> None:
        if bool(self.pipeline) == bool(self.package):
            raise DataError(
                f"rules {self.name}: found pipeline {self.pipeline!r} and package "
                f"{self.package!r}, expected one of them"
            )


@frozen
class Process:
    """A PHOENIX process, for example GIRAFFE_MOS.

    Attributes
    ----------
    name : str
        As given to ``phoenix init --process``.
    instrument : str
        Name of the plugin.
    prefix : str
        Two letters of the human names (GI).
    pool : DataPool
        The usual pool.
    raw_types : tuple of RawType
        Which recipe reduces which raw data.
    recipes : tuple of Recipe
        All that its ABs may name.
    setup_keys : tuple of str
        Header keywords (``ESO INS EXP MODE``) that make up the setup: shown on the monitor, and
        what masters are compared with in their history. A raw type may have its own.
    oca_rules : tuple of RuleFile
        The rules, in the packages of its pipelines and in the plugin's own; read together, in
        this order: a later classification that is true overwrites, a later action of a name takes
        the place of the one before.
    review : ReviewPolicy
        Certification.
    intermediate : Stay
        Until when intermediate products stay.
    supervised : bool
        Whether a person certifies each run of it: it is run night by night and from breakpoint to
        breakpoint, never in one go and never a month (QC Handbook, 5.6.2: MUSE).
    """

    name: str
    instrument: str
    prefix: str
    raw_types: tuple[RawType, ...]
    recipes: tuple[Recipe, ...]
    pool: DataPool = DataPool.NIGHT
    setup_keys: tuple[str, ...] = ()
    oca_rules: tuple[RuleFile, ...] = ()
    review: ReviewPolicy = ReviewPolicy()
    intermediate: Stay = Stay.NIGHT
    supervised: bool = False

    def __attrs_post_init__(self) -> None:
        names = {recipe.name for recipe in self.recipes}
        lost = sorted(raw.name for raw in self.raw_types if raw.recipe not in names)
        if lost:
            raise DataError(f"process {self.name}: raw types without a recipe: {', '.join(lost)}")

    def setup_keys_of(self, raw_type: str) -> tuple[str, ...]:
        """Return the keywords of the setup of a raw type."""
        for row in self.raw_types:
            if row.name == raw_type and row.setup_keys is not None:
                return row.setup_keys
        return self.setup_keys

    def recipe(self, name: str) -> Recipe | None:
        """Return the recipe of that name, None if the process has none."""
        for recipe in self.recipes:
            if recipe.name == name:
                return recipe
        return None
