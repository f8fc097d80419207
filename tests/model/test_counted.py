"""Numbers and nouns agree, wherever somebody reads them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import phoenix
from phoenix.model.counted import counted, noun

PACKAGE = Path(phoenix.__file__).parent
NOUNS = "ABs|IDPs|OBs|nights|raw files|raw frames|products|files|grades|comments"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (counted(0, "AB"), "0 ABs"),
        (counted(1, "AB"), "1 AB"),
        (counted(2, "AB"), "2 ABs"),
        (counted(1, "AB has", "ABs have"), "1 AB has"),
        (counted(3, "AB has", "ABs have"), "3 ABs have"),
        (noun(1, "night"), "night"),
    ],
)
def test_a_noun_agrees_with_its_number(told, expected):
    assert told == expected


@pytest.mark.parametrize("end", ["py", "html"])
def test_no_number_that_may_be_one_stands_before_a_plural(end):
    """Messages of data that need two or more, or say the number wanted, are no such places."""
    ending = re.compile(rf"\{{[^{{}}]*(?:len\(|number|count|\.length)[^{{}}]*\}}+ (?:{NOUNS})\b")
    found = [
        f"{path.relative_to(PACKAGE)}: {match[0]}"
        for path in sorted(PACKAGE.rglob(f"*.{end}"))
        for match in ending.finditer(path.read_text("utf-8"))
    ]
    assert [one for one in found if not one.startswith(SAID_OF_SEVERAL)] == []


SAID_OF_SEVERAL = (
    "cli/workspace.py: {len(nights)} nights",  # one is told otherwise
    "line/nights.py: {len(dates)} nights",
    "oca/association/withheld.py: {len(group.items)} files",  # of a group that lost some
    "phase3/collection.py: {count} files",  # of one name
    "phase3/collection.py: {len(same)} files",  # of one title
)
