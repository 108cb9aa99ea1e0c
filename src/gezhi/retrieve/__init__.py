"""From a query to evidence: by words, by meaning, fused."""

from gezhi.retrieve.fuse import fuse
from gezhi.retrieve.retrieve import ByMeaning, ByWords, Retrieval, Retriever

__all__ = ["ByMeaning", "ByWords", "Retrieval", "Retriever", "fuse"]
