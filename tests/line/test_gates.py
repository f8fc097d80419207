"""Exit 0 proves nothing: wrong results are gated or scored, and children say what blocks them."""

from __future__ import annotations

import json

import pytest
from nightwork import (
    ARC,
    BIAS,
    DARK,
    DATE,
    FIRST,
    FLAT,
    SECOND,
    THIRD,
    make_workspace,
    phoenix,
    reasons,
    runs,
    states,
)

from phoenix.line.production import ProductionLine
from phoenix.line.simulation import simulate_night
from phoenix.model.score import VerdictKind

pytestmark = [pytest.mark.recipes, pytest.mark.slow]


def measured(folder, name):
    """Return what the database knows of an AB."""
    with ProductionLine(folder) as line:
        return [row for row in line.qc_table(DATE).records() if row["AB"] == name]


@pytest.mark.parametrize(
    ("fault", "gate"),
    [
        ("shifted_catalogue", "giwavecalibration: LINES_ACCEPTED is"),
        ("few_lines", "REBIN_RMS is"),
    ],
)
def test_a_wrong_line_catalogue_is_gated_and_blocks_the_science(
    fault, gate, processed, raw_night, copy_of, tmp_path
):
    folder = copy_of(processed)
    before, known = runs(folder), measured(folder, ARC)
    # The calibrations before the arc are the same: only the arc and its children are new jobs.
    simulate_night("giraffe", "", DATE, tmp_path, size="small", faults=(fault,))
    settings = folder / "phoenix.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace(f'"../../{raw_night.name}"', f'"{tmp_path}"'), "utf-8")
    done = phoenix("run", "-w", folder, "-d", DATE)
    assert done.returncode == 1
    assert states(folder)[ARC] == "gated"
    assert gate in reasons(folder)[ARC]
    root = ARC.removesuffix(".ab")
    held_back = folder / "products" / DATE / f"{root}.gated"
    # It is what a person has to look at: measured, scored, drawn, and in no table.
    assert (held_back / f"{root}.png").stat().st_size > 10_000
    page = json.loads((folder / "monitor" / "nights" / DATE / f"{root}.json").read_text("utf-8"))
    assert ".gated/" in page["row"]["report"]
    assert page["row"]["red"] > 0
    assert page["measurements"]
    # What an earlier run measured is of products that these took the place of.
    assert known
    assert measured(folder, ARC) == []
    for name in (FIRST, SECOND, THIRD):
        assert states(folder)[name] == "blocked"
        assert reasons(folder)[name].startswith(f"{ARC} (gated: giwavecalibration: ")
    assert {name: row for name, row in runs(folder).items() if name in {BIAS, DARK, FLAT}} == {
        name: before[name] for name in (BIAS, DARK, FLAT)
    }


def test_a_dark_flat_is_red_and_goes_to_a_person(tmp_path):
    simulate_night("giraffe", "", DATE, tmp_path / "night", size="small", faults=("dark_flat",))
    folder = make_workspace(tmp_path / "work", tmp_path / "night")
    with ProductionLine(folder) as line:
        (report,) = line.run(DATE, (FLAT,))
        (red,) = (row for row in line.score_table(DATE).records() if row["score"] == "red")
    assert red["parameter"] == "FLAT_EVENNESS"
    verdict = report.verdicts[FLAT]
    assert verdict.kind is VerdictKind.REVIEW
    assert verdict.comment == "one of the raw flats is fainter than the others"
