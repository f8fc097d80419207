"""A simulated UVES night on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from astropy.io import fits

from phoenix.simulate.fault import with_faults
from phoenix.simulate.night import SimulatedNight, night_rng
from phoenix.simulate.nightlog import write_night_logs
from phoenix.simulate.old_ab import write_repository
from phoenix.simulate.raw import counts_hdu, folder, image_hdu, write_fits
from phoenix.simulate.static import write_statics
from phoenix_uves.simulation.faults import FAULTS
from phoenix_uves.simulation.headers import chip_cards, frame_cards
from phoenix_uves.simulation.history import repository
from phoenix_uves.simulation.programme import plan_night
from phoenix_uves.simulation.render import chip_pixels
from phoenix_uves.simulation.statics import STATICS, static_hdus
from phoenix_uves.simulation.truth import truth_hdus

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from phoenix.model.dates import CivilDate
    from phoenix.simulate.detector import RawPixels
    from phoenix.simulate.night import SimulationOptions
    from phoenix_uves.simulation.plan import Frame, NightPlan

__all__ = ["simulate_night"]


def simulate_night(date: CivilDate, out: Path, options: SimulationOptions) -> SimulatedNight:
    """Simulate a night of UVES, calibrations, standard star and historical ABs included.

    The same date and options give the same files, byte for byte. Below `out`:
    ``raw/<night>/UVES.<timestamp>.fits``, ``calib/gen/UV_G....fits``,
    ``uves/logs/<night>/*.ab`` (the AB repository) and ``truth/<night>/`` (see
    :mod:`phoenix_uves.simulation.truth`).

    Parameters
    ----------
    date : CivilDate
        The night, 2004-10-14 or later.
    out : Path
        Folder, made if it is not there; files of the same names are replaced.
    options : SimulationOptions
        Size small has 2x2 binning and three biases and flats, full 1x1 and five. Setups are
        central wavelengths, ``390+580`` for both arms behind a dichroic, ``437`` or ``860`` for
        one arm; up to four a night; ``390+580`` where none is given.

    Raises
    ------
    SettingsError
        For a setup that is not in :data:`~phoenix_uves.simulation.setup.SETTINGS`, a night before
        2004-10-14, or a fault that :data:`~phoenix_uves.simulation.faults.FAULTS` does not list.
    """
    plan = with_faults(plan_night(date, options), options.faults, FAULTS)
    raw, truth = folder(out, "raw", str(date)), folder(out, "truth", str(date))
    return SimulatedNight(
        raw=tuple(_write_frame(plan, frame, raw, truth) for frame in plan.frames),
        static=write_statics(out, ((row.name, static_hdus(row, plan)) for row in STATICS)),
        blocks=write_repository(out, "uves", date, repository(plan)),
        truth=truth,
        logs=write_night_logs(out, date, (frame.exposure for frame in plan.frames)),
    )


def _write_frame(plan: NightPlan, frame: Frame, raw: Path, truth: Path) -> Path:
    """Draw and write one frame, and the truth if it is science."""
    chips = {
        chip: chip_pixels(
            plan, frame, chip, night_rng(plan.options, plan.date, 4, frame.stream, number)
        )
        for number, chip in enumerate(frame.setting.chips)
    }
    root = frame.exposure.root
    if frame.is_science:
        rays = {chip: pixels.cosmics for chip, pixels in chips.items()}
        write_fits(truth / f"{root}_truth.fits", truth_hdus(plan, frame, rays))
    return write_fits(raw / f"{root}.fits", _hdus(plan, frame, chips))


def _hdus(
    plan: NightPlan, frame: Frame, chips: Mapping[str, RawPixels]
) -> list[fits.PrimaryHDU | fits.ImageHDU]:
    """One image of the blue chip; an empty primary and an extension for each red one."""
    cards = frame_cards(plan, frame)
    if frame.setting.arm == "BLUE":
        return [counts_hdu(cards, chips["BLUE"].counts)]
    return [
        image_hdu(cards),
        *(
            counts_hdu(chip_cards(plan, frame, chip), pixels.counts, fits.ImageHDU)
            for chip, pixels in chips.items()
        ),
    ]
