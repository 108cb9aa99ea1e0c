"""Office formulas (OMML) on one line, as people type them: a/b, x^2, √(x)."""

from __future__ import annotations

from typing import Any

from gezhi.parse.formats.xml import local
from gezhi.parse.office.package import child, value_of


def formula_text(element: Any) -> str:
    name = local(element)
    if name == "t":
        return element.text or ""
    if name.endswith("Pr"):
        return ""
    if name == "f":
        return f"{_part(element, 'num')}/{_part(element, 'den')}"
    if name == "sSup":
        return f"{_part(element, 'e')}^{_part(element, 'sup')}"
    if name == "sSub":
        return f"{_part(element, 'e')}_{_part(element, 'sub')}"
    if name == "sSubSup":
        return f"{_part(element, 'e')}_{_part(element, 'sub')}^{_part(element, 'sup')}"
    if name == "rad":
        return f"√{_part(element, 'e')}"
    if name == "nary":
        sign = value_of(element, "naryPr", "chr") or "∫"
        lower, upper = _part(element, "sub"), _part(element, "sup")
        return f"{sign}{f'_{lower}' if lower else ''}{f'^{upper}' if upper else ''} {_part(element, 'e')}"
    if name == "d":
        opening = value_of(element, "dPr", "begChr")
        closing = value_of(element, "dPr", "endChr")
        inner = ", ".join(formula_text(part) for part in element if local(part) == "e")
        return f"{'(' if opening is None else opening}{inner}{')' if closing is None else closing}"
    return "".join(formula_text(inner) for inner in element)


def _part(element: Any, name: str) -> str:
    """A part of a formula, in brackets where it has several terms."""
    found = child(element, name)
    text = formula_text(found).strip() if found is not None else ""
    plain = text.replace(".", "").isalnum() or len(text) <= 1 or (text.startswith("(") and text.endswith(")"))
    return text if plain else f"({text})"
