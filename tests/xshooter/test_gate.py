"""Whether an exposure saw any light."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import RawFrame, SetOfFrames
from phoenix.model.gate import RecipeOutcome, broken
from phoenix_xshooter.recipe.gate import GATES

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
