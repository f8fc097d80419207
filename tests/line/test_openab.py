"""One AB in a notebook: its report, spectra, numbers; why it has its calibrations; plots."""

from __future__ import annotations

import builtins
import shutil
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from nightwork import ARC, DATE, FIRST, SECOND, THIRD

from phoenix.errors import DataError, SettingsError
from phoenix.line.production import ProductionLine

pytestmark = pytest.mark.recipes
PNG = b"\x89PNG\r\n"


@pytest.fixture(scope="module")
def line(undisturbed):
    folder = Path(shutil.copytree(undisturbed.folder, undisturbed.folder.parent / "openab"))
    with ProductionLine(folder) as line:
        line.create(DATE)
        yield line
    shutil.rmtree(folder)


def test_an_ab_shows_where_it_stands(line):
    ab = line.ab(FIRST.removesuffix(".ab"))
    (row,) = ab.status().records()
    assert (row["AB"], row["state"]) == (FIRST, "successful")
    assert FIRST in ab._repr_html_()
    assert (str(ab), ab.night, ab.recipe) == (FIRST, DATE, "giscience")


def test_the_abs_of_a_night_are_there_in_order_of_observation(line):
    names = [ab.name for ab in line.abs(DATE)]
    assert names[:3] == [FIRST, SECOND, THIRD]
    assert len(names) == 7


def test_an_unknown_ab_is_refused(line):
    with pytest.raises(DataError, match="no such AB was run here"):
        line.ab("GIRAF.2020-01-02T00:00:00.000.ab")


def test_of_an_ab_that_is_misspelt_the_nearest_of_its_night_is_told(line):
    with pytest.raises(DataError, match=f"did you mean {FIRST}"):
        line.ab(f"{FIRST[:20]}9{FIRST[21:]}")


def test_a_report_is_an_image(line):
    assert line.ab(FIRST).report()._repr_png_().startswith(PNG)


def test_spectra_are_those_of_the_idps(line):
    spectra = line.ab(FIRST).spectra()
    assert len(spectra) == 45
    assert {one.meta["header"]["PRODCATG"] for one in spectra} == {"SCIENCE.SPECTRUM"}
    folder = line.workspace.folder("reduced", DATE) / "idp" / FIRST.removesuffix(".ab")
    first = min(folder.glob("GI_SRBS*.fits"))
    with fits.open(first) as hdus:
        assert np.array_equal(spectra[0].flux.value, hdus["SPECTRUM"].data["FLUX_REDUCED"][0])


def test_an_ab_without_idps_says_how_they_are_made(line):
    with pytest.raises(DataError, match=f"phoenix convert -d {DATE}"):
        line.ab(ARC).spectra()


def test_without_specutils_the_extra_is_named(line, monkeypatch):
    real = builtins.__import__

    def without(name, *words, **more):
        if name == "specutils":
            raise ImportError(name)
        return real(name, *words, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SettingsError, match=r"phoenix-idp\[notebook\]"):
        line.ab(FIRST).spectra()


def test_measurements_and_scores_of_an_ab_are_its_own(line):
    ab = line.ab(FIRST)
    table = ab.measurements("SNR")
    assert set(table["AB"]) == {FIRST}
    assert len(table) > 40
    assert {row["AB"] for row in ab.scores().records()} == {FIRST}


# ---- plots -----------------------------------------------------------------------------------


def test_two_parameters_are_drawn_against_each_other(undisturbed):
    drawn = undisturbed.report.plot("MEAN_COUNTS", "SNR")
    assert drawn._repr_png_().startswith(PNG)
    axes = drawn.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("MEAN_COUNTS [adu]", "SNR")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [FIRST, SECOND, THIRD]


def test_what_is_drawn_is_what_was_measured(undisturbed):
    drawn = undisturbed.report.plot("SNR")
    table = undisturbed.report.measurements("SNR")
    own = table[(table["AB"] == FIRST) & (table["ELEMENT"] > 0)]
    own = own[~np.asarray(own["SNR"].mask)]
    (first, *_) = drawn.axes.get_lines()
    assert np.array_equal(first.get_ydata(), np.asarray(own["SNR"], dtype=float))
    assert np.array_equal(first.get_xdata(), np.asarray(own["ELEMENT"], dtype=float))


def test_a_parameter_of_whole_abs_is_drawn_in_their_order(undisturbed):
    drawn = undisturbed.report.plot("WSOL_RMS")
    assert drawn.axes.get_xlabel() == "AB, in order"


@pytest.mark.parametrize("names", [("SNRR",), ("SNR", "snrr")])
def test_a_parameter_that_there_is_none_of_gets_the_nearest(undisturbed, names):
    with pytest.raises(DataError, match="did you mean SNR"):
        undisturbed.report.plot(*names)


def test_parameters_of_different_abs_cannot_be_drawn_together(undisturbed):
    with pytest.raises(DataError, match="found no numbers in both"):
        undisturbed.report.plot("WSOL_RMS", "SNR")


# ---- why -------------------------------------------------------------------------------------


def test_an_explanation_is_a_table(line):
    told = line.explain(line.ab(FIRST))
    rows = told.table().records()
    taken = [row for row in rows if row["taken"]]
    assert {row["calibration"] for row in taken} >= {"MASTER_BIAS", "DISPERSION_SOLUTION"}
    assert all(row["why"] or row["rank"] for row in rows if row["file"])
    assert "MASTER_BIAS" in told._repr_html_()
    assert told.text() == line.explain(FIRST).text()


# ---- what a prompt shows ---------------------------------------------------------------------


def test_what_a_prompt_shows_is_short(line, undisturbed):
    things = (
        *(undisturbed.report, undisturbed.dry, undisturbed.converted, line, line.ab(FIRST)),
        *(line.status(DATE), line.explain(FIRST), line.score_table(DATE), undisturbed.dry.nights),
    )
    for thing in things:
        assert len(repr(thing)) < 1000, type(thing)


def test_ipython_prints_a_table_as_one(line):
    class Printer:
        def text(self, text):
            self.told = text

    line.status(DATE)._repr_pretty_(printer := Printer(), _cycle=False)
    assert printer.told == str(line.status(DATE))
