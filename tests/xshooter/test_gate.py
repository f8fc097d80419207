"""Whether an exposure saw any light."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import RawFrame, SetOfFrames
from phoenix.model.gate import RecipeOutcome, broken
from phoenix_xshooter.recipe.gate import GATES
from phoenix_xshooter.recipe.shutter import order_light

SCIENCE = "xsh_scired_slit_nod"


@pytest.fixture
def outcome(tmp_path):
    """Return what is judged of raw frames with a line of the night sky of these levels (ADU)."""
    rng = np.random.default_rng(3)

    def of(arm, *levels):
        rows, columns = np.mgrid[:120, :200]
        line = np.exp(-0.5 * ((columns - 60 - 0.3 * rows) / 2.0) ** 2)
        tag, paths = f"OBJECT_SLIT_NOD_{arm}", []
        for number, level in enumerate(levels):
            paths.append(tmp_path / f"{arm}{number}.fits")
            fits.writeto(paths[-1], rng.normal(100, 3, line.shape) + level * line)
        raws = tuple(RawFrame(f"${{DFO_RAW_DIR}}/2020-01-01/{path.name}", tag) for path in paths)
        ab = AssociationBlock("X.2020-01-02T01:12:20.596.ab", SCIENCE, raws, raw_type=tag)
        return RecipeOutcome(ab, (), "", SetOfFrames(tuple((path, tag) for path in paths)))

    return of


def test_lines_of_the_sky_are_light_enough(outcome):
    assert broken(GATES[SCIENCE], outcome("VIS", 20.0, 20.0)) == ()


@pytest.mark.parametrize("arm", ["VIS", "NIR"])
def test_one_exposure_behind_a_closed_shutter_is_gated(outcome, arm):
    (why,) = broken(GATES[SCIENCE], outcome(arm, 20.0, 0.0))
    assert why.startswith("FRAME_LIGHT is ")


def test_in_the_ultraviolet_a_faint_target_leaves_no_light(outcome):
    assert broken(GATES[SCIENCE], outcome("UVB", 0.0, 0.0)) == ()


@pytest.fixture
def ultraviolet(tmp_path):
    """Return what is judged of an exposure of UVB with sky of a level (ADU) where the flat is."""
    rng = np.random.default_rng(4)

    def of(level, exptime=100.0, slit="1.0x11"):
        rows, columns = np.mgrid[:400, :300]
        flat = ((columns + 0.1 * rows) % 50 < 25).astype(np.float32)
        raw = np.pad(rng.normal(100, 3, flat.shape) + level * flat[::-1, ::-1], ((0, 0), (24, 24)))
        header = fits.Header({"EXPTIME": exptime})
        header["HIERARCH ESO INS OPTI3 NAME"] = slit
        header["HIERARCH ESO DET OUT1 PRSCX"] = 24
        fits.writeto(tmp_path / "raw.fits", raw, header, overwrite=True)
        fits.writeto(tmp_path / "flat.fits", flat, overwrite=True)
        tag = "OBJECT_SLIT_STARE_UVB"
        raws = (RawFrame("${DFO_RAW_DIR}/2020-01-01/raw.fits", tag),)
        ab = AssociationBlock("X.2020-01-02T01:12:20.596.ab", SCIENCE, raws, raw_type=tag)
        rows = ((tmp_path / "raw.fits", tag), (tmp_path / "flat.fits", "MASTER_FLAT_SLIT_UVB"))
        return order_light(RecipeOutcome(ab, (), "", SetOfFrames(rows)))

    return of


def test_a_sky_that_no_pixel_shows_is_light_where_the_flat_has_light(ultraviolet):
    assert ultraviolet(0.3) > 8.0
    assert abs(ultraviolet(0.0)) < 3.0


@pytest.mark.parametrize(("exptime", "slit"), [(45.0, "1.0x11"), (90.0, "0.5x11")])
def test_of_a_short_exposure_no_sky_is_asked(ultraviolet, exptime, slit):
    assert ultraviolet(0.0, exptime, slit) is None
