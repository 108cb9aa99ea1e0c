"""Evaluation of answers through `App.ask`: over a corpus file, or over the documents of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gezhi.app.config import Config, load_config
from gezhi.app.corpus import OnProgress, build_store, corpus_id, silent, store_folder
from gezhi.app.models import DEFAULT, Default, choose_chat, choose_embedder
from gezhi.app.parts.records import judge_named
from gezhi.app.version import version
from gezhi.evaluate import (
    AnsweredQuestion,
    Prices,
    Question,
    ScoredAnswer,
    answered_question,
    ask_all,
    load_corpus,
    load_questions,
    score_answers,
    summarise,
    with_answers,
    with_gold,
)
from gezhi.evaluate.results_file import ResultsFile
from gezhi.evaluate.runs import Kept, answers_run, questions_hash
from gezhi.types import Answer, Citation, InvalidInput, NotFound

if TYPE_CHECKING:
    from gezhi.app.app import App
    from gezhi.llm.protocol import ChatModel, Embedder


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswersRun:
    scored: tuple[ScoredAnswer, ...]
    dataset: str
    configuration: Mapping[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The figures, and what they were measured with."""
        shown = ("model", "embedder", "judge", "documents", "passages", "without_gold")
        return summarise(self.scored) | {name: self.configuration[name] for name in shown}

    def kept(self, label: str) -> Kept:
        """As a run to keep in a store."""
        return answers_run(
            self.scored,
            label=label,
            dataset=self.dataset,
            configuration=self.configuration,
            summary=self.as_dict(),
        )


def evaluate_answers(
    corpus: Path | None,
    questions: Path | Sequence[Question],
    *,
    dataset: str = "",
    model: str | None = None,
    judge: str = "words",
    limit: int | None = None,
    all_answers: bool = False,
    without_gold: bool = False,
    keep: Path | None = None,
    items: Path | None = None,
    resume: bool = False,
    config: Config | None = None,
    chat: ChatModel | Default | None = DEFAULT,
    embedder: Embedder | Default | None = DEFAULT,
    on_progress: OnProgress = silent,
) -> AnswersRun:
    """Ask the questions through `App.ask` and score. Documents are those of a corpus file, or without one those of
    the configured store; there `supporting_ids` are sources.

    `model`: as the setting `chat_model`, or `extractive` for none. `judge`: `words`, `rules` (with embeddings), `model`
    or `none`.
    `without_gold`: the questions' gold documents are left out of the store, so every answer is a false one; needs a
    corpus. `items`: a file to write one line per question to, as they are answered; with `resume` those it holds
    already are not asked again."""
    from gezhi.app.app import App

    settings = config or load_config()
    if model is not None:
        settings = settings.model_copy(update={"chat_model": "none" if model == "extractive" else model})
    everything = load_questions(questions, all_answers=all_answers) if isinstance(questions, Path) else questions
    asked = with_gold(everything, limit) if without_gold else with_answers(everything, limit)
    if without_gold and corpus is None:
        raise InvalidInput("Only a corpus can be stored without its gold documents.", hint="Give --corpus.")
    name = dataset or (questions.stem if isinstance(questions, Path) else "questions")
    chosen = choose_chat(settings) if isinstance(chat, Default) else chat
    embedding = choose_embedder(settings) if isinstance(embedder, Default) else embedder
    run = _Run(asked, settings, judge, chosen, embedding, without_gold, on_progress)
    if corpus is None:
        with App(config=settings, chat=chosen, embedder=embedding) as app:
            return run.over(app, name, lambda source: source, {"store": str(app.path)}, items, resume)
    entries = load_corpus(corpus)
    if without_gold:
        gold = {supporting for question in asked for supporting in question.supporting_ids}
        entries = [entry for entry in entries if entry.id not in gold]
    with store_folder(keep) as folder:
        built = build_store(folder, entries, embedding, on_progress)
        with App(folder, config=settings, chat=chosen, embedder=embedding) as app:
            return run.over(app, name, corpus_id, {"corpus": built.corpus, "pipeline": built.pipeline}, items, resume)


class _Run:
    def __init__(
        self,
        questions: Sequence[Question],
        config: Config,
        judge: str,
        chat: ChatModel | None,
        embedder: Embedder | None,
        without_gold: bool,
        on_progress: OnProgress,
    ) -> None:
        self._questions, self._config, self._without_gold = questions, config, without_gold
        self._chat, self._embedder, self._on_progress = chat, embedder, on_progress
        self._judge = judge_named(judge, config, chat, embedder)

    def over(
        self,
        app: App,
        dataset: str,
        document_of: Callable[[str], str],
        configuration: Mapping[str, Any],
        items: Path | None,
        resume: bool,
    ) -> AnswersRun:
        known = _answered_before(items, self._questions) if items is not None and resume else {}
        left = [question for question in self._questions if question.id not in known]
        asked = ask_all(
            left,
            lambda query: app.ask(query.text, history=query.history, scope=query.scope),
            document_of,
            lambda citation: _is_true(app, citation),
            without_gold=self._without_gold,
            signals_of=lambda answer: signals_of(app, answer),
            on_step=lambda done, _: self._on_progress("answering", done + len(known), len(self._questions)),
            on_item=_writer(items, list(known.values())),
        )
        answered = known | {item.question.id: item for item in asked}
        scored = score_answers(
            [answered[question.id] for question in self._questions],
            self._judge,
            prices=Prices(read=self._config.chat_price_in, written=self._config.chat_price_out),
            on_step=lambda done: self._on_progress("judging", done, len(self._questions)),
        )
        status = app.status()
        return AnswersRun(
            scored=tuple(scored),
            dataset=dataset,
            configuration={
                "gezhi": version(),
                "model": self._chat.name if self._chat else "extractive",
                "embedder": self._embedder.name if self._embedder else None,
                "judge": self._judge.name if self._judge else "none",
                "retrievers": list(status.retrievers),
                "documents": status.store.documents,
                "passages": status.store.passages,
                "index_revision": status.store.revision,
                "evidence_limit": self._config.evidence_limit,
                "refusal_threshold": self._config.refusal_threshold,
                "without_gold": self._without_gold,
                "questions": questions_hash(self._questions),
                "prompts": _prompts_of(app, answered.values()),
                **configuration,
            },
        )


def signals_of(app: App, answer: Answer) -> dict[str, float]:
    """What the trace says the decision to answer rested on."""
    try:
        spans = app.trace(answer.trace_id).spans
    except NotFound:
        return {}
    return {
        name.removeprefix("gezhi."): float(value)
        for span in spans
        if span.name.startswith("answer.")
        for name, value in span.attributes
        if name.startswith("gezhi.") and isinstance(value, int | float)
    }


def _prompts_of(app: App, items: Iterable[AnsweredQuestion]) -> list[str]:
    """Hashes of the prompts sent, from the first trace that has any."""
    for item in items:
        try:
            spans = app.trace(item.trace_id).spans
        except NotFound:
            continue
        hashes = {str(value) for span in spans for name, value in span.attributes if name == "gezhi.prompt_hash"}
        if hashes:
            return sorted(hashes)
    return []


def _is_true(app: App, citation: Citation) -> bool:
    document = app.document(citation.document_id)
    return bool(citation.quote) and document.text[citation.start : citation.end] == citation.quote


def _answered_before(path: Path, questions: Sequence[Question]) -> dict[str, AnsweredQuestion]:
    """Items of an earlier run that are these questions and did not end in an error. A last line that a crash cut is
    asked again."""
    wanted = {question.id: question for question in questions}
    known = {}
    for line in ResultsFile(path).lines():
        try:
            item = answered_question(line)
        except InvalidInput:
            continue
        question = wanted.get(item.question.id)
        if question is not None and question.question == item.question.question and not item.error:
            known[question.id] = replace(item, question=question)
    return known


def _writer(path: Path | None, known: Sequence[AnsweredQuestion]) -> Callable[[AnsweredQuestion], None] | None:
    """Writes items as they come, after those that are known already: a kill at any moment loses none of them."""
    if path is None:
        return None
    file = ResultsFile(path)
    file.begin(_line(item) for item in known)
    return lambda item: file.append(_line(item))


def _line(item: AnsweredQuestion) -> dict[str, Any]:
    (scored,) = score_answers([item])
    return item.as_dict() | {"scores": dict(scored.scores)}
