"""Uploads are read while they arrive: a file goes from the socket to the store's spool, never whole into memory."""

from __future__ import annotations

import errno
import io
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from gezhi.types import InvalidInput, Job, LimitExceeded, StoreFull, StoreReadOnly

if TYPE_CHECKING:
    from gezhi.app.app import App

MAX_FILES = 100
"""In one request."""

_END = ""
"""Comes after the last file: no file has an empty name."""


class MultipartFiles:
    """The files of a multipart body, in order. `pull` returns the next piece of the body, empty at its end."""

    def __init__(self, content_type: str, pull: Callable[[], bytes]) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 200:
            raise _without_files()
        self._pull = pull
        self._found: deque[str | bytes | None] = deque()
        """A file's name begins it, bytes are of it, None ends it."""
        self._ended = False
        self._in_file = False
        self._field, self._value, self._disposition = b"", b"", b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )

    def __iter__(self) -> Iterator[tuple[str, io.BufferedReader]]:
        """Each file's name as the client wrote it, and its bytes, to be read before the next."""
        while (item := self._next()) is not _END:
            if isinstance(item, str):
                part = _Part(self._next)
                yield item, io.BufferedReader(part)
                part.skip()

    def _next(self) -> str | bytes | None:
        """The next found thing; `_END` (the empty name) after the last."""
        while not self._found:
            if self._ended:
                return _END
            piece = self._pull()
            if not piece:
                raise InvalidInput("The upload ended before its last file did.", hint="Send it again.")
            try:
                self._parser.write(piece)
            except MultipartParseError as error:
                raise InvalidInput("The multipart form is broken.", hint=_without_files().hint) from error
        return self._found.popleft()

    def _on_part_begin(self) -> None:
        self._disposition = b""

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field, self._value = b"", b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition.decode("latin-1"))
        name = options.get(b"filename", b"")  # a form field has none; a browser's empty file field an empty one
        self._in_file = bool(name)
        if self._in_file:
            self._found.append(_file_name(name))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._found.append(data[start:end])

    def _on_part_end(self) -> None:
        if self._in_file:
            self._found.append(None)
            self._in_file = False

    def _on_end(self) -> None:
        self._ended = True


def _without_files() -> InvalidInput:
    return InvalidInput(
        "The request is not a multipart form with files.",
        hint="Send multipart/form-data with one or several fields named `files`, e.g. curl -F files=@report.pdf.",
    )


def _file_name(raw: bytes) -> str:
    """Browsers write quotes and line breaks in names percent-encoded, and nothing else."""
    text = raw.decode("utf-8", "replace")
    for code, char in (("%22", '"'), ("%0D", ""), ("%0A", " ")):
        text = text.replace(code, char)
    return text.strip() or "unnamed"


class _Part(io.RawIOBase):
    def __init__(self, pull: Callable[[], str | bytes | None]) -> None:
        super().__init__()
        self._next_piece = pull
        self._rest: bytes | None = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while self._rest == b"":
            piece = self._next_piece()
            assert not isinstance(piece, str)
            self._rest = piece
        if self._rest is None:
            return 0
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def skip(self) -> None:
        while self._rest is not None:
            piece = self._next_piece()
            assert not isinstance(piece, str)
            self._rest = piece


def take_files(app: App, content_type: str, pull: Callable[[], bytes]) -> list[Job]:
    """Spool every file of the body as a job. Raises LimitExceeded as soon as one is too large."""
    jobs: list[Job] = []
    for name, file in MultipartFiles(content_type, pull):
        if len(jobs) == MAX_FILES:
            raise LimitExceeded(
                f"More than {MAX_FILES} files in one request.", hint=f"The first {MAX_FILES} were accepted."
            )
        try:
            jobs.append(app.submit_upload(name, file))
        except LimitExceeded as error:
            accepted = f" The {len(jobs)} before it were accepted." if jobs else ""
            raise LimitExceeded(f"{name[:200]}: {error.message}", hint=error.hint + accepted) from error
        except OSError as error:
            raise _store_error(error) from error
    if not jobs:
        raise _without_files()
    return jobs


def _store_error(error: OSError) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull("There is no space left for the upload.", hint="Free some space on the server's disk.")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StoreReadOnly("The store's folder cannot be written.", hint="Make it writable for the server.")
    return error
