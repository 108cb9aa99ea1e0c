"""Some tables of one connected database, queried like those of a workspace."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from gezhi.retrieve.tables.check import CAP, ROWS, checked
from gezhi.retrieve.tables.connected.connector import Connector, Fetched
from gezhi.retrieve.tables.connected.dialect import result_names, translated
from gezhi.retrieve.tables.connected.names import Native
from gezhi.retrieve.tables.workspace import Limits, QueryResult
from gezhi.types import SqlFailed, SqlRefused
from gezhi.types.tables import TypedTable

LOOK_SECONDS = 2.0
"""For one look at values or keys, which a question can do without."""
LOOKING_SECONDS = 10.0
"""For all of them, in one question."""
MOST_SEEN = 2000


class Seen:
    """What was found when looking around, for some minutes: values of columns, keys between tables."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._found: OrderedDict[str, tuple[float, Fetched]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, sql: str) -> Fetched | None:
        with self._lock:
            at, fetched = self._found.get(sql, (0.0, None))
            return fetched if time.monotonic() - at < self._seconds else None

    def put(self, sql: str, fetched: Fetched) -> None:
        with self._lock:
            self._found[sql] = (time.monotonic(), fetched)
            while len(self._found) > MOST_SEEN:
                self._found.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._found.clear()


class ConnectedSpace:
    def __init__(self, connector: Connector, natives: Sequence[Native], limits: Limits, seen: Seen) -> None:
        self._connector, self._natives, self._limits, self._seen = connector, tuple(natives), limits, seen
        self._looked = 0.0

    @property
    def tables(self) -> tuple[TypedTable, ...]:
        return tuple(native.table for native in self._natives)

    def run(self, sql: str) -> QueryResult:
        if len(sql) > self._limits.sql_characters:
            raise SqlRefused("The query is too long.", hint=f"At most {self._limits.sql_characters} characters.")
        ready = checked(sql, self.tables)
        result = self._run(ready)
        if ready.endswith(CAP) and result.row_count > ROWS:
            return replace(result, row_count=self._count(ready.removesuffix(CAP), result.row_count), truncated=True)
        return result

    def run_unchecked(self, sql: str) -> QueryResult:
        """In a part of the table where it is large, and some minutes old at most."""
        began = time.monotonic()
        native = translated(sql, self._natives, self._connector.address.kind, sampled=True)
        fetched = self._seen.get(native)
        if fetched is None:
            if self._looked > LOOKING_SECONDS:
                raise SqlFailed("There was no time left to look.", hint="Ask again.")
            try:
                seconds = min(LOOK_SECONDS, self._limits.seconds)
                fetched = self._connector.fetch(native, replace(self._limits, seconds=seconds))
                self._seen.put(native, fetched)
            finally:
                self._looked += time.monotonic() - began
        return self._result(sql, fetched, began)

    def close(self) -> None:
        """The connection is the database's, for the next question."""

    def _run(self, ready: str) -> QueryResult:
        began = time.monotonic()
        native = translated(ready, self._natives, self._connector.address.kind)
        return self._result(ready, self._connector.fetch(native, self._limits), began)

    def _count(self, sql: str, at_least: int) -> int:
        try:
            return int(str(self._run(f"SELECT count(*) FROM ({sql})").rows[0][0]))
        except SqlFailed:
            return at_least

    def _result(self, sql: str, fetched: Fetched, began: float) -> QueryResult:
        return QueryResult(
            sql=sql,
            columns=result_names(sql, fetched.columns),
            rows=fetched.rows,
            row_count=fetched.count,
            truncated=fetched.count > len(fetched.rows),
            seconds=time.monotonic() - began,
        )
