"""A corpus file through the real splitter and store, with an embedder and a chat model that need no files."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gezhi.app.config import Config, load_config
from gezhi.app.corpus import build_store, corpus_document, corpus_id
from gezhi.app.evaluation import evaluate_answers, evaluate_retrieval
from gezhi.entrypoints.cli import eval as cli
from gezhi.evaluate import CorpusEntry, load_corpus
from gezhi.ingest import split
from gezhi.llm.protocol import ChatRequest, Vectors
from gezhi.llm.scripted import HashEmbedder, ScriptedChat
from gezhi.store.sqlite import open_sqlite
from gezhi.types import BlockKind, InvalidInput, ModelFailed, Scope

TOWNS = {"Arden": "copper", "Belmont": "cheese", "Corwen": "slate", "Dunmore": "linen"}
CITIES = {"临江": "茶叶", "白石": "瓷器", "青浦": "蚕丝", "东阳": "木雕"}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    documents, questions = [], []
    for number, (town, goods) in enumerate(TOWNS.items()):
        text = f"{town} lies on a river.\nThe town of {town} is known for its {goods}."
        documents.append({"id": f"en-{number}", "title": town, "text": text})
        questions.append(
            {"question": f"What is {town} known for?", "answers": [goods], "supporting_ids": [f"en-{number}"]}
        )
    for number, (city, goods) in enumerate(CITIES.items()):
        documents.append({"id": f"zh-{number}", "title": city, "text": f"{city}在河边。\n{city}以{goods}闻名。"})
        questions.append({"question": f"{city}以什么闻名？", "answers": [goods], "supporting_ids": [f"zh-{number}"]})
    return write(tmp_path / "corpus.jsonl", documents), write(tmp_path / "questions.jsonl", questions)


def write(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("GEZHI_HOME", str(tmp_path / "home"))
    return load_config()


def test_a_corpus_line_becomes_a_document() -> None:
    entry = CorpusEntry(id="x/1", title="Title", text="One.\n\nTwo.\n")
    document = corpus_document(entry)
    assert document.source == "corpus/x/1"
    assert corpus_id(document.source) == "x/1"
    assert [document.text[b.start : b.end] for b in document.blocks] == ["One.", "Two."]
    assert all(block.kind is BlockKind.PARAGRAPH for block in document.blocks)
    assert corpus_document(entry).id == document.id
    assert corpus_document(CorpusEntry(id="x/2", title="Title", text="One.\n\nTwo.\n")).id != document.id


def test_a_document_without_text_is_found_by_its_title() -> None:
    document = corpus_document(CorpusEntry(id="1", title="A title", text="  \n"))
    assert [passage.text for passage in split(document)] == ["A title"]


@pytest.mark.parametrize("retrievers", [["words"], ["meaning"], ["words", "meaning"], None])
def test_retrieval(files: tuple[Path, Path], retrievers: list[str] | None) -> None:
    seen: set[str] = set()
    run = evaluate_retrieval(
        *files, k=1, retrievers=retrievers, embedder=HashEmbedder(256), on_progress=lambda stage, *_: seen.add(stage)
    )
    figures = run.as_dict()
    assert figures["recall@1"] == figures["recall@5"] == figures["mrr@10"] == 1.0
    assert (figures["questions"], figures["documents"], figures["passages"]) == (8, 8, 8)
    assert figures["retrievers"] == (retrievers or ["words", "meaning", "graph"])
    assert figures["missing_gold"] == 0
    assert (figures["embedder"] is None) == (retrievers == ["words"])
    assert {"storing", "searching"} <= seen
    assert ("embedding" in seen) == (retrievers != ["words"])
    json.dumps(figures)


def test_without_an_embedder_only_words_are_used(files: tuple[Path, Path]) -> None:
    assert evaluate_retrieval(*files, embedder=None).as_dict()["retrievers"] == ["words", "graph"]


@pytest.mark.parametrize("retrievers", [["meaning"], ["words", "table"], []])
def test_unknown_retrievers_are_refused_before_anything_is_built(
    files: tuple[Path, Path], tmp_path: Path, retrievers: list[str]
) -> None:
    with pytest.raises(InvalidInput, match="available"):
        evaluate_retrieval(*files, embedder=None, retrievers=retrievers, keep=tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_gold_that_is_not_in_the_corpus_counts_as_not_found(files: tuple[Path, Path], tmp_path: Path) -> None:
    row = {"question": "What is Arden known for?", "supporting_ids": ["en-0", "absent"]}
    figures = evaluate_retrieval(files[0], write(tmp_path / "q.jsonl", [row]), embedder=None).as_dict()
    assert figures["recall@5"] == 0.5
    assert figures["missing_gold"] == 1


def test_a_kept_store_is_not_built_again(files: tuple[Path, Path], tmp_path: Path) -> None:
    first, second, third = HashEmbedder(), HashEmbedder(), HashEmbedder(128)
    before = evaluate_retrieval(*files, keep=tmp_path / "kept", embedder=first).as_dict()
    assert first.embedded == 8
    stages: list[str] = []
    after = evaluate_retrieval(
        *files, keep=tmp_path / "kept", embedder=second, on_progress=lambda stage, *_: stages.append(stage)
    ).as_dict()
    assert second.embedded == 0
    assert "storing" not in stages
    for name in ("recall@5", "index_cpu_s", "embed_cpu_s", "passages"):
        assert after[name] == before[name]
    evaluate_retrieval(*files, keep=tmp_path / "kept", retrievers=["words"], embedder=second)
    evaluate_retrieval(*files, keep=tmp_path / "kept", embedder=second)
    assert second.embedded == 0, "a run by words alone leaves the vectors in place"
    evaluate_retrieval(*files, keep=tmp_path / "kept", embedder=third)
    assert third.embedded == 8, "another embedder needs its own vectors"
    (tmp_path / "kept" / "store.db").unlink()
    again = evaluate_retrieval(*files, keep=tmp_path / "kept", embedder=third).as_dict()
    assert again["recall@5"] == 1.0, "the note of what was built does not outlive the store"


def test_a_kept_store_follows_its_corpus(files: tuple[Path, Path], tmp_path: Path) -> None:
    corpus, _ = files
    entries = load_corpus(corpus)
    embedder = HashEmbedder()
    build_store(tmp_path / "kept", entries, embedder)
    changed = [CorpusEntry(id=entries[0].id, title="Arden", text="Arden sank."), *entries[2:]]
    built = build_store(tmp_path / "kept", changed, embedder)
    assert embedder.embedded == 8 + 1
    assert built.documents == 7
    store = open_sqlite(tmp_path / "kept")
    assert store.sources() == sorted(f"corpus/{entry.id}" for entry in changed)
    document_id = next(s.id for s in store.documents(Scope.owner()) if s.source == "corpus/en-0")
    document = store.document(document_id, Scope.owner())
    store.close()
    assert document is not None and document.text == "Arden sank."


class Failing(HashEmbedder):
    """Fails after the first batch."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if self.embedded:
            raise ModelFailed("gone")
        return super().embed_passages(texts)


def test_a_build_that_was_stopped_goes_on(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gezhi.app.corpus.EMBED_BATCH", 3)
    entries = load_corpus(files[0])
    with pytest.raises(ModelFailed):
        build_store(tmp_path / "kept", entries, Failing())
    embedder = HashEmbedder()
    built = build_store(tmp_path / "kept", entries, embedder)
    assert embedder.embedded == 5
    assert built.embedded == 8
    assert built.complete


def replies(request: ChatRequest) -> str:
    """Says yes to whether the passages answer, and quotes the sentence that names the goods."""
    text = request.messages[-1].text
    name = re.search(r"What is (\w+) known|(..)以什么闻名", text)
    if name is None or "statements" not in json.dumps(request.schema):
        return "yes"
    for number, sentence in re.findall(r"(?m)^\W*(\d+)\W+(.+)$", text):
        if (name[1] or name[2]) in sentence and ("known for" in sentence or "闻名" in sentence):
            return json.dumps({"statements": [{"text": sentence.strip(), "cites": [int(number)]}]}, ensure_ascii=False)
    return json.dumps({"statements": []})


def items_of(path: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, path.read_text("utf-8").splitlines())


@pytest.mark.parametrize("model", ["scripted", "extractive"])
def test_answers(files: tuple[Path, Path], tmp_path: Path, config: Config, model: str) -> None:
    config = config.model_copy(update={"refusal_threshold": 0.0})
    figures = evaluate_answers(
        *files,
        items=tmp_path / "items.jsonl",
        config=config,
        chat=ScriptedChat(replies) if model == "scripted" else None,
        embedder=HashEmbedder(256),
        judge="none",
    ).as_dict()
    assert figures["questions"] == figures["answerable"] == 8
    assert figures["errors"] == 0
    assert figures["containment"] == 1.0
    assert figures["citation_validity"] == 1.0
    assert figures["gold_cited"] == figures["gold_found"] == 1.0
    assert figures["false_refusal_rate"] == 0.0
    assert figures["false_answer_rate"] is None
    assert figures["model"] == model
    items = list(items_of(tmp_path / "items.jsonl"))
    assert len(items) == 8
    assert items[0]["statements"][0]["quotes"][0]["document"] == "en-0"
    assert items[0]["scores"]["containment"] == 1.0


def test_answers_without_gold(files: tuple[Path, Path], tmp_path: Path, config: Config) -> None:
    config = config.model_copy(update={"refusal_threshold": 1.0})
    figures = evaluate_answers(
        *files,
        limit=3,
        without_gold=True,
        keep=tmp_path / "kept",
        config=config,
        chat=None,
        embedder=HashEmbedder(256),
        judge="none",
    ).as_dict()
    assert figures["documents"] == 5, "the gold documents of the three questions are left out"
    assert figures["false_answer_rate"] == 0.0
    assert figures["containment"] is None
    store = open_sqlite(tmp_path / "kept")
    assert "corpus/en-0" not in store.sources()
    store.close()


@pytest.mark.usefixtures("config")
def test_the_command_prints_json_and_a_table(files: tuple[Path, Path]) -> None:
    corpus, questions = files
    options = ["--corpus", str(corpus), "--questions", str(questions), "--retrievers", "words", "--k", "10"]
    printed = CliRunner().invoke(cli.app, ["retrieval", *options, "--json"])
    assert printed.exit_code == 0
    figures = json.loads(printed.stdout)
    wanted = "recall@5 recall@10 recall@20 ndcg@10 all@5 mrr@10 questions passages query_cpu_ms_p50 query_cpu_ms_p95"
    assert {*wanted.split(), "index_cpu_s", "embed_cpu_s"} <= set(figures)
    shown = CliRunner().invoke(cli.app, ["retrieval", *options, "--limit", "2"])
    assert shown.exit_code == 0
    assert "recall@5" in shown.stdout and "1.000 to 1.000" in shown.stdout


@pytest.mark.usefixtures("config")
def test_a_bad_file_is_an_error_that_says_where(files: tuple[Path, Path], tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "1"}\n')
    result = CliRunner().invoke(cli.app, ["retrieval", "--corpus", str(bad), "--questions", str(files[1])])
    assert isinstance(result.exception, InvalidInput)
    assert "line 1: `text` is missing" in result.exception.message
