"""From a file to a stored document."""

from gezhi.ingest.ingest import FileParser, Ingestor, OnProgress
from gezhi.ingest.split import split

__all__ = ["FileParser", "Ingestor", "OnProgress", "split"]
