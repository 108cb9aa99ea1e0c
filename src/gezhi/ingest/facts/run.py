"""Reading many texts for facts: estimated before, capped, committed text by text, stopped and gone on with at will."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gezhi.ingest.facts.extract import FactReader
from gezhi.ingest.facts.grounded import grounded
from gezhi.ingest.facts.load import DocumentFacts
from gezhi.store.protocol import FactStore, Unread
from gezhi.trace import span
from gezhi.types import Filters, ModelFailed, Usage
from gezhi.types.facts import StatedFact

SAMPLE = 50
"""Texts counted for an estimate."""
BATCH = 500
"""Texts of an import in one transaction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    texts: int
    """Distinct passage texts that this model has not read with this prompt."""
    tokens: int
    """Of requests and replies, from a sample."""
    extractor: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Extracted:
    texts: int
    """Read now."""
    facts: int
    failed: int
    """Texts that the model failed on; they are tried again next time."""
    left: int
    """Not read: the cap was reached, or it was stopped."""
    usage: Usage
    extractor: str


def estimate(store: FactStore, reader: FactReader, filters: Filters, only: Sequence[str] | None = None) -> Estimate:
    """`only`: these passages, by id."""
    unread = _unread(store, reader, filters, only)
    step = max(1, len(unread) // SAMPLE)
    sample = unread[::step]
    mean = sum(reader.tokens(one.title, one.text) for one in sample) / len(sample) if sample else 0.0
    return Estimate(texts=len(unread), tokens=round(mean * len(unread)), extractor=reader.name)


def extract(
    store: FactStore,
    reader: FactReader,
    filters: Filters,
    *,
    only: Sequence[str] | None = None,
    most_tokens: int | None,
    most_texts: int | None,
    on_text: Callable[[int, int, int], None],
    stopped: threading.Event,
) -> Extracted:
    """`only`: these passages, by id, in this order. `on_text`: called with (texts done, of so many, tokens so far).
    Raises ModelUnavailable; what was read stays."""
    unread = _unread(store, reader, filters, only)
    done = failed = facts = 0
    usage = Usage()
    for one in unread[:most_texts]:
        if stopped.is_set():
            break
        if most_tokens is not None and _tokens(usage) + reader.tokens(one.title, one.text) > most_tokens:
            break
        with span("facts.read", gezhi__passage=one.passage_id) as here:
            try:
                found, spent = reader.read(one.title, one.text)
            except ModelFailed:
                failed += 1
                here.set(gezhi__failed=True)
                continue
        store.save_facts({one.text_hash: found}, extractor=reader.name, usage=spent)
        usage += spent
        done, facts = done + 1, facts + len(found)
        on_text(done, len(unread), _tokens(usage))
    return Extracted(
        texts=done,
        facts=facts,
        failed=failed,
        left=len(unread) - done - failed,
        usage=usage,
        extractor=reader.name,
    )


def _unread(store: FactStore, reader: FactReader, filters: Filters, only: Sequence[str] | None) -> list[Unread]:
    every = store.texts_to_read(reader.name, filters)
    if only is None:
        return every
    by_id = {one.passage_id: one for one in every}
    return [by_id[passage] for passage in dict.fromkeys(only) if passage in by_id]


def _tokens(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    texts: int
    """Passage texts that state some of them."""
    facts: int
    dropped: int
    """Facts that no passage of their document holds both ends of."""
    unknown: tuple[str, ...]
    """Documents that are not in the store; the first hundred."""


def load(
    store: FactStore, given: Iterable[DocumentFacts], extractor: str, source_of: Callable[[str], str] = str
) -> Loaded:
    """Give each fact to the passages of its document that hold both its ends. `source_of`: a document's name in the
    file -> its source."""
    texts: Mapping[str, list[Unread]] = _by_source(store.texts_to_read("", Filters()))
    kept = dropped = 0
    unknown: list[str] = []
    batch: dict[str, Sequence[StatedFact]] = {}
    written: set[str] = set()

    def write() -> None:
        store.save_facts(batch, extractor=extractor, usage=Usage())
        written.update(batch)
        batch.clear()

    for document in given:
        parts = texts.get(source_of(document.document))
        if parts is None:
            unknown.append(document.document)
            continue
        placed: set[StatedFact] = set()
        for part in parts:
            mine = grounded(document.facts, part.title, part.text)
            placed.update(mine)
            if mine:
                batch[part.text_hash] = mine
        kept, dropped = kept + len(placed), dropped + len(set(document.facts)) - len(placed)
        if len(batch) >= BATCH:
            write()
    write()
    return Loaded(texts=len(written), facts=kept, dropped=max(0, dropped), unknown=tuple(unknown[:100]))


def _by_source(unread: Iterable[Unread]) -> dict[str, list[Unread]]:
    grouped: dict[str, list[Unread]] = defaultdict(list)
    for one in unread:
        grouped[one.source].append(one)
    return grouped
