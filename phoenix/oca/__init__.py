"""The OCA rule language: classification, organisation, association.

Rule files (``parse``, ``load``) and headers become Association Blocks (``create``);
every choice can be explained (``explain``) and compared (``verify``).
"""

from __future__ import annotations

from phoenix.oca.association.associate import Association, Level, Match
from phoenix.oca.association.block import association_block, association_log
from phoenix.oca.association.classify import Classification, classify
from phoenix.oca.association.create import create
from phoenix.oca.association.creation import Associated, Creation
from phoenix.oca.association.diagnostics import Diagnostic
from phoenix.oca.association.frames import Frames
from phoenix.oca.association.organise import Group
from phoenix.oca.association.update import with_certified
from phoenix.oca.association.versions import RuleVersion, RuleVersions, create_by_version
from phoenix.oca.explanation.calibration_map import CalibrationMap, calibration_map
from phoenix.oca.explanation.calselector import CalSelectorTree, read_answer, read_answers
from phoenix.oca.explanation.check import Finding, RuleCheck, check
from phoenix.oca.explanation.explain import explain
from phoenix.oca.explanation.explanation import Explanation
from phoenix.oca.explanation.verify import Difference, compare, verify, verify_answer, verify_rules
from phoenix.oca.language.frame import Frame, Kind, dotted
from phoenix.oca.language.parse import parse, read
from phoenix.oca.language.rules import (
    RuleSet,
    load,
    with_limits,
    with_products,
    with_rules,
    with_selects,
    without_groupings,
)

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
    "Frames",
    "Group",
    "Kind",
    "Level",
    "Match",
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
    "with_rules",
    "with_selects",
    "without_groupings",
]
