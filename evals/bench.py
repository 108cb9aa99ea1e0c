"""The small benchmark of `make bench`: under ten minutes on two cores, no chat model. `--full` is `make bench-full`.

    python evals/bench.py --data DATA

DATA holds the sets (`DATA/<set>/{corpus,questions}.jsonl`) and `docs_real`; what is missing is left out and named.
Prints one JSON line a measurement; docs/benchmarks.md has the figures of the larger runs."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
SETS = ("cmrc2018_trial", "hotpotqa_train100")
RETRIEVERS = ("words", "words,graph", "meaning", "words,meaning", "words,meaning,graph")
EVERY_SET = (
    "cmrc2018_trial",
    "hotpotqa_train100",
    "nq_oracle",
    "musique_train100",
    "rgb_zh_refine",
    "2wikimultihopqa_hippo_corpus",
    "nlpcc_mh_train",
    "scifact",
)
KEPT = ("recall@5", "recall@20", "ndcg@10", "all@5", "mrr@10", "query_cpu_ms_p50", "index_cpu_s", "embed_cpu_s")


def run(name: str, *command: str) -> dict[str, object]:
    print(f"{name} ...", file=sys.stderr, flush=True)
    started = time.monotonic()
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {"bench": name, "failed": done.stderr.strip().splitlines()[-1:]}
    result = json.loads(done.stdout)
    return {"bench": name, "seconds": round(time.monotonic() - started, 1), **result}


def run_text(name: str, *command: str) -> str:
    """What a script that prints JSON lines printed, also if it failed half-way."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    failed = {"bench": name, "failed": done.stderr.strip().splitlines()[-1:]}
    return done.stdout + (json.dumps(failed) if done.returncode else "")


def lines(text: str) -> None:
    print(text.strip(), flush=True)


def show(result: dict[str, object]) -> None:
    print(json.dumps(result, ensure_ascii=False), flush=True)


def retrieval(data: Path, keep: Path, name: str, retrievers: str) -> dict[str, object]:
    result = run(
        f"retrieval {name} {retrievers}",
        *("-m", "gezhi", "eval", "retrieval", "--json", "--quiet", "--keep", str(keep)),
        *("--corpus", str(data / "corpus.jsonl"), "--questions", str(data / "questions.jsonl")),
        *("--retrievers", retrievers),
    )
    return {key: result[key] for key in ("bench", "seconds", "failed", *KEPT) if key in result}


def small(data: Path, keep: Path) -> None:
    for name in SETS:
        if not (data / name / "corpus.jsonl").exists():
            print(f"{data / name} is not there: left out", file=sys.stderr)
            continue
        for retrievers in reversed(RETRIEVERS):  # the first run embeds, the others take its store
            show(retrieval(data / name, keep / name, name, retrievers))
    show(run("store 10,000 passages", str(HERE / "store_scale.py"), "--passages", "10000", "--json"))
    show(run("kill -9", str(HERE / "kill.py"), "--kills", "10", "--documents", "60"))
    if (data / "docs_real" / "files.jsonl").exists():
        result = run("real files", str(HERE / "parse_files.py"), "--data", str(data / "docs_real"), "--json")
        show({key: value for key, value in result.items() if key != "files"})
    lines(run_text("gate simulation", str(HERE / "gate.py"), "--runs", "100"))


def full(data: Path, keep: Path) -> None:
    """Every figure of docs/benchmarks.md but the peers' and the server's load. Hours."""
    for name in EVERY_SET:
        if (data / name / "corpus.jsonl").exists():
            for retrievers in reversed(RETRIEVERS):
                show(retrieval(data / name, keep / name, name, retrievers))
    for passages in ("10000", "100000"):
        show(run(f"store {passages} passages", str(HERE / "store_scale.py"), "--passages", passages, "--json"))
    show(run("kill -9", str(HERE / "kill.py"), "--kills", "50", "--documents", "200"))
    show(run("large PDF", str(HERE / "parse_large_pdf.py"), "--json"))
    lines(run_text("gate simulation", str(HERE / "gate.py"), "--runs", "2000"))
    judged = run("judges", "-m", "gezhi", "eval", "judges", "--data", str(data), "--judge", "rules,words", "--json")
    show(judged)
    stores, items = str(keep), str(keep / "items")
    lines(run_text("answers", str(HERE / "answers.py"), "--data", str(data), "--keep", stores, "--items", items))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--full", action="store_true", help="every figure of docs/benchmarks.md; hours, and a chat model"
    )
    parser.add_argument("--keep", type=Path, help="keep the stores here, so that a stopped run goes on")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gezhi-bench-") as folder:
        (full if given.full else small)(given.data, given.keep or Path(folder))


if __name__ == "__main__":
    main()
