"""The AB monitor of a night like that of figure 4 of the manual of the original."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from attrs import evolve

from phoenix.instrument import load_instrument
from phoenix.model.ab import AssociationBlock
from phoenix.model.dates import CivilDate
from phoenix.model.frames import RawFrame
from phoenix.model.qc import Measurement
from phoenix.model.report import JobState
from phoenix.model.score import judge
from phoenix.model.workspace import Workspace
from phoenix.monitor import Declared, write_night
from phoenix.store import BlockRow, JobRow, Store
from phoenix_xshooter.report.cover import groups_of

DATE = "2010-03-28"
NOON = dt.datetime(2010, 3, 29, 12, tzinfo=dt.UTC)
SATURATED = "more than 20000 pixels saturated"

FIGURE = (
    # Time of the AB, raw type, setup, seconds of recipe and QC, red scores of all.
    ("2010-03-28T23:57:16.831_tpl", "NOD_UVB", "100k/1pt/hg_UVB_1.0x11_SLOT", (3.4, 0.1), (0, 5)),
    ("2010-03-28T23:57:21.832_tpl", "NOD_VIS", "100k/1pt/hg_VIS_0.9x11_SLOT", (8.6, 0.2), (0, 5)),
    ("2010-03-28T23:57:24.912_tpl", "NOD_NIR", "50.0000000_NIR_0.9x11_SLOT", (2.1, 0.1), (0, 5)),
    ("2010-03-29T01:23:13.678_tpl", "NOD_UVB", "100k/1pt/hg_UVB_1.3x11_SLOT", (2.1, 0.1), (0, 5)),
    ("2010-03-29T01:23:18.908_tpl", "NOD_VIS", "100k/1pt/hg_VIS_1.2x11_SLOT", (5.2, 0.2), (0, 5)),
    ("2010-03-29T01:23:22.080_tpl", "NOD_NIR", "1200.0000000_NIR_1.2x11_SLOT", (1.5, 0.1), (1, 5)),
    ("2010-03-29T02:41:14.894_tpl", "NOD_UVB", "100k/1pt/hg/1x2_UVB_0.8x11_SLOT", (1.7, 0.1),
     (0, 5)),
    ("2010-03-29T02:41:19.894_tpl", "NOD_VIS", "100k/1pt/hg/1x2_VIS_0.7x11_SLOT", (4.2, 0.2),
     (0, 5)),
    ("2010-03-29T02:41:22.926_tpl", "NOD_NIR", "1800.0000000_NIR_0.6x11_SLOT", (1.4, 0.1), (1, 5)),
    ("2010-03-29T03:58:44.839", "STARE_UVB", "400k/1pt/hg_UVB_0.5x11_SLOT", (1.9, 0.2), (0, 3)),
    ("2010-03-29T03:58:50.100", "STARE_VIS", "400k/1pt/hg_VIS_0.4x11_SLOT", (4.1, 0.2), (0, 3)),
    ("2010-03-29T03:58:52.908", "STARE_NIR", "1.0000000_NIR_0.4x11_SLOT", (1.4, 0.2), (0, 3)),
    ("2010-03-29T04:58:42.795_tpl", "NOD_UVB", "400k/1pt/hg_UVB_0.5x11_SLOT", (8.4, 0.2), (0, 5)),
    ("2010-03-29T04:58:48.015_tpl", "NOD_VIS", "400k/1pt/hg_VIS_0.4x11_SLOT", (11.7, 0.3), (0, 5)),
    ("2010-03-29T04:58:51.137_tpl", "NOD_NIR", "2.0000000_NIR_0.4x11_SLOT", (2.2, 0.2), (0, 5)),
)  # fmt: skip
"""The rows of the figure; the last three begin an hour later here, their times are misprinted."""


def ab_of(row):
    time, kind, setup, _, _ = row
    raw_type = f"OBJECT_SLIT_{kind}"
    name = f"SHOOT.{time}"
    readout, arm, slit, mode = setup.split("_")
    keys = ("DET.DIT" if arm == "NIR" else "DET.READ.CLOCK", "SEQ.ARM", f"INS.{arm}", "INS.OPTI2")
    return AssociationBlock(
        f"{name}.ab",
        "xsh_scired_slit_stare" if "STARE" in kind else "xsh_scired_slit_nod",
        (RawFrame(f"${{DFO_RAW_DIR}}/{DATE}/{name.removesuffix('_tpl')}.fits", raw_type),),
        date=CivilDate.parse(DATE),
        raw_type=raw_type,
        dpr_catg="SCIENCE",
        setup=tuple(zip(keys, (readout, arm, slit, mode), strict=True)),
    )


def measured(ab, red):
    values = {"NUM_SAT": 35_000 if red else 12, "TPL_PART": 1.0, "FLUX_CALIBRATED": 1}
    if "NOD" in ab.raw_type:
        values |= {"SNR": 20.0, "NET_LINES": 0.0}
    return tuple(Measurement(name, value) for name, value in values.items())


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Return the rows of the page's JSON, and the text of the page."""
    xshooter = load_instrument("xshooter")
    process = xshooter.process("XSHOOTER_ECH")
    workspace = Workspace(tmp_path_factory.mktemp("figure"))
    blocks = [ab_of(row) for row in FIGURE]
    rules = xshooter.score_rules(process)
    plots = workspace.root / "plots" / DATE
    plots.mkdir(parents=True)
    for ab in blocks[:3]:
        (plots / f"{ab.root}.cover.png").touch()
    with Store.open(f"sqlite:///{workspace.root}/phoenix.db", "XSHOOTER_ECH") as store:
        store.blocks.save(BlockRow.of(ab) for ab in blocks)
        for ab, (_, _, _, (recipe_s, qc_s), (red, _)) in zip(blocks, FIGURE, strict=True):
            name = str(ab.name)
            store.jobs.prepare({(name, "process"): "", (name, "qc"): ""})
            for step, seconds in (("process", recipe_s), ("qc", qc_s)):
                store.jobs.record([
                    JobRow(name, step, JobState.SUCCESSFUL, started=NOON,
                           ended=NOON + dt.timedelta(seconds=seconds), wall_s=seconds)
                ])  # fmt: skip
            rows = measured(ab, red)
            store.qc1.replace(name, rows)
            store.qc1.add_scores(name, judge(rows, rules, ab.raw_type), NOON)
        declared = Declared(xshooter.qc_parameters(process), xshooter.score_bits(process))
        write_night(store, workspace, DATE, declared)
    folder = workspace.root / "monitor" / "nights" / DATE
    rows = json.loads((folder / "index.json").read_text("utf-8"))
    return rows["rows"], (folder / "index.html").read_text("utf-8")


def test_index_name_and_recipe_are_those_of_the_figure(page):
    found = [(row["index"], row["name"], row["recipe"]) for row in page[0]]
    assert found == [
        (f"sci{number:03d}", str(ab.name), ab.recipe)
        for number, ab in enumerate(map(ab_of, FIGURE), 1)
    ]


def test_the_setup_is_printed_as_in_the_figure(page):
    for row, (_, _, setup, _, _) in zip(page[0], FIGURE, strict=True):
        assert "_".join(value for _, value in row["setup"]) == setup
        assert setup in page[1]


def test_times_are_those_of_recipe_and_qc(page):
    found = [(row["recipe_s"], row["qc_s"]) for row in page[0]]
    assert found == [times for _, _, _, times, _ in FIGURE]


@pytest.mark.parametrize(
    "column",
    ["index", "AB", "recipe", "AB file", "status", "recipe + QC", "report", "score", "comment"],
)
def test_the_page_has_the_columns_of_the_figure(page, column):
    """Ours are INDEX, AB, RECIPE, COMPL, P LOG, T_EXEC, QC REPORT and COVER, SCORE, COMMENT."""
    assert f">{column}</th>" in page[1]


def test_the_page_tells_the_times_of_recipe_and_qc(page):
    """T_EXEC is printed 3.4+0.1 in the figure."""
    for _, _, _, (recipe_s, qc_s), _ in FIGURE:
        assert re.search(rf">{recipe_s:.1f} s<span class=\"sub\">\+ {qc_s:.1f} s</span>", page[1])


def test_the_page_tells_that_abs_are_complete(page):
    assert page[1].count('<span class="sub">complete</span>') == len(FIGURE)


def test_the_coversheet_of_a_pointing_is_linked_at_each_of_its_abs(page):
    linked = [row["index"] for row in page[0] if row["cover"].endswith(".cover.png")]
    assert linked == ["sci001", "sci002", "sci003"]
    assert page[1].count(">COVER</a>") == 3


def test_scores_are_counted_as_in_the_figure(page):
    found = [(row["red"], len(row["scores"])) for row in page[0]]
    assert found == [score for _, _, _, _, score in FIGURE]


def test_two_saturated_exposures_are_red_and_say_why(page):
    told = {
        row["index"]: [remark["text"] for remark in row["remarks"]]
        for row in page[0]
        if row["red"]
    }
    assert set(told) == {"sci006", "sci009"}
    assert all(SATURATED in " ".join(texts) for texts in told.values())


def test_the_arms_of_a_pointing_share_a_coversheet():
    blocks = [
        evolve(
            ab_of(row), obs_id=1, mjd_obs=55283.998 + 0.05 * (number // 3) + 5e-5 * (number % 3)
        )
        for number, row in enumerate(FIGURE)
    ]
    groups = groups_of(tuple(blocks))
    assert len(set(groups.values())) == 5
    for number in range(0, 15, 3):
        names = {groups[str(ab.name)] for ab in blocks[number : number + 3]}
        assert len(names) == 1
