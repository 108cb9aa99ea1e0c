"""The indexes in memory against the plainest code that does the same."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from gezhi.store.memory import vectors as vectors_module
from gezhi.store.memory.catalogue import Catalogue
from gezhi.store.memory.vectors import VectorSpace
from gezhi.store.memory.words import (
    K1,
    B,
    Segment,
    add_segment,
    build_segment,
    merge_segments,
    pack_terms,
    positions_with_all,
    word_scores,
)

Passages = list[list[int]]


def made(count: int, seed: int = 1) -> Passages:
    draw = random.Random(seed)
    return [[draw.randint(1, 30) for _ in range(draw.randint(0, 40))] for _ in range(count)]


def packed(passages: Passages) -> list[bytes]:
    return [pack_terms(np.array(passage, np.uint32))[0] for passage in passages]


def catalogue(passages: Passages) -> Catalogue:
    count = len(passages)
    return Catalogue(
        keys=np.arange(count, dtype=np.int64),
        documents=np.arange(count, dtype=np.int64),
        document_ids=np.array([b"%06d" % number for number in range(count)]),
        ordinals=np.zeros(count, np.int32),
        lengths=np.array([len(passage) for passage in passages], np.float32),
        alive=np.ones(count, np.bool_),
    )


def plain_bm25(passages: Passages, terms: list[int], visible: list[bool]) -> list[float]:
    shown = [passage for passage, seen in zip(passages, visible, strict=True) if seen]
    mean = sum(map(len, shown)) / len(shown)
    scores = []
    for passage in passages:
        score = 0.0
        for term in terms:
            df = sum(term in other for other in shown)
            if df and term in passage:
                tf = passage.count(term)
                idf = math.log(1 + (len(shown) - df + 0.5) / (df + 0.5))
                score += idf * tf / (tf + K1 * (1 - B + B * len(passage) / mean))
        scores.append(score)
    return scores


def incremental(passages: Passages) -> tuple[Segment, ...]:
    segments: tuple[Segment, ...] = ()
    for number, blob in enumerate(packed(passages)):
        segments = add_segment(segments, build_segment(number, [blob]))
    return segments


@pytest.mark.parametrize("hidden", [0, 3])
def test_bm25_is_the_formula(hidden: int) -> None:
    passages = made(120)
    visible = [number % 7 >= hidden for number in range(120)]
    terms = [3, 17, 29, 999]
    scores = word_scores(incremental(passages), catalogue(passages), terms, np.array(visible) if hidden else None)
    expected = plain_bm25(passages, terms, visible)
    for number in range(120):
        if visible[number]:
            assert scores[number] == pytest.approx(expected[number], rel=1e-5)


def test_merged_segments_are_the_one_built_at_once() -> None:
    passages = made(100)
    whole = build_segment(0, packed(passages))
    left, right = build_segment(0, packed(passages[:37])), build_segment(37, packed(passages[37:]))
    merged = merge_segments(left, right)
    assert (merged.first, merged.size) == (0, 100)
    for name in ("keys", "starts", "places", "counts"):
        assert np.array_equal(getattr(merged, name), getattr(whole, name)), name


def test_segments_stay_few() -> None:
    passages = made(300)
    segments = incremental(passages)
    assert sum(segment.size for segment in segments) == 300
    assert len(segments) <= 9


def test_positions_with_all_terms() -> None:
    passages = made(90)
    expected = [number for number, passage in enumerate(passages) if {3, 5} <= set(passage)]
    assert positions_with_all(incremental(passages), [3, 5]).tolist() == expected
    assert positions_with_all(incremental(passages), [3, 999]).size == 0
    assert positions_with_all(incremental(passages), []).size == 0


def test_counts_are_capped_not_wrapped() -> None:
    blob, length = pack_terms(np.full(1000, 7, np.uint32))
    [count] = build_segment(0, [blob]).counts.tolist()
    assert (count, length) == (255, 1000)


class TestVectorSpace:
    @pytest.fixture(autouse=True)
    def small_blocks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(vectors_module, "EXACT_LIMIT", 300)
        monkeypatch.setattr(vectors_module, "SUBSET_LIMIT", 20)

    def rows(self, count: int) -> np.ndarray:
        random = np.random.default_rng(5)
        # Clustered, as real embeddings are.
        centres = random.standard_normal((40, 64))
        drawn = centres[random.integers(0, 40, count)] + 0.5 * random.standard_normal((count, 64))
        return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float16)

    def space(self, rows: np.ndarray, step: int) -> VectorSpace:
        space = VectorSpace.of(np.arange(step, dtype=np.int64), rows[:step].copy())
        for start in range(step, len(rows), step):
            new = rows[start : start + step]
            space = space.extended(np.arange(start, start + len(new), dtype=np.int64), new)
        return space

    @pytest.mark.parametrize("step", [2000, 170, 37])
    @pytest.mark.parametrize("share", [1.0, 0.3, 0.005])
    def test_it_finds_the_exact_neighbours(self, step: int, share: float) -> None:
        rows = self.rows(2000)
        space = self.space(rows, step)
        allowed = np.random.default_rng(6).random(2000) < share
        places = catalogue([[]] * 2000)
        matrix = rows.astype(np.float32)
        agreed = 0
        for number in range(0, 2000, 100):
            vector = matrix[number] / np.linalg.norm(matrix[number])
            exact = np.where(allowed, matrix @ vector, -9)
            wanted = set(np.argsort(-exact)[: min(10, int(allowed.sum()))].tolist())
            found = [position for position, _ in space.search(vector, places, allowed, 10)]
            assert allowed[found].all()
            assert len(found) == len(wanted)
            agreed += len(wanted & set(found))
        assert agreed >= 0.98 * 20 * min(10, int(allowed.sum()))

    def test_older_states_still_answer_after_growth(self) -> None:
        rows = self.rows(900)
        places, everything = catalogue([[]] * 900), np.ones(900, np.bool_)
        early = VectorSpace.of(np.arange(250, dtype=np.int64), rows[:250].copy())
        vector = rows[3].astype(np.float32)
        before = early.search(vector, places, everything, 10)
        later = early.extended(np.arange(250, 900, dtype=np.int64), rows[250:])
        assert early.search(vector, places, everything, 10) == before
        assert later.size == 900
        assert later.blocks
