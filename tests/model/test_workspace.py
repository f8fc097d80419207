from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import DataError
from phoenix.model.workspace import Workspace

HERE = Workspace(Path("/w"))


@pytest.mark.parametrize(
    ("symbolic", "path"),
    [
        ("${DFO_RAW_DIR}/2020-01-01/x.fits", "/w/raw/2020-01-01/x.fits"),
        ("$DFO_CAL_DIR/gen/x.fits", "/w/calib/gen/x.fits"),
        ("x.fits", "/w/raw/2020-01-01/x.fits"),
        (
            "${DFS_PRODUCT}/2020-01-01/GIRAF.x_tpl/r.GIRAF.x_tpl_0001.fits",
            "/w/products/2020-01-01/GIRAF.x_tpl/r.GIRAF.x_tpl_0001.fits",
        ),
        (
            "${DFS_PRODUCT}/BIAS/2020-01-01/r.GIRAF.x_tpl_0001.fits",
            "/w/products/2020-01-01/GIRAF.x_tpl/r.GIRAF.x_tpl_0001.fits",
        ),
        (
            "${DFS_PRODUCT}/SCI_SINGLE/2020-01-01/r.MUSE.x_0001-06.fits",
            "/w/products/2020-01-01/MUSE.x/r.MUSE.x_0001-06.fits",
        ),
    ],
)
def test_a_symbolic_path_leads_into_the_workspace(symbolic, path):
    assert HERE.resolve(symbolic, "2020-01-01") == Path(path)


@given(st.text(alphabet="./$abDFO_RWICSPTU{}~ \n\\", max_size=40))
def test_no_symbolic_path_leads_out_of_the_workspace(symbolic):
    try:
        path = HERE.resolve(symbolic, "2020-01-01")
    except DataError:
        return
    assert ".." not in path.parts
    assert path.is_relative_to("/w")
