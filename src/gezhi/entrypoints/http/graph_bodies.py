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


class HeldBody(Shown):
    table: str = Field(description="Its id.")
    name: str = Field(description="In SQL.")
    column: str
    rows: int = Field(description="Whose cell in this column is the entity.")
    first: list[int] = Field(description="Numbers of the first few rows, from 1.")
    source: str


class EntityBody(Shown):
    label: str
    type: str
    other_names: list[OtherNameBody] = Field(description="Abbreviations and translations that stand for it everywhere.")
    passages: list[str] = Field(description="Ids of the passages that name it.")
    neighbours: list[NeighbourBody] = Field(description="Named with it most often first.")
    rows: list[HeldBody] = Field(description="Of tables whose cells are it.")


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
