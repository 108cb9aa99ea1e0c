"""Evaluation of the real parts: the store, the models, `App.ask`."""

from gezhi.app.evaluation.answers import AnswersRun, evaluate_answers
from gezhi.app.evaluation.retrieval import RetrievalRun, evaluate_retrieval

__all__ = ["AnswersRun", "RetrievalRun", "evaluate_answers", "evaluate_retrieval"]
