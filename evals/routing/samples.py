"""Is a question sent to tables, to texts, or to both? Over the sample documents, questions labelled by hand.

    python evals/routing/samples.py [--store FOLDER] [--wrong]

samples.tsv holds the right way and the question; the route is decided as `ask` decides it, with all sample documents in
the store. Of the questions, those whose MD5 is even were read while the rules were written; the others were not."""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections import Counter
from pathlib import Path

from gezhi import App
from gezhi.answer.exact.answerer import ExactAnswers
from gezhi.app.config import load_config
from gezhi.app.models import choose_embedder
from gezhi.retrieve import ByGraph, ByMeaning, ByWords, Retrieval
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Query, Scope

HERE = Path(__file__).parent
DOCUMENTS = HERE.parents[1] / "samples" / "documents"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, help="kept for the next run; a temporary one if left out")
    parser.add_argument("--wrong", action="store_true", help="show the wrong ones of the half that was read")
    options = parser.parse_args()
    counts: dict[str, Counter[tuple[str, str]]] = {"read": Counter(), "unseen": Counter()}
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.store or Path(temporary) / "s.gezhi"
        with App(folder) as app:
            app.add(DOCUMENTS)
        store, embedder = open_sqlite(folder), choose_embedder(load_config())
        first: list[ByWords | ByMeaning] = [ByWords(store), *([ByMeaning(store, embedder)] if embedder else [])]
        exact = ExactAnswers(store, Retrieval(first, ByGraph(store)), None)
        for line in (HERE / "samples.tsv").read_text("utf-8").splitlines():
            right, question = line.split("\t")
            way = exact.decide(Query(text=question, scope=Scope.owner()))
            half = "unseen" if hashlib.md5(question.encode()).digest()[0] % 2 else "read"
            counts[half][right, way.kind.value] += 1
            if options.wrong and half == "read" and way.kind.value != right:
                print(f"{right} -> {way.kind.value}: {question} ({way.reason})")
    for half, confusion in [*counts.items(), ("all", sum(counts.values(), Counter()))]:
        hits = sum(count for (wanted, got), count in confusion.items() if wanted == got)
        opened = sum(count for (wanted, _), count in confusion.items() if wanted == "open")
        print(json.dumps({
            "half": half, "questions": confusion.total(), "accuracy": round(hits / confusion.total(), 3),
            "false_exact": round(confusion["open", "exact"] / opened, 3),
            "confusion": {f"{wanted}->{got}": count for (wanted, got), count in sorted(confusion.items())},
        }))  # fmt: skip


if __name__ == "__main__":
    main()
