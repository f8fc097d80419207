"""The plugin of :mod:`year`: a master and science ABs whose recipe, a stand-in, only sleeps.

It is installed for one benchmark in a folder of its own; see :func:`install`.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix import hookimpl
from phoenix.formats.abfile import write_ab
from phoenix.model.ab import AssociationBlock, Mode, PredictedProduct
from phoenix.model.dates import CivilDate, mjd_of
from phoenix.model.frames import MasterCalibration, RawFrame, Role
from phoenix.model.process import Process, RawType
from phoenix.model.recipe import Parameter, Recipe, RecipeProduct, Resources
from phoenix.model.threshold import ScoreRule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["NAME", "PROCESS", "install", "write_night"]

NAME, PROCESS = "asleep", "ASLEEP"
_NEEDS = Resources(memory_mb=50, time_limit_s=120)
_MASTER, _SPECTRUM = "MASTER_BIAS", "SPECTRUM"


@hookimpl
def processes() -> Iterable[Process]:
    """Offer two recipes, each of which makes one product."""
    master, spectrum = (
        Recipe(name, NAME, products=(RecipeProduct(catg, role),), resources=_NEEDS)
        for name, catg, role in (
            ("sleepbias", _MASTER, Role.CALIBRATION),
            ("sleepscience", _SPECTRUM, Role.SCIENCE),
        )
    )
    types = (RawType("BIAS", master.name), RawType("SCIENCE", spectrum.name, Mode.SCIENCE))
    return (Process(PROCESS, NAME, "AS", types, (master, spectrum)),)


@hookimpl
def score_rules() -> Iterable[ScoreRule]:
    """Judge what the stand-in says that it measured."""
    return (ScoreRule("FRAMES", 1.0, None, "no frame"),)


def install(folder: Path) -> None:
    """Make a folder for PYTHONPATH in which this plugin is installed."""
    about = folder / f"{NAME}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[phoenix.instruments]\n{NAME} = {NAME}\n")
    (folder / f"{NAME}.py").write_text(Path(__file__).read_text("utf-8"), "utf-8")


def write_night(repository: Path, date: CivilDate, blocks: int, seconds: float) -> None:
    """Write raw frames of no pixels and ABs: a bias, and science that waits for it."""
    raw = repository / "raw" / str(date)
    logs = repository / NAME / "logs" / str(date)
    raw.mkdir(parents=True)
    logs.mkdir(parents=True)
    for ab in _blocks(date, blocks, seconds):
        (raw / f"{ab.root}.fits").write_bytes(_frame(ab))
        write_ab(ab, logs)


def _blocks(date: CivilDate, number: int, seconds: float) -> Iterator[AssociationBlock]:
    bias = _block(date, 0, "sleepbias", "BIAS", _MASTER, seconds)
    yield bias
    path = f"${{DFS_PRODUCT}}/{date}/{bias.root}/{bias.products[0].name}"
    for place in range(1, number):
        science = _block(date, place, "sleepscience", "SCIENCE", _SPECTRUM, seconds)
        yield evolve(
            science,
            calibrations=(MasterCalibration(path, _MASTER, virtual=True),),
            waits_for=(str(bias.name),),
        )


def _block(
    date: CivilDate, place: int, recipe: str, raw_type: str, product: str, seconds: float
) -> AssociationBlock:
    begun = dt.datetime.fromisoformat(f"{date}T23:00:00") + dt.timedelta(minutes=10 * place)
    root = f"{PROCESS}.{begun.isoformat(timespec='milliseconds')}"
    mjd = round(mjd_of(begun.isoformat()), 8)
    return AssociationBlock(
        f"{root}.ab",
        recipe,
        (RawFrame(f"${{DFO_RAW_DIR}}/{date}/{root}.fits", raw_type),),
        instrument=NAME.upper(),
        date=date,
        raw_type=raw_type,
        dpr_catg="SCIENCE" if raw_type == "SCIENCE" else "CALIB",
        mjd_obs=mjd,
        mjd_mid=mjd,
        parameters=(Parameter("products", product), Parameter("seconds", f"{seconds:g}")),
        products=(PredictedProduct(f"r.{root}_0000.fits", product),),
    )


def _frame(ab: AssociationBlock) -> bytes:
    cards = (
        *("SIMPLE  =                    T", "BITPIX  =                   16"),
        *("NAXIS   =                    0", f"INSTRUME= '{NAME.upper():8}'"),
        *(f"MJD-OBS = {ab.mjd_obs:20.8f}", f"DATE-OBS= '{ab.root.partition('.')[2]}'"),
        f"ARCFILE = '{ab.root}.fits'",
        "END",
    )
    return "".join(card.ljust(80) for card in cards).encode().ljust(2880)
