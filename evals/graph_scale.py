"""How the graph of names scales: cost of finding and writing names, first question after a commit, CPU per question of
words and graph together, memory. No embedder takes part.

The corpus is made up but shaped like text: names follow Zipf's law over the passages, about five in each, half of the
documents are English, half Chinese; a document is about a name by its title.

    python evals/graph_scale.py --passages 200000 --store FOLDER --json
    python evals/graph_scale.py --cost made --cost DATA/hotpotqa_train100
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import numpy as np

from gezhi.app.corpus import corpus_document
from gezhi.evaluate import load_corpus
from gezhi.ingest import split
from gezhi.retrieve import ByGraph, ByWords, Retrieval
from gezhi.store import Store
from gezhi.store.rows import contents
from gezhi.store.rows.graph.mentions import Named
from gezhi.store.sqlite import open_sqlite
from gezhi.types import EVERYONE, Document, Outcome, Passage, Query, Scope, Status, document_id
from store_scale import PER_DOCUMENT, Language, in_child, rss_now

NAMES_EACH = 5
"""Names of the Zipf distribution in a passage; one more comes in this passage only, as many do in real text."""
ONLY_HERE = 1 << 24
"""Ranks of names that come once."""
WORDS = 60
GROUPS = 10
"""Readers: a restricted scope sees what everybody may and one of these groups."""
SAMPLE = 2000
"""Passages that the cost of names is measured on."""


class Corpus:
    """Texts with names. `passages` sets how many names there are: half as many as passages."""

    def __init__(self, passages: int, seed: int = 1) -> None:
        self.language = Language(seed)
        self.random = np.random.default_rng(seed)
        self.count = max(200, passages // 2)
        self.once = 0

    def name(self, rank: int, chinese: bool) -> str:
        """Different ranks have different names; some are inside others, as in real text."""
        draw = np.random.default_rng(rank + (1 << 32 if chinese else 0))
        if chinese:
            first, second = (self.language.chinese[int(n)] for n in draw.integers(0, 20_000, 2))
            return f"《{first}{second}》" if rank % 2 else f"{first}{second}公司"
        words = [self.language.english[int(n)].capitalize() for n in draw.integers(0, 20_000, 2 + rank % 2)]
        return " ".join([*words, "University"] if rank % 7 == 0 else words)

    def ranks(self, count: int) -> list[int]:
        return (np.power(self.count, self.random.random(count)) - 1).astype(np.int64).tolist()

    def passage(self, chinese: bool) -> str:
        self.once += 1
        names = [self.name(rank, chinese) for rank in (*self.ranks(NAMES_EACH), ONLY_HERE + self.once)]
        vocabulary = self.language.chinese if chinese else self.language.english
        words = self.language.words(vocabulary, WORDS)
        for at, name in enumerate(names):
            words.insert(3 + at * 10, name)
        return "，".join("".join(words[at : at + 7]) for at in range(0, len(words), 7)) if chinese else " ".join(words)

    def document(self, number: int, size: int) -> tuple[Document, list[Passage]]:
        chinese = number % 2 == 0
        texts = [self.passage(chinese) for _ in range(size)]
        text = "\n".join(texts)
        identity = document_id(f"{number}\n{text}".encode())
        parts, start = [], 0
        for ordinal, piece in enumerate(texts):
            parts.append(
                Passage(document_id=identity, ordinal=ordinal, start=start, end=start + len(piece), text=piece)
            )
            start += len(piece) + 1
        access = frozenset({EVERYONE} if number % 3 else {f"group{number % GROUPS}"})
        title = self.name(self.ranks(1)[0], chinese).strip("《》")
        made = Document(
            id=identity,
            source=f"scale/{number:07}.txt",
            title=title,
            media_type="text/plain",
            text=text,
            blocks=(),
            access=access,
        )
        return made, parts

    def documents(self, passages: int, first: int = 0) -> Iterator[tuple[Document, list[Passage]]]:
        for number in range(0, passages, PER_DOCUMENT):
            yield self.document(first + number // PER_DOCUMENT, min(PER_DOCUMENT, passages - number))

    def question(self, number: int) -> str:
        chinese = number % 2 == 0
        one, other = (self.name(rank, chinese) for rank in self.ranks(2))
        if chinese:
            return f"{one}和{other}的{''.join(self.language.words(self.language.chinese, 3))}是什么？"
        return f"Where did {one} meet {other} and {' '.join(self.language.words(self.language.english, 4))}?"


def put(store: Store, document: Document, parts: list[Passage]) -> None:
    store.put(document, parts, outcome=Outcome(status=Status.STORED), pipeline="scale", embedder=None)


def fill(folder: Path, passages: int) -> dict[str, float]:
    made, store = Corpus(passages), open_sqlite(folder)
    spent = 0.0
    for document, parts in made.documents(passages):
        start = time.process_time()
        put(store, document, parts)
        spent += time.process_time() - start
    store.close()
    return {"index_cpu_s": round(spent, 1), "index_cpu_s_per_1000": round(spent * 1000 / passages, 3)}


def cost_of_names(data: Path | None) -> dict[str, float]:
    """Storing a sample with names and without, made up or of a real set."""
    if data is None:
        made = list(Corpus(SAMPLE).documents(SAMPLE))
    else:
        made = [(one, split(one)) for one in map(corpus_document, list(load_corpus(data / "corpus.jsonl"))[:SAMPLE])]
    passages = sum(len(parts) for _, parts in made)
    found = contents.names_of
    spent = {}
    for label, names_of in (
        ("warm", found),
        ("with", found),
        ("without", lambda _, texts: Named(None, tuple(() for _ in texts), {}, tuple(frozenset() for _ in texts))),
    ):
        contents.names_of = names_of  # type: ignore[assignment]
        folder = Path(tempfile.mkdtemp(prefix="graph_scale_"))
        store = open_sqlite(folder)
        start = time.process_time()
        for document, parts in made:
            put(store, document, parts)
        spent[label] = time.process_time() - start
        store.close()
        shutil.rmtree(folder)
    contents.names_of = found
    each = {label: round(cpu * 1000 / passages, 3) for label, cpu in spent.items()}
    return {
        "documents": len(made),
        "passages": passages,
        "put_cpu_s_per_1000": each["with"],
        "names_cpu_s_per_1000": round(each["with"] - each["without"], 3),
    }


def timed(work: Callable[[], Any]) -> float:
    """CPU milliseconds."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def query(folder: Path, passages: int, questions: int, limit: int, rounds: int) -> dict[str, float]:
    made = Corpus(passages, seed=1)
    made.random = np.random.default_rng(99)
    texts = [made.question(number) for number in range(questions)]
    extra = list(made.documents(rounds * PER_DOCUMENT, first=10_000_000))
    before = rss_now()
    store = open_sqlite(folder)
    words, retrieval = ByWords(store), Retrieval([ByWords(store)], ByGraph(store))
    owner, reader = Scope.owner(), Scope.of("group3")
    figures: dict[str, float] = {}

    def ask(text: str, scope: Scope = owner) -> float:
        return timed(lambda: retrieval.retrieve(Query(text=text, scope=scope, limit=limit)))

    figures["first_words_cpu_ms"] = timed(lambda: words.find(Query(text=texts[0], scope=owner, limit=limit), limit))
    figures["first_graph_cpu_ms"] = ask(texts[0])
    only = [timed(lambda t=t: words.find(Query(text=t, scope=owner, limit=100), 100)) for t in texts]
    both = [ask(text) for text in texts]
    figures["words_cpu_ms_p50"] = median(only)
    figures["words_graph_cpu_ms_p50"] = median(both)
    figures["words_graph_cpu_ms_p95"] = quantiles(both, n=20)[-1]
    figures["first_restricted_cpu_ms"] = ask(texts[0], reader)
    restricted = [ask(text, reader) for text in texts]
    figures["restricted_cpu_ms_p50"] = median(restricted)
    figures["restricted_cpu_ms_p95"] = quantiles(restricted, n=20)[-1]
    figures["rss_before_mb"], figures["rss_mb"] = before, rss_now()
    adds, after_words, after_add, after_add_restricted, after_remove = [], [], [], [], []
    for document, parts in extra:
        adds.append(timed(lambda d=document, p=parts: put(store, d, p)))
        after_words.append(timed(lambda: words.find(Query(text=texts[1], scope=owner, limit=100), 100)))
        after_add.append(ask(texts[1]))
        after_add_restricted.append(ask(texts[1], reader))
    for document, _ in extra:
        store.remove([document.source], owner)
        after_remove.append(ask(texts[1]))
    figures["put_document_cpu_ms"] = median(adds)
    figures["after_add_words_cpu_ms"] = median(after_words)
    figures["after_add_then_graph_cpu_ms"] = median(after_add)
    figures["after_add_then_restricted_cpu_ms"] = median(after_add_restricted)
    figures["after_add_worst_cpu_ms"] = max(after_add)
    figures["after_remove_cpu_ms"] = median(after_remove)
    figures["rss_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    store.close()
    return {name: round(value, 2) for name, value in figures.items()}


def counts(folder: Path) -> dict[str, float]:
    import sqlalchemy as sa

    store = open_sqlite(folder)
    with store.database.read() as connection:
        found = {
            table: connection.scalar(sa.text(f"select count(*) from {table}")) or 0
            for table in ("documents", "passages", "mentions", "entities")
        }
    store.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--limit", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=10, help="documents added and removed one by one")
    parser.add_argument("--store", type=Path, help="keep the store here, and use it if it is there")
    parser.add_argument(
        "--cost", action="append", metavar="SET", help="only what names cost to find and write: a set, or `made` up"
    )
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    folder = arguments.store or Path(tempfile.mkdtemp(prefix="graph_scale_"))
    figures: dict[str, float] = {}
    if arguments.cost:
        for data in arguments.cost:
            print(data, json.dumps(cost_of_names(None if data == "made" else Path(data))))
        return
    try:
        if not (folder / "store.db").exists():
            figures |= in_child(fill, folder, arguments.passages)
        figures |= in_child(counts, folder)
        values = (arguments.passages, arguments.questions, arguments.limit, arguments.rounds)
        figures |= in_child(query, folder, *values)
    finally:
        if arguments.store is None:
            shutil.rmtree(folder)
    if arguments.json:
        json.dump(figures, sys.stdout, indent=1)
        print()
    else:
        for name, value in figures.items():
            print(f"{name:34} {value:>14,}")


if __name__ == "__main__":
    main()
