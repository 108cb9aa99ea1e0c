from __future__ import annotations

from dataclasses import replace

from contract_material import OWNER, PUBLIC, Opener

from gezhi.store import Store
from gezhi.types import EVERYONE, Scope, Span, Trace


def trace(name: str, kind: str = "ask", start: float = 1.5) -> Trace:
    attributes = (("gen_ai.model", "模型"), ("tokens", 7), ("share", 0.25), ("cached", True))
    spans = (
        Span(id=0, parent=None, name="ask", start=start, end=start + 2, attributes=attributes),
        Span(id=1, parent=0, name="search", start=start, end=start + 1, error="ValueError: no"),
    )
    return Trace(id=name, kind=kind, spans=spans)


def test_a_trace_comes_back_as_it_was_saved(opener: Opener) -> None:
    opener().save_trace(trace("t"), frozenset())
    assert opener().trace("t", OWNER) == trace("t")
    assert opener().trace("u", OWNER) is None


def test_saving_again_replaces(store: Store) -> None:
    store.save_trace(trace("t"), frozenset({"alice", EVERYONE}))
    longer = replace(trace("t"), kind="search")
    store.save_trace(longer, frozenset({"bob", EVERYONE}))
    assert store.traces(OWNER) == [longer]
    assert store.trace("t", Scope.of("alice")) is None
    assert store.status().traces == 1


def test_newest_first_by_kind(store: Store) -> None:
    for name, kind, start in (("a", "ask", 1.0), ("b", "ingest", 3.0), ("c", "ask", 2.0)):
        store.save_trace(trace(name, kind, start), frozenset())
    assert [t.id for t in store.traces(OWNER)] == ["b", "c", "a"]
    assert [t.id for t in store.traces(OWNER, kind="ask")] == ["c", "a"]
    assert [t.id for t in store.traces(OWNER, limit=1)] == ["b"]


def test_a_trace_is_seen_by_the_scope_that_asked_and_by_wider_ones(store: Store) -> None:
    alice, team = Scope.of("alice"), Scope.of("alice", "team")
    store.save_trace(trace("owner", start=1), frozenset())
    store.save_trace(trace("alice", start=2), alice.principals)
    store.save_trace(trace("team", start=3), team.principals)
    store.save_trace(trace("anybody", start=4), PUBLIC.principals)

    def seen(scope: Scope) -> list[str]:
        listed = [t.id for t in store.traces(scope)]
        assert listed == [n for n in ("anybody", "team", "alice", "owner") if store.trace(n, scope) is not None]
        return listed

    assert seen(OWNER) == ["anybody", "team", "alice", "owner"]
    assert seen(team) == ["anybody", "team", "alice"]
    assert seen(alice) == ["anybody", "alice"]
    assert seen(Scope.of("bob")) == ["anybody"]
    assert seen(PUBLIC) == ["anybody"]
