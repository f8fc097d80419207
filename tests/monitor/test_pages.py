"""Tests of the written pages: what a browser and a script find in them."""

from __future__ import annotations

import datetime as dt
import json
import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from attrs import evolve

from monitor.example import (
    BIAS,
    DATE,
    DECLARED,
    FLAT,
    HOSTILE,
    NIGHT,
    NOON,
    SCIENCE,
    STATES,
    WAITING,
    explain_as_created,
)
from phoenix.engine.calls import hold_call
from phoenix.errors import DataError
from phoenix.monitor import write_ab, write_history, write_night
from phoenix.store import RunRow, RunState, Store

if TYPE_CHECKING:
    from pathlib import Path

    from phoenix.model.workspace import Workspace

_EMPTY = {"meta", "link", "img", "br", "input", "path", "line"}


class Reader(HTMLParser):
    """What a page holds: links, ids, scripts, and the text of rows that have a key."""

    def __init__(self, key: str = "data-ab") -> None:
        super().__init__()
        self.key = key
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.tags: list[str] = []
        self.rows: dict[str, dict[str, Any]] = {}
        self.script = ""
        self.policy = ""
        self.open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.links += [found[name] for name in ("href", "src") if name in found]
        self.ids.add(found.get("id", ""))
        if found.get("http-equiv"):
            self.policy = found["content"]
        row = found.get(self.key, "") if tag == "tr" else ""
        if row:
            assert row not in self.rows
            self.rows[row] = {
                "text": "",
                "links": [],
                "squares": [],
                "state": found.get("data-state"),
            }
        for _, name in self.open:
            if name:
                links = (found[attr] for attr in ("href", "src") if attr in found)
                self.rows[name]["links"] += links
                if found.get("class", "").startswith("sq "):
                    self.rows[name]["squares"].append(found["class"].removeprefix("sq "))
        if tag not in _EMPTY:
            self.open.append((tag, row))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _EMPTY:
            assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] == "script":
            self.script += data
        for _, name in self.open:
            if name:
                self.rows[name]["text"] += data


def read(path: Path, key: str = "data-ab") -> Reader:
    reader = Reader(key)
    reader.feed(path.read_text("utf-8"))
    reader.close()
    assert reader.open == []
    return reader


def twin(path: Path) -> Any:
    return json.loads(path.with_suffix(".json").read_text("utf-8"))


def text(words: str) -> str:
    return " ".join(words.split())


@pytest.fixture
def pages(store: Store, workspace: Workspace) -> tuple[Path, ...]:
    write_night(store, workspace, DATE, DECLARED)
    write_history(store, workspace)
    return tuple(sorted(workspace.folder("monitor").rglob("*.html")))


@pytest.fixture
def night(store: Store, workspace: Workspace) -> Path:
    return write_night(store, workspace, DATE, DECLARED)


def test_there_is_a_page_for_the_front_the_year_the_month_the_night_and_each_ab(
    pages: tuple[Path, ...], workspace: Workspace
) -> None:
    names = {str(path.relative_to(workspace.root / "monitor")) for path in pages}
    assert names == {
        "index.html",
        "history/2008.html",
        "history/2008-03.html",
        f"nights/{DATE}/index.html",
        *(f"nights/{DATE}/{ab.root}.html" for ab in NIGHT),
    }


def test_the_night_has_one_row_for_each_ab(night: Path) -> None:
    assert set(read(night).rows) == {str(ab.name) for ab in NIGHT}


def test_a_row_shows_the_state_of_its_ab(night: Path) -> None:
    rows = read(night).rows
    # Nobody runs the night: what would wait for its parents then was only made.
    assert {name: row["state"] for name, row in rows.items()} == {
        str(ab.name): state.value for ab, state in STATES.items()
    } | {str(WAITING.name): "created"}
    assert all(row["state"] in row["text"] for row in rows.values())


def test_a_row_shows_a_square_for_each_score(night: Path) -> None:
    row = read(night).rows[str(SCIENCE.name)]
    assert row["squares"] == ["red", "red", "grey"]
    assert "(2/3)" in row["text"]


def test_a_row_leads_to_the_page_the_log_the_report_and_the_ab(night: Path) -> None:
    links = [unquote(link) for link in read(night).rows[str(SCIENCE.name)]["links"]]
    folder = f"../../../products/{DATE}/{SCIENCE.root}"
    assert f"{SCIENCE.root}.html" in links
    assert f"{folder}/{SCIENCE.root}.log" in links
    assert f"{folder}/{SCIENCE.root}.png" in links
    assert f"../../../ab/{DATE}/{SCIENCE.name}" in links


def test_every_relative_link_leads_to_a_file(pages: tuple[Path, ...]) -> None:
    ids = {path.resolve(): read(path).ids for path in pages}
    checked = 0
    for page in pages:
        for link in read(page).links:
            place, _, fragment = link.partition("#")
            target = (page.parent / unquote(place)).resolve() if place else page.resolve()
            assert target.is_file(), f"{page.name}: {link}"
            assert not fragment or fragment in ids[target], f"{page.name}: {link}"
            checked += 1
    assert checked > 100


def test_no_link_leaves_the_workspace_or_has_a_scheme(pages: tuple[Path, ...]) -> None:
    for page in pages:
        for link in read(page).links:
            assert not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/", link), link


def test_hostile_text_is_shown_and_never_run(pages: tuple[Path, ...], night: Path) -> None:
    for page in pages:
        reader = read(page)
        source = page.read_text("utf-8")
        assert "<script>alert" not in source
        assert "<b>no</b>" not in source
        assert reader.tags.count("script") == (1 if page == night else 0)
    assert HOSTILE in read(night).rows[str(SCIENCE.name)]["text"]


def test_only_the_script_of_the_page_may_run(night: Path) -> None:
    reader = read(night)
    digest = b64encode(sha256(reader.script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in reader.policy
    assert "default-src 'none'" in reader.policy


def test_the_twin_of_the_night_says_the_same(night: Path) -> None:
    rows = read(night).rows
    page = twin(night)
    assert [row["name"] for row in page["rows"]] == list(rows)
    for row in page["rows"]:
        shown = rows[row["name"]]
        words = text(shown["text"])
        assert shown["state"] == row["state"]
        assert shown["squares"] == [score["outcome"] for score in row["scores"]]
        for value in (row["index"], row["recipe"], row["raw_type"], row["certification"]):
            assert value in words
        for remark in row["remarks"]:
            assert text(remark["text"]) in words
        for link in (row["page"], row["ab_file"], row["log"], row["report"]):
            assert not link or link in shown["links"]


def test_automatic_comments_are_marked_and_those_of_the_log_stand_on_the_abs_page(
    store: Store, workspace: Workspace, night: Path
) -> None:
    shown = text(write_ab(store, workspace, str(SCIENCE.name), DECLARED).read_text("utf-8"))
    assert "automatic</span> fibre 1 &lt;b&gt;lost&lt;/b&gt;" in shown
    assert shown.count("automatic</span> ") == 3
    page = twin(night)
    assert "log" not in {one["kind"] for row in page["rows"] for one in row["remarks"]}


def test_the_twin_of_an_ab_says_the_same(store: Store, workspace: Workspace) -> None:
    path = write_ab(store, workspace, str(SCIENCE.name), DECLARED)
    page = twin(path)
    reader = read(path, key="data-parameter")
    assert list(reader.rows) == [row["parameter"] for row in page["measurements"]]
    for row in page["measurements"]:
        assert text(row["meaning"]) in text(reader.rows[row["parameter"]]["text"])
    for line in (*page["frames"], *page["products"]):
        assert not line["href"] or line["href"] in reader.links
    for link in (*page["parents"], *page["children"]):
        assert link["href"] in reader.links


def test_the_twin_of_the_history_says_the_same(store: Store, workspace: Workspace) -> None:
    front = write_history(store, workspace)
    month = workspace.root / "monitor/history/2008-03.html"
    shown = read(month, key="data-period").rows
    (row,) = twin(month)["rows"]
    assert list(shown) == [row["label"]]
    assert f"{row['wrong']}" in shown[DATE]["text"]
    for state, count in row["states"]:
        assert f"{count} {state}" in shown[DATE]["text"]
    assert twin(front)["total"]["blocks"] == len(NIGHT)


def test_the_last_runs_are_on_the_history_with_their_twin(
    store: Store, workspace: Workspace
) -> None:
    run = RunRow("run", DATE, f"phoenix run {HOSTILE}", NOON, since=DATE, until=DATE)
    ended = evolve(store.runs.begin(run), ended=NOON, state=RunState.DONE, counts={"failed": 1})
    store.runs.end(ended)
    killed = store.runs.begin(evolve(run, started=NOON + dt.timedelta(hours=1)))
    front = write_history(store, workspace)
    month = workspace.root / "monitor/history/2008-03.html"
    for path in (front, month):
        told = twin(path)["runs"]
        assert [row["state"] for row in told] == ["broken off", "done"]
        shown = read(path, key="data-run").rows
        assert list(shown) == [row["began"] for row in told]
        assert "broken off" in shown[killed.started.isoformat(timespec="seconds")]["text"]
        assert f"phoenix run {HOSTILE}" in shown[NOON.isoformat(timespec="seconds")]["text"]
        assert "1 failed" in shown[NOON.isoformat(timespec="seconds")]["text"]


def test_a_run_that_is_alive_is_running(store: Store, workspace: Workspace) -> None:
    run = store.runs.begin(RunRow("run", DATE, "phoenix run", NOON, since=DATE, until=DATE))
    with hold_call(workspace, store.locks, run):
        front = write_history(store, workspace)
    assert [row["state"] for row in twin(front)["runs"]] == ["running"]


def test_the_edits_are_shown_line_by_line_with_their_reasons(
    store: Store, workspace: Workspace
) -> None:
    source = write_ab(store, workspace, str(BIAS.name)).read_text("utf-8")
    shown = re.findall(r'<div class="(why|line minus|line plus)">(.*?)</div>', source)
    assert [(kind, text(line)) for kind, line in shown] == [
        ("why", "renamed in giraf 1.0"),
        ("line minus", "- RECIPE masterbias"),
        ("line plus", "+ RECIPE gimasterbias"),
    ]


def test_an_ab_leads_to_its_parents_and_children(store: Store, workspace: Workspace) -> None:
    page = twin(write_ab(store, workspace, str(FLAT.name)))
    assert [child["text"] for child in page["children"]] == [
        str(ab.name) for ab in NIGHT if str(FLAT.name) in ab.waits_for
    ]


def test_an_ab_shows_its_qcflag_bit_by_bit_and_those_of_its_elements(
    store: Store, workspace: Workspace
) -> None:
    page = twin(write_ab(store, workspace, str(SCIENCE.name), DECLARED))
    assert [(bit["name"], bit["value"]) for bit in page["qcflag"]] == [
        ("numsat", "1"),
        ("snr", "1"),
    ]
    assert page["element_flags"] == [["10", 5]]


def test_qcflag_is_that_of_the_products_whatever_the_plugin_says_today(
    store: Store, workspace: Workspace
) -> None:
    """One bit less is declared than the products were given."""
    today = evolve(DECLARED, bits=DECLARED.bits[:1])
    page = twin(write_ab(store, workspace, str(SCIENCE.name), today))
    assert [(bit["name"], bit["value"]) for bit in page["qcflag"]] == [
        ("numsat", "1"),
        ("bit 1", "1"),
    ]


def test_a_table_that_counts_from_one_names_the_same_places(
    store: Store, workspace: Workspace
) -> None:
    bits = tuple(evolve(bit, position=bit.position + 1) for bit in DECLARED.bits)
    page = twin(write_ab(store, workspace, str(SCIENCE.name), evolve(DECLARED, bits=bits)))
    assert [bit["name"] for bit in page["qcflag"]] == ["numsat", "snr"]


def test_an_ab_without_anything_but_its_row_has_a_page(store: Store, workspace: Workspace) -> None:
    (workspace.folder("ab", DATE) / str(SCIENCE.name)).write_text("no AB at all")
    page = twin(write_ab(store, workspace, str(SCIENCE.name)))
    assert page["row"]["setup"] == [["INS.EXP.MODE", "H525.8B"], ["INS.SLIT.NAME", "Medusa1"]]
    assert page["edits"] == []


def test_an_unknown_ab_is_refused(store: Store, workspace: Workspace) -> None:
    with pytest.raises(DataError, match=r"no AB GIRAF\.none\.ab"):
        write_ab(store, workspace, "GIRAF.none.ab")


def test_a_page_that_says_the_same_is_not_written_again(
    store: Store, workspace: Workspace, pages: tuple[Path, ...]
) -> None:
    before = {path: path.stat().st_mtime_ns for path in pages}
    write_night(store, workspace, DATE, DECLARED)
    write_history(store, workspace)
    assert {path: path.stat().st_mtime_ns for path in pages} == before


def test_nothing_unfinished_is_left_behind(pages: tuple[Path, ...], workspace: Workspace) -> None:
    files = [path for path in workspace.folder("monitor").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".html", ".json"}
    assert len(files) == 2 * len(pages)


def test_an_empty_store_has_a_front_page(workspace: Workspace) -> None:
    with Store.open(f"sqlite:///{workspace.root}/empty.db", "GIRAFFE_MOS") as store:
        assert "Nothing has been processed yet" in write_history(store, workspace).read_text(
            "utf-8"
        )
        assert read(write_night(store, workspace, "2020-01-01")).rows == {}


def test_pages_have_no_assets_from_elsewhere(pages: tuple[Path, ...]) -> None:
    for page in pages:
        assert "http" not in re.sub(r'http-equiv="[^"]*"', "", page.read_text("utf-8"))


def test_an_ab_that_was_created_here_shows_how_it_was_associated(
    store: Store, workspace: Workspace
) -> None:
    explain_as_created(workspace, SCIENCE)
    path = write_ab(store, workspace, str(SCIENCE.name))
    page = twin(path)
    assert [row["name"] for row in page["associations"]] == ["MASTER_BIAS", HOSTILE]
    bias, _ = page["associations"]
    assert bias["verdict"] == "the closest in time"
    assert bias["lines"][0] == "MASTER_BIAS from calibFiles (line 12, 1 to 1 wanted)"
    assert any(line.startswith("  - late.fits (certified") for line in bias["lines"])
    shown = association_section(path)
    for row in page["associations"]:
        assert text(row["verdict"]) in shown
        for line in row["lines"]:
            assert text(line) in shown


def test_hostile_names_in_an_association_are_shown_and_never_run(
    store: Store, workspace: Workspace
) -> None:
    explain_as_created(workspace, SCIENCE)
    path = write_ab(store, workspace, str(SCIENCE.name))
    reader = read(path)
    assert "script" not in reader.tags
    assert "<script>alert" not in path.read_text("utf-8")
    assert association_section(path).count(HOSTILE) >= 6


def test_an_ab_of_the_repository_has_no_association(store: Store, workspace: Workspace) -> None:
    path = write_ab(store, workspace, str(SCIENCE.name))
    assert twin(path)["associations"] == []
    assert "association" not in read(path).ids


def test_an_explanation_that_cannot_be_read_takes_no_page_away(
    store: Store, workspace: Workspace
) -> None:
    (workspace.folder("ab", DATE) / f"{SCIENCE.root}.why.json").write_text("{half")
    assert twin(write_ab(store, workspace, str(SCIENCE.name)))["associations"] == []


def association_section(path: Path) -> str:
    """Return the text of the section, as a browser shows it."""
    source = path.read_text("utf-8")
    (section,) = re.findall(
        r'<section class="card" id="association">.*?</section>', source, re.DOTALL
    )
    return text(unescape(re.sub(r"<[^>]*>", "", section)))
