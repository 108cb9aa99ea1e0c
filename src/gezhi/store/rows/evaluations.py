"""Data sets and runs of an evaluation. They hold what documents say, whoever may see these: for the owner only."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from gezhi.store.rows.encoding import dump
from gezhi.store.rows.meta import inserted_key
from gezhi.store.rows.part import StorePart
from gezhi.store.rows.visibility import chunks
from gezhi.store.schema import (
    dataset_item_quotes,
    dataset_items,
    datasets,
    evaluation_result_quotes,
    evaluation_results,
    evaluation_runs,
    trace_quotes,
    traces,
)
from gezhi.types import Dataset, DatasetItem, EvaluationResult, EvaluationRun, InvalidInput, NotFound, Scope


class EvaluationRows(StorePart):
    def save_dataset(self, name: str, items: Sequence[DatasetItem], *, note: str = "") -> Dataset:
        rows = [(item.id, _canonical(item.contents)) for item in items]
        if not rows or len({row[0] for row in rows}) < len(rows):
            raise InvalidInput("A data set needs at least one item, each with its own id.")
        digest = hashlib.sha256(dump(rows).encode("utf-8", "surrogatepass")).hexdigest()
        with self.database.write() as connection:
            newest = connection.execute(_datasets().where(datasets.c.name == name).limit(1)).first()
            if newest is not None and newest.content_hash == digest:
                return _dataset(newest)
            made = Dataset(
                name=name,
                version=newest.version + 1 if newest is not None else 1,
                content_hash=digest,
                items=len(rows),
                created_at=time.time(),
                note=note,
            )
            key = inserted_key(connection.execute(sa.insert(datasets).values(asdict(made))))
            connection.execute(
                sa.insert(dataset_items),
                [
                    {"dataset": key, "number": number, "id": item, "contents": contents}
                    for number, (item, contents) in enumerate(rows, start=1)
                ],
            )
            _insert_quotes(connection, dataset_item_quotes, "dataset", key, [item.documents for item in items])
        return made

    def datasets(self, scope: Scope) -> list[Dataset]:
        if not scope.unrestricted:
            return []
        with self.database.read() as connection:
            return [_dataset(row) for row in connection.execute(_datasets())]

    def dataset(self, name: str, version: int | None, scope: Scope) -> tuple[Dataset, list[DatasetItem]]:
        query = _datasets().where(datasets.c.name == name)
        if version is not None:
            query = query.where(datasets.c.version == version)
        with self.database.read() as connection:
            row = connection.execute(query.limit(1)).first() if scope.unrestricted else None
            if row is None:
                label = name if version is None else f"{name}@{version}"
                raise NotFound(f"There is no data set {label!r}.", hint="`gezhi eval datasets` lists them.")
            items = connection.execute(
                sa.select(dataset_items.c.id, dataset_items.c.contents)
                .where(dataset_items.c.dataset == row.key)
                .order_by(dataset_items.c.number)
            ).all()
        return _dataset(row), [DatasetItem(id=item.id, contents=_read(item.contents)) for item in items]

    def save_run(self, run: EvaluationRun, results: Sequence[EvaluationResult]) -> None:
        with self.database.write() as connection:
            connection.execute(sa.delete(evaluation_runs).where(evaluation_runs.c.id == run.id))
            inserted = connection.execute(
                sa.insert(evaluation_runs).values(
                    id=run.id,
                    kind=run.kind,
                    label=run.label,
                    dataset=run.dataset,
                    created_at=run.created_at,
                    configuration=dump(run.configuration),
                    summary=dump(run.summary),
                    questions=run.questions,
                    errors=run.errors,
                )
            )
            key = inserted_key(inserted)
            if results:
                rows = [
                    {
                        "run": key,
                        "number": number,
                        "item": result.item,
                        "scores": dump(result.scores),
                        "error": result.error,
                        "contents": _canonical(result.contents),
                    }
                    for number, result in enumerate(results, start=1)
                ]
                connection.execute(sa.insert(evaluation_results), rows)
            quoted = [result.documents for result in results]
            _insert_quotes(connection, evaluation_result_quotes, "run", key, quoted)

    def runs(self, scope: Scope, *, kind: str = "", limit: int = 50) -> list[EvaluationRun]:
        if not scope.unrestricted:
            return []
        query = sa.select(evaluation_runs).order_by(evaluation_runs.c.key.desc()).limit(limit)
        if kind:
            query = query.where(evaluation_runs.c.kind == kind)
        with self.database.read() as connection:
            return [_run(row) for row in connection.execute(query)]

    def run(self, id_or_label: str, scope: Scope) -> tuple[EvaluationRun, list[EvaluationResult]]:
        names = sa.or_(
            evaluation_runs.c.id == id_or_label,
            evaluation_runs.c.label == id_or_label,
            sa.func.substr(evaluation_runs.c.id, 1, max(6, len(id_or_label))) == id_or_label,
        )
        query = sa.select(evaluation_runs).where(names).order_by(evaluation_runs.c.key.desc()).limit(1)
        with self.database.read() as connection:
            row = connection.execute(query).first() if scope.unrestricted and id_or_label else None
            if row is None:
                raise NotFound(f"There is no run {id_or_label!r}.", hint="`gezhi eval runs` lists them.")
            results = connection.execute(
                sa.select(evaluation_results)
                .where(evaluation_results.c.run == row.key)
                .order_by(evaluation_results.c.number)
            ).all()
        return _run(row), [_result(result) for result in results]

    def delete_run(self, run_id: str, scope: Scope) -> None:
        run, _ = self.run(run_id, scope)
        with self.database.write() as connection:
            connection.execute(sa.delete(evaluation_runs).where(evaluation_runs.c.id == run.id))


def erase_quotes(connection: sa.Connection, document_ids: Sequence[str]) -> None:
    """Take what these documents said out of data sets, results and traces; callers hold the write transaction."""
    for chunk in chunks(document_ids):
        for quotes, table in _QUOTING:
            own = list(table.primary_key)
            quoting = sa.select(*(quotes.c[column.name] for column in own)).where(quotes.c.document.in_(chunk))
            connection.execute(sa.update(table).where(sa.tuple_(*own).in_(quoting)).values(contents=None))
            connection.execute(sa.delete(quotes).where(quotes.c.document.in_(chunk)))
        named = sa.select(trace_quotes.c.trace).where(trace_quotes.c.document.in_(chunk))
        connection.execute(sa.delete(traces).where(traces.c.id.in_(named)))


_QUOTING = ((dataset_item_quotes, dataset_items), (evaluation_result_quotes, evaluation_results))


def _insert_quotes(
    connection: sa.Connection, table: sa.Table, parent: str, key: int, quoted: Sequence[Sequence[str]]
) -> None:
    rows = [
        {parent: key, "number": number, "document": document}
        for number, documents in enumerate(quoted, start=1)
        for document in dict.fromkeys(documents)
    ]
    if rows:
        connection.execute(sa.insert(table), rows)


def _canonical(contents: Mapping[str, Any] | None) -> str | None:
    return None if contents is None else dump(dict(sorted(contents.items())))


def _read(contents: str | None) -> Mapping[str, Any] | None:
    return None if contents is None else json.loads(contents)


def _datasets() -> sa.Select[Any]:
    return sa.select(datasets).order_by(datasets.c.name, datasets.c.version.desc())


def _dataset(row: sa.Row[Any]) -> Dataset:
    return Dataset(
        name=row.name,
        version=row.version,
        content_hash=row.content_hash,
        items=row.items,
        created_at=row.created_at,
        note=row.note,
    )


def _run(row: sa.Row[Any]) -> EvaluationRun:
    return EvaluationRun(
        id=row.id,
        kind=row.kind,
        label=row.label,
        dataset=row.dataset,
        created_at=row.created_at,
        configuration=json.loads(row.configuration),
        summary=json.loads(row.summary),
        questions=row.questions,
        errors=row.errors,
    )


def _result(row: sa.Row[Any]) -> EvaluationResult:
    return EvaluationResult(item=row.item, scores=json.loads(row.scores), error=row.error, contents=_read(row.contents))
