"""The two writers of a page: HTML by templates, JSON by its fields. Pure: values to text."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from phoenix.model.counted import counted, noun
from phoenix.model.plain import plain
from phoenix.model.report import JobState
from phoenix.monitor.abpage import ABPage
from phoenix.monitor.calendar import calendar, strip
from phoenix.monitor.metrics import MetricsPage
from phoenix.monitor.page import FrontPage, HistoryPage, NightPage
from phoenix.steps.shelf.jsonfile import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.monitor.abpage import DiffRow, Series
    from phoenix.monitor.page import Page
    from phoenix.monitor.scorereport import Trend

__all__ = ["chart_of", "html", "json_twin", "load_templates", "runs", "trend_of"]

_TEMPLATES = {
    FrontPage: "front.html",
    HistoryPage: "history.html",
    MetricsPage: "metrics.html",
    NightPage: "night.html",
    ABPage: "block.html",
}
_SIGNS = {
    JobState.CREATED: "○",
    JobState.WAITING: "…",
    JobState.READY: "◔",
    JobState.RUNNING: "▶",
    JobState.SUCCESSFUL: "✓",
    JobState.GATED: "⚠",
    JobState.FAILED: "✗",
    JobState.BLOCKED: "⊘",
    JobState.CANCELLED: "–",  # noqa: RUF001 - a dash is what is meant
}
"""A state has a sign besides its colour, for eyes that see colours alike."""
_CHART = (300.0, 64.0)
_TREND = (160.0, 26.0)
_MINUTE, _HOUR = 60.0, 3600.0
_KILO = 1000


def html(page: Page) -> str:
    """Return a page as HTML: one file, no assets besides the pictures it links to."""
    environment = _environment()
    return environment.get_template(_TEMPLATES[type(page)]).render(page=page)


def load_templates() -> None:
    """Compile all templates, a tenth of a second, before there is a page to write."""
    environment = _environment()
    for name in environment.list_templates():
        environment.get_template(name)


def json_twin(page: Page) -> str:
    """Return a page as JSON: the same fields, in the same order."""
    return json_text(page, allow_nan=False)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("phoenix.monitor"),
        autoescape=True,  # names in ABs and headers come from outside
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "seconds": _seconds,
        "bytes": _bytes,
        "number": _number,
        "share": lambda part, whole: f"{100.0 * part / whole:.3f}" if whole else "0",
        "counted": counted,
        "noun": noun,
        "chart": chart_of,
        "trend": trend_of,
        "calendar": calendar,
        "strip": strip,
        "runs": runs,
    }
    environment.globals["signs"] = {state.value: sign for state, sign in _SIGNS.items()}
    environment.globals["script_hash"] = lambda script: _hash(str(script))
    return environment


def _harmless(value: object) -> object:
    """Return what a page shows, text of ours as it is: who prints a page obeys no text in it."""
    return plain(value) if type(value) is str else value


@lru_cache(maxsize=64)
def _hash(script: str) -> str:
    """Return what the page's policy names, so that no script runs but the page's own."""
    return "sha256-" + b64encode(sha256(script.encode()).digest()).decode()


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.1f} min"
    return f"{seconds / _HOUR:.1f} h"


def _bytes(size: float) -> str:
    if not size:
        return ""
    for unit in ("B", "kB", "MB", "GB"):
        if size < _KILO:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"  # noqa: PLR2004 - three digits
        size /= _KILO
    return f"{size:.1f} TB"


def _number(value: object) -> str:
    if value is None:
        return "not measured"
    if isinstance(value, float):
        return f"{value:.6g}"
    return (
        f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        if isinstance(value, int)
        else str(value)
    )


def chart_of(series: Series) -> dict[str, Any] | None:
    """Return the places of a series in a small chart, None where it has no numbers."""
    pairs = [
        (element, float(value))
        for element, value in zip(series.elements, series.values, strict=True)
        if isinstance(value, int | float)
    ]
    if not pairs:
        return None
    values = [value for _, value in pairs]
    low, high = min(values), max(values)
    first, last = pairs[0][0], pairs[-1][0]
    width, height = _CHART
    dots = [
        (
            round(width * (element - first) / ((last - first) or 1), 1),
            round(height * (1 - (value - low) / ((high - low) or 1)), 1),
        )
        for element, value in pairs
    ]
    return {"dots": dots, "low": low, "high": high, "median": median(values), "count": len(pairs)}


def trend_of(trend: Trend) -> dict[str, Any]:
    """Return the places of a trend in a small chart, with the band of its limits."""
    width, height = _TREND
    limits = [limit for limit in (trend.low, trend.high) if limit is not None]
    low, high = min((*trend.values, *limits)), max((*trend.values, *limits))
    first, last = trend.days[0], trend.days[-1]

    def across(day: float) -> float:
        return round(width * (day - first) / (last - first), 1) if last > first else width / 2

    def down(value: float) -> float:
        return round(height * (high - value) / (high - low), 1) if high > low else height / 2

    dots = [
        (across(day), down(value)) for day, value in zip(trend.days, trend.values, strict=True)
    ]
    top = 0.0 if trend.high is None else down(trend.high)
    bottom = float(height) if trend.low is None else down(trend.low)
    return {
        "width": width,
        "height": height,
        "dots": dots,
        "own": dots[trend.own] if trend.own >= 0 else None,
        "top": top,
        "band": round(max(bottom - top, 0.0), 1) if limits else 0.0,
    }


def runs(diff: Iterable[DiffRow]) -> list[tuple[bool, str, list[DiffRow]]]:
    """Return neighbouring lines that stayed, or that changed for the same reason, as one run."""
    groups = groupby(diff, lambda line: (line.kind != " ", line.why))
    return [(changed, why, list(lines)) for (changed, why), lines in groups]
