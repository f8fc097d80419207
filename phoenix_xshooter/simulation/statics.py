"""Static calibration tables: what the pipeline is told before it looks at any frame."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from phoenix.simulate.raw import image_hdu, table_hdu
from phoenix.simulate.static import static_cards
from phoenix.simulate.static import static_path as path_of
from phoenix_xshooter.process import BLOCKED
from phoenix_xshooter.simulation.arms import LIT, PINHOLES, SPECTROGRAPHS
from phoenix_xshooter.simulation.light import BANDS, CROSSINGS, airglow, extinction, flux_density

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    from astropy.io import fits

    from phoenix_xshooter.simulation.plan import NightPlan, Target

    Array = npt.NDArray[np.float64]
    Columns = list[tuple[str, str, object, str]]

__all__ = ["STATICS", "Static", "static_hdus", "static_path"]

SINCE = "2009-01-01"

D2_FROM = 21
"""Order of the UVB arm from which the deuterium lamp serves."""

KNOT_STEP = {"UVB": 6.0, "VIS": 8.0, "NIR": 12.0}
"""Arm to nm between the knots of a response."""

UNBLOCKED_FROM = 13
"""Order of the NIR arm from which the filter of the K band lets light pass; hard-wired in the
recipes."""

LAMP_CHANGE = 360.9
"""nm at which the flat of UVB goes from one lamp to the other, each divided by its own level: the
response has a step there."""

NEAR_CROSSING, CROSSING_STEP = 25.0, 2.0
"""nm from a dichroic or a step within which knots stand closer, and how close."""

KNOTS = {"UVB": (303.0, 562.0), "VIS": (540.0, 1025.0), "NIR": (1000.0, 2480.0)}
"""Arm to the first and the last knot in nm: beyond them is next to no light."""

HYDROGEN = (379.790, 383.539, 388.905, 397.007, 410.174, 434.046, 486.133, 656.280, 886.278,
            901.491, 922.901, 954.597, 1004.94, 1093.81, 1282.16, 2166.12)  # fmt: skip
"""Lines of a white dwarf in nm; a knot does not stand within 2.5 of one."""

_EDGE = 2  # pixels of a frame at its edge on which no line is looked for

FIRST_STAR = 2
"""Extension of the first star in a catalogue; 1 is its index."""


@frozen
class Static:
    """One row: a static table of an arm, its name and how its extensions are made.

    A table for the slits with the filter of the K band says so in its header.
    """

    family: str
    arm: str
    code: str
    tables: Callable[[NightPlan, str], tuple[Columns, ...]]

    @property
    def pro_catg(self) -> str:
        """PRO.CATG."""
        return f"{self.family}_{self.arm}"

    @property
    def is_blocked(self) -> bool:
        """Whether it is for the slits with the filter."""
        return self.family.endswith(f"_{BLOCKED}")

    @property
    def name(self) -> str:
        """File name."""
        return f"XS_G{self.code}_090101A_{self.arm}.fits"


def spectral_format(_plan: NightPlan, arm: str, first: int = 0) -> tuple[Columns, ...]:
    """Table SPECTRAL_FORMAT_TAB: where each order, from a first one, begins and ends."""
    row = SPECTROGRAPHS[arm]
    numbers = [n for n in row.orders if n >= first]
    orders = np.array(numbers)
    full = np.array([row.reach(n, LIT) for n in numbers])
    used = np.array([row.used(n) for n in numbers])
    free = np.array([row.free(n) for n in numbers])
    rows = np.array([row.rows_of(n, LIT) for n in numbers])
    lamps = ["D2" if arm == "UVB" and n >= D2_FROM else "QTH" for n in numbers]
    columns: Columns = [
        ("ORDER", "1J", orders, ""),
        ("LAMP", "5A", lamps, ""),
        ("WLMINFUL", "1E", full[:, 0], "nm"),
        ("WLMIN", "1E", used[:, 0], "nm"),
        ("WLMAX", "1E", used[:, 1], "nm"),
        ("WLMAXFUL", "1E", full[:, 1], "nm"),
        ("DISP_MIN", "1E", np.ceil(rows[:, 0]), "pixel"),
        ("DISP_MAX", "1E", np.floor(rows[:, 1]), "pixel"),
        ("LFSR", "1E", free[:, 0], "nm"),
        ("UFSR", "1E", free[:, 1], "nm"),
    ]
    if arm == "NIR":
        ends = [row.column(n, r) for n, r in zip(numbers, rows, strict=True)]
        columns += [
            ("XMIN", "1J", [int(end[0]) for end in ends], "pixel"),
            ("YMIN", "1J", np.ceil(rows[:, 0]).astype(int), "pixel"),
            ("XMAX", "1J", [int(end[1]) for end in ends], "pixel"),
            ("YMAX", "1J", np.floor(rows[:, 1]).astype(int), "pixel"),
        ]
    return (columns,)


def line_list(plan: NightPlan, arm: str) -> tuple[Columns, ...]:
    """Table ARC_LINE_LIST."""
    lines = plan.lines[arm]
    count = lines.wavelength.size
    return (
        [
            ("WAVELENGTH", "1E", lines.wavelength, "nm"),
            ("NAME", "5A", ["SIM"] * count, ""),
            ("FLUX", "1J", np.rint(10000 * lines.flux).astype(int), ""),
            ("COMMENT", "20A", [""] * count, ""),
        ],
    )


def theoretical(
    plan: NightPlan, arm: str, *, holes: tuple[tuple[int, float], ...]
) -> tuple[Columns, ...]:
    """Tables THEO_TAB_SING and _MULT: where each line should fall, pinhole by pinhole."""
    row, lines = SPECTROGRAPHS[arm], plan.lines[arm].wavelength
    found: list[tuple[float, int, int, float, float, float]] = []
    for number in row.orders:
        low, high = row.used(number)
        for wave in lines[(lines > low) & (lines < high)].tolist():
            for index, place in holes:
                y = float(row.row(number, np.array(wave), place))
                x = float(row.column(number, np.array(y), place))
                if _EDGE < x < row.columns - _EDGE and _EDGE < y < row.rows - _EDGE:
                    found.append((wave, number, index, place, x, y))
    columns = [np.array(values) for values in zip(*found, strict=True)]
    return (
        [
            ("Wavelength", "1E", columns[0], "nm"),
            ("Order", "1J", columns[1], ""),
            ("slit_index", "1J", columns[2], ""),
            ("slit_position", "1E", columns[3], "arcsec"),
            ("detector_x", "1D", columns[4], "pixel"),
            ("detector_y", "1D", columns[5], "pixel"),
        ],
    )


def sky_lines(_plan: NightPlan, arm: str) -> tuple[Columns, ...]:
    """Table SKY_LINE_LIST."""
    row = SPECTROGRAPHS[arm]
    low, high = row.reach(row.orders[-1], LIT)[0], row.reach(row.orders[0], LIT)[1]
    places, strength = airglow()
    inside = (places > low) & (places < high)
    count = int(inside.sum())
    return (
        [
            ("WAVELENGTH", "1E", places[inside], "nm"),
            ("FLUX", "1E", strength[inside], "rel-flux"),
            ("NAME", "1J", np.arange(count), ""),
            ("COMMENT", "1J", np.zeros(count, dtype=int), ""),
        ],
    )


def extinction_curve(_plan: NightPlan, arm: str) -> tuple[Columns, ...]:
    """Table ATMOS_EXT."""
    grid = _wide_grid(arm, 2.0)
    return (
        [
            ("LAMBDA", "1E", grid, "nm"),
            ("EXTINCTION", "1E", extinction(grid, arm), "mag/airmass"),
        ],
    )


def _wide_grid(arm: str, step: float) -> Array:
    row = SPECTROGRAPHS[arm]
    return np.arange(
        np.floor(row.reach(row.orders[-1], 1.2)[0]), row.reach(row.orders[0], 1.2)[1], step
    )


def _index(stars: tuple[Target, ...]) -> Columns:
    rows = len(stars)
    return [
        ("ext_id", "1J", [FIRST_STAR + i for i in range(rows)], ""),
        ("name", "24A", [star.name for star in stars], ""),
        ("ra", "1D", [star.ra for star in stars], "deg"),
        ("dec", "1D", [star.dec for star in stars], "deg"),
    ]


def standard_fluxes(plan: NightPlan, arm: str) -> tuple[Columns, ...]:
    """Table FLUX_STD_CATALOG: an index, and the spectrum of each star; all in double precision."""
    grid = _wide_grid(arm, 0.1)
    widths = np.full(grid.size, 0.1)
    tables: list[Columns] = [_index(plan.standards)]
    for star in plan.standards:
        flux = flux_density(grid, star.magnitude, star.star, star.velocity, 0.0)
        tables.append(
            [
                ("LAMBDA", "1D", grid, "nm"),
                ("FLUX", "1D", flux, "erg/s/cm2/Angstrom"),
                ("BIN_WIDTH", "1D", widths, "nm"),
            ]
        )
    return tuple(tables)


def fit_points(plan: NightPlan, arm: str) -> tuple[Columns, ...]:
    """Table RESP_FIT_POINTS_CAT: where to fit the response of each star, outside the bands."""
    low, high = KNOTS[arm]
    near = [
        c + np.arange(-NEAR_CROSSING, NEAR_CROSSING, CROSSING_STEP)
        for c in (LAMP_CHANGE, *CROSSINGS)
    ]
    knots = np.unique(np.concatenate([np.arange(low, high, KNOT_STEP[arm]), *near]))
    knots = knots[(knots >= low) & (knots <= high)]
    in_band = np.any([(knots > a - 2.0) & (knots < b + 2.0) for a, b in BANDS], axis=0)
    in_line = np.any([np.abs(knots - line) < CROSSING_STEP for line in HYDROGEN], axis=0)
    clear = ~in_band & ~in_line
    points: Columns = [("LAMBDA", "1D", knots[clear], "nm")]
    return (_index(plan.standards), *(points for _ in plan.standards))


_ALL_HOLES = tuple(enumerate(PINHOLES))

TABLES: tuple[tuple[str, str, Callable[[NightPlan, str], tuple[Columns, ...]]], ...] = (
    ("SPECTRAL_FORMAT_TAB", "SPF", spectral_format),
    ("ARC_LINE_LIST", "ARC", line_list),
    ("THEO_TAB_SING", "THS", partial(theoretical, holes=_ALL_HOLES[4:5])),
    ("THEO_TAB_MULT", "THM", partial(theoretical, holes=_ALL_HOLES)),
    ("SKY_LINE_LIST", "SKY", sky_lines),
    ("ATMOS_EXT", "EXT", extinction_curve),
    ("FLUX_STD_CATALOG", "FSC", standard_fluxes),
    ("RESP_FIT_POINTS_CAT", "RFP", fit_points),
)
"""PRO.CATG without the arm, code in the file name, and how it is made."""

STATICS = (
    *(Static(family, arm, code, make) for arm in SPECTROGRAPHS for family, code, make in TABLES),
    Static(
        f"SPECTRAL_FORMAT_TAB_{BLOCKED}",
        "NIR",
        "SPJ",
        partial(spectral_format, first=UNBLOCKED_FROM),
    ),
)


def static_path(pro_catg: str) -> str:
    """Give the symbolic path of a static table, as it stands in an AB."""
    return path_of({row.pro_catg: row.name for row in STATICS}[pro_catg])


def static_hdus(row: Static, plan: NightPlan) -> list[fits.PrimaryHDU | fits.BinTableHDU]:
    """Make the HDUs of a static table; its category stands in the primary header."""
    rows = [("SEQ ARM", row.arm, "Arm of the spectrograph")]
    if row.is_blocked:
        rows.append(("INS OPTI5 NAME", BLOCKED, "Slit of NIR."))
    cards = static_cards("XSHOOTER", row.pro_catg, SINCE, rows)
    tables = [
        table_hdu(f"{row.family}{number or ''}", columns)
        for number, columns in enumerate(row.tables(plan, row.arm))
    ]
    return [image_hdu(cards), *tables]
