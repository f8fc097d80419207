"""Static calibration tables: what the pipeline is told before it looks at any frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from phoenix.simulate.raw import image_hdu, table_hdu
from phoenix.simulate.static import static_cards
from phoenix.simulate.static import static_path as path_of
from phoenix_giraffe.simulation.plan import STATIC_DATE
from phoenix_giraffe.simulation.setup import SLIT_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from astropy.io import fits

    from phoenix_giraffe.simulation.plan import NightPlan

    Columns = list[tuple[str, str, object, str]]

__all__ = ["STATICS", "Static", "static_hdus", "static_name", "static_path"]

KNOWN_SDX = 0.10  # mm; the truth is 0.12 and giwavecalibration has to find it
# Beyond 7 rows the correlation of giscience finds wrong peaks (measured: -22 km/s at 12).
MASK_HALF_WIDTH = 5.0  # rows on either side of a line
MASK_SEPARATION = 30.0  # rows that a line of the mask stands off its neighbours


@frozen
class Static:
    """One row: a static table, code and parameters of its human name, and how it is made."""

    pro_catg: str
    code: str
    params: str
    columns: Callable[[NightPlan], Columns]


def grating(plan: NightPlan) -> Columns:
    """Table GRATING_DATA: the optical model as it is known beforehand."""
    optics, setup = plan.optics, plan.setup
    width = 2.355 * np.hypot(setup.setting.sigma, np.sqrt(1.0 / 12.0)) * optics.dispersion
    resolution = round(optics.wavelength / float(width), -1)
    return [
        ("SETUP", "16A", [setup.setting.name], ""),
        ("ORDER", "1J", [optics.order], ""),
        ("WLEN0", "1D", [optics.wavelength], "nm"),
        ("WLMIN", "1D", [setup.low], "nm"),
        ("WLMAX", "1D", [setup.high], "nm"),
        ("BAND", "1D", [setup.high - setup.low], "nm"),
        ("RMED", "1J", [int(resolution)], ""),
        (
            "RIFA",
            "1J",
            [int(1.5 * resolution)],
            "",
        ),
        ("THETA", "1D", [optics.theta], "rad"),
        ("FCOLL", "1D", [optics.collimator], "mm"),
        ("GCAM", "1D", [optics.camera], ""),
        ("SDX", "1D", [KNOWN_SDX], "mm"),
        ("SDY", "1D", [optics.sdy], "mm"),
        ("SPHI", "1D", [optics.sphi], ""),
    ]


def slit_geometry(plan: NightPlan) -> Columns:
    """Tables SLIT_GEOMETRY_MASTER and SLIT_GEOMETRY_SETUP: where the fibres are in the slit."""
    fibres = plan.fibres
    return [
        ("INDEX", "1J", np.arange(1, len(fibres) + 1), ""),
        ("FPS", "1J", [fibre.fps for fibre in fibres], ""),
        ("SSN", "1J", [fibre.ssn for fibre in fibres], ""),
        ("PSSN", "1J", [fibre.pssn for fibre in fibres], ""),
        ("XF", "1D", [fibre.x for fibre in fibres], "mm"),
        ("YF", "1D", [fibre.y for fibre in fibres], "mm"),
        ("ZDEFOCUS", "1D", np.zeros(len(fibres)), "mm"),
    ]


def line_catalogue(plan: NightPlan) -> Columns:
    """Table LINE_CATALOG: the lines of the arc lamp, in air."""
    lines = plan.catalogue
    return [
        ("WLEN", "1D", lines.wavelength, "nm"),
        ("FLUX", "1D", lines.flux * 1000.0, ""),
        ("COMMENT", "16A", [""] * len(lines.wavelength), ""),
    ]


def line_mask(plan: NightPlan) -> Columns:
    """Table LINE_MASK: windows around lines that stand alone, for the SIMCAL fibres."""
    lines, row = plan.lines.wavelength, plan.optics.dispersion
    half, apart = MASK_HALF_WIDTH * row, MASK_SEPARATION * row
    gaps = np.diff(np.concatenate([[-np.inf], lines, [np.inf]]))
    inside = (lines > plan.setup.low + 1.0) & (lines < plan.setup.high - 1.0)
    alone = inside & (gaps[:-1] > apart) & (gaps[1:] > apart)
    return [
        ("WLEN1", "1D", lines[alone] - half, "nm"),
        ("WLEN2", "1D", lines[alone] + half, "nm"),
    ]


STATICS = (
    Static("GRATING_DATA", "GGRT", "{grating}", grating),
    Static("SLIT_GEOMETRY_MASTER", "GSLM", SLIT_NAME, slit_geometry),
    Static("SLIT_GEOMETRY_SETUP", "GSLS", f"{SLIT_NAME}_{{mode}}", slit_geometry),
    Static("LINE_CATALOG", "GLIN", "TAL", line_catalogue),
    Static("LINE_MASK", "GMSK", f"{SLIT_NAME}_{{mode}}", line_mask),
)


def static_name(row: Static, plan: NightPlan) -> str:
    """Give the human name of a static table: ``GI_GLIN_030401A_TAL.fits``."""
    date = plan.catalogue_date if row.pro_catg == "LINE_CATALOG" else STATIC_DATE
    setting = plan.setup.setting
    params = row.params.format(grating=setting.grating, mode=setting.name)
    return f"GI_{row.code}_{date}A_{params}.fits"


def static_path(pro_catg: str, plan: NightPlan) -> str:
    """Give the symbolic path of a static table, as it stands in an AB."""
    row = {row.pro_catg: row for row in STATICS}[pro_catg]
    return path_of(static_name(row, plan))


def static_hdus(row: Static, plan: NightPlan) -> list[fits.PrimaryHDU | fits.BinTableHDU]:
    """Make the HDUs of a static table; the header carries the keys that giraf.oca asks for."""
    setting = plan.setup.setting
    rows = (
        ("INS SLIT NAME", SLIT_NAME, "Slit name."),
        ("INS EXP MODE", setting.name, "Exposure mode."),
        ("INS GRAT ID", setting.grating_id, "Grating unique ID."),
        ("INS GRAT NAME", setting.grating, "Grating common name."),
    )
    cards = static_cards("GIRAFFE", row.pro_catg, "2003-04-01", rows)
    return [image_hdu(cards), table_hdu(row.pro_catg, row.columns(plan))]
