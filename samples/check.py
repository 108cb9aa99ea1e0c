"""Check questions.jsonl against the documents: every quote is in one of its sources, and holds an answer.

It reads the files with the format libraries alone, so that it judges the samples and not Gezhi's parsers.
Spaces, and the bars between the cells of a row, do not count.
"""

from __future__ import annotations

import csv
import io
import json
import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pypdfium2
from docx import Document
from openpyxl import load_workbook
from pptx import Presentation

HERE = Path(__file__).parent


def file_text(path: Path) -> str:
    data = path.read_bytes()
    match path.suffix:
        case ".pdf":
            return "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))
        case ".docx":
            document = Document(io.BytesIO(data))
            cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
            return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
        case ".pptx":
            slides = Presentation(io.BytesIO(data)).slides
            return "\n".join(shape.text_frame.text for s in slides for shape in s.shapes if shape.has_text_frame)
        case ".xlsx":
            rows = (row for sheet in load_workbook(io.BytesIO(data)) for row in sheet.iter_rows(values_only=True))
            return "\n".join(" ".join(map(str, row)) for row in rows)
        case ".csv":
            return "\n".join(" ".join(row) for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        case ".eml":
            body = message_from_bytes(data, policy=default).get_body()
            return str(body.get_content()) if body else ""
        case ".json":
            return "\n".join(" ".join(map(str, record.values())) for record in json.loads(data))
        case ".html":
            return re.sub(r"<[^>]*>", " ", data.decode())
        case ".txt":
            return data.decode("gb18030")
    return data.decode()


def bare(text: str) -> str:
    return re.sub(r"[\s|]+", "", text)


def problems() -> list[str]:
    found = []
    texts = {path.name: bare(file_text(path)) for path in (HERE / "documents").iterdir()}
    for line in (HERE / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        name, quote, answers = question["id"], bare(question["quote"]), [bare(a) for a in question["answers"]]
        if question["unanswerable"]:
            if quote or answers or question["sources"]:
                found.append(f"{name}: unanswerable, yet it has an answer")
            continue
        if missing := set(question["sources"]) - set(texts):
            found.append(f"{name}: no file {', '.join(sorted(missing))}")
        elif not any(quote in texts[source] for source in question["sources"]):
            found.append(f"{name}: the quote is in none of its sources")
        if not any(answer in quote for answer in answers):
            found.append(f"{name}: no answer is in the quote")
    return found


if __name__ == "__main__":
    wrong = problems()
    print("\n".join(wrong) or "every quote is in its document")
    raise SystemExit(bool(wrong))
