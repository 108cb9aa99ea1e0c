"""PPTX from blocks: each level-1 heading opens a slide, its first paragraph is the subtitle."""

from __future__ import annotations

import io

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.slide import Slide
from pptx.util import Cm, Pt

from .blocks import Block
from .package import fix_times

BLUE = RGBColor(0x12, 0x3A, 0x5C)
GREY = RGBColor(0x5F, 0x73, 0x86)


def write_pptx(blocks: list[Block]) -> bytes:
    deck = Presentation()
    deck.slide_width, deck.slide_height = Cm(33.87), Cm(19.05)
    groups: list[list[Block]] = []
    for block in blocks:
        if block.kind == "heading":
            groups.append([])
        groups[-1].append(block)
    for number, group in enumerate(groups, start=1):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        _fill(slide, group, number)
    deck.core_properties.title = groups[0][0].text
    deck.core_properties.author = "Hengchuan Fluid Systems"
    deck.core_properties.comments = "Invented sample document"
    buffer = io.BytesIO()
    deck.save(buffer)
    return fix_times(buffer.getvalue())


def _fill(slide: Slide, group: list[Block], number: int) -> None:
    opening = number == 1
    bar = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, 0, Cm(33.87), Cm(11.2 if opening else 0.7))
    bar.fill.solid()
    bar.fill.fore_color.rgb = BLUE
    bar.line.fill.background()
    slide.shapes._spTree.remove(bar._element)
    slide.shapes._spTree.insert(2, bar._element)  # behind the title
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = Cm(2), Cm(6.2 if opening else 1.4), Cm(29.8), Cm(2.2)
    title.text = group[0].text
    _format(title.text_frame.paragraphs[0], 38 if opening else 32, RGBColor(255, 255, 255) if opening else BLUE, True)
    items = [block.text for block in group if block.kind == "item"]
    for block in group[1:]:
        if block.kind == "paragraph":
            box = slide.shapes.add_textbox(Cm(2), Cm(8.5 if opening else 3.4), Cm(29.8), Cm(1.4))
            box.text_frame.word_wrap = True
            box.text_frame.text = block.text
            _format(box.text_frame.paragraphs[0], 20, RGBColor(0xDD, 0xE6, 0xEE) if opening else GREY)
        elif block.kind == "table":
            _add_table(slide, block.rows)
        elif block.kind == "notes":
            slide.notes_slide.notes_text_frame.text = block.text
    if items:
        box = slide.shapes.add_textbox(Cm(2), Cm(5.8), Cm(29.8), Cm(11))
        box.text_frame.word_wrap = True
        for i, item in enumerate(items):
            paragraph = box.text_frame.paragraphs[0] if i == 0 else box.text_frame.add_paragraph()
            paragraph.text = f"• {item}"
            paragraph.space_after = Pt(12)
            _format(paragraph, 22, RGBColor(0x22, 0x22, 0x22))


def _format(paragraph: object, size: int, color: RGBColor, bold: bool = False) -> None:
    paragraph.alignment = 1
    for run in paragraph.runs:
        run.font.size, run.font.bold, run.font.color.rgb, run.font.name = Pt(size), bold, color, "Arial"


def _add_table(slide: Slide, rows: list[list[str]]) -> None:
    frame = slide.shapes.add_table(len(rows), len(rows[0]), Cm(2), Cm(5.6), Cm(29.8), Cm(1.4) * len(rows))
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            frame.table.cell(r, c).text = cell
            for run in frame.table.cell(r, c).text_frame.paragraphs[0].runs:
                run.font.size, run.font.name = Pt(18), "Arial"
