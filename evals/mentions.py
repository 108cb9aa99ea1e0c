"""How well the finder of names finds the names of a hand-marked sample.

    python evals/mentions.py [--json] [--show]

evals/mentions/en.txt and zh.txt hold short passages, a blank line between them, each name marked [[in place]]: persons,
organisations, places, products, works, codes, projects and defined terms that act as a name; no dates, amounts, job
titles or common nouns; the longest span of a name, without title, possessive 's, quotation marks or 《》.

The marks are stripped and `find_names` runs on each passage. Only maximal found spans are compared:
a found name nested inside a longer found name, or found twice at the same place, counts once, as the longer one.
Exact: the same start and end. Lenient: the overlap is at least half of the longer of the two spans; each mark and each
found name counts once. Types are not compared. Every share comes with its 95 % Wilson interval. --show lists misses
and false finds of the lenient comparison, and the pairs that it counts but the exact one does not."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from gezhi.evaluate.statistics import wilson
from gezhi.store.naming.names import find_names

FOLDER = Path(__file__).parent / "mentions"

Span = tuple[int, int]


def strip_marks(marked: str) -> tuple[str, list[Span]]:
    """The text without its marks, and the spans of the marks in it."""
    text, spans = "", []
    for i, part in enumerate(re.split(r"\[\[(.+?)\]\]", marked)):
        if "[[" in part or "]]" in part:
            raise ValueError(f"unclosed or nested mark in: {marked[:60]}")
        if i % 2:
            spans.append((len(text), len(text) + len(part)))
        text += part
    return text, spans


def maximal(spans: set[Span]) -> list[Span]:
    """The spans that lie inside no other."""
    return sorted(s for s in spans if not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in spans))


def pair(marks: list[Span], found: list[Span]) -> list[tuple[Span, Span]]:
    """Pairs of a mark and a found span that overlap by half of the longer, best overlap first, each used once."""
    candidates = []
    for mark in marks:
        for span in found:
            overlap = min(mark[1], span[1]) - max(mark[0], span[0])
            share = overlap / max(mark[1] - mark[0], span[1] - span[0])
            if share >= 0.5:
                candidates.append((-share, mark, span))
    pairs: list[tuple[Span, Span]] = []
    used_marks: set[Span] = set()
    used_found: set[Span] = set()
    for _, mark, span in sorted(candidates):
        if mark not in used_marks and span not in used_found:
            used_marks.add(mark)
            used_found.add(span)
            pairs.append((mark, span))
    return pairs


def share(successes: int, trials: int) -> dict[str, Any] | None:
    if not trials:
        return None
    low, high = wilson(successes, trials)
    return {"value": round(successes / trials, 3), "interval": [round(low, 3), round(high, 3)]}


def measure(path: Path) -> tuple[dict[str, Any], list[str]]:
    """The figures of one file, and a line for each miss, false find and wrong boundary."""
    marked = found_count = exact = lenient = 0
    errors: list[str] = []
    for passage in re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip()):
        text, marks = strip_marks(passage)
        found = maximal({(name.start, name.end) for name in find_names(text)})
        pairs = pair(marks, found)
        marked, found_count, lenient = marked + len(marks), found_count + len(found), lenient + len(pairs)
        exact += len(set(marks) & set(found))
        paired_marks, paired_found = {m for m, _ in pairs}, {f for _, f in pairs}
        errors += [f"miss   {text[s:e]!r}" for s, e in marks if (s, e) not in paired_marks]
        errors += [f"false  {text[s:e]!r}" for s, e in found if (s, e) not in paired_found]
        errors += [f"bounds {text[m[0] : m[1]]!r} found as {text[f[0] : f[1]]!r}" for m, f in pairs if m != f]
    scores = {
        kind: {"matches": count, "precision": share(count, found_count), "recall": share(count, marked)}
        for kind, count in (("exact", exact), ("lenient", lenient))
    }
    return {"language": path.stem, "marked": marked, "found": found_count, **scores}, errors


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON line per language")
    parser.add_argument("--show", action="store_true", help="list misses, false finds and wrong boundaries")
    given = parser.parse_args()
    for language in ("en", "zh"):
        figures, errors = measure(FOLDER / f"{language}.txt")
        if given.json:
            print(json.dumps({**figures, **({"errors": errors} if given.show else {})}, ensure_ascii=False))
            continue
        print(f"{language}: {figures['marked']} marked, {figures['found']} found")
        for kind in ("exact", "lenient"):
            shown = [f"{figures[kind]['matches']} matches"]
            for name in ("precision", "recall"):
                if figure := figures[kind][name]:
                    shown.append(f"{name} {figure['value']:.3f} ({figure['interval'][0]}-{figure['interval'][1]})")
            print(f"  {kind}: {', '.join(shown)}")
        if given.show:
            print("\n".join(f"  {line}" for line in sorted(errors)))


if __name__ == "__main__":
    main()
