"""From a question to checked, cited statements, or a refusal."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gezhi.answer.broad import Told, evidence_of, is_broad, tell_themes
from gezhi.answer.cite import cite, holder
from gezhi.answer.dated import notes_on
from gezhi.answer.events import AnswerEvent, Done, EvidenceFound, Stage, StatementChecked
from gezhi.answer.exact.answerer import Computed, ExactAnswers
from gezhi.answer.exact.route import RouteKind
from gezhi.answer.extract import Nearness, as_statement, best_sentences, compare
from gezhi.answer.numbered import Sentence, number
from gezhi.answer.prompt import ask_about, prompt, prompt_hash
from gezhi.answer.reply import Draft, ReplyReader, reply_schema
from gezhi.answer.rewrite import leaning, points_back, rewrite
from gezhi.answer.support import (
    Signals,
    calibrated,
    calibration,
    can_confirm,
    estimate,
    hopeless,
    model_yes,
    retrieval_signals,
)
from gezhi.answer.verify import check, holders_of_numbers, quoted_by
from gezhi.llm.protocol import ChatModel, ChatRequest, Embedder, Message
from gezhi.retrieve import Retrieval
from gezhi.store.protocol import Store
from gezhi.trace import OpenSpan, span
from gezhi.types import (
    Answer,
    AnswerMode,
    Evidence,
    ModelFailed,
    Note,
    Passage,
    PassageKind,
    Query,
    Refusal,
    Statement,
    Usage,
    join_statements,
)
from gezhi.types.language import language_of

LOCAL_EVIDENCE_TOKENS = 600
"""A local model on two cores reads about 70 tokens a second; four passages of the usual size fit."""
MOST_TOLD = 120
"""Characters of a computed statement that the search for texts is given."""
REMOTE_EVIDENCE_TOKENS = 8000
REPLY_TOKENS = 400

_REFUSALS = {
    "empty_store": {
        "en": "There are no documents yet. Add some, then ask again.",
        "zh": "还没有任何文档。请先添加文档再提问。",
    },
    "no_evidence": {
        "en": "Your documents do not seem to contain the answer. The nearest passages are listed.",
        "zh": "文档中似乎没有这个问题的答案。下面列出最接近的段落。",
    },
    "not_supported": {
        "en": "No answer could be supported by your documents. The nearest passages are listed.",
        "zh": "没有能由文档证实的答案。下面列出最接近的段落。",
    },
}
_ONLY_COMPUTED = {
    "en": "This much a table says. For the rest of the question your documents do not seem to hold an answer.",
    "zh": "以上由表格得出；问题的其余部分，文档中似乎没有答案。",
}


@dataclass(slots=True)
class _Work:
    """The answer while it is being made."""

    query: Query
    language: str
    question: str = ""
    alone: str = ""
    """Of a follow-up whose question was put together by rules: what was asked last."""
    evidence: tuple[Evidence, ...] = ()
    signals: Signals | None = None
    computed: Computed | None = None
    """What tables say, beside or instead of the texts."""
    statements: list[Statement] = field(default_factory=list)
    """From the texts."""
    cited: list[Sequence[Sentence]] = field(default_factory=list)
    """Of each statement."""
    held: bool = False
    """Statements wait until the first one has been confirmed."""
    over_rows: Mapping[str, int] = field(default_factory=dict)
    """`Computed.over_rows`: of these tables a few rows are no evidence."""
    failed: list[tuple[Draft, str, list[int]]] = field(default_factory=list)
    """Statements that failed, why, and which sentences hold their numbers."""
    usage: Usage = field(default_factory=Usage)
    prompt_hash: str = ""

    @property
    def shown(self) -> tuple[Statement, ...]:
        """Of the answer: what was computed stands first."""
        first = self.computed.statement if self.computed is not None else None
        return (*((first,) if first is not None else ()), *self.statements)

    @property
    def offset(self) -> int:
        """Where the next statement begins in the answer's text."""
        so_far = join_statements([s.text for s in self.shown], self.language)
        return len(so_far) + (1 if so_far and self.language != "zh" else 0)


class Answerer:
    """Retrieves, decides whether to answer, answers, checks."""

    def __init__(
        self,
        retrieval: Retrieval,
        store: Store,
        *,
        chat: ChatModel | None,
        embedder: Embedder | None,
        exact: ExactAnswers | None = None,
        threshold: float = -1.0,
    ) -> None:
        self._retrieval, self._store, self._chat, self._embedder = retrieval, store, chat, embedder
        self._exact = exact
        self._threshold = threshold

    def answer(self, query: Query, trace_id: str) -> Iterator[AnswerEvent]:
        """Yield the steps and at last `Done` with the answer."""
        work = _Work(query=query, language=language_of(query.text), question=query.text)
        computed = None
        if query.history:
            computed = yield from self._compute(work, self._readable(query))
        if query.history and (computed is None or computed.statement is None):
            yield Stage(name="rewriting")
            work.question, usage = rewrite(query.text, query.history, self._chat)
            work.usage += usage
            if self._chat is None and work.question != query.text and self._store.word_signals(query.text).terms:
                work.alone = query.text
        if not query.history or (self._chat is not None and (computed is None or computed.statement is None)):
            computed = yield from self._compute(work, {work.question: ()}, by_model=True)
        if computed is not None and computed.route.kind is not RouteKind.BOTH and _settles(computed):
            yield Done(answer=self._computed_answer(work, computed, trace_id))
            return
        yield Stage(name="retrieving")
        if computed is not None and computed.statement is not None:
            work.computed = None if computed.background else computed
            work.question = _with_computed(work.question, computed)
        work.over_rows = computed.over_rows if computed is not None else {}
        themes = self._themes(work)
        if themes:
            work.evidence = evidence_of(themes)
        else:
            work.evidence = self._retrieve(work)
        if work.computed is not None:
            known = {one.passage.id for one in work.evidence}
            work.evidence += tuple(one for one in work.computed.evidence if one.passage.id not in known)
        yield EvidenceFound(standalone_question=work.question, evidence=work.evidence)
        for statement in work.shown:
            yield StatementChecked(statement=statement)
        if themes:
            yield from self._cite_all(work, [(told.text, told.sentence) for told in themes])
            refusal = None if work.statements else _refusal("not_supported", work.language)
        else:
            refusal = yield from self._answer_from(work)
        if refusal is not None and computed is not None and computed.statement is None and computed.over_rows:
            refusal = Refusal(code="not_computed", message=computed.reason)
        mode = AnswerMode.MODEL if self._chat and not themes else AnswerMode.EXTRACTIVE
        notes = notes_on(work.shown, work.evidence, work.language) if refusal is None else ()
        if work.computed is not None and refusal is not None:
            refusal, notes = None, (Note(text=_ONLY_COMPUTED[work.language], passage_ids=()),)
            mode = AnswerMode.COMPUTED
        yield Done(
            answer=Answer(
                question=query.text,
                standalone_question=work.question,
                language=work.language,
                statements=work.shown if refusal is None else (),
                evidence=work.evidence,
                mode=mode,
                model=self._chat.name if self._chat and (mode is AnswerMode.MODEL or _by_model(computed)) else None,
                refusal=refusal,
                notes=notes,
                computation=work.computed.computation if work.computed is not None else None,
                dropped=len(work.failed),
                usage=work.usage,
                trace_id=trace_id,
            )
        )

    def _readable(self, query: Query) -> dict[str, Sequence[str]]:
        """Readings of a follow-up that rules can be sure of, before a model is asked what it points to: alone, and as
        it goes on from what was asked before (the texts, and what they are put together from)."""
        parts = leaning(query.text, query.history)
        ways: dict[str, Sequence[str]] = {}
        if not parts or not points_back(query.text):
            ways[query.text] = ()  # it may stand alone, whatever was said before
        return ways | ({" ".join(parts): parts} if parts else {})

    def _compute(
        self, work: _Work, ways: Mapping[str, Sequence[str]], *, by_model: bool = False
    ) -> Generator[AnswerEvent, None, Computed | None]:
        """What tables say exactly, if it is a question for them."""
        force = RouteKind(work.query.route) if work.query.route else None
        if self._exact is None or (force is None and is_broad(work.question)):
            return None
        yield Stage(name="computing")
        computed = None
        for question, parts in ways.items():
            asked = replace(work.query, text=question)
            computed = self._exact.attempt(asked, force=force, by_model=by_model, leaning=parts)
            if computed is not None:
                work.usage += computed.usage
                if computed.statement is not None:
                    work.question = question
                    break
        return computed

    def _computed_answer(self, work: _Work, computed: Computed, trace_id: str) -> Answer:
        refusal = None if computed.statement else Refusal(code="not_computed", message=computed.reason)
        return Answer(
            question=work.query.text,
            standalone_question=work.question,
            language=work.language,
            statements=(computed.statement,) if computed.statement else (),
            evidence=computed.evidence,
            mode=AnswerMode.COMPUTED,
            model=self._chat.name if self._chat and _by_model(computed) else None,
            refusal=refusal,
            computation=computed.computation if computed.statement else None,
            usage=work.usage,
            trace_id=trace_id,
        )

    def _retrieve(self, work: _Work) -> tuple[Evidence, ...]:
        """Of a follow-up also what is near to what was asked last: it may be about something else."""
        found = self._retrieval.retrieve(replace(work.query, text=work.question))
        if work.alone:
            known = {one.passage.id for one in found}
            more = self._retrieval.retrieve(replace(work.query, text=work.alone, limit=max(1, work.query.limit // 2)))
            found = [*found, *(one for one in more if one.passage.id not in known)]
        return tuple(found)

    def _nearness(self, work: _Work, sentences: Sequence[Sentence]) -> Mapping[int, Nearness]:
        """What was asked last weighs twice: a sentence that only answers the question before is no answer to it."""
        embedder = self._embedder
        if self._chat is not None and not calibrated(embedder.name if embedder else None):
            embedder = None
        near = compare(work.question, sentences, self._store, embedder)
        if not work.alone:
            return near
        return _between(near, compare(work.alone, sentences, self._store, embedder))

    def _themes(self, work: _Work) -> list[Told]:
        """What the documents are about, if the question asks that and they share names."""
        if not is_broad(work.question):
            return []
        with span("answer.themes") as here:
            told = tell_themes(replace(work.query, text=work.question), self._store)
            here.set(gezhi__themes=len(told))
        return told

    def _answer_from(self, work: _Work) -> Generator[AnswerEvent, None, Refusal | None]:
        """Fill the work with statements; returns a refusal or None."""
        evidence = [one for one in work.evidence if not self._only_rows(one.passage, work.over_rows)]
        if not evidence:
            empty = self._store.status().passages == 0
            return _refusal("empty_store" if empty else "no_evidence", work.language)
        sentences = number(evidence, self._evidence_budget(), self._count)
        yield Stage(name="judging")
        near = self._nearness(work, sentences)
        if not self._carries_answer(work, evidence, near):
            return _refusal("no_evidence", work.language)
        yield Stage(name="answering")
        if self._chat is None:
            yield from self._quote(work, sentences, near)
        else:
            yield from self._ask_model(work, sentences, self._chat)
        return None if work.statements else _refusal("not_supported", work.language)

    def _only_rows(self, passage: Passage, over_rows: Mapping[str, int]) -> bool:
        """Whether it holds rows of a table that the question asks all rows of: a few of them, which are no evidence; or
        all, if there is no model to compare them."""
        rows = over_rows.get(passage.document_id, 0)
        few = self._chat is None or len(passage.text.strip().splitlines()) < rows
        return rows > 0 and passage.kind is PassageKind.TABLE_ROWS and few

    def _carries_answer(self, work: _Work, evidence: Sequence[Evidence], near: Mapping[int, Nearness]) -> bool:
        """Whether to try. Where what the model answers can be confirmed, only the hopeless are refused before."""
        with span("answer.judge") as here:
            embedder = self._embedder.name if self._embedder else None
            work.signals = retrieval_signals(work.question, evidence, near, self._store, embedder)
            if not can_confirm(self._chat):
                return self._decide(work, here)
            return self._decide(work, here, hopeless() if self._threshold < 0 else min(hopeless(), self._threshold))

    def _confirmed(self, work: _Work, chat: ChatModel) -> bool:
        """Whether the first statement may be shown, by what the model says of its cited sentences alone."""
        with span("answer.confirm") as here:
            assert work.signals is not None
            yes = model_yes(work.question, work.cited[0], chat)
            work.signals = replace(work.signals, sentence_yes=yes)
            return self._decide(work, here)

    def _decide(self, work: _Work, here: OpenSpan, threshold: float | None = None) -> bool:
        assert work.signals is not None
        language = calibration(work.question, work.evidence)
        made = estimate(work.signals, language, self._chat.name if self._chat else "")
        if threshold is None:
            threshold = made.threshold if self._threshold < 0 else self._threshold
        here.set(gezhi__chance=round(made.chance, 4), gezhi__threshold=threshold, **work.signals.as_attributes())
        return made.chance >= threshold

    def _quote(self, work: _Work, sentences: Sequence[Sentence], near: Mapping[int, Nearness]) -> Iterator[AnswerEvent]:
        with span("answer.extract"):
            chosen = [one for one in best_sentences(sentences, near) if not self._repeats(work, one)]
        yield from self._cite_all(work, [(as_statement(sentence), sentence) for sentence in chosen])

    def _repeats(self, work: _Work, sentence: Sentence) -> bool:
        """Whether it was an answer before, and holds no word of what a follow-up asks now."""
        said = as_statement(sentence)
        before = any(said in turn.text for turn in work.query.history if turn.role == "assistant")
        if not before or work.question == work.query.text:
            return False
        return not set(self._store.word_signals(work.query.text).terms) & set(self._store.terms_of(sentence.text))

    def _cite_all(self, work: _Work, quoted: Sequence[tuple[str, Sentence]]) -> Iterator[AnswerEvent]:
        for text, sentence in quoted:
            statement = cite(text, [sentence], offset=work.offset, store=self._store, scope=work.query.scope)
            if statement is not None:
                work.statements.append(statement)
                yield StatementChecked(statement=statement)

    def _ask_model(self, work: _Work, sentences: Sequence[Sentence], chat: ChatModel) -> Iterator[AnswerEvent]:
        language = work.language
        decided = chat.provider == "local"  # the refusal was decided before; a local model must try
        instruction = prompt("answer", language) + ("" if decided else "\n" + prompt("refuse", language))
        work.prompt_hash = prompt_hash(prompt("system", language), instruction)
        messages = ask_about(sentences, work.question, instruction)
        request = ChatRequest(
            messages=messages,
            schema=reply_schema([s.number for s in sentences], may_be_empty=not decided),
            max_tokens=min(REPLY_TOKENS, chat.window // 4),
            rules_first=True,
        )
        reader = ReplyReader()
        work.held = can_confirm(chat)
        yield from self._run(work, sentences, chat, request, reader)
        if work.failed or not (work.statements or reader.readable):
            yield from self._repair(work, sentences, chat, request, reader.text)
        if work.held and work.statements:
            yield from self._release(work, chat)

    def _repair(
        self, work: _Work, sentences: Sequence[Sentence], chat: ChatModel, request: ChatRequest, reply: str
    ) -> Iterator[AnswerEvent]:
        """One more turn, about what failed."""
        yield Stage(name="repairing")
        problems = "\n".join(f"- {draft.text}: {problem}" for draft, problem, _ in work.failed)
        ask = prompt("repair", work.language).format(problems=problems or "- (no JSON of the asked form)")
        # Where the right numbers stand elsewhere, the model must choose among the sentences that hold them.
        allowed = [s.number for s in sentences]
        if work.failed and all(holders for *_, holders in work.failed):
            allowed = sorted({number for *_, holders in work.failed for number in holders})
        repaired = replace(
            request,
            schema=reply_schema(allowed, may_be_empty=chat.provider != "local"),
            messages=(*request.messages, Message(role="assistant", text=reply), Message(role="user", text=ask)),
        )
        work.failed = []
        yield from self._run(work, sentences, chat, repaired, ReplyReader())

    def _release(self, work: _Work, chat: ChatModel) -> Iterator[AnswerEvent]:
        """Show the statements that waited, or drop them all. Asked last: the question about the cited sentences takes
        the evidence out of the model's cache, which the repair would have to read again."""
        if not self._confirmed(work, chat):
            work.statements.clear()
        for statement in work.statements:
            yield StatementChecked(statement=statement)

    def _run(
        self, work: _Work, sentences: Sequence[Sentence], chat: ChatModel, request: ChatRequest, reader: ReplyReader
    ) -> Iterator[AnswerEvent]:
        """Stream one reply, check each statement as soon as it is complete."""
        with span("chat", gen_ai__operation__name="answer", gen_ai__request__model=chat.name) as here:
            here.set(
                gen_ai__provider__name=chat.provider,
                gezhi__prompt_hash=work.prompt_hash,
            )
            here.content(gezhi__prompt=request.messages[-1].text)
            deltas = chat.stream(request)
            try:
                for delta in deltas:
                    work.usage += delta.usage
                    _count_usage(here, delta.usage)
                    for draft in reader.feed(delta.text):
                        yield from self._check(work, sentences, draft)
            finally:
                close = getattr(deltas, "close", None)
                if close is not None:
                    close()
            here.content(gezhi__reply=reader.text)
            if not reader.text.strip():
                raise ModelFailed(f"{chat.name} gave an empty reply.", hint="Try again, or use another chat model.")

    def _check(self, work: _Work, sentences: Sequence[Sentence], draft: Draft) -> Iterator[AnswerEvent]:
        if any(draft.text == statement.text for statement in work.shown):
            return
        cited = [sentences[n - 1] for n in draft.cites if 1 <= n <= len(sentences)]
        verdict = check(draft, cited, work.question, self._store.terms_of)
        if not verdict.supported and (quoted := quoted_by(draft, sentences)):
            cited = quoted
            verdict = check(draft, cited, work.question, self._store.terms_of)
        if not verdict.supported and work.held and not work.statements:  # the first held statement is confirmed
            cited = holder(draft, sentences, work.question, self._store.terms_of) or cited
            verdict = check(draft, cited, work.question, self._store.terms_of)
        statement = None
        if verdict.supported:
            statement = cite(draft.text, cited, offset=work.offset, store=self._store, scope=work.query.scope)
        if statement is None:
            holders = holders_of_numbers(draft, sentences)
            work.failed.append((draft, verdict.problem or "the source has changed", holders))
            return
        work.statements.append(statement)
        work.cited.append(cited)
        if not work.held:
            yield StatementChecked(statement=statement)

    def _evidence_budget(self) -> int:
        if self._chat is None or self._chat.provider != "local":
            window = self._chat.window if self._chat else 10**6
            return min(REMOTE_EVIDENCE_TOKENS, window // 2)
        return min(LOCAL_EVIDENCE_TOKENS, self._chat.window // 2)

    def _count(self, text: str) -> int:
        return self._chat.count_tokens(text) if self._chat else len(text) // 4 + 1


def _count_usage(here: OpenSpan, usage: Usage) -> None:
    if usage.input_tokens or usage.output_tokens:
        here.set(gen_ai__usage__input_tokens=usage.input_tokens, gen_ai__usage__output_tokens=usage.output_tokens)


def _with_computed(question: str, computed: Computed) -> str:
    """The question with what was computed for it: `why did sales fall where complaints are most?` names no region.
    Of names and their amounts, the names: texts rarely repeat an amount."""
    assert computed.statement is not None
    firsts = [row[0] for row in computed.computation.rows] if computed.computation else []
    names = [one for one in firsts if isinstance(one, str)]
    told = ", ".join(names) if names and len(names) == len(firsts) else computed.statement.text.rstrip(".。")
    return f"{question} ({told})" if len(told) <= MOST_TOLD else question


def _between(one: Mapping[int, Nearness], other: Mapping[int, Nearness]) -> dict[int, Nearness]:
    """The mean of two; a cosine that was taken once stands for itself."""
    mean = {}
    for place, near in one.items():
        also = other[place]
        cosines = [cosine for cosine in (near.cosine, also.cosine) if cosine is not None]
        mean[place] = Nearness(
            own=(near.own + also.own) / 2,
            above=(near.above + also.above) / 2,
            cosine=sum(cosines) / len(cosines) if cosines else None,
        )
    return mean


def _by_model(computed: Computed | None) -> bool:
    return computed is not None and computed.computation is not None and computed.computation.by == "model"


def _settles(computed: Computed) -> bool:
    """Whether the tables have the last word: an answer, or the asker wants no other way."""
    return computed.statement is not None or computed.route.forced or computed.route.only


def _refusal(code: str, language: str) -> Refusal:
    return Refusal(code=code, message=_REFUSALS[code][language])
