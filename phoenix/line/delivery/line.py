"""An open workspace with what it has delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.line.night.certify import night_of
from phoenix.line.open_line import OpenLine
from phoenix.model.ab import full_name
from phoenix.model.dates import pool_of

if TYPE_CHECKING:
    from phoenix.line.report import DeliveryReport

__all__ = ["DeliveryLine"]


class DeliveryLine(OpenLine):
    """An open workspace, and what the archive has of it; see ``ProductionLine`` for the rest."""

    def deprecate(self, *names: str, why: str, by: str, delete: bool = False) -> DeliveryReport:
        """Take the IDPs of rejected ABs out of what the archive offers, as a person.

        The archive keeps them, with the reason; an AB that was made again is ingested as their
        next version.

        Parameters
        ----------
        *names : str
            ABs, with or without the suffix: rejected ones, or such as were made with those.
        why, by : str
            What is wrong with the products, and who says so.
        delete : bool
            Whether the files go too; their names, checksums and the reason stay.

        Raises
        ------
        DataError
            If the line knows one of the ABs not, one is not rejected, or there is no reason.
        BusyError
            If a run holds one of the nights; for files to be deleted, any night.
        """
        from phoenix.line.delivery.deprecate import deprecate  # noqa: PLC0415 - loads astropy

        chosen = tuple(dict.fromkeys(map(full_name, names)))
        nights = {night_of(self._context, name) for name in chosen}
        with self.recorded("deprecate", pool_of(nights)) as tally:
            report = deprecate(self._context, chosen, why=why, by=by, delete=delete)
            for _, _, what, _, wrong in report.rows:
                tally.add({str(what): 1}, bool(wrong))
            return report
