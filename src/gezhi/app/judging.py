"""Judges by name, and how far each agrees with people."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gezhi.app.config import Config, load_config
from gezhi.app.corpus import OnProgress, silent
from gezhi.app.models import DEFAULT, Default, choose_chat, choose_embedder
from gezhi.evaluate.judges.agreement import Ask, agreement, ask_judge, judge_pairs, relevancy_agreement
from gezhi.evaluate.judges.kept import KeptJudgements
from gezhi.evaluate.judges.pairs import READERS, JudgedPair, load_pairs
from gezhi.evaluate.judges.protocol import Judge
from gezhi.types import InvalidInput, ModelUnavailable

if TYPE_CHECKING:
    from gezhi.llm.protocol import ChatModel, Embedder

JUDGES = ("rules", "words", "model")
FITTED_ON = "halueval_qa"
"""Half of this set fitted the rules judge: all judges are measured on the other half."""


def choose_judge(name: str, config: Config, chat: ChatModel | None, embedder: Embedder | None) -> Judge:
    """`rules`: no chat model; uses the embedder if it is the one the judge knows. `words`: the same without an
    embedder. `model`: the chat model. Raises InvalidInput for another name, ModelUnavailable without a chat model."""
    del config
    from gezhi.evaluate.judges.head import load_heads
    from gezhi.evaluate.judges.model import ModelJudge
    from gezhi.evaluate.judges.rules import RulesJudge
    from gezhi.store.analyse import Analyser

    terms = Analyser().terms
    if name == "model":
        if chat is None:
            raise ModelUnavailable(
                "The judge `model` needs a chat model, and none is set or installed.",
                hint="Run `gezhi models install auto`, set chat_model, or use the judge `rules`.",
            )
        return ModelJudge(chat, terms)
    if name not in JUDGES:
        raise InvalidInput(f"There is no judge {name!r}.", hint=f"Choose one of: {', '.join(JUDGES)}, none.")
    known = name == "rules" and embedder is not None and embedder.name.startswith(load_heads().embedder)
    return RulesJudge(terms, embedder.embed_passages if known and embedder is not None else None)


def evaluate_judges(
    data: Path,
    judges: Sequence[str] = ("rules",),
    limit: int | None = None,
    on_progress: OnProgress = silent,
    *,
    sets: Sequence[str] = (),
    items: Path | None = None,
    config: Config | None = None,
    chat: ChatModel | Default | None = DEFAULT,
    embedder: Embedder | Default | None = DEFAULT,
) -> dict[str, Any]:
    """How far the judges agree with the people who labelled the sets in the folder `data`; those that are not there are
    skipped and named. `limit`: so many pairs of each set, always the same ones. `items`: a file of one line a judged
    pair, written as it is judged; what it holds already is not judged again.

    The figures are a list, one entry a judge and set: `balanced_accuracy`, `auc`, `auc_even_lengths`, with ratings also
    `spearman_*` and `relevancy_spearman_*`; each with its `_interval` (95 %, bootstrap over groups)."""
    settings = config or load_config()
    chat = choose_chat(settings) if isinstance(chat, Default) and "model" in judges else chat
    embedder = choose_embedder(settings) if isinstance(embedder, Default) and "rules" in judges else embedder
    chosen = [
        choose_judge(
            name,
            settings,
            None if isinstance(chat, Default) else chat,
            None if isinstance(embedder, Default) else embedder,
        )
        for name in dict.fromkeys(judges)
    ]
    wanted = list(sets) or list(READERS)
    present = [name for name in wanted if (data / name).is_dir()]
    if not present:
        raise InvalidInput(f"None of the labelled sets is in {data}.", hint=f"Sets: {', '.join(wanted)}.")
    pairs = {name: measured_pairs(data, name, limit) for name in present}
    ask = KeptJudgements(items) if items is not None else ask_judge
    figures = [measure(judge, name, pairs[name], on_progress, ask) for judge in chosen for name in present]
    return {"figures": figures, "skipped": [name for name in wanted if name not in present], "limit": limit}


def measured_pairs(data: Path, name: str, limit: int | None = None) -> list[JudgedPair]:
    """The pairs of a set that no judge was fitted on; so many of them by a hash of their ids."""
    pairs = [pair for pair in load_pairs(data, name) if name != FITTED_ON or not pair.train]
    if limit is None or limit >= len(pairs):
        return pairs
    if limit < 1:
        raise InvalidInput("At least one pair of a set must be judged.")
    return sorted(pairs, key=lambda pair: zlib.crc32(f"m{pair.id}".encode()))[:limit]


def measure(
    judge: Judge, name: str, pairs: Sequence[JudgedPair], on_progress: OnProgress = silent, ask: Ask = ask_judge
) -> dict[str, Any]:
    """One entry of the figures."""
    stage = f"{judge.name} on {name}"
    judged = judge_pairs(judge, pairs, lambda done, of: on_progress(stage, done, of), ask=ask)
    entry: dict[str, Any] = {"judge": judge.name, "set": name, "threshold": round(judge.threshold, 4)}
    entry |= agreement(judged, judge.threshold)
    if all(pair.ratings for pair in pairs):
        entry |= relevancy_agreement(judge_pairs(judge, pairs, about="relevancy", ask=ask))
    entry["tokens"] = sum(one.usage.input_tokens + one.usage.output_tokens for one in judged)
    return entry
