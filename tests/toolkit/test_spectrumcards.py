"""Groups of keywords that every spectrum has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from phoenix.errors import HeaderError
from phoenix.model.ab import ABName, AssociationBlock
from phoenix.model.frames import Product, RawFrame
from phoenix.model.qc import Measurement
from phoenix.toolkit.exposures import Exposures
from phoenix.toolkit.idpcards import COMMENTS, commented
from phoenix.toolkit.spectrumcards import (
    UNCALIBRATED,
    columns_of,
    logs,
    origin,
    reduction,
    reports,
    resolution,
    title,
    virtual_observatory,
)

HEADER = {
    "TELESCOP": "ESO-VLT-U2",
    "INSTRUME": "UVES",
    "DATE": "2020-01-02T12:00:00",
    "DATE-OBS": "2020-01-02T01:12:20.596",
    "ESO PRO REC1 PIPE ID": "uves/6.1.8",
    "MJD-OBS": 58850.05,
    "EXPTIME": 86.4,
    "ARCFILE": "UVES.2020-01-02T01:12:20.596.fits",
    "ESO OBS PROG ID": "0104.D-0001(A)",
}
EXPOSURES = Exposures.of([HEADER], "an.ab")
ARC = (
    Measurement("SPEC_RES", 41000.04),
    Measurement("LAMRMS", 0.0004),
    Measurement("LAMNLIN", 1600),
    Measurement("SPEC_RES", 1.0, 3),
)


def test_all_groups_have_their_comments_in_the_table():
    groups = {
        **origin(HEADER, EXPOSURES),
        **reduction(HEADER, "ECHELLE", UNCALIBRATED),
        **resolution(ARC, None, 9),
        **virtual_observatory(),
    }
    assert {card.keyword for card in commented(groups, COMMENTS)} == set(groups)


def test_the_origin_spans_the_exposures():
    found = origin(HEADER, EXPOSURES)
    assert found["MJD-END"] == pytest.approx(58850.051)
    assert (found["NCOMBINE"], found["RADESYS"]) == (1, "FK5")


def test_an_origin_without_telescope_is_refused():
    with pytest.raises(HeaderError, match="TELESCOP"):
        origin({}, EXPOSURES)


def test_spectra_in_counts_say_so_and_by_what_they_were_made():
    found = reduction(HEADER, "ECHELLE", UNCALIBRATED)
    assert (found["FLUXCAL"], found["FLUXERR"]) == ("UNCALIBRATED", -1.0)
    assert found["OBSTECH"] == "ECHELLE"
    assert found["PROCSOFT"].startswith("uves/6.1.8 phoenix/")


def test_the_error_of_the_wavelength_is_that_of_the_mean_of_all_lines():
    assert resolution(ARC, None, 9) == {
        "SPEC_RES": 41000.0,
        "LAMRMS": 0.0004,
        "LAMNLIN": 1600,
        "SPEC_ERR": 1e-05,
    }


def test_the_nominal_resolving_power_stands_in_for_a_measured_one():
    assert resolution((), 5800.0, 9) == {"SPEC_RES": 5800.0}
    assert resolution((), None, 9) == {}


def test_a_title_is_no_longer_than_a_card():
    assert title("Sirius", "RED") == "Sirius RED"
    assert len(title("x" * 100)) == 68


def test_columns_are_rows_with_their_values():
    (column,) = columns_of([("WAVE", "nm", "spec:x", "em.wl")], [np.zeros(3)])
    assert (column.name, column.unit, column.utype, column.ucd) == (
        "WAVE",
        "nm",
        "spec:x",
        "em.wl",
    )


def test_the_first_picture_among_the_products_is_the_report():
    raws = (RawFrame("${DFO_RAW_DIR}/2020-01-01/a.fits", "SCIENCE"),)
    ab = AssociationBlock(ABName("UVES.2020-01-02T01:12:20.596.ab"), "x", raws)
    products = (Product(Path("a.fits"), "RED"), Product(Path("a.png"), "QC_REPORT"))
    (report,) = reports(ab, products)
    assert (report.name, report.path) == (f"r.{ab.root}.png", Path("a.png"))
    assert not list(reports(ab, products[:1]))


def test_the_log_among_the_products_travels_as_a_read_me():
    raws = (RawFrame("${DFO_RAW_DIR}/2020-01-01/a.fits", "SCIENCE"),)
    ab = AssociationBlock(ABName("UVES.2020-01-02T01:12:20.596.ab"), "x", raws)
    products = (Product(Path("a.fits"), "RED"), Product(Path("a.log"), "RECIPE_LOG"))
    (log,) = logs(ab, products)
    assert (log.name, log.category) == (f"r.{ab.root}.log", "ANCILLARY.README")
    assert not list(logs(ab, products[:1]))
