"""Good products to start from, and a way to break them card by card."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from phoenix.formats.fits.write_cards import format_card
from phoenix.formats.idpfile import encode_idp
from phoenix.model.idp import Ancillary, Card, Column, InternalDataProduct
from phoenix.testing.draft import Draft

START, END = 58849.1, 58849.12
TARGET = "NGC 104-007"


def times(exptime=1500.0):
    return [
        Card("EXPTIME", exptime, "[s] Total integration time per data element"),
        Card("TEXPTIME", exptime, "[s] Total integration time of all exposures"),
        Card("MJD-OBS", START, "[d] Start of observations"),
        Card("MJD-END", END, "[d] End of observations"),
    ]


def common(instrument):
    return [
        Card("ORIGIN", "ESO-PARANAL", "European Southern Observatory"),
        Card("TELESCOP", "ESO-VLT-U2", "ESO Telescope Name"),
        Card("INSTRUME", instrument, "Instrument used"),
        Card("OBJECT", TARGET, "Target designation"),
        Card("RA", 6.0223, "[deg] Target position (J2000)"),
        Card("DEC", -72.0814, "[deg] Target position (J2000)"),
        Card("EQUINOX", 2000.0, "Standard FK5"),
        Card("RADESYS", "FK5", "Coordinate reference frame"),
        *times(),
        Card("DATE", "2020-01-05T12:00:00", "Date this file was written"),
        Card("PROG_ID", "0104.D-0001(A)", "ESO programme identification"),
        Card("OBID1", 200123456, "Observation block ID"),
        Card("NCOMBINE", 1, "Number of combined raw science data files"),
        Card("PROCSOFT", "giraf/2.16.10", "Data reduction software"),
        Card("REFERENC", "", "Bibliographic reference"),
        Card("PROV1", "GIRAF.2020-01-01T02:24:00.000", "Originating raw science file"),
        Card("SPECSYS", "HELIOCEN", "Reference frame for spectral coordinates"),
        Card("EXT_OBJ", False, "TRUE if extended"),
        Card("CONTNORM", False, "TRUE if normalised to the continuum"),
        Card("TOT_FLUX", False, "TRUE if all source flux is captured"),
    ]


def spectral(low, high, step):
    return [
        Card("WAVELMIN", low, "[nm] Minimum wavelength"),
        Card("WAVELMAX", high, "[nm] Maximum wavelength"),
        Card("SPEC_BIN", step, "[nm] Wavelength bin size"),
        Card("LAMRMS", 0.002, "[nm] RMS of the residuals of the wavelength solution"),
        Card("LAMNLIN", 100, "Number of arc lines"),
        Card("SPEC_ERR", 0.0002, "[nm] Statistical error in spectral coordinate"),
        Card("SPEC_SYE", 0.0, "[nm] Systematic error in spectral coordinate"),
        Card("RA_ERR", 0.0001, "[deg] Error on target position"),
        Card("DEC_ERR", 0.0001, "[deg] Error on target position"),
        Card("SNR", 31.2, "Median signal to noise ratio per pixel"),
        Card("SPEC_RES", 17000.0, "Spectral resolving power"),
    ]


def extension_cards(title, aperture, low, high, voclass):
    return (
        Card("VOCLASS", voclass, "VO Data Model"),
        Card("VOPUB", "ESO/SAF", "VO Publishing Authority"),
        Card("TITLE", title, "Dataset title"),
        Card("OBJECT", TARGET, "Target designation"),
        Card("RA", 6.0223, "[deg] Target position (J2000)"),
        Card("DEC", -72.0814, "[deg] Target position (J2000)"),
        Card("APERTURE", aperture, "[deg] Aperture diameter"),
        Card("TELAPSE", (END - START) * 86400, "[s] Total elapsed time"),
        Card("TMID", (START + END) / 2, "[d] MJD mid exposure"),
        Card("SPEC_VAL", (low + high) / 2, "[nm] Mean wavelength"),
        Card("SPEC_BW", high - low, "[nm] Bandpass width"),
    )


ACCURACY = "Data.FluxAxis.Accuracy"
FLUX_UCD = "phot.flux.density;em.wl"


def giraffe_idp(fibre=7, ancillaries=()):
    """A fibre spectrum in adu, air wavelengths, one flux."""
    wave = 515.0 + 0.005 * np.arange(4000)
    flux = (1000 + 50 * np.sin(wave)).astype(np.float32)
    error = np.sqrt(flux).astype(np.float32)
    low, high = float(wave[0]), float(wave[-1])
    uncalibrated = f"{FLUX_UCD};stat.uncalib"
    columns = (
        Column("WAVE", wave, "nm", "Spectrum.Data.SpectralAxis.Value", "em.wl;obs.atmos"),
        Column("FLUX", flux, "adu", "Spectrum.Data.FluxAxis.Value", uncalibrated),
        Column("ERR", error, "adu", f"Spectrum.{ACCURACY}.StatError",
               f"stat.error;{uncalibrated}"),
        Column("SNR", flux / error, "", "eso:Data.FluxAxis.Accuracy.SNR", "stat.snr"),
        Column("QUAL", np.zeros(4000, np.int32), "", f"Spectrum.{ACCURACY}.QualityStatus",
               "meta.code.qual"),
        Column("BGFLUX", flux / 10, "adu", "Spectrum.Data.BackgroundModel.Value", uncalibrated),
    )  # fmt: skip
    primary = [
        *common("GIRAFFE"),
        *spectral(low, high, 0.005),
        Card("OBSTECH", "MOS", "Technique of observation"),
        Card("FLUXCAL", "UNCALIBRATED", "Certifies the validity of the flux calibration"),
        Card("FLUXERR", -1.0, "Fractional uncertainty of the flux [%]"),
        Card("ESO QC FIBRE NUM", fibre, "fibre"),
    ]
    return InternalDataProduct(
        name=f"GI_SRBS_200123456_2020-01-01T02:24:00.000_H525.8B_o8_{fibre:03}.fits",
        prodcatg="SCIENCE.SPECTRUM",
        primary=tuple(primary),
        extension=extension_cards(f"{TARGET}_{fibre:03}", 1.2 / 3600, low, high, "SPECTRUM v1.0"),
        columns=columns,
        ancillaries=ancillaries,
    )


def uves_idp():
    """A flux-calibrated echelle spectrum in angstrom, two fluxes."""
    wave = 4800.0 + 0.02 * np.arange(3000)
    flux = np.full(3000, 1e-15, np.float32)
    unit = "erg.s**(-1).cm**(-2).angstrom**(-1)"
    main, other = "spec:Data.FluxAxis", "eso:Data.FluxAxis"
    columns = (
        Column("WAVE", wave, "angstrom", "spec:Data.SpectralAxis.Value", "em.wl;obs.atmos"),
        Column("FLUX", flux, unit, f"{main}.Value", f"{FLUX_UCD};src.net;meta.main"),
        Column("ERR", flux / 50, unit, f"{main}.Accuracy.StatError",
               f"stat.error;{FLUX_UCD};meta.main"),
        Column("FLUX_REDUCED", flux * 1e18, "adu", f"{other}.Value",
               f"{FLUX_UCD};src.net;stat.uncalib"),
        Column("ERR_REDUCED", flux * 2e16, "adu", f"{other}.Accuracy.StatError",
               f"stat.error;{FLUX_UCD};stat.uncalib"),
        Column("QUAL", np.zeros(3000, np.int32), "", f"{main}.Accuracy.QualityStatus",
               "meta.code.qual;meta.main"),
    )  # fmt: skip
    low, high = float(wave[0]) / 10, float(wave[-1]) / 10
    primary = [
        *common("UVES"),
        *spectral(low, high, 0.002),
        Card("OBSTECH", "ECHELLE", "Technique of observation"),
        Card("FLUXCAL", "ABSOLUTE", "Certifies the validity of the flux calibration"),
        Card("FLUXERR", -2.0, "Fractional uncertainty of the flux [%]"),
    ]
    return InternalDataProduct(
        name="UV_SFLX_200123456_2020-01-01T02:24:00.000_RED564d1_1x1_08.fits",
        prodcatg="SCIENCE.SPECTRUM",
        primary=tuple(primary),
        extension=extension_cards(f"{TARGET} UVES", 0.8 / 3600, low, high, "SPECTRUM v2.0"),
        columns=columns,
    )


@pytest.fixture
def giraffe():
    return giraffe_idp


@pytest.fixture
def uves():
    return uves_idp


@pytest.fixture
def giraffe_draft():
    idp = giraffe_idp()
    return Draft.of(idp.name, encode_idp(idp))


@pytest.fixture
def uves_draft():
    idp = uves_idp()
    return Draft.of(idp.name, encode_idp(idp))


@pytest.fixture
def written(tmp_path):
    """Write a draft under its name."""

    def write(draft, folder=tmp_path):
        path = Path(folder) / draft.name
        path.write_bytes(draft.encoded())
        return path

    return write


@pytest.fixture
def preview(tmp_path):
    path = tmp_path / "r.GIRAF.2020-01-01T02_24_00.000.png"
    path.write_bytes(b"\x89PNG not a picture")
    return Ancillary(name=path.name, category="ANCILLARY.PREVIEW", path=path)


CUBE_WCS = {
    "CRVAL1": 6.0223, "CRVAL2": -72.0814, "CRVAL3": 475.0, "CRPIX1": 5.0, "CRPIX2": 4.0,
    "CRPIX3": 1.0, "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CTYPE3": "AWAV", "CUNIT1": "deg",
    "CUNIT2": "deg", "CUNIT3": "nm", "CD1_1": -5.5e-05, "CD1_2": 0.0, "CD2_1": 0.0,
    "CD2_2": 5.5e-05, "CD3_3": 0.125, "CSYER1": -1.0, "CSYER2": -1.0,
}  # fmt: skip


def image_hdu(name, kind, kind3, others, unit):
    head = {"XTENSION": "IMAGE", "BITPIX": -32, "NAXIS": 3, "NAXIS1": 10, "NAXIS2": 8,
            "NAXIS3": 12, "PCOUNT": 0, "GCOUNT": 1, "EXTNAME": name, "HDUCLASS": "ESO",
            "HDUDOC": "SDP", "HDUVERS": "SDP version 8", "HDUCLAS1": "IMAGE", "HDUCLAS2": kind,
            "BUNIT": unit}  # fmt: skip
    head |= {"HDUCLAS3": kind3} if kind3 else {}
    head |= others | CUBE_WCS | {"CRDER1": 1e-5, "CRDER2": 1e-5}
    return [format_card(k, v) for k, v in (head | {"CHECKSUM": "0" * 16, "DATASUM": "0"}).items()]


@pytest.fixture
def cube_draft():
    """A MUSE-like cube with data and variance."""
    flux = "10**(-20)erg.s**(-1).cm**(-2).angstrom**(-1)"
    drop = {"EXT_OBJ", "CONTNORM", "TOT_FLUX"}
    primary = [card for card in common("MUSE") if card.keyword not in drop]
    primary += [
        Card("PRODCATG", "SCIENCE.CUBE.IFS"), Card("OBSTECH", "IFU"), Card("FLUXCAL", "ABSOLUTE"),
        Card("DATE-OBS", "2020-01-01T02:24:00"), Card("WAVELMIN", 475.0), Card("WAVELMAX", 476.3),
        Card("SPEC_RES", 2500.0), Card("PIXNOISE", 1e-20), Card("ABMAGLIM", 23.0),
        Card("SKY_RES", 0.8), Card("SKY_RERR", 0.3), Card("ASSON1", "MU_SIMC_1.fits"),
        Card("CHECKSUM", "0" * 16), Card("DATASUM", "0"),
    ]  # fmt: skip
    head = [Card("SIMPLE", True), Card("BITPIX", 8), Card("NAXIS", 0), Card("EXTEND", True)]
    cards = [format_card(one.keyword, one.value) for one in (*head, *primary)]
    data = np.ones((12, 8, 10), ">f4").tobytes()
    return Draft(
        "MU_SCBC_1.fits",
        [
            cards,
            image_hdu("DATA", "DATA", "", {"ERRDATA": "STAT"}, flux),
            image_hdu("STAT", "ERROR", "MSE", {"SCIDATA": "DATA"}, "adu**2"),
        ],
        [b"", data, data],
    )


@pytest.fixture
def white_light_draft():
    """The white-light image of the cube."""
    head = {"SIMPLE": True, "BITPIX": -32, "NAXIS": 2, "NAXIS1": 10, "NAXIS2": 8,
            "PRODCATG": "ANCILLARY.IMAGE.WHITELIGHT", "CHECKSUM": "0" * 16,
            "DATASUM": "0"}  # fmt: skip
    cards = [format_card(k, v) for k, v in head.items()]
    return Draft("MU_SIMC_1.fits", [cards], [np.ones((8, 10), ">f4").tobytes()])
