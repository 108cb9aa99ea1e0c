"""Reading pictures of text with rapidocr (extra `ocr`): lines with their places. The models ship with the package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gezhi.parse.outcomes import Refused
from gezhi.parse.pdf.parts import Segment

_LEAST_SCORE = 0.5
_LEGIBLE = 0.85
"""Mean score of a page: upright ones have .96 and more, those upside down .75 and less."""
_TALL = 1.5
"""Height by width of a line that runs up or down the page."""
_loaded: list[Reader] = []


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read on a picture, as it stands upright."""

    lines: Sequence[Segment]
    width: float
    turn: int
    """Quarter turns clockwise that made it upright."""
    legible: float = 0.0
    """Mean score of its characters."""
    tall: bool = False
    """Most of its characters stand in lines that run up or down."""


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

    def read(self, image: Any, *, scale: float) -> Scan:
        """The lines of a picture (height, width, 3), top to bottom; `scale`: points a pixel. Pages that were scanned
        askew by a quarter or upside down are turned: the engine's own guess, line by line, turns one line in twenty of
        an upright page too."""
        best = self._scan(image, 0, scale)
        turns = (1, 3) if best.tall else (2,)
        if best.tall or best.legible < _LEGIBLE:
            for turn in turns if best.lines else ():
                turned = self._scan(image, turn, scale)
                if (best.tall and not turned.tall and turned.legible >= _LEGIBLE) or turned.legible > best.legible:
                    best = turned
                if best.legible >= _LEGIBLE and not best.tall:
                    break
        return best

    def _scan(self, image: Any, turn: int, scale: float) -> Scan:
        import numpy

        upright = numpy.ascontiguousarray(numpy.rot90(image, -turn))
        width = upright.shape[1] * scale
        result = self._engine(upright, use_cls=False)
        lines: list[Segment] = []
        if result is None or result.boxes is None or result.txts is None:
            return Scan(lines, width, turn)
        scores = characters = tall = 0.0
        for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
            xs = [float(x) * scale for x, _ in corners]
            ys = [float(y) * scale for _, y in corners]
            height = max(ys) - min(ys)
            characters += len(text)
            scores += len(text) * float(score)
            tall += len(text) if len(text) > 1 and height > _TALL * (max(xs) - min(xs)) else 0
            if float(score) < _LEAST_SCORE or not text.strip():
                continue
            # Line boxes of OCR differ by a pixel or two; a coarse size keeps them one style.
            size = max(2.0, round(height / 4) * 4)
            lines.append(Segment(text=text.strip(), x0=min(xs), top=min(ys), x1=max(xs), bottom=max(ys), size=size))
        return Scan(lines, width, turn, scores / max(1, characters), tall > characters / 2)
