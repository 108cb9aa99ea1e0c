"""How the store scales: CPU per query, memory, cost of adding, time to open. Figures are without embedding.

The text is made up but shaped like text: words follow Zipf's law, half of the passages are English, half Chinese;
vectors are random unit vectors, which is the hardest case for approximate search.

    python evals/store_scale.py --passages 100000 --json
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles

import numpy as np
from pysqlite3 import dbapi2 as sqlite

from gezhi.store import Store, embedding_text, text_hash
from gezhi.store.analyse import Analyser
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Document, Filters, Outcome, Passage, Scope, Status, document_id

DIMENSION = 384
EMBEDDER = "random"
PER_DOCUMENT = 10
WORDS = 150
"""In an English passage; a Chinese one has 300 characters."""
ENGLISH_VOCABULARY = 120_000
CHINESE_VOCABULARY = 60_000


class Language:
    """Draws words of one language; the rank of a word decides how often it comes."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        letters = np.array(list("etaoinshrdlucmfwypvbgkjqxz"))
        weights = 1 / np.arange(1, 27)
        lengths = np.clip(self.random.poisson(6, ENGLISH_VOCABULARY), 2, 14)
        drawn = self.random.choice(letters, size=int(lengths.sum()), p=weights / weights.sum())
        ends = np.cumsum(lengths)
        self.english = ["".join(drawn[end - size : end]) for end, size in zip(ends, lengths, strict=True)]
        # Common characters first, as in real text: words share their characters.
        characters = [chr(0x4E00 + int(code)) for code in self.random.permutation(6000)]
        ranks = np.minimum(self.random.zipf(1.3, size=(CHINESE_VOCABULARY, 2)) - 1, 5999)
        self.chinese = ["".join(characters[int(rank)] for rank in pair) for pair in ranks]

    def words(self, vocabulary: Sequence[str], count: int) -> list[str]:
        # Zipf-Mandelbrot with exponent 1, the shape of natural text.
        uniform = self.random.random(count)
        ranks = (np.power(len(vocabulary), uniform) - 1).astype(np.int64)
        return [vocabulary[int(rank)] for rank in ranks]

    def passage(self, number: int) -> str:
        if number % 2:
            return " ".join(self.words(self.english, WORDS))
        words = self.words(self.chinese, WORDS)
        return "".join(word + ("，" if at % 9 == 8 else "") for at, word in enumerate(words))

    def question(self, number: int) -> str:
        vocabulary = self.english if number % 2 else self.chinese
        words = self.words(vocabulary, 8)
        return "what is the " + " ".join(words) + "?" if number % 2 else "".join(words) + "是什么？"


def documents(language: Language, passages: int) -> Iterator[tuple[Document, list[Passage]]]:
    for number in range(0, passages, PER_DOCUMENT):
        texts = [language.passage(number + at) for at in range(min(PER_DOCUMENT, passages - number))]
        text = "\n".join(texts)
        name = document_id(text.encode())
        parts, start = [], 0
        for ordinal, piece in enumerate(texts):
            end = start + len(piece)
            parts.append(Passage(document_id=name, ordinal=ordinal, start=start, end=end, text=piece))
            start = end + 1
        source = f"scale/{number:07}.txt"
        yield (
            Document(id=name, source=source, title=source, media_type="text/plain", text=text, blocks=()),
            parts,
        )


def add(store: Store, document: Document, parts: Sequence[Passage], random: np.random.Generator) -> None:
    hashes = [text_hash(embedding_text(part, document.title)) for part in parts]
    vectors = random.standard_normal((len(parts), DIMENSION), dtype=np.float32)
    store.save_vectors(dict(zip(hashes, vectors, strict=True)), EMBEDDER)
    store.put(document, parts, outcome=Outcome(status=Status.STORED), pipeline="scale", embedder=EMBEDDER)


def fill(folder: Path, passages: int) -> dict[str, float]:
    """Add documents one by one; CPU of adding the first hundred and the last hundred."""
    language, random = Language(1), np.random.default_rng(2)
    store = open_sqlite(folder)
    costs = []
    for document, parts in documents(language, passages):
        start = time.process_time()
        add(store, document, parts, random)
        costs.append(time.process_time() - start)
    store.close()
    near, late = costs[50:150] or costs, costs[-100:]
    return {
        "index_cpu_s": round(sum(costs), 2),
        "add_document_cpu_ms_at_100": round(median(near) * 1000, 3),
        f"add_document_cpu_ms_at_{len(costs)}": round(median(late) * 1000, 3),
        "add_ratio": round(median(late) / median(near), 3),
    }


def query(folder: Path, questions: int, limit: int) -> dict[str, float]:
    """Open, first query, then CPU per query with both indexes."""
    language, random = Language(1), np.random.default_rng(3)
    texts = [language.question(number) for number in range(questions)]
    vectors = random.standard_normal((questions, DIMENSION), dtype=np.float32)
    scope, filters = Scope.owner(), Filters()
    before = rss_now()
    start = time.process_time()
    store = open_sqlite(folder)
    opened = time.process_time()
    store.search_words(texts[0], scope, filters, limit)
    words_ready = time.process_time()
    store.search_meaning(vectors[0], EMBEDDER, scope, filters, limit)
    ready = time.process_time()
    words, meaning = [], []
    for text, vector in zip(texts, vectors, strict=True):
        at = time.process_time()
        store.search_words(text, scope, filters, limit)
        middle = time.process_time()
        store.search_meaning(vector, EMBEDDER, scope, filters, limit)
        words.append((middle - at) * 1000)
        meaning.append((time.process_time() - middle) * 1000)
    both = [a + b for a, b in zip(words, meaning, strict=True)]
    status = store.status()
    store.close()
    return {
        "passages": status.passages,
        "bytes": status.bytes,
        "open_cpu_s": round(opened - start, 3),
        "first_words_query_cpu_s": round(words_ready - opened, 3),
        "first_meaning_query_cpu_s": round(ready - words_ready, 3),
        "words_cpu_ms_p50": round(median(words), 3),
        "meaning_cpu_ms_p50": round(median(meaning), 3),
        "query_cpu_ms_p50": round(median(both), 3),
        "query_cpu_ms_p95": round(quantiles(both, n=20)[-1], 3),
        "rss_before_mb": before,
        "rss_mb": rss_now(),
        "rss_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def compare_fts5(folder: Path, questions: int, limit: int) -> dict[str, float]:
    """The same analysed text in FTS5, ranked by its bm25 over an OR of the question's terms."""
    analyser, language = Analyser(), Language(1)
    source = sqlite.connect(str(folder / "store.db"))
    index = sqlite.connect(str(folder / "fts5.db"))
    index.execute("CREATE VIRTUAL TABLE words USING fts5(terms, content='', tokenize='unicode61')")
    start = time.process_time()
    for key, text in source.execute("SELECT key, text FROM passages"):
        index.execute("INSERT INTO words(rowid, terms) VALUES (?, ?)", (key, " ".join(analyser.terms(text))))
    index.commit()
    built = time.process_time() - start
    costs = []
    for number in range(questions):
        terms = analyser.query_terms(language.question(number))
        at = time.process_time()
        match = " OR ".join('"' + term.replace('"', "") + '"' for term in terms)
        ranked = "SELECT rowid, bm25(words) FROM words WHERE words MATCH ? ORDER BY bm25(words) LIMIT ?"
        index.execute(ranked, (match, limit)).fetchall()
        costs.append((time.process_time() - at) * 1000)
    source.close()
    index.close()
    return {
        "fts5_index_cpu_s": round(built, 2),
        "fts5_bytes": (folder / "fts5.db").stat().st_size,
        "fts5_query_cpu_ms_p50": round(median(costs), 3),
        "fts5_query_cpu_ms_p95": round(quantiles(costs, n=20)[-1], 3),
    }


def rss_now() -> int:
    """Resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--limit", type=int, default=20)
    parser.add_argument("--store", type=Path, help="keep the store here, and use it if it is there")
    parser.add_argument("--compare-fts5", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    folder = arguments.store or Path(tempfile.mkdtemp(prefix="store_scale_"))
    figures: dict[str, float] = {}
    try:
        if not (folder / "store.db").exists():
            # In a child, so that filling does not count in the memory of querying.
            figures |= in_child(fill, folder, arguments.passages)
        figures |= in_child(query, folder, arguments.questions, arguments.limit)
        if arguments.compare_fts5:
            figures |= in_child(compare_fts5, folder, arguments.questions, arguments.limit)
    finally:
        if arguments.store is None:
            shutil.rmtree(folder)
    if arguments.json:
        json.dump(figures, sys.stdout, indent=1)
        print()
    else:
        for name, value in figures.items():
            print(f"{name:32} {value:>14,}")


def in_child(work, *values):  # type: ignore[no-untyped-def]
    from multiprocessing import get_context

    with get_context("spawn").Pool(1) as pool:
        return pool.apply(work, values)


if __name__ == "__main__":
    main()
