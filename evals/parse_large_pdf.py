"""Memory and time of a very long PDF: generates one (text, headings, a ruled table every fourth page), parses it
through the pool and prints the peak of resident memory of the worker and of this process.

    python evals/parse_large_pdf.py [--pages 1600] [--json]"""

from __future__ import annotations

import argparse
import io
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from gezhi.parse import Limits, ParserPool

_SENTENCES = (
    "The supplier delivers the goods within thirty days of the order and bears the cost of transport.",
    "Where a delivery is late, the buyer may claim half a percent of the price for each day of delay.",
    "Both parties keep what they learn of each other's business to themselves for five years.",
)


def make_pdf(pages: int) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, pageCompression=1)
    for page in range(1, pages + 1):
        canvas.setFont("Helvetica", 8)
        canvas.drawString(72, 810, "Framework agreement, confidential")
        canvas.drawString(290, 30, f"Page {page} of {pages}")
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(72, 770, f"{page}. Terms of delivery number {page}")
        canvas.setFont("Helvetica", 10)
        y = 740.0
        for line in range(28 if page % 4 == 0 else 48):
            canvas.drawString(72, y, f"{_SENTENCES[line % 3][:95]}")
            y -= 14
        if page % 4 == 0:
            _table(canvas, y - 10, page)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _table(canvas: object, top: float, page: int) -> None:
    for row in range(12):
        for column in range(5):
            x, y = 72 + 90 * column, top - 20 * (row + 1)
            canvas.rect(x, y, 90, 20)  # type: ignore[attr-defined]
            text = f"Column {column}" if row == 0 else f"{page * row * (column + 1)}"
            canvas.drawString(x + 4, y + 6, text)  # type: ignore[attr-defined]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pages", type=int, default=1600)
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.pdf"
        path.write_bytes(make_pdf(options.pages))
        size = path.stat().st_size
        with ParserPool(Limits(seconds=600)) as pool:
            started = time.monotonic()
            parsed = pool.parse(path, "large.pdf")
            seconds = time.monotonic() - started
            peak = pool.peak_bytes
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    unit = 1 if sys.platform == "darwin" else 1024
    result = {
        "pages": options.pages,
        "file_mb": round(size / 2**20, 1),
        "outcome": parsed.outcome.code,
        "characters": len(parsed.document.text) if parsed.document else 0,
        "tables": sum(1 for block in parsed.document.blocks if block.table) if parsed.document else 0,
        "seconds": round(seconds, 1),
        "worker_cpu_seconds": round(children.ru_utime + children.ru_stime, 1),
        "worker_peak_mb": round(max(children.ru_maxrss * unit, peak) / 2**20),
        "parent_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20),
    }
    print(json.dumps(result, indent=None if options.json else 1))
    return 0 if parsed.document is not None and result["worker_peak_mb"] < 1024 else 1


if __name__ == "__main__":
    sys.exit(main())
