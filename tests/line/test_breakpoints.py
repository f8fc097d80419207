"""Instrument breakpoints on the line: association, history, plots and pages."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from nightwork import BIAS, DATE, FIRST, FLAT, make_workspace
from PIL import Image

from phoenix.errors import DataError
from phoenix.line.bad_data import breakpoints_of
from phoenix.line.jobs.thresholds import Thresholds, all_rules, history_of
from phoenix.line.production import ProductionLine
from phoenix.line.qc1.plot import Look
from phoenix.line.qc1.query import Query
from phoenix.model.dates import CivilDate
from phoenix.model.qc import Measurement
from phoenix.model.report import JobState
from phoenix.model.score import judge
from phoenix.model.threshold import Kind
from phoenix.monitor.places import period_place
from phoenix.store import BlockRow, JobRow

NOON = dt.datetime(2020, 3, 1, 12, tzinfo=dt.UTC)
NIGHT = CivilDate.parse(DATE)
PARAMETER = "OUT1_RON_RAW"
FAST, SLOW = "DET.READ.CLOCK=225kHz 1port", "DET.READ.CLOCK=50kHz 1port"


def with_breakpoints(folder, *rows):
    settings = folder / "phoenix.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('breakpoints = ""', 'breakpoints = "b.csv"'), "utf-8")
    table = "".join(f"{row}\n" for row in ("date,setup,why", *rows))
    (folder / "b.csv").write_text(table, "utf-8")
    return ProductionLine(folder, clock=lambda: NOON)


# ---- association -------------------------------------------------------------------------------


@pytest.fixture
def work(headers, tmp_path):
    return make_workspace(tmp_path / "work", headers)


def test_science_takes_no_calibration_from_across_a_breakpoint_and_says_so(work):
    with with_breakpoints(work, '2020-01-02T08:00,,"new CCD"') as line:
        prepared = line.create(DATE)
    assert "others lie across the breakpoint of 2020-01-02T08:00" in prepared.refused[FIRST]


def test_explain_names_the_breakpoint_that_kept_a_candidate_away(work):
    row = '2020-01-02T11:00,DET.READ.CLOCK=225kHz*,"new <b>clock</b>"'
    with with_breakpoints(work, row) as line:
        assert "across the breakpoint" in line.create(DATE, mode="CALIB").refused[FLAT]
    with with_breakpoints(work, "2020-01-02T12:10,INS.SLIT.NAME=Medusa1,fibres") as line:
        blocks = {str(ab.name): ab for ab in line.create(DATE, mode="CALIB").blocks}
        # A bias knows no slit: the flat has its bias still.
        assert any(one.pro_catg == "MASTER_BIAS" for one in blocks[FLAT].calibrations)
        assert BIAS in blocks


def test_a_breakpoint_of_another_slit_changes_nothing(work):
    with ProductionLine(work) as line:
        before = line.create(DATE).blocks
    with with_breakpoints(work, "2020-01-02T08:00,INS.SLIT.NAME=Argus,fibres") as line:
        assert line.create(DATE).blocks == before


def test_a_breakpoint_that_is_still_to_come_is_taken_and_told(work):
    with with_breakpoints(work, "2021-01-01,,announced") as line:
        told = line.create(DATE).diagnostics
    assert (
        "breakpoint of 2021-01-01 (all setups): announced: it is still to come, and separates "
        "nothing yet; expected, if it was announced"
    ) in told


def test_a_table_that_is_wrong_stops_before_anything_is_made(work):
    with with_breakpoints(work, "soon,,x") as line, pytest.raises(DataError, match="line 2"):
        line.create(DATE)
    assert not (work / "ab" / DATE).exists()


# ---- history, plots, pages ---------------------------------------------------------------------


@pytest.fixture
def years(tmp_path):
    """Ten biases, one a night; from the sixth night on the fast readout is noisier."""
    folder = make_workspace(tmp_path / "years", tmp_path)
    with ProductionLine(folder) as line:
        for number in range(10):
            date = NIGHT.plus(number)
            for setup, hour, jump in ((FAST, 10, 1.0), (SLOW, 11, 0.0)):
                name = f"GIRAF.{date.plus(1)}T{hour}:06:20.003_tpl.ab"
                row = BlockRow(
                    name, str(date), raw_type="BIAS", setup=setup, mjd_obs=date.mjd + 0.5
                )
                line.store.blocks.save([row])
                value = 2.0 + 0.01 * number + (jump if number > 4 else 0.0)
                line.store.qc1.replace(name, [Measurement(PARAMETER, value)])
                line.store.jobs.prepare({(name, "process"): ""})
                line.store.jobs.record([JobRow(name, "process", JobState.SUCCESSFUL)])
    return folder


def at(number, setup="", why="new clock"):
    return f"{NIGHT.plus(number)},{setup},{why}"


def thresholds(line):
    context = line._context
    history = history_of(context, all_rules(context), NIGHT, NIGHT.plus(9))
    return Thresholds(all_rules(context), history, 90, breakpoints_of(context))


def epochs(line):
    peers = {row.peer for rows in thresholds(line).history._rows.values() for row in rows}
    return {(peer.setup, peer.ab_name[6:16]): peer.epoch for peer in peers}


def test_the_history_that_judges_is_of_one_side_of_a_breakpoint_of_the_setup(years):
    with with_breakpoints(years, at(5, "DET.READ.CLOCK=225kHz*")) as line:
        found = epochs(line)
    assert [found[FAST, str(NIGHT.plus(n + 1))] for n in range(10)] == [0] * 5 + [1] * 5
    assert {epoch for (setup, _), epoch in found.items() if setup == SLOW} == {0}


def test_without_breakpoints_all_is_one_history(years):
    with ProductionLine(years) as line:
        assert set(epochs(line).values()) == {0}


def slope(line, tmp_path, *where):
    query = Query(where=where)
    return line.plot("MJD_OBS", PARAMETER, query, tmp_path / "x.png", Look(fit=True))


def test_no_trend_goes_across_a_breakpoint_and_the_plot_shows_it(years, tmp_path):
    with ProductionLine(years) as line:
        whole = slope(line, tmp_path, "SETUP~225kHz")
        before = picture(tmp_path)
    assert (whole.number, whole.slope > 0.1) == (10, True)
    with with_breakpoints(years, at(5, why="<b>$x^2$</b> CCD")) as line:
        part = slope(line, tmp_path, "SETUP~225kHz")
    assert part.number == 5
    assert part.slope == pytest.approx(0.01)
    assert not np.array_equal(before, picture(tmp_path))


def test_a_breakpoint_of_a_setup_that_is_not_drawn_is_not_shown(years, tmp_path):
    with ProductionLine(years) as line:
        slope(line, tmp_path, "SETUP~50kHz")
        before = picture(tmp_path)
    with with_breakpoints(years, at(5, "DET.READ.CLOCK=225kHz*"), at(300)) as line:
        assert slope(line, tmp_path, "SETUP~50kHz").number == 10
    assert np.array_equal(before, picture(tmp_path))


def picture(tmp_path):
    with Image.open(tmp_path / "x.png") as image:
        return np.asarray(image.convert("RGB")).copy()


def test_the_history_pages_show_a_breakpoint_between_the_nights(years):
    with with_breakpoints(years, at(5, why="<b>new</b> CCD")) as line:
        line.write_pages()
    page = (years / period_place("2020-01")).read_text("utf-8")
    text = f"breakpoint of {NIGHT.plus(5)} (all setups): &lt;b&gt;new&lt;/b&gt; CCD"
    assert text in page
    places = [page.rindex(f'data-period="{NIGHT.plus(4)}"'), page.index(text)]
    assert places[0] < places[1] < page.rindex(f'data-period="{NIGHT.plus(5)}"')


def test_a_table_that_is_wrong_keeps_no_page_from_being_written(years):
    with with_breakpoints(years, "soon,,x") as line:
        assert line.write_pages().is_file()


def test_a_jump_is_red_without_a_breakpoint_and_not_with_it(years):
    """What the qualityChecker says of the first night after a change that is known."""
    name = f"GIRAF.{NIGHT.plus(6)}T10:06:20.003_tpl.ab"

    def colours(line):
        (row,) = line.store.blocks.rows(names=[name])
        scores = judge(line.store.qc1.of(name), thresholds(line).of_row(row), "BIAS")
        dynamic = [score for score in scores if score.rule.kind is Kind.DYNAMIC]
        return [one.outcome.value for one in dynamic if one.rule.parameter == PARAMETER]

    with ProductionLine(years) as line:
        assert colours(line) == ["red"]
    with with_breakpoints(years, at(5)) as line:
        assert colours(line) == ["green"]
