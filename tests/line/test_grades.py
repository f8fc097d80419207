"""Grades of OBs and comments on raw files, through the line: no recipe is needed."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pytest
from nightwork import DATE, make_workspace

from phoenix.cli import run as phoenix
from phoenix.errors import DataError
from phoenix.line.night.kept_comments import take_up_comments
from phoenix.line.night.ob_grades import take_up_grades
from phoenix.line.production import ProductionLine
from phoenix.model.ab import Mode
from phoenix.model.dates import CivilDate
from phoenix.simulate import Exposure, ObservationBlock, Template, night_time
from phoenix.simulate.nightlog import night_log, write_night_logs
from phoenix.store.rows import BlockRow

NIGHT = CivilDate.parse(DATE)
ROOTS = ("GIRAF.2020-01-01T22:00:00.000", "GIRAF.2020-01-01T23:00:00.000")
NAMES = tuple(f"{root}.ab" for root in ROOTS)


def exposure(number, ob_id):
    block = ObservationBlock(ob_id, "Star", f"HD {ob_id}", "0104.D-0001(A)")
    start = night_time(NIGHT, number - 2.0)
    template = Template("obs", "Obs", start, 1)
    return Exposure("GIRAF", start, 600.0, "SCIENCE", "OBJECT", "MOS", block, template)


@pytest.fixture
def logs(tmp_path):
    """A repository with two raw files and their night logs; grades A and B."""
    exposures = [exposure(0, 7), exposure(1, 8)]
    paths = write_night_logs(tmp_path / "night", NIGHT, exposures)
    for path in paths:
        path.with_name(path.name.replace(".NL.txt", ".fits")).write_bytes(b"SIMPLE")
    return paths[0].parent


class Clock:
    """A second later each time it is asked."""

    def __init__(self) -> None:
        self.now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        self.now += dt.timedelta(seconds=1)
        return self.now


def save_blocks(line):
    rows = zip(NAMES, (7, 8), strict=True)
    line.store.blocks.save(
        BlockRow(name, DATE, Mode.SCIENCE, "giscience", "SCIENCE", obs_id=ob) for name, ob in rows
    )
    line.store.jobs.prepare({(name, "process"): "key" for name in NAMES})
    folder = line.workspace.folder("ab", DATE)
    folder.mkdir(parents=True, exist_ok=True)
    for name, root in zip(NAMES, ROOTS, strict=True):
        (folder / name).write_text(
            f"RECIPE giscience\nDATE {DATE}\nRAWFILE ${{DFO_RAW_DIR}}/{DATE}/{root}.fits SCIENCE\n"
        )


@pytest.fixture
def folder(logs, tmp_path):
    return make_workspace(tmp_path / "work", logs.parents[1])


@pytest.fixture
def line(folder):
    with ProductionLine(folder, Clock()) as line:
        save_blocks(line)
        yield line


def lose_the_database(line):
    line.close()
    for path in line.workspace.root.glob("phoenix.db*"):
        path.unlink()
    save_blocks(line)


def cells(line, *columns):
    return [tuple(row[c] for c in columns) for row in line.grades(DATE).table.records()]


# ---- night logs --------------------------------------------------------------------------------


def test_night_logs_beside_the_raw_files_are_read(line):
    report = line.read_grades(DATE)
    assert report.told == ()
    assert cells(line, "OB", "grade", "run", "ABs") == [
        (7, "A", "0104.D-0001(A)", 1),
        (8, "B", "0104.D-0001(A)", 1),
    ]


def test_a_simulated_night_has_grades_from_a_to_d(tmp_path):
    paths = write_night_logs(tmp_path, NIGHT, [exposure(n, 10 + n) for n in range(4)])
    grades = [path.read_text().split("Grade:")[1].split()[0] for path in paths]
    assert grades == ["A", "B", "C", "D"]
    assert write_night_logs(tmp_path / "other", NIGHT, []) == ()


def test_reading_again_keeps_nothing_twice_and_touches_no_file(line):
    line.read_grades(DATE)
    kept = line.workspace.folder("logs", DATE) / "ob_grades"
    before = kept.stat().st_mtime_ns
    line.read_grades(DATE)
    assert len(line.store.grades.rows()) == 2
    assert kept.stat().st_mtime_ns == before


BAD = {
    "cut": (night_log(NIGHT, 2, [exposure(2, 9)])[:500].encode(), "the log is cut"),
    "binary": (bytes(range(256)), "no text"),
    "large": (b"x" * 2_000_000, "more than 1000000 bytes"),
    "empty": (b"", "no OB"),
    "no grade": (
        night_log(NIGHT, 0, [exposure(2, 9)]).replace("\tA\n", "\tZ\n").encode(),
        "found grade 'Z'",
    ),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_night_log_is_told_and_the_others_are_read(fault, line, logs):
    content, why = BAD[fault]
    (logs / "GIRAF.2020-01-02T03:00:00.000.NL.txt").write_bytes(content)
    report = line.read_grades(DATE)
    assert any(why in text for text in report.told)
    assert [row[:2] for row in cells(line, "OB", "grade")][:2] == [(7, "A"), (8, "B")]


def test_to_read_again_tells_each_fault_once(line, logs, capsys, caplog):
    (logs / "x.NL.txt").write_bytes(b"\0")
    words = ["grades", "-w", str(line.workspace.root), "-d", DATE, "--read"]
    line.close()
    assert phoenix(words) == 0
    told = capsys.readouterr()
    assert (told.out + told.err + caplog.text).count("x.NL.txt") == 1


def test_a_folder_named_as_a_night_log_is_told(line, logs):
    (logs / "GIRAF.2020-01-02T03:00:00.000.NL.txt").mkdir()
    assert "no plain file" in line.read_grades(DATE).told[0]


def test_of_contradicting_logs_the_newest_counts_and_it_is_told(line, logs):
    (logs / f"{ROOTS[1]}_later.NL.txt").write_text(night_log(NIGHT, 3, [exposure(0, 7)]))
    (told,) = line.read_grades(DATE).told
    assert "OB 7: found grade A" in told
    assert "then D" in told
    assert cells(line, "OB", "grade")[0] == (7, "D")


def test_two_grades_of_an_ob_in_one_log_are_told_and_kept_once(line, logs):
    both = night_log(NIGHT, 2, [exposure(0, 7)]).split("OB Grades")[0]
    (logs / f"{ROOTS[0]}.NL.txt").write_text(both + night_log(NIGHT, 3, [exposure(0, 7)]))
    for _ in range(2):
        told = line.read_grades(DATE).told
    assert "found grade C, then D, expected one; the last counts" in told[0]
    assert len(line.store.grades.rows(obs=[7])) == 1


def test_a_corrected_night_log_counts(line, logs):
    line.read_grades(DATE)
    (logs / f"{ROOTS[0]}.NL.txt").write_text(night_log(NIGHT, 3, [exposure(0, 7)]))
    line.read_grades(DATE)
    assert cells(line, "OB", "grade")[0] == (7, "D")


def test_the_real_night_logs_are_read(line, logs, shared_data):
    for path in (shared_data / "muse_qc_musered").glob("*.txt"):
        name = path.name.replace("invalid", "NL")
        shutil.copyfile(path, logs / name)
    report = line.read_grades(DATE)
    assert (1755413, "X") in cells(line, "OB", "grade")
    (told,) = report.told
    assert "Weather observations" in told


def test_a_plugin_that_raises_stops_no_night(line, monkeypatch):
    def ob_grades(*_words):
        from phoenix.errors import PluginError  # noqa: PLC0415

        raise PluginError("plugin 'toy', hook ob_grades: no table")

    monkeypatch.setattr(type(line.instrument), "ob_grades", ob_grades)
    told = take_up_grades(line._context, [NIGHT])
    assert told == (f"{DATE}: plugin 'toy', hook ob_grades: no table",)
    assert take_up_grades(line._context, [NIGHT]) == ()
    assert len(line.store.grades.rows()) == 2


# ---- tables ------------------------------------------------------------------------------------


def test_a_table_adds_modes_and_corrects_grades(line, tmp_path):
    line.read_grades(DATE)
    table = tmp_path / "g.csv"
    table.write_text("OB,grade,mode,status\n7,C,SM,terminated\n8,,VM,\n")
    assert line.import_grades(table) == 2
    assert line.import_grades(table) == 0
    assert cells(line, "OB", "grade", "mode", "status") == [
        (7, "C", "service", "terminated"),
        (8, "B", "visitor", ""),
    ]
    assert [text for text in line.grades(DATE).told if "then C (g.csv)" in text]
    # What the log says again does not overturn the table.
    assert line.read_grades(DATE).table.records()[0]["grade"] == "C"


def test_one_wrong_line_and_nothing_of_a_table_is_stored(line, tmp_path):
    table = tmp_path / "g.csv"
    table.write_text("OB,grade\n7,A\n8,E\n")
    with pytest.raises(DataError, match="line 3"):
        line.import_grades(table)
    assert line.store.grades.rows() == ()


def test_grades_outlive_the_database_in_their_order(line, tmp_path, logs):
    line.read_grades(DATE)
    table = tmp_path / "g.csv"
    table.write_text("OB,grade\n7,C\n")
    line.import_grades(table)
    before = line.store.grades.rows()
    shutil.rmtree(logs)
    lose_the_database(line)
    assert line.store.grades.rows() == ()
    take_up_grades(line._context, [NIGHT])
    assert line.store.grades.rows() == before
    assert cells(line, "OB", "grade")[0] == (7, "C")


def test_who_imports_grades_after_a_loss_takes_nothing_away(line, tmp_path):
    for number, text in enumerate(["OB,grade\n7,C\n", "OB,grade\n8,B\n"]):
        table = tmp_path / f"{number}.csv"
        table.write_text(text)
        line.import_grades(table)
        lose_the_database(line)
    take_up_grades(line._context, [NIGHT])
    said = [(row.grade.ob_id, row.grade.source) for row in line.store.grades.rows()]
    assert [one for one in said if one[1].endswith(".csv")] == [(7, "0.csv"), (8, "1.csv")]


# ---- pages -------------------------------------------------------------------------------------


def page(line, name):
    return json.loads((line.workspace.folder("monitor") / f"{name}.json").read_text("utf-8"))


def test_grades_stand_on_the_pages_of_the_night_and_the_ab(line, logs):
    hostile = night_log(NIGHT, 1, [exposure(1, 8)]).replace("Seeing", "<script>alert(1)</script>")
    (logs / f"{ROOTS[1]}.NL.txt").write_text(hostile)
    (logs / "x.NL.txt").write_bytes(b"\0")
    line.read_grades(DATE)
    night = page(line, f"nights/{DATE}/index")
    assert [(ob["ob_id"], ob["grade"], ob["blocks"]) for ob in night["obs"]] == [
        (7, "A", 1),
        (8, "B", 1),
    ]
    assert [row["grade"] for row in night["rows"]] == ["A", "B"]
    assert any("no text" in text for text in night["told"])
    facts = dict(page(line, f"nights/{DATE}/{ROOTS[1]}")["facts"] or [])
    assert facts["OB grade"].startswith("B: ")
    html = (line.workspace.folder("monitor") / "nights" / DATE / "index.html").read_text("utf-8")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


# ---- comments on raw files ---------------------------------------------------------------------


def spoken(line, *names):
    return [(row["of"], row["kind"], row["comment"]) for row in line.comments(*names).records()]


@pytest.mark.parametrize("form", ["{}.fits", "raw/2020-01-01/{}.fits", "/else/where/{}.fits.gz"])
def test_a_raw_file_is_named_by_arcfile_or_path(form, line):
    line.comment(form.format(ROOTS[0]), text="saturated <b>", by="me")
    assert spoken(line, f"{ROOTS[0]}.fits") == [(ROOTS[0], "raw", "saturated <b>")]


def test_a_name_without_suffix_that_both_have_is_the_abs(line):
    line.comment(ROOTS[0], text="moon", by="me")
    assert spoken(line, ROOTS[0]) == [(NAMES[0], "person", "moon")]
    assert spoken(line, f"{ROOTS[0]}.fits") == []


def test_a_name_without_suffix_that_no_ab_has_is_the_raw_files(line, logs):
    root = "GIRAF.2020-01-02T05:00:00.000"
    (logs / f"{root}.fits").write_bytes(b"SIMPLE")
    line.comment(root, text="not used", by="me")
    assert spoken(line, root) == [(root, "raw", "not used")]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("GIRAF.2020-01-02T05:00:00.000.fits", "no such raw file"),
        ("nonsense.fits", "expected an AB, or a raw file"),
        ("\x1b[31m" + "x" * 100_000, r"found '\\\\x1b"),
        ("GIRAF.2020-99-99T05:00:00.000.fits", "expected a timestamp"),
        ("../../etc/passwd", "expected an AB"),
    ],
)
def test_what_is_no_raw_file_is_refused_in_few_words(name, why, line):
    with pytest.raises(DataError, match=why) as error:
        line.comment(ROOTS[0], name, text="fog", by="me")
    assert len(str(error.value)) < 500
    assert spoken(line, ROOTS[0]) == []


def test_a_comment_on_a_raw_file_stands_on_the_pages_of_night_ab_and_month(line):
    line.comment(f"{ROOTS[0]}.fits", text="saturated", by="me")
    (row,) = page(line, f"nights/{DATE}/index")["notes"]
    assert (row["name"], row["text"], row["by"]) == (ROOTS[0], "saturated", "me")
    month = page(line, "history/2020-01")
    assert (month["total"]["comments"], month["notes"][0]["text"]) == (1, "saturated")


def test_comments_outlive_the_database(line):
    line.comment(f"{ROOTS[0]}.fits", text="saturated", by="me")
    line.comment(NAMES[0], NAMES[1], text="moon", by="you")
    before = line.comments_of(DATE).records()
    lose_the_database(line)
    assert line.comments_of(DATE).records() == []
    take_up_comments(line._context, [NIGHT])
    assert line.comments_of(DATE).records() == before
    take_up_comments(line._context, [NIGHT])
    assert line.comments_of(DATE).records() == before


def test_who_comments_after_a_loss_takes_nothing_away(line):
    line.comment(NAMES[0], text="moon", by="you")
    lose_the_database(line)
    line.comment(NAMES[0], text="fog", by="me")
    take_up_comments(line._context, [NIGHT])
    assert [text for _, _, text in spoken(line, NAMES[0])] == ["moon", "fog"]


def test_who_says_it_is_told_apart_from_what_is_said(line):
    with pytest.raises(DataError, match="--by: found 65 characters, expected at most 64"):
        line.comment(NAMES[0], text="moon", by="x" * 65)


# ---- verbs -------------------------------------------------------------------------------------


def test_the_verb_reads_imports_and_shows(folder, line, tmp_path, capsys):
    where = ["-w", str(folder)]
    (tmp_path / "g.csv").write_text("OB,grade\n7,C\n")
    assert phoenix(["grades", *where, "-d", DATE, "--read"]) == 0
    assert phoenix(["grades", *where, "--import", str(tmp_path / "g.csv")]) == 0
    assert "g.csv: 1 grade is new" in capsys.readouterr().out
    assert phoenix(["grades", *where, "-d", DATE, "--json"]) == 0
    done = capsys.readouterr()
    assert json.loads(done.out)[0]["grade"] == "C"
    assert "then C (g.csv); the newest counts" in done.err
    assert phoenix(["grades", *where]) == 2
    assert phoenix(["grades", *where, "--import", str(tmp_path / "none.csv")]) == 2


def test_the_verb_lists_all_comments_of_a_night(folder, line, capsys):
    line.read_grades(DATE)
    assert phoenix(["comment", "-w", str(folder), f"{ROOTS[0]}.fits", "fog", "--by", "me"]) == 0
    capsys.readouterr()
    assert phoenix(["comment", "-w", str(folder), "--list", "-d", DATE, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {(row["of"], row["kind"]) for row in rows} == {
        (ROOTS[0], "raw"),
        (NAMES[1], "observer"),
    }
    assert phoenix(["comment", "-w", str(folder)]) == 2
    assert phoenix(["comment", "-w", str(folder), "-d", DATE]) == 2
    assert phoenix(["comment", "-w", str(folder), NAMES[0], "x", "--list"]) == 2
