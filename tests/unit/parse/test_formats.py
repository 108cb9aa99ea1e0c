"""Each format: what is kept, where it stands, what is dropped."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gezhi.parse import SUPPORTED_EXTENSIONS, parse_bytes
from gezhi.types import Block, Document, Table

from . import samples
from .checks import check, check_outcome, document_of, shown


def tables(document: Document) -> list[Table]:
    return [block.table for block in document.blocks if block.table is not None]


def rows(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


@pytest.mark.parametrize("name", list(samples.every()))
def test_invariants(name: str) -> None:
    data = samples.every()[name]
    first, second = document_of(data, name), document_of(data, name)
    assert first == second
    assert "." + name.partition(".")[2] in SUPPORTED_EXTENSIONS


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx", "a.pptx", "a.epub", "a.odt"])
def test_the_content_decides_not_the_name(name: str) -> None:
    data = samples.every()[name]
    right, wrong = document_of(data, name), document_of(data, "a.txt")
    assert right.text == wrong.text and right.media_type == wrong.media_type


def test_text() -> None:
    document = document_of("第一章 总则\n一\n二\n\n\nlast\r\nline\n".encode(), "folder/法律.txt")
    assert shown(document) == [("heading", "第一章 总则"), ("paragraph", "一\n二"), ("paragraph", "last\nline")]
    assert document.title == "法律"


def test_markdown_is_kept_as_written() -> None:
    document = document_of(samples.MARKDOWN.encode(), "a.md")
    assert document.text == samples.MARKDOWN
    assert document.title == "手册"
    assert ("author", "Ann") in document.metadata
    assert [kind for kind, _ in shown(document)] == [
        "heading", "paragraph", "list_item", "list_item", "table", "code", "heading", "list_item",
    ]  # fmt: skip
    assert shown(document)[1][1] == "A paragraph that\ngoes on."
    table = tables(document)[0]
    assert table.header == ("Item", "Price")
    assert rows(table) == [("Bolt", "12"), ("a|b", "7")]
    assert document.text[table.rows[1].start : table.rows[1].end] == "| a\\|b | 7 |"


def test_html() -> None:
    document = document_of(samples.HTML.encode(), "a.html")
    assert document.title == "Offer"
    assert shown(document)[:5] == [
        ("heading", "Terms"), ("paragraph", "Pay within 30 days.\nThanks."), ("list_item", "- one"),
        ("list_item", "3. deep"), ("code", "x = 1\n  y = 2"),
    ]  # fmt: skip
    for gone in ("menu", "secret", "evil", "p{}"):
        assert gone not in document.text
    table = tables(document)[0]
    assert (table.name, table.header) == ("Prices", ("Item", "Price", "Price"))
    assert rows(table) == [("Bolt", "12", "EUR"), ("Bolt", "14", "USD")]


@pytest.mark.parametrize(("charset", "text"), [("gb2312", "中文价格"), ("big5", "繁體價格"), ("utf-8", "价格")])
def test_html_charset(charset: str, text: str) -> None:
    page = f'<html><head><meta charset="{charset}"></head><body><p>{text}</p></body></html>'
    assert document_of(page.encode(charset), "a.html").text == text


def test_json_table_keeps_numbers_as_written() -> None:
    document = document_of(samples.every()["a.json"], "a.json")
    assert tables(document)[0].header == ("a", "b")
    assert rows(tables(document)[0]) == [("1.0", "c"), ("2", "d")]
    assert document.title == "x"


def test_json_lines() -> None:
    document = document_of(b'{"q": "why?", "list": [{"x": [1]}]}\n{"q": "so", "list": []}', "a.jsonl")
    assert "q: why?" in document.text and "list[0].x: 1" in document.text and "q: so" in document.text


def test_broken_json_is_text_with_a_warning() -> None:
    parsed = parse_bytes(b'{"a": [1, 2', "a.json")
    assert parsed.outcome.code == "not_valid" and parsed.document is not None
    assert parsed.document.text == '{"a": [1, 2'


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv(delimiter: str) -> None:
    lines = [["name", "note", "price"], ["bolt", '"two\nlines, ""q"""', "12"], ["nut", "x"], ["", "", ""]]
    data = "\n".join(delimiter.join(line) for line in lines).encode()
    table = tables(document_of(data, "list.csv"))[0]
    assert table.name == "list" and table.header == ("name", "note", "price")
    assert rows(table) == [("bolt", 'two lines, "q"', "12"), ("nut", "x", "")]


def test_csv_without_header() -> None:
    table = tables(document_of(b"1,2\n3,4\n", "a.csv"))[0]
    assert table.header == () and rows(table) == [("1", "2"), ("3", "4")]


def test_xlsx() -> None:
    document = document_of(samples.xlsx(), "a.xlsx")
    assert document.page_count == 2
    assert shown(document)[:2] == [("heading", "价格"), ("paragraph", "Price list 2024")]
    first, second = tables(document)
    assert (first.name, first.header) == ("Price list 2024", ("Item", "Price", "Since"))
    assert rows(first) == [("螺栓", "12", "2024-03-01"), ("螺母", "7.5", "2024-03-01")]
    assert second.header == ("Region", "Total") and rows(second) == [("North", "19.5")]


def test_docx() -> None:
    document = document_of(samples.docx(), "a.docx")
    assert document.title == "采购合同" and ("author", "Li Wei") in document.metadata
    parts = shown(document)
    assert parts[:6] == [
        ("heading", "采购合同"), ("heading", "Payment"), ("paragraph", samples.PROSE_ZH),
        ("list_item", "1. first item"), ("list_item", "2. second item"), ("list_item", "- a bullet"),
    ]  # fmt: skip
    assert tables(document)[0].header == ("Item", "Price", "Note")
    assert rows(tables(document)[0]) == [("Bolt", "12", "steel"), ("Nut", "7", "steel")]
    assert rows(tables(document)[1]) == [("outer", "inner")]
    assert ("paragraph", "kept inserted") in parts and ("paragraph", "boxed words") in parts
    assert "deleted" not in document.text and "page header" not in document.text


def test_word_numbers_are_counted() -> None:
    from lxml import etree

    from gezhi.parse.office.numbering import Numbering, chinese_number, format_number

    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    levels = "".join(
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for level, kind, text in ((0, "chineseCountingThousand", "第%1条"), (1, "decimal", "%1.%2"), (2, "bullet", "o"))
    )
    numbering = Numbering(
        etree.fromstring(
            f'<w:numbering xmlns:w="{word}"><w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
            '<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
        )
    )
    steps = [0, 1, 1, 2, 0, 1]
    assert [numbering.marker("3", level) for level in steps] == ["第一条", "一.1", "一.2", "-", "第二条", "二.1"]
    assert numbering.marker("99", 0) is None
    assert [chinese_number(n) for n in (10, 11, 20, 103, 110, 1001)] == [
        "十",
        "十一",
        "二十",
        "一百零三",
        "一百一十",
        "一千零一",
    ]
    assert format_number(4, "lowerRoman") == "iv" and format_number(28, "upperLetter") == "BB"


def test_pptx() -> None:
    document = document_of(samples.pptx(), "a.pptx")
    assert document.page_count == 2
    found = [(block.page, document.text[block.start : block.end]) for block in document.blocks]
    assert found == [
        (1, "Results 2024"), (1, "Sales grew"), (1, "利润下降"), (1, "say it slowly"), (2, "Numbers"),
        (2, "City | Sales\n上海 | 120"), (2, "inside a group"),
    ]  # fmt: skip


def test_odt() -> None:
    document = document_of(samples.odt(), "a.odt")
    assert shown(document) == [("heading", "Kopf"), ("paragraph", "a  b"), ("table", "A | B\n1 | 2")]


def test_epub_follows_the_spine() -> None:
    document = document_of(samples.epub(), "a.epub")
    assert document.title == "小书" and document.text == "One\n\nthe first page\n\nTwo\n\n第二页"


def test_mail() -> None:
    data = samples.eml()
    parsed = parse_bytes(data, "a.eml")
    assert parsed.document is not None
    document = parsed.document
    check(document, data)
    assert document.title == "报价 for bolts"
    assert document.text.startswith("From: 张三 <zhang@example.org>\nTo: Ann <ann@example.org>\nDate: ")
    assert "the price is 12 euro." in document.text and "html variant" not in document.text
    assert parsed.outcome.code == "attachments_not_read" and "offer.pdf" in parsed.outcome.message
    assert "Attachments: offer.pdf" in document.text


def test_xml() -> None:
    assert shown(document_of(samples.every()["a.xml"], "a.xml")) == [("heading", "T"), ("paragraph", "some bold words")]


def test_long_text_is_cut_into_blocks_and_at_its_limit() -> None:
    from gezhi.parse import Limits

    document = document_of(("字" * 90_000).encode(), "a.txt")
    assert len(document.blocks) > 1 and all(b.end - b.start <= 20_000 for b in document.blocks)
    parsed = parse_bytes(b"word " * 1000, "a.html", Limits(text_characters=100))
    assert parsed.outcome.code == "truncated_text" and parsed.document is not None
    assert len(parsed.document.text) <= 100


_NAMES = st.sampled_from(["a.txt", "a.md", "a.html", "a.json", "a.jsonl", "a.csv", "a.tsv", "a.xml", "a.eml", "a"])
_PIECES = st.sampled_from(
    ["# ", "\n", "\n\n", "|", "---", "- ", "```", "<p>", "</p>", "<table><tr><td>", "<li>", "中文。", "word ", '"', ",",
     "{", "}", "[", "]", ":", "1", "\t", "\r\n", "\u00ad", "\x00", "\u2028", "    ", "<!--", "-->", "&lt;", "第一章\n"]
)  # fmt: skip


@given(name=_NAMES, pieces=st.lists(st.one_of(_PIECES, st.text(max_size=8)), max_size=60))
def test_any_text_keeps_the_invariants(name: str, pieces: list[str]) -> None:
    data = "".join(pieces).encode("utf-8", "replace")
    parsed = parse_bytes(data, name)
    check_outcome(parsed)
    if parsed.document is not None:
        check(parsed.document, data)


@given(data=st.binary(max_size=300), name=_NAMES)
def test_any_bytes_reach_an_outcome(data: bytes, name: str) -> None:
    parsed = parse_bytes(data, name)
    check_outcome(parsed)
    if parsed.document is not None:
        check(parsed.document, data)


def test_blocks_are_typed() -> None:
    assert all(isinstance(block, Block) for block in document_of(b"x", "a.txt").blocks)


def test_comments_of_cells_and_slides() -> None:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for name, note in (("Stock", "without returns"), ("Plain", "")):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Part", "Count"])
            sheet.write_row(1, 0, ["Seal", 12])
            if note:
                sheet.write_comment("B2", note, {"author": "Ann"})
    document = document_of(buffer.getvalue(), "a.xlsx")
    assert "B2 (Ann): without returns" in document.text
    assert document.text.index("without returns") < document.text.index("Plain")

    made, package = io.BytesIO(), zipfile.ZipFile(io.BytesIO(samples.pptx()))
    slide = next(one for one in package.namelist() if re.fullmatch(r"ppt/slides/slide1\.xml", one))
    relations = f"ppt/slides/_rels/{slide.rpartition('/')[2]}.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
    with zipfile.ZipFile(made, "w") as copy:
        for name in package.namelist():
            text = package.read(name)
            if name == relations:
                one = f'<Relationship Id="rIdC" Type="{kind}" Target="../comments/comment1.xml"/></Relationships>'
                text = text.replace(b"</Relationships>", one.encode())
            copy.writestr(name, text)
        main = "http://schemas.openxmlformats.org/presentationml/2006/main"
        said = f'<p:cmLst xmlns:p="{main}"><p:cm authorId="0"><p:text>Check this figure.</p:text></p:cm></p:cmLst>'
        copy.writestr("ppt/comments/comment1.xml", said)
    assert "Check this figure." in document_of(made.getvalue(), "a.pptx").text
