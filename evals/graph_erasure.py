"""Whether removed documents are gone: the store that had them ranks as one that never did, and nothing of them is left
in its files, tables and indexes.

    python evals/graph_erasure.py --data DATA/hotpotqa_train100 --documents 2000 --remove 50

Compares, for the questions of the set, ids, order and scores of words and of words with the graph, in the running
process that saw the removals and after opening the store again. Then looks for every removed passage that no other
document holds, and for every name, as it was spelled, that only removed documents say."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from gezhi.app.corpus import corpus_document
from gezhi.evaluate import CorpusEntry, load_corpus, load_questions
from gezhi.ingest import split
from gezhi.retrieve import ByGraph, ByWords, Retrieval
from gezhi.store import Store
from gezhi.store.naming.names import find_names
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Filters, Outcome, Query, Scope, Status

OWNER = Scope.owner()
Ranking = list[tuple[str, float]]
SHORTEST = 6
"""Characters of a text that is looked for: in a file, the end of one value and the start of the next read as a word."""


def fill(folder: Path, entries: Sequence[CorpusEntry]) -> Store:
    store = open_sqlite(folder)
    for entry in entries:
        document = corpus_document(entry)
        store.put(document, split(document), outcome=Outcome(status=Status.STORED), pipeline="erasure", embedder=None)
    return store


def rankings(store: Store, questions: Sequence[str], names: Sequence[str]) -> list[Ranking]:
    retrieval = Retrieval([ByWords(store)], ByGraph(store))
    return [
        [(one.passage.id, one.score) for one in retrieval.retrieve(Query(text=text, scope=OWNER, limit=30), names)]
        for text in questions
    ]


def differences(first: Sequence[Ranking], second: Sequence[Ranking]) -> dict[str, float]:
    same = sum([one[0] for one in a] == [one[0] for one in b] for a, b in zip(first, second, strict=True))
    apart = [
        abs(dict(a)[passage] - score)
        for a, b in zip(first, second, strict=True)
        for passage, score in b
        if passage in dict(a)
    ]
    return {"same_order": same, "of": len(first), "largest_score_difference": max(apart, default=0.0)}


def only_removed(gone: Sequence[CorpusEntry], kept: Sequence[CorpusEntry]) -> list[str]:
    """Passages, titles and names, as spelled, that no kept document holds."""
    remaining = "\n".join(f"{entry.title}\n{entry.text}" for entry in kept)
    said: set[str] = set()
    for entry in gone:
        document = corpus_document(entry)
        said |= {passage.text for passage in split(document)} | {entry.title}
        said |= {document.text[name.start : name.end] for name in find_names(document.text)}
    return sorted(text for text in said if len(text) >= SHORTEST and text not in remaining)


def traces(store: Store, texts: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts:
        for place in store.traces_of_text(text):
            found[place] = found.get(place, 0) + 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--remove", type=int, default=50)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--texts", type=int, default=300, help="texts of the removed documents to look for")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    draw = random.Random(given.seed)
    entries = list(load_corpus(given.data / "corpus.jsonl"))[: given.documents]
    gone = {entry.id for entry in draw.sample(entries, given.remove)}
    kept = [entry for entry in entries if entry.id not in gone]
    questions = [one.question for one in load_questions(given.data / "questions.jsonl")][: given.questions]
    questions += [f"What is {entry.title}?" for entry in entries if entry.id in gone]
    with tempfile.TemporaryDirectory(prefix="graph_erasure_") as scratch:
        never = fill(Path(scratch) / "never", kept)
        had = fill(Path(scratch) / "had", entries)
        had.graph(OWNER, Filters())
        start = time.process_time()
        for entry in entries:
            if entry.id in gone:
                had.remove([corpus_document(entry).source], OWNER)
                had.graph(OWNER, Filters())
        removal = (time.process_time() - start) * 1000 / given.remove
        figures: dict[str, object] = {"documents": len(entries), "removed": len(gone), "cpu_ms_each": round(removal, 1)}
        for label, names in (("words", ("words",)), ("words_graph", ("words", "graph"))):
            expected = rankings(never, questions, names)
            figures[label] = differences(expected, rankings(had, questions, names))
            again = open_sqlite(Path(scratch) / "had")
            figures[f"{label}_opened_again"] = differences(expected, rankings(again, questions, names))
            again.close()
        texts = only_removed([entry for entry in entries if entry.id in gone], kept)
        texts = draw.sample(texts, min(given.texts, len(texts)))
        figures["texts_looked_for"], figures["traces"] = len(texts), traces(had, texts)
        never.close()
        had.close()
    json.dump(figures, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
