"""What the validator says: findings, gathered in one report per file."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import asdict, evolve, frozen

from phoenix.model.counted import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from phoenix.model.idp import Value

__all__ = ["Batch", "Fault", "Finding", "Group", "Report", "Severity"]


class Severity(StrEnum):
    """An ERROR keeps a file out of the archive, a WARNING does not; a NOTE only tells."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    NOTE = "NOTE"


@frozen
class Fault:
    """What one check found, before it is known which rule of which section asked for it.

    Attributes
    ----------
    hdu : int or None
        Number of the HDU; None for the file as a whole.
    keyword : str
        Keyword or column.
    found, expected : str, number or bool
        What stands there, and what should.
    rule : str
        Name of the rule, where the check does not stand in the table of checks.
    """

    hdu: int | None
    keyword: str
    found: Value
    expected: Value
    rule: str = ""

    def in_hdu(self, index: int) -> Fault:
        """Place it in an HDU."""
        return evolve(self, hdu=index)


@frozen
class Finding:
    """One breach of the standard.

    Attributes
    ----------
    file : str
        File name.
    hdu : int or None
        Number of the HDU; None for the file as a whole.
    keyword : str
        Keyword or column.
    rule : str
        Short name of the rule, the same for all files (see ``docs/reference/validator.md``).
    section : str
        Section of the standard.
    severity : Severity
        ERROR or WARNING.
    found, expected : str
        What stands there, and what should.
    message : str
        What the rule says.
    """

    file: str
    hdu: int | None
    keyword: str
    rule: str
    section: str
    severity: Severity
    found: str
    expected: str
    message: str

    def to_dict(self) -> dict[str, str | int | None]:
        """Return it as a plain row, for JSON and tables."""
        return asdict(self)

    @property
    def place(self) -> str:
        """File and HDU."""
        return self.file if self.hdu is None else f"{self.file}[{self.hdu}]"

    def __str__(self) -> str:
        return self.told(self.place, self.found.strip() or "an empty text")

    def told(self, place: str, found: str) -> str:
        """Return it as a line, of a place and of what is found there."""
        return (
            f"{self.severity} {place} {self.keyword}: {self.message};"
            f" found {found}, expected {self.expected} (SDP {self.section}; {self.rule})"
        )


@frozen
class Group:
    """The same breach in several files.

    Attributes
    ----------
    findings : tuple of Finding
        At least one; they differ in the file, and perhaps in what was found.
    """

    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        first, *others = self.findings
        if not others:
            return str(first)
        found = first.found.strip() or "an empty text"
        if any(one.found != first.found for one in others):
            found = f"{found} and others"
        return first.told(f"{counted(len(self.findings), 'file')}, first {first.place}", found)


@frozen
class Report:
    """All findings of one file.

    Attributes
    ----------
    file : str
        File name.
    category : str
        PRODCATG, empty where there is none.
    version : str
        Version of the standard that was applied.
    findings : tuple of Finding
        In the order of HDUs.
    """

    file: str
    category: str
    version: str
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """The archive would take the file: no ERROR (warnings may be there)."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Findings that keep the file out of the archive."""
        return tuple(one for one in self.findings if one.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Findings that do not."""
        return tuple(one for one in self.findings if one.severity is Severity.WARNING)

    def with_findings(self, findings: Iterable[Finding]) -> Report:
        """Add findings."""
        return evolve(self, findings=self.findings + tuple(findings))

    def __str__(self) -> str:
        verdict = "valid" if self.ok else "INVALID"
        errors = counted(len(self.errors), "error")
        counts = f"{errors}, {counted(len(self.warnings), 'warning')}"
        head = f"{self.file}: {verdict} {self.category} (SDP {self.version}; {counts})"
        return "\n".join((head, *(f"  {one}" for one in self.findings)))


@frozen
class Batch:
    """The reports of many files, in the order they were given."""

    reports: tuple[Report, ...]

    def __iter__(self) -> Iterator[Report]:
        return iter(self.reports)

    def __len__(self) -> int:
        return len(self.reports)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of all files."""
        return tuple(one for report in self.reports for one in report.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Findings that keep a file out of the archive."""
        return tuple(one for report in self.reports for one in report.errors)

    @property
    def ok(self) -> bool:
        """The archive would take all files."""
        return not self.errors

    def groups(self) -> tuple[Group, ...]:
        """Return the findings, the same of several files as one; errors last, before the sum."""
        same: dict[tuple[object, ...], list[Finding]] = {}
        for one in self.findings:
            key = (one.severity, one.hdu, one.keyword, one.rule, one.expected, one.message)
            same.setdefault(key, []).append(one)
        found = (Group(tuple(findings)) for findings in same.values())
        order = (Severity.NOTE, Severity.WARNING, Severity.ERROR)
        return tuple(sorted(found, key=lambda group: order.index(group.findings[0].severity)))

    def summary(self) -> str:
        """Count files and findings in one line."""
        bad = sum(not report.ok for report in self.reports)
        counts = Counter(one.severity for one in self.findings)
        notes = f", {counted(counts[Severity.NOTE], 'note')}" if counts[Severity.NOTE] else ""
        return (
            f"{counted(len(self), 'file')}, {bad} invalid: "
            f"{counted(counts[Severity.ERROR], 'error')}, "
            f"{counted(counts[Severity.WARNING], 'warning')}{notes}"
        )
