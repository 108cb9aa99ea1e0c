"""Exact questions: counted, added up and compared by SQL over all rows, never guessed."""

from gezhi.answer.exact.exact import Exact, answer_exactly

__all__ = ["Exact", "answer_exactly"]
