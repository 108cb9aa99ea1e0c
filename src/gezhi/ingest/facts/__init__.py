"""Facts that passages state: extracted by a model, or loaded."""

from gezhi.ingest.facts.extract import FactReader
from gezhi.ingest.facts.grounded import grounded
from gezhi.ingest.facts.load import DocumentFacts, load_facts
from gezhi.ingest.facts.run import Estimate, Extracted, Loaded, estimate, extract, load

__all__ = [
    "DocumentFacts",
    "Estimate",
    "Extracted",
    "FactReader",
    "Loaded",
    "estimate",
    "extract",
    "grounded",
    "load",
    "load_facts",
]
