"""Gezhi and its peers side by side: the same corpora, the same embedder, one run.

    python evals/peers/run.py --data DATA --sets hotpotqa_train100,musique_train100 --peers all --out OUT

Writes OUT/peers.md and OUT/peers.json. A peer that is done is not run again (its part is in OUT/parts), unless its
adapter, the corpus or the limit has changed. See README.md beside this file."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from adapter import Document, read_documents, read_lines
from environment import HERE, PEERS, adapter, python_of
from measure import Child, Failed, Figures, TooLong, copy_store, disk_bytes, kill_once, logged, remove_store
from table import markdown

ADDED = 3
"""Documents held back and added one by one."""
KILL_DOCUMENTS = 150
KILL_MOMENTS = (0.05, 0.25, 0.5, 0.75, 1.0)
KILL_DELAY = 0.004
"""Seconds for each text embedded and each call of the language model."""
PER_QUESTION = 10
"""With --limit: documents kept for each question."""
K = 5


@dataclass(frozen=True, kw_only=True)
class Task:
    """A set, as every peer gets it."""

    name: str
    corpus: Path
    facts: Path | None
    documents: tuple[Document, ...]
    questions: tuple[str, ...]
    gold: tuple[frozenset[str], ...]
    deleted: Document
    words: tuple[str, ...]
    """Words of the deleted document that stand in no other."""

    def request(self, vectors: Path, **more: Any) -> dict[str, Any]:
        facts = str(self.facts) if self.facts else None
        return {"corpus": str(self.corpus), "facts": facts, "vectors": str(vectors), **more}

    @property
    def fingerprint(self) -> str:
        said = json.dumps([self.name, [d.content for d in self.documents], self.questions, str(self.facts)])
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def read_task(data: Path, name: str, limit: int | None) -> Task:
    corpus = data / name / "corpus.jsonl"
    documents = read_documents(str(corpus))
    asked = [line for line in read_lines(str(data / name / "questions.jsonl")) if line["supporting_ids"]][:limit]
    if limit is not None:
        gold = {one for line in asked for one in line["supporting_ids"]}
        rest = [document.id for document in documents if document.id not in gold]
        kept = gold | set(rest[: max(0, PER_QUESTION * limit - len(gold))])
        documents = [document for document in documents if document.id in kept]
    deleted, words = with_own_words(documents[: len(documents) // 2])
    return Task(
        name=name,
        corpus=corpus.resolve(),
        facts=next(iter(sorted((data / name).glob("openie_*.jsonl"))), None),
        documents=tuple(documents),
        questions=tuple(line["question"] for line in asked),
        gold=tuple(frozenset(line["supporting_ids"]) for line in asked),
        deleted=deleted,
        words=words,
    )


def with_own_words(documents: Sequence[Document], count: int = 5) -> tuple[Document, tuple[str, ...]]:
    """The document with most long words that stand, as letters, nowhere else; and some of these words."""
    texts = [document.content.lower() for document in documents]
    everything = "\n".join(texts)
    best: tuple[Document, list[str]] = (documents[0], [])
    for document, text in zip(documents, texts, strict=True):
        once = [w for w in dict.fromkeys(re.findall(r"[a-z]{8,}", text)) if everything.count(w) == text.count(w)]
        if len(once) > len(best[1]):
            best = (document, once)
    return best[0], tuple(sorted(best[1], key=len, reverse=True)[:count])


def recalls(found: Sequence[Sequence[str]], gold: Sequence[frozenset[str]], k: int) -> list[float]:
    """Per question: share of its gold documents among the first k documents."""
    return [
        len(wanted & set(list(dict.fromkeys(ids))[:k])) / len(wanted) for ids, wanted in zip(found, gold, strict=True)
    ]


class Part:
    """What is known of one peer on one set; written after every stage, so that a stopped run goes on."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        self._path = path
        self.stages: dict[str, Any] = {}
        if path.exists():
            kept = json.loads(path.read_text("utf-8"))
            if kept["fingerprint"] == fingerprint:
                self.stages = kept["stages"]
        self._fingerprint = fingerprint

    def stage(self, name: str, work: Callable[[], Any]) -> Any:
        if name not in self.stages:
            print(f"  {name} ...", file=sys.stderr, flush=True)
            self.stages[name] = work()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self._path.with_suffix(".part")
            kept = {"fingerprint": self._fingerprint, "stages": self.stages}
            unfinished.write_text(json.dumps(kept, indent=1), "utf-8")
            unfinished.replace(self._path)
        return self.stages[name]


class Trial:
    """One peer on one set."""

    def __init__(self, task: Task, child: Child, part: Part, vectors: Path) -> None:
        self.task, self.child, self.part, self.vectors = task, child, part, vectors
        self.store = child.folder / "store"

    def request(self, documents: Sequence[Document] = (), **more: Any) -> dict[str, Any]:
        return self.task.request(self.vectors, ids=[document.id for document in documents], **more)

    def run(self, kills: bool) -> dict[str, Any]:
        about = self.part.stage("about", lambda: self.child.run("about", self.store))
        if about["facts_use"] == "needed" and self.task.facts is None:
            return {"about": about, "not_run": "needs extracted facts, and none are stored for this set"}
        first, added = self.task.documents[:-ADDED], self.task.documents[-ADDED:]
        try:
            if "gave up" not in self.part.stages:
                self.part.stage("index", lambda: self._index(first))
        except TooLong as stopped:
            self.part.stage("gave up", partial(self._gave_up, stopped, len(first)))
        if "gave up" in self.part.stages:
            return {"about": about, "not_run": self.part.stages["gave up"]}
        self.part.stage("add", lambda: [self._changing("add", [document]) for document in added])
        self.part.stage("query", lambda: self._query())
        self.part.stage("delete", lambda: self._delete())
        if kills:
            self.part.stage("reference", lambda: self._reference())
            for at in KILL_MOMENTS:
                self.part.stage(f"kill {at}", partial(self._kill, at))
        return dict(self.part.stages)

    def _index(self, documents: Sequence[Document]) -> Figures:
        self._forget("store")
        figures = self.child.run_warm("index", self.store, self.request(documents))
        return figures | {"disk_bytes": disk_bytes(self.store), "documents": len(documents)}

    def _gave_up(self, stopped: TooLong, documents: int) -> str:
        held = self.child.run("contents", self.store, self.request())["contents"]
        return f"{stopped}: {len(held)} of {documents} documents were in"

    def _forget(self, name: str) -> None:
        for folder in (name, f"{name}-files", f"{name}-before", f"{name}-after-add"):
            remove_store(self.child.folder / folder)

    def _changing(self, command: str, documents: Sequence[Document]) -> Figures:
        return self.child.run_warm(command, self.store, self.request(documents))

    def _query(self) -> Figures:
        return self.child.run_warm("query", self.store, self.request(questions=self.task.questions))

    def _delete(self) -> Figures:
        document, words = self.task.deleted, list(self.task.words)
        questions = [document.title, " ".join(words), document.text[:200]]
        kept = self.child.folder / "store-after-add"
        copy_store(self.store, kept)  # a run stopped in here begins again from the store with the document
        before = self.child.run("words", self.store, self.request(words=words))["words"]
        figures = self.child.run("delete", self.store, self.request([document]))
        if "cannot" in figures:
            return figures
        after = self.child.run("words", self.store, self.request(words=words))["words"]
        found = self.child.run_warm("query", self.store, self.request(questions=questions))["found"]
        held = self.child.run("contents", self.store, self.request())["contents"]
        copy_store(kept, self.store)
        remove_store(kept)
        return figures | {
            "words_before": before,
            "words_after": after,
            "still_found": any(document.id in ids for ids in found),
            "still_held": document.id in held,
            "others_lost": len(self.task.documents) - 1 - len(held),
        }

    def _reference(self) -> Figures:
        """The documents of the kills, ingested without one."""
        self._forget("reference")
        store, log = self.child.folder / "reference", self.child.folder / "work.log"
        request = self._killed()
        self.child.run("index", store, {**request, "delay": 0.0})
        remove_store(store)
        log.unlink(missing_ok=True)
        self.child.run("index", store, {**request, "log": str(log)})
        figures = self.child.run("contents", store, request)
        calls = len(logged(log, "m"))
        self._forget("reference")
        return {"contents": figures["contents"], "work": calls + len(logged(log, "e")), "calls": calls}

    def _killed(self) -> dict[str, Any]:
        return self.request(self.task.documents[:KILL_DOCUMENTS], delay=KILL_DELAY)

    def _kill(self, at: float) -> Figures:
        figures = kill_once(self.child, self._killed(), at, self.part.stages["reference"])
        self._forget("killed")
        return figures


def fingerprint_of(peer: str, task: Task) -> str:
    sources = [adapter(peer), HERE / "adapter.py"]
    if not PEERS[peer].steps:
        import gezhi

        sources += sorted(Path(gezhi.__file__).parent.rglob("*.py"))
    said = "".join(path.read_text("utf-8") for path in sources) + repr(PEERS[peer].steps) + task.fingerprint
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def summary(task: Task, stages: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a peer on a set as the table shows them."""
    if "not_run" in stages or "failed" in stages:
        return dict(stages)
    index, query, add = stages["index"], stages["query"], stages["add"]
    per_question = recalls(query["found"], task.gold, K)
    kills = [figures for name, figures in stages.items() if name.startswith("kill ")]
    return {
        "about": stages["about"],
        "documents": index["documents"],
        "recalls": per_question,
        "recall_at_5": sum(per_question) / len(per_question),
        "index_cpu_s": index["index_cpu_s"],
        "index_wall_s": index["index_wall_s"],
        "start_cpu_s": query["open_cpu_s"] + query["first_cpu_s"],
        "query_cpu_ms_p50": 1000 * median(query["query_cpu_s"]),
        "query_wall_ms_p50": 1000 * median(query["query_wall_s"]),
        "index_peak_mb": index["peak_mb"],
        "query_peak_mb": query["peak_mb"],
        "disk_mb": index["disk_bytes"] / 1e6,
        "add_cpu_s": median(one["index_cpu_s"] for one in add),
        "add_wall_s": median(one["index_wall_s"] for one in add),
        "add_process_cpu_s": median(one["process_cpu_s"] for one in add),
        "embedded": index["embedded"],
        "model_calls": index["called"],
        "delete": stages["delete"],
        "kills": kills,
        "reference": stages.get("reference", {}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the sets")
    parser.add_argument("--sets", default="hotpotqa_train100,musique_train100")
    parser.add_argument("--peers", default="all", help=f"all, or some of: {','.join(PEERS)}")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--work", type=Path, help="environments and stores (default: OUT/work)")
    parser.add_argument("--vectors", type=Path, help="cache of vectors (default: WORK/vectors.db)")
    parser.add_argument("--limit", type=int, help="questions; the corpus shrinks with them")
    parser.add_argument("--patience", type=float, default=60.0, help="minutes that one command of a peer may take")
    parser.add_argument("--kill-set", help="the set for the kills (default: the last; `none`: no kills)")
    arguments = parser.parse_args()
    out = arguments.out.absolute()
    work = (arguments.work or out / "work").absolute()
    vectors = (arguments.vectors or work / "vectors.db").absolute()
    names = list(PEERS) if arguments.peers == "all" else arguments.peers.split(",")
    if unknown := set(names) - set(PEERS):
        parser.error(f"unknown peers: {', '.join(sorted(unknown))}")
    sets = arguments.sets.split(",")
    work.mkdir(parents=True, exist_ok=True)
    tasks = [read_task(arguments.data, name, arguments.limit) for name in sets]
    results: dict[str, dict[str, Any]] = {task.name: {} for task in tasks}
    started = time.monotonic()
    for peer in names:
        python = python_of(peer, work / "environments")
        for task in tasks:
            print(f"{peer} on {task.name}", file=sys.stderr, flush=True)
            folder = work / "stores" / f"{task.name}-{arguments.limit or 'all'}" / peer
            child = Child(peer=peer, python=python, folder=folder, patience=60 * arguments.patience)
            part = Part(out / "parts" / task.name / f"{peer}.json", fingerprint_of(peer, task))
            kills = task.name == (arguments.kill_set or sets[-1])
            try:
                stages = Trial(task, child, part, vectors).run(kills)
            except Failed as failure:
                stages = {"about": part.stages.get("about", {}), "failed": str(failure)}
                print(f"{peer} on {task.name} failed:\n{failure}", file=sys.stderr, flush=True)
            results[task.name][peer] = summary(task, stages)
            write(out, results, tasks, time.monotonic() - started)
    print(markdown(results, {name: PEERS[name].label for name in PEERS}))


def write(out: Path, results: Mapping[str, Any], tasks: Sequence[Task], wall_s: float) -> None:
    sizes = {task.name: {"documents": len(task.documents), "questions": len(task.questions)} for task in tasks}
    out.mkdir(parents=True, exist_ok=True)
    said = {"sets": sizes, "wall_s": wall_s, "results": results}
    (out / "peers.json").write_text(json.dumps(said, indent=1, ensure_ascii=False), "utf-8")
    (out / "peers.md").write_text(markdown(results, {name: PEERS[name].label for name in PEERS}), "utf-8")


if __name__ == "__main__":
    main()
