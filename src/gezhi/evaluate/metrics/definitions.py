"""What each figure means, in one line: shown beside it."""

from __future__ import annotations

DEFINITIONS = {
    "recall": "share of the gold documents among the first k",
    "precision": "share of the first k places that hold a gold document",
    "all": "share of questions with every gold document among the first k",
    "ndcg": "normalised discounted cumulative gain of the first k, binary relevance",
    "mrr": "mean of 1 / rank of the first gold document among the first k",
    "em": "the answer is the gold answer and nothing more; refusals and errors count 0",
    "f1": "harmonic mean of token precision and recall against the gold answer; refusals and errors count 0",
    "containment": "the answer holds the gold answer's words side by side; refusals and errors count 0",
    "containment_answered": "the same over answerable questions that were answered",
    "citation_validity": "share of citations whose quote stands, to the letter, at that place of the stored document",
    "citation_recall": "share of statements that their own citations together support (ALCE), per answer",
    "citation_precision": "share of citations that are needed to support their statement (ALCE), per answer",
    "faithfulness": "share of statements that the evidence shown supports (Ragas), per answer",
    "answer_relevancy": "does the answer speak to the question? the judge's score, per answer",
    "context_precision": "mean precision at the ranks of passages that support the gold answer (Ragas)",
    "context_recall": "share of the gold answer's parts that the evidence supports (Ragas)",
    "gold_found": "share of answerable questions with a gold document among the evidence",
    "gold_cited": "share of answered answerable questions whose answer cites a gold document",
    "false_answer_rate": "share of unanswerable questions that were answered",
    "false_refusal_rate": "share of answerable questions that were refused",
    "false_refusal_rate_found": "the same where a gold document was among the evidence",
    "errors": "questions that ended in an error instead of an answer or a refusal",
    "judge_errors": "questions where the judge failed: their judged figures are missing, and the run says so",
    "tokens_in": "tokens read by the chat model",
    "tokens_out": "tokens written by the chat model",
    "cost": "price of these tokens by the settings chat_price_in and chat_price_out",
    "cpu_s": "CPU seconds of the process while asking, native threads included",
    "seconds": "wall time of a question",
}


def definition(figure: str) -> str:
    """The definition of a figure such as `recall@5` or `seconds_p95`; empty if it has none."""
    name = figure.partition("@")[0]
    return DEFINITIONS.get(name) or DEFINITIONS.get(name.rpartition("_p")[0], "")
