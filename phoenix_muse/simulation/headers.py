"""Headers of MUSE raw frames: a primary header, and one for the CCD of each IFU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.model.idp import Card
from phoenix.simulate import header
from phoenix_muse.simulation.layout import COLUMNS, MARGIN, channel
from phoenix_muse.simulation.plan import ARC, FLAT, ILLUM, ON_SKY
from phoenix_muse.simulation.refraction import TEMPERATURE
from phoenix_muse.simulation.render import GAIN, READ_NOISE

if TYPE_CHECKING:
    from phoenix.model.idp import Value
    from phoenix_muse.simulation.layout import Layout
    from phoenix_muse.simulation.plan import Frame

__all__ = ["MODE", "READ_OUT_MODE", "SETUP", "channel_cards", "primary_cards"]

Row = tuple[str, "Value", str]

MODE = "WFM-NOAO-N"
"""INS MODE: wide field without adaptive optics, the nominal range of wavelengths."""

READ_OUT_MODE = (1, "SCI1.0")
"""DET READ CURID and CURNAME."""

SETUP: tuple[Row, ...] = (
    ("INS MODE", MODE, "Instrument mode used."),
    ("INS OPTI1 NAME", "Blue", "Filter."),
    ("INS OPTI2 NAME", "WFM", "Wide or narrow field."),
    ("DET READ CURID", READ_OUT_MODE[0], "Used readout mode id"),
    ("DET READ CURNAME", READ_OUT_MODE[1], "Used readout mode name"),
)
"""What association rules compare, of frames and of static tables."""

LAMPS = ("CU-LAMP1", "CU-LAMP2", "CU-LAMP-Ne", "CU-LAMP-Xe", "CU-LAMP-HgCd", "CU-LAMP-Ne-HIP")
"""Lamps 1 and 2 have a continuum."""

QUADRANTS = (("X", "Y"), (1, 1), (COLUMNS, 1), (COLUMNS, 4112), (1, 4112))
"""Corners of the four outputs; those of the true CCD, whatever the size, or the recipes refuse."""


def primary_cards(frame: Frame) -> list[Card]:
    """All cards of the primary header, which has no pixels."""
    detector = header.eso_cards(
        (
            ("DET BINX", 1, "Binning factor along X"),
            ("DET BINY", 1, "Binning factor along Y"),
            ("DET NAME", "muse", "Name of detector system"),
            *(row for row in SETUP if row[0].startswith("DET")),
            ("DET EXP NO", frame.exposure.number, "Unique exposure ID number"),
        )
    )
    cards = header.frame_cards(
        frame.exposure, "MUSE", "ESO-VLT-U4", TEMPERATURE, _instrument(frame), detector
    )
    turned = [
        evolve(card, value=frame.posang) if card.keyword == "ESO ADA POSANG" else card
        for card in cards
    ]
    return header.without(turned, frame.lost_keywords)


def _instrument(frame: Frame) -> list[Row]:
    lit = _lamps(frame)
    lamps = [
        row
        for number, name in enumerate(LAMPS, 1)
        for row in (
            (f"INS LAMP{number} NAME", name, "Lamp name."),
            (f"INS LAMP{number} ST", number in lit, "Lamp is on."),
            (f"INS SHUT{number} NAME", name.replace("LAMP", "SHUT"), "Shutter name."),
            (f"INS SHUT{number} ST", number in lit, "Shutter is open."),
        )
    ]
    return [
        ("INS ID", "MUSE/1.82", "Instrument ID."),
        *(row for row in SETUP if row[0].startswith("INS")),
        ("INS DROT MODE", "SKY" if frame.kind in ON_SKY else "STAT", "Derotator mode."),
        ("INS DROT POSANG", frame.posang, "Position angle (deg)"),
        ("INS LAMPNUM", len(LAMPS), "Number of lamps."),
        *lamps,
        ("INS TEMP7 VAL", 11.6, "Temperature of the structure (C)"),
        ("INS TEMP11 VAL", 11.2, "Temperature near IFU 1 (C)"),
    ]


def _lamps(frame: Frame) -> frozenset[int]:
    """Return the numbers of the lamps that burn with open shutters."""
    if frame.kind in {FLAT, ILLUM}:
        return frozenset({1, 2})
    if frame.kind == ARC:
        return frozenset({LAMPS.index(f"CU-LAMP-{frame.lamp}") + 1})
    return frozenset()


def channel_cards(layout: Layout, ifu: int) -> list[Card]:
    """Cards of the extension of one IFU."""
    rows: list[Row] = [
        ("DET CHIP ID", f"ccd-{ifu:02d}", "Detector chip identification"),
        ("DET CHIP NAME", f"MUSE-{ifu:02d}", "Detector chip name"),
        ("DET CHIP NX", COLUMNS, "Physical active pixels in X"),
        ("DET CHIP NY", layout.rows, "Physical active pixels in Y"),
        ("DET CHIP LIVE", True, "Detector alive"),
        ("DET BINX", 1, "Binning factor along X"),
        ("DET BINY", 1, "Binning factor along Y"),
        ("DET OUTPUTS", 4, "Number of outputs"),
    ]
    for number, (x, y) in enumerate(QUADRANTS[1:], 1):
        output = f"DET OUT{number}"
        rows += [
            (f"{output} X", x, "X location of output"),
            (f"{output} Y", y, "Y location of output"),
            (f"{output} NX", COLUMNS // 2, "Valid pixels along X"),
            (f"{output} NY", layout.rows // 2, "Valid pixels along Y"),
            (f"{output} PRSCX", MARGIN, "Prescan region in X"),
            (f"{output} PRSCY", MARGIN, "Prescan region in Y"),
            (f"{output} OVSCX", MARGIN, "Overscan region in X"),
            (f"{output} OVSCY", MARGIN, "Overscan region in Y"),
            (f"{output} GAIN", GAIN, "Conversion from ADU to electrons"),
            (f"{output} RON", READ_NOISE, "Readout noise per output (e-)"),
        ]
    name = Card("EXTNAME", channel(ifu), "FITS extension name")
    return [name, *header.eso_cards(rows)]
