"""The parser pool, started at the first file and with the limits of the settings."""

from __future__ import annotations

import threading
from pathlib import Path

from gezhi.app.config import Config
from gezhi.parse import PARSER_VERSION, Limits, ParseOptions, ParserPool
from gezhi.types import Parsed


class PooledParser:
    """Parses files in worker processes; `close` ends them."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._pool: ParserPool | None = None
        self._lock = threading.Lock()
        self.version = f"parse-{PARSER_VERSION}" + ("-ocr" if config.ocr else "")

    def parse(self, path: Path, source: str) -> Parsed:
        return self._started().parse(path, source)

    def close(self) -> None:
        with self._lock:
            if self._pool is not None:
                self._pool.__exit__(None, None, None)
                self._pool = None

    def _started(self) -> ParserPool:
        with self._lock:
            if self._pool is None:
                config = self._config
                limits = Limits(
                    file_bytes=config.max_upload_mb * 1024 * 1024,
                    memory_bytes=config.parse_memory_mb * 1024 * 1024,
                    seconds=config.parse_seconds,
                )
                options = ParseOptions(ocr=config.ocr)
                self._pool = ParserPool(limits, options, workers=config.parse_workers).__enter__()
            return self._pool
