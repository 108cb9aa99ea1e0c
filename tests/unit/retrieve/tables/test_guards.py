"""Guards of the workspace that the clock alone does not give."""

from __future__ import annotations

import math
import random
import sqlite3
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import pytest

from gezhi.retrieve.tables.sums import ExactMean, ExactSum
from gezhi.retrieve.tables.workspace import Limits, Workspace
from gezhi.types import SqlFailed
from gezhi.types.tables import Column, ColumnType, TypedTable

ROWS = 30_000


@pytest.fixture
def space() -> Workspace:
    table = TypedTable(
        id="d:t0",
        document_id="d",
        number=0,
        name="big",
        key="big",
        columns=(
            Column(name="id", key="id", type=ColumnType.INTEGER),
            Column(name="amount", key="amount", type=ColumnType.NUMBER),
        ),
        row_count=ROWS,
    )
    made = Workspace(Limits(result_bytes=5_000_000))
    made.add(table, ((n, n / 10) for n in range(ROWS)))
    return made


@pytest.mark.parametrize("name", ["a#b.sqlite", "a?mode=rwc.sqlite", "a%41.sqlite", "表 格.sqlite"])
def test_a_file_is_only_read_whatever_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
    with closing(Workspace.of_file(path)) as space:
        assert [table.key for table in space.tables] == ["t"]
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_result_of_long_texts_is_refused(space: Workspace) -> None:
    long = "replace(replace(replace('{0}', 'a', '{0}'), 'a', '{0}'), 'a', '{0}')".format("a" * 25)
    with closing(space), pytest.raises(SqlFailed, match="too large"):
        space.run(f"SELECT x FROM (SELECT {long} AS x FROM big LIMIT 1) AS t, big")


def test_a_running_total_of_many_rows(space: Workspace) -> None:
    with closing(space):
        [(last,)] = space.run("SELECT max(total) FROM (SELECT sum(amount) OVER (ORDER BY id) AS total FROM big)").rows
    assert last == math.fsum(n / 10 for n in range(ROWS))


@pytest.mark.parametrize("seed", range(5))
def test_sums_are_those_of_fractions(seed: int) -> None:
    draw = random.Random(seed)
    values = [draw.choice((0.1, -0.1, 1e16, -1e16, 3)) * draw.random() for _ in range(5000)]
    total, window = ExactSum(), ExactMean()
    for value in values:
        total.step(value)
        window.step(value)
    assert total.finalize() == float(sum(map(Fraction, values)))
    assert len(total._parts) < 10
    for value in values[:-1]:
        window.inverse(value)
    assert window.finalize() == values[-1]


@pytest.mark.parametrize("name", ["trim", "ltrim", "rtrim"])
def test_trimming_is_sqlites(space: Workspace, name: str) -> None:
    cases = [
        "'xxaxx', 'x'",
        "'上海市', '市上'",
        "' a ', ' '",
        "'abc', ''",
        "NULL, 'x'",
        "'x', NULL",
        "121, 1",
        "'a', 'a'",
    ]
    with closing(space), closing(sqlite3.connect(":memory:")) as plain:
        for case in cases:
            sql = f"SELECT {name}({case}) FROM big LIMIT 1"
            assert space.run(sql).rows[0] == plain.execute(f"SELECT {name}({case})").fetchone(), case


def test_trimming_many_characters_is_refused(space: Workspace) -> None:
    long = "replace(replace(replace('{0}', '{1}', '{0}'), '{1}', '{0}'), '{1}', '{0}')"
    text, many = long.format("a" * 24, "a"), long.format("b" * 24, "b")
    with closing(space), pytest.raises(SqlFailed):
        space.run(f"SELECT length(ltrim({text}, {many} || 'a')) FROM big LIMIT 1")
