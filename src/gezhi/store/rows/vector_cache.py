"""Vectors by the hash of what was embedded."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from gezhi.store.memory.vectors import pack_vector
from gezhi.store.protocol import Vectors
from gezhi.store.rows.contents import known_hashes
from gezhi.store.rows.meta import next_number
from gezhi.store.rows.part import StorePart
from gezhi.store.rows.visibility import chunks
from gezhi.store.schema import documents, jobs, passages, vectors
from gezhi.types import JobState, StoreError


class VectorRows(StorePart):
    def known_vectors(self, hashes: Sequence[str], embedder: str) -> set[str]:
        with self.database.read() as connection:
            return known_hashes(connection, hashes, embedder)

    def save_vectors(self, vectors_: Mapping[str, Vectors], embedder: str) -> None:
        if not vectors_:
            return
        packed = {key: pack_vector(vector) for key, vector in vectors_.items()}
        with self.database.write() as connection:
            _refuse_other_dimension(connection, embedder, packed)
            known = known_hashes(connection, list(packed), embedder)
            new = [key for key in packed if key not in known]
            if not new:
                return
            now = time.time()
            rows = [{"text_hash": key, "embedder": embedder, "saved_at": now, "vector": packed[key]} for key in new]
            connection.execute(sa.insert(vectors), rows)
            _announce(connection, new)

    def drop_unused_vectors(self) -> int:
        needed = sa.exists().where(passages.c.text_hash == vectors.c.text_hash)
        oldest = sa.select(sa.func.min(jobs.c.created_at)).where(jobs.c.state == JobState.OPEN.value)
        with self.database.write() as connection:
            since = connection.scalar(oldest)
            unused = sa.delete(vectors).where(~needed)
            if since is not None:
                unused = unused.where(vectors.c.saved_at < since)
            return int(connection.execute(unused).rowcount)


def _refuse_other_dimension(connection: sa.Connection, embedder: str, packed: Mapping[str, bytes]) -> None:
    stored = connection.scalar(
        sa.select(sa.func.length(vectors.c.vector)).where(vectors.c.embedder == embedder).limit(1)
    )
    sizes = {len(vector) for vector in packed.values()} | ({stored} if stored else set())
    if len(sizes) > 1:
        dimensions = " and ".join(str(size // 2) for size in sorted(sizes))
        raise StoreError(
            f"Vectors named {embedder} have {dimensions} dimensions: they are not from one model.",
            hint="Give the other model another name.",
        )


def _announce(connection: sa.Connection, hashes: Sequence[str]) -> None:
    """Passages that got their vector after they were stored must reach the indexes."""
    keys: set[int] = set()
    for chunk in chunks(hashes):
        keys.update(
            connection.execute(
                sa.select(passages.c.document).distinct().where(passages.c.text_hash.in_(chunk))
            ).scalars()
        )
    if keys:
        revision = next_number(connection, "revision")
        for part in chunks(keys):
            connection.execute(sa.update(documents).where(documents.c.key.in_(part)).values(changed_at=revision))
