"""Static calibration tables, and what a small night has of masters that no recipe makes for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from attrs import frozen

from phoenix.model.idp import Card
from phoenix.simulate.raw import header_of, image_hdu, table_hdu
from phoenix.simulate.static import static_cards
from phoenix.simulate.static import static_path as path_of
from phoenix_muse.simulation.headers import SETUP
from phoenix_muse.simulation.layout import (
    DISPERSION,
    FIELD_WIDTH,
    LSF_FWHM,
    SLICES,
    SPAXEL,
    channel,
)
from phoenix_muse.simulation.light import ARC_LINES, SKY_LINES, extinction
from phoenix_muse.simulation.programme import STANDARDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from astropy.io import fits

    from phoenix_muse.simulation.layout import Layout

    HDU: TypeAlias = fits.PrimaryHDU | fits.ImageHDU | fits.BinTableHDU
    Columns = list[tuple[str, str, object, str]]

__all__ = ["STATICS", "Static", "own_masters", "static_hdus", "static_path"]

SINCE = "2014-01-01"


def geometry(layout: Layout) -> list[HDU]:
    """Table GEOMETRY_TABLE: where each slice lies in the field."""
    places = [layout.slice_places(ifu) for ifu in layout.ifus]
    number = np.tile(np.arange(1, SLICES + 1), len(layout.ifus))
    count = number.size
    return [
        table_hdu(
            "GEOMETRY_TABLE",
            [
                ("SubField", "1J", np.repeat(layout.ifus, SLICES), ""),
                ("SliceCCD", "1J", number, ""),
                ("SliceSky", "1J", number, ""),
                ("x", "1D", np.concatenate([x for x, _ in places]), "pix"),
                ("y", "1D", np.concatenate([y for _, y in places]), "pix"),
                ("angle", "1D", np.zeros(count), "deg"),
                ("width", "1D", np.full(count, float(FIELD_WIDTH)), "pix"),
            ],
        )
    ]


def extinction_curve(_layout: Layout) -> list[HDU]:
    """Table EXTINCT_TABLE."""
    wave = np.arange(4000.0, 10001.0, 20.0)
    columns: Columns = [
        ("lambda", "1D", wave, "Angstrom"),
        ("extinction", "1D", extinction(wave), "mag/airmass"),
    ]
    return [table_hdu("EXTINCT_TABLE", columns)]


def sky_lines(_layout: Layout) -> list[HDU]:
    """Table SKY_LINES: a first guess of what create_sky measures."""
    count = len(SKY_LINES)
    columns: Columns = [
        ("name", "20A", [line.name for line in SKY_LINES], ""),
        ("group", "1J", [line.group for line in SKY_LINES], ""),
        ("lambda", "1D", [line.wavelength for line in SKY_LINES], "Angstrom"),
        ("flux", "1D", [line.flux for line in SKY_LINES], "10**(-20)*erg/(s cm^2 arcsec^2)"),
        ("dq", "1J", np.zeros(count, dtype=int), ""),
    ]
    return [table_hdu("LINES", columns)]


def line_catalogue(_layout: Layout) -> list[HDU]:
    """Table LINE_CATALOG of the arc lamps, sorted by wavelength."""
    lines = sorted(ARC_LINES, key=lambda line: line.wavelength)
    columns: Columns = [
        ("lambda", "1E", [line.wavelength for line in lines], "Angstrom"),
        ("flux", "1E", [60000.0 * line.strength for line in lines], "count"),
        ("ion", "8A", [line.ion for line in lines], ""),
        ("quality", "1J", [line.quality for line in lines], ""),
        ("comment", "20A", [""] * len(lines), ""),
    ]
    return [table_hdu("LINE_CATALOG", columns)]


def standard_fluxes(_layout: Layout) -> list[HDU]:
    """Table STD_FLUX_TABLE: one extension a star."""
    wave = np.arange(4000.0, 10001.0, 5.0)
    tables: list[HDU] = []
    for star in STANDARDS:
        flux = 1e-20 * star.source.continuum(wave)
        columns: Columns = [
            ("lambda", "1D", wave, "Angstrom"),
            ("flux", "1D", flux, "erg/s/cm**2/Angstrom"),
            ("fluxerr", "1D", 0.001 * flux, "erg/s/cm**2/Angstrom"),
        ]
        place = (Card("RA", star.ra, "deg"), Card("DEC", star.dec, "deg"))
        tables.append(table_hdu(star.name, columns, (Card("OBJECT", star.name, ""), *place)))
    return tables


FILTERS = (
    ("Johnson_V", 5500.0, 880.0),
    ("Cousins_R", 6450.0, 1500.0),
    ("Cousins_I", 7980.0, 1500.0),
)
"""Filter, middle and FWHM in Angstrom (rounded: ours)."""


def filters(_layout: Layout) -> list[HDU]:
    """Table FILTER_LIST: one extension a filter."""
    wave = np.arange(4000.0, 10001.0, 10.0)
    tables: list[HDU] = []
    for name, middle, width in FILTERS:
        passed = np.exp(-0.5 * ((wave - middle) / (width / 2.3548)) ** 2)
        tables.append(
            table_hdu(name, [("lambda", "1D", wave, "Angstrom"), ("throughput", "1D", passed, "")])
        )
    return tables


def astrometry(_layout: Layout) -> list[HDU]:
    """Give no table: ASTROMETRY_WCS is a header."""
    return []


WCS = (
    Card("WCSAXES", 2, ""),
    Card("CRPIX1", 0.0, "Correction of the zero point"),
    Card("CRPIX2", 0.0, "Correction of the zero point"),
    Card("CD1_1", -SPAXEL / 3600.0, "deg/pix"),
    Card("CD1_2", 0.0, "deg/pix"),
    Card("CD2_1", 0.0, "deg/pix"),
    Card("CD2_2", SPAXEL / 3600.0, "deg/pix"),
    Card("CTYPE1", "RA---TAN", ""),
    Card("CTYPE2", "DEC--TAN", ""),
    Card("CUNIT1", "deg", ""),
    Card("CUNIT2", "deg", ""),
)


def line_spread(layout: Layout) -> list[HDU]:
    """Images LSF_PROFILE of each IFU: the Gaussian of the spectrograph in every slice."""
    from astropy.io import fits  # noqa: PLC0415 - takes a while to import

    step, planes = 15.0 / 149.0, 30
    place = -7.5 + step * np.arange(150)
    sigma = np.hypot(LSF_FWHM / 2.3548, DISPERSION / np.sqrt(12.0))
    profile = np.exp(-0.5 * (place / sigma) ** 2)
    profile /= profile.sum() * step
    cube = np.broadcast_to(profile, (SLICES, planes, 150)).astype(np.float32)
    cards = (
        Card("CTYPE1", "PARAM", ""),
        Card("CUNIT1", "Angstrom", ""),
        Card("CRPIX1", 1.0, ""),
        Card("CRVAL1", -7.5, ""),
        Card("CD1_1", step, ""),
        Card("CTYPE2", "AWAV", ""),
        Card("CUNIT2", "Angstrom", ""),
        Card("CRPIX2", 1.0, ""),
        Card("CRVAL2", 4650.0, ""),
        Card("CD2_2", 160.345, ""),
        Card("CD1_2", 0.0, ""),
        Card("CD2_1", 0.0, ""),
    )
    found: list[HDU] = []
    for ifu in layout.ifus:
        name = "LSF_PROFILE" if len(layout.ifus) == 1 else f"{channel(ifu)}.LSF_PROFILE"
        found.append(fits.ImageHDU(cube, header=header_of(cards), name=name))
    return found


def wavelength_solution(layout: Layout) -> list[HDU]:
    """Tables WAVECAL_TABLE of each IFU: Angstrom as a polynomial of column and row, from 1."""
    start = layout.wavelength()[:, 0] - DISPERSION
    coefficients: dict[str, object] = {
        f"wlc{i}{j}": np.zeros(SLICES) for i in range(3) for j in range(7)
    }
    coefficients["wlc00"], coefficients["wlc01"] = start, np.full(SLICES, DISPERSION)
    columns: Columns = [("SliceNo", "1J", np.arange(1, SLICES + 1), "")]
    columns += [(name, "1D", values, "") for name, values in coefficients.items()]
    columns.append(("MSE", "1D", np.full(SLICES, 1e-4), ""))
    many = len(layout.ifus) > 1
    return [table_hdu(channel(ifu) if many else "WAVECAL_TABLE", columns) for ifu in layout.ifus]


@frozen
class Static:
    """One row: a static table, the code and words of its name, and how it is made."""

    pro_catg: str
    code: str
    word: str
    tables: Callable[[Layout], list[HDU]]
    cards: tuple[Card, ...] = ()
    of_ifus: bool = False

    def name(self, layout: Layout) -> str:
        """File name; a table that depends on the layout says which."""
        return (
            f"MU_{self.code}_140101A_{self.word}{f'_{layout.name}' if self.of_ifus else ''}.fits"
        )


STATICS = (
    Static("GEOMETRY_TABLE", "GEOT", "geometry_table_wfm", geometry, of_ifus=True),
    Static("EXTINCT_TABLE", "GEXT", "extinct_table", extinction_curve),
    Static("SKY_LINES", "GSKL", "sky_lines", sky_lines),
    Static("LINE_CATALOG", "GLIN", "line_catalog", line_catalogue, (Card("VERSION", 3, ""),)),
    Static("STD_FLUX_TABLE", "GSTD", "std_flux_table", standard_fluxes),
    Static("FILTER_LIST", "GFIL", "filter_list", filters),
    Static("ASTROMETRY_WCS", "GASW", "astrom_wcs_wfm", astrometry, WCS),
    Static("LSF_PROFILE", "GLSP", "lsf_profile_slow_wfm-n", line_spread, of_ifus=True),
)
"""The codes of most of them stand in the log of a real product of 2015; LIN and STD are ours."""

WAVECAL = Static("WAVECAL_TABLE", "PWCT", "", wavelength_solution)
"""What muse_wavecal would make of a CCD of true size."""


def static_path(pro_catg: str, layout: Layout) -> str:
    """Give the symbolic path of a static table, as it stands in an AB."""
    return path_of({row.pro_catg: row.name(layout) for row in STATICS}[pro_catg])


def own_masters(date: str, layout: Layout) -> dict[str, str]:
    """Names of master calibrations that come with a night, by PRO.CATG; none for whole CCDs.

    Parameters
    ----------
    date : str
        The night, ``2020-01-01``.
    """
    if layout.is_whole:
        return {}
    day = date.replace("-", "")[2:]
    return {WAVECAL.pro_catg: f"MU_{WAVECAL.code}_{day}A_WFM-NOAO-N_Blue_SCI1.0.fits"}


def static_hdus(row: Static, layout: Layout, since: str = SINCE) -> list[HDU]:
    """Make the HDUs of a table; its category stands in the primary header."""
    cards = [*static_cards("MUSE", row.pro_catg, since, SETUP), *row.cards]
    if row.of_ifus or row is WAVECAL:
        cards += [Card("EXTNAME", channel(layout.ifus[0]), "")] if len(layout.ifus) == 1 else []
    return [image_hdu(cards), *row.tables(layout)]
