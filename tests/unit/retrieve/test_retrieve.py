import pytest

from gezhi.retrieve import Retrieval
from gezhi.retrieve.retrieve import IDENTIFIER
from gezhi.store.protocol import Hit
from gezhi.types import InvalidInput, Passage, Query, Scope


class Fixed:
    """A retriever that always finds the same."""

    def __init__(self, name: str, weight: float, *found: tuple[int, float]) -> None:
        self.name, self.weight, self._found = name, weight, found

    def find(self, query: Query, limit: int) -> list[Hit]:
        del query
        return [
            Hit(
                passage=Passage(document_id="d", ordinal=ordinal, start=0, end=1, text="x"),
                source="s",
                title="t",
                revision=1,
                score=score,
            )
            for ordinal, score in self._found[:limit]
        ]


WORDS = Fixed("words", 1.0, (1, 5.0), (2, 2.0), (3, 1.0))
MEANING = Fixed("meaning", 1.5, (2, 0.9), (3, 0.8), (1, 0.79))


def first(question: str) -> int:
    query = Query(text=question, scope=Scope.owner(), limit=2)
    return Retrieval([WORDS, MEANING]).retrieve(query)[0].passage.ordinal


def test_words_decide_where_the_question_names_an_identifier() -> None:
    assert first("How much is the pump?") == 2
    assert first("PPR-9087的价格是多少？") == 1


@pytest.mark.parametrize("text", ["PPR-9087", "v2.3.1-rc2", "the HC-SC-2024-0618 contract", "ABC123"])
def test_identifiers(text: str) -> None:
    assert IDENTIFIER.search(text)


@pytest.mark.parametrize("text", ["in 2024", "3.5 million", "COVID", "a 4 b", "第12条", "10% of EUR"])
def test_plain_words_and_numbers_are_no_identifiers(text: str) -> None:
    assert not IDENTIFIER.search(text)


def test_retrievers_are_chosen_by_name() -> None:
    retrieval = Retrieval([WORDS, MEANING])
    query = Query(text="x", scope=Scope.owner(), limit=3)
    assert [e.passage.ordinal for e in retrieval.retrieve(query, ["words"])] == [1, 2, 3]
    for names in (["graph"], []):
        with pytest.raises(InvalidInput, match="No such retriever"):
            retrieval.retrieve(query, names)
