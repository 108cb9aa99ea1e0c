"""Gezhi: answers from your own documents, every statement cited and checked.

from gezhi import App

with App("my.gezhi") as app:
    app.add("contracts/")
    print(app.ask("What is the penalty for late delivery?"))
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gezhi.app.app import App
    from gezhi.app.config import Config

    __version__: str

__all__ = ["App", "Config", "__version__"]


def __getattr__(name: str) -> object:
    """Import on first use, so that `gezhi --help` and light scripts do not pay for what they do not need."""
    if name == "App":
        from gezhi.app.app import App

        return App
    if name == "Config":
        from gezhi.app.config import Config

        return Config
    if name == "__version__":
        from gezhi.app.version import version

        return version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
