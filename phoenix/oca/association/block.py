"""From an associated group to an Association Block, its association log, and the sorted list."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from phoenix.model.ab import AssociationBlock, Completeness, Edit, PredictedProduct
from phoenix.model.frames import MasterCalibration, RawFrame
from phoenix.model.plain import shortened
from phoenix.model.recipe import Parameter
from phoenix.oca.language.frame import Frame, Kind
from phoenix.oca.language.syntax import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from phoenix.oca.association.associate import Association
    from phoenix.oca.association.creation import Associated

_INTEGERS = 1 << 63  # what a database can hold

__all__ = ["association_block", "association_log", "symbolic_path"]

RASSOC, MASSOC = "_RASSOC", "_MASSOC"


def association_block(block: Associated) -> AssociationBlock:
    """Return the Association Block of an associated group.

    Raises
    ------
    DataError
        If a file has a name that no AB can hold.
    """
    group = block.group
    primary = group.primary
    obs_id = block.keyword("OBS.ID")
    catg = block.keyword("CATG") or block.keyword("DPR.CATG") or primary.frame.origin
    mode = "NONE" if str(catg).upper() != "SCIENCE" else ""
    return AssociationBlock(
        name=group.name,
        recipe=block.action.recipe.name if block.action.recipe else "none",
        raw_files=tuple(_raw_files(block)),
        calibrations=tuple(_calibrations(block)),
        parameters=_parameters(block),
        waits_for=block.parents,
        associated_raws=tuple(_companions(block, RASSOC)),
        associated_masters=tuple(
            _master(match.frame, found.name.removesuffix(MASSOC))
            for found in block.associations
            if found.name.endswith(MASSOC)
            for match in found.matches
        ),
        products=tuple(
            PredictedProduct(frame.name, str(frame.header.get("PRO.CATG", "UNKNOWN")))
            for frame in block.products
        ),
        instrument=str(block.keyword("INSTRUME") or ""),
        date=primary.frame.night,
        raw_type=block.raw_type,
        dpr_catg=str(catg or ""),
        ab_event=group.event,
        completeness=Completeness.COMPLETE if block.complete else Completeness.INCOMPLETE,
        obs_prog_id=str(block.keyword("OBS.PROG.ID") or ""),
        obs_id=obs_id if isinstance(obs_id, int) and abs(obs_id) < _INTEGERS else 0,
        obs_mode=mode,
        mjd_obs=primary.start or 0.0,
        mjd_mid=group.mjd_mid,
        setup=_setup(block),
        edits=_edits(block),
    )


def _edits(block: Associated) -> tuple[Edit, ...]:
    """Return what was done to its raw files before there was an AB: withheld, overlaid."""
    group = block.group
    told = [f"{frame.name}: {what}" for frame in group.frames for what in frame.overlaid]
    told += [f"{name} is left out: {why}" for name, why in group.withheld]
    return tuple(Edit(shortened(line)) for line in told)


def symbolic_path(frame: Frame) -> str:
    """Return where a file lies, as an AB says it."""
    if frame.path:
        return frame.path
    if frame.kind is Kind.STATIC:
        return f"${{DFO_CAL_DIR}}/gen/{frame.name}"
    night = frame.night
    if frame.kind is Kind.VIRTUAL:
        return f"${{DFS_PRODUCT}}/{night}/{frame.parent.removesuffix('.ab')}/{frame.name}"
    folder = "DFO_CAL_DIR" if frame.kind is Kind.CERTIFIED else "DFO_RAW_DIR"
    return f"${{{folder}}}/{night}/{frame.name}" if night else frame.name


def association_log(block: Associated) -> str:
    """Return the association log of one AB: a line per rule, what was found and how far."""
    lines = [f"{block.name} {'COMPLETE' if block.complete else 'INCOMPLETE'}"]
    for found in block.associations:
        least, most = found.rule.wanted
        head = f"  {found.name} (line {found.rule.line}, {least} to {most} wanted):"
        if not found.matches:
            lines.append(f"{head} nothing found")
        for match in found.matches:
            level = "" if match.level is None else f", level {match.level}"
            lines.append(
                f"{head} {match.frame.kind.value} {match.frame.name}, "
                f"{distance_text(match.distance)}{level}"
            )
    lines += [f"  missing {line}" for line in block.missing]
    lines += [f"  withheld {name}: {why}" for name, why in block.group.withheld]
    lines += [
        f"  overlaid {frame.name}: {told}"
        for frame in block.group.frames
        for told in frame.overlaid
    ]
    return "\n".join(lines) + "\n"


def distance_text(days: float | None) -> str:
    """Return a distance in time in words."""
    if days is None:
        return "without a date"
    size = abs(days)
    side = "later" if days >= 0 else "earlier"
    return f"{size * 24:.2f} h {side}" if size < 1 else f"{size:.2f} d {side}"


def _master(frame: Frame, tag: str) -> MasterCalibration:
    return _calibration(symbolic_path(frame), tag, frame.kind is Kind.VIRTUAL)


@lru_cache(maxsize=16384)
def _calibration(path: str, tag: str, virtual: bool) -> MasterCalibration:  # noqa: FBT001 - as in the class
    """Return a calibration; many ABs share one."""
    return MasterCalibration(path, tag, virtual)


def _fed(block: Associated, source: str) -> Iterator[Association]:
    """Yield the associations from a source that go into the set of frames."""
    for found in block.associations:
        if not found.name.endswith((RASSOC, MASSOC)) and (
            (found.rule.source == source)
            or (source == "calibFiles" and found.rule.source not in ("rawFiles", "inputFiles"))
        ):
            yield found


def _raw_files(block: Associated) -> Iterator[RawFrame]:
    retagged = {
        match.frame.name: found.name
        for found in _fed(block, "inputFiles")
        for match in found.matches
    }
    for item, tag in zip(block.group.items, block.tags, strict=True):
        if item.frame.kind is Kind.RAW:
            yield RawFrame(symbolic_path(item.frame), retagged.get(item.name, tag))
    for found in _fed(block, "rawFiles"):
        for match in found.matches:
            yield RawFrame(symbolic_path(match.frame), found.name)


def _calibrations(block: Associated) -> Iterator[MasterCalibration]:
    for item, tag in zip(block.group.items, block.tags, strict=True):
        if item.frame.kind is not Kind.RAW:
            yield _master(item.frame, tag)
    for found in _fed(block, "calibFiles"):
        for match in found.matches:
            yield _master(match.frame, found.name)


def _companions(block: Associated, ending: str) -> Iterator[RawFrame]:
    for found in block.associations:
        if found.name.endswith(ending):
            for match in found.matches:
                yield RawFrame(symbolic_path(match.frame), found.name.removesuffix(ending))


def _parameters(block: Associated) -> tuple[Parameter, ...]:
    """Return the recipe's parameters: of one given twice the last, a bare flag as TRUE.

    Rules of X-shooter write six of them with one dash, which esorex does not take.
    """
    options = block.action.recipe.options if block.action.recipe else ()
    pairs = (option.lstrip("-").partition("=") for option in options)
    values = {name: value if equals else "TRUE" for name, equals, value in pairs}
    return tuple(Parameter(name, value) for name, value in values.items())


def _setup(block: Associated) -> tuple[tuple[str, str], ...]:
    """Return the match keys: what the grouping rule names, else what the calibrations share."""
    pairs = block.group.setup or tuple(
        (name, block.keyword(name)) for name in block.rules.match_keys[block.group.action]
    )
    return tuple(
        (name, value if isinstance(value, str) else written(value))
        for name, value in pairs
        if value is not None
    )
