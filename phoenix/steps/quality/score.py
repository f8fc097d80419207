"""Score an AB: judge its measurements, and write QCFLAG for it and for each of its elements.

Measured, judged and flagged in one result, which lies as ``qc.json`` beside the manifest, so that
a crash before the database heard of it loses nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import asdict, astuple, fields, frozen

from phoenix.errors import DataError
from phoenix.model.ab import Mode
from phoenix.model.qc import Measurement, QCParameter
from phoenix.model.score import ElementScore, Outcome, Score, ScoreBit, judge, qcflag
from phoenix.model.threshold import Kind, ScoreRule
from phoenix.steps.shelf.jsonfile import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from phoenix.instrument import Instrument
    from phoenix.model.ab import AssociationBlock
    from phoenix.model.process import Process
    from phoenix.model.qc import QCValue
    from phoenix.steps.quality.measure import Measured

__all__ = [
    "QCResult",
    "flags_of",
    "read_qc",
    "score_block",
    "write_qc",
]


@frozen
class QCResult:
    """What was measured of an AB, what it is worth, and what the archive user is told.

    Attributes
    ----------
    ab_name : str
        The AB.
    measurements : tuple of Measurement
        All of them.
    keywords : tuple of QCParameter
        Those parameters that come from the recipe's own keywords.
    scores : tuple of Score
        One for each rule of the raw type.
    qcflags : tuple of (int, str)
        Element and QCFLAG; element 0 is the AB. Empty for a calibration, and for a process
        without QCFLAG.
    bits : tuple of ScoreBit
        The table by which they were made; empty without, and where nobody knows any more.
    """

    ab_name: str
    measurements: tuple[Measurement, ...] = ()
    keywords: tuple[QCParameter, ...] = ()
    scores: tuple[Score, ...] = ()
    qcflags: tuple[tuple[int, str], ...] = ()
    bits: tuple[ScoreBit, ...] = ()


def score_block(
    instrument: Instrument,
    process: Process,
    ab: AssociationBlock,
    measured: Measured,
    rules: Iterable[ScoreRule],
) -> QCResult:
    """Judge what was measured of one AB by the rules that hold for it.

    Only science ABs have a QCFLAG: it is for the archive user of an IDP.
    """
    bits = instrument.score_bits(process, ab.raw_type) if ab.mode is Mode.SCIENCE else ()
    return QCResult(
        ab_name=str(ab.name),
        measurements=measured.measurements,
        keywords=measured.keywords,
        scores=judge(measured.measurements, rules, ab.raw_type),
        qcflags=flags_of(bits, measured.measurements),
        bits=tuple(bits),
    )


def flags_of(
    bits: Sequence[ScoreBit], measurements: Iterable[Measurement]
) -> tuple[tuple[int, str], ...]:
    """Return QCFLAG of the AB and of each of its elements.

    An element's own value counts before that of the AB.
    """
    if not bits:
        return ()
    values: dict[int, dict[str, QCValue]] = {0: {}}
    for row in measurements:
        values.setdefault(row.element, {})[row.parameter] = row.value
    return tuple(
        (element, qcflag(bits, {**values[0], **values[element]})) for element in sorted(values)
    )


def write_qc(result: QCResult, path: Path) -> None:
    """Write a result, beside the manifest or among the logs, by atomic rename."""
    write_json(path, _content(result))


def _content(result: QCResult) -> dict[str, Any]:
    return {
        "ab_name": result.ab_name,
        "measurements": [[row.parameter, row.value, row.element] for row in result.measurements],
        "keywords": [asdict(row) for row in result.keywords],
        "scores": [_score_content(row) for row in result.scores],
        "qcflags": [list(pair) for pair in result.qcflags],
        "bits": [astuple(bit) for bit in result.bits],
    }


def _score_content(score: Score) -> dict[str, Any]:
    usual = {row.name: row.default for row in fields(ScoreRule)}
    rule = {
        name: value.value if isinstance(value, Kind) else value
        for name, value in asdict(score.rule, recurse=False).items()
        if value != usual[name]
    }
    content = {"rule": rule, "value": score.value, "outcome": score.outcome.value}
    elements = [[one.element, one.value, one.outcome.value] for one in score.elements]
    return content | ({"elements": elements} if elements else {})


def read_qc(path: Path) -> QCResult | None:
    """Return the result in a file, None where there is none that can be read.

    One that cannot be read, as a power cut leaves it, proves nothing: the AB is measured again.
    """
    try:
        content = read_json(path)
        return None if content is None else _result(content)
    except (DataError, OSError, KeyError, TypeError, ValueError):
        return None


def _result(content: Mapping[str, Any]) -> QCResult:
    return QCResult(
        ab_name=content["ab_name"],
        measurements=tuple(Measurement(*row) for row in content["measurements"]),
        keywords=tuple(_with_tuples(QCParameter, row) for row in content["keywords"]),
        scores=tuple(map(_score, content["scores"])),
        qcflags=tuple((int(element), flag) for element, flag in content["qcflags"]),
        bits=tuple(ScoreBit(*row) for row in content.get("bits", ())),
    )


def _score(row: Mapping[str, Any]) -> Score:
    elements = (
        ElementScore(number, value, Outcome(outcome))
        for number, value, outcome in row.get("elements", ())
    )
    rule = _with_tuples(ScoreRule, row["rule"])
    return Score(rule, row["value"], Outcome(row["outcome"]), tuple(elements))


def _with_tuples(kind: Any, row: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any row of the model
    return kind(**{key: _tuples(value) for key, value in row.items()})


def _tuples(value: Any) -> Any:  # noqa: ANN401 - as JSON has it
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
