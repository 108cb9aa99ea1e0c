"""What a parser is: a function from bytes to a document, without model, store or network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gezhi.types import Parsed


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one file may cost. A file that passes a limit is refused, and says which."""

    file_bytes: int = 200 * 1024 * 1024
    decompressed_bytes: int = 1024 * 1024 * 1024
    memory_bytes: int = 900 * 1024 * 1024
    """Of the worker process that parses it; with OCR, 800 MB more for its engine."""
    seconds: float = 300.0
    text_characters: int = 50_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ParseOptions:
    ocr: bool = False
    """Read scanned pages with the `ocr` extra."""
    password: str = ""


Parser = Callable[[bytes, str, Limits, ParseOptions], Parsed]
"""(bytes, source, limits, options) -> document or refusal."""
