"""Figures of merit, one small function each."""

from gezhi.evaluate.metrics.definitions import DEFINITIONS, definition
from gezhi.evaluate.metrics.grounding import (
    citation_precision,
    citation_recall,
    context_precision,
    context_recall,
    faithfulness,
)
from gezhi.evaluate.metrics.ranking import all_at, first_of_each, mrr_at, ndcg_at, precision_at, recall_at
from gezhi.evaluate.metrics.tables import execution_match
from gezhi.evaluate.metrics.texts import answer_tokens, containment, exact_match, token_f1

__all__ = [
    "DEFINITIONS",
    "all_at",
    "answer_tokens",
    "citation_precision",
    "citation_recall",
    "containment",
    "context_precision",
    "context_recall",
    "definition",
    "exact_match",
    "execution_match",
    "faithfulness",
    "first_of_each",
    "mrr_at",
    "ndcg_at",
    "precision_at",
    "recall_at",
    "token_f1",
]
