"""Headers of GIRAFFE raw frames: the INS and OCS sections, and all sections in order.

Keyword names and comments follow ESO-VLT-DIC.GIRAFFE_ICS and GIRAFFE_OS, which come with the
pipeline; which of the temperature sensors sits where is invented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phoenix.simulate import header
from phoenix_giraffe.simulation.setup import SETTINGS, SLIT_NAME

if TYPE_CHECKING:
    from phoenix.model.idp import Card, Value
    from phoenix_giraffe.simulation.optics import Optics
    from phoenix_giraffe.simulation.plan import Frame, NightPlan
    from phoenix_giraffe.simulation.setup import Setting

__all__ = ["TEMPERATURE_KEYWORD", "frame_cards"]

_LOW, _HIGH = SETTINGS["L543.1"], SETTINGS["H525.8B"]
TEMPERATURE_KEYWORD = "ESO INS TEMP1 VAL"
"""What score bit 0 (deltatemp) compares: the grating's temperature in C."""

Row = tuple[str, "Value", str]

FIXED: tuple[Row, ...] = (
    ("INS ID", "GIRAFFE/3.8", "Instrument ID."),
    ("INS DID", "ESO-VLT-DIC.GIRAFFE_ICS-2.6", "Data dictionary for INS."),
    ("INS DATE", "2008-05-26", "Instrument release date."),
    ("INS OPER", "I. Condor", "Instrument Operator."),
    ("INS SWSIM", "NORMAL", "Software simulation."),
    ("INS PATH", "GIRAFFE", "Optical path used."),
    ("INS SLITS SWSIM", False, "If T, function is software simulated."),
    ("INS SLITS ID1", "#701", "Slit unique ID."),
    ("INS SLITS NAME1", "Medusa1", "Slit common name."),
    ("INS SLITS TYPE1", "SLIT", "Slit unit element."),
    ("INS SLITS ID2", "#702", "Slit unique ID."),
    ("INS SLITS NAME2", "IFU1", "Slit common name."),
    ("INS SLITS TYPE2", "SLIT", "Slit unit element."),
    ("INS SLITS ID3", "#703", "Slit unique ID."),
    ("INS SLITS NAME3", "Argus", "Slit common name."),
    ("INS SLITS TYPE3", "SLIT", "Slit unit element."),
    ("INS SLIT NAME", SLIT_NAME, "Slit name."),
    ("INS SLIT NO", "1", "Slit number."),
    ("INS SLITF SWSIM", False, "If T, function is software simulated."),
    ("INS SLITF FRML", "ENC=OFFSET+RAMP*POS+TR*(T-T0)", "Conversion Formula."),
    ("INS SLITF POS", 20140.0, "Position [C]."),
    ("INS SLITF ENC", 20140, "Component absolute position [Enc]."),
    ("INS FILTS SWSIM", False, "If T, function is software simulated."),
    ("INS FILTS ID1", "#801", "Filter layer selection."),
    ("INS FILTS TYPE1", "FILTER", "Filter layer selection element."),
    ("INS FILTS NO", 4, "FLTS slot number."),
    ("INS FILT NO", "4", "Filter number."),
    ("INS GRAT SWSIM", False, "If T, function is software simulated."),
    ("INS GRAT ID1", _HIGH.grating_id, "Grating unique ID."),
    ("INS GRAT NAME1", "HR", "Grating common name."),
    ("INS GRAT TYPE1", "GRATING", "Grating element."),
    ("INS GRAT GROOVES1", 0.00031600, "Grating grooves / nm [gr/nm]."),
    ("INS GRAT ID2", _LOW.grating_id, "Grating unique ID."),
    ("INS GRAT NAME2", "LR", "Grating common name."),
    ("INS GRAT TYPE2", "GRATING", "Grating element."),
    ("INS GRAT GROOVES2", 0.00060000, "Grating grooves / nm [gr/nm]."),
    ("INS GRAT FRML", "ENC=Z+R*asin(WL*OR*GRV/(2*cos(ROT)))+TR*(T-T0)", "Formula."),
    ("INS GRAT RESOL", 12000.0, "Encoder resolution [Enc/deg]."),
    ("INS GRAT ROT", 10.5, "Grating rot angle [deg]."),
    ("INS GRAT ENC", 123456, "Grating absolute position."),
    ("INS DENS SWSIM", False, "If T, function is software simulated."),
    ("INS DENS POS", 0.0, "Position [D]."),
    ("INS CALS SWSIM", False, "If T, function is software simulated."),
    ("INS CALS ID1", "#901", "Calibration unit unique ID."),
    ("INS CALS NAME1", "FREE", "Calibration unit position name."),
    ("INS CALS NO", 1, "Calibration unit position index."),
    ("OCS CON FITSTPL", "GIRAFFE.fits", "FITS Header Template"),
    ("OCS INS MODE", "MEDUSA", "Instrument mode used"),
    ("OCS PLATE ID", "Plate 1", "Positioner plate in use"),
    ("OCS REFOCUS", False, "Refocus flag"),
)

LAMPS = (
    (1, "Nasmyth_FF", "FLAT"),
    (2, "Slit_HAL", ""),
    (3, "Slit_TAL", ""),
    (4, "Simcal_HAL", "HAL"),
    (5, "Simcal_TAL", "TAL"),
    (6, "Nasmyth_TAL", "ARC"),
)
"""Number, name, and what must be going on for it to burn."""

SENSORS = (
    (1, "Grating", 0.0, 12.5),
    (2, "Collimator", 0.15, 12.5),
    (3, "Camera", -0.25, 12.5),
    (4, "Table", 0.10, 12.5),
    (5, "Inside air", 0.60, 13.0),
    (6, "Slit unit", 0.05, 12.5),
    (7, "CCD head", -3.40, 9.0),
    (8, "Outside air", -1.10, 11.0),
)
"""Number, place, offset from the grating's temperature and reference value in C."""


def frame_cards(plan: NightPlan, frame: Frame) -> list[Card]:
    """All cards of a raw frame's primary header but the structural ones."""
    exposure = frame.exposure
    rows = (
        *FIXED,
        *_setting(plan.setup.setting),
        *_grating(plan.optics),
        *_lamps(frame),
        *_sensors(frame),
    )
    detector = header.detector_cards(plan.detector, exposure, "225kHz/1port/low_gain")
    outside = frame.temperature - 1.1
    cards = header.frame_cards(exposure, "GIRAFFE", "ESO-VLT-U2", outside, rows, detector)
    return header.without(cards, frame.lost_keywords)


def _setting(setting: Setting) -> list[Row]:
    return [
        ("INS MODE", f"GM{setting.grating}1", "Instrument mode used."),
        ("INS EXP MODE", setting.name, "Exposure mode."),
        ("INS FILTS NAME1", setting.name, "Filter layer selection name."),
        ("INS FILT NAME", setting.name, "Filter name."),
        ("INS GRAT ID", setting.grating_id, "Grating unique ID."),
        ("INS GRAT NAME", setting.grating, "Grating common name."),
        ("INS GRAT NO", setting.number, "Grating wheel position index."),
    ]


def _grating(optics: Optics) -> list[Row]:
    return [
        ("INS GRAT WLEN", optics.wavelength, "Grating central wavelength [nm]."),
        ("INS GRAT ORDER", optics.order, "Grating order number."),
        ("INS GRAT GROOVES", optics.grooves * 1e-6, "Grating grooves / nm [gr/nm]."),
    ]


def _lamps(frame: Frame) -> list[Row]:
    burning = {frame.simcal, frame.kind.upper()}
    rows: list[Row] = [
        ("INS SIMLAMP", frame.simcal or "OFF", "Simultaneous calibration box unit."),
        ("INS SLITLAMP", "OFF", "Single slit calibration unit."),
    ]
    for number, name, when in LAMPS:
        lit = bool(when) and when in burning
        rows += [
            (f"INS LAMP{number} SWSIM", False, "If T, function is software simulated."),
            (f"INS LAMP{number} ID", f"L{number:02d}", "Lamp ID."),
            (f"INS LAMP{number} NAME", name, "Lamp name."),
            (f"INS LAMP{number} ST", lit, "Lamp activated."),
        ]
    return rows


def _sensors(frame: Frame) -> list[Row]:
    rows: list[Row] = []
    for number, place, offset, reference in SENSORS:
        value = round(frame.temperature + offset, 2)
        rows += [
            (f"INS TEMP{number} ID", f"TM{number:02d}", "Temperature sensor ID."),
            (f"INS TEMP{number} NAME", place, "Temperature sensor name."),
            (f"INS TEMP{number} VAL", value, "Temperature Sensor numeric value."),
            (f"INS TEMP{number} REF", reference, "Temperature Sensor reference value."),
        ]
    return rows
