"""`gezhi eval make` and `gezhi eval review`: a golden set from the user's own documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gezhi.entrypoints.cli.eval.printing import progress
from gezhi.entrypoints.cli.session import Session, command
from gezhi.types import InvalidInput

if TYPE_CHECKING:
    from gezhi.app.evaluation.making import Made
    from gezhi.evaluate.golden import Reviewed


def make(
    session: Session,
    out: Annotated[Path, typer.Option(metavar="FILE.jsonl", help="Where the proposals go.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=10_000, help="How many questions.")] = 20,
    unanswerable: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of questions that the documents should not answer.")
    ] = 0.2,
    model: Annotated[
        str | None, typer.Option(help="Chat model that writes them, as in the setting chat_model.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Chooses the passages; the same seed, the same passages.")] = 0,
) -> None:
    """Propose questions with answers and sources from the documents of the store, for a person to review."""
    from gezhi.app.evaluation.making import make_golden
    from gezhi.evaluate.golden import write_proposals

    if out.exists():
        raise InvalidInput(f"{out} exists.", hint="Choose another file: reviewed questions are not overwritten.")
    with session.app(chat_model=model) as app, progress(session) as on_progress:

        def keep(made: Made) -> None:
            write_proposals(out, made.lines)
            on_progress("writing questions", len(made.lines), count)

        made = make_golden(app, app.chat, count=count, unanswerable=unanswerable, seed=seed, on_proposal=keep)
    if session.json:
        session.print_json({"file": out, "proposed": len(made.lines), "discarded": made.discarded})
        return
    session.out.print(f"{len(made.lines)} questions proposed in {out}. Review them: gezhi eval review {out}")
    for why, times in sorted(made.discarded.items(), key=lambda pair: -pair[1]):
        session.out.print(f"  {times} discarded: {why}")


def review(
    session: Session,
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="Proposals that `gezhi eval make` wrote.")],
) -> None:
    """Accept, edit or drop proposed questions, one after the other; every decision is saved at once."""
    from gezhi.evaluate.golden import Status, read_proposals, write_proposals

    lines = read_proposals(file)
    waiting = [at for at, line in enumerate(lines) if line.status is Status.PROPOSED]
    for number, at in enumerate(waiting, start=1):
        _show(session, lines[at], number, len(waiting))
        decided = _decide(session, lines[at])
        if decided is None:
            break
        lines[at] = decided
        write_proposals(file, lines)
    counts = {status.value: sum(line.status is status for line in lines) for status in Status}
    if session.json:
        session.print_json(counts)
        return
    session.out.print(", ".join(f"{count} {name}" for name, count in counts.items()))
    if counts["accepted"]:
        session.out.print(f"Keep the accepted ones: gezhi eval datasets --add {file} --name golden")


def _show(session: Session, line: Reviewed, number: int, of: int) -> None:
    from gezhi.entrypoints.cli.output import cell

    asked = line.question
    source = asked.meta.get("written_from", "")
    rank = f"found at rank {line.found_rank}" if line.found_rank else "not found by search"
    session.err.print(cell(f"{number}/{of}  {source}  ({rank})", "dim"))
    session.err.print(line.passage, style="dim")
    session.err.print(cell(f"Q: {asked.question}", "bold"))
    if asked.unanswerable:
        session.err.print("The documents should not answer it.")
    else:
        session.err.print(cell(f"A: {' | '.join(answer for part in asked.answers for answer in part)}", "bold"))


def _decide(session: Session, line: Reviewed) -> Reviewed | None:
    """The line as decided; None to stop."""
    from dataclasses import replace

    from gezhi.evaluate.golden import Status

    while True:
        session.err.print("[a]ccept, [e]dit, [d]rop, [s]kip, [q]uit: ", end="")
        try:
            said = input().strip().lower()
        except EOFError:
            return None
        match said:
            case "a":
                return replace(line, status=Status.ACCEPTED)
            case "d":
                return replace(line, status=Status.DROPPED)
            case "s":
                return line
            case "q":
                return None
            case "e":
                edited = _edit(session, line)
                if edited is not None:
                    return replace(edited, status=Status.ACCEPTED)


def _edit(session: Session, line: Reviewed) -> Reviewed | None:
    """Ask for question and answer; an empty reply leaves them as they are."""
    old = line.question
    try:
        session.err.print("Question (empty: as it is): ", end="")
        question = input().strip() or old.question
        session.err.print("Answer (empty: as it is; - : unanswerable): ", end="")
        answer = input().strip()
    except EOFError:
        return None
    from dataclasses import replace

    if answer == "-":
        changed = replace(old, question=question, answers=(), supporting_ids=(), unanswerable=True, type="unanswerable")
        return replace(line, question=changed)
    known = old.answers[0][0] if old.answers else ""
    if not (answer or known):
        session.err.print("An answerable question needs an answer.")
        return None
    source = old.supporting_ids or tuple(filter(None, [str(old.meta.get("written_from", ""))]))
    changed = replace(
        old,
        question=question,
        answers=((answer or known,),),
        supporting_ids=source,
        unanswerable=False,
        type="answerable",
    )
    return replace(line, question=changed)


def register(app: typer.Typer) -> None:
    command(app, "make")(make)
    command(app, "review")(review)
