"""The command line: each command makes one call of the `App` and prints what it gave."""

from gezhi.entrypoints.cli.root import main

__all__ = ["main"]
