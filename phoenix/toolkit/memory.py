"""What recipes took of memory before, and what more input files will take.

Recipes that combine hold all that they read: their memory is a constant and so much for each file.
Two numbers of files in the history give both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.model.recipe import Spent

__all__ = ["learned_memory_mb", "memory_per_file_mb"]


def learned_memory_mb(history: Iterable[Spent], files: int) -> float:
    """Return what a job of so many input files took before, or will take by what fewer took.

    Parameters
    ----------
    history : iterable of Spent
        What earlier ABs of the recipe took.
    files : int
        Number of input files.

    Returns
    -------
    float
        Memory in MB (10^6 bytes); 0 where nothing is known. Never less than what as many files or
        fewer took.
    """
    peaks = _peaks(history)
    if not peaks:
        return 0.0
    fewer = [peak for number, peak in peaks.items() if number <= files]
    most = max(peaks)
    if not fewer:
        return peaks[min(peaks)]
    return max(*fewer, peaks[most] + _slope(peaks) * (files - most), 0.0)


def memory_per_file_mb(history: Iterable[Spent]) -> float:
    """Return how much memory each input file took, in MB; 0 where nothing is known.

    Of a single number of files the constant part is unknown and shared among them: too much rather
    than too little.
    """
    peaks = _peaks(history)
    return _slope(peaks) if peaks else 0.0


def _peaks(history: Iterable[Spent]) -> dict[int, float]:
    """Return the largest peak of each number of files, 0 for an unknown number."""
    found: dict[int, float] = {}
    for row in history:
        if row.peak_memory_mb > 0.0:
            known = found.get(row.input_files, 0.0)
            found[row.input_files] = max(known, row.peak_memory_mb)
    return found


def _slope(peaks: dict[int, float]) -> float:
    known = {number: peak for number, peak in peaks.items() if number > 0}
    if not known:
        return 0.0
    least, most = min(known), max(known)
    if least == most:
        return known[most] / most
    return max(0.0, (known[most] - known[least]) / (most - least))
