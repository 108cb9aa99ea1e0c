"""What the parts of the store share."""

from __future__ import annotations

from gezhi.store.analyse import Analyser
from gezhi.store.database import Database
from gezhi.store.rows.index.derived import DerivedIndex


class StorePart:
    """A part of the store over one database."""

    def __init__(self, database: Database, analyser: Analyser) -> None:
        self.database = database
        self.analyser = analyser
        self.index = DerivedIndex()
