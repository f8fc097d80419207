"""Static calibration tables: what the pipeline is told before it looks at any frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from phoenix.simulate.raw import image_hdu, table_hdu
from phoenix.simulate.static import static_cards
from phoenix.simulate.static import static_path as path_of
from phoenix_uves.simulation.light import extinction
from phoenix_uves.simulation.stars import flux_density

if TYPE_CHECKING:
    from collections.abc import Callable

    from astropy.io import fits

    from phoenix_uves.simulation.plan import NightPlan

    Columns = list[tuple[str, str, object, str]]

__all__ = ["STATICS", "Static", "static_hdus", "static_path"]

STANDARD_GRID = np.arange(298.0, 1080.0, 0.1)  # nm
# Gaps above 2 nm in the fit points make the response wrong by percents there (measured).
FIT_GRID = np.arange(299.0, 1075.0, 1.5)  # nm
LIST_EXTENSION = 2  # of the fit points; one list serves all stars


@frozen
class Static:
    """One row: a static table, its human name and how its extensions are made."""

    pro_catg: str
    name: str
    tables: Callable[[NightPlan], tuple[Columns, ...]]


def line_reference(plan: NightPlan) -> tuple[Columns, ...]:
    """Table LINE_REFER_TABLE: the lines of the arc lamp, in air."""
    return ([("WAVE", "1D", 10.0 * plan.lines.wavelength, "Angstrom")],)


def extinction_curve(_plan: NightPlan) -> tuple[Columns, ...]:
    """Table EXTCOEFF_TABLE; the column is called after the place where it was first measured."""
    grid = np.arange(300.0, 1100.0, 2.0)
    return (
        [
            ("LAMBDA", "1E", 10.0 * grid, "Angstrom"),
            ("LA_SILLA", "1E", extinction(grid), "mag/airmass"),
        ],
    )


def standard_fluxes(plan: NightPlan) -> tuple[Columns, ...]:
    """Table FLUX_STD_TABLE: one row a star, its spectrum in vector columns."""
    count, rows = len(STANDARD_GRID), len(plan.standards)
    grid = np.tile(10.0 * STANDARD_GRID, (rows, 1))
    fluxes = np.stack([flux_density(star, STANDARD_GRID) for star in plan.standards])
    return (
        [
            ("OBJECT", "16A", [star.name for star in plan.standards], ""),
            ("TYPE", "8A", [star.star.name for star in plan.standards], ""),
            ("RA_DEG", "1D", [star.ra for star in plan.standards], "deg"),
            ("DEC_DEG", "1D", [star.dec for star in plan.standards], "deg"),
            ("NDATA", "1J", [count] * rows, ""),
            ("LAMBDA", f"{count}E", grid, "Angstrom"),
            ("BIN_WIDTH", f"{count}E", np.ones_like(grid), "Angstrom"),
            ("F_LAMBDA", f"{count}E", fluxes, "erg/s/cm2/Angstrom"),
        ],
    )


def fit_points(plan: NightPlan) -> tuple[Columns, ...]:
    """Table RESP_FIT_POINTS_CATALOG: an index of stars, and where to fit their response."""
    rows = len(plan.standards)
    index = [
        ("ext_id", "1J", [LIST_EXTENSION] * rows, ""),
        ("name", "16A", [star.name for star in plan.standards], ""),
        ("ra", "1D", [star.ra for star in plan.standards], "deg"),
        ("dec", "1D", [star.dec for star in plan.standards], "deg"),
    ]
    return index, [("LAMBDA", "1D", FIT_GRID, "nm")]


STATICS = (
    Static("LINE_REFER_TABLE", "UV_GLRT_041014A_ThAr.fits", line_reference),
    Static("EXTCOEFF_TABLE", "UV_GEXT_041014A_Paranal.fits", extinction_curve),
    Static("FLUX_STD_TABLE", "UV_GFST_041014A_SIMSTD.fits", standard_fluxes),
    Static("RESP_FIT_POINTS_CATALOG", "UV_GRFP_041014A_SIMSTD.fits", fit_points),
)


def static_path(pro_catg: str) -> str:
    """Give the symbolic path of a static table, as it stands in an AB."""
    return path_of({row.pro_catg: row.name for row in STATICS}[pro_catg])


def static_hdus(row: Static, plan: NightPlan) -> list[fits.PrimaryHDU | fits.BinTableHDU]:
    """Make the HDUs of a static table; its category stands in the primary header."""
    cards = static_cards("UVES", row.pro_catg, "2004-10-14")
    tables = [
        table_hdu(f"{row.pro_catg}{number or ''}", columns)
        for number, columns in enumerate(row.tables(plan))
    ]
    return [image_hdu(cards), *tables]
