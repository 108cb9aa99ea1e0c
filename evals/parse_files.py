"""How well files are read: outcome, time, memory, and the share of a reference's words found in our text.

    python evals/parse_files.py --data FOLDER [--json] [--only .pdf,.docx] [--worst 15]

FOLDER holds `files.jsonl` (one object a line: id, file, ext, reference_markdown or nothing) and the files it names.
Recall: the reference Markdown and our text are folded (NFKC, case), markup is stripped, and the multiset of words and
Chinese characters of the reference is looked up in ours."""

from __future__ import annotations

import argparse
import html
import json
import re
import statistics
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from gezhi.parse import Limits, ParseOptions, ParserPool

_COMMENT = re.compile(r"<!--.*?-->", re.S)
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
_TAG = re.compile(r"</?[A-Za-z][^>]*>")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~$-])")
_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W_]+")


def words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def plain(markdown: str) -> str:
    text = _IMAGE.sub(" ", _COMMENT.sub(" ", markdown))
    text = _LINK.sub(r"\1", text)
    return html.unescape(_ESCAPE.sub(r"\1", _TAG.sub(" ", text)))


def recall(reference: str, text: str) -> tuple[float, Counter[str]]:
    wanted, found = words(plain(reference)), words(text)
    missing = wanted - found
    total = sum(wanted.values())
    return (1 - sum(missing.values()) / total if total else 1.0), missing


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--only", default="", help="extensions, separated by commas")
    arguments.add_argument("--worst", type=int, default=15)
    arguments.add_argument("--ocr", action="store_true")
    options = arguments.parse_args()
    only = {name.strip().lstrip(".") for name in options.only.split(",") if name.strip()}
    lines = (options.data / "files.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [entry for line in lines if line.strip() and (entry := json.loads(line))]
    results = []
    limits = Limits(seconds=120)
    with ParserPool(limits, ParseOptions(ocr=options.ocr)) as pool:
        for entry in entries:
            if only and entry["ext"] not in only:
                continue
            results.append(_measure(pool, options.data, entry))
        peak = pool.peak_bytes
    summary = _summary(results, peak, limits)
    if options.json:
        print(json.dumps({**summary, "files": results}, ensure_ascii=False, indent=1))
    else:
        _show(summary, results, options.worst)
    return 0 if summary["over_caps"] == 0 else 1


def _measure(pool: ParserPool, data: Path, entry: dict[str, Any]) -> dict[str, Any]:
    started = time.monotonic()
    parsed = pool.parse(data / entry["file"], entry["file"])
    result: dict[str, Any] = {
        "id": entry["id"],
        "ext": entry["ext"],
        "status": str(parsed.outcome.status),
        "code": parsed.outcome.code,
        "message": parsed.outcome.message,
        "seconds": round(time.monotonic() - started, 3),
        "characters": len(parsed.document.text) if parsed.document else 0,
    }
    reference = entry.get("reference_markdown")
    if reference and parsed.document:
        share, missing = recall((data / reference).read_text(encoding="utf-8"), parsed.document.text)
        result["recall"] = round(share, 4)
        result["missing"] = [word for word, _ in missing.most_common(12)]
    return result


def _summary(results: list[dict[str, Any]], peak: int, limits: Limits) -> dict[str, Any]:
    codes = Counter(f"{result['status']}:{result['code']}" for result in results)
    by_ext: dict[str, list[float]] = defaultdict(list)
    for result in results:
        if "recall" in result:
            by_ext[result["ext"]].append(result["recall"])
    seconds = sorted(result["seconds"] for result in results)
    return {
        "files_read": len(results),
        "outcomes": dict(codes.most_common()),
        "median_recall": {ext: round(statistics.median(values), 4) for ext, values in sorted(by_ext.items())},
        "mean_recall": {ext: round(statistics.mean(values), 4) for ext, values in sorted(by_ext.items())},
        "with_reference": {ext: len(values) for ext, values in sorted(by_ext.items())},
        "seconds_total": round(sum(seconds), 1),
        "seconds_max": seconds[-1] if seconds else 0,
        "peak_worker_mb": peak // (1024 * 1024),
        "over_caps": sum(1 for r in results if r["seconds"] > limits.seconds + 5) + (peak > limits.memory_bytes * 1.2),
    }


def _show(summary: dict[str, Any], results: list[dict[str, Any]], worst: int) -> None:
    for name, value in summary.items():
        if isinstance(value, dict):
            print(f"{name}:")
            for key, inner in value.items():
                print(f"  {key:44} {inner}")
        else:
            print(f"{name}: {value}")
    scored = sorted((r for r in results if "recall" in r), key=lambda r: r["recall"])
    print("worst:")
    for result in scored[:worst]:
        print(f"  {result['recall']:.3f} {result['id']}  missing: {' '.join(result['missing'])}")
    print("refused or warned:")
    for result in results:
        if result["code"] != "ok":
            print(f"  {result['code']:22} {result['id']}: {result['message'][:110]}")


if __name__ == "__main__":
    sys.exit(main())
