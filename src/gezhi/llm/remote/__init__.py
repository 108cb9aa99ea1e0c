"""Models behind any server that speaks OpenAI's HTTP API."""

from gezhi.llm.remote.chat import RemoteChat
from gezhi.llm.remote.embed import RemoteEmbedder

__all__ = ["RemoteChat", "RemoteEmbedder"]
