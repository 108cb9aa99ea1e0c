"""Plots as inline SVG: bars with intervals, curves, histograms. Colours come from the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH = 640
LEFT, RIGHT, TOP, BOTTOM = 150, 110, 8, 34
ROW = 26


def bars(rows: Sequence[tuple[str, float, tuple[float, float], int]]) -> str:
    """One bar a row, 0 to 1, with its 95 % interval. `rows`: (label, value, interval, questions)."""
    height = TOP + ROW * len(rows) + BOTTOM
    inner = WIDTH - LEFT - RIGHT
    parts = [_axis_x(height, inner)]
    for at, (label, value, (low, high), questions) in enumerate(rows):
        y = TOP + ROW * at
        middle = y + ROW / 2
        parts.append(_text(LEFT - 8, middle + 4, label, anchor="end"))
        parts.append(
            f'<rect class="bar" x="{LEFT}" y="{y + 5}" width="{max(1.0, value * inner):.1f}" height="{ROW - 10}">'
            f"<title>{escape(label)}: {value:.3f} ({low:.3f} to {high:.3f}), {questions} questions</title></rect>"
        )
        parts.append(
            f'<line class="whisker" x1="{LEFT + low * inner:.1f}" x2="{LEFT + high * inner:.1f}" '
            f'y1="{middle}" y2="{middle}"/>'
        )
        parts.append(_text(LEFT + inner + 8, middle + 4, f"{value:.2f}  n={questions}"))
    return _svg(height, parts)


def curve(
    points: Sequence[tuple[float, float]], *, x_label: str, y_label: str, mark: tuple[float, float] | None
) -> str:
    """A stepped line over the unit square; `mark` is a point to point out."""
    height = 300
    inner, tall = WIDTH - LEFT - RIGHT, height - TOP - BOTTOM

    def place(point: tuple[float, float]) -> str:
        return f"{LEFT + point[0] * inner:.1f},{TOP + (1 - point[1]) * tall:.1f}"

    parts = [_axis_x(height, inner, x_label)]
    for tenth in range(0, 11, 2):
        y = TOP + (1 - tenth / 10) * tall
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{LEFT + inner}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{tenth / 10:.1f}", anchor="end"))
    parts.append(_text(8, TOP + 30, y_label))  # between two numbers of its axis
    parts.append(f'<polyline class="curve" points="{" ".join(place(point) for point in points)}"/>')
    if mark is not None:
        x, y_at = place(mark).split(",")
        parts.append(
            f'<circle class="mark" cx="{x}" cy="{y_at}" r="5"><title>{mark[0]:.3f}, {mark[1]:.3f}</title></circle>'
        )
    return _svg(height, parts)


def histogram(values: Sequence[float], *, unit: str, bins: int = 20) -> str:
    """How often each size of value came."""
    height = 200
    inner, tall = WIDTH - LEFT - RIGHT, height - TOP - BOTTOM
    top = max(values) or 1.0
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int(value / top * bins))] += 1
    most = max(counts)
    parts = []
    for at, count in enumerate(counts):
        tall_here = count / most * tall
        low, high = top * at / bins, top * (at + 1) / bins
        parts.append(
            f'<rect class="bar" x="{LEFT + at * inner / bins + 1:.1f}" y="{TOP + tall - tall_here:.1f}" '
            f'width="{inner / bins - 2:.1f}" height="{tall_here:.1f}">'
            f"<title>{low:.2f} to {high:.2f} {escape(unit)}: {count}</title></rect>"
        )
    for share in (0.0, 0.5, 1.0):
        parts.append(_text(LEFT + share * inner, height - 14, f"{share * top:.2g} {unit}", anchor="middle"))
    parts.append(_text(LEFT - 8, TOP + 12, f"{most}", anchor="end"))
    return _svg(height, parts)


def _axis_x(height: int, inner: int, label: str = "") -> str:
    parts = []
    for tenth in range(0, 11, 2):
        x = LEFT + tenth / 10 * inner
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{height - BOTTOM}"/>')
        parts.append(_text(x, height - BOTTOM + 14, f"{tenth / 10:.1f}", anchor="middle"))
    if label:
        parts.append(_text(LEFT + inner / 2, height - 4, label, anchor="middle"))
    return "".join(parts)


def _text(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(height: int, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img">{"".join(parts)}</svg>'
