from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pytest
from contract_material import (
    EMBEDDER,
    ENGINES,
    NO_FILTER,
    OWNER,
    PUBLIC,
    Opener,
    add,
    document,
    letters,
    meaning,
    passages,
    put,
    words,
)

from gezhi.store import Store, embedding_text, text_hash
from gezhi.types import Filters, Scope, StoreError


class TestWords:
    def test_the_best_passage_is_first_and_scores_fall(self, store: Store) -> None:
        add(store, "a.txt", "cats and dogs", "cats, cats and more cats", "birds")
        hits = store.search_words("cats", OWNER, NO_FILTER, 10)
        assert [hit.passage.ordinal for hit in hits] == [1, 0]
        assert hits[0].score > hits[1].score > 0

    @pytest.mark.parametrize("text", ["", "   ", "？！", "zzz unknown"])
    def test_nothing_to_find(self, store: Store, text: str) -> None:
        assert words(store, text) == []
        add(store, "a.txt", "cats and dogs")
        assert words(store, text) == []

    def test_a_question_of_only_question_words_still_searches(self, store: Store) -> None:
        add(store, "a.txt", "to be or not to be", "什么是什么")
        assert words(store, "to be or not to be?") == ["to be or not to be"]
        assert words(store, "什么") == ["什么是什么"]

    def test_limits(self, store: Store) -> None:
        add(store, "a.txt", *[f"cat number {n}" for n in range(30)])
        assert len(words(store, "cat", limit=7)) == 7
        assert words(store, "cat", limit=0) == []

    def test_ties_are_broken_by_passage(self, store: Store) -> None:
        made = [add(store, f"{n}.txt", "same words", f"filler number {n}") for n in range(20)]
        hits = store.search_words("same", OWNER, NO_FILTER, 8)
        assert [hit.passage.document_id for hit in hits] == sorted(m.id for m in made)[:8]

    def test_title_headings_and_table_header_are_found(self, store: Store) -> None:
        from contract_material import rich_document

        made, parts = rich_document()
        put(store, made, parts=parts)
        for text in ("title", "价目表", "单价", "ppr-9087", "9087"):
            assert words(store, text) == [parts[0].text], text

    def test_a_very_long_question(self, store: Store) -> None:
        add(store, "a.txt", "cats and dogs")
        assert words(store, "cats 狗和猫 " * 12_000) == ["cats and dogs"]


RANK_ONE = {
    "上海交通大学": "她毕业于上海交通大学，之后去了北京。",
    "三码": "请在三码合一的窗口办理登记。",
    "安全": "所有人员必须遵守安全规定。",
    "PPR-9087": "The replacement part is PPR-9087 for this pump.",
    "v2.3.1-rc2": "The bug was fixed in v2.3.1-rc2 last week.",
    "ＡＢＣ１２３": "The locker code is ABC123 this month.",
    "臺灣": "他在台湾出生，后来搬到日本。",
    "90,000": "The stadium holds 90000 people at most.",
    "café": "We met in the small cafe by the river.",
}
PARTS = """
上海的 交通很 大学生 海上的 通大道 学上海 三个号码 三百 密码 号码 安装 全部 平安 完全 上海交大 交通大队 大学城
台北 海湾 台 湾 PPR-9086 PPR-908 9087号 PPR v2.3.1-rc1 v2.3.1 rc2 v2.3 ABC-12 ABC 123 ABC124 90 000 9,000 90,001
cafeteria coffee 天气 公司 问题 研究 城市 the of and report quarter pump locker stadium river week
"""


@pytest.fixture(scope="module", params=sorted(ENGINES))
def distracted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """5,000 passages that say parts of what is asked, and one for each question that says it."""
    store = ENGINES[request.param](tmp_path_factory.mktemp("rank"))()
    draw = random.Random(7)
    parts = PARTS.split()
    texts = [" ".join(draw.choices(parts, k=draw.randint(8, 40))) for _ in range(5000)]
    for at, said in enumerate(RANK_ONE.values()):
        texts.insert(at * 500 + 17, said)
    for at in range(0, len(texts), 1000):
        add(store, f"{at}.txt", *texts[at : at + 1000])
    yield store
    store.close()


@pytest.mark.parametrize("asked", RANK_ONE)
def test_what_says_it_comes_before_what_says_its_parts(distracted: Store, asked: str) -> None:
    assert words(distracted, asked, limit=1) == [RANK_ONE[asked]]


class TestMeaning:
    def test_nearest_first(self, store: Store) -> None:
        add(store, "a.txt", "aaa", "aab", "zzz", vectors=True)
        hits = store.search_meaning(letters("aaa"), EMBEDDER, OWNER, NO_FILTER, 3)
        assert [hit.passage.text for hit in hits] == ["aaa", "aab", "zzz"]
        assert hits[0].score == pytest.approx(1.0, abs=1e-3)
        assert hits[0].score <= 1.0

    def test_only_passages_with_a_vector_of_that_embedder(self, store: Store) -> None:
        add(store, "a.txt", "aaa", vectors=True)
        add(store, "b.txt", "aab")
        assert meaning(store, "aaa") == ["aaa"]
        assert store.search_meaning(letters("aaa"), "another", OWNER, NO_FILTER, 5) == []

    def test_a_vector_saved_after_its_passage_is_found(self, store: Store) -> None:
        made = add(store, "a.txt", "aaa")
        add(store, "b.txt", "zzz", vectors=True)
        assert meaning(store, "aaa") == ["zzz"]
        text = embedding_text(passages(made)[0], made.title)
        store.save_vectors({text_hash(text): letters(text)}, EMBEDDER)
        assert meaning(store, "aaa") == ["aaa", "zzz"]

    def test_another_dimension_is_refused(self, store: Store) -> None:
        add(store, "a.txt", "aaa", vectors=True)
        with pytest.raises(StoreError, match="dimensions"):
            store.search_meaning(np.ones(7, np.float32), EMBEDDER, OWNER, NO_FILTER, 5)
        with pytest.raises(StoreError, match="dimensions"):
            store.save_vectors({"x": np.ones(7, np.float32)}, EMBEDDER)

    def test_equal_texts_tie_by_passage(self, store: Store) -> None:
        made = [add(store, f"{n}.txt", "aaa", f"filler {n}", vectors=True) for n in range(12)]
        hits = store.search_meaning(letters("aaa"), EMBEDDER, OWNER, NO_FILTER, 5)
        assert [hit.passage.document_id for hit in hits] == sorted(m.id for m in made)[:5]


@pytest.mark.parametrize("search", [words, meaning])
class TestScopeAndFilters:
    def test_hidden_documents_never_come(self, store: Store, search) -> None:  # type: ignore[no-untyped-def]
        add(store, "open.txt", "apples for everyone", vectors=True)
        add(store, "secret.txt", "apples for alice", access="alice", vectors=True)
        assert sorted(search(store, "apples")) == ["apples for alice", "apples for everyone"]
        for _ in range(2):
            assert search(store, "apples", PUBLIC) == ["apples for everyone"]
            assert search(store, "apples", Scope.of("bob")) == ["apples for everyone"]
            assert len(search(store, "apples", Scope.of("alice"))) == 2
            add(store, "secret2.txt", "apples for alice again", access="alice", vectors=True)
            store.remove(["secret2.txt"], OWNER)

    def test_what_is_hidden_takes_no_place(self, store: Store, search) -> None:  # type: ignore[no-untyped-def]
        for n in range(30):
            add(store, f"secret{n}.txt", f"apples apples {n}", access="alice", vectors=True)
        add(store, "open.txt", "apples and pears and plums", vectors=True)
        assert search(store, "apples", PUBLIC, limit=3) == ["apples and pears and plums"]

    def test_filters_narrow(self, store: Store, search) -> None:  # type: ignore[no-untyped-def]
        one = add(store, "x/1.txt", "apples one", vectors=True)
        add(store, "x/2.txt", "apples two", vectors=True)
        add(store, "y/3.txt", "apples three", vectors=True)
        assert sorted(search(store, "apples", OWNER, Filters(source_prefix="x/"))) == ["apples one", "apples two"]
        assert search(store, "apples", OWNER, Filters(documents=frozenset({one.id}))) == ["apples one"]
        assert search(store, "apples", OWNER, Filters(source_prefix="y", documents=frozenset({one.id}))) == []
        add(store, "x/4.txt", "apples four", vectors=True)
        assert len(search(store, "apples", OWNER, Filters(source_prefix="x/"))) == 3

    def test_changes_by_another_process_are_seen(self, opener: Opener, search) -> None:  # type: ignore[no-untyped-def]
        here, there = opener(), opener()
        add(here, "a.txt", "apples one", vectors=True)
        assert search(there, "apples") == ["apples one"]
        add(here, "b.txt", "apples two", vectors=True)
        add(here, "a.txt", "apples three", vectors=True)
        assert sorted(search(there, "apples")) == ["apples three", "apples two"]
        there.remove(["b.txt"], OWNER)
        assert search(here, "apples") == ["apples three"]

    def test_ranking_after_deletions_is_that_of_a_store_that_never_had_them(  # type: ignore[no-untyped-def]
        self, opener: Opener, store: Store, tmp_path, search
    ) -> None:
        from gezhi.store.sqlite import open_sqlite

        pure = open_sqlite(tmp_path / "pure.gezhi")
        draw = random.Random(3)
        vocabulary = [f"word{n}" for n in range(40)] + ["大学", "交通", "安全"]
        for n in range(60):
            texts = [" ".join(draw.choices(vocabulary, k=draw.randint(3, 20))) for _ in range(3)]
            add(store, f"{n}.txt", *texts, vectors=True)
            if n % 3:
                add(pure, f"{n}.txt", *texts, vectors=True)
            if n % 7 == 0:
                search(store, "word1")
        store.remove([f"{n}.txt" for n in range(0, 60, 3)], OWNER)
        restricted = opener()
        for asked in ("word1 word2", "大学安全", "word39 交通"):
            kind = "search_words" if search is words else "search_meaning"
            found = [_ranking(each, kind, asked) for each in (store, restricted, pure)]
            assert found[0] == found[1] == found[2]
        pure.close()


def test_statistics_of_hidden_documents_do_not_move_the_ranking(store: Store) -> None:
    add(store, "a.txt", "common apples here", "rare pears here")
    before = [(h.passage.text, h.score) for h in store.search_words("apples pears", PUBLIC, NO_FILTER, 5)]
    for n in range(20):
        add(store, f"hidden{n}.txt", f"pears pears pears {n}", access="alice")
    after = [(h.passage.text, h.score) for h in store.search_words("apples pears", PUBLIC, NO_FILTER, 5)]
    assert before == after


def test_word_signals(store: Store) -> None:
    add(store, "a.txt", *["apples and pears"] * 3, "plums and apples")
    signals = store.word_signals("What are apples, plums and unicorns?")
    assert signals.terms == ("unicorn", "plum", "appl")
    assert list(signals.idf) == sorted(signals.idf, reverse=True)
    store.remove(["a.txt"], OWNER)
    assert len(set(store.word_signals("apples and plums").idf)) == 1


def test_terms_of_is_the_analyser(store: Store) -> None:
    assert store.terms_of("PPR-9087 的安全") == ["ppr-9087", "ppr9087", "ppr", "9087", "的安", "安全"]


def test_a_document_of_many_passages_is_one_change(store: Store) -> None:
    made = document("big.txt", [f"line {n}" for n in range(2500)])
    put(store, made, vectors=True)
    assert words(store, "2499") == ["line 2499"]
    add(store, "big.txt", "small now")
    assert words(store, "2499") == []
    assert meaning(store, "line 2499", limit=3) == []
    assert store.status().passages == 1


def _ranking(store: Store, kind: str, asked: str) -> list[tuple[str, float]]:
    if kind == "search_words":
        hits = store.search_words(asked, OWNER, NO_FILTER, 50)
    else:
        hits = store.search_meaning(letters(asked), EMBEDDER, OWNER, NO_FILTER, 50)
    return [(hit.passage.id, hit.score) for hit in hits]
