"""Scores any way from a question to evidence or to an answer."""

from gezhi.evaluate.answering import AnsweredQuestion, score_answers, summarise_answers
from gezhi.evaluate.dataset import (
    CorpusEntry,
    Question,
    corpus_hash,
    load_corpus,
    load_questions,
    with_answers,
    with_gold,
)
from gezhi.evaluate.retrieval import RankedQuestion, RetrievalScores, score_retrieval

__all__ = [
    "AnsweredQuestion",
    "CorpusEntry",
    "Question",
    "RankedQuestion",
    "RetrievalScores",
    "corpus_hash",
    "load_corpus",
    "load_questions",
    "score_answers",
    "score_retrieval",
    "summarise_answers",
    "with_answers",
    "with_gold",
]
