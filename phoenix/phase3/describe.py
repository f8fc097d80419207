"""The rules in words: for the reference, and for a reader at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.phase3 import collection
from phoenix.phase3.keywords import NEEDS
from phoenix.phase3.report import Severity
from phoenix.phase3.standard import LATEST, Need, Where, load_standard
from phoenix.phase3.validate import CHECKS, FILE_RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from phoenix.phase3.standard import KeywordRule

__all__ = ["keyword_table", "reference", "rule_rows", "rule_table"]

WORDS = {
    Need.MANDATORY: "mandatory",
    Need.MANDATORY_ESO: "mandatory for ESO data",
    Need.APPLICABLE: "mandatory if applicable",
    Need.RECOMMENDED: "recommended",
    Need.OPTIONAL: "optional",
    Need.NOT_ALLOWED: "not allowed",
    Need.RESERVED: "reserved",
    Need.ASK: "ask ESO's support",
}

KEYWORD_HEAD = ("keyword", "HDU", "rule", "type", "unit", "allowed", "section", "meaning")
RULE_HEAD = ("rule", "severity", "section", "applies to", "meaning")

PREFACE = """\
# The validator

`phoenix validate FILE...` judges products by ESO's Science Data Products Standard (ESO-044286).
An ERROR keeps a file out of the archive, a WARNING does not. Each finding names the file, the HDU,
the keyword, the rule and the section of the standard; a rule that stems from the Phase 3 server's
own checks carries the section that it belongs to. Types: S string, I integer, R real number,
L truth value. `i` and `j` in a keyword stand for a number, `a` for a letter or nothing; words in
angle brackets for a pattern (`phoenix.phase3.standard.PATTERNS`).

This page is written by `phoenix.phase3.describe.reference`; a test holds it to the rules.
"""


def rule_rows() -> tuple[tuple[str, str, str, str, str], ...]:
    """List all rules: name, severity, section, the categories it applies to, and its sentence."""
    return (*_file_rows(), *_need_rows(), *_check_rows(), *_batch_rows())


def _file_rows() -> Iterator[tuple[str, str, str, str, str]]:
    for rule, (section, says) in FILE_RULES.items():
        yield rule, Severity.ERROR.value, section, "every file", says


def _need_rows() -> Iterator[tuple[str, str, str, str, str]]:
    for rule, (severity, says) in NEEDS.items():
        yield rule, severity.value, "13", "SCIENCE", says


def _check_rows() -> Iterator[tuple[str, str, str, str, str]]:
    for check in CHECKS:
        categories = ", ".join(category.rstrip(".") for category in check.categories)
        yield check.rule, check.severity.value, check.section, categories, check.says


def _batch_rows() -> Iterator[tuple[str, str, str, str, str]]:
    for check in collection.CHECKS:
        yield check.rule, Severity.ERROR.value, check.section, "a batch", check.says


def rule_table() -> str:
    """Draw all rules as a Markdown table."""
    return _markdown(RULE_HEAD, rule_rows())


def keyword_table(category: str, version: str = LATEST) -> str:
    """Draw the keywords of one category as a Markdown table.

    Parameters
    ----------
    category : str
        ``SCIENCE.SPECTRUM``, or ``SPECTRUM`` for short.
    version : str
        Version of the standard.

    Raises
    ------
    KeyError
        There is no such category or version.
    """
    standard = load_standard(version)
    short = category.removeprefix("SCIENCE.")
    if short not in standard.categories:
        raise KeyError(f"found category {category!r}, expected one of {standard.categories}")
    rules = (rule for where in Where for rule in standard.rules_for(short, where))
    return _markdown(KEYWORD_HEAD, (_keyword_row(rule, short) for rule in rules))


def _keyword_row(rule: KeywordRule, category: str) -> tuple[str, ...]:
    need = rule.need(category)
    words = WORDS[need]
    if need is Need.APPLICABLE:
        words = f"mandatory {rule.applicable}" if rule.applicable else words
    allowed = rule.allowed.replace(" | ", ", ")
    return (
        rule.keyword, rule.where.value, words, rule.kind, rule.unit, allowed, rule.section,
        rule.meaning,
    )  # fmt: skip


def reference(version: str = LATEST) -> str:
    """Write the page ``docs/reference/validator.md``."""
    parts = [PREFACE, f"## Rules\n\n{rule_table()}", f"## Keywords (version {version})\n"]
    parts += (
        f"### SCIENCE.{category}\n\n{keyword_table(category, version)}"
        for category in load_standard(version).categories
    )
    return "\n".join(parts)


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(_cell(text) for text in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("**", "\\*\\*")
