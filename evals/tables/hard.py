"""Files that are hard to import, with what is in them known when they were made."""

from __future__ import annotations

from tables.hard_documents import DOCUMENTS
from tables.hard_texts import TEXTS
from tables.hard_workbooks import WORKBOOKS
from tables.wanted import HardFile


def hard_files() -> list[HardFile]:
    return [make() for make in (*WORKBOOKS, *TEXTS, *DOCUMENTS)]
