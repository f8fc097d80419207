"""The OCA rule language: classification, organisation, association."""

from __future__ import annotations

from phoenix.oca.associate import Association, Level, Match
from phoenix.oca.block import association_block, association_log
from phoenix.oca.create import Associated, Creation, create
from phoenix.oca.frame import Frame, Kind, dotted
from phoenix.oca.organise import Group
from phoenix.oca.parse import parse, read
from phoenix.oca.pool import Diagnostic, Pool
from phoenix.oca.rules import RuleSet, RuleVersion, RuleVersions, load, with_products

__all__ = [
    "Associated",
    "Association",
    "Creation",
    "Diagnostic",
    "Frame",
    "Group",
    "Kind",
    "Level",
    "Match",
    "Pool",
    "RuleSet",
    "RuleVersion",
    "RuleVersions",
    "association_block",
    "association_log",
    "create",
    "dotted",
    "load",
    "parse",
    "read",
    "with_products",
]
