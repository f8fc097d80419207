"""What headers say of the setup, hostile ones too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix_xshooter.setups import binning_code, nominal_resolution, readout, slit_width

WHEELS = {"UVB": "OPTI3", "VIS": "OPTI4", "NIR": "OPTI5"}


def header_of(arm, name):
    return {f"ESO INS {WHEELS[arm]} NAME": name}


@pytest.mark.parametrize(("arm", "name", "width", "power"), [
    ("UVB", "1.0x11", 1.0, 5400.0),
    ("VIS", "0.9x11", 0.9, 8900.0),
    ("NIR", "0.9x11JH", 0.9, 5600.0),
    ("NIR", "5.0x11", 5.0, 2600.0),
    ("VIS", "0.33x11", 0.33, None),
])  # fmt: skip
def test_a_slit_has_its_width_and_resolving_power(arm, name, width, power):
    assert slit_width(header_of(arm, name), arm) == width
    assert nominal_resolution(header_of(arm, name), arm) == power


@pytest.mark.parametrize("name", ["Pin_row", "", "x11", "nanx11", "infx11", "-infx11", "-5x11",
                                  "0x11", "1e999x11", "<b>5.0</b>x11"])  # fmt: skip
def test_what_is_no_width_is_none(name):
    assert slit_width(header_of("UVB", name), "UVB") is None
    assert nominal_resolution(header_of("UVB", name), "UVB") is None


@given(st.sampled_from(sorted(WHEELS)), st.text(max_size=68))
def test_any_slit_has_a_width_above_zero_or_none(arm, name):
    width = slit_width(header_of(arm, name), arm)
    assert width is None or 0.0 < width < 1e300


@pytest.mark.parametrize(("clock", "bins", "code", "short"), [
    ("100k/1pt/hg", (1, 1), "1x1", "100k1pthg"),
    ("100k/1pt/hg/1x2", (1, 2), "1x2", "100k1pthg"),
    ("400k/1pt/lg/2x2", (2, 2), "2x2", "400k1ptlg"),
    ("../../etc/passwd", (1, 1), "1x1", None),
])  # fmt: skip
def test_read_out_and_binning_are_parts_of_a_name(clock, bins, code, short):
    across, along = bins
    header = {
        "ESO DET READ CLOCK": clock,
        "ESO DET WIN1 BINX": across,
        "ESO DET WIN1 BINY": along,
    }
    assert binning_code(header, "VIS") == code
    assert "/" not in readout(header, "VIS")
    assert short is None or readout(header, "VIS") == short
