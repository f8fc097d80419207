"""What every truth table says: of which frame it is, the seed and faults, the cosmic rays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.model.idp import Card
from phoenix.simulate.header import eso_cards

if TYPE_CHECKING:
    from collections.abc import Iterable

    from phoenix.model.idp import Value
    from phoenix.simulate.detector import Cosmics
    from phoenix.simulate.exposure import Exposure
    from phoenix.simulate.night import SimulationOptions

__all__ = ["cosmics_columns", "truth_cards"]


def truth_cards(
    exposure: Exposure, options: SimulationOptions, rows: Iterable[tuple[str, Value, str]]
) -> list[Card]:
    """Cards of the primary header.

    Parameters
    ----------
    exposure : Exposure
        The one of which this is the truth.
    options : SimulationOptions
        Of the night.
    rows : iterable of (str, value, str)
        What was put in: short keyword (``SIM ...``), value, comment.
    """
    return [
        Card("ARCFILE", f"{exposure.root}.fits", "Raw frame of which this is the truth"),
        Card("EXPTIME", exposure.exptime, "s"),
        *eso_cards(
            (
                ("SIM SEED", options.seed, "Seed of the night"),
                ("SIM FAULTS", " ".join(options.faults)[:60], "Faults built in"),
                *rows,
            )
        ),
    ]


def cosmics_columns(cosmics: Cosmics) -> list[tuple[str, str, object, str]]:
    """Columns of the table of cosmic rays: COLUMN, ROW (light-sensitive, from 0), ELECTRONS."""
    return [
        ("COLUMN", "1J", cosmics.column, "pixel"),
        ("ROW", "1J", cosmics.row, "pixel"),
        ("ELECTRONS", "1E", cosmics.electrons, ""),
    ]
