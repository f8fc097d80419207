"""A hard night, with flexure and many cosmic rays, against the truth, as delivered."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve
from giraffe_truth import FORMAL, C, delivered, exposures, inner

from phoenix.model.ab import AssociationBlock
from phoenix.model.frames import MasterCalibration, RawFrame
from phoenix.model.recipe import Parameter
from phoenix.testing.night import has_esorex
from phoenix.testing.stranger import compare, read_delivered
from phoenix_giraffe.blocks.edits import modernise

AB = AssociationBlock(
    "GIRAF.2020-01-02T01:00:00.000.ab",
    "giscience",
    (RawFrame("${DFO_RAW_DIR}/2020-01-01/GIRAF.2020-01-02T01:00:00.000.fits", "SCIENCE"),),
    (MasterCalibration("${DFO_CAL_DIR}/gen/GI_GLMA.fits", "LINE_MASK"),),
)


def test_the_step_is_finer_than_the_default_unless_the_ab_has_its_own():
    assert Parameter("scal-cstep", "0.001") in modernise(AB).parameters
    assert modernise(evolve(AB, calibrations=())).parameters == ()
    own = AB.edited(why="tried out", parameters=(Parameter("scal-cstep", "0.01"),))
    assert [one for one in modernise(own).parameters if one.name == "scal-cstep"] == [
        Parameter("scal-cstep", "0.01")
    ]


@pytest.fixture(scope="module")
def hard(tmp_path_factory):
    """A night with a flexure of 0.4 pixels, the lamp on in the first OB."""
    if not has_esorex():
        pytest.skip("no esorex: run `make test`, which installs the pipelines")
    folder = tmp_path_factory.mktemp("simcal")
    return list(exposures(*delivered(folder, "", faults=("hard_night", "simcal"))))


def each_fibre(truth, idps):
    """Yield spectrum, wavelengths and expected flux of every fibre."""
    with fits.open(truth) as hdus:
        fibres = {int(one["FPS"]): (place, one) for place, one in enumerate(hdus["FIBRES"].data)}
        wave, expected = hdus["WAVE"].data["WAVE"], hdus["EXPECTED"].data.astype(float)
    for path in idps:
        spectrum = read_delivered(path)
        place, fibre = fibres[spectrum.header["FPS"]]
        yield spectrum, wave * (1.0 + fibre["OBSERVER"] / C), expected[place]


def median_velocity(truth, idps):
    """Median of delivered minus true velocity (km/s) of the fibres with small errors."""
    flexure = fits.getheader(truth)["ESO SIM FLEX VELO"]
    found = [compare(inner(one), wave, flux) for one, wave, flux in each_fibre(truth, idps)]
    sharp = [one.velocity for one in found if one.velocity_error < FORMAL]
    assert len(sharp) > 10
    return float(np.median(sharp)), flexure


@pytest.mark.recipes
@pytest.mark.slow
def test_the_lamp_takes_a_flexure_of_four_km_a_second_out(hard):
    corrected, plain = [], []
    for truth, idps in hard:
        velocity, flexure = median_velocity(truth, idps)
        assert flexure > 4.0
        (corrected if abs(velocity) < 1.0 else plain).append(velocity)
    assert len(corrected) == 2
    assert np.abs(corrected).max() < 0.1
    assert min(plain) > 4.0


@pytest.mark.recipes
@pytest.mark.slow
def test_pixels_that_cosmic_rays_hit_are_flagged(hard):
    """Nothing is clipped."""
    for truth, idps in hard:
        before, after, flagged, wild = [], [], [], []
        for spectrum, wave, expected in each_fibre(truth, idps):
            every = inner(evolve(spectrum, good=np.isfinite(spectrum.flux)))
            ratio = compare(inner(spectrum), wave, expected).ratio
            pull = (
                spectrum.flux - ratio * np.interp(spectrum.wave, wave, expected)
            ) / spectrum.error
            before.append(pull[every.good].std())
            after.append(pull[every.good & spectrum.good].std())
            flagged.append(np.mean(~spectrum.good[every.good]))
            far = every.good & (np.abs(pull) > 5.0)
            wild.append((far.sum(), (far & spectrum.good).sum()))
        assert np.median(before) > 1.5
        assert np.median(after) < 1.3
        all_wild, left = np.sum(wild, axis=0)
        assert left < 0.6 * all_wild
        assert 0.005 < np.mean(flagged) < 0.02


@pytest.mark.recipes
@pytest.mark.slow
def test_scattered_light_is_told_in_every_idp(hard):
    """Two per cent of the light make sky fibres mostly scattered light."""
    for _, idps in hard:
        assert 0.5 < fits.getheader(idps[0])["ESO QC SCATTERED PART"] < 1.0
