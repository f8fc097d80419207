"""Checks of values that are made of words of a list: OBSTECH and UCDs (SDP, sections 5.1, 8.2)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from phoenix.phase3.checks.check import Check
from phoenix.phase3.product import text_of
from phoenix.phase3.report import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.phase3.product import Product

__all__ = ["CHECKS"]

TECHNIQUES = frozenset(
    (
        "ABSORPTION-CELL", "AO", "APP", "CATALOGUE", "CHOPNOD", "CHOPPING", "COADD", "CONTINUUM",
        "CORONOGRAPHY", "CROSSTALK", "CUBE", "DIRECT", "DPI", "DRIFTSCAN", "DUAL", "ECHELLE",
        "FABRY-PEROT", "FIBRE", "FIBER", "FLAT", "FOCUS", "FPI", "GRATING", "GRISM", "HCOR",
        "HIT", "HITI", "IFS", "IFU", "IMAGE", "INTERFEROMETRY", "JITTER", "LONGSLIT", "LSS", "MAP",
        "MOS", "MOSAIC", "MULTI", "MXU", "NIGHT", "NODDING", "OFFSET", "ON-OFF", "OTF", "POINTING",
        "POLARIMETRY", "PRISM", "PUPIL", "RASTER", "SAM", "SCAN", "SDI", "SKY", "SLICER", "SLIT",
        "SLITLESS", "SPECTRUM", "SPECTROPOLARIMETRY", "STARE", "STARING", "THROUGH-SLIT",
        "TRANSIT", "VISIBILITY", "WAVE", "WOLLASTON",
    )
)  # fmt: skip
"""Words of DPR TECH (ESO's DICD; facilities that are not ESO's have their own). The list is ours,
gathered from rules of pipelines and headers: a word that is missing is added here."""

COMMON = frozenset(
    (
        "em.wl", "em.freq", "em.energy", "obs.atmos", "obs.exposure", "phot.flux", "phot.count",
        "phot.flux.density", "src.net", "stat.uncalib", "stat.error", "stat.snr", "meta.main",
        "meta.code.qual", "time.duration", "spect.continuum", "arith.ratio",
    )
)  # fmt: skip
"""Words that spectra use: the list of the IVOA, a third of a second, is read for others only."""


def _techniques(product: Product) -> Iterator[Fault]:
    technique = text_of(product.primary, "OBSTECH")
    if product.primary.get("NOESODAT") is True or "OBSTECH" not in product.primary:
        return
    words = technique.split(",")
    odd = [word for word in words if word.strip() not in TECHNIQUES]
    if odd or not technique.strip():
        expected = "words of DPR TECH, such as ECHELLE,SLIT"
        yield Fault(0, "OBSTECH", technique, expected)


def _ucds(product: Product) -> Iterator[Fault]:
    for column in product.columns:
        if column.ucd and not _is_ucd(column.ucd):
            expected = "words of the UCD1+ list of the IVOA, parted by semicolons"
            yield Fault(product.table_index, f"TUCD{column.index}", column.ucd, expected)


@lru_cache(maxsize=1024)
def _is_ucd(text: str) -> bool:
    """Tell whether all words are known; ESO itself does not keep to the list's order of words."""
    return all(word in COMMON or _is_word(word) for word in text.split(";"))


def _is_word(word: str) -> bool:
    from astropy.io.votable.ucd import parse_ucd  # noqa: PLC0415 (see COMMON)

    for ucd in (word, f"stat;{word}"):  # some words stand first, others never do
        try:
            parse_ucd(ucd, check_controlled_vocabulary=True)
        except ValueError:
            continue
        return True
    return False


CHECKS = (
    Check("technique", "5.1", "OBSTECH is made of words of DPR TECH", _techniques),
    Check(
        "ucd", "8.2", "UCDs are made of words that the IVOA knows", _ucds, ("SCIENCE.SPECTRUM",)
    ),
)
"""The checks of this module, in the order they are made."""
