"""Headers of UVES raw frames: the INS section, and all sections in order.

Keyword names and comments follow ESO-VLT-DIC.UVES_ICS and UVES_OS, which come with the pipeline.
A blue frame has one header; of a red one the sections of the chips stand in the extensions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.model.idp import Card
from phoenix.simulate import header
from phoenix_uves.simulation.optics import GROOVES, PRESSURE, TEMPERATURE
from phoenix_uves.simulation.plan import ARC, FLAT, FORMAT, ORDERDEF, SLICER
from phoenix_uves.simulation.render import PIXEL_SCALE, slit_length
from phoenix_uves.simulation.setup import detector_of

if TYPE_CHECKING:
    from phoenix.model.idp import Value
    from phoenix_uves.simulation.plan import Frame, NightPlan

__all__ = ["chip_cards", "frame_cards"]

Row = tuple[str, "Value", str]

AMBIENT_TEMPERATURE = 12.8  # C

FIXED: tuple[Row, ...] = (
    ("INS ID", "UVES/$Revision: 3.27 $", "Instrument ID."),
    ("INS DID", "ESO-VLT-DIC.UVES_ICS-1.7", "Data dictionary for INS."),
    ("INS SWSIM", "NORMAL", "Software simulation."),
    ("INS ADC MODE", "OFF", "ADC mode."),
    ("INS DPOL MODE", "OFF", "Instrument depolarizer mode."),
    ("INS SHUT1 ID", "TSH", "Shutter ID."),
    ("INS SHUT1 NAME", "Tel_Shutter", "Shutter name."),
    ("INS SHUT2 ID", "SPSH", "Shutter ID."),
    ("INS SHUT2 NAME", "Sphere_Shutter", "Shutter name."),
    ("INS SHUT2 ST", False, "Shutter open."),
    ("INS SHUT3 ID", "TSH3", "Shutter ID."),
    ("INS SHUT3 NAME", "D2L_Shutter", "Shutter name."),
    ("INS SHUT3 ST", False, "Shutter open."),
    ("INS SHUT4 ID", "TSH4", "Shutter ID."),
    ("INS SHUT4 NAME", "ThAr_Shutter", "Shutter name."),
    ("INS DROT MODE", "ELEV", "Instrument derotator mode."),
    ("INS DROT POSANG", 0.0, "Position angle [deg]."),
    ("INS DPOS NAME", "OUT", "Instrument depolarizer slide position."),
    ("INS DPOS NO", 1, "Depolarizer slide position."),
    ("INS DPOR ST", False, "Instrument depolarizer rotating."),
    ("INS ADCS NAME", "OUT", "ADC slide position."),
    ("INS ADCS NO", 1, "ADC slide position."),
    ("INS ADC1 MODE", "OFF", "ADC mode."),
    ("INS ADC2 MODE", "OFF", "ADC mode."),
    ("INS FILT1 ID", "FREE", "Filter unique id."),
    ("INS FILT1 NAME", "FREE", "Filter common name."),
    ("INS FILT1 NO", 13, "Filter wheel position index."),
    ("INS OPTI2 ID", "Diaphr.27mm", "General Optical device unique ID."),
    ("INS OPTI2 NAME", "OVRSIZ", "General Optical device common name."),
    ("INS OPTI2 NO", 3, "Slot number."),
    ("INS OPTI2 TYPE", "SLIDE", "General Optical device Element."),
    ("INS LAMP7 SWSIM", True, "If T, function is software simulated."),
    ("INS SENSOR5 SWSIM", True, "If T, function is software simulated."),
    ("OCS SIMCAL", 0, "Simultaneous Calibration flag"),
)

SENSORS = (
    ("TEMP1", "TMBC", "Temp. blue camera", TEMPERATURE),
    ("TEMP2", "TMRC", "Temp. red camera", TEMPERATURE),
    ("TEMP3", "TMT", "Temp. table", 11.9),
    ("TEMP4", "TMIA", "Temp. inside air", 12.3),
    ("TEMP31", "IODT", "Iodine cell temp.", 13.1),
    ("SENS26", "BARO", "Barometer pressure", PRESSURE),
)
"""Sensor, ID, name and what it reads (C, hPa)."""

ARM_NUMBERS = {
    # Of grating, slit, below-slit filter, tilt and exposure meter.
    "BLUE": (1, 2, 2, 1, 5),
    "RED": (2, 3, 3, 2, 6),
}

GRATING_SLOT = {"CD#1": 1, "CD#2": 2, "CD#3": 1, "CD#4": 2}
GRATING_TURN = {"BLUE": 22.5, "RED": 22.668}
CHIP_SECTION = ("ESO DET CHIP1", "ESO DET OUT1")
DET_NAMES = {"BLUE": "ccdUvB - uvesb", "RED": "ccdUvR - ccdUvr"}
SPEED = {"BLUE": "1pt/225kHz/lg", "RED": "2pts/225kHz/lg"}
CLOCK = {"BLUE": "225kHz/1port/low_gain", "RED": "225kHz/2ports/low_gain"}
LAMP_KINDS = {FORMAT: "THAR", ARC: "THAR", FLAT: "FF", ORDERDEF: "FF"}
"""Kind to the position of the calibration mirror."""


def frame_cards(plan: NightPlan, frame: Frame) -> list[Card]:
    """All cards of a frame's primary header but the structural ones."""
    rows = (*FIXED, *_beam(frame), *_arm(frame), *_sensors())
    detector = _detector(plan, frame)
    cards = header.frame_cards(
        frame.exposure, "UVES", "ESO-VLT-U2", AMBIENT_TEMPERATURE, rows, detector
    )
    if frame.setting.arm == "BLUE":
        cards = [*_pixel_axes(), *cards, *_chip(plan, frame, "BLUE")]
    return header.without(cards, frame.lost_keywords)


def chip_cards(plan: NightPlan, frame: Frame, chip: str) -> list[Card]:
    """All cards of the extension of one red chip but the structural ones."""
    return [
        Card("EXTNAME", f"WIN1.CHIP{_number(chip)}.OUT1", "Name of this image"),
        *_pixel_axes(),
        *_chip(plan, frame, chip),
    ]


def _pixel_axes() -> list[Card]:
    return [
        Card(f"{word}{axis}", value, comment)
        for axis in (1, 2)
        for word, value, comment in (
            ("CTYPE", "PIXEL", "Pixel coordinate system"),
            ("CRVAL", 1.0, "Value of ref. pixel"),
            ("CRPIX", 1.0, "Reference pixel"),
            ("CDELT", 1.0, "Binning factor"),
        )
    ]


def _beam(frame: Frame) -> list[Row]:
    """Mode, mirrors and what else is in the beam."""
    lamp = LAMP_KINDS.get(frame.kind, "FREE")
    dichroic = frame.mode if frame.mode.startswith("DICHR") else "FREE"
    slicer = frame.kind == SLICER
    return [
        ("INS MODE", frame.mode, "Instrument mode used."),
        ("INS PATH", frame.setting.arm, "Optical path used."),
        ("INS SHUT1 ST", frame.target is not None, "Shutter open."),
        ("INS SHUT4 ST", lamp == "THAR", "Shutter open."),
        ("INS MIRR1 ID", lamp, "Mirror unique ID."),
        ("INS MIRR1 NAME", lamp, "Mirror common name."),
        ("INS MIRR1 NO", 1 if lamp == "FREE" else 2, "Mirror slide position."),
        ("INS MIRR2 ID", dichroic, "Mirror unique ID."),
        ("INS MIRR2 NAME", dichroic, "Mirror common name."),
        ("INS MIRR2 NO", 1 if dichroic == "FREE" else 3, "Mirror slide position."),
        ("INS SLIT1 NAME", "SLIC#1" if slicer else "FREE", "Slit common name."),
        ("INS SLIT1 NO", 2 if slicer else 1, "Slide position."),
        ("INS SLIT1 WID", 0.7 if slicer else 0.0, "Slit width [arcsec]."),
        ("INS SLIT1 LEN", 7.9 if slicer else 0.0, "Slit length [arcsec]."),
        ("INS OPTI1 ID", "2" if frame.iodine else "1", "General Optical device unique ID."),
        ("INS OPTI1 NAME", "IODINE" if frame.iodine else "OUT", "General Optical device name."),
        ("INS OPTI1 NO", 2 if frame.iodine else 1, "Slot number."),
        ("INS OPTI1 TYPE", "CELL" if frame.iodine else "FREE", "General Optical device Element."),
    ]


def _arm(frame: Frame) -> list[Row]:
    """Slit, filter, grating and camera of the arm."""
    setting = frame.setting
    grating, slit, filtered, tilt, meter = ARM_NUMBERS[setting.arm]
    disperser = setting.disperser
    groove = round(GROOVES[disperser], 8)
    return [
        (f"INS SLIT{slit} WID", frame.slit, "Slit width [arcsec]."),
        (f"INS SLIT{slit} LEN", slit_length(frame), "Slit length [arcsec]."),
        (f"INS FILT{filtered} ID", f"BS{GRATING_SLOT[disperser] + 3}", "Filter unique id."),
        (f"INS FILT{filtered} NAME", setting.filter, "Filter common name."),
        (f"INS FILT{filtered} NO", GRATING_SLOT[disperser] + 3, "Filter wheel position index."),
        (f"INS GRAT{grating} ID", disperser, "Grating unique ID."),
        (f"INS GRAT{grating} NAME", disperser, "Grating common name."),
        (f"INS GRAT{grating} GROOVES", groove, "Grating grooves / nm [gr/nm]."),
        (f"INS GRAT{grating} ROT", GRATING_TURN[setting.arm], "Grating rot angle [deg]."),
        (f"INS GRAT{grating} X", 1024.0, "X pixel for central wavelength."),
        (f"INS GRAT{grating} Y", 2048.0, "Y pixel for central wavelength."),
        (f"INS GRAT{grating} NO", GRATING_SLOT[disperser], "Grating wheel position index."),
        (f"INS GRAT{grating} WLEN", setting.wavelength, "Grating central wavelength [nm]."),
        ("INS PIXSCALE", PIXEL_SCALE[setting.arm], "Pixel scale [arcsec]."),
        (f"INS TILT{tilt} POS", 0.0, "Science camera tilt [pix]."),
        (f"INS TILT{tilt} TEMP", TEMPERATURE, "Temperature used to position the camera."),
        (f"INS DET{meter} NAME", f"{setting.arm.title()}_ExpMeter", "Exposure meter name."),
        (f"INS DET{meter} UIT", 1.0, "User defined Integration time [sec]."),
        (f"INS DET{meter} TMMEAN", 0.5, "Normalised mean exposure time."),
    ]


def _sensors() -> list[Row]:
    rows: list[Row] = []
    for sensor, name, place, value in SENSORS:
        rows += [
            (f"INS {sensor} ID", name, "Sensor ID."),
            (f"INS {sensor} NAME", place, "Sensor common name."),
            (f"INS {sensor} VAL", value, "Sensor numeric value."),
            (f"INS {sensor} MIN", value, "Minimum value."),
            (f"INS {sensor} MAX", value, "Maximum value."),
            (f"INS {sensor} MEAN", value, "Average value."),
            (f"INS {sensor} RMS", 0.0, "RMS of samples over exposure."),
        ]
    return rows


def _detector(plan: NightPlan, frame: Frame) -> list[Card]:
    """DET but for the chips: both arms have a controller of their own."""
    setting, binning = frame.setting, plan.binning
    chips = len(setting.chips)
    detector = detector_of(setting.chips[0], binning)
    cards = header.detector_cards(detector, frame.exposure, CLOCK[setting.arm])
    changed: dict[str, Value] = {
        "ESO DET NAME": DET_NAMES[setting.arm],
        "ESO DET READ SPEED": SPEED[setting.arm],
        "ESO DET CHIPS": chips,
        "ESO DET OUTPUTS": chips,
        "ESO DET WIN1 NX": chips * detector.width,
        "ESO DET WIN1 BINX": binning,
        "ESO DET WIN1 BINY": binning,
    }
    return [
        evolve(card, value=changed.get(card.keyword, card.value))
        for card in cards
        if not card.keyword.startswith(CHIP_SECTION)
    ]


def _chip(plan: NightPlan, frame: Frame, chip: str) -> list[Card]:
    """DET CHIPn and DET OUT1 of one chip: sizes are unbinned but for the margins."""
    binned, whole = detector_of(chip, plan.binning), detector_of(chip, 1)
    changed: dict[str, Value] = {
        "ESO DET CHIP1 NX": whole.columns,
        "ESO DET CHIP1 NY": 4096,
        "ESO DET OUT1 NX": whole.columns,
        "ESO DET OUT1 NY": whole.rows,
        "ESO DET OUT1 ID": "R" if chip == "REDL" else "L",
    }
    return [
        evolve(
            card,
            keyword=card.keyword.replace("CHIP1", f"CHIP{_number(chip)}"),
            value=changed.get(card.keyword, card.value),
        )
        for card in header.detector_cards(binned, frame.exposure, "")
        if card.keyword.startswith(CHIP_SECTION)
    ]


def _number(chip: str) -> int:
    """Return the number of a chip in its array."""
    return 2 if chip == "REDL" else 1
