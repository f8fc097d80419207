"""phoenix: the open production line for science-grade data products of the VLT."""

from __future__ import annotations
