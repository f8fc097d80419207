"""What sees each fault of a simulated MUSE night, by the true recipes: a table, one row a fault.

    python benchmarks/muse_faults.py FOLDER [FAULT ...]

The usual night is reduced once below FOLDER, and again with each fault alone (all of them if none
is asked for); what the fault does not touch is taken over. A row tells how ABs ended that did not
end well, the bits that are set beyond those of the good night, the red scores, and the numbers of
the first OB that tell of faults. CPU seconds are those of the recipes.
"""

from __future__ import annotations

import argparse
import resource
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.archive.repository import ABRepository
from phoenix.instrument import load_instrument
from phoenix.model.dates import CivilDate
from phoenix.model.report import JobState
from phoenix.model.score import Outcome, judge
from phoenix.simulate.night import SimulationOptions
from phoenix.steps.prepare import prepare_blocks
from phoenix.testing.night import PreparedNight, reduce_like, reduce_night
from phoenix_muse.quality.scores import RULES
from phoenix_muse.simulation import FAULTS

if TYPE_CHECKING:
    from phoenix.testing.night import ReducedNight

NIGHT = CivilDate.parse("2020-01-01")
OB, SINGLE = "PIXTABLE_REDUCED", "PIXTABLE_OBJECT"
TOLD = (
    "SKY_FAULTS", "ARC_AGE", "NUM_SAT", "NUM_SRC", "HISTO_BKG", "WDEL_MAX", "ALIGN_MAX",
    "BACKGROUND", "EXP_EVENNESS",
)  # fmt: skip
HEADER = (
    "| fault | did not end well | bits, exposures | bits, OB | red scores | numbers | CPU s |\n"
    "|---|---|---|---|---|---|---|"
)


def prepared(folder: Path, *faults: str) -> PreparedNight:
    muse = load_instrument("muse")
    process = muse.process("MUSE_IFU")
    muse.simulate(process, NIGHT, folder, SimulationOptions(faults=faults))
    blocks, unreadable = ABRepository(folder, "muse").fetch(NIGHT)
    ready = prepare_blocks(muse, process, NIGHT, blocks, unreadable)
    wanted = [str(ab.name) for ab in ready.cascade if ab.raw_type == OB]
    ready = evolve(ready, cascade=ready.cascade.with_parents(wanted))
    return PreparedNight(muse, process, NIGHT, folder, blocks, ready)


def bits(night: ReducedNight, raw_type: str) -> set[int]:
    """Return the places that are set in any cube of a raw type, from 1."""
    flags = [one.qcflags[0] for one in night.blocks if one.qcflags and one.ab.raw_type == raw_type]
    return {place for flag in flags for place, bit in enumerate(flag, 1) if bit == "1"}


def row(name: str, night: ReducedNight, spent: float) -> str:
    """Write the row of a fault."""
    bad = [
        f"{one.ab.recipe}: {one.result.state.value}, {one.result.reason}"
        for one in night.blocks
        if one.result.state is not JobState.SUCCESSFUL or "made without" in one.result.reason
    ]
    red = {
        score.comment
        for one in night.blocks
        for score in judge(one.qc, RULES, one.ab.raw_type)
        if score.outcome is Outcome.RED
    }
    values = [
        f"{parameter} " + " ".join(f"{value:.3g}" for value in found)
        for parameter in TOLD
        if (found := _values(night, parameter))
    ]
    return (
        f"| {name} | {'; '.join(bad)} | {sorted(bits(night, SINGLE))} | {sorted(bits(night, OB))} "
        f"| {'; '.join(sorted(red))} | {', '.join(values)} | {spent:.1f} |"
    )


def _values(night: ReducedNight, parameter: str) -> list[float]:
    return [
        float(value.value)
        for one in night.blocks
        if one.ab.raw_type in {SINGLE, OB, "PIXTABLE_SKY"}
        for value in one.qc
        if value.parameter == parameter and value.element == 0
        if isinstance(value.value, int | float)
    ]


def _cpu() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("faults", nargs="*", default=[fault.name for fault in FAULTS])
    told = parser.parse_args()
    before = _cpu()
    good = reduce_night(prepared(told.folder / "good"), told.folder / "good-work")
    print(HEADER, row("none", good, _cpu() - before), sep="\n", flush=True)
    for fault in told.faults:
        before = _cpu()
        spoilt = prepared(told.folder / fault, fault)
        night = reduce_like(spoilt, good, told.folder / f"{fault}-work")
        print(row(fault, night, _cpu() - before), flush=True)
        for name in (fault, f"{fault}-work"):
            shutil.rmtree(told.folder / name)


if __name__ == "__main__":
    main()
