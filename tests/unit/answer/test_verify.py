import re

import pytest

from gezhi.answer.numbered import Sentence, as_text, number
from gezhi.answer.reply import Draft, ReplyReader, reply_schema
from gezhi.answer.verify import check, other_year, quoted_by, unknown_names
from gezhi.types import Evidence, Passage, PassageKind


def evidence(text: str, *, title: str = "Contract", header: tuple[str, ...] = ()) -> Evidence:
    kind = PassageKind.TABLE_ROWS if header else PassageKind.PROSE
    passage = Passage(document_id="d", ordinal=0, start=0, end=len(text), text=text, kind=kind, table_header=header)
    return Evidence(passage=passage, source="c.md", title=title, revision=1, score=1.0, found_by=())


def sentences(*texts: str) -> list[Sentence]:
    return number([evidence(text) for text in texts], 10_000, len)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z]+|[\u4e00-\u9fff]", text.lower())


def verdict(statement: str, source: str, question: str = "How long is it?") -> bool:
    return check(Draft(text=statement, cites=(1,)), sentences(source), question, words).supported


@pytest.mark.parametrize(
    ("statement", "source", "supported"),
    [
        ("The warranty lasts 24 months.", "The warranty lasts 24 months from delivery.", True),
        ("The warranty lasts 36 months.", "The warranty lasts 24 months from delivery.", False),
        ("Payment is due by 2024-03-05.", "Payment is due by 5 March 2024.", True),
        ("Delivery takes 2 weeks.", "Delivery takes two weeks.", True),
        ("The fee is 1200 euros.", "The fee is 1,200.00 euros.", True),
        ("The capital of France is Paris.", "The warranty lasts from delivery.", False),
        ("保修期为24个月。", "质保期为交货后二十四个月。", True),
        ("保修期为36个月。", "质保期为交货后24个月。", False),
    ],
)
def test_numbers_and_words_must_be_in_the_cited_sentence(statement: str, source: str, supported: bool) -> None:
    question = "质保期多长？" if "期" in statement else "How long is it?"
    assert verdict(statement, source, question) is supported


@pytest.mark.parametrize(
    ("statement", "supported"),
    [
        ("Johnny Crawford played Ricky Underwood in the series.", False),
        ("Daren Kagasoff played Ricky Underwood in the series.", True),
    ],
)
def test_a_name_of_another_passage_is_not_what_the_cited_one_says(statement: str, supported: bool) -> None:
    source = "Daren Kagasoff was born in Germany. He played Ricky Underwood in the US series."
    cited = sentences(source, "Johnny Crawford played Mark McCain in the western series.")
    second = [one for one in cited if one.text.startswith("He played")]
    draft = Draft(text=statement, cites=(second[0].number,))
    assert check(draft, second, "who played ricky in the series", words).supported is supported


def test_a_name_may_be_written_in_another_form() -> None:
    known = "Café Bergen of Germany paid the US in the Union of Old Towns. Berg-Hansen led it."
    assert unknown_names("In March the German café, the United States and the UOT met Hansen.", known) == []
    assert unknown_names("It was led by Bo Olsen of Oslo, on a Monday.", known) == ["Bo", "Olsen", "Oslo"]


@pytest.mark.parametrize(
    ("question", "about", "year"),
    [
        ("中超2022赛季什么时候开赛？", "2023赛季中超联赛于4月15日开幕。", "2023"),
        ("What was revenue in 2021?", "Annual report 2020. Revenue was 7 million.", "2020"),
        ("What was revenue in 2021?", "Revenue was 7 million in 2020 and 8 million in 2021.", ""),
        ("2024年比2023年增长多少？", "2024年收入同比增长8%。", ""),
        ("Who hosted after 2021?", "Since 2022 it is hosted by Anna Berg.", ""),
        ("Which is the tallest building in 2018?", "The council was formed in 1969.", ""),
        ("Who won in 2004?", "The 2003–04 season was won by Anna Berg.", ""),
        ("What was the economy like in the 1930s?", "The crisis began in August 1929.", ""),
        ("Who won?", "In 2004 it was Anna Berg.", ""),
    ],
)
def test_another_year_than_the_one_asked_for(question: str, about: str, year: str) -> None:
    assert other_year(question, about) == year


def test_a_bare_number_supports_nothing_in_another_language() -> None:
    assert not verdict("机械密封失效", "5.", "发生了什么故障？")


def test_a_statement_without_a_citation_is_not_supported() -> None:
    assert not check(Draft(text="Yes.", cites=()), [], "Is it?", words).supported


def test_a_statement_that_only_repeats_the_question_says_nothing() -> None:
    source = "Sending money home is called a remittance."
    assert not verdict("Sending money home", source, "What is sending money home called?")
    assert verdict("Yes.", source, "Is sending money home a remittance?")


def test_a_statement_copied_to_the_letter_finds_its_sentence() -> None:
    shown = sentences("The pump weighs 287 kg. The warranty of every pump lasts 24 months.")
    copied = Draft(text="The warranty of every pump lasts 24 months", cites=(1,))
    assert [s.number for s in quoted_by(copied, shown)] == [2]
    assert quoted_by(Draft(text="The warranty of each pump lasts 24 months", cites=(1,)), shown) == []
    assert quoted_by(Draft(text="pump", cites=(1,)), shown) == []


def test_a_long_statement_must_be_in_the_language_of_the_question() -> None:
    source = "The warranty of every pump lasts twenty-four months from the day of delivery."
    assert not verdict(source, source, "每台泵的质保期是多长时间？")


def test_numbering_keeps_the_budget_but_gives_one_sentence() -> None:
    numbered = number([evidence("One is here. Two is here. Three is here.")], 5, len)
    assert [s.text for s in numbered] == ["One is here."]


def test_table_rows_are_shown_with_their_header() -> None:
    numbered = number([evidence("A1 | 10\nA2 | 20", header=("Code", "Price"))], 1000, len)
    assert as_text(numbered) == "# Contract\n(Code | Price)\n1: A1 | 10\n2: A2 | 20"


def test_statements_are_read_while_the_reply_grows() -> None:
    reader = ReplyReader()
    reply = '```json\n{"statements": [{"cites": [2, 2], "text": "a } b"}, {"cites": [1], "text": "c"}]}\n```'
    seen: list[tuple[int, Draft]] = []
    for at, char in enumerate(reply):
        seen += [(at, draft) for draft in reader.feed(char)]
    assert [draft for _, draft in seen] == [Draft(text="a } b", cites=(2,)), Draft(text="c", cites=(1,))]
    assert seen[0][0] == reply.index("}, {")


@pytest.mark.parametrize("reply", ["", "no json", '{"statements": 3}', '{"statements": [{"text": 5}, {"cites": 1}]}'])
def test_garbage_gives_no_statement(reply: str) -> None:
    assert list(ReplyReader().feed(reply)) == []


def test_the_schema_can_only_cite_sentences_that_exist() -> None:
    schema = str(reply_schema([1, 2], may_be_empty=False))
    assert "'enum': [1, 2]" in schema and "'minItems': 1" in schema
