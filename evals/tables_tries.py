"""Every try of a local model at a query, and how often one of them is right: the same tries that `gezhi ask` and `gezhi
eval tables` vote among, kept to the letter.

    python evals/tables_tries.py DATA/spider_dev --limit 100 --seed 43 --items OUT.jsonl [--unlike 7:200,41:100]
    python evals/tables_tries.py DATA/spider_dev --items OUT.jsonl --again

One JSON line a question goes to OUT; a stopped run goes on where it was. `--unlike SEED:LIMIT`: without the questions
that such a run drew. `--again` asks no model: what was written is read again as the code stands now, which shows what
a change of it does.

Printed: shares of questions that the likeliest query, the vote, and any of the tries answers right;
how often the first three tries agree, and are right then."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gezhi.answer.exact.exact import answer_exactly
from gezhi.answer.exact.writing.votes import MOST, result_key
from gezhi.answer.exact.writing.writer import Tried, Writer
from gezhi.app.config import load_config
from gezhi.app.evaluation.table_sets import TableSpaces, is_right, table_questions
from gezhi.app.models import choose_chat
from gezhi.evaluate.results_file import ResultsFile
from gezhi.evaluate.statistics import wilson
from gezhi.llm.local import LocalChat
from gezhi.llm.protocol import ChatModel
from gezhi.llm.scripted import ScriptedChat
from gezhi.store import Analyser
from gezhi.types import SqlFailed

Line = dict[str, Any]


class NoModel(ScriptedChat):
    """In the place of the local model that wrote."""

    provider = "local"


class Collector:
    def __init__(self, folder: Path, chat: ChatModel) -> None:
        self._spaces, self._chat, self._terms = TableSpaces(folder), chat, Analyser().terms

    def collect(self, question: Line) -> Line:
        space, whole = self._spaces.of(question), self._spaces.whole(question)
        by_rules = answer_exactly(question["question"], space, None, self._terms, whole=whole)
        line: Line = {"id": question["id"], "question": question["question"], "gold": _gold(question), "tries": []}
        began = time.process_time()
        if by_rules.result is not None:
            return {**line, "rules": self._right(question, by_rules.result.rows), "sql": by_rules.sql}
        writer = Writer(question["question"], space, self._chat, self._terms)
        tries = [("first", writer.attempt()), *(("drawn", writer.attempt(n)) for n in range(1, MOST + 1))]
        line["tries"] = [self._line(question, kind, tried) for kind, tried in tries]
        return {**line, "cpu_s": round(time.process_time() - began, 2)}

    def again(self, question: Line, line: Line) -> Line:
        if "rules" in line:
            return line
        writer = Writer(question["question"], self._spaces.of(question), self._chat, self._terms)
        tries = []
        for one in line["tries"]:
            tries.append(self._line(question, one["kind"], writer.tried(one["written"])))
        return {**line, "tries": tries}

    def _line(self, question: Line, kind: str, tried: Tried) -> Line:
        found = tried.result if not tried.problem else None
        return {
            "kind": kind,
            "written": tried.written,
            "sql": tried.sql,
            "problem": tried.problem,
            "key": repr(result_key(found)),
            "right": tried.result is not None and self._right(question, tried.result.rows),
        }

    def _right(self, question: Line, rows: Any) -> bool:
        try:
            return is_right(question, rows, self._spaces.of(question), self._spaces.has_databases)
        except SqlFailed:
            return False


def _gold(question: Line) -> Any:
    meta = question.get("meta") or {}
    return meta.get("sql_sqlite") or meta.get("sql") or question.get("answers")


def report(lines: Sequence[Line]) -> Line:
    asked = [line for line in lines if "rules" not in line]
    ruled = [line["rules"] for line in lines if "rules" in line]
    first = [_first(line)["right"] for line in asked]
    vote = [_voted(line) for line in asked]
    agree = [right for line, right in zip(asked, first, strict=True) if _agree(line)]
    return {
        "questions": len(lines),
        "by_rules": {"answered": len(ruled), "right": sum(ruled)},
        "likeliest": _share([*ruled, *first]),
        "vote": _share([*ruled, *vote]),
        "any": _share([*ruled, *(any(one["right"] for one in line["tries"]) for line in asked)]),
        "first_three_agree": {"questions": len(agree), "right": _share(agree)},
        "cpu_s_p50": sorted(line["cpu_s"] for line in asked)[len(asked) // 2] if asked else None,
    }


def _first(line: Line) -> Line:
    tries: list[Line] = line["tries"]
    return tries[0]


def _counted(line: Line) -> list[Line]:
    return [_first(line), *(one for one in line["tries"] if one["kind"] == "drawn")]


def _agree(line: Line) -> bool:
    keys = [one["key"] for one in _counted(line)[:3]]
    return len(set(keys)) == 1 and keys[0] != "None"


def _voted(line: Line) -> bool:
    """As `votes.vote` has it: three tries where they agree, else all; of equals the first."""
    tries = _counted(line)
    if _agree(line):
        return bool(tries[0]["right"])
    keys = [one["key"] for one in tries if one["key"] != "None"]
    most = max((keys.count(key) for key in keys), default=0)
    if tries[0]["problem"] and most < 2:
        return bool(tries[0]["right"])
    return any(one["right"] for one in tries if keys.count(one["key"]) == most and one["key"] == _leading(keys, most))


def _leading(keys: Sequence[str], most: int) -> str:
    return next((key for key in keys if keys.count(key) == most), "")


def _share(right: Sequence[bool]) -> str:
    if not right:
        return "none"
    low, high = wilson(sum(right), len(right))
    return f"{sum(right) / len(right):.3f} ({low:.2f}-{high:.2f})"


def drawn(folder: Path, limit: int | None, seed: int, unlike: str) -> list[Line]:
    out: set[str] = set()
    for one in filter(None, unlike.split(",")):
        other, count = one.split(":")
        out |= {question["id"] for question in table_questions(folder, int(count), int(other))}
    left = [question for question in table_questions(folder, None, 0) if question["id"] not in out]
    order = {question["id"]: number for number, question in enumerate(left)}
    some = random.Random(seed).sample(left, min(limit or len(left), len(left)))
    return sorted(some, key=lambda question: order[question["id"]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--items", type=Path, required=True)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--unlike", default="")
    parser.add_argument("--threads", type=int, help="of the local chat model")
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    kept = ResultsFile(given.items)
    if given.again:
        questions = {question["id"]: question for question in table_questions(given.folder, None, 0)}
        collector = Collector(given.folder, NoModel([]))
        lines = []
        for was in kept.lines():
            now = collector.again(questions[was["id"]], was)
            lines.append(now)
            for old, new in zip(was["tries"], now["tries"], strict=True):
                if old["right"] != new["right"]:
                    print("+" if new["right"] else "-", was["question"], "|", new["sql"], file=sys.stderr)
        print(json.dumps(report(lines), ensure_ascii=False))
        return
    chat = choose_chat(load_config())
    if not isinstance(chat, LocalChat):
        parser.error("a local chat model is needed")
    if given.threads:
        chat = LocalChat(chat.path, name=chat.name, window=chat.window, threads=given.threads)
    collector = Collector(given.folder, chat)
    done = {line["id"]: line for line in kept.lines()}
    questions = drawn(given.folder, given.limit, given.seed, given.unlike)
    for number, question in enumerate(questions, start=1):
        if question["id"] not in done:
            done[question["id"]] = collector.collect(question)
            kept.append(done[question["id"]])
            print(f"{number}/{len(questions)} {question['id']}", file=sys.stderr, flush=True)
    chat.close()
    print(json.dumps(report([done[question["id"]] for question in questions]), ensure_ascii=False))


if __name__ == "__main__":
    main()
