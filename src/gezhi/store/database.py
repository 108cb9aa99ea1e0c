"""What an engine offers to the SQL that all engines share."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

import sqlalchemy as sa


class Database(Protocol):
    """Connections and files of one store. Errors leave it as `StoreError` and its kinds."""

    @property
    def engine(self) -> str:
        """Name and version."""
        ...

    @property
    def location(self) -> str: ...

    def read(self) -> AbstractContextManager[sa.Connection]:
        """One consistent snapshot; nothing can be written through it."""
        ...

    def write(self) -> AbstractContextManager[sa.Connection]:
        """One transaction. Only one runs at a time, over all threads and processes; an exception rolls it back."""
        ...

    def size(self) -> int:
        """Bytes on disk."""
        ...

    def files_with(self, needle: bytes) -> dict[str, int]:
        """Occurrences in the store's own files, after everything committed was brought into them."""
        ...

    def close(self) -> None: ...
