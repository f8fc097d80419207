"""An open workspace with what persons say about its ABs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.certification.comments import (
    add_comment,
    comment_table,
    comments_of_pool,
    subject_of,
)
from phoenix.line.certification.waiting import (
    EVERYTHING,
    Choice,
    waiting,
    waiting_table,
)
from phoenix.line.night.certify import (
    archived,
    dependents,
    give_verdicts,
    night_of,
    withdraw_verdict,
)
from phoenix.line.open_line import OpenLine
from phoenix.line.pages import write_due_pages
from phoenix.line.table import Table
from phoenix.model.ab import full_name
from phoenix.model.counted import counted
from phoenix.model.dates import as_pool, nights_of, pool_of
from phoenix.model.score import Verdict, VerdictKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from phoenix.line.certification.comments import Subject
    from phoenix.model.dates import Pool

__all__ = ["CertificationLine"]


class CertificationLine(OpenLine):
    """An open workspace, certified and commented; see ``ProductionLine`` for the rest."""

    def night_of(self, name: str) -> str:
        """Return the night of an AB that the line knows.

        Raises
        ------
        DataError
            If it knows no such AB.
        """
        return night_of(self._context, name)

    def give_verdict(self, name: str, *, reject: bool, comment: str, by: str) -> Verdict:
        """Certify or reject the products of an AB, as a person.

        Raises
        ------
        DataError
            If the line knows no such AB, or a rejection has no comment.
        """
        with self.recorded("certify", night_of(self._context, name)):
            verdict = _verdict(comment, by, reject=reject)
            return give_verdicts(self._context, (name,), verdict)[name]

    def waiting_table(self, choice: Choice = EVERYTHING) -> Table:
        """Return what waits for a person.

        Raises
        ------
        DataError
            If no AB is of the raw type.
        """
        return waiting_table(waiting(self._context, choice), choice.pool)

    def give_verdicts(
        self,
        names: tuple[str, ...],
        choice: Choice = EVERYTHING,
        *,
        reject: bool = False,
        raw_bad: bool = False,
        withdraw: bool = False,
        comment: str = "",
        by: str = "",
    ) -> dict[str, Verdict]:
        """Certify, reject or take back what was said of several ABs, as a person.

        Parameters
        ----------
        names : tuple of str
            ABs, with or without the suffix; empty for those that wait and that `choice` names.
        choice : Choice
            Which of those that wait.
        reject : bool
            The pipeline is at fault; the raw data stay and may be processed otherwise.
        raw_bad : bool
            The raw data are at fault: rejected too, and no rule uses them any more.
        withdraw : bool
            What a person said no longer counts.
        comment, by : str
            Why, and who says so.

        Returns
        -------
        dict of str to Verdict
            AB name to what was said. All are looked at before the first is judged.

        Raises
        ------
        DataError
            If the line knows one of them not, or a rejection or withdrawal has no comment.
        BusyError
            If a run holds the night of a withdrawal.
        """
        given = map(full_name, names) if names else self._waiting(choice)
        chosen = tuple(dict.fromkeys(given))
        nights = sorted({night_of(self._context, name) for name in chosen})
        if withdraw:
            return {name: self.withdraw_verdict(name, comment=comment, by=by) for name in chosen}
        with self.recorded("certify", pool_of(nights) or choice.pool):
            if choice.pool:
                # Of a call before that was killed.
                write_due_pages(self._context, nights_of(choice.pool))
            verdict = _verdict(comment, by, reject=reject, raw_bad=raw_bad)
            return give_verdicts(self._context, chosen, verdict)

    def _waiting(self, choice: Choice) -> Iterator[str]:
        yield from (row.name for row in waiting(self._context, choice))

    def comment(self, *names: str, text: str, by: str) -> None:
        """Keep a comment on ABs and raw files, and show it on their pages.

        Parameters
        ----------
        *names : str
            ABs, with or without the suffix, or raw files: ARCFILE with or without suffix, or a
            path. A name without a suffix that both have is that of the AB.
        text, by : str
            What is said, and by whom.

        Raises
        ------
        DataError
            If the line knows one of them not, the comment is empty or longer than 10,000
            characters, or the name longer than 64; none is kept then.
        """
        chosen = self._subjects(names)
        nights = sorted({str(one.night) for one in chosen})
        with self.recorded("comment", pool_of(nights)):
            add_comment(self._context, chosen, text, by)

    def comments(self, *names: str) -> Table:
        """Return what is said of ABs and raw files, by persons and automatically.

        Columns: of what, kind (``person``, ``raw``, ``observer``, ``verdict``, ``reason``, and
        automatic ``score`` and ``log``), at (UTC), by, comment.

        Raises
        ------
        DataError
            If the line knows one of them not.
        """
        return comment_table(self._context, self._subjects(names))

    def comments_of(self, pool: Pool) -> Table:
        """Return what is said of all ABs and raw files of a pool; see :meth:`comments`."""
        pool = as_pool(pool)
        return comments_of_pool(self._context, pool)

    def _subjects(self, names: Iterable[str]) -> tuple[Subject, ...]:
        return tuple(dict.fromkeys(subject_of(self._context, name) for name in names))

    def dependents(self, name: str) -> Table:
        """Return what was made with products of an AB, and what of it the archive has.

        Raises
        ------
        DataError
            If the line knows no such AB.
        """
        rows = dependents(self._context, name)
        cells = tuple((ab_name, idp) for ab_name, idps in rows for idp in (idps or ("",)))
        title = f"made with products of {name}: {counted(len(rows), 'AB')}"
        return Table(title, ("AB", "IDP in the archive"), cells)

    def archived(self, name: str) -> tuple[str, ...]:
        """Return the IDPs of an AB that the archive offers."""
        return archived(self._context, full_name(name))

    def withdraw_verdict(self, name: str, *, comment: str, by: str) -> Verdict:
        """Take back what a person said of an AB; the rules judge it again at the next run.

        Raises
        ------
        DataError
            If the line knows no such AB, no person said anything, or there is no comment.
        BusyError
            If a run holds the night.
        """
        with self.recorded("certify", night_of(self._context, name)):
            return withdraw_verdict(self._context, name, comment=comment, by=by)


def _verdict(comment: str, by: str, *, reject: bool, raw_bad: bool = False) -> Verdict:
    if raw_bad:
        return Verdict(VerdictKind.RAW_BAD, comment, by)
    return Verdict(VerdictKind.REJECTED if reject else VerdictKind.OK, comment, by)
