"""What a local model has read once, no later process reads again; what is damaged is never put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from gezhi.llm.local.kept import MOST_FILES, KeptPrompts
from gezhi.types import ModelFailed

RULES = "You write one query. " * 40


class Engine:
    """Remembers what was done; its saved state is the text."""

    def __init__(self, folder: Path, *, fails: bool = False) -> None:
        self.folder, self.fails, self.done, self.text = folder, fails, list[str](), ""

    def read(self, text: str, cancelled: object) -> None:
        del cancelled
        self.done.append("read")
        self.text = text

    def save(self, file_name: str) -> None:
        self.done.append("save")
        if self.fails:
            raise ModelFailed("disk full")
        (self.folder / file_name).write_text(self.text)

    def restore(self, file_name: str) -> None:
        self.done.append("restore")
        self.text = (self.folder / file_name).read_text()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"weights")
    return path


def ready(model: Path, text: str = RULES, *, window: int = 8192, cancelled: bool = False) -> list[str]:
    """What a new process does."""
    folder = model.parent / "prompts"
    engine = Engine(folder)
    kept = KeptPrompts(folder, model, window)
    for _ in range(2):
        kept.make_ready(text, engine, lambda: cancelled)
    return engine.done


def test_a_text_is_read_once_and_then_put_back(model: Path) -> None:
    assert ready(model) == ["read", "save"]
    assert ready(model) == ["restore"]
    assert ready(model, RULES + "!") == ["read", "save"]
    assert ready(model, window=4096) == ["read", "save"]
    model.write_bytes(b"other weights")
    assert ready(model) == ["read", "save"], "another model reads otherwise"


def test_a_damaged_file_is_removed_and_read_anew(model: Path) -> None:
    ready(model)
    (file,) = (model.parent / "prompts").glob("*.kv")
    file.write_text(file.read_text()[:9])
    assert ready(model) == ["read", "save"]
    assert ready(model) == ["restore"]


def test_short_texts_are_not_kept_and_a_cancelled_one_is_tried_again(model: Path) -> None:
    assert ready(model, "Be brief.") == []
    assert ready(model, cancelled=True) == ["read", "read"]
    assert not list(model.parent.glob("prompts/*"))


def test_a_folder_that_cannot_be_written_harms_nothing(model: Path) -> None:
    (model.parent / "prompts").write_text("a file")
    assert ready(model) == ["read"]
    broken = Engine(model.parent / "elsewhere", fails=True)
    KeptPrompts(model.parent / "elsewhere", model, 1).make_ready(RULES, broken, lambda: False)
    assert broken.done == ["read", "save"] and not list((model.parent / "elsewhere").iterdir())


def test_only_so_many_are_kept(model: Path) -> None:
    for number in range(MOST_FILES + 3):
        ready(model, f"{number} {RULES}")
    assert len(list((model.parent / "prompts").glob("*.kv"))) == MOST_FILES
