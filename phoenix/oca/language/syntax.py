"""The parts of a rule file: what a parser finds, before anything is done with it."""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen

__all__ = [
    "Action",
    "Arithmetic",
    "Assignment",
    "Both",
    "Classification",
    "Compare",
    "Either",
    "Execute",
    "Expression",
    "Key",
    "Like",
    "Literal",
    "Negated",
    "ProductRule",
    "RecipeCall",
    "Regexp",
    "RuleFile",
    "Scope",
    "Select",
    "Undefined",
    "Value",
    "Window",
]

Value = str | int | float | bool
"""What a FITS keyword can hold."""


class Scope(Enum):
    """Whose keyword is meant."""

    CANDIDATE = ""
    """The file that is looked at."""
    INPUT = "inputFile."
    """The primary raw file of the group."""
    LAST = "LF."
    """The last file of the template (the Paranal stream's word)."""


@frozen
class Key:
    """A keyword, ``DPR.CATG`` or ``inputFile.MJD-OBS``."""

    name: str
    scope: Scope = Scope.CANDIDATE

    def __str__(self) -> str:
        return f"{self.scope.value}{self.name}"


@frozen
class Literal:
    """A text, number or logical constant."""

    value: Value

    def __str__(self) -> str:
        return written(self.value)


@frozen
class Arithmetic:
    """A sum, difference, product or quotient; ``+`` also joins texts."""

    operator: str
    left: Expression
    right: Expression

    def __str__(self) -> str:
        return f"({self.left} {self.operator} {self.right})"


@frozen
class Compare:
    """A comparison; false where one side is undefined."""

    operator: str
    left: Expression
    right: Expression

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


@frozen
class Like:
    """A comparison with a pattern in which ``%`` stands for anything."""

    subject: Expression
    pattern: str

    def __str__(self) -> str:
        return f'{self.subject} like "{self.pattern}"'


@frozen
class Regexp:
    """A search for a regular expression anywhere in the text."""

    subject: Expression
    pattern: str

    def __str__(self) -> str:
        return f'{self.subject} regexp "{self.pattern}"'


@frozen
class Undefined:
    """Whether there is no such keyword."""

    subject: Expression

    def __str__(self) -> str:
        return f"{self.subject} is undefined"


@frozen
class Negated:
    """``not`` in front of a condition."""

    part: Expression

    def __str__(self) -> str:
        return f"not ({self.part})"


@frozen
class Both:
    """Conditions joined by ``and``."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " and ".join(
            f"({part})" if isinstance(part, Either) else str(part) for part in self.parts
        )


@frozen
class Either:
    """Conditions joined by ``or``, which binds less than ``and``."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


Expression = (
    Key | Literal | Arithmetic | Compare | Like | Regexp | Undefined | Negated | Both | Either
)


@frozen
class Assignment:
    """A keyword gets a value, which may be the outcome of a condition."""

    key: str
    expression: Expression
    line: int = field(default=0, eq=False)

    def __str__(self) -> str:
        return f"{self.key} = {self.expression}"


@frozen
class Classification:
    """``if CONDITION then { ... }``: what a file is called."""

    condition: Expression
    assignments: tuple[Assignment, ...]
    line: int = field(default=0, eq=False)

    def __str__(self) -> str:
        return f"if {self.condition} then {{ {'; '.join(map(str, self.assignments))} }}"


@frozen
class Execute:
    """``select execute(ACTION) ...``: which files form a group, and what is done with it.

    Attributes
    ----------
    action : str
        Name of the action.
    source : str
        Mostly ``inputFiles``.
    condition : Expression or None
        The where-clause.
    group_by : tuple of str
        Keywords that are equal within a group.
    event, tag : str
        ``as (EVENT, tag)``: AB_EVENT and the ending of the AB's name.
    min_files, max_files : int or None
        minRet and maxRet in front of it.
    """

    action: str
    source: str
    condition: Expression | None = None
    group_by: tuple[str, ...] = ()
    event: str = ""
    tag: str = ""
    min_files: int | None = None
    max_files: int | None = None
    line: int = field(default=0, eq=False)


@frozen
class Window:
    """``tryBetween A and B``: days from the raw group's mid exposure, tried in order."""

    begin: float
    end: float


@frozen
class Select:
    """``select file as NAME ...``: one kind of calibration or associated file.

    Attributes
    ----------
    name : str
        Tag in the set of frames; the endings _RASSOC and _MASSOC keep it out of the recipe.
    source : str
        ``calibFiles``, ``rawFiles`` or ``inputFiles``.
    condition : Expression or None
        The where-clause.
    min_files, max_files : int or None
        minRet and maxRet in front of it; 0 and 0 disable the rule.
    windows : tuple of Window
        Time windows, tried in order.
    """

    name: str
    source: str
    condition: Expression | None = None
    min_files: int | None = None
    max_files: int | None = None
    windows: tuple[Window, ...] = ()
    line: int = field(default=0, eq=False)

    @property
    def wanted(self) -> tuple[int, int]:
        """How many files at least and at most; one and one where the rule is silent."""
        least = 1 if self.min_files is None else self.min_files
        most = max(1, least) if self.max_files is None else self.max_files
        return least, most

    @property
    def disabled(self) -> bool:
        """Whether the rule asks for nothing (``minRet = 0; maxRet = 0``)."""
        return self.wanted[1] == 0


@frozen
class RecipeCall:
    """``recipe NAME { "--option=value"; }``."""

    name: str
    options: tuple[str, ...] = ()
    line: int = field(default=0, eq=False)


@frozen
class ProductRule:
    """``product NAME { KEY = value; }``: what the action will make."""

    name: str
    assignments: tuple[Assignment, ...]
    line: int = field(default=0, eq=False)


@frozen
class Action:
    """``action NAME { ... }``: calibrations, recipe and products of one kind of group."""

    name: str
    selects: tuple[Select, ...] = ()
    recipe: RecipeCall | None = None
    products: tuple[ProductRule, ...] = ()
    priority: int = 0
    properties: tuple[Assignment, ...] = ()
    line: int = field(default=0, eq=False)


@frozen
class RuleFile:
    """All rules of one file, in their order."""

    path: str
    classifications: tuple[Classification, ...] = ()
    executes: tuple[Execute, ...] = ()
    actions: tuple[Action, ...] = ()


def written(value: Value | None) -> str:
    """Return a value as a rule file writes it, ``undefined`` for None."""
    if value is None:
        return "undefined"
    if isinstance(value, bool):
        return "T" if value else "F"
    return f'"{value}"' if isinstance(value, str) else f"{value}"
