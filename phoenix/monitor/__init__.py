"""Monitor: pages of what the line has done; reads the store, never writes it.

Three layers, so that a server can show the same live: what is known (``gather``: rows and files
to records), what a page says (``night``, ``block``, ``history``: records to page values, pure) and
how it looks (``render``: page values to HTML or JSON, pure).
"""

from __future__ import annotations

from phoenix.monitor.record import Declared
from phoenix.monitor.write import write_ab, write_history, write_metrics, write_night

__all__ = ["Declared", "write_ab", "write_history", "write_metrics", "write_night"]
