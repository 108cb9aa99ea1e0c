from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gezhi.evaluate.judges import RulesJudge
from gezhi.evaluate.judges.alignment import index_claim, index_evidence, parts_of
from gezhi.evaluate.judges.features import BY_MEANING, BY_WORDS, features_of, relevancy_features
from gezhi.evaluate.judges.head import Head, Heads, load_heads
from gezhi.llm.scripted import HashEmbedder
from gezhi.store.analyse import Analyser
from gezhi.types import InvalidInput, ModelUnavailable

TERMS = Analyser().terms

PUMP = (
    "Pump P-200\nThe pump P-200 was built by Marlow Works in 1998. It delivers 35 litres a minute. "
    "Anna Keller designed the seal, and Jonas Weber approved the drawing. The warranty lasts 24 months. "
    "The housing is not suitable for salt water."
)
CITY = (
    "临江市\n临江市位于青川省东部，面积3200平方公里，2015年有人口86万人。市长王建国于2018年上任，前任市长是李明。"
    "临江大桥由东方建设公司承建，全长1500米。该桥不允许货车通行。"
)


@pytest.fixture(scope="module")
def judge() -> RulesJudge:
    return RulesJudge(TERMS)


STATED = [
    (PUMP, "Who built the pump P-200?", "Marlow Works"),
    (PUMP, "When was the pump P-200 built?", "in 1998"),
    (PUMP, "", "The pump P-200 was built by Marlow Works in 1998."),
    (PUMP, "How long does the warranty last?", "The warranty lasts 24 months."),
    (PUMP, "Who designed the seal?", "Anna Keller designed the seal."),
    (PUMP, "Is it suitable for salt water?", "The housing is not suitable for salt water."),
    (CITY, "谁承建了临江大桥？", "东方建设公司"),
    (CITY, "临江大桥全长多少米？", "1500米"),
    (CITY, "临江市在哪个省？", "临江市位于青川省东部。"),
    (CITY, "", "临江大桥由东方建设公司承建，全长1500米。"),
    (CITY, "货车可以通行吗？", "该桥不允许货车通行。"),
]
BROKEN = {
    "wrong number": (PUMP, "How long does the warranty last?", "The warranty lasts 36 months.", "36"),
    "wrong unit": (PUMP, "How long does the warranty last?", "The warranty lasts 24 years.", "unit"),
    "wrong name": (PUMP, "Who built the pump P-200?", "The pump P-200 was built by Hansen Motors.", "Hansen"),
    "denied": (PUMP, "", "The pump P-200 was not built by Marlow Works in 1998.", "denies"),
    "denial dropped": (PUMP, "", "The housing is suitable for salt water.", "denies"),
    "question repeated": (PUMP, "Who built the pump P-200?", "The pump P-200 was built.", "repeats"),
    "of another thing": (PUMP, "", "The museum opens at nine on weekdays.", "words"),
    "not known": (PUMP, "Who built the pump P-200?", "It is not mentioned who built it.", ""),
    "错误数字": (CITY, "临江大桥全长多少米？", "临江大桥全长2300米。", "2300"),
    "错误单位": (CITY, "临江大桥全长多少米？", "临江大桥全长1500公里。", "unit"),
    "错误名称": (CITY, "谁承建了临江大桥？", "临江大桥由西南铁路集团承建。", ""),
    "否定": (CITY, "", "临江大桥不是由东方建设公司承建，全长1500米。", "denies"),
    "丢掉否定": (CITY, "", "该桥允许货车通行。", "denies"),
    "重复问题": (CITY, "临江大桥由谁承建？", "关于临江大桥的承建。", "repeats"),
    "答非所证": (CITY, "", "博物馆周末早上九点开门。", "words"),
}


@pytest.mark.parametrize(("text", "question", "claim"), STATED)
def test_what_is_stated_is_supported(judge: RulesJudge, text: str, question: str, claim: str) -> None:
    judgement = judge.support(claim, [text], question=question)
    assert judgement.score >= judge.threshold, judgement.reason


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_not_supported_and_the_reason_names_it(judge: RulesJudge, case: str) -> None:
    text, question, claim, why = BROKEN[case]
    judgement = judge.support(claim, [text], question=question)
    assert judgement.score < judge.threshold
    assert why in judgement.reason


@pytest.mark.parametrize(
    ("right", "swapped", "text"),
    [
        (
            "Anna Keller designed the seal, and Jonas Weber approved the drawing.",
            "Jonas Weber designed the seal, and Anna Keller approved the drawing.",
            PUMP,
        ),
        ("市长王建国于2018年上任，前任市长是李明。", "市长李明于2018年上任，前任市长是王建国。", CITY),
    ],
)
def test_swapped_roles_score_lower(judge: RulesJudge, right: str, swapped: str, text: str) -> None:
    assert judge.support(swapped, [text]).score < judge.support(right, [text]).score - 0.02


def test_a_paraphrase_scores_above_another_topic(judge: RulesJudge) -> None:
    near = judge.support("Marlow Works made the P-200 pump.", [PUMP], question="Who made the P-200?").score
    far = judge.support("The museum opens at nine.", [PUMP], question="Who made the P-200?").score
    assert near > far + 0.2


def test_numbers_are_known_in_any_writing(judge: RulesJudge) -> None:
    assert judge.support("二十四个月", ["保修期为24个月。"], question="保修期多长？").score >= judge.threshold
    said = judge.support("The fee is 1,200 dollars.", ["The fee is 1200 dollars."])
    assert said.score >= judge.threshold and not said.reason


def test_another_scale_is_another_number(judge: RulesJudge) -> None:
    text = "The company earned 3.5 million dollars in Lisbon."
    right = judge.support("It earned 3.5 million dollars.", [text], question="What did the company earn?")
    wrong = judge.support("It earned 3.5 billion dollars.", [text], question="What did the company earn?")
    assert wrong.score < right.score - 0.1
    assert "scale" in wrong.reason


def test_texts_support_together(judge: RulesJudge) -> None:
    first, second = "Marlow Works built the pump P-200.", "Anna Keller designed the seal."
    claim = "Marlow Works built the pump P-200. Anna Keller designed the seal."
    both = judge.support(claim, [first, second])
    assert both.score >= judge.threshold
    assert both.score > max(judge.support(claim, [text]).score for text in (first, second))


def test_no_evidence_supports_nothing(judge: RulesJudge) -> None:
    assert judge.support("Anything.", []).score == 0.0
    assert judge.support("Anything.", ["  "]).score == 0.0


@pytest.mark.parametrize("claim", ["", " \n"])
def test_an_empty_claim_is_an_error(judge: RulesJudge, claim: str) -> None:
    with pytest.raises(InvalidInput):
        judge.support(claim, [PUMP])
    with pytest.raises(InvalidInput):
        judge.relevancy("Who?", claim)


def test_two_languages_are_an_error_not_a_score(judge: RulesJudge) -> None:
    with pytest.raises(ModelUnavailable):
        judge.support("水泵由马洛公司于1998年制造。", [PUMP])
    assert judge.support("P-200", ["该型号是P-200，由东方公司制造。"], question="型号是什么？").score > 0.0


def test_the_title_belongs_to_every_sentence(judge: RulesJudge) -> None:
    body = "It was founded in 1921. The club plays in Alden."
    titled = judge.support("Alden Rovers was founded in 1921.", [f"Alden Rovers\n{body}"]).score
    assert titled > judge.support("Alden Rovers was founded in 1921.", [body]).score


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("When was the pump built?", "The pump was built in 1998.", "Salt water damages the housing."),
        ("大桥全长多少米？", "大桥全长1500米。", "市长是王建国。"),
    ],
)
def test_relevancy(judge: RulesJudge, question: str, answer: str, other: str) -> None:
    assert judge.relevancy(question, answer).score > judge.relevancy(question, other).score + 0.1


TEXTS = st.lists(
    st.sampled_from(
        ["pump", "seal", "1998", "not", "Marlow Works", "24 months", "大桥", "1500米", "不", "。", ". ", "，", "Yes"]
    ),
    min_size=1,
    max_size=12,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=3), TEXTS)
def test_scores_are_chances_and_repeatable(claim: str, evidence: list[str], question: str) -> None:
    judge = RulesJudge(TERMS)
    try:
        first = judge.support(claim, evidence, question=question)
    except ModelUnavailable:
        return
    assert 0.0 <= first.score <= 1.0
    assert first == RulesJudge(TERMS).support(claim, evidence, question=question)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=2), TEXTS)
def test_more_evidence_never_makes_words_numbers_or_names_missing(claim: str, evidence: list[str], more: str) -> None:
    def found(texts: Sequence[str]) -> dict[str, float]:
        return features_of(index_claim(claim, "", TERMS), index_evidence(texts, TERMS, None), TERMS, None)

    less, greater = found(evidence), found([*evidence, more])
    assert greater["new_held"] >= less["new_held"]
    assert greater["number_missing"] <= less["number_missing"]
    assert greater["name_missing"] <= less["name_missing"]


def test_the_length_of_a_claim_is_no_feature() -> None:
    evidence = index_evidence([PUMP, CITY], TERMS, None)
    short = "The warranty lasts 24 months"
    brief = features_of(index_claim(f"{short}.", "", TERMS), evidence, TERMS, None)
    assert not any(value == len(short) for value in brief.values())
    parts = parts_of("The warranty lasts 24 months. The warranty lasts 24 months.")
    head = load_heads().support["words"]
    one = features_of(index_claim(parts[0], "", TERMS), evidence, TERMS, None)
    assert head.score([one, one]) == pytest.approx(head.score([one]))


def test_the_heads_fit_the_features() -> None:
    heads = load_heads()
    assert set(heads.support["words"].weights) == set(BY_WORDS)
    assert heads.support["words"].weights["number_missing"] < 0 < heads.support["words"].weights["claim_held_close"]
    assert heads.card["fitted_on"] and heads.card["limits"] and heads.card["date"]
    seen = relevancy_features("Who?", "Anna", TERMS, None)
    assert set(heads.relevancy["words"].weights) == set(seen)


def test_a_judge_names_its_head() -> None:
    head = Head(weights={}, bias=0.0, threshold=0.5)
    heads = Heads(version="9", embedder="x", support={"words": head}, relevancy={"words": head}, card={})
    assert RulesJudge(TERMS, heads=heads).name == "rules-9-words"
    assert RulesJudge(TERMS, heads=heads).support("A pump.", [PUMP]).score == 0.5


def test_an_embedder_adds_meaning_and_is_asked_once_for_a_text() -> None:
    embedder = HashEmbedder(64)
    judge = RulesJudge(TERMS, embedder.embed_passages)
    assert judge.name.endswith("-meaning")
    assert judge.threshold == load_heads().support["meaning"].threshold
    first = judge.support("The warranty lasts 24 months.", [PUMP], question="How long is the warranty?")
    asked = embedder.embedded
    assert judge.support("The warranty lasts 24 months.", [PUMP], question="How long is the warranty?") == first
    assert embedder.embedded == asked > 0
    assert first.score > judge.support("The museum opens at nine.", [PUMP]).score
    assert set(load_heads().support["meaning"].weights) == {*BY_WORDS, *BY_MEANING}
