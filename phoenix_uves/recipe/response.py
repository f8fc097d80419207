"""Responses without the hydrogen lines of the standard star.

uves_cal_response divides what the table says of a star by what was measured, takes medians within
1 nm of each fit point and interpolates. In the lines of the star the two do not fit each other:
the table is coarser, and the star moves. The response follows, and every spectrum calibrated with
it has a wave of up to 4 % there (simulated nights: H-alpha in 564 and 760, H-beta in 580, three
lines of the Paschen series in 760). No parameter of the recipe leaves lines out, so they are
bridged here by a parabola through what lies beside them; 0.8 % is the worst that is left (means
over 40 pixels; ours, measured).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from astropy.io import fits

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from phoenix.model.frames import Product

    Array = npt.NDArray[np.float64]

__all__ = ["LINES", "RESPONSE", "bridge_lines", "bridged"]

RESPONSE = "INSTR_RESPONSE_FINE"
"""Beginning of PRO.CATG."""

LINES = (
    6562.8, 4861.3, 4340.5, 4101.7, 3970.1, 3889.1, 3835.4,
    10938.1, 10049.4, 9545.9, 9229.0, 9014.9, 8862.8,
)  # fmt: skip
"""Balmer (H-alpha to H9) and Paschen lines (6 to 11) in air, Angstrom. Beyond them the lines run
into each other, and nothing lies beside them to lean on."""

LEAST, SHARE = 22.0, 0.003
"""Half the width that is bridged: Angstrom, or part of the wavelength if that is more (ours)."""

BESIDE = 30.0
"""Angstrom on either side that the parabola leans on (ours)."""

POINTS = 50
"""Least number of pixels on either side: fewer do not hold a parabola (ours)."""


def bridge_lines(products: tuple[Product, ...]) -> Iterator[str]:
    """Bridge the lines in all responses, in place; say what was done.

    Parameters
    ----------
    products : tuple of Product
        Of an AB; what is no response is left alone.
    """
    for product in products:
        if not product.pro_catg.startswith(RESPONSE):
            continue
        with fits.open(product.path, mode="update", memmap=False) as hdus:
            table = hdus[1].data if len(hdus) > 1 else None
            if table is None or not {"wavelength", "response_smo"} <= set(table.names):
                continue  # what is no response is for the gates
            wave, response = (table[name].astype(float) for name in ("wavelength", "response_smo"))
            better, lines = bridged(wave, response)
            if not lines:
                continue
            table["response_smo"] = better
            told = ", ".join(f"{line / 10:.1f}" for line in lines)
            hdus[0].header.add_history(f"phoenix: response_smo bridged at {told} nm")
        yield (
            f"{product.path.name}: the response was bridged at {told} nm, where it followed the "
            "hydrogen lines of the standard star"
        )


def bridged(wave: Array, response: Array) -> tuple[Array, tuple[float, ...]]:
    """Bridge the lines of a response.

    Parameters
    ----------
    wave : ndarray, shape (n,)
        Angstrom, increasing.
    response : ndarray, shape (n,)
        NaN where there is none.

    Returns
    -------
    ndarray, shape (n,)
        The response without lines.
    tuple of float
        The lines that were bridged: those with enough of the spectrum on either side.
    """
    better, done = response.copy(), []
    known = np.isfinite(response)
    in_lines = np.any([np.abs(wave - line) < _half(line) for line in LINES], axis=0)
    for line in LINES:
        here = np.abs(wave - line) < _half(line)
        near = known & ~in_lines & (np.abs(wave - line) < _half(line) + BESIDE)
        sides = np.count_nonzero(near & (wave < line)), np.count_nonzero(near & (wave > line))
        if min(sides) < POINTS or not known[here].any():
            continue
        curve = np.polynomial.Polynomial.fit(wave[near], response[near], 2)
        better[here & known] = curve(wave[here & known])
        done.append(line)
    return better, tuple(sorted(done))


def _half(line: float) -> float:
    return max(LEAST, SHARE * line)
