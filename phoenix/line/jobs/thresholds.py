"""What the ABs of a night are judged by: thresholds of the plugin, of a person, of the history."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from phoenix.errors import DataError, SettingsError
from phoenix.instrument import installed
from phoenix.line.bad_data import breakpoints_of
from phoenix.line.workspace import SETTINGS_FILE
from phoenix.model.dates import CivilDate
from phoenix.model.epoch import epoch_of, setup_values
from phoenix.model.override import with_overrides
from phoenix.model.threshold import DynamicRule
from phoenix.steps.quality.history import History, PastValue, Peer, rules_of_ab
from phoenix.store.rows import BlockRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from phoenix.line.context import LineContext
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.epoch import InstrumentBreakpoint
    from phoenix.model.override import Override
    from phoenix.model.threshold import ScoreRule
    from phoenix.store.rows.qc1 import QC1Row

__all__ = ["Thresholds", "all_rules", "history_of", "thresholds_of"]


@frozen
class Thresholds:
    """The rules of a process, and the history that some of them need.

    Attributes
    ----------
    rules : tuple of ScoreRule and DynamicRule
        Of the process.
    history : History
        What was measured in the nights around.
    usual_days : int
        Nights that are the history of an AB, where a rule does not say.
    breakpoints : tuple of InstrumentBreakpoint
        No value of the other side of one is compared.
    """

    rules: tuple[ScoreRule | DynamicRule, ...]
    history: History
    usual_days: int
    breakpoints: tuple[InstrumentBreakpoint, ...] = ()

    def of(self, ab: AssociationBlock) -> tuple[ScoreRule, ...]:
        """Return the rules that an AB is judged by."""
        return self.of_row(BlockRow.of(ab))

    def of_row(self, row: BlockRow) -> tuple[ScoreRule, ...]:
        """Return the rules that an AB of the store is judged by."""
        night = CivilDate.parse(row.date).mjd if row.date else row.mjd_obs
        epoch = epoch_of(self.breakpoints, row.mjd_obs, setup_values(row.setup))
        own = Peer(row.name, row.raw_type, row.setup, night, epoch)
        return rules_of_ab(self.rules, self.history, own, self.usual_days)


def thresholds_of(line: LineContext, blocks: Iterable[AssociationBlock]) -> Thresholds:
    """Return what ABs are judged by.

    Raises
    ------
    SettingsError
        If phoenix.toml speaks of a parameter or a raw type that there is none of.
    """
    rules = all_rules(line)
    every = tuple(blocks)
    dates = [ab.date for ab in every if ab.date]
    raw_types = {ab.raw_type for ab in every}
    used = [rule for rule in rules if any(map(rule.is_for, raw_types))]
    if not dates:
        return Thresholds(rules, History(), line.settings.review.history_days)
    history = history_of(line, used, min(dates), max(dates))
    days = line.settings.review.history_days
    return Thresholds(rules, history, days, breakpoints_of(line))


def all_rules(
    line: LineContext,
    more: Iterable[Override] = (),
    source: str = SETTINGS_FILE,
    version: str = "",
) -> tuple[ScoreRule | DynamicRule, ...]:
    """Return the thresholds of the process, with what phoenix.toml sets in their place.

    Parameters
    ----------
    line : LineContext
        Instrument, process, settings.
    more : iterable of Override, optional
        Further ones, which win.
    source : str
        Where those stand.
    version : str, optional
        Which version of it; that of phoenix.toml is a checksum of its thresholds.

    Raises
    ------
    SettingsError
        If they speak of a parameter or a raw type that there is none of.
    """
    process = line.process_row
    raw_types = [row.name for row in process.raw_types]
    declared = {row.name: row.raw_types for row in line.instrument.qc_parameters(process)}
    plugin = installed().get(line.instrument.name, line.instrument.name)
    rules = tuple(evolve(rule, source=plugin) for rule in line.instrument.thresholds(process))
    try:
        own = line.settings.overrides
        rules = with_overrides(
            rules, own, raw_types, SETTINGS_FILE, declared, _version(line.settings.scores)
        )
        return with_overrides(rules, more, raw_types, source, declared, version)
    except DataError as error:
        raise SettingsError(str(error)) from None


def _version(scores: Mapping[str, object]) -> str:
    text = json.dumps(scores, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def history_of(
    line: LineContext,
    rules: Iterable[ScoreRule | DynamicRule],
    first: CivilDate,
    last: CivilDate,
) -> History:
    """Return what was measured around some nights, as far as the rules need it.

    What a person rejected is not among it.
    """
    dynamic = [rule for rule in rules if isinstance(rule, DynamicRule)]
    if not dynamic:
        return History()
    days = max(rule.window_days or line.settings.review.history_days for rule in dynamic)
    since, until = first.plus(-days), last.plus(days)
    rows = line.store.qc1.measurements(
        parameters={rule.parameter for rule in dynamic},
        since=since,
        until=until,
        whole_ab=all(rule.element == 0 for rule in dynamic),
    )
    verdicts = line.store.verdicts.current(since=since, until=until)
    rejected = {name for name, row in verdicts.items() if row.verdict.rejects}
    breakpoints = breakpoints_of(line)
    peers: dict[str, Peer] = {}
    found = []
    for row in rows:
        if isinstance(row.value, int | float) and row.ab_name not in rejected:
            if row.ab_name not in peers:
                peers[row.ab_name] = _peer(row, breakpoints)
            peer = peers[row.ab_name]
            found.append(PastValue(peer, row.parameter, float(row.value), row.element))
    return History.of(found)


def _peer(row: QC1Row, breakpoints: tuple[InstrumentBreakpoint, ...]) -> Peer:
    night = CivilDate.parse(row.date).mjd
    epoch = epoch_of(breakpoints, row.mjd_obs, setup_values(row.setup))
    return Peer(row.ab_name, row.raw_type, row.setup, night, epoch)
