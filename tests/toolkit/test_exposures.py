"""The raw exposures behind a product."""

from __future__ import annotations

import pytest

from phoenix.errors import HeaderError
from phoenix.toolkit.exposures import Exposures


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
