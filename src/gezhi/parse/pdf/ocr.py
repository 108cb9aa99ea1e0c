"""Reading pictures of text with rapidocr (extra `ocr`): lines with their places. The models ship with the package."""

from __future__ import annotations

from typing import Any

from gezhi.parse.outcomes import Refused
from gezhi.parse.pdf.parts import Segment

_LEAST_SCORE = 0.5
_loaded: list[Reader] = []


class Reader:
    """One loaded OCR engine; loading takes a second and some 300 MB, so a process keeps it."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    @classmethod
    def load(cls) -> Reader:
        """Return the process's engine. Raises Refused where the extra is not installed."""
        if not _loaded:
            try:
                from rapidocr import RapidOCR
            except ImportError as error:
                raise Refused("ocr_not_installed") from error
            _loaded.append(cls(RapidOCR(params={"Global.log_level": "error"})))
        return _loaded[0]

    def read(self, image: Any, *, scale: float) -> list[Segment]:
        """The lines of a picture (height, width, 3), top to bottom; `scale`: points a pixel."""
        result = self._engine(image)
        lines: list[Segment] = []
        if result is None or result.boxes is None or result.txts is None:
            return lines
        for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
            if float(score) < _LEAST_SCORE or not text.strip():
                continue
            xs = [float(x) * scale for x, _ in corners]
            ys = [float(y) * scale for _, y in corners]
            # Line boxes of OCR differ by a pixel or two; a coarse size keeps them one style.
            size = max(2.0, round((max(ys) - min(ys)) / 4) * 4)
            lines.append(Segment(text=text.strip(), x0=min(xs), top=min(ys), x1=max(xs), bottom=max(ys), size=size))
        return lines
