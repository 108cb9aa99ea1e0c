"""Which of several queries answers the question: a small learned ranker over what each does, what it gives, how many
tries gave the same, and how likely the model finds it (after LEVER, arXiv 2302.08468). Fitted numbers and their card
are in `choice.json`; `evals/tables/choosing.py` collects tries and fits them."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from gezhi.answer.exact.reader.said.cut import mentions
from gezhi.answer.exact.reader.words import filling, stem, tokens
from gezhi.retrieve.tables.workspace import QueryResult
from gezhi.types.tables import TypedTable, Value

Key = tuple[tuple[str, ...], ...]

_ASKED = {
    "count": {"count"}, "total": {"sum"}, "average": {"average"}, "distinct": {"distinct"}, "not": {"not"},
    "difference": {"minus"}, "many_more": {"minus"}, "share": {"divide"},
    "most": {"high"}, "latest": {"high"}, "top": {"high"}, "last": {"high"}, "fastest": {"high"},
    "least": {"low"}, "earliest": {"low"}, "first": {"low"}, "common": {"high", "group"},
    "each": {"group"}, "by_month": {"group"}, "by_quarter": {"group"}, "by_year": {"group"},
    "above": {"greater"}, "at_least": {"greater"}, "or_more": {"greater"}, "between": {"greater", "less"},
    "below": {"less"}, "at_most": {"less"}, "or_less": {"less"},
}  # fmt: skip
"""What a query does where the question says a word of this kind (`reader/words.py`)."""
_DONE: dict[str, tuple[type[exp.Expr], ...]] = {
    "count": (exp.Count,), "sum": (exp.Sum,), "average": (exp.Avg,), "distinct": (exp.Distinct,),
    "not": (exp.Not, exp.NEQ, exp.Except), "minus": (exp.Sub,), "divide": (exp.Div,), "group": (exp.Group,),
    "greater": (exp.GT, exp.GTE, exp.Between), "less": (exp.LT, exp.LTE, exp.Between),
    "high": (exp.Max,), "low": (exp.Min,),
}  # fmt: skip
_ONLY_ASK = frozenset(["ask", "who", "when", "where", "fill", "much", "list", "and", "or", *_ASKED])


@dataclass(frozen=True, kw_only=True, slots=True)
class Try:
    """A query that ran and found something."""

    sql: str
    result: QueryResult
    likelihood: float
    """Mean log probability of its tokens."""
    first: bool = False
    """Whether it is the likeliest one, not drawn at some temperature."""

    @property
    def key(self) -> Key:
        """The same for the same rows, whatever the order of rows and columns."""
        return tuple(sorted(tuple(sorted(map(_text, row))) for row in self.result.rows))


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    best: Try
    chance: float
    """That its result is right."""
    agreed: int
    """Tries with this result."""


def choose(question: str, tables: Sequence[TypedTable], tries: Sequence[Try], asked: int) -> Chosen:
    """`asked`: tries, with those that failed. Of queries with the same result, the likeliest stands for all."""
    fitted = _fitted()
    of_key: dict[Key, list[Try]] = {}
    for one in tries:
        of_key.setdefault(one.key, []).append(one)
    rows = features(question, tables, tries, asked)
    chances = {key: _logistic(fitted["intercept"] + _dot(fitted["weights"], row)) for key, row in rows.items()}
    best = max(of_key, key=lambda key: chances[key])
    return Chosen(
        best=max(of_key[best], key=lambda one: one.likelihood), chance=chances[best], agreed=len(of_key[best])
    )


def features(
    question: str, tables: Sequence[TypedTable], tries: Sequence[Try], asked: int
) -> dict[Key, dict[str, float]]:
    """Of each different result."""
    votes = Counter(one.key for one in tries)
    likeliest = max(one.likelihood for one in tries)
    found: dict[Key, dict[str, float]] = {}
    for key in votes:
        same = [one for one in tries if one.key == key]
        one = max(same, key=lambda each: each.likelihood)
        found[key] = {
            "votes": votes[key] / asked,
            "first": float(any(each.first for each in same)),
            "likelihood": one.likelihood,
            "less_likely": likeliest - one.likelihood,
            **_of_query(question, tables, one),
        }
    return found


def _of_query(question: str, tables: Sequence[TypedTable], one: Try) -> dict[str, float]:
    try:
        tree = sqlglot.parse_one(one.sql, read="sqlite")
    except SqlglotError:  # pragma: no cover - it ran
        tree = exp.select("1")
    named = {table.name.casefold() for table in tree.find_all(exp.Table)}
    table = next((table for table in tables if table.key.casefold() in named), tables[0])
    said = mentions(question, table, {})
    kinds = {mention.kind for mention in said}
    asked = {does for kind in kinds for does in _ASKED.get(kind, ())}
    done = _done(tree)
    content = {stem(word) for mention in said if mention.kind not in _ONLY_ASK for word in mention.words}
    names = {word for text in ({column.name for column in tree.find_all(exp.Column)} | named) for word in _words(text)}
    literals = [literal.name for literal in tree.find_all(exp.Literal)]
    held = names | {word for literal in literals for word in _words(literal)}
    return {
        **{f"{does}_missing": float(does in asked and does not in done) for does in _DONE},
        **{f"{does}_unasked": float(does in done and does not in asked) for does in _DONE},
        "words_held": len(content & held) / max(1, len(content)),
        "names_said": len(names & content) / max(1, len(names)),
        "columns": float(len(outer.selects) if (outer := tree.find(exp.Select)) else 0),
        "joins": float(sum(1 for _ in tree.find_all(exp.Join))),
        "selects": float(sum(1 for _ in tree.find_all(exp.Select))),
        "conditions": float(sum(1 for _ in tree.find_all(exp.EQ, exp.Like, exp.GT, exp.LT, exp.GTE, exp.LTE, exp.NEQ))),
        **_of_result(question, kinds, one.result),
    }


def _of_result(question: str, kinds: set[str], result: QueryResult) -> dict[str, float]:
    cells = [cell for row in result.rows for cell in row]
    single = len(cells) == 1 and result.row_count == 1
    numbers = all(isinstance(cell, int | float) for cell in cells)
    names_one = kinds & {"ask", "who", "when", "where"} and not kinds & {"count", "much", "total", "average", "share"}
    low = question.casefold()
    return {
        "single": float(single),
        "rows": math.log1p(result.row_count),
        "count_is_no_number": float("count" in kinds and not (single and numbers)),
        "name_is_number": float(bool(names_one) and single and numbers),
        "zero": float(single and cells[0] == 0),
        "negative": float(any(isinstance(cell, int | float) and cell < 0 for cell in cells)),
        "holes": float(any(cell is None for cell in cells)),
        "repeats": float(len(set(result.rows)) < len(result.rows)),
        "said_before": float(any(isinstance(cell, str) and len(cell) > 2 and cell.casefold() in low for cell in cells)),
    }


def _done(tree: exp.Expr) -> set[str]:
    done = {does for does, kinds in _DONE.items() if next(tree.find_all(*kinds), None) is not None}
    return done | {"high" if one.args.get("desc") else "low" for one in tree.find_all(exp.Ordered)}


def _words(text: str) -> set[str]:
    return {stem(word) for word in tokens(text.replace("_", " ")) if (word,) not in filling()}


def _text(value: Value) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)


def _dot(weights: Mapping[str, float], row: Mapping[str, float]) -> float:
    return sum(weight * row[name] for name, weight in weights.items())


def _logistic(z: float) -> float:
    return 1 / (1 + math.exp(-min(max(z, -60.0), 60.0)))


@cache
def _fitted() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((files("gezhi.answer.exact.writing") / "choice.json").read_text("utf-8"))
    return loaded
