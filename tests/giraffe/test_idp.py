"""IDPs of a good night: what they say, against truth, and against giscience's own."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from phoenix.formats.fits.headers import read_header
from phoenix.formats.idpfile import write_idp
from phoenix.model.frames import Product
from phoenix.phase3.validate import validate_many
from phoenix.pipelines.find import installed_pipeline
from phoenix.steps.delivery.ancillary import write_ancillary
from phoenix.testing.stranger import compare, read_delivered

pytestmark = pytest.mark.recipes

EDGE, GREEN_LINE, AROUND_IT = 0.5, 557.734, 0.3  # nm


class Truth:
    """What a perfect reduction gives, fibre by fibre, in the barycentric frame."""

    def __init__(self, path):
        with fits.open(path) as hdus:
            self.flexure = hdus[0].header["ESO SIM FLEX VELO"]
            self.wave = hdus["WAVE"].data["WAVE"]
            self.expected = hdus["EXPECTED"].data.astype(float)
            self.fibres = {int(row["FPS"]): at for at, row in enumerate(hdus["FIBRES"].data)}
            self.observer = np.array(hdus["FIBRES"].data["OBSERVER"])

    def of_fibre(self, fps):
        at = self.fibres[fps]
        return self.wave * (1.0 + self.observer[at] / 299792.458), self.expected[at]


@pytest.fixture(scope="session")
def truth(science, good):
    arcfile = science.ab.raw_files[0].name.removesuffix(".fits")
    return Truth(next(good.night.folder.glob(f"truth/*/{arcfile}_truth.fits")))


def inner(spectrum):
    """Leave out the ends, and the sky's bright line."""
    wave = spectrum.wave
    good = (wave > wave[0] + EDGE) & (wave < wave[-1] - EDGE)
    return evolve(spectrum, good=spectrum.good & good & (abs(wave - GREEN_LINE) > AROUND_IT))


def cards(idp):
    return {card.keyword: card.value for card in (*idp.extension, *idp.primary)}


def column(idp, name):
    return next(column.values for column in idp.columns if column.name == name)


def test_there_is_one_for_every_fibre_on_a_target(idps, science):
    with fits.open(product(science, "SCIENCE_RBNSPECTRA")) as hdus:
        table = hdus["FIBER_SETUP"].data
    targets = table["FPS"][table["TYPE"] == "M"].tolist()
    assert [cards(idp)["FPS"] for idp in idps] == targets
    assert {idp.prodcatg for idp in idps} == {"SCIENCE.SPECTRUM"}


def product(science, pro_catg):
    return next(p.path for p in science.products if p.pro_catg == pro_catg)


def test_they_carry_flux_and_error_of_their_own_fibre(idps, science):
    with fits.open(product(science, "SCIENCE_RBNSPECTRA")) as hdus:
        flux, fps = hdus[0].data, hdus["FIBER_SETUP"].data["FPS"].tolist()
    error = fits.getdata(product(science, "SCIENCE_RBNERRORS"))
    for idp in idps:
        row = fps.index(cards(idp)["FPS"])
        np.testing.assert_array_equal(column(idp, "FLUX_REDUCED"), flux[:, row])
        np.testing.assert_array_equal(column(idp, "ERR_REDUCED"), error[:, row])


def test_wavelengths_are_those_of_the_truth_in_the_barycentric_frame(written, idps, truth):
    velocities = []
    for idp in idps:
        spectrum = read_delivered(written / idp.name)
        assert spectrum.header["SPECSYS"] == "BARYCENT"
        found = compare(inner(spectrum), *truth.of_fibre(spectrum.header["FPS"]))
        if found.velocity_error < 0.15:
            velocities.append(found.velocity - truth.flexure)
    assert len(velocities) > 10
    # The Earth's rotation alone is up to 0.42 km/s.
    assert abs(np.median(velocities)) < 0.05


def test_fluxes_and_errors_are_those_of_the_truth(written, idps, truth):
    found = [
        compare(inner(spectrum), *truth.of_fibre(spectrum.header["FPS"]))
        for spectrum in (read_delivered(written / idp.name) for idp in idps)
    ]
    ratios = np.array([one.ratio for one in found])
    sections = np.median([one.sections for one in found], axis=0)
    assert np.median(np.abs(ratios / np.median(ratios) - 1.0)) < 0.005
    assert np.abs(sections - 1.0).max() < 0.01
    assert 0.8 < np.median([one.pull for one in found]) < 1.2


def test_objects_are_those_of_the_truth(idps, science, good):
    arcfile = science.ab.raw_files[0].name.removesuffix(".fits")
    with fits.open(next(good.night.folder.glob(f"truth/*/{arcfile}_truth.fits"))) as truth:
        fibres = {row["FPS"]: row["OBJECT"] for row in truth["FIBRES"].data}
    assert [cards(idp)["OBJECT"] for idp in idps] == [fibres[cards(idp)["FPS"]] for idp in idps]


def test_times_fit_each_other(idps):
    found = cards(idps[0])
    elapsed = (found["MJD-END"] - found["MJD-OBS"]) * 86400
    assert elapsed == pytest.approx(found["EXPTIME"], abs=0.01)
    assert found["TELAPSE"] == pytest.approx(elapsed, abs=0.1)
    assert found["TMID"] == pytest.approx((found["MJD-END"] + found["MJD-OBS"]) / 2, abs=1e-6)
    assert found["NCOMBINE"] == 1
    assert found["TEXPTIME"] == found["EXPTIME"] == 1800.0


def test_provenance_is_the_raw_file_by_its_archive_name(idps, science):
    assert cards(idps[0])["PROV1"] == science.ab.raw_files[0].name
    assert cards(idps[0])["OBID1"] == science.ab.obs_id
    assert cards(idps[0])["PROG_ID"] == science.ab.obs_prog_id


def test_software_and_quality_are_told(idps):
    found = cards(idps[0])
    assert found["PROCSOFT"].startswith("giraf/2.16.10 phoenix/0.1")
    assert found["QCFLAG"] == "000000000"
    assert found["SPEC_RES"] == pytest.approx(5641, abs=60)
    assert found["LAMRMS"] < 0.001
    assert found["ESO QC NSCI"] == len(idps)
    assert found["ESO QC SNR"] == pytest.approx(found["SNR"], abs=1e-3)


@pytest.fixture(scope="session")
def written(idps, tmp_path_factory):
    """All IDPs of the product and their ancillaries on disk, with a picture as QC report."""
    folder = tmp_path_factory.mktemp("idps")
    for ancillary in idps[0].ancillaries:
        write_ancillary(ancillary, folder / ancillary.name)
    for idp in idps:
        write_idp(idp, folder / idp.name)
    return folder


def test_the_validator_accepts_every_one_with_its_ancillaries(written, idps):
    batch = validate_many(sorted(written / idp.name for idp in idps))
    reports = list(batch)
    assert len(reports) == len(idps)
    assert [str(report) for report in reports if not report.ok] == []


def test_fitsverify_finds_nothing_wrong(written, idps):
    verifier = shutil.which("fitsverify")
    if verifier is None:
        pytest.skip("no fitsverify: install it (apt install fitsverify)")
    names = [idps[0].name, *(ancillary.name for ancillary in idps[0].ancillaries)]
    for name in names:
        said = subprocess.run(
            [verifier, "-q", written / name], capture_output=True, text=True, check=False
        )
        assert "0 warnings and 0 errors" in said.stdout or "verification OK" in said.stdout, (
            said.stdout
        )


def test_the_ancillary_holds_all_fibres_and_that_of_the_sky_the_sky(written, idps):
    everything, sky = idps[0].ancillaries[:2]
    with fits.open(written / everything.name) as hdus:
        assert hdus[0].header["PRODCATG"] == "ANCILLARY.MOSSPECTRA"
        assert hdus["SPECTRA"].data.shape == hdus["ERRORS"].data.shape
        assert hdus["SPECTRA"].data.shape[1] == len(hdus["FIBER_SETUP"].data)
    with fits.open(written / sky.name) as hdus:
        assert hdus[0].header["PRODCATG"] == "ANCILLARY.MOSSPECTRA.SKY"
        assert set(hdus["FIBER_SETUP"].data["TYPE"]) == {"S"}
        assert hdus["FIBER_SETUP"].data["INDEX"].tolist() == list(
            range(1, hdus["SPECTRA"].data.shape[1] + 1)
        )


def test_the_qc_report_travels_as_preview(giraffe, process, science, tmp_path):
    report = tmp_path / "report.png"
    report.write_bytes(b"\x89PNG")
    products = (*science.products, Product(report, "QC_REPORT"))
    plans = giraffe.convert_to_idps(process, science.ab, products, science.frames, (), {})
    preview = plans[0].ancillaries[-1]
    assert preview.category == "ANCILLARY.PREVIEW"
    assert preview.name == f"r.{science.ab.root}.png"


def test_without_measurements_the_resolving_power_is_the_nominal_one(giraffe, process, science):
    plans = giraffe.convert_to_idps(process, science.ab, science.products, science.frames, (), {})
    assert cards(plans[0])["SPEC_RES"] == 5800.0
    assert "QCFLAG" not in cards(plans[0])


def test_they_agree_with_the_files_that_giscience_writes_itself(idps, science, tmp_path):
    (tmp_path / "x.sof").write_text(str(science.frames))
    options = [f"--recipe-dir={installed_pipeline('giraf').recipes}"]
    parameters = [*map(str, science.ab.parameters), "--generate-SDP-format=true"]
    command = [shutil.which("esorex"), *options, "giscience", *parameters, "x.sof"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=800)
    theirs = {read_header(path)["FPS"]: path for path in tmp_path.glob("science_spectrum_*.fits")}
    assert sorted(theirs) == [cards(idp)["FPS"] for idp in idps]
    for idp in idps:
        ours = cards(idp)
        with fits.open(theirs[ours["FPS"]]) as hdus:
            header = hdus[0].header + hdus[1].header
            row = hdus[1].data[0]
            for name in ("FLUX_REDUCED", "ERR_REDUCED"):
                np.testing.assert_allclose(column(idp, name), row[name], rtol=1e-6)
            # Theirs are heliocentric and know nothing of the Earth's rotation: 0.42 km/s.
            np.testing.assert_allclose(column(idp, "WAVE"), row["WAVE"], rtol=0.45 / 299792.0)
            for keyword in ("OBJECT", "EXPTIME", "TEXPTIME", "NCOMBINE", "PROG_ID", "OBID1"):
                assert ours[keyword] == header[keyword]
            for keyword in ("RA", "DEC", "MJD-OBS", "MJD-END", "SNR", "TMID"):
                assert ours[keyword] == pytest.approx(header[keyword], rel=1e-5)
            assert ours["PROV1"] == header["PROV1"]
