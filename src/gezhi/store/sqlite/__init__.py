"""The store in one SQLite file: the default engine."""

from gezhi.store.sqlite.open import open_sqlite

__all__ = ["open_sqlite"]
