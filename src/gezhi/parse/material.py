"""What a format's parser is given."""

from __future__ import annotations

from dataclasses import dataclass

from gezhi.parse.encoding import Decoded
from gezhi.parse.protocol import Limits, ParseOptions


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """One file with what is known about it before its parser runs."""

    data: bytes
    kind: str
    source: str
    limits: Limits
    options: ParseOptions
    decoded: Decoded | None = None
    """Of text formats."""

    @property
    def text(self) -> str:
        return self.decoded.text if self.decoded is not None else ""
