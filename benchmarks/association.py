"""How fast headers become Association Blocks: UVES nights of five years, the shipped rules.

Run it with the path of uves.oca; it prints one line per pool size.
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from phoenix.model.dates import CivilDate
from phoenix.oca import Frame, Frames, association_block, create, load, with_products

if TYPE_CHECKING:
    from collections.abc import Mapping

    from phoenix.model.idp import Value

FRAMES_PER_NIGHT = 55
FIRST_NIGHT = CivilDate(2010, 1, 1)
BLUE = ((346.0, "CD#1B", "CD#1"), (390.0, "CD#2B", "CD#2"), (437.0, "CD#2B", "CD#2"))
RED = ((564.0, "CD#3R", "CD#3"), (580.0, "CD#3R", "CD#3"), (760.0, "CD#4R", "CD#4"))
READOUTS = ((1, 1), (2, 2))
# Frames of a setting per night: DPR.TYPE, number, first hour after 21:00 UT, EXPTIME (s).
CALIBRATIONS = (
    ("LAMP,FMTCHK", 1, 13.0, 2.0),
    ("LAMP,ORDERDEF", 1, 13.1, 5.0),
    ("LAMP,FLAT", 5, 13.2, 8.0),
    ("LAMP,WAVE", 1, 13.6, 60.0),
)
STATIC = ("LINE_REFER_TABLE", "EXTCOEFF_TABLE", "FLUX_STD_TABLE", "RESP_FIT_POINTS_CATALOG")


def arms(category: str) -> dict[str, tuple[str, ...]]:
    """Return the PRO.CATG of a product in the blue and in the red arm."""
    return {"B": (f"{category}_BLUE",), "R": (f"{category}_REDL", f"{category}_REDU")}


def products() -> dict[str, tuple[str, ...]]:
    rows = {
        "UVES_MASTER_BIAS": ("MASTER_BIAS",),
        "UVES_MASTER_FLAT": ("MASTER_FLAT",),
        "UVES_CAL_PREDICT": ("LINE_GUESS_TAB", "ORDER_GUESS_TAB"),
        "UVES_CAL_ORDERPOS": ("ORDER_TABLE",),
        "UVES_CAL_WAVECAL": ("LINE_TABLE",),
        "UVES_CAL_RESPONSE": ("MASTER_RESPONSE",),
    }
    return {
        f"{action}_{arm}": tuple(name for row in made for name in arms(row)[arm])
        for action, made in rows.items()
        for arm in "BR"
    }


def timestamp(mjd: float) -> str:
    seconds = round((mjd % 1) * 86_400_000) / 1000
    date = CivilDate.of(math.floor(mjd) + 0.9)
    hours, rest = divmod(seconds, 3600)
    return f"{date}T{int(hours):02d}:{int(rest // 60):02d}:{rest % 60:06.3f}"


def header(
    mjd: float, dpr: tuple[str, str, str], readout: tuple[int, int], exptime: float
) -> dict[str, Value]:
    x, y = readout
    return {
        "INSTRUME": "UVES",
        "MJD-OBS": mjd,
        "EXPTIME": exptime,
        "DPR.CATG": dpr[0],
        "DPR.TYPE": dpr[1],
        "DPR.TECH": dpr[2],
        "DET.WIN1.BINX": x,
        "DET.WIN1.BINY": y,
        "DET.WIN1.NX": 2048 // x,
        "DET.WIN1.NY": 4096 // y,
        "DET.WIN1.STRX": 1,
        "DET.WIN1.STRY": 1,
        "DET.READ.SPEED": f"225kHz,{x}x{y},low",
        "INS.SLIT1.NAME": "FREE",
        "OBS.ID": 0,
    }


def in_arm(blue: bool) -> dict[str, Value]:  # noqa: FBT001 - the arm is one of two
    return {"DET.CHIPS": 1 if blue else 2, "DET.OUTPUTS": 1 if blue else 2}


def setting(wlen: float, grating: tuple[str, ...], *, blue: bool) -> dict[str, Value]:
    number = 1 if blue else 2
    return {
        f"INS.GRAT{number}.WLEN": wlen,
        f"INS.GRAT{number}.ID": grating[0],
        f"INS.GRAT{number}.NAME": grating[1],
        f"INS.SLIT{number + 1}.WID": 1.0,
        "INS.MODE": "DICHR#1" if wlen < 700 else "DICHR#2",
        **in_arm(blue),
    }


def frame(mjd: float, keywords: dict[str, Value]) -> Frame:
    name = f"UVES.{timestamp(mjd)}"
    return Frame(f"{name}.fits", {**keywords, "ARCFILE": f"{name}.fits"})


def night(date: CivilDate, chance: random.Random) -> list[Frame]:
    """Return the frames of one night: biases, two settings per arm with calibrations, science."""
    found = []
    begin, readout = date.mjd, chance.choice(READOUTS)

    def take(
        hour: float, dpr: tuple[str, str, str], exptime: float, *parts: Mapping[str, Value]
    ) -> None:
        keywords = header(begin + hour / 24, dpr, readout, exptime)
        for part in parts:
            keywords |= part
        keywords.setdefault("TPL.START", timestamp(begin + hour / 24 - 1e-4))
        found.append(frame(begin + hour / 24, keywords))

    for blue, settings in ((True, BLUE), (False, RED)):
        start = {"TPL.START": timestamp(begin + 12.0 / 24 + blue)}
        for number in range(5):
            hour = 12.0 + blue * 0.3 + number * 0.02
            take(hour, ("CALIB", "BIAS", "IMAGE"), 0.0, in_arm(blue), start)
        for slot, (wlen, *grating) in enumerate(chance.sample(settings, 2)):
            setup = setting(wlen, tuple(grating), blue=blue)
            shift = slot * 0.8 + blue * 1.7
            for dpr_type, many, hour, exptime in CALIBRATIONS:
                start = {"TPL.START": timestamp(begin + (hour + shift) / 24)}
                for number in range(many):
                    at = hour + shift + 0.01 * (number + 1)
                    take(at, ("CALIB", dpr_type, "ECHELLE"), exptime, setup, start)
            for number in range(3):
                at = 3.0 + number * 1.4 + slot * 0.7 + blue * 0.01
                take(at, ("SCIENCE", "OBJECT,POINT", "ECHELLE"), 2400.0, setup)
    return found


def pool(size: int, seed: int = 1) -> Frames:
    chance = random.Random(seed)
    frames: list[Frame] = []
    for number in itertools.count():
        if len(frames) >= size:
            break
        frames += night(FIRST_NIGHT.plus(number), chance)
    static = [
        Frame(f"UV_{category}.fits", {"PRO.CATG": category, "INSTRUME": "UVES"})
        for category in STATIC
    ]
    return Frames(raw=frames[:size], static=static)


def measure(rules_file: Path, size: int) -> None:
    frames = pool(size)
    rules = with_products(load(rules_file), products())
    begin = time.process_time()
    created = create(rules, frames)
    associated = time.process_time()
    blocks = [association_block(block) for block in created.blocks]
    end = time.process_time()
    complete = sum(block.complete for block in created.blocks)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(frames.raw):7d} frames: {associated - begin:6.2f} s to associate, "
        f"{end - associated:5.2f} s to write as ABs; {len(blocks)} ABs, {complete} complete; "
        f"peak {memory:.0f} MB, pool included"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rules", type=Path, help="uves.oca of the installed pipeline")
    parser.add_argument(
        "sizes", type=int, nargs="*", default=[FRAMES_PER_NIGHT, 1000, 10_000, 100_000]
    )
    options = parser.parse_args()
    for size in options.sizes:
        measure(options.rules, size)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
