"""Facts in rows: written with what was extracted, deleted with the passages that state them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict

import sqlalchemy as sa

from gezhi.store.naming.names import name_key
from gezhi.store.rows.graph.entities import entity_keys
from gezhi.store.rows.visibility import chunks
from gezhi.store.schema import extractions, fact_statements, facts, passages
from gezhi.types.facts import StatedFact


def predicate_key(predicate: str) -> str:
    """Words in lower case with one space between; for Chinese, as it is."""
    return " ".join(predicate.replace("_", " ").casefold().split())


def dump_facts(stated: Iterable[StatedFact]) -> str:
    return json.dumps([asdict(fact) for fact in stated], ensure_ascii=False)


def load_facts(text: str) -> list[StatedFact]:
    return [StatedFact(**fact) for fact in json.loads(text)]


def write_facts(connection: sa.Connection, stated: Mapping[int, Iterable[StatedFact]]) -> None:
    """Record what passages (by key) state; callers hold the write transaction."""
    wanted = {
        key: [fact for fact in some if name_key(fact.subject) and name_key(fact.object) and fact.predicate.strip()]
        for key, some in stated.items()
    }
    labels: dict[str, str] = {}
    for fact in (fact for some in wanted.values() for fact in some):
        for label in (fact.subject, fact.object):
            labels.setdefault(name_key(label), label.strip())
    if not labels:
        return
    numbers = entity_keys(connection, labels)
    rows = {
        passage: {
            (
                numbers[name_key(fact.subject)],
                predicate_key(fact.predicate),
                numbers[name_key(fact.object)],
                fact.valid_from,
                fact.valid_to,
            )
            for fact in some
        }
        for passage, some in wanted.items()
    }
    keys = _fact_keys(connection, {row for some in rows.values() for row in some})
    statements = [{"passage": passage, "fact": keys[row]} for passage, some in rows.items() for row in some]
    known = _known_statements(connection, list(rows))
    new = [row for row in statements if (row["passage"], row["fact"]) not in known]
    if new:
        connection.execute(sa.insert(fact_statements), new)


def write_known_facts(connection: sa.Connection, keys: Mapping[int, str]) -> None:
    """Give passages (key -> hash of their text) the facts that were found in the same text before."""
    found: dict[str, list[StatedFact]] = defaultdict(list)
    for chunk in chunks(sorted(set(keys.values()))):
        query = sa.select(extractions.c.text_hash, extractions.c.facts).where(extractions.c.text_hash.in_(chunk))
        for row in connection.execute(query):
            found[row.text_hash] += load_facts(row.facts)
    if found:
        write_facts(connection, {key: found[text] for key, text in keys.items() if text in found})


def facts_of(connection: sa.Connection, document: int) -> tuple[set[int], set[int]]:
    """Keys of the facts that a document states and of their entities: to be looked at once its passages are gone."""
    query = (
        sa.select(facts.c.key, facts.c.subject, facts.c.object)
        .join(fact_statements, fact_statements.c.fact == facts.c.key)
        .join(passages, passages.c.key == fact_statements.c.passage)
        .where(passages.c.document == document)
    )
    rows = connection.execute(query).all()
    return {row.key for row in rows}, {key for row in rows for key in (row.subject, row.object)}


def drop_unstated(connection: sa.Connection, keys: Collection[int]) -> None:
    """Delete the facts among these that no passage states any more."""
    stated = sa.exists().where(fact_statements.c.fact == facts.c.key)
    for chunk in chunks(list(keys)):
        connection.execute(sa.delete(facts).where(facts.c.key.in_(chunk), ~stated))


def drop_extractions(connection: sa.Connection, hashes: Collection[str]) -> None:
    """Delete what was found in texts that no passage has any more."""
    for chunk in chunks(hashes):
        needed = sa.exists().where(passages.c.text_hash == extractions.c.text_hash)
        connection.execute(sa.delete(extractions).where(extractions.c.text_hash.in_(chunk), ~needed))


FactRow = tuple[int, str, int, str, str]


def _fact_keys(connection: sa.Connection, rows: Collection[FactRow]) -> dict[FactRow, int]:
    known = _known_facts(connection, rows)
    new = [row for row in rows if row not in known]
    if new:
        names = ("subject", "predicate", "object", "valid_from", "valid_to")
        connection.execute(sa.insert(facts), [dict(zip(names, row, strict=True)) for row in sorted(new)])
        known |= _known_facts(connection, new)
    return known


def _known_facts(connection: sa.Connection, rows: Collection[FactRow]) -> dict[FactRow, int]:
    wanted, known = set(rows), {}
    for chunk in chunks(sorted({row[0] for row in rows})):
        for row in connection.execute(sa.select(facts).where(facts.c.subject.in_(chunk))):
            found = (row.subject, row.predicate, row.object, row.valid_from, row.valid_to)
            if found in wanted:
                known[found] = row.key
    return known


def _known_statements(connection: sa.Connection, keys: Sequence[int]) -> set[tuple[int, int]]:
    known: set[tuple[int, int]] = set()
    for chunk in chunks(keys):
        query = sa.select(fact_statements).where(fact_statements.c.passage.in_(chunk))
        known.update((row.passage, row.fact) for row in connection.execute(query))
    return known
