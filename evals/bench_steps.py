"""What `evals/bench.py` measures: each step a command of docs/benchmarks.md that needs no server, no other system and
no hours of a chat model; but for the last ones of the full run, which answer with the chat model that is set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SMALL_SETS = ("cmrc2018_trial", "hotpotqa_train100")
EVERY_SET = (
    *SMALL_SETS,
    "nq_oracle",
    "musique_train100",
    "rgb_zh_refine",
    "2wikimultihopqa_hippo_corpus",
    "nlpcc_mh_train",
    "scifact",
)
RETRIEVERS = ("words,meaning,graph", "words,meaning", "meaning", "words,graph", "words")
"""The first run of a set embeds its passages, the others take its store."""
RANKED_ON = (
    "hotpotqa_train100",
    "2wikimultihopqa_hippo_corpus",
    "musique_train100",
    "nq_oracle",
    "nlpcc_mh_train",
    "cmrc2018_trial",
)
RETRIEVAL_FIGURES = (
    "recall@5",
    "recall@20",
    "ndcg@10",
    "all@5",
    "mrr@10",
    "query_cpu_ms_p50",
    "index_cpu_s",
    "embed_cpu_s",
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """`name`: a group and what is measured, `tables/import`. `command`: what Python is called with. `needs`: files
    without which the step is left out. `items`: what it writes as it goes, and goes on from. `figures`: of a long
    result, those that are shown; all if empty."""

    name: str
    command: tuple[str, ...]
    needs: tuple[Path, ...] = ()
    items: tuple[Path, ...] = ()
    figures: tuple[str, ...] = ()


def script(name: str, *arguments: str | Path) -> tuple[str, ...]:
    return (str(HERE / name), *map(str, arguments))


def gezhi(*arguments: str | Path) -> tuple[str, ...]:
    return ("-m", "gezhi", *map(str, arguments))


def small(data: Path, keep: Path) -> Iterator[Step]:
    """Under ten minutes, no chat model."""
    for name in SMALL_SETS:
        yield from retrieval(data, keep, name)
    yield store("10000")
    yield Step(name="kill", command=script("kill.py", "--kills", "10", "--documents", "60"))
    yield parsing(data)
    yield Step(name="gate", command=script("gate.py", "--runs", "100"))


def full(data: Path, keep: Path) -> Iterator[Step]:
    """Hours; `answers/model` and `answers/sql` with the chat model, at the end."""
    yield from quick(data)
    for name in EVERY_SET:
        yield from retrieval(data, keep, name)
    for passages in ("10000", "100000"):
        yield store(passages)
    yield from graph(data, keep)
    yield from tables(data, keep)
    yield Step(name="kill", command=script("kill.py", "--kills", "50", "--documents", "200"))
    yield Step(name="gate", command=script("gate.py", "--runs", "1000"))
    yield from judges(data, keep)
    yield from refusal(data, keep)
    yield from answers(data, keep)


def quick(data: Path) -> Iterator[Step]:
    """Seconds to a minute each, so that what is broken shows first."""
    yield Step(name="mentions", command=script("mentions.py", "--json"))
    yield parsing(data)
    yield Step(name="parse/large_pdf", command=script("parse_large_pdf.py", "--json"))
    for name, folder in (
        ("documents", data / "docs_real" / "files"),
        ("spider", data / "spider_dev"),
        ("dusql", data / "dusql_train2000"),
    ):
        command = script("tables_import.py", "--data", folder, "--json")
        yield Step(name=f"tables/import/{name}", command=command, needs=(folder,))
    needs = (data / "wtq_train600", data / "tatqa_dev")
    yield Step(name="tables/types", command=script("tables_types.py", data), needs=needs)
    yield Step(name="tables/speed", command=script("tables_speed.py", "--rows", "90000"))
    for half in ("tuned", "unseen"):
        command = script("statements.py", data / "tatqa_dev", "--half", half)
        yield Step(name=f"tables/statements/{half}", command=command, needs=(data / "tatqa_dev",))
    yield Step(name="refusal/offices", command=script("offices.py"))
    yield Step(name="tables/sheets", command=script("sheets/run.py", "--json"))
    yield Step(name="routing/samples", command=script("routing/samples.py"))
    needs = tuple(data / name for name in ("nq_oracle", "cmrc2018_trial", "spider_dev", "wtq_train600", "tatqa_dev"))
    command = script("routing/sets.py", data, "--limit", "60", "--seed", "7")
    yield Step(name="routing/sets", command=command, needs=(*needs, data / "dusql_train2000"))


def retrieval(data: Path, keep: Path, name: str) -> Iterator[Step]:
    corpus, questions = data / name / "corpus.jsonl", data / name / "questions.jsonl"
    for retrievers in RETRIEVERS:
        given = ("--corpus", corpus, "--questions", questions, "--keep", keep / name)
        yield Step(
            name=f"retrieval/{name}/{retrievers.replace(',', '+')}",
            command=gezhi("eval", "retrieval", "--json", "--quiet", *given, "--retrievers", retrievers),
            needs=(corpus, questions),
            figures=RETRIEVAL_FIGURES,
        )


def store(passages: str) -> Step:
    return Step(name=f"store/{passages}", command=script("store_scale.py", "--passages", passages, "--json"))


def parsing(data: Path) -> Step:
    return Step(
        name="parse/files",
        command=script("parse_files.py", "--data", data / "docs_real", "--json"),
        needs=(data / "docs_real" / "files.jsonl",),
        figures=("files_read", "median_recall", "mean_recall", "seconds_total", "peak_worker_mb", "over_caps"),
    )


def graph(data: Path, keep: Path) -> Iterator[Step]:
    yield Step(name="graph/scale/10000", command=script("graph_scale.py", "--passages", "10000", "--json"))
    hotpot = data / "hotpotqa_train100"
    yield Step(
        name="graph/erasure",
        command=script("graph_erasure.py", "--data", hotpot, "--remove", "50"),
        needs=(hotpot,),
    )
    for name, words in (("words", ("--words",)), ("words+meaning", ())):
        given = ("--data", data, "--keep", keep, "--limit", "300", "--train", ",".join(RANKED_ON))
        yield Step(
            name=f"graph/ranker/{name}",
            command=script("graph_ranker.py", *given, "--test", "rgb_zh_refine,scifact", *words),
            needs=tuple(data / one for one in (*RANKED_ON, "rgb_zh_refine", "scifact")),
        )
    facts = data / "musique_train100" / "openie_gpt-3.5-turbo-1106.jsonl"
    corpus, questions = facts.with_name("corpus.jsonl"), facts.with_name("questions.jsonl")
    given = ("--corpus", corpus, "--questions", questions, "--keep", keep / "musique_train100_facts", "--facts", facts)
    yield Step(
        name="graph/facts",
        command=gezhi("eval", "retrieval", "--json", "--quiet", *given),
        needs=(corpus, questions, facts),
        figures=RETRIEVAL_FIGURES,
    )


def tables(data: Path, keep: Path) -> Iterator[Step]:
    for name in ("wtq_train600", "spider_dev", "dusql_train2000"):
        items = keep / "items" / f"rules-{name}.jsonl"
        command = gezhi(
            "eval", "tables", "--json", "--quiet", "--set", data / name, "--model", "rules", "--items", items
        )
        yield Step(name=f"tables/rules/{name}", command=command, needs=(data / name,), items=(items,))
    given = ("--set", data / "tatqa_dev", "--limit", "200", "--seed", "7", "--model", "rules")
    items = keep / "items" / "reports.jsonl"
    kept = ("--items", items, "--keep", keep / "tatqa_reports")
    yield Step(
        name="tables/reports",
        command=gezhi("eval", "tables", "--json", "--quiet", *given, *kept),
        needs=(data / "tatqa_dev",),
        items=(items,),
    )


def judges(data: Path, keep: Path) -> Iterator[Step]:
    """`rules` embeds every claim and its evidence: some hundred pairs of each set are enough for its interval."""
    for name, names, limit in (("words", "words,check,length", ()), ("rules", "rules", ("--limit", "100"))):
        items, figures = keep / "items" / f"judges-{name}.jsonl", keep / f"judges-{name}.json"
        given = ("--data", data, "--judge", names, *limit, "--items", items, "--json", figures)
        yield Step(
            name=f"judges/{name}",
            command=script("judges", "measure", *given),
            needs=(data / "halueval_qa",),
            items=(items,),
        )


def refusal(data: Path, keep: Path) -> Iterator[Step]:
    sets = ("nq_oracle", "cmrc2018_trial", "hotpotqa_train100", "musique_train100", "rgb_zh_refine")
    items, needs = keep / "items" / "refusal.jsonl", tuple(data / name for name in sets)
    given = ("--data", data, "--keep", keep, "--items", items, "--sets", ",".join(sets), "--limit", "100")
    command = script("refusal_signals.py", *given, "--extractive")
    yield Step(name="refusal/signals", command=command, needs=needs, items=(items,))
    command = script("refusal.py", "--items", items, "--train", ",".join(sets[:4]))
    yield Step(name="refusal/fit", command=command, needs=(*needs, items))


def answers(data: Path, keep: Path) -> Iterator[Step]:
    given = ("--data", data, "--keep", keep, "--resume")
    needs = (data / "nq_oracle", data / "rgb_zh_refine")
    for name, more in (("extractive", ("--model", "extractive", "--limit", "60")), ("model", ())):
        items = keep / "items" / f"answers-{name}"
        command = script("answers.py", *given, "--items", items, *more)
        yield Step(name=f"answers/{name}", command=command, needs=needs, items=(items,))
    for name in ("spider_dev", "dusql_train2000"):
        given = ("--set", data / name, "--limit", "200", "--seed", "7")
        items = keep / "items" / f"sql-{name}.jsonl"
        command = gezhi("eval", "tables", "--json", "--quiet", *given, "--items", items)
        yield Step(name=f"answers/sql/{name}", command=command, needs=(data / name,), items=(items,))
