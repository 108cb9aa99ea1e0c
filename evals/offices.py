"""Are the plain questions of an office answered, and those that its documents do not answer refused?

    python evals/offices.py [--model NAME] [--items FILE]

Ten short documents as offices keep them, in both languages, and 64 questions (24 of them without an answer), written
before anything was fitted; `evals/offices/`. Asked through `App.ask`, without a chat model unless one is named.
`--items`: a line a question, with what the decision rested on, as `evals/refusal.py` reads it."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from gezhi import App
from gezhi.app.config import load_config
from gezhi.evaluate import load_questions
from gezhi.evaluate.metrics import containment
from gezhi.evaluate.statistics import wilson

HERE = Path(__file__).parent / "offices"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="none")
    parser.add_argument("--items", type=Path)
    given = parser.parse_args()
    config = load_config().model_copy(update={"chat_model": given.model})
    lines: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryDirectory(prefix="gezhi-offices-") as folder,
        App(Path(folder) / "store", config=config) as app,
    ):
        app.add(HERE / "documents")
        for question in load_questions(HERE / "questions.jsonl"):
            answer = app.ask(question.question)
            lines.append(
                {
                    "key": f"offices/{question.id}/own",
                    "set": "offices",
                    "model": answer.model or "",
                    "gold_found": True,
                    "question": question.question,
                    "language": answer.language,
                    "answerable": not question.unanswerable,
                    "shown": answer.refusal is None,
                    "right": answer.refusal is None and bool(containment(answer.text, question.answers)),
                    "signals": _signals(app, answer.trace_id),
                }
            )
    if given.items:
        given.items.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    for language in ("en", "zh"):
        some = [line for line in lines if line["language"] == language]
        answerable = [line for line in some if line["answerable"]]
        others = [line for line in some if not line["answerable"]]
        print(
            json.dumps(
                {
                    "language": language,
                    "answerable": len(answerable),
                    "right": _share([line["right"] for line in answerable]),
                    "false_refusals": _share([not line["shown"] for line in answerable]),
                    "unanswerable": len(others),
                    "false_answers": _share([line["shown"] for line in others]),
                }
            )
        )


def _signals(app: App, trace_id: str) -> dict[str, float]:
    spans = app.trace(trace_id).spans if trace_id else ()
    return {
        name.removeprefix("gezhi."): float(value)
        for one in spans
        if one.name in ("answer.judge", "answer.confirm")
        for name, value in one.attributes
        if isinstance(value, int | float)
    }


def _share(hits: list[bool]) -> str:
    low, high = wilson(sum(hits), len(hits))
    return f"{sum(hits) / len(hits):.2f} ({low:.2f}-{high:.2f})"


if __name__ == "__main__":
    main()
