"""The error tree. Every message says what happened; `hint` says what to do next."""

from __future__ import annotations


class GezhiError(Exception):
    """Base of all errors a user can meet."""

    code = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InvalidInput(GezhiError):
    """The request itself is wrong: empty question, unknown option, bad value."""

    code = "invalid_input"


class NotFound(GezhiError):
    """No such document, trace, job or model, or none that the asker may see."""

    code = "not_found"


class LimitExceeded(GezhiError):
    """A stated limit was passed: question length, upload size, requests."""

    code = "limit_exceeded"


class ConfigError(GezhiError):
    """A setting is missing or makes no sense."""

    code = "config_error"


class ModelUnavailable(GezhiError):
    """The model is not installed, or its server cannot be reached."""

    code = "model_unavailable"


class ModelFailed(GezhiError):
    """The model or its server answered with an error or with something unusable."""

    code = "model_failed"


class SqlRefused(GezhiError):
    """A query that may not run: it would do more than read the tables it was given, or names what is not there."""

    code = "sql_refused"


class SqlFailed(GezhiError):
    """A query that ran into an error or a limit."""

    code = "sql_failed"


class StoreError(GezhiError):
    """The store cannot do this; what was committed before is untouched."""

    code = "store_error"


class StoreReadOnly(StoreError):
    code = "store_read_only"


class StoreFull(StoreError):
    """No space left on the device."""

    code = "store_full"


class StoreBusy(StoreError):
    """Another process held the write lock too long."""

    code = "store_busy"


class Cancelled(GezhiError):
    code = "cancelled"
