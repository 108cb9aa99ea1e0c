from hypothesis import given
from hypothesis import strategies as st

from gezhi.ingest.split import TARGET_WIDTH, split, width
from gezhi.types import Block, BlockKind, Document, PassageKind, Table, TableRow, document_id


def make(*parts: tuple[BlockKind, str, int]) -> Document:
    """A document of (kind, text, heading level) parts; a table's text is rows of cells, the first one the header."""
    text, blocks = "", []
    for kind, part, level in parts:
        start = len(text)
        text += part
        table = None
        if kind is BlockKind.TABLE:
            at, rows = start, []
            for line in part.split("\n"):
                rows.append(TableRow(cells=tuple(line.split(" | ")), start=at, end=at + len(line)))
                at += len(line) + 1
            table = Table(name="", header=rows[0].cells, rows=tuple(rows[1:]))
        blocks.append(Block(kind=kind, start=start, end=len(text), level=level, table=table))
        text += "\n\n"
    return Document(
        id=document_id(text.encode()), source="a.md", title="A", media_type="text/markdown", text=text,
        blocks=tuple(blocks),
    )  # fmt: skip


H, P, T = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.TABLE
LONG = "The pump runs at twelve bar and must be checked. " * 12


def test_headings_become_the_path() -> None:
    document = make((H, "Leave", 1), (H, "Sick leave", 2), (P, LONG, 0), (H, "Holidays", 2), (P, LONG, 0))
    assert [p.headings for p in split(document)] == [("Leave", "Sick leave"), ("Leave", "Holidays")]


def test_short_sections_of_one_parent_are_joined_with_their_headings_inside() -> None:
    document = make((H, "Terms", 1), (H, "1 Price", 2), (P, "Ten euros.", 0), (H, "2 Delivery", 2), (P, "In May.", 0))
    (passage,) = split(document)
    assert passage.headings == ("Terms",)
    assert passage.text.startswith("1 Price") and passage.text.endswith("In May.")


def test_a_heading_with_nothing_below_is_kept() -> None:
    passages = split(make((H, "Thank you", 1)))
    assert [p.text for p in passages] == ["Thank you"]


def test_long_prose_is_cut_at_sentences_of_both_languages() -> None:
    for sentence in ("The valve closes at nine bar. ", "阀门在九巴时关闭，随后应由值班人员检查并记录。"):
        passages = split(make((P, (sentence * 200).strip(), 0)))
        assert len(passages) > 3
        assert all(p.text.endswith((".", "。")) for p in passages)


def test_tables_are_cut_between_rows_and_keep_their_header() -> None:
    rows = "\n".join(["Code | Price", *(f"PPR-{n} | {n * 10}" for n in range(300))])
    passages = split(make((H, "Prices", 1), (T, rows, 0)))
    assert len(passages) > 1
    for passage in passages:
        assert passage.kind is PassageKind.TABLE_ROWS
        assert passage.table_header == ("Code", "Price")
        assert all(line.startswith("PPR-") and " | " in line for line in passage.text.split("\n"))
    assert sum(p.text.count("PPR-") for p in passages) == 300


part = st.tuples(
    st.sampled_from([P, BlockKind.CODE, BlockKind.LIST_ITEM, H]),
    st.text(alphabet=st.sampled_from("ab 。.\n中文"), min_size=1, max_size=3000).map(str.strip).filter(bool),
    st.just(0),
).map(lambda t: (t[0], t[1].replace("\n", " ") if t[0] is H else t[1], 1 if t[0] is H else 0))


@given(st.lists(part, max_size=8))
def test_passages_are_spans_of_the_text_and_lose_no_prose(parts: list[tuple[BlockKind, str, int]]) -> None:
    document = make(*parts)
    passages = split(document)
    covered: set[int] = set()
    for ordinal, passage in enumerate(passages):
        assert passage.ordinal == ordinal
        assert document.text[passage.start : passage.end] == passage.text
        assert width(passage.text) <= TARGET_WIDTH * 1.01
        covered.update(range(passage.start, passage.end))
    for block in document.blocks:
        if block.kind is not BlockKind.HEADING:
            inside = range(block.start, block.end)
            assert all(at in covered for at in inside if not document.text[at].isspace())
