"""Access to models. `gezhi.llm.local` and `gezhi.llm.remote` hold the backends; only `gezhi.app` imports them."""

from gezhi.llm.catalogue import Catalogue, Model, load_catalogue
from gezhi.llm.estimate import estimate_tokens
from gezhi.llm.install import install, installed, remove
from gezhi.llm.protocol import (
    ChatDelta,
    ChatModel,
    ChatReply,
    ChatRequest,
    Embedder,
    Message,
    Vectors,
    complete,
)
from gezhi.llm.scripted import HashEmbedder, ScriptedChat

__all__ = [
    "Catalogue",
    "ChatDelta",
    "ChatModel",
    "ChatReply",
    "ChatRequest",
    "Embedder",
    "HashEmbedder",
    "Message",
    "Model",
    "ScriptedChat",
    "Vectors",
    "complete",
    "estimate_tokens",
    "install",
    "installed",
    "load_catalogue",
    "remove",
]
