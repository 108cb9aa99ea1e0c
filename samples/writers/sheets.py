"""XLSX with one styled sheet a table."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from .package import fix_times


def write_xlsx(sheets: dict[str, list[list[str | int]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cell in sheet[1]:
            cell.font = Font(bold=True, color="FFFFFF")
            cell.fill = PatternFill("solid", fgColor="123A5C")
        sheet.freeze_panes = "A2"
        for c in range(1, len(rows[0]) + 1):
            widest = max(sum(2 if ord(ch) > 255 else 1 for ch in str(row[c - 1])) for row in rows)
            sheet.column_dimensions[get_column_letter(c)].width = widest + 2
    book.properties.title = "价目表 Price list 2025"
    book.properties.creator = "Hengchuan Fluid Systems"
    buffer = io.BytesIO()
    book.save(buffer)
    return fix_times(buffer.getvalue())
