"""The command line: one module for each group of verbs; the only floor that prints."""

from __future__ import annotations

from phoenix.cli.app import run

__all__ = ["run"]
