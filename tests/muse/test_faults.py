"""Nights in which something is wrong, through the true recipes: where each is caught."""

from __future__ import annotations

import numpy as np
import pytest

from phoenix.model.report import JobState
from phoenix.toolkit.fits import read_image
from phoenix.toolkit.headers import read_header, required_number

pytestmark = [pytest.mark.recipes, pytest.mark.slow]


def ends(reduced, raw_type):
    """Return how the ABs of a raw type ended, in the order of the cascade."""
    return [one.result for one in reduced.blocks if one.ab.raw_type == raw_type]


def product(reduced, raw_type, pro_catg, number=0):
    one = [one for one in reduced.blocks if one.ab.raw_type == raw_type][number]
    return next(found.path for found in one.products if found.pro_catg == pro_catg)


def test_an_exposure_that_was_not_matched_gates_the_alignment_and_the_cube_goes_without(faulty):
    night = faulty("astray")
    (aligned,), (combined,) = ends(night, "IMAGE_FOV"), ends(night, "PIXTABLE_REDUCED")
    assert aligned.state is JobState.GATED
    assert "UNMATCHED" in aligned.reason
    assert combined.state is JobState.SUCCESSFUL
    assert "no offsets" in combined.reason
    header = read_header(product(night, "PIXTABLE_REDUCED", "DATACUBE_FINAL"))
    assert "ESO DRS MUSE OFFSET1 DRA" not in header


def test_an_exposure_that_lacks_an_ifu_fails_and_the_other_is_a_cube_of_its_own(faulty):
    night = faulty("missing-ifu")
    (lost,) = [end for end in ends(night, "OBJECT") if end.state is JobState.FAILED]
    assert "found no CHAN01" in lost.reason
    assert [end.state for end in ends(night, "PIXTABLE_REDUCED")] == [JobState.BLOCKED]
    assert sorted(end.state.value for end in ends(night, "PIXTABLE_OBJECT")) == [
        "blocked",
        "successful",
    ]


def test_an_exposure_that_was_matched_with_other_sources_gates_the_alignment(faulty):
    night = faulty("lured", chosen=("IMAGE_FOV",))
    (aligned,) = ends(night, "IMAGE_FOV")
    assert aligned.state is JobState.GATED
    assert "ENOUGH_MATCHES" in aligned.reason


def test_without_a_standard_star_cubes_are_in_counts_and_gated(faulty):
    night = faulty("no-standard")
    found = ends(night, "PIXTABLE_OBJECT")
    assert {end.state for end in found} == {JobState.GATED}
    assert all("FLUXED" in end.reason for end in found)


def test_a_frame_that_does_not_say_where_it_points_fails_before_the_recipe(faulty):
    night = faulty("no-place", chosen=("OBJECT",))
    (lost,) = [end for end in ends(night, "OBJECT") if end.state is JobState.FAILED]
    assert "found no RA, DEC, LST" in lost.reason


def test_a_bright_morning_makes_the_variance_of_its_exposure_large(faulty, good):
    night = faulty("dawn")
    assert {one.result.state for one in night.blocks} == {JobState.SUCCESSFUL}

    def variance(reduced):
        cubes = [
            product(reduced, "PIXTABLE_OBJECT", "DATACUBE_FINAL", number)
            for number in range(len(ends(reduced, "PIXTABLE_OBJECT")))
        ]
        last = next(path for path in cubes if "01:34" in path.name)
        return float(np.nanmedian(read_image(last, "STAT")))

    assert variance(night) > 5.0 * variance(good)


def test_without_twilight_flats_exposures_are_reduced_without_them(faulty):
    night = faulty("no-twilight", "wave-shift", "old-arc")
    assert {one.result.state for one in night.blocks} == {JobState.SUCCESSFUL}
    assert not any(
        master.pro_catg == "TWILIGHT_CUBE"
        for one in night.blocks
        for master in one.ab.calibrations
    )


def test_wavelengths_off_the_solution_stand_in_the_pixel_table(faulty):
    night = faulty("no-twilight", "wave-shift", "old-arc")
    header = read_header(product(night, "OBJECT", "PIXTABLE_OBJECT"))
    shift = required_number(header, "ESO QC SCIBASIC LAMBDA SHIFT")
    assert shift == pytest.approx(0.9, abs=0.1)


def test_saturated_pixels_are_counted(faulty):
    night = faulty("saturated", "no-sky")
    header = read_header(product(night, "OBJECT", "PIXTABLE_OBJECT"))
    assert required_number(header, "ESO QC SCIBASIC NSATURATED") > 300


def test_an_exposure_that_was_aborted_is_combined_with_the_other(faulty):
    night = faulty("aborted", "off")
    assert {one.result.state for one in night.blocks} == {JobState.SUCCESSFUL}
    header = read_header(product(night, "PIXTABLE_REDUCED", "DATACUBE_FINAL"))
    assert required_number(header, "TEXPTIME") == pytest.approx(990.0)


def test_a_sky_that_saw_no_light_is_gated_and_the_field_has_its_own(faulty):
    night = faulty("dark-sky", "two-templates")
    (sky,) = ends(night, "PIXTABLE_SKY")
    assert sky.state is JobState.GATED
    assert "did not converge" in sky.reason
    for end in ends(night, "PIXTABLE_OBJECT"):
        assert end.state is JobState.SUCCESSFUL
        assert "no sky from beside the field" in end.reason
