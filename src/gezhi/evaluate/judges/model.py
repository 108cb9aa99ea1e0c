"""A chat model as judge."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from gezhi.evaluate.judges.protocol import Judgement
from gezhi.evaluate.judges.wording import Terms, content_terms
from gezhi.llm.protocol import ChatModel, ChatRequest, Chooser, Message, complete
from gezhi.types import InvalidInput, ModelFailed, Usage
from gezhi.types.language import language_of, sentence_spans

REPLY_TOKENS = 160
SPARE_TOKENS = 96
"""For the chat template around the messages."""

_SCHEMA = {
    "type": "object",
    "properties": {"supported": {"type": "boolean"}, "reason": {"type": "string", "maxLength": 300}},
    "required": ["supported", "reason"],
    "additionalProperties": False,
}
_LABELS = {
    "en": ("Evidence:", "Question:", "Claim:", "Yes", "No"),
    "zh": ("证据：", "问题：", "说法：", "是", "否"),
}


class ModelJudge:
    """Scores with the model's probability of Yes where it can give one (one token), else with its verdict in JSON.

    `terms`: the analyser; evidence too long for the model's window is cut to the sentences that share most with claim
    and question."""

    threshold = 0.5

    def __init__(self, chat: ChatModel, terms: Terms) -> None:
        self._chat, self._terms = chat, terms

    @property
    def name(self) -> str:
        return f"model-{self._chat.name}-{_prompts_hash()}"

    def support(self, claim: str, evidence: Sequence[str], *, question: str = "") -> Judgement:
        if not claim.strip():
            raise InvalidInput("An empty claim cannot be judged.")
        if not any(text.strip() for text in evidence):
            return Judgement(score=0.0, reason="there is no evidence")
        return self._judge("support", claim, question, evidence)

    def relevancy(self, question: str, answer: str) -> Judgement:
        if not question.strip() or not answer.strip():
            raise InvalidInput("An empty question or answer cannot be judged.")
        return self._judge("relevancy", answer, question, ())

    def _judge(self, task: str, claim: str, question: str, evidence: Sequence[str]) -> Judgement:
        language = language_of(question or claim)
        label, asked, said, yes, no = _LABELS[language]
        chooser = self._chat if isinstance(self._chat, Chooser) else None
        system = _prompt("system", language)
        last = "\n\n".join(
            (
                *([f"{asked} {question.strip()}"] if question.strip() else []),
                f"{said} {claim.strip()}",
                f"{_prompt(task, language)}\n{_prompt('word' if chooser else 'json', language)}",
            )
        )
        text = f"{label}\n{self._fitting(evidence, claim, question, system + last)}\n\n{last}" if evidence else last
        messages = (Message(role="system", text=system), Message(role="user", text=text))
        if chooser is None:
            return self._verdict(messages)
        chances = chooser.choose(ChatRequest(messages=messages, max_tokens=1), (yes, no))
        usage = Usage(input_tokens=self._chat.count_tokens(system + text), output_tokens=1)
        return Judgement(score=chances[yes], usage=usage)

    def _verdict(self, messages: tuple[Message, ...]) -> Judgement:
        reply = complete(self._chat, ChatRequest(messages=messages, schema=_SCHEMA, max_tokens=REPLY_TOKENS))
        try:
            verdict = json.loads(_bare(reply.text))
            supported, reason = verdict["supported"], verdict["reason"]
        except (json.JSONDecodeError, TypeError, KeyError) as error:
            raise self._unreadable(reply.text) from error
        if not isinstance(supported, bool) or not isinstance(reason, str):
            raise self._unreadable(reply.text)
        return Judgement(score=float(supported), reason=" ".join(reason.split()), usage=reply.usage)

    def _unreadable(self, reply: str) -> ModelFailed:
        return ModelFailed(
            f"The judge {self._chat.name} replied with something that is no verdict: {reply[:80]!r}.",
            hint="Choose another model, or the judge `rules`.",
        )

    def _fitting(self, evidence: Sequence[str], claim: str, question: str, rest: str) -> str:
        """The evidence, or as much of it as the window takes: the sentences nearest to claim and question, in order."""
        budget = self._chat.window - self._chat.count_tokens(rest) - REPLY_TOKENS - SPARE_TOKENS
        whole = "\n\n".join(text.strip() for text in evidence if text.strip())
        if self._chat.count_tokens(whole) <= budget:
            return whole
        sentences = [text[start:end] for text in evidence for start, end in sentence_spans(text)]
        said, asked = set(content_terms(claim, self._terms)), set(content_terms(question, self._terms))

        def nearness(at: int) -> float:
            terms = set(self._terms(sentences[at]))
            return 2 * len(terms & said) + len(terms & asked) - 1e-6 * at

        kept: list[int] = []
        for at in sorted(range(len(sentences)), key=nearness, reverse=True):
            cost = self._chat.count_tokens(sentences[at]) + 1
            if cost <= budget:
                kept.append(at)
                budget -= cost
        if not kept:
            raise ModelFailed(
                f"Claim and question leave no room for evidence in the window of {self._chat.name}.",
                hint="Judge shorter claims, or set a larger chat_window.",
            )
        return "\n".join(sentences[at] for at in sorted(kept))


def _bare(reply: str) -> str:
    """Without the code fence that models like to put around JSON; anything else stays, and is no verdict."""
    text = reply.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        return text[text.index("\n") : -3]
    return text


@cache
def _prompt(name: str, language: str) -> str:
    return (files("gezhi.evaluate.judges") / "prompts" / f"{name}.{language}.txt").read_text("utf-8").strip()


@cache
def _prompts_hash() -> str:
    """Changes when a prompt does."""
    names = ("system", "support", "relevancy", "word", "json")
    texts = [_prompt(name, language) for name in names for language in ("en", "zh")]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:8]
