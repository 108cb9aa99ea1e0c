"""How long tables take: `python evals/tables_speed.py --rows 90000`. Prints JSON.

A CSV of orders is added to a store; then a count, a sum and a grouped sum run over all its rows, the first time (which
loads the rows) and later ones, and are compared with the same figures computed from the file."""

from __future__ import annotations

import argparse
import csv
import json
import random
import statistics
import tempfile
import time
from pathlib import Path

from gezhi.app.app import App
from gezhi.app.config import load_config

REGIONS = ["China", "Europe", "Americas", "Middle East", "东南亚"]


def write(path: Path, rows: int) -> tuple[int, float]:
    chance = random.Random(1)
    total = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["order id", "order date", "customer", "region", "product", "quantity", "price", "status"])
        for number in range(rows):
            price = chance.randrange(100, 1_000_000)
            total += price
            day = f"2024-{1 + number % 12:02}-{1 + number % 28:02}"
            region = REGIONS[number % 5]
            price_text = f"{price // 100}.{price % 100:02}"
            writer.writerow(
                [f"HC-{number:06}", day, f"c{number % 97}", region, "PPR-9087", 1 + number % 40, price_text, "paid"]
            )
    return rows, total / 100


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=90_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        count, total = write(path, given.rows)
        with App(Path(folder) / "s", config=load_config(), chat=None, embedder=None) as app:
            before = time.process_time()
            app.add(path)
            added = time.process_time() - before
            sql = "SELECT count(*), sum(price) FROM orders"
            before = time.perf_counter()
            result = app.tables.query(sql)
            first = time.perf_counter() - before
            seconds = []
            for _ in range(9):
                answer = app.ask("How many orders are there?")
                before = time.perf_counter()
                answer = app.ask("How many orders are there?")
                seconds.append(time.perf_counter() - before)
            assert answer.computation is not None, answer.text
            exact = result.rows[0][0] == count and abs(float(result.rows[0][1] or 0) - total) < 0.005
            figures = {
                "rows": given.rows,
                "exact": exact and answer.computation.rows[0][0] == count,
                "add_cpu_s": round(added, 2),
                "first_query_s": round(first, 3),
                "query_s": round(result.seconds, 4),
                "ask_without_model_s_p50": round(statistics.median(seconds), 3),
            }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
