"""The Science Data Products Standard: the keywords a category of product must and must not have.

The rows are in ``sdp_v<version>.csv``, one per keyword and kind of HDU, written down from ESO's
Science Data Products Standard (ESO-044286, table 8 of version 8, table 7 of version 6) and from
the checks of the Phase 3 server of 2025; the column ``source`` says which.
"""

from __future__ import annotations

import csv
import math
import re
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.model.idp import Value

__all__ = [
    "LATEST",
    "VERSIONS",
    "KeywordRule",
    "Need",
    "Standard",
    "Where",
    "is_allowed",
    "load_standard",
]

VERSIONS = ("6", "8")
LATEST = "8"

PROVENANCE = "PHASE3PROVENANCE"
"""EXTNAME of the table of precursors (section 5.2.2)."""


class Need(StrEnum):
    """What a category of product has to do with a keyword."""

    MANDATORY = "M"
    MANDATORY_ESO = "E"
    """Mandatory unless the data come from another facility (NOESODAT)."""
    APPLICABLE = "A"
    """Mandatory if applicable."""
    RECOMMENDED = "R"
    OPTIONAL = "O"
    NOT_ALLOWED = "N"
    RESERVED = "X"
    """The archive writes it."""
    ASK = "S"
    """Ask ESO's support before using it."""
    NOT_APPLICABLE = ""
    """Tolerated, not looked at."""


class Where(StrEnum):
    """The kind of HDU that a rule speaks of."""

    PRIMARY = "primary"
    EXTENSION = "extension"


@frozen
class KeywordRule:
    """One row of the standard.

    Attributes
    ----------
    keyword : str
        A keyword, or a family of them: ``PROVi``, ``CDi_j``, ``FPRAia``.
    where : Where
        Primary HDU or extension.
    kind : str
        S string, I integer, R real number, L truth value.
    unit : str
        Unit of the value.
    allowed : str
        Alternatives (``FK5 | ICRS``), an interval (``[0, 360)``) or a pattern (``<date>``).
    section : str
        Where the standard says so.
    meaning, applicable : str
        What the keyword is; when it applies, where that depends.
    source : str
        The row of the table, or the section.
    needs : mapping of str to Need
        By category (without ``SCIENCE.``).
    """

    keyword: str
    where: Where
    kind: str
    unit: str
    allowed: str
    section: str
    meaning: str
    applicable: str
    source: str
    needs: Mapping[str, Need] = field(repr=False, hash=False)

    def need(self, category: str) -> Need:
        """Tell what a category of product has to do with this keyword."""
        return self.needs.get(category, Need.NOT_APPLICABLE)

    @cached_property
    def first(self) -> str:
        """The keyword that must be there if the family is mandatory: ``PROV1``."""
        return re.sub("[ij]", "1", self.keyword.removesuffix("a"))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Every keyword of the family."""
        letters = {"i": r"\d+", "j": r"\d+", "a": "[A-Z]?"}
        return re.compile("".join(letters.get(letter, letter) for letter in self.keyword))


@frozen
class Standard:
    """One version of the standard.

    Attributes
    ----------
    version : str
        ``8``.
    categories : tuple of str
        Columns of the table, without ``SCIENCE.``; ``IMAGE (MEF)`` is an image in an extension.
    rules : tuple of KeywordRule
        The rows, in the order of the standard.
    """

    version: str
    categories: tuple[str, ...]
    rules: tuple[KeywordRule, ...] = field(repr=False)

    def rules_for(self, category: str, where: Where) -> tuple[KeywordRule, ...]:
        """Rows that say something about this category and kind of HDU."""
        return _rules_for(self.version, category, where)

    def rule_of(self, keyword: str, where: Where) -> KeywordRule | None:
        """Find the row of a keyword; None where the standard does not know it."""
        return _rule_of(self.version, keyword, where)


@lru_cache
def load_standard(version: str = LATEST) -> Standard:
    """Read one version of the standard.

    Raises
    ------
    KeyError
        There is no such version.
    """
    if version not in VERSIONS:
        raise KeyError(f"SDP standard: found version {version!r}, expected one of {VERSIONS}")
    text = (files("phoenix.phase3") / f"sdp_v{version}.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    categories = tuple(list(rows[0])[6:-3])
    return Standard(version, categories, tuple(_rule(row, categories) for row in rows))


def _rule(row: Mapping[str, str], categories: tuple[str, ...]) -> KeywordRule:
    return KeywordRule(
        keyword=row["keyword"],
        where=Where(row["hdu"]),
        kind=row["type"],
        unit=row["unit"],
        allowed=row["allowed"],
        section=row["section"],
        meaning=row["meaning"],
        applicable=row["if applicable"],
        source=row["source"],
        needs={category: Need(row[category]) for category in categories},
    )


@lru_cache
def _rules_for(version: str, category: str, where: Where) -> tuple[KeywordRule, ...]:
    rules = load_standard(version).rules
    return tuple(rule for rule in rules if rule.where == where and rule.need(category))


@lru_cache(maxsize=1 << 13)
def _rule_of(version: str, keyword: str, where: Where) -> KeywordRule | None:
    rules = load_standard(version).rules
    fitting = (rule for rule in rules if rule.where == where and rule.pattern.fullmatch(keyword))
    return next(fitting, None)


DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
TIME = r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?"

PATTERNS = {
    "<text>": r".*\S.*",
    "<empty>": r" *",
    "<name>": r"[A-Za-z][A-Za-z0-9_]*",
    "<date>": f"{DATE}({TIME})?",
    "<md5>": r"[0-9a-f]{32}",
    "<checksum>": r"[0-9A-Za-z]{16}",
    "<unsigned integer>": r" *\d{1,10}",
    "<file name>": r"(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.:+=@%,~-]*",
    "<archive name>": r"[^/\[\] ]+",
    "<instrument>": r"[^/ ][^/]*",
    "<programme>": r"\d{2,4}\.[A-Z]-\d{4}(\([A-Z0-9]+\))?|\d{3}\.[0-9A-Z]{4}\.\d{3}",
    "<bibcode>": r"\d{4}[A-Za-z&.]{5}[A-Za-z0-9.]{9}[A-Z.]",
    "<DOI>": r"(doi:|DOI:|https?://(dx\.)?doi\.org/)?10\.\d{4,}/\S+",
    "<data model>": r"(?i:SPECTRUM v[12]\.0)",
    "<standard version>": r"SDP version \d+",
    "<Stokes list>": r"(/([IQUV]|[RLXY]{2}|POL[IA]))+/",
    "<table format>": r"\d*[LXBIJKAEDCMPQ].*",
}
"""What the words in angle brackets stand for."""

INTERVAL = re.compile(r"([\[(])(\S+), (\S+)([\])])")
KINDS: dict[str, tuple[type, ...]] = {"S": (str,), "I": (int,), "R": (int, float), "L": (bool,)}
KIND_NAMES = {"S": "a string", "I": "an integer", "R": "a number", "L": "T or F"}


def is_kind(kind: str, value: Value | None) -> bool:
    """Tell whether a value is of the kind S, I, R or L (an integer is a number, T is not)."""
    return isinstance(value, KINDS[kind]) and (kind == "L" or not isinstance(value, bool))


@lru_cache(maxsize=1 << 13, typed=True)
def is_allowed(allowed: str, value: Value) -> bool:
    """Tell whether a value lies in an interval or is one of the alternatives.

    An empty ``allowed`` allows everything.
    """
    if not allowed:
        return True
    interval = INTERVAL.fullmatch(allowed)
    if interval and not isinstance(value, str):
        return _inside(interval, value)
    return any(_fits(choice, str(value)) for choice in allowed.split(" | "))


def _fits(choice: str, value: str) -> bool:
    if choice in PATTERNS:
        return re.fullmatch(PATTERNS[choice], value) is not None
    return choice == value


def _inside(interval: re.Match[str], value: float) -> bool:
    opening, low, high, closing = interval.groups()
    above = value >= float(low) if opening == "[" else value > float(low)
    below = value <= float(high) if closing == "]" else value < float(high)
    return above and below and math.isfinite(value)
