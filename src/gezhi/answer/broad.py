"""Questions about everything at once ("what are the main themes?"): no passage answers them, groups of passages do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gezhi.answer.numbered import Sentence, sentences_of
from gezhi.retrieve.graph.themes import Theme, themes
from gezhi.store.naming.names import key_words, name_key
from gezhi.store.protocol import Store
from gezhi.types import Evidence, Found, PassageKind, Query

MOST_THEMES = 5
LONGEST = 300
"""Characters of a sentence that stands for a theme."""
LOOKED_AT = 5
"""Passages of a theme whose sentences are compared."""
FEW = 8
"""Passages found that hold a word of the question: below, the question narrows nothing."""

_BROAD = re.compile(
    r"\b(?:main|major|key|overall|common|recurring|central|principal)\s+(?:themes?|topics?|subjects?|issues|points|ideas)\b"
    r"|\bwhat\s+(?:are|is)\s+(?:these|the|my|our|all)\s+(?:\w+\s+){0,2}(?:documents?|files?|reports?|texts?)\s+about\b"
    r"|\b(?:summari[sz]e|overview\s+of|outline)\s+(?:all|everything|the\s+whole|these|the|my|our)\b"
    r"|(?:主要|核心|共同|重点)(?:的)?(?:主题|内容|议题|话题|方面|要点)|(?:有|包括|涉及|讲了|讲的是|谈了)(?:哪些|什么)(?:主题|话题|议题|方面)"
    r"|(?:概括|概述|总结|综述)(?:一下)?(?:所有|全部|这些|整个|上述)|(?:这些|所有|全部)(?:文档|文件|资料|报告)(?:主要)?(?:讲|说|谈|是关于)",
    re.IGNORECASE,
)
_COMMON = frozenset(
    re.findall(
        r"\w+",
        "main major key overall common recurring central theme topic subject issue point idea document file report text"
        " what are is the these my our all summarize summarise overview outline about in of and everything whole"
        " 主要 核心 共同 重点 主题 内容 议题 话题 方面 要点 概括 概述 总结 综述 所有 全部 这些 整个 文档 文件 资料"
        " 报告 哪些 什么 一下 有 讲 说 谈 关于",
    )
)


def is_broad(question: str) -> bool:
    """Whether it asks what the documents as a whole are about."""
    return bool(_BROAD.search(question))


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A theme in words: its names, and the sentence that holds most of them."""

    theme: Theme
    sentence: Sentence

    @property
    def text(self) -> str:
        """Names first, so that a reader sees at once what the sentence stands for."""
        names = ", ".join(self.theme.names)
        said = " ".join(self.sentence.text.split())
        return f"• {names}: {said}\n" if names else f"• {said}\n"


def tell_themes(query: Query, store: Store) -> list[Told]:
    """The themes of what the query may see; narrowed to what it finds, if it says more than that it wants themes."""
    view = store.graph(query.scope, query.filters)
    telling = [term for term in store.terms_of(query.text) if term.casefold() not in _COMMON]
    hits = store.search_words(" ".join(telling), query.scope, query.filters, 300) if telling else []
    within = view.positions([hit.passage.id for hit in hits]) if len(hits) >= FEW else None
    return [told for theme in themes(view, within=within, limit=MOST_THEMES) for told in _tell(theme, query, store)]


def _tell(theme: Theme, query: Query, store: Store) -> Iterator[Told]:
    keys = [f" {name_key(name)} " for name in theme.names]
    best: tuple[tuple[bool, int, int], Sentence] | None = None
    for hit in store.passages(theme.passages[:LOOKED_AT], query.scope):
        evidence = Evidence(
            passage=hit.passage,
            source=hit.source,
            title=hit.title,
            revision=hit.revision,
            score=theme.share,
            found_by=(Found(retriever="themes", rank=1, score=theme.share),),
        )
        for start, end in sentences_of(hit.passage):
            if end - start > LONGEST:
                continue
            spelled = f" {' '.join(key_words(hit.passage.text[start:end]))} "
            worth = (hit.passage.kind is PassageKind.PROSE, sum(key in spelled for key in keys), min(end - start, 120))
            if best is None or worth > best[0]:
                best = worth, Sentence(number=1, evidence=evidence, start=start, end=end)
    if best is not None:
        yield Told(theme=theme, sentence=best[1])


def evidence_of(told: Sequence[Told]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(one.sentence.evidence for one in told))
