"""kill -9 at random moments while documents are ingested: is anything lost, doubled, half there, or paid for twice?

    python evals/kill.py --kills 50 --documents 200

A child process ingests generated documents (Chinese and English, several formats) with an embedding model that logs
every text it embeds. It is killed again and again; after each kill the store is opened and compared with a reference
store that was made without kills. Prints JSON; exit code 1 if an invariant broke."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gezhi.app.app import App
from gezhi.app.config import load_config
from gezhi.ingest.ingest import EMBED_BATCH
from gezhi.llm.protocol import Vectors
from gezhi.llm.scripted import HashEmbedder
from gezhi.store.passages import embedding_text, text_hash
from gezhi.store.protocol import Hit, Store
from gezhi.store.sqlite import open_sqlite
from gezhi.types import Filters, Progress, Scope

OWNER = Scope.owner()
EMBED_SECONDS = 0.004
"""Per text: slow enough that kills hit the model at work, fast enough that 200 documents take a minute."""
DIMENSIONS = 384
"""Enough that no two of the passages fall together."""
START_SECONDS = 60.0
"""A child that has logged nothing by then is broken."""

WORDS = {
    "en": "pump valve seal supplier contract invoice delivery penalty clause audit harbour ledger turbine membrane"
    " filter pressure warranty inspection schedule notice freight terminal reactor coolant bearing",
    "zh": "水泵 阀门 密封 供应商 合同 发票 交付 违约金 条款 审计 港口 账目 涡轮 滤芯 压力 保修 检验 计划 通知 运费"
    " 码头 反应器 冷却液 轴承 仓库",
}


class LoggingEmbedder(HashEmbedder):
    """Writes down what it embedded, durably, before anybody gets the vectors."""

    def __init__(self, log: Path) -> None:
        super().__init__(DIMENSIONS)
        self._log = log

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        time.sleep(EMBED_SECONDS * len(texts))
        vectors = super().embed_passages(texts)
        append(self._log, [text_hash(text) for text in texts])
        return vectors


def append(log: Path, lines: Sequence[str]) -> None:
    """One write, so that a kill leaves whole lines; synced, so that it outlives the machine too."""
    with log.open("ab", buffering=0) as file:
        file.write("".join(f"{line}\n" for line in lines).encode())
        os.fsync(file.fileno())


def read(log: Path) -> list[str]:
    return log.read_text("utf-8").splitlines() if log.exists() else []


def code_of(number: int) -> str:
    """Stands once in each document: finding it twice, or without its document, is a broken store."""
    return f"KX-{number:05d}-Q"


def write_documents(folder: Path, count: int, seed: int) -> None:
    """Documents of several passages. Every sentence names its document, so no two passages are alike."""
    generator = random.Random(seed)
    for number in range(count):
        lang = "zh" if number % 2 else "en"
        sections = [paragraphs(generator, lang, number, part) for part in range(generator.randint(2, 6))]
        sections[generator.randrange(len(sections))] += (
            f" Its code is {code_of(number)}." if lang == "en" else f"其编号为 {code_of(number)}。"
        )
        kind = ("md", "txt", "html", "json")[number // 2 % 4]
        path = folder / f"group-{number % 7}" / f"{'文件' if lang == 'zh' else 'file'}-{number}.{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_file(kind, number, sections), "utf-8")


def paragraphs(generator: random.Random, lang: str, number: int, part: int) -> str:
    sentences = []
    for sentence in range(generator.randint(6, 14)):
        words = generator.choices(WORDS[lang].split(), k=generator.randint(6, 14))
        if lang == "en":
            sentences.append(f"In file {number}, part {part}, line {sentence}: {' '.join(words)}.")
        else:
            sentences.append(f"文件{number}第{part}部分第{sentence}句：{'、'.join(words)}。")
    return (" " if lang == "en" else "").join(sentences)


def as_file(kind: str, number: int, sections: Sequence[str]) -> str:
    if kind == "md":
        return f"# File {number}\n\n" + "\n\n".join(f"## Part {n}\n\n{s}" for n, s in enumerate(sections))
    if kind == "html":
        body = "".join(f"<h2>Part {n}</h2><p>{s}</p>" for n, s in enumerate(sections))
        return f"<html><head><title>File {number}</title></head><body>{body}</body></html>"
    if kind == "json":
        return json.dumps({"title": f"File {number}", "parts": list(sections)}, ensure_ascii=False, indent=1)
    return "\n\n".join(sections)


def child(work: Path, store: Path) -> None:
    """What is killed: ingest everything, write down each file whose end was reported."""
    finished = work / "finished.log"
    append(work / "begun.log", [str(os.getpid())])

    def on_progress(progress: Progress) -> None:
        if progress.item is not None and progress.item.outcome is not None:
            append(finished, [f"{progress.item.outcome.status.value}\t{progress.item.source}"])

    with App(store, config=load_config(), chat=None, embedder=LoggingEmbedder(work / "embedded.log")) as app:
        report = app.add(work / "documents", on_progress=on_progress)
    sys.exit(0 if report.job.finished == report.job.total else 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """A document as the reference store holds it."""

    id: str
    text: str
    passages: tuple[str, ...]
    hashes: tuple[str, ...]
    about: str
    """What was embedded of its longest passage."""


@dataclass(slots=True)
class Findings:
    """What broke, each with the number of the kill."""

    broken: list[str] = field(default_factory=list)
    kill: int = 0

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.broken.append(f"after kill {self.kill}: {what}")


def contents(store: Store) -> dict[str, Expected]:
    """All that the store shows, by source."""
    found = {}
    for summary in store.documents(OWNER, limit=1_000_000):
        document = store.document(summary.id, OWNER)
        hits = passages_of(store, summary.id, summary.passages)
        texts = [embedding_text(hit.passage, hit.title) for hit in hits]
        assert document is not None
        found[summary.source] = Expected(
            id=summary.id,
            text=document.text,
            passages=tuple(hit.passage.text for hit in hits),
            hashes=tuple(map(text_hash, texts)),
            about=max(texts, key=len, default=""),
        )
    return found


def passages_of(store: Store, document_id: str, count: int) -> list[Hit]:
    """The passages by their ids, and any that should not be there after the last."""
    return store.passages([f"{document_id}:{ordinal}" for ordinal in range(count + 20)], OWNER)


def check(folder: Path, work: Path, reference: Mapping[str, Expected], findings: Findings) -> tuple[int, set[str]]:
    """Compare the store with the reference; returns how many documents it shows, and the hashes with a vector."""
    store = open_sqlite(folder)
    try:
        shown = contents(store)
        embedder = HashEmbedder(DIMENSIONS).name
        every_hash = sorted({h for expected in reference.values() for h in expected.hashes})
        vectors = store.known_vectors(every_hash, embedder)
        for source, document in shown.items():
            findings.expect(document == reference.get(source), f"{source} is not what it should be")
            findings.expect(set(document.hashes) <= vectors, f"{source} lacks vectors")
        for line in read(work / "finished.log"):
            findings.expect(line.split("\t")[1] in shown, f"acknowledged and lost: {line}")
        status = store.status()
        total = sum(len(document.passages) for document in shown.values())
        findings.expect(status.documents == len(shown), f"{status.documents} documents, {len(shown)} are shown")
        findings.expect(status.passages == total, f"{status.passages} passages, {total} belong to documents")
        check_search(store, reference, shown, findings)
        jobs = store.jobs()
        findings.expect(len(jobs) <= 1 or len(shown) == len(reference), f"{len(jobs)} jobs for one command")
        for job in jobs:
            sources = [item.source for item in store.items(job.id, limit=1_000_000)]
            findings.expect(len(sources) == len(set(sources)), "a file is finished twice")
            findings.expect(set(sources) <= set(shown), "files are finished whose documents are not shown")
        if len(jobs) == 1:
            findings.expect(jobs[0].finished == len(shown), f"{jobs[0].finished} finished, {len(shown)} shown")
        return len(shown), vectors
    finally:
        store.close()


def check_search(
    store: Store, reference: Mapping[str, Expected], shown: Mapping[str, Expected], findings: Findings
) -> None:
    """The indexes say the same as the tables: a shown document is found once, any other not at all."""
    for source in reference:
        number = int(Path(source).stem.split("-")[1])
        hits = store.search_words(code_of(number), OWNER, Filters(), 20)
        found = [hit.source for hit in hits if code_of(number) in hit.passage.text]
        wanted = [source] if source in shown else []
        findings.expect(found == wanted, f"searching {code_of(number)} gave {found} instead of {wanted}")
    for source, document in list(shown.items())[:: max(1, len(shown) // 20)]:
        vector = HashEmbedder(DIMENSIONS).embed_question(document.about)
        best = [h.source for h in store.search_meaning(vector, HashEmbedder(DIMENSIONS).name, OWNER, Filters(), 1)]
        findings.expect(best == [source], f"searching {source} by meaning gave {best}")


def start(work: Path, store: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(Path(__file__).absolute()), "--child", str(work), "--store", str(store)]
    return subprocess.Popen(command, start_new_session=True, stderr=(work / "errors.log").open("ab"))


def sizes(work: Path, names: Sequence[str]) -> list[int]:
    return [(work / name).stat().st_size if (work / name).exists() else 0 for name in names]


def wait_for(process: subprocess.Popen[bytes], work: Path, names: Sequence[str], before: Sequence[int]) -> None:
    """Until one of the logs has grown, or the process has ended."""
    until = time.monotonic() + START_SECONDS
    while sizes(work, names) == before and process.poll() is None:
        if time.monotonic() > until:
            raise SystemExit(f"the child does nothing: see {work / 'errors.log'}")
        time.sleep(0.002)


def left_behind(group: int) -> bool:
    """Do processes that the killed one started outlive it by more than five seconds?"""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    os.killpg(group, signal.SIGKILL)
    return True


def run(work: Path, kills: int, documents: int, seed: int) -> dict[str, Any]:
    generator = random.Random(seed)
    write_documents(work / "documents", documents, seed)
    with App(work / "reference", config=load_config(), chat=None, embedder=HashEmbedder(DIMENSIONS)) as app:
        started = time.monotonic()
        app.add(work / "documents")
        plain_seconds = time.monotonic() - started
    store = open_sqlite(work / "reference")
    reference = contents(store)
    store.close()
    texts = sum(len(expected.hashes) for expected in reference.values())
    expected_seconds = plain_seconds + texts * EMBED_SECONDS

    findings = Findings()
    shown, landed, orphans, paid_again = 0, 0, 0, 0
    committed: set[str] = set()
    progress: list[int] = []
    seen = 0
    while landed < kills and shown < documents:
        # One kill of five may hit the start (opening the store, taking up the job), the others the work itself.
        # On average half of what is left is done per kill left: the work outlasts the kills.
        logs = ["begun.log"] if generator.random() < 0.2 else ["embedded.log", "finished.log"]
        before = sizes(work, logs)
        process = start(work, work / "store")
        wait_for(process, work, logs, before)
        left = expected_seconds * (documents - shown) / documents
        pause = generator.uniform(0, left / (kills - landed + 1))
        try:
            process.wait(pause)
        except subprocess.TimeoutExpired:
            process.kill()
            landed += 1
        process.wait()
        orphans += left_behind(process.pid)
        findings.kill = landed
        embedded = read(work / "embedded.log")
        paid_again += len(committed.intersection(embedded[seen:]))
        seen = len(embedded)
        if (work / "store" / "store.db").exists():
            shown, committed = check(work / "store", work, reference, findings)
        progress.append(shown)
    final = start(work, work / "store")
    code = final.wait()
    embedded = read(work / "embedded.log")
    paid_again += len(committed.intersection(embedded[seen:]))
    shown, _ = check(work / "store", work, reference, findings)
    findings.expect(code == 0, f"the last run ended with {code}")
    findings.expect(shown == documents, f"{shown} of {documents} documents in the end")
    repeats = len(embedded) - len(set(embedded))
    findings.expect(paid_again == 0, f"{paid_again} texts embedded again though their vectors were committed")
    findings.expect(repeats <= EMBED_BATCH * landed, f"{repeats} texts embedded again: more than was in flight")
    findings.expect(orphans == 0, f"{orphans} times processes outlived the killed one")
    return {
        "kills": landed,
        "documents": shown,
        "passages": texts,
        "acknowledged_lost": sum("lost" in line for line in findings.broken),
        "texts_embedded": len(set(embedded)),
        "embedded_again": repeats,
        "embedded_again_after_commit": paid_again,
        "left_behind": orphans,
        "shown_after_each_kill": progress,
        "broken": findings.broken[:50],
        "ok": not findings.broken,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, help="work here and leave it for inspection")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child, given.store)
    work = (given.work or Path(tempfile.mkdtemp(prefix="gezhi-kill-"))).absolute()
    work.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    result = run(work, given.kills, given.documents, given.seed)
    result["seconds"] = round(time.monotonic() - started, 1)
    print(json.dumps(result, ensure_ascii=False, indent=2))
    if given.work is None and result["ok"]:
        shutil.rmtree(work)
    sys.exit(0 if result["ok"] else 1)


if __name__ == "__main__":
    main()
