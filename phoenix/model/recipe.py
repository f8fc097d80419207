"""Recipes: what can be run, what it makes and what it needs."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import frozen

from phoenix.errors import DataError
from phoenix.model.frames import Role

if TYPE_CHECKING:
    from phoenix.model.report import JobState

__all__ = ["KILL_GRACE_S", "Parameter", "Recipe", "RecipeProduct", "Resources", "Spent", "Step"]

_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z", re.ASCII)


@frozen
class Parameter:
    """One recipe parameter: ``--slight=true`` is ``Parameter("slight", "true")``."""

    name: str
    value: str

    def __attrs_post_init__(self) -> None:
        if _NAME.match(self.name) is None or _BLANK.search(self.value):
            raise DataError(
                f"found parameter {self.name!r} = {self.value!r}, expected --name=value without "
                "blanks or control characters"
            )

    @classmethod
    def parse(cls, text: str) -> Parameter:
        """Read ``--name=value``.

        Raises
        ------
        DataError
            If it is not of that form.
        """
        name, equals, value = text.partition("=")
        if not name.startswith("--") or not equals:
            raise DataError(f"found {text!r}, expected --name=value")
        return cls(name[2:], value)

    def __str__(self) -> str:
        return f"--{self.name}={self.value}"


KILL_GRACE_S = 5.0
"""Seconds between SIGTERM and SIGKILL for a recipe that is past its time limit (ours).

What does not catch SIGTERM ends at once; the time is for a recipe in Python that cleans up.
"""


@frozen
class Resources:
    """What one job takes of a machine.

    Attributes
    ----------
    cores : int
        Cores that the recipe keeps busy.
    memory_mb : int
        Peak memory in MB (10^6 bytes).
    time_limit_s : float
        Wall seconds after which the recipe, or another step, is taken as hanging and stopped.
    wanted_mb : int
        Memory in MB that is kept free for the job where a machine has so much, 0 for no more than
        `memory_mb`; a job of more `memory_mb` than any machine has FAILS.
    stream : str
        ABs of one stream run one after the other; empty = any order.
    stream_width : int
        So many ABs of the stream may run at a time.
    each_of : str
        PRO.CATG of the inputs by whose number the memory grows, as that of the tables of exposures
        which are combined. Where `memory_mb` is more than any machine has, so many of the last of
        them are left out before the start that the others fit, if the AB can do without
        (`do_without`).
    each_mb : int
        So much of `memory_mb` is for each of these.

    Raises
    ------
    DataError
        For a stream in which nothing could run.
    """

    cores: int = 1
    memory_mb: int = 1000
    time_limit_s: float = 3600.0
    wanted_mb: int = 0
    stream: str = ""
    stream_width: int = 1
    each_of: str = ""
    each_mb: int = 0

    def __attrs_post_init__(self) -> None:
        if self.stream_width < 1:
            raise DataError(
                f"stream {self.stream}: found a width of {self.stream_width}, expected 1 or more"
            )


class Step(StrEnum):
    """The steps of an AB that are jobs of their own."""

    RECIPE = "process"
    """Its recipe: inputs, gates and publishing included."""
    QC = "qc"
    """Measuring and scoring."""
    REPORT = "report"
    """Drawing the QC report."""
    CONVERT = "convert"
    """Conversion to IDPs."""


@frozen
class Spent:
    """What a step of an AB took in an earlier run.

    Attributes
    ----------
    ab_name, recipe, raw_type, setup : str
        The AB; its setup as the monitor shows it.
    step : str
        One of :class:`Step`.
    state : JobState
        How it ended: what failed may have taken less, or all there was.
    wall_s, cpu_s : float
        Wall and CPU seconds; of a recipe those of its process.
    peak_memory_mb : float
        Peak resident memory in MB (10^6 bytes), 0 if unknown.
    input_files : int
        Number of files that the recipe read, 0 if unknown.
    input_mb : float
        Their size in MB, 0 if unknown.
    """

    ab_name: str
    recipe: str
    raw_type: str
    setup: str
    step: str
    state: JobState
    wall_s: float
    cpu_s: float
    peak_memory_mb: float
    input_files: int = 0
    input_mb: float = 0.0


@frozen
class RecipeProduct:
    """One product of a recipe, as a row.

    Attributes
    ----------
    pro_catg : str
        PRO.CATG.
    role : Role
        What becomes of it.
    required : bool
        Whether a run without it is wrong, exit code 0 or not.
    numbered : bool
        Whether there are several, each with a number that the recipe gives it, as one for each
        IFU: ``PIXTABLE_OBJECT_0001-07.fits`` becomes ``r.<root>_0000-07.fits``, whichever of the
        others are there.
    """

    pro_catg: str
    role: Role = Role.INTERMEDIATE
    required: bool = True
    numbered: bool = False


@frozen
class Recipe:
    """One pipeline recipe.

    Attributes
    ----------
    name : str
        As esorex knows it.
    pipeline : str
        The pipeline's name, ``giraf``; its plugin folder is found under it. A recipe written in
        Python gives ``module:function`` here.
    products : tuple of RecipeProduct
        In the order in which they are numbered (``_0000``, ``_0001`` ...).
    parameters : tuple of Parameter
        Given to every call before those of the AB. For a recipe written in Python also all that
        phoenix.toml may give it.
    resources : Resources
        Usual needs.
    harmless : tuple of str
        Parts of ERROR lines in its log that mean nothing; any other ERROR line gates the AB.
    """

    name: str
    pipeline: str
    products: tuple[RecipeProduct, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    resources: Resources = Resources()
    harmless: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        names = [parameter.name for parameter in self.parameters]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise DataError(f"recipe {self.name}: parameters given twice: {', '.join(repeated)}")

    def sequence_number(self, pro_catg: str) -> int | None:
        """Return the number of a product in its PIPEFILE name, None if it is not declared."""
        for number, product in enumerate(self.products):
            if product.pro_catg == pro_catg:
                return number
        return None

    def product_name(self, root: str, pro_catg: str, own: str = "") -> str:
        """Return the PIPEFILE name of a product of an AB; one not declared follows the others.

        Parameters
        ----------
        root : str
            Root of the AB.
        pro_catg : str
            PRO.CATG.
        own : str, optional
            The number that the recipe gives one of several, ``07``.
        """
        number = self.sequence_number(pro_catg)
        number = len(self.products) if number is None else number
        return f"r.{root}_{number:04d}{f'-{own}' if own else ''}.fits"
