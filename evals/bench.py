"""The small benchmark of `make bench`: under ten minutes on two cores, no chat model.

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
RETRIEVERS = ("words", "meaning", "words,meaning")
KEPT = ("recall@5", "recall@20", "ndcg@10", "all@5", "mrr@10", "query_cpu_ms_p50", "index_cpu_s", "embed_cpu_s")


def run(name: str, *command: str) -> dict[str, object]:
    print(f"{name} ...", file=sys.stderr, flush=True)
    started = time.monotonic()
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {"bench": name, "failed": done.stderr.strip().splitlines()[-1:]}
    result = json.loads(done.stdout)
    return {"bench": name, "seconds": round(time.monotonic() - started, 1), **result}


def retrieval(data: Path, keep: Path, name: str, retrievers: str) -> dict[str, object]:
    result = run(
        f"retrieval {name} {retrievers}",
        *("-m", "gezhi", "eval", "retrieval", "--json", "--quiet", "--keep", str(keep)),
        *("--corpus", str(data / "corpus.jsonl"), "--questions", str(data / "questions.jsonl")),
        *("--retrievers", retrievers),
    )
    return {key: result[key] for key in ("bench", "seconds", "failed", *KEPT) if key in result}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    with tempfile.TemporaryDirectory(prefix="gezhi-bench-") as folder:
        for name in SETS:
            if not (data / name / "corpus.jsonl").exists():
                print(f"{data / name} is not there: left out", file=sys.stderr)
                continue
            for retrievers in reversed(RETRIEVERS):  # the first run embeds, the others take its store
                print(json.dumps(retrieval(data / name, Path(folder) / name, name, retrievers)), flush=True)
    print(json.dumps(run("store 10,000 passages", str(HERE / "store_scale.py"), "--passages", "10000", "--json")))
    print(json.dumps(run("kill -9", str(HERE / "kill.py"), "--kills", "10", "--documents", "60")))
    if (data / "docs_real" / "files.jsonl").exists():
        result = run("real files", str(HERE / "parse_files.py"), "--data", str(data / "docs_real"), "--json")
        print(json.dumps({key: value for key, value in result.items() if key != "files"}))


if __name__ == "__main__":
    main()
