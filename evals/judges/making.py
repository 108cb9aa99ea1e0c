"""Pairs to fit the rules judge on, made from questions with gold answers and passages: true claims, and claims broken
in one place. Fixed seed: the same data give the same pairs."""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gezhi.evaluate.judges.pairs import JudgedPair
from gezhi.types.language import sentence_spans

SETS = ("nq_oracle", "cmrc2018_trial", "hotpotqa_train100", "musique_train100", "mtrag_un")
"""Natural Questions CC BY-SA 3.0, CMRC 2018 CC BY-SA 4.0, HotpotQA CC BY-SA 4.0, MuSiQue CC BY 4.0, MTRAG-UN
Apache-2.0."""

_NAME = re.compile(r"\b[A-Z][\w'’-]+(?: (?:of|the|de|van|von) )?(?: ?[A-Z][\w'’-]+)*")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NAME_ZH = re.compile(
    r"(?<=[《“「『])[^》”」』]{2,12}(?=[》”」』])|[\u4e00-\u9fff]{2,5}(?:省|市|县|区|国|大学|公司|人|队|山|河|岛|湖|寺|路)"
)
_ASKING_EN = re.compile(
    r"^(?:in |on |at )?(?:who(?:se)?|when|where|what|which|how (?:many|much|long|old|far))\b", re.IGNORECASE
)
_ASKING_ZH = re.compile(r"什么时候|什么时间|什么|哪(?:一)?[年天月日个位里儿些]|哪|何时|何地|谁|多少|几")


@dataclass(frozen=True)
class _Item:
    id: str
    lang: str
    question: str
    answers: tuple[str, ...]
    gold: tuple[str, ...]
    """Texts with their titles."""


def made_pairs(data: Path, name: str, limit: int = 400, seed: int = 7) -> list[JudgedPair]:
    if name == "mtrag_un":
        return _from_answers(data / name, seed)
    items = _items(data / name)
    everything = [text for item in items for text in item.gold]
    by_text: dict[str, list[_Item]] = defaultdict(list)
    for item in items:
        by_text[item.gold[-1]].append(item)
    random.Random(seed).shuffle(items)
    pairs = []
    for item in items[:limit]:
        dice = random.Random(f"{seed}{item.id}")
        made = [*_from_question(item, by_text[item.gold[-1]], everything, dice), *_from_sentences(item, dice)]
        pairs += [
            JudgedPair(id=f"{name}/{item.id}/{at}", group=item.id, claim=c, evidence=tuple(e), question=q, label=label)
            for at, (c, e, q, label) in enumerate(made)
        ]
    return pairs


Made = tuple[str, Sequence[str], str, bool]


def _from_question(
    item: _Item, neighbours: Sequence[_Item], others: Sequence[str], dice: random.Random
) -> Iterator[Made]:
    """The true answer, another thing of the same kind from the same passage, something from elsewhere; bare and as
    a statement; with and without passages beside the point."""
    gold = " ".join(item.gold)
    answer = item.answers[0]
    wrong = _same_kind(item, neighbours, dice)
    beside = dice.sample(list(others), k=min(len(others), dice.choice([0, 0, 1, 3])))
    beside = [text for text in beside if text not in item.gold]
    evidence = [*item.gold, *beside]
    dice.shuffle(evidence)
    for form in (str, lambda a: _statement(item, a)):
        yield form(answer), evidence, item.question, True
        if wrong:
            yield form(wrong), evidence, item.question, False
    lost = [
        text for text in dice.sample(list(others), k=min(3, len(others))) if answer.casefold() not in text.casefold()
    ]
    if lost:
        yield dice.choice([answer, _statement(item, answer)]), lost, item.question, False
    elsewhere = _candidates(dice.choice(list(others)), item.lang)
    strange = [name for name in elsewhere if name not in gold]
    if dice.random() < 0.5:
        yield _statement(item, ""), evidence, item.question, False
    if strange and dice.random() < 0.3:
        yield dice.choice([strange[0], _statement(item, strange[0])]), evidence, item.question, False


def _statement(item: _Item, answer: str) -> str:
    """The question with the answer in the place of the question word."""
    bare = item.question.strip().rstrip("?？")
    if item.lang == "zh":
        return _ASKING_ZH.sub(lambda _: answer, bare, count=1) if _ASKING_ZH.search(bare) else f"{bare}：{answer}"
    return _ASKING_EN.sub(lambda _: answer, bare) if _ASKING_EN.search(bare) else f"{bare}: {answer}"


def _candidates(text: str, lang: str) -> list[str]:
    return list(dict.fromkeys((_NAME_ZH if lang == "zh" else _NAME).findall(text)))


def _same_kind(item: _Item, neighbours: Sequence[_Item], dice: random.Random) -> str:
    """A wrong answer from the passage itself: of the same kind, or the answer to another question about it."""
    known = " ".join((item.question, *item.answers)).casefold()
    gold = " ".join(item.gold)
    numbers = [n for n in dict.fromkeys(_NUMBER.findall(gold)) if n not in known]
    if _NUMBER.search(item.answers[0]):
        if not numbers:
            return ""
        return _NUMBER.sub(lambda _: dice.choice(numbers), item.answers[0], count=1)
    told = [n.answers[0] for n in neighbours if n.id != item.id and n.answers[0].casefold() not in known]
    names = [name for name in _candidates(gold, item.lang) if name.casefold() not in known]
    pool = told if told and dice.random() < 0.7 else names or told
    return dice.choice(pool) if pool else ""


def _from_sentences(item: _Item, dice: random.Random) -> Iterator[Made]:
    """A sentence of the passage, shortened; then with a number, a name or two changed, or denied."""
    text = dice.choice(item.gold)
    title, _, body = text.partition("\n")
    sentences = [body[a:b] for a, b in sentence_spans(body) if 20 <= b - a <= 300]
    if not sentences:
        return
    sentence = dice.choice(sentences)
    claim = _shortened(sentence, dice)
    question = dice.choice(["", "", item.question])
    yield claim, item.gold, question, True
    broken = [b for b in (_other_number(claim, dice), _other_name(claim, body, item.lang, dice),
                          _swapped(claim, item.lang), _denied(claim, item.lang),
                          _other_unit(claim)) if b and b != claim]  # fmt: skip
    if broken:
        yield dice.choice(broken), item.gold, question, False
    del title


def _shortened(sentence: str, dice: random.Random) -> str:
    """Without brackets; of long ones a clause is left out: what remains is still stated."""
    bare = re.sub(r"\s*[(（][^)）]*[)）]", "", sentence)
    clauses = re.split(r"(?<=[,，；;])\s*", bare)
    if len(clauses) > 2 and dice.random() < 0.6:
        clauses.pop(dice.randrange(1, len(clauses)))
    joint = "" if re.search(r"[\u4e00-\u9fff]", bare) else " "
    return joint.join(clauses).strip()


def _other_number(claim: str, dice: random.Random) -> str:
    match = _NUMBER.search(claim)
    if not match:
        return ""
    digits = match.group().replace(",", "").split(".")[0]
    return claim[: match.start()] + str(int(digits) + dice.choice([-7, -2, -1, 1, 2, 3, 10])) + claim[match.end() :]


_OTHER_UNITS = {
    "million": "billion", "billion": "million", "thousand": "million", "%": " dollars", "years": "months",
    "months": "years", "days": "weeks", "km": "miles", "miles": "km", "metres": "feet", "feet": "metres", "万": "亿",
    "亿": "万", "公里": "米", "米": "公里", "天": "个月", "个月": "年", "小时": "天", "分钟": "小时",
}  # fmt: skip


def _other_unit(claim: str) -> str:
    units = "|".join(_OTHER_UNITS)
    return re.sub(rf"(?<=\d)(\s?)({units})", lambda m: m[1] + _OTHER_UNITS[m[2]], claim, count=1)


def _other_name(claim: str, body: str, lang: str, dice: random.Random) -> str:
    own = _candidates(claim, lang)
    others = [name for name in _candidates(body, lang) if name not in claim]
    return claim.replace(dice.choice(own), dice.choice(others), 1) if own and others else ""


def _swapped(claim: str, lang: str) -> str:
    own = _candidates(claim, lang)
    if len(own) < 2:
        return ""
    first, last = own[0], own[-1]
    return claim.replace(first, "\0").replace(last, first).replace("\0", last)


def _denied(claim: str, lang: str) -> str:
    if lang == "zh":
        return re.sub(r"(?<![不还但])(是|有|在|为|能|会|被)", r"没有\1", claim, count=1)
    return re.sub(r"\b(is|are|was|were|has|have|had|can|will|did|does)\b(?! not)", r"\1 not", claim, count=1)


def _from_answers(folder: Path, seed: int) -> list[JudgedPair]:
    """Answers that people wrote from passages in their own words: whole and by sentence, with those passages, with
    those of another turn of the conversation, and broken."""
    texts = {row["id"]: row["text"].strip() for row in _rows(folder / "corpus.jsonl")}
    turns = [
        (row["id"], row["question"], row["answers"][0], [texts[one] for one in row["supporting_ids"]])
        for row in _rows(folder / "questions.jsonl")
        if row["type"] == "answerable" and row["answers"] and row["supporting_ids"]
    ]
    pairs = []
    for id_, question, answer, gold in turns:
        dice = random.Random(f"{seed}{id_}")
        talk = id_.partition("<::>")[0]
        others = [t[3] for t in turns if t[0].startswith(talk) and not set(t[3]) & set(gold)] or [
            _nearest(answer, [t for t in texts.values() if t not in gold])
        ]
        beside = dice.choice(others)
        sentences = [answer[a:b] for a, b in sentence_spans(answer) if b - a >= 20]
        made: list[Made] = [(answer, gold, question, True), (answer, beside, question, False)]
        for sentence in dice.sample(sentences, k=min(3, len(sentences))):
            asked = dice.choice([question, ""])
            made += [(sentence, gold, asked, True), (sentence, beside, asked, False)]
            made += [(b, gold, asked, False) for b in (_other_number(sentence, dice), _denied(sentence, "en"),
                     _other_unit(sentence),
                     _other_name(sentence, "\n".join(gold), "en", dice)) if b and b != sentence]  # fmt: skip
        pairs += [
            JudgedPair(id=f"mtrag_un/{id_}/{at}", group=talk, claim=c, evidence=tuple(e), question=q, label=label)
            for at, (c, e, q, label) in enumerate(made)
        ]
    return pairs


def _nearest(answer: str, texts: Sequence[str]) -> list[str]:
    words = set(re.findall(r"\w{4,}", answer.casefold()))
    ranked = sorted(texts, key=lambda text: -len(words & set(re.findall(r"\w{4,}", text.casefold()))))
    return ranked[1:3]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def _items(folder: Path) -> list[_Item]:
    texts = {row["id"]: f"{row['title']}\n{row['text']}" for row in _rows(folder / "corpus.jsonl")}
    items = []
    for row in _rows(folder / "questions.jsonl"):
        gold = tuple(texts[one] for one in row["supporting_ids"] if one in texts)
        whole = " ".join(gold).casefold()
        answers = tuple(answer for answer in row["answers"] if answer.casefold() in whole)
        if gold and answers:
            items.append(_Item(row["id"], row["lang"], row["question"], answers, gold))
    return items


def relevancy_pairs(data: Path, name: str, limit: int = 300, seed: int = 7) -> list[JudgedPair]:
    """Questions with their own answer, bare or as a statement, and with that of another question of the set: of the
    same passage where there is one."""
    made = [pair for pair in made_pairs(data, name, limit, seed) if pair.question and pair.label]
    by_evidence: dict[tuple[str, ...], list[JudgedPair]] = defaultdict(list)
    for pair in made:
        by_evidence[pair.evidence].append(pair)
    pairs = []
    for pair in made:
        dice = random.Random(f"{seed}{pair.id}")
        near = [other for other in by_evidence[pair.evidence] if other.question != pair.question]
        other = dice.choice(near or [one for one in made if one.question != pair.question])
        pairs += [pair, replace(pair, id=f"{pair.id}/other", claim=other.claim, label=False)]
    return pairs
