"""From a query to evidence: by words, by meaning, fused, and on through the graph."""

from gezhi.retrieve.fuse import fuse
from gezhi.retrieve.graph import ByGraph
from gezhi.retrieve.retrieve import ByMeaning, ByWords, Retrieval, Retriever

__all__ = ["ByGraph", "ByMeaning", "ByWords", "Retrieval", "Retriever", "fuse"]
