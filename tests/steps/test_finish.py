from __future__ import annotations

import shutil

import pytest
from attrs import evolve

from phoenix.formats.abfile import read_ab
from phoenix.formats.fits.headers import read_header
from phoenix.model.frames import Product, RawFrame, Role
from phoenix.model.report import JobState
from phoenix.steps import finish as finish_module
from phoenix.steps.finish import (
    finish_blocks,
)
from phoenix.steps.frames import set_of_frames
from phoenix.steps.quality.score import QCResult, write_qc
from phoenix.steps.release_raw import release_raw
from phoenix.steps.shelf.manifest import read_manifest
from phoenix.steps.shelf.places import Places, Record

from .conftest import DATE, fake_instrument, fake_process, fits_bytes, told

CODES = {"MASTER_BIAS": "MBIA", "SPECTRUM": "SPEC", "IMAGE": "IMAG"}


def rename_product(ab, product: Product) -> str:
    # As a plugin does: the file itself is asked.
    assert read_header(product.path)["ESO PRO CATG"] == product.pro_catg
    return f"FA_{CODES[product.pro_catg]}_{ab.name.timestamp}.fits"


@pytest.fixture
def done(night):
    """A bias and a science AB, successful, with measurements and a QC report."""
    night = evolve(night, instrument=fake_instrument(rename_product=rename_product))
    bias = night.bias()
    science = night.science(bias)
    for ab in (bias, science):
        result, published = night.process(ab)
        assert result.state is JobState.SUCCESSFUL, result.reason
        write_qc(QCResult(str(ab.name)), published.folder / "qc.json")
        (published.folder / f"{ab.root}.png").write_bytes(b"\x89PNG")
    return night, bias, science


def finish(night, *blocks, **more):
    return finish_blocks(night.instrument, fake_process(), night.workspace, blocks, **more)


def below(night):
    root = night.workspace.root
    return {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.is_file() and path.relative_to(root).parts[0] != "raw"
    }


def final_files(bias, science):
    stamp = bias.name.timestamp, science.name.timestamp
    return {
        f"calib/{DATE}/FA_MBIA_{stamp[0]}.fits",
        f"reduced/{DATE}/FA_SPEC_{stamp[1]}.fits",
        f"reduced/{DATE}/FA_IMAG_{stamp[1]}.fits",
        *(f"plots/{DATE}/{ab.root}.png" for ab in (bias, science)),
        *(
            f"logs/{DATE}/{ab.root}{ending}"
            for ab in (bias, science)
            for ending in (".log", ".sof", ".ab", ".json", ".qc.json")
        ),
    }


def test_everything_is_in_its_final_place_and_nothing_else_is_left(done):
    night, bias, science = done
    report = finish(night, bias, science)
    assert report.refused == ()
    assert below(night) == final_files(bias, science)
    assert not Places.of(night.workspace, bias).published.exists()


def test_the_statistics_count_what_was_kept(done):
    night, bias, science = done
    report = finish(night, bias, science)
    assert report.products == {Role.CALIBRATION: 1, Role.SCIENCE: 1, Role.ANCILLARY: 1}
    assert report.size == 3 * 5760
    assert report.recipe_s > 0


def test_the_manifest_says_where_each_product_went(done):
    night, bias, _ = done
    finish(night, bias)
    manifest = read_manifest(Places.of(night.workspace, bias).finished(Record.MANIFEST))
    places = {row.pro_catg: row.final for row in manifest.products}
    assert places == {
        "MASTER_BIAS": f"calib/{DATE}/FA_MBIA_{bias.name.timestamp}.fits",
        "BAD_PIXEL_MAP": "",
    }


def test_the_edited_ab_lies_with_the_logs(done):
    night, bias, _ = done
    edited = bias.edited(why="a better setup", setup=(("INS.MODE", "MED"),))
    finish(night, edited)
    assert read_ab(night.workspace.folder("logs", DATE) / str(bias.name)) == edited


def test_finishing_twice_changes_nothing(done):
    night, bias, science = done
    first = finish(night, bias, science)
    before = below(night)
    assert finish(night, bias, science) == first
    assert below(night) == before


def test_a_finished_ab_is_not_processed_again(done):
    night, bias, science = done
    finish(night, bias, science)
    for ab in (bias, science):
        result, published = night.process(ab)
        assert result.state is JobState.SUCCESSFUL
        assert published.done_before


def test_a_lost_final_product_is_made_again(done):
    night, bias, science = done
    report = finish(night, bias, science)
    (night.workspace.root / report.finished[0].manifest.products[0].final).unlink()
    assert not night.process(bias)[1].done_before


@pytest.mark.parametrize("breaks_at", range(1, 20))
def test_a_finish_that_died_is_taken_up_where_it_was(done, monkeypatch, breaks_at):
    night, bias, science = done
    calls = iter(range(1, 100))

    class Died(BaseException):
        pass

    def dying(function):
        def act(*arguments, **more):
            if next(calls) == breaks_at:
                raise Died
            return function(*arguments, **more)

        return act

    for name in ("_move", "write_manifest", "write_ab", "copy_plain", "clear_away"):
        function = getattr(finish_module, name)
        monkeypatch.setattr(f"phoenix.steps.finish.{name}", dying(function))
    with pytest.raises(Died):
        finish(night, bias, science)
    monkeypatch.undo()
    assert finish(night, bias, science).refused == ()
    assert below(night) == final_files(bias, science)


def test_intermediate_products_stay_while_an_ab_waits_for_them(done):
    night, bias, _ = done
    finish(night, bias, waited_for={str(bias.name)})
    kept = sorted(path.name for path in Places.of(night.workspace, bias).published.glob("*.fits"))
    assert kept == [f"r.{bias.root}_0001.fits"]
    assert (night.workspace.folder("calib", DATE) / f"FA_MBIA_{bias.name.timestamp}.fits").exists()
    assert night.process(bias)[1].done_before


@pytest.mark.parametrize("content", [b"", b"{"], ids=["empty", "cut"])
def test_products_of_a_finished_ab_that_lost_its_manifest_are_replaced(done, content):
    night, bias, _ = done
    finish(night, bias)
    places = Places.of(night.workspace, bias)
    places.finished(Record.MANIFEST).write_bytes(content)
    final = night.workspace.root / f"calib/{DATE}/FA_MBIA_{bias.name.timestamp}.fits"
    final.write_bytes(b"what was made before")
    night.process(bias)
    report = finish(night, bias)
    assert report.refused == ()
    assert read_header(final)["ESO PRO CATG"] == "MASTER_BIAS"
    assert not places.published.exists()


def test_what_waited_is_removed_once_nobody_waits(done):
    night, bias, science = done
    finish(night, bias, waited_for={str(bias.name)})
    finish(night, bias, science)
    assert below(night) == final_files(bias, science)


def test_a_child_finds_the_master_of_a_finished_parent(done):
    night, bias, _ = done
    finish(night, bias)
    later = told(night.science(bias), seconds="0")
    result, published = night.process(later)
    assert result.state is JobState.SUCCESSFUL, result.reason
    sof = (published.folder / f"{later.root}.sof").read_text()
    assert f"calib/{DATE}/FA_MBIA_{bias.name.timestamp}.fits MASTER_BIAS" in sof


def test_two_products_of_one_final_name_are_refused(done):
    night, bias, science = done
    same = evolve(night, instrument=fake_instrument(rename_product=lambda: "FA_X.fits"))
    report = finish(same, bias, science)
    assert [row.ab_name for row in report.finished] == [str(bias.name)]
    ((name, reason),) = report.refused
    assert name == str(science.name)
    assert "rename_product" in reason
    assert Places.of(night.workspace, science).published.exists()


def test_a_final_name_that_is_taken_on_disk_is_refused(done):
    night, bias, _ = done
    taken = night.workspace.folder("calib", DATE) / f"FA_MBIA_{bias.name.timestamp}.fits"
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"somebody else's")
    report = finish(night, bias)
    assert "is there already with other content" in report.refused[0][1]
    assert taken.read_bytes() == b"somebody else's"


def test_a_new_run_of_a_finished_ab_replaces_its_own_products(done):
    night, bias, _ = done
    finish(night, bias)
    again = told(bias, seconds="0")
    path = night.workspace.folder("calib", DATE) / f"FA_MBIA_{bias.name.timestamp}.fits"
    path.write_bytes(b"old")
    night.process(again)
    assert finish(night, again).refused == ()
    assert path.stat().st_size == 5760


def test_an_ab_that_was_not_run_is_refused(done):
    night, _, _ = done
    assert "run the AB first" in finish(night, night.bias(5)).refused[0][1]


def test_things_are_found_before_and_after(done):
    night, bias, _ = done
    workspace = night.workspace
    row = read_manifest(Places.of(workspace, bias).published / "manifest.json").products[0]
    assert (
        Places.of(workspace, bias).product(row.name, row.final).parent
        == Places.of(workspace, bias).published
    )
    assert Places.of(workspace, bias).now(Record.QC).parent == Places.of(workspace, bias).published
    assert (
        Places.of(workspace, bias).now(Record.REPORT).parent
        == Places.of(workspace, bias).published
    )
    row = finish(night, bias).finished[0].manifest.products[0]
    assert Places.of(workspace, bias).product(row.name, row.final).parent == workspace.folder(
        "calib", DATE
    )
    assert Places.of(workspace, bias).now(Record.QC).parent == workspace.folder("logs", DATE)
    assert Places.of(workspace, bias).now(Record.REPORT).parent == workspace.folder("plots", DATE)


def test_raw_frames_leave_and_their_headers_stay(done):
    night, bias, _ = done
    manifest = read_manifest(Places.of(night.workspace, bias).published / "manifest.json")
    gone = release_raw(night.workspace, DATE, night.sources)
    assert len(gone) == 4
    frames = set_of_frames(night.workspace, manifest).frames
    header = read_header(frames[0][0])
    assert header["ARCFILE"] == bias.raw_files[0].name
    assert header["NAXIS1"] == 1440


def test_a_raw_frame_that_no_source_has_stays(done):
    night, bias, _ = done
    frame: RawFrame = bias.raw_files[0]
    shutil.rmtree(night.sources[0].root)
    assert release_raw(night.workspace, DATE, night.sources) == ()
    assert night.workspace.resolve(frame.path).exists()


def test_the_headers_of_all_hdus_are_saved(night):
    table = "XTENSION= 'IMAGE   '".ljust(80) + "BITPIX  =                    8".ljust(80)
    table += "NAXIS   =                    0".ljust(80) + "END".ljust(80)
    frame = night.raw("FAKE.X.fits", fits_bytes() + table.encode().ljust(2880))
    target = night.workspace.resolve(frame.path)
    target.parent.mkdir(parents=True)
    shutil.copy(night.sources[0].root / "raw" / str(DATE) / "FAKE.X.fits", target)
    release_raw(night.workspace, DATE, night.sources)
    saved = night.workspace.folder("headers", DATE) / "FAKE.X.hdr"
    assert read_header(saved, 1)["BITPIX"] == 8


# ---- what was published is what is delivered ----------------------------------------------------


def flip(path):
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[:2880])


def empty(path):
    path.write_bytes(b"")


def link(path):
    moved = path.with_name("elsewhere")
    path.rename(moved)
    path.symlink_to(moved)


@pytest.mark.parametrize("damage", [flip, cut, empty, link])
def test_a_product_that_was_changed_after_it_was_published_goes_nowhere(done, damage):
    night, bias, science = done
    places = Places.of(night.workspace, bias)
    row = read_manifest(places.published / "manifest.json").products[0]
    damage(places.published / row.name)
    report = finish(night, bias, science)
    ((name, reason),) = report.damaged
    assert name == str(bias.name)
    assert f"{row.name} ({row.pro_catg})" in reason
    assert "rerun --failed" in reason
    assert not list(night.workspace.folder("calib", DATE).glob("*.fits"))
    assert [one.ab_name for one in report.finished] == [str(science.name)]


@pytest.mark.parametrize("damage", [flip, cut, empty])
def test_an_ab_with_a_changed_product_is_processed_again(done, damage):
    night, bias, _ = done
    places = Places.of(night.workspace, bias)
    row = read_manifest(places.published / "manifest.json").products[0]
    damage(places.published / row.name)
    _, published = night.process(bias)
    assert not published.done_before
    assert finish(night, bias).damaged == ()


def test_a_finished_ab_with_a_changed_product_is_processed_again(done):
    night, bias, _ = done
    row = finish(night, bias).finished[0].manifest.products[0]
    flip(night.workspace.root / row.final)
    _, published = night.process(bias)
    assert not published.done_before


def test_a_power_cut_between_the_moves_and_the_records_is_taken_up(done):
    night, bias, _ = done
    final = finish(night, bias).finished[0].manifest
    assert finish(night, bias).finished[0].manifest == final


@pytest.mark.parametrize("damage", [flip, cut, empty, link])
def test_a_changed_master_is_read_by_no_recipe(done, damage):
    night, bias, science = done
    places = Places.of(night.workspace, bias)
    row = read_manifest(places.published / "manifest.json").products[0]
    damage(places.published / row.name)
    result, _ = night.process(told(science, seconds="0"))
    assert result.state is JobState.FAILED
    assert "as it was published" in result.reason
    assert f"run AB {bias.name} again" in result.reason
