"""Data sets and runs that a store keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gezhi.evaluate import Prices, Question, read_question
from gezhi.evaluate.compare import Comparison, compare
from gezhi.evaluate.gate import MARGIN, MOST_ERRORS, Gate, gate
from gezhi.evaluate.judges.protocol import Judge
from gezhi.evaluate.runs import Kept, dataset_items, run_from_json, run_to_json, score_again
from gezhi.store.protocol import Store
from gezhi.types import Dataset, EvaluationRun, InvalidInput, Scope

if TYPE_CHECKING:
    from gezhi.app.config import Config
    from gezhi.llm.protocol import ChatModel, Embedder

LARGEST_FILE = 512 * 1024 * 1024


class Evaluations:
    """`app.evaluations`. A run is named by its id, the beginning of it, its label (the newest of that label), or the
    path of a file that `export` wrote."""

    def __init__(self, store: Store, choose_judge: Callable[[str], Judge | None], prices: Prices) -> None:
        self._store, self._choose_judge, self._prices = store, choose_judge, prices

    def save(self, kept: Kept) -> EvaluationRun:
        self._store.save_run(*kept)
        return kept[0]

    def runs(self, *, kind: str = "", limit: int = 50, scope: Scope | None = None) -> list[EvaluationRun]:
        """Newest first."""
        return self._store.runs(scope or Scope.owner(), kind=kind, limit=limit)

    def run(self, name: str, *, scope: Scope | None = None) -> Kept:
        """A run with what came of each question. Raises NotFound."""
        path = Path(name)
        if path.suffix == ".json" and path.is_file():
            return _read(path)
        return self._store.run(name, scope or Scope.owner())

    def delete(self, name: str, *, scope: Scope | None = None) -> None:
        self._store.delete_run(name, scope or Scope.owner())

    def export(self, name: str, path: Path, *, scope: Scope | None = None) -> None:
        """Write a run to a file, e.g. as the baseline of a gate in CI."""
        text = json.dumps(run_to_json(*self.run(name, scope=scope)), ensure_ascii=False, indent=1)
        try:
            path.write_text(text + "\n", "utf-8")
        except OSError as error:
            raise InvalidInput(f"{path} cannot be written: {error.strerror}.", hint="Check the path.") from error

    def score_again(self, name: str, judge: str = "rules", *, label: str = "") -> EvaluationRun:
        """Score a run by another judge (`rules`, `model` or `none`) without asking its questions again; kept as a run
        of its own."""
        return self.save(score_again(*self.run(name), self._choose_judge(judge), self._prices, label=label))

    def compare(self, first: str, second: str, metrics: Sequence[str] = ()) -> list[Comparison]:
        """Paired by question; differences are second minus first."""
        (one, before), (two, after) = self.run(first), self.run(second)
        if one.kind != two.kind:
            raise InvalidInput(f"A run of {one.kind} cannot be compared with one of {two.kind}.")
        return compare(before, after, metrics)

    def gate(
        self,
        baseline: str,
        candidate: str,
        metrics: Sequence[str] = (),
        *,
        margin: float = MARGIN,
        most_errors: float = MOST_ERRORS,
    ) -> Gate:
        """May the candidate go in? By `recall@5`, or `containment` and the refusal rates, unless others are named."""
        (one, before), (two, after) = self.run(baseline), self.run(candidate)
        if one.kind != two.kind:
            raise InvalidInput(f"A run of {one.kind} cannot be compared with one of {two.kind}.")
        usual = ("recall@5",) if one.kind == "retrieval" else ("containment", "false_answer_rate", "false_refusal_rate")
        known = {name for result in before for name in result.scores}
        chosen = list(metrics) or [name for name in usual if name in known]
        return gate(before, after, chosen, margin=margin, most_errors=most_errors)

    def save_dataset(self, name: str, questions: Sequence[Question], *, note: str = "") -> Dataset:
        """Keep questions as the next version of a data set; unchanged ones are the same version. A question whose
        `supporting_ids` are sources of the store is erased with them."""
        if not name.strip() or "@" in name:
            raise InvalidInput(f"{name!r} cannot name a data set.", hint="Choose letters, without @.")
        owner = Scope.owner()
        sources = {source for question in questions for source in question.supporting_ids}
        known = {
            summary.source: summary.id
            for source in sources
            for summary in self._store.lookup(source, owner)
            if summary.source == source
        }
        return self._store.save_dataset(name, dataset_items(questions, known), note=note)

    def datasets(self, *, scope: Scope | None = None) -> list[Dataset]:
        return self._store.datasets(scope or Scope.owner())

    def dataset(self, name: str, *, scope: Scope | None = None) -> tuple[Dataset, list[Question]]:
        """`name`, or `name@version`. Erased items are left out. Raises NotFound."""
        base, _, version = name.partition("@")
        if version and not version.isdecimal():
            raise InvalidInput(f"{name!r} does not name a version.", hint="Write it as golden@2.")
        found, items = self._store.dataset(base, int(version) if version else None, scope or Scope.owner())
        return found, [read_question(item.contents) for item in items if item.contents is not None]


def _read(path: Path) -> Kept:
    if path.stat().st_size > LARGEST_FILE:
        raise InvalidInput(f"{path} is too large to be a run.")
    try:
        return run_from_json(json.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read as a run: {error}.") from error


def judge_named(name: str, config: Config, chat: ChatModel | None, embedder: Embedder | None) -> Judge | None:
    """None for `none`."""
    if name == "none":
        return None
    from gezhi.app.judging import choose_judge

    return choose_judge(name, config, chat, embedder)
