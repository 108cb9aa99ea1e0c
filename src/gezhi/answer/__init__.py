"""From evidence to an answer whose every statement is cited and checked, or to a refusal."""

from gezhi.answer.answer import Answerer
from gezhi.answer.events import AnswerEvent, Done, EvidenceFound, Stage, StatementChecked

__all__ = ["AnswerEvent", "Answerer", "Done", "EvidenceFound", "Stage", "StatementChecked"]
