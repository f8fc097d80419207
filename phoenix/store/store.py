"""The store: one object, one noun each for what it remembers."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from phoenix.store.blocks import Blocks
from phoenix.store.database import Transactions, open_engine
from phoenix.store.frames import Frames
from phoenix.store.grades import Grades
from phoenix.store.hidden import Hidden
from phoenix.store.history import History
from phoenix.store.jobs import Jobs
from phoenix.store.metrics import Metrics
from phoenix.store.phase3 import Phase3
from phoenix.store.products import Products
from phoenix.store.qc1.measurements import QC1
from phoenix.store.qc1.qcflags import QCFlags
from phoenix.store.qc1.trends import Trends
from phoenix.store.qc1.wide import Wide
from phoenix.store.runs import Runs
from phoenix.store.sessions.locks import Locks
from phoenix.store.sessions.session import Sessions
from phoenix.store.verdicts import Verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

__all__ = ["Store"]


class Store:
    """What the line remembers of one process.

    Every method is one transaction of its own, unless it is called within :meth:`transaction`.
    Moments are handed in; names of ABs are text. All methods raise
    :class:`~phoenix.errors.StoreError` where the database fails.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        See :meth:`open`.
    process : str
        Whose rows are read and written; processes may share a database.

    Attributes
    ----------
    runs, blocks, jobs, products, qc1, qcflags, wide, trends, verdicts, grades, phase3, history,
    frames, hidden, metrics
        The nouns.
    locks : Locks
        What coordinators of one database hold against each other.
    """

    def __init__(self, engine: Engine, process: str) -> None:
        self.process = process
        sessions = Sessions(engine)
        self.locks = Locks(sessions, process)
        self._transactions = Transactions(sessions, self.locks)
        self.runs = Runs(self._transactions, process)
        self.blocks = Blocks(self._transactions, process)
        self.jobs = Jobs(self._transactions, process)
        self.products = Products(self._transactions, process)
        self.qc1 = QC1(self._transactions, process)
        self.trends = Trends(self._transactions, process)
        self.qcflags = QCFlags(self._transactions, process)
        self.wide = Wide(self._transactions, process)
        self.verdicts = Verdicts(self._transactions, process)
        self.grades = Grades(self._transactions, process)
        self.phase3 = Phase3(self._transactions, process)
        self.history = History(self._transactions, process)
        self.frames = Frames(self._transactions, process)
        self.hidden = Hidden(self._transactions, process)
        self.metrics = Metrics(self._transactions, process)

    @classmethod
    def open(cls, url: str, process: str) -> Self:
        """Open a database, make or upgrade its tables where needed.

        Parameters
        ----------
        url : str
            SQLAlchemy URL, ``sqlite:////data/phoenix.db`` or ``postgresql+psycopg://host/name``.
        process : str
            For example GIRAFFE_MOS.

        Raises
        ------
        StoreError
            If it cannot be used, or was written by a newer phoenix.
        """
        return cls(open_engine(url), process)

    @property
    def read_only(self) -> bool:
        """Whether it may only be read: it is somebody else's, or its disk is."""
        return self._transactions.read_only

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make one transaction of all that this thread writes within: all of it, or nothing."""
        with self._transactions.writing():
            yield

    def close(self) -> None:
        """Close the database."""
        self.locks.close()
        self._transactions.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()
