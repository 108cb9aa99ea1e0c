"""`gezhi eval retrieval` and `gezhi eval answers`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.entrypoints.cli.eval.printing import print_figures, progress, tell_unjudged
from gezhi.entrypoints.cli.session import Session, command
from gezhi.types import InvalidInput

if TYPE_CHECKING:
    from gezhi.evaluate.runs import Kept

Limit = Annotated[int | None, typer.Option(min=1, help="Ask only the first so many questions.")]
Keep = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Keep the store here: the next run with the same corpus does not build it again. Deleted if left out.",
    ),
]
Label = Annotated[
    str | None, typer.Option(help="Keep the run in the store under this name, for `compare`, `gate` and `runs`.")
]
Html = Annotated[Path | None, typer.Option(metavar="FILE", help="Write a report with plots; it opens without network.")]
QUESTIONS_HELP = (
    "Questions: JSON lines {id, question, answers, supporting_ids}, or CSV; supporting_ids are ids of the corpus."
)


def retrieval(
    session: Session,
    corpus: Annotated[Path, typer.Option(metavar="FILE", help="Documents: JSON lines {id, title, text}.")],
    questions: Annotated[Path, typer.Option(metavar="FILE", help=QUESTIONS_HELP)],
    k: Annotated[int, typer.Option("--k", min=1, max=100, help="Also score the first K documents.")] = 5,
    retrievers: Annotated[
        str | None, typer.Option(help="Comma-separated: words, meaning, graph. All available if left out.")
    ] = None,
    facts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Facts for the graph: JSON lines {doc_id, triples: [[subject, predicate, object]]}."
        ),
    ] = None,
    limit: Limit = None,
    keep: Keep = None,
    label: Label = None,
    html: Html = None,
) -> None:
    """Is the right document among the first? Recall, nDCG and MRR at document level, and the time it took."""
    from gezhi.app.evaluation import evaluate_retrieval

    names = [name.strip() for name in retrievers.split(",") if name.strip()] if retrievers is not None else None
    with progress(session) as on_progress:
        run = evaluate_retrieval(
            corpus,
            questions,
            k=k,
            retrievers=names,
            limit=limit,
            keep=keep,
            facts=facts,
            config=session.config(),
            on_progress=on_progress,
        )
    _keep(session, run.kept(label or ""), label, html)
    print_figures(session, run.as_dict())


def answers(
    session: Session,
    corpus: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Documents: JSON lines {id, title, text}. Left out, the documents of the store are asked, and "
            "supporting_ids are their sources.",
        ),
    ] = None,
    questions: Annotated[Path | None, typer.Option(metavar="FILE", help=QUESTIONS_HELP)] = None,
    dataset: Annotated[
        str | None, typer.Option(metavar="NAME", help="A data set of the store, NAME or NAME@VERSION, as questions.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="Chat model, as in the setting chat_model, or `extractive`. The configured one if left out."),
    ] = None,
    judge: Annotated[
        str,
        typer.Option(help="Judge of support: `words`, `rules` (with embeddings), `model` (the chat model), `none`."),
    ] = "words",
    limit: Limit = None,
    all_answers: Annotated[
        bool, typer.Option("--all-answers", help="All listed answers are required, as the parts of a list.")
    ] = False,
    without_gold: Annotated[
        bool,
        typer.Option("--without-gold", help="Leave the supporting documents out of the store: every answer is false."),
    ] = False,
    keep: Keep = None,
    items: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what came of each question here, as JSON lines.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Do not ask again what the file of --items holds already.")
    ] = False,
    label: Label = None,
    html: Html = None,
) -> None:
    """Are the answers right, are their citations true, and is refused what cannot be answered?"""
    from gezhi.app.evaluation import evaluate_answers

    if (questions is None) == (dataset is None):
        raise InvalidInput("Which questions?", hint="Give either --questions FILE or --dataset NAME.")
    if resume and items is None:
        raise InvalidInput("--resume needs the file of an earlier run.", hint="Give --items FILE.")
    source: object = questions
    name = ""
    if dataset is not None:
        with session.app() as app:
            found, source = app.evaluations.dataset(dataset)
            name = found.label
    elif questions is not None:
        _tell_unscored(session, questions)
    with progress(session) as on_progress:
        run = evaluate_answers(
            corpus,
            source,  # type: ignore[arg-type]
            dataset=name,
            model=model,
            judge=judge,
            limit=limit,
            all_answers=all_answers,
            without_gold=without_gold,
            keep=keep,
            items=items,
            resume=resume,
            config=session.config(),
            on_progress=on_progress,
        )
    kept = run.kept(label or "")
    _keep(session, kept, label, html)
    tell_unjudged(session, kept[1])
    print_figures(session, run.as_dict())


def _tell_unscored(session: Session, questions: Path) -> None:
    """Questions of which nothing is known cannot be scored: not asked, and not in silence."""
    from gezhi.evaluate.dataset import load_questions

    left_out = [one.id for one in load_questions(questions) if not (one.answers or one.unanswerable)]
    if left_out:
        told = "1 question is" if len(left_out) == 1 else f"{len(left_out)} questions are"
        session.err.print(f"{told} left out, without `answers` or `unanswerable: true`: {', '.join(left_out[:5])}")


def _keep(session: Session, kept: Kept, label: str | None, html: Path | None) -> None:
    """Keep the run in the store if it was given a name, and write its report."""
    if label is not None:
        with session.app() as app:
            run = app.evaluations.save(kept)
            session.err.print(f"Kept as {label} ({run.id[:8]}) in {app.path}.")
    if html is not None:
        from gezhi.evaluate.report import write_report

        write_report(html, *kept)
        session.err.print(f"Report: {html}")


def register(app: typer.Typer) -> None:
    command(app, "retrieval")(retrieval)
    command(app, "answers")(answers)
