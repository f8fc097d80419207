"""The raw exposures behind a product."""

from __future__ import annotations

import pytest

from phoenix.errors import HeaderError
from phoenix.toolkit.exposures import Exposures, exposure_name, is_same_exposure


def test_several_exposures_are_one_with_all_their_times():
    """giscience averages; the IDP tells the sum of the times and every raw file."""

    def header(start, obid):
        return {
            "ARCFILE": f"GIRAF.{start}.fits",
            "MJD-OBS": start,
            "EXPTIME": 600.0,
            "ESO OBS PROG ID": "104.D-0001(A)",
            "ESO OBS ID": obid,
        }

    both = Exposures.of([header(58850.02, 2), header(58850.01, 1)], "AB")
    assert both.exptime == 1200.0
    assert both.names == ("GIRAF.58850.01.fits", "GIRAF.58850.02.fits")
    assert both.blocks == (1, 2)
    assert both.programmes == ("104.D-0001(A)",)
    assert both.end == pytest.approx(58850.02 + 600 / 86400)


def test_a_product_of_no_raw_file_is_refused():
    with pytest.raises(HeaderError, match=r"an\.ab: found no raw file"):
        Exposures.of([], "an.ab")


RAW = {"ARCFILE": "UVES.2020-01-02T01:12:30.281.fits", "MJD-OBS": 58850.050350474537}


@pytest.mark.parametrize(
    ("product", "same"),
    [
        ({"ARCFILE": RAW["ARCFILE"], "MJD-OBS": 58850.05035047}, True),
        ({"ARCFILE": RAW["ARCFILE"]}, True),
        ({"ESO PRO REC1 RAW1 NAME": RAW["ARCFILE"]}, True),
        ({"ESO PRO REC1 RAW1 NAME": "blue_0001.fits", "MJD-OBS": 58850.05035047}, True),
        ({"ARCFILE": "UVES.2020-01-02T01:12:26.809.fits", "MJD-OBS": 58850.05031029}, False),
        ({"ARCFILE": "UVES.2020-01-02T01:12:26.809.fits"}, False),
    ],
)
def test_files_of_one_exposure_are_known_by_name_or_time(product, same):
    """Eight decimals of MJD-OBS in a product, twelve in the raw file: they are never equal."""
    assert is_same_exposure(RAW, product) is same


def test_an_exposure_without_name_is_refused():
    with pytest.raises(HeaderError, match="ARCFILE"):
        exposure_name({"MJD-OBS": 1.0})
