"""The figures as Markdown tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gezhi.evaluate.statistics import bootstrap

OURS = "gezhi"
Results = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Set, peer, figures."""


def markdown(results: Results, labels: Mapping[str, str]) -> str:
    parts = []
    for name, peers in results.items():
        parts += [f"## {name}", *costs(peers, labels), *deleted(peers, labels), *killed(peers, labels)]
    return "\n\n".join([*parts, "## Versions and settings", *settings(results, labels)]) + "\n"


def rows(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    marks = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [list(head), marks, *map(list, lines)])


def costs(peers: Mapping[str, Mapping[str, Any]], labels: Mapping[str, str]) -> list[str]:
    head = ["", "Recall@5 (minus Gezhi's, 95 %)", "index CPU s", "query CPU ms p50", "start CPU s"]
    head += ["peak MB, indexing", "querying", "disk MB", "add one: CPU s", "wall s", "whole command CPU s"]
    lines, notes = [], []
    for peer, figures in peers.items():
        if "recall_at_5" not in figures:
            notes.append(f"{labels[peer]}: {figures.get('not_run') or 'failed: ' + last_line(figures['failed'])}.")
            continue
        line = [f"{labels[peer]} {figures['about']['version']}", recall(figures, peers.get(OURS, {}), peer)]
        line += [f"{figures['index_cpu_s']:.1f}", f"{figures['query_cpu_ms_p50']:.1f}", f"{figures['start_cpu_s']:.1f}"]
        line += [f"{figures[name]:.0f}" for name in ("index_peak_mb", "query_peak_mb")]
        line += [f"{figures['disk_mb']:.1f}", f"{figures['add_cpu_s']:.2f}", f"{figures['add_wall_s']:.2f}"]
        lines.append([*line, f"{figures['add_process_cpu_s']:.1f}"])
    return [rows(head, lines), *notes]


def recall(figures: Mapping[str, Any], ours: Mapping[str, Any], peer: str) -> str:
    score = f"{figures['recall_at_5']:.3f}"
    if peer == OURS or "recalls" not in ours:
        return score
    differences = [a - b for a, b in zip(figures["recalls"], ours["recalls"], strict=True)]
    low, high = bootstrap(differences)
    return f"{score} ({sum(differences) / len(differences):+.3f}, {low:+.3f} to {high:+.3f})"


def last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]


def deleted(peers: Mapping[str, Mapping[str, Any]], labels: Mapping[str, str]) -> list[str]:
    head = ["after deleting a document", "its own words still in", "still found by search", "CPU s, command"]
    lines = []
    for peer, figures in peers.items():
        if "delete" not in figures:
            continue
        done = figures["delete"]
        if "cannot" in done:
            lines.append([labels[peer], done["cannot"], "yes", ""])
            continue
        left = sorted({file for files in done["words_after"].values() for file in files})
        cost = f"{done['delete_cpu_s']:.2f}, {done['process_cpu_s']:.1f}"
        lines.append([labels[peer], files_said(left), "yes" if done["still_found"] else "no", cost])
    return [rows(head, lines)] if lines else []


def files_said(files: Sequence[str]) -> str:
    return ", ".join(f"`{file}`" for file in files) if files else "nothing"


def killed(peers: Mapping[str, Mapping[str, Any]], labels: Mapping[str, str]) -> list[str]:
    """One line a peer; within a cell the moments in order, as shares of the models' work."""
    shown = {peer: figures for peer, figures in peers.items() if figures.get("kills")}
    if not shown:
        return []
    moments = [kill["at"] for kill in next(iter(shown.values()))["kills"]]
    said = " / ".join("at the first write after the last text" if at >= 1 else f"{at:.0%}" for at in moments)
    head = [f"kill -9 at {said}", "documents there after the kill", "model work repeated", "lost", "doubled"]
    head.append("the same command again")
    lines = []
    for peer, figures in shown.items():
        kills, of = figures["kills"], len(figures["reference"]["contents"])
        line = [labels[peer], " / ".join(there(kill) for kill in kills) + f" of {of}"]
        line.append(
            " / ".join(f"{kill['repeated']} of {kill['done']}" if "repeated" in kill else "–" for kill in kills)
        )
        line += [" / ".join(str(kill.get(name, "–")) for kill in kills) for name in ("lost", "doubled")]
        lines.append([*line, " / ".join(ended(kill) for kill in kills)])
    return [rows(head, lines)]


def there(kill: Mapping[str, Any]) -> str:
    if not kill["opens"]:
        return "does not open"
    return f"{kill['kept']}" + (f" (+{kill['half']} half)" if kill["half"] else "")


def ended(kill: Mapping[str, Any]) -> str:
    if "again" in kill:
        return "fails"
    return "not killed in time" if kill["late"] else "ends well" if not kill["partial"] else "ends, parts missing"


def settings(results: Results, labels: Mapping[str, str]) -> list[str]:
    about: dict[str, Mapping[str, Any]] = {}
    for peers in results.values():
        for peer, figures in peers.items():
            if figures.get("about"):
                about.setdefault(peer, figures["about"])
    parts = []
    for peer, said in about.items():
        lines = [f"- {name}: {value}" for name, value in said["settings"].items()]
        parts.append(f"**{labels[peer]}** (`{said['package']}` {said['version']})\n\n" + "\n".join(lines))
    return parts
