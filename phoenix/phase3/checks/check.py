"""One row of the tables of checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from phoenix.phase3.report import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from phoenix.phase3.product import Product
    from phoenix.phase3.report import Fault

__all__ = ["Check"]


@frozen
class Check:
    """A rule that a keyword alone cannot tell.

    Attributes
    ----------
    rule : str
        Short name, unique.
    section : str
        Section of the standard, or the document that asks for it.
    says : str
        The rule in one sentence.
    find : callable
        Takes a :class:`~phoenix.phase3.product.Product`, yields what breaks the rule.
    categories : tuple of str
        Beginnings of PRODCATG that it applies to.
    severity : Severity
        What a breach means.
    """

    rule: str
    section: str
    says: str
    find: Callable[[Product], Iterable[Fault]] = field(repr=False)
    categories: tuple[str, ...] = ("SCIENCE.",)
    severity: Severity = Severity.ERROR

    def applies_to(self, category: str) -> bool:
        """Tell whether a category of product is meant."""
        return category.startswith(self.categories)
