"""All modes of observing, and the filter of the K band: what belongs together, and its names.

The raw frames here are headers alone; what the recipes make of such nights stands in the benchmark
``xshooter_truth.py``.
"""

from __future__ import annotations

import datetime as dt
import re
import subprocess

import numpy as np
import pytest
from attrs import evolve

from phoenix.cli import run
from phoenix.formats.abfile import read_ab
from phoenix.model.ab import Completeness
from phoenix.model.dates import CivilDate
from phoenix.model.frames import Product
from phoenix.pipelines.find import installed_pipeline
from phoenix.simulate.night import SimulationOptions
from phoenix.simulate.raw import image_hdu, write_fits
from phoenix_xshooter.blocks.edits import modernise
from phoenix_xshooter.blocks.parameters import BINS, KNOWN_PARAMETERS, RULE_PARAMETERS
from phoenix_xshooter.delivery.names import final_name
from phoenix_xshooter.process import XSHOOTER_ECH, arm_of, kind_of
from phoenix_xshooter.simulation import headers
from phoenix_xshooter.simulation.blocks import blocks
from phoenix_xshooter.simulation.headers import frame_cards
from phoenix_xshooter.simulation.plan import BIAS, FLAT
from phoenix_xshooter.simulation.programme import plan_night
from phoenix_xshooter.simulation.statics import STATICS, static_hdus

DATE, COMMISSIONING = CivilDate(2020, 1, 1), CivilDate(2009, 3, 15)
PLAIN, BLOCKED = ("NOD", "STARE", "OFFSET"), ("NOD", "STARE", "OFFSET", "JH", "NIR")
EMPTY = np.zeros((2, 2), dtype=np.float32)


def planned(setups, date=DATE):
    """Return a night of these setups."""
    return plan_night(date, SimulationOptions(setups=setups))


def headers_of(plan, folder):
    """Write the night without its pixels."""
    raw, static = folder / "raw" / str(plan.date), folder / "calib" / "gen"
    raw.mkdir(parents=True)
    static.mkdir(parents=True)
    for frame in plan.frames:
        write_fits(raw / f"{frame.exposure.root}.fits", [image_hdu(frame_cards(frame), EMPTY)])
    for row in STATICS:
        write_fits(static / row.name, static_hdus(row, plan)[:1])
    return folder


def made_of(night, work, date):
    """Return the ABs that create-ab makes of all of a night."""
    assert run(["init", str(work), "--process", "XSHOOTER_ECH", "--repository", str(night)]) == 0
    for mode in ("CALIB", "SCIENCE"):
        assert run(["create-ab", "-w", str(work), "-d", str(date), "--mode", mode]) == 0
    return [read_ab(path) for path in sorted((work / "ab" / str(date)).glob("*.ab"))]


@pytest.fixture(
    scope="module",
    params=[(PLAIN, DATE), (BLOCKED, DATE), (("OFFSET", "1x2"), COMMISSIONING)],
    ids=["plain", "blocked", "commissioning"],
)
def night(request, has_xshoo, tmp_path_factory):
    """Return the plan of a night, the folder of its headers, and its ABs."""
    if not has_xshoo:
        pytest.skip("no rules of X-shooter: `phoenix pipelines install xshoo`")
    folder = tmp_path_factory.mktemp("xshooter-modes")
    plan = planned(*request.param)
    headers_of(plan, folder / "night")
    return plan, folder / "night", made_of(folder / "night", folder / "work", plan.date)


def test_every_frame_is_in_an_ab_of_its_raw_type(night):
    plan, _, made = night
    found = {raw.name: ab.raw_type for ab in made for raw in ab.raw_files}
    wanted = {f"{frame.exposure.root}.fits": frame for frame in plan.frames}
    lost = {wanted[name].raw_type for name in set(wanted) - set(found)}
    assert not lost
    assert all(wanted[name].raw_type == raw_type for name, raw_type in found.items())


def test_every_ab_is_complete(night):
    assert {ab.completeness for ab in night[2]} == {Completeness.COMPLETE}


def test_frames_of_the_commissioning_are_called_shoot(night):
    plan, _, made = night
    prefix = "SHOOT." if plan.date == COMMISSIONING else "XSHOO."
    assert all(str(ab.name).startswith(prefix) for ab in made)


def test_masters_are_of_the_same_binning(night):
    """Biases and flats of the frame's own read-out: 100k/1pt/hg/1x2 among them."""
    _, _, made = night
    clocks = {str(ab.name): dict(ab.setup).get("DET.READ.CLOCK") for ab in made}
    kinds = {str(ab.name): kind_of(ab.raw_type) for ab in made}
    compared = 0
    for ab in made:
        if ab.recipe.startswith(("xsh_scired", "xsh_respon", "xsh_mflat")):
            for name in ab.waits_for:
                if kinds[name] in {"BIAS", "FLAT_SLIT"} and arm_of(ab.raw_type) != "NIR":
                    assert clocks[name] == clocks[str(ab.name)]
                    compared += 1
    assert compared or not any(arm_of(ab.raw_type) != "NIR" for ab in made)


def test_recipes_are_those_of_the_raw_types(night):
    rows = {row.name: row.recipe for row in XSHOOTER_ECH.raw_types}
    assert all(ab.recipe == rows[ab.raw_type] for ab in night[2])


def test_target_and_sky_of_an_offset_are_one_ab(night):
    offsets = [ab for ab in night[2] if kind_of(ab.raw_type).endswith("OFFSET")]
    assert len(offsets) >= 3
    for ab in offsets:
        assert len(ab.raw_files) == 2
        assert {raw.tag.startswith("SKY_SLIT_") for raw in ab.raw_files} == {True, False}


def test_all_spectra_but_those_of_flux_standards_get_a_response(night):
    spectra = [ab for ab in night[2] if ab.recipe.startswith("xsh_scired")]
    assert spectra
    for ab in spectra:
        arm = arm_of(ab.raw_type)
        assert f"RESPONSE_MERGE1D_SLIT_{arm}" in {one.pro_catg for one in ab.calibrations}


def test_a_response_serves_its_own_side_of_the_filter(night):
    _, _, made = night
    standards = {str(ab.name): ab for ab in made if ab.raw_type.startswith("STD_FLUX")}
    for ab in (ab for ab in made if ab.recipe.startswith("xsh_scired")):
        (response,) = [standards[name] for name in ab.waits_for if name in standards]
        assert ("_JH_" in response.raw_type) == ("_JH_" in ab.raw_type)


def test_behind_the_filter_all_tables_are_those_of_fourteen_orders(night):
    for ab in night[2]:
        given = {one.pro_catg for one in ab.calibrations}
        if "_JH_" in ab.raw_type:
            assert "SPECTRAL_FORMAT_TAB_JH_NIR" in given
            assert "SPECTRAL_FORMAT_TAB_NIR" not in given
        else:
            assert "SPECTRAL_FORMAT_TAB_JH_NIR" not in given


def test_flat_and_science_have_the_same_slit(night):
    _, _, made = night
    flats = {str(ab.name): dict(ab.setup) for ab in made if kind_of(ab.raw_type) == "FLAT_SLIT"}
    for ab in made:
        if ab.recipe.startswith(("xsh_scired", "xsh_respon")):
            wheel = {"UVB": "INS.OPTI3.NAME", "VIS": "INS.OPTI4.NAME", "NIR": "INS.OPTI5.NAME"}
            key = wheel[arm_of(ab.raw_type)]
            used = {flats[name][key] for name in ab.waits_for if name in flats}
            assert dict(ab.setup)[key] in used


def test_a_telluric_standard_beside_its_sky_has_a_tag_that_the_recipe_knows(night):
    (ab, *_) = [ab for ab in night[2] if ab.raw_type.startswith("STD_TELL_SLIT_OFFSET")]
    tags = {raw.tag.removesuffix(f"_{arm_of(ab.raw_type)}") for raw in modernise(ab).raw_files}
    assert tags == {"OBJECT_SLIT_OFFSET", "SKY_SLIT"}


def test_telluric_standards_make_no_table_of_the_data_standard(night):
    for ab in map(modernise, night[2]):
        asked = "generate-SDP-format" in {one.name for one in ab.parameters}
        made = {one.pro_catg.partition("_")[0] for one in ab.products}
        if ab.raw_type.startswith("STD_TELL"):
            assert not asked
            assert "TELL" in made
        elif ab.recipe.startswith("xsh_scired"):
            assert asked
            assert "SCI" in made


def test_all_bins_of_an_arm_are_alike(night):
    for ab in map(modernise, night[2]):
        bins = {one.name: one.value for one in ab.parameters if one.name.startswith("rectify-bin")}
        if ab.recipe.startswith(("xsh_scired", "xsh_respon")):
            assert bins == dict(BINS[arm_of(ab.raw_type)])


def test_products_of_a_night_have_names_of_their_own(night):
    plan, folder, made = night
    raw = folder / "raw" / str(plan.date)
    named = [
        (ab, Product(raw / ab.raw_files[0].name, product.pro_catg))
        for ab in made
        for product in ab.products
    ]
    names = [name for row in named if (name := final_name(*row)) is not None]
    assert len(names) > 40
    assert len(set(names)) == len(names)
    form = re.compile(r"XS_[MPS][A-Z0-9]{3}_[A-Za-z0-9_.:+-]+\.fits")
    assert [name for name in names if not form.fullmatch(name)] == []


def test_names_fit_the_standard_with_an_ob_of_ten_digits(night):
    plan, folder, made = night
    for ab in made:
        raw = folder / "raw" / str(plan.date) / ab.raw_files[0].name
        for product in ab.products:
            name = final_name(evolve(ab, obs_id=4_000_000_000), Product(raw, product.pro_catg))
            assert name is None or len(name) <= 68


def later(frame, minutes):
    """Return a frame of a template that began so many minutes later."""
    step, exposure = dt.timedelta(minutes=minutes), frame.exposure
    template = evolve(exposure.template, start=exposure.template.start + step)
    return evolve(frame, exposure=evolve(exposure, start=exposure.start + step, template=template))


@pytest.mark.parametrize("minutes", [-15, 15])
def test_of_two_binnings_a_frame_gets_the_masters_of_its_own(
    minutes, has_xshoo, tmp_path, monkeypatch
):
    """The rules compare the read-out mode at most; here it does not tell the binning."""
    monkeypatch.setattr(headers, "CLOCKS", dict.fromkeys(headers.CLOCKS, "100k/1pt/hg"))
    if not has_xshoo:
        pytest.skip("no rules of X-shooter: `phoenix pipelines install xshoo`")
    plan = planned(("UVB", "OFFSET"))
    others = [frame for frame in planned(("UVB", "OFFSET", "1x2")).frames
              if frame.kind in {BIAS, FLAT}]  # fmt: skip
    both = evolve(plan, frames=(*plan.frames, *(later(frame, minutes) for frame in others)))
    made = made_of(headers_of(both, tmp_path / "night"), tmp_path / "work", plan.date)
    pixels = {f"{frame.exposure.root}.fits": frame.binning for frame in both.frames}
    binning = {str(ab.name): pixels[ab.raw_files[0].name] for ab in made}
    masters = {str(ab.name) for ab in made if kind_of(ab.raw_type) in {"BIAS", "FLAT_SLIT"}}
    assert sorted(binning[name] for name in masters) == [(1, 2), (1, 2), (2, 2), (2, 2)]
    binned = ("xsh_mflat", "xsh_respon", "xsh_scired")
    compared = [
        (binning[name], binning[str(ab.name)])
        for ab in made
        if ab.recipe.startswith(binned)
        for name in masters.intersection(ab.waits_for)
    ]
    assert len(compared) == 2 + 3 * 2
    assert all(own == other for own, other in compared)


@pytest.mark.parametrize("setups", [(), PLAIN, BLOCKED], ids=["usual", "plain", "blocked"])
def test_historical_abs_are_edited_to_what_the_recipe_knows(setups):
    made = [modernise(ab) for ab in blocks(plan_night(DATE, SimulationOptions(setups=setups)))]
    for ab in made:
        assert {one.name for one in ab.parameters} <= KNOWN_PARAMETERS[ab.recipe]


@pytest.mark.recipes
def test_the_parameters_that_are_known_are_those_of_the_recipes(has_xshoo, tmp_path):
    if not has_xshoo:
        pytest.skip("no pipeline of X-shooter: `phoenix pipelines install xshoo`")
    pipeline = installed_pipeline("xshoo")
    for recipe, known in KNOWN_PARAMETERS.items():
        words = [pipeline.esorex, f"--recipe-dir={pipeline.recipes}", "--params", recipe]
        environment = {**dict(pipeline.environment), "HOME": str(tmp_path)}
        said = subprocess.run(
            words, env=environment, cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout.partition("Recipe Parameters")[2]
        assert set(re.findall(r"^  ([\w-]+) *:", said, re.MULTILINE)) == known, recipe


def test_rules_of_ours_ask_for_known_parameters():
    for (recipe, _), rows in RULE_PARAMETERS.items():
        assert {name for name, _ in rows} <= KNOWN_PARAMETERS[recipe]
