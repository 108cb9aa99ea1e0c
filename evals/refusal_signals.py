"""Collects what is known about questions that can and that cannot be answered; `evals/refusal.py` fits on it.

    python evals/refusal_signals.py --data DATA --keep STORES --items OUT --sets nq_oracle,rgb_zh_refine --limit 60

Each question is asked twice with the real answering code, its gates open: with its gold documents among the evidence,
and with them left out. A set with its own unanswerable questions is asked as it is, histories and all. One JSON line
an item: the signals of its trace, the answer, whether it is right. A stopped run goes on where it was, and the sets
take turns, so that it has some of each. With `--extractive` no chat model is asked.

With `--sentences` nothing is answered: the one-token question is asked about single sentences, which is fast. For
each question: of those that hold the gold answer the nearest (`gold`); of the same documents the nearest that does not
(`ontopic`); and the nearest without the gold documents (`none`). What is fitted on these knows negatives on the topic,
which leaving documents out hardly makes.

With `--documents 12,50,200` the questions are asked of small stores, of so many documents drawn by chance each: half
as many questions of these documents, as many of others. A folder of one's own is small, and what is nearest in it is
farther away than in a corpus of thousands.

With `--tries 2` the answering request is sent so often again at temperature .7; `tries_agree` is the mean share of
words that these replies and the first have in common.

Half a minute an item on two cores. On a machine that is busy with other work `--threads 1` is many times faster than
the default: threads that wait for each other then wait for the other work."""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from gezhi.answer import Answerer, Done
from gezhi.answer.answer import REMOTE_EVIDENCE_TOKENS
from gezhi.answer.extract import compare
from gezhi.answer.numbered import number
from gezhi.answer.support import model_yes, retrieval_signals
from gezhi.app.config import load_config
from gezhi.app.corpus import build_store, corpus_id
from gezhi.app.models import choose_chat, choose_embedder
from gezhi.evaluate import CorpusEntry, Question, load_corpus, load_questions
from gezhi.evaluate.metrics import containment
from gezhi.evaluate.results_file import ResultsFile
from gezhi.llm.local import LocalChat
from gezhi.llm.protocol import ChatDelta, ChatModel, ChatRequest, Embedder, complete
from gezhi.retrieve import ByMeaning, ByWords, Retrieval
from gezhi.retrieve.retrieve import Retriever
from gezhi.store.protocol import Store
from gezhi.store.sqlite import open_sqlite
from gezhi.trace import Tracer
from gezhi.types import Answer, Evidence, Query, Scope, Trace
from gezhi.types.language import language_of

SHOWN = 6
DEEP = 60
"""Passages retrieved before the gold ones are left out."""


class Without(Retrieval):
    """Retrieval that leaves documents out, as if they were not in the store."""

    def __init__(self, retrievers: Sequence[Retriever], left_out: frozenset[str]) -> None:
        super().__init__(retrievers)
        self._left_out = left_out

    def retrieve(self, query: Query, names: Sequence[str] | None = None) -> list[Evidence]:
        found = super().retrieve(replace(query, limit=DEEP), names)
        return [one for one in found if corpus_id(one.source) not in self._left_out][: query.limit]


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    set: str
    question: Question
    gold: bool
    """Whether its gold documents are left in."""

    @property
    def key(self) -> str:
        return f"{self.set}/{self.question.id}/{'gold' if self.gold else 'none'}"


def items_of(name: str, data: Path, limit: int) -> list[Item]:
    """The items of a set in a mixed but fixed order, answerable and not in turns."""
    questions = load_questions(data / name / "questions.jsonl", all_answers=name.startswith("rgb_zh"))
    random.Random(7).shuffle(questions)
    with_gold = [q for q in questions if q.supporting_ids and q.type not in ("partial", "underspecified")][:limit]
    without = [q for q in questions if q.unanswerable][:limit] or with_gold
    turns = zip_longest(
        (Item(set=name, question=question, gold=True) for question in with_gold),
        (Item(set=name, question=question, gold=False) for question in without),
    )
    return [item for turn in turns for item in turn if item is not None]


def small_stores(
    name: str, data: Path, sizes: Sequence[int], limit: int
) -> Iterator[tuple[str, list[CorpusEntry], list[Item]]]:
    """Names, documents and questions of small stores; of each size as many as hold `limit` questions together."""
    corpus = {entry.id: entry for entry in load_corpus(data / name / "corpus.jsonl")}
    questions = load_questions(data / name / "questions.jsonl", all_answers=name.startswith("rgb_zh"))
    questions = [q for q in questions if q.supporting_ids and not q.history and set(q.supporting_ids) <= set(corpus)]
    for size in sizes:
        for part in range(max(1, 2 * limit // size)):
            chance = random.Random(f"{name} {size} {part}")
            asked = chance.sample(questions, min(size // 2, limit))
            documents = {one for question in asked for one in question.supporting_ids}
            others = [one for one in questions if not documents & set(one.supporting_ids)]
            filling = [one for one in corpus if one not in documents]
            kept = documents | set(chance.sample(filling, max(0, size - len(documents))))
            missing = [one for one in chance.sample(others, len(others)) if not kept & set(one.supporting_ids)]
            place = f"{name}-{size}-{part}"
            items = [Item(set=name, question=question, gold=True) for question in asked]
            items += [Item(set=name, question=question, gold=False) for question in missing[: len(asked)]]
            yield place, [corpus[one] for one in corpus if one in kept], items


class Recorder(LocalChat):
    """Knows which requests were held to a schema: those for an answer."""

    def __init__(self, chat: LocalChat, threads: int | None) -> None:
        super().__init__(chat.path, name=chat.name, window=chat.window, threads=threads)
        self.asked: list[ChatRequest] = []

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        if request.schema is not None and request.seed is None:
            self.asked.append(request)
        return super().stream(request)

    def agreement(self, tries: int) -> float | None:
        """Of further replies to the first request and the likeliest one: the mean share of words in common."""
        if not self.asked:
            return None
        request = self.asked[0]
        first = _words(complete(self, replace(request, seed=0)).text)
        others = [_words(complete(self, replace(request, temperature=0.7, seed=n)).text) for n in range(1, tries + 1)]
        return sum(len(first & other) / max(1, len(first | other)) for other in others) / tries


def _words(reply: str) -> set[str]:
    said = " ".join(re.findall(r'"text":\s*"((?:[^"\\]|\\.)*)', reply))
    return set(re.findall(r"[a-z0-9]+|[\u3400-\u9fff]", said.casefold()))


class Collector:
    """Asks the items of one set."""

    def __init__(self, store: Store, embedder: Embedder, chat: ChatModel | None, tries: int = 0) -> None:
        self._store, self._embedder, self._chat, self._tries = store, embedder, chat, tries
        self._retrievers: list[Retriever] = [ByWords(store), ByMeaning(store, embedder)]

    def collect(self, item: Item) -> dict[str, Any]:
        gold = frozenset(item.question.supporting_ids)
        retrieval = Without(self._retrievers, frozenset() if item.gold else gold)
        answerer = Answerer(retrieval, self._store, chat=self._chat, embedder=self._embedder, threshold=0.0)
        traces: list[Trace] = []
        if isinstance(self._chat, Recorder):
            self._chat.asked.clear()
        query = Query(text=item.question.question, scope=Scope.owner(), limit=SHOWN, history=item.question.history)
        with Tracer(traces.append, contents=False).trace("ask", "ask") as (trace_id, _):
            *_, done = answerer.answer(query, trace_id)
        assert isinstance(done, Done)
        answer = done.answer
        again = self._chat.agreement(self._tries) if isinstance(self._chat, Recorder) and answer.statements else None
        return {
            **({} if again is None else {"tries_agree": round(again, 4)}),
            "key": item.key,
            "set": item.set,
            "question": answer.standalone_question,
            "language": answer.language,
            "model": answer.model or "",
            "answerable": item.gold,
            "passages": self._store.status().passages,
            "gold_found": any(corpus_id(one.source) in gold for one in answer.evidence),
            "answer_in_evidence": _right("\n".join(one.passage.text for one in answer.evidence), item.question),
            "answer": _text(answer),
            "refusal": answer.refusal.code if answer.refusal else "",
            "right": _right(_text(answer), item.question),
            "cited_gold": any(corpus_id(c.source) in gold for c in answer.citations),
            "statements": len(answer.statements),
            "dropped": answer.dropped,
            "signals": signals(traces[0]),
            "seconds": {
                f"{s.name} {dict(s.attributes).get('gen_ai.operation.name', '')}": s.end - s.start
                for s in traces[0].spans
            },
        }

    def sentences(self, item: Item) -> list[dict[str, Any]]:
        """Lines of single sentences of one item."""
        assert self._chat is not None
        question, gold = item.question.question, frozenset(item.question.supporting_ids)
        retrieval = Without(self._retrievers, frozenset() if item.gold else gold)
        evidence = retrieval.retrieve(Query(text=question, scope=Scope.owner(), limit=SHOWN))
        shown = number(evidence, REMOTE_EVIDENCE_TOKENS, self._chat.count_tokens)
        near = compare(question, shown, self._store, self._embedder)
        kinds = {"none": shown}
        if item.gold:
            shown = [s for s in shown if corpus_id(s.evidence.source) in gold]
            holding = {s.number for s in shown if any(containment(s.text, [part]) for part in item.question.answers)}
            kinds = {
                "gold": [s for s in shown if s.number in holding],
                "ontopic": [s for s in shown if s.number not in holding],
            }
        lines = []
        for kind, some in kinds.items():
            if not some or any(not kept for kept in kinds.values()):
                continue
            seen = {s.number: near[s.number] for s in some} if kind == "ontopic" else near
            known = retrieval_signals(question, evidence, seen, self._store, self._embedder.name)
            nearest = max(some, key=lambda s: near[s.number].cosine or -1.0)
            known = replace(known, sentence_yes=model_yes(question, [nearest], self._chat))
            lines.append(
                {
                    "key": f"{item.key}/{kind}",
                    "set": item.set,
                    "question": question,
                    "language": language_of(question),
                    "model": self._chat.name,
                    "kind": kind,
                    "answerable": kind == "gold",
                    "gold_found": True,
                    "sentence": nearest.text,
                    "signals": {name: value for name, value in asdict(known).items() if value is not None},
                }
            )
        return lines


def signals(trace: Trace) -> dict[str, float]:
    """The numbers that the decision to answer rests on; later spans know more."""
    return {
        name.removeprefix("gezhi."): float(value)
        for one in trace.spans
        if one.name in ("answer.judge", "answer.confirm")
        for name, value in one.attributes
        if isinstance(value, int | float)
    }


def _text(answer: Answer) -> str:
    return "" if answer.refusal else answer.text


def _right(text: str, question: Question) -> bool:
    return bool(text and question.answers and containment(text, question.answers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--keep", type=Path, required=True, help="folder for the stores")
    parser.add_argument("--items", type=Path, required=True, help="file of JSON lines, appended to")
    parser.add_argument("--sets", required=True)
    parser.add_argument("--limit", type=int, default=60, help="questions of each set")
    parser.add_argument("--threads", type=int, help="of the local chat model")
    parser.add_argument("--tries", type=int, default=0, help="further replies to each answering request")
    parser.add_argument("--extractive", action="store_true", help="without a chat model")
    parser.add_argument("--documents", default="", help="ask small stores of so many documents, e.g. 12,50,200")
    parser.add_argument("--sentences", action="store_true", help="ask about single sentences, answer nothing")
    given = parser.parse_args()
    config = load_config()
    embedder = choose_embedder(config)
    if embedder is None:
        parser.error("an embedding model is needed")
    chat = None if given.extractive else choose_chat(config)
    if given.tries and isinstance(chat, LocalChat):
        chat = Recorder(chat, given.threads)
    elif given.threads and isinstance(chat, LocalChat):
        chat = LocalChat(chat.path, name=chat.name, window=chat.window, threads=given.threads)
    kept = ResultsFile(given.items)
    known = {line["key"] for line in kept.lines()}
    places: list[tuple[str, list[CorpusEntry], list[Item]]] = []
    for name in given.sets.split(","):
        if given.documents:
            places += small_stores(name, given.data, [int(size) for size in given.documents.split(",")], given.limit)
        else:
            places.append(
                (name, load_corpus(given.data / name / "corpus.jsonl"), items_of(name, given.data, given.limit))
            )
    queues = []
    for place, corpus, items in places:
        build_store(given.keep / place, corpus, embedder)
        collector = Collector(open_sqlite(given.keep / place), embedder, chat, given.tries)
        queues.append([(collector, item, f"{place}/{item.key}" if given.documents else item.key) for item in items])
    waiting = [one for turn in zip_longest(*queues) for one in turn if one is not None]
    for done, (collector, item, key) in enumerate(waiting, start=1):
        if any(one.startswith(key) for one in known):
            continue
        for line in collector.sentences(item) if given.sentences else [collector.collect(item)]:
            kept.append(line | {"key": line["key"].replace(item.key, key, 1)})
        print(f"{done}/{len(waiting)} {key}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
