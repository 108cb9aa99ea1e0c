"""Turn cited sentences into citations, each checked against the stored document to the letter."""

from __future__ import annotations

from collections.abc import Sequence

from gezhi.answer.numbered import Sentence
from gezhi.answer.reply import Draft
from gezhi.answer.verify import Terms, check
from gezhi.store.protocol import DocumentStore
from gezhi.types import Citation, Scope, Statement
from gezhi.types.language import language_of


def cite(text: str, cited: Sequence[Sentence], *, offset: int, store: DocumentStore, scope: Scope) -> Statement | None:
    """A statement with its citations, `offset` characters into the answer; None if a quote is not in the stored
    passage any more (the document was replaced or removed while the model was writing)."""
    ids = list(dict.fromkeys(sentence.evidence.passage.id for sentence in cited))
    stored = {hit.passage.id: hit.passage for hit in store.passages(ids, scope)}
    citations = []
    for sentence in cited:
        passage = stored.get(sentence.evidence.passage.id)
        if passage is None or passage.text[sentence.start : sentence.end] != sentence.text:
            return None
        citations.append(
            Citation(
                answer_start=offset,
                answer_end=offset + len(text),
                passage_id=passage.id,
                document_id=passage.document_id,
                source=sentence.evidence.source,
                title=sentence.evidence.title,
                revision=sentence.evidence.revision,
                start=passage.start + sentence.start,
                end=passage.start + sentence.end,
                quote=sentence.text,
                page=passage.page,
            )
        )
    return Statement(text=text, citations=tuple(citations)) if citations else None


def holder(draft: Draft, sentences: Sequence[Sentence], question: str, terms: Terms) -> list[Sentence]:
    """The one sentence that carries a statement, by itself and best: small models write the right statement and name
    its neighbour's number. Likeness is not proof: what is found here must be confirmed before it is shown, so it is in
    the question's language."""
    new = set(terms(draft.text)) - set(terms(question))
    carrying = [
        sentence
        for sentence in sentences
        if language_of(sentence.text) == language_of(question) and check(draft, [sentence], question, terms).supported
    ]
    held = {sentence.number: len(new & set(terms(sentence.text))) for sentence in carrying}
    best = max(carrying, key=lambda sentence: held[sentence.number], default=None)
    return [best] if best is not None and held[best.number] else []
