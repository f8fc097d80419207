"""One loaded instrument plugin: a method for every hook, called with types and blame."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from attrs import frozen

from phoenix.caller import Caller
from phoenix.errors import PluginError, UnknownInstrumentError
from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import Product
from phoenix.model.gate import Gate
from phoenix.model.grade import OBGrade
from phoenix.model.idp import InternalDataProduct, LeftOut
from phoenix.model.panel import Drawing, Listing, Map, Picture, Plot
from phoenix.model.process import Process
from phoenix.model.qc import Measurement, QCParameter
from phoenix.model.recipe import Resources, Step
from phoenix.model.rules import RuleAdaptation
from phoenix.model.score import ScoreBit
from phoenix.model.threshold import DynamicRule, ScoreRule

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import typer

    from phoenix.model.ancestor import Ancestor
    from phoenix.model.dates import CivilDate
    from phoenix.model.frames import MasterCalibration, SetOfFrames
    from phoenix.model.gate import RecipeOutcome
    from phoenix.model.panel import Panel
    from phoenix.model.recipe import Recipe, Spent
    from phoenix.simulate.night import SimulatedNight, SimulationOptions

__all__ = ["Instrument"]


@frozen
class Instrument(Caller):
    """One plugin and the defaults, a method for every hook."""

    def processes(self) -> tuple[Process, ...]:
        """Return the processes that the plugin offers.

        Raises
        ------
        PluginError
            If there is none.
        """
        found = self._all("processes", Process)
        if not found:
            raise PluginError(
                f"{self._blame('processes')}: found none, expected at least one Process"
            )
        return found

    def process(self, name: str) -> Process:
        """Return one process by name.

        Raises
        ------
        UnknownInstrumentError
            If the plugin has no such process.
        """
        for process in self.processes():
            if process.name == name:
                return process
        names = ", ".join(process.name for process in self.processes())
        raise UnknownInstrumentError(
            f"plugin {self.name!r} has no process {name!r}; it has {names}"
        )

    def adapt_rules(self, process: Process) -> tuple[RuleAdaptation, ...]:
        """Return the changes of the rules that come with the pipeline."""
        return self._all("adapt_rules", get_args(RuleAdaptation), process=process)

    def edit_ab(self, process: Process, ab: AssociationBlock) -> AssociationBlock:
        """Return the AB brought to today's standard."""
        edited = self._one("edit_ab", AssociationBlock, ab, process=process)
        return edited or ab

    def build_cascade(
        self, process: Process, blocks: tuple[AssociationBlock, ...]
    ) -> tuple[AssociationBlock, ...]:
        """Return the ABs of the cascade with their dependencies."""
        answer = self._ask("build_cascade", process=process, blocks=blocks)
        return self._checked("build_cascade", AssociationBlock, answer)

    def resources(
        self,
        process: Process,
        ab: AssociationBlock,
        step: Step = Step.RECIPE,
        history: tuple[Spent, ...] = (),
    ) -> Resources:
        """Return what a job of this AB takes."""
        told = {"process": process, "step": step, "history": history}
        return self._one("resources", Resources, ab, **told) or Resources()

    def do_without(
        self, process: Process, ab: AssociationBlock, missing: tuple[MasterCalibration, ...]
    ) -> AssociationBlock | None:
        """Return the AB as it can be run without some calibrations, None if it cannot.

        It no longer waits for parents that have nothing for it.

        Raises
        ------
        PluginError
            If it is another AB, still has one of them, or the edit has no reason.
        """
        answer = self._one("do_without", AssociationBlock, ab, process=process, missing=missing)
        if answer is None:
            return None
        kept = [one.name for one in answer.calibrations if one in missing]
        edited = len(answer.edits) > len(ab.edits)
        if (answer.name, answer.recipe) != (ab.name, ab.recipe) or kept or not edited:
            raise PluginError(
                f"{self._blame('do_without', ab)}: found {answer.name} ({answer.recipe}) with "
                f"{', '.join(kept) or 'all it needs'}, expected the same AB without "
                f"{', '.join(one.name for one in missing)}, edited with a reason"
            )
        gone = {one.parent for one in missing} - {one.parent for one in answer.calibrations}
        left = tuple(name for name in answer.waits_for if name not in gone)
        return answer.edited(why="they have nothing for it", waits_for=left)

    def check_inputs(
        self, process: Process, ab: AssociationBlock, frames: SetOfFrames
    ) -> tuple[str, ...]:
        """Return why the recipe must not be started, one sentence each; empty if it may."""
        return self._all("check_inputs", str, ab, process=process, frames=frames)

    def second_try(
        self,
        process: Process,
        ab: AssociationBlock,
        frames: SetOfFrames,
        outcome: RecipeOutcome,
        reason: str,
    ) -> AssociationBlock | None:
        """Return the AB for a second try, None if there is to be none.

        Raises
        ------
        PluginError
            If it is another AB, or the edit has no reason.
        """
        answer = self._one(
            "second_try",
            AssociationBlock,
            ab,
            process=process,
            frames=frames,
            outcome=outcome,
            reason=reason,
        )
        if answer is None:
            return None
        if (answer.name, answer.recipe) != (ab.name, ab.recipe) or not answer.edits:
            raise PluginError(
                f"{self._blame('second_try', ab)}: found {answer.name} ({answer.recipe}), "
                "expected the same AB and recipe, edited with a reason"
            )
        return answer

    def gates(self, process: Process, recipe: Recipe) -> tuple[Gate, ...]:
        """Return what a finished recipe must show."""
        return self._all("gates", Gate, process=process, recipe=recipe)

    def mend_products(
        self, process: Process, ab: AssociationBlock, products: tuple[Product, ...]
    ) -> tuple[str, ...]:
        """Let the plugin mend products in place; return what it changed, one sentence each."""
        return self._all("mend_products", str, ab, process=process, products=products)

    def label_product(self, process: Process, ab: AssociationBlock, product: Product) -> Product:
        """Return the product with its role and PRO.CATG."""
        return self._one("label_product", Product, ab, process=process, product=product) or product

    def qc_parameters(self, process: Process) -> tuple[QCParameter, ...]:
        """Return the declared QC parameters.

        Raises
        ------
        PluginError
            If two have the same name.
        """
        rows = self._all("qc_parameters", QCParameter, process=process)
        names = [row.name for row in rows]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise PluginError(
                f"{self._blame('qc_parameters')}: declared twice: {', '.join(twice)}"
            )
        return rows

    def measure_qc(
        self,
        process: Process,
        ab: AssociationBlock,
        frames: SetOfFrames,
        products: tuple[Product, ...],
        parents_qc: Mapping[str, tuple[Measurement, ...]],
    ) -> tuple[Measurement, ...]:
        """Return the measured values.

        Raises
        ------
        PluginError
            If a value was measured that is not declared.
        """
        rows = self._all(
            "measure_qc",
            Measurement,
            ab,
            process=process,
            frames=frames,
            products=products,
            parents_qc=parents_qc,
        )
        declared = {row.name for row in self.qc_parameters(process)}
        strangers = sorted({row.parameter for row in rows} - declared)
        if strangers:
            raise PluginError(
                f"{self._blame('measure_qc', ab)}: measured but not declared: "
                f"{', '.join(strangers)}; add rows to qc_parameters"
            )
        return rows

    def score_rules(self, process: Process) -> tuple[ScoreRule, ...]:
        """Return the thresholds with fixed limits."""
        return tuple(row for row in self.thresholds(process) if isinstance(row, ScoreRule))

    def thresholds(self, process: Process) -> tuple[ScoreRule | DynamicRule, ...]:
        """Return all thresholds: those with fixed limits, then those that follow the history."""
        rows: tuple[ScoreRule | DynamicRule, ...] = self._all(
            "score_rules", (ScoreRule, DynamicRule), process=process
        )
        return tuple(sorted(rows, key=lambda row: isinstance(row, DynamicRule)))

    def score_bits(self, process: Process, raw_type: str = "") -> tuple[ScoreBit, ...]:
        """Return the QCFLAG table of a raw type, empty if it has none; without one the longest."""
        answer = self._ask("score_bits", process=process, raw_type=raw_type) or ()
        return self._checked("score_bits", ScoreBit, answer)

    def rename_product(self, process: Process, ab: AssociationBlock, product: Product) -> str:
        """Return the final file name of a product.

        Raises
        ------
        PluginError
            If it is no plain file name.
        """
        name = self._one("rename_product", str, ab, process=process, product=product)
        if not name or "/" in name or name.startswith(".") or not name.isprintable():
            raise PluginError(
                f"{self._blame('rename_product', ab)}: found {name!r}, expected a file name"
            )
        return name

    def convert_to_idps(
        self,
        process: Process,
        ab: AssociationBlock,
        products: tuple[Product, ...],
        frames: SetOfFrames,
        qc: tuple[Measurement, ...],
        qcflags: Mapping[int, str],
        ancestors: tuple[Ancestor, ...] = (),
    ) -> tuple[InternalDataProduct | LeftOut, ...]:
        """Return the plans of the IDPs of an AB, none if there is no opinion."""
        answer = self._ask(
            "convert_to_idps",
            ab,
            process=process,
            products=products,
            frames=frames,
            qc=qc,
            qcflags=qcflags,
            ancestors=ancestors,
        )
        return self._checked("convert_to_idps", (InternalDataProduct, LeftOut), answer or (), ab)

    def previews(
        self,
        process: Process,
        ab: AssociationBlock,
        products: tuple[Product, ...],
        qc: tuple[Measurement, ...],
    ) -> tuple[Panel, ...]:
        """Return the panels of the QC report."""
        return self._all(
            "previews",
            (Plot, Picture, Map, Listing, Drawing),
            ab,
            process=process,
            products=products,
            qc=qc,
        )

    def cover_groups(
        self, process: Process, blocks: tuple[AssociationBlock, ...]
    ) -> dict[str, str]:
        """Return AB name to the name of the group that shares a coversheet."""
        answer = self._ask("cover_groups", process=process, blocks=blocks)
        groups = dict(answer or {})
        self._checked("cover_groups", str, (*groups, *groups.values()))
        return groups

    def coversheet(
        self,
        process: Process,
        blocks: tuple[AssociationBlock, ...],
        products: Mapping[str, tuple[Product, ...]],
        qc: Mapping[str, tuple[Measurement, ...]],
    ) -> tuple[Panel, ...]:
        """Return the panels of the coversheet of a group of ABs."""
        return self._all(
            "coversheet",
            (Plot, Picture, Map, Listing, Drawing),
            process=process,
            blocks=blocks,
            products=products,
            qc=qc,
        )

    def ob_grades(
        self, process: Process, night: CivilDate, folders: tuple[Path, ...]
    ) -> tuple[OBGrade, ...]:
        """Return grades of OBs from sources of the plugin's own."""
        return self._all("ob_grades", OBGrade, process=process, night=night, folders=folders)

    def simulate(
        self, process: Process, date: CivilDate, out: Path, options: SimulationOptions
    ) -> SimulatedNight:
        """Make a synthetic night.

        Raises
        ------
        PluginError
            If the plugin has no simulator.
        """
        night: SimulatedNight | None = self._ask(
            "simulate", process=process, date=date, out=out, options=options
        )
        if night is None:
            raise PluginError(f"plugin {self.name!r} has no simulated nights (hook simulate)")
        return night

    def add_commands(self, app: typer.Typer) -> None:
        """Let the plugin add verbs of its own."""
        self._ask("add_commands", app=app)
