"""What a night was for the workflow: numbers, volumes, times, delays (QC Handbook, table 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import asdict, fields, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["MetricsRow", "SpentRow", "WorkloadRow", "added_up"]


@frozen
class MetricsRow:
    """Metrics of a night, or of several that were added up, of one category.

    Attributes
    ----------
    date : str
        ``2020-01-01``, ``2020-01``, ``2020``, or ``total``.
    category : str
        ``CALIB``, ``SCIENCE``, or ``OTHER``: acquisition, technical and test frames.
    raw_files, raw_bytes : int
        Raw files of the night, and their size.
    raw_unused : int
        Raw files that no recipe has read.
    blocks, processed, wrong : int
        ABs there are; those whose recipe has ended; those that ended without products.
    certified_auto, certified, rejected, waiting : int
        ABs certified by rule and by a person, rejected, and that wait for a person.
    products, product_bytes : int
        Products that were made, also those that are not kept, and their size.
    recipe_s, qc_s, report_s : float
        Wall seconds of the recipes, of measuring and scoring, and of drawing QC reports.
    delays : int
        ABs of which it is known when they were measured, and when their last raw file was there.
    delay_s, delay_max_s : float
        Seconds from one to the other: added up, and the longest.
    idps, idp_bytes : int
        IDPs that the archive offers, and their size with ancillaries.
    idps_obsolete, idps_deprecated : int
        IDPs that were superseded or withdrawn, and that a person took back.
    """

    date: str
    category: str
    raw_files: int = 0
    raw_bytes: int = 0
    raw_unused: int = 0
    blocks: int = 0
    processed: int = 0
    wrong: int = 0
    certified_auto: int = 0
    certified: int = 0
    rejected: int = 0
    waiting: int = 0
    products: int = 0
    product_bytes: int = 0
    recipe_s: float = 0.0
    qc_s: float = 0.0
    report_s: float = 0.0
    delays: int = 0
    delay_s: float = 0.0
    delay_max_s: float = 0.0
    idps: int = 0
    idp_bytes: int = 0
    idps_obsolete: int = 0
    idps_deprecated: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not any(getattr(self, name) for name in _NUMBERS)

    @property
    def delay_mean_s(self) -> float | None:
        """Mean seconds from the last raw file to the QC parameters; None if none is known."""
        return self.delay_s / self.delays if self.delays else None


_NUMBERS = tuple(one.name for one in fields(MetricsRow) if one.name not in {"date", "category"})


@frozen
class SpentRow:
    """What the jobs of a recipe took.

    Attributes
    ----------
    recipe, step : str
        Which.
    jobs : int
        How many have ended.
    wall_s, longest_s : float
        Wall seconds, added up and of the longest.
    cpu_s : float
        CPU seconds, added up.
    peak_memory_mb : float
        The highest peak of resident memory, in MB (10^6 bytes).
    """

    recipe: str
    step: str
    jobs: int
    wall_s: float
    longest_s: float
    cpu_s: float
    peak_memory_mb: float

    @property
    def mean_s(self) -> float:
        """Mean wall seconds."""
        return self.wall_s / self.jobs


@frozen
class WorkloadRow:
    """What a person, or the rules, said of ABs and raw files.

    Attributes
    ----------
    by : str
        Who.
    certified, rejected, withdrawn : int
        Verdicts by kind, also those that no longer count: the work that was done.
    comments : int
        Comments on ABs and raw files.
    nights : int
        Of how many nights.
    """

    by: str
    certified: int = 0
    rejected: int = 0
    withdrawn: int = 0
    comments: int = 0
    nights: int = 0


def added_up(
    rows: Iterable[MetricsRow], period: Callable[[str], str], category: str | None = None
) -> tuple[MetricsRow, ...]:
    """Add metrics up.

    Parameters
    ----------
    rows : iterable of MetricsRow
        In any order.
    period : callable
        Given a date, says what it is added to: its month, its year, a total.
    category : str, optional
        Add all categories up under this name; else each by itself.

    Returns
    -------
    tuple of MetricsRow
        In the order of period and category.
    """
    sums: dict[tuple[str, str], MetricsRow] = {}
    for row in rows:
        key = period(row.date), row.category if category is None else category
        sums[key] = _sum(sums.get(key, MetricsRow(*key)), row)
    return tuple(sums[key] for key in sorted(sums))


def _sum(total: MetricsRow, row: MetricsRow) -> MetricsRow:
    old, new = asdict(total), asdict(row)
    numbers = {name: old[name] + new[name] for name in _NUMBERS}
    longest = max(total.delay_max_s, row.delay_max_s)
    return MetricsRow(total.date, total.category, **numbers | {"delay_max_s": longest})
