"""A simulated MUSE night on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from astropy.io import fits

from phoenix.simulate.fault import with_faults
from phoenix.simulate.night import SimulatedNight, night_rng
from phoenix.simulate.nightlog import write_night_logs
from phoenix.simulate.old_ab import write_repository
from phoenix.simulate.raw import counts_hdu, folder, image_hdu, write_bytes, write_fits
from phoenix.simulate.static import write_statics
from phoenix_muse.simulation.faults import FAULTS
from phoenix_muse.simulation.headers import channel_cards, primary_cards
from phoenix_muse.simulation.history import repository
from phoenix_muse.simulation.programme import plan_night
from phoenix_muse.simulation.render import draw
from phoenix_muse.simulation.statics import STATICS, WAVECAL, own_masters, static_hdus
from phoenix_muse.simulation.truth import truth_hdus

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.dates import CivilDate
    from phoenix.simulate.night import SimulationOptions
    from phoenix_muse.simulation.plan import Frame, NightPlan

__all__ = ["simulate_night"]


def simulate_night(date: CivilDate, out: Path, options: SimulationOptions) -> SimulatedNight:
    """Simulate a night of MUSE, calibrations, standard star and historical ABs included.

    The same date and options give the same files, byte for byte. Below `out`:
    ``raw/<night>/MUSE.<timestamp>.fits``, ``calib/gen/MU_G....fits``, the master calibrations that
    no recipe makes of small CCDs in ``calib/<night>/``, ``muse/logs/<night>/*.ab`` (the AB
    repository) and ``truth/<night>/`` (see :mod:`phoenix_muse.simulation.truth`).

    Parameters
    ----------
    date : CivilDate
        The night, 2014-09-01 or later.
    out : Path
        Folder, made if it is not there; files of the same names are replaced.
    options : SimulationOptions
        Size small is one IFU with a CCD of 256 rows, 320 Angstrom about the red lines of oxygen;
        full is one whole CCD. Setups are layouts (``all-ifus``: 24 of them, 128 rows each) and
        programmes, see :data:`~phoenix_muse.simulation.programme.PROGRAMMES`.

    Raises
    ------
    SettingsError
        For an unknown setup, a night before 2014-09-01, or a fault that
        :data:`~phoenix_muse.simulation.faults.FAULTS` does not list.
    """
    plan = with_faults(plan_night(date, options), options.faults, FAULTS)
    raw, truth = folder(out, "raw", str(date)), folder(out, "truth", str(date))
    tables = ((row.name(plan.layout), static_hdus(row, plan.layout)) for row in STATICS)
    own = [
        write_fits(folder(out, "calib", str(date)) / name,
                   static_hdus(WAVECAL, plan.layout, str(date.plus(-plan.arc_age))))
        for name in own_masters(str(date), plan.layout).values()
    ]  # fmt: skip
    return SimulatedNight(
        raw=tuple(_write_frame(plan, frame, raw, truth) for frame in plan.frames),
        static=(*write_statics(out, tables), *own),
        blocks=write_repository(out, "muse", date, repository(plan)),
        truth=truth,
        logs=write_night_logs(out, date, (frame.exposure for frame in plan.frames)),
    )


def _write_frame(plan: NightPlan, frame: Frame, raw: Path, truth: Path) -> Path:
    """Draw and write one frame, and the truth if it is science."""
    root = frame.exposure.root
    hdus: list[fits.PrimaryHDU | fits.ImageHDU | fits.BinTableHDU] = [
        image_hdu(primary_cards(frame))
    ]
    for ifu in plan.layout.ifus:
        if ifu in frame.lost_ifus:
            continue
        rng = night_rng(plan.options, plan.date, 4, frame.stream, ifu)
        counts = draw(plan.layout, frame, ifu, rng)
        hdus.append(counts_hdu(channel_cards(plan.layout, ifu), counts, fits.ImageHDU))
    if frame.is_science:
        write_fits(truth / f"{root}_truth.fits", truth_hdus(plan, frame))
    path = write_fits(raw / f"{root}.fits", hdus)
    if frame.is_cut:
        write_bytes(path, path.read_bytes()[: -path.stat().st_size // 3])
    return path
