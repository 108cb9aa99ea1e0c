"""JSON lines that a long run writes as it goes, and reads when it goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gezhi.types import InvalidInput


class ResultsFile:
    """Each line is on disk before the next is made. A line that a kill cut short is passed over, and what follows it
    begins on a line of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def lines(self) -> Iterator[dict[str, Any]]:
        """Every whole line, none where there is no file yet. Raises InvalidInput if it cannot be read."""
        try:
            text = self._path.read_bytes().decode("utf-8", "replace")
        except FileNotFoundError:
            return
        except OSError as error:
            raise InvalidInput(f"{self._path} cannot be read: {error.strerror}.", hint="Check the path.") from error
        for line in text.split("\n"):
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(row, dict):
                yield row

    def begin(self, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        """Let the file hold these rows and nothing else. A kill leaves what it held before, or all of them."""
        beside = self._path.with_name(f"{self._path.name}.new")
        try:
            with beside.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            raise self._unwritable(error) from error

    def append(self, row: Mapping[str, Any]) -> None:
        """Raises InvalidInput if the file cannot be written."""
        try:
            with self._path.open("ab+") as file:
                size = file.seek(0, 2)
                file.seek(max(size - 1, 0))
                cut = size > 0 and file.read(1) != b"\n"
                file.write(("\n" * cut + json.dumps(row, ensure_ascii=False) + "\n").encode())
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> InvalidInput:
        return InvalidInput(f"{self._path} cannot be written: {error.strerror}.", hint="Check the path.")
