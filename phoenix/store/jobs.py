"""Jobs: where each step of each AB stands. Written by the coordinator only, in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from phoenix.errors import StoreError
from phoenix.model.recipe import Spent
from phoenix.model.report import INPUT_FILES, INPUT_MB, JobState
from phoenix.store.noun import Noun, in_batches, rows_in_nights, rows_of_names
from phoenix.store.rows import JobRow
from phoenix.store.schema import ab, job

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Connection, Row

__all__ = ["Jobs"]

_RECORDED = [column.name for column in job.c if column.name not in {"ab_id", "step", "job_key"}]
_RECORD = (
    sa.update(job)
    .where(job.c.ab_id == sa.bindparam("of_ab"), job.c.step == sa.bindparam("of_step"))
    .values({name: sa.bindparam(name) for name in _RECORDED})
)

# How far back it is looked for what jobs took, in ABs, and how many are told of one recipe (ours):
# a month of the largest instrument, and enough to see what a setup takes.
_LATEST = 2000
_OF_A_RECIPE = 50
_SPENT = ("step", "state", "started", "ended", "wall_s", "cpu_s", "peak_memory_mb", "details")


class Jobs(Noun):
    """Jobs of the process; a key is the AB's name and the step."""

    def prepare(self, keys: Mapping[tuple[str, str], str]) -> None:
        """Make the jobs that are not there, and again those that are made of something else now.

        Parameters
        ----------
        keys : mapping of (ab_name, step) to str
            The job key of each job. A job with the same key stays as it is, done or not.
        """
        with self.transactions.writing() as connection:
            ids = self.ids(connection, (name for name, _ in keys))
            known = self._job_keys(connection, ids, keys)
            new = [key for key in keys if key not in known]
            if new:
                connection.execute(
                    sa.insert(job),
                    [
                        _columns(JobRow(name, step, job_key=keys[name, step]))
                        | {"ab_id": ids[name], "step": step, "job_key": keys[name, step]}
                        for name, step in new
                    ],
                )
            changed = {key: keys[key] for key, old in known.items() if keys[key] != old}
            self._make_again(connection, ids, changed)

    def record(self, rows: Iterable[JobRow]) -> None:
        """Remember where jobs stand: all of these in one transaction. Job keys stay as they are.

        Raises
        ------
        StoreError
            For a job that was never prepared.
        """
        batch = {(row.ab_name, row.step): row for row in rows}
        if not batch:
            return
        with self.transactions.writing() as connection:
            ids = self.ids(connection, (name for name, _ in batch))
            self._update(connection, ids, batch.values())

    def reset(self, keys: Iterable[tuple[str, str]]) -> None:
        """Put jobs back to CREATED, to be done again."""
        self.record(JobRow(name, step) for name, step in keys)

    def rows(
        self,
        *,
        since: object = None,
        until: object = None,
        step: str | None = None,
        states: Iterable[JobState] | None = None,
        names: Iterable[str] | None = None,
    ) -> tuple[JobRow, ...]:
        """Return jobs in order of observation.

        Parameters
        ----------
        since, until : CivilDate or str, optional
            First and last night.
        step : str, optional
            This step only.
        states : iterable of JobState, optional
            Jobs in one of these states only.
        names : iterable of str, optional
            Jobs of these ABs only.
        """
        wanted = None if names is None else set(names)
        query = (
            self.of_blocks(*job.c)
            .where(*rows_in_nights(since, until), *rows_of_names(wanted))
            .order_by(ab.c.mjd_obs, ab.c.name, job.c.step)
        )
        if step is not None:
            query = query.where(job.c.step == step)
        if states is not None:
            query = query.where(job.c.state.in_([state.value for state in states]))
        with self.transactions.reading() as connection:
            return tuple(
                _job(row)
                for row in connection.execute(query)
                if wanted is None or row.ab_name in wanted
            )

    def spent(self) -> dict[tuple[str, str], tuple[Spent, ...]]:
        """Return what the latest ABs took, by recipe and step, the newest first, 50 at most.

        Looked for among the 2000 ABs that came last, so that a long history costs no more.
        """
        newest = sa.select(sa.func.max(ab.c.id)).scalar_subquery()
        # Counted by the database: rows cost most where they become objects.
        place = sa.func.row_number().over(
            partition_by=(ab.c.recipe, job.c.step), order_by=job.c.ended.desc()
        )
        told = (*(job.c[name] for name in _SPENT), ab.c.recipe, ab.c.raw_type, ab.c.setup)
        latest = (
            self.of_blocks(*told, place.label("place"))
            .where(ab.c.id > newest - _LATEST)
            .where(job.c.started.is_not(None), job.c.ended.is_not(None))
            .subquery()
        )
        query = (
            sa.select(latest)
            .where(latest.c.place <= _OF_A_RECIPE)
            .order_by(latest.c.recipe, latest.c.step, latest.c.place)
        )
        found: dict[tuple[str, str], list[Spent]] = {}
        with self.transactions.reading() as connection:
            for row in connection.execute(query):
                found.setdefault((row.recipe, row.step), []).append(_spent(row))
        return {key: tuple(rows) for key, rows in found.items()}

    def _job_keys(
        self, connection: Connection, ids: dict[str, int], keys: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        """Return the keys of those of the jobs that are there."""
        found = {}
        for batch in in_batches(ids.values()):
            query = self.of_blocks(job.c.step, job.c.job_key).where(ab.c.id.in_(batch))
            for row in connection.execute(query):
                found[row.ab_name, row.step] = row.job_key
        return {key: old for key, old in found.items() if key in keys}

    def _make_again(
        self,
        connection: Connection,
        ids: dict[str, int],
        keys: Mapping[tuple[str, str], str],
    ) -> None:
        if not keys:
            return
        self._update(connection, ids, [JobRow(name, step) for name, step in keys])
        connection.execute(
            sa.update(job)
            .where(job.c.ab_id == sa.bindparam("of_ab"), job.c.step == sa.bindparam("of_step"))
            .values(job_key=sa.bindparam("new_key")),
            [
                {"of_ab": ids[name], "of_step": step, "new_key": new}
                for (name, step), new in keys.items()
            ],
        )

    def _update(self, connection: Connection, ids: dict[str, int], rows: Iterable[JobRow]) -> None:
        parameters = [
            _columns(row) | {"of_ab": ids[row.ab_name], "of_step": row.step} for row in rows
        ]
        found = connection.execute(_RECORD, parameters).rowcount
        if found != len(parameters):
            raise StoreError(
                f"{self.process}: {len(parameters)} jobs were to be recorded, the database has "
                f"{found} of them; prepare jobs before they are run"
            )


def _columns(row: JobRow) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in _RECORDED}
    return columns | {"state": row.state.value, "details": [list(pair) for pair in row.details]}


def _spent(row: Row[Any]) -> Spent:
    told = dict(row.details)
    return Spent(
        ab_name=row.ab_name,
        recipe=row.recipe,
        raw_type=row.raw_type,
        setup=row.setup,
        step=row.step,
        state=JobState(row.state),
        wall_s=row.wall_s or (row.ended - row.started).total_seconds(),
        cpu_s=row.cpu_s,
        peak_memory_mb=row.peak_memory_mb,
        input_files=int(told.get(INPUT_FILES, 0)),
        input_mb=float(told.get(INPUT_MB, 0.0)),
    )


def _job(row: Row[Any]) -> JobRow:
    columns = row._asdict()
    del columns["ab_id"]
    details = tuple((name, text) for name, text in row.details)
    return JobRow(**columns | {"state": JobState(row.state), "details": details})
