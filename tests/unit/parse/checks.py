"""The invariants every document keeps."""

from __future__ import annotations

from gezhi.parse import parse_bytes
from gezhi.types import BlockKind, Document, Parsed, Status, document_id


def document_of(data: bytes, name: str) -> Document:
    parsed = parse_bytes(data, name)
    assert parsed.document is not None, parsed.outcome
    check(parsed.document, data)
    return parsed.document


def check(document: Document, data: bytes) -> None:
    text = document.text
    assert document.id == document_id(data)
    text.encode("utf-8")
    assert "\x00" not in text and "\r" not in text
    position = 0
    for block in document.blocks:
        assert position <= block.start < block.end <= len(text)
        position = block.end
        assert text[block.start : block.end].strip("\n") == text[block.start : block.end]
        assert (block.kind is BlockKind.HEADING) == (1 <= block.level <= 6)
        assert (block.kind is BlockKind.TABLE) == (block.table is not None)
        if block.table is not None:
            at = block.start
            for row in block.table.rows:
                assert at <= row.start < row.end <= block.end
                at = row.end
                assert len(row.cells) >= len(block.table.header)
                written = text[row.start : row.end]
                for cell in row.cells:  # a bar in a cell is written \|; a cell may also hold just that
                    assert cell in written or cell in written.replace("\\|", "|")
        if block.box is not None:
            assert block.page is not None
            assert block.box.x0 <= block.box.x1 and block.box.y0 <= block.box.y1
    outside = "".join(text[a.end : b.start] for a, b in zip(document.blocks, document.blocks[1:], strict=False))
    if document.media_type != "text/markdown":
        assert not outside.strip(), outside[:200]


def check_outcome(parsed: Parsed) -> None:
    """Nothing is silently empty: a document, or a refusal that says something."""
    if parsed.document is None:
        assert parsed.outcome.status is Status.REFUSED
        assert parsed.outcome.code != "ok" and parsed.outcome.message
    else:
        assert parsed.document.text.strip() and parsed.document.blocks
        assert (parsed.outcome.status is Status.STORED) == (parsed.outcome.code == "ok")


def shown(document: Document) -> list[tuple[str, str]]:
    return [(str(block.kind), document.text[block.start : block.end]) for block in document.blocks]
