"""Headers of X-shooter raw frames: INS, SEQ and DET, and all sections in order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.simulate import header
from phoenix_xshooter.simulation.plan import ARC, FLAT, FORMAT, IFU, LIT_SKY, MULTI, ORDERDEF
from phoenix_xshooter.simulation.render import detector_of
from phoenix_xshooter.simulation.series import THROW

if TYPE_CHECKING:
    from phoenix.model.idp import Card, Value
    from phoenix_xshooter.simulation.plan import Frame

__all__ = ["CLOCKS", "SLIT_WHEELS", "frame_cards"]

Row = tuple[str, "Value", str]

AMBIENT_TEMPERATURE = 12.8  # C

SLIT_WHEELS = {"UVB": "OPTI3", "VIS": "OPTI4", "NIR": "OPTI5"}
"""Arm to its slit wheel."""

CLOCKS = {
    (1, 1): "100k/1pt/hg",
    (1, 2): "100k/1pt/hg/1x2",
    (2, 2): "100k/1pt/hg/2x2",
}
"""Binning to the mode of the CCDs, as it stands in figure 4 of the manual."""

LAMPS = {
    # Lamps 1 and 2 are arcs, 3 is D2, 4 to 6 are the halogens of the arms.
    ("UVB", "D2"): 3, ("UVB", "QTH"): 4, ("VIS", ""): 5, ("NIR", ""): 6,
}  # fmt: skip

SENSORS = (
    ("TEMP5", "Temperature of the UVB arm", 11.4),
    ("TEMP6", "Temperature of the VIS arm", 11.6),
    ("TEMP7", "Temperature of the bench", 12.1),
)

_CCD_ONLY = tuple(
    f"ESO DET {word}"
    for word in (
        *("CHIP1", "OUT1", "WIN1", "READ", "CHIPS", "OUTPUTS", "OUTREF", "SHUT", "BITS"),
        *("ID", "NAME"),
    )
)
"""Beginnings of keywords that the infrared array does not have, or has values of its own for."""


def frame_cards(frame: Frame) -> list[Card]:
    """All cards of a frame's header but the structural ones."""
    rows = (*_instrument(frame), *_sequence(frame))
    instrument = "SHOOT" if frame.exposure.prefix == "SHOOT" else "XSHOOTER"
    cards = header.frame_cards(
        frame.exposure, instrument, "ESO-VLT-U2", AMBIENT_TEMPERATURE, rows, _detector(frame)
    )
    turned = [
        evolve(card, value=frame.posang) if card.keyword == "ESO ADA POSANG" else card
        for card in cards
    ]
    return header.without(turned, frame.lost_keywords)


def _instrument(frame: Frame) -> list[Row]:
    lit = _lamp(frame)
    mode = "IFU" if frame.kind == IFU else "SLOT"
    wheels = [
        (f"INS {wheel} NAME", _in_wheel(frame, arm), f"Slit of {arm}.")
        for arm, wheel in SLIT_WHEELS.items()
    ]
    lamps = [(f"INS LAMP{n} ST", n == lit, "Lamp is on.") for n in range(1, 7) if n in {lit, 1}]
    return [
        ("INS ID", "XSHOOTER/1.90", "Instrument ID."),
        ("INS MODE", "SLITSPEC" if mode == "SLOT" else "IFUSPEC", "Instrument mode used."),
        ("INS PATH", frame.arm, "Optical path used."),
        ("INS OPTI2 NAME", mode, "Slit or IFU."),
        *wheels,
        *lamps,
        *(
            (f"INS {sensor} {what}", value, place)
            for sensor, place, value in SENSORS
            for what in ("VAL", "MEAN")
        ),
    ]


def _in_wheel(frame: Frame, arm: str) -> str:
    return frame.slit_name if arm == frame.arm else "BLANK"


def _lamp(frame: Frame) -> int:
    """Return the number of the lamp that burns, 0 for none."""
    if frame.lamp == "OFF" or frame.kind in LIT_SKY:
        return 0
    if frame.kind in {FORMAT, MULTI, ARC}:
        return 2
    return LAMPS.get((frame.arm, frame.lamp), 0) if frame.kind in {FLAT, ORDERDEF} else 0


def _sequence(frame: Frame) -> list[Row]:
    """SEQ: arm and offsets. DEC is up at position angle 0: RA = -Y sin, DEC = Y cos."""
    rows: list[Row] = [("SEQ ARM", frame.arm, "Arm of the spectrograph")]
    if frame.kind not in LIT_SKY:
        return rows
    angle = math.radians(frame.posang)
    ra, dec = -frame.nod * math.sin(angle), frame.nod * math.cos(angle)
    return [
        *rows,
        ("SEQ CUMOFF X", 0.0, "Cumulative offset across the slit (arcsec)"),
        ("SEQ CUMOFF Y", frame.nod, "Cumulative offset along the slit (arcsec)"),
        ("SEQ CUMOFF RA", round(ra, 6), "Cumulative offset in RA (arcsec)"),
        ("SEQ CUMOFF DEC", round(dec, 6), "Cumulative offset in DEC (arcsec)"),
        ("SEQ RELOFF X", 0.0, "Relative offset across the slit (arcsec)"),
        ("SEQ RELOFF Y", frame.nod, "Relative offset along the slit (arcsec)"),
        ("SEQ RELOFF RA", round(ra, 6), "Relative offset in RA (arcsec)"),
        ("SEQ RELOFF DEC", round(dec, 6), "Relative offset in DEC (arcsec)"),
        ("SEQ NOD THROW", THROW, "Nod throw (arcsec)"),
        ("SEQ JITTER WIDTH", 0.0, "Width of the jitter box (arcsec)"),
    ]


def _detector(frame: Frame) -> list[Card]:
    binned, whole = detector_of(frame.arm, frame.binning), detector_of(frame.arm, (1, 1))
    clock = CLOCKS[frame.binning]
    cards = header.detector_cards(binned, frame.exposure, clock)
    if frame.arm != "NIR":
        changed: dict[str, Value] = {
            "ESO DET NAME": f"xsh_{frame.arm.lower()}",
            "ESO DET CHIP1 NX": whole.columns,
            "ESO DET CHIP1 NY": whole.rows,
            "ESO DET WIN1 BINX": frame.binning[0],
            "ESO DET WIN1 BINY": frame.binning[1],
            "ESO DET READ SPEED": clock,
        }
        return [evolve(card, value=changed.get(card.keyword, card.value)) for card in cards]
    infrared = header.eso_cards(
        (
            ("DET ID", "IRACE", "Detector system Id"),
            ("DET NAME", "xsh_nir", "Name of detector system"),
            ("DET CHIP ID", whole.id, "Detector chip identification"),
            ("DET CHIP PXSPACE", 1.8e-5, "Pixel-pixel spacing (m)"),
            ("DET CHIP NX", 2048, "# of pixels along X"),
            ("DET CHIP NY", 1100, "# of pixels along Y"),
            ("DET DIT", frame.exposure.exptime, "Integration time (s)"),
            ("DET NDIT", 1, "# of sub-integrations"),
            ("DET NDITSKIP", 0, "# of sub-integrations left out"),
            ("DET NCORRS NAME", "NonDest", "Read-out mode"),
        )
    )
    kept = [c for c in cards if not c.keyword.startswith(_CCD_ONLY)]
    return [*kept, *infrared]
