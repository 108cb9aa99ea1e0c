"""How many words OCR finds on scanned pages: pages with a text layer become pictures, and their text is the reference.

    python evals/ocr.py FILE.pdf ... [--pages 2] [--dpi 150] [--tilt 0.6]

Needs the extra `ocr`. Each page is drawn in grey at `dpi`, turned by `tilt` degrees and packed as a JPEG of quality 60,
as a plain scanner does. Pages with fewer than 200 characters of text are left out. A word counts as found as in
`parse_files.py`."""

from __future__ import annotations

import argparse
import io
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pypdfium2
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from gezhi.parse import Limits, ParseOptions, ParserPool
from parse_files import recall, words

_FEWEST = 200


def pages_with_text(path: Path, most: int) -> Iterator[tuple[pypdfium2.PdfPage, str]]:
    found = 0
    for page in pypdfium2.PdfDocument(path):
        text = page.get_textpage().get_text_range()
        if len(text) >= _FEWEST and found < most:
            found += 1
            yield page, text


def scan(page: pypdfium2.PdfPage, target: Path, *, dpi: int, tilt: float) -> None:
    picture = page.render(scale=dpi / 72).to_pil().convert("L").rotate(tilt, fillcolor=255)
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=60)
    packed.seek(0)
    made = canvas.Canvas(str(target), pagesize=page.get_size())
    made.drawImage(ImageReader(packed), 0, 0, *page.get_size())
    made.save()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--pages", type=int, default=2, help="of each file")
    parser.add_argument("--dpi", type=int, default=150)
    parser.add_argument("--tilt", type=float, default=0.6)
    options = parser.parse_args()
    shares, seconds = [], []
    with (
        tempfile.TemporaryDirectory() as folder,
        ParserPool(Limits(seconds=180), ParseOptions(ocr=True)) as pool,
    ):
        scanned = Path(folder) / "scan.pdf"
        for path in options.files:
            for at, (page, text) in enumerate(pages_with_text(path, options.pages), start=1):
                scan(page, scanned, dpi=options.dpi, tilt=options.tilt)
                started = time.perf_counter()
                parsed = pool.parse(scanned, scanned.name)
                seconds.append(time.perf_counter() - started)
                share, missing = recall(text, parsed.document.text if parsed.document else "")
                shares.append(share)
                row = {"file": path.name, "page": at, "words": words(text).total(), "found": round(share, 3)}
                lost = " ".join(word for word, _ in missing.most_common(8))
                print(
                    json.dumps({**row, "seconds": round(seconds[-1], 1), "lost": lost}, ensure_ascii=False), flush=True
                )
    summary = {"pages": len(shares), "median": round(statistics.median(shares), 3), "least": round(min(shares), 3)}
    print(json.dumps({**summary, "seconds_a_page": round(statistics.median(seconds), 1)}))


if __name__ == "__main__":
    main()
