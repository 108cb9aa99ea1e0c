"""Golden sets: proposed by a model from passages, accepted by a person."""

from gezhi.evaluate.golden.propose import Proposal, propose
from gezhi.evaluate.golden.review import Reviewed, Status, accepted, proposed, read_proposals, write_proposals

__all__ = [
    "Proposal",
    "Reviewed",
    "Status",
    "accepted",
    "propose",
    "proposed",
    "read_proposals",
    "write_proposals",
]
