"""Association Blocks: everything needed to process one self-consistent set of raw files."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any, Self

from attrs import evolve, field, frozen

from phoenix.errors import DataError

if TYPE_CHECKING:
    from attrs import Attribute

    from phoenix.model.dates import CivilDate
    from phoenix.model.frames import MasterCalibration, RawFrame
    from phoenix.model.recipe import Parameter

__all__ = [
    "ABName",
    "AssociationBlock",
    "Change",
    "Completeness",
    "Edit",
    "Mode",
    "PredictedProduct",
    "full_name",
]

_AB_NAME = re.compile(
    r"(?P<root>(?P<prefix>[A-Z0-9]+)\.(?P<timestamp>[\dT:.-]+?))(?:_(?P<tag>[A-Za-z0-9]+))?\.ab\Z",
    re.ASCII,
)

_RECIPE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z", re.ASCII)


@frozen(order=True)
class ABName:
    """The name of an AB: first raw file plus grouping tag (QC Handbook fig. 6; MUSE_DEEP).

    ``GIRAF.2008-03-02T12:07:10.339_tpl.ab`` groups a template; a name without tag stands for a
    single raw file. Tags: tpl template or OB, pst scipost, sky, tal align, dal, dpc deep.
    """

    text: str

    def __attrs_post_init__(self) -> None:
        if _AB_NAME.match(self.text) is None:
            raise DataError(
                f"found AB name {self.text!r}, expected one like "
                "GIRAF.2008-03-02T12:07:10.339_tpl.ab"
            )

    @property
    def root(self) -> str:
        """The name without ``.ab``: the root of product and log names."""
        return self.text.removesuffix(".ab")

    @property
    def tag(self) -> str:
        """The grouping tag, empty for a single raw file."""
        match = _AB_NAME.match(self.text)
        return (match["tag"] if match else None) or ""

    @property
    def timestamp(self) -> str:
        """The timestamp of the first raw file."""
        match = _AB_NAME.match(self.text)
        return match["timestamp"] if match else ""

    def __str__(self) -> str:
        return self.text


def full_name(name: str) -> str:
    """Return the name of an AB that was given with or without its suffix."""
    return name if name.endswith(".ab") else f"{name}.ab"


class Completeness(Enum):
    """Whether all the raw files that the rule wants are there."""

    COMPLETE = "COMPLETE"
    INCOMPLETE = "INCOMPLETE"


class Mode(Enum):
    """Calibration or science: the ``-m`` of the old tools."""

    CALIB = "CALIB"
    SCIENCE = "SCIENCE"


@frozen
class PredictedProduct:
    """A product that the AB will make: its PIPEFILE name and PRO.CATG."""

    name: str
    pro_catg: str

    def __str__(self) -> str:
        return f"{self.name} {self.pro_catg}"


@frozen
class Change:
    """What one edit did to one field: the lines taken out and the lines put in."""

    name: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def _one_line(text: str) -> str:
    return " ".join(text.split())


@frozen
class Edit:
    """One change to an AB and why it was made.

    Raises
    ------
    DataError
        For an edit without a reason.
    """

    why: str = field(converter=_one_line)
    changes: tuple[Change, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not self.why:
            raise DataError("an edit needs a reason, found none")


def _ab_name(name: ABName | str) -> ABName:
    return name if isinstance(name, ABName) else ABName(name)


def _is_recipe(instance: AssociationBlock, _attribute: Attribute[str], value: str) -> None:
    if _RECIPE.match(value) is None:
        raise DataError(f"{instance.name}: found recipe {value!r}, expected a name like giscience")


def _is_line(instance: AssociationBlock, attribute: Attribute[str], value: str) -> None:
    if not isinstance(value, str) or value != value.strip() or not (value or "x").isprintable():
        raise DataError(
            f"{instance.name}: {attribute.name} is {value!r}, expected one line of text"
        )


def _sorted_unique(names: Any) -> tuple[str, ...]:  # noqa: ANN401 - attrs converters take anything
    return tuple(sorted(set(map(str, names))))


@frozen
class AssociationBlock:
    """Everything needed to process one self-consistent set of raw files.

    A historical AB is taken as it is and edited, never re-associated, because its master
    calibrations were certified with it (VLT-MAN-ESO-19600-6104, 4.1); every edit keeps its reason.

    Attributes
    ----------
    name : ABName
        Also given as text.
    recipe : str
        Recipe name.
    raw_files : tuple of RawFrame
        First the primary raw file.
    calibrations : tuple of MasterCalibration
        In the order of the set of frames.
    parameters : tuple of Parameter
        Recipe parameters that differ from the defaults.
    waits_for : tuple of str
        Names of the parent ABs, sorted.
    associated_raws, associated_masters : tuple
        RASSOC and MASSOC: belong to the data but are not fed to the recipe.
    products : tuple of PredictedProduct
        What virtual calibrations of other ABs point at.
    instrument, raw_type, dpr_catg, drs_type, ab_event, obs_prog_id, obs_mode : str
        Qualifiers of the same names.
    date : CivilDate or None
        The night (DATE).
    completeness : Completeness
        COMPLETENESS.
    obs_id : int
        OBS ID, 0 where there is none.
    mjd_obs, mjd_mid : float
        MJD-OBS of the first raw file and MJD-OBS_MOD, mid exposure of the group (days, UTC);
        the latter counts when matching in time. 0 where unknown.
    setup : tuple of (str, str)
        RAW_MATCH_KEY pairs.
    edits : tuple of Edit
        What was changed since the repository, oldest first.
    other : tuple of str
        Lines with qualifiers we do not know, kept as they are.
    """

    name: ABName = field(converter=_ab_name)
    recipe: str = field(validator=_is_recipe)
    raw_files: tuple[RawFrame, ...] = ()
    calibrations: tuple[MasterCalibration, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    waits_for: tuple[str, ...] = field(default=(), converter=_sorted_unique)
    associated_raws: tuple[RawFrame, ...] = ()
    associated_masters: tuple[MasterCalibration, ...] = ()
    products: tuple[PredictedProduct, ...] = ()
    instrument: str = field(default="", validator=_is_line)
    date: CivilDate | None = None
    raw_type: str = field(default="", validator=_is_line)
    dpr_catg: str = field(default="", validator=_is_line)
    drs_type: str = field(default="CPL", validator=_is_line)
    ab_event: str = field(default="", validator=_is_line)
    completeness: Completeness = Completeness.COMPLETE
    obs_prog_id: str = field(default="", validator=_is_line)
    obs_id: int = 0
    obs_mode: str = field(default="", validator=_is_line)
    mjd_obs: float = 0.0
    mjd_mid: float = 0.0
    setup: tuple[tuple[str, str], ...] = ()
    edits: tuple[Edit, ...] = ()
    other: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not (self.raw_files or self.calibrations or self.waits_for):
            raise DataError(
                f"{self.name}: an AB needs raw files or products of others, found none"
            )
        if str(self.name) in self.waits_for:
            raise DataError(f"{self.name}: the AB waits for itself; remove that WAITFOR line")

    @property
    def root(self) -> str:
        """Root of its product and log names."""
        return self.name.root

    @property
    def mode(self) -> Mode:
        """CALIB or SCIENCE, by DPR.CATG of the primary raw file."""
        return Mode.SCIENCE if self.dpr_catg.upper() == "SCIENCE" else Mode.CALIB

    def edited(self, *, why: str, **changes: Any) -> Self:  # noqa: ANN401 - any of the fields
        """Return a copy with these fields changed and the reason remembered.

        Parameters
        ----------
        why : str
            The reason, one line.
        **changes
            New values of fields; what equals the old value is left out, and an edit that changes
            nothing returns the AB itself.
        """
        new = evolve(self, **changes)
        differences = tuple(
            _change(name, getattr(self, name), getattr(new, name))
            for name in changes
            if getattr(self, name) != getattr(new, name)
        )
        if not differences:
            return self
        return evolve(new, edits=(*self.edits, Edit(why, differences)))


def _change(name: str, old: Any, new: Any) -> Change:  # noqa: ANN401 - any of the fields
    before, after = _lines(old), _lines(new)
    return Change(
        name,
        removed=tuple(line for line in before if line not in after),
        added=tuple(line for line in after if line not in before),
    )


def _lines(value: Any) -> list[str]:  # noqa: ANN401 - any of the fields
    if isinstance(value, tuple):
        return ["=".join(item) if isinstance(item, tuple) else str(item) for item in value]
    return [str(value.value if isinstance(value, Enum) else value)]
