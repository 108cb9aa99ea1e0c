"""Cells that hold nothing, and cells that say yes or no."""

from __future__ import annotations

_EMPTY = {
    "", "-", "--", "---", "—", "——", "–", "−", "―", "－", "/", "\\", "_", "__", "…", "...", "(-)", "n/a", "(n/a)",
    "#n/a", "n.a.", "n.a", "null", "空", "#null!", "#div/0!", "#ref!", "#value!", "#name?", "#num!",
}  # fmt: skip
_NOTHING = {
    "无",
    "none",
    "nil",
    "na",
    "nan",
    "不适用",
    "暂无",
    "未知",
    "未填",
    "unknown",
    "missing",
    "tbd",
    "tba",
    "待定",
    "?",
}
_TRUE = {"yes", "true", "是", "✓", "✔", "√", "☑", "对", "真", "✅"}
_FALSE = {"no", "false", "否", "✗", "✘", "×", "☐", "错", "假", "❌", "不是"}


def is_empty(text: str) -> bool:
    """Nothing is stated, whatever the column holds."""
    if len(text) > 10:
        return False
    squeezed = "".join(text.split()).lower()
    return squeezed in _EMPTY or (squeezed != "%" and squeezed.strip("$€£¥%") in _EMPTY)


def is_nothing(text: str) -> bool:
    """Nothing is stated if the column holds numbers, dates or yes and no; among texts it is a word."""
    return len(text) <= 7 and text.strip().lower() in _NOTHING


def read_boolean(text: str) -> bool | None:
    word = text.strip().lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None
