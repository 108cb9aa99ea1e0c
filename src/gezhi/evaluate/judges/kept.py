"""Judgements kept in a file as they are made: hours with a model, and a run that is stopped goes on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from gezhi.evaluate.judges.agreement import About, Judged, ask_judge
from gezhi.evaluate.judges.pairs import JudgedPair
from gezhi.evaluate.judges.protocol import Judge
from gezhi.evaluate.results_file import ResultsFile
from gezhi.types import Usage


class KeptJudgements:
    """Asks a judge about a pair unless the file has its judgement: by this judge, of these very texts. Errors are
    written too, and asked again by the next run."""

    def __init__(self, path: Path) -> None:
        self._file = ResultsFile(path)
        self._known = {_key_of(row): row for row in self._file.lines() if _is_judgement(row)}

    def __call__(self, judge: Judge, about: About, pair: JudgedPair) -> Judged:
        key = (judge.name, about, pair.id, _texts(pair))
        row = self._known.get(key)
        if row is not None:
            usage = Usage(input_tokens=row["input_tokens"], output_tokens=row["output_tokens"])
            return Judged(pair=pair, score=row["score"], usage=usage)
        judged = ask_judge(judge, about, pair)
        row = {
            "judge": judge.name,
            "about": about,
            "pair": pair.id,
            "texts": key[-1],
            "label": pair.label,
            "score": judged.score,
            "error": judged.error,
            "input_tokens": judged.usage.input_tokens,
            "output_tokens": judged.usage.output_tokens,
        }
        self._file.append(row)
        if judged.score is not None:
            self._known[key] = row
        return judged


def _texts(pair: JudgedPair) -> str:
    """What the judge is shown, as a hash: a set may change under the same ids."""
    shown = json.dumps([pair.question, pair.claim, *pair.evidence])
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def _key_of(row: dict[str, Any]) -> tuple[str, str, str, str]:
    return row["judge"], row["about"], row["pair"], row["texts"]


def _is_judgement(row: dict[str, Any]) -> bool:
    named = all(isinstance(row.get(name), str) for name in ("judge", "about", "pair", "texts"))
    counted = all(isinstance(row.get(name), int) for name in ("input_tokens", "output_tokens"))
    return named and counted and isinstance(row.get("score"), int | float)
