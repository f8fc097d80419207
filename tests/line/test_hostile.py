"""One bad input is told by name, and the rest goes on."""

from __future__ import annotations

import os
import re
import sys

import pytest
from nightwork import DATE, make_workspace, without_pixels

from phoenix.cli import run as phoenix
from phoenix.errors import PluginError, RuleSyntaxError, SettingsError
from phoenix.line import plugins
from phoenix.line.night.process import _job_maker
from phoenix.line.plugins import instrument_of
from phoenix.line.production import ProductionLine
from phoenix.line.workspace import create_workspace
from phoenix.model.report import JobState
from phoenix.store.rows import BlockRow, JobRow


@pytest.fixture(scope="module")
def headers(raw_night, tmp_path_factory):
    """The night without its pixels: static tables, headers, historical ABs."""
    folder = tmp_path_factory.mktemp("headers")
    return without_pixels(raw_night, folder, "calib", "giraffe")


@pytest.fixture
def line(night, tmp_path):
    with ProductionLine(make_workspace(tmp_path / "work", night)) as line:
        yield line


def indexed(line):
    report = line.index()
    return report.files, dict(report.passed_over)


def some(night):
    return sorted((night / "raw").glob("*.hdr"))


def test_a_linked_folder_is_followed_once(line, night, tmp_path):
    files, _ = indexed(line)
    elsewhere = tmp_path / "disk"
    (night / "raw").rename(elsewhere)
    (night / "raw").symlink_to(elsewhere)
    (elsewhere / "again").symlink_to(elsewhere)
    assert indexed(line) == (files, {})


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("X.FITS", "ending"),
        ("X.fits.bz2", "ending"),
        (os.fsdecode(b"X\xff.fits"), "no UTF-8"),
    ],
)
def test_what_looks_like_a_frame_and_is_not_taken_is_told(line, night, name, why):
    files, _ = indexed(line)
    (night / "raw" / name).write_bytes(b"x")
    after, passed_over = indexed(line)
    assert after == files
    ((path, words),) = passed_over.items()
    assert path.endswith(name)
    assert why in words


def test_a_link_that_leads_nowhere_and_a_fifo_are_told(line, night):
    (night / "raw" / "a.fits").symlink_to("nowhere")
    os.mkfifo(night / "raw" / "b.fits")
    told = sorted(words for _, words in indexed(line)[1].items())
    assert told[0].startswith("found a link that leads nowhere")
    assert told[1].startswith("found no plain file")


def test_the_index_leaves_with_one_where_something_is_passed_over(line, night, capsys):
    (night / "raw" / os.fsdecode(b"X\xff.fits")).write_bytes(b"x")
    assert phoenix(["pool", "index", "-w", str(line.workspace.root)]) == 1
    assert "X\\udcff.fits" in capsys.readouterr().out


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_is_told_and_the_rest_is_indexed(line, night):
    files, _ = indexed(line)
    locked = night / "raw" / "lost+found"
    locked.mkdir(mode=0)
    after, passed_over = indexed(line)
    locked.chmod(0o700)
    assert (after, len(passed_over)) == (files, 1)


def test_a_number_that_no_database_holds_makes_a_frame_faulty(line, night):
    path = some(night)[0]
    text = path.read_text("latin-1").splitlines()
    text = ["OBS ID" if "ESO OBS ID" in row else row for row in text]
    text.insert(1, "HIERARCH ESO OBS ID = 99999999999999999999999")
    path.write_text("\n".join(row for row in text if row != "OBS ID") + "\n", "latin-1")
    (row,) = line.index().faulty
    assert "expected a number of 64 bits" in row.fault
    assert line.create(DATE).blocks


def blocks_folder(night):
    return next(path for path in (night / "giraffe").rglob(DATE) if list(path.glob("*.ab")))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda text: text.replace("OBS_ID", f"OBS_ID {2**70} #", 1), "63 bits"),
        (lambda text: re.sub(r"(?m)^DATE\s.*\n", "", text) + "DATE 2020-01-05\n", "expected 2020"),
    ],
)
def test_a_bad_ab_is_refused_and_the_night_goes_on(line, night, spoil, why):
    path = next(
        path for path in sorted(blocks_folder(night).glob("*.ab")) if "OBS_ID" in path.read_text()
    )
    path.write_text(spoil(path.read_text()))
    (prepared,) = line.prepare(DATE, dry=True).nights
    assert why in dict(prepared.refused)[path.name]
    assert prepared.cascade


def test_a_fifo_in_the_place_of_an_ab_is_refused_at_once(line, night):
    path = min(blocks_folder(night).glob("*.ab"))
    path.unlink()
    os.mkfifo(path)
    (prepared,) = line.prepare(DATE, dry=True).nights
    assert "no plain file" in dict(prepared.refused)[path.name]


def with_limits(line, text):
    """Return the same line with bounds of its own in phoenix.toml."""
    path = line.workspace.root / "phoenix.toml"
    line.close()
    settings = path.read_text("utf-8")
    assert "[limits]" in settings
    for key, value in text.items():
        settings = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", settings)
    path.write_text(settings, "utf-8")
    return ProductionLine(line.workspace.root)


def test_an_ab_that_is_larger_than_the_setting_is_refused_and_the_night_goes_on(line, night):
    path = min(blocks_folder(night).glob("*.ab"))
    path.write_text(path.read_text() + "# " + "x" * 100_000 + "\n")
    with with_limits(line, {"ab_mb": 0.1}) as bounded:
        (prepared,) = bounded.prepare(DATE, dry=True).nights
    assert "expected at most 100000" in dict(prepared.refused)[path.name]
    assert prepared.cascade
    with with_limits(line, {"ab_mb": 0.2}) as bounded:
        assert not bounded.prepare(DATE, dry=True).refused


def test_a_rule_file_that_is_larger_than_the_setting_is_refused(line):
    rules = line.workspace.root / "own.oca"
    rules.write_text("// " + "x" * 10_000 + "\n")
    toml = line.workspace.root / "phoenix.toml"
    toml.write_text(toml.read_text("utf-8") + '\n[rules.files]\n"own.oca" = "2000-01-01 to"\n')
    with (
        with_limits(line, {"rules_mb": 0.005}) as bounded,
        pytest.raises(RuleSyntaxError, match=r"own\.oca: found more than 5000 bytes"),
    ):
        bounded.create(DATE)


def test_sources_and_recipes_have_the_bounds_of_the_settings(line):
    with with_limits(line, {"unpacked_gb": 0.5, "recipe_log_mb": 2}) as bounded:
        (source,) = bounded._context.sources
        assert source.most_unpacked == 500_000_000
        night = bounded.prepare(DATE, dry=True).nights[0]
        assert _job_maker(bounded._context, night, frozenset()).runner.most_logged == 2_000_000


def test_a_reason_without_end_is_short_on_terminal_and_pages(line, capsys):
    (night,) = line.prepare(DATE).nights
    ab = next(iter(night.cascade))
    line.store.blocks.save([BlockRow.of(ab)])
    line.store.jobs.prepare({(str(ab.name), "process"): "key"})
    long = "\x1b[31m" + "x" * 100_000
    line.store.jobs.record([JobRow(str(ab.name), "process", JobState.FAILED, reason=long)])
    line.write_pages(DATE)
    assert phoenix(["status", "-w", str(line.workspace.root), "-d", DATE]) == 0
    pages = line.workspace.folder("monitor") / "nights" / DATE
    for text in (capsys.readouterr().out, *(path.read_text() for path in pages.glob("*.html"))):
        assert "\x1b" not in text
        assert "x" * 600 not in text


@pytest.mark.parametrize("name", ["work[1]", "wo%20rk"])
def test_a_workspace_whose_name_others_would_read_otherwise_is_refused(tmp_path, name):
    with pytest.raises(SettingsError, match="in its name"):
        create_workspace(tmp_path / name, "GIRAFFE_MOS")


def test_somebody_elses_broken_plugin_is_passed_over(monkeypatch, caplog):
    def load(name):
        if name == "aa":
            raise PluginError("plugin 'aa' cannot be imported")
        return sys.modules["phoenix.instrument"].load_instrument(name)

    monkeypatch.setattr(plugins, "installed", lambda: ("aa", "giraffe"))
    monkeypatch.setattr(plugins, "load_instrument", load)
    assert instrument_of("GIRAFFE_MOS").name == "giraffe"
    assert "it is passed over" in caplog.text
    with pytest.raises(PluginError, match="'aa' cannot be imported"):
        instrument_of("HAWKI")
