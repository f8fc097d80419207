"""Where each page lies below the workspace, and how one file is linked from another."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

from phoenix.errors import DataError

__all__ = [
    "FRONT",
    "ab_place",
    "href",
    "metrics_place",
    "night_place",
    "period_place",
    "twin_of",
]

FRONT = "monitor/index.html"
"""The front page; all places are POSIX paths below the workspace."""

# Also pseudo-dates, which need not be of the calendar.
_DATE = re.compile(r"\d{4}(-\d\d){0,2}\Z", re.ASCII)
_ROOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*\Z", re.ASCII)


def night_place(date: str) -> str:
    """Return the place of the AB monitor of a night."""
    return f"monitor/nights/{_checked(date, _DATE)}/index.html"


def ab_place(date: str, root: str) -> str:
    """Return the place of the page of an AB."""
    return f"monitor/nights/{_checked(date, _DATE)}/{_checked(root, _ROOT)}.html"


def period_place(period: str) -> str:
    """Return the place of the history of a year or month."""
    return f"monitor/history/{_checked(period, _DATE)}.html"


def metrics_place(period: str) -> str:
    """Return the place of the workflow metrics of a year or month."""
    return f"monitor/metrics/{_checked(period, _DATE)}.html"


def twin_of(place: str) -> str:
    """Return the place of the JSON file that says the same as a page."""
    return place.removesuffix(".html") + ".json"


def href(page: str, target: str) -> str:
    """Return the link from a page to a file, both below the workspace; empty for no target.

    Colons and the like are percent-encoded: ``GIRAF.2008-03-02T12:07`` would be a scheme.
    """
    if not target:
        return ""
    start, end = page.split("/")[:-1], target.split("/")
    common = 0
    while common < min(len(start), len(end) - 1) and start[common] == end[common]:
        common += 1
    return "/".join([".."] * (len(start) - common) + [*map(_quoted, end[common:])])


# The names of one AB stand in its page a dozen times.
_quoted = lru_cache(maxsize=1024)(quote)


def _checked(text: str, form: re.Pattern[str]) -> str:
    if form.match(text) is None:
        raise DataError(
            f"monitor: found {text!r}, expected a date like 2020-01-01 or the root of an AB's "
            "name; no page is written for it"
        )
    return text
