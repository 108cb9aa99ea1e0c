"""Retrieval over the graph: passages that the question's words do not reach, but the names in it and in them do."""

from gezhi.retrieve.graph.by_graph import ByGraph

__all__ = ["ByGraph"]
