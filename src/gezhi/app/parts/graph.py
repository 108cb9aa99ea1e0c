"""`app.graph`: entities and facts of the store, as a scope may see them, and where facts come from."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gezhi.retrieve.graph import browse
from gezhi.retrieve.graph.export import export
from gezhi.retrieve.graph.facts import identity, supersede, superseded_by, valid_at
from gezhi.retrieve.tables.holding import rows_that_hold
from gezhi.store.protocol import Store
from gezhi.types import Filters, InvalidInput, ModelUnavailable, Scope, Trace
from gezhi.types.facts import Fact

if TYPE_CHECKING:
    from gezhi.ingest.facts import Estimate, Extracted, FactReader, Loaded
    from gezhi.llm.protocol import ChatModel
    from gezhi.retrieve.graph.browse import EntityPage, GraphStats, Step
    from gezhi.retrieve.graph.themes import Theme
    from gezhi.store.memory.graph import GraphView
    from gezhi.trace import Tracer

MOST_FACTS = 10_000


class GraphReader:
    def __init__(self, store: Store, chat: ChatModel | None, tracer: Tracer, asked: Callable[[], list[Trace]]) -> None:
        """`asked`: traces of the newest questions."""
        self._store, self._chat, self._tracer, self._asked = store, chat, tracer, asked

    def stats(self, *, limit: int = 20, scope: Scope | None = None) -> GraphStats:
        """How much there is, of which types, and what is named most."""
        return browse.stats(self._view(scope), limit=limit)

    def entity(self, name: str, *, limit: int = 20, scope: Scope | None = None) -> EntityPage:
        """The passages that name it, what is named with it, and the rows of tables that hold it. Raises NotFound."""
        view = self._view(scope)
        page = browse.entity_page(view, name, limit=limit)
        names = [page.label, *(one.label for one in page.other_names)]
        documents = browse.documents_naming(view, name)
        return replace(page, rows=tuple(rows_that_hold(self._store, names, documents, scope or Scope.owner())))

    def path(self, first: str, second: str, *, scope: Scope | None = None) -> list[Step]:
        """The shortest chain of passages between two entities; empty if there is none. Raises NotFound."""
        return browse.path(self._view(scope), first, second)

    def themes(self, *, source_prefix: str = "", limit: int = 8, scope: Scope | None = None) -> list[Theme]:
        """What documents are about: the largest groups of passages that share names, found anew each time."""
        from gezhi.retrieve.graph.themes import themes

        view = self._store.graph(scope or Scope.owner(), Filters(source_prefix=source_prefix))
        return themes(view, limit=limit)

    def export(self, form: str, *, scope: Scope | None = None) -> Iterator[str]:
        """Lines of `graphml`, `jsonld` or `cypher`."""
        return export(self._view(scope), form)

    def facts(
        self, name: str = "", *, as_of: str = "", limit: int = MOST_FACTS, scope: Scope | None = None
    ) -> list[Fact]:
        """Facts about an entity, or all; those that a newer document contradicts are marked. `as_of`: an ISO date, as
        exact as wanted; only what may have held then."""
        if as_of and not _is_date(as_of):
            raise InvalidInput(f"{as_of!r} is no date.", hint="Write 2024, 2024-03 or 2024-03-05.")
        found = self._store.facts(scope or Scope.owner(), Filters(), name=name, limit=limit)
        if name:  # what supersedes a fact about it may speak of another object
            subjects = sorted({fact.subject for fact in found})
            rivals = self._store.facts(scope or Scope.owner(), Filters(), subjects=subjects) if subjects else []
            if not as_of:
                return superseded_by(found, rivals)
            wanted = {identity(fact) for fact in found}
            return [fact for fact in valid_at(rivals, as_of) if identity(fact) in wanted]
        return valid_at(found, as_of) if as_of else supersede(found)

    def estimate(self, *, source_prefix: str = "", asked: bool = False) -> Estimate:
        """What `extract` would cost: passages not read yet, and tokens. Raises ModelUnavailable."""
        from gezhi.ingest.facts import estimate

        only = self._used() if asked else None
        return estimate(self._store, self._reader(), Filters(source_prefix=source_prefix), only)

    def extract(
        self,
        *,
        source_prefix: str = "",
        asked: bool = False,
        most_tokens: int | None = None,
        most_passages: int | None = None,
        on_progress: Callable[[int, int, int], None] | None = None,
        stopped: threading.Event | None = None,
    ) -> Extracted:
        """Let the chat model read passages for facts, up to a cap. Each passage is committed as it is read, and never
        read again by the same model and prompt. `asked`: only those that answers were made from, the most used first.
        `on_progress`: (done, of so many, tokens). Raises ModelUnavailable."""
        from gezhi.ingest.facts import extract

        with self._tracer.trace("facts", "facts"):
            return extract(
                self._store,
                self._reader(),
                Filters(source_prefix=source_prefix),
                only=self._used() if asked else None,
                most_tokens=most_tokens,
                most_texts=most_passages,
                on_text=on_progress or (lambda *_: None),
                stopped=stopped or threading.Event(),
            )

    def load_facts(self, path: Path) -> Loaded:
        """Facts from a file, JSON lines {"source", "facts"}; loading it again replaces them. Raises InvalidInput."""
        from gezhi.ingest.facts import load, load_facts

        return load(self._store, list(load_facts(path)), f"import:{path.name}")

    def extractors(self) -> dict[str, int]:
        """Models and files that facts come from, and in how many passages each found some or looked."""
        return self._store.extractors()

    def forget(self, extractor: str) -> int:
        """Delete the facts that one of `extractors` found; what others found stays. Returns in how many passages."""
        return self._store.forget_facts(extractor)

    def _used(self) -> list[str]:
        """Ids of the passages that answers were made from, the most used first."""
        used = Counter(passage for trace in self._asked() for passage in trace.read)
        return [passage for passage, _ in used.most_common()]

    def _reader(self) -> FactReader:
        from gezhi.ingest.facts import FactReader

        if self._chat is None:
            raise ModelUnavailable(
                "Facts are extracted by a chat model, and none is installed.",
                hint="`gezhi models install`, or set chat_model; facts can also be loaded: `gezhi graph load FILE`.",
            )
        return FactReader(self._chat)

    def _view(self, scope: Scope | None) -> GraphView:
        return self._store.graph(scope or Scope.owner(), Filters())


def _is_date(text: str) -> bool:
    from gezhi.ingest.facts.grounded import as_time

    return as_time(text) == text
