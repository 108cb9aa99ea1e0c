"""The same small shop for every kind of database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gezhi.retrieve.tables.connected.databases import Databases
from gezhi.retrieve.tables.connected.space import ConnectedSpace
from gezhi.types import Scope

OWNER = Scope.owner()
STATEMENTS = [
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(50), country VARCHAR(50), active BOOLEAN)",
    'CREATE TABLE "order items" (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id),'
    ' "unit price" DECIMAL(10,2), "day" DATE, "group" VARCHAR(9))',
    'CREATE TABLE "销售" (id INTEGER PRIMARY KEY, "地区" VARCHAR(20), "金额" DOUBLE PRECISION)',
    'CREATE VIEW by_country AS SELECT c.country AS country, sum(i."unit price") AS total FROM customers c'
    ' JOIN "order items" i ON i.customer_id = c.id GROUP BY c.country',
    "INSERT INTO customers VALUES (1, 'Norvik', 'Norway', true), (2, 'Adler', 'Germany', false),"
    " (3, 'Sol', 'Spain', true)",
    "INSERT INTO \"order items\" VALUES (1, 1, 10.25, '2024-01-05', 'A'), (2, 1, 20.5, '2024-02-05', 'B'),"
    " (3, 2, 5.0, '2023-01-05', 'A'), (4, 3, 7.75, '2024-03-01', NULL)",
    "INSERT INTO \"销售\" VALUES (1, '华东', 120.5), (2, '华南', 80), (3, '华北', 45.5)",
]
QUESTIONS: list[tuple[str, list[tuple[object, ...]]]] = [
    ("SELECT count(*) FROM customers", [(3,)]),
    ("SELECT Name, country FROM CUSTOMERS WHERE active = 1 ORDER BY name", [("Norvik", "Norway"), ("Sol", "Spain")]),
    ('SELECT sum("unit price") FROM "order items" WHERE day LIKE \'2024%\'', [(38.5,)]),
    (
        'SELECT customers.name, sum("unit price") AS Total FROM "order items" JOIN customers ON customer_id = '
        "customers.id GROUP BY customer_id ORDER BY total DESC",
        [("Norvik", 30.75), ("Sol", 7.75), ("Adler", 5.0)],
    ),
    ("SELECT customers.name FROM customers JOIN \"order items\" ON customer_id = customers.id GROUP BY customers.id"
     " ORDER BY Name DESC LIMIT 1", [("Sol",)]),
    ("SELECT country, count(*) AS n, sum(id) AS total FROM customers WHERE country <> 'x' GROUP BY country HAVING n > 0"
     " ORDER BY n + total LIMIT 1", [("Norway", 1, 1)]),
    ("SELECT upper(name) AS Big FROM customers WHERE BIG LIKE 'S%'", [("SOL",)]),
    ("SELECT 地区, 金额 FROM 销售 WHERE 金额 > 50 ORDER BY 金额", [("华南", 80.0), ("华东", 120.5)]),
    ("SELECT 地区 FROM 销售 WHERE 地区 LIKE '%东'", [("华东",)]),
    ("SELECT * FROM by_country ORDER BY country", [("Germany", 5.0), ("Norway", 30.75), ("Spain", 7.75)]),
    ("SELECT max(n) FROM (SELECT count(*) AS N FROM customers GROUP BY country)", [(1,)]),
    ('SELECT "group", count(*) FROM "order items" GROUP BY 1 ORDER BY 1', [(None, 1), ("A", 2), ("B", 1)]),
    ("SELECT name FROM customers WHERE name LIKE 'n%'", [("Norvik",)]),
    ("SELECT name FROM customers WHERE name NOT LIKE '%\\%' AND name NOT LIKE 's%' ORDER BY 1",
     [("Adler",), ("Norvik",)]),
    ("SELECT strftime('%Y', day) AS y, count(*) FROM \"order items\" GROUP BY 1 ORDER BY 1",
     [("2023", 1), ("2024", 3)]),
    ('SELECT round(avg("unit price"), 2) FROM "order items" WHERE id < 3', [(15.38,)]),
    ('SELECT CAST("unit price" AS INTEGER) FROM "order items" ORDER BY id', [(10,), (20,), (5,), (7,)]),
    ("SELECT count(*) > 0 FROM customers WHERE country = 'Spain'", [(1,)]),
    ("SELECT day FROM \"order items\" WHERE day >= '2024-02' ORDER BY day", [("2024-02-05",), ("2024-03-01",)]),
    ("SELECT name FROM customers ORDER BY name, rowid LIMIT 1", [("Adler",)]),
    ("SELECT name || ' (' || country || ')' FROM customers WHERE id = '1'", [("Norvik (Norway)",)]),
    ("SELECT 7 / 2, 7 / 2.0, id / 2 FROM customers WHERE id = 3", [(3, 3.5, 1)]),
    ("SELECT sum(id > 1), total(id), count(DISTINCT country) FROM customers", [(2, 6, 3)]),
    ("SELECT id FROM customers ORDER BY"
     " (SELECT max(day) FROM \"order items\" WHERE customer_id = customers.id) LIMIT 1", [(2,)]),
    ("SELECT NAME FROM customers WHERE id < 3 UNION SELECT 地区 FROM 销售 ORDER BY Name LIMIT 1", [("Adler",)]),
    ("SELECT country AS Place FROM customers GROUP BY PLACE HAVING count(*) > 0 ORDER BY place DESC LIMIT 1",
     [("Spain",)]),
    ("SELECT count(*) FROM customers WHERE upper(country) = 'SPAIN' AND instr(lower(name), 'sol') > 0", [(1,)]),
    ("SELECT name FROM customers WHERE name = 'x''; DROP TABLE customers; --\\'", []),
    ("SELECT 1 FROM customers WHERE name = '\\' OR name = ' OR 1=1 --'", []),
]  # fmt: skip


def make_file(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        for statement in STATEMENTS:
            connection.execute(statement)
        connection.commit()
    return path


def space_of(databases: Databases) -> ConnectedSpace:
    tables, problems = databases.tables(OWNER)
    assert problems == []
    return databases.space(tables, OWNER)
