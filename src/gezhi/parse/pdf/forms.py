"""What people filled into the fields of a PDF form: it is not part of the page's own text."""

from __future__ import annotations

import ctypes
from typing import Any

import pypdfium2.raw as pdfium

from gezhi.parse.pdf.characters import PageView
from gezhi.parse.pdf.parts import Segment

_MOST = 1000
_TEXT_FIELDS = (4, 5, 6)
"""FPDF_FORMFIELD_COMBOBOX, LISTBOX, TEXTFIELD"""


def form_lines(page: Any, pdf: Any, view: PageView) -> list[Segment]:
    """`name: value` of each filled field of a page, in the file's order."""
    form = getattr(pdf, "formenv", None)
    if form is None:
        return []
    lines: list[Segment] = []
    rect = pdfium.FS_RECTF()
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MOST)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        try:
            if pdfium.FPDFAnnot_GetSubtype(annotation) != pdfium.FPDF_ANNOT_WIDGET:
                continue
            if pdfium.FPDFAnnot_GetFormFieldType(form.raw, annotation) not in _TEXT_FIELDS:
                continue
            value = _string(pdfium.FPDFAnnot_GetFormFieldValue, form.raw, annotation)
            name = _string(pdfium.FPDFAnnot_GetFormFieldAlternateName, form.raw, annotation) or _string(
                pdfium.FPDFAnnot_GetFormFieldName, form.raw, annotation
            )
            if value and pdfium.FPDFAnnot_GetRect(annotation, ctypes.byref(rect)):
                x0, top, x1, bottom = view.rect(rect.left, rect.bottom, rect.right, rect.top)
                text = f"{name}: {value}" if name else value
                lines.append(Segment(text=text, x0=x0, top=top, x1=x1, bottom=bottom, size=bottom - top))
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return lines


def _string(read: Any, form: Any, annotation: Any) -> str:
    """A UTF-16 string of unknown length, by PDFium's two calls."""
    length = read(form, annotation, None, 0)
    if length <= 2:
        return ""
    buffer = ctypes.create_string_buffer(length)
    read(form, annotation, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), length)
    return " ".join(buffer.raw[: length - 2].decode("utf-16-le", "replace").split())
