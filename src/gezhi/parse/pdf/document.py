"""PDF: page by page with bounded memory; scans by OCR if asked; what can be saved of damaged files."""

from __future__ import annotations

import re
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from gezhi.parse.builder import Builder
from gezhi.parse.material import Material
from gezhi.parse.outcomes import Refused
from gezhi.parse.pdf.characters import PageView, segments
from gezhi.parse.pdf.compose import compose, fold_title
from gezhi.parse.pdf.forms import form_lines
from gezhi.parse.pdf.layout import arrange
from gezhi.parse.pdf.ocr import Reader
from gezhi.parse.pdf.parts import Page, Rect, Segment
from gezhi.parse.pdf.rules import find_tables

_PASSWORD_ERROR = 4
_MOST_PAGES = 50_000
_OCR_DPI = 200
_FILE_TITLE = re.compile(r"^(?:untitled|microsoft \w+ - |document\d*$)|\.(?:docx?|indd|tex|dvi|pptx?|xlsx?)$", re.I)
"""Titles that programs give: a file's name, not the document's."""
_FILE_TITLE = re.compile(r"^(?:untitled|microsoft \w+ - |document\d*$)|\.(?:docx?|indd|tex|dvi|pptx?|xlsx?)$", re.I)


def parse(material: Material, builder: Builder) -> None:
    try:
        pdf = pypdfium2.PdfDocument(material.data, password=material.options.password or None)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD_ERROR or "password" in str(error).lower():
            raise Refused("encrypted") from error
        raise Refused("damaged", detail="the PDF cannot be opened") from error
    try:
        _Parser(material, builder, pdf).run()
    finally:
        pdf.close()


class _Parser:
    def __init__(self, material: Material, builder: Builder, pdf: Any) -> None:
        self._material = material
        self._builder = builder
        self._pdf = pdf
        self._reader: Reader | None = None
        self._characters = 0

    def run(self) -> None:
        count = min(len(self._pdf), _MOST_PAGES)
        self._describe()
        self._builder.page_count = len(self._pdf)
        self._pdf.init_forms()
        if self._material.options.ocr:
            self._reader = Reader.load()
        pages: list[Page] = []
        unreadable = 0
        for index in range(count):
            page = self._page(index)
            if page is None:
                unreadable += 1
                continue
            pages.append(page)
            # Twice the limit on one character too many is enough to know that the text is truncated.
            if self._characters > self._material.limits.text_characters:
                break
        self._judge(pages, unreadable)
        compose(pages, self._outline(), self._builder)
        if not self._builder.title:
            self._builder.title = _first_heading(self._builder)

    def _describe(self) -> None:
        title = self._fact("Title")
        if not _FILE_TITLE.search(title):
            self._builder.title = title
        for name, key in (("author", "Author"), ("subject", "Subject"), ("created", "CreationDate")):
            value = self._fact(key)
            if key == "CreationDate" and (date := re.match(r"D?:?(\d{4})(\d\d)(\d\d)", value)):
                value = "-".join(date.groups())
            self._builder.describe(name, value)

    def _fact(self, key: str) -> str:
        try:
            return str(self._pdf.get_metadata_value(key) or "")
        except UnicodeDecodeError:
            return ""

    def _outline(self) -> dict[str, int]:
        levels: dict[str, int] = {}
        try:
            for number, item in enumerate(self._pdf.get_toc(max_depth=6)):
                if number > 5000:
                    break
                title = fold_title(item.get_title() or "")
                if 1 < len(title) <= 200:
                    levels.setdefault(title, min(item.level + 1, 6))
        except (UnicodeDecodeError, pypdfium2.PdfiumError):
            # Damaged bookmarks cost levels of headings, not the document.
            pass
        return levels

    def _page(self, index: int) -> Page | None:
        """One page's parts; None where the page cannot be loaded."""
        try:
            page = self._pdf[index]
        except pypdfium2.PdfiumError:
            return None
        try:
            text_page = page.get_textpage()
            try:
                return self._read(page, text_page, index + 1)
            finally:
                text_page.close()
        except pypdfium2.PdfiumError:
            return None
        finally:
            page.close()

    def _read(self, page: Any, text_page: Any, number: int) -> Page:
        view = PageView(page)
        found = Page(number=number, width=view.width, height=view.height)
        tables = find_tables(page, view)
        lines, torn = segments(text_page, view, [cell for table in tables for cell in table])
        if torn:
            tables = _sound(tables, torn)
            lines, _ = segments(text_page, view, [cell for table in tables for cell in table])
        if _is_garbled(lines):
            lines = []
        found.has_images, found.drawn = _contents(page)
        if not lines and found.drawn and self._reader is not None:
            picture = _rendered(page)
            scan = self._reader.read(picture, scale=found.width / picture.shape[1])
            lines, tables = list(scan.lines), []
            found.lay(scan.turn)
        self._characters += sum(len(line.text) for line in lines)
        found.parts = arrange(lines, tables, found.width)
        found.parts.extend(form_lines(page, self._pdf, view))
        return found

    def _judge(self, pages: list[Page], unreadable: int) -> None:
        """Say which pages gave no text, and refuse where none did."""
        if unreadable and not pages:
            raise Refused("damaged", detail="none of its pages can be read")
        if unreadable:
            detail = f"{unreadable} of {unreadable + len(pages)} pages cannot be read"
            self._builder.warn("parts_damaged", detail=detail)
        elif b"%%EOF" not in self._material.data[-2048:]:
            self._builder.warn("parts_damaged", detail="its end is missing, pages may be lost")
        silent = [page for page in pages if not page.parts and page.drawn]
        if not any(page.parts for page in pages):
            scanned = any(page.has_images for page in silent)
            raise Refused("no_text_layer" if scanned and self._reader is None else "no_text")
        if silent and self._reader is None:
            self._builder.warn("pages_without_text", count=len(silent), total=len(pages))


def _sound(tables: list[list[Rect]], torn: set[int]) -> list[list[Rect]]:
    """Tables whose borders do not cut through words: what does is a drawing."""
    kept: list[list[Rect]] = []
    first = 0
    for cells in tables:
        hurt = sum(1 for number in torn if first <= number < first + len(cells))
        if hurt <= 0.05 * len(cells):
            kept.append(cells)
        first += len(cells)
    return kept


def _is_garbled(lines: list[Segment]) -> bool:
    """Fonts without a map to Unicode give private or replacement characters: no text anyone could search."""
    text = "".join(line.text for line in lines)
    bad = sum(1 for char in text if char == "\ufffd" or "\ue000" <= char <= "\uf8ff")
    return len(text) > 20 and bad > 0.4 * len(text)


def _contents(page: Any) -> tuple[bool, bool]:
    """Whether a page holds images, and whether anything is drawn on it at all."""
    images = drawn = False
    for item in page.get_objects(max_depth=3):
        drawn = True
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            images = True
            break
    return images, drawn


def _rendered(page: Any) -> Any:
    """The page as a picture, at most some 4,000 pixels wide or high whatever size it claims."""
    width, height = page.get_size()
    scale = min(_OCR_DPI / 72, 4000 / max(width, height, 1))
    bitmap = page.render(scale=scale, draw_annots=False)
    image = bitmap.to_numpy().copy()
    bitmap.close()
    return image[:, :, :3] if image.ndim == 3 else image


def _first_heading(builder: Builder) -> str:
    for block in builder.blocks[:40]:
        if block.level:
            return builder.text[block.start : block.end]
    return ""
