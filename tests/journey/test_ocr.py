"""Scanned pages in both languages, from pictures to a cited answer. Needs the extra `ocr`."""

from __future__ import annotations

import difflib
import io
from pathlib import Path

import pypdfium2
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas
from typer.testing import CliRunner

from gezhi.app.app import App
from gezhi.app.config import load_config
from gezhi.entrypoints.cli.root import app as cli
from gezhi.types import Status

pytest.importorskip("rapidocr", reason='needs `pip install "gezhi[ocr]"`')
pytestmark = pytest.mark.slow
SAMPLES = Path(__file__).parents[2] / "samples" / "documents"
DOTS_PER_INCH = 150


def scan(source: Path, target: Path, turn: int = 0) -> None:
    """The first page as a picture, a little askew, and turned by quarters clockwise."""
    page = pypdfium2.PdfDocument(source)[0]
    width, height = page.get_size()
    picture = page.render(scale=DOTS_PER_INCH / 72).to_pil().convert("L").rotate(0.6, fillcolor=255)
    picture = picture.rotate(-90 * turn, expand=True)
    width, height = (height, width) if turn % 2 else (width, height)
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=60)
    packed.seek(0)
    made = canvas.Canvas(str(target), pagesize=(width, height))
    made.drawImage(ImageReader(packed), 0, 0, width, height)
    made.save()


def test_scanned_pages_are_read_searched_and_cited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan(SAMPLES / "annual-report-2024.pdf", tmp_path / "report.pdf")
    scan(SAMPLES / "2024年度安全生产报告.pdf", tmp_path / "安全.pdf")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GEZHI_CHAT_MODEL", "none")
    monkeypatch.setenv("GEZHI_EMBED_MODEL", "none")
    refused = CliRunner().invoke(cli, ["add", "report.pdf"])
    assert refused.exit_code == 4
    assert "--ocr" in refused.output
    with App(config=load_config(store=tmp_path / "s", ocr=True), embedder=None) as app:
        added = app.add("report.pdf", "安全.pdf")
        assert [item.outcome.status for item in added.items if item.outcome] == [Status.STORED, Status.STORED]
        answer = app.ask("What dividend does the Board propose?")
        assert "CNY 0.42 per share" in answer.text
        assert (answer.citations[0].source, answer.citations[0].page) == ("report.pdf", 1)
        hit = app.search("铸造车间的联锁门被短接", limit=1)[0]
        assert hit.source == "安全.pdf"
        assert "联锁门" in hit.passage.text
        assert all(block.box for block in app.document("安全.pdf").blocks)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_page_that_lay_askew_on_the_scanner_is_read_upright(tmp_path: Path, turn: int) -> None:
    scan(SAMPLES / "annual-report-2024.pdf", tmp_path / "upright.pdf")
    scan(SAMPLES / "annual-report-2024.pdf", tmp_path / "turned.pdf", turn)
    with App(config=load_config(store=tmp_path / "s", ocr=True, chat_model="none"), embedder=None) as app:
        app.add(tmp_path / "upright.pdf", tmp_path / "turned.pdf")
        upright, turned = (app.document(str(tmp_path / name)) for name in ("upright.pdf", "turned.pdf"))
    assert "The Board proposes a dividend of CNY 0.42 per share" in turned.text
    assert difflib.SequenceMatcher(None, upright.text, turned.text, autojunk=False).ratio() > 0.97
    first, same = upright.blocks[0].box, turned.blocks[0].box
    assert first
    assert same
    width, height = pypdfium2.PdfDocument(tmp_path / "upright.pdf")[0].get_size()
    corners = {  # where the upper left corner of the first line lies on the turned page
        1: (height - first.y0, first.x0), 2: (width - first.x0, height - first.y0), 3: (first.y0, width - first.x0)
    }  # fmt: skip
    nearest = min(
        abs(x - corners[turn][0]) + abs(y - corners[turn][1]) for x in (same.x0, same.x1) for y in (same.y0, same.y1)
    )
    assert nearest < 12, "points"
