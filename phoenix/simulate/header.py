"""Headers of ESO raw frames, in the sections of the Data Interface Control Document (DICD).

Each function gives the cards of one section; an instrument adds its INS section and puts them in
order. Keyword names and comments are those of ESO's public dictionaries.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from phoenix.model.idp import Card, Value
from phoenix.simulate.exposure import timestamp
from phoenix.simulate.site import PARANAL, airmass, horizontal, mjd, sidereal_time

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from phoenix.simulate.detector import Detector
    from phoenix.simulate.exposure import Exposure
    from phoenix.simulate.site import Site

__all__ = [
    "adapter_cards",
    "detector_cards",
    "eso_cards",
    "exposure_cards",
    "frame_cards",
    "observation_cards",
    "origfile",
    "telescope_cards",
    "without",
]

Row = tuple[str, Value, str]

TELESCOPE: tuple[Row, ...] = (
    ("TEL DID", "ESO-VLT-DIC.TCS", "Data dictionary for TEL"),
    ("TEL ID", "v 3.44", "TCS version number"),
    ("TEL DATE", "2000-01-01T00:00:00", "TCS installation date"),
    ("TEL OPER", "I, Condor", "Telescope Operator"),
    ("TEL FOCU ID", "NA", "Telescope focus station ID"),
    ("TEL FOCU LEN", 120.0, "Focal length (m)"),
    ("TEL FOCU SCALE", 1.718, "Focal scale (arcsec/mm)"),
    ("TEL FOCU VALUE", -29.445, "M2 setting (mm)"),
    ("TEL AMBI FWHM START", 0.82, "Observatory Seeing queried from AS"),
    ("TEL AMBI FWHM END", 0.79, "Observatory Seeing queried from AS"),
    ("TEL IA FWHM", 0.91, "Delivered seeing corrected by airmass"),
    ("TEL IA FWHMLIN", 0.93, "Delivered seeing on IA detector"),
    ("TEL AMBI PRES START", 743.6, "Observatory ambient air pressure (hPa)"),
    ("TEL AMBI PRES END", 743.7, "Observatory ambient air pressure (hPa)"),
    ("TEL AMBI TAU0", 0.0042, "Average coherence time (s)"),
    ("TEL AMBI RHUM", 12.0, "Observatory ambient relative humidity (%)"),
    ("TEL AMBI WINDDIR", 355.0, "Observatory ambient wind direction (deg)"),
    ("TEL AMBI WINDSP", 6.2, "Observatory ambient wind speed (m/s)"),
    ("TEL AMBI IRSKY TEMP", -93.4, "Sky temperature (C)"),
    ("TEL AMBI IWV START", 2.4, "Water vapour (mm)"),
    ("TEL AMBI IWV END", 2.5, "Water vapour (mm)"),
    ("TEL MOON DEC", -12.5, "DEC (J2000) (deg)"),
    ("TEL TRAK STATUS", "NORMAL", "Tracking status"),
    ("TEL TRAK RATEA", 0.0, "Tracking rate in RA (arcsec/s)"),
    ("TEL TRAK RATED", 0.0, "Tracking rate in DEC (arcsec/s)"),
    ("TEL DOME STATUS", "FULLY-OPEN", "Dome status"),
    ("TEL CHOP ST", False, "True when chopping is active"),
    ("TEL TARG EPOCH", 2000.0, "Epoch"),
    ("TEL TARG EPOCHSYSTEM", "J", "Epoch system (default J=Julian)"),
    ("TEL TARG EQUINOX", 2000.0, "Equinox"),
    ("TEL TARG PMA", 0.0, "Proper Motion Alpha (arcsec/year)"),
    ("TEL TARG PMD", 0.0, "Proper motion Delta (arcsec/year)"),
    ("TEL TARG RADVEL", 0.0, "Radial velocity"),
    ("TEL TARG PARALLAX", 0.0, "Parallax"),
    ("TEL TARG COORDTYPE", "M", "Coordinate type (M=mean A=apparent)"),
)
"""What the telescope says whatever it does."""

DETECTOR: tuple[Row, ...] = (
    ("DET ID", "CCD FIERA - Rev: 3.96", "Detector system Id"),
    ("DET DATE", "2008-05-26", "Installation date"),
    ("DET DID", "ESO-VLT-DIC.CCDDCS,ESO-VLT-DIC.FCDDCS", "Dictionary"),
    ("DET BITS", 16, "Bits per pixel readout"),
    ("DET SOFW MODE", "Normal", "CCD sw operational mode"),
    ("DET CHIPS", 1, "# of chips in detector array"),
    ("DET CHIP1 INDEX", 1, "Chip index"),
    ("DET CHIP1 DATE", "2008-05-26", "Date of installation [YYYY-MM-DD]"),
    ("DET CHIP1 X", 1, "X location in array"),
    ("DET CHIP1 Y", 1, "Y location in array"),
    ("DET CHIP1 XGAP", 0.0, "Gap between chips along x"),
    ("DET CHIP1 YGAP", 0.0, "Gap between chips along y"),
    ("DET OUTPUTS", 1, "# of outputs"),
    ("DET OUTREF", 0, "reference output"),
    ("DET OUT1 INDEX", 1, "Output index"),
    ("DET OUT1 ID", "L", "Output ID as from manufacturer"),
    ("DET OUT1 NAME", "L", "Description of output"),
    ("DET OUT1 CHIP", 1, "Chip to which the output belongs"),
    ("DET OUT1 X", 1, "X location of output"),
    ("DET OUT1 Y", 1, "Y location of output"),
    ("DET OUT1 PRSCY", 0, "Prescan region in Y"),
    ("DET OUT1 OVSCY", 0, "Overscan region in Y"),
    ("DET WINDOWS", 1, "# of windows readout"),
    ("DET WIN1 ST", True, "If T, window enabled"),
    ("DET WIN1 STRX", 1, "Lower left pixel in X"),
    ("DET WIN1 STRY", 1, "Lower left pixel in Y"),
    ("DET WIN1 BINX", 1, "Binning factor along X"),
    ("DET WIN1 BINY", 1, "Binning factor along Y"),
    ("DET WIN1 NDIT", 1, "# of subintegrations"),
    ("DET READ MODE", "normal", "Readout method"),
    ("DET READ SPEED", "1pt/225kHz/lg", "Readout speed"),
    ("DET READ NFRAM", 1, "Number of readouts buffered in single frame"),
    ("DET FRAM ID", 1, "Image sequential number"),
    ("DET FRAM TYPE", "Normal", "Type of frame"),
    ("DET EXP RDTTIME", 43.2, "image readout time"),
    ("DET EXP XFERTIM", 43.1, "image transfer time"),
    ("DET SHUT TYPE", "Slit", "type of shutter"),
    ("DET SHUT ID", "ccd shutter", "Shutter unique identifier"),
    ("DET SHUT TMOPEN", 0.041, "Time taken to open shutter"),
    ("DET SHUT TMCLOS", 0.044, "Time taken to close shutter"),
    ("DET TELE INT", 60.0, "Interval between two successive telemetry samples"),
    ("DET TELE NO", 3, "# of sources active"),
    ("DET TLM1 NAME", "CCD T1", "Description of telemetry param."),
    ("DET TLM1 ID", "Sensor 1", "ID of telemetry sensor"),
    ("DET TLM1 START", 153.0, "Telemetry value at read start"),
    ("DET TLM1 END", 153.0, "Telemetry value at read completion"),
    ("DET TLM2 NAME", "CCD T2", "Description of telemetry param."),
    ("DET TLM2 ID", "Sensor 2", "ID of telemetry sensor"),
    ("DET TLM2 START", 160.6, "Telemetry value at read start"),
    ("DET TLM2 END", 160.6, "Telemetry value at read completion"),
    ("DET TLM3 NAME", "EBOX T", "Description of telemetry param."),
    ("DET TLM3 ID", "Sensor 3", "ID of telemetry sensor"),
    ("DET TLM3 START", 283.0, "Telemetry value at read start"),
    ("DET TLM3 END", 283.0, "Telemetry value at read completion"),
)
"""What one chip with one output says whatever it sees."""


def frame_cards(
    exposure: Exposure,
    instrument: str,
    telescope: str,
    ambient: float,
    rows: Iterable[Row],
    detector: Iterable[Card],
) -> list[Card]:
    """All cards of a frame of the VLT but the structural ones, section by section.

    Parameters
    ----------
    exposure : Exposure
        Times, OB, template and DPR.
    instrument, telescope : str
        INSTRUME and TELESCOP.
    ambient : float
        Outside temperature in C.
    rows : iterable of (str, value, str)
        INS and OCS: short keyword, value, comment.
    detector : iterable of Card
        DET.
    """
    return [
        *exposure_cards(exposure, instrument, telescope, PARANAL),
        *observation_cards(exposure),
        *telescope_cards(exposure, PARANAL, ambient),
        *adapter_cards(exposure),
        *eso_cards(rows),
        *detector,
    ]


def without(cards: Iterable[Card], lost: Container[str]) -> list[Card]:
    """Leave out the cards of lost keywords, which are given without ESO."""
    return [card for card in cards if card.keyword.removeprefix("ESO ") not in lost]


def exposure_cards(exposure: Exposure, instrument: str, telescope: str, site: Site) -> list[Card]:
    """Give the cards without HIERARCH: who, where, when and how long."""
    block, start = exposure.block, exposure.start
    lst = sidereal_time(start, site) * 240.0
    utc = start.hour * 3600 + start.minute * 60 + start.second
    science = exposure.category == "SCIENCE"
    return [
        Card("DATE", timestamp(exposure.end)[:19], "Date this file was written"),
        Card("ORIGIN", "ESO", "European Southern Observatory"),
        Card("TELESCOP", telescope, "ESO Telescope Name"),
        Card("INSTRUME", instrument, "Instrument used"),
        Card("OBJECT", block.target if science else exposure.kind, "Original target"),
        Card("RA", round(block.ra, 6), f"{_hms(block.ra)} RA (J2000) pointing (deg)"),
        Card("DEC", round(block.dec, 6), f"{_dms(block.dec)} DEC (J2000) pointing (deg)"),
        Card("EQUINOX", 2000.0, "Standard FK5 (years)"),
        Card("RADECSYS", "FK5", "Coordinate reference frame"),
        Card("EXPTIME", exposure.exptime, "Integration time (s)"),
        Card("MJD-OBS", round(mjd(start), 8), f"MJD start ({timestamp(start)})"),
        Card("DATE-OBS", timestamp(start), "Observing date"),
        Card("UTC", float(utc), f"{_clock(utc)} UTC at start (sec)"),
        Card("LST", round(lst, 3), f"{_clock(lst)} LST at start (sec)"),
        Card("PI-COI", block.pi, "PI-COI name"),
        Card("OBSERVER", "I. Condor" if science else "UNKNOWN", "Name of observer"),
        Card("ARCFILE", f"{exposure.root}.fits", "Archive File Name"),
        Card("ORIGFILE", origfile(exposure), "Original File Name"),
    ]


def observation_cards(exposure: Exposure) -> list[Card]:
    """DPR, OBS and TPL: what kind of data, for whom, by which template."""
    block, template = exposure.block, exposure.template
    rows: list[Row] = [
        ("DPR CATG", exposure.category, "Observation category"),
        ("DPR TECH", exposure.technique, "Observation technique"),
        ("DPR TYPE", exposure.kind, "Observation type"),
        ("OBS CONTAINER ID", block.container, "Scheduling container ID"),
        ("OBS CONTAINER TYPE", "C" if block.container else "-", "Scheduling container type"),
        ("OBS DID", "ESO-VLT-DIC.OBS-1.12", "OBS Dictionary"),
        ("OBS EXECTIME", block.execution_time, "Expected execution time"),
        ("OBS GRP", "0", "linked blocks"),
        ("OBS ID", block.id, "Observation block ID"),
        ("OBS NAME", block.name, "OB name"),
        ("OBS OBSERVER", "I. Condor", "Observer Name"),
        ("OBS PI-COI ID", 70000 + block.id % 1000, "ESO internal PI-COI ID"),
        ("OBS PI-COI NAME", block.pi, "PI-COI name"),
        ("OBS PROG ID", block.programme, "ESO program identification"),
        ("OBS START", timestamp(template.start)[:19], "OB start time"),
        ("OBS TARG NAME", block.target, "OB target name"),
        ("OBS TPLNO", template.number, "Template number within OB"),
        ("OBS AMBI FWHM", 1.2 if block.execution_time else 0.0, "Requested seeing"),
        ("OBS WATERVAPOUR", 30.0, "Requested precipitable water vapour"),
        ("TPL DID", "ESO-VLT-DIC.TPL-1.9", "Data dictionary for TPL"),
        ("TPL ID", template.signature, "Template signature ID"),
        ("TPL NAME", template.name, "Template name"),
        ("TPL PRESEQ", f"{template.signature}.seq", "Sequencer script"),
        ("TPL START", timestamp(template.start)[:19], "TPL start time"),
        ("TPL VERSION", "@(#) $Revision: 1.83 $", "Version of the template"),
        ("TPL NEXP", template.exposures, "Number of exposures within template"),
        ("TPL EXPNO", exposure.number, "Exposure number within template"),
    ]
    return eso_cards(rows)


def telescope_cards(exposure: Exposure, site: Site, ambient: float) -> list[Card]:
    """TEL: pointing, airmass and weather (`ambient` is the outside temperature in C)."""
    block = exposure.block
    begin = horizontal(block.ra, block.dec, exposure.start, site)
    end = horizontal(block.ra, block.dec, exposure.end, site)
    noon = exposure.start + timedelta(hours=2)
    rows: list[Row] = [
        ("TEL ALT", round(begin.altitude, 3), "Alt angle at start (deg)"),
        ("TEL AZ", round(begin.azimuth, 3), "Az angle at start (deg) S=0,W=90"),
        ("TEL GEOELEV", site.elevation, "Elevation above sea level (m)"),
        ("TEL GEOLAT", site.latitude, "Tel geo latitude (+=North) (deg)"),
        ("TEL GEOLON", site.longitude, "Tel geo longitude (+=East) (deg)"),
        ("TEL PARANG START", round(begin.parallactic, 3), "Parallactic angle at start (deg)"),
        ("TEL PARANG END", round(end.parallactic, 3), "Parallactic angle at end (deg)"),
        ("TEL AIRM START", round(airmass(begin.altitude), 3), "Airmass at start"),
        ("TEL AIRM END", round(airmass(end.altitude), 3), "Airmass at end"),
        ("TEL AMBI TEMP", round(ambient, 2), "Observatory ambient temperature (C)"),
        ("TEL TH M1 TEMP", round(ambient - 0.6, 2), "M1 superficial temperature (C)"),
        ("TEL TH STR TEMP", round(ambient + 0.2, 2), "Telescope structure temperature (C)"),
        ("TEL MOON RA", round(sidereal_time(noon, site), 6), "RA (J2000) (deg)"),
        ("TEL TARG ALPHA", _packed(block.ra / 15.0), "Alpha coordinate for the target"),
        ("TEL TARG DELTA", _packed(block.dec), "Delta coordinate for the target"),
    ]
    return eso_cards((*TELESCOPE, *rows))


def adapter_cards(exposure: Exposure) -> list[Card]:
    """ADA: the rotator and the guide star."""
    block, guided = exposure.block, exposure.category == "SCIENCE"
    rows: list[Row] = [
        ("ADA ABSROT START", -68.1855, "Abs rot angle at exp start (deg)"),
        ("ADA ABSROT END", -57.6387, "Abs rot angle at exp end (deg)"),
        ("ADA ABSROT PPOS", "POS", "sign of probe position"),
        ("ADA POSANG", 0.0, "Position angle at start"),
        ("ADA GUID STATUS", "ON" if guided else "OFF", "Status of autoguider"),
        ("ADA GUID RA", round(block.ra - 0.09, 6), "Guide star RA J2000"),
        ("ADA GUID DEC", round(block.dec + 0.08, 6), "Guide star DEC J2000"),
    ]
    return eso_cards(rows)


def detector_cards(detector: Detector, exposure: Exposure, speed: str) -> list[Card]:
    """DET: chip, output, window and read-out (`speed` like ``225kHz/1port/low_gain``)."""
    rows: list[Row] = [
        ("DET NAME", f"ccdF - {exposure.prefix.lower()}", "Name of detector system"),
        ("DET RA", round(exposure.block.ra, 6), "Apparent RA at start"),
        ("DET DEC", round(exposure.block.dec, 6), "Apparent DEC at start"),
        ("DET CHIP1 ID", detector.id, "Detector chip identification"),
        ("DET CHIP1 NAME", detector.name, "Detector chip name"),
        ("DET CHIP1 NX", detector.columns, "# of pixels along X"),
        ("DET CHIP1 NY", detector.rows, "# of pixels along Y"),
        ("DET CHIP1 PSZX", detector.pixel, "Size of pixel in X"),
        ("DET CHIP1 PSZY", detector.pixel, "Size of pixel in Y"),
        ("DET OUT1 NX", detector.columns, "valid pixels along X"),
        ("DET OUT1 NY", detector.rows, "valid pixels along Y"),
        ("DET OUT1 PRSCX", detector.prescan, "Prescan region in X"),
        ("DET OUT1 OVSCX", detector.overscan, "Overscan region in X"),
        ("DET OUT1 CONAD", detector.conad, "Conversion from ADUs to electrons"),
        ("DET OUT1 RON", detector.read_noise, "Readout noise per output (e-)"),
        ("DET OUT1 GAIN", round(1.0 / detector.conad, 4), "Conversion from electrons to ADU"),
        ("DET WIN1 NX", detector.width, "# of pixels along X"),
        ("DET WIN1 NY", detector.rows, "# of pixels along Y"),
        ("DET WIN1 UIT1", exposure.exptime, "user defined subintegration time"),
        ("DET WIN1 DIT1", exposure.exptime, "actual subintegration time"),
        ("DET WIN1 DKTM", exposure.exptime + 0.3779, "Dark current time"),
        ("DET READ CLOCK", speed, "Readout clock pattern used"),
        ("DET EXP NO", exposure.number, "Unique exposure ID number"),
        ("DET EXP TYPE", "Normal" if exposure.exptime else "Bias", "Exposure type"),
    ]
    return eso_cards((*DETECTOR, *rows))


def eso_cards(rows: Iterable[Row]) -> list[Card]:
    """Turn rows of (short keyword, value, comment) into HIERARCH ESO cards."""
    return [Card(f"ESO {keyword}", value, comment) for keyword, value, comment in rows]


def origfile(exposure: Exposure) -> str:
    """Return ORIGFILE, the name that the instrument gave; it comes again after a year."""
    kind = exposure.kind.split(",")[0]
    day = exposure.start.timetuple().tm_yday
    return f"{exposure.prefix}_{exposure.category[:3]}_{kind}{day:03d}_{exposure.number:04d}.fits"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{seconds % 60:06.3f}"


def _hms(degrees: float) -> str:
    return _clock(degrees * 240.0)[:-2]


def _dms(degrees: float) -> str:
    sign = "-" if degrees < 0 else ""
    return sign + _clock(abs(degrees) * 3600.0)[:-2]


def _packed(value: float) -> float:
    """Pack hours or degrees as HHMMSS.sss, as TEL TARG does."""
    total = abs(value) * 3600.0
    whole = int(total)
    packed = whole // 3600 * 10000 + whole // 60 % 60 * 100 + whole % 60 + (total - whole)
    return round(math.copysign(packed, value), 3)
