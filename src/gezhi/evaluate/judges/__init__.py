"""Judges: does the evidence state a claim, does an answer speak to its question; and how far they agree with people."""

from gezhi.evaluate.judges.agreement import Judged, agreement, choose_threshold, judge_pairs, relevancy_agreement
from gezhi.evaluate.judges.head import load_heads
from gezhi.evaluate.judges.kept import KeptJudgements
from gezhi.evaluate.judges.model import ModelJudge
from gezhi.evaluate.judges.pairs import READERS, JudgedPair, load_pairs
from gezhi.evaluate.judges.protocol import Judge, Judgement
from gezhi.evaluate.judges.rules import RulesJudge

__all__ = [
    "READERS",
    "Judge",
    "Judged",
    "JudgedPair",
    "Judgement",
    "KeptJudgements",
    "ModelJudge",
    "RulesJudge",
    "agreement",
    "choose_threshold",
    "judge_pairs",
    "load_heads",
    "load_pairs",
    "relevancy_agreement",
]
