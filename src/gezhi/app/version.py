"""The installed version, and which code it really is."""

import hashlib
from functools import cache
from importlib.metadata import version as _installed
from pathlib import Path

import gezhi

_READ = frozenset([".py", ".tsv", ".txt", ".json"])


def version() -> str:
    return _installed("gezhi")


@cache
def code_hash() -> str:
    """Twelve hex digits that change when a line of Gezhi, a prompt or a word list does, which a version only does when
    it is released."""
    made = hashlib.sha256()
    for root in map(Path, gezhi.__path__):
        for path in sorted(path for path in root.rglob("*") if path.suffix in _READ):
            made.update(f"{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return made.hexdigest()[:12]
