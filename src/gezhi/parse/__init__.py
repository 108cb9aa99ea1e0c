"""Files to documents: detection, one parser a format, and worker processes that keep a bad file from hurting."""

from gezhi.parse.detect import SUPPORTED_EXTENSIONS
from gezhi.parse.dispatch import PARSER_VERSION, parse_bytes
from gezhi.parse.protocol import Limits, ParseOptions
from gezhi.parse.sandbox.pool import ParserPool

__all__ = ["PARSER_VERSION", "SUPPORTED_EXTENSIONS", "Limits", "ParseOptions", "ParserPool", "parse_bytes"]
