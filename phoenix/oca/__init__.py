"""The OCA rule language: classification, organisation, association.

Rule files (``parse``, ``load``) and a pool of headers become Association Blocks (``create``);
every choice can be explained (``explain``) and compared (``verify``).
"""

from __future__ import annotations

from phoenix.oca.associate import Association, Level, Match
from phoenix.oca.block import association_block, association_log
from phoenix.oca.calibration_map import CalibrationMap, calibration_map
from phoenix.oca.calselector import CalSelectorTree, read_answer, read_answers
from phoenix.oca.check import Finding, RuleCheck, check
from phoenix.oca.classify import Classification, classify
from phoenix.oca.create import create
from phoenix.oca.creation import Associated, Creation
from phoenix.oca.diagnostics import Diagnostic
from phoenix.oca.explain import explain
from phoenix.oca.explanation import Explanation
from phoenix.oca.frame import Frame, Kind, dotted
from phoenix.oca.organise import Group
from phoenix.oca.parse import parse, read
from phoenix.oca.pool import Pool
from phoenix.oca.rules import RuleSet, load, with_limits, with_products, with_selects
from phoenix.oca.update import with_certified
from phoenix.oca.verify import Difference, compare, verify, verify_answer, verify_rules
from phoenix.oca.versions import RuleVersion, RuleVersions, create_by_version

__all__ = [
    "Associated",
    "Association",
    "CalSelectorTree",
    "CalibrationMap",
    "Classification",
    "Creation",
    "Diagnostic",
    "Difference",
    "Explanation",
    "Finding",
    "Frame",
    "Group",
    "Kind",
    "Level",
    "Match",
    "Pool",
    "RuleCheck",
    "RuleSet",
    "RuleVersion",
    "RuleVersions",
    "association_block",
    "association_log",
    "calibration_map",
    "check",
    "classify",
    "compare",
    "create",
    "create_by_version",
    "dotted",
    "explain",
    "load",
    "parse",
    "read",
    "read_answer",
    "read_answers",
    "verify",
    "verify_answer",
    "verify_rules",
    "with_certified",
    "with_limits",
    "with_products",
    "with_selects",
]
