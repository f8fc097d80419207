"""Master calibrations on the line (``-X``): checked against history, certified, renamed, used.

Nothing moves that is not certified, nor what was made with such (QC Handbook, 5.5.5, 5.6.6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.line.night.poolrun import PoolRun
from phoenix.model.report import JobState
from phoenix.model.score import VerdictKind
from phoenix.steps.finish import purge_block
from phoenix.steps.quality.history import PastValue, check_history
from phoenix.steps.quality.score import write_qc
from phoenix.steps.shelf.manifest import read_manifest
from phoenix.steps.shelf.places import Places, Record
from phoenix.steps.update_ab import update_block

if TYPE_CHECKING:
    from phoenix.line.report import NightReport
    from phoenix.model.ab import AssociationBlock

__all__ = ["MasterRun"]

_CERTIFIED = {VerdictKind.AUTO, VerdictKind.OK}


class MasterRun(PoolRun):
    """A pool of master calibrations on the line."""

    def _certify(self, report: NightReport) -> NightReport:
        return super()._certify(self._checked(report))

    def _checked(self, report: NightReport) -> NightReport:
        """Score by history too, and keep the scores (the qualityChecker)."""
        line, process = self.line, self.line.process_row
        rules = line.instrument.statistical_rules(process)
        quality = check_history(
            report.quality, line.instrument.score_rules(process), rules, self._history()
        )
        blocks = {str(ab.name): ab for ab in self.cascade}
        for name, result in quality.items():
            if result != report.quality[name]:
                write_qc(result, Places.of(line.workspace, blocks[name]).now(Record.QC))
        with line.store.transaction():
            for name, result in quality.items():
                line.store.qc1.replace_scores(name, result.scores)
        return evolve(report, quality=quality)

    def _history(self) -> list[PastValue]:
        line, (first, last) = self.line, self._limits
        since = first.plus(-line.settings.review.history_days)
        rules = line.instrument.statistical_rules(line.process_row)
        rows = line.store.qc1.measurements(
            parameters={rule.parameter for rule in rules},
            since=since,
            until=last,
            whole_ab=True,
        )
        verdicts = line.store.verdicts.current(since=since, until=last)
        rejected = {
            name for name, row in verdicts.items() if row.verdict.kind is VerdictKind.REJECTED
        }
        return [
            PastValue(
                row.ab_name,
                row.raw_type,
                row.setup,
                row.parameter,
                float(row.value),
                counts=row.ab_name not in rejected,
            )
            for row in rows
            if isinstance(row.value, int | float)
        ]

    # ---- finish ----------------------------------------------------------------------------

    def _may_move(self, ab: AssociationBlock, report: NightReport) -> bool:
        """Whether an AB and all that it was made with are certified."""
        return self._is_certified(ab, report) and all(
            self._may_move(self.cascade.block(parent), report)
            for parent in ab.waits_for
            if not self._has_nothing(parent, report)
        )

    def _has_nothing(self, name: str, report: NightReport) -> bool:
        """Whether an AB ended without products: what is successful was made without them."""
        result = report.results.get(name)
        return result is not None and result.state is not JobState.SUCCESSFUL

    def _is_certified(self, ab: AssociationBlock, report: NightReport) -> bool:
        name = str(ab.name)
        result, verdict = report.results.get(name), report.verdicts.get(name)
        done = result is not None and result.state is JobState.SUCCESSFUL
        return done and verdict is not None and verdict.kind in _CERTIFIED

    def _finish(self, report: NightReport) -> NightReport:
        rejected = [ab for ab in self.cascade if self._is_rejected(ab, report)]
        for ab in rejected:
            purge_block(self.line.workspace, ab)
            self.line.store.products.replace(str(ab.name), ())
        finished = super()._finish(report)
        self._update_blocks(finished)
        return evolve(finished, notes=(*finished.notes, *self._to_do(finished)))

    def _is_rejected(self, ab: AssociationBlock, report: NightReport) -> bool:
        verdict = report.verdicts.get(str(ab.name))
        return verdict is not None and verdict.kind is VerdictKind.REJECTED

    def _update_blocks(self, report: NightReport) -> None:
        """Give finished ABs the final names of their calibrations (the old updateAB)."""
        finished = [ab for ab in self.cascade if self._may_move(ab, report)]
        names: dict[str, str] = {}
        for ab in finished:
            places = Places.of(self.line.workspace, ab)
            manifest = read_manifest(places.finished(Record.MANIFEST))
            for row in manifest.products if manifest else ():
                if row.final.startswith("calib/"):
                    names[row.name] = "${DFO_CAL_DIR}/" + row.final.removeprefix("calib/")
        for ab in finished:
            update_block(self.line.workspace, ab, names)

    def _to_do(self, report: NightReport) -> list[str]:
        """Return what a person has to look at."""
        waiting = [
            f"{name} waits for a person: {verdict.comment}"
            for name, verdict in sorted(report.verdicts.items())
            if verdict.kind is VerdictKind.REVIEW and name in {str(ab.name) for ab in self.cascade}
        ]
        if waiting:
            waiting.append(
                "decide with `phoenix certify AB [--reject] --comment WHY`, then run it again"
            )
        return waiting
