"""The one store: documents, passages, vectors, jobs and traces behind a protocol."""

from gezhi.store.analyse import Analyser
from gezhi.store.passages import embedding_text, text_hash
from gezhi.store.protocol import (
    DocumentStore,
    Hit,
    JobStore,
    PassageIndex,
    SourceState,
    Store,
    StoreStatus,
    TableStore,
    TraceStore,
    VectorCache,
    Vectors,
    WordSignals,
)

__all__ = [
    "Analyser",
    "DocumentStore",
    "Hit",
    "JobStore",
    "PassageIndex",
    "SourceState",
    "Store",
    "StoreStatus",
    "TableStore",
    "TraceStore",
    "VectorCache",
    "Vectors",
    "WordSignals",
    "embedding_text",
    "text_hash",
]
