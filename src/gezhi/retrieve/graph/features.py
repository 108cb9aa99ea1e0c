"""What the ranker knows of each candidate. All are between 0 and 1, whatever the store and the language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gezhi.retrieve.graph.candidates import BEST, Pool, Stage
from gezhi.store.memory.graph import GraphView
from gezhi.store.naming.names import key_words

NAMES = (
    "words", "words_rank", "meaning", "meaning_rank",
    "first", "first_rank", "is_first", "first_three",
    "walk", "walk_rank", "walk_three", "second", "second_rank",
    "coverage", "adds", "adds_share", "adds_bm25", "adds_bm25_two",
    "title_asked", "title_asked_idf", "title_in_best", "title_in_best_idf", "title_in_three", "title_in_three_idf",
    "names_best", "shares_best", "shares_three", "shares_question", "is_best", "is_best_three",
    "question_coverage", "question_margin", "question_names", "question_length", "question_missing",
)  # fmt: skip
"""`adds`: of what the best passage leaves uncovered. `title_in_best`: the best passage names this one's title.
`names_best`: this one names the title of a best one. `shares_*`: idf of the rarest entity in common. `question_*` are
the same for all candidates: they tell whether one passage is enough."""

Features = NDArray[np.float32]


def features(
    pool: Pool, question: str, texts: Mapping[int, str], words: Stage | None, meaning: Stage | None
) -> Features:
    """Shape (candidates, features). `texts`: of the best passages, with their titles."""
    view, positions = pool.view, pool.positions
    largest = float(np.log1p(view.size)) or 1.0
    held = pool.terms.weights > 0
    idf = pool.terms.idf
    total = float(idf.sum()) or 1.0
    missing = np.array(pool.missing, np.int64)
    left = float(idf[missing].sum())
    adds = (idf[missing, None] * held[missing]).sum(axis=0)
    asked = _spaced(question)
    best_texts = [_spaced(texts.get(position, "")) for position in pool.best]
    own = _named_in(view, positions)
    best_entities = [set(view.entities_of(position).tolist()) for position in pool.best]
    named = set(pool.named)
    best_titles = [view.title(position) for position in pool.best]

    def rarest(shared: set[int]) -> float:
        return float(view.weights[list(shared)].max()) / largest if shared else 0.0

    rows = []
    scores = sorted(pool.first.scores.values(), reverse=True)
    best_at = positions.index(pool.best[0]) if pool.best and pool.best[0] in positions else -1
    question_coverage = float((idf * held[:, best_at]).sum()) / total if best_at >= 0 else 0.0
    about_question = (
        question_coverage,
        scores[0] - scores[1] if len(scores) > 1 else 1.0,
        min(len(pool.named), 5) / 5,
        min(len(idf), 20) / 20,
        left / total,
    )
    covered = (idf[:, None] * held).sum(axis=0) / total
    added = _relative(pool.terms.weights[missing].sum(axis=0))
    added_two = _relative(pool.terms.weights[np.array(pool.missing_two, np.int64)].sum(axis=0))
    for at, position in enumerate(positions):
        title = view.title(position)
        spelled = f" {view.graph.names[title]} " if title >= 0 else ""
        rare = float(view.weights[title]) / largest if title >= 0 else 0.0
        mine = own[at]
        others = [n for n in range(len(pool.best)) if pool.best[n] != position]
        in_best = float(bool(spelled) and 0 in others and spelled in best_texts[0])
        in_three = float(bool(spelled) and any(spelled in best_texts[n] for n in others))
        in_question = float(bool(spelled) and spelled in asked)
        shares = [rarest((mine & best_entities[n]) - named) if n in others else 0.0 for n in range(len(pool.best))]
        first_rank, walk_rank = pool.first.ranks.get(position), pool.walked.ranks.get(position)
        rows.append(
            (
                *_stage(words, position),
                *_stage(meaning, position),
                pool.first.scores.get(position, 0.0),
                1 / (first_rank or 100),
                float(first_rank == 1),
                float((first_rank or 99) <= BEST),
                pool.walked.scores.get(position, 0.0),
                1 / (walk_rank or 100),
                float((walk_rank or 99) <= BEST),
                *_stage(pool.second, position),
                float(covered[at]),
                float(adds[at]) / total,
                float(adds[at]) / left if left else 0.0,
                float(added[at]),
                float(added_two[at]),
                in_question,
                in_question * rare,
                in_best,
                in_best * rare,
                in_three,
                in_three * rare,
                float(any(best_titles[n] in mine for n in others)),
                shares[0] if shares else 0.0,
                max(shares, default=0.0),
                rarest(mine & named),
                float(position == pool.best[0]),
                float(position in pool.best),
                *about_question,
            )
        )
    return np.array(rows, np.float32).reshape(len(positions), len(NAMES))


def _named_in(view: GraphView, positions: Sequence[int]) -> list[set[int]]:
    """The entities that each of these names, if some visible passage does."""
    entities, owners = view.graph.entities.gather(np.array(positions, np.int64))
    seen = view.frequencies[entities] > 0
    ends = np.cumsum(np.bincount(owners[seen], minlength=len(positions))).tolist()
    every = entities[seen].tolist()
    return [set(every[begin:end]) for begin, end in zip([0, *ends], ends, strict=False)]


def _stage(stage: Stage | None, position: int) -> tuple[float, float]:
    if stage is None:
        return 0.0, 0.0
    return stage.scores.get(position, 0.0), 1 / stage.ranks.get(position, 100)


def _relative(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values / max(float(values.max(initial=0.0)), 1e-9)


def _spaced(text: str) -> str:
    """With spaces around every word, so that a key is found as whole words."""
    return f" {' '.join(key_words(text))} "
