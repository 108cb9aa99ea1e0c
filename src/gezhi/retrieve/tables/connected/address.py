"""Where a database is. Its password is known to the connection alone: nothing here prints it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from gezhi.types import ConfigError, SqlFailed

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_SHORTEST_HIDDEN = 4
"""A shorter password stands in every text by accident: then nothing of what the database says is shown."""
_HINT = (
    "Write `sqlite:///file.db`, `postgresql://user:password@host/database` or `mysql://user:password@host/database`."
)


class DatabaseUnavailable(SqlFailed):
    """A database of the user's that cannot be reached, or not now."""

    code = "database_unavailable"


class Kind(StrEnum):
    """Named as sqlglot names their SQL. No others: of these it is known how to make them refuse to write."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"
    MYSQL = "mysql"


_KINDS = {
    "sqlite": (Kind.SQLITE, "sqlite"),
    "postgresql": (Kind.POSTGRES, "postgresql+psycopg"),
    "postgres": (Kind.POSTGRES, "postgresql+psycopg"),
    "mysql": (Kind.MYSQL, "mysql+pymysql"),
    "mariadb": (Kind.MYSQL, "mysql+pymysql"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    name: str
    """The user's own: the setting it stands under."""
    kind: Kind
    url: URL = field(repr=False)

    @classmethod
    def of(cls, name: str, written: str) -> Address:
        """Raises ConfigError, which does not repeat what was written: it may hold a password."""
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(written.strip())
        except (ArgumentError, ValueError):
            url = None
        if url is None:
            raise ConfigError(f"The URL of the database {name!r} cannot be read.", hint=_HINT) from None
        backend = url.drivername.partition("+")[0].casefold()
        if backend not in _KINDS:
            raise ConfigError(
                f"The database {name!r} is of a kind that cannot be connected ({backend}).",
                hint="SQLite, PostgreSQL, MySQL and MariaDB can: of these it is known how to make them only read.",
            )
        kind, driver = _KINDS[backend]
        if kind is Kind.SQLITE and (url.database or ":memory:").startswith((":memory:", "file:")):
            raise ConfigError(f"The URL of the database {name!r} names no file.", hint="Write `sqlite:///file.db`.")
        if kind is not Kind.SQLITE and not url.database:
            raise ConfigError(f"The URL of the database {name!r} names no database.", hint=_HINT)
        return cls(name=name, kind=kind, url=url.set(drivername=driver))

    @property
    def file(self) -> Path:
        """Of SQLite. A relative one is meant from the folder where the command runs, as that of the store."""
        return Path(self.url.database or "").expanduser().absolute()

    @property
    def shown(self) -> str:
        """For people: no user, no password."""
        if self.kind is Kind.SQLITE:
            return str(self.file)
        port = f":{self.url.port}" if self.url.port else ""
        return f"{self.kind.value}://{self.url.host or 'localhost'}{port}/{self.url.database}"

    def clean(self, text: str) -> str:
        """What a database or its driver says, without the password."""
        secrets = [value for value in (self.url.password, *self._query_secrets()) if value]
        if any(len(secret) < _SHORTEST_HIDDEN and secret in text for secret in secrets):
            return "(not shown: it may hold the password)"
        for secret in secrets:
            for form in {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}:
                text = text.replace(form, "***")
        return text

    def _query_secrets(self) -> list[str]:
        found = [value for key, value in self.url.query.items() if "pass" in key.casefold()]
        return [one for value in found for one in ((value,) if isinstance(value, str) else value)]

    def unavailable(self, reason: str, hint: str = "") -> DatabaseUnavailable:
        return DatabaseUnavailable(
            f"The database {self.name!r} cannot be reached: {self.clean(reason).strip().rstrip('.')}.",
            hint=hint or "Is it running, and is the setting `databases` right? `gezhi tables check` tries it.",
        )
