"""A simulated GIRAFFE night on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.simulate.fault import with_faults
from phoenix.simulate.night import SimulatedNight, night_rng
from phoenix.simulate.nightlog import write_night_logs
from phoenix.simulate.old_ab import write_repository
from phoenix.simulate.raw import folder, image_hdu, write_bytes, write_fits
from phoenix.simulate.static import write_statics
from phoenix_giraffe.simulation.blocks import raw_night
from phoenix_giraffe.simulation.faults import FAULTS
from phoenix_giraffe.simulation.headers import frame_cards
from phoenix_giraffe.simulation.history import repository
from phoenix_giraffe.simulation.optics import spectral_format
from phoenix_giraffe.simulation.plan import BIAS, DARK, SCIENCE, plan_night
from phoenix_giraffe.simulation.render import raw_pixels
from phoenix_giraffe.simulation.slit import positions
from phoenix_giraffe.simulation.statics import STATICS, static_hdus, static_name
from phoenix_giraffe.simulation.tables import fibre_tables
from phoenix_giraffe.simulation.truth import truth_hdus

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.dates import CivilDate
    from phoenix.simulate.night import SimulationOptions
    from phoenix_giraffe.simulation.optics import Format
    from phoenix_giraffe.simulation.plan import Frame, NightPlan

__all__ = ["simulate_night"]

NOT_FITS = b"<html><body><h1>503 Service Unavailable</h1></body></html>\n"


def simulate_night(date: CivilDate, out: Path, options: SimulationOptions) -> SimulatedNight:
    """Simulate a night of GIRAFFE in Medusa mode, calibrations and historical ABs included.

    The same date and options give the same files, byte for byte. Below `out`:
    ``raw/<night>/GIRAF.<timestamp>.fits`` (a borrowed calibration lies in its own night),
    ``calib/gen/GI_G....fits``, ``giraffe/logs/<night>/*.ab`` (the AB repository) and
    ``truth/<night>/`` (see :mod:`phoenix_giraffe.simulation.truth`).

    Parameters
    ----------
    date : CivilDate
        The night; before 2008-04-01 with the old detector.
    out : Path
        Folder, made if it is not there; files of the same names are replaced.

    Raises
    ------
    SettingsError
        For a fault that :data:`~phoenix_giraffe.simulation.faults.FAULTS` does not list.
    """
    plan = with_faults(plan_night(date, options), options.faults, FAULTS)
    still = spectral_format(plan.optics, *positions(plan.fibres))
    truth = folder(out, "truth", str(date))
    tables = ((static_name(row, plan), static_hdus(row, plan)) for row in STATICS)
    raw = (_write_frame(plan, frame, still, out, truth) for frame in plan.frames)
    return SimulatedNight(
        raw=tuple(path for path in raw if path is not None),
        static=write_statics(out, tables),
        blocks=write_repository(out, "giraffe", date, repository(plan)),
        truth=truth,
        logs=write_night_logs(out, date, (frame.exposure for frame in plan.frames)),
    )


def _write_frame(
    plan: NightPlan, frame: Frame, still: Format, out: Path, truth: Path
) -> Path | None:
    """Draw and write one frame, and the truth if it is science; None if the archive lost it."""
    rng = night_rng(plan.options, plan.date, 4, frame.stream)
    pixels = raw_pixels(plan, frame, still, rng)
    root = frame.exposure.root
    if frame.kind == SCIENCE:
        hdus = truth_hdus(plan, frame, still.shifted(*frame.flexure), pixels.cosmics)
        write_fits(truth / f"{root}_truth.fits", hdus)
    if frame.spoilt == "missing":
        return None
    tables = () if frame.kind in {BIAS, DARK} else fibre_tables(plan, frame)
    path = folder(out, "raw", str(raw_night(frame))) / f"{root}.fits"
    write_fits(path, [image_hdu(frame_cards(plan, frame), pixels.counts), *tables])
    return _spoil(path, frame.spoilt)


def _spoil(path: Path, how: str) -> Path:
    """Do to a written file what the fault says."""
    if how == "truncated":
        content = path.read_bytes()
        write_bytes(path, content[: len(content) * 6 // 10])
    elif how == "text":
        write_bytes(path, NOT_FITS)
    return path
