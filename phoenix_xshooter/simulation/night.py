"""A simulated X-shooter night on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from phoenix.simulate.fault import with_faults
from phoenix.simulate.night import SimulatedNight, night_rng
from phoenix.simulate.nightlog import write_night_logs
from phoenix.simulate.old_ab import write_repository
from phoenix.simulate.raw import counts_hdu, folder, image_hdu, write_fits
from phoenix.simulate.static import write_statics
from phoenix_xshooter.simulation.faults import FAULTS
from phoenix_xshooter.simulation.headers import frame_cards
from phoenix_xshooter.simulation.history import repository
from phoenix_xshooter.simulation.programme import plan_night
from phoenix_xshooter.simulation.render import draw
from phoenix_xshooter.simulation.statics import STATICS, static_hdus
from phoenix_xshooter.simulation.truth import truth_hdus

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.dates import CivilDate
    from phoenix.simulate.night import SimulationOptions
    from phoenix_xshooter.simulation.plan import Frame, NightPlan

__all__ = ["simulate_night"]


def simulate_night(date: CivilDate, out: Path, options: SimulationOptions) -> SimulatedNight:
    """Simulate a night of X-shooter, calibrations, standard star and historical ABs included.

    The same date and options give the same files, byte for byte. Below `out`:
    ``raw/<night>/XSHOO.<timestamp>.fits`` (SHOOT before October 2009), ``calib/gen/XS_G....fits``,
    ``xshooter/logs/<night>/*.ab`` (the AB repository) and ``truth/<night>/`` (see
    :mod:`phoenix_xshooter.simulation.truth`).

    Parameters
    ----------
    date : CivilDate
        The night, 2009-03-01 or later.
    out : Path
        Folder, made if it is not there; files of the same names are replaced.
    options : SimulationOptions
        Size small has 2x2 binning in UVB and VIS, three frames a series and the wide slit alone;
        full is unbinned, has five frames, narrow slits and telluric standards too. Setups are
        arms (UVB, VIS, NIR; all where none is given), modes (NOD, STARE, OFFSET: standards and one
        star are observed so, in place of the usual programme), 1x2 (binning of UVB and VIS), and
        JH: what is observed in NIR stands behind the slit with the filter that blocks the K band.

    Raises
    ------
    SettingsError
        For a setup that does not exist, a night before 2009-03-01, or a fault that
        :data:`~phoenix_xshooter.simulation.faults.FAULTS` does not list.
    """
    plan = with_faults(plan_night(date, options), options.faults, FAULTS)
    raw, truth = folder(out, "raw", str(date)), folder(out, "truth", str(date))
    return SimulatedNight(
        raw=tuple(_write_frame(plan, frame, raw, truth) for frame in plan.frames),
        static=write_statics(out, ((row.name, static_hdus(row, plan)) for row in STATICS)),
        blocks=write_repository(out, "xshooter", date, repository(plan)),
        truth=truth,
        logs=write_night_logs(out, date, (frame.exposure for frame in plan.frames)),
    )


def _write_frame(plan: NightPlan, frame: Frame, raw: Path, truth: Path) -> Path:
    """Draw and write one frame, and the truth if it is science."""
    pixels, cosmics = draw(plan, frame, night_rng(plan.options, plan.date, 4, frame.stream))
    root = frame.exposure.root
    if frame.is_science:
        write_fits(truth / f"{root}_truth.fits", truth_hdus(plan, frame, cosmics))
    cards = frame_cards(frame)
    if pixels.dtype == np.uint16:
        return write_fits(raw / f"{root}.fits", [counts_hdu(cards, pixels.astype(np.uint16))])
    return write_fits(raw / f"{root}.fits", [image_hdu(cards, pixels)])
