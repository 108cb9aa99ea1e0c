"""Facts that others extracted: JSON lines {"doc_id" or "source", "triples" or "facts"}."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gezhi.ingest.facts.grounded import as_time
from gezhi.types import InvalidInput
from gezhi.types.facts import StatedFact

MOST_BYTES = 1_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentFacts:
    document: str
    """The id in a corpus file, or the source in a store."""
    facts: tuple[StatedFact, ...]


def load_facts(path: Path) -> Iterator[DocumentFacts]:
    """Raises InvalidInput naming the line."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput(f"{path} is larger than {MOST_BYTES:,} bytes.", hint="Split the file.")
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _document(line, f"{path}, line {number}")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8.", hint="Save it as UTF-8.") from error
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.", hint="Check the path.") from error


def _document(line: str, place: str) -> DocumentFacts:
    hint = 'Each line: {"source": "...", "facts": [{"subject": "...", "predicate": "...", "object": "..."}]}.'
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{place} is not JSON: {error.msg}.", hint=hint) from error
    document = next((value[key] for key in ("source", "doc_id", "id") if key in value), None) if _is(value) else None
    stated = (value.get("facts") or value.get("triples") or []) if _is(value) else None
    if not isinstance(document, str) or not isinstance(stated, list):
        raise InvalidInput(f"{place} names no document or has no list of facts.", hint=hint)
    found = []
    for one in stated:
        if isinstance(one, list) and len(one) == 3:
            one = dict(zip(("subject", "predicate", "object"), one, strict=True))
        elif isinstance(one, list):
            continue  # an extractor's slip: not a triple
        if not _is(one) or not all(isinstance(one.get(key), str) for key in ("subject", "predicate", "object")):
            raise InvalidInput(f"{place} has a fact without subject, predicate and object.", hint=hint)
        found.append(_fact(one))
    return DocumentFacts(document=document, facts=tuple(found))


def _is(value: object) -> bool:
    return isinstance(value, dict)


def _fact(value: dict[str, Any]) -> StatedFact:
    return StatedFact(
        subject=value["subject"].strip(),
        predicate=value["predicate"].strip(),
        object=value["object"].strip(),
        valid_from=as_time(str(value.get("valid_from") or value.get("from") or "")),
        valid_to=as_time(str(value.get("valid_to") or value.get("to") or "")),
    )
