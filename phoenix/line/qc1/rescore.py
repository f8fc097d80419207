"""Judge again what was measured, by other thresholds, without touching a product."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from contextlib import ExitStack
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.errors import BusyError, DataError, SettingsError
from phoenix.formats.files import open_plain
from phoenix.formats.settings import parse_scores
from phoenix.line.answers.lists import limits_of
from phoenix.line.bad_data import breakpoints_of
from phoenix.line.jobs.thresholds import Thresholds, all_rules, history_of
from phoenix.line.night.hold import hold_night
from phoenix.line.night.verdicts import told_again
from phoenix.line.pages import pages_are_due, write_due_pages
from phoenix.line.table import Table
from phoenix.model.ab import ABName
from phoenix.model.counted import counted
from phoenix.model.dates import CivilDate
from phoenix.model.qc import Measurement
from phoenix.model.score import BY_PERSON, judge
from phoenix.steps.quality.score import read_qc, write_qc
from phoenix.steps.shelf.places import Places, Record
from phoenix.store.qc1.measurements import score_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from phoenix.line.context import LineContext
    from phoenix.line.table import Cell
    from phoenix.model.override import Override
    from phoenix.model.score import Score, Verdict
    from phoenix.store.rows import BlockRow
    from phoenix.store.rows.qc1 import ScoreRow

    _Rule = tuple[str, int, str, int]

__all__ = ["Rejudged", "Rescored", "rescore"]

_LARGEST = 1_000_000  # bytes of a file of thresholds (ours)


@frozen
class Rejudged:
    """A score that is another one now.

    Attributes
    ----------
    before, now : ScoreRow or None
        None where the rule was not there, or is no more.
    """

    before: ScoreRow | None
    now: ScoreRow | None

    @property
    def row(self) -> ScoreRow:
        """The one that there is."""
        found = self.now or self.before
        if found is None:
            raise ValueError("a score that is neither before nor now")
        return found

    @property
    def turns(self) -> bool:
        """Whether it has another colour, or none."""
        return _colour(self.before) != _colour(self.now)


def _colour(row: ScoreRow | None) -> str:
    return row.outcome.value if row else ""


@frozen
class Rescored:
    """What judging again did, or would do.

    Attributes
    ----------
    pool : str
        Nights; all if empty.
    judged : int
        Number of ABs that were looked at.
    changes : tuple of Rejudged
        The scores that are other ones now, also those with other limits and the same colour.
    verdicts : mapping of str to Verdict
        The ABs whose certification by rule changes with their scores.
    skipped : tuple of str
        Nights that a run holds: nothing was changed there.
    dry : bool
        Whether it was only looked at.
    """

    pool: str
    judged: int
    changes: tuple[Rejudged, ...]
    verdicts: Mapping[str, Verdict]
    skipped: tuple[str, ...] = ()
    dry: bool = False

    def summary(self) -> str:
        """Return one sentence."""
        turned = Counter(
            f"{_colour(one.before) or 'not scored'} to {_colour(one.now) or 'not scored'}"
            for one in self.changes
            if one.turns
        )
        same = sum(not one.turns for one in self.changes)
        parts = [f"{number} {what}" for what, number in sorted(turned.items())]
        parts += [f"{same} with another rule and the same colour"] if same else []
        told = "would be judged" if self.dry else "judged"
        verdicts = (
            f"; {counted(len(self.verdicts), 'other verdict')} by rule" if self.verdicts else ""
        )
        changed = ", ".join(parts) or "nothing changes"
        judged = f"{counted(self.judged, 'AB')} {told}"
        return f"{self.pool or 'all nights'}: {judged}: {changed}{verdicts}"

    def table(self) -> Table:
        """Return one row for each score that has another colour."""
        rows = tuple(self._row(one) for one in self.changes if one.turns)
        columns = (
            "AB",
            "parameter",
            "value",
            "before",
            "limits before",
            "now",
            "limits now",
            "verdict",
        )
        return Table(f"rescored {self.pool or 'all nights'}", columns, rows)

    def _row(self, one: Rejudged) -> tuple[Cell, ...]:
        row = one.row
        verdict = self.verdicts.get(row.ab_name)
        return (
            row.ab_name,
            f"{row.parameter} of {row.element}" if row.element else row.parameter,
            row.value,
            _colour(one.before),
            _limits(one.before),
            _colour(one.now),
            _limits(one.now),
            verdict.kind.value if verdict else "",
        )

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def _limits(row: ScoreRow | None) -> str:
    if row is None or (row.low is None and row.high is None):
        return ""
    low = "" if row.low is None else f"{row.low:g}"
    high = "" if row.high is None else f"{row.high:g}"
    return f"{low}..{high}"


def rescore(
    line: LineContext, pool: str = "", rules: Path | None = None, *, dry: bool = False
) -> Rescored:
    """Judge again what was measured of a pool.

    Parameters
    ----------
    line : LineContext
        Workspace, instrument, store.
    pool : str
        A night, nights, a month or a year; all nights if empty.
    rules : Path, optional
        A TOML file with tables ``[scores.PARAMETER]``, which win over phoenix.toml.
    dry : bool
        Only tell what would change.

    Raises
    ------
    SettingsError
        If the file cannot be read, or speaks of what there is none of.
    """
    overrides, version = _read(rules) if rules else ((), "")
    now = all_rules(line, overrides, rules.name if rules else "", version)
    since, until = _limits_of_pool(line, pool)
    if since is None or until is None:
        return Rescored(pool, 0, (), {}, dry=dry)
    history = history_of(line, now, since, until)
    days = line.settings.review.history_days
    thresholds = Thresholds(now, history, days, breakpoints_of(line))
    blocks = {row.name: row for row in line.store.blocks.rows(since=since, until=until)}
    measured = _measured(line, {rule.parameter for rule in now}, since, until)
    before: dict[str, list[ScoreRow]] = defaultdict(list)
    for row in line.store.qc1.scores(since=since, until=until, parts=True):
        before[row.ab_name].append(row)
    changed: dict[str, tuple[Score, ...]] = {}
    changes: list[Rejudged] = []
    for name, rows in measured.items():
        scores = judge(rows, thresholds.of_row(blocks[name]), blocks[name].raw_type)
        found = _compared(name, before[name], scores)
        if found:
            changed[name] = scores
            changes += found
    verdicts = told_again(line, {name: (before[name], changed[name]) for name in changed}, blocks)
    skipped = () if dry else _apply(line, changed, verdicts, blocks)
    return Rescored(pool, len(measured), tuple(changes), verdicts, skipped, dry)


def _limits_of_pool(line: LineContext, pool: str) -> tuple[CivilDate | None, CivilDate | None]:
    if pool:
        return limits_of(pool)
    nights = [row.date for row in line.store.blocks.rows() if row.date]
    if not nights:
        return None, None
    return CivilDate.parse(min(nights)), CivilDate.parse(max(nights))


def _read(path: Path) -> tuple[tuple[Override, ...], str]:
    """Return the overrides of a file, and the version that scores remember it by."""
    try:
        content = _content(path)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path}: found {error}, expected a TOML file with tables [scores.PARAMETER]"
        ) from None
    return parse_scores(text, path), hashlib.sha256(content).hexdigest()[:8]


def _content(path: Path) -> bytes:
    with open_plain(path) as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise OSError(f"more than {_LARGEST} bytes")
    return content


def _measured(
    line: LineContext, parameters: set[str], since: CivilDate, until: CivilDate
) -> dict[str, list[Measurement]]:
    found: dict[str, list[Measurement]] = {}
    for row in line.store.qc1.measurements(parameters=parameters, since=since, until=until):
        found.setdefault(row.ab_name, []).append(
            Measurement(row.parameter, row.value, row.element)
        )
    return found


def _compared(name: str, before: Iterable[ScoreRow], scores: Iterable[Score]) -> list[Rejudged]:
    """Return the scores that differ; a rule is known by its parameter, element and kind."""
    old_rows, new_rows = list(before), list(score_rows(name, scores))
    old, new = _by_rule(old_rows), _by_rule(new_rows)
    return [
        Rejudged(old.get(rule), new.get(rule))
        for rule in dict.fromkeys((*old, *new))
        if _said_of(old.get(rule), old_rows) != _said_of(new.get(rule), new_rows)
    ]


def _by_rule(rows: Iterable[ScoreRow]) -> dict[_Rule, ScoreRow]:
    found: dict[_Rule, ScoreRow] = {}
    for row in rows:
        if row.part == 0:
            number = 0
            while (rule := (row.parameter, row.element, row.kind.value, number)) in found:
                number += 1
            found[rule] = row
    return found


def _said_of(score: ScoreRow | None, rows: Iterable[ScoreRow]) -> list[tuple[object, ...]]:
    """Return what a score says, with its elements: who set the limits, and when, is no matter."""
    if score is None:
        return []
    return [
        (row.part, row.value, row.low, row.high, row.outcome, row.comment)
        for row in rows
        if row.place == score.place
    ]


def _apply(
    line: LineContext,
    changed: Mapping[str, tuple[Score, ...]],
    verdicts: Mapping[str, Verdict],
    blocks: Mapping[str, BlockRow],
) -> tuple[str, ...]:
    """Write the scores and verdicts down, a night at a time; return the nights that are held."""
    nights: dict[str, list[str]] = defaultdict(list)
    for name in changed:
        nights[blocks[name].date].append(name)
    skipped = []
    for night, names in sorted(nights.items()):
        date = CivilDate.parse(night)
        with ExitStack() as stack:
            try:
                stack.enter_context(hold_night(line, date))
            except BusyError:
                skipped.append(night)
                continue
            # First, so that a call that is killed leaves pages that the next one writes.
            pages_are_due(line.workspace, date)
            for name in names:
                _write(line, night, name, changed[name])
            with line.store.transaction():
                said = line.store.verdicts.current(since=date, until=date)
                for name in names:
                    line.store.qc1.add_scores(name, changed[name], line.clock())
                    # A person may have judged since the verdicts were made.
                    if name in verdicts and said[name].verdict.kind not in BY_PERSON:
                        line.store.verdicts.give(name, verdicts[name], line.clock())
        write_due_pages(line, [date])
    return tuple(skipped)


def _write(line: LineContext, night: str, name: str, scores: tuple[Score, ...]) -> None:
    """Keep the scores where they outlive the database; before it, so that a kill loses nothing."""
    try:
        path = Places(line.workspace, night, ABName(name).root).now(Record.QC)
    except DataError:
        return
    result = read_qc(path)
    if result is not None:
        write_qc(evolve(result, scores=scores), path)
