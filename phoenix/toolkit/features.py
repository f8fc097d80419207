"""Features of spectra that are worth a close look: lines of stars, nebulae and sky."""

from __future__ import annotations

from attrs import frozen

from phoenix.errors import DataError

__all__ = ["FEATURES", "Feature", "features"]


@frozen
class Feature:
    """A line or band: its name and wavelength in air in nm."""

    name: str
    wavelength: float


FEATURES: tuple[Feature, ...] = (
    Feature("Ca II K", 393.37),
    Feature("H epsilon", 397.01),
    Feature("H delta", 410.17),
    Feature("H gamma", 434.05),
    Feature("[O III] 4363", 436.32),
    Feature("H beta", 486.13),
    Feature("[O III] 5007", 500.68),
    Feature("Mg b", 517.80),
    Feature("Fe I 5270", 527.04),
    Feature("Fe I 5328", 532.80),
    Feature("[O I] 5577 (sky)", 557.73),
    Feature("Na D", 589.29),
    Feature("[O I] 6300 (sky)", 630.03),
    Feature("H alpha", 656.28),
    Feature("Li I 6708", 670.78),
    Feature("O2 A band", 762.00),
    Feature("Ca II 8498", 849.80),
    Feature("Ca II 8542", 854.21),
    Feature("Ca II 8662", 866.21),
    Feature("[S III] 9069", 906.90),
    Feature("[S III] 9531", 953.10),
    Feature("He I 10830", 1083.03),
    Feature("Pa beta", 1281.81),
    Feature("[Fe II] 16436", 1643.55),
    Feature("Br gamma", 2165.53),
)
"""By wavelength."""


def features(*names: str) -> tuple[Feature, ...]:
    """Return the rows of these names, in their order.

    Raises
    ------
    DataError
        If a name is not in the table.
    """
    rows = {row.name: row for row in FEATURES}
    unknown = [name for name in names if name not in rows]
    if unknown:
        raise DataError(f"FEATURES: found no {unknown[0]!r}, expected one of {', '.join(rows)}")
    return tuple(rows[name] for name in names)
