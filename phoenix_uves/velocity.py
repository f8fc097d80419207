"""From the telescope's frame into that of the barycentre: the velocity of one exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from phoenix.toolkit.barycentre import velocity_of_exposures
from phoenix.toolkit.headers import number
from phoenix.toolkit.spectra import in_rest_of

if TYPE_CHECKING:
    from phoenix.toolkit.headers import Header
    from phoenix_uves.spectrum import Spectrum

__all__ = ["PIPELINE_CORRECTION", "barycentric", "correction_of"]

PIPELINE_CORRECTION = "ESO QC VRAD BARYCOR"
"""km/s; of coordinates that are not precessed, at the begin of the exposure: up to 0.2 wrong."""


def correction_of(header: Header) -> float | None:
    """Return the barycentric velocity (km/s) of one exposure, by the header of its product."""
    ra, dec = number(header, "RA"), number(header, "DEC")
    if ra is None or dec is None:
        return None
    found = velocity_of_exposures([header], ra, dec)
    return None if found is None else float(found)


def barycentric(spectrum: Spectrum) -> Spectrum:
    """Bring a spectrum into the barycentric frame; one that cannot be stays as it is."""
    correction = correction_of(spectrum.header)
    if correction is None or spectrum.frame == "BARYCENT":
        return spectrum
    wave = in_rest_of(spectrum.wave, correction)
    return evolve(spectrum, wave=wave, frame="BARYCENT", correction=correction)
