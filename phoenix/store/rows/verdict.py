"""Verdicts and comments, as they come out of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import datetime as dt

    from phoenix.model.score import Verdict

__all__ = ["CommentRow", "NotedRow", "RawCommentRow", "VerdictRow"]


@frozen
class VerdictRow:
    """A verdict and when (UTC) it was given."""

    ab_name: str
    verdict: Verdict
    at: dt.datetime


@frozen
class CommentRow:
    """What a person wrote about an AB, and when (UTC)."""

    ab_name: str
    text: str
    by: str
    at: dt.datetime


@frozen
class RawCommentRow:
    """What a person wrote about a raw file (ARCFILE without suffix) of a night, and when (UTC)."""

    file: str
    night: str
    text: str
    by: str
    at: dt.datetime


@frozen
class NotedRow:
    """A comment of a night: on an AB, or on a raw file."""

    night: str
    name: str
    text: str
    by: str
    at: dt.datetime
