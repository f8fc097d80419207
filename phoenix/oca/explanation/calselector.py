"""Answers of ESO's calSelector: which calibrations the archive associates with a raw file.

The XML nests ``association`` elements with ``mainFiles``, ``messages`` and ``associatedFiles``.
It comes from the net: document types and entities are refused, depth and size are limited.
"""

from __future__ import annotations

import email
from email.message import Message
from typing import TYPE_CHECKING
from xml.parsers import expat

from attrs import field, frozen

from phoenix.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["CalSelectorFile", "CalSelectorTree", "read_answer", "read_answers"]

# An answer comes from outside: what is nested deeper, or is larger in bytes, is none (ours).
_DEEPEST = 50
_LARGEST = 50_000_000


@frozen
class CalSelectorFile:
    """A file by its archive name and category."""

    name: str
    category: str


@frozen
class CalSelectorTree:
    """Files of one category and what they need in their turn.

    Attributes
    ----------
    category, mode, match : str
        As in the answer; mode (Raw2Raw, Raw2Master) stands at the root only, match tells how good
        it is (``calib_plan``).
    complete, certified : bool
        As in the answer.
    files : tuple of CalSelectorFile
        The main files.
    messages : tuple of str
        What calSelector has to say.
    needs : tuple of CalSelectorTree
        The associated files.
    """

    category: str
    mode: str = ""
    match: str = ""
    complete: bool = False
    certified: bool = False
    files: tuple[CalSelectorFile, ...] = ()
    messages: tuple[str, ...] = ()
    needs: tuple[CalSelectorTree, ...] = ()

    def every(self) -> Iterator[CalSelectorTree]:
        """Yield this association and all below it."""
        yield self
        for need in self.needs:
            yield from need.every()


@frozen(eq=False)
class _Open:
    """An association whose end has not been read yet."""

    attributes: Mapping[str, str]
    files: list[CalSelectorFile] = field(factory=list)
    messages: list[str] = field(factory=list)
    needs: list[CalSelectorTree] = field(factory=list)

    def closed(self) -> CalSelectorTree:
        given = self.attributes
        return CalSelectorTree(
            given.get("category", ""),
            given.get("mode", ""),
            given.get("match", ""),
            given.get("complete") == "true",
            given.get("certified") == "true",
            tuple(self.files),
            tuple(self.messages),
            tuple(self.needs),
        )


@frozen(eq=False)
class _Reader:
    """Turns the parser's events into a tree."""

    source: str
    stack: list[_Open] = field(factory=list)
    roots: list[CalSelectorTree] = field(factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "association":
            if len(self.stack) >= _DEEPEST:
                raise DataError(f"{self.source}: found more than {_DEEPEST} nested associations")
            self.stack.append(_Open(attributes))
        elif name == "file" and self.stack:
            found = CalSelectorFile(attributes.get("name", ""), attributes.get("category", ""))
            self.stack[-1].files.append(found)
        elif name == "message" and self.stack:
            self.stack[-1].messages.append(attributes.get("text", ""))

    def end(self, name: str) -> None:
        if name == "association":
            tree = self.stack.pop().closed()
            (self.stack[-1].needs if self.stack else self.roots).append(tree)

    def refuse(self, *_found: object) -> None:
        raise DataError(
            f"{self.source}: found a document type or entity, expected plain XML as calSelector "
            "writes it; do not trust this file"
        )


def read_answer(data: bytes, source: str = "calSelector answer") -> CalSelectorTree:
    """Read the answer for one raw file.

    Raises
    ------
    DataError
        If it is no such XML, is too large or too deep, or has a document type.
    """
    if len(data) > _LARGEST:
        raise DataError(f"{source}: found {len(data)} bytes, expected at most {_LARGEST}")
    reader = _Reader(source)
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise DataError(
            f"{source}, line {error.lineno}, column {error.offset + 1}: found broken XML "
            f"({expat.ErrorString(error.code)}), expected a calSelector answer"
        ) from None
    if len(reader.roots) != 1:
        raise DataError(
            f"{source}: found {len(reader.roots)} associations, expected one; is this a "
            "calSelector answer?"
        )
    return reader.roots[0]


def read_answers(data: bytes, source: str = "calSelector answer") -> tuple[CalSelectorTree, ...]:
    """Read an answer for one raw file, or the multipart answer for several.

    Raises
    ------
    DataError
        As :func:`read_answer`.
    """
    first = data.lstrip().split(b"\n", 1)[0].strip()
    if not first.startswith(b"--"):
        return (read_answer(data, source),)
    head = b'Content-Type: multipart/form-data; boundary="' + first[2:] + b'"\n\n'
    message = email.message_from_bytes(head + data.lstrip())
    parts = message.get_payload()
    if not isinstance(parts, list):
        raise DataError(f"{source}: found a multipart answer without parts")
    return tuple(
        read_answer(_content(part), part.get_filename() or source)
        for part in parts
        if isinstance(part, Message)
    )


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
