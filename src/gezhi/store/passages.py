"""What of a passage is embedded, and the hash vectors are kept under: ingestion and the store must agree."""

from __future__ import annotations

import hashlib

from gezhi.types import Passage


def embedding_text(passage: Passage, title: str) -> str:
    """The text a vector stands for: what the passage is about (title, headings, table header) and what it says."""
    path = " > ".join(part for part in (title, *passage.headings) if part)
    header = " | ".join(passage.table_header)
    return "\n".join(part for part in (path, header, passage.text) if part)


def text_hash(text: str) -> str:
    """Key of a vector: 32 hex digits of the SHA-256 of the embedded text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
