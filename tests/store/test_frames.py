"""The header pool in the database."""

from __future__ import annotations

from attrs import evolve

from phoenix.model.overlay import Overlaid
from phoenix.store import FrameRow, Store

ROW = FrameRow(
    "/disk/raw/2020-01-01/GIRAF.2020-01-02T10:06:20.003.fits",
    "raw",
    arcfile="GIRAF.2020-01-02T10:06:20.003.fits",
    date="2020-01-01",
    mjd_obs=58850.42,
    exptime=0.0,
    size=4_800_960,
    mtime_ns=1_577_000_000_123_456_789,
    keys="0123456789abcdef",
    header={"ESO DPR TYPE": "BIAS", "ESO DET WIN1 BINX": 1, "EXPTIME": 0.0, "SIMPLE": True},
)
STATIC = FrameRow("/disk/calib/gen/GI_GLIN.fits", "static", arcfile="GI_GLIN.fits", size=5760)
BROKEN = evolve(ROW, path="/disk/raw/broken.fits", date="", header={}, fault="found an HTML page")


def test_a_frame_comes_back_as_it_was_saved(store):
    store.frames.replace([ROW])
    assert store.frames.rows() == (ROW,)


def test_what_is_known_of_a_file_is_its_size_time_keys_and_name(store):
    store.frames.replace([ROW])
    assert store.frames.known() == {ROW.path: (ROW.size, ROW.mtime_ns, ROW.keys, ROW.arcfile)}


def test_what_was_overlaid_and_of_what_a_product_was_made_come_back(store):
    done = (Overlaid("A", None, 1, "é"), Overlaid("B", "x", True, "w"))
    overlaid = evolve(ROW, overlaid=done)
    master = evolve(STATIC, made_of=("GIRAF.1.fits", "r.GIRAF.1_tpl_0000.fits"))
    store.frames.replace([overlaid, master])
    found = sorted(store.frames.rows(), key=lambda row: row.path)
    assert found == [master, overlaid]
    assert store.frames.made_of() == {"GI_GLIN.fits": master.made_of}


def test_a_file_that_is_saved_again_is_there_once(store):
    store.frames.replace([ROW])
    changed = evolve(ROW, size=1)
    store.frames.replace([changed])
    assert store.frames.rows() == (changed,)


def test_files_that_are_gone_are_forgotten(store):
    store.frames.replace([ROW, STATIC])
    store.frames.replace([], [ROW.path])
    assert store.frames.rows() == (STATIC,)


def test_frames_are_chosen_by_kind_night_and_fault(store):
    store.frames.replace([ROW, STATIC, BROKEN])
    assert store.frames.rows(kinds=["static"]) == (STATIC,)
    assert store.frames.rows(since="2020-01-01", until="2020-01-01") == (ROW,)
    assert store.frames.rows(since="2020-01-02", until="2020-01-03") == ()
    assert store.frames.rows(faulty=True) == (BROKEN,)
    assert store.frames.rows(faulty=False) == (STATIC, ROW)


def test_processes_that_share_a_database_have_pools_of_their_own(store, url):
    store.frames.replace([ROW])
    with Store.open(url, "UVES_ECH") as other:
        assert other.frames.rows() == ()
        other.frames.replace([evolve(ROW, kind="static")])
    assert store.frames.rows() == (ROW,)


def test_more_files_than_fit_into_one_statement(store):
    rows = [evolve(ROW, path=f"/disk/{number:05d}.fits") for number in range(2500)]
    store.frames.replace(rows)
    store.frames.replace(rows[:10], [row.path for row in rows[10:]])
    assert len(store.frames.rows()) == 10
