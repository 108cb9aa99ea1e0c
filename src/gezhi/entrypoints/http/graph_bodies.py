"""What the graph's routes answer with."""

from __future__ import annotations

from pydantic import Field

from gezhi.entrypoints.http.bodies import FactBody, Shown


class NeighbourBody(Shown):
    label: str
    type: str
    passages: int = Field(description="That name both.")


class OtherNameBody(Shown):
    label: str
    passage_id: str = Field(description="Names both: the reason.")


class EntityBody(Shown):
    label: str
    type: str
    other_names: list[OtherNameBody] = Field(description="Abbreviations and translations that stand for it everywhere.")
    passages: list[str] = Field(description="Ids of the passages that name it.")
    neighbours: list[NeighbourBody] = Field(description="Named with it most often first.")


class StepBody(Shown):
    first: str
    passage_id: str = Field(description="Names both.")
    second: str


class PathBody(Shown):
    steps: list[StepBody]


class FactsBody(Shown):
    facts: list[FactBody]


class GraphStatsBody(Shown):
    passages: int
    entities: int = Field(description="That two passages name, or a title is about.")
    mentions: int
    types: list[tuple[str, int]]
    most_named: list[tuple[str, int]]


class ThemeBody(Shown):
    names: list[str] = Field(description="That tell it from the others, the most telling first.")
    passages: list[str] = Field(description="Ids, the most central first.")
    documents: int
    share: float = Field(description="Of the passages looked at.")


class ThemesBody(Shown):
    themes: list[ThemeBody]
