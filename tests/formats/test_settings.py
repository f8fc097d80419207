"""Tests of phoenix.toml: what is written is read back, what is wrong is named with its line."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phoenix.errors import SettingsError
from phoenix.formats.settings import (
    Settings,
    default_text,
    describe,
    load_settings,
    parse_settings,
    settings_text,
)
from phoenix.model.recipe import Parameter
from phoenix.model.settings import ALL_PIPELINES, Engine, Paths, PipelinePlace, Review, Store

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.one_of(
    TEXT, st.booleans(), st.integers(-(10**9), 10**9), st.floats(0, 1e9, allow_nan=False)
)
NAMES = st.from_regex(r"[a-z][a-z0-9_.-]{0,8}", fullmatch=True)
WORDS = st.from_regex(r"[A-Za-z0-9_.,-]{1,8}", fullmatch=True)
JOBQUEUE = st.dictionaries(TEXT, SCALARS | st.lists(TEXT, max_size=2), max_size=3)
SETTINGS = st.builds(
    Settings,
    process=TEXT.filter(bool),
    paths=st.builds(Paths, repository=st.lists(TEXT, max_size=3).map(tuple)),
    store=st.builds(Store, url=TEXT),
    engine=st.builds(
        Engine,
        workers=st.integers(0, 1000),
        memory_gb=st.floats(0, 1e6),
        jobqueue=JOBQUEUE.map(lambda keys: {**keys, "class": "SLURM"}) | st.just({}),
    ),
    pipeline=st.dictionaries(
        NAMES,
        st.dictionaries(NAMES, WORDS | st.booleans() | st.integers(), max_size=2),
        max_size=2,
    ),
)


def complaint(text):
    with pytest.raises(SettingsError) as refusal:
        parse_settings(text, "work/phoenix.toml")
    return str(refusal.value)


def test_the_default_text_reads_as_the_defaults():
    assert parse_settings(default_text("GIRAFFE_MOS")) == Settings(process="GIRAFFE_MOS")


@given(SETTINGS)
def test_settings_written_and_read_are_the_same_settings(settings):
    assert parse_settings(settings_text(settings)) == settings


def test_a_file_with_a_process_alone_has_all_defaults():
    assert parse_settings('process = "MUSE_IFU"') == Settings(process="MUSE_IFU")


def test_every_setting_stands_in_the_default_text_with_its_meaning():
    text = default_text("GIRAFFE_MOS")
    words = " ".join(re.sub(r"^# ", "", text, flags=re.MULTILINE).split())
    for row in describe():
        assert row.key.rpartition(".")[2] in text
        assert row.meaning in words


def test_every_example_of_the_default_text_can_be_taken_up():
    text = re.sub(r"^# (\[|\w+ = )", r"\1", default_text("GIRAFFE_MOS"), flags=re.MULTILINE)
    settings = parse_settings(text)
    assert settings.engine.jobqueue["class"] == "SLURM"
    assert settings.pipeline == {"RECIPE": {"PARAMETER": "VALUE"}}


def test_every_setting_is_described():
    for row in describe():
        assert row.meaning.endswith(".")
        assert row.kind


def test_a_whole_number_will_do_where_a_number_is_expected():
    read = parse_settings('process = "X"\n[engine]\nmemory_gb = 16').engine.memory_gb
    assert (read, type(read)) == (16.0, float)


def test_extra_parameters_of_a_recipe_are_written_as_esorex_takes_them():
    settings = Settings(pipeline={"giscience": {"slight": True, "ron": 4.5}})
    assert settings.parameters("giscience") == (
        Parameter("slight", "true"),
        Parameter("ron", "4.5"),
    )
    assert settings.parameters("gimasterbias") == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[engine]\nwrokers = 3",
            "line 3: engine.wrokers: found an unknown setting, expected worke",
        ),
        ("[engin]\nworkers = 3", "line 2: engin: found an unknown setting, expected engine"),
        (
            "workers = 3",
            "line 2: workers: found an unknown setting, expected it in the table [eng",
        ),
        (
            "[store]\nprocess='Y'",
            "line 3: store.process: found an unknown setting, expected it in ",
        ),
        ("[review]\nzzz = 1", "expected one of random_green_percent"),
        ("[engine]\nworkers = '3'", 'line 3: engine.workers: found "3", expected a whole number'),
        ("[engine]\nworkers = true", "found true, expected a whole number"),
        ("[engine]\nworkers = 1.5", "found 1.5, expected a whole number"),
        ("[engine]\nworkers = -1", "found -1, expected at least 0"),
        ("[engine]\nmemory_gb = nan", "found nan, expected a number"),
        ("[review]\nrandom_green_percent = 120", "found 120, expected at most 100"),
        ("[review.policy]\nBIAS = 'often'", "BIAS: found 'often', expected mandatory, never or a"),
        ("[review.policy]\nBIAS = 120", "review of BIAS: found 120.0, expected 0 to 100 percent"),
        ("[review.policy]\nBIAS = true", "BIAS: found True, expected mandatory"),
        ("[review.policy]\n'' = 5", "found no name, expected a raw type, _tag or *"),
        ("[review.policy]\n'*' = 5\nBIAS = 5", "found lines behind *, expected it last"),
        ("[paths]\nrepository = 'a'", 'found "a", expected a list of texts'),
        ("[paths]\nrepository = [\n  'a',\n  1,\n]", "line 3: paths.repository: found"),
        ("engine = 5", "line 2: engine: found 5, expected the table [engine]"),
        ("engine.window = 0", "line 2: engine.window: found 0, expected at least 1"),
        ("engine = { window = 0 }", "line 2: engine.window: found 0, expected at least 1"),
        ("[engine.jobqueue]\ncores = 8", "line 2: engine.jobqueue: found no class"),
        (
            "[engine.jobqueue]\nclass = 'SLURM'\ncores = 0",
            "line 4: engine.jobqueue.cores: found 0, expected a whole number from 1 on",
        ),
        ("[recipes.environment]\n'a b' = 'x'", "environment: found the name 'a b', expected"),
        ("[recipes.environment]\nHOME = '/x'", "found HOME, expected another variable"),
        ("[recipes.environment]\nX = 1", "environment: X: found 1, expected a text"),
        ("[pipeline.r]\n'a b' = 1", "line 2: pipeline.r: found parameter 'a b'"),
        ("[pipeline]\nr = 1", "line 2: pipeline: found {r = 1}, expected a table of tables"),
        ("[engine", "found no TOML"),
        ("[scores.SNR]\nlow = 'x'", "line 2: scores.SNR: low: found 'x', expected a number"),
        ("[scores.SNR.SCIENCE]\nlow = 'x'", "line 2: scores.SNR: SCIENCE.low: found 'x'"),
        ("[scores.SNR]\nlow = 5\nhigh = 3", "line 2: scores.SNR: found low 5 above high 3"),
        ("[scores]\nSNR = 3", "line 3: scores.SNR: found 3, expected the table [scores.SNR]"),
    ],
)
def test_a_wrong_setting_is_named_with_line_key_found_and_expected(text, expected):
    message = complaint(f'process = "X"\n{text}\n')
    assert message.startswith("work/phoenix.toml")
    assert expected in message


def test_all_complaints_come_at_once_in_the_order_of_the_file():
    message = complaint("process = 'X'\n[review]\na = 1\n[engine]\nwindow = 0\n[store]\nb = 1")
    lines = [int(number) for number in re.findall(r"line (\d+):", message)]
    assert lines == [3, 5, 7]


def test_a_comment_that_looks_like_a_setting_does_not_shift_the_line():
    assert "line 4: engine.window" in complaint(
        "process = 'X' # [review]\n[engine]\n# window = 0\nwindow = 0"
    )


@pytest.mark.parametrize("text", ["", "process = ''"])
def test_settings_without_a_process_are_refused(text):
    assert "process: found nothing, expected a process" in complaint(text)


def test_a_missing_file_is_refused_with_the_way_to_make_one(tmp_path):
    with pytest.raises(SettingsError, match="phoenix init"):
        load_settings(tmp_path / "phoenix.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "phoenix.toml"
    path.write_bytes(b"process = '\xff'")
    with pytest.raises(SettingsError, match="expected text in UTF-8"):
        load_settings(path)


def test_a_file_is_read(tmp_path):
    path = tmp_path / "phoenix.toml"
    path.write_text(default_text("X") + "\n", encoding="utf-8")
    assert load_settings(path).review == Review()
    assert math.isclose(load_settings(path).review.random_green_percent, 20)


def test_numbers_without_end_and_brackets_without_end_are_refused_in_a_sentence():
    for text, why in (
        ("[engine]\nmemory_gb = inf", "found inf, expected a number"),
        ("[engine]\nworkers = 1000000000", "expected at most 10000"),
        ("x = " + "[" * 20_000, "brackets in brackets"),
    ):
        with pytest.raises(SettingsError, match=why):
            parse_settings(f'process = "P"\n{text}\n')


# ---- where pipelines are ------------------------------------------------------------------------


def test_each_pipeline_may_have_a_table_of_its_own():
    text = 'process = "X"\n[recipes]\nkill_grace_s = 1.0\n[recipes.giraf]\nplugin_dir = "/opt/g"\n'
    recipes = parse_settings(text).recipes
    assert recipes.kill_grace_s == 1.0
    assert recipes.places == {"giraf": PipelinePlace(plugin_dir="/opt/g")}
    again = parse_settings(settings_text(parse_settings(text)))
    assert again.recipes == recipes


def test_the_keys_of_older_files_hold_for_all_pipelines():
    text = 'process = "X"\n[recipes]\nesorex = "/opt/esorex"\nplugin_dir = "/opt/plugins"\n'
    place = PipelinePlace(esorex="/opt/esorex", plugin_dir="/opt/plugins")
    assert parse_settings(text).recipes.places == {ALL_PIPELINES: place}
    old_defaults = 'process = "X"\n[recipes]\nesorex = "esorex"\nplugin_dir = ""\n'
    assert parse_settings(old_defaults).recipes.places == {}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('plugin = "/x"', "found an unknown setting, expected one of esorex, plugin_dir"),
        ("plugin_dir = 7", "found 7, expected a text"),
        ('plugin_dir = "here/there"', "expected an absolute path"),
        ('library_path = "/a:b/c"', "expected an absolute path"),
    ],
)
def test_what_is_wrong_in_the_table_of_a_pipeline_is_told(table, words):
    with pytest.raises(SettingsError, match=rf"line 2: recipes\.giraf: .*{words}"):
        parse_settings(f'process = "X"\n[recipes.giraf]\n{table}\n')
