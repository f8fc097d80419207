"""Static calibration tables: headers, and paths as they stand in an AB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.dates import mjd_of
from phoenix.model.idp import Card
from phoenix.simulate.header import eso_cards
from phoenix.simulate.raw import folder, write_fits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from phoenix.model.idp import Value
    from phoenix.simulate.raw import HDUs

__all__ = ["static_cards", "static_path", "write_statics"]


def static_cards(
    instrument: str, pro_catg: str, date: str, rows: Iterable[tuple[str, Value, str]] = ()
) -> list[Card]:
    """Cards of the primary header.

    Parameters
    ----------
    instrument : str
        INSTRUME.
    pro_catg : str
        PRO.CATG.
    date : str
        Since when it holds, ``2003-04-01``.
    rows : iterable of (str, value, str)
        What association rules ask for beside it: short keyword, value, comment.
    """
    category = ("PRO CATG", pro_catg, "Category of pipeline product frame")
    return [
        Card("ORIGIN", "ESO", "European Southern Observatory"),
        Card("INSTRUME", instrument, "Instrument used"),
        Card("MJD-OBS", mjd_of(f"{date}T00:00:00"), date),
        *eso_cards((category, *rows)),
    ]


def static_path(name: str) -> str:
    """Give the symbolic path of a static table."""
    return f"${{DFO_CAL_DIR}}/gen/{name}"


def write_statics(out: Path, tables: Iterable[tuple[str, HDUs]]) -> tuple[Path, ...]:
    """Write static tables, name and HDUs each, where :func:`static_path` says."""
    place = folder(out, "calib", "gen")
    return tuple(write_fits(place / name, hdus) for name, hdus in tables)
