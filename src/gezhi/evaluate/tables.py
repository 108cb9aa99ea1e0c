"""Are exact questions answered exactly? Results are compared with listed answers here, with the rows of gold SQL by
`execution_match`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from gezhi.evaluate.metrics.tables import NUMBER, Row, plain_cell
from gezhi.evaluate.statistics import wilson

Rows = Sequence[Row]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableItem:
    """What came of one question."""

    id: str
    right: bool
    answered: bool
    valid: bool
    """Whether the SQL ran."""
    by: str
    """`rules` or `model`; empty if nothing was answered."""
    sql: str = ""
    error: str = ""
    """Of the evaluation or the model, not a refusal."""
    tokens_in: int = 0
    cpu_s: float = 0.0
    unanimous: bool | None = None
    """Whether all tries of a small model gave this result, as `ask` wants them to; None where rules answered, or a
    model was asked once."""
    cited: bool | None = None
    """Whether the right report is cited; None where nothing is cited."""


def same_answers(found: Rows, gold: Sequence[str], units: Sequence[str] = ()) -> bool:
    """Whether the cells of a result are exactly the listed answers, each as often. `units`: of the table's columns,
    which are said with its numbers: `365 t` is 365 then."""
    cells = [plain_cell(value) for row in found for value in row]
    return Counter(cells) == Counter(plain_cell(_bare(answer, units)) for answer in gold)


def _bare(answer: str, units: Sequence[str]) -> str:
    for unit in units:
        number = answer.strip().removesuffix(unit).removeprefix(unit).strip()
        if unit and number != answer.strip() and NUMBER.fullmatch(number):
            return number
    return answer


def summary(items: Sequence[TableItem], measure: str) -> dict[str, Any]:
    """`measure`: `execution_accuracy` or `answer_accuracy`. Wrong: answered, and not right."""
    count = len(items)
    right = sum(item.right for item in items)
    answered = sum(item.answered for item in items)
    low, high = wilson(right, count) if count else (0.0, 1.0)
    times = sorted(item.cpu_s for item in items)
    cited = [item.cited for item in items if item.cited is not None]
    sure = [item.right for item in items if item.unanimous]
    unsure = [item.right for item in items if item.unanimous is False]
    return {
        measure: round(right / count, 4) if count else 0.0,
        "interval": [round(low, 4), round(high, 4)],
        "valid_sql": round(sum(item.valid for item in items) / count, 4) if count else 0.0,
        "answered": answered,
        "refused": sum(not item.answered and not item.error for item in items),
        "wrong": answered - right,
        "right_of_answered": round(right / answered, 4) if answered else None,
        **({"tries_agree": len(sure), "right_where_tries_agree": _share(sure)} if sure else {}),
        **({"tries_differ": len(unsure), "right_where_tries_differ": _share(unsure)} if unsure else {}),
        **({"cited_right": round(sum(cited) / len(cited), 4)} if cited else {}),
        "errors": sum(bool(item.error) for item in items),
        "questions": count,
        "by": dict(Counter(item.by for item in items if item.by)),
        "cpu_s": round(sum(times), 2),
        "cpu_s_p50": round(times[count // 2], 3) if count else None,
        "tokens_in": sum(item.tokens_in for item in items),
    }


def _share(right: Sequence[bool]) -> float:
    return round(sum(right) / len(right), 4)


def as_line(item: TableItem) -> dict[str, Any]:
    return asdict(item)
