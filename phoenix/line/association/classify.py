"""What files are, by their headers and the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.errors import HeaderError
from phoenix.formats.fits.headers import read_header
from phoenix.line.table import Table
from phoenix.oca import Frame, classify

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.line.table import Cell
    from phoenix.oca import RuleSet

__all__ = ["classify_paths"]


def classify_paths(rules: RuleSet, paths: Iterable[Path]) -> Table:
    """Return one row a file: its class, its raw type, the lines of the rules that were true."""
    rows = tuple(_row(rules, path) for path in paths)
    return Table(f"classes by {rules.name}", ("file", "class", "raw type", "rules"), rows)


def _row(rules: RuleSet, path: Path) -> tuple[Cell, ...]:
    try:
        header = read_header(path)
    except (HeaderError, OSError) as error:
        return path.name, "", "", str(error)
    values = {key: value for key, value in header.items() if isinstance(value, str | int | float)}
    (found,) = classify(rules, [Frame.of(path.name, values)])
    applied = "; ".join(map(str, found.applied)) or "no rule is true"
    return path.name, found.category, found.raw_type, applied
