"""An open workspace with its association rules: what is made of headers, before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.night.created_blocks import forget_made
from phoenix.line.open_line import OpenLine
from phoenix.model.ab import Mode, full_name
from phoenix.model.dates import as_pool, nights_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from phoenix.line.association.explained import ExplainedAB
    from phoenix.line.association.header_pool import IndexReport
    from phoenix.line.report import PreparedPool
    from phoenix.line.table import Table
    from phoenix.model.dates import CivilDate, Pool

__all__ = ["AssociationLine"]


class AssociationLine(OpenLine):
    """An open workspace, and its ABs made of headers; see ``ProductionLine`` for the rest."""

    # ---- from headers to ABs --------------------------------------------------------------

    def create(
        self,
        pool: Pool,
        only: tuple[str, ...] = (),
        *,
        mode: str = "",
        masters: bool = False,
        certified_only: bool = False,
        dry: bool = False,
    ) -> PreparedPool:
        """Make the ABs of a pool from its raw files, by the association rules.

        Parameters
        ----------
        pool : str
            Night, month, or ``2020-01-01..2020-01-30``.
        only : tuple of str
            Only these ABs and their parents; empty for all.
        mode : str
            CALIB or SCIENCE; empty for science with what it needs, calibrations where there is
            no science.
        masters : bool
            Make all master calibrations of these nights (``-X``).
        certified_only : bool
            Science by certified masters, none that is yet to be made.
        dry : bool
            Only show what would be made; write nothing.

        Raises
        ------
        DataError
            If there are no raw files, or the rules make nothing of them.
        BusyError
            If another run holds one of the nights.
        """
        from phoenix.line.association.create import Wanted  # noqa: PLC0415 - the same
        from phoenix.line.association.verbs import create_blocks  # noqa: PLC0415 - loads lark

        pool = as_pool(pool)
        wanted = Wanted(
            pool, nights_of(pool), masters, Mode(mode) if mode else None, certified_only
        )
        if dry:
            return create_blocks(self._context, wanted, only, dry=True)
        with self.recorded("create-ab", pool) as tally:
            return tally.prepared(create_blocks(self._context, wanted, only))

    def forget(self, pool: Pool) -> tuple[CivilDate, ...]:
        """Give a pool the ABs of the repository again; return the nights that had created ones.

        Raises
        ------
        BusyError
            If a run holds one of them.
        """
        pool = as_pool(pool)
        with self.recorded("ab forget", pool):
            return forget_made(self._context, nights_of(pool))

    def index(self) -> IndexReport:
        """Bring the header pool up to date, and say what is wrong with its files."""
        from phoenix.line.association.verbs import index_pool  # noqa: PLC0415 - loads lark

        with self.recorded("pool index") as tally:
            report = index_pool(self._context)
            tally.add({"read": report.read, "gone": report.gone})
            return report

    # ---- bad raw data -----------------------------------------------------------------------

    def hide(self, *files: str, why: str, by: str, in_advance: bool = False) -> tuple[str, ...]:
        """Hide files: no rule uses them, or what was made of them, until :meth:`unhide`.

        All are looked at before the first is hidden. ABs that have them as inputs are not run;
        :meth:`create` makes others without them.

        Parameters
        ----------
        *files : str
            ARCFILE, or name of a master calibration, with or without ``.fits``; or a path.
        why, by : str
            Why, and who says so.
        in_advance : bool
            Also files that are in no repository yet.

        Returns
        -------
        tuple of str
            Their names without suffixes.

        Raises
        ------
        DataError
            For a file that the header pool does not know, whose nearest is named; and without
            `why` or `by`.
        """
        from phoenix.line.association.hide import hide_files, night_of_file  # noqa: PLC0415 - lark

        night = night_of_file(files[0]) if len(files) == 1 else None
        with self.recorded("hide", str(night or "")):
            return hide_files(self._context, files, why, by, in_advance=in_advance)

    def unhide(self, *files: str, why: str, by: str) -> tuple[str, ...]:
        """Let the rules use hidden files again; what was said before is kept.

        Raises
        ------
        DataError
            For a file that is not hidden; the nearest that is is named; and without `why` or
            `by`.
        """
        from phoenix.line.association.hide import night_of_file, show_files  # noqa: PLC0415 - lark

        night = night_of_file(files[0]) if len(files) == 1 else None
        with self.recorded("unhide", str(night or "")):
            return show_files(self._context, files, why, by)

    def hidden(self, *, history: bool = False) -> Table:
        """Return what is hidden, by whom, when and why; or all that was ever said."""
        from phoenix.line.association.hide import hidden_table  # noqa: PLC0415 - loads lark

        return hidden_table(self._context, history=history)

    def used_by(self, *names: str) -> Table:
        """Return the ABs that were made with files, by their names without suffixes."""
        from phoenix.line.association.hide import used_by  # noqa: PLC0415 - loads lark

        return used_by(self._context, names)

    # ---- why --------------------------------------------------------------------------------

    def explain(self, name: object, calib: str | None = None) -> ExplainedAB:
        """Say why a created AB has the calibrations that it has; shows itself as a table.

        Parameters
        ----------
        name : str, AssociationBlock or OpenAB
            Which AB, with or without the suffix.
        calib : str, optional
            Only this calibration, by its name in the rules.

        Raises
        ------
        DataError
            If it was not created here, or its action has no such calibration.
        """
        from phoenix.line.association.verbs import explain_block  # noqa: PLC0415 - loads lark

        return explain_block(self._context, full_name(str(getattr(name, "name", name))), calib)

    def verify(
        self,
        pool: Pool,
        *,
        rules: Sequence[Path] = (),
        answer: Path | None = None,
        mode: str = "",
    ) -> Table:
        """Compare created ABs with those of other rules, of calSelector, or of the repository.

        Parameters
        ----------
        pool : str
            Night or month.
        rules : sequence of Path
            Other rule files.
        answer : Path, optional
            An answer of calSelector; the ABs of the repository are taken without both.
        mode : str
            As for :meth:`create`.

        Raises
        ------
        DataError
            If the rules make nothing of the pool, or the answer is none.
        """
        from phoenix.line.association.verbs import verify_blocks  # noqa: PLC0415 - loads lark

        pool = as_pool(pool)
        return verify_blocks(self._context, pool, rules=rules, answer=answer, mode=mode)
