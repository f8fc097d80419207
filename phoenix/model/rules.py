"""What an instrument changes in the rules that come with its pipeline: one row each."""

from __future__ import annotations

from attrs import frozen

from phoenix.errors import DataError

__all__ = [
    "AddedRules",
    "AddedSelects",
    "BlockTag",
    "DroppedGroupings",
    "MadeProducts",
    "RuleAdaptation",
    "SelectLimits",
]


def _check_reason(row: SelectLimits | AddedSelects | DroppedGroupings | AddedRules) -> None:
    if not row.why.strip():
        what = "rules of one's own" if isinstance(row, AddedRules) else f"action {row.action}"
        raise DataError(f"{what}: a change of the shipped rules needs a reason")


@frozen
class AddedRules:
    """Rules of the plugin's own: classifications, groupings (``select execute``) and actions.

    They come after those of the files, so that a classification that is true overwrites and an
    action takes the place of one of the same name. Products are grouped as raw files are
    (``where DO.CATG == "PIXTABLE_OBJECT"``), if a rule gives their PRO.CATG a DO.CATG and an
    action declares them (:class:`MadeProducts`). For more than a few rules bring a file
    (:class:`~phoenix.model.process.RuleFile` with a package).

    Attributes
    ----------
    text : str
        In the rule language.
    why : str
        One line.
    """

    text: str
    why: str

    def __attrs_post_init__(self) -> None:
        _check_reason(self)


@frozen
class DroppedGroupings:
    """Groupings of the pipeline's files that no longer make ABs: all of an action.

    The plugin's own take their place, as when objects and standard stars are to be told apart.

    Attributes
    ----------
    action : str
        Which action they execute.
    why : str
        One line.
    """

    action: str
    why: str

    def __attrs_post_init__(self) -> None:
        _check_reason(self)


@frozen
class SelectLimits:
    """How many files a select rule of the rule file wants, instead of what it says there.

    A select that is added under the same name (:class:`AddedSelects`) has limits of its own, so
    that 0 and 0 here and an added one replace a rule.

    Attributes
    ----------
    action, select : str
        Which rule.
    least, most : int
        minRet and maxRet; 0 and 0 disable it.
    why : str
        One line.
    """

    action: str
    select: str
    least: int
    most: int
    why: str

    def __attrs_post_init__(self) -> None:
        _check_reason(self)


@frozen
class AddedSelects:
    """Select rules that an action gets besides its own.

    Attributes
    ----------
    action : str
        Which action.
    text : str
        In the rule language, as between the braces of an action.
    why : str
        One line.
    """

    action: str
    text: str
    why: str

    def __attrs_post_init__(self) -> None:
        _check_reason(self)


@frozen
class BlockTag:
    """The ending of the names of an action's ABs, ``pst`` for ``..._pst.ab``."""

    action: str
    tag: str


@frozen
class MadeProducts:
    """What the ABs of an action make, where the rows of its recipe do not tell for sure.

    A recipe that serves several detectors makes the products of one of them; and rules may name a
    recipe of old, which edit_ab replaces.

    Attributes
    ----------
    action : str
        Which action.
    products : tuple of (str, str)
        PRO.CATG and the ending of the name, ``0000.fits``.
    """

    action: str
    products: tuple[tuple[str, str], ...]


RuleAdaptation = (
    SelectLimits | AddedSelects | BlockTag | MadeProducts | AddedRules | DroppedGroupings
)
"""Any of the rows."""
