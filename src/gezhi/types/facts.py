"""Facts: what documents state, one relation at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedFact:
    """A fact as one passage states it. Times are ISO 8601, as exact as the passage says (2024, 2024-03, 2024-03-05);
    empty if it does not say."""

    subject: str
    predicate: str
    object: str
    valid_from: str = ""
    valid_to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Superseded:
    """What a newer document says instead."""

    object: str
    since: str
    """ISO date of the newer statement."""
    passage_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A fact with every passage that states it. One that two documents state survives the removal of one."""

    subject: str
    predicate: str
    object: str
    valid_from: str = ""
    valid_to: str = ""
    dated: str = ""
    """When it was last stated: the newest date in the title or name of a document that states it; empty if none."""
    passages: tuple[str, ...]
    """Ids of the passages that state it and that the asker may see."""
    superseded: Superseded | None = None

    def __str__(self) -> str:
        return f"{self.subject} — {self.predicate} — {self.object}"
