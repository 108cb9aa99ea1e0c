"""Scores any way from a question to evidence or to an answer."""

from gezhi.evaluate.answered import AnsweredQuestion, answered_question
from gezhi.evaluate.answering import ask_all
from gezhi.evaluate.dataset import (
    CorpusEntry,
    Question,
    corpus_hash,
    load_corpus,
    load_questions,
    read_question,
    with_answers,
    with_gold,
)
from gezhi.evaluate.retrieval import RankedQuestion, RetrievalScores, score_retrieval
from gezhi.evaluate.scoring import Prices, ScoredAnswer, score_answers, summarise

__all__ = [
    "AnsweredQuestion",
    "CorpusEntry",
    "Prices",
    "Question",
    "RankedQuestion",
    "RetrievalScores",
    "ScoredAnswer",
    "answered_question",
    "ask_all",
    "corpus_hash",
    "load_corpus",
    "load_questions",
    "read_question",
    "score_answers",
    "score_retrieval",
    "summarise",
    "with_answers",
    "with_gold",
]
