"""A store made ready for this code: its terms and names are those that today's analyser and finder would find."""

from __future__ import annotations

import sqlalchemy as sa

from gezhi.store import migrations
from gezhi.store.analyse import Analyser
from gezhi.store.naming.names import NAMES_VERSION
from gezhi.store.rows.graph.mentions import find_again
from gezhi.store.rows.meta import next_number, read_meta, write_meta
from gezhi.store.rows.terms import analyse_again


def schema_is_current(connection: sa.Connection, analyser: Analyser) -> bool:
    version = migrations.schema_version(connection)
    migrations.refuse_newer(version)
    if version != migrations.CURRENT:
        return False
    return (read_meta(connection, "analyser"), read_meta(connection, "names")) == (analyser.version, NAMES_VERSION)


def prepare(connection: sa.Connection, analyser: Analyser) -> None:
    """After migrations: analyse the passages again if another analyser wrote their terms, and find their names again
    if another finder, or none, did."""
    analysed, named = read_meta(connection, "analyser"), read_meta(connection, "names")
    if named != NAMES_VERSION:
        write_meta(connection, "names", NAMES_VERSION)
        find_again(connection)
    if analysed != analyser.version:
        write_meta(connection, "analyser", analyser.version)
        if analysed is not None:
            analyse_again(connection, analyser)
    if analysed is not None and (analysed, named) != (analyser.version, NAMES_VERSION):
        # Indexes built before, in any process, must not mix both kinds.
        write_meta(connection, "removals_from", str(next_number(connection, "revision")))
