"""A golden set proposed from the user's own documents."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gezhi.evaluate.golden import Proposal, Reviewed, propose, proposed
from gezhi.ingest import split
from gezhi.types import InvalidInput, ModelUnavailable, Passage, Scope
from gezhi.types.language import language_of

if TYPE_CHECKING:
    from gezhi.app.app import App
    from gezhi.llm.protocol import ChatModel

SHORTEST_PASSAGE = 60
LOOKED_AT = 10
"""Documents among which retrieval must find the one a question was written from."""
TRIES_A_QUESTION = 4


@dataclass(slots=True)
class Made:
    lines: list[Reviewed] = field(default_factory=list)
    discarded: dict[str, int] = field(default_factory=dict)
    """Why replies of the model were not proposed -> how often."""


def make_golden(
    app: App,
    chat: ChatModel | None,
    *,
    count: int = 20,
    unanswerable: float = 0.2,
    seed: int = 0,
    on_proposal: Callable[[Made], None] | None = None,
) -> Made:
    """Propose questions from passages spread over all documents, every so many unanswerable by the passage they are
    about. Unanswerable ones may still be answered elsewhere: a person decides. `on_proposal` is called after each, so
    that what a slow model wrote is not lost when it is stopped.

    Raises ModelUnavailable without a chat model, InvalidInput for an empty store."""
    if chat is None:
        raise ModelUnavailable(
            "Questions are written by a chat model, and none is in use.",
            hint="`gezhi models install` installs one, or set chat_model.",
        )
    passages = _spread(app, random.Random(seed))
    made = Made()
    without = round(count * unanswerable)
    order = [True] * without + [False] * (count - without)
    random.Random(seed).shuffle(order)
    asked: set[str] = set()
    for tries, (source, title, passage) in enumerate(passages, start=1):
        if len(made.lines) >= count or tries > count * TRIES_A_QUESTION:
            break
        wants = order[len(made.lines)]
        result = propose(chat, source=source, title=title, passage=passage.text, unanswerable=wants)
        if isinstance(result, Proposal) and result.question not in asked:
            asked.add(result.question)
            ranked = replace(result, found_rank=_rank(app, result))
            made.lines.append(proposed(len(made.lines) + 1, ranked, language_of(result.question)))
            if on_proposal is not None:
                on_proposal(made)
        else:
            why = result if isinstance(result, str) else "the question was proposed before"
            made.discarded[why] = made.discarded.get(why, 0) + 1
    return made


def _spread(app: App, chance: random.Random) -> Iterator[tuple[str, str, Passage]]:
    """A passage of each document in turn, in random order, until all have been seen."""
    summaries = app.documents(limit=100_000)
    if not summaries:
        raise InvalidInput("The store is empty.", hint="Add documents first: `gezhi add FOLDER`.")
    chance.shuffle(summaries)
    left: list[tuple[str, str, list[Passage]]] = []
    for summary in summaries:
        found = [p for p in split(app.document(summary.source)) if len(p.text) >= SHORTEST_PASSAGE]
        chance.shuffle(found)
        if found:
            passage = found.pop()
            left.append((summary.source, summary.title, found))
            yield summary.source, summary.title, passage
    while left:
        left = [entry for entry in left if entry[2]]
        for source, title, found in left:
            yield source, title, found.pop()


def _rank(app: App, proposal: Proposal) -> int | None:
    """Where the document comes for its own question; the document, for other passages of it may answer too."""
    found = app.search(proposal.question, limit=50, scope=Scope.owner())
    sources = list(dict.fromkeys(one.source for one in found))[:LOOKED_AT]
    return sources.index(proposal.source) + 1 if proposal.source in sources else None
