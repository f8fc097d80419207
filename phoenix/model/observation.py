"""What an Association Block was observed for: programme, Observation Block and target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.model.plain import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OBSERVATION_KEYS", "Observation"]

_PROGRAMME, _TARGET, _NAME = "ESO OBS PROG ID", "ESO OBS TARG NAME", "ESO OBS NAME"

OBSERVATION_KEYS = (_PROGRAMME, _TARGET, _NAME)
"""Keywords that tell it; the pipelines copy them from the first raw frame into every product."""

_LONGEST = 200
"""Characters that are kept of each; ours, a header card holds 68."""


@frozen
class Observation:
    """What the first raw frame of an AB says of itself; empty where it says nothing.

    Attributes
    ----------
    prog_id : str
        OBS PROG ID, ``60.A-9022(A)``.
    target : str
        OBS TARG NAME.
    ob_name : str
        OBS NAME.
    """

    prog_id: str = ""
    target: str = ""
    ob_name: str = ""

    @classmethod
    def of(cls, header: Mapping[str, object], prog_id: str = "") -> Observation:
        """Read it from a header; `prog_id` counts where the header names none."""
        texts = (_text(header.get(key)) for key in OBSERVATION_KEYS)
        found, target, ob_name = texts
        return cls(found or prog_id, target, ob_name)


def _text(value: object) -> str:
    return shortened(one_line(value), _LONGEST) if isinstance(value, str) else ""
