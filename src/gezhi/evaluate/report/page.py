"""The page: figures with their definitions, plots, and the questions, worst first."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from gezhi.evaluate.metrics import definition
from gezhi.evaluate.report.plots import bars, curve, histogram
from gezhi.evaluate.report.slices import by_slice, refusal_curve
from gezhi.types import EvaluationResult, EvaluationRun, InvalidInput

MOST_QUESTIONS = 500
"""Listed one by one; the figures are over all of them."""


def write_report(path: Path, run: EvaluationRun, results: Sequence[EvaluationResult]) -> None:
    try:
        path.write_text(report_html(run, results), "utf-8")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}.", hint="Check the path.") from error


def report_html(run: EvaluationRun, results: Sequence[EvaluationResult]) -> str:
    metric = "containment" if run.kind == "answers" else "recall@5"
    style = (files("gezhi.evaluate.report") / "report.css").read_text("utf-8")
    name = run.label or run.id[:8]
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created_at))
    return "".join(
        (
            '<!doctype html><html lang="en"><meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(name)} · Gezhi</title><style>{style}</style>",
            f"<h1>{escape(name)}</h1>",
            f"<p>{escape(run.kind)} over {escape(run.dataset)}: {_counted(run)}, {when}</p>",
            _figures(run.summary),
            *_plots(results, metric),
            "<h2>Measured with</h2>",
            _pairs(run.configuration),
            *_questions(results, metric),
            "</html>",
        )
    )


def _counted(run: EvaluationRun) -> str:
    said = [_many(run.questions, "question"), _many(run.errors, "error")]
    unjudged = run.summary.get("judge_errors")
    if unjudged:
        said.append(f"{_many(unjudged, 'answer')} not judged")
    return ", ".join(said)


def _many(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def _figures(summary: Mapping[str, Any]) -> str:
    intervals: Mapping[str, Sequence[float]] = summary.get("intervals") or {}
    rows = []
    for name, value in summary.items():
        if name == "intervals" or not isinstance(value, int | float) or isinstance(value, bool):
            continue
        between = "{:.3f} to {:.3f}".format(*intervals[name]) if name in intervals else ""
        cells = (escape(name), _number(value), between, escape(definition(name)))
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = "<tr><th>figure</th><th>value</th><th>95 % interval</th><th>meaning</th></tr>"
    return f'<table class="figures">{head}{"".join(rows)}</table>'


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4f}".rstrip("0").rstrip(".")


def _plots(results: Sequence[EvaluationResult], metric: str) -> Iterator[str]:
    slices = by_slice(results, metric)
    if slices:
        yield f"<h2>{escape(metric)} by slice</h2>{bars(slices)}"
    points, here = refusal_curve(results)
    if points:
        yield "<h2>Refusing more or less</h2>"
        yield curve(points, x_label="answerable questions refused", y_label="unanswerable answered", mark=here)
        yield "<p>Each point of the line is a threshold of the estimated chance of an answer; the dot is this run.</p>"
    seconds = [result.scores["seconds"] for result in results if "seconds" in result.scores]
    if seconds:
        yield f"<h2>Seconds a question</h2>{histogram(seconds, unit='s')}"


def _pairs(pairs: Mapping[str, Any]) -> str:
    rows = (f"<tr><td>{escape(name)}</td><td>{escape(_plain(value))}</td></tr>" for name, value in pairs.items())
    return f'<table class="pairs">{"".join(rows)}</table>'


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _questions(results: Sequence[EvaluationResult], metric: str) -> Iterator[str]:
    def worth(result: EvaluationResult) -> tuple[bool, float]:
        wrong_refusal = 1 - max(
            result.scores.get("false_answer_rate", 0.0), result.scores.get("false_refusal_rate", 0.0)
        )
        return not result.error, min(result.scores.get(metric, 1.0), wrong_refusal)

    yield "<h2>Questions, worst first</h2>"
    for result in sorted(results, key=worth)[:MOST_QUESTIONS]:
        yield _question(result, metric)
    if len(results) > MOST_QUESTIONS:
        yield f"<p>{len(results) - MOST_QUESTIONS} more are in the run.</p>"


def _question(result: EvaluationResult, metric: str) -> str:
    contents = result.contents
    if contents is None:
        return f"<details><summary>{escape(result.item)}: erased</summary></details>"
    asked = contents.get("question") or {}
    score = result.scores.get(metric)
    mark = "error" if result.error else "" if score is None else f"{score:.2f}"
    lines = [
        f"<p><b>{escape(name)}</b> {escape(value)}</p>" for name, value in _facts(result, contents, asked) if value
    ]
    passages = "".join(
        f"<blockquote><b>{escape(str(shown['document']))}</b><br>{escape(str(shown['text']))}</blockquote>"
        for shown in contents.get("evidence") or ()
    )
    scores = ", ".join(f"{name} {value:.3g}" for name, value in result.scores.items())
    return (
        f"<details><summary><span class='score'>{mark}</span>{escape(str(asked.get('question', '')))}</summary>"
        f"{''.join(lines)}<p class='scores'>{escape(scores)}</p>{passages}</details>"
    )


def _facts(
    result: EvaluationResult, contents: Mapping[str, Any], asked: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    yield "gold answer", " | ".join(" or ".join(part) for part in asked.get("answers") or ())
    yield "gold documents", ", ".join(asked.get("supporting_ids") or ())
    yield "unanswerable", "yes" if contents.get("unanswerable") else ""
    yield "answer", str(contents.get("text") or "")
    yield "refused", str(contents.get("refusal") or "")
    yield "error", result.error
    yield "found", ", ".join(contents.get("documents") or ()) if "text" not in contents else ""
    quotes = [quote["text"] for s in contents.get("statements") or () for quote in s.get("quotes") or ()]
    yield "quoted", " … ".join(quotes)
