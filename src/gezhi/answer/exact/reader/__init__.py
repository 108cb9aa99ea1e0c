"""Simple exact questions read by rules, where no chat model is installed or none is needed."""

from gezhi.answer.exact.reader.plan import Aggregate, Filter, Plan, Shape, Test, sql
from gezhi.answer.exact.reader.read import CannotRead, Reading, read
from gezhi.answer.exact.reader.said.cut import Values

__all__ = ["Aggregate", "CannotRead", "Filter", "Plan", "Reading", "Shape", "Test", "Values", "read", "sql"]
