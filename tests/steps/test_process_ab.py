from __future__ import annotations

import json
import os
import resource

import pytest
from attrs import evolve

from phoenix.model.frames import RawFrame, Role
from phoenix.model.gate import Gate
from phoenix.model.recipe import Resources
from phoenix.model.report import JobState
from phoenix.steps.recipe.runner import RunnerSettings
from phoenix.steps.shelf.manifest import read_manifest
from phoenix.steps.shelf.places import Places
from phoenix.steps.shelf.scratch import begin_attempt, end_orphans

from .conftest import BIAS, DATE, SCIENCE, fake_instrument, fits_bytes, told


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_products_are_published_under_their_pipefile_names(night):
    ab = night.bias()
    result, published = night.process(ab)
    assert result.state is JobState.SUCCESSFUL, result.reason
    assert result.products == 2
    assert published.folder == Places.of(night.workspace, ab).published
    assert names(published.folder) == [
        f"{ab.root}.log",
        f"{ab.root}.sof",
        "manifest.json",
        f"r.{ab.root}_0000.fits",
        f"r.{ab.root}_0001.fits",
    ]


def test_the_manifest_says_what_went_in_and_came_out(night):
    ab = night.bias()
    _, published = night.process(ab)
    manifest = read_manifest(published.folder / "manifest.json")
    assert manifest == published.manifest
    assert [row.pro_catg for row in manifest.products] == ["MASTER_BIAS", "BAD_PIXEL_MAP"]
    assert [row.role for row in manifest.products] == [Role.CALIBRATION, Role.INTERMEDIATE]
    assert len(manifest.inputs) == 3
    assert all(row.path.startswith(f"raw/{DATE}/") for row in manifest.inputs)
    assert "--no-checksum=TRUE" in manifest.command
    assert dict(manifest.versions)["esorex"] == "3.13.6"
    assert dict(manifest.versions)["CPL"] == "7.2.3"
    assert dict(manifest.versions)["fake"] == "1.2.3"
    assert manifest.exit_code == 0
    assert manifest.cpu_s > 0
    assert manifest.peak_memory_mb > 1
    assert manifest.started.endswith("+00:00")


def test_nothing_is_left_in_scratch(night):
    night.process(night.bias())
    night.process(told(night.bias(1), fault="exit"))
    assert night.left_in_scratch() == []


def test_a_job_done_before_is_not_done_again(night):
    ab = night.bias()
    _, first = night.process(ab)
    before = (first.folder / "manifest.json").stat().st_mtime_ns
    result, again = night.process(ab)
    assert result.state is JobState.SUCCESSFUL
    assert result.products == 2
    assert again.done_before
    assert (first.folder / "manifest.json").stat().st_mtime_ns == before


def test_a_changed_raw_frame_is_processed_again(night):
    ab = night.bias()
    night.process(ab)
    path = night.workspace.resolve(ab.raw_files[0].path)
    content = bytearray(path.read_bytes())
    content[-1] = 1
    path.write_bytes(content)
    _, again = night.process(ab)
    assert not again.done_before


def test_a_touched_raw_frame_with_the_same_content_is_not_processed_again(night):
    ab = night.bias()
    night.process(ab)
    os.utime(night.workspace.resolve(ab.raw_files[0].path), (1, 1))
    _, again = night.process(ab)
    assert again.done_before


def test_a_raw_frame_removed_since_does_not_bring_the_job_back(night):
    ab = night.bias()
    night.process(ab)
    night.workspace.resolve(ab.raw_files[0].path).unlink()
    _, again = night.process(ab)
    assert again.done_before


def test_another_parameter_brings_the_job_back(night):
    night.process(night.bias())
    _, again = night.process(told(night.bias(), seconds="0.0"))
    assert not again.done_before


def test_another_reason_of_an_edit_does_not_bring_the_job_back(night):
    ab = night.bias()
    night.process(
        ab.edited(why="the old name", raw_type="X").edited(why="back", raw_type="FAKEBIAS")
    )
    _, again = night.process(ab)
    assert again.done_before


def test_a_lost_product_brings_the_job_back(night):
    ab = night.bias()
    _, published = night.process(ab)
    (published.folder / f"r.{ab.root}_0001.fits").unlink()
    _, again = night.process(ab)
    assert not again.done_before
    assert (published.folder / f"r.{ab.root}_0001.fits").exists()


def test_a_child_reads_the_products_of_its_parent(night):
    parent = night.bias()
    night.process(parent)
    child = night.science(parent)
    result, published = night.process(child)
    assert result.state is JobState.SUCCESSFUL, result.reason
    sof = (published.folder / f"{child.root}.sof").read_text()
    assert f"products/{DATE}/{parent.root}/r.{parent.root}_0000.fits MASTER_BIAS" in sof
    assert published.manifest.parents[0][0] == str(parent.name)


def test_a_child_is_done_again_when_its_parent_was_made_of_other_frames(night):
    parent = night.bias()
    night.process(parent)
    child = night.science(parent)
    night.process(child)
    night.process(told(parent, seconds="0"))
    _, again = night.process(child)
    assert not again.done_before


def test_a_child_is_not_done_again_when_its_parent_was_only_repeated(night):
    parent = night.bias()
    _, published = night.process(parent)
    child = night.science(parent)
    night.process(child)
    (published.folder / "manifest.json").unlink()
    night.process(parent)
    _, again = night.process(child)
    assert again.done_before


def test_a_discarded_product_is_not_published(night):
    parent = night.bias()
    night.process(parent)
    _, published = night.process(night.science(parent))
    assert [row.pro_catg for row in published.manifest.products] == ["SPECTRUM", "IMAGE"]
    assert len(list(published.folder.glob("*.fits"))) == 2


def test_a_child_without_its_parent_fails_and_says_what_to_do(night):
    result, published = night.process(night.science(night.bias()))
    assert result.state is JobState.FAILED
    assert "MASTER_BIAS" in result.reason
    assert "run that AB first" in result.reason
    assert published.folder is None


def test_every_missing_file_is_named(night):
    ab = night.bias()
    lost = tuple(RawFrame(f"${{DFO_RAW_DIR}}/{DATE}/FAKE.LOST{i}.fits", "BIAS") for i in range(2))
    result, _ = night.process(evolve(ab, raw_files=(*ab.raw_files, *lost)))
    assert result.state is JobState.FAILED
    assert "FAKE.LOST0.fits" in result.reason
    assert "FAKE.LOST1.fits" in result.reason
    assert str(night.sources[0].root) in result.reason


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("exit", "exit code 1: Not enough raw bias Images"),
        ("silent", "No grating data present in frame set"),
        ("segv", "ended by signal SIGSEGV"),
        ("abort", "GiraffeLib-ERROR **: Assertion of the fibre table failed"),
    ],
)
def test_a_failed_recipe_says_why(night, fault, words):
    result, published = night.process(told(night.bias(), fault=fault))
    assert result.state is JobState.FAILED
    assert words in result.reason
    assert published.folder.name.endswith(".failed")
    assert f"{night.bias().root}.log" in names(published.folder)
    assert not Places.of(night.workspace, night.bias()).published.exists()


@pytest.mark.parametrize("fault", ["hang", "stubborn"])
def test_a_recipe_that_hangs_is_stopped_with_all_its_children(night, fault):
    result, _ = night.process(
        told(night.bias(), fault=fault), resources=Resources(time_limit_s=0.5)
    )
    assert result.state is JobState.FAILED
    assert "took longer than 0.5 s" in result.reason
    assert end_orphans(night.workspace.folder("scratch")) == 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("missing", "products MASTER_BIAS are missing, found BAD_PIXEL_MAP"),
        ("errors", "the log has ERROR lines: Type mismatch in line 12"),
        ("cut", "product MASTER_BIAS"),
    ],
)
def test_a_recipe_that_ends_well_and_is_wrong_is_gated(night, fault, words):
    result, published = night.process(told(night.bias(), fault=fault))
    assert result.state is JobState.GATED
    assert words in result.reason
    assert published.folder.name.endswith(".gated")
    assert (published.folder / "manifest.json").exists()


def test_what_a_terminal_would_obey_stands_plain_in_log_and_reason(night):
    result, published = night.process(told(night.bias(), fault="colours"))
    log = (published.folder / f"{night.bias().root}.log").read_text("utf-8")
    assert "\\x1b[31mType mismatch" in log
    assert "\x1b" not in log + result.reason


def test_a_gate_of_the_plugin_gates(night):
    row = Gate("number of products", lambda outcome: len(outcome.products), 3, None, "too few")
    gated = fake_instrument(gates=lambda: [row])
    result, _ = evolve(night, instrument=gated).process(night.bias())
    assert result.state is JobState.GATED
    assert "number of products is 2, expected at least 3: too few" in result.reason


def test_a_gate_that_cannot_be_measured_gates(night):
    def measure(outcome):
        raise KeyError(outcome.ab.recipe)

    gated = fake_instrument(gates=lambda: [Gate("odd", measure, 1, None, "no such keyword")])
    result, _ = evolve(night, instrument=gated).process(night.bias())
    assert result.state is JobState.GATED
    assert "odd cannot be measured" in result.reason


def test_a_harmless_error_line_gates_nothing(night):
    harmless = evolve(BIAS, harmless=("Type mismatch",))
    calm = evolve(night, instrument=fake_instrument(harmless, SCIENCE))
    result, _ = calm.process(told(night.bias(), fault="errors"))
    assert result.state is JobState.SUCCESSFUL, result.reason


def test_the_outcome_of_a_new_try_replaces_the_old_one(night):
    ab = night.bias()
    night.process(told(ab, fault="exit"))
    night.process(told(ab, fault="missing"))
    _, published = night.process(ab)
    assert names(published.folder.parent) == [ab.root]


def test_an_unknown_recipe_is_a_reason_that_names_the_known_ones(night):
    result, _ = night.process(evolve(night.bias(), recipe="gimasterbias"))
    assert result.state is JobState.FAILED
    assert "gimasterbias" in result.reason
    assert "fakebias, fakescience" in result.reason


def test_a_missing_esorex_is_a_reason(night):
    settings = RunnerSettings.at("/nowhere/esorex", night.root)
    result, _ = night.process(night.bias(), runner=settings)
    assert result.state is JobState.FAILED
    assert "/nowhere/esorex" in result.reason


def test_what_a_killed_run_left_is_taken_away(night):
    ab = night.bias()
    attempt = begin_attempt(night.workspace.folder("scratch", DATE), ab.root)
    (attempt.publish / "half.fits").write_bytes(b"x")
    stale = attempt.folder.rename(attempt.folder.with_name("elsewhere.1.1"))
    result, _ = night.process(ab)
    assert result.state is JobState.SUCCESSFUL
    assert not stale.exists()


def test_the_manifest_is_json_for_anyone(night):
    _, published = night.process(night.bias())
    content = json.loads((published.folder / "manifest.json").read_text())
    assert content["state"] == "successful"
    assert content["products"][0]["role"] == "calibration"


@pytest.fixture
def small_files():
    """Let no file grow beyond 2 MB, as a quota does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
def test_a_recipe_that_may_write_no_more_says_so(night):
    result, published = night.process(told(night.bias(), fault="fill"))
    assert result.state is JobState.FAILED
    assert result.reason.startswith("disk full: fakebias ended with exit code 1: Cannot write")
    assert str(night.workspace.root) in result.reason
    assert not list(published.folder.glob("*.fits"))


def test_what_no_fits_file_can_hold_is_no_full_disk(night):
    result, _ = night.process(told(night.bias(), fault="unwritable"))
    assert result.state is JobState.FAILED
    assert result.reason.startswith("fakebias ended with exit code 1: Cannot create local file!")


def test_a_raw_file_that_is_another_exposure_is_not_reduced(night):
    ab = night.bias()
    other = fits_bytes("ARCFILE = 'FAKE.2020-01-01T23:00:00.000.fits'")
    night.raw(ab.raw_files[1].name, other)
    result, _ = night.process(ab)
    assert result.state is JobState.FAILED
    assert (
        "found ARCFILE FAKE.2020-01-01T23:00:00.000.fits in it, another exposure" in result.reason
    )
