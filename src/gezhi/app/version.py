"""The installed version."""

from importlib.metadata import version as _installed


def version() -> str:
    return _installed("gezhi")
