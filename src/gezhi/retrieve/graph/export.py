"""The graph in formats that other programs read: GraphML, JSON-LD, a Cypher script for Neo4j. Written line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from gezhi.retrieve.graph.browse import edges
from gezhi.store.memory.graph import GraphView
from gezhi.types import InvalidInput

FORMATS = ("graphml", "jsonld", "cypher")


def export(view: GraphView, form: str) -> Iterator[str]:
    """Lines. Entities and passages are nodes; a mention is an edge. Raises InvalidInput for another format."""
    if form not in FORMATS:
        raise InvalidInput(f"{form!r} is not a format.", hint=f"Choose among: {', '.join(FORMATS)}.")
    return {"graphml": _graphml, "jsonld": _jsonld, "cypher": _cypher}[form](view)


def _graphml(view: GraphView) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    yield '<key id="label" for="node" attr.name="label" attr.type="string"/>'
    yield '<key id="type" for="node" attr.name="type" attr.type="string"/>'
    yield '<graph edgedefault="directed">'
    passages = dict.fromkeys(passage for _, passage in edges(view))
    for number, label, kind in _entities(view):
        told = f'<data key="label">{escape(_clean(label))}</data><data key="type">{kind}</data>'
        yield f'<node id="e{number}">{told}</node>'
    for passage in passages:
        yield f'<node id={quoteattr(passage)}><data key="type">passage</data></node>'
    for at, (number, passage) in enumerate(edges(view)):
        yield f'<edge id="m{at}" source={quoteattr(passage)} target="e{number}"/>'
    yield "</graph></graphml>"


def _jsonld(view: GraphView) -> Iterator[str]:
    context: dict[str, object] = {"@vocab": "https://schema.org/", "mentions": {"@type": "@id"}}
    yield f'{{"@context": {json.dumps(context)}, "@graph": ['
    first = True
    for number, label, kind in _entities(view):
        node = {"@id": f"urn:gezhi:entity:{number}", "@type": "Thing", "name": label, "additionalType": kind}
        yield ("" if first else ",") + json.dumps(node, ensure_ascii=False)
        first = False
    named: dict[str, list[str]] = {}
    for number, passage in edges(view):
        named.setdefault(passage, []).append(f"urn:gezhi:entity:{number}")
    for passage, entities in named.items():
        work = {"@id": f"urn:gezhi:passage:{passage}", "@type": "CreativeWork", "mentions": entities}
        yield ("" if first else ",") + json.dumps(work, ensure_ascii=False)
        first = False
    yield "]}"


def _cypher(view: GraphView) -> Iterator[str]:
    yield "CREATE CONSTRAINT IF NOT EXISTS FOR (e:Entity) REQUIRE e.id IS UNIQUE;"
    yield "CREATE CONSTRAINT IF NOT EXISTS FOR (p:Passage) REQUIRE p.id IS UNIQUE;"
    for number, label, kind in _entities(view):
        yield f"MERGE (e:Entity {{id: {number}}}) SET e.name = {_quoted(label)}, e.type = {_quoted(kind)};"
    for number, passage in edges(view):
        yield (
            f"MERGE (p:Passage {{id: {_quoted(passage)}}}) WITH p MATCH (e:Entity {{id: {number}}}) "
            "MERGE (p)-[:MENTIONS]->(e);"
        )


def _entities(view: GraphView) -> Iterator[tuple[int, str, str]]:
    for number, count in enumerate(view.frequencies.tolist()):
        if count:
            yield number, view.graph.labels[number], view.graph.types[number]


def _quoted(text: str) -> str:
    """A Cypher string: backslashes, quotes and line ends escaped, so that a document's words stay data."""
    safe = _clean(text).replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{safe}'"


def _clean(text: str) -> str:
    """Without what XML 1.0 and terminals cannot carry."""
    return "".join(character for character in text if character >= " " or character in "\t\n\r")
