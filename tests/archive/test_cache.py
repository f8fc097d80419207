from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.archive.cache import WINDOW_DAYS, clear_window, leaving
from phoenix.archive.source import FolderSource, fetch
from phoenix.model.dates import CivilDate

DATE = CivilDate(2020, 3, 1)


def test_masters_stay_for_28_nights_on_either_side():
    folders = [str(DATE.plus(days)) for days in (-29, -28, 0, 28, 29)]
    assert leaving(folders, [DATE]) == (str(DATE.plus(-29)), str(DATE.plus(29)))


def test_static_calibrations_never_leave():
    assert leaving(["gen", "notes"], [DATE]) == ()


def test_every_running_night_keeps_its_own_window():
    far = DATE.plus(100)
    assert leaving([str(DATE), str(far), str(DATE.plus(50))], [DATE, far]) == (str(DATE.plus(50)),)


@given(st.lists(st.integers(-500, 500)), st.integers(-500, 500))
def test_nothing_within_the_window_leaves(days, night):
    folders = [str(DATE.plus(day)) for day in days]
    gone = leaving(folders, [DATE.plus(night)])
    assert all(
        abs(CivilDate.parse(name).mjd - DATE.plus(night).mjd) > WINDOW_DAYS for name in gone
    )


@pytest.fixture
def masters(tmp_path, fits_bytes):
    """Two masters of a far night: one fetched, one made here."""
    source = FolderSource(tmp_path / "source")
    below = f"calib/{DATE.plus(-60)}/GI_MBIA.fits"
    (source.root / below).parent.mkdir(parents=True)
    (source.root / below).write_bytes(fits_bytes())
    workspace = tmp_path / "workspace"
    fetched = fetch([source], below, workspace)
    made = fetched.with_name("GI_MDRK.fits")
    made.write_bytes(fits_bytes())
    return workspace, source, fetched, made


def test_what_a_source_can_give_again_leaves(masters):
    workspace, source, fetched, _ = masters
    assert clear_window(workspace, [DATE], [source]) == (fetched,)
    assert not fetched.exists()


def test_what_was_made_here_stays(masters):
    workspace, source, _, made = masters
    clear_window(workspace, [DATE], [source])
    assert made.exists()


def test_what_a_running_night_uses_stays(masters):
    workspace, source, fetched, _ = masters
    used = [fetched.relative_to(workspace).as_posix()]
    assert clear_window(workspace, [DATE], [source], used) == ()
    assert fetched.exists()


def test_a_workspace_that_is_its_own_source_loses_nothing(masters):
    workspace, _, fetched, _ = masters
    assert clear_window(workspace, [DATE], [FolderSource(workspace)]) == ()
    assert fetched.exists()


def test_an_empty_folder_goes_with_its_last_master(masters):
    workspace, source, fetched, made = masters
    made.unlink()
    clear_window(workspace, [DATE], [source])
    assert not fetched.parent.exists()
