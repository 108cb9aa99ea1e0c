"""What a newer document says: an answer from an older one does not stand alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gezhi.store.naming.names import key_words, name_key
from gezhi.types import Evidence, Note, Statement
from gezhi.types.facts import Fact

_TEXTS = {
    "en": "As of {then}, {subject}: {predicate} {object}. A document of {since} says: {newer}.",
    "zh": "截至{then}，{subject}的{predicate}为{object}；{since}的文档写的是：{newer}。",
}


def notes_on(statements: Sequence[Statement], evidence: Sequence[Evidence], language: str) -> tuple[Note, ...]:
    """One note for each superseded fact whose object a cited quote says, and the answer repeats."""
    facts = {one.passage.id: one.facts for one in evidence}
    found: dict[str, Note] = {}
    for statement in statements:
        for citation in statement.citations:
            for fact in _outdated(facts.get(citation.passage_id, ()), f"{statement.text} {citation.quote}"):
                assert fact.superseded is not None
                text = _TEXTS["zh" if language == "zh" else "en"].format(
                    then=fact.valid_from or fact.dated,
                    subject=fact.subject,
                    predicate=fact.predicate,
                    object=fact.object,
                    since=fact.superseded.since,
                    newer=fact.superseded.object,
                )
                found.setdefault(text, Note(text=text, passage_ids=(citation.passage_id, fact.superseded.passage_id)))
    return tuple(found.values())


def _outdated(facts: Sequence[Fact], said: str) -> Iterator[Fact]:
    spoken = f" {' '.join(key_words(said))} "
    for fact in facts:
        if fact.superseded is not None and f" {name_key(fact.object)} " in spoken:
            yield fact
